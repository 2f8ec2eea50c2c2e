"""Sorting, and choosing elements along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.numpy._arguments import plain
from autograd.ops.indexing import plain_index
from autograd.protocols import implements, refuse
from autograd.tensor import Tensor

__all__ = ["bincount", "partition", "sort", "sort_complex", "take_along_axis"]


def _in_a_row(a: Any, axis: int | None) -> tuple[Any, int]:
    return (ops.reshape(a, -1), 0) if axis is None else (a, axis)


@implements(np.sort)
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> Any:
    """As NumPy's, always stable: equal elements keep their order, so each gets the gradient of its own place."""
    refuse("sort", order=order)
    return ops.sort(*_in_a_row(a, axis))


@implements(np.sort_complex)
def sort_complex(a: Any) -> Any:
    ordered = ops.sort(a)
    return ordered if ordered.dtype.kind == "c" else ops.astype(ordered, np.complex128)


@implements(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: Any = None) -> Any:
    refuse("partition", order=order)
    a, axis = _in_a_row(a, axis)
    return ops.take_along_axis(a, np.argpartition(plain(a), kth, axis, kind), axis)


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    arr, axis = _in_a_row(arr, axis)
    return ops.take_along_axis(arr, plain_index(indices), axis)


@implements(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """As NumPy's, differentiable by the weights."""
    x = plain(x)
    counts = np.bincount(x, None, minlength)
    if not isinstance(weights, Tensor):
        return counts if weights is None else np.bincount(x, weights, minlength)
    if weights.shape != np.shape(x):
        raise ValueError(f"bincount: weights of shape {weights.shape} for {np.shape(x)} numbers")
    return ops.scatter_add(ops.astype(weights, np.float64), np.asarray(x), counts.shape)
