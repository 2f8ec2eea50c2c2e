"""Clipping, parameters as vectors, and weights in another form, against PyTorch."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from autograd.test_util import check_grads
from nn import utils
from nn.utils import parametrizations, parametrize

SHAPES: list[tuple[int, ...]] = [(), (3,), (4, 2), (0,), (2, 3, 2)]


def with_gradients(torch: Any, rng: np.random.Generator, dtype: Any = np.float64) -> tuple[list[Any], list[Any]]:
    ours, theirs = [], []
    for shape in SHAPES:
        g = np.asarray(rng.normal(size=shape) * 3, dtype)
        a, b = Tensor(np.zeros(shape), dtype=dtype), torch.zeros(shape, dtype=getattr(torch, np.dtype(dtype).name))
        b.requires_grad = True
        a.grad, b.grad = g, torch.tensor(g)
        ours.append(a)
        theirs.append(b)
    return [*ours, Tensor(1.0)], [*theirs, torch.ones((), requires_grad=True)]  # the last without a gradient


@pytest.mark.parametrize("norm_type", [1, 1.5, 2, 2.0, 3, math.inf])
@pytest.mark.parametrize("max_norm", [0.0, 0.5, 4, 1000.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_norms_are_clipped_as_in_pytorch(
    torch: Any, rng: np.random.Generator, norm_type: float, max_norm: float, dtype: Any
) -> None:
    ours, theirs = with_gradients(torch, rng, dtype)
    if norm_type == math.inf:  # PyTorch takes no maximum of nothing
        del ours[3], theirs[3]
    rtol = 1e-9 if dtype == np.float64 else 1e-5
    total = utils.get_total_norm([p.grad for p in ours if p.grad is not None], norm_type)
    found = utils.clip_grad_norm_(ours, max_norm, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    np.testing.assert_allclose([total, found.item()], expected.item(), rtol=rtol)
    for a, b in zip(ours[:-1], theirs[:-1], strict=True):
        assert np.asarray(a.grad).dtype == dtype
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=rtol)
    assert ours[-1].grad is None


@pytest.mark.parametrize("bound", [0.0, 0.7, 100])
def test_values_are_clipped_as_in_pytorch(torch: Any, rng: np.random.Generator, bound: float) -> None:
    ours, theirs = with_gradients(torch, rng)
    gradient = ours[2].grad
    utils.clip_grad_value_(ours, bound)
    torch.nn.utils.clip_grad_value_(theirs, bound)
    for a, b in zip(ours[:-1], theirs[:-1], strict=True):
        np.testing.assert_array_equal(a.grad, b.grad.numpy())
    assert ours[2].grad is gradient  # in place


@pytest.mark.parametrize("norm_type", [1, 2, math.inf])
@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_norms_that_are_not_finite(torch: Any, norm_type: float, bad: float) -> None:
    def pair() -> tuple[Tensor, Any]:
        a, b = Tensor([1.0, 2.0]), torch.ones(2, dtype=torch.float64, requires_grad=True)
        a.grad, b.grad = [1.0, bad], torch.tensor([1.0, bad], dtype=torch.float64)
        return a, b

    a, b = pair()
    with np.errstate(invalid="ignore"):
        found = utils.clip_grad_norm_(a, 1.0, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(b, 1.0, norm_type)
    np.testing.assert_equal(float(found), float(expected))
    np.testing.assert_array_equal(a.grad, b.grad.numpy())
    a, _ = pair()
    with pytest.raises(RuntimeError, match=r"the norm of order .* of the gradients is"):
        utils.clip_grad_norm_(a, 1.0, norm_type, error_if_nonfinite=True)
    np.testing.assert_array_equal(a.grad, [1.0, bad])


def test_edges_of_clipping() -> None:
    assert utils.clip_grad_norm_([], 1.0) == 0.0
    assert utils.clip_grad_norm_([Tensor(1.0)], 1.0) == 0.0
    large = Tensor([1.0, 1.0])
    large.grad = [1e150, 1e150]
    assert utils.clip_grad_norm_(iter([large]), 1.0, norm_type=2) == pytest.approx(1e150 * math.sqrt(2))
    several = [np.array([1e200]), np.array([1e200])]  # whose squares are too large, together
    assert utils.get_total_norm(several[:1], 1) == 1e200
    single = Tensor(np.ones(4), dtype=np.float32)
    for size, p in [(1e30, 1), (1e30, 2), (1e30, 3), (1e-30, 2), (1e-30, 3)]:  # with powers out of range
        single.grad = np.full(4, size)
        np.testing.assert_allclose(utils.clip_grad_norm_(single, 1.0, p), size * 4 ** (1 / p), rtol=1e-6)
        np.testing.assert_allclose(single.grad, min(size, 1 / 4 ** (1 / p)), rtol=1e-6)
    with pytest.raises(ValueError, match="max_norm must be at least 0, got -1"):
        utils.clip_grad_norm_(large, -1)
    with pytest.raises(ValueError, match="norm_type must be positive, got 0"):
        utils.clip_grad_norm_(large, 1.0, 0)
    with pytest.raises(ValueError, match="clip_value must be at least 0"):
        utils.clip_grad_value_(large, -1.0)


def test_recorded_gradients_stay_recorded() -> None:
    x = Tensor([3.0, 4.0])
    (x * x).sum().backward(create_graph=True)
    assert utils.clip_grad_norm_([x], 1.0) == pytest.approx(10.0)
    assert isinstance(x.grad, Tensor)
    np.testing.assert_allclose(x.grad.data, [0.6, 0.8], rtol=1e-6)
    utils.clip_grad_value_([x], 0.7)
    np.testing.assert_allclose(x.grad.data, [0.6, 0.7], rtol=1e-6)


def test_parameters_become_a_vector_and_back(rng: np.random.Generator) -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    vector = utils.parameters_to_vector(net.parameters())
    np.testing.assert_array_equal(vector.data, np.concatenate([p.data.ravel() for p in net.parameters()]))
    (vector * vector).sum().backward()
    np.testing.assert_allclose(net[0].weight.grad, 2 * net[0].weight.data, rtol=1e-6)
    new = rng.normal(size=vector.shape)
    for given in (new, Tensor(new), Tensor(new) * 1.0):
        utils.vector_to_parameters(given, net.parameters())
        np.testing.assert_array_equal(utils.parameters_to_vector(net.parameters()).data, new.astype(np.float32))
    new[:] = 0  # a copy was made
    assert (net[0].weight.data != 0).all()
    assert {p.dtype for p in net.parameters()} == {np.dtype(np.float32)}
    with pytest.raises(ValueError, match=r"have 14 numbers together, the vector has shape \(13,\)"):
        utils.vector_to_parameters(new[1:], net.parameters())
    with pytest.raises(ValueError, match="got no parameters"):
        utils.parameters_to_vector([])


# -- weights in another form ------------------------------------------------------------------------------------------

LAYERS: list[tuple[str, tuple[Any, ...], tuple[int, ...]]] = [
    ("Linear", (4, 3), (5, 4)),
    ("Conv1d", (3, 4, 3), (2, 3, 7)),
    ("Conv2d", (2, 4, 3), (2, 2, 5, 5)),
    ("ConvTranspose2d", (2, 4, 3), (2, 2, 4, 4)),
]


def layers(torch: Any, name: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    theirs = getattr(torch.nn, name)(*args).double()
    ours = getattr(nn, name)(*args).double()
    ours.load_state_dict({key: value.numpy() for key, value in theirs.state_dict().items()})
    return ours, theirs


def compare(torch: Any, ours: Any, theirs: Any, x: np.ndarray[Any, Any]) -> None:
    """Values, gradients, keys and states."""
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    ours.zero_grad()
    theirs.zero_grad()
    y, z = ours(a), theirs(b)
    np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-7, atol=1e-12)
    (y * y).sum().backward()
    (z * z).sum().backward()
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-7, atol=1e-10)
    gradients = {key: p.grad.numpy() for key, p in theirs.named_parameters()}
    assert [key for key, _ in ours.named_parameters()] == list(gradients)
    for key, p in ours.named_parameters():
        np.testing.assert_allclose(p.grad, gradients[key], rtol=1e-7, atol=1e-10)
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    for key, value in ours.state_dict().items():
        np.testing.assert_allclose(value, state[key], rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize(("name", "args", "shape"), LAYERS)
@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize("old", [False, True])
@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated:FutureWarning")
def test_weight_norm_is_pytorchs(
    torch: Any, rng: np.random.Generator, name: str, args: Any, shape: Any, dim: int | None, old: bool
) -> None:
    ours, theirs = layers(torch, name, args)
    before = ours.weight.numpy()
    if old:
        utils.weight_norm(ours, dim=dim)
        torch.nn.utils.weight_norm(theirs, dim=dim)
    else:
        parametrizations.weight_norm(ours, dim=dim)
        torch.nn.utils.parametrizations.weight_norm(theirs, dim=dim)
    np.testing.assert_allclose(ours.weight.data, before, rtol=1e-12)
    x = rng.normal(size=shape)
    compare(torch, ours, theirs, x)
    optim.SGD(ours.parameters(), lr=0.01).step()
    torch.optim.SGD(theirs.parameters(), lr=0.01).step()
    compare(torch, ours, theirs, x)


@pytest.mark.parametrize(("name", "args", "shape"), LAYERS)
def test_spectral_norm_is_pytorchs(torch: Any, rng: np.random.Generator, name: str, args: Any, shape: Any) -> None:
    ours, theirs = layers(torch, name, args)
    parametrizations.spectral_norm(ours)
    torch.nn.utils.parametrizations.spectral_norm(theirs, n_power_iterations=1)
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    ours.load_state_dict(state)
    x = rng.normal(size=shape)
    for mode in (True, True, False):  # each call in training turns the vectors on
        ours.train(mode)
        theirs.train(mode)
        compare(torch, ours, theirs, x)


def test_spectral_norm_finds_the_largest_singular_value(rng: np.random.Generator) -> None:
    layer = parametrizations.spectral_norm(nn.Linear(6, 5, dtype=np.float64), n_power_iterations=50)
    layer(rng.normal(size=(1, 6)))
    layer.eval()
    assert np.linalg.norm(layer.weight.numpy(), 2) == pytest.approx(1.0, rel=1e-6)
    bias = parametrizations.spectral_norm(nn.Linear(6, 5), "bias")
    assert np.linalg.norm(bias.bias.numpy()) == pytest.approx(1.0, rel=1e-6)


def test_a_whole_weight_can_have_one_length(rng: np.random.Generator) -> None:
    layer = parametrizations.weight_norm(nn.Linear(4, 3, dtype=np.float64), dim=None)
    computed = layer.parametrizations.weight
    assert computed.original0.shape == ()
    check_grads(vars(computed)["0"].forward, order=2)(2.0, rng.normal(size=(3, 4)))


class Double(nn.Module):
    def forward(self, x: Any) -> Any:
        return 2.0 * x

    def right_inverse(self, x: Any) -> Any:
        return x / 2.0


class Symmetric(nn.Module):
    def forward(self, x: Any) -> Any:
        return (x + x.T) / 2.0


class Flat(nn.Module):
    def forward(self, x: Any) -> Any:
        return x.reshape(-1)


def test_parametrizations_are_applied_in_turn_and_removed() -> None:
    layer = nn.Linear(3, 3)
    weight, original = layer.weight.numpy(), layer.weight
    kind = type(layer)
    assert not parametrize.is_parametrized(layer)
    parametrize.register_parametrization(layer, "weight", Double())
    np.testing.assert_array_equal(layer.weight.data, weight)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    np.testing.assert_allclose(layer.weight.data, (weight + weight.T) / 2, rtol=1e-6)
    assert parametrize.is_parametrized(layer)
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")
    parametrize.register_parametrization(layer, "bias", Double())
    assert list(layer.state_dict()) == ["parametrizations.weight.original", "parametrizations.bias.original"]
    layer.weight = np.eye(3) * 4  # by way of the right inverse
    np.testing.assert_array_equal(layer.weight.data, np.eye(3) * 4)
    assert repr(layer).startswith("ParametrizedLinear(")
    twin = copy.deepcopy(layer)
    twin.weight = np.eye(3)
    np.testing.assert_array_equal(layer.weight.data, np.eye(3) * 4)
    parametrize.remove_parametrizations(layer, "bias", leave_parametrized=False)
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is kind
    assert sorted(layer.state_dict()) == ["bias", "weight"]
    np.testing.assert_array_equal(layer.weight.data, np.eye(3) * 4)
    assert layer.weight is not original
    assert isinstance(twin.weight, Tensor)


def test_a_parameter_is_computed_once_in_a_call() -> None:
    calls = []

    class Counted(nn.Module):
        def forward(self, x: Any) -> Any:
            calls.append(x)
            return x * 1.0

    layer = parametrize.register_parametrization(nn.Linear(2, 2), "weight", Counted())
    calls.clear()
    layer(np.ones((1, 2)))
    assert len(calls) == 1
    with pytest.raises(ValueError, match="expected input of shape"):
        layer(np.ones((1, 3)))
    layer.weight.sum()
    layer.weight.sum()
    assert len(calls) == 4


def test_frozen_parameters_stay_frozen_in_another_form() -> None:
    layer = nn.Linear(2, 2).requires_grad_(False)
    parametrizations.weight_norm(layer)
    assert not any(p.requires_grad for p in layer.parameters())
    assert not layer(np.ones((1, 2))).requires_grad


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: utils.weight_norm(nn.Linear(2, 2), "kernel"), "Linear has no parameter 'kernel'; it has weight, bias"),
        (lambda: utils.weight_norm(nn.Linear(2, 2), dim=2), r"no axis 2 in 'weight' of shape \(2, 2\)"),
        (lambda: utils.remove_weight_norm(nn.Linear(2, 2)), "'weight' of Linear is not normalised"),
        (lambda: parametrizations.weight_norm(nn.Linear(2, 2), "kernel"), "has no parameter 'kernel'"),
        (lambda: parametrizations.weight_norm(nn.Linear(2, 2), dim=-1), "no axis -1 .* counted from 0"),
        (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), "kernel"), "has no parameter 'kernel'"),
        (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), dim=2), "no axis 2"),
        (lambda: parametrizations.spectral_norm(nn.Linear(2, 2), n_power_iterations=0), "must be at least 1, got 0"),
        (
            lambda: parametrize.register_parametrization(nn.Linear(2, 2), "weight", Flat()),
            r"Flat makes \(4,\) of a parameter of shape \(2, 2\); it must keep the shape",
        ),
        (
            lambda: parametrize.register_parametrization(
                parametrizations.weight_norm(nn.Linear(2, 2)), "weight", Flat()
            ),
            r"Flat makes \(4,\)",
        ),
        (lambda: parametrize.remove_parametrizations(nn.Linear(2, 2), "weight"), "is not parametrized"),
        (
            lambda: parametrize.remove_parametrizations(parametrizations.weight_norm(nn.Linear(2, 2)), "weight", False),
            "is computed from 2 tensors, of which none can take its place",
        ),
    ],
)
def test_what_other_forms_refuse(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
