"""Choosing elements by number or by condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd import ops
from autograd._values import dtype_of, shape_of
from autograd.numpy._namespace import direct, holds_tensor, replaces
from autograd.numpy.creation import array
from autograd.numpy.shapes import broadcast
from autograd.ops.indexing import plain_index
from autograd.primitives import raw, scope_note
from autograd.protocols import implements, refuse

__all__: list[str] = []


def _plain_integers(indices: Any, n: int, mode: str, function: str) -> Any:
    """Indices as NumPy's integers, brought into an axis of length ``n`` as the mode has it."""
    indices = np.asarray(plain_index(indices))
    if not indices.size:
        indices = indices.astype(np.intp)
    if indices.dtype.kind not in "iub":
        raise TypeError(f"{function}: indices must be integers, got {indices.dtype}")
    indices = indices.astype(np.intp)
    if mode == "wrap":
        return indices % n
    if mode == "clip":
        return np.clip(indices, 0, n - 1)
    if mode != "raise":
        raise ValueError(f"{function}: mode must be one of 'raise', 'wrap' and 'clip', got {mode!r}")
    return indices


@implements(np.take)
def _take(a: Any, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Any:
    refuse("take", out=out)
    if axis is None:
        a, axis = ops.reshape(a, -1), 0
    shape = shape_of(raw(a, "take"))
    axis = normalize_axis_index(axis, len(shape))
    index = _plain_integers(indices, shape[axis], mode, "take")
    index = int(index) if index.ndim == 0 else index
    return ops.getitem(a, (*(slice(None),) * axis, index) if axis else index)


@implements(np.compress)
def _compress(condition: Any, a: Any, axis: int | None = None, out: Any = None) -> Any:
    refuse("compress", out=out)
    if axis is None:
        a, axis = ops.reshape(a, -1), 0
    axis = normalize_axis_index(axis, len(shape_of(raw(a, "compress"))))
    return ops.getitem(a, (*(slice(None),) * axis, np.flatnonzero(raw(condition, "compress"))))


@implements(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return ops.getitem(ops.reshape(arr, -1), np.flatnonzero(raw(condition, "extract")))


@implements(np.choose)
def _choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    refuse("choose", out=out)
    parts = [array(x) if isinstance(x, (list, tuple)) else x for x in choices]
    number = _plain_integers(a, len(parts), mode, "choose")
    if number.size and not 0 <= number.min() <= number.max() < len(parts):
        raise ValueError(f"choose: the numbers must be between 0 and {len(parts) - 1}, that of the last choice")
    shape = np.broadcast_shapes(number.shape, *(shape_of(raw(x, "choose")) for x in parts))
    together = ops.stack([broadcast(x, shape) for x in parts])
    return ops.getitem(together, (np.broadcast_to(number, shape), *np.indices(shape, sparse=True)))


@replaces(np.select)
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """``np.select``, where the default may be a tensor."""
    return (_select if holds_tensor(default) else np.select)(condlist, choicelist, default)


@implements(np.select)
def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    if len(condlist) != len(choicelist):
        raise ValueError(f"select: give as many choices as conditions, got {len(choicelist)} and {len(condlist)}")
    if not condlist:
        raise ValueError("select: at least one condition is needed")
    dtype = np.result_type(*(_weak(x) for x in (*choicelist, default)))
    found = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        found = ops.where(condition, choice, found)
    if dtype_of(raw(found, "select")) != dtype:
        found = ops.astype(found, dtype)
    return found


def _weak(x: Any) -> Any:
    """What NumPy's promotion reads: a Python number as it is, of anything else the dtype."""
    return x if type(x) in (int, float, complex) else dtype_of(raw(x, "select"))


@implements(np.where)
def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        return np.nonzero(raw(condition, "where"))
    if len(choices) != 2:
        raise ValueError("where: give either both x and y, or neither")
    return ops.where(condition, *choices)


_where_of_any = direct(np.where, _where)


@replaces(np.where)
def where(*args: Any, **kwargs: Any) -> Any:
    """NumPy's ``where``, which takes its arguments by name, too, as in the established package."""
    if kwargs:
        args += tuple(kwargs.pop(name) for name in ("condition", "x", "y")[len(args) :] if name in kwargs)
    return _where_of_any(*args, **kwargs)


@implements(np.trim_zeros)
def _trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    value = np.asarray(raw(filt, "trim_zeros"))
    axes = range(value.ndim) if axis is None else normalize_axis_tuple(axis, value.ndim)
    trim = trim.lower()
    if not trim or set(trim) - set("fb"):
        raise ValueError(f"trim_zeros: trim must be 'f', 'b' or 'fb', got {trim!r}")
    places = np.argwhere(value)
    part = [slice(None)] * value.ndim
    for i in axes:
        if not len(places):
            part[i] = slice(0, 0)
        else:
            first, last = int(places[:, i].min()), int(places[:, i].max())
            part[i] = slice(first if "f" in trim else None, last + 1 if "b" in trim else None)
    return ops.getitem(filt, tuple(part))


@implements(np.lib.stride_tricks.sliding_window_view)
def _sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False
) -> Any:
    if writeable:
        raise TypeError(f"np.sliding_window_view of a tensor{scope_note()} cannot be written to; leave writeable out")
    shape = shape_of(raw(x, "sliding_window_view"))
    lengths = tuple(window_shape) if isinstance(window_shape, (tuple, list)) else (window_shape,)
    axes = tuple(range(len(shape))) if axis is None else normalize_axis_tuple(axis, len(shape), allow_duplicate=True)
    if len(axes) != len(lengths):
        raise ValueError(f"sliding_window_view: give a window length for each axis, got {lengths} for axes {axes}")
    n = len(shape)
    for i, length in zip(axes, lengths, strict=True):
        starts = shape_of(raw(x, "sliding_window_view"))[i] - length + 1
        if length < 0 or starts < 1:
            raise ValueError(
                f"sliding_window_view: a window of {length} elements does not fit into axis {i} of {shape}"
            )
        x = ops.getitem(x, (*(slice(None),) * i, np.arange(starts)[:, None] + np.arange(length)))
        n += 1
        x = ops.transpose(x, (*range(i + 1), *range(i + 2, n), i + 1))  # the windows' axes come last
    return x


def _refused(function: Callable[..., Any], instead: str) -> None:
    def refusal(*args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            f"np.{function.__name__} of or with a tensor{scope_note()} would lose gradients by writing into an array; "
            f"use {instead}, or write into an array made by autograd.numpy in the differentiated function, or by "
            f"autograd.assignable"
        )

    implements(function)(refusal)


_refused(np.put, "np.where with a mask, or Tensor(...) of the whole array")
_refused(np.place, "np.where with the mask")
_refused(np.putmask, "np.where with the mask")
_refused(np.copyto, "the value itself, or np.where with a mask")
_refused(np.put_along_axis, "np.where with a mask")
_refused(np.fill_diagonal, "np.where(np.eye(n, dtype=bool), value, array)")
