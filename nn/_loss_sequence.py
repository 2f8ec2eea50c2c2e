"""Losses of sequences whose timing is unknown, as modules."""

from __future__ import annotations

from typing import Any

from nn import functional
from nn._module import Module
from nn.functional._reduction import check_reduction

__all__ = ["CTCLoss"]


class CTCLoss(Module):
    """Negative log-likelihood of sequences of labels of unknown timing (see :func:`nn.functional.ctc_loss`).

    Parameters
    ----------
    blank : int
        The class that is no label.
    reduction
        ``"mean"`` divides each loss by its number of labels and averages then; ``"sum"``; ``"none"`` for a loss per
        sample.
    zero_infinity
        Count 0 for sequences that cannot be read from so few steps, where the loss is infinite.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.ctc_loss`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> even = np.log(np.full((2, 1, 2), 0.5))
    >>> round(float(np.exp(-nn.CTCLoss()(even, [[1]], [2], [1]))), 3)
    0.75
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__()
        check_reduction(reduction, "CTCLoss")
        self.blank = blank
        self.reduction = reduction
        self.zero_infinity = zero_infinity

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
        """Compare log-probabilities ``(T, N, C)`` with labels ``(N, S)``, given how many of both count."""
        return functional.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
