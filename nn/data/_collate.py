"""Samples into batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np
from numpy import ndarray

from autograd import Tensor
from nn.data._dataset import Dataset, DictDataset, Subset, TensorDataset, as_array
from nn.data._images import ImageDataset

__all__ = ["default_collate"]


def default_collate(samples: list[Any]) -> Any:
    """Stack samples along a new first axis; tuples and dictionaries of arrays become those of batches.

    Parameters
    ----------
    samples
        At least one, all built alike: numbers, arrays or tensors of one shape, or tuples or dictionaries of such,
        nested as you like. Lists are read as arrays, or as tuples if they hold arrays.

    Returns
    -------
    ndarray, tuple or dict
        Built as a sample is, each array with one axis more.

    Raises
    ------
    TypeError
        If a sample holds something that is neither number nor array.
    ValueError
        If the samples are not built alike.

    Examples
    --------
    >>> default_collate([(1.0, {"n": 1}), (2.0, {"n": 2})])
    (array([1., 2.]), {'n': array([1, 2])})
    """
    first = samples[0]
    if has_parts(first):
        if any(not has_parts(s) or len(s) != len(first) for s in samples):
            raise ValueError(f"DataLoader: the first sample of a batch has {len(first)} parts, another has not")
        return tuple(default_collate(list(column)) for column in zip(*samples, strict=True))
    if isinstance(first, Mapping):
        if any(not isinstance(s, Mapping) or s.keys() != first.keys() for s in samples):
            raise ValueError(f"DataLoader: the first sample of a batch has the keys {list(first)}, another has not")
        return {key: default_collate([s[key] for s in samples]) for key in first}
    arrays = [as_array(s) for s in samples]
    odd = next((a for a in arrays if a.shape != arrays[0].shape), None)
    if odd is not None:
        raise ValueError(
            f"DataLoader: samples of shapes {arrays[0].shape} and {odd.shape} cannot be stacked to a batch; bring them "
            f"to one shape, or give collate_fn, a function that makes a (say padded) batch of a list of samples"
        )
    batch = np.stack(arrays)
    if batch.dtype == object:
        raise TypeError(f"DataLoader: a sample holds a {type(first).__name__}, which is neither a number nor an array")
    return batch


def has_parts(sample: Any) -> bool:
    """Whether a sample is a tuple, or a list that is meant like one since it holds arrays."""
    listed = isinstance(sample, list) and any(isinstance(part, (ndarray, Tensor)) for part in sample)
    return listed or isinstance(sample, tuple)


def takes_arrays(dataset: Dataset) -> TypeGuard[TensorDataset | DictDataset]:
    """Whether a data set gives several samples at once, as whole arrays, for an array of their numbers.

    Not so subclasses with a ``__getitem__`` of their own, which is written for one sample.
    """
    own = type(dataset).__getitem__
    return own in (TensorDataset.__getitem__, DictDataset.__getitem__, ImageDataset.__getitem__)


def gather(dataset: Dataset, indices: ndarray[Any, Any]) -> Any:
    """The batch of the samples with these numbers: a dictionary, where samples are, else a tuple."""
    if type(dataset).__getitem__ is Subset.__getitem__:
        assert isinstance(dataset, Subset)
        return gather(dataset.dataset, dataset.indices[indices])
    if takes_arrays(dataset):
        return dataset[indices]  # an index array selects whole batches, as copies
    batch = default_collate([dataset[int(i)] for i in indices])
    return batch if isinstance(batch, (tuple, dict)) else (batch,)
