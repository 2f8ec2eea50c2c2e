"""Making, shaping, indexing and joining arrays: what the table of calls does not say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.protocols import FUNCTIONS
from autograd.samples import array as sample
from autograd.test_util import check_grads
from tests.autograd.numpy.cases import all_cases

TOPIC = {"shapes", "rearranging", "joining", "diagonals", "padding", "differences", "indexing", "creation"}
WRITING = (np.put, np.place, np.putmask, np.copyto, np.put_along_axis, np.fill_diagonal)


def test_every_function_has_a_case() -> None:
    tried = {case.function() for case in all_cases()}
    ours = {f for f, implementation in FUNCTIONS.items() if implementation.__module__.rpartition(".")[2] in TOPIC}
    assert len(ours) > 60
    assert ours - tried == set(WRITING)


@pytest.mark.parametrize("function", WRITING, ids=lambda f: f.__name__)
def test_writing_into_an_array_is_refused(function: Any) -> None:
    x, array = Tensor(np.ones((2, 2))), np.ones((2, 2))
    args = {"fill_diagonal": (1.0,), "copyto": (array,), "put": (0, 1.0), "put_along_axis": ([[0]], 1.0, 0)}
    with pytest.raises(
        TypeError, match=rf"np\.{function.__name__} of or with a tensor would lose gradients.*np\.where"
    ):
        function(x, *args.get(function.__name__, (array > 0, [1.0])))


def test_values_copied_into_a_plain_array_are_refused() -> None:
    with pytest.raises(TypeError, match=r"np\.copyto of or with a tensor"):
        np.copyto(np.ones(2), Tensor([1.0, 2.0]))


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_elements_are_read_in_the_order_asked_for(order: Any, axes: tuple[int, ...]) -> None:
    array = sample(2, 3, 4).transpose(axes)
    x = Tensor(array)
    np.testing.assert_array_equal(np.ravel(x, order).data, np.ravel(array, order))
    np.testing.assert_array_equal(x.ravel(order).data, array.ravel(order))
    np.testing.assert_array_equal(x.flatten(order).data, array.flatten(order))
    if order == "K":
        with pytest.raises(ValueError, match="order 'K'"):
            np.reshape(x, (4, 6), order=order)
    else:
        np.testing.assert_array_equal(np.reshape(x, (4, 6), order=order).data, np.reshape(array, (4, 6), order=order))
    cotangent = sample(24, seed=1)
    np.ravel(x, order).backward(cotangent)
    position = np.empty(24, int)
    position[np.ravel(np.arange(24).reshape(2, 3, 4).transpose(axes), order)] = np.arange(24)
    np.testing.assert_array_equal(x.grad, cotangent[position].reshape(2, 3, 4).transpose(axes))
