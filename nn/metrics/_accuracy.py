"""Accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.metrics._inputs import classes, plain
from nn.metrics._metric import Metric, at_once

__all__ = ["Accuracy", "accuracy"]


class Accuracy(Metric):
    """The share of predictions that are right, accumulated over batches.

    Parameters
    ----------
    top_k
        A prediction counts as right if the target is among the ``top_k`` classes with the largest scores.
    threshold
        Where there is one score for each sample: above it class 1 is predicted; 0.0 for logits.
    ignore_index
        A target that marks samples to leave out.

    Examples
    --------
    >>> metric = Accuracy(top_k=2)
    >>> metric.update([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1]], [1, 2])
    >>> metric.compute()
    0.5
    """

    def __init__(self, top_k: int = 1, threshold: float = 0.5, ignore_index: int | None = None) -> None:
        if top_k < 1:
            raise ValueError(f"Accuracy: top_k must be positive, got {top_k}")
        self.top_k = top_k
        self.threshold = threshold
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget all batches."""
        self.right, self.samples = 0, 0

    def update(self, input: Any, target: Any) -> None:
        """Take a batch into account."""
        predicted, actual, count = classes(input, target, "accuracy", self.threshold, self.ignore_index)
        if self.top_k == 1:
            self.right += int((predicted == actual).sum())
        else:
            self.right += self._among_the_best(plain(input), plain(target), count)
        self.samples += actual.size

    def _among_the_best(self, x: Any, t: Any, count: int | None) -> int:
        if x.dtype.kind != "f" or x.shape[:1] + x.shape[2:] != t.shape or count is None or count < self.top_k:
            raise ValueError(
                f"accuracy: top_k={self.top_k} needs scores (N, C, ...) of at least {self.top_k} classes and targets "
                f"(N, ...), got input of shape {x.shape} and target of shape {t.shape}"
            )
        scores, targets = np.moveaxis(x, 1, -1).reshape(-1, count), t.astype(np.int64).ravel()
        if self.ignore_index is not None:
            kept = targets != self.ignore_index
            scores, targets = scores[kept], targets[kept]
        own = scores[np.arange(len(targets)), targets][:, np.newaxis]
        # Of equal scores the first is the best, as for the largest one.
        better = (scores > own) | ((scores == own) & (np.arange(count) < targets[:, np.newaxis]))
        return int((better.sum(axis=1) < self.top_k).sum())

    def compute(self) -> float:
        """The share of right predictions so far.

        Raises
        ------
        ValueError
            If there was none.
        """
        if not self.samples:
            raise ValueError("accuracy: there are no samples to judge")
        return self.right / self.samples


def accuracy(input: Any, target: Any, top_k: int = 1, threshold: float = 0.5, ignore_index: int | None = None) -> float:
    """The share of predictions that are right.

    Parameters
    ----------
    input, target : Tensor or array_like
        Scores or classes, and the actual classes; see :mod:`nn.metrics`.
    top_k
        A prediction counts as right if the target is among the ``top_k`` classes with the largest scores; of equal
        scores the first counts as the larger.
    threshold
        Where there is one score for each sample: above it class 1 is predicted; 0.0 for logits.
    ignore_index
        A target that marks samples to leave out.

    Raises
    ------
    TypeError, ValueError
        If input and target do not fit, or there are no samples.

    Examples
    --------
    >>> accuracy([2, 1, 0], [2, 1, 1])
    0.6666666666666666
    >>> accuracy([-1.5, 0.2, 3.0], [0, 0, 1], threshold=0.0)  # logits
    0.6666666666666666
    """
    value: float = at_once(Accuracy(top_k, threshold, ignore_index), input, target)
    return value
