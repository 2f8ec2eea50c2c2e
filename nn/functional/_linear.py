"""Affine maps."""

from __future__ import annotations

from typing import Any

from autograd import matmul, ops

__all__ = ["linear"]


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
