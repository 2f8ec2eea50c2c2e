"""What a training measured, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import numpy as np
from numpy import ndarray

__all__ = ["History"]

_FIELDS = ("monitor", "best_epoch", "interrupted", "stopped")
#: Longer tables show their first, best and last rows.
_ROWS = 24


class History:
    """The measurements of a training: for each quantity one value per finished epoch.

    Attributes
    ----------
    monitor : str
        The quantity by which epochs are compared.
    best_epoch : int or None
        The epoch, counted from 1, in which it was best; None before the first one.
    interrupted : bool
        Whether the training was ended by Ctrl-C, in the middle of the epoch after the last one listed.
    stopped : str
        Why it ended.

    Examples
    --------
    >>> history = History(monitor="loss")
    >>> history.append({"epoch": 1, "loss": 0.5})
    >>> history.append({"epoch": 2, "loss": 0.25})
    >>> history.best_epoch = 2
    >>> history["loss"]
    array([0.5 , 0.25])
    >>> history
    epoch  loss
        1   0.5
        2  0.25  best
    """

    def __init__(self, monitor: str = "loss") -> None:
        self.monitor = monitor
        self.best_epoch: int | None = None
        self.interrupted = False
        self.stopped = ""
        self._columns: dict[str, list[Any]] = {}

    def append(self, row: Mapping[str, Any]) -> None:
        """Add an epoch.

        Raises
        ------
        ValueError
            If it has other quantities than those before.
        """
        if self._columns and row.keys() != self._columns.keys():
            raise ValueError(f"History: epochs so far have {', '.join(self._columns)}, this one {', '.join(row)}")
        for name, value in row.items():
            self._columns.setdefault(name, []).append(value)

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), []))

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> ndarray[Any, Any]:
        """The values of one quantity, such as ``"val_loss"``."""
        if name not in self._columns:
            raise KeyError(f"History has no {name!r}; it has {', '.join(self._columns) or 'no epochs yet'}")
        return np.array(self._columns[name])

    def keys(self) -> list[str]:
        """The names of what was measured."""
        return list(self._columns)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, text and lists, which ``json`` can write."""
        columns = {name: list(values) for name, values in self._columns.items()}
        return {**{name: getattr(self, name) for name in _FIELDS}, "epochs": columns}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The history that :meth:`to_dict` was called on.

        Raises
        ------
        ValueError
            If something is missing.
        """
        missing = [name for name in (*_FIELDS, "epochs") if name not in values]
        if missing:
            raise ValueError(f"History.from_dict: {', '.join(missing)} missing")
        history = cls()
        for name in _FIELDS:
            setattr(history, name, values[name])
        history._columns = {name: list(column) for name, column in values["epochs"].items()}
        return history

    def __repr__(self) -> str:
        if not len(self):
            return "<History of no epochs>"
        names = [name for name in self._columns if not isinstance(self._columns[name][0], list)]
        rows = list(zip(*(self._columns[name] for name in names), strict=True))
        best = self.best_epoch - 1 if self.best_epoch is not None else -1
        chosen: Iterable[int] = range(len(rows))
        if len(rows) > _ROWS:
            chosen = sorted({*range(5), *([best] if best >= 0 else []), *range(len(rows) - 5, len(rows))})
        cells = [names, *([_shown(value) for value in rows[i]] for i in chosen)]
        widths = [max(len(row[c]) for row in cells) + 2 * (c > 0) for c in range(len(names))]
        lines = ["".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
        previous, table = -1, [lines[0]]
        for i, line in zip(chosen, lines[1:], strict=True):
            if i > previous + 1:
                table.append("...".rjust(widths[0]))
            table.append(line + ("  best" if i == best else ""))
            previous = i
        return "\n".join([*table, *([self.stopped] if self.stopped else [])])


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4g}"
