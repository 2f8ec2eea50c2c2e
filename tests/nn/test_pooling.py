"""Pooling layers: values, indices and gradients against PyTorch, over tables of settings; ties and other edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nn
from autograd import Tensor
from autograd.test_util import check_grads
from nn import functional as F

Array = np.ndarray[Any, Any]

POOLS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    # layer, arguments, size of the input
    ("MaxPool1d", {"kernel_size": 3}, (10,)),
    ("MaxPool1d", {"kernel_size": 2, "stride": 1, "dilation": 3, "padding": 1}, (7,)),
    ("MaxPool1d", {"kernel_size": 3, "stride": 2, "ceil_mode": True}, (6,)),
    ("MaxPool2d", {"kernel_size": 2}, (6, 8)),
    ("MaxPool2d", {"kernel_size": 3, "stride": 2}, (7, 9)),
    ("MaxPool2d", {"kernel_size": (3, 2), "stride": (1, 3), "padding": (1, 0)}, (5, 7)),
    ("MaxPool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, (6, 5)),
    ("MaxPool2d", {"kernel_size": 2, "stride": 3, "dilation": 2}, (8, 6)),
    ("MaxPool2d", {"kernel_size": 2, "ceil_mode": True}, (1, 3)),
    ("MaxPool2d", {"kernel_size": 5, "stride": 5, "padding": 2, "ceil_mode": True}, (8, 7)),
    ("MaxPool3d", {"kernel_size": 2, "stride": 1, "padding": (0, 1, 1)}, (3, 4, 2)),
    ("AvgPool1d", {"kernel_size": 3}, (10,)),
    ("AvgPool1d", {"kernel_size": 4, "stride": 3, "padding": 2, "ceil_mode": True}, (9,)),
    ("AvgPool2d", {"kernel_size": 2}, (6, 8)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, (7, 6)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}, (7, 6)),
    ("AvgPool2d", {"kernel_size": (2, 3), "stride": (3, 2), "padding": (1, 1), "ceil_mode": True}, (6, 8)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 2, "ceil_mode": True, "count_include_pad": False}, (6, 8)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 1, "padding": 1, "divisor_override": 5}, (4, 4)),
    ("AvgPool3d", {"kernel_size": 2, "padding": 1, "stride": 2, "count_include_pad": False}, (3, 4, 3)),
    ("AdaptiveAvgPool1d", {"output_size": 3}, (7,)),
    ("AdaptiveAvgPool2d", {"output_size": 1}, (5, 6)),
    ("AdaptiveAvgPool2d", {"output_size": (3, 2)}, (6, 4)),
    ("AdaptiveAvgPool2d", {"output_size": (3, 5)}, (7, 4)),
    ("AdaptiveAvgPool2d", {"output_size": (None, 2)}, (3, 5)),
    ("AdaptiveAvgPool3d", {"output_size": (2, 1, 3)}, (3, 4, 4)),
    ("AdaptiveMaxPool1d", {"output_size": 4}, (7,)),
    ("AdaptiveMaxPool2d", {"output_size": 1}, (5, 6)),
    ("AdaptiveMaxPool2d", {"output_size": (3, 2)}, (6, 4)),
    ("AdaptiveMaxPool2d", {"output_size": (3, 5)}, (7, 4)),
    ("AdaptiveMaxPool2d", {"output_size": (2, None)}, (5, 3)),
    ("AdaptiveMaxPool3d", {"output_size": (2, 1, 3)}, (3, 4, 4)),
]


def compare(torch: Any, name: str, arguments: dict[str, Any], x: Array) -> None:
    ours, theirs = getattr(nn, name)(**arguments), getattr(torch.nn, name)(**arguments)
    assert str(ours) == str(theirs)
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    out, expected = ours(a), theirs(b)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-7, atol=1e-14)
    weights = np.random.default_rng(1).normal(size=out.shape)
    out.backward(weights)
    expected.backward(torch.tensor(weights))
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-7, atol=1e-14)
    if "Max" in name:
        values, indices = getattr(nn, name)(**arguments, return_indices=True)(a)
        np.testing.assert_array_equal(values.data, out.data)
        _, places = getattr(torch.nn, name)(**arguments, return_indices=True)(b)
        np.testing.assert_array_equal(indices.data, places.numpy())
        assert not indices.requires_grad


@pytest.mark.parametrize(("name", "arguments", "size"), POOLS)
@pytest.mark.parametrize("batch", [(2, 3), (1, 1), (3,)])
@pytest.mark.parametrize("ties", [False, True])
def test_pooling_is_pytorchs(
    torch: Any,
    rng: np.random.Generator,
    name: str,
    arguments: dict[str, Any],
    size: tuple[int, ...],
    batch: tuple[int, ...],
    ties: bool,
) -> None:
    x = rng.normal(size=(*batch, *size))
    compare(torch, name, arguments, np.maximum(np.round(x), 0) if ties else x)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_random_pooling_is_pytorchs(torch: Any, data: st.DataObject) -> None:
    axes = data.draw(st.integers(1, 2))

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(data.draw(st.integers(low, high)) for _ in range(axes))

    kernel = each(1, 4)
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    size = tuple(k - 2 * p + data.draw(st.integers(0, 6)) or 1 for k, p in zip(kernel, padding, strict=True))
    arguments = {
        "kernel_size": kernel,
        "stride": each(1, 4),
        "padding": padding,
        "ceil_mode": data.draw(st.booleans()),
    }
    x = np.random.default_rng(0).integers(-2, 2, size=(2, 1, *size)).astype(float)
    compare(torch, f"MaxPool{axes}d", arguments, x)
    compare(torch, f"AvgPool{axes}d", {**arguments, "count_include_pad": data.draw(st.booleans())}, x)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 9), st.integers(1, 6))
def test_random_adaptive_pooling_is_pytorchs(torch: Any, h: int, m: int, w: int, n: int) -> None:
    x = np.random.default_rng(0).integers(-2, 2, size=(2, 1, h, w)).astype(float)
    for name in ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d"):
        compare(torch, name, {"output_size": (m, n)}, x)


def test_the_gradient_of_equal_elements_goes_to_the_first() -> None:
    x = Tensor(np.zeros((1, 1, 2, 4)))
    F.max_pool2d(x, 2).sum().backward()
    np.testing.assert_array_equal(x.grad[0, 0], [[1, 0, 1, 0], [0, 0, 0, 0]])
    _, indices = F.max_pool2d(x.data, 2, return_indices=True)
    np.testing.assert_array_equal(indices, [[[[0, 2]]]])
    x = Tensor(np.zeros((1, 3, 3)))
    F.adaptive_max_pool2d(x, 2).sum().backward()
    np.testing.assert_array_equal(x.grad[0], [[1, 1, 0], [1, 1, 0], [0, 0, 0]])


def test_large_inputs_take_several_blocks(torch: Any, rng: np.random.Generator) -> None:
    x = rng.integers(0, 9, size=(3, 20, 90, 70)).astype(float)
    compare(torch, "MaxPool2d", {"kernel_size": 2}, x)
    compare(torch, "MaxPool2d", {"kernel_size": 3, "stride": 2, "padding": 1}, x)


def test_by_hand() -> None:
    x = np.arange(16.0).reshape(1, 4, 4)
    np.testing.assert_array_equal(F.max_pool2d(x, 2), [[[5, 7], [13, 15]]])
    np.testing.assert_array_equal(F.avg_pool2d(x, 2), [[[2.5, 4.5], [10.5, 12.5]]])
    np.testing.assert_array_equal(F.adaptive_avg_pool2d(x, 1), [[[7.5]]])
    # A window of a stride longer than itself leaves elements out.
    x = Tensor(np.arange(5.0).reshape(1, 5))
    F.avg_pool1d(x, 1, 2).sum().backward()
    np.testing.assert_array_equal(x.grad, [[1, 0, 1, 0, 1]])


@pytest.mark.parametrize("name", ["MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d"])
def test_second_derivatives_and_float32(rng: np.random.Generator, name: str) -> None:
    layer = getattr(nn, name)(2)
    check_grads(lambda x: (layer(x) ** 2).sum(), order=2)(rng.permutation(np.linspace(-1, 1, 50)).reshape(1, 2, 5, 5))
    x = Tensor(np.ones((1, 2, 5, 5), np.float32))
    out = layer(x)
    assert out.dtype == np.float32
    out.sum().backward()
    assert x.grad.dtype == np.float32


def test_an_infinite_gradient_goes_along_its_own_way_only() -> None:
    x = Tensor(np.array([[1.0, 2.0, 4.0, 3.0]]))
    F.max_pool1d(x, 2).backward(np.array([[np.inf, 1.0]]))
    np.testing.assert_array_equal(x.grad, [[0.0, np.inf, 1.0, 0.0]])


def test_nan_is_the_largest() -> None:
    x = np.array([[np.nan, 2.0, 4.0, 3.0, np.nan, np.nan]])
    pooled, indices = F.max_pool1d(x, 2, return_indices=True)
    np.testing.assert_array_equal(pooled, [[np.nan, 4.0, np.nan]])
    np.testing.assert_array_equal(indices, [[0, 2, 4]])


@pytest.mark.parametrize("arguments", [{"kernel_size": 2}, {"kernel_size": 3, "stride": 1, "padding": 1}])
def test_the_gradient_of_nan_is_pytorchs(torch: Any, arguments: dict[str, Any]) -> None:
    x = np.array([[1.0, np.nan, 2.0, 4.0, np.nan, 3.0, 3.0]])
    compare(torch, "MaxPool1d", arguments, x)


def test_an_infinite_element_is_in_its_own_means_only() -> None:
    x = np.array([[1.0, np.inf, 3.0, 5.0, 7.0]])
    np.testing.assert_array_equal(F.adaptive_avg_pool1d(x, 3), [[np.inf, np.inf, 6.0]])
    np.testing.assert_array_equal(F.adaptive_avg_pool1d(x, 2), [[np.inf, 5.0]])


def test_sums_of_half_precision_do_not_overflow() -> None:
    x = Tensor(np.full((1, 16, 16), 1000, np.float16))
    for pooled in (F.avg_pool2d(x, 16), F.adaptive_avg_pool2d(x, 2)):
        assert pooled.dtype == np.float16
        assert (pooled.data == 1000).all()
    pooled.sum().backward()
    assert x.grad.dtype == np.float16
    np.testing.assert_array_equal(x.grad, np.full((1, 16, 16), 1 / 64))


def test_a_stride_may_be_an_array_and_the_size_wanted_too() -> None:
    x = np.arange(16.0).reshape(1, 4, 4)
    np.testing.assert_array_equal(F.max_pool2d(x, np.array([2, 2]), np.array([2, 2])), F.max_pool2d(x, 2))
    np.testing.assert_array_equal(F.adaptive_avg_pool2d(x, np.array([2, 1])), F.adaptive_avg_pool2d(x, (2, 1)))


def test_minus_infinity_and_integers_pool() -> None:
    x = Tensor(np.full((1, 4), -np.inf))
    out = F.max_pool1d(x, 2)
    np.testing.assert_array_equal(out.data, [[-np.inf, -np.inf]])
    out.backward(np.ones((1, 2)))
    np.testing.assert_array_equal(x.grad, [[1, 0, 1, 0]])
    pooled = F.max_pool1d(np.array([[-5, -7, -9]]), 2, padding=1)
    assert pooled.dtype.kind == "i"
    np.testing.assert_array_equal(pooled, [[-5, -7]])


@pytest.mark.parametrize("name", ["MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d"])
def test_an_empty_batch_gives_nothing(name: str) -> None:
    x = Tensor(np.ones((0, 3, 5, 4)))
    out = getattr(nn, name)(2)(x)
    assert out.shape == (0, 3, 2, 2)
    out.sum().backward()
    assert x.grad.shape == x.shape


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nn.MaxPool2d(2)(np.ones((4, 4))),
            ValueError,
            r"max_pool2d: expected input of shape \(N, C, H, W\) or",
        ),
        (lambda: nn.AvgPool1d(2)(np.ones(4)), ValueError, r"avg_pool1d: .* got float64 \(4,\).*\[in scope AvgPool1d\]"),
        (
            lambda: F.max_pool2d(np.ones((1, 4, 4)), 5),
            ValueError,
            r"the window, \(5, 5\) elements wide, is larger than",
        ),
        (lambda: F.max_pool2d(np.ones((1, 4, 4)), 2, padding=2), ValueError, "padding must be at most half the window"),
        (lambda: F.max_pool1d(np.ones((1, 1)), 2, padding=1, dilation=2), ValueError, "sees nothing but padding"),
        (lambda: F.max_pool1d(np.ones((1, 4), complex), 2), TypeError, "max_pool1d: complex numbers have no largest"),
        (lambda: F.max_pool2d(np.ones((1, 4, 4)), 2, stride=0), ValueError, "stride must be positive, got 0"),
        (lambda: F.avg_pool2d(np.ones((1, 4, 4)), 2.0), TypeError, "kernel_size must be an integer or a tuple"),
        (
            lambda: F.avg_pool2d(np.ones((1, 4, 4)), 2, divisor_override=0),
            ValueError,
            "divisor_override must not be 0",
        ),
        (
            lambda: F.avg_pool2d(np.ones((1, 4, 4)), 2, divisor_override=2.5),
            TypeError,
            "divisor_override must be an integer, got 2.5",
        ),
        (lambda: F.adaptive_avg_pool2d(np.ones((1, 4, 4)), (0, 1)), ValueError, "output_size must be positive"),
        (lambda: F.adaptive_avg_pool2d(np.ones((1, 4, 4)), (1, 2, 3)), ValueError, "output_size must have 2 numbers"),
        (lambda: F.adaptive_max_pool1d(np.ones((1, 0)), 1), ValueError, "there is nothing to pool"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
