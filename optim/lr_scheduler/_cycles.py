"""Schedules that set the rate (and the momentum with it) along cycles, whatever it was before."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from optim._optimizer import Group, Optimizer
from optim.lr_scheduler._base import LRScheduler, check_optimizer, per_group, require

__all__ = ["CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR"]


class CosineAnnealingWarmRestarts(LRScheduler):
    r"""Let the rate fall as a cosine, again and again.

    It is :math:`\eta_\min + (\eta_0 - \eta_\min) \tfrac12 (1 + \cos(\pi t_i / T_i))` in a cycle of :math:`T_i` steps,
    of which :math:`t_i` have passed.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    T_0 : int
        The length :math:`T_1` of the first cycle.
    T_mult : int
        By which each cycle is longer than the one before.
    eta_min : float
        :math:`\eta_\min`.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Notes
    -----
    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=1.0)
    >>> schedule = optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += schedule.get_last_lr()
    ...     schedule.step()
    >>> rates
    [1.0, 0.5, 1.0, 0.5]
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_0 = require(self, "T_0", "a positive integer", T_0, lambda n: n >= 1 and n == int(n))
        self.T_mult = require(self, "T_mult", "a positive integer", T_mult, lambda n: n >= 1 and n == int(n))
        self.eta_min = eta_min
        self.T_cur: float = 0
        self.T_i = T_0
        super().__init__(optimizer, last_epoch)
        self._locate(self.last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at step ``last_epoch``."""
        self._locate(self.last_epoch)
        return self._rates()

    def step(self, epoch: float | None = None) -> None:
        """Go on by one step and set the rates.

        Parameters
        ----------
        epoch : float, optional
            Go there instead; it may be a fraction, such as ``epoch + batch / batches``.

        Raises
        ------
        ValueError
            If it is negative.
        """
        if epoch is None:
            super().step()
            return
        self._locate(require(self, "epoch", "at least 0", epoch, lambda t: t >= 0))
        self.last_epoch = math.floor(epoch)
        self._set(self._rates())

    def _rates(self) -> list[float]:
        share = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]

    def _locate(self, t: float) -> None:
        """Find the cycle that a step is in."""
        self.T_i = self.T_0
        if self.T_mult == 1:
            self.T_cur = t % self.T_0
            return
        self.T_cur = t
        while self.T_cur >= self.T_i:
            self.T_cur -= self.T_i
            self.T_i *= self.T_mult


class _WithMomentum(LRScheduler):
    """A schedule that can move the momentum, or Adam's first beta, against the rate."""

    cycle_momentum: bool

    def _check_momentum(self) -> None:
        known = self.optimizer.defaults.keys()
        if self.cycle_momentum and not known & {"momentum", "betas"}:
            raise ValueError(
                f"{self._name}: {type(self.optimizer).__name__} has neither momentum nor betas; pass "
                f"cycle_momentum=False"
            )

    def _set_momenta(self, momenta: Sequence[float]) -> None:
        for group, momentum in zip(self._groups, momenta, strict=True):
            _set_momentum(group, momentum)


def _set_momentum(group: Group, momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


class OneCycleLR(_WithMomentum):
    """Let the rate rise once to a maximum and fall to almost nothing, with momentum the other way round.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    max_lr : float, or list of float
        The largest rate, or one for each group.
    total_steps : int, optional
        The length of the cycle; by default ``epochs * steps_per_epoch``.
    epochs, steps_per_epoch : int, optional
        Its length, if that is not given.
    pct_start : float
        The share of steps in which the rate rises.
    anneal_strategy : {"cos", "linear"}
        The shape of its rise and fall.
    cycle_momentum : bool
        Whether momentum (or the first of ``betas``) moves, too.
    base_momentum, max_momentum : float, or list of float
        Its smallest value, where the rate is largest, and its largest.
    div_factor : float
        The largest rate divided by the initial one.
    final_div_factor : float
        The initial rate divided by the last one.
    three_phase : bool
        Whether the rate falls as it rose, and only then below its initial value.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`; by ``step``, if there are no more steps.

    Notes
    -----
    Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates" (2019); two
    phases and cosines are from fastai.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=1.0, momentum=0.9)
    >>> schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> for _ in range(2):
    ...     schedule.step()
    >>> schedule.get_last_lr(), optimizer.param_groups[0]["momentum"]
    ([1.0], 0.85)
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = check_optimizer(self, optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        self.total_steps = require(self, "total_steps", "a positive integer", total_steps, lambda n: n >= 1)
        self.pct_start = require(self, "pct_start", "from 0 to 1", pct_start, lambda share: 0 <= share <= 1)
        self.anneal_strategy = require(
            self, "anneal_strategy", "'cos' or 'linear'", anneal_strategy, lambda name: name in ("cos", "linear")
        )
        self.three_phase = three_phase
        self.cycle_momentum = cycle_momentum
        self._check_momentum()
        self.max_lrs = per_group(self, "max_lr", max_lr, self._groups)
        positive = "div_factor and final_div_factor", "positive"
        require(self, *positive, (div_factor, final_div_factor), lambda factors: min(factors) > 0)
        initial = [largest / div_factor for largest in self.max_lrs]
        self.min_lrs = [rate / final_div_factor for rate in initial]
        self.base_momentums = per_group(self, "base_momentum", base_momentum, self._groups)
        self.max_momentums = per_group(self, "max_momentum", max_momentum, self._groups)
        if last_epoch == -1:
            for group, rate in zip(self._groups, initial, strict=True):
                group["initial_lr"] = rate
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at step ``last_epoch``; sets the momenta."""
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(f"OneCycleLR: step {t} of a cycle of {self.total_steps}; give it more total_steps")
        low, high, last = self.base_lrs, self.max_lrs, self.min_lrs
        slow, fast = self.max_momentums, self.base_momentums
        turn = self.pct_start * self.total_steps - 1
        phases = [(turn, low, high, slow, fast), (self.total_steps - 1, high, last, fast, slow)]
        if self.three_phase:
            phases[1:] = [
                (2 * turn, high, low, fast, slow),
                (self.total_steps - 1, low, last, slow, slow),
            ]
        start: float = 0
        while t > phases[0][0] and len(phases) > 1:
            start = phases.pop(0)[0]
        end, lr_from, lr_to, momentum_from, momentum_to = phases[0]
        share = (t - start) / (end - start) if end > start else 1.0  # a phase may have no length
        if self.cycle_momentum:
            self._set_momenta([self._between(a, b, share) for a, b in zip(momentum_from, momentum_to, strict=True)])
        return [self._between(a, b, share) for a, b in zip(lr_from, lr_to, strict=True)]

    def _between(self, start: float, end: float, share: float) -> float:
        if self.anneal_strategy == "linear":
            return start + (end - start) * share
        return end + (start - end) / 2 * (1 + math.cos(math.pi * share))


class CyclicLR(_WithMomentum):
    r"""Let the rate rise and fall between two bounds.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    base_lr, max_lr : float, or list of float
        The bounds, or those of each group.
    step_size_up, step_size_down : int
        How many steps it rises and falls; by default as many.
    mode : {"triangular", "triangular2", "exp_range"}
        Whether the height of all cycles is the same, halves with each, or falls as ``gamma ** t``.
    gamma : float
        For ``"exp_range"``.
    scale_fn : callable, optional
        A function for the height, in place of ``mode``.
    scale_mode : {"cycle", "iterations"}
        Whether ``scale_fn`` is given the number of the cycle, from 1, or of the step.
    cycle_momentum : bool
        Whether momentum (or the first of ``betas``) moves against the rate.
    base_momentum, max_momentum : float, or list of float
        Its bounds.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Notes
    -----
    Smith, "Cyclical learning rates for training neural networks" (2017).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> optimizer = optim.SGD([Tensor(1.0)], lr=1.0, momentum=0.9)
    >>> schedule = optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.0, max_lr=1.0, step_size_up=2)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates += schedule.get_last_lr()
    ...     schedule.step()
    >>> rates
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    _unsaved = ("optimizer", "scale_fn")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = check_optimizer(self, optimizer)
        lowest = per_group(self, "base_lr", base_lr, self._groups)
        self.max_lrs = per_group(self, "max_lr", max_lr, self._groups)
        up = require(self, "step_size_up", "at least 1", step_size_up, lambda n: n >= 1)
        down = up if step_size_down is None else step_size_down
        self.total_size = up + require(self, "step_size_down", "at least 1", down, lambda n: n >= 1)
        self.step_ratio = up / self.total_size
        modes = ("triangular", "triangular2", "exp_range")
        self.mode = mode if scale_fn else require(self, "mode", " or ".join(modes), mode, lambda name: name in modes)
        self.gamma = gamma
        self.scale_fn = scale_fn
        self.scale_mode = require(
            self, "scale_mode", "'cycle' or 'iterations'", scale_mode, lambda name: name in ("cycle", "iterations")
        )
        self.cycle_momentum = cycle_momentum
        self._check_momentum()
        self.base_momentums = per_group(self, "base_momentum", base_momentum, self._groups)
        self.max_momentums = per_group(self, "max_momentum", max_momentum, self._groups)
        if last_epoch == -1:
            for group, rate in zip(self._groups, lowest, strict=True):
                group["initial_lr"] = rate
        super().__init__(optimizer, last_epoch)
        self.base_lrs = lowest

    def get_lr(self) -> list[float]:
        """The rates at step ``last_epoch``; sets the momenta."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        height *= self._scale(cycle)
        if self.cycle_momentum:
            self._set_momenta(
                [
                    most - (most - least) * height
                    for least, most in zip(self.base_momentums, self.max_momentums, strict=True)
                ]
            )
        return [low + (high - low) * height for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]

    def _scale(self, cycle: int) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular":
            return 1.0
        return 1 / 2 ** (cycle - 1) if self.mode == "triangular2" else self.gamma**self.last_epoch
