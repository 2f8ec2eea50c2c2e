"""Every kind of operand on either side of every operator, in every kind of pass, against float64 references."""

from __future__ import annotations

import operator
import re
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, grad, make_jvp, make_vjp, no_grad, ops, value_and_grad
from autograd.primitives import REGISTRY
from autograd.reverse import trace

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
KINDS: dict[str, Any] = {
    "float": 3.0,
    "int": 2,
    "bool": True,
    "float64": np.float64(1.5),
    "float32": np.float32(1.5),
    "int8": np.int8(2),
    "0-d": np.array(2.0),
    "list": [2.0, 3.0],
    "array": np.array([2.0, 3.0]),
    "uint8 array": np.array([2, 3], np.uint8),
    "bool array": np.array([True, True]),
    "float32 array": np.array([2.0, 3.0], np.float32),
    "tensor constant": Tensor([2.0, 3.0], requires_grad=False),
    "scalar tensor": Tensor(2.5),
    "array tensor": Tensor([2.5, 3.5]),
    "float32 scalar tensor": Tensor(np.float32(2.5)),
}
VARIABLES: dict[str, Any] = {
    "scalar": 1.5,
    "float32 scalar": np.float32(1.5),
    "array": np.array([1.5, 2.5]),
    "float32 array": np.array([1.5, 2.5], np.float32),
    "column": np.array([[1.5], [2.5]]),
}


def _plain(x: Any) -> Any:
    return np.asarray(x.data if isinstance(x, Tensor) else x)


@pytest.mark.parametrize("how", ["plain", "retain", "create_graph"])
@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("operate", OPERATORS, ids=lambda f: f.__name__)
def test_gradient_with_every_kind_of_operand(operate: Any, variable: str, kind: str, side: str, how: str) -> None:
    other = KINDS[kind]
    x = Tensor(VARIABLES[variable])
    result = operate(x, other) if side == "left" else operate(other, x)
    # The result is used twice, so that contributions meet at a fork.
    (result.sum() + result.sum()).backward(**({} if how == "plain" else {how: True}))
    value, fixed = np.asarray(VARIABLES[variable], np.float64), _plain(other).astype(np.float64)

    def reference(v: Any) -> Any:
        return 2 * np.sum(operate(v, fixed) if side == "left" else operate(fixed, v))

    expected = np.zeros(value.shape)
    for index in np.ndindex(value.shape):
        step = np.zeros(value.shape)
        step[index] = 1e-6
        expected[index] = (reference(value + step) - reference(value - step)) / 2e-6
    gradient = x.grad.data if isinstance(x.grad, Tensor) else x.grad
    assert type(gradient) is (np.ndarray if x.shape else x.dtype.type)
    assert (gradient.shape, gradient.dtype) == (x.shape, x.dtype)
    np.testing.assert_allclose(gradient, expected, rtol=1e-5 if x.dtype == np.float32 else 1e-7)
    if isinstance(other, Tensor):
        other.grad = None


def test_scalars_of_any_dtype_meet_at_forks() -> None:
    x = Tensor(np.float32(2))
    (x.sum() + x.sum() + x.sum()).backward()
    assert x.grad == 3.0
    y = Tensor(np.ones((3, 3), np.float32))
    m = y.mean()
    (m.mean() + m.mean() + m.mean()).backward()
    np.testing.assert_allclose(y.grad, np.full((3, 3), 1 / 3), rtol=1e-6)
    x, s = Tensor(2.0), Tensor([5.0])
    m3 = ops.maximum(x, 1.0) * 3.0
    (((m3.reshape(1) + s) * 2.0).sum() + m3).backward()
    assert s.grad.tolist() == [2.0]
    assert x.grad == 9.0
    assert isinstance(grad(lambda v: v.sum())(np.float32(2)), np.float32)


@pytest.mark.parametrize(
    "x", [Tensor([1.0, 2.0]), Tensor(1.0), Tensor(np.float32(1))], ids=["array", "scalar", "float32"]
)
@pytest.mark.parametrize("zero", [0.0, 0, Tensor(0.0)], ids=["float", "int", "tensor"])
@pytest.mark.parametrize("how", ["plain", "retain", "create_graph"])
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_division_by_zero_gives_infinities_in_every_pass(x: Tensor, zero: Any, how: str) -> None:
    x.grad = None
    (x / zero).sum().backward(**({} if how == "plain" else {how: True}))
    gradient = x.grad.data if isinstance(x.grad, Tensor) else x.grad
    assert np.all(np.isposinf(gradient))
    x.grad = None


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_division_by_zero_in_transforms() -> None:
    assert np.isposinf(grad(lambda x: x / 0.0)(1.0))
    assert grad(grad(lambda x: x / 0.0))(1.0) == 0.0 or np.isnan(grad(grad(lambda x: x / 0.0))(1.0))
    assert np.isposinf(make_jvp(lambda x: x / 0.0)(1.0)(1.0)[1])
    assert np.isposinf(trace(Tensor(1.0) / 0.0).wires.popitem()[1])
    w = Tensor(1.0)
    assert np.isposinf(float(make_jvp(lambda x: x / 0.0 * w)(1.0)(1.0)[1]))


def test_quotients_of_extreme_numbers_keep_their_gradient() -> None:
    b = Tensor(1e200)
    (Tensor(1e300) / b).backward()
    assert b.grad == pytest.approx(-1e-100)


def test_nothing_flows_to_a_condition_and_no_nan_appears_there() -> None:
    c = Tensor([1.0, 0.0])
    x = Tensor([1.0, 2.0])
    ag.where(c, x, 0.5).sum().backward()
    assert c.grad is None
    assert x.grad.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    ("function", "at", "expected"),
    [
        (lambda x: ag.log(ag.where([True, False], x, 0.0)), [2.0, 4.0], [0.5, 0.0]),
        (lambda x: ag.log(ag.maximum(x, 0.0)), [2.0, -4.0], [0.5, 0.0]),
        (lambda x: ag.log(-ag.minimum(x, 0.0)), [-2.0, 4.0], [-0.5, 0.0]),
        (lambda x: ag.sqrt(ag.relu(x)), [-1.0, 4.0], [0.0, 0.25]),
    ],
    ids=["where", "maximum", "minimum", "relu"],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_nothing_not_even_nan_flows_along_a_route_not_taken(
    function: Any, at: Any, expected: Any, create_graph: bool
) -> None:
    x = Tensor(at)
    function(x).sum().backward(create_graph=create_graph)
    gradient = x.grad.data if isinstance(x.grad, Tensor) else x.grad
    assert gradient.tolist() == expected
    for value, g in zip(at, expected, strict=True):
        scalar = Tensor(value)
        result = function(scalar)
        if result.shape == ():
            result.backward()
            assert scalar.grad == g


# -- what is held cannot change unnoticed -----------------------------------------------------------------------------


def _gradient_after(change: Any, record: Any, x: Tensor) -> Any:
    y = record(x)
    change()
    y.backward(np.ones(y.shape))
    return x.grad


def test_operands_written_to_after_recording_are_copies_or_noticed() -> None:
    zero_d = np.array(2.0)
    assert _gradient_after(lambda: zero_d.__setitem__(..., 100.0), lambda x: x * zero_d, Tensor(3.0)) == 2.0
    numbers = [1.0, 2.0]
    after = _gradient_after(lambda: numbers.__setitem__(0, 100.0), lambda x: x * numbers, Tensor([1.0, 1.0]))
    assert after.tolist() == [1.0, 2.0]
    index = np.array([0, 1])
    after = _gradient_after(lambda: index.__setitem__(slice(None), 2), lambda x: x[index], Tensor([1.0, 1.0, 1.0]))
    assert after.tolist() == [1.0, 1.0, 0.0]
    axes = [1, 0]
    after = _gradient_after(lambda: axes.reverse(), lambda x: np.transpose(x, axes), Tensor(np.ones((2, 3))))
    assert after.shape == (2, 3)
    rows = np.ones((8192, 64))
    with pytest.raises(RuntimeError, match="was changed after"):
        _gradient_after(lambda: rows.__setitem__((slice(None), slice(1, None)), 0.0), lambda x: x * rows, Tensor(1.0))


def test_arrays_made_of_tensors_cannot_be_written_through() -> None:
    x = Tensor([0.0, 1.0])
    y = ag.exp(x)
    with no_grad():
        a = np.asarray(y)
    with pytest.raises(ValueError, match="read-only"):
        a -= a.max()
    assert np.array(y.detach()).flags.writeable


def test_data_taken_from_a_tensor_is_a_copy() -> None:
    s, t = Tensor([1.0, 2.0]), Tensor([0.0, 0.0])
    t.data = s
    y = (s * s).sum()
    t.data[:] = 100.0
    y.backward()
    assert s.grad.tolist() == [2.0, 4.0]
    t.data = ag.exp(s).data
    t.data -= 1.0


def test_views_recorded_as_constants_do_not_follow_their_base() -> None:
    x, p = Tensor([1.0, 1.0]), Tensor([1.0, 2.0])
    p.data *= 1.0
    with no_grad():
        v = p.reshape(2)
    y = (x * v).sum()
    p.data -= 50.0
    y.backward()
    assert x.grad.tolist() == [1.0, 2.0]


def test_results_of_transforms_are_the_callers_own() -> None:
    x = np.array([0.0, 1.0])
    vjp, value = make_vjp(ag.exp)(x)
    value *= 0.0
    np.testing.assert_allclose(vjp(np.ones(2)), np.exp(x))
    ct = np.ones(2)
    assert make_vjp(lambda v: v)(x)[0](ct) is not ct
    gradient = grad(lambda v: v.sum() + 1.0)(np.zeros(3))
    gradient[0] = 5.0
    w = Tensor(3.0)
    assert float(grad(lambda v: value_and_grad(lambda u: v)(3.0)[0] * 1.0)(2.0)) == 1.0
    w.data = 5.0
    assert isinstance(grad(lambda v: v * w * w)(2.0), Tensor)


def test_transforms_under_no_grad_still_differentiate() -> None:
    x = Tensor(3.0)
    with no_grad():
        assert grad(lambda z: z * z)(x) == 6.0

    def f(v: Any) -> Any:
        with no_grad():
            inner = grad(lambda z: z**2 * v)(v)
        return inner * v

    assert grad(f)(3.0) == 18.0


def test_gradients_that_were_recorded_are_their_own() -> None:
    a, b = Tensor([1.0, 2.0]), Tensor([1.0, 2.0])
    (a + b).sum().backward(create_graph=True)
    assert not np.shares_memory(a.grad.data if isinstance(a.grad, Tensor) else a.grad, b.grad)
    seed = Tensor(np.ones(2), requires_grad=False)
    x = Tensor(np.ones(2, np.float32))
    x.backward(seed)
    assert x.grad.dtype == np.float32
    x.grad[0] = 7.0
    assert seed.data[0] == 1.0


def test_results_that_carry_no_gradient_are_refused() -> None:
    x = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"astype of a tensor that requires gradients gives int64"):
        x.astype(int)
    with pytest.raises(TypeError, match="cannot be complex"):
        x.data = np.array([1j, 1.0])
    with pytest.raises(TypeError, match="expected numbers"):
        x.data = "3"
    assert (x[[]]).shape == (0,)


@pytest.mark.parametrize("operate", [ops.relu, ops.silu, ops.softplus, ops.elu, ops.add, ops.sum, ops.matmul])
@pytest.mark.parametrize("kind", ["object", "U", "M8[s]"])
def test_arrays_of_other_things_than_numbers_are_refused(operate: Any, kind: str) -> None:
    x = np.array(["2020-01-01"], kind)
    message = f"{operate.__name__}: expected a tensor, a number or a numeric array, got an array of {x.dtype}"
    with pytest.raises(TypeError, match=re.escape(message)):
        operate(*(x,) * (operate.primitive.arity or 1))


def test_power_and_matmul_in_place_keep_variables_variables() -> None:
    x, m = Tensor([2.0, 3.0]), Tensor(np.eye(2))
    with no_grad():
        x **= 2
        m @= np.full((2, 2), 2.0)
    assert x.tolist() == [4.0, 9.0]
    assert m.tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert x.is_leaf
    assert m.requires_grad


def test_array_arguments_by_keyword() -> None:
    x = Tensor([1.0, 2.0])
    assert ops.sum(x=x).item() == 3.0
    assert ops.concatenate(arrays=[x, x]).shape == (4,)
    assert ops.logsumexp(x=x, axis=0).requires_grad
    with pytest.raises(TypeError, match="multiple values"):
        ops.sum(x, 0, axis=1)
    with pytest.raises(TypeError, match="unexpected keyword"):
        ops.sum(x, axes=1)


def test_one_block_can_be_shared_and_entered_again() -> None:
    block = no_grad()
    with block, block:
        assert not ag.is_grad_enabled()
    assert ag.is_grad_enabled()
    with pytest.raises(TypeError, match=r"write @no_grad\(\)"):
        no_grad(lambda: None)


@pytest.mark.parametrize("whole", [-1, 0, 1, 2])
@pytest.mark.parametrize(
    "primitive",
    [p for p in REGISTRY.values() if p.fast == 2 and p.name != "binary_cross_entropy"],
    ids=lambda p: p.name,
)
def test_a_scalar_and_a_whole_number_give_a_floating_point_scalar(primitive: Any, whole: int) -> None:
    for inputs in ((Tensor(0.5), whole), (whole, Tensor(0.5))):
        with np.errstate(all="ignore"):
            result = primitive.function(*inputs)
            wanted = primitive.forward(*(np.float64(getattr(x, "data", x)) for x in inputs))
        assert result.dtype == np.float64
        assert type(result.item()) is float
        np.testing.assert_allclose(result.item(), wanted, rtol=1e-15)
