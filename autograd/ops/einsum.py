"""Einstein's summation: one operation for every product of arrays that sums over indices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_letters
from typing import Any

import numpy as np
from numpy import ndarray

from autograd._values import shape_of
from autograd.ops.indexing import scatter_add
from autograd.ops.shape import broadcast_to, reshape, unbroadcast
from autograd.primitives import multilinear, raw
from autograd.samples import Sample, array

__all__ = ["einsum"]

#: Up to so many products of elements NumPy's loops are faster than the preparations for a matrix product.
SMALL = 1 << 13


def _shape(x: Any) -> tuple[int, ...]:
    return shape_of(raw(x, "einsum"))


@lru_cache(maxsize=1024)
def _labels(subscripts: str, ranks: tuple[int, ...]) -> tuple[list[str], str]:
    """What the axes of each operand and of the result are called, a letter each, with ``...`` and ``->`` spelt out.

    Raises
    ------
    ValueError
        If the subscripts are not well formed, or do not fit arrays of so many axes.
    """
    text = subscripts.replace(" ", "")
    left, arrow, result = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise ValueError(f"the subscripts {subscripts!r} are for {len(terms)} operands, not {len(ranks)}")
    for term in (*terms, result):
        named = term.replace("...", "", 1)
        if not all(c in ascii_letters for c in named):
            raise ValueError(f"the subscripts {subscripts!r} hold something other than letters, ',', '->' and '...'")
    unnamed = []
    for term, rank in zip(terms, ranks, strict=True):
        named = term.replace("...", "")
        unnamed.append(rank - len(named))
        if unnamed[-1] < 0 or (unnamed[-1] and "..." not in term):
            raise ValueError(f"the subscripts {term!r} do not fit an array of {rank} axes")
    free = [c for c in ascii_letters if c not in text]
    most = max(unnamed, default=0)
    if most > len(free):
        raise ValueError("there are more axes than letters for them")
    # The axes under an ellipsis are aligned from the right, as in broadcasting.
    spelt = "".join(free[:most])
    operands = [term.replace("...", spelt[most - n :]) for term, n in zip(terms, unnamed, strict=True)]
    used = "".join(operands)
    if not arrow:
        once = sorted(c for c in set(left) if c in ascii_letters and left.count(c) == 1)
        return operands, spelt + "".join(once)
    if most and "..." not in result:
        raise ValueError(f"the subscripts {subscripts!r} have an ellipsis on the left of '->' but not on its right")
    out = result.replace("...", spelt)
    if len(set(out)) != len(out):
        raise ValueError(f"the subscripts {subscripts!r} name an index of the result twice")
    if not set(out) <= set(used):
        raise ValueError(f"the subscripts {subscripts!r} give the result an index that no operand has")
    return operands, out


# ---------------------------------------------------------------------------------------------------------------------
# The value: as products of matrices, which are many times faster than NumPy's own loops where arrays are large
# ---------------------------------------------------------------------------------------------------------------------


def _sizes(operands: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for labels, shape in zip(operands, shapes, strict=True):
        for label, n in zip(labels, shape, strict=True):
            if sizes.get(label, 1) == 1:
                sizes[label] = n
            elif n not in (1, sizes[label]):
                raise ValueError(f"index {label!r} runs over {sizes[label]} elements in one place, and {n} in another")
    return sizes


def _simplified(labels: str, shape: tuple[int, ...], other: str, out: str, sizes: dict[str, int]) -> str:
    """An operand's indices, each once, without those that only it has and that are summed over, or are broadcast."""
    given = dict(zip(labels, shape, strict=True))
    return "".join(c for c in given if c in out + other and not (c in other and given[c] == 1 != sizes[c]))


@dataclass(frozen=True, slots=True)
class _Product:
    """How two arrays become factors of a matrix product, and that the result.

    Attributes
    ----------
    first, second
        For each array what it is simplified to before (as subscripts, or None), the order of its axes, and its shape
        as a stack of matrices.
    shape, order
        Of the product's axes, before they are put in order.
    """

    first: tuple[str | None, list[int], list[int]]
    second: tuple[str | None, list[int], list[int]]
    shape: list[int]
    order: list[int]


@lru_cache(maxsize=1024)
def _as_matrices(
    a_labels: str, a_shape: tuple[int, ...], b_labels: str, b_shape: tuple[int, ...], out: str
) -> _Product | None:
    """The plan for two arrays; None where NumPy's own loops are as good."""
    sizes = _sizes((a_labels, b_labels), (a_shape, b_shape))
    a = _simplified(a_labels, a_shape, b_labels, out, sizes)
    b = _simplified(b_labels, b_shape, a, out, sizes)
    a = "".join(c for c in a if c in out + b)  # b may have lost an index that only a has now
    batch = [c for c in a if c in b and c in out]
    summed = [c for c in a if c in b and c not in out]
    rows = [c for c in a if c not in b]
    columns = [c for c in b if c not in a]
    if math.prod(sizes[c] for c in summed) == 1 or (batch and not rows and not columns):
        return None

    def factor(labels: str, simple: str, *groups: list[str]) -> tuple[str | None, list[int], list[int]]:
        order = [simple.index(c) for group in groups for c in group]
        lengths = [math.prod(sizes[c] for c in group) for group in groups]
        return None if simple == labels else f"{labels}->{simple}", order, lengths if batch else lengths[1:]

    found = batch + rows + columns
    return _Product(
        factor(a_labels, a, batch, rows, summed),
        factor(b_labels, b, batch, summed, columns),
        [sizes[c] for c in found],
        [found.index(c) for c in out],
    )


def _pair(a: Any, a_labels: str, b: Any, b_labels: str, out: str) -> Any:
    """The sum of products of two arrays."""
    plan = _as_matrices(a_labels, a.shape, b_labels, b.shape, out)
    if plan is None:
        return np.einsum(f"{a_labels},{b_labels}->{out}", a, b)
    factors = []
    for x, (simplify, order, shape) in ((a, plan.first), (b, plan.second)):
        x = x if simplify is None else np.einsum(simplify, x)
        factors.append(x.transpose(order).reshape(shape))
    return np.matmul(*factors).reshape(plan.shape).transpose(plan.order)


def _evaluate(arrays: Sequence[Any], operands: Sequence[str], out: str, optimize: Any) -> Any:
    joined = f"{','.join(operands)}->{out}"
    if len(arrays) == 1:
        return np.array(np.einsum(joined, *arrays))  # which may be a view
    if math.prod([np.size(x) for x in arrays]) <= SMALL:
        return np.einsum(joined, *arrays)
    left, names = [np.asarray(x) for x in arrays], list(operands)
    sizes = _sizes(operands, [x.shape for x in left])
    if math.prod(sizes.values()) <= SMALL or any(x.dtype.kind not in "fc" for x in left):
        return np.einsum(joined, *arrays)
    if len(arrays) == 2:
        return _pair(left[0], names[0], left[1], names[1], out)
    path = optimize if isinstance(optimize, (list, tuple)) or optimize == "optimal" else "greedy"
    for step in np.einsum_path(joined, *arrays, optimize=path)[0][1:]:
        chosen = sorted(step, reverse=True)
        xs, labels = [left.pop(i) for i in chosen], [names.pop(i) for i in chosen]
        needed = "".join(names) + out
        kept = "".join(c for c in dict.fromkeys("".join(labels)) if c in needed) if names else out
        if len(xs) == 2:
            result = _pair(xs[1], labels[1], xs[0], labels[0], kept)
        else:
            result = np.einsum(f"{','.join(labels)}->{kept}", *xs)
        left.append(result)
        names.append(kept)
    return left[0]


# ---------------------------------------------------------------------------------------------------------------------
# The operation
# ---------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _transposed(index: int, subscripts: str, ranks: tuple[int, ...]) -> tuple[str, str, str, str]:
    """The subscripts for the cotangent of an operand: whole, of the result, of the operand without repeats and with."""
    operands, out = _labels(subscripts, ranks)
    others = operands[:index] + operands[index + 1 :]
    known = set(out).union(*others)
    unique = "".join(dict.fromkeys(operands[index]))
    found = "".join(c for c in unique if c in known)
    return f"{','.join([out, *others])}->{found}", found, unique, operands[index]


def _by_operand(index: int, ct: Any, /, *rest: Any, subscripts: str, optimize: Any) -> Any:
    """The cotangent of one operand, which is the sum of products of all the others with that of the result."""
    shapes = [_shape(x) for x in rest[:-1]]
    whole, found, unique, labels = _transposed(index, subscripts, tuple([len(s) for s in shapes]))
    c = einsum((ct, *rest[:index], *rest[index + 1 : -1]), whole)
    shape = shapes[index]
    if found == labels and _shape(c) == shape:
        return c
    lengths = dict(zip(labels, shape, strict=True))
    given = dict(zip(found, _shape(c), strict=True))
    if found != unique:
        c = reshape(c, tuple(given.get(i, 1) for i in unique))
    # All elements have the same cotangent along an index that was summed over by itself, or with a single element.
    full = tuple(lengths[i] if given.get(i, 1) == 1 else given[i] for i in unique)
    if full != _shape(c):
        c = broadcast_to(c, full)
    if unique != labels:  # a diagonal: zero elsewhere
        c = unbroadcast(c, tuple(lengths[i] for i in unique))
        places = np.ix_(*(np.arange(lengths[i]) for i in unique))
        c = scatter_add(c, tuple(places[unique.index(i)] for i in labels), shape)
    return c


def _samples() -> Iterable[Sample]:
    a, b, c = array(2, 3), array(3, 4, seed=1), array(4, 2, seed=2)
    z = array(3, 3) + 1j * array(3, 3, seed=1)

    def sample(subscripts: str, *inputs: ndarray[Any, Any]) -> Sample:
        return Sample(inputs, {"subscripts": subscripts, "optimize": False})

    return [
        sample("ij,jk->ik", a, b),
        sample("ij,jk,kl", a, b, c),
        sample("ij,jk,kl->", a, b, c),
        sample("ii", array(3, 3)),
        sample("iji->j", array(2, 3, 2)),
        sample("iij,jk->ki", array(2, 2, 3), b),
        sample("ij->ji", a),
        sample("ij->", a),
        sample("ijk->j", array(2, 3, 4)),
        sample("...ij,...jk->...ik", array(5, 1, 2, 3), array(4, 3, 2, seed=1)),
        sample("i...,...", a, array(seed=1)),
        sample("ij,ik->j", a, array(2, 4, seed=1)),
        sample("ij,ij,ij->i", a, array(1, 3, seed=1), array(2, 1, seed=2)),
        sample("...i,...i->...", array(2, 1), array(2, 1, 2, seed=1)),
        sample("ii,ij->j", array(3, 3), array(1, 2, seed=1)),
        sample("i,j->ij", array(2), array(3, seed=1)),
        sample(",i->i", array(), array(3, seed=1)),
        sample("ij,jk->ik", array(0, 3), b),
        sample("ij,jk->ik", z, np.conj(z)),
        sample("ij,jj->i", z, array(3, 3, seed=2)),
    ]


@multilinear(transposes=_by_operand, symbol="einsum", formula=r"\sum x_1 x_2 \cdots", samples=_samples)
def einsum(operands: Sequence[Any], subscripts: str, optimize: Any = False) -> Any:
    """Sum of products of elements, whose indices are named.

    Parameters
    ----------
    operands : sequence of Tensor or array_like
        The arrays. (NumPy's function, as which this is in ``autograd.numpy``, has them after the subscripts.)
    subscripts : str
        A letter for each axis of each array, and after ``->`` for each axis of the result, as for ``numpy.einsum``:
        an index the result does not have is summed over, one that an array has twice runs along its diagonal, ``...``
        stands for axes that broadcast.
    optimize : bool, str or list
        With three operands and more: ``"optimal"`` looks for the best order in which to multiply them, a path from
        ``numpy.einsum_path`` gives it; by default a good one is chosen.

    Returns
    -------
    Tensor
        With the axes the subscripts give the result; without ``->`` those named once, in alphabetical order.

    Raises
    ------
    ValueError
        If the subscripts are not well formed or do not fit the arrays.

    Notes
    -----
    The cotangent of an operand is the sum of products of the other ones with that of the result. Large arrays are
    multiplied as matrices, also in the backward pass.

    Examples
    --------
    >>> from autograd import Tensor
    >>> einsum([Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 1.0])], "ij,j->i").tolist()
    [3.0, 7.0]
    """
    arrays = list(operands)
    labels, out = _labels(subscripts, tuple([len(shape_of(x)) for x in arrays]))
    return _evaluate(arrays, labels, out, optimize)
