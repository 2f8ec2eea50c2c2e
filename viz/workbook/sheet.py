"""A graph laid out in a sheet, as plain data: which block of cells holds what, and the formulas in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, prod
from typing import Any

import numpy as np

from autograd import Tensor
from viz.legible import legible
from viz.traces import Entry, Trace
from viz.workbook.cells import Cell, address, area, joined, name_of_column
from viz.workbook.gates import Gate, Operand, has_formula

__all__ = ["LEFT", "RATE", "TOP", "Block", "Content", "Contribution", "Sheet", "laid_out", "step_formula"]

#: What a cell holds.
Content = float | str

#: Where blocks begin: below the title and the heads of the columns, right of the names.
TOP, LEFT = 5, 2
#: A spreadsheet has no more columns and rows, and no longer formulas.
COLUMNS, ROWS, LONGEST = 16_384, 1_048_576, 8_192
#: The cell with the learning rate.
RATE: Cell = (2, 2)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a gate sends back to one of its inputs, where that has a block of its own.

    Attributes
    ----------
    gate
        What the gate is called.
    formulas
        Row by row.
    column
        Where the block begins.
    """

    gate: str
    formulas: tuple[str, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Block:
    """An array of the graph, with its gradient, in a sheet.

    Attributes
    ----------
    name
        What it is called; unnamed results go by their ids.
    id, kind
        As in :class:`viz.traces.Entry`.
    made
        How it is made of what: ``"σ ← z1"``; of inputs, what they are.
    shape
        Of the array. The last axis runs to the right, all others downwards.
    row, column
        Of its first cell.
    contents
        Numbers of inputs, formulas of gates, row by row.
    gradients
        Formulas of the gradient; None where there is none.
    gradient_column, step_column
        Where the gradient begins, and what the array is after a step.
    contributions
        Where branches meet, what comes back along them.
    """

    name: str
    id: str
    kind: str
    made: str
    shape: tuple[int, ...]
    row: int
    column: int
    contents: tuple[Content, ...]
    gradients: tuple[Content, ...] | None
    gradient_column: int
    step_column: int | None
    contributions: tuple[Contribution, ...] = ()

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return self.shape[-1] if self.shape else 1

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.contents) // self.width if self.contents else 0

    def at(self, i: int, column: int) -> Cell:
        """Where an element is, counted row by row, in the block that begins in this column."""
        return self.row + i // self.width, column + i % self.width

    def _area(self, column: int) -> str:
        return area(self.at(0, column), self.at(len(self.contents) - 1, column)) if self.contents else ""

    @property
    def value(self) -> str:
        """Its cells: ``"B6:D9"``; empty if it has none."""
        return self._area(self.column)

    @property
    def gradient(self) -> str:
        """Those of its gradient; empty where there is none."""
        return "" if self.gradients is None else self._area(self.gradient_column)

    @property
    def step(self) -> str:
        """Those of the array after a step; empty where there are none."""
        return "" if self.step_column is None else self._area(self.step_column)


@dataclass(frozen=True, slots=True)
class Sheet:
    """All blocks of a graph.

    Attributes
    ----------
    title
        What is computed.
    blocks
        Inputs first, then gates in the order of recording; the last is the result.
    rate
        The learning rate of the step that is shown; None for no step.
    width
        Of the widest block.
    """

    title: str
    blocks: tuple[Block, ...]
    rate: float | None
    width: int

    @property
    def has_gradients(self) -> bool:
        """Whether there are any."""
        return any(block.gradients is not None for block in self.blocks)

    @property
    def cells(self) -> int:
        """How many cells hold numbers or formulas."""
        return sum(
            len(b.contents) * (1 + (b.gradients is not None) + (b.step_column is not None) + len(b.contributions))
            for b in self.blocks
        )


def laid_out(trace: Trace, tensors: Mapping[str, Tensor], *, gradients: bool, rate: float | None, limit: int) -> Sheet:
    """Lay a graph out in a sheet.

    Parameters
    ----------
    trace
        The graph.
    tensors
        Its variables, constants and gates by their ids, but for plain arrays.
    gradients, rate, limit
        As in :func:`viz.spreadsheet`.

    Raises
    ------
    ValueError
        If a gate has no formula, an input is no number, or there is too much.
    RuntimeError
        If an input has changed.
    """
    return _Layout(trace, tensors, gradients, rate, limit).sheet()


class _Layout:
    def __init__(
        self, trace: Trace, tensors: Mapping[str, Tensor], gradients: bool, rate: float | None, limit: int
    ) -> None:
        self.trace, self.tensors, self.gradients, self.rate = trace, tensors, gradients, rate
        self.arrays = dict(self._arrays())
        self.names = _names(trace)
        inputs = [entry for entry in trace.entries if entry.is_leaf]
        self.entries = inputs + [entry for entry in trace.entries if not entry.is_leaf]
        for entry in self.entries:
            self._check(entry)
        shapes = {entry.id: self.arrays[entry.id].shape for entry in self.entries}
        self._refuse_large(sum(map(prod, shapes.values())), limit)
        self.shapes = shapes
        self.width = max((shape[-1] for shape in shapes.values() if shape), default=1)
        self.gradient_column = LEFT + self.width + 1
        self.step_column = self.gradient_column + self.width + 1
        self.first_contribution = self.step_column + (self.width + 1 if rate is not None else 0)
        self.rows: dict[str, int] = {}
        row = TOP
        for entry in self.entries:
            self.rows[entry.id] = row + 1  # below its head
            shape = shapes[entry.id]
            row += 2 + (prod(shape) // shape[-1] if shape and shape[-1] else 1)
        if row > ROWS or self.first_contribution > COLUMNS:
            raise ValueError(
                f"spreadsheet: a sheet has at most {ROWS:,} rows and {COLUMNS:,} columns, and this graph needs "
                f"{row:,} and {self.first_contribution:,}. Export a smaller batch or a part of the graph"
            )

    # -- what there is ------------------------------------------------------------------------------------------------

    def _arrays(self) -> Any:
        """The arrays by the ids of their entries."""
        for key, t in self.tensors.items():
            yield key, np.asarray(t.data)
            for x, given in zip(self.trace.by_id[key].inputs, t.inputs, strict=True):
                if x.source is not None and not isinstance(given, Tensor):
                    yield x.source, np.asarray(given)

    def _check(self, entry: Entry) -> None:
        array = self.arrays[entry.id]
        called = f"{self.names[entry.id]!r}"
        if array.dtype.kind == "c":
            raise ValueError(f"spreadsheet: {called} has complex numbers, which cells cannot hold")
        if entry.stale:
            raise RuntimeError(
                f"spreadsheet: {called} changed after the graph was recorded; export it before updating, or compute "
                f"the result again"
            )
        if entry.is_leaf and not np.isfinite(array).all():
            raise ValueError(
                f"spreadsheet: the {entry.kind} {called} has infinite numbers or NaN, which cells cannot hold; put "
                f"large finite ones in their place"
            )
        for x in entry.inputs:
            if x.source is None and not (isinstance(x.number, (int, float)) and isfinite(x.number)):
                raise ValueError(
                    f"spreadsheet: the gate {entry.operation} ({called}) takes the number {x.number}, which formulas "
                    f"cannot hold"
                )
        if entry.kind == "gate":
            primitive = self.tensors[entry.id].primitive
            assert primitive is not None
            if not has_formula(primitive):
                where = f" at {entry.source}" if entry.source is not None else ""
                raise ValueError(
                    f"spreadsheet: no formulas for the gate {entry.operation} ({called}{where}). Put its result in as "
                    f"a constant, by .detach(), compute it by other functions, or export a part of the graph without it"
                )

    def _refuse_large(self, cells: int, limit: int) -> None:
        if cells > limit:
            raise ValueError(
                f"spreadsheet: this graph has {cells:,} numbers, more than limit={limit:,}. Export fewer examples at "
                f"once or a smaller network, or raise limit= (every number becomes a formula)"
            )

    # -- putting it in cells ------------------------------------------------------------------------------------------

    def sheet(self) -> Sheet:
        gates = {entry.id: self._gate(entry) for entry in self.entries if entry.kind == "gate"}
        blocks = tuple(self._block(entry, gates) for entry in self.entries)
        for block in blocks:
            texts = [*block.contents, *(block.gradients or ()), *(t for c in block.contributions for t in c.formulas)]
            longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
            if longest >= LONGEST:
                raise ValueError(
                    f"spreadsheet: a formula for {block.name!r} ({block.made}) would have {longest:,} characters, and "
                    f"spreadsheets take {LONGEST:,}. Export fewer examples at once or a smaller network"
                )
        title = self.names[self.trace.root]
        return Sheet(title, blocks, self.rate if self.gradients else None, self.width)

    def _operand(self, source: str | None, number: Any, column: int = LEFT) -> Operand:
        if source is None:
            return Operand((), None, float(number))
        shape, row = self.shapes[source], self.rows[source]
        width = shape[-1] if shape else 1
        return Operand(shape, lambda i: (row + i // width, column + i % width))

    def _gate(self, entry: Entry) -> Gate:
        tensor = self.tensors[entry.id]
        assert tensor.primitive is not None
        upstream = self._operand(entry.id, None, self.gradient_column).cell
        assert upstream is not None
        return Gate(
            tensor.primitive,
            tensor.attributes,
            tuple(self._operand(x.source, x.number) for x in entry.inputs),
            self._operand(entry.id, None),
            upstream,
        )

    def _block(self, entry: Entry, gates: Mapping[str, Gate]) -> Block:
        contents: tuple[Content, ...]
        if entry.kind == "gate":
            contents = tuple(f"={text}" for text in gates[entry.id].value())
        else:
            contents = tuple(map(float, self.arrays[entry.id].ravel().tolist()))
        found: tuple[Content, ...] | None = None
        contributions: tuple[Contribution, ...] = ()
        if self.gradients and entry.requires_grad:
            if entry.id == self.trace.root:
                seed = self.tensors[entry.id].grad
                found = (1.0,) * len(contents) if seed is None else tuple(np.ravel(seed).tolist())
            else:
                found, contributions = self._gradient(entry, gates)
        shows_step = self.rate is not None and entry.kind == "variable" and found is not None
        return Block(
            self.names[entry.id],
            entry.id,
            entry.kind,
            self._made(entry),
            self.shapes[entry.id],
            self.rows[entry.id],
            LEFT,
            contents,
            found,
            self.gradient_column,
            self.step_column if shows_step else None,
            contributions,
        )

    def _gradient(
        self, entry: Entry, gates: Mapping[str, Gate]
    ) -> tuple[tuple[Content, ...], tuple[Contribution, ...]]:
        """The formulas of a gradient: what comes back along all branches, added up."""
        size = prod(self.shapes[entry.id])
        branches = [(gate, gates[gate].sent(k)) for gate, k in self.trace.takers.get(entry.id, ())]
        sums: list[list[str]] = [[] for _ in range(size)]
        apart: list[Contribution] = []
        width = self.shapes[entry.id][-1] if self.shapes[entry.id] else 1
        column = self.first_contribution
        for gate, texts in branches:
            if len(branches) > 1 and any(map(_is_computed, texts)):
                label = self.trace.by_id[gate].label
                apart.append(Contribution(f"{label} ({self.names[gate]})", tuple(f"={t or 0}" for t in texts), column))
                row = self.rows[entry.id]
                texts = [address((row + i // width, column + i % width)) for i in range(size)]
                column += self.width + 1
                if column > COLUMNS:
                    raise ValueError(
                        f"spreadsheet: {self.names[entry.id]!r} goes into {len(branches):,} gates, more than there are "
                        f"columns for; export a part of the graph"
                    )
            for each, text in zip(sums, texts, strict=True):
                if text:
                    each.append(text)
        return tuple(f"={joined(each)}" if each else 0.0 for each in sums), tuple(apart)

    def _made(self, entry: Entry) -> str:
        if entry.kind != "gate":
            return {"variable": "variable", "detached": "constant, cut off from its graph"}.get(entry.kind, "constant")
        detail = f" ({', '.join(entry.detail)})" if entry.detail else ""
        inputs = ", ".join(self.names[x.source] for x in entry.inputs if x.source is not None)
        return legible(f"{entry.label}{detail} ← {inputs}", 200)


def _is_computed(text: str) -> bool:
    """Whether this is more than one cell."""
    return not (not text or text.removeprefix("-").isalnum())


def _names(trace: Trace) -> dict[str, str]:
    """What entries are called; ids tell those of the same name apart."""
    found = {entry.id: legible(entry.name) if entry.name else entry.id for entry in trace.entries}
    seen: dict[str, int] = {}
    for name in found.values():
        seen[name] = seen.get(name, 0) + 1
    return {key: name if seen[name] == 1 else f"{name} ({key})" for key, name in found.items()}


def step_formula(block: Block, i: int) -> str:
    """What an element of a variable is after a step of gradient descent."""
    value, gradient = (address(block.at(i, column)) for column in (block.column, block.gradient_column))
    return f"={value}-${name_of_column(RATE[1])}${RATE[0]}*{gradient}"
