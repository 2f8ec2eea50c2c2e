"""What a network is made of, and what one pass through it costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, no_grad
from nn._observe import Call, observe, undisturbed, values_in

if TYPE_CHECKING:
    from nn._module import Module

__all__ = ["Layer", "Summary", "summarize"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One module of a network.

    Attributes
    ----------
    path, kind
        Where it is, and its class.
    output
        The shape of what it returned last, or a tuple of shapes; None if it returned None or was not called.
    trainable, frozen
        How many numbers its own parameters have that get gradients, and that do not; a parameter that several modules
        share counts for the first.
    parameter_bytes
        What these take in memory.
    activation_bytes
        What the results computed by the module itself take, all of which a training step keeps for its backward pass.
    multiply_adds
        Of the products of matrices and the convolutions that the module itself computed.
    calls
        How often it was called.
    """

    path: str
    kind: str
    output: Any
    trainable: int
    frozen: int
    parameter_bytes: int
    activation_bytes: int
    multiply_adds: int
    calls: int

    @property
    def parameters(self) -> int:
        """Trainable or frozen."""
        return self.trainable + self.frozen


@dataclass(frozen=True, repr=False)
class Summary:
    """What :meth:`nn.Module.summary` finds; printed, it is a table.

    Attributes
    ----------
    kind
        The model's class.
    inputs
        The shapes of the arrays it was called with.
    layers
        The model itself, with the path ``""``, and every module in it.
    uncounted
        Names of operations that multiply, but for which it is not known how often.
    """

    kind: str
    inputs: tuple[Shape, ...]
    layers: tuple[Layer, ...]
    uncounted: tuple[str, ...] = ()

    def _total(self, of: Callable[[Layer], int]) -> int:
        return sum(of(layer) for layer in self.layers)

    @property
    def trainable(self) -> int:
        """Numbers in parameters that get gradients."""
        return self._total(lambda layer: layer.trainable)

    @property
    def frozen(self) -> int:
        """Numbers in parameters that get none."""
        return self._total(lambda layer: layer.frozen)

    @property
    def parameters(self) -> int:
        """Numbers in all parameters."""
        return self.trainable + self.frozen

    @property
    def parameter_bytes(self) -> int:
        """Memory of all parameters."""
        return self._total(lambda layer: layer.parameter_bytes)

    @property
    def activation_bytes(self) -> int:
        """Memory of all results of one pass, which a training step keeps."""
        return self._total(lambda layer: layer.activation_bytes)

    @property
    def multiply_adds(self) -> int:
        """Of all products of matrices and convolutions in one pass forward."""
        return self._total(lambda layer: layer.multiply_adds)

    def __getitem__(self, path: str) -> Layer:
        for layer in self.layers:
            if layer.path == path:
                return layer
        raise KeyError(f"there is no layer {path!r}; there are {', '.join(repr(layer.path) for layer in self.layers)}")

    def __repr__(self) -> str:
        titles = ["layer", "kind", "output", "parameters", "frozen", "activations", "multiply-adds"]
        rows = [
            [
                layer.path or "(itself)",
                layer.kind + (f" ×{layer.calls}" if layer.calls > 1 else ""),
                str(layer.output) if layer.calls else "not called",
                f"{layer.parameters:,}" if layer.parameters else "",
                f"{layer.frozen:,}" if layer.frozen else "",
                _bytes(layer.activation_bytes) if layer.activation_bytes else "",
                f"{layer.multiply_adds:,}" if layer.multiply_adds else "",
            ]
            for layer in self.layers
            if layer.calls or layer.parameters
        ]
        totals = [
            "total",
            "",
            "",
            f"{self.parameters:,}",
            f"{self.frozen:,}",
            _bytes(self.activation_bytes),
            f"{self.multiply_adds:,}",
        ]
        if not self.frozen:
            for row in (titles, totals, *rows):
                del row[4]
        lines = table([titles, *rows, totals], left=3)
        shapes = ", ".join(map(str, self.inputs))
        lines.insert(0, f"{self.kind}, called with {shapes or 'no arrays'}")
        lines.append(
            f"{self.trainable:,} of {self.parameters:,} parameters are trained; they take "
            f"{_bytes(self.parameter_bytes)}"
        )
        if self.uncounted:
            lines.append(f"not counted: the multiply-adds of {', '.join(self.uncounted)}")
        return "\n".join(lines)


def table(rows: list[list[str]], left: int) -> list[str]:
    """Lines of columns, the first ``left`` of them aligned left; rules set the first and the last row apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    rule = "─" * max(map(len, lines))
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]


def _bytes(count: int) -> str:
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def summarize(model: Module, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Summary:
    """See :meth:`nn.Module.summary`."""
    given = tuple(_example(x) for x in inputs)
    with undisturbed(model):
        model.eval()
        for parameter in model.parameters():
            # Whatever is computed with variables is recorded, frozen or not.
            parameter.requires_grad = parameter.requires_grad or parameter.dtype.kind == "f"
        observed = observe(model, given, kwargs)
    work: dict[str, int] = {}
    memory: dict[str, int] = {}
    uncounted: dict[str, None] = {}
    leaves = {x for node, _ in observed.nodes for x in node.inputs if isinstance(x, Tensor) and x.is_leaf}
    known = {id(owner): owner for owner in map(_owner, leaves)}
    for node, call in observed.nodes:
        count = _multiply_adds(node)
        if count is None:
            assert node.primitive is not None
            uncounted[node.primitive.name] = None
        work[call.path] = work.get(call.path, 0) + (count or 0)
        for owner in (_owner(node), *map(_base, _arrays_in(node.note("residuals", None)))):
            if id(owner) not in known:  # a view of another result takes no memory of its own
                known[id(owner)] = owner
                memory[call.path] = memory.get(call.path, 0) + memoryview(owner).nbytes
    return Summary(
        type(model).__name__,
        tuple(value.shape for value in values_in((given, kwargs), (Tensor, np.ndarray))),
        _layers(model, observed.calls, memory, work),
        tuple(uncounted),
    )


def _layers(model: Module, calls: list[Call], memory: dict[str, int], work: dict[str, int]) -> tuple[Layer, ...]:
    layers = []
    seen: set[Tensor] = set()
    for path, module in model.named_modules():
        own = [p for p in module.parameters(recurse=False) if p not in seen]
        seen.update(own)
        of_module = [call for call in calls if call.path == path]
        layers.append(
            Layer(
                path=path,
                kind=type(module).__name__,
                output=_shapes(of_module[-1].output) if of_module else None,
                trainable=sum(p.size for p in own if p.requires_grad),
                frozen=sum(p.size for p in own if not p.requires_grad),
                parameter_bytes=sum(p.size * p.dtype.itemsize for p in own),
                activation_bytes=memory.get(path, 0),
                multiply_adds=work.get(path, 0),
                calls=len(of_module),
            )
        )
    return tuple(layers)


def _example(given: Any) -> Any:
    """What to call the model with: numbers for a shape, and tensors whose use is recorded."""
    if isinstance(given, tuple) and all(isinstance(n, (int, np.integer)) for n in given):
        return Tensor(np.random.default_rng(0).normal(size=given), dtype=np.float32)
    if isinstance(given, np.ndarray):
        return Tensor(given, requires_grad=given.dtype.kind == "f")
    if isinstance(given, Tensor) and not given.requires_grad and given.dtype.kind == "f":
        return Tensor(given.numpy())
    return given


def _shapes(output: Any) -> Any:
    if output is None:
        return None
    if isinstance(output, (list, tuple)):
        return tuple(_shapes(item) for item in output)
    if isinstance(output, dict):
        return {key: _shapes(item) for key, item in output.items()}
    return tuple(getattr(output, "shape", ()))


def _owner(tensor: Tensor) -> Any:
    """What has the memory that a tensor's values are in."""
    with no_grad():
        return _base(np.asarray(tensor))


def _base(array: np.ndarray[Any, Any]) -> Any:
    return array if array.base is None else array.base


def _arrays_in(residuals: Any) -> Iterator[np.ndarray[Any, Any]]:
    """What a fused operation keeps for its backward pass."""
    if isinstance(residuals, np.ndarray):
        yield residuals
    elif isinstance(residuals, (tuple, list)):
        for item in residuals:
            yield from _arrays_in(item)


# ---------------------------------------------------------------------------------------------------------------------
# Multiply-adds, from the operations recorded
# ---------------------------------------------------------------------------------------------------------------------


def _of_recurrence(inputs: list[Shape], output: Shape, first: int) -> int:
    steps, batch, _ = inputs[0]
    return steps * batch * (math.prod(inputs[first]) + math.prod(inputs[first + 1]))


#: How many multiply-adds an operation takes, given the shapes of its inputs and its output.
_COUNTS: dict[str, Callable[[list[Shape], Shape], int]] = {
    "matmul": lambda inputs, output: math.prod(output) * inputs[0][-1],
    "linear": lambda inputs, output: math.prod(output) * inputs[1][1],
    "convolution": lambda inputs, output: math.prod(output) * math.prod(inputs[1][1:]),
    "biased_convolution": lambda inputs, output: math.prod(output) * math.prod(inputs[1][1:]),
    "convolution_transpose": lambda inputs, output: math.prod(inputs[0]) * math.prod(inputs[1][1:]),
    "lstm": lambda inputs, output: _of_recurrence(inputs, output, 3),
    "gru": lambda inputs, output: _of_recurrence(inputs, output, 2),
    "rnn": lambda inputs, output: _of_recurrence(inputs, output, 2),
}


def _multiply_adds(node: Tensor) -> int | None:
    """Those of one operation: by the table above or, where it is a shortcut for others, theirs. None: not known."""
    primitive = node.primitive
    assert primitive is not None
    if primitive.name in _COUNTS:
        return _COUNTS[primitive.name]([tuple(np.shape(x)) for x in node.inputs], node.shape)
    if primitive.kind in ("elementwise", "linear"):
        return 0
    if primitive.decomposition is None:
        return None if primitive.kind == "multilinear" else 0
    # Leaves in place of the inputs, so that only the operation itself is recorded.
    inputs = [Tensor(x.numpy()) if isinstance(x, Tensor) and x.dtype.kind == "f" else x for x in node.inputs]
    total, pending, seen = 0, [primitive.decomposition(*inputs, **node.attributes)], set()
    while pending:
        part = pending.pop()
        if isinstance(part, Tensor) and part.primitive is not None and part not in seen:
            seen.add(part)
            pending.extend(part.inputs)
            count = _multiply_adds(part)
            if count is None:
                return None
            total += count
    return total
