"""Reading a recorded graph into a :class:`viz.traces.Trace`: what looks at tensors in this package starts here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from types import MappingProxyType, NoneType
from typing import Any

import numpy as np

from autograd import Tensor
from autograd._state import Path, watched_by
from autograd._values import GuardedArray
from autograd.primitives import Primitive
from autograd.reverse import Pass
from autograd.reverse import trace as backward_pass
from autograd.sources import source_of
from viz.assignments import assigned_names
from viz.bulk import quickly, uncollected
from viz.checks import gradient_checks
from viz.expand import MARKS, Expand, expanded
from viz.labels import gate_label, input_names
from viz.local import local_derivative
from viz.names import Names, names_for
from viz.numbers import Numbers
from viz.origins import FROZEN, Failing, cut_of
from viz.traces import Box, Check, Entry, Input, Kind, Operation, Trace

__all__ = ["MANY", "PICTURES", "collect", "more_gates_than", "trace"]

#: Up to this many gates the arrays of a trace get small pictures by default.
PICTURES = 500
#: Of more gates gradients are drawn only if asked for, and not all is told in words: reading them takes long.
MANY = 100_000
#: Shared by all that have none, of which there may be millions.
NOTHING: Mapping[str, Any] = MappingProxyType({})
_new_entry, _new_input = quickly(Entry), quickly(Input)


def trace(
    t: Tensor,
    *,
    gradients: bool | Iterable[Tensor] | None = True,
    values: Iterable[Tensor] | None = None,
    locals: bool = True,
    expand: Expand = None,
    check: bool = False,
    names: Any = None,
) -> Trace:
    """Read the graph a tensor was computed by into plain data, which every view is made from.

    Parameters
    ----------
    t
        The result.
    gradients
        True, the default, computes them (no ``.grad`` is touched), False leaves them out; None and a collection of
        results are explained at :func:`viz.draw`.
    values
        The results whose forward values are kept, by default all.
    locals
        Whether to compute the local derivatives of elementwise gates.
    expand
        Names of primitives (``"sigmoid"``) that are shown as the simpler gates they stand for; True for all, except
        those of arithmetic.
    names
        What to call tensors that have no name. By default they go by the caller's variables, and parameters by their
        paths in its networks; False leaves that out. A mapping from names to tensors, or a network, adds its names.
    check
        Whether to put finite differences beside the gradients: of all values in small graphs, of variables in larger
        ones, of none in very large ones, with a note.

    Returns
    -------
    Trace
        It holds no tensor and no array, and can be stored as JSON.

    Raises
    ------
    TypeError
        If ``t`` is not a tensor.
    ValueError
        If gradients are asked for and ``t`` has several elements, so that there is no obvious gradient to start from;
        or if there is nothing to expand of a name.
    RuntimeError
        If gradients are asked for, but an input was changed after the graph was recorded.

    Examples
    --------
    >>> x = Tensor(3.0)
    >>> trace(x * x + 1).entries[0].name
    'x'
    >>> trace(x * x + 1)
    <Trace of 2 gates, 1 input, with gradients>
    """
    if not isinstance(t, Tensor):
        raise TypeError(f"trace: expected a Tensor, got {type(t).__name__}")
    return collect(
        t, gradients=gradients, values=values, locals=locals, expand=expand, check=check, names=names_for(names)
    )


def collect(
    root: Tensor,
    *,
    values: Iterable[Tensor] | None = None,
    gradients: bool | Iterable[Tensor] | None = None,
    locals: bool = False,
    pictures: bool | None = None,
    names: Names | None = None,
    expand: Expand = None,
    check: bool = False,
    others: Sequence[Tensor] = (),
    failing: Failing | None = None,
    behind: bool = False,
) -> Trace:
    """Read the graph a tensor was computed by.

    Parameters
    ----------
    root, values, gradients, locals, expand, check
        As in :func:`trace`; but by default gradients are read only if a backward pass was run.
    pictures
        Whether arrays get small pictures and histograms; by default if there are at most :data:`PICTURES` gates.
    names
        What to call tensors instead of their own names, as :func:`viz.names.names_for` gives it; None for nothing else.
    others
        More results, the graphs of which are to be read as well.
    failing
        What raised an error after all of them; then that is the root of the trace.
    behind
        Whether to read also the graphs that constants were cut off from, where that was recorded.

    Examples
    --------
    >>> x = Tensor(3.0, name="x")
    >>> found = collect(x * x + 1, gradients=True)
    >>> [entry.label or entry.name for entry in found.entries]
    ['x', '×', '+1']
    >>> [x.gradient.values for entry in found.entries for x in entry.inputs if x.gradient]
    [(3.0,), (3.0,), (1.0,)]
    """
    return read(
        root,
        values=values,
        gradients=gradients,
        locals=locals,
        pictures=pictures,
        names=names,
        expand=expand,
        check=check,
        others=others,
        failing=failing,
        behind=behind,
    )[0]


def read(
    root: Tensor,
    *,
    values: Iterable[Tensor] | None,
    gradients: bool | Iterable[Tensor] | None,
    locals: bool,
    pictures: bool | None,
    names: Names | None,
    expand: Expand,
    check: bool = False,
    others: Sequence[Tensor] = (),
    failing: Failing | None = None,
    behind: bool = False,
) -> tuple[Trace, Mapping[Any, str]]:
    """Read a graph as :func:`collect` does, and say which entry each tensor became."""
    with uncollected(), watched_by(None):  # what is computed here is no part of the program
        return _read(root, values, gradients, locals, pictures, names, expand, check, others, failing, behind)


def _read(
    root: Tensor,
    values: Iterable[Tensor] | None,
    gradients: bool | Iterable[Tensor] | None,
    locals: bool,
    pictures: bool | None,
    names: Names | None,
    expand: Expand,
    check: bool,
    others: Sequence[Tensor],
    failing: Failing | None,
    behind: bool,
) -> tuple[Trace, Mapping[Any, str]]:
    expansion = expanded(root, expand)
    root = expansion.root
    if not isinstance(gradients, (bool, NoneType)):
        gradients = expansion.made_from(gradients)
    gates = _gates([root, *others], behind)
    passed, ran, note = _run_backward(root, gates, gradients)
    reader = _Reader(
        root=root,
        gates=gates,
        passed=passed,
        ran=ran,
        shown=None if values is None else expansion.made_from(values),
        changed=_changed_since(gates),
        locals=locals,
        pictures=len(gates) <= PICTURES if pictures is None else pictures,
        names={} if names is None else expansion.renamed({**_assigned(gates, expansion.origin), **names}),
        origin=expansion.origin,
        behind=behind,
    )
    boxes = _Boxes()
    for gate in gates:
        notes = getattr(gate, "_notes", None) or NOTHING  # once: of most gates of a large graph there are none
        box = boxes.enter(notes.get("scope", ()), notes.get(MARKS, ())) if notes else boxes.enter(())
        reader.add_gate(gate, notes, box)
    if failing is not None:
        reader.add_failing(failing, boxes.enter(failing.scope))
    elif root.is_leaf:
        reader.add_leaf(root, root)
    if check and passed is not None:
        checks, remark = gradient_checks(root, gates, passed)
        reader.add_checks(checks)
        note = "; ".join(filter(None, [note, remark]))
    trace = Trace(
        entries=tuple(reader.entries),
        boxes=tuple(boxes.all),
        operations=reader.operations,
        root=reader.ids[root] if failing is None else reader.entries[-1].id,
        note=note,
        sent=reader.sent,
    )
    return trace, reader.ids | {t: reader.ids[made] for t, made in expansion.result.items() if made in reader.ids}


class _Reader:
    """Adds one entry after the other to the record."""

    def __init__(
        self,
        root: Tensor,
        gates: list[Tensor],
        passed: Pass | None,
        ran: set[Tensor] | None,
        shown: set[Tensor] | None,
        changed: set[Any],
        locals: bool,
        pictures: bool,
        names: Names,
        origin: Mapping[Tensor, Tensor],
        behind: bool,
    ) -> None:
        self.entries: list[Entry] = []
        self.operations: dict[str, Operation] = {}
        self.sent: dict[tuple[str, int], Any] = {}
        #: Of tensors, and of plain arrays by their identity.
        self.ids: dict[Any, str] = {}
        self.root, self.passed, self.ran, self.shown, self.changed = root, passed, ran, shown, changed
        self.locals, self.pictures, self.names, self.origin, self.behind = locals, pictures, names, origin, behind
        #: How many inputs a value is; and, of a pass that has only got so far, which gates take it: its gradient is
        #: complete once all of them have sent theirs back.
        self.uses: Counter[Any] = Counter()
        self.takers: dict[Tensor, list[Tensor]] = {}
        #: What is written in gates of plain numbers and tensors, by what it depends on.
        self.labels: dict[Any, tuple[str, tuple[str, ...]]] = {}
        self.numbers: dict[float, Input] = {}
        #: The memory of leaves, and what earlier gates keep, by identity: views share it.
        self.buffers: set[int] = set()
        for gate in gates if passed is not None else ():
            self.uses.update(x for x in gate.held if type(x) is Tensor)
            for x in gate.held if ran is not None else ():
                if isinstance(x, Tensor):
                    self.takers.setdefault(x, []).append(gate)

    def add_leaf(self, key: Any, value: Any) -> None:
        """Add a variable or constant, which may be a plain array."""
        kind: Kind = "constant"
        self.buffers.add(id(_buffer(value)))
        stale, requires_grad = id(value) in self.changed, False
        source, cut = None, None
        if isinstance(value, Tensor):
            requires_grad, stale = value.requires_grad, value in self.changed
            source, cut = source_of(value), cut_of(value)
            kind = "variable" if requires_grad else "constant" if cut is None or cut.how == FROZEN else "detached"
        behind = [self._source(x) for x in cut.origins] if cut is not None and self.behind else []
        self._add(
            key,
            Entry(
                id=f"n{len(self.entries)}",
                kind=kind,
                name=self._name(value),
                operation="",
                label="",
                detail=(),
                attributes={},
                inputs=(),
                value=None if stale else self._numbers(value),
                gradient=self._gradient(value),
                requires_grad=requires_grad,
                stale=stale,
                reason="" if cut is None else cut.reason,
                source=source,
                behind=tuple(x for x in behind if x is not None),
            ),
        )

    def add_gate(self, gate: Tensor, notes: Mapping[str, Any], box: str | None) -> None:
        """Add a gate, which has these notes, and before it its inputs that are not there yet."""
        inputs, primitive = gate.held, gate.primitive
        attributes = notes.get("attributes", NOTHING) if notes else NOTHING
        assert primitive is not None
        if GuardedArray in map(type, inputs):
            inputs = gate.inputs
        known = self.ids.get
        sources = [
            None if type(x) is float else (known(x) if type(x) is Tensor else None) or self._source(x) for x in inputs
        ]
        label, detail = self._label(primitive, inputs, attributes)
        if primitive.name not in self.operations:
            self.operations[primitive.name] = _operation(primitive)
        entry_id = f"n{len(self.entries)}"
        self._add(
            gate,
            _new_entry(
                id=entry_id,
                kind="gate",
                name=self.names.get(gate) or (notes and notes.get("name")) or "",
                operation=primitive.name,
                label=label,
                detail=detail,
                attributes={key: _plain(value) for key, value in attributes.items()} if attributes else NOTHING,
                inputs=tuple([self._input(gate, i, x, sources[i], entry_id) for i, x in enumerate(inputs)]),
                value=self._numbers(gate._data) if self.shown is None or gate in self.shown else None,
                gradient=None if self.passed is None else self._gradient(gate),
                requires_grad=True,
                box=box,
                saved=0 if type(gate._data) is float and not notes else self._saved(gate, notes),
                source=source_of(self.origin.get(gate, gate)) if notes or gate in self.origin else None,
            ),
        )

    def add_failing(self, failing: Failing, box: str | None) -> None:
        """Add what raised an error, and before it its inputs that are not there yet."""
        sources = [self._source(x) for x in failing.inputs]
        label = failing.label
        if failing.operation is not None:
            self.operations.setdefault(failing.operation.name, _operation(failing.operation))
            label = failing.operation.symbol or label
        entry_id = f"n{len(self.entries)}"
        self._add(
            entry_id,
            Entry(
                id=entry_id,
                kind="failed",
                name="",
                operation="" if failing.operation is None else failing.operation.name,
                label=label,
                detail=failing.shapes,
                attributes={key: _plain(value) for key, value in failing.attributes.items()},
                inputs=tuple(
                    Input(source, None if source is not None else np.asarray(x).item(), None, None)
                    for x, source in zip(failing.inputs, sources, strict=True)
                ),
                value=None,
                gradient=None,
                requires_grad=False,
                box=box,
                reason=failing.error,
                source=failing.source,
            ),
        )

    def add_checks(self, checks: Mapping[Tensor, Check]) -> None:
        """Add what finite differences say of the gradients that are shown."""
        places = {entry.id: place for place, entry in enumerate(self.entries)}
        for t, check in checks.items():
            place = places[self.ids[t]]
            if self.entries[place].gradient is not None:
                self.entries[place] = replace(self.entries[place], check=check)

    def _add(self, key: Any, entry: Entry) -> None:
        self.ids[key] = entry.id
        self.entries.append(entry)

    def _name(self, x: Any) -> str:
        if isinstance(x, Tensor):
            return self.names.get(x) or x.name or ""
        return self.names.get(id(x), "")

    def _label(
        self, primitive: Primitive, inputs: tuple[Any, ...], attributes: Mapping[str, Any]
    ) -> tuple[str, tuple[str, ...]]:
        if attributes:
            return gate_label(primitive, inputs, attributes)
        key: list[Any] = [primitive.name]
        for x in inputs:
            if type(x) is Tensor:
                key.append(None)
            elif isinstance(x, (float, int)):
                key += type(x), x or str(x)
            else:
                return gate_label(primitive, inputs, attributes)
        known = tuple(key)
        if known not in self.labels:
            self.labels[known] = gate_label(primitive, inputs, attributes)
        return self.labels[known]

    def _source(self, x: Any) -> str | None:
        """Id of an input's entry, which is added if it is a new leaf; None for a number."""
        if type(x) is float:
            return None
        if isinstance(x, Tensor):
            key: Any = x
        elif isinstance(x, (float, int)) or not np.ndim(x):
            return None
        else:
            key = id(x)
        if key not in self.ids:
            self.add_leaf(key, x)
        return self.ids[key]

    def _input(self, gate: Tensor, i: int, x: Any, source: str | None, entry_id: str) -> Input:
        if source is None and type(x) is float and x:  # the same in many gates (and zero has two signs)
            known = self.numbers.get(x)
            if known is None:
                known = self.numbers[x] = Input(None, x, None, None)
            return known
        if self.passed is None and not self.locals and source is not None:
            return _new_input(source, None, None, None)
        gradient = None
        if self.passed is not None and (self.ran is None or gate in self.ran) and (gate, i) in self.passed.wires:
            sent = self.passed.wires[gate, i]
            if self.uses[x] > 1:
                self.sent[entry_id, i] = sent
            gradient = self._numbers(sent)
        return _new_input(
            source=source,
            number=None if source is not None else x if type(x) is float else np.asarray(x).item(),
            gradient=gradient,
            local=self._local(gate, i) if self.locals else None,
        )

    def _local(self, gate: Tensor, i: int) -> Numbers | None:
        if self.shown is not None and gate not in self.shown:
            return None
        value = local_derivative(gate, i)
        return None if value is None else self._numbers(value)

    def _saved(self, gate: Tensor, notes: Mapping[str, Any]) -> int:
        """Bytes that a gate keeps for the backward pass, and no gate before it."""
        pending, size = [gate._data, notes.get("residuals")], 0
        while pending:
            x = pending.pop()
            if isinstance(x, (tuple, list)):
                pending += x
            elif isinstance(x, np.ndarray) and id(buffer := _buffer(x)) not in self.buffers:
                self.buffers.add(id(buffer))
                size += buffer.nbytes
        return size

    def _gradient(self, value: Any) -> Numbers | None:
        if self.passed is None or not isinstance(value, Tensor):
            return None
        if self.ran is not None and value is not self.root and not self.ran.issuperset(self.takers[value]):
            return None
        gradient = self.passed.cotangents.get(value)
        return None if gradient is None else self._numbers(gradient)

    def _numbers(self, value: Any) -> Numbers:
        return Numbers.of(value._data if isinstance(value, Tensor) else value, self.pictures)


def _operation(primitive: Primitive) -> Operation:
    documentation = (primitive.function.__doc__ or "").strip()
    return Operation(
        name=primitive.name,
        kind=primitive.kind,
        symbol=primitive.symbol,
        formula=primitive.formula,
        partials=tuple(primitive.partial_formulas),
        summary=documentation.split("\n\n")[0].replace("\n", " "),
        expandable=primitive.decomposition is not None,
        parameters=input_names(primitive) if primitive.arity > 2 else (),
    )


def _plain(value: Any) -> Any:
    """A static parameter as JSON can hold it."""
    if value is None or isinstance(value, (bool, int, float, complex, str)):
        return value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, (list, tuple)):
        return tuple(_plain(x) for x in value)
    return repr(value)


def _buffer(value: Any) -> Any:
    """The array that owns the memory a tensor or array shows."""
    value = value._data if isinstance(value, Tensor) else value
    while isinstance(value, np.ndarray) and isinstance(value.base, np.ndarray):
        value = value.base
    return value


# ---------------------------------------------------------------------------------------------------------------------
# Reading the graph
# ---------------------------------------------------------------------------------------------------------------------


def _assigned(gates: Iterable[Tensor], origin: Mapping[Tensor, Tensor]) -> Names:
    """What the source text calls results, where that was recorded."""
    return assigned_names(list(dict.fromkeys(origin.get(gate, gate) for gate in gates) if origin else gates))


def _gates(roots: Iterable[Tensor], behind: bool = False) -> list[Tensor]:
    """Every recorded result the roots depend on, themselves included, in the order of recording."""
    found = {root for root in roots if not root.is_leaf}
    pending = list(found)
    while pending:
        for x in pending.pop().held:
            if isinstance(x, Tensor) and x not in found:
                if not x.is_leaf:
                    found.add(x)
                    pending.append(x)
                elif behind and (cut := cut_of(x)) is not None:
                    new = {origin for origin in cut.origins if not origin.is_leaf} - found
                    found |= new
                    pending += new
    return sorted(found, key=lambda gate: gate.serial)


def more_gates_than(limit: int, t: Tensor) -> bool:
    """Whether a graph has more gates than so many, found out without looking at more.

    Examples
    --------
    >>> more_gates_than(2, Tensor(3.0).exp() + 1), more_gates_than(1, Tensor(3.0).exp() + 1)
    (False, True)
    """
    found = set() if t.is_leaf else {t}
    pending = list(found)
    while pending and len(found) <= limit:
        new = {x for x in pending.pop().inputs if isinstance(x, Tensor) and not x.is_leaf} - found
        found |= new
        pending += new
    return len(found) > limit


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
        if gradients is None and len(gates) > MANY:
            return None, None, f"no gradients shown: {len(gates):,} gates; gradients=True computes them"
    else:
        ran = set(gradients)
    try:
        return backward_pass(root, root.grad), ran, ""
    except RuntimeError:
        if gradients is not None:
            raise
        names = sorted({repr(x.name) if x.name else "an unnamed input" for x in _changed_since(gates)})
        what = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "") if names else "an input array"
        return None, None, f"no gradients shown: {what} changed after the graph was recorded; draw before updating"


# ---------------------------------------------------------------------------------------------------------------------
# Scopes
# ---------------------------------------------------------------------------------------------------------------------


class _Boxes:
    """The boxes of a graph, and which one each gate lies in.

    A scope entered twice (a layer called twice) gives two boxes: a box holds gates that were recorded one after the
    other. That also makes folding safe: no wire can leave a fold and come back into it.
    """

    def __init__(self) -> None:
        self.all: list[Box] = []
        self._open: list[tuple[Box, Any]] = []
        self._last: tuple[Any, Any] = ((), ())

    def enter(self, scope: tuple[str, ...], marks: tuple[int | None, ...] = ()) -> str | None:
        """Id of the box for the next gate, whose scopes of the same name are told apart by marks."""
        opened = self._open
        if scope is not self._last[0] or marks != self._last[1]:
            self._last = scope, marks
            wanted = list(zip_longest(_entered(scope), marks))
            same = 0
            while same < min(len(wanted), len(opened)) and wanted[same] == opened[same][1]:
                same += 1
            del opened[same:]
            for name, call in zip(scope[same:], wanted[same:], strict=True):
                box = Box(f"b{len(self.all)}", name, opened[-1][0].id if opened else None)
                self.all.append(box)
                opened.append((box, call))
        return opened[-1][0].id if opened else None


def _entered(scope: tuple[str, ...]) -> list[tuple[str, int | None]]:
    """For each scope, outermost first, its name and what tells one time it was entered from another."""
    found: list[tuple[str, int | None]] = []
    while scope:
        call = id(scope) if isinstance(scope, Path) else None
        found.append((scope[-1], call))
        scope = scope.outer if isinstance(scope, Path) else scope[:-1]
    return found[::-1]
