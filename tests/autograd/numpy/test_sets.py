"""Functions that treat arrays as sets, which choose elements."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.test_util import check_grads

X = np.array([[3.0, 1.0, 2.0], [1.0, -2.0, 3.0]])
Y = np.array([3.0, 0.5, 1.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: anp.unique(x),
        lambda x: anp.unique(x, return_counts=True)[0],
        lambda x: anp.unique(x, True, True)[0],
        lambda x: anp.unique(x, axis=0),
        lambda x: anp.unique(x, axis=1, return_inverse=True)[0],
        lambda x: anp.unique_all(x).values,
        lambda x: anp.unique_counts(x).values,
        lambda x: anp.unique_inverse(x).values,
        lambda x: np.sort(anp.unique_values(x)),
        lambda x: anp.intersect1d(x, Y),
        lambda x: anp.intersect1d(x, Y, return_indices=True)[0],
        lambda x: anp.setdiff1d(x, Y),
        lambda x: anp.setxor1d(x, Y),
        lambda x: anp.union1d(x, Y),
        lambda x: anp.union1d(Y, x),
    ],
)
def test_elements_that_are_chosen_have_gradients(f: Any) -> None:
    x = X + np.arange(6).reshape(2, 3) / 64  # some still equal some of Y
    found = f(Tensor(x))
    assert found.requires_grad
    np.testing.assert_array_equal(found.data, f(x))

    def apart(x: Any) -> Any:  # as finite differences need it
        return f(x)[1:] ** 2

    check_grads(apart, modes=("fwd", "rev"))(np.array([[3.5, 1.5, 2.5], [0.25, -2.0, 3.75]]))


def test_of_equal_elements_the_first_has_the_gradient() -> None:
    np.testing.assert_array_equal(grad(lambda x: anp.sum(anp.unique(x) ** 2))(X), [[6.0, 2.0, 4.0], [0.0, -4.0, 0.0]])


def test_what_else_they_return_is_plain() -> None:
    found, expected = anp.unique(Tensor(X), True, True, True), np.unique(X, True, True, True)
    for f, e in zip(found[1:], expected[1:], strict=True):
        np.testing.assert_array_equal(f, e)
    integers = Tensor([2, 1, 2], requires_grad=False, dtype=np.int64)
    np.testing.assert_array_equal(anp.unique(integers), [1, 2])
    np.testing.assert_array_equal(anp.union1d(integers, [5]), [1, 2, 5])
    assert anp.setdiff1d(Tensor(Y), Y).shape == (0,)


@pytest.mark.parametrize("call", [lambda x: np.histogram(X, weights=x), lambda x: np.histogram(X, 3, None, False, x)])
def test_histograms_with_weights_do_not_lose_their_gradient(call: Any) -> None:
    with pytest.raises(TypeError, match=r"np\.histogram with weights of a tensor"):
        call(Tensor(X))
    np.testing.assert_array_equal(call(Tensor(X, requires_grad=False))[0], call(X)[0])
    np.testing.assert_array_equal(np.histogram(Tensor(X), weights=X)[0], np.histogram(X, weights=X)[0])
