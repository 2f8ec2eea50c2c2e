"""The multivariate normal distribution: SciPy's functions, differentiable by the variable, mean and covariance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.stats import multivariate_normal as _normal

from autograd import is_grad_enabled
from autograd._values import dtype_of
from autograd.ops import exp, matmul, reshape, sum
from autograd.scipy._declaring import implements, plain
from autograd.tensor import Tensor

__all__ = ["entropy", "logpdf", "pdf"]


def _dimension(mean: Any, cov: Any) -> int:
    """As SciPy has it, which without a mean asks the covariance matrix alone."""
    if mean is not None:
        return int(np.size(plain(mean)))
    return int(np.shape(plain(cov))[-1]) if np.ndim(plain(cov)) == 2 else 1


def _matrix(cov: Any, dimension: int, like: Any) -> Any:
    """A covariance matrix from what may be a number (times the identity) or variances (on the diagonal)."""
    if np.ndim(plain(cov)) == 2:
        return cov
    dtype = dtype_of(plain(cov))
    return cov * np.eye(dimension, dtype=dtype if dtype.kind == "f" else dtype_of(plain(like)))


def _singular(cov: Any) -> tuple[Any, float, int]:
    """The pseudo-inverse of a covariance matrix, the logarithm of its pseudo-determinant, and its rank."""
    if isinstance(cov, Tensor) and cov.requires_grad and is_grad_enabled():
        raise TypeError(
            "multivariate_normal: with allow_singular there is no derivative by the covariance matrix, whose rank "
            "would change; pass its value, cov.data, or leave allow_singular out"
        )
    values, vectors = np.linalg.eigh(plain(cov))
    kept = np.abs(values) > 1e6 * np.finfo(values.dtype).eps * np.max(np.abs(values))
    basis = vectors[:, kept] / np.sqrt(values[kept])
    return basis @ basis.T, float(np.log(values[kept]).sum()), int(kept.sum())


@implements(_normal.logpdf)
def logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """Logarithm of the density.

    Parameters
    ----------
    x : Tensor or array_like
        ``(..., k)``; of one dimension also without the last axis.
    mean : Tensor or array_like, optional
        ``(k,)``, by default 0.
    cov : Tensor or array_like
        ``(k, k)``, symmetric and positive definite; variances ``(k,)``; or a number, for all variances.
    allow_singular : bool
        Take a covariance matrix without an inverse. It gets no gradient then.

    Returns
    -------
    Tensor
        Of the leading shape.
    """
    expected = np.shape(_normal.logpdf(plain(x), plain(mean), plain(cov), allow_singular))  # refuses what is wrong
    dimension = _dimension(mean, cov)
    if dimension == 1 and np.shape(plain(x)) == expected:
        x = reshape(x, (*expected, 1))
    deviation = x if mean is None else x - mean
    deviation = reshape(deviation, (-1, dimension))
    cov = _matrix(cov, dimension, deviation)
    if allow_singular:
        inverse, log_determinant, rank = _singular(cov)
        solved = matmul(deviation, inverse)
    else:
        rank, log_determinant = dimension, np.linalg.slogdet(cov)[1]
        solved = np.linalg.solve(cov, deviation.T).T
    square = reshape(sum(deviation * solved, axis=-1), expected)
    return -0.5 * (square + log_determinant + rank * math.log(2 * math.pi))


@implements(_normal.pdf)
def pdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """Density; see :func:`logpdf`."""
    return exp(logpdf(x, mean, cov, allow_singular))


@implements(_normal.entropy)
def entropy(mean: Any = None, cov: Any = 1) -> Any:
    """Differential entropy, which depends on the covariance matrix alone."""
    dimension = _dimension(mean, cov)
    log_determinant = np.linalg.slogdet(_matrix(cov, dimension, cov))[1]
    constant = 0.5 * dimension * (math.log(2 * math.pi) + 1)
    zero = 0.0 if mean is None else 0.0 * sum(mean)  # so that a mean that is asked for has its gradient, 0
    return 0.5 * log_determinant + constant + zero


def __getattr__(name: str) -> Any:
    return getattr(_normal, name)  # what has no derivative, such as rvs
