"""Padding, resizing and layouts of images: values and gradients against PyTorch, over tables of settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nn
from autograd import Tensor
from autograd.ops import resampling
from autograd.ops.resampling import interpolation, resample, resample_transpose
from autograd.test_util import check_grads
from nn import functional as F

Array = np.ndarray[Any, Any]


def compare(torch: Any, ours: Any, theirs: Any, x: Array) -> None:
    """Two functions give the same values, and the same gradients of a random weighted sum of them."""
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    out, expected = ours(a), theirs(b)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-7, atol=1e-13)
    weights = np.random.default_rng(1).normal(size=out.shape)
    out.backward(weights)
    expected.backward(torch.tensor(weights))
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-7, atol=1e-13)


LAYERS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    # layer, arguments, shape of the input
    ("ZeroPad1d", {"padding": 2}, (2, 3, 4)),
    ("ZeroPad2d", {"padding": (1, 2, 3, 0)}, (2, 3, 4, 5)),
    ("ZeroPad2d", {"padding": (-1, 2, 0, -2)}, (2, 3, 4, 5)),
    ("ZeroPad3d", {"padding": 1}, (2, 1, 2, 3, 4)),
    ("ConstantPad1d", {"padding": (1, 2), "value": 3.5}, (2, 4)),
    ("ConstantPad2d", {"padding": (1, 0, -1, 2), "value": -1.0}, (3, 4, 5)),
    ("ConstantPad3d", {"padding": 1, "value": 0.5}, (2, 2, 3, 4)),
    ("ReflectionPad1d", {"padding": (3, 2)}, (2, 3, 4)),
    ("ReflectionPad2d", {"padding": (1, 3, 2, 0)}, (2, 3, 4)),
    ("ReflectionPad2d", {"padding": (-1, 2, 0, -2)}, (2, 3, 4, 5)),
    ("ReflectionPad3d", {"padding": 1}, (2, 1, 2, 3, 4)),
    ("ReplicationPad1d", {"padding": (5, 0)}, (2, 4)),
    ("ReplicationPad2d", {"padding": (1, 3, 2, 0)}, (2, 3, 1, 4)),
    ("ReplicationPad3d", {"padding": (1, 0, 2, 3, 0, 1)}, (2, 1, 2, 3, 4)),
    ("CircularPad1d", {"padding": (4, 3)}, (2, 3, 4)),
    ("CircularPad2d", {"padding": (1, 3, 2, 0)}, (2, 3, 4)),
    ("CircularPad2d", {"padding": (-1, 2, 0, -2)}, (2, 3, 4, 5)),
    ("CircularPad3d", {"padding": 1}, (2, 1, 2, 3, 4)),
    ("Upsample", {"scale_factor": 2}, (2, 3, 4)),
    ("Upsample", {"scale_factor": (2, 3), "mode": "bilinear"}, (2, 1, 4, 3)),
    ("Upsample", {"size": (7, 2), "mode": "bilinear", "align_corners": True}, (2, 1, 4, 3)),
    ("Upsample", {"size": 5, "mode": "trilinear"}, (1, 2, 3, 4, 2)),
    ("UpsamplingNearest2d", {"scale_factor": 3}, (2, 1, 4, 3)),
    ("UpsamplingBilinear2d", {"size": (3, 9)}, (2, 1, 4, 3)),
    ("PixelShuffle", {"upscale_factor": 3}, (2, 18, 2, 3)),
    ("PixelShuffle", {"upscale_factor": 2}, (4, 2, 3)),
    ("PixelUnshuffle", {"downscale_factor": 3}, (2, 2, 6, 9)),
    ("Unfold", {"kernel_size": 2}, (2, 3, 4, 5)),
    ("Unfold", {"kernel_size": (2, 3), "dilation": (2, 1), "padding": (0, 1), "stride": (1, 2)}, (3, 4, 5)),
    ("Fold", {"output_size": (4, 5), "kernel_size": 2}, (2, 12, 12)),
    ("Fold", {"output_size": (4, 5), "kernel_size": (2, 3), "dilation": (2, 1), "padding": (0, 1)}, (6, 10)),
    ("Unflatten", {"dim": 1, "unflattened_size": (2, -1)}, (3, 6, 2)),
    ("Unflatten", {"dim": -1, "unflattened_size": (1, 2, 1)}, (3, 2)),
]


@pytest.mark.parametrize(("name", "arguments", "shape"), LAYERS)
def test_layers_are_pytorchs(
    torch: Any, rng: np.random.Generator, name: str, arguments: dict[str, Any], shape: tuple[int, ...]
) -> None:
    ours, theirs = getattr(nn, name)(**arguments), getattr(torch.nn, name)(**arguments)
    assert str(ours) == str(theirs)
    compare(torch, ours, theirs, rng.normal(size=shape))


MODES = ["constant", "reflect", "replicate", "circular"]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(MODES), st.integers(1, 5), st.integers(1, 5), st.lists(st.integers(-2, 5), min_size=4, max_size=4)
)
def test_random_padding_is_pytorchs(torch: Any, mode: str, h: int, w: int, widths: list[int]) -> None:
    x = np.random.default_rng(0).normal(size=(2, 1, h, w))
    cut = (max(0, w + min(widths[0], 0) + min(widths[1], 0)), max(0, h + min(widths[2], 0) + min(widths[3], 0)))
    try:
        expected = torch.nn.functional.pad(torch.tensor(x), widths, mode)
    except RuntimeError:
        expected = None
    if expected is None or min(cut) < 1:
        if expected is None:
            with pytest.raises(ValueError, match="pad"):
                F.pad(x, widths, mode)
        return
    room = {"reflect": -1, "circular": 0}.get(mode, 99)
    if any(max(widths[2 * i : 2 * i + 2]) > n + room for i, n in enumerate(cut)):
        return  # PyTorch compares the padding with the input before it is cut: see the test below
    compare(torch, lambda x: F.pad(x, widths, mode), lambda x: torch.nn.functional.pad(x, widths, mode), x)


def test_a_constant_goes_where_padding_is_and_nowhere_else(torch: Any) -> None:
    for x in (np.ones((2, 3)), np.array([[np.inf, -0.0, np.nan]])):
        for value in (2.5, -np.inf, 0.0):
            expected = torch.nn.functional.pad(torch.tensor(x), (1, -1, 2, 0), value=value).numpy()
            np.testing.assert_array_equal(F.pad(x, (1, -1, 2, 0), value=value), expected)
    assert F.pad(np.ones((1, 2), np.float32), (1, 1), value=2.0).dtype == np.float32
    assert F.pad(np.ones((1, 2), int), (1, 1)).dtype.kind == "i"


RESIZING: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((5,), {"size": 3}),
    ((5,), {"scale_factor": 1.7}),
    ((6,), {"scale_factor": 0.4}),
    ((5,), {"scale_factor": 1.7, "mode": "nearest-exact"}),
    ((5,), {"size": 13, "mode": "nearest-exact"}),
    ((5,), {"scale_factor": 2.3, "mode": "linear"}),
    ((5,), {"scale_factor": 1.1, "mode": "linear"}),
    ((5,), {"scale_factor": 2.3, "mode": "linear", "recompute_scale_factor": True}),
    ((5,), {"size": 1, "mode": "linear", "align_corners": True}),
    ((1,), {"size": 4, "mode": "linear", "align_corners": True}),
    ((4, 5), {"size": 7}),
    ((4, 5), {"scale_factor": (0.5, 2.5)}),
    ((4, 5), {"size": (2, 9), "mode": "bilinear"}),
    ((4, 5), {"size": (6, 5), "mode": "bicubic"}),
    ((4, 5), {"scale_factor": 1.6, "mode": "bicubic", "align_corners": True}),
    ((2, 3), {"scale_factor": 0.7, "mode": "bicubic"}),
    ((4, 5), {"scale_factor": (1.1, 1.3), "mode": "bicubic"}),
    ((4, 5), {"scale_factor": (1.1, 1.3), "mode": "bilinear"}),
    ((4, 5), {"scale_factor": 0.5, "mode": "area"}),
    ((2, 3, 4), {"scale_factor": 1.5, "mode": "trilinear"}),
    ((2, 3, 4), {"size": (3, 1, 2)}),
]


@pytest.mark.parametrize(("size", "arguments"), RESIZING)
def test_resizing_is_pytorchs(
    torch: Any, rng: np.random.Generator, size: tuple[int, ...], arguments: dict[str, Any]
) -> None:
    resize = torch.nn.functional.interpolate
    try:
        resize(torch.ones(1, 1, *size), **arguments)
    except RuntimeError:
        with pytest.raises(ValueError, match="one of which is empty"):
            F.interpolate(np.ones((1, 1, *size)), **arguments)
        return
    compare(
        torch,
        lambda x: F.interpolate(x, **arguments),
        lambda x: resize(x, **arguments),
        rng.normal(size=(2, 3, *size)),
    )


@pytest.mark.parametrize(
    ("size", "factor", "mode"), [((5,), 1.1, "nearest"), ((3,), 2.1, "nearest"), ((4, 5), 1.1, "bicubic")]
)
def test_resizing_by_a_factor_that_is_rounded(torch: Any, size: tuple[int, ...], factor: float, mode: str) -> None:
    """PyTorch's backward pass takes other elements here than its forward pass: only values are comparable."""
    x = np.random.default_rng(0).normal(size=(1, 1, *size))
    expected = torch.nn.functional.interpolate(torch.tensor(x), scale_factor=factor, mode=mode).numpy()
    np.testing.assert_allclose(F.interpolate(x, scale_factor=factor, mode=mode), expected, rtol=1e-7)
    check_grads(lambda x: F.interpolate(x, scale_factor=factor, mode=mode))(x)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 12), st.integers(1, 24), st.sampled_from(["nearest", "nearest-exact", "linear"]), st.booleans())
def test_random_resizing_is_pytorchs(torch: Any, n: int, m: int, mode: str, align_corners: bool) -> None:
    arguments = {"size": m, "mode": mode, **({"align_corners": align_corners} if mode == "linear" else {})}
    compare(
        torch,
        lambda x: F.interpolate(x, **arguments),
        lambda x: torch.nn.functional.interpolate(x, **arguments),
        np.random.default_rng(0).normal(size=(1, 2, n)),
    )


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic", "area"])
@pytest.mark.parametrize(("size", "count"), [(3, 7), (2, 30), (9, 4), (1, 5), (6, 1)])
@pytest.mark.parametrize("axis", [-1, -2])
def test_resampling_is_the_same_with_and_without_a_matrix(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, mode: str, size: int, count: int, axis: int
) -> None:
    index, weights = interpolation(mode, size, count, None, align_corners=False)
    x, y = rng.normal(size=(2, size, size)), rng.normal(size=(2, count, count))
    settings = {"index": index, "weights": weights, "axis": axis}
    expected = resample(x, **settings), resample_transpose(y, size=size, **settings)
    monkeypatch.setattr(resampling, "_LARGEST_MATRIX", 0)
    np.testing.assert_allclose(resample(x, **settings), expected[0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(resample_transpose(y, size=size, **settings), expected[1], rtol=1e-12, atol=1e-14)


def test_only_neighbours_of_an_infinite_element_become_infinite() -> None:
    x = np.array([[[1.0, np.inf, 3.0, 4.0]]])
    np.testing.assert_array_equal(F.interpolate(x, scale_factor=2)[0, 0], [1, 1, np.inf, np.inf, 3, 3, 4, 4])
    with np.errstate(invalid="ignore"):
        assert np.isfinite(F.interpolate(x, size=7, mode="linear")[0, 0, -2:]).all()


@pytest.mark.parametrize("name", ["pad", "interpolate", "unfold", "pixel_shuffle"])
def test_second_derivatives_and_float32(rng: np.random.Generator, name: str) -> None:
    arguments: dict[str, Any] = {
        "pad": {"pad": (1, 2), "mode": "reflect"},
        "interpolate": {"size": 5, "mode": "bicubic"},
        "unfold": {"kernel_size": 2, "padding": 1},
        "pixel_shuffle": {"upscale_factor": 2},
    }[name]
    function = getattr(F, name)
    check_grads(lambda x: (function(x, **arguments) ** 2).sum(), order=2)(rng.normal(size=(1, 4, 3, 3)))
    x = Tensor(np.ones((1, 4, 3, 3), np.float32))
    out = function(x, **arguments)
    assert out.dtype == np.float32
    out.sum().backward()
    assert x.grad.dtype == np.float32


def test_empty_batches_pass() -> None:
    x = Tensor(np.ones((0, 4, 3, 3)))
    for out, size in [
        (F.pad(x, (1, 1), "reflect"), (4, 3, 5)),
        (F.interpolate(x, size=5, mode="bilinear"), (4, 5, 5)),
        (F.unfold(x, 2), (16, 4)),
        (F.pixel_shuffle(x, 2), (1, 6, 6)),
        (F.channels_last(x), (3, 3, 4)),
    ]:
        assert out.shape == (0, *size)
        out.sum().backward()
    assert x.grad.shape == x.shape


def test_channels_first_and_last() -> None:
    x = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    first = F.channels_first(x)
    assert first.shape == (4, 2, 3)
    assert first.dtype == np.uint8
    assert first[3, 1, 2] == x[1, 2, 3]
    np.testing.assert_array_equal(F.channels_last(first), x)
    batch = Tensor(np.ones((5, 2, 3, 4)))
    assert nn.ChannelsFirst()(batch).shape == (5, 4, 2, 3)
    assert nn.ChannelsLast()(nn.ChannelsFirst()(batch)).shape == batch.shape
    (nn.ChannelsFirst()(batch) * np.arange(4.0)[:, None, None]).sum().backward()
    np.testing.assert_array_equal(batch.grad[0, 0], np.tile(np.arange(4.0), (3, 1)))


def test_a_convolution_takes_images_with_channels_last(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, size=(2, 9, 8, 3), dtype=np.uint8)
    layer = nn.Conv2d(3, 4, 3, padding=1)
    expected = layer(np.ascontiguousarray(np.moveaxis(images, -1, 1)))
    np.testing.assert_allclose(layer(F.channels_first(images)).data, expected.data, rtol=1e-6)


def test_a_convolution_is_a_product_with_unfolded_windows(rng: np.random.Generator) -> None:
    x, w = rng.normal(size=(2, 3, 5, 6)), rng.normal(size=(4, 3, 2, 3))
    columns = F.unfold(x, (2, 3), padding=1, stride=2)
    expected = F.conv2d(x, w, padding=1, stride=2)
    np.testing.assert_allclose((w.reshape(4, -1) @ columns).reshape(expected.shape), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.pad(np.ones(3), (1,)), ValueError, "pad: expected a pair of numbers for each"),
        (lambda: F.pad(np.ones(3), (1, 1, 1, 1)), ValueError, "pad: expected a pair of numbers for each"),
        (lambda: F.pad(np.ones(3), (1.5, 1)), TypeError, "pad: expected a pair of integers for each axis"),
        (lambda: F.pad(np.ones(3), 1), TypeError, "pad: expected a pair of integers for each axis"),
        (lambda: F.pad(np.ones(3), (1, 1), value=1j), TypeError, r"float64 \(3,\) cannot hold the value 1j"),
        (lambda: F.pad(np.ones(3), (1, 1), value=Tensor(2.0)), TypeError, "give a number that it can hold"),
        (lambda: F.pad(np.ones(3, int), (1, 1), value=0.5), TypeError, r"int64 \(3,\) cannot hold the value 0.5"),
        (lambda: F.pad(np.ones(3), (1, 1), "mirror"), ValueError, "pad: mode must be one of 'constant', 'reflect'"),
        (lambda: F.pad(np.ones(3), (1, 1), "reflect", 2.0), ValueError, "mode 'reflect' takes no value, got 2.0"),
        (lambda: F.pad(np.ones(3), (-2, -2)), ValueError, r"cannot cut \(-2, -2\) off float64 \(3,\)"),
        (lambda: F.pad(np.ones(3), (3, 0), "reflect"), ValueError, "axis 0 of length 3 cannot be continued by"),
        (lambda: F.pad(np.ones(3), (0, 4), "circular"), ValueError, "axis 0 of length 3 cannot be continued by"),
        (lambda: nn.ZeroPad2d((1, 2)), ValueError, "ZeroPad2d: padding must be one integer or 4 of them"),
        (lambda: F.interpolate(np.ones((1, 1, 3))), ValueError, "give either size or scale_factor"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 2, 2), ValueError, "give either size or scale_factor"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 2, mode="cubic"), ValueError, "mode must be one of nearest"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 2, mode="bilinear"), ValueError, "mode 'bilinear' .*; use linear"),
        (lambda: F.interpolate(np.ones((3, 3)), 2), ValueError, r"takes inputs of 3 or 4 or 5 axes, \(N, C, ...\)"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 2, align_corners=True), ValueError, "align_corners is for"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), (2, 2)), ValueError, "size must be one integer or 1 of them"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 0), ValueError, "size must be positive, got 0"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), 2.5), TypeError, "size must be an integer"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), scale_factor=-1), ValueError, "must be one positive number"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), scale_factor=0.1), ValueError, "one of which is empty"),
        (lambda: F.interpolate(np.ones((1, 1, 3)), scale_factor=np.inf), ValueError, "must be one positive number"),
        (
            lambda: F.interpolate(np.ones((1, 1, 3)), 2, recompute_scale_factor=True),
            ValueError,
            "recompute_scale_factor is about scale_factor",
        ),
        (lambda: F.pixel_shuffle(np.ones((3, 2, 2)), 2), ValueError, r"expected input of shape \(..., C \* 4, H, W\)"),
        (lambda: F.pixel_unshuffle(np.ones((3, 2, 3)), 2), ValueError, r"shape \(..., C, H \* 2, W \* 2\)"),
        (lambda: F.fold(np.ones((4, 5)), 3, 2), ValueError, r"has 2 x 2 windows of 4 elements.* got float64 \(4, 5\)"),
        (lambda: F.unfold(np.ones((4, 5)), 3), ValueError, r"expected input of shape \(N, C, H, W\) or \(C, H, W\)"),
        (lambda: F.channels_first(np.ones((4, 5))), ValueError, r"\(H, W, C\) or \(N, H, W, C\), .* grey image"),
        (lambda: nn.Unflatten(1, (2, 2))(np.ones((3, 5))), ValueError, r"axis 1 .* has length 5, .* \(2, 2\)"),
        (lambda: nn.Unflatten(2, (2, 2))(np.ones((3, 4))), ValueError, "no axis 2"),
        (lambda: nn.Unflatten(0, (2.5, 2))(np.ones((4, 4))), TypeError, "expected a sequence of integers, got"),
        (lambda: nn.Unflatten(1, (-1, -1))(np.ones((3, 4))), ValueError, "do not make up"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
