"""Functions given by a series at 0: sinc, and the modified Bessel functions, with all their derivatives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.primitives import Rule, custom, elementwise
from autograd.samples import Kink, Sample, array, real, real_or_complex

__all__ = ["i0", "modified_bessel", "sinc", "sinc_derivative"]

# ---------------------------------------------------------------------------------------------------------------------
# sinc
# ---------------------------------------------------------------------------------------------------------------------


def _far(u: Any, order: int) -> Any:
    """A derivative of s(u) = sin(u) / u from its predecessors: those of u s(u) = sin(u) by the product rule.

    Each division by u shrinks errors if u is larger than the order.
    """
    value = np.sin(u) / u
    for k in range(1, order + 1):
        value = (np.sin(u + k * (math.pi / 2)) - k * value) / u
    return value


def _near(u: Any, order: int) -> Any:
    """The same from the Taylor series at 0, whose terms for u up to the order (or 1) are small."""
    value = np.zeros_like(u)
    for power in range(20 + 4 * order, -1, -1):  # Horner's rule
        n = power + order
        value = value * u
        if n % 2 == 0:
            value = value + (-1) ** (n // 2) / ((n + 1) * math.factorial(power))
    return value


def _next_derivative(x: Any, order: int) -> Any:
    return sinc_derivative(x, order=order + 1)


def _samples_sinc() -> Iterable[Sample]:
    whole = np.array([-2.0, -1.0, 0.0, 1.0])
    return [
        Sample((array(2, 3),), {"order": 1}),
        Sample((array(),), {"order": 2}),
        Sample((whole,), {"order": 1}),
        Sample((np.array([0.0, 1e-9, -0.3, 0.32]),), {"order": 3}),
        Sample((array(3) + 1j * array(3, seed=1),), {"order": 1}),
        Sample((array(0),), {"order": 1}),
    ]


@custom(
    vjps=(lambda ct, x, out, *, order: ct * _next_derivative(x, order),),
    jvp=lambda tangents, x, out, *, order: tangents[0] * _next_derivative(x, order),
    symbol="sinc⁽ⁿ⁾",
    formula=r"\frac{d^n}{dx^n} \frac{\sin \pi x}{\pi x}",
    samples=_samples_sinc,
)
def sinc_derivative(x: Any, order: int) -> Any:
    """A derivative of sinc, precise also at and near 0.

    Parameters
    ----------
    x : Tensor or array_like
        Real or complex.
    order : int
        Which derivative: 0 is sinc itself.

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> sinc_derivative(Tensor(1.0), order=1).item()
    -1.0
    """
    u = np.pi * np.asarray(x)
    near = np.abs(u) < max(order, 1)
    found = np.where(near, _near(np.where(near, u, 0.0), order), _far(np.where(near, 1.0, u), order))
    return (np.pi**order * found)[()]


sinc: Rule = elementwise(
    "sinc",
    np.sinc,
    partials=(lambda x, out: sinc_derivative(x, order=1),),
    formula=r"\frac{\sin(\pi x)}{\pi x}",
    partial_formulas=(r"\frac{\cos(\pi x)}{x} - \frac{\sin(\pi x)}{\pi x^2}",),
    domains=(real_or_complex(),),
    kinks=(Kink((0.0,), (0.0,)),),
    doc="Sine of πx over πx, which is 1 at 0.",
    example=">>> sinc(Tensor(0.0)).item()\n1.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Modified Bessel functions
# ---------------------------------------------------------------------------------------------------------------------


#: Beyond, modified Bessel functions are infinite in float64, whatever their ratios are.
_BESSEL_END = 720.0


def _samples_bessel() -> Iterable[Sample]:
    return [
        Sample((array(2, 3),), {"order": 1}),
        Sample((array(),), {"order": 2}),
        Sample((np.array([0.0, 1e-9, -7.9, 8.1, 30.0]),), {"order": 1}),
        Sample((np.array([0.0, 0.3]),), {"order": 0}),
        Sample((array(0),), {"order": 1}),
    ]


def _bessel_slope(x: Any, order: int) -> Any:
    if order == 0:
        return modified_bessel(x, order=1)
    return (modified_bessel(x, order=order - 1) + modified_bessel(x, order=order + 1)) / 2


@custom(
    vjps=(lambda ct, x, out, *, order: ct * _bessel_slope(x, order),),
    jvp=lambda tangents, x, out, *, order: tangents[0] * _bessel_slope(x, order),
    symbol="Iₙ",
    formula=r"I_n(x)",
    samples=_samples_bessel,
)
def modified_bessel(x: Any, order: int) -> Any:
    """Modified Bessel function of the first kind, of a whole order.

    It is that of order 0 times the ratios of neighbours, which are computed downwards from the continued fraction that
    their recurrence makes of them: each step shrinks the error of the first guess.

    Parameters
    ----------
    x : Tensor or array_like
        Real.
    order : int
        Not negative.

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> round(modified_bessel(Tensor(1.0), order=1).item(), 12)
    0.565159103992
    """
    x = np.asarray(x)
    size = np.minimum(np.abs(x), _BESSEL_END)
    largest = float(np.max(size, initial=0.0, where=np.isfinite(size)))
    top = order + 20 + math.ceil(7 * math.sqrt(largest))
    ratio = size / (top + np.sqrt(top * top + size * size))
    value = np.i0(x)
    for k in range(top, 0, -1):
        ratio = size / (2 * k + size * ratio)
        if k <= order:
            value = value * ratio
    return (value * np.sign(x) ** (order % 2))[()]


i0: Rule = elementwise(
    "i0",
    np.i0,
    partials=(lambda x, out: modified_bessel(x, order=1),),
    symbol="I₀",
    formula=r"\operatorname{i0} x",
    partial_formulas=(r"\operatorname{i1} x",),
    domains=(real(),),
    doc="Modified Bessel function of the first kind and order 0.",
    example=">>> i0(Tensor(0.0)).item()\n1.0",
)
