"""``.. interface:: MODULE`` describes the names given as its content: a table of them, then their docstrings.

    .. interface:: nn

       Conv1d
       Conv2d

Which role each name needs (class, function, ...) is read off the object; ``:plain:`` leaves a class's members out.
``tests/project/test_documentation.py`` checks that each public name is on one page.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Interface(SphinxDirective):
    """The directive."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"plain": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Write what autosummary and autodoc take, and have it read."""
        lines = "\n".join(self._lines(self.arguments[0], " ".join(self.content).split()))
        return self.parse_text_to_nodes(lines)

    def _lines(self, module: str, names: list[str]) -> Iterator[str]:
        yield from (f".. py:currentmodule:: {module}", "")
        if len(names) > 1:
            yield from (".. autosummary::", "   :nosignatures:", "")
            yield from (f"   {name}" for name in names)
            yield ""
        for name in names:
            found = getattr(importlib.import_module(module), name)
            if isinstance(found, ModuleType):
                raise self.error(f"{module}.{name} is a module; give it a page")
            yield f".. {_directive(found)}:: {module}.{name}"
            if inspect.isclass(found) and "plain" not in self.options:
                yield "   :members:"
            yield ""


def _directive(found: Any) -> str:
    if inspect.isclass(found):
        return "autoexception" if issubclass(found, BaseException) else "autoclass"
    return "autofunction" if callable(found) else "autodata"


# What stands before a colon in the first line of a property's docstring, napoleon takes for its type. Ours is a
# sentence.
_COLON = "\ue000"


def _hide(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    if what in ("attribute", "property") and lines:
        lines[0] = lines[0].replace(":", _COLON)


def _restore(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    lines[:] = [line.replace(_COLON, ":") for line in lines]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("interface", Interface)
    app.connect("autodoc-process-docstring", _hide, priority=400)  # napoleon has 500
    app.connect("autodoc-process-docstring", _restore, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
