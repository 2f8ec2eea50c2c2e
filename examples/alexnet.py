"""A small AlexNet, its eight layers on digits that are enlarged to 32 × 32 pixels."""

from __future__ import annotations

import numpy as np

from examples import _data
from examples._data import Split
from examples._figures import Figure
from examples.lenet import train
from nn.models import SmallAlexNet


def enlarged(split: Split) -> Split:
    """Each pixel as 4 × 4 of the same value."""
    block = np.ones((1, 1, 4, 4), np.float32)
    return Split(np.kron(split.x, block), split.y, np.kron(split.test_x, block), split.test_y)


def run(quick: bool = False) -> list[Figure]:
    """Train it as LeNet is trained, with several seeds."""
    split = enlarged(_data.digits())
    epochs, seeds = (4, 1) if quick else (15, 3)
    reached = [train(SmallAlexNet, split, epochs=epochs, seed=seed) for seed in range(seeds)]
    return [Figure("small AlexNet, digits of 32×32: test accuracy", reached, "%", at_least=0.97)]
