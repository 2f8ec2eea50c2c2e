"""Transfer: features learned from digits 0 to 4 help to learn digits 5 to 9 from a few examples.

The convolutions of a network that has learned the first five digits are loaded into a new one and frozen; only its last
layers learn the other five. The same network, learning everything from the same few examples, is the comparison.
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
from nn.models import LeNet

EXAMPLES = 5  # of each new digit


def network() -> LeNet:
    """The network of both tasks."""
    return LeNet(
        5,
        image_size=8,
        channels=(32, 64),
        hidden=(128, 64),
        kernel_size=3,
        padding=1,
        activation=nn.ReLU,
        pool=nn.MaxPool2d,
    )


def part(split: Split, low: bool) -> Split:
    """The digits 0 to 4, or 5 to 9 as classes 0 to 4."""
    keep, keep_test = (split.y < 5) == low, (split.test_y < 5) == low
    return Split(split.x[keep], split.y[keep] % 5, split.test_x[keep_test], split.test_y[keep_test] % 5)


def few(split: Split, seed: int) -> tuple[Array, Array]:
    """A few examples of each class, other ones with another seed."""
    random = np.random.default_rng(seed)
    chosen = np.concatenate([random.choice(np.flatnonzero(split.y == c), EXAMPLES, replace=False) for c in range(5)])
    return split.x[chosen], split.y[chosen]


def train(model: nn.Module, data: tuple[Array, Array], *, epochs: int, batch_size: int, seed: int) -> None:
    """Train what is not frozen."""
    optimizer = optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    loader = nn.DataLoader(*data, batch_size=batch_size, shuffle=True, seed=seed)
    nn.fit(model, loader, nn.CrossEntropyLoss(), optimizer, epochs, progress=for_fit())


def reached(model: nn.Module, split: Split) -> float:
    """The accuracy on the test part."""
    return float(nn.evaluate(model, split.test, metrics="accuracy")["accuracy"])


def run(quick: bool = False) -> list[Figure]:
    """Learn the old digits once, and the new ones with different examples, with and without what was learned."""
    split = _data.digits()
    old, new = part(split, low=True), part(split, low=False)
    epochs = 10 if quick else 60
    with TemporaryDirectory() as folder:
        weights = Path(folder) / "digits-0-to-4.safetensors"
        nn.manual_seed(0)
        teacher = network()
        train(teacher, old.train, epochs=2 if quick else 20, batch_size=32, seed=0)
        nn.save_weights(teacher, weights)
        before = reached(teacher, old)
        frozen, tuned, scratch = [], [], []
        for seed in range(1 if quick else 5):
            data = few(new, seed)
            nn.manual_seed(seed)
            from_scratch = network()
            start = {
                name: value.copy() for name, value in from_scratch.state_dict().items() if name.startswith("classifier")
            }
            train(from_scratch, data, epochs=epochs, batch_size=5, seed=seed)
            scratch.append(reached(from_scratch, new))

            model = network()
            nn.load_weights(weights, model)
            model.load_state_dict(start, strict=False)  # new last layers, the same as for the comparison
            model.features.requires_grad_(False)
            train(model, data, epochs=epochs, batch_size=5, seed=seed)
            frozen.append(reached(model, new))

            model.features.requires_grad_(True)
            train(model, data, epochs=epochs // 4, batch_size=5, seed=seed)
            tuned.append(reached(model, new))
    return [
        Figure("digits 0 to 4, all examples: test accuracy", before, "%", at_least=0.98),
        Figure(f"digits 5 to 9, {EXAMPLES} examples each, from scratch: test accuracy", scratch, "%"),
        Figure("the same with frozen features of 0 to 4: test accuracy", frozen, "%", at_least=0.8),
        Figure("the same, features tuned as well: test accuracy", tuned, "%", at_least=0.8),
    ]
