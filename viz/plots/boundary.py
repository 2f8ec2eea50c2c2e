"""What a classifier of points in the plane decides where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch

from viz.plots.arrays import Array, as_array, as_numbers, evaluate
from viz.plots.canvas import axes_for, hatched, legend
from viz.plots.colours import background, colours, ink, markers
from viz.plots.lettering import LITERAL, clean, counted, listed, percent

__all__ = ["decision_boundary"]

#: Rows given to the classifier at once.
_CHUNK = 16_384
#: How much of a class's colour its region has: the least, and where it is certain.
_WEAK, _STRONG = 0.12, 0.42
_MARGIN = 0.12
#: More are hard to tell apart by a legend, so their names stand among their points as well.
_FEW_CLASSES = 6


def decision_boundary(
    predict: Callable[[Array], Any],
    X: Any,
    y: Any = None,
    *,
    classes: Iterable[Any] | None = None,
    threshold: float | None = None,
    levels: Iterable[float] = (),
    features: Sequence[str] = ("x₁", "x₂"),
    resolution: int = 300,
    ax: Axes | None = None,
) -> Axes:
    """Draw the regions in which a classifier decides for each class, the lines between them, and the data.

    Parameters
    ----------
    predict : callable or module
        From points ``(n, 2)`` to a score or probability of the second class ``(n,)`` or ``(n, 1)``; a score or
        probability of each class ``(n, classes)``; or classes ``(n,)``. A module is called in evaluation mode and then
        left in the mode that it was in.
    X : array_like
        The points ``(n, 2)``, which decide what part of the plane is shown, too.
    y : array_like, optional
        The class of each point: numbers or names ``(n,)``.
    classes
        All classes, in the order of the scores; by default those in ``y``, sorted, or counted from 0. Where ``y``, or
        what ``predict`` returns, are whole numbers that are no such classes, they count through them: so names are
        given to classes 0, 1 and so on.
    threshold
        From which value on a single score or probability means the second class: by default 0.5 if all values lie
        between 0 and 1, else 0.
    levels
        Further values of a single score to draw thin lines at, such as ``(-1, 1)``, the margins of a support vector
        machine.
    features
        Names of the two coordinates.
    resolution
        How many points the classifier is asked about in each direction.
    ax
        Axes to draw into.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If shapes do not match, there are no points, or there are more scores than classes.

    Notes
    -----
    Probabilities make a region stronger where it is more certain. Points are marked by a shape for each class; those
    that lie in the region of another class have a dark edge, and are counted as misplaced; points without finite
    coordinates are left out.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0, 0.0], [1.0, 1.0], [0.2, 0.1], [0.9, 0.4]])
    >>> ax = decision_boundary(lambda points: points.sum(axis=1) - 1, X, [0, 1, 0, 0])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['0', '1', 'misplaced: 1 of 4']
    """
    points = as_numbers(X, "decision_boundary: X")
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"decision_boundary: X must have the shape (n, 2), points in the plane, got {points.shape}")
    if len(features) != 2:
        raise ValueError(f"decision_boundary: features must be the names of two coordinates, got {listed(features)}")
    if resolution < 2:
        raise ValueError(f"decision_boundary: resolution must be at least 2, got {resolution}")
    targets = None if y is None else as_array(y)
    kinds = None if classes is None else list(classes)
    if targets is not None:
        targets = targets.reshape(-1) if targets.shape == (len(points), 1) else targets
        if targets.shape != (len(points),):
            raise ValueError(f"decision_boundary: y must have the shape ({len(points)},), got {targets.shape}")
        if targets.dtype.kind == "f" and not np.isfinite(targets).all():
            raise ValueError("decision_boundary: y must be classes, but holds values that are not finite")
        targets = _named(targets, kinds)
    finite = np.isfinite(points).all(axis=1)
    if not finite.any():
        raise ValueError("decision_boundary: no point of X has finite coordinates")

    ax = axes_for(ax, 6.4, 4.4)
    xs, ys = (_ticks(points[finite, i], resolution) for i in range(2))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    outputs = _ask(predict, np.concatenate([grid, points[finite]]))
    reading = _Reading(outputs if outputs.ndim == 2 else _named(outputs, kinds), targets, kinds, threshold)
    names, tints = reading.names, colours(ax, len(reading.names))
    decided, certainty = reading.decided[: len(grid)], reading.certainty[: len(grid)]

    behind = np.array(background(ax))
    strength = (_WEAK + (_STRONG - _WEAK) * certainty)[:, None]
    full = np.array([to_rgb(tint) for tint in tints])[np.maximum(decided, 0)]
    shade = np.where((decided < 0)[:, None], behind, strength * full + (1 - strength) * behind)
    half = ((xs[1] - xs[0]) / 2, (ys[1] - ys[0]) / 2)
    extent = (xs[0] - half[0], xs[-1] + half[0], ys[0] - half[1], ys[-1] + half[1])
    image = shade.reshape(len(ys), len(xs), 3)
    ax.imshow(image, extent=extent, origin="lower", aspect="auto", interpolation="nearest", zorder=0)
    _lines(ax, xs, ys, reading, levels)

    entries: list[tuple[Artist, str]] = []
    if targets is None:
        ax.scatter(points[finite, 0], points[finite, 1], s=14, color=ink(ax), linewidths=0, zorder=3)
        entries = [(Patch(facecolor=tint, alpha=_STRONG), clean(name)) for name, tint in zip(names, tints, strict=True)]
    else:
        known = targets[finite]
        wrong = np.array(
            [
                name not in reading.index or reading.index[name] != d
                for name, d in zip(known.tolist(), reading.decided[len(grid) :].tolist(), strict=True)
            ]
        )
        entries = _points(ax, points[finite], known, wrong, names, tints)
        if wrong.any():
            mark = ax.scatter([], [], s=30, facecolor="none", edgecolor=ink(ax), linewidth=1.3)
            entries.append((mark, f"misplaced: {wrong.sum():,} of {len(wrong):,}"))
    if (decided < 0).any():
        hatched(ax, xs, ys, (decided < 0).reshape(len(ys), len(xs)))
        key = Patch(facecolor="none", edgecolor=ink(ax), hatch="///")
        entries.append((key, f"not finite: {percent(float((decided < 0).mean()))}"))
    if not finite.all():
        entries.append((Patch(visible=False), f"left out: {counted(int((~finite).sum()), 'point')}"))
    legend(ax, entries, beside=True)
    ax.set(xlim=extent[:2], ylim=extent[2:])
    ax.set_xlabel(clean(features[0]), **LITERAL)
    ax.set_ylabel(clean(features[1]), **LITERAL)
    return ax


def _ticks(values: Array, count: int) -> Array:
    low, high = values.min(), values.max()
    margin = _MARGIN * (high - low) or max(1.0, abs(low))
    return np.linspace(low - margin, high + margin, count)


def _ask(predict: Callable[[Array], Any], rows: Array) -> Array:
    parts = []
    for i in range(0, len(rows), _CHUNK):
        chunk = rows[i : i + _CHUNK]
        part = evaluate(predict, chunk)
        if part.shape[:1] != (len(chunk),) or part.ndim > 2:
            raise ValueError(
                f"decision_boundary: predict was given {len(chunk)} points and returned shape {part.shape}; it must "
                f"return one row for each point: ({len(chunk)},) or ({len(chunk)}, classes)"
            )
        parts.append(part[:, 0] if part.ndim == 2 and part.shape[1] == 1 else part)
    return np.concatenate(parts)


def _named(values: Array, classes: list[Any] | None) -> Array:
    """Classes instead of their numbers, if these are numbers of classes."""
    if classes is None or values.dtype.kind not in "biu":
        return values
    found = np.unique(values).tolist()
    if all(value in classes for value in found) or not all(0 <= value < len(classes) for value in found):
        return values
    names = np.empty(len(classes), object)
    names[:] = classes
    named: Array = names[values.astype(int)]
    return named


class _Reading:
    """What a classifier's outputs mean.

    Attributes
    ----------
    names, index
        The classes, and where each stands among them.
    decided
        For each output the class's index; -1 where there is no finite output.
    certainty
        From 0 to 1, where the outputs are probabilities; else 0.5.
    levels
        For each line between regions a quantity that is 0 on it.
    """

    def __init__(
        self, outputs: Array, targets: Array | None, classes: list[Any] | None, threshold: float | None
    ) -> None:
        known = [] if targets is None else np.unique(targets).tolist()
        self.names: list[Any] = list(known if classes is None else classes)
        self.score: Array | None = None
        if outputs.ndim == 2:
            self._of_each_class(outputs.astype(np.float64))
        elif outputs.dtype.kind not in "f" or (threshold is None and self._are_classes(outputs)):
            self._as_classes(outputs)
        else:
            self._of_the_second(outputs.astype(np.float64), threshold)
        self.index = {name: i for i, name in enumerate(self.names)}
        strange = [name for name in known if name not in self.index]
        if strange:
            raise ValueError(f"decision_boundary: y has {listed(strange)}, which is not among {listed(self.names)}")

    def _are_classes(self, outputs: Array) -> bool:
        """Of classes given as floats, as by scikit-learn where the targets were floats."""
        return len(self.names) > 0 and all(value in self.names for value in np.unique(outputs).tolist())

    def _as_classes(self, outputs: Array) -> None:
        found = np.unique(outputs).tolist()
        self.names += [name for name in found if name not in self.names]
        index = {name: i for i, name in enumerate(self.names)}
        self.decided = np.array([index[value] for value in outputs.tolist()])
        self.certainty = np.full(len(outputs), 0.5)
        self.levels = [np.where(self.decided == i, 1.0, -1.0) for i in range(len(self.names))]

    def _of_the_second(self, scores: Array, threshold: float | None) -> None:
        self._need(2, "a single score")
        finite: Array = np.isfinite(scores)
        there: Array = scores[finite]
        probable = bool(there.size) and there.min() >= 0 and there.max() <= 1
        level = threshold if threshold is not None else 0.5 if probable else 0.0
        above = np.where(finite, scores - level, np.nan)
        self.decided = np.where(finite, (np.nan_to_num(above) >= 0).astype(int), -1)
        reach = np.where(np.nan_to_num(above) >= 0, max(1 - level, 1e-12), max(level, 1e-12))
        self.certainty = np.nan_to_num(np.abs(above) / reach).clip(0, 1) if probable else np.full(len(scores), 0.5)
        self.levels = [above]
        self.score = scores

    def _of_each_class(self, scores: Array) -> None:
        count = scores.shape[1]
        self._need(count, f"{count} scores")
        finite: Array = np.asarray(np.isfinite(scores).all(axis=1))
        safe = np.where(finite[:, None], scores, 1 / count)
        self.decided = np.where(finite, safe.argmax(axis=1), -1)
        probable = safe.min() >= 0 and np.allclose(safe.sum(axis=1), 1, atol=1e-4)
        certain = (safe.max(axis=1) * count - 1) / (count - 1)
        self.certainty = certain.clip(0, 1) if probable else np.full(len(scores), 0.5)
        leads = [safe[:, i] - np.delete(safe, i, axis=1).max(axis=1) for i in range(count if count > 2 else 1)]
        self.levels = [np.where(finite, lead, np.nan) for lead in leads]

    def _need(self, count: int, what: str) -> None:
        if not self.names:
            self.names = list(range(count))
        elif len(self.names) < count and all(name in range(count) for name in self.names):
            self.names = list(range(count))  # some classes have no point
        if len(self.names) != count:
            raise ValueError(
                f"decision_boundary: predict gives {what} for each point, which are for {count} classes, but there are "
                f"{len(self.names)}: {listed(self.names)}; say which with classes="
            )


def _lines(ax: Axes, xs: Array, ys: Array, reading: _Reading, levels: Iterable[float]) -> None:
    shape = len(ys), len(xs)
    cells = shape[0] * shape[1]
    for level in reading.levels:
        field = level[:cells].reshape(shape)
        if np.nanmin(field, initial=0) < 0 < np.nanmax(field, initial=0):
            ax.contour(xs, ys, field, levels=[0.0], colors=ink(ax), linewidths=1.4, zorder=1)
    further = sorted(levels)
    if not further:
        return
    if reading.score is None:
        raise ValueError("decision_boundary: levels are of a single score for each point, which predict does not give")
    field = np.where(np.isfinite(reading.score), reading.score, np.nan)[:cells].reshape(shape)
    lines = ax.contour(xs, ys, field, levels=further, colors=ink(ax), linewidths=0.8, linestyles="--", zorder=1)
    ax.clabel(lines, fontsize="small", fmt="%.4g")


def _points(
    ax: Axes, points: Array, targets: Array, wrong: Array, names: list[Any], tints: list[str]
) -> list[tuple[Artist, str]]:
    few = len(points) <= 500
    size = 30 if few else 14
    edge = [ink(ax) if is_wrong else background(ax) for is_wrong in wrong]
    entries: list[tuple[Artist, str]] = []
    for name, tint, shape in zip(names, tints, markers(len(names)), strict=True):
        chosen = np.flatnonzero(targets == name)
        ax.scatter(
            points[chosen, 0],
            points[chosen, 1],
            s=size,
            marker=shape,
            facecolor=tint,
            edgecolor=[edge[j] for j in chosen],
            linewidth=np.where(wrong[chosen], 1.3 if few else 0.7, 0.6 if few else 0.3),
            zorder=3,
            label=str(name),
        )
        key = ax.scatter([], [], s=30, marker=shape, facecolor=tint, linewidth=0)
        entries.append((key, clean(name)))
        if len(names) > _FEW_CLASSES and len(chosen):
            middle = np.median(points[chosen], axis=0)
            box = {"boxstyle": "circle,pad=0.15", "facecolor": background(ax), "edgecolor": tint, "alpha": 0.9}
            ax.text(
                middle[0],
                middle[1],
                clean(name, 12),
                ha="center",
                va="center",
                color=ink(ax),
                bbox=box,
                zorder=4,
                **LITERAL,
            )
    return entries
