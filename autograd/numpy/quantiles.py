"""Medians, quantiles and percentiles.

Each is an element of the sorted array, or the mean of two neighbours weighted by nearness; that, or those, get the
gradient. Where several elements are equal, it is one of them that stands for its place, as NumPy's partition has it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import shape_of
from autograd.numpy._arguments import axes_last, plain
from autograd.primitives import raw
from autograd.protocols import implements, refuse
from autograd.tensor import Tensor

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]

Axis = int | tuple[int, ...] | None


def _missing(values: Any) -> Any:
    """Which elements are NaN; False where none is."""
    missing = np.isnan(values) if values.dtype.kind in "fc" else False
    return missing if np.any(missing) else False


@implements(np.median)
def median(a: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    """As NumPy's. Of an even number of elements both middle ones get half of the gradient."""
    refuse("median", out=out)
    row, _, kept = axes_last(a, axis, "median")
    values = np.asarray(plain(row))
    n = values.shape[-1]
    if not n:
        return ops.mean(a, axis=axis, keepdims=keepdims)  # NaN, with NumPy's warning
    places = slice((n - 1) // 2, n // 2 + 1)
    order = np.argpartition(values, (places.start, places.stop - 1), -1)
    middle = ops.mean(ops.take_along_axis(row, order[..., places], -1), axis=-1)
    missing = _missing(values)
    if missing is not False:
        middle = ops.where(missing.any(-1), np.nan, middle)
    return ops.reshape(middle, kept) if keepdims else middle


@implements(np.nanmedian)
def nanmedian(a: Any, axis: Axis = None, out: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    refuse("nanmedian", out=out)
    if _missing(np.asarray(plain(a))) is False:
        return median(a, axis, keepdims=keepdims)
    return _quantile(np.nanquantile, 1, a, 0.5, axis, "linear", keepdims, None)


#: For the methods by which quantiles move with q: among n sorted elements they lie at q (n + 1 - α - β) + α - 1.
_PLACES = {
    "linear": (1.0, 1.0),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "normal_unbiased": (0.375, 0.375),
    "median_unbiased": (1 / 3, 1 / 3),
    "weibull": (0.0, 0.0),
}


def _speed(q: Any, count: Any, method: str) -> Any:
    """How fast the place of a quantile moves with q, in elements."""
    if method not in _PLACES:
        return np.zeros(np.broadcast_shapes(q.shape, count.shape))
    alpha, beta = _PLACES[method]
    speed = count + 1 - alpha - beta
    place = q * speed + alpha - 1
    return np.where((place >= 0) & (place <= count - 1), speed, 0.0)


def _quantile(
    of_plain: Callable[..., Any],
    whole: int,
    a: Any,
    q: Any,
    axis: Axis,
    method: str,
    keepdims: bool,
    weights: Any,
) -> Any:
    """A quantile function, with q from 0 to ``whole``.

    Where it lies among the sorted elements is the same quantile of their ranks 0, 1, 2, ..., which NumPy computes; the
    value is that of the element there, or the mean of the two that it lies between, weighted by nearness.
    """
    row, reduced, kept = axes_last(a, axis, of_plain.__name__)
    values, points = np.asarray(plain(row)), np.asarray(plain(q))
    n = values.shape[-1]
    missing, order = _missing(values), None
    settings: dict[str, Any] = {"method": method} if weights is None else {"method": method, "weights": np.ones(1)}
    dtype = of_plain(np.zeros(1, values.dtype), plain(q), **settings).dtype
    if not n:
        warnings.warn("Mean of empty slice", RuntimeWarning, stacklevel=3)
        place = np.full((*reduced, points.size), np.nan)
    elif missing is False and weights is None:  # the same places in all rows
        place = np.asarray(of_plain(np.arange(float(n)), points, method=method)).reshape(-1)
        place = np.broadcast_to(place, (*reduced, place.size))
    else:
        if weights is not None:
            weights = plain(weights)
            same = np.shape(weights) == shape_of(raw(a, "quantile"))
            settings["weights"] = axes_last(weights, axis, of_plain.__name__)[0] if same else weights
        order = np.argsort(values, -1, kind="stable")
        ranks = np.empty(values.shape)
        np.put_along_axis(ranks, order, np.broadcast_to(np.arange(float(n)), values.shape), -1)
        if missing is not False:
            ranks[missing] = np.nan
        place = np.asarray(of_plain(ranks, points, axis=-1, **settings)).reshape(-1, *reduced)
        place = np.moveaxis(place, 0, -1)  # one column for each q
    if n:
        count = n if missing is False else np.count_nonzero(~missing, axis=-1, keepdims=True)
        found = _between(row, values, order, place, count, q, whole, method, dtype)
    else:
        found = ops.sum(row, axis=-1, keepdims=True) + place  # NaN
    if found.dtype != dtype:
        found = ops.astype(found, dtype)
    found = ops.transpose(found, (len(reduced), *range(len(reduced))))
    return ops.reshape(found, points.shape + (kept if keepdims else reduced))


def _between(
    row: Any, values: Any, order: Any, place: Any, count: Any, q: Any, whole: int, method: str, dtype: Any
) -> Any:
    """What lies at places among the sorted elements, also between two of them."""
    nothing = np.isnan(place)
    place = np.where(nothing, 0.0, place)
    lower, upper = np.floor(place), np.ceil(place)
    share: Any = place - lower
    moving = isinstance(q, Tensor)
    if moving:  # two elements to move between, also where the quantile is one of them
        lower = np.minimum(lower, np.maximum(count - 2, 0))
        upper = np.minimum(lower + 1, np.maximum(count - 1, 0))
        fractions = np.asarray(plain(q)).reshape(-1) / whole
        share = (place - lower) + _speed(fractions, np.asarray(count), method) * (
            ops.reshape(q, -1) / whole - fractions
        )
    share = ops.astype(share, dtype)
    low, high = lower.astype(np.intp), upper.astype(np.intp)
    if order is None:
        order = np.argpartition(values, np.union1d(low, high), -1) if low.size else np.zeros(values.shape, np.intp)

    def taken(places: Any) -> Any:
        return ops.take_along_axis(row, np.take_along_axis(order, places, -1), -1)

    found = taken(low)
    if moving or np.any(share):
        found = found + share * (taken(high) - found)
    return ops.where(nothing, np.nan, found) if nothing.any() else found


@implements(np.quantile)
def quantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Any:
    """As NumPy's, differentiable by the elements and by q. Weights choose an element, and have no gradient."""
    refuse("quantile", out=out)
    return _quantile(np.quantile, 1, a, q, axis, method, keepdims, weights)


@implements(np.percentile)
def percentile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Any:
    refuse("percentile", out=out)
    return _quantile(np.percentile, 100, a, q, axis, method, keepdims, weights)


@implements(np.nanquantile)
def nanquantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Any:
    refuse("nanquantile", out=out)
    return _quantile(np.nanquantile, 1, a, q, axis, method, keepdims, weights)


@implements(np.nanpercentile)
def nanpercentile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
) -> Any:
    refuse("nanpercentile", out=out)
    return _quantile(np.nanpercentile, 100, a, q, axis, method, keepdims, weights)
