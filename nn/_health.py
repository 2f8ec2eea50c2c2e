"""How a network is doing: statistics of its activations, gradients and updates, and what looks wrong about them."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from nn._observe import Call, observe, tensors_in, undisturbed
from nn._summary import table

if TYPE_CHECKING:
    from nn._module import Module

__all__ = ["Activation", "Health", "ParameterHealth", "examine"]

Array = np.ndarray[Any, Any]

# Where a network is called sick. Rules of thumb, on the generous side.
DEAD_UNITS = 0.4  # as a fraction of a layer's units (narrow layers start with up to a third); ...
ENOUGH_SAMPLES = 16  # ... over at least so many samples
SATURATED = 0.5  # as a fraction of a layer's outputs
SATURATED_SLOPE = 0.08  # of a sigmoid or tanh, as a fraction of its slope at 0
SMALL_SPREAD, LARGE_SPREAD = 1e-6, 1e3  # of activations
VANISHING = 1e-4  # a gradient's root mean square, as a fraction of the largest in the network
EXPLODING = 1e3  # norm of all gradients together
SMALL_UPDATE, LARGE_UPDATE = 1e-6, 0.1  # as a fraction of the weights

#: The slope at an output, as a fraction of the largest.
_SLOPES: dict[str, Callable[[Array], Array]] = {
    "sigmoid": lambda y: 4 * y * (1 - y),
    "hardsigmoid": lambda y: 4 * y * (1 - y),
    "tanh": lambda y: 1 - y * y,
}


@dataclass(frozen=True)
class Activation:
    """What a layer, or an activation function used without one, put out.

    Attributes
    ----------
    path, kind
        Where, and the module's class or the operation's name.
    mean, std
        Of all outputs.
    zero
        The fraction of outputs that are exactly 0.
    dead
        Of a rectifier: the fraction of units that are 0 for every sample; else None.
    units, samples
        What ``dead`` counts: features or channels; and everything else.
    saturated
        Of sigmoid and tanh: the fraction of outputs where the slope is below 8 % of its largest value; else None.
    finite
        Whether there is no nan or infinity.
    """

    path: str
    kind: str
    mean: float
    std: float
    zero: float
    dead: float | None
    units: int
    samples: int
    saturated: float | None
    finite: bool


@dataclass(frozen=True)
class ParameterHealth:
    """One parameter, its gradient and its update.

    Attributes
    ----------
    path, shape
        Of the parameter.
    trainable
        Whether it gets gradients.
    norm
        Square root of the sum of the squares of its values.
    gradient
        The same of its gradient; None if it got none.
    update
        The norm of the change an optimiser's step makes, divided by ``norm``; None if that is 0 or there was no step.
    """

    path: str
    shape: tuple[int, ...]
    trainable: bool
    norm: float
    gradient: float | None
    update: float | None

    @property
    def spread(self) -> float | None:
        """The gradient's root mean square, which compares between parameters of different sizes."""
        return None if self.gradient is None else self.gradient / math.sqrt(max(1, math.prod(self.shape)))


@dataclass(frozen=True, repr=False)
class Health:
    """What :meth:`nn.Module.health` finds; printed, it is two tables and a diagnosis.

    Attributes
    ----------
    loss
        Its value; None if none was given.
    activations
        One entry for each layer that has no layers inside, and each activation function used directly.
    parameters
        One entry for each parameter.
    problems
        What looks wrong, and what usually helps, in words; empty if nothing does.
    """

    loss: float | None
    activations: tuple[Activation, ...]
    parameters: tuple[ParameterHealth, ...]
    problems: tuple[str, ...]

    @property
    def gradient_norm(self) -> float | None:
        """Of all gradients together."""
        norms = [p.gradient for p in self.parameters if p.gradient is not None]
        return math.hypot(*norms) if norms else None

    def __repr__(self) -> str:
        lines = [] if self.loss is None else [f"loss {self.loss:.6g}"]
        rows = [["activations of", "kind", "mean", "std", "zero", "dead", "saturated"]]
        rows += [
            [a.path, a.kind, f"{a.mean:.3g}", f"{a.std:.3g}", _percent(a.zero), _percent(a.dead), _percent(a.saturated)]
            for a in self.activations
        ]
        lines += _ruled(rows)
        rows = [["parameter", "shape", "norm", "gradient", "update / norm"]]
        rows += [
            [
                p.path,
                str(p.shape),
                f"{p.norm:.3g}",
                "frozen" if not p.trainable else "" if p.gradient is None else f"{p.gradient:.3g}",
                "" if p.update is None else f"{p.update:.2e}",
            ]
            for p in self.parameters
        ]
        lines += ["", *_ruled(rows), ""]
        lines += [f"✗ {problem}" for problem in self.problems] or ["✓ nothing looks wrong"]
        return "\n".join(lines)


def _ruled(rows: list[list[str]]) -> list[str]:
    return table([*rows, [""] * len(rows[0])], left=2)[:-1]


def _percent(fraction: float | None) -> str:
    return "" if fraction is None else f"{100 * fraction:.0f} %"


def examine(model: Module, input: Any, target: Any, loss: Callable[..., Any] | None, optimizer: Any) -> Health:
    """See :meth:`nn.Module.health`."""
    inputs = input if isinstance(input, tuple) else (input,)
    named = list(model.named_parameters())
    with undisturbed(model), _undisturbed_optimizer(optimizer):
        for _, parameter in named:
            parameter.grad = None
        observed = observe(model, inputs, {})
        value = None
        if loss is not None:
            result = loss(observed.output) if target is None else loss(observed.output, target)
            if not isinstance(result, Tensor) or result.size != 1:
                given = f"shape {result.shape}" if isinstance(result, Tensor) else type(result).__name__
                raise TypeError(f"health: the loss must be a tensor of one number, got {given}")
            value = float(result)
            result.backward()
        before = {path: parameter.numpy() for path, parameter in named}
        gradients = {path: None if p.grad is None else np.array(_plain(p.grad)) for path, p in named}
        updates: dict[str, float | None] = {}
        if optimizer is not None and value is not None:
            optimizer.step()
            for path, parameter in named:
                held = _norm(before[path])
                updates[path] = _norm(parameter.numpy() - before[path]) / held if held else None
    parameters = tuple(
        ParameterHealth(
            path=path,
            shape=parameter.shape,
            trainable=parameter.requires_grad,
            norm=_norm(before[path]),
            gradient=None if (gradient := gradients[path]) is None else _norm(gradient),
            update=updates.get(path) if parameter.requires_grad else None,
        )
        for path, parameter in named
    )
    activations = tuple(_activations(observed.calls, observed.nodes))
    health = Health(value, activations, parameters, ())
    return Health(value, activations, parameters, tuple(_problems(health)))


@contextmanager
def _undisturbed_optimizer(optimizer: Any) -> Iterator[None]:
    state = None if optimizer is None else copy.deepcopy(optimizer.state_dict())
    try:
        yield
    finally:
        if optimizer is not None:
            optimizer.load_state_dict(state)


def _plain(x: Any) -> Any:
    return x.numpy() if isinstance(x, Tensor) else x


def _norm(array: Any) -> float:
    values = np.asarray(array, np.float64).ravel()
    return math.sqrt(float(values @ values))


# ---------------------------------------------------------------------------------------------------------------------
# Activations
# ---------------------------------------------------------------------------------------------------------------------


def _activations(calls: list[Call], nodes: list[tuple[Tensor, Call]]) -> Iterator[Activation]:
    """Of leaf modules, and of activation functions inside other modules; several calls of one count together."""
    found: dict[tuple[str, str], list[tuple[Any, str]]] = {}
    primitives: dict[Call, list[Tensor]] = {}
    for node, call in nodes:
        if node.size and node.primitive is not None and node.primitive.name in {*_SLOPES, "relu"}:
            primitives.setdefault(call, []).append(node)
    for call in calls:
        if any(True for _ in call.module.children()):
            for node in primitives.get(call, []):
                assert node.primitive is not None
                key = (f"{call.path} ({node.primitive.name})".strip(), node.primitive.name)
                found.setdefault(key, []).append((node, node.primitive.name))
            continue
        for tensor in tensors_in(call.output):
            if tensor.dtype.kind == "f" and tensor.size:
                function = tensor.primitive.name if tensor.primitive is not None else ""
                key = (call.path or "(itself)", type(call.module).__name__)
                found.setdefault(key, []).append((tensor, function))
    for (path, kind), outputs in found.items():
        yield _statistics(path, kind, [tensor for tensor, _ in outputs], outputs[-1][1])


def _statistics(path: str, kind: str, tensors: list[Tensor], function: str) -> Activation:
    shape, axis = tensors[-1].shape, _unit_axis(tensors[-1])
    same = [t for t in tensors if t.shape == shape]  # a network may be called with batches of several lengths
    by_unit = np.array([_values(t).swapaxes(axis, -1) for t in same]).reshape(-1, shape[axis] if shape else 1)
    values = by_unit.ravel()
    finite = math.isfinite(values.min()) and math.isfinite(values.max())
    zero = by_unit == 0
    return Activation(
        path=path,
        kind=kind,
        mean=float(values.mean()) if finite else math.nan,
        std=float(values.std()) if finite else math.nan,
        zero=float(zero.mean()),
        dead=float(zero.all(axis=0).mean()) if function == "relu" else None,
        units=by_unit.shape[1],
        samples=by_unit.shape[0],
        saturated=float((_SLOPES[function](values) < SATURATED_SLOPE).mean()) if function in _SLOPES else None,
        finite=finite,
    )


def _values(tensor: Tensor) -> Array:
    array = tensor.numpy().astype(np.float64)
    return array if array.ndim else array.reshape(1)


def _unit_axis(tensor: Tensor) -> int:
    """The axis of features: the second of images, the last of all else."""
    if tensor.ndim > 3:
        return 1
    node: Any = tensor
    while tensor.ndim == 3 and isinstance(node, Tensor) and node.primitive is not None:
        if "convolution" in node.primitive.name:
            return 1
        if node.primitive.name in ("linear", "matmul") or node.ndim != 3:
            break
        node = node.inputs[0]
    return -1


# ---------------------------------------------------------------------------------------------------------------------
# Diagnosis
# ---------------------------------------------------------------------------------------------------------------------


def _problems(health: Health) -> Iterator[str]:
    if health.loss is not None and not math.isfinite(health.loss):
        yield f"the loss is {health.loss}"
    for a in health.activations:
        if not a.finite:
            yield f"{a.path}: outputs hold nan or infinity; look at what goes into it, and at the learning rate"
            break  # what follows has them from here
        if a.dead is not None and a.dead >= DEAD_UNITS and a.samples >= ENOUGH_SAMPLES:
            yield (
                f"{a.path}: dead units: {_percent(a.dead)} of {a.units} are 0 for all {a.samples} samples, so their "
                f"weights get no gradient; try a lower learning rate, He initialisation or LeakyReLU"
            )
        if a.saturated is not None and a.saturated >= SATURATED:
            yield (
                f"{a.path}: saturated: {_percent(a.saturated)} of the outputs are where the function is flat, so "
                f"little gradient passes; try smaller weights (Xavier initialisation), normalised inputs or a "
                f"normalisation layer before it"
            )
        if a.samples * a.units > 1 and a.std < SMALL_SPREAD:
            yield f"{a.path}: outputs hardly differ (std {a.std:.2g}); are weights too small, or inputs all alike?"
        elif a.std > LARGE_SPREAD:
            yield f"{a.path}: outputs are large (std {a.std:.2g}); are its weights or inputs too large?"
    yield from _about_gradients(health)
    for p in health.parameters:
        if p.update is None or len(p.shape) < 2:
            continue
        if p.update > LARGE_UPDATE:
            yield (
                f"{p.path}: large update: a step changes it by {_percent(p.update)} of its size (about 0.1 % is "
                f"usual); lower the learning rate"
            )
        elif p.update < SMALL_UPDATE and p.gradient:
            yield (
                f"{p.path}: small update: a step changes it by {p.update:.1e} of its size (about 1e-03 is usual); "
                f"raise the learning rate"
            )


def _about_gradients(health: Health) -> Iterator[str]:
    norm = health.gradient_norm
    if health.loss is None:
        return
    for p in health.parameters:
        if p.trainable and p.gradient is None:
            yield f"{p.path}: got no gradient; the loss does not depend on it"
        elif p.gradient is not None and not math.isfinite(p.gradient):
            yield f"{p.path}: the gradient holds nan or infinity"
        elif p.gradient == 0 and all(p.shape):
            yield f"{p.path}: the gradient is exactly 0; is a layer after it dead or saturated?"
    if norm is None or not math.isfinite(norm):
        return
    if norm > EXPLODING:
        yield (
            f"exploding gradients: their norm is {norm:.2g}; clip it (nn.utils.clip_grad_norm_), take smaller initial "
            f"weights or add normalisation layers"
        )
    spreads = {p.path: p.spread for p in health.parameters if p.spread and len(p.shape) > 1}
    largest = max(spreads, key=spreads.__getitem__, default="")
    small = [path for path, spread in spreads.items() if spread < VANISHING * spreads[largest]]
    if small:
        worst = min(small, key=spreads.__getitem__)
        yield (
            f"vanishing gradients: that of {worst} is {spreads[worst] / spreads[largest]:.1e} of that of {largest}, "
            f"number for number ({len(small)} of {len(spreads)} weights are below {VANISHING:g}); use ReLU, residual "
            f"connections, normalisation layers or other initial weights"
        )
