"""A function of the caller's, applied along the axes of a tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import shape_of
from autograd.primitives import raw
from autograd.protocols import implements

__all__: list[str] = []


@implements(np.apply_along_axis)
def _apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    shape = shape_of(raw(arr, "apply_along_axis"))
    (axis,) = np.lib.array_utils.normalize_axis_tuple(axis, len(shape))
    around = shape[:axis] + shape[axis + 1 :]
    if 0 in around:
        raise ValueError(f"apply_along_axis: there are no slices of an array of shape {shape} along axis {axis}")
    rows = ops.reshape(np.moveaxis(arr, axis, -1), (-1, shape[axis]))
    results = ops.stack([func1d(row, *args, **kwargs) for row in rows])
    inner = shape_of(raw(results, "apply_along_axis"))[1:]
    found = ops.reshape(results, around + inner)
    return np.moveaxis(found, range(len(around), len(around) + len(inner)), range(axis, axis + len(inner)))


@implements(np.apply_over_axes)
def _apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    for axis in np.atleast_1d(axes).tolist():
        ndim = np.ndim(a)
        found = func(a, axis + ndim if axis < 0 else axis)
        if np.ndim(found) != ndim:
            found = np.expand_dims(found, axis)
        if np.ndim(found) != ndim:
            raise ValueError(f"apply_over_axes: {func.__name__} must keep the number of axes, {ndim}, or give one less")
        a = found
    return a
