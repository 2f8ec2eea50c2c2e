"""SciPy's distributions: ``autograd.scipy.stats``, each a module with SciPy's functions.

Examples
--------
>>> import numpy as np
>>> from autograd import grad
>>> from autograd.scipy.stats import norm
>>> def loss(mean, data):
...     return -np.sum(norm.logpdf(data, mean, 2.0))
>>> float(grad(loss)(1.0, np.array([0.0, 4.0])))
-0.5
"""

from __future__ import annotations

from typing import Any

from scipy import stats as _stats

from autograd.scipy.stats import beta, chi2, dirichlet, gamma, multivariate_normal, norm, poisson, t

__all__ = ["beta", "chi2", "dirichlet", "gamma", "multivariate_normal", "norm", "poisson", "t"]


def __getattr__(name: str) -> Any:
    return getattr(_stats, name)
