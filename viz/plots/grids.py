"""Many small images side by side: weights, kernels, feature maps."""

from __future__ import annotations

import math
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
#: Between cells, and for a title above an image, in widths of an image.
_GAP, _TITLE = 0.12, 0.2


@dataclass(frozen=True)
class _Tile:
    """One image: rows and columns of numbers, or ``(height, width, 3)`` of colours; None leaves its place empty."""

    image: Array | None
    title: str = ""


def weights(
    source: Any,
    image_shape: Sequence[int] | None = None,
    *,
    labels: Iterable[Any] | None = None,
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
    return _mosaic(ax, tiles, "weight", scale, limit, columns, title)


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
        return _mosaic(ax, tiles, "weight", scale, limit, None, title)
    across = min(channels, max(limit // min(out, math.isqrt(limit)), 1)) if out * channels > limit else channels
    down = min(out, max(limit // across, 1))
    tiles = [_Tile(kernel, str(j) if i == 0 else "") for i in range(down) for j, kernel in enumerate(array[i, :across])]
    ax = _mosaic(ax, tiles, "weight", scale, len(tiles), across, title, hidden=out * channels - len(tiles))
    ax.set_ylabel("output channel")
    rows = -np.arange(down) * (1 + _GAP)
    ax.set_yticks(rows + 0.5, labels=[str(i) for i in range(down)], fontsize=_small(down))
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
    return _mosaic(ax, tiles, "activation", scale, limit, columns, title)


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
) -> Axes:
    if scale not in ("shared", "each"):
        raise ValueError(f"scale must be 'shared' or 'each', got {scale!r}")
    if limit < 1 or (columns is not None and columns < 1):
        raise ValueError(f"limit and columns must be at least 1, got {limit} and {columns}")
    hidden += max(len(tiles) - limit, 0)
    tiles = tiles[:limit]
    names = max(len(tile.title) for tile in tiles)
    across = min(columns or (_columns(len(tiles)) if names <= 8 else min(len(tiles), 3)), len(tiles))
    down = -(-len(tiles) // across)
    headings = [any(tile.title for tile in tiles[r * across : (r + 1) * across]) for r in range(down)]
    cell = min(1.1 if names <= 8 else 2.2, 9.0 / across, 7.5 / down) if len(tiles) > 1 else 4.0
    height = down + _GAP * (down - 1) + _TITLE * sum(headings)
    ax = axes_for(ax, max(4.2, across * cell * (1 + _GAP) + 1.6), max(2.2, height * cell + 0.7 + 0.3 * bool(title)))
    images = [tile.image for tile in tiles if tile.image is not None]
    numbers = [image for image in images if image.ndim == 2]
    shared = max((_reach(image) for image in numbers), default=0.0) or 1.0
    cmap = diverging(ax)
    top = 1.0
    for i, tile in enumerate(tiles):
        row, column = divmod(i, across)
        top -= (1 + _GAP + _TITLE * headings[row]) * (column == 0 and row > 0)
        if tile.image is None:
            continue
        left = column * (1 + _GAP)
        rows, cells = tile.image.shape[:2]
        w, h = cells / max(rows, cells), rows / max(rows, cells)
        x, y = left + (1 - w) / 2, top - (1 + h) / 2
        reach = shared if scale == "shared" else _reach(tile.image) or 1.0
        shown = np.where(np.isfinite(tile.image), tile.image, np.nan)
        ax.imshow(
            shown,
            cmap=cmap,
            norm=Normalize(-reach, reach),
            extent=(x, x + w, y, y + h),
            interpolation="nearest" if max(rows, cells) < 128 else "auto",
        )
        if tile.title:
            size = 9.0 if len(tiles) == 1 else min(9.0, 11.0 * cell)
            ax.text(
                left + 0.5,
                y + h + 0.03,
                clean(tile.title, _room(cell, size)),
                ha="center",
                va="bottom",
                fontsize=size,
                color=ink(ax),
                **LITERAL,
            )
    ax.set(
        xlim=(-_GAP / 2, across * (1 + _GAP) - _GAP / 2), ylim=(top - 1 - _GAP / 2, 1 + _GAP / 2 + _TITLE * headings[0])
    )
    ax.set_aspect("equal")
    ax.spines[:].set_visible(False)
    ax.set(xticks=[], yticks=[])
    said = [f"… and {hidden:,} more"] if hidden else []
    odd = sum(int((~np.isfinite(image)).sum()) for image in images)
    if odd:
        said.append(f"yellow: {counted(odd, 'value')} not finite")
    if numbers:
        reach = shared if scale == "shared" else 1.0
        bar = ax.figure.colorbar(
            ScalarMappable(Normalize(-reach, reach), cmap), ax=ax, shrink=0.8 if down > 2 else 1.0, aspect=15
        )
        bar.set_label(what if scale == "shared" else f"{what}, as a share of\nthe largest in its image")
    else:
        said.append("each image from its lowest to its highest value")
    ax.set_xlabel("; ".join(said))
    if title is not None:
        ax.set_title(clean(title, longest=100), **LITERAL)
    return ax


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


def _small(count: int) -> float:
    return 9.0 if count <= 12 else 6.0
