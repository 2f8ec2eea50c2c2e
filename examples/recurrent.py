"""Language models with a memory: RNN, GRU and LSTM read Python's manual character by character, and write on.

Each learns from pieces of 64 characters, but its state is handed on from piece to piece. How gradients vanish and
explode on their way back through time is measured before.
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


def gradient_over_time(cell: nn.RNN | nn.LSTM, radius: float | None, steps: int, seed: int) -> float:
    """How much the last output depends on the first input, compared to how much it does on the last.

    Of an RNN the recurrent weights are made random with a given spectral radius (the largest absolute eigenvalue): each
    step back multiplies the gradient by their transpose and by slopes of tanh, which are 1 at most. Its inputs are
    small, for the slopes to be near 1. An LSTM's forget gates are opened, by a bias, so that its memory lasts.
    """
    random = np.random.default_rng(seed)
    size = 1.0 if radius is None else 1e-12
    if radius is None:
        nn.init.zeros_(cell.bias_hh_l0)
        bias = np.zeros(4 * cell.hidden_size, np.float32)
        bias[cell.hidden_size : 2 * cell.hidden_size] = 2  # gates: input, forget, cell, output
        cell.load_state_dict({"bias_ih_l0": bias}, strict=False)
    else:
        weights = random.normal(size=(cell.hidden_size, cell.hidden_size))
        weights *= radius / abs(np.linalg.eigvals(weights)).max()
        cell.load_state_dict({"weight_hh_l0": weights.astype(np.float32)}, strict=False)
        nn.init.zeros_(cell.bias_ih_l0)
        nn.init.zeros_(cell.bias_hh_l0)
    x = autograd.Tensor(size * random.normal(size=(steps, 1, cell.input_size)).astype(np.float32))
    cell(x)[0][-1].sum().backward()
    first, last = (float(np.linalg.norm(x.grad[i])) for i in (0, -1))
    return first / last


def clipping(steps: int = 50) -> tuple[float, float]:
    """The length of an exploding gradient before it is clipped to 1, and after."""
    nn.manual_seed(0)
    model = nn.RNN(8, 32, nonlinearity="relu")
    nn.init.eye_(model.weight_hh_l0)
    model.load_state_dict({"weight_hh_l0": 1.2 * model.weight_hh_l0.numpy()}, strict=False)
    model(np.random.default_rng(0).normal(size=(steps, 4, 8)).astype(np.float32))[0][-1].mean().backward()
    before = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    after = math.hypot(*(float(np.linalg.norm(p.grad)) for p in model.parameters()))
    return float(before), after


def gradients(quick: bool) -> list[Figure]:
    """Vanishing, exploding and clipped gradients."""
    figures, steps = [], 50
    cells: list[tuple[str, Any, float | None, dict[str, Any]]] = [
        ("RNN, weights of radius 0.8", nn.RNN, 0.8, {"at_most": 1e-3}),
        ("RNN, weights of radius 1.2", nn.RNN, 1.2, {"at_least": 1e2}),
        ("LSTM, forget gates open", nn.LSTM, None, {"at_least": 0.1}),
    ]
    for name, kind, radius, goals in cells:
        ratios = []
        for seed in range(1 if quick else 5):
            nn.manual_seed(seed)
            ratios.append(gradient_over_time(kind(8, 32), radius, steps, seed))
        figures.append(Figure(f"{name}: gradient {steps - 1} steps back ÷ at the end", ratios, **goals))
    before, after = clipping()
    return [
        *figures,
        Figure("exploding gradient: norm", before, at_least=100.0),
        Figure("exploding gradient, clipped: norm", after, at_most=1.0 + 1e-6),
    ]


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
    return gradients(quick) + figures
