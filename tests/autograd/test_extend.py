"""Operations of the user's own, and other names of the established package."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, builtins, checkpoint, core, deriv, grad, jacobian, make_jvp, make_vjp, tracer
from autograd.extend import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
    primitive,
    register_notrace,
    vspace,
)
from autograd.misc.fixed_points import fixed_point
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.numpy.numpy_boxes import ArrayBox
from autograd.numpy.numpy_vjps import unbroadcast, unbroadcast_f
from autograd.test_util import check_grads, combo_check
from autograd.wrap_util import unary_to_nary


def _product(**kwargs: Any) -> Any:
    """x * y ** power as a primitive with rules of its own."""

    @primitive
    def product(x: Any, y: Any, power: int = 1) -> Any:
        assert not isinstance(x, Tensor)
        assert not isinstance(y, Tensor)
        return x * y**power

    defvjp(
        product,
        lambda ans, x, y, power=1: unbroadcast_f(x, lambda g: g * y**power),
        lambda ans, x, y, power=1: unbroadcast_f(y, lambda g: g * x * power * y ** (power - 1)),
    )
    if kwargs.get("jvp", True):
        defjvp(
            product,
            "same",
            lambda g, ans, x, y, power=1: g * x * power * y ** (power - 1),
        )
    return product


def test_a_primitive_is_differentiated_by_its_rules(rng: np.random.Generator) -> None:
    product = _product()
    x, y = rng.standard_normal((2, 3)), rng.standard_normal(3)
    np.testing.assert_array_equal(product(x, y, power=2), x * y**2)
    check_grads(product)(x, y, power=3)
    check_grads(lambda x: product(x, x))(1.5)
    assert product.__name__ == "product"


def test_rules_for_all_arguments_at_once(rng: np.random.Generator) -> None:
    @primitive
    def total(*xs: Any, scale: float) -> Any:
        return sum(xs) * scale

    defvjp_argnum(total, lambda argnum, ans, args, kwargs: lambda g: g * kwargs["scale"])
    defjvp_argnum(total, lambda argnum, g, ans, args, kwargs: g * kwargs["scale"])
    arrays = rng.standard_normal((3, 4))
    check_grads(lambda *xs: total(*xs, scale=2.0))(*arrays)
    defvjp_argnums(total, lambda argnums, ans, args, kwargs: lambda g: [g * kwargs["scale"]] * len(argnums))
    defjvp_argnums(total, lambda argnums, gs, ans, args, kwargs: sum(gs) * kwargs["scale"])
    check_grads(lambda *xs: total(*xs, scale=2.0))(*arrays)
    # A constant among the arguments is not asked about.
    assert grad(lambda x: total(1.0, x, scale=3.0))(2.0) == 3.0


def test_linear_primitives() -> None:
    @primitive
    def twice(x: Any) -> Any:
        return 2 * x

    defvjp(twice, lambda ans, x: lambda g: twice(g))
    def_linear(twice)
    check_grads(twice)(np.ones(3))


def test_several_outputs(rng: np.random.Generator) -> None:
    @primitive
    def both(x: Any, y: Any) -> Any:
        return {"product": x * y, "sum": (x + y,)}

    defvjp(
        both,
        lambda ans, x, y: lambda g: g["product"] * y + g["sum"][0],
        lambda ans, x, y: lambda g: g["product"] * x + g["sum"][0],
    )
    defjvp(
        both,
        lambda g, ans, x, y: {"product": g * y, "sum": (g,)},
        lambda g, ans, x, y: {"product": g * x, "sum": (g,)},
    )
    x, y = rng.standard_normal(3), rng.standard_normal(3)
    check_grads(both)(x, y)
    check_grads(lambda x, y: both(x, y)["product"] * both(x, y)["sum"][0])(x, y)


def test_rules_that_read_another_output_have_right_second_derivatives() -> None:
    @primitive
    def exp_and_one(x: Any) -> Any:
        return np.exp(x), np.ones_like(x)

    defvjp(exp_and_one, lambda ans, x: lambda g: g[0] * ans[0] + g[1] * 0.0)
    assert grad(grad(lambda x: exp_and_one(x)[0]))(0.5) == pytest.approx(np.exp(0.5))


def test_structures_as_arguments(rng: np.random.Generator) -> None:
    @primitive
    def affine(parameters: Any, x: Any) -> Any:
        return parameters["w"] * x + parameters["b"][0]

    defvjp(
        affine,
        lambda ans, p, x: lambda g: {"w": anp.sum(g * x), "b": [anp.sum(g)]},
        lambda ans, p, x: lambda g: g * p["w"],
    )
    defjvp(affine, lambda g, ans, p, x: g["w"] * x + g["b"][0], lambda g, ans, p, x: g * p["w"])
    x = rng.standard_normal(3)
    check_grads(affine)({"w": 2.0, "b": [1.0]}, x)
    # only one of them is variable
    assert grad(lambda b: anp.sum(affine({"w": 2.0, "b": [b]}, x)))(1.0) == 3.0


def test_what_is_not_numeric_is_passed_on() -> None:
    @primitive
    def power(x: Any, name: str, function: Any) -> Any:
        assert name == "cube"
        return function(x)

    defvjp(power, lambda ans, x, name, function: lambda g: g * 3 * x**2, None, None)
    assert grad(lambda x: power(x, "cube", lambda x: x**3))(2.0) == 12.0


def test_missing_and_wrong_rules_are_named() -> None:
    product = _product(jvp=False)
    with pytest.raises(NotImplementedError, match=r"JVP of product wrt argnum 0 not defined.*make_jvp_reversemode"):
        make_jvp(product)(1.0, 2.0)(1.0)

    @primitive
    def half(x: Any, y: Any) -> Any:
        return x * y

    with pytest.raises(NotImplementedError, match="VJP of half wrt argnum 0 not defined"):
        grad(half)(1.0, 2.0)
    defvjp(half, lambda ans, x, y: lambda g: g * y)
    assert grad(half)(1.0, 2.0) == 2.0
    with pytest.raises(NotImplementedError, match="VJP of half wrt argnum 1 not defined"):
        grad(half, 1)(1.0, 2.0)
    defvjp(half, lambda ans, x, y: lambda g: g * x, argnums=[1])
    assert grad(half, 1)(3.0, 2.0) == 3.0
    with pytest.raises(TypeError, match="must be callable or None, got 'same'"):
        defvjp(half, "same")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be callable, 'same' or None, got 'other'"):
        defjvp(half, "other")
    with pytest.raises(TypeError, match="defvjp: sin is not a primitive of yours"):
        defvjp(np.sin, None)


def test_functions_of_the_engine_keep_their_derivatives() -> None:
    with pytest.warns(UserWarning, match="tanh comes with its derivative and keeps it"):
        defvjp(anp.tanh, lambda ans, x: lambda g: 7.0 * g)
    assert grad(anp.tanh)(0.0) == 1.0
    with pytest.warns(UserWarning, match="median comes with"):
        register_notrace(None, anp.median)
    assert grad(anp.median)(np.array([1.0, 5.0, 2.0])).tolist() == [0.0, 0.0, 1.0]


def test_checks_to_second_order_vary_the_cotangent() -> None:
    cube = primitive(lambda x: x**3)
    defvjp(cube, lambda ans, x: lambda g: 3 * x**2 * tracer.getval(g))
    check_grads(cube, modes=["rev"], order=1)(2.0)
    with pytest.raises(AssertionError, match="argument 0 of"):
        check_grads(cube, modes=["rev"], order=2)(2.0)


def test_a_tensor_that_is_not_an_argument_is_refused() -> None:
    w = Tensor(2.0)

    @primitive
    def scaled(x: Any) -> Any:
        return x * w

    with pytest.raises(
        TypeError, match="scaled: this primitive uses a tensor that requires gradients but is not among"
    ):
        scaled(Tensor(1.0))


def test_a_changed_argument_is_noticed() -> None:
    product = _product()
    x, y = Tensor(np.ones(3)), np.ones(3)
    result = product(x, y)
    y[0] = 5.0
    with pytest.raises(RuntimeError, match="was changed after this operation was recorded"):
        result.sum().backward()


def test_functions_without_derivative() -> None:
    count = notrace_primitive(lambda x: int((x > 0).sum()))
    assert grad(lambda x: anp.sum(x) * count(x))(np.array([1.0, -1.0])).tolist() == [1.0, 1.0]
    zero = primitive(lambda x: np.sign(x))
    register_notrace(None, zero)
    assert grad(lambda x: zero(x) * x)(2.0) == 1.0
    assert make_jvp(lambda x: zero(x) * x)(2.0)(1.0)[1] == 1.0


# -- names of the established package ----------------------------------------------------------------------------------


def test_vector_spaces(rng: np.random.Generator) -> None:
    space = vspace({"a": np.ones((2, 2)), "b": [1.0, 1j]})
    assert space.size == 4 + 1 + 2
    assert len(list(space.standard_basis())) == 7
    x, y = space.randn(), space.ones()
    total = space.add(x, space.scalar_mul(y, 2.0))
    assert total["b"][0] == x["b"][0] + 2.0
    assert space.inner_prod(y, y) == 4 + 1 + 2
    assert space.covector(y)["b"][1] == 1 - 1j
    assert space == vspace(x)
    assert vspace(np.ones(3)) != vspace(np.ones(2))
    assert vspace(Tensor(np.ones(3))).shape == (3,)
    assert vspace(1j).iscomplex
    assert "shape=(3,)" in repr(vspace(np.ones(3)))
    with pytest.raises(TypeError, match="no vector space for 'a'"):
        vspace("a")


def test_values_and_types_of_what_is_differentiated() -> None:
    seen: list[Any] = []

    def f(x: Any, p: Any) -> Any:
        seen.append(
            (tracer.isbox(x), tracer.getval(x), builtins.isinstance(x, np.ndarray), builtins.isinstance(p, dict))
        )
        assert isinstance(x, ArrayBox)
        return anp.sum(x * p["w"])

    grad(f)(np.ones(2), builtins.dict(w=3.0))
    boxed, value, array, dictionary = seen[0]
    assert boxed
    assert array
    assert dictionary
    assert isinstance(value, np.ndarray)
    assert builtins.type(Tensor(1.0)) is np.float64


def test_core_functions_take_the_point() -> None:
    vjp, value = core.make_vjp(lambda x: x**2, 3.0)
    assert (vjp(1.0), value) == (6.0, 9.0)
    assert core.make_jvp(lambda x: x**2, 3.0)(1.0) == (9.0, 6.0)


def test_operators_of_one_argument_become_such_of_many() -> None:
    @unary_to_nary
    def value_and_point(fun: Any, x: Any) -> Any:
        return fun(x), x

    assert value_and_point(lambda a, b: a - b, 1)(5.0, 2.0) == (3.0, 2.0)
    assert value_and_point(lambda a, b: a - b, (1, 0))(5.0, 2.0) == (3.0, (2.0, 5.0))
    with pytest.raises(TypeError, match="argnum must be an int or a tuple"):
        value_and_point(lambda a: a, "x")


def test_unbroadcasting() -> None:
    assert unbroadcast(np.ones((2, 3)), 1.0) == 6.0
    np.testing.assert_array_equal(unbroadcast(np.ones((2, 3)), np.ones((1, 3))), [[2.0, 2.0, 2.0]])
    assert unbroadcast(np.array([1 + 2j]), np.ones(1)).tolist() == [1.0]


def test_combinations_are_all_checked() -> None:
    combo_check(anp.sum, 0, order=1)([np.ones(3), np.ones((2, 2))], axis=[None, 0])
    with pytest.raises(AssertionError, match="finite differences give"):
        combo_check(
            lambda x, wrong: x * 1.0 if not wrong else Tensor(2.0) * x.data if isinstance(x, Tensor) else 2 * x, 0
        )([2.0], wrong=[False, True])


def test_checkpoints_leave_alone_what_has_no_derivative() -> None:
    def f(p: Any, count: int) -> Any:
        assert type(p["n"]) is int
        picked = p["w"][p["index"]]
        return {"value": sum(anp.sum(picked**2) * i for i in range(p["n"])), "count": count, "name": p["name"]}

    def g(w: Any) -> Any:
        found = checkpoint(f)({"w": w, "n": 3, "index": np.array([0, 0, 1]), "name": "a", "none": None}, 4)
        assert (found["count"], found["name"]) == (4, "a")
        return found["value"]

    w = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(grad(g)(w), [12.0, 12.0, 0.0])
    check_grads(g, modes=("fwd", "rev"), order=2)(w)


def test_a_checkpointed_function_may_write_into_its_arguments() -> None:
    def f(x: Any) -> Any:
        x += 1.0
        return anp.sum(x**2)

    def g(x: Any) -> Any:
        y = 2 * x
        return f(y) + anp.sum(y**2)

    def checkpointed(x: Any) -> Any:
        y = 2 * x
        return checkpoint(f)(y) + anp.sum(y**2)

    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(grad(checkpointed)(x), grad(g)(x))
    np.testing.assert_array_equal(grad(checkpoint(f))(x), 2 * (x + 1))
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_checkpoints_notice_outer_variables_in_nested_derivatives() -> None:
    for inner in (grad, deriv, jacobian):
        for outer in (grad, deriv):
            with pytest.raises(TypeError, match="not among its arguments"):
                outer(lambda x, inner=inner: checkpoint(lambda y: inner(lambda z: z * x)(y))(x))(3.0)
    for outer in (grad, deriv):
        assert float(outer(lambda x: checkpoint(lambda y: x * y)(2.0))(3.0)) == 2.0


def test_a_primitives_arrays_are_its_own() -> None:
    buffer = np.zeros(2)

    @primitive
    def into_buffer(x: Any) -> Any:
        buffer[:] = x
        return buffer

    defvjp(into_buffer, lambda ans, x: lambda g: g)

    def f(x: Any) -> Any:
        y = into_buffer(x)
        into_buffer(3 * x)
        return anp.sum(y * y)

    np.testing.assert_array_equal(grad(f)(np.array([1.0, 2.0])), [2.0, 4.0])


def test_a_rule_may_write_into_its_cotangent() -> None:
    @primitive
    def same(x: Any) -> Any:
        return x

    def rule(ans: Any, x: Any) -> Any:
        def vjp(g: Any) -> Any:
            g *= 3
            return g

        return vjp

    defvjp(same, rule)
    np.testing.assert_array_equal(grad(lambda x: anp.sum(same(x * 1.0) + x))(np.ones(2)), [4.0, 4.0])


@pytest.mark.parametrize("where", ["list", "keyword"])
def test_arrays_in_lists_and_keywords_that_change_are_noticed(where: str) -> None:
    @primitive
    def times(x: Any, factors: Any = (), by: Any = 1.0) -> Any:
        return x * (factors[0] if factors else by)

    defvjp(times, lambda ans, x, factors=(), by=1.0: lambda g: g * (factors[0] if factors else by))
    for change in (False, True):
        a = np.array([2.0, 3.0])

        def f(x: Any, a: Any = a, change: bool = change) -> Any:
            y = times(x, [a]) if where == "list" else times(x, by=a)
            if change:
                a[0] = 100.0
            return anp.sum(y)

        if change:
            with pytest.raises(RuntimeError, match="times: its input 1, the array"):
                grad(f)(np.ones(2))
        else:
            np.testing.assert_array_equal(grad(f)(np.ones(2)), [2.0, 3.0])


def test_a_tensor_in_a_keyword_is_refused() -> None:
    @primitive
    def times(x: Any, y: Any = 1.0) -> Any:
        return x * float(y)

    defvjp(times, lambda ans, x, y=1.0: lambda g: g * y)
    with pytest.raises(TypeError, match="times: the keyword argument y holds a tensor"):
        grad(lambda x: times(x, y=x))(3.0)


@pytest.mark.parametrize(
    ("rule", "error", "message"),
    [
        (lambda g: np.ones(3), ValueError, r"VJP of total wrt argnum 0: it returned shape \(3,\) for an argument of"),
        (lambda g: np.ones((5, 2)), ValueError, r"it returned shape \(5, 2\) for an argument of shape \(2,\)"),
        (lambda g: None, TypeError, "VJP of total wrt argnum 0: it returned None"),
    ],
)
def test_what_a_rule_returns_is_checked(rule: Any, error: Any, message: str) -> None:
    @primitive
    def total(x: Any) -> Any:
        return np.sum(x)

    defvjp(total, lambda ans, x: rule)
    with pytest.raises(error, match=message):
        grad(total)(np.ones(2))


def test_results_without_derivatives_are_returned_as_they_are() -> None:
    @primitive
    def both(x: Any) -> Any:
        return x * x, len(x), "name"

    defvjp(both, lambda ans, x: lambda g: 2 * x * g[0])
    defjvp(both, lambda g, ans, x: (2 * x * g, None, None))

    def f(x: Any) -> Any:
        square, count, name = both(x)
        assert (count, name) == (2, "name")
        return square * count

    check_grads(f)(np.array([1.0, 2.0]))


# -- checkpoints, fixed points, optimisers -----------------------------------------------------------------------------


def test_checkpoints_forget_and_compute_again(rng: np.random.Generator) -> None:
    calls: list[str] = []

    def f(p: Any, x: Any, power: int = 1) -> Any:
        calls.append("call")
        return anp.sum(anp.sin(p["w"] * x) ** power)

    p, x = {"w": rng.standard_normal(3)}, rng.standard_normal(3)
    expected = grad(f, (0, 1))(p, x, power=2)
    calls.clear()
    found = grad(checkpoint(f), (0, 1))(p, x, power=2)
    assert len(calls) == 2
    np.testing.assert_allclose(found[0]["w"], expected[0]["w"], rtol=1e-12)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
    check_grads(checkpoint(f))(p, x, power=2)
    recorded = checkpoint(f)({"w": Tensor(p["w"])}, x)
    assert all(isinstance(i, np.ndarray) or i.is_leaf for i in recorded.inputs)


def test_fixed_points_are_differentiated_through_their_equation() -> None:
    def step(a: Any) -> Any:
        return lambda x: anp.cos(a["s"] * x)

    def solve(s: Any) -> Any:
        return fixed_point(step, {"s": s}, 0.5, lambda x, y: abs(x - y), 1e-13)

    x, s = float(solve(0.8)), 0.8
    assert x == pytest.approx(np.cos(s * x))
    # x = cos(s x) gives dx/ds = -x sin / (1 + s sin)
    slope = -x * np.sin(s * x) / (1 + s * np.sin(s * x))
    assert float(grad(solve)(s)) == pytest.approx(slope, rel=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "settings"), [(sgd, {}), (rmsprop, {"num_iters": 300}), (adam, {"step_size": 0.1})]
)
def test_optimisers_minimise_structures(optimizer: Any, settings: Any) -> None:
    seen: list[int] = []

    def loss(p: Any) -> Any:
        return (p["a"] - 1.0) ** 2 + anp.sum((p["b"] + 2.0) ** 2)

    start = {"a": 0.0, "b": np.zeros(2)}
    slope = grad(loss)
    found = optimizer(lambda p, i: slope(p), start, lambda p, i, g: seen.append(i), **settings)
    assert float(loss(found)) < 0.05 * float(loss(start))
    assert seen == list(range(len(seen)))
    assert len(seen) == settings.get("num_iters", {sgd: 200}.get(optimizer, 100))
    assert jacobian(loss)(found)["b"].shape == (2,)


def test_a_vjp_of_a_vjp_ends_as_plain_values() -> None:
    vjp, _ = make_vjp(lambda x: x * x)(np.array([1.0, 2.0]))
    transposed, _ = make_vjp(vjp)(np.zeros(2))
    found = transposed(np.array([1.0, 10.0]))
    assert not isinstance(found, Tensor)
    np.testing.assert_array_equal(found, [2.0, 40.0])
