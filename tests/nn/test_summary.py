"""Summaries: counts known from theory, and no trace left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, no_grad
from nn import functional as F


def state_of(model: nn.Module) -> Any:
    return (
        {name: (value.tobytes(), value.dtype) for name, value in model.state_dict().items()},
        [
            (name, p.requires_grad, None if p.grad is None else p.grad.tobytes(), id(p), p.version)
            for name, p in [*model.named_parameters(), *model.named_buffers()]
        ],
        [module.training for module in model.modules()],
        [(name, id(vars(module)[name])) for module in model.modules() for name in module._kinds],
        nn.get_rng_state(),
    )


@pytest.mark.parametrize(
    ("build", "shape", "parameters", "multiply_adds"),
    [
        (lambda: nn.Linear(7, 5), (3, 7), 40, 3 * 7 * 5),
        (lambda: nn.Linear(7, 5, bias=False), (2, 3, 7), 35, 2 * 3 * 7 * 5),
        (lambda: nn.Conv2d(3, 8, 5, padding=2), (2, 3, 9, 9), 8 * 76, 2 * 8 * 81 * 75),
        (lambda: nn.Conv2d(4, 8, 3, stride=2, groups=2, bias=False), (1, 4, 9, 9), 8 * 18, 8 * 16 * 18),
        (lambda: nn.Conv1d(3, 6, 3), (2, 3, 10), 6 * 10, 2 * 6 * 8 * 9),
        (lambda: nn.ConvTranspose2d(3, 6, 3), (2, 3, 5, 5), 3 * 6 * 9 + 6, 2 * 3 * 25 * 54),
        (lambda: nn.LSTM(6, 5), (4, 2, 6), 4 * 5 * 13, 4 * 2 * 4 * 5 * 11),
        (lambda: nn.GRU(6, 5), (4, 2, 6), 3 * 5 * 13, 4 * 2 * 3 * 5 * 11),
        (lambda: nn.RNN(6, 5), (4, 2, 6), 5 * 13, 4 * 2 * 5 * 11),
        (lambda: nn.LSTM(6, 5, 2, bidirectional=True), (4, 2, 6), 1200, 4 * 2 * 4 * 5 * 2 * (6 + 5 + 10 + 5)),
        (lambda: nn.Bilinear(4, 3, 2), ((5, 4), (5, 3)), 26, 5 * 4 * 3 * 2),
        (lambda: nn.Sequential(nn.ReLU(), nn.Flatten()), (2, 3, 4), 0, 0),
    ],
)
def test_counts_are_those_of_theory(build: Any, shape: Any, parameters: int, multiply_adds: int) -> None:
    model = build()
    summary = model.summary(*shape) if isinstance(shape[0], tuple) else model.summary(shape)
    assert summary.parameters == summary.trainable == parameters
    assert summary.parameter_bytes == 4 * parameters
    # Bilinear sums its second product elementwise; only products of matrices count.
    assert summary.multiply_adds == multiply_adds
    assert summary.uncounted == ()


def test_attention_is_counted_through_its_decomposition() -> None:
    class Attend(nn.Module):
        def forward(self, q: Any, k: Any, v: Any) -> Any:
            return F.scaled_dot_product_attention(q, k, v)

    summary = Attend().summary((2, 5, 8), (2, 7, 8), (2, 7, 8))
    assert summary.multiply_adds == 2 * 5 * 7 * 8 * 2
    model = nn.MultiheadAttention(8, 2, batch_first=True)
    x = np.ones((3, 5, 8), np.float32)
    assert model.summary(x, x, x, need_weights=False).multiply_adds == 3 * 5 * 8 * 8 * 4 + 3 * 5 * 5 * 8 * 2


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])
        self.norm = nn.BatchNorm1d(4)
        self.drop = nn.Dropout(0.5)
        self.spare = nn.Linear(2, 2)
        self.scale = nn.Parameter(np.ones(4), dtype=np.float32)
        self.register_buffer("calls", 0)
        self.register_buffer("last", None)

    def forward(self, x: Any, repeat: int = 2) -> Any:
        self.calls, self.last = self.calls.data + 1, np.asarray(x.shape)
        for _ in range(repeat):
            x = self.layers[0](x)
        return {"out": self.drop(self.norm(x)) * self.scale, "pair": (x, x.sum())}


def test_every_module_has_its_row() -> None:
    net = Net()
    net.layers[1].requires_grad_(False)
    net.norm.weight = net.scale
    summary = net.summary((3, 4), repeat=5)
    assert [layer.path for layer in summary.layers] == [name for name, _ in net.named_modules()]
    first = summary["layers.0"]
    assert (first.kind, first.calls, first.output, first.multiply_adds) == ("Linear", 5, (3, 4), 5 * 48)
    assert first.activation_bytes == 5 * 3 * 4 * 4
    assert summary[""].output == {"out": (3, 4), "pair": ((3, 4), ())}
    assert summary[""].trainable == 4  # the scale, which the normalisation shares
    assert summary["norm"].parameters == 4
    assert (summary["layers.1"].frozen, summary["layers.1"].trainable) == (20, 0)
    assert summary["spare"].output is None
    assert summary.trainable == 4 + 20 + 4 + 6
    assert summary.frozen == 20
    text = repr(summary)
    for part in ("layers.0", "Linear ×5", "not called", "frozen", "34 of 54 parameters are trained", "(3, 4)"):
        assert part in text
    assert len({len(line) for line in text.splitlines() if "──" in line}) == 1
    with pytest.raises(KeyError, match=r"there is no layer 'x'; there are '', 'layers', 'layers.0'"):
        summary["x"]


def test_arrays_anywhere_in_the_arguments_are_named_and_what_returned_none_says_so() -> None:
    class Quiet(nn.Module):
        def forward(self, x: Any) -> Any:
            return None

    summary = nn.LSTM(3, 2).summary(nn.utils.rnn.pack_sequence([np.ones((4, 3)), np.ones((2, 3))]))
    assert summary.inputs == ((6, 3), (4,))  # elements and batch sizes
    assert summary[""].output == (((6, 2), (4,), None, None), ((1, 2, 2), (1, 2, 2)))
    assert "None" in repr(Quiet().summary((1,)))
    assert "not called" not in repr(Quiet().summary((1,)))


def test_it_leaves_no_trace() -> None:
    nn.manual_seed(0)
    net = Net()
    generator = np.random.default_rng(3)
    net.drop.extra = generator
    net.layers[1].requires_grad_(False)
    net.norm.eval()
    net(np.ones((3, 4), np.float32))["out"].sum().backward()
    net.last = None
    before = state_of(net), generator.bit_generator.state
    for _ in range(2):
        net.summary((3, 4))
        net.summary(Tensor(np.ones((3, 4)), requires_grad=False), repeat=1)
        with pytest.raises(ValueError, match="Linear"):
            net.summary((3, 5))
        with no_grad():
            assert net.summary((3, 4)).multiply_adds > 0
    assert (state_of(net), generator.bit_generator.state) == before
    assert net._hooks is None or not net._hooks.before


def test_a_graph_recorded_before_is_still_good() -> None:
    net = Net()
    loss = net(np.ones((3, 4), np.float32))["out"].sum()
    net.summary((3, 4))
    loss.backward()
    assert net.scale.grad is not None


def test_frozen_networks_are_counted_all_the_same() -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2)).requires_grad_(False)
    summary = net.summary(np.ones((2, 4)))
    assert summary.multiply_adds == 2 * (12 + 6)
    assert (summary.trainable, summary.frozen) == (0, 23)
    assert not any(p.requires_grad for p in net.parameters())


def test_integers_go_in_as_examples() -> None:
    net = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2))
    summary = net.summary(np.array([[1, 2, 3]]))
    assert summary["0"].output == (1, 3, 4)
    assert summary.multiply_adds == 3 * 8


def test_views_take_no_memory_of_their_own() -> None:
    net = nn.Sequential(nn.Linear(4, 6, bias=False), nn.Flatten(), nn.Identity())
    summary = net.summary((2, 3, 4))
    assert summary.activation_bytes == 2 * 3 * 6 * 4
    assert summary["1"].activation_bytes == 0


def test_a_module_of_the_user_counts_like_those_of_the_library() -> None:
    class Mine(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(np.ones((4, 5)))

        def forward(self, x: Any) -> Any:
            return F.relu(x @ self.w) @ self.w.T

    assert Mine().summary((3, 4)).multiply_adds == 2 * 3 * 4 * 5


def test_the_convolutions_of_alexnet_have_their_known_size() -> None:
    """Krizhevsky et al. (2012), in the one-column form: 2.5 of its 61 million parameters, most of its work."""
    features = [(3, 64, 11, 4, 2), (64, 192, 5, 1, 2), (192, 384, 3, 1, 1), (384, 256, 3, 1, 1), (256, 256, 3, 1, 1)]
    layers: list[nn.Module] = []
    for i, (given, out, kernel, stride, padding) in enumerate(features):
        layers += [nn.Conv2d(given, out, kernel, stride=stride, padding=padding), nn.ReLU()]
        if i in (0, 1, 4):
            layers.append(nn.MaxPool2d(3, 2))
    summary = nn.Sequential(*layers).summary((1, 3, 224, 224))
    convolutions = [layer for layer in summary.layers if layer.kind == "Conv2d"]
    assert sum(layer.parameters for layer in convolutions) == 2_469_696
    assert sum(layer.multiply_adds for layer in convolutions) == 655_566_528
