"""Pictures of training and functions, with Matplotlib.

Every function draws into the axes it is given (``ax=``) or into a new figure, and returns them; none shows a window,
opens a pyplot figure or changes a setting. What they return shows itself in Jupyter, and
``ax.figure.savefig("name.svg")`` saves it. Colours are explained in :mod:`viz.plots.colours`.

>>> from viz import plots
>>> history = {"loss": [2.3, 1.1, 0.6], "val_loss": [2.2, 1.3, 1.0]}
>>> figure = plots.curves(history)
>>> figure.axes[0].get_ylabel()
'loss'
"""

from __future__ import annotations

try:
    import matplotlib  # noqa: F401
except ImportError as error:
    raise ImportError(
        "viz.plots draws with Matplotlib, which is not installed: pip install 'glassgrad[plots]'"
    ) from error

from viz.plots.boundary import decision_boundary
from viz.plots.grids import feature_maps, kernels, weights
from viz.plots.landscape import contour, optimizer_path, record_path
from viz.plots.layers import activations, histograms
from viz.plots.matrix import jacobian
from viz.plots.scalar import function
from viz.plots.training import curves

__all__ = [
    "activations",
    "contour",
    "curves",
    "decision_boundary",
    "feature_maps",
    "function",
    "histograms",
    "jacobian",
    "kernels",
    "optimizer_path",
    "record_path",
    "weights",
]
