"""Normalisation: values, running statistics and gradients against PyTorch and finite differences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from against_pytorch import agree, pair, same_state

import nn
from autograd import Tensor, no_grad
from autograd.test_util import check_grads
from nn import functional as F

Array = np.ndarray[Any, Any]


def of_channels() -> list[Any]:
    """Batch and instance normalisation of every rank, with settings drawn at random."""
    rng = np.random.default_rng(0)
    cases = []
    for kind in ("BatchNorm", "InstanceNorm"):
        for spatial in (1, 2, 3):
            for _ in range(6):
                channels = int(rng.integers(1, 5))
                settings = {
                    "eps": float(rng.choice([1e-5, 1e-2])),
                    "momentum": [0.1, 0.7, None][int(rng.integers(3 if kind == "BatchNorm" else 2))],
                    "affine": bool(rng.integers(4)),
                    "track_running_stats": bool(rng.integers(4)),
                    "bias": bool(rng.integers(4)),
                }
                window = tuple(int(n) for n in rng.integers(2, 5, spatial))
                shape: tuple[int, ...] = (int(rng.integers(1, 4)), channels, *window)
                if kind == "BatchNorm" and spatial == 1 and rng.integers(2):
                    shape = (int(rng.integers(2, 6)), channels)
                if kind == "InstanceNorm" and rng.integers(2):
                    shape = shape[1:]
                name = f"{kind}{spatial}d"
                cases.append(pytest.param(name, channels, settings, shape, id=f"{name} {shape} {settings}"))
    return cases


@pytest.mark.parametrize(("name", "channels", "settings", "shape"), of_channels())
def test_batch_and_instance_norm_are_pytorchs(
    torch: Any, rng: np.random.Generator, name: str, channels: int, settings: dict[str, Any], shape: tuple[int, ...]
) -> None:
    ours, theirs = pair(torch, name, channels, **settings)
    assert repr(ours) == repr(theirs)
    for _ in range(2):
        agree(torch, ours, theirs, rng.normal(2.0, 3.0, shape))
        same_state(ours, theirs)
    ours.eval()
    theirs.eval()
    agree(torch, ours, theirs, rng.normal(size=shape))
    same_state(ours, theirs)


SHAPES: list[tuple[Any, tuple[int, ...]]] = [
    (3, (3,)),
    (3, (4, 3)),
    ([2, 3], (4, 2, 3)),
    ((3,), (2, 4, 3)),
    ((2, 1, 3), (2, 1, 3)),
    (1, (4, 1)),
    (3, (0, 3)),
    (3, (2, 0, 3)),
]


@pytest.mark.parametrize(("normalized", "shape"), SHAPES)
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("LayerNorm", {}),
        ("LayerNorm", {"eps": 0.1, "bias": False}),
        ("LayerNorm", {"elementwise_affine": False}),
        ("RMSNorm", {}),
        ("RMSNorm", {"eps": 0.1}),
        ("RMSNorm", {"elementwise_affine": False}),
    ],
)
def test_layer_and_rms_norm_are_pytorchs(
    torch: Any, rng: np.random.Generator, name: str, settings: dict[str, Any], normalized: Any, shape: tuple[int, ...]
) -> None:
    ours, theirs = pair(torch, name, normalized, **settings)
    assert repr(ours) == repr(theirs)
    agree(torch, ours, theirs, rng.normal(1.0, 2.0, shape))


@pytest.mark.parametrize(
    ("groups", "shape"),
    [(1, (2, 4)), (2, (3, 4)), (4, (2, 4, 3)), (2, (1, 6, 2, 3)), (3, (2, 3, 2, 2, 2)), (2, (0, 4, 3)), (6, (2, 6))],
)
@pytest.mark.parametrize("settings", [{}, {"eps": 0.1, "bias": False}, {"affine": False}])
def test_group_norm_is_pytorchs(
    torch: Any, rng: np.random.Generator, groups: int, shape: tuple[int, ...], settings: dict[str, Any]
) -> None:
    ours, theirs = pair(torch, "GroupNorm", groups, shape[1], **settings)
    assert repr(ours) == repr(theirs)
    agree(torch, ours, theirs, rng.normal(1.0, 2.0, shape))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("shape", [(2, 6, 3), (1, 4, 2, 3), (2, 1, 3), (1, 3, 2, 2, 2)])
def test_local_response_norm_is_pytorchs(
    torch: Any, rng: np.random.Generator, size: int, shape: tuple[int, ...]
) -> None:
    settings = {"alpha": rng.uniform(0.1, 1.0), "beta": rng.uniform(0.5, 1.5), "k": rng.uniform(0.5, 2.0)}
    ours, theirs = pair(torch, "LocalResponseNorm", size, **settings)
    agree(torch, ours, theirs, rng.normal(size=shape))
    assert repr(nn.LocalResponseNorm(size)) == repr(torch.nn.LocalResponseNorm(size))


@pytest.mark.parametrize("p", [1, 2, 2.0, 3, 2.5, math.inf])
@pytest.mark.parametrize(("shape", "dim"), [((3, 4), 1), ((3, 4), 0), ((2, 3, 4), -1), ((2, 3, 4), (0, 2))])
def test_normalize_is_pytorchs(
    torch: Any, rng: np.random.Generator, p: float, shape: tuple[int, ...], dim: int | tuple[int, ...]
) -> None:
    x = rng.normal(size=shape)
    agree(torch, lambda t: F.normalize(t, p, dim), lambda t: torch.nn.functional.normalize(t, p, dim), x)
    # In zeros the norm has the derivative 0, and so what is left is division by eps.
    x[..., :2] = 0
    x[:1] = 0
    agree(torch, lambda t: F.normalize(t, p, dim, 0.5), lambda t: torch.nn.functional.normalize(t, p, dim, 0.5), x)


FUNCTIONS: dict[str, Any] = {
    "layer_norm": lambda f, x, w, b, c: f.layer_norm(x, (2,), w, b, 0.1),
    "layer_norm without weight": lambda f, x, w, b, c: f.layer_norm(x, (2,), None, b),
    "rms_norm": lambda f, x, w, b, c: f.rms_norm(x, (2,), w, 0.1),
    "group_norm": lambda f, x, w, b, c: f.group_norm(x, 2, c, c * c, 0.1),
    "group_norm without weight": lambda f, x, w, b, c: f.group_norm(x, 1),
    "batch_norm": lambda f, x, w, b, c: f.batch_norm(x, None, None, c, c * c, training=True, eps=0.1),
    "batch_norm without weight": lambda f, x, w, b, c: f.batch_norm(x, None, None, training=True),
    "instance_norm": lambda f, x, w, b, c: f.instance_norm(x, weight=c, bias=c * c, eps=0.1),
    "instance_norm without weight": lambda f, x, w, b, c: f.instance_norm(x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_pytorchs(torch: Any, rng: np.random.Generator, name: str) -> None:
    inputs = [rng.normal(size=shape) for shape in [(3, 4, 2), (2,), (2,), (4,)]]
    agree(
        torch,
        lambda *t: FUNCTIONS[name](F, *t),
        lambda *t: FUNCTIONS[name](torch.nn.functional, *t),
        *inputs,
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_can_be_differentiated_twice(rng: np.random.Generator, name: str) -> None:
    inputs = [rng.normal(size=shape) for shape in [(3, 4, 2), (2,), (2,), (4,)]]
    check_grads(lambda *t: FUNCTIONS[name](F, *t), modes=("rev",), order=2)(*inputs)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_plain_arrays_are_plain(rng: np.random.Generator, name: str) -> None:
    inputs = [rng.normal(size=shape) for shape in [(3, 4, 2), (2,), (2,), (4,)]]
    plain = FUNCTIONS[name](F, *inputs)
    assert type(plain) is np.ndarray
    np.testing.assert_allclose(plain, FUNCTIONS[name](F, *map(Tensor, inputs)).data, rtol=1e-12)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", ["batch_norm", "instance_norm"])
def test_functions_move_running_statistics_in_place(
    torch: Any, rng: np.random.Generator, name: str, training: bool
) -> None:
    x = rng.normal(1.0, 2.0, (4, 3, 5))
    mean, var = rng.normal(size=3), rng.uniform(1.0, 2.0, 3)
    theirs = [torch.tensor(mean), torch.tensor(var)]
    tensors = [Tensor(mean, requires_grad=False), Tensor(var, requires_grad=False)]
    key = "training" if name == "batch_norm" else "use_input_stats"
    settings: dict[str, Any] = {key: training, "momentum": 0.3}
    expected = getattr(torch.nn.functional, name)(torch.tensor(x), *theirs, **settings)
    for held in ([mean, var], tensors):
        got = getattr(F, name)(x, *held, **settings)
        np.testing.assert_allclose(np.asarray(got), expected.numpy(), rtol=1e-7)
        for ours, their in zip(held, theirs, strict=True):
            np.testing.assert_allclose(np.asarray(ours), their.numpy(), rtol=1e-12)


LAYERS: dict[str, tuple[Any, tuple[int, ...]]] = {
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (4, 3)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (4, 3, 2, 2)),
    "LayerNorm": (lambda: nn.LayerNorm(3), (4, 3)),
    "GroupNorm": (lambda: nn.GroupNorm(1, 3), (4, 3)),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(3, affine=True), (4, 3, 5)),
    "InstanceNorm2d": (lambda: nn.InstanceNorm2d(3, affine=True), (4, 3, 5, 5)),
    "RMSNorm": (lambda: nn.RMSNorm(3), (4, 3)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_input_is_cast_to_the_parameters_dtype(rng: np.random.Generator, name: str) -> None:
    make, shape = LAYERS[name]
    layer = make()
    x = Tensor(rng.normal(size=shape))
    y = layer(x)
    assert y.dtype == np.float32
    (y * rng.normal(size=shape).astype(np.float32)).sum().backward()
    assert x.grad.dtype == np.float64
    assert all(p.grad.dtype == np.float32 for p in layer.parameters())
    assert layer(rng.integers(0, 5, shape)).dtype == np.float32
    assert layer.eval()(x).dtype == np.float32
    assert all(b.dtype in (np.float32, np.int64) for b in layer.buffers())


def test_layers_without_parameters_keep_the_inputs_dtype(rng: np.random.Generator) -> None:
    layer = nn.InstanceNorm1d(3)
    x = rng.normal(size=(3, 4))
    assert layer(x.astype(np.float32)).dtype == np.float32
    assert layer(x).dtype == np.float64
    assert layer(rng.integers(0, 9, (3, 4))).dtype == np.float64


@pytest.mark.parametrize("name", ["BatchNorm1d", "InstanceNorm1d", "LayerNorm"])
def test_groups_are_brought_to_mean_0_and_variance_1(rng: np.random.Generator, name: str) -> None:
    axes = {"BatchNorm1d": (0, 2), "InstanceNorm1d": (2,), "LayerNorm": (2,)}[name]
    y = getattr(nn, name)(50)(Tensor(rng.normal(7.0, 3.0, (40, 50, 50)))).numpy()
    np.testing.assert_allclose(y.mean(axes), 0, atol=1e-5)
    np.testing.assert_allclose(y.var(axes), 1, atol=1e-4)


def test_large_means_do_not_spoil_float32(rng: np.random.Generator) -> None:
    x = rng.normal(1000.0, 1.0, (64, 3, 8, 8)).astype(np.float32)
    expected = (x - x.astype(float).mean((0, 2, 3), keepdims=True)) / x.astype(float).std((0, 2, 3), keepdims=True)
    np.testing.assert_allclose(nn.BatchNorm2d(3)(x).data, expected, atol=2e-3)


def test_statistics_of_many_large_float32_are_those_of_float64(rng: np.random.Generator) -> None:
    x = rng.normal(1e4, 1.0, (50_000, 2)).astype(np.float32)
    layer = nn.BatchNorm1d(2, momentum=1.0)
    y = layer(x).data
    np.testing.assert_allclose(layer.running_mean.data, x.mean(0, dtype=float), rtol=2e-7)
    np.testing.assert_allclose(layer.running_var.data, x.var(0, dtype=float), rtol=1e-2)
    np.testing.assert_allclose(y, (x - x.mean(0, dtype=float)) / x.std(0, dtype=float), atol=2e-2)


def test_a_channel_of_equal_values_is_zero() -> None:
    x = np.full((1000, 2), 1e6 + 1 / 3, np.float32)
    layer = nn.BatchNorm1d(2, momentum=1.0)
    np.testing.assert_array_equal(layer(x).data, 0)
    np.testing.assert_array_equal(layer.running_var.data, 0)


def test_local_response_norm_looks_at_neighbours_only() -> None:
    x = np.ones((1, 6, 2))
    x[0, 0] = np.nan
    np.testing.assert_array_equal(np.isnan(F.local_response_norm(x, 3))[0, :, 0], [True, True] + [False] * 4)


def test_sums_of_many_float16_do_not_overflow(rng: np.random.Generator) -> None:
    x = Tensor(rng.normal(3.0, 2.0, (70, 2, 32, 32)).astype(np.float16))
    y = F.batch_norm(x, None, None, training=True)
    assert y.dtype == np.float16
    values = y.numpy().astype(float)
    np.testing.assert_allclose([values.mean(), values.std()], [0.0, 1.0], atol=1e-3)
    y.backward(np.ones(y.shape))
    assert x.grad.dtype == np.float16
    np.testing.assert_allclose(x.grad, 0, atol=1e-3)


def test_complex_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match=r"layer_norm: input complex128 \(3,\) is complex where float64 is needed"):
        F.layer_norm(np.ones(3, complex), 3)


def test_running_statistics_are_averages_without_momentum(rng: np.random.Generator) -> None:
    layer = nn.BatchNorm1d(2, momentum=None, dtype=np.float64)
    batches = rng.normal(3.0, 2.0, (5, 8, 2))
    for x in batches:
        layer(x)
    np.testing.assert_allclose(layer.running_mean.data, batches.mean((0, 1)))
    np.testing.assert_allclose(layer.running_var.data, batches.var(1, ddof=1).mean(0))
    assert int(layer.num_batches_tracked) == 5
    layer.reset_running_stats()
    np.testing.assert_array_equal(layer.running_mean.data, 0)
    np.testing.assert_array_equal(layer.running_var.data, 1)
    assert int(layer.num_batches_tracked) == 0


def test_running_statistics_follow_also_where_nothing_is_recorded(rng: np.random.Generator) -> None:
    layer = nn.BatchNorm1d(2)
    with no_grad():
        assert not layer(rng.normal(size=(4, 2))).requires_grad
    assert int(layer.num_batches_tracked) == 1
    assert not layer.running_mean.requires_grad
    before = layer.state_dict()
    layer.eval()(rng.normal(size=(4, 2)))
    for key, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[key])


def test_a_graph_of_running_statistics_keeps_the_values_it_was_recorded_with(rng: np.random.Generator) -> None:
    """A second batch before the backward pass of the first must not change the first one's gradient."""
    layer = nn.BatchNorm1d(3, dtype=np.float64)
    x, weights = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    (layer(x) * weights).sum().backward()
    expected = layer.weight.grad
    layer.zero_grad()
    first = (layer(x) * weights).sum()
    layer(rng.normal(size=(4, 3)))
    first.backward()
    np.testing.assert_allclose(layer.weight.grad, expected)


def test_empty_batches_leave_running_statistics_alone() -> None:
    layer = nn.BatchNorm2d(3)
    x = Tensor(np.zeros((0, 3, 2, 2)))
    y = layer(x)
    assert y.shape == (0, 3, 2, 2)
    y.sum().backward()
    assert x.grad.shape == x.shape
    np.testing.assert_array_equal(layer.weight.grad, 0)
    np.testing.assert_array_equal(layer.running_var.data, 1)
    assert int(layer.num_batches_tracked) == 0
    assert layer.eval()(x).shape == x.shape


def test_parameters_are_reset() -> None:
    for make, _ in LAYERS.values():
        layer = make()
        for parameter in layer.parameters():
            nn.init.normal_(parameter)
        layer.reset_parameters()
        fresh = make().state_dict()
        for key, value in layer.state_dict().items():
            np.testing.assert_array_equal(value, fresh[key])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.BatchNorm1d(3)(np.ones((1, 3))), ValueError, r"more than one value .* shape \(1, 3\)"),
        (lambda: nn.BatchNorm2d(3)(np.ones((1, 3, 1, 1))), ValueError, "larger batch, or switch to eval mode"),
        (lambda: nn.BatchNorm1d(3)(np.ones((2, 4))), ValueError, r"expected input of shape \(N, 3\) or \(N, 3, L\)"),
        (lambda: nn.BatchNorm1d(3)(np.ones((2, 3, 4, 4))), ValueError, r"got float32 \(2, 3, 4, 4\)"),
        (lambda: nn.BatchNorm2d(3)(np.ones((3, 4, 4))), ValueError, r"expected input of shape \(N, 3, H, W\), got"),
        (lambda: nn.InstanceNorm1d(3)(np.ones((2, 4, 5))), ValueError, r"shape \(3, L\) or \(N, 3, L\)"),
        (lambda: nn.InstanceNorm1d(3)(np.ones((2, 3, 1))), ValueError, r"more than one value .* shape \(2, 3, 1\)"),
        (lambda: nn.InstanceNorm1d(3, momentum=None), ValueError, "InstanceNorm1d: momentum=None"),
        (lambda: nn.LayerNorm(4)(np.ones((4, 3))), ValueError, r"must have lengths \(4,\), got shape \(4, 3\)"),
        (lambda: nn.LayerNorm((2, 4))(np.ones(4)), ValueError, r"must have lengths \(2, 4\), got shape \(4,\)"),
        (lambda: nn.LayerNorm((2, 0)), ValueError, "LayerNorm: normalized_shape must be positive, got 0"),
        (lambda: nn.LayerNorm(()), ValueError, r"normalized_shape needs at least one length, got \(\)"),
        (lambda: F.rms_norm(np.ones(3), ()), ValueError, r"must have lengths \(\), got shape \(3,\)"),
        (lambda: nn.LayerNorm(2.0), TypeError, "LayerNorm: normalized_shape must be an integer, got 2.0"),
        (lambda: nn.RMSNorm(4)(np.ones(3)), ValueError, "rms_norm: the last axes of the input"),
        (lambda: nn.GroupNorm(2, 3), ValueError, "num_channels=3 does not divide into num_groups=2"),
        (lambda: nn.GroupNorm(1, 3)(np.ones((2, 4))), ValueError, r"expected input of shape \(N, 3, \.\.\.\)"),
        (lambda: nn.GroupNorm(4, 4)(np.ones((1, 4))), ValueError, "groups of one value have no variance"),
        (lambda: nn.BatchNorm1d(0), ValueError, "BatchNorm1d: num_features must be positive, got 0"),
        (lambda: nn.LocalResponseNorm(3)(np.ones((2, 3))), ValueError, r"at least three axes, .* got shape \(2, 3\)"),
        (lambda: nn.LocalResponseNorm(0), ValueError, "LocalResponseNorm: size must be positive"),
        (lambda: F.local_response_norm(np.ones((2, 3, 4)), 0), ValueError, "size must be positive, got 0"),
        (lambda: F.local_response_norm(np.ones((2, 3, 4)), 2.0), TypeError, "size must be an integer, got 2.0"),
        (lambda: F.group_norm(np.ones((2, 4)), 2.0), TypeError, "group_norm: num_groups must be an integer, got 2.0"),
        (lambda: F.group_norm(np.ones((2, 4)), 0), ValueError, "group_norm: num_groups must be positive, got 0"),
        (lambda: F.group_norm(np.ones((2, 4)), 3), ValueError, r"4 channels .* do not divide into 3 groups"),
        (lambda: F.group_norm(np.ones(4), 2), ValueError, r"at least two axes, \(N, C, ...\), got shape \(4,\)"),
        (lambda: F.layer_norm(np.ones((2, 3)), 3, np.ones(2)), ValueError, r"weight must have shape \(3,\), .* \(2,\)"),
        (
            lambda: F.batch_norm(np.ones((2, 3)), None, None, np.ones(2), training=True),
            ValueError,
            r"weight must have shape \(3,\), one for each channel",
        ),
        (lambda: F.batch_norm(np.ones((2, 3)), None, None), ValueError, "running_mean and running_var are needed"),
        (lambda: F.instance_norm(np.ones((2, 3, 4)), use_input_stats=False), ValueError, "running_mean and"),
        (
            lambda: F.batch_norm(np.ones((2, 1)), [0.0], [1.0], training=True),
            TypeError,
            "running_mean is updated in place and must be an array or a constant tensor, got list",
        ),
        (
            lambda: F.batch_norm(np.ones((2, 1)), Tensor([0.0]), Tensor([1.0]), training=True),
            TypeError,
            "got a tensor that requires gradients",
        ),
        (lambda: F.normalize(np.ones(3)), ValueError, r"normalize: no axis 1 in input of shape \(3,\)"),
        (lambda: F.normalize(np.ones((3, 3)), p=0), ValueError, "p must be positive"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_refused_batch_changes_nothing() -> None:
    layer = nn.BatchNorm1d(3)
    with pytest.raises(ValueError, match="more than one value"):
        layer(np.ones((1, 3)))
    assert int(layer.num_batches_tracked) == 0
    np.testing.assert_array_equal(layer.running_mean.data, 0)


def test_errors_name_the_scope() -> None:
    with pytest.raises(ValueError, match=r"\[in scope Sequential/0: BatchNorm1d\]"):
        nn.Sequential(nn.BatchNorm1d(3))(np.ones((1, 3)))


def test_settings_from_numpy_do_not_widen_float32() -> None:
    x = np.ones((2, 3, 4), np.float32)
    assert F.local_response_norm(x, 2, np.float64(1e-4), np.float64(0.75), np.float64(1.0)).dtype == np.float32
    layer = nn.BatchNorm1d(3, eps=np.float64(1e-5), momentum=np.float64(0.1))
    assert layer(x).dtype == layer.eval()(x).dtype == layer.running_mean.dtype == np.float32
