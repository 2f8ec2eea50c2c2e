"""What all losses do: check what they compare, and average or add up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers, cast, floating

__all__ = [
    "check_reduction",
    "like_input",
    "reduced",
    "same_shape",
    "signs",
    "weighted",
    "weights_like",
    "within",
]

_REDUCTIONS = ("mean", "sum", "none")


def check_reduction(reduction: str, operation: str, others: tuple[str, ...] = ()) -> None:
    """Make sure that a loss's ``reduction`` is one of those there are.

    Raises
    ------
    ValueError
        If it is not.
    """
    if reduction not in _REDUCTIONS and reduction not in others:
        *first, last = map(repr, (*others, *_REDUCTIONS))
        raise ValueError(
            f"{operation}: reduction must be {', '.join(first)} or {last}, got {reduction!r}{scope_note()}"
        )


def reduced(losses: Any, reduction: str) -> Any:
    """The mean or the sum of losses, or each. The mean of none is nan."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return ops.sum(losses)
    return ops.mean(losses) if losses.size else ops.sum(losses) + math.nan


def same_shape(x: Any, y: Any, operation: str, names: tuple[str, str] = ("input", "target")) -> None:
    """Make sure that two inputs have one shape.

    Raises
    ------
    ValueError
        If they do not.
    """
    if x.shape != y.shape:
        first, second = names
        raise ValueError(
            f"{operation}: {first} has shape {x.shape} but {second} has shape {y.shape}; broadcasting them would "
            f"compare every element with several others, so reshape one to the shape of the other{scope_note()}"
        )


def like_input(input: Any, target: Any, operation: str) -> tuple[Any, Any]:
    """A loss's input and its target, of one shape and of the input's dtype.

    Raises
    ------
    TypeError
        If one is not numeric.
    ValueError
        If the shapes differ.
    """
    x, y = floating(input, operation), as_numbers(target, operation)
    same_shape(x, y, operation)
    return x, cast(y, x.dtype, operation)


def weighted(losses: Any, weight: Any, operation: str) -> Any:
    """Losses times weights that broadcast to their shape, where there are any.

    Raises
    ------
    ValueError
        If they do not broadcast.
    """
    return losses if weight is None else losses * weights_like(losses, weight, operation, "weight")


def weights_like(losses: Any, weight: Any, operation: str, name: str) -> Any:
    """Weights that broadcast to the shape of losses, in their dtype.

    Raises
    ------
    ValueError
        If they do not.
    """
    weight = as_numbers(weight, operation)
    extra = losses.ndim - weight.ndim
    if extra < 0 or any(n not in (1, m) for n, m in zip(weight.shape, losses.shape[extra:], strict=True)):
        raise ValueError(
            f"{operation}: {name} of shape {weight.shape} does not broadcast to the losses, of shape {losses.shape}"
            f"{scope_note()}"
        )
    return cast(weight, losses.dtype, operation)


def within(low: float, high: float, x: Any, what: str, operation: str) -> None:
    """Make sure that all numbers lie between two bounds; nan passes.

    Raises
    ------
    ValueError
        If one does not.
    """
    outside = (x < low) | (x > high)
    if outside.any():
        wrong = np.asarray(raw(x, operation))[outside].ravel()[0]
        bounds = f"between {low:g} and {high:g}" if high < math.inf else f"{low:g} or more"
        raise ValueError(f"{operation}: {what} must be {bounds}, got {wrong}{scope_note()}")


def signs(target: Any, dtype: np.dtype[Any], operation: str) -> Any:
    """A target whose elements are all 1 or -1, in a dtype.

    Raises
    ------
    ValueError
        If one is neither.
    """
    y = as_numbers(target, operation)
    if not ((y == 1) | (y == -1)).all():
        hint = "; of 0 and 1, make 2 * target - 1" if ((y == 0) | (y == 1)).all() else ""
        raise ValueError(
            f"{operation}: target must hold 1 and -1 only, got {describe(raw(y, operation))} with others{hint}"
            f"{scope_note()}"
        )
    return cast(y, dtype, operation)
