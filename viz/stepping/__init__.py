"""Stepping through a graph, forward and backward, in a page of its own.

>>> import viz
>>> from autograd import Tensor
>>> x = Tensor(3.0, name="x")
>>> viz.step(x * x + 1)
<Stepper through 2 gates, forward and backward: 6 steps; .save("step.html") writes it, .show() opens it>
"""

from __future__ import annotations

import os
import tempfile
import webbrowser
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from autograd import Tensor
from viz.collect import collect, more_gates_than
from viz.drawing import write_file
from viz.expand import Expand
from viz.fold import fold
from viz.names import names_for
from viz.recording import Recording
from viz.stepping.page import to_html
from viz.svg import for_page, to_svg
from viz.traces import Trace

__all__ = ["Stepper", "step"]

#: More gates than this fill the page with more than anyone steps through.
LIMIT = 3000
#: And so many show at first, if scopes can be folded.
FEW = 120


def step(
    t: Tensor | Trace | Recording,
    *,
    title: str | None = None,
    expand: Expand = None,
    names: Any = None,
    check: bool = True,
    collapse: bool | str | Iterable[str] | None = None,
    depth: int | None = None,
) -> Stepper:
    """Step through the evaluation of a graph and its backward pass, gate by gate.

    Parameters
    ----------
    t
        The result, its trace (:func:`viz.trace`), or a recording (:func:`viz.record`). Gradients are computed for the
        page; no ``.grad`` is touched.
    title
        What the page is called; by default like the result.
    expand, names
        As of :func:`viz.trace`.
    check
        Whether to compute finite differences, for the reader to compare gradients with.
    collapse, depth
        Scopes that are folded at first, as in :func:`viz.draw`: their names, or True for all that contain no other;
        those this deep or deeper, 1 for the outermost. By default as many as it takes to have few gates. The reader can
        open and fold each.

    Returns
    -------
    Stepper
        Shows itself in Jupyter; ``save`` writes an HTML file that needs nothing else, ``show`` opens it.

    Raises
    ------
    TypeError
        If ``t`` is none of these.
    ValueError
        If there is too much to step through, no scope of a name to collapse, or if ``t`` has several elements and no
        backward pass was run from it, so that there is no gradient to start from.
    RuntimeError
        If an input was changed after the graph was recorded.

    Notes
    -----
    Each step is one gate, and nothing moves: what a step shows is a function of the trace alone, so that stepping back
    is exact. The notation is that of Stanford's course CS231n: values in green above their wire, gradients in red
    below it.

    Where all values are single numbers, the inputs can be edited in the page, which computes everything anew, with the
    conventions of this engine at kinks and ties. In practice mode the reader finds the gradients, with hints; a
    worksheet can be printed. Nothing leaves the page.

    Examples
    --------
    >>> w, x = Tensor(2.0, name="w"), Tensor(-1.0, name="x")
    >>> stepper = step(w * x + 3)
    >>> stepper.save("step.html").name
    'step.html'
    """
    if isinstance(t, Trace):
        trace = t
    elif isinstance(t, Recording):
        trace = t.trace(names=names)
    elif isinstance(t, Tensor):
        _refuse(more_gates_than(LIMIT, t))
        trace = collect(t, gradients=True, locals=True, expand=expand, check=check, names=names_for(names))
    else:
        raise TypeError(f"step: expected a Tensor, a Trace or a Recording, got {type(t).__name__}")
    _refuse(sum(not entry.is_leaf for entry in trace.entries) > LIMIT)
    root = trace.by_id[trace.root]
    return Stepper(
        trace, title or (f"How {root.name} is computed" if root.name else "A graph"), _folded(trace, collapse, depth)
    )


def _refuse(too_many: bool) -> None:
    if too_many:
        raise ValueError(
            f"step: this graph has more than {LIMIT:,} gates, which nobody steps through; step through a part of it, "
            "or look at the whole with viz.draw"
        )


def _folded(trace: Trace, collapse: bool | str | Iterable[str] | None, depth: int | None) -> tuple[str, ...]:
    """Ids of the scopes that are folded at first."""
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 1):
        raise ValueError(f"step: depth counts scopes from the outside, from 1 up; got {depth!r}")
    levels: dict[str | None, int] = {None: 0}
    for box in trace.boxes:  # parents come before what lies in them
        levels[box.id] = levels[box.parent] + 1
    if collapse is None and depth is None:
        depth = _depth(trace, levels)
    names: set[str] = set()
    if collapse is not None and not isinstance(collapse, bool):
        names = {collapse} if isinstance(collapse, str) else set(collapse)
        known = {box.name for box in trace.boxes}
        if names - known:
            there = ", ".join(map(repr, sorted(known)[:20])) or "none"
            missing = ", ".join(map(repr, sorted(names - known)))
            raise ValueError(f"step: no scope named {missing} in this graph to collapse; its scopes: {there}")
    parents = {box.parent for box in trace.boxes}
    return tuple(
        box.id
        for box in trace.boxes
        if (collapse is True and box.id not in parents)
        or box.name in names
        or (depth is not None and levels[box.id] >= depth)
    )


def _depth(trace: Trace, levels: Mapping[str | None, int]) -> int | None:
    """How deep to fold so that at most :data:`FEW` gates show; all if nothing does that, None if nothing is needed."""
    gates = [entry for entry in trace.entries if not entry.is_leaf]
    if len(gates) <= FEW or not trace.boxes:
        return None
    inside = Counter(levels[entry.box] for entry in gates)
    for depth in range(max(levels.values()), 1, -1):
        outside = sum(count for level, count in inside.items() if level < depth)
        if outside + sum(level == depth for level in levels.values()) <= FEW:
            return depth
    return 1


class Stepper:
    """A page to step through a graph.

    Attributes
    ----------
    trace
        What it shows.
    title
        What it is called.

    Examples
    --------
    >>> stepper = step(Tensor(3.0, name="x").exp())
    >>> stepper.html.startswith("<!DOCTYPE html>")
    True
    """

    def __init__(self, trace: Trace, title: str, folded: tuple[str, ...] = ()) -> None:
        self.trace, self.title = trace, title
        self._folded = folded

    @cached_property
    def html(self) -> str:
        """The whole page: one file without any reference to another."""
        return to_html(self.trace, title=self.title, folded=self._folded, fallback=self._svg("light"))

    def _svg(self, theme: str) -> str:
        """A drawing of the whole, for where scripts do not run."""
        return to_svg(fold(self.trace), theme=theme)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file.

        Raises
        ------
        ValueError
            If the suffix is not ``.html`` (or ``.htm``).
        FileNotFoundError
            If there is no such folder.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(f"save: a page to step through is an .html file; got {str(path)!r}")
        write_file(path, self.html.encode())
        return path

    def show(self) -> Path:
        """Open the page in the browser, from a file in the folder for temporary ones; return the file."""
        folder = Path(tempfile.mkdtemp(prefix="glassgrad-"))
        path = self.save(folder / "step.html")
        webbrowser.open(path.as_uri())
        return path

    def _repr_html_(self) -> str:
        """Show it in Jupyter: in a frame of its own, which can reach nothing outside."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts allow-downloads" '
            f'title="{escape(self.title)}, step by step" width="100%" height="640" style="border:0" loading="lazy">'
            f"</iframe>\n<p><small>{escape(repr(self))}</small></p>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Show it in Jupyter, and as a drawing where scripts do not run."""
        picture = for_page(self._svg("auto"))
        return {"text/html": self._repr_html_(), "image/svg+xml": picture, "text/plain": repr(self)}

    def __repr__(self) -> str:
        gates = [entry for entry in self.trace.entries if not entry.is_leaf]
        backward = sum(any(x.gradient is not None for x in gate.inputs) for gate in gates)
        both = self.trace.has_gradients
        steps = len(gates) + 1 + (backward + 1 if both else 0)
        what = f"{len(gates):,} gate{'s' * (len(gates) != 1)}, forward{' and backward' * both}: {steps:,} steps"
        return f'<Stepper through {what}; .save("step.html") writes it, .show() opens it>'
