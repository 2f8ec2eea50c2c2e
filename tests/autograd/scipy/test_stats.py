"""Distributions: values SciPy's, derivatives in all real parameters, also where there is no density."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
import scipy.stats

import autograd.scipy.stats as stats
from autograd import Tensor, grad
from autograd.samples import array
from tests.autograd.numpy.cases import Case, call
from tests.autograd.scipy.harness import check

X = array(2, 3)
POSITIVE = abs(array(2, 3, seed=1)) + 0.3
LOC, SCALE = array(3, seed=2) / 9, np.array([[0.8], [1.3]])
UNIT = (array(2, 3) + 2.2) / 4.5
A, B = np.array([0.8, 1.7, 3.2]), np.array([[1.4], [2.6]])
COVARIANCE = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.7]])
POINT = np.array([0.2, 0.3, 0.5])
ALPHA = np.array([0.8, 1.7, 3.2])

VALUES = ("pdf", "logpdf", "cdf", "sf", "logcdf", "logsf")

CASES = [
    *(call(f"norm.{name}", X) for name in VALUES),
    *(call(f"norm.{name}", X, LOC, SCALE) for name in VALUES),
    *(call(f"norm.{name}", 0.3, loc=0.5, scale=2.0) for name in VALUES),
    *(call(f"norm.{name}", UNIT, LOC, SCALE) for name in ("ppf", "isf")),
    *(call(f"gamma.{name}", POSITIVE, A) for name in VALUES),
    *(call(f"gamma.{name}", POSITIVE + 0.4, A, LOC, SCALE) for name in VALUES),
    call("gamma.ppf", UNIT, A, LOC, SCALE),
    *(call(f"chi2.{name}", POSITIVE, A) for name in VALUES),
    *(call(f"chi2.{name}", POSITIVE + 0.4, A, LOC, SCALE) for name in VALUES),
    call("chi2.ppf", UNIT, A, LOC, SCALE),
    *(call(f"beta.{name}", UNIT, A, B) for name in VALUES),
    *(call(f"beta.{name}", UNIT, A, B, -0.1, 1.2) for name in VALUES),
    call("beta.ppf", UNIT, A, B, LOC, SCALE),
    *(call(f"t.{name}", X, A + 1) for name in VALUES),
    *(call(f"t.{name}", X, A + 1, LOC, SCALE) for name in VALUES),
    call("t.ppf", UNIT, A + 1, LOC, SCALE),
    *(call(f"poisson.{name}", [0, 1, 4], A) for name in ("pmf", "logpmf", "cdf", "sf")),
    *(call(f"poisson.{name}", [3, 2, 6], A, loc=1) for name in ("pmf", "logpmf", "cdf", "sf")),
    *(call(f"dirichlet.{name}", POINT, ALPHA, constant=(0,)) for name in ("pdf", "logpdf")),
    *(call(f"dirichlet.{name}", POINT[:2], ALPHA) for name in ("pdf", "logpdf")),
    *(call(f"dirichlet.{name}", np.array([[0.2, 0.1], [0.3, 0.5]]), ALPHA) for name in ("pdf", "logpdf")),
]


class _Symmetric:
    """The functions of the distribution of the symmetric part of a covariance, of which SciPy reads a triangle."""

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution

    def __getattr__(self, name: str) -> Any:
        def function(*arguments: Any) -> Any:
            *others, last = arguments
            symmetric = (last + last.T) / 2 if np.ndim(last) == 2 and len(others) == (name != "entropy") + 1 else last
            return getattr(self.distribution, name)(*others, symmetric)

        return function


MULTIVARIATE = [
    *(
        call(name, *arguments)
        for name in ("pdf", "logpdf")
        for arguments in (
            (X[0], LOC, COVARIANCE),
            (X, LOC, COVARIANCE),
            (array(2, 4, 3), LOC, COVARIANCE),
            (X, None, COVARIANCE),
            (X, LOC),
            (X, LOC, 2.0),
            (X, LOC, POSITIVE[0]),
            (X[0], None, 2.0),
            (X[0], 0.3, 2.0),
            (0.5, 0.3, 2.0),
        )
    ),
    call("entropy", LOC, COVARIANCE),
    call("entropy", None, 2.0),
]


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{i} {c}") for i, c in enumerate(MULTIVARIATE)])
def test_multivariate_normal(case: Case) -> None:
    check(case, _Symmetric(scipy.stats.multivariate_normal), _Symmetric(stats.multivariate_normal))


def test_singular_covariance_matrices_are_constants() -> None:
    covariance = np.diag([1.0, 2.0, 0.0])
    point, mean = Tensor([0.3, -0.2, 0.0]), Tensor(np.zeros(3))
    found = stats.multivariate_normal.logpdf(point, mean, covariance, allow_singular=True)
    expected = scipy.stats.multivariate_normal.logpdf(point.data, mean.data, covariance, allow_singular=True)
    np.testing.assert_allclose(found.data, expected, rtol=1e-13)
    found.backward()
    np.testing.assert_allclose(point.grad, [-0.3, 0.1, 0.0])
    np.testing.assert_allclose(mean.grad, [0.3, -0.1, 0.0])
    with pytest.raises(TypeError, match=r"allow_singular.*cov\.data"):
        stats.multivariate_normal.logpdf(point, mean, Tensor(covariance), allow_singular=True)


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{i} {c}") for i, c in enumerate(CASES)])
def test_values_and_derivatives(case: Case) -> None:
    check(case, scipy.stats, stats)


@pytest.mark.parametrize("name", ["norm", "gamma", "chi2", "beta", "t", "poisson", "dirichlet", "multivariate_normal"])
def test_each_distribution_is_a_module_with_all_that_scipys_has(name: str) -> None:
    module = importlib.import_module(f"autograd.scipy.stats.{name}")
    assert module is getattr(stats, name)
    assert module.rvs == getattr(scipy.stats, name).rvs
    assert stats.uniform is scipy.stats.uniform


def test_outside_the_support_nothing_flows() -> None:
    for function, parameters in (
        (stats.gamma, (2.0,)), (stats.chi2, (3.0,)), (stats.beta, (2.0, 3.0)),
    ):  # fmt: skip
        for name, value in (("pdf", 0.0), ("logpdf", -np.inf), ("cdf", 0.0), ("sf", 1.0)):
            x, shapes = Tensor(np.array([-1.0])), [Tensor(p) for p in parameters]
            result = getattr(function, name)(x, *shapes)
            np.testing.assert_array_equal(result.data, [value])
            result.backward(np.ones(1))
            for tensor in (x, *shapes):
                np.testing.assert_array_equal(tensor.grad, np.zeros(tensor.shape))
    np.testing.assert_array_equal(stats.beta.cdf(Tensor([2.0]), 2.0, 3.0).data, [1.0])
    np.testing.assert_array_equal(stats.poisson.pmf([-1, 0.5, 1.0], Tensor(1.0)).data[:2], [0.0, 0.0])


def test_a_scale_that_is_not_positive_gives_nan() -> None:
    assert np.isnan(stats.norm.pdf(Tensor(0.0), 0.0, -1.0).item())
    assert np.isnan(stats.gamma.cdf(Tensor(1.0), -1.0).item())


def test_derivatives_of_students_t_at_0() -> None:
    by_both = grad(grad(stats.t.cdf, 0), 1)(0.0, 3.0)
    step = 1e-6
    expected = (scipy.stats.t.pdf(0.0, 3.0 + step) - scipy.stats.t.pdf(0.0, 3.0 - step)) / (2 * step)
    np.testing.assert_allclose(by_both, expected, rtol=1e-8)
    assert grad(stats.t.cdf, 1)(0.0, 3.0) == 0.0


def test_far_tails_keep_their_derivatives() -> None:
    # Mills' ratio: the derivative of the logarithm tends to -x.
    np.testing.assert_allclose(grad(stats.norm.logcdf)(-1e4), 1e4, rtol=1e-7)
    np.testing.assert_allclose(grad(stats.norm.logsf)(40.0), -40.02496886, rtol=1e-8)
    assert grad(stats.norm.logcdf)(50.0) == 0.0


def test_a_point_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="sum"):
        stats.dirichlet.pdf(Tensor([0.5, 0.4, 0.4]), ALPHA)
