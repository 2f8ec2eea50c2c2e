"""The confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from nn.metrics._inputs import classes, count_classes
from nn.metrics._metric import Metric, at_once

__all__ = ["ConfusionMatrix", "confusion_matrix"]

Array = ndarray[Any, Any]
_MOST_CLASSES = 10_000  # whose matrix takes 800 MB


class ConfusionMatrix(Metric):
    """How often each class was taken for each other one, accumulated over batches.

    Parameters
    ----------
    normalize
        ``"true"`` divides each row by its sum, ``"pred"`` each column, ``"all"`` all entries by the number of samples;
        where the sum is 0 the entries stay 0.
    num_classes
        By default as many as the scores have, or the highest label says.
    threshold
        Where there is one score for each sample: above it class 1 is predicted; 0.0 for logits.
    ignore_index
        A target that marks samples to leave out.

    Examples
    --------
    >>> metric = ConfusionMatrix()
    >>> metric.update([0, 1, 1], [0, 1, 0])
    >>> metric.compute()
    array([[1, 1],
           [0, 1]])
    """

    def __init__(
        self,
        normalize: str | None = None,
        num_classes: int | None = None,
        threshold: float = 0.5,
        ignore_index: int | None = None,
    ) -> None:
        if normalize not in ("true", "pred", "all", None):
            raise ValueError(f"confusion_matrix: normalize must be 'true', 'pred', 'all' or None, got {normalize!r}")
        self.normalize = normalize
        self.num_classes = num_classes
        self.threshold = threshold
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget all batches."""
        count = self.num_classes or 0
        self.counts: Array = np.zeros((count, count), dtype=np.int64)

    def update(self, input: Any, target: Any) -> None:
        """Take a batch into account.

        Raises
        ------
        ValueError
            If there are more classes than ``num_classes``, or too many for a matrix.
        """
        found = classes(input, target, "confusion_matrix", self.threshold, self.ignore_index)
        count = count_classes(found, len(self.counts), "confusion_matrix", _MOST_CLASSES)
        if self.num_classes is not None and count > self.num_classes:
            raise ValueError(f"confusion_matrix: num_classes is {self.num_classes}, but there are {count} classes")
        if count > len(self.counts):
            self.counts = np.pad(self.counts, (0, count - len(self.counts)))
        pairs = np.bincount(found.actual * count + found.predicted, minlength=count * count)
        self.counts += pairs.reshape(count, count)

    def compute(self) -> Array:
        """The matrix of all batches since the last :meth:`reset`."""
        if self.normalize is None:
            return self.counts.copy()
        axis = {"true": 1, "pred": 0, "all": None}[self.normalize]
        totals = self.counts.sum(axis=axis, keepdims=True)
        normalized: Array = self.counts / np.where(totals > 0, totals, 1)
        return normalized


def confusion_matrix(
    input: Any,
    target: Any,
    normalize: str | None = None,
    num_classes: int | None = None,
    threshold: float = 0.5,
    ignore_index: int | None = None,
) -> Array:
    """How often each class was taken for each other one.

    Parameters
    ----------
    input, target : Tensor or array_like
        Scores or classes, and the actual classes; see :mod:`nn.metrics`.
    normalize, num_classes, threshold, ignore_index
        See :class:`ConfusionMatrix`.

    Returns
    -------
    ndarray
        ``(C, C)``: the row is the actual class, the column the predicted one.

    Raises
    ------
    TypeError, ValueError
        If input and target do not fit, ``normalize`` is not known, or there are more classes than ``num_classes``.

    Examples
    --------
    >>> confusion_matrix([0, 1, 1, 2], [0, 1, 0, 2])
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 0, 1]])
    """
    matrix: Array = at_once(ConfusionMatrix(normalize, num_classes, threshold, ignore_index), input, target)
    return matrix
