"""Every notebook, executed in a clean kernel: it runs through, and what it prints is what is committed."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="the notebooks extra is not installed")
nbclient = pytest.importorskip("nbclient", reason="the notebooks extra is not installed")
pytest.importorskip("ipykernel", reason="the notebooks extra is not installed")

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def printed(cell):
    """The text a code cell gave, leaving out pictures, whose bytes depend on the version of Graphviz."""
    stream = "".join(output["text"] for output in cell.outputs if output.output_type == "stream")
    results = [output["data"].get("text/plain") for output in cell.outputs if "data" in output]
    return stream, results


def kinds(cell):
    return [sorted(output["data"]) for output in cell.outputs if "data" in output]


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_gives_its_committed_outputs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))  # no settings of whoever runs the tests
    committed = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    for cell in fresh.cells:
        cell.outputs = []
    client = nbclient.NotebookClient(
        fresh, timeout=120, kernel_name="python3", resources={"metadata": {"path": FOLDER}}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Jupyter's own
        client.execute()
    for number, (old, new) in enumerate(zip(committed.cells, fresh.cells, strict=True)):
        if old.cell_type == "code":
            assert printed(new) == printed(old), f"cell {number} of {path.name} prints something else now"
            assert kinds(new) == kinds(old)
            assert not [output for output in new.outputs if output.get("name") == "stderr"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_committed_executed_from_the_top_and_clean(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [cell.metadata for cell in notebook.cells if cell.metadata]
