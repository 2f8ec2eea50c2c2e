"""Remembering more of what a program computes: source lines, where gradients are cut off, and what failed.

While a recording is open, the engine tells it of everything that its thread does with tensors. What is small and needed
later (the place in the program, and why a constant has no graph) is noted on the tensors themselves, so that drawings
made after the recording was closed, or forgotten, still show it. The graph itself only the recording holds on to.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

import numpy as np

from autograd import Tensor
from autograd._state import Watcher, settings, watched_by
from autograd._values import describe
from autograd.primitive import Primitive
from viz.collect import collect
from viz.names import Names, callers_names, named_in, names_for, names_in_frame
from viz.origins import CUT, PLACE, Cut, Failing
from viz.sources import Place, callers_frame, place_of, users_frames
from viz.traces import Source, Trace

__all__ = ["Failure", "Recording", "Unreached", "record"]

P = ParamSpec("P")
R = TypeVar("R")

#: The attribute of an exception that says what failed, and that of the recording that saw it.
_DETAILS, _RECORDING = "_failed_operation", "recording"


@dataclass(frozen=True)
class Failure:
    """What raised the error that ended a recording.

    Attributes
    ----------
    operation
        The primitive's name, or the module's class; empty if it was neither, but some other line of the program.
    scope
        The scopes in which it happened, outermost first.
    inputs
        What it was given: tensors, arrays, numbers.
    shapes
        Their dtypes and shapes: ``("float64 (2, 3)", "float64 (4, 5)")``.
    error
        The error's type and text.
    source
        The line of the user's program, or None.
    """

    operation: str
    scope: tuple[str, ...]
    inputs: tuple[Any, ...]
    shapes: tuple[str, ...]
    error: str
    source: Source | None


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


def record() -> Recording:
    """Remember source lines, cuts and failures of what is computed in a ``with`` block, or a decorated function.

    Returns
    -------
    Recording
        To be opened by ``with``; or a decorator, with which every call is a recording of its own.

    Notes
    -----
    What is computed inside the block

    - shows the line of the program that computed it, in every view (:attr:`viz.traces.Entry.source`);
    - says why it has no gradient, if it was cut off from the graph: ``"detached at model.py:12"``;
    - can be drawn as a whole by ``viz.draw(recording)``, with what was cut off, and after an error with the operation
      that failed and the shapes of its inputs. The error has an attribute ``recording``, and a note that says so.

    It concerns the thread that opens it. Operations take some microseconds more meanwhile, and nothing is let go that
    was recorded inside, until the recording itself is: so open it around one step, not a whole training run.

    Examples
    --------
    >>> import viz
    >>> from autograd import Tensor
    >>> w, x = Tensor([[1.0, 2.0]]), Tensor([3.0, 4.0, 5.0])
    >>> try:
    ...     with viz.record() as recording:
    ...         h = w * 2.0
    ...         y = h @ x
    ... except ValueError as error:
    ...     print(error.__notes__[0])
    recorded: 1 gate before matmul failed; viz.draw(error.recording) draws it all, what failed in red
    >>> recording.failure.operation, recording.failure.shapes, recording.failure.source.text
    ('matmul', ('float64 (1, 2)', 'float64 (3,)'), 'y = h @ x')
    >>> [(entry.kind, entry.label or entry.name) for entry in recording.trace().entries]
    [('variable', 'w'), ('gate', '×2'), ('variable', 'x'), ('failed', '@')]
    """
    return Recording()


class Recording:
    """What was computed while it was open (see :func:`viz.record`).

    Attributes
    ----------
    failure
        What raised the error that closed it; None if there was none.

    Examples
    --------
    >>> import viz
    >>> from autograd import Tensor
    >>> x, w = Tensor(3.0), Tensor(2.0)
    >>> with viz.record() as recording:
    ...     h = x * w
    ...     y = h.detach() * w
    >>> recording
    <Recording of 2 gates>
    >>> print(*recording.unreached([x, w]))
    x: detached at <doctest viz.recording.Recording[3]>:3
    """

    def __init__(self) -> None:
        self.failure: Failure | None = None
        self._memory = _Memory(None)
        self._open: AbstractContextManager[None] | None = None
        self._failing: Failing | None = None
        self._names: Names = {}

    # -- opening and closing -----------------------------------------------------------------------------------------

    def __enter__(self) -> Recording:
        if self._open is not None:
            raise RuntimeError("this recording is open already; make another one with viz.record()")
        self.failure, self._failing, self._names = None, None, {}
        self._memory = _Memory(settings.watcher)
        self._open = watched_by(self._memory)
        self._open.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._open is not None
        self._open.__exit__(None, None, None)
        self._open = None
        if isinstance(error, Exception):
            self._see(error, traceback)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Record every call of a function, each on its own."""

        @wraps(function)
        def recorded(*args: P.args, **kwargs: P.kwargs) -> R:
            with Recording():
                return function(*args, **kwargs)

        return recorded

    def _see(self, error: Exception, traceback: TracebackType | None) -> None:
        """Keep what the error says, but not the error, which holds on to all frames."""
        details = _details_of(error) or _Details(None, (), {}, ())
        frames = users_frames(traceback)
        what = details.what
        name = what.name if isinstance(what, Primitive) else "" if what is None else type(what).__name__
        message = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        self.failure = Failure(
            operation=name,
            scope=tuple(details.scope),
            inputs=details.inputs,
            shapes=tuple(map(describe_input, details.inputs)),
            error=message,
            source=frames[-1][1].source() if frames else None,
        )
        self._failing = Failing(
            operation=what if isinstance(what, Primitive) else None,
            label=name or type(error).__name__,
            scope=details.scope,
            inputs=details.inputs,
            shapes=self.failure.shapes,
            attributes=details.attributes,
            error=message,
            source=self.failure.source,
        )
        self._names = self._names_in([frame for frame, _ in frames])
        if not hasattr(error, _RECORDING):
            setattr(error, _RECORDING, self)
            failed = f"{name or 'this'}{_in(details.scope)} failed" if name or details.scope else "this"
            error.add_note(
                f"recorded: {_count(len(self._memory.results), 'gate')} before {failed}; viz.draw(error.recording) "
                f"draws it all, what failed in red"
            )

    def _names_in(self, frames: Iterable[Any]) -> Names:
        """What the functions that failed call the tensors: results as the innermost does, others as the outermost."""
        seen = {*self._memory.results, *(x for t in self._memory.results for x in t.inputs if isinstance(x, Tensor))}
        known = {x if isinstance(x, Tensor) else id(x) for x in (*seen, *self._memory.failed_inputs(self._failing))}
        found: dict[Any, str] = {}
        for frame in frames:
            for x, name in names_in_frame(frame).items():
                if x in known and (x not in found or (isinstance(x, Tensor) and x.primitive is not None)):
                    found[x] = name
        return found

    # -- looking at it -----------------------------------------------------------------------------------------------

    def trace(self, *, names: Any = None, **options: Any) -> Trace:
        """Read everything recorded so far, with what failed, and with what was cut off.

        Parameters
        ----------
        names, options
            As of :func:`viz.trace`; but gradients are those of the last result, if its backward pass was run. After an
            error there are none.

        Raises
        ------
        ValueError
            If nothing was recorded.
        """
        results = self._memory.results
        if not results and self._failing is None:
            raise ValueError(
                "this recording is empty: nothing was computed from variables inside its block, or its thread; open it "
                "around the forward pass"
            )
        called = names_for(names)
        inputs = () if self._failing is None else self._failing.inputs
        found = [x for x in (*results[-1:], *inputs) if isinstance(x, Tensor)]
        return collect(
            found[0] if found else Tensor(0.0, requires_grad=False),
            others=results,
            failing=self._failing,
            behind=True,
            names=None if called is None else {**self._names, **called},
            **{**options, "gradients": False if self._failing else options.get("gradients")},
        )

    def draw(self, **options: Any) -> Any:
        """Draw it: ``viz.draw(recording)``, which takes the same options."""
        from viz.drawing import draw

        return draw(self, **options)

    def unreached(self, parameters: Any, root: Tensor | None = None) -> tuple[Unreached, ...]:
        """Find the parameters that a result does not depend on, and why.

        Parameters
        ----------
        parameters
            A network (anything with ``named_parameters()``), a mapping from names to tensors, or tensors.
        root
            The result, by default the last one that was recorded; after an error, everything that was.

        Returns
        -------
        tuple of Unreached
            In the order of the parameters.

        Raises
        ------
        TypeError
            If the parameters are something else.

        Examples
        --------
        >>> import viz
        >>> from autograd import Tensor, no_grad
        >>> w, b = Tensor(2.0), Tensor(1.0)
        >>> with viz.record() as recording:
        ...     with no_grad():
        ...         h = w * 3.0
        ...     y = h + b
        >>> print(recording.unreached({"w": w, "b": b})[0])
        w: computed under no_grad at <doctest viz.recording.Recording.unreached[3]>:3
        """
        named = _named(parameters)
        if root is not None:
            roots = [root]
        elif self._failing is not None:
            roots = [*self._memory.results, *(x for x in self._failing.inputs if isinstance(x, Tensor))]
        else:
            roots = self._memory.results[-1:]
        reached = _ancestors(roots)
        uses = self._memory.uses()
        return tuple(
            _why(name, t, reached, uses, self._memory) for name, t in named if t not in reached or not t.requires_grad
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        if not self._memory.results and self._failing is None:
            return {"text/plain": repr(self)}
        return self.draw(names=None)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        failed = ""
        if self.failure is not None:
            what = self.failure.operation or self.failure.error.partition(":")[0]
            line = self.failure.source
            failed = f", failed at {what}{_in(self.failure.scope)}{f' ({line.file}:{line.line})' if line else ''}"
        return f"<Recording of {_count(len(self._memory.results), 'gate')}{failed}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors that carry it can be sent to another process, without it."""
        return type(None), ()


def _in(scope: tuple[str, ...]) -> str:
    return f" in {'/'.join(scope)}" if scope else ""


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


# ---------------------------------------------------------------------------------------------------------------------
# What the engine tells
# ---------------------------------------------------------------------------------------------------------------------


class _Memory(Watcher):
    """What one recording is told of. What surrounds it is told the same."""

    def __init__(self, outer: Watcher | None) -> None:
        self.outer = outer
        #: In the order of recording.
        self.results: list[Tensor] = []
        #: By the serial number of a tensor, what cut off or took out its values first, and where.
        self.cuts: dict[int, Cut] = {}
        self.reads: dict[int, tuple[str, Place | None]] = {}

    def made(self, leaf: Tensor, data: Any) -> None:
        place = _note_place(leaf)
        if isinstance(data, Tensor):
            self._cut(leaf, [data], "copied by Tensor(...)", place)
        if self.outer is not None:
            self.outer.made(leaf, data)

    def recorded(self, result: Tensor) -> None:
        _note_place(result)
        self.results.append(result)
        if self.outer is not None:
            self.outer.recorded(result)

    def unrecorded(self, constant: Tensor, inputs: Sequence[Any]) -> None:
        tensors = [x for x in inputs if isinstance(x, Tensor)]
        self._cut(constant, tensors, "computed under no_grad", _note_place(constant))
        if self.outer is not None:
            self.outer.unrecorded(constant, inputs)

    def cut(self, constant: Tensor, origin: Tensor, how: str) -> None:
        if constant is origin:
            constant.set_note(CUT, Cut(how, place_of(callers_frame()), ()))
        else:
            self._cut(constant, [origin], how, _note_place(constant))
        if self.outer is not None:
            self.outer.cut(constant, origin, how)

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
        if tensor.requires_grad and tensor.serial not in self.reads:
            self.reads[tensor.serial] = (how, place_of(callers_frame()))
        if self.outer is not None:
            self.outer.read(tensor, how)

    def failed(self, error: Exception, what: Any, inputs: Any, attributes: Mapping[str, Any]) -> None:
        details = _details_of(error)
        if details is None:
            details = _Details(None, (), {}, settings.scope)
        if details.what is None and what is not None:
            values = [*inputs, *attributes.values()] if not isinstance(what, Primitive) else inputs
            details.what, details.inputs = what, tuple(_numeric(values))
            details.attributes = attributes if isinstance(what, Primitive) else {}
        error.__dict__[_DETAILS] = details

    def uses(self) -> dict[Tensor, list[Tensor]]:
        """The results that are computed from each tensor directly."""
        found: dict[Tensor, list[Tensor]] = {}
        for result in self.results:
            for x in result.inputs:
                if isinstance(x, Tensor):
                    found.setdefault(x, []).append(result)
        return found

    @staticmethod
    def failed_inputs(failing: Failing | None) -> tuple[Any, ...]:
        return () if failing is None else failing.inputs


class _Details:
    """What is known of a failure before its error has left the block; it travels on the error."""

    __slots__ = ("attributes", "inputs", "scope", "what")

    def __init__(
        self, what: Any, inputs: tuple[Any, ...], attributes: Mapping[str, Any], scope: tuple[str, ...]
    ) -> None:
        self.what, self.inputs, self.attributes, self.scope = what, inputs, attributes, scope

    def __reduce__(self) -> tuple[Any, ...]:
        return type(None), ()


def _details_of(error: BaseException | None) -> _Details | None:
    """What is known of an error, or of the one that it was raised from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        details = error.__dict__.get(_DETAILS)
        if isinstance(details, _Details):
            return details
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return None


def _note_place(t: Tensor) -> Place | None:
    place = place_of(callers_frame())
    t.set_note(PLACE, place)
    return place


def _numeric(values: Iterable[Any]) -> Iterator[Any]:
    """Tensors, arrays and numbers among the arguments of a module, also in lists and dictionaries."""
    pending = list(values)[::-1]
    while pending:
        value = pending.pop()
        if isinstance(value, (list, tuple)) and not all(isinstance(x, (int, float)) for x in value):
            pending += list(value)[::-1]
        elif isinstance(value, dict):
            pending += list(value.values())[::-1]
        elif isinstance(value, Tensor):
            yield value
        elif isinstance(value, (np.ndarray, np.generic, int, float, complex, list, tuple)):
            array = np.asarray(value)
            if array.dtype.kind in "biufc":
                yield array if array.ndim else array.item()


def describe_input(x: Any) -> str:
    """Dtype and shape of what an operation was given, or the number itself."""
    return describe(x._data if isinstance(x, Tensor) else x)


# ---------------------------------------------------------------------------------------------------------------------
# Unreached parameters
# ---------------------------------------------------------------------------------------------------------------------


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


def _why(
    name: str, t: Tensor, reached: set[Tensor], uses: Mapping[Tensor, Sequence[Tensor]], memory: _Memory
) -> Unreached:
    """Follow a parameter to where its way ends."""
    if not t.requires_grad:
        cut = t.note(CUT, None)
        return Unreached(name, cut.reason, cut.source) if cut else Unreached(name, "requires_grad is False", None)
    after, pending = {t}, [t]
    while pending:
        for result in uses.get(pending.pop(), ()):
            if result not in after:
                after.add(result)
                pending.append(result)
    serials = sorted(x.serial for x in after)
    # First the cuts behind which the result goes on; then any; then values that were taken out as numbers.
    used = [cut for x in reached if (cut := x.note(CUT, None)) is not None]
    cuts = [memory.cuts[serial] for serial in serials if serial in memory.cuts]
    for cut in (*(c for c in used if any(x in after for x in c.origins)), *cuts):
        return Unreached(name, cut.reason, cut.source)
    for serial in serials:
        if serial in memory.reads:
            how, place = memory.reads[serial]
            return Unreached(
                name, f"its values were taken out of the graph by {how}{at(place)}", place.source() if place else None
            )
    if len(after) == 1:
        return Unreached(name, "not used in this recording", None)
    last = max(after, key=lambda x: x.serial)
    place = last.note(PLACE, None)
    return Unreached(
        name, f"the result does not use what is computed from it{at(place)}", place.source() if place else None
    )


def at(place: Place | None) -> str:
    """`` at model.py:12``, where that is known."""
    return f" at {place}" if place is not None else ""
