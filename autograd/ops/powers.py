"""Squares, cube roots and lengths."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.ops.elementwise import multiply, sqrt, where
from autograd.primitives import Rule, elementwise
from autograd.samples import Kink, real, real_or_complex

__all__ = ["cbrt", "hypot", "square"]

square: Rule = elementwise(
    "square",
    np.square,
    scalar=lambda x: x * x,
    partials=(lambda x, out: 2 * x,),
    symbol="²",
    formula="x^2",
    partial_formulas=("2 x",),
    domains=(real_or_complex(),),
    decomposition=lambda x: multiply(x, x),
    doc="Square.",
    example=">>> square(Tensor(3.0)).item()\n9.0",
)

cbrt: Rule = elementwise(
    "cbrt",
    np.cbrt,
    scalar=math.cbrt,
    partials=(lambda x, out: 1 / (3 * out * out),),
    symbol="∛",
    formula=r"\operatorname{cbrt} x",
    partial_formulas=(r"\frac{1}{3 \operatorname{cbrt}^2 x}",),
    domains=(real(0.2, 3.0),),
    kinks=(Kink((0.0,), (math.inf,)),),
    doc="Cube root, which negative numbers have, too.",
    example=">>> cbrt(Tensor(0.0)).item()\n0.0",
)


def or_one(x: Any) -> Any:
    """A divisor: the number, or 1 where it is 0, so that 0 divided by it is 0."""
    return (x or 1.0) if type(x) is float else where(x == 0, 1.0, x)


hypot: Rule = elementwise(
    "hypot",
    np.hypot,
    scalar=math.hypot,
    partials=(lambda x, y, out: x / or_one(out), lambda x, y, out: y / or_one(out)),
    formula=r"\sqrt{x_1^2 + x_2^2}",
    partial_formulas=(r"\frac{x_1}{\sqrt{x_1^2 + x_2^2}}", r"\frac{x_2}{\sqrt{x_1^2 + x_2^2}}"),
    domains=(real(0.2, 2.0), real()),
    decomposition=lambda x, y: sqrt(x * x + y * y),
    kinks=(Kink((0.0, 0.0), (0.0, 0.0)),),
    doc="Length of the hypotenuse over two legs; no square overflows.",
    example=">>> hypot(Tensor(3.0), 4.0).item()\n5.0",
)
