"""How well scores order samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from nn.metrics._inputs import scores_of_two
from nn.metrics._metric import Metric, at_once

__all__ = ["RocAuc", "roc_auc"]


class RocAuc(Metric):
    """The area under the ROC curve, accumulated over batches, whose scores are kept; see :func:`roc_auc`.

    Examples
    --------
    >>> metric = RocAuc()
    >>> metric.update([0.1, 0.4], [0, 0])
    >>> metric.update([0.35, 0.8], [1, 1])
    >>> metric.compute()
    0.75
    """

    def reset(self) -> None:
        """Forget all batches."""
        self._batches: list[tuple[ndarray[Any, Any], ndarray[Any, Any]]] = []

    def update(self, input: Any, target: Any) -> None:
        """Take a batch into account."""
        self._batches.append(scores_of_two(input, target, "roc_auc"))

    def compute(self) -> float:
        """The area for all batches since the last :meth:`reset`."""
        if not self._batches:
            return float("nan")
        scores, positive = (np.concatenate(parts) for parts in zip(*self._batches, strict=True))
        order = scores.argsort(kind="stable")
        _, first, count = np.unique(scores[order], return_index=True, return_counts=True)
        rank = np.repeat(first + (count + 1) / 2, count)  # counted from 1; equal scores share their mean
        positives = int(positive.sum())
        pairs = positives * (len(scores) - positives)
        if not pairs:
            return float("nan")
        won = float(rank[positive[order]].sum()) - positives * (positives + 1) / 2
        return won / pairs


def roc_auc(input: Any, target: Any) -> float:
    """The area under the ROC curve: how probably a positive sample has a higher score than a negative one.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N,)`` or ``(N, 1)``, one score for each sample; logits or probabilities, as only their order counts.
    target : Tensor or array_like
        ``(N,)``, or of the input's shape: 0 and 1, or -1 and 1.

    Returns
    -------
    float
        From 0 to 1, where 0.5 is chance; nan unless both classes occur.

    Raises
    ------
    TypeError, ValueError
        If input and target do not fit.

    Notes
    -----
    The Mann-Whitney statistic; ties count half. Hanley and McNeil, "The meaning and use of the area under a receiver
    operating characteristic (ROC) curve" (1982).

    Examples
    --------
    >>> roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    area: float = at_once(RocAuc(), input, target)
    return area
