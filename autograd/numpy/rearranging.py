"""Repeating elements, and moving them along their axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd import ops
from autograd._values import shape_of
from autograd.numpy.shapes import permuted
from autograd.primitives import raw
from autograd.protocols import implements

__all__: list[str] = []


@implements(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    shape = shape_of(raw(A, "tile"))
    counts = (int(reps),) if np.ndim(reps) == 0 else tuple(map(int, reps))
    counts = (*(1,) * (len(shape) - len(counts)), *counts)
    if len(shape) < len(counts):
        shape = (*(1,) * (len(counts) - len(shape)), *shape)
        A = ops.reshape(A, shape)
    if all(count == 1 for count in counts):
        return ops.identity(A)
    if all(n == 1 for n, count in zip(shape, counts, strict=True) if count != 1):
        return ops.broadcast_to(A, tuple(n * count for n, count in zip(shape, counts, strict=True)))
    single, several, joined = [], [], []
    for n, count in zip(shape, counts, strict=True):
        # An axis that is not repeated needs no axis beside it.
        single += [n] if count == 1 else [1, n]
        several += [n] if count == 1 else [count, n]
        joined.append(n * count)
    return ops.reshape(ops.broadcast_to(ops.reshape(A, tuple(single)), tuple(several)), tuple(joined))


@implements(np.repeat)
def _repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    shape = shape_of(raw(a, "repeat"))
    if axis is None:
        a, axis = ops.reshape(a, -1), 0
    else:
        axis = normalize_axis_index(axis, len(shape))
    repeats = int(np.reshape(repeats, ())) if np.size(repeats) == 1 else np.asarray(repeats)
    return ops.repeat(a, repeats, axis)


@implements(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    def plain(x: Any) -> Any:
        return tuple(map(int, x)) if isinstance(x, (tuple, list, np.ndarray)) and np.ndim(x) else x

    return ops.roll(a, plain(shift), plain(axis))


@implements(np.flip)
def _flip(m: Any, axis: Any = None) -> Any:
    n = len(shape_of(raw(m, "flip")))
    axes = range(n) if axis is None else normalize_axis_tuple(axis, n)
    return ops.getitem(m, tuple(slice(None, None, -1) if i in axes else slice(None) for i in range(n)))


def _at_least(function: str, m: Any, ndim: int) -> None:
    if len(shape_of(raw(m, function))) < ndim:
        raise ValueError(f"{function}: the array must have at least {ndim} axes, got {shape_of(raw(m, function))}")


@implements(np.fliplr)
def _fliplr(m: Any) -> Any:
    _at_least("fliplr", m, 2)
    return _flip(m, 1)


@implements(np.flipud)
def _flipud(m: Any) -> Any:
    _at_least("flipud", m, 1)
    return _flip(m, 0)


@implements(np.rot90)
def _rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    n = len(shape_of(raw(m, "rot90")))
    if len(axes) != 2:
        raise ValueError(f"rot90: axes must be two, got {axes}")
    first, second = normalize_axis_tuple(axes, n)  # raises where they are one
    order = list(range(n))
    order[first], order[second] = second, first
    k = k % 4
    if k == 2:
        return _flip(m, (first, second))
    if k == 1:
        return permuted(_flip(m, second), tuple(order))
    return _flip(permuted(m, tuple(order)), second) if k else ops.identity(m)
