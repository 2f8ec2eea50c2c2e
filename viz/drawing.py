"""A drawing: shows itself in Jupyter, and saves itself."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd import Tensor
from viz.collect import collect
from viz.dot import to_dot
from viz.errors import DotNotFoundError
from viz.fold import fold
from viz.graph import Graph
from viz.names import names_for

__all__ = ["Drawing", "draw"]

FORMATS = ("svg", "png", "pdf", "dot")
#: Sharp on screens of high resolution and in print.
PNG_DPI = 192


def draw(
    t: Tensor,
    *,
    gradients: bool | Iterable[Tensor] | None = None,
    values: Iterable[Tensor] | None = None,
    collapse: bool | str | Iterable[str] | None = None,
    depth: int | None = None,
    limit: int | None = None,
    names: Any = None,
) -> Drawing:
    """Draw the graph a tensor was computed by.

    Wires run from left to right with the forward value in green above them and the gradient of ``t`` in red below;
    operations are gates, names stand before the variables, scopes are boxes. Where a value is used more than once, each
    branch shows the gradient that comes back along it, and their sum (Σ) stands before the fork.

    Parameters
    ----------
    t
        The result to draw.
    gradients
        By default they are shown once ``t.backward()`` was run; before that nothing is, not even zeros. True computes
        them for the drawing (no ``.grad`` is touched), False leaves them out. A collection of results stands for a
        backward pass that has only got so far: gradients are shown that these have sent back.
    values
        The results whose forward values are shown, by default all: a forward pass that has only got so far.
    collapse
        Scopes to fold into one gate: their names, or True for all scopes that contain no other, such as the layers of a
        network.
    depth
        Fold the scopes that lie this deep: 1 for the outermost.
    limit
        How many nodes to draw at most.
    names
        What to call tensors that have no name. By default they go by the caller's variables, and parameters by their
        paths in its networks; False leaves that out. A mapping from names to tensors, or a network, adds its names.

    Returns
    -------
    Drawing
        Shows itself in Jupyter; ``save`` writes it to a file.

    Raises
    ------
    TypeError
        If ``t`` is not a tensor.
    ValueError
        If there is too much to draw (:class:`viz.GraphTooLargeError`), or no scope of a name to collapse.
    RuntimeError
        If gradients are asked for explicitly, but an input was changed after the graph was recorded.

    Notes
    -----
    Gradients are those of a pass from ``t`` alone, from the same seed as its last one. They are not the sums that
    ``.grad`` holds after several passes. A variable that got new values since, say from an optimiser's step, is marked
    "updated since" instead of showing values that the graph was not computed from; where its old values are needed to
    compute gradients, there are none and a note says why. So draw before the step.

    Examples
    --------
    >>> from autograd import Tensor
    >>> w, x = Tensor(2.0, name="w"), Tensor(-1.0, name="x")
    >>> f = w * x + 3
    >>> f.backward()
    >>> draw(f)
    <Drawing of 2 gates, 2 variables, with gradients; .save("graph.svg") writes it>
    """
    if not isinstance(t, Tensor):
        raise TypeError(f"draw: expected a Tensor, got {type(t).__name__}")
    trace = collect(t, gradients=gradients, values=values, names=names_for(names))
    return Drawing(fold(trace, collapse=collapse, depth=depth, limit=limit))


class Drawing:
    """A graph as it was when it was drawn.

    Attributes
    ----------
    graph
        What it shows, as plain data (:class:`viz.graph.Graph`).
    source
        The text in the DOT language that it is laid out from.

    Examples
    --------
    >>> from autograd import Tensor
    >>> drawing = draw(Tensor(3.0, name="x").exp())
    >>> drawing.source.startswith("digraph")
    True
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.source = to_dot(graph)

    @cached_property
    def svg(self) -> str:
        """The drawing as an ``<svg>`` element.

        Raises
        ------
        DotNotFoundError
            If the program ``dot`` is not installed.
        """
        text = _render(self.source, "svg").decode()
        return text[text.index("<svg") :]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to a file.

        Parameters
        ----------
        path
            Its suffix says the format: ``.svg``, ``.png``, ``.pdf``, or ``.dot`` for Graphviz's text.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        ValueError
            If the suffix is none of these.
        DotNotFoundError
            If the program ``dot`` is not installed (``.dot`` does not need it).
        """
        path = Path(path)
        kind = path.suffix.lower().removeprefix(".")
        if kind not in FORMATS:
            listed = ", ".join(f".{known}" for known in FORMATS)
            raise ValueError(f"save: the file's suffix says the format and must be one of {listed}; got {str(path)!r}")
        _write(path, self.source.encode() if kind == "dot" else _render(self.source, kind))
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Show it in Jupyter: the drawing, or in words what is missing."""
        try:
            return {"image/svg+xml": self.svg, "text/plain": repr(self)}
        except (DotNotFoundError, ImportError) as error:
            return {"text/plain": f"{self!r}\n{error}"}

    def __repr__(self) -> str:
        kinds = [node.kind for node in self.graph.nodes]
        counts = [
            (kinds.count(kind), words)  # type: ignore[arg-type]
            for kind, words in (
                ("gate", "gate"),
                ("fold", "folded scope"),
                ("variable", "variable"),
                ("constant", "constant"),
            )
        ]
        parts = [f"{count} {words}{'s' if count > 1 else ''}" for count, words in counts if count]
        seen = ", with gradients" if self.graph.has_gradients else ""
        return f'<Drawing of {", ".join(parts)}{seen}; .save("graph.svg") writes it>'


def _render(source: str, kind: str) -> bytes:
    try:
        import graphviz
    except ImportError as error:
        raise ImportError(
            "drawing needs the Python package graphviz: pip install glassgrad[viz] (or pip install graphviz)"
        ) from error
    if kind == "png":
        source = source.replace("graph [", f"graph [dpi={PNG_DPI}, ", 1)
    try:
        rendered: bytes = graphviz.Source(source).pipe(format=kind, quiet=True)
    except graphviz.ExecutableNotFound as error:
        raise DotNotFoundError from error
    return rendered


def _write(path: Path, content: bytes) -> None:
    """All or nothing: a reader never sees half a file, and a failure leaves the old one."""
    target = Path(os.path.realpath(path))  # through a link, to the file it stands for
    if not target.parent.is_dir():
        raise FileNotFoundError(f"save: there is no folder {target.parent}")
    temporary = target.with_name(f".drawing-{secrets.token_hex(8)}")
    try:
        with open(temporary, "xb") as file:  # with the permissions that any new file gets
            file.write(content)
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
