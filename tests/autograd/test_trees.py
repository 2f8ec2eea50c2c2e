"""Structures of numbers and arrays, and derivatives by them."""

from __future__ import annotations

import gc
import weakref
from collections import OrderedDict, defaultdict, namedtuple
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import grad, grad_and_aux, make_jvp, make_vjp, multigrad_dict, value_and_grad
from autograd.misc.flatten import flatten, flatten_func
from autograd.test_util import check_grads
from autograd.trees import leaves_of, mapped, take_apart

Point = namedtuple("Point", ["x", "y"])

STRUCTURES = [
    1.0,
    (1.0, 2.0),
    [1.0, [2.0, (3.0,)]],
    {"b": 1.0, "a": {"c": [2.0], "d": ()}},
    Point(1.0, [2.0]),
    OrderedDict(z=1.0, a=2.0),
    (None, 1.0, None),
    [],
]


@pytest.mark.parametrize("structure", STRUCTURES, ids=repr)
def test_a_structure_is_made_again_from_its_leaves(structure: Any) -> None:
    leaves, skeleton = take_apart(structure)
    assert skeleton.size == len(leaves)
    again = skeleton.filled(leaves)
    assert again == structure
    assert type(again) is type(structure)
    assert skeleton.leaves(structure) == leaves
    assert leaves_of(mapped(lambda x: 2 * x, structure)) == [2 * x for x in leaves]


def test_dictionaries_of_other_kinds_keep_what_they_are() -> None:
    counts: defaultdict[str, float] = defaultdict(float, a=1.0)
    doubled = mapped(lambda x: 2 * x, counts)
    assert doubled["a"] == 2.0
    assert doubled["b"] == 0.0
    assert counts["a"] == 1.0


@pytest.mark.parametrize("other", [[1.0], (1.0, 2.0, 3.0), 1.0, {"a": 1.0}, (1.0, None)], ids=repr)
def test_another_structure_is_refused(other: Any) -> None:
    skeleton = take_apart((1.0, {"a": [2.0]}))[1]
    with pytest.raises(ValueError, match="expected a structure like"):
        skeleton.leaves(other)


def _loss(parameters: Any, x: Any) -> Any:
    h = x
    for layer in parameters["layers"]:
        h = anp.tanh(anp.dot(h, layer.x) + layer.y)
    return anp.sum(h * h) * parameters["scale"]


def _parameters(rng: np.random.Generator) -> dict[str, Any]:
    return {
        "layers": [Point(rng.standard_normal((3, 4)), rng.standard_normal(4)), Point(rng.standard_normal((4, 2)), 0.5)],
        "scale": 2.0,
    }


def test_gradients_have_the_structure_of_their_argument(rng: np.random.Generator) -> None:
    parameters, x = _parameters(rng), rng.standard_normal((5, 3))
    value, gradient = value_and_grad(_loss)(parameters, x)
    assert float(value) == pytest.approx(float(_loss(parameters, x)))
    assert gradient.keys() == parameters.keys()
    assert [type(layer) for layer in gradient["layers"]] == [Point, Point]
    assert gradient["layers"][0].x.shape == (3, 4)
    assert gradient["layers"][1].y.shape == ()
    check_grads(_loss)(parameters, x)


def test_functions_may_return_structures(rng: np.random.Generator) -> None:
    def f(x: Any, y: Any) -> Any:
        return {"sum": x + y, "both": (x * y, [anp.sin(x)]), "constant": 3.0}

    x, y = rng.standard_normal(3), rng.standard_normal(3)
    check_grads(f)(x, y)
    vjp, value = make_vjp(f, (0, 1))(x, y)
    assert value["constant"] == 3.0
    ones = mapped(np.ones_like, {"sum": x, "both": (x, [x]), "constant": 1.0})
    by_x, by_y = vjp(ones)
    np.testing.assert_allclose(by_x, 1 + y + np.cos(x), rtol=1e-12)
    np.testing.assert_allclose(by_y, 1 + x, rtol=1e-12)
    tangents = make_jvp(f, (0, 1))(x, y)((np.ones(3), np.zeros(3)))[1]
    np.testing.assert_allclose(tangents["both"][0], y, rtol=1e-12)
    assert tangents["constant"] == 0.0
    with pytest.raises(ValueError, match="expected a structure like"):
        vjp((x, y))


def test_grad_of_several_results_says_what_to_use() -> None:
    with pytest.raises(TypeError, match=r"must return one real number, not a tuple.*grad_and_aux"):
        grad(lambda x: (x, x))(1.0)


def test_a_value_with_something_beside_it() -> None:
    gradient, aux = grad_and_aux(lambda x, y: (x * y, {"product": x * y, "note": "text"}), 1)(2.0, 3.0)
    assert gradient == 2.0
    assert aux == {"product": 6.0, "note": "text"}
    assert isinstance(aux["product"], np.float64)
    with pytest.raises(TypeError, match="must return two results"):
        grad_and_aux(lambda x: x)(1.0)


def test_all_arguments_by_name() -> None:
    def f(a: Any, b: Any = 2.0, *rest: Any, c: Any = 3.0, **others: Any) -> Any:
        return a * b * c * rest[0] * others["d"]

    found = multigrad_dict(f)(1.0, 2.0, 5.0, d=7.0)
    assert found["a"] == 2 * 3 * 5 * 7
    assert found["b"] == 3 * 5 * 7
    assert found["rest"] == (2 * 3 * 7,)
    assert found["c"] == 2 * 5 * 7
    assert found["others"] == {"d": 2 * 3 * 5}


def test_flattening_is_differentiable_in_both_directions(rng: np.random.Generator) -> None:
    parameters, x = _parameters(rng), rng.standard_normal((5, 3))
    vector, unflatten = flatten(parameters)
    assert vector.shape == (3 * 4 + 4 + 4 * 2 + 1 + 1,)
    again = unflatten(vector)
    np.testing.assert_array_equal(again["layers"][0].x, parameters["layers"][0].x)
    check_grads(lambda v: _loss(unflatten(v), x))(vector)
    check_grads(lambda p: flatten(p)[0] ** 2)(parameters)
    function, _, start = flatten_func(grad(_loss), parameters)
    np.testing.assert_allclose(function(start, x), grad(lambda v: _loss(unflatten(v), x))(vector), rtol=1e-12)
    with pytest.raises(ValueError, match=r"expected a vector of 26, got \(3,\)"):
        unflatten(np.ones(3))


def test_dictionaries_are_flattened_by_sorted_keys() -> None:
    np.testing.assert_array_equal(flatten({"b": 2.0, "a": [1.0]})[0], [1.0, 2.0])
    assert flatten(())[0].shape == (0,)


def test_what_was_taken_apart_is_freed_at_once() -> None:
    class Leaf:
        pass

    leaf = Leaf()
    gone = weakref.ref(leaf)
    gc.disable()
    try:
        take_apart({"a": [leaf, 1.0]})
        del leaf
        assert gone() is None
    finally:
        gc.enable()
