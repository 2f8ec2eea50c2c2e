"""Steps write into arrays only where nothing else holds them, and graphs recorded before keep their values."""

from __future__ import annotations

import copy
import pickle
import sys
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor, no_grad
from optim import _advance

SIZE = 20000  # large enough for a step to be carried out in place
MAKE: list[Any] = [
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    lambda p: optim.Adam(p, lr=0.1),
    lambda p: optim.Lion(p, lr=0.1),
]


@pytest.fixture
def w(rng: np.random.Generator) -> Tensor:
    return Tensor(rng.normal(size=(SIZE // 10, 10)))


def step(optimizer: Any, w: Tensor, times: int = 1) -> None:
    for _ in range(times):
        w.grad = np.ones(w.shape)
        optimizer.step()


@pytest.mark.parametrize("make", MAKE)
def test_steps_are_in_place_where_nothing_else_holds_the_arrays(make: Any, w: Tensor) -> None:
    if _advance._ALONE < 0:
        pytest.skip("this interpreter does not count references")
    optimizer = make([w])
    step(optimizer, w)
    addresses = [id(w._data), *(id(v) for v in optimizer.state[w].values() if isinstance(v, np.ndarray))]
    step(optimizer, w, 3)
    assert [id(w._data), *(id(v) for v in optimizer.state[w].values() if isinstance(v, np.ndarray))] == addresses


def holders() -> list[Any]:
    """Ways to hold a parameter's array, or a view of it."""
    return [
        lambda w: w.data,
        lambda w: w.data[3:5],
        lambda w: w.data.T,
        lambda w: memoryview(w.data),
        lambda w: (w.T * 1.0).inputs[0].data,
        lambda w: w.reshape(-1).data,
    ]


@pytest.mark.parametrize("make", MAKE)
@pytest.mark.parametrize("hold", holders())
def test_held_arrays_are_unharmed(make: Any, hold: Any, w: Tensor) -> None:
    optimizer = make([w])
    step(optimizer, w)
    held = hold(w)
    before = np.array(held)
    values = w.numpy()
    step(optimizer, w, 2)
    np.testing.assert_array_equal(held, before)
    assert not np.array_equal(w.data, values)


@pytest.mark.parametrize("make", MAKE)
def test_a_graph_through_a_view_keeps_its_values(make: Any, w: Tensor, rng: np.random.Generator) -> None:
    """The product holds a view of the transposed weight: its backward pass cannot notice a step."""
    x = Tensor(rng.normal(size=(3, 10)))
    optimizer = make([w])
    step(optimizer, w)
    values = w.numpy()
    y = (x @ w.T).sum()
    step(optimizer, w, 2)
    y.backward()
    np.testing.assert_allclose(x.grad, np.tile(values.sum(0), (3, 1)))


@pytest.mark.parametrize("make", MAKE)
def test_a_graph_that_needs_the_old_values_says_so(make: Any, w: Tensor) -> None:
    optimizer = make([w])
    step(optimizer, w)
    y = (w * w).sum()
    step(optimizer, w)
    with pytest.raises(RuntimeError, match="changed after this operation was recorded"):
        y.backward()


@pytest.mark.parametrize("make", MAKE)
def test_gradients_are_unharmed(make: Any, w: Tensor) -> None:
    optimizer = make([w])
    for _ in range(3):
        w.grad = np.full(w.shape, 2.0)
        gradient = w.grad
        optimizer.step()
        assert w.grad is gradient
        assert (gradient == 2.0).all()


def test_the_velocity_is_not_the_gradient(w: Tensor) -> None:
    optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
    w.grad = np.ones(w.shape)
    optimizer.step()
    w.grad[:] = 100.0
    assert (optimizer.state[w]["momentum_buffer"] == 1.0).all()


@pytest.mark.parametrize("make", MAKE)
def test_states_that_were_handed_out_are_unharmed(make: Any, w: Tensor) -> None:
    optimizer = make([w])
    step(optimizer, w)
    saved = optimizer.state_dict()
    shown = dict(optimizer.state[w])
    cloned = copy.deepcopy(shown)
    step(optimizer, w, 2)
    for name, value in cloned.items():
        np.testing.assert_array_equal(shown[name], value)
        np.testing.assert_array_equal(saved["state"][0][name], value)


@pytest.mark.parametrize("make", MAKE)
def test_a_state_loaded_is_a_copy(make: Any, w: Tensor) -> None:
    optimizer = make([w])
    step(optimizer, w)
    saved = optimizer.state_dict()
    before = copy.deepcopy(saved["state"])
    optimizer.load_state_dict(saved)
    step(optimizer, w, 2)
    for name, value in before[0].items():
        np.testing.assert_array_equal(saved["state"][0][name], value)


@pytest.mark.parametrize("make", MAKE)
def test_copies_of_a_parameter_are_its_own(make: Any, w: Tensor) -> None:
    optimizer = make([w])
    step(optimizer, w)
    copies = [copy.deepcopy(w), copy.copy(w), pickle.loads(pickle.dumps(w)), w.detach()]
    values = w.numpy()
    step(optimizer, w)
    for other in copies:
        np.testing.assert_array_equal(other.data, values)


@pytest.mark.parametrize("order", ["F", "C"])
def test_arrays_of_any_layout_are_stepped(rng: np.random.Generator, order: Any) -> None:
    start, gradient = rng.normal(size=(200, 100)), rng.normal(size=(200, 100))
    w = Tensor(np.array(start, order=order))
    strange = np.zeros((200, 300))
    strange[:, ::3] = gradient
    for given in (np.asfortranarray(gradient), strange[:, ::3]):
        optimizer = optim.Adam([w], lr=0.1, eps=0)
        w.grad = given
        w._grad = given
        before = w.numpy()
        optimizer.step()
        np.testing.assert_allclose(w.data, before - 0.1 * np.sign(gradient), atol=1e-5)


def test_memory_that_belongs_to_others_is_unharmed(rng: np.random.Generator) -> None:
    """A parameter may have been given a read-only array, or part of a larger one."""
    whole = rng.normal(size=(2, SIZE))
    w = Tensor.from_raw(whole[0], requires_grad=True)
    fixed = np.ones(SIZE)
    fixed.flags.writeable = False
    v = Tensor.from_raw(fixed, requires_grad=True)
    del fixed
    before = whole.copy()
    optimizer = optim.SGD([w, v], lr=0.1)
    for _ in range(2):
        w.grad, v.grad = np.ones(SIZE), np.ones(SIZE)
        optimizer.step()
    np.testing.assert_array_equal(whole, before)
    np.testing.assert_allclose(w.data, before[0] - 0.2)
    np.testing.assert_allclose(v.data, 0.8)


def test_two_optimisers_share_a_parameter(w: Tensor) -> None:
    first, second = optim.SGD([w], lr=0.1), optim.Adam([w], lr=0.1)
    values = w.numpy()
    w.grad = np.ones(w.shape)
    first.step()
    second.step()
    np.testing.assert_allclose(w.data, values - 0.2, atol=1e-6)


def test_a_step_keeps_the_dtype_that_large_parameters_were_converted_to() -> None:
    net = nn.Linear(200, 100)
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    for convert in (net.float, net.double, net.float):
        convert()
        optimizer.zero_grad()
        net(np.ones((1, 200))).sum().backward()
        optimizer.step()
        assert {p.dtype for p in net.parameters()} == {net.weight.dtype}
        assert {
            v.dtype for p in net.parameters() for v in optimizer.state[p].values() if isinstance(v, np.ndarray)
        } == {net.weight.dtype}
    assert net.weight.dtype == np.float32


@pytest.fixture
def small(rng: np.random.Generator) -> list[Tensor]:
    """Parameters that are stepped as one."""
    return [Tensor(rng.normal(size=shape)) for shape in [(3, 4), (5,), (1,), (0,)]]


def step_all(optimizer: Any, parameters: list[Tensor], times: int = 1) -> None:
    for _ in range(times):
        for p in parameters:
            p.grad = np.ones(p.shape)
        optimizer.step()


def arrays_of(optimizer: Any, parameters: list[Tensor]) -> list[Any]:
    return [v for p in parameters for v in (p._data, *optimizer.state[p].values()) if isinstance(v, np.ndarray)]


@pytest.mark.parametrize("make", MAKE[:2])
def test_joined_steps_are_in_place_where_nothing_else_holds_the_arrays(make: Any, small: list[Tensor]) -> None:
    if _advance._ALONE < 0:
        pytest.skip("this interpreter does not count references")
    optimizer = make(small)
    step_all(optimizer, small, 2)
    addresses = [id(v) for v in arrays_of(optimizer, small)]
    step_all(optimizer, small, 3)
    assert [id(v) for v in arrays_of(optimizer, small)] == addresses


@pytest.mark.parametrize("make", MAKE)
@pytest.mark.parametrize(
    "hold",
    [
        lambda p, state: p.data,
        lambda p, state: p._data,
        lambda p, state: p._data[1:],
        lambda p, state: memoryview(p._data),
        lambda p, state: p.reshape(-1).data,
        lambda p, state: next(v for v in state.values() if isinstance(v, np.ndarray)),
        lambda p, state: next(v[1:] for v in state.values() if isinstance(v, np.ndarray)),
    ],
)
def test_held_arrays_of_small_parameters_are_unharmed(make: Any, hold: Any, small: list[Tensor]) -> None:
    optimizer = make(small)
    step_all(optimizer, small, 3)
    held = hold(small[0], optimizer.state[small[0]])
    before, values = np.array(held), small[0].numpy()
    step_all(optimizer, small, 2)
    np.testing.assert_array_equal(held, before)
    assert not np.array_equal(small[0].data, values)


@pytest.mark.parametrize("make", MAKE)
def test_joined_steps_see_what_was_changed_between_them(make: Any) -> None:
    """New values, states, rates and parameters without a gradient: all as for each parameter stepped by itself."""
    shapes = [(3, 4), (5,), (2,)]

    def run(together: bool) -> list[Any]:
        parameters = [Tensor(np.ones(shape)) for shape in shapes]
        groups = [parameters] if together else [[p] for p in parameters]
        optimizers = [make(group) for group in groups]
        for i in range(12):
            for p in parameters:
                p.grad = None if i == 3 and p is parameters[1] else np.full(p.shape, 0.5 + i)
            if i == 4:
                parameters[0].data = np.full(shapes[0], 3.0)
            if i == 6:
                parameters[2].data[:] = 4.0
            for optimizer in optimizers:
                if i == 8:
                    optimizer.param_groups[0]["lr"] = 0.01
                for p in optimizer.param_groups[0]["params"]:
                    for name, value in optimizer.state[p].items():
                        if i == 9 and isinstance(value, np.ndarray):
                            value[:] = 0.25
                        if i == 10 and isinstance(value, np.ndarray):
                            optimizer.state[p][name] = np.full(p.shape, 0.125)
                if i == 11:
                    optimizer.load_state_dict(optimizer.state_dict())
                optimizer.step()
        return [v for optimizer in optimizers for v in arrays_of(optimizer, optimizer.param_groups[0]["params"])]

    for a, b in zip(run(together=True), run(together=False), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize("make", [lambda p: optim.SGD(p, momentum=0.9), optim.Adam])
def test_copies_of_an_optimiser_go_on_by_themselves(make: Any, clone: Any, small: list[Tensor]) -> None:
    optimizer = make(small)
    step_all(optimizer, small, 3)
    other = clone(optimizer)
    copies = other.param_groups[0]["params"]
    before = [v.copy() for v in arrays_of(optimizer, small)]
    step_all(other, copies, 2)
    for v, old in zip(arrays_of(optimizer, small), before, strict=True):
        np.testing.assert_array_equal(v, old)
    step_all(optimizer, small, 2)
    for a, b in zip(arrays_of(optimizer, small), arrays_of(other, copies), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_graph_that_needs_the_old_values_of_a_small_parameter_says_so(small: list[Tensor]) -> None:
    optimizer = optim.Adam(small)
    step_all(optimizer, small, 3)
    y = (small[0] * small[0]).sum()
    step_all(optimizer, small)
    with pytest.raises(RuntimeError, match="changed after this operation was recorded"):
        y.backward()


def test_frozen_parameters_stay(w: Tensor) -> None:
    other = Tensor(np.ones(SIZE))
    optimizer = optim.Adam([w, other])
    other.requires_grad = False
    (w * other[: w.shape[0]].reshape(-1, 1)).sum().backward()
    optimizer.step()
    assert (other.data == 1.0).all()
    assert other not in optimizer.state or not optimizer.state[other]


def test_steps_are_not_recorded_and_work_without_recording(w: Tensor) -> None:
    optimizer = optim.Adam([w], lr=0.1)
    values = w.numpy()
    w.grad = np.ones(w.shape)
    with no_grad():
        optimizer.step()
    assert w.is_leaf
    np.testing.assert_allclose(w.data, values - 0.1, atol=1e-6)


def test_numbers_too_small_to_matter_become_zero() -> None:
    """Arithmetic on denormal numbers is slow, and a running mean would keep them for ever."""
    w = Tensor(np.ones(SIZE, np.float32))
    optimizer = optim.Adam([w], lr=0.1)
    step(optimizer, w)
    optimizer.state[w]["exp_avg"][:] = 1e-40
    optimizer.state[w]["step"] = 254
    before = w.numpy()
    w.grad = np.zeros(SIZE)
    optimizer.step()
    assert (optimizer.state[w]["exp_avg"] > 0).all()
    optimizer.step()
    assert (optimizer.state[w]["exp_avg"] == 0).all()
    assert (optimizer.state[w]["exp_avg_sq"] > 0).all()
    np.testing.assert_array_equal(w.data, before)


@pytest.mark.parametrize("name", ["Adam", "NAdam", "Adagrad"])
@pytest.mark.parametrize("sizes", [(3,), (3, 4), (SIZE, 3, 4)], ids=str)
def test_states_are_whole_wherever_a_step_is_interrupted(name: str, sizes: tuple[int, ...]) -> None:
    lines = 0

    def interrupted(after: int) -> bool:
        parameters = [Tensor(np.ones(size)) for size in sizes]
        losses = [(p * p).sum() for p in parameters]
        for p in parameters:
            p.grad = np.ones(p.shape)
        optimizer = getattr(optim, name)(parameters)
        passed = 0

        def trace(frame: Any, event: str, _: Any) -> Any:
            nonlocal passed
            if "/optim/" not in frame.f_code.co_filename.replace("\\", "/"):
                return None
            passed += event == "line"
            if passed > after:
                raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            optimizer.step()
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(before)
        getattr(optim, name)(parameters).load_state_dict(optimizer.state_dict())  # or it raises
        for p, loss in zip(parameters, losses, strict=True):
            if (p.data == 1).all():
                continue
            with pytest.raises(RuntimeError, match="changed after this operation was recorded"):
                loss.backward()
        return passed > after

    while interrupted(lines):
        lines += 3
    assert lines > 60
