"""Special functions beyond what every operation is tested for: accuracy, orders, sums, and SciPy's own ufuncs."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import scipy.special

import autograd.scipy
import autograd.scipy.special as special
from autograd import Tensor, grad, make_jvp, make_vjp, ops
from autograd.primitives import UFUNCS
from autograd.samples import array
from autograd.test_util import check_grads
from tests.autograd.numpy.cases import Case, call
from tests.autograd.scipy.harness import check

X = array(2, 3)
POSITIVE = abs(array(2, 3, seed=1)) + 0.4
COMPLEX = X + 1j * array(2, 3, seed=2)
WEIGHTS = array(2, 3, seed=4)

CASES = [
    call("erf", X),
    call("erf", COMPLEX),
    call("erfc", COMPLEX, order=1),
    call("erfi", COMPLEX, order=1),
    call("gamma", COMPLEX + 3, order=1),
    call("loggamma", COMPLEX + 3, order=1),
    call("digamma", POSITIVE),
    call("psi", POSITIVE),
    call("expit", X),
    call("log_expit", X),
    call("jn", 2, POSITIVE),
    call("jv", 0.5, POSITIVE, constant=(0,)),
    call("iv", np.array([0.0, 1.0, 2.5]), POSITIVE, constant=(0,)),
    call("jv", 1, COMPLEX, constant=(0,)),
    call("polygamma", 2, POSITIVE),
    call("polygamma", np.array([0, 1, 2]), POSITIVE),
    call("multigammaln", POSITIVE + 1.5, 3),
    call("multigammaln", 2.5, 2),
    call("expn", 0, POSITIVE),
    call("expn", np.array([0, 1, 3]), POSITIVE),
    call("zeta", 2.5, POSITIVE, constant=(0,)),
    call("lambertw", COMPLEX + 3),
    call("lambertw", POSITIVE + 1, 1),
    call("hyp1f1", 0.5, 1.5, X, constant=(0, 1)),
    call("logsumexp", X),
    call("logsumexp", 2.0),
    call("logsumexp", X, axis=0),
    call("logsumexp", X, axis=(0, 1), keepdims=True),
    call("logsumexp", X, 1, POSITIVE),
    call("logsumexp", X, 0, POSITIVE, True),
    call("logsumexp", X, None, POSITIVE[0]),
    call("softmax", X),
    call("softmax", X, 0),
    call("softmax", X, axis=-1),
    call("log_softmax", X),
    call("log_softmax", X, 1),
    call("log_softmax", array(2, 3, 2), axis=(0, 2)),
    call("softmax", array(2, 3, 2), axis=(0, 2)),
]  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{i} {c}") for i, c in enumerate(CASES)])
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
def test_values_and_derivatives(case: Case) -> None:
    check(case, scipy.special, special)


def test_all_names_of_the_established_package_are_there() -> None:
    names = (
        "beta betainc betaln polygamma psi digamma gamma gammaln gammainc gammaincc gammasgn rgamma multigammaln j0 y0 "
        "j1 y1 jn yn i0 i1 iv ive erf erfc erfinv erfcinv logit expit logsumexp"
    )
    for name in names.split():
        assert callable(getattr(special, name))
    assert set(special.__all__) <= set(dir(special))
    with pytest.raises(AttributeError, match="gama"):
        _ = special.gama


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives by the shapes of the incomplete functions
# ---------------------------------------------------------------------------------------------------------------------

SHAPES = [1e-5, 1e-2, 0.3, 1.0, 2.5, 10.0, 100.0, 1e4]


def _reference(function: Any, at: float) -> Any:
    """The derivative in 50 digits, as a difference."""
    import mpmath

    with mpmath.workdps(50):
        at = mpmath.mpf(at)
        step = at * mpmath.mpf(10) ** -15
        return (function(at + step) - function(at - step)) / (2 * step)


@pytest.mark.parametrize("a", SHAPES)
def test_gammainc_by_its_shape_is_exact_in_both_tails(a: float) -> None:
    mpmath = pytest.importorskip("mpmath")

    for x in [a * ratio for ratio in (1e-6, 0.01, 0.5, 0.97, 1.0, 1.03, 1.6, 8.0)] + [20.0]:
        # The smaller of the two functions, so that the difference does not cancel.
        if x < a:
            expected = _reference(lambda z, x=x: mpmath.gammainc(z, 0, x, regularized=True), a)
        else:
            expected = -_reference(lambda z, x=x: mpmath.gammainc(z, x, mpmath.inf, regularized=True), a)
        if abs(expected) > 1e-290:
            found = special.gammainc_derivative(a, x)
            assert abs(found / expected - 1) < 1e-10, (a, x, found, expected)


@pytest.mark.parametrize("a", SHAPES)
@pytest.mark.parametrize("b", [0.05, 1.0, 7.0, 300.0])
def test_betainc_by_its_shapes_is_exact_in_both_tails(a: float, b: float) -> None:
    mpmath = pytest.importorskip("mpmath")

    centre, width = np.log(a / b), min(np.sqrt(1 / a + 1 / b), 3.0)
    for x in scipy.special.expit(centre + width * np.array([-4.0, -1.0, 0.0, 0.7, 3.0])):
        if not 1e-300 < x < 1 - 1e-15:
            continue

        def probability(p: Any, q: Any, x: float = x) -> Any:
            if x < a / (a + b):
                return mpmath.betainc(p, q, 0, x, regularized=True)
            return -mpmath.betainc(q, p, 0, 1 - mpmath.mpf(x), regularized=True)

        try:
            by_a = _reference(lambda z, f=probability: f(z, mpmath.mpf(b)), a)
            by_b = _reference(lambda z, f=probability: f(mpmath.mpf(a), z), b)
        except ValueError:  # the reference does not converge
            continue
        for expected, order in ((by_a, {"order_a": 1}), (by_b, {"order_b": 1})):
            if abs(expected) > 1e-290:
                found = special.betainc_derivative(a, b, x, **order)
                assert abs(found / expected - 1) < 1e-9, (a, b, x, order, found, expected)


@pytest.mark.parametrize("df", [0.3, 1.0, 4.0, 50.0, 1000.0])
def test_stdtr_by_the_degrees_of_freedom(df: float) -> None:
    mpmath = pytest.importorskip("mpmath")

    for t in (-30.0, -2.0, -0.1, 1e-4, 0.8, 3.0, 100.0):

        def probability(df: Any, t: float = t) -> Any:
            z = df / (df + mpmath.mpf(t) ** 2)
            return -np.sign(t) * mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, z, regularized=True) / 2

        expected = _reference(probability, df)
        if abs(expected) > 1e-290:
            assert abs(special.stdtr_derivative(df, t) / expected - 1) < 1e-11 * max(df, 10)


def test_densities_are_stable_and_right_at_the_ends() -> None:
    mpmath = pytest.importorskip("mpmath")

    with mpmath.workdps(50):
        for a, x in ((1e6, 1.001e6), (1e9, 1e9), (0.3, 1e-8), (50.0, 0.1)):
            p, q = mpmath.mpf(a), mpmath.mpf(x)
            expected = mpmath.exp((p - 1) * mpmath.log(q) - q - mpmath.loggamma(p))
            assert abs(special.gamma_density(a, x) / expected - 1) < 1e-11
        for a, b, x in ((1e6, 2e6, 0.3333), (1e-3, 5.0, 0.5), (400.0, 0.2, 0.99)):
            p, q, z = mpmath.mpf(a), mpmath.mpf(b), mpmath.mpf(x)
            expected = z ** (p - 1) * (1 - z) ** (q - 1) / mpmath.beta(p, q)
            assert abs(special.beta_density(a, b, x) / expected - 1) < 1e-11
    np.testing.assert_array_equal(special.gamma_density([0.5, 1.0, 2.0], 0.0), [np.inf, 1.0, 0.0])
    np.testing.assert_array_equal(special.beta_density([0.5, 1.0, 2.0], 3.0, 0.0), [np.inf, 3.0, 0.0])
    np.testing.assert_array_equal(special.beta_density(3.0, [0.5, 1.0, 2.0], 1.0), [np.inf, 3.0, 0.0])
    assert np.isnan(special.gamma_density(1.0, -1.0))
    assert special.gammainc_derivative(2.0, 0.0) == special.gammainc_derivative(2.0, np.inf) == 0.0
    assert np.isnan(special.gammainc_derivative(-1.0, 1.0))
    assert special.betainc_derivative(2.0, 3.0, 1.0, order_a=1) == 0.0


def test_third_derivatives_by_the_shape() -> None:
    third = grad(grad(grad(special.gammainc)))
    step = 1e-4
    second = grad(grad(special.gammainc))
    expected = (second(2.0 + step, 1.5) - second(2.0 - step, 1.5)) / (2 * step)
    np.testing.assert_allclose(third(2.0, 1.5), expected, rtol=1e-6)


def test_quantiles_are_inverse_also_in_their_derivatives() -> None:
    check_grads(lambda a, y: special.gammainc(a, special.gammaincinv(a, y)) - y, order=1)(1.7, 0.3)
    gradient = grad(lambda a: special.betainc(a, 2.0, special.betaincinv(a, 2.0, 0.3)))(1.7)
    np.testing.assert_allclose(gradient, 0.0, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Orders, sums, ufuncs
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "apply",
    [
        lambda v: special.jv(v, 1.0),
        lambda v: scipy.special.iv(v, 1.0),
        lambda v: special.polygamma(v, 1.0),
        lambda v: special.expn(v, 1.0),
        lambda v: special.zeta(v),
        lambda v: special.hyp1f1(1.0, v, 1.0),
    ],
)
def test_orders_have_no_derivative(apply: Any) -> None:
    with pytest.raises(TypeError, match=r"no derivative with respect to .*\.data"):
        apply(Tensor(2.0))
    assert not isinstance(apply(2.0), Tensor)


def test_scaled_bessel_functions_of_complex_numbers_are_refused() -> None:
    z = Tensor(1 + 1j)
    with pytest.raises(TypeError, match="use iv"):
        scipy.special.ive(1, z).backward(1.0)


def test_reciprocal_gamma_has_a_derivative_where_it_is_0() -> None:
    # 1/Γ is n! (-1)^n (x + n) near -n.
    np.testing.assert_allclose(grad(lambda x: special.rgamma(x))(-3.0), -6.0, rtol=1e-12)
    check_grads(special.rgamma, order=2)(np.array([-2.0, -1.0, 0.0, 0.5, 0.4999]))


def test_a_sum_of_exponentials_with_a_sign() -> None:
    a, b = np.array([1.0, 2.0, -np.inf]), np.array([1.0, -1.0, 0.0])
    expected, sign = scipy.special.logsumexp(a, b=b, return_sign=True)
    found, found_sign = special.logsumexp(Tensor(a), b=b, return_sign=True)
    np.testing.assert_allclose(found.data, expected)
    assert found_sign == sign == -1
    gradient = grad(lambda b: special.logsumexp(a[:2], b=b, return_sign=True)[0])(b[:2])
    np.testing.assert_allclose(gradient, np.exp(a[:2]) / (np.exp(1) - np.exp(2)), rtol=1e-12)
    huge = Tensor(np.array([1e4, -1e4, 2e4]))
    special.logsumexp(huge, b=np.array([1.0, 1.0, 0.0])).backward()
    np.testing.assert_array_equal(huge.grad, [1.0, 0.0, 0.0])


OF_SCIPY = [ufunc for ufunc in UFUNCS if getattr(scipy.special, ufunc.__name__, None) is ufunc]


@pytest.mark.parametrize("ufunc", OF_SCIPY, ids=lambda ufunc: ufunc.__name__)
def test_scipys_ufuncs_record_by_themselves(ufunc: np.ufunc, rng: np.random.Generator) -> None:
    primitive = getattr(UFUNCS[ufunc], "primitive", ops.erf.primitive)  # erf has an operation for each kind of number
    arrays = [domain.draw((2, 3), rng) for domain in primitive.domains]
    for i, partial in enumerate(primitive.partials):
        if partial is not None:
            inputs = [Tensor(x) if i == j else x for j, x in enumerate(arrays)]
            for function in (ufunc, getattr(special, ufunc.__name__)):
                result = function(*inputs)
                assert isinstance(result, Tensor)
                assert result.requires_grad
                np.testing.assert_allclose(result.data, ufunc(*arrays), rtol=1e-14)


def test_ufuncs_without_a_rule_say_so() -> None:
    x = Tensor(POSITIVE)
    with pytest.raises(TypeError, match="no gradient rule"):
        scipy.special.ellipk(x)
    assert special.gammasgn(x).tolist() == np.ones((2, 3)).tolist()


def test_far_out_nothing_overflows() -> None:
    with np.errstate(all="raise"):
        assert grad(special.erfc)(1e200) == 0.0
        assert grad(special.ndtr)(-1e200) == 0.0
        np.testing.assert_allclose(grad(special.log_ndtr)(-1e5), 1e5, rtol=1e-9)
        np.testing.assert_allclose(grad(special.exprel)(1e-9), 0.5, rtol=1e-8)


def test_pytorch_has_the_same_gradients(torch: Any) -> None:
    for name in ("digamma", "erfc", "erfinv", "expit", "i0e", "i1", "log_ndtr", "ndtri", "xlog1py", "erfcx", "entr"):
        x = POSITIVE / 4
        count = getattr(scipy.special, name).nin
        ours = [Tensor(x + i) for i in range(count)]
        theirs = [torch.tensor(x + i, requires_grad=True) for i in range(count)]
        getattr(special, name)(*ours).sum().backward()
        getattr(torch.special, name)(*theirs).sum().backward()
        for o, t in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(o.grad, t.grad.numpy(), rtol=1e-9, err_msg=name)


def test_both_modes_take_broadcasting() -> None:
    a, x = np.array([[0.5], [2.0]]), np.array([1.0, 2.0, 3.0])
    vjp, _ = make_vjp(special.gammainc, 0)(a, x)
    _, tangent = make_jvp(special.gammainc, 0)(a, x)(np.ones((2, 1)))
    np.testing.assert_allclose(vjp(np.ones((2, 3))), tangent.sum(axis=1, keepdims=True), rtol=1e-13)


def test_without_scipy_the_engine_works_and_says_what_is_missing() -> None:
    program = (
        "import sys; sys.modules['scipy'] = None\n"
        "import autograd, autograd.numpy\n"
        "try:\n    import autograd.scipy.special\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "glassgrad[scipy]" in done.stdout
    assert {"special", "stats"} <= set(autograd.scipy.__all__)
