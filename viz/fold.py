"""What a drawing shows of a trace: all of it, or with scopes folded into one gate each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from viz.errors import GraphTooLargeError
from viz.graph import Box, Graph, Node, Value, Wire
from viz.numbers import Numbers
from viz.traces import Entry, Trace

__all__ = ["LIMIT", "fold"]

#: How many nodes a drawing may have: more take minutes to lay out, and nobody can read them.
LIMIT = 2000


def fold(
    trace: Trace, *, collapse: bool | str | Iterable[str] = False, depth: int | None = None, limit: int = LIMIT
) -> Graph:
    """Lay out as nodes, values and wires what is to be drawn.

    The parameters are those of :func:`viz.draw`.

    Examples
    --------
    >>> from autograd import Tensor, scope
    >>> from viz import trace
    >>> x = Tensor(3.0, name="x")
    >>> with scope("Layer"):
    ...     y = x * x + 1
    >>> [node.label for node in fold(trace(y), collapse="Layer").nodes]
    ['x', 'Layer']
    """
    folds = _folds(trace.boxes, collapse, depth)
    units = _units(trace.entries, folds)
    if len(units) > limit:
        raise GraphTooLargeError(limit, bool(folds))
    builder = _Builder(trace)
    boxes = {box.id: box for box in trace.boxes}
    for box, members in units:
        if box is None:
            builder.add_entry(members[0])
        else:
            builder.add_fold(boxes[box], members)
    return Graph(
        nodes=tuple(builder.nodes),
        values=tuple(builder.values),
        wires=tuple(builder.wires),
        boxes=tuple(box for box in trace.boxes if box.id not in folds),
        root=builder.value_ids[trace.root],
        note=trace.note,
    )


def _folds(boxes: Iterable[Box], collapse: bool | str | Iterable[str], depth: int | None) -> Mapping[str, str]:
    """For every box that is folded or lies in one that is, the id of the outermost folded box."""
    boxes = list(boxes)
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 1):
        raise ValueError(f"draw: depth counts scopes from the outside, from 1 up; got {depth!r}")
    chosen: set[str] = set()
    if collapse is True:
        chosen = {box.id for box in boxes} - {box.parent for box in boxes if box.parent is not None}
    elif collapse is not False:
        names = {collapse} if isinstance(collapse, str) else set(collapse)
        known = {box.name for box in boxes}
        if names - known:
            there = ", ".join(map(repr, sorted(known)[:20])) or "none"
            raise ValueError(
                f"draw: no scope named {', '.join(map(repr, sorted(names - known)))} in this graph to collapse; "
                f"its scopes: {there}"
            )
        chosen = {box.id for box in boxes if box.name in names}
    levels: dict[str, int] = {}
    folds: dict[str, str] = {}
    for box in boxes:  # parents come before what lies in them
        levels[box.id] = 1 if box.parent is None else levels[box.parent] + 1
        if box.parent in folds:
            folds[box.id] = folds[box.parent]
        elif box.id in chosen or levels[box.id] == depth:
            folds[box.id] = box.id
    return folds


#: A fold's box and the gates in it; or None and a single entry.
Unit = tuple[str | None, list[Entry]]


def _units(entries: Iterable[Entry], folds: Mapping[str, str]) -> list[Unit]:
    """List what is drawn as one node each, every one after what goes into it.

    The gates of a fold follow each other but for leaves between them, which come before it.
    """
    units: list[Unit] = []
    leaves: list[Unit] = []  # since the last gate; they come right before the gates that take them
    open_fold: str | None = None
    for entry in entries:
        if entry.is_leaf:
            leaves.append((None, [entry]))
            continue
        box = folds.get(entry.box) if entry.box is not None else None
        if box is not None and box == open_fold:
            if leaves:
                units[-1:-1] = leaves
            units[-1][1].append(entry)
        else:
            units += leaves
            units.append((box, [entry]))
            open_fold = box
        leaves = []
    return units + leaves


class _Builder:
    """Adds one unit after the other to the lists of the graph."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.nodes: list[Node] = []
        self.values: list[Value] = []
        self.wires: list[Wire] = []
        self.value_ids: dict[str, str] = {}

    def add_entry(self, entry: Entry) -> None:
        """Add a leaf or a gate."""
        if entry.kind == "gate":
            node = self._add_node(Node("", "gate", entry.label, entry.operation, entry.detail, entry.box))
            for position, x in enumerate(entry.inputs):
                if x.source is not None:  # a number is part of the gate's label
                    self._add_wire(x.source, node, position, x.gradient)
            self._add_value(entry, node, entry.name)
        else:
            leaf = Node("", "variable" if entry.kind == "variable" else "constant", entry.name, "", (), None)
            self._add_value(entry, self._add_node(leaf), "")

    def add_fold(self, box: Box, members: list[Entry]) -> None:
        """Add a folded scope."""
        inside = {entry.id for entry in members}
        ends: dict[str, list[tuple[str, int]]] = {}
        for entry in members:
            for position, x in enumerate(entry.inputs):
                if x.source is not None and x.source not in inside:
                    ends.setdefault(x.source, []).append((entry.id, position))
        count = f"{len(members)} gate{'s' if len(members) > 1 else ''}"
        node = self._add_node(Node("", "fold", box.name, "", (count,), box.parent))
        for position, (source, taken) in enumerate(ends.items()):
            self._add_wire(source, node, position, self._sum_sent(source, taken))
        for entry in members:
            takers = self.trace.takers.get(entry.id, ())
            hidden = sum(taker in inside for taker, _ in takers)
            if entry.id == self.trace.root or hidden < len(takers):
                self._add_value(entry, node, entry.name, hidden)

    def _sum_sent(self, source: str, taken: list[tuple[str, int]]) -> Numbers | None:
        """What all the gates of a fold send back to one value."""
        if len(taken) == len(self.trace.takers[source]):
            return self.trace.by_id[source].gradient
        sent = [self.trace.by_id[entry].inputs[position].gradient for entry, position in taken]
        known = [gradient for gradient in sent if gradient is not None]
        if len(known) < len(sent) or len(known) == 1:
            return known[0] if len(known) == 1 == len(sent) else None
        arrays = [self._array(end, gradient) for end, gradient in zip(taken, known, strict=True)]
        return None if any(array is None for array in arrays) else Numbers.of(sum(arrays[1:], start=arrays[0]))

    def _array(self, end: tuple[str, int], gradient: Numbers) -> Any:
        if end in self.trace.sent:
            return self.trace.sent[end]
        if gradient.values is None:
            return None
        return np.array(gradient.values, gradient.dtype).reshape(gradient.shape)

    def _add_node(self, node: Node) -> str:
        self.nodes.append(replace(node, id=f"n{len(self.nodes)}"))
        return self.nodes[-1].id

    def _add_value(self, entry: Entry, node: str, name: str, hidden: int = 0) -> None:
        self.value_ids[entry.id] = f"v{len(self.values)}"
        self.values.append(
            Value(
                id=self.value_ids[entry.id],
                node=node,
                name=name,
                numbers=entry.value,
                gradient=entry.gradient,
                requires_grad=entry.requires_grad,
                stale=entry.stale,
                hidden=hidden,
            )
        )

    def _add_wire(self, source: str, node: str, position: int, gradient: Numbers | None) -> None:
        self.wires.append(Wire(f"w{len(self.wires)}", self.value_ids[source], node, position, gradient))
