"""Drawings as text, for terminals and wherever there are no pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from viz.format import describe, lines
from viz.graph import Graph, Node, Value, Wire
from viz.legible import legible, width_of

__all__ = ["count_nodes", "describe_graph", "describe_node", "describe_value", "to_text"]


def to_text(graph: Graph) -> str:
    """Write a drawing as a table: one node a line, inputs before the gates that take them.

    The columns are the node, its value, its gradient (∇), and what goes into it. Scopes are headings, what lies in them
    is indented.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz.collect import collect
    >>> from viz.fold import fold
    >>> x = Tensor(3.0, name="x")
    >>> print(to_text(fold(collect(x * x + 1, gradients=True))))
    x    3.00   ∇ 6.00
    ×    9.00   ∇ 1.00   x, x
    +1  10.00   ∇ 1.00   ×
    """
    return "\n".join(_Writer(graph).lines())


def count_nodes(graph: Graph) -> str:
    """Say how many nodes of each kind there are.

    Examples
    --------
    >>> count_nodes(Graph((Node("n0", "variable", "x", "", (), None),), (), (), (), "v0", ""))
    '1 variable'
    """
    kinds = Counter[str](node.kind for node in graph.nodes)
    words = {"failed": "failed operation", "fold": "folded block", "detached": "detached input"}
    order = ("gate", "failed", "fold", "variable", "constant", "detached")
    return ", ".join(
        f"{kinds[kind]:,} {words.get(kind, kind)}{'s' if kinds[kind] > 1 else ''}" for kind in order if kinds[kind]
    )


def describe_graph(graph: Graph) -> tuple[str, str]:
    """Say in words what a drawing is: its title, and how to read it.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import draw
    >>> describe_graph(draw(Tensor(3.0, name="x").exp(), names=False).graph)[0]
    'Computational graph of exp'
    """
    made_by = {value.id: value for value in graph.values}[graph.root]
    name = made_by.name or next(node.label for node in graph.nodes if node.id == made_by.node)
    below = ", gradients below" if graph.has_gradients else ""
    return (
        f"Computational graph of {name}" if name else "Computational graph",
        f"{count_nodes(graph)}. Read from left to right; forward values stand above the wires{below}.",
    )


def describe_node(node: Node) -> str:
    """Say in words what a node is.

    Examples
    --------
    >>> describe_node(Node("n0", "gate", "Σ", "sum", ("axis=0",), None))
    'gate Σ (sum), axis=0'
    """
    operation = f" ({node.operation})" if node.operation and node.operation != node.label else ""
    told = [f"{'' if node.kind == 'fold' else node.kind + ' '}{node.label}{operation}".strip(), *node.detail]
    return ", ".join([*told, *([node.mark.text] if node.mark else []), *([node.hint] if node.hint else [])])


def describe_value(value: Value) -> str:
    """Say in words what a value is.

    Examples
    --------
    >>> from viz.numbers import Numbers
    >>> describe_value(Value("v0", "n0", "y", Numbers.of(2.0), Numbers.of(1.0), True, False, 0))
    'y: value 2.00, gradient 1.00'
    """
    told = []
    if value.numbers is not None:
        told.append(" ".join(["value", *filter(None, [describe(value.numbers)]), ", ".join(lines(value.numbers))]))
    if value.gradient is not None:
        told.append(f"gradient {', '.join(lines(value.gradient))}")
    told += [value.reason] if value.reason else []
    return f"{value.name}: {', '.join(told)}" if value.name else ", ".join(told)


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values: dict[str, list[Value]] = {}
        for value in graph.values:
            self.values.setdefault(value.node, []).append(value)
        self.taken: dict[str, list[Wire]] = {}
        for wire in graph.wires:
            self.taken.setdefault(wire.node, []).append(wire)
        self.boxes = {box.id: box for box in graph.boxes}
        self.depths: dict[str | None, int] = {None: 0}
        for box in graph.boxes:
            self.depths[box.id] = self.depths[box.parent] + 1
        self.names = self._names()

    def lines(self) -> list[str]:
        rows: list[tuple[str, ...]] = []
        opened: list[str] = []
        for node in self.graph.nodes:
            if not node.is_leaf or node.box is not None:
                path = self._path(node.box)
                common = 0
                while common < min(len(path), len(opened)) and path[common] == opened[common]:
                    common += 1
                rows += [
                    (f"{'  ' * (self.depths[box] - 1)}[{legible(self.boxes[box].name)}]",) for box in path[common:]
                ]
                opened = path
            rows += self._rows(node)
        table = _aligned(rows)
        return [*table, *([legible(self.graph.note, 300)] if self.graph.note else [])]

    def _path(self, box: str | None) -> list[str]:
        path: list[str] = []
        while box is not None:
            path.append(box)
            box = self.boxes[box].parent
        return path[::-1]

    def _names(self) -> dict[str, str]:
        """What values are called where they are taken: by name, or by the gate, numbered if there are several."""
        nodes = {node.id: node for node in self.graph.nodes}
        first: dict[str, str] = {}
        for value in self.graph.values:
            node = nodes[value.node]
            first[value.id] = legible(value.name or node.label or node.kind)
        counts: dict[str, int] = {}
        for name in first.values():
            counts[name] = counts.get(name, 0) + 1
        seen: dict[str, int] = {}
        names: dict[str, str] = {}
        for value_id, name in first.items():
            seen[name] = seen.get(name, 0) + 1
            names[value_id] = f"{name}#{seen[name]}" if counts[name] > 1 else name
        return names

    def _rows(self, node: Node) -> list[tuple[str, ...]]:
        indent = "  " * self.depths[node.box]
        rows: list[tuple[str, ...]] = []
        for i, value in enumerate(self.values.get(node.id, [])):
            name = self.names[value.id]
            if value.name and not node.is_leaf and node.kind != "fold":
                name = f"{name} = {legible(node.label)}"
            elif node.kind == "fold":
                name = legible(node.label) + (f" → {name}" if value.name else "") if i == 0 else f"  → {name}"
            numbers = value.numbers
            shown = ", ".join(lines(numbers)) if numbers is not None else "updated since" if value.stale else "?"
            shape = describe(numbers) if numbers is not None else ""
            gradient = f"∇ {', '.join(lines(value.gradient))}" if value.gradient is not None else value.reason
            rows.append((indent + name, shape, shown, legible(gradient), self._inputs(node) if i == 0 else ""))
        return rows or [(indent + legible(node.label), "", "", "", self._inputs(node))]

    def _inputs(self, node: Node) -> str:
        told = []
        for wire in self.taken.get(node.id, []):
            name = self.names[wire.value]
            if node.ports:
                name = f"{legible(node.ports[wire.position])}={name}"
            extra = [f"∂ {lines(wire.local)[0]}"] if wire.local is not None else []
            extra += [legible(wire.broadcast)] if wire.broadcast else []
            told.append(f"{name} ({', '.join(extra)})" if extra else name)
        detail = f"  [{', '.join(map(legible, node.detail))}]" if node.detail else ""
        detail += f"  {{{legible(node.mark.text)}}}" if node.mark else ""
        kind = "constant" if node.kind == "constant" and node.label else ""
        return ", ".join(told) + detail + kind


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Set the columns of a table under each other: numbers at the right, text at the left; headings span them all."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max((width_of(row[i]) for row in rows if len(row) == columns), default=0) for i in range(columns)]
    text = []
    for row in rows:
        if len(row) < columns:
            text.append("".join(row))
            continue
        name, shape, value, gradient, inputs = row
        cells = [name.ljust(widths[0] - width_of(name) + len(name))]
        if widths[1]:
            cells.append(" " + shape.ljust(widths[1]))
        cells.append(value.rjust(widths[2]))
        if widths[3]:
            sign, number = gradient[:1], gradient[1:].strip() if gradient[:1] == "∇" else ""
            aligned = f"{sign} {number.rjust(widths[3] - 2)}" if number else gradient.ljust(widths[3])
            cells.append(" " + aligned)
        cells.append(" " + inputs)
        text.append("  ".join(cells).rstrip())
    return text


def set_in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set the columns of a table under each other, text at the left.

    Examples
    --------
    >>> set_in_columns([("x", "1.00"), ("sum", "2.00")])
    ['x    1.00', 'sum  2.00']
    """
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
