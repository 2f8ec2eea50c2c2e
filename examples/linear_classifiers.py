"""Linear classifiers: logistic regression, support vector machines and softmax classifiers.

All are one linear layer. What makes them different is the loss that they minimise, each with an L2 penalty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd
import nn
import optim
from examples import _data
from examples._data import Array, Split
from examples._figures import Figure
from examples._progress import bar
from nn.metrics import accuracy

Loss = Callable[[Any, Array], Any]


def train(split: Split, loss: Loss, outputs: int, *, penalty: float, epochs: int) -> nn.Linear:
    """Minimise the mean loss and an L2 penalty on the weights by gradient descent with all samples in each step.

    These losses are convex: every start leads to the same minimum, so the weights start at 0 and no seed matters.
    """
    x = split.x.reshape(len(split.x), -1)
    model = nn.Linear(x.shape[1], outputs)
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    weight, bias = model.parameters()
    groups: list[dict[str, Any]] = [{"params": [weight], "weight_decay": penalty}, {"params": [bias]}]
    optimizer = optim.SGD(groups, lr=0.1, momentum=0.9)
    for epoch in bar(range(epochs), "linear classifiers"):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * (1 - epoch / epochs)
        optimizer.zero_grad()
        loss(model(x), split.y).backward()
        optimizer.step()
    return model


def reached(model: nn.Linear, split: Split) -> float:
    """The accuracy on the test part; a single score above 0 means class 1."""
    with autograd.no_grad():
        scores = model(split.test_x.reshape(len(split.test_x), -1)).numpy()
    labels = (scores[:, 0] > 0).astype(np.int64) if scores.shape[1] == 1 else scores.argmax(axis=1)
    return float(accuracy(labels, split.test_y))


def logistic(scores: Any, labels: Array) -> Any:
    """Minus the logarithm of the probability, a sigmoid of the score, of the right one of two classes."""
    return nn.functional.binary_cross_entropy_with_logits(scores[:, 0], labels.astype(np.float32))


def hinge(scores: Any, labels: Array) -> Any:
    """How far each score is from 1 on the right side: labels 0 and 1 ask for scores below -1 and above 1."""
    return nn.functional.hinge_loss(scores[:, 0], 2.0 * labels - 1)


def run(quick: bool = False) -> list[Figure]:
    """Train a linear classifier of each kind on tables of measurements, and those of several classes on digits."""
    epochs = 100 if quick else 500
    figures = []
    cases: list[tuple[str, Split, str, Loss, int, float]] = [
        ("breast cancer", _data.breast_cancer(), "logistic regression", logistic, 1, 0.95),
        ("breast cancer", _data.breast_cancer(), "linear SVM", hinge, 1, 0.95),
    ]
    for data, split, floor in [
        ("iris", _data.iris(), 0.9),
        ("wine", _data.wine(), 0.95),
        ("digits", _data.digits(), 0.94),
    ]:
        classes = int(split.y.max()) + 1
        cases.append((data, split, "softmax classifier", nn.CrossEntropyLoss(), classes, floor))
        cases.append((data, split, "multi-class SVM", nn.MultiMarginLoss(), classes, floor))
    for data, split, name, loss, outputs, floor in cases:
        model = train(split, loss, outputs, penalty=1e-3, epochs=epochs)
        figures.append(Figure(f"{name}, {data}: test accuracy", reached(model, split), "%", at_least=floor))
    return figures
