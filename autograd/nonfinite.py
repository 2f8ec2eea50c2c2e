"""Where NaN and infinities come from, and what mends that: judged from how many there are, and from ranges.

:func:`autograd.detect_anomaly` judges while a program runs, ``viz.diagnose`` a recorded graph.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

__all__ = ["DATA", "INFINITIES", "Kind", "Range", "Summary", "advice", "advice_backward", "birth", "is_finite"]

Kind = Literal["nan", "inf"]

#: What to do about data that are not finite.
DATA = "look at where the data come from"
#: What to do about NaN that comes of infinities.
INFINITIES = "inf - inf, 0 · inf and inf / inf are nan: look for what made the infinities"

#: What usually mends a value that is not finite, by the operation that it came out of.
_ADVICE = {
    "divide": "keep the divisor away from 0, e.g. add a small number to it",
    "exp": "use sigmoid or logsumexp, or subtract the maximum first",
    "log": "keep its input above 0; for probabilities, compute the loss from the logits (cross_entropy)",
    "log_softmax": "a row needs a number that is not -inf",
    "power": "a negative number has no root, and 0 no negative power",
    "softmax": "a row needs a number that is not -inf: a mask may have hidden all of it",
    "sqrt": "keep its input at 0 or above",
}
#: The same for gradients.
_ADVICE_BACKWARD = {
    "divide": "keep the divisor away from 0",
    "log": "its slope is infinite at 0: add a small number inside",
    "power": "the slope of a root is infinite at 0: add a small number inside",
    "sqrt": "its slope is infinite at 0, also behind a where: add a small number inside, sqrt(x + 1e-12)",
}


class Summary(Protocol):
    """What is known of an array's numbers."""

    @property
    def nans(self) -> int:
        """How many are NaN."""
        ...

    @property
    def infinities(self) -> int:
        """How many are infinite."""
        ...

    @property
    def low(self) -> float | None:
        """The least of the finite ones (of complex numbers, absolute values); None if there are none."""
        ...

    @property
    def high(self) -> float | None:
        """The greatest."""
        ...


@dataclass(frozen=True, slots=True)
class Range:
    """What an array's numbers are between, and how many are none: a :class:`Summary` of its own.

    Attributes
    ----------
    dtype, shape
        Of the array.
    low, high, nans, infinities
        As in :class:`Summary`.

    Examples
    --------
    >>> print(Range.of(np.array([1.0, np.nan, 3.0])))
    float64 (3,), 1.0 to 3.0, 1 nan
    >>> print(Range.of(2.0))
    float64 (), 2.0
    """

    dtype: str
    shape: tuple[int, ...]
    low: float | None
    high: float | None
    nans: int
    infinities: int

    @classmethod
    def of(cls, value: Any) -> Range:
        """Look at a number or array."""
        array = np.asarray(value)
        sizes = array
        if array.dtype.kind == "c":
            with np.errstate(over="ignore", invalid="ignore"):
                sizes = np.abs(array)
        nans = infinities = 0
        finite = sizes
        if sizes.dtype.kind == "f":
            good = np.isfinite(sizes)
            if not good.all():
                nans = int(np.isnan(array).sum())
                infinities = sizes.size - int(good.sum()) - nans
                finite = sizes[good]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
        return cls(str(array.dtype), array.shape, low, high, nans, infinities)

    @property
    def odd(self) -> str:
        """How many are not finite: ``"2 nan, 1 inf"``, or nothing."""
        counts = ((self.nans, "nan"), (self.infinities, "inf"))
        return ", ".join(f"{count:,} {what}" for count, what in counts if count)

    def __str__(self) -> str:
        parts = [f"{self.dtype} {self.shape}"]
        if self.low is not None and self.high is not None:
            size = "size " if self.dtype.startswith("complex") else ""
            same = self.low == self.high
            parts.append(size + (_short(self.low) if same else f"{_short(self.low)} to {_short(self.high)}"))
        elif not self.odd:
            parts.append("empty")
        return ", ".join(filter(None, [*parts, self.odd]))


def _short(x: float) -> str:
    """A number in six digits."""
    text = f"{x:.6g}"
    return text if any(c in text for c in ".e") else f"{text}.0"


def is_finite(value: Any) -> bool:
    """Whether a number or array holds neither NaN nor infinities; whole numbers never do."""
    if type(value) is float:
        return math.isfinite(value)
    array = np.asarray(value)
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def birth(made: Summary | None, given: Iterable[Summary | None], numbers: Sequence[float] = ()) -> Kind | None:
    """``"nan"`` or ``"inf"`` where one is made of inputs without (NaN, of inputs without NaN); else None.

    Parameters
    ----------
    made
        The result, if it is known.
    given, numbers
        The inputs: those that are summarised, and plain numbers.

    Examples
    --------
    >>> birth(Range.of(np.inf), [Range.of(0.0)]), birth(Range.of(np.nan), [Range.of(np.inf)])
    ('inf', 'nan')
    """
    if made is None:
        return None
    known = [x for x in given if x is not None]
    if made.nans and not any(x.nans for x in known):
        return "nan"
    if made.infinities and not any(x.nans + x.infinities for x in known) and all(map(math.isfinite, numbers)):
        return "inf"
    return None


def advice(operation: str, odd: Kind, given: Iterable[Summary | None]) -> str:
    """What usually mends a value that an operation made of these; may be empty.

    Examples
    --------
    >>> advice("sqrt", "nan", [Range.of(-1.0)])
    'keep its input at 0 or above'
    """
    known = [x for x in given if x is not None]
    if odd == "nan" and any(x.infinities for x in known):
        return _ADVICE.get(operation) or INFINITIES
    huge = any(abs(bound) > 1e10 for x in known for bound in (x.low, x.high) if bound is not None)
    if odd == "inf" and huge and operation not in ("exp", "log"):
        return "its numbers outgrow their dtype: scale them down, or look for what makes them grow"
    return _ADVICE.get(operation, "")


def advice_backward(operation: str, odd: Kind, cotangent: Summary) -> str:
    """What usually mends a gradient that an operation sent back; may be empty.

    Examples
    --------
    >>> advice_backward("log", "inf", Range.of(1.0))
    'its slope is infinite at 0: add a small number inside'
    """
    return INFINITIES if odd == "nan" and cotangent.infinities else _ADVICE_BACKWARD.get(operation, "")
