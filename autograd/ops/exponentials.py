"""Exponentials and logarithms to other bases, near zero, and of sums."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops.elementwise import exp, log, sigmoid, where
from autograd.primitives import Rule, elementwise
from autograd.samples import Kink, real, real_or_complex

__all__ = ["exp2", "expm1", "log1p", "log2", "log10", "logaddexp", "logaddexp2"]

_LN2, _LN10 = math.log(2.0), math.log(10.0)

exp2: Rule = elementwise(
    "exp2",
    np.exp2,
    scalar=math.exp2,
    partials=(lambda x, out: out * _LN2,),
    formula="2^x",
    partial_formulas=(r"2^x \ln 2",),
    domains=(real_or_complex(),),
    decomposition=lambda x: exp(x * _LN2),
    doc="Power of 2.",
    example=">>> exp2(Tensor(3.0)).item()\n8.0",
)

expm1: Rule = elementwise(
    "expm1",
    np.expm1,
    scalar=math.expm1,
    partials=(lambda x, out: exp(x),),
    symbol="exp − 1",
    formula="e^x - 1",
    partial_formulas=("e^x",),
    domains=(real_or_complex(),),
    decomposition=lambda x: exp(x) - 1,
    doc="Exponential function less 1, precise also near 0.",
    example=">>> expm1(Tensor(1e-20)).item()\n1e-20",
)

log2: Rule = elementwise(
    "log2",
    np.log2,
    scalar=math.log2,
    partials=(lambda x, out: 1 / (x * _LN2),),
    symbol="log₂",
    formula=r"\operatorname{log2} x",
    partial_formulas=(r"\frac{1}{x \ln 2}",),
    domains=(real_or_complex(0.2, 3.0),),
    decomposition=lambda x: log(x) / _LN2,
    doc="Logarithm to base 2.",
    example=">>> log2(Tensor(8.0)).item()\n3.0",
)

log10: Rule = elementwise(
    "log10",
    np.log10,
    scalar=math.log10,
    partials=(lambda x, out: 1 / (x * _LN10),),
    symbol="log₁₀",
    formula=r"\operatorname{log10} x",
    partial_formulas=(r"\frac{1}{x \ln 10}",),
    domains=(real_or_complex(0.2, 3.0),),
    decomposition=lambda x: log(x) / _LN10,
    doc="Logarithm to base 10.",
    example=">>> log10(Tensor(1000.0)).item()\n3.0",
)

log1p: Rule = elementwise(
    "log1p",
    np.log1p,
    scalar=math.log1p,
    partials=(lambda x, out: 1 / (1 + x),),
    symbol="ln(1 + ·)",
    formula=r"\ln(1 + x)",
    partial_formulas=(r"\frac{1}{1 + x}",),
    domains=(real_or_complex(-0.7, 2.0),),
    decomposition=lambda x: log(1 + x),
    doc="Natural logarithm of 1 plus a number, precise also near 0.",
    example=">>> log1p(Tensor(1e-20)).item()\n1e-20",
)


def _gap(x: Any, y: Any) -> Any:
    """The difference, or 0 between equal infinities: of two sums of nothing, or of everything, each has half."""
    tied = _tied(getattr(x, "_data", x), getattr(y, "_data", y))
    if tied is not False and np.any(tied):
        x, y = where(tied, 0.0, x), where(tied, 0.0, y)
    return x - y


def _tied(x: Any, y: Any) -> Any:
    return (x == y) & (abs(x) == math.inf)


def _logaddexp(x: float, y: float) -> float:
    return x + _LN2 if x == y else max(x, y) + math.log1p(math.exp(-abs(x - y)))


logaddexp: Rule = elementwise(
    "logaddexp",
    np.logaddexp,
    scalar=_logaddexp,
    partials=(lambda x, y, out: sigmoid(_gap(x, y)), lambda x, y, out: sigmoid(_gap(y, x))),
    formula=r"\ln(e^{x_1} + e^{x_2})",
    partial_formulas=(r"\sigma(x_1 - x_2)", r"\sigma(x_2 - x_1)"),
    domains=(real(), real()),
    decomposition=lambda x, y: log(exp(x) + exp(y)),
    kinks=(Kink((-math.inf, -math.inf), (0.5, 0.5)), Kink((-math.inf, 0.0), (0.0, 1.0))),
    doc="Logarithm of a sum of exponentials, without overflow: addition of numbers known by their logarithms.",
    example=">>> logaddexp(Tensor(0.0), 0.0).item()\n0.6931471805599453",
)


def _logaddexp2(x: float, y: float) -> float:
    return x + 1.0 if x == y else max(x, y) + math.log1p(math.exp2(-abs(x - y))) / _LN2


logaddexp2: Rule = elementwise(
    "logaddexp2",
    np.logaddexp2,
    scalar=_logaddexp2,
    partials=(lambda x, y, out: sigmoid(_gap(x, y) * _LN2), lambda x, y, out: sigmoid(_gap(y, x) * _LN2)),
    formula=r"\operatorname{log2}(2^{x_1} + 2^{x_2})",
    partial_formulas=(r"\sigma((x_1 - x_2) \ln 2)", r"\sigma((x_2 - x_1) \ln 2)"),
    domains=(real(), real()),
    decomposition=lambda x, y: log2(exp2(x) + exp2(y)),
    kinks=(Kink((-math.inf, -math.inf), (0.5, 0.5)), Kink((-math.inf, 0.0), (0.0, 1.0))),
    doc="Logarithm to base 2 of a sum of powers of 2, without overflow.",
    example=">>> logaddexp2(Tensor(1.0), 1.0).item()\n2.0",
)
