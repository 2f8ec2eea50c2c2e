"""What several functions and modules check of their settings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import Tensor
from autograd.primitives import scope_note

__all__ = ["check_choice", "check_not_negative", "check_positive", "number"]


def number(x: Any) -> Any:
    """A setting as a Python number, which does not promote float32; a tensor as it is."""
    return x if isinstance(x, Tensor) else float(x)


def check_choice(name: str, value: str, choices: Sequence[str], operation: str) -> None:
    """Make sure that a setting is one of the words there are for it.

    Raises
    ------
    ValueError
        If it is not.
    """
    if value not in choices:
        *first, last = map(repr, choices)
        raise ValueError(f"{operation}: {name} must be {', '.join(first)} or {last}, got {value!r}{scope_note()}")


def check_positive(name: str, value: float, operation: str) -> None:
    """Make sure that a setting is positive and finite.

    Raises
    ------
    ValueError
        If it is not.
    """
    if not 0 < value < math.inf:
        raise ValueError(f"{operation}: {name} must be positive and finite, got {value!r}{scope_note()}")


def check_not_negative(name: str, value: float, operation: str) -> None:
    """Make sure that a setting is not negative.

    Raises
    ------
    ValueError
        If it is.
    """
    if not value >= 0:
        raise ValueError(f"{operation}: {name} must not be negative, got {value!r}{scope_note()}")
