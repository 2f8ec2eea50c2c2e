"""Where in the user's program something happens: the innermost line that is not in one of these packages."""

from __future__ import annotations

import linecache
import os
import sys
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType, TracebackType

import autograd
from viz.traces import Source

__all__ = ["Place", "callers_frame", "place_of", "place_of_error"]

_HOME = Path(autograd.__file__).parents[1]
#: Folders whose code is ours: what happens in it happened where the user's program called it.
_OURS = tuple(str(_HOME / package) + os.sep for package in ("autograd", "nn", "optim", "viz"))


@lru_cache(maxsize=4096)
def _is_ours(file: str) -> bool:
    return file.startswith(_OURS)


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

    @property
    def line(self) -> int:
        """The line's number, from 1."""
        return self._positions[0] or self.code.co_firstlineno

    @property
    def _positions(self) -> tuple[int | None, int | None, int | None, int | None]:
        """First and last line, first and last column (in bytes of UTF-8)."""
        found = next(islice(self.code.co_positions(), self.instruction // 2, None), None)
        return found or (None, None, None, None)

    def source(self) -> Source:
        """The line with what it says."""
        line, last, start, end = self._positions
        line = line or self.code.co_firstlineno
        whole = linecache.getline(self.code.co_filename, line).rstrip()
        text = whole.lstrip()
        span = None
        if text and start is not None and end is not None:
            encoded = whole.encode(errors="surrogatepass")
            margin = len(whole) - len(text)
            first = len(encoded[:start].decode(errors="replace")) - margin
            until = len(encoded[:end].decode(errors="replace")) - margin if last == line else len(text)
            if 0 <= first < until <= len(text):
                span = (first, until)
        return Source(self.code.co_filename, line, self.code.co_name, text, span)

    def __str__(self) -> str:
        return f"{os.path.basename(self.code.co_filename)}:{self.line}"

    def __reduce__(self) -> tuple[object, ...]:
        return type(None), ()


def callers_frame() -> FrameType | None:
    """The innermost frame that is not in these packages; do not hold on to it.

    Examples
    --------
    >>> callers_frame().f_globals["__name__"]
    'viz.sources'
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def place_of(frame: FrameType | None) -> Place | None:
    """What a frame is executing."""
    return None if frame is None else Place(frame.f_code, frame.f_lasti)


def place_of_error(traceback: TracebackType | None) -> Place | None:
    """The innermost place of the user's program that an error came through."""
    place = None
    while traceback is not None:
        if not _is_ours(traceback.tb_frame.f_code.co_filename):
            place = Place(traceback.tb_frame.f_code, traceback.tb_lasti)
        traceback = traceback.tb_next
    return place
