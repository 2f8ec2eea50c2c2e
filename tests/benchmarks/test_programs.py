from __future__ import annotations

import math

import numpy as np
import pytest

from autograd import Tensor
from benchmarks import programs
from benchmarks.engines import glassgrad

SLOPE = {
    "mixed": lambda x: programs.mixed_chain(x, np.sin, np.tanh),
    "cheap": lambda x: programs.cheap_chain(x, lambda h: np.maximum(h, 0)),
}


@pytest.mark.parametrize("kind", ["mixed", "cheap"])
def test_chains_give_the_slope(kind):
    x = programs.chain_input(10).astype(np.float64)
    step = 1e-6
    slope = (SLOPE[kind](x + step) - SLOPE[kind](x - step)) / (2 * step)
    gradient = glassgrad.chain(kind, 10)()
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, slope, rtol=1e-4)


@pytest.mark.parametrize("kind", ["mixed", "cheap"])
def test_chains_are_a_hundred_operations(kind):
    class Counting(float):
        made = 0

        def record(self, *others):
            Counting.made += 1
            return self

        __add__ = __mul__ = __sub__ = record

    functions = [Counting.record, Counting.record] if kind == "mixed" else [Counting.record]
    program = programs.mixed_chain if kind == "mixed" else programs.cheap_chain
    program(Counting(1), *functions)
    assert Counting.made == 100


def test_the_relu_of_the_cheap_chain_is_never_near_its_kink():
    lowest = []
    x = programs.chain_input(1_000_000)
    programs.cheap_chain(x, lambda h: lowest.append(h.min()) or h)
    assert min(lowest) > 0.1


@pytest.mark.parametrize("kind", ["mixed", "cheap"])
def test_running_a_chain_again_does_not_accumulate(kind):
    run = glassgrad.chain(kind, 10)
    first = np.array(run())
    np.testing.assert_array_equal(run(), first)


def test_a_chain_of_scalars_has_its_known_gradient():
    assert math.isclose(glassgrad.scalars(1000)(), programs.scalar_chain_gradient(1000), rel_tol=1e-12)


def test_the_demo_learns():
    step = glassgrad.demo(100)
    losses = [step() for _ in range(12)]
    assert losses[-1] < 0.5 * losses[0]


def test_a_step_of_the_demo_is_that_of_the_same_network_on_arrays():
    made: list[Tensor] = []

    def value(data: float) -> Tensor:
        made.append(Tensor(data))
        return made[-1]

    step = programs.micrograd_demo(value, 20)
    weights = [float(p.data) for p in made]
    first, second = step(), step()

    parts = np.split(np.array(weights), np.cumsum([16 * 3, 16 * 17]))
    layers = [Tensor(part.reshape(-1, width)) for part, width in zip(parts, (3, 17, 17), strict=True)]
    x, y = programs.two_moons(20)
    losses = []
    for rate in (1.0, None):
        h: Tensor | np.ndarray = x
        for i, layer in enumerate(layers):
            h = h @ layer[:, :-1].T + layer[:, -1]
            h = h.relu() if i < 2 else h
        loss = (1 + -y * h.reshape(20)).relu().mean() + 1e-4 * sum((layer * layer).sum() for layer in layers)
        losses.append(float(loss.data))
        if rate:
            loss.backward()
            layers = [Tensor(layer.data - rate * layer.grad) for layer in layers]
    assert [first, second] == pytest.approx(losses, rel=1e-9)


def test_two_moons_are_balanced_and_the_same_every_time():
    x, y = programs.two_moons(100)
    assert x.shape == (100, 2)
    assert y.sum() == 0
    np.testing.assert_array_equal(programs.two_moons(100)[0], x)


@pytest.mark.parametrize("how", ["draw", "fold"])
def test_a_drawing_shows_the_nodes_it_is_to_show(how):
    parts = glassgrad.drawing(330, how)()
    assert (parts < 330) if how == "fold" else (parts > 330)


def test_a_chain_is_drawn_as_a_few_nodes():
    assert glassgrad.drawing(20_000, "chain")() < 20


@pytest.mark.parametrize("how", ["explain", "step"])
def test_every_node_is_explained(how):
    assert glassgrad.drawing(60, how)() > 60
