"""Finite differences as an optimiser: descent works without any backward pass, but each step costs far more."""

from __future__ import annotations

import numpy as np

import autograd
import nn
import optim
from examples import _data
from examples._data import Split
from examples._figures import Figure
from examples._progress import bar
from nn.metrics import accuracy


def two_species() -> Split:
    """The irises of the two species that are hard to tell apart."""
    split = _data.iris()
    keep, keep_test = split.y > 0, split.test_y > 0
    return Split(split.x[keep], split.y[keep] - 1, split.test_x[keep_test], split.test_y[keep_test] - 1)


def train(split: Split, *, by_differences: bool, steps: int) -> tuple[nn.Linear, float, float, int]:
    """Logistic regression from weights 0: the model, its loss, its accuracy on the test part, and loss evaluations."""
    model = nn.Linear(4, 1, dtype=np.float64)
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    evaluations = 0

    def loss() -> autograd.Tensor:
        nonlocal evaluations
        evaluations += 1
        value: autograd.Tensor = nn.functional.binary_cross_entropy_with_logits(model(split.x)[:, 0], split.y)
        return value

    if by_differences:
        differences = optim.FiniteDifferenceDescent(model.parameters(), lr=0.5)
        with autograd.no_grad():
            for _ in bar(range(steps), "finite differences"):
                differences.step(loss)
    else:
        descent = optim.SGD(model.parameters(), lr=0.5)
        for _ in bar(range(steps), "gradients"):
            descent.zero_grad()
            loss().backward()
            descent.step()
    count = evaluations
    with autograd.no_grad():
        right = accuracy((model(split.test_x).numpy()[:, 0] > 0).astype(int), split.test_y)
        return model, loss().item(), float(right), count


def run(quick: bool = False) -> list[Figure]:
    """Take the same steps with gradients of both kinds."""
    split, steps = two_species(), 50 if quick else 500
    figures, weights = [], []
    for name, by_differences in [("backward passes", False), ("finite differences", True)]:
        model, loss, right, evaluations = train(split, by_differences=by_differences, steps=steps)
        weights.append(np.append(model.weight.numpy(), model.bias.numpy() if model.bias is not None else 0.0))
        figures += [
            Figure(f"{name}, two species of iris: training loss", loss),
            Figure(f"{name}: test accuracy", right, "%", at_least=0.9),
            Figure(f"{name}: evaluations of the loss", evaluations),
        ]
    apart = float(abs(weights[0] - weights[1]).max())
    return [*figures, Figure("greatest difference between their weights", apart, at_most=1e-6)]
