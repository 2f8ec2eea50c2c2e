"""Activations: one gate each, where their simpler gates would cost time or precision.

Values are computed without overflow at any finite input, and without ``np.where``, whose branches cost NumPy ten times
as much as arithmetic does: "x where positive" is ``clip(x, 0, inf)``, a choice of constants is a weighted sum.
Where a derivative jumps it has PyTorch's value, listed under ``kinks``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import dtype_of, ones
from autograd.ops.elementwise import Route, absolute, exp, log, maximum, minimum, relu, sigmoid, tanh
from autograd.ops.reductions import sum
from autograd.primitives import Rule, custom, elementwise
from autograd.samples import Kink, Sample, array, real

__all__ = [
    "elu",
    "erf",
    "gelu",
    "gelu_tanh",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "silu",
    "softmax",
    "softplus",
    "softsign",
]

_INF = math.inf


def _plain(x: Any) -> Any:
    return getattr(x, "_data", x)


def _indicator(condition: Any, like: Any) -> Any:
    """1 where a condition (plain booleans) holds and 0 elsewhere, in the dtype of another value: a constant."""
    like = _plain(like)
    return float(condition) if type(like) is float else np.asarray(condition).astype(dtype_of(like))[()]


# ---------------------------------------------------------------------------------------------------------------------
# Piecewise linear
# ---------------------------------------------------------------------------------------------------------------------

leaky_relu: Rule = elementwise(
    "leaky_relu",
    lambda x, slope: np.clip(x, 0.0, _INF) + slope * np.clip(x, -_INF, 0.0),
    scalar=lambda x, slope: float(x) if x > 0 else slope * x,
    partials=(lambda x, slope, out: _leak(x, slope), lambda x, slope, out: hardtanh(x, -_INF, 0.0)),
    symbol="leaky relu",
    formula=r"\max(0, x_1) + x_2 \min(0, x_1)",
    partial_formulas=(r"1 \text{ if } x_1 > 0 \text{ else } x_2", r"\min(0, x_1)"),
    domains=(real(), real(0.0, 0.5)),
    decomposition=lambda x, slope: relu(x) - slope * relu(-x),
    kinks=(Kink((0.0, 0.25), (0.25, 0.0)),),
    parameters=("x", "slope"),
    doc="Rectified linear unit that lets negative inputs through with a slope (leaky and parametric ReLU).",
    example=">>> leaky_relu(Tensor(-2.0), 0.1).item()\n-0.2",
)


def _leak(x: Any, below: Any) -> Any:
    """1 for positive x, another value elsewhere."""
    positive = _indicator(_plain(x) > 0, x)
    return positive + (1 - positive) * below


def _clip(x: float, low: float, high: float) -> float:
    # A bound that is NaN makes the result NaN, as does the input.
    x = low if low > x or low != low else x
    return high if high < x or high != high else x


hardtanh: Rule = elementwise(
    "hardtanh",
    np.clip,
    scalar=_clip,
    partials=(
        lambda x, low, high, out: Route((_plain(x) > _plain(low)) & (_plain(x) < _plain(high))),
        lambda x, low, high, out: Route((_plain(x) <= _plain(low)) & (_plain(low) < _plain(high))),
        lambda x, low, high, out: Route((_plain(x) >= _plain(high)) | (_plain(low) >= _plain(high))),
    ),
    symbol="clip",
    formula=r"\min(\max(x_1, x_2), x_3)",
    partial_formulas=("[x_2 < x_1 < x_3]", r"[x_1 \le x_2]", r"[x_1 \ge x_3]"),
    domains=(real(), real(-1.5, -0.5), real(0.5, 1.5)),
    decomposition=lambda x, low, high: minimum(maximum(x, low), high),
    kinks=(Kink((-1.0, -1.0, 1.0), (0.0, 1.0, 0.0)), Kink((1.0, -1.0, 1.0), (0.0, 0.0, 1.0))),
    parameters=("x", "low", "high"),
    doc="The input, kept between two bounds.",
    example=">>> hardtanh(Tensor(2.0), -1.0, 1.0).item()\n1.0",
)

hardsigmoid: Rule = elementwise(
    "hardsigmoid",
    lambda x: np.clip(x / 6.0 + 0.5, 0.0, 1.0),
    partials=(lambda x, out: Route(_indicator(abs(_plain(x)) < 3.0, x) / 6.0),),
    symbol="hard σ",
    formula=r"\min(\max(\tfrac{x}{6} + \tfrac12, 0), 1)",
    partial_formulas=(r"\tfrac16 [|x| < 3]",),
    domains=(real(-4.0, 4.0),),
    decomposition=lambda x: hardtanh(x / 6.0 + 0.5, 0.0, 1.0),
    kinks=(Kink((-3.0,), (0.0,)), Kink((3.0,), (0.0,))),
    doc="Three straight lines in place of the logistic function.",
    example=">>> hardsigmoid(Tensor(0.0)).item()\n0.5",
)

hardswish: Rule = elementwise(
    "hardswish",
    lambda x: x * np.clip(x / 6.0 + 0.5, 0.0, 1.0),
    partials=(lambda x, out: hardsigmoid(x) + hardtanh(x, -3.0, 3.0) * (_indicator(abs(_plain(x)) < 3.0, x) / 6.0),),
    symbol="hard swish",
    formula=r"x \min(\max(\tfrac{x}{6} + \tfrac12, 0), 1)",
    partial_formulas=(r"\tfrac{x}{3} + \tfrac12 \text{ if } |x| < 3 \text{ else } [x \ge 3]",),
    domains=(real(-4.0, 4.0),),
    decomposition=lambda x: x * hardsigmoid(x),
    kinks=(Kink((-3.0,), (0.0,)), Kink((3.0,), (1.0,))),
    doc="The input times its hard sigmoid: silu made of straight lines.",
    example=">>> hardswish(Tensor(3.0)).item()\n3.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Of exponentials
# ---------------------------------------------------------------------------------------------------------------------

elu: Rule = elementwise(
    "elu",
    lambda x, alpha: np.clip(x, 0.0, _INF) + alpha * np.expm1(np.clip(x, -_INF, 0.0)),
    scalar=lambda x, alpha: float(x) if x > 0 else alpha * math.expm1(x),
    partials=(
        lambda x, alpha, out: _leak(x, alpha * exp(hardtanh(x, -_INF, 0.0))),
        lambda x, alpha, out: exp(hardtanh(x, -_INF, 0.0)) - 1,
    ),
    symbol="elu",
    formula=r"\max(0, x_1) + x_2 (e^{\min(0, x_1)} - 1)",
    partial_formulas=(r"1 \text{ if } x_1 > 0 \text{ else } x_2 e^{x_1}", r"e^{\min(0, x_1)} - 1"),
    domains=(real(), real(0.5, 2.0)),
    decomposition=lambda x, alpha: relu(x) + alpha * (exp(-relu(-x)) - 1),
    kinks=(Kink((0.0, 2.0), (2.0, 0.0)),),
    parameters=("x", "alpha"),
    doc="Exponential linear unit: the identity for positive inputs, levelling off at -alpha for negative ones.",
    example=">>> elu(Tensor(-1000.0), 2.0).item()\n-2.0",
)


def _softplus(x: Any) -> Any:
    # Several times faster than np.logaddexp, and as precise.
    return np.clip(x, 0.0, _INF) + np.log1p(np.exp(-np.abs(x)))


softplus: Rule = elementwise(
    "softplus",
    _softplus,
    scalar=lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    partials=(lambda x, out: sigmoid(x),),
    formula=r"\ln(1 + e^x)",
    partial_formulas=(r"\sigma(x)",),
    domains=(real(-4.0, 4.0),),
    decomposition=lambda x: log(1 + exp(x)),
    doc="Smooth version of relu.",
    example=">>> softplus(Tensor(0.0)).item()\n0.6931471805599453",
)

log_sigmoid: Rule = elementwise(
    "log_sigmoid",
    lambda x: -_softplus(np.negative(x)),
    scalar=lambda x: min(x, 0.0) - math.log1p(math.exp(-abs(x))),
    partials=(lambda x, out: sigmoid(-x),),
    symbol="ln σ",
    formula=r"\ln \sigma(x) = -\ln(1 + e^{-x})",
    partial_formulas=(r"\sigma(-x)",),
    domains=(real(-4.0, 4.0),),
    decomposition=lambda x: log(sigmoid(x)),
    doc="Logarithm of the logistic function.",
    example=">>> log_sigmoid(Tensor(-1000.0)).item()\n-1000.0",
)


def _silu(x: Any) -> Any:
    with np.errstate(over="ignore"):  # divided by, infinity gives the 0 that is wanted
        return x / (1 + np.exp(np.negative(x)))


def _factor(x: Any, out: Any) -> Any:
    """What ``x`` was multiplied by to give ``out``; None if they do not tell, or are no plain arrays."""
    if type(x) is not np.ndarray or type(out) is not np.ndarray or not x.size or x.dtype == np.float16:
        return None
    return out / x if np.fmin.reduce(np.abs(x), axis=None) >= _TINY else None


#: Below this, a product has lost digits of its other factor even in single precision.
_TINY = 1e-30


def _silu_slope(x: Any, out: Any) -> Any:
    s = _factor(x, out)
    if s is None:
        s = sigmoid(x)
    return s + out * (1 - s)


silu: Rule = elementwise(
    "silu",
    _silu,
    scalar=lambda x: x / (1.0 + math.exp(-x)),
    partials=(_silu_slope,),
    formula=r"x\,\sigma(x)",
    partial_formulas=(r"\sigma(x)\,(1 + x\,(1 - \sigma(x)))",),
    domains=(real(-4.0, 4.0),),
    decomposition=lambda x: x * sigmoid(x),
    doc="The input times its logistic function (SiLU, Swish).",
    example=">>> silu(Tensor(0.0)).item()\n0.0",
)

softsign: Rule = elementwise(
    "softsign",
    lambda x: x / (1 + np.abs(x)),
    partials=(lambda x, out: _inverse_square(1 + absolute(x)),),
    formula=r"\frac{x}{1 + |x|}",
    partial_formulas=(r"\frac{1}{(1 + |x|)^2}",),
    domains=(real(),),
    decomposition=lambda x: x / (1 + absolute(x)),
    doc="Like tanh, but it approaches -1 and 1 slowly.",
    example=">>> softsign(Tensor(1.0)).item()\n0.5",
)


def _inverse_square(x: Any) -> Any:
    inverse = 1 / x
    return inverse * inverse


def _mish_end(x: Any) -> float:
    """From where on tanh(softplus(x)) is 1 to the last bit; the powers of e^x in it would in the end overflow."""
    return 5.5 if dtype_of(_plain(x)) == np.float16 else 20.0


def _mish(x: Any) -> Any:
    # tanh(ln(1 + w)) with w = e^x is n / (n + 2) with n = w (w + 2): one exponential, and nothing cancels.
    w = np.exp(np.clip(x, -_INF, _mish_end(x)))
    n = w * (w + 2)
    return x * (n / (n + 2))


def _mish_slope(x: Any, out: Any) -> Any:
    z = hardtanh(x, -_INF, _mish_end(x))
    w = exp(z)
    n = w * (w + 2)
    inverse = 1 / (n + 2)
    return n * inverse + 4 * (z * (w * inverse)) * ((w + 1) * inverse)


mish: Rule = elementwise(
    "mish",
    _mish,
    partials=(_mish_slope,),
    formula=r"x \tanh(\ln(1 + e^x))",
    partial_formulas=(r"\tanh(s) + x\,\sigma(x)\,(1 - \tanh^2 s),\ s = \ln(1 + e^x)",),
    domains=(real(-4.0, 4.0),),
    decomposition=lambda x: x * tanh(softplus(x)),
    doc="The input times the tanh of its softplus.",
    example=">>> mish(Tensor(0.0)).item()\n0.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Gaussian
# ---------------------------------------------------------------------------------------------------------------------

# erf(x) = tanh(x P(x²) / Q(x²)): the argument is a gentle function, a rational one fits it well, and tanh forgives its
# rounding. All coefficients are positive, so nothing cancels. Fitted by weighted least squares in 50 digits so that the
# largest relative error of erf up to the bound is smallest: 3e-9 and 1.6e-16. Lowest powers first, Q begins with 1.
_ERF_SINGLE = (
    4.0,  # beyond, erf is 1 in this precision
    (1.1283791707302218, 0.279781126328252, 0.04263639536722404, 0.002177327863624912),
    (1.0, 0.15686979861954176, 0.023682996025655215, 0.0003247114103068493),
)
_ERF_DOUBLE = (
    6.0,
    (
        1.1283791670955123,
        0.4874167660918001,
        0.1372332442367935,
        0.023973717220225427,
        0.0030177621599195657,
        0.0002565614092238586,
        1.4573505623954407e-05,
        4.3464202902210346e-07,
        2.706404972656428e-09,
    ),
    (
        1.0,
        0.3408820137825887,
        0.09075770794837551,
        0.013566135829414915,
        0.001576744012416233,
        0.00011115907371900349,
        5.421460262405418e-06,
        8.847065848383597e-08,
        1.4421375028378263e-10,
    ),
)


#: So many elements at a time stay in the processor's cache over all the steps of erf.
_BLOCK = 1 << 17


def _erf(x: Any) -> Any:
    x = np.asarray(x)
    if x.size <= _BLOCK:
        return _erf_of_block(x)
    elements = x.reshape(-1)
    blocks = [_erf_of_block(elements[i : i + _BLOCK]) for i in range(0, elements.size, _BLOCK)]
    return np.concatenate(blocks).reshape(x.shape)


def _erf_of_block(x: Any) -> Any:
    bound, p, q = _ERF_SINGLE if x.dtype in (np.float32, np.float16) else _ERF_DOUBLE
    z = np.asarray(np.clip(x, -bound, bound))
    u = z * z
    above, below = np.asarray(u * p[-1]), np.asarray(u * q[-1])
    for a, b in zip(p[-2:0:-1], q[-2:0:-1], strict=True):  # in place, which is twice as fast on large arrays
        above += a
        above *= u
        below += b
        below *= u
    above += p[0]
    above *= z
    below += q[0]
    above /= below
    return np.tanh(above, out=above)[()]


#: Where e^(-x²/2) is 0 in float64; inputs beyond are moved here so that their squares do not overflow.
_BELL_END = 39.0


def _bell(x: Any, width: float) -> Any:
    """e^(-width x²)."""
    x = hardtanh(x, -_BELL_END, _BELL_END)
    return exp(x * x * -width)


erf: Rule = elementwise(
    "erf",
    _erf,
    scalar=math.erf,
    partials=(lambda x, out: _bell(x, 1.0) * (2 / math.sqrt(math.pi)),),
    formula=r"\frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt",
    partial_formulas=(r"\frac{2}{\sqrt\pi} e^{-x^2}",),
    domains=(real(-3.0, 3.0),),
    doc="Error function, accurate to about an ulp (float32) or 1e-15 (float64).",
    example=">>> erf(Tensor(0.0)).item()\n0.0",
)


def _gelu(x: Any) -> Any:
    return x * (0.5 * _erf(x * math.sqrt(0.5)) + 0.5)


def _gelu_slope(x: Any, out: Any) -> Any:
    probability = _factor(x, out)
    if probability is None:
        probability = 0.5 * erf(x * math.sqrt(0.5)) + 0.5
    return probability + x * (_bell(x, 0.5) * (1 / math.sqrt(2 * math.pi)))


gelu: Rule = elementwise(
    "gelu",
    _gelu,
    scalar=lambda x: x * 0.5 * math.erfc(-x * math.sqrt(0.5)),
    partials=(_gelu_slope,),
    formula=r"x\,\Phi(x) = \tfrac{x}{2} (1 + \operatorname{erf}\tfrac{x}{\sqrt2})",
    partial_formulas=(r"\Phi(x) + \frac{x}{\sqrt{2\pi}} e^{-x^2/2}",),
    domains=(real(-3.0, 3.0),),
    decomposition=lambda x: x * (1 + erf(x / math.sqrt(2))) * 0.5,
    doc="The input times the probability that a standard normal variable is smaller (Gaussian error linear unit).",
    example=">>> gelu(Tensor(0.0)).item()\n0.0",
)

_GELU_SCALE, _GELU_CUBIC = math.sqrt(2 / math.pi), 0.044715
#: From here on the tanh below is 1 to the last bit.
_GELU_LINEAR = 10.0


def _gelu_tanh(x: Any) -> Any:
    z = np.clip(x, -_GELU_LINEAR, _GELU_LINEAR)
    return x * (0.5 * np.tanh(z * (_GELU_SCALE + (_GELU_SCALE * _GELU_CUBIC) * (z * z))) + 0.5)


def _gelu_tanh_slope(x: Any, out: Any) -> Any:
    z = hardtanh(x, -_GELU_LINEAR, _GELU_LINEAR)
    u = z * z
    t = tanh(z * (_GELU_SCALE + (_GELU_SCALE * _GELU_CUBIC) * u))
    return 0.5 * t + 0.5 + z * (1 - t * t) * (0.5 * _GELU_SCALE + (1.5 * _GELU_SCALE * _GELU_CUBIC) * u)


gelu_tanh: Rule = elementwise(
    "gelu_tanh",
    _gelu_tanh,
    partials=(_gelu_tanh_slope,),
    symbol="gelu (tanh)",
    formula=r"\tfrac{x}{2} (1 + \tanh(\sqrt{2/\pi}\,(x + 0.044715 x^3)))",
    partial_formulas=(
        r"\tfrac{1 + t}{2} + \tfrac{x}{2} (1 - t^2) \sqrt{2/\pi}\,(1 + 0.134145 x^2),"
        r"\ t = \tanh(\sqrt{2/\pi}\,(x + 0.044715 x^3))",
    ),
    domains=(real(-3.0, 3.0),),
    decomposition=lambda x: 0.5 * x * (1 + tanh(_GELU_SCALE * (x + _GELU_CUBIC * x * x * x))),
    doc="Approximation of gelu by a tanh.",
    example=">>> gelu_tanh(Tensor(0.0)).item()\n0.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Of whole axes
# ---------------------------------------------------------------------------------------------------------------------


def _samples_softmax() -> Iterable[Sample]:
    return [
        Sample((array(3),)),
        Sample((array(2, 3),), {"axis": 0}),
        Sample((array(2, 3, 4),), {"axis": 1}),
        Sample((array(0, 3),)),
        Sample((array(1),)),
    ]


def _centred(v: Any, out: Any, axis: int) -> Any:
    """What softmax's Jacobian, which is symmetric, makes of a vector."""
    if type(v) is type(out) is np.ndarray and axis in (-1, v.ndim - 1):
        return (v - np.vecdot(v, out)[..., None]) * out  # one pass over memory in place of two
    return (v - sum(v * out, axis=axis, keepdims=True)) * out


def _softmax_gates(x: Any, axis: int = -1) -> Any:
    powers = exp(x)
    return powers / sum(powers, axis=axis, keepdims=True)


@custom(
    vjps=(lambda ct, x, out, *, axis: _centred(ct, out, axis),),
    jvp=lambda tangents, x, out, *, axis: _centred(tangents[0], out, axis),
    symbol="softmax",
    formula=r"\frac{e^{x_i}}{\sum_j e^{x_j}}",
    samples=_samples_softmax,
    decomposition=_softmax_gates,
)
def softmax(x: Any, axis: int = -1) -> Any:
    """Probabilities from logits along an axis, without overflow.

    Parameters
    ----------
    x : Tensor or array_like
        Logits.
    axis : int
        The axis over which the results sum to one.

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> softmax(Tensor([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """
    if not np.size(x):
        return np.exp(x)  # of no logits there is no largest
    top = np.max(x, axis=axis, keepdims=True)
    # Where every logit is -inf (or one is inf) the top is no number to subtract: 0 leaves nan, as in 0 / 0.
    powers = np.exp(x - (top if np.isfinite(top).all() else np.where(np.isfinite(top), top, 0).astype(top.dtype)))
    powers /= row_sums(powers) if axis in (-1, powers.ndim - 1) else np.sum(powers, axis=axis, keepdims=True)
    return powers


def row_maxima(x: np.ndarray[Any, Any]) -> Any:
    """Largest elements along the last axis, with that axis kept; short rows as columns, which are faster."""
    if x.ndim != 2 or not 1 < x.shape[1] <= 64 or len(x) < 64:
        return x.max(axis=-1, keepdims=True)
    return np.ascontiguousarray(x.T).max(axis=0)[:, None]


def row_sums(x: np.ndarray[Any, Any]) -> Any:
    """Sums along the last axis, with that axis kept: as a product, which is several times faster than NumPy's sum."""
    return (x @ ones(x.shape[-1], x.dtype))[..., None]
