"""Adamax: Adam with the largest gradient in place of the root mean square."""

from __future__ import annotations

from typing import Any

from autograd import absolute, maximum
from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import decayed, same_every_step

__all__ = ["Adamax"]


class Adamax(Optimizer):
    r"""Adamax: steps along a running mean of the gradient, scaled by the largest gradient, which fades.

    With gradient :math:`g`, learning rate :math:`\eta` and weight decay :math:`\lambda`, step :math:`t` is

    .. math::

        g \gets g + \lambda\theta, \qquad
        m \gets \beta_1 m + (1 - \beta_1) g, \qquad
        u \gets \max(\beta_2 u, |g| + \epsilon), \qquad
        \theta \gets \theta - \frac{\eta}{1 - \beta_1^t} \, \frac{m}{u}.

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`.
    lr : float
        Learning rate :math:`\eta`.
    betas : tuple of float
        Decay rates :math:`\beta_1, \beta_2`, each from 0 to below 1.
    eps : float
        :math:`\epsilon`.
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
    Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 2.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor(1.0)
    >>> optimizer = optim.Adamax([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 6)
    0.9
    """

    state_names = ("step", "exp_avg", "exp_inf")
    number_names = ("step",)
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "eps", "weight_decay")
        self.require_betas(group)
        self.require_flags(group, "maximize")

    @staticmethod
    @same_every_step
    def update(
        parameter: Value,
        gradient: Value,
        state: State,
        /,
        *,
        lr: Any = 2e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: Any = 1e-8,
        weight_decay: Any = 0,
        maximize: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds t, m and u."""
        beta1, beta2 = betas
        t = state.get("step", 0) + 1
        parameter, gradient = decayed(parameter, gradient, weight_decay, maximize=maximize)
        m = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        u = maximum(beta2 * state.get("exp_inf", 0.0), absolute(gradient) + eps)
        return parameter - (lr / (1 - beta1**t)) * (m / u), {"step": t, "exp_avg": m, "exp_inf": u}
