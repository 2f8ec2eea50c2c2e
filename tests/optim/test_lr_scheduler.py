"""Schedules: PyTorch's sequences of rates, the formulas of textbooks, state, and errors."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import optim
from autograd import Tensor
from optim import lr_scheduler

STEPS = 23


def half(t: int) -> float:
    return 0.5 ** (t / 4)


def wave(t: int) -> float:
    return 1 + 0.5 * math.sin(t)


def sequential(module: Any, optimizer: Any, *parts: Any, milestones: list[int]) -> Any:
    return module.SequentialLR(optimizer, [part(module, optimizer) for part in parts], milestones=milestones)


def chained(module: Any, optimizer: Any, *parts: Any) -> Any:
    return module.ChainedScheduler([part(module, optimizer) for part in parts])


def of(name: str, **settings: Any) -> Callable[[Any, Any], Any]:
    def make(module: Any, optimizer: Any) -> Any:
        return getattr(module, name)(optimizer, **settings)

    make.__name__ = f"{name} {settings}"
    return make


def drawn() -> list[Callable[[Any, Any], Any]]:
    """Random configurations of every schedule."""
    draw = np.random.default_rng(7)

    def n(low: int, high: int) -> int:
        return int(draw.integers(low, high))

    def x(low: float, high: float) -> float:
        return float(draw.uniform(low, high))

    table: list[Callable[[Any, Any], Any]] = []
    for _ in range(3):
        table += [
            of("StepLR", step_size=n(1, 8), gamma=x(0.1, 1.2)),
            of("MultiStepLR", milestones=[n(0, 20) for _ in range(n(0, 5))], gamma=x(0.1, 1.2)),
            of("ExponentialLR", gamma=x(0.5, 1.1)),
            of("PolynomialLR", total_iters=n(1, 30), power=x(0.3, 3)),
            of("ConstantLR", factor=x(0.1, 1), total_iters=n(1, 30)),
            of("LinearLR", start_factor=x(0.05, 1), end_factor=x(0, 1), total_iters=n(1, 30)),
            of("CosineAnnealingLR", T_max=n(1, 12), eta_min=x(0, 0.05)),
            of("CosineAnnealingWarmRestarts", T_0=n(1, 8), T_mult=n(1, 4), eta_min=x(0, 0.05)),
            of("LambdaLR", lr_lambda=half),
            of("LambdaLR", lr_lambda=[half, wave]),
            of("MultiplicativeLR", lr_lambda=wave),
            of(
                "OneCycleLR",
                max_lr=[x(0.1, 1), x(0.1, 1)],
                total_steps=n(STEPS, 40),
                pct_start=x(0.15, 0.45),
                anneal_strategy=str(draw.choice(["cos", "linear"])),
                three_phase=bool(n(0, 2)),
                div_factor=x(2, 30),
                final_div_factor=x(2, 1e4),
                base_momentum=x(0.5, 0.8),
            ),
            of(
                "CyclicLR",
                base_lr=[x(0.01, 0.1), x(0.01, 0.1)],
                max_lr=x(0.2, 1),
                step_size_up=n(1, 6),
                step_size_down=n(1, 6),
                mode=str(draw.choice(["triangular", "triangular2", "exp_range"])),
                gamma=x(0.8, 1),
                scale_mode="cycle",
            ),
        ]
    table += [
        of("OneCycleLR", max_lr=1.0, epochs=5, steps_per_epoch=5, cycle_momentum=False),
        of("CyclicLR", base_lr=0.1, max_lr=1.0, step_size_up=3, scale_fn=half, scale_mode="iterations"),
        of("ExponentialLR", gamma=0.0),
        of("CosineAnnealingLR", T_max=1),
    ]
    combined: list[tuple[str, Any]] = [
        (
            "warm-up, cosine",
            lambda m, o: sequential(
                m, o, of("LinearLR", start_factor=0.2, total_iters=5), of("CosineAnnealingLR", T_max=15), milestones=[5]
            ),
        ),
        (
            "three in turn",
            lambda m, o: sequential(
                m,
                o,
                of("ConstantLR", factor=0.1, total_iters=2),
                of("ExponentialLR", gamma=0.9),
                of("StepLR", step_size=3, gamma=0.5),
                milestones=[4, 9],
            ),
        ),
        (
            "multiplied where the one before ended",
            lambda m, o: sequential(
                m,
                o,
                of("MultiplicativeLR", lr_lambda=lambda t: 0.9),
                of("StepLR", step_size=3, gamma=0.5),
                of("MultiplicativeLR", lr_lambda=lambda t: 0.7 + 0.05 * (t % 3)),
                milestones=[3, 8],
            ),
        ),
        (
            "chained",
            lambda m, o: chained(
                m,
                o,
                of("LinearLR", start_factor=0.2, total_iters=5),
                of("ExponentialLR", gamma=0.9),
                of("MultiStepLR", milestones=[3, 8], gamma=0.5),
            ),
        ),
    ]
    for name, make in combined:
        make.__name__ = name
        table.append(make)
    return table


TABLE = drawn()


def optimisers(torch: Any, kind: str) -> tuple[Any, Any]:
    """One of ours and PyTorch's with two groups of different rates."""

    def groups(values: list[Any]) -> list[dict[str, Any]]:
        return [{"params": values[:1]}, {"params": values[1:], "lr": 0.3}]

    ours = getattr(optim, kind)(groups([Tensor(1.0), Tensor(2.0)]), lr=0.2)
    theirs = getattr(torch.optim, kind)(groups([torch.ones(1, requires_grad=True) for _ in range(2)]), lr=0.2)
    return ours, theirs


def momentum(group: dict[str, Any]) -> float:
    return float(group["betas"][0] if "betas" in group else group["momentum"])


@pytest.mark.parametrize("make", TABLE, ids=lambda make: make.__name__)
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_rates_are_pytorchs(torch: Any, make: Any, kind: str) -> None:
    ours, theirs = optimisers(torch, kind)
    schedule, reference = make(lr_scheduler, ours), make(torch.optim.lr_scheduler, theirs)
    theirs.step()  # PyTorch warns otherwise
    for _ in range(STEPS):
        found = [(group["lr"], momentum(group)) for group in ours.param_groups]
        expected = [(group["lr"], momentum(group)) for group in theirs.param_groups]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(
            schedule.get_last_lr(), [group["lr"] for group in theirs.param_groups], rtol=1e-9, atol=1e-15
        )
        assert all(type(group["lr"]) is float for group in ours.param_groups)
        schedule.step()
        reference.step()


@pytest.mark.parametrize(
    "settings",
    [
        {"patience": 1},
        {"patience": 2, "mode": "max", "factor": 0.5},
        {"patience": 0, "cooldown": 2, "threshold": 0.1},
        {"patience": 1, "threshold_mode": "abs", "threshold": 0.3, "min_lr": [0.01, 0.1]},
        {"patience": 0, "min_lr": 0.15, "eps": 1e-3},
        {"patience": 0, "mode": "max", "threshold_mode": "abs", "threshold": 0.2},
    ],
    ids=str,
)
def test_plateaus_are_pytorchs(torch: Any, rng: np.random.Generator, settings: dict[str, Any]) -> None:
    ours, theirs = optimisers(torch, "SGD")
    schedule = lr_scheduler.ReduceLROnPlateau(ours, **settings)
    reference = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **settings)
    for measure in [*rng.normal(size=30), float("nan"), float("nan"), -3.0, 5.0]:
        schedule.step(Tensor(measure))
        reference.step(measure)
        np.testing.assert_allclose(schedule.get_last_lr(), [group["lr"] for group in theirs.param_groups], rtol=1e-12)


def rates(schedule: Any, steps: int) -> list[float]:
    found = []
    for _ in range(steps):
        found.append(schedule.get_last_lr()[0])
        schedule.step()
    return found


def test_formulas_of_textbooks() -> None:
    def sgd() -> Any:
        return optim.SGD([Tensor(1.0)], lr=0.4)

    total = 10
    t = np.arange(total)
    np.testing.assert_allclose(
        rates(lr_scheduler.PolynomialLR(sgd(), total_iters=total, power=0.5), total), 0.4 * (1 - t / total) ** 0.5
    )
    np.testing.assert_allclose(
        rates(lr_scheduler.ExponentialLR(sgd(), gamma=0.99 ** (1 / total)), total), 0.4 * 0.99 ** (t / total)
    )
    np.testing.assert_allclose(
        rates(lr_scheduler.CosineAnnealingLR(sgd(), T_max=total), total), 0.4 * (1 + np.cos(np.pi * t / total)) / 2
    )
    np.testing.assert_allclose(
        rates(lr_scheduler.MultiStepLR(sgd(), milestones=[3, 7]), total), 0.4 * 0.1 ** ((t >= 3) * 1.0 + (t >= 7))
    )


@pytest.mark.parametrize("make", TABLE, ids=lambda make: make.__name__)
def test_a_state_goes_through_json_and_continues(make: Any) -> None:
    def sgd() -> Any:
        return optim.SGD([{"params": Tensor(1.0)}, {"params": Tensor(2.0), "lr": 0.3}], lr=0.2, momentum=0.9)

    optimizer = sgd()
    schedule = make(lr_scheduler, optimizer)
    rates(schedule, 7)
    states = json.loads(json.dumps([schedule.state_dict(), optimizer.state_dict()]))
    expected = rates(schedule, 9)
    resumed = sgd()
    again = make(lr_scheduler, resumed)
    again.load_state_dict(states[0])
    resumed.load_state_dict(states[1])
    assert again.state_dict() == states[0]
    assert rates(again, 9) == expected


def test_numbers_of_numpy_go_through_json() -> None:
    optimizer = optim.SGD([Tensor(1.0)], lr=np.float32(0.25), momentum=np.array(0.5))  # type: ignore[arg-type]
    schedules: list[Any] = [
        lr_scheduler.StepLR(optimizer, step_size=np.int64(2), gamma=np.float32(0.5)),  # type: ignore[arg-type]
        lr_scheduler.MultiStepLR(optimizer, np.arange(3)),
        lr_scheduler.CyclicLR(optimizer, np.float32(0.25), np.float32(0.5), step_size_up=2),  # type: ignore[arg-type]
    ]
    for schedule in schedules:
        schedule.step()
        states = [schedule.state_dict(), optimizer.state_dict()]
        assert json.loads(json.dumps(states[0])) == states[0]
        assert json.loads(json.dumps(states[1]))["param_groups"] == states[1]["param_groups"]


def test_one_cycle_may_start_at_its_top() -> None:
    """Rising in a single step, there is nothing in between."""
    optimizer = optim.SGD([Tensor(1.0)], lr=0.2, momentum=0.9)
    found = rates(lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10, pct_start=0.1), 10)
    assert found[0] == 1.0
    assert found == sorted(found, reverse=True)
    assert found[-1] == pytest.approx(1 / 25e4)


@pytest.mark.parametrize("settings", [{}, {"mode": "max", "patience": 0}])
def test_the_state_of_a_plateau_goes_through_json(settings: dict[str, Any]) -> None:
    optimizer = optim.SGD([Tensor(1.0)], lr=0.2)
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
    again = lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
    for _ in range(2):
        again.load_state_dict(json.loads(json.dumps(schedule.state_dict())))
        assert again.state_dict() == schedule.state_dict()
        schedule.step(3.0)


@pytest.mark.parametrize(
    "make",
    [
        m
        for m in TABLE
        if m.__name__.split()[0] in ("StepLR", "MultiStepLR", "ExponentialLR", "PolynomialLR", "LinearLR")
    ],
    ids=lambda make: make.__name__,
)
def test_the_state_of_pytorch_loads(torch: Any, make: Any) -> None:
    ours, theirs = optimisers(torch, "SGD")
    schedule, reference = make(lr_scheduler, ours), make(torch.optim.lr_scheduler, theirs)
    theirs.step()
    for _ in range(5):
        reference.step()
    schedule.load_state_dict(reference.state_dict())
    ours.load_state_dict(theirs.state_dict())
    for _ in range(5):
        schedule.step()
        reference.step()
        np.testing.assert_allclose(schedule.get_last_lr(), reference.get_last_lr(), rtol=1e-9)


def test_going_on_from_a_later_step_keeps_the_rates() -> None:
    optimizer = optim.SGD([Tensor(1.0)], lr=0.4)
    expected = rates(lr_scheduler.ExponentialLR(optimizer, gamma=0.5), 6)
    first = optim.SGD([Tensor(1.0)], lr=0.4)
    rates(lr_scheduler.ExponentialLR(first, gamma=0.5), 3)
    later = optim.SGD([Tensor(1.0)], lr=0.4)
    later.load_state_dict(first.state_dict())
    assert rates(lr_scheduler.ExponentialLR(later, gamma=0.5, last_epoch=2), 3) == expected[3:]


def test_rates_changed_by_hand_stay_changed() -> None:
    optimizer = optim.SGD([Tensor(1.0)], lr=1.0)
    schedule = lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    optimizer.param_groups[0]["lr"] = 8.0
    schedule.step()
    assert optimizer.param_groups[0]["lr"] == 4.0


def test_warm_restarts_take_fractions(torch: Any) -> None:
    ours, theirs = optimisers(torch, "SGD")
    schedule = lr_scheduler.CosineAnnealingWarmRestarts(ours, T_0=3, T_mult=2)
    reference = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(theirs, T_0=3, T_mult=2)
    for epoch in np.arange(0, 20, 0.7):
        schedule.step(float(epoch))
        reference.step(float(epoch))
        np.testing.assert_allclose(schedule.get_last_lr(), reference.get_last_lr(), rtol=1e-9, atol=1e-12)


def test_schedules_nest() -> None:
    optimizer = optim.SGD([Tensor(1.0)], lr=1.0)
    inner = lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(optimizer, 0.5, 2), lr_scheduler.ExponentialLR(optimizer, 0.5)]
    )
    schedule = lr_scheduler.SequentialLR(optimizer, [lr_scheduler.LinearLR(optimizer, 0.25, 1, 3), inner], [3])
    assert rates(schedule, 7) == [0.25, 0.5, 0.75, 0.5, 0.25, 0.25, 0.125]


def test_repr_shows_settings() -> None:
    schedule = lr_scheduler.StepLR(optim.SGD([Tensor(1.0)], lr=1.0), step_size=3)
    assert repr(schedule) == "StepLR(step_size=3, gamma=0.1, last_epoch=0)"


def sgd() -> optim.SGD:
    return optim.SGD([Tensor(1.0)], lr=0.1)


def beyond_the_cycle() -> None:
    schedule = lr_scheduler.OneCycleLR(sgd(), 1.0, total_steps=2)
    for _ in range(3):
        schedule.step()


def with_a_group_more() -> None:
    optimizer = sgd()
    schedule = lr_scheduler.LambdaLR(optimizer, half)
    optimizer.add_param_group({"params": Tensor(1.0)})
    schedule.step()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lr_scheduler.StepLR(3, 1), TypeError, "StepLR: expected an optimiser, got int"),  # type: ignore[arg-type]
        (lambda: lr_scheduler.StepLR(sgd(), 0), ValueError, "StepLR: step_size must be at least 1, got 0"),
        (
            lambda: lr_scheduler.StepLR(sgd(), 1, last_epoch=3),
            ValueError,
            "group 0 of the optimiser needs its 'initial_lr'",
        ),
        (lambda: lr_scheduler.LinearLR(sgd(), 0.0), ValueError, "start_factor must be above 0 and at most 1, got 0.0"),
        (lambda: lr_scheduler.LinearLR(sgd(), 1.0, 2.0), ValueError, "end_factor must be from 0 to 1, got 2.0"),
        (lambda: lr_scheduler.ConstantLR(sgd(), 2.0), ValueError, "factor must be above 0 and at most 1"),
        (lambda: lr_scheduler.PolynomialLR(sgd(), 0), ValueError, "total_iters must be at least 1, got 0"),
        (lambda: lr_scheduler.CosineAnnealingLR(sgd(), 0), ValueError, "T_max must be at least 1, got 0"),
        (lambda: lr_scheduler.CosineAnnealingLR(sgd(), "9"), ValueError, "T_max must be at least 1, got '9'"),  # type: ignore[arg-type]
        (lambda: lr_scheduler.CosineAnnealingWarmRestarts(sgd(), 0), ValueError, "T_0 must be a positive integer"),
        (
            lambda: lr_scheduler.CosineAnnealingWarmRestarts(sgd(), 2, 0),
            ValueError,
            "T_mult must be a positive integer",
        ),
        (lambda: lr_scheduler.CosineAnnealingWarmRestarts(sgd(), 2).step(-1), ValueError, "epoch must be at least 0"),
        (lambda: lr_scheduler.LambdaLR(sgd(), [half, half]), ValueError, "lr_lambda has 2 entries for 1 groups"),
        (lambda: lr_scheduler.OneCycleLR(sgd(), 1.0), ValueError, "give total_steps, or epochs and steps_per_epoch"),
        (lambda: lr_scheduler.OneCycleLR(sgd(), 1.0, 0), ValueError, "total_steps must be a positive integer, got 0"),
        (lambda: lr_scheduler.OneCycleLR(sgd(), 1.0, 9, pct_start=2.0), ValueError, "pct_start must be from 0 to 1"),
        (
            lambda: lr_scheduler.OneCycleLR(sgd(), 1.0, 9, anneal_strategy="log"),
            ValueError,
            "must be 'cos' or 'linear'",
        ),
        (
            lambda: lr_scheduler.OneCycleLR(optim.Adagrad([Tensor(1.0)]), 1.0, 9),
            ValueError,
            "Adagrad has neither momentum nor betas; pass cycle_momentum=False",
        ),
        (beyond_the_cycle, ValueError, "step 3 of a cycle of 2; give it more total_steps"),
        (with_a_group_more, ValueError, "made for 1 groups, but the optimiser now has 2"),
        (lambda: lr_scheduler.CyclicLR(sgd(), 0.1, 1.0, mode="sine"), ValueError, "mode must be triangular or "),
        (lambda: lr_scheduler.CyclicLR(sgd(), 0.1, 1.0, 0), ValueError, "step_size_up must be at least 1"),
        (lambda: lr_scheduler.CyclicLR(sgd(), 0.1, 1.0, scale_mode="x"), ValueError, "scale_mode must be 'cycle' or"),
        (
            lambda: lr_scheduler.ReduceLROnPlateau(sgd(), "least"),
            ValueError,
            "mode must be 'min' or 'max', got 'least'",
        ),
        (
            lambda: lr_scheduler.OneCycleLR(sgd(), 1.0, total_steps=9, div_factor=0, cycle_momentum=False),
            ValueError,
            r"div_factor and final_div_factor must be positive, got \(0, 10000.0\)",
        ),
        (lambda: lr_scheduler.ReduceLROnPlateau(sgd(), patience=-1), ValueError, "patience must be at least 0, got -1"),
        (
            lambda: lr_scheduler.ReduceLROnPlateau(sgd(), factor=1.0),
            ValueError,
            "factor must be from 0 to below 1, got 1.0",
        ),
        (lambda: lr_scheduler.ReduceLROnPlateau(sgd(), threshold_mode="x"), ValueError, "threshold_mode must be 'rel'"),
        (lambda: lr_scheduler.ReduceLROnPlateau(sgd(), min_lr=[0.1, 0.1]), ValueError, "min_lr has 2 entries for 1"),
        (lambda: lr_scheduler.ChainedScheduler([]), ValueError, "ChainedScheduler needs at least one schedule"),
        (
            lambda: lr_scheduler.ChainedScheduler([lr_scheduler.ReduceLROnPlateau(sgd())]),
            ValueError,
            "schedule 0 is ReduceLROnPlateau, whose step needs a measure",
        ),
        (
            lambda: lr_scheduler.SequentialLR(sgd(), [lr_scheduler.StepLR(sgd(), 1)], []),
            ValueError,
            "schedule 0 belongs to another optimiser",
        ),
        (
            lambda: (lambda o: lr_scheduler.SequentialLR(o, [lr_scheduler.StepLR(o, 1)], [3]))(sgd()),
            ValueError,
            "1 schedules need 0 milestones in ascending order",
        ),
        (
            lambda: lr_scheduler.StepLR(sgd(), 1).load_state_dict(lr_scheduler.ExponentialLR(sgd(), 1).state_dict()),
            ValueError,
            "load_state_dict of StepLR: missing step_size; was the state saved by another kind of schedule",
        ),
        (
            lambda: lr_scheduler.ExponentialLR(sgd(), 1).load_state_dict(lr_scheduler.StepLR(sgd(), 1).state_dict()),
            ValueError,
            "unknown step_size",
        ),
    ],
)
def test_what_schedules_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
