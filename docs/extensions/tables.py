"""What is read off what it describes: ``{gates}`` and ``{kinks}`` off the registry, ``{layers}`` off the contracts."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

#: The operations of textbooks, in their order.
GATES = (
    "add subtract multiply divide negative power absolute exp log sqrt sin cos tanh sigmoid relu maximum minimum "
    "matmul sum"
)


class Gates(SphinxDirective):
    """Operations with symbol, formula and local derivatives."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Write the table."""
        from autograd.primitives import REGISTRY

        rows = []
        for name in (" ".join(self.content) or GATES).split():
            gate = REGISTRY[name]
            partials = "$, $".join(gate.partial_formulas)
            rows.append((f"`{name}`", _cell(gate.symbol), f"${gate.formula}$", f"${partials}$" if partials else ""))
        return _table(self, ("operation", "drawn as", "value", "local derivatives"), rows)


class Kinks(SphinxDirective):
    """Where derivatives jump, and what they are taken to be there."""

    def run(self) -> list[nodes.Node]:
        """Write the table."""
        from autograd.primitives import REGISTRY

        rows = []
        for gate in sorted(REGISTRY.values(), key=lambda gate: gate.name):
            for kink in gate.kinks:
                at, partials = (", ".join(_number(x) for x in part) for part in (kink.inputs, kink.partials))
                rows.append((f"`{gate.name}`", f"${gate.formula}$", f"${at}$", f"${partials}$"))
        return _table(self, ("operation", "value", "at", "local derivatives chosen"), rows)


class Layers(SphinxDirective):
    """Which module may import which, as ``pyproject.toml`` has it."""

    def run(self) -> list[nodes.Node]:
        """Write a row for each layer."""
        path = Path(__file__).resolve().parents[2] / "pyproject.toml"
        self.env.note_dependency(str(path))
        contracts = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
        (independent,) = (c["modules"] for c in contracts if c["type"] == "independence")
        (layered,) = (c for c in contracts if c["type"] == "layers")
        package = layered["layers"][0].partition(".")[0]
        engine = "".join(_row(layer.split(" : "), "module") for layer in layered["layers"])
        text = _row(independent, "package") + f'<div class="package">{package}{engine}</div>'
        html = f'<div class="layers">{text}{_row(["NumPy"], "package")}</div>'
        return [nodes.raw("", html, format="html")]


def _row(names: list[str], kind: str) -> str:
    cells = "".join(f'<div class="{kind}">{name.strip().rpartition(".")[2]}</div>' for name in names)
    return f'<div class="row">{cells}</div>'


def _table(directive: SphinxDirective, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[nodes.Node]:
    lines = [
        "| " + " | ".join(cell.replace("|", r"\vert ") if cell.startswith("$") else cell for cell in row) + " |"
        for row in [head, *rows]
    ]
    lines.insert(1, "|" + " --- |" * len(head))
    return directive.parse_text_to_nodes("\n".join(lines))


def _cell(text: str) -> str:
    return "".join("\\" + c if c in "*_`<[$|" else c for c in text)


def _number(x: float) -> str:
    if x != x:
        return r"\mathrm{NaN}"
    if abs(x) == float("inf"):
        return r"\infty" if x > 0 else r"-\infty"
    if abs(x) >= 1e6:
        mantissa, exponent = f"{x:e}".split("e")
        factor = {1.0: "", -1.0: "-"}.get(float(mantissa), f"{float(mantissa):g} \\cdot ")
        return f"{factor}10^{{{int(exponent)}}}"
    return f"{x:g}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("gates", Gates)
    app.add_directive("kinks", Kinks)
    app.add_directive("layers", Layers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
