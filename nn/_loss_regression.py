"""Losses of regression, as modules."""

from __future__ import annotations

from typing import Any

from nn import functional
from nn._module import Module
from nn.functional._checks import check_not_negative, check_positive
from nn.functional._reduction import check_reduction

__all__ = [
    "GaussianNLLLoss",
    "HuberLoss",
    "L1Loss",
    "MSELoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
]


class MSELoss(Module):
    r"""Squared error :math:`(x_i - y_i)^2`, averaged or summed over all elements.

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.mse_loss`.

    Notes
    -----
    Half of it, :math:`\frac{1}{2n} \sum_i (x_i - y_i)^2`, is ``nn.MSELoss()(x, y) / 2``; half the sum of squares is
    ``nn.MSELoss("sum")(x, y) / 2``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.MSELoss()(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "MSELoss")
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare predictions with targets of the same shape."""
        return functional.mse_loss(input, target, self.reduction)


class L1Loss(Module):
    r"""Absolute error :math:`|x_i - y_i|`, averaged or summed over all elements.

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.l1_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.L1Loss()(Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    1.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "L1Loss")
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare predictions with targets of the same shape."""
        return functional.l1_loss(input, target, self.reduction)


class SmoothL1Loss(Module):
    r"""Absolute error, rounded off where it is small (see :func:`nn.functional.smooth_l1_loss`).

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.
    beta
        The error up to which it is rounded off; 0 leaves the absolute error.

    Raises
    ------
    ValueError
        If ``reduction`` is not known or ``beta`` negative; when called, see :func:`nn.functional.smooth_l1_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.SmoothL1Loss("none", beta=2.0)(Tensor([1.0, 2.0]), [1.0, 5.0]).tolist()
    [0.0, 2.0]
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__()
        check_reduction(reduction, "SmoothL1Loss")
        check_not_negative("beta", beta, "SmoothL1Loss")
        self.reduction = reduction
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        """Compare predictions with targets of the same shape."""
        return functional.smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(Module):
    r"""Half the squared error where it is small, linear beyond (see :func:`nn.functional.huber_loss`).

    Parameters
    ----------
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.
    delta
        The error up to which it counts squared.

    Raises
    ------
    ValueError
        If ``reduction`` is not known or ``delta`` not positive; when called, see :func:`nn.functional.huber_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.HuberLoss("none")(Tensor([1.0, 2.0]), [1.0, 5.0]).tolist()
    [0.0, 2.5]
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__()
        check_reduction(reduction, "HuberLoss")
        check_positive("delta", delta, "HuberLoss")
        self.reduction = reduction
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        """Compare predictions with targets of the same shape."""
        return functional.huber_loss(input, target, self.reduction, self.delta)


class PoissonNLLLoss(Module):
    r"""Negative log-likelihood of counts with a Poisson distribution, :math:`\lambda - y \ln\lambda + \ln y!`.

    Parameters
    ----------
    log_input
        Whether the input is :math:`\ln\lambda` (else :math:`\lambda`).
    full
        Whether to add the last term, which does not depend on the input.
    eps
        Added to rates before taking their logarithm.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known; when called, see :func:`nn.functional.poisson_nll_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.PoissonNLLLoss()(Tensor([0.0, 0.0]), [0.0, 3.0]).item()
    1.0
    """

    def __init__(
        self, log_input: bool = True, full: bool = False, *, eps: float = 1e-8, reduction: str = "mean"
    ) -> None:
        super().__init__()
        check_reduction(reduction, "PoissonNLLLoss")
        self.log_input = log_input
        self.full = full
        self.eps = eps
        self.reduction = reduction

    def forward(self, input: Any, target: Any) -> Any:
        """Compare rates with counts of the same shape."""
        return functional.poisson_nll_loss(
            input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(Module):
    r"""Negative log-likelihood of normal variables (see :func:`nn.functional.gaussian_nll_loss`).

    Parameters
    ----------
    full
        Whether to add the constant :math:`\frac12 \ln 2\pi`.
    eps
        The smallest variance that counts.
    reduction
        ``"mean"``, ``"sum"``, or ``"none"`` for a loss per element.

    Raises
    ------
    ValueError
        If ``reduction`` is not known or ``eps`` not positive; when called, see
        :func:`nn.functional.gaussian_nll_loss`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.GaussianNLLLoss()(Tensor([1.0, 2.0]), [1.0, 4.0], 1.0).item()
    1.0
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__()
        check_reduction(reduction, "GaussianNLLLoss")
        check_positive("eps", eps, "GaussianNLLLoss")
        self.full = full
        self.eps = eps
        self.reduction = reduction

    def forward(self, input: Any, target: Any, var: Any) -> Any:
        """Compare means with targets of the same shape, given variances."""
        return functional.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)
