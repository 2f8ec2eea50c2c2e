"""Similarities and distances of vectors, and losses of pairs and triplets of them."""

from __future__ import annotations

import math
from typing import Any

from autograd import ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers, floating
from nn.functional._checks import check_positive, number
from nn.functional._loss_margin import positive_part
from nn.functional._reduction import check_reduction, reduced, same_shape, signs

__all__ = [
    "cosine_embedding_loss",
    "cosine_similarity",
    "pairwise_distance",
    "triplet_margin_loss",
]


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    r"""Cosine of the angle between vectors, :math:`\frac{x_1 \cdot x_2}{\max(|x_1|, ε) \max(|x_2|, ε)}`.

    Parameters
    ----------
    x1, x2 : Tensor or array_like
        Of shapes that broadcast.
    dim : int
        The axis of the vectors.
    eps
        The smallest length that counts.

    Returns
    -------
    Tensor
        From -1 to 1, of the inputs' shape without that axis.

    Raises
    ------
    ValueError
        If the shapes do not broadcast, or there is no such axis.

    Notes
    -----
    For vectors shorter than ``eps`` the gradient is that of the formula, where ``eps`` is constant; PyTorch's differs.

    Examples
    --------
    >>> from autograd import Tensor
    >>> cosine_similarity(Tensor([[3.0, 4.0]]), [[4.0, 3.0]]).item()
    0.96
    """
    a, b = floating(x1, "cosine_similarity"), floating(x2, "cosine_similarity")
    product = a * b
    _check_axis(product, dim, "cosine_similarity")
    eps = number(eps)
    a_squared, b_squared = (ops.hardtanh(_sum(x * x, dim, product), eps * eps, math.inf) for x in (a, b))
    return ops.sum(product, axis=dim) / (ops.sqrt(a_squared) * ops.sqrt(b_squared))


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    r"""Distances of vectors in the p-norm, :math:`(\sum_i |x_{1i} - x_{2i} + ε|^p)^{1/p}` along the last axis.

    Parameters
    ----------
    x1, x2 : Tensor or array_like
        ``(N, D)`` or ``(D,)``, of shapes that broadcast.
    p
        1 or more, or infinity for the largest difference.
    eps
        Added to each difference.
    keepdim
        Keep the last axis, with length 1.

    Returns
    -------
    Tensor
        Of the inputs' shape without the last axis. Where a distance is 0 so is its gradient.

    Raises
    ------
    ValueError
        If the shapes do not broadcast, there is no axis, or ``p`` is smaller than 1.

    Examples
    --------
    >>> from autograd import Tensor
    >>> pairwise_distance(Tensor([[3.0, 4.0]]), [[0.0, 0.0]], eps=0.0).tolist()
    [5.0]
    """
    difference = floating(x1, "pairwise_distance") - floating(x2, "pairwise_distance") + number(eps)
    _check_axis(difference, -1, "pairwise_distance")
    return _norm(difference, number(p), keepdim, "pairwise_distance")


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, *, reduction: str = "mean"
) -> Any:
    r"""Of two vectors' cosine: :math:`1 - c` where the target is 1, :math:`\max(0, c - m)` where it is -1.

    Parameters
    ----------
    input1, input2 : Tensor or array_like
        ``(N, D)`` or ``(D,)``, of one shape.
    target : Tensor or array_like
        1 for pairs that belong together and -1 for others, ``(N,)`` or ``()``.
    margin
        The cosine :math:`m` that is small enough, from -1 to 1.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per pair.

    Returns
    -------
    Tensor
        A scalar, or of the target's shape.

    Raises
    ------
    ValueError
        If the shapes do not fit, a target is neither 1 nor -1, or ``reduction`` is not known.

    Notes
    -----
    Below a length of about 1e-6 a vector's cosine counts as smaller than it is.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 0.0], [1.0, 0.0]])
    >>> [round(v, 6) for v in cosine_embedding_loss(x, [[0.0, 1.0], [1.0, 0.0]], [1, -1], reduction="none").tolist()]
    [1.0, 1.0]
    """
    operation = "cosine_embedding_loss"
    check_reduction(reduction, operation)
    a, b, y = floating(input1, operation), floating(input2, operation), as_numbers(target, operation)
    same_shape(a, b, operation, ("input1", "input2"))
    if a.ndim not in (1, 2) or y.shape != a.shape[:-1]:
        raise ValueError(
            f"{operation}: inputs (N, D) need a target (N,), inputs (D,) a scalar; got inputs of shape {a.shape} and "
            f"a target of shape {y.shape}{scope_note()}"
        )
    y = signs(y, a.dtype, operation)
    lengths = (ops.sum(a * a, axis=-1) + _COSINE_EPS) * (ops.sum(b * b, axis=-1) + _COSINE_EPS)
    cosine = ops.sum(a * b, axis=-1) / ops.sqrt(lengths)
    return reduced(ops.where(y == 1, 1.0 - cosine, positive_part(cosine - number(margin))), reduction)


#: PyTorch's, added to squared lengths here only.
_COSINE_EPS = 1e-12


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Any:
    r"""Of an anchor, one of its kind and another: :math:`\max(0, m + d(a, p) - d(a, n))`.

    Parameters
    ----------
    anchor, positive, negative : Tensor or array_like
        ``(N, D)`` or ``(D,)``, of shapes that broadcast.
    margin
        The margin :math:`m` by which the other is to be farther away.
    p, eps
        Of the distance :math:`d` (see :func:`pairwise_distance`).
    swap
        Take the other's distance from the anchor or from the one of its kind, whichever is smaller.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per triplet.

    Returns
    -------
    Tensor
        A scalar, or of the inputs' shape without the last axis.

    Raises
    ------
    ValueError
        If the shapes do not broadcast or have different numbers of axes, ``p`` is smaller than 1, ``margin`` is not
        positive, or ``reduction`` is not known.

    Notes
    -----
    Balntas et al., "Learning local feature descriptors with triplets and shallow convolutional neural networks" (2016).

    Examples
    --------
    >>> from autograd import Tensor
    >>> triplet_margin_loss(Tensor([[0.0, 0.0]]), [[3.0, 4.0]], [[0.0, 5.0]], eps=0.0).item()
    1.0
    """
    operation = "triplet_margin_loss"
    check_reduction(reduction, operation)
    check_positive("margin", margin, operation)
    a, same, other = (floating(x, operation) for x in (anchor, positive, negative))
    if not a.ndim == same.ndim == other.ndim:
        raise ValueError(
            f"{operation}: anchor, positive and negative must have as many axes each, got shapes {a.shape}, "
            f"{same.shape} and {other.shape}{scope_note()}"
        )
    near, far = pairwise_distance(a, same, p, eps), pairwise_distance(a, other, p, eps)
    if swap:
        far = ops.minimum(far, pairwise_distance(same, other, p, eps))
    return reduced(positive_part(number(margin) + near - far), reduction)


def _sum(x: Any, dim: int, product: Any) -> Any:
    """Sum over an axis of what broadcasts with a product, counted as in the product."""
    axis = dim % product.ndim - product.ndim
    if x.ndim < -axis or x.shape[axis] != product.shape[axis]:
        x = ops.broadcast_to(x, product.shape)
    return ops.sum(x, axis=axis)


def _norm(x: Any, p: float, keepdims: bool, operation: str) -> Any:
    """The p-norm along the last axis, with gradient 0 where it is 0."""
    if not p >= 1:
        raise ValueError(f"{operation}: p must be 1 or more, got {p!r}{scope_note()}")
    if p == math.inf:
        return ops.max(ops.absolute(x), axis=-1, keepdims=keepdims)
    if p == 1:
        return ops.sum(ops.absolute(x), axis=-1, keepdims=keepdims)
    total = ops.sum(x * x if p == 2 else ops.power(ops.absolute(x), p), axis=-1, keepdims=keepdims)
    zero = total == 0
    if not zero.any():
        return ops.sqrt(total) if p == 2 else ops.power(total, 1 / p)
    safe = ops.where(zero, 1.0, total)
    return ops.where(zero, 0.0, ops.sqrt(safe) if p == 2 else ops.power(safe, 1 / p))


def _check_axis(x: Any, dim: int, operation: str) -> None:
    if not -x.ndim <= dim < x.ndim:
        remedy = f"give one from {-x.ndim} to {x.ndim - 1}" if x.ndim else "scalars have none"
        raise ValueError(f"{operation}: no axis {dim} in inputs {describe(raw(x, operation))}; {remedy}{scope_note()}")
