"""Losses of regression: distances between numbers, and likelihoods of counts and of normal variables."""

from __future__ import annotations

import math
from typing import Any

from autograd import Tensor, ops
from autograd.primitives import scope_note
from nn._inputs import as_numbers, cast, floating
from nn.functional._checks import check_not_negative, check_positive, number
from nn.functional._reduction import (
    check_reduction,
    like_input,
    reduced,
    same_shape,
    weighted,
    weights_like,
    within,
)

__all__ = [
    "gaussian_nll_loss",
    "huber_loss",
    "l1_loss",
    "mse_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
]


def mse_loss(input: Any, target: Any, reduction: str = "mean", weight: Any = None) -> Any:
    r"""Squared error :math:`(x_i - y_i)^2`, averaged or summed over all elements.

    Parameters
    ----------
    input : Tensor or array_like
        Predictions of any shape.
    target : Tensor or array_like
        Of exactly the same shape; cast to the predictions' dtype.
    reduction
        ``"mean"`` (weighted by ``weight``), ``"sum"``, or ``"none"`` for a loss per element.
    weight : Tensor or array_like, optional
        By which the losses are multiplied; broadcasts to their shape.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ (they are not broadcast), or ``weight`` or ``reduction`` is not valid.

    Notes
    -----
    The other usual forms are halves of these: :math:`\frac12 \sum_i (x_i - y_i)^2` is
    ``mse_loss(x, y, "sum") / 2``, and :math:`\frac{1}{2n} \sum_i (x_i - y_i)^2` is ``mse_loss(x, y) / 2``. The gradient
    of the first is plainly :math:`x - y`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x, y = Tensor([1.0, 2.0]), [1.0, 4.0]
    >>> mse_loss(x, y).item(), (mse_loss(x, y, "sum") / 2).item(), (mse_loss(x, y) / 2).item()
    (2.0, 2.0, 1.0)
    """
    check_reduction(reduction, "mse_loss")
    x, y = like_input(input, target, "mse_loss")
    difference = x - y
    return _weighted_mean(difference * difference, weight, reduction, "mse_loss")


def l1_loss(input: Any, target: Any, reduction: str = "mean", weight: Any = None) -> Any:
    r"""Absolute error :math:`|x_i - y_i|`, averaged or summed over all elements.

    Parameters, result and errors are those of :func:`mse_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> l1_loss(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    1.0
    """
    check_reduction(reduction, "l1_loss")
    x, y = like_input(input, target, "l1_loss")
    return _weighted_mean(ops.absolute(x - y), weight, reduction, "l1_loss")


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    r"""Half the squared error where it is small, linear beyond.

    With :math:`d = x_i - y_i`, it is :math:`\frac12 d^2` if :math:`|d| \le \delta`, else
    :math:`\delta (|d| - \frac12 \delta)`.

    Parameters
    ----------
    input, target, reduction
        As in :func:`mse_loss`.
    delta
        The error up to which it counts squared.
    weight : Tensor or array_like, optional
        By which the losses are multiplied; broadcasts to their shape. As in PyTorch, and unlike in :func:`mse_loss`,
        the mean is divided by the number of losses all the same.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        As :func:`mse_loss` does, and if ``delta`` is not positive.

    Notes
    -----
    Huber, "Robust estimation of a location parameter" (1964). :func:`smooth_l1_loss` with ``beta=delta`` is this
    divided by ``delta``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> huber_loss(Tensor([1.0, 2.0]), [1.0, 5.0], "none").tolist()
    [0.0, 2.5]
    """
    check_reduction(reduction, "huber_loss")
    check_positive("delta", delta, "huber_loss")
    x, y = like_input(input, target, "huber_loss")
    return reduced(weighted(_huber(x - y, number(delta)), weight, "huber_loss"), reduction)


def smooth_l1_loss(input: Any, target: Any, reduction: str = "mean", beta: float = 1.0) -> Any:
    r"""Absolute error, rounded off where it is small.

    With :math:`d = x_i - y_i`, it is :math:`\frac{1}{2\beta} d^2` if :math:`|d| \le \beta`, else
    :math:`|d| - \frac12 \beta`.

    Parameters
    ----------
    input, target, reduction
        As in :func:`mse_loss`.
    beta
        The error up to which it is rounded off; 0 leaves the absolute error.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        As :func:`mse_loss` does, and if ``beta`` is negative.

    Notes
    -----
    Girshick, "Fast R-CNN" (2015).

    Examples
    --------
    >>> from autograd import Tensor
    >>> smooth_l1_loss(Tensor([1.0, 2.0]), [1.0, 5.0], "none", beta=2.0).tolist()
    [0.0, 2.0]
    """
    check_reduction(reduction, "smooth_l1_loss")
    check_not_negative("beta", beta, "smooth_l1_loss")
    x, y = like_input(input, target, "smooth_l1_loss")
    beta = number(beta)
    losses = _huber(x - y, beta) / beta if beta else ops.absolute(x - y)
    return reduced(losses, reduction)


def _huber(difference: Any, delta: float) -> Any:
    bounded = ops.hardtanh(difference, -delta, delta)
    return bounded * (difference - bounded * 0.5)


def _weighted_mean(losses: Any, weight: Any, reduction: str, operation: str) -> Any:
    """Reduce weighted losses; the mean is divided by the sum of the weights."""
    if weight is None:
        return reduced(losses, reduction)
    weight = weights_like(losses, weight, operation, "weight")
    if reduction != "mean":
        return reduced(losses * weight, reduction)
    return ops.sum(losses * weight) / ops.sum(ops.broadcast_to(weight, losses.shape))


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Any:
    r"""Negative log-likelihood of counts with a Poisson distribution, :math:`\lambda - y \ln\lambda + \ln y!`.

    Parameters
    ----------
    input : Tensor or array_like
        The rates: :math:`\ln\lambda`, or with ``log_input=False`` :math:`\lambda`, of any shape.
    target : Tensor or array_like
        Counts :math:`y`, of the same shape.
    log_input
        Whether the input holds logarithms.
    full
        Whether to add the last term, by Stirling's formula for :math:`y > 1`; it does not depend on the input.
    eps
        Added to rates before taking their logarithm.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ, a rate or a count is negative, or ``eps`` or ``reduction`` is not valid.

    Examples
    --------
    >>> from autograd import Tensor
    >>> poisson_nll_loss(Tensor([0.0, 0.0]), [0.0, 3.0], reduction="none").tolist()
    [1.0, 1.0]
    """
    check_reduction(reduction, "poisson_nll_loss")
    check_not_negative("eps", eps, "poisson_nll_loss")
    x, y = like_input(input, target, "poisson_nll_loss")
    within(0, math.inf, y, "counts in the target", "poisson_nll_loss")
    if log_input:
        losses = ops.exp(x) - y * x
    else:
        within(0, math.inf, x, "rates in the input (with log_input=False)", "poisson_nll_loss")
        losses = x - y * ops.log(x + number(eps))
    if full:
        many = y > 1
        n = ops.where(many, y, 1.0)
        stirling = n * ops.log(n) - n + 0.5 * ops.log(2 * math.pi * n)
        losses = losses + ops.where(many, stirling, 0.0)
    return reduced(losses, reduction)


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    r"""Negative log-likelihood of normal variables, :math:`\frac12 (\ln\sigma^2 + (x - y)^2/\sigma^2)`.

    Parameters
    ----------
    input : Tensor or array_like
        The means :math:`x`, of any shape.
    target : Tensor or array_like
        The numbers :math:`y`, of the same shape.
    var : Tensor, array_like or float
        The variances :math:`\sigma^2`: one, or of the input's shape, or of that shape with length 1 or nothing in place
        of the last axis (one variance for the numbers along it).
    full
        Whether to add the constant :math:`\frac12 \ln 2\pi`.
    eps
        The smallest variance that counts. Smaller ones are replaced by it, with the gradient there.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes do not fit, a variance is negative, or ``eps`` or ``reduction`` is not valid.

    Notes
    -----
    Nix and Weigend, "Estimating the mean and variance of the target probability distribution" (1994).

    Examples
    --------
    >>> from autograd import Tensor
    >>> gaussian_nll_loss(Tensor([1.0, 2.0]), [1.0, 4.0], 1.0, reduction="none").tolist()
    [0.0, 2.0]
    """
    check_reduction(reduction, "gaussian_nll_loss")
    check_positive("eps", eps, "gaussian_nll_loss")
    x, y = floating(input, "gaussian_nll_loss"), as_numbers(target, "gaussian_nll_loss")
    same_shape(x, y, "gaussian_nll_loss")
    y, v = cast(y, x.dtype, "gaussian_nll_loss"), cast(var, x.dtype, "gaussian_nll_loss")
    if v.shape != x.shape and v.ndim:
        if v.shape == x.shape[:-1]:
            v = ops.reshape(v, (*v.shape, 1))
        elif v.shape != (*x.shape[:-1], 1):
            raise ValueError(
                f"gaussian_nll_loss: for input of shape {x.shape} var must be one number or have shape {x.shape}, "
                f"{(*x.shape[:-1], 1)} or {x.shape[:-1]}, got {v.shape}{scope_note()}"
            )
    within(0, math.inf, v, "variances", "gaussian_nll_loss")
    eps = number(eps)
    small = v < eps
    if small.any():  # moved up to eps by a constant, so that their gradients stay
        v = v + ops.where(small, eps - (v.detach() if isinstance(v, Tensor) else v), 0.0)
    difference = x - y
    losses = 0.5 * (ops.log(v) + difference * difference / v)
    return reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)
