"""Continuing images beyond their borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers

__all__ = ["pad"]

#: NumPy's names of the modes.
_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
#: Which numbers arrays of a kind of dtype can hold; others hold integers only.
_HOLDS = {"c": (int, float, complex, np.number), "f": (int, float, np.integer, np.floating)}


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """Continue the last axes beyond their ends.

    Parameters
    ----------
    input : Tensor or array_like
    pad : sequence of int
        How many elements to add before and after the last axis, then before and after the one before it, and so on;
        negative numbers cut off.
    mode : {"constant", "reflect", "replicate", "circular"}
        With ``value``; mirrored at the first and last element, which are not repeated; with copies of these; or
        periodically.
    value
        By default 0; for mode ``"constant"`` only.

    Returns
    -------
    Tensor
        Of the enlarged shape.

    Raises
    ------
    TypeError
        If ``pad`` holds something else than integers, or the array cannot hold the value.
    ValueError
        If it is of odd length or too long, an axis cannot be cut, mirrored or repeated so far, or ``mode`` or ``value``
        is not valid.

    Examples
    --------
    >>> from autograd import Tensor
    >>> pad(Tensor([[1.0, 2.0], [3.0, 4.0]]), (1, 0), value=9.0).tolist()
    [[9.0, 1.0, 2.0], [9.0, 3.0, 4.0]]
    """
    x = as_numbers(input, "pad")
    if mode not in _MODES:
        raise ValueError(f"pad: mode must be one of {', '.join(map(repr, _MODES))}, got {mode!r}{scope_note()}")
    if value and not isinstance(value, _HOLDS.get(x.dtype.kind, (int, np.integer))):
        raise TypeError(
            f"pad: {describe(raw(x, 'pad'))} cannot hold the value {value!r}; give a number that it can hold, or "
            f"convert it to another dtype first{scope_note()}"
        )
    if mode != "constant" and value:
        raise ValueError(f"pad: mode {mode!r} takes no value, got {value!r}{scope_note()}")
    if not isinstance(pad, (Sequence, np.ndarray)) or not all(
        isinstance(p, (int, np.integer)) and not isinstance(p, bool) for p in pad
    ):
        raise TypeError(f"pad: expected a pair of integers for each axis in a sequence, got {pad!r}{scope_note()}")
    if len(pad) % 2 or len(pad) > 2 * x.ndim:
        raise ValueError(
            f"pad: expected a pair of numbers for each of the last axes of {describe(raw(x, 'pad'))}, got {pad!r}"
            f"{scope_note()}"
        )
    pairs = [(0, 0)] * (x.ndim - len(pad) // 2) + [
        (int(pad[i]), int(pad[i + 1])) for i in reversed(range(0, len(pad), 2))
    ]
    if any(n + min(a, 0) + min(b, 0) < 0 for n, (a, b) in zip(x.shape, pairs, strict=True)):
        raise ValueError(f"pad: cannot cut {pad!r} off {describe(raw(x, 'pad'))}{scope_note()}")
    if min(map(min, pairs), default=0) < 0:
        x = ops.getitem(x, tuple(slice(max(0, -a), n - max(0, -b)) for n, (a, b) in zip(x.shape, pairs, strict=True)))
    widths = tuple((max(a, 0), max(b, 0)) for a, b in pairs)
    if not any(map(any, widths)):
        return x
    padded = ops.pad(x, widths, _MODES[mode])
    if not value:
        return padded
    border = np.full(padded.shape, value, x.dtype)
    border[tuple(slice(a, n - b) for n, (a, b) in zip(padded.shape, widths, strict=True))] = 0
    return padded + border
