"""What layers and losses do with their inputs before computing: read them as numbers, and bring them to one dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd._values import describe
from autograd.ops import astype
from autograd.primitives import raw, scope_note

__all__ = ["as_numbers", "cast", "floating"]


def as_numbers(x: Any, operation: str) -> Any:
    """The input if it is a tensor, else as an array.

    Raises
    ------
    TypeError
        If it is not numeric.
    """
    return x if isinstance(x, Tensor) else np.asarray(raw(x, operation))


def cast(x: Any, dtype: np.dtype[Any], operation: str) -> Any:
    """The input as a tensor or array of the given floating dtype; the gradient comes back in the input's own.

    Parameters
    ----------
    x : Tensor or array_like
        Floating, integer or boolean.
    dtype
        Usually that of a layer's parameters.
    operation
        Names the layer in errors.

    Returns
    -------
    Tensor or ndarray
        The input itself, where it has that dtype already.

    Raises
    ------
    TypeError
        If it is not numeric, or complex where real numbers are needed.
    """
    x = as_numbers(x, operation)
    given = x.dtype
    if given == dtype:
        return x
    if given.kind == "c" and dtype.kind != "c":
        raise TypeError(
            f"{operation}: input {describe(raw(x, operation))} is complex where {dtype} is needed, and converting it "
            f"would drop its imaginary part; take .real, or use complex parameters{scope_note()}"
        )
    if isinstance(x, Tensor):
        return astype(x, dtype)
    return x.astype(dtype)


def floating(x: Any, operation: str) -> Any:
    """The input as a tensor or array of a floating dtype: its own, or float64 for integers and booleans.

    Raises
    ------
    TypeError
        If it is not numeric, or complex.
    """
    x = as_numbers(x, operation)
    return x if x.dtype.kind == "f" else cast(x, np.dtype(np.float64), operation)
