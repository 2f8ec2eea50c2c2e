"""Losses of classifiers: cross entropies from logits, log-probabilities and probabilities."""

from __future__ import annotations

import math
from typing import Any

from autograd import ops
from autograd.primitives import scope_note
from nn._inputs import as_numbers, cast, floating
from nn.functional._classes import class_indices, class_weights, classes_last, pick
from nn.functional._reduction import check_reduction, like_input, reduced, weighted, weights_like, within

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "check_label_smoothing",
    "cross_entropy",
    "kl_div",
    "multilabel_soft_margin_loss",
    "nll_loss",
]


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    r"""Cross entropy between predicted logits and target classes, :math:`-\ln \operatorname{softmax}(x)_y`.

    Parameters
    ----------
    input : Tensor or array_like
        Logits: ``(N, C)`` for N samples of C classes, ``(C,)`` for one, ``(N, C, d1, ...)`` for a class per position.
    target : Tensor or array_like
        Either class indices, integers of the logits' shape without the class axis; or the probability of each class
        (one-hot for instance), of the logits' shape; then the loss is
        :math:`-\sum_c p_c \ln\operatorname{softmax}(x)_c`.
    weight : array_like, optional
        ``(C,)``, by which each class's loss is multiplied.
    ignore_index
        A class index that marks samples to leave out (not with probabilities).
    reduction
        ``"mean"`` (with class indices weighted by ``weight``), ``"sum"``, or ``"none"`` for a loss per sample.
    label_smoothing
        The share of each target, from 0 to 1, spread evenly over all classes.

    Returns
    -------
    Tensor
        A scalar, or with ``"none"`` of the shape of class indices.

    Raises
    ------
    TypeError
        If targets of the shape of class indices are not integers.
    ValueError
        If a target has another shape, is no class or no probability, ``weight``, ``reduction`` or ``label_smoothing``
        is not valid, or ``ignore_index`` is a class (0 or more) while the target holds probabilities.

    Notes
    -----
    Label smoothing: Szegedy et al., "Rethinking the inception architecture for computer vision" (2016).

    Examples
    --------
    >>> from autograd import Tensor
    >>> cross_entropy(Tensor([[0.0, 0.0], [1000.0, 0.0]]), [1, 0]).item()
    0.34657359027997264
    """
    check_reduction(reduction, "cross_entropy")
    check_label_smoothing(label_smoothing, "cross_entropy")
    label_smoothing = float(label_smoothing)  # NumPy's float64 would promote float32 losses
    logits, target = floating(input, "cross_entropy"), as_numbers(target, "cross_entropy")
    whole = logits.shape
    axis, shape, classes = _class_axis(whole, "cross_entropy")
    weight = class_weights(weight, classes, logits.dtype, "cross_entropy")
    if target.shape == whole:
        if ignore_index >= 0:
            raise ValueError(
                f"cross_entropy: ignore_index={ignore_index} marks class indices, but the target holds probabilities "
                f"of shape {whole}; give samples to leave out the weight 0 instead{scope_note()}"
            )
        within(0, 1, target, "probabilities in the target", "cross_entropy")
        p = classes_last(cast(target, logits.dtype, "cross_entropy"), axis)
        if label_smoothing:
            p = p * (1 - label_smoothing) + label_smoothing / classes
        log_p = classes_last(ops.log_softmax(logits, axis=axis), axis)
        return reduced(-ops.sum(p * log_p if weight is None else p * log_p * weight, axis=-1), reduction)
    alternative = f"probabilities of shape {whole}"
    index, kept = class_indices(target, shape, logits, classes, "cross_entropy", ignore_index, alternative)
    logits = classes_last(logits, axis)
    if kept is not None:  # what is left out may hold anything, such as nan
        logits = ops.where(kept[..., None], logits, 0.0)
    if weight is None and not label_smoothing:
        count = 1
        if reduction == "mean":
            count = index.size if kept is None else int(kept.sum())
        scale = 1 / (count or 1)
        losses = ops.softmax_cross_entropy(
            logits, index=index, scale=scale if kept is None else kept * scale, reduce=reduction != "none"
        )
        return losses if count else losses + math.nan  # the mean of nothing
    share = None if weight is None else ops.getitem(weight, index)
    losses = ops.softmax_cross_entropy(logits, index=index)
    if share is not None:
        losses = losses * share
    if label_smoothing:
        log_p = ops.log_softmax(logits)
        spread = ops.sum(log_p if weight is None else log_p * weight, axis=-1)
        losses = losses * (1 - label_smoothing) - spread * (label_smoothing / classes)
    return _weighted(losses, share, kept, reduction)


def nll_loss(input: Any, target: Any, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> Any:
    r"""Negative log-likelihood of target classes, :math:`-x_y`, from log-probabilities.

    Parameters
    ----------
    input : Tensor or array_like
        Log-probabilities such as :func:`log_softmax` gives: ``(N, C)``, ``(C,)`` or ``(N, C, d1, ...)``.
    target : Tensor or array_like
        Class indices, integers of the input's shape without the class axis.
    weight : array_like, optional
        ``(C,)``, by which each class's loss is multiplied.
    ignore_index
        A class index that marks samples to leave out.
    reduction
        ``"mean"`` (weighted by ``weight``), ``"sum"``, or ``"none"`` for a loss per sample.

    Returns
    -------
    Tensor
        A scalar, or with ``"none"`` of the target's shape.

    Raises
    ------
    TypeError
        If the target does not hold integers.
    ValueError
        If it has another shape or is no class, or ``weight`` or ``reduction`` is not valid.

    Examples
    --------
    >>> from autograd import Tensor
    >>> nll_loss(Tensor([[-0.5, -1.0], [-2.0, -0.25]]), [1, 1]).item()
    0.625
    """
    check_reduction(reduction, "nll_loss")
    log_p = floating(input, "nll_loss")
    axis, shape, classes = _class_axis(log_p.shape, "nll_loss")
    weight = class_weights(weight, classes, log_p.dtype, "nll_loss")
    index, kept = class_indices(target, shape, log_p, classes, "nll_loss", ignore_index)
    losses = -pick(classes_last(log_p, axis), index)
    share = None if weight is None else ops.getitem(weight, index)
    return _weighted(losses if share is None else losses * share, share, kept, reduction)


def binary_cross_entropy(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    r"""Cross entropy of one of two classes, also called log loss, from its probability.

    :math:`-y \ln p - (1 - y) \ln(1 - p)`

    Parameters
    ----------
    input : Tensor or array_like
        Probabilities :math:`p` of any shape.
    target : Tensor or array_like
        Of the same shape: 1, 0 or a probability between.
    weight : Tensor or array_like, optional
        By which the losses are multiplied; broadcasts to their shape.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ, input or target is not between 0 and 1, or ``weight`` or ``reduction`` is not valid.

    Notes
    -----
    A logarithm counts as -100 at least, and :math:`p (1 - p)` in the gradient as 1e-12, as in PyTorch. From logits,
    :func:`binary_cross_entropy_with_logits` is exact.

    Examples
    --------
    >>> from autograd import Tensor
    >>> binary_cross_entropy(Tensor([0.5, 0.0]), [1.0, 1.0], reduction="none").tolist()
    [0.6931471805599453, 100.0]
    """
    check_reduction(reduction, "binary_cross_entropy")
    p, y = like_input(input, target, "binary_cross_entropy")
    within(0, 1, p, "input", "binary_cross_entropy")
    within(0, 1, y, "target", "binary_cross_entropy")
    losses = ops.binary_cross_entropy(p, y)
    return reduced(weighted(losses, weight, "binary_cross_entropy"), reduction)


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None
) -> Any:
    r"""Cross entropy of one of two classes from its logit, stable however large.

    :math:`-y \ln \sigma(x) - (1 - y) \ln(1 - \sigma(x))`

    Parameters
    ----------
    input : Tensor or array_like
        Logits :math:`x` of any shape.
    target : Tensor or array_like
        Of the same shape: 1, 0 or a probability between.
    weight : Tensor or array_like, optional
        By which the losses are multiplied; broadcasts to their shape.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.
    pos_weight : Tensor or array_like, optional
        By which the term of the class itself is multiplied, for instance the number of negative samples over that of
        positive ones; broadcasts to the losses' shape.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ, the target is not between 0 and 1, or a weight or ``reduction`` is not valid.

    Examples
    --------
    >>> from autograd import Tensor
    >>> binary_cross_entropy_with_logits(Tensor([0.0, -1000.0]), [1.0, 1.0], reduction="none").tolist()
    [0.6931471805599453, 1000.0]
    """
    operation = "binary_cross_entropy_with_logits"
    check_reduction(reduction, operation)
    x, y = like_input(input, target, operation)
    within(0, 1, y, "target", operation)
    losses = ops.binary_cross_entropy_with_logits(x, y)
    if pos_weight is not None:
        factor = weights_like(losses, pos_weight, operation, "pos_weight")
        within(0, math.inf, factor, "pos_weight", operation)
        losses = losses + (factor - 1.0) * y * ops.softplus(-x)
    return reduced(weighted(losses, weight, operation), reduction)


def multilabel_soft_margin_loss(input: Any, target: Any, weight: Any = None, *, reduction: str = "mean") -> Any:
    r"""Mean over all classes of the binary cross entropy of each: for samples that may be of several classes.

    Parameters
    ----------
    input : Tensor or array_like
        Logits ``(N, C)`` or ``(C,)``.
    target : Tensor or array_like
        Of the same shape: 1 for the classes a sample is of, 0 for others.
    weight : Tensor or array_like, optional
        ``(C,)``, by which each class's loss is multiplied.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape without the class axis.

    Raises
    ------
    ValueError
        If the shapes differ, the target is not between 0 and 1, or ``weight`` or ``reduction`` is not valid.

    Examples
    --------
    >>> from autograd import Tensor
    >>> multilabel_soft_margin_loss(Tensor([[0.0, 0.0]]), [[1, 0]]).item()
    0.6931471805599453
    """
    operation = "multilabel_soft_margin_loss"
    check_reduction(reduction, operation)
    x, y = like_input(input, target, operation)
    if x.ndim == 0:
        raise ValueError(f"{operation}: input needs a class axis, got a scalar; give (C,) or (N, C){scope_note()}")
    within(0, 1, y, "target", operation)
    losses = ops.binary_cross_entropy_with_logits(x, y)
    return reduced(ops.mean(weighted(losses, weight, operation), axis=-1), reduction)


def kl_div(input: Any, target: Any, *, reduction: str = "mean", log_target: bool = False) -> Any:
    r"""Terms of the Kullback-Leibler divergence of predicted from target probabilities, :math:`p (\ln p - x)`.

    Parameters
    ----------
    input : Tensor or array_like
        Predicted log-probabilities :math:`x` of any shape.
    target : Tensor or array_like
        Of the same shape: probabilities :math:`p`, or with ``log_target`` their logarithms.
    reduction
        ``"batchmean"`` divides the sum by the length of the first axis, which is the mean divergence of the
        distributions in a batch. ``"mean"`` divides by the number of all elements, ``"sum"`` by nothing, ``"none"``
        gives each term.
    log_target
        Whether the target holds logarithms.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ, a probability is negative, or ``reduction`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> kl_div(Tensor([[-1.0, -2.0]]), [[1.0, 0.0]], reduction="batchmean").item()
    1.0
    """
    check_reduction(reduction, "kl_div", ("batchmean",))
    x, y = like_input(input, target, "kl_div")
    if log_target:
        terms = ops.exp(y) * (y - x)
    else:
        within(0, math.inf, y, "probabilities in the target", "kl_div")
        zero = y == 0  # where p ln p is 0
        terms = y * (ops.log(ops.where(zero, 1.0, y) if zero.any() else y) - x)
    if reduction != "batchmean":
        return reduced(terms, reduction)
    return ops.sum(terms) / ((x.shape[0] or math.nan) if x.ndim else 1)


def check_label_smoothing(label_smoothing: float, operation: str) -> None:
    """Make sure that the smoothed share of a target lies between 0 and 1.

    Raises
    ------
    ValueError
        If it does not.
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{operation}: label_smoothing must be between 0 and 1, got {label_smoothing!r}{scope_note()}")


def _class_axis(shape: tuple[int, ...], operation: str) -> tuple[int, tuple[int, ...], int]:
    """The axis of classes, the shape without it, and how many there are."""
    if not shape:
        raise ValueError(f"{operation}: input needs a class axis, got a scalar; give (C,) or (N, C){scope_note()}")
    axis = 0 if len(shape) == 1 else 1
    return axis, shape[:axis] + shape[axis + 1 :], shape[axis]


def _weighted(losses: Any, share: Any, kept: Any, reduction: str) -> Any:
    """Reduce the losses of those samples that are kept; a mean is over the shares they have."""
    if kept is not None:
        losses = ops.where(kept, losses, 0.0)
    if reduction != "mean" or not losses.size or (share is None and kept is None):
        return reduced(losses, reduction)
    if kept is not None and not kept.any():
        return ops.sum(losses) + math.nan  # the mean of nothing
    if share is None:
        return ops.sum(losses) / int(kept.sum())
    return ops.sum(losses) / ops.sum(share if kept is None else ops.where(kept, share, 0.0))
