"""NumPy's own functions and operators on tensors, with plain arrays on either side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor, scope
from autograd.primitives import UFUNCS
from autograd.protocols import PLAIN_FUNCTIONS, RELATED_UFUNCS

X = np.array([[0.5, 1.5, 2.5], [3.0, 0.25, 1.0]])

#: On which of their inputs functions do not depend differentiably.
STEPS = {np.copysign: 1, np.heaviside: 0, np.ldexp: 1}


#: NumPy's ufuncs that have a rule; those of SciPy have tests of their own.
OURS = [ufunc for ufunc in [*UFUNCS, *RELATED_UFUNCS] if getattr(np, ufunc.__name__, None) is ufunc]


def twice(x: Any) -> Any:
    return x + x


WITHOUT_RULE = np.frompyfunc(twice, 1, 1)


def _arguments(ufunc: np.ufunc) -> list[Any]:
    x = X + 1 if ufunc is np.arccosh else X / 4
    second = {"matmul": x.T, "vecmat": x.T, "ldexp": np.array([1, 2, 3])}
    return [x, second.get(ufunc.__name__, x + 0.5)][: ufunc.nin]


@pytest.mark.parametrize("ufunc", OURS, ids=lambda f: f.__name__)
def test_ufuncs_record_what_numpy_computes(ufunc: np.ufunc) -> None:
    arrays = _arguments(ufunc)
    for tensor_side in {0, ufunc.nin - 1} - {STEPS.get(ufunc)}:
        inputs = [Tensor(a) if i == tensor_side else a for i, a in enumerate(arrays)]
        found, expected = ufunc(*inputs), ufunc(*arrays)
        results = found if isinstance(found, tuple) else (found,)
        for value, wanted in zip(results, expected if isinstance(found, tuple) else (expected,), strict=True):
            np.testing.assert_array_equal(value.data if isinstance(value, Tensor) else value, wanted)
        (result,) = (value for value in results if isinstance(value, Tensor))
        assert result.requires_grad
        result.backward(np.ones(result.shape))
        assert inputs[tensor_side].grad.shape == arrays[tensor_side].shape


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.sum(x),
        lambda x: np.sum(x, axis=0),
        lambda x: np.mean(x, axis=-1, keepdims=True),
        lambda x: np.max(x, 1),
        lambda x: np.min(x),
        lambda x: np.add.reduce(x),
        lambda x: np.maximum.reduce(x, axis=1),
        lambda x: np.where(X > 1, x, 0.0),
        lambda x: np.transpose(x),
        lambda x: np.transpose(x, (1, 0)),
        lambda x: np.swapaxes(x, 0, 1),
        lambda x: np.reshape(x, (3, 2)),
        lambda x: np.broadcast_to(x, (2, 2, 3)),
        lambda x: np.concatenate([x, X]),
        lambda x: np.concatenate((X, x), axis=1),
        lambda x: np.stack([x, X, x], axis=1),
        lambda x: np.pad(x, 1),
        lambda x: np.pad(x, ((1, 0), (0, 2)), mode="reflect"),
        lambda x: np.dot(x, X.T),
        lambda x: np.dot(2.0, x),
        lambda x: x.T,
        lambda x: x.reshape(-1),
        lambda x: x.transpose(1, 0),
        lambda x: x[1:, [0, 0]],
        lambda x: abs(-x),
        lambda x: +x,
        lambda x: 2**x,
        lambda x: X - x,
        lambda x: np.float32(3) * x,
        lambda x: [1.0, 2.0, 3.0] * x,
    ],
)
def test_calls_on_a_tensor_give_what_numpy_gives(call: Any) -> None:
    x = Tensor(X)
    result = call(x)
    assert isinstance(result, Tensor)
    assert result.requires_grad
    np.testing.assert_array_equal(result.data, call(X))
    result.backward(np.ones(result.shape))
    assert x.grad.shape == X.shape


@pytest.mark.parametrize("function", PLAIN_FUNCTIONS, ids=lambda f: f.__name__)
def test_every_function_in_the_table_reaches_the_protocol(function: Any) -> None:
    # A function that NumPy does not dispatch would convert the tensor, which raises; those below need other arguments.
    # (Those with a derivative are called in the tests of autograd.numpy.)
    square, row = Tensor(X[:, :2]), Tensor(X[0])
    args: tuple[Any, ...] = {
        "full_like": (square, 1), "allclose": (square, X[:, :2]), "isclose": (square, X[:, :2]),
        "array_equal": (square, X), "isin": (square, X), "result_type": (square, X), "can_cast": (),
        "argpartition": (square, 1), "searchsorted": (row, X), "digitize": (square, [0.0, 1.0]),
        "histogram2d": (row, X[1]), "array_equiv": (square, X), "shares_memory": (square, X),
        "may_share_memory": (square, X), "einsum_path": ("ij,jk", square, square),
    }.get(function.__name__, (square,))  # fmt: skip
    if args:
        assert not isinstance(function(*args), Tensor)


def test_functions_without_a_rule_say_so_instead_of_losing_the_gradient() -> None:
    x = Tensor(X)
    with (
        scope("loss"),
        pytest.raises(
            TypeError, match=r"np\.twice.* of a tensor \[in scope loss\]: there is no gradient rule.*float64 \(2, 3\)"
        ),
    ):
        WITHOUT_RULE(x)
    with pytest.raises(TypeError, match=r"np\.roots of a tensor.*no gradient rule"):
        np.roots(x[0])
    with pytest.raises(TypeError, match=r"np\.multiply\.reduceat"):
        np.multiply.reduceat(x, [0])
    with pytest.raises(TypeError, match=r"np\.exp of a tensor does not take signature"):
        np.exp(x, signature="d->d")
    with pytest.raises(TypeError, match=r"np\.sum of a tensor.*out"):
        np.sum(x, out=np.zeros(()))
    with pytest.raises(ValueError, match=r"pad: mode 'edge' does not take constant_values"):
        np.pad(x, 1, mode="edge", constant_values=2.0)
    with pytest.raises(TypeError, match=r"widths must be integers, got 1\.5"):
        np.pad(x, 1.5)
    with pytest.raises(ValueError, match=r"mode must be one of 'constant'.* got 'empty'"):
        np.pad(x, 1, mode="empty")


def test_constants_pass_through_functions_without_a_rule() -> None:
    np.testing.assert_array_equal(np.cumsum(Tensor(X, requires_grad=False)), np.cumsum(X))
    np.testing.assert_array_equal(WITHOUT_RULE(Tensor(X, requires_grad=False)), 2 * X)


def test_foreign_array_types_get_their_turn() -> None:
    class Foreign:
        __array_ufunc__ = None

        def __rmul__(self, other: Any) -> str:
            return "theirs"

        def __mul__(self, other: Any) -> str:
            return "theirs too"

    assert Tensor(X) * Foreign() == "theirs"
    assert Foreign() * Tensor(X) == "theirs too"


def test_the_numpy_namespace_has_our_functions_and_numpys() -> None:
    x = Tensor(X)
    assert isinstance(anp.exp(x), Tensor)
    assert isinstance(anp.exp(X), np.ndarray)
    assert isinstance(anp.sum(x), Tensor)
    assert anp.pi == np.pi
    assert anp.linalg.LinAlgError is np.linalg.LinAlgError
    with pytest.raises(AttributeError):
        _ = anp.no_such_function
