"""Language models with a memory: RNN, GRU and LSTM read Python's manual character by character, and write on.

Each learns from pieces of 64 characters, but its state is handed on from piece to piece.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

import autograd
import nn
import optim
from examples import _text
from examples._figures import Figure
from examples._progress import bar
from nn.models import CharRNN


def detached(state: Any) -> Any:
    """A state as plain values: gradients do not flow into the pieces before."""
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def train(
    model: CharRNN, text: _text.Corpus, *, epochs: int, lr: float, batch_size: int = 32, length: int = 64
) -> None:
    """Train with Adam; gradients that grow too long are clipped, since recurrence can make them explode."""
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=lr)
    pieces = list(_text.streams(text.train, batch_size, length))
    steps = epochs * len(pieces)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
    with bar(None, type(model.rnn).__name__, total=steps) as progress:
        for _ in range(epochs):
            state = None
            for x, y in pieces:
                scores, state = model(x, state)
                state = detached(state)
                loss = criterion(scores.reshape(-1, model.num_symbols), y.reshape(-1))
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                progress.set_postfix(bits=f"{loss.item() / math.log(2):.2f}", refresh=False)
                progress.update()


def bits_per_character(model: CharRNN, text: _text.Corpus) -> float:
    """Read the test part from beginning to end, and count the bits that each next character would have taken."""
    bits, characters = 0.0, 0
    model.eval()
    with autograd.no_grad():
        state = None
        for x, y in _text.streams(text.test, 1, 1000):
            scores, state = model(x, state)
            loss = nn.functional.cross_entropy(scores[0], y[0], reduction="sum")
            bits += loss.item() / math.log(2)
            characters += y.size
    return bits / characters


def run(quick: bool = False) -> list[Figure]:
    """Train one model of each kind, and let the LSTM write."""
    text = _text.corpus(20_000 if quick else None)
    hidden = 32 if quick else 128
    figures = [
        Figure("knowing each character's frequency: test", _text.bits_of_unigrams(text), "bits per character"),
        Figure("knowing each pair's frequency: test", _text.bits_of_bigrams(text), "bits per character"),
    ]
    bigrams = figures[-1].value
    cells: dict[Literal["RNN", "GRU", "LSTM"], float] = {"RNN": 4e-3, "GRU": 1e-2, "LSTM": 2e-2}
    for cell, lr in cells.items():
        nn.manual_seed(0)
        model = CharRNN(len(text.characters), hidden, cell=cell)
        if quick:
            train(model, text, epochs=3, lr=1e-2, batch_size=8, length=32)
        else:
            train(model, text, epochs=10, lr=lr)
        bits = bits_per_character(model, text)
        figures.append(Figure(f"{cell}, {hidden} units: test", bits, "bits per character", at_most=bigrams - 0.5))
    written = model.generate(text.encode("The "), 300, temperature=0.7, generator=np.random.default_rng(0))
    print(f"The {cell} writes:\n\n{text.decode(written)}\n")
    return figures
