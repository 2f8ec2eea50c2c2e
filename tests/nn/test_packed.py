"""Packed and padded sequences, against PyTorch and against what they say they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor
from nn.utils import rnn
from nn.utils.rnn import PackedSequence

LENGTHS = st.lists(st.integers(1, 5), min_size=1, max_size=5)


def sequences(lengths: list[int], features: tuple[int, ...]) -> list[np.ndarray[Any, Any]]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=(length, *features)) for length in lengths]


@given(LENGTHS, st.sampled_from([(), (2,), (2, 3)]), st.booleans(), st.integers(0, 2))
def test_packing_and_padding_are_undone(
    lengths: list[int], features: tuple[int, ...], batch_first: bool, extra: int
) -> None:
    arrays = sequences(lengths, features)
    padded = rnn.pad_sequence(arrays, batch_first, padding_value=7.0)
    packed = rnn.pack_padded_sequence(padded, lengths, batch_first, enforce_sorted=False)
    assert len(packed.data) == sum(lengths)
    assert not (packed.data == 7.0).any()
    total = max(lengths) + extra
    again, found = rnn.pad_packed_sequence(packed, batch_first, padding_value=7.0, total_length=total)
    np.testing.assert_array_equal(found, lengths)
    assert again.shape == ((len(lengths), total) if batch_first else (total, len(lengths))) + features
    for unpacked in (
        rnn.unpad_sequence(again, lengths, batch_first),
        rnn.unpack_sequence(packed),
        rnn.unpack_sequence(rnn.pack_sequence(arrays, enforce_sorted=False)),
    ):
        for a, b in zip(arrays, unpacked, strict=True):
            np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(again if batch_first else again.swapaxes(0, 1), _by_hand(arrays, total, 7.0))


def _by_hand(arrays: list[np.ndarray[Any, Any]], total: int, value: float) -> np.ndarray[Any, Any]:
    padded = np.full((len(arrays), total, *arrays[0].shape[1:]), value)
    for row, a in zip(padded, arrays, strict=True):
        row[: len(a)] = a
    return padded


LAYOUTS = [
    pytest.param(lengths, batch_first, enforce_sorted, id=f"{lengths} {batch_first} {enforce_sorted}")
    for lengths in ([3, 3, 1], [4], [2, 1], [1, 3, 2, 4])
    for batch_first in (True, False)
    for enforce_sorted in (True, False)
    if not enforce_sorted or lengths == sorted(lengths, reverse=True)
]


@pytest.mark.parametrize(("lengths", "batch_first", "enforce_sorted"), LAYOUTS)
def test_packed_sequences_are_pytorchs(
    torch: Any, rng: np.random.Generator, lengths: list[int], batch_first: bool, enforce_sorted: bool
) -> None:
    x = rng.normal(size=(len(lengths), 4, 2) if batch_first else (4, len(lengths), 2))
    a, b = Tensor(x), torch.tensor(x, requires_grad=True)
    ours = rnn.pack_padded_sequence(a, lengths, batch_first, enforce_sorted)
    theirs = torch.nn.utils.rnn.pack_padded_sequence(b, lengths, batch_first, enforce_sorted)
    np.testing.assert_array_equal(ours.data.data, theirs.data.detach().numpy())
    np.testing.assert_array_equal(ours.batch_sizes, theirs.batch_sizes.numpy())
    assert (ours.sorted_indices is None) == (theirs.sorted_indices is None)
    if theirs.sorted_indices is not None:
        np.testing.assert_array_equal(ours.sorted_indices, theirs.sorted_indices.numpy())
        np.testing.assert_array_equal(ours.unsorted_indices, theirs.unsorted_indices.numpy())
    padded, found = rnn.pad_packed_sequence(ours, batch_first, -1.0, 5)
    expected, expected_lengths = torch.nn.utils.rnn.pad_packed_sequence(theirs, batch_first, -1.0, 5)
    np.testing.assert_array_equal(padded.data, expected.detach().numpy())
    np.testing.assert_array_equal(found, expected_lengths.numpy())
    (padded * padded).sum().backward()
    (expected * expected).sum().backward()
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("lengths", [[1, 3, 2], [0, 2], [4]])
def test_padding_is_pytorchs(torch: Any, lengths: list[int], batch_first: bool, side: str) -> None:
    arrays = sequences(lengths, (2,))
    ours, theirs = [Tensor(a) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    padded = rnn.pad_sequence(ours, batch_first, 0.5, side)
    expected = torch.nn.utils.rnn.pad_sequence(theirs, batch_first, 0.5, side)
    np.testing.assert_array_equal(padded.data, expected.detach().numpy())
    (padded * padded).sum().backward()
    (expected * expected).sum().backward()
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-12)


def test_token_ids_stay_integers() -> None:
    tokens = [np.array([1, 2, 3]), np.array([4])]
    packed = rnn.pack_sequence(tokens)
    assert packed.data.dtype.kind == "i"
    padded, _ = rnn.pad_packed_sequence(packed, padding_value=-1)
    assert padded.dtype.kind == "i"
    assert padded.tolist() == [[1, 4], [2, -1], [3, -1]]
    assert rnn.pad_sequence([np.float32([1]), np.float32([1, 2])], padding_value=0.5).dtype == np.float32


def test_a_layer_can_be_applied_to_all_elements() -> None:
    packed = rnn.pack_sequence([np.ones((3, 2)), np.ones((1, 2))])
    layer = nn.Linear(2, 5)
    changed = packed._replace(data=layer(packed.data))
    assert isinstance(changed, PackedSequence)
    output, h = nn.GRU(5, 3)(changed)
    assert output.data.shape == (4, 3)
    assert h.shape == (1, 2, 3)
    h.sum().backward()
    assert layer.weight.grad.any()


def test_a_packed_sequence_can_be_made_by_hand() -> None:
    packed = PackedSequence([1, 2, 3, 4], [3, 1], [2, 0, 1])
    np.testing.assert_array_equal(packed.unsorted_indices, [1, 2, 0])
    np.testing.assert_array_equal(packed.lengths, [2, 1, 1])
    assert [s.tolist() for s in rnn.unpack_sequence(packed)] == [[2], [3], [1, 4]]
    assert rnn.invert_permutation(None) is None


X = np.zeros((4, 3, 2))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: rnn.pack_padded_sequence(X, [2, 3, 1]),
            ValueError,
            r"order of decreasing length, got lengths \[2, 3, 1\]",
        ),
        (
            lambda: rnn.pack_padded_sequence(X, [3, 2, 0]),
            ValueError,
            "length 0 of sequence 2 is not between 1 and the 4",
        ),
        (
            lambda: rnn.pack_padded_sequence(X, [5, 2, 1]),
            ValueError,
            "length 5 of sequence 0 is not between 1 and the 4",
        ),
        (lambda: rnn.pack_padded_sequence(X, [2, 1]), ValueError, "one number for each of the 3 sequences"),
        (lambda: rnn.pack_padded_sequence(X, [2.0, 1.0, 1.0]), TypeError, "lengths must be integers, got float64"),
        (lambda: rnn.pack_padded_sequence(X[0, 0], [1]), ValueError, r"input \(steps, batch, ...\) that is not empty"),
        (lambda: rnn.pack_padded_sequence(X[:, :0], []), ValueError, r"that is not empty, got shape \(4, 0, 2\)"),
        (
            lambda: rnn.pack_sequence([X[0], X]),
            ValueError,
            r"alike in all other axes, got shapes \[\(3, 2\), \(4, 3, 2\)\]",
        ),
        (lambda: rnn.pack_sequence([X[:0]]), ValueError, "that is not empty"),
        (lambda: rnn.pack_sequence([X[:1], X]), ValueError, "enforce_sorted=False"),
        (lambda: rnn.pad_sequence([]), ValueError, "at least one sequence"),
        (lambda: rnn.pad_sequence([np.float64(1)]), ValueError, "must have an axis of steps"),
        (lambda: rnn.pad_sequence([X], padding_side="top"), ValueError, "padding_side must be 'right' or 'left'"),
        (lambda: rnn.pad_packed_sequence(X), TypeError, "expected a PackedSequence, got ndarray"),
        (
            lambda: rnn.pad_packed_sequence(rnn.pack_sequence([X]), total_length=3),
            ValueError,
            "total_length 3 is less than",
        ),
        (lambda: rnn.unpad_sequence(X[0, 0], [1]), ValueError, "expected a batch"),
        (lambda: PackedSequence(X, [1, 3]), ValueError, r"never grow, one for each step, got \[1 3\]"),
        (lambda: PackedSequence(X, [3, 0]), ValueError, "positive integers"),
        (lambda: PackedSequence(X, [3, 3]), ValueError, r"add up to 6, but data of shape \(4, 3, 2\) hold 4 elements"),
    ],
)
def test_what_is_wrong_is_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
