"""Where everything on the page lies: the layout of the whole graph, with room for all that a step may show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from viz.format import FULL, lines
from viz.graph import Box, Graph, Node, Value, Wire
from viz.layout import Layout, Path, Plate, Sizes, layout
from viz.legible import legible
from viz.numbers import Numbers
from viz.rules import called
from viz.svg import measure
from viz.svg.sizes import read
from viz.svg.text import text_width
from viz.traces import Entry, Trace

__all__ = ["places_of"]

#: Points: a line of text, and how far the first one stands from the wire, as in drawing.js.
LINE, OFFSET = 13.0, 3.0
TEXT, SMALL = 12.0, 10.0
#: Width and height that a thumbnail of an array has at most, and the side of one of its cells.
THUMB_WIDTH, THUMB_HEIGHT, THUMB_CELL = 48.0, 24.0, 8.0
#: So wide that a scalar has room for any number: inputs may be edited in the page.
SCALAR = 58.0
#: Gates with more inputs have these named.
PORTS = 3


def places_of(trace: Trace) -> dict[str, Any]:
    """Lay out a trace with nothing folded.

    Returns
    -------
    dict
        ``width`` and ``height``; in lists in the order of the entries ``nodes`` and ``values``, the ``wires`` into
        each, and the ``homes`` that leaves and gates lie in; ``boxes`` in the order of the scopes; ``taps``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> places = places_of(trace(Tensor(3.0).exp(), names=False))
    >>> len(places["nodes"]), places["homes"]
    (2, [None, None])
    """
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
