"""Looking up vectors by index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers

__all__ = ["embedding", "embedding_bag", "padding_row"]


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
) -> Any:
    """Rows of a table, by index.

    Parameters
    ----------
    input : Tensor or array_like
        Indices from 0 to V - 1: integers of any shape.
    weight : Tensor or array_like
        ``(V, D)``.
    padding_idx : int, optional
        An index (negative ones count from the end) whose row gets no gradient.
    max_norm : float, optional
        Rows that are looked up and have a larger norm are scaled down to it first, in ``weight`` itself, unrecorded.
    norm_type : float
        Which norm that is: 2 for the Euclidean, infinity for the largest absolute value.
    scale_grad_by_freq
        Divide each row's gradient by how often it occurs in ``input``.

    Returns
    -------
    Tensor
        ``(*input.shape, D)``. The gradient of a row is the sum over all places where it was used.

    Raises
    ------
    TypeError
        If the indices or ``padding_idx`` are not integers, or ``max_norm`` is given for a weight that is no variable or
        constant.
    ValueError
        If an index is out of range, ``weight`` is not a matrix, or ``norm_type`` is not positive.

    Examples
    --------
    >>> from autograd import Tensor
    >>> embedding([2, 0, 2], Tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])).tolist()
    [[4.0, 5.0], [0.0, 1.0], [4.0, 5.0]]
    """
    weight, index, padding_idx = _checked(weight, input, padding_idx, "embedding")
    if max_norm is not None:
        _renormalise(weight, np.unique(index), float(max_norm), float(norm_type))
    vectors = ops.getitem(weight, index)
    if not isinstance(weight, Tensor):
        return vectors
    constant = ops.getitem(raw(weight, "embedding"), index)
    if scale_grad_by_freq and index.size:
        _, which, count = np.unique(index, return_inverse=True, return_counts=True)
        share = (1 / count).astype(weight.dtype)[which].reshape(*index.shape, 1)
        vectors = constant + share * (vectors - constant)
    if padding_idx is not None and (padding := index == padding_idx).any():
        vectors = ops.where(padding[..., None], constant, vectors)
    return vectors


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """Sums, means or maxima of rows of a table, over bags of indices.

    Parameters
    ----------
    input : Tensor or array_like
        Indices: ``(B, N)``, a bag in each row; or ``(M,)``, all bags one after another.
    weight : Tensor or array_like
        ``(V, D)``.
    offsets : Tensor or array_like, optional
        Where each bag begins in indices of one axis: ``(B,)``, the first 0, none smaller than the one before.
    max_norm, norm_type, scale_grad_by_freq
        As in :func:`embedding`.
    mode : {"mean", "sum", "max"}
        How the rows of a bag become one.
    sparse
        Only False: there are no sparse gradients.
    per_sample_weights : Tensor or array_like, optional
        Of the shape of the indices: factors of the rows, with ``mode="sum"``.
    include_last_offset
        Whether ``offsets`` has one element more, the number of indices.
    padding_idx : int, optional
        An index to leave out.

    Returns
    -------
    Tensor
        ``(B, D)``; an empty bag gives 0. Where rows tie for the maximum they share the gradient.

    Raises
    ------
    TypeError
        If indices, offsets or ``padding_idx`` are not integers.
    ValueError
        If an index is out of range, the offsets do not divide the indices, or settings exclude each other.

    Examples
    --------
    >>> from autograd import Tensor
    >>> weight = Tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    >>> embedding_bag([[2, 0], [1, 1]], weight).tolist()
    [[2.0, 3.0], [2.0, 3.0]]
    >>> embedding_bag([2, 0, 1], weight, offsets=[0, 2], mode="sum").tolist()
    [[4.0, 6.0], [2.0, 3.0]]
    """
    operation = "embedding_bag"
    if mode not in ("mean", "sum", "max"):
        raise ValueError(f"{operation}: mode must be 'mean', 'sum' or 'max', got {mode!r}")
    if sparse:
        raise ValueError(f"{operation}: sparse gradients are not supported; use sparse=False")
    weight, index, padding_idx = _checked(weight, input, padding_idx, operation)
    bag, bags = _bags(index, offsets, include_last_offset)
    factors = None
    if per_sample_weights is not None:
        factors = as_numbers(per_sample_weights, operation)
        if mode != "sum" or factors.shape != index.shape:
            raise ValueError(
                f"{operation}: per_sample_weights are for mode='sum' and of the shape of the indices, {index.shape}; "
                f"got mode={mode!r} and shape {factors.shape}{scope_note()}"
            )
        factors = ops.reshape(factors, (-1, 1))
    if max_norm is not None:
        _renormalise(weight, np.unique(index), float(max_norm), float(norm_type))
    index = index.reshape(-1)
    if padding_idx is not None:
        kept = index != padding_idx
        index, bag = index[kept], bag[kept]
        factors = None if factors is None else ops.getitem(factors, kept)
    vectors = embedding(index, weight, scale_grad_by_freq=scale_grad_by_freq)
    if factors is not None:
        vectors = vectors * factors
    sizes = ops.scatter_add(np.ones(len(bag), np.intp), bag, (bags,))
    if mode == "max" and len(bag):
        return _maxima(vectors, bag, sizes)
    total = ops.scatter_add(vectors, bag, (bags, weight.shape[1]))
    if mode == "sum":
        return total
    sizes[sizes == 0] = 1
    return total / sizes[:, None].astype(weight.dtype)


def _bags(index: np.ndarray[Any, Any], offsets: Any, include_last_offset: bool) -> tuple[np.ndarray[Any, Any], int]:
    """The bag that each index belongs to, and the number of bags."""
    if index.ndim == 2:
        if offsets is not None:
            raise ValueError(f"embedding_bag: indices of shape {index.shape} are bags; leave offsets out{scope_note()}")
        return np.arange(index.size) // max(index.shape[1], 1), index.shape[0]
    starts = None if offsets is None else np.asarray(raw(offsets, "embedding_bag"))
    if index.ndim != 1 or starts is None or starts.ndim != 1:
        given = "none" if starts is None else f"shape {starts.shape}"
        raise ValueError(
            f"embedding_bag: expected indices (B, N), or (M,) with offsets (B,), got shape {index.shape} and offsets "
            f"of {given}{scope_note()}"
        )
    if starts.dtype.kind not in "iu":
        raise TypeError(f"embedding_bag: offsets must be integers, got {starts.dtype}{scope_note()}")
    total = len(index)
    last = starts[-1] if len(starts) else -1
    divides = len(starts) and starts[0] == 0 and (starts[1:] >= starts[:-1]).all()
    if not divides or last > total or (include_last_offset and last != total):
        end = f"and end with the number of indices, {total}" if include_last_offset else f"and not exceed {total}"
        raise ValueError(
            f"embedding_bag: offsets must begin with 0, not decrease, {end}, got {starts.tolist()}{scope_note()}"
        )
    bags = len(starts) - include_last_offset
    return np.searchsorted(starts[:bags], np.arange(total), side="right") - 1, bags


def _maxima(vectors: Any, bag: np.ndarray[Any, Any], sizes: np.ndarray[Any, Any]) -> Any:
    """The largest elements of each bag: a maximum along the second axis of bags brought to one size."""
    place = np.arange(len(bag)) - np.searchsorted(bag, bag)
    shape = (len(sizes), int(sizes.max()))
    where, filled = np.zeros(shape, np.intp), np.zeros((*shape, 1), bool)
    where[bag, place] = np.arange(len(bag))
    filled[bag, place] = True
    largest = ops.max(ops.where(filled, ops.getitem(vectors, where), -math.inf), axis=1)
    return ops.where((sizes > 0)[:, None], largest, 0.0)


def _checked(
    weight: Any, input: Any, padding_idx: int | None, operation: str
) -> tuple[Any, np.ndarray[Any, Any], int | None]:
    """The table, indices that are safe to use, and the index of padding from 0 on."""
    weight = as_numbers(weight, operation)
    if weight.ndim != 2:
        raise ValueError(f"{operation}: weight must be a matrix (V, D), got shape {weight.shape}{scope_note()}")
    rows = weight.shape[0]
    return weight, _indices(input, rows, operation), padding_row(padding_idx, rows, operation)


def padding_row(padding_idx: int | None, rows: int, operation: str) -> int | None:
    """The index of padding from 0 on, if there is one.

    Raises
    ------
    TypeError
        If it is not an integer.
    ValueError
        If there is no such row.
    """
    if padding_idx is None:
        return None
    if isinstance(padding_idx, bool) or not isinstance(padding_idx, (int, np.integer)):
        raise TypeError(f"{operation}: padding_idx must be an integer, got {padding_idx!r}{scope_note()}")
    if not -rows <= padding_idx < rows:
        raise ValueError(
            f"{operation}: padding_idx={padding_idx} is not one of the {rows} rows of weight{scope_note()}"
        )
    return int(padding_idx) % rows


def _indices(input: Any, rows: int, operation: str) -> np.ndarray[Any, Any]:
    index = np.asarray(raw(input, operation))
    if index.size == 0 and not isinstance(input, (Tensor, np.ndarray)):
        index = index.astype(np.intp)  # an empty list
    if index.dtype.kind not in "iu":
        raise TypeError(
            f"{operation}: indices must be integers, got {describe(raw(input, operation))}; convert them with "
            f".astype(int) (as a Tensor: with requires_grad=False){scope_note()}"
        )
    wrong = np.argwhere((index < 0) | (index >= rows))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise ValueError(
            f"{operation}: index {index[place]} at position {place} is not one of the {rows} rows of weight, 0 to "
            f"{rows - 1}{scope_note()}"
        )
    return index


def _renormalise(weight: Any, index: np.ndarray[Any, Any], max_norm: float, norm_type: float) -> None:
    if not (isinstance(weight, Tensor) and weight.is_leaf):
        raise TypeError(
            f"embedding: max_norm changes weight in place, which must be a variable or a constant tensor{scope_note()}"
        )
    if not norm_type > 0:
        raise ValueError(f"embedding: norm_type must be positive (or infinite), got {norm_type}{scope_note()}")
    table = weight.numpy()
    chosen = table[index]
    if norm_type == math.inf:
        norms = ops.max(abs(chosen), axis=1, keepdims=True)
    else:
        norms = ops.sum(abs(chosen) ** norm_type, axis=1, keepdims=True) ** (1 / norm_type)
    if (norms > max_norm).any():
        # As in PyTorch, a little more than the norm is divided by.
        factors = max_norm / (norms + 1e-7)
        factors[norms <= max_norm] = 1
        table[index] = chosen * factors
        weight.assign_raw(table)
