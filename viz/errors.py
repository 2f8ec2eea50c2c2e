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
    """The drawing has more nodes than Graphviz lays out in reasonable time."""

    def __init__(self, kind: str, nodes: int, most: int) -> None:
        super().__init__(
            f"saving as .{kind} refused: this drawing has {nodes:,} nodes, and Graphviz, which makes .{kind}, takes "
            f"minutes for more than {most:,}. Save it as .svg, which is laid out without Graphviz, fold more of it "
            f"(draw(t, depth=1), draw(t, repeats=True), draw(t, limit=300)), or draw a part (draw(t, inputs=...))"
        )
