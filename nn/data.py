"""Data in mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy import ndarray

from autograd import Tensor
from nn._random import generator_or_default

__all__ = ["DataLoader", "Dataset", "TensorDataset"]

Batch = tuple[ndarray[Any, Any], ...]


@runtime_checkable
class Dataset(Protocol):
    """Anything with a length whose items are samples: arrays or numbers, or tuples of them."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Any: ...


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

    Examples
    --------
    >>> data = TensorDataset([[1.0, 2.0], [3.0, 4.0]], [0, 1])
    >>> len(data), data[1]
    (2, (array([3., 4.]), np.int64(1)))
    """

    def __init__(self, *arrays: Any) -> None:
        if not arrays:
            raise ValueError("TensorDataset: give at least one array")
        self.tensors: Batch = tuple(a.numpy() if isinstance(a, Tensor) else np.asarray(a) for a in arrays)
        if any(a.ndim == 0 for a in self.tensors):
            raise ValueError("TensorDataset: a scalar has no samples; give arrays whose first axis counts samples")
        if len({len(a) for a in self.tensors}) > 1:
            raise ValueError(
                f"TensorDataset: the arrays must have equal lengths, one entry for each sample, got shapes "
                f"{', '.join(str(a.shape) for a in self.tensors)}"
            )

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(a[index] for a in self.tensors)


class DataLoader:
    """Mini-batches of a data set, shuffled afresh every epoch in an order that a seed determines.

    Parameters
    ----------
    *data : array_like or Dataset
        Arrays of equal length, or one data set whose samples are stacked to batches.
    batch_size : int
        Samples in a batch.
    shuffle : bool
        Whether to visit the samples in random order.
    drop_last : bool
        Whether to leave out a last batch with fewer samples.
    seed : int, optional
        With the number of the epoch it determines the order; by default drawn from the generator of
        :func:`nn.manual_seed`.

    Attributes
    ----------
    epoch : int
        The number of the next pass over the data. Set it to continue an interrupted training in the same order.

    Raises
    ------
    TypeError
        If the data is neither, or ``batch_size`` is not an integer.
    ValueError
        If lengths differ, ``batch_size`` is not positive or ``seed`` is negative.

    Notes
    -----
    A batch is a tuple of arrays of its own, also where there is only one: writing to it leaves the data as it is.

    Examples
    --------
    >>> loader = DataLoader([[1.0], [2.0], [3.0]], [0, 1, 0], batch_size=2)
    >>> len(loader)
    2
    >>> for x, y in loader:
    ...     print(x.shape, y)
    (2, 1) [0 1]
    (1, 1) [0]
    """

    def __init__(
        self,
        *data: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int | None = None,
    ) -> None:
        if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)):
            raise TypeError(f"DataLoader: batch_size must be an integer, got {batch_size!r}; it is given by keyword")
        if batch_size < 1:
            raise ValueError(f"DataLoader: batch_size must be positive, got {batch_size}")
        if seed is not None and seed < 0:
            raise ValueError(f"DataLoader: seed must not be negative, got {seed}")
        self.dataset = _dataset(data)
        self.batch_size = int(batch_size)
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.seed = int(generator_or_default(None).integers(2**63)) if seed is None else int(seed)
        self.epoch = 0

    def __len__(self) -> int:
        samples = len(self.dataset)
        return samples // self.batch_size if self.drop_last else -(-samples // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        epoch = self.epoch
        self.epoch += 1
        return self._batches(epoch)

    def _batches(self, epoch: int) -> Iterator[Batch]:
        samples = len(self.dataset)
        order = np.random.default_rng((self.seed, epoch)).permutation(samples) if self.shuffle else np.arange(samples)
        for i in range(len(self)):
            yield _collate(self.dataset, order[i * self.batch_size : (i + 1) * self.batch_size])


def _dataset(data: tuple[Any, ...]) -> Dataset:
    if not data:
        raise TypeError("DataLoader: give arrays, or a data set")
    if len(data) == 1 and isinstance(data[0], list) and data[0] and isinstance(data[0][0], tuple):
        return data[0]  # a list of samples, each a tuple, is a data set as it is
    arrays = [isinstance(d, (ndarray, Tensor, list, tuple)) for d in data]
    if all(arrays):
        return TensorDataset(*data)
    if len(data) == 1 and isinstance(data[0], Dataset):
        return data[0]
    kinds = ", ".join(type(d).__name__ for d in data)
    raise TypeError(
        f"DataLoader: expected arrays, or one data set with __len__ and __getitem__, got {kinds}; batch_size and the "
        f"other settings are given by keyword"
    )


def _collate(dataset: Dataset, indices: ndarray[Any, Any]) -> Batch:
    if isinstance(dataset, TensorDataset):
        return dataset[indices]  # an index array copies
    samples = [dataset[int(i)] for i in indices]
    rows = [sample if isinstance(sample, tuple) else (sample,) for sample in samples]
    columns = tuple(
        np.stack([entry.numpy() if isinstance(entry, Tensor) else np.asarray(entry) for entry in column])
        for column in zip(*rows, strict=True)
    )
    for column, entry in zip(columns, rows[0], strict=True):
        if column.dtype == object:
            raise TypeError(
                f"DataLoader: a sample holds a {type(entry).__name__}, which is neither a number nor an array"
            )
    return columns
