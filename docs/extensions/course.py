"""The notebooks are the pages below that of the course, which is their README: all there are, by number and title."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

COURSE = "notebooks/README"


def _add_notebooks(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname != COURSE:
        return
    lines = ["```{toctree}", ":hidden:", ":titlesonly:", ""]
    for path in sorted((Path(app.srcdir) / COURSE).parent.glob("*.ipynb")):
        first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        title = first.splitlines()[0].lstrip("# ").partition(":")[0].partition(",")[0]
        lines.append(f"{path.stem.partition('_')[0]} {title} <{path.stem}>")
    source[0] += "\n" + "\n".join([*lines, "```"]) + "\n"


def setup(app: Sphinx) -> dict[str, Any]:
    """Wait for the page to be read."""
    app.connect("source-read", _add_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
