"""The gamma distribution: SciPy's functions, differentiable by the variable and all parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammainc, gammaincc, gammaincinv, gammaln, xlogy
from scipy.stats import gamma as _gamma

from autograd.ops import log, where
from autograd.scipy._declaring import implements
from autograd.scipy.special import gamma_density
from autograd.scipy.stats._location_scale import inside, positive, standardized

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf"]


@implements(_gamma.pdf)
def pdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Density, 0 left of ``loc``."""
    outside, z = inside(standardized(x, loc, scale), 0.0)
    return where(outside, 0.0, gamma_density(positive(a), z) / scale)


@implements(_gamma.logpdf)
def logpdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the density."""
    outside, z = inside(standardized(x, loc, scale), 0.0)
    return where(outside, -np.inf, xlogy(positive(a) - 1, z) - z - gammaln(a) - log(scale))


@implements(_gamma.cdf)
def cdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Distribution function."""
    outside, z = inside(standardized(x, loc, scale), 0.0)
    return where(outside, 0.0, gammainc(positive(a), z))


@implements(_gamma.sf)
def sf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Survival function, 1 - cdf."""
    outside, z = inside(standardized(x, loc, scale), 0.0)
    return where(outside, 1.0, gammaincc(positive(a), z))


@implements(_gamma.logcdf)
def logcdf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the distribution function."""
    return log(cdf(x, a, loc, scale))


@implements(_gamma.logsf)
def logsf(x: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the survival function."""
    return log(sf(x, a, loc, scale))


@implements(_gamma.ppf)
def ppf(q: Any, a: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Quantiles, the inverse of cdf."""
    return loc + positive(scale) * gammaincinv(positive(a), q)


def __getattr__(name: str) -> Any:
    return getattr(_gamma, name)  # what has no derivative, such as rvs
