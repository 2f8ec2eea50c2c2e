"""Lines of an explanation as Markdown, with formulas in LaTeX between dollar signs."""

from __future__ import annotations

import re

from viz.explaining.line import Document, Line
from viz.mathematics import Row, printable

__all__ = ["write"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&!@])")

#: What LaTeX writes for characters that Markdown, or what shows it, might take for its own: characters that look alike.
_ALIKE = {
    r"\textbackslash{}": "＼",
    r"\textasciicircum{}": "＾",
    r"\textasciitilde{}": "～",
    r"\textasciigrave{}": "ˋ",
    r"\textless{}": "＜",
    r"\textgreater{}": "＞",
    r"\textbar{}": "｜",
    r"\{": "｛",
    r"\}": "｝",
    r"\$": "＄",
    r"\&": "＆",
    r"\#": "＃",
    r"\%": "％",
    "*": "∗",
    "`": "ˋ",
    "-{}": "-",
    "](": "] (",
    "<": r"\lt ",
    ">": r"\gt ",
    "!": "！",
    "@": "＠",
}


def write(document: Document) -> str:
    """An explanation as Markdown.

    Parameters
    ----------
    document
        What it says. Names and whatever else users chose are text in it and nothing else.
    """
    parts = [f"### {_text(document.title)}"]
    for section in document.sections:
        parts += ["", f"**{section.heading}**", ""]
        numbered = False
        for line in section.lines:
            numbered = numbered or bool(line.step)
            parts += _item(line, "   " if numbered and not line.step else "")
    if document.patterns:
        parts += ["", "**Patterns**", "", *(f"- {_text(sentence)}" for sentence in document.patterns)]
    if document.note:
        parts += ["", f"*{_text(document.note)}*"]
    return "\n".join(parts) + "\n"


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", printable(text, 500))


def _formula(row: Row) -> str:
    latex = row.latex
    for special, alike in _ALIKE.items():
        latex = latex.replace(special, alike)
    return f"${latex}$"


def _item(line: Line, indent: str) -> list[str]:
    """A line as an item of a list: numbered, or below the number that it belongs to."""
    label = f"**{_text(line.label)}** " if line.label else ""
    start = f"{line.step}. {label}" if line.step else f"{indent}- {label}"
    if line.equation is None:
        return [f"{start}{_text(line.note)}"] if line.step else ["", f"*{_text(line.note)}*", ""]
    text = start + _formula(line.equation)
    if line.aside is not None:
        text += f", by {_formula(line.aside)}"
    return [f"{text}; {_text(line.note)}" if line.note else text]
