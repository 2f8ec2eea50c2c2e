"""From what a drawing shows to the text that Graphviz lays out.

Each value is a node of its own, a small table with the numbers above and below a line: its wire. Graphviz has no other
way to have numbers sit on both sides of a wire.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from itertools import pairwise
from typing import Any

from viz.format import FULL, describe, lines
from viz.graph import Box, Graph, Mark, Node, Numbers, Value, Wire
from viz.legible import LONGEST, legible
from viz.numbers import Change
from viz.themes import LIGHT, Theme, heat, tint

__all__ = ["clean", "thinned", "to_dot"]

#: Points: a wire is as long as an ordinary number, so that a drawing keeps its layout when one appears.
WIDTH = 34
#: Points: the side of a heat map's cell.
CELL = 4
#: Rows that a heat map has at most.
ROWS = 8
#: Gates whose inputs may be swapped; others have theirs numbered, since a layout may put the second on top.
COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum"})
#: So much is told of a gate's settings, each of them, and of why there is no gradient.
DETAIL = 200

_FONTS = 'fontname="Helvetica,Arial,sans-serif"'


def to_dot(graph: Graph, theme: Theme = LIGHT) -> str:
    """Write a drawing in the DOT language.

    Parameters
    ----------
    graph
        What it shows.
    theme
        Its colours.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz.collect import collect
    >>> from viz.fold import fold
    >>> print(to_dot(fold(collect(Tensor(3.0).exp()))).splitlines()[-2])
      v0:w:e -> n1
    """
    return _Writer(graph, theme).text()


#: Statements, and the blocks of the boxes inside with the boxes' ids.
_Block = list[Any]


class _Writer:
    def __init__(self, graph: Graph, theme: Theme) -> None:
        self.graph, self.theme = graph, theme
        self.nodes = {node.id: node for node in graph.nodes}
        self.values = {value.id: value for value in graph.values}
        wires_of = Counter(wire.value for wire in graph.wires)
        self.forks = {value.id for value in graph.values if wires_of[value.id] + value.hidden > 1}
        self.taken = Counter(wire.node for wire in graph.wires)

    def text(self) -> str:
        paths: dict[str | None, tuple[str, ...]] = {None: ()}
        blocks: dict[str | None, _Block] = {None: []}
        for box in self.graph.boxes:  # parents come before what lies in them
            paths[box.id] = (*paths[box.parent], box.id)
            blocks[box.id] = [self._box_label(box)]
            blocks[box.parent].append((box.id, blocks[box.id]))
        edges = []
        for node in self.graph.nodes:
            if not node.is_leaf:
                blocks[node.box].append(f"{node.id} {self._gate(node)}")
        for value in self.graph.values:
            node = self.nodes[value.node]
            blocks[node.box].append(f"{value.id} [label=<{self._wire_table(value, node)}>]")
            if not node.is_leaf:
                edges.append(f"{node.id} -> {value.id}:w:w{self._style(value)}")
        for wire in self.graph.wires:
            value, taker = self.values[wire.value], self.nodes[wire.node]
            end = f"{taker.id}:p{wire.position}:w" if taker.ports else taker.id
            table = self._branch_table(value, wire)
            if table:
                # Inside every box that holds both ends, or the boxes could not be laid out from left to right.
                block = blocks[_innermost_common(paths[self.nodes[value.node].box], paths[taker.box])]
                block.append(f"{wire.id} [label=<{table}>]")
                edges.append(f"{value.id}:w:e -> {wire.id}:w:w{self._style(value)}")
                edges.append(f"{wire.id}:w:e -> {end}{self._style(value, wire, taker)}")
            else:
                edges.append(f"{value.id}:w:e -> {end}{self._style(value, wire, taker)}")
        return "\n".join([self._head(), *(f"  {line}" for line in [*_indented(blocks[None]), *edges]), "}"]) + "\n"

    def _head(self) -> str:
        theme = self.theme
        head = [
            "digraph {",
            f'  graph [rankdir=LR, nodesep=0.1, ranksep=0.14, bgcolor="{theme.paper}", {_FONTS}, fontsize=11, '
            "outputorder=edgesfirst]",
            f'  node [{_FONTS}, fontsize=12, fontcolor="{theme.ink}", shape=plain, ordering=in, color="{theme.ink}"]',
            f'  edge [{_FONTS}, dir=none, color="{theme.line}", penwidth=1.1, fontsize=9, labelfontsize=8, '
            f'labelfontcolor="{theme.muted}", labeldistance=1]',
        ]
        if self.graph.note or self.graph.legend:
            told = "<BR/>".join(clean(line, 200) for line in textwrap.wrap(self.graph.note[:600], 80)[:6])
            told = _font(told, theme.warning) if told else ""
            if self.graph.legend:
                told = self._legend(told)
            head.append(f"  label=<{told}>; labelloc=b")
        return "\n".join(head)

    def _legend(self, note: str) -> str:
        """Draw what shades mean, above the note."""
        legend = self.graph.legend
        cells = "".join(
            f'<TD BGCOLOR="{tint(mark.shade or 0.0, self.theme)}" CELLPADDING="4">'
            f"{_font(clean(mark.text), self.theme.ink, 10)}</TD>"
            for mark in legend
        )
        rows = [cells, *([f'<TD COLSPAN="{len(legend)}">{note}</TD>'] if note else [])]
        return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0">{_rows(rows)}</TABLE>'

    def _box_label(self, box: Box) -> str:
        label = _font(clean(box.name), self.theme.muted)
        return f'label=<{label}>; labeljust=l; labelloc=t; style="rounded,dashed"; color="{self.theme.faint}"; margin=8'

    # -- gates -------------------------------------------------------------------------------------------------------

    def _gate(self, node: Node) -> str:
        theme, label = self.theme, clean(node.label)
        if node.kind in ("fold", "failed"):
            label = f"<B>{label}</B>"
        colour = theme.gradient if node.kind == "failed" else self._quiet(node)
        detail = "".join(
            f"<BR/>{_font(clean(line), colour, 9)}"
            for told in node.detail
            for line in textwrap.wrap(told[:DETAIL], LONGEST)
        )
        detail += f"<BR/>{self._mark(node.mark)}" if node.mark else ""
        fill = f'fillcolor="{self._fill(node)}"'
        if node.kind == "failed":
            label = _font(label, theme.gradient)
            fill += f', color="{theme.gradient}", penwidth=2'
        elif node.mark is not None and node.mark.alarm:
            fill += f', color="{theme.warning}", penwidth=3'
        elif node.kind == "gate":
            fill += ", penwidth=1.3"
        if node.ports:
            return f"[label=<{self._gate_table(node, label + detail)}>]"
        if node.kind != "gate":
            stack = ", peripheries=2" if node.times > 1 else ""
            return f'[label=<{label}{detail}>, shape=box, style="rounded,filled", {fill}, margin="0.12,0.06"{stack}]'
        if len(node.label) <= 4 and not detail:
            width = 0.46 if len(node.label) < 4 else 0.56
            return f"[label=<{label}>, shape=circle, width={width}, fixedsize=true, style=filled, {fill}]"
        return f'[label=<{label}{detail}>, shape=box, style="rounded,filled", {fill}, margin="0.09,0.05", height=0.4]'

    def _gate_table(self, node: Node, label: str) -> str:
        """Draw a gate of many inputs: a row for each, with its name."""
        theme = self.theme
        edge = theme.gradient if node.kind == "failed" else theme.ink
        if node.mark is not None and node.mark.alarm:
            edge = theme.warning
        rows = [
            f'<TD PORT="p{i}" ALIGN="LEFT">&#160;{_font(clean(name), self._quiet(node), 9)}</TD>'
            for i, name in enumerate(node.ports)
        ]
        rows[0] += f'<TD ROWSPAN="{len(rows)}" CELLPADDING="5">{label}</TD>'
        return (
            f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2" STYLE="ROUNDED" COLOR="{edge}" '
            f'BGCOLOR="{self._fill(node)}">{_rows(rows)}</TABLE>'
        )

    def _fill(self, node: Node) -> str:
        if node.mark is not None and node.mark.shade is not None:
            return tint(node.mark.shade, self.theme)
        return self.theme.fold if node.kind == "fold" else self.theme.gate

    def _quiet(self, node: Node) -> str:
        """Of what is said by the way in a gate; on shades that would have too little contrast."""
        return self.theme.ink if node.mark is not None and node.mark.shade is not None else self.theme.muted

    def _mark(self, mark: Mark) -> str:
        text = clean(mark.text)
        warns = mark.alarm and mark.shade is None  # on a shade its colour would have too little contrast
        return _font(f"<B>{text}</B>" if mark.alarm else text, self.theme.warning if warns else self.theme.ink, 10)

    # -- wires -------------------------------------------------------------------------------------------------------

    def _style(self, value: Value, wire: Wire | None = None, taker: Node | None = None) -> str:
        theme, style = self.theme, []
        if not value.requires_grad:
            dashes = "dotted" if self.nodes[value.node].kind == "detached" else "dashed"
            style += [f"style={dashes}", f'color="{theme.faint}"']
        if wire is not None and taker is not None:
            several = self.taken[taker.id] > 1 and taker.kind in ("gate", "failed") and not taker.ports
            if several and taker.operation not in COMMUTATIVE:
                style.append(f'headlabel="{wire.position + 1}"')
        return f" [{', '.join(style)}]" if style else ""

    def _wire_table(self, value: Value, node: Node) -> str:
        """Draw a value's wire: the name and shape, the value in green, the line, the gradient in red."""
        theme = self.theme
        above: list[str] = []
        heading = [f"<B>{clean(value.name)}</B>"] if value.name else []
        if value.numbers is not None and describe(value.numbers):
            heading.append(_font(describe(value.numbers), theme.muted, 9))
        if heading:
            above.append(" ".join(heading))
        if value.stale:
            above.append(_font("updated since", theme.warning, 9))
        above += self._picture(value.numbers) + self._numbers(value.numbers)
        below = self._numbers(value.gradient, gradient=True)
        if below and value.id in self.forks:
            below[0] = _font("Σ ", theme.gradient) + below[0]
        below += self._picture(value.gradient)
        if value.reason:
            below += [
                _font(f"<I>{clean(line)}</I>", theme.muted, 9) for line in textwrap.wrap(value.reason[:DETAIL], 24)
            ]
        name = ""
        if node.is_leaf and node.label:
            name = f"<B>{clean(node.label)}</B>" if node.kind == "variable" else _font(clean(node.label), theme.muted)
        if node.is_leaf and node.mark is not None:
            told = ("<BR/>" if name else "") + self._mark(node.mark)
            edge = f'BORDER="2" COLOR="{theme.warning}"' if node.mark.alarm else 'BORDER="0"'
            rows = f"<TR><TD>{name}{told}</TD></TR>"
            name = f'<TABLE {edge} CELLBORDER="0" STYLE="ROUNDED" BGCOLOR="{self._fill(node)}">{rows}</TABLE>'
            return self._table(above, below, name, value.requires_grad, gap="")
        return self._table(above, below, name, value.requires_grad)

    def _branch_table(self, value: Value, wire: Wire) -> str:
        """Draw what belongs to one of a value's wires: what comes back along it, and how the gate at its end takes it.

        Of a branch of a fork the value is repeated, where that is a single number.
        """
        theme, above, below = self.theme, [], []
        if value.id in self.forks and wire.gradient is not None:
            above = [] if wire.gradient.shape else self._numbers(value.numbers)
            below = self._numbers(wire.gradient, gradient=True)
        if wire.local is not None:
            above.append(_font(f"<I>∂ {lines(wire.local)[0]}</I>", theme.local, 10))
        if wire.broadcast:
            above.append(_font(clean(wire.broadcast), theme.muted, 8))
        if wire.summed and value.gradient is not None:
            below.append(_font(clean(wire.summed), theme.gradient, 8))
        return self._table(above, below, "", value.requires_grad) if above or below else ""

    def _numbers(self, numbers: Numbers | None, gradient: bool = False) -> list[str]:
        if numbers is None:
            return []
        theme = self.theme
        italic = gradient and theme.italic_gradients
        written = lines(numbers)
        if isinstance(numbers, Change):
            written = [f"<B>{line}</B>" for line in written]
        return [
            _font(f"<I>{line}</I>" if italic else line, theme.gradient if gradient else theme.value) for line in written
        ]

    def _picture(self, numbers: Numbers | None) -> list[str]:
        """Draw an array that is not written out as a heat map, in which negative cells are smaller."""
        if not self.graph.pictures or numbers is None or numbers.picture is None or numbers.size <= FULL:
            return []
        if numbers.low == numbers.high and not numbers.nans + numbers.infinities:
            return []
        rows = thinned(numbers.picture, ROWS)
        largest = max((abs(x) for row in rows for x in row if x is not None), default=0.0)
        side = CELL if len(rows[0]) > 8 else CELL + 2
        body = _rows(["".join(self._cell(x, largest, side) for x in row) for row in rows])
        size = f'FIXEDSIZE="TRUE" WIDTH="{side * len(rows[0])}" HEIGHT="{side * len(rows)}"'
        return [f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" {size}>{body}</TABLE>']

    def _cell(self, x: float | None, largest: float, side: int) -> str:
        colour = heat(x, largest, self.theme)
        border = f' BORDER="1" COLOR="{self.theme.paper}"' if x is not None and x < 0 else ""
        return f'<TD FIXEDSIZE="TRUE" WIDTH="{side}" HEIGHT="{side}" BGCOLOR="{colour}"{border}></TD>'

    def _table(self, above: list[str], below: list[str], name: str, flows: bool, gap: str = "&#160;") -> str:
        rows = [f"<TD>{line}</TD>" for line in above or ["&#160;"]]
        line = self.theme.line if flows else self.theme.faint
        rows.append(f'<TD PORT="w" WIDTH="{WIDTH}" HEIGHT="1" BGCOLOR="{line}" CELLPADDING="0"></TD>')
        rows += [f"<TD>{line}</TD>" for line in below or ["&#160;"]]
        if name:
            rows[0] = f'<TD ROWSPAN="{len(rows)}">{name}{gap}</TD>{rows[0]}'
        return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{_rows(rows)}</TABLE>'


def _rows(rows: list[str]) -> str:
    return "".join(f"<TR>{row}</TR>" for row in rows)


def thinned(picture: tuple[tuple[float | None, ...], ...], most: int) -> list[tuple[float | None, ...]]:
    """A picture with fewer rows: where there are too many, means of some that follow each other."""
    if len(picture) <= most:
        return list(picture)
    edges = [i * len(picture) // most for i in range(most + 1)]
    return [
        tuple(_mean([x for x in column if x is not None]) for column in zip(*picture[a:b], strict=True))
        for a, b in pairwise(edges)
    ]


def _mean(numbers: list[float]) -> float | None:
    return sum(x / len(numbers) for x in numbers) if numbers else None


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


def _font(text: str, colour: str, size: int | None = None) -> str:
    points = f' POINT-SIZE="{size}"' if size else ""
    return f'<FONT COLOR="{colour}"{points}>{text}</FONT>'


# ---------------------------------------------------------------------------------------------------------------------
# Text from elsewhere
# ---------------------------------------------------------------------------------------------------------------------


def clean(text: str, longest: int = LONGEST) -> str:
    r"""Make a name safe to stand in an HTML-like label, where it shows as it is.

    Names come from users. Control characters are shown as their pictures, characters that XML cannot hold or that
    reorder the text around them as �, and long names are cut.

    Examples
    --------
    >>> clean('<b> & "c"'), clean("two\nlines")
    ('&lt;b&gt; &amp; &quot;c&quot;', 'two␊lines')
    """
    return "".join(_ESCAPES.get(character, character) for character in legible(text, longest))


#: A backslash is doubled because Graphviz expands \N and the like in labels of any kind.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": "\\\\"}
