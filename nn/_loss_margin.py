"""Losses that ask for a margin, as modules."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn._module import Module
from nn.functional._loss_margin import check_power
from nn.functional._reduction import check_reduction

__all__ = [
    "HingeEmbeddingLoss",
    "HingeLoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiMarginLoss",
    "MulticlassHingeLoss",
    "SoftMarginLoss",
]


class HingeLoss(Module):
    r"""Hinge loss of two classes, :math:`\max(0, m - y x)`: that of a linear support vector machine.

    Parameters
    ----------
    margin
        The margin :math:`m` by which a score is to be on the right side of 0.
    squared
        Whether each loss is squared.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.hinge_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.HingeLoss(reduction="none")(Tensor([2.0, 0.5, 0.5]), [1, 1, -1]).tolist()
    [0.0, 0.5, 1.5]
    """

    def __init__(self, margin: float = 1.0, *, squared: bool = False, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "HingeLoss")
        self.margin = margin
        self.squared = squared
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare scores with classes 1 or -1, of the same shape."""
        return functional.hinge_loss(input, target, self.margin, squared=self.squared, reduction=self.reduction)


class SoftMarginLoss(Module):
    r"""Smooth hinge loss of two classes, :math:`\ln(1 + e^{-y x})`, stable at any score.

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.soft_margin_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.SoftMarginLoss()(Tensor([-1000.0]), [1]).item()
    1000.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "SoftMarginLoss")
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare scores with classes 1 or -1, of the same shape."""
        return functional.soft_margin_loss(input, target, self.reduction)


class HingeEmbeddingLoss(Module):
    r"""Of a distance :math:`x`: itself where the target is 1, :math:`\max(0, m - x)` where it is -1.

    Parameters
    ----------
    margin
        The distance :math:`m` at which others are far enough apart.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.hinge_embedding_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.HingeEmbeddingLoss(reduction="none")(Tensor([0.25, 0.25]), [1, -1]).tolist()
    [0.25, 0.75]
    """

    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "HingeEmbeddingLoss")
        self.margin = margin
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare distances with targets 1 or -1, of the same shape."""
        return functional.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


class MarginRankingLoss(Module):
    r"""Of two scores, the first to be larger (y = 1) or smaller (y = -1): :math:`\max(0, m - y (x_1 - x_2))`.

    Parameters
    ----------
    margin
        The margin :math:`m` by which they are to differ.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.margin_ranking_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.MarginRankingLoss(reduction="none")(Tensor([2.0, 2.0]), [1.0, 1.0], [1, -1]).tolist()
    [0.0, 1.0]
    """

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "MarginRankingLoss")
        self.margin = margin
        self.reduction = reduction

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """Compare two arrays of scores, given targets 1 or -1, all of one shape."""
        return functional.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class MultiMarginLoss(Module):
    r"""Hinge loss of several classes, :math:`\frac1C \sum_{j \ne y} w_y \max(0, m - x_y + x_j)^p`.

    Parameters
    ----------
    p
        1, or 2 for squares.
    margin
        The margin :math:`m` by which the right class's score is to be larger than the others.
    weight : array_like, optional
        ``(C,)``, by which the loss of samples of each class is multiplied; kept as a buffer.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.

    Raises
    ------
    ValueError
        If ``reduction`` is not known or ``p`` neither 1 nor 2; when called, see
        :func:`nn.functional.multi_margin_loss`.

    Notes
    -----
    The division by the number of classes is PyTorch's; :class:`MulticlassHingeLoss` is the usual form without it.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.MultiMarginLoss()(Tensor([[3.0, 2.5, 0.0, 0.0]]), [0]).item()
    0.125
    """

    weight: Tensor | None

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "MultiMarginLoss")
        check_power(p, "MultiMarginLoss")
        self.register_buffer("weight", weight)
        self.p = p
        self.margin = margin
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare scores ``(N, C)`` with class indices ``(N,)``."""
        return functional.multi_margin_loss(input, target, self.p, self.margin, self.weight, reduction=self.reduction)


class MulticlassHingeLoss(Module):
    r"""Hinge loss of several classes as it is usually written, :math:`\sum_{j \ne y} \max(0, x_j - x_y + m)`.

    Parameters
    ----------
    margin
        The margin :math:`m` by which the right class's score is to be larger than the others.
    squared
        Whether each term of the sum is squared.
    weight : array_like, optional
        ``(C,)``, by which the loss of samples of each class is multiplied; kept as a buffer.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.multiclass_hinge_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.MulticlassHingeLoss()(Tensor([[3.0, 2.5, 0.0, 0.0]]), [0]).item()
    0.5
    """

    weight: Tensor | None

    def __init__(
        self, margin: float = 1.0, *, squared: bool = False, weight: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__()
        check_reduction(reduction, "MulticlassHingeLoss")
        self.register_buffer("weight", weight)
        self.margin = margin
        self.squared = squared
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare scores ``(N, C)`` with class indices ``(N,)``."""
        return functional.multiclass_hinge_loss(
            input, target, self.margin, squared=self.squared, weight=self.weight, reduction=self.reduction
        )


class MultiLabelMarginLoss(Module):
    r"""Hinge loss of samples of several classes (see :func:`nn.functional.multilabel_margin_loss`).

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.multilabel_margin_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.MultiLabelMarginLoss()(Tensor([[0.5, 1.0, 2.0, 0.0]]), [[2, 1, -1, 0]]).item()
    0.125
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "MultiLabelMarginLoss")
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare scores ``(N, C)`` with rows that begin with the classes of a sample, up to a -1."""
        return functional.multilabel_margin_loss(input, target, self.reduction)
