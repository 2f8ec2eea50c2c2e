"""Averages, variances and correlations, and the trapezoidal rule."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd import ops
from autograd._values import shape_of
from autograd.numpy import reductions
from autograd.numpy._arguments import cast, chosen, count, plain, real_type
from autograd.ops.variance import safe_sqrt, squared_modulus
from autograd.primitives import raw
from autograd.protocols import implements, refuse
from autograd.tensor import Tensor

__all__ = ["average", "corrcoef", "cov", "std", "trapezoid", "var"]

Axis = int | tuple[int, ...] | None


def _freedom_lost(ddof: float, correction: float | None) -> float:
    if correction is None:
        return ddof
    if ddof:
        raise ValueError("var, std: ddof and correction are the same; give one of them")
    return correction


def _variance(a: Any, axis: Axis, ddof: float, keepdims: bool, where: Any, mean: Any) -> Any:
    """The variance of some of the elements, or around a mean that is given."""
    if mean is None:
        mean = reductions.mean(a, axis, keepdims=True, where=where)
    squares = ops.sum(squared_modulus(chosen(a - mean, where, 0)), axis=axis, keepdims=keepdims)
    freedom = count(shape_of(raw(a, "var")), where, axis, keepdims) - ddof
    if (freedom <= 0).any():
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=3)
        freedom = np.where(freedom <= 0, np.nan, freedom)
    return squares / freedom.astype(real_type(squares))


@implements(np.var)
def var(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    refuse("var", out=out)
    a, ddof = cast(a, dtype), _freedom_lost(ddof, correction)
    if where is True and mean is None:
        return ops.var(a, axis=axis, ddof=ddof, keepdims=keepdims)
    return _variance(a, axis, ddof, keepdims, where, mean)


@implements(np.std)
def std(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """As NumPy's. Where all elements are equal the gradient is 0."""
    refuse("std", out=out)
    a, ddof = cast(a, dtype), _freedom_lost(ddof, correction)
    if where is True and mean is None:
        return ops.std(a, axis=axis, ddof=ddof, keepdims=keepdims)
    return safe_sqrt(_variance(a, axis, ddof, keepdims, where, mean))


# ---------------------------------------------------------------------------------------------------------------------
# Averages
# ---------------------------------------------------------------------------------------------------------------------


def _array(x: Any) -> Any:
    return x if isinstance(x, Tensor) else np.asarray(plain(x))


def _aligned(weights: Any, shape: tuple[int, ...], axis: Axis) -> Any:
    """Weights in a shape that broadcasts to that of what they weigh."""
    given = shape_of(raw(weights, "average"))
    if given == shape:
        return weights
    if axis is None:
        raise TypeError(f"average: weights of shape {given} for an array of shape {shape}: say along which axis")
    axes = normalize_axis_tuple(axis, len(shape), "average")
    if given != tuple(shape[i] for i in axes):
        raise ValueError(f"average: weights of shape {given} for axis {axis} of an array of shape {shape}")
    if len(axes) > 1:
        weights = ops.transpose(weights, tuple(int(i) for i in np.argsort(axes)))
    return ops.reshape(weights, tuple(n if i in axes else 1 for i, n in enumerate(shape)))


@implements(np.average)
def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """As NumPy's; the sum of weights that ``returned=True`` gives has a gradient, too."""
    a = _array(a)
    if weights is None:
        mean = ops.mean(a, axis=axis, keepdims=keepdims)
        total: Any = np.asarray(real_type(mean)(a.size / mean.size))
    else:
        weights = _aligned(_array(weights), a.shape, axis)
        if a.dtype.kind in "biu":
            a = ops.astype(a, np.result_type(a.dtype, weights.dtype, np.float64))
        total = ops.sum(weights, axis=axis, keepdims=keepdims)
        if not np.all(plain(total)):
            raise ZeroDivisionError("average: the weights add up to 0")
        mean = ops.sum(a * weights, axis=axis, keepdims=keepdims) / total
    if not returned:
        return mean
    return mean, total if shape_of(raw(total, "average")) == mean.shape else ops.broadcast_to(total, mean.shape)


# ---------------------------------------------------------------------------------------------------------------------
# Correlations
# ---------------------------------------------------------------------------------------------------------------------


def _observations(x: Any, dtype: Any, rowvar: bool, name: str) -> Any:
    """Variables as rows."""
    x = _array(x)
    if x.ndim > 2:
        raise ValueError(f"{name} has more than 2 dimensions: its shape is {x.shape}")
    x = x if x.dtype == dtype else ops.astype(x, dtype)
    if x.ndim < 2:
        x = ops.reshape(x, (1, -1))
        return x if rowvar or name == "m" or x.shape[0] == 1 else ops.transpose(x)
    return x if rowvar or (name == "y" and x.shape[0] == 1) else ops.transpose(x)


@implements(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """As NumPy's, differentiable by the observations and by ``aweights``."""
    given = [_array(x) for x in (m, y) if x is not None]
    if ddof is not None and ddof != int(ddof):
        raise ValueError(f"cov: ddof must be a whole number, got {ddof}")
    if fweights is not None or aweights is not None:  # NumPy says what is wrong with weights
        np.cov(
            plain(m), None if y is None else plain(y), rowvar, bias, ddof, *map(_plain_or_none, (fweights, aweights))
        )
    dtype = np.result_type(*(x.dtype for x in given), np.float64) if dtype is None else np.dtype(dtype)
    x = _observations(m, dtype, rowvar, "m")
    if x.shape[0] == 0:
        return np.zeros((0, 0))
    if y is not None:
        x = ops.concatenate([x, _observations(y, dtype, rowvar, "y")], axis=0)
    lost = ddof if ddof is not None else 0 if bias else 1
    weights = None if fweights is None else np.asarray(plain(fweights), float)
    if aweights is not None:
        aweights = ops.astype(_array(aweights), np.float64)
        weights = aweights if weights is None else weights * aweights
    if weights is None:
        centred = weighted = x - ops.mean(x, axis=1, keepdims=True)
        freedom: Any = x.shape[1] - lost
    else:
        total = ops.sum(weights)
        centred = x - ops.sum(x * weights, axis=1, keepdims=True) / total
        weighted = centred * weights
        freedom = total - lost if aweights is None else total - lost * ops.sum(weights * aweights) / total
    if plain(freedom) <= 0:
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=2)
        freedom = np.float64(0.0)
    c = ops.matmul(centred, ops.conjugate(ops.transpose(weighted))) * (1 / freedom)
    return ops.reshape(c, ()) if c.size == 1 else c


def _plain_or_none(x: Any) -> Any:
    return None if x is None else plain(x)


@implements(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    c = cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    diagonal = np.arange(len(c))
    deviation = ops.sqrt(ops.real(c[diagonal, diagonal]))
    return c / ops.reshape(deviation, (-1, 1)) / deviation


# ---------------------------------------------------------------------------------------------------------------------
# Integrals
# ---------------------------------------------------------------------------------------------------------------------


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """As NumPy's, differentiable by the values, by the points and by their distance."""
    y = _array(y)
    (along,) = normalize_axis_tuple(axis, y.ndim, "trapezoid")
    later: tuple[Any, ...] = (slice(None),) * along + (slice(1, None),)
    earlier: tuple[Any, ...] = (slice(None),) * along + (slice(None, -1),)
    if x is not None:
        x = _array(x)
        if x.ndim == 1:
            dx = ops.reshape(x[1:] - x[:-1], (-1,) + (1,) * (y.ndim - 1 - along))
        else:
            at = x.ndim + axis if axis < 0 else axis
            dx = x[(slice(None),) * at + (slice(1, None),)] - x[(slice(None),) * at + (slice(None, -1),)]
    return ops.sum(dx * (y[later] + y[earlier]) / 2.0, axis=axis)


# NumPy calls it trapz before 2.0, and both for a while after.
implements(*(getattr(np, name) for name in ("trapezoid", "trapz") if hasattr(np, name)))(trapezoid)
