"""Metrics: how good predictions are, of arrays at once or accumulated over batches.

Each comes as a function, ``accuracy(input, target)``, and as a class whose ``update`` takes one batch after the other
and whose ``compute`` gives exactly what the function would give for all of them together. Predictions come first, as
in losses. Metrics are computed on plain values: there is no gradient through them.

>>> from nn.metrics import Accuracy, accuracy
>>> accuracy([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], [1, 0, 0])
0.6666666666666666
>>> metric = Accuracy()
>>> metric.update([[0.1, 0.9], [0.8, 0.2]], [1, 0])
>>> metric.update([[0.3, 0.7]], [0])
>>> metric.compute()
0.6666666666666666

What predictions may be, wherever classes are meant:

=============================  ==============================  ==================================================
input                          target                          the predicted class is
=============================  ==============================  ==================================================
``(N, C)`` scores              ``(N,)`` classes                that of the largest score
``(N, C, d1, ...)`` scores     ``(N, d1, ...)`` classes        likewise, at each position
``(N, C)`` scores              ``(N, C)`` one-hot, or          likewise, in both
                               probabilities
``(N,)`` or ``(N, 1)`` scores  of the input's shape, or        1 where the score is above ``threshold``, else 0; or
                               ``(N,)``; 0 and 1, or -1 and 1  -1, where targets are
integers or booleans           of the input's shape            the input
=============================  ==============================  ==================================================

Scores are floating: logits or probabilities, which makes no difference where the largest counts. A single score is
taken for a probability; for logits and for the margins of a hinge loss give ``threshold=0.0``.
"""

from __future__ import annotations

from nn.metrics._accuracy import Accuracy, accuracy
from nn.metrics._averages import F1, Precision, Recall, f1, precision, recall
from nn.metrics._confusion import ConfusionMatrix, confusion_matrix
from nn.metrics._metric import Mean, Metric, OnAll
from nn.metrics._ranking import RocAuc, roc_auc
from nn.metrics._regression import (
    R2,
    MeanAbsoluteError,
    MeanSquaredError,
    mean_absolute_error,
    mean_squared_error,
    r2,
)

__all__ = [
    "F1",
    "R2",
    "Accuracy",
    "ConfusionMatrix",
    "Mean",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "OnAll",
    "Precision",
    "Recall",
    "RocAuc",
    "accuracy",
    "confusion_matrix",
    "f1",
    "mean_absolute_error",
    "mean_squared_error",
    "precision",
    "r2",
    "recall",
    "roc_auc",
]
