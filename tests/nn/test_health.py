"""Health: networks made sick on purpose are diagnosed, healthy ones are not, and neither is touched."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from nn import functional as F


@pytest.fixture(autouse=True)
def _seeded() -> None:
    nn.manual_seed(0)


X = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32)
Y = np.random.default_rng(1).integers(0, 3, 64)
LOSS = nn.CrossEntropyLoss()


def mlp(activation: Any = nn.ReLU, depth: int = 2, width: int = 16) -> nn.Sequential:
    layers: list[nn.Module] = []
    for i in range(depth):
        layers += [nn.Linear(8 if i == 0 else width, width), activation()]
    return nn.Sequential(*layers, nn.Linear(width, 3))


def diagnose(model: nn.Module, x: Any = X, rate: float = 1e-3) -> str:
    return "\n".join(model.health(x, Y, LOSS, optim.Adam(model.parameters(), lr=rate)).problems)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh, nn.Sigmoid])
def test_a_healthy_network_is_called_healthy(activation: Any) -> None:
    model = mlp(activation)
    assert diagnose(model) == ""
    assert "✓ nothing looks wrong" in repr(model.health(X, Y, LOSS))


def test_a_new_network_is_called_healthy_whatever_its_seed() -> None:
    for seed in range(10):
        nn.manual_seed(seed)
        assert diagnose(mlp(depth=3, width=32)) == ""


def test_the_loss_is_one_number() -> None:
    model = mlp()
    with pytest.raises(TypeError, match=r"health: the loss must be a tensor of one number, got shape \(64,\)"):
        model.health(X, Y, nn.CrossEntropyLoss(reduction="none"))
    with pytest.raises(TypeError, match=r"health: the loss must be a tensor of one number, got float"):
        model.health(X, Y, lambda *_: 0.5)


def test_dead_units_are_found() -> None:
    model = mlp()
    model[0].bias.assign_raw(np.where(np.arange(16) < 8, -100, 0).astype(np.float32))
    health = model.health(X, Y, LOSS)
    (dead,) = [a for a in health.activations if a.path == "1"]
    assert (dead.dead, dead.units, dead.samples) == (0.5, 16, 64)
    assert any(p.startswith("1: dead units: 50 % of 16 are 0 for all 64 samples") for p in health.problems)
    assert not any("dead" in p for p in model.health(X[:4], Y[:4], LOSS).problems)  # too few samples to say


def test_dead_channels_of_images_are_found() -> None:
    for layer, x in ((nn.Conv2d(1, 4, 3), (8, 1, 6, 6)), (nn.Conv1d(1, 4, 3), (8, 1, 12))):
        layer.bias.assign_raw(np.array([0, -100, 0, -100], np.float32))
        health = nn.Sequential(layer, nn.ReLU()).health(np.random.default_rng(0).normal(size=x))
        assert (health.activations[1].dead, health.activations[1].units) == (0.5, 4)


@pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Tanh])
def test_saturation_is_found(activation: Any) -> None:
    model = mlp(activation)
    nn.init.normal_(model[0].weight, std=30.0)
    health = model.health(X, Y, LOSS)
    assert health.activations[1].saturated is not None
    assert health.activations[1].saturated > 0.8
    assert any(p.startswith("1: saturated: ") for p in health.problems)


def test_vanishing_gradients_are_found() -> None:
    text = diagnose(mlp(nn.Sigmoid, depth=12))
    assert "vanishing gradients: that of 0.weight is " in text
    assert "of that of 24.weight" in text


def test_exploding_gradients_are_found() -> None:
    model = mlp(nn.ReLU, depth=8)
    for module in model:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=3.0)
    text = diagnose(model)
    assert "exploding gradients: their norm is " in text
    assert "outputs are large" in text


@pytest.mark.parametrize(("rate", "word"), [(10.0, "large"), (1e-9, "small")])
def test_steps_of_the_wrong_size_are_found(rate: float, word: str) -> None:
    text = diagnose(mlp(), rate=rate)
    assert f"0.weight: {word} update: a step changes it by" in text
    assert "2.weight" in text


def test_what_the_loss_does_not_depend_on_is_found() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used, self.unused = nn.Linear(8, 3), nn.Linear(8, 3)

        def forward(self, x: Any) -> Any:
            return self.used(x)

    text = diagnose(Net())
    assert "unused.weight: got no gradient; the loss does not depend on it" in text
    assert "used.weight: got" not in text.replace("unused.weight", "")


def test_zero_and_infinite_gradients_are_found() -> None:
    model = mlp()
    model[0].bias.assign_raw(np.full(16, -1e3, np.float32))
    assert "0.weight: the gradient is exactly 0; is a layer after it dead or saturated?" in diagnose(model)
    extreme = np.zeros((16, 8), np.float32)
    extreme[:3] = np.array([[np.inf], [-np.inf], [np.nan]])
    model[0].weight.assign_raw(extreme)
    with np.errstate(invalid="ignore"):
        alone = model[:1].health(np.ones((4, 8)))
    assert not alone.activations[0].finite
    model[0].weight.assign_raw(np.full((16, 8), np.nan, np.float32))
    text = diagnose(model)
    assert "the loss is nan" in text
    assert "0: outputs hold nan or infinity" in text
    assert "2.weight: the gradient holds nan or infinity" in text


def test_constant_outputs_are_found() -> None:
    model = mlp()
    nn.init.zeros_(model[0].weight)
    nn.init.zeros_(model[0].bias)
    assert "0: outputs hardly differ (std 0)" in diagnose(model)


def test_statistics_are_those_of_numpy() -> None:
    model = mlp()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    health = model.health(X, Y, LOSS, optimizer)
    hidden = np.maximum(X @ model[0].weight.numpy().T + model[0].bias.numpy(), 0)
    relu = health.activations[1]
    assert (relu.path, relu.kind, relu.samples, relu.units) == ("1", "ReLU", 64, 16)
    assert relu.mean == pytest.approx(hidden.mean(), rel=1e-5)
    assert relu.std == pytest.approx(hidden.std(), rel=1e-5)
    assert relu.zero == (hidden == 0).mean()
    loss = LOSS(model(X), Y)
    loss.backward()
    assert health.loss == loss.item()
    for found, (name, p) in zip(health.parameters, model.named_parameters(), strict=True):
        assert (found.path, found.shape) == (name, p.shape)
        assert found.norm == pytest.approx(np.linalg.norm(p.numpy()), rel=1e-5)
        assert found.gradient == pytest.approx(np.linalg.norm(p.grad), rel=1e-5)
        assert found.update == pytest.approx(0.1 * np.linalg.norm(p.grad) / np.linalg.norm(p.numpy()), rel=1e-2)
    total = math.sqrt(sum(float((p.grad**2).sum()) for p in model.parameters()))
    assert health.gradient_norm == pytest.approx(total, rel=1e-5)


def test_functions_used_without_a_layer_are_seen() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(8, 4), nn.Linear(4, 3)

        def forward(self, x: Any) -> Any:
            return self.b(F.relu(self.a(x) - 100.0) + F.tanh(self.a(x) * 1e3))

    health = Net().health(X, Y, LOSS)
    found = {a.path: a for a in health.activations}
    assert list(found) == ["(relu)", "(tanh)", "a", "b"]
    assert found["(relu)"].dead == 1.0
    assert found["(tanh)"].saturated is not None
    assert found["(tanh)"].saturated > 0.9
    assert found["a"].samples == 128  # called twice


def test_it_leaves_no_trace() -> None:
    model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 3))
    model[0].requires_grad_(False)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    LOSS(model(X), Y).backward()
    optimizer.step()

    def state() -> str:
        gradients = [None if p.grad is None else p.grad.tobytes() for p in model.parameters()]
        values = [v.tobytes() for v in model.state_dict().values()]
        frozen = [p.requires_grad for p in model.parameters()]
        return repr((values, gradients, frozen, optimizer.state_dict(), nn.get_rng_state()))

    before = state()
    first = model.health(X, Y, LOSS, optimizer)
    assert repr(model.health(X, Y, LOSS, optimizer)) == repr(first)
    with pytest.raises(ValueError, match="Linear"):
        model.health(X[:, :3], Y, LOSS, optimizer)
    with pytest.raises(RuntimeError, match="no loss"):
        model.health(X, Y, lambda *_: (_ for _ in ()).throw(RuntimeError("no loss")), optimizer)
    assert state() == before
    assert model.training
    assert [p.gradient for p in first.parameters][:2] == [None, None]
    assert "frozen" in repr(first)
    assert not any("0.weight" in problem for problem in first.problems)


def test_other_ways_to_call_it() -> None:
    model = mlp()
    alone = model.health(Tensor(X, requires_grad=False))
    assert alone.loss is None
    assert alone.gradient_norm is None
    assert {p.gradient for p in alone.parameters} == {None}
    assert model.health(X, loss=lambda out: (out * out).mean()).loss == pytest.approx((model(X).data ** 2).mean())
    empty = model.health(X[:0])
    assert [a.path for a in empty.activations] == []
    bilinear = nn.Bilinear(8, 8, 1)
    assert bilinear.health((X, X), loss=lambda out: out.sum()).activations[0].path == "(itself)"
