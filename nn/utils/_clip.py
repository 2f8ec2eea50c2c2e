"""Bounds on gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Tensor, maximum, minimum
from autograd._values import external

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

Parameters = Tensor | Iterable[Tensor]


def get_total_norm(tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False) -> Any:
    """The norm of all numbers of some tensors together.

    Parameters
    ----------
    tensors : Tensor, array, or iterable of these
        Usually gradients.
    norm_type : float
        The norm's order; infinity for the largest absolute value.
    error_if_nonfinite
        Whether a norm that is infinite or not a number is an error.

    Returns
    -------
    numpy.float64
        0 of no tensors.

    Raises
    ------
    RuntimeError
        If the norm is not finite, where that is an error.
    ValueError
        If ``norm_type`` is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from nn.utils import get_total_norm
    >>> float(get_total_norm([np.array([3.0, 0.0]), np.array([[4.0]])]))
    5.0
    """
    p = float(norm_type)
    if not p > 0:
        raise ValueError(f"get_total_norm: norm_type must be positive, got {norm_type!r}")
    several = [tensors] if isinstance(tensors, (Tensor, ndarray, float)) else tensors
    norms = [_norm(external(x._data if isinstance(x, Tensor) else x), p) for x in several]
    if p == math.inf:
        total = max(norms, default=0.0) if not any(map(math.isnan, norms)) else math.nan
    else:
        largest = max(norms, default=0.0)
        if not 0 < largest < math.inf:
            total = sum(norms)
        else:  # in units of the largest, so that no power leaves the range of numbers
            total = largest * sum((norm / largest) ** p for norm in norms) ** (1 / p)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(
            f"the norm of order {norm_type} of the gradients is {total}, so no factor makes it finite; look for the "
            f"loss or layer that overflows, or pass error_if_nonfinite=False"
        )
    return external(float(total))


def _norm(values: Any, p: float) -> float:
    if values.size == 0:
        return 0.0
    if p == math.inf:
        return float(abs(values).max())
    flat = values.reshape(-1)
    with np.errstate(over="ignore", under="ignore"):
        norm = math.sqrt(float(flat @ flat)) if p == 2 else float((abs(flat) ** p).sum()) ** (1 / p)
    if not 0 < norm < math.inf:
        largest = float(abs(flat).max())
        if 0 < largest < math.inf:  # only its powers left the range of its dtype: in units of the largest, and wider
            norm = largest * float((abs(flat.astype(np.float64) / largest) ** p).sum()) ** (1 / p)
    return norm


def clip_grads_with_norm_(parameters: Parameters, max_norm: float, total_norm: Any) -> None:
    """Scale the gradients so that a norm known already becomes at most ``max_norm``.

    Parameters
    ----------
    parameters : Tensor, or iterable of Tensor
        Whose gradients are scaled in place.
    max_norm : float
        The bound.
    total_norm : float
        The norm of all gradients together.

    Raises
    ------
    ValueError
        If ``max_norm`` is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn.utils import clip_grads_with_norm_
    >>> x = Tensor([3.0, 4.0])
    >>> x.grad = [3.0, 4.0]
    >>> clip_grads_with_norm_(x, max_norm=1.0, total_norm=5.0)
    >>> [round(value, 5) for value in x.grad.tolist()]
    [0.6, 0.8]
    """
    if not max_norm >= 0:
        raise ValueError(f"clipping gradients: max_norm must be at least 0, got {max_norm!r}")
    share = float(max_norm) / (float(total_norm) + 1e-6)
    if not share >= 1:  # also if it is not a number, which the gradients then show
        for parameter in _with_gradient(parameters):
            gradient = parameter.grad
            if type(gradient) is ndarray:
                gradient *= share
            else:
                parameter.grad = gradient * share


def clip_grad_norm_(
    parameters: Parameters, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Any:
    """Scale the gradients so that the norm of all of them together is at most ``max_norm``.

    Parameters
    ----------
    parameters : Tensor, or iterable of Tensor
        Whose gradients are scaled in place; those without one are left out.
    max_norm : float
        The bound.
    norm_type, error_if_nonfinite
        As for :func:`get_total_norm`.

    Returns
    -------
    numpy.float64
        The norm before.

    Raises
    ------
    RuntimeError
        If the norm is not finite, where that is an error; otherwise gradients become 0 or not a number.
    ValueError
        If ``max_norm`` is negative or ``norm_type`` not positive.

    Notes
    -----
    Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013).

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn.utils import clip_grad_norm_
    >>> x = Tensor([3.0, 4.0])
    >>> (x * x).sum().backward()
    >>> float(clip_grad_norm_([x], max_norm=5.0))
    10.0
    >>> [round(value, 5) for value in x.grad.tolist()]
    [3.0, 4.0]
    """
    owners = _with_gradient(parameters)
    total = get_total_norm([parameter.grad for parameter in owners], norm_type, error_if_nonfinite)
    clip_grads_with_norm_(owners, max_norm, total)
    return total


def clip_grad_value_(parameters: Parameters, clip_value: float) -> None:
    """Bring every number of the gradients between ``-clip_value`` and ``clip_value``.

    Parameters
    ----------
    parameters : Tensor, or iterable of Tensor
        Whose gradients are changed in place.
    clip_value : float
        The bound.

    Raises
    ------
    ValueError
        If it is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn.utils import clip_grad_value_
    >>> x = Tensor([3.0, -0.1])
    >>> (x * x).sum().backward()
    >>> clip_grad_value_([x], 0.5)
    >>> x.grad.tolist()
    [0.5, -0.2]
    """
    bound = float(clip_value)
    if not bound >= 0:
        raise ValueError(f"clip_grad_value_: clip_value must be at least 0, got {clip_value!r}")
    for parameter in _with_gradient(parameters):
        gradient = parameter.grad
        if type(gradient) is ndarray:
            gradient.clip(-bound, bound, out=gradient)
        else:
            parameter.grad = minimum(maximum(gradient, -bound), bound)


def _with_gradient(parameters: Parameters) -> list[Tensor]:
    several = [parameters] if isinstance(parameters, Tensor) else parameters
    return [parameter for parameter in several if parameter.grad is not None]
