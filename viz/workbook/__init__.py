"""A graph as a spreadsheet whose formulas compute it, forward and backward.

Where things are: :mod:`~viz.workbook.gates` gates as formulas, with :mod:`~viz.workbook.probing` (linear ones as sums
of products) and :mod:`~viz.workbook.cells` (sums of products as short formulas); :mod:`~viz.workbook.sheet` which block
of cells holds what; :mod:`~viz.workbook.writing` the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

from autograd import Tensor
from autograd.forward import nodes_of
from viz.collect import read
from viz.drawing import write_file
from viz.errors import meant, quoted
from viz.expand import ARITHMETIC, Expand, expanded
from viz.legible import width_of
from viz.names import names_for
from viz.traces import Trace
from viz.workbook.gates import has_formula, is_frozen
from viz.workbook.sheet import Block, Sheet, laid_out

__all__ = ["LIMIT", "Spreadsheet", "spreadsheet"]

#: More numbers than that make a sheet that nobody reads, and that takes a while to open.
LIMIT = 20_000


def spreadsheet(
    t: Tensor,
    *,
    gradients: bool = True,
    rate: float | None = None,
    expand: Expand = None,
    names: Any = None,
    limit: int = LIMIT,
) -> Spreadsheet:
    """Write a graph as a spreadsheet whose formulas compute it: change an input there, and all follows.

    Every variable and constant is a block of cells with its numbers, every gate one of formulas that refer to the
    cells of its inputs. Beside it, in red, stands the gradient, also as formulas: upstream times local, added up where
    branches meet.

    Parameters
    ----------
    t
        The result.
    gradients
        Whether to write the backward pass, too.
    rate
        A learning rate: then what each variable is after a step of gradient descent, ``value - rate * gradient``,
        stands beside its gradient. Copying these numbers over the variables makes the step.
    expand
        As of :func:`viz.trace`. Gates without a formula are taken apart in any case.
    names
        As of :func:`viz.trace`.
    limit
        How many numbers the graph may have.

    Returns
    -------
    Spreadsheet
        ``save("graph.xlsx")`` writes it, for Excel, LibreOffice and others. ``sheet["w"]`` says in which cells the
        value and the gradient of ``w`` are, ``print`` lists all.

    Raises
    ------
    TypeError
        If ``t`` is not a tensor.
    ValueError
        If there is no formula for a gate, or nothing to expand of a name; if there are more numbers than ``limit``, or
        ones that cells cannot hold (infinite or complex ones, NaN); if ``t`` has several elements, and gradients are
        wanted but no backward pass was run from it.
    RuntimeError
        If an input was changed after the graph was recorded.

    Notes
    -----
    Constants stay as they are when inputs change, also those that the program computed from these: a mask, indices,
    what was detached. Spreadsheets compute in double precision and know no infinity: where the engine has one, they
    show an error. ``MIN(..., 700)`` in the formula of a sigmoid keeps EXP within their range.

    Examples
    --------
    >>> w, x = Tensor([0.5, -1.0], name="w"), Tensor([2.0, 1.0], name="x")
    >>> sheet = spreadsheet((w * x).sum().tanh())
    >>> sheet
    <Spreadsheet of 3 gates and 2 inputs, with gradients, 16 cells; .save("graph.xlsx") writes it>
    >>> sheet["w"].value, sheet["w"].gradient
    ('B6:C6', 'E6:F6')
    >>> sheet["w"].gradients
    ('=E12*B9', '=F12*C9')
    """
    if isinstance(t, Trace):
        raise ValueError("spreadsheet: a trace has no large arrays and no attributes of gates; give the result itself")
    if not isinstance(t, Tensor):
        raise TypeError(f"spreadsheet: expected a Tensor, got {type(t).__name__}")
    if rate is not None and not (isinstance(rate, (int, float)) and isfinite(rate) and gradients):
        raise ValueError(f"spreadsheet: rate must be a number, and gradients=True, got rate={rate!r}")
    called = names_for(names)
    trace, ids = read(
        t,
        values=None,
        gradients=gradients and not t.is_leaf,
        locals=False,
        pictures=False,
        names=called,
        expand=_to_expand(t, expand),
    )
    tensors: dict[str, Tensor] = {}
    for x, key in ids.items():
        if isinstance(x, Tensor):
            tensors.setdefault(key, x)  # those of the graph come before those that they stand for
    return Spreadsheet(laid_out(trace, tensors, gradients=gradients, rate=rate, limit=limit))


def _to_expand(t: Tensor, wanted: Expand) -> Expand:
    """The gates to take apart: those that are named, and those that have no formula but a decomposition."""
    names: set[str] = set()
    if isinstance(wanted, Iterable):
        names = {wanted} if isinstance(wanted, str) else set(wanted)
    while True:
        found = set()
        for gate in nodes_of(expanded(t, sorted(names)).root if names else t):
            primitive = gate.primitive
            if primitive is None or primitive.decomposition is None or is_frozen(primitive):
                continue
            composite = wanted is True and primitive.name not in ARITHMETIC and primitive.name != "max_pool"
            if composite or not has_formula(primitive):
                found.add(primitive.name)
        if found <= names:
            return sorted(names) or None
        names |= found


class Spreadsheet:
    """A graph as a spreadsheet, made by :func:`viz.spreadsheet`.

    Attributes
    ----------
    sheet
        What is in it, as plain data.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The arrays of the graph: inputs first, then gates, the result last."""
        return self.sheet.blocks

    def __getitem__(self, name: str) -> Block:
        """Where the array of a name is.

        Raises
        ------
        KeyError
            If there is none.
        """
        known = {block.id: block for block in self.blocks} | {block.name: block for block in self.blocks}
        if name not in known:
            raise KeyError(f"no array is called {name!r}; there are {quoted(known)}{meant(name, known)}")
        return known[name]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write an ``.xlsx`` file.

        Returns
        -------
        Path
            Where it is.

        Raises
        ------
        ValueError
            If the suffix is another.
        ImportError
            If the package openpyxl is not installed.
        FileNotFoundError
            If there is no such folder.

        Examples
        --------
        >>> x = Tensor(3.0, name="x")
        >>> spreadsheet(x * x + 1).save("graph.xlsx").name
        'graph.xlsx'
        """
        from viz.workbook.writing import to_bytes

        path = Path(path)
        if path.suffix.lower() != ".xlsx":
            raise ValueError(f"save: a spreadsheet is saved as .xlsx, got {path.name!r}")
        write_file(path, to_bytes(self.sheet))
        return path

    def __str__(self) -> str:
        rows = [("array", "shape", "values", "gradient", "made of")]
        rows += [(b.name, str(b.shape), b.value, b.gradient, b.made) for b in self.blocks]
        widths = [max(width_of(row[i]) for row in rows) for i in range(4)]
        return "\n".join(
            "  ".join(
                text + " " * (width - width_of(text)) for text, width in zip(row, [*widths, 0], strict=True)
            ).rstrip()
            for row in rows
        )

    def __repr__(self) -> str:
        gates = sum(block.kind == "gate" for block in self.blocks)
        inputs = len(self.blocks) - gates
        seen = ", with gradients" if self.sheet.has_gradients else ""
        return (
            f"<Spreadsheet of {gates:,} gate{'s' * (gates != 1)} and {inputs:,} input{'s' * (inputs != 1)}{seen}, "
            f'{self.sheet.cells:,} cells; .save("graph.xlsx") writes it>'
        )
