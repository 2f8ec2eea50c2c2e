"""Colours that remain distinct for colour-blind readers, on light and on dark backgrounds.

Single colours are those of Okabe and Ito, "Color universal design" (2008), chosen to be told apart with every common
kind of colour blindness; their order differs between light and dark backgrounds, so that those used most contrast with
it; a wine red and a grey complete them to ten. Wherever several are used, markers or kinds of lines
differ as well. Values with a sign go from blue over the background's own shade to red, which no common colour blindness
confuses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_rgb, to_rgba

__all__ = [
    "LINES",
    "MARKERS",
    "background",
    "colours",
    "diverging",
    "ink",
    "is_dark",
    "luminance",
    "markers",
    "muted",
    "not_finite",
]

_BLUE, _VERMILLION, _GREEN, _PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
_ORANGE, _SKY, _YELLOW, _WINE, _GREY = "#E69F00", "#56B4E9", "#F0E442", "#882255", "#888888"
_ON_LIGHT = (_BLUE, _VERMILLION, _GREEN, _PURPLE, _ORANGE, _SKY, _WINE, _YELLOW, "#000000", _GREY)
_ON_DARK = (_SKY, _ORANGE, _GREEN, _PURPLE, _YELLOW, _VERMILLION, _BLUE, "#FFFFFF", _WINE, _GREY)

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
LINES: tuple[Any, ...] = ("-", "--", ":", "-.")


def luminance(colour: Any) -> float:
    """Relative luminance as WCAG 2 defines it: 0 for black, 1 for white.

    Examples
    --------
    >>> luminance("black"), round(luminance("white"), 6), round(luminance("#808080"), 2)
    (0.0, 1.0, 0.22)
    """
    rgb = np.asarray(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def background(ax: Axes) -> tuple[float, float, float]:
    """What is seen behind what the axes show."""
    red, green, blue, alpha = to_rgba(ax.get_facecolor())
    behind = to_rgb(ax.get_figure(root=True).get_facecolor())  # type: ignore[union-attr]
    return tuple(alpha * own + (1 - alpha) * other for own, other in zip((red, green, blue), behind, strict=True))  # type: ignore[return-value]


def is_dark(ax: Axes) -> bool:
    """Whether white is read more easily on them than black."""
    return luminance(background(ax)) < 0.18


def ink(ax: Axes) -> str:
    """The colour of text and marks that belong to no class or run."""
    return "#F2F2F2" if is_dark(ax) else "#1A1A1A"


def colours(ax: Axes, count: int) -> list[str]:
    """So many colours, which begin anew after the tenth.

    Examples
    --------
    >>> from viz.plots.canvas import axes_for
    >>> colours(axes_for(None), 2)
    ['#0072B2', '#D55E00']
    """
    of = _ON_DARK if is_dark(ax) else _ON_LIGHT
    return [of[i % len(of)] for i in range(count)]


def markers(count: int) -> list[str]:
    """So many shapes, shifted when :func:`colours` begins anew, so that no two of a hundred have both in common.

    Examples
    --------
    >>> markers(2), markers(12)[10]
    (['o', 's'], 's')
    """
    return [MARKERS[(i + i // len(_ON_LIGHT)) % len(MARKERS)] for i in range(count)]


def not_finite(ax: Axes) -> str:
    """For a value that is nan or infinite: a colour that neither map below has."""
    return _YELLOW


def diverging(ax: Axes) -> Colormap:
    """From blue (negative) over the background's own shade (0) to red (positive); nan is yellow.

    Notes
    -----
    On light backgrounds ColorBrewer's RdBu (Harrower and Brewer, 2003), on dark ones Crameri's berlin (2018).
    """
    return colormaps["berlin" if is_dark(ax) else "RdBu_r"].with_extremes(bad=not_finite(ax))


def muted(ax: Axes) -> Colormap:
    """For what lies under other things: from a weak blue (low) to the background (high), on which all else is seen."""
    behind = np.array(background(ax))
    strong = behind + (0.45 if not is_dark(ax) else 0.6) * (np.array(to_rgb(_BLUE)) - behind)
    return LinearSegmentedColormap.from_list("muted", [tuple(strong), tuple(behind)])
