"""Recurrent layers and cells: outputs, states and all gradients against PyTorch, cells and finite differences."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, make_jvp, no_grad, ops
from autograd.test_util import check_grads
from nn.utils.rnn import pack_padded_sequence

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "RNN": ("RNN", {}),
    "RNN relu": ("RNN", {"nonlinearity": "relu"}),
    "LSTM": ("LSTM", {}),
    "LSTM projected": ("LSTM", {"proj_size": 2}),
    "GRU": ("GRU", {}),
}
FORMS = ["batch", "one sequence", "packed", "packed unsorted", "lengths"]


def configurations() -> list[Any]:
    """Every kind with every form of input, each with other settings drawn at random."""
    rng = np.random.default_rng(0)
    cases = []
    for kind, form, _ in itertools.product(KINDS, FORMS, range(2)):
        name, settings = KINDS[kind]
        settings = {
            **settings,
            "num_layers": int(rng.integers(1, 4)),
            "bidirectional": bool(rng.integers(2)),
            "batch_first": bool(rng.integers(2)),
            "bias": bool(rng.integers(4)),
        }
        sizes = tuple(int(rng.integers(low, high)) for low, high in [(1, 6), (1, 5), (1, 5), (3, 6)])
        cases.append(pytest.param(name, settings, form, sizes, bool(rng.integers(2)), id=f"{kind}, {form}, {settings}"))
    return cases


def pair(torch: Any, name: str, *sizes: int, **settings: Any) -> tuple[Any, Any]:
    """PyTorch's module and ours with the same weights, in float64."""
    theirs = getattr(torch.nn, name)(*sizes, **settings).double()
    ours = getattr(nn, name)(*sizes, **settings, dtype=np.float64)
    assert repr(ours) == repr(theirs)
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)
    return theirs, ours


def assert_close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-13)


def compare(torch: Any, modules: tuple[Any, Any], results: tuple[Any, Any], variables: tuple[Any, Any]) -> None:
    """Results, and the gradients of a random weighted sum of them by variables and parameters, agree."""
    theirs, ours = modules
    rng = np.random.default_rng(1)
    loss, expected_loss = 0.0, 0.0
    for a, b in zip(*results, strict=True):
        assert_close(a.data, b.detach().numpy())
        weights = rng.normal(size=a.shape)
        loss, expected_loss = loss + (a * weights).sum(), expected_loss + (b * torch.tensor(weights)).sum()
    loss.backward()
    expected_loss.backward()
    for a, b in zip(*variables, strict=True):
        assert_close(a.grad, b.grad.numpy())
    for (name, a), (other, b) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == other
        assert_close(a.grad, b.grad.numpy())


@pytest.mark.parametrize(("name", "settings", "form", "sizes", "with_states"), configurations())
def test_recurrent_layers_are_pytorchs(
    torch: Any, rng: np.random.Generator, name: str, settings: Any, form: str, sizes: Any, with_states: bool
) -> None:
    steps, batch, features, hidden = sizes
    theirs, ours = pair(torch, name, features, hidden, **settings)
    first = settings["batch_first"]
    shape = (
        (steps, features) if form == "one sequence" else (batch, steps, features) if first else (steps, batch, features)
    )
    x, lengths = rng.normal(size=shape), rng.integers(1, steps + 1, batch)
    if form == "packed":
        lengths = -np.sort(-lengths)
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)

    layers = settings["num_layers"] * (1 + settings["bidirectional"])
    widths = [settings.get("proj_size", hidden), hidden] if name == "LSTM" else [hidden]
    values = [rng.normal(size=(layers, *([] if form == "one sequence" else [batch]), width)) for width in widths]
    our_states, their_states = [Tensor(v) for v in values], [torch.tensor(v, requires_grad=True) for v in values]
    our_hx = their_hx = None
    if with_states:
        our_hx, their_hx = (
            (tuple(our_states), tuple(their_states)) if name == "LSTM" else (our_states[0], their_states[0])
        )

    rnn = torch.nn.utils.rnn
    if form.startswith("packed"):
        ordered = {"batch_first": first, "enforce_sorted": form == "packed"}
        output, last = ours(pack_padded_sequence(a, lengths, **ordered), our_hx)
        expected, expected_last = theirs(rnn.pack_padded_sequence(b, torch.tensor(lengths), **ordered), their_hx)
        np.testing.assert_array_equal(output.batch_sizes, expected.batch_sizes.numpy())
        output, expected = output.data, expected.data
    elif form == "lengths":
        output, last = ours(a, our_hx, lengths=lengths)
        packed = rnn.pack_padded_sequence(b, torch.tensor(lengths), batch_first=first, enforce_sorted=False)
        expected, expected_last = theirs(packed, their_hx)
        expected, _ = rnn.pad_packed_sequence(expected, batch_first=first, total_length=steps)
    else:
        output, last = ours(a, our_hx)
        expected, expected_last = theirs(b, their_hx)
    results = (
        ((output, *last), (expected, *expected_last)) if name == "LSTM" else ((output, last), (expected, expected_last))
    )
    variables = ([a, *our_states], [b, *their_states]) if with_states else ([a], [b])
    compare(torch, (theirs, ours), results, variables)


CELLS = [
    pytest.param(name, {"bias": bias, **more}, shape, with_state, id=f"{name} {bias} {more} {shape} {with_state}")
    for name, more in [("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("LSTMCell", {}), ("GRUCell", {})]
    for bias in (True, False)
    for shape in [(3,), (1, 3), (4, 3), (0, 3)]
    for with_state in (True, False)
]


@pytest.mark.parametrize(("name", "settings", "shape", "with_state"), CELLS)
def test_cells_are_pytorchs(
    torch: Any, rng: np.random.Generator, name: str, settings: Any, shape: Any, with_state: bool
) -> None:
    theirs, ours = pair(torch, name, 3, 5, **settings)
    values = [
        rng.normal(size=shape),
        *(rng.normal(size=(*shape[:-1], 5)) for _ in range(2 if name == "LSTMCell" else 1)),
    ]
    (a, *our_hx), (b, *their_hx) = [Tensor(v) for v in values], [torch.tensor(v, requires_grad=True) for v in values]
    if not with_state:
        results = (ours(a), theirs(b))
        our_hx = their_hx = []
    elif name == "LSTMCell":
        results = (ours(a, tuple(our_hx)), theirs(b, tuple(their_hx)))
    else:
        results = (ours(a, *our_hx), theirs(b, *their_hx))
    if name != "LSTMCell":
        results = tuple((r,) for r in results)  # type: ignore[assignment]
    compare(torch, (theirs, ours), results, ([a, *our_hx], [b, *their_hx]))


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_layer_is_its_cell_step_by_step(rng: np.random.Generator, name: str) -> None:
    layer = getattr(nn, name)(3, 4, dtype=np.float64)
    cell = getattr(nn, name + "Cell")(3, 4, dtype=np.float64)
    cell.load_state_dict({key.removesuffix("_l0"): value for key, value in layer.state_dict().items()})
    x = rng.normal(size=(6, 2, 3))
    a, b = Tensor(x), Tensor(x)
    output, _ = layer(a)
    state, outputs = None, []
    for t in range(6):
        state = cell(b[t], state)
        outputs.append(state[0] if name == "LSTM" else state)
    (output * output).sum().backward()
    expected = sum((h * h).sum() for h in outputs)
    expected.backward()
    np.testing.assert_allclose(output.data, np.stack([h.data for h in outputs]), rtol=1e-12)
    np.testing.assert_allclose(a.grad, b.grad, rtol=1e-10)
    for ours, theirs in zip(layer.parameters(), cell.parameters(), strict=True):
        np.testing.assert_allclose(ours.grad, theirs.grad, rtol=1e-10)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_derivatives_of_a_bidirectional_stack_up_to_second_order(rng: np.random.Generator, name: str) -> None:
    layer = getattr(nn, name)(1, 1, num_layers=2, bidirectional=True, dtype=np.float64)

    def loss(x: Any, weight: Any) -> Any:
        given = layer.weight_hh_l0
        object.__setattr__(layer, "weight_hh_l0", weight)
        try:
            output, last = layer(x, lengths=[2, 1])
        finally:
            object.__setattr__(layer, "weight_hh_l0", given)
        return (output * output).sum() + (last[1] if name == "LSTM" else last).sum()

    check_grads(loss, modes=("fwd", "rev"), order=2)(rng.normal(size=(2, 2, 1)), layer.weight_hh_l0.numpy())


def test_a_tangent_flows_through_a_layer(rng: np.random.Generator) -> None:
    layer = nn.GRU(2, 3, dtype=np.float64)
    x, v = rng.normal(size=(4, 2, 2)), rng.normal(size=(4, 2, 2))
    tangent = make_jvp(lambda x: layer(x)[0])(x)(v)[1]
    values = [layer(x + sign * 1e-6 * v)[0].data for sign in (1, -1)]
    np.testing.assert_allclose(tangent.data, (values[0] - values[1]) / 2e-6, rtol=1e-6)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_both_precisions_agree(rng: np.random.Generator, name: str) -> None:
    layer = getattr(nn, name)(5, 7, num_layers=2)
    x = rng.normal(size=(6, 3, 5)).astype(np.float32)
    results: list[list[Any]] = []
    for dtype in (np.float32, np.float64):
        layer.to(dtype).zero_grad()
        output, _ = layer(x)
        assert output.dtype == dtype
        (output * output).sum().backward()
        assert all(p.grad.dtype == dtype for p in layer.parameters())
        results.append([output.data, *(p.grad for p in layer.parameters())])
    for single, double in zip(*results, strict=True):
        np.testing.assert_allclose(single, double, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(("operation", "gates", "states"), [(ops.rnn, 1, 1), (ops.lstm, 4, 2), (ops.gru, 3, 1)])
def test_operations_compute_in_the_widest_of_their_dtypes(
    rng: np.random.Generator, operation: Any, gates: int, states: int
) -> None:
    shapes = [(3, 2, 2), *[(2, 2)] * states, (2 * gates, 2), (2 * gates, 2), (2 * gates,), (2 * gates,)]
    arrays = [rng.integers(-2, 3, shape) for shape in shapes]
    variables = [Tensor(a) for a in arrays]
    expected = operation(*variables)
    expected.sum().backward()
    np.testing.assert_array_equal(operation(*arrays), expected.data)  # whole numbers, as float64
    for i in range(len(arrays)):
        mixed = [Tensor(a, dtype=np.float64 if i == j else np.float32) for j, a in enumerate(arrays)]
        result = operation(*mixed)
        result.sum().backward()
        assert result.dtype == np.float64
        np.testing.assert_allclose(result.data, expected.data, rtol=1e-12)
        for j, (a, b) in enumerate(zip(mixed, variables, strict=True)):
            assert a.grad.dtype == a.dtype
            np.testing.assert_allclose(a.grad, b.grad, rtol=1e-12 if i == j else 1e-5, atol=1e-6)
    with pytest.raises(TypeError, match="expected real numbers, got complex128"):
        operation(arrays[0] * 1j, *arrays[1:])


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_saturated_gates_do_not_overflow(name: str) -> None:
    layer = getattr(nn, name)(1, 2)
    for parameter in layer.parameters():
        nn.init.constant_(parameter, 1e4)
    x = Tensor(np.array([1e4, -1e4, 1e4], np.float32).reshape(3, 1, 1))
    output, _ = layer(x)
    output.sum().backward()
    assert np.isfinite(output.data).all()
    assert np.isfinite(x.grad).all()


def test_nothing_is_recorded_under_no_grad() -> None:
    with no_grad():
        output, (h, c) = nn.LSTM(3, 2)(np.ones((4, 1, 3)))
    assert not any(result.requires_grad for result in (output, h, c))


def test_frozen_weights_let_gradients_through_to_the_input(rng: np.random.Generator) -> None:
    layer = nn.LSTM(3, 2).requires_grad_(False)
    x = Tensor(rng.normal(size=(4, 1, 3)))
    layer(x)[0].sum().backward()
    assert x.grad.shape == (4, 1, 3)
    assert x.grad.all()
    assert all(p.grad is None for p in layer.parameters())


def test_padding_may_hold_anything(rng: np.random.Generator) -> None:
    layer = nn.GRU(2, 3, num_layers=2, bidirectional=True)
    x = rng.normal(size=(4, 2, 2))
    x[2:, 1] = np.nan
    a = Tensor(x)
    output, last = layer(a, lengths=[4, 2])
    (output.sum() + last.sum()).backward()
    assert np.isfinite(last.data).all()
    assert not output.data[2:, 1].any()
    assert not a.grad[2:, 1].any()
    assert all(np.isfinite(p.grad).all() for p in layer.parameters())


def test_an_empty_batch() -> None:
    layer = nn.LSTM(3, 2, bidirectional=True)
    output, (h, c) = layer(np.ones((4, 0, 3)))
    assert (output.shape, h.shape, c.shape) == ((4, 0, 4), (2, 0, 2), (2, 0, 2))
    output.sum().backward()
    assert not layer.weight_ih_l0.grad.any()


def test_initial_values_are_uniform() -> None:
    layer = nn.GRU(30, 25, generator=np.random.default_rng(0))
    for parameter in layer.parameters():
        assert 0.9 * 0.2 < abs(parameter.data).max() <= 0.2
    again = nn.GRU(30, 25, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(layer.weight_hh_l0.data, again.weight_hh_l0.data)
    assert abs(nn.LSTMCell(30, 25).weight_ih.data).max() <= 0.2


def test_dropout_acts_between_layers_in_training_only() -> None:
    nn.manual_seed(0)
    layer = nn.RNN(3, 50, num_layers=2, dropout=0.5)
    x = np.ones((2, 4, 3))
    assert (layer(x)[0].data != layer(x)[0].data).any()
    np.testing.assert_array_equal(layer(x)[1].data[0], layer(x)[1].data[0])  # the first layer itself is not affected
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].data, layer(x)[0].data)
    # Everything left out: the second layer sees zeros.
    layer.train().dropout = 1.0
    second = nn.RNN(50, 50)
    second.load_state_dict({k.replace("l1", "l0"): v for k, v in layer.state_dict().items() if "l1" in k})
    np.testing.assert_array_equal(layer(x)[0].data, second(np.zeros((2, 4, 50)))[0].data)
    with pytest.warns(UserWarning, match=r"GRU: dropout acts between layers, so dropout=0.5 does nothing"):
        nn.GRU(2, 3, dropout=0.5)


def test_dropout_keeps_the_mean() -> None:
    nn.manual_seed(0)
    layer = nn.RNN(1, 1, num_layers=2, dropout=0.25, nonlinearity="relu")
    for parameter in layer.parameters():
        nn.init.constant_(parameter, 0.0)
    nn.init.ones_(layer.weight_ih_l0)
    nn.init.ones_(layer.weight_ih_l1)
    outputs = layer(np.ones((2, 10_000, 1)))[0].data
    assert set(np.unique(outputs.round(3))) == {0.0, np.float32(1.333)}
    assert abs(outputs.mean() - 1) < 0.02


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.LSTM(0, 2), ValueError, "LSTM: input_size must be positive, got 0"),
        (lambda: nn.GRU(2, 2.5), TypeError, r"GRU: hidden_size must be an integer, got 2\.5"),
        (lambda: nn.GRU(2, 2, num_layers=0), ValueError, "GRU: num_layers must be positive"),
        (lambda: nn.GRU(2, 2, dropout=1.5), ValueError, "GRU: dropout must be a probability from 0 to 1, got 1.5"),
        (lambda: nn.GRU(2, 2, dropout="0.5"), ValueError, "GRU: dropout must be a probability from 0 to 1, got '0.5'"),
        (lambda: nn.RNN(2, 2, nonlinearity="gelu"), ValueError, "RNN: nonlinearity must be 'tanh' or 'relu'"),
        (lambda: nn.RNNCell(2, 2, nonlinearity="gelu"), ValueError, "RNNCell: nonlinearity must be 'tanh' or 'relu'"),
        (lambda: nn.LSTM(2, 3, proj_size=3), ValueError, "LSTM: proj_size must be smaller than hidden_size 3, got 3"),
        (lambda: nn.LSTMCell(2, -1), ValueError, "LSTMCell: hidden_size must be positive, got -1"),
    ],
)
def test_settings_are_checked(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


X = np.ones((4, 2, 3), np.float32)


@pytest.mark.parametrize(
    ("layer", "arguments", "error", "message"),
    [
        (nn.GRU(5, 2), (X,), ValueError, r"GRU\(5, 2\): expected input of shape \(steps, batch, 5\) or, for one "),
        (nn.GRU(3, 2, batch_first=True), (X[0, 0],), ValueError, r"\(batch, steps, 3\).*got float32 \(3,\)"),
        (nn.GRU(3, 2), (X[:0],), ValueError, r"expected at least one step, got input of shape \(0, 2, 3\)"),
        (
            nn.GRU(3, 2),
            (X, np.ones((1, 5, 2))),
            ValueError,
            r"state h_0 must have the shape \(1, 2, 2\).*got \(1, 5, 2\)",
        ),
        (nn.GRU(3, 2), (X[:, 0], np.ones((1, 1, 2))), ValueError, r"h_0 must have the shape \(1, 2\), \(layers × dir"),
        (nn.LSTM(3, 2), (X, (np.ones((1, 2, 2)), np.ones((1, 2, 3)))), ValueError, "state c_0 must have the shape"),
        (
            nn.LSTM(3, 2),
            (X, np.ones((1, 2, 2))),
            TypeError,
            r"LSTM: expected the states as a pair \(h, c\), got ndarray",
        ),
        (nn.LSTM(3, 2), (X, (1, 2, 3)), TypeError, r"as a pair \(h, c\), got 3 values"),
        (
            nn.RNNCell(3, 2),
            (X,),
            ValueError,
            r"RNNCell\(3, 2\): expected input of shape \(batch, 3\) or \(3,\), got float32",
        ),
        (nn.GRUCell(3, 2), (X[0], X[0]), ValueError, r"the state hx must have shape \(2, 2\), got \(2, 3\)"),
        (nn.LSTMCell(3, 2), (X[0], X[0, :, :2]), TypeError, r"LSTMCell: expected the states as a pair"),
    ],
)
def test_inputs_are_checked(layer: Any, arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        layer(*arguments)
    assert "[in scope" in str(caught.value)


@pytest.mark.parametrize(
    ("lengths", "error", "message"),
    [
        ([4, 5], ValueError, "GRU: length 5 of sequence 1 is not between 1 and the 4 steps"),
        ([0, 4], ValueError, "GRU: length 0 of sequence 0 is not between 1 and the 4 steps"),
        ([4], ValueError, r"one number for each of the 2 sequences, got shape \(1,\)"),
        ([4.0, 3.0], TypeError, "GRU: lengths must be integers, got float64"),
    ],
)
def test_lengths_are_checked(lengths: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nn.GRU(3, 2)(X, lengths=lengths)


def test_lengths_go_with_padded_batches() -> None:
    with pytest.raises(ValueError, match="lengths need a batch of sequences"):
        nn.GRU(3, 2)(X[:, 0], lengths=[4])
    with pytest.raises(ValueError, match="a PackedSequence has its own lengths"):
        nn.GRU(3, 2)(pack_padded_sequence(X, [4, 2]), lengths=[4, 2])
