"""Neural networks: layers, losses, initialisers and data, composed of the engine's primitives.

Names, arguments, weight layouts and ``state_dict`` keys are PyTorch's, so that its weights load.

>>> import numpy as np
>>> import nn
>>> net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
>>> loss = nn.CrossEntropyLoss()(net(np.ones((5, 4))), [0, 1, 2, 0, 1])
>>> loss.backward()
>>> net[0].weight.grad.shape
(8, 4)
"""

from __future__ import annotations

from nn import data, functional, init, metrics, utils
from nn._activation import (
    CELU,
    ELU,
    GELU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from nn._checkpoint import load_checkpoint, save_checkpoint
from nn._container import (
    Flatten,
    Identity,
    ModuleDict,
    ModuleList,
    ParameterDict,
    ParameterList,
    Sequential,
)
from nn._convolution import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nn._dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d
from nn._embedding import Embedding
from nn._linear import Linear
from nn._loss import CrossEntropyLoss, MSELoss
from nn._module import Module
from nn._normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    LayerNorm,
    LocalResponseNorm,
    RMSNorm,
)
from nn._parameter import Parameter
from nn._random import get_rng_state, manual_seed, set_rng_state
from nn._recurrent import GRU, LSTM, RNN
from nn._recurrent_cells import GRUCell, LSTMCell, RNNCell
from nn._softmax import GLU, LogSoftmax, Softmax, Softmax2d, Softmin
from nn._weights import load_weights, save_weights
from nn.data import DataLoader, TensorDataset

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AlphaDropout",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "CrossEntropyLoss",
    "DataLoader",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LocalResponseNorm",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "PReLU",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "RMSNorm",
    "RNNCell",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "TensorDataset",
    "Threshold",
    "data",
    "functional",
    "get_rng_state",
    "init",
    "load_checkpoint",
    "load_weights",
    "manual_seed",
    "metrics",
    "save_checkpoint",
    "save_weights",
    "set_rng_state",
    "utils",
]
