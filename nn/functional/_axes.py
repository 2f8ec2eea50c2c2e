"""What functions of images share: settings given for each axis, and inputs with or without a batch axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.primitives import raw, scope_note

__all__ = ["AXES", "batched", "per_axis"]

#: What the axes of an image of each number of dimensions are called in messages.
AXES = {1: "L", 2: "H, W", 3: "D, H, W"}


def per_axis(operation: str, name: str, value: int | Sequence[int], axes: int, least: int = 1) -> tuple[int, ...]:
    """A setting given for all axes at once or for each, as one integer for each.

    Raises
    ------
    TypeError
        If it is not made of integers.
    ValueError
        If an integer is too small or their number is wrong.
    """
    single = isinstance(value, (int, np.integer))
    given: Sequence[Any] = (value,) if isinstance(value, (int, np.integer)) else value
    if not isinstance(given, (Sequence, np.ndarray)) or isinstance(given, str):
        raise TypeError(f"{operation}: {name} must be an integer or a tuple of integers, got {value!r}{scope_note()}")
    for v in given:
        if isinstance(v, bool) or not isinstance(v, (int, np.integer)):
            raise TypeError(f"{operation}: {name} must consist of integers, got {value!r}{scope_note()}")
        if v < least:
            what = "positive" if least == 1 else f"at least {least}"
            raise ValueError(f"{operation}: {name} must be {what}, got {value!r}{scope_note()}")
    if len(given) not in (1, axes):
        raise ValueError(
            f"{operation}: {name} must be one integer or one for each of {axes} axes, got {value!r}{scope_note()}"
        )
    return tuple(int(v) for v in given) * (axes if single or len(given) == 1 else 1)


def batched(operation: str, x: Any, axes: int) -> tuple[Any, bool]:
    """An input ``(N, C, *size)``, and whether its batch axis was missing and has been added.

    Raises
    ------
    ValueError
        If it has another number of axes.
    """
    if x.ndim == axes + 2:
        return x, False
    if x.ndim == axes + 1:
        return ops.reshape(x, (1, *x.shape)), True
    raise ValueError(
        f"{operation}: expected input of shape (N, C, {AXES[axes]}) or (C, {AXES[axes]}), got "
        f"{describe(raw(x, operation))}; give it these axes, e.g. with reshape{scope_note()}"
    )
