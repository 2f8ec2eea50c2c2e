"""Functions that rearrange elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers

__all__ = ["flatten", "unflatten"]


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Join a range of axes into one.

    Parameters
    ----------
    input : Tensor or array_like
    start_dim, end_dim : int
        First and last axis to join.

    Returns
    -------
    Tensor
        The same elements in the same order.

    Raises
    ------
    ValueError
        If there are no such axes, or the first comes after the last.

    Examples
    --------
    >>> flatten([[1.0, 2.0], [3.0, 4.0]])
    array([1., 2., 3., 4.])
    """
    x = as_numbers(input, "flatten")
    shape = x.shape or (1,)
    first, last = (d + len(shape) if d < 0 else d for d in (start_dim, end_dim))
    if not 0 <= first <= last < len(shape):
        raise ValueError(
            f"flatten: no axes {start_dim} to {end_dim} in input {describe(raw(x, 'flatten'))}; give axes between 0 "
            f"and {len(shape) - 1}, the first not after the last{scope_note()}"
        )
    # The joined length is spelt out: -1 could not be inferred where another axis has length 0.
    joined = int(np.prod(shape[first : last + 1]))
    return ops.reshape(x, (*shape[:first], joined, *shape[last + 1 :]))


def unflatten(input: Any, dim: int, unflattened_size: Sequence[int]) -> Any:
    """Divide an axis into several.

    Parameters
    ----------
    input : Tensor or array_like
    dim : int
        The axis to divide.
    unflattened_size : sequence of int
        Lengths of the axes to make of it; one may be -1 and follows from the others.

    Returns
    -------
    Tensor
        The same elements in the same order.

    Raises
    ------
    TypeError
        If a length is no integer.
    ValueError
        If there is no such axis or the lengths do not make it up.

    Examples
    --------
    >>> unflatten([1.0, 2.0, 3.0, 4.0], 0, (2, -1)).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    x = as_numbers(input, "unflatten")
    if not -x.ndim <= dim < x.ndim:
        raise ValueError(
            f"unflatten: no axis {dim} in input {describe(raw(x, 'unflatten'))}; give one from {-x.ndim} to "
            f"{x.ndim - 1}{scope_note()}"
        )
    if not isinstance(unflattened_size, Sequence) or not all(
        isinstance(n, (int, np.integer)) for n in unflattened_size
    ):
        raise TypeError(f"unflatten: expected a sequence of integers, got {unflattened_size!r}{scope_note()}")
    length = x.shape[dim]
    sizes = [int(n) for n in unflattened_size]
    known = int(np.prod([n for n in sizes if n != -1]))
    if sizes.count(-1) == 1 and known and length % known == 0:
        sizes[sizes.index(-1)] = length // known
    if not sizes or min(sizes) < 0 or int(np.prod(sizes)) != length:
        raise ValueError(
            f"unflatten: axis {dim} of input {describe(raw(x, 'unflatten'))} has length {length}, which axes of "
            f"lengths {tuple(unflattened_size)} do not make up{scope_note()}"
        )
    first = dim % x.ndim
    return ops.reshape(x, (*x.shape[:first], *sizes, *x.shape[first + 1 :]))
