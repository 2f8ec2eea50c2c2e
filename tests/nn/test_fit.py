"""Training: what a loop written by hand does, and all that people add to it."""

from __future__ import annotations

import io
import json
import math
import os
import re
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor, is_grad_enabled, no_grad
from nn._training import _progress

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype(np.float32)
Y = (X @ [1.0, -2.0, 0.5, 0.0] > 0).astype(int) + (X[:, 3] > 1)
LOSS = nn.CrossEntropyLoss()


def network(seed: int = 0, dropout: bool = False) -> nn.Sequential:
    nn.manual_seed(seed)
    layers = [nn.Linear(4, 8), nn.Tanh(), *([nn.Dropout(0.3)] if dropout else []), nn.Linear(8, 3)]
    return nn.Sequential(*layers)


def adam(model: nn.Module, lr: float = 0.05) -> optim.Adam:
    return optim.Adam(model.parameters(), lr=lr)


def fit(model: nn.Module, epochs: int = 3, **settings: Any) -> nn.History:
    """Train with what most tests have in common."""
    loader = settings.get("batch_size", 16) is None
    settings = {"seed": None if loader else 1, "batch_size": 16, "progress": False, **settings}
    data, loss = settings.pop("data", (X, Y)), settings.pop("loss", LOSS)
    return nn.fit(model, data, loss, settings.pop("optimizer", None) or adam(model), epochs, **settings)


def weights(model: nn.Module) -> np.ndarray[Any, Any]:
    return np.concatenate([p.numpy().ravel() for p in model.parameters()])


class Halve:
    """A schedule that halves the learning rate at every step."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer = optimizer
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        self.optimizer.param_groups[0]["lr"] /= 2

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.steps = state["steps"]


# -- what a loop by hand does -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("clip", [None, 0.05])
def test_the_same_numbers_as_a_loop_by_hand(clip: float | None) -> None:
    val_x, val_y = X[:20] + 0.1, Y[:20]
    model = network()
    optimizer = adam(model)
    schedule = Halve(optimizer)
    loader = nn.DataLoader(X, Y, batch_size=16, shuffle=True, seed=1)  # the last batch has 2 samples
    expected: dict[str, list[float]] = {
        name: [] for name in ("loss", "accuracy", "val_loss", "val_accuracy", "lr", "grad_norm")
    }
    for _ in range(3):
        total, right, norms = 0.0, 0, []
        for x, y in loader:
            optimizer.zero_grad()
            output = model(x)
            loss = LOSS(output, y)
            loss.backward()
            gradients = [p.grad for p in model.parameters()]
            norm = math.sqrt(sum(float((g.astype(np.float64) ** 2).sum()) for g in gradients))
            norms.append(norm)
            if clip is not None:
                for p in model.parameters():
                    p.grad = p.grad * np.float32(min(1.0, clip / (norm + 1e-6)))
            optimizer.step()
            total += loss.item() * len(y)
            right += int((output.data.argmax(axis=1) == y).sum())
        with no_grad():
            output = model(val_x)
        # As over three batches of validation data.
        parts = [LOSS(output[i : i + 16], val_y[i : i + 16]).item() * len(val_y[i : i + 16]) for i in (0, 16)]
        expected["loss"].append(total / 50)
        expected["accuracy"].append(right / 50)
        expected["val_loss"].append(sum(parts) / 20)
        expected["val_accuracy"].append(float((output.data.argmax(axis=1) == val_y).mean()))
        expected["lr"].append(optimizer.param_groups[0]["lr"])
        expected["grad_norm"].append(float(np.mean(norms)))
        schedule.step()
    other = network()
    other_optimizer = adam(other)
    history = fit(
        other,
        optimizer=other_optimizer,
        validation_data=(val_x, val_y),
        metrics="accuracy",
        scheduler=Halve(other_optimizer),
        clip_norm=clip,
    )
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(weights(other), weights(model), rtol=1e-5, atol=1e-6)
    assert history.keys() == ["epoch", *expected, "seconds"]
    assert len(history) == 3
    assert history.stopped == "all 3 epochs done"
    assert not history.interrupted


def test_seeds_decide_everything() -> None:
    def run(seed: int | None) -> np.ndarray[Any, Any]:
        model = network(dropout=True)
        fit(model, seed=seed, validation_split=0.2)
        return weights(model)

    np.testing.assert_array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))
    np.testing.assert_array_equal(run(None), run(None))  # drawn from the generator that network() seeds


def test_digits_are_learned() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    images, labels = datasets.load_digits(return_X_y=True)
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    history = nn.fit(
        model,
        (images[:1400] / 16, labels[:1400]),
        LOSS,
        optim.Adam(model.parameters(), lr=0.003),
        epochs=40,
        seed=0,
        validation_split=0.15,
        metrics=["accuracy", nn.metrics.F1("macro")],
        patience=5,
        progress=False,
    )
    assert history["val_accuracy"].max() > 0.95
    assert history["val_f1"].max() > 0.95
    result = nn.evaluate(model, (images[1400:] / 16, labels[1400:]), LOSS, "accuracy")
    assert result["accuracy"] > 0.88
    predicted = nn.predict(model, images[1400:] / 16).argmax(axis=1)
    assert (predicted == labels[1400:]).mean() == result["accuracy"]


def test_a_regression_on_real_data() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    x, y = datasets.load_diabetes(return_X_y=True)
    scale_x, scale_y = nn.data.Standardize(x[:350]), nn.data.Standardize(y[:350, None])
    x, y = scale_x(x), scale_y(y[:, None])
    nn.manual_seed(0)
    model = nn.Linear(10, 1)
    history = nn.fit(
        model,
        (x[:350], y[:350]),
        nn.MSELoss(),
        optim.SGD(model.parameters(), lr=0.02),
        epochs=30,
        seed=0,
        validation_data=(x[350:], y[350:]),
        metrics={"r2": nn.metrics.R2(), "mae": "mean_absolute_error", "mse": nn.metrics.mean_squared_error},
        monitor="val_r2",
        restore_best=True,
        progress=False,
    )
    assert history["val_r2"].max() > 0.45
    assert history.best_epoch == history["val_r2"].argmax() + 1
    np.testing.assert_allclose(history["val_mse"], history["val_loss"], rtol=1e-5)
    best = nn.evaluate(model, (x[350:], y[350:]), None, "r2")["r2"]
    assert best == pytest.approx(history["val_r2"].max(), rel=1e-6)


# -- forms of data ----------------------------------------------------------------------------------------------------


class Samples:
    """A data set that is neither array nor list."""

    def __len__(self) -> int:
        return len(X)

    def __getitem__(self, index: int) -> Any:
        return X[index], Y[index]


@pytest.mark.parametrize(
    "data",
    [
        (Tensor(X), Tensor(Y, requires_grad=False)),
        (X.tolist(), Y.tolist()),
        nn.TensorDataset(X, Y),
        Samples(),
        nn.data.Subset(nn.TensorDataset(X, Y), range(50)),
        list(zip(X, Y, strict=True)),
    ],
    ids=lambda data: type(data).__name__,
)
def test_data_of_every_kind_gives_the_same(data: Any) -> None:
    model, other = network(), network()
    fit(model)
    fit(other, data=data)
    np.testing.assert_array_equal(weights(model), weights(other))


def test_loaders_decide_for_themselves() -> None:
    model, other = network(), network()
    fit(model)
    fit(other, data=nn.DataLoader(X, Y, batch_size=16, shuffle=True, seed=1), batch_size=None)
    np.testing.assert_array_equal(weights(model), weights(other))

    class Own:
        def __iter__(self) -> Iterator[Any]:
            return iter([(X[:30], Y[:30]), (X[30:], Y[30:])])

    batches: list[int] = []
    fit(other, data=Own(), batch_size=None, callbacks=[Spy(batch=lambda t: batches.append(t.batch))], epochs=2)
    assert batches == [1, 2, 1, 2]


class Two(nn.Module):
    """A model of two inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(2, 3), nn.Linear(2, 3)

    def forward(self, left: Any, right: Any) -> Any:
        return self.a(left) + self.b(right)


def test_models_of_several_inputs() -> None:
    def make() -> Two:
        nn.manual_seed(0)
        return Two()

    parts, named = make(), make()
    first = fit(parts, data=(X[:, :2], X[:, 2:], Y), metrics="accuracy")
    second = fit(
        named,
        data={"left": X[:, :2], "right": X[:, 2:], "kind": Y},
        metrics="accuracy",
        split=lambda batch: ({"left": batch["left"], "right": batch["right"]}, batch["kind"]),
    )
    np.testing.assert_array_equal(first["accuracy"], second["accuracy"])
    np.testing.assert_array_equal(weights(parts), weights(named))
    both = nn.predict(parts, (X[:, :2], X[:, 2:]))
    np.testing.assert_array_equal(both, nn.predict(parts, {"left": X[:, :2], "right": X[:, 2:]}))


def test_an_autoencoder() -> None:
    model = nn.Linear(4, 4)
    history = fit(model, data=(X, X), loss=nn.MSELoss(), epochs=5)
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.parametrize("batch_size", [1, 50, 1000])
def test_stochastic_and_full_batches(batch_size: int) -> None:
    batches: list[int] = []
    fit(network(), batch_size=batch_size, epochs=1, callbacks=[Spy(batch=lambda t: batches.append(t.batch))])
    assert batches == list(range(1, 1 + math.ceil(50 / batch_size)))


def test_drop_last_leaves_out_the_small_batch() -> None:
    batches: list[int] = []
    fit(network(), epochs=1, drop_last=True, callbacks=[Spy(batch=lambda t: batches.append(t.batch))])
    assert batches == [1, 2, 3]


# -- losses and updates -----------------------------------------------------------------------------------------------


def test_losses_that_are_sums_are_spread_over_samples() -> None:
    model, other = network(), network()
    summed = fit(
        model, epochs=1, loss=nn.CrossEntropyLoss(reduction="sum"), optimizer=optim.SGD(model.parameters(), lr=0.0)
    )
    mean = fit(other, epochs=1, optimizer=optim.SGD(other.parameters(), lr=0.0))
    np.testing.assert_allclose(summed["loss"], mean["loss"], rtol=1e-6)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_accumulated_batches_make_one_update(reduction: str) -> None:
    model, other = network(), network()
    small = nn.DataLoader(X, Y, batch_size=8)  # 32 + 18 samples are 4 batches of 8, and 2 of 8 with one of 2
    loss = nn.CrossEntropyLoss(reduction=reduction)
    fit(model, data=nn.DataLoader(X, Y, batch_size=32), loss=loss, batch_size=None, optimizer=sgd(model))
    history = fit(other, data=small, loss=loss, batch_size=None, optimizer=sgd(other), accumulate=4)
    np.testing.assert_allclose(weights(other), weights(model), rtol=1e-4, atol=1e-6)
    assert len(history) == 3


def sgd(model: nn.Module) -> optim.SGD:
    return optim.SGD(model.parameters(), lr=0.01)


class Closure:
    """An optimiser that evaluates the loss twice in a step, as line searches do."""

    def __init__(self, model: nn.Module) -> None:
        self.inner = sgd(model)
        self.losses: list[float] = []

    def zero_grad(self) -> None:
        self.inner.zero_grad()

    def step(self, closure: Callable[[], float]) -> None:
        self.losses += [closure(), closure()]
        self.inner.step()


def test_optimisers_that_take_a_closure() -> None:
    model, other = network(), network()
    optimizer = Closure(model)
    history = fit(model, optimizer=optimizer, metrics="accuracy")
    expected = fit(other, optimizer=sgd(other), metrics="accuracy")
    np.testing.assert_array_equal(weights(model), weights(other))
    np.testing.assert_array_equal(history["accuracy"], expected["accuracy"])
    assert optimizer.losses[0] == optimizer.losses[1]
    assert len(optimizer.losses) == 3 * 4 * 2
    assert "lr" not in history  # which this one does not have


def test_optimisers_that_search() -> None:
    for optimizer in (optim.LBFGS, optim.FiniteDifferenceDescent):
        model = nn.Linear(4, 3)
        history = fit(model, optimizer=optimizer(model.parameters(), lr=0.1), data=(X, Y), batch_size=50, epochs=5)
        assert (np.diff(history["loss"]) < 0).all()


def test_optimisers_whose_step_takes_nothing() -> None:
    class Plain:
        def __init__(self, model: nn.Module) -> None:
            self.inner = sgd(model)
            self.zero_grad = self.inner.zero_grad

        def step(self) -> None:
            self.inner.step()

    model, other = network(), network()
    fit(model, optimizer=Plain(model))
    fit(other, optimizer=sgd(other))
    np.testing.assert_array_equal(weights(model), weights(other))


def test_gradients_that_the_optimiser_does_not_clear_do_not_count() -> None:
    def run(frozen: bool) -> tuple[nn.Module, nn.History]:
        model = network()
        model[0].requires_grad_(not frozen)
        return model, fit(model, optimizer=adam(model[2]), clip_norm=0.1)

    (frozen, expected), (left_out, history) = run(True), run(False)
    np.testing.assert_array_equal(weights(left_out), weights(frozen))
    np.testing.assert_array_equal(history["grad_norm"], expected["grad_norm"])


@pytest.mark.parametrize(("settings", "largest"), [({"clip_value": 1e-3}, 1e-3), ({"clip_norm": 1e-3}, 1e-3)])
def test_gradients_are_clipped(settings: Any, largest: float) -> None:
    model = network()
    seen: list[float] = []

    def look(training: nn.Training) -> None:
        seen.append(max(float(abs(p.grad).max()) for p in training.model.parameters()))

    history = fit(model, callbacks=[Spy(batch=look)], **settings)
    assert max(seen) <= largest * (1 + 1e-6)
    assert history["grad_norm"].min() > largest  # as it was before


def test_schedules_after_batches_or_epochs() -> None:
    for every, steps in (("epoch", 3), ("batch", 12)):
        model = network()
        optimizer = adam(model, 1.0)
        schedule = Halve(optimizer)
        history = fit(model, optimizer=optimizer, scheduler=schedule, schedule_every=every)
        assert schedule.steps == steps
        first = 1.0 if every == "epoch" else 2.0**-4
        np.testing.assert_allclose(history["lr"], [first * 2.0 ** (-i * steps / 3) for i in range(3)])


def test_schedules_that_need_a_value_get_the_monitored_one() -> None:
    class Plateau:
        def __init__(self) -> None:
            self.values: list[float] = []

        def step(self, metrics: float, epoch: int | None = None) -> None:
            self.values.append(metrics)

    schedule = Plateau()
    history = fit(network(), scheduler=schedule, validation_split=0.3, metrics="accuracy", monitor="val_accuracy")
    assert schedule.values == history["val_accuracy"].tolist()
    with pytest.raises(ValueError, match="Plateau compares epochs, so it cannot step after every batch"):
        fit(network(), scheduler=schedule, schedule_every="batch")


@pytest.mark.parametrize(
    ("loss", "signs"),
    [
        (nn.BCEWithLogitsLoss(), False),
        (nn.functional.binary_cross_entropy_with_logits, False),
        (nn.SoftMarginLoss(), True),
        (nn.HingeLoss(), True),
    ],
    ids=str,
)
def test_names_of_metrics_know_losses_of_logits(loss: Any, signs: bool) -> None:
    model = nn.Linear(4, 1)
    target = (Y > 0).astype(np.float32)[:, None]
    labels = 2 * target - 1 if signs else target
    history = fit(
        model,
        data=(X, labels),
        loss=loss,
        metrics=["accuracy", "roc_auc", "f1"],
        validation_data=(X, labels),
        optimizer=adam(model, 0.1),
        epochs=10,
    )
    with no_grad():
        right = (model(X).data > 0) == (target > 0)
    assert history["val_accuracy"][-1] == pytest.approx(right.mean())
    assert history["val_roc_auc"][-1] > 0.9


# -- early stopping ---------------------------------------------------------------------------------------------------


def staged(values: list[float]) -> nn.metrics.Metric:
    """A metric whose values in evaluation mode are given."""

    class Staged(nn.metrics.Metric):
        higher_is_better = False
        epoch = -1

        def reset(self) -> None:
            self.seen = 0

        def update(self, input: Any, target: Any) -> None:
            self.seen += 1

        def compute(self) -> float:
            type(self).epoch += 1
            return values[type(self).epoch // 2]  # asked for twice in an epoch

    return Staged()


VALUES = [5.0, 4.0, 4.5, 3.0, 2.95, 3.2, 3.1, 3.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("settings", "epochs", "best"),
    [
        ({"patience": 1}, 3, 2),
        ({"patience": 2}, 7, 5),
        ({"patience": 2, "min_delta": 0.1}, 6, 4),
        ({"patience": 3}, 8, 5),
        ({"patience": 4}, 10, 10),
        ({"patience": 2, "mode": "max"}, 3, 1),
        ({}, 10, 10),
    ],
)
def test_patience_decides_when_to_stop(settings: Any, epochs: int, best: int) -> None:
    model = network()
    kept: list[np.ndarray[Any, Any]] = []
    history = fit(
        model,
        epochs=10,
        validation_data=(X, Y),
        metrics={"staged": staged(VALUES)},
        monitor="val_staged",
        callbacks=[lambda training: kept.append(weights(training.model))],
        **settings,
    )
    assert len(history) == epochs
    assert history.best_epoch == best
    # With patience, the best epoch's weights are the model's.
    np.testing.assert_array_equal(weights(model), kept[best - 1 if settings else -1])
    assert ("stopped early: val_staged was not better than in epoch" in history.stopped) == (epochs < 10)


@pytest.mark.parametrize(
    ("settings", "which"), [({"patience": 2, "restore_best": False}, 6), ({"restore_best": True}, 9)]
)
def test_best_weights_are_restored_as_asked(settings: Any, which: int) -> None:
    model = network()
    kept: list[np.ndarray[Any, Any]] = []
    fit(
        model,
        epochs=10,
        metrics={"staged": staged(VALUES)},
        validation_data=(X, Y),
        monitor="val_staged",
        callbacks=[lambda training: kept.append(weights(training.model))],
        **settings,
    )
    np.testing.assert_array_equal(weights(model), kept[which])


def test_an_epoch_of_nan_is_never_the_best() -> None:
    values = [math.nan, 2.0, math.nan, 1.0]
    history = fit(
        network(), epochs=4, metrics={"s": staged(values)}, validation_data=(X, Y), monitor="val_s", restore_best=True
    )
    assert history.best_epoch == 4


# -- modes and recording ----------------------------------------------------------------------------------------------


class Watcher(nn.Module):
    """Notes in which mode it is run, and whether that is recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 3)
        self.seen: set[tuple[bool, bool]] = set()

    def forward(self, x: Any) -> Any:
        self.seen.add((self.training, is_grad_enabled()))
        return self.linear(x)


@pytest.mark.parametrize("training", [True, False])
def test_modes_are_set_and_put_back(training: bool) -> None:
    model = Watcher().train(training)
    fit(model)
    assert model.seen == {(True, True)}
    model.seen.clear()
    nn.evaluate(model, (X, Y), LOSS)
    nn.predict(model, X)
    assert model.seen == {(False, False)}
    fit(model, validation_data=(X, Y))
    assert model.seen == {(True, True), (False, False)}
    assert [m.training for m in model.modules()] == [training, training]


def test_parts_in_evaluation_mode_stay_so() -> None:
    model = nn.Sequential(Watcher(), nn.Linear(3, 3), Watcher2 := nn.Dropout(0.5))
    model[0].eval()
    fit(model)
    assert model[0].seen == {(False, True)}
    assert Watcher2.training
    assert model.training


def test_an_error_puts_modes_back() -> None:
    model = Watcher().eval()
    with pytest.raises(ZeroDivisionError):
        fit(model, callbacks=[lambda training: 1 / 0])
    assert not model.training


# -- callbacks --------------------------------------------------------------------------------------------------------


class Spy:
    """A callback made of functions."""

    def __init__(
        self, batch: Callable[[nn.Training], Any] | None = None, epoch: Callable[[nn.Training], Any] | None = None
    ):
        self.batch, self.epoch = batch, epoch

    def on_batch_end(self, training: nn.Training) -> None:
        if self.batch is not None:
            self.batch(training)

    def on_epoch_end(self, training: nn.Training) -> None:
        if self.epoch is not None:
            self.epoch(training)


def test_callbacks_see_and_stop_the_training() -> None:
    seen: list[tuple[int, int, int]] = []

    def look(training: nn.Training) -> None:
        seen.append((training.epoch, training.batch, len(training.history)))
        assert math.isfinite(training.loss)

    def enough(training: nn.Training) -> None:
        if training.history["loss"][-1] and training.epoch == 2:
            training.stop("good enough")

    history = fit(network(), epochs=9, callbacks=[Spy(batch=look), enough])
    assert seen == [(e, b, e - 1) for e in (1, 2) for b in (1, 2, 3, 4)]
    assert history.stopped == "good enough"
    assert not history.interrupted
    history = fit(network(), callbacks=[Spy(batch=lambda t: t.stop())])
    assert (len(history), history.stopped) == (0, "stopped by a callback")


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_errors_of_callbacks_leave_the_model_as_it_was_then(error: type[BaseException]) -> None:
    stopped, whole = network(), network()

    def fail(training: nn.Training) -> None:
        if (training.epoch, training.batch) == (2, 4):
            raise error

    if error is KeyboardInterrupt:  # as if Ctrl-C had been pressed
        assert fit(stopped, callbacks=Spy(batch=fail)).interrupted
    else:
        with pytest.raises(error):
            fit(stopped, callbacks=Spy(batch=fail))
    fit(whole, epochs=2)
    assert stopped.training
    np.testing.assert_array_equal(weights(stopped), weights(whole))


# -- interruptions ----------------------------------------------------------------------------------------------------


def press_at(epoch: int, batch: int, times: int = 1) -> Spy:
    """Press Ctrl-C after a batch."""

    def press(training: nn.Training) -> None:
        if (training.epoch, training.batch) == (epoch, batch):
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    return Spy(batch=press)


def test_ctrl_c_keeps_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    reached: list[np.ndarray[Any, Any]] = []
    fit(network(), callbacks=[Spy(batch=lambda t: reached.append(weights(t.model)))])
    model = network()
    history = fit(model, callbacks=[press_at(2, 3)], progress="lines")
    assert history.interrupted
    assert len(history) == 1
    assert history.stopped == "interrupted after batch 3 of epoch 2"
    assert history.stopped in repr(history)
    assert history.stopped in capsys.readouterr().err
    np.testing.assert_array_equal(weights(model), reached[6])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_at_the_end_of_an_epoch() -> None:
    history = fit(network(), callbacks=[Spy(epoch=lambda t: signal.raise_signal(signal.SIGINT))])
    assert history.stopped == "interrupted after epoch 1"
    assert history.interrupted
    assert len(history) == 1


def test_ctrl_c_restores_the_best_weights_if_asked() -> None:
    model = network()
    kept: list[np.ndarray[Any, Any]] = []
    history = fit(
        model,
        epochs=10,
        metrics={"staged": staged(VALUES)},
        validation_data=(X, Y),
        monitor="val_staged",
        restore_best=True,
        callbacks=[Spy(epoch=lambda t: kept.append(weights(t.model))), press_at(4, 1)],
    )
    assert history.best_epoch == 2
    np.testing.assert_array_equal(weights(model), kept[1])


def test_a_second_ctrl_c_stops_at_once() -> None:
    model = network().eval()
    with pytest.raises(KeyboardInterrupt):
        fit(model, callbacks=[press_at(1, 2, times=2)])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not model.training


def test_a_handler_of_the_program_is_left_alone() -> None:
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        history = fit(network(), callbacks=[press_at(1, 2)])
    finally:
        signal.signal(signal.SIGINT, before)
    assert pressed == [signal.SIGINT]
    assert not history.interrupted


def test_in_another_thread() -> None:
    results: list[nn.History] = []

    def raises(training: nn.Training) -> None:
        if training.epoch == 2:
            raise KeyboardInterrupt

    def work() -> None:
        results.append(fit(network()))
        results.append(fit(network(), callbacks=[raises]))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [len(h) for h in results] == [3, 2]
    assert [h.interrupted for h in results] == [False, True]


# -- what diverges ----------------------------------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_ends_the_training() -> None:
    model = nn.Linear(4, 1)
    with (
        np.errstate(all="ignore"),
        pytest.raises(
            nn.DivergedError,
            match=r"fit: the (loss|norm of the gradient) is (inf|nan) in epoch \d+, batch \d+ .*lower the learning",
        ) as caught,
    ):
        fit(model, data=(X, X[:, :1]), loss=nn.MSELoss(), optimizer=optim.SGD(model.parameters(), lr=1e6), epochs=30)
    assert "now 1e+06" in str(caught.value)
    assert isinstance(caught.value, FloatingPointError)
    assert len(caught.value.history) < 30
    assert model.training


def test_data_that_are_not_finite_are_named() -> None:
    bad = X.copy()
    bad[20, 1] = np.nan
    with pytest.raises(
        nn.DivergedError, match=r"loss is nan in epoch 1, batch 2 .*; clean the data, as this batch itself"
    ):
        fit(network(), data=nn.DataLoader(bad, Y, batch_size=16), batch_size=None)


def test_a_validation_loss_that_is_not_finite_ends_the_training() -> None:
    bad = np.where(np.arange(50)[:, None] == 20, np.inf, X)
    with (
        np.errstate(all="ignore"),
        pytest.raises(
            nn.DivergedError, match=r"loss is nan in the validation after epoch 1, batch 2 .*; clean the data"
        ),
    ):
        fit(network(), validation_data=(bad, Y), metrics="accuracy")


def test_a_gradient_that_is_not_finite_ends_the_training() -> None:
    model = nn.Linear(4, 1)

    def loss(output: Any, target: Any) -> Any:
        return (abs(output - output) ** 0.5).sum()  # 0, with an infinite slope

    with (
        np.errstate(all="ignore"),
        pytest.raises(nn.DivergedError, match="the norm of the gradient is nan in epoch 1, batch 1"),
    ):
        fit(model, data=(X, Y), loss=loss)


# -- going on later ---------------------------------------------------------------------------------------------------


@pytest.fixture
def _safetensors() -> None:
    pytest.importorskip("safetensors", reason="checkpoints need it")


def long_run(folder: Path, epochs: int, **settings: Any) -> tuple[nn.Module, nn.History]:
    model = network(dropout=True)
    optimizer = adam(model)
    history = fit(
        model,
        epochs,
        optimizer=optimizer,
        scheduler=optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5)
        if settings.get("accumulate", 1) == 1
        else optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=0, threshold=0.1),
        checkpoint=folder / "run.safetensors",
        validation_split=0.2,
        metrics=["accuracy", nn.metrics.F1("macro"), worst],
        **{"patience": 4, "min_delta": 0.01, "seed": None, "batch_size": 8, **settings},
    )
    return model, history


def worst(input: Any, target: Any) -> float:
    """A metric that needs all predictions at once."""
    return float(input[np.arange(len(target)), target].min())


def comparable(history: nn.History) -> dict[str, Any]:
    values = history.to_dict()
    values["epochs"].pop("seconds")
    return values


def break_in_validation(training: nn.Training) -> None:
    if training.epoch == 2 and training.batch == 5:

        class Press(nn.Module):
            def forward(self, x: Any) -> Any:
                if not self.training:
                    signal.raise_signal(signal.SIGINT)
                return x

        training.model.register_module("press", Press())


@pytest.mark.usefixtures("_safetensors")
@pytest.mark.parametrize("accumulate", [1, 2])
@pytest.mark.parametrize("how", ["between epochs", "in an epoch", "after its last batch", "twice", "in validation"])
def test_a_resumed_training_is_the_same_bit_for_bit(tmp_path: Path, how: str, accumulate: int) -> None:
    (tmp_path / "whole").mkdir()
    model, whole = long_run(tmp_path / "whole", 5, accumulate=accumulate)
    if how == "between epochs":
        long_run(tmp_path, 2, accumulate=accumulate)
    elif how == "in validation":
        _, first = long_run(tmp_path, 5, callbacks=[Spy(batch=break_in_validation)], accumulate=accumulate)
        assert first.interrupted
        assert len(first) == 1
    else:
        stops = {"in an epoch": [(2, 2)], "after its last batch": [(2, 5)], "twice": [(1, 2), (3, 4)]}
        for i, (epoch, batch) in enumerate(stops[how]):
            _, part = long_run(tmp_path, 5, callbacks=[press_at(epoch, batch)], accumulate=accumulate, resume=i > 0)
            assert part.interrupted
            assert len(part) == epoch - 1
    nn.manual_seed(99)  # the state of the generator is the checkpoint's
    other, resumed = long_run(tmp_path, 5, resume=tmp_path / "run.safetensors", accumulate=accumulate)
    assert comparable(resumed) == comparable(whole)
    np.testing.assert_array_equal(weights(other), weights(model))


@pytest.mark.usefixtures("_safetensors")
def test_a_resumed_training_knows_the_best_epoch_before(tmp_path: Path) -> None:
    values = [5.0, 2.0, 3.0, 4.0, 4.5, 1.0]

    def run(epochs: int, done: int, folder: Path, **settings: Any) -> tuple[nn.Module, nn.History]:
        model = network()
        history = fit(
            model,
            epochs,
            metrics={"staged": staged(values[done:])},
            validation_data=(X, Y),
            monitor="val_staged",
            patience=3,
            checkpoint=folder / "run.safetensors",
            **settings,
        )
        return model, history

    (tmp_path / "whole").mkdir()
    model, whole = run(6, 0, tmp_path / "whole")
    run(3, 0, tmp_path)
    other, resumed = run(6, 3, tmp_path, resume=True)
    assert comparable(resumed) == comparable(whole)
    assert (resumed.best_epoch, len(resumed)) == (2, 5)
    np.testing.assert_array_equal(weights(other), weights(model))
    _, again = run(6, 5, tmp_path, resume=True)  # it has had enough already
    assert len(again) == 5
    assert again.stopped == resumed.stopped


@pytest.mark.usefixtures("_safetensors")
def test_resume_true_means_if_there_is_one(tmp_path: Path) -> None:
    _, whole = long_run(tmp_path, 3, resume=True)
    assert len(whole) == 3
    _, longer = long_run(tmp_path, 4, resume=True)
    assert len(longer) == 4
    np.testing.assert_array_equal(longer["loss"][:3], whole["loss"])


@pytest.mark.usefixtures("_safetensors")
def test_checkpoints_every_few_epochs(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    found: list[int | None] = []

    def look(training: nn.Training) -> None:
        there = path.exists() and nn.load_checkpoint(path, random_state=False)["epoch"]
        found.append(there or None)

    fit(network(), 6, checkpoint=path, checkpoint_every=4, callbacks=[Spy(batch=lambda t: t.batch == 1 and look(t))])
    assert found == [None, None, None, None, 4, 4]
    assert nn.load_checkpoint(path, random_state=False)["epoch"] == 6
    for ending in (nn.Training.stop, lambda training: signal.raise_signal(signal.SIGINT)):
        path.unlink()
        end = Spy(epoch=lambda training, end=ending: training.epoch == 2 and end(training))  # type: ignore[misc]
        fit(network(), 6, checkpoint=path, checkpoint_every=4, callbacks=end)
        assert nn.load_checkpoint(path, random_state=False)["epoch"] == 2


@pytest.mark.usefixtures("_safetensors")
def test_checkpoints_that_do_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    fit(network(), 1, checkpoint=path)
    with pytest.raises(ValueError, match="saved with monitor='loss', not 'val_loss'"):
        fit(network(), resume=path, validation_data=(X, Y))
    with pytest.raises(ValueError, match="saved with the metrics loss, not loss, accuracy"):
        fit(network(), resume=path, metrics="accuracy")
    nn.save_checkpoint(path, model=network())
    with pytest.raises(ValueError, match=r"is a checkpoint, but not one that nn.fit made"):
        fit(network(), resume=path)
    with pytest.raises(FileNotFoundError):
        fit(network(), resume=tmp_path / "nowhere")


# -- evaluate and predict ---------------------------------------------------------------------------------------------


def test_evaluation_is_exact_over_batches_of_any_size() -> None:
    model = network()
    with no_grad():
        output = model(X)
    for size in (1, 7, 50, None):
        result = nn.evaluate(model, (X, Y), LOSS, ["accuracy", "confusion_matrix"], batch_size=size)
        assert result["loss"] == pytest.approx(LOSS(output, Y).item(), rel=1e-5)
        assert result["accuracy"] == (output.data.argmax(axis=1) == Y).mean()
        assert result["confusion_matrix"] == nn.metrics.confusion_matrix(output, Y).tolist()
    assert list(nn.evaluate(model, (X, Y), metrics="accuracy")) == ["accuracy"]


def test_predictions_of_every_kind_of_data() -> None:
    model = network()
    with no_grad():
        expected = model(X).data
    for data in (
        X,
        Tensor(X),
        X.tolist(),
        (X,),
        nn.TensorDataset(X, Y),
        nn.DataLoader(X, Y, batch_size=7),
        nn.TensorDataset(X),
    ):
        np.testing.assert_allclose(nn.predict(model, data), expected, rtol=1e-5, atol=1e-6)
    assert type(nn.predict(model, X)) is np.ndarray
    assert nn.predict(model, X[:0]).shape == (0, 3)
    assert nn.predict(model, X[:1], batch_size=1).shape == (1, 3)


def test_models_that_return_several_things() -> None:
    class Both(nn.Module):
        def forward(self, x: Any) -> Any:
            return x, {"twice": Tensor(x) * 2}

    class OfFirst(nn.metrics.Accuracy):
        def update(self, input: Any, target: Any) -> None:
            super().update(input[0], target)

    class Heads(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.heads = nn.ModuleList([network(0), network(1)])

        def forward(self, x: Any) -> Any:
            return tuple(head(x) for head in self.heads)

    model = Heads()
    history = fit(model, loss=lambda output, target: LOSS(output[0], target), metrics=OfFirst())
    single = network(0)
    np.testing.assert_array_equal(history["of_first"], fit(single, metrics="accuracy")["accuracy"])
    first, rest = nn.predict(Both(), X)
    np.testing.assert_array_equal(first, X)
    np.testing.assert_array_equal(rest["twice"], 2 * X)


# -- display ----------------------------------------------------------------------------------------------------------


def test_only_a_running_notebook_counts_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = types.SimpleNamespace()
    for module in ("ipykernel", "IPython"):
        monkeypatch.setitem(sys.modules, module, types.SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not _progress._interactive()
    shell.kernel = object()
    assert _progress._interactive()


def test_a_line_for_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    fit(network(), epochs=10, progress=True, metrics="accuracy", validation_data=(X, Y))
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert len(lines) == 10
    assert re.fullmatch(
        r"epoch  1/10  loss=[\d.]+  accuracy=[\d.]+  val_loss=[\d.]+  val_accuracy=[\d.]+  \d+\.\d\d s", lines[0]
    )


def test_a_bar_of_all_batches(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    fit(network(), epochs=2, progress="bar", accumulate=3)
    err = capsys.readouterr().err
    assert "8/8" in err
    assert "epoch 2/2" in err
    assert "loss=" in err


def test_without_tqdm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    fit(network(), epochs=1, progress=True)
    assert capsys.readouterr().err.startswith("epoch 1/1")


def test_a_bar_that_is_asked_for_needs_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"pip install 'glassgrad\[train\]', or give progress='lines'"):
        fit(network(), progress="bar")


def test_a_bar_in_a_terminal_that_does_not_know_its_width() -> None:
    pty, tqdm = pytest.importorskip("pty"), pytest.importorskip("tqdm")
    assert tqdm
    ours, theirs = pty.openpty()
    with open(theirs, "w", encoding="utf-8") as terminal, pytest.MonkeyPatch.context() as patch:
        assert os.get_terminal_size(theirs).columns == 0
        patch.setattr(sys, "stderr", terminal)
        fit(network(), epochs=1, progress=True)
        terminal.write("\x04")
        terminal.flush()
        shown = ""
        while "\x04" not in shown:  # a terminal hands its text over in pieces
            shown += os.read(ours, 10_000).decode()
    os.close(ours)
    assert re.search(r"epoch 1/1: 100%\|.*\| 4/4 .*loss=", shown)


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    fit(network())
    assert capsys.readouterr() == ("", "")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_history_is_a_table_and_plain_numbers() -> None:
    history = fit(network(), epochs=30, validation_data=(X, Y), metrics=["confusion_matrix", "accuracy"])
    again = nn.History.from_dict(json.loads(json.dumps(history.to_dict())))
    assert again.to_dict() == history.to_dict()
    assert history["val_confusion_matrix"].shape == (30, 3, 3)
    assert "val_loss" in history
    assert list(history) == history.keys()
    lines = repr(history).splitlines()
    assert lines[0].split()[:4] == ["epoch", "loss", "accuracy", "val_loss"]
    assert any(line.endswith("best") for line in lines)
    assert "..." in repr(history)
    assert lines[-1] == "all 30 epochs done"
    assert repr(nn.History()) == "<History of no epochs>"
    with pytest.raises(KeyError, match="History has no 'f1'; it has epoch, loss"):
        history["f1"]
    with pytest.raises(ValueError, match=r"this one loss"):
        history.append({"loss": 1.0})
    with pytest.raises(ValueError, match="monitor, best_epoch"):
        nn.History.from_dict({})


# -- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"epochs": -1}, ValueError, "epochs must be a positive integer, got -1"),
        ({"epochs": 1.5}, ValueError, r"epochs must be a positive integer, got 1\.5"),
        ({"accumulate": 0}, ValueError, "accumulate must be a positive integer"),
        ({"schedule_every": "step"}, ValueError, "schedule_every must be 'epoch' or 'batch'"),
        ({"patience": 0}, ValueError, "patience must be at least 1"),
        ({"min_delta": -1.0}, ValueError, "min_delta must not be negative"),
        ({"mode": "down"}, ValueError, "mode must be 'min' or 'max', got 'down'"),
        ({"monitor": "val_loss"}, ValueError, "there is no 'val_loss' to monitor; there are loss"),
        ({"metrics": "acc"}, ValueError, "there is no metric 'acc'; there are accuracy"),
        ({"metrics": ["accuracy", nn.metrics.Accuracy(2)]}, ValueError, "the name 'accuracy' is taken"),
        ({"metrics": [3]}, TypeError, "a metric is a name, an nn.metrics.Metric or a function"),
        ({"clip_norm": 0.0}, ValueError, r"clip_norm must be positive, got 0\.0"),
        ({"validation_split": 1.0}, ValueError, r"validation_split=1\.0 must be between 0 and 1"),
        ({"validation_split": 0.2, "validation_data": (X, Y)}, ValueError, "no validation_data"),
        ({"resume": True}, ValueError, "resume=True continues from checkpoint="),
        (
            {"callbacks": [3]},
            TypeError,
            "a callback has a method on_batch_end or on_epoch_end, or is a function, got 3",
        ),
        ({"scheduler": 3}, TypeError, "scheduler must have a method step, .* got 3"),
        ({"scheduler": optim.lr_scheduler.StepLR}, TypeError, "scheduler must have a method step, .* got <class"),
        ({"data": ((X, X[:, :2]), Y)}, TypeError, r"several inputs side by side, as \(x1, x2, y\)"),
        ({"optimizer": optim.Adam}, TypeError, "optimizer must have methods step and zero_grad"),
        ({"optimizer": adam(network())}, ValueError, "the optimizer has none of the model's parameters"),
        ({"progress": "dots"}, ValueError, "progress must be True, False, 'bar' or 'lines'"),
        ({"data": X}, TypeError, r"one part only.*give data as \(inputs, targets\)"),
        ({"data": {"x": X, "y": Y}}, TypeError, r"the keys \['x', 'y'\].*split="),
        ({"data": [X, Y]}, TypeError, r"as a tuple \(x, y\), not as a list"),
        ({"data": ((x, y) for x, y in [(X, Y)])}, TypeError, "a generator gives its batches only once"),
        ({"data": nn.DataLoader(X, Y), "seed": None}, ValueError, "the loader decides on batch_size"),
        (
            {"data": nn.DataLoader(X, Y), "batch_size": None, "seed": 1},
            ValueError,
            "the loader decides on seed, shuffle",
        ),
        ({"data": (X[:0], Y[:0])}, ValueError, "the training data gave no batches; is it empty"),
        ({"validation_data": (X[:0], Y[:0])}, ValueError, "the validation data are empty"),
        ({"data": (X[:3], Y[:3]), "validation_split": 0.2}, ValueError, "the validation data are empty"),
        ({"batch_size": 0}, ValueError, "batch_size must be positive, got 0"),
        ({"metrics": "confusion_matrix", "monitor": "confusion_matrix"}, ValueError, "has several values, so epochs"),
        ({"loss": nn.CrossEntropyLoss}, TypeError, "loss must be a function"),
        ({"loss": None}, TypeError, "loss must be a function .* got None"),
        ({"loss": nn.CrossEntropyLoss(reduction="none")}, ValueError, r"must be one number, got shape \(16,\)"),
        (
            {"loss": lambda output, target: "small"},
            (TypeError, ValueError),
            "the loss must be one number|could not convert",
        ),
        ({"loss": lambda output, target: 1.0}, ValueError, "does not depend on any trainable parameter"),
    ],
)
def test_what_fit_refuses(settings: Any, error: Any, message: str) -> None:
    model = network()
    with pytest.raises(error, match=message):
        fit(model, **settings)
    assert model.training


def test_models_are_modules() -> None:
    for function in (nn.evaluate, nn.predict):
        with pytest.raises(TypeError, match=r"model must be an nn.Module, got function"):
            function(lambda x: x, (X, Y))
    with pytest.raises(TypeError, match=r"model must be an nn.Module, got the class Linear"):
        nn.fit(nn.Linear, (X, Y), LOSS, None, 1)  # type: ignore[arg-type]

    class Total(nn.Module):
        def forward(self, x: Any) -> Any:
            return Tensor(x).sum()

    with pytest.raises(ValueError, match="one number for a whole batch"):
        nn.predict(Total(), X)
    with pytest.raises(ValueError, match="the loader gives no batches"):
        nn.predict(network(), nn.DataLoader(X[:0]))
    with pytest.raises(ValueError, match="the data set is empty"):
        nn.predict(network(), nn.data.Subset(nn.TensorDataset(X), []))
