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
from nn.functional._convolution import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from nn.functional._dropout import alpha_dropout, dropout, dropout1d, dropout2d, dropout3d
from nn.functional._embedding import embedding
from nn.functional._linear import linear
from nn.functional._loss import cross_entropy, mse_loss
from nn.functional._normalization import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    normalize,
    rms_norm,
)
from nn.functional._padding import pad
from nn.functional._shape import flatten
from nn.functional._softmax import glu, log_softmax, softmax, softmin

__all__ = [
    "alpha_dropout",
    "batch_norm",
    "celu",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cross_entropy",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "embedding",
    "flatten",
    "gelu",
    "glu",
    "group_norm",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "instance_norm",
    "layer_norm",
    "leaky_relu",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "mish",
    "mse_loss",
    "normalize",
    "pad",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
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
