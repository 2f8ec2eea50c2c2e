"""Sums, products, means and extremes, along axes and running."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import dtype_of, shape_of
from autograd.numpy._arguments import cast, chosen, count, plain, real_type, scalar
from autograd.primitives import raw
from autograd.protocols import ACCUMULATIONS, REDUCTIONS, implements, refuse

__all__ = ["cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "max", "mean", "min", "prod", "ptp", "sum"]

Axis = int | tuple[int, ...] | None


@implements(np.sum)
def sum(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    if dtype is None and out is None and initial is None and where is True:  # as good as always
        return ops.sum(a, axis=axis, keepdims=keepdims)
    refuse("sum", out=out)
    total = ops.sum(chosen(cast(a, dtype), where, 0), axis=axis, keepdims=keepdims)
    return total if initial is None else total + scalar(initial, total)


@implements(np.prod)
def prod(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    refuse("prod", out=out)
    product = ops.prod(chosen(cast(a, dtype), where, 1), axis=axis, keepdims=keepdims)
    return product if initial is None else product * scalar(initial, product)


@implements(np.mean)
def mean(
    a: Any, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    if dtype is None and out is None and where is True:
        return ops.mean(a, axis=axis, keepdims=keepdims)
    refuse("mean", out=out)
    a = cast(a, dtype)
    if where is True:
        return ops.mean(a, axis=axis, keepdims=keepdims)
    divisor = count(shape_of(raw(a, "mean")), where, axis, keepdims).astype(real_type(a))
    if not divisor.all():
        warnings.warn("Mean of empty slice.", RuntimeWarning, stacklevel=2)
        divisor = np.where(divisor == 0, real_type(a)(np.nan), divisor)
    return ops.sum(chosen(a, where, 0), axis=axis, keepdims=keepdims) / divisor


def _extreme(name: str, of_array: Callable[..., Any], of_two: Callable[..., Any]) -> Callable[..., Any]:
    def extreme(
        a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
    ) -> Any:
        if out is None and initial is None and where is True:
            return of_array(a, axis=axis, keepdims=keepdims)
        refuse(name, out=out)
        if initial is None:
            raise ValueError(f"{name}: with where, give initial as well, the result where no element is left")
        initial = scalar(initial, a)
        a = chosen(a, where, initial)
        if not np.size(plain(a)):  # there is nothing to choose from, but the shape is right
            return ops.sum(a, axis=axis, keepdims=keepdims) + initial
        return of_two(of_array(a, axis=axis, keepdims=keepdims), initial)

    extreme.__name__ = extreme.__qualname__ = name
    return extreme


max = implements(np.max, np.amax)(_extreme("max", ops.max, ops.maximum))
min = implements(np.min, np.amin)(_extreme("min", ops.min, ops.minimum))


@implements(np.ptp)
def ptp(a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False) -> Any:
    refuse("ptp", out=out)
    return ops.max(a, axis=axis, keepdims=keepdims) - ops.min(a, axis=axis, keepdims=keepdims)


# ---------------------------------------------------------------------------------------------------------------------
# Running ones
# ---------------------------------------------------------------------------------------------------------------------


def _running(a: Any, axis: int | None) -> tuple[Any, int]:
    """What to run along: all elements in a row by default."""
    if axis is None or not shape_of(raw(a, "cumulative")):
        return ops.reshape(a, -1), 0 if axis is None else axis
    return a, axis


@implements(np.cumsum)
def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    refuse("cumsum", out=out)
    return ops.cumsum(*_running(cast(a, dtype), axis))


@implements(np.cumprod)
def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    refuse("cumprod", out=out)
    return ops.cumprod(*_running(cast(a, dtype), axis))


def _cumulative(name: str, run: Callable[..., Any], start: int) -> Callable[..., Any]:
    def cumulative(
        x: Any, /, *, axis: int | None = None, dtype: Any = None, out: Any = None, include_initial: bool = False
    ) -> Any:
        refuse(name, out=out)
        shape = shape_of(raw(x, name))
        if axis is None and len(shape) > 1:
            raise ValueError(f"{name}: an array of shape {shape} has several axes; say along which with axis")
        x, along = _running(cast(x, dtype), axis)
        result = run(x, along)
        if not include_initial:
            return result
        length = list(shape_of(raw(x, name)))
        length[along] = 1
        return ops.concatenate([np.full(length, start, dtype_of(raw(result, name))), result], axis=along)

    cumulative.__name__ = cumulative.__qualname__ = name
    return cumulative


cumulative_sum = _cumulative("cumulative_sum", ops.cumsum, 0)
cumulative_prod = _cumulative("cumulative_prod", ops.cumprod, 1)
if hasattr(np, "cumulative_sum"):  # NumPy 2.1 and later
    implements(np.cumulative_sum)(cumulative_sum)
    implements(np.cumulative_prod)(cumulative_prod)


def _running_extreme(ufunc: np.ufunc) -> Callable[..., Any]:
    def accumulate(array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        refuse(f"{ufunc.__name__}.accumulate", dtype=dtype, out=out)
        values = plain(array)
        extremes = np.moveaxis(ufunc.accumulate(values, axis=axis), axis, 0)
        # An element is a new extreme where the running one changes; in between the last one holds.
        new = np.zeros(extremes.shape, np.intp)
        new[1:] = np.where(
            extremes[1:] != extremes[:-1], np.arange(1, len(extremes)).reshape(-1, *[1] * (extremes.ndim - 1)), 0
        )
        places = np.maximum.accumulate(new, axis=0)
        return ops.take_along_axis(array, np.moveaxis(places, 0, axis), axis)

    return accumulate


def _along_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's ufunc methods run along the first axis unless told otherwise."""

    def method(array: Any, axis: Any = 0, **settings: Any) -> Any:
        return function(array, axis=axis, **settings)

    return method


REDUCTIONS |= {
    ufunc: _along_first(f) for ufunc, f in ((np.add, sum), (np.multiply, prod), (np.maximum, max), (np.minimum, min))
}
ACCUMULATIONS |= {
    np.add: _along_first(cumsum),
    np.multiply: _along_first(cumprod),
    np.maximum: _running_extreme(np.maximum),
    np.minimum: _running_extreme(np.minimum),
}
