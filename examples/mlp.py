"""Multilayer perceptrons: digits by networks with one and two hidden layers, and with sigmoids instead of ReLUs."""

from __future__ import annotations

from collections.abc import Callable

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


def run(quick: bool = False) -> list[Figure]:
    """Train each network with several seeds."""
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
    return figures
