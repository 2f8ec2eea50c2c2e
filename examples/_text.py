"""The text that language models learn from: the reference manual that comes with Python (``help("topics")``)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pydoc_data.topics import topics
from typing import Any

import numpy as np

__all__ = ["Corpus", "bits_of_bigrams", "bits_of_unigrams", "corpus", "streams"]

Array = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Corpus:
    """A text as indices into the list of its characters: most to learn from, the end to test on."""

    characters: str
    train: Array
    test: Array

    def encode(self, text: str) -> Array:
        """Characters as indices."""
        return np.array([self.characters.index(c) for c in text])

    def decode(self, indices: Array) -> str:
        """Indices as characters."""
        return "".join(self.characters[i] for i in indices)


def corpus(length: int | None = None) -> Corpus:
    """The manual, a tenth of it kept apart; with ``length`` only that many characters.

    Many sections occur in several topics. Each paragraph is taken once, or the test would ask for what was learned by
    heart.
    """
    paragraphs = (p for name in sorted(topics) for p in topics[name].strip().split("\n\n"))
    text = "\n\n".join({" ".join(p.split()): p for p in paragraphs}.values())[:length]
    characters = "".join(sorted(set(text)))
    position = {c: i for i, c in enumerate(characters)}
    indices = np.array([position[c] for c in text])
    end = len(indices) * 9 // 10
    return Corpus(characters, indices[:end], indices[end:])


def streams(indices: Array, batch_size: int, length: int) -> Iterator[tuple[Array, Array]]:
    """Batches of consecutive pieces: each row goes on where the same row of the batch before ended.

    The second array is the first one moved on by a character: what is to be predicted.
    """
    rows = (len(indices) - 1) // batch_size
    x = indices[: batch_size * rows].reshape(batch_size, rows)
    y = indices[1 : batch_size * rows + 1].reshape(batch_size, rows)
    for start in range(0, rows, length):
        yield x[:, start : start + length], y[:, start : start + length]


def bits_of_unigrams(text: Corpus) -> float:
    """Bits per character of the test part, knowing only how frequent each character is."""
    counts, total = Counter(text.train.tolist()), len(text.train) + len(text.characters)
    return -float(np.mean([math.log2((counts[c] + 1) / total) for c in text.test.tolist()]))


def bits_of_bigrams(text: Corpus, smoothing: float = 0.1) -> float:
    """Bits per character of the test part, knowing how often each character follows each other one."""
    train, test = text.train.tolist(), text.test.tolist()
    counts, pairs = Counter(train), Counter(pairwise(train))
    bits = [
        -math.log2((pairs[a, b] + smoothing) / (counts[a] + smoothing * len(text.characters)))
        for a, b in pairwise(test)
    ]
    return float(np.mean(bits))
