"""The normal distribution: SciPy's functions, differentiable by the variable, its mean and its standard deviation."""

from __future__ import annotations

import math
from typing import Any

from scipy.special import log_ndtr, ndtr, ndtri
from scipy.stats import norm as _norm

from autograd.ops import exp, log
from autograd.scipy._declaring import implements
from autograd.scipy.stats._location_scale import positive, standardized

__all__ = ["cdf", "isf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf"]

_ROOT_TAU = math.sqrt(2 * math.pi)


@implements(_norm.pdf)
def pdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Density."""
    z = standardized(x, loc, scale)
    return exp(-0.5 * z * z) / (_ROOT_TAU * scale)


@implements(_norm.logpdf)
def logpdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the density."""
    z = standardized(x, loc, scale)
    return -0.5 * z * z - log(scale) - math.log(_ROOT_TAU)


@implements(_norm.cdf)
def cdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Distribution function."""
    return ndtr(standardized(x, loc, scale))


@implements(_norm.sf)
def sf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Survival function, 1 - cdf."""
    return ndtr(-standardized(x, loc, scale))


@implements(_norm.logcdf)
def logcdf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the distribution function."""
    return log_ndtr(standardized(x, loc, scale))


@implements(_norm.logsf)
def logsf(x: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the survival function."""
    return log_ndtr(-standardized(x, loc, scale))


@implements(_norm.ppf)
def ppf(q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Quantiles, the inverse of cdf."""
    return loc + positive(scale) * ndtri(q)


@implements(_norm.isf)
def isf(q: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Inverse of the survival function."""
    return loc - positive(scale) * ndtri(q)


def __getattr__(name: str) -> Any:
    return getattr(_norm, name)  # what has no derivative, such as rvs
