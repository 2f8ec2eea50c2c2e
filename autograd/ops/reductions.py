"""Operations that reduce along axes: sums, extremes, and the softmax family."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.elementwise import exp, log
from autograd.ops.shape import broadcast_to, reshape
from autograd.primitives import custom, linear, raw
from autograd.samples import Sample, array

__all__ = ["log_softmax", "logsumexp", "max", "mean", "min", "sum"]

Axis = int | tuple[int, ...] | None


def _shape(x: Any) -> tuple[int, ...]:
    return shape_of(raw(x, "shape"))


def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """The shape a reduction gives with ``keepdims=True``."""
    if axis is None:
        return (1,) * len(shape)
    reduced = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))} if shape else set()
    return tuple(1 if i in reduced else n for i, n in enumerate(shape))


def _expand(y: Any, x: Any, axis: Axis) -> Any:
    """Give a reduced array back its reduced axes, with length 1."""
    return reshape(y, kept_shape(_shape(x), axis))


#: Up to this many elements an array filled with numbers is made faster than a view that repeats them.
_FILLED = 16384


def _spread(ct: Any, x: Any, axis: Axis) -> Any:
    """Give every element what the group got that it was reduced to."""
    if type(x) is not np.ndarray or x.size > _FILLED or not (type(ct) is float or _is_real(ct)):
        return broadcast_to(_expand(ct, x, axis), _shape(x))
    spread = np.empty(x.shape, x.dtype)
    if type(ct) is np.ndarray:
        spread[...] = ct.reshape(kept_shape(x.shape, axis))
    else:
        spread.fill(ct)
    return spread


def _is_real(ct: Any) -> bool:
    """Whether this is a plain value of real numbers."""
    return isinstance(ct, (np.ndarray, np.floating)) and ct.dtype.kind == "f"


def reduced_count(x: Any, axis: Axis) -> int:
    """How many elements are reduced to one."""
    shape = _shape(x)
    return prod([n for n, k in zip(shape, kept_shape(shape, axis), strict=True) if k == 1])


def _samples() -> Iterable[Sample]:
    return [
        Sample((array(),)),
        Sample((array(2, 3),)),
        Sample((array(2, 3),), {"axis": 0}),
        Sample((array(2, 3),), {"axis": -1, "keepdims": True}),
        Sample((array(2, 3, 4),), {"axis": (0, -1)}),
        Sample((array(1, 3),), {"axis": 0}),
    ]


def _samples_with_empty() -> Iterable[Sample]:
    return [*_samples(), Sample((array(0),)), Sample((array(0, 3),), {"axis": 0}), Sample((array(0, 3),), {"axis": 1})]


def _samples_without_elements() -> Iterable[Sample]:
    return [*_samples(), Sample((array(0, 3),), {"axis": 1})]


@linear(
    transpose=lambda ct, x, out, *, axis, keepdims: _spread(ct, x, axis),
    symbol="Σ",
    formula=r"\sum_i x_i",
    samples=_samples_with_empty,
)
def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Sum over axes.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes to sum over; by default all.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape and the same dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import sum
    >>> sum(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0).tolist()
    [4.0, 6.0]
    """
    return np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]


@linear(
    transpose=lambda ct, x, out, *, axis, keepdims: _spread(ct / (reduced_count(x, axis) or 1), x, axis),
    symbol="mean",
    formula=r"\frac{1}{n}\sum_i x_i",
    samples=_samples_without_elements,
    decomposition=lambda x, axis=None, keepdims=False: sum(x, axis, keepdims) / reduced_count(x, axis),
)
def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Arithmetic mean over axes.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes to average over; by default all.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape and the same dtype; NaN where there was nothing to average.

    Examples
    --------
    >>> from autograd import Tensor
    >>> mean(Tensor([1.0, 2.0, 6.0])).item()
    3.0
    """
    if type(x) is np.ndarray and x.size and x.dtype.kind in "fc" and x.dtype.itemsize > 2:  # as NumPy does, but faster
        total = np.add.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
        return total / (x.size // total.size)
    return np.mean(x, axis=axis, keepdims=keepdims)


def _share(x: Any, out: Any, axis: Axis) -> Any:
    """1 where an element is the extreme one of its group, divided by how many are: a constant."""
    value = np.asarray(raw(x, "max"))
    extreme = np.reshape(raw(out, "max"), kept_shape(value.shape, axis))
    chosen = value == extreme
    if np.isnan(extreme).any():  # which equals nothing: what made it so gets the gradient
        chosen |= np.isnan(value) & np.isnan(extreme)
    weight = chosen / np.sum(chosen, axis=axis, keepdims=True)
    return weight.astype(value.dtype)


def _route_back(ct: Any, x: Any, out: Any, *, axis: Axis, keepdims: bool) -> Any:
    return _expand(ct, x, axis) * _share(x, out, axis)


def _route(tangents: Any, x: Any, out: Any, *, axis: Axis, keepdims: bool) -> Any:
    return sum(tangents[0] * _share(x, out, axis), axis=axis, keepdims=keepdims)


@custom(vjps=(_route_back,), jvp=_route, symbol="max", formula=r"\max_i x_i", samples=_samples_without_elements)
def max(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Largest element along axes. The gradient goes to it, in equal shares where several are equal.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape and the same dtype.

    Raises
    ------
    ValueError
        If there is nothing to choose from.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import max
    >>> max(Tensor([1.0, 3.0, 2.0])).item()
    3.0
    """
    return np.maximum.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]


@custom(vjps=(_route_back,), jvp=_route, symbol="min", formula=r"\min_i x_i", samples=_samples_without_elements)
def min(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Smallest element along axes. The gradient goes to it, in equal shares where several are equal.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape and the same dtype.

    Raises
    ------
    ValueError
        If there is nothing to choose from.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import min
    >>> min(Tensor([1.0, 3.0, 2.0])).item()
    1.0
    """
    return np.minimum.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]


def _finite_max(x: Any, axis: Axis) -> Any:
    """The largest elements with keepdims, or 0 where that is not finite: what to subtract before exponentiating."""
    top = np.max(np.asarray(raw(x, "logsumexp")), axis=axis, keepdims=True)
    return np.where(np.isfinite(top), top, 0).astype(top.dtype)


def _logsumexp_gates(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    top = _finite_max(x, axis)
    total = log(sum(exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else reshape(total, tuple(np.squeeze(np.empty(kept_shape(_shape(x), axis)), axis).shape))


def _softmax_from(x: Any, out: Any, axis: Axis) -> Any:
    return exp(x - _expand(out, x, axis))


@custom(
    vjps=(lambda ct, x, out, *, axis, keepdims: _expand(ct, x, axis) * _softmax_from(x, out, axis),),
    jvp=lambda tangents, x, out, *, axis, keepdims: sum(
        tangents[0] * _softmax_from(x, out, axis), axis=axis, keepdims=keepdims
    ),
    symbol="logsumexp",
    formula=r"\ln \sum_i e^{x_i}",
    samples=_samples_without_elements,
    decomposition=_logsumexp_gates,
)
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Logarithm of the sum of exponentials, without overflow. Its gradient is the softmax.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes to reduce; by default all.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape and the same dtype.

    Raises
    ------
    ValueError
        If there is nothing to sum.

    Examples
    --------
    >>> from autograd import Tensor
    >>> logsumexp(Tensor([1000.0, 1000.0])).item()
    1000.6931471805599
    """
    top = _finite_max(x, axis)
    with np.errstate(divide="ignore"):
        total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


def _samples_log_softmax() -> Iterable[Sample]:
    return [
        Sample((array(3),)),
        Sample((array(2, 3),), {"axis": 0}),
        Sample((array(2, 3, 4),), {"axis": 1}),
        Sample((array(0, 3),)),
        Sample((array(1),)),
    ]


@custom(
    vjps=(lambda ct, x, out, *, axis: ct - exp(out) * sum(ct, axis=axis, keepdims=True),),
    jvp=lambda tangents, x, out, *, axis: tangents[0] - sum(exp(out) * tangents[0], axis=axis, keepdims=True),
    symbol="log softmax",
    formula=r"x_i - \ln \sum_j e^{x_j}",
    samples=_samples_log_softmax,
    decomposition=lambda x, axis=-1: x - logsumexp(x, axis=axis, keepdims=True),
)
def log_softmax(x: Any, axis: int = -1) -> Any:
    """Logarithm of the softmax along an axis, without overflow: log-probabilities from logits.

    Parameters
    ----------
    x : Tensor or array_like
        Logits.
    axis : int
        The axis over which probabilities sum to one.

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> log_softmax(Tensor([0.0, 0.0])).tolist()
    [-0.6931471805599453, -0.6931471805599453]
    """
    if not np.size(x):
        return np.exp(x)  # of no logits there is no largest
    shifted = x - _finite_max(x, axis)
    with np.errstate(divide="ignore"):
        return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
