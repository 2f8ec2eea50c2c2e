"""A graph explained as text: every gate forward, then backward, with its rule and the numbers.

One walk through the trace notes what there is to say (:class:`~viz.explaining.line.Document`), which is then written in
one of three languages: :mod:`~viz.explaining.columns`, :mod:`~viz.explaining.markdown`, :mod:`~viz.explaining.latex`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from autograd import Tensor
from viz.collect import MANY, collect, more_gates_than
from viz.drawing import write_file
from viz.expand import Expand
from viz.explaining import columns, latex, markdown
from viz.explaining.columns import last_number, sides
from viz.explaining.line import Document, Line, Section
from viz.format import describe, lines, number
from viz.mathematics import Number, join, printable
from viz.names import names_for
from viz.patterns import pattern
from viz.recording import Recording
from viz.rules import Back, Rules, amount, settings
from viz.traces import Box, Check, Entry, Trace

__all__ = ["LIMIT", "WIDTH", "Explanation", "explain"]

Format = Literal["text", "markdown", "latex"]
_SUFFIXES: dict[str, Format] = {".txt": "text", ".md": "markdown", ".markdown": "markdown", ".tex": "latex"}

#: How many gates are explained at most by default.
LIMIT = 200
#: Columns of text that is not shown in a terminal.
WIDTH = 100


def explain(
    t: Tensor | Trace | Recording,
    *,
    format: Format = "text",
    gradients: bool | Iterable[Tensor] | None = None,
    expand: Expand = None,
    names: Any = None,
    check: bool = False,
    limit: int = LIMIT,
    width: int | None = None,
) -> Explanation:
    """Explain how a tensor was computed, and how gradients flow back, gate by gate.

    Parameters
    ----------
    t
        The result, or its trace (:func:`viz.trace`), then with the gradients and names that it has; or what was
        recorded (:func:`viz.record`), up to the operation that failed.
    format
        ``"text"``, ``"markdown"`` or ``"latex"``: what it prints itself as.
    gradients
        As in :func:`viz.draw`; but by default they are computed wherever there is an obvious gradient of 1 to start
        from, or a backward pass was run.
    expand, names
        As in :func:`viz.draw`.
    check
        Whether to put finite differences beside the gradients.
    limit
        How many gates to explain at most; of more than that those at the beginning and the end.
    width
        How many columns the text is wide; by default as many as the terminal.

    Returns
    -------
    Explanation
        Prints itself, shows itself in Jupyter, and saves itself.

    Raises
    ------
    TypeError
        If ``t`` is none of these, or a trace or recording that something is asked of that only a tensor has.
    ValueError
        If the format is none of these, there is nothing to expand of a name, or ``t`` is a tensor of a graph too large
        to explain.
    RuntimeError
        If gradients are asked for, but an input was changed after the graph was recorded.

    Examples
    --------
    >>> w, x = Tensor(2.0, name="w"), Tensor(-1.0, name="x")
    >>> explain(1 / (w * x), names=False)
    f = -0.50, computed by 2 gates
    <BLANKLINE>
    Inputs
      w =  2.00
      x = -1.00
    <BLANKLINE>
    Forward
      1  ×    a = w × x = 2.00 × -1.00 = -2.00
      2  1/x  f = 1/a = 1/(-2.00)      = -0.50
    <BLANKLINE>
    Backward
              ∂f/∂f =                         1.00
      1  1/x  ∂f/∂a = 1.00 × (-1/(-2.00)²) = -0.25   ∂(1/x)/∂x = -1/x²
      2  ×    ∂f/∂w = -0.25 × -1.00        =  0.25   ∂(w × x)/∂w = x
              ∂f/∂x = -0.25 × 2.00         = -0.50   ∂(w × x)/∂x = w
    <BLANKLINE>
    Gradients
      ∂f/∂w =  0.25
      ∂f/∂x = -0.50
    <BLANKLINE>
    Patterns
      multiply swaps and scales: each input gets the upstream gradient times the other input
      divide scales: the dividend by 1 / divisor, the divisor by -quotient / divisor
    """
    if not isinstance(t, (Tensor, Trace, Recording)):
        raise TypeError(f"explain: expected a Tensor, a Trace or a Recording, got {type(t).__name__}")
    if format not in _SUFFIXES.values():
        raise ValueError(f"explain: the format must be 'text', 'markdown' or 'latex', got {format!r}")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"explain: limit counts gates, from 1 up; got {limit!r}")
    if not isinstance(t, Tensor) and expand:
        raise TypeError("explain: expand= takes gates of a tensor's graph apart; a trace has them as they are")
    if isinstance(t, Trace) and not (gradients is None and (names is None or names is False) and not check):
        raise TypeError("explain: gradients=, names= and check= say what is read of a tensor; a trace is told as it is")
    if isinstance(t, Tensor):
        if more_gates_than(MANY, t):
            raise ValueError(
                f"explain: this graph has more than {MANY:,} gates, which nobody reads about; explain an intermediate "
                f"result, or look at the whole with viz.draw"
            )
        if gradients is None:
            gradients = (t.requires_grad and t.size == 1) or (None if t.grad is not None else False)
        t = collect(t, gradients=gradients, locals=True, expand=expand, check=check, names=names_for(names))
    elif isinstance(t, Recording):
        t = t.trace(gradients=gradients, locals=True, check=check, names=names)
    return Explanation(t, format=format, limit=limit, width=width)


class Explanation:
    """The walk through a graph as text.

    Parameters
    ----------
    trace
        What to explain.
    format, limit, width
        As in :func:`explain`.

    Attributes
    ----------
    document
        What it says, before it is written in any language.

    Examples
    --------
    >>> told = explain(Tensor(3.0, name="x") * 2, names=False)
    >>> told.text.splitlines()[8:10]
    ['Backward', '         ∂f/∂f =            1.00']
    >>> told.save("homework.md").name
    'homework.md'
    """

    def __init__(self, trace: Trace, *, format: Format = "text", limit: int = LIMIT, width: int | None = None) -> None:
        self.trace, self.format, self.limit, self.width = trace, format, limit, width

    @cached_property
    def document(self) -> Document:
        """What it says, before it is written in any language."""
        return _Walk(self.trace, self.limit).document()

    @property
    def text(self) -> str:
        """The explanation for a terminal."""
        return columns.write(self.document, self.width or _terminal())

    @cached_property
    def markdown(self) -> str:
        """The explanation as Markdown, formulas in LaTeX between dollar signs."""
        return markdown.write(self.document)

    @cached_property
    def latex(self) -> str:
        """The explanation as a whole LaTeX document, which needs amsmath only."""
        return latex.write(self.document)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the explanation to a file.

        Parameters
        ----------
        path
            Its suffix says the format: ``.txt``, ``.md`` or ``.tex``.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        ValueError
            If the suffix is none of these.
        FileNotFoundError
            If there is no such folder.
        """
        path = Path(path)
        kind = _SUFFIXES.get(path.suffix.lower())
        if kind is None:
            raise ValueError(
                f"save: the file's suffix says the format and must be one of .txt, .md, .tex; got {str(path)!r}"
            )
        write_file(path, self._written(kind).encode())
        return path

    def _written(self, kind: Format) -> str:
        written: str = getattr(self, kind)
        return written

    def __str__(self) -> str:
        return self._written(self.format).rstrip("\n")

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        """Show it in Jupyter."""
        return self.markdown

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Show it in Jupyter: with formulas, or as plain text where those are not shown."""
        return {"text/markdown": self.markdown, "text/plain": self.text}


class _Walk:
    """Goes through a trace and notes what there is to say."""

    def __init__(self, trace: Trace, limit: int) -> None:
        self.trace, self.limit = trace, limit
        self.rules = Rules(trace)
        self.gates = [entry for entry in trace.entries if entry.kind in ("gate", "failed")]

    def document(self) -> Document:
        """All of it."""
        sections = [
            Section("Inputs", tuple(self.inputs())),
            Section("Forward", tuple(self.forward())),
            Section("Backward", tuple(self.backward())),
            Section("Gradients", tuple(self.gradients())),
        ]
        backward = any(section.heading == "Backward" and section.lines for section in sections)
        sending = {entry.operation for entry in self.gates if any(x.gradient is not None for x in entry.inputs)}
        known = [operation for name, operation in self.trace.operations.items() if name in sending]
        sentences = dict.fromkeys(filter(None, map(pattern, known)))
        return Document(
            title=self.title(),
            sections=tuple(section for section in sections if section.lines),
            patterns=tuple(sentences) if backward else (),
            note=self.trace.note,
        )

    def title(self) -> str:
        """What is computed, and by how much."""
        root = self.trace.by_id[self.trace.root]
        value = last_number(self.rules.forward(root).equation) if root.kind == "gate" else None
        found = printable(self.rules.names[root.id])
        if value is not None:
            found += f" = {value}"
        elif root.value is not None and root.value.shape:
            found += f" of shape {root.value.shape}"
        count = len(self.gates)
        if root.kind == "failed":
            return f"{_label(root)} failed after {count - 1:,} gate{'s' * (count != 2)}"
        return f"{found}, computed by {count:,} gate{'s' * (count != 1)}"

    def inputs(self) -> Iterator[Line]:
        """The variables and constants, but for plain numbers, which formulas show; and what was detached."""
        leaves = [entry for entry in self.trace.entries if entry.is_leaf and entry.kind != "failed"]
        leaves = [entry for entry in leaves if entry.kind != "constant" or entry.name or not _is_number(entry)]
        for entry in leaves[: self.limit]:
            said = self.rules.forward(entry)
            kind = "" if entry.kind == "variable" else entry.reason or entry.kind
            shape = describe(entry.value) if entry.value is not None else ""
            note = ", ".join(filter(None, [kind, shape]))
            yield Line(said.equation, note=": ".join(filter(None, [note, said.note])))
        yield from _left_out(len(leaves) - self.limit, "input")

    def forward(self) -> Iterator[Line]:
        """The gates, in the order of recording."""
        boxes = {box.id: box for box in self.trace.boxes}
        box: str | None = None
        for place, entry in self._some(self.gates):
            if entry is None:
                yield from _left_out(place, "gate")
                continue
            if entry.box != box and entry.box is not None:
                yield Line(None, note=f"[{_path(boxes, entry.box)}]")
            box = entry.box
            if entry.kind == "failed":
                yield Line(None, str(place), _label(entry), note=entry.reason or "failed")
            else:
                said = self.rules.forward(entry)
                note = "; ".join(filter(None, [settings(entry), said.note]))
                yield Line(said.equation, str(place), _label(entry), note=note)

    def backward(self) -> Iterator[Line]:
        """The gates in the opposite order, with the sums where gradients meet."""
        gates = [entry for entry in reversed(self.gates) if any(x.gradient is not None for x in entry.inputs)]
        if not gates:
            return
        yield Line(self.rules.seed())
        for place, entry in self._some(gates):
            if entry is None:
                yield from _left_out(place, "gate")
                continue
            for i, back in enumerate(self.rules.backward(entry)):
                yield self._sent(entry, back, "" if i else str(place))
            for source in dict.fromkeys(x.source for x in entry.inputs if x.source is not None):
                arriving = self.rules.arriving(source)
                if len(arriving) > 1 and arriving[0][0] == entry.id:  # the gate recorded first is the last to send
                    total = self.rules.total(self.trace.by_id[source])
                    if total is not None:
                        yield Line(total.equation, label="Σ")

    def _sent(self, entry: Entry, back: Back, step: str) -> Line:
        """What a gate sends to one of its inputs; beside it the rule, if that says more."""
        symbolic, arithmetic = sides(back.rule), sides(back.arithmetic)
        known = symbolic[-1].plain in {part.plain for part in arithmetic}
        return Line(back.arithmetic, step, _label(entry) if step else "", None if known else back.rule, back.note)

    def gradients(self) -> Iterator[Line]:
        """The gradients of the variables, and what else there is to say of each."""
        if not self.trace.has_gradients:
            return
        variables = [entry for entry in self.trace.entries if entry.kind == "variable"]
        for entry in variables[: self.limit]:
            gradient, equation = entry.gradient, join("=", self.rules.gradient_of(entry.id))
            if gradient is None:
                reason = entry.reason or "no gradient has reached it"
                yield Line(equation, note=reason)
                continue
            whole = amount(gradient)
            note = f"{describe(gradient)}: {', '.join(lines(gradient))}" if whole is None else ""
            if whole is not None:
                equation = join("=", equation, Number(whole))
            yield Line(equation, note="; ".join(filter(None, [note, _checked(entry.check)])))
        yield from _left_out(len(variables) - self.limit, "variable")

    def _some(self, gates: Sequence[Entry]) -> list[tuple[int, Entry | None]]:
        """The gates to explain with their numbers; in place of those left out their count."""
        left = len(gates) - self.limit
        if left <= 0:
            return list(enumerate(gates, start=1))
        first = self.limit - self.limit // 2
        return [*enumerate(gates[:first], start=1), (left, None), *enumerate(gates[first + left :], first + left + 1)]


def _label(entry: Entry) -> str:
    return printable(entry.label or entry.operation, 24)


def _is_number(entry: Entry) -> bool:
    return entry.value is not None and entry.value.shape == ()


def _path(boxes: dict[str, Box], box: str) -> str:
    names = []
    current: str | None = box
    while current is not None:
        names.append(printable(boxes[current].name))
        current = boxes[current].parent
    return " / ".join(reversed(names))


def _left_out(count: int, what: str) -> Iterator[Line]:
    if count > 0:
        yield Line(None, note=f"… {count:,} more {what}{'s' * (count != 1)} left out; limit= shows more")


def _checked(check: Check | None) -> str:
    if check is None:
        return ""
    said = {
        "agrees": "agrees with the finite difference {}",
        "differs": "DIFFERS from the finite difference {}",
        "kink": "at a kink, where the finite difference is {}",
        "unsure": "the finite difference {} is not exact enough to tell",
    }[check.verdict]
    along = f" (along one direction: gradient {number(check.analytic)})" if check.along == "direction" else ""
    return said.format(number(check.numeric)) + along


def _terminal() -> int:
    """How many columns a line has, if nobody said so."""
    if not sys.stdout.isatty():
        return WIDTH
    return min(max(shutil.get_terminal_size().columns, 60), 140)
