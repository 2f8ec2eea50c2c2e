"""Gamma and beta functions, complete and incomplete."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy import special

from autograd import ops
from autograd.ops import cos, log, log1p, sin, where
from autograd.primitives import Rule, custom
from autograd.samples import Domain, Sample, array, real
from autograd.scipy._declaring import fixed, implements, in_double, in_precision_of, plain, special_function
from autograd.scipy.special import _incomplete

__all__: list[str] = []

_WHOLE = Domain(0.0, 3.0, whole=True)

# ---------------------------------------------------------------------------------------------------------------------
# Complete
# ---------------------------------------------------------------------------------------------------------------------


def _polygamma(n: Any, x: Any) -> Any:
    return in_precision_of(x, special.polygamma(n, x))


_polygamma_of_any: Rule = special_function(
    "polygamma",
    _polygamma,
    partials=(None, lambda n, x, out: _polygamma_of_any(plain(n) + 1, x)),
    symbol="ψ⁽ⁿ⁾",
    formula=r"\operatorname{polygamma}(x_1, x_2)",
    partial_formulas=("0", r"\operatorname{polygamma}(x_1 + 1, x_2)"),
    domains=(_WHOLE, real(0.5, 3.0)),
    parameters=("n", "x"),
    doc="Derivative of order n of the digamma function.",
    example=">>> round(polygamma(1, Tensor(1.0)).item(), 9)\n1.644934067",
)

polygamma = implements(special.polygamma)(fixed(_polygamma_of_any, "n"))

digamma: Rule = special_function(
    "digamma",
    special.digamma,
    partials=(lambda x, out: _polygamma_of_any(1, x),),
    symbol="ψ",
    formula=r"\psi(x)",
    partial_formulas=(r"\operatorname{polygamma}(1, x)",),
    domains=(real(0.5, 3.0),),
    doc="Digamma function, the derivative of gammaln; also called psi.",
    example=">>> round(digamma(Tensor(1.0)).item(), 9)\n-0.577215665",
)

gamma: Rule = special_function(
    "gamma",
    special.gamma,
    partials=(lambda x, out: out * digamma(x),),
    symbol="Γ",
    formula=r"\Gamma(x)",
    partial_formulas=(r"\Gamma(x)\,\psi(x)",),
    domains=(real(0.5, 3.0),),
    doc="Gamma function.",
    example=">>> gamma(Tensor(5.0)).item()\n24.0",
)

gammaln: Rule = special_function(
    "gammaln",
    special.gammaln,
    partials=(lambda x, out: digamma(x),),
    symbol="ln Γ",
    formula=r"\operatorname{gammaln}(x)",
    partial_formulas=(r"\psi(x)",),
    domains=(real(0.5, 3.0),),
    doc="Logarithm of the absolute value of the gamma function.",
    example=">>> gammaln(Tensor(1.0)).item()\n0.0",
)

loggamma: Rule = special_function(
    "loggamma",
    special.loggamma,
    partials=(lambda x, out: digamma(x),),
    symbol="ln Γ",
    formula=r"\operatorname{loggamma}(x)",
    partial_formulas=(r"\psi(x)",),
    domains=(real(0.5, 3.0),),
    doc="Principal branch of the logarithm of the gamma function, of real or complex numbers.",
    example=">>> loggamma(Tensor(1.0)).item()\n0.0",
)


def _rgamma_slope(x: Any, out: Any) -> Any:
    # Where 1/Γ is 0 its derivative is not; there, and left of there, it is taken from the reflection formula.
    left = plain(x) < 0.5
    reflected = where(left, 1 - x, 1.0)
    turned = cos(math.pi * x) - sin(math.pi * x) * digamma(reflected) / math.pi
    return where(left, gamma(reflected) * turned, -out * digamma(where(left, 1.0, x)))


rgamma: Rule = special_function(
    "rgamma",
    special.rgamma,
    partials=(_rgamma_slope,),
    symbol="1/Γ",
    formula=r"\frac{1}{\Gamma(x)}",
    partial_formulas=(r"-\frac{\psi(x)}{\Gamma(x)}",),
    domains=(real(-2.5, 3.0),),
    doc="Reciprocal of the gamma function.",
    example=">>> rgamma(Tensor(1.0)).item()\n1.0",
)


@implements(special.multigammaln)
def multigammaln(a: Any, d: int) -> Any:
    """Logarithm of the gamma function of ``d`` dimensions, for ``a > (d - 1) / 2``."""
    d = int(plain(d))
    if np.any(plain(a) <= 0.5 * (d - 1)):
        raise ValueError(f"multigammaln: a must be greater than (d - 1) / 2 = {0.5 * (d - 1):g}")
    shifted = ops.reshape(a, (*np.shape(a), 1)) - (np.arange(d) / 2).astype(a.dtype)
    return ops.sum(gammaln(shifted), axis=-1) + d * (d - 1) / 4 * math.log(math.pi)


beta: Rule = special_function(
    "beta",
    special.beta,
    partials=(
        lambda a, b, out: out * (digamma(a) - digamma(a + b)),
        lambda a, b, out: out * (digamma(b) - digamma(a + b)),
    ),
    symbol="B",
    formula=r"\operatorname{beta}(x_1, x_2)",
    partial_formulas=(
        r"\operatorname{beta}(x_1, x_2) (\psi(x_1) - \psi(x_1 + x_2))",
        r"\operatorname{beta}(x_1, x_2) (\psi(x_2) - \psi(x_1 + x_2))",
    ),
    domains=(real(0.5, 3.0), real(0.5, 3.0)),
    parameters=("a", "b"),
    doc="Beta function.",
    example=">>> beta(Tensor(1.0), 2.0).item()\n0.5",
)

betaln: Rule = special_function(
    "betaln",
    special.betaln,
    partials=(
        lambda a, b, out: digamma(a) - digamma(a + b),
        lambda a, b, out: digamma(b) - digamma(a + b),
    ),
    symbol="ln B",
    formula=r"\operatorname{betaln}(x_1, x_2)",
    partial_formulas=(r"\psi(x_1) - \psi(x_1 + x_2)", r"\psi(x_2) - \psi(x_1 + x_2)"),
    domains=(real(0.5, 3.0), real(0.5, 3.0)),
    parameters=("a", "b"),
    doc="Logarithm of the absolute value of the beta function.",
    example=">>> betaln(Tensor(1.0), 1.0).item()\n0.0",
)

poch: Rule = special_function(
    "poch",
    special.poch,
    partials=(
        lambda z, m, out: out * (digamma(z + m) - digamma(z)),
        lambda z, m, out: out * digamma(z + m),
    ),
    formula=r"\operatorname{poch}(x_1, x_2)",
    partial_formulas=(
        r"\operatorname{poch}(x_1, x_2) (\psi(x_1 + x_2) - \psi(x_1))",
        r"\operatorname{poch}(x_1, x_2) \psi(x_1 + x_2)",
    ),
    domains=(real(0.5, 3.0), real(0.5, 3.0)),
    parameters=("z", "m"),
    doc="Rising factorial: the quotient of the gamma function at z + m and at z.",
    example=">>> poch(Tensor(3.0), 2.0).item()\n12.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Incomplete gamma functions
# ---------------------------------------------------------------------------------------------------------------------

gamma_density: Rule = special_function(
    "gamma_density",
    in_double(_incomplete.gamma_density),
    partials=(
        lambda a, x, out: out * (log(x) - digamma(a)),
        lambda a, x, out: out * ((a - 1) / x - 1),
    ),
    symbol="γ density",
    formula=r"\frac{x_2^{x_1-1} e^{-x_2}}{\Gamma(x_1)}",
    partial_formulas=(
        r"\frac{x_2^{x_1-1} e^{-x_2}}{\Gamma(x_1)} (\ln x_2 - \psi(x_1))",
        r"\frac{x_2^{x_1-1} e^{-x_2}}{\Gamma(x_1)} (\frac{x_1 - 1}{x_2} - 1)",
    ),
    domains=(real(0.5, 4.0), real(0.5, 4.0)),
    parameters=("a", "x"),
    doc="Density of a gamma variable of unit scale, which is the derivative of gammainc by its second argument.",
    example=">>> gamma_density(Tensor(1.0), 0.0).item()\n1.0",
)


def _by_log(a: Any, x: Any, order: int) -> Any:
    """The derivative of the density by the shape, divided by the density."""

    def of_log(i: int, j: int) -> Any:
        return log(x) - digamma(a) if i == 1 else -_polygamma_of_any(i - 1, a)

    return _incomplete.relative_derivative(of_log, order)


def _samples_gamma() -> Iterable[Sample]:
    a, x = 0.5 + abs(array(2, 3)), 0.3 + abs(array(2, 3, seed=1))
    return [
        Sample((a, x), {"order": 1}),
        Sample((a, 5 * x), {"order": 1}),
        Sample((a, x), {"order": 2}),
        Sample((a[0, 0], x), {"order": 1}),
        Sample((a[:, :1], x[0]), {"order": 1}),
        Sample((a[:0], x[:0]), {"order": 1}),
    ]


def _by_shape(ct: Any, a: Any, x: Any, out: Any, *, order: int) -> Any:
    return ct * gammainc_derivative(a, x, order + 1)


def _by_variable(ct: Any, a: Any, x: Any, out: Any, *, order: int) -> Any:
    return ct * (gamma_density(a, x) * _by_log(a, x, order))


def _tangent(tangents: Any, a: Any, x: Any, out: Any, *, order: int) -> Any:
    parts = zip(tangents, (_by_shape, _by_variable), strict=True)
    return _total(*(rule(tangent, a, x, out, order=order) for tangent, rule in parts if tangent is not None))


@custom(
    vjps=(_by_shape, _by_variable),
    jvp=_tangent,
    symbol="∂P/∂a",
    formula=r"\frac{\partial^n}{\partial a^n} \int_0^x \frac{t^{a-1} e^{-t}}{\Gamma(a)} dt",
    samples=_samples_gamma,
)
def gammainc_derivative(a: Any, x: Any, order: int = 1) -> Any:
    """Derivative of the lower regularised incomplete gamma function by its shape.

    Parameters
    ----------
    a, x : Tensor or array_like
        Positive; shapes broadcast.
    order : int
        1 for the first derivative.

    Returns
    -------
    Tensor
        Of the broadcast shape; accurate to about 1e-11, relative to the value also in the tails.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.special import gammainc_derivative
    >>> round(gammainc_derivative(Tensor(1.0), 1.0).item(), 9)
    -0.431729711
    """
    return in_double(lambda a, x: _incomplete.gamma_derivative(a, x, order))(a, x)


def _total(*terms: Any) -> Any:
    return sum(terms[1:], terms[0])


gammainc: Rule = special_function(
    "gammainc",
    special.gammainc,
    partials=(lambda a, x, out: gammainc_derivative(a, x), lambda a, x, out: gamma_density(a, x)),
    symbol="P",
    formula=r"\operatorname{gammainc}(x_1, x_2)",
    partial_formulas=(
        r"\int_0^{x_2} \frac{t^{x_1-1} e^{-t}}{\Gamma(x_1)} (\ln t - \psi(x_1)) dt",
        r"\frac{x_2^{x_1-1} e^{-x_2}}{\Gamma(x_1)}",
    ),
    domains=(real(0.5, 4.0), real(0.5, 4.0)),
    parameters=("a", "x"),
    doc="Lower regularised incomplete gamma function: the probability that a gamma variable of shape a is below x.",
    example=">>> round(gammainc(Tensor(1.0), 1.0).item(), 9)\n0.632120559",
)

gammaincc: Rule = special_function(
    "gammaincc",
    special.gammaincc,
    partials=(lambda a, x, out: -gammainc_derivative(a, x), lambda a, x, out: -gamma_density(a, x)),
    symbol="Q",
    formula=r"\operatorname{gammaincc}(x_1, x_2)",
    partial_formulas=(
        r"-\int_0^{x_2} \frac{t^{x_1-1} e^{-t}}{\Gamma(x_1)} (\ln t - \psi(x_1)) dt",
        r"-\frac{x_2^{x_1-1} e^{-x_2}}{\Gamma(x_1)}",
    ),
    domains=(real(0.5, 4.0), real(0.5, 4.0)),
    parameters=("a", "x"),
    doc="Upper regularised incomplete gamma function: the probability that a gamma variable of shape a is above x.",
    example=">>> round(gammaincc(Tensor(1.0), 1.0).item(), 9)\n0.367879441",
)


gammaincinv: Rule = special_function(
    "gammaincinv",
    special.gammaincinv,
    partials=(
        lambda a, y, out: -gammainc_derivative(a, out) / gamma_density(a, out),
        lambda a, y, out: 1 / gamma_density(a, out),
    ),
    symbol="P⁻¹",
    formula=r"\operatorname{gammaincinv}(x_1, x_2)",
    partial_formulas=(
        r"-\frac{\int_0^{q} t^{x_1-1} e^{-t} (\ln t - \psi(x_1)) dt}{q^{x_1-1} e^{-q}}",
        r"\Gamma(x_1) q^{1-x_1} e^{q},\ q = \operatorname{gammaincinv}(x_1, x_2)",
    ),
    domains=(real(0.5, 4.0), real(0.1, 0.9)),
    parameters=("a", "y"),
    doc="Inverse of gammainc in its second argument: the quantiles of a gamma variable of shape a.",
    example=">>> round(gammaincinv(Tensor(1.0), 0.5).item(), 9)\n0.693147181",
)

gammainccinv: Rule = special_function(
    "gammainccinv",
    special.gammainccinv,
    partials=(
        lambda a, y, out: -gammainc_derivative(a, out) / gamma_density(a, out),
        lambda a, y, out: -1 / gamma_density(a, out),
    ),
    symbol="Q⁻¹",
    formula=r"\operatorname{gammainccinv}(x_1, x_2)",
    partial_formulas=(
        r"-\frac{\int_0^{q} t^{x_1-1} e^{-t} (\ln t - \psi(x_1)) dt}{q^{x_1-1} e^{-q}}",
        r"-\Gamma(x_1) q^{1-x_1} e^{q},\ q = \operatorname{gammainccinv}(x_1, x_2)",
    ),
    domains=(real(0.5, 4.0), real(0.1, 0.9)),
    parameters=("a", "y"),
    doc="Inverse of gammaincc in its second argument.",
    example=">>> round(gammainccinv(Tensor(1.0), 0.5).item(), 9)\n0.693147181",
)

# ---------------------------------------------------------------------------------------------------------------------
# Incomplete beta functions
# ---------------------------------------------------------------------------------------------------------------------

_BETA_DENSITY = r"\frac{x_3^{x_1-1} (1 - x_3)^{x_2-1}}{\operatorname{beta}(x_1, x_2)}"

beta_density: Rule = special_function(
    "beta_density",
    in_double(_incomplete.beta_density),
    partials=(
        lambda a, b, x, out: out * (log(x) - digamma(a) + digamma(a + b)),
        lambda a, b, x, out: out * (log1p(-x) - digamma(b) + digamma(a + b)),
        lambda a, b, x, out: out * ((a - 1) / x - (b - 1) / (1 - x)),
    ),
    symbol="β density",
    formula=_BETA_DENSITY,
    partial_formulas=(
        _BETA_DENSITY + r" (\ln x_3 - \psi(x_1) + \psi(x_1 + x_2))",
        _BETA_DENSITY + r" (\ln(1 - x_3) - \psi(x_2) + \psi(x_1 + x_2))",
        _BETA_DENSITY + r" (\frac{x_1 - 1}{x_3} - \frac{x_2 - 1}{1 - x_3})",
    ),
    domains=(real(0.5, 4.0), real(0.5, 4.0), real(0.1, 0.9)),
    parameters=("a", "b", "x"),
    doc="Density of a beta variable, which is the derivative of betainc by its third argument.",
    example=">>> beta_density(Tensor(1.0), 1.0, 0.0).item()\n1.0",
)


def _by_logs(a: Any, b: Any, x: Any, order_a: int, order_b: int) -> Any:
    """The derivative of the density by the shapes, divided by the density."""

    def of_log(i: int, j: int) -> Any:
        if (i, j) == (1, 0):
            return log(x) - digamma(a) + digamma(a + b)
        if (i, j) == (0, 1):
            return log1p(-x) - digamma(b) + digamma(a + b)
        both = _polygamma_of_any(i + j - 1, a + b)
        if i and j:
            return both
        return both - _polygamma_of_any(i + j - 1, a if i else b)

    return _incomplete.relative_derivative(of_log, order_a, order_b)


def _samples_beta() -> Iterable[Sample]:
    a, b = 0.5 + abs(array(2, 3)), 0.7 + abs(array(2, 3, seed=1))
    x = 0.5 + array(2, 3, seed=2) / 5
    return [
        Sample((a, b, x), {"order_a": 1, "order_b": 0}),
        Sample((a, b, x), {"order_a": 0, "order_b": 1}),
        Sample((a, b, x), {"order_a": 1, "order_b": 1}),
        Sample((a, b, x), {"order_a": 2, "order_b": 0}),
        Sample((a[0, 0], b[0], x[:, :1]), {"order_a": 1, "order_b": 0}),
        Sample((a[:0], b[:0], x[:0]), {"order_a": 0, "order_b": 1}),
    ]


def _beta_by_a(ct: Any, a: Any, b: Any, x: Any, out: Any, *, order_a: int, order_b: int) -> Any:
    return ct * betainc_derivative(a, b, x, order_a + 1, order_b)


def _beta_by_b(ct: Any, a: Any, b: Any, x: Any, out: Any, *, order_a: int, order_b: int) -> Any:
    return ct * betainc_derivative(a, b, x, order_a, order_b + 1)


def _beta_by_variable(ct: Any, a: Any, b: Any, x: Any, out: Any, *, order_a: int, order_b: int) -> Any:
    return ct * (beta_density(a, b, x) * _by_logs(a, b, x, order_a, order_b))


def _beta_tangent(tangents: Any, a: Any, b: Any, x: Any, out: Any, **orders: int) -> Any:
    parts = zip(tangents, (_beta_by_a, _beta_by_b, _beta_by_variable), strict=True)
    return _total(*(rule(tangent, a, b, x, out, **orders) for tangent, rule in parts if tangent is not None))


@custom(
    vjps=(_beta_by_a, _beta_by_b, _beta_by_variable),
    jvp=_beta_tangent,
    symbol="∂I/∂a",
    formula=r"\frac{\partial^{n+m}}{\partial a^n \partial b^m} \int_0^x \frac{t^{a-1} (1 - t)^{b-1}}{B(a, b)} dt",
    samples=_samples_beta,
)
def betainc_derivative(a: Any, b: Any, x: Any, order_a: int = 0, order_b: int = 0) -> Any:
    """Derivative of the regularised incomplete beta function by its shapes.

    Parameters
    ----------
    a, b, x : Tensor or array_like
        ``a`` and ``b`` positive, ``x`` between 0 and 1; shapes broadcast.
    order_a, order_b : int
        How often to differentiate by ``a`` and by ``b``; not 0 both.

    Returns
    -------
    Tensor
        Of the broadcast shape; accurate to about 1e-10, relative to the value also in the tails.

    Raises
    ------
    ValueError
        If there is nothing to differentiate by.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.special import betainc_derivative
    >>> round(betainc_derivative(Tensor(1.0), 1.0, 0.5, order_a=1).item(), 9)
    -0.34657359
    """
    if order_a + order_b == 0:
        raise ValueError("both orders are 0; betainc is what is not differentiated")
    return in_double(lambda a, b, x: _incomplete.beta_derivative(a, b, x, order_a, order_b))(a, b, x)


_BETA_INTEGRALS = (
    r"\int_0^{x_3} \frac{t^{x_1-1} (1 - t)^{x_2-1}}{\operatorname{beta}(x_1, x_2)} "
    r"(\ln t - \psi(x_1) + \psi(x_1 + x_2)) dt",
    r"\int_0^{x_3} \frac{t^{x_1-1} (1 - t)^{x_2-1}}{\operatorname{beta}(x_1, x_2)} "
    r"(\ln(1 - t) - \psi(x_2) + \psi(x_1 + x_2)) dt",
)

betainc: Rule = special_function(
    "betainc",
    special.betainc,
    partials=(
        lambda a, b, x, out: betainc_derivative(a, b, x, order_a=1),
        lambda a, b, x, out: betainc_derivative(a, b, x, order_b=1),
        lambda a, b, x, out: beta_density(a, b, x),
    ),
    symbol="I",
    formula=r"\operatorname{betainc}(x_1, x_2, x_3)",
    partial_formulas=(*_BETA_INTEGRALS, _BETA_DENSITY),
    domains=(real(0.5, 4.0), real(0.5, 4.0), real(0.1, 0.9)),
    parameters=("a", "b", "x"),
    doc="Regularised incomplete beta function: the probability that a beta variable of shapes a and b is below x.",
    example=">>> betainc(Tensor(1.0), 1.0, 0.5).item()\n0.5",
)

betaincc: Rule = special_function(
    "betaincc",
    special.betaincc,
    partials=(
        lambda a, b, x, out: -betainc_derivative(a, b, x, order_a=1),
        lambda a, b, x, out: -betainc_derivative(a, b, x, order_b=1),
        lambda a, b, x, out: -beta_density(a, b, x),
    ),
    symbol="1−I",
    formula=r"\operatorname{betaincc}(x_1, x_2, x_3)",
    partial_formulas=tuple("-" + formula for formula in (*_BETA_INTEGRALS, _BETA_DENSITY)),
    domains=(real(0.5, 4.0), real(0.5, 4.0), real(0.1, 0.9)),
    parameters=("a", "b", "x"),
    doc="Complement of the regularised incomplete beta function.",
    example=">>> betaincc(Tensor(1.0), 1.0, 0.5).item()\n0.5",
)


def _by_quantile(density: str, logarithm: str) -> str:
    """The formula of the derivative of a quantile q by a shape."""
    return rf"-\frac{{\int_0^q {density.replace('q', 't')} ({logarithm}) dt}}{{{density}}}"


def _inverse(name: str, ufunc: Any, sign: int, symbol: str, doc: str) -> Rule:
    q = rf"q = \operatorname{{{name}}}(x_1, x_2, x_3)"
    density = r"q^{x_1-1} (1 - q)^{x_2-1}"
    minus = "-" if sign < 0 else ""
    return special_function(
        name,
        ufunc,
        partials=(
            lambda a, b, y, out: -betainc_derivative(a, b, out, order_a=1) / beta_density(a, b, out),
            lambda a, b, y, out: -betainc_derivative(a, b, out, order_b=1) / beta_density(a, b, out),
            lambda a, b, y, out: sign / beta_density(a, b, out),
        ),
        symbol=symbol,
        formula=rf"\operatorname{{{name}}}(x_1, x_2, x_3)",
        partial_formulas=(
            _by_quantile(density, r"\ln t - \psi(x_1) + \psi(x_1 + x_2)"),
            _by_quantile(density, r"\ln(1 - t) - \psi(x_2) + \psi(x_1 + x_2)"),
            rf"{minus}\frac{{\operatorname{{beta}}(x_1, x_2)}}{{{density}}},\ {q}",
        ),
        domains=(real(0.5, 4.0), real(0.5, 4.0), real(0.1, 0.9)),
        parameters=("a", "b", "y"),
        doc=doc,
        example=f">>> {name}(Tensor(1.0), 1.0, 0.5).item()\n0.5",
    )


betaincinv: Rule = _inverse(
    "betaincinv",
    special.betaincinv,
    1,
    "I⁻¹",
    "Inverse of betainc in its third argument: quantiles of a beta variable.",
)
betainccinv: Rule = _inverse(
    "betainccinv", special.betainccinv, -1, "(1−I)⁻¹", "Inverse of betaincc in its third argument."
)
