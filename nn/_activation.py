"""Activations: the nonlinear functions of :mod:`nn.functional` as modules."""

from __future__ import annotations

from typing import Any

from nn import functional
from nn._module import Module

__all__ = ["LogSoftmax", "ReLU", "Sigmoid", "Softmax", "Tanh"]


class ReLU(Module):
    r"""Rectified linear unit, :math:`\max(0, x)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.ReLU()(Tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.relu(input)


class Sigmoid(Module):
    r"""Logistic function, :math:`1 / (1 + e^{-x})` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Sigmoid()(Tensor(0.0)).item()
    0.5
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.sigmoid(input)


class Tanh(Module):
    r"""Hyperbolic tangent of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Tanh()(Tensor(0.0)).item()
    0.0
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.tanh(input)


class Softmax(Module):
    r"""Probabilities from logits, :math:`e^{x_i} / \sum_j e^{x_j}` along an axis.

    Parameters
    ----------
    dim : int
        The axis along which the results sum to one.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Softmax(dim=-1)(Tensor([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The axis, as in PyTorch."""
        return f"dim={self.dim}"


class LogSoftmax(Module):
    r"""Logarithms of probabilities from logits, :math:`x_i - \ln\sum_j e^{x_j}` along an axis.

    Parameters
    ----------
    dim : int
        The axis along which the probabilities sum to one.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.LogSoftmax(dim=-1)(Tensor([0.0, 0.0])).tolist()
    [-0.6931471805599453, -0.6931471805599453]
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The axis, as in PyTorch."""
        return f"dim={self.dim}"
