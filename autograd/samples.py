"""Where a primitive is tried out: the vocabulary in which declarations tell the tests what to feed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = ["Domain", "Kink", "Sample", "array", "real", "real_or_complex", "truth_value"]


@dataclass(frozen=True, slots=True)
class Domain:
    """An interval from which an input of an elementwise primitive is drawn.

    Attributes
    ----------
    low, high
        Its bounds.
    whole
        Only whole numbers.
    complex
        The operation is defined and tested for complex numbers, too: with real parts from the interval, and imaginary
        parts between -1 and 1.
    """

    low: float
    high: float
    whole: bool = False
    complex: bool = False

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Draw a float64 array of the given shape, uniformly."""
        values = np.asarray(rng.uniform(self.low, self.high, shape))
        return np.round(values) if self.whole else values

    def draw_complex(
        self, shape: tuple[int, ...], rng: np.random.Generator
    ) -> np.ndarray[Any, np.dtype[np.complex128]]:
        """Draw a complex128 array of the given shape."""
        return np.asarray(self.draw(shape, rng) + 1j * rng.uniform(-1.0, 1.0, shape))


@dataclass(frozen=True, slots=True)
class Kink:
    """A point where an elementwise derivative jumps, is infinite or meets a tie, with the local derivatives chosen."""

    inputs: tuple[float, ...]
    partials: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One call of a non-elementwise primitive: its arrays, and its attributes by keyword."""

    inputs: tuple[Any, ...]
    attributes: dict[str, Any] = field(default_factory=dict)


def real(low: float = -2.0, high: float = 2.0) -> Domain:
    """The interval of finite numbers between two bounds."""
    return Domain(low, high)


def real_or_complex(low: float = -2.0, high: float = 2.0) -> Domain:
    """The interval of real numbers, for an operation that takes complex ones, too."""
    return Domain(low, high, complex=True)


def truth_value() -> Domain:
    """0 or 1, for conditions."""
    return Domain(0.0, 1.0, whole=True)


def array(*shape: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A fixed, irregular float64 array: distinct values between -2 and 2, so that no two are tied."""
    values = np.random.default_rng(seed).permutation(np.linspace(-2.0, 1.9, int(np.prod(shape)) or 1))
    return values[: int(np.prod(shape))].reshape(shape)
