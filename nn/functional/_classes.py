"""Targets that are classes: indices of classes, weights per class, one-hot vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers, cast
from nn.functional._reduction import within

__all__ = ["class_indices", "class_weights", "classes_last", "one_hot", "pick"]


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """Vectors with a 1 at the place of a class and 0 elsewhere, from class indices.

    Parameters
    ----------
    tensor : Tensor or array_like
        Integers of any shape.
    num_classes : int
        The length of each vector; by default the largest index plus one.

    Returns
    -------
    Tensor or ndarray
        int64, with one more axis at the end; a tensor if the input is one.

    Raises
    ------
    TypeError
        If the indices are not integers.
    ValueError
        If one is negative or too large, there are none from which to tell the number of classes, or that is not
        positive.

    Examples
    --------
    >>> one_hot([0, 2, 1])
    array([[1, 0, 0],
           [0, 0, 1],
           [0, 1, 0]])
    """
    index = np.asarray(raw(tensor, "one_hot"))
    if index.dtype.kind not in "iu":
        raise TypeError(f"one_hot: class indices must be integers, got {describe(index)}{scope_note()}")
    if num_classes == -1:
        if not index.size:
            raise ValueError(f"one_hot: no indices from which to tell num_classes; give it{scope_note()}")
        num_classes = max(int(index.max()) + 1, 1)
    if num_classes < 1:
        raise ValueError(f"one_hot: num_classes must be positive, got {num_classes}{scope_note()}")
    _check_classes(index, num_classes, "one_hot", f"num_classes={num_classes} has")
    vectors = (index[..., None] == np.arange(num_classes)).astype(np.int64)
    return Tensor(vectors, requires_grad=False) if isinstance(tensor, Tensor) else vectors


def class_indices(
    target: Any,
    shape: tuple[int, ...],
    input: Any,
    classes: int,
    operation: str,
    ignore_index: int | None = None,
    alternative: str = "",
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any] | None]:
    """Targets as indices that are safe to use, and which of them count, after making sure that they fit the input.

    Parameters
    ----------
    target, input
        As given to the loss; the input is only described in errors.
    shape
        That the target must have.
    classes
        How many there are.
    operation
        Names the loss in errors.
    ignore_index
        A target that is left out, where there is one.
    alternative
        What the target could be instead of indices, for errors.

    Returns
    -------
    tuple of ndarray
        The indices, with 0 in place of ignored ones; and a truth value for each, or None if all of them count.

    Raises
    ------
    TypeError
        If the target does not hold integers.
    ValueError
        If it has another shape, or an index is no class.
    """
    index = np.asarray(raw(target, operation))
    if index.shape != shape:
        raise ValueError(
            f"{operation}: for input of shape {input.shape} the target must hold class indices of shape {shape}"
            f"{alternative and f' or {alternative}'}, got shape {index.shape}{scope_note()}"
        )
    if index.dtype.kind not in "iu":
        raise TypeError(
            f"{operation}: class indices must be integers, got {index.dtype} {index.shape}; convert them with "
            f".astype(int) (as a Tensor: with requires_grad=False){alternative and f', or give {alternative}'}"
            f"{scope_note()}"
        )
    kept, fits = None, _all_classes(index, classes)
    if ignore_index is not None and (ignore_index >= 0 or not fits):
        ignored = index == ignore_index
        if ignored.any():
            kept = ~ignored
            index = index * kept
            fits = _all_classes(index, classes)
    if not fits:
        _check_classes(index, classes, operation, f"input of shape {input.shape} has")
    return index, kept


def _all_classes(index: np.ndarray[Any, Any], classes: int) -> bool:
    # A negative number is a large one without a sign, so one comparison finds both kinds.
    return not index.size or int(index.astype(np.uint64, copy=False).max()) < classes


def _check_classes(index: np.ndarray[Any, Any], classes: int, operation: str, which_has: str) -> None:
    if not _all_classes(index, classes):
        place = tuple(int(i[0]) for i in ((index < 0) | (index >= classes)).nonzero()) if index.ndim else ()
        where = f" at position {place[0] if len(place) == 1 else place}" if place else ""
        known = f"the classes 0 to {classes - 1}" if classes else "no classes"
        raise ValueError(f"{operation}: target {index[place]}{where} is not a class; {which_has} {known}{scope_note()}")


def class_weights(weight: Any, classes: int, dtype: np.dtype[Any], operation: str) -> Any:
    """Weights per class in a dtype, or None.

    Raises
    ------
    ValueError
        If there is not one for each class, or one is negative.
    """
    if weight is None:
        return None
    weight = as_numbers(weight, operation)
    if weight.shape != (classes,):
        raise ValueError(
            f"{operation}: weight must hold one number for each of the {classes} classes, shape ({classes},), got "
            f"shape {weight.shape}{scope_note()}"
        )
    within(0, math.inf, weight, "weight", operation)
    return cast(weight, dtype, operation)


def classes_last(x: Any, axis: int) -> Any:
    """Move the class axis to the end, where weights broadcast and indices line up."""
    if axis == x.ndim - 1:
        return x
    return ops.transpose(x, (*(i for i in range(x.ndim) if i != axis), axis))


def pick(x: Any, index: np.ndarray[Any, Any]) -> Any:
    """From an array with classes last, the element of one class at each position."""
    return ops.getitem(x, (*np.indices(index.shape, sparse=True), index))
