"""Lines of an explanation as LaTeX, aligned by amsmath."""

from __future__ import annotations

from collections.abc import Sequence

from viz.explaining.line import Document, Line
from viz.mathematics import Row, escape_latex

__all__ = ["write"]

_PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\begin{document}"""


def write(document: Document) -> str:
    """An explanation as a LaTeX document.

    Parameters
    ----------
    document
        What it says. Names and whatever else users chose are text in it and nothing else.
    """
    parts = [_PREAMBLE, rf"\section*{{{escape_latex(document.title)}}}"]
    for section in document.sections:
        parts += [rf"\subsection*{{{section.heading}}}", *_block(section.lines)]
    if document.patterns:
        sentences = (rf"  \item {escape_latex(sentence)}" for sentence in document.patterns)
        parts += [r"\subsection*{Patterns}", r"\begin{itemize}", *sentences, r"\end{itemize}"]
    if document.note:
        parts += [rf"\noindent {escape_latex(document.note)}"]
    return "\n".join([*parts, r"\end{document}", ""])


def _block(lines: Sequence[Line]) -> list[str]:
    """Lines aligned at their first signs of equality; words between them stand on their own."""
    found: list[str] = []
    rows: list[str] = []

    def end() -> None:
        if rows:
            found.extend([r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"])
            rows.clear()

    for line in lines:
        head = f"{line.step}. {line.label}" if line.step else line.label
        if line.equation is None:
            end()
            said = ": ".join(filter(None, [head, line.note]))
            found.append(rf"\noindent {escape_latex(said)}\par")
            continue
        beside = [
            rf"\text{{{escape_latex(head)}}}" if head else "",
            "" if line.aside is None else line.aside.latex,
            rf"\text{{{escape_latex(line.note)}}}" if line.note else "",
        ]
        cells = [_aligned(line.equation), r" \quad ".join(filter(None, beside))]
        rows.append("  " + " && ".join(filter(None, cells)))
    end()
    return found


def _aligned(equation: Row) -> str:
    """The formula with a mark before its first sign of equality."""
    for i, item in enumerate(equation.items):
        if item.plain in ("=", "+="):
            return f"{Row(equation.items[:i]).latex} &{Row(equation.items[i:]).latex}"
    return equation.latex
