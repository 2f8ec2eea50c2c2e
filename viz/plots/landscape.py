"""Functions of two variables, and the ways that optimisers take on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm

from autograd import Tensor
from viz.plots.arrays import Array, as_numbers, bounded, evaluate
from viz.plots.canvas import axes_for, hatched, legend
from viz.plots.colours import background, colours, ink, markers, muted
from viz.plots.lettering import LITERAL, clean, counted, percent

__all__ = ["contour", "optimizer_path", "record_path"]

#: Where the values reach so many times further up from the lowest than the median does, levels are logarithmic.
_STEEP = 8.0
_LEVELS = 14
_MARGIN = 0.15


def contour(
    f: Callable[[Any, Any], Any],
    xlim: tuple[float, float] = (-2.0, 2.0),
    ylim: tuple[float, float] = (-2.0, 2.0),
    *,
    levels: str | int | Sequence[float] = "auto",
    labels: tuple[str, str] = ("x", "y"),
    title: str | None = None,
    resolution: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Draw the contours of a function of two variables.

    Parameters
    ----------
    f : callable
        ``f(x, y)``, which is given arrays of all points at once and works elementwise.
    xlim, ylim
        The part of the plane to show.
    levels
        ``"linear"`` or ``"log"`` (counted from the lowest value, for steep valleys), ``"auto"`` to choose between them,
        how many linear ones, or the values themselves.
    labels
        Names of the two variables.
    title
        Above the picture.
    resolution
        How many points are evaluated in each direction.
    ax
        Axes to draw into.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the limits or levels make no sense, ``f`` returns another shape than it was given, or nothing finite.

    Examples
    --------
    >>> ax = contour(lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2, (-2, 2), (-1, 3))
    >>> ax.get_ylabel(), ax.figure.axes[1].get_ylabel()
    ('y', 'f(x, y)')
    """
    for limits in (xlim, ylim):
        if not (np.isfinite(limits).all() and limits[0] < limits[1]):
            raise ValueError(f"contour: limits must be two finite numbers, the lower one first, got {limits!r}")
    if resolution < 2:
        raise ValueError(f"contour: resolution must be at least 2, got {resolution}")
    xs, ys = np.linspace(*xlim, resolution), np.linspace(*ylim, resolution)
    x, y = np.meshgrid(xs, ys)
    with np.errstate(all="ignore"):
        values = bounded(evaluate(f, x, y))
    if values.shape == ():
        values = np.full(x.shape, values)
    if values.shape != x.shape:
        raise ValueError(
            f"contour: f was given two arrays of shape {x.shape} and returned shape {values.shape}; it must work "
            f"elementwise"
        )
    finite = np.isfinite(values)
    if not finite.any():
        raise ValueError("contour: f has no finite value here")
    values = np.where(finite, values, np.nan)
    chosen = _levels(values[finite], levels)
    ax = axes_for(ax, 6.4, 4.4)
    bounds = np.r_[min(chosen[0], np.nanmin(values)), chosen, max(chosen[-1], np.nanmax(values))]
    bounds = np.unique(bounds)
    shades = muted(ax)
    filled = ax.contourf(xs, ys, values, levels=bounds, cmap=shades, norm=BoundaryNorm(bounds, shades.N), zorder=0)
    ax.contour(xs, ys, values, levels=chosen, colors=ink(ax), linewidths=0.5, linestyles="-", alpha=0.45, zorder=0.5)
    bar = ax.figure.colorbar(filled, ax=ax, spacing="uniform", ticks=bounds[:: -(-len(bounds) // 9)])
    bar.ax.set_yticks(bar.get_ticks(), labels=_rounded(bounds, bar.get_ticks()))
    bar.minorticks_off()
    hatched(ax, xs, ys, ~finite)
    hidden = "" if finite.all() else f" (hatched: not finite, {percent(1 - finite.mean())} of the area)"
    bar.set_label(f"f({clean(labels[0])}, {clean(labels[1])}){hidden}", **LITERAL)
    ax.set(xlim=xlim, ylim=ylim)
    ax.set_xlabel(clean(labels[0]), **LITERAL)
    ax.set_ylabel(clean(labels[1]), **LITERAL)
    if title is not None:
        ax.set_title(clean(title, longest=100), **LITERAL)
    return ax


def _levels(values: Array, levels: str | int | Sequence[float]) -> Array:
    """Values, ascending, to draw lines at."""
    low, high = values.min(), values.max()
    if not isinstance(levels, (str, int)):
        chosen = np.unique(as_numbers(levels, "contour: levels"))
        if not np.isfinite(chosen).all():
            raise ValueError(f"contour: levels must be finite, got {list(levels)!r}")
        return chosen
    if isinstance(levels, str) and levels not in ("auto", "linear", "log"):
        raise ValueError(f"contour: levels must be 'auto', 'linear', 'log', a number or values, got {levels!r}")
    if isinstance(levels, int) and levels < 1:
        raise ValueError(f"contour: there must be at least one level, got {levels}")
    if low == high:
        return np.array([low - 0.5, low + 0.5])
    count = levels if isinstance(levels, int) else _LEVELS
    steep = (high - low) > _STEEP * max(np.median(values) - low, np.finfo(float).tiny)
    if levels == "log" or (levels == "auto" and steep):
        above = values[values > low] - low
        bottom = max(np.percentile(above, 0.3), above.max() * 1e-9)
        rising: Array = low + np.geomspace(bottom, above.max(), count + 1)[:-1]
        return rising
    return np.linspace(low, high, count + 2)[1:-1]


def _rounded(bounds: Array, ticks: Any) -> list[str]:
    """Values written with as many digits as tell neighbours apart."""
    labels = []
    for value in ticks:
        apart = np.abs(bounds - value)
        digits = 1 - math.floor(math.log10(apart[apart > 0].min()))
        labels.append(f"{round(float(value), digits):g}".replace("-", "−"))
    return labels


def record_path(
    f: Callable[[Any, Any], Any],
    start: Sequence[float],
    optimizer: Callable[[list[Tensor]], Any],
    steps: int = 100,
) -> Array:
    """Let an optimiser minimise a function of two variables, and record where it comes by.

    Parameters
    ----------
    f : callable
        ``f(x, y)``, a scalar, of scalar tensors.
    start
        The point to start from, ``(x, y)``.
    optimizer : callable
        Makes an optimiser of a list of parameters (here one tensor of shape ``(2,)``), such as
        ``lambda params: optim.SGD(params, lr=0.1)``.
    steps
        How many steps to take.

    Returns
    -------
    ndarray of shape (steps + 1, 2), float64
        The start and the point after each step; fewer rows if it came where ``f`` or its gradient is not finite.

    Raises
    ------
    ValueError
        If the start is no finite point in the plane, or ``steps`` is negative.

    Examples
    --------
    >>> import optim
    >>> record_path(lambda x, y: x**2 + y**2, (1.0, -2.0), lambda params: optim.SGD(params, lr=0.25), steps=2)
    array([[ 1.  , -2.  ],
           [ 0.5 , -1.  ],
           [ 0.25, -0.5 ]])
    """
    first = as_numbers(start, "record_path: start")
    if first.shape != (2,) or not np.isfinite(first).all():
        raise ValueError(f"record_path: start must be two finite numbers, got {start!r}")
    if steps < 0:
        raise ValueError(f"record_path: steps must not be negative, got {steps}")
    point = Tensor(first, name="point")
    chosen = optimizer([point])

    def closure() -> Tensor:
        chosen.zero_grad()
        loss = f(point[0], point[1])
        loss.backward()
        return loss  # type: ignore[no-any-return]

    path = [point.numpy().copy()]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            chosen.step(closure)
            path.append(point.numpy().copy())
            if not np.isfinite(path[-1]).all():
                break
    return np.array(path)


def optimizer_path(
    f: Callable[[Any, Any], Any],
    paths: Any,
    *,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    minimum: Sequence[float] | None = None,
    levels: str | int | Sequence[float] = "auto",
    labels: tuple[str, str] = ("x", "y"),
    title: str | None = None,
    resolution: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """Draw the ways of optimisers over the contours of what they minimise.

    Parameters
    ----------
    f : callable
        ``f(x, y)``, as for :func:`contour`.
    paths
        A mapping from labels to points ``(steps + 1, 2)``, such as :func:`record_path` returns; or only one.
    xlim, ylim
        The part of the plane to show; by default what the paths cross, as far as they do not climb above their start.
    minimum
        Where the lowest point is, if it is to be marked.
    levels, labels, title, resolution, ax
        As for :func:`contour`.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are no paths, or one is empty or of another shape.

    Notes
    -----
    A path that leaves the picture for good is drawn until it does; the legend says so, or that it ends where nothing is
    finite.

    Examples
    --------
    >>> import optim
    >>> def bowl(x, y):
    ...     return x**2 + 10 * y**2
    >>> ways = {
    ...     "SGD": record_path(bowl, (3.0, 1.0), lambda p: optim.SGD(p, lr=0.09), 30),
    ...     "momentum": record_path(bowl, (3.0, 1.0), lambda p: optim.SGD(p, lr=0.02, momentum=0.8), 30),
    ... }
    >>> ax = optimizer_path(bowl, ways, minimum=(0, 0))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['SGD, 30 steps', 'momentum, 30 steps', 'start', 'end', 'minimum']
    """
    ways = {}
    for label, points in paths.items() if isinstance(paths, Mapping) else [("", paths)]:
        array = as_numbers(points, f"optimizer_path: path {label!r}" if label else "optimizer_path: the path")
        if array.ndim != 2 or array.shape[1] != 2:
            raise ValueError(f"optimizer_path: path {label!r} must have the shape (steps + 1, 2), got {array.shape}")
        if not np.isfinite(array).all(axis=1).any():
            raise ValueError(f"optimizer_path: path {label!r} has no finite point")
        ways[str(label)] = array
    if not ways:
        raise ValueError("optimizer_path: there are no paths to draw")
    lowest = None if minimum is None else as_numbers(minimum, "optimizer_path: minimum")
    if lowest is not None and lowest.shape != (2,):
        raise ValueError(f"optimizer_path: minimum must be a point (x, y), got {minimum!r}")
    visited = [_not_above_start(f, way) for way in ways.values()] + ([] if lowest is None else [lowest[None]])
    across, upward = np.concatenate(visited).T
    ax = contour(
        f,
        xlim or _limits(across),
        ylim or _limits(upward),
        levels=levels,
        labels=labels,
        title=title,
        resolution=resolution,
        ax=ax,
    )
    entries: list[tuple[Artist, str]] = []
    starts = []
    looks = zip(ways.items(), colours(ax, len(ways)), markers(len(ways)), strict=True)
    for i, ((label, way), tint, marker) in enumerate(looks):
        finite = way[np.isfinite(way).all(axis=1)]
        dots = max(1, len(way) // 25)
        seen = _until_gone(np.where(np.isfinite(way), way, np.nan), ax)
        ax.plot(*seen.T, color=background(ax), linewidth=3.4, alpha=0.7, zorder=2 + i / 100, label="_halo")
        (line,) = ax.plot(
            *seen.T, color=tint, linewidth=1.7, marker=marker, markersize=4, markevery=dots, zorder=2.005 + i / 100
        )
        line.set_label(label)
        starts.append(way[0])
        if inside := _inside(finite[-1], ax):
            ax.plot(*finite[-1], marker="*", color=tint, markersize=12, markeredgecolor=ink(ax), zorder=4, label="_end")
        end = "" if inside else ", leaves the picture"
        if len(finite) < len(way):
            end = ", ends where nothing is finite"
        entries.append((line, f"{label}, {counted(len(way) - 1, 'step')}{end}".removeprefix(", ")))
    (start,) = ax.plot(
        *np.unique(starts, axis=0).T, "o", color=ink(ax), markersize=8, markeredgecolor=background(ax), zorder=5
    )
    start.set_label("start")
    entries.append((start, "start"))
    (end_key,) = ax.plot([], [], "*", color="none", markeredgecolor=ink(ax), markersize=11, label="end")
    entries.append((end_key, "end"))
    if lowest is not None:
        (mark,) = ax.plot(*lowest, "x", color=ink(ax), markersize=10, markeredgewidth=2.2, zorder=3, label="minimum")
        entries.append((mark, "minimum"))
    legend(ax, entries)
    return ax


def _not_above_start(f: Callable[[Any, Any], Any], way: Array) -> Array:
    """The points of a path that decide what is shown: not those of one that runs away."""
    finite: Array = way[np.isfinite(way).all(axis=1)]
    with np.errstate(all="ignore"):
        heights = np.broadcast_to(evaluate(f, *finite.T), len(finite))
    known = heights[np.isfinite(heights)]
    highest = known[0] if known.size else np.inf
    shown: Array = finite[(heights <= highest) | (np.arange(len(finite)) == 0)]
    return shown


def _until_gone(way: Array, ax: Axes) -> Array:
    """A path as far as the step by which it leaves the picture, never to return."""
    inside = [i for i, point in enumerate(way) if _inside(point, ax)]
    return way[: max(inside, default=0) + 2]


def _limits(values: Array) -> tuple[float, float]:
    low, high = values.min(), values.max()
    margin = _MARGIN * (high - low) or max(1.0, abs(low))
    return float(low - margin), float(high + margin)


def _inside(point: Array, ax: Axes) -> bool:
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    return bool(left <= point[0] <= right and low <= point[1] <= high)
