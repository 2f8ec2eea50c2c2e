"""Large graphs: what is read of them grows with their size and no faster, and what cannot be shown is refused at once.

Work is counted in calls of Python functions, which are the same each time, on any machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np
import pytest

import viz
from autograd import Tensor, scope
from autograd.primitives import REGISTRY
from autograd.reverse import pull
from autograd.reverse import trace as backward_pass
from viz.bulk import quickly
from viz.local import local_derivative
from viz.numbers import Numbers
from viz.rules import called
from viz.svg import to_svg
from viz.traces import Box, Entry, Input


def chain(gates: int) -> Tensor:
    """Two operations in turn, on one variable."""
    y = Tensor(1.0, name="x")
    for _ in range(gates // 2):
        y = y * 1.0000001 + 1e-9
    return y


def neurons(gates: int) -> Tensor:
    """The sum of what a scalar neuron gives for many examples, all of which share its weights."""
    a, b = Tensor(0.5, name="a"), Tensor(-0.25, name="b")
    total = a * 0.0
    for i in range(gates // 4):
        total = total + (a * (i % 7 - 3.0) + b).tanh()
    return total


def blocks(gates: int) -> Tensor:
    """Equal scopes one after the other."""
    y = Tensor(np.ones(3), name="x")
    w = Tensor(np.full(3, 0.9), name="w")
    for i in range(gates // 3):
        with scope(f"block {i}"):
            y = (y * w + 0.1).tanh()
    return y.sum()


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the calls of Python functions, and how many of those are of built-in ones."""
    calls = [0]

    def note(frame: FrameType, event: str, arg: Any) -> None:
        if event in ("call", "c_call"):
            calls[0] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


VIEWS: dict[str, Callable[[Tensor], object]] = {
    "trace": lambda t: viz.trace(t, names=False),
    "draw": lambda t: viz.draw(t, names=False, gradients=True),
    "draw folded": lambda t: viz.draw(t, names=False, limit=50),
    "text": lambda t: str(viz.draw(t, names=False)),
    "explain": lambda t: viz.explain(t, names=False, limit=20).text,
    "diagnose": lambda t: str(viz.diagnose(t, names=False)),
    "json": lambda t: viz.Trace.from_json(viz.trace(t, names=False).to_json()),
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("graph", [chain, neurons, blocks])
def test_twice_the_graph_is_twice_the_work(graph: Callable[[int], Tensor], view: str) -> None:
    small, large = graph(240), graph(480)
    VIEWS[view](small)  # what is done once, such as imports
    work = []
    for t in (small, large):
        with counted() as calls:
            VIEWS[view](t)
        work.append(calls[0])
    assert work[1] < 2.3 * work[0]


def test_twice_the_results_of_the_same_name_are_twice_the_work() -> None:
    work = []
    for gates in (200, 400):
        with viz.record():
            y = chain(gates)
        trace, lines = viz.trace(y), [0]

        def note(frame: FrameType, event: str, arg: Any, lines: list[int] = lines) -> Any:
            lines[0] += event == "line"
            return note

        before = sys.gettrace()
        sys.settrace(note)
        try:
            found = called(trace)
        finally:
            sys.settrace(before)
        assert len(set(found.values())) == len(found)
        work.append(lines[0])
    assert work[1] < 2.3 * work[0]


def test_the_layout_of_twice_the_graph_is_twice_the_work() -> None:
    work = []
    for gates in (400, 800):
        graph = viz.draw(neurons(gates), names=False).graph
        with counted() as calls:
            to_svg(graph)
        work.append(calls[0])
    assert work[1] < 2.6 * work[0]


def test_hundreds_of_thousands_of_gates_are_drawn() -> None:
    drawing = viz.draw(chain(200_000))
    assert [node.label for node in drawing.graph.nodes] == ["x", "(× → +) × 100,000"]
    assert "too many to draw one by one" in str(drawing)


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (viz.step, "step: this graph has more than 3,000 gates"),
        (viz.explain, "explain: this graph has more than 100,000 gates"),
        (viz.diagnose, "diagnose: this graph has more than 200,000 gates"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_read(
    view: Callable[[Tensor], object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = chain(200_002)
    monkeypatch.setattr(Numbers, "of", None)
    with pytest.raises(ValueError, match=told):
        view(t)


ONE_INPUT = [name for name, operation in REGISTRY.items() if operation.kind == "elementwise" and operation.arity == 1]


@pytest.mark.parametrize("operation", ONE_INPUT)
@pytest.mark.parametrize("x", [-2.0, -0.0, 0.0, 1e-300, 0.7, 2.0, 1e300, float("inf"), float("nan")])
def test_derivatives_of_scalars_are_those_of_arrays(operation: str, x: float) -> None:
    function = REGISTRY[operation].function
    with np.errstate(all="ignore"):
        scalar, array = function(Tensor(x)), function(Tensor([x]))
        found, expected = local_derivative(scalar, 0), local_derivative(array, 0)
    np.testing.assert_allclose(float(found), expected[0], rtol=1e-12)


@pytest.mark.parametrize("x", [-2.0, -0.0, 0.0, 0.7, 1e200])
@pytest.mark.parametrize("y", [-3.0, 0.0, 0.5, 2, 1e200])
@pytest.mark.parametrize("operation", ["add", "subtract", "multiply", "divide", "power", "maximum"])
def test_derivatives_of_two_scalars_are_those_of_arrays(operation: str, x: float, y: float) -> None:
    with np.errstate(all="ignore"):
        function = getattr(np, operation)
        scalar, array = function(Tensor(x), y), function(Tensor([x]), y)
        found, expected = local_derivative(scalar, 0), local_derivative(array, 0)
    np.testing.assert_allclose(float(found), expected[0], rtol=1e-12)


def test_the_pass_that_is_shown_is_the_one_that_runs() -> None:
    for graph in (chain, neurons, blocks):
        root = graph(60)
        shown, ran = backward_pass(root).cotangents, pull(root, 1.0)
        for leaf, gradient in ran.items():
            np.testing.assert_array_equal(shown[leaf], gradient)


def test_objects_made_quickly_are_no_others() -> None:
    made = quickly(Input)("n0", None, None, None)
    assert made == Input("n0", None, None, None)
    assert type(made) is Input
    with pytest.raises(AttributeError):
        made.source = "n1"  # type: ignore[misc]
    assert quickly(Box)("b0", name="Layer", parent=None) == Box("b0", "Layer", None)
    leaf = quickly(Entry)("n0", "variable", "x", "", "", (), {}, (), Numbers.of(1.0), None, True)
    assert leaf == Entry("n0", "variable", "x", "", "", (), {}, (), Numbers.of(1.0), None, True)
    assert hash(Numbers.of(1.5)) == hash(Numbers((), "float64", (1.5,), 1.5, 0.0, 1.5, 1.5))


# ---------------------------------------------------------------------------------------------------------------------
# What folds by itself
# ---------------------------------------------------------------------------------------------------------------------


def recurrent(steps: int, *, data: bool) -> Tensor:
    rng = np.random.default_rng(0)
    inside, outside = Tensor(rng.normal(size=(4, 4)) / 2, name="W"), Tensor(rng.normal(size=(3, 4)), name="U")
    h: Any = Tensor(np.ones((2, 4)), name="h0")
    for _ in range(steps):
        with scope("step"):
            h = ((rng.normal(size=(2, 3)) @ outside if data else 0.5) + h @ inside).tanh()
            for _ in range(8):
                h = h * 0.9
    return h.sum()


def labels(t: Tensor, **options: Any) -> list[str]:
    return [node.label for node in viz.draw(t, names=False, **options).graph.nodes if node.kind == "fold"]


def test_steps_with_data_of_their_own_stay_apart_where_they_can_be_read() -> None:
    drawing = viz.draw(recurrent(12, data=True), names=False)
    folds = [node for node in drawing.graph.nodes if node.kind == "fold"]
    assert [fold.label for fold in folds] == ["step"] * 12
    taken = [sum(wire.node == fold.id for wire in drawing.graph.wires) for fold in folds]
    assert taken == [4] * 12  # its data, the state, and the two weights
    assert "depth" not in drawing.graph.note


def test_very_many_steps_are_one_node() -> None:
    assert labels(recurrent(40, data=True)) == ["step × 40"]


def test_a_long_chain_of_blocks_is_one_node() -> None:
    assert labels(recurrent(14, data=False)) == ["step × 14"]


def test_a_short_chain_of_blocks_is_not() -> None:
    y = Tensor(np.ones(2), name="x")
    for i in range(3):
        with scope(f"block {i}"):
            for _ in range(50):
                y = y * 0.9
    assert labels(y) == ["block 0", "block 1", "block 2"]


def test_what_skips_blocks_keeps_them_apart() -> None:
    y = first = Tensor(np.ones(2), name="x").exp()
    for _ in range(10):
        with scope("block"):
            for _ in range(14):
                y = y * 0.9
            y = y + first
    assert labels(y) == ["block"] * 10


def test_folded_runs_say_how_often_they_repeat() -> None:
    y = Tensor(2.0, name="x")
    for _ in range(100):
        z = y
        for _ in range(4):
            z = (z * 0.5).tanh() + 0.25
        y = y + z
    assert labels(y, limit=60)[0].endswith("gates) × 100")
