"""What callbacks see of a training, and the error that ends one that diverges."""

from __future__ import annotations

from typing import Any

from nn._module import Module
from nn._training._history import History

__all__ = ["Diverged", "DivergedError", "Training"]


class Diverged(Exception):  # noqa: N818
    """A loss or gradient is not finite, in one of the batches being worked on; :func:`nn.fit` adds where that is."""

    def __init__(self, message: str, batch: int, data: Any) -> None:
        super().__init__(message)
        self.batch = batch
        self.data = data


class DivergedError(FloatingPointError):
    """The loss or the gradient of a training became nan or infinite.

    Attributes
    ----------
    history : History
        Of the epochs before.
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class Training:
    """A training under way, as callbacks see it.

    Attributes
    ----------
    model, optimizer
        What is being trained, and by what.
    history : History
        Of the epochs finished so far, including the one that ``on_epoch_end`` is called for.
    epoch, batch : int
        Where the training is, both counted from 1.
    loss : float
        Of the batch just done.
    stopped : str
        Why the training is to end; empty while it goes on.
    """

    def __init__(self, model: Module, optimizer: Any, history: History) -> None:
        self.model = model
        self.optimizer = optimizer
        self.history = history
        self.epoch = 0
        self.batch = 0
        self.loss = float("nan")
        self.stopped = ""

    def stop(self, reason: str = "stopped by a callback") -> None:
        """End the training after this batch, or after this epoch if it is at its end."""
        self.stopped = reason
