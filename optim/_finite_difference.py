"""Descent without gradients: what differentiation spares, for teaching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor
from autograd._values import canonical
from optim._optimizer import Group, Optimizer, Params, State, Value

__all__ = ["FiniteDifferenceDescent"]


class FiniteDifferenceDescent(Optimizer):
    r"""Gradient descent on gradients estimated from differences of the loss.

    Every number of every parameter is moved in turn by a little, :math:`h`, and the loss evaluated again:

    .. math:: \frac{\partial L}{\partial\theta_i} \approx \frac{L(\theta + h e_i) - L(\theta - h e_i)}{2h}
       \quad\text{or}\quad \frac{L(\theta + h e_i) - L(\theta)}{h}.

    A step of :math:`N` numbers takes :math:`2N + 1` evaluations of the loss, or :math:`N + 1` with forward differences,
    where a backward pass takes about as long as two or three, whatever :math:`N`.

    Parameters
    ----------
    params : iterable
        See :class:`Optimizer`.
    lr : float
        Learning rate :math:`\eta` in :math:`\theta \gets \theta - \eta g`.
    eps : float, optional
        :math:`h`; by default the cube root of the dtype's precision, or with forward differences its square root, which
        balances rounding against curvature.
    central : bool
        Whether to go both ways, which is as much more exact as it is slower.

    Attributes
    ----------
    evaluations : int
        How often the loss was evaluated so far.

    Raises
    ------
    TypeError, ValueError
        See :class:`Optimizer`; if a setting is out of range.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import optim
    >>> x = Tensor([1.0, -2.0])
    >>> optimizer = optim.FiniteDifferenceDescent([x], lr=0.25)
    >>> loss = optimizer.step(lambda: (x * x).sum())
    >>> [round(value, 6) for value in x.tolist()], optimizer.evaluations
    ([0.5, -1.0], 5)
    """

    elementwise = True

    def __init__(self, params: Params, lr: float = 1e-2, eps: float | None = None, *, central: bool = True) -> None:
        self.evaluations = 0
        super().__init__(params, {"lr": lr, "eps": eps, "central": central})

    def check(self, group: Group) -> None:
        """Make sure that a group's settings are valid."""
        self.require_at_least_zero(group, "lr")
        self.require(group, "eps", "positive, or None", lambda eps: eps is None or eps > 0)
        self.require_flags(group, "central")

    @staticmethod
    def update(
        parameter: Value, gradient: Value, state: State, /, *, lr: Any = 1e-2, eps: Any = None, central: bool = True
    ) -> tuple[Value, State]:
        """One step of one parameter along a gradient (see :meth:`Optimizer.update`)."""
        return parameter - lr * gradient, state

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Estimate the gradients, which replace those the parameters have, and update the parameters.

        Parameters
        ----------
        closure
            Computes the loss and returns it; it is called often, and need not call ``backward``.

        Returns
        -------
        object
            The loss before the step.

        Raises
        ------
        TypeError
            If there is no closure.
        """
        if closure is None:
            raise TypeError("FiniteDifferenceDescent knows the loss only by evaluating it: pass step() a closure")
        loss = closure()
        self.evaluations += 1
        estimates = [
            (parameter, self._estimate(parameter, closure, float(loss), group))
            for group in self.param_groups
            for parameter in group["params"]
            if parameter.requires_grad
        ]
        for parameter, estimate in estimates:
            parameter.grad = estimate
        super().step()
        return loss

    def _estimate(self, parameter: Tensor, closure: Callable[[], Any], loss: float, group: Group) -> Any:
        values, precision = parameter.numpy(), np.finfo(parameter.dtype).eps
        h = group["eps"] or float(precision) ** (1 / 3 if group["central"] else 1 / 2)

        def moved(index: tuple[int, ...], by: float) -> float:
            changed = values.copy()
            changed[index] += by
            parameter.assign_raw(canonical(changed))
            self.evaluations += 1
            return float(closure())

        estimate = np.zeros_like(values)
        try:
            for index in np.ndindex(values.shape):
                if group["central"]:
                    estimate[index] = (moved(index, h) - moved(index, -h)) / (2 * h)
                else:
                    estimate[index] = (moved(index, h) - loss) / h
        finally:
            parameter.assign_raw(canonical(values))
        return estimate
