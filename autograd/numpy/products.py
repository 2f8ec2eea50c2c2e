"""NumPy's products of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import dtype_of, shape_of
from autograd.primitives import raw, scope_note
from autograd.protocols import RELATED_UFUNCS, implements, refuse
from autograd.tensor import Tensor

__all__: list[str] = []


def _shape(x: Any) -> tuple[int, ...]:
    return shape_of(raw(x, "shape"))


def _conjugate(x: Any) -> Any:
    return ops.conjugate(x) if dtype_of(raw(x, "conjugate")).kind == "c" else x


def move_axis(x: Any, source: int, destination: int) -> Any:
    """``np.moveaxis``, without a gate where the axis is in its place."""
    count = len(_shape(x))
    if _axis(source, count) == _axis(destination, count):
        return x
    return np.moveaxis(x, source, destination)


def _axis(axis: int, count: int) -> int:
    if not -count <= axis < count:
        raise np.exceptions.AxisError(axis, count)
    return axis % count


# ---------------------------------------------------------------------------------------------------------------------
# Sums of products over given axes
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    shapes = _shape(a), _shape(b)
    first, second = len(shapes[0]), len(shapes[1])
    if np.ndim(axes) == 0:
        if not 0 <= int(axes) <= min(first, second):
            raise ValueError(f"tensordot: arrays of shapes {shapes[0]} and {shapes[1]} do not both have {axes} axes")
        summed: list[tuple[int, ...]] = [tuple(range(first - int(axes), first)), tuple(range(int(axes)))]
    else:
        summed = [tuple(np.atleast_1d(x).tolist()) for x in axes]
        summed = [tuple(_axis(x, n) for x in xs) for xs, n in zip(summed, (first, second), strict=True)]
    if len(summed[0]) != len(summed[1]) or any(shapes[0][i] != shapes[1][j] for i, j in zip(*summed, strict=True)):
        raise ValueError(
            f"tensordot of shapes {shapes[0]} and {shapes[1]} over axes {summed[0]} and {summed[1]}{scope_note()}: "
            f"these axes must be as many, of equal lengths"
        )
    left, right = list(ascii_letters[:first]), list(ascii_letters[first : first + second])
    for i, j in zip(*summed, strict=True):
        right[j] = left[i]
    names = [c for i, c in enumerate(left) if i not in summed[0]] + [
        c for j, c in enumerate(right) if j not in summed[1]
    ]
    return ops.einsum((a, b), f"{''.join(left)},{''.join(right)}->{''.join(names)}")


def _rank(x: Any) -> int:
    value = x._data if type(x) is Tensor else x
    return value.ndim if type(value) is np.ndarray else len(_shape(x))


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    refuse("dot", out=out)
    ranks = _rank(a), _rank(b)
    if 0 in ranks:
        return ops.multiply(a, b)
    if ranks[1] == 1 or ranks[0] <= 2 >= ranks[1]:
        return ops.matmul(a, b)
    return tensordot(a, b, axes=((-1,), (-2,)))


@implements(np.inner)
def inner(a: Any, b: Any, /) -> Any:
    if not _shape(a) or not _shape(b):
        return ops.multiply(a, b)
    return tensordot(a, b, axes=((-1,), (-1,)))


@implements(np.outer)
def outer(a: Any, b: Any, out: Any = None) -> Any:
    refuse("outer", out=out)
    return ops.multiply(ops.reshape(a, (-1, 1)), ops.reshape(b, (1, -1)))


@implements(np.vdot)
def vdot(a: Any, b: Any, /) -> Any:
    return ops.matmul(ops.reshape(_conjugate(a), -1), ops.reshape(b, -1))


def vecdot(x1: Any, x2: Any, /, axis: int = -1, keepdims: bool = False) -> Any:
    """Sum of the products of the elements of one array's conjugate with those of another, along an axis."""
    x1, x2 = move_axis(x1, axis, -1), move_axis(x2, axis, -1)
    _check_lengths("vecdot", x1, x2, -1)
    product = ops.einsum((_conjugate(x1), x2), "...i,...i->...")
    return np.expand_dims(product, axis) if keepdims else product


def matvec(x1: Any, x2: Any, /) -> Any:
    """Product of matrices with vectors."""
    _check_lengths("matvec", x1, x2, -1)
    return ops.einsum((x1, x2), "...ij,...j->...i")


def vecmat(x1: Any, x2: Any, /) -> Any:
    """Product of conjugate vectors with matrices."""
    _check_lengths("vecmat", x1, x2, -2)
    return ops.einsum((_conjugate(x1), x2), "...i,...ij->...j")


def _check_lengths(name: str, x1: Any, x2: Any, axis: int) -> None:
    """These functions do not broadcast the axis they sum over."""
    first, second = _shape(x1), _shape(x2)
    if not first or len(second) < -axis or first[-1] != second[axis]:
        raise ValueError(f"{name} of shapes {first} and {second}{scope_note()}: the vectors differ in length")


for _name, _function in (("vecdot", vecdot), ("matvec", matvec), ("vecmat", vecmat)):
    if hasattr(np, _name):  # depends on its version
        RELATED_UFUNCS[getattr(np, _name)] = _function


@implements(np.einsum)
def einsum(
    *operands: Any,
    out: Any = None,
    optimize: Any = False,
    dtype: Any = None,
    order: str = "K",
    casting: str = "safe",
) -> Any:
    refuse("einsum", out=out, dtype=dtype)
    if isinstance(operands[0], str):
        return ops.einsum(operands[1:], operands[0].replace(" ", ""), optimize)
    # Arrays and lists of numbers in turn, and perhaps a list for the result.
    lists = [*operands[1::2], *(operands[-1:] if len(operands) % 2 else [])]
    numbers = sorted({i for given in lists for i in given if i is not Ellipsis})
    if not all(isinstance(i, (int, np.integer)) and 0 <= i < 52 for i in numbers):
        raise ValueError("einsum: the subscripts in a list must be whole numbers from 0 to 51, or Ellipsis")
    letters = {i: ascii_letters[i] for i in numbers} | {Ellipsis: "..."}
    terms = ["".join(letters[i] for i in given) for given in lists]
    count = len(operands) // 2
    text = ",".join(terms[:count]) + ("->" + terms[count] if len(operands) % 2 else "")
    return ops.einsum(operands[: 2 * count : 2], text, optimize)


@implements(np.linalg.multi_dot)
def multi_dot(arrays: Sequence[Any], *, out: Any = None) -> Any:
    refuse("linalg.multi_dot", out=out)
    given = list(arrays)
    if len(given) < 2:
        raise ValueError(f"multi_dot: expected two arrays or more, got {len(given)}")
    shapes = [_shape(x) for x in given]
    if any(len(s) != 2 for s in shapes[1:-1]) or any(len(shapes[i]) not in (1, 2) for i in (0, -1)):
        raise np.linalg.LinAlgError(
            f"multi_dot of shapes {', '.join(map(str, shapes))}{scope_note()}: expected matrices, of which the "
            f"first and the last may be vectors"
        )
    # Row and column lengths, with a vector as a row in the first place and as a column in the last.
    lengths = [1 if len(shapes[0]) == 1 else shapes[0][0], *(s[0] for s in shapes[1:])]
    lengths.append(1 if len(shapes[-1]) == 1 else shapes[-1][1])
    cut = _cuts(lengths)

    def product(i: int, j: int) -> Any:
        return given[i] if i == j else ops.matmul(product(i, cut[i, j]), product(cut[i, j] + 1, j))

    return product(0, len(given) - 1)


def _cuts(lengths: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to cut a chain of matrices in two, and those again, for the fewest multiplications (by their lengths)."""
    count = len(lengths) - 1
    cost = {(i, i): 0 for i in range(count)}
    cut: dict[tuple[int, int], int] = {}
    for distance in range(1, count):
        for i in range(count - distance):
            j = i + distance
            costs = {k: cost[i, k] + cost[k + 1, j] + lengths[i] * lengths[k + 1] * lengths[j + 1] for k in range(i, j)}
            cut[i, j] = min(costs, key=lambda k: costs[k])
            cost[i, j] = costs[cut[i, j]]
    return cut


# ---------------------------------------------------------------------------------------------------------------------
# Others
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.kron)
def kron(a: Any, b: Any) -> Any:
    first, second = _shape(a), _shape(b)
    count = max(len(first), len(second))
    first, second = (1,) * (count - len(first)) + first, (1,) * (count - len(second)) + second
    spread = ops.reshape(a, tuple(k for n in first for k in (n, 1)))
    return ops.reshape(
        ops.multiply(spread, ops.reshape(b, tuple(k for n in second for k in (1, n)))),
        tuple(n * m for n, m in zip(first, second, strict=True)),
    )


@implements(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = move_axis(a, axisa, -1), move_axis(b, axisb, -1)
    lengths = _shape(a)[-1], _shape(b)[-1]
    if not {2, 3} >= set(lengths):
        raise ValueError(f"cross: expected vectors of length 2 or 3{scope_note()}, got {lengths[0]} and {lengths[1]}")
    a0, a1, a2 = (a[..., i] if i < lengths[0] else 0.0 for i in range(3))
    b0, b1, b2 = (b[..., i] if i < lengths[1] else 0.0 for i in range(3))
    third = a0 * b1 - a1 * b0
    if lengths == (2, 2):
        return third
    return move_axis(ops.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, third], -1), -1, axisc)


@implements(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    return ops.convolve(ops.reshape(a, 1) if not _shape(a) else a, ops.reshape(v, 1) if not _shape(v) else v, mode)


@implements(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    if _shape(v)[0] > _shape(a)[0]:  # the other way round, back to front
        return _conjugate(correlate(v, a, mode))[::-1]
    return ops.convolve(a, _conjugate(v)[::-1], mode)


# ---------------------------------------------------------------------------------------------------------------------
# The same under the names of the array API, in ``np.linalg``
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.linalg.tensordot)
def _tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return tensordot(x1, x2, axes)


@implements(np.linalg.matmul)
def _matmul(x1: Any, x2: Any, /) -> Any:
    return ops.matmul(x1, x2)


@implements(np.linalg.vecdot)
def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return vecdot(x1, x2, axis=axis)


@implements(np.linalg.outer)
def _outer(x1: Any, x2: Any, /) -> Any:
    if len(_shape(x1)) != 1 or len(_shape(x2)) != 1:
        raise ValueError(f"linalg.outer: expected vectors, got shapes {_shape(x1)} and {_shape(x2)}{scope_note()}")
    return outer(x1, x2)


@implements(np.linalg.cross)
def _cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    lengths = _shape(x1)[axis], _shape(x2)[axis]
    if lengths != (3, 3):
        raise ValueError(f"linalg.cross: expected vectors of length 3{scope_note()}, got {lengths[0]} and {lengths[1]}")
    return cross(x1, x2, axis=axis)
