"""Checking what layers are made with."""

from __future__ import annotations

import numpy as np

__all__ = ["positive_integer"]


def positive_integer(owner: str, name: str, value: int) -> int:
    """A size given to a layer, as a Python integer.

    Raises
    ------
    TypeError
        If it is not an integer.
    ValueError
        If it is not positive.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{owner}: {name} must be an integer, got {value!r}")
    if value < 1:
        raise ValueError(f"{owner}: {name} must be positive, got {value}")
    return int(value)
