"""Names of the established package beyond its transforms: what programs written for it import and how they use it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
from autograd import Tensor, builtins, grad, hessian, make_jvp
from autograd.core import VJPNode, backward_pass
from autograd.extend import defjvp, defvjp, primitive
from autograd.scipy.special import expit, logsumexp
from autograd.test_util import check_equivalent, scalar_close
from autograd.tracer import getval, isbox, new_box, trace, trace_stack
from autograd.util import toposort


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("autograd", "primitive isinstance tuple list dict type grad jacobian checkpoint"),
        ("autograd.builtins", "DictBox SequenceBox isinstance tuple list dict type"),
        ("autograd.differential_operators", "grad make_jvp make_jvp_reversemode make_vjp make_hvp hessian jacobian"),
        ("autograd.numpy.random", "randn seed RandomState normal permutation default_rng"),
        ("autograd.tracer", "trace Node new_box isbox getval trace_stack toposort primitive subvals"),
        ("autograd.core", "VJPNode backward_pass make_vjp make_jvp vspace VSpace defvjp"),
    ],
)
def test_what_is_imported_is_there(module: str, names: str) -> None:
    __import__(module)
    found = autograd if module == "autograd" else __import__(module, fromlist=["_"])
    assert [name for name in names.split() if not hasattr(found, name)] == []


def test_random_numbers_are_numpys() -> None:
    anp.random.seed(3)
    drawn = anp.random.randn(4)
    np.random.seed(3)  # noqa: NPY002
    np.testing.assert_array_equal(drawn, np.random.randn(4))  # noqa: NPY002


def test_a_graph_recorded_by_hand() -> None:
    x = new_box(np.array([1.0, 2.0]), 0, VJPNode.new_root())
    y = anp.stack([anp.sum(x**2), anp.prod(x)])
    assert isbox(y)
    np.testing.assert_array_equal(y._value, [5.0, 2.0])
    np.testing.assert_array_equal(backward_pass(np.array([1.0, 0.0]), y._node), [2.0, 4.0])
    np.testing.assert_array_equal(backward_pass(np.array([0.0, 1.0]), y._node), [2.0, 1.0])


def test_a_pass_from_a_boxed_cotangent_is_recorded() -> None:
    x = new_box(3.0, 0, VJPNode.new_root())
    cotangent = new_box(1.0, 0, VJPNode.new_root())
    rows = [backward_pass(cotangent, (x**2)._node)]
    assert anp.stack(rows, axis=0)._value == 6.0


def test_traces_within_traces_are_told_apart() -> None:
    def slope(x: Any) -> Any:
        with trace_stack.new_trace() as number:
            inner = new_box(x, number, VJPNode.new_root())
        g = new_box(1.0, number, VJPNode.new_root())
        return backward_pass(g, (inner**3 * x)._node)

    assert trace_stack.top == -1
    assert slope(2.0) * 1.0 == 24.0  # of y**3 * x by y, at y = x: 3 x**3
    assert grad(slope)(2.0) == 36.0


def test_tracing_tells_the_value_and_the_node() -> None:
    value, node = trace(VJPNode.new_root(), lambda x: x * 2, 3.0)
    assert value == 6.0
    assert backward_pass(1.0, node) == 2.0
    assert trace(VJPNode.new_root(), lambda x: "constant", 3.0) == ("constant", None)


def test_what_cannot_be_traced_is_refused() -> None:
    with pytest.raises(TypeError, match=r"cannot differentiate by 'a' of <class 'str'>"):
        new_box("a", 0, VJPNode.new_root())
    with pytest.raises(ValueError, match="depends on no variable made by new_box"):
        backward_pass(1.0, (Tensor(1.0) * 2)._node)


def test_structures_become_structures_of_variables() -> None:
    a, b = new_box((1.0, [np.ones(2)]), 0, VJPNode.new_root())
    assert isbox(a)
    assert isbox(b[0])


def test_nodes_come_before_their_parents() -> None:
    parents = {"e": ["d", "b"], "d": ["b", "c"], "c": ["a"], "b": ["a"], "a": []}
    order = list(toposort("e", parents.__getitem__))
    assert sorted(order) == ["a", "b", "c", "d", "e"]
    assert all(order.index(node) < order.index(parent) for node in parents for parent in parents[node])


def test_functions_that_have_derivatives_keep_them() -> None:
    for function in (expit, logsumexp, anp.where, anp.exp, anp.sum, anp.linalg.svd, autograd.sigmoid):
        with pytest.warns(UserWarning, match="comes with its derivative and keeps it"):
            defvjp(function, None, None)
        defjvp(function, None, None)  # as programs do that miss it elsewhere
    s = 1 / (1 + np.exp(-0.5))
    assert grad(expit)(0.5) == pytest.approx(s * (1 - s))
    assert make_jvp(expit)(0.5)(2.0)[1] == pytest.approx(2 * s * (1 - s))
    assert grad(anp.exp)(0.0) == 1.0
    with pytest.raises(TypeError, match="floor is not a primitive of yours"):
        defvjp(anp.floor, lambda ans, x: lambda g: g)


def test_choices_by_name() -> None:
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_array_equal(anp.where([True, False], x, y=y), [1.0, 4.0])
    np.testing.assert_array_equal(anp.where(condition=[True, False], x=x, y=y), [1.0, 4.0])
    np.testing.assert_array_equal(anp.where(condition=[False, True])[0], [1])
    gradient = grad(lambda x: anp.sum(anp.where([True, False], y=y, x=x * 3)))(x)
    np.testing.assert_array_equal(gradient, [3.0, 0.0])
    with pytest.raises(TypeError):
        anp.where([True], z=1)


def test_anything_to_iterate_over_is_joined() -> None:
    def f(p: dict[str, Any]) -> Any:
        joined = [anp.stack(p.values()), anp.vstack(x for x in p.values()), anp.array([*p.values()])]
        return sum(anp.sum(x) for x in joined)

    gradient = grad(f)({"a": np.ones(2), "b": np.ones(2)})
    np.testing.assert_array_equal(gradient["a"], [3.0, 3.0])
    np.testing.assert_array_equal(anp.concatenate(x for x in ([1.0], [2.0])), [1.0, 2.0])


def test_the_gradient_of_a_truth_value_is_refused() -> None:
    with pytest.raises(TypeError, match="returned a truth value"):
        grad(lambda x: anp.allclose(x, x))(np.ones(2))


def test_values_of_tensors_under_their_former_name() -> None:
    seen: list[Any] = []
    grad(lambda x: seen.append((x._value, getval(x))) or anp.sum(x))(np.ones(2))
    for value in seen[0]:
        assert type(value) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        seen[0][0][0] = 2.0


def test_a_primitive_from_the_top() -> None:
    @autograd.primitive
    def twice(x: Any) -> Any:
        return 2 * x

    assert autograd.primitive is primitive
    defvjp(twice, lambda ans, x: lambda g: 2 * g)
    assert grad(twice)(1.0) == 2.0
    assert hessian(lambda x: anp.sum(twice(x) ** 2))(np.ones(1)) == 8.0
    assert builtins.DictBox is dict


def test_comparing() -> None:
    assert scalar_close(1.0, 1.0 + 1e-9)
    assert scalar_close(1e9, 1e9 + 1)
    assert not scalar_close(1.0, 1.001)
    check_equivalent({"a": np.ones(2)}, {"a": np.ones(2) + 1e-9})
    with pytest.raises(AssertionError):
        check_equivalent(np.ones(2), np.ones(3))
    with pytest.raises(AssertionError):
        check_equivalent(1.0, 2.0)
