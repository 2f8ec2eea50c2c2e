"""Averages, quantiles, correlations, the trapezoidal rule."""

from __future__ import annotations

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import call

V = array(5)
W = np.abs(array(5, seed=1)) + 0.1
X = array(2, 3, 4)
WEIGHTS = np.abs(array(2, 3, 4, seed=3)) + 0.1
Z = array(3, 4) + 1j * array(3, 4, seed=1)
METHODS = (
    "linear",
    "hazen",
    "weibull",
    "median_unbiased",
    "normal_unbiased",
    "interpolated_inverted_cdf",
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "lower",
    "higher",
    "midpoint",
    "nearest",
)

CASES = [
    # averages
    call("average", V, None, W),
    call("average", X, weights=WEIGHTS),
    call("average", X, -1, np.array([0.2, 0.5, 1.0, 0.1]), keepdims=True),
    call("average", X, 1, np.array([0.2, 0.5, 1.0]), True),
    call("average", X, (2, 0), np.abs(array(4, 2)) + 0.1),
    call("average", X, None, WEIGHTS, True),
    call("average", Z, 0, W[:3]),
    call("average", [[1.0, 2.0], [3.0, 5.0]], 0, W[:2], constant=(0,)),
    # medians and quantiles
    call("median", V),
    call("median", V[:4]),
    call("median", X, axis=(1, 2)),
    *(call("quantile", V, 0.37, method=method) for method in METHODS),
    *(call("quantile", X, np.array([[0.21, 0.93], [0.48, 0.55]]), 1, method=method) for method in METHODS),
    call("quantile", X, 0.61, axis=(0, 2), keepdims=True),
    call("quantile", X, np.array([0.61, 0.03]), axis=None, keepdims=True),
    call("quantile", X, [0, 1], axis=-1),
    call("quantile", X, 1),
    call("quantile", V, np.array([]), constant=(1,)),
    call("quantile", np.float64(1.5), 0.3),
    call("quantile", V, 0.4, method="inverted_cdf", weights=W),
    call("quantile", X, [1, 0], axis=1, method="inverted_cdf", weights=WEIGHTS),
    call("quantile", X, 0.44, axis=1, method="inverted_cdf", weights=W[:3]),
    call("percentile", X, 37.0, axis=0),
    call("percentile", X, [25, 50, 75], axis=0, keepdims=True),
    call("percentile", V, np.array([11.0, 71.0]), method="hazen"),
    call("nanquantile", X, 0.61, axis=1),
    call("nanpercentile", X, np.array([11.0, 71.0]), axis=(0, 1), keepdims=True),
    call("nanmedian", V),
    # correlations
    call("cov", X[0]),
    call("cov", X[0], rowvar=False),
    call("cov", V),
    call("cov", V, W),
    call("cov", X[0], X[1], False),
    call("cov", X[0], V[:4], ddof=0),
    call("cov", X[0], None, True, True),
    call("cov", Z),
    call("cov", X[0], fweights=np.array([1, 2, 3, 1])),
    call("cov", X[0], None, True, False, None, None, W[:4]),
    call("cov", X[0], None, True, False, 0, np.array([1, 2, 3, 1]), W[:4]),
    call("corrcoef", X[0]),
    call("corrcoef", V, W),
    call("corrcoef", Z, rowvar=False),
    # integrals
    call("trapezoid", V),
    call("trapezoid", V, V[::-1] * 2),
    call("trapezoid", X, None, 0.5, 1),
    call("trapezoid", X, V[:3], axis=1),
    call("trapezoid", X, X * 2, axis=-1),
    call("trapezoid", Z, dx=0.3),
]
