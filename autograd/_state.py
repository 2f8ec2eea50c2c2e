"""What the current thread is doing: recording or not, inside which named scopes, and who is told of it.

All settings are per thread: a new thread records, in no scope, watched by nobody, whatever blocks are open in the one
that started it. Threads share nothing but tensors, the registry of operations and the numbering of tensors, and any
number of them may compute and differentiate at once, also with the same constants, variables and graphs. What changes
a tensor that others use (assigning its values, writing to its array, an optimiser's step) is not for several threads at
once; adding to ``.grad`` in backward passes is (see :func:`autograd.reverse.backward`). Operations are declared by one
thread, most often when a module is imported.

Coroutines (``asyncio``) run in one thread and share its settings. A block that is open across an ``await`` is open for
whatever runs meanwhile, too: what that computes is not recorded, or is in the scope. Once all are closed, in any order,
the settings are again what they were before. So close a block before awaiting, or run each task that needs its own in
a thread (``asyncio.to_thread``):

>>> import asyncio
>>> from autograd import is_grad_enabled, no_grad
>>> async def waits_inside():
...     with no_grad():
...         await asyncio.sleep(0)
>>> async def looks():
...     return is_grad_enabled(), await asyncio.to_thread(is_grad_enabled)
>>> async def both():
...     return (await asyncio.gather(waits_inside(), looks()))[1]
>>> asyncio.run(both())
(False, True)

Almost always no thread has changed its settings, so the recording hot path reads one module variable, :data:`unusual`,
and looks at the thread's own only when it is not zero.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ContextDecorator, contextmanager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from autograd.nonfinite import Range
    from autograd.primitives import Primitive
    from autograd.tensor import Tensor

__all__ = [
    "Checker", "Watcher", "current_scope", "enable_grad", "failed", "is_grad_enabled", "no_grad", "scope", "unusual",
    "watched_by",
]  # fmt: skip

#: How many ``no_grad``/``enable_grad``/``scope``/``watched_by`` and forward-mode blocks are open, over all threads. A
#: thread always sees its own blocks counted here; those of other threads only cost it a look at its own (default)
#: settings.
unusual = 0
#: How many of these are of forward mode.
pushing_anywhere = 0
_unusual_lock = threading.Lock()


def count(change: int, pushing: bool = False) -> None:
    """Note that a block was opened (+1) or closed (-1), and whether it is one of forward mode."""
    global unusual, pushing_anywhere
    with _unusual_lock:
        unusual += change
        pushing_anywhere += change * pushing


class Path(tuple[str, ...]):
    """Names of open scopes, outermost first. Each time one is entered there is another, so that calls are told apart.

    Attributes
    ----------
    outer
        The scopes around the innermost.
    """

    outer: tuple[str, ...]

    @classmethod
    def into(cls, outer: tuple[str, ...], name: str) -> Path:
        """Enter a scope inside others."""
        path = cls((*outer, name))
        path.outer = outer
        return path


class Watcher:
    """Who is told of everything that a thread computes with tensors, as it happens (see :func:`watched_by`).

    Attributes
    ----------
    checks
        Whether this is a :class:`Checker`, which is told of gradients and tangents, too.
    """

    checks: bool = False

    def made(self, leaf: Tensor, data: Any) -> None:
        """Note that the program made a variable or constant from this data."""

    def computed(self, what: Primitive, value: Any, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> None:
        """Note that an operation was computed, before its result is recorded or made a constant."""

    def recorded(self, result: Tensor) -> None:
        """Note that an operation was recorded."""

    def unrecorded(self, constant: Tensor, inputs: Sequence[Any]) -> None:
        """Note that an operation was not recorded, as its inputs are constants or recording is switched off."""

    def cut(self, constant: Tensor, origin: Tensor, how: str) -> None:
        """Note that gradients stop here: ``how`` completes "it was ..."."""

    def read(self, tensor: Tensor, how: str) -> None:
        """Note that values were taken out of the graph as plain numbers."""

    def failed(self, error: Exception, what: Any, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> None:
        """Note that an operation, a module or (None) a scope was left by an error."""


class Checker(Watcher):
    """A watcher that is also told of derivatives, and may raise an error at any of its methods but ``failed``.

    While there is one, the backward pass takes its slower way (see autograd/reverse.py).
    """

    checks: bool = True

    def begun(self, root: Tensor, cotangent: Any) -> None:
        """Note that a backward pass starts here, from this cotangent."""

    def deriving(self, node: Tensor) -> AbstractContextManager[None]:
        """A block in which the rule of this node is applied."""
        return nullcontext()

    def sent(self, node: Tensor, index: int, cotangent: Any, contribution: Any) -> None:
        """Note what a node with this cotangent sends back to one of its inputs."""

    def summed(self, x: Tensor, before: Any, contribution: Any, total: Any) -> None:
        """Note that a cotangent has become the sum of what was sent before and a further contribution."""

    def moved(self, node: Tensor, moves: Sequence[Any], tangent: Any) -> None:
        """Note the tangent of a result, and those of its inputs (None where zero)."""

    def stepped(self, what: str, variable: Tensor, gradient: Any, before: Range) -> None:
        """Note that an optimiser gave a variable a new value by this gradient; and the range of the old value."""


class _Several:
    """Several watchers as one: each is told, those of outer blocks first."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self.watchers = watchers

    def __getattr__(self, event: str) -> Callable[..., None]:
        told = [getattr(watcher, event) for watcher in self.watchers]

        def tell(*args: Any) -> None:
            for one in told:
                one(*args)

        return tell


class _Settings(threading.local):
    def __init__(self) -> None:  # once in each thread
        self.recording = True
        self.scope: tuple[str, ...] = ()
        self.outer: list[tuple[bool, tuple[str, ...]]] = []  # what the open blocks of this thread will restore
        self.watcher: Watcher | None = None  # who is told: all of the open blocks, as one
        self.checker: Checker | None = None  # the innermost of those that check
        self.pushing: tuple[Any, ...] = ()  # open blocks of forward mode, outermost first (see autograd/forward.py)
        self.transforms = 0  # how many functions are being differentiated around what runs now
        self.assigning = False  # whether arrays that are made may have tensors assigned (see autograd/assignment.py)
        self.watchers: list[list[Watcher | None]] = []  # those of the open blocks, outermost first

    def enter(self) -> None:
        count(+1)
        self.outer.append((self.recording, self.scope))

    def leave(self) -> None:
        self.recording, self.scope = self.outer.pop()
        count(-1)

    def tell(self) -> None:
        """Find out who is told: all since the innermost block of nobody, of those that check only the innermost."""
        told: list[Any] = []
        for (watcher,) in self.watchers:
            told = [] if watcher is None else [*told, watcher]
        checkers = [watcher for watcher in told if watcher.checks]
        self.checker = checkers[-1] if checkers else None
        told = [watcher for watcher in told if not watcher.checks or watcher is self.checker]
        self.watcher = None if not told else told[0] if len(told) == 1 else cast(Watcher, _Several(told))


settings = _Settings()


@contextmanager
def watched_by(watcher: Watcher | None) -> Iterator[None]:
    """Tell someone, besides who is told already, of everything that this thread computes; None: nobody for a while."""
    block = [watcher]
    settings.watchers.append(block)
    settings.tell()
    count(+1)
    try:
        yield
    finally:
        # Generators and coroutines may close their blocks in any order.
        settings.watchers = [other for other in settings.watchers if other is not block]
        settings.tell()
        count(-1)


def failed(error: Exception, what: Any, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> None:
    """Tell this thread's watcher, if there is one, that an error leaves an operation, a module or a scope."""
    if settings.watcher is not None:
        settings.watcher.failed(error, what, inputs, attributes)


def is_grad_enabled() -> bool:
    """Whether operations on variables are being recorded in this thread.

    Examples
    --------
    >>> import autograd
    >>> with autograd.no_grad():
    ...     autograd.is_grad_enabled()
    False
    """
    return settings.recording


def current_scope() -> tuple[str, ...]:
    """The names of the open scopes of this thread, outermost first."""
    return settings.scope


class _Recording(ContextDecorator):
    """Base of the two blocks that switch recording; a block holds no state, so it may be shared and entered again."""

    recording: bool

    def __init__(self, *function: Any) -> None:
        if function:
            raise TypeError(f"{type(self).__name__} takes no arguments; as a decorator write @{type(self).__name__}()")

    def __enter__(self) -> None:
        settings.enter()
        settings.recording = self.recording

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        settings.leave()


class no_grad(_Recording):
    """Stop recording in this thread; usable with ``with`` and as a decorator.

    Results computed inside are constants: they hold no graph and get no gradient.

    Examples
    --------
    >>> from autograd import Tensor, no_grad
    >>> x = Tensor(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.requires_grad
    False
    """

    recording = False


class enable_grad(_Recording):
    """Record again inside a :class:`no_grad` block; usable with ``with`` and as a decorator.

    Examples
    --------
    >>> from autograd import Tensor, enable_grad, no_grad
    >>> x = Tensor(3.0)
    >>> with no_grad(), enable_grad():
    ...     y = x * x
    >>> y.requires_grad
    True
    """

    recording = True


class scope(ContextDecorator):
    """Name the operations recorded inside; scopes nest, drawings show them as boxes, errors mention them.

    Parameters
    ----------
    name
        A non-empty name, shown as it is.

    Examples
    --------
    >>> from autograd import Tensor, scope
    >>> x = Tensor(3.0)
    >>> with scope("layer"), scope("square"):
    ...     y = x * x
    >>> y.scope
    ('layer', 'square')
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"scope: the name must be a non-empty string, got {name!r}")
        self.name = name

    def __enter__(self) -> None:
        settings.enter()
        settings.scope = Path.into(settings.scope, self.name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            failed(error, None, (), {})
        settings.leave()
