"""The beta distribution: SciPy's functions, differentiable by the variable and all parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import betainc, betaincc, betaincinv, betaln, xlog1py, xlogy
from scipy.stats import beta as _beta

from autograd.ops import log, where
from autograd.scipy._declaring import implements, plain
from autograd.scipy.special import beta_density
from autograd.scipy.stats._location_scale import inside, positive, standardized

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf"]


@implements(_beta.pdf)
def pdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Density, 0 outside ``loc`` to ``loc + scale``."""
    outside, z = inside(standardized(x, loc, scale), 0.0, 1.0)
    return where(outside, 0.0, beta_density(positive(a), positive(b), z) / scale)


@implements(_beta.logpdf)
def logpdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the density."""
    outside, z = inside(standardized(x, loc, scale), 0.0, 1.0)
    density = xlogy(positive(a) - 1, z) + xlog1py(positive(b) - 1, -z) - betaln(a, b)
    return where(outside, -np.inf, density - log(scale))


@implements(_beta.cdf)
def cdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Distribution function."""
    z = standardized(x, loc, scale)
    outside, within = inside(z, 0.0, 1.0)
    return where(plain(z) > 1, 1.0, where(outside, 0.0, betainc(positive(a), positive(b), within)))


@implements(_beta.sf)
def sf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Survival function, 1 - cdf."""
    z = standardized(x, loc, scale)
    outside, within = inside(z, 0.0, 1.0)
    return where(plain(z) < 0, 1.0, where(outside, 0.0, betaincc(positive(a), positive(b), within)))


@implements(_beta.logcdf)
def logcdf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the distribution function."""
    return log(cdf(x, a, b, loc, scale))


@implements(_beta.logsf)
def logsf(x: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the survival function."""
    return log(sf(x, a, b, loc, scale))


@implements(_beta.ppf)
def ppf(q: Any, a: Any, b: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Quantiles, the inverse of cdf."""
    return loc + positive(scale) * betaincinv(positive(a), positive(b), q)


def __getattr__(name: str) -> Any:
    return getattr(_beta, name)  # what has no derivative, such as rvs
