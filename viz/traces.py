"""A recorded graph as plain data that holds no tensor: what every view is made from.

Entries stand in the order in which the graph was recorded, inputs before the gates that take them, and their ids count
up in that order, so that the same program gives the same trace each time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

from autograd.sources import Source
from viz.numbers import Number, Numbers

__all__ = ["Box", "Check", "Entry", "Input", "Kind", "Operation", "Trace"]

#: Of an entry. A constant is "detached" where it was cut off from a graph it came out of. What has "failed" is an
#: operation, or a whole module, that raised an error instead of giving a result.
Kind = Literal["variable", "constant", "detached", "gate", "failed"]

#: Halves of characters, which names may have been made of.
_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known of a primitive, however often it is applied.

    Attributes
    ----------
    name, kind, symbol
        As in :class:`autograd.primitives.Primitive`.
    formula, partials
        LaTeX of the value and, of elementwise ones, of each local derivative.
    summary
        The first line of its documentation.
    expandable
        Whether it can be redrawn as simpler gates.
    parameters
        What its inputs are called, where there are more than two.
    """

    name: str
    kind: str
    symbol: str
    formula: str
    partials: tuple[str, ...]
    summary: str
    expandable: bool
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """A gradient beside its numerical counterpart.

    Attributes
    ----------
    numeric
        The central difference (f(x+h) - f(x-h)) / 2h.
    analytic
        What the backward pass says.
    along
        ``"x"`` where ``x`` is the number itself, ``"direction"`` where it is an array that was moved along one random
        direction (then ``analytic`` is the inner product of that direction and the gradient).
    verdict
        Whether they agree. At a ``"kink"`` the differences to either side disagree, by as much as the gradient is off;
        ``"unsure"`` where rounding, infinities or NaN leave nothing to compare.
    """

    numeric: float
    analytic: float
    along: Literal["x", "direction"]
    verdict: Literal["agrees", "differs", "kink", "unsure"] = "agrees"


@dataclass(frozen=True, slots=True)
class Input:
    """A value going into a gate.

    Attributes
    ----------
    source
        Id of the entry it comes from; None for a plain number, which is part of the gate.
    number
        That number; None where there is a source.
    gradient
        What the gate sends back to this input; None where there is none, or none yet.
    local
        The local derivative of an elementwise gate with respect to this input, of the shape of its result; else None.
    """

    source: str | None
    number: Number | None
    gradient: Numbers | None
    local: Numbers | None


@dataclass(frozen=True, slots=True)
class Box:
    """A scope: drawn as a box around the gates recorded in it, one for each time it was entered."""

    id: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A variable, a constant, a gate with its result, or an operation that failed.

    Attributes
    ----------
    id
        ``"n0"``, ``"n1"``, ...
    kind
        ``"variable"``, ``"constant"``, ``"detached"`` (a constant cut off from the graph it was computed by),
        ``"gate"``, or ``"failed"`` (an operation or a module that raised an error, and so has no value).
    name
        Of the tensor: the one it was given, or its path in a module, or the caller's variable; may be empty.
    operation
        Name of the gate's primitive, a key of ``Trace.operations``; empty for the other kinds, but that of a
        primitive that failed, which may not be listed there.
    label, detail
        What is written in the gate: ``"+1"``; and below it: ``("axis=0",)``. Of what failed, the shapes of its inputs.
    attributes
        The gate's static parameters, as values that JSON can hold (others as text).
    inputs
        What goes in, plain numbers that are part of the gate counted.
    value
        The forward value; None where it is not to be shown.
    gradient
        The gradient of the root with respect to it, complete: the sum over the gates that take it. None where there is
        none.
    requires_grad
        Whether gradients flow here.
    stale
        It is a variable or constant that got new values after a gate used it, which are not shown.
    box
        Id of the innermost scope it was recorded in, or None.
    saved
        Bytes kept for the backward pass: of the value, where it is an array of its own, and of residuals.
    reason
        Why no gradient reaches it, where that is known: ``"detached at model.py:12"``. Of what failed, the error. Else
        empty.
    source
        Where it was recorded, if that was (see :func:`viz.record`).
    check
        Its gradient beside the finite difference, if asked for.
    behind
        Of a detached constant, the ids of what it was cut off from, where that is in the trace as well.
    """

    id: str
    kind: Kind
    name: str
    operation: str
    label: str
    detail: tuple[str, ...]
    attributes: Mapping[str, Any]
    inputs: tuple[Input, ...]
    value: Numbers | None
    gradient: Numbers | None
    requires_grad: bool
    stale: bool = False
    box: str | None = None
    saved: int = 0
    reason: str = ""
    source: Source | None = None
    check: Check | None = None
    behind: tuple[str, ...] = ()

    @property
    def is_leaf(self) -> bool:
        """Whether nothing was computed here: it is no gate, and no attempt at one."""
        return self.kind not in ("gate", "failed")

    def __getstate__(self) -> list[Any]:
        """All fields, to be copied and pickled: what gates without attributes share cannot be."""
        state = {each.name: getattr(self, each.name) for each in fields(self)}
        return list((state | {"attributes": dict(self.attributes)}).values())


@dataclass(frozen=True)
class Trace:
    """A recorded graph as plain data (see :func:`viz.trace`).

    Attributes
    ----------
    entries
        Variables, constants and gates in the order of recording.
    boxes
        The scopes, parents before what lies in them.
    operations
        What is known of the primitives that occur.
    root
        Id of the entry that was traced.
    note
        What the reader must be told, or empty.
    sent
        For inputs ``(id of the gate, position)`` at forks the gradient sent back in full, for views that add some of
        them up. Only in the process that read the graph: it is neither compared nor stored.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> x = Tensor(3.0, name="x")
    >>> [(entry.id, entry.label or entry.name) for entry in trace(x * x + 1).entries]
    [('n0', 'x'), ('n1', '×'), ('n2', '+1')]
    """

    entries: tuple[Entry, ...]
    boxes: tuple[Box, ...]
    operations: Mapping[str, Operation]
    root: str
    note: str = ""
    sent: Mapping[tuple[str, int], Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """The entries by their ids."""
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def boxes_by_id(self) -> Mapping[str, Box]:
        """The scopes by their ids."""
        return {box.id: box for box in self.boxes}

    @cached_property
    def takers(self) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """For every entry the inputs ``(id of the gate, position)`` that it goes into, in order."""
        found: dict[str, list[tuple[str, int]]] = {}
        for entry in self.entries:
            for position, x in enumerate(entry.inputs):
                if x.source is not None:
                    found.setdefault(x.source, []).append((entry.id, position))
        return {source: tuple(ends) for source, ends in found.items()}

    @property
    def has_gradients(self) -> bool:
        """Whether there is any gradient."""
        return any(entry.gradient is not None for entry in self.entries)

    def to_json(self, indent: int | None = None) -> str:
        """Write the trace as JSON (:mod:`viz.json_format` describes it).

        Examples
        --------
        >>> from autograd import Tensor
        >>> from viz import trace
        >>> trace(Tensor(3.0).exp()) == Trace.from_json(trace(Tensor(3.0).exp()).to_json())
        True
        """
        from viz.json_format import to_dict

        text = json.dumps(to_dict(self), indent=indent, ensure_ascii=False, allow_nan=False)
        return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)  # they have no encoding

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Read a trace from JSON.

        Raises
        ------
        ValueError
            If it is no trace; the message says what is wrong where.
        """
        from viz.json_format import from_dict, loads

        return from_dict(loads(text))

    def __repr__(self) -> str:
        gates = sum(entry.kind == "gate" for entry in self.entries)
        leaves = len(self.entries) - gates
        seen = ", with gradients" if self.has_gradients else ""
        return f"<Trace of {gates:,} gate{'s' * (gates != 1)}, {leaves:,} input{'s' * (leaves != 1)}{seen}>"
