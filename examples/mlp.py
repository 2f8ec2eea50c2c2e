"""Multilayer perceptrons: digits by networks with one and two hidden layers, and with sigmoids instead of ReLUs.

Then what makes or breaks their training: the first weights, the scale of the inputs, the depth, and penalties, dropout
and batch normalisation where examples are few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn
import optim
from examples import _data
from examples._data import Split
from examples._figures import Figure
from examples._progress import for_fit
from nn.models import MLP


def train(
    split: Split, *hidden: int, activation: Callable[[], nn.Module] = nn.ReLU, epochs: int, seed: int
) -> tuple[nn.Module, float]:
    """Train a network, and return it and its accuracy on the test part."""
    nn.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), MLP(64, *hidden, 10, activation=activation))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    nn.fit(
        model,
        split.train,
        nn.CrossEntropyLoss(label_smoothing=0.1),
        optimizer,
        epochs,
        scheduler=optim.lr_scheduler.PolynomialLR(optimizer, total_iters=epochs),
        metrics="accuracy",
        seed=seed,
        progress=for_fit(),
    )
    return model, float(nn.evaluate(model, split.test, metrics="accuracy")["accuracy"])


def first_gradient(activation: Callable[[], nn.Module], split: Split, seed: int) -> float:
    """The gradient of the first layer's weights before training, compared to the last's; eight hidden layers between.

    The first weights are scaled for ReLUs by He and for others by Xavier, so that it is not they that make it small.
    """
    nn.manual_seed(seed)
    model = MLP(64, *[64] * 8, 10, activation=activation)
    weights = [layer.weight for layer in model if isinstance(layer, nn.Linear)]
    for weight in weights:
        (nn.init.kaiming_normal_ if activation is nn.ReLU else nn.init.xavier_normal_)(weight)
    nn.functional.cross_entropy(model(split.x.reshape(-1, 64)), split.y).backward()
    first, last = (float(np.sqrt(np.mean(np.square(weight.grad)))) for weight in (weights[0], weights[-1]))
    return first / last


def learn(
    make: Callable[[], nn.Module], split: Split, *, steps: int, seed: int, decay: float = 0.0, l1: float = 0.0
) -> float:
    """Train by Adam, with an L2 (``decay``) or L1 penalty or none, and return the accuracy on the test part."""
    nn.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), make())
    optimizer = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=decay)
    weights = [parameter for parameter in model.parameters() if parameter.ndim == 2]
    random = np.random.default_rng(seed)
    for _ in range(steps):
        chosen = random.integers(len(split.x), size=32)
        loss: Any = nn.functional.cross_entropy(model(split.x[chosen]), split.y[chosen])
        if l1:
            loss = loss + nn.functional.l1_penalty(weights, l1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(nn.evaluate(model, split.test, metrics="accuracy")["accuracy"])


def initialised(init: Callable[[Any], Any]) -> nn.Module:
    """A network with five hidden layers whose first weights are drawn in a certain way."""
    model = MLP(64, *[64] * 5, 10)
    for parameter in model.parameters():
        (init if parameter.ndim == 2 else nn.init.zeros_)(parameter)
    return model


def normalised() -> nn.Module:
    """A hidden layer with batch normalisation."""
    return nn.Sequential(nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 10))


def shallow() -> nn.Module:
    """A hidden layer of sigmoids."""
    return MLP(64, 64, 10, activation=nn.Sigmoid)


def conditions(split: Split, *, quick: bool) -> list[Figure]:
    """Change what training depends on, one thing at a time."""
    seeds, steps = range(1 if quick else 5), 30 if quick else 300
    figures = []
    for name, activation in [("sigmoid", nn.Sigmoid), ("tanh", nn.Tanh), ("ReLU", nn.ReLU)]:
        shares = [first_gradient(activation, split, seed) for seed in seeds]
        bound = 1e-3 if name == "sigmoid" else None
        figures.append(Figure(f"8 hidden layers, {name}: gradient of the first ÷ last weights", shares, at_most=bound))
    for name, init in [
        ("normal, deviation 0.01", lambda w: nn.init.normal_(w, std=0.01)),
        ("normal, deviation 1", nn.init.normal_),
        ("Xavier, normal", nn.init.xavier_normal_),
        ("He, normal", lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("He, uniform", lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu")),
    ]:
        reached = [learn(lambda init=init: initialised(init), split, steps=steps, seed=seed) for seed in seeds]  # type: ignore[misc]
        figures.append(Figure(f"first weights {name}: test accuracy after {steps} steps", reached, "%"))
    for name, scale in [("0 to 1", 1), ("0 to 255", 255)]:
        scaled = Split(split.x * scale, split.y, split.test_x * scale, split.test_y)
        nn.manual_seed(0)
        saturated = shallow().health(scaled.x.reshape(-1, 64)).activations[1].saturated or 0.0
        figures.append(Figure(f"pixels {name}: saturated sigmoids before training", saturated, "%"))
        reached = [learn(shallow, scaled, steps=steps, seed=seed) for seed in seeds]
        figures.append(Figure(f"pixels {name}, sigmoid: test accuracy after {steps} steps of Adam", reached, "%"))
    small = Split(split.x[:100], split.y[:100], split.test_x, split.test_y)
    regularisers: list[tuple[str, Callable[[], nn.Module], dict[str, float]]] = [
        ("no regularisation", lambda: MLP(64, 128, 10), {}),
        ("L2 penalty (weight decay)", lambda: MLP(64, 128, 10), {"decay": 1.0}),
        ("L1 penalty", lambda: MLP(64, 128, 10), {"l1": 1e-3}),
        ("dropout", lambda: MLP(64, 128, 10, dropout=0.5), {}),
        ("batch normalisation", normalised, {}),
    ]
    for name, regularised, settings in regularisers:
        reached = [learn(regularised, small, steps=steps, seed=seed, **settings) for seed in seeds]
        figures.append(Figure(f"100 examples, {name}: test accuracy", reached, "%"))
    return figures


def run(quick: bool = False) -> list[Figure]:
    """Train each network with several seeds, and then under other conditions."""
    split = _data.digits()
    epochs = 5 if quick else 40
    seeds = range(1 if quick else 5)
    figures = []
    networks: list[tuple[str, tuple[int, ...], Callable[[], nn.Module], float]] = [
        ("no hidden layer", (), nn.ReLU, 0.93),
        ("1 hidden layer (64)", (64,), nn.ReLU, 0.97),
        ("2 hidden layers (256, 128)", (256, 128), nn.ReLU, 0.97),
        ("2 hidden layers (256, 128), sigmoid", (256, 128), nn.Sigmoid, 0.95),
    ]
    for name, hidden, activation, goal in networks:
        reached = [train(split, *hidden, activation=activation, epochs=epochs, seed=seed)[1] for seed in seeds]
        figures.append(Figure(f"{name}: test accuracy", reached, "%", at_least=goal))
    return figures + conditions(split, quick=quick)
