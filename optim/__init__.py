"""Optimisers: PyTorch's names, arguments and update rules.

>>> from autograd import Tensor
>>> import optim
>>> x = Tensor(5.0)
>>> optimizer = optim.SGD([x], lr=0.1, momentum=0.9)
>>> for _ in range(200):
...     optimizer.zero_grad()
...     ((x - 3.0) * (x - 3.0)).backward()
...     optimizer.step()
>>> round(x.item(), 3)
3.0
"""

from __future__ import annotations

from optim import lr_scheduler
from optim._adadelta import Adadelta
from optim._adagrad import Adagrad
from optim._adam import Adam, AdamW
from optim._adamax import Adamax
from optim._finite_difference import FiniteDifferenceDescent
from optim._lbfgs import LBFGS
from optim._lion import Lion
from optim._nadam import NAdam
from optim._optimizer import Optimizer
from optim._radam import RAdam
from optim._rmsprop import RMSprop
from optim._sgd import SGD

__all__ = [
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "FiniteDifferenceDescent",
    "Lion",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "lr_scheduler",
]
