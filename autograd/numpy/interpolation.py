"""Functions given by pieces or by coefficients: interp, piecewise, polyval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import dtype_of, external
from autograd.protocols import implements
from autograd.tensor import Tensor

__all__: list[str] = []


def _plain(x: Any) -> Any:
    return external(x._data) if isinstance(x, Tensor) else x


def _double(x: Any) -> Any:
    """In double precision, in which NumPy interpolates."""
    dtype = np.result_type(dtype_of(getattr(x, "_data", x)), np.float64)
    if not isinstance(x, Tensor):
        return np.asarray(x, dtype)
    return x if x.dtype == dtype else ops.astype(x, dtype)


@implements(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Straight lines between points, differentiable in all three arrays.

    At a point the derivative is that of the line to its right, at the last point that of the line to its left.
    """
    x, xp, fp = map(_double, (x, xp, fp))
    if np.ndim(_plain(xp)) != 1 or np.shape(_plain(xp)) != np.shape(_plain(fp)) or not len(xp):
        raise ValueError(f"interp: expected points xp, fp in two arrays of one length, got {xp.shape} and {fp.shape}")
    if period is not None:
        x, xp, fp = _unrolled(x, xp, fp, abs(period))
        left = right = None
    at, points = _plain(x), _plain(xp)
    if len(points) == 1:
        value = fp[0] + ops.multiply(0.0, x)  # NaN stays NaN
    else:
        last = max(int(np.searchsorted(points, points[-1])) - 1, 0)
        i = np.clip(np.searchsorted(points, at, side="right") - 1, 0, last)
        value = (fp[i + 1] - fp[i]) / (xp[i + 1] - xp[i]) * (x - xp[i]) + fp[i]
    for outside, end in ((at < points[0], fp[0] if left is None else left),
                         (at > points[-1], fp[-1] if right is None else right)):  # fmt: skip
        if np.any(outside):
            value = ops.where(outside, end, value)
    return value


def _unrolled(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """The points of one period in order, with a neighbour at each side."""
    if period == 0:
        raise ValueError("interp: the period must not be 0")
    x, xp = ops.remainder(x, period), ops.remainder(xp, period)
    order = np.argsort(_plain(xp))
    xp, fp = xp[order], fp[order]
    return (
        x,
        ops.concatenate([xp[-1:] - period, xp, xp[:1] + period]),
        ops.concatenate([fp[-1:], fp, fp[:1]]),
    )


@implements(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """A polynomial by Horner's rule, differentiable in its coefficients, highest first, and in its argument."""
    if not isinstance(p, Tensor) and not any(isinstance(c, Tensor) for c in p):
        p = np.asarray(p)
    value: Any = np.zeros_like(_plain(x))
    for i, coefficient in enumerate(p):
        value = value * x + coefficient if i else value + coefficient
    return value


@implements(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    """Apply to each part of an array, chosen by conditions, its own function, or give it a constant."""
    conditions = _conditions(_plain(condlist), np.ndim(_plain(x)), len(funclist))
    value: Any = np.zeros_like(_plain(x))
    for condition, function in zip(conditions, funclist, strict=True):
        if not callable(function):
            value = ops.where(condition, function, value)
        elif np.any(condition):
            part = function(ops.getitem(x, condition), *args, **kw)
            value = ops.where(condition, ops.scatter_add(part, condition, np.shape(_plain(x))), value)
    dtype = dtype_of(getattr(x, "_data", x))
    return value if dtype_of(getattr(value, "_data", value)) == dtype else ops.astype(value, dtype)


def _conditions(given: Any, ndim: int, functions: int) -> Any:
    """One condition for each function: the last may be that all others fail."""
    if isinstance(given, (list, tuple)):
        given = [_plain(condition) for condition in given]
    if np.isscalar(given) or (not isinstance(given[0], (list, np.ndarray)) and ndim != 0):
        given = [given]
    conditions = np.asarray(given, bool)
    if len(conditions) == functions - 1:
        return np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    if len(conditions) != functions:
        raise ValueError(f"piecewise: {len(conditions)} conditions need as many functions or one more, got {functions}")
    return conditions
