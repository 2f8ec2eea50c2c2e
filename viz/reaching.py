"""Parameters that a result does not depend on, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograd import Tensor
from autograd.sources import PLACE, Place, Source
from viz.names import callers_names, named_in
from viz.origins import CUT
from viz.watching import Memory

__all__ = ["Unreached", "unreached"]


#: Of parameters that nothing was computed from.
UNUSED = "not used in this recording"


@dataclass(frozen=True)
class Unreached:
    """A parameter that a result does not depend on.

    Attributes
    ----------
    name
        What it is called.
    reason
        Why: ``"detached at model.py:12"``.
    source
        That line, or None.
    """

    name: str
    reason: str
    source: Source | None

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


def unreached(parameters: Any, roots: Iterable[Tensor], memory: Memory) -> tuple[Unreached, ...]:
    """Find the parameters that none of the roots depends on (see :meth:`viz.Recording.unreached`)."""
    reached = _ancestors(roots)
    search = _Search(reached, memory)
    return tuple(search.why(name, t) for name, t in _named(parameters) if t not in reached or not t.requires_grad)


def _named(parameters: Any) -> list[tuple[str, Tensor]]:
    if isinstance(parameters, Mapping):
        named = list(parameters.items())
    elif callable(getattr(type(parameters), "named_parameters", None)):
        named = [(name, t) for name, t in named_in(parameters) if t.requires_grad or t.note("parameter", False)]
    else:
        found = callers_names()
        tensors = [parameters] if isinstance(parameters, Tensor) else list(parameters)
        named = [(found.get(t) or getattr(t, "name", "") or f"[{i}]", t) for i, t in enumerate(tensors)]
    for name, t in named:
        if not isinstance(t, Tensor):
            raise TypeError(f"unreached: expected a network or tensors, got {type(t).__name__} as {name!r}")
    return named


def _ancestors(roots: Iterable[Tensor]) -> set[Tensor]:
    found = set(roots)
    pending = list(found)
    while pending:
        for x in pending.pop().inputs:
            if isinstance(x, Tensor) and x not in found:
                found.add(x)
                pending.append(x)
    return found


class _Search:
    """Follows parameters to where their ways end."""

    def __init__(self, reached: set[Tensor], memory: Memory) -> None:
        self.memory = memory
        #: Cuts behind which the result goes on.
        self.used = [cut for x in reached if (cut := x.note(CUT, None)) is not None]
        #: The results that are computed from each tensor directly.
        self.uses: dict[Tensor, list[Tensor]] = {}
        for result in memory.results:
            for x in result.inputs:
                if isinstance(x, Tensor):
                    self.uses.setdefault(x, []).append(result)

    def why(self, name: str, t: Tensor) -> Unreached:
        """Tell why a parameter is not reached."""
        if not t.requires_grad:
            cut = t.note(CUT, None)
            return Unreached(name, cut.reason, cut.source) if cut else Unreached(name, "requires_grad is False", None)
        after = self._after(t)
        serials = sorted(x.serial for x in after)
        used = [cut for cut in self.used if any(x in after for x in cut.origins)]
        for cut in (*used, *(self.memory.cuts[serial] for serial in serials if serial in self.memory.cuts)):
            return Unreached(name, cut.reason, cut.source)
        for serial in serials:
            if serial in self.memory.reads:
                how, place = self.memory.reads[serial]
                return _ending(name, f"its values were taken out of the graph by {how}", place)
        if len(after) == 1:
            return Unreached(name, UNUSED, None)
        last = max(after, key=lambda x: x.serial)
        return _ending(name, "the result does not use what is computed from it", last.note(PLACE, None))

    def _after(self, t: Tensor) -> set[Tensor]:
        """It, and everything that was computed from it."""
        after, pending = {t}, [t]
        while pending:
            new = set(self.uses.get(pending.pop(), ())) - after
            after |= new
            pending += new
        return after


def _ending(name: str, reason: str, place: Place | None) -> Unreached:
    if place is None:
        return Unreached(name, reason, None)
    return Unreached(name, f"{reason} at {place}", place.source())
