"""A schedule that follows a measure of success."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, SupportsFloat

from optim._optimizer import Optimizer
from optim.lr_scheduler._base import LRScheduler, check_optimizer, per_group, require

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """Multiply the rate by ``factor`` when a measure has not improved for some time.

    Parameters
    ----------
    optimizer : Optimizer
        Whose groups' ``"lr"`` is set.
    mode : {"min", "max"}
        Whether a smaller measure is better, or a larger one.
    factor : float
        From 0 to below 1.
    patience : int
        How many steps in a row without improvement are let pass.
    threshold : float
        By how much a measure must be better than the best so far to count.
    threshold_mode : {"rel", "abs"}
        Whether that is a fraction of the best, or a difference.
    cooldown : int
        How many steps after a reduction do not count.
    min_lr : float, or list of float
        Below which the rate does not fall; or one for each group.
    eps : float
        A smaller reduction is not made.

    Raises
    ------
    TypeError
        If ``optimizer`` is none.
    ValueError
        If a setting is out of range.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.ReduceLROnPlateau(optim.SGD([Tensor(1.0)], lr=1.0), patience=1)
    >>> for loss in (0.5, 0.4, 0.4, 0.4):
    ...     schedule.step(loss)
    >>> schedule.get_last_lr()
    [0.1]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        self.optimizer = check_optimizer(self, optimizer)
        self.mode = require(self, "mode", "'min' or 'max'", mode, lambda m: m in ("min", "max"))
        self.factor = require(self, "factor", "from 0 to below 1", factor, lambda f: 0 <= f < 1)
        self.patience = require(self, "patience", "at least 0", patience, lambda n: n >= 0)
        self.threshold = threshold
        self.threshold_mode = require(
            self, "threshold_mode", "'rel' or 'abs'", threshold_mode, lambda m: m in ("rel", "abs")
        )
        self.cooldown = cooldown
        self.min_lrs = per_group(self, "min_lr", min_lr, self._groups)
        self.eps = eps
        self.begin()

    def begin(self) -> None:
        """Forget all measures."""
        self.best = math.inf if self.mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = self.last_epoch = 0
        self._last_lr = [group["lr"] for group in self._groups]

    def step(self, metrics: SupportsFloat) -> None:  # type: ignore[override]
        """Go on by one step, given its measure.

        Parameters
        ----------
        metrics : float
            The measure: a number or a tensor of one element. Not-a-number is never an improvement.
        """
        measure = float(metrics)
        self.last_epoch += 1
        if self._is_better(measure):
            self.best = measure
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates: list[Any] = [group["lr"] for group in self._groups]
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
            lower = [max(rate * self.factor, least) for rate, least in zip(rates, self.min_lrs, strict=True)]
            rates = [new if rate - new > self.eps else rate for rate, new in zip(rates, lower, strict=True)]
        self._set(rates)

    def _is_better(self, measure: float) -> bool:
        sign = -1 if self.mode == "min" else 1
        if math.isinf(self.best):
            return measure * sign > self.best * sign
        margin = self.threshold * self.best if self.threshold_mode == "rel" else self.threshold
        return measure > self.best + margin if self.mode == "max" else measure < self.best - margin
