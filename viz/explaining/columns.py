"""Lines of an explanation as plain text, their parts in columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viz.explaining.line import Document, Line
from viz.legible import width_of
from viz.mathematics import Number, Row, printable

__all__ = ["last_number", "sides", "write"]

#: What is longer than this does not widen a column.
_LABEL, _LEFT, _MIDDLE = 22, 20, 44


def last_number(equation: Row) -> str | None:
    """The number that an equation ends with, if it does.

    Examples
    --------
    >>> from viz.mathematics import Name, join
    >>> last_number(join("=", Name("x"), Number("2.00")))
    '2.00'
    """
    last = sides(equation)[-1].items
    return last[0].plain if len(last) == 1 and isinstance(last[0], Number) else None


def write(document: Document, width: int) -> str:
    """An explanation as plain text.

    Parameters
    ----------
    document
        What it says.
    width
        How many columns a line has; formulas that have no place to break may be longer.
    """
    parts = [document.title]
    for section in document.sections:
        parts += ["", section.heading, *_table(section.lines, width)]
    if document.patterns:
        parts += ["", "Patterns"]
        for sentence in document.patterns:
            parts += _wrapped("  ", sentence, width)
    if document.note:
        parts += ["", *_wrapped("Note: ", printable(document.note, 500), width)]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class _Cells:
    left: str
    sign: str
    middle: str
    value: str
    aside: str


def _cells(line: Line) -> _Cells:
    """A line as text: what stands left of the equals sign, between the first and the last, and right of that."""
    assert line.equation is not None
    sign = "+=" if any(item.plain == "+=" for item in line.equation.items) else "="
    chain = [part.plain for part in sides(line.equation)]
    aside = "   ".join(filter(None, ["" if line.aside is None else line.aside.plain, line.note]))
    value = chain.pop() if len(chain) > 1 and last_number(line.equation) is not None else ""
    return _Cells(chain[0], sign if len(chain) > 1 or value else "", " = ".join(chain[1:]), value, aside)


def sides(equation: Row) -> list[Row]:
    """The sides of a chain of equations, or of an addition to something.

    Examples
    --------
    >>> from viz.mathematics import Name, join
    >>> [side.plain for side in sides(join("+=", Name("x"), join("=", Name("y"), Number("2.00"))))]
    ['x', 'y', '2.00']
    """
    for i, item in enumerate(equation.items):
        if item.plain == "+=":
            return [Row(equation.items[:i]), *Row(equation.items[i + 1 :]).split()[0]]
    return equation.split()[0]


def _table(rows: Sequence[Line], width: int) -> list[str]:
    """Lines with their parts in columns, where they fit."""
    cells = [None if row.equation is None else _cells(row) for row in rows]
    known = [cell for cell in cells if cell is not None]
    step = max((width_of(row.step) for row in rows), default=0)
    label = _column((row.label for row in rows), _LABEL)
    left = _column((cell.left for cell in known), _LEFT)
    middle = _column((cell.middle for cell in known), _MIDDLE)
    number = _column((cell.value for cell in known if not cell.value.startswith("[")), _LEFT)
    value = _column((cell.value for cell in known), _LEFT)
    sign = max((width_of(cell.sign) for cell in known), default=0)
    found: list[str] = []
    for row, cell in zip(rows, cells, strict=True):
        head = "  "
        if step:
            head += f"{row.step:>{step}}  "
        if label:
            head += f"{_padded(row.label, label)}  "
        if cell is None:
            found += _wrapped(head, row.note, width)
            continue
        body = _padded(cell.left, left)
        if cell.sign:
            body += f" {cell.sign:<{sign}} {_padded(cell.middle, middle)}"
            if cell.value:
                apart = " = " if cell.middle else "   " if middle else ""
                body += f"{apart}{_padded(_padded(cell.value, number, right=True), value)}"
        if not cell.aside:
            found += _broken(head + body.rstrip(), len(head) + left, width)
        elif width_of(head + body) + 3 + width_of(cell.aside) <= width:
            found.append(f"{head}{body}   {cell.aside}")
        elif width_of(head + body.rstrip()) + 3 + width_of(cell.aside) <= width:
            found.append(f"{head}{body.rstrip()}   {cell.aside}")
        else:
            found += _broken(head + body.rstrip(), len(head) + left, width)
            found += _wrapped(" " * (len(head) + left + 1), cell.aside, width)
    return [line.rstrip() for line in found]


def _column(texts: Iterable[str], most: int) -> int:
    return max((size for size in map(width_of, texts) if size <= most), default=0)


def _padded(text: str, width: int, right: bool = False) -> str:
    space = " " * max(width - width_of(text), 0)
    return space + text if right else text + space


def _broken(line: str, indent: int, width: int) -> list[str]:
    """A line that is too long, broken before its signs of equality."""
    found: list[str] = []
    while width_of(line) > width:
        places = [m.start() for m in re.finditer(" = ", line) if indent + 3 < m.start() < width]
        if not places:
            break
        found.append(line[: places[-1]].rstrip())
        line = " " * (indent + 1) + line[places[-1] + 1 :]
    return [*found, line]


def _wrapped(head: str, text: str, width: int) -> list[str]:
    """Words after a head, broken at spaces."""
    found, line = [], head
    for word in text.split(" "):
        if line != head and line.strip() and width_of(line) + width_of(word) > width:
            found.append(line.rstrip())
            line = " " * len(head)
        line += f"{word} "
    return [*found, line.rstrip()]
