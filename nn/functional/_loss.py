"""Losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.primitive import raw, scope_note
from nn._inputs import as_numbers, cast

__all__ = ["check_label_smoothing", "check_reduction", "cross_entropy", "mse_loss"]

_REDUCTIONS = ("mean", "sum", "none")


def check_reduction(reduction: str, operation: str) -> None:
    """Make sure that a loss's ``reduction`` is one of the three there are.

    Raises
    ------
    ValueError
        If it is not.
    """
    if reduction not in _REDUCTIONS:
        raise ValueError(f"{operation}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")


def _reduced(losses: Any, reduction: str) -> Any:
    return ops.mean(losses) if reduction == "mean" else ops.sum(losses) if reduction == "sum" else losses


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    r"""Squared error :math:`(x_i - y_i)^2`, averaged or summed over all elements.

    Parameters
    ----------
    input : Tensor or array_like
        Predictions of any shape.
    target : Tensor or array_like
        Of exactly the same shape; cast to the predictions' dtype.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ (they are not broadcast), or ``reduction`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> mse_loss(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """
    check_reduction(reduction, "mse_loss")
    x, y = _floating(input, "mse_loss"), as_numbers(target, "mse_loss")
    if x.shape != y.shape:
        raise ValueError(
            f"mse_loss: input has shape {x.shape} but target has shape {y.shape}; broadcasting them would compare "
            f"every element with several others, so reshape one to the shape of the other{scope_note()}"
        )
    difference = x - cast(y, x.dtype, "mse_loss")
    return _reduced(difference * difference, reduction)


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
        If a target has another shape or is no class, or ``weight``, ``reduction`` or ``label_smoothing`` is not valid.

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
    logits, target = _floating(input, "cross_entropy"), as_numbers(target, "cross_entropy")
    if logits.ndim == 0:
        raise ValueError(f"cross_entropy: logits need a class axis, got a scalar; give (C,) or (N, C){scope_note()}")
    axis = 0 if logits.ndim == 1 else 1
    shape = logits.shape[:axis] + logits.shape[axis + 1 :]
    classes = logits.shape[axis]
    weight = _class_weights(weight, classes, logits.dtype)
    if target.shape == logits.shape:
        # From here on the class axis is the last, so that weights broadcast and indices line up.
        p = _classes_last(cast(target, logits.dtype, "cross_entropy"), axis)
        if label_smoothing:
            p = p * (1 - label_smoothing) + label_smoothing / classes
        log_p = _classes_last(ops.log_softmax(logits, axis=axis), axis)
        losses = -ops.sum(p * log_p if weight is None else p * log_p * weight, axis=-1)
        return _reduced(losses, reduction)
    index, kept = _class_indices(target, shape, logits, axis, ignore_index)
    log_p = _classes_last(ops.log_softmax(logits, axis=axis), axis)
    losses = -ops.getitem(log_p, (*np.indices(shape, sparse=True), index))
    share = None if weight is None else ops.getitem(weight, index)
    if share is not None:
        losses = losses * share
    if label_smoothing:
        spread = -ops.sum(log_p if weight is None else log_p * weight, axis=-1)
        losses = losses * (1 - label_smoothing) + spread * (label_smoothing / classes)
    everything = bool(kept.all())
    if not everything:
        losses = ops.where(kept, losses, 0.0)
    if reduction != "mean" or (everything and share is None):
        return _reduced(losses, reduction)
    total = int(kept.sum()) if share is None else ops.sum(ops.where(kept, share, 0.0))
    return ops.sum(losses) / total


def check_label_smoothing(label_smoothing: float, operation: str) -> None:
    """Make sure that the smoothed share of a target lies between 0 and 1.

    Raises
    ------
    ValueError
        If it does not.
    """
    if not 0 <= label_smoothing <= 1:
        raise ValueError(f"{operation}: label_smoothing must be between 0 and 1, got {label_smoothing!r}")


def _floating(x: Any, operation: str) -> Any:
    x = as_numbers(x, operation)
    return x if x.dtype.kind in "fc" else cast(x, np.dtype(np.float64), operation)


def _classes_last(x: Any, axis: int) -> Any:
    if axis == x.ndim - 1:
        return x
    return ops.transpose(x, (*(i for i in range(x.ndim) if i != axis), axis))


def _class_weights(weight: Any, classes: int, dtype: np.dtype[Any]) -> Any:
    if weight is None:
        return None
    weight = as_numbers(weight, "cross_entropy")
    if weight.shape != (classes,):
        raise ValueError(
            f"cross_entropy: weight must hold one number for each of the {classes} classes, shape ({classes},), got "
            f"shape {weight.shape}{scope_note()}"
        )
    return cast(weight, dtype, "cross_entropy")


def _class_indices(
    target: Any, shape: tuple[int, ...], logits: Any, axis: int, ignore_index: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Targets as indices that are safe to use, and where they count, after making sure that they fit the logits."""
    index = np.asarray(raw(target, "cross_entropy"))
    if index.shape != shape:
        raise ValueError(
            f"cross_entropy: for logits of shape {logits.shape} the target must hold class indices of shape {shape} or "
            f"probabilities of shape {logits.shape}, got shape {index.shape}{scope_note()}"
        )
    if index.dtype.kind not in "iu":
        raise TypeError(
            f"cross_entropy: class indices must be integers, got {index.dtype} {index.shape}; convert them with "
            f".astype(int) (as a Tensor: with requires_grad=False), or give probabilities of shape {logits.shape}"
            f"{scope_note()}"
        )
    kept = index != ignore_index
    classes = logits.shape[axis]
    wrong = np.argwhere(kept & ((index < 0) | (index >= classes)))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        where = f" at position {place[0] if len(place) == 1 else place}" if place else ""
        raise ValueError(
            f"cross_entropy: target {index[place]}{where} is not a class; logits of shape {logits.shape} have the "
            f"classes 0 to {classes - 1}{scope_note()}"
        )
    return np.where(kept, index, 0), kept
