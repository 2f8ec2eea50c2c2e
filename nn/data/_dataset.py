"""Data sets: what has a length and gives samples by number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy import ndarray

from autograd import Tensor
from nn._random import generator_or_default

__all__ = ["ConcatDataset", "Dataset", "DictDataset", "Subset", "TensorDataset", "random_split"]

Array = ndarray[Any, Any]


@runtime_checkable
class Dataset(Protocol):
    """Anything with a length whose items are samples: arrays or numbers, or tuples or dictionaries of them."""

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} must define __len__(self), the number of samples")

    def __getitem__(self, index: int, /) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(self, index), which gives a sample")


class TensorDataset:
    """Arrays of equal length seen as one data set; a sample is a tuple with one entry of each.

    Parameters
    ----------
    *arrays : array_like or Tensor
        Of equal length along the first axis.

    Raises
    ------
    ValueError
        If there is no array, one has no axis, or the lengths differ.

    Notes
    -----
    Slices, index arrays and masks select several samples at once, as of an array.

    Examples
    --------
    >>> data = TensorDataset([[1.0, 2.0], [3.0, 4.0]], [0, 1])
    >>> len(data), data[1]
    (2, (array([3., 4.]), np.int64(1)))
    """

    def __init__(self, *arrays: Any) -> None:
        if not arrays:
            raise ValueError("TensorDataset: give at least one array")
        self.tensors: tuple[Array, ...] = tuple(as_array(a) for a in arrays)
        _check_lengths("TensorDataset", self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(a[index] for a in self.tensors)


class DictDataset:
    """Named arrays of equal length seen as one data set; a sample is a dictionary with one entry of each.

    Parameters
    ----------
    arrays : mapping of str to array_like or Tensor
        Of equal length along the first axis.

    Raises
    ------
    ValueError
        If there is no array, one has no axis, or the lengths differ.

    Examples
    --------
    >>> data = DictDataset({"text": [[1, 2], [3, 4]], "label": [0, 1]})
    >>> data[1]
    {'text': array([3, 4]), 'label': np.int64(1)}
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        if not arrays:
            raise ValueError("DictDataset: give at least one array")
        self.tensors: dict[str, Array] = {name: as_array(a) for name, a in arrays.items()}
        _check_lengths("DictDataset", tuple(self.tensors.values()))

    def __len__(self) -> int:
        return len(next(iter(self.tensors.values())))

    def __getitem__(self, index: Any) -> dict[str, Any]:
        return {name: a[index] for name, a in self.tensors.items()}


class Subset:
    """Some samples of a data set, in a given order.

    Parameters
    ----------
    dataset : Dataset
        Where the samples are.
    indices : sequence of int
        Their numbers; negative ones count from the end, and one may occur several times.

    Raises
    ------
    TypeError
        If the indices are not integers.
    IndexError
        If one is out of range.

    Examples
    --------
    >>> evens = Subset(TensorDataset([10, 11, 12, 13]), [0, 2])
    >>> len(evens), evens[1]
    (2, (np.int64(12),))
    """

    def __init__(self, dataset: Dataset, indices: Sequence[int] | Array) -> None:
        chosen = np.asarray(indices)
        if chosen.size == 0:
            chosen = chosen.astype(np.intp)
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu":
            raise TypeError(f"Subset: indices must be a list of integers, got {chosen.dtype} of shape {chosen.shape}")
        samples = len(dataset)
        wrong = chosen[(chosen < -samples) | (chosen >= samples)]
        if len(wrong):
            raise IndexError(f"Subset: index {wrong[0]} is out of range for a data set of {samples} samples")
        self.dataset = dataset
        self.indices: Array = np.where(chosen < 0, chosen + samples, chosen)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Any:
        return self.dataset[int(self.indices[index])]


class ConcatDataset:
    """Data sets one after the other.

    Parameters
    ----------
    datasets : iterable of Dataset
        At least one.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> both = ConcatDataset([TensorDataset([1, 2]), TensorDataset([3])])
    >>> len(both), both[-1]
    (3, (np.int64(3),))
    """

    def __init__(self, datasets: Iterable[Dataset]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: give at least one data set")
        #: For each data set the number of samples up to its end.
        self.ends: Array = np.array([len(d) for d in self.datasets]).cumsum()

    def __len__(self) -> int:
        return int(self.ends[-1])

    def __getitem__(self, index: int) -> Any:
        samples = len(self)
        if not -samples <= index < samples:
            raise IndexError(f"ConcatDataset: index {index} is out of range for {samples} samples")
        index %= samples
        part = int(self.ends.searchsorted(index, "right"))
        before = int(self.ends[part - 1]) if part else 0
        return self.datasets[part][index - before]


def random_split(
    dataset: Dataset, lengths: Sequence[float], generator: np.random.Generator | None = None
) -> list[Subset]:
    """Split a data set at random into parts that do not overlap.

    Parameters
    ----------
    dataset : Dataset
        What to split; arrays are wrapped in a :class:`TensorDataset` first.
    lengths : sequence of int or of float
        The parts' numbers of samples, or their shares of the whole, which add up to 1. Samples left over when shares
        are rounded down go to the first parts, one each.
    generator : numpy.random.Generator, optional
        Draws the split; by default the one of :func:`nn.manual_seed`.

    Returns
    -------
    list of Subset
        One for each length.

    Raises
    ------
    TypeError
        If ``dataset`` is none.
    ValueError
        If the lengths are negative or do not add up.

    Examples
    --------
    >>> parts = random_split(TensorDataset(range(10)), [0.8, 0.2])
    >>> [len(part) for part in parts]
    [8, 2]
    """
    if isinstance(dataset, (tuple, list)) or not isinstance(dataset, Dataset):
        raise TypeError(
            f"random_split: expected a data set, got {type(dataset).__name__}; wrap arrays as TensorDataset(x, y)"
        )
    samples = len(dataset)
    sizes = _sizes(samples, lengths)
    order = generator_or_default(generator).permutation(samples)
    ends = np.array(sizes, int).cumsum()
    return [Subset(dataset, order[end - size : end]) for end, size in zip(ends, sizes, strict=True)]


def as_array(x: Any) -> Array:
    """The values of a tensor or anything array-like.

    Raises
    ------
    ValueError
        If lists or arrays in it have different lengths.
    """
    try:
        return x.numpy() if isinstance(x, Tensor) else np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"a {type(x).__name__} of arrays or lists of different lengths makes no array; give arrays as arguments of "
            f"their own, such as TensorDataset(x, y), and pad sequences ({error})"
        ) from error


def _check_lengths(kind: str, arrays: tuple[Array, ...]) -> None:
    if any(a.ndim == 0 for a in arrays):
        raise ValueError(f"{kind}: a scalar has no samples; give arrays whose first axis counts samples")
    if len({len(a) for a in arrays}) > 1:
        raise ValueError(
            f"{kind}: the arrays must have equal lengths, one entry for each sample, got shapes "
            f"{', '.join(str(a.shape) for a in arrays)}"
        )


def _sizes(samples: int, lengths: Sequence[float]) -> list[int]:
    if any(length < 0 for length in lengths):
        raise ValueError(f"random_split: lengths must not be negative, got {list(lengths)}")
    if all(isinstance(length, (int, np.integer)) for length in lengths) and sum(lengths) == samples:
        return [int(length) for length in lengths]
    if abs(sum(lengths) - 1) > 1e-9:
        raise ValueError(
            f"random_split: lengths must add up to the {samples} samples there are, or as shares to 1, got "
            f"{list(lengths)}, which add up to {sum(lengths):g}"
        )
    # A share such as 0.29 of 100 is meant to be 29, although the product is a little less.
    sizes = [int(samples * share + 1e-9 * max(samples, 1)) for share in lengths]
    left = samples - sum(sizes)
    return [size + (i < left) for i, size in enumerate(sizes)]
