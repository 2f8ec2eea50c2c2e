"""Data of every kind as batches, and batches as inputs and targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Tensor
from nn.data import DataLoader, Dataset
from nn.data._loader import as_dataset

__all__ = ["Split", "as_loader", "call", "dataset_of", "default_split", "is_loader", "not_finite", "samples_in"]

#: From a batch to what the model is called with and what its output is compared with.
Split = Callable[[Any], tuple[Any, Any]]


def is_loader(data: Any) -> bool:
    """Whether something gives batches: a loader, or another kind of object that can be iterated again and again."""
    if isinstance(data, DataLoader):
        return True
    iterable = isinstance(data, Iterable) and not isinstance(data, (ndarray, Tensor, list, tuple, Mapping))
    return iterable and not isinstance(data, Dataset) and not hasattr(data, "__next__")


def dataset_of(data: Any, operation: str) -> Dataset:
    """Arrays, dictionaries and data sets as a data set.

    Raises
    ------
    TypeError
        If it is something else, or a list of arrays, which could mean samples or parts.
    """
    if hasattr(data, "__next__"):
        raise TypeError(f"{operation}: a generator gives its batches only once; wrap the data in a DataLoader")
    if isinstance(data, list) and any(isinstance(part, (ndarray, Tensor)) for part in data):
        raise TypeError(f"{operation}: give inputs and targets as a tuple (x, y), not as a list")
    if not isinstance(data, tuple):
        return as_dataset((data,))
    if any(isinstance(part, (tuple, list)) and any(isinstance(p, (ndarray, Tensor)) for p in part) for part in data):
        raise TypeError(f"{operation}: give several inputs side by side, as (x1, x2, y), not in a tuple of their own")
    return as_dataset(data)


def as_loader(data: Any, operation: str, batch_size: int | None, **settings: Any) -> Any:
    """Loaders as they are; everything else in batches, by default of 32."""
    if is_loader(data):
        if batch_size is not None:
            raise ValueError(f"{operation}: the loader decides on batch_size, so it must not be given here")
        return data
    return DataLoader(dataset_of(data, operation), batch_size=32 if batch_size is None else batch_size, **settings)


def default_split(batch: Any) -> tuple[Any, Any]:
    """All parts of a batch but the last as inputs, the last one as target.

    Raises
    ------
    TypeError
        If there are not several parts.
    """
    if isinstance(batch, (tuple, list)) and len(batch) > 1:
        return tuple(batch[:-1]), batch[-1]
    parts = f"the keys {list(batch)}" if isinstance(batch, Mapping) else "one part only"
    raise TypeError(
        f"a batch has {parts}, so what is input and what is target is not clear; give data as (inputs, targets), for "
        f"an autoencoder (x, x), or split=, a function from a batch to its inputs and target"
    )


def call(model: Any, inputs: Any) -> Any:
    """The model's output: a tuple gives its arguments, a dictionary those by keyword, anything else is the only one."""
    if isinstance(inputs, tuple):
        return model(*inputs)
    return model(**inputs) if isinstance(inputs, Mapping) else model(inputs)


def samples_in(batch: Any) -> int:
    """How many samples a batch holds."""
    while isinstance(batch, (tuple, list, Mapping)) and len(batch):
        batch = next(iter(batch.values())) if isinstance(batch, Mapping) else batch[0]
    shape = getattr(batch, "shape", None)
    return int(shape[0]) if shape else 1


def not_finite(batch: Any) -> bool:
    """Whether some number in a batch is nan or infinite."""
    if isinstance(batch, Mapping):
        return any(map(not_finite, batch.values()))
    if isinstance(batch, (tuple, list)):
        return any(map(not_finite, batch))
    array = np.asarray(batch.data if isinstance(batch, Tensor) else batch)
    return array.dtype.kind in "fc" and not bool(np.isfinite(array).all())
