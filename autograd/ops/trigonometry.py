"""Trigonometric functions and their inverses, of real and complex numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops.elementwise import cos, sin, sqrt
from autograd.ops.powers import hypot, or_one
from autograd.primitives import Rule, elementwise
from autograd.samples import Kink, real, real_or_complex

__all__ = ["arccos", "arcsin", "arctan", "arctan2", "tan"]

tan: Rule = elementwise(
    "tan",
    np.tan,
    scalar=math.tan,
    partials=(lambda x, out: 1 + out * out,),
    formula=r"\tan x",
    partial_formulas=(r"1 + \tan^2 x",),
    domains=(real_or_complex(-1.2, 1.2),),
    decomposition=lambda x: sin(x) / cos(x),
    doc="Tangent of an angle in radians.",
    example=">>> tan(Tensor(0.0)).item()\n0.0",
)


def _side(x: Any) -> Any:
    """The other leg of a right-angled triangle with hypotenuse 1, without the cancellation of 1 - x²."""
    return sqrt((1 - x) * (1 + x))


arcsin: Rule = elementwise(
    "arcsin",
    np.arcsin,
    scalar=math.asin,
    partials=(lambda x, out: 1 / _side(x),),
    formula=r"\arcsin x",
    partial_formulas=(r"\frac{1}{\sqrt{1 - x^2}}",),
    domains=(real_or_complex(-0.9, 0.9),),
    kinks=(Kink((1.0,), (math.inf,)), Kink((-1.0,), (math.inf,))),
    doc="The angle from -π/2 to π/2 with a given sine.",
    example=">>> arcsin(Tensor(0.0)).item()\n0.0",
)

arccos: Rule = elementwise(
    "arccos",
    np.arccos,
    scalar=math.acos,
    partials=(lambda x, out: -1 / _side(x),),
    formula=r"\arccos x",
    partial_formulas=(r"-\frac{1}{\sqrt{1 - x^2}}",),
    domains=(real_or_complex(-0.9, 0.9),),
    kinks=(Kink((1.0,), (-math.inf,)), Kink((-1.0,), (-math.inf,))),
    doc="The angle from 0 to π with a given cosine.",
    example=">>> arccos(Tensor(1.0)).item()\n0.0",
)

arctan: Rule = elementwise(
    "arctan",
    np.arctan,
    scalar=math.atan,
    partials=(lambda x, out: 1 / (1 + x * x),),
    formula=r"\arctan x",
    partial_formulas=(r"\frac{1}{1 + x^2}",),
    domains=(real_or_complex(),),
    doc="The angle from -π/2 to π/2 with a given tangent.",
    example=">>> arctan(Tensor(0.0)).item()\n0.0",
)


def _over_square(x: Any, y: Any, of: Any) -> Any:
    """One coordinate over x² + y², and 0 at the origin, whose angle is 0 by convention; no square overflows."""
    r = or_one(hypot(x, y))
    return of / r / r


arctan2: Rule = elementwise(
    "arctan2",
    np.arctan2,
    scalar=math.atan2,
    partials=(lambda y, x, out: _over_square(y, x, x), lambda y, x, out: -_over_square(y, x, y)),
    formula=r"\operatorname{arctan2}(x_1, x_2)",
    partial_formulas=(r"\frac{x_2}{x_1^2 + x_2^2}", r"-\frac{x_1}{x_1^2 + x_2^2}"),
    domains=(real(), real(0.2, 2.0)),
    kinks=(Kink((0.0, 0.0), (0.0, 0.0)),),
    doc="The angle of the point (x2, x1), from -π to π; note that the ordinate comes first.",
    example=">>> arctan2(Tensor(0.0), 1.0).item()\n0.0",
)
