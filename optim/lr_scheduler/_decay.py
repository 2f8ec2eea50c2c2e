"""Schedules that multiply the rate by a factor of the count of steps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from optim._optimizer import Optimizer
from optim.lr_scheduler._base import LRScheduler, require

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "ExponentialLR",
    "LinearLR",
    "MultiStepLR",
    "PolynomialLR",
    "StepLR",
]


class _Factor(LRScheduler):
    """A rate of ``floor + (initial - floor) * multiple(t)``.

    A step multiplies by the ratio of two factors, so that several schedules, and changes by hand, work together.
    """

    def floor(self) -> float:
        """What the rate falls towards."""
        return 0.0

    def multiple(self, t: int) -> float:
        """The factor at step t."""
        raise NotImplementedError

    def first_lr(self) -> list[float]:
        return self._moved(1.0, self.multiple(0))

    def get_lr(self) -> list[float]:
        return self._moved(self.multiple(self.last_epoch - 1), self.multiple(self.last_epoch))

    def _moved(self, before: float, now: float) -> list[float]:
        rates = [group["lr"] for group in self._groups]
        if now == before:
            return rates
        floor = self.floor()
        if before == 0:  # no ratio leads away from 0
            return [rate + (base - floor) * now for rate, base in zip(rates, self.base_lrs, strict=True)]
        return [floor + (rate - floor) * (now / before) for rate in rates]


class StepLR(_Factor):
    """Multiply the rate by ``gamma`` every ``step_size`` steps.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    step_size : int
        Steps between two changes.
    gamma : float
        The factor.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.StepLR(optim.SGD([Tensor(1.0)], lr=1.0), step_size=2, gamma=0.5)
    >>> for _ in range(4):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size = require(self, "step_size", "at least 1", step_size, lambda n: n >= 1)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def multiple(self, t: int) -> float:
        return float(self.gamma ** (t // self.step_size))


class MultiStepLR(_Factor):
    """Multiply the rate by ``gamma`` at each of some steps.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    milestones : iterable of int
        The steps; one that occurs twice counts twice.
    gamma : float
        The factor.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.MultiStepLR(optim.SGD([Tensor(1.0)], lr=1.0), [1, 3], gamma=0.5)
    >>> for _ in range(3):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def multiple(self, t: int) -> float:
        return float(self.gamma ** sum(milestone <= t for milestone in self.milestones))

    def load_state_dict(self, state_dict: Any) -> None:
        """Take over a state; PyTorch's milestones are a count of each."""
        milestones = state_dict.get("milestones", ())
        if isinstance(milestones, dict):
            milestones = sorted(m for m, count in milestones.items() for _ in range(count))
            state_dict = {**state_dict, "milestones": milestones}
        super().load_state_dict(state_dict)


class ExponentialLR(_Factor):
    r"""Multiply the rate by ``gamma`` at every step: :math:`\eta_0 \gamma^t`.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    gamma : float
        The factor; ``c ** (1 / T)`` for one of ``c`` in ``T`` steps.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.ExponentialLR(optim.SGD([Tensor(1.0)], lr=1.0), gamma=0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def multiple(self, t: int) -> float:
        return float(self.gamma**t)

    def get_lr(self) -> list[float]:
        return [group["lr"] * self.gamma for group in self._groups]


class PolynomialLR(_Factor):
    r"""Let the rate fall to 0 as a power: :math:`\eta_0 (1 - t/T)^p` up to step :math:`T`.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    total_iters : int
        :math:`T`.
    power : float
        :math:`p`.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.PolynomialLR(optim.SGD([Tensor(1.0)], lr=1.0), total_iters=4, power=2)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5625]
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = require(self, "total_iters", "at least 1", total_iters, lambda n: n >= 1)
        self.power = power
        super().__init__(optimizer, last_epoch)

    def multiple(self, t: int) -> float:
        return float((1 - min(t, self.total_iters) / self.total_iters) ** self.power)


class ConstantLR(_Factor):
    """Multiply the rate by ``factor`` until step ``total_iters``.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    factor : float
        Above 0, at most 1.
    total_iters : int
        The step at which the rate is itself again.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.ConstantLR(optim.SGD([Tensor(1.0)], lr=1.0), factor=0.5, total_iters=2)
    >>> schedule.get_last_lr()
    [0.5]
    >>> schedule.step(), schedule.step()
    (None, None)
    >>> schedule.get_last_lr()
    [1.0]
    """

    def __init__(
        self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        self.factor = require(self, "factor", "above 0 and at most 1", factor, lambda f: 0 < f <= 1)
        self.total_iters = require(self, "total_iters", "at least 0", total_iters, lambda n: n >= 0)
        super().__init__(optimizer, last_epoch)

    def multiple(self, t: int) -> float:
        return float(self.factor if t < self.total_iters else 1.0)


class LinearLR(_Factor):
    """Let a factor of the rate go linearly from one value to another: warm-up.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    start_factor : float
        At step 0; above 0, at most 1.
    end_factor : float
        From step ``total_iters`` on; from 0 to 1.
    total_iters : int
        How many steps it takes.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.LinearLR(optim.SGD([Tensor(1.0)], lr=1.0), start_factor=0.25, total_iters=3)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        self.start_factor = require(self, "start_factor", "above 0 and at most 1", start_factor, lambda f: 0 < f <= 1)
        self.end_factor = require(self, "end_factor", "from 0 to 1", end_factor, lambda f: 0 <= f <= 1)
        self.total_iters = require(self, "total_iters", "at least 1", total_iters, lambda n: n >= 1)
        super().__init__(optimizer, last_epoch)

    def multiple(self, t: int) -> float:
        share = min(t, self.total_iters) / self.total_iters
        return float(self.start_factor + (self.end_factor - self.start_factor) * share)


class CosineAnnealingLR(_Factor):
    r"""Let the rate fall as a cosine: :math:`\eta_\min + (\eta_0 - \eta_\min) \tfrac12 (1 + \cos(\pi t / T))`.

    After step :math:`T` it rises again, and so on.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    T_max : int
        :math:`T`.
    eta_min : float
        :math:`\eta_\min`.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Notes
    -----
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), without the restarts.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.CosineAnnealingLR(optim.SGD([Tensor(1.0)], lr=1.0), T_max=2)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max = require(self, "T_max", "at least 1", T_max, lambda n: n >= 1)
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def floor(self) -> float:
        return self.eta_min

    def multiple(self, t: int) -> float:
        return (1 + math.cos(math.pi * t / self.T_max)) / 2
