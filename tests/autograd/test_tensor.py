"""Tensors: making them, reading them, showing them, and refusing what cannot work."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor, enable_grad, no_grad, scope


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1, np.float64, ()),
        (True, np.float64, ()),
        (2.5, np.float64, ()),
        (np.float32(2.5), np.float32, ()),
        (np.array(2.5), np.float64, ()),
        ([1, 2], np.float64, (2,)),
        (np.arange(3), np.float64, (3,)),
        (np.ones((2, 0), np.float32), np.float32, (2, 0)),
    ],
)
def test_variables_are_floating_and_keep_floating_dtypes(data: Any, dtype: Any, shape: Any) -> None:
    t = Tensor(data)
    assert t.dtype == dtype
    assert t.shape == shape == np.shape(t.data)
    assert t.data.dtype == dtype
    assert t.requires_grad
    assert t.is_leaf


def test_constants_keep_integers() -> None:
    assert Tensor([1, 2], requires_grad=False).dtype == np.int64
    assert Tensor(1j, requires_grad=False).dtype == np.complex128
    assert Tensor(1j).requires_grad
    with pytest.raises(TypeError, match="int64 cannot have gradients"):
        Tensor([1, 2], dtype=np.int64)
    with pytest.raises(TypeError, match="only floating and complex tensors"):
        Tensor([1, 2], requires_grad=False).requires_grad = True


@pytest.mark.parametrize("data", ["1.0", None, object(), [[1.0], [1.0, 2.0]], {"a": 1}])
def test_what_is_not_numeric_is_refused(data: Any) -> None:
    with pytest.raises(TypeError, match="Tensor: expected numbers"):
        Tensor(data)


def test_data_is_copied_in() -> None:
    source = np.ones(3)
    t = Tensor(source)
    source[0] = 9.0
    assert t.data[0] == 1.0


def test_a_scalar_is_a_tensor_of_shape_nothing() -> None:
    t = Tensor(2.0)
    assert isinstance(t.data, np.float64)
    assert isinstance(t.item(), float)
    assert float(t) == 2.0
    assert int(t) == 2
    assert f"{t:.3f}" == "2.000"
    assert t.numpy().shape == ()
    with pytest.raises(TypeError, match="no length"):
        len(t)


def test_arrays_have_length_and_elements() -> None:
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(t) == 2
    assert [row.tolist() for row in t] == [[1.0, 2.0], [3.0, 4.0]]
    assert (t.ndim, t.size) == (2, 4)
    with pytest.raises(ValueError, match=r"exactly one element.*\(2, 2\)"):
        t.item()
    with pytest.raises(ValueError, match="ambiguous"):
        bool(t)


def test_reprs_say_what_it_is() -> None:
    x = Tensor(3.0, name="x")
    assert repr(x) == "Tensor(3.0, name='x')"
    y = x * 2.0
    assert repr(y) == "Tensor(6.0, op=multiply)"
    y.backward()
    assert repr(x) == "Tensor(3.0, name='x', grad=2.0)"
    assert repr(Tensor(1.0, requires_grad=False)) == "Tensor(1.0, requires_grad=False)"
    assert repr(Tensor([1.0, 2.0], dtype="float32")) == "Tensor([1., 2.], dtype=float32)"


def test_data_of_leaves_can_be_replaced_by_data_of_the_same_shape() -> None:
    t = Tensor(np.ones(2), dtype="float32")
    t.data = [3, 4]
    assert t.dtype == np.float32
    assert t.tolist() == [3.0, 4.0]
    with pytest.raises(ValueError, match=r"shape \(2,\) cannot be replaced by shape \(3,\)"):
        t.data = np.ones(3)


def test_gradients_can_be_assigned_in_the_right_shape() -> None:
    t = Tensor(np.ones(2), dtype="float32")
    t.grad = [1, 2]
    assert t.grad.dtype == np.float32
    with pytest.raises(ValueError, match="gradient has its tensor's shape"):
        t.grad = np.ones(3)


def test_converting_to_a_plain_array_never_loses_a_gradient_silently() -> None:
    t = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"would lose its gradient; use \.data"):
        np.asarray(t)
    assert np.asarray(t.detach()).tolist() == [1.0, 2.0]
    with no_grad():
        assert np.asarray(t).tolist() == [1.0, 2.0]


def test_detached_values_are_constants_of_their_own() -> None:
    t = Tensor([1.0, 2.0])
    d = t.detach()
    d.data[0] = 9.0
    assert t.data[0] == 1.0
    assert not d.requires_grad


def test_no_grad_makes_constants_and_nests_with_enable_grad() -> None:
    x = Tensor(2.0)

    @no_grad()
    def f() -> Tensor:
        with enable_grad():
            assert (x * x).requires_grad
        return x * x

    assert not f().requires_grad
    assert (x * x).requires_grad


def test_scopes_nest_and_are_kept_on_nodes() -> None:
    x = Tensor(2.0)
    with scope("a"):
        y = x * x
        with scope("b"):
            z = y.exp()
    assert y.scope == ("a",)
    assert z.scope == ("a", "b")
    assert (z + 1.0).scope == ()
    with pytest.raises(TypeError, match="non-empty string"):
        scope("")


def test_shape_mismatch_names_operation_shapes_scope_and_remedy() -> None:
    a, b = Tensor(np.ones(3)), Tensor(np.ones(4), dtype="float32")
    with (
        scope("head"),
        pytest.raises(ValueError, match=r"add\(float64 \(3,\), float32 \(4,\)\).*reshape.*\[in scope head\]"),
    ):
        a + b
    with pytest.raises(ValueError, match=r"matmul\(float64 \(3,\), float32 \(4,\)\)"):
        a @ b
    with pytest.raises(ValueError, match=r"reshape\(float64 \(3,\), shape=\(2, 2\)\)"):
        a.reshape(2, 2)
    with pytest.raises(IndexError, match=r"getitem\(float64 \(3,\), index=7\)"):
        a[7]
    with pytest.raises(ValueError, match=r"concatenate\(float64 \(3,\), float64 \(1, 3\)"):
        ag.concatenate([a, np.ones((1, 3))])


@pytest.mark.parametrize("other", ["2", None, object(), [[1.0], [1.0, 2.0]]])
def test_operands_that_are_not_numeric_are_refused(other: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        Tensor(1.0) + other
    with pytest.raises((TypeError, ValueError)):
        ag.exp(other)


def test_an_operand_with_its_own_operators_gets_its_turn() -> None:
    class Unit:
        def __radd__(self, other: Any) -> str:
            return "theirs"

    assert Tensor(1.0) + Unit() == "theirs"


def test_assignment_under_gradient_says_what_to_do() -> None:
    x = Tensor(np.ones(3))
    y = x * 2.0
    with (
        scope("net"),
        pytest.raises(
            TypeError,
            match=r"into a result \(multiply\) \(float64 \(3,\)\) \[in scope net\].*where, concatenate or stack",
        ),
    ):
        y[0] = 1.0
    with pytest.raises(TypeError, match="assigning into a variable"):
        x[0] = 1.0
    with no_grad():
        x[0] = 5.0
    assert x.tolist() == [5.0, 1.0, 1.0]
    assert x.requires_grad


def test_in_place_operators_make_new_results_but_update_variables_under_no_grad() -> None:
    x = Tensor(2.0)
    y = x
    y += 1.0
    assert y is not x
    assert y.primitive is not None
    with no_grad():
        x -= 0.5
    assert x.item() == 1.5
    assert x.is_leaf
    assert x.requires_grad


def test_an_array_is_not_silently_overwritten_by_a_tensor() -> None:
    a = np.ones(3)
    with pytest.raises(TypeError, match=r"np\.add\(\.\.\., out=\.\.\.\) with a tensor.*x = x \+ t"):
        a += Tensor(np.ones(3))


def test_comparisons_give_plain_booleans() -> None:
    t = Tensor([1.0, 3.0])
    assert (t > 2.0).tolist() == [False, True]
    assert (np.array([1.0, 4.0]) == t).tolist() == [True, False]
    assert Tensor(1.0) < Tensor(2.0)
    assert isinstance(Tensor(1.0) < 2.0, np.bool_)
    assert not ~(Tensor(1.0) > 0.0)
    assert (Tensor(2.0) == [2.0, 3.0]).tolist() == [True, False]
    assert len({Tensor(1.0), Tensor(1.0)}) == 2


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Tensor(np.ones(2), dtype="float32"), 2.0),
        (Tensor(np.ones(2), dtype="float32"), 2),
        (Tensor(np.ones(2), dtype="float32"), np.float64(2.0)),
        (Tensor(np.ones(2), dtype="float32"), Tensor(2.0)),
        (Tensor(np.ones(2), dtype="float32"), np.ones(2)),
        (Tensor(np.float32(1.0)), 2.0),
        (Tensor(np.float32(1.0)), Tensor(2.0)),
        (Tensor(1.0), np.float32(2.0)),
        (Tensor(1.0), np.ones(2, np.float32)),
        (3, Tensor(np.float32(1.0))),
        (np.ones(2, np.int64), Tensor(np.float32(1.0))),
    ],
)
def test_dtypes_follow_numpys_promotion(left: Any, right: Any) -> None:
    plain = [x.data if isinstance(x, Tensor) else x for x in (left, right)]
    result = left * right
    assert result.dtype == (plain[0] * plain[1]).dtype
    result.backward(np.ones(result.shape))
    for x in (left, right):
        if isinstance(x, Tensor):
            assert x.grad.dtype == x.dtype
            assert x.grad.shape == x.shape
            x.grad = None


def test_a_tensor_cannot_be_subclassed() -> None:
    with pytest.raises(TypeError, match="cannot be subclassed"):

        class Mine(Tensor):
            pass


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_copies_of_variables_are_independent_variables(duplicate: Any) -> None:
    x = Tensor(np.ones(2), name="x")
    x.grad = [1.0, 2.0]
    twin = duplicate(x)
    assert twin.is_leaf
    assert twin.name == "x"
    twin.data[0] = 5.0
    twin.grad[0] = 7.0
    assert x.data[0] == x.grad[0] == 1.0
    twin.grad = None
    (twin * twin).sum().backward()
    np.testing.assert_array_equal(twin.grad, [10.0, 2.0])
    assert not duplicate(Tensor(1.0, requires_grad=False)).requires_grad
    with pytest.raises(TypeError, match=r"result \(multiply\).*detach"):
        duplicate(x * 2.0)


def test_assigned_scalars_stay_scalars() -> None:
    x = Tensor(np.float64(2.0))
    x.data -= 0.5
    x.data = 3
    x.grad = 0
    assert type(x._data) is float
    assert type(x._grad) is float
    assert x.item() == 3.0


def test_lists_of_tensors_point_to_stack() -> None:
    with pytest.raises(TypeError, match="stack"):
        ag.exp([Tensor(1.0), Tensor(2.0)])


def test_index_by_a_floating_tensor_is_refused() -> None:
    with pytest.raises(TypeError, match="integers or booleans"):
        Tensor([1.0, 2.0])[Tensor([0.0])]
    assert Tensor([1.0, 2.0])[Tensor([1], requires_grad=False)].tolist() == [2.0]


def test_a_micrograd_program_runs_unchanged() -> None:
    from autograd import Tensor as Value

    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"
