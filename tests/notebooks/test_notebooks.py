"""Every notebook, executed in a clean kernel: it runs through, and what it prints is what is committed.

And the form that all of them have, and the index that they are read by.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="the notebooks extra is not installed")
pytest.importorskip("nbclient", reason="the notebooks extra is not installed")
pytest.importorskip("ipykernel", reason="the notebooks extra is not installed")

from tools.notebooks import FOLDER, differences, execute, normal, read, text_of  # noqa: E402, it needs all of them

ROOT = FOLDER.parent
INDEX = FOLDER / "README.md"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
#: A file that takes longer to load and to compare than what it teaches is worth.
LARGEST = 1_500_000

#: Folders of somebody's machine, at the beginning of a path.
LOCAL = re.compile(
    r"(?<![\w./:~-])(/(home|root|tmp|work|Users|usr|opt|var|private|mnt|srv)/|[A-Z]:\\\\?Users)[^\s\"'<]*"
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:autograd|benchmarks|docs|examples|nn|notebooks|optim|tests|tools|viz)/[\w./-]+)`")

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def listed() -> list[str]:
    """The files of the notebooks in the order of the index."""
    return re.findall(r"^\| \[\d+\]\((\w+\.ipynb)\) \|", INDEX.read_text(encoding="utf-8"), re.MULTILINE)


def prose(path: Path) -> str:
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def broken(text: str) -> Iterator[str]:
    """The places in the repository that a text of this folder points to, but that are not there."""
    for target in LINK.findall(text):
        target = target.partition("#")[0]
        if target and "://" not in target and not (FOLDER / target).exists() and target not in listed():
            yield target
    for target in NAMED.findall(text):
        if not (ROOT / target).exists() and target.removeprefix("notebooks/") not in listed():
            yield target


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
@each
def test_notebook_gives_its_committed_outputs(path: Path) -> None:
    found = differences(read(path), execute(path))
    assert not found, "\n".join(found)


@each
def test_notebook_is_committed_executed_from_the_top_and_in_normal_form(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1)), "make notebooks executes it"
    assert path.read_text(encoding="utf-8") == text_of(normal(notebook)), "make notebooks brings it into this form"
    assert path.stat().st_size < LARGEST


@each
def test_notebook_starts_with_a_title(path: Path) -> None:
    first = read(path).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")


@each
def test_notebook_ends_with_exercises_and_ways_on(path: Path) -> None:
    headings = re.findall(r"^## (.*)$", prose(path), re.MULTILINE)
    assert [heading.strip() for heading in headings[-2:]] == ["Try it", "Where to go on"]


@each
def test_notebook_shows_nothing_of_the_machine_it_ran_on(path: Path) -> None:
    for number, cell in enumerate(read(path).cells, start=1):
        for output in cell.get("outputs", ()):
            texts = [text for kind, text in output.get("data", {}).items() if kind != "image/png"]
            for text in [output.get("text", ""), *map(str, texts)]:
                found = LOCAL.search(text)
                assert not found, f"cell {number} shows {found and found[0]}"


@each
def test_what_a_notebook_points_to_is_there(path: Path) -> None:
    assert list(broken(prose(path))) == []


def test_the_index_lists_the_notebooks_by_number_without_gaps() -> None:
    assert [name[:3] for name in listed()] == [f"{number:02d}_" for number in range(1, len(listed()) + 1)]
    assert {path.name for path in NOTEBOOKS} <= set(listed())
    assert list(broken(INDEX.read_text(encoding="utf-8"))) == []


def test_all_notebooks_of_the_index_are_there() -> None:
    assert {path.name for path in NOTEBOOKS} == set(listed())
