"""Arrays as sets: the elements that are chosen keep their gradients, of equal ones the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.numpy.indexing import _take
from autograd.primitives import raw
from autograd.protocols import implements
from autograd.tensor import Tensor

__all__: list[str] = []


def _chosen(found: Any, *arrays: Any) -> Any:
    """The elements of some arrays that have these values; plain where nothing can be differentiated by them."""
    if not any(type(x) is Tensor and x.requires_grad for x in arrays):
        return found
    flat = ops.concatenate(arrays, axis=None) if len(arrays) > 1 else ops.reshape(arrays[0], -1)
    values, first = np.unique(raw(flat, "unique"), return_index=True)
    return ops.getitem(flat, first[np.searchsorted(values, found)] if len(values) else np.zeros(0, np.intp))


@implements(np.unique)
def _unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    **options: Any,
) -> Any:
    unique: Any = np.unique  # of which NumPy's stubs know only some combinations of arguments
    values, index, *others = unique(raw(ar, "unique"), True, return_inverse, return_counts, axis, **options)
    if type(ar) is Tensor and ar.requires_grad:
        values = _take(ar, index, axis)
    rest = (index, *others) if return_index else tuple(others)
    return (values, *rest) if rest else values


@implements(np.unique_all)
def _unique_all(x: Any) -> Any:
    found = np.unique_all(raw(x, "unique_all"))
    return found._replace(values=_chosen(found.values, x))


@implements(np.unique_counts)
def _unique_counts(x: Any) -> Any:
    found = np.unique_counts(raw(x, "unique_counts"))
    return found._replace(values=_chosen(found.values, x))


@implements(np.unique_inverse)
def _unique_inverse(x: Any) -> Any:
    found = np.unique_inverse(raw(x, "unique_inverse"))
    return found._replace(values=_chosen(found.values, x))


@implements(np.unique_values)
def _unique_values(x: Any) -> Any:
    return _chosen(np.unique_values(raw(x, "unique_values")), x)


@implements(np.intersect1d)
def _intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    values, *indices = np.intersect1d(
        raw(ar1, "intersect1d"), raw(ar2, "intersect1d"), assume_unique=assume_unique, return_indices=True
    )
    values = _chosen(values, ar1, ar2)
    return (values, *indices) if return_indices else values


@implements(np.setdiff1d)
def _setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    return _chosen(np.setdiff1d(raw(ar1, "setdiff1d"), raw(ar2, "setdiff1d"), assume_unique), ar1)


@implements(np.setxor1d)
def _setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    return _chosen(np.setxor1d(raw(ar1, "setxor1d"), raw(ar2, "setxor1d"), assume_unique), ar1, ar2)


@implements(np.union1d)
def _union1d(ar1: Any, ar2: Any) -> Any:
    return _chosen(np.union1d(raw(ar1, "union1d"), raw(ar2, "union1d")), ar1, ar2)
