"""Regularisers: what is added to a loss to keep weights small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autograd import Tensor, ops
from nn.functional._checks import check_not_negative, number

__all__ = ["l1_penalty", "l2_penalty"]


def l1_penalty(parameters: Tensor | Iterable[Tensor], strength: float = 1.0) -> Any:
    r"""Sum of the absolute values of all weights, :math:`\lambda \sum |W|`. It makes weights sparse.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        The weights, such as ``model.parameters()``. Biases are usually left out.
    strength
        :math:`\lambda`.

    Returns
    -------
    Tensor
        A scalar, to be added to the loss.

    Raises
    ------
    ValueError
        If ``strength`` is negative, or there are no weights.

    Examples
    --------
    >>> from autograd import Tensor
    >>> l1_penalty([Tensor([1.0, -2.0]), Tensor(3.0)], 0.5).item()
    3.0
    """
    return _penalty(parameters, strength, ops.absolute, "l1_penalty")


def l2_penalty(parameters: Tensor | Iterable[Tensor], strength: float = 1.0) -> Any:
    r"""Sum of the squares of all weights, :math:`\lambda \sum W^2`. It makes all weights smaller.

    Parameters, result and errors are those of :func:`l1_penalty`.

    Notes
    -----
    There is no factor of a half, so the gradient is :math:`2 \lambda W`: with an optimiser's
    ``weight_decay`` :math:`= 2 \lambda` in its place, plain gradient descent takes the same steps. Where half the sum
    is wanted, halve ``strength``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> l2_penalty([Tensor([1.0, -2.0]), Tensor(3.0)], 0.5).item()
    7.0
    """
    return _penalty(parameters, strength, lambda w: w * w, "l2_penalty")


def _penalty(parameters: Any, strength: float, of_each: Any, operation: str) -> Any:
    check_not_negative("strength", strength, operation)
    weights = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if not weights:
        raise ValueError(f"{operation}: there are no weights; give a tensor, or several such as model.parameters()")
    total = ops.sum(of_each(weights[0]))
    for w in weights[1:]:
        total = total + ops.sum(of_each(w))
    return total * number(strength)
