"""Errors of predicted numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.metrics._inputs import pair
from nn.metrics._metric import Metric, at_once

__all__ = ["R2", "MeanAbsoluteError", "MeanSquaredError", "mean_absolute_error", "mean_squared_error", "r2"]


class _MeanError(Metric):
    """The mean of an error over all elements of all batches; a subclass says which error."""

    higher_is_better = False
    _name: str

    def reset(self) -> None:
        """Forget all batches."""
        self.total, self.elements = 0.0, 0

    def update(self, input: Any, target: Any) -> None:
        """Take a batch into account."""
        x, t = pair(input, target, self._name)
        self.total += float(self.error(x - t).sum())
        self.elements += x.size

    def error(self, difference: Any) -> Any:
        """The error of each element."""
        raise NotImplementedError

    def compute(self) -> float:
        """The mean over all elements so far; nan if there is none."""
        return self.total / self.elements if self.elements else float("nan")


class MeanSquaredError(_MeanError):
    """The mean squared difference of all elements, accumulated over batches.

    Examples
    --------
    >>> metric = MeanSquaredError()
    >>> metric.update([1.0, 2.0], [1.0, 4.0])
    >>> metric.compute()
    2.0
    """

    _name = "mean_squared_error"

    def error(self, difference: Any) -> Any:
        """The square of each difference."""
        return difference * difference


class MeanAbsoluteError(_MeanError):
    """The mean absolute difference of all elements, accumulated over batches.

    Examples
    --------
    >>> metric = MeanAbsoluteError()
    >>> metric.update([1.0, 2.0], [1.0, 4.0])
    >>> metric.compute()
    1.0
    """

    _name = "mean_absolute_error"

    def error(self, difference: Any) -> Any:
        """The size of each difference."""
        return abs(difference)


class R2(Metric):
    """The share of the targets' variance that is predicted, accumulated over batches; see :func:`r2`.

    Examples
    --------
    >>> metric = R2()
    >>> metric.update([1.0, 2.0], [1.0, 2.5])
    >>> metric.update([4.0], [4.0])
    >>> round(metric.compute(), 3)
    0.944
    """

    def reset(self) -> None:
        """Forget all batches."""
        self.samples = 0
        # For each output: the targets' mean, the squares of their distances from it, and those of the errors.
        self.mean: Any = 0.0
        self.spread: Any = 0.0
        self.errors: Any = 0.0

    def update(self, input: Any, target: Any) -> None:
        """Take a batch into account."""
        x, t = pair(input, target, "r2")
        if x.ndim == 0:
            raise ValueError("r2: a scalar has no samples; give arrays whose first axis counts samples")
        if not t.size:
            return
        x, t = x.reshape(len(x), -1), t.reshape(len(t), -1)
        self.errors = self.errors + ((x - t) ** 2).sum(axis=0)
        # Moments of two sets are joined without cancellation (Chan, Golub and LeVeque, 1979).
        mean, samples = t.mean(axis=0), self.samples + len(t)
        shift = mean - self.mean
        self.spread = self.spread + ((t - mean) ** 2).sum(axis=0) + shift**2 * (self.samples * len(t) / samples)
        self.mean = self.mean + shift * (len(t) / samples)
        self.samples = samples

    def compute(self) -> float:
        """The value for all batches since the last :meth:`reset`."""
        if self.samples < 2:
            return float("nan")
        varied = self.spread > 0
        share = 1 - self.errors / np.where(varied, self.spread, 1)
        perfect = np.where(self.errors == 0, 1.0, 0.0)
        return float(np.where(varied, share, perfect).mean())


def mean_squared_error(input: Any, target: Any) -> float:
    """The mean squared difference of all elements.

    Parameters
    ----------
    input, target : Tensor or array_like
        Of the same shape.

    Raises
    ------
    TypeError, ValueError
        If they are not, or not of real numbers.

    Examples
    --------
    >>> mean_squared_error([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    value: float = at_once(MeanSquaredError(), input, target)
    return value


def mean_absolute_error(input: Any, target: Any) -> float:
    """The mean absolute difference of all elements.

    Parameters
    ----------
    input, target : Tensor or array_like
        Of the same shape.

    Raises
    ------
    TypeError, ValueError
        If they are not, or not of real numbers.

    Examples
    --------
    >>> mean_absolute_error([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    value: float = at_once(MeanAbsoluteError(), input, target)
    return value


def r2(input: Any, target: Any) -> float:
    """The share of the targets' variance that is predicted, the coefficient of determination.

    Parameters
    ----------
    input, target : Tensor or array_like
        ``(N, ...)``, of the same shape.

    Returns
    -------
    float
        At most 1; 0 is what predicting the mean gives; the mean over outputs, where there are several. An output whose
        targets are all equal counts as 1 if predicted exactly, else as 0. nan of fewer than two samples.

    Raises
    ------
    TypeError, ValueError
        If the shapes differ, or the values are not real numbers.

    Examples
    --------
    >>> r2([1.0, 2.0, 4.0], [1.0, 2.0, 4.0])
    1.0
    """
    value: float = at_once(R2(), input, target)
    return value
