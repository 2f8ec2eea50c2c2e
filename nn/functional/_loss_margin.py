"""Losses that ask for a margin: hinge losses of two and of several classes, and of rankings."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers, floating
from nn.functional._checks import number
from nn.functional._classes import class_indices, class_weights, pick
from nn.functional._reduction import check_reduction, reduced, same_shape, signs

__all__ = [
    "check_power",
    "hinge_embedding_loss",
    "hinge_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multiclass_hinge_loss",
    "multilabel_margin_loss",
    "soft_margin_loss",
]


def hinge_loss(input: Any, target: Any, margin: float = 1.0, *, squared: bool = False, reduction: str = "mean") -> Any:
    r"""Hinge loss of two classes, :math:`\max(0, m - y x)`: that of a linear support vector machine.

    Parameters
    ----------
    input : Tensor or array_like
        Scores :math:`x` of any shape.
    target : Tensor or array_like
        Classes :math:`y`, 1 or -1, of the same shape.
    margin
        The margin :math:`m` by which a score is to be on the right side of 0.
    squared
        Whether each loss is squared.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 1 nor -1, or ``reduction`` is not known.

    Notes
    -----
    Cortes and Vapnik, "Support-vector networks" (1995). PyTorch has no loss of this kind. At the hinge itself the
    gradient is 0.

    Examples
    --------
    >>> from autograd import Tensor
    >>> hinge_loss(Tensor([2.0, 0.5, 0.5]), [1, 1, -1], reduction="none").tolist()
    [0.0, 0.5, 1.5]
    """
    check_reduction(reduction, "hinge_loss")
    x, y = _with_signs(input, target, "hinge_loss")
    losses = ops.relu(number(margin) - y * x)
    return reduced(losses * losses if squared else losses, reduction)


def soft_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    r"""Smooth hinge loss of two classes, :math:`\ln(1 + e^{-y x})`, stable at any score.

    Parameters
    ----------
    input : Tensor or array_like
        Scores :math:`x` of any shape.
    target : Tensor or array_like
        Classes :math:`y`, 1 or -1, of the same shape.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 1 nor -1, or ``reduction`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> soft_margin_loss(Tensor([0.0, -1000.0]), [1, 1], "none").tolist()
    [0.6931471805599453, 1000.0]
    """
    check_reduction(reduction, "soft_margin_loss")
    x, y = _with_signs(input, target, "soft_margin_loss")
    return reduced(ops.softplus(-y * x), reduction)


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, *, reduction: str = "mean") -> Any:
    r"""Of a distance :math:`x`: itself where the target is 1, :math:`\max(0, m - x)` where it is -1.

    Parameters
    ----------
    input : Tensor or array_like
        Distances of any shape.
    target : Tensor or array_like
        1 for pairs that belong together and -1 for others, of the same shape.
    margin
        The distance :math:`m` at which others are far enough apart.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 1 nor -1, or ``reduction`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> hinge_embedding_loss(Tensor([0.25, 0.25]), [1, -1], reduction="none").tolist()
    [0.25, 0.75]
    """
    check_reduction(reduction, "hinge_embedding_loss")
    x, y = _with_signs(input, target, "hinge_embedding_loss")
    return reduced(ops.where(y == 1, x, positive_part(number(margin) - x)), reduction)


def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean") -> Any:
    r"""Of two scores, the first to be larger (y = 1) or smaller (y = -1): :math:`\max(0, m - y (x_1 - x_2))`.

    Parameters
    ----------
    input1, input2 : Tensor or array_like
        Scores :math:`x_1` and :math:`x_2`, of one shape.
    target : Tensor or array_like
        :math:`y`, of the same shape.
    margin
        The margin :math:`m` by which they are to differ.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Returns
    -------
    Tensor
        A scalar, or of the inputs' shape.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither 1 nor -1, or ``reduction`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> margin_ranking_loss(Tensor([2.0, 2.0]), [1.0, 1.0], [1, -1], reduction="none").tolist()
    [0.0, 1.0]
    """
    operation = "margin_ranking_loss"
    check_reduction(reduction, operation)
    first, second = floating(input1, operation), floating(input2, operation)
    same_shape(first, second, operation, ("input1", "input2"))
    difference = first - second
    y = as_numbers(target, operation)
    same_shape(difference, y, operation, ("input1", "target"))
    return reduced(positive_part(number(margin) - signs(y, difference.dtype, operation) * difference), reduction)


def multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, *, reduction: str = "mean"
) -> Any:
    r"""Hinge loss of several classes, :math:`\frac1C \sum_{j \ne y} w_y \max(0, m - x_y + x_j)^p`.

    Parameters
    ----------
    input : Tensor or array_like
        Scores: ``(N, C)`` for N samples of C classes, or ``(C,)`` for one.
    target : Tensor or array_like
        Class indices, ``(N,)`` or ``()``.
    p
        1, or 2 for squares.
    margin
        The margin :math:`m` by which the right class's score is to be larger than the others.
    weight : array_like, optional
        ``(C,)``, by which the loss of samples of each class is multiplied.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.

    Returns
    -------
    Tensor
        A scalar, or with ``"none"`` of the target's shape.

    Raises
    ------
    TypeError
        If the target does not hold integers.
    ValueError
        If a shape does not fit, a target is no class, a weight is negative, ``p`` is neither 1 nor 2, or ``reduction``
        is not known.

    Notes
    -----
    Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector machines" (2001), up to the
    sum in place of their maximum. The division by the number of classes is PyTorch's; :func:`multiclass_hinge_loss` is
    the usual form without it.

    Examples
    --------
    >>> from autograd import Tensor
    >>> multi_margin_loss(Tensor([[3.0, 2.5, 0.0, 0.0]]), [0]).item()
    0.125
    """
    check_power(p, "multi_margin_loss")
    losses, classes = _multiclass_hinge(input, target, p, margin, weight, reduction, "multi_margin_loss")
    return reduced(losses / classes, reduction)


def multiclass_hinge_loss(
    input: Any,
    target: Any,
    margin: float = 1.0,
    *,
    squared: bool = False,
    weight: Any = None,
    reduction: str = "mean",
) -> Any:
    r"""Hinge loss of several classes as it is usually written, :math:`\sum_{j \ne y} \max(0, x_j - x_y + m)`.

    Parameters
    ----------
    input : Tensor or array_like
        Scores: ``(N, C)`` for N samples of C classes, or ``(C,)`` for one.
    target : Tensor or array_like
        Class indices, ``(N,)`` or ``()``.
    margin
        The margin :math:`m` by which the right class's score is to be larger than the others.
    squared
        Whether each term of the sum is squared.
    weight : array_like, optional
        ``(C,)``, by which the loss of samples of each class is multiplied.
    reduction
        ``"mean"`` over the samples, ``"sum"``, or ``"none"`` for a loss per sample.

    Returns
    -------
    Tensor
        A scalar, or with ``"none"`` of the target's shape.

    Raises
    ------
    TypeError
        If the target does not hold integers.
    ValueError
        If a shape does not fit, a target is no class, a weight is negative, or ``reduction`` is not known.

    Notes
    -----
    Weston and Watkins, "Support vector machines for multi-class pattern recognition" (1999). It is C times
    :func:`multi_margin_loss`, PyTorch's form. With small random weights it begins near C - 1.

    Examples
    --------
    >>> from autograd import Tensor
    >>> multiclass_hinge_loss(Tensor([[3.2, 5.1, -1.7]]), [0]).item()
    2.8999999999999995
    """
    power = 2 if squared else 1
    losses, _ = _multiclass_hinge(input, target, power, margin, weight, reduction, "multiclass_hinge_loss")
    return reduced(losses, reduction)


def _multiclass_hinge(
    input: Any, target: Any, p: int, margin: float, weight: Any, reduction: str, operation: str
) -> tuple[Any, int]:
    """The loss of each sample, and the number of classes."""
    check_reduction(reduction, operation)
    x = floating(input, operation)
    if x.ndim not in (1, 2):
        raise ValueError(f"{operation}: input must have shape (N, C) or (C,), got {x.shape}{scope_note()}")
    classes = x.shape[-1]
    weight = class_weights(weight, classes, x.dtype, operation)
    index, _ = class_indices(target, x.shape[:-1], x, classes, operation)
    right = ops.reshape(pick(x, index), (*index.shape, 1))
    others = index[..., None] != np.arange(classes)
    excess = ops.where(others, ops.relu(x - right + number(margin)), 0.0)
    losses = ops.sum(excess * excess if p == 2 else excess, axis=-1)
    return losses if weight is None else losses * ops.getitem(weight, index), classes


def check_power(p: int, operation: str) -> None:
    """Make sure that a hinge loss is to the power of 1 or 2.

    Raises
    ------
    ValueError
        If it is not.
    """
    if p not in (1, 2):
        raise ValueError(f"{operation}: p must be 1 or 2, got {p!r}{scope_note()}")


def multilabel_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    r"""Hinge loss of samples of several classes: :math:`\frac1C \sum_{y} \sum_{j} \max(0, 1 - x_y + x_j)`.

    The first sum is over the classes a sample is of, the second over the others.

    Parameters
    ----------
    input : Tensor or array_like
        Scores ``(N, C)`` or ``(C,)``.
    target : Tensor or array_like
        Of the same shape: each row begins with the classes of its sample; what comes from the first -1 on is not read.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.

    Returns
    -------
    Tensor
        A scalar, or of the input's shape without the last axis.

    Raises
    ------
    TypeError
        If the target does not hold integers.
    ValueError
        If the shapes differ, a target is no class, or ``reduction`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> multilabel_margin_loss(Tensor([[0.5, 1.0, 2.0, 0.0]]), [[2, 1, -1, 0]]).item()
    0.125
    """
    operation = "multilabel_margin_loss"
    check_reduction(reduction, operation)
    x = floating(input, operation)
    given = np.asarray(raw(target, operation))
    if x.ndim not in (1, 2):
        raise ValueError(f"{operation}: input must have shape (N, C) or (C,), got {x.shape}{scope_note()}")
    read = (given != -1).cumprod(axis=-1).astype(bool) if given.ndim else given
    index, _ = class_indices(given * read if given.dtype.kind in "iu" else given, x.shape, x, x.shape[-1], operation)
    chosen = (index[..., None] == np.arange(x.shape[-1])) & read[..., None]  # of each place in the row, the class
    times = chosen.sum(axis=-2)  # how often each class is named
    excess = ops.relu(1.0 - ops.reshape(x, (*x.shape, 1)) + ops.reshape(x, (*x.shape[:-1], 1, x.shape[-1])))
    counted = times[..., :, None] * (times == 0)[..., None, :]
    losses = ops.sum(ops.where(counted > 0, excess, 0.0) * counted.astype(x.dtype), axis=(-2, -1))
    return reduced(losses / x.shape[-1], reduction)


def positive_part(x: Any) -> Any:
    """The larger of 0 and x; unlike relu, with the gradient of x at 0, as PyTorch has it in margins between pairs."""
    return ops.where(x >= 0, x, 0.0)


def _with_signs(input: Any, target: Any, operation: str) -> tuple[Any, Any]:
    x, y = floating(input, operation), as_numbers(target, operation)
    same_shape(x, y, operation)
    return x, signs(y, x.dtype, operation)
