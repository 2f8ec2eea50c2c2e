"""What NumPy's reductions have in common: their arguments, brought to what our operations take."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy import ndarray
from numpy.lib.array_utils import normalize_axis_tuple

from autograd import ops
from autograd._values import dtype_of, external, shape_of
from autograd.primitives import raw

__all__ = ["axes_last", "cast", "chosen", "plain", "real_type", "scalar"]


def plain(x: Any, what: str = "numpy") -> Any:
    """The value of a tensor or of something like an array, as NumPy has it; Python's numbers as they are."""
    return x if type(x) in (bool, int, float, complex) else external(raw(x, what))


def cast(x: Any, dtype: Any) -> Any:
    """An array in the dtype that was asked for, if any."""
    return x if dtype is None else ops.astype(x, np.dtype(dtype))


def real_type(x: Any) -> Any:
    """The type of real numbers of an array's precision, by which to scale it without changing its dtype."""
    dtype = dtype_of(raw(x, "numpy"))
    return dtype.type(0).real.dtype.type if dtype.kind in "fc" else np.float64


def scalar(value: Any, like: Any) -> Any:
    """A number to combine with an array, in its dtype; a tensor stays as it is."""
    return value if hasattr(value, "requires_grad") else dtype_of(raw(like, "numpy")).type(value)


def chosen(x: Any, where: Any, otherwise: Any) -> Any:
    """An array with a neutral value where the ``where=`` of a reduction leaves elements out.

    Raises
    ------
    ValueError
        If the mask does not broadcast to the shape of the array.
    """
    if where is True:
        return x
    mask, shape = plain(where), shape_of(raw(x, "where"))
    try:
        fits = np.broadcast_shapes(np.shape(mask), shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"where of shape {np.shape(mask)} does not broadcast to that of the array, {shape}")
    return ops.where(mask, x, otherwise)


def axes_last(x: Any, axis: Any, function: str) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """An array with the reduced axes as one, which comes last.

    Parameters
    ----------
    x : Tensor or ndarray
    axis : int, tuple of int or None
        None for all.
    function : str
        What to call it in an error message.

    Returns
    -------
    x : Tensor or ndarray
    reduced, kept : tuple of int
        The shape of what a reduction gives, without and with ``keepdims``.

    Raises
    ------
    AxisError
        If there is no such axis (a ValueError and an IndexError).
    """
    shape = shape_of(raw(x, function))
    axes = normalize_axis_tuple(range(len(shape)) if axis is None else axis, len(shape), function)
    rest = [i for i in range(len(shape)) if i not in axes]
    reduced = tuple(shape[i] for i in rest)
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    order = (*rest, *axes)
    if order != tuple(range(len(shape))):
        x = ops.transpose(x, order)
    if len(axes) != 1:
        x = ops.reshape(x, (*reduced, prod(shape[i] for i in axes)))
    return x, reduced, kept


def count(shape: tuple[int, ...], where: Any, axis: Any, keepdims: bool) -> ndarray[Any, Any]:
    """How many elements a reduction with ``where=`` takes together."""
    taken = np.broadcast_to(plain(where), shape)
    return np.asarray(np.count_nonzero(taken, axis=axis, keepdims=keepdims))
