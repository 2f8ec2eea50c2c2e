"""A drawing: shows itself in Jupyter and in a terminal, and saves itself."""

from __future__ import annotations

import math
import os
import re
import secrets
import shutil
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from autograd import Tensor
from viz.collect import read
from viz.dot import clean, to_dot
from viz.errors import DotNotFoundError, GraphTooLargeError, quoted
from viz.expand import Expand
from viz.fold import fold
from viz.graph import Graph
from viz.grouping import READABLE
from viz.mermaid import to_mermaid
from viz.names import names_for
from viz.overlays import OVERLAYS, Overlay, overlay_of
from viz.parts import between
from viz.recording import Recording
from viz.terminal import count_nodes, describe_graph, describe_node, describe_value, to_text
from viz.themes import theme_named
from viz.traces import Trace

__all__ = ["Drawing", "draw", "write_file"]

FORMATS = ("svg", "png", "pdf", "dot", "mmd", "json", "txt")
#: Dots per inch: sharp on screens of high resolution and in print. The least at which numbers can be read.
PNG_DPI, LEAST_DPI = 192, 60
#: What a picture of pixels has at most, in all and on one side; more would take too much memory, or is not possible.
PIXELS, SIDE = 60_000_000, 32_767
#: Gates that are computed one after the other, up to this many, are drawn in one row.
ROW = 12
#: But only if that is no wider than this, in points.
WIDEST = 1400
#: Values that go to up to this many gates have their wires laid out by Graphviz; the wires of more it tangles.
FORK = 6
#: In a notebook, text of up to this many nodes stands in for the picture where that is not shown.
TEXT_NODES = 100


def draw(
    t: Tensor | Trace | Recording,
    *,
    gradients: bool | Iterable[Tensor] | None = None,
    values: Iterable[Tensor] | None = None,
    locals: bool = False,
    expand: Expand = None,
    inputs: Tensor | str | Iterable[Tensor | str] | None = None,
    names: Any = None,
    collapse: bool | str | Iterable[str] | None = None,
    depth: int | None = None,
    repeats: bool | None = None,
    pictures: bool | None = None,
    theme: str = "light",
    limit: int | None = None,
    overlay: str | Overlay | None = None,
) -> Drawing:
    """Draw the graph a tensor was computed by.

    Wires run from left to right with the forward value in green above them and the gradient of ``t`` in red below;
    operations are gates, names stand before the variables, scopes are boxes. Where a value is used more than once, each
    branch shows the gradient that comes back along it, and their sum (Σ) stands before the fork. Constants come along
    dashed wires.

    Parameters
    ----------
    t
        The result to draw, or a trace of one (:func:`viz.trace`), which is drawn with the numbers that it has.
    gradients
        By default they are shown once ``t.backward()`` was run; before that nothing is, not even zeros. True computes
        them for the drawing (no ``.grad`` is touched), False leaves them out. A collection of results stands for a
        backward pass that has only got so far: gradients are shown that these have sent back.
    values
        The results whose forward values are shown, by default all: a forward pass that has only got so far.
    locals
        Whether the wires into elementwise gates show the local derivatives (∂), which gradients are multiplied by.
    expand
        Composite gates to draw as the simpler gates they stand for: names of operations, such as ``"sigmoid"``, or True
        for all of them.
    inputs
        Draw only what lies between these values and ``t``: tensors of the graph, or names of some.
    names
        What to call tensors that have no name. By default they go by the caller's variables, and parameters by their
        paths in its networks; False leaves that out. A mapping from names to tensors, or a network, adds its names.
    collapse
        Scopes to fold into one gate: their names, or True for all scopes that contain no other, such as the layers of a
        network; False for none. By default none in a graph that can be read, and as few as it takes in a larger one.
    depth
        Fold the scopes that lie this deep: 1 for the outermost.
    repeats
        Whether to fold blocks that follow each other and are equal, such as the layers of a Transformer: scopes with
        the same name but for numbers, and with the same operations on the same shapes. By default only where a graph
        is too large to read.
    pictures
        Whether arrays that are not written out show as heat maps (blue negative and smaller, orange positive; each by
        its own largest number). By default in drawings of up to 60 nodes without an overlay. Of a trace, those that
        it has.
    theme
        ``"light"``, ``"dark"`` or ``"print"``, whose colours are told apart without colour, too.
    limit
        How many nodes to draw at most, by default 10,000. In larger graphs runs of gates are folded.
    overlay
        What to mark on the nodes: ``"findings"``, what :func:`viz.diagnose` finds; ``"gradients"``, their size as a
        power of ten, blue where they are small and orange where they are large; ``"saved"``, the memory kept for the
        backward pass. A folded node has the worst of what is in it, or the sum. For the first two gradients are
        computed unless told otherwise.

    Returns
    -------
    Drawing
        Shows itself in Jupyter and as text when printed; ``save`` writes it to a file.

    Raises
    ------
    TypeError
        If ``t`` is neither a tensor nor a trace.
    ValueError
        If there is no scope of a name to collapse, no value of a name to start from, nothing to expand of a name, or no
        such theme.
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
    >>> from autograd import Tensor, scope, sigmoid
    >>> w, x = Tensor(2.0, name="w"), Tensor(-1.0, name="x")
    >>> f = w * x + 3
    >>> f.backward()
    >>> draw(f)
    <Drawing of 2 gates, 2 variables, with gradients; .save("graph.svg") writes it>
    >>> print(draw(f, locals=True))
    w        2.00   ∇ -1.00
    x       -1.00   ∇  2.00
    ×       -2.00   ∇  1.00   w (∂ -1.00), x (∂ 2.00)
    f = +3   1.00   ∇  1.00   × (∂ 1.00)

    One gate, and what it stands for:

    >>> [node.label for node in draw(sigmoid(x)).graph.nodes]
    ['x', 'σ']
    >>> [node.label for node in draw(sigmoid(x), expand="sigmoid").graph.nodes]
    ['x', '×(−1)', 'exp', '+1', '1/x']

    Layers that are equal, as one:

    >>> h = x
    >>> for i in range(12):
    ...     with scope(f"block {i}"):
    ...         h = (h * 1.1).tanh()
    >>> [node.label for node in draw(h, repeats=True).graph.nodes]
    ['x', 'block × 12']
    """
    theme_named(theme)
    gradients = gradients if isinstance(gradients, bool) else _tensors("gradients", gradients)
    values = _tensors("values", values)
    expand, collapse = _names("expand", expand), _names("collapse", collapse)
    _flags(locals=locals, repeats=repeats, pictures=pictures)
    if not (overlay is None or isinstance(overlay, str) or hasattr(overlay, "mark")):
        raise TypeError(f"draw: overlay is one of {quoted(OVERLAYS)}, got {quoted([overlay])}")
    if overlay in ("findings", "gradients") and gradients is None and isinstance(t, Tensor) and t.size == 1:
        gradients = t.requires_grad or None
    ids: Mapping[Any, str] = {}
    if not isinstance(t, Tensor) and expand:
        raise TypeError("draw: expand= takes gates of a tensor's graph apart; a trace has them as they are")
    if isinstance(t, Recording):
        t = t.trace(gradients=gradients, values=values, locals=locals, pictures=pictures, names=names)
    elif isinstance(t, Trace) and not (gradients is None and values is None and names is None):
        raise TypeError("draw: gradients=, values= and names= say what is read of a tensor; a trace is drawn as it is")
    if isinstance(t, Trace):
        trace = t
    elif isinstance(t, Tensor):
        called = names_for(names)
        trace, ids = read(
            t,
            gradients=gradients,
            values=values,
            locals=locals,
            expand=expand,
            pictures=pictures,
            names=called,
        )
    else:
        hint = "; call it, and draw the result" if callable(t) else "; of several results, draw one, or their sum"
        told = hint if callable(t) or isinstance(t, (list, tuple, dict)) else ""
        raise TypeError(f"draw: expected a Tensor, a Trace or a Recording, got {type(t).__name__}{told}")
    if inputs is not None:
        trace = between(trace, _starts(inputs, ids))
    complete = isinstance(gradients, (bool, NoneType))
    graph = fold(
        trace,
        collapse=collapse,
        depth=depth,
        repeats=repeats,
        limit=limit,
        pictures=False if pictures is None and overlay is not None else pictures,
        locals=locals,
        complete=complete,
        overlay=overlay_of(trace, overlay) if isinstance(overlay, str) else overlay,
    )
    return Drawing(graph, trace, theme)


def _tensors(option: str, given: Iterable[Tensor] | None) -> list[Tensor] | None:
    """Make sure that an option is a collection of tensors, or None."""
    if given is None:
        return None
    if isinstance(given, (str, Tensor)) or not isinstance(given, Iterable):
        hint = f"; write {option}=[t]" if isinstance(given, Tensor) else ""
        raise TypeError(f"draw: {option} is a collection of tensors, got {type(given).__name__}{hint}")
    given = list(given)
    for x in given:
        if not isinstance(x, Tensor):
            raise TypeError(f"draw: {option} is a collection of tensors, got {type(x).__name__} in it")
    return given


def _names(option: str, given: bool | str | Iterable[str] | None) -> bool | str | list[str] | None:
    """Make sure that an option is True, False, None, a name, or a collection of names."""
    if isinstance(given, (bool, str, NoneType)):
        return given
    names = list(given) if isinstance(given, Iterable) and not isinstance(given, Tensor) else [given]
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"draw: {option} is True, False or names, got {quoted([name])}")
    return names


def _flags(**given: bool | None) -> None:
    for name, value in given.items():
        if not isinstance(value, (bool, np.bool_, NoneType)):
            raise TypeError(f"draw: {name} is True or False, got {quoted([value])}")


def _starts(inputs: Tensor | str | Iterable[Tensor | str], ids: Mapping[Any, str]) -> list[str]:
    """Names or ids of the values to start from."""
    found = []
    if not isinstance(inputs, (Tensor, str, Iterable)):
        raise TypeError(f"draw: inputs are tensors or names, got {type(inputs).__name__}")
    for x in [inputs] if isinstance(inputs, (Tensor, str)) else inputs:
        if isinstance(x, str):
            found.append(x)
        elif not isinstance(x, Tensor):
            raise TypeError(f"draw: inputs are tensors or names, got {type(x).__name__}")
        elif x not in ids:
            raise ValueError(f"draw: {x!r} is not in this graph, so nothing lies between it and the result")
        else:
            found.append(ids[x])
    return found


class Drawing:
    """A graph as it was when it was drawn.

    Attributes
    ----------
    graph
        What it shows, as plain data (:class:`viz.graph.Graph`).
    trace
        What it was made from (:class:`viz.Trace`).
    theme
        Name of its colours.

    Examples
    --------
    >>> from autograd import Tensor
    >>> drawing = draw(Tensor(3.0, name="x").exp())
    >>> drawing.source.startswith("digraph")
    True
    >>> print(drawing)
    x     3.00
    exp  20.09   x
    """

    def __init__(self, graph: Graph, trace: Trace, theme: str = "light") -> None:
        self.graph, self.trace, self.theme = graph, trace, theme

    @cached_property
    def source(self) -> str:
        """The drawing in the DOT language, which Graphviz lays out."""
        return to_dot(self.graph, theme_named(self.theme))

    @cached_property
    def mermaid(self) -> str:
        """The drawing in Mermaid's language, which documents on GitHub and elsewhere show as a picture."""
        return to_mermaid(self.graph, theme_named(self.theme))

    @cached_property
    def svg(self) -> str:
        """The drawing as an ``<svg>`` element.

        Notes
        -----
        Graphviz lays it out, if it is there and the graph fits in a row that can be read; else this package does, in
        several rows. Ids of elements are unlike those of other drawings, so that several can stand in one page.
        """
        svg = self._svg_of_graphviz or self._own_svg
        return svg.replace(' id="', f' id="g{zlib.crc32(svg.encode()):08x}-')  # in text, quotes are escaped

    @cached_property
    def _svg_of_graphviz(self) -> str:
        """Graphviz's picture, where its one row is not too long, nor its wires a tangle; else nothing."""
        # Inputs inside of boxes, where two graphs are compared, it would lay out from the bottom up.
        several = any(node.is_leaf and node.box is not None for node in self.graph.nodes)
        takers = Counter(wire.value for wire in self.graph.wires)
        tangled = several or max(takers.values(), default=0) > FORK
        if tangled or len(self.graph.nodes) > READABLE or longest_path(self.graph) > ROW:
            return ""
        with suppress(DotNotFoundError, ImportError):  # it takes nothing but another layout
            svg = _mended(_render(self.source, "svg").decode(), self.graph)
            width = re.search(r' width="([\d.]+)pt"', svg)
            return svg if width and float(width[1]) <= WIDEST else ""
        return ""

    @cached_property
    def _own_svg(self) -> str:
        from viz.svg import to_svg

        return to_svg(self.graph, theme=self.theme)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to a file.

        Parameters
        ----------
        path
            Its suffix says the format: ``.svg``, ``.png``, ``.pdf``, ``.dot`` for Graphviz's text, ``.mmd`` for
            Mermaid's, ``.json`` for the trace (:meth:`viz.Trace.from_json` reads it), or ``.txt`` for plain text.
            All pictures have the same layout; Graphviz makes ``.png`` and ``.pdf`` of it.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        ValueError
            If the suffix is none of these, or the drawing is too large for a ``.png`` that can be read
            (:class:`viz.GraphTooLargeError`).
        DotNotFoundError
            If the program ``dot``, which makes ``.png`` and ``.pdf``, is not installed.
        """
        path = Path(path)
        kind = path.suffix.lower().removeprefix(".")
        if kind not in FORMATS:
            listed = ", ".join(f".{known}" for known in FORMATS)
            raise ValueError(f"save: the file's suffix says the format and must be one of {listed}; got {str(path)!r}")
        write_file(path, self._content(kind))
        return path

    def _content(self, kind: str) -> bytes:
        match kind:
            case "dot":
                return self.source.encode()
            case "svg":
                return f'<?xml version="1.0" encoding="UTF-8"?>\n{self.svg}'.encode()
            case "mmd":
                return self.mermaid.encode()
            case "json":
                return self.trace.to_json(indent=1).encode()
            case "txt":
                return f"{self}\n".encode()
        if self._svg_of_graphviz:
            return _render(self.source, kind)
        from viz.svg.printing import to_instructions

        made = to_instructions(self._own_svg)
        dpi = min(
            PNG_DPI, 72 * math.sqrt(PIXELS / (made.width * made.height)), 72 * SIDE / max(made.width, made.height)
        )
        if kind == "png" and dpi < LEAST_DPI:
            raise GraphTooLargeError(len(self.graph.nodes))
        try:
            return _render(made.source, kind, int(dpi))
        except (subprocess.CalledProcessError, BrokenPipeError):  # a Graphviz that cannot draw what others laid out
            return _render(self.source, kind)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Show it in Jupyter: the drawing, and as text where only that is shown."""
        from viz.svg import for_page

        text = str(self) if len(self.graph.nodes) <= TEXT_NODES else repr(self)
        return {"image/svg+xml": for_page(self.svg), "text/plain": text}

    def __str__(self) -> str:
        return to_text(self.graph)

    def __repr__(self) -> str:
        seen = ", with gradients" if self.graph.has_gradients else ""
        return f'<Drawing of {count_nodes(self.graph)}{seen}; .save("graph.svg") writes it>'


def longest_path(graph: Graph) -> int:
    """How many gates are computed one after the other.

    Examples
    --------
    >>> x = Tensor(3.0)
    >>> longest_path(draw(x * x + x).graph)
    2
    """
    made_by = {value.id: value.node for value in graph.values}
    taken: dict[str, list[str]] = {}
    for wire in graph.wires:
        taken.setdefault(wire.node, []).append(made_by[wire.value])
    lengths: dict[str, int] = {}
    for node in graph.nodes:  # inputs come before the gates that take them
        lengths[node.id] = 0 if node.is_leaf else 1 + max((lengths[x] for x in taken.get(node.id, ())), default=0)
    return max(lengths.values())


def _render(source: str, kind: str, dpi: int = PNG_DPI) -> bytes:
    try:
        import graphviz
    except ImportError as error:
        raise ImportError(
            "drawing needs the Python package graphviz: pip install glassgrad[viz] (or pip install graphviz)"
        ) from error
    if kind == "png":
        source = source.replace("graph [", f"graph [dpi={dpi}, ", 1)
    try:
        rendered: bytes = graphviz.Source(source).pipe(format=kind, quiet=True)
    except graphviz.ExecutableNotFound as error:
        raise DotNotFoundError from error
    return rendered


def _mended(svg: str, graph: Graph) -> str:
    """Say what the parts of Graphviz's picture are, for readers who point at them or have them read to them.

    And join the wires: Graphviz rounds, so that their pieces end up to a point beside one another.
    """
    titles = {node.id: describe_node(node) for node in graph.nodes}
    inputs = {
        node.id: f"{describe_node(node)}: " for node in graph.nodes if node.is_leaf
    }  # drawn as their values alone
    titles |= {value.id: inputs.get(value.node, "") + describe_value(value) for value in graph.values}
    titles |= {f"cluster_{box.id}": f"scope {box.name}" for box in graph.boxes}

    def title(match: re.Match[str]) -> str:
        told = titles.get(match[1], "")
        return f"<title>{_escaped(told)}</title>" if told else ""

    ends = set(re.findall(r'd="M[-\d.]+,([-\d.]+)', svg)) | set(re.findall(r',([-\d.]+)"/>', svg))

    def joined(match: re.Match[str]) -> str:
        left, low, high, right = match[1], match[2], match[3], match[4]
        if low not in ends or float(low) - float(high) != 1.0:
            return match[0]
        x, y, until = float(left) - 1, float(low), float(right) + 1
        return f'points="{x:g},{y + 0.55:g} {x:g},{y - 0.55:g} {until:g},{y - 0.55:g} {until:g},{y + 0.55:g}"'

    number = r"(-?[\d.]+)"
    svg = re.sub(rf'points="{number},{number} \1,{number} {number},\3 \4,\2 \1,\2"', joined, svg)
    svg = re.sub("<title>(.*?)</title>\n?", title, svg[svg.index("<svg") :])
    called, told = map(_escaped, describe_graph(graph))
    start = svg.index(">") + 1
    return f'<svg role="img"{svg[4:start]}\n<title>{called}</title>\n<desc>{told}</desc>{svg[start:]}'


def _escaped(text: str) -> str:
    return clean(text, 200).replace("\\\\", "\\")  # the backslash is doubled for Graphviz alone


def write_file(path: Path, content: bytes) -> None:
    """Write a file, all or nothing: a reader never sees half of it, and a failure leaves the old one.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.

    Examples
    --------
    >>> write_file(Path("hello.txt"), b"hello")
    >>> Path("hello.txt").read_bytes()
    b'hello'
    """
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
