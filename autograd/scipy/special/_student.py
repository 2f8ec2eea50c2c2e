"""The distribution function of Student's t, with its derivative by the degrees of freedom, and its inverse."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from autograd.ops import exp, log, log1p
from autograd.primitives import Rule
from autograd.samples import real
from autograd.scipy._declaring import constant, in_double, plain, special_function
from autograd.scipy.special import _incomplete
from autograd.scipy.special._gamma import betainc_derivative, betaln, digamma

__all__: list[str] = []


def t_log_density(df: Any, t: Any) -> Any:
    """The logarithm of the density of Student's t, from operations."""
    return -0.5 * log(df) - betaln(0.5 * df, constant(0.5, df)) - (0.5 * df + 0.5) * log1p(t * t / df)


def _density(df: Any, t: Any) -> Any:
    return exp(t_log_density(df, t))


def _log_slope(df: Any, t: Any) -> Any:
    """The derivative of the logarithm of the density by the degrees of freedom."""
    square = t * t
    return 0.5 * (
        digamma(0.5 * df + 0.5)
        - digamma(0.5 * df)
        - 1 / df
        - log1p(square / df)
        + (df + 1) * square / (df * (df + square))
    )


# Below 0 the distribution function is half the incomplete beta function of a = df / 2 and 1/2 at z = df / (df + t²).
# Its derivative by df is half the one by a, and what z contributes, in which the density comes up again.


@in_double
def _stdtr_derivative(df: Any, t: Any) -> Any:
    square = t * t
    total = df + square
    half = np.full(df.shape, 0.5)
    # The smaller of z and 1 - z is computed without cancellation; the two sides of the beta function add up to 1.
    near = square < df
    by_shape = np.where(
        near,
        -_incomplete.beta_derivative(half, df / 2, np.where(near, square / total, 0.5), 0, 1),
        _incomplete.beta_derivative(df / 2, half, np.where(near, 0.5, df / total), 1, 0),
    )
    return -np.sign(t) * by_shape / 4 - t * _density(df, t) / (2 * df)


def _second_slope(df: Any, t: Any, out: Any) -> Any:
    z = df / (df + t * t)
    by_shape = -np.sign(plain(t)) / 8 * betainc_derivative(0.5 * df, constant(0.5, df), z, order_a=2)
    inner = log(z) - digamma(0.5 * df) + digamma(0.5 * df + 0.5)
    return by_shape - t * _density(df, t) / df * (inner / 4 + _log_slope(df, t) / 2 - 0.5 / df)


_T_DENSITY = r"\frac{(1 + \frac{x_2^2}{x_1})^{-(x_1+1)/2}}{\sqrt{x_1} \operatorname{beta}(\frac{x_1}{2}, \frac{1}{2})}"

stdtr_derivative: Rule = special_function(
    "stdtr_derivative",
    _stdtr_derivative,
    partials=(_second_slope, lambda df, t, out: _density(df, t) * _log_slope(df, t)),
    symbol="∂F/∂ν",
    formula=r"\int_{-\infty}^{x_2} \frac{\partial f(t)}{\partial x_1} dt",
    partial_formulas=(
        r"\int_{-\infty}^{x_2} \frac{\partial^2 f(t)}{\partial x_1^2} dt",
        _T_DENSITY + r" (\frac{\psi(\frac{x_1+1}{2}) - \psi(\frac{x_1}{2})}{2} - \frac{1}{2 x_1}"
        r" - \frac{\ln(1 + x_2^2/x_1)}{2} + \frac{(x_1+1) x_2^2}{2 x_1 (x_1 + x_2^2)})",
    ),
    domains=(real(1.0, 6.0), real(-3.0, 3.0)),
    parameters=("df", "t"),
    doc="Derivative of the distribution function of Student's t by the degrees of freedom. It is the difference of two "
    "terms that are larger by about the number of these, so that its relative error is 1e-12 times that number.",
    example=">>> stdtr_derivative(Tensor(2.0), 0.0).item()\n0.0",
)

stdtr: Rule = special_function(
    "stdtr",
    special.stdtr,
    partials=(lambda df, t, out: stdtr_derivative(df, t), lambda df, t, out: _density(df, t)),
    symbol="F",
    formula=r"\operatorname{stdtr}(x_1, x_2)",
    partial_formulas=(r"\int_{-\infty}^{x_2} \frac{\partial f(t)}{\partial x_1} dt", _T_DENSITY),
    domains=(real(1.0, 6.0), real(-3.0, 3.0)),
    parameters=("df", "t"),
    doc="Distribution function of Student's t.",
    example=">>> stdtr(Tensor(2.0), 0.0).item()\n0.5",
)

stdtrit: Rule = special_function(
    "stdtrit",
    special.stdtrit,
    partials=(
        lambda df, p, out: -stdtr_derivative(df, out) / _density(df, out),
        lambda df, p, out: 1 / _density(df, out),
    ),
    symbol="F⁻¹",
    formula=r"\operatorname{stdtrit}(x_1, x_2)",
    partial_formulas=(
        r"-\frac{\int_{-\infty}^{y} \frac{\partial f(t)}{\partial x_1} dt}{f(y)}",
        r"\sqrt{x_1} \operatorname{beta}(\frac{x_1}{2}, \frac{1}{2}) (1 + \frac{y^2}{x_1})^{(x_1+1)/2},"
        r"\ y = \operatorname{stdtrit}(x_1, x_2)",
    ),
    domains=(real(1.0, 6.0), real(0.1, 0.9)),
    parameters=("df", "p"),
    doc="Quantiles of Student's t, the inverse of stdtr.",
    example=">>> abs(round(stdtrit(Tensor(2.0), 0.5).item(), 9))\n0.0",
)
