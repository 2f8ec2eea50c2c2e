"""Activations of a whole axis, as modules: the softmax family, and gated linear units."""

from __future__ import annotations

from typing import Any

from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn import functional
from nn._inputs import as_numbers
from nn._module import Module

__all__ = ["GLU", "LogSoftmax", "Softmax", "Softmax2d", "Softmin"]


class _OfAnAxis(Module):
    """What these modules share: the axis they are about."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def extra_repr(self) -> str:
        """The axis, as in PyTorch."""
        return f"dim={self.dim}"


class Softmax(_OfAnAxis):
    r"""Probabilities from logits, :math:`e^{x_i} / \sum_j e^{x_j}` along an axis.

    Parameters
    ----------
    dim : int
        The axis along which the probabilities sum to one.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Softmax(dim=-1)(Tensor([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.softmax(input, self.dim)


class Softmin(_OfAnAxis):
    r"""Probabilities that are larger for smaller inputs, :math:`e^{-x_i} / \sum_j e^{-x_j}` along an axis.

    Parameters
    ----------
    dim : int
        The axis along which the probabilities sum to one.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Softmin(dim=-1)(Tensor([0.0, 0.0])).tolist()
    [0.5, 0.5]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.softmin(input, self.dim)


class LogSoftmax(_OfAnAxis):
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

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.log_softmax(input, self.dim)


class Softmax2d(Module):
    r"""Softmax over the channels of an image, at each position.

    Raises
    ------
    ValueError
        When called, if the input has neither three nor four axes.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Softmax2d()(np.zeros((1, 2, 3, 3)))[0, :, 0, 0]
    array([0.5, 0.5])
    """

    def forward(self, input: Any) -> Any:
        """Apply to images ``(N, C, H, W)`` or ``(C, H, W)``; the result has the same shape."""
        x = as_numbers(input, "Softmax2d")
        if x.ndim not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected images of shape (N, C, H, W) or (C, H, W), got "
                f"{describe(raw(x, 'Softmax2d'))}{scope_note()}"
            )
        return functional.softmax(x, -3)


class GLU(_OfAnAxis):
    r"""Gated linear unit: the first half of an axis times the logistic function of the second, :math:`a \sigma(b)`.

    Parameters
    ----------
    dim : int
        The axis to halve.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.GLU()(Tensor([3.0, 4.0, 0.0, 1000.0])).tolist()
    [1.5, 4.0]
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim)

    def forward(self, input: Any) -> Any:
        """Apply to a tensor with such an axis of even length; the result is half as long along it."""
        return functional.glu(input, self.dim)
