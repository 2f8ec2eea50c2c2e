"""```` ```{picture} ```` shows what the examples of a page draw, by running them: a picture cannot be out of date.

The block is one of the page's examples, in Python's interactive form. All examples before it are run first, in one
namespace, and the value of its last one is shown below it: a drawing in light and dark, a page to step through, or a
figure of Matplotlib's. The tests run the same examples, and compare what they print.
"""

from __future__ import annotations

import base64
import contextlib
import doctest
import io
import warnings
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Picture(SphinxDirective):
    """The directive; its argument, if it has one, is the caption."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"hide": directives.flag, "width": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Run the page's examples up to here, and show the last one's value."""
        value = self._evaluate()
        shown = nodes.container(classes=["picture"])
        shown += nodes.raw("", _html(value), format="html")
        if self.arguments:
            text, messages = self.parse_inline(self.arguments[0])
            shown += nodes.paragraph("", "", *text, *messages, classes=["picture-caption"])
        if "hide" in self.options:
            return [shown]
        examples = doctest.DocTestParser().get_examples("\n".join(self.content))
        lines = []
        for example in examples:
            first, *rest = example.source.splitlines()
            lines += [f">>> {first}", *(f"... {line}" for line in rest)]
        code = nodes.literal_block("\n".join(lines), "\n".join(lines), language="pycon")
        return [code, shown]

    def _evaluate(self) -> Any:
        path, _ = self.get_source_info()
        state = self.env.temp_data.setdefault("picture_state", {"namespace": {"__name__": "__main__"}, "done": 0})
        examples = doctest.DocTestParser().get_examples(Path(path).read_text(encoding="utf-8"))
        wanted = doctest.DocTestParser().get_examples("\n".join(self.content))
        if not wanted:
            raise self.error("a picture needs an example, >>> ...")
        value = None
        while state["done"] < len(examples):
            example = examples[state["done"]]
            state["done"] += 1
            last = [e.source for e in wanted] == [
                e.source for e in examples[state["done"] - len(wanted) : state["done"]]
            ]
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("error" if last else "ignore")
                if last:
                    value = eval(compile(example.source, path, "eval"), state["namespace"])
                    break
                try:
                    exec(compile(example.source, path, "single"), state["namespace"])
                except Exception as error:
                    if not example.exc_msg:
                        raise self.error(f"{example.source.strip()} raises {error!r}") from error
        else:
            raise self.error("this example is not found in the page's text")
        return value


def _html(value: Any) -> str:
    from viz import Drawing, Stepper
    from viz.recording import Recording

    if isinstance(value, Recording):
        value = value.draw()
    if isinstance(value, Drawing):
        parts = []
        for theme in ("light", "dark"):
            svg = Drawing(value.graph, value.trace, theme).svg
            parts.append(f'<div class="only-{theme} drawing">{svg}</div>')
        return "".join(parts)
    if isinstance(value, Stepper):
        return value._repr_html_()
    figure = getattr(value, "figure", None) or value
    if hasattr(figure, "savefig"):
        held = io.BytesIO()
        figure.savefig(held, format="png", dpi=144, bbox_inches="tight")
        data = base64.b64encode(held.getvalue()).decode()
        return f'<img class="figure" alt="" src="data:image/png;base64,{data}">'
    raise TypeError(f"a picture shows a drawing, a stepper or a figure, not {value!r}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("picture", Picture)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
