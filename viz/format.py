"""Numbers as a reader wants to see them: two decimals where that says enough, as in CS231n's figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from viz.numbers import Change, Numbers

__all__ = ["FULL", "describe", "lines", "number"]

#: Arrays of up to this many elements are written out.
FULL = 4
#: Two texts of up to this many characters together stand beside one another.
ROW = 24


def number(value: Any) -> str:
    """Write a number in a few characters.

    Examples
    --------
    >>> number(-0.1966), number(-0.0), number(0.00123), number(1234567.0)
    ('-0.20', '0.00', '1.2e-3', '1.23e6')
    >>> number(3), number(float("nan")), number(1 + 2j)
    ('3', 'nan', '1.00+2.00j')
    """
    if isinstance(value, (bool, int)):
        return str(value) if abs(value) < 100_000 else _scientific(value, 2)
    if isinstance(value, complex):
        imaginary = number(value.imag)
        return f"{number(value.real)}{'' if imaginary.startswith('-') else '+'}{imaginary}j"
    if value == 0:
        return "0.00"
    if value != value or value in (float("inf"), float("-inf")):
        return str(float(value))
    if abs(value) < 0.01:
        return _scientific(value, 1)
    if abs(value) >= 100_000:
        return _scientific(value, 2)
    return f"{value:.2f}"


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def describe(numbers: Numbers) -> str:
    """Say shape and dtype; nothing for an ordinary scalar.

    Examples
    --------
    >>> import numpy as np
    >>> describe(Numbers.of(np.zeros((2, 3), np.float32))), describe(Numbers.of(1.0))
    ('(2, 3) float32', '')
    """
    if numbers.shape:
        return f"{numbers.shape} {numbers.dtype}"
    return "" if numbers.dtype in ("float64", "int64", "bool") else numbers.dtype


def lines(numbers: Numbers) -> list[str]:
    """Write the values of a scalar or small array, or a summary of a larger one, in one or two lines.

    What has changed is written with what it was before.

    Examples
    --------
    >>> import numpy as np
    >>> lines(Numbers.of(np.array([1.0, -2.0])))
    ['[1.00, -2.00]']
    >>> lines(Numbers.of(np.arange(12.0)))
    ['5.50 ± 3.45', '0.00 … 11.00']
    >>> lines(Numbers.of(np.arange(12)))
    ['5.50 ± 3.45', '0 … 11']
    """
    if isinstance(numbers, Change) and numbers.before is not None:
        return _changed(numbers.before, replace(numbers, before=None))
    if numbers.values is not None and numbers.shape == ():
        return [number(numbers.values[0])]
    if numbers.values is not None and len(numbers.values) <= FULL:
        return [_nested(numbers.values, numbers.shape)]
    odd = [f"{count} {what}" for count, what in ((numbers.nans, "nan"), (numbers.infinities, "inf")) if count]
    magnitude = "|·| " if numbers.dtype.startswith("complex") else ""
    found = []
    whole = numbers.dtype.startswith(("bool", "int", "uint"))
    low, high = (x if x is None or not whole else int(x) for x in (numbers.low, numbers.high))
    if low is not None and low == high:
        found = [f"{magnitude}{'else' if odd else 'all'} {number(low)}"]
    elif numbers.mean is not None and numbers.std is not None:
        centre = numbers.mean if abs(numbers.mean) > 1e-5 * numbers.std else 0.0  # the rest of a sum that cancels out
        found = [
            f"{magnitude}{number(centre)} ± {number(numbers.std)}",
            f"{number(low)} … {number(high)}",
        ]
    return [", ".join(odd), *found] if odd else found


def _changed(before: Numbers, after: Numbers) -> list[str]:
    """What was, and what is, with as many digits as it takes to tell single numbers apart."""
    was, now = (" ".join(lines(x)[:1]) for x in (before, after))
    if was == now:
        pairs = zip(before.values or (), after.values or (), strict=False)
        x, y = next(pairs, (0.0, 0.0)) if before.shape == after.shape == () else (0.0, 0.0)
        texts = [(f"{x:.{digits}g}", f"{y:.{digits}g}") for digits in range(4, 18)]
        was, now = next((pair for pair in texts if pair[0] != pair[1]), ("", f"{now} (changed)"))
    if not was:
        return [now]
    return [f"{was} → {now}"] if len(was) + len(now) <= ROW else [was, f"→ {now}"]


def _nested(values: tuple[Any, ...], shape: tuple[int, ...]) -> str:
    texts = [number(value) for value in values]
    for length in reversed(shape):
        if not length:
            return "empty"
        texts = [f"[{', '.join(texts[i : i + length])}]" for i in range(0, len(texts), length)]
    return texts[0] if texts else "empty"
