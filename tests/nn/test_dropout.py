"""Dropout: what is left out how often, what it does to values and gradients, and when it does nothing."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, grad
from autograd.test_util import check_grads
from nn import functional as F

#: Every function with its module and a shape it takes; of that, the axes along which one draw holds.
KINDS: dict[str, tuple[str, tuple[int, ...], tuple[int, ...]]] = {
    "dropout": ("Dropout", (40, 50), ()),
    "dropout1d": ("Dropout1d", (40, 50, 3), (2,)),
    "dropout2d": ("Dropout2d", (40, 50, 3, 2), (2, 3)),
    "dropout3d": ("Dropout3d", (40, 50, 3, 2, 2), (2, 3, 4)),
    "alpha_dropout": ("AlphaDropout", (40, 50), ()),
}
ZEROING = [name for name in KINDS if name != "alpha_dropout"]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_in_evaluation_it_is_the_identity(rng: np.random.Generator, name: str, p: float) -> None:
    module, shape, _ = KINDS[name]
    x = Tensor(rng.normal(size=shape))
    assert getattr(F, name)(x, p, training=False) is x
    assert getattr(nn, module)(p).eval()(x) is x


@pytest.mark.parametrize("name", ZEROING)
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_rest_is_scaled_and_whole_channels_go_together(rng: np.random.Generator, name: str, p: float) -> None:
    module, shape, together = KINDS[name]
    x = rng.normal(size=shape)
    y = getattr(nn, module)(p, generator=np.random.default_rng(1))(x)
    zeroed = y == 0
    np.testing.assert_array_equal(zeroed, np.broadcast_to(zeroed.all(together, keepdims=True), shape))
    np.testing.assert_allclose(y[~zeroed], x[~zeroed] / (1 - p), rtol=1e-3)
    draws = 2000
    assert abs(zeroed.mean() - p) < 5 * np.sqrt(p * (1 - p) / draws)


@pytest.mark.parametrize("p", [0.1, 1 / 3, 0.5, 0.75, 0.999])
def test_expected_values_are_kept(p: float) -> None:
    n = 2_000_000
    y = F.dropout(np.ones(n), p, generator=np.random.default_rng(2))
    assert abs(y.mean() - 1) < 5 * np.sqrt(p / (1 - p) / n)
    # The probability of 16 bits and the factor fit each other exactly.
    factor = y.max()
    left_out = 1 - 1 / factor
    assert abs(left_out - p) <= 2**-17
    np.testing.assert_allclose(left_out * 2**16, round(left_out * 2**16), rtol=1e-9)


def test_draws_are_independent_of_each_other() -> None:
    """Neighbours in memory come from the same random words."""
    y = F.dropout(np.ones((100_000, 4)), 0.5, generator=np.random.default_rng(3)) > 0
    counts = np.bincount(y @ [1, 2, 4, 8], minlength=16)
    assert ((counts - 6250) ** 2 / 6250).sum() < 45  # chi-squared of 15 degrees of freedom, beyond 99.99 %


def test_a_probability_is_not_rounded_to_never_or_always() -> None:
    assert (F.dropout(np.ones(1_000_000), 1e-7, generator=np.random.default_rng(0)) == 0).any()
    assert F.dropout(np.ones(1_000_000), 1 - 1e-7, generator=np.random.default_rng(0)).any()


@pytest.mark.parametrize("name", KINDS)
def test_everything_can_be_left_out(rng: np.random.Generator, name: str) -> None:
    _, shape, _ = KINDS[name]
    x = Tensor(rng.normal(size=shape))
    y = getattr(F, name)(x, 1.0, training=True)
    np.testing.assert_array_equal(y.data, 0)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, 0)


@pytest.mark.parametrize("name", KINDS)
def test_gradients_take_the_same_way(rng: np.random.Generator, name: str) -> None:
    _, shape, _ = KINDS[name]
    shape = (3, 4, *shape[2:])

    def function(x: Any) -> Any:
        return getattr(F, name)(x, 0.4, training=True, generator=np.random.default_rng(5))

    check_grads(function, order=2)(rng.normal(size=shape))
    x = Tensor(rng.normal(size=shape))
    y = function(x)
    y.sum().backward()
    if name == "alpha_dropout":
        assert len(np.unique(x.grad)) == 2
    else:
        np.testing.assert_array_equal(x.grad != 0, y.data != 0)


def test_alpha_dropout_keeps_mean_and_variance(torch: Any) -> None:
    x = np.random.default_rng(0).normal(size=400_000)
    y = F.alpha_dropout(x, 0.3, training=True, generator=np.random.default_rng(1))
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.02
    # PyTorch takes the elements left out to the same value, and the others along the same line.
    torch.manual_seed(0)
    z = torch.nn.functional.alpha_dropout(torch.tensor(x), 0.3, training=True).numpy()
    levels = [values[counts.argmax()] for values, counts in (np.unique(t, return_counts=True) for t in (y, z))]
    np.testing.assert_allclose(*levels, rtol=1e-3)
    kept = (y != levels[0]) & (z != levels[1])
    np.testing.assert_allclose(y[kept], z[kept], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", KINDS)
def test_draws_are_seeded(rng: np.random.Generator, name: str) -> None:
    module, shape, _ = KINDS[name]
    x = rng.normal(size=shape)
    layer = getattr(nn, module)(0.5)
    nn.manual_seed(7)
    first, second = layer(x), layer(x)
    assert (first != second).any()
    nn.manual_seed(7)
    np.testing.assert_array_equal(layer(x), first)
    own = [getattr(F, name)(x, 0.5, True, generator=np.random.default_rng(7)) for _ in range(2)]
    np.testing.assert_array_equal(*own)


def test_a_copy_draws_from_a_copy_of_its_generator(rng: np.random.Generator) -> None:
    layer = nn.Dropout(generator=np.random.default_rng(0))
    twin = copy.deepcopy(layer)
    x = rng.normal(size=20)
    np.testing.assert_array_equal(layer(x), twin(x))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", KINDS)
def test_dtypes_are_kept(rng: np.random.Generator, name: str, dtype: Any) -> None:
    _, shape, _ = KINDS[name]
    x = rng.normal(size=shape).astype(dtype)
    assert getattr(F, name)(x, 0.5, True).dtype == dtype
    assert getattr(F, name)(Tensor(x), 0.5, True).dtype == dtype


@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (3, 0, 2)])
def test_any_shape(shape: tuple[int, ...]) -> None:
    x = Tensor(np.ones(shape))
    y = nn.Dropout(0.5)(x)
    assert y.shape == shape
    y.sum().backward()
    assert x.grad.shape == shape


def test_zeros_are_constants_of_the_graph() -> None:
    """Differentiating the function again, by transforms that run it once, does not draw again."""
    x = np.ones(50)
    gradient = grad(lambda t: (F.dropout(t, 0.5, generator=np.random.default_rng(0)) ** 3).sum())
    np.testing.assert_array_equal(np.unique(gradient(x)), [0.0, 24.0])


def test_single_samples_have_channels_first(rng: np.random.Generator) -> None:
    y = F.dropout1d(rng.normal(size=(50, 4)), 0.5)
    np.testing.assert_array_equal((y == 0).any(1), (y == 0).all(1))
    y = F.dropout3d(rng.normal(size=(50, 2, 2, 2)), 0.5)
    np.testing.assert_array_equal((y == 0).any((1, 2, 3)), (y == 0).all((1, 2, 3)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nn.Dropout(1.5), "Dropout: p, the probability of leaving out, must be between 0 and 1, got 1.5"),
        (lambda: nn.AlphaDropout(-0.1), "AlphaDropout: p"),
        (lambda: F.dropout([1.0], float("nan")), "dropout: p"),
        (
            lambda: F.dropout1d(np.ones((2, 3, 4, 5))),
            r"dropout1d: expected input of shape \(N, C, L\) or \(C, L\), got",
        ),
        (
            lambda: nn.Dropout2d()(np.ones((3, 4, 5))),
            r"dropout2d: .* \(N, C, H, W\); give one image an axis of samples",
        ),
        (lambda: F.dropout3d(np.ones(3)), r"dropout3d: expected input of shape \(N, C, D, H, W\) or \(C, D, H, W\)"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("p", ["0.5", None])
def test_a_probability_is_a_number(p: Any) -> None:
    with pytest.raises(TypeError, match=f"Dropout: p, the probability of leaving out, must be a number, got {p!r}"):
        nn.Dropout(p)


def test_settings_are_shown_as_in_pytorch(torch: Any) -> None:
    for module, _, _ in KINDS.values():
        assert repr(getattr(nn, module)(0.25)) == repr(getattr(torch.nn, module)(0.25))
