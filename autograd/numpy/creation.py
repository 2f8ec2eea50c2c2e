"""Making arrays: from tensors in lists, from numbers that are tensors, and between two of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd import ops
from autograd._handles import Handle, settled
from autograd._values import dtype_of, shape_of
from autograd.numpy._namespace import holds_tensor, replaces
from autograd.primitives import raw
from autograd.protocols import implements
from autograd.tensor import Tensor

__all__ = ["array"]


def _joined(items: Sequence[Any]) -> Any:
    """The array of a list of tensors, numbers, arrays and lists of such: one node, and one to give it its shape."""
    lengths: list[int] = []
    level = list(items)
    while True:  # down through lists of lists, all of one length
        lengths.append(len(level) // math.prod(lengths))
        nested = [isinstance(item, (list, tuple)) for item in level]
        if not any(nested) or not all(nested):
            break
        if len({len(item) for item in level}) != 1 or not level[0]:
            raise ValueError("array: the nested lists are not of one length, so they make no array")
        level = [item for part in level for item in part]
    if any(nested):
        level = [
            item if not inside else _joined(item) if holds_tensor(item) else np.asarray(item)
            for item, inside in zip(level, nested, strict=True)
        ]
    together = ops.stack(level)
    shape = shape_of(raw(together, "array"))
    return together if len(lengths) == 1 else ops.reshape(together, (*lengths, *shape[1:]))


def _as_array(x: Any, dtype: Any, ndmin: int = 0) -> Any:
    """A tensor, or the array of nested lists of tensors, in the dtype wanted."""
    if isinstance(x, (list, tuple)):
        x = _joined(x)
    value = raw(x, "array")
    if dtype is not None and dtype_of(value) != np.dtype(dtype):
        x = ops.astype(x, np.dtype(dtype))
    shape = shape_of(value)
    return ops.reshape(x, (*(1,) * (ndmin - len(shape)), *shape)) if len(shape) < ndmin else x


@replaces(np.array)
def array(object: Any, dtype: Any = None, *, ndmin: int = 0, **kwargs: Any) -> Any:
    """``np.array``, where tensors may be in the lists."""
    if not holds_tensor(object):
        return np.array(object, dtype, ndmin=ndmin, **kwargs)
    made = _as_array(object, dtype, ndmin)
    return ops.identity(made) if made is object else made


def _conversion(function: Callable[..., Any]) -> None:
    def convert(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if isinstance(a, Handle) and (dtype is None or a.dtype == dtype):  # type: ignore[attr-defined]
            return a
        return _as_array(settled(a), dtype) if holds_tensor(a) else function(a, dtype, *args, **kwargs)

    replaces(function, settle=False)(convert)


for _function in (np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.require):
    _conversion(_function)


@replaces(np.asarray_chkfinite)
def _asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    if not holds_tensor(a):
        return np.asarray_chkfinite(a, dtype, order)
    made = _as_array(a, dtype)
    np.asarray_chkfinite(raw(made, "array"))  # raises
    return made


def _whole_numbers(kind: type[np.integer[Any]]) -> type:
    """NumPy's type of integers, which as a function makes plain integers of a tensor, too, as ``np.floor`` does."""

    class Kind(type):
        def __instancecheck__(cls, x: Any) -> bool:
            return isinstance(x, kind)

    def new(cls: type, value: Any = 0, *args: Any) -> Any:
        value = _as_array(value, None) if holds_tensor(value) else value
        return kind(value._data if isinstance(value, Tensor) else value, *args)

    return Kind(kind.__name__, (kind,), {"__new__": new, "__doc__": kind.__doc__})


for _kind in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64):
    replaces(_kind)(_whole_numbers(_kind))


# ---------------------------------------------------------------------------------------------------------------------
# Filled with a number
# ---------------------------------------------------------------------------------------------------------------------


@replaces(np.full)
def _full(shape: Any, fill_value: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
    if not holds_tensor(fill_value):
        return np.full(shape, fill_value, dtype, *args, **kwargs)
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    return ops.broadcast_to(_as_array(fill_value, dtype), shape)


@replaces(np.full_like)
def _full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, **kwargs: Any
) -> Any:
    like = raw(a, "full_like") if isinstance(a, Tensor) else a
    if not holds_tensor(fill_value):
        return np.full_like(like, fill_value, dtype, order, subok, shape, **kwargs)  # type: ignore[call-overload]
    return _full(np.shape(like) if shape is None else shape, fill_value, dtype_of(like) if dtype is None else dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Between two numbers
# ---------------------------------------------------------------------------------------------------------------------


def _weights(num: int, endpoint: bool, ndim: int) -> Any:
    """How far from start to stop each sample lies, between 0 and 1, along a new first axis."""
    if num < 0:
        raise ValueError(f"linspace: the number of samples must not be negative, got {num}")
    parts = num - 1 if endpoint else num
    weights = np.arange(num) / parts if parts > 0 else np.zeros(num)
    return weights.reshape(-1, *(1,) * ndim)


def _spaced(start: Any, stop: Any, num: int, endpoint: bool) -> Any:
    ndim = max(len(shape_of(raw(x, "linspace"))) for x in (start, stop))
    dtype = np.result_type(*(dtype_of(raw(x, "linspace")) for x in (start, stop)), float(num))
    weights = _weights(num, endpoint, ndim).astype(np.finfo(dtype).dtype)
    spaced = ops.add(ops.multiply(start, 1.0 - weights), ops.multiply(stop, weights))
    return spaced if dtype_of(raw(spaced, "linspace")) == dtype else ops.astype(spaced, dtype)


def _placed(samples: Any, axis: int, dtype: Any) -> Any:
    """Move the new axis, which is the first, to its place."""
    n = len(shape_of(raw(samples, "linspace")))
    axis = normalize_axis_index(axis, n)
    if axis:
        order = list(range(1, n))
        order.insert(axis, 0)
        samples = ops.transpose(samples, tuple(order))
    return samples if dtype is None else ops.astype(samples, np.dtype(dtype))


@implements(np.linspace)
def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    samples = _placed(_spaced(start, stop, num, endpoint), axis, dtype)
    if not retstep:
        return samples
    parts = num - 1 if endpoint else num
    return samples, ops.divide(ops.subtract(stop, start), float(parts)) if parts > 0 else np.nan


@implements(np.logspace)
def _logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    ndim = max(len(shape_of(raw(x, "logspace"))) for x in (start, stop, base))
    start, stop = _with_axes(start, ndim), _with_axes(stop, ndim)
    if shape_of(raw(base, "logspace")):
        base = _with_axes(base, ndim)
    return _placed(ops.power(base, _spaced(start, stop, num, endpoint)), axis, dtype)


def _with_axes(x: Any, ndim: int) -> Any:
    shape = shape_of(raw(x, "logspace"))
    return ops.reshape(x, (*(1,) * (ndim - len(shape)), *shape)) if len(shape) < ndim else x


@implements(np.geomspace)
def _geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    if np.any(raw(start, "geomspace") == 0) or np.any(raw(stop, "geomspace") == 0):
        raise ValueError("geomspace: neither end may be 0")
    ndim = max(len(shape_of(raw(x, "geomspace"))) for x in (start, stop))
    weights = _weights(num, endpoint, ndim)
    return _placed(ops.multiply(start, ops.power(ops.divide(stop, start), weights)), axis, dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Grids and matrices of powers
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.meshgrid)
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing must be 'xy' or 'ij', got {indexing!r}")
    n = len(xi)
    axes = list(range(n))
    if indexing == "xy" and n > 1:
        axes[:2] = [1, 0]
    sizes = [int(np.size(raw(x, "meshgrid"))) for x in xi]
    full = [0] * n
    for axis, size in zip(axes, sizes, strict=True):
        full[axis] = size
    grids = [ops.reshape(x, tuple(-1 if i == axis else 1 for i in range(n))) for axis, x in zip(axes, xi, strict=True)]
    return tuple(grids if sparse else [ops.broadcast_to(grid, tuple(full)) for grid in grids])


@implements(np.vander)
def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    shape = shape_of(raw(x, "vander"))
    if len(shape) != 1:
        raise ValueError(f"vander: the array must have one axis, got shape {shape}")
    count = shape[0] if N is None else N
    dtype = np.result_type(dtype_of(raw(x, "vander")), int)  # as in NumPy
    x = x if dtype_of(raw(x, "vander")) == dtype else ops.astype(x, dtype)
    powers: list[Any] = [np.ones(shape, dtype)]
    while len(powers) < count:
        powers.append(ops.multiply(powers[-1], x) if len(powers) > 1 else x)
    powers = powers[:count]
    if not powers:
        return ops.getitem(ops.reshape(x, (-1, 1)), (slice(None), slice(0, 0)))
    return ops.stack(powers if increasing else powers[::-1], axis=1)


@replaces(np.fromfunction)
def _fromfunction(function: Callable[..., Any], shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    kwargs.pop("like", None)
    return function(*np.indices(shape, dtype=dtype), **kwargs)


# ---------------------------------------------------------------------------------------------------------------------
# With brackets
# ---------------------------------------------------------------------------------------------------------------------


class _Brackets:
    """``np.r_`` or ``np.c_``, with tensors in the brackets."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def __getitem__(self, key: Any) -> Any:
        key = settled(key)
        items = key if isinstance(key, tuple) else (key,)
        if not holds_tensor(items):
            return self._plain[key]
        # NumPy arranges numbers, which say where each element comes from.
        parts: list[Any] = []
        numbered = tuple(self._numbered(item, parts) for item in items)
        return ops.getitem(ops.concatenate(parts, axis=None), self._plain[numbered])

    def _numbered(self, item: Any, parts: list[Any]) -> Any:
        if isinstance(item, str):
            return item
        if isinstance(item, slice):
            item = np.r_[item]
        elif holds_tensor(item):
            item = _as_array(item, None)
        start = sum(int(np.size(raw(part, "r_"))) for part in parts)
        parts.append(item)
        shape = shape_of(raw(item, "r_"))
        return np.arange(start, start + math.prod(shape)).reshape(shape) if shape else start


for _plain in (np.r_, np.c_):
    replaces(_plain)(_Brackets(_plain))
