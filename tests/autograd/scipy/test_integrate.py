"""odeint: analytic solutions, finite differences, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.integrate

import autograd.numpy as anp
from autograd import Tensor, grad
from autograd.scipy.integrate import odeint
from autograd.test_util import check_grads

TIMES = np.array([0.1, 0.4, 0.9, 1.3])
EXACT = {"rtol": 1e-11, "atol": 1e-11}


def _field(y: Any, t: Any, scale: Any, shift: Any) -> Any:
    return -t * y + scale - anp.mean((y + shift) ** 2)


def test_values_are_scipys() -> None:
    start, args = np.array([0.3, -0.5]), (0.7, np.array([0.1, 0.2]))
    expected = scipy.integrate.odeint(_field, start, TIMES, args)
    np.testing.assert_array_equal(odeint(_field, start, TIMES, args), expected)
    np.testing.assert_allclose(odeint(_field, Tensor(start), TIMES, args).data, expected, rtol=1e-12)


def test_derivatives_agree_with_finite_differences() -> None:
    def states(start: Any, times: Any, scale: Any, shift: Any) -> Any:
        return odeint(_field, start, times, (scale, shift), **EXACT)

    check_grads(states, order=1)(np.array([0.3, -0.5]), TIMES, 0.7, np.array([0.1, 0.2]))


def test_second_derivatives_too() -> None:
    check_grads(lambda rate: odeint(lambda y, t, rate: -rate * y * y, np.ones(1), TIMES, (rate,), **EXACT), order=2)(
        0.8
    )


def test_derivatives_are_those_of_the_analytic_solution() -> None:
    def end(start: float, begin: float, time: float, rate: float) -> Any:
        return odeint(lambda y, t, k: -k * y, anp.stack([start]), anp.stack([begin, time]), (rate,), **EXACT)[-1, 0]

    value = 2.0 * np.exp(-0.7 * 1.5)
    found = [grad(end, i)(2.0, 0.5, 2.0, 0.7) for i in range(4)]
    np.testing.assert_allclose(found, [value / 2, 0.7 * value, -0.7 * value, -1.5 * value], rtol=1e-8)


def test_arguments_may_be_structures_and_time_may_come_first() -> None:
    def field(t: Any, y: Any, parameters: Any) -> Any:
        return [parameters["k"][0] * y[1], parameters["k"][1] * y[0]]

    def total(k: Any) -> Any:
        return anp.sum(odeint(field, np.ones(2), TIMES, ({"k": k, "unused": 1.0},), tfirst=True, **EXACT))

    check_grads(total, order=1)(np.array([0.4, -0.3]))


def test_one_time_is_the_beginning() -> None:
    start = Tensor([1.0, 2.0])
    odeint(lambda y, t: -y, start, TIMES[:1]).sum().backward()
    np.testing.assert_array_equal(start.grad, [1.0, 1.0])


def test_a_tensor_that_is_not_among_the_arguments_is_refused() -> None:
    rate = Tensor(2.0)
    with pytest.raises(TypeError, match="pass that in args"):
        odeint(lambda y, t: -rate * y, Tensor([1.0]), TIMES)
    with pytest.raises(TypeError, match="full_output"):
        odeint(lambda y, t: -y, Tensor([1.0]), TIMES, full_output=True)
