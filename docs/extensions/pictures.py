"""```` ```{picture} ```` shows what the examples of a page draw, by running them: a picture cannot be out of date.

The block is one of the page's examples, in Python's interactive form. All examples before it are run first, in one
namespace, and the value of its last one is shown below it: a drawing, a page to step through, or a figure of
Matplotlib's. The tests run the same examples, and compare what they print.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import doctest
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_FENCE = re.compile(r"^ *(`{3,}|:{3,}).*$", re.MULTILINE)


class Picture(SphinxDirective):
    """The directive; its argument, if it has one, is the caption."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Run the page's examples up to here, and show the last one's value."""
        examples = doctest.DocTestParser().get_examples("\n".join(self.content))
        wanted = [example.source for example in examples]
        path = self.get_source_info()[0]
        page: Any = self.env.temp_data.setdefault("examples", _run(Path(path)))
        seen: list[str] = []
        evaluated = None
        while seen != wanted:
            try:
                source, evaluated = next(page)
            except StopIteration:
                raise self.error("these examples are not found in the page's text, or not in its order") from None
            seen = [*seen, source][-len(wanted) :]
        assert evaluated is not None, "a picture without examples"
        shown = nodes.container(classes=["picture"])
        shown += nodes.raw("", _html(evaluated), format="html")
        if self.arguments:
            text, messages = self.parse_inline(self.arguments[0])
            shown += nodes.paragraph("", "", *text, *messages, classes=["picture-caption"])
        lines = [f"{'...' if i else '>>>'} {line}" for one in wanted for i, line in enumerate(one.splitlines())]
        return [nodes.literal_block("\n".join(lines), "\n".join(lines), language="pycon"), shown]


def _run(path: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Run a page's examples one by one; give the source of each, and what evaluates it (again)."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for example in doctest.DocTestParser().get_examples(_FENCE.sub("", path.read_text(encoding="utf-8"))):
        (*statements, last) = ast.parse(example.source).body
        if isinstance(last, ast.Expr) and not statements:
            evaluated = partial(eval, compile(ast.Expression(last.value), str(path), "eval"), namespace)
        else:
            evaluated = partial(exec, compile(example.source, str(path), "exec"), namespace)
        with contextlib.redirect_stdout(io.StringIO()), TemporaryDirectory() as folder, contextlib.chdir(folder):
            if example.exc_msg:
                with contextlib.suppress(Exception):
                    evaluated()
            else:
                evaluated()
        yield example.source, evaluated


def _html(evaluated: Callable[[], Any]) -> str:
    from matplotlib import style

    from viz import Drawing, Stepper

    value = evaluated()
    if isinstance(value, Stepper):
        return value._repr_html_()
    if isinstance(value, Drawing):
        pictures = [_fitting(Drawing(value.graph, value.trace, theme).svg) for theme in ("light", "dark")]
    else:
        pictures = [_image(value)]
        with style.context("dark_background"):  # viz.plots has colours for it
            pictures.append(_image(evaluated()))
    return "".join(
        f'<div class="only-{theme} drawing">{picture}</div>'
        for theme, picture in zip(("light", "dark"), pictures, strict=True)
    )


def _fitting(svg: str) -> str:
    """Let a drawing shrink to the width of the page, down to three quarters of its size; smaller, it scrolls."""
    width = re.search(r'<svg[^>]* width="([\d.]+)(pt|px)?"', svg)
    assert width, svg[:200]
    least = f"{0.75 * float(width[1]):.0f}{width[2] or 'px'}"
    return svg.replace("<svg ", f'<svg style="max-width: max(100%, {least}); height: auto" ', 1)


def _image(shown: Any) -> str:
    held = io.BytesIO()
    getattr(shown, "figure", shown).savefig(held, format="png", dpi=144, bbox_inches="tight")
    return f'<img alt="" src="data:image/png;base64,{base64.b64encode(held.getvalue()).decode()}">'


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("picture", Picture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
