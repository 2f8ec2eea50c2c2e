"""Update rules: PyTorch's steps over tables of random settings, in every way a rule is carried out, and derivatives."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd
import optim
from autograd import Tensor
from autograd.test_util import check_grads
from optim import _advance, _replay


def settings_of(name: str, draw: np.random.Generator) -> dict[str, Any]:
    """Random settings of an optimiser; every option is on in about half of the draws."""

    def x(low: float, high: float) -> float:
        return float(draw.uniform(low, high))

    def maybe(value: float) -> float:
        return value if draw.random() < 0.5 else 0

    def flag() -> bool:
        return bool(draw.random() < 0.5)

    betas = (x(0.3, 0.95), x(0.8, 0.999))
    common = {"lr": x(0.001, 0.1), "weight_decay": maybe(x(0.001, 0.3)), "maximize": flag()}
    adaptive = {**common, "betas": betas, "eps": 10 ** x(-9, -2)}
    if name == "SGD":
        momentum, nesterov = maybe(x(0.3, 0.95)), flag()
        nesterov = nesterov and momentum > 0
        return {
            **common,
            "momentum": momentum,
            "nesterov": nesterov,
            "dampening": 0 if nesterov else maybe(x(0.1, 0.9)),
        }
    if name == "Adagrad":
        own = {"lr_decay": maybe(x(0.01, 0.3)), "initial_accumulator_value": maybe(x(0.1, 1)), "eps": 10 ** x(-10, -3)}
        return {**common, **own}
    if name == "Adadelta":
        return {**common, "lr": x(0.1, 1), "rho": x(0.5, 0.99), "eps": 10 ** x(-7, -2)}
    if name == "RMSprop":
        own = {"alpha": x(0.5, 0.99), "eps": 10 ** x(-8, -3), "momentum": maybe(x(0.3, 0.9)), "centered": flag()}
        return {**common, **own}
    if name in ("Adam", "AdamW"):
        return {**adaptive, "amsgrad": flag()}
    if name == "NAdam":
        return {**adaptive, "momentum_decay": x(0.001, 0.1), "decoupled_weight_decay": flag()}
    if name == "RAdam":
        return {**adaptive, "decoupled_weight_decay": flag()}
    if name == "Adamax":
        return adaptive
    assert name == "Lion"
    return {**common, "betas": betas}


IN_PYTORCH = ("SGD", "Adagrad", "Adadelta", "RMSprop", "Adam", "AdamW", "Adamax", "NAdam", "RAdam")
NAMES = (*IN_PYTORCH, "Lion")


def table(names: tuple[str, ...], count: int) -> list[Any]:
    draw = np.random.default_rng(5)
    return [pytest.param(name, settings_of(name, draw), id=f"{name}-{i}") for name in names for i in range(count)]


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays need not be large for rules to be replayed in place."""
    monkeypatch.setattr(_advance, "JOINED", 100)
    monkeypatch.setattr(_advance, "REPLAYED", 300)


def start(rng: np.random.Generator, dtype: Any = np.float64) -> list[np.ndarray[Any, Any]]:
    """Parameters of every kind: a scalar, some that are joined, some that are advanced in place, one that is empty."""
    shapes: list[tuple[int, ...]] = [(), (3,), (2, 3), (0,), (13, 10), (110,), (100, 2)]
    return [np.asarray(rng.normal(size=shape), dtype) for shape in shapes]


def gradients(rng: np.random.Generator, values: list[Any]) -> list[Any]:
    return [np.asarray(rng.normal(size=v.shape), v.dtype) for v in values]


@pytest.fixture
def double(torch: Any) -> Iterator[Any]:
    """PyTorch with numbers in the state, too, in float64."""
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(default)


def groups(values: list[Any], settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Two groups, the second with another learning rate and without weight decay."""
    return [{"params": values[::2]}, {"params": values[1::2], "lr": settings["lr"] / 3, "weight_decay": 0}]


def pair(torch: Any, name: str, settings: dict[str, Any], values: list[Any]) -> tuple[Any, Any, list[Any], list[Any]]:
    ours = [Tensor(v) for v in values]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    mine = getattr(optim, name)(groups(ours, settings), **settings)
    reference = getattr(torch.optim, name)(groups(theirs, settings), **settings)
    return mine, reference, ours, theirs


def advance(torch: Any, mine: Any, reference: Any, ours: list[Any], theirs: list[Any], grads: list[Any]) -> None:
    for a, b, g in zip(ours, theirs, grads, strict=True):
        a.grad = g
        b.grad = torch.tensor(g)
    mine.step()
    reference.step()


@pytest.mark.parametrize(("name", "settings"), table(IN_PYTORCH, 5))
def test_steps_are_pytorchs(double: Any, rng: np.random.Generator, name: str, settings: dict[str, Any]) -> None:
    values = start(rng)
    mine, reference, ours, theirs = pair(double, name, settings, values)
    for _ in range(7):
        advance(double, mine, reference, ours, theirs, gradients(rng, values))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-9, atol=1e-12)
        assert set(mine.state[a]) == {k for k, v in reference.state[b].items() if v is not None}
        for key, value in mine.state[a].items():
            np.testing.assert_allclose(value, np.asarray(reference.state[b][key]), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("name", "settings"), table(IN_PYTORCH, 2))
def test_float32_steps_are_pytorchs(torch: Any, rng: np.random.Generator, name: str, settings: dict[str, Any]) -> None:
    values = start(rng, np.float32)
    mine, reference, ours, theirs = pair(torch, name, settings, values)
    for _ in range(4):
        advance(torch, mine, reference, ours, theirs, gradients(rng, values))
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == np.float32
        assert all(np.asarray(v).dtype == np.float32 for k, v in mine.state[a].items() if k not in mine.number_names)
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "settings"), table(IN_PYTORCH, 3))
def test_states_go_both_ways(double: Any, rng: np.random.Generator, name: str, settings: dict[str, Any]) -> None:
    values = start(rng)
    mine, reference, ours, theirs = pair(double, name, settings, values)
    for _ in range(3):
        advance(double, mine, reference, ours, theirs, gradients(rng, values))
    # Ours from PyTorch's state, with its tensors as arrays, and PyTorch's from ours.
    saved = reference.state_dict()
    saved["state"] = {
        n: {k: v.numpy().copy() if isinstance(v, double.Tensor) else v for k, v in held.items()}
        for n, held in saved["state"].items()
    }
    again, other, ours2, theirs2 = pair(double, name, {"lr": 0.5, "weight_decay": 0}, [a.numpy() for a in ours])
    again.load_state_dict(saved)
    own = mine.state_dict()
    own["state"] = {n: {k: double.tensor(v) for k, v in held.items()} for n, held in own["state"].items()}
    other.load_state_dict(own)
    for _ in range(3):
        grads = gradients(rng, values)
        advance(double, mine, reference, ours, theirs, grads)
        advance(double, again, other, ours2, theirs2, grads)
    for a, b, c, d in zip(ours, theirs, ours2, theirs2, strict=True):
        for x in (b.detach().numpy(), c.data, d.detach().numpy()):
            np.testing.assert_allclose(x, a.data, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "settings"), table(NAMES, 3))
def test_every_way_to_carry_out_a_rule_gives_the_same(
    rng: np.random.Generator, name: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As written for each parameter; joined and replayed; joined and in blocks, as where a rule cannot be replayed."""
    values = start(rng)
    grads = [gradients(rng, values) for _ in range(4)]

    def run() -> list[Any]:
        parameters = [Tensor(v) for v in values]
        optimizer = getattr(optim, name)(parameters, **settings)
        for given in grads:
            for p, g in zip(parameters, given, strict=True):
                p.grad = g
            optimizer.step()
        return [np.asarray(x) for p in parameters for x in (p.data, *optimizer.state[p].values())]

    in_place = run()
    with monkeypatch.context() as patch:
        patch.setattr(getattr(optim, name), "elementwise", False)
        as_written = run()
    with monkeypatch.context() as patch:

        def refuse(*_: Any) -> None:
            raise _replay.NotReplayableError

        patch.setattr(_advance, "Replay", refuse)
        _advance._recorded.cache_clear()
        patch.setattr(_replay, "BLOCK_BYTES", 200)
        in_blocks = run()
        _advance._recorded.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(_replay, "BLOCK_BYTES", 200)
        in_small_blocks = run()
    for a, b, c, d in zip(in_place, as_written, in_blocks, in_small_blocks, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(a, d)


def test_rules_are_replayed_with_one_array_of_scratch() -> None:
    """All but Lion's, whose sign is not recorded."""
    for name in NAMES:
        rule, numbers = getattr(optim, name).update, {"step": 9, "mu_product": 0.5}
        function = partial(_advance._applied, rule, {}, numbers)
        state = [n for n in getattr(optim, name).state_names if n not in numbers]
        given = ["parameter", "gradient", *state]
        if name == "Lion":
            with pytest.raises(_replay.NotReplayableError, match="without being recorded"):
                _replay.Replay(function, given, (), numbers)
        else:
            replay = _replay.Replay(function, given, (), numbers)
            assert replay.scratch <= 2, name
            assert "parameter" in replay.results


def test_a_rule_is_recorded_once_for_all_steps_and_rates(rng: np.random.Generator) -> None:
    """All rules that are the same at every step; the others are those that are not, or that cannot be recorded."""
    changing = set()
    for name in NAMES:
        w = Tensor(rng.normal(size=20000))
        optimizer = getattr(optim, name)([w])
        counts = []
        for i in range(5):
            w.grad = rng.normal(size=20000)
            optimizer.param_groups[0]["lr"] = 0.1 / (i + 1)
            optimizer.step()
            info = _advance._recorded.cache_info()
            counts.append(info.misses)
        if info.hits and counts[-1] == counts[1] and getattr(optimizer.update, "same_every_step", False):
            continue
        changing.add(name)
    assert changing == {"RAdam"}


def test_counts_stay_integers_and_settings_may_change(rng: np.random.Generator) -> None:
    """A recorded rule goes on as the rule itself does: other settings are another recording."""
    values, grads = rng.normal(size=20000), rng.normal(size=(6, 20000))
    w = Tensor(values)
    optimizer = optim.NAdam([w], lr=0.1)
    state: dict[str, Any] = {}
    for i, g in enumerate(grads):
        changes = {"lr": [0.1, 1][i % 2], "weight_decay": [0, 0.1][i // 3]}
        optimizer.param_groups[0].update(changes)
        w.grad = g
        optimizer.step()
        values, state = optim.NAdam.update(values, g, state, **changes)
        np.testing.assert_array_equal(w.data, values)
    held = optimizer.state[w]
    assert held["step"] == 6
    assert {name: type(held[name]) for name in ("step", "mu_product")} == {"step": int, "mu_product": float}
    assert held["mu_product"] == state["mu_product"]


def test_another_rule_of_a_subclass_is_not_taken_to_be_the_same_at_every_step(rng: np.random.Generator) -> None:
    class Late(optim.Adam):
        @staticmethod
        def update(parameter: Any, gradient: Any, state: Any, /, **settings: Any) -> Any:
            new, after = optim.Adam.update(parameter, gradient, state, **settings)
            return (new if after["step"] > 2 else parameter * 1.0), after

    w = Tensor(np.ones(20000))
    optimizer = Late([w], lr=0.1)
    for i in range(4):
        w.grad = np.ones(20000)
        optimizer.step()
        assert (w.data[0] == 1.0) == (i < 2)


def replayable(function: Any) -> Any:
    return lambda: _replay.Replay(lambda values: function(**values), ["parameter", "gradient"])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda parameter, gradient: {"parameter": parameter * float(gradient)}, "without being recorded"),
        (lambda parameter, gradient: {"parameter": parameter * np.ones(3)}, "without being recorded"),
        (lambda parameter, gradient: {"parameter": parameter.sum()}, "other than a ufunc"),
        (lambda parameter, gradient: {"parameter": parameter, "v": 1.0}, "a result is constant"),
        (
            lambda parameter, gradient: {"parameter": parameter * 1.0, "old": parameter},
            "old becomes what parameter was",
        ),
        (lambda parameter, gradient: {"parameter": autograd.where(gradient > 0, parameter, 0.0)}, "recorded|ufunc"),
    ],
)
def test_what_cannot_be_replayed(function: Any, message: str) -> None:
    with pytest.raises(_replay.NotReplayableError, match=message):
        replayable(function)()


def test_values_that_are_still_needed_are_not_overwritten(rng: np.random.Generator) -> None:
    """The old state is read after the new one was computed; one result is another; the gradient is handed through."""

    def function(values: dict[str, Any]) -> dict[str, Any]:
        m = values["m"] + values["gradient"]
        parameter = values["parameter"] - m * values["m"]
        return {"parameter": parameter, "m": m, "copy": m, "g": values["gradient"], "same": values["same"]}

    given = {name: rng.normal(size=50) for name in ("parameter", "gradient", "m", "same")}
    expected = function(given)
    replay = _replay.Replay(function, list(given))
    constants, _ = replay.at(np.dtype(np.float64))
    for in_place in (False, True):
        old = copy.deepcopy(given)
        results = {name: old[name] if in_place and name in old else np.empty(50) for name in expected}
        replay(constants, old, results)
        for name in expected:
            np.testing.assert_array_equal(results[name], expected[name])


@pytest.mark.parametrize(("name", "settings"), table(("Lion",), 6))
def test_lion_is_the_papers(rng: np.random.Generator, name: str, settings: dict[str, Any]) -> None:
    values = start(rng)
    parameters = [Tensor(v) for v in values]
    optimizer = optim.Lion(parameters, **settings)
    (beta1, beta2), lr = settings["betas"], settings["lr"]
    means = [np.zeros_like(v) for v in values]
    for _ in range(4):
        grads = gradients(rng, values)
        for p, g in zip(parameters, grads, strict=True):
            p.grad = g
        optimizer.step()
        for i, g in enumerate(grads):
            g = -g if settings["maximize"] else g
            update = np.sign(beta1 * means[i] + (1 - beta1) * g)
            values[i] = values[i] - lr * (update + settings["weight_decay"] * values[i])
            means[i] = beta2 * means[i] + (1 - beta2) * g
    for p, value, mean in zip(parameters, values, means, strict=True):
        np.testing.assert_allclose(p.data, value, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(optimizer.state[p]["exp_avg"], mean, rtol=1e-9, atol=1e-14)


# -- derivatives through steps ----------------------------------------------------------------------------------------


def loss(x: Any) -> Any:
    return (x * x * x * x).sum() + 0.5 * (x[0] * x[1] * x[1]) + x.sum()


def unrolled(name: str, settings: dict[str, Any], steps: int) -> Any:
    """The loss after some steps, as a function of where they start, the rate, and the decay rates."""

    def after(x: Any, lr: Any, decay: Any) -> Any:
        changed = {**settings, "lr": lr}
        if name == "SGD":
            changed["momentum"] = decay
        elif "betas" in settings:
            changed["betas"] = (decay, settings["betas"][1])
        else:
            changed[{"Adadelta": "rho", "RMSprop": "alpha"}.get(name, "weight_decay")] = decay
        values, states = {"x": x}, None
        for _ in range(steps):
            gradient = {"x": autograd.grad(loss)(values["x"])}
            values, states = getattr(optim, name).updated(values, gradient, states, **changed)
        return loss(values["x"])

    return after


@pytest.mark.parametrize(("name", "settings"), table(NAMES, 2))
def test_steps_can_be_differentiated(rng: np.random.Generator, name: str, settings: dict[str, Any]) -> None:
    settings["maximize"] = False
    if "eps" in settings:
        settings["eps"] = 0.1  # smooth enough for finite differences
    check_grads(unrolled(name, settings, 3), order=1)(rng.normal(size=3), 0.05, 0.6)


@pytest.mark.parametrize(("name", "settings"), table(("SGD", "Adam", "RMSprop"), 1))
def test_steps_can_be_differentiated_twice(rng: np.random.Generator, name: str, settings: dict[str, Any]) -> None:
    settings |= {"maximize": False} | ({"eps": 0.1} if "eps" in settings else {})
    check_grads(unrolled(name, settings, 2), order=2)(rng.normal(size=3), 0.05, 0.6)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_rate_and_a_momentum_are_learned_by_gradient(name: str) -> None:
    """Hypergradient descent: the gradient of the final loss, through all steps, improves rate and momentum."""
    start_at = np.array([1.0, -0.7])

    def quadratic(x: Any) -> Any:
        return (np.array([1.0, 8.0]) * x * x).sum()

    def final(lr: Any, decay: Any) -> Any:
        x, states = [start_at], None
        for _ in range(6):
            setting = {"momentum": decay} if name == "SGD" else {"betas": (decay, 0.99)}
            x, states = getattr(optim, name).updated(x, [autograd.grad(quadratic)(x[0])], states, lr=lr, **setting)
        return quadratic(x[0])

    lr, decay = 0.02, 0.1
    before = float(final(lr, decay))
    for _ in range(40):
        slopes = [float(g) for g in autograd.grad(final, (0, 1))(lr, decay)]
        for i, h in enumerate((1e-6, 1e-6)):
            ahead, behind = [lr, decay], [lr, decay]
            ahead[i] += h
            behind[i] -= h
            difference = (float(final(*ahead)) - float(final(*behind))) / (2 * h)
            assert slopes[i] == pytest.approx(difference, rel=1e-5, abs=1e-7)
        lr, decay = lr - 0.0005 * slopes[0], decay - 0.0005 * slopes[1]
    assert float(final(lr, decay)) < before / 2
    assert lr > 0.02
    assert decay != 0.1


@pytest.mark.parametrize("name", ["Adam", "NAdam", "RAdam", "RMSprop", "Adagrad"])
def test_numbers_without_a_gradient_do_not_spoil_the_derivative(name: str) -> None:
    """A dead unit's gradient is 0, where the root of its running mean of squares has no derivative."""

    def final(lr: Any) -> Any:
        x, states = [Tensor([1.0, 1.0], requires_grad=False)], None
        for _ in range(2):
            gradient = Tensor([2.0, 0.0], requires_grad=False) * x[0]
            x, states = getattr(optim, name).updated(x, [gradient], states, lr=lr)
        return (x[0] * x[0]).sum()

    check_grads(final, order=1)(0.1)


def test_a_setting_of_zero_has_a_derivative() -> None:
    def final(momentum: Any, weight_decay: Any) -> Any:
        x, states = [2.0], None
        for _ in range(3):
            x, states = optim.SGD.updated(x, [2.0 * x[0]], states, lr=0.1, momentum=momentum, weight_decay=weight_decay)
        return x[0]

    check_grads(final, order=1)(0.0, 0.0)
    assert all(float(g) != 0 for g in autograd.grad(final, (0, 1))(0.0, 0.0))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.SGD.updated([1.0], []), ValueError, "got 1 parameters, 0 gradients and 1 states"),
        (lambda: optim.SGD.updated([1.0], [1.0], [{}, {}]), ValueError, "1 gradients and 2 states"),
        (lambda: optim.SGD.updated({"a": 1.0}, {"b": 1.0}), ValueError, "must have the same names; 'a', 'b' are not"),
        (lambda: optim.SGD.updated({"a": 1.0}, {"a": 1.0}, {}), ValueError, "must have the same names; 'a'"),
        (lambda: optim.SGD.updated([1.0], [1.0], rate=0.1), TypeError, "rate"),
    ],
)
def test_what_recorded_steps_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
