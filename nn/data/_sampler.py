"""Samplers: in which order a pass visits the samples.

The order of a pass is a function of a seed and the number of the pass, so that an interrupted training goes on exactly
as it would have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy import ndarray

from nn._random import generator_or_default

__all__ = ["BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "WeightedRandomSampler"]

Indices = ndarray[Any, Any]


@runtime_checkable
class Sampler(Protocol):
    """Anything with a length that gives sample numbers, each iteration being one pass over the data.

    Where it has an attribute ``epoch``, a loader sets it to the number of the pass before iterating.
    """

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


class _Ordered:
    """Base of those whose order is decided by ``epoch`` (and ``seed``): one pass after the other."""

    epoch: int = 0
    seed: int | None = None

    def order(self, epoch: int) -> Indices:
        """The sample numbers of pass ``epoch``, counted from 0, as an array."""
        raise NotImplementedError

    def __iter__(self) -> Iterator[int]:
        epoch = self.epoch
        self.epoch += 1
        return iter(self.order(epoch).tolist())


class SequentialSampler(_Ordered):
    """One sample after the other.

    Parameters
    ----------
    data_source : Sized
        Its length is what counts.

    Examples
    --------
    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def order(self, epoch: int) -> Indices:
        """The sample numbers, ascending in every pass."""
        return np.arange(len(self))


class RandomSampler(_Ordered):
    """Samples in random order, another one in every pass.

    Parameters
    ----------
    data_source : Sized
        Its length is what counts.
    replacement
        Whether a sample may come again before all have come.
    num_samples
        How many a pass draws; by default as many as there are. Without replacement, more than that start over.
    seed
        With the number of the pass it determines the order; by default drawn from the generator of
        :func:`nn.manual_seed`.

    Raises
    ------
    ValueError
        If ``num_samples`` is not positive, or ``seed`` negative.

    Examples
    --------
    >>> sampler = RandomSampler("abcd", seed=0)
    >>> sorted(sampler), sorted(sampler)
    ([0, 1, 2, 3], [0, 1, 2, 3])
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        *,
        seed: int | None = None,
    ) -> None:
        if num_samples is not None:
            positive_integer("RandomSampler", "num_samples", num_samples)
        self.data_source = data_source
        self.replacement = replacement
        self.num_samples = num_samples
        self.seed: int = checked_seed("RandomSampler", seed)

    def __len__(self) -> int:
        return len(self.data_source) if self.num_samples is None else self.num_samples

    def order(self, epoch: int) -> Indices:
        """The sample numbers of pass ``epoch``, counted from 0, as an array."""
        generator, samples = np.random.default_rng((self.seed, epoch)), len(self.data_source)
        if self.replacement:
            return generator.integers(samples, size=len(self))
        if len(self) and not samples:
            raise ValueError("RandomSampler: there are no samples to draw from")
        passes = max(1, -(-len(self) // max(samples, 1)))
        drawn = [generator.permutation(samples) for _ in range(passes)]
        return np.concatenate(drawn)[: len(self)]


class WeightedRandomSampler(_Ordered):
    """Samples drawn with given weights, for instance to see rare classes as often as frequent ones.

    Parameters
    ----------
    weights : array_like
        One for each sample, not negative; they need not add up to one.
    num_samples
        How many a pass draws.
    replacement
        Whether a sample may come several times in a pass.
    seed
        With the number of the pass it determines the order; by default drawn from the generator of
        :func:`nn.manual_seed`.

    Raises
    ------
    ValueError
        If weights are negative, not finite or all 0, ``num_samples`` is not positive or, without replacement, more than
        the samples of positive weight, or ``seed`` is negative.

    Examples
    --------
    >>> list(WeightedRandomSampler([0.0, 0.7, 0.0], 4))
    [1, 1, 1, 1]
    """

    def __init__(self, weights: Any, num_samples: int, replacement: bool = True, *, seed: int | None = None) -> None:
        positive_integer("WeightedRandomSampler", "num_samples", num_samples)
        given = np.asarray(weights, dtype=np.float64)
        if given.ndim != 1 or not np.isfinite(given).all() or (given < 0).any() or not given.any():
            raise ValueError(
                f"WeightedRandomSampler: weights must be finite numbers, one for each sample, none negative and not "
                f"all 0, got an array of shape {given.shape}"
            )
        if not replacement and num_samples > np.count_nonzero(given):
            raise ValueError(
                f"WeightedRandomSampler: cannot draw {num_samples} different samples, as only "
                f"{np.count_nonzero(given)} have a weight above 0; use replacement=True"
            )
        self.weights = given
        self.num_samples = num_samples
        self.replacement = replacement
        self.seed: int = checked_seed("WeightedRandomSampler", seed)

    def __len__(self) -> int:
        return self.num_samples

    def order(self, epoch: int) -> Indices:
        """The sample numbers of pass ``epoch``, counted from 0, as an array."""
        generator = np.random.default_rng((self.seed, epoch))
        share = self.weights / self.weights.sum()
        return generator.choice(len(share), size=self.num_samples, replace=self.replacement, p=share)


class BatchSampler:
    """Batches of the sample numbers that another sampler gives.

    Parameters
    ----------
    sampler : Sampler
        Gives the numbers.
    batch_size
        How many make a batch.
    drop_last
        Whether to leave out a last batch with fewer.

    Raises
    ------
    TypeError, ValueError
        If ``batch_size`` is no positive integer.

    Examples
    --------
    >>> list(BatchSampler(SequentialSampler("abcde"), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Sampler, batch_size: int, drop_last: bool) -> None:
        positive_integer("BatchSampler", "batch_size", batch_size)
        self.sampler = sampler
        self.batch_size = int(batch_size)
        self.drop_last = drop_last

    def __len__(self) -> int:
        return number_of_batches(len(self.sampler), self.batch_size, self.drop_last)

    def __iter__(self) -> Iterator[list[int]]:
        batch: list[int] = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch


def number_of_batches(samples: int, batch_size: int, drop_last: bool) -> int:
    """How many batches a pass has."""
    return samples // batch_size if drop_last else -(-samples // batch_size)


def positive_integer(owner: str, name: str, value: Any) -> None:
    """Raise unless a setting is a positive integer.

    Raises
    ------
    TypeError, ValueError
        Naming the setting and the value found.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{owner}: {name} must be an integer, got {value!r}; it is given by keyword")
    if value < 1:
        raise ValueError(f"{owner}: {name} must be positive, got {value}")


def checked_seed(owner: str, seed: int | None) -> int:
    """The seed given, or one drawn from the default generator.

    Raises
    ------
    ValueError
        If it is negative.
    """
    if seed is None:
        return int(generator_or_default(None).integers(2**63))
    if seed < 0:
        raise ValueError(f"{owner}: seed must not be negative, got {seed}")
    return int(seed)
