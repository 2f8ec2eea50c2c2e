"""What an explanation says, before it is written in any language."""

from __future__ import annotations

from dataclasses import dataclass

from viz.mathematics import Row

__all__ = ["Document", "Line", "Section"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation.

    Attributes
    ----------
    equation
        The formula; None of a line that is a heading, or says what is left out.
    step
        The number of the step; empty in lines that belong to the one above.
    label
        What stands in the gate.
    aside
        A formula beside it: the rule that was used.
    note
        Words beside it, or the line itself where there is no formula.
    """

    equation: Row | None
    step: str = ""
    label: str = ""
    aside: Row | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a heading."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """All there is to say.

    Attributes
    ----------
    title
        What is computed.
    sections
        Those that are not empty.
    patterns
        Sentences on the kinds of gates.
    note
        What the reader must be told, or empty.
    """

    title: str
    sections: tuple[Section, ...]
    patterns: tuple[str, ...]
    note: str
