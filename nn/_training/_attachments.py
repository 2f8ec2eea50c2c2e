"""What people attach to a training: a schedule of the learning rate, and callbacks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from nn._training._state import Training

__all__ = ["Callback", "Schedule", "needs_argument", "takes_argument"]


class Schedule:
    """A learning-rate schedule, stepped when it is to be."""

    def __init__(self, scheduler: Any, every: str) -> None:
        if scheduler is not None and (isinstance(scheduler, type) or not callable(getattr(scheduler, "step", None))):
            raise TypeError(
                f"fit: scheduler must have a method step, such as optim.lr_scheduler.StepLR(optimizer, 10), got "
                f"{scheduler!r}"
            )
        self.scheduler = scheduler
        self.every = every
        self.wants_value = scheduler is not None and needs_argument(scheduler.step)
        if self.wants_value and every == "batch":
            raise ValueError(
                f"fit: {type(scheduler).__name__} compares epochs, so it cannot step after every batch; leave "
                f"schedule_every='epoch'"
            )

    def after_batch(self) -> None:
        """Step, if it is stepped after every update."""
        if self.scheduler is not None and self.every == "batch":
            self.scheduler.step()

    def after_epoch(self, watched: float) -> None:
        """Step, if it is stepped after every epoch."""
        if self.scheduler is None or self.every == "batch":
            return
        if self.wants_value:
            self.scheduler.step(watched)
        else:
            self.scheduler.step()


class Callback:
    """A callback's two methods, of which one may be missing."""

    def __init__(self, callback: Any) -> None:
        methods = [getattr(callback, name, None) for name in ("on_batch_end", "on_epoch_end")]
        if methods == [None, None]:
            if isinstance(callback, type) or not callable(callback):
                raise TypeError(
                    f"fit: a callback has a method on_batch_end or on_epoch_end, or is a function, got {callback!r}"
                )
            methods = [None, callback]
        self.on_batch_end, self.on_epoch_end = (method or _nothing for method in methods)


def _nothing(training: Training) -> None:
    """What a callback without a method does."""


def takes_argument(function: Callable[..., Any]) -> bool:
    """Whether a method can be called with an argument."""
    return bool(_positional(function))


def needs_argument(function: Callable[..., Any]) -> bool:
    """Whether a method cannot be called without arguments."""
    return any(p.default is inspect.Parameter.empty for p in _positional(function))


def _positional(function: Callable[..., Any]) -> list[inspect.Parameter]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in inspect.signature(function).parameters.values() if p.kind in kinds]
