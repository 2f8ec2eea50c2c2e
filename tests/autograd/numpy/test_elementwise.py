"""Elementwise functions where they have no derivative, several results, or keywords."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, elementwise_grad, grad
from autograd.samples import array
from autograd.test_util import check_grads
from tests.autograd.numpy import cases_elementwise as cases

NAN, INF = math.nan, math.inf


def slopes(function: Any, *values: Any) -> list[Any]:
    """The gradient of each input, where the function's results are summed."""
    inputs = [Tensor(np.asarray(x)) for x in values]
    result = function(*inputs)
    result.backward(np.ones(result.shape, result.dtype))
    return [x.grad for x in inputs]


# ---------------------------------------------------------------------------------------------------------------------
# Kinks, ties and what is undefined
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (2,)])
def test_the_absolute_value_of_the_complex_zero_is_flat(shape: Any) -> None:
    zero = np.zeros(shape, complex)
    np.testing.assert_array_equal(slopes(anp.abs, zero)[0], zero)
    np.testing.assert_array_equal(slopes(anp.angle, zero)[0], zero)
    (away,) = slopes(anp.abs, np.full(shape, 3 + 4j))
    np.testing.assert_allclose(away, (3 - 4j) / 5)


@pytest.mark.parametrize(
    ("base", "exponent", "by_base", "by_exponent"),
    [
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 1.0, 1.0, 0.0),
        (0.0, 2.0, 0.0, 0.0),
        (0.0, 0.5, INF, 0.0),
        (-2.0, 3.0, 12.0, None),
        (-2.0, 0.0, 0.0, None),
        (-2.0, -1.0, -0.25, None),
        (1.0, 0.0, 0.0, 0.0),
        (INF, 0.0, 0.0, None),
    ],
)
@pytest.mark.parametrize("shape", [(), (2,)])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_powers_where_there_is_little_to_differentiate(
    base: float, exponent: float, by_base: float, by_exponent: float | None, shape: Any
) -> None:
    x, y = np.full(shape, base), np.full(shape, exponent)
    np.testing.assert_allclose(slopes(lambda x: anp.power(x, y), x)[0], by_base)
    np.testing.assert_allclose(slopes(lambda x: x**exponent, x)[0], by_base)
    if by_exponent is not None:
        np.testing.assert_allclose(slopes(lambda y: anp.power(x, y), y)[0], by_exponent)


def test_higher_derivatives_of_powers_at_zero() -> None:
    assert grad(grad(lambda x: x**2))(0.0) == 2.0
    assert grad(grad(lambda x: anp.power(x, anp.array(2.0))))(0.0) == 2.0
    assert grad(grad(grad(lambda x: x**2)))(0.0) == 0.0
    assert grad(grad(anp.power, 0), 1)(2.0, 0.0) == 0.5  # only 0 ** 0 is out of the ordinary
    assert grad(grad(anp.power, 1), 0)(2.0, 0.0) == 0.5


def test_a_number_wins_over_nan() -> None:
    x, y = np.array([NAN, 1.0, NAN, 2.0]), np.array([3.0, NAN, NAN, 2.0])
    for function in (anp.fmax, anp.fmin):
        found = slopes(function, x, y)
        np.testing.assert_array_equal(found, [[0.0, 1.0, 0.0, 0.5], [1.0, 0.0, 0.0, 0.5]])


def test_sums_of_nothing_are_shared_equally() -> None:
    x, y = np.array([-INF, -INF, 0.0]), np.array([-INF, 0.0, 0.0])
    for function in (anp.logaddexp, anp.logaddexp2):
        np.testing.assert_array_equal(slopes(function, x, y), [[0.5, 0.0, 0.5], [0.5, 1.0, 0.5]])
    assert grad(grad(anp.logaddexp))(0.0, 0.0) == 0.25  # a tie of finite numbers is no kink


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_clip_stops_gradients_at_its_bounds_and_hands_them_over(dtype: Any) -> None:
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0], dtype)
    low, high = np.full(5, -1.0, dtype), np.full(5, 1.0, dtype)
    by_x, by_low, by_high = slopes(anp.clip, x, low, high)
    np.testing.assert_array_equal(by_x, [0, 0, 1, 0, 0])
    np.testing.assert_array_equal(by_low, [1, 1, 0, 0, 0])
    np.testing.assert_array_equal(by_high, [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(slopes(lambda x: anp.clip(x, None, 1.0), x)[0], [1, 1, 1, 0, 0])
    np.testing.assert_array_equal(slopes(lambda x: x.clip(-1.0), x)[0], [0, 0, 1, 1, 1])
    np.testing.assert_array_equal(slopes(lambda x: x.clip(max=1.0), x)[0], [1, 1, 1, 0, 0])


def test_clip_takes_bounds_as_numpy_does() -> None:
    x = Tensor([1.0, 5.0])
    whole = Tensor(np.array([1, 5]), requires_grad=False)
    assert anp.clip(whole, 2, None).dtype == np.int64
    assert anp.clip(whole, 2, 3).tolist() == [2, 3]
    with pytest.raises(TypeError, match=r"missing.*a_max"):
        anp.clip(x, 1.0)
    with pytest.raises(ValueError, match="a_min and a_max, or as min and max"):
        anp.clip(x, 1.0, 2.0, max=2.0)
    with pytest.raises(TypeError, match="does not take out"):
        anp.clip(x, 1.0, 2.0, out=np.zeros(2))


def test_replaced_numbers_have_no_gradient() -> None:
    x = np.array([1.0, NAN, INF, -INF])
    found = np.nan_to_num(Tensor(x), nan=7.0, posinf=8.0)
    np.testing.assert_array_equal(found.data, np.nan_to_num(x, nan=7.0, posinf=8.0))
    np.testing.assert_array_equal(slopes(anp.nan_to_num, x)[0], [1.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(slopes(lambda x: anp.nan_to_num(x) * x, x)[0][:2], [2.0, 0.0])


def test_signs_and_steps() -> None:
    x = np.array([-2.0, 0.0, -0.0, 3.0])
    y = np.array([-1.0, -1.0, 1.0, -0.0])
    found = np.copysign(Tensor(x), y)
    np.testing.assert_array_equal(found.data, np.copysign(x, y))
    np.testing.assert_array_equal(np.signbit(found), np.signbit(np.copysign(x, y)))
    np.testing.assert_array_equal(slopes(lambda x: anp.copysign(x, y), x)[0], [1.0, 0.0, 0.0, -1.0])
    assert type(np.copysign(x, Tensor(y))) is np.ndarray
    np.testing.assert_array_equal(slopes(lambda h: anp.heaviside(x, h), y)[0], [0.0, 1.0, 1.0, 0.0])
    np.testing.assert_array_equal(anp.heaviside(Tensor(x), 0.5), np.heaviside(x, 0.5))


@pytest.mark.parametrize("name", ["fabs", "deg2rad", "degrees", "copysign"])
def test_what_is_for_real_numbers_refuses_complex_ones(name: str) -> None:
    z = Tensor(1j)
    with pytest.raises(TypeError, match=r"for real numbers"):
        getattr(np, name)(*(z, z)[: getattr(np, name).nin])


# ---------------------------------------------------------------------------------------------------------------------
# Precision
# ---------------------------------------------------------------------------------------------------------------------


def _sinc_derivative(x: float, order: int) -> float:
    """From the Taylor series at 0, by itself."""
    powers = range(order + order % 2, 60 + order, 2)
    terms = [(-1) ** (n // 2) * math.pi**n * x ** (n - order) / (n + 1) / math.factorial(n - order) for n in powers]
    return math.fsum(terms)


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-12, -1e-4, 0.1, 0.3, 0.3184, -0.6, 0.64, 1.0])
def test_derivatives_of_sinc_are_precise_near_zero(x: float) -> None:
    function = anp.sinc
    for order in range(5):
        found = float(function(x)) if order == 0 else float(function(np.array([x]))[0])
        np.testing.assert_allclose(found, _sinc_derivative(x, order), rtol=1e-13, atol=1e-13)
        function = elementwise_grad(function)


def test_known_derivatives_of_sinc() -> None:
    second = elementwise_grad(elementwise_grad(anp.sinc))
    np.testing.assert_allclose(second(np.zeros(2)), -(math.pi**2) / 3, rtol=1e-15)
    whole = np.array([-3.0, 1.0, 2.0, 50.0])
    np.testing.assert_allclose(elementwise_grad(anp.sinc)(whole), np.cos(np.pi * whole) / whole, rtol=1e-13)
    assert elementwise_grad(anp.sinc)(np.float32([0.5])).dtype == np.float32


def test_derivatives_of_bessel_functions_are_precise() -> None:
    x = np.array([0.0, 1e-9, 0.5, -3.0, 7.999, 8.001, 25.0, -120.0, 700.0])
    turn = np.linspace(0.0, np.pi, 4001)
    weight = np.full(4001, 1 / 4000)
    weight[[0, -1]] /= 2
    function = anp.i0
    for order in range(1, 4):
        function = elementwise_grad(function)
        scaled = np.exp(np.multiply.outer(x, np.cos(turn)) - np.abs(x)[:, None]) * np.cos(turn) ** order
        np.testing.assert_allclose(function(x) * np.exp(-np.abs(x)), scaled @ weight, rtol=4e-14, atol=1e-16)


def test_logarithms_of_sums_and_remainders_do_not_overflow() -> None:
    np.testing.assert_allclose(slopes(anp.logaddexp, 1e4, 0.0), [1.0, 0.0])
    np.testing.assert_allclose(slopes(anp.hypot, np.array([3e200]), np.array([4e200])), [[0.6], [0.8]])
    np.testing.assert_allclose(
        slopes(anp.arctan2, np.array([3e200]), np.array([4e200])), [[0.8 / 5e200], [-0.6 / 5e200]]
    )


# ---------------------------------------------------------------------------------------------------------------------
# Several results
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("namespace", [np, anp])
def test_functions_with_two_results(namespace: Any) -> None:
    x, y = array(2, 3) * 3 + 0.11, array(3, seed=1) + 2.53
    quotient, rest = namespace.divmod(Tensor(x), Tensor(y))
    assert type(quotient) is np.ndarray
    np.testing.assert_array_equal(quotient, x // y)
    np.testing.assert_array_equal(rest.data, x % y)
    for function in (namespace.modf, namespace.frexp):
        first, second = function(Tensor(x))
        expected = function(x)
        np.testing.assert_array_equal(first.data, expected[0])
        np.testing.assert_array_equal(second, expected[1])
        assert second.dtype == expected[1].dtype
    check_grads(lambda x, y: anp.divmod(x, y)[1])(x, y)
    check_grads(lambda x: anp.modf(x)[0])(x)
    check_grads(lambda x: anp.frexp(x)[0])(x)


def test_parts_of_very_large_and_very_small_numbers() -> None:
    x = np.array([INF, -INF, 2.5])
    fraction, whole = np.modf(Tensor(x))
    np.testing.assert_array_equal(fraction.data, [0.0, 0.0, 0.5])
    np.testing.assert_array_equal(whole, [INF, -INF, 2.0])
    tiny = np.array([5e-324, 1e300, 0.0])
    mantissa, exponent = np.frexp(Tensor(tiny))
    np.testing.assert_array_equal(mantissa.data, np.frexp(tiny)[0])
    np.testing.assert_array_equal(np.ldexp(mantissa, exponent).data, tiny)


# ---------------------------------------------------------------------------------------------------------------------
# Keywords of universal functions
# ---------------------------------------------------------------------------------------------------------------------


def test_where_computes_only_where_it_is_true() -> None:
    x = np.array([-1.0, 0.0, 4.0])
    for function in (np.log, np.sqrt, np.reciprocal, np.arccosh):
        found = function(Tensor(x), where=x > 1)
        np.testing.assert_array_equal(found.data, [0.0, 0.0, function(4.0)])
        by_x = slopes(lambda x, function=function: function(x, where=x.data > 1), x)[0]
        np.testing.assert_allclose(by_x, [0.0, 0.0, slopes(function, 4.0)[0]])
    quotient = slopes(lambda y: np.divide(1.0, y, where=x != 0), x)[0]
    np.testing.assert_allclose(quotient, [-1.0, 0.0, -1 / 16])
    assert np.add(Tensor(np.float32([1, 2])), 1.0, where=np.array([True, False])).dtype == np.float32
    assert np.add(Tensor([1.0, 2.0]), 1.0, where=True, out=None).tolist() == [2.0, 3.0]
    with pytest.raises(TypeError, match=r"use np\.where"):
        np.modf(Tensor(x), where=x > 0)


def test_dtypes_are_those_asked_for() -> None:
    x = Tensor([1.0, 2.0])
    found = anp.multiply(x, 3.0, dtype=np.float32)
    assert found.dtype == np.float32
    found.backward(np.ones(2, np.float32))
    np.testing.assert_array_equal(x.grad, [3.0, 3.0])
    assert x.grad.dtype == np.float64
    with pytest.raises(TypeError, match="casting rule 'safe'"):
        np.add(x, x, dtype=np.float32, casting="safe")
    with pytest.raises(TypeError, match=r"dtype=float64.*use astype"):
        np.modf(x, dtype=np.float64)
    with pytest.raises(TypeError, match="does not take signature"):
        np.add(x, x, signature="dd->d")
    with pytest.raises(TypeError, match=r"out=.*lose the gradient"):
        np.add(x, x, out=np.zeros(2))


def test_outer_products_are_elementwise_functions() -> None:
    with pytest.raises(TypeError, match=r"multiply.outer.*no gradient rule"):
        np.multiply.outer(Tensor([1.0]), [2.0], dtype=np.float32)
    found = np.power.outer(Tensor([1.0, 2.0]), [2.0, 3.0, 4.0])
    np.testing.assert_array_equal(found.data, [[1.0, 1.0, 1.0], [4.0, 8.0, 16.0]])


# ---------------------------------------------------------------------------------------------------------------------
# Operators and methods
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [-7.5, np.array([-7.5, 7.5])])
@pytest.mark.parametrize("y", [2.0, -2.0, np.array([2.0, -2.0])])
def test_operators_of_division(x: Any, y: Any) -> None:
    for left, right in ((Tensor(x), y), (x, Tensor(y)), (Tensor(x), Tensor(y))):
        rest, quotient, both = left % right, left // right, divmod(left, right)
        np.testing.assert_array_equal(rest.data, x % y)
        np.testing.assert_array_equal(quotient, x // y)
        np.testing.assert_array_equal(both[0], x // y)
        np.testing.assert_array_equal(both[1].data, x % y)
    t = Tensor(x)
    t %= 2.0
    np.testing.assert_array_equal(t.data, x % 2.0)
    with pytest.raises(TypeError, match="unsupported operand"):
        Tensor(x) % "text"
    with pytest.raises(TypeError, match="unsupported operand"):
        Tensor(x) // "text"
    with pytest.raises(TypeError, match="unsupported operand"):
        divmod("text", Tensor(x))


def test_methods_of_complex_tensors() -> None:
    z = Tensor(np.array([1 + 2j, -3j]))
    np.testing.assert_array_equal(z.real.data, [1.0, 0.0])
    np.testing.assert_array_equal(z.imag.data, [2.0, -3.0])
    np.testing.assert_array_equal(z.conj().data, [1 - 2j, 3j])
    np.testing.assert_array_equal(z.conjugate().data, [1 - 2j, 3j])
    (z.real * z.imag).sum().backward()
    np.testing.assert_array_equal(z.grad, [2 - 1j, -3])


def test_rounded_values_are_plain() -> None:
    x = Tensor([1.26, -2.5])
    for found in (x.round(1), anp.round(x, 1), np.around(x, 1)):
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, [1.3, -2.5])
    for function in (np.fix, np.floor, np.ceil, np.rint, np.trunc, np.sign, np.spacing):
        np.testing.assert_array_equal(function(x), function(x.data))
    np.testing.assert_array_equal(np.nextafter(x, 3.0), np.nextafter(x.data, 3.0))
    assert grad(lambda x: x * np.floor(x))(2.5) == 2.0


def test_tensors_of_no_dimension_are_scalars() -> None:
    assert anp.isscalar(Tensor(1.0))
    assert anp.isscalar(Tensor(1.0) * 2)
    assert not anp.isscalar(Tensor([1.0]))
    assert not anp.isscalar(np.array(1.0))  # as NumPy says


def test_where_with_one_argument_gives_places() -> None:
    (places,) = anp.where(Tensor([0.0, 2.0, 0.0, 1.0]))
    np.testing.assert_array_equal(places, [1, 3])
    with pytest.raises(ValueError, match="or neither"):
        anp.where(Tensor([0.0]), 1.0)


# ---------------------------------------------------------------------------------------------------------------------
# Pieces
# ---------------------------------------------------------------------------------------------------------------------


def test_slopes_of_straight_lines_between_points() -> None:
    xp, fp = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0, 1.0])
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
    by_x, by_xp, by_fp = slopes(lambda x, xp, fp: anp.interp(x, xp, fp), x, xp, fp)
    np.testing.assert_array_equal(by_x, [0.0, 2.0, 2.0, -0.5, -0.5, -0.5, 0.0])
    assert by_xp.shape == xp.shape
    np.testing.assert_allclose(by_fp.sum(), 7.0)
    np.testing.assert_array_equal(slopes(lambda x: anp.interp(x, xp, fp, left=9.0, right=9.0), x)[0], by_x)
    with pytest.raises(ValueError, match="arrays of one length"):
        anp.interp(Tensor(x), xp, fp[:2])
    with pytest.raises(ValueError, match="period"):
        anp.interp(Tensor(x), xp, fp, period=0)


def test_later_pieces_prevail_and_each_function_sees_its_own_part() -> None:
    x = np.array([-1.0, 0.5, 4.0])

    def function(namespace: Any, x: Any) -> Any:
        with np.errstate(all="raise"):
            return namespace.piecewise(x, [x > 0, x > 1], [namespace.log, namespace.sqrt])

    np.testing.assert_array_equal(function(anp, Tensor(x)).data, function(np, x))
    np.testing.assert_array_equal(slopes(lambda x: function(anp, x), x)[0], [0.0, 2.0, 0.25])
    with pytest.raises(ValueError, match="as many functions or one more"):
        anp.piecewise(Tensor(x), [x > 0], [1.0, 2.0, 3.0])


# ---------------------------------------------------------------------------------------------------------------------
# Another implementation
# ---------------------------------------------------------------------------------------------------------------------

#: NumPy's names where PyTorch has others.
TORCH = {
    "absolute": "abs", "conjugate": "conj", "degrees": "rad2deg", "radians": "deg2rad", "true_divide": "divide",
    "mod": "remainder", "fabs": "abs", "power": "pow",
}  # fmt: skip


@pytest.mark.parametrize("name", [*cases.UNARY, *cases.BINARY])
def test_gradients_agree_with_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch")
    theirs = getattr(torch, TORCH.get(name, name), None)
    if theirs is None or name == "unwrap":
        pytest.skip(f"PyTorch has no {name}")
    inputs = cases.BINARY[name] if name in cases.BINARY else cases.UNARY[name][:1]
    if name == "imag":
        pytest.skip("PyTorch takes complex numbers only")
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    theirs(*tensors).sum().backward()
    for found, expected in zip(slopes(getattr(anp, name), *inputs), tensors, strict=True):
        np.testing.assert_allclose(found, expected.grad.numpy(), rtol=1e-12, atol=1e-13)
