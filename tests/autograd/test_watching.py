"""Whoever watches a thread is told of what it computes, and nobody else."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, _state, no_grad, scope
from autograd._state import Watcher, watched_by


class Log(Watcher):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def made(self, leaf: Tensor, data: Any) -> None:
        self.told.append(("made", leaf, data))

    def recorded(self, result: Tensor) -> None:
        assert result.primitive is not None
        self.told.append(("recorded", result.primitive.name, result.inputs))

    def unrecorded(self, constant: Tensor, inputs: Sequence[Any]) -> None:
        assert not constant.requires_grad
        self.told.append(("unrecorded", float(constant._data), tuple(inputs)))

    def cut(self, constant: Tensor, origin: Tensor, how: str) -> None:
        assert not constant.requires_grad
        self.told.append(("cut", origin, how))

    def read(self, tensor: Tensor, how: str) -> None:
        self.told.append(("read", tensor, how))

    def failed(self, error: Exception, what: Any, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> None:
        self.told.append(("failed", type(error), getattr(what, "name", what), tuple(inputs), dict(attributes)))


def told(compute: Any) -> list[tuple[Any, ...]]:
    log = Log()
    with watched_by(log):
        compute()
    compute()  # unwatched
    return log.told


x, y, c = Tensor(2.0), Tensor(3.0), Tensor(1.0, requires_grad=False)
a, b = Tensor(np.ones(3)), Tensor(np.ones(3))


@pytest.mark.parametrize(
    ("compute", "operation", "inputs"),
    [
        (lambda: x * y, "multiply", (x, y)),
        (lambda: x * 2.0, "multiply", (x, 2.0)),
        (lambda: x.exp(), "exp", (x,)),
        (lambda: a + b, "add", (a, b)),
        (lambda: a.tanh(), "tanh", (a,)),
        (lambda: a.sum(), "sum", (a,)),
        (lambda: a @ b, "matmul", (a, b)),
        (lambda: np.exp(x), "exp", (x,)),
    ],
)
def test_every_way_of_recording_is_told(compute: Any, operation: str, inputs: Any) -> None:
    ((kind, name, found),) = told(compute)
    assert (kind, name) == ("recorded", operation)
    assert all(p is q or p == q for p, q in zip(found, inputs, strict=True))


def test_what_is_not_recorded_is_told() -> None:
    def without() -> None:
        with no_grad():
            x * y

    assert told(without) == [("unrecorded", 6.0, (x, y))]
    assert told(lambda: c + 1.0) == [("unrecorded", 2.0, (c, 1.0))]
    assert told(lambda: np.exp(1.0) * 2) == []


def test_leaves_cuts_and_reads_are_told() -> None:
    ((kind, leaf, data),) = told(lambda: Tensor(5.0))
    assert (kind, leaf.item(), data) == ("made", 5.0, 5.0)
    assert told(x.detach) == [("cut", x, "detached")]
    assert [how for _, _, how in told(lambda: (x.data, x.item(), x.numpy(), x.tolist(), float(x)))] == [
        ".data", ".item()", ".numpy()", ".tolist()", ".item()",
    ]  # fmt: skip
    frozen = Tensor(1.0)
    log = Log()
    with watched_by(log):
        frozen.requires_grad = False
        frozen.requires_grad = True
    assert log.told == [("cut", frozen, "frozen")]


def test_failures_are_told_from_the_inside_out() -> None:
    def fail() -> None:
        with pytest.raises(ValueError, match="add"), scope("outer"):
            a + np.ones(4)

    primitive, block = told(fail)
    assert primitive[:3] == ("failed", ValueError, "add")
    assert primitive[3][0] is a
    assert block == ("failed", ValueError, None, (), {})

    def interrupt() -> None:
        with pytest.raises(KeyboardInterrupt), scope("outer"):
            raise KeyboardInterrupt

    assert told(interrupt) == []


def test_watching_is_of_one_thread_nests_and_pauses() -> None:
    outer, inner = Log(), Log()
    with watched_by(outer):
        with watched_by(inner):
            x.exp()
            with watched_by(None):
                x.exp()
        thread = threading.Thread(target=x.exp)
        thread.start()
        thread.join()
        x.tanh()
    assert [event[1] for event in outer.told] == ["exp", "tanh"]
    assert [event[1] for event in inner.told] == ["exp"]
    assert _state.settings.watcher is None


def test_blocks_may_close_in_any_order() -> None:
    first, second = Log(), Log()
    one, two = watched_by(first), watched_by(second)
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    x.exp()
    two.__exit__(None, None, None)
    x.tanh()
    assert (first.told, [event[1] for event in second.told]) == ([], ["exp"])
    assert (_state.settings.watcher, _state.settings.watchers, _state.unusual) == (None, [], 0)
