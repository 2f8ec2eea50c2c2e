"""Loss, metrics and learning rate over the epochs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from viz.plots.arrays import LARGEST, Array, as_array, as_numbers
from viz.plots.canvas import PlotFigure, axes_for, legend, new_figure
from viz.plots.colours import LINES, colours, ink, markers
from viz.plots.lettering import LITERAL, clean, listed

__all__ = ["curves"]

_VALIDATION = "val_"
_IN_WORDS = {"lr": "learning rate", "grad_norm": "norm of the gradient", "seconds": "seconds"}
#: Shown last; and only if asked for.
_LAST, _NOT_BY_ITSELF = ("grad_norm", "lr"), ("seconds",)
#: Up to here each value is marked with a dot.
_FEW = 40


@dataclass(frozen=True)
class _Run:
    label: str
    columns: dict[str, Array]
    monitor: str | None
    best: float | None


@overload
def curves(
    runs: Any,
    quantities: str | Iterable[str] | None = None,
    *,
    x: str = "epoch",
    log: bool | Iterable[str] = False,
    smooth: float = 0.0,
    best: bool = True,
    ax: None = None,
) -> PlotFigure: ...


@overload
def curves(
    runs: Any,
    quantities: str | Iterable[str] | None = None,
    *,
    x: str = "epoch",
    log: bool | Iterable[str] = False,
    smooth: float = 0.0,
    best: bool = True,
    ax: Axes,
) -> Axes: ...


def curves(
    runs: Any,
    quantities: str | Iterable[str] | None = None,
    *,
    x: str = "epoch",
    log: bool | Iterable[str] = False,
    smooth: float = 0.0,
    best: bool = True,
    ax: Axes | None = None,
) -> PlotFigure | Axes:
    """Draw how a training went: a panel for each quantity, validation dashed beside training, the best epoch marked.

    Parameters
    ----------
    runs
        What ``nn.fit`` returns (or its ``to_dict()``); or a mapping from quantities, such as ``"loss"`` and
        ``"val_loss"``, to one number per epoch; or only the losses. Several runs are a mapping from their labels to
        histories or mappings of quantities.
    quantities
        Which to draw, by default all: the loss, metrics, the norm of the gradient and the learning rate.
    x
        The quantity along the horizontal axis; where a run has no such, its values are counted from 1.
    log
        Quantities on a logarithmic scale; True for all.
    smooth
        From 0 up to (but not) 1: how much of the moving average remains from one value to the next. The values
        themselves stay visible behind it.
    best
        Whether to mark the epoch that ``nn.fit`` found best.
    ax
        Axes to draw one quantity into (the first, unless ``quantities`` says which).

    Returns
    -------
    Figure or Axes
        ``ax`` if it was given, else a figure.

    Raises
    ------
    ValueError
        If there is nothing to draw, a quantity is missing, or lengths do not match.
    TypeError
        If values are not real numbers.

    Notes
    -----
    A value that is nan or infinite leaves a gap, with a cross below it. The moving average starts without bias, as
    Adam's (Kingma and Ba, 2015).

    Examples
    --------
    >>> sgd = {"loss": [2.3, 1.5, 1.1], "val_loss": [2.2, 1.6, 1.3]}
    >>> adam = {"loss": [1.9, 0.8, 0.4], "val_loss": [1.7, 1.0, 0.9]}
    >>> figure = curves({"SGD": sgd, "Adam": adam}, log=True)
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['SGD', 'Adam', 'training', 'validation']
    """
    if not 0 <= smooth < 1:
        raise ValueError(f"curves: smooth must be at least 0 and below 1, got {smooth!r}")
    read = [_read(label, run, x) for label, run in _labelled(runs)]
    available = list(dict.fromkeys(name for run in read for name in run.columns))
    panels = _panels(available, quantities, x)
    logarithmic = panels if log is True else [] if log is False else [log] if isinstance(log, str) else list(log)
    if ax is not None:
        panels = panels[:1] if quantities is None else panels
        if len(panels) > 1:
            raise ValueError(f"curves: one axes shows one quantity, got {listed(panels)}; call it once for each")
        return _panel(axes_for(ax), read, panels[0], x, panels[0] in logarithmic, smooth, best, first=True)
    count = len(panels)
    across = 1 if count == 1 else 2 if count in (2, 4) else 3
    down = -(-count // across)
    figure = new_figure(6.0, 4.0) if count == 1 else new_figure(4.0 * across, 3.2 * down)
    for i, name in enumerate(panels):
        axes = figure.add_subplot(down, across, i + 1)
        _panel(axes, read, name, x, name in logarithmic, smooth, best, first=i == 0)
    return figure


# -- reading what was given --------------------------------------------------------------------------------------------


def _labelled(runs: Any) -> list[tuple[str, Any]]:
    """The runs and their labels; the only one has none."""
    if _has_columns(runs):
        inside = [runs[name] for name in runs.keys()]  # noqa: SIM118  (a history has keys but is no mapping)
        if isinstance(runs, Mapping) and "epochs" not in runs and any(_has_columns(value) for value in inside):
            if not all(_has_columns(value) for value in inside):
                raise TypeError("curves: runs with labels must all be histories or mappings of quantities")
            return [(str(label), run) for label, run in runs.items()]
    return [("", runs)]


def _has_columns(run: Any) -> bool:
    return hasattr(run, "keys") and hasattr(run, "__getitem__")


def _read(label: str, run: Any, x: str) -> _Run:
    where = f"curves: run {label!r}" if label else "curves"
    monitor, epoch = getattr(run, "monitor", None), getattr(run, "best_epoch", None)
    if isinstance(run, Mapping) and _has_columns(run.get("epochs")):
        monitor, epoch, run = run.get("monitor"), run.get("best_epoch"), run["epochs"]
    held = {str(name): run[name] for name in run.keys()} if _has_columns(run) else {"loss": run}  # noqa: SIM118
    columns = {
        name: as_numbers(values, f"{where}: {name!r}")
        for name, values in held.items()
        if not _is_table(values)  # such as one F1 score for each class
    }
    if not columns:
        raise ValueError(f"{where}: there are no values to draw; has a first epoch been finished?")
    for name, values in columns.items():
        if values.ndim != 1:
            raise ValueError(f"{where}: {name!r} must have one number for each epoch, got shape {values.shape}")
        if x in columns and len(values) != len(columns[x]):
            raise ValueError(f"{where}: {name!r} has {len(values)} values, but {x!r} has {len(columns[x])}")
    return _Run(label, columns, monitor, epoch)


def _is_table(values: Any) -> bool:
    return hasattr(values, "__len__") and len(values) > 0 and as_array(values[0]).ndim > 0


def _panels(available: list[str], quantities: str | Iterable[str] | None, x: str) -> list[str]:
    if quantities is not None:
        wanted = [quantities] if isinstance(quantities, str) else list(quantities)
        known = {*available, *(name.removeprefix(_VALIDATION) for name in available)}
        missing = [name for name in wanted if name not in known]
        if missing or not wanted:
            raise ValueError(
                f"curves: there is no {listed(missing) or 'quantity given'}; there are {listed(available)}"
            )
        return wanted
    names = dict.fromkeys(name.removeprefix(_VALIDATION) for name in available if name not in (x, *_NOT_BY_ITSELF))
    if not names:
        raise ValueError(f"curves: there is nothing to draw over {x!r}; there are only {listed(available)}")
    return [*(name for name in names if name not in _LAST), *(name for name in _LAST if name in names)]


# -- drawing -----------------------------------------------------------------------------------------------------------


def _panel(ax: Axes, runs: list[_Run], name: str, x: str, log: bool, smooth: float, best: bool, first: bool) -> Axes:
    ax.set_xlabel(clean(_IN_WORDS.get(x, x)), **LITERAL)
    ax.set_ylabel(clean(_IN_WORDS.get(name, name)), **LITERAL)
    if log:
        ax.set_yscale("log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(alpha=0.25)
    several = len(runs) > 1
    validated = any(_VALIDATION + name in run.columns for run in runs)
    entries: list[tuple[Artist, str]] = []
    gaps = 0
    for i, (run, colour, marker) in enumerate(zip(runs, colours(ax, len(runs)), markers(len(runs)), strict=True)):
        for column, dashed in ((name, False), (_VALIDATION + name, True)):
            if column not in run.columns:
                continue
            across, values = _across(run, column, x), _visible(run.columns[column], log)
            if smooth:
                ax.plot(across, values, color=colour, alpha=0.25, linewidth=1.0)
            smoothed = _smoothed(values, smooth)
            every = _marked(smoothed, i, len(runs))
            (line,) = ax.plot(
                across, smoothed, color=colour, linestyle=LINES[dashed], marker=marker, markersize=4, markevery=every
            )
            line.set_label(f"{run.label}: {column}" if several else column)
            hidden = across[~np.isfinite(values)]
            gaps += len(hidden)
            _crosses(ax, hidden, colour)
            if several and not dashed:
                entries.append((line, run.label))
            elif not several and validated:
                entries.append((line, "validation" if dashed else "training"))
        if several and name not in run.columns and _VALIDATION + name in run.columns:
            entries.append((Line2D([], [], color=colour, linestyle=LINES[1], marker=marker, markersize=4), run.label))
    if several and validated:
        entries += [
            (Line2D([], [], color=ink(ax), linestyle=LINES[i]), w) for i, w in enumerate(("training", "validation"))
        ]
    if best:
        entries += list(_mark_best(ax, runs, name, x, log))
    if gaps:
        what = "not a finite number" if not log else "not a finite positive number"
        entries.append((Line2D([], [], color=ink(ax), marker="x", linestyle=""), f"{what}: {gaps:,}"))
    if first or gaps:
        legend(ax, entries)
    return ax


def _across(run: _Run, column: str, x: str) -> Array:
    held = run.columns.get(x)
    return held if held is not None else np.arange(1.0, len(run.columns[column]) + 1)


def _visible(values: Array, log: bool) -> Array:
    """With gaps for what no place on the scale belongs to."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(values) & ((values > 1 / LARGEST) | (not log)), values, np.nan)


def _marked(values: Array, run: int, runs: int) -> list[int]:
    """Which points get a marker: all of a few; of many those that stand alone, and some to tell runs apart by."""
    there = np.isfinite(values)
    if len(values) <= _FEW:
        return np.flatnonzero(there).tolist()
    before, after = np.r_[False, there[:-1]], np.r_[there[1:], False]
    dots = there & ~before & ~after
    if runs > 1:
        apart = len(values) // 8
        dots[run * apart // runs :: apart] = there[run * apart // runs :: apart]
    return np.flatnonzero(dots).tolist()


def _crosses(ax: Axes, across: Array, colour: str) -> None:
    if len(across):
        heights = np.full(len(across), 0.03)
        ax.plot(across, heights, "x", color=colour, transform=ax.get_xaxis_transform(), label="_not finite")


def _smoothed(values: Array, keep: float) -> Array:
    if not keep:
        return values
    smoothed = np.full(len(values), np.nan)
    total = weight = 0.0
    for i, value in enumerate(values.tolist()):
        if value == value:
            total, weight = keep * total + (1 - keep) * value, keep * weight + (1 - keep)
            smoothed[i] = total / weight
    return smoothed


def _mark_best(ax: Axes, runs: list[_Run], name: str, x: str, log: bool) -> Iterator[tuple[Artist, str]]:
    """A line at the best epoch; and a circle around its value, in the panel of what epochs are compared by."""
    found = [(run, run.best) for run in runs if run.best is not None]
    for (run, epoch), colour in zip(found, colours(ax, len(runs)), strict=False):
        across = run.columns.get(x)
        place = float(across[int(epoch) - 1]) if across is not None and int(epoch) <= len(across) else float(epoch)
        tint = ink(ax) if len(runs) == 1 else colour
        line = ax.axvline(place, color=tint, linestyle=":", linewidth=1.0, label="_best")
        if run.monitor in (name, _VALIDATION + name) and run.monitor in run.columns:
            value = _visible(run.columns[run.monitor], log)[int(epoch) - 1]
            ax.plot([place], [value], "o", markersize=9, markerfacecolor="none", color=tint, label="_best")
        if len(runs) == 1:
            yield line, f"best {x}: {place:g}"
    if len(runs) > 1 and found:
        yield Line2D([], [], color=ink(ax), linestyle=":", linewidth=1.0), f"best {x}"
