"""Structures of arrays as one vector, differentiably in both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import external
from autograd.tensor import Tensor
from autograd.trees import take_apart

__all__ = ["flatten", "flatten_func"]


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """All numbers of a structure in one vector, and the way back.

    Parameters
    ----------
    value
        A number, an array, or nested tuples, lists and dictionaries of these; plain or tensors. The values of
        dictionaries are taken in the order of their sorted keys.

    Returns
    -------
    vector
        Of shape ``(n,)``.
    unflatten : callable
        From a vector of this length, plain or a tensor, to a structure like ``value``.

    Examples
    --------
    >>> vector, unflatten = flatten({"w": np.ones((2, 2)), "b": 3.0})
    >>> vector
    array([3., 1., 1., 1., 1.])
    >>> float(unflatten(2 * vector)["b"])
    6.0
    """
    leaves, skeleton = take_apart(_sorted(value))
    shapes = [np.shape(x._data if isinstance(x, Tensor) else x) for x in leaves]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes], dtype=int)
    single = len(leaves) == 1

    def unflatten(vector: Any) -> Any:
        if np.shape(vector) != (int(ends[-1]) if shapes else 0,):
            raise ValueError(
                f"unflatten: expected a vector of {int(ends[-1]) if shapes else 0}, got {np.shape(vector)}"
            )
        starts = [0, *ends][: len(ends)]
        parts = [vector if single else vector[a:b] for a, b in zip(starts, ends, strict=True)]
        values = [ops.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]
        return skeleton.filled([external(x) if isinstance(x, float) else x for x in values])

    if not leaves:
        return np.zeros(0), unflatten
    return ops.concatenate([ops.reshape(x, (-1,)) for x in leaves]), unflatten


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, (tuple, list)):
        items = [_sorted(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value


def flatten_func(func: Callable[..., Any], example: Any) -> tuple[Callable[..., Any], Callable[[Any], Any], Any]:
    """A function from structures to structures as one from vectors to vectors.

    Parameters
    ----------
    func : callable
        Of a structure and perhaps more.
    example
        Such a structure.

    Returns
    -------
    function : callable
        With a vector in place of the structure; returns a vector.
    unflatten : callable
        From a vector to the structure.
    vector
        The flattened example.

    Examples
    --------
    >>> function, unflatten, vector = flatten_func(lambda p: [2 * p["a"], p["b"]], {"a": 1.0, "b": np.ones(2)})
    >>> function(vector)
    array([2., 1., 1.])
    """
    vector, unflatten = flatten(example)

    def function(flat: Any, *args: Any, **kwargs: Any) -> Any:
        return flatten(func(unflatten(flat), *args, **kwargs))[0]

    return function, unflatten, vector
