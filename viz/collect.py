"""Reading a recorded graph into the plain data of :mod:`viz.graph`; nothing else in this package looks at tensors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np

from autograd import Tensor
from autograd._values import GuardedArray
from autograd.reverse import Pass, trace
from viz.errors import GraphTooLargeError
from viz.graph import Box, Graph, Node, Numbers, Value, Wire
from viz.labels import gate_label

__all__ = ["LIMIT", "collect"]

#: How many nodes a drawing may have: more take minutes to lay out, and nobody can read them.
LIMIT = 2000


def collect(
    root: Tensor,
    *,
    values: Iterable[Tensor] | None = None,
    gradients: bool | Iterable[Tensor] | None = None,
    collapse: bool | str | Iterable[str] = False,
    depth: int | None = None,
    limit: int = LIMIT,
) -> Graph:
    """Read the graph a tensor was computed by.

    The parameters are those of :func:`viz.draw`.

    Examples
    --------
    >>> x = Tensor(3.0, name="x")
    >>> graph = collect(x * x + 1, gradients=True)
    >>> [node.label for node in graph.nodes]
    ['x', '×', '+1']
    >>> [wire.gradient.values for wire in graph.wires]
    [(3.0,), (3.0,), (1.0,)]
    """
    folding = collapse is not False or depth is not None
    gates = _gates(root, None if folding else limit)
    places = _Places(gates)
    folds = places.folds(collapse, depth)
    units = _units(gates, places, folds)
    leaves = {x for gate in gates for x in gate.inputs if isinstance(x, Tensor) and x.is_leaf}
    arrays = {id(x) for gate in gates for x in gate.inputs if not isinstance(x, Tensor) and np.ndim(x)}
    if len(units) + len(leaves) + len(arrays) > limit:
        raise GraphTooLargeError(limit, folding)

    passed, ran, note = _run_backward(root, gates, gradients)
    shown = None if values is None else set(values)
    reader = _Reader(root, units, passed, ran, shown, _changed_since(gates))
    for fold, members in units:
        if fold is None:
            reader.add_gate(members[0], places.of[members[0]])
        else:
            reader.add_fold(places.boxes[fold], members)
    if root.is_leaf:
        reader.add_leaf(root, root)
    return Graph(
        nodes=tuple(reader.nodes),
        values=tuple(reader.values),
        wires=tuple(reader.wires),
        boxes=tuple(box for box in places.boxes.values() if box.id not in folds),
        root=reader.value_ids[root],
        note=note,
    )


#: A fold's box and the gates in it; or None and a single gate.
Unit = tuple[str | None, list[Tensor]]


def _units(gates: list[Tensor], places: _Places, folds: Mapping[str | None, str]) -> list[Unit]:
    """List what is drawn as one node each. The gates of a fold follow each other, so the units keep the order."""
    units: list[Unit] = []
    for gate in gates:
        fold = folds.get(places.of[gate])
        if fold is not None and units and units[-1][0] == fold:
            units[-1][1].append(gate)
        else:
            units.append((fold, [gate]))
    return units


class _Reader:
    """Adds one unit after the other to the lists of the record."""

    def __init__(
        self,
        root: Tensor,
        units: list[Unit],
        passed: Pass | None,
        ran: set[Tensor] | None,
        shown: set[Tensor] | None,
        changed: set[Any],
    ) -> None:
        self.nodes: list[Node] = []
        self.values: list[Value] = []
        self.wires: list[Wire] = []
        #: Of tensors, and of plain arrays by their identity.
        self.value_ids: dict[Any, str] = {}
        self.root, self.passed, self.ran, self.shown, self.changed = root, passed, ran, shown, changed
        #: The gates that take a value: its gradient is complete once all of them have sent theirs back.
        self.takers: dict[Tensor, list[Tensor]] = {}
        for gate in (gate for _, members in units for gate in members):
            for x in gate.inputs:
                if isinstance(x, Tensor):
                    self.takers.setdefault(x, []).append(gate)

    def add_leaf(self, key: Any, value: Any) -> None:
        is_tensor = isinstance(value, Tensor)
        kind: Literal["variable", "constant"] = "variable" if is_tensor and value.requires_grad else "constant"
        node = self._add_node(kind, (value.name or "") if is_tensor else "", "", (), None)
        self._add_value(key, value, node, "")

    def add_gate(self, gate: Tensor, box: str | None) -> None:
        ends: list[tuple[Any, int]] = []
        for i, x in enumerate(gate.inputs):
            if isinstance(x, Tensor) or np.ndim(x):  # a number is part of the gate's label
                ends.append((self._key(x), i))
        label, detail = gate_label(gate)
        assert gate.primitive is not None
        node = self._add_node("gate", label, gate.primitive.name, detail, box)
        for key, i in ends:
            self._add_wire(key, node, i, [(gate, i)])
        self._add_value(gate, gate, node, gate.name or "")

    def add_fold(self, box: Box, members: list[Tensor]) -> None:
        inside: set[Tensor] = set(members)
        ends: dict[Any, list[tuple[Tensor, int]]] = {}
        for gate in members:
            for i, x in enumerate(gate.inputs):
                if np.ndim(x) if not isinstance(x, Tensor) else x not in inside:
                    ends.setdefault(self._key(x), []).append((gate, i))
        count = f"{len(members)} gate{'s' if len(members) > 1 else ''}"
        node = self._add_node("fold", box.name, "", (count,), box.parent)
        for position, (key, taken) in enumerate(ends.items()):
            self._add_wire(key, node, position, taken)
        for gate in members:
            hidden = sum(taker in inside for taker in self.takers.get(gate, ()))
            if gate is self.root or hidden < len(self.takers[gate]):
                self._add_value(gate, gate, node, gate.name or "", hidden)

    def _key(self, x: Any) -> Any:
        """Under what an input is found in ``value_ids``, where it is added if it is a new leaf."""
        key = x if isinstance(x, Tensor) else id(x)
        if key not in self.value_ids:
            self.add_leaf(key, x)
        return key

    def _add_node(
        self,
        kind: Literal["variable", "constant", "gate", "fold"],
        label: str,
        operation: str,
        detail: tuple[str, ...],
        box: str | None,
    ) -> str:
        self.nodes.append(Node(f"n{len(self.nodes)}", kind, label, operation, detail, box))
        return self.nodes[-1].id

    def _add_value(self, key: Any, value: Any, node: str, name: str, hidden: int = 0) -> None:
        gradient, show, stale = None, True, False
        if not isinstance(value, Tensor):
            stale = id(value) in self.changed
            show = not stale
        else:
            stale = value in self.changed
            show = not stale and (self.shown is None or value.is_leaf or value in self.shown)
            if self.passed is not None and (
                self.ran is None or value is self.root or self.ran.issuperset(self.takers[value])
            ):
                gradient = self.passed.cotangents.get(value)
        self.value_ids[key] = f"v{len(self.values)}"
        self.values.append(
            Value(
                id=self.value_ids[key],
                node=node,
                name=name,
                numbers=Numbers.of(value) if show else None,
                gradient=None if gradient is None else Numbers.of(gradient),
                requires_grad=isinstance(value, Tensor) and value.requires_grad,
                stale=stale,
                hidden=hidden,
            )
        )

    def _add_wire(self, key: Any, node: str, position: int, ends: list[tuple[Tensor, int]]) -> None:
        gradient = None
        if self.passed is not None and (self.ran is None or self.ran.issuperset(gate for gate, _ in ends)):
            sent = [self.passed.wires[end] for end in ends if end in self.passed.wires]
            if sent:  # into a fold: the sum of all that comes back from the gates inside
                gradient = Numbers.of(sum(sent[1:], start=sent[0]))
        self.wires.append(Wire(f"w{len(self.wires)}", self.value_ids[key], node, position, gradient))


# ---------------------------------------------------------------------------------------------------------------------
# Reading the graph
# ---------------------------------------------------------------------------------------------------------------------


def _gates(root: Tensor, limit: int | None) -> list[Tensor]:
    """Every recorded result the root depends on, itself included, in the order of recording."""
    if root.is_leaf:
        return []
    found = {root}
    pending = [root]
    while pending:
        for x in pending.pop().inputs:
            if isinstance(x, Tensor) and not x.is_leaf and x not in found:
                found.add(x)
                pending.append(x)
                if limit is not None and len(found) > limit:
                    raise GraphTooLargeError(limit, folded=False)
    return sorted(found, key=lambda gate: gate.serial)


def _changed_since(gates: list[Tensor]) -> set[Any]:
    """Leaves that got new values after a gate used them, and the ids of plain arrays that were written to."""
    changed: set[Any] = set()
    for gate in gates:
        for x in gate.held:
            if isinstance(x, GuardedArray) and x.stamp.differs(x.array):
                changed.add(id(x.array))
            elif isinstance(x, Tensor) and x.is_leaf:
                x.renew_stamp()  # writes into its array are noticed only when looked for
                if x.version > gate.serial:
                    changed.add(x)
    return changed


def _run_backward(
    root: Tensor, gates: list[Tensor], gradients: bool | Iterable[Tensor] | None
) -> tuple[Pass | None, set[Tensor] | None, str]:
    """Find the gradients to show, the gates whose backward has run (None: all of them), and a note for the reader."""
    ran: set[Tensor] | None = None
    if gradients is None or isinstance(gradients, bool):
        seen = root.grad is not None if gradients is None else gradients
        if not seen:
            return None, None, ""
    else:
        ran = set(gradients)
    try:
        return trace(root, root.grad), ran, ""
    except RuntimeError:
        if gradients is not None:
            raise
        names = sorted({repr(x.name) if x.name else "an unnamed input" for x in _changed_since(gates)})
        what = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "") if names else "an input array"
        return None, None, f"no gradients shown: {what} changed after the graph was recorded; draw before updating"


# ---------------------------------------------------------------------------------------------------------------------
# Scopes
# ---------------------------------------------------------------------------------------------------------------------


class _Places:
    """The boxes, and which one each gate lies in.

    A scope entered twice (a layer called twice) gives two boxes: a box holds gates that were recorded one after the
    other. That also makes folding safe: no wire can leave a fold and come back into it.
    """

    def __init__(self, gates: list[Tensor]) -> None:
        self.boxes: dict[str, Box] = {}
        self.of: dict[Tensor, str | None] = {}
        open_boxes: list[Box] = []
        for gate in gates:
            scope = gate.scope
            same = 0
            while same < min(len(scope), len(open_boxes)) and scope[same] == open_boxes[same].name:
                same += 1
            del open_boxes[same:]
            for name in scope[same:]:
                box = Box(f"b{len(self.boxes)}", name, open_boxes[-1].id if open_boxes else None)
                self.boxes[box.id] = box
                open_boxes.append(box)
            self.of[gate] = open_boxes[-1].id if open_boxes else None

    def folds(self, collapse: bool | str | Iterable[str], depth: int | None) -> Mapping[str | None, str]:
        """For every box that is folded or lies in one that is, the id of the outermost folded box."""
        if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 1):
            raise ValueError(f"draw: depth counts scopes from the outside, from 1 up; got {depth!r}")
        chosen: set[str] = set()
        if collapse is True:
            chosen = set(self.boxes) - {box.parent for box in self.boxes.values() if box.parent is not None}
        elif collapse is not False:
            names = {collapse} if isinstance(collapse, str) else set(collapse)
            known = {box.name for box in self.boxes.values()}
            if names - known:
                there = ", ".join(map(repr, sorted(known)[:20])) or "none"
                raise ValueError(
                    f"draw: no scope named {', '.join(map(repr, sorted(names - known)))} in this graph to collapse; "
                    f"its scopes: {there}"
                )
            chosen = {box.id for box in self.boxes.values() if box.name in names}
        levels: dict[str, int] = {}
        folds: dict[str | None, str] = {}
        for box in self.boxes.values():  # parents come before what lies in them
            levels[box.id] = 1 if box.parent is None else levels[box.parent] + 1
            if box.parent in folds:
                folds[box.id] = folds[box.parent]
            elif box.id in chosen or levels[box.id] == depth:
                folds[box.id] = box.id
        return folds
