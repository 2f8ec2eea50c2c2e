"""Cells of a sheet and formulas over many of them, as short as they can be written: sums, products, areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

__all__ = ["Cell", "Term", "address", "area", "areas", "joined", "literal", "name_of_column", "scaled", "total"]

#: Row and column, both counted from 1.
Cell = tuple[int, int]
#: A coefficient, and the cells whose product it is multiplied by.
Term = tuple[float, tuple[Cell, ...]]

#: Products of at least so many pairs are written as SUMPRODUCT.
PAIRS = 4
_RIGHT, _DOWN = (0, 1), (1, 0)


def name_of_column(column: int) -> str:
    """The letters of a column.

    Examples
    --------
    >>> name_of_column(2), name_of_column(28), name_of_column(703)
    ('B', 'AB', 'AAA')
    """
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters


def address(cell: Cell) -> str:
    """A cell as formulas call it.

    Examples
    --------
    >>> address((3, 2))
    'B3'
    """
    return f"{name_of_column(cell[1])}{cell[0]}"


def area(first: Cell, last: Cell) -> str:
    """A rectangle of cells as formulas call it.

    Examples
    --------
    >>> area((3, 2), (4, 5)), area((3, 2), (3, 2))
    ('B3:E4', 'B3')
    """
    return address(first) if first == last else f"{address(first)}:{address(last)}"


def literal(value: float) -> str:
    """A number in a formula: negative ones in brackets, because in a spreadsheet -3^2 is 9.

    Raises
    ------
    ValueError
        If it is infinite or NaN, which no cell can hold.

    Examples
    --------
    >>> literal(2.0), literal(-0.5), literal(1e-12)
    ('2', '(-0.5)', '1E-12')
    """
    value = float(value)
    if not isfinite(value):
        raise ValueError(f"a cell cannot hold {value}")
    text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).upper()
    return f"({text})" if value < 0 else text


def scaled(coefficient: float, text: str) -> str:
    """A product of a number and something that needs no brackets.

    Examples
    --------
    >>> scaled(1.0, "B3"), scaled(-1.0, "B3"), scaled(0.25, "SUM(B3:E3)"), scaled(-3.0, "B3")
    ('B3', '-B3', 'SUM(B3:E3)/4', '-3*B3')
    """
    sign, size = "-" if coefficient < 0 else "", abs(coefficient)
    if size == 1:
        return f"{sign}{text}"
    if 0 < size < 1 and round(1 / size) == 1 / size:
        return f"{sign}{text}/{round(1 / size)}"
    return f"{sign}{literal(size)}*{text}"


def joined(texts: Iterable[str]) -> str:
    """A sum of what may begin with a minus sign.

    Examples
    --------
    >>> joined(["B3", "-C3", "D3*E3"])
    'B3-C3+D3*E3'
    """
    return "".join(text if text.startswith("-") or not i else f"+{text}" for i, text in enumerate(texts))


@dataclass(slots=True)
class _Run:
    """Terms of one coefficient whose cells lie side by side, factor by factor; rows of them make rectangles.

    Attributes
    ----------
    coefficient
        Of all of them.
    first, last
        Of each factor, the corners.
    steps
        Of each factor, where its next cell lies.
    """

    coefficient: float
    first: tuple[Cell, ...]
    last: tuple[Cell, ...]
    steps: tuple[Cell, ...] = ()
    length: int = 1
    rows: int = 1

    def takes(self, coefficient: float, cells: tuple[Cell, ...]) -> bool:
        """Add a term if it continues this run."""
        if coefficient != self.coefficient or not cells or len(cells) != len(self.last):
            return False
        steps = tuple(map(_from, self.last, cells))
        if self.length == 1 and all(step in (_RIGHT, _DOWN) for step in steps):
            self.steps = steps
        elif self.length == 1 or steps != self.steps:
            return False
        self.last, self.length = cells, self.length + 1
        return True

    def takes_row(self, other: _Run) -> bool:
        """Add a run if it is the next row (or column) of the same rectangle."""
        if (other.coefficient, other.steps, other.length) != (self.coefficient, self.steps, self.length):
            return False
        if self.length == 1 or len(set(self.steps)) != 1:
            return False
        step = _DOWN if self.steps[0] == _RIGHT else _RIGHT
        next_row = tuple((a + step[0] * self.rows, b + step[1] * self.rows) for a, b in self.first)
        if other.first != next_row:
            return False
        self.last, self.rows = other.last, self.rows + 1
        return True

    def texts(self) -> list[str]:
        """The sum of its terms, as what is to be added."""
        count = self.length * self.rows
        if not self.first:
            return [f"-{literal(-self.coefficient)}" if self.coefficient < 0 else literal(self.coefficient)]
        whole = [area(a, b) for a, b in zip(self.first, self.last, strict=True)]
        if len(whole) == 1 and count > 2:
            return [scaled(self.coefficient, f"SUM({whole[0]})")]
        if len(whole) > 1 and count >= PAIRS:
            if len(set(self.steps)) == 1:
                return [scaled(self.coefficient, f"SUMPRODUCT({','.join(whole)})")]
            if len(whole) == 2:
                row, column = whole if self.steps[0] == _RIGHT else whole[::-1]
                return [scaled(self.coefficient, f"SUM(MMULT({row},{column}))")]
        return [
            scaled(self.coefficient, "*".join(address((a + i * p, b + i * q)) for (a, b), (p, q) in each))
            for row in range(self.rows)
            for i in range(self.length)
            for each in [list(zip(self._start_of(row), self.steps or (_RIGHT,) * len(self.first), strict=True))]
        ]

    def _start_of(self, row: int) -> list[Cell]:
        step = _DOWN if self.steps and self.steps[0] == _RIGHT else _RIGHT
        return [(a + step[0] * row, b + step[1] * row) for a, b in self.first]


def _from(before: Cell, after: Cell) -> Cell:
    return after[0] - before[0], after[1] - before[1]


def _runs(terms: Iterable[Term]) -> list[_Run]:
    runs: list[_Run] = []
    for coefficient, cells in terms:
        if not runs or not runs[-1].takes(coefficient, cells):
            runs.append(_Run(coefficient, cells, cells))
    merged: list[_Run] = []
    for run in runs:
        if not merged or not merged[-1].takes_row(run):
            merged.append(run)
    return merged


def total(terms: Iterable[Term]) -> str:
    """The formula of a sum of products; empty for a sum of nothing.

    Examples
    --------
    >>> total([(1.0, ((3, 2),)), (-2.0, ((4, 2), (5, 2)))])
    'B3-2*B4*B5'
    >>> total([(0.25, ((3, column),)) for column in range(2, 6)])
    'SUM(B3:E3)/4'
    >>> rows = [(3 + i, 2 + j) for i in range(2) for j in range(3)]
    >>> total([(1.0, (cell, (cell[0] + 7, cell[1]))) for cell in rows])
    'SUMPRODUCT(B3:D4,B10:D11)'
    >>> total([(1.0, ((3, 2 + i), (5 + i, 2))) for i in range(5)])
    'SUM(MMULT(B3:F3,B5:B9))'
    """
    return joined(text for run in _runs(terms) for text in run.texts())


def areas(cells: Sequence[Cell]) -> list[str]:
    """Rectangles that have these cells between them, in their order.

    Examples
    --------
    >>> areas([(3, 2), (3, 3), (4, 2), (4, 3), (9, 9)])
    ['B3:C4', 'I9']
    """
    return [area(run.first[0], run.last[0]) for run in _runs((1.0, (cell,)) for cell in cells)]
