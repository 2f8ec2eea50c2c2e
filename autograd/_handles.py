"""What stands for a tensor or a plain array that may be another one later (see :mod:`autograd.assignment`).

The engine's operations ask such a handle what it holds at the moment, and record that.
"""

from __future__ import annotations

from typing import Any

from autograd.trees import mapped

__all__ = ["Handle", "settled"]


class Handle:
    """Base of the one class of handles, which is defined above the engine."""

    __slots__ = ()

    def current(self) -> Any:
        """What it holds now, for an operation to record: a tensor, or a plain array that will not change."""
        raise NotImplementedError

    def holds_tensors(self) -> bool:
        """Whether that is a tensor."""
        raise NotImplementedError

    def export(self) -> Any:
        """A plain array that shares its memory; an error if it holds tensors."""
        raise NotImplementedError

    def peek(self) -> Any:
        """Its present numbers, to be looked at and not kept."""
        raise NotImplementedError


def settled(x: Any) -> Any:
    """A structure with what its handles hold now in their place; itself if there are none in it.

    Examples
    --------
    >>> settled([1.0, 2.0])
    [1.0, 2.0]
    """
    if isinstance(x, Handle):
        return x.current()
    if isinstance(x, (list, tuple, dict)) and _holds_handle(x):
        return mapped(lambda leaf: leaf.current() if isinstance(leaf, Handle) else leaf, x)
    return x


def _holds_handle(x: Any) -> bool:
    items = x.values() if isinstance(x, dict) else x
    for kind in set(map(type, items)):  # of few kinds, although there may be many
        if issubclass(kind, Handle) or (
            issubclass(kind, (list, tuple, dict)) and any(isinstance(y, kind) and _holds_handle(y) for y in items)
        ):
            return True
    return False
