"""Functions of one number, with their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from autograd import grad
from viz.plots.arrays import FLAT, Array, bounded, evaluate
from viz.plots.canvas import axes_for, legend
from viz.plots.colours import LINES, colours, ink, markers
from viz.plots.lettering import LITERAL, clean, listed, percent

__all__ = ["function"]

_PRIMES = ("", "′", "″", "‴")
#: A change between neighbouring points that is more than this share of all is looked at closely: is it a jump?
_SUSPECT = 0.02
_HALVINGS = 24
#: In medians.
_HUGE = 20


def function(
    f: Callable[[Any], Any] | Mapping[str, Callable[[Any], Any]],
    low: float = -6.0,
    high: float = 6.0,
    *,
    derivatives: int = 1,
    flat: float | None = FLAT,
    points: int = 601,
    ylim: tuple[float, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a function of one number and its derivatives.

    Parameters
    ----------
    f : callable or mapping
        Works elementwise on a tensor; or several with labels.
    low, high
        From where to where.
    derivatives
        How many, up to 3: the first is dashed, the second dotted, the third both.
    flat
        Of a single function, shade where its slope is below this share of the largest (a saturated sigmoid, a dead
        ReLU); None shades nothing.
    points
        How many are evaluated.
    ylim
        The part of the vertical axis to show.
    title
        Above the picture.
    ax
        Axes to draw into.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If limits make no sense, or the function does not return one value for each it is given.

    Notes
    -----
    The derivatives are exact, from the engine. Where a function or a derivative jumps, the line is interrupted; so it
    is where it is not finite, which the legend says.

    Examples
    --------
    >>> from autograd import sigmoid
    >>> ax = function(sigmoid)
    >>> [line.get_label() for line in ax.lines[:2]]
    ['sigmoid', 'sigmoid′']
    >>> float(ax.lines[1].get_ydata().max())
    0.25
    """
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(f"function: low and high must be finite, low below high, got {low!r} and {high!r}")
    if not 0 <= derivatives < len(_PRIMES):
        raise ValueError(f"function: derivatives must be 0 to {len(_PRIMES) - 1}, got {derivatives}")
    if points < 2:
        raise ValueError(f"function: points must be at least 2, got {points}")
    named = {clean(k): g for k, g in f.items()} if isinstance(f, Mapping) else {_name(f): f}
    if not named:
        raise ValueError("function: there is nothing to draw")
    strange = [name for name, g in named.items() if not callable(g)]
    if strange:
        raise TypeError(f"function: not a function: {listed(strange)}")
    x = np.linspace(low, high, points)
    orders = [[g] for g in named.values()]
    for chain in orders:
        for _ in range(derivatives):
            chain.append(_derivative(chain[-1]))
    values = [[_values(g, x, name) for g in chain] for name, chain in zip(named, orders, strict=True)]
    # Some rules have a value where the function itself has none: 1/x for the logarithm of a negative number.
    values = [[np.where(np.isnan(of_one[0]), np.nan, y) for y in of_one] for of_one in values]

    ax = axes_for(ax)
    ax.grid(alpha=0.25)
    entries: list[tuple[Artist, str]] = []
    single = len(named) == 1
    tints, shapes = colours(ax, derivatives + 1 if single else len(named)), markers(len(named))
    poles = False
    for i, (name, chain) in enumerate(zip(named, orders, strict=True)):
        for order, (g, y) in enumerate(zip(chain, values[i], strict=True)):
            across, upward, pole = _interrupted(g, x, y)
            poles = poles or pole
            tint = tints[order if single else i]
            (line,) = ax.plot(across, upward, color=tint, linestyle=LINES[order], linewidth=2.0 if order == 0 else 1.6)
            line.set_label(name + _PRIMES[order])
            if not single:
                apart = max(1, points // 8)
                line.set(marker=shapes[i], markersize=4.5, markevery=(i * apart // len(named), apart))
            odd = float((~np.isfinite(y)).mean())
            said = f" (not finite: {percent(odd)})" if odd else ""
            if single or order == 0:
                entries.append((line, f"{name}{_PRIMES[order]}{said}"))
    if not single and derivatives:
        words = ("function", "derivative", "second derivative", "third derivative")[: derivatives + 1]
        entries += [(Line2D([], [], color=ink(ax), linestyle=LINES[k]), word) for k, word in enumerate(words)]
    if single and flat is not None and derivatives and not poles:
        entries += _shade_flat(ax, x, values[0][1], flat)
    for through_origin in (ax.axhline, ax.axvline):
        through_origin(0, color=ink(ax), linewidth=0.6, alpha=0.6, zorder=1, label="_axis")
    ax.set_xlim(low, high)
    ax.set_ylim(*(ylim if ylim is not None else _visible(values) if poles else ax.get_ylim()))
    ax.set_xlabel("x")
    if title is not None:
        ax.set_title(clean(title, longest=100), **LITERAL)
    legend(ax, entries, beside=not single)
    return ax


def _name(f: Any) -> str:
    name = getattr(f, "__name__", type(f).__name__.lower())
    return "f" if name == "<lambda>" else clean(name)


def _derivative(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Elementwise: each value depends on its own input only, so the gradient of the sum holds the derivatives."""
    return grad(lambda x: np.sum(f(x)))


def _values(f: Callable[[Any], Any], x: Array, name: str) -> Array:
    with np.errstate(all="ignore"):
        y = bounded(evaluate(f, x))
    if y.shape not in ((), x.shape):
        raise ValueError(
            f"function: {name} was given {len(x)} numbers and returned shape {y.shape}; it must work elementwise"
        )
    return np.where(np.isfinite(y), y, np.nan) * np.ones(len(x))


def _interrupted(f: Callable[[Any], Any], x: Array, y: Array) -> tuple[Array, Array, bool]:
    """The same line with a gap at every jump, and whether one of them is a pole.

    A jump is where a change does not shrink with the interval that it happens in.
    """
    finite = y[np.isfinite(y)]
    if not finite.size:
        return x, y, False
    steps = np.abs(np.diff(y))
    at = np.flatnonzero(steps > _SUSPECT * np.ptp(finite))
    left, right, below, above = x[at], x[at + 1], y[at], y[at + 1]
    for _ in range(_HALVINGS if len(at) else 0):
        middle = (left + right) / 2
        value = _values(f, middle, "f")
        value = np.where(np.isnan(value), np.inf, value)
        later = np.abs(above - value) > np.abs(value - below)
        left, below = np.where(later, middle, left), np.where(later, value, below)
        right, above = np.where(later, right, middle), np.where(later, above, value)
    with np.errstate(invalid="ignore"):
        jumps = ~(np.abs(above - below) < steps[at] / 2)
    places = np.stack([left, (left + right) / 2, right], axis=1)[jumps]
    heights = np.stack([below, np.full(len(at), np.nan), above], axis=1)[jumps]
    # Next to a pole the values found grow without bound: the line ends at the last that was asked for.
    unbounded = np.abs(heights) > 2 * np.abs(finite).max()
    where = np.repeat(at[jumps] + 1, 3)
    joined = np.insert(y, where, np.where(unbounded, np.nan, heights).ravel())
    return np.insert(x, where, places.ravel()), joined, bool(unbounded.any() or _grows(y))


def _grows(y: Array) -> bool:
    """Whether values become huge beside a gap or at a single place, such as those of 1/x around 0."""
    height = np.abs(np.nan_to_num(y))
    there = np.isfinite(y)
    left, right = np.r_[height[:2], height[:-2]], np.r_[height[2:], height[-2:]]
    spike = (np.maximum(left, right) < height / 2) & (height > 0)
    beside = there & (~np.r_[True, there[:-1]] | ~np.r_[there[1:], True])
    huge = height > _HUGE * np.median(height[there])
    return bool(((spike | beside) & huge & (np.median(height[there]) > 0)).any())


def _visible(values: list[list[Array]]) -> tuple[float, float]:
    """The part of the vertical axis where most of the curves are."""
    together = np.concatenate([y for of_one in values for y in of_one])
    low, high = np.nanpercentile(together, (10, 90))
    room = (high - low) or 1.0
    return float(low - room), float(high + room)


def _shade_flat(ax: Axes, x: Array, slopes: Array, flat: float) -> list[tuple[Artist, str]]:
    magnitudes = np.abs(np.nan_to_num(slopes))
    low = magnitudes < flat * magnitudes.max()
    if not low.any():
        return []
    ends = np.flatnonzero(np.diff(np.r_[False, low, False]))
    for begin, end in zip(ends[::2], ends[1::2], strict=True):
        ax.axvspan(x[begin], x[end - 1], color=ink(ax), alpha=0.08, linewidth=0, zorder=0)
    return [(Patch(facecolor=ink(ax), alpha=0.12), f"flat: slope below {percent(flat)} of the largest")]
