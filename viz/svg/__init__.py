"""Drawings as SVG, written by our own hand: for what is too large for Graphviz, and where that is missing.

>>> from autograd import Tensor
>>> from viz import trace
>>> from viz.fold import fold
>>> drawing = to_svg(fold(trace(Tensor(3.0, name="x").exp())))
>>> drawing[:4], drawing.count("<script")
('<svg', 0)
"""

from __future__ import annotations

from viz.svg.fitting import for_page
from viz.svg.sizes import measure
from viz.svg.writer import path_data, to_svg

__all__ = ["for_page", "measure", "path_data", "to_svg"]
