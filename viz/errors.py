"""What can keep a drawing from being made."""

from __future__ import annotations

__all__ = ["DotNotFoundError", "GraphTooLargeError"]


class DotNotFoundError(RuntimeError):
    """The program ``dot``, which lays drawings out, cannot be run."""

    def __init__(self) -> None:
        super().__init__(
            "drawing needs Graphviz's program `dot`, which was not found on the PATH. To install it:\n"
            "  Debian, Ubuntu   sudo apt-get install graphviz\n"
            "  Fedora           sudo dnf install graphviz\n"
            "  macOS            brew install graphviz\n"
            "  Windows          winget install graphviz   (then open a new terminal)\n"
            "  conda            conda install -c conda-forge graphviz\n"
            'Without it, the drawing\'s `.source` and `.save("graph.dot")` still work: the text they give can be laid '
            "out on another machine."
        )


class GraphTooLargeError(ValueError):
    """The graph has more nodes than a drawing can show."""

    def __init__(self, limit: int, folded: bool) -> None:
        fold = (
            "fold more of it (collapse=True folds the innermost scopes, depth=1 the outermost)"
            if folded
            else "fold its scopes into one gate each with draw(t, collapse=True) or draw(t, depth=1)"
        )
        super().__init__(
            f"drawing refused: this graph has more than {limit:,} nodes to draw, too many to lay out and to read. "
            f"Draw a part of it (call draw on an intermediate result, or on a smaller batch or fewer steps), {fold}, "
            f"or raise the limit with draw(t, limit=...)"
        )
