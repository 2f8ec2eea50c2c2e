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

from nn import data, functional, init
from nn._activation import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn._checkpoint import load_checkpoint, save_checkpoint
from nn._container import Flatten, Identity, Sequential
from nn._linear import Linear
from nn._loss import CrossEntropyLoss, MSELoss
from nn._module import Module
from nn._parameter import Parameter
from nn._random import get_rng_state, manual_seed, set_rng_state
from nn._weights import load_weights, save_weights
from nn.data import DataLoader, TensorDataset

__all__ = [
    "CrossEntropyLoss",
    "DataLoader",
    "Flatten",
    "Identity",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "TensorDataset",
    "data",
    "functional",
    "get_rng_state",
    "init",
    "load_checkpoint",
    "load_weights",
    "manual_seed",
    "save_checkpoint",
    "save_weights",
    "set_rng_state",
]
