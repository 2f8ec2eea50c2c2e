"""Precision, recall and F1: for each class, or averaged over classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from nn.metrics._inputs import classes, count_classes
from nn.metrics._metric import Metric, at_once

__all__ = ["F1", "Precision", "Recall", "f1", "precision", "recall"]

Array = ndarray[Any, Any]
_MOST_CLASSES = 10_000_000  # whose counts take 240 MB
AVERAGES = ("binary", "macro", "micro", "weighted", None)


class _ClassScore(Metric):
    """A ratio of counts for each class, and its averages; a subclass says which ratio."""

    _name: str

    def __init__(
        self,
        average: str | None = "binary",
        zero_division: float = 0.0,
        threshold: float = 0.5,
        ignore_index: int | None = None,
    ) -> None:
        if average not in AVERAGES:
            raise ValueError(
                f"{self._name}: average must be 'binary', 'macro', 'micro', 'weighted' or None, got {average!r}"
            )
        self.average = average
        self.zero_division = float(zero_division)
        self.threshold = threshold
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget all batches."""
        # For each class how often it was predicted rightly, was predicted, and occurred.
        self.counts = np.zeros((3, 0), dtype=np.int64)

    def update(self, input: Any, target: Any) -> None:
        """Take a batch into account.

        Raises
        ------
        ValueError
            If ``average="binary"`` and there are more than two classes.
        """
        found = classes(input, target, self._name, self.threshold, self.ignore_index)
        predicted, actual, _ = found
        count = count_classes(found, self.counts.shape[1], self._name, _MOST_CLASSES)
        if self.average == "binary" and count > 2:
            raise ValueError(
                f"{self._name}: there are {count} classes, so average='binary' does not say of which; choose 'macro', "
                f"'micro', 'weighted', or None for each class"
            )
        if count > self.counts.shape[1]:
            self.counts = np.pad(self.counts, ((0, 0), (0, count - self.counts.shape[1])))
        for row, labels in enumerate((predicted[predicted == actual], predicted, actual)):
            self.counts[row] += np.bincount(labels, minlength=count)

    def ratio(self, right: Array, predicted: Array, occurred: Array) -> tuple[Array, Array]:
        """Numerator and denominator."""
        raise NotImplementedError

    def compute(self) -> float | Array:
        """The value for all batches since the last :meth:`reset`."""
        right, predicted, occurred = self.counts
        if self.average == "micro":
            return float(self._divide(right.sum()[None], predicted.sum()[None], occurred.sum()[None])[0])
        scores = self._divide(right, predicted, occurred)
        if self.average is None:
            return scores
        if self.average == "binary":
            return float(scores[1]) if len(scores) == 2 else self.zero_division
        kept = (predicted + occurred > 0) & ~np.isnan(scores)
        weights = occurred[kept] if self.average == "weighted" else np.ones(int(kept.sum()))
        total = weights.sum()
        return float((scores[kept] * weights).sum() / total) if total else self.zero_division

    def _divide(self, right: Array, predicted: Array, occurred: Array) -> Array:
        above, below = self.ratio(right, predicted, occurred)
        return np.where(below > 0, above / np.where(below > 0, below, 1), self.zero_division)


class Precision(_ClassScore):
    """Of the predictions of a class the share that is right, accumulated over batches.

    The arguments are those of the function of the same name.

    Examples
    --------
    >>> metric = Precision()
    >>> metric.update([1, 1, 0], [1, 0, 1])
    >>> metric.compute()
    0.5
    """

    _name = "precision"

    def ratio(self, right: Array, predicted: Array, occurred: Array) -> tuple[Array, Array]:
        """Right predictions of a class, and all predictions of it."""
        return right, predicted


class Recall(_ClassScore):
    """Of the samples of a class the share that is found, accumulated over batches.

    The arguments are those of the function of the same name.

    Examples
    --------
    >>> metric = Recall()
    >>> metric.update([1, 0, 0], [1, 1, 0])
    >>> metric.compute()
    0.5
    """

    _name = "recall"

    def ratio(self, right: Array, predicted: Array, occurred: Array) -> tuple[Array, Array]:
        """Right predictions of a class, and all samples of it."""
        return right, occurred


class F1(_ClassScore):
    """The harmonic mean of precision and recall, accumulated over batches.

    The arguments are those of the function of the same name.

    Examples
    --------
    >>> metric = F1("macro")
    >>> metric.update([2, 1, 0], [2, 1, 1])
    >>> round(metric.compute(), 3)
    0.556
    """

    _name = "f1"

    def ratio(self, right: Array, predicted: Array, occurred: Array) -> tuple[Array, Array]:
        """Twice the right predictions of a class, and all predictions and samples of it."""
        return 2 * right, predicted + occurred


def precision(
    input: Any,
    target: Any,
    average: str | None = "binary",
    zero_division: float = 0.0,
    threshold: float = 0.5,
    ignore_index: int | None = None,
) -> Any:
    """Of the predictions of a class the share that is right.

    Parameters
    ----------
    input, target : Tensor or array_like
        Scores or classes, and the actual classes; see :mod:`nn.metrics`.
    average
        ``"binary"``: of class 1 of two classes. ``"macro"``: the mean over the classes that occur among targets or
        predictions. ``"weighted"``: likewise, each weighted by how often it occurs among targets. ``"micro"``: of all
        classes' counts together. None: an array with one value for each class.
    zero_division
        The value where the ratio is 0/0; with nan, means leave such classes out.
    threshold
        Where there is one score for each sample: above it class 1 is predicted; 0.0 for logits.
    ignore_index
        A target that marks samples to leave out.

    Returns
    -------
    float, or ndarray with ``average=None``
        The value, or that of each class.

    Raises
    ------
    TypeError, ValueError
        If input and target do not fit, or ``average`` is not known or does not fit the classes.

    Examples
    --------
    >>> precision([1, 1, 0], [1, 0, 1])
    0.5
    >>> precision([0, 2, 2], [0, 1, 2], average=None)
    array([1. , 0. , 0.5])
    """
    return at_once(Precision(average, zero_division, threshold, ignore_index), input, target)


def recall(
    input: Any,
    target: Any,
    average: str | None = "binary",
    zero_division: float = 0.0,
    threshold: float = 0.5,
    ignore_index: int | None = None,
) -> Any:
    """Of the samples of a class the share that is found.

    Parameters
    ----------
    input, target : Tensor or array_like
        Scores or classes, and the actual classes; see :mod:`nn.metrics`.
    average, zero_division, threshold, ignore_index
        See :func:`precision`.

    Returns
    -------
    float, or ndarray with ``average=None``
        The value, or that of each class.

    Raises
    ------
    TypeError, ValueError
        If input and target do not fit, or ``average`` is not known or does not fit the classes.

    Examples
    --------
    >>> recall([1, 0, 0], [1, 1, 0])
    0.5
    """
    return at_once(Recall(average, zero_division, threshold, ignore_index), input, target)


def f1(
    input: Any,
    target: Any,
    average: str | None = "binary",
    zero_division: float = 0.0,
    threshold: float = 0.5,
    ignore_index: int | None = None,
) -> Any:
    """The harmonic mean of precision and recall.

    Parameters
    ----------
    input, target : Tensor or array_like
        Scores or classes, and the actual classes; see :mod:`nn.metrics`.
    average, zero_division, threshold, ignore_index
        See :func:`precision`.

    Returns
    -------
    float, or ndarray with ``average=None``
        The value, or that of each class.

    Raises
    ------
    TypeError, ValueError
        If input and target do not fit, or ``average`` is not known or does not fit the classes.

    Examples
    --------
    >>> f1([2, 1, 0], [2, 1, 1], average="micro")
    0.6666666666666666
    """
    return at_once(F1(average, zero_division, threshold, ignore_index), input, target)
