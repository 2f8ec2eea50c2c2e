"""How far a training is: a bar, a line for each epoch, or nothing."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any

__all__ = ["Progress", "progress_of"]


class Progress:
    """Shows nothing; the base of those that show something."""

    def start(self, epochs: int, batches: int | None, done: int) -> None:
        """Begin, with so many epochs done already."""

    def batch(self, epoch: int, loss: float, batches: int) -> None:
        """Show that so many batches more of an epoch are done."""

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Show that an epoch is done."""

    def close(self, message: str = "") -> None:
        """End."""


class Lines(Progress):
    """A line on standard error for each epoch."""

    def start(self, epochs: int, batches: int | None, done: int) -> None:
        """Begin, with so many epochs done already."""
        self._epochs = epochs

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Show that an epoch is done."""
        number = str(row["epoch"]).rjust(len(str(self._epochs)))
        print(
            f"epoch {number}/{self._epochs}  {_values(row, '  ')}  {row['seconds']:.2f} s", file=sys.stderr, flush=True
        )

    def close(self, message: str = "") -> None:
        """End."""
        if message:
            print(message, file=sys.stderr, flush=True)


class Bar(Progress):
    """A bar of all batches of all epochs, by tqdm."""

    def start(self, epochs: int, batches: int | None, done: int) -> None:
        """Begin, with so many epochs done already."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about notebooks without ipywidgets, where the bar is of text
                from tqdm.auto import tqdm
        except ImportError as error:
            raise ImportError(
                "fit: progress='bar' needs the package tqdm; install it with pip install 'glassgrad[train]', or give "
                "progress='lines'"
            ) from error

        self._epochs, self._measured = epochs, ""
        total = None if batches is None else epochs * batches
        width: dict[str, Any] = {"dynamic_ncols": True} if _columns() != 0 else {"ncols": 80, "nrows": 24}
        self._bar = tqdm(total=total, initial=done * (batches or 0), unit="batch", **width)

    def batch(self, epoch: int, loss: float, batches: int) -> None:
        """Show that so many batches more of an epoch are done."""
        self._bar.set_description_str(f"epoch {epoch}/{self._epochs}", refresh=False)
        self._bar.set_postfix_str(self._measured or f"loss={loss:.4g}", refresh=False)
        self._bar.update(batches)

    def epoch(self, row: Mapping[str, Any]) -> None:
        """Show that an epoch is done."""
        self._measured = _values(row, ", ")
        self._bar.set_postfix_str(self._measured, refresh=False)

    def close(self, message: str = "") -> None:
        """End."""
        if message:
            self._bar.write(message, file=sys.stderr)
        self._bar.close()


def progress_of(wanted: bool | str) -> Progress:
    """The display asked for.

    Raises
    ------
    ValueError
        If there is no such one.
    """
    if wanted is True:
        wanted = "bar" if _interactive() and _has_tqdm() else "lines"
    if wanted is False:
        return Progress()
    kinds = {"bar": Bar, "lines": Lines}
    if wanted not in kinds:
        raise ValueError(f"fit: progress must be True, False, 'bar' or 'lines', got {wanted!r}")
    return kinds[wanted]()


def _interactive() -> bool:
    ipython = sys.modules.get("IPython")
    in_notebook = ipython is not None and hasattr(ipython.get_ipython(), "kernel")
    return in_notebook or bool(getattr(sys.stderr, "isatty", lambda: False)())


def _columns() -> int | None:
    """The width of the terminal: 0 where it does not say, as under ``script`` or in a container; None without one."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (AttributeError, OSError, ValueError):
        return None


def _has_tqdm() -> bool:
    try:
        import tqdm  # noqa: F401
    except ImportError:
        return False
    return True


def _values(row: Mapping[str, Any], separator: str) -> str:
    shown = {name: value for name, value in row.items() if name not in ("epoch", "lr", "grad_norm", "seconds")}
    return separator.join(f"{name}={value:.4g}" for name, value in shown.items() if isinstance(value, (int, float)))
