"""Lion: steps of one size, in the direction of a sign."""

from __future__ import annotations

from typing import Any

from autograd.ops.elementwise import sign
from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import decayed, same_every_step

__all__ = ["Lion"]


class Lion(Optimizer):
    r"""Lion: steps by the sign of a mean of the gradient and its running mean, with decoupled weight decay.

    With gradient :math:`g`, learning rate :math:`\eta` and weight decay :math:`\lambda`, each step is

    .. math::

        \theta \gets \theta - \eta \, (\operatorname{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda\theta), \qquad
        m \gets \beta_2 m + (1 - \beta_2) g.

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`.
    lr : float
        Learning rate :math:`\eta`: every number moves by this much. A tenth of Adam's is usual.
    betas : tuple of float
        :math:`\beta_1, \beta_2`, each from 0 to below 1.
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
    Chen et al., "Symbolic discovery of optimization algorithms" (2023), program 1. A sign has the derivative 0, so a
    recorded step depends on the gradient only through :math:`m`, and not differentiably.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor([1.0, -20.0])
    >>> optimizer = optim.Lion([x], lr=0.25)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x.tolist()
    [0.75, -19.75]
    """

    state_names = ("exp_avg",)
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize})

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "weight_decay")
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
        lr: Any = 1e-4,
        betas: tuple[Any, Any] = (0.9, 0.99),
        weight_decay: Any = 0,
        maximize: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds m."""
        beta1, beta2 = betas
        parameter, gradient = decayed(parameter, gradient, weight_decay, maximize=maximize, lr=lr)
        m = state.get("exp_avg", 0.0)
        parameter = parameter - lr * sign(beta1 * m + (1 - beta1) * gradient)
        return parameter, {"exp_avg": beta2 * m + (1 - beta2) * gradient}
