"""Losses that simpler gates would compute less precisely, or several times more slowly."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import describe, dtype_of, shape_of
from autograd.ops.activations import hardtanh, row_maxima, row_sums, softplus
from autograd.ops.elementwise import log, sigmoid, where
from autograd.ops.indexing import getitem
from autograd.ops.reductions import log_softmax, sum
from autograd.primitives import Rule, elementwise, fused
from autograd.samples import Kink, Sample, array, real

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "softmax_cross_entropy"]

# ---------------------------------------------------------------------------------------------------------------------
# Of two classes
# ---------------------------------------------------------------------------------------------------------------------

#: The smallest logarithm of a probability that counts, and the smallest variance p (1 - p) to divide by.
_LOWEST_LOG, _LOWEST_VARIANCE = -100.0, 1e-12


def _bounded_logs(p: Any) -> tuple[Any, Any]:
    with np.errstate(divide="ignore"):
        return np.clip(np.log(p), _LOWEST_LOG, None), np.clip(np.log1p(np.negative(p)), _LOWEST_LOG, None)


def _binary_cross_entropy(p: Any, target: Any) -> Any:
    log_p, log_q = _bounded_logs(p)
    return (target - 1) * log_q - target * log_p


binary_cross_entropy: Rule = elementwise(
    "binary_cross_entropy",
    _binary_cross_entropy,
    partials=(
        lambda p, t, out: (p - t) / hardtanh(p * (1 - p), _lowest_variance(p), math.inf),
        lambda p, t, out: _log_bounded(1 - p) - _log_bounded(p),
    ),
    symbol="binary cross entropy",
    formula=r"-x_2 \ln x_1 - (1 - x_2) \ln (1 - x_1)",
    partial_formulas=(r"\frac{x_1 - x_2}{x_1 (1 - x_1)}", r"\ln\frac{1 - x_1}{x_1}"),
    domains=(real(0.05, 0.95), real(0.0, 1.0)),
    decomposition=lambda p, t: -(t * log(p) + (1 - t) * log(1 - p)),
    kinks=(Kink((0.0, 0.0), (0.0, 100.0)), Kink((1.0, 1.0), (0.0, -100.0)), Kink((0.0, 1.0), (-1e12, 100.0))),
    parameters=("p", "target"),
    doc=(
        "Cross entropy between the probability of one of two classes and its target. A logarithm counts as -100 at\n"
        "    least and the derivative's denominator as 1e-12, so that both are finite at 0 and 1."
    ),
    example=">>> binary_cross_entropy(Tensor(0.0), 1.0).item()\n100.0",
)


def _lowest_variance(p: Any) -> float:
    """The smallest denominator: in half precision, where 1e-12 is 0, the smallest number with all its digits."""
    return max(_LOWEST_VARIANCE, float(np.finfo(dtype_of(getattr(p, "_data", p))).tiny))


def _log_bounded(p: Any) -> Any:
    zero = p == 0
    return hardtanh(where(zero, _LOWEST_LOG, log(where(zero, 1.0, p))), _LOWEST_LOG, math.inf)


def _with_logits(x: Any, target: Any) -> Any:
    # Nothing cancels where the loss is small, on either side.
    return np.clip(x, 0.0, math.inf) - x * target + np.log1p(np.exp(-np.abs(x)))


binary_cross_entropy_with_logits: Rule = elementwise(
    "binary_cross_entropy_with_logits",
    _with_logits,
    partials=(lambda x, t, out: sigmoid(x) - t, lambda x, t, out: -x),
    symbol="binary cross entropy of σ",
    formula=r"-x_2 \ln \sigma(x_1) - (1 - x_2) \ln (1 - \sigma(x_1))",
    partial_formulas=(r"\sigma(x_1) - x_2", "-x_1"),
    domains=(real(-4.0, 4.0), real(0.0, 1.0)),
    decomposition=lambda x, t: softplus(x) - x * t,
    parameters=("x", "target"),
    doc="Cross entropy between the logit of one of two classes and its target, stable at any logit.",
    example=">>> binary_cross_entropy_with_logits(Tensor(1000.0), 0.0).item()\n1000.0",
)

# ---------------------------------------------------------------------------------------------------------------------
# Of several classes
# ---------------------------------------------------------------------------------------------------------------------


def _pick(index: Any) -> tuple[Any, ...]:
    """Where, in an array with classes last, the elements of the classes ``index`` lie."""
    index = np.asarray(index)
    return (np.arange(len(index)), index) if index.ndim == 1 else (*np.indices(index.shape, sparse=True), index)


def _softmax_cross_entropy_gates(x: Any, index: Any, scale: Any = 1.0, reduce: bool = False) -> Any:
    losses = getitem(log_softmax(x), _pick(index)) * (scale * -1.0)
    return sum(losses) if reduce else losses


def _softmax_cross_entropy_pullback(
    needed: Any, ct: Any, probabilities: Any, x: Any, out: Any, *, index: Any, scale: Any, reduce: bool
) -> tuple[Any]:
    share = np.asarray(ct * scale, x.dtype)
    if share.ndim < x.ndim and share.ndim:
        share = share[..., None]
    gradient = probabilities * share
    gradient[_pick(index)] -= share[..., 0] if share.ndim else share
    return (gradient,)


def _samples_cross_entropy() -> Iterable[Sample]:
    x, index = array(4, 3), np.array([0, 2, 1, 2])
    return [
        Sample((x,), {"index": index}),
        Sample((x,), {"index": index, "scale": 0.25, "reduce": True}),
        Sample((x,), {"index": index, "scale": np.array([0.5, 0.0, 1.0, 2.0])}),
        Sample((x,), {"index": index, "scale": np.array([0.5, 0.0, 1.0, 2.0]), "reduce": True}),
        Sample((array(2, 3, 4),), {"index": np.array([[0, 3, 1], [1, 1, 2]]), "reduce": True}),
        Sample((array(3),), {"index": np.array(1)}),
        Sample((array(0, 3),), {"index": np.zeros(0, int)}),
        Sample((array(2, 1),), {"index": np.zeros(2, int)}),
    ]


@fused(
    pullback=_softmax_cross_entropy_pullback,
    decomposition=_softmax_cross_entropy_gates,
    symbol="softmax cross entropy",
    formula=r"-\ln \operatorname{softmax}(x)_y",
    samples=_samples_cross_entropy,
)
def softmax_cross_entropy(x: Any, *, index: Any, scale: Any = 1.0, reduce: bool = False) -> tuple[Any, Any]:
    """Cross entropy between logits and class indices. Its gradient is the softmax less the one-hot target.

    Parameters
    ----------
    x : Tensor or array_like
        Logits ``(..., C)``, classes last.
    index : ndarray of int
        A class for each of the leading positions, of shape ``(...)``, not negative.
    scale : float or ndarray
        By which the losses are multiplied: one number, or one per position.
    reduce : bool
        Whether to add up the losses.

    Returns
    -------
    Tensor
        A loss per position, of shape ``(...)``, or their sum.

    Raises
    ------
    IndexError
        If there is no such class.
    ValueError
        If there is not one class, an integer, for each position.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> softmax_cross_entropy(Tensor([[0.0, 0.0]]), index=np.array([1])).tolist()
    [0.6931471805599453]
    """
    shape = shape_of(x)
    if not shape or shape_of(index) != shape[:-1] or dtype_of(index).kind not in "iu":
        raise ValueError(f"expected logits (..., C) and an integer index (...), got index {describe(index)}")
    shifted = x - row_maxima(x)
    probabilities = np.exp(shifted)
    total = row_sums(probabilities)
    losses = np.log(total)[..., 0] - shifted[_pick(index)]
    probabilities /= total
    if type(scale) is not float or scale != 1.0:
        losses = np.asarray(losses * scale, losses.dtype)
    return (losses.sum() if reduce else losses), probabilities
