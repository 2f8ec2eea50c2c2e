"""RAdam: Adam that waits until its running mean of squares can be trusted."""

from __future__ import annotations

from typing import Any

from autograd import sqrt
from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import decayed, root

__all__ = ["RAdam"]


class RAdam(Optimizer):
    r"""RAdam: :class:`Adam` whose scaling is rectified for the few gradients that the first steps rest on.

    With :math:`m` and :math:`v` as in :class:`Adam`, :math:`\rho_\infty = 2 / (1 - \beta_2) - 1` and
    :math:`\rho_t = \rho_\infty - 2 t \beta_2^t / (1 - \beta_2^t)`, step :math:`t` is

    .. math::

        \theta \gets \theta - \eta \, \frac{m}{1 - \beta_1^t} \,
        \sqrt{\frac{(\rho_t - 4)(\rho_t - 2)\rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2)\rho_t}} \,
        \frac{\sqrt{1 - \beta_2^t}}{\sqrt{v} + \epsilon}

    where :math:`\rho_t > 5`, and before that without the last two factors.

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
    Liu et al., "On the variance of the adaptive learning rate and beyond" (2020).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor(1.0)
    >>> optimizer = optim.RAdam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()  # not scaled yet
    >>> round(x.item(), 6)
    0.8
    """

    state_names = ("step", "exp_avg", "exp_avg_sq")
    number_names = ("step",)
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "eps", "weight_decay")
        self.require_betas(group)
        self.require_flags(group, "decoupled_weight_decay", "maximize")

    @staticmethod
    def update(
        parameter: Value,
        gradient: Value,
        state: State,
        /,
        *,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: Any = 1e-8,
        weight_decay: Any = 0,
        decoupled_weight_decay: bool = False,
        maximize: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds t, m and v."""
        beta1, beta2 = betas
        t = state.get("step", 0) + 1
        parameter, gradient = decayed(
            parameter, gradient, weight_decay, maximize=maximize, lr=lr if decoupled_weight_decay else None
        )
        m = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        v = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * (gradient * gradient)
        after = {"step": t, "exp_avg": m, "exp_avg_sq": v}
        c1, c2 = 1 - beta1**t, 1 - beta2**t
        longest = 2 / (1 - beta2) - 1  # ρ∞ and ρₜ: how many gradients the mean of squares can stand for, and does
        length = longest - 2 * t * beta2**t / c2
        if not length > 5:
            return parameter - (lr / c1) * m, after
        rectified = sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        return parameter - (lr * rectified * sqrt(c2) / c1) * (m / (root(v) + eps)), after
