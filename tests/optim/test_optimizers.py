"""Optimisers: PyTorch's steps, one expression on plain values and on tensors, state, and errors."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Tensor, no_grad

SGD_SETTINGS: list[dict[str, Any]] = [
    {},
    {"lr": 0.0},
    {"lr": 0.1},
    {"lr": 0.1, "weight_decay": 0.01},
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "momentum": 0.9, "dampening": 0.5},
    {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    {"lr": 0.1, "dampening": 0.5},
]
ADAM_SETTINGS: list[dict[str, Any]] = [
    {},
    {"lr": 0.1},
    {"lr": 0.1, "betas": (0.5, 0.9)},
    {"lr": 0.1, "betas": (0.0, 0.0)},
    {"lr": 0.1, "eps": 1e-2},
    {"lr": 0.1, "weight_decay": 0.1},
    {"lr": 0.1, "betas": (0.8, 0.99), "eps": 0.1, "weight_decay": 0.01},
]
OTHERS = ("AdamW", "Adagrad", "Adadelta", "RMSprop", "Adamax", "NAdam", "RAdam")
CASES = [("SGD", s) for s in SGD_SETTINGS] + [("Adam", s) for s in ADAM_SETTINGS]
CASES += [(name, {"lr": 0.1, "weight_decay": decay}) for name in OTHERS for decay in (0, 0.1)]
IDS = [f"{name} {settings}" for name, settings in CASES]


def loss_of(x: Any, a: Any, b: Any) -> Any:
    """Not convex, with a gradient that depends on all parameters."""
    return ((a @ x) * (a @ x)).sum() + 0.1 * (x * x * b).sum() + b * b


def run(library: Any, parameters: list[Any], groups: Any, name: str, settings: dict[str, Any], steps: int) -> Any:
    optimizer = getattr(library, name)(groups, **settings)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(*parameters).backward()
        optimizer.step()
    return optimizer


def start(rng: np.random.Generator) -> list[np.ndarray[Any, Any]]:
    return [rng.normal(size=3), rng.normal(size=(2, 3)), np.asarray(rng.normal())]


@pytest.mark.parametrize(("name", "settings"), [case for case in CASES if case[0] != "NAdam"])  # see test_rules.py
def test_steps_are_pytorchs(torch: Any, rng: np.random.Generator, name: str, settings: dict[str, Any]) -> None:
    values = start(rng)
    ours = [Tensor(v) for v in values]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    mine = run(optim, ours, ours, name, settings, 7)
    reference = run(torch.optim, theirs, theirs, name, settings, 7)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-7)
        for key, value in mine.state[a].items():
            np.testing.assert_allclose(value, np.asarray(reference.state[b][key]), rtol=1e-7)


def test_groups_have_settings_of_their_own(torch: Any, rng: np.random.Generator) -> None:
    def groups(p: list[Any]) -> list[dict[str, Any]]:
        return [{"params": p[:1], "lr": 0.2}, {"params": p[1], "momentum": 0.5}, {"params": p[2:]}]

    values = start(rng)
    ours = [Tensor(v) for v in values]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    run(optim, ours, groups(ours), "SGD", {"lr": 0.05, "momentum": 0.9}, 4)
    run(torch.optim, theirs, groups(theirs), "SGD", {"lr": 0.05, "momentum": 0.9}, 4)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-7)


@pytest.mark.parametrize(("name", "settings"), CASES, ids=IDS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_one_expression_on_values_and_on_tensors(
    rng: np.random.Generator, name: str, settings: dict[str, Any], shape: tuple[int, ...]
) -> None:
    update = getattr(optim, name).update
    settings = {"lr": 1e-3, **settings}
    start, gradients = rng.normal(size=shape), [np.asarray(rng.normal(size=shape)) for _ in range(4)]
    value, state = Tensor(start)._data, {}
    tensor, recorded_state = Tensor(start), {}
    for g in gradients:
        before = copy.deepcopy((g, state))
        new, state_after = update(value, Tensor(g)._data, state, **settings)
        np.testing.assert_equal((g, state), before)  # nothing given has changed
        value, state = new, state_after
        tensor, recorded_state = update(tensor, Tensor(g), recorded_state, **settings)
    assert isinstance(tensor, Tensor)
    np.testing.assert_allclose(tensor.data, value, rtol=1e-12)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_recorded_update_can_be_differentiated_by_its_learning_rate(name: str) -> None:
    def trained(lr: Any) -> Any:
        x, state = Tensor([2.0, -1.0], requires_grad=False), {}
        for _ in range(3):
            x, state = getattr(optim, name).update(x, 2.0 * x, state, lr=lr)
        return (x * x).sum()

    step = 1e-6
    slope = (float(trained(0.1 + step)) - float(trained(0.1 - step))) / (2 * step)
    assert float(autograd.grad(trained)(0.1)) == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "settings"), CASES, ids=IDS)
def test_parameters_keep_dtype_and_shape(name: str, settings: dict[str, Any], dtype: Any) -> None:
    for shape in ((), (2,), (0,), (2, 3)):
        x = Tensor(np.ones(shape), dtype=dtype)
        # Settings as NumPy's scalars, as a schedule computes them, must not promote.
        numbers = {k: np.float64(v) if isinstance(v, float) else v for k, v in settings.items()}
        optimizer = getattr(optim, name)([x], **numbers)
        for _ in range(2):
            optimizer.zero_grad()
            (x * x).sum().backward()
            optimizer.step()
        assert x.dtype == dtype
        assert x.shape == shape
        assert type(x._data) is type(Tensor(np.ones(shape), dtype=dtype)._data)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_step_writes_into_no_array(name: str) -> None:
    x = Tensor([1.0, 2.0])
    before = x.data
    optimizer = getattr(optim, name)([x], lr=0.1)
    (x * x).sum().backward()
    gradient = x.grad
    optimizer.step()
    assert before.tolist() == [1.0, 2.0]
    assert gradient.tolist() == [2.0, 4.0]
    assert x.data.tolist() != [1.0, 2.0]


def test_the_velocity_is_not_the_users_gradient() -> None:
    x = Tensor([1.0])
    optimizer = optim.SGD([x], lr=0.1, momentum=0.9)
    x.grad = [1.0]
    optimizer.step()
    x.grad[:] = 100.0
    assert optimizer.state[x]["momentum_buffer"].tolist() == [1.0]


def test_backward_after_a_step_is_an_error() -> None:
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    optim.SGD([x], lr=0.1).step()
    with pytest.raises(RuntimeError, match="changed after this operation was recorded"):
        y.backward()


def test_parameters_without_a_gradient_are_left_alone() -> None:
    x, unused, frozen = Tensor(1.0), Tensor(2.0), Tensor(3.0, requires_grad=False)
    optimizer = optim.Adam([x, unused, frozen], lr=0.1)
    (x * frozen).backward()
    optimizer.step()
    assert (unused.item(), frozen.item()) == (2.0, 3.0)
    assert list(optimizer.state) == [x]
    optimizer.zero_grad()
    assert x.grad is None


def test_a_recorded_gradient_is_stepped_along_too() -> None:
    x = Tensor([3.0])
    (x * x).sum().backward(create_graph=True)
    assert isinstance(x.grad, Tensor)
    optim.SGD([x], lr=0.5).step()
    assert x.data.tolist() == [0.0]


def test_a_closure_computes_the_loss() -> None:
    x = Tensor(1.0)
    optimizer = optim.SGD([x], lr=0.1)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = x * x
        loss.backward()
        return loss

    with no_grad():
        assert optimizer.step(closure).item() == 1.0
    assert x.item() == pytest.approx(0.8)


@pytest.mark.parametrize(("name", "settings"), CASES, ids=IDS)
def test_state_continues_a_run_exactly(rng: np.random.Generator, name: str, settings: dict[str, Any]) -> None:
    values = start(rng)
    whole = [Tensor(v) for v in values]
    run(optim, whole, whole, name, settings, 6)
    first = [Tensor(v) for v in values]
    saved = run(optim, first, first, name, settings, 3).state_dict()
    second = [Tensor(p.data) for p in first]
    optimizer = getattr(optim, name)(second)
    optimizer.load_state_dict(saved)
    for held in saved["state"].values():  # what was saved is the caller's own
        for value in held.values():
            if isinstance(value, np.ndarray):
                value[...] = np.nan
    for _ in range(3):
        optimizer.zero_grad()
        loss_of(*second).backward()
        optimizer.step()
    for a, b in zip(whole, second, strict=True):
        np.testing.assert_array_equal(a.data, b.data)


def test_state_of_pytorch_loads(torch: Any, rng: np.random.Generator) -> None:
    values = start(rng)
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    reference = run(torch.optim, theirs, theirs, "Adam", {"lr": 0.1}, 3)
    ours = [Tensor(p.detach().numpy()) for p in theirs]
    optimizer = optim.Adam(ours)
    optimizer.load_state_dict(reference.state_dict())
    for parameters, stepper in ((theirs, reference), (ours, optimizer)):
        stepper.zero_grad()
        loss_of(*parameters).backward()
        stepper.step()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-7)


def test_a_setting_changed_takes_effect() -> None:
    x = Tensor(1.0)
    optimizer = optim.SGD([x], lr=0.1)
    optimizer.param_groups[0]["lr"] = 0.5
    x.grad = 1.0
    optimizer.step()
    assert x.item() == 0.5


def test_repr_lists_groups() -> None:
    text = repr(optim.SGD([{"params": [Tensor(np.ones((20, 60)))]}, {"params": Tensor(1.0), "lr": 0.5}]))
    assert "group 0: 1,200 numbers in 1 parameters, momentum=0" in text.replace("lr=0.001, ", "")
    assert "lr=0.5" in text


def changed(name: str, **settings: Any) -> Any:
    return lambda: getattr(optim, name)([Tensor(1.0)], **settings)


def tensor_setting() -> None:
    x = Tensor(1.0)
    optimizer = optim.SGD([x], lr=Tensor(0.1))  # type: ignore[arg-type]
    x.grad = 1.0
    optimizer.step()


SHARED = Tensor(1.0, name="w")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.SGD([]), ValueError, "SGD got no parameters; pass model.parameters"),
        (lambda: optim.SGD([{"params": []}]), ValueError, "SGD got a group without parameters"),
        (lambda: optim.SGD([{"lr": 1.0}]), ValueError, r"a parameter group needs 'params', got the keys \['lr'\]"),
        (lambda: optim.SGD(Tensor(1.0)), TypeError, "must be an iterable of tensors or of dictionaries, got Tensor"),
        (lambda: optim.SGD(3), TypeError, "must be an iterable of tensors or of dictionaries, got int"),  # type: ignore[arg-type]
        (lambda: optim.SGD([{"params": {Tensor(1.0)}}]), TypeError, "a set has no fixed order"),
        (lambda: optim.SGD({Tensor(1.0)}), TypeError, "a set has no fixed order"),
        (lambda: optim.SGD([np.ones(3)]), TypeError, "parameter 0 must be a Tensor, got ndarray"),  # type: ignore[list-item]
        (lambda: optim.SGD([Tensor(1.0), {"params": []}]), TypeError, "parameter 1 must be a Tensor, got dict"),  # type: ignore[list-item]
        (lambda: optim.SGD([Tensor(1.0) * 2]), ValueError, r"parameter 0 is the result of an operation \(multiply\)"),
        (
            lambda: optim.Adam([Tensor(1.0, requires_grad=False)]),
            ValueError,
            "none of the parameters requires gradients",
        ),
        (lambda: optim.SGD([SHARED, SHARED]), ValueError, r"parameter 1 \('w'\) occurs twice"),
        (lambda: optim.SGD([{"params": SHARED}, {"params": SHARED}]), ValueError, r"parameter 0 \('w'\) occurs twice"),
        (changed("SGD", lr=-0.1), ValueError, "SGD: lr must be at least 0, got -0.1"),
        (changed("SGD", lr=float("nan")), ValueError, "SGD: lr must be at least 0, got nan"),
        (changed("SGD", momentum=-1.0), ValueError, "SGD: momentum must be at least 0, got -1.0"),
        (changed("SGD", weight_decay=-1.0), ValueError, "SGD: weight_decay must be at least 0, got -1.0"),
        (changed("SGD", dampening=float("nan")), ValueError, "SGD: dampening must be a finite number, got nan"),
        (changed("SGD", dampening="0.1"), ValueError, "SGD: dampening must be a finite number, got '0.1'"),
        (changed("Adam", lr=np.ones(2)), ValueError, r"Adam: lr must be a number, got an array of shape \(2,\)"),
        (changed("SGD", nesterov=True), ValueError, "SGD: momentum must be positive for nesterov=True, got 0"),
        (
            changed("SGD", nesterov=True, momentum=0.9, dampening=0.1),
            ValueError,
            "SGD: dampening must be 0 for nesterov=True, got 0.1",
        ),
        (changed("Adam", lr=-1), ValueError, "Adam: lr must be at least 0, got -1"),
        (changed("Adam", eps=-1e-8), ValueError, "Adam: eps must be at least 0"),
        (
            changed("Adam", betas=(0.9, 1.0)),
            ValueError,
            r"Adam: betas must be two numbers from 0 to below 1, got \(0.9, 1.0\)",
        ),
        (changed("Adam", betas=(0.9,)), ValueError, "Adam: betas must be two numbers"),
        (changed("Adam", lr="0.1"), ValueError, "Adam: lr must be at least 0, got '0.1'"),
        (changed("Adam", betas=0.9), ValueError, "Adam: betas must be two numbers from 0 to below 1, got 0.9"),
        (changed("Adam", amsgrad=1), ValueError, "Adam: amsgrad must be True or False, got 1"),
        (changed("SGD", maximize="yes"), ValueError, "SGD: maximize must be True or False, got 'yes'"),
        (changed("Adagrad", lr_decay=-1.0), ValueError, "Adagrad: lr_decay must be at least 0"),
        (
            changed("Adagrad", initial_accumulator_value=-1.0),
            ValueError,
            "initial_accumulator_value must be at least 0",
        ),
        (changed("Adadelta", rho=1.5), ValueError, "Adadelta: rho must be from 0 to 1, got 1.5"),
        (changed("RMSprop", alpha=-0.5), ValueError, "RMSprop: alpha must be from 0 to 1, got -0.5"),
        (changed("NAdam", momentum_decay=-1), ValueError, "NAdam: momentum_decay must be at least 0"),
        (changed("RAdam", betas=(1.0, 0.9)), ValueError, "RAdam: betas must be two numbers"),
        (changed("Lion", betas=(1.0, 0.9)), ValueError, "Lion: betas must be two numbers"),
        (changed("LBFGS", max_iter=0), ValueError, "LBFGS: max_iter must be at least 1, got 0"),
        (changed("LBFGS", line_search_fn="armijo"), ValueError, "line_search_fn must be None or 'strong_wolfe'"),
        (
            lambda: optim.LBFGS([{"params": Tensor(1.0)}, {"params": Tensor(1.0)}]),
            ValueError,
            "there can be only one group",
        ),
        (lambda: optim.LBFGS([Tensor(1.0)]).step(), TypeError, "pass step\\(\\) a closure that computes it"),
        (changed("FiniteDifferenceDescent", eps=0.0), ValueError, "eps must be positive, or None, got 0.0"),
        (lambda: optim.FiniteDifferenceDescent([Tensor(1.0)]).step(), TypeError, "pass step\\(\\) a closure"),
        (lambda: optim.SGD([("w", SHARED), ("v", SHARED)]), ValueError, r"parameter 1 \('v'\) occurs twice"),
        (tensor_setting, TypeError, r"SGD: lr must be a number, got a Tensor.*SGD.updated\("),
        (lambda: optim.Optimizer.update(1.0, 1.0, {}), NotImplementedError, "an optimiser defines update"),
    ],
)
def test_what_optimisers_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_what_loading_refuses() -> None:
    x = Tensor([1.0, 2.0])
    optimizer = optim.Adam([x])
    x.grad = [1.0, 1.0]
    optimizer.step()
    state = optimizer.state_dict()
    with pytest.raises(ValueError, match=r"has groups of \[2\] parameters, the state has groups of \[1\]"):
        optim.Adam([x, Tensor(1.0)]).load_state_dict(state)
    with pytest.raises(
        ValueError, match=r"exp_avg of parameter 0 has shape \(2,\), but the parameter .* has shape \(3,\)"
    ):
        optim.Adam([Tensor(np.ones(3))]).load_state_dict(state)
    with pytest.raises(ValueError, match="a group lacks the settings momentum, dampening; was the state saved by"):
        optim.SGD([x]).load_state_dict(state)
    with pytest.raises(ValueError, match="expected a dictionary with 'state' and 'param_groups'"):
        optimizer.load_state_dict({})
    with pytest.raises(ValueError, match="there is state for an unknown parameter 5"):
        optimizer.load_state_dict({**state, "state": {5: {}}})
    bad = copy.deepcopy(state)
    bad["param_groups"][0]["lr"] = -1.0
    with pytest.raises(ValueError, match="Adam: lr must be at least 0"):
        optimizer.load_state_dict(bad)
    assert optimizer.param_groups[0]["lr"] == 1e-3


@pytest.mark.parametrize("make", [lambda p: optim.SGD(p, lr=0.1, momentum=0.9), lambda p: optim.Adam(p, lr=0.1)])
def test_a_step_keeps_the_dtype_that_a_module_was_converted_to(make: Any) -> None:
    net = nn.Linear(2, 1).double()
    optimizer = make(net.parameters())
    for convert in (net.double, net.float):
        convert()
        optimizer.zero_grad()
        net(np.ones((3, 2))).sum().backward()
        optimizer.step()
    assert [p.dtype for p in net.parameters()] == [np.float32, np.float32]


def test_states_and_groups_of_other_optimisers_are_refused() -> None:
    w = Tensor([1.0])
    with pytest.raises(ValueError, match="unknown settings learning_rate, size"):
        optim.SGD([{"params": [w], "size": True, "learning_rate": 3}], lr=0.1)
    with pytest.raises(ValueError, match="AdamW: decoupled_weight_decay must be True"):
        optim.AdamW([w]).load_state_dict(optim.Adam([w]).state_dict())
    adam = optim.Adam([w], lr=0.1)
    w.grad = [1.0]
    adam.step()
    held = adam.state_dict()
    held["param_groups"][0]["sparse"] = True
    with pytest.raises(ValueError, match="saved with sparse"):
        adam.load_state_dict(held)
    held["param_groups"][0]["sparse"] = False
    held["state"][0].pop("step")
    with pytest.raises(ValueError, match="needs exp_avg, exp_avg_sq, step"):
        adam.load_state_dict(held)


def test_gradients_can_be_set_to_zero() -> None:
    w = Tensor([1.0, 2.0])
    w.grad = [1.0, 1.0]
    optim.SGD([w], lr=0.1).zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0.0, 0.0]


def test_names_are_kept_and_settings_of_pytorch_that_change_nothing_are_not(torch: Any) -> None:
    w = Tensor([1.0])
    optimizer = optim.SGD([("layer.weight", w)], lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["layer.weight"]
    theirs = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.3, foreach=True)
    optimizer.load_state_dict(theirs.state_dict())
    assert set(optimizer.param_groups[0]) == {"params", *optimizer.defaults}
    assert optimizer.param_groups[0]["lr"] == 0.3


def test_flags_that_a_saved_optimiser_did_not_have_are_off() -> None:
    w = Tensor([1.0])
    saved = optim.SGD([w], lr=0.1).state_dict()
    del saved["param_groups"][0]["maximize"]
    optimizer = optim.SGD([w], lr=0.2, maximize=True)
    optimizer.load_state_dict(saved)
    assert optimizer.param_groups[0]["maximize"] is False


def test_momentum_as_a_running_mean_is_dampening() -> None:
    beta, lr, gradients = 0.8, 0.1, [1.0, -2.0, 0.5]
    x, m, expected = Tensor(3.0), gradients[0], 3.0
    optimizer = optim.SGD([x], lr=lr, momentum=beta, dampening=beta)
    for i, g in enumerate(gradients):
        x.grad = g
        optimizer.step()
        m = beta * m + (1 - beta) * g if i else g
        expected -= lr * m
    assert x.item() == pytest.approx(expected, rel=1e-12)


def test_thousands_of_scalars_are_stepped_at_once(rng: np.random.Generator) -> None:
    values = rng.normal(size=2000)
    many, one = [Tensor(float(v)) for v in values], Tensor(values)
    optimizers = [optim.Adam(many, lr=0.1), optim.Adam([one], lr=0.1)]
    for _ in range(3):
        g = rng.normal(size=2000)
        one.grad = g
        for p, value in zip(many, g, strict=True):
            p.grad = float(value)
        for optimizer in optimizers:
            optimizer.step()
    np.testing.assert_array_equal([p.item() for p in many], one.data)
    assert all(type(p._data) is float for p in many)


# -- L-BFGS -----------------------------------------------------------------------------------------------------------


def rosenbrock(x: Any, y: Any) -> Any:
    a, b = x[:3], x[1:]
    return (100.0 * (b - a * a) * (b - a * a) + (1.0 - a) * (1.0 - a)).sum() + (y - 2.0) * (y - 2.0) * x[0] * x[0]


def minimise(library: Any, parameters: list[Any], optimizer: Any, steps: int) -> list[float]:
    def closure() -> Any:
        optimizer.zero_grad()
        loss = rosenbrock(*parameters)
        loss.backward()
        return loss.detach()

    return [float(optimizer.step(closure)) for _ in range(steps)]


LBFGS_SETTINGS: list[dict[str, Any]] = [
    {"lr": 0.1, "max_iter": 4},
    {"lr": 0.5, "max_iter": 6, "history_size": 3},
    {"line_search_fn": "strong_wolfe", "max_iter": 5},
    {"line_search_fn": "strong_wolfe", "max_iter": 7, "history_size": 2, "max_eval": 60},
    {"line_search_fn": "strong_wolfe", "max_iter": 20, "lr": 0.3, "tolerance_grad": 1e-3},
    {"line_search_fn": "strong_wolfe", "max_iter": 20, "tolerance_change": 1e-3},
    {"max_iter": 10, "max_eval": 3, "lr": 0.1},
]


@pytest.mark.parametrize("settings", LBFGS_SETTINGS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_iterates_of_lbfgs_are_pytorchs(torch: Any, settings: dict[str, Any], seed: int) -> None:
    draw = np.random.default_rng(seed)
    values = [draw.normal(size=4), np.asarray(draw.normal())]
    ours = [Tensor(v) for v in values]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    mine, reference = optim.LBFGS(ours, **settings), torch.optim.LBFGS(theirs, **settings)
    for _ in range(4):
        found, expected = minimise(optim, ours, mine, 1), minimise(torch, theirs, reference, 1)
        if not np.isfinite(expected[0]) or expected[0] > 1e6:  # without a line search it may diverge
            break
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-6, atol=1e-8)
        for name in ("func_evals", "n_iter"):
            assert mine.state[ours[0]][name] == reference.state[theirs[0]][name]


def test_lbfgs_goes_on_down_a_slope_that_is_straight() -> None:
    """There the cubic of the line search has no lowest point."""
    x = Tensor([1.0, 2.0])
    optimizer = optim.LBFGS([x], max_iter=1, max_eval=5, lr=0.5, line_search_fn="strong_wolfe")

    def closure() -> Any:
        optimizer.zero_grad()
        loss = x.sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert (x.data < [-1e3, -1e3]).all()


def test_lbfgs_finds_the_minimum() -> None:
    x, y = Tensor([-1.2, 1.0, -0.5, 2.0]), Tensor(0.0)
    optimizer = optim.LBFGS([x, y], max_iter=200, line_search_fn="strong_wolfe")
    minimise(optim, [x, y], optimizer, 1)
    np.testing.assert_allclose(x.data, 1.0, atol=1e-5)
    assert y.item() == pytest.approx(2.0, abs=1e-5)
    before = optimizer.state[x]["n_iter"]
    minimise(optim, [x, y], optimizer, 1)  # nothing is left to do
    assert optimizer.state[x]["n_iter"] <= before + 1


@pytest.mark.parametrize("line_search", [None, "strong_wolfe"])
def test_states_of_lbfgs_go_both_ways(torch: Any, rng: np.random.Generator, line_search: Any) -> None:
    settings = {"lr": 0.2, "max_iter": 3, "line_search_fn": line_search}
    values = [rng.normal(size=4), np.asarray(rng.normal())]
    theirs = [torch.tensor(v, requires_grad=True) for v in values]
    reference = torch.optim.LBFGS(theirs, **settings)
    minimise(torch, theirs, reference, 2)
    ours = [Tensor(p.detach().numpy()) for p in theirs]
    mine = optim.LBFGS(ours)
    mine.load_state_dict(reference.state_dict())
    own = mine.state_dict()
    again = [Tensor(p.data) for p in ours]
    other = optim.LBFGS(again)
    other.load_state_dict(own)
    expected = minimise(torch, theirs, reference, 3)
    np.testing.assert_allclose(minimise(optim, ours, mine, 3), expected, rtol=1e-6)
    np.testing.assert_allclose(minimise(optim, again, other, 3), expected, rtol=1e-6)
    own["state"][0]["d"] = np.ones(3)
    with pytest.raises(
        ValueError, match=r"d of parameter 0 has shape \(3,\), but the parameters have 5 numbers together"
    ):
        mine.load_state_dict(own)


def test_lbfgs_keeps_dtypes_and_takes_frozen_parameters() -> None:
    x, fixed = Tensor(np.ones(3), dtype=np.float32), Tensor([2.0], requires_grad=False)
    optimizer = optim.LBFGS([x, fixed], line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = ((x - 3.0) * (x - 3.0) * fixed).sum()
        loss.backward()
        return loss

    with no_grad():
        optimizer.step(closure)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x.data, 3.0, rtol=1e-5)
    assert fixed.tolist() == [2.0]


# -- finite differences -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("central", [True, False])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-6), (np.float32, 1e-2)])
def test_finite_differences_step_like_gradients(
    rng: np.random.Generator, central: bool, dtype: Any, rtol: float
) -> None:
    a, b = rng.normal(size=(2, 3)), rng.normal(size=2)
    start = [rng.normal(size=3), np.asarray(rng.normal())]
    exact = [Tensor(v, dtype=dtype) for v in start]
    estimated = [Tensor(v, dtype=dtype) for v in start]

    def loss(x: Any, y: Any) -> Any:
        return ((a @ x - b) * (a @ x - b)).sum() + y * y

    reference = optim.SGD(exact, lr=0.1)
    optimizer = optim.FiniteDifferenceDescent(estimated, lr=0.1, central=central)
    for _ in range(3):
        reference.zero_grad()
        loss(*exact).backward()
        reference.step()
        value = optimizer.step(lambda: loss(*estimated))
        assert isinstance(value, Tensor)
    for p, q in zip(estimated, exact, strict=True):
        assert p.dtype == dtype
        np.testing.assert_allclose(p.data, q.data, rtol=rtol, atol=rtol)
    assert optimizer.evaluations == 3 * (1 + 4 * (2 if central else 1))


def test_finite_differences_leave_parameters_as_they_were_if_the_loss_fails() -> None:
    x, calls = Tensor([1.0, 2.0]), []

    def failing() -> Tensor:
        calls.append(1)
        if len(calls) == 3:
            raise ZeroDivisionError
        return (x * x).sum()

    with pytest.raises(ZeroDivisionError):
        optim.FiniteDifferenceDescent([x]).step(failing)
    assert x.tolist() == [1.0, 2.0]
