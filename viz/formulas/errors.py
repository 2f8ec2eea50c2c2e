"""What is wrong with a formula, and where."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

__all__ = ["ExpressionError", "Span"]

#: From the first character of a piece of the formula to that after its last.
Span = tuple[int, int]

#: So much of a line of the formula is shown, in characters.
WIDTH = 100


class ExpressionError(ValueError):
    """A formula that cannot be read or computed.

    Attributes
    ----------
    problem
        What is wrong and what to do about it.
    formula
        The text of the formula.
    spans
        The places that the message marks: the index of the first character of each, and that after its last.

    Examples
    --------
    >>> print(ExpressionError("a value is missing after '*'", "w*", [(1, 2)]))
    a value is missing after '*'
      w*
       ^
    """

    def __init__(self, problem: str, formula: str = "", spans: Iterable[Span] = ()) -> None:
        self.problem = problem
        self.formula = formula
        self.spans = tuple(spans)
        super().__init__(problem, formula, self.spans)

    def __str__(self) -> str:
        return self.problem + _marked(self.formula, self.spans)


def _marked(formula: str, spans: tuple[Span, ...]) -> str:
    """The line of the first span, and carets under all spans in it."""
    first = min(spans, default=(0, 0))[0]
    start = formula.rfind("\n", 0, first) + 1
    end = formula.find("\n", first)
    end = len(formula) if end < 0 else end
    before = after = ""
    if end - start > WIDTH:  # a window around the place
        if first - start > WIDTH // 2:
            start, before = first - WIDTH // 2, "…"
        if end - start > WIDTH:
            end, after = start + WIDTH, "…"
    line = formula[start:end]
    if not line.strip():
        return ""
    marks = "".join(
        ("^" if any(low <= place < high for low, high in spans) else " ") * _columns(character)
        for place, character in enumerate(line, start)
    )
    if any(low == end for low, _ in spans):  # something is missing where the line ends
        marks += "^"
    text = f"\n  {before}{''.join(map(_shown, line))}{after}"
    return f"{text}\n  {' ' * len(before)}{marks.rstrip()}" if marks.strip() else text


def _shown(character: str) -> str:
    """One visible character for each, whatever it is: nothing that moves the caret, or that a terminal obeys."""
    if character.isspace():
        return " "
    return "�" if unicodedata.category(character)[0] in "CZ" else character


def _columns(character: str) -> int:
    """How wide a terminal shows it."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
