"""A convolutional network like LeNet for digits of 8 × 8 pixels."""

from __future__ import annotations

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


def train(split: Split, *, epochs: int, seed: int) -> float:
    """Train the network, and return its accuracy on the test part."""
    nn.manual_seed(seed)
    model = network()
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
    """Train it with several seeds."""
    split = _data.digits()
    epochs, seeds = (4, 1) if quick else (30, 5)
    reached = [train(split, epochs=epochs, seed=seed) for seed in range(seeds)]
    return [Figure("LeNet-style CNN, 8×8 digits: test accuracy", reached, "%", at_least=0.98)]
