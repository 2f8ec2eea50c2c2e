r"""Learning-rate schedules: PyTorch's names, arguments and sequences of rates.

A schedule changes the ``"lr"`` of an optimiser's groups. Call its ``step`` after the optimiser's: once an epoch, or
once an update, whichever its counts are meant in.

>>> from autograd import Tensor
>>> import optim
>>> optimizer = optim.SGD([Tensor(1.0)], lr=0.1)
>>> schedule = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[2, 3])
>>> rates = []
>>> for epoch in range(4):
...     rates += schedule.get_last_lr()
...     optimizer.step()
...     schedule.step()
>>> [round(rate, 6) for rate in rates]
[0.1, 0.1, 0.01, 0.001]

The schedules of textbooks, for the rate at step :math:`t` of :math:`T`:

==============================================  ====================================================
:math:`\eta_0 (1 - t/T)^p`                      ``PolynomialLR(optimizer, total_iters=T, power=p)``
:math:`\eta_0 \, 0.99^{t/T}`                    ``ExponentialLR(optimizer, gamma=0.99 ** (1 / T))``
:math:`\eta_0 \, \tfrac12 (1 + \cos(\pi t/T))`  ``CosineAnnealingLR(optimizer, T_max=T)``
anything else                                   ``LambdaLR(optimizer, lambda t: ...)``
==============================================  ====================================================

Linear warm-up over the first ``n`` steps goes before another schedule,

>>> n, total = 5, 50
>>> schedule = optim.lr_scheduler.SequentialLR(
...     optimizer,
...     [
...         optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / n, total_iters=n),
...         optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=total - n),
...     ],
...     milestones=[n],
... )

or together with it, by :class:`ChainedScheduler`, which multiplies their factors.
"""

from __future__ import annotations

from optim.lr_scheduler._base import LRScheduler
from optim.lr_scheduler._combined import ChainedScheduler, SequentialLR
from optim.lr_scheduler._cycles import CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR
from optim.lr_scheduler._decay import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from optim.lr_scheduler._functions import LambdaLR, MultiplicativeLR
from optim.lr_scheduler._plateau import ReduceLROnPlateau

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
