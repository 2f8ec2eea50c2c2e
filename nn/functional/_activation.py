"""Activations: nonlinear functions of each element, and the softmax family."""

from __future__ import annotations

from typing import Any

from autograd import exp, ops
from autograd._values import describe
from autograd.primitive import raw, scope_note
from nn._inputs import as_numbers

__all__ = ["log_softmax", "relu", "sigmoid", "softmax", "tanh"]


def relu(input: Any) -> Any:
    r"""Rectified linear unit, :math:`\max(0, x)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> relu(Tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return ops.relu(input)


def sigmoid(input: Any) -> Any:
    r"""Logistic function, :math:`1 / (1 + e^{-x})` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> sigmoid(Tensor(0.0)).item()
    0.5
    """
    return ops.sigmoid(input)


def tanh(input: Any) -> Any:
    r"""Hyperbolic tangent of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> tanh(Tensor(0.0)).item()
    0.0
    """
    return ops.tanh(input)


def log_softmax(input: Any, dim: int) -> Any:
    r"""Logarithms of probabilities from logits, :math:`x_i - \ln\sum_j e^{x_j}` along an axis, without overflow.

    Parameters
    ----------
    input : Tensor or array_like
        Logits.
    dim : int
        The axis along which the probabilities sum to one.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> log_softmax(Tensor([1000.0, 1000.0]), dim=0).tolist()
    [-0.6931471805599453, -0.6931471805599453]
    """
    x = as_numbers(input, "log_softmax")
    if not -x.ndim <= dim < x.ndim:
        raise ValueError(
            f"log_softmax: no axis {dim} in input {describe(raw(x, 'log_softmax'))}; give one from {-x.ndim} to "
            f"{x.ndim - 1}{scope_note()}"
        )
    return ops.log_softmax(x, axis=dim)


def softmax(input: Any, dim: int) -> Any:
    r"""Probabilities from logits, :math:`e^{x_i} / \sum_j e^{x_j}` along an axis, without overflow.

    Parameters, result and errors are those of :func:`log_softmax`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> softmax(Tensor([1000.0, 1000.0]), dim=0).tolist()
    [0.5, 0.5]
    """
    return exp(log_softmax(input, dim))
