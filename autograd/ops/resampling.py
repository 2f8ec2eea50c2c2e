"""Resampling along an axis: every new element is a weighted sum of a few old ones."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.indexing import getitem, scatter_add
from autograd.primitives import linear, raw
from autograd.samples import Sample, array

__all__ = ["interpolation", "resample", "resample_transpose"]

Array = Any  # of numbers; NumPy's stubs know no indices made of tuples of unknown length
#: Up to how many elements the matrix of a resampling may have.
_LARGEST_MATRIX = 1 << 17
#: From how many elements on NumPy's own summation of runs along the last axis is faster than adding whole arrays.
_LONG_RUN = 4
_CUBIC = -0.75  # the slope that decides the shape of the cubic kernel


def interpolation(mode: str, size: int, count: int, scale: float | None, align_corners: bool) -> tuple[Array, Array]:
    """Which old elements each new one is made of, and their weights.

    Parameters
    ----------
    mode : {"nearest", "nearest-exact", "linear", "cubic", "area"}
        With ``"area"`` each is the mean of those that it covers, if only in part; the two settings below are not used.
    size, count : int
        How many elements there are, and how many there are to be.
    scale : float, optional
        The distance between new elements; by default ``size / count``.
    align_corners : bool
        Whether the first and last elements are to be the same, instead of the outer edges (linear and cubic only).

    Returns
    -------
    index, weights : ndarray
        ``(terms, count)`` each, every row of ``index`` in ascending order.

    Notes
    -----
    Cubic: Keys, "Cubic convolution interpolation for digital image processing" (1981).

    Examples
    --------
    >>> index, weights = interpolation("linear", 2, 4, None, align_corners=False)
    >>> index.tolist(), weights.tolist()
    ([[0, 0, 0, 1], [1, 1, 1, 1]], [[1.0, 0.75, 0.25, 1.0], [0.0, 0.25, 0.75, 0.0]])
    """
    new = np.arange(count)
    if mode == "area":
        first, last = new * size // count, -(-(new + 1) * size // count) - 1
        length = last - first + 1
        index = np.minimum(first + np.arange(length.max())[:, np.newaxis], last)
        # Shorter means repeat their last element, in parts: with a weight of zero infinity would become NaN.
        parts = np.where(index == last, (index == last).sum(0), 1)
        return index, 1 / (length * parts)
    if mode.startswith("nearest"):
        # In single precision, as PyTorch has it, so that the same elements are chosen where rounding decides.
        step = np.float32(size / count if scale is None else scale)
        start = new.astype(np.float32) + np.float32(0.5 * (mode == "nearest-exact"))
        index = np.minimum(np.floor(start * step).astype(np.intp), size - 1)
        return index[np.newaxis], np.ones((1, count))
    if align_corners:
        place = new * ((size - 1) / (count - 1) if count > 1 else 0.0)
    else:
        place = (new + 0.5) * (size / count if scale is None else scale) - 0.5
    if mode == "linear":
        place = np.clip(place, 0, size - 1)
        left = np.floor(place).astype(np.intp)
        index = np.minimum(np.stack([left, left + 1]), size - 1)
        weight = place - left
        return index, np.stack([1 - weight, weight])
    left = np.floor(place).astype(np.intp)
    index = np.clip(left + np.arange(-1, 3)[:, np.newaxis], 0, size - 1)
    x = place - left
    near, far = np.stack([x, 1 - x]), np.stack([x + 1, 2 - x])
    inner = ((_CUBIC + 2) * near - (_CUBIC + 3)) * near * near + 1
    outer = ((_CUBIC * far - 5 * _CUBIC) * far + 8 * _CUBIC) * far - 4 * _CUBIC
    return index, np.stack([outer[0], inner[0], inner[1], outer[1]])


def _along(axis: int, index: Any) -> tuple[Any, ...]:
    """An index along an axis counted from the end."""
    return (..., index, *(slice(None),) * (-axis - 1))


def _weights(weights: Array, axis: int, dtype: Any) -> Array:
    return weights.reshape(len(weights), -1, *(1,) * (-axis - 1)).astype(dtype)


def _as_product(x: Array, count: int, axis: int) -> bool:
    """Whether to multiply with a matrix, mostly zeros: where it is small that is ten times faster.

    Not where there are infinite elements, which would spread: zero times infinity is not zero.
    """
    return bool(x.shape[axis] * count <= _LARGEST_MATRIX and x.dtype.kind == "f" and np.isfinite(x).all())


def _matrix(index: Array, weights: Array, size: int, dtype: Any) -> Array:
    matrix = np.zeros((weights.shape[1], size))
    np.add.at(matrix, (np.arange(weights.shape[1]), index), weights)
    return matrix.astype(dtype)


def _product(matrix: Array, x: Array, axis: int) -> Array:
    shape = list(x.shape)
    shape[axis] = len(matrix)
    if axis == -1:
        return (x.reshape(math.prod(x.shape[:-1]), x.shape[-1]) @ matrix.T).reshape(shape)
    after = math.prod(x.shape[axis + 1 :])
    return np.matmul(matrix, x.reshape(*x.shape[: axis + 1], after)).reshape(shape)


def _sum_runs(y: Array, starts: Array, axis: int) -> Array:
    """``np.add.reduceat``, five to forty times faster where runs are short or not along the last axis."""
    lengths = np.diff(starts, append=y.shape[axis])
    if axis == -1 and lengths.max() > _LONG_RUN:
        return np.add.reduceat(y, starts, axis=axis)
    total = np.take(y, starts, axis=axis)
    for k in range(1, lengths.max()):
        longer = np.flatnonzero(lengths > k)
        part = np.take(y, starts[longer] + k, axis=axis)
        if len(longer) == len(starts):
            total += part
        else:
            total[_along(axis, longer)] += part
    return total


def _resample_gates(x: Any, *, index: Array, weights: Array, axis: int) -> Any:
    terms = [
        getitem(x, _along(axis, i)) * w
        for i, w in zip(index, _weights(weights, axis, raw(x, "resample").dtype), strict=True)
    ]
    return sum(terms[1:], start=terms[0])


def _transpose_gates(y: Any, *, index: Array, weights: Array, axis: int, size: int) -> Any:
    shape = list(shape_of(raw(y, "resample")))
    shape[axis] = size
    terms = [
        scatter_add(y * w, _along(axis, i), tuple(shape))
        for i, w in zip(index, _weights(weights, axis, raw(y, "resample").dtype), strict=True)
    ]
    return sum(terms[1:], start=terms[0])


def _resample_back(ct: Any, x: Any, out: Any, *, index: Array, weights: Array, axis: int) -> Any:
    size = shape_of(raw(x, "resample"))[axis]
    return resample_transpose(ct, index=index, weights=weights, axis=axis, size=size)


_CASES: list[tuple[tuple[int, ...], str, int, int]] = [
    # shape, mode, new length, axis
    ((2, 4), "nearest", 7, -1),
    ((5,), "nearest", 2, -1),
    ((2, 3, 2), "linear", 5, -2),
    ((2, 3), "cubic", 4, -1),
    ((0, 3), "linear", 2, -1),
]


def _samples(transposed: bool) -> Iterable[Sample]:
    for shape, mode, count, axis in _CASES:
        index, weights = interpolation(mode, shape[axis], count, None, align_corners=False)
        attributes = {"index": index, "weights": weights, "axis": axis}
        if transposed:
            after = list(shape)
            after[axis] = count
            yield Sample((array(*after),), {**attributes, "size": shape[axis]})
        else:
            yield Sample((array(*shape),), attributes)


@linear(
    transpose=_resample_back,
    symbol="resample",
    formula=r"\textstyle\sum_t w_{t,j} \, x_{i_{t,j}}",
    samples=lambda: _samples(transposed=False),
    decomposition=_resample_gates,
)
def resample(x: Any, *, index: Any, weights: Any, axis: int) -> Any:
    """Make each element along an axis a weighted sum of some of the present ones.

    Parameters
    ----------
    x : Tensor or array_like
    index : ndarray
        ``(terms, count)``: which elements; every row in ascending order.
    weights : ndarray
        ``(terms, count)``.
    axis : int
        Counted from the end, -1 or less.

    Returns
    -------
    Tensor
        Of length ``count`` along the axis.

    Raises
    ------
    IndexError
        If there are no such elements.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> index, weights = np.array([[0, 0, 1], [1, 1, 1]]), np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]])
    >>> resample(Tensor([1.0, 2.0]), index=index, weights=weights, axis=-1).tolist()
    [1.0, 1.5, 2.0]
    """
    if _as_product(x, weights.shape[1], axis):
        return _product(_matrix(index, weights, x.shape[axis], x.dtype), x, axis)
    total = np.take(x, index[0], axis=axis)
    if len(index) == 1 and (weights == 1).all():
        return total
    first, *others = _weights(weights, axis, x.dtype)
    total *= first
    for i, weight in zip(index[1:], others, strict=True):
        total += np.take(x, i, axis=axis) * weight
    return total


@linear(
    transpose=lambda ct, y, out, *, index, weights, axis, size: resample(ct, index=index, weights=weights, axis=axis),
    symbol="resampleᵀ",
    formula=r"\textstyle\sum_{t,j:\,i_{t,j}=k} w_{t,j} \, y_j",
    samples=lambda: _samples(transposed=True),
    decomposition=_transpose_gates,
)
def resample_transpose(y: Any, *, index: Any, weights: Any, axis: int, size: int) -> Any:
    """Add each element along an axis, weighted, to those it was made of: what :func:`resample` does, backwards.

    Parameters
    ----------
    y : Tensor or array_like
        Of length ``count`` along the axis.
    index, weights, axis
        Those of :func:`resample`.
    size : int
        The length of the axis before.

    Returns
    -------
    Tensor
        Of that length along the axis.

    Raises
    ------
    IndexError
        If there are no such elements.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> index, weights = np.array([[0, 0, 1], [1, 1, 1]]), np.array([[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]])
    >>> resample_transpose(Tensor([1.0, 10.0, 100.0]), index=index, weights=weights, axis=-1, size=2).tolist()
    [6.0, 105.0]
    """
    shape = list(y.shape)
    shape[axis] = size
    if _as_product(y, size, axis):
        return _product(_matrix(index, weights, size, y.dtype).T, y, axis)
    x = np.zeros(shape, y.dtype)
    for i, weight in zip(index, _weights(weights, axis, y.dtype), strict=True):
        starts = np.flatnonzero(np.diff(i, prepend=-1))  # each run of equal indices is summed at once
        x[_along(axis, i[starts])] += _sum_runs(y * weight, starts, axis)
    return x
