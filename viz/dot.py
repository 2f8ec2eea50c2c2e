"""From the record to the text that Graphviz lays out.

Each value is a node of its own, a small table with the numbers above and below a line: its wire. That is the only way to
have numbers sit on both sides of a wire in Graphviz.
"""

from __future__ import annotations

import unicodedata

from viz.format import describe, lines
from viz.graph import Box, Graph, Node, Numbers, Value, Wire

__all__ = ["clean", "to_dot"]

GREEN = "#1a7f37"
RED = "#c62828"
LINE = "#444444"
GREY = "#767676"
AMBER = "#9a6700"
FILL = "#eef3fa"
#: Longer names are cut: they would push everything else out of sight.
LONGEST = 40

_HEAD = """digraph {
  graph [rankdir=LR, nodesep=0.1, ranksep=0.14, bgcolor=white, fontname="Helvetica,Arial,sans-serif", fontsize=11, outputorder=edgesfirst]
  node [fontname="Helvetica,Arial,sans-serif", fontsize=12, shape=plain, ordering=in, color="#222222"]
  edge [dir=none, color="#444444", penwidth=1.1]"""


def to_dot(graph: Graph) -> str:
    """Write a record in the DOT language.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz.collect import collect
    >>> print(to_dot(collect(Tensor(3.0, name="x"))).splitlines()[-2].strip()[:10])
    n0 [label=
    """
    text = [_HEAD]
    if graph.note:
        text.append(f"  label=<{_font(clean(graph.note, 200), AMBER)}>; labelloc=b")
    node_of = {node.id: node for node in graph.nodes}
    wires_of: dict[str, list[Wire]] = {value.id: [] for value in graph.values}
    for wire in graph.wires:
        wires_of[wire.value].append(wire)
    values_of: dict[str, list[Value]] = {node.id: [] for node in graph.nodes}
    for value in graph.values:
        values_of[value.node].append(value)

    # Leaves lie outside all boxes, so they come first; the gates of a box follow each other.
    for node in graph.nodes:
        if node.kind in ("variable", "constant"):
            value = values_of[node.id][0]
            text.append(f"  {node.id} [label=<{_wire_table(value, wires_of[value.id], node)}>]")
    boxes = {box.id: box for box in graph.boxes}
    open_boxes: list[str] = []
    for node in graph.nodes:
        if node.kind in ("variable", "constant"):
            continue
        path = _path(node.box, boxes)
        same = 0
        while same < min(len(path), len(open_boxes)) and path[same] == open_boxes[same]:
            same += 1
        while len(open_boxes) > same:
            open_boxes.pop()
            text.append("  " * len(open_boxes) + "  }")
        for box in path[same:]:
            text += _open_box(boxes[box], "  " * len(open_boxes) + "  ")
            open_boxes.append(box)
        indent = "  " * len(open_boxes) + "  "
        text.append(f"{indent}{node.id} {_gate(node)}")
        text += [
            f"{indent}{value.id} [label=<{_wire_table(value, wires_of[value.id], None)}>]"
            for value in values_of[node.id]
        ]
    while open_boxes:
        open_boxes.pop()
        text.append("  " * len(open_boxes) + "  }")

    for value in graph.values:
        producer = node_of[value.node]
        if producer.kind in ("gate", "fold"):
            text.append(f"  {producer.id} -> {value.id}:w:w")
    for wire in graph.wires:
        value = next(v for v in graph.values if v.id == wire.value)
        text += _branch(wire, value, node_of[value.node], forks=len(wires_of[value.id]) > 1)
    text.append("}")
    return "\n".join(text) + "\n"


def _path(box: str | None, boxes: dict[str, Box]) -> list[str]:
    path: list[str] = []
    while box is not None:
        path.append(box)
        box = boxes[box].parent
    return path[::-1]


def _open_box(box: Box, indent: str) -> list[str]:
    return [
        f"{indent}subgraph cluster_{box.id} {{",
        f'{indent}  label=<{_font(clean(box.name), GREY)}>; labeljust=l; style="rounded,dashed"; color="#a0a0a0"; margin=8',
    ]


def _gate(node: Node) -> str:
    label = clean(node.label)
    if node.detail:
        label = f"{label}<BR/>{_font(clean(node.detail), GREY, 9)}"
    if node.kind == "fold":
        label = f"<B>{clean(node.label)}</B><BR/>{_font(clean(node.detail), GREY, 9)}"
        return f'[label=<{label}>, shape=box, style="rounded,filled", fillcolor="{FILL}", margin="0.12,0.06"]'
    if len(node.label) <= 4 and not node.detail:
        width = 0.46 if len(node.label) < 4 else 0.56
        return f"[label=<{label}>, shape=circle, width={width}, fixedsize=true, penwidth=1.3]"
    return f'[label=<{label}>, shape=box, style="rounded", margin="0.09,0.05", height=0.4, penwidth=1.3]'


def _wire_table(value: Value, wires: list[Wire], leaf: Node | None) -> str:
    """A value's wire: the name and shape, the value in green, the line, the gradient in red."""
    above: list[str] = []
    heading = [f"<B>{clean(value.name)}</B>"] if value.name else []
    if value.numbers is not None and describe(value.numbers):
        heading.append(_font(describe(value.numbers), GREY, 9))
    if heading:
        above.append(" ".join(heading))
    if value.stale:
        above.append(_font("updated since", AMBER, 9))
    above += _numbers(value.numbers, GREEN)
    below = _numbers(value.gradient, RED)
    if below and len(wires) > 1:
        below[0] = _font("Σ ", RED) + below[0]
    name = ""
    if leaf is not None and leaf.label:
        shown = clean(leaf.label)
        name = _font(shown, GREY) if leaf.kind == "constant" else f"<B>{shown}</B>"
    return _table(above, below, name)


def _branch(wire: Wire, value: Value, producer: Node, forks: bool) -> list[str]:
    """From a value to a gate; where the value forks, each branch shows what comes back along it."""
    start = f"{value.node if producer.kind in ('variable', 'constant') else value.id}:w:e"
    style = "" if value.requires_grad else ' [style=dashed, color="#a0a0a0"]'
    if not forks or wire.gradient is None:
        return [f"  {start} -> {wire.node}{style}"]
    above = _numbers(value.numbers, GREEN) if not wire.gradient.shape else []
    table = _table(above, _numbers(wire.gradient, RED), "")
    return [f"  {wire.id} [label=<{table}>]", f"  {start} -> {wire.id}:w:w", f"  {wire.id}:w:e -> {wire.node}"]


def _numbers(numbers: Numbers | None, colour: str) -> list[str]:
    return [] if numbers is None else [_font(line, colour) for line in lines(numbers)]


def _table(above: list[str], below: list[str], name: str) -> str:
    rows = [f"<TD>{line}</TD>" for line in above or ["&#160;"]]
    rows.append(f'<TD PORT="w" HEIGHT="1" BGCOLOR="{LINE}" CELLPADDING="0"></TD>')
    rows += [f"<TD>{line}</TD>" for line in below or ["&#160;"]]
    if name:
        rows[0] = f'<TD ROWSPAN="{len(rows)}">{name}&#160;</TD>{rows[0]}'
    body = "".join(f"<TR>{row}</TR>" for row in rows)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{body}</TABLE>'


def _font(text: str, colour: str, size: int | None = None) -> str:
    points = f' POINT-SIZE="{size}"' if size else ""
    return f'<FONT COLOR="{colour}"{points}>{text}</FONT>'


# ---------------------------------------------------------------------------------------------------------------------
# Text from elsewhere
# ---------------------------------------------------------------------------------------------------------------------

#: Characters that change the direction of the text after them, which would reorder other people's numbers.
_DIRECTION = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str, longest: int = LONGEST) -> str:
    r"""Make a name safe to stand in an HTML-like label, where it shows as it is.

    Names come from users. Control characters are shown as their pictures, characters that XML cannot hold or that
    reorder the text around them as �, and long names are cut.

    Examples
    --------
    >>> clean('<b> & "c"'), clean("two\nlines")
    ('&lt;b&gt; &amp; &quot;c&quot;', 'two␊lines')
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    return "".join(map(_clean, text))


def _clean(character: str) -> str:
    code = ord(character)
    if character in _ESCAPES:
        return _ESCAPES[character]
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if character in _DIRECTION or unicodedata.category(character) in ("Cc", "Cs") or code & 0xFFFE == 0xFFFE:
        return "�"
    return character


#: A backslash is doubled because Graphviz expands \N and the like in labels of any kind.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": "\\\\"}
