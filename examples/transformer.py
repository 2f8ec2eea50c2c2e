"""A language model made of attention: a small decoder-only Transformer reads the same manual as the recurrent ones."""

from __future__ import annotations

import math

import numpy as np

import autograd
import nn
import optim
from examples import _text
from examples._figures import Figure
from examples._progress import bar
from nn.models import TransformerLM

BATCH = 32


def train(model: TransformerLM, text: _text.Corpus, *, steps: int, lr: float) -> None:
    """Train on pieces of the text that begin anywhere, with AdamW, a warm-up and a cosine schedule."""
    random = np.random.default_rng(0)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.AdamW(model.parameters(), lr=lr, weight_decay=0.1, betas=(0.9, 0.99))
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=steps, pct_start=0.1)
    progress = bar(range(steps), "Transformer")
    for _ in progress:
        starts = random.integers(len(text.train) - model.context, size=BATCH)
        pieces = text.train[starts[:, None] + np.arange(model.context + 1)]
        scores = model(pieces[:, :-1])
        loss = criterion(scores.reshape(-1, len(text.characters)), pieces[:, 1:].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        progress.set_postfix(bits=f"{loss.item() / math.log(2):.2f}", refresh=False)


def bits_per_character(model: TransformerLM, text: _text.Corpus) -> float:
    """Bits that each next character of the test part would have taken, with half the context before it at least."""
    half = model.context // 2
    starts = np.arange(0, len(text.test) - model.context, half)
    pieces = text.test[starts[:, None] + np.arange(model.context + 1)]
    bits = []
    model.eval()
    with autograd.no_grad():
        for some in np.array_split(pieces, -(-len(pieces) // BATCH)):
            scores = model(some[:, :-1])[:, half:]
            targets = some[:, 1 + half :]
            loss = nn.functional.cross_entropy(
                scores.reshape(-1, len(text.characters)), targets.reshape(-1), reduction="none"
            )
            bits.append(loss.numpy() / math.log(2))
    return float(np.concatenate(bits).mean())


def run(quick: bool = False) -> list[Figure]:
    """Train the model on as many characters as the recurrent ones are trained on, and let it write."""
    text = _text.corpus(20_000 if quick else None)
    nn.manual_seed(0)
    if quick:
        model = TransformerLM(len(text.characters), context=32, d_model=32, nhead=2, num_layers=1)
    else:
        model = TransformerLM(len(text.characters), context=64, d_model=128, nhead=4, num_layers=2)
    train(model, text, steps=60 if quick else 1640, lr=1e-2 if quick else 3e-3)
    bits = bits_per_character(model, text)
    written = model.generate(text.encode("The "), 300, temperature=0.7, generator=np.random.default_rng(0))
    print(f"The Transformer writes:\n\n{text.decode(written)}\n")
    bigrams = _text.bits_of_bigrams(text)
    return [
        Figure(
            f"Transformer, {len(model.blocks.layers)} layers of {model.output.in_features}: test",
            bits,
            "bits per character",
            at_most=bigrams - 0.5,
        )
    ]
