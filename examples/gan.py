"""A generative adversarial network: one network draws digits, another tells them from real ones, and both improve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd
import nn
import optim
from examples import _data
from examples._data import Array, Split
from examples._figures import Figure
from examples._progress import bar
from nn.models import MLP, Discriminator, Generator


def train(generator: Generator, discriminator: Discriminator, images: Array, *, epochs: int, seed: int) -> None:
    """Train both in turns, each against the other as it is at the moment."""
    random = np.random.default_rng(seed)
    loader = nn.DataLoader(images, batch_size=64, shuffle=True, drop_last=True, seed=seed)
    learn_to_draw = optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    learn_to_tell = optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))

    def real_or_made(scores: Any, real: bool) -> Any:
        # Real ones count as such with 0.9 only, so that the discriminator does not become too sure of itself.
        target = np.full(scores.shape, 0.9 if real else 0.0, np.float32)
        return nn.functional.binary_cross_entropy_with_logits(scores, target)

    for _ in bar(range(epochs), "GAN"):
        for (real,) in loader:
            made = generator(random.normal(size=(len(real), generator.latent_size)))
            learn_to_tell.zero_grad()
            loss = real_or_made(discriminator(real), True) + real_or_made(discriminator(made.detach()), False)
            loss.backward()
            learn_to_tell.step()
            learn_to_draw.zero_grad()
            discriminator.requires_grad_(False)  # its gradients are not needed here
            real_or_made(discriminator(made), True).backward()  # the generator wants its images taken for real
            discriminator.requires_grad_(True)
            learn_to_draw.step()


def judge(split: Split, *, epochs: int) -> nn.Module:
    """A network that knows real digits, to look at drawn ones."""
    nn.manual_seed(100)
    model = nn.Sequential(nn.Flatten(), MLP(64, 128, 10))
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(epochs):
        for x, y in nn.DataLoader(*split.train, batch_size=32, shuffle=True, seed=100):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
    return model.eval()


@dataclass(frozen=True)
class Impression:
    """How images look to the judge.

    Attributes
    ----------
    sure
        The share of them that it recognises with a probability over 90 %.
    evenness
        The entropy, in bits, of the frequencies of the digits that it takes them for: log₂ 10 = 3.32 if all ten are
        drawn equally often, and 0 if the generator has fallen for a single one.
    score
        How many different digits can be told apart, from 1 to 10: 2 to the power of what each image says about its
        digit, in bits (the inception score of Salimans et al., "Improved techniques for training GANs", 2016).
    """

    sure: float
    evenness: float
    score: float


def impression(model: nn.Module, images: Array) -> Impression:
    """Let the judge look at images."""
    with autograd.no_grad():
        probabilities = nn.functional.softmax(model(images), dim=1).numpy().astype(np.float64)

    def entropy(p: Array) -> Any:
        return -(p * np.log2(p, where=p > 0, out=np.zeros_like(p))).sum(axis=-1)

    frequencies = np.bincount(probabilities.argmax(axis=1), minlength=10) / len(images)
    told = entropy(probabilities.mean(axis=0)) - entropy(probabilities).mean()
    return Impression(
        float((probabilities.max(axis=1) > 0.9).mean()), abs(float(entropy(frequencies))), 2.0 ** float(told)
    )


def pictures(images: Array) -> str:
    """Images side by side in characters."""
    shades = np.array(list(" .:-=+*#%@"))
    rows = np.concatenate(list(shades[(images[:, 0] * 9.999).astype(int)]), axis=1)
    return "\n".join("".join(np.repeat(row, 2)) for row in rows)


def run(quick: bool = False) -> list[Figure]:
    """Train, and let a classifier look at what is drawn, at real digits and at what an untrained generator draws."""
    split = _data.digits()
    look = judge(split, epochs=5 if quick else 20)
    noise = np.random.default_rng(7).normal(size=(1000, 32))

    def drawn(generator: Generator) -> Array:
        with autograd.no_grad():
            return np.asarray(generator.eval()(noise).numpy())

    untrained, trained = [], []
    for seed in range(1 if quick else 2):
        nn.manual_seed(seed)
        generator, discriminator = Generator(32), Discriminator()
        untrained.append(impression(look, drawn(generator)))
        generator.train()
        train(generator, discriminator, split.x, epochs=5 if quick else 80, seed=seed)
        trained.append(impression(look, drawn(generator)))
    print(f"Drawn digits:\n\n{pictures(drawn(generator)[:8])}\n")
    figures = []
    for name, seen, goals in [
        ("real digits", [impression(look, split.test_x)], (None, None, None)),
        ("untrained generator", untrained, (None, None, None)),
        ("trained generator", trained, (0.5, 3.0, 6.0)),
    ]:
        sure, evenness, score = goals
        figures += [
            Figure(f"{name}: recognised with over 90 % certainty", [i.sure for i in seen], "%", at_least=sure),
            Figure(f"{name}: evenness of the ten digits", [i.evenness for i in seen], "bits", at_least=evenness),
            Figure(f"{name}: digits told apart", [i.score for i in seen], "of 10", at_least=score),
        ]
    return figures
