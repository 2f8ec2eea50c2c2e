"""Running sums and products along an axis, linear recurrences, and the product over axes.

The derivative of a product by one factor is the product of the others. It is never computed by dividing by that factor,
which may be 0, but from running products: those of all factors before it and those of all after it. What a running
product sends back is a linear recurrence, and so are the derivatives of a linear recurrence: nothing here divides, so
derivatives of every order are right at zeros, however many there are, in time proportional to the number of elements.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod as product
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd._values import dtype_of
from autograd.ops.reductions import Axis, _expand, _shape, sum
from autograd.ops.shape import concatenate, reshape, transpose
from autograd.primitives import custom, linear, raw
from autograd.samples import Sample, array

__all__ = ["cumprod", "cumsum", "linear_recurrence", "prod"]


def _cut(x: Any, axis: int, part: slice) -> Any:
    return x[(slice(None),) * (axis % len(_shape(x))) + (part,)]


def _reversed(x: Any, axis: int) -> Any:
    return _cut(x, axis, slice(None, None, -1))


def _shifted(x: Any, axis: int, first: float) -> Any:
    """Every element in the place after its own; a constant in the first place, and the last element is gone."""
    shape = list(_shape(x))
    if not shape[axis]:
        return x
    shape[axis] = 1
    start = np.full(shape, first, dtype_of(raw(x, "cumulative")))
    return concatenate([start, _cut(x, axis, slice(None, -1))], axis=axis)


# ---------------------------------------------------------------------------------------------------------------------
# Running sums
# ---------------------------------------------------------------------------------------------------------------------


def _samples() -> Iterable[Sample]:
    z = array(2, 3) + 1j * array(2, 3, seed=1)
    return [
        Sample((array(4),), {"axis": 0}),
        Sample((array(2, 3, 2),), {"axis": 1}),
        Sample((z,), {"axis": -1}),
        Sample((array(1),), {"axis": 0}),
        Sample((array(0, 3),), {"axis": 0}),
        Sample((array(0, 3),), {"axis": 1}),
    ]


def _samples_with_zeros() -> Iterable[Sample]:
    return [
        *_samples(),
        Sample((np.array([1.5, 0.0, -2.0, 0.5]),), {"axis": 0}),
        Sample((np.array([[0.0, 2.0, 0.0], [3.0, 0.0, -1.0]]),), {"axis": 1}),
        Sample((np.zeros((3, 2)),), {"axis": 0}),
    ]


def _cumsum_back(ct: Any, x: Any, out: Any, *, axis: int) -> Any:
    return _reversed(cumsum(_reversed(ct, axis), axis), axis)


@linear(
    transpose=_cumsum_back,
    symbol="cumsum",
    formula=r"\sum_{j \leq i} x_j",
    samples=_samples,
)
def cumsum(x: Any, axis: int) -> Any:
    """Running sum along an axis.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Raises
    ------
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> cumsum(Tensor([1.0, 2.0, 3.0]), 0).tolist()
    [1.0, 3.0, 6.0]
    """
    return np.cumsum(x, axis=axis)


# ---------------------------------------------------------------------------------------------------------------------
# Linear recurrences
# ---------------------------------------------------------------------------------------------------------------------


def _solve(a: Any, b: Any) -> Any:
    """The recurrence along the first axis: n steps' work in 2 log(n) operations on arrays.

    Two steps in one are a step of the same kind: y[i] = a[i] a[i-1] y[i-2] + (a[i] b[i-1] + b[i]). The recurrence of
    those gives every other element, from which the ones in between follow.
    """
    if len(b) < 2:
        return b.copy()
    y = np.empty_like(b)
    y[1::2] = _solve(a[1::2] * a[:-1:2], a[1::2] * b[:-1:2] + b[1::2])
    y[0] = b[0]
    y[2::2] = a[2::2] * y[1:-1:2] + b[2::2]
    return y


def _solve_back(ct: Any, a: Any, axis: int) -> Any:
    """The transposed recurrence, which runs from the end: z[i] = ct[i] + a[i+1] z[i+1]."""
    coefficients = _shifted(_reversed(a, axis), axis, 0.0)
    return _reversed(linear_recurrence(coefficients, _reversed(ct, axis), axis), axis)


def _tangent_of_recurrence(tangents: Any, a: Any, b: Any, out: Any, *, axis: int) -> Any:
    along_a, along_b = tangents
    source = None if along_a is None else along_a * _shifted(out, axis, 0.0)
    if source is None or along_b is None:
        return linear_recurrence(a, along_b if source is None else source, axis)
    return linear_recurrence(a, source + along_b, axis)


def _recurrence_gates(a: Any, b: Any, axis: int = -1) -> Any:
    n = _shape(b)[axis]
    steps = [_cut(b, axis, slice(0, 1))]
    for i in range(1, n):
        steps.append(_cut(a, axis, slice(i, i + 1)) * steps[-1] + _cut(b, axis, slice(i, i + 1)))
    return concatenate(steps, axis=axis)


def _samples_recurrence() -> Iterable[Sample]:
    calls = [(2,), (5,), (2, 4, 3), (0, 3)]
    z = array(3, 2) + 1j * array(3, 2, seed=1)
    return [
        *(Sample((array(*shape), array(*shape, seed=1)), {"axis": min(1, len(shape) - 1)}) for shape in calls),
        Sample((np.array([0.5, 0.0, 0.0, 2.0, 1.0]), array(5)), {"axis": -1}),
        Sample((z, z[::-1]), {"axis": 0}),
    ]


@custom(
    vjps=(
        lambda ct, a, b, out, *, axis: _solve_back(ct, a, axis) * _shifted(out, axis, 0.0),
        lambda ct, a, b, out, *, axis: _solve_back(ct, a, axis),
    ),
    jvp=_tangent_of_recurrence,
    symbol="recurrence",
    formula=r"y_i = a_i y_{i-1} + b_i",
    samples=_samples_recurrence,
    decomposition=_recurrence_gates,
)
def linear_recurrence(a: Any, b: Any, axis: int = -1) -> Any:
    """Linear recurrence of first order along an axis: every element is a multiple of the last, plus something.

    Parameters
    ----------
    a : Tensor or array_like
        By what the last element is multiplied; the first of these is not used.
    b : Tensor or array_like
        What is added, of the same shape; the first of these is where the recurrence starts.
    axis : int
        The axis along which it runs.

    Returns
    -------
    Tensor
        All elements, in the shape of the inputs.

    Raises
    ------
    ValueError
        If the shapes differ, or there is no such axis.

    Notes
    -----
    Running products, discounted sums and recursive filters are of this kind. It is computed in a number of steps
    proportional to the logarithm of the length, with about three multiplications an element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> linear_recurrence(Tensor([0.5, 0.5, 0.5]), Tensor([8.0, 0.0, 1.0])).tolist()
    [8.0, 4.0, 3.0]
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError("both inputs must have the same shape")
    first = np.moveaxis(b.astype(np.result_type(a, b), copy=False), axis, 0)
    return np.moveaxis(_solve(np.moveaxis(a, axis, 0), first), 0, axis)


# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------


def _before(out: Any, axis: int) -> Any:
    """For each factor of a running product the product of all before it."""
    return _shifted(out, axis, 1.0)


@custom(
    vjps=(lambda ct, x, out, *, axis: _before(out, axis) * _solve_back(ct, x, axis),),
    jvp=lambda tangents, x, out, *, axis: linear_recurrence(x, tangents[0] * _before(out, axis), axis),
    symbol="cumprod",
    formula=r"\prod_{j \leq i} x_j",
    samples=_samples_with_zeros,
)
def cumprod(x: Any, axis: int) -> Any:
    """Running product along an axis. Zeros among the factors are no exception to its derivatives.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Raises
    ------
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> cumprod(Tensor([1.0, 2.0, 3.0]), 0).tolist()
    [1.0, 2.0, 6.0]
    """
    return np.cumprod(x, axis=axis)


def _others(x: Any, axis: Axis) -> Any:
    """For each factor the product of all others: of those before it times those after it."""
    shape = _shape(x)
    if not shape:
        return np.ones((), dtype_of(raw(x, "prod")))
    axes = normalize_axis_tuple(range(len(shape)) if axis is None else axis, len(shape))
    if len(axes) == 1:
        along = axes[0]
        before = _before(cumprod(x, along), along)
        after = _reversed(_before(cumprod(_reversed(x, along), along), along), along)
        return before * after
    # Several axes: as one, which comes last.
    order = [i for i in range(len(shape)) if i not in axes] + list(axes)
    moved = [shape[i] for i in order]
    first = len(shape) - len(axes)
    merged = reshape(transpose(x, order), (*moved[:first], product(moved[first:])))
    return transpose(reshape(_others(merged, -1), tuple(moved)), tuple(int(i) for i in np.argsort(order)))


def _samples_prod() -> Iterable[Sample]:
    z = array(2, 3) + 1j * array(2, 3, seed=1)
    zeros = np.array([[1.5, 0.0, -2.0], [0.0, 0.5, 0.0]])
    return [
        Sample((array(),)),
        Sample((array(2, 3),)),
        Sample((array(2, 3),), {"axis": -1, "keepdims": True}),
        Sample((array(2, 3, 2),), {"axis": (0, -1)}),
        Sample((array(2, 3, 2),), {"axis": ()}),
        Sample((z,), {"axis": 0}),
        Sample((zeros[0],)),
        Sample((zeros,)),
        Sample((zeros,), {"axis": 1}),
        Sample((array(0),)),
        Sample((array(0, 3),), {"axis": 1}),
        Sample((array(0, 3),), {"axis": 0}),
    ]


@custom(
    vjps=(lambda ct, x, out, *, axis, keepdims: _expand(ct, x, axis) * _others(x, axis),),
    jvp=lambda tangents, x, out, *, axis, keepdims: sum(tangents[0] * _others(x, axis), axis=axis, keepdims=keepdims),
    symbol="∏",
    formula=r"\prod_i x_i",
    samples=_samples_prod,
)
def prod(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Product over axes. Zeros among the factors are no exception to its derivatives.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int or tuple of int, optional
        The axes to multiply over; by default all.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape and the same dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import prod
    >>> prod(Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0).tolist()
    [3.0, 8.0]
    """
    return np.multiply.reduce(x, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]
