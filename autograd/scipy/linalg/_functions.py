"""Functions of matrices: exponential and square root."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.linalg as _linalg

from autograd._values import dtype_of, shape_of
from autograd.ops import concatenate
from autograd.primitives import custom
from autograd.samples import Sample, array
from autograd.scipy._declaring import plain
from autograd.scipy.linalg._equations import definite, solve_sylvester, transposed

__all__ = ["expm", "sqrtm"]


def _matrix(n: int, seed: int = 0) -> Any:
    return array(n, n, seed=seed) / 3


def _samples_expm() -> Iterable[Sample]:
    return [
        Sample((_matrix(3),)),
        Sample((np.zeros((2, 2)),)),
        Sample((_matrix(2) + 1j * _matrix(2, seed=1),)),
        Sample((array(2, 2, 2),)),
        Sample((array(1, 1),)),
        Sample((array(0, 0),)),
    ]


def _expm_along(a: Any, direction: Any) -> Any:
    """The derivative of expm along a direction: a block of the exponential of a matrix of twice the size."""
    n = shape_of(plain(a))[-1]
    zero = np.zeros(shape_of(plain(a)), dtype_of(plain(a)))
    above, below = concatenate([a, direction], axis=-1), concatenate([zero, a], axis=-1)
    return expm(concatenate([above, below], axis=-2))[..., :n, n:]


@custom(
    vjps=(lambda ct, a, out: _expm_along(transposed(a), ct),),
    jvp=lambda tangents, a, out: _expm_along(a, tangents[0]),
    symbol="expm",
    formula=r"e^x",
    samples=_samples_expm,
)
def expm(A: Any) -> Any:
    """Exponential of a matrix.

    Parameters
    ----------
    A : Tensor or array_like
        ``(..., n, n)``.

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.linalg import expm
    >>> expm(Tensor([[0.0, 1.0], [0.0, 0.0]])).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    return _linalg.expm(A)


def _samples_sqrtm() -> Iterable[Sample]:
    return [
        Sample((definite(3),)),
        Sample((np.array([[2.0, 1.0], [0.3, 3.0]]),)),
        Sample((np.array([[4.0]]),)),
        Sample((array(0, 0),)),
    ]


@custom(
    vjps=(lambda ct, a, out: solve_sylvester(transposed(out), transposed(out), ct),),
    jvp=lambda tangents, a, out: solve_sylvester(out, out, tangents[0]),
    symbol="√",
    formula=r"\sqrt{x}",
    samples=_samples_sqrtm,
)
def sqrtm(A: Any) -> Any:
    """Principal square root of a matrix.

    Parameters
    ----------
    A : Tensor or array_like
        ``(n, n)``, with no eigenvalue that is negative or 0.

    Returns
    -------
    Tensor
        The matrix whose square is ``A``, complex if it must be.

    Raises
    ------
    ValueError
        If the matrix is not square.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.linalg import sqrtm
    >>> sqrtm(Tensor([[4.0, 0.0], [0.0, 9.0]])).tolist()
    [[2.0, 0.0], [0.0, 3.0]]
    """
    return _linalg.sqrtm(A)
