"""The programs that are measured, written once: an engine brings its own values and functions and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

# -- chains of 100 elementwise operations -----------------------------------------------------------------------------

CYCLES = 20


def mixed_chain(x: Any, sin: Callable[[Any], Any], tanh: Callable[[Any], Any]) -> Any:
    """Ordinary operations, of which two in five are transcendental."""
    h = x
    for _ in range(CYCLES):
        h = sin(h)
        h = h * 1.01
        h = h + x
        h = tanh(h)
        h = h * h
    return h


def cheap_chain(x: Any, relu: Callable[[Any], Any]) -> Any:
    """Operations that cost nothing but the traffic to memory; `relu` is never at its kink."""
    h = x
    for _ in range(CYCLES):
        h = h * 0.9
        h = h + 1.0
        h = h - x
        h = h * x
        h = relu(h)
    return h


def chain_input(size: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Numbers between 0.2 and 0.8, where both chains stay bounded and so do their gradients."""
    return np.random.default_rng(1).uniform(0.2, 0.8, size).astype(np.float32)


# -- derivatives of small functions -----------------------------------------------------------------------------------


def tanh(x: Any, exp: Callable[[Any], Any]) -> Any:
    """The hyperbolic tangent as the `autograd` package's manual writes it."""
    return (1.0 - exp(-2 * x)) / (1.0 + exp(-2 * x))


def logistic_loss(w: Any, features: Any, labels: Any, library: Any) -> Any:
    """The training loss of logistic regression, from the same manual."""
    predictions = 0.5 * (library.tanh(library.dot(features, w) * 0.5) + 1)
    likelihoods = predictions * labels + (1 - predictions) * (1 - labels)
    return -library.sum(library.log(likelihoods))


def small_function(value_and_grad: Callable[..., Any], library: Any, rows: int) -> Callable[[], Any]:
    """Value and gradient of :func:`tanh`, or with more than one row of :func:`logistic_loss` in 5 weights."""
    if rows == 1:
        of_number = value_and_grad(lambda x: tanh(x, library.exp))
        return lambda: np.array(of_number(1.0))
    draw = np.random.default_rng(3)
    features, labels, w = draw.normal(size=(rows, 5)), draw.integers(0, 2, rows) * 1.0, draw.normal(size=5)
    of_weights = value_and_grad(lambda w: logistic_loss(w, features, labels, library))
    return lambda: of_weights(w)[1]


# -- a chain of scalar nodes ------------------------------------------------------------------------------------------


def scalar_chain(x: Any, length: int) -> Any:
    """Multiply and add constants in turn; the factor keeps the gradient of a million of them away from zero."""
    h = x
    for _ in range(length // 2):
        h = h * 0.999999
        h = h + 0.000001
    return h


def scalar_chain_gradient(length: int) -> float:
    """What every engine must find, up to rounding."""
    return float(0.999999 ** (length // 2))


# -- micrograd's demo: a perceptron of single scalars learns two moons ------------------------------------------------


class Neuron:
    """A weighted sum of scalars, and the positive part of it."""

    def __init__(self, value: Any, inputs: int, nonlinear: bool, draw: random.Random) -> None:
        self.w = [value(draw.uniform(-1, 1)) for _ in range(inputs)]
        self.b = value(0)
        self.nonlinear = nonlinear

    def __call__(self, x: list[Any]) -> Any:
        """Activation for one point."""
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlinear else act

    def parameters(self) -> list[Any]:
        """All weights and biases."""
        return [*self.w, self.b]


class Layer:
    """Neurons side by side."""

    def __init__(self, value: Any, inputs: int, outputs: int, nonlinear: bool, draw: random.Random) -> None:
        self.neurons = [Neuron(value, inputs, nonlinear, draw) for _ in range(outputs)]

    def __call__(self, x: list[Any]) -> Any:
        """Activations for one point; of a single neuron, its activation itself."""
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Any]:
        """All weights and biases."""
        return [p for n in self.neurons for p in n.parameters()]


class MLP:
    """Layers one after another, the last one linear."""

    def __init__(self, value: Any, inputs: int, outputs: list[int], seed: int = 1337) -> None:
        draw = random.Random(seed)
        sizes = [inputs, *outputs]
        self.layers = [Layer(value, sizes[i], sizes[i + 1], i != len(outputs) - 1, draw) for i in range(len(outputs))]

    def __call__(self, x: Any) -> Any:
        """Score of one point."""
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        """All weights and biases."""
        return [p for layer in self.layers for p in layer.parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients of the last step."""
        for p in self.parameters():
            p.grad = 0


def two_moons(points: int = 100, noise: float = 0.1) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Two interleaved half circles, labelled 1 and -1."""
    draw = np.random.default_rng(1337)
    half = points // 2
    angle = np.linspace(0, np.pi, half)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    x = np.concatenate([upper, lower]) + draw.normal(0, noise, (2 * half, 2))
    y = np.repeat([-1, 1], half)
    order = draw.permutation(2 * half)
    return x[order], y[order]


def micrograd_demo(value: Any, points: int = 100) -> Callable[[], float]:
    """The training loop of micrograd's demo notebook as it stands there; a call is one step and returns its loss."""
    model = MLP(value, 2, [16, 16, 1])
    x, y = two_moons(points)
    k = 0

    def loss() -> tuple[Any, float]:
        inputs = [list(map(value, xrow)) for xrow in x]
        scores = list(map(model, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        alpha = 1e-4
        reg_loss = alpha * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        accuracy = [(yi > 0) == (scorei.data > 0) for yi, scorei in zip(y, scores, strict=True)]
        return total_loss, sum(accuracy) / len(accuracy)

    def step() -> float:
        nonlocal k
        total_loss, _ = loss()
        model.zero_grad()
        total_loss.backward()
        learning_rate = max(1.0 - 0.9 * k / 100, 0.1)
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        k += 1
        return float(total_loss.data)

    return step


# -- a graph to draw --------------------------------------------------------------------------------------------------


def neurons(value: Callable[[float], Any], tanh: Callable[[Any], Any], scope: Callable[[str], Any], nodes: int) -> Any:
    """Layers of three scalar neurons, each in a scope of its own, until there are so many nodes."""
    numbers = random.Random(1)
    x = [value(numbers.gauss(0, 1)) for _ in range(3)]
    made = len(x)
    layer = 0
    while made < nodes:
        with scope(f"layer {layer}"):
            outputs = []
            for i in range(len(x)):
                with scope(f"neuron {i}"):
                    total = value(numbers.gauss(0, 1))
                    for weighted in [value(numbers.gauss(0, 1)) * feature for feature in x]:
                        total = total + weighted
                    outputs.append(tanh(total))
                made += 2 + 3 * len(x)
        x = outputs
        layer += 1
    return x[0] + x[1] + x[2]
