"""The chi-squared distribution: SciPy's functions, differentiable by the variable and all parameters."""

from __future__ import annotations

from typing import Any

from scipy.stats import chi2 as _chi2

from autograd.scipy._declaring import implements
from autograd.scipy.stats import gamma as _gamma

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf"]

# It is a gamma distribution: of half the degrees of freedom, and twice the scale.


@implements(_chi2.pdf)
def pdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Density, 0 left of ``loc``."""
    return _gamma.pdf(x, 0.5 * df, loc, 2.0 * scale)


@implements(_chi2.logpdf)
def logpdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the density."""
    return _gamma.logpdf(x, 0.5 * df, loc, 2.0 * scale)


@implements(_chi2.cdf)
def cdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Distribution function."""
    return _gamma.cdf(x, 0.5 * df, loc, 2.0 * scale)


@implements(_chi2.sf)
def sf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Survival function, 1 - cdf."""
    return _gamma.sf(x, 0.5 * df, loc, 2.0 * scale)


@implements(_chi2.logcdf)
def logcdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the distribution function."""
    return _gamma.logcdf(x, 0.5 * df, loc, 2.0 * scale)


@implements(_chi2.logsf)
def logsf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the survival function."""
    return _gamma.logsf(x, 0.5 * df, loc, 2.0 * scale)


@implements(_chi2.ppf)
def ppf(q: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Quantiles, the inverse of cdf."""
    return _gamma.ppf(q, 0.5 * df, loc, 2.0 * scale)


def __getattr__(name: str) -> Any:
    return getattr(_chi2, name)  # what has no derivative, such as rvs
