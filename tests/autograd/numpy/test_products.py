"""Products of arrays: what is refused, odd arguments, PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, make_vjp, ops
from autograd.samples import array
from autograd.test_util import random_like

A, B = Tensor(array(2, 3)), array(3, 4, seed=1)


def test_the_method() -> None:
    np.testing.assert_array_equal(A.dot(B).data, A.data.dot(B))


@pytest.mark.parametrize(
    ("subscripts", "message"),
    [
        ("ij,jk,kl->il", "3 operands, not 2"),
        ("ijk,jk->i", "do not fit an array of 2 axes"),
        ("i,jk->i", "do not fit an array of 2 axes"),
        ("ij,jk->ii", "twice"),
        ("ij,jk->ix", "no operand has"),
        ("ij,j%->i", "something other than letters"),
        ("...j,jk->k", "not on its right"),
        ("ij,ik->jk", "."),
    ],
)
def test_wrong_subscripts(subscripts: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        anp.einsum(subscripts, A, B)
    with pytest.raises(ValueError):  # noqa: PT011 - NumPy's words change
        np.einsum(subscripts, A.data, B)


def test_lengths_that_differ_in_large_arrays() -> None:
    with pytest.raises(ValueError, match="index 'j' runs over 100 elements in one place, and 99 in another"):
        anp.einsum("ij,jk->ik", Tensor(array(100, 100)), array(99, 100))


def test_what_is_refused() -> None:
    for refused in (
        lambda: anp.einsum("ij,jk->ik", A, B, out=np.empty((2, 4))),
        lambda: anp.einsum("ij,jk->ik", A, B, dtype=np.float32),
        lambda: anp.dot(A, B, out=np.empty((2, 4))),
        lambda: anp.outer(A, B, out=np.empty((6, 12))),
        lambda: anp.linalg.multi_dot([A, B], out=np.empty((2, 4))),
    ):
        with pytest.raises(TypeError, match="does not take"):
            refused()
    with pytest.raises(ValueError, match="Ellipsis"):
        anp.einsum(A, ["i", "j"])
    with pytest.raises(ValueError, match="two arrays"):
        anp.linalg.multi_dot([A])
    with pytest.raises(np.linalg.LinAlgError, match="expected matrices"):
        anp.linalg.multi_dot([A, array(2, 2, 2), B])
    with pytest.raises(ValueError, match="equal lengths"):
        anp.tensordot(A, B, axes=((0,), (0,)))
    with pytest.raises(ValueError, match="3 axes"):
        anp.tensordot(A, B, 3)
    with pytest.raises(np.exceptions.AxisError):
        anp.tensordot(A, B, ((2,), (0,)))
    with pytest.raises(ValueError, match="length 2 or 3"):
        anp.cross(A, B)
    with pytest.raises(ValueError, match="length 3"):
        anp.linalg.cross(A[:, :2], A.data[:, :2])
    with pytest.raises(ValueError, match="expected vectors"):
        anp.linalg.outer(A, B)
    with pytest.raises(ValueError, match="differ in length"):
        anp.vecdot(A, B)


@pytest.mark.parametrize(("first", "second"), [(2, 2), (2, 3), (3, 2)])
@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
def test_products_with_vectors_in_the_plane(first: int, second: int) -> None:
    a, b = array(4, first), array(4, second, seed=1)
    found = anp.cross(Tensor(a), b)
    np.testing.assert_allclose(found.data, np.cross(a, b), rtol=1e-15)
    found.backward(np.ones(found.shape))


def test_a_path_is_computed_on_plain_values() -> None:
    assert np.einsum_path("ij,jk->ik", A, B)[0] == np.einsum_path("ij,jk->ik", A.data, B)[0]


def test_a_sum_with_nothing_to_multiply_is_an_array_of_its_own() -> None:
    x = np.ones((2, 3))
    y = ops.einsum((Tensor(x),), "ij->ji")
    x[0, 0] = 5.0
    assert y.data[0, 0] == 1.0


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(30, 40), (40, 20)]),
        ("bij,bjk->bik", [(5, 30, 40), (5, 40, 20)]),
        ("bij,kj->bki", [(5, 30, 40), (20, 40)]),
        ("...ij,...j", [(7, 6, 30, 40), (6, 40)]),
        ("abc,cd,bd->a", [(20, 10, 30), (30, 8), (10, 8)]),
        ("ij,ij->", [(100, 100), (100, 100)]),
    ],
)
@pytest.mark.parametrize("imaginary", [0.0, 1j], ids=["real", "complex"])
def test_large_sums_as_in_torch(subscripts: str, shapes: Any, imaginary: complex) -> None:
    torch = pytest.importorskip("torch")
    arrays = [array(*s, seed=i) + (imaginary * array(*s, seed=i + 9) if imaginary else 0) for i, s in enumerate(shapes)]
    leaves = [torch.tensor(x, requires_grad=True) for x in arrays]
    result = torch.einsum(subscripts, *leaves)
    cotangent = random_like(result.detach().numpy(), np.random.default_rng(0))
    result.backward(torch.tensor(np.conj(cotangent)))
    for i, leaf in enumerate(leaves):
        vjp, value = make_vjp(lambda *xs: anp.einsum(subscripts, *xs), i)(*arrays)
        np.testing.assert_allclose(value, result.detach().numpy(), rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(vjp(cotangent), np.conj(leaf.grad.numpy()), rtol=1e-10, atol=1e-10)


def test_zeros_in_front_of_a_product_of_polynomials() -> None:
    for a, b in [([0.0, 0.0, 1.0, 2.0], [0.0, 3.0]), ([0.0, 0.0], [1.0, 2.0])]:
        np.testing.assert_array_equal(anp.polymul(Tensor(a), b).data, np.polymul(a, b))
    with pytest.raises(ValueError, match="polyint"):
        anp.polyder(A[0], -1)
    with pytest.raises(ValueError, match="polyder"):
        anp.polyint(A[0], -1)
    with pytest.raises(ValueError, match="one constant, or 3, got 2"):
        anp.polyint(A[0], 3, [1.0, 2.0])
