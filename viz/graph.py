"""What a drawing shows of a trace, as plain data that knows nothing of how it will be shown.

Ids count up in the order in which the graph was recorded, so that the same program gives the same record, and the same
drawing, each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from viz.numbers import Numbers
from viz.traces import Box

__all__ = ["Box", "Graph", "Mark", "Node", "Numbers", "Value", "Wire"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What an overlay says of a node, or a line of its legend (see ``viz.overlays``).

    Attributes
    ----------
    text
        A few words.
    shade
        How to colour it: from -1 over 0 to 1; None for not at all.
    alarm
        Whether the reader must not miss it.
    """

    text: str
    shade: float | None = None
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A variable, a constant, a constant cut off from its graph, a gate, or gates folded into one.

    Attributes
    ----------
    id
        ``"n0"``, ``"n1"``, ...: inputs before the gates that use them.
    kind
        ``"variable"``, ``"constant"``, ``"detached"``, ``"gate"``, ``"failed"`` (an operation that raised an error) or
        ``"fold"``.
    label
        What it is called: the variable's name, the gate's symbol, the scope's name. May be empty.
    operation
        Name of the gate's primitive; empty for the other kinds.
    detail
        What else there is to say, such as ``axis=0``, or how many gates are folded.
    box
        Id of the innermost scope it lies in, or None.
    ports
        What its inputs are called, by position, where there are so many that the wires must be told apart; else ().
    times
        How many equal folded blocks it stands for, drawn as a stack.
    hint
        How to see what is folded, for whoever asks: ``draw(t, depth=2)``.
    mark
        What an overlay says of it.
    """

    id: str
    kind: Literal["variable", "constant", "detached", "gate", "failed", "fold"]
    label: str
    operation: str
    detail: tuple[str, ...]
    box: str | None
    ports: tuple[str, ...] = ()
    times: int = 1
    hint: str = ""
    mark: Mark | None = None

    @property
    def is_leaf(self) -> bool:
        """Whether it is an input: nothing goes into it."""
        return self.kind in ("variable", "constant", "detached")


@dataclass(frozen=True, slots=True)
class Value:
    """What a node puts out.

    Attributes
    ----------
    id, node
        Its own, and that of the node it comes out of.
    name
        The tensor's name if it is a gate's result, or empty.
    numbers
        The forward value; None where it is not to be shown.
    gradient
        The gradient of the drawn result with respect to it, complete: the sum over its wires. None where there is none.
    requires_grad
        Whether gradients flow here.
    stale
        It is a variable or constant that got new values after a gate used it, which are not shown.
    hidden
        How many of its wires are not drawn, as they stay inside the fold it comes out of.
    reason
        Where gradients are shown but none reaches it: ``"no gradient"``, and why if that is known. Else empty.
    """

    id: str
    node: str
    name: str
    numbers: Numbers | None
    gradient: Numbers | None
    requires_grad: bool
    stale: bool
    hidden: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wire:
    """A value going into a gate.

    Attributes
    ----------
    id, value, node
        Its own, that of the value, and that of the gate it goes into.
    position
        Which input of the gate it is, from 0, constants that are part of the gate counted.
    gradient
        What the gate sends back along this wire; None where there is none, or none yet.
    local
        The local derivative of an elementwise gate with respect to this input, if asked for; else None.
    broadcast, summed
        Where the gate repeats the value along axes: ``"(3,) → (4, 3)"``, and ``"Σ over axis 0"``, which its gradient is
        therefore. Else empty.
    """

    id: str
    value: str
    node: str
    position: int
    gradient: Numbers | None
    local: Numbers | None = None
    broadcast: str = ""
    summed: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """A trace as it is drawn (see ``viz.fold``).

    Attributes
    ----------
    nodes, values, wires, boxes
        Its parts, in the order in which they were recorded.
    root
        Id of the value that was drawn.
    note
        What the reader must be told, or empty.
    pictures
        Whether larger arrays show as heat maps.
    legend
        What the shades of an overlay mean.
    """

    nodes: tuple[Node, ...]
    values: tuple[Value, ...]
    wires: tuple[Wire, ...]
    boxes: tuple[Box, ...]
    root: str
    note: str
    pictures: bool = False
    legend: tuple[Mark, ...] = ()

    @property
    def has_gradients(self) -> bool:
        """Whether any gradient is shown."""
        return any(value.gradient is not None for value in self.values)
