"""Jacobians, Hessians and products with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import (
    Tensor,
    deriv,
    elementwise_grad,
    grad,
    grad_named,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_jvp_reversemode,
    ops,
    tensor_jacobian_product,
    vector_jacobian_product,
)
from autograd.extend import defvjp, primitive


def _numeric(f: Any, x: Any, step: float = 1e-6) -> Any:
    """The Jacobian from central differences."""
    x = np.asarray(x, float)
    columns = []
    for place in np.ndindex(*x.shape):
        move = np.zeros_like(x)
        move[place] = step
        columns.append((np.asarray(f(x + move)) - np.asarray(f(x - move))) / (2 * step))
    return np.stack(columns, axis=-1).reshape(*np.shape(columns[0]), *x.shape)


W = np.random.default_rng(0).standard_normal((6, 4))


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        (lambda x: anp.sin(anp.dot(W[:3], x)), (4,)),  # by rows
        (lambda x: anp.sin(anp.dot(W, x[:2].sum() + x)), (4,)),
        (lambda x: anp.exp(x) * W, ()),  # by columns
        (lambda x: anp.reshape(x * x, (6,))[:, None] * W, (2, 3)),
        (lambda x: anp.sum(x * x), (2, 3)),
        (lambda x: W[0] + 0.0, (2,)),  # constant
        (lambda x: x[1:0], (3,)),  # empty
    ],
)
def test_jacobians_agree_with_finite_differences(f: Any, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    x = rng.standard_normal(shape)
    found = jacobian(f)(x)
    assert not isinstance(found, Tensor)
    np.testing.assert_allclose(found, _numeric(f, x), rtol=1e-6, atol=1e-7)
    assert found.shape == (*np.shape(f(x)), *shape)


def test_a_jacobian_can_be_differentiated(rng: np.random.Generator) -> None:
    def f(x: Any) -> Any:
        return anp.sin(anp.dot(W[:3], x)) * x[0]

    x = rng.standard_normal(4)
    np.testing.assert_allclose(jacobian(jacobian(f))(x), _numeric(jacobian(f), x), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(
        grad(lambda x: anp.sum(jacobian(f)(x) ** 2))(x), _numeric(lambda x: np.sum(jacobian(f)(x) ** 2), x), rtol=1e-5
    )


def test_jacobians_by_several_arguments_and_structures() -> None:
    def f(p: Any, y: Any) -> Any:
        return p["a"] * y + p["b"][0]

    p, y = {"a": np.array([1.0, 2.0]), "b": [3.0]}, np.array([4.0, 5.0])
    by_p, by_y = jacobian(f, (0, 1))(p, y)
    np.testing.assert_array_equal(by_p["a"], np.diag(y))
    np.testing.assert_array_equal(by_p["b"][0], [1.0, 1.0])
    np.testing.assert_array_equal(by_y, np.diag(p["a"]))
    with pytest.raises(TypeError, match="must return one number or array, not a tuple"):
        jacobian(lambda x: (x, x))(1.0)


def test_a_primitive_without_forward_rule_has_a_jacobian_by_rows() -> None:
    @primitive
    def square(x: Any) -> Any:
        return x * x

    defvjp(square, lambda ans, x: lambda g: 2 * x * g)
    np.testing.assert_allclose(jacobian(lambda x: square(x * np.ones(9)))(3.0), np.full(9, 6.0))


def test_jacobians_of_complex_functions() -> None:
    z = np.array([1.0 + 2.0j, -0.5 + 1.0j])
    np.testing.assert_allclose(jacobian(lambda z: z * z)(z), np.diag(2 * z))
    a = np.array([1 + 2j, 3j])
    np.testing.assert_allclose(jacobian(lambda x: a * x)(np.array([1.0, 2.0])), np.diag(a))


@pytest.mark.parametrize("n", [1, 2, 10])
@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (lambda z: anp.abs(z), lambda z: np.conj(z) / np.abs(z)),
        (lambda z: anp.imag(z), lambda z: -1j),
        (lambda z: z * anp.conj(z), lambda z: 2 * np.conj(z)),  # not holomorphic: that of the real part
    ],
)
def test_jacobians_by_complex_numbers_whatever_the_number_of_values(f: Any, derivative: Any, n: int) -> None:
    z = 1.0 + 2.0j
    np.testing.assert_allclose(jacobian(lambda z: f(z * np.ones(n)))(z), np.full(n, derivative(z)))


@pytest.mark.parametrize("n", [1, 3, 30])
@pytest.mark.parametrize(("factor", "dtype"), [(1.0, np.float32), (1j, np.complex64)])
def test_jacobians_have_the_precision_of_the_argument(factor: complex, dtype: Any, n: int) -> None:
    assert jacobian(lambda x: x * (factor * np.ones(n)))(np.float32(2.0)).dtype == dtype
    assert jacobian(lambda x: factor * np.ones(n))(np.float32(2.0)).dtype == dtype


def test_a_constant_value_of_integers_has_a_jacobian_of_the_arguments_dtype() -> None:
    assert jacobian(lambda x: np.array([1, 2]))(np.ones(3)).dtype == np.float64


@pytest.mark.parametrize(
    "index", [(0, slice(None), [0, 1, 1]), ([0, 1, 1], slice(None), 0), (np.int64(0), slice(None), [0, 1, 1])]
)
def test_jacobians_through_indices_of_arrays_and_whole_numbers(index: Any) -> None:
    x, mixed = np.arange(12.0).reshape(3, 2, 2), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]])

    def f(x: Any) -> Any:
        return mixed @ anp.sum((x * x)[index], axis=1)

    np.testing.assert_allclose(jacobian(f)(x), _numeric(f, x), atol=1e-6)


def test_errors_name_the_operation_also_where_many_rows_are_pulled_back_at_once() -> None:
    def f(x: Any) -> Any:
        a = np.ones(3)
        y = x * a
        a[0] = 5.0
        return y

    with pytest.raises(RuntimeError, match="multiply: its input 1"):
        jacobian(f)(np.ones(3))

    @primitive
    def double(x: Any) -> Any:
        return 2 * x

    with pytest.raises(NotImplementedError, match="VJP of double") as caught:
        jacobian(double)(np.ones(3))
    assert "in the backward pass of double" in "".join(caught.value.__notes__)


def _f(x: Any) -> Any:
    return anp.sum(anp.sin(x) * anp.exp(x[::-1])) * x[0]


def test_hessians(rng: np.random.Generator) -> None:
    x = rng.standard_normal(4)
    found = hessian(_f)(x)
    np.testing.assert_allclose(found, _numeric(grad(_f), x), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found, found.T, rtol=1e-12)
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert hessian(lambda x: anp.sum(x**3))(np.ones((2, 3))).shape == (2, 3, 2, 3)


def test_products_with_hessians(rng: np.random.Generator) -> None:
    x, v = rng.standard_normal(4), rng.standard_normal(4)
    expected = hessian(_f)(x) @ v
    np.testing.assert_allclose(hessian_vector_product(_f)(x, v), expected, rtol=1e-10)
    hvp, gradient = make_hvp(_f)(x)
    np.testing.assert_allclose(gradient, grad(_f)(x), rtol=1e-12)
    assert not isinstance(hvp(v), Tensor)
    np.testing.assert_allclose(hvp(v), expected, rtol=1e-10)
    m, d = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    found = hessian_tensor_product(lambda a, m: a * anp.sum(m**3), 1)(2.0, m, d)
    np.testing.assert_allclose(found, 12 * m * d, rtol=1e-12)


def test_products_with_jacobians(rng: np.random.Generator) -> None:
    def f(x: Any) -> Any:
        return anp.sin(anp.dot(W[:3], x))

    x, v, u = rng.standard_normal(4), rng.standard_normal(4), rng.standard_normal(3)
    full = jacobian(f)(x)
    np.testing.assert_allclose(vector_jacobian_product(f)(x, u), u @ full, rtol=1e-12)
    np.testing.assert_allclose(make_jvp(f)(x)(v)[1], full @ v, rtol=1e-12)
    reverse = make_jvp_reversemode(f)(x)(v)
    assert not isinstance(reverse, Tensor)
    np.testing.assert_allclose(reverse, full @ v, rtol=1e-12)
    with pytest.raises(ValueError, match=r"array has shape \(2,\), and f returned \(3,\)"):
        tensor_jacobian_product(f)(x, np.ones(2))
    # Two of three axes are summed.
    product = tensor_jacobian_product(lambda x: x[:, None, None] * np.ones((4, 2, 3)))(x, np.ones((4, 2)))
    np.testing.assert_allclose(product, np.full((3, 4), 2.0))


def test_gauss_newton_products(rng: np.random.Generator) -> None:
    def f(x: Any) -> Any:
        return anp.sin(anp.dot(W, x))

    x, v = rng.standard_normal(4), rng.standard_normal(4)
    full = jacobian(f)(x)
    np.testing.assert_allclose(make_ggnvp(f)(x)(v), full.T @ full @ v, rtol=1e-12)

    def g(y: Any) -> Any:
        return anp.sum(anp.exp(y))

    curvature = np.diag(np.exp(f(x)))
    np.testing.assert_allclose(make_ggnvp(f, g)(x)(v), full.T @ curvature @ full @ v, rtol=1e-12)


def test_derivatives_of_elementwise_functions(rng: np.random.Generator) -> None:
    x = rng.standard_normal((2, 3))
    np.testing.assert_allclose(elementwise_grad(anp.tanh)(x), 1 - np.tanh(x) ** 2, rtol=1e-12)
    second = elementwise_grad(elementwise_grad(anp.sin))(x)
    np.testing.assert_allclose(second, -np.sin(x), rtol=1e-12)
    np.testing.assert_allclose(deriv(anp.sin)(x), np.cos(x), rtol=1e-12)
    assert deriv(deriv(lambda x: x**3))(2.0) == 12.0
    assert grad_named(lambda a, b: a * b * b, "b")(2.0, 3.0) == 12.0
    with pytest.raises(TypeError, match="returned complex"):
        elementwise_grad(lambda z: z * 1j)(x)


def test_holomorphic_functions() -> None:
    z = 0.5 + 1.2j
    assert complex(holomorphic_grad(lambda z: z**3)(z)) == pytest.approx(3 * z**2)
    with pytest.warns(UserWarning, match="argument is not complex"):
        holomorphic_grad(lambda z: z**3)(2.0)
    with pytest.raises(TypeError, match="use holomorphic_grad"):
        grad(lambda z: z**3)(z)


def test_the_convention_for_complex_numbers() -> None:
    # g = df/dx - i df/dy, of f = x^2 y
    z = 1.5 - 0.5j
    g = grad(lambda z: ops.real(z) ** 2 * ops.imag(z))(z)
    assert complex(g) == pytest.approx(2 * 1.5 * -0.5 - 1j * 1.5**2)
    assert complex(grad(lambda z: anp.abs(z))(z)) == pytest.approx(np.conj(z) / abs(z))
    assert complex(grad(lambda z: anp.abs(z))(0j)) == 0
    # real variables get real gradients
    assert grad(lambda x: ops.real(x * (2 + 3j)))(1.0) == 2.0
    assert grad(lambda x: ops.imag(x * (2 + 3j)))(1.0) == 3.0


def test_nothing_is_recorded_in_forward_mode() -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        for _ in range(3):
            x = anp.sin(x)
            seen.append(x)
        return x

    make_jvp(f)(0.5)(1.0)
    assert all(x.is_leaf for x in seen)
