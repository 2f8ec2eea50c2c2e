"""From a graph and its layout to the text of an SVG drawing."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence

from viz.format import lines
from viz.graph import Graph, Mark, Node, Value, Wire
from viz.layout import Layout, Path, Rect, ValuePlace, layout
from viz.legible import legible
from viz.svg.sizes import (
    ORDINARY,
    SMALL,
    Label,
    Line,
    Part,
    Picture,
    Texts,
    line_height,
    line_width,
    measure,
    read,
)
from viz.svg.styles import LEVELS, style_sheet
from viz.svg.text import escape, text_width
from viz.terminal import describe_graph, describe_node, describe_value

__all__ = ["path_data", "to_svg"]


def to_svg(
    graph: Graph, *, theme: str = "auto", aspect: float | None = 1.25, places: Layout | None = None, prefix: str = ""
) -> str:
    """Draw a graph as SVG.

    Parameters
    ----------
    graph
        What to draw.
    theme
        ``"light"``, ``"dark"`` or ``"print"``; ``"auto"`` follows the reader's setting.
    aspect
        Long graphs are wrapped into rows, so that the drawing is about this many times as wide as high; None leaves
        them in one row.
    places
        Where everything lies, if that is known: from :func:`viz.layout.layout` with the sizes of :func:`measure`.
    prefix
        Put before the ids of elements, which are those of nodes, values, wires and boxes, so that several drawings can
        stand in one page.

    Returns
    -------
    str
        An ``<svg>`` element that needs nothing else: no script, no font, no network. The same for the same graph.

    Raises
    ------
    ValueError
        If there is no such theme, or the graph is not in order (see :func:`viz.layout.layout`).

    Notes
    -----
    Elements have the classes ``node`` (and their kind: ``variable``, ``gate``, ...), ``value``, ``wire`` and ``box``.
    In them ``line`` is what is drawn of a wire, ``outline`` of a gate; ``forward``, ``gradient`` and ``local`` are
    numbers.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> from viz.fold import fold
    >>> x = Tensor(3.0, name="x")
    >>> text = to_svg(fold(trace(x * x)), theme="dark")
    >>> text.count('class="wire')
    2
    """
    texts = read(graph)
    places = places or layout(graph, measure(graph, texts), aspect=aspect)
    return "\n".join(_Writer(graph, texts, places, theme, prefix).lines()) + "\n"


def path_data(path: Path) -> str:
    """Write a path of a layout for the attribute ``d`` of a ``<path>``: round corners, and S-bends between heights.

    Examples
    --------
    >>> path_data(((0.0, 0.0), (10.0, 0.0), (30.0, 20.0)))
    'M0 0H10C20 0 20 20 30 20'
    >>> path_data(((0.0, 0.0), (20.0, 0.0), (20.0, 20.0)))
    'M0 0H14Q20 0 20 6V20'
    """
    if not path:
        return ""
    x, y = path[0]
    parts = [f"M{_n(x)} {_n(y)}"]
    for i, (a, b) in enumerate(path[1:], 1):
        if a != x and b != y:
            middle = _n((x + a) / 2)
            parts.append(f"C{middle} {_n(y)} {middle} {_n(b)} {_n(a)} {_n(b)}")
        else:
            turn = _turn(x, y, a, b, path[i + 1]) if i + 1 < len(path) else None
            end_x, end_y = turn[0] if turn else (a, b)
            parts.append(f"H{_n(end_x)}" if b == y else f"V{_n(end_y)}")
            if turn:
                parts.append(f"Q{_n(a)} {_n(b)} {_n(turn[1][0])} {_n(turn[1][1])}")
                a, b = turn[1]
        x, y = a, b
    return "".join(parts)


def _turn(
    x: float, y: float, a: float, b: float, beyond: tuple[float, float]
) -> tuple[tuple[float, float], ...] | None:
    """Where the rounding of a corner begins and ends, if there is one."""
    c, d = beyond
    if (b == y) == (d == b) or (c != a and d != b):
        return None
    before = min(6.0, (abs(a - x) + abs(b - y)) / 2)
    after = min(6.0, (abs(c - a) + abs(d - b)) / 2)
    return (
        (a - _sign(a - x) * before, b - _sign(b - y) * before),
        (a + _sign(c - a) * after, b + _sign(d - b) * after),
    )


def _sign(x: float) -> int:
    return (x > 0) - (x < 0)


def _n(x: float) -> str:
    """A number in as few characters as say it."""
    return f"{x:.2f}".rstrip("0").rstrip(".")


_FONTS = "Helvetica, Arial, 'Liberation Sans', sans-serif"


#: Height of a legend.
LEGEND = 18.0


class _Writer:
    def __init__(self, graph: Graph, texts: Texts, places: Layout, theme: str, prefix: str) -> None:
        self.graph, self.texts, self.places = graph, texts, places
        self.theme, self.prefix = theme, escape(legible(prefix, 200))
        self.nodes = {node.id: node for node in graph.nodes}
        self.values = {value.id: value for value in graph.values}
        self.inputs: dict[str, list[Wire]] = {}
        for wire in graph.wires:
            self.inputs.setdefault(wire.node, []).append(wire)

    def lines(self) -> Iterator[str]:
        """One line of text for each part of the drawing, from the back to the front."""
        places = self.places
        note = textwrap.wrap(legible(self.graph.note, 600), 80)
        legend = list(self._legend(places.height + 4.0))
        below = places.height + (LEGEND + 8.0 if legend else 0.0)
        height = below + 14.0 * len(note) + (6.0 if note else 0.0)
        width = max([places.width, self._legend_width(), *(text_width(line, 11.0) + 16.0 for line in note)])
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="glassgrad {escape(self.theme)}" role="img" '
            f'font-family="{_FONTS}" font-size="{_n(ORDINARY)}" '
            f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}">'
        )
        title, description = describe_graph(self.graph)
        yield f"<title>{escape(legible(title, 100))}</title>"
        yield f"<desc>{escape(description)}</desc>"
        yield f"<style>{style_sheet(self.theme, self.graph.pictures, self._shaded())}</style>"
        yield f'<rect class="paper" width="{_n(width)}" height="{_n(height)}"/>'
        for box in self.graph.boxes:
            yield self._box(box.id, box.name)
        for value in self.graph.values:
            yield self._value(value)
        for wire in self.graph.wires:
            yield self._wire(wire)
        for node in self.graph.nodes:
            yield self._node(node)
        for tap in places.taps:
            yield self._tap(tap.value, tap.room)
        yield from legend
        for i, line in enumerate(note):
            yield _text(8.0, below + 14.0 * i + 10.0, (Part(line, "warning", 11.0),), "start")
        yield "</svg>"

    def _shaded(self) -> bool:
        marks = [node.mark for node in self.graph.nodes]
        return any(mark is not None and mark.shade is not None for mark in (*marks, *self.graph.legend))

    def _legend(self, y: float) -> Iterator[str]:
        """Fields beside one another, each with a shade and what it means."""
        x = 8.0
        for mark in self.graph.legend:
            part = Part(legible(mark.text), "name", 10.0)
            yield (
                f'<g class="legend{_shade(mark)}">{_rect(Rect(x, y, part.width + 12.0, LEGEND), "outline plate", 0)}'
                f"{_text(x + 6.0 + part.width / 2, y + LEGEND - 5.5, (part,), 'middle')}</g>"
            )
            x += part.width + 12.0

    def _legend_width(self) -> float:
        return sum(text_width(legible(mark.text), 10.0) + 12.0 for mark in self.graph.legend) + 16.0

    def _box(self, key: str, name: str) -> str:
        place, part = self.places.boxes[key], self.texts.boxes[key]
        return (
            f'<g class="box" id="{self.prefix}{key}"><title>scope {escape(legible(name, 200))}</title>'
            f"{_rect(place, 'outline', 8)}{_text(place.x + 10, place.y + 17, (part,), 'start')}</g>"
        )

    def _value(self, value: Value) -> str:
        place, label = self.places.values[value.id], self.texts.values[value.id]
        told = legible(describe_value(value), 300)
        return (
            f'<g class="value{self._state(value)}" id="{self.prefix}{value.id}"><title>{escape(told)}</title>'
            f'<path class="line" d="{self._trunk(place)}"/>{_forks(place)}'
            f"{''.join(_arrow(x, y) for x, y in place.cuts)}"
            f"{_label(label, place.x, place.y, place.width)}</g>"
        )

    def _state(self, value: Value) -> str:
        """What a wire looks like that no gradient flows along."""
        if value.requires_grad:
            return ""
        return " still detached" if self.nodes[value.node].kind == "detached" else " still"

    @staticmethod
    def _trunk(place: ValuePlace) -> str:
        plate = ((place.x, place.y), (place.x + place.width, place.y))
        return "".join(map(path_data, (place.lead, plate, *place.stem)))

    def _wire(self, wire: Wire) -> str:
        place, value = self.places.wires[wire.id], self.values[wire.value]
        source, taker = self.nodes[value.node], self.nodes[wire.node]
        told = f"{legible(value.name or source.label or 'value')} into {legible(taker.label or 'gate')}"
        if wire.gradient is not None:
            told += f"; gradient sent back {', '.join(lines(wire.gradient))}"
        label = ""
        if place.plate is not None:
            label = _label(self.texts.wires[wire.id], *place.plate)
        return (
            f'<g class="wire{self._state(value)}" id="{self.prefix}{wire.id}"><title>{escape(told)}</title>'
            f'<path class="line" d="{path_data(place.path)}"/>{label}</g>'
        )

    def _node(self, node: Node) -> str:
        place, text = self.places.nodes[node.id], self.texts.nodes[node.id]
        told = legible(describe_node(node), 300)
        shape = ""
        mark = _shade(node.mark) if node.mark else ""
        if node.is_leaf and mark:
            shape = _rect(Rect(place.x - 3, place.y - 2, place.width + 6, place.height + 3), "outline plate", 3)
        elif not node.is_leaf:
            if place.width == place.height:
                x, y, r = place.x + place.width / 2, place.y + place.height / 2, place.width / 2
                shape = f'<circle class="outline" cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"/>'
            else:
                # Several blocks are sheets behind one another; what failed has a double border.
                sheets = [(3.0 * i, -3.0 * i, 0.0) for i in range(min(node.times - 1, 2), 0, -1)] + [(0.0, 0.0, 0.0)]
                sheets += [(2.5, 2.5, 5.0)] if node.kind == "failed" else []
                shape = "".join(
                    _rect(Rect(place.x + a, place.y + b, place.width - c, place.height - c), "outline", 7)
                    for a, b, c in sheets
                )
        ports = "".join(self._port(wire, place) for wire in self.inputs.get(node.id, ()))
        middle = place.x + place.width / 2
        if place.width != place.height and ports:  # names of inputs stand in a column of their own
            middle = place.x + place.width - 7.0 - max(map(line_width, text)) / 2
        y = place.y + (place.height - sum(map(line_height, text))) / 2
        return (
            f'<g class="node {node.kind}{mark}" id="{self.prefix}{node.id}"><title>{escape(told)}</title>{shape}'
            f"{_column(text, middle, y)}{ports}</g>"
        )

    def _port(self, wire: Wire, gate: Rect) -> str:
        """Write at the inner side of a gate's edge which of its inputs a wire is."""
        if wire.id not in self.texts.ports:
            return ""
        x, y = self.places.wires[wire.id].path[-1]
        part = Part(self.texts.ports[wire.id], "muted", 7.0 if gate.width == gate.height else SMALL)
        return _text(x + 2, y + 0.35 * part.size, (part,), "start")

    def _tap(self, key: str, room: Rect) -> str:
        """Say which value's wire goes on here."""
        part, x, y = self.texts.taps[key], room.x + room.width, room.y + room.height / 2
        return (
            f'<g class="tap{self._state(self.values[key])}"><title>{escape(part.text)} goes on here</title>'
            f'<path class="line" d="M{_n(x - 8)} {_n(y)}H{_n(x)}"/>{_arrow(x - 9, y)}'
            f"{_text(x - 12, y + 3.2, (part,), 'end')}</g>"
        )


def _shade(mark: Mark) -> str:
    """The classes of a shade and an alarm."""
    shade = "" if mark.shade is None else f" shaded shade{round(mark.shade * LEVELS)}"
    return shade + (" alarm" if mark.alarm else "")


def _arrow(x: float, y: float) -> str:
    """An arrow head, where a wire is cut or goes on."""
    return f'<path class="cut" d="M{_n(x)} {_n(y - 3)}l5 3l-5 3z"/>'


def _label(label: Label, x: float, y: float, width: float) -> str:
    middle = x + width / 2
    above = y - 2.0 - sum(map(line_height, label.above))
    return _column(label.above, middle, above) + _column(label.below, middle, y + 2.0)


def _column(text: Sequence[Line], x: float, y: float) -> str:
    """Lines of text below one another, the first with its upper edge at ``y``."""
    parts = []
    for line in text:
        if isinstance(line, Picture):
            parts.append(_picture(line, x - line.width / 2, y + 1.5))
        y += line_height(line)
        if not isinstance(line, Picture):
            parts.append(_text(x, y - 3.5, line, "middle"))
    return "".join(parts)


def _picture(picture: Picture, x: float, y: float) -> str:
    """Draw a heat map, by the root of the numbers, so that small ones show; negative cells are smaller."""
    largest = max((abs(cell) for row in picture.rows for cell in row if cell is not None), default=0.0)
    cells: dict[str, list[str]] = {}
    for i, row in enumerate(picture.rows):
        for j, cell in enumerate(row):
            share = 0.0 if cell is None or not largest else math.copysign(math.sqrt(abs(cell) / largest), cell)
            inset = 0.75 if share < 0 else 0.0
            side = _n(picture.side - 2 * inset)
            corner = f"M{_n(x + j * picture.side + inset)} {_n(y + i * picture.side + inset)}"
            shade = "none" if cell is None else f"heat{round(share * LEVELS)}"
            cells.setdefault(shade, []).append(f"{corner}h{side}v{side}h-{side}z")
    return "".join(f'<path class="{shade}" d="{"".join(paths)}"/>' for shade, paths in cells.items())


def _text(x: float, y: float, line: tuple[Part, ...], anchor: str) -> str:
    if len(line) == 1:
        return (
            f'<text class="{line[0].style}"{_font(line[0])} text-anchor="{anchor}" x="{_n(x)}" y="{_n(y)}">'
            f"{escape(line[0].text)}</text>"
        )
    spans = "".join(
        f'<tspan class="{part.style}"{_font(part)} dx="{3 if i else 0}">{escape(part.text)}</tspan>'
        for i, part in enumerate(line)
    )
    return f'<text text-anchor="{anchor}" x="{_n(x)}" y="{_n(y)}">{spans}</text>'


def _font(part: Part) -> str:
    size = "" if part.size == ORDINARY else f' font-size="{_n(part.size)}"'
    return size + (' font-weight="bold"' if part.bold else "")


def _rect(place: Rect, name: str, radius: float) -> str:
    return (
        f'<rect class="{name}" x="{_n(place.x)}" y="{_n(place.y)}" width="{_n(place.width)}" '
        f'height="{_n(place.height)}" rx="{_n(radius)}"/>'
    )


def _forks(place: ValuePlace) -> str:
    return "".join(f'<circle class="fork" cx="{_n(x)}" cy="{_n(y)}" r="2"/>' for x, y in place.forks)
