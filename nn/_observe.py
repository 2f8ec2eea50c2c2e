"""One look at a network at work, that leaves no trace: which module computed what, in what order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, enable_grad
from autograd._values import canonical
from autograd.tensor import next_serial
from nn._random import generator_or_default

if TYPE_CHECKING:
    from nn._module import Module

__all__ = ["Call", "Observed", "observe", "tensors_in", "undisturbed", "values_in"]


@dataclass(eq=False)
class Call:
    """One call of a module."""

    path: str
    module: Module
    output: Any = None


@dataclass
class Observed:
    """A forward pass, seen from inside.

    Attributes
    ----------
    output
        What the model returned.
    calls
        Every call of a module, in the order in which they began.
    nodes
        Every recorded operation that some module's output depends on, oldest first, and the innermost call that it
        belongs to.
    """

    output: Any
    calls: list[Call] = field(default_factory=list)
    nodes: list[tuple[Tensor, Call]] = field(default_factory=list)


def observe(model: Module, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Observed:
    """Call a model and watch."""
    calls: list[Call] = []
    open_calls: list[Call] = []
    changes: list[tuple[int, Call | None]] = [(0, None)]  # from which serial number on which call is the innermost
    handles = []

    def enter(module: Module, args: Any) -> None:
        call = Call(paths[module], module)
        calls.append(call)
        open_calls.append(call)
        changes.append((next_serial(), call))

    def leave(module: Module, args: Any, output: Any) -> None:
        open_calls.pop().output = output
        changes.append((next_serial(), open_calls[-1] if open_calls else None))

    paths = {module: path for path, module in model.named_modules()}
    try:
        for module in paths:
            handles.append(module.register_forward_pre_hook(enter, prepend=True))
            handles.append(module.register_forward_hook(leave))
        with enable_grad():
            output = model(*inputs, **kwargs)
    finally:
        for handle in handles:
            handle.remove()
    serials = [serial for serial, _ in changes]
    nodes = []
    for node in _recorded([call.output for call in calls]):
        call = changes[bisect_right(serials, node.serial) - 1][1]
        if call is not None:
            nodes.append((node, call))
    return Observed(output, calls, nodes)


def values_in(value: Any, kinds: type | tuple[type, ...]) -> Iterator[Any]:
    """What is of some type in nested tuples, lists and dictionaries."""
    if isinstance(value, kinds):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from values_in(item, kinds)
    elif isinstance(value, dict):
        for item in value.values():
            yield from values_in(item, kinds)


def tensors_in(value: Any) -> Iterator[Tensor]:
    """The tensors in nested tuples, lists and dictionaries."""
    return values_in(value, Tensor)


def _recorded(outputs: Any) -> list[Tensor]:
    found: set[Tensor] = set()
    pending = list(tensors_in(outputs))
    while pending:
        node = pending.pop()
        if node.primitive is not None and node not in found:
            found.add(node)
            pending.extend(x for x in node.inputs if isinstance(x, Tensor))
    return sorted(found, key=lambda node: node.serial)


@contextmanager
def undisturbed(model: Module) -> Iterator[None]:
    """Afterwards everything is as before: modes, values, gradients, what is frozen, and states of random generators."""
    modes = [(module, module.training) for module in model.modules()]
    generators = [v for module in model.modules() for v in vars(module).values() if isinstance(v, np.random.Generator)]
    generators.append(generator_or_default(None))
    states = [(generator, generator.bit_generator.state) for generator in generators]
    held = [(module, {name: vars(module)[name] for name in module._kinds}) for module in model.modules()]
    tensors = [
        (tensor, tensor.numpy(), tensor.version, tensor.requires_grad, tensor.grad)
        for tensor in [*model.parameters(), *model.buffers()]
    ]
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
        for generator, state in states:
            generator.bit_generator.state = state
        for module, attributes in held:
            vars(module).update(attributes)
        for tensor, value, version, requires_grad, grad in tensors:
            if tensor.version != version or tensor.numpy().tobytes() != value.tobytes():
                tensor.assign_raw(canonical(value))
            tensor.requires_grad = requires_grad
            if tensor.grad is not grad:
                tensor.grad = grad
