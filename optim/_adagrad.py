"""Adagrad: a learning rate for each number, from all its gradients so far."""

from __future__ import annotations

from typing import Any

from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import decayed, root, same_every_step

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    r"""Adagrad: divides each number's gradient by the root of the sum of its squares so far.

    With gradient :math:`g`, learning rate :math:`\eta`, its decay :math:`\kappa` and weight decay :math:`\lambda`, step
    :math:`t` is

    .. math::

        g \gets g + \lambda\theta, \qquad
        s \gets s + g^2, \qquad
        \theta \gets \theta - \frac{\eta}{1 + (t - 1)\kappa} \, \frac{g}{\sqrt{s} + \epsilon}.

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`.
    lr, lr_decay, weight_decay : float
        :math:`\eta`, :math:`\kappa` and :math:`\lambda`.
    initial_accumulator_value : float
        Where :math:`s` starts.
    eps : float
        :math:`\epsilon`, which keeps the denominator from 0.
    maximize : bool
        Whether to climb instead.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is out of range.

    Notes
    -----
    Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization" (2011).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor([1.0, 100.0])
    >>> optimizer = optim.Adagrad([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> [round(value, 6) for value in x.tolist()]
    [0.9, 99.9]
    """

    state_names = ("step", "sum")
    number_names = ("step",)
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "lr_decay": lr_decay,
            "eps": eps,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "lr_decay", "eps", "weight_decay", "initial_accumulator_value")
        self.require_flags(group, "maximize")

    @staticmethod
    @same_every_step
    def update(
        parameter: Value,
        gradient: Value,
        state: State,
        /,
        *,
        lr: Any = 1e-2,
        lr_decay: Any = 0,
        weight_decay: Any = 0,
        initial_accumulator_value: Any = 0,
        eps: Any = 1e-10,
        maximize: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds t and the sum of squares."""
        t = state.get("step", 0) + 1
        parameter, gradient = decayed(parameter, gradient, weight_decay, maximize=maximize)
        squares = state.get("sum", initial_accumulator_value) + gradient * gradient
        parameter = parameter - (lr / (1 + (t - 1) * lr_decay)) * (gradient / (root(squares) + eps))
        return parameter, {"step": t, "sum": squares}
