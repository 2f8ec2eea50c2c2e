"""NAdam: Adam with Nesterov's look-ahead."""

from __future__ import annotations

from typing import Any

from autograd import sqrt
from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import decayed, root, same_every_step

__all__ = ["NAdam"]


class NAdam(Optimizer):
    r"""NAdam: :class:`Adam` with Nesterov momentum, whose rate grows over the steps.

    With gradient :math:`g`, learning rate :math:`\eta`, weight decay :math:`\lambda` and momentum decay :math:`\psi`,
    and :math:`\mu_t = \beta_1 (1 - \tfrac12 0.96^{t\psi})`, step :math:`t` is

    .. math::

        g \gets g + \lambda\theta, \qquad
        m \gets \beta_1 m + (1 - \beta_1) g, \qquad
        v \gets \beta_2 v + (1 - \beta_2) g^2, \qquad
        \theta \gets \theta - \eta \, \frac{\frac{1 - \mu_t}{1 - \prod_{i \le t} \mu_i} g
        + \frac{\mu_{t+1}}{1 - \prod_{i \le t+1} \mu_i} m}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}.

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
    momentum_decay : float
        :math:`\psi`.
    decoupled_weight_decay : bool
        Whether weight decay is applied to the parameter, as in :class:`AdamW`, rather than to the gradient.
    maximize : bool
        Whether to climb instead.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is out of range.

    Notes
    -----
    Dozat, "Incorporating Nesterov momentum into Adam" (2016).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor(5.0)
    >>> optimizer = optim.NAdam([x], lr=0.1)
    >>> for _ in range(200):
    ...     optimizer.zero_grad()
    ...     (x * x).backward()
    ...     optimizer.step()
    >>> abs(x.item()) < 0.1
    True
    """

    state_names = ("step", "mu_product", "exp_avg", "exp_avg_sq")
    number_names = ("step", "mu_product")
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "eps", "weight_decay", "momentum_decay")
        self.require_betas(group)
        self.require_flags(group, "decoupled_weight_decay", "maximize")

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
        momentum_decay: Any = 4e-3,
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds t, the product of all μ, m, v."""
        beta1, beta2 = betas
        t = state.get("step", 0) + 1
        parameter, gradient = decayed(
            parameter, gradient, weight_decay, maximize=maximize, lr=lr if decoupled_weight_decay else None
        )
        m = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        v = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * (gradient * gradient)
        mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (n * momentum_decay)) for n in (t, t + 1))
        product = mu * state.get("mu_product", 1.0)
        of_gradient = lr * (1 - mu) / (1 - product)
        of_mean = lr * mu_next / (1 - product * mu_next)
        c2 = sqrt(1 - beta2**t)  # above and below, as in Adam
        direction = ((of_gradient * c2) * gradient + (of_mean * c2) * m) / (root(v) + eps * c2)
        return parameter - direction, {"step": t, "mu_product": product, "exp_avg": m, "exp_avg_sq": v}
