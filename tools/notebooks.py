"""Execute the notebooks from the top, each in a clean kernel, and write what they give back into them.

A notebook is written in one normal form, so that what differs between two versions of it is what it shows, and a
second run with the same results changes no byte. With ``--check`` nothing is written: what is printed must be what is
committed.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
#: Seconds that one cell may take.
TIMEOUT = 120
#: What a notebook says of its kernel and language. Which Python exactly executed it last is no part of the notebook.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3",
    },
}

_UNTYPED: Any = nbformat  # some of its functions have no annotations
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(Exception):
    """A notebook that cannot be executed as it is; the message names it, the cell and what happened there."""


def normal(notebook: NotebookNode) -> NotebookNode:
    """The notebook in normal form: a new one, equal for equal sources and outputs.

    Cells are numbered, by ids and, those with code, by execution counts; they have no metadata, and the notebook has
    those of every other. What a cell writes to one stream is one output, as long as no other comes between.
    """
    result = _UNTYPED.from_dict({"cells": [], "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5})
    executed = 0
    for number, cell in enumerate(notebook.cells, start=1):
        made = {"cell_type": cell.cell_type, "id": f"c{number:02d}", "metadata": {}, "source": cell.source.rstrip()}
        if cell.cell_type == "code":
            executed += 1
            made["execution_count"] = executed
            made["outputs"] = list(_outputs(cell, executed))
        elif cell.get("attachments"):
            made["attachments"] = cell.attachments
        result.cells.append(_UNTYPED.from_dict(made))
    return cast(NotebookNode, result)


def _outputs(cell: NotebookNode, count: int) -> Iterator[dict[str, Any]]:
    held: dict[str, Any] | None = None
    for output in cell.outputs:
        output = dict(output)
        if output["output_type"] == "stream":
            if held is not None and held["name"] == output["name"]:
                held["text"] += output["text"]
                continue
        elif output["output_type"] == "execute_result":
            output["execution_count"] = count
        if held is not None:
            yield held
        held = output if output["output_type"] == "stream" else None
        if held is None:
            yield output
    if held is not None:
        yield held


def execute(path: Path, timeout: int = TIMEOUT) -> NotebookNode:
    """Run a notebook's cells from the top in a new kernel, in the notebook's folder; return it in normal form.

    Raises
    ------
    NotebookError
        If a cell raises, takes longer than ``timeout`` seconds, ends the kernel or writes to stderr.
    """
    notebook = normal(read(path))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    begun: list[int] = []
    client = nbclient.NotebookClient(
        notebook,
        on_cell_execute=lambda cell, cell_index: begun.append(cell_index),
        timeout=timeout,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=CRITICAL"],  # the kernel's remarks on its connection are of no use here
    )
    with suppress(ImportError):
        import matplotlib.font_manager  # noqa: F401, lists the fonts here once, which else the first notebook would tell
    with tempfile.TemporaryDirectory() as settings, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Jupyter's own
        environment = {**os.environ, "IPYTHONDIR": settings}  # none of the settings of whoever runs this
        environment["OPENBLAS_NUM_THREADS"] = "1"  # more threads cost small networks more than they gain
        environment.pop("MPLBACKEND", None)  # the kernel's own, which shows figures in the notebook
        try:
            client.execute(env=environment)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise NotebookError(f"{path.name}, {_failure(notebook, begun, error)}") from error
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise NotebookError(f"{path.name}, {_place(number, cell)} writes to stderr:\n{output.text}")
    return normal(notebook)


def read(path: Path) -> NotebookNode:
    """A notebook from a file.

    Raises
    ------
    NotebookError
        If the file holds none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without ids, which they get here
            return cast(NotebookNode, _UNTYPED.read(path, as_version=4))
    except (nbformat.reader.NotJSONError, nbformat.validator.NotebookValidationError, AttributeError) as error:
        raise NotebookError(f"{path.name} is no notebook: {str(error)[:200]}") from error


def text_of(notebook: NotebookNode) -> str:
    """A notebook as the text of its file."""
    return str(_UNTYPED.writes(notebook)) + "\n"


def _place(number: int, cell: NotebookNode) -> str:
    first = next(iter(cell.source.splitlines()), "")
    return f"cell {number} ({first!r})"


def _failure(notebook: NotebookNode, begun: Sequence[int], error: Exception) -> str:
    """Which cell failed, and how: the traceback that it shows, or why it did not come to an end."""
    if not begun:
        return f"the kernel does not start: {error}"
    cell = notebook.cells[begun[-1]]
    late = isinstance(error, CellTimeoutError)
    what = (
        "takes too long" if late else "fails" if isinstance(error, CellExecutionError) else f"ends the kernel: {error}"
    )
    shown = [output for output in cell.outputs if output.output_type == "error"]  # of one that is late: where it was
    trace = "".join(":\n" + _COLOURS.sub("", "\n".join(output.traceback)) for output in shown)
    return f"{_place(begun[-1] + 1, cell)} {what}{trace}"


def printed(cell: NotebookNode) -> list[str]:
    """The text a code cell gives, leaving out pictures, whose bytes depend on the versions of programs and fonts."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif "data" in output:
            texts.append(output.data.get("text/plain", "") + "\n")
    return "".join(texts).splitlines()


def differences(committed: NotebookNode, fresh: NotebookNode) -> list[str]:
    """How the printed text and the kinds of outputs of one execution differ from those of another, one text a cell."""
    found = []
    for number, (old, new) in enumerate(zip(committed.cells, fresh.cells, strict=True), start=1):
        if old.cell_type != "code":
            continue
        lines = list(difflib.unified_diff(printed(old), printed(new), "committed", "now", n=1, lineterm=""))
        kinds = [[sorted(o.data) for o in cell.outputs if "data" in o] for cell in (old, new)]
        if lines:
            found.append(f"{_place(number, old)} prints something else:\n" + "\n".join(lines))
        elif kinds[0] != kinds[1]:
            found.append(f"{_place(number, old)} shows {kinds[1]}, but {kinds[0]} is committed")
    return found


def chosen(names: Sequence[str], folder: Path = FOLDER) -> list[Path]:
    """The notebooks of these names, or numbers, or paths; all, if there are no names.

    Raises
    ------
    NotebookError
        If there is no notebook of a name.
    """
    everything = sorted(folder.glob("*.ipynb"))
    found: list[Path] = []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        fitting = [path for path in everything if path.stem == stem]
        fitting = fitting or [path for path in everything if path.stem.startswith(f"{stem}_")]
        if not fitting:
            there = ", ".join(path.stem for path in everything) or "none"
            raise NotebookError(f"no notebook {name!r} in {folder.name}/; there are: {there}")
        found += [path for path in fitting if path not in found]
    return found if names else everything


def main(arguments: Sequence[str] | None = None, folder: Path = FOLDER) -> int:
    parser = argparse.ArgumentParser(prog="notebooks", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "names", nargs="*", help="names or numbers of notebooks (01, 03_vectors_and_jacobians); else all"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; compare what is printed with what is there"
    )
    parser.add_argument("--timeout", type=int, default=TIMEOUT, help=f"seconds for one cell ({TIMEOUT})")
    options = parser.parse_args(arguments)
    failures = []
    try:
        paths = chosen(options.names, folder)
    except NotebookError as error:
        print(error, file=sys.stderr)
        return 2
    width = max((len(path.stem) for path in paths), default=0)
    for path in paths:
        print(f"{path.stem:{width}}  ", end="", flush=True)
        start = time.perf_counter()
        try:
            fresh = execute(path, options.timeout)
            if options.check:
                found = differences(read(path), fresh)
                if found:
                    raise NotebookError("\n".join(f"{path.name}, {difference}" for difference in found))
                outcome = "as committed"
            else:
                outcome = _write(path, text_of(fresh))
        except NotebookError as error:
            failures.append(str(error))
            outcome = "FAILED"
        size = path.stat().st_size / 1024
        print(f"{time.perf_counter() - start:6.1f} s  {size:6.0f} KiB  {outcome}", flush=True)
    for failure in failures:
        print(f"\n{failure}", file=sys.stderr)
    return 1 if failures else 0


def _write(path: Path, text: str) -> str:
    if path.read_text(encoding="utf-8") == text:
        return "unchanged"
    beside = path.with_name(f".{path.name}")  # so that an interruption leaves the old one
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)
    return "written"


if __name__ == "__main__":
    sys.exit(main())
