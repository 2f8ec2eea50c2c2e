"""Optimisers, schedules, learning rates and batch sizes: the same network and digits, one thing changed at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import nn
import optim
from examples import _data
from examples._data import Split
from examples._figures import Figure
from examples._progress import bar
from nn.metrics import accuracy
from nn.models import MLP

Make = Callable[[Any], optim.Optimizer]

#: Each with the learning rate, of 1 and 3 times the powers of ten, that reached most, with the cosine schedule, on data
#: held out for choosing.
OPTIMIZERS: dict[str, Make] = {
    "SGD": lambda p: optim.SGD(p, lr=1.0),
    "SGD, momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "SGD, Nesterov": lambda p: optim.SGD(p, lr=0.3, momentum=0.9, nesterov=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.1),
    "Adadelta": lambda p: optim.Adadelta(p, lr=3.0),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01),
    "Adam": lambda p: optim.Adam(p, lr=0.03),
    "AdamW": lambda p: optim.AdamW(p, lr=0.03),
    "Adamax": lambda p: optim.Adamax(p, lr=0.03),
    "NAdam": lambda p: optim.NAdam(p, lr=0.03),
    "RAdam": lambda p: optim.RAdam(p, lr=0.1),
    "Lion": lambda p: optim.Lion(p, lr=0.003),
}


def schedules(epochs: int) -> dict[str, Callable[[Any], Any]]:
    """Schedules of the learning rate by name; with each of them it starts at that of the optimiser."""
    steps = optim.lr_scheduler
    return {
        "constant": lambda o: steps.LambdaLR(o, lambda t: 1.0),
        "polynomial, √(1 - t/T)": lambda o: steps.PolynomialLR(o, total_iters=epochs, power=0.5),
        "÷ 10 after 1/2 and 3/4": lambda o: steps.MultiStepLR(o, [epochs // 2, epochs * 3 // 4], gamma=0.1),
        "exponential": lambda o: steps.ExponentialLR(o, gamma=0.01 ** (1 / epochs)),
        "cosine": lambda o: steps.CosineAnnealingLR(o, T_max=epochs),
    }


def train(
    split: Split,
    make: Make,
    *,
    epochs: int,
    batch_size: int | None = 32,
    schedule: Callable[[Any], Any] | None = None,
    seed: int = 0,
) -> tuple[float, float]:
    """Train, and return the mean loss over the training part in the end and the accuracy on the test part."""
    nn.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), MLP(64, 64, 10))
    criterion = nn.CrossEntropyLoss()
    optimizer = make(model.parameters())
    scheduler = schedule(optimizer) if schedule else None
    for _ in range(epochs):
        for x, y in nn.DataLoader(*split.train, batch_size=batch_size, shuffle=True, seed=seed):
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        if scheduler:
            scheduler.step()
    with autograd.no_grad():
        loss = criterion(model(split.x), split.y).item()
        return loss, float(accuracy(model(split.test_x).numpy(), split.test_y))


def run(quick: bool = False) -> list[Figure]:
    """Compare."""
    split = _data.digits()
    epochs = 2 if quick else 20
    seeds = range(1 if quick else 5)
    figures = []

    def measure(name: str, make: Make, **settings: Any) -> None:
        runs = [train(split, make, epochs=epochs, seed=seed, **settings) for seed in seeds]
        figures.append(Figure(f"{name}: training loss", [loss for loss, _ in runs]))
        figures.append(Figure(f"{name}: test accuracy", [reached for _, reached in runs], "%"))

    for name, make in bar(OPTIMIZERS.items(), "optimisers"):
        measure(f"{name}, cosine", make, schedule=schedules(epochs)["cosine"])
    for name, schedule in bar(schedules(epochs).items(), "schedules"):
        if name != "cosine":
            measure(f"SGD, momentum, {name}", OPTIMIZERS["SGD, momentum"], schedule=schedule)
    for rate in bar([0.001, 0.01, 0.1, 1.0, 10.0], "learning rates"):
        measure(f"SGD, learning rate {rate:g}", lambda p, rate=rate: optim.SGD(p, lr=rate))  # type: ignore[misc]
    for batch_size in bar([4, 16, 64, 256, None], "batch sizes"):
        updates = epochs * -(-len(split.x) // (batch_size or len(split.x)))
        name = f"SGD, batches of {batch_size or 'all'}, {updates:,} updates"
        measure(name, lambda p: optim.SGD(p, lr=0.3), batch_size=batch_size)
    return figures
