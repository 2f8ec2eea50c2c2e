"""What all metrics share: values accumulated over batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from nn.metrics._inputs import plain

__all__ = ["Mean", "Metric", "OnAll"]


class Metric:
    """Base of all metrics; a subclass defines the three methods.

    Attributes
    ----------
    higher_is_better : bool
        Which of two values is the better one, for early stopping.

    Notes
    -----
    What a subclass accumulates should be numbers and arrays, or lists and dictionaries of such, in attributes: then
    :func:`nn.fit` can save an unfinished epoch.

    Examples
    --------
    >>> class LargestError(Metric):
    ...     higher_is_better = False
    ...
    ...     def reset(self):
    ...         self.largest = 0.0
    ...
    ...     def update(self, input, target):
    ...         self.largest = max(self.largest, float(abs(input - target).max()))
    ...
    ...     def compute(self):
    ...         return self.largest
    >>> import numpy as np
    >>> metric = LargestError()
    >>> metric.update(np.array([1.0, 2.0]), np.array([1.5, 2.0]))
    >>> metric.compute()
    0.5
    """

    higher_is_better: bool = True

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all batches."""
        raise NotImplementedError(f"{type(self).__name__} has no reset method; define reset(self)")

    def update(self, input: Any, target: Any) -> None:
        """Take a batch of predictions and targets into account."""
        raise NotImplementedError(f"{type(self).__name__} has no update method; define update(self, input, target)")

    def compute(self) -> Any:
        """The value for all batches since the last :meth:`reset`."""
        raise NotImplementedError(f"{type(self).__name__} has no compute method; define compute(self)")


class Mean(Metric):
    """The mean of numbers, each with a weight, such as of the mean losses of batches of several sizes.

    Examples
    --------
    >>> mean = Mean()
    >>> mean.update(1.0, 3)
    >>> mean.update(5.0, 1)
    >>> mean.compute()
    2.0
    """

    higher_is_better = False

    def reset(self) -> None:
        """Forget all numbers."""
        self.total, self.weight = 0.0, 0.0

    def update(self, input: Any, target: Any = 1) -> None:
        """Take a number with its weight into account."""
        self.total += float(input) * target
        self.weight += target

    def compute(self) -> float:
        """The mean of all numbers since the last :meth:`reset`; nan if there is none."""
        return self.total / self.weight if self.weight else float("nan")


class OnAll(Metric):
    """A function of predictions and targets as a metric: batches are kept, and it is called on all of them together.

    Parameters
    ----------
    function : callable
        Given arrays ``(input, target)``, returns the value.
    higher_is_better
        Which of two values is the better one.

    Examples
    --------
    >>> import numpy as np
    >>> metric = OnAll(lambda input, target: float(np.median(abs(input - target))), higher_is_better=False)
    >>> metric.update([1.0, 2.0], [1.0, 3.0])
    >>> metric.update([4.0], [1.0])
    >>> metric.compute()
    1.0
    """

    def __init__(self, function: Callable[[Any, Any], Any], higher_is_better: bool = True) -> None:
        self.function = function
        self.higher_is_better = higher_is_better
        super().__init__()

    def reset(self) -> None:
        """Forget all batches."""
        self._inputs: list[ndarray[Any, Any]] = []
        self._targets: list[ndarray[Any, Any]] = []

    def update(self, input: Any, target: Any) -> None:
        """Keep a batch."""
        # Copies, since whoever made the batch may use its memory for the next one.
        self._inputs.append(np.array(plain(input)))
        self._targets.append(np.array(plain(target)))

    def compute(self) -> Any:
        """The function's value for all batches since the last :meth:`reset`."""
        if not self._inputs:
            raise ValueError("there are no predictions to compute a metric of; update it first")
        return self.function(np.concatenate(self._inputs), np.concatenate(self._targets))


def at_once(metric: Metric, input: Any, target: Any) -> Any:
    """The value of a new metric for one batch."""
    metric.update(input, target)
    return metric.compute()
