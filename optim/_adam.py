"""Adam: adaptive moment estimation; and AdamW, with weight decay decoupled from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import maximum, sqrt
from optim._optimizer import Group, Optimizer, Params, State, Value
from optim._rules import decayed, root, same_every_step

__all__ = ["Adam", "AdamW"]


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
    params : iterable
        See :class:`Optimizer`.
    lr : float
        Learning rate :math:`\eta`.
    betas : tuple of float
        Decay rates :math:`\beta_1, \beta_2` of the running means, each from 0 to below 1.
    eps : float
        :math:`\epsilon`, which keeps the denominator from 0.
    weight_decay : float
        :math:`\lambda`.
    amsgrad : bool
        Whether to divide by the largest :math:`v` so far.
    maximize : bool
        Whether to climb instead.
    decoupled_weight_decay : bool
        Whether weight decay leaves the running means alone, as in :class:`AdamW`.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is out of range.

    Notes
    -----
    Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1; Reddi, Kale and Kumar, "On the
    convergence of Adam and beyond" (2018), for ``amsgrad``, here as in PyTorch with the correction by
    :math:`1 - \beta_2^t` applied to the maximum.

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

    state_names = ("step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    number_names = ("step",)
    elementwise = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        settings = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, settings)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr", "eps", "weight_decay")
        self.require_betas(group)
        self.require_flags(group, "amsgrad", "maximize", "decoupled_weight_decay")

    def needed_state(self, group: Group) -> Iterable[str]:
        """What the state of a parameter that was stepped holds."""
        return self.state_names if group["amsgrad"] else self.state_names[:3]

    @staticmethod
    @same_every_step
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
        amsgrad: bool = False,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> tuple[Value, State]:
        """One step of one parameter (see :meth:`Optimizer.update`); the state holds t, m, v and the largest v."""
        beta1, beta2 = betas
        t = state.get("step", 0) + 1
        parameter, gradient = decayed(
            parameter, gradient, weight_decay, maximize=maximize, lr=lr if decoupled_weight_decay else None
        )
        m = beta1 * state.get("exp_avg", 0.0) + (1 - beta1) * gradient
        v = beta2 * state.get("exp_avg_sq", 0.0) + (1 - beta2) * (gradient * gradient)
        after = {"step": t, "exp_avg": m, "exp_avg_sq": v}
        if amsgrad:
            v = after["max_exp_avg_sq"] = maximum(state.get("max_exp_avg_sq", 0.0), v)
        # η m̂ / (√v̂ + ε), multiplied by √(1 - β₂ᵗ) above and below, so that numbers meet before they meet arrays
        c1, c2 = 1 - beta1**t, sqrt(1 - beta2**t)
        return parameter - (lr * c2 / c1) * (m / (root(v) + eps * c2)), after


class AdamW(Adam):
    r"""AdamW: :class:`Adam` with weight decay that leaves its running means alone.

    With :math:`\hat m = m / (1 - \beta_1^t)` and :math:`\hat v = v / (1 - \beta_2^t)` of the gradient itself, a step is

    .. math:: \theta \gets \theta - \eta \left(\frac{\hat m}{\sqrt{\hat v} + \epsilon} + \lambda\theta\right).

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`.
    lr, betas, eps, amsgrad, maximize
        As for :class:`Adam`.
    weight_decay : float
        :math:`\lambda`.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is out of range.

    Notes
    -----
    Loshchilov and Hutter, "Decoupled weight decay regularization" (2019).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor(1.0)
    >>> optimizer = optim.AdamW([x], lr=0.1, weight_decay=0.5)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> round(x.item(), 6)
    0.85
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        super().check(group)
        self.require(group, "decoupled_weight_decay", "True (use Adam otherwise)", bool)

    @staticmethod
    @same_every_step
    def update(
        parameter: Value,
        gradient: Value,
        state: State,
        /,
        *,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: Any = 1e-8,
        weight_decay: Any = 1e-2,
        amsgrad: bool = False,
        maximize: bool = False,
        decoupled_weight_decay: bool = True,
    ) -> tuple[Value, State]:
        """One step of one parameter, as :meth:`Adam.update`."""
        return Adam.update(
            parameter,
            gradient,
            state,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            decoupled_weight_decay=decoupled_weight_decay,
        )
