"""The page: its data as JSON, its formulas as MathML, and the file around its scripts and its style."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from itertools import accumulate
from operator import add
from typing import Any

from viz import themes
from viz.format import FULL, lines
from viz.graph import Box, Graph, Node, Value, Wire
from viz.json_format import to_dict
from viz.layout import Layout, Path, Plate, Sizes, layout
from viz.mathematics import Name, Number, Row, join, parse
from viz.numbers import Numbers
from viz.rules import TIE, TIED, Rules, called
from viz.svg import measure
from viz.svg.sizes import read
from viz.svg.text import escape, legible, text_width
from viz.traces import Entry, Operation, Trace

__all__ = ["data_of", "escape_json", "to_html"]

#: In the order in which they build on each other. What a script adds is described at the top of ``core.js``.
SCRIPTS = (
    "core.js",
    "steps.js",
    "drawing.js",
    "panel.js",
    "inspector.js",
    "engine.js",
    "inputs.js",
    "practice.js",
    "player.js",
)
STYLES = ("page.css", "exercise.css")

#: Points: a line of text, and how far the first one stands from the wire, as in drawing.js.
LINE, OFFSET = 13.0, 3.0
TEXT, SMALL = 12.0, 10.0
#: Width and height that a thumbnail of an array has at most, and the side of one of its cells.
THUMB_WIDTH, THUMB_HEIGHT, THUMB_CELL = 48.0, 24.0, 8.0
#: So wide that a scalar has room for any number: inputs may be edited in the page.
SCALAR = 58.0
#: Gates with more inputs have these named.
PORTS = 3
#: Gates whose inputs may be swapped, which are not numbered.
COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum"})


def to_html(trace: Trace, *, title: str, folded: Iterable[str] = (), fallback: str = "") -> str:
    """Write the whole page.

    Parameters
    ----------
    trace
        What to step through.
    title
        Any text.
    folded
        Ids of the scopes that are folded at first.
    fallback
        Markup to show where scripts do not run.

    Returns
    -------
    str
        An HTML file that needs nothing else. Its security policy lets nothing run but its own script, and nothing be
        fetched at all.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> text = to_html(trace(Tensor(3.0, name="<script>").exp()), title="exp")
    >>> text.count("<script"), "default-src 'none'" in text
    (2, True)
    """
    script = "\n".join(_asset(name) for name in SCRIPTS) + "\nglassgrad.start();\n"
    style = _theme_css() + "".join(_asset(name) for name in STYLES)
    formulas = _Formulas()
    data = data_of(trace, title=title, folded=folded) | {"rules": _rules_of(trace, formulas)}
    styles = " ".join(map(_hash, (style, *re.findall("<style>(.*?)</style>", fallback, re.DOTALL))))
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {styles}; base-uri 'none'; form-action 'none'"
    parts = {
        "policy": policy,
        "title": escape(legible(title, 120)),
        "style": style,
        "formulas": formulas.templates,
        "fallback": fallback,
        "data": escape_json(data),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _asset("page.html"))


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def escape_json(data: Any) -> str:
    r"""Write data as JSON that cannot end the script element it stands in, nor be taken for markup.

    Examples
    --------
    >>> escape_json({"name": "</script><!--\u2028&"})
    '{"name":"\\u003c/script\\u003e\\u003c!--\\u2028\\u0026"}'
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def data_of(trace: Trace, *, title: str, folded: Iterable[str] = ()) -> dict[str, Any]:
    """Collect what the scripts work on, as plain data.

    Parameters
    ----------
    trace, title, folded
        As in :func:`to_html`.

    Returns
    -------
    dict
        ``trace`` in the format of :mod:`viz.json_format`; ``layout``, in lists in the order of its entries;
        ``running``, the sums of large arrays at forks; ``full``, how many elements at most are
        written out; ``folded``, the scopes that are folded at first.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> sorted(data_of(trace(Tensor(3.0).exp()), title="exp"))
    ['folded', 'full', 'layout', 'running', 'title', 'trace']
    """
    return {
        "title": legible(title, 120),
        "trace": _rounded(to_dict(trace)),
        "layout": _layout_of(trace),
        "running": [[key, _rounded(sums)] for key, sums in _running(trace).items()],
        "full": FULL,
        "folded": list(folded),
    }


def _rounded(data: Any) -> Any:
    """The same with the numbers of pictures rounded to what eyes can tell apart, and all defaults filled in."""
    if isinstance(data, dict):
        if "dtype" in data and "shape" in data:
            numbers: dict[str, Any] = {
                "nans": 0,
                "infinities": 0,
                "zeros": 0,
                "picture": None,
                "histogram": None,
            } | data
            if numbers["picture"] is not None:
                numbers["picture"] = [
                    [None if x is None else float(f"{x:.3g}") for x in row] for row in data["picture"]
                ]
            return numbers
        return {key: _rounded(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_rounded(value) for value in data]
    return data


def _running(trace: Trace) -> dict[str, list[Any]]:
    """The sums, as they grow, of gradients that meet at an array too large to be kept in full."""
    order = {entry.id: i for i, entry in enumerate(trace.entries)}
    found = {}
    for source, ends in trace.takers.items():
        gradient = trace.by_id[source].gradient
        if gradient is None or gradient.values is not None or len(ends) < 2:
            continue
        backwards = sorted(ends, key=lambda end: (-order[end[0]], end[1]))
        sent = [trace.sent[end] for end in backwards if end in trace.sent]
        if len(sent) > 1:
            found[source] = [to_numbers(Numbers.of(total)) for total in list(accumulate(sent, add))[:-1]]
    return found


def to_numbers(numbers: Numbers) -> dict[str, Any]:
    """Numbers as JSON holds them."""
    from viz.json_format import _plain

    return _plain(numbers)  # type: ignore[no-any-return]


# ---------------------------------------------------------------------------------------------------------------------
# Formulas
# ---------------------------------------------------------------------------------------------------------------------

#: Signs that no formula has, which stand in one where the script puts numbers: one for each input.
MARKS = "①②③④⑤⑥"
#: Up to this many gates have their rules written with the names of their own inputs.
NAMED = 500


class _Formulas:
    """Collects formulas as MathML, each once."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def add(self, formula: Row | None) -> int | None:
        """The number under which the script finds a formula."""
        if formula is None or not formula.items:
            return None
        return self.numbers.setdefault(formula.mathml, len(self.numbers))

    @property
    def templates(self) -> str:
        return "\n".join(f'<template id="m{number}">{text}</template>' for text, number in self.numbers.items())


def _rules_of(trace: Trace, formulas: _Formulas) -> list[Any]:
    """What every gate does: in words, and as the numbers of formulas."""
    rules = Rules(trace)
    named = sum(not entry.is_leaf for entry in trace.entries) <= NAMED
    found: list[Any] = []
    for entry in trace.entries:
        known: dict[str, Any] = {"name": legible(rules.names[entry.id])}
        found.append(known)
        if entry.kind != "gate":
            continue
        operation = trace.operations[entry.operation]
        known["formula"] = formulas.add(_read(operation.formula))
        known["put"] = formulas.add(_marked(entry, operation, _read(operation.formula)))
        if named:
            forward = rules.forward(entry)
            known["rule"] = formulas.add(_first(forward.equation))
            known["note"] = forward.note
        back: list[Any] = [None] * len(entry.inputs)
        for sent in rules.backward(entry):
            known["pattern"] = sent.pattern
            i = sent.position
            partial = _partial(entry, operation, i)
            back[i] = {"local": formulas.add(partial), "put": formulas.add(_marked(entry, operation, partial))}
            if named:
                back[i] |= {
                    "rule": formulas.add(sent.rule),
                    "arithmetic": formulas.add(sent.arithmetic),
                    # Whether inputs tie depends on their values, which may be edited: that is found in the page.
                    "note": "; ".join(part for part in sent.note.split("; ") if part != TIE),
                    "tie": TIE if operation.name in TIED else "",
                }
        known["back"] = back
    return found


def _read(latex: str) -> Row | None:
    try:
        return parse(latex) if latex else None
    except ValueError:  # in a trace that comes from elsewhere
        return None


def _first(equation: Row) -> Row:
    """Only what comes without numbers: ``a = w × x``."""
    return join("=", *equation.split()[0][:2])


def _partial(entry: Entry, operation: Operation, i: int) -> Row | None:
    """The local derivative of an elementwise gate as a formula; of a power with a fixed exponent the familiar one."""
    exponent = entry.inputs[1].number if operation.name == "power" else None
    if i == 0 and isinstance(exponent, (int, float)):
        familiar = {1.0: "1", 2.0: "2 x_1"}
        return _read(familiar.get(float(exponent), f"{exponent:g} x_1^{{{exponent - 1:g}}}"))
    return _read(operation.partials[i]) if i < len(operation.partials) else None


def _marked(entry: Entry, operation: Operation, formula: Row | None) -> Row | None:
    """A formula with marks in place of the inputs, and the numbers that are part of the gate."""
    if formula is None or operation.kind != "elementwise" or len(entry.inputs) > len(MARKS):
        return None
    names = ["x"] if len(operation.partials) == 1 else [f"x_{i + 1}" for i in range(len(entry.inputs))]
    if operation.name == "where":
        names = ["c", "x_1", "x_2"]
    put = {
        name: Name(mark) if x.source is not None else Number(f"{x.number:.6g}")
        for name, mark, x in zip(names, MARKS, entry.inputs, strict=False)
    }
    chain, _ = formula.substitute(put).split()
    return chain[-1]


# ---------------------------------------------------------------------------------------------------------------------
# Layout
# ---------------------------------------------------------------------------------------------------------------------


def _layout_of(trace: Trace) -> dict[str, Any]:
    graph = _graph(trace)
    texts = read(graph)
    measured = measure(graph, texts)
    names = {key: legible(name) for key, name in called(trace).items()}
    values = {
        f"v{i}": _value_plate(entry, names[entry.id], len(trace.takers.get(entry.id, ())))
        for i, entry in enumerate(trace.entries)
    }
    wires = {}
    for wire in graph.wires:
        source = trace.entries[int(wire.value[1:])]
        if wire.gradient is not None and len(trace.takers[source.id]) > 1:
            width, below = _stack(_items(wire.gradient))
            wires[wire.id] = Plate(width, 4.0, below)
    boxes = {box.id: (text_width(f"▾ {legible(box.name)}", TEXT, True), 16.0) for box in graph.boxes}
    nodes = dict(measured.nodes)
    for node, entry in zip(graph.nodes, trace.entries, strict=True):
        if entry.is_leaf and not _says_its_value(entry):
            nodes[node.id] = (text_width(names[entry.id], TEXT, bool(entry.name)), LINE)
    sizes = Sizes(nodes=nodes, values=values, wires=wires, boxes=boxes, taps=measured.taps)
    return _as_lists(trace, graph, sizes, layout(graph, sizes), texts.ports)


def _says_its_value(entry: Entry) -> bool:
    """Whether formulas have its number in place of a name."""
    return entry.kind != "variable" and not entry.name and entry.value is not None and entry.value.size == 1


def _graph(trace: Trace) -> Graph:
    """Everything, nothing folded; ids are places in the trace."""
    index = {entry.id: i for i, entry in enumerate(trace.entries)}
    box_ids = {box.id: f"b{i}" for i, box in enumerate(trace.boxes)}
    nodes: list[Node] = []
    values: list[Value] = []
    wires: list[Wire] = []
    for i, entry in enumerate(trace.entries):
        box = None if entry.box is None else box_ids[entry.box]
        if entry.is_leaf:
            nodes.append(Node(f"n{i}", _leaf_kind(entry), entry.name, "", (), None))
        else:
            nodes.append(Node(f"n{i}", "gate", entry.label, entry.operation, entry.detail, box, _ports(trace, entry)))
        name = "" if entry.is_leaf else entry.name
        values.append(Value(f"v{i}", f"n{i}", name, entry.value, entry.gradient, entry.requires_grad, entry.stale, 0))
        for position, x in enumerate(entry.inputs):
            if x.source is not None:
                wires.append(Wire(f"w{len(wires)}", f"v{index[x.source]}", f"n{i}", position, x.gradient))
    boxes = tuple(
        Box(box_ids[box.id], box.name, None if box.parent is None else box_ids[box.parent]) for box in trace.boxes
    )
    return Graph(tuple(nodes), tuple(values), tuple(wires), boxes, f"v{index[trace.root]}", trace.note)


def _leaf_kind(entry: Entry) -> Any:
    return "variable" if entry.kind == "variable" else "constant"


def _ports(trace: Trace, entry: Entry) -> tuple[str, ...]:
    taken = sum(x.source is not None for x in entry.inputs)
    parameters: tuple[str, ...] = getattr(trace.operations.get(entry.operation), "parameters", ())
    if taken <= PORTS:
        return ()
    return parameters if len(parameters) == len(entry.inputs) else tuple(str(i + 1) for i in range(len(entry.inputs)))


def _value_plate(entry: Entry, name: str, takers: int) -> Plate:
    above: list[tuple[float, float]] = []
    if entry.stale:
        above.append(_line("updated since", SMALL))
    elif entry.value is not None:
        above += _items(entry.value)
        if entry.value.shape:
            above.append(_line(f"{name if not entry.is_leaf and not entry.name else ''} {entry.value.shape}", SMALL))
    if entry.name and not entry.is_leaf:
        above.append(_line(legible(entry.name), TEXT, bold=True))
    below = [] if entry.gradient is None else _items(entry.gradient)
    if entry.gradient is not None and takers > 1:
        text = lines(entry.gradient)[:1] or [""]
        below = [*below, _line(f"Σ {text[0]}", TEXT), _line(f"{text[0]} (1/{takers})", TEXT)]
        below = [(max(width for width, _ in below), sum(height for _, height in below[:-2]) + LINE)]
    (width_above, height_above), (width_below, height_below) = _stack(above), _stack(below)
    scalar = SCALAR if entry.value is not None and not entry.value.shape else 0.0
    return Plate(max(34.0, scalar, width_above, width_below), height_above, height_below)


def _items(numbers: Numbers) -> list[tuple[float, float]]:
    """Width and height of what is written of an array, from the wire outwards; as in drawing.js."""
    if numbers.values is not None and len(numbers.values) <= FULL:
        return [_line(text, TEXT) for text in lines(numbers)]
    found = []
    if numbers.picture is not None:
        rows, columns = len(numbers.picture), len(numbers.picture[0])
        cell = min(THUMB_WIDTH / columns, THUMB_HEIGHT / rows, THUMB_CELL)
        found.append((cell * columns, cell * rows + 3.0))
    return [*found, *(_line(text, SMALL) for text in lines(numbers)[:1])]


def _line(text: str, size: float, bold: bool = False) -> tuple[float, float]:
    return text_width(text, size, bold) + 4.0, LINE


def _stack(items: list[tuple[float, float]]) -> tuple[float, float]:
    return max((width for width, _ in items), default=34.0), OFFSET + sum(height for _, height in items) + 1.0


def _as_lists(trace: Trace, graph: Graph, sizes: Sizes, found: Layout, ports: Mapping[str, str]) -> dict[str, Any]:
    """Write places in lists, in the order of the trace."""
    homes: dict[str, str] = {}
    for box, columns in found.layers.items():
        if box is not None:
            homes |= {part: trace.boxes[int(box[1:])].id for column in columns for part in column if part[0] == "n"}
    wires: list[list[Any]] = [[None] * len(entry.inputs) for entry in trace.entries]
    for wire in graph.wires:
        place = found.wires[wire.id]
        plate = sizes.wires.get(wire.id)
        wires[int(wire.node[1:])][wire.position] = {
            "path": _points(place.path),
            "plate": None if place.plate is None else [_near(x) for x in place.plate],
            "below": 0.0 if plate is None else _near(plate.below),
            "port": ports.get(wire.id, ""),
        }
    values = []
    for value in graph.values:
        spot, plate = found.values[value.id], sizes.values[value.id]
        values.append(
            {
                "x": _near(spot.x),
                "y": _near(spot.y),
                "width": _near(spot.width),
                "above": _near(plate.above),
                "below": _near(plate.below),
                "lead": _points(spot.lead),
                "stem": [_points(path) for path in spot.stem],
                "forks": [[_near(x), _near(y)] for x, y in (*spot.forks, *spot.cuts)],
            }
        )
    return {
        "width": _near(found.width),
        "height": _near(found.height),
        "nodes": [_rect(found.nodes[node.id]) for node in graph.nodes],
        "homes": [homes.get(node.id) for node in graph.nodes],
        "values": values,
        "wires": wires,
        "boxes": [_rect(found.boxes[box.id]) if box.id in found.boxes else None for box in graph.boxes],
        "taps": [[int(tap.value[1:]), *_rect(tap.room)] for tap in found.taps],
    }


def _near(x: float) -> float:
    return round(x, 2)


def _rect(rect: Any) -> list[float]:
    return [_near(x) for x in (rect.x, rect.y, rect.width, rect.height)]


def _points(path: Path) -> list[list[float]]:
    return [[_near(x), _near(y)] for x, y in path]


# ---------------------------------------------------------------------------------------------------------------------
# Colours
# ---------------------------------------------------------------------------------------------------------------------

#: Levels of a heat map, from the most negative to the most positive.
LEVELS = range(-4, 5)


@cache
def _theme_css() -> str:
    """Colours as variables, those of all other drawings: light, dark by the system or by hand, and for paper."""
    light, dark, paper = (_variables(theme) for theme in (themes.LIGHT, themes.DARK, themes.PRINT))
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        "@media screen and (prefers-color-scheme: dark) "
        f"{{ :root:not([data-theme=light]) {{ color-scheme: dark; {dark} }} }}\n"
        f"@media screen {{ :root[data-theme=dark] {{ color-scheme: dark; {dark} }} }}\n"
        f"@media print {{ :root {{ color-scheme: light; {paper} }} }}\n"
    )


def _variables(theme: themes.Theme) -> str:
    names = ("paper", "ink", "value", "gradient", "line", "faint", "muted", "warning", "gate", "fold", "negative")
    found = {name: getattr(theme, name) for name in names}
    for level in LEVELS:
        found[f"heat-{'n' if level < 0 else ''}{abs(level)}"] = themes.heat(level * abs(level), 16.0, theme)
    return " ".join(f"--{name}: {colour};" for name, colour in found.items())
