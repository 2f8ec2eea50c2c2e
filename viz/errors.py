"""What can keep a drawing from being made."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["DotNotFoundError", "GraphTooLargeError", "meant", "quoted"]

#: How much is said of names: so long each, and so many.
LONGEST, MOST = 80, 20


def quoted(names: Iterable[object]) -> str:
    """Name what there is, or what was given, in an error: quoted, and neither too long nor too many.

    Examples
    --------
    >>> quoted(["w", "x"]), quoted([])
    ("'w', 'x'", 'none')
    """
    texts = [repr(name) for name in names]
    cut = [text if len(text) <= LONGEST else f"{text[: LONGEST - 2]}…{text[-1]}" for text in texts[:MOST]]
    return ", ".join([*cut, *(["…"] if len(texts) > MOST else [])]) or "none"


def meant(given: str, known: Iterable[str]) -> str:
    """Ask in an error whether another name was meant; nothing if none is like the one given.

    Examples
    --------
    >>> meant("W1", ["x", "w1"]), meant("a", ["x"])
    ("; did you mean 'w1'?", '')
    """
    by_case = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(given[:LONGEST].casefold(), by_case, 1)
    return f"; did you mean {quoted([by_case[close[0]]])}?" if close else ""


class DotNotFoundError(RuntimeError):
    """The program ``dot``, which makes ``.png`` and ``.pdf``, cannot be run."""

    def __init__(self) -> None:
        super().__init__(
            "saving as .png or .pdf needs Graphviz's program `dot`, which was not found on the PATH. To install it:\n"
            "  Debian, Ubuntu   sudo apt-get install graphviz\n"
            "  Fedora           sudo dnf install graphviz\n"
            "  macOS            brew install graphviz\n"
            "  Windows          winget install graphviz   (then open a new terminal)\n"
            "  conda            conda install -c conda-forge graphviz\n"
            'Without it, .save("graph.svg") still works, as do .dot, .mmd, .json and .txt.'
        )


class GraphTooLargeError(ValueError):
    """The drawing has more nodes than a picture of pixels can show."""

    def __init__(self, nodes: int) -> None:
        super().__init__(
            f"saving as .png refused: in a picture of this drawing's {nodes:,} nodes numbers could not be read. "
            "Save it as .svg or .pdf, which can be enlarged, fold more of it (draw(t, depth=1), draw(t, repeats=True), "
            "draw(t, limit=300)), or draw a part (draw(t, inputs=...))"
        )
