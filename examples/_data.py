"""The data that examples learn from: sets bundled with scikit-learn, each with a part kept apart for testing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.model_selection import train_test_split

import nn

__all__ = ["Split", "breast_cancer", "diabetes", "digits", "iris", "wine"]

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Split:
    """Samples to learn from, and others to test on, the same in every run."""

    x: Array
    y: Array
    test_x: Array
    test_y: Array

    @classmethod
    def make(cls, x: Array, y: Array, *, test: float = 0.25, seed: int = 0) -> Split:
        """Keep a share apart; of classes (integers), each is as frequent there as elsewhere."""
        stratify = y if y.dtype.kind in "iu" else None
        x, test_x, y, test_y = train_test_split(x, y, test_size=test, stratify=stratify, random_state=seed)
        return cls(x, y, test_x, test_y)

    @property
    def train(self) -> tuple[Array, Array]:
        """Inputs and targets to learn from."""
        return self.x, self.y

    @property
    def test(self) -> tuple[Array, Array]:
        """Inputs and targets to test on."""
        return self.test_x, self.test_y

    def for_choosing(self) -> Split:
        """A fifth of the training part as its test part: settings are chosen on it, never on the real one."""
        return self.make(self.x, self.y, test=0.2, seed=1)

    def standardized(self) -> Split:
        """Every feature with mean 0 and deviation 1 in the training part, and the test part on the same scale."""
        scale = nn.data.Standardize(self.x)
        return Split(scale(self.x), self.y, scale(self.test_x), self.test_y)


def digits() -> Split:
    """1797 handwritten digits of 8 × 8 pixels from 0 to 1: 1347 to learn from, 450 to test on."""
    images, labels = datasets.load_digits(return_X_y=True)
    return Split.make((images / 16).astype(np.float32).reshape(-1, 1, 8, 8), labels)


def _table(load: Callable[..., Any]) -> Split:
    x, y = load(return_X_y=True)
    return Split.make(x.astype(np.float32), y).standardized()


def breast_cancer() -> Split:
    """569 tumours with 30 measurements each: class 1 is benign, class 0 malignant."""
    return _table(datasets.load_breast_cancer)


def wine() -> Split:
    """178 wines with 13 measurements each, from three growers."""
    return _table(datasets.load_wine)


def iris() -> Split:
    """150 irises with 4 measurements each, of three species."""
    return _table(datasets.load_iris)


def diabetes() -> Split:
    """442 patients with 10 measurements each, and how far the disease went within a year, as a multiple of 100."""
    x, y = datasets.load_diabetes(return_X_y=True)
    return Split.make(x.astype(np.float32), (y[:, None] / 100).astype(np.float32)).standardized()
