"""Linear algebra beyond what tables of calls can say: choices of vectors, equal values, singular matrices, PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
import autograd.numpy.linalg as npla
from autograd import Tensor, grad, make_vjp, ops
from autograd.samples import array
from autograd.test_util import check_grads, random_like

R = array(3, 3) + 3 * np.eye(3)
Z = R + 1j * array(3, 3, seed=1)
SPD = R @ R.T
HERMITIAN = Z @ Z.conj().T
ORDERS = [None, "fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf]


def test_the_namespace_is_a_module_of_its_own() -> None:
    assert npla is anp.linalg
    assert npla.solve is anp.linalg.solve
    assert isinstance(npla.inv(Tensor(R)), Tensor)
    assert isinstance(npla.inv(R), np.ndarray)
    with pytest.raises(npla.LinAlgError):
        npla.inv(Tensor(np.zeros((2, 2))))
    with pytest.raises(AttributeError):
        _ = npla.no_such_function
    assert "eigh" in dir(npla)


# ---------------------------------------------------------------------------------------------------------------------
# Cholesky
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("a", [SPD, HERMITIAN, np.stack([SPD, SPD + 1])], ids=["real", "complex", "stack"])
def test_cholesky(a: Any, upper: bool) -> None:
    found, expected = npla.cholesky(Tensor(a), upper=upper), np.linalg.cholesky(a, upper=upper)
    np.testing.assert_allclose(found.data, expected, rtol=1e-14)

    def of_hermitian_part(x: Any) -> Any:
        return npla.cholesky((x + ops.conjugate(anp.swapaxes(x, -1, -2))) / 2, upper=upper)

    check_grads(of_hermitian_part)(a)
    gradient = make_vjp(lambda x: npla.cholesky(x, upper=upper))(a)[0](np.ones_like(a))
    np.testing.assert_allclose(gradient, np.conj(np.swapaxes(gradient, -1, -2)), atol=1e-15)


# ---------------------------------------------------------------------------------------------------------------------
# Vectors that are determined but for a phase: functions that do not depend on it
# ---------------------------------------------------------------------------------------------------------------------


def _adjoint(x: Any) -> Any:
    return ops.conjugate(anp.swapaxes(x, -1, -2))


def _hermitian(x: Any) -> Any:
    return x + _adjoint(x)


WEIGHTS = array(3, 3, seed=5)


def _of_eigh(x: Any) -> Any:
    w, v = npla.eigh(_hermitian(x))
    return anp.sum(anp.exp(w)[..., None, :] * anp.absolute(anp.matmul(WEIGHTS, v)) ** 2)


def _of_eig(x: Any) -> Any:
    w, v = npla.eig(x)
    return anp.sum(anp.absolute(w * w)[..., None, :] * anp.absolute(anp.matmul(WEIGHTS, v)) ** 2)


def _of_svd(x: Any) -> Any:
    u, s, vh = npla.svd(x, full_matrices=False)
    rows, columns = x.shape[-2:]
    low_rank = anp.matmul(u * (s**2 * np.arange(1, s.shape[-1] + 1)), vh)
    return anp.sum(anp.absolute(low_rank + np.arange(rows * columns).reshape(rows, columns)) ** 2)


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (_of_eigh, R),
        (_of_eigh, Z),
        (_of_eigh, np.stack([Z, Z.T])),
        (_of_eig, R),
        (_of_eig, Z),
        (_of_eig, array(3, 3, seed=2)),
        (_of_eig, np.stack([R, R.T]) + 0j),
        (_of_svd, Z),
        (_of_svd, array(2, 3) + 1j * array(2, 3, seed=1)),
        (_of_svd, array(4, 2) + 1j * array(4, 2, seed=1)),
    ],
)
def test_functions_that_do_not_depend_on_phases(function: Callable[..., Any], x: Any) -> None:
    check_grads(function)(x)


def test_eigenvectors_of_equal_eigenvalues_give_finite_gradients() -> None:
    for a in (np.eye(3), np.diag([1.0, 1.0, 2.0]), np.zeros((2, 2))):
        for function in (
            lambda x: anp.sum(npla.eigh(x)[1]),
            lambda x: anp.sum(npla.eigh(x)[0] ** 2),
            lambda x: anp.sum(npla.eigvalsh(x) ** 2),
            lambda x: anp.sum(npla.svd(x)[0]) + anp.sum(npla.svd(x)[2]),
            lambda x: anp.sum(ops.real(npla.eig(x)[1])),
            lambda x: anp.sum(grad(lambda y: anp.sum(npla.eigh(y)[1]))(x)),
        ):
            assert np.isfinite(grad(function)(a)).all()


def test_functions_of_equal_eigenvalues_and_of_the_space_of_their_vectors_have_their_gradient() -> None:
    q = np.linalg.qr(array(3, 3))[0]
    a = q @ np.diag([1.0, 1.0, 4.0]) @ q.T
    # tr A^3, by eigenvalues and directly
    by_values = grad(lambda x: anp.sum(npla.eigh((x + x.T) / 2)[0] ** 3))(a)
    np.testing.assert_allclose(by_values, 3 * a @ a, atol=1e-12)

    # The projection onto the vectors of the two equal ones
    def outside(x: Any) -> Any:
        v = npla.eigh((x + x.T) / 2)[1][:, :2]
        return anp.sum(WEIGHTS * anp.matmul(v, v.T))

    def inside(x: Any) -> Any:  # the same by the third one
        v = npla.eigh((x + x.T) / 2)[1][:, 2:]
        return -anp.sum(WEIGHTS * anp.matmul(v, v.T))

    np.testing.assert_allclose(grad(outside)(a), grad(inside)(a), atol=1e-12)


def test_both_triangles_have_gradients_of_their_own() -> None:
    lower, upper = (grad(lambda x, u=u: anp.sum(npla.eigh(x, UPLO=u)[0] ** 2))(SPD) for u in "LU")
    np.testing.assert_allclose(lower, np.tril(lower))
    np.testing.assert_allclose(lower, upper.T, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Singular matrices
# ---------------------------------------------------------------------------------------------------------------------


def _singular(rank: int) -> Any:
    return array(4, rank) @ array(rank, 4, seed=1)


def _cofactors(a: Any) -> Any:
    """By the determinants of what is left without one row and column."""
    n = len(a)
    minors = [[np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(n)] for i in range(n)]
    return (-1.0) ** np.add.outer(np.arange(n), np.arange(n)) * minors


@pytest.mark.parametrize("rank", [3, 2, 1])
@pytest.mark.parametrize("imaginary", [0.0, 0.5j], ids=["real", "complex"])
def test_determinants_of_singular_matrices(rank: int, imaginary: complex) -> None:
    a = _singular(rank) + (imaginary * array(4, 1, seed=7) @ array(1, 4, seed=8) if imaginary else 0.0)
    check_grads(npla.det)(a)
    expected = [
        [(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(4)] for i in range(4)
    ]
    vjp, _ = make_vjp(npla.det)(a)
    np.testing.assert_allclose(vjp(np.ones((), a.dtype)), expected, atol=1e-12)


def test_determinant_of_nearly_singular_matrices() -> None:
    a = _singular(3) + 1e-14 * array(4, 4, seed=3)
    expected = [
        [(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(4)] for i in range(4)
    ]
    np.testing.assert_allclose(grad(npla.det)(a), expected, rtol=1e-9)


def test_slogdet_of_a_singular_matrix_has_no_gradient() -> None:
    sign, logarithm = npla.slogdet(Tensor(np.zeros((2, 2))))
    assert (sign.item(), logarithm.item()) == (0.0, -np.inf)
    with pytest.raises(np.linalg.LinAlgError):
        logarithm.backward()


def test_pseudo_inverse_along_matrices_of_the_same_rank() -> None:
    check_grads(lambda b, c: npla.pinv(anp.matmul(b, c), rcond=1e-10))(array(4, 2), array(2, 3, seed=1))


def test_singular_values_of_zero_have_gradient_zero() -> None:
    a = np.diag([2.0, 0.0])
    np.testing.assert_allclose(grad(lambda x: npla.norm(x, "nuc"))(a), np.diag([1.0, 0.0]))
    np.testing.assert_array_equal(grad(lambda x: npla.norm(x, -2))(a), np.zeros((2, 2)))
    assert np.isfinite(grad(lambda x: anp.sum(npla.svd(x)[0]) + anp.sum(npla.svd(x)[2]))(a)).all()


# ---------------------------------------------------------------------------------------------------------------------
# Norms at zero
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [None, 1, 2, 3, 2.5, 0.5, -1, np.inf, -np.inf])
def test_norm_of_a_zero_vector_has_gradient_zero(order: Any) -> None:
    for zero in (np.zeros(3), np.zeros(3, complex)):
        np.testing.assert_array_equal(grad(lambda x: npla.norm(x, order))(zero), zero)
    rows = np.array([[0.0, 0.0], [3.0, 4.0]])
    gradient = grad(lambda x: anp.sum(npla.norm(x, order, axis=1)))(rows)
    np.testing.assert_array_equal(gradient[0], [0.0, 0.0])
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("order", ORDERS)
def test_norm_of_a_zero_matrix_has_gradient_zero(order: Any) -> None:
    np.testing.assert_array_equal(grad(lambda x: npla.norm(x, order))(np.zeros((2, 3))), np.zeros((2, 3)))


@pytest.mark.parametrize("order", [1, 3, 0.5, -1])
def test_elements_of_zero_take_no_part_in_the_gradient_of_a_norm(order: float) -> None:
    gradient = grad(lambda x: npla.norm(x, order))(np.array([0.0, 3.0, -4.0]))
    assert gradient[0] == 0.0
    assert np.isfinite(gradient).all()


def test_norm_of_a_list_of_tensors() -> None:
    x, y = Tensor(3.0), Tensor(4.0)
    npla.norm([x, y]).backward()
    assert (x.grad, y.grad) == pytest.approx((0.6, 0.8))
    assert npla.norm([3.0, 4.0]) == 5.0
    assert npla.norm([[x, 0.0], [y, 0.0]], axis=0).tolist() == [5.0, 0.0]


def test_the_number_of_elements_that_are_not_zero_is_a_constant() -> None:
    count = npla.norm(Tensor([0.0, 3.0, 4.0]), 0)
    assert count == 2.0
    assert not isinstance(count, Tensor)


# ---------------------------------------------------------------------------------------------------------------------
# What is refused, and odd arguments
# ---------------------------------------------------------------------------------------------------------------------


def test_what_has_no_derivative_is_refused() -> None:
    a = Tensor(array(3, 2))
    with pytest.raises(NotImplementedError, match="full_matrices=False"):
        npla.svd(a)
    with pytest.raises(NotImplementedError, match="mode='reduced'"):
        npla.qr(a, "complete")
    with pytest.raises(ValueError, match="mode"):
        npla.qr(a, "raw")
    with pytest.raises(ValueError, match="no norm 'nuc' of vectors"):
        npla.norm(a, "nuc", axis=0)
    with pytest.raises(ValueError, match="no norm 5 of matrices"):
        npla.norm(a, 5)
    with pytest.raises(ValueError, match="one axis"):
        npla.norm(Tensor(array(2, 2, 2)), 1)
    with pytest.raises(np.linalg.LinAlgError):
        npla.matrix_power(a, 2)
    with pytest.raises(ValueError, match="rcond or rtol"):
        npla.pinv(a, 0.1, rtol=0.1)
    values = npla.svd(Tensor(array(3, 2), requires_grad=False))
    assert [np.shape(x) for x in values] == [(3, 3), (2,), (2, 2)]


def test_least_squares() -> None:
    a, b = array(4, 2), array(4, seed=1)
    for right in (b, array(4, 2, seed=1)):
        found, expected = npla.lstsq(Tensor(a), Tensor(right)), np.linalg.lstsq(a, right)
        assert found[2] == expected[2]
        for i in (0, 1, 3):
            assert isinstance(found[i], Tensor)
            np.testing.assert_allclose(found[i].data, expected[i], rtol=1e-12)
        check_grads(lambda x, y: npla.lstsq(x, y)[0])(a, right)
        check_grads(lambda x, y: npla.lstsq(x, y)[1])(a, right)
    check_grads(lambda x: npla.lstsq(x, b)[3])(a)
    assert npla.lstsq(Tensor(a.T), b[:2])[1].shape == (0,)


def test_powers_and_ranks_without_a_gradient() -> None:
    np.testing.assert_array_equal(npla.matrix_power(Tensor(R), 0), np.eye(3))
    assert npla.matrix_rank(Tensor(R)) == 3


def test_condition_of_singular_matrices() -> None:
    for p in (None, 1, "fro"):
        assert npla.cond(Tensor(np.zeros((2, 2))), p) == np.inf
    with pytest.raises(np.linalg.LinAlgError):
        npla.cond(Tensor(np.stack([np.eye(2), np.zeros((2, 2))])), 1)


def test_results_have_names() -> None:
    assert npla.eigh(Tensor(SPD)).eigenvalues.shape == (3,)
    assert npla.eig(Tensor(R)).eigenvectors.shape == (3, 3)
    assert npla.svd(Tensor(R)).Vh.shape == (3, 3)
    assert npla.qr(Tensor(R)).R.shape == (3, 3)
    assert npla.slogdet(Tensor(R)).logabsdet.shape == ()


# ---------------------------------------------------------------------------------------------------------------------
# PyTorch, whose complex gradients are the conjugates of ours
# ---------------------------------------------------------------------------------------------------------------------


def _compare_with_torch(ours: Callable[[Any], Any], theirs: Callable[[Any], Any], x: Any) -> None:
    torch = pytest.importorskip("torch")
    leaf = torch.tensor(x, requires_grad=True)
    result = theirs(leaf)
    cotangent = random_like(result.detach().numpy(), np.random.default_rng(2))
    result.backward(torch.tensor(np.conj(cotangent)))
    vjp, value = make_vjp(ours)(x)
    np.testing.assert_allclose(value, result.detach().numpy(), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(vjp(cotangent), np.conj(leaf.grad.numpy()), rtol=1e-9, atol=1e-9)


SQUARE = [R, Z, np.stack([R, R.T]), np.stack([Z, Z.T])]
TALL = [array(4, 2), array(4, 2) + 1j * array(4, 2, seed=1), array(2, 3, 2)]
IDS = ["real", "complex", "stack", "complex stack"]


@pytest.mark.parametrize("x", SQUARE, ids=IDS)
@pytest.mark.parametrize(
    "apply",
    [
        lambda la, x: la.inv(x),
        lambda la, x: la.det(x),
        lambda la, x: la.slogdet(x)[1],
        lambda la, x: la.solve(x, x @ x),
        lambda la, x: la.pinv(x),
        lambda la, x: la.matrix_power(x, -3),
        lambda la, x: la.svdvals(x),
        lambda la, x: la.qr(x)[0],
        lambda la, x: la.qr(x)[1],
        lambda la, x: abs(la.eigvals(x)) if la is anp.linalg else la.eigvals(x).abs(),
    ],
    ids=["inv", "det", "logabsdet", "solve", "pinv", "power", "svdvals", "q", "r", "eigvals"],
)
def test_square_matrices_as_in_torch(apply: Callable[..., Any], x: Any) -> None:
    torch = pytest.importorskip("torch")
    _compare_with_torch(lambda t: apply(npla, t), lambda t: apply(torch.linalg, t), x)


@pytest.mark.parametrize("x", TALL, ids=IDS[:3])
@pytest.mark.parametrize("wide", [False, True], ids=["tall", "wide"])
@pytest.mark.parametrize(
    "apply",
    [
        lambda la, x: la.pinv(x),
        lambda la, x: la.svdvals(x),
        lambda la, x: la.qr(x)[0],
        lambda la, x: la.qr(x)[1],
        *(lambda la, x, o=o: la.matrix_norm(x, ord=o) for o in ORDERS[1:]),
        *(lambda la, x, o=o: la.vector_norm(x, ord=o) for o in (1, 2, 3, 0.5, -1, np.inf, -np.inf)),
    ],
)
def test_other_matrices_as_in_torch(apply: Callable[..., Any], wide: bool, x: Any) -> None:
    torch = pytest.importorskip("torch")
    x = np.ascontiguousarray(np.swapaxes(x, -1, -2)) if wide else x
    _compare_with_torch(lambda t: apply(npla, t), lambda t: apply(torch.linalg, t), x)


@pytest.mark.parametrize("x", SQUARE, ids=IDS)
def test_eigenvectors_as_in_torch(x: Any) -> None:
    torch = pytest.importorskip("torch")
    weights = torch.tensor(WEIGHTS)

    def ours(t: Any) -> Any:
        w, v = npla.eigh(_hermitian(t))
        return anp.exp(w)[..., None, :] * anp.absolute(anp.matmul(WEIGHTS, v)) ** 2

    def theirs(t: Any) -> Any:
        w, v = torch.linalg.eigh(t + t.mH)
        return w.exp()[..., None, :] * (weights.to(v.dtype) @ v).abs() ** 2

    _compare_with_torch(ours, theirs, x)

    def product(t: Any) -> Any:
        u, s, vh = npla.svd(t, full_matrices=False)
        return anp.matmul(u * anp.exp(s)[..., None, :], vh)

    def torch_product(t: Any) -> Any:
        u, s, vh = torch.linalg.svd(t, full_matrices=False)
        return (u * s.exp()[..., None, :].to(u.dtype)) @ vh

    _compare_with_torch(product, torch_product, x)


@pytest.mark.parametrize("x", [SPD, HERMITIAN], ids=["real", "complex"])
def test_cholesky_as_in_torch(x: Any) -> None:
    torch = pytest.importorskip("torch")
    _compare_with_torch(lambda t: anp.absolute(npla.cholesky(t)) ** 2, lambda t: torch.linalg.cholesky(t).abs() ** 2, x)


def test_sign_of_a_determinant_as_in_torch() -> None:
    torch = pytest.importorskip("torch")
    _compare_with_torch(lambda t: npla.slogdet(t)[0], lambda t: torch.linalg.slogdet(t)[0], Z)


@pytest.mark.parametrize("a", [TALL[0], TALL[1], TALL[0].T.copy(), TALL[1].T.copy()])
def test_least_squares_as_in_torch(a: Any) -> None:
    torch = pytest.importorskip("torch")
    b = a[:, ::-1].copy()
    right, left = torch.tensor(b), torch.tensor(a)
    _compare_with_torch(lambda t: npla.lstsq(t, b)[0], lambda t: torch.linalg.lstsq(t, right, driver="gelsd")[0], a)
    _compare_with_torch(lambda t: npla.lstsq(a, t)[0], lambda t: torch.linalg.lstsq(left, t, driver="gelsd")[0], b)
