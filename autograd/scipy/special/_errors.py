"""Error functions and the normal distribution's, and exponential integrals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from autograd import ops
from autograd._values import dtype_of
from autograd.ops import exp
from autograd.primitives import UFUNCS, Rule
from autograd.samples import Domain, real, real_or_complex
from autograd.scipy._declaring import fixed, in_precision_of, plain, special_function

__all__: list[str] = []

_ROOT_PI, _ROOT_TAU = math.sqrt(math.pi), math.sqrt(2 * math.pi)
_PI, _TAU = r"\sqrt{\pi}", r"\sqrt{2 \pi}"


def _minus_square(x: Any, width: float) -> Any:
    """e^(-width x²), where the square must not overflow."""
    if dtype_of(plain(x)).kind == "c":
        return exp(-width * (x * x))
    x = ops.minimum(ops.maximum(x, -40.0), 40.0)
    return exp(-width * (x * x))


erfi: Rule = special_function(
    "erfi",
    special.erfi,
    partials=(lambda x, out: 2 / _ROOT_PI * exp(x * x),),
    formula=r"\operatorname{erfi}(x)",
    partial_formulas=(rf"\frac{{2}}{{{_PI}}} e^{{x^2}}",),
    domains=(real_or_complex(),),
    doc="Imaginary error function.",
    example=">>> erfi(Tensor(0.0)).item()\n0.0",
)


def _erf(x: Any) -> Any:
    """The error function: of real numbers the operation that there is already, of complex ones by a rotation."""
    return -1j * erfi(1j * x) if dtype_of(plain(x)).kind == "c" else ops.erf(x)


UFUNCS[special.erf] = _erf

erfc: Rule = special_function(
    "erfc",
    special.erfc,
    partials=(lambda x, out: -2 / _ROOT_PI * _minus_square(x, 1.0),),
    formula=r"\operatorname{erfc}(x)",
    partial_formulas=(rf"-\frac{{2}}{{{_PI}}} e^{{-x^2}}",),
    domains=(real_or_complex(),),
    doc="Complementary error function, accurate also where it is tiny.",
    example=">>> erfc(Tensor(0.0)).item()\n1.0",
)

erfcx: Rule = special_function(
    "erfcx",
    special.erfcx,
    partials=(lambda x, out: 2 * x * out - 2 / _ROOT_PI,),
    formula=r"\operatorname{erfcx}(x)",
    partial_formulas=(rf"2 x \operatorname{{erfcx}}(x) - \frac{{2}}{{{_PI}}}",),
    domains=(real_or_complex(),),
    doc="Complementary error function, scaled by the exponential of the square.",
    example=">>> erfcx(Tensor(0.0)).item()\n1.0",
)

dawsn: Rule = special_function(
    "dawsn",
    special.dawsn,
    partials=(lambda x, out: 1 - 2 * x * out,),
    formula=r"\operatorname{dawsn}(x)",
    partial_formulas=(r"1 - 2 x \operatorname{dawsn}(x)",),
    domains=(real_or_complex(),),
    doc="Dawson's integral.",
    example=">>> dawsn(Tensor(0.0)).item()\n0.0",
)

erfinv: Rule = special_function(
    "erfinv",
    special.erfinv,
    partials=(lambda x, out: _ROOT_PI / 2 * exp(out * out),),
    symbol="erf⁻¹",
    formula=r"\operatorname{erfinv}(x)",
    partial_formulas=(rf"\frac{{{_PI}}}{{2}} e^{{y^2}},\ y = \operatorname{{erfinv}}(x)",),
    domains=(real(-0.9, 0.9),),
    doc="Inverse of the error function.",
    example=">>> erfinv(Tensor(0.0)).item()\n0.0",
)

erfcinv: Rule = special_function(
    "erfcinv",
    special.erfcinv,
    partials=(lambda x, out: -_ROOT_PI / 2 * exp(out * out),),
    symbol="erfc⁻¹",
    formula=r"\operatorname{erfcinv}(x)",
    partial_formulas=(rf"-\frac{{{_PI}}}{{2}} e^{{y^2}},\ y = \operatorname{{erfcinv}}(x)",),
    domains=(real(0.1, 1.9),),
    doc="Inverse of the complementary error function.",
    example=">>> round(erfcinv(Tensor(0.5)).item(), 9)\n0.476936276",
)

ndtr: Rule = special_function(
    "ndtr",
    special.ndtr,
    partials=(lambda x, out: 1 / _ROOT_TAU * _minus_square(x, 0.5),),
    symbol="Φ",
    formula=r"\Phi(x)",
    partial_formulas=(rf"\frac{{1}}{{{_TAU}}} e^{{-x^2/2}}",),
    domains=(real_or_complex(),),
    doc="Distribution function of the standard normal distribution.",
    example=">>> ndtr(Tensor(0.0)).item()\n0.5",
)

ndtri: Rule = special_function(
    "ndtri",
    special.ndtri,
    partials=(lambda x, out: _ROOT_TAU * exp(out * out / 2),),
    symbol="Φ⁻¹",
    formula=r"\operatorname{ndtri}(x)",
    partial_formulas=(rf"{_TAU} e^{{y^2/2}},\ y = \operatorname{{ndtri}}(x)",),
    domains=(real(0.1, 0.9),),
    doc="Quantiles of the standard normal distribution, the inverse of ndtr.",
    example=">>> ndtri(Tensor(0.5)).item()\n0.0",
)

# The quotient of a normal variable's density and distribution function: computed like this it is neither 0 / 0 far to
# the left nor an overflow far to the right.
normal_hazard: Rule = special_function(
    "normal_hazard",
    lambda x: math.sqrt(2 / math.pi) / special.erfcx(x * -math.sqrt(0.5)),
    partials=(lambda x, out: -out * (x + out),),
    symbol="φ/Φ",
    formula=r"\frac{\sqrt{2/\pi}}{\operatorname{erfcx}(-x/\sqrt{2})}",
    partial_formulas=(r"-h (x + h),\ h = \frac{\sqrt{2/\pi}}{\operatorname{erfcx}(-x/\sqrt{2})}",),
    domains=(real(-4.0, 3.0),),
    doc="Density of a standard normal variable divided by its distribution function: the derivative of log_ndtr.",
    example=">>> round(normal_hazard(Tensor(0.0)).item(), 9)\n0.797884561",
)

log_ndtr: Rule = special_function(
    "log_ndtr",
    special.log_ndtr,
    partials=(lambda x, out: normal_hazard(x),),
    symbol="ln Φ",
    formula=r"\ln \Phi(x)",
    partial_formulas=(r"\frac{\sqrt{2/\pi}}{\operatorname{erfcx}(-x/\sqrt{2})}",),
    domains=(real(-4.0, 3.0),),
    doc="Logarithm of the distribution function of the standard normal distribution, also far to the left.",
    example=">>> round(log_ndtr(Tensor(0.0)).item(), 9)\n-0.693147181",
)

# ---------------------------------------------------------------------------------------------------------------------
# Exponential integrals
# ---------------------------------------------------------------------------------------------------------------------

exp1: Rule = special_function(
    "exp1",
    special.exp1,
    partials=(lambda x, out: -exp(-x) / x,),
    symbol="E₁",
    formula=r"\operatorname{exp1}(x)",
    partial_formulas=(r"-\frac{e^{-x}}{x}",),
    domains=(real_or_complex(0.5, 3.0),),
    doc="Exponential integral E₁.",
    example=">>> round(exp1(Tensor(1.0)).item(), 9)\n0.219383934",
)

expi: Rule = special_function(
    "expi",
    special.expi,
    partials=(lambda x, out: exp(x) / x,),
    symbol="Ei",
    formula=r"\operatorname{expi}(x)",
    partial_formulas=(r"\frac{e^x}{x}",),
    domains=(real_or_complex(0.5, 3.0),),
    doc="Exponential integral Ei.",
    example=">>> round(expi(Tensor(1.0)).item(), 9)\n1.895117816",
)


def _expn(n: Any, x: Any) -> Any:
    return in_precision_of(x, special.expn(n, x))


def _expn_slope(n: Any, x: Any, out: Any) -> Any:
    n = plain(n)
    first = n <= 0  # the function of order 0 is elementary, that of order -1 SciPy does not have
    if not np.any(first):
        return -expn_of_any(n - 1, x)
    return ops.where(first, -out * (1 + 1 / x), -expn_of_any(np.maximum(n - 1, 0), x))


expn_of_any: Rule = special_function(
    "expn",
    _expn,
    partials=(None, _expn_slope),
    symbol="Eₙ",
    formula=r"\operatorname{expn}(x_1, x_2)",
    partial_formulas=("0", r"-\operatorname{expn}(x_1 - 1, x_2)"),
    domains=(Domain(1.0, 3.0, whole=True), real(0.5, 3.0)),
    parameters=("n", "x"),
    doc="Exponential integral of order n.",
    example=">>> round(expn(2, Tensor(1.0)).item(), 9)\n0.148495507",
)

UFUNCS[special.expn] = fixed(expn_of_any, "n")

_hyp1f1: Rule = special_function(
    "hyp1f1",
    special.hyp1f1,
    partials=(None, None, lambda a, b, x, out: plain(a) / plain(b) * _hyp1f1(plain(a) + 1, plain(b) + 1, x)),
    symbol="₁F₁",
    formula=r"\operatorname{hyp1f1}(x_1, x_2, x_3)",
    partial_formulas=("0", "0", r"\frac{x_1}{x_2} \operatorname{hyp1f1}(x_1 + 1, x_2 + 1, x_3)"),
    domains=(real(0.5, 3.0), real(0.5, 3.0), real()),
    parameters=("a", "b", "x"),
    doc="Confluent hypergeometric function of the first kind, with fixed parameters.",
    example=">>> hyp1f1(1.0, 1.0, Tensor(0.0)).item()\n1.0",
)

hyp1f1 = fixed(_hyp1f1, "a", "b")


def _exprel_slope(x: Any, out: Any) -> Any:
    # Near 0 the difference of the exponential and what it is divided by would cancel; there it is a confluent
    # hypergeometric function, whose derivatives are of the same kind.
    value = plain(x)
    near = abs(value) < 1
    beyond = ops.where(near, 1.0, x)
    positive = out * (1 - 1 / beyond) + 1 / beyond
    negative = (exp(ops.minimum(x, 0.0)) - out) / beyond
    return ops.where(near, 0.5 * _hyp1f1(2, 3, ops.where(near, x, 0.0)), ops.where(value > 0, positive, negative))


exprel: Rule = special_function(
    "exprel",
    special.exprel,
    partials=(_exprel_slope,),
    formula=r"\operatorname{exprel}(x)",
    partial_formulas=(r"\frac{1}{2} \operatorname{hyp1f1}(2, 3, x)",),
    domains=(real(-3.0, 3.0),),
    doc="The exponential minus 1, divided by its argument; 1 at 0.",
    example=">>> exprel(Tensor(0.0)).item()\n1.0",
)
