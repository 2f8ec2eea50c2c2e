"""Regression: how far diabetes goes within a year, from ten measurements, by a linear model and by networks."""

from __future__ import annotations

import numpy as np

import nn
import optim
from examples import _data
from examples._data import Array, Split
from examples._figures import Figure
from examples._progress import for_fit
from nn.metrics import r2
from nn.models import MLP


def least_squares(split: Split) -> float:
    """R² of the linear model with the smallest squared error, which linear algebra gives at once."""

    def with_ones(x: Array) -> Array:
        return np.column_stack([x, np.ones(len(x))])

    weights = np.linalg.lstsq(with_ones(split.x), split.y)[0]
    return float(r2(with_ones(split.test_x) @ weights, split.test_y))


def train(
    model: nn.Module, split: Split, loss: nn.Module, *, lr: float, epochs: int, seed: int, stop_early: bool = False
) -> tuple[float, int]:
    """Train, and return R² on the test part (the share of the variance that is explained) and the number of epochs.

    Stopping early, a fifth of the data is kept apart, and the weights are those with the smallest loss on it.
    """
    scale = nn.data.Standardize(split.y)
    optimizer = optim.AdamW(model.parameters(), lr=lr, weight_decay=1.0)
    history = nn.fit(
        model,
        (split.x, scale(split.y)),
        loss,
        optimizer,
        epochs,
        validation_split=0.2 if stop_early else 0.0,
        patience=10 if stop_early else None,
        scheduler=None if stop_early else optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs),
        seed=seed,
        progress=for_fit(),
    )
    return float(r2(scale.inverse(nn.predict(model, split.test_x)), split.test_y)), len(history)


def run(quick: bool = False) -> list[Figure]:
    """Train with the squared and with other errors, for a fixed time and until it gets no better."""
    split = _data.diabetes()
    seeds = range(1 if quick else 5)
    epochs = 10 if quick else 40

    def linear(seed: int) -> float:
        nn.manual_seed(seed)
        return train(nn.Linear(10, 1), split, nn.MSELoss(), lr=1e-2, epochs=epochs, seed=seed)[0]

    def network(loss: nn.Module, seed: int, epochs: int = epochs, stop_early: bool = False) -> tuple[float, int]:
        nn.manual_seed(seed)
        return train(MLP(10, 64, 1), split, loss, lr=1e-3, epochs=epochs, seed=seed, stop_early=stop_early)

    exact = least_squares(split)
    figures = [
        Figure("least squares by linear algebra: test R²", exact),
        Figure("linear model by gradient descent: test R²", map(linear, seeds), at_least=exact - 0.03),
    ]
    for name, loss in [("squared", nn.MSELoss()), ("absolute", nn.L1Loss()), ("Huber's", nn.HuberLoss())]:
        reached = [network(loss, seed)[0] for seed in seeds]
        figures.append(Figure(f"MLP, {name} error: test R²", reached, at_least=exact - 0.05))
    stopped = [network(nn.MSELoss(), seed, 10 * epochs, stop_early=True) for seed in seeds]
    figures.append(Figure("MLP, stopped early: test R²", [r for r, _ in stopped], at_least=exact - 0.05))
    figures.append(Figure("MLP, stopped early: epochs", [n for _, n in stopped]))
    return figures
