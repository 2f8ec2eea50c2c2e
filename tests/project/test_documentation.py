"""The documentation names everything there is, once, and what it names exists."""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = sorted((ROOT / "docs" / "api").glob("*.rst"))
TOPICS = ROOT / "docs" / "topics.md"
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")])

#: Modules whose public names the reference describes, each on one page.
MODULES = (
    "autograd", "autograd.extend", "autograd.misc.fixed_points", "autograd.misc.flatten", "autograd.misc.optimizers",
    "autograd.samples", "autograd.scipy.integrate", "autograd.scipy.signal", "autograd.test_util", "autograd.util",
    "autograd.wrap_util", "nn", "nn.data", "nn.functional", "nn.init", "nn.metrics", "nn.models", "nn.utils",
    "nn.utils.parametrizations", "nn.utils.parametrize", "nn.utils.rnn", "optim", "optim.lr_scheduler", "viz",
    "viz.alignment", "viz.graph", "viz.plots", "viz.traces",
)  # fmt: skip

#: Public names that are described elsewhere: under the module they come from, or as Python's own.
ELSEWHERE = {
    "nn": {"DataLoader", "TensorDataset"},
    "viz.graph": {"Numbers"},
    "viz.traces": {"Kind", "Trace"},
}


def _described() -> Counter[str]:
    """Full names that the pages of the reference describe, and how often."""
    names: Counter[str] = Counter()
    for page in REFERENCE:
        text = page.read_text(encoding="utf-8")
        names.update(re.findall(r"^\.\. autoclass:: (\S+)", text, re.MULTILINE))
        for module, block in re.findall(r"^\.\. interface:: (\S+)\n((?:(?: .*)?\n)*)", text + "\n", re.MULTILINE):
            words = [line.strip() for line in block.splitlines() if line.strip() and not line.strip().startswith(":")]
            names.update(f"{module}.{name}" for line in words for name in line.split())
    return names


def _find(name: str) -> Any:
    """What a dotted name stands for: the longest part that is a module, and attributes of it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise AssertionError(name)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_in_the_reference(module: str) -> None:
    described = _described()
    found = importlib.import_module(module)
    public = {name for name in found.__all__ if not isinstance(getattr(found, name), ModuleType)}
    missing = {name for name in public - ELSEWHERE.get(module, set()) if f"{module}.{name}" not in described}
    assert not missing, f"on no page of docs/api: {', '.join(sorted(missing))}"


def test_the_reference_names_what_there_is_once() -> None:
    described = _described()
    assert [name for name, count in described.items() if count > 1] == []
    for name in described:
        assert _find(name) is not None


def test_every_page_of_the_reference_is_in_its_index() -> None:
    listed = re.findall(r"^   (\w+)$", (ROOT / "docs" / "api" / "index.rst").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted([*listed, "index"]) == [page.stem for page in REFERENCE]


# -- the index of topics ----------------------------------------------------------------------------------------------

#: How many topics each section has.
SECTIONS = {
    "Graphs and backpropagation": 12,
    "Losses": 11,
    "Activations": 9,
    "Optimisation": 19,
    "Metrics": 5,
    "Networks": 10,
}


def _topics() -> dict[str, list[list[str]]]:
    """The cells of each row, by section."""
    sections: dict[str, list[list[str]]] = {}
    for part in TOPICS.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        rows = [line.strip("| ").split(" | ") for line in body.splitlines() if line.startswith("|")]
        sections[title] = rows[2:]
    return sections


def test_no_topic_is_missing() -> None:
    assert {title: len(rows) for title, rows in _topics().items()} == SECTIONS


@pytest.mark.parametrize("row", [row for rows in _topics().values() for row in rows], ids=lambda row: row[0][:40])
def test_a_topic_leads_to_a_notebook_a_name_and_a_test(row: list[str]) -> None:
    topic, course, library, test = row
    notebooks = [TOPICS.parent / path for path in re.findall(r"\]\((\S+?\.ipynb)\)", course)]
    assert notebooks, topic
    names = re.findall(r"\{(?:class|func|meth)\}`([^`]+)`", library)
    assert names, topic
    described = _described()
    for name in names:
        assert _find(name) is not None
        assert name in described or name.rpartition(".")[0] in described, f"{name} is not in the reference"
    sources = "".join(path.read_text(encoding="utf-8") for path in notebooks)
    assert any(re.search(rf"\b{name.rpartition('.')[2]}\b", sources) for name in names), "in none of the notebooks"
    ((words, path),) = re.findall(r"\[([\w ]+)\]\((\S+)\)", test)
    assert f"def test_{words.replace(' ', '_')}(" in (TOPICS.parent / path).read_text(encoding="utf-8"), words


def test_the_notebooks_that_topics_lead_to_are_there() -> None:
    named = set(re.findall(r"\((\.\./notebooks/\S+?\.ipynb)\)", TOPICS.read_text(encoding="utf-8")))
    assert [notebook for notebook in sorted(named) if not (TOPICS.parent / notebook).is_file()] == []
    assert len(named) == 15  # all but those on learning to optimise and on NumPy's functions
    for notebook, text in re.findall(r"\((\.\./notebooks/(\d\d)\S+?\.ipynb)\)", TOPICS.read_text(encoding="utf-8")):
        assert f"[{text}]({notebook})" in TOPICS.read_text(encoding="utf-8")


def test_links_between_documents_lead_somewhere() -> None:
    for page in PAGES:
        text = re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if "://" in target or target.startswith("mailto:") or not path:
                continue
            found = page.parent / path
            assert found.exists(), f"{page.name}: {target}"
            if anchor and found.suffix == ".md":
                headings = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
                slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
                assert anchor in slugs, f"{page.name}: {target}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_has_one_title_at_its_top(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert texts[0].startswith("# ")
    titles = [line for text in texts for line in text.splitlines() if line.startswith("# ")]
    assert len(titles) == 1, f"in the contents these would all be pages: {titles}; sections have ##"


# -- how it is built --------------------------------------------------------------------------------------------------


@pytest.fixture
def extensions(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sphinx", reason="Sphinx, which builds the documentation, is not installed")
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "docs" / "extensions")])


@pytest.mark.usefixtures("extensions")
def test_every_formula_of_the_registry_becomes_mathml() -> None:
    from autograd.primitives import REGISTRY

    to_mathml = importlib.import_module("mathml").to_mathml
    for primitive in REGISTRY.values():
        for formula in (primitive.formula, *primitive.partial_formulas):
            assert to_mathml(formula, block=False).startswith("<math")


@pytest.mark.usefixtures("extensions")
def test_formulas_are_set_as_tex_would() -> None:
    to_mathml = importlib.import_module("mathml").to_mathml
    half = to_mathml(r"\tfrac12", block=False)
    assert half == to_mathml(r"\frac{1}{2}", block=False)
    assert "in_features" in to_mathml(r"\sqrt{\text{in\_features}}", block=False)
    assert 'rspace="0.167em"' in to_mathml(r"\ln x", block=False)
    assert 'rspace="0.167em"' not in to_mathml(r"\max(0, x)", block=False)
    assert "<munder>" in to_mathml(r"\underbrace{x}_{\text{local}}", block=True)
    assert "ams-align" in to_mathml(r"a &= b \\ c &= d", block=True)
    assert "\n" not in to_mathml(r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", block=True)


@pytest.mark.usefixtures("extensions")
def test_pictures_show_what_the_examples_of_their_page_make(tmp_path: Path) -> None:
    pictures = importlib.import_module("pictures")
    page = tmp_path / "page.md"
    page.write_text(
        '```python\n>>> import viz\n>>> from autograd import Tensor\n>>> x = Tensor(3.0, name="x")\n>>> 1 / 0\n'
        "Traceback (most recent call last):\nZeroDivisionError: ...\n```\n\n"
        "```{picture} A caption\n>>> y = x * 2\n>>> viz.draw(y)\n```\n",
        encoding="utf-8",
    )
    *_, (source, evaluated) = pictures._run(page)
    assert source == "viz.draw(y)\n"
    html = pictures._html(evaluated)
    assert html.count("<svg") == 2
    assert "only-light" in html
    assert "only-dark" in html
