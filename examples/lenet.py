"""A convolutional network like LeNet for digits of 8 × 8 pixels, and one with convolutions over one dimension.

For the second, an image is a sequence of eight columns, as a recording would be one of moments, with the column's eight
pixels as channels: it knows which columns are neighbours, but not which pixels of a column are.
"""

from __future__ import annotations

from collections.abc import Callable

import nn
import optim
from examples import _data
from examples._data import Split
from examples._figures import Figure
from examples._progress import for_fit
from nn.models import LeNet


def network() -> LeNet:
    """Two convolutions of 3 × 3, each followed by pooling, and two hidden layers."""
    return LeNet(
        image_size=8,
        channels=(32, 64),
        hidden=(128, 64),
        kernel_size=3,
        padding=1,
        activation=nn.ReLU,
        pool=nn.MaxPool2d,
        dropout=0.3,
    )


def sequence_network() -> nn.Module:
    """Two convolutions along the columns; pooling after the first halves their number."""
    return nn.Sequential(
        nn.Flatten(1, 2),  # (batch, 1, 8, 8) to (batch, 8 pixels, 8 columns)
        nn.Conv1d(8, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(64 * 4, 10),
    )


def train(make: Callable[[], nn.Module], split: Split, *, epochs: int, seed: int) -> float:
    """Train a network, and return its accuracy on the test part."""
    nn.manual_seed(seed)
    model = make()
    optimizer = optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
    nn.fit(
        model,
        split.train,
        nn.CrossEntropyLoss(label_smoothing=0.1),
        optimizer,
        epochs,
        scheduler=optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=epochs),
        metrics="accuracy",
        seed=seed,
        progress=for_fit(),
    )
    return float(nn.evaluate(model, split.test, metrics="accuracy")["accuracy"])


def run(quick: bool = False) -> list[Figure]:
    """Train both with several seeds."""
    split = _data.digits()
    epochs, seeds = (4, 1) if quick else (30, 5)
    figures = []
    for name, make, goal in [
        ("LeNet-style CNN, 8×8 digits", network, 0.98),
        ("1-D CNN, digits as sequences of columns", sequence_network, 0.95),
    ]:
        reached = [train(make, split, epochs=epochs, seed=seed) for seed in range(seeds)]
        figures.append(Figure(f"{name}: test accuracy", reached, "%", at_least=goal))
    return figures
