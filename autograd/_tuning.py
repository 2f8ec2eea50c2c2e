"""What importing the package changes in the process, and why: two settings that decide the speed of large graphs.

Both only shift when memory is given back, and neither is touched if ``AUTOGRAD_NO_TUNING`` is set in the environment.

**The garbage collector does not walk graphs again and again.** A graph holds no reference cycles: reference counting
frees it, at once. But its nodes count as allocations, and the more of them there are the more often CPython looks for
cycles among everything alive, which for a graph of a million scalar nodes takes as long as forward and backward pass
together. So while most of what is allocated is graph nodes, only the youngest objects are searched as often as ever,
and older ones every 1,400,000 nodes or as soon as anything else is being allocated.

**The C library keeps large freed blocks** (glibc only). It would hand the arrays of a graph back to the system after
each training step, and the system would hand them out again page by page, cleared, in the next: for arrays of a million
elements that takes longer than the arithmetic. Up to 1 GiB is now kept for the next step.
"""

from __future__ import annotations

import ctypes
import gc
import os
import platform

from autograd.tensor import next_serial

__all__ = ["tune"]

# glibc's malloc.h: blocks from this size on are mapped one by one, and returned when freed (32 MiB is its upper limit);
# the heap is cut back when more than this is free at its end. Setting either stops glibc from adapting the other.
_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -3, -1
_LARGEST_HEAP_BLOCK, _KEPT = 32 << 20, 1 << 30


class _Collector:
    """Called at every collection: defers those of older generations while nodes are most of what is allocated."""

    #: Collections of the youngest objects that bring about one of older ones meanwhile, instead of 10: every 1,400,000
    #: nodes, or about two seconds of building graphs, so that cycles held by a training loop do not pile up.
    deferred = 2000

    def __init__(self) -> None:
        self.usual = self.current = gc.get_threshold()
        self.serial = next_serial()

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase != "start":
            return
        serial = next_serial()
        mostly_nodes = 2 * (serial - self.serial) > self.usual[0]
        self.serial = serial
        wanted = (self.usual[0], self.deferred, self.usual[2]) if mostly_nodes else self.usual
        if wanted != self.current:
            if gc.get_threshold() != self.current:  # the program has chosen its own since: leave them to it
                gc.callbacks.remove(self)
                return
            gc.set_threshold(*wanted)
            self.current = wanted


def tune() -> None:
    """Apply both settings, leaving alone what the environment has set itself."""
    if os.environ.get("AUTOGRAD_NO_TUNING"):
        return
    gc.callbacks.append(_Collector())
    chosen = {"MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"} & os.environ.keys()
    if platform.libc_ver()[0] == "glibc" and not chosen:
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_HEAP_BLOCK)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
