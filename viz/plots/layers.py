"""How values are distributed in each layer: of activations, gradients or weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from autograd import Tensor, no_grad
from viz.plots.arrays import FLAT, LARGEST, Array, as_array, as_numbers, bounded, evaluation_mode, is_network
from viz.plots.canvas import axes_for
from viz.plots.colours import colours, ink
from viz.plots.lettering import LITERAL, clean, counted, percent

__all__ = ["activations", "histograms"]

WHAT = ("activations", "gradients", "weights")
_HEIGHT = 0.82
#: The slope of a function that saturates, as a share of its largest, from what it puts out.
_SLOPES: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda y: 4 * y * (1 - y),
    "tanh": lambda y: 1 - y * y,
}


@dataclass(frozen=True)
class _Layer:
    name: str
    values: Array | None  # None: there is no gradient
    function: str = ""


def activations(model: Any, *inputs: Any) -> dict[str, Array]:
    """Call a network and collect what each of its layers puts out.

    Parameters
    ----------
    model : module
        With ``named_modules`` and, on each, ``register_forward_hook``. It is called in evaluation mode, without
        recording, and left in the mode it was in.
    inputs
        What it is called with.

    Returns
    -------
    dict of str to ndarray
        By the layer's path, in the order of the calls: of all modules that have none inside. Of a layer that is called
        several times, the second output's name ends with ``#2`` and so on.

    Raises
    ------
    TypeError
        If it is no such module.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    >>> {name: a.shape for name, a in activations(net, np.ones((5, 4), np.float32)).items()}
    {'0': (5, 8), '1': (5, 8), '2': (5, 3)}
    """
    return {name: output for name, _, output, _ in _observed(model, inputs, "activations")}


def histograms(
    source: Any,
    what: str = "activations",
    *,
    inputs: Any = None,
    scale: str | None = None,
    bins: int = 60,
    range: tuple[float, float] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a histogram for each layer, one below the other on a common scale.

    Parameters
    ----------
    source : module or mapping
        A network, or a mapping from names to arrays. Of a network, weights and gradients are those of its parameters as
        they are; activations are those for ``inputs``, found as by :func:`activations`, without layers that only pass
        their input on in another order.
    what
        ``"activations"``, ``"gradients"`` or ``"weights"``.
    inputs
        A batch to call a network with, or a tuple of several arguments.
    scale
        ``"linear"``, or ``"log"`` for magnitudes on a logarithmic scale, on which gradients that vanish or explode from
        layer to layer are seen; by default for gradients.
    bins
        How many.
    range
        Between which values, by default the lowest and highest of all layers; what lies outside is said.
    title
        Above the picture.
    ax
        Axes to draw into.

    Returns
    -------
    Axes
        With one step patch for each layer, whose height is a share of the layer's largest bin.

    Raises
    ------
    ValueError
        If there is nothing to draw, or ``inputs`` are missing.

    Notes
    -----
    Values that are exactly 0, of which ReLU makes many, are left out of the bars and of the median, which a dot marks;
    on the logarithmic scale a line connects the dots. Beside each layer stands which share is exactly 0, of sigmoid and
    tanh which share is saturated (where the slope is below 8 % of the largest), and of ReLU how many units are dead (0
    for every sample).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    >>> net(np.ones((5, 4), np.float32)).sum().backward()
    >>> ax = histograms(net, "gradients")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """
    if what not in WHAT:
        raise ValueError(f"histograms: what must be one of {', '.join(WHAT)}, got {what!r}")
    if scale not in (None, "linear", "log"):
        raise ValueError(f"histograms: scale must be 'linear' or 'log', got {scale!r}")
    if bins < 1:
        raise ValueError(f"histograms: there must be at least one bin, got {bins}")
    log = scale == "log" or (scale is None and what == "gradients")
    layers = list(_layers(source, what, inputs))
    if not layers:
        raise ValueError(f"histograms: there are no {what} to draw")
    placed = [_placed(layer.values, log) for layer in layers]
    edges = _edges(placed, bins, log, range)

    ax = axes_for(ax, 7.0, max(2.2, 0.52 * len(layers) + 1.3))
    tint, line = colours(ax, 2)
    medians = []
    for i, (layer, values) in enumerate(zip(layers, placed, strict=True)):
        counts = np.histogram(values, edges)[0]
        heights = _HEIGHT * counts / max(1, counts.max())
        ax.stairs(i - heights, edges, baseline=i, fill=True, color=tint, alpha=0.75, linewidth=0)
        ax.axhline(i, color=ink(ax), linewidth=0.5, alpha=0.5, zorder=1)
        medians.append(float(np.median(values)) if values.size else np.nan)
        said = _remarks(layer, values, edges, log)
        ax.text(1.02, i - 0.3, said, transform=ax.get_yaxis_transform(), va="center", fontsize="small", color=ink(ax))
    rows = np.arange(len(layers)) - 0.12
    ax.plot(medians, rows, "o", color=line, markersize=5, label="median", zorder=3)
    if log:
        ax.lines[-1].set(linestyle="-", linewidth=1.0)
    ax.set_ylim(len(layers) - 0.7, -1.0)
    ax.set_yticks(np.arange(len(layers)) - 0.3, labels=[clean(layer.name) for layer in layers], **LITERAL)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "right", "top"]].set_visible(False)
    ax.set_xlim(*_with_room(edges[0], edges[-1], log))
    singular = what.removesuffix("s")
    if log:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(numticks=9))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlabel(f"magnitude of the {singular}, logarithmic   (● median)")
    else:
        ax.axvline(0, color=ink(ax), linewidth=0.6, alpha=0.5, zorder=0)
        ax.set_xlabel(f"{singular}   (● median)")
    ax.set_title(clean(title if title is not None else f"{what} of each layer", longest=100), **LITERAL)
    return ax


# -- reading what was given --------------------------------------------------------------------------------------------


def _layers(source: Any, what: str, inputs: Any) -> Iterator[_Layer]:
    if isinstance(source, Mapping):
        for name, values in source.items():
            array = None if values is None else as_numbers(values, f"histograms: {name!r}")
            yield _Layer(str(name), array)
        return
    if not is_network(source):
        raise TypeError(
            f"histograms: expected a network or a mapping from names to arrays, got {type(source).__name__}"
        )
    if what == "activations":
        if inputs is None:
            raise ValueError("histograms: to see activations the network must be called: pass inputs=, a batch")
        given = inputs if isinstance(inputs, tuple) else (inputs,)
        for path, module, output, passed_on in _observed(source, given, "histograms"):
            if output.dtype.kind == "f" and output.size and not passed_on:
                kind = type(module).__name__
                yield _Layer(f"{path} ({kind})", bounded(output), kind.lower())
        return
    named = [(name, p) for name, p in source.named_parameters() if as_array(p).size]
    if what == "weights":
        yield from (_Layer(name, bounded(as_array(p))) for name, p in named)
        return
    if named and all(p.grad is None for _, p in named):
        raise ValueError("histograms: no parameter has a gradient yet; run loss.backward() first")
    for name, p in named:
        yield _Layer(name, None if p.grad is None else bounded(as_array(p.grad)))


def _observed(model: Any, inputs: tuple[Any, ...], caller: str) -> list[tuple[str, Any, Array, bool]]:
    """Of every call of a layer: its path, itself, its output, and whether that is its input in another shape."""
    if not is_network(model):
        raise TypeError(f"{caller}: expected a network, got {type(model).__name__}")
    modules = list(model.named_modules())
    inner = {id(module): path for path, module in modules if not list(module.children())}
    found: list[tuple[str, Any, Array, bool]] = []
    calls: dict[str, int] = {}

    def watch(module: Any, args: Any, output: Any) -> None:
        if isinstance(output, (tuple, list)):  # of a recurrent layer, the outputs and then its state
            output = next(iter(output), None)
        if not isinstance(output, (Tensor, np.ndarray)):
            return
        path = inner[id(module)] or type(module).__name__
        calls[path] = calls.get(path, 0) + 1
        name = path if calls[path] == 1 else f"{path}#{calls[path]}"
        array = np.array(as_array(output))
        before = as_array(args[0]) if args and isinstance(args[0], (Tensor, np.ndarray)) else None
        passed_on = before is not None and np.array_equal(before.ravel(), array.ravel())
        found.append((name, module, array, passed_on))

    handles = [module.register_forward_hook(watch) for _, module in modules if id(module) in inner]
    try:
        with no_grad(), evaluation_mode(model):
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    return found


# -- drawing -----------------------------------------------------------------------------------------------------------


def _placed(values: Array | None, log: bool) -> Array:
    """Those that bars are made of: finite, and not exactly 0, which has no place on a logarithm's scale."""
    if values is None:
        return np.empty(0)
    counting: Array = values[np.isfinite(values) & (values != 0)]
    return np.abs(counting) if log else counting


def _edges(placed: list[Array], bins: int, log: bool, range: tuple[float, float] | None) -> Array:
    if range is None:
        low = min((values.min() for values in placed if values.size), default=0.1 if log else -1.0)
        high = max((values.max() for values in placed if values.size), default=1.0)
        if log:
            low, high = max(low, 1 / LARGEST), max(high, 10 / LARGEST)
        if low == high:
            low, high = (low / 10, high * 10) if log else (low - 0.5, high + 0.5)
    else:
        low, high = range
        if not (np.isfinite(range).all() and low < high and (low > 0 or not log)):
            raise ValueError(
                f"histograms: range must be two finite numbers, ascending{', above 0' * log}, got {range!r}"
            )
    return np.geomspace(low, high, bins + 1) if log else np.linspace(low, high, bins + 1)


def _with_room(low: float, high: float, log: bool) -> tuple[float, float]:
    """Limits that leave a little room at both ends."""
    room = 0.01
    if log:
        factor = (high / low) ** room
        return low / factor, high * factor
    return low - room * (high - low), high + room * (high - low)


def _remarks(layer: _Layer, placed: Array, edges: Array, log: bool) -> str:
    values = layer.values
    if values is None:
        return "no gradient"
    said = []
    odd = int((~np.isfinite(values)).sum())
    if odd:
        said.append(f"{counted(odd, 'value')} not finite")
    zero = float((values == 0).mean())
    if zero:
        said.append(f"{percent(zero)} are 0")
    if layer.function in _SLOPES:
        with np.errstate(invalid="ignore"):
            said.append(f"{percent(float((_SLOPES[layer.function](values) < FLAT).mean()))} saturated")
    if layer.function == "relu" and values.ndim > 1:
        axis = 1 if values.ndim > 3 else values.ndim - 1
        dead = (values == 0).all(axis=tuple(i for i in np.arange(values.ndim).tolist() if i != axis))
        said.append(f"{dead.sum()} of {counted(len(dead), 'unit')} dead")
    outside = int(((placed < edges[0]) | (placed > edges[-1])).sum())
    if outside:
        said.append(f"{percent(outside / values.size)} outside")
    return ", ".join(said)
