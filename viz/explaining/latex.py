"""Lines of an explanation as LaTeX, aligned by amsmath."""

from __future__ import annotations

from collections.abc import Sequence

from viz.explaining.columns import sides
from viz.explaining.line import Document, Line
from viz.mathematics import escape_latex, operator

__all__ = ["write"]

_PREAMBLE = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\ifdefined\DeclareUnicodeCharacter
  \usepackage[T1]{fontenc}
%s\fi
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\begin{document}"""
#: The last character that pdfLaTeX has in its usual fonts. XeLaTeX and LuaLaTeX have others.
_LAST = "\u017f"

#: About as many characters of a formula, and of what stands beside it, have place in one line.
FITS = 76


def write(document: Document) -> str:
    """An explanation as a LaTeX document.

    Parameters
    ----------
    document
        What it says. Names and whatever else users chose are text in it and nothing else.
    """
    parts = [rf"\section*{{{escape_latex(document.title)}}}"]
    for section in document.sections:
        parts += [rf"\subsection*{{{section.heading}}}", *_block(section.lines)]
    if document.patterns:
        sentences = (rf"  \item {escape_latex(sentence)}" for sentence in document.patterns)
        parts += [r"\subsection*{Patterns}", r"\begin{itemize}", *sentences, r"\end{itemize}"]
    if document.note:
        parts += [rf"\noindent {escape_latex(document.note)}"]
    body = "\n".join([*parts, r"\end{document}", ""])
    foreign = sorted({character for character in body if character > _LAST})
    codes = "".join(rf"  \DeclareUnicodeCharacter{{{ord(c):04X}}}{{[U+{ord(c):04X}]}}" + "\n" for c in foreign)
    return f"{_PREAMBLE % codes}\n{body}"


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
        rows += _rows(line, head)
    end()
    return found


def _rows(line: Line, head: str) -> list[str]:
    """A line as rows of four columns: left of the equals sign, right of it, nothing, and what is said of it."""
    assert line.equation is not None
    sign = "+=" if any(item.plain == "+=" for item in line.equation.items) else "="
    left, *others = sides(line.equation)
    beside = [(line.aside.plain, line.aside.latex)] if line.aside is not None else []
    beside += [(line.note, rf"\text{{\small {escape_latex(line.note)}}}")] if line.note else []
    first = rf"\text{{{escape_latex(head)}}}" if head else ""
    plain = len(line.equation.plain)
    if plain + sum(len(text) + 3 for text, _ in beside) <= FITS:
        first, beside = r" \quad ".join(filter(None, [first, *(tex for _, tex in beside)])), []
    signs = [sign, *["="] * len(others)][: len(others)]
    parts = [f"&{operator(sign).latex} {other.latex}" for sign, other in zip(signs, others, strict=True)] or ["&"]
    if plain <= FITS:
        parts = [f"&{' '.join(part[1:] for part in parts)}"]
    rows = [f"  {left.latex} {parts[0]}{f' && {first}' if first else ''}", *(f"  {part}" for part in parts[1:])]
    return [*rows, *(rf"  &\qquad {tex}" for _, tex in beside)]
