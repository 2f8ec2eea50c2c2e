"""Convolutional layers: values and every gradient against PyTorch, over tables of settings and over random ones."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nn
from autograd import Tensor, make_vjp, no_grad
from autograd.test_util import check_grads
from nn import functional as F

Array = np.ndarray[Any, Any]


def build(library: Any, name: str, arguments: dict[str, Any]) -> Any:
    given = dict(arguments)
    if library is nn:
        return getattr(nn, name)(**given, dtype=np.float64)
    return getattr(library, name)(**given).double()


def compare(torch: Any, name: str, arguments: dict[str, Any], x: Array, **call: Any) -> None:
    """Two layers with the same weights give the same values, and the same gradients of a random weighted sum."""
    ours, theirs = build(nn, name, arguments), build(torch.nn, name, arguments)
    assert str(ours) == str(theirs)
    assert {k: v.shape for k, v in ours.state_dict().items()} == {
        k: tuple(v.shape) for k, v in theirs.state_dict().items()
    }
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    out, expected = ours(a, **call), theirs(b, **call)
    assert out.shape == tuple(expected.shape)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-7, atol=1e-12)
    weights = np.random.default_rng(1).normal(size=out.shape)
    (out * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-7, atol=1e-12)
    for key, parameter in theirs.named_parameters():
        np.testing.assert_allclose(getattr(ours, key).grad, parameter.grad.numpy(), rtol=1e-7, atol=1e-12)


CONVOLUTIONS: list[tuple[dict[str, Any], tuple[int, ...]]] = [
    # arguments without channels and kernel, size of the input
    ({"kernel_size": 3}, (7,)),
    ({"kernel_size": 2, "stride": 2, "padding": 1, "dilation": 3}, (9,)),
    ({"kernel_size": 4, "padding": "same"}, (6,)),
    ({"kernel_size": 4, "padding": "same", "padding_mode": "circular", "dilation": 2}, (8,)),
    ({"kernel_size": 3, "groups": 2, "bias": False, "padding": "valid", "padding_mode": "reflect"}, (5,)),
    ({"kernel_size": 1, "stride": 3}, (7,)),
    ({"kernel_size": 3, "padding": 1}, (5, 6)),
    ({"kernel_size": (2, 3), "stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)}, (6, 7)),
    ({"kernel_size": 3, "padding": "same", "groups": 2}, (4, 5)),
    ({"kernel_size": (1, 4), "padding": "same", "dilation": (3, 1), "padding_mode": "reflect"}, (4, 5)),
    ({"kernel_size": 3, "padding": 2, "padding_mode": "reflect", "stride": 2}, (5, 4)),
    ({"kernel_size": 3, "padding": (1, 2), "padding_mode": "replicate", "bias": False}, (3, 4)),
    ({"kernel_size": 3, "padding": (2, 1), "padding_mode": "circular", "groups": 2}, (4, 3)),
    ({"kernel_size": 1}, (3, 4)),
    ({"kernel_size": 1, "groups": 2, "bias": False}, (3, 1)),
    ({"kernel_size": 5, "padding": 3, "stride": 4}, (2, 3)),
    ({"kernel_size": 2, "stride": 3}, (5, 5)),
    ({"kernel_size": (2, 1, 3), "padding": (1, 0, 1), "stride": (1, 2, 1)}, (3, 4, 3)),
    ({"kernel_size": 2, "padding": "same", "padding_mode": "replicate", "groups": 2}, (2, 3, 3)),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(("arguments", "size"), CONVOLUTIONS)
@pytest.mark.parametrize("batch", [(3,), (1,), ()])
def test_convolutions_are_pytorchs(
    torch: Any, rng: np.random.Generator, arguments: dict[str, Any], size: tuple[int, ...], batch: tuple[int, ...]
) -> None:
    channels = {"in_channels": 4, "out_channels": 6}
    compare(torch, f"Conv{len(size)}d", {**channels, **arguments}, rng.normal(size=(*batch, 4, *size)))


TRANSPOSED: list[tuple[dict[str, Any], tuple[int, ...], dict[str, Any]]] = [
    ({"kernel_size": 3}, (5,), {}),
    ({"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, (4,), {}),
    ({"kernel_size": 2, "stride": 3, "groups": 2, "bias": False}, (4,), {}),
    ({"kernel_size": 3, "dilation": 3, "output_padding": 2}, (4,), {}),
    ({"kernel_size": 3, "dilation": 3, "padding": 1, "output_padding": 2}, (4,), {}),
    ({"kernel_size": 3, "stride": 3, "padding": 2}, (4,), {"output_size": (9,)}),
    ({"kernel_size": 3, "stride": 2}, (3, 4), {}),
    ({"kernel_size": (3, 2), "stride": (2, 3), "padding": (1, 0), "output_padding": (0, 2)}, (3, 4), {}),
    ({"kernel_size": 3, "dilation": (1, 2), "groups": 2}, (3, 2), {}),
    ({"kernel_size": 4, "stride": 2, "padding": 1, "bias": False}, (3, 3), {"output_size": (7, 6)}),
    ({"kernel_size": 1}, (3, 2), {}),
    ({"kernel_size": 1, "stride": 2, "padding": 1}, (3, 3), {}),
    (
        {"kernel_size": 1, "stride": (4, 3), "padding": 1, "output_padding": (3, 2)},
        (1, 1),
        {},
    ),  # all zeros but the bias
    ({"kernel_size": 2, "stride": (1, 2, 2), "output_padding": (0, 1, 0)}, (2, 2, 3), {}),
]


@pytest.mark.parametrize(("arguments", "size", "call"), TRANSPOSED)
@pytest.mark.parametrize("batch", [(3,), (1,), ()])
def test_transposed_convolutions_are_pytorchs(
    torch: Any,
    rng: np.random.Generator,
    arguments: dict[str, Any],
    size: tuple[int, ...],
    call: dict[str, Any],
    batch: tuple[int, ...],
) -> None:
    channels = {"in_channels": 4, "out_channels": 6}
    compare(torch, f"ConvTranspose{len(size)}d", {**channels, **arguments}, rng.normal(size=(*batch, 4, *size)), **call)


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """Settings of a convolution over one or two axes, with an input that at least one window fits."""
    axes = draw(st.integers(1, 2))

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(axes))

    kernel, dilation, padding = each(1, 4), each(1, 3), each(0, 3)
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    return {
        "groups": draw(st.integers(1, 3)),
        "channels": (draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        "kernel": kernel,
        "stride": each(1, 3),
        "dilation": dilation,
        "padding": padding,
        "size": tuple(n + draw(st.integers(0, 5)) for n in least),
        "batch": draw(st.integers(0, 3)),
        "bias": draw(st.booleans()),
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(configurations())
def test_random_convolutions_and_their_transposes_are_pytorchs(torch: Any, c: dict[str, Any]) -> None:
    axes, (i, o) = len(c["kernel"]), c["channels"]
    rng = np.random.default_rng(0)
    geometry = {"stride": c["stride"], "padding": c["padding"], "dilation": c["dilation"], "groups": c["groups"]}
    for transposed in (False, True):
        name = f"conv{'_transpose' * transposed}{axes}d"
        x = rng.normal(size=(c["batch"], i * c["groups"], *c["size"]))
        shape = (i * c["groups"], o) if transposed else (o * c["groups"], i)
        arrays = [x, rng.normal(size=(*shape, *c["kernel"]))]
        if c["bias"]:
            arrays.append(rng.normal(size=o * c["groups"]))
        theirs = [torch.tensor(a, requires_grad=True) for a in arrays]
        try:
            expected = getattr(torch.nn.functional, name)(*theirs, **geometry)
        except RuntimeError:
            expected = None
        if expected is None or min(expected.shape[2:]) < 1:  # PyTorch lets that pass for an empty batch
            assert transposed
            with pytest.raises(ValueError, match="nothing is left"):
                getattr(F, name)(*arrays, **geometry)
            continue
        ours = [Tensor(a) for a in arrays]
        out = getattr(F, name)(*ours, **geometry)
        np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-7, atol=1e-12)
        weights = rng.normal(size=out.shape)
        out.backward(weights)
        expected.backward(torch.tensor(weights))
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-7, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Sizes that take other ways through the computation: several blocks of images, parts of images, joint products
# ---------------------------------------------------------------------------------------------------------------------

LARGE: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((9, 3, 40, 70), (4, 3, 3, 3), {"padding": 1}),  # blocks of several images
    ((2, 16, 70, 80), (3, 16, 5, 5), {"padding": 2}),  # parts of an image, each with other padding
    ((2, 16, 70, 80), (4, 8, 3, 3), {"padding": 2, "stride": 2, "groups": 2, "dilation": 2}),
    ((40, 64, 6, 5), (128, 64, 3, 3), {"padding": 1}),  # joint products
    ((9, 256, 4, 3), (256, 128, 1, 1), {"groups": 2}),
    ((1, 8, 40_000), (2, 8, 5), {"padding": 2}),
    ((2, 256, 7, 6), (260, 256, 3, 2), {"padding": 1}),  # many weights, whose gradient is not turned
    ((3, 24, 4, 4), (20, 24, 4, 4), {}),  # one window for each image: its transpose adds columns to elements
]


@pytest.mark.parametrize(("x", "w", "arguments"), LARGE)
def test_large_convolutions_are_pytorchs(
    torch: Any, rng: np.random.Generator, x: tuple[int, ...], w: tuple[int, ...], arguments: dict[str, Any]
) -> None:
    name = f"conv{len(x) - 2}d"
    arrays = [rng.normal(size=x), rng.normal(size=w), rng.normal(size=w[0])]
    ours, theirs = [Tensor(a) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    out, expected = getattr(F, name)(*ours, **arguments), getattr(torch.nn.functional, name)(*theirs, **arguments)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-7, atol=1e-10)
    weights = rng.normal(size=out.shape)
    out.backward(weights)
    expected.backward(torch.tensor(weights))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-7, atol=1e-9)


def test_blocks_do_not_show() -> None:
    """Without an oracle: a convolution of many large images is that of each image, and of each of its parts."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(3, 4, 90, 100)), rng.normal(size=(2, 4, 5, 5))
    whole = F.conv2d(x, w, padding=2)
    padded = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)))
    for n in range(3):
        np.testing.assert_allclose(F.conv2d(x[n], w, padding=2), whole[n], rtol=1e-12, atol=1e-12)
        part = F.conv2d(padded[n, :, 40:54, 60:74], w)
        np.testing.assert_allclose(part, whole[n, :, 40:50, 60:70], rtol=1e-12, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# What needs no oracle
# ---------------------------------------------------------------------------------------------------------------------


def test_a_convolution_by_hand() -> None:
    x = np.arange(9.0).reshape(1, 3, 3)
    w = np.array([[[[1.0, 0.0], [0.0, -1.0]]]])
    np.testing.assert_array_equal(F.conv2d(x, w), np.full((1, 2, 2), -4.0))
    np.testing.assert_array_equal(F.conv2d(x, w, np.array([1.0]), stride=2), [[[-3.0]]])


@pytest.mark.parametrize(("kernel", "padding"), [(3, 1), (5, 2), (7, 3)], ids=["1 for 3x3", "2 for 5x5", "3 for 7x7"])
def test_the_padding_that_keeps_the_size(kernel: int, padding: int) -> None:
    x = np.ones((1, 2, 9, 8))
    for either in (padding, "same"):
        assert nn.Conv2d(2, 3, kernel, padding=either)(x).shape == (1, 3, 9, 8)


@pytest.mark.parametrize("name", ["Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d"])
def test_gradients_by_finite_differences(rng: np.random.Generator, name: str) -> None:
    layer = getattr(nn, name)(2, 2, 2, stride=2, dtype=np.float64)
    size = (3,) * int(name[-2])
    function = getattr(F, name.replace("ConvTranspose", "conv_transpose").replace("Conv", "conv"))

    def squared(x: Any, w: Any, b: Any) -> Any:
        out = function(x, w, b, stride=2)
        return (out * out).sum()

    check_grads(squared, order=2)(rng.normal(size=(2, 2, *size)), layer.weight.numpy(), layer.bias.numpy())


def test_initial_values_are_within_pytorchs_bounds(torch: Any) -> None:
    for name, arguments in [
        ("Conv2d", {"in_channels": 8, "out_channels": 64, "kernel_size": 3, "groups": 4}),
        ("ConvTranspose2d", {"in_channels": 64, "out_channels": 8, "kernel_size": 3, "groups": 2}),
    ]:
        layer = getattr(nn, name)(**arguments, generator=np.random.default_rng(0))
        theirs = getattr(torch.nn, name)(**arguments)
        bound = 1 / math.sqrt(math.prod(layer.weight.shape[1:]))
        for key in ("weight", "bias"):
            ours, largest = np.abs(getattr(layer, key).data), float(getattr(theirs, key).detach().abs().max())
            assert ours.max() <= bound
            assert largest <= bound * (1 + 1e-6)
        assert np.abs(layer.weight.data).max() > 0.99 * bound
        np.testing.assert_allclose(layer.weight.data.std(), bound / math.sqrt(3), rtol=0.05)


@pytest.mark.parametrize("name", ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d"])
def test_float32_stays_float32_and_input_is_cast(name: str) -> None:
    layer = getattr(nn, name)(2, 3, 2)
    x = Tensor(np.ones((2, 2, *(3,) * int(name[-2]))))
    out = layer(x)
    assert out.dtype == np.float32
    out.sum().backward()
    assert layer.weight.grad.dtype == layer.bias.grad.dtype == np.float32
    assert x.grad.dtype == np.float64


def test_an_empty_batch_gives_nothing_and_zero_gradients() -> None:
    layer = nn.Conv2d(2, 3, 3, padding=1)
    out = layer(np.ones((0, 2, 5, 5)))
    assert out.shape == (0, 3, 5, 5)
    out.sum().backward()
    np.testing.assert_array_equal(layer.weight.grad, np.zeros((3, 2, 3, 3)))
    np.testing.assert_array_equal(layer.bias.grad, np.zeros(3))
    layer = nn.ConvTranspose2d(2, 3, 3, stride=2)
    assert layer(np.ones((0, 2, 5, 5))).shape == (0, 3, 11, 11)


def test_input_without_gradient_costs_no_transposed_convolution(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first layer of a network need not send anything to the images."""
    module = sys.modules["autograd.ops.convolution"]  # the attribute of that name is the function
    calls: list[int] = []
    transposed = module.convolve_transposed
    monkeypatch.setattr(module, "convolve_transposed", lambda *a: (calls.append(1), transposed(*a))[1])
    layer = nn.Conv2d(1, 2, 3)
    layer(np.ones((1, 1, 5, 5))).sum().backward()
    assert calls == []
    layer(Tensor(np.ones((1, 1, 5, 5)))).sum().backward()
    assert calls == [1]


def test_views_and_read_only_arrays_convolve() -> None:
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(2, 6, 7, 3)), rng.normal(size=(4, 3, 3, 3))
    view = np.moveaxis(x, -1, 1)
    view.flags.writeable = False
    expected = F.conv2d(np.ascontiguousarray(view), w, padding=1)
    np.testing.assert_array_equal(F.conv2d(view, w, padding=1), expected)
    vjp, _ = make_vjp(lambda w: F.conv2d(view, w, padding=1))(w[:, :, ::-1])
    cotangent = np.broadcast_to(1.0, expected.shape)
    contiguous, _ = make_vjp(lambda w: F.conv2d(view, w, padding=1))(w[:, :, ::-1].copy())
    np.testing.assert_array_equal(vjp(cotangent), contiguous(np.ones(expected.shape)))


def test_nothing_is_recorded_under_no_grad() -> None:
    with no_grad():
        assert not nn.Conv2d(1, 1, 1)(np.ones((1, 1, 2, 2))).requires_grad


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nn.Sequential(nn.Conv2d(3, 8, 3))(np.ones((5, 4, 8, 8), np.float32)),
            ValueError,
            r"conv2d: expected input of shape \(N, 3, H, W\) or \(3, H, W\) for weights of shape \(8, 3, 3, 3\) in 1 "
            r"group, got float32 \(5, 4, 8, 8\); .* \[in scope Sequential/0: Conv2d\]",
        ),
        (
            lambda: nn.Conv2d(3, 8, 3)(np.ones((5, 8, 8, 3))),
            ValueError,
            "bring them to the front with nn.functional.channels_first",
        ),
        (
            lambda: nn.Conv2d(3, 8, 3)(np.ones((8, 8))),
            ValueError,
            r"\(N, C, H, W\) or \(C, H, W\), got float32 \(8, 8\)",
        ),
        (
            lambda: nn.Conv2d(1, 1, 5, padding=1)(np.ones((1, 2, 9))),
            ValueError,
            r"the window, \(5, 5\) elements wide, is larger than the padded input, \(4, 11\)",
        ),
        (lambda: nn.Conv2d(4, 6, 3, groups=3), ValueError, "Conv2d: groups=3 does not divide in_channels=4"),
        (lambda: nn.Conv2d(3, 4, 3, groups=3), ValueError, "Conv2d: groups=3 does not divide out_channels=4"),
        (lambda: nn.Conv2d(3, 4, 0), ValueError, "Conv2d: kernel_size must be positive, got 0"),
        (lambda: nn.Conv2d(3, 4, 3, stride=(1, 0)), ValueError, r"Conv2d: stride must be positive, got \(1, 0\)"),
        (lambda: nn.Conv2d(3, 4, 3, padding=-1), ValueError, "Conv2d: padding must be at least 0, got -1"),
        (lambda: nn.Conv2d(3, 4, (3, 3, 3)), ValueError, "must be one integer or one for each of 2 axes"),
        (lambda: nn.Conv2d(3, 4, 2.5), TypeError, "kernel_size must be an integer or a tuple of integers, got 2.5"),
        (lambda: nn.Conv2d(3, 4, (3, 2.5)), TypeError, r"kernel_size must consist of integers, got \(3, 2.5\)"),
        (lambda: nn.Conv2d(3, 4, 3, padding="full"), ValueError, "padding must be a number, 'valid' or 'same'"),
        (lambda: nn.Conv2d(3, 4, 3, 2, "same"), ValueError, "padding='same' keeps the size only with stride 1"),
        (lambda: nn.Conv2d(3, 4, 3, padding_mode="mirror"), ValueError, "padding_mode must be one of zeros, reflect"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect"), ValueError, "only padding_mode='zeros'"),
        (lambda: nn.ConvTranspose2d(3, 4, 3, padding="same"), TypeError, "padding must be an integer"),
        (
            lambda: nn.ConvTranspose2d(1, 1, 3, 2, output_padding=2)(np.ones((1, 3, 3))),
            ValueError,
            "output_padding must be smaller than stride or dilation",
        ),
        (
            lambda: nn.ConvTranspose2d(1, 1, 3, 2)(np.ones((1, 3, 3)), output_size=(9, 7)),
            ValueError,
            r"can give sizes from \(7, 7\) to \(8, 8\), not output_size=\(9, 7\)",
        ),
        (
            lambda: nn.ConvTranspose2d(1, 1, 3, 2)(np.ones((1, 3, 3)), output_size=8),
            ValueError,
            "not output_size=8",
        ),
        (lambda: F.conv_transpose1d(np.ones((1, 2)), np.ones((1, 1, 2)), padding=2), ValueError, "nothing is left"),
        (
            lambda: nn.Conv2d(1, 8, 3)(np.ones((5, 28, 29))),
            ValueError,
            r"got float32 \(5, 28, 29\); if its first axis is the batch, .* reshape\(5, 1, 28, 29\)",
        ),
        (lambda: nn.Conv2d(3, 8, 3)(np.ones((8, 8, 3))), ValueError, r"got float32 \(8, 8, 3\); .*channels_first"),
        (lambda: nn.Conv1d(3, 8, 3)(np.ones((2, 8, 3))), ValueError, "bring them to the front with transpose"),
        (lambda: F.conv2d(np.ones((1, 3, 3)), np.ones((0, 1, 1, 1))), ValueError, "with at least one element"),
        (
            lambda: F.conv_transpose1d(np.ones((2, 3)), np.ones((2, 3, 1)), np.ones(1)),
            ValueError,
            r"conv_transpose1d: expected a bias of shape \(3,\), one number for each .*, got float64 \(1,\)",
        ),
        (
            lambda: F.conv_transpose1d(np.ones((2, 3)), np.ones((2, 2, 1)), np.ones(2), groups=2),
            ValueError,
            r"expected a bias of shape \(4,\)",
        ),
        (lambda: F.conv2d(np.ones((1, 3, 3)), np.ones((1, 3, 3))), ValueError, "expected weights of shape"),
        (
            lambda: F.conv1d(np.ones((3, 3)), np.ones((4, 1, 1)), groups=3),
            ValueError,
            "groups=3 does not divide the out",
        ),
        (
            lambda: F.conv1d(np.ones((3, 3)), np.ones((3, 3, 1)), groups=0),
            ValueError,
            "groups must be a positive integer",
        ),
        (lambda: F.conv1d(np.ones((3, 3)), np.ones((3, 3, 1)), np.ones(2)), ValueError, "one number for each output"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
