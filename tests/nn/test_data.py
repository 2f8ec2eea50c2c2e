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
    resumed = nn.DataLoader(X, Y, batch_size=3, shuffle=True, seed=9)
    resumed.seed, resumed.epoch = 1, 1
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


def test_the_memory_of_an_array_is_that_array() -> None:
    model = nn.Linear(2, 1)
    np.testing.assert_array_equal(nn.predict(model, X.data), nn.predict(model, X))  # .data, as if it were a tensor
    (x, y) = next(iter(nn.DataLoader(X.data, Y.data, batch_size=3)))
    np.testing.assert_array_equal(x, X[:3])
    np.testing.assert_array_equal(y, Y[:3])


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
    with pytest.raises(TypeError, match="a sample holds a object"):
        list(nn.DataLoader([(object(),), (object(),)]))


def test_the_order_of_a_seed_and_epoch_stays_what_it_was() -> None:
    loader = nn.DataLoader(Y, batch_size=10, shuffle=True, seed=7)
    for epoch in range(3):
        ((batch,),) = list(loader)
        np.testing.assert_array_equal(batch, np.random.default_rng((7, epoch)).permutation(10))


def test_named_arrays_come_in_dictionaries() -> None:
    (batch,) = nn.DataLoader({"x": X, "y": Y}, batch_size=None, shuffle=True, seed=0)
    assert list(batch) == ["x", "y"]
    np.testing.assert_array_equal(batch["x"], X[batch["y"]])
    samples = [{"a": 1, "b": (2.0, [3, 4])}, {"a": 5, "b": (6.0, [7, 8])}]
    (batch,) = nn.DataLoader(samples, batch_size=2)
    assert batch["a"].tolist() == [1, 5]
    assert [part.tolist() for part in batch["b"]] == [[2.0, 6.0], [[3, 4], [7, 8]]]


@pytest.mark.parametrize(
    ("batch_size", "lengths"), [(1, [1] * 10), (4, [4, 4, 2]), (10, [10]), (99, [10]), (None, [10])]
)
def test_stochastic_mini_and_full_batches(batch_size: int | None, lengths: list[int]) -> None:
    loader = nn.DataLoader(X, Y, batch_size=batch_size)
    assert [len(y) for _, y in loader] == lengths
    assert len(loader) == len(lengths)


def test_a_function_of_ones_own_makes_the_batches() -> None:
    ragged = [[1], [2, 3], [4, 5, 6]]

    class Words:
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> list[int]:
            return ragged[index]

    batches = list(nn.DataLoader(Words(), batch_size=2, collate_fn=lambda samples: max(map(len, samples))))
    assert batches == [2, 3]
    with pytest.raises(ValueError, match=r"shapes \(1,\) and \(2,\) cannot be stacked.*collate_fn"):
        list(nn.DataLoader(Words(), batch_size=2))


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([(1, 2), (1,)], "the first sample of a batch has 2 parts, another has not"),
        ([{"x": 1}, {"y": 1}], r"the keys \['x'\], another has not"),
    ],
)
def test_samples_of_a_batch_are_built_alike(samples: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(nn.DataLoader(samples, batch_size=2))


def data_sets(x: Any, y: Any) -> dict[str, Any]:
    """The same ten samples, held in every way."""
    plain = nn.TensorDataset(x, y)
    return {
        "arrays": plain,
        "subset": nn.data.Subset(nn.TensorDataset(np.repeat(x, 2, 0), np.repeat(y, 2)), range(0, 20, 2)),
        "subset of subset": nn.data.Subset(nn.data.Subset(plain, range(9, -1, -1)), range(9, -1, -1)),
        "negative": nn.data.Subset(plain, range(-10, 0)),
        "concatenated": nn.data.ConcatDataset([nn.TensorDataset(x[:3], y[:3]), nn.TensorDataset(x[3:], y[3:])]),
        "list": [(a, b) for a, b in zip(x, y, strict=True)],
        "of lists": [[a, b] for a, b in zip(x, y, strict=True)],
    }


@pytest.mark.parametrize("kind", data_sets(X, Y))
def test_every_data_set_gives_the_same_batches(kind: str) -> None:
    dataset = data_sets(X, Y)[kind]
    assert len(dataset) == 10
    loader = nn.DataLoader(dataset, batch_size=3, shuffle=True, seed=5)
    for (x, y), (x0, y0) in zip(loader, nn.DataLoader(X, Y, batch_size=3, shuffle=True, seed=5), strict=True):
        np.testing.assert_array_equal(x, x0)
        np.testing.assert_array_equal(y, y0)


def test_data_sets_of_ones_own_get_one_number_at_a_time() -> None:
    class Mirrored(nn.TensorDataset):
        def __getitem__(self, index: int) -> Any:
            x, y = super().__getitem__(index)
            return x[::-1], y

    class Zeroed(nn.data.Subset):
        def __getitem__(self, index: int) -> Any:
            x, y = super().__getitem__(index)
            return 0 * x, y

    class Counted(nn.data.Dataset):
        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> float:
            return index / 2

    class Nothing(nn.data.Dataset):
        pass

    with pytest.raises(NotImplementedError, match="Nothing must define __len__"):
        len(nn.DataLoader(Nothing()))
    with pytest.raises(NotImplementedError, match="Nothing must define __getitem__"):
        Nothing()[0]
    ((x, y),) = nn.DataLoader(nn.data.Subset(Mirrored(X, Y), range(4)), batch_size=None)
    np.testing.assert_array_equal(x, X[:4, ::-1])
    np.testing.assert_array_equal(y, Y[:4])
    ((x, _),) = nn.DataLoader(Zeroed(nn.TensorDataset(X, Y), [1, 2]), batch_size=None)
    np.testing.assert_array_equal(x, np.zeros((2, 2)))
    np.testing.assert_array_equal(next(iter(nn.DataLoader(Counted(), batch_size=3)))[0], [0, 0.5, 1])


def test_arrays_of_other_libraries_are_arrays(torch: Any) -> None:
    x, y = next(iter(nn.DataLoader(torch.tensor(X), torch.tensor(Y), batch_size=3)))
    np.testing.assert_array_equal(x, X[:3])
    assert type(x) is type(y) is np.ndarray


@given(
    samples=st.integers(0, 40),
    shares=st.lists(st.integers(1, 10), min_size=1, max_size=4),
    seed=st.integers(0, 2**40),
)
def test_parts_of_a_random_split_make_up_the_whole(samples: int, shares: list[int], seed: int) -> None:
    fractions = [s / sum(shares) for s in shares]
    dataset = nn.TensorDataset(np.arange(samples))
    parts = nn.data.random_split(dataset, fractions, np.random.default_rng(seed))
    assert sorted(int(x) for part in parts for (x,) in (part[i] for i in range(len(part)))) == list(range(samples))
    for part, share in zip(parts, fractions, strict=True):
        assert abs(len(part) - share * samples) <= 1
    again = nn.data.random_split(dataset, [len(part) for part in parts], np.random.default_rng(seed))
    assert [p.indices.tolist() for p in again] == [p.indices.tolist() for p in parts]


@pytest.mark.parametrize("samples", [10, 100, 101, 1003])
@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.7, 0.2, 0.1), (0.25, 0.75), (1 / 3, 1 / 3, 1 / 3), (1.0,)])
def test_random_split_sizes_agree_with_pytorch(torch: Any, samples: int, shares: tuple[float, ...]) -> None:
    ours = nn.data.random_split(nn.TensorDataset(np.arange(samples)), shares)
    assert [len(p) for p in ours] == [len(p) for p in torch.utils.data.random_split(range(samples), shares)]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.data.random_split((X, Y), [0.5, 0.5]), TypeError, r"wrap arrays as TensorDataset\(x, y\)"),
        (
            lambda: nn.data.random_split(nn.TensorDataset(X), [4, 4]),
            ValueError,
            "add up to the 10 samples.*add up to 8",
        ),
        (lambda: nn.data.random_split(nn.TensorDataset(X), [1.5, -0.5]), ValueError, "must not be negative"),
        (
            lambda: nn.data.Subset(nn.TensorDataset(X), [10]),
            IndexError,
            "index 10 is out of range for a data set of 10",
        ),
        (lambda: nn.data.Subset(nn.TensorDataset(X), [0.5]), TypeError, "list of integers, got float64"),
        (lambda: nn.data.ConcatDataset([]), ValueError, "at least one data set"),
        (lambda: nn.DataLoader((X, Y)), TypeError, r"DataLoader\(x, y\), not as a tuple"),
        (lambda: nn.DataLoader([X, Y]), ValueError, r"different lengths makes no array.*TensorDataset\(x, y\)"),
        (lambda: nn.TensorDataset([[1], [1, 2]]), ValueError, "different lengths makes no array.*pad"),
        (lambda: nn.data.ConcatDataset([nn.TensorDataset(X)])[10], IndexError, "index 10 is out of range for 10"),
        (lambda: nn.data.DictDataset({"x": X, "y": Y[:3]}), ValueError, r"equal lengths.*\(10, 2\), \(3,\)"),
        (lambda: nn.data.DictDataset({}), ValueError, "at least one array"),
        (
            lambda: nn.DataLoader(X, shuffle=True, sampler=nn.data.SequentialSampler(X)),
            ValueError,
            "shuffle must be False",
        ),
        (lambda: nn.DataLoader(X, batch_size=2, batch_sampler=[[1]]), ValueError, "batch_sampler gives whole batches"),
        (lambda: nn.data.RandomSampler(X, num_samples=0), ValueError, "num_samples must be positive"),
        (lambda: nn.data.WeightedRandomSampler([1.0, -1.0], 2), ValueError, "none negative"),
        (lambda: nn.data.WeightedRandomSampler([0.0, 0.0], 2), ValueError, "not all 0"),
        (lambda: nn.data.WeightedRandomSampler([1.0, 0.0], 2, False), ValueError, "only 1 have a weight above 0"),
        (lambda: nn.data.Standardize(np.zeros((0, 2))), ValueError, "nothing to measure"),
        (lambda: nn.data.scale_pixels(np.zeros(3)), TypeError, "got float64; have they been scaled already"),
    ],
)
def test_what_data_sets_and_samplers_refuse(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_samplers_draw_what_they_say() -> None:
    data = nn.data
    assert list(data.SequentialSampler(X)) == list(range(10))
    twice = data.RandomSampler(X, num_samples=25, seed=3)
    drawn = list(twice)
    assert len(drawn) == len(twice) == 25
    assert sorted(drawn[:10]) == sorted(drawn[10:20]) == list(range(10))
    assert list(data.RandomSampler(X, seed=3)) == drawn[:10]
    replaced = data.RandomSampler(X, replacement=True, seed=3)
    assert any(len(set(replaced)) < 10 for _ in range(5))
    counts = np.bincount(list(data.WeightedRandomSampler([1, 0, 3], 4000, seed=0)), minlength=3)
    assert counts[1] == 0
    assert abs(counts[2] - 3000) < 150
    assert sorted(data.WeightedRandomSampler([1, 0, 3, 2], 3, replacement=False, seed=0)) == [0, 2, 3]
    assert list(data.BatchSampler(data.SequentialSampler(X), 4, drop_last=True)) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_loaders_take_samplers() -> None:
    rare = nn.data.WeightedRandomSampler(np.where(Y == 3, 1.0, 0.0), 5, seed=0)
    loader = nn.DataLoader(Y, batch_size=2, sampler=rare)
    assert len(loader) == 3
    assert [batch.tolist() for (batch,) in loader] == [[3, 3], [3, 3], [3]]
    batches = nn.data.BatchSampler(nn.data.RandomSampler(Y, seed=1), 4, False)
    loader = nn.DataLoader(Y, batch_sampler=batches)
    assert len(loader) == 3
    assert epochs(loader, 2) == epochs(nn.DataLoader(Y, batch_size=4, shuffle=True, seed=1), 2)
    loader.epoch = 0  # reaches the sampler inside
    assert epochs(loader, 1) == epochs(nn.DataLoader(Y, batch_size=4, shuffle=True, seed=1), 1)
    assert [b.tolist() for (b,) in nn.DataLoader(Y, sampler=[4, 2, 4], batch_size=2)] == [[4, 2], [4]]


@given(passes=st.integers(0, 2), batches=st.integers(0, 4), kind=st.sampled_from(["shuffle", "weighted", "batches"]))
def test_a_loader_goes_on_from_the_state_of_another(passes: int, batches: int, kind: str) -> None:
    def make(seed: int) -> nn.DataLoader:
        if kind == "shuffle":
            return nn.DataLoader(Y, batch_size=3, shuffle=True, seed=seed)
        if kind == "weighted":
            return nn.DataLoader(Y, batch_size=3, sampler=nn.data.WeightedRandomSampler(Y + 1, 10, seed=seed))
        sampler = nn.data.BatchSampler(nn.data.RandomSampler(Y, seed=seed), 3, False)
        return nn.DataLoader(Y, batch_sampler=sampler)

    loader = make(1)
    epochs(loader, passes)
    state, rest = loader.state_dict(), []
    for i, (batch,) in enumerate(loader):
        if i < batches:
            state = loader.state_dict()
        else:
            rest.append(batch.tolist())
    other = make(2)
    other.load_state_dict(state)
    assert other.state_dict() == state
    assert [batch.tolist() for (batch,) in other] == rest
    assert epochs(other, 2) == epochs(loader, 2)


def test_a_pass_left_early_is_over() -> None:
    loader = nn.DataLoader(Y, batch_size=3)
    for _ in loader:
        break
    assert loader.state_dict()["batch"] == 0
    assert loader.state_dict()["epoch"] == 1


def test_states_that_do_not_fit_are_refused() -> None:
    loader = nn.DataLoader(Y, batch_size=3)
    state = loader.state_dict()
    with pytest.raises(ValueError, match="the state lacks seed, epoch"):
        loader.load_state_dict({"batch": 1, "samples": 10, "batch_size": 3})
    with pytest.raises(ValueError, match="a data set of 10 samples, this one has 4"):
        nn.DataLoader(Y[:4]).load_state_dict(state)
    with pytest.raises(
        ValueError, match="after 2 batches of 3, so this loader cannot go on from there with batch_size=5"
    ):
        nn.DataLoader(Y, batch_size=5).load_state_dict({**state, "batch": 2})
    nn.DataLoader(Y, batch_size=5).load_state_dict(state)  # between passes the size does not matter


@given(st.integers(1, 20), st.integers(1, 4), st.sampled_from([np.float32, np.float64, np.int64]))
def test_standardised_features_have_mean_0_and_deviation_1(samples: int, features: int, dtype: Any) -> None:
    x = (np.random.default_rng(samples).normal(size=(samples, features)) * 100 + 50).astype(dtype)
    x[:, 0] = 7
    scale = nn.data.Standardize(x)
    y = scale(x)
    assert y.dtype == (dtype if dtype == np.float32 else np.float64)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-4)
    assert (y[:, 0] == 0).all()
    varied = x.std(axis=0) > 0
    np.testing.assert_allclose(y.std(axis=0)[varied], 1, rtol=1e-4)
    np.testing.assert_allclose(scale.inverse(y), x, rtol=1e-4, atol=1e-4)
