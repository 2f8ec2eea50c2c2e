"""Dropout: leaving out elements or channels at random while training."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd._values import canonical
from autograd.primitives import scope_note
from nn._inputs import floating
from nn._random import generator_or_default

__all__ = ["alpha_dropout", "check_probability", "dropout", "dropout1d", "dropout2d", "dropout3d", "random_keep"]

#: Elements are kept or left out by random integers of 16 bits, several times as fast to draw as floats.
_LEVELS = 1 << 16

#: What a self-normalising network's units are set to when left out: -αλ of :func:`selu`.
_SELU_FLOOR = -1.7580993408473766


def check_probability(p: float, operation: str) -> None:
    """Make sure that a number is a probability.

    Raises
    ------
    TypeError
        If it is not a number.
    ValueError
        If it does not lie between 0 and 1.
    """
    if not isinstance(p, (float, int, np.number)):
        raise TypeError(f"{operation}: p, the probability of leaving out, must be a number, got {p!r}")
    if not 0 <= p <= 1:
        raise ValueError(f"{operation}: p, the probability of leaving out, must be between 0 and 1, got {p!r}")


def random_keep(shape: tuple[int, ...], p: float, generator: np.random.Generator | None = None) -> tuple[Any, float]:
    """Choose at random what to keep.

    Parameters
    ----------
    shape
        Of the result.
    p
        The probability of leaving out, rounded to a multiple of 2⁻¹⁶ (to the nearest but 0 and 1, unless it is one).
    generator
        Draws; by default the one of :func:`nn.manual_seed`.

    Returns
    -------
    kept : ndarray of bool
        True where to keep.
    share : float
        The exact probability of True.
    """
    left_out = round(p * _LEVELS)
    if 0 < p < 1:
        left_out = min(max(left_out, 1), _LEVELS - 1)
    count = math.prod(shape)
    words = generator_or_default(generator).integers(0, 1 << 64, -(-count // 4), dtype=np.uint64)
    return (words.view(np.uint16)[:count] >= left_out).reshape(shape), 1 - left_out / _LEVELS


def _multiply_at_random(x: Any, shape: tuple[int, ...], p: float, generator: np.random.Generator | None) -> Any:
    kept, share = random_keep(shape, p, generator)
    factors = kept * x.dtype.type(1 / share if share else 0)
    # As a constant tensor, which nobody else can write to, the factors need not be watched for changes.
    return x * (Tensor.from_raw(canonical(factors), requires_grad=False) if isinstance(x, Tensor) else factors)


def dropout(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    r"""Set elements to zero at random and multiply the others by :math:`1/(1-p)`, which keeps expected values.

    Parameters
    ----------
    input : Tensor or array_like
        Of any shape.
    p : float
        The probability of each element to be zeroed, rounded to a multiple of 2⁻¹⁶.
    training
        False passes the input on unchanged.
    inplace
        Accepted because PyTorch has it; the input is never written to.
    generator : numpy.random.Generator, optional
        Draws; by default the one of :func:`nn.manual_seed`.

    Returns
    -------
    Tensor
        Of the input's shape.

    Raises
    ------
    ValueError
        If ``p`` is not a probability.

    Notes
    -----
    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014). What is zeroed is a
    constant of the graph: differentiating again does not draw again.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> sorted(set(dropout(Tensor(np.ones(1000)), p=0.75).tolist()))
    [0.0, 4.0]
    """
    check_probability(p, "dropout")
    x = floating(input, "dropout")
    return _multiply_at_random(x, x.shape, p, generator) if training and p else x


def dropout1d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Set whole channels of ``(N, C, L)`` or ``(C, L)`` to zero at random.

    Parameters and errors are those of :func:`dropout`; each channel of each sample is one draw.

    Raises
    ------
    ValueError
        If the input has another number of axes, too.

    Notes
    -----
    Tompson et al., "Efficient object localization using convolutional networks" (2015).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> dropout1d(Tensor(np.ones((2, 3, 4))), training=False).shape
    (2, 3, 4)
    """
    return _dropout_channels("dropout1d", input, 1, p, training, generator)


def dropout2d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Set whole channels of ``(N, C, H, W)`` to zero at random; else as :func:`dropout1d`.

    Raises
    ------
    ValueError
        If the input has another number of axes; of three axes PyTorch takes the first for samples although its manual
        says that they are channels.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> dropout2d(Tensor(np.ones((2, 3, 4, 4))), training=False).shape
    (2, 3, 4, 4)
    """
    return _dropout_channels("dropout2d", input, 2, p, training, generator)


def dropout3d(
    input: Any,
    p: float = 0.5,
    training: bool = True,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    """Set whole channels of ``(N, C, D, H, W)`` or ``(C, D, H, W)`` to zero at random; else as :func:`dropout1d`.

    Raises
    ------
    ValueError
        If the input has another number of axes, too.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> dropout3d(Tensor(np.ones((2, 3, 4, 4, 4))), training=False).shape
    (2, 3, 4, 4, 4)
    """
    return _dropout_channels("dropout3d", input, 3, p, training, generator)


def _dropout_channels(
    operation: str, input: Any, spatial: int, p: float, training: bool, generator: np.random.Generator | None
) -> Any:
    check_probability(p, operation)
    x = floating(input, operation)
    ranks = (spatial + 2,) if spatial == 2 else (spatial + 1, spatial + 2)
    if x.ndim not in ranks:
        axes = ", ".join("LHWDHW"[spatial * (spatial - 1) // 2 :][:spatial])
        expected = f"(N, C, {axes})" + (f" or (C, {axes})" if len(ranks) > 1 else "; give one image an axis of samples")
        raise ValueError(f"{operation}: expected input of shape {expected}, got shape {x.shape}{scope_note()}")
    if not (training and p):
        return x
    return _multiply_at_random(x, (*x.shape[:-spatial], *(1 for _ in range(spatial))), p, generator)


def alpha_dropout(
    input: Any,
    p: float = 0.5,
    training: bool = False,
    inplace: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    r"""Dropout that keeps mean 0 and variance 1, for networks of :func:`selu` units.

    Elements left out are set to the unit's lowest value; then all are scaled and shifted.

    Parameters and errors are those of :func:`dropout`.

    Notes
    -----
    Klambauer et al., "Self-normalizing neural networks" (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> len(set(alpha_dropout(Tensor(np.ones(1000)), p=0.5, training=True).tolist()))
    2
    """
    check_probability(p, "alpha_dropout")
    x = floating(input, "alpha_dropout")
    if not (training and p):
        return x
    if p == 1:
        return x * 0.0
    kept, share = random_keep(x.shape, p, generator)
    left_out = 1 - share
    scale = (share * (1 + left_out * _SELU_FLOOR**2)) ** -0.5
    factors = kept * x.dtype.type(scale)
    levels = ~kept * x.dtype.type(scale * _SELU_FLOOR) - x.dtype.type(scale * left_out * _SELU_FLOOR)
    return x * factors + levels
