"""Logarithms and exponentials: of probabilities, entropies, and their sums."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from autograd import ops
from autograd.ops import log, log1p
from autograd.primitives import UFUNCS, Rule
from autograd.samples import real
from autograd.scipy._declaring import implements, plain, special_function

__all__: list[str] = []

UFUNCS[special.expit] = ops.sigmoid
UFUNCS[special.log_expit] = ops.log_sigmoid
# SciPy has ufuncs of its own for some that NumPy has, too.
UFUNCS[special.log1p] = ops.log1p
UFUNCS[special.expm1] = ops.expm1
UFUNCS[special.exp2] = ops.exp2
UFUNCS[special.cbrt] = ops.cbrt

logit: Rule = special_function(
    "logit",
    special.logit,
    partials=(lambda x, out: 1 / (x * (1 - x)),),
    formula=r"\ln \frac{x}{1 - x}",
    partial_formulas=(r"\frac{1}{x (1 - x)}",),
    domains=(real(0.1, 0.9),),
    doc="Logarithm of the odds, the inverse of the logistic function.",
    example=">>> logit(Tensor(0.5)).item()\n0.0",
)

xlogy: Rule = special_function(
    "xlogy",
    special.xlogy,
    partials=(lambda x, y, out: log(y), lambda x, y, out: x / y),
    symbol="x ln y",
    formula=r"x_1 \ln x_2",
    partial_formulas=(r"\ln x_2", r"\frac{x_1}{x_2}"),
    domains=(real(), real(0.3, 3.0)),
    parameters=("x", "y"),
    doc="x ln y, and 0 where x is 0.",
    example=">>> xlogy(Tensor(0.0), 0.0).item()\n0.0",
)

xlog1py: Rule = special_function(
    "xlog1py",
    special.xlog1py,
    partials=(lambda x, y, out: log1p(y), lambda x, y, out: x / (1 + y)),
    symbol="x ln(1+y)",
    formula=r"x_1 \ln(1 + x_2)",
    partial_formulas=(r"\ln(1 + x_2)", r"\frac{x_1}{1 + x_2}"),
    domains=(real(), real(-0.7, 3.0)),
    parameters=("x", "y"),
    doc="x ln(1 + y), and 0 where x is 0.",
    example=">>> xlog1py(Tensor(0.0), -1.0).item()\n0.0",
)

entr: Rule = special_function(
    "entr",
    special.entr,
    partials=(lambda x, out: -log(x) - 1,),
    formula=r"-x \ln x",
    partial_formulas=(r"-\ln x - 1",),
    domains=(real(0.2, 3.0),),
    doc="-x ln x, the contribution of a probability to the entropy.",
    example=">>> entr(Tensor(1.0)).item()\n-0.0",
)

rel_entr: Rule = special_function(
    "rel_entr",
    special.rel_entr,
    partials=(lambda x, y, out: log(x / y) + 1, lambda x, y, out: -x / y),
    symbol="x ln x/y",
    formula=r"x_1 \ln \frac{x_1}{x_2}",
    partial_formulas=(r"\ln \frac{x_1}{x_2} + 1", r"-\frac{x_1}{x_2}"),
    domains=(real(0.3, 3.0), real(0.3, 3.0)),
    parameters=("x", "y"),
    doc="x ln(x / y), the contribution of a probability to the relative entropy.",
    example=">>> rel_entr(Tensor(1.0), 1.0).item()\n0.0",
)

kl_div: Rule = special_function(
    "kl_div",
    special.kl_div,
    partials=(lambda x, y, out: log(x / y), lambda x, y, out: 1 - x / y),
    symbol="KL",
    formula=r"x_1 \ln \frac{x_1}{x_2} - x_1 + x_2",
    partial_formulas=(r"\ln \frac{x_1}{x_2}", r"1 - \frac{x_1}{x_2}"),
    domains=(real(0.3, 3.0), real(0.3, 3.0)),
    parameters=("x", "y"),
    doc="x ln(x / y) - x + y, the contribution to the Kullback-Leibler divergence, never negative.",
    example=">>> kl_div(Tensor(1.0), 1.0).item()\n0.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Sums of exponentials
# ---------------------------------------------------------------------------------------------------------------------


def _as_axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


@implements(special.logsumexp)
def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """Logarithm of a sum of exponentials, with weights ``b`` if given; where these may be negative also its sign.

    Parameters
    ----------
    a : Tensor or array_like
        Real.
    axis : int or tuple of int, optional
        The axes to sum over; by default all.
    b : Tensor or array_like, optional
        Weights, which broadcast against ``a``.
    keepdims : bool
        Keep the reduced axes, with length 1.
    return_sign : bool
        Give the logarithm of the absolute value of the sum, and the sign of the sum.

    Returns
    -------
    Tensor, or a pair of it and an array
        NaN where the sum is negative and its sign not asked for.
    """
    axis = _as_axes(axis)
    if b is None and not return_sign:
        return ops.logsumexp(a, axis=axis, keepdims=keepdims)
    weights = 1.0 if b is None else b
    present = plain(weights) != 0
    values = np.where(present, plain(a), -np.inf)
    top = np.max(values, axis=axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(values.dtype)
    total = ops.sum(weights * ops.exp(ops.where(present, a - top, -np.inf)), axis=axis, keepdims=True)
    sign = np.sign(plain(total))
    size = ops.log(ops.absolute(total) if return_sign else total) + top
    if not keepdims:
        size = ops.reshape(size, np.squeeze(plain(size), axis=axis).shape)
        sign = np.squeeze(sign, axis=axis)
    return (size, sign) if return_sign else size


@implements(special.log_softmax)
def log_softmax(x: Any, axis: Any = None) -> Any:
    """Logarithm of the softmax over axes, by default all."""
    axis = _as_axes(axis)
    if isinstance(axis, int):
        return ops.log_softmax(x, axis)
    return x - ops.logsumexp(x, axis=axis, keepdims=True)


@implements(special.softmax)
def softmax(x: Any, axis: Any = None) -> Any:
    """Exponentials divided by their sum over axes, by default all."""
    axis = _as_axes(axis)
    if isinstance(axis, int):
        return ops.softmax(x, axis)
    return ops.exp(x - ops.logsumexp(x, axis=axis, keepdims=True))
