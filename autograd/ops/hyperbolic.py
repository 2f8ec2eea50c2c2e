"""Hyperbolic functions and their inverses, of real and complex numbers."""

from __future__ import annotations

import math

import numpy as np

from autograd.ops.elementwise import exp, log, sqrt
from autograd.primitives import Rule, elementwise
from autograd.samples import Kink, real_or_complex

__all__ = ["arccosh", "arcsinh", "arctanh", "cosh", "sinh"]

sinh: Rule = elementwise(
    "sinh",
    np.sinh,
    scalar=math.sinh,
    partials=(lambda x, out: cosh(x),),
    formula=r"\sinh x",
    partial_formulas=(r"\cosh x",),
    domains=(real_or_complex(),),
    decomposition=lambda x: (exp(x) - exp(-x)) / 2,
    doc="Hyperbolic sine.",
    example=">>> sinh(Tensor(0.0)).item()\n0.0",
)

cosh: Rule = elementwise(
    "cosh",
    np.cosh,
    scalar=math.cosh,
    partials=(lambda x, out: sinh(x),),
    formula=r"\cosh x",
    partial_formulas=(r"\sinh x",),
    domains=(real_or_complex(),),
    decomposition=lambda x: (exp(x) + exp(-x)) / 2,
    doc="Hyperbolic cosine.",
    example=">>> cosh(Tensor(0.0)).item()\n1.0",
)

arcsinh: Rule = elementwise(
    "arcsinh",
    np.arcsinh,
    scalar=math.asinh,
    partials=(lambda x, out: 1 / sqrt(1 + x * x),),
    formula=r"\operatorname{arsinh} x",
    partial_formulas=(r"\frac{1}{\sqrt{1 + x^2}}",),
    domains=(real_or_complex(-0.9, 2.0),),
    decomposition=lambda x: log(x + sqrt(1 + x * x)),
    doc="Inverse hyperbolic sine.",
    example=">>> arcsinh(Tensor(0.0)).item()\n0.0",
)

arccosh: Rule = elementwise(
    "arccosh",
    np.arccosh,
    scalar=math.acosh,
    # Two roots, because √(x² - 1) has the other sign for complex numbers with negative real part.
    partials=(lambda x, out: 1 / (sqrt(x - 1) * sqrt(x + 1)),),
    formula=r"\operatorname{arcosh} x",
    partial_formulas=(r"\frac{1}{\sqrt{x - 1} \sqrt{x + 1}}",),
    domains=(real_or_complex(1.2, 3.0),),
    decomposition=lambda x: log(x + sqrt(x - 1) * sqrt(x + 1)),
    kinks=(Kink((1.0,), (math.inf,)),),
    doc="Inverse hyperbolic cosine.",
    example=">>> arccosh(Tensor(1.0)).item()\n0.0",
)

arctanh: Rule = elementwise(
    "arctanh",
    np.arctanh,
    scalar=math.atanh,
    partials=(lambda x, out: 1 / ((1 - x) * (1 + x)),),
    formula=r"\operatorname{artanh} x",
    partial_formulas=(r"\frac{1}{1 - x^2}",),
    domains=(real_or_complex(-0.8, 0.8),),
    decomposition=lambda x: (log(1 + x) - log(1 - x)) / 2,
    kinks=(Kink((1.0,), (math.inf,)), Kink((-1.0,), (math.inf,))),
    doc="Inverse hyperbolic tangent.",
    example=">>> arctanh(Tensor(0.0)).item()\n0.0",
)
