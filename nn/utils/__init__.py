"""Tools around networks."""

from __future__ import annotations

from nn.utils import rnn

__all__ = ["rnn"]
