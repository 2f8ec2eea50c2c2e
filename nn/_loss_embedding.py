"""Similarities and distances of vectors and losses of pairs and triplets of them, as modules."""

from __future__ import annotations

from typing import Any

from nn import functional
from nn._module import Module
from nn.functional._checks import check_positive
from nn.functional._reduction import check_reduction

__all__ = [
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "PairwiseDistance",
    "TripletMarginLoss",
]


class CosineSimilarity(Module):
    r"""Cosine of the angle between vectors (see :func:`nn.functional.cosine_similarity`).

    Parameters
    ----------
    dim : int
        The axis of the vectors.
    eps
        The smallest length that counts.

    Raises
    ------
    ValueError
        When called, see :func:`nn.functional.cosine_similarity`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.CosineSimilarity()(Tensor([[3.0, 4.0]]), [[4.0, 3.0]]).item()
    0.96
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Any, x2: Any) -> Any:
        """Compare vectors along an axis of two arrays whose shapes broadcast."""
        return functional.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    r"""Distances of vectors in the p-norm (see :func:`nn.functional.pairwise_distance`).

    Parameters
    ----------
    p
        1 or more, or infinity for the largest difference.
    eps
        Added to each difference.
    keepdim
        Keep the last axis, with length 1.

    Raises
    ------
    ValueError
        When called, see :func:`nn.functional.pairwise_distance`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.PairwiseDistance(eps=0.0)(Tensor([[3.0, 4.0]]), [[0.0, 0.0]]).tolist()
    [5.0]
    """

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.p = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        """Compare vectors along the last axis of two arrays whose shapes broadcast."""
        return functional.pairwise_distance(x1, x2, self.p, self.eps, self.keepdim)


class CosineEmbeddingLoss(Module):
    r"""Of two vectors' cosine: :math:`1 - c` where the target is 1, :math:`\max(0, c - m)` where it is -1.

    Parameters
    ----------
    margin
        The cosine :math:`m` that is small enough, from -1 to 1.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per pair.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.cosine_embedding_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> round(nn.CosineEmbeddingLoss()(Tensor([[1.0, 0.0]]), [[0.0, 1.0]], [1]).item(), 6)
    1.0
    """

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "CosineEmbeddingLoss")
        self.margin = margin
        self.reduction = reduction

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """Compare vectors ``(N, D)``, given targets 1 or -1, ``(N,)``."""
        return functional.cosine_embedding_loss(input1, input2, target, self.margin, reduction=self.reduction)


class TripletMarginLoss(Module):
    r"""Of an anchor, one of its kind and another: :math:`\max(0, m + d(a, p) - d(a, n))`.

    Parameters
    ----------
    margin
        The margin :math:`m` by which the other is to be farther away.
    p, eps
        Of the distance (see :func:`nn.functional.pairwise_distance`).
    swap
        Take the other's distance from the anchor or from the one of its kind, whichever is smaller.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per triplet.

    Raises
    ------
    ValueError
        If ``reduction`` is not known or ``margin`` not positive; when called, see
        :func:`nn.functional.triplet_margin_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.TripletMarginLoss(eps=0.0)(Tensor([[0.0, 0.0]]), [[3.0, 4.0]], [[0.0, 5.0]]).item()
    1.0
    """

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, *, reduction: str = "mean"
    ) -> None:
        super().__init__()
        check_reduction(reduction, "TripletMarginLoss")
        check_positive("margin", margin, "TripletMarginLoss")
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap
        self.reduction = reduction

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        """Compare vectors ``(N, D)``."""
        return functional.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, reduction=self.reduction
        )
