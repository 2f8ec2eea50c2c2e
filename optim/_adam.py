"""Adam: adaptive moment estimation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import Tensor, sqrt
from optim._optimizer import Group, Optimizer, State, Value, require

__all__ = ["Adam"]


class Adam(Optimizer):
    r"""Adam: steps along a running mean of the gradient, scaled by a running mean of its square.

    With gradient :math:`g`, learning rate :math:`\eta` and weight decay :math:`\lambda`, step :math:`t` is

    .. math::

        g \gets g + \lambda\theta, \qquad
        m \gets \beta_1 m + (1 - \beta_1) g, \qquad
        v \gets \beta_2 v + (1 - \beta_2) g^2, \qquad
        \theta \gets \theta - \eta \, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See :class:`Optimizer`.
    lr : float
        Learning rate :math:`\eta`.
    betas : tuple of float
        Decay rates :math:`\beta_1, \beta_2` of the running means, each from 0 to below 1.
    eps : float
        :math:`\epsilon`, which keeps the denominator from 0.
    weight_decay : float
        :math:`\lambda`.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is out of range.

    Notes
    -----
    Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor(1.0)
    >>> optimizer = optim.Adam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 6)
    0.9
    """

    state_names = ("step", "exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[Group],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        for name in ("lr", "eps", "weight_decay"):
            require("Adam", group[name] >= 0, name, "at least 0", group[name])
        betas = group["betas"]
        valid = len(betas) == 2 and all(0 <= beta < 1 for beta in betas)
        require("Adam", valid, "betas", "two numbers from 0 to below 1", betas)

    @staticmethod
    def update(
        parameter: Value,
        gradient: Value,
        state: State,
        /,
        *,
        lr: Any,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: Any = 1e-8,
        weight_decay: Any = 0,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds t, m and v."""
        beta1, beta2 = betas
        t = state.get("step", 0) + 1
        if weight_decay:
            gradient = gradient + weight_decay * parameter  # g + λ θ
        m = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        v = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * gradient * gradient
        # √(v / (1 - β₂ᵗ)) + ε, and then θ - η m / (1 - β₁ᵗ) / denominator, with the numbers gathered before arrays
        denominator = sqrt(v) / sqrt(1 - beta2**t) + eps
        parameter = parameter - (lr / (1 - beta1**t)) * m / denominator
        return parameter, {"step": t, "exp_avg": m, "exp_avg_sq": v}
