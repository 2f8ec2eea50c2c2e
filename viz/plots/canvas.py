"""Where pictures are drawn: figures that no global state knows of and that show themselves in Jupyter."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from viz.plots.lettering import LITERAL, clean

__all__ = ["PlotAxes", "PlotFigure", "axes_for", "hatched", "legend", "new_figure"]

#: Pixels for each one that a notebook gives the picture: sharp on screens of high resolution.
SHARPNESS = 2
#: Where there are more points, the search for the emptiest corner takes longer than the picture.
MANY_POINTS = 5_000


class PlotFigure(Figure):
    """A figure that shows itself in Jupyter, though pyplot does not know of it.

    Examples
    --------
    >>> picture, size = PlotFigure(figsize=(4, 3), dpi=100)._repr_png_()
    >>> picture[1:4], size
    (b'PNG', {'width': 400, 'height': 300})
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=SHARPNESS * self.dpi)
        width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
        return file.getvalue(), {"width": width, "height": height}


class PlotAxes(Axes):
    """Axes that show the figure they are in, so that a notebook's cell may end with the call that made them."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        figure = self.get_figure(root=True)
        return figure._repr_png_() if isinstance(figure, PlotFigure) else None


def new_figure(width: float, height: float) -> PlotFigure:
    """A figure of a size in inches, whose parts make room for each other."""
    return PlotFigure(figsize=(width, height), layout="constrained")


def axes_for(ax: Axes | None, width: float = 6.0, height: float = 4.0) -> Axes:
    """Those given, or those of a new figure.

    Raises
    ------
    TypeError
        If what was given are no axes.
    """
    if ax is None:
        return new_figure(width, height).add_subplot(axes_class=PlotAxes)
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be matplotlib Axes to draw into, or None for new ones, got {type(ax).__name__}")
    return ax


def legend(ax: Axes, entries: Sequence[tuple[Artist, str]], *, beside: bool = False) -> Legend | None:
    """Say what is what, whatever characters the names have.

    Parameters
    ----------
    entries
        What is drawn, and what it is called.
    beside
        Put it to the right of the axes, where it covers nothing.
    """
    if not entries:
        return None
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if beside else {"loc": "best"}
    if not beside and sum(np.size(line.get_xdata()) for line in ax.lines) > MANY_POINTS:
        place["loc"] = "upper right"
    made = ax.legend(*zip(*entries, strict=True), fontsize="small", framealpha=0.9, **place)
    for text, (_, name) in zip(made.get_texts(), entries, strict=True):
        text.set(text=clean(name), **LITERAL)
    return made


def hatched(ax: Axes, xs: Any, ys: Any, where: Any) -> None:
    """Mark the part of the plane that has no values, so that it is not taken for a very low or high one."""
    if where.any():
        ax.contourf(xs, ys, where.astype(float), levels=[0.5, 1.5], colors="none", hatches=["///"])
