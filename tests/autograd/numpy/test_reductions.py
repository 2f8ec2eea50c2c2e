"""Reductions, order and statistics beyond what the table of calls shows: NaN, zeros, ties, errors, methods."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, grad, make_jvp, ops
from autograd.samples import array
from autograd.test_util import check_grads

X = array(3, 4)
HOLES = np.array([[1.0, np.nan, -2.0, 0.5], [np.nan, 3.0, 0.25, -1.0], [2.0, -0.5, 1.5, 0.75]])


def gradient(function: Any, x: Any) -> Any:
    tensor = Tensor(x)
    result = function(tensor)
    result.backward(np.ones(result.shape))
    return tensor.grad


# ---------------------------------------------------------------------------------------------------------------------
# Zeros among factors
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [[2.0, 3.0, 5.0], [2.0, 0.0, 5.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0], [4.0], [0.0], []])
def test_product_has_its_exact_derivatives_however_many_factors_are_zero(x: list[float]) -> None:
    x = np.array(x)
    n = len(x)
    first = [np.prod(np.delete(x, i)) for i in range(n)]
    second = [[np.prod(np.delete(x, [i, j])) if i != j else 0.0 for j in range(n)] for i in range(n)]
    np.testing.assert_array_equal(gradient(np.prod, x), first)
    for i in range(n):
        found = grad(lambda x, i=i: grad(anp.prod)(x)[i])(x) if n > 1 else [0.0]
        np.testing.assert_array_equal(found, second[i])
        unit = np.eye(n)[i]
        assert make_jvp(anp.prod)(x)(unit)[1] == first[i]


def test_running_product_sends_back_no_infinity_past_zeros() -> None:
    x = np.array([2.0, 0.0, 3.0, 0.0, 5.0])
    np.testing.assert_array_equal(gradient(np.cumprod, x), [1.0, 2 + 6, 0.0, 0.0, 0.0])
    jacobian = [make_jvp(anp.cumprod)(x)(unit)[1] for unit in np.eye(5)]
    np.testing.assert_array_equal(jacobian, [[1, 0, 0, 0, 0], [0, 2, 6, 0, 0], *[[0] * 5] * 3])


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 33])
def test_linear_recurrence_is_what_a_loop_computes(n: int) -> None:
    a, b = array(n, 2), array(n, 2, seed=1)
    y = [b[0]]
    for i in range(1, n):
        y.append(a[i] * y[-1] + b[i])
    np.testing.assert_allclose(ops.linear_recurrence(a, b, axis=0), y, rtol=1e-12, atol=1e-13)
    check_grads(lambda a, b: ops.linear_recurrence(a, b, axis=0), order=1)(a, b)
    # The first coefficient is not used, whatever it is.
    a[0] = np.nan
    np.testing.assert_allclose(ops.linear_recurrence(a, b, axis=0), y, rtol=1e-12, atol=1e-13)


# ---------------------------------------------------------------------------------------------------------------------
# NaN
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("nansum", {}), ("nanprod", {}), ("nanmean", {}), ("nanvar", {"ddof": 1}), ("nanstd", {}), ("nanmax", {}),
        ("nanmin", {}), ("nanmedian", {}), ("nanquantile", {"q": 0.3}), ("nanquantile", {"q": [0.3, 0.8]}),
        ("nanpercentile", {"q": 30, "method": "hazen"}), ("nancumsum", {}), ("nancumprod", {}),
        ("nansum", {"initial": 0.5}), ("nanmax", {"initial": 0.5}), ("nanmin", {"initial": 0.5, "where": X > -1}),
        ("nanmean", {"where": X > -1}), ("nanvar", {"where": X > -1}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
def test_functions_that_pass_over_nan_send_nothing_back_to_it(name: str, settings: Any, axis: Any) -> None:
    if axis == (0, 1) and "cum" in name:
        return
    function = getattr(np, name)
    x = Tensor(HOLES)
    result = function(x, axis=axis, **settings)
    np.testing.assert_allclose(result.data, function(HOLES, axis=axis, **settings), rtol=1e-13)
    if "keepdims" not in settings and "cum" not in name:
        kept = function(x, axis=axis, keepdims=True, **settings)
        assert kept.shape == function(HOLES, axis=axis, keepdims=True, **settings).shape
    cotangent = np.cos(np.arange(result.size)).reshape(result.shape)
    result.backward(cotangent)
    np.testing.assert_array_equal(x.grad[np.isnan(HOLES)], 0.0)
    # The others get what finite differences say.
    for i, j in np.argwhere(~np.isnan(HOLES)):
        moved = []
        for step in (1e-6, -1e-6):
            y = HOLES.copy()
            y[i, j] += step
            moved.append(np.sum(cotangent * function(y, axis=axis, **settings)))
        assert x.grad[i, j] == pytest.approx((moved[0] - moved[1]) / 2e-6, abs=1e-7)
    direction = np.where(np.isnan(HOLES), 1.0, X)
    _, pushed = make_jvp(lambda x: getattr(anp, name)(x, axis=axis, **settings))(HOLES)(direction)
    np.testing.assert_allclose(np.sum(cotangent * pushed), np.sum(x.grad * direction), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "args"), [("nanmax", ()), ("nanmin", ()), ("nanmean", ()), ("nanvar", ()), ("nanmedian", ()),
                       ("nanquantile", (0.5,))],
)  # fmt: skip
def test_rows_of_nan_alone_give_nan_and_a_warning(name: str, args: Any) -> None:
    x = np.array([[np.nan, np.nan], [1.0, 3.0]])
    with pytest.warns(RuntimeWarning):
        expected = getattr(np, name)(x, *args, axis=1)
    tensor = Tensor(x)
    with pytest.warns(RuntimeWarning):
        result = getattr(np, name)(tensor, *args, axis=1)
    np.testing.assert_allclose(result.data, expected)
    result.backward(np.ones(2))
    assert np.isfinite(tensor.grad[1]).all()


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "median", "var", "sort"])
def test_nan_goes_through_other_functions(name: str) -> None:
    result = getattr(np, name)(Tensor(HOLES), axis=1)
    np.testing.assert_array_equal(np.isnan(result.data), np.isnan(getattr(np, name)(HOLES, axis=1)))
    result = np.quantile(Tensor(HOLES), [0.2, 0.4], axis=1)
    np.testing.assert_allclose(result.data, np.quantile(HOLES, [0.2, 0.4], axis=1))


def test_gradient_of_a_maximum_that_is_nan_goes_to_the_nan() -> None:
    np.testing.assert_array_equal(gradient(np.max, np.array([1.0, np.nan, 3.0])), [0.0, 1.0, 0.0])


# ---------------------------------------------------------------------------------------------------------------------
# Kinks and ties
# ---------------------------------------------------------------------------------------------------------------------


def test_deviation_of_equal_elements_has_gradient_zero() -> None:
    for ddof in (0, 1):
        np.testing.assert_array_equal(gradient(lambda x, d=ddof: np.std(x, ddof=d), np.full(3, 2.0)), np.zeros(3))
    x = np.array([[2.0, 2.0], [1.0, 3.0]])
    np.testing.assert_array_equal(gradient(lambda x: x.std(axis=1), x), [[0.0, 0.0], [-0.5, 0.5]])
    where = np.array([[True, True], [True, True]])
    np.testing.assert_array_equal(gradient(lambda x: np.std(x, axis=1, where=where), x), [[0.0, 0.0], [-0.5, 0.5]])
    _, tangent = make_jvp(lambda x: anp.std(x, axis=1))(x)(np.array([[1.0, 2.0], [1.0, 2.0]]))
    np.testing.assert_array_equal(tangent, [0.0, 0.5])
    second = grad(lambda x: anp.sum(grad(lambda x: anp.sum(anp.std(x, axis=1)))(x) ** 2))(x)
    assert np.isfinite(second).all()
    np.testing.assert_array_equal(gradient(lambda x: x.var(), np.full(3, 2.0)), np.zeros(3))


def test_too_few_elements_for_a_variance() -> None:
    for name in ("var", "std"):
        for rows, ddof, settings in ((1, 1, {}), (2, 3, {}), (0, 0, {}), (2, 2, {"where": X[:2] < 9})):
            with pytest.warns(RuntimeWarning, match="Degrees of freedom"), np.errstate(all="ignore"):
                expected = getattr(np, name)(X[:rows], axis=0, ddof=ddof)
            x = Tensor(X[:rows])
            with pytest.warns(RuntimeWarning, match="Degrees of freedom"), np.errstate(all="ignore"):
                result = getattr(x, name)(axis=0, ddof=ddof, **settings)
            np.testing.assert_array_equal(np.isfinite(result.data), np.isfinite(expected))
            result.backward(np.ones(4))
            assert not np.isfinite(x.grad).any()


def test_precision_of_the_variance_of_large_numbers() -> None:
    x = 1e8 + np.arange(5.0)
    assert np.var(Tensor(x)).item() == 2.0
    np.testing.assert_allclose(np.var(Tensor(np.float16([1, 2, 4]))).data, np.var(np.float16([1, 2, 4])))
    assert np.var(Tensor(np.float16([1, 2, 4]), dtype=np.float16)).dtype == np.float16
    many = array(100, 60)  # of which the squares are not stored
    for settings in ({}, {"axis": 0}, {"axis": 1, "ddof": 1, "keepdims": True}):
        np.testing.assert_allclose(np.var(Tensor(many), **settings).data, np.var(many, **settings), rtol=1e-13)
        np.testing.assert_allclose(np.std(Tensor(many * 1j), **settings).data, np.std(many, **settings), rtol=1e-13)


def test_equal_extremes_share_and_equal_sorted_elements_keep_their_order() -> None:
    x = np.array([3.0, 1.0, 3.0, 1.0])
    np.testing.assert_array_equal(gradient(np.max, x), [0.5, 0.0, 0.5, 0.0])
    np.testing.assert_array_equal(gradient(np.ptp, x), [0.5, -0.5, 0.5, -0.5])
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(gradient(lambda x: np.sort(x) * weights, x), [3.0, 1.0, 4.0, 2.0])
    assert gradient(np.median, np.array([1.0, 2.0, 2.0, 2.0, 3.0])).sum() == 1.0
    np.testing.assert_array_equal(gradient(np.median, np.array([2.0, 2.0])), [0.5, 0.5])
    # A running maximum stays with the first of equal ones.
    np.testing.assert_array_equal(gradient(np.maximum.accumulate, x), [4.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(gradient(np.minimum.accumulate, x), [1.0, 3.0, 0.0, 0.0])


@pytest.mark.parametrize("name", ["max", "min"])
def test_initial_value_ties_and_is_differentiable(name: str) -> None:
    x, initial = Tensor([1.0, 1.0]), Tensor(1.0)
    getattr(np, name)(x, initial=initial).backward()
    np.testing.assert_array_equal([*x.grad, initial.grad], [0.25, 0.25, 0.5])
    x, initial = Tensor([2.0, 3.0]), Tensor(4.0)
    (np.sum(x, initial=initial) + np.prod(x, initial=initial)).backward()
    np.testing.assert_array_equal([*x.grad, initial.grad], [13.0, 9.0, 7.0])


# ---------------------------------------------------------------------------------------------------------------------
# Quantiles
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "method", "slope"),
    [
        (0.0, "linear", 2.0), (0.25, "linear", 2.0), (0.5, "linear", 4.0), (0.75, "linear", 4.0), (1.0, "linear", 4.0),
        (0.01, "hazen", 0.0), (0.99, "weibull", 0.0), (0.4, "weibull", 4.0), (0.3, "lower", 0.0),
    ],
)  # fmt: skip
def test_quantiles_move_with_q_where_they_do(q: float, method: str, slope: float) -> None:
    a = np.array([1.0, 4.0, 2.0])  # at a corner, which 0.5 is, the side to the right counts
    assert grad(lambda q: anp.quantile(a, q, method=method))(q) == pytest.approx(slope)


def test_quantiles_of_infinities_single_precision_and_wrong_arguments() -> None:
    x = Tensor([1.0, np.inf, np.inf, -np.inf])
    assert np.quantile(x, 1.0).item() == np.inf
    assert np.median(Tensor([np.inf, np.inf, 1.0])).item() == np.inf
    single = Tensor(np.float32([1, 2, 4]))
    assert np.quantile(single, 0.3).dtype == np.float32
    assert np.quantile(single, np.array([0.3])).dtype == np.quantile(np.float32([1, 2, 4]), np.array([0.3])).dtype
    for name in ("quantile", "nanquantile"):
        with pytest.warns(RuntimeWarning, match="Mean of empty slice"):
            empty = getattr(np, name)(Tensor(np.zeros((0, 3))), [0.1, 0.5], axis=0)
        np.testing.assert_array_equal(empty.data, np.full((2, 3), np.nan))
    with pytest.raises(ValueError, match=r"range \[0, 1\]"):
        np.quantile(x, 1.5)
    with pytest.raises(ValueError, match=r"not a valid method"):
        np.quantile(x, 0.5, method="other")
    with pytest.raises(TypeError, match="real"):
        np.quantile(Tensor([1j, 2.0]), 0.5)
    with pytest.raises(ValueError, match="median: axis 1 is out of bounds"):
        np.median(x, axis=1)
    with pytest.raises(TypeError, match=r"np\.median of a tensor does not take out"):
        np.median(x, out=np.zeros(()))


# ---------------------------------------------------------------------------------------------------------------------
# Arguments and errors
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["sum", "prod", "mean", "max", "min", "ptp", "var", "std", "cumsum", "cumprod", "nansum", "nanmax", "nanvar",
     "nanmedian"],
)  # fmt: skip
def test_what_tensors_refuse(name: str) -> None:
    function, x = getattr(np, name), Tensor(X)
    with pytest.raises(TypeError, match=r"of a tensor does not take out"):
        function(x, out=np.zeros(4))
    with pytest.raises(ValueError, match=r"axis 2 is out of bounds for array of dimension 2"):
        function(x, axis=2)
    with pytest.raises(ValueError, match=r"axis -3 is out of bounds"):
        function(x, axis=-3)
    if "cum" not in name:
        with pytest.raises(ValueError, match=r"duplicate|repeated"):
            function(x, axis=(0, 0))


def test_errors_of_arguments() -> None:
    x = Tensor(X)
    with pytest.raises(ValueError, match=r"max: with where, give initial"):
        np.max(x, where=X > 0)
    for settings in ({}, {"initial": 0.0}):
        with pytest.raises(
            ValueError, match=r"where of shape \(2, 1\) does not broadcast to that of the array, \(3, 4\)"
        ):
            np.sum(x, where=np.ones((2, 1), bool), **settings)
        with pytest.raises(
            ValueError, match=r"where of shape \(1, 3, 4\) does not broadcast to that of the array, \(3, 4\)"
        ):
            np.prod(x, where=np.ones((1, 3, 4), bool), **settings)
    with pytest.raises(ValueError, match=r"zero-size array"):
        np.min(Tensor(np.zeros((0, 3))), axis=0)
    with pytest.raises(ValueError, match=r"ddof and correction"):
        np.var(x, ddof=1, correction=1)
    with pytest.raises(TypeError, match=r"carry none"):
        np.sum(x, dtype=int)
    with pytest.raises(ZeroDivisionError, match=r"weights add up to 0"):
        np.average(x, axis=0, weights=[1.0, 0.0, -1.0])
    with pytest.raises(TypeError, match=r"average: .* \(3,\) .* \(3, 4\): say along which axis"):
        np.average(x, weights=[1.0, 0.0, -1.0])
    with pytest.raises(ValueError, match=r"average: weights of shape \(3,\) for axis 1"):
        np.average(x, axis=1, weights=[1.0, 0.0, -1.0])
    with pytest.raises(ValueError, match=r"cov: ddof must be a whole number"):
        np.cov(x, ddof=0.5)
    with pytest.raises(ValueError, match=r"m has more than 2 dimensions"):
        np.cov(Tensor(np.ones((2, 2, 2))))
    with pytest.raises(TypeError, match=r"fweights must be integer"):
        np.cov(x, fweights=[0.5] * 4)
    with pytest.raises(ValueError, match=r"both inputs must have the same shape"):
        ops.linear_recurrence(x, X[0])
    with pytest.raises(TypeError, match=r"a tensor has no sort\(\).*use np\.sort, which returns"):
        x.sort()
    with pytest.raises(IndexError, match=r"take_along_axis.*out of bounds"):
        np.take_along_axis(x, np.array([[9]]), 1)
    with pytest.raises(ValueError, match=r"bincount: weights of shape \(2,\) for \(3,\) numbers"):
        np.bincount(np.array([0, 1, 1]), Tensor([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"axis 1 is out of bounds"):
        np.cumsum(Tensor(3.0), axis=1)
    if hasattr(np, "cumulative_sum"):
        with pytest.raises(ValueError, match=r"cumulative_sum: an array of shape \(3, 4\) has several axes"):
            np.cumulative_sum(x)
    with pytest.warns(RuntimeWarning, match="Mean of empty slice"):
        assert np.isnan(np.mean(x, where=np.zeros(4, bool)).data)
    with pytest.warns(RuntimeWarning, match="Mean of empty slice"), np.errstate(all="ignore"):
        assert np.isnan(np.median(Tensor(np.zeros(0))).data)
    with pytest.warns(RuntimeWarning, match="Degrees of freedom"), np.errstate(all="ignore"):
        assert not np.isfinite(np.cov(Tensor([1.0])).data)


def test_average_without_weights_returns_how_many_there_were() -> None:
    mean, total = np.average(Tensor(X), axis=0, returned=True)
    np.testing.assert_array_equal(total, np.average(X, axis=0, returned=True)[1])
    np.testing.assert_allclose(mean.data, X.mean(0))
    weighted = np.average(np.array([1, 2, 4]), weights=Tensor(np.float32([1, 2, 1])))
    assert weighted.dtype == np.average(np.array([1, 2, 4]), weights=np.float32([1, 2, 1])).dtype


def test_distance_of_points_of_an_integral_has_a_gradient() -> None:
    assert grad(lambda dx: anp.trapezoid(anp.array([1.0, 2.0, 4.0]), dx=dx))(0.5) == 4.5


# ---------------------------------------------------------------------------------------------------------------------
# Methods, and functions on plain values
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("sum", (1,), {"keepdims": True}), ("sum", (0, np.float32), {}), ("prod", (1, None, None, True), {}),
        ("mean", (0, None, None, True), {"where": X > -1}), ("max", (1, None, True, 0.3), {}), ("min", (), {"axis": 0}),
        ("var", (0, None, None, 1), {}), ("std", (), {"axis": 1, "ddof": 1, "keepdims": True}), ("cumsum", (1,), {}),
        ("cumprod", (), {}), ("all", (1,), {}), ("any", (), {"axis": 0, "keepdims": True}), ("argmax", (1,), {}),
        ("argmin", (), {"keepdims": True}), ("argsort", (0,), {}), ("argpartition", (1,), {}), ("nonzero", (), {}),
        ("round", (1,), {}),
    ],
)  # fmt: skip
def test_methods_take_what_those_of_arrays_take(name: str, args: Any, kwargs: Any) -> None:
    expected = getattr(X, name)(*args, **kwargs)
    found = getattr(Tensor(X), name)(*args, **kwargs)
    assert isinstance(found, Tensor) == (
        name in ("sum", "prod", "mean", "max", "min", "var", "std", "cumsum", "cumprod")
    )
    for f, e in zip(found, expected, strict=True) if name == "nonzero" else [(found, expected)]:
        f = f.data if isinstance(f, Tensor) else f
        assert f.dtype == e.dtype
        np.testing.assert_allclose(f, e, rtol=1e-6 if e.dtype == np.float32 else 1e-13)
    assert Tensor(X).ptp().item() == np.ptp(X)
    np.testing.assert_array_equal(Tensor([1.0, 3.0]).searchsorted([2.0]), [1])


def test_functions_without_a_derivative_compute_on_plain_values() -> None:
    x = array(5)
    for function in (
        lambda a: np.argmax(a), lambda a: np.nanargmin(a), lambda a: np.argpartition(a, 2),
        lambda a: np.histogram(a, bins=3)[0], lambda a: np.searchsorted(a[:1], a), lambda a: np.digitize(a, [0.0]),
        lambda a: np.lexsort((a, a > 0)), lambda a: np.count_nonzero(a), lambda a: np.isin(a, a[:2]),
        lambda a: np.flatnonzero(a), lambda a: np.round(a, 1),
    ):  # fmt: skip
        np.testing.assert_array_equal(function(Tensor(x)), function(x))


def test_indices_of_integer_tensors_are_taken() -> None:
    order = Tensor(np.argsort(X, 1), requires_grad=False, dtype=np.intp)
    np.testing.assert_array_equal(np.take_along_axis(Tensor(X), order, 1).data, np.sort(X, 1))


def test_ufunc_methods_without_a_rule_say_so() -> None:
    with pytest.raises(TypeError, match=r"add\.reduceat"):
        np.add.reduceat(Tensor(X), [0, 1])
    with pytest.raises(TypeError, match=r"np\.add\(\.\.\., out=\.\.\.\) with a tensor"):
        np.add.accumulate(Tensor(X), out=np.zeros((3, 4)))


# ---------------------------------------------------------------------------------------------------------------------
# Against PyTorch
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda x: np.prod(x, axis=1), lambda t, x: x.prod(dim=1)),
        (lambda x: np.cumprod(x, axis=1), lambda t, x: x.cumprod(dim=1)),
        (lambda x: np.cumsum(x, axis=0), lambda t, x: x.cumsum(dim=0)),
        (lambda x: np.var(x, axis=0, ddof=1), lambda t, x: x.var(dim=0)),
        (lambda x: np.std(x, axis=(0, 1), ddof=1), lambda t, x: x.std()),
        (lambda x: np.sort(x, axis=1), lambda t, x: x.sort(dim=1, stable=True)[0]),
        (
            lambda x: np.quantile(x[::2], [0.2, 0.7], axis=1),
            lambda t, x: x[::2].quantile(t.tensor([0.2, 0.7], dtype=x.dtype), dim=1),
        ),
        (lambda x: np.max(x, axis=1), lambda t, x: x.amax(dim=1)),
        (lambda x: np.cov(x), lambda t, x: x.cov()),
        (lambda x: np.corrcoef(x), lambda t, x: x.corrcoef()),
        (lambda x: np.trapezoid(x, dx=0.5), lambda t, x: t.trapezoid(x, dx=0.5)),
        (lambda x: np.maximum.accumulate(x, axis=1), lambda t, x: x.cummax(dim=1)[0]),
    ],
)
def test_gradients_are_those_of_pytorch(ours: Any, theirs: Any) -> None:
    torch = pytest.importorskip("torch")
    x = np.array([[1.5, 0.0, -2.0, 0.5], [0.0, 3.0, 0.0, -1.0], [2.0, -0.5, 1.5, 0.75]])
    mine, other = Tensor(x), torch.tensor(x, requires_grad=True)
    result, expected = ours(mine), theirs(torch, other)
    cotangent = np.cos(np.arange(result.size)).reshape(result.shape)
    result.backward(cotangent)
    expected.backward(torch.tensor(cotangent))
    np.testing.assert_allclose(result.data, expected.detach().numpy(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "name", ["sum", "mean", "prod", "max", "var", "std", "median", "cumsum", "sort", "average", "ptp"]
)
def test_lists_of_tensors_are_arrays_in_our_namespace(name: str) -> None:
    found = grad(lambda x: anp.sum(getattr(anp, name)([x, x * x, 1.0])))(2.0)
    expected = grad(lambda x: anp.sum(getattr(anp, name)(anp.array([x, x * x, 1.0]))))(2.0)
    assert found == expected
