"""Many small images side by side: weights, kernels, feature maps."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from viz.plots.arrays import Array, as_array, as_numbers, is_network
from viz.plots.canvas import axes_for
from viz.plots.colours import diverging, ink
from viz.plots.lettering import LITERAL, clean, counted

__all__ = ["feature_maps", "kernels", "weights"]

LIMIT = 64
#: Longer titles need wider images. Larger images are averaged where they have less room than pixels.
_SHORT, _FINE = 8, 128
#: Between images, in widths of one; and for the title above an image, in inches.
_GAP, _HEADING = 0.12, 0.2
#: The width of a letter of the title, in inches; on average it is less.
_LETTER = 0.1


@dataclass(frozen=True)
class _Tile:
    """One image: rows and columns of numbers, or ``(height, width, 3)`` of colours."""

    image: Array
    title: str = ""

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height, the larger of which is 1."""
        rows, columns = self.image.shape[:2]
        return columns / max(rows, columns), rows / max(rows, columns)


class _Layout:
    """Where each of many tiles stands, in widths of an image; rows are as high as their highest tile.

    Attributes
    ----------
    cell
        The width of an image in inches.
    width, bottom
        Of all together; the upper edge of the first row is at 0.
    places
        Of each tile: left, bottom, width and height.
    middles
        Of each row.
    """

    def __init__(self, tiles: list[_Tile], across: int, widest: float) -> None:
        down = -(-len(tiles) // across)
        self.cell = min(widest, 9.0 / across, 7.5 / down)
        self.width = across * (1 + _GAP) - _GAP
        self.places: list[tuple[float, float, float, float]] = []
        self.middles: list[float] = []
        top = 0.0
        for first in range(0, len(tiles), across):
            row = tiles[first : first + across]
            heading = _HEADING / self.cell if any(tile.title for tile in row) else 0.0
            top -= heading + (_GAP if first else 0.0)
            high = max(tile.extent[1] for tile in row)
            for column, tile in enumerate(row):
                w, h = tile.extent
                self.places.append((column * (1 + _GAP) + (1 - w) / 2, top - h, w, h))
            self.middles.append(top - high / 2)
            top -= high
        self.bottom = top


def weights(
    source: Any,
    image_shape: Sequence[int] | None = None,
    *,
    labels: Iterable[Any] | None = None,
    quantity: str = "weight",
    scale: str | None = None,
    limit: int = LIMIT,
    columns: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw weights as images: every parameter of a network as a matrix, or every row of one matrix as an image.

    Parameters
    ----------
    source : module, mapping, array_like or list of them
        A network's parameters are drawn with their names, biases left out; so is a mapping's every array.
    image_shape
        What a row of ``source``, an array ``(rows, ...)``, is an image of: ``(height, width)``, or ``(3, height,
        width)`` for colours. So each class of a linear classifier shows its template.
    labels
        Titles of the images.
    quantity
        What the numbers are, if not weights, but, for example, their gradients: written beside the colour bar.
    scale
        ``"shared"``, one colour scale for all, or ``"each"``, where every image has its own; by default shared by the
        rows of a matrix, but not by the parameters of a network, which differ in size.
    limit
        How many images to draw at most; how many more there are is said.
    columns
        How many stand side by side.
    title
        Above the picture.
    ax
        Axes to draw into.

    Returns
    -------
    Axes
        With one image for each tile.

    Raises
    ------
    ValueError
        If there is nothing to draw, or shapes do not fit ``image_shape``.

    Notes
    -----
    Blue is negative, red positive, 0 between them has the background's shade (see :mod:`viz.plots.colours`); nan and
    infinity are yellow and counted. Images in colours are each stretched from their lowest to their highest value.

    Examples
    --------
    >>> import numpy as np
    >>> ax = weights(np.random.default_rng(0).normal(size=(10, 64)), (8, 8), labels=range(10))
    >>> len(ax.images), ax.images[0].get_array().shape
    (10, (8, 8))
    """
    if image_shape is not None:
        array = as_numbers(source, "weights")
        size = math.prod(image_shape)
        if array.ndim < 1 or len(image_shape) not in (2, 3) or array[0].size != size:
            raise ValueError(
                f"weights: rows of an array of shape {array.shape} are no images of shape {tuple(image_shape)}; it is "
                f"(height, width) or (3, height, width), and as many numbers as a row has"
            )
        images = array.reshape(len(array), *image_shape)
        tiles = [_Tile(_colours(i) if len(image_shape) == 3 else i) for i in images]
    else:
        tiles = [_Tile(_matrix(values), name) for name, values in _named(source)]
    if labels is not None:
        names = [clean(label) for label in labels]
        if len(names) != len(tiles):
            raise ValueError(f"weights: {len(names)} labels for {counted(len(tiles), 'image')}")
        tiles = [_Tile(tile.image, name) for tile, name in zip(tiles, names, strict=True)]
    scale = scale or ("shared" if image_shape is not None or len(tiles) == 1 else "each")
    return _mosaic(ax, tiles, clean(quantity), scale, limit, columns, title)[0]


def kernels(
    w: Any,
    *,
    rgb: bool = False,
    scale: str = "shared",
    limit: int = LIMIT,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the kernels of a convolution.

    Parameters
    ----------
    w : module or array_like
        ``(out, in, height, width)``, or a module that has such a ``weight``. A row of the grid is an output channel, a
        column an input channel; with one input channel the kernels fill the rows instead.
    rgb
        Draw three input channels as the colours of one image.
    scale, title, ax
        As for :func:`weights`.
    limit
        How many images to draw at most: where channels are left out, it is the same number of each, as far as possible.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the shape is another one.

    Examples
    --------
    >>> import nn
    >>> ax = kernels(nn.Conv2d(3, 16, 5))
    >>> len(ax.images), ax.get_ylabel()
    (48, 'output channel')
    """
    array = as_numbers(getattr(w, "weight", w), "kernels")
    if array.ndim != 4:
        raise ValueError(f"kernels: expected weights of shape (out, in, height, width), got {array.shape}")
    out, channels = array.shape[:2]
    if rgb and channels != 3:
        raise ValueError(f"kernels: rgb needs 3 input channels, got {channels}")
    if rgb or channels == 1:
        tiles = [_Tile(_colours(kernel) if rgb else kernel[0], str(i)) for i, kernel in enumerate(array)]
        return _mosaic(ax, tiles, "weight", scale, limit, None, title)[0]
    across = min(channels, max(limit // min(out, math.isqrt(limit)), 1)) if out * channels > limit else channels
    down = min(out, max(limit // across, 1))
    tiles = [_Tile(kernel, str(j) if i == 0 else "") for i in range(down) for j, kernel in enumerate(array[i, :across])]
    ax, layout = _mosaic(ax, tiles, "weight", scale, len(tiles), across, title, hidden=out * channels - len(tiles))
    ax.set_ylabel("output channel")
    ax.set_yticks(layout.middles, labels=[str(i) for i in range(down)], fontsize=9.0 if down <= 12 else 6.0)
    ax.tick_params(length=0)
    if title is None:
        ax.set_title("input channel", fontsize=ax.yaxis.label.get_fontsize())
    return ax


def feature_maps(
    a: Any,
    *,
    scale: str = "shared",
    limit: int = LIMIT,
    columns: int | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what each channel of a layer puts out for one image.

    Parameters
    ----------
    a : array_like or Tensor
        ``(channels, height, width)``, or ``(1, channels, height, width)``; :func:`activations` collects them.
    scale, limit, columns, title, ax
        As for :func:`weights`.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the shape is another one.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Conv2d(1, 6, 3)
    >>> ax = feature_maps(layer(np.ones((1, 1, 8, 8), np.float32)))
    >>> len(ax.images), ax.images[0].get_array().shape
    (6, (6, 6))
    """
    array = as_numbers(a, "feature_maps")
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim != 3:
        raise ValueError(
            f"feature_maps: expected (channels, height, width) of one image, got shape {array.shape}"
            + ("; of a batch, choose one: a[0]" if array.ndim == 4 else "")
        )
    tiles = [_Tile(channel, str(i)) for i, channel in enumerate(array)]
    return _mosaic(ax, tiles, "activation", scale, limit, columns, title)[0]


# -- reading what was given --------------------------------------------------------------------------------------------


def _named(source: Any) -> list[tuple[str, Array]]:
    if is_network(source):
        named = [(name, as_array(p)) for name, p in source.named_parameters()]
        named = [(name, p) for name, p in named if p.ndim > 1]
        if not named:
            raise ValueError(f"weights: {type(source).__name__} has no parameters with rows and columns")
    elif isinstance(source, Mapping):
        named = list(source.items())
    elif isinstance(source, (list, tuple)) and any(as_array(item).ndim > 1 for item in source):
        named = [("", item) for item in source]
    else:
        named = [("", source)]
    if not named:
        raise ValueError("weights: there is nothing to draw")
    return [(clean(name), as_numbers(w, f"weights: {name!r}" if name else "weights")) for name, w in named]


def _matrix(values: Array) -> Array:
    """Rows of everything but the first axis; a vector is one row."""
    return values.reshape(len(values), -1) if values.ndim > 1 else values.reshape(1, -1)


def _colours(image: Array) -> Array:
    """From ``(3, height, width)`` of any numbers to colours from 0 to 1."""
    if image.shape[0] != 3:
        raise ValueError(f"images in colours have the shape (3, height, width), got {image.shape}")
    finite = image[np.isfinite(image)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
    shown = (image - low) / ((high - low) or 1.0)
    return np.nan_to_num(shown, posinf=1.0, neginf=0.0).clip(0, 1).transpose(1, 2, 0)


# -- drawing -----------------------------------------------------------------------------------------------------------


def _mosaic(
    ax: Axes | None,
    tiles: list[_Tile],
    what: str,
    scale: str,
    limit: int,
    columns: int | None,
    title: str | None,
    hidden: int = 0,
) -> tuple[Axes, _Layout]:
    if scale not in ("shared", "each"):
        raise ValueError(f"scale must be 'shared' or 'each', got {scale!r}")
    if limit < 1 or (columns is not None and columns < 1):
        raise ValueError(f"limit and columns must be at least 1, got {limit} and {columns}")
    hidden += max(len(tiles) - limit, 0)
    tiles = tiles[:limit]
    long = max(len(tile.title) for tile in tiles) > _SHORT
    across = min(columns or (3 if long else _columns(len(tiles))), len(tiles))
    layout = _Layout(tiles, across, 4.0 if len(tiles) == 1 else 2.2 if long else 1.1)
    lines = [] if title is None else [clean(title, longest=100)]
    if ax is None:  # a title wider than the images has several lines
        room = max(20, int(layout.width * layout.cell / _LETTER))
        lines = [part for line in lines for part in textwrap.wrap(line, room)]
    height = -layout.bottom * layout.cell + 0.7 + 0.3 * len(lines)
    ax = axes_for(ax, max(4.2, layout.width * layout.cell + 1.7), max(2.2, height))
    numbers = [tile.image for tile in tiles if tile.image.ndim == 2]
    shared = max((_reach(image) for image in numbers), default=0.0) or 1.0
    cmap = diverging(ax)
    size = min(9.0, 11.0 * layout.cell)
    for tile, (x, y, w, h) in zip(tiles, layout.places, strict=True):
        reach = shared if scale == "shared" else _reach(tile.image) or 1.0
        ax.imshow(
            np.where(np.isfinite(tile.image), tile.image, np.nan),
            cmap=cmap,
            norm=Normalize(-reach, reach),
            extent=(x, x + w, y, y + h),
            interpolation="nearest" if max(tile.image.shape[:2]) < _FINE else "auto",
        )
        if tile.title:
            name = clean(tile.title, _room(layout.cell, size))
            style: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": size, "color": ink(ax)}
            ax.text(x + w / 2, y + h + 0.03, name, **style, **LITERAL)
    ax.set(xlim=(-_GAP / 2, layout.width + _GAP / 2), ylim=(layout.bottom - _GAP / 2, _GAP / 2))
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
    ax.set(xticks=[], yticks=[])
    said = [f"… and {hidden:,} more"] if hidden else []
    odd = sum(int((~np.isfinite(tile.image)).sum()) for tile in tiles)
    if odd:
        said.append(f"yellow: {counted(odd, 'value')} not finite")
    if numbers:
        reach = shared if scale == "shared" else 1.0
        bar = ax.figure.colorbar(
            ScalarMappable(Normalize(-reach, reach), cmap),
            ax=ax,
            shrink=0.8 if len(layout.middles) > 2 else 1.0,
            aspect=15,
        )
        said_of_scale = what if scale == "shared" else f"{what}, as a share of\nthe largest in its image"
        bar.set_label(said_of_scale, **LITERAL)
    else:
        said.append("each image from its lowest to its highest value")
    ax.set_xlabel("; ".join(said))
    if title is not None:
        ax.set_title("\n".join(lines), **LITERAL)
    return ax, layout


def _columns(count: int) -> int:
    """Rather wide than high; without a nearly empty last row, if that can be had."""
    if count <= 5:
        return count
    wide = math.ceil(math.sqrt(count * 1.6))
    return min(range(wide, wide + 3), key=lambda n: -count % n)


def _reach(image: Array) -> float:
    finite = np.abs(image[np.isfinite(image)])
    return float(finite.max()) if finite.size else 0.0


def _room(cell: float, size: float) -> int:
    """How many characters of a size in points fit over a cell of so many inches."""
    return max(3, int(cell * 72 * (1 + _GAP) / (0.6 * size)))
