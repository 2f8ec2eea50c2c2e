"""What is wrong with a graph's numbers: where NaN comes from, where gradients vanish, explode or stop, what is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from autograd import Tensor
from viz.collect import collect
from viz.format import number
from viz.names import names_for
from viz.numbers import Numbers
from viz.reaching import Unreached
from viz.recording import Recording
from viz.terminal import plain
from viz.traces import Entry, Trace

__all__ = ["Diagnosis", "Finding", "diagnose"]

#: What a finding is about.
Kind = Literal[
    "non-finite value", "non-finite gradient", "vanishing", "exploding", "dead", "saturated", "disconnected", "failed"
]

#: A gradient this many times smaller than the largest one of a variable has as good as vanished.
VANISHING = 1e-4
#: A gradient this large makes a step of any usual learning rate a leap.
EXPLODING = 1e3
#: A gate that rectifies is dead where nothing gets through, and as good as dead where less than this part does.
ALIVE = 0.02
#: A gate that saturates lets through this part of what it could, or less.
STEEP = 0.05

#: Operations that let a gradient through or not.
_RECTIFIERS = frozenset({"relu"})
#: Operations that saturate, and the largest local derivative each has.
_SATURATING = {"sigmoid": 0.25, "tanh": 1.0}
#: What usually mends a value that is not finite, by the operation that it came out of.
_ADVICE = {
    "divide": "keep the divisor away from 0, e.g. add a small number to it",
    "exp": "subtract the maximum first, or use logsumexp, log_softmax or sigmoid, which do",
    "log": "keep its input above 0; for probabilities, compute the loss from the logits (cross_entropy)",
    "logsumexp": "look at what goes in",
    "power": "a negative number has no root, and 0 no negative power",
    "sqrt": "keep its input at 0 or above",
}
#: The same for gradients.
_ADVICE_BACKWARD = {
    "divide": "keep the divisor away from 0",
    "log": "its slope is infinite at 0",
    "power": "the slope of a root is infinite at 0: add a small number inside",
    "sqrt": "its slope is infinite at 0: add a small number inside, sqrt(x + 1e-12)",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that deserves a look.

    Attributes
    ----------
    kind
        ``"non-finite value"``, ``"non-finite gradient"``, ``"vanishing"``, ``"exploding"``, ``"dead"``,
        ``"saturated"``, ``"disconnected"`` or ``"failed"``.
    entry
        Id of the entry in the trace; empty for a parameter that is not in it.
    message
        What, where, and in numbers.
    advice
        What to do; may be empty.
    """

    kind: Kind
    entry: str
    message: str
    advice: str

    def __str__(self) -> str:
        return f"{self.message}; {self.advice}" if self.advice else self.message


@dataclass(frozen=True)
class Diagnosis:
    """What :func:`diagnose` found; print it.

    Attributes
    ----------
    findings
        In the order in which they should be looked at: one that causes others comes before them.
    magnitudes
        Decimal logarithm of the root mean square of each entry's gradient, by id; minus infinity where it is all 0.
    saved
        Bytes that each gate keeps for the backward pass, by id, the most first.
    trace
        What was looked at.

    Examples
    --------
    >>> x = Tensor(1000.0, name="x")
    >>> import numpy as np
    >>> with np.errstate(over="ignore"):
    ...     found = diagnose(x.exp() * 2)
    >>> [finding.kind for finding in found.findings][:1]
    ['non-finite value']
    """

    findings: tuple[Finding, ...]
    magnitudes: Mapping[str, float]
    saved: Mapping[str, int]
    trace: Trace

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def draw(self, **options: Any) -> Any:
        """Draw the graph (:func:`viz.draw` takes the same options)."""
        from viz.drawing import draw

        return draw(self.trace, **options)

    def __str__(self) -> str:
        lines = [f"{finding.kind}: {finding}" for finding in self.findings] or ["nothing found"]
        kept = sum(self.saved.values())
        if kept:
            most, size = next(iter(self.saved.items()))
            share = f", most of it ({_size(size)}) by {describe(self.trace, self.trace.by_id[most])}"
            lines.append(f"kept for the backward pass: {_size(kept)}{share if len(self.saved) > 1 else ''}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        count = len(self.findings)
        return f"<Diagnosis: {count or 'no'} finding{'s' * (count != 1)}; print it, or .draw() it>"


def diagnose(t: Tensor | Trace | Recording, *, parameters: Any = None, names: Any = None) -> Diagnosis:
    """Look for what goes wrong in training: NaN, dead gates, gradients that vanish, explode or reach nobody.

    Parameters
    ----------
    t
        The result (usually a loss of one element), a trace of it, or a recording (:func:`viz.record`), which knows the
        lines of the program and why something is disconnected.
    parameters
        With a tensor or recording, those that should get a gradient: a network, a mapping from names to tensors, or
        tensors. Those that the result does not depend on are reported.
    names
        What to call tensors (see :func:`viz.draw`).

    Returns
    -------
    Diagnosis
        Prints as text; ``findings`` holds it as data, ``draw()`` shows it on the graph.

    Raises
    ------
    TypeError
        If ``t`` is none of these, or parameters are asked about a trace, which holds no tensors.

    Notes
    -----
    Looked for are, each by the first place where it occurs:

    - NaN and infinities in values, then in gradients: the gate whose inputs were still finite;
    - variables whose gradient (root mean square) is below :data:`VANISHING` times that of the largest, or all 0, and
      gradients above :data:`EXPLODING`;
    - ReLU gates that let less than :data:`ALIVE` of their elements through, sigmoid and tanh gates with less than
      :data:`STEEP` of their largest slope on average;
    - variables without a gradient, and why.

    Examples
    --------
    >>> w, x = Tensor(30.0, name="w"), Tensor(1.0, name="x")
    >>> print(diagnose((w * x).sigmoid()))
    saturated: σ (n3) has a local derivative of 9.3e-14 on average, of at most 0.25; scale its input down
    """
    missing: tuple[Unreached, ...] = ()
    if isinstance(t, Trace):
        if parameters is not None:
            raise TypeError("diagnose: a trace holds no tensors to compare parameters with; give the tensor itself")
        trace = t
    elif isinstance(t, Recording):
        trace = t.trace(names=names)
        missing = t.unreached(parameters) if parameters is not None else missing
    elif isinstance(t, Tensor):
        found = names_for(names)
        trace = collect(t, gradients=t.requires_grad and (t.size == 1 or t.grad is not None), names=found, locals=True)
        missing = Recording().unreached(parameters, t) if parameters is not None else missing
    else:
        raise TypeError(f"diagnose: expected a Tensor, a Trace or a Recording, got {type(t).__name__}")
    magnitudes = {e.id: magnitude(e.gradient) for e in trace.entries if e.gradient is not None and e.gradient.size}
    saved = sorted(((e.id, e.saved) for e in trace.entries if e.saved), key=lambda pair: -pair[1])
    return Diagnosis(tuple(_findings(trace, magnitudes, missing)), magnitudes, dict(saved), trace)


def _findings(trace: Trace, magnitudes: Mapping[str, float], missing: Iterable[Unreached]) -> Iterator[Finding]:
    yield from _failed(trace)
    yield from _non_finite_values(trace)
    yield from _non_finite_gradients(trace)
    yield from _disconnected(trace, missing)
    yield from _activations(trace)
    yield from _magnitudes(trace, magnitudes)


def _failed(trace: Trace) -> Iterator[Finding]:
    for entry in trace.entries:
        if entry.kind == "failed":
            yield Finding("failed", entry.id, f"{describe(trace, entry)}: {plain(entry.reason, 300)}", "")


def _non_finite_values(trace: Trace) -> Iterator[Finding]:
    for entry in trace.entries:
        if _is_finite(entry.value) or any(
            x.source is not None and not _is_finite(trace.by_id[x.source].value) for x in entry.inputs
        ):
            continue
        given = " and ".join(_range(trace, x.source) for x in entry.inputs if x.source is not None)
        what = f"{describe(trace, entry)} {'gives' if entry.inputs else 'holds'} {_odd(entry.value)}"
        advice = _ADVICE.get(entry.operation, "") if entry.inputs else "look at where the data come from"
        yield Finding("non-finite value", entry.id, f"{what} of {given}" if given else what, advice)


def _non_finite_gradients(trace: Trace) -> Iterator[Finding]:
    for entry in reversed(trace.entries):
        if entry.gradient is None or not _is_finite(entry.gradient):
            continue
        for x in entry.inputs:
            if x.source is not None and not _is_finite(x.gradient):
                name = _name(trace.by_id[x.source])
                yield Finding(
                    "non-finite gradient",
                    entry.id,
                    f"{describe(trace, entry)} sends {_odd(x.gradient)} back to {name}, where it is "
                    f"{_range(trace, x.source)}",
                    _ADVICE_BACKWARD.get(entry.operation, ""),
                )
                break


def _disconnected(trace: Trace, missing: Iterable[Unreached]) -> Iterator[Finding]:
    advice = "use it in the result, or take it out of the optimiser"
    for unreached in missing:
        yield Finding("disconnected", "", f"{plain(unreached.name)} gets no gradient: {unreached.reason}", advice)
    if not trace.has_gradients:
        return
    for entry in trace.entries:
        if entry.kind == "detached" or (entry.kind == "variable" and entry.gradient is None and not entry.stale):
            why = plain(entry.reason, 200) or "no gate sends one back to it"
            yield Finding("disconnected", entry.id, f"{describe(trace, entry)} gets no gradient: {why}", "")


def _activations(trace: Trace) -> Iterator[Finding]:
    for entry in trace.entries:
        value = entry.value
        if value is None or not value.size:
            continue
        if entry.operation in _RECTIFIERS:
            passing = 1 - value.zeros / value.size
            if passing < ALIVE:
                what = f"{describe(trace, entry)} lets {passing:.0%} of {value.size:,} elements through"
                yield Finding("dead", entry.id, what, "lower the learning rate, raise the bias, or use leaky_relu")
        most = _SATURATING.get(entry.operation)
        local = entry.inputs[0].local if most and entry.inputs else None
        if most and local is not None and local.mean is not None and local.mean < STEEP * most:
            what = (
                f"{describe(trace, entry)} has a local derivative of {number(local.mean)} on average, of at most {most}"
            )
            yield Finding("saturated", entry.id, what, "scale its input down")


def _magnitudes(trace: Trace, magnitudes: Mapping[str, float]) -> Iterator[Finding]:
    variables = {e.id: magnitudes[e.id] for e in trace.entries if e.kind == "variable" and e.id in magnitudes}
    for entry in reversed(trace.entries):  # the first in the order of the backward pass
        if magnitudes.get(entry.id, -math.inf) > math.log10(EXPLODING):
            yield Finding(
                "exploding",
                entry.id,
                f"{describe(trace, entry)} has a gradient of about {number(10.0 ** magnitudes[entry.id])}",
                "clip gradients, lower the learning rate, or scale the weights down",
            )
            break
    largest = max(variables.values(), default=-math.inf)
    for name, size in variables.items():
        entry = trace.by_id[name]
        if size == -math.inf:
            yield Finding("vanishing", name, f"{describe(trace, entry)} has a gradient of 0 everywhere", "")
        elif size < largest + math.log10(VANISHING):
            yield Finding(
                "vanishing",
                name,
                f"{describe(trace, entry)} has a gradient of about {number(10.0**size)}, "
                f"{10.0 ** (largest - size):.1g} times smaller than the largest of a variable",
                "",
            )


# ---------------------------------------------------------------------------------------------------------------------
# In words
# ---------------------------------------------------------------------------------------------------------------------


def describe(trace: Trace, entry: Entry) -> str:
    """Say which entry is meant: its name or label, id, scope and line.

    Examples
    --------
    >>> trace = collect(Tensor(3.0, name="x").exp())
    >>> [describe(trace, entry) for entry in trace.entries]
    ['x (n0)', 'exp (n1)']
    """
    boxes = {box.id: box for box in trace.boxes}
    path: list[str] = []
    box = entry.box
    while box is not None:
        path.append(plain(boxes[box].name))
        box = boxes[box].parent
    places = [entry.id]
    if path:
        places.append(f"in {'/'.join(reversed(path))}")
    if entry.source is not None:
        places.append(f"{plain(entry.source.file, 60)}:{entry.source.line}")
    return f"{_name(entry)} ({', '.join(places)})"


def _name(entry: Entry) -> str:
    if entry.label and entry.name:
        return f"{plain(entry.name)} = {plain(entry.label)}"
    return plain(entry.name or entry.label or entry.operation) or "an unnamed input"


def _range(trace: Trace, source: str) -> str:
    value = trace.by_id[source].value
    if value is None or value.low is None or value.high is None:
        return "unknown numbers"
    return number(value.low) if value.low == value.high else f"{number(value.low)} … {number(value.high)}"


def _odd(numbers: Numbers | None) -> str:
    assert numbers is not None
    if numbers.size == 1:
        return "nan" if numbers.nans else "an infinity"
    counts = [f"{count:,} {what}" for count, what in ((numbers.nans, "nan"), (numbers.infinities, "inf")) if count]
    return f"{' and '.join(counts)} in {numbers.size:,} elements"


def _is_finite(numbers: Numbers | None) -> bool:
    return numbers is None or not (numbers.nans or numbers.infinities)


def magnitude(gradient: Numbers) -> float:
    """Decimal logarithm of the root mean square of an array's finite elements; minus infinity if all are 0.

    Examples
    --------
    >>> magnitude(Numbers.of(-100.0))
    2.0
    """
    if gradient.mean is None or gradient.std is None:
        return -math.inf
    size = math.hypot(gradient.mean, gradient.std)
    return math.log10(size) if size else -math.inf


def _size(count: float) -> str:
    if count < 1024:
        return f"{count} bytes"
    for unit in ("KiB", "MiB"):
        count /= 1024
        if count < 1024:
            return f"{count:.1f} {unit}"
    return f"{count / 1024:.1f} GiB"
