"""The Dirichlet distribution: SciPy's functions, differentiable by the variable and the concentrations."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln, xlogy
from scipy.stats import dirichlet as _dirichlet

from autograd.ops import concatenate, exp, reshape, sum
from autograd.scipy._declaring import implements, plain

__all__ = ["logpdf", "pdf"]


@implements(_dirichlet.logpdf)
def logpdf(x: Any, alpha: Any) -> Any:
    """Logarithm of the density.

    Parameters
    ----------
    x : Tensor or array_like
        ``(k,)`` or ``(k, n)``, one point a column, of parts that add up to 1; the last may be left out.
    alpha : Tensor or array_like
        ``(k,)``, positive.

    Returns
    -------
    Tensor
        ``()`` or ``(n,)``. Its gradient by ``x`` is that of the formula in each part, as if they were free.
    """
    _dirichlet.logpdf(plain(x), plain(alpha))  # which refuses what is no point, or no concentration
    count = np.shape(plain(alpha))[0]
    if np.shape(plain(x))[0] == count - 1:
        x = concatenate([x, 1 - sum(x, axis=0, keepdims=True)])
    column = reshape(alpha, (count, *(1,) * (np.ndim(plain(x)) - 1)))
    return sum(xlogy(column - 1, x), axis=0) + gammaln(sum(alpha)) - sum(gammaln(alpha))


@implements(_dirichlet.pdf)
def pdf(x: Any, alpha: Any) -> Any:
    """Density; see :func:`logpdf`."""
    return exp(logpdf(x, alpha))


def __getattr__(name: str) -> Any:
    return getattr(_dirichlet, name)  # what has no derivative, such as rvs
