"""Derivatives of the incomplete gamma and beta functions by their shapes, of any order, as integrals.

The incomplete functions are integrals of a density up to a point. The derivative of the density by a shape is the
density times a polynomial in the logarithm of the variable, and what is left is an integral of that. Since the whole
density integrates to 1 for every shape, the integrals of the derivative over the two sides of the point are opposite,
and one of them can be chosen on which the first derivative has one sign: nothing cancels, and the relative error stays
small in both tails. In the logarithm (the logit) of the variable the density is log-concave and smooth, with
exponential or steeper tails; it is integrated by Gauss-Legendre rules between points that isolate its bend.

All functions here take and return plain float64 arrays, of one shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import comb, factorial
from typing import Any

import numpy as np
from scipy import special

__all__ = ["beta_density", "beta_derivative", "gamma_density", "gamma_derivative", "relative_derivative"]

Array = np.ndarray[Any, np.dtype[np.float64]]

#: Where the density has fallen by this power of e it is left out.
_DEPTH = 45.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
#: As many elements are integrated at a time as have their nodes in the processor's cache.
_BLOCK = 1 << 11


def relative_derivative(of_log: Callable[[int, int], Any], order_a: int, order_b: int = 0) -> Any:
    """A derivative of a function f(a, b), divided by f: a polynomial in the derivatives of ln f (Faà di Bruno).

    Parameters
    ----------
    of_log
        ``of_log(i, j)`` is the derivative of ln f of these orders by a and b: a plain value or a tensor.
    order_a, order_b
        Of the derivative.
    """
    if order_a == order_b == 0:
        return 1.0
    if order_a == 0:
        return relative_derivative(lambda i, j: of_log(j, i), order_b)
    # f_a = f (ln f)_a, differentiated the remaining number of times as a product
    return sum(
        comb(order_a - 1, i)
        * comb(order_b, j)
        * relative_derivative(of_log, order_a - 1 - i, order_b - j)
        * of_log(i + 1, j)
        for i in range(order_a)
        for j in range(order_b + 1)
    )


# ---------------------------------------------------------------------------------------------------------------------
# Densities
# ---------------------------------------------------------------------------------------------------------------------
# A power, an exponential and a gamma function that are each huge or tiny have a moderate product, whose exponent must
# not be a difference of large numbers. It is written with deviances and Stirling's errors, as C. Loader does: "Fast and
# accurate computation of binomial probabilities" (2000).

#: Coefficients of the powers 1/z, 1/z³, ... in Stirling's series for ln Γ.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)


def _stirling_error(z: Array) -> Array:
    """Compute ln Γ(z + 1) - ln(√(2πz) (z/e)^z)."""
    large = np.maximum(z, 10.0)
    series = np.zeros_like(z)
    for coefficient in _STIRLING[::-1]:
        series = series / (large * large) + coefficient
    small = np.minimum(z, 10.0)
    direct = special.gammaln(small) - special.xlogy(small - 0.5, small) + small - 0.5 * np.log(2 * np.pi)
    return np.where(z > 10.0, series / large, direct)


def _deviance(z: Array, mean: Array) -> Array:
    """Compute z ln(z / mean) - z + mean without cancellation where the two are close."""
    difference = z - mean
    v = difference / (z + mean)
    u = v * v
    series = np.zeros_like(z)
    for k in range(12, 0, -1):  # of artanh v - v, up to |v| = 0.1
        series = u * (1 / (2 * k + 1) + series)
    close = difference * v + 2 * z * v * series
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        far = z * (np.log(z) - np.log(mean)) - difference
    return np.where(np.abs(v) < 0.1, close, far)


def _gamma_mass(a: Array, x: Array) -> Array:
    """x^a e^-x / Γ(a): the density of the logarithm of a gamma variable."""
    return np.sqrt(a / (2 * np.pi)) * np.exp(-_stirling_error(a) - _deviance(a, x))


def _beta_mass(a: Array, b: Array, x: Array, y: Array) -> Array:
    """x^a y^b / B(a, b), where y is 1 - x: the density of the logit of a beta variable."""
    n = a + b
    exponent = _stirling_error(n) - _stirling_error(a) - _stirling_error(b) - _deviance(a, n * x) - _deviance(b, n * y)
    return np.sqrt(a / n * b / (2 * np.pi)) * np.exp(exponent)


def gamma_density(a: Array, x: Array) -> Array:
    """The derivative of the lower regularised incomplete gamma function by x: x^(a-1) e^-x / Γ(a)."""
    with np.errstate(all="ignore"):
        inside = _gamma_mass(a, x) / x
        at_zero = np.select([a < 1, a == 1], [np.inf, 1.0], 0.0)
        return np.where(x == 0, at_zero, np.where((x < 0) | ~(a > 0), np.nan, np.where(np.isinf(x), 0.0, inside)))


def beta_density(a: Array, b: Array, x: Array) -> Array:
    """The derivative of the regularised incomplete beta function by x: x^(a-1) (1-x)^(b-1) / B(a, b)."""
    with np.errstate(all="ignore"):
        inside = _beta_mass(a, b, x, 1 - x) / x / (1 - x)
        at_zero = np.select([a < 1, a == 1], [np.inf, b], 0.0)
        at_one = np.select([b < 1, b == 1], [np.inf, a], 0.0)
        inside = np.where(x == 0, at_zero, np.where(x == 1, at_one, inside))
        return np.where((x < 0) | (x > 1) | ~(a > 0) | ~(b > 0), np.nan, inside)


# ---------------------------------------------------------------------------------------------------------------------
# Integration
# ---------------------------------------------------------------------------------------------------------------------


def _reach(fall: Callable[[Array], Array], slope: Callable[[Array], Array], curvature: Array, bound: Array) -> Array:
    """How far to go from a point before a log-concave density has fallen by ``_DEPTH``.

    Parameters
    ----------
    fall, slope
        By how much its logarithm has fallen at a distance, and the derivative of that.
    curvature
        A lower bound of the second derivative of the fall, up to distance 1.
    bound
        A distance at which it has fallen far enough for certain.
    """
    distance = np.sqrt(2 * _DEPTH / curvature)
    distance = np.where(distance <= 1, np.minimum(distance, bound), bound)
    for _ in range(12):  # Newton's method, from above on a convex function
        distance = distance - (fall(distance) - _DEPTH) / slope(distance)
    return distance


def _integrate(
    integrand: Callable[..., Array], low: Array, high: Array, breaks: Sequence[Array], *parameters: Array
) -> Array:
    """Integrate a function of ``(n, nodes)`` points, and ``(n, 1)`` parameters, from low to high, in parts."""
    total = np.zeros_like(low)
    ends = [low, *(np.clip(at, low, high) for at in breaks), high]
    for left, right in pairwise(ends):
        rows = right > left
        if rows.any():
            half = (right[rows] - left[rows]) / 2
            points = left[rows, None] + half[:, None] * (1 + _NODES)
            total[rows] += half * (integrand(points, *(p[rows, None] for p in parameters)) @ _WEIGHTS)
    return total


def _in_blocks(function: Callable[..., Array], valid: Any, *arrays: Array) -> Array:
    """Apply a function of flat arrays, block by block, to those elements that are valid."""
    out = np.zeros(valid.shape)
    flat = [x[valid] for x in arrays]
    found = np.empty(len(flat[0]))
    with np.errstate(all="ignore"):
        for start in range(0, len(found), _BLOCK):
            part = slice(start, start + _BLOCK)
            found[part] = function(*(x[part] for x in flat))
    out[valid] = found
    return out


def gamma_derivative(a: Array, x: Array, order: int) -> Array:
    """The derivative of the given order by ``a`` of the lower regularised incomplete gamma function of ``(a, x)``."""
    valid = (a > 0) & (x > 0) & (x < np.inf) & (a < np.inf)
    found = _in_blocks(lambda a, x: _gamma_derivative(a, x, order), valid, a, x)
    return np.where(np.isnan(a) | np.isnan(x) | (a <= 0) | (x < 0), np.nan, found)


def _gamma_derivative(a: Array, x: Array, order: int) -> Array:
    digamma = special.digamma(a)
    lower = np.log(x) <= digamma
    centre = np.where(lower, x, np.maximum(np.maximum(x, a), 0.1))  # all of the side that is not beyond it is high
    log_centre = np.log(centre)
    sign = np.where(lower, -1.0, 1.0)

    def fall(distance: Array) -> Array:
        return centre * np.expm1(sign * distance) - a * (sign * distance)

    def slope(distance: Array) -> Array:
        return sign * (centre * np.exp(sign * distance) - a)

    below = (_DEPTH + centre) / a
    above = np.minimum(np.sqrt(2 * _DEPTH / centre), np.maximum(np.log1p(2 * _DEPTH / centre), 1.3))
    reach = _reach(fall, slope, centre / np.e, np.where(lower, below, above))
    start = np.where(lower, 0.0, np.log(x) - log_centre)
    low, high = np.where(lower, -reach, start), np.where(lower, start, reach)
    bend = np.log1p(a) - log_centre
    derivatives = [log_centre - digamma, *(-special.polygamma(k, a) for k in range(1, order))]  # at the centre

    def integrand(offset: Array, a: Array, centre: Array, *derivatives: Array) -> Array:
        density = np.exp(a * offset - centre * np.expm1(offset))
        return np.asarray(
            density * relative_derivative(lambda i, j: derivatives[i - 1] + (offset if i == 1 else 0.0), order)
        )

    integral = _integrate(integrand, low, high, [bend - 4, bend], a, centre, *derivatives)
    return -sign * _gamma_mass(a, centre) * integral


def beta_derivative(a: Array, b: Array, x: Array, order_a: int, order_b: int) -> Array:
    """The derivative by ``a`` and ``b`` of the regularised incomplete beta function of ``(a, b, x)``."""
    valid = (a > 0) & (b > 0) & (x > 0) & (x < 1) & (a < np.inf) & (b < np.inf)
    found = _in_blocks(lambda a, b, x: _beta_derivative(a, b, x, order_a, order_b), valid, a, b, x)
    return np.where(np.isnan(a + b + x) | (a <= 0) | (b <= 0) | (x < 0) | (x > 1), np.nan, found)


def _beta_derivative(a: Array, b: Array, x: Array, order_a: int, order_b: int) -> Array:
    n = a + b
    log_x, log_y = np.log(x), np.log1p(-x)
    mean_x, mean_y = _digamma_fall(a, b), _digamma_fall(b, a)
    if order_b == 0:
        lower = log_x <= mean_x
    elif order_a == 0:
        lower = log_y >= mean_y
    else:
        lower = x <= a / n
    sign = np.where(lower, -1.0, 1.0)
    logit = log_x - log_y
    mode = np.log(a) - np.log(b)
    centre = np.where(lower, np.minimum(logit, mode), np.maximum(logit, mode))
    at_end = centre == logit
    p, q = np.where(at_end, x, a / n), np.where(at_end, 1 - x, b / n)
    log_p, log_q = np.where(at_end, log_x, -np.log1p(b / a)), np.where(at_end, log_y, -np.log1p(a / b))

    def fall(distance: Array) -> Array:
        return n * _log_sum(p, q, sign * distance) - a * (sign * distance)

    def slope(distance: Array) -> Array:
        return np.asarray(sign * (n * p / (p + q * np.exp(-sign * distance)) - a))

    below, above = (_DEPTH - n * log_q) / a, (_DEPTH - n * log_p) / b
    reach = _reach(fall, slope, n * p * q / np.e, np.where(lower, below, above))
    start = logit - centre
    low, high = np.where(lower, -reach, start), np.where(lower, start, reach)
    left, right = -np.log1p(b) - centre, np.log1p(a) - centre
    # Of the logarithm of the density at the centre, by order in a and b; those of first order change with the offset.
    derivatives = {(1, 0): log_p - mean_x, (0, 1): log_q - mean_y}
    for i in range(order_a + 1):
        for j in range(order_b + 1):
            if i + j > 1:
                own = special.polygamma(i - 1, a) if j == 0 else special.polygamma(j - 1, b) if i == 0 else 0.0
                derivatives[i, j] = special.polygamma(i + j - 1, n) - own

    def integrand(offset: Array, a: Array, n: Array, p: Array, q: Array, *values: Array) -> Array:
        at_centre = dict(zip(derivatives, values, strict=True))
        log_sum = _log_sum(p, q, offset)
        moved = {(1, 0): offset - log_sum, (0, 1): -log_sum}
        density = np.exp(a * offset - n * log_sum)
        return np.asarray(
            density * relative_derivative(lambda i, j: at_centre[i, j] + moved.get((i, j), 0.0), order_a, order_b)
        )

    breaks = [*(left - k for k in (36, 12, 4, 0)), *(right + k for k in (0, 4, 12, 36))]
    integral = _integrate(integrand, low, high, breaks, a, n, p, q, *derivatives.values())
    return np.asarray(-sign * _beta_mass(a, b, p, q) * integral)


def _digamma_fall(z: Array, step: Array) -> Array:
    """Compute ψ(z) - ψ(z + step), of a short step by a series: the difference would cancel."""
    terms = [-special.polygamma(k, z) * step**k / factorial(k) for k in range(4, 0, -1)]
    return np.asarray(np.where(step < 1e-3 * z, sum(terms), special.digamma(z) - special.digamma(z + step)))


def _log_sum(p: Array, q: Array, offset: Array) -> Array:
    """Compute ln(q + p e^offset), where p + q = 1."""
    change = p * np.expm1(offset)
    far = np.maximum(offset, 0.0) + np.log(p * np.exp(np.minimum(offset, 0.0)) + q * np.exp(-np.maximum(offset, 0.0)))
    return np.where(np.abs(change) < 0.5, np.log1p(change), far)
