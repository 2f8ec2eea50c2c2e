"""Drawings in the language of Mermaid, which many document viewers show as pictures.

Mermaid puts text on wires but in one place only, so a value and its gradient stand there together: ``2.00 ∇ -0.20``.
"""

from __future__ import annotations

import json

from viz.format import describe, lines
from viz.graph import Graph, Node, Value, Wire
from viz.legible import LONGEST, legible
from viz.themes import LIGHT, Theme, tint

__all__ = ["to_mermaid"]


def to_mermaid(graph: Graph, theme: Theme = LIGHT) -> str:
    """Write a drawing as a Mermaid flowchart.

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
    >>> text = to_mermaid(fold(collect(Tensor(3.0, name="x").exp())))
    >>> print(text[text.index("flowchart") : text.index("  classDef")].strip())
    flowchart LR
      n0["x"]:::variable
      n1(("exp")):::gate
      n0 ---|"3.00"| n1
      v1["20.09"]:::result
      n1 --- v1
    """
    nodes = {node.id: node for node in graph.nodes}
    values = {value.id: value for value in graph.values}
    variables = {
        "background": theme.paper,
        "clusterBkg": theme.paper,
        "clusterBorder": theme.faint,
        "edgeLabelBackground": theme.paper,
        "lineColor": theme.line,
        "textColor": theme.ink,
    }
    text = [f"%%{{init: {json.dumps({'theme': 'base', 'themeVariables': variables})}}}%%", "flowchart LR"]
    inside: dict[str | None, list[str]] = {None: [], **{box.id: [] for box in graph.boxes}}
    for node in graph.nodes:
        inside[node.box].append(f"{node.id}{_shape(node)}:::{node.kind}")
    text += _nested(graph, inside)
    for wire in graph.wires:
        value = values[wire.value]
        line = "---" if value.requires_grad else "-.-"
        told = _on_wire(value, wire)
        text.append(f"  {value.node} {line}{f'|{told}|' if told else ''} {wire.node}")
    taken = {wire.value for wire in graph.wires}
    for value in graph.values:
        if value.id not in taken:
            told = "<br/>".join(part for part in (_text(value.name), _numbers(value)) if part)
            text.append(f'  {value.id}["{told or " "}"]:::result')
            text.append(f"  {nodes[value.node].id} --- {value.id}")
    for node in graph.nodes:
        if node.mark is not None:
            shade = [] if node.mark.shade is None else [f"fill:{tint(node.mark.shade, theme)}"]
            shade += [f"stroke:{theme.warning}", "stroke-width:4px"] if node.mark.alarm else []
            text += [f"  style {node.id} {','.join(shade)}"] if shade else []
    if graph.note:
        text.append(f'  note["{_text(graph.note, 300)}"]:::note')
    text += [
        f"  classDef {kind} {style}"
        for kind, style in (
            ("variable", f"fill:{theme.paper},stroke:{theme.line},color:{theme.ink},font-weight:bold"),
            ("constant", f"fill:{theme.paper},stroke:{theme.faint},color:{theme.muted},stroke-dasharray:4 3"),
            ("detached", f"fill:{theme.paper},stroke:{theme.faint},color:{theme.muted},stroke-dasharray:1 3"),
            ("gate", f"fill:{theme.gate},stroke:{theme.ink},color:{theme.ink}"),
            ("failed", f"fill:{theme.gate},stroke:{theme.gradient},color:{theme.gradient},stroke-width:3px"),
            ("fold", f"fill:{theme.fold},stroke:{theme.ink},color:{theme.ink},stroke-width:2px"),
            ("result", f"fill:{theme.paper},stroke:{theme.paper},color:{theme.value}"),
            ("note", f"fill:{theme.paper},stroke:{theme.warning},color:{theme.warning}"),
        )
    ]
    return "\n".join(text) + "\n"


def _nested(graph: Graph, inside: dict[str | None, list[str]]) -> list[str]:
    """Write the nodes of every scope inside a subgraph."""
    children: dict[str | None, list[str]] = {}
    names = {box.id: box.name for box in graph.boxes}
    for box in graph.boxes:
        children.setdefault(box.parent, []).append(box.id)
    text: list[str] = []
    pending: list[tuple[str | None, int, bool]] = [(None, 1, False)]
    while pending:
        box_id, level, closing = pending.pop()
        indent = "  " * level
        if closing:
            text.append(f"{indent}end")
            continue
        if box_id is not None:
            text.append(f'{indent}subgraph {box_id}["{_text(names[box_id])}"]')
            pending.append((box_id, level, True))
            level += 1
        text += [f"{'  ' * level}{line}" for line in inside[box_id]]
        pending += [(child, level, False) for child in reversed(children.get(box_id, []))]
    return text


def _shape(node: Node) -> str:
    told = [*node.detail, *([node.mark.text] if node.mark else [])]
    label = "<br/>".join([_text(node.label), *(f"<small>{_text(line)}</small>" for line in told)])
    if node.kind == "fold":
        return f'[["{label}"]]'
    if node.is_leaf:
        return f'["{label or " "}"]'
    return f'(("{label}"))' if len(node.label) <= 4 and not told else f'("{label}")'


def _on_wire(value: Value, wire: Wire) -> str:
    gradient = wire.gradient or value.gradient
    told = [_numbers(value, gradient=lines(gradient)[0] if gradient else "")]
    if wire.local is not None:
        told.append(f"∂ {lines(wire.local)[0]}")
    told += [_text(part) for part in (wire.broadcast, wire.summed if gradient else "") if part]
    joined = "<br/>".join(part for part in told if part)
    return f'"{joined}"' if joined else ""


def _numbers(value: Value, gradient: str | None = None) -> str:
    told = []
    if value.numbers is not None:
        if describe(value.numbers):
            told.append(describe(value.numbers))
        told.append(" ".join(lines(value.numbers)[:1]))
    if gradient is None:
        gradient = lines(value.gradient)[0] if value.gradient else ""
    if gradient:
        told.append(f"∇ {gradient}")
    return "<br/>".join([*told, *([_text(value.reason)] if value.reason else [])])


def _text(text: str, longest: int = LONGEST) -> str:
    """Make text from elsewhere safe to stand in a label: whatever could be markup or syntax becomes a number."""
    return "".join(map(_character, legible(text, longest)))


def _character(character: str) -> str:
    plain = character.isalnum() or character in " .,:+-=()×−÷…·²³→∂∇Σσ^/_�"
    return character if plain else f"#{ord(character)};"
