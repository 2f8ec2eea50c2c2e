"""What a linear or multilinear gate does, as sums of products, found by giving it numbers and looking.

That way the one declaration of a gate is all there is to know of it: no shape, index, stride or axis is read here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

__all__ = ["MOST", "Factor", "Product", "linear_terms", "multilinear_terms"]

#: An element of an input: which input, and which element of it, row by row.
Factor = tuple[int, int]
#: A coefficient, and the elements that it is multiplied by.
Product = tuple[float, tuple[Factor, ...]]

Array = np.ndarray[Any, Any]

#: So many elements of inputs are tried at most, one by one.
MOST = 200_000


def linear_terms(function: Callable[..., Any], shapes: Sequence[tuple[int, ...]]) -> list[list[Product]]:
    """Find what a function that is linear in all its inputs together adds up for each element of its result.

    Parameters
    ----------
    function
        Takes one array for each shape.
    shapes
        Of the inputs.

    Examples
    --------
    >>> linear_terms(lambda x: x.mean(axis=1), [(2, 2)])
    [[(0.5, ((0, 0),)), (0.5, ((0, 1),))], [(0.5, ((0, 2),)), (0.5, ((0, 3),))]]
    >>> linear_terms(lambda x: x[::-1], [(2,)])
    [[(1.0, ((0, 1),))], [(1.0, ((0, 0),))]]
    """
    routes = _routes(function, shapes)
    if routes is not None:
        return [[] if factor is None else [(1.0, (factor,))] for factor in routes]
    found: list[list[Product]] | None = None
    for i, shape in enumerate(shapes):
        for j in range(prod(shape)):
            given = [np.zeros(s) for s in shapes]
            given[i].flat[j] = 1.0
            result = np.ravel(function(*given))
            if found is None:
                found = [[] for _ in range(result.size)]
            for o in np.flatnonzero(result):
                found[o].append((float(result[o]), ((i, j),)))
    return found if found is not None else [[] for _ in range(np.size(function(*map(np.zeros, shapes))))]


@lru_cache(maxsize=8)
def _distinct(shapes: tuple[tuple[int, ...], ...], seed: int) -> tuple[list[Array], Array, Array]:
    """Arrays of random numbers, all different, which single precision holds; all of them sorted; and their order."""
    sizes = [prod(shape) for shape in shapes]
    numbers = np.random.default_rng(seed).choice(2**23, sum(sizes), replace=False) + 2.0**23
    order = np.argsort(numbers)
    parts = np.split(numbers, np.cumsum(sizes)[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)], numbers[order], order


def _routes(function: Callable[..., Any], shapes: Sequence[tuple[int, ...]]) -> list[Factor | None] | None:
    """Where each element of the result comes from, or None for a zero, if all of them are just passed on."""
    factors = [(i, j) for i, shape in enumerate(shapes) for j in range(prod(shape))]
    if not factors or len(factors) > MOST:
        return None
    found: list[Array] = []
    for seed in (1, 2):
        given, known, order = _distinct(tuple(shapes), seed)
        result = np.ravel(function(*given))
        place = np.minimum(np.searchsorted(known, result), known.size - 1)
        if not ((known[place] == result) | (result == 0)).all():
            return None
        found.append(np.where(result == 0, -1, order[place]))
    if not np.array_equal(found[0], found[1]):
        return None
    return [None if place < 0 else factors[place] for place in found[0].tolist()]


def multilinear_terms(function: Callable[..., Any], shapes: Sequence[tuple[int, ...]]) -> list[list[Product]]:
    """Find what products a function that is linear in each of its inputs adds up for each element of its result.

    Raises
    ------
    ValueError
        If it would take too long.

    Examples
    --------
    >>> multilinear_terms(np.matmul, [(1, 2), (2, 1)])
    [[(1.0, ((0, 0), (1, 0))), (1.0, ((0, 1), (1, 1)))]]
    """
    if not shapes:
        return []
    largest = max(range(len(shapes)), key=lambda i: prod(shapes[i]))  # is looked at as a whole, the others one by one
    others = [i for i in range(len(shapes)) if i != largest]
    if prod(prod(shapes[i]) for i in others) > MOST:
        raise ValueError("it multiplies too many numbers")
    found: list[list[Product]] = [[] for _ in range(np.size(function(*map(np.zeros, shapes))))]
    for chosen in itertools.product(*(range(prod(shapes[i])) for i in others)):
        units = [np.zeros(shape) for shape in shapes]
        for i, j in zip(others, chosen, strict=True):
            units[i].flat[j] = 1.0
        fixed = tuple(zip(others, chosen, strict=True))
        for o, coefficient, j in _linear_in(function, units, largest):
            found[o].append((coefficient, tuple(sorted((*fixed, (largest, j))))))
    for products in found:
        products.sort(key=lambda each: each[1])
    return found


def _linear_in(function: Callable[..., Any], units: list[Array], place: int) -> Iterator[tuple[int, float, int]]:
    """Of a function of one of the arrays, which element of the result has which coefficient for which element."""
    terms = linear_terms(lambda x: function(*units[:place], x, *units[place + 1 :]), [units[place].shape])
    for o, products in enumerate(terms):
        for coefficient, ((_, j),) in products:
            yield o, coefficient, j
