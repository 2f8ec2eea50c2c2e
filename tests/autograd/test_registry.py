"""Every registered primitive, taken through everything it must satisfy; nothing here names one."""

from __future__ import annotations

import itertools
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, detect_anomaly, make_jvp, make_vjp
from autograd._values import canonical
from autograd.batched import pull_rows
from autograd.primitives import REGISTRY, Primitive
from autograd.reverse import pull
from autograd.test_util import check_grads, random_like

UNARY_SHAPES = [(), (1,), (3,), (2, 3), (0,), (2, 0)]
BROADCAST_SHAPES = [
    ((), ()),
    ((3,), ()),
    ((), (2, 3)),
    ((3,), (3,)),
    ((2, 1), (1, 3)),
    ((3,), (2, 3)),
    ((2, 3), (1,)),
    ((0,), (1,)),
    ((2, 1), (0,)),
]


def _as(x: Any, dtype: Any) -> np.ndarray[Any, Any]:
    """An array in a floating dtype, or if it is complex in the complex dtype of that precision."""
    x = np.asarray(x)
    return x.astype(np.result_type(dtype, np.complex64) if x.dtype.kind == "c" else dtype)


def _calls(primitive: Primitive, dtype: Any = np.float64) -> list[Any]:
    """Arguments to try a primitive on, as (function of the arrays, arrays) with readable test ids."""
    calls: list[tuple[str, Any, tuple[Any, ...]]] = []
    if primitive.kind == "elementwise":
        rng = np.random.default_rng(7)
        if primitive.arity == 1:
            shapes: list[tuple[tuple[int, ...], ...]] = [(s,) for s in UNARY_SHAPES]
        else:
            shapes = [(*pair, *pair[:1] * (primitive.arity - 2)) for pair in BROADCAST_SHAPES]
        for shape in shapes:
            arrays = tuple(d.draw(s, rng).astype(dtype) for d, s in zip(primitive.domains, shape, strict=True))
            calls.append((str(shape), primitive.function, arrays))
            if all(d.complex for d in primitive.domains) or primitive.name == "where":
                drawn = [
                    d.draw_complex(s, rng) if d.complex else d.draw(s, rng)
                    for d, s in zip(primitive.domains, shape, strict=True)
                ]
                calls.append((f"complex {shape}", primitive.function, tuple(_as(x, dtype) for x in drawn)))
                if primitive.arity > 1:  # with a real number at one side
                    mixed = (np.real(drawn[0]), *drawn[1:])
                    calls.append((f"mixed {shape}", primitive.function, tuple(_as(x, dtype) for x in mixed)))
    else:
        assert primitive.samples is not None, f"{primitive.name} declares no samples"
        for sample in primitive.samples():
            attributes = {
                key: np.dtype(dtype) if isinstance(value, np.dtype) else value
                for key, value in sample.attributes.items()
            }

            def function(*arrays: Any, attributes: Any = attributes) -> Any:
                given = (list(arrays),) if primitive.arity == 0 else arrays
                return primitive.function(*given, **attributes)

            label = f"{[np.shape(x) for x in sample.inputs]} {attributes}".replace("\n", " ")
            calls.append((label, function, tuple(_as(x, dtype) for x in sample.inputs)))
    return [(f"{primitive.name} {label}"[:80], function, arrays) for label, function, arrays in calls]


def _cases(dtype: Any = np.float64) -> list[Any]:
    cases = itertools.chain.from_iterable(_calls(p, dtype) for p in REGISTRY.values())
    primitives = [p for p in REGISTRY.values() for _ in _calls(p)]
    return [pytest.param(p, f, a, id=label) for p, (label, f, a) in zip(primitives, cases, strict=True)]


def _differentiable(primitive: Primitive, arrays: tuple[Any, ...]) -> list[int]:
    if primitive.kind == "elementwise":
        return [i for i, partial in enumerate(primitive.partials) if partial is not None]
    return list(range(len(arrays)))


def _fixed(primitive: Primitive, function: Any, arrays: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """The function of its differentiable inputs only."""
    indices = _differentiable(primitive, arrays)

    def of_differentiable(*inputs: Any) -> Any:
        given = dict(zip(indices, inputs, strict=True))
        return function(*(given.get(i, x) for i, x in enumerate(arrays)))

    return of_differentiable, tuple(arrays[i] for i in indices)


@pytest.mark.parametrize(("primitive", "function", "arrays"), _cases())
def test_vjp_and_jvp_agree_with_finite_differences_up_to_second_order(
    primitive: Primitive, function: Any, arrays: Any
) -> None:
    function, arrays = _fixed(primitive, function, arrays)
    check_grads(function, modes=("fwd", "rev"), order=2)(*arrays)


@pytest.mark.parametrize(("primitive", "function", "arrays"), _cases())
def test_a_backward_pass_that_is_checked_gives_the_same(primitive: Primitive, function: Any, arrays: Any) -> None:
    function, arrays = _fixed(primitive, function, arrays)
    inputs = [Tensor(x) for x in arrays]
    out = function(*inputs)
    if not out.requires_grad:
        return
    cotangent = random_like(out.data, np.random.default_rng(5))
    passes = []
    for options in ({}, {}, {"retain": True}):
        with detect_anomaly(False, False) if passes else nullcontext():
            out.backward(cotangent, **options)
        passes.append([x.grad for x in inputs])
        for x in inputs:
            x.grad = None
    for found in passes[1:]:
        for x, y in zip(found, passes[0], strict=True):
            assert (x is None) == (y is None)
            if y is not None:
                assert x.dtype == y.dtype
                np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("primitive", "function", "arrays"), _cases())
def test_vjp_is_the_adjoint_of_the_jvp(primitive: Primitive, function: Any, arrays: Any) -> None:
    function, arrays = _fixed(primitive, function, arrays)
    rng = np.random.default_rng(3)
    u = random_like(function(*arrays), rng)
    for i, x in enumerate(arrays):
        v = random_like(x, rng)
        pulled = make_vjp(function, i)(*arrays)[0](u)
        _, pushed = make_jvp(function, i)(*arrays)(v)
        np.testing.assert_allclose(np.sum(u * pushed).real, np.sum(pulled * v).real, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("primitive", "function", "arrays"), _cases())
def test_value_is_that_of_the_forward_function(primitive: Primitive, function: Any, arrays: Any) -> None:
    plain = function(*arrays)
    assert not isinstance(plain, Tensor)
    recorded = function(*(Tensor(x) for x in arrays))
    assert isinstance(recorded, Tensor)
    assert recorded.primitive is primitive
    assert recorded.shape == np.shape(plain)
    # Python's and NumPy's elementary functions may differ in the last bit.
    np.testing.assert_allclose(recorded.data, plain, rtol=4e-16, atol=0)


@pytest.mark.parametrize(("primitive", "function", "arrays"), _cases(np.float32))
def test_float32_stays_float32(primitive: Primitive, function: Any, arrays: Any) -> None:
    inputs = [Tensor(x) for x in arrays]
    result = function(*inputs)
    assert result.dtype in (np.float32, np.complex64)
    result.backward(np.ones(result.shape, np.float32))
    for i in _differentiable(primitive, arrays):
        assert inputs[i].grad.dtype == inputs[i].dtype
        assert inputs[i].grad.shape == inputs[i].shape


@pytest.mark.parametrize(
    ("primitive", "function", "arrays"),
    [case for case in _cases() if case.values[0].decomposition is not None],
)
def test_shortcut_agrees_with_its_decomposition(primitive: Primitive, function: Any, arrays: Any) -> None:
    attributes: dict[str, Any] = {}
    if primitive.kind != "elementwise":
        attributes = function.__kwdefaults__["attributes"]
    rng = np.random.default_rng(5)
    results = []
    for evaluate in (function, lambda *x: primitive.decomposition(*x, **attributes)):  # type: ignore[misc]
        inputs = [Tensor(x) for x in arrays]
        result = evaluate(*inputs)
        if not results:
            cotangent = random_like(result.data, rng)
        result.backward(cotangent)
        results.append((result.data, [t.grad for t in inputs]))
    (value, gradients), (expected, expected_gradients) = results
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
    for g, e in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    ("primitive", "function", "arrays"),
    [case for case in _cases() if case.values[0].kind == "custom" and case.values[0].pullback is not None],
)
def test_all_cotangents_at_once_are_those_of_the_single_rules(primitive: Primitive, function: Any, arrays: Any) -> None:
    cotangent = np.random.default_rng(5).standard_normal(np.shape(function(*arrays)))
    for needed in itertools.product((True, False), repeat=len(arrays)):
        gradients = []
        for recorded in (False, True):
            inputs = [Tensor(x, requires_grad=wanted) for x, wanted in zip(arrays, needed, strict=True)]
            result = function(*inputs)
            if any(needed):
                result.backward(cotangent, create_graph=recorded)
            gradients.append([t.grad for t in inputs])
        for plain, single, wanted in zip(*gradients, needed, strict=True):
            assert (plain is not None) == wanted
            if wanted:
                np.testing.assert_allclose(plain, np.asarray(getattr(single, "data", single)), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("primitive", "function", "arrays"), _cases())
def test_rows_pulled_together_are_those_pulled_one_by_one(primitive: Primitive, function: Any, arrays: Any) -> None:
    inputs = [Tensor(x) for x in arrays]
    result = function(*inputs)
    rng = np.random.default_rng(11)
    rows = np.stack([random_like(result.data, rng) for _ in range(3)])
    together = pull_rows(result, rows)
    for i, row in enumerate(rows):
        for x, g in pull(result, canonical(row)).items():
            np.testing.assert_allclose(together[x][i], g, rtol=1e-12, atol=1e-12)
            assert together[x].dtype == x.dtype


@pytest.mark.parametrize(
    ("primitive", "kink"),
    [pytest.param(p, k, id=f"{p.name} {k.inputs}") for p in REGISTRY.values() for k in p.kinks],
)
@pytest.mark.parametrize("shape", [(), (2,)])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_local_derivatives_at_kinks_are_the_declared_ones(primitive: Primitive, kink: Any, shape: Any) -> None:
    inputs = [Tensor(np.full(shape, x)) for x in kink.inputs]
    primitive.function(*inputs).backward(np.ones(shape))
    for x, expected in zip(inputs, kink.partials, strict=True):
        np.testing.assert_array_equal(x.grad, np.full(shape, expected))


@pytest.mark.parametrize(("primitive", "function", "arrays"), _cases())
def test_inputs_are_left_alone(primitive: Primitive, function: Any, arrays: Any) -> None:
    before = [x.copy() for x in arrays]
    inputs = [Tensor(x) for x in arrays]
    result = function(*inputs)
    seed = np.ones(result.shape)
    result.backward(seed)
    np.testing.assert_array_equal(seed, np.ones(result.shape))
    for x, t, b in zip(arrays, inputs, before, strict=True):
        np.testing.assert_array_equal(x, b)
        np.testing.assert_array_equal(t.data, b)


def test_each_primitive_is_declared_completely() -> None:
    assert REGISTRY
    for primitive in REGISTRY.values():
        assert primitive.symbol
        assert primitive.formula
        assert primitive.function.__doc__
        assert ">>>" in primitive.function.__doc__, f"{primitive.name} has no example"
        assert len(primitive.partial_formulas) == len(primitive.partials)
