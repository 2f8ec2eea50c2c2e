"""Well-known networks, small enough to be read: what they are made of, and how their layers are put together.

They are ordinary modules: train them, take them apart, copy them. ``python -m examples`` trains every one of them on
real data.

>>> import numpy as np
>>> from nn.models import LeNet
>>> LeNet()(np.zeros((2, 1, 32, 32), np.float32)).shape
(2, 10)
"""

from __future__ import annotations

from nn.models._alexnet import AlexNet, AlexNet2012, SmallAlexNet
from nn.models._char_rnn import CharRNN
from nn.models._gan import Discriminator, Generator
from nn.models._language_model import LanguageModel
from nn.models._lenet import LeNet
from nn.models._mlp import MLP
from nn.models._transformer import TransformerLM

__all__ = [
    "MLP",
    "AlexNet",
    "AlexNet2012",
    "CharRNN",
    "Discriminator",
    "Generator",
    "LanguageModel",
    "LeNet",
    "SmallAlexNet",
    "TransformerLM",
]
