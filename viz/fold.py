"""What a drawing shows of a trace: all of it, or with many gates folded into one."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Literal

import numpy as np

from viz.bulk import uncollected
from viz.format import number as number_text
from viz.graph import Graph, Node, Value, Wire
from viz.grouping import FEW, READABLE, Choice, Gates, Group, grouped, own_leaves
from viz.numbers import Numbers
from viz.overlays import Overlay
from viz.traces import Entry, Trace

__all__ = ["PICTURES", "fold"]

#: Drawings of up to this many nodes show larger arrays as small pictures, if not told otherwise.
PICTURES = 60
#: Gates with more inputs than this have these named.
PORTS = 2
#: How much of an error is told.
ERROR = 160


def fold(
    trace: Trace,
    *,
    collapse: bool | str | Iterable[str] | None = None,
    depth: int | None = None,
    repeats: bool | None = None,
    limit: int | None = None,
    pictures: bool | None = None,
    locals: bool = True,
    complete: bool = True,
    overlay: Overlay | None = None,
) -> Graph:
    """Lay out as nodes, values and wires what is to be drawn.

    Parameters
    ----------
    trace
        The whole.
    collapse, depth, repeats, limit, pictures
        As in :func:`viz.draw`.
    locals
        Whether wires show the local derivatives that there are.
    complete
        Whether the gradients are those of a whole backward pass: then where there is none, none will come.
    overlay
        What to mark (see :mod:`viz.overlays`).

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
    choice = Choice(collapse, depth, repeats, limit)
    with uncollected():
        return _fold(Gates(trace), choice, pictures, locals, complete, overlay)


def _fold(
    gates: Gates, choice: Choice, pictures: bool | None, locals: bool, complete: bool, overlay: Overlay | None
) -> Graph:
    trace = gates.trace
    groups, note = grouped(gates, choice)
    builder = _Builder(gates, groups, locals, complete and trace.has_gradients, overlay)
    i = 0
    for group in groups:
        for entry in gates.all[i : group.start]:
            builder.add_gate(entry)
        builder.add_group(group)
        i = group.stop
    for entry in gates.all[i:]:
        builder.add_gate(entry)
    for entry in gates.failed:
        builder.add_gate(entry)
    builder.add_source(trace.root)  # which may be an input itself
    drawn = {box for node in builder.nodes for box in gates.paths[node.box]}
    return Graph(
        nodes=tuple(builder.nodes),
        values=tuple(builder.values),
        wires=tuple(builder.wires),
        boxes=tuple(box for box in trace.boxes if box.id in drawn),
        root=builder.value_ids[trace.root],
        note="; ".join(text for text in (trace.note, note, overlay.note if overlay else "") if text),
        pictures=len(builder.nodes) <= PICTURES if pictures is None else pictures,
        legend=overlay.legend if overlay else (),
    )


class _Builder:
    """Adds one gate or group after the other to the lists of the graph, and before it the inputs that it takes."""

    def __init__(
        self, gates: Gates, groups: Sequence[Group], locals: bool, complete: bool, overlay: Overlay | None
    ) -> None:
        self.overlay = overlay
        self.gates, self.trace, self.locals, self.complete = gates, gates.trace, locals, complete
        self.groups = {id(group): i for i, group in enumerate(groups)}
        self.hidden = own_leaves(gates, groups)
        self.bundles = _bundles(gates, groups, self.hidden)
        self.nodes: list[Node] = []
        self.values: list[Value] = []
        self.wires: list[Wire] = []
        #: Of entries; of those that are drawn together with others, the same.
        self.value_ids: dict[str, str] = {}

    # -- nodes -------------------------------------------------------------------------------------------------------

    def add_source(self, source: str) -> None:
        """Add a variable or constant, if it is not there yet."""
        if source in self.value_ids:
            return
        if source in self.bundles:
            leaves = self.bundles[source]
            kind = f"{leaves[0].kind}s"
            node = self._add_node(
                Node("", leaves[0].kind, f"{len(leaves):,} {kind}", "", (), None), [leaf.id for leaf in leaves]
            )
            self._add_together(leaves, node, "")
        else:
            entry = self.trace.by_id[source]
            behind = [self.value_ids[origin] for origin in entry.behind if self._is_there(origin)]
            if behind:
                self._add_cut(entry, behind)
            else:
                self._add_value(
                    entry, self._add_node(Node("", entry.kind, entry.name, "", (), entry.box), [entry.id]), ""
                )

    def _is_there(self, origin: str) -> bool:
        """Whether what lies behind a cut is drawn by itself: not folded away."""
        if self.trace.by_id[origin].is_leaf:
            self.add_source(origin)
        return origin in self.value_ids

    def _add_cut(self, entry: Entry, behind: Sequence[str]) -> None:
        """Add a constant together with what it was cut off from."""
        how, _, place = entry.reason.partition(" at ")
        node = self._add_node(
            Node("", "gate", f"✂ {how or 'detached'}", "", (place,) if place else (), None), [entry.id]
        )
        for position, value in enumerate(dict.fromkeys(behind)):
            self._add_wire(Wire("", value, node, position, None))
        self._add_value(replace(entry, kind="constant"), node, entry.name)  # the gate says why

    def add_gate(self, entry: Entry) -> None:
        """Add a gate as it is."""
        for x in entry.inputs:
            if x.source is not None:
                self.add_source(x.source)
        taken = [x for x in entry.inputs if x.source is not None]
        ports = self._ports(entry) if len(taken) > PORTS else ()
        label, detail = entry.label, entry.detail
        if entry.kind == "failed":
            label = f"✗ {entry.label}"
            detail = (*detail, textwrap.shorten(entry.reason, ERROR, placeholder=" …"))
        kind: Literal["gate", "failed"] = "failed" if entry.kind == "failed" else "gate"
        node = self._add_node(Node("", kind, label, entry.operation, detail, entry.box, ports), [entry.id])
        for position, x in enumerate(entry.inputs):
            if x.source is not None:  # a number is part of the gate's label
                broadcast, summed = self._broadcast(entry, x.source)
                local = x.local if self.locals else None
                wire = Wire("", self.value_ids[x.source], node, position, x.gradient, local, broadcast, summed)
                self._add_wire(wire)
        self._add_value(entry, node, entry.name)

    def _ports(self, entry: Entry) -> tuple[str, ...]:
        parameters = (
            self.trace.operations[entry.operation].parameters if entry.operation in self.trace.operations else ()
        )
        names = parameters if len(parameters) == len(entry.inputs) else map(str, range(1, len(entry.inputs) + 1))
        return tuple(names)

    def _broadcast(self, entry: Entry, source: str) -> tuple[str, str]:
        """How an elementwise gate repeats an input, and the sum that undoes it on the way back."""
        operation, taken, made = self.trace.operations.get(entry.operation), self.trace.by_id[source].value, entry.value
        if operation is None or operation.kind != "elementwise" or taken is None or made is None:
            return "", ""
        if taken.shape == made.shape or len(taken.shape) > len(made.shape):
            return "", ""
        added = len(made.shape) - len(taken.shape)
        axes = [axis for axis, length in enumerate((*(1,) * added, *taken.shape)) if length != made.shape[axis]]
        axes = sorted({*axes, *range(added)})
        summed = f"Σ over {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}"
        return f"{taken.shape} → {made.shape}", summed if self.trace.by_id[source].requires_grad else ""

    def add_group(self, group: Group) -> None:
        """Add gates that are drawn as one."""
        members = self.gates.all[group.start : group.stop]
        hidden = set(self.hidden.get(group.start, ()))
        ends: dict[str, list[tuple[str, int]]] = {}
        for i, entry in enumerate(members, group.start):
            if min(self.gates.sources[i], default=i) >= group.start:
                continue  # all from inside
            for position, x in enumerate(entry.inputs):
                source = x.source
                if source is None or source in hidden or self.gates.numbers.get(source, -1) >= group.start:
                    continue
                if source in self.gates.spans:
                    self.add_source(source)
                ends.setdefault(source, []).append((entry.id, position))
        node = self._add_node(self._folded(group, members, hidden), [entry.id for entry in members] + sorted(hidden))
        together: dict[str, dict[str, list[tuple[str, int]]]] = {}
        for source, taken in ends.items():
            together.setdefault(self.value_ids[source], {})[source] = taken
        for position, (value, sources) in enumerate(together.items()):
            gradient = self._sum_sent(*next(iter(sources.items()))) if len(sources) == 1 else None
            self._add_wire(Wire("", value, node, position, gradient))
        last_taken = self.gates.last_taken
        outputs = [
            entry
            for i, entry in enumerate(members, group.start)
            if last_taken[i] >= group.stop or entry.id == self.trace.root
        ]
        if len(outputs) > FEW and self.trace.root not in {entry.id for entry in outputs}:
            self._add_together(outputs, node, f"{len(outputs):,} values")
        else:
            ids = {entry.id for entry in outputs}
            takers = members[self.gates.numbers[outputs[0].id] - group.start :] if outputs else ()
            inside = Counter([x.source for entry in takers for x in entry.inputs if x.source in ids])
            for entry in outputs:
                self._add_value(entry, node, entry.name, inside[entry.id])

    def _folded(self, group: Group, members: Sequence[Entry], hidden: Iterable[str]) -> Node:
        """Describe a group."""
        size = f"{len(members):,} gate{'s' if len(members) > 1 else ''}"
        operations = Counter([entry.operation for entry in members])
        most = [f"{self._symbol(operation)} ×{count:,}" for operation, count in operations.most_common(4)]
        tally = ", ".join(most) + (", …" if len(operations) > len(most) else "")
        level = len(self.gates.paths[group.box]) + 1
        hint = f"draw(t, depth={level + 1}) or draw(t, collapse=False) opens it"
        detail = [size]
        if group.kind == "scope":
            label = group.names[0]
        elif group.kind == "repeat":
            label = f"{_block(group.names[: len(group.names) // group.copies])} × {group.copies:,}"
            detail = [f"{len(members) // group.copies:,} gates each"]
            if group.names[0] != group.names[-1]:
                detail.insert(0, " … ".join(name.split(": ", 1)[0] for name in (group.names[0], group.names[-1])))
            hint = "draw(t, repeats=False) opens it"
        else:
            label, detail = size, [tally]
            hint = "draw an intermediate result, or draw(t, inputs=...), to see a part"
            once = len(members) // group.copies
            if group.kind == "run" and once <= FEW:
                symbols = " → ".join(self._symbol(entry.operation) for entry in members[:once])
                label, detail = f"({symbols}) × {group.copies:,}", [size]
            elif group.kind == "run" and once * group.copies == len(members):
                label, detail = f"({once:,} gates) × {group.copies:,}", [size, tally]
        detail += self._told(hidden)
        return Node("", "fold", label, "", tuple(detail), group.box, times=group.copies, hint=hint)

    def _symbol(self, operation: str) -> str:
        known = self.trace.operations.get(operation)
        return (known and known.symbol) or operation

    def _told(self, hidden: Iterable[str]) -> list[str]:
        """Tell of inputs that are not drawn."""
        leaves = [self.trace.by_id[leaf] for leaf in hidden]
        told = []
        for kinds, words in ((("variable",), "parameter"), (("constant", "detached"), "constant")):
            number = sum(leaf.kind in kinds for leaf in leaves)
            if number:
                told.append(f"{number:,} {words}{'s' if number > 1 else ''}")
        size = mean_square = 0.0
        for leaf in leaves:
            if leaf.gradient is not None and leaf.gradient.mean is not None and leaf.gradient.std is not None:
                size += leaf.gradient.size
                mean_square += leaf.gradient.size * (leaf.gradient.mean**2 + leaf.gradient.std**2)
        return [*told, f"gradients: rms {number_text((mean_square / size) ** 0.5)}"] if size else told

    # -- values ------------------------------------------------------------------------------------------------------

    def _sum_sent(self, source: str, taken: list[tuple[str, int]]) -> Numbers | None:
        """What all the gates of a fold send back to one value."""
        if len(taken) == self.gates.uses[source]:
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

    def _add_together(self, outputs: Sequence[Entry], node: str, name: str) -> None:
        """Add one value for many that come out of a node."""
        value_id = f"v{len(self.values)}"
        for entry in outputs:
            self.value_ids[entry.id] = value_id
        self.values.append(
            Value(
                id=value_id,
                node=node,
                name=name,
                numbers=_joined([entry.value for entry in outputs]),
                gradient=_joined([entry.gradient for entry in outputs]),
                requires_grad=outputs[0].requires_grad,
                stale=False,
                hidden=0,
            )
        )

    def _add_node(self, node: Node, entries: Sequence[str]) -> str:
        mark = self.overlay.mark(entries) if self.overlay else None
        self.nodes.append(replace(node, id=f"n{len(self.nodes)}", mark=mark))
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
                reason=self._reason(entry),
            )
        )

    def _reason(self, entry: Entry) -> str:
        if entry.kind == "failed":
            return "no result"
        if entry.kind == "detached":
            return entry.reason or "detached"
        if self.complete and entry.requires_grad and entry.gradient is None:
            return f"no gradient: {entry.reason}" if entry.reason else "no gradient"
        return ""

    def _add_wire(self, wire: Wire) -> None:
        self.wires.append(replace(wire, id=f"w{len(self.wires)}"))


def _bundles(
    gates: Gates, groups: Sequence[Group], hidden: Mapping[int, Sequence[str]]
) -> Mapping[str, Sequence[Entry]]:
    """Inputs that are drawn as one node, since there are too many that only groups take: by each one's id."""
    edges = [0, *(edge for group in groups for edge in (group.start, group.stop)), len(gates.all)]
    alone = chain.from_iterable(gates.all[start:stop] for start, stop in zip(edges[::2], edges[1::2], strict=True))
    elsewhere = {x.source for entry in alone for x in entry.inputs}
    told = {leaf for leaves in hidden.values() for leaf in leaves}
    bundles: dict[str, list[Entry]] = {}
    for leaf in gates.spans:
        if leaf not in told and leaf not in elsewhere:
            bundles.setdefault(gates.trace.by_id[leaf].kind, []).append(gates.trace.by_id[leaf])
    return {leaf.id: leaves for leaves in bundles.values() if len(leaves) > READABLE for leaf in leaves}


def _block(names: Sequence[str]) -> str:
    """What the scopes of one of several equal blocks are called: ``"Block"`` for ``"layers.0: Block"``."""
    plain = [re.sub(r"[._ ]*[0-9]+$", "", name.split(": ", 1)[-1]) or name for name in names]
    return plain[0] if len(plain) == 1 else f"({' + '.join(plain[:3])}{' + …' * (len(plain) > 3)})"


def _joined(scalars: Sequence[Numbers | None]) -> Numbers | None:
    """Many numbers as one array; None if some are arrays, or not there."""
    values = [numbers.values[0] for numbers in scalars if numbers is not None and numbers.values and not numbers.shape]
    return Numbers.of(np.array(values)) if len(values) == len(scalars) else None
