"""Repeating elements, and moving them along their axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd import ops
from autograd._values import shape_of
from autograd.numpy.shapes import permuted
from autograd.primitive import raw
from autograd.protocols import implements

__all__: list[str] = []


def _repeated(x: Any, counts: tuple[int, ...], inner: bool) -> Any:
    """Repeat along each axis: every element (``inner``) or the whole."""
    shape = shape_of(raw(x, "repeat"))
    single, several, joined = [], [], []
    for n, count in zip(shape, counts, strict=True):
        # An axis that is not repeated needs no axis beside it.
        pair = [(n, n)] if count == 1 else [(n, n), (1, count)] if inner else [(1, count), (n, n)]
        single += [length for length, _ in pair]
        several += [length for _, length in pair]
        joined.append(n * count)
    return ops.reshape(ops.broadcast_to(ops.reshape(x, tuple(single)), tuple(several)), tuple(joined))


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
    return _repeated(A, counts, inner=False)


@implements(np.repeat)
def _repeat(a: Any, repeats: Any, axis: int | None = None) -> Any:
    shape = shape_of(raw(a, "repeat"))
    if axis is None:
        a, axis, shape = ops.reshape(a, -1), 0, (int(np.prod(shape)),)
    axis = normalize_axis_index(axis, len(shape))
    if np.size(repeats) != 1:
        index = np.repeat(np.arange(shape[axis]), repeats)
        return ops.getitem(a, (*(slice(None),) * axis, index))
    count = int(np.reshape(repeats, ()))
    if count < 0:
        raise ValueError(f"repeat: repeats must not be negative, got {count}")
    return _repeated(a, tuple(count if i == axis else 1 for i in range(len(shape))), inner=True)


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
