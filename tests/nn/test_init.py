"""Initialisers: bounds and moments follow the published formulas, and seeds decide the draws."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import init

SHAPE = (300, 200)  # 60,000 draws: moments are within a few permille of their expectation
FAN_OUT, FAN_IN = SHAPE


def drawn(fill: Any, *args: Any, shape: tuple[int, ...] = SHAPE, **kwargs: Any) -> np.ndarray[Any, Any]:
    tensor = Tensor(np.empty(shape))
    assert fill(tensor, *args, generator=np.random.default_rng(0), **kwargs) is tensor
    return tensor.numpy()


def check_uniform(values: np.ndarray[Any, Any], bound: float) -> None:
    assert np.abs(values).max() <= bound
    assert np.abs(values).max() > 0.99 * bound
    assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.02)
    assert abs(values.mean()) < 0.02 * bound


def check_normal(values: np.ndarray[Any, Any], std: float) -> None:
    assert values.std() == pytest.approx(std, rel=0.02)
    assert abs(values.mean()) < 0.02 * std
    assert (np.abs(values) < std).mean() == pytest.approx(0.6827, abs=0.01)


@pytest.mark.parametrize("gain", [1.0, 5 / 3])
def test_xavier(gain: float) -> None:
    check_uniform(drawn(init.xavier_uniform_, gain), gain * math.sqrt(6 / (FAN_IN + FAN_OUT)))
    check_normal(drawn(init.xavier_normal_, gain), gain * math.sqrt(2 / (FAN_IN + FAN_OUT)))


@pytest.mark.parametrize(
    ("settings", "gain", "fan"),
    [
        ({}, math.sqrt(2), FAN_IN),
        ({"nonlinearity": "relu"}, math.sqrt(2), FAN_IN),
        ({"mode": "fan_out"}, math.sqrt(2), FAN_OUT),
        ({"a": math.sqrt(5)}, math.sqrt(1 / 3), FAN_IN),
        ({"nonlinearity": "tanh", "mode": "fan_out"}, 5 / 3, FAN_OUT),
    ],
)
def test_kaiming(settings: dict[str, Any], gain: float, fan: int) -> None:
    check_uniform(drawn(init.kaiming_uniform_, **settings), gain * math.sqrt(3 / fan))
    check_normal(drawn(init.kaiming_normal_, **settings), gain / math.sqrt(fan))


def test_fans_of_windows_count_every_position() -> None:
    check_normal(drawn(init.kaiming_normal_, shape=(100, 20, 5, 6)), math.sqrt(2 / (20 * 30)))


def test_he_keeps_the_variance_through_rectified_layers(rng: np.random.Generator) -> None:
    x = rng.normal(size=(200, 300))
    for _ in range(5):
        w = init.kaiming_normal_(Tensor(np.empty((300, 300))), nonlinearity="relu", generator=rng).numpy()
        pre = x @ w.T
        x = np.maximum(pre, 0)
    assert pre.std() == pytest.approx(math.sqrt(2), rel=0.15)


def test_the_simple_ones() -> None:
    check_uniform(drawn(init.uniform_, -2.0, 2.0), 2.0)
    check_normal(drawn(init.normal_, 0.0, 3.0), 3.0)
    assert drawn(init.uniform_, 5.0, 6.0).min() >= 5.0
    t = Tensor(np.empty((2, 2)))
    assert init.zeros_(t).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert init.ones_(t).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert init.constant_(Tensor(0.0), 0.25).item() == 0.25


@pytest.mark.parametrize("bias", [True, False])
def test_linear_starts_as_pytorchs(bias: bool) -> None:
    layer = nn.Linear(FAN_IN, FAN_OUT, bias=bias, dtype=np.float64, generator=np.random.default_rng(0))
    check_uniform(layer.weight.numpy(), 1 / math.sqrt(FAN_IN))
    assert (layer.bias is not None) is bias
    if bias:
        assert np.abs(layer.bias.numpy()).max() <= 1 / math.sqrt(FAN_IN)
        assert layer.bias.numpy().std() == pytest.approx(1 / math.sqrt(3 * FAN_IN), rel=0.1)


def test_gains_are_pytorchs(torch: Any) -> None:
    names = ["linear", "conv1d", "conv2d", "conv3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
    names += [f"conv_transpose{i}d" for i in (1, 2, 3)]
    for name in names:
        assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)
    assert init.calculate_gain("leaky_relu", 0.2) == torch.nn.init.calculate_gain("leaky_relu", 0.2)


def test_a_seed_decides_the_network_in_every_precision() -> None:
    def weights(dtype: Any) -> np.ndarray[Any, Any]:
        nn.manual_seed(3)
        return np.asarray(nn.Linear(4, 3, dtype=dtype).weight.numpy())

    np.testing.assert_array_equal(weights(np.float64), weights(np.float64))
    np.testing.assert_array_equal(weights(np.float64).astype(np.float32), weights(np.float32))
    generator = nn.manual_seed(4)
    assert isinstance(generator, np.random.Generator)
    assert not np.array_equal(nn.Linear(4, 3).weight.data, weights(np.float32))


def test_default_generators_are_per_thread() -> None:
    nn.manual_seed(0)
    expected = nn.Linear(3, 2).weight.numpy()
    nn.manual_seed(0)
    thread = threading.Thread(target=lambda: nn.Linear(3, 2) and nn.manual_seed(9))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(nn.Linear(3, 2).weight.data, expected)


def test_filling_gives_a_new_array(rng: np.random.Generator) -> None:
    w = Tensor(np.ones((2, 3)))
    y = (w * w).sum()
    init.zeros_(w)
    with pytest.raises(RuntimeError, match="was changed after this operation was recorded"):
        y.backward()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: init.xavier_uniform_(Tensor([1.0])),
            ValueError,
            r"init.xavier_uniform_: fan-in and fan-out need.*\(1,\)",
        ),
        (lambda: init.kaiming_normal_(Tensor(1.0)), ValueError, r"init.kaiming_normal_: .* got shape \(\)"),
        (
            lambda: init.kaiming_uniform_(Tensor(np.ones((2, 2))), mode="fan"),
            ValueError,
            "mode must be 'fan_in' or 'fan_out', got 'fan'",
        ),
        (
            lambda: init.calculate_gain("rleu"),
            ValueError,
            "unknown nonlinearity 'rleu'; known are linear, .*, leaky_relu",
        ),
        (lambda: init.uniform_(Tensor(1.0), 2.0, 1.0), ValueError, r"the interval from a=2.0 to b=1.0 is empty"),
        (lambda: init.normal_(Tensor(1.0), std=-1.0), ValueError, "std must not be negative, got -1.0"),
        (lambda: init.zeros_(np.ones(3)), TypeError, "init.constant_: expected a tensor, got ndarray"),  # type: ignore[arg-type]
        (lambda: init.ones_(Tensor(1.0) * 2), TypeError, "expected a variable, this tensor is the result of.*multiply"),
        (
            lambda: init.normal_(Tensor([1], requires_grad=False)),
            TypeError,
            r"init.normal_: expected a floating tensor, got int64 \(1,\)",
        ),
        (
            lambda: nn.Linear(2, 1, generator=3),  # type: ignore[arg-type]
            TypeError,
            "generator must be a numpy.random.Generator, got 3; make one with numpy.random.default_rng",
        ),
    ],
)
def test_what_initialisers_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
