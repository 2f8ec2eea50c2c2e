"""Drawings of recorded graphs: every forward value and every gradient, in the notation of Stanford's CS231n.

>>> import viz
>>> from autograd import Tensor
>>> x = Tensor(3.0, name="x")
>>> y = x * x + 1
>>> y.backward()
>>> viz.draw(y)
<Drawing of 2 gates, 1 variable, with gradients; .save("graph.svg") writes it>

Everything goes one way: a graph of tensors is read into a trace, which is plain data, and every view is made from that.

- From tensors to a trace: ``collect``, with ``expand``, ``local``, ``checks``, ``labels``, ``bulk``; names by
  ``names`` and ``assignments``. While a program runs: ``recording``, ``watching``, ``origins``,
  ``reaching``.
- The trace: ``traces``, ``numbers``, ``json_format``; parts of one by ``parts``.
- From a trace to a drawing: ``fold`` and ``grouping`` make a ``graph``, ``drawing`` writes it by ``dot``, ``layout``
  and ``svg``, ``mermaid`` or ``terminal``, with ``themes`` and ``overlays``.
- What gates do, in formulas and words: ``rules``, ``patterns``, ``mathematics``; told by ``explaining``, and on the
  page of ``stepping``.
- As a spreadsheet with live formulas: ``workbook``.
- What is wrong, or has changed: ``diagnosis`` and ``findings``; ``comparison``, ``alignment`` and ``joining``.
- Numbers and text as a reader sees them: ``format``, ``legible``; errors: ``errors``.
- Formulas as input: ``formulas``; the command line: ``cli``; pictures of training and functions: ``plots``.
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
from viz.workbook import Spreadsheet, spreadsheet

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
    "Spreadsheet",
    "Stepper",
    "Trace",
    "Unreached",
    "compare",
    "diagnose",
    "draw",
    "explain",
    "expression",
    "record",
    "spreadsheet",
    "step",
    "trace",
]


def __getattr__(name: str) -> Any:
    """``viz.plots``, imported when it is first used: it needs Matplotlib, and nothing else does."""
    if name == "plots":
        return importlib.import_module("viz.plots")
    raise AttributeError(f"module 'viz' has no attribute {name!r}")
