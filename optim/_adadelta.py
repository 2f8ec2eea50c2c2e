"""Adadelta: steps of the size of those before, in units of the parameter."""

from __future__ import annotations

from typing import Any

from autograd import sqrt
from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import decayed, same_every_step

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    r"""Adadelta: the gradient times the ratio of two roots of running means, of squared steps and squared gradients.

    With gradient :math:`g`, decay rate :math:`\rho`, learning rate :math:`\eta` and weight decay :math:`\lambda`, each
    step is

    .. math::

        g \gets g + \lambda\theta, \qquad
        v \gets \rho v + (1 - \rho) g^2, \qquad
        \delta = \sqrt{\frac{u + \epsilon}{v + \epsilon}} \, g, \qquad
        u \gets \rho u + (1 - \rho) \delta^2, \qquad
        \theta \gets \theta - \eta \delta.

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`.
    lr : float
        :math:`\eta`.
    rho : float
        :math:`\rho`, from 0 to 1.
    eps : float
        :math:`\epsilon`, which sets the size of the first steps.
    weight_decay : float
        :math:`\lambda`.
    maximize : bool
        Whether to climb instead.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is out of range.

    Notes
    -----
    Zeiler, "ADADELTA: an adaptive learning rate method" (2012).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor(1.0)
    >>> optimizer = optim.Adadelta([x], eps=1e-2)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    0.688
    """

    state_names = ("step", "square_avg", "acc_delta")
    number_names = ("step",)
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "eps", "weight_decay")
        self.require(group, "rho", "from 0 to 1", lambda rho: 0 <= rho <= 1)
        self.require_flags(group, "maximize")

    @staticmethod
    @same_every_step
    def update(
        parameter: Value,
        gradient: Value,
        state: State,
        /,
        *,
        lr: Any = 1.0,
        rho: Any = 0.9,
        eps: Any = 1e-6,
        weight_decay: Any = 0,
        maximize: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds t, v and u."""
        parameter, gradient = decayed(parameter, gradient, weight_decay, maximize=maximize)
        v = rho * state.get("square_avg", 0.0) + (1 - rho) * (gradient * gradient)
        u = state.get("acc_delta", 0.0)
        delta = sqrt(u + eps) / sqrt(v + eps) * gradient
        u = rho * u + (1 - rho) * (delta * delta)
        return parameter - lr * delta, {"step": state.get("step", 0) + 1, "square_avg": v, "acc_delta": u}
