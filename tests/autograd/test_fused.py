"""Fused operations: the first derivative written out for speed, all others taken from the decomposition."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, enable_grad, grad, make_jvp, make_vjp, matmul, no_grad, tanh
from autograd.primitives import REGISTRY, fused
from autograd.reverse import trace
from autograd.samples import Sample, array
from autograd.test_util import check_grads


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def dense(calls: list[str]) -> Iterator[Any]:
    """tanh(x w) ** power, declared as one operation for the time of a test."""

    def pullback(needed: Any, ct: Any, residuals: Any, x: Any, w: Any, out: Any, *, power: int) -> Any:
        calls.append("pullback")
        ct = ct * power * residuals ** (power - 1) * (1 - residuals * residuals)
        return (ct @ w.T if needed[0] else None, x.T @ ct if needed[1] else None)

    @fused(
        pullback=pullback,
        decomposition=lambda x, w, power=1: tanh(matmul(x, w)) ** power,
        symbol="dense",
        formula=r"\tanh(x w)^p",
        samples=lambda: [Sample((array(2, 3), array(3, 2)))],
    )
    def dense(x: Any, w: Any, power: int = 1) -> Any:
        calls.append("forward")
        hidden = np.tanh(x @ w)
        return hidden**power, hidden

    yield dense
    del REGISTRY["dense"]


X, W = array(2, 3), array(3, 4, seed=1)


@pytest.mark.parametrize("power", [1, 3])
def test_all_derivatives_agree_with_finite_differences(dense: Any, power: int) -> None:
    check_grads(lambda x, w: dense(x, w, power=power), modes=("fwd", "rev"), order=2)(X, W)


def test_the_backward_pass_takes_the_pullback_with_the_residuals(dense: Any, calls: list[str]) -> None:
    x, w = Tensor(X), Tensor(W)
    dense(x, w, 2).sum().backward()
    assert calls == ["forward", "pullback"]
    a, b = Tensor(X), Tensor(W)
    (tanh(a @ b) ** 2).sum().backward()
    np.testing.assert_allclose(x.grad, a.grad, rtol=1e-12)
    np.testing.assert_allclose(w.grad, b.grad, rtol=1e-12)


def test_only_what_is_needed_is_computed(dense: Any) -> None:
    w = Tensor(W)
    dense(X, w).sum().backward()
    expected = Tensor(W)
    tanh(matmul(X, expected)).sum().backward()
    np.testing.assert_allclose(w.grad, expected.grad, rtol=1e-12)


def test_plain_values_and_no_grad_give_values_alone(dense: Any) -> None:
    np.testing.assert_array_equal(dense(X, W), np.tanh(X @ W))
    with no_grad():
        result = dense(Tensor(X), W)
    assert result.is_leaf
    assert not result.requires_grad
    assert result.note("residuals", None) is None


def test_a_recorded_pass_can_be_differentiated_again(dense: Any) -> None:
    def penalty(operation: Any) -> Any:
        x, w = Tensor(X), Tensor(W)
        operation(x, w).sum().backward(create_graph=True)
        assert isinstance(x.grad, Tensor)
        loss = (x.grad * x.grad).sum() + (w.grad * w.grad).sum()
        x.grad = w.grad = None
        loss.backward()
        return x.grad, w.grad

    for ours, expected in zip(penalty(dense), penalty(lambda x, w: tanh(x @ w)), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-11)


def test_retained_and_traced_passes_take_the_pullback(dense: Any, calls: list[str]) -> None:
    x, w = Tensor(X), Tensor(W)
    hidden = dense(x * 1.0, w)
    hidden.sum().backward(retain=True)
    assert calls == ["forward", "pullback"]
    result = trace(hidden.sum())
    np.testing.assert_allclose(result.wires[hidden, 1], w.grad, rtol=1e-12)


def test_nested_transforms(dense: Any) -> None:
    def loss(x: Any) -> Any:
        return dense(x, W, 2).sum()

    def gates(x: Any) -> Any:
        return (tanh(matmul(x, W)) ** 2).sum()

    def slope(f: Any) -> Any:
        return grad(lambda x: (grad(f)(x) ** 2).sum())(X)

    np.testing.assert_allclose(slope(loss), slope(gates), rtol=1e-11)
    direction = array(2, 3, seed=4)
    ours = make_jvp(lambda x: make_vjp(loss)(x)[0](np.float64(1.0)))(X)(direction)[1]
    expected = make_jvp(lambda x: make_vjp(gates)(x)[0](np.float64(1.0)))(X)(direction)[1]
    np.testing.assert_allclose(ours, expected, rtol=1e-11)


def test_jvp_under_no_grad(dense: Any) -> None:
    with no_grad():
        _, tangent = make_jvp(lambda x: dense(x, W))(X)(X)
    with enable_grad():
        _, expected = make_jvp(lambda x: tanh(matmul(x, W)))(X)(X)
    np.testing.assert_allclose(tangent, expected, rtol=1e-12)


def test_one_tensor_as_both_inputs(dense: Any) -> None:
    square = array(3, 3)

    def of(operation: Any) -> Any:
        x = Tensor(square)
        operation(x, x).sum().backward(create_graph=True)
        first, x.grad = x.grad, None
        (first * first).sum().backward()
        return first.data, x.grad

    for ours, expected in zip(of(dense), of(lambda x, w: tanh(x @ w)), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-11)


@pytest.mark.parametrize("create_graph", [False, True])
def test_constants_get_no_gradient_and_variables_one_of_their_own_dtype(dense: Any, create_graph: bool) -> None:
    frozen, x, w = Tensor(X, requires_grad=False), Tensor(X, dtype=np.float32), Tensor(W)
    (dense(frozen, w) + dense(x, w)).sum().backward(create_graph=create_graph)
    assert frozen.grad is None
    assert (x.grad.dtype, w.grad.dtype) == (np.float32, np.float64)
    x.grad = None
    expected = Tensor(X, dtype=np.float32)
    tanh(expected @ w).sum().backward()
    dense(x, w).sum().backward(create_graph=create_graph)
    np.testing.assert_allclose(x.grad.data if create_graph else x.grad, expected.grad, rtol=1e-5)


def test_graph_and_residuals_are_freed_with_the_result(dense: Any) -> None:
    gc.disable()
    try:
        for create_graph in (False, True):
            result = dense(Tensor(X), Tensor(W))
            held = [weakref.ref(result), weakref.ref(result.note("residuals", None))]
            result.sum().backward(create_graph=create_graph)
            del result
            assert [r() for r in held] == [None, None]
    finally:
        gc.enable()


def test_any_number_of_threads_may_share_a_graph(dense: Any) -> None:
    x = Tensor(X)
    result = dense(x, W, 3).sum()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: trace(result).cotangents[x], range(40)))
    assert all(np.array_equal(g, found[0]) for g in found)


def test_a_changed_input_is_noticed(dense: Any) -> None:
    x, w = Tensor(X), Tensor(W)
    result = dense(x, w).sum()
    w.data = W * 2
    with pytest.raises(RuntimeError, match="dense: its input 1"):
        result.backward()


def test_operations_with_one_rule_for_all_inputs_are_marked_so() -> None:
    for primitive in REGISTRY.values():
        assert primitive.joint == (primitive.pullback is not None or primitive.vjps is not None), primitive
