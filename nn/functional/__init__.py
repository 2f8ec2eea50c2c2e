"""Layers, activations and losses as functions: compositions of the engine's primitives, without state.

Names and arguments are PyTorch's. Every function takes tensors, NumPy arrays and plain numbers alike; where nothing in
its input is a tensor, neither is the result.
"""

from __future__ import annotations

from nn.functional._activation import log_softmax, relu, sigmoid, softmax, tanh
from nn.functional._linear import linear
from nn.functional._loss import cross_entropy, mse_loss
from nn.functional._shape import flatten

__all__ = ["cross_entropy", "flatten", "linear", "log_softmax", "mse_loss", "relu", "sigmoid", "softmax", "tanh"]
