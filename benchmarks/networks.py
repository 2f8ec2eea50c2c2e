"""Training steps of networks, written once: an engine brings `nn`, `optim` and its tensors, under the same names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Library:
    """What an engine brings along."""

    nn: Any
    optim: Any
    constant: Callable[[np.ndarray[Any, Any]], Any]
    """A NumPy array as the engine takes it for input, targets and weights."""
    array: Callable[[Any], np.ndarray[Any, Any]]
    """A result as a NumPy array."""


Step = Callable[[], Any]


def _set_weights(library: Library, model: Any) -> Any:
    """Give a model the weights that it has in every engine: of about the size at which training starts."""
    draw = np.random.default_rng(0)
    weights = {}
    for name, old in model.state_dict().items():
        shape = tuple(old.shape)
        scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.1
        middle = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        values = (middle + scale * draw.normal(size=shape)).astype(np.float32)
        weights[name] = library.constant(values)
    model.load_state_dict(weights)
    return model


def _numbers(*shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


def _classes(samples: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(2).integers(0, 10, samples)


def _gradients(model: Any, loss: Callable[[], Any]) -> Step:
    """Forward, loss and backward; gives the gradient that comes last, that of the first parameter."""
    first = next(iter(model.parameters()))

    def step() -> Any:
        model.zero_grad()
        loss().backward()
        return first.grad

    return step


def mlp(library: Library, batch: int) -> Step:
    """784-256-128-10 with cross entropy and a step of Adam; gives the loss."""
    nn = library.nn
    layers = nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    model = _set_weights(library, nn.Sequential(*layers))
    optimizer, loss_of = library.optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    x, y = library.constant(_numbers(batch, 784)), library.constant(_classes(batch))

    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def cnn(library: Library, batch: int) -> Step:
    """Two convolutions, 3 to 32 to 64 channels of 32 x 32, 3 x 3 windows, then pooling and a linear layer."""
    nn = library.nn
    model = nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 16 * 16, 10),
    )
    _set_weights(library, model)
    loss_of = nn.CrossEntropyLoss()
    x, y = library.constant(_numbers(batch, 3, 32, 32)), library.constant(_classes(batch))
    return _gradients(model, lambda: loss_of(model(x), y))


def lstm(library: Library, batch: int) -> Step:
    """One layer over 64 steps, 128 features in and out."""
    model = _set_weights(library, library.nn.LSTM(128, 128))
    x, wanted = library.constant(_numbers(64, batch, 128)), library.constant(_numbers(64, batch, 128)[::-1].copy())
    loss_of = library.nn.MSELoss()
    return _gradients(model, lambda: loss_of(model(x)[0], wanted))


def encoder(library: Library, batch: int) -> Step:
    """A Transformer encoder layer: 128 tokens of 256 features, 4 heads, 2048 hidden features."""
    # Without dropout, whose masks would differ between engines.
    model = library.nn.TransformerEncoderLayer(256, 4, dropout=0.0, batch_first=True)
    _set_weights(library, model)
    x, wanted = library.constant(_numbers(batch, 128, 256)), library.constant(_numbers(batch, 128, 256)[::-1].copy())
    loss_of = library.nn.MSELoss()
    return _gradients(model, lambda: loss_of(model(x), wanted))


#: By the name of the program.
NETWORKS: dict[str, Callable[[Library, int], Step]] = {"mlp": mlp, "cnn": cnn, "lstm": lstm, "encoder": encoder}


def step(library: Library, program: str, batch: int) -> Step:
    """A training step whose result is an array."""
    run = NETWORKS[program](library, batch)
    return lambda: library.array(run())
