"""Diagonals and triangles of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd import ops
from autograd._values import shape_of
from autograd.numpy.shapes import permuted
from autograd.primitives import raw
from autograd.protocols import implements, refuse

__all__ = ["make_diagonal"]


def _run(rows: int, columns: int, offset: int) -> tuple[slice, int]:
    """Where a diagonal lies in the flat matrix, and its length."""
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    start = offset if offset >= 0 else -offset * columns
    step = columns + 1
    return slice(start, start + (length - 1) * step + 1, step) if length else slice(0, 0), length


@implements(np.diagonal)
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    shape = shape_of(raw(a, "diagonal"))
    n = len(shape)
    if n < 2:
        raise ValueError(f"diagonal needs an array of at least two axes, got shape {shape}")
    axis1, axis2 = normalize_axis_index(axis1, n), normalize_axis_index(axis2, n)
    if axis1 == axis2:
        raise ValueError(f"diagonal: axis1 and axis2 must differ, got {axis1} twice")
    others = tuple(i for i in range(n) if i not in (axis1, axis2))
    rows, columns = shape[axis1], shape[axis2]
    flat = ops.reshape(permuted(a, (*others, axis1, axis2)), (*(shape[i] for i in others), rows * columns))
    return ops.getitem(flat, (Ellipsis, _run(rows, columns, offset)[0]))


def make_diagonal(D: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Matrices with given diagonals and zeros elsewhere: what ``np.diagonal`` does, backwards.

    Parameters
    ----------
    D : Tensor or array_like
        The diagonals, along the last axis.
    offset : int
        Which diagonal: above the main one, or below if negative.
    axis1, axis2 : int
        The axes of the result that are those of the matrices.

    Returns
    -------
    Tensor
        With one axis more.

    Examples
    --------
    >>> make_diagonal([1.0, 2.0]).tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    *outer, length = shape_of(raw(D, "make_diagonal"))
    n = length + abs(offset)
    flat = ops.scatter_add(D, (Ellipsis, _run(n, n, offset)[0]), (*outer, n * n))
    matrices = ops.reshape(flat, (*outer, n, n))
    ndim = len(outer) + 2
    axis1, axis2 = normalize_axis_index(axis1, ndim), normalize_axis_index(axis2, ndim)
    others = iter(range(len(outer)))
    places = {axis1: ndim - 2, axis2: ndim - 1}
    return permuted(matrices, tuple(places[i] if i in places else next(others) for i in range(ndim)))


@implements(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    shape = shape_of(raw(v, "diag"))
    if len(shape) == 1:
        return make_diagonal(v, k)
    if len(shape) == 2:
        return _diagonal(v, k)
    raise ValueError(f"diag: the array must have one or two axes, got shape {shape}")


@implements(np.diagflat)
def _diagflat(v: Any, k: int = 0) -> Any:
    return make_diagonal(ops.reshape(v, -1), k)


@implements(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    refuse("trace", out=out)
    total = ops.sum(_diagonal(a, offset, axis1, axis2), axis=-1)
    return total if dtype is None else ops.astype(total, np.dtype(dtype))


def _triangle(m: Any, keep: Any) -> Any:
    """Zero outside of the triangle; infinities there leave no trace."""
    shape = shape_of(raw(m, "tril"))
    return ops.where(keep(np.ones((shape * 2)[-2:], bool)), m, 0.0)


@implements(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return _triangle(m, lambda ones: np.tril(ones, k))


@implements(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return _triangle(m, lambda ones: np.triu(ones, k))
