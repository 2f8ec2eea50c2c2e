"""Sequences of different lengths: padded into one array, or packed without padding.

Recurrent layers take both, and give each sequence what it would get on its own. Packing puts the longest sequence
first, so that those still running at a step are always the first ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import ops
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]

Indices = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class _Fields(NamedTuple):
    data: Any
    batch_sizes: Indices
    sorted_indices: Indices | None = None
    unsorted_indices: Indices | None = None


class PackedSequence(_Fields):
    """Sequences of different lengths without padding: the first elements of all, then all second ones, and so on.

    Made by :func:`pack_padded_sequence` and :func:`pack_sequence`. To apply a layer to every element, put its result in
    the place of the data: ``packed._replace(data=layer(packed.data))``.

    Parameters
    ----------
    data : Tensor or ndarray
        ``(elements, ...)``.
    batch_sizes : array_like of int
        ``(steps,)``, how many sequences have an element at each step; it never grows.
    sorted_indices : array_like of int, optional
        ``(batch,)``, which of the original sequences each of the packed ones is; None if they are in order.
    unsorted_indices : array_like of int, optional
        The inverse permutation, by default computed.

    Raises
    ------
    ValueError
        If the batch sizes grow, are not positive, or do not add up to the number of elements.

    Examples
    --------
    >>> import numpy as np
    >>> packed = pack_sequence([np.array([1, 2, 3]), np.array([4, 5])])
    >>> packed.data, packed.batch_sizes
    (array([1, 4, 2, 5, 3]), array([2, 2, 1]))
    """

    __slots__ = ()

    def __new__(
        cls, data: Any, batch_sizes: Any, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> PackedSequence:
        """Check and complete the fields."""
        data = as_numbers(data, "PackedSequence")
        sizes = np.asarray(raw(batch_sizes, "PackedSequence"))
        elements = data.shape[0] if data.ndim else 0
        if (
            sizes.ndim != 1
            or sizes.dtype.kind not in "iu"
            or not len(sizes)
            or sizes[-1] < 1
            or (np.diff(sizes) > 0).any()
        ):
            raise ValueError(
                f"PackedSequence: batch_sizes must be positive integers that never grow, one for each step, got {sizes}"
            )
        if sizes.sum() != elements:
            raise ValueError(
                f"PackedSequence: batch_sizes {sizes} add up to {sizes.sum()}, but data of shape {data.shape} hold "
                f"{elements} elements"
            )
        forth = None if sorted_indices is None else np.asarray(raw(sorted_indices, "PackedSequence"), np.int64)
        back = None if unsorted_indices is None else np.asarray(raw(unsorted_indices, "PackedSequence"), np.int64)
        return super().__new__(
            cls, data, sizes.astype(np.int64), forth, invert_permutation(forth) if back is None else back
        )

    @property
    def lengths(self) -> Indices:
        """``(batch,)``, the lengths of the packed sequences, longest first."""
        running = np.arange(self.batch_sizes[0])[:, None] < self.batch_sizes
        return np.asarray(running.sum(1), np.int64)


def invert_permutation(permutation: Any) -> Indices | None:
    """The permutation that undoes another one; None, which stands for no change, is its own inverse.

    Examples
    --------
    >>> import numpy as np
    >>> invert_permutation(np.array([2, 0, 1]))
    array([1, 2, 0])
    """
    return None if permutation is None else np.argsort(raw(permutation, "invert_permutation"))


def check_lengths(lengths: Any, batch: int, longest: int, operation: str) -> Indices:
    """Lengths of sequences in a padded batch, as an array.

    Raises
    ------
    TypeError
        If they are not integers.
    ValueError
        If they are not one for each sequence, or not between 1 and the number of steps.
    """
    array = np.asarray(raw(lengths, operation))
    if array.size and array.dtype.kind not in "iu":
        raise TypeError(f"{operation}: lengths must be integers, got {array.dtype}{scope_note()}")
    if array.shape != (batch,):
        raise ValueError(
            f"{operation}: lengths must hold one number for each of the {batch} sequences, got shape {array.shape}"
            f"{scope_note()}"
        )
    wrong = np.flatnonzero((array < 1) | (array > longest))
    if len(wrong):
        raise ValueError(
            f"{operation}: length {array[wrong[0]]} of sequence {wrong[0]} is not between 1 and the {longest} steps of "
            f"the input; leave empty sequences out{scope_note()}"
        )
    return array.astype(np.int64)


def steps_within(lengths: Indices, steps: int) -> Mask:
    """``(steps, batch)``, where a padded batch holds elements; read row by row, these are in the order of packing."""
    return np.arange(steps)[:, None] < lengths


def _time_first(x: Any, batch_first: bool) -> Any:
    return ops.swapaxes(x, 0, 1) if batch_first else x


def _padded(data: Any, mask: Mask, padding_value: float) -> Any:
    """Elements put where a mask is true, row by row, and padding elsewhere."""
    padded = ops.scatter_add(data, mask, (*mask.shape, *data.shape[1:]))
    if padding_value:
        value = padded.dtype.type(padding_value)
        padded = ops.where(mask.reshape(*mask.shape, *[1] * (padded.ndim - 2)), padded, value)
    return padded


def pad_packed(packed: PackedSequence) -> tuple[Any, Indices, Mask]:
    """The padded batch ``(steps, batch, ...)`` in packing order, its lengths, and where it holds elements."""
    lengths = packed.lengths
    mask = steps_within(lengths, len(packed.batch_sizes))
    return _padded(packed.data, mask, 0.0), lengths, mask


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack a padded batch of sequences.

    Parameters
    ----------
    input : Tensor or array_like
        ``(steps, batch, ...)``; what lies beyond a sequence's end is ignored.
    lengths : array_like of int
        ``(batch,)``, each from 1 to the number of steps.
    batch_first
        The input is ``(batch, steps, ...)``.
    enforce_sorted
        Refuse sequences that are not in order of decreasing length; False sorts them. Recurrent layers and
        :func:`pad_packed_sequence` undo the sorting.

    Returns
    -------
    PackedSequence

    Raises
    ------
    TypeError
        If the lengths are not integers.
    ValueError
        If the lengths do not fit the input, or are not sorted though they have to be.

    Examples
    --------
    >>> packed = pack_padded_sequence([[1, 4, 0], [2, 3, 5]], [2, 3], batch_first=True, enforce_sorted=False)
    >>> packed.data.tolist(), packed.sorted_indices.tolist()
    ([2, 1, 3, 4, 5], [1, 0])
    """
    x = as_numbers(input, "pack_padded_sequence")
    if x.ndim < 2 or not x.shape[0] or not x.shape[1]:
        raise ValueError(
            f"pack_padded_sequence: expected an input (steps, batch, ...) that is not empty, got shape {x.shape}"
            f"{scope_note()}"
        )
    x = _time_first(x, batch_first)
    array = check_lengths(lengths, x.shape[1], x.shape[0], "pack_padded_sequence")
    order = None
    if enforce_sorted:
        if (np.diff(array) > 0).any():
            raise ValueError(
                f"pack_padded_sequence: the sequences must be in order of decreasing length, got lengths "
                f"{array.tolist()}; sort them, or let enforce_sorted=False do it{scope_note()}"
            )
    else:
        order = np.argsort(-array, stable=True)
        array = array[order]
        x = ops.getitem(x, (slice(None), order))
    mask = steps_within(array, int(array[0]))
    return PackedSequence(ops.getitem(x[: len(mask)], mask), mask.sum(1), order)


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Indices]:
    """Unpack into a padded batch: the inverse of :func:`pack_padded_sequence`.

    Parameters
    ----------
    sequence
        Packed sequences.
    batch_first
        Give the batch as ``(batch, steps, ...)``.
    padding_value
        Put beyond the end of a sequence.
    total_length
        The number of steps of the batch, by default that of the longest sequence.

    Returns
    -------
    padded : Tensor
        ``(steps, batch, ...)``, the sequences in their original order.
    lengths : ndarray of int
        ``(batch,)``, in the same order.

    Raises
    ------
    TypeError
        If the sequence is not packed.
    ValueError
        If ``total_length`` is less than the longest sequence.

    Examples
    --------
    >>> import numpy as np
    >>> packed = pack_sequence([np.array([1, 2]), np.array([3])])
    >>> padded, lengths = pad_packed_sequence(packed, batch_first=True, padding_value=-1)
    >>> padded.tolist(), lengths.tolist()
    ([[1, 2], [3, -1]], [2, 1])
    """
    _check_packed(sequence, "pad_packed_sequence")
    steps = len(sequence.batch_sizes)
    if total_length is not None:
        if total_length < steps:
            raise ValueError(
                f"pad_packed_sequence: total_length {total_length} is less than the longest sequence of {steps} steps"
                f"{scope_note()}"
            )
        steps = total_length
    lengths = sequence.lengths
    padded = _padded(sequence.data, steps_within(lengths, steps), padding_value)
    back = sequence.unsorted_indices
    if back is not None:
        padded, lengths = ops.getitem(padded, (slice(None), back)), lengths[back]
    return _time_first(padded, batch_first), lengths


def _check_packed(sequence: Any, operation: str) -> None:
    if not isinstance(sequence, PackedSequence):
        raise TypeError(
            f"{operation}: expected a PackedSequence, got {type(sequence).__name__}; make one with "
            f"pack_padded_sequence or pack_sequence{scope_note()}"
        )


def pad_sequence(
    sequences: Iterable[Any], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Any:
    """Join sequences of different lengths into one padded batch.

    Parameters
    ----------
    sequences
        Tensors or arrays ``(length, ...)``, alike in all axes but the first.
    batch_first
        Give the batch as ``(batch, steps, ...)``.
    padding_value
        Put beyond the end of a sequence.
    padding_side : {"right", "left"}
        Whether padding follows or precedes the elements.

    Returns
    -------
    Tensor
        ``(steps, batch, ...)`` with as many steps as the longest sequence; an array if no sequence is a tensor.

    Raises
    ------
    ValueError
        If there is no sequence, or they differ in other axes than the first.

    Examples
    --------
    >>> import numpy as np
    >>> pad_sequence([np.array([1, 2, 3]), np.array([4])], batch_first=True).tolist()
    [[1, 2, 3], [4, 0, 0]]
    """
    arrays = [as_numbers(s, "pad_sequence") for s in sequences]
    if padding_side not in ("right", "left"):
        raise ValueError(f"pad_sequence: padding_side must be 'right' or 'left', got {padding_side!r}")
    if not arrays:
        raise ValueError("pad_sequence: expected at least one sequence, got none")
    shapes = [a.shape for a in arrays]
    if not all(shape and shape[1:] == shapes[0][1:] for shape in shapes):
        raise ValueError(
            f"pad_sequence: sequences must have an axis of steps and be alike in all other axes, got shapes {shapes}"
            f"{scope_note()}"
        )
    lengths = np.array([shape[0] for shape in shapes])
    mask = steps_within(lengths, int(lengths.max())).T
    if padding_side == "left":
        mask = mask[:, ::-1]
    padded = _padded(ops.concatenate(arrays), mask, padding_value)
    return padded if batch_first else ops.swapaxes(padded, 0, 1)


def unpad_sequence(padded_sequences: Any, lengths: Any, batch_first: bool = False) -> list[Any]:
    """Take a padded batch apart: the inverse of :func:`pad_sequence`.

    Parameters
    ----------
    padded_sequences : Tensor or array_like
        ``(steps, batch, ...)``, padded at the end.
    lengths : array_like of int
        ``(batch,)``, each from 1 to the number of steps.
    batch_first
        The batch is ``(batch, steps, ...)``.

    Returns
    -------
    list of Tensor
        Each ``(length, ...)``.

    Raises
    ------
    TypeError, ValueError
        If the lengths are not integers, or do not fit the batch.

    Examples
    --------
    >>> [s.tolist() for s in unpad_sequence([[1, 4], [2, 0]], [2, 1])]
    [[1, 2], [4]]
    """
    x = as_numbers(padded_sequences, "unpad_sequence")
    if x.ndim < 2:
        raise ValueError(f"unpad_sequence: expected a batch (steps, batch, ...), got shape {x.shape}{scope_note()}")
    x = _time_first(x, batch_first)
    array = check_lengths(lengths, x.shape[1], x.shape[0], "unpad_sequence")
    return [ops.getitem(x, (slice(length), i)) for i, length in enumerate(array.tolist())]


def pack_sequence(sequences: Iterable[Any], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences of different lengths.

    Parameters
    ----------
    sequences
        Tensors or arrays ``(length, ...)``, none empty, alike in all axes but the first.
    enforce_sorted
        As in :func:`pack_padded_sequence`.

    Returns
    -------
    PackedSequence

    Raises
    ------
    ValueError
        If there is no sequence, an empty one, or they do not fit together.

    Examples
    --------
    >>> import numpy as np
    >>> pack_sequence([np.array([1, 2]), np.array([3])]).data.tolist()
    [1, 3, 2]
    """
    arrays: Sequence[Any] = [as_numbers(s, "pack_sequence") for s in sequences]
    padded = pad_sequence(arrays)
    return pack_padded_sequence(padded, [a.shape[0] for a in arrays], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """Take packed sequences apart: the inverse of :func:`pack_sequence`.

    Examples
    --------
    >>> import numpy as np
    >>> packed = pack_sequence([np.array([1]), np.array([2, 3])], enforce_sorted=False)
    >>> [s.tolist() for s in unpack_sequence(packed)]
    [[1], [2, 3]]
    """
    padded, lengths = pad_packed_sequence(packed_sequences)
    return unpad_sequence(padded, lengths)
