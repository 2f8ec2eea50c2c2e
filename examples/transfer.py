"""Transfer: what a deep network has learned from digits 0 to 4 helps it to learn 5 to 9 from very few examples.

The convolutions of a small AlexNet that has learned the first five digits are loaded into a new one and frozen; only
its last layers learn the other five. Then the convolutions are tuned as well. The same network, learning everything
from the same few examples, is the comparison: far behind with one example of each digit, but ahead with five.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import nn
import optim
from examples import _data
from examples._data import Array, Split
from examples._figures import Figure
from examples._progress import for_fit
from examples.alexnet import enlarged
from nn.models import SmallAlexNet


def part(split: Split, low: bool) -> Split:
    """The digits 0 to 4, or 5 to 9 as classes 0 to 4."""
    keep, keep_test = (split.y < 5) == low, (split.test_y < 5) == low
    return Split(split.x[keep], split.y[keep] % 5, split.test_x[keep_test], split.test_y[keep_test] % 5)


def few(split: Split, count: int, seed: int) -> tuple[Array, Array]:
    """A few examples of each class, other ones with another seed."""
    random = np.random.default_rng(seed)
    chosen = np.concatenate([random.choice(np.flatnonzero(split.y == c), count, replace=False) for c in range(5)])
    return split.x[chosen], split.y[chosen]


def train(model: nn.Module, data: tuple[Array, Array], *, epochs: int, batch_size: int = 5, seed: int = 0) -> None:
    """Train what is not frozen."""
    optimizer = optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    loader = nn.DataLoader(*data, batch_size=batch_size, shuffle=True, seed=seed)
    nn.fit(model, loader, nn.CrossEntropyLoss(label_smoothing=0.1), optimizer, epochs, progress=for_fit())


def reached(model: nn.Module, split: Split) -> float:
    """The accuracy on the test part."""
    return float(nn.evaluate(model, split.test, metrics="accuracy")["accuracy"])


def learn(new: Split, weights: Path, count: int, *, epochs: int, seed: int) -> tuple[float, float, float]:
    """Learn new digits from a few examples: the accuracy from scratch, with frozen features, and with tuned ones."""
    data = few(new, count, seed)
    nn.manual_seed(seed)
    scratch = SmallAlexNet(5)
    model = SmallAlexNet(5)
    # Both begin with the same last layers; those of the old digits would know five classes, but the wrong ones.
    model.classifier.load_state_dict(scratch.classifier.state_dict())
    learned = {name: a for name, a in nn.load_weights(weights).items() if name.startswith("features.")}
    model.load_state_dict(learned, strict=False)

    train(scratch, data, epochs=epochs, seed=seed)
    model.features.requires_grad_(False)
    train(model, data, epochs=epochs, seed=seed)
    frozen = reached(model, new)
    model.features.requires_grad_(True)
    train(model, data, epochs=epochs // 2, seed=seed)
    return reached(scratch, new), frozen, reached(model, new)


def run(quick: bool = False) -> list[Figure]:
    """Learn the old digits once, and the new ones from different examples, with and without what was learned."""
    split = enlarged(_data.digits())
    old, new = part(split, low=True), part(split, low=False)
    with TemporaryDirectory() as folder:
        weights = Path(folder) / "digits-0-to-4.safetensors"
        nn.manual_seed(0)
        teacher = SmallAlexNet(5)
        train(teacher, old.train, epochs=1 if quick else 15, batch_size=32)
        nn.save_weights(teacher, weights)
        figures = [Figure("digits 0 to 4, all examples: test accuracy", reached(teacher, old), "%", at_least=0.97)]
        for count in (1, 5):
            seeds, epochs = (1, 10 // count) if quick else (5, 60)
            runs = [learn(new, weights, count, epochs=epochs, seed=seed) for seed in range(seeds)]
            examples = f"{count} example{'s' if count > 1 else ''} of each of 5 to 9"
            for i, name in enumerate(["from scratch", "frozen features", "tuned features"]):
                figures.append(Figure(f"{examples}, {name}: test accuracy", [values[i] for values in runs], "%"))
            gains = [tuned - scratch for scratch, _, tuned in runs]
            goal = 0.05 if count == 1 else None
            figures.append(Figure(f"{examples}, what tuned features gain", gains, "%", at_least=goal))
    return figures
