"""Variance and standard deviation: one pass over the centred values, which are kept for the gradient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd._values import dtype_of
from autograd.ops.complex import conjugate, real
from autograd.ops.elementwise import sqrt, where
from autograd.ops.normalization import _dot, _precise
from autograd.ops.reductions import Axis, _expand, mean, reduced_count, sum
from autograd.primitives import fused, raw
from autograd.samples import Sample, array

__all__ = ["safe_sqrt", "squared_modulus", "std", "var"]


def squared_modulus(x: Any) -> Any:
    """The square of the absolute value, of tensors or plain values."""
    return real(x * conjugate(x)) if dtype_of(raw(x, "absolute")).kind == "c" else x * x


def safe_sqrt(x: Any) -> Any:
    """The square root, of tensors or plain values, with derivative 0 at 0."""
    zero = raw(x, "sqrt") == 0
    return where(zero, 0.0, sqrt(where(zero, 1.0, x))) if np.any(zero) else sqrt(x)


#: Up to this many elements an array of squares costs less than to do without.
_SMALL = 4096


def _squares(x: Any, axes: tuple[int, ...]) -> Any:
    """The sum of squares over axes, which are kept."""
    if x.dtype.kind == "c":
        return _squares(x.real, axes) + _squares(x.imag, axes)
    return np.add.reduce(x * x, axes, keepdims=True) if x.size <= _SMALL else _dot(x, x, axes)


def _variance(x: Any, axis: Axis, ddof: float) -> tuple[Any, Any, Any]:
    """Variance with the axes kept, the centred values, and by what the sum of their squares was divided."""
    given = np.asarray(x)
    ndim = given.ndim
    axes = tuple(range(ndim)) if axis is None else normalize_axis_tuple(axis, ndim)
    values = _precise(given if given.dtype.kind in "fc" else given.astype(np.float64))
    count = prod([values.shape[i] for i in axes])
    freedom = count - ddof
    if freedom <= 0:  # NumPy knows what to warn of
        value = np.asarray(np.var(values, axis=axes, ddof=ddof, keepdims=True))
        return value, values - np.mean(values, axis=axes, keepdims=True) if count else values, freedom
    centred = values - np.add.reduce(values, axes, keepdims=True) / count
    return _squares(centred, axes) / freedom, centred, freedom


def _outcome(value: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    if type(x) is np.ndarray and x.dtype == np.float16:
        value = value.astype(np.float16)
    return value if keepdims else value.squeeze(axis)


def _conjugate(x: Any) -> Any:
    return np.conjugate(x) if x.dtype.kind == "c" else x  # which of real numbers would be a copy


def _pull_var(
    needed: Sequence[bool], ct: Any, residuals: Any, x: Any, out: Any, *, axis: Axis, ddof: float, keepdims: bool
) -> tuple[Any]:
    centred, freedom, _ = residuals
    return (_conjugate(centred) * (_expand(ct, x, axis) * (2 / freedom if freedom > 0 else np.nan)),)


def _pull_std(
    needed: Sequence[bool], ct: Any, residuals: Any, x: Any, out: Any, *, axis: Axis, ddof: float, keepdims: bool
) -> tuple[Any]:
    centred, freedom, deviation = residuals
    flat = deviation == 0
    scale = np.where(flat, 0, 1 / np.where(flat, 1, deviation)).astype(deviation.dtype)
    return (_conjugate(centred) * (_expand(ct, x, axis) * scale * (1 / freedom if freedom > 0 else np.nan)),)


def _var_gates(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    freedom = reduced_count(x, axis) - ddof
    squares = sum(squared_modulus(x - mean(x, axis, keepdims=True)), axis, keepdims)
    return squares / freedom if freedom > 0 else squares * np.nan


def _std_gates(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return safe_sqrt(var(x, axis, ddof, keepdims))


def _samples() -> Iterable[Sample]:
    z = array(2, 3) + 1j * array(2, 3, seed=1)
    return [
        Sample((array(2, 3),)),
        Sample((array(2, 3),), {"axis": 0}),
        Sample((array(2, 3),), {"axis": -1, "keepdims": True, "ddof": 1}),
        Sample((array(2, 3, 4),), {"axis": (0, -1)}),
        Sample((z,), {"axis": 1, "ddof": 1}),
        Sample((array(0, 3),), {"axis": 1}),
    ]


def _samples_var() -> Iterable[Sample]:
    return [*_samples(), Sample((array(),)), Sample((np.full(3, 2.0),)), Sample((array(1, 3),), {"axis": 0})]


@fused(
    pullback=_pull_var,
    decomposition=_var_gates,
    symbol="var",
    formula=r"\frac{1}{n} \sum_i (x_i - \mathrm{E}[x])^2",
    samples=_samples_var,
)
def var(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """Variance over axes; of complex numbers that of their distance from the mean, a real number.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes to take it over; by default all.
    ddof : float
        What is subtracted from the number of elements before it divides the sum of squares.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape and the same, real dtype; NaN where there were no more than ``ddof`` elements.

    Raises
    ------
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> var(Tensor([1.0, 2.0, 6.0]), ddof=1).item()
    7.0
    """
    value, centred, freedom = _variance(x, axis, ddof)
    return _outcome(value, x, axis, keepdims), (centred, freedom, value)


@fused(
    pullback=_pull_std,
    decomposition=_std_gates,
    symbol="std",
    formula=r"\sqrt{\frac{1}{n} \sum_i (x_i - \mathrm{E}[x])^2}",
    samples=_samples,
)
def std(x: Any, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Any:
    """Standard deviation over axes. Where all elements are equal its gradient is taken as 0.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes to take it over; by default all.
    ddof : float
        What is subtracted from the number of elements before it divides the sum of squares.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape and the same, real dtype; NaN where there were no more than ``ddof`` elements.

    Raises
    ------
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> std(Tensor([1.0, 3.0])).item()
    1.0
    """
    value, centred, freedom = _variance(x, axis, ddof)
    value = np.sqrt(value)
    return _outcome(value, x, axis, keepdims), (centred, freedom, value)
