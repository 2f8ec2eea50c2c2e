"""Remembering more of what a program computes: source lines, where gradients are cut off, and what failed.

While a recording is open, the engine tells it of everything that its thread does with tensors. What is small and needed
later (the place in the program, and why a constant has no graph) is noted on the tensors themselves, so that drawings
made after the recording was closed, or forgotten, still show it. The graph itself only the recording holds on to.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import wraps
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from autograd import Tensor
from autograd._state import watched_by
from autograd._values import describe
from autograd.primitives import Primitive
from autograd.sources import Source, frames_beyond, users_frames
from viz.collect import collect
from viz.names import Names, names_for, names_in_frame
from viz.origins import Failing
from viz.reaching import Unreached, unreached
from viz.traces import Trace
from viz.watching import Details, Memory, details_of, details_of_call

__all__ = ["Failure", "Recording", "record"]

P = ParamSpec("P")
R = TypeVar("R")

#: Marks functions the calls of which only make something that is run later.
_LATER = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
#: The attribute of an exception that is the recording that saw it.
_RECORDING = "recording"


@dataclass(frozen=True)
class Failure:
    """What raised the error that ended a recording.

    Attributes
    ----------
    operation
        The primitive's name, the module's class, or the name of another function of these packages; empty if it was
        some line of the program itself.
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


def record() -> Recording:
    """Remember source lines, cuts and failures of what is computed in a ``with`` block, or a decorated function.

    Returns
    -------
    Recording
        To be opened by ``with``; or a decorator, with which every call is a recording of its own.

    Notes
    -----
    What is computed inside the block

    - shows the line of the program that computed it, in every view (``source`` in :class:`viz.traces.Entry`);
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
        self._memory = Memory()
        self._open: AbstractContextManager[None] | None = None
        self._failing: Failing | None = None
        self._names: Names = {}

    # -- opening and closing -----------------------------------------------------------------------------------------

    def __enter__(self) -> Recording:
        if self._open is not None:
            raise RuntimeError("this recording is open already; make another one with viz.record()")
        self.failure, self._failing, self._names = None, None, {}
        self._memory = Memory()
        self._open = watched_by(self._memory)
        self._open.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._open is None:
            raise RuntimeError("this recording is not open; open it by: with viz.record() as recording:")
        self._open.__exit__(None, None, None)
        self._open = None
        if isinstance(error, Exception):
            self._see(error, traceback)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Record every call of a function, each on its own.

        Raises
        ------
        TypeError
            If the function only begins when it is called (a generator, a coroutine).
        """
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _LATER:
            raise TypeError(
                f"record: a call of {function.__name__} returns before it computes anything; open the recording inside "
                f"it, by: with viz.record() as recording:"
            )

        @wraps(function)
        def recorded(*args: P.args, **kwargs: P.kwargs) -> R:
            with Recording():
                return function(*args, **kwargs)

        return recorded

    def _see(self, error: Exception, traceback: TracebackType | None) -> None:
        """Keep what the error says, but not the error, which holds on to all frames."""
        details = details_of(error) or Details(None, (), {}, ())
        if details.what is None:
            details = details_of_call(frames_beyond(traceback), details.scope)
        frames = users_frames(traceback)
        what = details.what
        name = _called(what)
        message = ": ".join(filter(None, [type(error).__name__, _text(error)]))
        self.failure = Failure(
            operation=name,
            scope=tuple(details.scope),
            inputs=details.inputs,
            shapes=tuple(map(_describe, details.inputs)),
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
        if _RECORDING not in error.__dict__:
            error.__dict__[_RECORDING] = self
            failed = f"{name or 'this'}{_in(details.scope)} failed" if name or details.scope else "this"
            with suppress(Exception):  # of errors that nothing can be added to
                error.add_note(
                    f"recorded: {_count(len(self._memory.results), 'gate')} before {failed}; viz.draw(error.recording) "
                    f"draws it all, what failed in red"
                )

    def _names_in(self, frames: Iterable[Any]) -> Names:
        """What the functions that failed call the tensors: results as the innermost does, others as the outermost."""
        seen = {*self._memory.results, *(x for t in self._memory.results for x in t.inputs if isinstance(x, Tensor))}
        known = {
            x if isinstance(x, Tensor) else id(x) for x in (*seen, *(self._failing.inputs if self._failing else ()))
        }
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
        if root is not None:
            roots = [root]
        elif self._failing is not None:
            roots = [*self._memory.results, *(x for x in self._failing.inputs if isinstance(x, Tensor))]
        else:
            roots = self._memory.results[-1:]
        return unreached(parameters, roots, self._memory)

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


def _text(error: Exception) -> str:
    """What an error says, if it can."""
    try:
        return str(error)
    except Exception:
        return ""


def _called(what: Any) -> str:
    if isinstance(what, Primitive):
        return what.name
    return what or "" if what is None or isinstance(what, str) else type(what).__name__


def _describe(x: Any) -> str:
    """Dtype and shape of what an operation was given, or the number itself."""
    return describe(x._data if isinstance(x, Tensor) else x)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
