"""Layers, whole networks and losses: their gates redrawn as simpler ones, checked, stored and explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor
from autograd.forward import nodes_of
from autograd.reverse import trace as backward_pass
from nn import functional
from viz.expand import expanded
from viz.traces import Trace

MASK = np.triu(np.ones((3, 3), bool), 1)
PADDING = np.array([[False, False, True], [False, True, True]])
CLASSES = np.array([0, 2])

#: A layer, and the shapes of what it is called with; the first input gets a gradient.
LAYERS: dict[str, Callable[[], tuple[Callable[..., Any], list[tuple[int, ...]]]]] = {
    "linear": lambda: (nn.Sequential(nn.Linear(3, 2), nn.GELU(), nn.Linear(2, 2)), [(4, 3)]),
    "convolution": lambda: (
        nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.MaxPool2d(2), nn.Flatten()),
        [(2, 2, 4, 4)],
    ),
    "transposed convolution": lambda: (nn.ConvTranspose1d(2, 3, 3, stride=2), [(1, 2, 3)]),
    "batch normalisation, training": lambda: (nn.BatchNorm1d(2), [(3, 2, 4)]),
    "batch normalisation, evaluation": lambda: (nn.BatchNorm2d(2).eval(), [(2, 2, 2, 2)]),
    "group normalisation": lambda: (nn.GroupNorm(2, 4), [(2, 4, 3)]),
    "layer normalisation": lambda: (nn.LayerNorm(3), [(2, 3)]),
    "RMS normalisation": lambda: (nn.RMSNorm(3), [(2, 3)]),
    "dropout": lambda: (nn.Sequential(nn.Dropout(0.5), nn.SiLU()), [(3, 4)]),
    "PReLU and ELU": lambda: (nn.Sequential(nn.PReLU(), nn.ELU()), [(3, 4)]),
    "LSTM": lambda: (nn.LSTM(2, 2), [(3, 2, 2)]),
    "GRU": lambda: (nn.GRU(2, 2), [(2, 1, 2)]),
    "RNN": lambda: (nn.RNN(2, 2), [(3, 1, 2)]),
    "attention with masks": lambda: (_attention(), [(2, 3, 4)]),
    "Transformer layer": lambda: (nn.TransformerEncoderLayer(4, 2, 6, dropout=0.1, batch_first=True), [(1, 3, 4)]),
    "CTC": lambda: (_ctc, [(4, 2, 3)]),
    "cross entropy": lambda: (lambda x: functional.cross_entropy(x, CLASSES, label_smoothing=0.1), [(2, 3)]),
    "weighted cross entropy": lambda: (_weighted, [(2, 3)]),
    "binary cross entropy": lambda: (lambda x: nn.BCEWithLogitsLoss()(x, np.ones((2, 3)) * 0.3), [(2, 3)]),
    "Huber": lambda: (lambda x: nn.HuberLoss()(x, np.zeros((2, 3))), [(2, 3)]),
    "cosine embedding": lambda: (lambda x, y: nn.CosineEmbeddingLoss()(x, y, np.array([1, -1])), [(2, 3), (2, 3)]),
}


def _attention() -> Callable[..., Any]:
    layer = nn.MultiheadAttention(4, 2, batch_first=True).double()
    return lambda x: layer(x, x, x, attn_mask=MASK, key_padding_mask=PADDING, need_weights=False)


def _ctc(x: Tensor) -> Tensor:
    chances = functional.log_softmax(x, -1)
    loss: Tensor = nn.CTCLoss()(chances, np.array([[1, 2], [2, 1]]), np.array([4, 4]), np.array([2, 1]))
    return loss


def _weighted(x: Tensor) -> Tensor:
    return functional.cross_entropy(x, CLASSES, weight=np.array([1.0, 2.0, 3.0]))


def computed(name: str) -> Tensor:
    """A number computed by the layer, on which all its results have an influence."""
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    layer, shapes = LAYERS[name]()
    if isinstance(layer, nn.Module):
        layer.double()
    result = layer(*(Tensor(rng.normal(size=shape), name=f"x{i}") for i, shape in enumerate(shapes)))
    while isinstance(result, tuple):
        result = result[0]
    found: Tensor = (result * np.cos(np.arange(result.size)).reshape(result.shape)).sum()
    return found


@pytest.mark.parametrize("name", LAYERS)
def test_expanded_networks_have_the_same_values_and_gradients(name: str) -> None:
    t = computed(name)
    whole = backward_pass(t)
    gates = nodes_of(t)
    leaves = {x for gate in gates for x in gate.inputs if isinstance(x, Tensor) and x.is_leaf and x.requires_grad}
    possible = sorted({gate.primitive.name for gate in gates if gate.primitive.decomposition is not None})
    for which in (True, possible, *possible):
        seen = expanded(t, which)
        np.testing.assert_allclose(seen.root.data, t.data, rtol=1e-9, atol=1e-12)
        parts = backward_pass(seen.root)
        for x in leaves:
            np.testing.assert_allclose(parts.cotangents[x], whole.cotangents[x], rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("expand", [None, True], ids=["as it is", "expanded"])
@pytest.mark.parametrize("name", LAYERS)
def test_networks_are_checked_without_false_alarms_stored_and_explained(name: str, expand: Any) -> None:
    t = computed(name)
    found = viz.trace(t, expand=expand, check=True, names=False)
    verdicts = {entry.check.verdict for entry in found.entries if entry.check is not None}
    # Paths of probability 0 have infinite logarithms on the way, where there is nothing to compare.
    assert verdicts <= ({"agrees", "kink", "unsure"} if (name, expand) == ("CTC", True) else {"agrees", "kink"})
    assert "agrees" in verdicts
    again = Trace.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    for language in ("text", "markdown", "latex"):
        assert str(viz.explain(again, format=language)) == str(viz.explain(found, format=language))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LAYERS)
def test_expanded_gates_keep_their_line(name: str) -> None:
    with viz.record():
        t = computed(name)
    found = viz.trace(t, expand=True, gradients=False, locals=False)
    assert all(entry.source is not None for entry in found.entries if entry.kind == "gate")
