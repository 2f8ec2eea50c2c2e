"""Elementwise operations: the gates of a computation graph.

Where a function is not differentiable, or two inputs tie, the local derivative chosen is listed under ``kinks`` and
tested: half to each of two tied inputs of maximum and minimum, 0 for relu and abs at 0. At the edge of a domain it is
the limit, which may be infinite (sqrt and log at 0).
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd._values import dtype_of
from autograd.primitives import Rule, elementwise, first_input, second_input
from autograd.samples import Kink, real, real_or_complex, truth_value
from autograd.tensor import Tensor

__all__ = [
    "absolute",
    "add",
    "cos",
    "divide",
    "exp",
    "fmax",
    "fmin",
    "log",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "power",
    "relu",
    "sigmoid",
    "sin",
    "sqrt",
    "subtract",
    "tanh",
    "where",
]


class Route:
    """A local derivative that lets a gradient through, or not: ``gradient * Route(weight)``.

    Where the weight is 0 the product is 0 even if the gradient is infinite, as it is behind ``log(relu(x))`` at a
    negative ``x``: nothing flows along a route that was not taken.

    Parameters
    ----------
    weight
        Booleans, or numbers from 0 to 1: a constant, with no derivative of its own.
    """

    __slots__ = ("weight",)
    __array_ufunc__ = None  # so that NumPy leaves the product to us

    def __init__(self, weight: Any) -> None:
        self.weight = weight

    def __rmul__(self, gradient: Any) -> Any:
        weight = self.weight
        if type(gradient) is float and not isinstance(weight, np.ndarray):
            return gradient * weight if weight else 0.0
        choose = where if isinstance(gradient, Tensor) else _masked
        if dtype_of(weight).kind == "b":
            return choose(weight, gradient, 0.0)
        return choose(weight != 0, gradient, 0.0) * weight


#: For the size of a floating number, the integer of that size.
_BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def _masked(mask: Any, gradient: Any, zero: float) -> Any:
    """Compute ``where(mask, gradient, 0)`` on plain values: on an irregular mask in a fifteenth of the time.

    The bits of the gradient, taken for an integer, are multiplied by 1 or 0, which unlike a product of floating numbers
    gives 0 for infinity, too.
    """
    bits = _BITS.get(gradient.itemsize) if isinstance(gradient, np.ndarray) and isinstance(mask, np.ndarray) else None
    if bits is None or gradient.dtype.kind != "f":
        return np.where(mask, gradient, zero)
    kept = mask.astype(bits)  # faster than as part of the product
    if kept.shape != gradient.shape:
        return (kept * gradient.view(bits)).view(gradient.dtype)
    return np.multiply(kept, gradient.view(bits), out=kept).view(gradient.dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Arithmetic
# ---------------------------------------------------------------------------------------------------------------------

add: Rule = elementwise(
    "add",
    np.add,
    scalar=operator.add,
    partials=(1, 1),
    symbol="+",
    formula="x_1 + x_2",
    partial_formulas=("1", "1"),
    domains=(real_or_complex(), real_or_complex()),
    doc="Sum. Its gate distributes: both inputs get the upstream gradient unchanged.",
    example=">>> add(Tensor(1.0), 2.0).item()\n3.0",
)

subtract: Rule = elementwise(
    "subtract",
    np.subtract,
    scalar=operator.sub,
    partials=(1, -1),
    symbol="−",
    formula="x_1 - x_2",
    partial_formulas=("1", "-1"),
    domains=(real_or_complex(), real_or_complex()),
    decomposition=lambda x, y: add(x, negative(y)),
    doc="Difference.",
    example=">>> subtract(Tensor(1.0), 2.0).item()\n-1.0",
)

multiply: Rule = elementwise(
    "multiply",
    np.multiply,
    scalar=operator.mul,
    partials=(second_input, first_input),
    symbol="×",
    formula="x_1 x_2",
    partial_formulas=("x_2", "x_1"),
    domains=(real_or_complex(), real_or_complex()),
    doc="Product. Its gate swaps and scales: each input gets the upstream gradient times the other input.",
    example=">>> multiply(Tensor(3.0), 2.0).item()\n6.0",
)

divide: Rule = elementwise(
    "divide",
    np.divide,
    scalar=operator.truediv,
    partials=(lambda x, y, out: 1 / y, lambda x, y, out: -out / y),
    symbol="÷",
    formula=r"\frac{x_1}{x_2}",
    partial_formulas=(r"\frac{1}{x_2}", r"-\frac{x_1}{x_2^2}"),
    domains=(real_or_complex(), real_or_complex(0.5, 2.0)),
    decomposition=lambda x, y: multiply(x, power(y, -1.0)),
    doc="Quotient.",
    example=">>> divide(Tensor(3.0), 2.0).item()\n1.5",
)

negative: Rule = elementwise(
    "negative",
    np.negative,
    scalar=operator.neg,
    partials=(-1,),
    symbol="×(−1)",
    formula="-x",
    partial_formulas=("-1",),
    domains=(real_or_complex(),),
    decomposition=lambda x: multiply(x, -1.0),
    doc="The negative.",
    example=">>> negative(Tensor(3.0)).item()\n-3.0",
)


def _power_by_base(x: Any, y: Any, out: Any) -> Any:
    if isinstance(y, (int, float)):  # a constant exponent, by far the commonest
        return y * power(x, y - 1) if y else 0.0
    # x ** 0 is flat, also at x = 0 where y * x ** (y - 1) would be 0 * inf.
    flat = (x == 0) & (y == 0)
    return y * power(x, where(flat, 1.0, y - 1) if np.any(flat) else y - 1)


def _power_by_exponent(x: Any, y: Any, out: Any) -> Any:
    # At x = 0 (y > 0) the limit of x**y log(x) is 0; it is left out there, as log(0) is not finite.
    return where(x == 0, 0.0, out * log(where(x == 0, 1.0, x)))


power: Rule = elementwise(
    "power",
    np.power,
    scalar=math.pow,
    partials=(_power_by_base, _power_by_exponent),
    symbol="^",
    formula="x_1^{x_2}",
    partial_formulas=("x_2 x_1^{x_2-1}", r"x_1^{x_2}\ln x_1"),
    domains=(real_or_complex(0.3, 2.0), real_or_complex()),
    kinks=(Kink((0.0, 0.0), (0.0, 0.0)), Kink((0.0, 2.0), (0.0, 0.0)), Kink((0.0, 1.0), (1.0, 0.0))),
    doc="Power. The derivative by the exponent exists for positive bases, and is taken as 0 at base 0.",
    example=">>> power(Tensor(3.0), 2).item()\n9.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Exponentials and trigonometry
# ---------------------------------------------------------------------------------------------------------------------

exp: Rule = elementwise(
    "exp",
    np.exp,
    scalar=math.exp,
    partials=(lambda x, out: out,),
    formula="e^x",
    partial_formulas=("e^x",),
    domains=(real_or_complex(),),
    doc="Exponential function.",
    example=">>> exp(Tensor(0.0)).item()\n1.0",
)

log: Rule = elementwise(
    "log",
    np.log,
    scalar=math.log,
    partials=(lambda x, out: 1 / x,),
    formula=r"\ln x",
    partial_formulas=(r"\frac{1}{x}",),
    domains=(real_or_complex(0.2, 3.0),),
    doc="Natural logarithm.",
    example=">>> log(Tensor(1.0)).item()\n0.0",
)

sqrt: Rule = elementwise(
    "sqrt",
    np.sqrt,
    scalar=math.sqrt,
    partials=(lambda x, out: 0.5 / out,),
    symbol="√",
    formula=r"\sqrt{x}",
    partial_formulas=(r"\frac{1}{2\sqrt{x}}",),
    domains=(real_or_complex(0.2, 3.0),),
    decomposition=lambda x: power(x, 0.5),
    kinks=(Kink((0.0,), (math.inf,)),),
    doc="Square root.",
    example=">>> sqrt(Tensor(4.0)).item()\n2.0",
)

sin: Rule = elementwise(
    "sin",
    np.sin,
    scalar=math.sin,
    partials=(lambda x, out: cos(x),),
    formula=r"\sin x",
    partial_formulas=(r"\cos x",),
    domains=(real_or_complex(-4.0, 4.0),),
    doc="Sine of an angle in radians.",
    example=">>> sin(Tensor(0.0)).item()\n0.0",
)

cos: Rule = elementwise(
    "cos",
    np.cos,
    scalar=math.cos,
    partials=(lambda x, out: -sin(x),),
    formula=r"\cos x",
    partial_formulas=(r"-\sin x",),
    domains=(real_or_complex(-4.0, 4.0),),
    doc="Cosine of an angle in radians.",
    example=">>> cos(Tensor(0.0)).item()\n1.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Activations
# ---------------------------------------------------------------------------------------------------------------------

tanh: Rule = elementwise(
    "tanh",
    np.tanh,
    scalar=math.tanh,
    partials=(lambda x, out: 1 - out * out,),
    formula=r"\tanh x",
    partial_formulas=(r"1 - \tanh^2 x",),
    domains=(real_or_complex(),),
    decomposition=lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)),
    doc="Hyperbolic tangent.",
    example=">>> tanh(Tensor(0.0)).item()\n0.0",
)


def _sigmoid(x: Any) -> Any:
    with np.errstate(over="ignore"):  # divided by, infinity gives the 0 that is wanted
        return 1 / (1 + np.exp(np.negative(x)))


def _sigmoid_scalar(x: float) -> float:
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    z = math.exp(x)
    return z / (1.0 + z)


sigmoid: Rule = elementwise(
    "sigmoid",
    _sigmoid,
    scalar=_sigmoid_scalar,
    partials=(lambda x, out: (1 - out) * out,),
    symbol="σ",
    formula=r"\sigma(x) = \frac{1}{1 + e^{-x}}",
    partial_formulas=(r"(1 - \sigma(x))\,\sigma(x)",),
    domains=(real(-4.0, 4.0),),
    decomposition=lambda x: 1 / (1 + exp(-x)),
    doc="Logistic function, as one gate.",
    example=">>> sigmoid(Tensor(0.0)).item()\n0.5",
)


def _relu(x: Any) -> Any:
    if type(x) is np.ndarray and x.dtype.kind == "f":
        return x.clip(0.0, math.inf)  # a third of the time that np.maximum takes
    return np.maximum(x, 0)


relu: Rule = elementwise(
    "relu",
    _relu,
    scalar=lambda x: x if x > 0 or x != x else 0.0,
    # The output rather than the input decides: the layer that follows has just read it, so that it is in cache.
    partials=(lambda x, out: Route(out > 0),),
    formula=r"\max(0, x)",
    partial_formulas=(r"[x > 0]",),
    domains=(real(),),
    kinks=(Kink((0.0,), (0.0,)),),
    doc="Rectified linear unit.",
    example=">>> relu(Tensor(-1.0)).item()\n0.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Routing
# ---------------------------------------------------------------------------------------------------------------------

absolute: Rule = elementwise(
    "absolute",
    np.abs,
    scalar=abs,
    partials=(lambda x, out: _direction(x, out),),
    symbol="|·|",
    formula="|x|",
    partial_formulas=(r"\operatorname{sign} x",),
    domains=(real_or_complex(),),
    decomposition=lambda x: _modulus(x),
    kinks=(Kink((0.0,), (0.0,)),),
    doc="Absolute value, also of complex numbers, where the local derivative is their conjugate divided by it.",
    example=">>> absolute(Tensor(-2.0)).item()\n2.0",
)


def _modulus(x: Any) -> Any:
    """The absolute value from simpler gates."""
    if dtype_of(getattr(x, "_data", x)).kind != "c":
        return maximum(x, -x)
    from autograd.ops.complex import conjugate, real

    return sqrt(real(x * conjugate(x)))


def _direction(x: Any, out: Any) -> Any:
    if dtype_of(getattr(x, "_data", x)).kind != "c":
        return sign(x)
    from autograd.ops.complex import conjugate  # which is declared with operations of this file

    return conjugate(x) / where(out == 0, 1.0, out)


def sign(x: Any) -> Any:
    """-1, 0 or 1 with the sign of a tensor, number or array: a constant, its derivative being 0 almost everywhere."""
    return np.sign(getattr(x, "_data", x))


def _won(x: Any, y: Any, out: Any) -> Route:
    """Let through to the first of two inputs where it is the output, by half where both are."""
    x, y, out = (getattr(v, "_data", v) for v in (x, y, out))
    if type(out) is float:
        return Route(0.5 if x == y else float(out == x))
    return Route(np.where(x == y, 0.5, out == x).astype(np.result_type(out)))


maximum: Rule = elementwise(
    "maximum",
    np.maximum,
    scalar=lambda x, y: float(x if x > y or x != x else y),
    partials=(_won, lambda x, y, out: _won(y, x, out)),
    symbol="max",
    formula=r"\max(x_1, x_2)",
    partial_formulas=("[x_1 > x_2]", "[x_2 > x_1]"),
    domains=(real(), real()),
    kinks=(Kink((1.0, 1.0), (0.5, 0.5)),),
    doc="The larger of two. Its gate routes: the larger input gets the upstream gradient, equal ones half each.",
    example=">>> maximum(Tensor(2.0), 3.0).item()\n3.0",
)

minimum: Rule = elementwise(
    "minimum",
    np.minimum,
    scalar=lambda x, y: float(x if x < y or x != x else y),
    partials=(_won, lambda x, y, out: _won(y, x, out)),
    symbol="min",
    formula=r"\min(x_1, x_2)",
    partial_formulas=("[x_1 < x_2]", "[x_2 < x_1]"),
    domains=(real(), real()),
    kinks=(Kink((1.0, 1.0), (0.5, 0.5)),),
    doc="The smaller of two. Its gate routes: the smaller input gets the upstream gradient, equal ones half each.",
    example=">>> minimum(Tensor(2.0), 3.0).item()\n2.0",
)

fmax: Rule = elementwise(
    "fmax",
    np.fmax,
    scalar=lambda x, y: float(y if x != x or y > x else x),
    partials=(_won, lambda x, y, out: _won(y, x, out)),
    formula=r"\max(x_1, x_2)",
    partial_formulas=("[x_1 > x_2]", "[x_2 > x_1]"),
    domains=(real(), real()),
    kinks=(Kink((1.0, 1.0), (0.5, 0.5)), Kink((math.nan, 1.0), (0.0, 1.0)), Kink((1.0, math.nan), (1.0, 0.0))),
    doc="The larger of two, as maximum, but a number rather than NaN, to which no gradient flows.",
    example=">>> fmax(Tensor(2.0), 3.0).item()\n3.0",
)

fmin: Rule = elementwise(
    "fmin",
    np.fmin,
    scalar=lambda x, y: float(y if x != x or y < x else x),
    partials=(_won, lambda x, y, out: _won(y, x, out)),
    formula=r"\min(x_1, x_2)",
    partial_formulas=("[x_1 < x_2]", "[x_2 < x_1]"),
    domains=(real(), real()),
    kinks=(Kink((1.0, 1.0), (0.5, 0.5)), Kink((math.nan, 1.0), (0.0, 1.0)), Kink((1.0, math.nan), (1.0, 0.0))),
    doc="The smaller of two, as minimum, but a number rather than NaN, to which no gradient flows.",
    example=">>> fmin(Tensor(2.0), 3.0).item()\n2.0",
)

where: Rule = elementwise(
    "where",
    np.where,
    scalar=lambda c, x, y: x if c else y,
    partials=(None, lambda c, x, y, out: Route(truth(c)), lambda c, x, y, out: Route(~truth(c))),
    symbol="where",
    formula=r"x_1 \text{ if } c \text{ else } x_2",
    partial_formulas=("0", "[c]", r"[\lnot c]"),
    domains=(truth_value(), real_or_complex(), real_or_complex()),
    parameters=("condition", "x1", "x2"),
    doc="Choose by condition: the first value where it is true (not 0), the second elsewhere.",
    example=">>> where(True, Tensor(2.0), 3.0).item()\n2.0",
)


def truth(condition: Any) -> Any:
    """A condition as booleans; it may be a tensor, whose derivative is 0."""
    return np.asarray(getattr(condition, "_data", condition)).astype(bool)
