"""Functions that rearrange elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.primitive import raw, scope_note
from nn._inputs import as_numbers

__all__ = ["flatten"]


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
