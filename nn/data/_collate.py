"""Samples into batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from nn.data._dataset import Dataset, DictDataset, Subset, TensorDataset, as_array

__all__ = ["default_collate"]


def default_collate(samples: list[Any]) -> Any:
    """Stack samples along a new first axis; tuples and dictionaries of arrays become those of batches.

    Parameters
    ----------
    samples
        At least one, all built alike: numbers, arrays or tensors of one shape, or tuples or dictionaries of such,
        nested as you like. Lists are read as arrays.

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
    if isinstance(first, tuple):
        if any(not isinstance(s, tuple) or len(s) != len(first) for s in samples):
            raise ValueError(f"DataLoader: the first sample of a batch is a tuple of {len(first)}, another is not")
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


def gather(dataset: Dataset, indices: ndarray[Any, Any]) -> Any:
    """The batch of the samples with these numbers: a dictionary, where samples are, else a tuple."""
    if isinstance(dataset, Subset):
        return gather(dataset.dataset, dataset.indices[indices])
    if isinstance(dataset, (TensorDataset, DictDataset)):
        return dataset[indices]  # an index array selects whole batches, as copies
    batch = default_collate([dataset[int(i)] for i in indices])
    return batch if isinstance(batch, (tuple, dict)) else (batch,)
