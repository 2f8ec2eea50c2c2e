"""Reading parts of an array, and the operation that undoes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd._values import dtype_of, shape_of
from autograd.primitives import linear, raw
from autograd.samples import Sample, array
from autograd.tensor import Tensor

__all__ = ["assemble", "getitem", "scatter_add"]

_BASIC = (int, slice, type(None), type(Ellipsis), np.integer)


def plain_index(index: Any) -> Any:
    """An index with the tensors in it replaced by their values, and lists by arrays."""
    if isinstance(index, tuple):
        return tuple(plain_index(i) for i in index)
    if isinstance(index, Tensor):
        if index.dtype.kind == "f":
            raise TypeError(
                "getitem: an index must hold integers or booleans, this one is a floating tensor; make it with "
                "Tensor(indices, requires_grad=False) from integers"
            )
        index = index._data
    return np.asarray(index, None if index else np.intp) if isinstance(index, list) else index


def may_repeat(index: Any) -> bool:
    """Whether an index may name an element twice, which only integer arrays can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(not isinstance(p, _BASIC) and np.asarray(p).dtype != bool for p in parts)


def _put_back(ct: Any, x: Any, out: Any, *, index: Any) -> Any:
    return scatter_add(ct, index, shape_of(raw(x, "getitem")))


def _gather(cotangents: Sequence[Any], attributes: Sequence[dict[str, Any]], x: Any) -> Any:
    return assemble(cotangents, [a["index"] for a in attributes], shape_of(raw(x, "getitem")))


def _samples_getitem() -> Iterable[Sample]:
    x = array(4, 3)
    return [
        Sample((x,), {"index": 1}),
        Sample((x,), {"index": (slice(None, None, 2), -1)}),
        Sample((x,), {"index": (Ellipsis, None, slice(1, None))}),
        Sample((x,), {"index": np.array([0, 2, 0])}),
        Sample((x,), {"index": (np.array([[0, 1], [1, 1]]), np.array([2, 2]))}),
        Sample((x,), {"index": (slice(None), np.array([2, 2, 0]))}),
        Sample((x,), {"index": x > 0.5}),
        Sample((x,), {"index": x > 99.0}),
        Sample((x,), {"index": (2, 1)}),
        Sample((array(0, 3),), {"index": (slice(None), 1)}),
        Sample((array(),), {"index": (Ellipsis, None)}),
    ]


@linear(
    transpose=_put_back,
    accumulate=lambda total, ct, *, index: _add_at(total, index, ct),
    gather=_gather,
    symbol="[ ]",
    formula="x[i]",
    samples=_samples_getitem,
)
def getitem(x: Any, index: Any) -> Any:
    """Part of an array: ``x[index]`` with NumPy's basic, integer-array and boolean indices.

    Parameters
    ----------
    x : Tensor or array_like
    index
        Anything NumPy accepts; integer and boolean tensors too.

    Returns
    -------
    Tensor
        The chosen elements. An element chosen twice gets both gradients.

    Raises
    ------
    IndexError
        If the index does not fit the shape.

    Examples
    --------
    >>> from autograd import Tensor
    >>> Tensor([1.0, 2.0, 3.0])[[0, 2, 2]].tolist()
    [1.0, 3.0, 3.0]
    """
    return np.asarray(x)[index]


def _add_at(total: Any, index: Any, x: Any) -> None:
    """``np.add.at(total, index, x)``, faster."""
    if type(index) is int:
        total[index] += x
    elif isinstance(index, np.ndarray) and index.dtype != bool and index.size and total.ndim > 1:
        index, x = _summed_rows(total, index, x)
        total[index] += x
    elif may_repeat(index):
        np.add.at(total, index, x)
    else:
        total[index] += x


def _summed_rows(total: Any, index: Any, rows: Any) -> tuple[Any, Any]:
    """What to add where, for an array of integers as an index: rows with equal indices are summed first."""
    length, width = total.shape[0], total.shape[1:]
    index = np.asarray(index, np.intp).reshape(-1)  # small types could not hold length
    rows = np.reshape(rows, (index.size, *width))
    index = np.where(index < 0, index + length, index)
    order = np.argsort(index, kind="stable")
    index = index[order]
    starts = np.flatnonzero(np.concatenate(([True], index[1:] != index[:-1])))
    return index[starts], np.add.reduceat(rows[order], starts, axis=0)


def _samples_scatter_add() -> Iterable[Sample]:
    return [
        Sample((array(3),), {"index": 1, "shape": (2, 3)}),
        Sample((array(3, 3),), {"index": np.array([0, 2, 0]), "shape": (4, 3)}),
        Sample((array(2, 2, 3),), {"index": np.array([[1, -1], [3, 1]]), "shape": (4, 3)}),
        Sample((array(0, 3),), {"index": np.array([], int), "shape": (4, 3)}),
        Sample((array(2),), {"index": np.array([True, False, True]), "shape": (3,)}),
        Sample((array(),), {"index": (1, 0), "shape": (2, 2)}),
    ]


@linear(
    transpose=lambda ct, x, out, *, index, shape: getitem(ct, index),
    symbol="scatter",
    formula=r"\textstyle\sum_k x_k e_{i_k}",
    samples=_samples_scatter_add,
)
def scatter_add(x: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """An array of zeros with values added at an index: what :func:`getitem` does, backwards.

    Parameters
    ----------
    x : Tensor or array_like
        Values, of the shape that the index chooses.
    index
        Anything NumPy accepts; where it names an element twice, both values are added.
    shape : tuple of int
        Of the result.

    Returns
    -------
    Tensor
        Zero outside the index.

    Examples
    --------
    >>> from autograd import Tensor
    >>> scatter_add(Tensor([1.0, 2.0]), [0, 0], (3,)).tolist()
    [3.0, 0.0, 0.0]
    """
    total = np.zeros(shape, dtype_of(x))
    if isinstance(index, np.ndarray) and index.dtype != bool and index.size and total.ndim > 1:
        index, x = _summed_rows(total, index, x)
        total[index] = x
    elif may_repeat(index):
        np.add.at(total, index, x)
    else:
        total[index] = x
    return total


def _samples_assemble() -> Iterable[Sample]:
    return [
        Sample((array(3), array(3, seed=1), array(2, seed=2)), {"indices": [0, 1, (slice(None), 0)], "shape": (2, 3)}),
        Sample((array(), array(2)), {"indices": [0, np.array([1, 1])], "shape": (3,)}),
        Sample((array(0, 3), array(2, 3)), {"indices": [slice(0, 0), np.array([0, 0])], "shape": (2, 3)}),
    ]


def _assemble_by_scattering(*parts: Any, indices: Sequence[Any], shape: tuple[int, ...]) -> Any:
    total = scatter_add(parts[0], indices[0], shape)
    for part, index in zip(parts[1:], indices[1:], strict=True):
        total = total + scatter_add(part, index, shape)
    return total


@linear(
    transpose=lambda needed, ct, *rest, indices, shape: [
        getitem(ct, index) if wanted else None for wanted, index in zip(needed, indices, strict=True)
    ],
    symbol="scatter",
    formula=r"\textstyle\sum_k x_k e_{i_k}",
    samples=_samples_assemble,
    decomposition=_assemble_by_scattering,
    sequence=True,
)
def assemble(parts: Sequence[Any], indices: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """An array of zeros with several arrays added, each at an index of its own: many :func:`scatter_add` at once.

    Parameters
    ----------
    parts : sequence of Tensor or array_like
        Values, each of the shape that its index chooses.
    indices : sequence
        One for each part, of any kind that NumPy accepts.
    shape : tuple of int
        Of the result.

    Returns
    -------
    Tensor
        Zero outside the indices, a sum where they meet.

    Examples
    --------
    >>> from autograd import Tensor
    >>> assemble([Tensor(1.0), Tensor([2.0, 3.0])], [0, slice(0, 2)], (3,)).tolist()
    [3.0, 3.0, 0.0]
    """
    total = np.zeros(shape, np.result_type(*{dtype_of(part) for part in parts}))
    for part, index in zip(parts, indices, strict=True):
        _add_at(total, index, part)
    return total
