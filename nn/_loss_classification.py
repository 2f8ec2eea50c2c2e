"""Losses of classifiers, as modules."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn._module import Module
from nn.functional._loss_classification import check_label_smoothing
from nn.functional._reduction import check_reduction

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    "KLDivLoss",
    "MultiLabelSoftMarginLoss",
    "NLLLoss",
]


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
        self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
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


class NLLLoss(Module):
    r"""Negative log-likelihood of target classes, :math:`-x_y`, from log-probabilities.

    Parameters
    ----------
    weight : array_like, optional
        ``(C,)``, by which each class's loss is multiplied; kept as a buffer.
    ignore_index
        A class index that marks samples to leave out.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.nll_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.NLLLoss()(Tensor([[-0.5, -1.0], [-2.0, -0.25]]), [1, 1]).item()
    0.625
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, *, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "NLLLoss")
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare log-probabilities ``(N, C)`` with class indices ``(N,)``."""
        return functional.nll_loss(input, target, self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class BCELoss(Module):
    r"""Cross entropy of one of two classes from its probability, :math:`-y \ln p - (1 - y) \ln(1 - p)`.

    Parameters
    ----------
    weight : array_like, optional
        By which the losses are multiplied; broadcasts to their shape. A buffer.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.binary_cross_entropy`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.BCELoss()(Tensor([0.5]), [1.0]).item()
    0.6931471805599453
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "BCELoss")
        self.register_buffer("weight", weight)
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare probabilities with targets of the same shape, between 0 and 1."""
        return functional.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(Module):
    r"""Cross entropy of one of two classes from its logit, :math:`-y \ln \sigma(x) - (1 - y) \ln(1 - \sigma(x))`.

    Parameters
    ----------
    weight : array_like, optional
        By which the losses are multiplied; broadcasts to their shape. A buffer.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.
    pos_weight : array_like, optional
        By which the term of the class itself is multiplied; broadcasts like ``weight`` and is kept like it.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.binary_cross_entropy_with_logits`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.BCEWithLogitsLoss()(Tensor([-1000.0]), [1.0]).item()
    1000.0
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(self, weight: Any = None, *, reduction: str = "mean", pos_weight: Any = None) -> None:
        super().__init__()
        check_reduction(reduction, "BCEWithLogitsLoss")
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare logits with targets of the same shape, between 0 and 1."""
        return functional.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class MultiLabelSoftMarginLoss(Module):
    r"""Mean over all classes of the binary cross entropy of each: for samples that may be of several classes.

    Parameters
    ----------
    weight : array_like, optional
        ``(C,)``, by which each class's loss is multiplied; kept as a buffer.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per sample.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.multilabel_soft_margin_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.MultiLabelSoftMarginLoss()(Tensor([[0.0, 0.0]]), [[1, 0]]).item()
    0.6931471805599453
    """

    weight: Tensor | None

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "MultiLabelSoftMarginLoss")
        self.register_buffer("weight", weight)
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare logits ``(N, C)`` with targets of the same shape, between 0 and 1."""
        return functional.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


class KLDivLoss(Module):
    r"""Terms of the Kullback-Leibler divergence of predicted from target probabilities, :math:`p (\ln p - x)`.

    Parameters
    ----------
    reduction
        ``"batchmean"`` for the mean divergence of the distributions in a batch, ``"mean"`` over all elements,
        ``"sum"``, or ``"none"`` for each term.
    log_target
        Whether the target holds logarithms.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.kl_div`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.KLDivLoss("batchmean")(Tensor([[-1.0, -2.0]]), [[1.0, 0.0]]).item()
    1.0
    """

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__()
        check_reduction(reduction, "KLDivLoss", ("batchmean",))
        self.reduction = reduction
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        """Compare predicted log-probabilities with target probabilities of the same shape."""
        return functional.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)
