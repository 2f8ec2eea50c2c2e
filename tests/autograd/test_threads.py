"""Threads that differentiate at the same time get what each would get alone."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
import nn
import optim
import viz
from autograd import (
    AnomalyError,
    Tensor,
    _state,
    checkpoint,
    deriv,
    detect_anomaly,
    enable_grad,
    grad,
    hessian,
    is_grad_enabled,
    jacobian,
    make_jvp,
    make_vjp,
    no_grad,
    scope,
)  # fmt: skip
from autograd.reverse import pull, trace
from viz.bulk import uncollected

THREADS, TIMES = 8, 150


@pytest.fixture(autouse=True)
def switching() -> Iterator[None]:
    """Threads take turns a thousand times as often as they would, in the middle of everything."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(interval)
    assert _state.unusual == 0


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What each gives, run in a thread of its own, all starting together; the first error of any is raised."""
    results: list[Any] = [None] * len(work)
    errors: list[BaseException] = []
    barrier = threading.Barrier(len(work))

    def run(i: int) -> None:
        try:
            barrier.wait()
            results[i] = work[i]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def same(x: Any, y: Any) -> None:
    if isinstance(x, (tuple, list)):
        assert len(x) == len(y)
        for a, b in zip(x, y, strict=True):
            same(a, b)
    else:
        np.testing.assert_array_equal(x, y)


#: What all of them use.
constant = Tensor(np.linspace(0.5, 1.5, 4), requires_grad=False)
matrix = Tensor(np.arange(16.0).reshape(4, 4) / 16)
number = Tensor(0.7)
shared = (anp.tanh(matrix @ constant) * anp.exp(matrix @ constant) / number).sum()  # one graph
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
point = np.array([0.3, -0.2, 0.9, 1.1])
compressed = checkpoint(lambda x: anp.sum(anp.exp(anp.sin(x)) * x))


def f(x: Any) -> Any:
    return anp.sum(anp.tanh(anp.dot(matrix.data, x)) * constant * anp.exp(-x))


def own_backward() -> Any:
    x = Tensor(point)
    with scope("own"):
        y = f(x) + (x * constant).sum() * number.detach()
    y.backward()
    return x.grad


def network() -> Any:
    return grad(lambda x: net(x).sum())(point.astype(np.float32)).data


def scalars() -> Any:
    x = Tensor(0.5)
    h = x
    for _ in range(60):
        h = anp.sin(h) * x + h * 0.5
    return grad(grad(lambda t: anp.sin(t) ** 3 / t))(0.7), pull(h, 1.0)[x]


WORK: list[Callable[[], Any]] = [
    lambda: grad(f)(point),
    lambda: jacobian(lambda x: anp.tanh(x) * constant)(point),
    lambda: make_jvp(f)(point)(np.ones(4)),
    lambda: make_jvp(grad(f))(point)(np.ones(4))[1],
    lambda: hessian(f)(point),
    own_backward,
    lambda: make_vjp(lambda x: x @ matrix.data.T)(point)[0](np.ones(4)),
    lambda: [pull(shared, 1.0)[x] for x in (matrix, number)],
    lambda: list(trace(shared).wires.values()),
    lambda: grad(compressed)(point),
    network,
    scalars,
]


@pytest.mark.parametrize("start", range(0, len(WORK), 4))
def test_different_derivatives_at_once(start: int) -> None:
    work = [WORK[(start + i) % len(WORK)] for i in range(THREADS)]
    expected = [each() for each in work]
    found = at_once(*(lambda each=each: [each() for _ in range(TIMES)] for each in work))
    for results, alone in zip(found, expected, strict=True):
        for result in results:
            same(result, alone)


@pytest.mark.parametrize("each", WORK)
def test_one_derivative_in_all_threads(each: Callable[[], Any]) -> None:
    expected = each()
    for results in at_once(*[lambda: [each() for _ in range(TIMES // 4)]] * THREADS):
        for result in results:
            same(result, expected)


def test_blocks_are_of_one_thread() -> None:
    """One thread each for every kind of block, beside others that are in none."""
    before = threading.Event()

    def without() -> None:
        for _ in range(TIMES * 5):
            with no_grad():
                assert not (number * 2.0).requires_grad
                with enable_grad():
                    assert (number * 2.0).requires_grad

    def scopes(name: str) -> Callable[[], None]:
        def run() -> None:
            for i in range(TIMES * 5):
                with scope(name), scope(str(i)):
                    assert (number * 2.0).scope == (name, str(i))
                assert (number * 2.0).scope == ()

        return run

    def recording() -> None:
        for _ in range(TIMES):
            with viz.record() as recorded:
                y = anp.exp(number * constant).sum()
                y.backward(create_graph=False)
            assert len(recorded._memory.results) == 3
            assert [e.operation for e in recorded.trace().entries if e.kind == "gate"] == ["multiply", "exp", "sum"]

    def checking() -> None:
        with np.errstate(all="ignore"):
            for _ in range(TIMES):
                with detect_anomaly(), pytest.raises(AnomalyError) as caught:
                    anp.log(number - 1.0)
                assert caught.value.operation == "log"
        before.set()

    def bad_numbers() -> None:
        with np.errstate(all="ignore"):
            while not before.is_set():
                assert np.isnan(anp.log(number - 1.0).item())
                assert (number * 2.0).scope == ()
                assert is_grad_enabled()

    def forward() -> None:
        for _ in range(TIMES):
            value, tangent = make_jvp(lambda x: make_jvp(lambda y: y**3)(x)(1.0)[1])(2.0)(1.0)
            assert (float(value), float(tangent)) == (12.0, 12.0)

    def plain() -> None:
        for _ in range(TIMES * 3):
            y = number * 2.0
            assert y.requires_grad
            assert y.inputs[0] is number
            assert y._notes == {} if hasattr(y, "_notes") else True

    at_once(without, scopes("a"), scopes("b"), recording, checking, bad_numbers, forward, plain)
    assert _state.settings.watchers == []


def test_gradients_of_shared_variables_add_up() -> None:
    # Threads take turns in Python code, as of a gradient that is a tensor, and while large arrays are added.
    w, b = Tensor(np.ones(20_000), name="w"), Tensor(0.0)
    b.grad = Tensor(0.0, requires_grad=False)
    times = 100

    def run() -> None:
        for _ in range(times):
            ((w * 2.0).sum() + b).backward()

    at_once(*[run] * THREADS)
    assert set(w.grad.tolist()) == {2.0 * THREADS * times}
    assert b.grad.item() == THREADS * times


def test_networks_of_ones_own_are_trained_at_once() -> None:
    """Optimisers share what they have recorded of their rules."""

    def train(kind: Any) -> Callable[[], Any]:
        def run() -> Any:
            w = Tensor(np.linspace(-1.0, 1.0, 20_000))
            optimizer = kind([w], lr=0.1)
            for _ in range(10):
                optimizer.zero_grad()
                (w * w).sum().backward()
                optimizer.step()
            return w.numpy()

        return run

    work = [train(kind) for kind in (optim.Adam, optim.SGD, optim.RMSprop, optim.AdamW)] * 2
    expected = [each() for each in work]
    same(at_once(*work), expected)


def test_serial_numbers_are_never_given_twice() -> None:
    def run() -> list[int]:
        return [(number * 2.0).serial for _ in range(2000)]

    numbers = [n for each in at_once(*[run] * THREADS) for n in each]
    assert len(set(numbers)) == len(numbers)
    for each in at_once(run, run):
        assert each == sorted(each)


def test_blocks_are_counted_by_all_threads_together() -> None:
    def run() -> None:
        for _ in range(500):
            with ExitStack() as stack:
                for block in (no_grad(), scope("s"), enable_grad(), detect_anomaly(), viz.record()):
                    stack.enter_context(block)
                assert _state.unusual >= 5

    at_once(*[run] * THREADS)
    assert _state.unusual == 0


def test_drawing_leaves_the_garbage_collector_as_it_was() -> None:
    assert gc.isenabled()
    at_once(*[lambda: [viz.trace(shared) for _ in range(TIMES // 15)]] * THREADS)
    assert gc.isenabled()
    one, two = uncollected(), uncollected()  # as two threads may
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    assert not gc.isenabled()
    two.__exit__(None, None, None)
    assert gc.isenabled()
    gc.disable()
    try:
        viz.trace(shared)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_coroutines_share_the_blocks_of_their_thread() -> None:
    async def inside(name: str, seen: list[Any]) -> None:
        with no_grad(), scope(name):
            await asyncio.sleep(0)
            seen.append((is_grad_enabled(), _state.current_scope()[0]))
            await asyncio.sleep(0)

    async def both() -> tuple[list[Any], Any]:
        seen: list[Any] = []
        tasks = [asyncio.create_task(inside(name, seen)) for name in "ab"]
        await asyncio.sleep(0)
        of_thread = await asyncio.to_thread(lambda: (is_grad_enabled(), _state.current_scope()))
        await asyncio.gather(*tasks)
        return seen, of_thread

    seen, of_thread = asyncio.run(both())
    assert [recording for recording, _ in seen] == [False, False]
    assert of_thread == (True, ())
    assert (is_grad_enabled(), _state.current_scope()) == (True, ())


def test_forward_mode_does_not_lose_tangents_in_other_threads() -> None:
    def f(x: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return x * pool.submit(lambda: x * x).result()

    assert float(grad(f)(2.0)) == 12.0
    with pytest.raises(RuntimeError, match="its tangent would be lost in this thread"):
        deriv(f)(2.0)
    with pytest.raises(RuntimeError, match="its tangent would be lost in this thread"):
        deriv(lambda x: ThreadPoolExecutor(1).submit(deriv(lambda y: x * y), 1.0).result())(2.0)
    assert _state.pushing_anywhere == 0
    assert float(deriv(lambda x: x * x)(2.0)) == 4.0
