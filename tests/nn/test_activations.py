"""Activations, as functions and modules: PyTorch's values and gradients, also at kinks and far out; errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Tensor
from nn import functional as F

#: Module, its settings, and the function that does the same (with PyTorch's names and defaults throughout).
ELEMENTWISE: list[tuple[str, dict[str, Any], str]] = [
    ("ReLU", {}, "relu"),
    ("ReLU6", {}, "relu6"),
    ("LeakyReLU", {}, "leaky_relu"),
    ("LeakyReLU", {"negative_slope": 0.3}, "leaky_relu"),
    ("LeakyReLU", {"negative_slope": 1.5}, "leaky_relu"),
    ("LeakyReLU", {"negative_slope": -0.5}, "leaky_relu"),
    ("ELU", {}, "elu"),
    ("ELU", {"alpha": 2.5}, "elu"),
    ("SELU", {}, "selu"),
    ("CELU", {}, "celu"),
    ("CELU", {"alpha": 0.75}, "celu"),
    ("SiLU", {}, "silu"),
    ("Mish", {}, "mish"),
    ("GELU", {}, "gelu"),
    ("GELU", {"approximate": "tanh"}, "gelu"),
    ("Softplus", {}, "softplus"),
    ("Softplus", {"beta": 2.5}, "softplus"),
    ("Softplus", {"beta": -1.5}, "softplus"),
    ("Softplus", {"beta": 0.5, "threshold": 1.0}, "softplus"),
    ("Softplus", {"threshold": -1.0}, "softplus"),
    ("Softsign", {}, "softsign"),
    ("Sigmoid", {}, "sigmoid"),
    ("LogSigmoid", {}, "logsigmoid"),
    ("Hardsigmoid", {}, "hardsigmoid"),
    ("Hardswish", {}, "hardswish"),
    ("Tanh", {}, "tanh"),
    ("Tanhshrink", {}, "tanhshrink"),
    ("Hardtanh", {}, "hardtanh"),
    ("Hardtanh", {"min_val": -0.3, "max_val": 2.0}, "hardtanh"),
    ("Hardshrink", {}, "hardshrink"),
    ("Hardshrink", {"lambd": 1.25}, "hardshrink"),
    ("Softshrink", {}, "softshrink"),
    ("Softshrink", {"lambd": 0.0}, "softshrink"),
    ("Threshold", {"threshold": 0.5, "value": -7.0}, "threshold"),
]
OF_AN_AXIS: list[tuple[str, dict[str, Any], str]] = [
    *[
        (name, {"dim": dim}, f)
        for name, f in (("Softmax", "softmax"), ("LogSoftmax", "log_softmax"))
        for dim in (0, -1)
    ],
    ("Softmin", {"dim": 1}, "softmin"),
    ("GLU", {}, "glu"),
    ("GLU", {"dim": 0}, "glu"),
]
#: Every kink there is, both sides of each, and far out.
POINTS = np.array([0, 0.5, 1, 1.25, 2, 3, 6, 1e-3, 1e-8, 10, 20, 30, 100, 1e4])
POINTS = np.concatenate([POINTS, -POINTS, POINTS + 1e-6, -POINTS + 1e-6])


def _ids(table: list[tuple[str, dict[str, Any], str]]) -> list[str]:
    return [name + "".join(f" {k}={v}" for k, v in settings.items()) for name, settings, _ in table]


def compare(torch: Any, ours: Any, theirs: Any, *inputs: np.ndarray[Any, Any]) -> None:
    """Values and the gradients of every input agree, for random cotangents."""
    a, b = [Tensor(x) for x in inputs], [torch.tensor(x, requires_grad=True) for x in inputs]
    y, z = ours(*a), theirs(*b)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-7, atol=1e-13)
    cotangent = np.random.default_rng(1).normal(size=y.shape)
    y.backward(cotangent)
    z.backward(torch.tensor(cotangent))
    for s, t in zip(a, b, strict=True):
        np.testing.assert_allclose(s.grad, t.grad.numpy(), rtol=1e-7, atol=1e-13)


@pytest.mark.parametrize(("name", "settings", "function"), ELEMENTWISE, ids=_ids(ELEMENTWISE))
def test_elementwise_activations_are_pytorchs_everywhere(
    torch: Any, rng: np.random.Generator, name: str, settings: dict[str, Any], function: str
) -> None:
    ours, theirs = getattr(nn, name)(**settings), getattr(torch.nn, name)(**settings)
    for x in (POINTS, rng.normal(size=(3, 4, 5)) * 4, np.zeros((0, 3))):
        if settings.get("beta", 1) != 1 and x is POINTS:
            x = x[np.abs(x) < 300]  # beyond, PyTorch's gradient by a scaled softplus is inf / inf
        compare(torch, ours, theirs, x)
        np.testing.assert_array_equal(getattr(F, function)(x, **settings), ours(x))
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize(("name", "settings", "function"), OF_AN_AXIS, ids=_ids(OF_AN_AXIS))
def test_activations_of_an_axis_are_pytorchs(
    torch: Any, rng: np.random.Generator, name: str, settings: dict[str, Any], function: str
) -> None:
    ours, theirs = getattr(nn, name)(**settings), getattr(torch.nn, name)(**settings)
    for shape in ((2, 6), (4, 3, 2), (2, 5, 1, 4)):
        for scale in (2, 500):
            x = rng.normal(size=shape) * scale
            compare(torch, ours, theirs, x)
            np.testing.assert_array_equal(getattr(F, function)(x, **settings), ours(x))
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("shape", [(3, 2, 2), (2, 3, 4, 5)])
def test_softmax_of_channels_is_pytorchs(torch: Any, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    compare(torch, nn.Softmax2d(), torch.nn.Softmax2d(), rng.normal(size=shape))


@settings(max_examples=20)
@given(st.lists(st.integers(1, 4), min_size=0, max_size=4), st.booleans())
def test_prelu_is_pytorchs_for_any_channels(shape: list[int], shared: bool) -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(len(shape))
    slopes = rng.normal(size=1 if shared or len(shape) < 2 else shape[1])
    compare(torch, F.prelu, torch.nn.functional.prelu, rng.normal(size=shape), slopes)


@pytest.mark.parametrize("channels", [1, 3])
def test_prelu_learns_its_slopes(torch: Any, rng: np.random.Generator, channels: int) -> None:
    theirs, ours = torch.nn.PReLU(channels, init=0.125).double(), nn.PReLU(channels, init=0.125, dtype=np.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    np.testing.assert_array_equal(ours.weight.data, theirs.weight.detach().numpy())
    theirs.weight.data.normal_()
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    compare(torch, ours, theirs, rng.normal(size=(4, 3, 2)))
    np.testing.assert_allclose(ours.weight.grad, theirs.weight.grad.numpy(), rtol=1e-7)
    assert repr(ours) == repr(theirs)
    assert nn.PReLU()(np.ones(2)).dtype == np.float32


@pytest.mark.parametrize(
    ("name", "settings", "function"),
    [*ELEMENTWISE, *OF_AN_AXIS],
    ids=[*_ids(ELEMENTWISE), *_ids(OF_AN_AXIS)],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_keep_the_dtype_and_stay_finite_far_out(
    name: str, settings: dict[str, Any], function: str, dtype: Any
) -> None:
    big = float(np.finfo(dtype).max) / 100
    x = Tensor(np.array([[-big, -1e4, -200.0, -90.0, -20.0, 0.0], [0.0, 20.0, 90.0, 200.0, 1e4, big]], dtype))
    module = getattr(nn, name)(**settings)
    if settings.get("beta", 1) != 1:
        x = x * 0.01  # so that beta * x does not overflow
    y = module(x)
    assert y.dtype == dtype
    assert np.isfinite(y.data).all()
    x = Tensor(x.data)
    module(x).sum().backward()
    assert x.grad.dtype == dtype
    assert np.isfinite(x.grad).all()


@pytest.mark.parametrize(("name", "settings", "function"), ELEMENTWISE, ids=_ids(ELEMENTWISE))
def test_scalars_are_arrays_of_one(name: str, settings: dict[str, Any], function: str) -> None:
    module, x = getattr(nn, name)(**settings), np.linspace(-8, 8, 41)
    a = Tensor(x)
    module(a).sum().backward()
    for value, gradient in zip(x, a.grad, strict=True):
        b = Tensor(float(value))
        y = module(b)
        y.backward()
        np.testing.assert_allclose(y.item(), module(np.array([value])).item(), rtol=1e-13, atol=1e-15)
        # Where tanh saturates, its last bit times x is what is left of the slope.
        np.testing.assert_allclose(b.grad, gradient, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("name", "settings", "function"), ELEMENTWISE, ids=_ids(ELEMENTWISE))
def test_nan_stays_nan_and_touches_nothing_else(name: str, settings: dict[str, Any], function: str) -> None:
    module, a, b = getattr(nn, name)(**settings), Tensor([0.0, np.nan, -0.0, 2.0]), Tensor([0.0, -0.0, 2.0])
    y = module(a)
    np.testing.assert_array_equal(np.isnan(y.data), [False, True, False, False])
    y.sum().backward()
    module(b).sum().backward()
    np.testing.assert_allclose(a.grad[[0, 2, 3]], b.grad, rtol=1e-15)


@pytest.mark.parametrize(("name", "settings", "function"), ELEMENTWISE, ids=_ids(ELEMENTWISE))
def test_half_precision_has_the_values_of_double_precision(name: str, settings: dict[str, Any], function: str) -> None:
    module = getattr(nn, name)(**settings)
    x = np.concatenate([np.linspace(-12, 12, 97), [6e-8, -6e-8, 1e-5, 1e3, -1e3]]).astype(np.float16)
    a, b = Tensor(x), Tensor(x.astype(float))
    y, z = module(a), module(b)
    y.sum().backward()
    z.sum().backward()
    assert y.dtype == a.grad.dtype == np.float16
    np.testing.assert_allclose(y.data, z.data, rtol=4e-3, atol=4e-3)
    np.testing.assert_allclose(a.grad, b.grad, rtol=4e-3, atol=4e-3)


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax, F.softmin])
@pytest.mark.parametrize(("shape", "dim"), [((3, 0), 1), ((3, 0), 0), ((0, 2), 0)])
def test_of_no_logits_there_are_no_probabilities(function: Any, shape: tuple[int, int], dim: int) -> None:
    x = Tensor(np.zeros(shape))
    y = function(x, dim)
    assert y.shape == shape
    y.sum().backward()
    assert x.grad.shape == shape


def test_where_the_bounds_cross_the_upper_one_decides() -> None:
    x, low, high = Tensor([0.0, 3.0, -3.0]), Tensor(1.0), Tensor(-1.0)
    y = autograd.hardtanh(x, low, high)
    np.testing.assert_array_equal(y.data, -np.ones(3))
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, np.zeros(3))
    assert (low.grad, high.grad) == (0.0, 3.0)


def test_erf_is_accurate_in_both_precisions() -> None:
    x = np.concatenate([np.linspace(-7, 7, 2001), np.logspace(-30, 0, 200), -np.logspace(-30, 0, 200)])
    exact = np.array([math.erf(v) for v in x])
    np.testing.assert_allclose(autograd.erf(x), exact, rtol=5e-16)
    single = x.astype(np.float32)
    exact = np.array([math.erf(v) for v in single])
    np.testing.assert_allclose(autograd.erf(single), exact, rtol=3e-7)
    assert autograd.erf(single).dtype == np.float32
    assert autograd.erf(3) == math.erf(3)
    many = np.tile(x, 60).reshape(20, -1)
    np.testing.assert_array_equal(autograd.erf(many).reshape(60, -1), np.tile(autograd.erf(x), (60, 1)))


def test_small_values_keep_their_precision() -> None:
    x = np.array([-30.0, -12.0])
    np.testing.assert_allclose(F.sigmoid(x), np.exp(x), rtol=1e-5)
    np.testing.assert_allclose(F.softplus(x), np.exp(x), rtol=1e-5)
    np.testing.assert_allclose(F.silu(x), x * np.exp(x), rtol=1e-5)
    np.testing.assert_allclose(F.mish(x), x * np.exp(x), rtol=1e-5)
    np.testing.assert_allclose(F.logsigmoid(-x), -np.exp(x), rtol=1e-5)


def test_softmax_can_cast_first() -> None:
    x = np.array([1.0, 2.0], np.float32)
    assert F.softmax(x, 0, dtype=np.float64).dtype == np.float64
    assert F.log_softmax(x, 0).dtype == np.float32


def test_a_softmax_over_masked_logits_leaves_them_out() -> None:
    x = Tensor(np.array([[0.0, -np.inf, 0.0], [1.0, 1.0, 1.0]]))
    y = F.softmax(x, -1)
    np.testing.assert_allclose(y.data, [[0.5, 0.0, 0.5], [1 / 3, 1 / 3, 1 / 3]])
    (y * [1.0, 2.0, 3.0]).sum().backward()
    np.testing.assert_allclose(x.grad[0], [-0.5, 0.0, 0.5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.gelu(1.0, "erf"), "gelu: approximate must be 'none' or 'tanh', got 'erf'"),
        (lambda: nn.GELU("erf"), "GELU: approximate must be 'none' or 'tanh', got 'erf'"),
        (lambda: F.celu(1.0, 0.0), "celu: alpha must be positive and finite, got 0.0"),
        (lambda: nn.CELU(-1.0), "CELU: alpha must be positive and finite, got -1.0"),
        (lambda: F.softplus(1.0, 0.0), "softplus: beta must not be 0"),
        (lambda: F.hardtanh(1.0, 2.0, 1.0), "hardtanh: min_val must not be larger than max_val, got 2.0 and 1.0"),
        (lambda: nn.Hardtanh(1.0, 1.0), "Hardtanh: max_val must be larger than min_val, got 1.0 and 1.0"),
        (lambda: F.hardshrink(1.0, -1.0), "hardshrink: lambd must not be negative, got -1.0"),
        (lambda: F.softshrink(1.0, -1.0), "softshrink: lambd must not be negative, got -1.0"),
        (lambda: nn.Softshrink(math.nan), "Softshrink: lambd must not be negative, got nan"),
        (lambda: nn.PReLU(0), "PReLU: num_parameters must be positive.*, got 0"),
        (
            lambda: nn.PReLU(3)(np.ones((2, 4))),
            r"prelu: weight must hold one slope, or one for each of the 4 channels of input float32 \(2, 4\) \(its "
            r"axis 1\), got shape \(3,\) \[in scope PReLU\]",
        ),
        (lambda: F.glu(np.ones((2, 3))), r"glu: axis -1 of input float64 \(2, 3\) has the odd length 3"),
        (lambda: F.glu(1.0), "glu: no axis -1 in input .*1.0.*; a scalar has none"),
        (lambda: F.softmin(np.ones(2), 1), r"softmin: no axis 1 in input float64 \(2,\); give one from -1 to 0"),
        (
            lambda: nn.Softmax2d()(np.ones((2, 3))),
            r"Softmax2d: expected images of shape \(N, C, H, W\) or \(C, H, W\), got float64 \(2, 3\)",
        ),
    ],
)
def test_what_activations_refuse(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


INPLACE = ["CELU", "ELU", "SELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "Mish", "ReLU", "ReLU6", "SiLU"]


@pytest.mark.parametrize("name", INPLACE)
def test_inplace_is_taken_and_leaves_the_input_alone(name: str) -> None:
    x = np.linspace(-4, 4, 9)
    layer = getattr(nn, name)
    np.testing.assert_array_equal(layer(inplace=True)(Tensor(x)).data, layer()(Tensor(x)).data)
    np.testing.assert_array_equal(x, np.linspace(-4, 4, 9))
    function = getattr(nn.functional, {"LeakyReLU": "leaky_relu"}.get(name, name.lower()))
    np.testing.assert_array_equal(function(x, inplace=True), layer()(x))
