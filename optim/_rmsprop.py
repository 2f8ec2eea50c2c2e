"""RMSprop: the gradient in units of its own root mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import maximum
from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import active, decayed, root, same_every_step

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    r"""RMSprop: divides the gradient by the root of a running mean of its square, or of its variance.

    With gradient :math:`g`, decay rate :math:`\alpha`, learning rate :math:`\eta`, momentum :math:`\mu` and weight
    decay :math:`\lambda`, each step is

    .. math::

        g \gets g + \lambda\theta, \qquad
        v \gets \alpha v + (1 - \alpha) g^2, \qquad
        b \gets \mu b + \frac{g}{\sqrt{v} + \epsilon}, \qquad
        \theta \gets \theta - \eta b;

    centred, :math:`v - a^2` stands under the root, with :math:`a \gets \alpha a + (1 - \alpha) g`.

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`.
    lr, alpha : float
        :math:`\eta` and :math:`\alpha`.
    eps : float
        :math:`\epsilon`, which keeps the denominator from 0.
    weight_decay, momentum : float
        :math:`\lambda` and :math:`\mu`.
    centered : bool
        Whether to divide by an estimate of the standard deviation instead of the root mean square.
    maximize : bool
        Whether to climb instead.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is out of range.

    Notes
    -----
    Hinton, "Neural networks for machine learning", lecture 6 (2012); centred, Graves, "Generating sequences with
    recurrent neural networks" (2013). Where rounding makes :math:`v - a^2` negative it counts as 0.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor(1.0)
    >>> optimizer = optim.RMSprop([x], lr=0.1, alpha=0.75)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 3)
    0.8
    """

    state_names = ("step", "square_avg", "momentum_buffer", "grad_avg")
    number_names = ("step",)
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "eps", "weight_decay", "momentum")
        self.require(group, "alpha", "from 0 to 1", lambda alpha: 0 <= alpha <= 1)
        self.require_flags(group, "centered", "maximize")

    def needed_state(self, group: Group) -> Iterable[str]:
        """What the state of a parameter that was stepped holds."""
        yield from ("step", "square_avg")
        if group["momentum"]:
            yield "momentum_buffer"
        if group["centered"]:
            yield "grad_avg"

    @staticmethod
    @same_every_step
    def update(
        parameter: Value,
        gradient: Value,
        state: State,
        /,
        *,
        lr: Any = 1e-2,
        alpha: Any = 0.99,
        eps: Any = 1e-8,
        weight_decay: Any = 0,
        momentum: Any = 0,
        centered: bool = False,
        maximize: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds t, v, b and a."""
        parameter, gradient = decayed(parameter, gradient, weight_decay, maximize=maximize)
        v = alpha * state.get("square_avg", 0.0) + (1 - alpha) * (gradient * gradient)
        after = {"step": state.get("step", 0) + 1, "square_avg": v}
        if centered:
            a = after["grad_avg"] = alpha * state.get("grad_avg", 0.0) + (1 - alpha) * gradient
            v = maximum(v - a * a, 0.0)
        direction = gradient / (root(v) + eps)
        if active(momentum):
            direction = after["momentum_buffer"] = momentum * state.get("momentum_buffer", 0.0) + direction
        return parameter - lr * direction, after
