"""Functions called around a module's forward and backward computation."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from autograd import Tensor, concatenate, is_grad_enabled
from autograd.ops import astype, intercept, reshape

if TYPE_CHECKING:
    from nn._module import Module

__all__ = ["Hooks", "RemovableHandle", "run_with_hooks"]

_numbers = itertools.count()


class _Hook(NamedTuple):
    function: Callable[..., Any]
    with_kwargs: bool


_Registered = dict[int, _Hook]


class Hooks:
    """The hooks of one module, each kind in the order in which they are called."""

    def __init__(self) -> None:
        self.before: _Registered = {}
        self.after: _Registered = {}
        self.backward_before: _Registered = {}
        self.backward: _Registered = {}

    def add(self, kind: str, function: Callable[..., Any], prepend: bool, with_kwargs: bool = False) -> RemovableHandle:
        """Register a hook.

        Raises
        ------
        TypeError
            If it cannot be called.
        """
        if not callable(function):
            raise TypeError(f"a hook must be a function, got {type(function).__name__}")
        held: _Registered = getattr(self, kind)
        number = next(_numbers)
        held[number] = _Hook(function, with_kwargs)
        if prepend:
            for other in [n for n in held if n != number]:
                held[other] = held.pop(other)
        return RemovableHandle(held, number)


class RemovableHandle:
    """Takes a hook off again: by :meth:`remove`, or at the end of a ``with`` block.

    Examples
    --------
    >>> import nn
    >>> layer = nn.ReLU()
    >>> with layer.register_forward_hook(lambda module, args, output: print("called")):
    ...     _ = layer(1.0)
    called
    >>> _ = layer(1.0)
    """

    def __init__(self, hooks: _Registered, number: int) -> None:
        self._hooks, self._number = hooks, number

    def remove(self) -> None:
        """Take the hook off; doing so again changes nothing."""
        self._hooks.pop(self._number, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


def run_with_hooks(module: Module, hooks: Hooks, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call ``module.forward`` with all hooks around it."""
    for hook in list(hooks.before.values()):
        if hook.with_kwargs:
            changed = hook.function(module, args, kwargs)
            if changed is not None:
                if not (isinstance(changed, tuple) and len(changed) == 2):
                    raise TypeError(
                        f"a forward pre-hook of {type(module).__name__} registered with_kwargs must return None or a "
                        f"pair (args, kwargs), got {type(changed).__name__}"
                    )
                args, kwargs = changed
        else:
            changed = hook.function(module, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
    watch = _Watch(module, hooks) if is_grad_enabled() and (hooks.backward or hooks.backward_before) else None
    if watch:
        args = watch.inputs(args)
    result = module.forward(*args, **kwargs)
    for hook in list(hooks.after.values()):
        given = (args, kwargs, result) if hook.with_kwargs else (args, result)
        changed = hook.function(module, *given)
        if changed is not None:
            result = changed
    return watch.outputs(result) if watch else result


_Gradients = tuple[Any, ...]


class _Watch:
    """One call of a module whose gradients at both ends are shown to the hooks that it has by now."""

    def __init__(self, module: Module, hooks: Hooks) -> None:
        self.module = module
        self.before, self.after = (
            [hook.function for hook in held.values()] for held in (hooks.backward_before, hooks.backward)
        )
        self.watched_inputs = 0
        self.given = 0
        self.grad_output: _Gradients = ()

    def inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        watched, indices = _watch(args, self._leave)
        self.watched_inputs, self.given = len(indices), len(args)
        return tuple(watched)

    def outputs(self, result: Any) -> Any:
        if isinstance(result, Tensor):
            (watched,), _ = _watch((result,), self._enter)
            return watched
        if isinstance(result, (tuple, list)):
            self.grad_output = (None,) * len(result)
            watched, _ = _watch(result, self._enter)
            return type(result)(*watched) if hasattr(result, "_fields") else type(result)(watched)
        raise TypeError(
            f"{type(self.module).__name__} has backward hooks, which need a tensor as output, or a tuple or list "
            f"of them, got {type(result).__name__}"
        )

    def _enter(self, grad_output: _Gradients) -> _Gradients:
        """The backward pass arrives at the outputs."""
        for hook in self.before:
            changed = hook(self.module, grad_output)
            if changed is not None:
                grad_output = _as_many(changed, grad_output, "backward pre-hook", self.module)
        self.grad_output = grad_output
        if not self.watched_inputs:
            self._leave((None,) * self.given)
        return grad_output

    def _leave(self, grad_input: _Gradients) -> _Gradients:
        """The backward pass leaves at the inputs."""
        for hook in self.after:
            changed = hook(self.module, grad_input, self.grad_output)
            if changed is not None:
                grad_input = _as_many(changed, grad_input, "backward hook", self.module)
        return grad_input


def _as_many(changed: Any, before: _Gradients, what: str, module: Module) -> _Gradients:
    changed = changed if isinstance(changed, (tuple, list)) else (changed,)
    if len(changed) != len(before):
        raise ValueError(
            f"a {what} of {type(module).__name__} returned {len(changed)} gradients where there are {len(before)}; "
            f"return as many as it was given, or None"
        )
    return tuple(changed)


def _watch(values: Sequence[Any], on_gradients: Callable[[_Gradients], _Gradients]) -> tuple[list[Any], list[int]]:
    """Pass on values such that a backward pass shows all their gradients at once to a function, which may change them.

    Several tensors are watched as one, joined and taken apart again: so all gradients are complete at one moment.
    """
    indices = [i for i, x in enumerate(values) if isinstance(x, Tensor) and x.requires_grad]
    watched, count = list(values), len(values)
    if not indices:
        return watched, indices

    def show(gradients: Sequence[Any]) -> Sequence[Any]:
        given: list[Any] = [None] * count
        for i, gradient in zip(indices, gradients, strict=True):
            given[i] = gradient
        returned = on_gradients(tuple(given))
        # None stands for a gradient that the hook leaves as it is.
        return [g if returned[i] is None else returned[i] for i, g in zip(indices, gradients, strict=True)]

    if len(indices) == 1:
        (i,) = indices
        watched[i] = intercept(values[i], function=lambda gradient: show([gradient])[0])
        return watched, indices
    tensors = [values[i] for i in indices]
    ends = list(itertools.accumulate(math.prod(t.shape) for t in tensors))
    places = [slice(end - math.prod(t.shape), end) for t, end in zip(tensors, ends, strict=True)]

    def show_joined(gradient: Any) -> Any:
        parts = [_cast(reshape(gradient[p], t.shape), t.dtype) for p, t in zip(places, shapes, strict=True)]
        return concatenate([reshape(_checked(g, t), (-1,)) for g, t in zip(show(parts), shapes, strict=True)])

    shapes = [_Like(t.shape, t.dtype) for t in tensors]  # not the tensors, which would hold on to their graph
    joined = intercept(concatenate([reshape(t, (-1,)) for t in tensors]), function=show_joined)
    for i, place, like in zip(indices, places, shapes, strict=True):
        watched[i] = _cast(reshape(joined[place], like.shape), like.dtype)
    return watched, indices


class _Like(NamedTuple):
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def _cast(x: Any, dtype: np.dtype[Any]) -> Any:
    return x if x.dtype == dtype else astype(x, dtype)


def _checked(gradient: Any, like: _Like) -> Any:
    if np.shape(gradient) != like.shape:
        raise ValueError(
            f"a hook returned a gradient of shape {np.shape(gradient)} for a tensor of shape {like.shape}; return "
            f"one of that shape"
        )
    return gradient
