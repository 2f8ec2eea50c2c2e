"""Mini-batches: every sample once, in an order that seed and epoch determine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor

X = np.arange(20.0).reshape(10, 2)
Y = np.arange(10)


@given(
    samples=st.integers(0, 30),
    batch_size=st.integers(1, 12),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    seed=st.integers(0, 2**70),
)
def test_every_sample_comes_once(samples: int, batch_size: int, shuffle: bool, drop_last: bool, seed: int) -> None:
    x = np.arange(samples * 3).reshape(samples, 3)
    loader = nn.DataLoader(
        x, np.arange(samples), batch_size=batch_size, shuffle=shuffle, drop_last=drop_last, seed=seed
    )
    batches = list(loader)
    assert len(batches) == len(loader)
    seen = np.concatenate([y for _, y in batches]) if batches else np.arange(0)
    assert all(len(y) == batch_size for _, y in batches[:-1])
    assert len(set(seen.tolist())) == len(seen) == (samples // batch_size * batch_size if drop_last else samples)
    if not shuffle:
        assert seen.tolist() == list(range(len(seen)))
    for a, y in batches:
        np.testing.assert_array_equal(a, x[y])


def epochs(loader: nn.DataLoader, count: int) -> list[list[int]]:
    return [np.concatenate([batch[-1] for batch in loader]).tolist() for _ in range(count)]


def test_the_seed_decides_the_order_of_every_epoch() -> None:
    first = epochs(nn.DataLoader(X, Y, batch_size=3, shuffle=True, seed=1), 3)
    assert first == epochs(nn.DataLoader(X, Y, batch_size=3, shuffle=True, seed=1), 3)
    assert first[0] != first[1] != first[2] != first[0]
    assert first[0] != epochs(nn.DataLoader(X, Y, batch_size=3, shuffle=True, seed=2), 1)[0]
    resumed = nn.DataLoader(X, Y, batch_size=3, shuffle=True, seed=1)
    resumed.epoch = 1
    assert epochs(resumed, 2) == first[1:]


def test_without_a_seed_the_default_generator_decides() -> None:
    nn.manual_seed(0)
    first = epochs(nn.DataLoader(Y, shuffle=True), 2)
    nn.manual_seed(0)
    assert first == epochs(nn.DataLoader(Y, shuffle=True), 2)
    assert first != epochs(nn.DataLoader(Y, shuffle=True), 2)


def test_passes_over_one_loader_do_not_disturb_each_other() -> None:
    expected = epochs(nn.DataLoader(Y, shuffle=True, seed=1), 2)
    loader = nn.DataLoader(Y, shuffle=True, seed=1)
    pairs = list(zip(loader, loader, strict=True))
    assert [int(p[0][0][0]) for p in pairs] == expected[0]
    assert [int(p[1][0][0]) for p in pairs] == expected[1]


@pytest.mark.parametrize("shuffle", [False, True])
def test_writing_to_a_batch_leaves_the_data_alone(shuffle: bool) -> None:
    data = np.zeros((4, 2))
    for (batch,) in nn.DataLoader(data, batch_size=2, shuffle=shuffle, seed=0):
        batch += 1.0
    assert data.sum() == 0.0


def test_tensors_and_lists_become_arrays() -> None:
    (batch,) = nn.DataLoader(Tensor([1.0, 2.0]), [3, 4], batch_size=5)
    assert [type(part) for part in batch] == [np.ndarray, np.ndarray]
    assert [part.tolist() for part in batch] == [[1.0, 2.0], [3, 4]]


def test_any_data_set_is_stacked_to_batches() -> None:
    class Squares:
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> Any:
            return Tensor([float(index)] * 2), index * index

    batches = list(nn.DataLoader(Squares(), batch_size=2))
    assert [x.shape for x, _ in batches] == [(2, 2), (1, 2)]
    assert [y.tolist() for _, y in batches] == [[0, 1], [4]]
    assert all(type(batch) is tuple for batch in nn.DataLoader(nn.TensorDataset(X, Y)))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.DataLoader(X, Y[:9]), ValueError, r"the arrays must have equal lengths.*shapes \(10, 2\), \(9,\)"),
        (
            lambda: nn.DataLoader(X, 32),
            TypeError,
            "got ndarray, int; batch_size and the other settings are given by keyword",
        ),
        (lambda: nn.DataLoader(X, batch_size=0), ValueError, "batch_size must be positive, got 0"),
        (lambda: nn.DataLoader(X, batch_size=2.5), TypeError, "batch_size must be an integer, got 2.5"),  # type: ignore[arg-type]
        (lambda: nn.DataLoader(X, seed=-1), ValueError, "seed must not be negative, got -1"),
        (lambda: nn.DataLoader(), TypeError, "DataLoader: give arrays, or a data set"),
        (lambda: nn.DataLoader(Tensor(1.0)), ValueError, "a scalar has no samples"),
        (lambda: nn.TensorDataset(), ValueError, "give at least one array"),
    ],
)
def test_what_loaders_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_a_list_of_samples_is_a_data_set() -> None:
    ((x, y),) = nn.DataLoader([([1.0, 2.0], 0), ([3.0, 4.0], 1)], batch_size=2)
    assert x.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert y.tolist() == [0, 1]
    with pytest.raises(TypeError, match="a sample holds a dict"):
        list(nn.DataLoader([({"x": 1},), ({"x": 2},)]))
