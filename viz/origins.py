"""What a recording notes on tensors, besides where they were computed: why they have no graph."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograd import Tensor
from autograd.primitives import Primitive
from autograd.sources import Place, Source

__all__ = ["CUT", "FROZEN", "Cut", "Failing", "cut_of"]

#: Under which name that is kept (:meth:`autograd.Tensor.note`). A copied tensor has None instead.
CUT = "cut"
#: How a variable becomes a constant without a copy.
FROZEN = "frozen"

Behind = tuple["weakref.ref[Tensor]", ...]


class Cut:
    """Why gradients stop at a constant.

    Attributes
    ----------
    how
        ``"detached"``, ``"computed under no_grad"``, ``"copied by Tensor(...)"`` or ``"frozen"``.
    place
        Where in the user's program.
    behind
        What it was cut off from, as long as that is alive.
    """

    __slots__ = ("behind", "how", "place")

    #: How many tensors are remembered as being behind a cut.
    MOST = 8

    def __init__(self, how: str, place: Place | None, behind: Behind) -> None:
        self.how, self.place, self.behind = how, place, behind

    def along(self, behind: Iterable[weakref.ref[Tensor]]) -> Cut:
        """The same cut, for a constant that was computed from one that it made, and from others."""
        once = {id(ref): ref for ref in behind}  # there is one weak reference to each
        return Cut(self.how, self.place, tuple(once.values())[: self.MOST])

    @property
    def reason(self) -> str:
        """``"detached at model.py:12"``."""
        how = "requires_grad was set to False" if self.how == FROZEN else self.how
        return f"{how} at {self.place}" if self.place is not None else how

    @property
    def origins(self) -> list[Tensor]:
        """What it was cut off from and is still alive."""
        return [x for ref in self.behind if (x := ref()) is not None]

    @property
    def source(self) -> Source | None:
        """The line that did it."""
        return None if self.place is None else self.place.source()

    def __reduce__(self) -> tuple[object, ...]:
        return type(None), ()


def cut_of(t: Tensor) -> Cut | None:
    """Why a constant has no graph, if that was recorded and there is a reason."""
    cut: Cut | None = None if t.requires_grad else t.note(CUT, None)
    return cut


@dataclass(frozen=True)
class Failing:
    """An operation or module that raised an error, to be shown where its result would be.

    Attributes
    ----------
    operation
        The primitive, or None.
    label
        What is written there.
    scope, inputs, attributes
        Where it was called, and with what.
    shapes
        Dtypes and shapes of the inputs.
    error, source
        What it raised, and the line of the user's program.
    """

    operation: Primitive | None
    label: str
    scope: tuple[str, ...]
    inputs: tuple[Any, ...]
    attributes: Mapping[str, Any]
    shapes: tuple[str, ...]
    error: str
    source: Source | None
