"""What a drawing shows, as plain data that knows nothing of how it will be shown.

Ids count up in the order in which the graph was recorded, so that the same program gives the same record, and the same
drawing, each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from autograd import no_grad

__all__ = ["FULL", "Box", "Graph", "Node", "Numbers", "Value", "Wire"]

#: Arrays of up to this many elements are kept in full, of larger ones a summary.
FULL = 4


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers on a wire, or a summary of them.

    Attributes
    ----------
    shape, dtype
        Of the array; ``()`` for a scalar.
    values
        All of them, row by row, if there are at most :data:`FULL`; else None.
    mean, std, low, high
        Of the finite ones; None if there are none. Of complex numbers, of their absolute values.
    nans, infinities
        How many of each there are.
    """

    shape: tuple[int, ...]
    dtype: str
    values: tuple[Any, ...] | None
    mean: float | None
    std: float | None
    low: float | None
    high: float | None
    nans: int
    infinities: int

    @classmethod
    def of(cls, value: Any) -> Numbers:
        """Summarise a number, array or tensor.

        Examples
        --------
        >>> Numbers.of(np.array([1.0, 3.0])).mean
        2.0
        """
        with no_grad():
            array = np.asarray(value)
        values = tuple(array.ravel().tolist()) if array.size <= FULL else None
        nans = infinities = 0
        finite = array
        if array.dtype.kind == "c":
            finite = np.abs(array)
        if finite.dtype.kind == "f":
            good = np.isfinite(finite)
            if not good.all():
                nans = int(np.isnan(finite).sum())
                infinities = finite.size - int(good.sum()) - nans
                finite = finite[good]
        mean = std = low = high = None
        if finite.size:
            low, high = float(finite.min()), float(finite.max())
            largest = max(abs(low), abs(high))
            scale = largest if largest > 1e100 else 1.0  # so that neither sums nor squares overflow
            scaled = finite.astype(np.float64) / scale
            mean, std = float(scaled.mean()) * scale, float(scaled.std()) * scale
        return cls(array.shape, str(array.dtype), values, mean, std, low, high, nans, infinities)


@dataclass(frozen=True, slots=True)
class Box:
    """A scope: drawn as a box around the gates recorded in it, one for each time it was entered."""

    id: str
    name: str
    parent: str | None


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
    """A recorded graph as plain data (see :func:`viz.collect.collect`).

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
