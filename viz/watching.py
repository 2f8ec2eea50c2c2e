"""What a recording is told of by the engine, and keeps."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any

import numpy as np

from autograd import Tensor
from autograd._state import Watcher, settings
from autograd.primitives import Primitive
from autograd.sources import Place, callers_frame, note_place, place_of
from viz.origins import CUT, Cut

__all__ = ["Details", "Memory", "details_of", "details_of_call"]

#: The attribute of an exception that says what failed.
DETAILS = "_failed_operation"


class Memory(Watcher):
    """What one recording is told of.

    Attributes
    ----------
    results
        All that was recorded, in order.
    cuts, reads
        By the serial number of a tensor, what cut off or took out its values first, and where.
    """

    def __init__(self) -> None:
        self.results: list[Tensor] = []
        self.cuts: dict[int, Cut] = {}
        self.reads: dict[int, tuple[str, Place | None]] = {}

    def made(self, leaf: Tensor, data: Any) -> None:
        """Note where; and what it is a copy of."""
        place = note_place(leaf)
        if isinstance(data, Tensor):
            self._cut(leaf, [data], "copied by Tensor(...)", place)

    def recorded(self, result: Tensor) -> None:
        """Note where, and keep it."""
        note_place(result)
        self.results.append(result)

    def unrecorded(self, constant: Tensor, inputs: Sequence[Any]) -> None:
        """Note where, and of what its inputs lose the gradient here, or have lost it before."""
        tensors = [x for x in inputs if isinstance(x, Tensor)]
        self._cut(constant, tensors, "computed under no_grad", note_place(constant))

    def cut(self, constant: Tensor, origin: Tensor, how: str) -> None:
        """Note where, how, and from what; or where a variable was frozen."""
        if constant is origin:
            constant.set_note(CUT, Cut(how, place_of(callers_frame()), ()))
        else:
            self._cut(constant, [origin], how, note_place(constant))

    def _cut(self, constant: Tensor, inputs: Sequence[Tensor], how: str, place: Place | None) -> None:
        """Note what a constant was cut off from, itself or through other constants."""
        tracked = [x for x in inputs if x.requires_grad]
        earlier = [cut for x in inputs if not x.requires_grad and (cut := x.note(CUT, None)) is not None]
        if not tracked and not earlier:
            return
        behind = [weakref.ref(x) for x in tracked] + [x for cut in earlier for x in cut.behind]
        cut = Cut(how, place, tuple(behind[: Cut.MOST])) if tracked else earlier[0].along(behind)
        constant.set_note(CUT, cut)
        for x in tracked:
            self.cuts.setdefault(x.serial, cut)

    def read(self, tensor: Tensor, how: str) -> None:
        """Note where and how, the first time."""
        if tensor.requires_grad and tensor.serial not in self.reads:
            self.reads[tensor.serial] = (how, place_of(callers_frame()))

    def failed(self, error: Exception, what: Any, inputs: Any, attributes: Mapping[str, Any]) -> None:
        """Note on the error what failed: the innermost operation, or else the innermost module."""
        details = details_of(error)
        if details is None:
            details = Details(None, (), {}, settings.scope)
        if details.what is None and what is not None:
            values = [*inputs, *attributes.values()] if not isinstance(what, Primitive) else inputs
            details.what, details.inputs = what, tuple(_numeric(values))
            details.attributes = attributes if isinstance(what, Primitive) else {}
        error.__dict__[DETAILS] = details


class Details:
    """What is known of a failure before its error has left the block; it travels on the error.

    Attributes
    ----------
    what
        The primitive, the module, or the name of the function that raised it; None where it was none of ours.
    inputs, attributes
        What it was given.
    scope
        Where.
    """

    __slots__ = ("attributes", "inputs", "scope", "what")

    def __init__(
        self, what: Any, inputs: tuple[Any, ...], attributes: Mapping[str, Any], scope: tuple[str, ...]
    ) -> None:
        self.what, self.inputs, self.attributes, self.scope = what, inputs, attributes, scope

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()


def details_of_call(frames: Sequence[FrameType], scope: tuple[str, ...]) -> Details:
    """What is known of an error of which the engine was not told: the function that the program called, and with what.

    Parameters
    ----------
    frames
        Those between the program and the error, outermost first.
    scope
        Where it happened.
    """
    for frame in frames:
        primitive = frame.f_locals.get("primitive")
        if isinstance(primitive, Primitive):  # what applies one is a closure over it
            return Details(primitive, tuple(_numeric(_arguments(frame))), {}, scope)
    if not frames:
        return Details(None, (), {}, scope)
    frame = frames[0]
    name = frame.f_code.co_name
    if name.startswith("__") and "self" in frame.f_locals:
        name = type(frame.f_locals["self"]).__name__
    return Details(name.strip("_"), tuple(_numeric(_arguments(frame))), {}, scope)


def _arguments(frame: FrameType) -> list[Any]:
    """What a function was called with, as far as it has not put something else in its place."""
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return [frame.f_locals[name] for name in code.co_varnames[:count] if name in frame.f_locals]


def details_of(error: BaseException | None) -> Details | None:
    """What is known of an error, or of the one that it was raised from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        details = error.__dict__.get(DETAILS)
        if isinstance(details, Details):
            return details
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _numeric(values: Iterable[Any]) -> Iterator[Any]:
    """Tensors, arrays and numbers among the arguments of a module, also in lists and dictionaries."""
    pending = list(values)[::-1]
    seen: set[int] = set()  # a list may hold itself
    while pending:
        value = pending.pop()
        nested = isinstance(value, (list, tuple)) and not all(isinstance(x, (int, float)) for x in value)
        if nested or isinstance(value, dict):
            if id(value) not in seen:
                pending += list(value.values() if isinstance(value, dict) else value)[::-1]
            seen.add(id(value))
        elif isinstance(value, Tensor):
            yield value
        elif isinstance(value, (np.ndarray, np.generic, int, float, complex, list, tuple)):
            array = np.asarray(value)
            if array.dtype.kind in "biufc":
                yield array if array.ndim else array.item()
