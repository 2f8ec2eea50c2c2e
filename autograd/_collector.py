"""Keeping Python's garbage collector from walking whole graphs again and again to find nothing.

A graph holds no reference cycles: reference counting frees it, at once. But its nodes count as allocations, and about
every 70,000 of those CPython looks for cycles among all objects alive: on a graph of a million scalar nodes that is a
third of the time of forward and backward pass together. Importing the package makes the collections of older objects
rarer: those of the middle generation every 70,000 allocations instead of 7,000, those of all objects every 1,400,000 or
so. The frequent ones, among the youngest objects, stay as they are, so cycles that die young go as soon as before.
"""

from __future__ import annotations

import gc
import os

__all__ = ["relax"]

_DEFAULT = (10, 10)
_RARER = (100, 20)


def relax() -> None:
    """Make collections of older objects rarer, unless the program chose thresholds or ``AUTOGRAD_KEEP_GC`` is set."""
    youngest, *older = gc.get_threshold()
    if tuple(older) == _DEFAULT and not os.environ.get("AUTOGRAD_KEEP_GC"):
        gc.set_threshold(youngest, *_RARER)
