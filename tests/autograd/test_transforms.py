"""Derivatives of functions, and derivatives inside derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import (
    Tensor,
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    jacobian,
    make_jvp,
    make_jvp_reversemode,
    make_vjp,
    no_grad,
    value_and_grad,
)
from autograd.primitives import REGISTRY, UFUNCS, custom, elementwise
from autograd.samples import Sample, real
from autograd.test_util import check_grads


def test_grad_of_plain_numbers_gives_plain_numbers() -> None:
    g = grad(lambda x: anp.sin(x) * x)(1.2)
    assert isinstance(g, np.float64)
    assert g == pytest.approx(math.cos(1.2) * 1.2 + math.sin(1.2))


@pytest.mark.parametrize("order", range(1, 7))
def test_derivatives_of_any_order(order: int) -> None:
    f: Any = anp.exp
    for _ in range(order):
        f = grad(f)
    assert f(0.5) == pytest.approx(math.exp(0.5))


def test_tanh_five_times_as_in_the_autograd_packages_readme() -> None:
    def tanh(x: Any) -> Any:
        return (1.0 - anp.exp(-2 * x)) / (1.0 + anp.exp(-2 * x))

    f: Any = tanh
    values = []
    for _ in range(4):
        f = grad(f)
        values.append(float(f(1.0)))
    t = math.tanh(1.0)
    s = 1 - t * t
    expected = [s, -2 * t * s, (6 * t * t - 2) * s, (16 * t - 24 * t**3) * s]
    np.testing.assert_allclose(values, expected, rtol=1e-9)


def test_nested_derivatives_do_not_confuse_their_variables() -> None:
    # d/dx [ x * d/dy (x + y) ] = 1: a confused engine says 2.
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    # d/dx [ x * d/dy (x * y^2) at y=3 ] = d/dx (6 x^2) = 12 x
    assert grad(lambda x: x * grad(lambda y: x * y * y)(3.0))(2.0) == 24.0
    # the inner variable takes its value from the outer one
    assert grad(lambda x: grad(lambda y: y**3)(x) * x)(2.0) == pytest.approx(36.0)


def test_forward_over_reverse_and_reverse_over_forward_agree(rng: np.random.Generator) -> None:
    def f(x: Any) -> Any:
        return anp.sum(anp.sin(x) * anp.exp(x[::-1]))

    x, v = rng.standard_normal(4), rng.standard_normal(4)
    forward = make_jvp(grad(f))(x)(v)[1]
    reverse = grad(lambda z: make_jvp(f)(z)(v)[1])(x)
    rows = np.stack([grad(lambda z, i=i: grad(f)(z)[i])(x) for i in range(4)])
    np.testing.assert_allclose(forward, rows @ v, rtol=1e-10)
    np.testing.assert_allclose(reverse, rows @ v, rtol=1e-10)


def test_several_arguments_and_keywords() -> None:
    def f(x: Any, y: Any, *, scale: float) -> Any:
        return x * y * scale

    assert grad(f, 1)(2.0, 3.0, scale=10.0) == 20.0
    assert grad(f, -1)(2.0, 3.0, scale=10.0) == 20.0
    value, gradients = value_and_grad(f, (0, 1))(2.0, 3.0, scale=10.0)
    assert (value, *gradients) == (60.0, 30.0, 20.0)
    with pytest.raises(TypeError, match="argnum 2, but f was called with 2"):
        grad(f, 2)(2.0, 3.0, scale=1.0)


def test_gradients_have_the_arguments_shape_and_dtype() -> None:
    x = np.ones((2, 3), np.float32)
    g = grad(lambda x: anp.sum(x * 2.0))(x)
    assert (g.shape, g.dtype) == ((2, 3), np.float32)


def test_independent_output_has_zero_gradient() -> None:
    np.testing.assert_array_equal(grad(lambda x: 3.0)(np.ones(2)), np.zeros(2))


def test_a_tensor_given_or_closed_over_can_be_differentiated_later() -> None:
    w = Tensor(2.0)
    g = grad(lambda x: w * x * x)(3.0)
    assert isinstance(g, Tensor)
    g.backward()
    assert w.grad == 6.0
    x = Tensor(3.0)
    h = grad(lambda x: x**3)(x)
    h.backward()
    assert x.grad == 18.0
    with no_grad():
        assert grad(lambda x: w * x * x)(3.0) == 12.0


def test_functions_that_do_not_return_a_scalar() -> None:
    def f(x: Any) -> Any:
        return x * 2.0

    with pytest.raises(TypeError, match=r"return a scalar, but f returned shape \(3,\).*make_vjp"):
        grad(f)(np.ones(3))


def test_arguments_that_are_not_numeric() -> None:
    with pytest.raises(TypeError, match="cannot differentiate with respect to an argument of <class 'str'>"):
        grad(lambda x: x)("a")


def test_cotangents_and_tangents_of_the_wrong_shape() -> None:
    vjp, _ = make_vjp(lambda x: x * 2.0)(np.ones(3))
    with pytest.raises(ValueError, match=r"cotangent has shape \(2,\)"):
        vjp(np.ones(2))
    with pytest.raises(ValueError, match=r"tangent has shape \(2,\)"):
        make_jvp(lambda x: x * 2.0)(np.ones(3))(np.ones(2))


def test_a_vjp_can_be_used_again() -> None:
    vjp, value = make_vjp(lambda x: x * x)(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(value, [1.0, 4.0])
    for _ in range(2):
        np.testing.assert_array_equal(vjp(np.ones(2)), [2.0, 4.0])


def test_a_vjp_is_recorded_as_it_is_where_it_is_called() -> None:
    with no_grad():
        vjp, _ = make_vjp(lambda x: x**3)(2.0)
    assert float(grad(vjp)(1.0)) == 12.0
    assert isinstance(vjp(1.0), np.float64)
    w = Tensor(2.0)
    vjp, _ = make_vjp(lambda x: w * x**3)(2.0)
    assert vjp(1.0).requires_grad
    with no_grad():
        assert not isinstance(vjp(1.0), Tensor)
        assert not isinstance(vjp(Tensor(1.0)), Tensor)


def test_cotangents_and_tangents_that_are_tensors_fit_their_values() -> None:
    vjp, _ = make_vjp(lambda x: x * 2.0)(np.ones(2, np.float32))
    assert not isinstance(vjp(Tensor(np.ones(2), requires_grad=False)), Tensor)
    assert vjp(Tensor(np.ones(2))).dtype == np.float32
    with pytest.raises(TypeError, match="cotangent is complex"):
        vjp(Tensor(np.ones(2) * 1j))
    jvp = make_jvp(lambda x: x * 2.0)(np.ones(2, np.float32))
    assert jvp(Tensor(np.ones(2)))[1].dtype == np.float32
    with pytest.raises(TypeError, match="tangent is complex"):
        jvp(Tensor(np.ones(2) * 1j))


_TRANSFORMS: dict[str, Callable[[Any], Any]] = {
    "grad": grad,
    "deriv": deriv,
    "jacobian": jacobian,
    "reverse twice": lambda f: lambda x: make_jvp_reversemode(f)(x)(1.0),
    "checkpoint": lambda f: checkpoint(grad(f)),
    "grad of checkpoint": lambda f: grad(checkpoint(f)),
    "deriv of checkpoint": lambda f: deriv(checkpoint(f)),
}


@pytest.mark.parametrize("outer", _TRANSFORMS)
@pytest.mark.parametrize("inner", _TRANSFORMS)
def test_transforms_in_transforms(outer: str, inner: str) -> None:
    def f(x: Any) -> Any:
        return anp.sin(x) * x**2

    found = _TRANSFORMS[outer](_TRANSFORMS[inner](f))(0.7)
    assert math.isclose(found, 2 * math.sin(0.7) + 4 * 0.7 * math.cos(0.7) - 0.49 * math.sin(0.7))


def test_deriv_by_an_array_that_was_assigned_into() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(2)
        B[0] = x
        B[1] = 2 * x
        return anp.sum(deriv(lambda a: a**3)(B))

    assert float(grad(f)(1.0)) == 30.0


def test_argnums_of_any_kind_of_whole_number() -> None:
    found = grad(lambda x, y: x * y, np.int64(1))(2.0, 3.0)
    assert isinstance(found, float)
    assert found == 2.0
    assert float(deriv(lambda x, y: x * y, np.int64(1))(2.0, 3.0)) == 2.0
    for twice in ((0, 0), (1, -1)):
        with pytest.raises(TypeError, match="names an argument of <lambda> twice"):
            grad(lambda x, y: x * y, twice)(2.0, 3.0)


def test_tangents_are_arrays_of_their_own() -> None:
    _, tangents = make_jvp(lambda x: (x, x + 1, x))(np.ones(2))(np.ones(2))
    tangents[0][:] = 9.0
    np.testing.assert_array_equal(tangents[1:], np.ones((2, 2)))


def test_a_function_that_returns_nothing_has_no_derivative() -> None:
    for transform in (grad, elementwise_grad, jacobian):
        with pytest.raises(TypeError, match=r"must return .*None"):
            transform(lambda x: None)(1.0)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_arrays_with_arithmetic_of_their_own_are_refused() -> None:
    for x in (np.ma.array([1.0, 2.0], mask=[False, True]), np.asmatrix(np.ones((2, 2)))):
        with pytest.raises(TypeError, match=r"grad: the arithmetic of a \w+ is another"):
            grad(lambda x: anp.sum(x * x))(x)


# -- the checker itself, and declaring operations ---------------------------------------------------------------------


@pytest.fixture
def registry() -> Any:
    """Forgets the operations that a test declares."""
    before, ufuncs = dict(REGISTRY), dict(UFUNCS)
    yield REGISTRY
    for table, held in ((REGISTRY, before), (UFUNCS, ufuncs)):
        table.clear()
        table.update(held)


def _declare(**overrides: Any) -> Any:
    declaration: dict[str, Any] = {
        "partials": (lambda x, out: 3 * x * x,),
        "partial_formulas": ("3 x^2",),
        "formula": "x^3",
        "domains": (real(),),
        "doc": "Cube.",
        "example": ">>> 1\n1",
    }
    return elementwise("cube", lambda x: x * x * x, **{**declaration, **overrides})


def test_an_operation_declared_once_works_everywhere(registry: Any) -> None:
    cube = _declare()
    assert cube(2.0) == 8.0
    assert cube(Tensor(2.0)).item() == 8.0
    assert grad(grad(cube))(2.0) == 12.0
    check_grads(cube)(np.array([0.5, -1.0]))
    assert "3 x^2" in cube.__doc__
    assert autograd.cube is cube
    with pytest.raises(AttributeError, match="no attribute 'cubes'"):
        _ = autograd.cubes


def test_an_operation_on_a_ufunc_makes_numpys_own_function_differentiable(registry: Any) -> None:
    del registry["arctan"], UFUNCS[np.arctan]  # to be declared again
    with pytest.raises(TypeError, match="no gradient rule"):
        np.arctan(Tensor(1.0))
    elementwise(
        "arctan",
        np.arctan,
        partials=(lambda x, out: 1 / (1 + x * x),),
        partial_formulas=(r"\frac{1}{1 + x^2}",),
        formula=r"\arctan x",
        domains=(real(),),
        doc="Inverse tangent.",
        example=">>> arctan(Tensor(0.0)).item()\n0.0",
    )
    assert grad(lambda x: np.arctan(x))(1.0) == 0.5
    assert grad(lambda x: anp.arctan(x))(1.0) == 0.5


def test_gradients_have_the_variables_dtype_whatever_a_rule_gives(registry: Any) -> None:
    cube = _declare(partials=(lambda x, out: 3 * np.asarray(x, np.float64) ** 2,))
    for shape in ((), (2,)):
        x = Tensor(np.ones(shape, np.float32))
        cube(x).backward(np.ones(shape))
        assert x.grad.dtype == np.float32
        assert x.grad.shape == shape


def test_what_a_notebook_declared_it_can_declare_anew(registry: Any) -> None:
    def power(exponent: int, module: str) -> Any:
        def forward(x: Any) -> Any:
            return x**exponent

        forward.__module__ = module
        return elementwise(
            "nth_power",
            forward,
            partials=(lambda x, out: exponent * x ** (exponent - 1),),
            partial_formulas=("n x^{n-1}",),
            formula="x^n",
            domains=(real(),),
            doc="Power.",
            example=">>> 1\n1",
        )

    square = power(2, "__main__")
    x = Tensor(3.0)
    before = square(x)
    cube = power(3, "__main__")  # the cell again, corrected
    assert registry["nth_power"].function is cube
    assert grad(cube)(3.0) == 27.0
    before.backward()  # what was recorded is as it was
    assert x.grad == 6.0
    with pytest.raises(ValueError, match="'nth_power' is declared already"):
        power(4, "a_module")  # but nobody takes it from somebody else
    with pytest.raises(ValueError, match="'exp' is declared already"):
        elementwise(
            "exp",
            lambda x: x,
            partials=(1,),
            partial_formulas=("1",),
            formula="x",
            domains=(real(),),
            doc="Not exp.",
            example=">>> 1\n1",
        )


def test_declarations_are_checked(registry: Any) -> None:
    _declare()
    with pytest.raises(ValueError, match="'cube' is declared already"):
        _declare()
    with pytest.raises(ValueError, match="as many partials"):
        _declare(partials=(1, 1))


@pytest.mark.parametrize(
    ("wrong", "modes"),
    [
        ({"partials": (lambda x, out: 3 * x,)}, ("rev",)),
        ({"partials": (lambda x, out: 3 * x,)}, ("fwd",)),
        ({"partials": (lambda x, out: -3 * x * x,)}, ("rev",)),
    ],
)
def test_the_checker_catches_wrong_rules(registry: Any, wrong: Any, modes: Any) -> None:
    cube = _declare(**wrong)
    with pytest.raises(AssertionError, match="finite differences give"):
        check_grads(cube, modes=modes, order=1)(np.array([0.5, -1.0]))


def test_the_checker_catches_a_rule_whose_own_derivative_is_lost(registry: Any) -> None:
    cube = _declare(partials=(lambda x, out: 3 * getattr(x, "_data", x) ** 2,))  # right, but computed off the graph
    check_grads(cube, order=1)(np.array([0.5, -1.0]))
    with pytest.raises(AssertionError, match="finite differences give"):
        check_grads(cube, order=2)(np.array([0.5, -1.0]))


def test_the_checker_catches_a_jvp_that_disagrees(registry: Any) -> None:
    @custom(
        vjps=(lambda ct, x, out: ct * 2.0,),
        jvp=lambda tangents, x, out: tangents[0] * 3.0,
        symbol="d",
        formula="2x",
        samples=lambda: [Sample((np.ones(2),))],
    )
    def double(x: Any) -> Any:
        return x * 2.0

    check_grads(double, modes=("rev",))(np.ones(2))
    with pytest.raises(AssertionError, match="JVP"):
        check_grads(double, modes=("fwd",))(np.ones(2))
    with pytest.raises(ValueError, match="unknown modes"):
        check_grads(double, modes=("forward",))
