"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import active, decayed, same_every_step

__all__ = ["SGD"]


class SGD(Optimizer):
    r"""Stochastic gradient descent, with momentum, weight decay and Nesterov's look-ahead.

    With gradient :math:`g`, learning rate :math:`\eta`, momentum :math:`\mu`, dampening :math:`\tau` and weight decay
    :math:`\lambda`, each step is

    .. math:: g \gets g + \lambda\theta, \qquad v \gets \mu v + (1 - \tau) g, \qquad \theta \gets \theta - \eta v,

    where :math:`v` is :math:`g` itself at the first step, and with Nesterov momentum the last is
    :math:`\theta \gets \theta - \eta (g + \mu v)`.

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`.
    lr : float
        Learning rate :math:`\eta`.
    momentum, dampening, weight_decay : float
        :math:`\mu`, :math:`\tau` and :math:`\lambda`.
    nesterov : bool
        Whether to use Nesterov momentum.
    maximize : bool
        Whether to climb instead.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is negative, or ``nesterov`` is set without momentum or with dampening.

    Notes
    -----
    Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), in PyTorch's form, in
    which the learning rate is applied to the velocity rather than to the gradient.

    Momentum as a running mean, :math:`m \gets \beta m + (1 - \beta) g`, is ``momentum=beta, dampening=beta`` (the mean
    then starts at the first gradient instead of at 0).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor(1.0)
    >>> optimizer = optim.SGD([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.item()
    0.8
    """

    state_names = ("momentum_buffer",)
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "momentum", "weight_decay")
        self.require(group, "dampening", "a finite number", lambda dampening: dampening - dampening == 0)
        self.require_flags(group, "nesterov", "maximize")
        if group["nesterov"]:
            self.require(group, "momentum", "positive for nesterov=True", lambda momentum: momentum > 0)
            self.require(group, "dampening", "0 for nesterov=True", lambda dampening: dampening == 0)

    def needed_state(self, group: Group) -> Iterable[str]:
        """What the state of a parameter that was stepped holds."""
        return ("momentum_buffer",) if group["momentum"] else ()

    @staticmethod
    @same_every_step
    def update(
        parameter: Value,
        gradient: Value,
        state: State,
        /,
        *,
        lr: Any = 1e-3,
        momentum: Any = 0,
        dampening: Any = 0,
        weight_decay: Any = 0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds the velocity."""
        parameter, gradient = decayed(parameter, gradient, weight_decay, maximize=maximize)
        if not active(momentum):
            return parameter - lr * gradient, state
        if "momentum_buffer" in state:
            added = (1 - dampening) * gradient if active(dampening) else gradient
            velocity = momentum * state["momentum_buffer"] + added  # μ v + (1 - τ) g
        else:
            velocity = +gradient  # an array of its own: the user may write to the gradient's
        direction = gradient + momentum * velocity if nesterov else velocity
        return parameter - lr * direction, {"momentum_buffer": velocity}
