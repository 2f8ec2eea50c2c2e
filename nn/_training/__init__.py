"""Training: :func:`nn.fit`, :func:`nn.evaluate` and :func:`nn.predict`, each part of them in a file of its own."""

from __future__ import annotations

from nn._training._evaluate import evaluate, predict
from nn._training._fit import fit
from nn._training._history import History
from nn._training._state import DivergedError, Training

__all__ = ["DivergedError", "History", "Training", "evaluate", "fit", "predict"]
