"""Schedules given as functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from optim._optimizer import Optimizer
from optim.lr_scheduler._base import LRScheduler, per_group

__all__ = ["LambdaLR", "MultiplicativeLR"]

Function = Callable[[int], float]


class LambdaLR(LRScheduler):
    r"""Multiply the initial rate by a function of the step: :math:`\eta_0 f(t)`.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    lr_lambda : callable, or list of callable
        :math:`f`, or one for each group.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.LambdaLR(optim.SGD([Tensor(1.0)], lr=1.0), lambda t: 1 / (1 + t))
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    _unsaved = ("optimizer", "lr_lambdas")

    def __init__(self, optimizer: Optimizer, lr_lambda: Function | Sequence[Function], last_epoch: int = -1) -> None:
        self.lr_lambdas: list[Function] = per_group(self, "lr_lambda", lr_lambda, optimizer.param_groups)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates at step ``last_epoch``."""
        return [base * function(self.last_epoch) for base, function in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(LambdaLR):
    r"""Multiply the rate at every step by a function of it: :math:`\eta_t = \eta_{t-1} f(t)`.

    Parameters
    ----------
    optimizer, last_epoch
        See :class:`LRScheduler`.
    lr_lambda : callable, or list of callable
        :math:`f`, or one for each group.

    Raises
    ------
    TypeError, ValueError
        See :class:`LRScheduler`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> schedule = optim.lr_scheduler.MultiplicativeLR(optim.SGD([Tensor(1.0)], lr=1.0), lambda t: 0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def first_lr(self) -> list[float]:
        """The rates as they are."""
        return [group["lr"] for group in self._groups]

    def restart(self) -> None:
        """Go on from the rates as they are, since there is no initial one in the formula, and multiply them."""
        self.last_epoch = 0
        self._set(self.get_lr())

    def get_lr(self) -> list[float]:
        """The rates at step ``last_epoch``."""
        return [
            group["lr"] * function(self.last_epoch)
            for group, function in zip(self._groups, self.lr_lambdas, strict=True)
        ]
