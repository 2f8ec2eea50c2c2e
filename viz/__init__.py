"""Drawings of recorded graphs: every forward value and every gradient, in the notation of Stanford's CS231n.

>>> import viz
>>> from autograd import Tensor
>>> x = Tensor(3.0, name="x")
>>> y = x * x + 1
>>> y.backward()
>>> viz.draw(y)
<Drawing of 2 gates, 1 variable, with gradients; .save("graph.svg") writes it>
"""

from __future__ import annotations

import importlib
from typing import Any

from viz.collect import trace
from viz.comparison import Comparison, Difference, compare
from viz.diagnosis import Diagnosis, diagnose
from viz.drawing import Drawing, draw
from viz.errors import DotNotFoundError, GraphTooLargeError
from viz.explaining import Explanation, explain
from viz.findings import Finding
from viz.formulas import ExpressionError, expression
from viz.reaching import Unreached
from viz.recording import Failure, Recording, record
from viz.stepping import Stepper, step
from viz.traces import Trace

__all__ = [
    "Comparison",
    "Diagnosis",
    "Difference",
    "DotNotFoundError",
    "Drawing",
    "Explanation",
    "ExpressionError",
    "Failure",
    "Finding",
    "GraphTooLargeError",
    "Recording",
    "Stepper",
    "Trace",
    "Unreached",
    "compare",
    "diagnose",
    "draw",
    "explain",
    "expression",
    "record",
    "step",
    "trace",
]


def __getattr__(name: str) -> Any:
    """``viz.plots``, imported when it is first used: it needs Matplotlib, and nothing else does."""
    if name == "plots":
        return importlib.import_module("viz.plots")
    raise AttributeError(f"module 'viz' has no attribute {name!r}")
