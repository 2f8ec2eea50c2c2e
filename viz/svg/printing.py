"""Our own SVG as instructions for Graphviz, which makes ``.png`` and ``.pdf`` of it without laying anything out.

Graphviz draws whatever stands in a graph's attribute ``_background``, in the language that it calls xdot. So what is
read here is what :mod:`viz.svg.writer` writes, and no more: a few shapes, text, and a style sheet of classes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from viz.svg.cascade import SVG, Styled, styles
from viz.svg.text import text_width

__all__ = ["Instructions", "to_instructions"]

#: How far the handles of a cubic curve stand from the ends of a quarter of a circle of radius 1.
_QUARTER = 4 / 3 * (math.sqrt(2) - 1)

#: Graphviz sets text higher than it is told, by this part of the size.
_LIFT = 0.2
_FONTS = "Helvetica,Arial,sans-serif"

Point = tuple[float, float]
#: A cubic curve: its first point, then three points for each piece. And whether it is closed.
Curve = tuple[list[Point], bool]


class Instructions(NamedTuple):
    """A drawing for Graphviz: how large it is in points, and a graph in the DOT language that shows nothing else."""

    width: float
    height: float
    source: str


def to_instructions(svg: str) -> Instructions:
    """Turn an SVG drawing of this package into a graph that Graphviz draws as it is.

    Parameters
    ----------
    svg
        What :func:`viz.svg.to_svg` wrote, in one of the themes (not ``"auto"``).

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> from viz.fold import fold
    >>> from viz.svg import to_svg
    >>> made = to_instructions(to_svg(fold(trace(Tensor(3.0).exp())), theme="light"))
    >>> made.source.startswith("digraph {"), "3 -exp" in made.source
    (True, True)
    """
    root = ElementTree.fromstring(svg)
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    text = _joined(_Painter(height).paint(styles(root)))
    # One invisible node as large as the drawing; "nop2" leaves it, and everything, in its place.
    size = f'pos="{width / 2:.2f},{height / 2:.2f}", width={width / 72:.4f}, height={height / 72:.4f}'
    return Instructions(
        width,
        height,
        f"digraph {{\n  graph [layout=nop2, pad=0, margin=0, _background={text}]\n"
        f'  drawing [label="", shape=box, style=invis, fixedsize=true, {size}]\n}}\n',
    )


def _joined(instructions: Iterable[str]) -> str:
    """Write a text in pieces that Graphviz can read: strings longer than 16 kB it refuses."""
    pieces, length = [[""]], 0
    for instruction in instructions:
        length += len(instruction.encode()) + 1
        if length > 8000:
            pieces.append([""])
            length = 0
        pieces[-1].append(instruction)
    return " + ".join(f'"{" ".join(piece)}"' for piece in pieces)


class _Painter:
    def __init__(self, height: float) -> None:
        self.height = height

    def paint(self, styled: Styled) -> Iterator[str]:
        """Write instructions for elements, from the back to the front."""
        found = dict(styled)
        for element, style in styled:
            name = element.tag.removeprefix(SVG)
            if name == "text":
                yield from self._text(element, [(part, found[part]) for part in element] or [(element, style)])
            elif name in ("rect", "circle", "path"):
                yield from self._shape(element, style)

    def _shape(self, element: ElementTree.Element, style: dict[str, str]) -> Iterator[str]:
        fill, stroke = style.get("fill", "none"), style.get("stroke", "none")
        if fill == stroke == "none":
            return
        if stroke != "none":
            dashes = style.get("stroke-dasharray", "")
            yield _word("S", "solid" if not dashes else "dotted" if dashes.startswith("1.5") else "dashed")
            yield _word("S", f"setlinewidth({style.get('stroke-width', '1')})")
        yield _word("c", "transparent" if stroke == "none" else stroke)
        yield _word("C", "transparent" if fill == "none" else fill)
        for points, closed in _curves(element):
            filled = closed and fill != "none"  # what is not closed has no inside
            kind = "b" if filled else "B"
            if filled and all(points[i : i + 4] == [a, a, b, b] for i, (a, b) in _ends(points)):
                kind, points = "P", points[:-1:3]  # straight lines alone
            written = " ".join(f"{x:.2f} {self.height - y:.2f}" for x, y in points)
            yield f"{kind} {len(points)} {written}"

    def _text(self, element: ElementTree.Element, pieces: Styled) -> Iterator[str]:
        parts = [(part.text or "", style, _size(part), part.get("font-weight") == "bold") for part, style in pieces]
        widths = [text_width(text, size, bold) for text, _, size, bold in parts]
        x, y, anchor = float(element.get("x", 0)), float(element.get("y", 0)), element.get("text-anchor")
        # Pieces beside one another are set one by one, single ones where they are anchored.
        align = {"middle": 0, "end": 1}.get(anchor or "", -1)
        if len(parts) > 1:
            whole = sum(widths) + 3.0 * (len(parts) - 1)
            x, align = x - whole * (align + 1) / 2, -1
        for (text, style, size, bold), width in zip(parts, widths, strict=True):
            yield _word(f"F {size:g}", _FONTS)
            yield f"t {bold + 2 * (style.get('font-style') == 'italic')}"
            yield _word("c", style.get("fill", "#000000"))
            base = self.height - y - _LIFT * size
            yield _word(f"T {x:.2f} {base:.2f} {align} {width:.2f}", text)
            x += width + 3.0


def _size(element: ElementTree.Element) -> float:
    return float(element.get("font-size", 12.0))


def _word(instruction: str, text: str) -> str:
    """Write an instruction that ends in text: the number of its bytes, and the text itself.

    A backslash would be read together with what follows it, so a look-alike stands for it.
    """
    text = text.replace("\\", "⧵")
    quoted = text.replace('"', '\\"')
    return f"{instruction} {len(text.encode())} -{quoted}"


# -- shapes -----------------------------------------------------------------------------------------------------------


def _curves(element: ElementTree.Element) -> list[Curve]:
    """The outline of a shape, as cubic curves."""
    if element.tag == f"{SVG}path":
        return list(_pieces(element.get("d", "")))

    def read(*names: str) -> list[float]:
        return [float(element.get(name, 0)) for name in names]

    if element.tag == f"{SVG}circle":
        x, y, radius = read("cx", "cy", "r")
        return [_rounded(x - radius, y - radius, 2 * radius, 2 * radius, radius)]
    return [_rounded(*read("x", "y", "width", "height", "rx"))]


def _rounded(x: float, y: float, width: float, height: float, radius: float) -> Curve:
    """A rectangle with round corners, from its upper left one clockwise."""
    r = min(radius, width / 2, height / 2)
    h = r * (1 - _QUARTER)
    right, low = x + width, y + height
    points = [(x + r, y)]
    for line, *corner in (
        ((right - r, y), (right - h, y), (right, y + h), (right, y + r)),
        ((right, low - r), (right, low - h), (right - h, low), (right - r, low)),
        ((x + r, low), (x + h, low), (x, low - h), (x, low - r)),
        ((x, y + r), (x, y + h), (x + h, y), (x + r, y)),
    ):
        points += [*_line(points[-1], line), *corner]
    return points, True


def _ends(points: list[Point]) -> Iterator[tuple[int, tuple[Point, Point]]]:
    """Of each piece of a curve where it stands, and its ends."""
    return ((i, (points[i], points[i + 3])) for i in range(0, len(points) - 3, 3))


def _line(a: Point, b: Point) -> list[Point]:
    """A line as a cubic curve, without its first point."""
    return [a, b, b]


def _pieces(data: str) -> Iterator[Curve]:
    """Read the attribute ``d`` of a ``<path>``."""
    points: list[Point] = []
    for command, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", data):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", text)]
        if command in "zZ":
            yield [*points, *_line(points[-1], points[0])], True
            points = []
            continue
        if command == "M":
            if len(points) > 1:
                yield points, False
            points = [(numbers[0], numbers[1])]
            continue
        x, y = points[-1]
        match command:
            case "C":
                points += zip(numbers[::2], numbers[1::2], strict=True)
            case "Q":
                a, b, c, d = numbers
                points += [((x + 2 * a) / 3, (y + 2 * b) / 3), ((c + 2 * a) / 3, (d + 2 * b) / 3), (c, d)]
            case "H" | "h":
                points += _line((x, y), (numbers[0] + (x if command == "h" else 0.0), y))
            case "V" | "v":
                points += _line((x, y), (x, numbers[0] + (y if command == "v" else 0.0)))
            case "l":  # which may be several
                for a, b in zip(numbers[::2], numbers[1::2], strict=True):
                    points += _line((x, y), (x + a, y + b))
                    x, y = points[-1]
    if len(points) > 1:
        yield points, False
