"""A change of features: rings that no line can separate are separated by one in polar coordinates."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import make_circles

import autograd
import nn
import optim
from examples._data import Array, Split
from examples._figures import Figure
from examples._progress import bar
from nn.metrics import accuracy
from nn.models import MLP


def polar(points: Array) -> Array:
    """Points (x, y) as (r, φ)."""
    x, y = points.T
    return np.column_stack([np.hypot(x, y), np.arctan2(y, x)])


def train(model: nn.Module, split: Split, *, steps: int) -> float:
    """Train with all points in each step, and return the accuracy on the test part."""
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    criterion = nn.BCEWithLogitsLoss()
    for _ in bar(range(steps), "rings"):
        optimizer.zero_grad()
        criterion(model(split.x), split.y[:, None].astype(np.float32)).backward()
        optimizer.step()
    with autograd.no_grad():
        scores = model(split.test_x).numpy()
    return float(accuracy((scores[:, 0] > 0).astype(np.int64), split.test_y))


def run(quick: bool = False) -> list[Figure]:
    """Separate two noisy rings by a line in each kind of coordinates, and by a network that finds its own features."""
    points, labels = make_circles(800, factor=0.5, noise=0.08, random_state=0)
    cartesian, in_polar = Split.make(points, labels), Split.make(polar(points), labels)
    steps = 100 if quick else 300
    nn.manual_seed(0)
    return [
        Figure("linear, x and y: test accuracy", train(nn.Linear(2, 1), cartesian, steps=steps), "%", at_most=0.7),
        Figure("linear, r and φ: test accuracy", train(nn.Linear(2, 1), in_polar, steps=steps), "%", at_least=0.98),
        Figure("MLP, x and y: test accuracy", train(MLP(2, 16, 1), cartesian, steps=steps), "%", at_least=0.98),
    ]
