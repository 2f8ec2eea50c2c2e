"""Student's t distribution: SciPy's functions, differentiable by the variable and all parameters."""

from __future__ import annotations

from typing import Any

from scipy.special import stdtr, stdtrit
from scipy.stats import t as _t

from autograd.ops import exp, log
from autograd.scipy._declaring import implements
from autograd.scipy.special._student import t_log_density
from autograd.scipy.stats._location_scale import positive, standardized

__all__ = ["cdf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf"]


@implements(_t.pdf)
def pdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Density."""
    return exp(t_log_density(positive(df), standardized(x, loc, scale))) / scale


@implements(_t.logpdf)
def logpdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the density."""
    return t_log_density(positive(df), standardized(x, loc, scale)) - log(scale)


@implements(_t.cdf)
def cdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Distribution function."""
    return stdtr(positive(df), standardized(x, loc, scale))


@implements(_t.sf)
def sf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Survival function, 1 - cdf."""
    return stdtr(positive(df), -standardized(x, loc, scale))


@implements(_t.logcdf)
def logcdf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the distribution function."""
    return log(cdf(x, df, loc, scale))


@implements(_t.logsf)
def logsf(x: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Logarithm of the survival function."""
    return log(sf(x, df, loc, scale))


@implements(_t.ppf)
def ppf(q: Any, df: Any, loc: Any = 0.0, scale: Any = 1.0) -> Any:
    """Quantiles, the inverse of cdf."""
    return loc + positive(scale) * stdtrit(positive(df), q)


def __getattr__(name: str) -> Any:
    return getattr(_t, name)  # what has no derivative, such as rvs
