"""Differences between neighbouring elements."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from autograd import ops
from autograd._values import dtype_of, shape_of
from autograd.primitives import raw
from autograd.protocols import implements

__all__: list[str] = []


def _along(axis: int, *bounds: int | None) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, slice(*bounds))


@implements(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    if n == 0:
        return a
    if n < 0:
        raise ValueError(f"diff: the order must not be negative, got {n}")
    shape = shape_of(raw(a, "diff"))
    if not shape:
        raise ValueError("diff needs an array of at least one axis, got one of shape ()")
    axis = normalize_axis_index(axis, len(shape))

    def end(x: Any) -> Any:
        return ops.broadcast_to(x, (*shape[:axis], 1, *shape[axis + 1 :])) if shape_of(raw(x, "diff")) == () else x

    parts = [x if x is a else end(x) for x in (prepend, a, append) if x is not np._NoValue]
    if len(parts) > 1:
        a = ops.concatenate(parts, axis=axis)
    for _ in range(n):
        a = ops.subtract(ops.getitem(a, _along(axis, 1, None)), ops.getitem(a, _along(axis, None, -1)))
    return a


@implements(np.ediff1d)
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    flat = ops.reshape(ary, -1)
    parts = [ops.subtract(ops.getitem(flat, slice(1, None)), ops.getitem(flat, slice(None, -1)))]
    dtype = dtype_of(raw(parts[0], "ediff1d"))

    def joined(x: Any) -> Any:
        x = ops.reshape(x, -1)
        return x if dtype_of(raw(x, "ediff1d")) == dtype else ops.astype(x, dtype)

    if to_begin is not None:
        parts.insert(0, joined(to_begin))
    if to_end is not None:
        parts.append(joined(to_end))
    return parts[0] if len(parts) == 1 else ops.concatenate(parts)


@implements(np.gradient)
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    shape = shape_of(raw(f, "gradient"))
    axes = tuple(range(len(shape))) if axis is None else normalize_axis_tuple(axis, len(shape))
    if not varargs:
        varargs = (1.0,)
    if len(varargs) == 1 and shape_of(raw(varargs[0], "gradient")) == ():
        varargs *= len(axes)
    if len(varargs) != len(axes):
        raise TypeError(f"gradient: give one spacing, or one for each of the {len(axes)} axes; got {len(varargs)}")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order must be 1 or 2, got {edge_order}")
    results = tuple(_gradient_along(f, i, spacing, edge_order) for i, spacing in zip(axes, varargs, strict=True))
    return results[0] if len(axes) == 1 else results


def _gradient_along(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    shape = shape_of(raw(f, "gradient"))
    n = shape[axis]
    if n < edge_order + 1:
        raise ValueError(
            f"gradient: axis {axis} of length {n} is too short, it needs at least {edge_order + 1} elements"
        )

    def at(*bounds: int | None) -> Any:
        return ops.getitem(f, _along(axis, *bounds))

    given = shape_of(raw(spacing, "gradient"))
    if len(given) > 1 or (given and given[0] != n):
        raise ValueError(f"gradient: axis {axis} has length {n}, but its coordinates have shape {given}")
    if given:
        steps = _diff(spacing)
        if isinstance(steps, np.ndarray) and (steps == steps[0]).all():
            h, given = steps[0], ()
    else:
        h = spacing
    if not given:
        middle = (at(2, None) - at(None, -2)) / (2.0 * h)
        if edge_order == 1:
            first, last = (at(1, 2) - at(0, 1)) / h, (at(n - 1, n) - at(n - 2, n - 1)) / h
        else:
            a, b, c = -1.5 / h, 2.0 / h, -0.5 / h
            first = a * at(0, 1) + b * at(1, 2) + c * at(2, 3)
            last = -c * at(n - 3, n - 2) - b * at(n - 2, n - 1) - a * at(n - 1, n)
    else:
        across = tuple(-1 if i == axis else 1 for i in range(len(shape)))
        h1, h2 = (ops.reshape(ops.getitem(steps, part), across) for part in (slice(None, -1), slice(1, None)))
        a = -h2 / (h1 * (h1 + h2))
        b = (h2 - h1) / (h1 * h2)
        c = h1 / (h2 * (h1 + h2))
        middle = a * at(None, -2) + b * at(1, -1) + c * at(2, None)
        if edge_order == 1:
            first, last = (at(1, 2) - at(0, 1)) / steps[0], (at(n - 1, n) - at(n - 2, n - 1)) / steps[-1]
        else:
            h1, h2 = steps[0], steps[1]
            first = (
                -(2.0 * h1 + h2) / (h1 * (h1 + h2)) * at(0, 1)
                + (h1 + h2) / (h1 * h2) * at(1, 2)
                - h1 / (h2 * (h1 + h2)) * at(2, 3)
            )
            h1, h2 = steps[-2], steps[-1]
            last = (
                h2 / (h1 * (h1 + h2)) * at(n - 3, n - 2)
                - (h2 + h1) / (h1 * h2) * at(n - 2, n - 1)
                + (2.0 * h2 + h1) / (h2 * (h1 + h2)) * at(n - 1, n)
            )
    result = ops.concatenate([first, middle, last], axis=axis)
    dtype = dtype_of(raw(f, "gradient"))  # which the result has whatever the spacing, as in NumPy
    return result if dtype_of(raw(result, "gradient")) == dtype or dtype.kind not in "fc" else ops.astype(result, dtype)
