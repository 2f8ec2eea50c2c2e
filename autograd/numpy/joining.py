"""Joining arrays, and taking them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd import ops
from autograd._values import dtype_of, shape_of
from autograd.numpy.shapes import at_least, broadcast
from autograd.primitives import raw
from autograd.protocols import implements, refuse

__all__: list[str] = []


def _cast(x: Any, dtype: Any, casting: str, function: str) -> Any:
    if dtype is None:
        return x
    if not np.can_cast(dtype_of(raw(x, function)), dtype, casting):  # type: ignore[arg-type]
        raise TypeError(
            f"{function}: {dtype_of(raw(x, function))} cannot be cast to {np.dtype(dtype)} by the rule {casting!r}"
        )
    return ops.astype(x, np.dtype(dtype))


@implements(np.concatenate)
def _concatenate(
    arrays: Sequence[Any], /, axis: int | None = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    refuse("concatenate", out=out)
    return _cast(ops.concatenate(arrays, axis=axis), dtype, casting, "concatenate")


@implements(np.stack)
def _stack(
    arrays: Sequence[Any], axis: int = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    refuse("stack", out=out)
    return _cast(ops.stack(arrays, axis=axis), dtype, casting, "stack")


@implements(np.vstack)
def _vstack(tup: Sequence[Any], *, dtype: Any = None, casting: str = "same_kind") -> Any:
    arrays = list(tup)
    if arrays and all(len(shape_of(raw(x, "vstack"))) == 1 for x in arrays):
        return _stack(arrays, dtype=dtype, casting=casting)
    return _concatenate([at_least(x, 2) for x in arrays], dtype=dtype, casting=casting)


@implements(np.hstack)
def _hstack(tup: Sequence[Any], *, dtype: Any = None, casting: str = "same_kind") -> Any:
    arrays = list(tup)
    if arrays and all(shape_of(raw(x, "hstack")) == () for x in arrays):
        return _stack(arrays, dtype=dtype, casting=casting)
    arrays = [at_least(x, 1) for x in arrays]
    axis = 0 if not arrays or len(shape_of(raw(arrays[0], "hstack"))) == 1 else 1
    return _concatenate(arrays, axis, dtype=dtype, casting=casting)


@implements(np.dstack)
def _dstack(tup: Sequence[Any]) -> Any:
    return ops.concatenate([at_least(x, 3) for x in tup], axis=2)


@implements(np.column_stack)
def _column_stack(tup: Sequence[Any]) -> Any:
    arrays = list(tup)
    if arrays and all(len(shape_of(raw(x, "column_stack"))) == 1 for x in arrays):
        return ops.stack(arrays, axis=1)
    columns = []
    for x in arrays:
        shape = shape_of(raw(x, "column_stack"))
        columns.append(x if len(shape) > 1 else ops.reshape(x, (*shape, 1) if shape else (1, 1)))
    return ops.concatenate(columns, axis=1)


@implements(np.block)
def _block(arrays: Any) -> Any:
    depth = _depth(arrays)
    ndim = max(depth, *(len(shape_of(raw(x, "block"))) for x in _leaves(arrays)))

    def joined(block: Any, level: int) -> Any:
        if isinstance(block, list):
            return ops.concatenate([joined(part, level + 1) for part in block], axis=ndim - depth + level)
        shape = shape_of(raw(block, "block"))
        return ops.reshape(block, (*(1,) * (ndim - len(shape)), *shape)) if len(shape) < ndim else block

    return joined(arrays, 0)


def _leaves(nested: Any) -> Iterator[Any]:
    if isinstance(nested, list):
        for item in nested:
            yield from _leaves(item)
    else:
        yield nested


def _depth(block: Any) -> int:
    """How deep the lists are nested, everywhere."""
    if isinstance(block, tuple):
        raise TypeError("block: blocks must be given in lists, got a tuple; only lists can be arranged")
    if not isinstance(block, list):
        return 0
    depths = {_depth(part) for part in block}
    if len(depths) != 1:
        raise ValueError("block: lists must be nested equally deep, and not be empty")
    return 1 + depths.pop()


# ---------------------------------------------------------------------------------------------------------------------
# Inserting and leaving out
# ---------------------------------------------------------------------------------------------------------------------


def _flat_or_axis(arr: Any, axis: int | None, function: str) -> tuple[Any, int, tuple[int, ...]]:
    """The array, the axis to work along and the shape, after flattening where no axis is given."""
    shape = shape_of(raw(arr, function))
    if axis is not None:
        return arr, normalize_axis_index(axis, len(shape)), shape
    return (arr if len(shape) == 1 else ops.reshape(arr, -1)), 0, (int(np.prod(shape)),)


@implements(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    return ops.concatenate([arr, values], axis=axis)


@implements(np.insert)
def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    arr, axis, shape = _flat_or_axis(arr, axis, "insert")
    n = shape[axis]
    if isinstance(obj, slice):
        obj = np.arange(*obj.indices(n))
    elif np.asarray(obj).dtype == bool:
        obj = np.flatnonzero(obj)
    given = shape_of(raw(values, "insert"))
    if len(given) < len(shape):
        given = (*(1,) * (len(shape) - len(given)), *given)
        values = ops.reshape(values, given)
    if np.size(obj) == 1:  # everything goes to one place
        if np.ndim(obj) == 0:
            values = ops.transpose(values, _first_to(axis, len(given)))
        count = shape_of(raw(values, "insert"))[axis]
    else:
        count = np.size(obj)
    values = broadcast(values, (*shape[:axis], count, *shape[axis + 1 :]))
    # Where each element comes from, found by inserting numbers; those from `n` on stand for the inserted elements.
    if count == 0:
        return ops.identity(arr)
    index = np.insert(np.arange(n), obj, np.arange(n, n + count))
    dtype = dtype_of(raw(arr, "insert"))  # which the result has, as in NumPy
    if dtype_of(raw(values, "insert")) != dtype:
        values = ops.astype(values, dtype)
    return ops.getitem(ops.concatenate([arr, values], axis=axis), (*(slice(None),) * axis, index))


def _first_to(axis: int, n: int) -> tuple[int, ...]:
    order = list(range(1, n))
    order.insert(axis, 0)
    return tuple(order)


@implements(np.delete)
def _delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    arr, axis, shape = _flat_or_axis(arr, axis, "delete")
    index = np.delete(np.arange(shape[axis]), obj)
    return ops.getitem(arr, (*(slice(None),) * axis, index))


# ---------------------------------------------------------------------------------------------------------------------
# Taking apart
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.array_split)
def _array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    shape = shape_of(raw(ary, "split"))
    axis = normalize_axis_index(axis, len(shape))
    n = shape[axis]
    if np.ndim(indices_or_sections):
        bounds = [0, *map(int, indices_or_sections), n]
    else:
        sections = int(indices_or_sections)
        if sections <= 0:
            raise ValueError(f"array_split: the number of sections must be larger than 0, got {sections}")
        each, extra = divmod(n, sections)
        bounds = [i * each + min(i, extra) for i in range(sections + 1)]
    before = (slice(None),) * axis
    return [ops.getitem(ary, (*before, slice(bounds[i], bounds[i + 1]))) for i in range(len(bounds) - 1)]


@implements(np.split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    if np.ndim(indices_or_sections) == 0:
        n = shape_of(raw(ary, "split"))[axis]
        if n % int(indices_or_sections):
            raise ValueError(
                f"split: an axis of length {n} does not result in {indices_or_sections} equal parts; use array_split"
            )
    return _array_split(ary, indices_or_sections, axis)


def _split_along(function: str, ary: Any, indices_or_sections: Any, axis: int, ndim: int) -> Any:
    shape = shape_of(raw(ary, function))
    if len(shape) < ndim:
        raise ValueError(f"{function} needs an array of at least {ndim} axes, got shape {shape}")
    return _split(ary, indices_or_sections, axis)


@implements(np.hsplit)
def _hsplit(ary: Any, indices_or_sections: Any) -> Any:
    axis = 0 if len(shape_of(raw(ary, "hsplit"))) == 1 else 1
    return _split_along("hsplit", ary, indices_or_sections, axis, 1)


@implements(np.vsplit)
def _vsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _split_along("vsplit", ary, indices_or_sections, 0, 2)


@implements(np.dsplit)
def _dsplit(ary: Any, indices_or_sections: Any) -> Any:
    return _split_along("dsplit", ary, indices_or_sections, 2, 3)


def _unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    shape = shape_of(raw(x, "unstack"))
    if not shape:
        raise ValueError("unstack: the array must have at least one axis, got one of shape ()")
    before = (slice(None),) * normalize_axis_index(axis, len(shape))
    return tuple(ops.getitem(x, (*before, i) if before else i) for i in range(shape[axis]))


if hasattr(np, "unstack"):  # NumPy 2.1 and later
    implements(np.unstack)(_unstack)
