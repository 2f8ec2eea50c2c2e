"""Looking up vectors by index."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd._values import describe
from autograd.primitive import raw, scope_note
from nn._inputs import as_numbers

__all__ = ["embedding"]


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
        Which norm that is: 2 for the Euclidean.
    scale_grad_by_freq
        Divide each row's gradient by how often it occurs in ``input``.

    Returns
    -------
    Tensor
        ``(*input.shape, D)``. The gradient of a row is the sum over all places where it was used.

    Raises
    ------
    TypeError
        If the indices are not integers, or ``max_norm`` is given for a weight that is no variable or constant.
    ValueError
        If an index is out of range, or ``weight`` is not a matrix.

    Examples
    --------
    >>> from autograd import Tensor
    >>> embedding([2, 0, 2], Tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])).tolist()
    [[4.0, 5.0], [0.0, 1.0], [4.0, 5.0]]
    """
    weight = as_numbers(weight, "embedding")
    if weight.ndim != 2:
        raise ValueError(f"embedding: weight must be a matrix (V, D), got shape {weight.shape}{scope_note()}")
    rows = weight.shape[0]
    index = _indices(input, rows)
    if padding_idx is not None:
        if not -rows <= padding_idx < rows:
            raise ValueError(
                f"embedding: padding_idx={padding_idx} is not one of the {rows} rows of weight{scope_note()}"
            )
        padding_idx %= rows
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


def _indices(input: Any, rows: int) -> np.ndarray[Any, Any]:
    index = np.asarray(raw(input, "embedding"))
    if index.size == 0 and not isinstance(input, (Tensor, np.ndarray)):
        index = index.astype(np.intp)  # an empty list
    if index.dtype.kind not in "iu":
        raise TypeError(
            f"embedding: indices must be integers, got {describe(raw(input, 'embedding'))}; convert them with "
            f".astype(int) (as a Tensor: with requires_grad=False){scope_note()}"
        )
    wrong = np.argwhere((index < 0) | (index >= rows))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        raise ValueError(
            f"embedding: index {index[place]} at position {place} is not one of the {rows} rows of weight, 0 to "
            f"{rows - 1}{scope_note()}"
        )
    return index


def _renormalise(weight: Any, index: np.ndarray[Any, Any], max_norm: float, norm_type: float) -> None:
    if not (isinstance(weight, Tensor) and weight.is_leaf):
        raise TypeError(
            f"embedding: max_norm changes weight in place, which must be a variable or a constant tensor{scope_note()}"
        )
    table = weight.numpy()
    chosen = table[index]
    norms = ops.sum(abs(chosen) ** norm_type, axis=1, keepdims=True) ** (1 / norm_type)
    if (norms > max_norm).any():
        # As in PyTorch, a little more than the norm is divided by.
        factors = max_norm / (norms + 1e-7)
        factors[norms <= max_norm] = 1
        table[index] = chosen * factors
        weight.assign_raw(table)
