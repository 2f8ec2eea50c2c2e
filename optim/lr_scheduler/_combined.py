"""Schedules made of schedules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from optim._optimizer import Optimizer
from optim.lr_scheduler._base import LRScheduler, check_optimizer
from optim.lr_scheduler._plateau import ReduceLROnPlateau

__all__ = ["ChainedScheduler", "SequentialLR"]


class _Combined(LRScheduler):
    _unsaved = ("optimizer", "schedulers")

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> None:
        if not schedulers:
            raise ValueError(f"{self._name} needs at least one schedule")
        self.optimizer = check_optimizer(self, schedulers[0].optimizer if optimizer is None else optimizer)
        for i, schedule in enumerate(schedulers):
            if isinstance(schedule, ReduceLROnPlateau):
                raise ValueError(
                    f"{self._name}: schedule {i} is ReduceLROnPlateau, whose step needs a measure; step it by itself"
                )
            if schedule.optimizer is not self.optimizer:
                raise ValueError(f"{self._name}: schedule {i} belongs to another optimiser")
        self.schedulers = list(schedulers)

    def state_dict(self) -> dict[str, Any]:
        """The state of all schedules (see :meth:`LRScheduler.state_dict`)."""
        return {**super().state_dict(), "_schedulers": [schedule.state_dict() for schedule in self.schedulers]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the state of all schedules (see :meth:`LRScheduler.load_state_dict`)."""
        states = state_dict["_schedulers"]
        if len(states) != len(self.schedulers):
            raise ValueError(
                f"load_state_dict of {self._name}: the state is of {len(states)} schedules, there are "
                f"{len(self.schedulers)}"
            )
        super().load_state_dict(state_dict)
        for schedule, state in zip(self.schedulers, states, strict=True):
            schedule.load_state_dict(state)


class SequentialLR(_Combined):
    """One schedule after another.

    Parameters
    ----------
    optimizer : Optimizer
        That of all the schedules.
    schedulers : list of LRScheduler
        The schedules; each starts from the groups' initial rates, but :class:`MultiplicativeLR` from those it finds.
    milestones : list of int
        The steps at which the second, third ... take over.

    Raises
    ------
    TypeError
        If ``optimizer`` is none.
    ValueError
        If there is no schedule, one belongs to another optimiser or needs a measure, or there is not one milestone less
        than schedules, in ascending order.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> from optim.lr_scheduler import ConstantLR, ExponentialLR, SequentialLR
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=1.0)
    >>> parts = [ConstantLR(optimizer, factor=0.25, total_iters=9), ExponentialLR(optimizer, gamma=0.5)]
    >>> schedule = SequentialLR(optimizer, parts, milestones=[2])
    >>> rates = schedule.get_last_lr()
    >>> for _ in range(4):
    ...     schedule.step()
    ...     rates = rates + schedule.get_last_lr()
    >>> rates
    [0.25, 0.25, 1.0, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]) -> None:
        super().__init__(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1 or list(milestones) != sorted(milestones):
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedules need {len(schedulers) - 1} milestones in ascending order, "
                f"got {list(milestones)}"
            )
        self.milestones = list(milestones)
        self.base_lrs = [float(group["initial_lr"]) for group in self._groups]
        self.begin()

    def begin(self) -> None:
        """Set the rates of step 0."""
        self.last_epoch = 0
        schedule = self.schedulers[bisect_right(self.milestones, 0)]
        self._set(self.base_lrs)
        schedule.begin()
        self._last_lr = schedule.get_last_lr()

    def step(self) -> None:
        """Go on by one step and set the rates."""
        self.last_epoch += 1
        i = bisect_right(self.milestones, self.last_epoch)
        schedule = self.schedulers[i]
        if i > 0 and self.milestones[i - 1] == self.last_epoch:
            schedule.restart()
        else:
            schedule.step()
        self._last_lr = schedule.get_last_lr()


class ChainedScheduler(_Combined):
    """Several schedules at once: each multiplies the rate by what it multiplies it by.

    Parameters
    ----------
    schedulers : sequence of LRScheduler
        The schedules. Those that do not multiply but set the rate (:class:`LambdaLR` and the cycles) undo those before.
    optimizer : Optimizer, optional
        That of all the schedules.

    Raises
    ------
    ValueError
        If there is no schedule, or one belongs to another optimiser or needs a measure.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> from optim.lr_scheduler import ChainedScheduler, ConstantLR, ExponentialLR
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=1.0)
    >>> parts = [ConstantLR(optimizer, factor=0.5, total_iters=2), ExponentialLR(optimizer, gamma=0.5)]
    >>> schedule = ChainedScheduler(parts)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        super().__init__(schedulers, optimizer)
        self.base_lrs = [float(group["initial_lr"]) for group in self._groups]
        self.last_epoch = 0
        self._last_lr = [group["lr"] for group in self._groups]

    def begin(self) -> None:
        """Set the rates of step 0."""
        self.last_epoch = 0
        for schedule in self.schedulers:
            schedule.begin()
        self._last_lr = [group["lr"] for group in self._groups]

    def step(self) -> None:
        """Go on by one step and set the rates."""
        self.last_epoch += 1
        for schedule in self.schedulers:
            schedule.step()
        self._last_lr = [group["lr"] for group in self._groups]
