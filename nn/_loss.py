"""Losses: those of :mod:`nn.functional` as modules."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn._module import Module
from nn.functional._loss_classification import check_label_smoothing
from nn.functional._reduction import check_reduction

__all__ = ["CrossEntropyLoss", "MSELoss"]


class MSELoss(Module):
    r"""Squared error :math:`(x_i - y_i)^2`, averaged or summed over all elements.

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, if the shapes of input and target differ.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.MSELoss()(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "MSELoss")
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare predictions with targets of the same shape (see :func:`nn.functional.mse_loss`)."""
        return functional.mse_loss(input, target, self.reduction)


class CrossEntropyLoss(Module):
    r"""Cross entropy between predicted logits and target classes, :math:`-\ln \operatorname{softmax}(x)_y`.

    Parameters
    ----------
    weight : array_like, optional
        ``(C,)``, by which each class's loss is multiplied; kept as a buffer.
    ignore_index
        A class index that marks samples to leave out.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.
    label_smoothing
        The share of each target, from 0 to 1, spread evenly over all classes.

    Raises
    ------
    ValueError
        If ``reduction`` or ``label_smoothing`` is not valid; when called, see :func:`nn.functional.cross_entropy`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.CrossEntropyLoss()(Tensor([[0.0, 0.0], [1000.0, 0.0]]), [1, 0]).item()
    0.34657359027997264
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Any = None,
        *,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        check_reduction(reduction, "CrossEntropyLoss")
        check_label_smoothing(label_smoothing, "CrossEntropyLoss")
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.reduction = reduction
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        """Compare logits ``(N, C)`` with class indices ``(N,)`` or probabilities ``(N, C)``."""
        return functional.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )
