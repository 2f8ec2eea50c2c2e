"""Remainders of division."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd.primitives import Rule, elementwise
from autograd.samples import Kink, real

__all__ = ["fmod", "remainder"]


def _minus_quotient(x: Any, y: Any, out: Any) -> Any:
    """Minus the whole number of times that was taken away, known from what is left: a constant."""
    x, y, out = (getattr(v, "_data", v) for v in (x, y, out))
    return -np.rint((x - out) / y)


remainder: Rule = elementwise(
    "remainder",
    np.remainder,
    scalar=operator.mod,
    partials=(1, _minus_quotient),
    symbol="mod",
    formula=r"x_1 - x_2 \operatorname{floor} \frac{x_1}{x_2}",
    partial_formulas=("1", r"-\operatorname{floor} \frac{x_1}{x_2}"),
    domains=(real(), real(0.5, 2.0)),
    kinks=(Kink((4.0, 2.0), (1.0, -2.0)), Kink((-4.0, 2.0), (1.0, 2.0))),
    doc="Remainder of the division rounded down, with the sign of the divisor: Python's %, also called mod.",
    example=">>> remainder(Tensor(-1.0), 3.0).item()\n2.0",
)

fmod: Rule = elementwise(
    "fmod",
    np.fmod,
    scalar=math.fmod,
    partials=(1, _minus_quotient),
    formula=r"x_1 - x_2 \operatorname{trunc} \frac{x_1}{x_2}",
    partial_formulas=("1", r"-\operatorname{trunc} \frac{x_1}{x_2}"),
    domains=(real(), real(0.5, 2.0)),
    kinks=(Kink((4.0, 2.0), (1.0, -2.0)), Kink((-4.0, 2.0), (1.0, 2.0))),
    doc="Remainder of the division rounded towards 0, with the sign of the dividend, as in C.",
    example=">>> fmod(Tensor(-1.0), 3.0).item()\n-1.0",
)
