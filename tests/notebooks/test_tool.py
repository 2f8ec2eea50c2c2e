"""What `make notebooks` does to a notebook, and what it says of one that fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="the notebooks extra is not installed")
pytest.importorskip("nbclient", reason="the notebooks extra is not installed")
pytest.importorskip("ipykernel", reason="the notebooks extra is not installed")

from tools.notebooks import (  # noqa: E402, it needs all of them
    METADATA,
    NotebookError,
    chosen,
    differences,
    execute,
    main,
    normal,
    read,
    text_of,
)


def write(path: Path, *cells: str | dict[str, Any]) -> Path:
    """A notebook as an editor leaves it: texts are cells of code, those that start with # are prose."""
    made = []
    for cell in cells:
        if isinstance(cell, str):
            kind = nbformat.v4.new_markdown_cell if cell.startswith("# ") else nbformat.v4.new_code_cell
            cell = kind(cell, metadata={"tags": ["mine"]})
        made.append(cell)
    notebook = nbformat.v4.new_notebook(cells=made, metadata={"language_info": {"name": "python", "version": "3.11.7"}})
    nbformat.write(notebook, path)
    return path


def test_it_executes_and_writes_the_normal_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "01_small.ipynb", "# Title", "print('one', flush=True)\nprint('two')", "x = 6\nx * 7\n\n")
    assert main([], tmp_path) == 0
    assert "written" in capsys.readouterr().out
    notebook = json.loads(path.read_text())
    assert notebook["metadata"] == METADATA
    assert [cell["id"] for cell in notebook["cells"]] == ["c01", "c02", "c03"]
    assert [cell["metadata"] for cell in notebook["cells"]] == [{}, {}, {}]
    _, first, second = notebook["cells"]
    assert [first["execution_count"], second["execution_count"]] == [1, 2]
    assert [(o["output_type"], o["text"]) for o in first["outputs"]] == [("stream", ["one\n", "two\n"])]
    assert second["source"] == ["x = 6\n", "x * 7"]
    assert second["outputs"][0]["data"] == {"text/plain": ["42"]}
    before = path.read_bytes()
    assert main(["01"], tmp_path) == 0
    assert "unchanged" in capsys.readouterr().out
    assert path.read_bytes() == before
    assert main(["--check", "01_small"], tmp_path) == 0
    assert "as committed" in capsys.readouterr().out


def test_a_cell_that_raises_is_named_with_its_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "01_wrong.ipynb", "# Title", "a = 1", "def half(x):\n    return x / 0\nhalf(a)", "never = 1"
    )
    after = write(tmp_path / "02_right.ipynb", "# Title", "1 + 1")
    before = path.read_bytes(), after.read_bytes()
    assert main([], tmp_path) == 1
    out, err = capsys.readouterr()
    assert "01_wrong.ipynb, cell 3 ('def half(x):') fails:" in err
    assert "ZeroDivisionError: division by zero" in err
    assert "return x / 0" in err
    assert "\x1b" not in err
    assert "FAILED" in out
    assert path.read_bytes() == before[0]
    assert after.read_bytes() != before[1]  # the others are executed all the same


def test_other_ways_to_fail_are_named_too(tmp_path: Path) -> None:
    slow = write(tmp_path / "slow.ipynb", "a = 1", "import time\ntime.sleep(60)")
    with pytest.raises(NotebookError, match=r"slow.ipynb, cell 2 \('import time'\) takes too long(?s:.)*sleep"):
        execute(slow, timeout=1)
    dead = write(tmp_path / "dead.ipynb", "a = 1", "import os\nos._exit(3)")
    with pytest.raises(NotebookError, match=r"dead.ipynb, cell 2 \('import os'\) ends the kernel"):
        execute(dead)
    loud = write(tmp_path / "loud.ipynb", "import warnings\nwarnings.warn('look out')")
    with pytest.raises(NotebookError, match=r"(?s)loud.ipynb, cell 1 .* writes to stderr:.*look out"):
        execute(loud)
    (tmp_path / "none.ipynb").write_text("{")
    with pytest.raises(NotebookError, match=r"none\.ipynb is no notebook"):
        read(tmp_path / "none.ipynb")


def test_check_shows_what_is_printed_otherwise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "01_drift.ipynb", "print('same')\nprint('loss 0.12')")
    assert main([], tmp_path) == 0
    path.write_text(path.read_text().replace('loss 0.12\\n"\n', 'loss 0.13\\n"\n'))  # in the output only
    before = path.read_bytes()
    capsys.readouterr()
    assert main(["--check"], tmp_path) == 1
    _, err = capsys.readouterr()
    assert "01_drift.ipynb, cell 1" in err
    assert "-loss 0.13" in err
    assert "+loss 0.12" in err
    assert path.read_bytes() == before


def test_pictures_are_not_compared_but_their_presence_is() -> None:
    def shown(data: dict[str, str]) -> Any:
        cell = nbformat.v4.new_code_cell("draw()", outputs=[nbformat.v4.new_output("display_data", data)])
        return normal(nbformat.v4.new_notebook(cells=[cell]))

    drawn = {"text/plain": "<Drawing>", "image/svg+xml": "<svg/>"}
    assert differences(shown(drawn), shown({**drawn, "image/svg+xml": "<svg></svg>"})) == []
    (text,) = differences(shown(drawn), shown({"text/plain": "<Drawing>"}))
    assert text == "cell 1 ('draw()') shows [['text/plain']], but [['image/svg+xml', 'text/plain']] is committed"
    (text,) = differences(shown(drawn), shown({**drawn, "text/plain": "<Figure>"}))
    assert text.endswith("-<Drawing>\n+<Figure>")


def test_normal_joins_streams_only_where_nothing_lies_between() -> None:
    def stream(text: str, name: str = "stdout") -> Any:
        return nbformat.v4.new_output("stream", name=name, text=text)

    picture = nbformat.v4.new_output("display_data", {"text/plain": "p"})
    outputs = [stream("a"), stream("b"), picture, stream("c"), stream("d", "stderr"), stream("e")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)])
    made = normal(notebook)
    assert [output.get("text") for output in made.cells[0].outputs] == ["ab", None, "c", "d", "e"]
    assert len(notebook.cells[0].outputs) == 6  # what is given stays as it is
    assert text_of(normal(made)) == text_of(made)


def test_names_numbers_and_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = (write(tmp_path / name, "1") for name in ("01_one.ipynb", "02_two.ipynb"))
    assert chosen([], tmp_path) == [one, two]
    assert chosen(["02", "notebooks/01_one.ipynb", "02_two"], tmp_path) == [two, one]
    assert main(["03"], tmp_path) == 2
    assert f"no notebook '03' in {tmp_path.name}/; there are: 01_one, 02_two" in capsys.readouterr().err
