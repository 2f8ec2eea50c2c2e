"""``np.pad`` in all of its modes but ``"empty"`` and those given as functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd._values import dtype_of, shape_of
from autograd.primitives import raw
from autograd.protocols import implements

__all__: list[str] = []

#: What each mode may be told.
_SETTINGS: dict[str, tuple[str, ...]] = {
    "constant": ("constant_values",),
    "edge": (),
    "linear_ramp": ("end_values",),
    "maximum": ("stat_length",),
    "mean": ("stat_length",),
    "median": ("stat_length",),
    "minimum": ("stat_length",),
    "reflect": ("reflect_type",),
    "symmetric": ("reflect_type",),
    "wrap": (),
}


@implements(np.pad)
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Any:
    if mode not in _SETTINGS:
        raise ValueError(f"pad: mode must be one of {', '.join(map(repr, _SETTINGS))}, got {mode!r}")
    unknown = sorted(set(kwargs) - set(_SETTINGS[mode]))
    if unknown:
        raise ValueError(f"pad: mode {mode!r} does not take {', '.join(unknown)}")
    shape = shape_of(raw(array, "pad"))
    if not shape:
        return ops.identity(array)  # which has no ends
    widths = _widths(pad_width, len(shape))
    if mode == "constant":
        padded = ops.pad(array, widths, mode)
        values = kwargs.get("constant_values", 0)
        if np.ndim(values) == 0 and values == 0:
            return padded
        return padded + np.pad(np.zeros(shape, dtype_of(raw(array, "pad"))), widths, constant_values=values)
    if mode in ("edge", "reflect", "wrap") and kwargs.get("reflect_type", "even") == "even" and _fits(shape, widths):
        return ops.pad(array, widths, mode)
    for axis, width in enumerate(widths):
        if width != (0, 0):
            array = _pad_axis(array, axis, width, mode, _of_axis(kwargs, axis, len(shape)))
    return array


def _widths(pad_width: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    """How much to put before and after each axis."""
    if isinstance(pad_width, dict):
        given: list[Any] = [(0, 0)] * ndim
        for axis, width in pad_width.items():
            given[axis] = (width, width) if np.ndim(width) == 0 else tuple(width)
        pad_width = given
    if np.asarray(pad_width).dtype.kind not in "iu":
        raise TypeError(f"pad: widths must be integers, got {pad_width!r}")
    widths = tuple((int(before), int(after)) for before, after in np.broadcast_to(pad_width, (ndim, 2)).tolist())
    if any(min(width) < 0 for width in widths):
        raise ValueError(f"pad: widths must not be negative, got {pad_width}; take a part with an index")
    return widths


def _fits(shape: tuple[int, ...], widths: tuple[tuple[int, int], ...]) -> bool:
    """Whether no axis is continued by more than it has, which ``ops.pad`` can do at once."""
    return all(max(width) < n for n, width in zip(shape, widths, strict=True))


def _of_axis(settings: dict[str, Any], axis: int, ndim: int) -> dict[str, Any]:
    """The settings for one axis, of those that are given for all."""
    found = {}
    for name, value in settings.items():
        if name == "reflect_type" or value is None:
            found[name] = value
        else:
            found[name] = tuple(np.broadcast_to(value, (ndim, 2))[axis].tolist())
    return found


def _pad_axis(x: Any, axis: int, width: tuple[int, int], mode: str, settings: dict[str, Any]) -> Any:
    n = shape_of(raw(x, "pad"))[axis]
    before = (slice(None),) * axis
    even = settings.get("reflect_type", "even") == "even"
    if mode in ("edge", "wrap") or (mode in ("reflect", "symmetric") and even):
        # Every element is a copy of one: which, NumPy tells by padding their numbers.
        return ops.getitem(x, (*before, np.pad(np.arange(n), width, mode=mode)))  # type: ignore[call-overload]
    if mode in ("maximum", "minimum", "median"):
        return _with_statistics(x, axis, width, mode, settings.get("stat_length"))
    # Every element is a weighted sum: with which weights, NumPy tells by padding the unit vectors.
    ends = settings.pop("end_values", None)
    weights = np.pad(np.eye(n, dtype=np.float64), (width, (0, 0)), mode=mode, **settings)  # type: ignore[call-overload]
    dtype = dtype_of(raw(x, "pad"))
    weights = weights.astype(dtype)
    padded = ops.swapaxes(ops.matmul(ops.swapaxes(x, axis, -1), weights.T), axis, -1)
    if ends is None or not np.any(ends):
        return padded
    shape = tuple(n if i == axis else 1 for i in range(len(shape_of(raw(x, "pad")))))
    pairs = [width if i == axis else (0, 0) for i in range(len(shape))]
    values = [ends if i == axis else (0, 0) for i in range(len(shape))]
    return padded + np.pad(np.zeros(shape, dtype), pairs, mode="linear_ramp", end_values=values)


def _with_statistics(x: Any, axis: int, width: tuple[int, int], mode: str, lengths: Any) -> Any:
    shape = shape_of(raw(x, "pad"))
    n = shape[axis]
    statistic: Any = {"maximum": np.max, "minimum": np.min, "median": np.median}[mode]
    first, last = (n, n) if lengths is None else (min(int(length), n) for length in lengths)
    before = (slice(None),) * axis
    ends = []
    for count, part in zip(width, (slice(0, first), slice(n - last, n)), strict=True):
        value = statistic(ops.getitem(x, (*before, part)), axis=axis, keepdims=True)
        ends.append(ops.broadcast_to(value, (*shape[:axis], count, *shape[axis + 1 :])))
    return ops.concatenate([ends[0], x, ends[1]], axis=axis)
