"""The Poisson distribution: SciPy's functions, differentiable by the mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammainc, gammaincc, gammaln, xlogy
from scipy.stats import poisson as _poisson

from autograd._values import dtype_of
from autograd.ops import exp, where
from autograd.scipy._declaring import implements, plain

__all__ = ["cdf", "logpmf", "pmf", "sf"]


def _count(k: Any, loc: Any, mu: Any) -> Any:
    """Counts and where they are moved to are whole numbers: constants, here in the precision of the mean."""
    dtype = dtype_of(plain(mu))
    return np.subtract(plain(k), plain(loc)).astype(dtype if dtype.kind == "f" else np.float64)


@implements(_poisson.pmf)
def pmf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Probability, 0 of what is no count."""
    return exp(logpmf(k, mu, loc))


@implements(_poisson.logpmf)
def logpmf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Logarithm of the probability."""
    k = _count(k, loc, mu)
    possible = (k >= 0) & (k == np.floor(k))
    k = np.where(possible, k, 0.0)
    return where(possible, xlogy(k, mu) - gammaln(k + 1) - mu, -np.inf)


@implements(_poisson.cdf)
def cdf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Distribution function."""
    k = np.floor(_count(k, loc, mu))
    return where(k >= 0, gammaincc(np.maximum(k, 0.0) + 1, mu), 0.0)


@implements(_poisson.sf)
def sf(k: Any, mu: Any, loc: Any = 0) -> Any:
    """Survival function, 1 - cdf."""
    k = np.floor(_count(k, loc, mu))
    return where(k >= 0, gammainc(np.maximum(k, 0.0) + 1, mu), 1.0)


def __getattr__(name: str) -> Any:
    return getattr(_poisson, name)  # what has no derivative, such as rvs
