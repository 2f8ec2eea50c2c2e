"""Affine and bilinear maps."""

from __future__ import annotations

from typing import Any

from autograd import matmul, ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers

__all__ = ["bilinear", "linear"]


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    r"""Affine map of the last axis, :math:`y = x W^\top + b`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(..., in_features)``.
    weight : Tensor or array_like
        ``(out_features, in_features)``.
    bias : Tensor or array_like, optional
        ``(out_features,)``.

    Returns
    -------
    Tensor
        ``(..., out_features)``.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from autograd import Tensor
    >>> linear([1.0, 2.0], Tensor([[3.0, 4.0]]), Tensor([0.5])).tolist()
    [11.5]
    """
    return matmul(input, ops.transpose(weight)) if bias is None else ops.linear(input, weight, bias)


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    r"""Bilinear form of the last axes of two inputs, :math:`y_k = x_1^\top A_k x_2 + b_k`.

    Parameters
    ----------
    input1 : Tensor or array_like
        ``(..., in1_features)``.
    input2 : Tensor or array_like
        ``(..., in2_features)``, with the same axes before the last.
    weight : Tensor or array_like
        ``(out_features, in1_features, in2_features)``, the matrices :math:`A_k`.
    bias : Tensor or array_like, optional
        ``(out_features,)``.

    Returns
    -------
    Tensor
        ``(..., out_features)``.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from autograd import Tensor
    >>> bilinear([1.0, 2.0], [3.0], Tensor([[[1.0], [10.0]]]), Tensor([0.5])).tolist()
    [63.5]
    """
    x1, x2, weight = (as_numbers(x, "bilinear") for x in (input1, input2, weight))
    if (
        weight.ndim != 3
        or not x1.ndim
        or not x2.ndim
        or (*x1.shape, *x2.shape[-1:]) != (*x2.shape[:-1], *weight.shape[1:])
    ):
        given = ", ".join(describe(raw(x, "bilinear")) for x in (x1, x2, weight))
        raise ValueError(
            f"bilinear: expected inputs of shapes (..., in1), (..., in2) with equal leading axes, and a weight "
            f"(out, in1, in2), got {given}{scope_note()}"
        )
    out, in1, in2 = weight.shape
    # x1ᵀ A_k for all k in one product of matrices, and then the inner product of each with x2.
    left = matmul(x1, ops.reshape(ops.transpose(weight, (1, 0, 2)), (in1, out * in2)))
    left = ops.reshape(left, (*x1.shape[:-1], out, in2))
    product = ops.sum(left * ops.reshape(x2, (*x2.shape[:-1], 1, in2)), axis=-1)
    return product if bias is None else product + bias
