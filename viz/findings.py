"""What deserves a look in a trace: a pure function from its numbers to findings.

Each kind of trouble has a threshold, which stands below with its reason. They are set such that networks in common use
pass after initialisation, while they train, and after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePath
from typing import Literal

from autograd.nonfinite import DATA, INFINITIES, advice_backward, birth
from autograd.nonfinite import advice as advise
from autograd.sources import Source
from viz.format import number
from viz.legible import legible
from viz.numbers import Numbers
from viz.reaching import Unreached
from viz.traces import Entry, Trace

__all__ = ["Finding", "Kind", "describe", "findings", "magnitude", "power", "size_text"]

#: What a finding is about.
Kind = Literal[
    "failed", "non-finite value", "non-finite gradient", "disconnected", "dead", "saturated", "vanishing", "exploding"
]

#: Gradients this many times smaller than the largest have vanished: a learning rate that suits the largest moves a
#: parameter by that part of its size in ten thousand steps. Layers of one healthy network differ by a hundred.
VANISHING = 1e-4
#: Gradients this much larger than the result's own have exploded: at a learning rate of 0.001 a step moves a weight by
#: 1, more than all that initialisation gave it.
EXPLODING = 1e3
#: A rectifier that lets less than this part of its elements through is dead: half of them pass after initialisation.
ALIVE = 0.02
#: It is also dead where this part of its units is 0 for all examples: in small networks that have learnt their task
#: well, two in five can be.
SILENT = 0.5
#: Fewer examples (or elements) than this tell nothing: one unit in two is off for any one of them.
EXAMPLES = 16
#: A sigmoid or tanh with less than this part of its largest slope, on average, is saturated: inputs beyond ±4.4, ±2.2.
STEEP = 0.05
#: Values taken so often, each time after the last, are taken once in every step of a sequence.
STEPS = 8

#: Operations that saturate, and the largest local derivative each has.
_SATURATING = {"sigmoid": 0.25, "tanh": 1.0}
#: Losses that make up for a saturated sigmoid before them: their slope is the larger, the flatter that is.
_UNDO = frozenset({"binary_cross_entropy", "log"})
#: Operations that say which axis holds the units; after others it is the last.
_CHANNELS_FIRST = frozenset({"convolution", "biased_convolution", "convolution_transpose"})

_VANISHING = "use ReLU-like activations, normalisation, skip connections, or larger initial weights"
_EXPLODING = "clip gradients, lower the learning rate, or make the initial weights smaller"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that deserves a look.

    Attributes
    ----------
    kind
        ``"failed"``, ``"non-finite value"``, ``"non-finite gradient"``, ``"disconnected"``, ``"dead"``,
        ``"saturated"``, ``"vanishing"`` or ``"exploding"``.
    entry
        Id of the entry in the trace; empty for a parameter that is not in it.
    badge
        It in two or three words, for a drawing: ``"dead 98%"``.
    message
        What, where, and in numbers.
    advice
        What to do; may be empty.
    source
        The line of the program that it is about, if that was recorded.
    """

    kind: Kind
    entry: str
    badge: str
    message: str
    advice: str = ""
    source: Source | None = None

    def __str__(self) -> str:
        return f"{self.message}; {self.advice}" if self.advice else self.message


def findings(trace: Trace, magnitudes: Mapping[str, float], missing: Iterable[Unreached] = ()) -> Iterator[Finding]:
    """Find what deserves a look, causes before what they may have caused.

    Parameters
    ----------
    trace
        Where to look.
    magnitudes
        The :func:`magnitude` of gradients, by ids of entries.
    missing
        Parameters that the result does not depend on.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> [finding.badge for finding in findings(trace(Tensor(float("nan"), name="x") + 1), {})]
    ['first nan']
    """
    yield from _failed(trace)
    values = list(_non_finite_values(trace))
    yield from values
    yield from _non_finite_gradients(trace, bool(values))
    yield from _disconnected(trace, missing)
    for entry in trace.entries:
        if entry.value is not None and entry.value.size:
            yield from _dead(trace, entry, entry.value)
            yield from _saturated(trace, entry, entry.value)
    yield from _magnitudes(trace, magnitudes)
    yield from _through_time(trace)


def _failed(trace: Trace) -> Iterator[Finding]:
    for entry in trace.entries:
        if entry.kind == "failed":
            message = f"{describe(trace, entry)}: {legible(entry.reason, 300)}"
            yield Finding("failed", entry.id, "failed", message, source=entry.source)


# ---------------------------------------------------------------------------------------------------------------------
# NaN and infinities
# ---------------------------------------------------------------------------------------------------------------------


def _non_finite_values(trace: Trace) -> Iterator[Finding]:
    """Where NaN and infinities come from: out of gates that were given none.

    An infinite constant is no fault in itself, as masks are made of them; what becomes NaN by it is.
    """
    first = True
    for entry in trace.entries:
        given = [trace.by_id[x.source].value for x in entry.inputs if x.source is not None]
        odd = birth(entry.value, given, [abs(x.number) for x in entry.inputs if x.number is not None])
        if odd is None or (odd == "inf" and entry.is_leaf and entry.kind != "variable"):
            continue
        what = f"{describe(trace, entry)} {'holds' if entry.is_leaf else 'gives'} {_odd(entry.value)}"
        told = " and ".join(_range(numbers) for numbers in given)
        badge = f"{'first ' if first else ''}{odd}"
        advice = DATA if entry.is_leaf else advise(entry.operation, odd, given) or _look_inside(trace, entry)
        yield Finding("non-finite value", entry.id, badge, f"{what} of {told}" if told else what, advice, entry.source)
        first = False


def _look_inside(trace: Trace, entry: Entry) -> str:
    operation = trace.operations.get(entry.operation)
    if operation is None or not operation.expandable or operation.kind == "elementwise":
        return ""
    return f'diagnose(..., expand="{operation.name}") looks inside'


def _non_finite_gradients(trace: Trace, values: bool) -> Iterator[Finding]:
    """Where NaN and infinities come from on the way back, unless it is from values that were found already."""
    first = True
    for entry in reversed(trace.entries):
        taken = [trace.by_id[x.source] for x in entry.inputs if x.source is not None]
        ends = trace.takers.get(entry.id, ())
        if values and not all(_is_finite(x.value) for x in (entry, *taken, *(trace.by_id[gate] for gate, _ in ends))):
            continue
        sent = [x for x in entry.inputs if x.source is not None and x.gradient is not None]
        for x in sent:
            odd = birth(x.gradient, [entry.gradient]) if entry.gradient is not None else None
            if odd is not None and x.source is not None and entry.gradient is not None:
                source = trace.by_id[x.source]
                back = f"sends {_odd(x.gradient)} back to {_name(source)} of {_range(source.value)}"
                advice = advice_backward(entry.operation, odd, entry.gradient) or _look_inside(trace, entry)
                message = f"{describe(trace, entry)} {back}"
                badge = f"{'first ' if first else ''}∇ {odd}"
                yield Finding("non-finite gradient", entry.id, badge, message, advice, entry.source)
                first = False
                break
        back_here = [trace.by_id[gate].inputs[position].gradient for gate, position in ends]
        odd = birth(entry.gradient, back_here)
        if odd is not None and len(ends) > 1:
            message = f"{describe(trace, entry)}: what {len(ends)} gates send back adds up to {_odd(entry.gradient)}"
            badge = f"{'first ' if first else ''}∇ {odd}"
            advice = INFINITIES if odd == "nan" else "scale the result down"
            yield Finding("non-finite gradient", entry.id, badge, message, advice, entry.source)
            first = False


# ---------------------------------------------------------------------------------------------------------------------
# Variables without a gradient
# ---------------------------------------------------------------------------------------------------------------------


def _disconnected(trace: Trace, missing: Iterable[Unreached]) -> Iterator[Finding]:
    advice = "use it in the result, or take it out of the optimiser"
    told = set()
    shown = {x.name for x in trace.entries if x.kind == "variable"}
    sources = {}
    for unreached in missing:
        sources[unreached.name] = unreached.source
        if unreached.name in shown and trace.has_gradients:
            continue  # it lies behind a cut, and is told of below
        message = f"{legible(unreached.name)} gets no gradient: {legible(unreached.reason, 300)}"
        cuts = [x for x in trace.entries if x.kind == "detached" and x.reason == unreached.reason]
        told.add(unreached.name)
        cut_id = cuts[0].id if cuts else ""
        yield Finding("disconnected", cut_id, "no gradient behind", message, advice, unreached.source)
    if not trace.has_gradients:
        return
    for entry in trace.entries:
        if entry.kind == "variable" and entry.gradient is None and not entry.stale and entry.name not in told:
            cut = _cut_after(trace, entry)
            why = legible(entry.reason or (cut.reason if cut else ""), 300) or "the result does not depend on it"
            source = sources.get(entry.name) or _place_of(cut)
            message = f"{describe(trace, entry)} gets no gradient: {why}"
            yield Finding("disconnected", entry.id, "no gradient", message, advice, source)


def _place_of(cut: Entry | None) -> Source | None:
    """The line of a cut, unless the entry was computed, without gradients, on a later one."""
    if cut is None or cut.source is None:
        return None
    return cut.source if cut.reason.endswith(f"{PurePath(cut.source.file).name}:{cut.source.line}") else None


def _cut_after(trace: Trace, start: Entry) -> Entry | None:
    """The first cut between an entry and the result, if the trace shows what lies behind cuts."""
    after = {start.id}
    for entry in trace.entries:
        if entry.kind == "detached" and after.intersection(entry.behind):
            return entry
        if any(x.source in after for x in entry.inputs):
            after.add(entry.id)
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Activations
# ---------------------------------------------------------------------------------------------------------------------


def _dead(trace: Trace, entry: Entry, value: Numbers) -> Iterator[Finding]:
    if not _rectifies(trace, entry) or value.size < EXAMPLES:
        return
    advice = "lower the learning rate, raise the bias, or use leaky_relu"
    passing = 1 - value.zeros / value.size
    if passing < ALIVE:
        what = f"{describe(trace, entry)} lets {_percent(passing)} of {value.size:,} elements through"
        yield Finding("dead", entry.id, f"dead {_percent(1 - passing)}", what, advice, entry.source)
    elif value.silent:
        axis = 1 if len(value.shape) > 2 and _comes_of_convolution(trace, entry) else len(value.shape) - 1
        units, silent = value.shape[axis], value.silent[axis]
        if value.size // units >= EXAMPLES and silent >= SILENT * units:
            what = f"{describe(trace, entry)}: {silent:,} of {units:,} units are 0 for all that goes in"
            yield Finding("dead", entry.id, f"dead {_percent(silent / units)}", what, advice, entry.source)


def _rectifies(trace: Trace, entry: Entry) -> bool:
    """Whether a gate is a ReLU, also as the maximum with 0."""
    if entry.operation != "maximum":
        return entry.operation == "relu"
    taken = [trace.by_id[x.source] for x in entry.inputs if x.source is not None]
    constants = [x.value for x in taken if x.kind == "constant" and x.value is not None]
    return any(x.number == 0 for x in entry.inputs) or any(x.low == x.high == 0 for x in constants)


def _comes_of_convolution(trace: Trace, entry: Entry) -> bool:
    """Whether a convolution made it, with gates between them that leave the axes alone."""
    shape = entry.value.shape if entry.value else ()
    for _ in range(8):
        sources = [trace.by_id[x.source] for x in entry.inputs if x.source is not None]
        alike = [x for x in sources if x.value is not None and x.value.shape == shape]
        if entry.operation in _CHANNELS_FIRST:
            return True
        if not alike:
            return False
        entry = alike[0]
    return False


def _saturated(trace: Trace, entry: Entry, value: Numbers) -> Iterator[Finding]:
    most = _SATURATING.get(entry.operation)
    if most is None or value.mean is None or value.std is None or not entry.inputs:
        return
    local = entry.inputs[0].local
    if local is not None and local.mean is not None:
        slope = local.mean
    else:  # σ(1 - σ) and 1 - tanh², on average
        square = value.mean**2 + value.std**2
        slope = max(0.0, value.mean - square if entry.operation == "sigmoid" else 1 - square)
    if slope < STEEP * most and not _made_up_for(trace, entry):
        what = f"{describe(trace, entry)} has a local derivative of {number(slope)} on average, of at most {most}"
        advice = "normalise or shrink its input"
        yield Finding("saturated", entry.id, f"saturated, ∂ {number(slope)}", what, advice, entry.source)


def _made_up_for(trace: Trace, entry: Entry) -> bool:
    """Whether a loss takes it whose slope makes up for its own, at most two gates further on."""
    ends = [entry.id]
    for _ in range(2):
        gates = [trace.by_id[gate] for end in ends for gate, _ in trace.takers.get(end, ())]
        if any(gate.operation in _UNDO for gate in gates):
            return True
        ends = [gate.id for gate in gates]
    return False


# ---------------------------------------------------------------------------------------------------------------------
# How large gradients are
# ---------------------------------------------------------------------------------------------------------------------


def _magnitudes(trace: Trace, magnitudes: Mapping[str, float]) -> Iterator[Finding]:
    """Compare the gradients of variables, and those that come back to the gates which take them.

    Both must be small: the first alone may be a sum that cancels out, such as that of a bias before a normalisation;
    the second alone is shared out among many elements, such as the pixels of an image.
    """
    sizes = {e.id: magnitudes[e.id] for e in trace.entries if e.kind == "variable" and e.id in magnitudes}
    arriving = {
        name: max((magnitudes.get(gate, -math.inf) for gate, _ in trace.takers.get(name, ())), default=sizes[name])
        for name in sizes
    }
    most, most_arriving = (max(x.values(), default=-math.inf) for x in (sizes, arriving))
    result = trace.by_id[trace.root].value
    if most == -math.inf and result is not None and result.low == result.high == 0.0:
        return  # there is nothing left to improve
    seed = magnitudes.get(trace.root, 0.0)
    for name, size in sizes.items():
        entry = trace.by_id[name]
        if size == -math.inf:
            if arriving[name] == -math.inf:
                message = f"{describe(trace, entry)} has a gradient of 0 everywhere"
                advice = "it will not move: look for what is 0 between it and the result"
                yield Finding("vanishing", name, "∇ 0", message, advice, entry.source)
        elif size < most + math.log10(VANISHING) and arriving[name] < most_arriving + math.log10(VANISHING):
            message = f"{describe(trace, entry)} has a gradient of {_about(size)}, {power(most - size)} times less than"
            message += " the largest of a variable"
            yield Finding("vanishing", name, f"vanishing, ∇ {power(size)}", message, _VANISHING, entry.source)
    for name, size in sizes.items():
        entry, most = trace.by_id[name], seed + math.log10(EXPLODING)
        single = entry.gradient is not None and entry.gradient.size == 1  # whose own formula may just be steep
        if size > most and (arriving[name] > most or not single):
            message = f"{describe(trace, entry)} has a gradient of {_about(size)}"
            yield Finding("exploding", name, f"exploding, ∇ {power(size)}", message, _EXPLODING, entry.source)


def _through_time(trace: Trace) -> Iterator[Finding]:
    """Compare what the first and the last steps of a sequence contribute to the gradient of a variable they share."""
    for entry in trace.entries:
        ends = trace.takers.get(entry.id, ())
        if entry.kind != "variable" or len(ends) < STEPS:
            continue
        sent = [(gate, trace.by_id[gate].inputs[position].gradient) for gate, position in ends]
        sizes = [(gate, magnitude(gradient)) for gate, gradient in sent if gradient is not None and gradient.size]
        quarter = len(sizes) // 4
        if quarter < STEPS // 4:
            continue
        first, last = (max(size for _, size in part) for part in (sizes[:quarter], sizes[-quarter:]))
        grows, falls = first > last + math.log10(EXPLODING), first < last + math.log10(VANISHING)
        if last == -math.inf or not (grows or falls) or not _in_series(trace, [gate for gate, _ in sizes]):
            continue
        message = (
            f"{describe(trace, entry)} is taken {len(ends):,} times, one after the other; the first steps contribute "
            f"{_about(first)} to its gradient, the last {_about(last)}"
        )
        badge = f"{'exploding' if grows else 'vanishing'}, ∇ {power(first)} … {power(last)}"
        if grows:
            yield Finding("exploding", entry.id, badge, message, _EXPLODING, entry.source)
        else:
            advice = "use an LSTM or GRU, recurrent weights nearer to orthogonal, or results in between"
            yield Finding("vanishing", entry.id, badge, message, advice, entry.source)


def _in_series(trace: Trace, gates: Sequence[str]) -> bool:
    """Whether gates are steps of a sequence: what the first makes meets what the second makes before the last is."""
    second, near = {gates[1]}, [gates[1]]
    for _ in range(4):  # a step works on what it is given before it combines that with its state
        near = [gate for x in near for gate, _ in trace.takers.get(x, ())]
        second.update(near)
    earlier = {x.id for x in takewhile(lambda x: x.id != gates[-1], trace.entries)}
    second &= earlier
    after, pending = {gates[0]}, [gates[0]]
    while pending and not after & second:
        new = ({gate for gate, _ in trace.takers.get(pending.pop(), ())} & earlier) - after
        after |= new
        pending += new
    return bool(after & second)


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


# ---------------------------------------------------------------------------------------------------------------------
# In words
# ---------------------------------------------------------------------------------------------------------------------


def describe(trace: Trace, entry: Entry) -> str:
    """Say which entry is meant: its name or label, id, scope and line.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> found = trace(Tensor(3.0, name="x").exp())
    >>> [describe(found, entry) for entry in found.entries]
    ['x (n0)', 'exp (n1)']
    """
    path: list[str] = []
    box = entry.box
    while box is not None:
        path.append(legible(trace.boxes_by_id[box].name))
        box = trace.boxes_by_id[box].parent
    places = [entry.id]
    if path:
        places.append(f"in {'/'.join(reversed(path))}")
    if entry.source is not None:
        places.append(f"{legible(PurePath(entry.source.file).name, 60)}:{entry.source.line}")
    return f"{_name(entry)} ({', '.join(places)})"


def size_text(count: float) -> str:
    """Write a number of bytes.

    Examples
    --------
    >>> size_text(100), size_text(2560), size_text(3 * 1024**3)
    ('100 bytes', '2.5 KiB', '3.0 GiB')
    """
    if count < 1024:
        return f"{count} bytes"
    for unit in ("KiB", "MiB"):
        count /= 1024
        if count < 1024:
            return f"{count:.1f} {unit}"
    return f"{count / 1024:.1f} GiB"


def _name(entry: Entry) -> str:
    if entry.label and entry.name:
        return f"{legible(entry.name)} = {legible(entry.label)}"
    return legible(entry.name or entry.label or entry.operation) or "an unnamed input"


def _range(numbers: Numbers | None) -> str:
    if numbers is None:
        return "unknown numbers"
    odd = [what for count, what in ((numbers.nans, "nan"), (numbers.infinities, "inf")) if count]
    if numbers.low is None or numbers.high is None:
        return " and ".join(odd) or "no numbers"
    low, high = number(numbers.low), number(numbers.high)
    return " and ".join([low if low == high else f"{low} … {high}", *odd])


def _odd(numbers: Numbers | None) -> str:
    assert numbers is not None
    if numbers.size == 1:
        return "nan" if numbers.nans else "an infinity"
    counts = [f"{count:,} {what}" for count, what in ((numbers.nans, "nan"), (numbers.infinities, "inf")) if count]
    return f"{' and '.join(counts)} in {numbers.size:,} elements"


def _is_finite(numbers: Numbers | None) -> bool:
    return numbers is None or not (numbers.nans or numbers.infinities)


def _percent(share: float) -> str:
    """Whole percents; 0 and 100 only where that is exact."""
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return "under 1%"
    return "over 99%" if rounded == 100 and share < 1 else f"{rounded}%"


def _about(exponent: float) -> str:
    return "0" if exponent == -math.inf else f"about {number(10.0**exponent)}"


def power(exponent: float) -> str:
    """A size, given by its exponent, as a power of ten.

    Examples
    --------
    >>> power(-7.2), power(-math.inf)
    ('10^-7', '0')
    """
    return "0" if exponent == -math.inf else f"10^{round(exponent)}"
