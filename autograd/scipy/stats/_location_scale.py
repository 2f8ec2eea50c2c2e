"""Distributions that are moved and scaled."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops import where
from autograd.scipy._declaring import plain

__all__ = ["inside", "positive", "standardized"]


def positive(scale: Any) -> Any:
    """A parameter that has to be positive, and NaN where it is not."""
    wrong = ~(np.asarray(plain(scale)) > 0)
    return where(wrong, np.nan, scale) if wrong.any() else scale


def standardized(x: Any, loc: Any, scale: Any) -> Any:
    """The variable before it was scaled and moved."""
    return (x - loc) / positive(scale)


def inside(z: Any, low: float, high: float = np.inf) -> tuple[Any, Any]:
    """Where a variable lies in an interval, and the variable with something harmless (half past low) elsewhere.

    What is computed from the replacement is replaced in turn, and no gradient passes there.
    """
    value = plain(z)
    outside = (value < low) | (value > high)
    return outside, where(outside, low + 0.5, z) if np.any(outside) else z
