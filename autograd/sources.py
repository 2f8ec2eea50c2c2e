"""Where in the user's program something happens: the innermost line that is not in one of these packages.

Under :func:`autograd.detect_anomaly`, and while :func:`viz.record` is open, it is noted on whatever is computed.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "PLACE", "Place", "Source", "callers_frame", "frames_beyond", "is_ours", "note_place", "place_of", "source_of",
    "users_frames",
]  # fmt: skip

#: Under which name the place is noted on a tensor (:meth:`autograd.Tensor.note`). A copied tensor has None instead.
PLACE = "place"

_HOME = Path(__file__).parents[1]
#: Folders whose code is ours: what happens in it happened where the user's program called it.
_OURS = tuple(str(_HOME / package) + os.sep for package in ("autograd", "nn", "optim", "viz"))


@lru_cache(maxsize=4096)
def is_ours(file: str) -> bool:
    """Whether a file is part of these packages.

    Examples
    --------
    >>> is_ours(__file__), is_ours("/home/ada/model.py")
    (True, False)
    """
    return file.startswith(_OURS)


@dataclass(frozen=True, slots=True)
class Source:
    """The line of the user's program that recorded something.

    Attributes
    ----------
    file, line, function
        Where it is; ``line`` counts from 1.
    text
        What it says, without its indentation; empty where the file cannot be read.
    span
        Which part of the text it is: ``text[start:end]`` of ``(start, end)``; None where that is not known.
    """

    file: str
    line: int
    function: str
    text: str
    span: tuple[int, ...] | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.text}" if self.text else where


class Place:
    """An expression of the user's program; what it says is looked up when asked for.

    Attributes
    ----------
    code, instruction
        The code object, and which of its instructions was being executed.

    Notes
    -----
    It holds neither frames nor values. Copied or pickled it becomes None: code objects cannot be.
    """

    __slots__ = ("code", "instruction")

    def __init__(self, code: CodeType, instruction: int) -> None:
        self.code, self.instruction = code, instruction

    def source(self) -> Source:
        """The line with what it says."""
        return _source(self.code, self.instruction)

    @property
    def span(self) -> tuple[int | None, int | None, int | None, int | None]:
        """First and last line, first and last column (in bytes of UTF-8), where they are known."""
        return _span(self.code, self.instruction)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self.code is other.code and self.instruction == other.instruction

    def __hash__(self) -> int:
        return hash((id(self.code), self.instruction))

    def __str__(self) -> str:
        source = self.source()
        return f"{os.path.basename(source.file)}:{source.line}"

    def __reduce__(self) -> tuple[object, ...]:
        return type(None), ()


@lru_cache(maxsize=4096)
def _span(code: CodeType, instruction: int) -> tuple[int | None, int | None, int | None, int | None]:
    """They are listed for every instruction, which take two bytes each."""
    return next(islice(code.co_positions(), instruction // 2, None), (None, None, None, None))


@lru_cache(maxsize=4096)
def _source(code: CodeType, instruction: int) -> Source:
    line, last, start, end = _span(code, instruction)
    line = line or code.co_firstlineno
    whole = linecache.getline(code.co_filename, line).rstrip()
    text = whole.lstrip()
    span = None
    if text and start is not None and end is not None:
        encoded = whole.encode(errors="surrogatepass")
        margin = len(whole) - len(text)
        first = len(encoded[:start].decode(errors="replace")) - margin
        until = len(encoded[:end].decode(errors="replace")) - margin if last == line else len(text)
        if 0 <= first < until <= len(text):
            span = (first, until)
    return Source(_shown(code.co_filename), line, code.co_name, text, span)


#: What Jupyter calls the files of its cells, by a process and a hash; and IPython, by a number and a hash.
_CELL = re.compile(r".*[/\\]ipykernel_\d+[/\\]\d+\.py|<ipython-input-(\d+)-.*>")


def _shown(file: str) -> str:
    """A file as a reader knows it: a cell by its number, one in the current folder by its relative path."""
    if cell := _CELL.fullmatch(file):
        numbers: Any = {}
        if "IPython" in sys.modules:
            shell = sys.modules["IPython"].get_ipython()
            numbers = getattr(getattr(shell, "compile", None), "_filename_map", {})
        number = cell[1] or numbers.get(file)
        return f"In[{number}]" if number else "a cell"
    try:
        folder = os.path.join(os.getcwd(), "")
    except OSError:  # it was deleted
        return file
    return file[len(folder) :] if file.startswith(folder) else file


def callers_frame() -> FrameType | None:
    """The innermost frame that is not in these packages; do not hold on to it.

    Examples
    --------
    >>> callers_frame().f_globals["__name__"]
    'autograd.sources'
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def place_of(frame: FrameType | None) -> Place | None:
    """What a frame is executing."""
    return None if frame is None else Place(frame.f_code, frame.f_lasti)


def note_place(t: Tensor) -> Place | None:
    """Note on a tensor that the program is computing it now, and where."""
    place = place_of(callers_frame())
    t.set_note(PLACE, place)
    return place


def source_of(t: Tensor) -> Source | None:
    """The line of the user's program that computed a tensor, if that was noted."""
    place = t.note(PLACE, None)
    return None if place is None else place.source()


def frames_beyond(traceback: TracebackType | None) -> list[FrameType]:
    """The frames of these packages between the innermost one of the user's program and an error."""
    found: list[FrameType] = []
    while traceback is not None:
        frame = traceback.tb_frame
        found = [*found, frame] if is_ours(frame.f_code.co_filename) else []
        traceback = traceback.tb_next
    return found


def users_frames(traceback: TracebackType | None) -> list[tuple[FrameType, Place]]:
    """The frames of the user's program that an error came through, outermost first, and what they executed."""
    found = []
    while traceback is not None:
        frame = traceback.tb_frame
        if not is_ours(frame.f_code.co_filename):
            found.append((frame, Place(frame.f_code, traceback.tb_lasti)))
        traceback = traceback.tb_next
    return found
