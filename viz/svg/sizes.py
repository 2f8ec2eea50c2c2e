"""What is written where in a drawing, and how much room that takes."""

from __future__ import annotations

import textwrap
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from viz.dot import COMMUTATIVE, thinned
from viz.format import FULL, describe, lines
from viz.graph import Graph, Node, Numbers, Value, Wire
from viz.layout import FEW, Plate, Sizes
from viz.legible import LONGEST, legible
from viz.numbers import Change
from viz.svg.text import text_width

__all__ = ["Label", "Line", "Part", "Picture", "Texts", "line_height", "line_width", "measure", "read"]

#: Sizes of text: ordinary, and what is said by the way.
ORDINARY, SMALL = 12.0, 9.0
#: Diameter of a gate that is a circle.
GATE = 33.0
#: The piece of wire that a number stands on is so long even before the number appears.
SHORTEST = 34.0
#: Side of a cell of a heat map, and how many rows of them there are at most.
CELL, ROWS = 4.0, 8


class Part(NamedTuple):
    """A piece of a line of text: what it says and, in one word for the style sheet, how."""

    text: str
    style: str
    size: float = ORDINARY
    bold: bool = False

    @property
    def width(self) -> float:
        """How wide it is."""
        return text_width(self.text, self.size, self.bold)


class Picture(NamedTuple):
    """A small heat map: rows of numbers, and the side of a cell."""

    rows: tuple[tuple[float | None, ...], ...]
    side: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.side * len(self.rows[0])


#: Pieces of text beside one another, or a picture.
Line = tuple[Part, ...] | Picture


@dataclass(frozen=True, slots=True)
class Label:
    """What stands above and below a piece of wire, from top to bottom."""

    above: tuple[Line, ...]
    below: tuple[Line, ...]

    @property
    def plate(self) -> Plate:
        """How much room it takes."""
        widest = max((line_width(line) for line in (*self.above, *self.below)), default=0.0)
        return Plate(max(SHORTEST, widest + 4.0), _height(self.above), _height(self.below))


@dataclass(frozen=True, slots=True)
class Texts:
    """All that is written in a drawing, by the ids of what it belongs to.

    Attributes
    ----------
    values, wires
        Above and below values, and wires that have numbers of their own.
    nodes
        In gates, and the names of variables and constants.
    ports
        At the inputs of a gate, by the ids of wires.
    boxes
        Titles.
    taps
        Names of values whose wires are cut.
    """

    values: dict[str, Label]
    wires: dict[str, Label]
    nodes: dict[str, tuple[Line, ...]]
    ports: dict[str, str]
    boxes: dict[str, Part]
    taps: dict[str, Part]


def line_width(line: Line) -> float:
    """How wide a line is."""
    if isinstance(line, Picture):
        return line.width
    return sum(part.width for part in line) + 3.0 * (len(line) - 1)


def line_height(line: Line) -> float:
    """How high a line is."""
    if isinstance(line, Picture):
        return line.side * len(line.rows) + 3.0
    return max(part.size for part in line) + 2.0


def _height(text: tuple[Line, ...]) -> float:
    return max(15.0, sum(map(line_height, text)) + 2.0)


def read(graph: Graph) -> Texts:
    """Say what is written where."""
    nodes = {node.id: node for node in graph.nodes}
    values = {value.id: value for value in graph.values}
    taken = Counter(wire.value for wire in graph.wires)
    inputs = Counter(wire.node for wire in graph.wires)
    forks = {value.id for value in graph.values if taken[value.id] + value.hidden > 1}
    wires, ports = {}, {}
    for wire in graph.wires:
        node, value = nodes[wire.node], values[wire.value]
        label = wire_label(wire, value, value.id in forks)
        if label.above or label.below:
            wires[wire.id] = label
        if wire.position < len(node.ports):
            ports[wire.id] = legible(node.ports[wire.position], 24)
        elif 1 < inputs[node.id] <= 3 and node.operation not in COMMUTATIVE and is_round(node, [], inputs[node.id]):
            ports[wire.id] = str(wire.position + 1)
    return Texts(
        values={value.id: _value_label(value, value.id in forks, graph.pictures) for value in graph.values},
        wires=wires,
        nodes={node.id: _node_lines(node) for node in graph.nodes},
        ports=ports,
        boxes={box.id: Part(legible(box.name), "muted", 11.0) for box in graph.boxes},
        taps={value.id: _tap_name(value, nodes[value.node]) for value in graph.values},
    )


def measure(graph: Graph, texts: Texts | None = None) -> Sizes:
    """Say how much room everything takes, for :func:`viz.layout.layout`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> from viz.fold import fold
    >>> sizes = measure(fold(trace(Tensor(3.0, name="x").exp())))
    >>> sizes.nodes["n1"]
    (33.0, 33.0)
    """
    texts = texts or read(graph)
    ports: dict[str, list[str]] = {}
    count: Counter[str] = Counter()
    for wire in graph.wires:
        count[wire.node] += 1
        if wire.id in texts.ports:
            ports.setdefault(wire.node, []).append(texts.ports[wire.id])
    return Sizes(
        nodes={
            node.id: node_size(node, texts.nodes[node.id], ports.get(node.id, []), count[node.id])
            for node in graph.nodes
        },
        values={key: label.plate for key, label in texts.values.items()},
        wires={key: label.plate for key, label in texts.wires.items()},
        boxes={key: (part.width, 14.0) for key, part in texts.boxes.items()},
        taps={key: (part.width + 14.0, 14.0) for key, part in texts.taps.items()},
    )


def is_round(node: Node, ports: list[str], inputs: int) -> bool:
    """Whether a gate is a circle: if its label is short and its inputs are few."""
    short = len(node.label) <= 4 and not node.detail and node.mark is None and all(len(port) == 1 for port in ports)
    return node.kind == "gate" and short and inputs <= FEW


def node_size(node: Node, text: tuple[Line, ...], ports: list[str], inputs: int) -> tuple[float, float]:
    """Width and height of a gate, or of a name."""
    width = max((line_width(line) for line in text), default=0.0)
    height = sum(map(line_height, text))
    if node.is_leaf:
        return (width, height) if width else (0.0, 0.0)
    if is_round(node, ports, inputs):
        diameter = max(GATE, width + 10.0)
        return diameter, diameter
    column = max((text_width(port, SMALL) for port in ports), default=-4.0) + 4.0
    width = max(GATE, width + 14.0 + column)
    height = max(GATE - 4.0, height + 8.0, inputs * 12.0 + 4.0 if ports or inputs > FEW else 0.0)
    return width, height if height != width else height + 0.5  # a square would pass for a circle


def _node_lines(node: Node) -> tuple[Line, ...]:
    label = legible(node.label)
    if node.is_leaf:
        named = node.kind == "variable"
        return (*([(Part(label, "name" if named else "muted", ORDINARY, named),)] if label else []), *_mark(node))
    title = Part(label, "name", ORDINARY, node.kind in ("fold", "failed"))
    details = [part for detail in node.detail for part in textwrap.wrap(legible(detail, 200), LONGEST)]
    return ((title,), *((Part(part, "muted", SMALL),) for part in details), *_mark(node))


def _mark(node: Node) -> tuple[Line, ...]:
    """What an overlay says of a node."""
    if node.mark is None:
        return ()
    alarm = node.mark.alarm
    return ((Part(legible(node.mark.text), "warning" if alarm else "name", 10.0, alarm),),)


def _value_label(value: Value, forks: bool, pictures: bool) -> Label:
    heading = [Part(legible(value.name), "name", ORDINARY, True)] if value.name else []
    if value.numbers is not None and describe(value.numbers):
        heading.append(Part(describe(value.numbers), "muted", SMALL))
    above: list[Line] = [tuple(heading)] if heading else []
    if value.stale:
        above.append((Part("updated since", "warning", SMALL),))
    above += _pictures(value.numbers) if pictures else []
    above += _numbers(value.numbers, "forward")
    below: list[Line] = [*_numbers(value.gradient, "gradient")]
    if below and forks:
        bold = isinstance(value.gradient, Change)
        below[0] = (Part(f"Σ {lines(value.gradient)[0]}" if value.gradient else "Σ", "gradient", ORDINARY, bold),)
    below += _pictures(value.gradient) if pictures else []
    below += [(Part(line, "muted", SMALL),) for line in textwrap.wrap(legible(value.reason, 200), 24)]
    return Label(tuple(above), tuple(below))


def wire_label(wire: Wire, value: Value, forks: bool) -> Label:
    """Write what comes back along one wire, and how the gate at its end takes it.

    Of a branch of a fork the value is repeated, where that is a single number.
    """
    above: list[Line] = []
    below: list[Line] = []
    if forks and wire.gradient is not None:
        above += [] if wire.gradient.shape else _numbers(value.numbers, "forward")
        below += _numbers(wire.gradient, "gradient")
    if wire.local is not None:
        above.append((Part(f"∂ {lines(wire.local)[0]}", "local", 10.0),))
    if wire.broadcast:
        above.append((Part(legible(wire.broadcast), "muted", SMALL),))
    if wire.summed and value.gradient is not None:
        below.append((Part(legible(wire.summed), "gradient", SMALL),))
    return Label(tuple(above), tuple(below))


def _numbers(numbers: Numbers | None, style: str) -> list[Line]:
    bold = isinstance(numbers, Change)
    return [] if numbers is None else [(Part(line, style, ORDINARY, bold),) for line in lines(numbers)]


def _pictures(numbers: Numbers | None) -> list[Line]:
    """A heat map of an array that is not written out and not all one number."""
    if numbers is None or numbers.picture is None or numbers.size <= FULL:
        return []
    if numbers.low == numbers.high and not numbers.nans + numbers.infinities:
        return []
    rows = tuple(thinned(numbers.picture, ROWS))
    return [Picture(rows, CELL if len(rows[0]) > 8 else 1.5 * CELL)]


def _tap_name(value: Value, node: Node) -> Part:
    """What a value is called where its wire goes on after a cut."""
    name = value.name or (node.label if node.is_leaf else "")
    if name:
        return Part(legible(name, 24), "name", ORDINARY, True)
    shape = f" {value.numbers.shape}" if node.is_leaf and value.numbers is not None and value.numbers.shape else ""
    told = f"{node.kind}{shape}" if node.is_leaf else f"{node.label} {value.id}"
    return Part(legible(told, 24), "muted", SMALL)
