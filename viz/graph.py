"""What a drawing shows of a trace, as plain data that knows nothing of how it will be shown.

Ids count up in the order in which the graph was recorded, so that the same program gives the same record, and the same
drawing, each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from viz.numbers import Numbers
from viz.traces import Box

__all__ = ["Box", "Graph", "Node", "Numbers", "Value", "Wire"]


@dataclass(frozen=True, slots=True)
class Node:
    """A variable, a constant, a gate, or a scope folded into one gate.

    Attributes
    ----------
    id
        ``"n0"``, ``"n1"``, ...: inputs before the gates that use them.
    kind
        ``"variable"``, ``"constant"``, ``"gate"`` or ``"fold"``.
    label
        What it is called: the variable's name, the gate's symbol, the scope's name. May be empty.
    operation
        Name of the gate's primitive; empty for the other kinds.
    detail
        What else there is to say, such as ``axis=0``, or how many gates are folded.
    box
        Id of the innermost scope it lies in, or None.
    """

    id: str
    kind: Literal["variable", "constant", "gate", "fold"]
    label: str
    operation: str
    detail: tuple[str, ...]
    box: str | None


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
    """

    id: str
    node: str
    name: str
    numbers: Numbers | None
    gradient: Numbers | None
    requires_grad: bool
    stale: bool
    hidden: int


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
    """

    id: str
    value: str
    node: str
    position: int
    gradient: Numbers | None


@dataclass(frozen=True, slots=True)
class Graph:
    """A trace as it is drawn (see :func:`viz.fold.fold`).

    Attributes
    ----------
    nodes, values, wires, boxes
        Its parts, in the order in which they were recorded.
    root
        Id of the value that was drawn.
    note
        What the reader must be told, or empty.
    """

    nodes: tuple[Node, ...]
    values: tuple[Value, ...]
    wires: tuple[Wire, ...]
    boxes: tuple[Box, ...]
    root: str
    note: str

    @property
    def has_gradients(self) -> bool:
        """Whether any gradient is shown."""
        return any(value.gradient is not None for value in self.values)
