"""Two traces side by side: what is the same, what has changed, what only one of them has."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from autograd import Tensor
from viz.alignment import Alignment, align
from viz.collect import collect
from viz.findings import describe
from viz.format import lines, number
from viz.graph import Mark
from viz.joining import joined
from viz.legible import legible
from viz.names import Names, names_for
from viz.numbers import Change, Numbers
from viz.terminal import set_in_columns
from viz.traces import Entry, Input, Trace

__all__ = ["Comparison", "Difference", "compare"]

#: So many lines of differences are printed.
TOLD = 40


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which two traces differ.

    Attributes
    ----------
    what
        ``"value"``, ``"gradient"``, ``"only in the first"`` or ``"only in the second"``.
    first, second
        Ids of the entries; empty where there is none.
    absolute, relative
        The largest difference of two numbers, and that divided by the largest of all of them: infinite where shapes
        differ, where only one is NaN or infinite, or where only one trace has numbers; 0 for an entry that only one
        has.
    """

    what: Literal["value", "gradient", "only in the first", "only in the second"]
    first: str
    second: str
    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True)
class Comparison:
    """What :func:`compare` found; print it.

    Attributes
    ----------
    first, second
        The traces.
    labels
        What they are called.
    differences
        In the order of the second trace; what only the first has stands last.
    alignment
        Which entries belong together (see :class:`viz.alignment.Alignment`).
    summaries
        How many pairs of arrays are too large for a trace to hold, so that summaries were compared.

    Examples
    --------
    >>> from viz import trace
    >>> x = Tensor(2.0, name="x")
    >>> before = trace(x * x)
    >>> x.data = 3.0
    >>> print(compare(before, trace(x * x)))
    2 of 2 entries differ
            before → after  Δ     gradient before → after  Δ
    x (n0)  2.00 → 3.00     1.00  4.00 → 6.00              2.00
    × (n1)  4.00 → 9.00     5.00
    """

    first: Trace
    second: Trace
    labels: tuple[str, str]
    differences: tuple[Difference, ...]
    alignment: Alignment
    summaries: int = 0

    @property
    def equal(self) -> bool:
        """Whether there is no difference: no number beyond the tolerance, and no entry that only one trace has."""
        return not self.differences

    @property
    def largest(self) -> Difference | None:
        """The value or gradient that differs most, relative to its size."""
        return max(self.differences, key=lambda x: x.relative, default=None)

    @cached_property
    def _changed(self) -> Mapping[str, Mapping[str, Difference]]:
        """The differences of pairs, by ids in the second trace, then by what they are of."""
        found: dict[str, dict[str, Difference]] = {}
        for x in self.differences:
            if x.first and x.second:
                found.setdefault(x.second, {})[x.what] = x
        return found

    # -- as text -----------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return "\n".join([self._headline(), *set_in_columns(self._table()), *self._remarks()])

    def __repr__(self) -> str:
        return f"<Comparison: {self._headline()}; print it, or .draw() it>"

    def _repr_markdown_(self) -> str:
        rows = [f"| {' | '.join(map(_markdown, row))} |" for row in self._table()]
        if rows:
            rows.insert(1, "|" + " --- |" * 5)
        parts = [_markdown(self._headline()), "\n".join(rows), *map(_markdown, self._remarks())]
        return "\n\n".join(part for part in parts if part) + "\n"

    def _headline(self) -> str:
        pairs, differ = len(self.alignment.pairs), len(self._changed)
        told = [f"{differ:,} of {pairs:,} entries differ" if differ else f"{pairs:,} entries are equal"]
        for label, only in zip(self.labels, (self.alignment.only_first, self.alignment.only_second), strict=True):
            told += [f"{len(only):,} only {legible(label)}"] if only else []
        inside = sum(map(len, self.alignment.inside))
        told += [f"{inside:,} are parts of what is one gate in the other"] if inside else []
        return ", ".join(told)

    def _table(self) -> list[tuple[str, ...]]:
        """A heading, and a row for each entry that differs."""
        rows = [row for row, _ in zip(self._rows(), range(TOLD), strict=False)]
        between = " → ".join(legible(label) for label in self.labels)
        return [("", between, "Δ", f"gradient {between}", "Δ"), *rows] if rows else []

    def _rows(self) -> Iterator[tuple[str, ...]]:
        pairs = {b: a for a, b in self.alignment.pairs}
        for second in self._changed:
            yield self._row(pairs[second], second)
        for x in self.differences:
            if x.first and not x.second:
                yield describe(self.first, self.first.by_id[x.first]), f"only {legible(self.labels[0])}", "", "", ""
            elif x.second and not x.first:
                yield describe(self.second, self.second.by_id[x.second]), f"only {legible(self.labels[1])}", "", "", ""

    def _row(self, first: str, second: str) -> tuple[str, ...]:
        a, b, found = self.first.by_id[first], self.second.by_id[second], self._changed[second]
        cells = [describe(self.second, b) + ("" if first == second else f", was {first}")]
        for what, before, after in (("value", a.value, b.value), ("gradient", a.gradient, b.gradient)):
            cells += [_step(before, after), number(found[what].absolute)] if what in found else ["", ""]
        return tuple(cells)

    def _remarks(self) -> list[str]:
        told = []
        rows = sum(1 for _ in self._rows())
        if rows > TOLD:
            told.append(f"and {rows - TOLD:,} more; .differences holds all")
        values = [(self.first.by_id[a].value, self.second.by_id[b].value) for a, b in self.alignment.pairs]
        dtypes = Counter(
            (a.dtype, b.dtype) for a, b in values if a is not None and b is not None and a.dtype != b.dtype
        )
        told += [f"{count:,} of dtype {a} → {b}" for (a, b), count in dtypes.items()]
        if self.summaries:
            arrays = "array was" if self.summaries == 1 else "arrays were"
            told.append(
                f"{self.summaries:,} larger {arrays} compared by what a trace holds of them: mean, deviation, range "
                "and a coarse picture"
            )
        return told

    # -- as a picture ------------------------------------------------------------------------------------------------

    def draw(self, **options: Any) -> Any:
        """Draw both in one picture (:func:`viz.draw` tells of options).

        Traces of the same structure are drawn as one graph, with what was and what is on each wire: ``0.73 → 0.75``.
        Others stand beside each other, each in a box. What differs is bold and marked Δ at the gate that it comes out
        of, what only one has is marked − or +.
        """
        from viz.drawing import draw

        pairs = {b: a for a, b in self.alignment.pairs}
        entries = [
            self._with_before(x, self.first.by_id[pairs[x.id]]) if x.id in pairs else x for x in self.second.entries
        ]
        trace = replace(self.second, entries=tuple(entries))
        if self.alignment.same:
            return draw(trace, overlay=_Marks(self._marks({}, {}), self._headline()), **options)
        both, (first, second) = joined(self.first, trace, self.labels)
        return draw(both, overlay=_Marks(self._marks(first, second), self._headline()), **options)

    def _with_before(self, after: Entry, before: Entry) -> Entry:
        """An entry of the second trace that tells what its numbers were, where they differ."""
        found = self._changed.get(after.id, {})
        inputs = after.inputs
        if self.alignment.same:
            inputs = tuple(_input_with_before(x, y) for x, y in zip(after.inputs, before.inputs, strict=True))
        return replace(
            after,
            value=_change(before.value, after.value) if "value" in found else after.value,
            gradient=_change(before.gradient, after.gradient) if "gradient" in found else after.gradient,
            inputs=inputs,
        )

    def _marks(self, first: Mapping[str, str], second: Mapping[str, str]) -> Mapping[str, tuple[str, float]]:
        """Of entries in the picture, by the ids that they have there: a sign, and how large the difference is."""
        found: dict[str, tuple[str, float]] = {}
        for x in self.differences:
            if x.what == "only in the first":
                found[first.get(x.first, x.first)] = "−", 0.0
            elif x.what == "only in the second":
                found[second.get(x.second, x.second)] = "+", 0.0
            elif x.what == "value":
                found[second.get(x.second, x.second)] = "Δ", x.absolute
        return found


@dataclass(frozen=True)
class _Marks:
    """The marks of a comparison as an overlay."""

    marks: Mapping[str, tuple[str, float]]
    note: str
    legend: tuple[Mark, ...] = ()

    def mark(self, entries: Sequence[str]) -> Mark | None:
        """The largest difference, or the sign of what only one trace has."""
        found = [self.marks[entry] for entry in entries if entry in self.marks]
        if not found:
            return None
        sign, size = max(found, key=lambda pair: pair[1])
        several = f" in {len(found):,} gates" if len(entries) > 1 else ""
        words = {"−": "− only here", "+": "+ only here"}
        return Mark(words.get(sign, f"Δ {number(size)}") + several, alarm=sign != "Δ")


def compare(
    a: Tensor | Trace,
    b: Tensor | Trace,
    *,
    rtol: float = 1e-9,
    atol: float = 1e-12,
    labels: tuple[str, str] = ("before", "after"),
    names: Any = None,
) -> Comparison:
    """Compare two graphs with all their values and gradients, and show what differs.

    Parameters
    ----------
    a, b
        Two results, or traces of them: before and after an optimiser's step, composite and expanded, of two runs, or of
        two dtypes. What a step will change must be traced before it: ``before = viz.trace(loss)``.
    rtol, atol
        Two arrays are equal if no numbers in the same place are further apart than ``atol + rtol * largest``, the
        largest being that of both arrays. Two runs in single precision are equal within ``rtol=1e-5``.
    labels
        What the two are called.
    names
        What to call tensors (see :func:`viz.draw`).

    Returns
    -------
    Comparison
        Prints as a table of what differs; ``equal`` says whether nothing does, ``differences`` holds it as data, and
        ``draw()`` shows both in one picture.

    Raises
    ------
    TypeError
        If one is neither a tensor nor a trace.
    RuntimeError
        If a tensor's inputs have changed since, so that its gradients cannot be computed any more.

    Notes
    -----
    Entries belong together if both graphs have the same structure, or look alike and keep their order
    (:func:`viz.alignment.align`). A scope that ``expand=`` made is compared, as a whole, with the gate that it stands
    for. Of arrays with more than 64 elements a trace holds no numbers but a summary, which is compared then: equal
    summaries are strong evidence and no proof.

    Examples
    --------
    >>> x = Tensor(1.37, name="x")
    >>> from viz import trace
    >>> compare(trace(x.sigmoid()), trace(x.sigmoid(), expand="sigmoid")).equal
    True
    >>> compare(x * 2, x * 3)
    <Comparison: 2 of 2 entries differ; print it, or .draw() it>
    """
    called = names_for(names)
    first, second = (_trace(x, called) for x in (a, b))
    found = align(first, second)
    differences: list[Difference] = []
    summaries = 0
    only_second = set(found.only_second)
    of = {y: x for x, y in found.pairs}
    for y in second.entries:
        if y.id in only_second:
            differences.append(Difference("only in the second", "", y.id))
        elif y.id in of:
            x = first.by_id[of[y.id]]
            numbers = [(x.value, y.value), (x.gradient, y.gradient)]
            for what, (p, q) in zip(("value", "gradient"), numbers, strict=True):
                absolute, largest = _apart(p, q)
                if not absolute <= atol + rtol * largest:
                    relative = absolute / largest if largest and absolute < math.inf else math.inf
                    differences.append(Difference(what, x.id, y.id, absolute, relative))  # type: ignore[arg-type]
            summaries += any(p is not None and q is not None and None in (p.values, q.values) for p, q in numbers)
    differences += [Difference("only in the first", x, "") for x in found.only_first]
    return Comparison(first, second, labels, tuple(differences), found, summaries)


def _trace(t: Tensor | Trace, names: Names | None) -> Trace:
    if isinstance(t, Trace):
        return t
    if not isinstance(t, Tensor):
        raise TypeError(f"compare: expected a Tensor or a Trace, got {type(t).__name__}")
    try:
        return collect(t, gradients=t.requires_grad and (t.size == 1 or t.grad is not None), names=names)
    except RuntimeError as error:
        error.add_note("compare: trace it before the step, before = viz.trace(loss), and compare that")
        raise


def _apart(a: Numbers | None, b: Numbers | None) -> tuple[float, float]:
    """How far two arrays are apart at most, and the largest number in them."""
    if a is None or b is None:
        return (0.0 if a is b else math.inf), 0.0
    bounds = [abs(x) for numbers in (a, b) for x in (numbers.low, numbers.high) if x is not None]
    largest = max(bounds, default=0.0)
    if a.shape != b.shape:
        return math.inf, largest
    if a.values is not None and b.values is not None:
        pairs = list(zip(a.values, b.values, strict=True))
    elif (a.nans, a.infinities) != (b.nans, b.infinities):
        return math.inf, largest
    else:
        pairs = [(a.mean, b.mean), (a.std, b.std), (a.low, b.low), (a.high, b.high)]
        if a.picture is not None and b.picture is not None:
            pairs += [pair for rows in zip(a.picture, b.picture, strict=True) for pair in zip(*rows, strict=True)]
    return max((_gap(x, y) for x, y in pairs), default=0.0), largest


def _gap(x: Any, y: Any) -> float:
    """How far two numbers are apart; NaN is nowhere but at NaN."""
    if x is None or y is None:
        return 0.0 if x is y else math.inf
    if x == y or (x != x and y != y):
        return 0.0
    gap = abs(complex(x) - complex(y)) if isinstance(x, complex) or isinstance(y, complex) else abs(x - y)
    return float(gap) if gap == gap else math.inf


def _change(before: Numbers | None, after: Numbers | None) -> Numbers | None:
    return after if before is None or after is None else Change.of_two(before, after)


def _input_with_before(after: Input, before: Input) -> Input:
    if before.gradient == after.gradient:
        return after
    return replace(after, gradient=_change(before.gradient, after.gradient))


def _step(before: Numbers | None, after: Numbers | None) -> str:
    if before is None or after is None:
        return "none → " + lines(after)[0] if after is not None else f"{lines(before)[0] if before else 'none'} → none"
    return " ".join(lines(Change.of_two(before, after)))


def _markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~$&!@])", r"\\\1", text)
