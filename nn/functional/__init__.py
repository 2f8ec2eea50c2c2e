"""Layers, activations and losses as functions: compositions of the engine's primitives, without state.

Names and arguments are PyTorch's. Every function takes tensors, NumPy arrays and plain numbers alike; where nothing in
its input is a tensor, neither is the result.
"""

from __future__ import annotations

from nn.functional._activation import (
    celu,
    elu,
    gelu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    logsigmoid,
    mish,
    prelu,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
    threshold,
)
from nn.functional._linear import linear
from nn.functional._loss import cross_entropy, mse_loss
from nn.functional._shape import flatten
from nn.functional._softmax import glu, log_softmax, softmax, softmin

__all__ = [
    "celu",
    "cross_entropy",
    "elu",
    "flatten",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "mish",
    "mse_loss",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
]
