"""Data in mini-batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Tensor
from nn.data._collate import gather, has_parts
from nn.data._dataset import Dataset, DictDataset, TensorDataset
from nn.data._sampler import (
    RandomSampler,
    Sampler,
    SequentialSampler,
    checked_seed,
    number_of_batches,
    positive_integer,
)

__all__ = ["DataLoader"]


class DataLoader:
    """Mini-batches of a data set, shuffled afresh every epoch in an order that a seed determines.

    Parameters
    ----------
    *data : array_like, mapping of str to array_like, or Dataset
        Arrays of equal length, a dictionary of such, or one data set whose samples are stacked to batches.
    batch_size : int or None
        Samples in a batch: 1 is stochastic descent, None puts all samples into one batch.
    shuffle : bool
        Whether to visit the samples in random order.
    sampler : Sampler, optional
        Gives the order instead.
    batch_sampler : iterable of lists of int, with a length, optional
        Gives the samples of each batch instead; then ``batch_size`` and ``drop_last`` are left as they are.
    drop_last : bool
        Whether to leave out a last batch with fewer samples.
    collate_fn : callable, optional
        Makes a batch of a list of samples; by default :func:`default_collate`.
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
        If lengths differ, ``batch_size`` is not positive, ``seed`` is negative, or two arguments say how to choose
        samples.

    Notes
    -----
    A batch is a tuple of arrays of its own, also where there is only one (a dictionary, where samples are; what
    ``collate_fn`` returns, where it is given): writing to it leaves the data as it is.

    In PyTorch ``batch_size=None`` means samples one by one, without a batch axis; here it means one batch of all.

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
        batch_size: int | None = 1,
        shuffle: bool = False,
        sampler: Sampler | None = None,
        batch_sampler: Iterable[Any] | None = None,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        seed: int | None = None,
    ) -> None:
        if batch_size is not None:
            positive_integer("DataLoader", "batch_size", batch_size)
        self._seed = checked_seed("DataLoader", seed)
        self.dataset = as_dataset(data)
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: a sampler gives the order, so shuffle must be False")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError(
                "DataLoader: a batch_sampler gives whole batches, so batch_size, shuffle, sampler and drop_last must "
                "be left out"
            )
        if sampler is None:
            sampler = RandomSampler(self.dataset, seed=self._seed) if shuffle else SequentialSampler(self.dataset)
        self.sampler: Any = sampler
        self.batch_sampler: Any = batch_sampler
        self.batch_size = None if batch_size is None else int(batch_size)
        self.drop_last = drop_last
        self.collate_fn = collate_fn
        self.epoch = 0
        self._underway: tuple[int, int] | None = None  # the pass being made and the batches it has given so far
        self._skip: tuple[int, int] = (0, 0)  # a pass and how many of its batches another loader has given already

    @property
    def seed(self) -> int:
        """What determines, with the number of the epoch, the order; of a sampler given, its own."""
        own: int | None = next((s.seed for s in self._samplers() if getattr(s, "seed", None) is not None), None)
        return self._seed if own is None else own

    @seed.setter
    def seed(self, seed: int) -> None:
        self._seed = checked_seed("DataLoader", seed)
        for sampler in self._samplers():
            if getattr(sampler, "seed", None) is not None:
                sampler.seed = self._seed

    def _samplers(self) -> Iterator[Any]:
        """The sampler, and the one inside it, where it makes batches of another's numbers."""
        sampler = self.sampler if self.batch_sampler is None else self.batch_sampler
        while sampler is not None:
            yield sampler
            sampler = getattr(sampler, "sampler", None)

    @property
    def shuffle(self) -> bool:
        """Whether the samples come in random order."""
        return self.batch_sampler is None and isinstance(self.sampler, RandomSampler)

    def __len__(self) -> int:
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        samples = len(self.sampler)
        return number_of_batches(samples, self.batch_size or max(samples, 1), self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        epoch, skip = self.epoch, self._batches_to_skip()
        self.epoch += 1
        return self._batches(epoch, skip)

    def _batches_to_skip(self) -> int:
        epoch, batches = self._skip
        return batches if epoch == self.epoch else 0

    def _batches(self, epoch: int, skip: int) -> Iterator[Any]:
        try:
            for i, indices in enumerate(self._chosen(epoch)):
                if i >= skip:
                    self._underway = (epoch, i + 1)
                    yield self._batch(indices)
        finally:
            self._underway = None

    def _chosen(self, epoch: int) -> Iterator[ndarray[Any, Any]]:
        """The sample numbers of each batch of a pass."""
        for sampler in self._samplers():
            if hasattr(sampler, "epoch"):
                sampler.epoch = epoch
        if self.batch_sampler is not None:
            for indices in self.batch_sampler:
                yield np.asarray(indices, dtype=np.intp)
            return
        if hasattr(self.sampler, "order"):
            order = self.sampler.order(epoch)
        else:
            order = np.fromiter(self.sampler, dtype=np.intp)
        size = self.batch_size or max(len(order), 1)
        for i in range(number_of_batches(len(order), size, self.drop_last)):
            yield order[i * size : (i + 1) * size]

    def _batch(self, indices: ndarray[Any, Any]) -> Any:
        if self.collate_fn is None:
            return gather(self.dataset, indices)
        return self.collate_fn([self.dataset[int(i)] for i in indices])

    def state_dict(self) -> dict[str, int]:
        """What a loader of the same data needs to go on from here: seed, pass, and how far into it.

        Asked inside a loop over the loader, the batch that the loop is at counts as given. A pass that the loop leaves
        early, by ``break`` or an error, counts as over.

        Examples
        --------
        >>> loader = DataLoader(range(100), batch_size=10, shuffle=True, seed=1)
        >>> for i, batch in enumerate(loader):
        ...     if i == 3:
        ...         state = loader.state_dict()
        >>> other = DataLoader(range(100), batch_size=10, shuffle=True)
        >>> other.load_state_dict(state)
        >>> len(list(other)), len(list(other))
        (6, 10)
        """
        epoch, batch = self._underway or (self.epoch, self._batches_to_skip())
        size = self.batch_size or 0
        return {"seed": self.seed, "epoch": epoch, "batch": batch, "samples": len(self.dataset), "batch_size": size}

    def load_state_dict(self, state_dict: Mapping[str, int]) -> None:
        """Go on where another loader was when its state was taken (see :meth:`state_dict`).

        Raises
        ------
        ValueError
            If the state is not a loader's, or the data set has another size, or in the middle of a pass the batches do.
        """
        needed = ("seed", "epoch", "batch", "samples", "batch_size")
        missing = [name for name in needed if name not in state_dict]
        if missing:
            raise ValueError(
                f"DataLoader: the state lacks {', '.join(missing)}; was it made by another kind of object?"
            )
        given, own = int(state_dict["samples"]), len(self.dataset)
        if given != own:
            raise ValueError(f"DataLoader: the state is of a data set of {given} samples, this one has {own}")
        batch = int(state_dict["batch"])
        if batch and int(state_dict["batch_size"]) != (self.batch_size or 0):
            raise ValueError(
                f"DataLoader: the state was taken after {batch} batches of {state_dict['batch_size']}, so this loader "
                f"cannot go on from there with batch_size={self.batch_size}"
            )
        self.seed = int(state_dict["seed"])
        self.epoch = int(state_dict["epoch"])
        self._underway, self._skip = None, (self.epoch, batch)


def as_dataset(data: tuple[Any, ...]) -> Dataset:
    """The data set that a loader's arguments describe.

    Raises
    ------
    TypeError
        If they are neither arrays, nor a dictionary of arrays, nor one data set.
    """
    if not data:
        raise TypeError("DataLoader: give arrays, or a data set")
    if len(data) == 1 and isinstance(data[0], list) and data[0]:
        first = data[0][0]
        if has_parts(first) or isinstance(first, Mapping):
            return data[0]  # a list of samples, each of several parts, is a data set as it is
    if len(data) == 1 and isinstance(data[0], Mapping):
        return DictDataset(data[0])
    if len(data) == 1 and isinstance(data[0], tuple) and any(isinstance(d, (ndarray, Tensor)) for d in data[0]):
        raise TypeError("DataLoader: give arrays as arguments of their own, DataLoader(x, y), not as a tuple")
    data = tuple(np.asarray(d) if isinstance(d, memoryview) else d for d in data)  # an array's .data, not a tensor's
    arrays = [isinstance(d, (ndarray, Tensor, list, tuple)) or hasattr(d, "__array__") for d in data]
    if all(arrays) or (len(data) == 1 and isinstance(data[0], range)):
        return TensorDataset(*data)
    if len(data) == 1 and isinstance(data[0], Dataset):
        return data[0]
    kinds = ", ".join(type(d).__name__ for d in data)
    raise TypeError(
        f"DataLoader: expected arrays, or one data set with __len__ and __getitem__, got {kinds}; batch_size and the "
        f"other settings are given by keyword"
    )
