"""What a diagnosis finds in networks that are ill, and that it finds nothing in healthy ones."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import viz_graphs as graphs

import nn
import optim
import viz
from autograd import Tensor, concatenate, exp, log, maximum, relu, sigmoid, sqrt, tanh, where
from nn import functional as F
from viz.findings import magnitude
from viz.numbers import Numbers

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of what is looked for here


def found(t: Any, **options: Any) -> list[tuple[str, str]]:
    """Kind, and the operation or name that each finding is about."""
    diagnosis = viz.diagnose(t, **options)
    entries = diagnosis.trace.by_id
    told = []
    for finding in diagnosis.findings:
        entry = entries.get(finding.entry)
        told.append((finding.kind, (entry.operation or entry.name) if entry else ""))
    return told


def kinds(t: Any, **options: Any) -> set[str]:
    return {kind for kind, _ in found(t, **options)}


def vector(*numbers: float, name: str = "x") -> Tensor:
    return Tensor(np.array(numbers), name=name)


# -- NaN and infinities: values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (lambda x: log(x).sum(), "log"),
        (lambda x: (x / x).sum(), "divide"),
        (lambda x: (1 / x).sum(), "divide"),
        (lambda x: exp(1000 * x).sum(), "exp"),
        (lambda x: sqrt(x - 5).sum(), "sqrt"),
        (lambda x: ((x - 5) ** 0.5).sum(), "power"),
        (lambda x: (x**-1).sum(), "power"),
        (lambda x: ((x + 1e200) * (x + 1e200)).sum(), "multiply"),
    ],
)
def test_the_gate_that_makes_the_first_odd_value_is_named(make, wanted):
    assert found(make(vector(0.0, 1.0, 2.0)))[0] == ("non-finite value", wanted)


def test_gates_that_only_pass_nan_on_are_not_named():
    x = vector(0.0, 1.0)
    assert [what for what in found((log(x) * 2 + 1).sum()) if what[0] == "non-finite value"] == [
        ("non-finite value", "log")
    ]


def test_infinities_that_become_nan_are_both_told_in_order():
    x = vector(0.0, 1.0)
    t = exp(x * 1000)
    assert found((t - t * 2).sum())[:2] == [("non-finite value", "exp"), ("non-finite value", "subtract")]


def test_nan_in_an_input_is_traced_to_it():
    w, x = vector(1.0, 2.0, name="w"), Tensor(np.array([1.0, np.nan]), requires_grad=False, name="x")
    diagnosis = viz.diagnose((w * x).sum())
    assert found((w * x).sum())[0] == ("non-finite value", "x")
    assert "x (n1) holds 1 nan in 2 elements" in str(diagnosis)
    assert "where the data come from" in str(diagnosis)


def test_a_parameter_that_is_infinite_is_told():
    assert found(vector(np.inf, 1.0, name="w").sum())[0] == ("non-finite value", "w")


def test_infinite_masks_are_no_fault_until_a_row_is_all_mask():
    x = vector(1.0, 2.0, 3.0)
    mask = np.array([0.0, -np.inf, 0.0])
    weights = np.array([1.0, 2.0, 3.0])
    assert viz.diagnose((nn.functional.softmax(x + mask, 0) * weights).sum()).ok
    assert viz.diagnose((nn.functional.softmax(where(np.array([True, False, True]), x, -np.inf), 0) * weights).sum()).ok
    hidden = viz.diagnose(nn.functional.softmax(x + np.full(3, -np.inf), 0).sum())
    assert hidden.findings[0].kind == "non-finite value"
    assert "softmax" in hidden.findings[0].message
    assert "a mask may have hidden all of it" in hidden.findings[0].advice


def test_numbers_that_are_parts_of_gates_may_be_infinite_but_not_nan():
    x = vector(1.0)
    assert found((x * float("nan")).sum()) == [("non-finite value", "multiply")]
    assert found((x * float("inf") * 0.0).sum())[0] == ("non-finite value", "multiply")


def test_a_fused_gate_that_overflows_inside_is_named_and_can_be_looked_into():
    layer = nn.LSTM(2, 3)
    layer.weight_ih_l0.data = np.full(layer.weight_ih_l0.shape, 3e38, np.float32)
    x = np.array([[[1.0, -1.0]], [[2.0, 2.0]]], np.float32)
    x[0, 0] = 3e38, -3e38
    out, _ = layer(Tensor(x, requires_grad=False))
    diagnosis = viz.diagnose(out.sum())
    first = diagnosis.findings[0]
    assert (first.kind, diagnosis.trace.by_id[first.entry].operation) == ("non-finite value", "lstm")
    assert 'expand="lstm"' in first.advice
    inner = viz.diagnose(out.sum(), expand="lstm")
    assert inner.trace.by_id[inner.findings[0].entry].operation == "matmul"


def test_the_source_line_is_told_under_a_recording():
    x = vector(0.0, 1.0)
    with viz.record():
        h = x * 2
        y = log(h)
        loss = y.sum()
    diagnosis = viz.diagnose(loss)
    assert diagnosis.findings[0].source is not None
    assert diagnosis.findings[0].source.text == "y = log(h)"
    assert "    y = log(h)\n" in str(diagnosis)
    assert "test_diagnosis.py:" in str(diagnosis)


# -- NaN and infinities: gradients -----------------------------------------------------------------------------------


def test_the_square_root_at_zero_is_found_on_the_way_back():
    diagnosis = viz.diagnose(sqrt(vector(0.0, 4.0)).sum())
    assert [f.kind for f in diagnosis.findings] == ["non-finite gradient"]
    assert diagnosis.findings[0].badge == "first ∇ inf"
    assert "sends 1 inf in 2 elements back to x of 0.00 … 4.00" in str(diagnosis)


def test_the_norm_at_zero_gives_infinity_then_nan():
    x = vector(0.0, 0.0)
    assert found(sqrt((x * x).sum()))[:2] == [("non-finite gradient", "sqrt"), ("non-finite gradient", "multiply")]


def test_zero_times_infinity_behind_a_where_is_found():
    x = vector(0.0, 4.0)
    diagnosis = viz.diagnose(where(np.array([False, True]), sqrt(x), 0.0).sum())
    first = diagnosis.findings[0]
    assert (first.kind, first.badge) == ("non-finite gradient", "first ∇ nan")
    assert diagnosis.trace.by_id[first.entry].operation == "sqrt"


def test_overflow_in_a_sum_over_paths_is_found():
    x = vector(0.1)
    first = viz.diagnose((x * 1.7e308 + x * 1.7e308).sum()).findings[0]
    assert first.kind == "non-finite gradient"
    assert "what 2 gates send back adds up to an infinity" in first.message


def test_gradients_are_not_blamed_for_values_found_already():
    x = vector(0.0, 1.0)
    assert kinds((log(x) * x).sum()) == {"non-finite value"}


def test_a_naive_sigmoid_is_found():
    x = vector(1000.0, 0.0)
    assert found((1 / (1 + exp(x))).sum())[0] == ("non-finite value", "exp")


# -- how large gradients are -----------------------------------------------------------------------------------------


def mlp(depth: int, activation: Callable[[], nn.Module], width: int = 32) -> tuple[nn.Module, Tensor]:
    nn.manual_seed(0)
    layers: list[nn.Module] = []
    for i in range(depth):
        layers += [nn.Linear(64 if i == 0 else width, width), activation()]
    net = nn.Sequential(*layers, nn.Linear(width, 10))
    x = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    return net, F.cross_entropy(net(Tensor(x, requires_grad=False)), np.arange(64) % 10)


def test_gradients_vanish_in_a_deep_network_of_sigmoids_from_the_front():
    net, loss = mlp(12, nn.Sigmoid)
    diagnosis = viz.diagnose(loss, parameters=net)
    assert {f.kind for f in diagnosis.findings} == {"vanishing"}
    told = [diagnosis.trace.by_id[f.entry].name for f in diagnosis.findings]
    assert told[0] == "net.0.weight"
    assert "net.24.weight" not in told
    assert "more like these; use ReLU-like activations" in str(diagnosis)
    sizes = [diagnosis.magnitudes[f.entry] for f in diagnosis.findings if "weight" in f.message]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Tanh, nn.Sigmoid])
def test_shallow_networks_are_healthy(activation):
    net, loss = mlp(2, activation)
    assert viz.diagnose(loss, parameters=net).ok


def unrolled(layer: nn.Module, steps: int, scale: float) -> Tensor:
    for name, p in layer.named_parameters():
        if name == "weight_hh_l0":
            p.data = np.linalg.qr(np.random.default_rng(0).normal(size=p.shape))[0].astype(np.float32) * scale
    x = np.random.default_rng(1).normal(size=(steps, 4, 8)).astype(np.float32) * 0.01
    out, _ = layer(Tensor(x, requires_grad=False))
    return (out[-1] * np.random.default_rng(2).normal(size=(4, 16)).astype(np.float32)).mean()


@pytest.mark.parametrize(
    ("nonlinearity", "scale", "wanted"),
    [("tanh", 0.5, {"vanishing"}), ("tanh", 1.0, set()), ("relu", 3.0, {"exploding"})],
)
def test_gradients_through_time_follow_the_recurrent_weights(nonlinearity, scale, wanted):
    nn.manual_seed(0)
    layer = nn.RNN(8, 16, nonlinearity=nonlinearity, bias=False)
    cells = unrolled(layer, 60, scale)
    about = {
        (kind, name) for kind, name in found(cells, expand="rnn", names=False) if kind in ("vanishing", "exploding")
    }
    assert {kind for kind, _ in about} == wanted


def test_a_scalar_recurrence_by_hand_vanishes_too():
    w, h = Tensor(0.5, name="w"), Tensor(1.0, requires_grad=False)
    for _ in range(60):
        h = tanh(w * h + 0.3)
    diagnosis = viz.diagnose(h)
    assert [f.kind for f in diagnosis.findings] == ["vanishing"]
    assert "w (n0) is taken 60 times, one after the other" in str(diagnosis)


def test_one_value_into_many_gates_side_by_side_is_no_recurrence():
    x = Tensor(1.0, name="x")
    assert kinds(concatenate([(x * 10.0**i).reshape(1) for i in range(-40, 2)]).sum()) == set()


def test_exploding_gradients_are_told_relative_to_the_seed():
    w = Tensor(np.ones(4), name="w")
    assert found((w * 1e5).sum()) == [("exploding", "w")]
    loss = (w * 2).sum()
    loss.backward(Tensor(65536.0))  # a scaled loss
    assert viz.diagnose(loss).ok


def test_a_steep_formula_of_single_numbers_does_not_explode_but_a_chain_of_them_does():
    x = Tensor(1000.0, name="x")
    assert viz.diagnose(x**2).ok
    assert viz.diagnose((Tensor(2.0, name="y") * 3).exp()).ok
    y = Tensor(1.0, name="y")
    z = y
    for _ in range(12):
        z = z * 3.0
    assert found(z) == [("exploding", "y")]


def test_a_gradient_of_zero_everywhere_is_told():
    a, b = Tensor(np.ones((2, 2)), name="a"), Tensor(np.zeros((2, 2)), name="b")
    assert found((a * 2.0 @ b).sum()) == [("vanishing", "a")]
    assert "will not move" in str(viz.diagnose((a * 2.0 @ b).sum()))


def test_a_loss_of_zero_is_no_fault():
    x = Tensor(np.full(20, -3.0), name="x")
    assert viz.diagnose((maximum(x, -4.0) * 0.0).sum()).ok


def test_magnitudes_are_logarithms_of_the_root_mean_square():
    values = np.random.default_rng(0).normal(size=(8, 40)) * 1e-7
    assert magnitude(Numbers.of(values)) == pytest.approx(np.log10(np.sqrt(np.mean(values**2))))
    assert magnitude(Numbers.of(np.zeros(3))) == -np.inf
    assert magnitude(Numbers.of(np.full(3, np.nan))) == -np.inf


# -- activations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", [relu, lambda x: maximum(x, 0), lambda x: maximum(0.0, x), nn.functional.relu])
def test_rectifiers_that_let_nothing_through_are_dead(activation):
    x = Tensor(np.random.default_rng(0).normal(size=(32, 8)) - 20, name="x")
    diagnosis = viz.diagnose(activation(x).sum())
    assert diagnosis.findings[0].kind == "dead"
    assert diagnosis.findings[0].badge == "dead 100%"


def test_maxima_with_something_else_are_no_rectifiers():
    x = Tensor(np.zeros((32, 8)), name="x")
    assert "dead" not in kinds(maximum(x, -1.0).sum())
    assert "dead" not in kinds((maximum(x, Tensor(np.full((32, 8), -1.0), requires_grad=False)) * 2.0).sum())


def test_a_nearly_dead_rectifier_is_told_in_percent():
    values = np.full((100, 10), -1.0)
    values[0, :3] = 1.0
    diagnosis = viz.diagnose(relu(Tensor(values, name="x")).sum())
    assert diagnosis.findings[0].badge == "dead over 99%"
    assert "lets under 1% of 1,000 elements through" in str(diagnosis)


def units(dead: int, of: int = 10, examples: int = 64) -> np.ndarray:
    values = np.random.default_rng(0).normal(size=(examples, of))
    values[:, :dead] = -np.abs(values[:, :dead]) - 1
    return values


def test_units_that_are_off_for_every_example_are_counted():
    diagnosis = viz.diagnose(relu(Tensor(units(5), name="x")).sum())
    assert [f.kind for f in diagnosis.findings] == ["dead"]
    assert "5 of 10 units are 0 for all that goes in" in str(diagnosis)
    assert diagnosis.findings[0].badge == "dead 50%"
    assert viz.diagnose(relu(Tensor(units(2), name="x")).sum()).ok


def test_units_of_few_examples_tell_nothing():
    assert viz.diagnose(relu(Tensor(units(5, examples=8), name="x")).sum()).ok
    assert viz.diagnose(relu(Tensor(-1.0, name="x")) + relu(Tensor(2.0, name="y"))).ok


def test_units_of_a_convolution_are_its_channels():
    nn.manual_seed(0)
    layer = nn.Conv2d(1, 8, 3)
    bias = np.zeros(8, np.float32)
    bias[:5] = -50
    layer.bias.data = bias
    x = np.random.default_rng(0).normal(size=(4, 1, 12, 12)).astype(np.float32)
    diagnosis = viz.diagnose(relu(layer(Tensor(x, requires_grad=False))).mean())
    assert "5 of 8 units are 0" in str(diagnosis)


def test_units_are_counted_by_a_loop_too():
    values = np.maximum(units(4), 0)
    silent = Numbers.of(values).silent
    assert silent == (
        sum(not any(row) for row in values.tolist()),
        sum(not any(column) for column in values.T.tolist()),
    )
    assert Numbers.of(np.ones((3, 4))).silent == ()
    assert Numbers.of(np.zeros(4)).silent == ()
    assert Numbers.of(np.zeros((0, 4))).silent == ()


@pytest.mark.parametrize("activation", [sigmoid, tanh])
@pytest.mark.parametrize("locals", [True, False])
def test_saturated_gates_are_told(activation, locals):
    x = Tensor(np.linspace(6, 12, 40), name="x")
    trace = viz.trace(activation(x).sum(), locals=locals)
    assert [f.kind for f in viz.diagnose(trace).findings if f.kind == "saturated"] == ["saturated"]
    easy = viz.trace(activation(Tensor(np.linspace(-2, 2, 40), name="x")).sum(), locals=locals)
    assert viz.diagnose(easy).ok


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_sure_classifier_that_is_right_is_not_saturated(by_hand):
    x = Tensor(np.array([-12.0, 12.0, 14.0]), name="x")
    p, y = sigmoid(x), np.array([0.0, 1.0, 1.0])
    loss = -(y * log(p) + (1 - y) * log(1 - p)).mean() if by_hand else F.binary_cross_entropy(p, y)
    assert "saturated" not in kinds(loss)


# -- variables without a gradient ------------------------------------------------------------------------------------


def test_parameters_that_are_not_used_are_told_by_name():
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(2, 1))
    loss = net[1](Tensor(np.ones((4, 2), np.float32), requires_grad=False)).mean()
    diagnosis = viz.diagnose(loss, parameters=net)
    told = [f.message for f in diagnosis.findings if f.kind == "disconnected"]
    assert [message.split()[0].removeprefix("net.") for message in told] == ["0.weight", "0.bias"]
    assert "viz.record()" in told[0]


@pytest.mark.parametrize("recording", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_a_cut_is_the_reason_and_its_line_is_shown(recording, asked):
    w, x = vector(1.0, 2.0, name="w"), vector(3.0, 4.0)
    with viz.record() as recorded:
        h = (w * 2).detach()
        loss = (h * x).sum()
    diagnosis = viz.diagnose(recorded if recording else loss, parameters=[w, x] if asked else None)
    told = [f for f in diagnosis.findings if f.kind == "disconnected"]
    assert len(told) == 1
    assert told[0].message.startswith("w (n0")
    assert "detached at test_diagnosis.py:" in told[0].message
    assert told[0].source is not None
    assert told[0].source.text == "h = (w * 2).detach()"


def test_the_line_of_a_cut_is_not_that_of_what_comes_after_it():
    w, x = vector(1.0, 2.0, name="w"), vector(3.0, 4.0)
    with viz.record() as recorded:
        h = (w * 2).detach()
        loss = (h.mean() * x).sum()
    lines = []
    for diagnosis in (viz.diagnose(loss), viz.diagnose(recorded, parameters=[w])):
        (told,) = (f for f in diagnosis.findings if f.kind == "disconnected")
        lines.append(told.source.text if told.source else None)
    assert lines == [None, "h = (w * 2).detach()"]


def test_what_failed_is_told():
    w = Tensor(np.ones((2, 3)), name="w")
    with pytest.raises(ValueError, match="matmul"), viz.record() as recorded:
        _ = w @ np.ones((2, 2))
    assert found(recorded)[0] == ("failed", "matmul")


# -- healthy networks ------------------------------------------------------------------------------------------------


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Pictures of ten kinds of bars, with noise: something to learn that needs no files."""
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 10
    pictures = rng.random((200, 1, 12, 12)) * 0.3
    for i, label in enumerate(labels):
        pictures[i, 0, label + 1 if label < 5 else slice(None), slice(None) if label < 5 else label + 1] += 1
    return pictures.astype(np.float32), labels


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 12, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(12 * 9, 32), nn.ReLU(), nn.Linear(32, 10),
    )  # fmt: skip


def flat_mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(144, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


@pytest.mark.parametrize("make", [lenet, flat_mlp])
def test_networks_are_healthy_before_and_after_training(make):
    nn.manual_seed(0)
    net, (x, y) = make(), digits()
    optimizer = optim.Adam(net.parameters(), lr=3e-3)
    inputs = Tensor(x, requires_grad=False)
    assert viz.diagnose(F.cross_entropy(net(inputs), y), parameters=net).ok
    for _ in range(80):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(inputs), y)
        loss.backward()
        optimizer.step()
    loss = F.cross_entropy(net(inputs), y)
    assert loss.item() < 0.05  # gradients are all small by now, and that is well
    diagnosis = viz.diagnose(loss, parameters=net)
    assert diagnosis.ok, str(diagnosis)


def other_networks() -> dict[str, Callable[[], Tensor]]:
    def of(shape: tuple[int, ...]) -> Tensor:
        return Tensor(np.random.default_rng(0).normal(size=shape).astype(np.float32), requires_grad=False)

    def scored(out: Any) -> Tensor:
        out = out[0] if isinstance(out, tuple) else out
        return (out * np.random.default_rng(1).normal(size=out.shape).astype(np.float32)).mean()

    return {
        "lstm": lambda: scored(nn.LSTM(8, 16)(of((50, 4, 8)))),
        "lstm, step by step": lambda: scored(nn.LSTM(8, 16)(of((50, 4, 8)))),
        "gru": lambda: scored(nn.GRU(8, 16)(of((50, 4, 8)))),
        "transformer": lambda: scored(nn.TransformerEncoderLayer(32, 4, 64)(of((10, 4, 32)))),
        "batch norm": lambda: scored(
            nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3))(of((16, 1, 10, 10)))
        ),
        "neuron": graphs.sigmoid_example,
        "arrays": graphs.arrays,
    }


@pytest.mark.parametrize("name", other_networks())
def test_other_networks_are_healthy(name):
    nn.manual_seed(0)
    t = other_networks()[name]()
    diagnosis = viz.diagnose(t, expand="lstm" if "step" in name else None)
    assert [f for f in diagnosis.findings if f.kind != "disconnected"] == []


# -- memory ----------------------------------------------------------------------------------------------------------


def freed(make: Callable[[], Tensor]) -> tuple[int, int]:
    """How many bytes a graph lets go of with its result, and what its trace says of them."""
    make()
    gc.collect()
    tracemalloc.start()
    try:
        t = make()
        told = sum(viz.diagnose(viz.trace(t, gradients=False, locals=False)).saved.values())
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        del t
        gc.collect()
        return before - tracemalloc.get_traced_memory()[0], told
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("layer", [nn.LSTM, nn.GRU, nn.RNN])
def test_memory_kept_by_fused_gates_is_what_is_kept(layer):
    made = layer(64, 64)
    x = Tensor(np.random.default_rng(0).normal(size=(50, 16, 64)).astype(np.float32), requires_grad=False)
    kept, told = freed(lambda: (made(x)[0] ** 2).mean())
    assert told == pytest.approx(kept, rel=0.03)


def test_memory_of_views_is_counted_once():
    w = Tensor(np.ones((500, 400)), name="w")
    kept, told = freed(lambda: (w * 2).reshape(400, 500)[::2].T.sum())
    assert told == 500 * 400 * 8
    assert told == pytest.approx(kept, rel=0.02)
    assert viz.diagnose(w.reshape(-1).sum()).saved == {}  # the parameter's own memory


def test_most_memory_is_told_first():
    w = Tensor(np.ones((100, 10)), name="w")
    diagnosis = viz.diagnose(concatenate([w * 2, w * 3]).sum())
    assert list(diagnosis.saved.values()) == [16000, 8000, 8000]
    assert "kept for the backward pass: 31.2 KiB, most of it (15.6 KiB) by concat" in str(diagnosis)
    diagnosis = viz.diagnose(((w * 2) * (w * 3) * (w * 4)).sum())  # of several that are equal, none is most
    assert ", the largest part (7.8 KiB) by " in str(diagnosis)


# -- what may be asked for -------------------------------------------------------------------------------------------


def test_traces_and_what_was_stored_give_the_same():
    _, loss = mlp(8, nn.Sigmoid)
    trace = viz.trace(loss)
    stored = viz.Trace.from_json(trace.to_json())
    assert viz.diagnose(stored).findings == viz.diagnose(trace).findings == viz.diagnose(loss).findings


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: viz.diagnose(3.0), "expected a Tensor, a Trace or a Recording, got float"),
        (lambda: viz.diagnose(viz.trace(Tensor(1.0) * 2), parameters=[]), "a trace holds no tensors"),
        (lambda: viz.diagnose(viz.trace(Tensor(1.0) * 2), expand="add"), "a trace is expanded when it is made"),
    ],
)
def test_what_cannot_be_diagnosed_is_refused(make, text):
    with pytest.raises(TypeError, match=text):
        make()


def test_edges_are_no_trouble():
    for t in (
        Tensor(3.0, name="x"),
        Tensor(3.0, requires_grad=False),
        Tensor(np.zeros((0, 3)), name="x").sum(),
        relu(Tensor(np.zeros((0, 3)), name="x")).sum(),
        Tensor(np.ones((2, 3)), name="x") * 2,
        Tensor(np.array([1.0]), name="x"),
    ):
        assert str(viz.diagnose(t))
    assert repr(viz.diagnose(Tensor(3.0))).startswith("<Diagnosis: no findings")
    assert repr(viz.diagnose(log(vector(0.0)).sum())).startswith("<Diagnosis: 1 finding;")


def test_hostile_names_cannot_steer_a_terminal():
    x = Tensor(np.array([np.nan, 1.0]), name="\x1b[31m\nnothing found\u202e")
    text = str(viz.diagnose(x.sum()))
    assert not any(character in text.replace("\n", "", 1) for character in "\x1b\u202e\r")
    assert text.startswith("non-finite value: ␛[31m␊nothing found�")


def test_a_long_chain_takes_no_recursion():
    x = Tensor(1.0, name="x")
    y = x
    for _ in range(20_000):
        y = y * 0.9999
    assert viz.diagnose(y).ok
