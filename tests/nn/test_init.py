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
        (lambda: init.zeros_(np.ones(3)), TypeError, "init.zeros_: expected a tensor, got ndarray"),  # type: ignore[arg-type]
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


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [
        (0.0, 1.0, -2.0, 2.0),
        (0.5, 2.0, -1.0, 4.0),
        (0.0, 0.02, -2.0, 2.0),
        (0.0, 1.0, -math.inf, 0.5),
        (0.0, 1.0, 0.1, 0.15),
        (0.0, 1.0, 3.0, math.inf),
        (0.0, 1.0, -math.inf, -6.0),
        (10.0, 0.5, 8.0, 8.5),
        (0.0, 1.0, 30.0, 31.0),
    ],
)
def test_truncated_normal(mean: float, std: float, a: float, b: float) -> None:
    """The fractions below points of the interval are those of the conditional distribution."""
    values = drawn(init.trunc_normal_, mean, std, a, b)
    assert values.min() >= a
    assert values.max() <= b

    def tail(x: float) -> float:
        """The probability beyond x, on the side of the interval's tail, where no digits cancel."""
        z = (x - mean) / std
        return 0.5 * math.erfc(z / math.sqrt(2)) if a > mean else 0.5 * math.erfc(-z / math.sqrt(2))

    total = abs(tail(b) - tail(a))
    for quantile in (0.1, 0.5, 0.9):
        point = float(np.quantile(values, quantile))
        assert abs(tail(point) - tail(a)) / total == pytest.approx(quantile, abs=0.01)


def test_draws_that_are_not_cut_off_are_those_of_the_normal_distribution(torch: Any) -> None:
    check_normal(drawn(init.trunc_normal_, 0.0, 0.1), 0.1)
    theirs = torch.nn.init.trunc_normal_(torch.empty(SHAPE, dtype=torch.float64), 0.3, 1.0, -1.0, 1.5).numpy()
    ours = drawn(init.trunc_normal_, 0.3, 1.0, -1.0, 1.5)
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.01)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.01)


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3), (2, 3, 2, 2), (1, 1)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_orthogonal(shape: tuple[int, ...], gain: float) -> None:
    w = drawn(init.orthogonal_, gain, shape=shape).reshape(shape[0], -1)
    product = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-12)


def test_orthogonal_matrices_have_every_orientation(rng: np.random.Generator) -> None:
    drawn = np.array([init.orthogonal_(Tensor(np.empty((2, 2))), generator=rng).numpy() for _ in range(2000)])
    angles = np.arctan2(drawn[:, 1, 0], drawn[:, 0, 0])
    counts, _ = np.histogram(angles, bins=8, range=(-math.pi, math.pi))
    assert abs(counts - 250).max() < 70
    assert (np.linalg.det(drawn) > 0).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.5, 1.0])
def test_sparse(sparsity: float) -> None:
    w = drawn(init.sparse_, sparsity, 0.5)
    assert ((w == 0).sum(axis=0) == math.ceil(sparsity * FAN_OUT)).all()
    if sparsity < 1:
        check_normal(w[w != 0], 0.5)
        assert (w == 0).mean(axis=1).std() < 0.1  # any row is as likely as any other


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2)])
def test_eye_is_pytorchs(torch: Any, shape: tuple[int, ...]) -> None:
    np.testing.assert_array_equal(
        init.eye_(Tensor(np.empty(shape))).numpy(), torch.nn.init.eye_(torch.empty(shape)).numpy()
    )


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("shape", [(4, 2, 3), (4, 2, 4), (2, 5, 3, 2), (4, 3, 1, 3, 5), (6, 2, 1, 1)])
def test_dirac_is_pytorchs(torch: Any, shape: tuple[int, ...], groups: int) -> None:
    theirs = torch.nn.init.dirac_(torch.empty(shape), groups=groups)
    np.testing.assert_array_equal(init.dirac_(Tensor(np.empty(shape)), groups=groups).numpy(), theirs.numpy())


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (lambda t: init.eye_(t((2,))), r"eye_: needs a matrix, got shape \(2,\)"),
        (lambda t: init.dirac_(t((2, 2))), r"dirac_: needs the weights of a convolution.*got shape \(2, 2\)"),
        (lambda t: init.dirac_(t((3, 2, 1)), groups=2), "the 3 channels of the first axis cannot be divided into 2"),
        (lambda t: init.orthogonal_(t((2,))), r"orthogonal_: needs a tensor of at least two axes, got shape \(2,\)"),
        (lambda t: init.sparse_(t((2,)), 0.5), r"sparse_: needs a matrix, got shape \(2,\)"),
        (lambda t: init.sparse_(t((2, 2)), 1.5), r"sparse_: sparsity must be from 0 to 1, got 1\.5"),
        (lambda t: init.sparse_(t((2, 2)), 0.5, -1.0), r"sparse_: std must not be negative, got -1\.0"),
        (lambda t: init.trunc_normal_(t((2,)), std=0.0), r"trunc_normal_: std must be positive, got 0\.0"),
        (lambda t: init.trunc_normal_(t((2,)), a=1.0, b=1.0), r"trunc_normal_: the interval from a=1\.0 to b=1\.0 is"),
        (lambda t: init.xavier_uniform_(t((2,))), "fan-in and fan-out need a tensor of at least two axes"),
        (lambda t: init.kaiming_normal_(t((2, 2)), mode="fan"), "mode must be 'fan_in' or 'fan_out', got 'fan'"),
        (lambda t: init.kaiming_normal_(t((2, 2)), nonlinearity="gelu"), "unknown nonlinearity 'gelu'; known are"),
        (lambda t: init.normal_(t((2,)), std=-1.0), r"normal_: std must not be negative, got -1\.0"),
        (lambda t: init.uniform_(t((2,)), 2.0, 1.0), r"uniform_: the interval from a=2\.0 to b=1\.0 is empty"),
    ],
)
def test_settings_are_checked(fill: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fill(lambda shape: Tensor(np.empty(shape)))


EVERY = {name: getattr(init, name) for name in init.__all__ if name.endswith("_")}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_initialiser_keeps_shape_and_dtype_and_fills_empty_tensors(name: str, dtype: Any) -> None:
    arguments = {"constant_": (0.5,), "sparse_": (0.5,)}.get(name, ())
    for shape in [(2, 3, 1), (2, 0, 3)] if name == "dirac_" else [(2, 3), (0, 3), (3, 0)]:
        tensor = Tensor(np.full(shape, 7.0), dtype=dtype)
        assert EVERY[name](tensor, *arguments) is tensor
        assert (tensor.dtype, tensor.shape) == (dtype, shape)
        assert not (tensor.data == 7.0).any()
    with pytest.raises(TypeError, match=r"init\.\w+: expected a variable, this tensor is the result of mult"):
        EVERY[name](tensor * 2, *arguments)
    with pytest.raises(TypeError, match=r"expected a floating tensor, got int64"):
        EVERY[name](Tensor(np.zeros((2, 3, 1), np.int64), requires_grad=False), *arguments)
    with pytest.raises(TypeError, match=r"expected a tensor, got ndarray"):
        EVERY[name](np.zeros((2, 3)), *arguments)


@pytest.mark.parametrize("name", EVERY)
def test_every_initialiser_draws_from_the_generator_it_is_given_or_the_default(name: str) -> None:
    import inspect

    if "generator" not in inspect.signature(EVERY[name]).parameters:
        return
    arguments = {"sparse_": (0.5,)}.get(name, ())
    results = []
    for seed, generator in ((3, None), (3, None), (4, np.random.default_rng(3)), (4, None)):
        nn.manual_seed(seed)
        results.append(EVERY[name](Tensor(np.empty((4, 5))), *arguments, generator=generator).tolist())
    assert results[0] == results[1] == results[2] != results[3]
