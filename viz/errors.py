"""What can keep a drawing from being made."""

from __future__ import annotations

__all__ = ["DotNotFoundError", "GraphTooLargeError"]


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
    """The drawing has more nodes than a picture of dots can show."""

    def __init__(self, nodes: int) -> None:
        super().__init__(
            f"saving as .png refused: in a picture of this drawing's {nodes:,} nodes numbers could not be read. "
            "Save it as .svg or .pdf, which can be enlarged, fold more of it (draw(t, depth=1), draw(t, repeats=True), "
            "draw(t, limit=300)), or draw a part (draw(t, inputs=...))"
        )
