"""From the record to the text that Graphviz lays out.

Each value is a node of its own, a small table with the numbers above and below a line: its wire. Graphviz has no other
way to have numbers sit on both sides of a wire.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from viz.format import describe, lines
from viz.graph import Box, Graph, Node, Numbers, Value, Wire

__all__ = ["clean", "to_dot"]

GREEN = "#1a7f37"
RED = "#c62828"
LINE = "#444444"
GREY = "#767676"
AMBER = "#9a6700"
FILL = "#eef3fa"
#: Points: a wire is as long as an ordinary number, so that a drawing keeps its layout when one appears.
WIDTH = 34
#: Gates whose inputs may be swapped; others have theirs numbered, since a layout may put the second on top.
COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum"})
#: Longer names are cut: they would push everything else out of sight.
LONGEST = 40

_FONTS = 'fontname="Helvetica,Arial,sans-serif"'
_HEAD = f"""digraph {{
  graph [rankdir=LR, nodesep=0.1, ranksep=0.14, bgcolor=white, {_FONTS}, fontsize=11, outputorder=edgesfirst]
  node [{_FONTS}, fontsize=12, shape=plain, ordering=in, color="#222222"]
  edge [{_FONTS}, dir=none, color="{LINE}", penwidth=1.1, labelfontsize=8, labelfontcolor="{GREY}", labeldistance=1]"""


def to_dot(graph: Graph) -> str:
    """Write a record in the DOT language.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz.collect import collect
    >>> print(to_dot(collect(Tensor(3.0).exp())).splitlines()[-2])
      v0:w:e -> n1
    """
    nodes = {node.id: node for node in graph.nodes}
    values = {value.id: value for value in graph.values}
    wires_of: dict[str, list[Wire]] = {value: [] for value in values}
    for wire in graph.wires:
        wires_of[wire.value].append(wire)
    forks = {value.id for value in graph.values if len(wires_of[value.id]) + value.hidden > 1}
    taken = Counter(wire.node for wire in graph.wires)
    paths: dict[str | None, tuple[str, ...]] = {None: ()}
    blocks: dict[str | None, _Block] = {None: []}
    for box in graph.boxes:  # parents come before what lies in them
        paths[box.id] = (*paths[box.parent], box.id)
        blocks[box.id] = [_box_label(box)]
        blocks[box.parent].append((box.id, blocks[box.id]))

    edges = []
    for node in graph.nodes:
        if not _is_leaf(node):
            blocks[node.box].append(f"{node.id} {_gate(node)}")
    for value in graph.values:
        node = nodes[value.node]
        table = _wire_table(value, node if _is_leaf(node) else None, value.id in forks)
        blocks[node.box].append(f"{value.id} [label=<{table}>]")
        if not _is_leaf(node):
            edges.append(f"{node.id} -> {value.id}:w:w")
    for wire in graph.wires:
        value, taker = values[wire.value], nodes[wire.node]
        style = [] if value.requires_grad else ["style=dashed", 'color="#a0a0a0"']
        if taken[taker.id] > 1 and taker.kind == "gate" and taker.operation not in COMMUTATIVE:
            style.append(f'headlabel="{wire.position + 1}"')
        ending = f" [{', '.join(style)}]" if style else ""
        if value.id in forks and wire.gradient is not None:
            # Inside every box that holds both ends, or the boxes could not be laid out from left to right.
            block = blocks[_innermost_common(paths[nodes[value.node].box], paths[taker.box])]
            block.append(f"{wire.id} [label=<{_branch_table(value, wire.gradient)}>]")
            edges += [f"{value.id}:w:e -> {wire.id}:w:w", f"{wire.id}:w:e -> {taker.id}{ending}"]
        else:
            edges.append(f"{value.id}:w:e -> {taker.id}{ending}")
    note = [f"label=<{_font(clean(graph.note, 200), AMBER)}>; labelloc=b"] if graph.note else []
    statements = [*note, *_indented(blocks[None]), *edges]
    return "\n".join([_HEAD, *(f"  {line}" for line in statements), "}"]) + "\n"


#: Statements, and the blocks of the boxes inside with the boxes' ids.
_Block = list[Any]


def _indented(block: _Block) -> list[str]:
    """Write out the statements of a block and of all the boxes in it."""
    text: list[str] = []
    pending: list[tuple[int, Any]] = [(0, statement) for statement in reversed(block)]
    while pending:
        level, statement = pending.pop()
        if isinstance(statement, str):
            text.append("  " * level + statement)
        else:
            box, inside = statement
            text.append("  " * level + f"subgraph cluster_{box} {{")
            pending.append((level, "}"))
            pending += [(level + 1, line) for line in reversed(inside)]
    return text


def _innermost_common(a: tuple[str, ...], b: tuple[str, ...]) -> str | None:
    shared = [x for x, y in zip(a, b, strict=False) if x == y]
    return shared[-1] if shared else None


def _is_leaf(node: Node) -> bool:
    return node.kind in ("variable", "constant")


def _box_label(box: Box) -> str:
    label = _font(clean(box.name), GREY)
    return f'label=<{label}>; labeljust=l; style="rounded,dashed"; color="#a0a0a0"; margin=8'


def _gate(node: Node) -> str:
    label = clean(node.label)
    if node.kind == "fold":
        label = f"<B>{label}</B>"
    for line in node.detail:
        label += f"<BR/>{_font(clean(line), GREY, 9)}"
    if node.kind == "fold":
        return f'[label=<{label}>, shape=box, style="rounded,filled", fillcolor="{FILL}", margin="0.12,0.06"]'
    if len(node.label) <= 4 and not node.detail:
        width = 0.46 if len(node.label) < 4 else 0.56
        return f"[label=<{label}>, shape=circle, width={width}, fixedsize=true, penwidth=1.3]"
    return f'[label=<{label}>, shape=box, style="rounded", margin="0.09,0.05", height=0.4, penwidth=1.3]'


def _wire_table(value: Value, leaf: Node | None, forks: bool) -> str:
    """Draw a value's wire: the name and shape, the value in green, the line, the gradient in red."""
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
    if below and forks:
        below[0] = _font("Σ ", RED) + below[0]
    name = ""
    if leaf is not None and leaf.label:
        shown = clean(leaf.label)
        name = _font(shown, GREY) if leaf.kind == "constant" else f"<B>{shown}</B>"
    return _table(above, below, name)


def _branch_table(value: Value, gradient: Numbers) -> str:
    """Draw one branch of a fork: what comes back along it, and the value where that is a single number."""
    above = [] if gradient.shape else _numbers(value.numbers, GREEN)
    return _table(above, _numbers(gradient, RED), "")


def _numbers(numbers: Numbers | None, colour: str) -> list[str]:
    return [] if numbers is None else [_font(line, colour) for line in lines(numbers)]


def _table(above: list[str], below: list[str], name: str) -> str:
    rows = [f"<TD>{line}</TD>" for line in above or ["&#160;"]]
    rows.append(f'<TD PORT="w" WIDTH="{WIDTH}" HEIGHT="1" BGCOLOR="{LINE}" CELLPADDING="0"></TD>')
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
