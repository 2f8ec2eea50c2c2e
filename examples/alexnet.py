"""A small AlexNet, its eight layers on digits that are enlarged to 32 × 32 pixels."""

from __future__ import annotations

import numpy as np

import nn
import optim
from examples import _data
from examples._data import Split
from examples._figures import Figure
from examples._progress import for_fit
from nn.models import SmallAlexNet


def enlarged(split: Split) -> Split:
    """Each pixel as 4 × 4 of the same value."""
    block = np.ones((1, 1, 4, 4), np.float32)
    return Split(np.kron(split.x, block), split.y, np.kron(split.test_x, block), split.test_y)


def train(split: Split, *, epochs: int, seed: int) -> float:
    """Train the network, and return its accuracy on the test part."""
    nn.manual_seed(seed)
    model = SmallAlexNet()
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
    """Train it, with several seeds."""
    split = enlarged(_data.digits())
    epochs, seeds = (4, 1) if quick else (15, 3)
    reached = [train(split, epochs=epochs, seed=seed) for seed in range(seeds)]
    return [Figure("small AlexNet, digits of 32×32: test accuracy", reached, "%", at_least=0.97)]
