"""Keeping Python's cyclic garbage collector from walking graphs that it cannot free anything in.

A graph holds no reference cycles: reference counting frees it. But each node counts as an allocation, and every 700
of those start a collection that looks for cycles among the youngest objects, and now and then among all. For a graph of a
million scalar nodes that is about half of the time of the whole forward pass, to find nothing. Importing the package
therefore raises the first threshold; cycles elsewhere in the program are still collected, only in larger batches.
"""

from __future__ import annotations

import gc
import os

__all__ = ["THRESHOLD", "relax"]

#: Allocations that start a collection. At about 100 bytes an object, garbage may wait in the order of 5 MB longer.
THRESHOLD = 50_000


def relax() -> None:
    """Raise the collector's first threshold, unless the program chose its own or ``AUTOGRAD_KEEP_GC`` is set."""
    first, *others = gc.get_threshold()
    if 0 < first <= 2000 and not os.environ.get("AUTOGRAD_KEEP_GC"):
        gc.set_threshold(THRESHOLD, *others)
