"""Which epoch was the best, and when to give up waiting for a better one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nn._module import Module

__all__ = ["Monitor"]


class Monitor:
    """Compares epochs by one quantity, keeps the best one's weights, and counts how long none was better.

    Parameters
    ----------
    name
        Of the quantity.
    mode
        ``"min"`` or ``"max"``.
    min_delta
        By how much a value must be better than the best one to count as better.
    patience
        After how many epochs in a row without a better value :attr:`exhausted` becomes true; None for never.
    keep_weights
        Whether to keep a copy of the best epoch's weights.

    Notes
    -----
    Prechelt, "Early stopping - but when?" (1998).
    """

    def __init__(self, name: str, mode: str, min_delta: float, patience: int | None, keep_weights: bool) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"fit: mode must be 'min' or 'max', got {mode!r}")
        if not min_delta >= 0:
            raise ValueError(f"fit: min_delta must not be negative, got {min_delta!r}")
        if patience is not None and patience < 1:
            raise ValueError(f"fit: patience must be at least 1 epoch, got {patience!r}")
        self.name = name
        self.sign = 1.0 if mode == "min" else -1.0
        self.min_delta = min_delta
        self.patience = patience
        self.keep_weights = keep_weights
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.waited = 0
        self.weights: dict[str, Any] | None = None

    def update(self, epoch: int, value: float, model: Module) -> None:
        """Compare an epoch with the best one so far.

        Raises
        ------
        ValueError
            If the quantity is not one number.
        """
        if not isinstance(value, (int, float)):
            raise ValueError(
                f"fit: {self.name} has several values, so epochs cannot be compared by it; monitor one number, such as "
                f"that of nn.metrics.F1('macro')"
            )
        better = not math.isnan(value) and (
            self.best is None or self.sign * value < self.sign * self.best - self.min_delta
        )
        if not better:
            self.waited += 1
            return
        self.best, self.best_epoch, self.waited = value, epoch, 0
        if self.keep_weights:
            self.weights = model.state_dict()

    @property
    def exhausted(self) -> bool:
        """Whether there was no better epoch for too long."""
        return self.patience is not None and self.waited >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """What another monitor needs to go on."""
        return {"best": self.best, "best_epoch": self.best_epoch, "waited": self.waited, "weights": self.weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another monitor was."""
        self.best, self.best_epoch, self.waited = state["best"], state["best_epoch"], state["waited"]
        self.weights = state["weights"] if self.keep_weights else None
