"""Linear layers, activations and containers: values and gradients against PyTorch and finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor, no_grad
from nn import functional as F

RTOL = 1e-7


def copy_from(theirs: Any, ours: nn.Module) -> None:
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})


def compare(torch: Any, ours: nn.Module, theirs: Any, x: np.ndarray[Any, Any]) -> None:
    """Outputs and all gradients of a random weighted sum of them agree."""
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    ours_out, theirs_out = ours(a), theirs(b)
    np.testing.assert_allclose(ours_out.data, theirs_out.detach().numpy(), rtol=RTOL)
    weights = np.random.default_rng(1).normal(size=ours_out.shape)
    (ours_out * weights).sum().backward()
    (theirs_out * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=RTOL, atol=1e-14)
    expected = dict(theirs.named_parameters())
    assert [name for name, _ in ours.named_parameters()] == list(expected)
    for name, parameter in ours.named_parameters():
        np.testing.assert_allclose(parameter.grad, expected[name].grad.numpy(), rtol=RTOL, atol=1e-14)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(4,), (1, 4), (5, 4), (2, 3, 4), (0, 4)])
def test_linear_is_pytorchs(torch: Any, rng: np.random.Generator, shape: tuple[int, ...], bias: bool) -> None:
    theirs, ours = torch.nn.Linear(4, 3, bias=bias).double(), nn.Linear(4, 3, bias=bias, dtype=np.float64)
    copy_from(theirs, ours)
    compare(torch, ours, theirs, rng.normal(size=shape))


@pytest.mark.parametrize("rows", [1, 3, 4, 33, 64, 65])
def test_large_layers_give_the_products_of_rows(rows: int, rng: np.random.Generator) -> None:
    x, layer = rng.normal(size=(rows, 300)), nn.Linear(300, 200, dtype=np.float64)
    out = layer(x)
    expected = np.einsum("ni,oi->no", x, layer.weight.data) + layer.bias.data
    np.testing.assert_allclose(out.data, expected, rtol=1e-11, atol=1e-12)
    assert out.data.flags.c_contiguous


def test_a_network_is_pytorchs(torch: Any, rng: np.random.Generator) -> None:
    def build(library: Any) -> Any:
        return library.Sequential(
            library.Flatten(),
            library.Linear(6, 5),
            library.ReLU(),
            library.Sequential(library.Linear(5, 4), library.Tanh(), library.Identity()),
            library.Linear(4, 4, bias=False),
            library.Sigmoid(),
            library.LogSoftmax(dim=1),
        )

    theirs, ours = build(torch.nn).double(), build(nn).double()
    copy_from(theirs, ours)
    compare(torch, ours, theirs, rng.normal(size=(7, 2, 3)))


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softmax", "log_softmax"])
def test_activations_are_pytorchs(torch: Any, rng: np.random.Generator, name: str) -> None:
    modules = {"relu": "ReLU", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax", "log_softmax": "LogSoftmax"}
    x = rng.normal(size=(3, 4)) * 3
    for settings in [{"dim": -1}, {"dim": 0}] if "softmax" in name else [{}]:
        ours = getattr(nn, modules[name])(**settings)
        theirs = getattr(torch.nn, modules[name])(**settings)
        compare(torch, ours, theirs, x)
        np.testing.assert_array_equal(getattr(F, name)(x, **settings), ours(x))


def test_softmax_does_not_overflow() -> None:
    x = Tensor([1e4, 0.0, -1e4])
    np.testing.assert_array_equal(F.softmax(x, 0).data, [1.0, 0.0, 0.0])
    with pytest.raises(ValueError, match=r"softmax: no axis 1 in input float64 \(3,\); give one from -1 to 0"):
        F.softmax(x, dim=1)


def test_linear_gradients_by_finite_differences(rng: np.random.Generator) -> None:
    layer = nn.Linear(3, 2, dtype=np.float64)
    x = rng.normal(size=(4, 3))
    F.tanh(layer(x)).sum().backward()
    gradient, weight, step = layer.weight.grad, layer.weight.numpy(), 1e-6
    for i in np.ndindex(2, 3):
        values = []
        for sign in (1, -1):
            moved = weight.copy()
            moved[i] += sign * step
            values.append(F.tanh(F.linear(x, moved, layer.bias.numpy())).sum())
        np.testing.assert_allclose(gradient[i], (values[0] - values[1]) / (2 * step), rtol=1e-6)


@pytest.mark.parametrize("given_dtype", [np.float64, np.float32, np.float16, np.int64, np.bool_])
def test_input_is_cast_to_the_parameters_dtype(given_dtype: Any) -> None:
    layer = nn.Linear(3, 2)
    x = np.ones((4, 3), given_dtype)
    assert layer(x).dtype == np.float32
    assert layer(x.tolist()).dtype == np.float32
    assert layer(Tensor(x, requires_grad=False)).dtype == np.float32


def test_a_float64_input_gets_its_gradient_in_float64() -> None:
    x = Tensor(np.ones((4, 3)))
    layer = nn.Linear(3, 2)
    layer(x).sum().backward()
    assert x.grad.dtype == np.float64
    assert layer.weight.grad.dtype == np.float32
    np.testing.assert_allclose(x.grad[0], layer.weight.data.sum(0), rtol=1e-6)


def test_nothing_is_recorded_under_no_grad() -> None:
    with no_grad():
        assert not nn.Linear(3, 2)(np.ones(3)).requires_grad


def test_linear_names_what_is_wrong_with_its_input() -> None:
    layer = nn.Linear(3, 2)
    with pytest.raises(ValueError, match=r"Linear\(in_features=3, out_features=2, bias=True\)") as caught:
        nn.Sequential(layer)(np.ones((5, 4), np.float32))
    message = str(caught.value)
    assert "expected input of shape (..., 3), got float32 (5, 4)" in message
    assert "or make the layer with in_features=4" in message
    assert message.endswith("[in scope Sequential/0: Linear]")
    with pytest.raises(ValueError, match="give it at least one axis, of length 3"):
        layer(1.0)
    with pytest.raises(TypeError, match=r"Linear: input complex128 \(3,\) is complex where float32 is needed"):
        layer(np.ones(3, complex))
    with pytest.raises(TypeError, match="Linear: expected a tensor, a number or a numeric array, got list"):
        layer(["a", "b", "c"])


@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        ((0, 2), ValueError, "Linear: in_features must be positive, got 0"),
        ((3, -1), ValueError, "Linear: out_features must be positive, got -1"),
        ((3, 2.0), TypeError, "Linear: out_features must be an integer, got 2.0"),
        ((True, 2), TypeError, "Linear: in_features must be an integer, got True"),
    ],
)
def test_sizes_are_checked(sizes: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nn.Linear(*sizes)


def test_parameters_have_gradients() -> None:
    with pytest.raises(TypeError, match="dtype int64 cannot have gradients"):
        nn.Linear(3, 2, dtype=np.int64)


def test_sequential_is_a_sequence_of_modules() -> None:
    first, second = nn.Linear(3, 2), nn.ReLU()
    net = nn.Sequential(first, second)
    assert len(net) == 2
    assert list(net) == [first, second]
    assert net[0] is first
    assert net[-1] is second
    assert list(net[1:]) == [second]
    assert net.append(nn.Linear(2, 1)) is net
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    named = nn.Sequential({"in": first, "act": second})
    assert [name for name, _ in named.named_children()] == ["in", "act"]
    assert nn.Sequential()(5) == 5
    with pytest.raises(IndexError, match="Sequential: index 3 is out of range for 3 modules"):
        net[3]


def test_sequential_takes_modules_only() -> None:
    with pytest.raises(TypeError, match="Sequential: '1' must be a Module, got builtin_function_or_method"):
        nn.Sequential(nn.ReLU(), abs)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"Sequential: '0' must be a Module, got the class ReLU; did you mean ReLU"):
        nn.Sequential(nn.ReLU)  # type: ignore[arg-type]
    with pytest.raises(
        TypeError, match=r"Sequential: '0' must be a Module, got None; leave it out or use Identity\(\)"
    ):
        nn.Sequential(None)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.data())
def test_flatten_is_pytorchs_on_any_shape(shape: list[int], data: st.DataObject) -> None:
    n = len(shape)
    start = data.draw(st.integers(-n, n - 1))
    end = data.draw(st.integers(-n, n - 1))
    x = np.arange(np.prod(shape, dtype=int), dtype=float).reshape(shape)
    if start % n > end % n:
        with pytest.raises(ValueError, match="flatten: no axes"):
            F.flatten(x, start, end)
        return
    first, last = start % n, end % n
    expected = (*shape[:first], int(np.prod(shape[first : last + 1])), *shape[last + 1 :])
    flat = nn.Flatten(start, end)(Tensor(x))
    assert flat.shape == expected
    np.testing.assert_array_equal(flat.data.ravel(), x.ravel())


def test_flatten_gives_a_scalar_an_axis() -> None:
    assert F.flatten(3.0).shape == (1,)
