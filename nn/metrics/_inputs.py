"""What predictions and targets mean: the class predicted and the actual one, whichever way they are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd import Tensor

__all__ = ["Classes", "classes", "pair", "plain"]

Array = ndarray[Any, Any]


class Classes(NamedTuple):
    """Predicted and actual classes, flat, and how many classes there are, where the scores say so."""

    predicted: Array
    actual: Array
    classes: int | None


def plain(x: Any) -> Array:
    """The values of a tensor or of anything array-like, without a copy if possible.

    Raises
    ------
    TypeError
        If there are several outputs.
    """
    if isinstance(x, Mapping) or (isinstance(x, (tuple, list)) and x and isinstance(x[0], Tensor)):
        raise TypeError(
            f"a metric compares one array with another, got a {type(x).__name__}; for a model of several outputs "
            f"define an nn.metrics.Metric whose update takes the one that counts"
        )
    return np.asarray(x.data if isinstance(x, Tensor) else x)


def pair(input: Any, target: Any, operation: str) -> tuple[Array, Array]:
    """Two arrays of real numbers of the same shape, as float64.

    Raises
    ------
    TypeError
        If one is not numeric.
    ValueError
        If the shapes differ.
    """
    x, t = plain(input), plain(target)
    for name, a in (("input", x), ("target", t)):
        if a.dtype.kind not in "fiub":
            raise TypeError(f"{operation}: {name} must hold real numbers, got {a.dtype} {a.shape}")
    if x.shape != t.shape:
        raise ValueError(
            f"{operation}: input has shape {x.shape} but target has shape {t.shape}; broadcasting them would compare "
            f"every element with several others, so reshape one to the shape of the other"
        )
    return x.astype(np.float64), t.astype(np.float64)


def classes(
    input: Any, target: Any, operation: str, threshold: float = 0.5, ignore_index: int | None = None
) -> Classes:
    """Read predictions and targets as classes (the module's documentation says how).

    Raises
    ------
    TypeError
        If targets are not whole numbers, or the input is not numeric.
    ValueError
        If the shapes do not fit, a target is no class, or scores are not what ``threshold`` supposes.
    """
    x, t = plain(input), plain(target)
    if x.dtype.kind in "iub":
        if x.shape != t.shape:
            raise ValueError(_misfit(operation, x, t, "classes (integers) are compared one by one"))
        predicted, actual, count = x.astype(np.int64).ravel(), _whole(t, operation).ravel(), None
        _check_not_negative(predicted, "input", operation)
    elif x.dtype.kind != "f":
        raise TypeError(f"{operation}: input must hold scores or classes, got {x.dtype} {x.shape}")
    elif np.isnan(x).any():
        raise ValueError(f"{operation}: some scores are nan, which belong to no class; has the training diverged?")
    else:
        found = _by_largest(x, t, operation)
        if found is None:
            return _by_threshold(x, t, operation, threshold, ignore_index)
        predicted, actual, count = found
    if ignore_index is not None:
        kept = actual != ignore_index
        predicted, actual = predicted[kept], actual[kept]
    _check_not_negative(actual, "target", operation)
    if count is not None and actual.size and actual.max() >= count:
        raise ValueError(
            f"{operation}: target {actual.max()} is not a class; input of shape {x.shape} has the classes 0 to "
            f"{count - 1}"
        )
    return Classes(predicted, actual, count)


def count_classes(found: Classes, so_far: int, operation: str, most: int) -> int:
    """How many classes there are, with those of earlier batches.

    Raises
    ------
    ValueError
        If there are too many to count them.
    """
    highest = max((int(a.max()) for a in (found.predicted, found.actual) if a.size), default=-1)
    count = max(found.classes or 0, highest + 1, so_far)
    if count > most:
        raise ValueError(
            f"{operation}: {count:,} classes are too many; are these numbers classes? Number them from 0 without gaps"
        )
    return count


def scores_of_two(input: Any, target: Any, operation: str) -> tuple[Array, Array]:
    """One score for each sample and whether it is of the positive class, flat.

    Raises
    ------
    TypeError, ValueError
        As :func:`classes`.
    """
    x, t = plain(input), plain(target)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"{operation}: input must hold scores, got {x.dtype} {x.shape}")
    if x.shape != t.shape and x.shape != (*t.shape, 1):
        raise ValueError(
            _misfit(operation, x, t, "it takes one score for each sample, such as probabilities[:, 1] of two classes")
        )
    scores = x.astype(np.float64).ravel()
    if np.isnan(scores).any():
        raise ValueError(f"{operation}: some scores are nan, which cannot be ranked; has the training diverged?")
    return scores, _of_two(t, operation).ravel()


def _by_largest(x: Array, t: Array, operation: str) -> tuple[Array, Array, int] | None:
    """The class with the largest score; None if there is but one score for each sample."""
    axis = 0 if x.ndim == 1 else 1
    if x.ndim == t.ndim + 1 and x.shape[:axis] + x.shape[axis + 1 :] == t.shape:
        if x.shape[axis] == 1:
            return None
        return x.argmax(axis=axis).ravel(), _whole(t, operation).ravel(), x.shape[axis]
    if x.shape != t.shape:
        raise ValueError(_misfit(operation, x, t, "it takes scores (N, C) with targets (N,), or both of one shape"))
    if x.ndim < 2 or x.shape[1] == 1:
        return None
    if (abs(t.sum(axis=1) - 1.0) > 1e-3).any():
        raise ValueError(
            f"{operation}: input and target both have shape {x.shape}, which is read as targets that are one-hot or "
            f"probabilities of {x.shape[1]} classes, but not all of them add up to 1; where a sample may be of several "
            f"classes flatten both with .ravel(), and each is judged by itself"
        )
    return x.argmax(axis=1).ravel(), t.argmax(axis=1).ravel(), x.shape[1]


def _by_threshold(x: Array, t: Array, operation: str, threshold: float, ignore_index: int | None) -> Classes:
    scores, actual = x.ravel(), t.ravel()
    if ignore_index is not None:
        kept = actual != ignore_index
        scores, actual = scores[kept], actual[kept]
    if 0 < threshold < 1 and scores.size and (scores.min() < 0 or scores.max() > 1):
        raise ValueError(
            f"{operation}: one score for each sample is read as a probability, compared with threshold={threshold}, "
            f"but scores from {scores.min():g} to {scores.max():g} are none; for logits, or the margins of a hinge "
            f"loss, give threshold=0.0"
        )
    return Classes((scores > threshold).astype(np.int64), _of_two(actual, operation).astype(np.int64), 2)


def _of_two(t: Array, operation: str) -> Array:
    """Whether targets that are 0 and 1, or -1 and 1, are 1."""
    positive = t == 1
    negative = t == 0
    if not negative.any():
        negative = t == -1
    wrong = t[~(positive | negative)]
    if wrong.size:
        raise ValueError(
            f"{operation}: with one score for each sample targets must be 0 and 1, or -1 and 1, got {wrong.ravel()[0]}"
        )
    return np.asarray(positive)


def _whole(t: Array, operation: str) -> Array:
    if t.dtype.kind in "iub":
        return t.astype(np.int64)
    if t.dtype.kind == "f" and np.isfinite(t).all() and (t == (whole := t.astype(np.int64))).all():
        return whole
    raise TypeError(f"{operation}: target classes must be whole numbers, got {t.dtype} {t.shape}")


def _check_not_negative(labels: Array, name: str, operation: str) -> None:
    if labels.size and labels.min() < 0:
        raise ValueError(
            f"{operation}: {name} {labels.min()} is not a class; classes are numbered from 0"
            + ("; leave such targets out with ignore_index" if name == "target" else "")
        )


def _misfit(operation: str, x: Array, t: Array, rule: str) -> str:
    return f"{operation}: input of shape {x.shape} does not fit target of shape {t.shape}; {rule}"
