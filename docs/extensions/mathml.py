r"""Formulas as MathML, which browsers set themselves: no script, no network, and they can be read aloud and copied.

The converter is docutils's own. A formula that it does not understand is a warning that names the page.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging

_LOG = logging.getLogger(__name__)

#: TeX takes single digits for arguments without braces, the converter does not where two follow each other.
_BARE_FRACTION = re.compile(r"\\[dt]?frac\s*(\d)\s*(\d)")
#: Commands that the converter does not know, by ones that it does.
_COMMANDS = {
    r"\dots": r"\ldots", r"\stackrel": r"\overset",
    r"\big": r"\bigl", r"\Big": r"\Bigl", r"\bigg": r"\biggl", r"\Bigg": r"\Biggl",
}  # fmt: skip
_COMMAND = re.compile(r"\\[A-Za-z]+")
_ENTITY = re.compile(r"&(?!lt;|gt;|amp;|quot;|#)\w+;")  # of HTML, which XML does not know
_BRACES = ("\u23de", "\u23df")  # over and under
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
ElementTree.register_namespace("", _NAMESPACE)


def to_mathml(latex: str, block: bool) -> str:
    """Convert a formula, to one line, so that no space gets between it and a comma after it."""
    if block and "\\\\" in latex and r"\begin" not in latex:
        latex = rf"\begin{{aligned}}{latex}\end{{aligned}}"
    latex = _BARE_FRACTION.sub(r"\\frac{\1}{\2}", latex.strip())
    latex = _COMMAND.sub(lambda command: _COMMANDS.get(command[0], command[0]), latex)
    made = tex2mathml(latex, as_block=block)
    made = _ENTITY.sub(lambda entity: unescape(entity[0]), re.sub(r">\s+<", "><", made.strip()))
    root = ElementTree.fromstring(made)
    for node in root.iter():
        if _name(node) == "mtext" and node.text:
            node.text = node.text.replace(r"\_", "_")
        if _name(node) in ("msub", "msup") and any(child.text in _BRACES for child in node[0]):
            node.tag = node.tag.replace("msub", "munder").replace("msup", "mover")  # what a brace is labelled with
    for row in root.iter():
        if _name(row) in ("math", "mrow", "mtd", "msqrt", "mstyle", "menclose"):
            _space_functions(row)
    return ElementTree.tostring(root, encoding="unicode")


def _space_functions(row: ElementTree.Element) -> None:
    """Put a thin space between the name of a function and what follows without a bracket, as in ln x."""
    for index, child in reversed(list(enumerate(row))):
        base = child
        while _name(base) in ("msub", "msup", "msubsup", "munder", "munderover"):
            base = base[0]
        named = _name(base) in ("mi", "mo") and len(base.text or "") > 1 and (base.text or "").isalpha()
        applied = child.text == "\u2061"  # "function application", which follows some names
        following = row[index + 1] if index + 1 < len(row) else None
        apart = following is not None and _name(following) != "mo"
        if _name(base) == "mo" and (named or applied):  # browsers would set max, min and lim wide apart
            base.attrib.update(lspace="0", rspace="0.167em" if apart else "0")
        elif named and apart:
            row.insert(index + 1, ElementTree.Element(f"{{{_NAMESPACE}}}mspace", width="0.167em"))


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _visit(translator: Any, node: nodes.Element) -> None:
    block = isinstance(node, nodes.math_block)
    latex = node.astext()
    try:
        made = to_mathml(latex, block)
    except MathError as error:
        _LOG.warning("formula that is not understood: %s: %s", latex, error, location=node, type="math")
        made = f"<code>{escape(latex)}</code>"
    if block:
        label = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
        identity = f' id="equation-{node["label"]}"' if node.get("label") else ""
        translator.body.append(f'<div class="math"{identity}>{made}{label}</div>\n')
    else:
        translator.body.append(f'<span class="math">{made}</span>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_visit, None), (_visit, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
