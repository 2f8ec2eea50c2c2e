"""Embeddings: values and gradients against PyTorch, and what is said about wrong indices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from against_pytorch import agree, close, pair, same_state

import nn
from autograd import Tensor
from autograd.test_util import check_grads
from nn import functional as F


def configurations() -> list[Any]:
    """Tables of different sizes with settings drawn at random, and indices of different shapes, with repetitions."""
    rng = np.random.default_rng(0)
    cases = []
    for shape in [(), (1,), (7,), (3, 5), (2, 3, 4), (0,), (2, 0)] * 3:
        rows, width = int(rng.integers(1, 8)), int(rng.integers(1, 5))
        settings: dict[str, Any] = {}
        if rng.integers(2):
            settings["padding_idx"] = int(rng.integers(-rows, rows))
        if rng.integers(2):
            settings["scale_grad_by_freq"] = True
        if rng.integers(3) == 0:
            settings.update(max_norm=1.2, norm_type=float(rng.choice([1.0, 2.0, 3.0, np.inf])))
        cases.append(pytest.param(rows, width, settings, shape, id=f"{rows} x {width} {settings} {shape}"))
    return cases


@pytest.mark.parametrize(("rows", "width", "settings", "shape"), configurations())
def test_embedding_is_pytorchs(
    torch: Any, rng: np.random.Generator, rows: int, width: int, settings: dict[str, Any], shape: tuple[int, ...]
) -> None:
    ours, theirs = pair(torch, "Embedding", rows, width, **settings)
    assert repr(ours) == repr(theirs)
    index = rng.integers(0, rows, shape)
    agree(torch, ours, theirs, index)
    same_state(ours, theirs)
    weight = rng.normal(size=(rows, width))
    settings = {key: value for key, value in settings.items() if key not in ("max_norm", "norm_type")}
    agree(
        torch,
        lambda w: F.embedding(index, w, **settings),
        lambda w: torch.nn.functional.embedding(torch.tensor(index), w, **settings),
        weight,
    )


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_indices_of_any_integer_type(dtype: Any) -> None:
    weight = Tensor(np.arange(900.0).reshape(300, 3))  # more rows than the smallest types can count
    index = np.array([[3, 0], [3, 3]], dtype)
    F.embedding(index, weight).sum().backward()
    np.testing.assert_array_equal(weight.grad[:4], [[1.0] * 3, [0.0] * 3, [0.0] * 3, [3.0] * 3])
    for given in (index, Tensor(index, requires_grad=False), index.tolist()):
        np.testing.assert_array_equal(F.embedding(given, weight).data, weight.data[index.astype(int)])
    assert F.embedding([], weight).shape == (0, 3)


def test_gradients_of_repeated_indices_add_up() -> None:
    layer = nn.Embedding(5, 2, dtype=np.float64)
    index = np.random.default_rng(0).integers(0, 5, (20, 30))
    weights = np.random.default_rng(1).normal(size=(20, 30, 2))
    (layer(index) * weights).sum().backward()
    expected = np.zeros((5, 2))
    np.add.at(expected, index, weights)
    np.testing.assert_allclose(layer.weight.grad, expected, rtol=1e-12)


@pytest.mark.parametrize("settings", [{}, {"padding_idx": 1}, {"scale_grad_by_freq": False, "padding_idx": -1}])
def test_embedding_can_be_differentiated_twice(rng: np.random.Generator, settings: dict[str, Any]) -> None:
    index = np.array([[0, 2], [2, 2]])  # the padding does not occur: its derivative is not that of the function
    check_grads(lambda w: F.embedding(index, w, **settings) ** 3, order=2)(rng.normal(size=(4, 3)))


def bags() -> list[Any]:
    """Bags in rows or one after another, some of them empty, with settings drawn at random."""
    rng = np.random.default_rng(1)
    cases = []
    for i in range(36):
        rows, width = int(rng.integers(2, 8)), int(rng.integers(1, 5))
        settings: dict[str, Any] = {"mode": ["mean", "sum", "max"][i % 3]}
        if rng.integers(2):
            settings["padding_idx"] = int(rng.integers(-rows, rows))
        if rng.integers(4) == 0:
            settings.update(max_norm=1.2, norm_type=2.0)
        offsets = None
        if rng.integers(2):
            index = rng.integers(0, rows, (int(rng.integers(1, 4)), int(rng.integers(1, 5))))
        else:
            index = rng.integers(0, rows, int(rng.integers(1, 8)))
            offsets = np.sort(rng.integers(0, len(index) + 1, int(rng.integers(1, 5))))
            offsets[0] = 0
            if rng.integers(2):
                settings["include_last_offset"] = True
                offsets = np.append(offsets, len(index))
        weighted = settings["mode"] == "sum" and bool(rng.integers(2))
        cases.append(pytest.param(rows, width, settings, index, offsets, weighted, id=f"{i} {settings}"))
    return cases


@pytest.mark.parametrize(("rows", "width", "settings", "index", "offsets", "weighted"), bags())
def test_bags_are_pytorchs(
    torch: Any,
    rng: np.random.Generator,
    rows: int,
    width: int,
    settings: dict[str, Any],
    index: Any,
    offsets: Any,
    weighted: bool,
) -> None:
    ours, theirs = pair(torch, "EmbeddingBag", rows, width, **settings)
    assert repr(ours) == repr(theirs)
    inputs = [index, offsets]
    if weighted:
        inputs.append(rng.normal(size=index.shape))
    agree(torch, ours, theirs, *inputs)
    same_state(ours, theirs)


def test_bags_can_be_differentiated_twice(rng: np.random.Generator) -> None:
    index, offsets = np.array([0, 2, 2, 1, 3]), np.array([0, 3, 3])
    for mode in ("mean", "sum", "max"):
        check_grads(lambda w, mode=mode: F.embedding_bag(index, w, offsets, mode=mode) ** 3)(rng.normal(size=(4, 3)))
    factors = rng.normal(size=5)
    check_grads(lambda w, s: F.embedding_bag(index, w, offsets, mode="sum", per_sample_weights=s) ** 2)(
        rng.normal(size=(4, 3)), factors
    )


def test_gradients_of_bags_may_be_divided_by_frequencies(rng: np.random.Generator) -> None:
    """PyTorch divides by the frequencies of other indices where they are not in order."""
    index, weights = np.array([[2, 2, 1], [3, 2, 4]]), rng.normal(size=(2, 3))
    gradients = []
    for scaled in (True, False):
        table = Tensor(rng.normal(size=(5, 3)))
        (F.embedding_bag(index, table, mode="sum", scale_grad_by_freq=scaled) * weights).sum().backward()
        gradients.append(table.grad)
    np.testing.assert_allclose(gradients[0] * np.array([[1], [1], [3], [1], [1]]), gradients[1])


def test_empty_bags_are_zero() -> None:
    for mode in ("mean", "sum", "max"):
        layer = nn.EmbeddingBag(4, 3, mode=mode, padding_idx=1)
        np.testing.assert_array_equal(layer([[1, 1], [1, 1]]).data, np.zeros((2, 3)))
        assert layer(np.zeros((0, 2), int)).shape == (0, 3)
        np.testing.assert_array_equal(layer(np.zeros((2, 0), int)).data, np.zeros((2, 3)))
        assert layer([2, 3], [0, 0]).dtype == np.float32


def test_padding_is_zero_at_first_and_stays_so() -> None:
    layer = nn.Embedding(5, 3, padding_idx=-2)
    assert layer.padding_idx == 3
    np.testing.assert_array_equal(layer.weight.data[3], 0)
    assert layer.weight.data.all(axis=1).sum() == 4
    layer([3, 3, 1]).sum().backward()
    np.testing.assert_array_equal(layer.weight.grad, [[0] * 3, [1] * 3, [0] * 3, [0] * 3, [0] * 3])


def test_weights_are_standard_normal_at_first() -> None:
    layer = nn.Embedding(1000, 50, generator=np.random.default_rng(0))
    assert layer.weight.dtype == np.float32
    assert abs(layer.weight.data.mean()) < 0.02
    assert abs(layer.weight.data.std() - 1) < 0.02
    again = nn.Embedding(1000, 50, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(layer.weight.data, again.weight.data)


def test_pretrained_vectors_are_frozen_or_not(torch: Any) -> None:
    vectors = np.random.default_rng(0).normal(size=(4, 3))
    frozen = nn.Embedding.from_pretrained(vectors, padding_idx=1)
    theirs = torch.nn.Embedding.from_pretrained(torch.tensor(vectors), padding_idx=1)
    assert repr(frozen) == repr(theirs)
    close(frozen([0, 1]).data, theirs(torch.tensor([0, 1])).numpy())
    assert not frozen([0]).requires_grad
    assert list(frozen.state_dict()) == ["weight"]
    trained = nn.Embedding.from_pretrained(vectors.astype(np.float32), freeze=False)
    assert trained.weight.dtype == np.float32
    trained([0, 0]).sum().backward()
    np.testing.assert_array_equal(trained.weight.grad[0], 2)
    vectors[0] = 0
    assert trained.weight.data[0].all()


def test_float32_stays_float32() -> None:
    layer = nn.Embedding(4, 3, padding_idx=0, scale_grad_by_freq=True)
    y = layer([1, 1, 0])
    assert y.dtype == np.float32
    y.sum().backward()
    assert layer.weight.grad.dtype == np.float32


def test_plain_weights_give_plain_vectors() -> None:
    assert type(F.embedding([1], np.ones((2, 3)), padding_idx=1)) is np.ndarray


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Embedding(3, 2)([0, 3]), ValueError, r"index 3 at position \(1,\) .* 3 rows of weight, 0 to 2"),
        (lambda: nn.Embedding(3, 2)([[0], [-1]]), ValueError, r"index -1 at position \(1, 0\)"),
        (lambda: nn.Embedding(3, 2)(5), ValueError, r"index 5 at position \(\) is not one of"),
        (lambda: nn.Embedding(3, 2)(np.array([1.0])), TypeError, r"indices must be integers, got float64 \(1,\)"),
        (lambda: nn.Embedding(3, 2)([True]), TypeError, "indices must be integers, got bool"),
        (lambda: nn.Embedding(3, 2)(Tensor([1])), TypeError, "with requires_grad=False"),
        (lambda: F.embedding([0], np.ones(3)), ValueError, r"weight must be a matrix \(V, D\), got shape \(3,\)"),
        (
            lambda: F.embedding([0], np.ones((3, 2)), padding_idx=3),
            ValueError,
            "padding_idx=3 is not one of the 3 rows",
        ),
        (lambda: F.embedding([0], np.ones((3, 2)), max_norm=1.0), TypeError, "max_norm changes weight in place"),
        (lambda: nn.Embedding(3, 2, max_norm=1.0, norm_type=0)([0]), ValueError, "norm_type must be positive .* got 0"),
        (lambda: nn.Embedding(3, 2, padding_idx=-4), ValueError, "Embedding: padding_idx=-4 is not one of the 3 rows"),
        (lambda: nn.Embedding(3, 2, padding_idx=1.0), TypeError, "Embedding: padding_idx must be an integer, got 1.0"),
        (lambda: F.embedding([0], np.ones((3, 2)), True), TypeError, "padding_idx must be an integer, got True"),
        (lambda: nn.Embedding(0, 2), ValueError, "Embedding: num_embeddings must be positive, got 0"),
        (lambda: nn.Embedding(3, 2.0), TypeError, "Embedding: embedding_dim must be an integer, got 2.0"),
        (lambda: nn.Embedding(3, 2, sparse=True), ValueError, "sparse gradients are not supported"),
        (lambda: nn.EmbeddingBag(3, 2, sparse=True), ValueError, "EmbeddingBag: sparse gradients are not supported"),
        (lambda: F.embedding_bag([[0]], np.ones((3, 2)), sparse=True), ValueError, "sparse gradients"),
        (lambda: F.embedding_bag([[0]], np.ones((3, 2)), mode="min"), ValueError, "must be 'mean', 'sum' or 'max'"),
        (lambda: F.embedding_bag([0], np.ones((3, 2))), ValueError, r"\(M,\) with offsets .* offsets of none"),
        (lambda: F.embedding_bag([[0]], np.ones((3, 2)), [0]), ValueError, "are bags; leave offsets out"),
        (lambda: F.embedding_bag([0], np.ones((3, 2)), [0.0]), TypeError, "offsets must be integers, got float64"),
        (lambda: F.embedding_bag([0, 1], np.ones((3, 2)), [1]), ValueError, r"begin with 0, .* got \[1\]"),
        (lambda: F.embedding_bag([0, 1], np.ones((3, 2)), [0, 2, 1]), ValueError, "not decrease, and not exceed 2"),
        (lambda: F.embedding_bag([0, 1], np.ones((3, 2)), [0, 3]), ValueError, "and not exceed 2"),
        (
            lambda: F.embedding_bag([0], np.ones((3, 2)), [0, 0], include_last_offset=True),
            ValueError,
            "indices, 1, got",
        ),
        (lambda: F.embedding_bag([[3]], np.ones((3, 2))), ValueError, "embedding_bag: index 3 at position"),
        (
            lambda: F.embedding_bag([[0]], np.ones((3, 2)), per_sample_weights=[[1.0]]),
            ValueError,
            "per_sample_weights are for mode='sum' .* got mode='mean'",
        ),
        (lambda: nn.Embedding.from_pretrained([1.0]), ValueError, r"expected a matrix .* got shape \(1,\)"),
    ],
)
def test_errors_say_what_is_wrong(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
