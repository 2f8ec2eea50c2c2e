"""The same elements in another shape or another order of axes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd import ops
from autograd._values import shape_of
from autograd.primitives import raw
from autograd.protocols import implements, refuse

__all__: list[str] = []


def length(x: Any) -> int:
    """The number of axes of a tensor or anything array-like."""
    return len(shape_of(raw(x, "ndim")))


def permuted(x: Any, axes: tuple[int, ...]) -> Any:
    """Transpose, unless the axes are in order."""
    return x if axes == tuple(range(len(axes))) else ops.transpose(x, axes)


def _order(x: Any, order: str, function: str) -> tuple[int, ...] | None:
    """The axes in the order in which to read the elements one by one, the fastest last; None if it is the usual one."""
    value = raw(x, function)
    axes = tuple(range(np.ndim(value)))
    flags = getattr(value, "flags", None)
    if order == "C" or flags is None or (order in "AK" and flags.c_contiguous):
        return None
    if order == "F" or (order in "AK" and flags.f_contiguous):
        return axes[::-1]
    if order == "K":
        return tuple(sorted(axes, key=lambda i: -abs(value.strides[i])))
    if order == "A":
        return None
    raise ValueError(f"{function}: order must be one of 'C', 'F', 'A' and 'K', got {order!r}")


@implements(np.reshape)
def _reshape(a: Any, /, shape: Any, order: str = "C", *, copy: bool | None = None) -> Any:
    if order == "K":
        raise ValueError("reshape: order 'K' is not permitted for reshaping")
    axes = _order(a, order, "reshape")
    if axes is None:
        return ops.reshape(a, shape)
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    return ops.transpose(ops.reshape(permuted(a, axes), shape[::-1]))


@implements(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    axes = _order(a, order, "ravel")
    return ops.reshape(a if axes is None else permuted(a, axes), -1)


@implements(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    return ops.transpose(a, axes)


@implements(np.matrix_transpose)
def _matrix_transpose(x: Any, /) -> Any:
    if length(x) < 2:
        raise ValueError(f"matrix_transpose needs an array of at least two axes, got shape {shape_of(raw(x, 'shape'))}")
    return ops.swapaxes(x, -1, -2)


@implements(np.swapaxes)
def _swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    return ops.swapaxes(a, axis1, axis2)


@implements(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    n = length(a)
    source = normalize_axis_tuple(source, n, "source")
    destination = normalize_axis_tuple(destination, n, "destination")
    if len(source) != len(destination):
        raise ValueError(
            f"moveaxis: source and destination must have as many axes, got {len(source)} and {len(destination)}"
        )
    order = [i for i in range(n) if i not in source]
    for place, axis in sorted(zip(destination, source, strict=True)):
        order.insert(place, axis)
    return ops.transpose(a, tuple(order))


@implements(np.rollaxis)
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    n = length(a)
    axis = normalize_axis_index(axis, n)
    if not -n <= start <= n:
        raise ValueError(f"rollaxis: start must be between {-n} and {n}, got {start}")
    start += n if start < 0 else 0
    order = [i for i in range(n) if i != axis]
    order.insert(start - (axis < start), axis)
    return ops.transpose(a, tuple(order))


@implements(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    shape = shape_of(raw(a, "squeeze"))
    if axis is None:
        return ops.reshape(a, tuple(n for n in shape if n != 1))
    axes = normalize_axis_tuple(axis, len(shape))
    if any(shape[i] != 1 for i in axes):
        raise ValueError(f"squeeze: only axes of length 1 can be left out, got axis {axis} of shape {shape}")
    return ops.reshape(a, tuple(n for i, n in enumerate(shape) if i not in axes))


@implements(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    shape = shape_of(raw(a, "expand_dims"))
    axis = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = normalize_axis_tuple(axis, len(shape) + len(axis))
    rest = iter(shape)
    return ops.reshape(a, tuple(1 if i in axes else next(rest) for i in range(len(shape) + len(axes))))


def _at_least(arrays: tuple[Any, ...], ndim: int) -> Any:
    found = tuple(at_least(x, ndim) for x in arrays)
    return found[0] if len(found) == 1 else found


def at_least(x: Any, ndim: int) -> Any:
    """An array with at least so many axes, as ``np.atleast_1d`` and its kin have it."""
    value = raw(x, "shape")
    n = np.ndim(value)
    if n >= ndim:
        return x
    shape = shape_of(value)
    # Of three axes, a vector's elements run along the one in the middle, and a matrix' along the first two.
    return ops.reshape(x, (*(1,) * (ndim - n), *shape) if n == 0 or ndim < 3 else (*(1,) * (2 - n), *shape, 1))


@implements(np.atleast_1d)
def _atleast_1d(*arys: Any) -> Any:
    return _at_least(arys, 1)


@implements(np.atleast_2d)
def _atleast_2d(*arys: Any) -> Any:
    return _at_least(arys, 2)


@implements(np.atleast_3d)
def _atleast_3d(*arys: Any) -> Any:
    return _at_least(arys, 3)


def broadcast(x: Any, shape: tuple[int, ...]) -> Any:
    """Broadcast to a shape, unless this is the array's."""
    return x if shape_of(raw(x, "broadcast_to")) == shape else ops.broadcast_to(x, shape)


@implements(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    return ops.broadcast_to(array, shape)


@implements(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    shape = np.broadcast_shapes(*(shape_of(raw(x, "broadcast_arrays")) for x in args))
    return tuple(broadcast(x, shape) for x in args)


@implements(np.resize)
def _resize(a: Any, new_shape: Any) -> Any:
    shape = (new_shape,) if isinstance(new_shape, (int, np.integer)) else tuple(new_shape)
    size, given = int(np.prod(shape)), int(np.size(raw(a, "resize")))
    if min(shape, default=0) < 0:
        raise ValueError(f"resize: lengths must not be negative, got {new_shape}")
    flat = ops.reshape(a, -1)
    if given == 0:
        return ops.broadcast_to(ops.reshape(ops.sum(flat), (1,) * len(shape)), shape)  # zeros, as in NumPy
    if size <= given:
        return ops.reshape(ops.getitem(flat, slice(0, size)), shape)
    repeats = -(-size // given)
    repeated = ops.reshape(ops.broadcast_to(flat, (repeats, given)), -1)
    return ops.reshape(ops.getitem(repeated, slice(0, size)), shape)


@implements(np.copy)
def _copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    return ops.identity(a)


@implements(np.astype)
def _astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    refuse("astype", device=None if device == "cpu" else device)
    return ops.astype(x, np.dtype(dtype))
