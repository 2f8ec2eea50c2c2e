"""Activations of a whole axis: the softmax family, and gated linear units."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers, cast

__all__ = ["glu", "log_softmax", "softmax", "softmin"]


def softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    r"""Probabilities from logits, :math:`e^{x_i} / \sum_j e^{x_j}` along an axis, without overflow.

    Parameters
    ----------
    input : Tensor or array_like
        Logits.
    dim : int
        The axis along which the probabilities sum to one. There is no default.
    dtype : optional
        To cast the input to first.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    TypeError
        If ``dim`` is not an integer.
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> softmax(Tensor([1000.0, 1000.0]), dim=0).tolist()
    [0.5, 0.5]
    """
    x = _with_axis(input, dim, dtype, "softmax")
    return ops.softmax(x, axis=dim)


def softmin(input: Any, dim: int, *, dtype: Any = None) -> Any:
    r"""Probabilities that are larger for smaller inputs, :math:`e^{-x_i} / \sum_j e^{-x_j}` along an axis.

    Parameters, result and errors are those of :func:`softmax`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> softmin(Tensor([0.0, 1000.0]), dim=0).tolist()
    [1.0, 0.0]
    """
    x = _with_axis(input, dim, dtype, "softmin")
    return ops.softmax(-x, axis=dim)


def log_softmax(input: Any, dim: int, *, dtype: Any = None) -> Any:
    r"""Logarithms of probabilities from logits, :math:`x_i - \ln\sum_j e^{x_j}` along an axis, without overflow.

    Parameters, result and errors are those of :func:`softmax`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> log_softmax(Tensor([1000.0, 1000.0]), dim=0).tolist()
    [-0.6931471805599453, -0.6931471805599453]
    """
    x = _with_axis(input, dim, dtype, "log_softmax")
    return ops.log_softmax(x, axis=dim)


def glu(input: Any, dim: int = -1) -> Any:
    r"""Gated linear unit: the first half of an axis times the logistic function of the second, :math:`a \sigma(b)`.

    Parameters
    ----------
    input : Tensor or array_like
    dim : int
        The axis to halve.

    Returns
    -------
    Tensor
        Half as long along that axis.

    Raises
    ------
    ValueError
        If there is no such axis, or its length is odd.

    Notes
    -----
    Dauphin et al., "Language modeling with gated convolutional networks" (2017).

    Examples
    --------
    >>> from autograd import Tensor
    >>> glu(Tensor([3.0, 4.0, 0.0, 1000.0])).tolist()
    [1.5, 4.0]
    """
    x = _with_axis(input, dim, None, "glu")
    length = x.shape[dim]
    if length % 2:
        raise ValueError(
            f"glu: axis {dim} of input {describe(raw(x, 'glu'))} has the odd length {length} and cannot be halved"
            f"{scope_note()}"
        )
    before = (slice(None),) * (dim % x.ndim)
    first, second = slice(None, length // 2), slice(length // 2, None)
    return ops.getitem(x, (*before, first)) * ops.sigmoid(ops.getitem(x, (*before, second)))


def _with_axis(input: Any, dim: int, dtype: Any, operation: str) -> Any:
    """The input as numbers of a dtype, after making sure that it has an axis."""
    x = as_numbers(input, operation) if dtype is None else cast(input, np.dtype(dtype), operation)
    if not isinstance(dim, (int, np.integer)):
        raise TypeError(f"{operation}: dim must be an integer, the axis to sum over, got {dim!r}{scope_note()}")
    if not -x.ndim <= dim < x.ndim:
        remedy = f"give one from {-x.ndim} to {x.ndim - 1}" if x.ndim else "a scalar has none"
        raise ValueError(f"{operation}: no axis {dim} in input {describe(raw(x, operation))}; {remedy}{scope_note()}")
    return x
