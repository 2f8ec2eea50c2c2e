"""Arrays that are assigned into while a function is being differentiated."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from typing import Any

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd.numpy as anp
from autograd import Tensor, assignable, checkpoint, grad, jacobian, make_jvp, make_vjp, no_grad, value_and_grad
from autograd._handles import settled
from autograd.assignment import Array
from autograd.extend import defjvp, defvjp, primitive
from autograd.forward import nodes_of
from autograd.ops import imag, real
from autograd.test_util import check_grads
from tests.autograd.numpy.cases import Case, all_cases

X = np.array([0.7, -1.3, 0.4])

# ---------------------------------------------------------------------------------------------------------------------
# Any program of assignments, compared with NumPy's own handling of an array of objects: of scalar tensors
# ---------------------------------------------------------------------------------------------------------------------

VIEWS = [
    *[lambda a: a] * 6,
    lambda a: a[1:],
    lambda a: a[::-1],
    lambda a: a.T,
    lambda a: a.reshape(-1),
    lambda a: a.T.reshape(-1),
    lambda a: a[..., None],
    lambda a: a[-1],
    lambda a: np.swapaxes(a, 0, -1)[:, ::2],
    lambda a: np.transpose(a)[1:][:, :2],
    lambda a: np.flip(a, 0),
]


@st.composite
def _index(draw: Any, shape: tuple[int, ...]) -> Any:
    kind = draw(st.sampled_from(["basic", "basic", "integers", "mask", "mixed"]))
    if kind == "basic":
        return draw(arrays.basic_indices(shape, allow_newaxis=True))
    if kind == "integers":
        result = arrays.array_shapes(min_dims=1, max_dims=2, max_side=3)
        return draw(arrays.integer_array_indices(shape, result_shape=result))
    if kind == "mask":
        return draw(arrays.arrays(bool, shape))
    first = draw(arrays.arrays(int, (2,), elements=st.integers(0, shape[0] - 1)))
    return (first, *(draw(st.sampled_from([slice(None), slice(0, 2), -1])) for _ in shape[1:]))


@st.composite
def _program(draw: Any) -> Any:
    shape = draw(st.sampled_from([(3,), (5,), (2, 3), (3, 2, 2)]))
    steps = []
    for _ in range(draw(st.integers(1, 8))):
        view = draw(st.sampled_from(VIEWS))
        try:
            seen = view(np.zeros(shape)).shape
        except (ValueError, IndexError):
            seen = ()
        if not seen:
            view, seen = VIEWS[0], shape
        what = draw(
            st.sampled_from(
                ["scalar", "array", "row", "constant", "add", "multiply", "read", "square", "shift", "whole", "again"]
            )
        )
        index = draw(_index(seen)) if seen and min(seen) else Ellipsis
        steps.append((what, view, index, draw(st.integers(0, 4))))
    return shape, steps


def _beside(target: Any, scalar: Any) -> Any:
    """A scalar for arithmetic with something: tensors do not mix with arrays of objects, except in such an array."""
    if not isinstance(target, np.ndarray) or target.dtype != object:
        return scalar
    box = np.empty((), object)
    box[()] = scalar
    return box


def _run(B: Any, x: Any, steps: Any) -> Any:
    """Run a program on an array: one that is assigned into, or one of objects."""
    total: Any = 0.0
    n = x.shape[0]
    for what, view, index, k in steps:
        V = view(B)
        shape = np.shape(V[index]) if what != "whole" else V.shape
        if what == "scalar":
            V[index] = _beside(V[index], x[k % n] * (k + 0.5))
        elif what == "array":
            part = x[(np.arange(int(np.prod(shape))) + k) % n].reshape(shape) * 2.0
            V[index] = part if shape else _beside(V[index], part)
        elif what == "row" and shape:
            V[index] = x[(np.arange(shape[-1]) + k) % n] * 3.0
        elif what == "constant":
            V[index] = k - 1.5
        elif what == "add":
            V[index] += _beside(V[index], x[k % n])
        elif what == "multiply":
            V[index] *= _beside(V[index], x[k % n] + 0.25)
        elif what == "read":
            total = total + np.sum(V[index] * (k + 1.0)) * x[0]
        elif what == "square":
            total = total + np.sum(V * V)
        elif what == "shift" and V.ndim and len(V) > 1:
            V[1:] = V[:-1]
        elif what == "whole":
            V[...] = V * _beside(V, x[k % n])
        elif what == "again":
            part = V[index] * 1.5
            V[index] = part if np.ndim(part) else _beside(V[index], part)
    return total + np.sum(B * np.arange(1.0, B.size + 1.0).reshape(B.shape)) * x[-1]


@settings(max_examples=250, deadline=None, report_multiple_bugs=False)
@given(_program())
def test_any_program_of_assignments(program: Any) -> None:
    shape, steps = program

    def assigned(x: Any) -> Any:
        B = anp.zeros(shape)
        assert type(B) is Array
        return _run(B, x, steps)

    def of_scalars(x: Any) -> Any:
        elements = np.empty(len(X), object)
        for i in range(len(X)):
            elements[i] = x[i]
        return _run(np.zeros(shape, object), elements, steps)

    direction = np.array([1.0, -0.5, 2.0])

    def slope(f: Any) -> Any:
        return lambda x: anp.sum(grad(f)(x) * direction)

    for f, g in ((assigned, of_scalars), (slope(assigned), slope(of_scalars))):
        value, gradient = value_and_grad(f)(X)
        expected, expected_gradient = value_and_grad(g)(X)
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-11, atol=1e-11)
        np.testing.assert_allclose(
            make_jvp(f)(X)(direction)[1], np.sum(expected_gradient * direction), rtol=1e-11, atol=1e-11
        )
    # The numbers are those of NumPy's own arrays.
    np.testing.assert_allclose(value_and_grad(assigned)(X)[0], _run(np.zeros(shape), X, steps), rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Programs that people write
# ---------------------------------------------------------------------------------------------------------------------


def _cumulative(x: Any) -> Any:
    B = anp.zeros(len(x))
    B[0] = x[0]
    for i in range(1, len(x)):
        B[i] = B[i - 1] * x[i] + 1.0
    return anp.sum(B**2)


def _columns(x: Any) -> Any:
    M = anp.empty((3, 4))
    for j in range(4):
        M[:, j] = anp.sin(x * j)
    return anp.sum(M @ np.arange(4.0) * x)


def _tridiagonal(x: Any) -> Any:
    A = anp.zeros((4, 4))
    i = np.arange(3)
    A[i, i] = x + 3.0
    A[3, 3] = 5.0
    A[i, i + 1] = x * x
    A[i + 1, i] = -x
    return anp.sum(A @ A @ anp.ones(4))


def _diagonal_first(x: Any) -> Any:
    A = anp.diag(x)
    A[0, 1:] = x[:2]
    A[anp.arange(1, 3), 0] = 2.0
    return anp.sum(A @ A)


def _heat(x: Any) -> Any:
    u = anp.zeros((6, 5))
    u[0, 1:4] = x
    for t in range(5):
        u[t + 1, 1:-1] = u[t, 1:-1] + 0.2 * (u[t, 2:] - 2 * u[t, 1:-1] + u[t, :-2])
        u[t + 1, 0] = u[t + 1, 1]
    return anp.sum(u[-1] ** 2)


def _heat_in_place(x: Any) -> Any:
    u = anp.zeros(5)
    u[1:4] = x
    for _ in range(4):
        u[1:-1] += 0.2 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return anp.sum(u**2)


def _masked(x: Any) -> Any:
    B = anp.zeros_like(x)
    B[x > 0] = anp.log(x[x > 0])
    B[x <= 0] = x[x <= 0] ** 2
    return anp.sum(B * x)


def _like(x: Any) -> Any:
    y = np.zeros_like(x)  # NumPy's own function, given a tensor
    y[:] = x**2
    y[1] *= x[0]
    return anp.sum(y)


def _copied(x: Any) -> Any:
    y = x.copy()
    y[0] = y[1] * y[2]
    z = anp.array(y)
    z[1:] += y[0]
    return anp.sum(y * z) + anp.sum(anp.copy(x) * y)


def _returned_parts(x: Any) -> Any:
    B = anp.ones((2, 3))
    B[1] = x
    return B.T


def _swapped(x: Any) -> Any:
    B = anp.zeros(3)
    B[:] = x
    B[0], B[2] = B[2], B[0]
    B[[0, 1]] = B[[1, 0]]
    return B * np.array([1.0, 10.0, 100.0])


def _joined(x: Any) -> Any:
    B = anp.zeros(2)
    B[0] = x[0]
    C = anp.full((2,), 3.0)
    return anp.concatenate(
        [B, C, anp.stack([B, x[1:]])[1], anp.array([B[0], x[1], 1.0]), anp.array([B, C]).ravel(), anp.hstack((C, B))]
    )


PROGRAMS = [
    _cumulative, _columns, _tridiagonal, _diagonal_first, _heat, _heat_in_place, _masked, _like, _copied,
    _returned_parts, _swapped, _joined,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_agree_with_finite_differences(program: Any) -> None:
    check_grads(program, modes=("fwd", "rev"), order=3 if program is _cumulative else 2)(X)


@pytest.mark.parametrize("program", [p for p in PROGRAMS if p is not _copied])
def test_programs_agree_with_plain_numpy(program: Any) -> None:
    np.testing.assert_allclose(make_vjp(program)(X)[1], program(X), rtol=1e-14)


def test_earlier_results_keep_the_older_values() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(2)
        B[0] = x
        y = B * 2
        first = B[0]
        B[0] = x**2
        return anp.sum(y) + anp.sum(B) * 100 + first * 10000

    assert value_and_grad(f)(3.0) == (6 + 900 + 30000, 2 + 600 + 10000)


def test_plain_values_read_before_an_assignment_are_kept() -> None:
    def f(x: Any) -> Any:
        B = anp.ones(2)
        y = x * B  # needs the values of B for its gradient
        B[0] = 5.0
        z = x * B
        B[1] = x
        return anp.sum(y + z * B)

    np.testing.assert_allclose(grad(f)(2.0), 2 + 25 + 4)


def test_views_see_the_array_and_the_reverse() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros((3, 4))
        row, column, block = B[1], B.T[2], B[1:, 1:][:, ::2]
        flat = B.reshape(-1)
        B[1, 1] = x
        row *= 2.0
        column += x
        block[1, 0] = x * 10
        flat[-1] = x * 100
        assert row.tolist() == [0, 3, 1.5, 0]
        assert block[0, 0] == B[1, 1]
        assert type(block[0, 0]) is Tensor
        return anp.sum(B)

    assert grad(f)(1.5) == 2 + 3 + 10 + 100


def test_a_copy_is_its_own() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(3)
        B[0] = x
        copies = [B.copy(), anp.copy(B), anp.array(B), copy.copy(B), copy.deepcopy(B), B[[0, 1, 2]], B.flatten()]
        copies.append(B.T[::-1].copy()[::-1])
        B[0] = x * 100
        for C in copies:
            assert type(C) is Array
            C[1] = x
        return anp.sum(anp.stack(copies)) + anp.sum(B)

    assert grad(f)(1.0) == 8 * 2 + 100


def test_the_last_of_repeated_indices_wins() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(3)
        B[[0, 2, 2]] = x
        C = anp.zeros((2, 2))
        C[np.array([[0, 0], [1, 0]]), np.array([[1, 1], [0, 1]])] = x[0] * np.array([[1.0, 2.0], [3.0, 4.0]])
        return anp.concatenate([B, C.ravel()])

    np.testing.assert_array_equal(
        jacobian(f)(X), [[1, 0, 0], [0, 0, 0], [0, 0, 1], [0, 0, 0], [4, 0, 0], [3, 0, 0], [0, 0, 0]]
    )


def test_an_order_of_the_memory_does_not_matter() -> None:
    def f(x: Any) -> Any:
        B = anp.array(np.zeros((2, 3)), order="F")
        B[:, :] = anp.reshape(x, (3, 2)).T
        B[1] *= x[0]
        B.reshape(-1)[0] = 7.0  # a copy, as in NumPy
        B.T.reshape(-1)[1] = x[5]
        return B

    def plain(x: Any) -> Any:
        B = np.array(np.zeros((2, 3)), order="F")
        B[:, :] = np.reshape(x, (3, 2)).T
        B[1] *= x[0]
        B.T.reshape(-1)[1] = x[5]
        return B

    x = np.arange(1.0, 7.0)
    np.testing.assert_array_equal(make_vjp(f)(x)[1], plain(x))
    check_grads(f, order=2)(x)


def test_the_layout_is_that_of_numpy_and_decides_what_is_a_view() -> None:
    """A reshaped array is a view or a copy, as it lies in memory; that of an assigned tensor has no part in this."""

    def f(x: Any, np: Any) -> Any:
        rows = np.reshape(x, (2, 3))
        arrays = [np.zeros((3, 2)), np.copy(rows.T), np.array(rows.T), rows.T.copy(), np.full((3, 2), x[:2])]
        arrays += [np.array(rows[:, ::2]), rows[:, ::2].copy(), np.copy(rows[:, ::2]), np.zeros((3, 2), order="F")]
        arrays[0][:] = rows.T
        arrays[-1][...] = rows.T
        for B in arrays:
            B.reshape(-1)[1] = x[5] * 100.0
            B.T.reshape(-1)[2] = x[4] * 1000.0
            B[:, 0] += 1.0
        return np.concatenate([B.ravel() for B in arrays])

    x = np.arange(1.0, 7.0)
    np.testing.assert_array_equal(make_vjp(lambda x: f(x, anp))(x)[1], f(x, np))
    check_grads(lambda x: f(x, anp), order=1)(x)


def test_constants_and_wholes_take_turns() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(3)
        B[:] = x
        B[0] = 5.0
        y = anp.sum(B)
        B[1] = 6.0
        B *= x
        B[[0, 2]] = 7.0
        return y + anp.sum(B * x)

    check_grads(f, order=2)(X)
    np.testing.assert_allclose(make_vjp(f)(X)[1], f(X))


def test_the_numbers_are_those_that_get_the_gradient() -> None:
    """Also where repeated indices and values are laid out in different ways."""
    index = np.array([[0, 1, 0], [1, 0, 1]])
    values = np.arange(1.0, 7.0)
    for layout in (lambda a: a.reshape(2, 3), lambda a: a.reshape(3, 2).T):
        for i in (index, np.asfortranarray(index)):

            def f(x: Any, layout: Any = layout, i: Any = i) -> Any:
                B = anp.zeros(2)
                B[i] = layout(x)
                return B

            np.testing.assert_array_equal(make_vjp(f)(values)[1], jacobian(f)(values) @ values)
            np.testing.assert_array_equal(make_vjp(f)(values)[1], f(values))


# ---------------------------------------------------------------------------------------------------------------------
# Everywhere an array can be
# ---------------------------------------------------------------------------------------------------------------------


def _half(x: Any) -> Any:
    """An array that holds a tensor and a constant."""
    B = anp.array([0.0, 2.0, 0.5])
    B[0] = x[0]
    return B


@primitive
def _squares(B: Any, scale: float = 1.0) -> Any:
    assert type(B) is np.ndarray
    out = anp.zeros(3)  # plain within a primitive
    assert type(out) is np.ndarray
    np.multiply(B, B, out=out)
    return out * scale


defvjp(_squares, lambda ans, B, scale=1.0: lambda g: g * 2 * B * scale)

USES: dict[str, Any] = {
    "add": lambda B, x: B + x,
    "radd": lambda B, x: x + B,
    "plain left": lambda B, x: np.arange(3.0) * B,
    "numpy scalar": lambda B, x: np.float64(2.0) * B + 1,
    "itself": lambda B, x: B * B - B / (B + 3.0),
    "power": lambda B, x: (B + 3.0) ** x + 2.0**B,
    "matmul": lambda B, x: B @ x,
    "rmatmul": lambda B, x: np.ones((2, 3)) @ B,
    "unary": lambda B, x: -B + abs(B) + (+B),
    "ufunc": lambda B, x: np.exp(B) * np.sin(x),
    "ufunc two": lambda B, x: np.multiply(x, B) + anp.multiply(B, x),
    "method": lambda B, x: B.sum() * B.mean() + B.dot(x) + B.max(),
    "function": lambda B, x: np.sum(B) + anp.dot(x, B) + anp.dot(B, x) + x.dot(B),
    "where": lambda B, x: anp.where(x > 0, B, x) + np.where(np.array([True, False, True]), x, B),
    "outer": lambda B, x: anp.outer(B, x) + np.outer(x, B),
    "einsum": lambda B, x: anp.einsum("i,j->ij", B, x),
    "maximum": lambda B, x: anp.maximum(x, B - 3.0),
    "list": lambda B, x: anp.array([[B, x], [x, B]]),
    "stack": lambda B, x: np.stack([B, x]) + anp.vstack((x, B)),
    "concatenate": lambda B, x: anp.concatenate((x, B)) * np.concatenate([B, B]),
    "iteration": lambda B, x: sum(b * i for i, b in enumerate(B)),
    "linalg": lambda B, x: anp.linalg.norm(B) + np.linalg.norm(B),
    "reshape": lambda B, x: B.reshape(3, 1) @ B[None] + anp.reshape(B, (1, 3)),
    "asarray": lambda B, x: anp.asarray(B) * anp.atleast_2d(B),
    "primitive": lambda B, x: _squares(B) + _squares(B + x, scale=2.0),
    "checkpoint": lambda B, x: checkpoint(lambda b, y: b * anp.sin(y))(B, x),
    "inner gradient": lambda B, x: grad(lambda b: anp.sum(b**3 * x))(B),
    "inner array": lambda B, x: grad(lambda y: anp.sum(_half(y) * B * y))(x),
    "index": lambda B, x: B[np.array([0, 0, 2])] * x[[int(i) for i in (0, 1, 2)]],
    "assigned": lambda B, x: _assigned(B, x),
    "astype": lambda B, x: B.astype(np.float64) + B.astype(np.float32).astype(float),
    "tolist": lambda B, x: x * len(B.tolist()) + B.ndim + B.size,
    "flat": lambda B, x: sum(b * b for b in B.flat) + B.flat[0] * B.flat[1:].sum(),
    "r_": lambda B, x: anp.r_[B, x, 1.0],
    "comparison": lambda B, x: x * (B > 0.6) + x * (x < B) + x * (B == B),
    "views of functions": lambda B, x: anp.flip(B) * np.transpose(B) * anp.expand_dims(B, 0),
}


def _assigned(B: Any, x: Any) -> Any:
    C = anp.zeros((2, 3))
    C[0] = B
    C[1] = [B[0], x[1], B[2]]
    C[1, 1:] -= B[1:]
    return C


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_an_array_with_tensors_in_it_is_used_like_any(use: Any) -> None:
    def assigned(x: Any) -> Any:
        return use(_half(x), x)

    tested = ("rev",) if use is USES["primitive"] else ("fwd", "rev")
    if use is not USES["astype"]:  # which rounds, so that differences are of little use
        check_grads(assigned, modes=tested, order=2)(X)
    np.testing.assert_allclose(make_vjp(assigned)(X)[1], make_vjp(lambda x: use(_tensor(x), x))(X)[1], rtol=1e-14)


def _tensor(x: Any) -> Any:
    """The same array put together without an assignment, in what has an array's methods."""
    B = anp.zeros(3)
    B[...] = anp.stack([x[0], 2.0, 0.5])
    return B


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_an_array_of_constants_is_used_like_any(use: Any) -> None:
    constants = np.array([0.3, 2.0, 0.5])
    value = make_vjp(lambda x: use(anp.array(constants), x))(X)[1]
    expected = make_vjp(lambda x: use(assignable(constants), x))(X)[1]
    np.testing.assert_array_equal(value, expected)
    if use is not USES["inner gradient"]:
        with_tensors = make_vjp(lambda x: use(_constants_as_tensor(x, constants), x))(X)[1]
        np.testing.assert_allclose(value, with_tensors, rtol=1e-14)


def _constants_as_tensor(x: Any, constants: Any) -> Any:
    B = anp.zeros(3)
    B[:] = x * 0.0 + constants
    return B


# ---------------------------------------------------------------------------------------------------------------------
# Functions that write into an array
# ---------------------------------------------------------------------------------------------------------------------


def _with_outputs(B: Any, x: Any) -> Any:
    np.add(x, 1.0, out=B[0])
    anp.multiply(x, B[0], out=B[1])
    assert np.exp(B[1], out=B[2]) is not None
    np.add(B[0], 1.0, out=B[0], where=np.array([True, False, True]))
    np.subtract(2.0, np.ones(3), out=B[3])


def _with_sum(B: Any, x: Any) -> Any:
    np.sum(anp.stack([x, x * x]), axis=0, out=B[1])
    np.sum(np.ones((2, 3)), axis=0, out=B[2])


def _with_copyto(B: Any, x: Any) -> Any:
    np.copyto(B, x)
    anp.copyto(B[1], 7.0)
    np.copyto(B[2:], x * x, where=np.array([True, False, True]))


def _with_put(B: Any, x: Any) -> Any:
    np.put(B, [0, 5, -1], x)
    anp.put(B, [6, 7, 8, 9], x[:2])
    np.put(B, [13], x[0], mode="wrap")
    B.put([2], 3.0)


def _with_masks(B: Any, x: Any) -> Any:
    mask = np.arange(12).reshape(4, 3) % 2 == 0
    np.place(B, mask, x[:2])
    anp.putmask(B, np.arange(12).reshape(4, 3) > 8, anp.concatenate([x, x**2]))


def _with_diagonal(B: Any, x: Any) -> Any:
    np.fill_diagonal(B, x[0])
    anp.fill_diagonal(B[1:], x)
    np.fill_diagonal(B, x[:2], wrap=True)


def _with_axis(B: Any, x: Any) -> Any:
    np.put_along_axis(B, np.array([[0], [2], [1], [0]]), x[0], axis=1)
    np.put_along_axis(B, np.array([[3, 0, 1]]), anp.reshape(x, (1, 3)), axis=0)


def _with_methods(B: Any, x: Any) -> Any:
    B.fill(2.0)
    B[0].fill(x[0])
    B[1] = x
    B.flat[7] = x[1]
    B[3].flat = x
    B.T[0] = 4.0


def _with_at(B: Any, x: Any) -> Any:
    np.add.at(B, [0, 0, 2], x)
    np.subtract.at(B, (np.array([1, 1]), np.array([2, 2])), x[0])
    np.add.at(B, [3], 1.0)


def _with_operators(B: Any, x: Any) -> Any:
    B += 1.0
    B -= x
    B *= np.arange(3.0)
    B /= x + 4.0
    B **= 2
    B[:3] @= anp.outer(x, x)
    B[0, 0] += B[1, 1]


WRITERS = [
    _with_outputs, _with_sum, _with_copyto, _with_put, _with_masks, _with_diagonal, _with_axis, _with_methods,
    _with_at, _with_operators,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS)
def test_what_writes_into_an_array(write: Any) -> None:
    def written(x: Any) -> Any:
        B = anp.zeros((4, 3))
        write(B, x)
        return B * np.arange(1.0, 13.0).reshape(4, 3)

    np.testing.assert_allclose(make_vjp(written)(X)[1], written(X), rtol=1e-14)
    check_grads(written, order=2)(X)


@pytest.mark.parametrize("write", WRITERS)
def test_what_writes_constants_into_an_array_writes_into_its_memory(write: Any) -> None:
    def written(x: Any) -> Any:
        B = anp.zeros((4, 3))
        seen = np.asarray(B)
        write(B, X)
        np.testing.assert_array_equal(seen, B)
        return B * x

    np.testing.assert_allclose(make_vjp(written)(2.0)[1], written(2.0))


# ---------------------------------------------------------------------------------------------------------------------
# Plain arrays
# ---------------------------------------------------------------------------------------------------------------------

MAKERS: dict[str, Any] = {
    "zeros": lambda: anp.zeros(3),
    "ones": lambda: anp.ones((2, 3)),
    "empty": lambda: anp.empty(2),
    "full": lambda: anp.full((2,), 3.0),
    "zeros_like": lambda: anp.zeros_like(np.ones(2)),
    "ones_like": lambda: anp.ones_like(np.ones(2)),
    "empty_like": lambda: anp.empty_like(np.ones(2)),
    "full_like": lambda: anp.full_like(np.ones(2), 2.0),
    "array": lambda: anp.array([1.0, 2.0]),
    "copy": lambda: anp.copy(np.ones(2)),
    "eye": lambda: anp.eye(2),
    "identity": lambda: anp.identity(2),
    "arange": lambda: anp.arange(3.0),
    "linspace": lambda: anp.linspace(0.0, 1.0, 3),
    "diag": lambda: anp.diag(np.ones(2)),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_arrays_made_outside_of_derivatives_are_plain(make: Any) -> None:
    assert type(make()) is np.ndarray
    made: list[Any] = []
    grad(lambda x: x * len([made.append(make())]))(1.0)
    assert type(made[0]) is Array
    assert type(make()) is np.ndarray

    def f(x: Any) -> Any:
        B = make()
        B[...] = x
        return anp.sum(B)

    assert grad(f)(1.0) == make().size


def test_integers_booleans_and_numbers_are_plain() -> None:
    def f(x: Any) -> Any:
        assert type(anp.zeros(3, int)) is type(anp.arange(3)) is type(anp.ones(2, bool)) is np.ndarray
        assert type(anp.array(3.0)) is type(anp.zeros(())) is np.ndarray
        return x

    grad(f)(1.0)


def test_an_array_of_constants_is_an_ndarray_to_all_who_ask() -> None:
    def f(x: Any) -> Any:
        B = anp.array([[3.0, 1.0], [2.0, 5.0]])
        assert isinstance(B, np.ndarray)
        assert (B.shape, B.dtype, B.ndim, B.size, len(B)) == ((2, 2), np.float64, 2, 4, 2)
        assert repr(B) == repr(np.array(B))
        assert str(B) == str(np.array(B))
        assert B.flags.c_contiguous
        assert B.strides == (16, 8)
        assert B.nbytes == 32
        assert B.itemsize == 8
        assert B.T.tolist() == [[3.0, 2.0], [1.0, 5.0]]
        assert 5.0 in B
        assert 7.0 not in B
        assert (B == [[3.0, 1.0], [0.0, 5.0]]).tolist() == [[True, True], [False, True]]
        assert type(B < 2) is np.ndarray
        assert type(np.linalg.inv(B)) is Array or type(np.linalg.inv(B)) is np.ndarray
        assert float(B[0, 0]) == 3.0
        assert int(B[1, 1]) == 5
        assert bool(B[0, 0] > 1)
        assert B.argmax() == 3
        assert B.sum() == 11.0
        assert B.tobytes() == np.array(B).tobytes()
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(B)), B)
        np.testing.assert_array_equal(np.asarray(B, np.float32), B)
        assert np.shape(B) == (2, 2)
        assert np.ndim(B) == 2
        assert f"{B.sum():.1f}" == "11.0"
        with pytest.raises(TypeError):
            hash(B)
        seen.append(B)
        return x

    seen: list[Any] = []
    grad(f)(1.0)
    np.testing.assert_array_equal(seen[0] * 2, [[6.0, 2.0], [4.0, 10.0]])  # also when it is all over


def test_numpy_memory_is_shared_as_long_as_there_are_only_constants() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(4)
        plain = np.asarray(B[1:])
        B[1] = 5.0
        plain[1] = 7.0
        assert B.tolist() == [0.0, 5.0, 7.0, 0.0]
        assert plain.tolist() == [5.0, 7.0, 0.0]
        y = x * B  # the graph needs these
        plain[0] = 1.0
        B[2] = 2.0
        assert B.tolist() == [0.0, 1.0, 2.0, 0.0]
        assert plain.tolist() == [1.0, 2.0, 0.0]
        return anp.sum(y)

    assert grad(f)(1.0) == 12.0


def test_an_array_that_has_only_constants_again_shares_its_memory() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(3)
        B[0] = x
        B[0] = 1.0
        np.asarray(B[1:])[0] = 5.0
        assert B.tolist() == [1.0, 5.0, 0.0]
        B[2] = x
        return anp.sum(B)

    assert value_and_grad(f)(2.0) == (8.0, 1.0)


def test_a_tensor_is_not_assigned_while_a_plain_array_shares_the_memory() -> None:
    def f(x: Any, keep: bool) -> Any:
        B = anp.zeros(4)
        plain = np.asarray(B)[1:]
        if not keep:
            del plain
            gc.collect()
        B[0] = x
        return anp.sum(B)

    with pytest.raises(
        RuntimeError, match=r"setitem: assigning a tensor at .*B\[0\] = x.*anp.zeros\(4\).*np.asarray\(B\)"
    ):
        grad(f)(1.0, True)
    assert grad(f)(1.0, False) == 1.0


def test_a_plain_array_is_not_made_of_tensors() -> None:
    def f(x: Any, how: Any) -> Any:
        B = anp.zeros(3)
        B[1:2] = x
        how(B)
        return x

    for how in (np.asarray, np.array, np.require):
        with pytest.raises(TypeError, match=r"anp.zeros\(3\)(.|\n)*B\[1:2\] = x"):
            grad(f)(1.0, how)
    for how in (memoryview, np.frombuffer, lambda B: B.partition(1), lambda B: B.resize(5)):
        with pytest.raises(TypeError):
            grad(f)(1.0, how)
    read = []
    grad(f)(1.0, lambda B: read.append(B.tolist()))
    assert read == [[0.0, 1.0, 0.0]]


@pytest.mark.parametrize(
    "statement",
    [
        "A[0] = x", "A[0:1] = x", "A[:] = x", "A[A < 1] = x", "A.flat[0] = x", "A[[0, 1]] = x", "A[0] += x", "A += x",
        "A[:] += x", "W[0] = x", "C[0] = x", "A[0] = anp.ones(1) * x", "np.add(x, x, out=A)", "np.copyto(A, x)",
        "np.put(A, [0], x)", "np.fill_diagonal(np.eye(2), x)", "np.add.at(A, 0, x)", "np.add(B, x, out=A)",
        "A[0] = math.exp(x)", "A.fill(x)", "A[0] = float(x)",
    ],
)  # fmt: skip
def test_a_tensor_in_a_plain_array_is_an_error_that_says_what_to_do(statement: str) -> None:
    def f(x: Any) -> Any:
        import math

        plain = {"A": np.zeros(3), "W": np.zeros(3, int), "C": np.zeros(3, complex), "B": anp.ones(3)}
        exec(statement, {"np": np, "anp": anp, "math": math}, {**plain, "x": x})
        return x

    with pytest.raises((TypeError, ValueError, RuntimeError, DeprecationWarning)) as caught:
        grad(f)(1.0)
    error: Any = caught.value
    said = []
    while error is not None:
        said.append(str(error))
        error = error.__cause__
    assert any("autograd.numpy" in text for text in said) or statement == "A.flat[0] = x"  # NumPy hides that one


def test_in_programs_with_backward_only_storing_is_refused() -> None:
    x = Tensor(2.0)
    assert float(x) == 2.0
    assert complex(x) == 2.0
    assert int(x) == 2
    history = np.zeros(2)
    with pytest.raises(ValueError, match="setting an array element") as caught:
        history[0] = x
    assert "assignable" in str(caught.value.__cause__)
    history[0] = x.item()
    history[1] = x.detach()
    with no_grad():
        history[1] = x
    assert history.tolist() == [2.0, 2.0]


# ---------------------------------------------------------------------------------------------------------------------
# Kinds of numbers
# ---------------------------------------------------------------------------------------------------------------------


def test_single_precision_arrays_round_what_is_assigned() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(2, np.float32)
        B[0] = x
        B += x * 2  # of double precision
        assert B.dtype == np.float32
        assert anp.sum(B).dtype == np.float32
        return anp.sum(B)

    value, gradient = value_and_grad(f)(0.1)
    assert value == np.float32(np.float32(0.1) + 0.2) + np.float32(0.2)
    assert gradient == 5.0
    assert gradient.dtype == np.float64


def test_complex_arrays_hold_real_and_complex_tensors() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(3, complex)
        B[0] = x[0]
        B[1:] = x[1:] * (1.0 + 2.0j)
        B *= 1j
        return real(B) + imag(B) * 3.0

    check_grads(f, order=2)(X)


def test_a_real_array_refuses_complex_tensors() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(3)
        if x.shape:
            B += x * 1j
        else:
            B[0] = x * 1j
        return anp.sum(B)

    with pytest.raises(TypeError, match="imaginary part"):
        grad(f)(1.0)
    with pytest.raises(TypeError, match=r"dtype complex128 into the float64 array .*anp.zeros\(3\)"):
        grad(f)(X)


def test_assignable_refuses_what_has_no_gradients() -> None:
    assert assignable([1, 2]).dtype == np.float64
    assert assignable([1.0], np.float32).dtype == np.float32
    for wrong in (np.array(["a"]), [[1, 2], [3]]):
        with pytest.raises((TypeError, ValueError)):
            assignable(wrong)
    with pytest.raises(TypeError, match="int64"):
        assignable([1, 2], np.int64)


def test_shapes_that_do_not_fit_leave_the_array_as_it_was() -> None:
    def f(x: Any) -> Any:
        B = anp.ones((2, 3))
        B[0] = x
        for wrong in (lambda: B.__setitem__(0, x[:2]), lambda: B.__setitem__((0, 3), x[0]), lambda: B.__iadd__(x[:2])):
            with pytest.raises((ValueError, IndexError)):
                wrong()
        with pytest.raises(ValueError, match="does not fit"):
            np.add(x, anp.ones((4, 3)), out=B)
        return B

    np.testing.assert_array_equal(make_vjp(f)(X)[1], [X, np.ones(3)])


# ---------------------------------------------------------------------------------------------------------------------
# With the rest of the engine
# ---------------------------------------------------------------------------------------------------------------------


def test_programs_with_backward() -> None:
    x = Tensor(X)
    B = assignable(np.zeros(4))
    B[:3] = x
    B[3] = B[0] * 2
    assert repr(B) == "assignable([ 0.7, -1.3,  0.4,  1.4])"
    (B * B).sum().backward()
    np.testing.assert_allclose(x.grad, 2 * X + [8 * X[0], 0, 0])
    with pytest.raises(TypeError, match="lose its gradient"):
        pickle.dumps(B)


def test_a_variable_that_was_assigned_may_change_afterwards() -> None:
    x, y = Tensor(2.0), Tensor(X)
    B, C = assignable(np.zeros(2)), assignable(np.zeros(3))
    B[0] = x
    C[:] = y
    with no_grad():
        x.data = 100.0
        y.data[0] = 100.0
    assert B[0].item() == 2.0
    assert C[0].item() == X[0]


def test_nothing_is_recorded_under_no_grad() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(2)
        B[0] = x
        y = x * 100
        with no_grad():
            assert not anp.sum(B).requires_grad
            B[1] = y
            seen = np.asarray(B)
            with pytest.raises(ValueError, match="read-only"):
                seen[0] = 7.0
        return anp.sum(B)

    assert value_and_grad(f)(2.0) == (202.0, 1.0)


def test_an_array_from_outside_may_be_assigned_in_a_nested_derivative() -> None:
    def outer(x: Any) -> Any:
        B = anp.zeros(2)
        B[0] = x**2

        def inner(y: Any) -> Any:
            B[1] = y * B[0]
            return anp.sum(B) * y

        return grad(inner)(x) + B[0]

    # inner: (b + y b) y with b = x², so its slope at y = x is b + 2 x b
    assert float(grad(outer)(3.0)) == pytest.approx(2 * 3 + 6 * 9 + 2 * 3)
    assert float(make_jvp(outer)(3.0)(1.0)[1]) == pytest.approx(2 * 3 + 6 * 9 + 2 * 3)


def test_forward_over_reverse_and_the_reverse() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(3)
        B[1:] = x[:2] * x[2]
        B[0] = anp.sum(B) * B[1]
        B *= B[2]
        return anp.sum(B**2)

    hessian = jacobian(grad(f))(X)
    columns = [make_jvp(grad(f))(X)(e)[1] for e in np.eye(3)]
    rows = [grad(lambda x, e=e: make_jvp(f)(x)(e)[1])(X) for e in np.eye(3)]
    np.testing.assert_allclose(columns, hessian, rtol=1e-12)
    np.testing.assert_allclose(rows, hessian, rtol=1e-12)
    twice = [[make_jvp(lambda x, e=e: make_jvp(f)(x)(e)[1])(X)(d)[1] for d in np.eye(3)] for e in np.eye(3)]
    np.testing.assert_allclose(twice, hessian, rtol=1e-12)


def test_a_rule_that_reads_an_array_leaves_it_as_it_is() -> None:
    """In forward mode a rule runs before the tensors it reads have tangents, which the array must not lose by that."""
    seen: list[Any] = []

    @primitive
    def twice(y: Any) -> Any:
        return 2.0 * y

    def rule(tangent: Any, ans: Any, y: Any) -> Any:
        seen.append(seen[0].sum())
        return 2.0 * tangent

    defjvp(twice, rule)

    def f(x: Any) -> Any:
        B = anp.zeros(2)
        B[0] = x
        B[1] = x * x
        seen.insert(0, B)
        return twice(x) + anp.sum(B)

    assert float(make_jvp(f)(3.0)(1.0)[1]) == 2 + 1 + 6
    assert float(seen[-1].data) == 12.0


def test_memory_that_the_graph_needs_is_not_handed_out() -> None:
    def f(x: Any) -> Any:
        B = anp.ones(2)
        y = x * B
        np.asarray(B)[0] = 100.0
        assert B.tolist() == [100.0, 1.0]
        return anp.sum(y)

    assert grad(f)(3.0) == 2.0


def test_threads_do_not_meet() -> None:
    started = threading.Barrier(2)
    results: dict[str, Any] = {}

    def differentiating() -> None:
        def f(x: Any) -> Any:
            B = anp.zeros(50)
            started.wait()
            for i in range(50):
                B[i] = x * i
            started.wait()
            return anp.sum(B)

        results["gradient"] = grad(f)(1.0)

    def plain() -> None:
        started.wait()
        results["type"] = type(anp.zeros(3))
        started.wait()

    threads = [threading.Thread(target=differentiating), threading.Thread(target=plain)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {"gradient": 1225.0, "type": np.ndarray}


def test_after_an_error_arrays_are_plain_again() -> None:
    def fails(x: Any) -> Any:
        raise KeyError

    with pytest.raises(KeyError):
        grad(fails)(1.0)
    assert type(anp.zeros(2)) is np.ndarray


def test_structures_of_arrays_are_returned() -> None:
    def f(x: Any) -> Any:
        B, C = anp.zeros(2), anp.ones(2)
        B[0] = x
        return {"with": [B, B[0]], "without": (C, None)}

    vjp, value = make_vjp(f)(2.0)
    assert type(value["with"][0]) is type(value["without"][0]) is np.ndarray
    assert vjp({"with": [np.ones(2), 10.0], "without": (np.ones(2), None)}) == 11.0


# ---------------------------------------------------------------------------------------------------------------------
# Cost
# ---------------------------------------------------------------------------------------------------------------------


def _graph(f: Any, x: Any) -> list[Tensor]:
    recorded: list[Any] = []

    def keeping(x: Any) -> Any:
        recorded.append(f(x))
        return recorded[0]

    grad(keeping)(x)
    return nodes_of(recorded[0])


def test_elements_are_assigned_and_read_without_copies_of_the_array() -> None:
    n = 1000

    def f(x: Any) -> Any:
        B = anp.zeros(n)
        B[0] = x
        for i in range(1, n):
            B[i] = B[i - 1] * x
        return anp.sum(B)

    nodes = _graph(f, 0.999)
    # A product for each element but the first; all joined once, and in order; their sum.
    assert len(nodes) == n - 1 + 3
    assert sum(node.size for node in nodes) == (n - 1) + 2 * n + 1


def test_rows_are_read_by_themselves() -> None:
    steps, n = 100, 7

    def f(x: Any) -> Any:
        u = anp.zeros((steps, n))
        u[0] = x
        for t in range(1, steps):
            u[t] = u[t - 1] * 0.5
        return anp.sum(u[-1])

    assert len(_graph(f, np.ones(n))) == steps - 1 + 1

    def inner_points(x: Any) -> Any:
        u = anp.zeros((steps, n))
        u[0, 1:-1] = x
        for t in range(1, steps):
            u[t, 1:-1] = u[t - 1, 2:] + u[t - 1, :-2]
        return anp.sum(u[-1])

    assert max(node.size for node in _graph(inner_points, np.ones(n - 2))) <= n


def test_an_array_overwritten_often_keeps_no_old_pieces() -> None:
    kept: list[int] = []

    def f(x: Any) -> Any:
        B = anp.full(4, 5.0)
        for i in range(1000):
            B[i % 3] = x * i
        kept.append(len(B._storage.pieces))
        return anp.sum(B)

    assert value_and_grad(f)(1.0) == (997 + 998 + 999 + 5, 997 + 998 + 999)
    assert kept[0] < 100


def test_an_array_assigned_as_a_whole_is_one_node() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(3)
        B[:] = x
        B *= 2.0
        B += x
        return anp.sum(B)

    assert [node.primitive.name for node in _graph(f, X)] == ["multiply", "add", "sum"]  # type: ignore[union-attr]


def test_what_did_not_change_is_not_recorded_again() -> None:
    def f(x: Any) -> Any:
        B = anp.zeros(4)
        B[1:] = x
        B[1:] += x
        total = anp.sum(B[1:])
        assert B.current() is B.current()
        return total

    assert [node.primitive.name for node in _graph(f, X)] == ["add", "sum"]  # type: ignore[union-attr]


# ---------------------------------------------------------------------------------------------------------------------
# Every function of NumPy's
# ---------------------------------------------------------------------------------------------------------------------


def _applied(case: Case, namespace: Any, wrap: Any) -> tuple[list[Any], list[Any]]:
    """Values and gradients of a call, with each array wrapped."""
    outputs: list[Any] = []

    def f(arrays: Any) -> Any:
        given = [wrap(x) if x.ndim else x for x in arrays]
        result = case.apply(case.function(namespace), given)
        found = list(result) if isinstance(result, (list, tuple)) else [result]
        outputs.extend(np.asarray(x.data if isinstance(x, Tensor) else x) for x in settled(found))
        return found

    vjp, value = make_vjp(f)([np.array(x) for x in case.arrays()])
    return outputs, vjp([np.cos(np.arange(np.size(y))).reshape(np.shape(y)).astype(y.dtype) for y in value])


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{i} {case}") for i, case in enumerate(all_cases())])
@pytest.mark.parametrize("namespace", [np, anp], ids=["numpy", "autograd.numpy"])
def test_every_function_takes_arrays_with_tensors_in_them(case: Case, namespace: Any) -> None:
    values, gradients = _applied(case, namespace, assignable)
    expected, expected_gradients = _applied(case, namespace, lambda x: x)
    for found, wanted in zip(values + gradients, expected + expected_gradients, strict=True):
        assert found.dtype == wanted.dtype
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_functions_of_scipy_take_arrays_with_tensors_in_them() -> None:
    pytest.importorskip("scipy")
    import scipy.linalg
    import scipy.special

    from autograd.scipy.special import jv, logsumexp
    from autograd.scipy.stats import norm

    check_grads(lambda x: norm.logpdf(_half(x), x, 2.0) + logsumexp(_half(x)) + jv(1.0, _half(x)), order=2)(X)
    for bessel in (jv, scipy.special.jv):
        with pytest.raises(TypeError, match="no derivative with respect to v"):
            grad(lambda x, bessel=bessel: anp.sum(bessel(_half(x), x)))(X)

    def f(x: Any) -> Any:
        with pytest.raises(TypeError, match="would lose its gradient"):
            scipy.linalg.solve(np.eye(3), _half(x))
        return anp.sum(x * scipy.special.gamma(anp.full(3, 4.0)))

    np.testing.assert_array_equal(grad(f)(X), [6.0, 6.0, 6.0])
