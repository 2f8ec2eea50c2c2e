"""Operations that rearrange, repeat or convert elements: all linear."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd._values import dtype_of, shape_of
from autograd.primitives import linear, raw
from autograd.samples import Sample, array

__all__ = [
    "astype",
    "broadcast_to",
    "concatenate",
    "identity",
    "repeat",
    "reshape",
    "roll",
    "stack",
    "swapaxes",
    "transpose",
    "unbroadcast",
]


def _shape(x: Any) -> tuple[int, ...]:
    return shape_of(raw(x, "shape"))


def unbroadcast(x: Any, shape: tuple[int, ...]) -> Any:
    """Sum over the axes along which an array of the given shape was broadcast to the shape of ``x`` (its transpose).

    Raises
    ------
    ValueError
        If ``shape`` does not broadcast to the shape of ``x``.
    """
    from autograd.ops.reductions import sum  # which is declared with broadcast_to, from this file

    given = _shape(x)
    if np.broadcast_shapes(given, shape) != given:
        return broadcast_to(x, shape)  # a rule may return less than a full cotangent, e.g. a constant 0
    extra = len(given) - len(shape)
    repeated = tuple(i for i, n in enumerate(given) if i < extra or (n != 1 and shape[i - extra] == 1))
    return reshape(sum(x, axis=repeated, keepdims=True), shape)


def _samples_identity() -> Iterable[Sample]:
    return [Sample((array(),)), Sample((array(2, 3),)), Sample((array(0),))]


@linear(transpose=lambda ct, x, out: ct, symbol="=", formula="x", samples=_samples_identity)
def identity(x: Any) -> Any:
    """The same values as a new node of the graph.

    Parameters
    ----------
    x : Tensor or array_like

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> identity(Tensor(2.0)).item()
    2.0
    """
    return x


def _cast_back(ct: Any, x: Any, out: Any, *, dtype: Any) -> Any:
    dtype = dtype_of(raw(x, "astype"))
    if dtype.kind != "c" and dtype_of(raw(ct, "astype")).kind == "c":
        from autograd.ops.complex import real  # which is declared with operations that this file's are declared before

        ct = real(ct)
    return astype(ct, dtype)


def _samples_astype() -> Iterable[Sample]:
    return [
        Sample((array(2, 3),), {"dtype": np.dtype(np.float64)}),
        Sample((array(),), {"dtype": np.dtype(np.float64)}),
        Sample((array(0, 3),), {"dtype": np.dtype(np.float64)}),
    ]


@linear(
    transpose=_cast_back,
    symbol="cast",
    formula="x",
    samples=_samples_astype,
)
def astype(x: Any, dtype: Any) -> Any:
    """Convert to another floating dtype; the gradient comes back in the input's.

    Parameters
    ----------
    x : Tensor or array_like
    dtype : numpy dtype

    Returns
    -------
    Tensor
        Of the same shape.

    Examples
    --------
    >>> from autograd import Tensor
    >>> astype(Tensor(2.0), "float32").dtype
    dtype('float32')
    """
    return np.asarray(x).astype(dtype)


def _reshape_back(ct: Any, x: Any, out: Any, *, shape: Any) -> Any:
    return reshape(ct, _shape(x))


def _samples_reshape() -> Iterable[Sample]:
    return [
        Sample((array(2, 3),), {"shape": (3, 2)}),
        Sample((array(2, 3),), {"shape": -1}),
        Sample((array(),), {"shape": (1, 1)}),
        Sample((array(1),), {"shape": ()}),
        Sample((array(0, 3),), {"shape": (3, 0)}),
    ]


@linear(
    transpose=_reshape_back,
    symbol="reshape",
    formula=r"\operatorname{reshape}(x)",
    samples=_samples_reshape,
)
def reshape(x: Any, shape: Any) -> Any:
    """Give another shape with the elements in the same order.

    Parameters
    ----------
    x : Tensor or array_like
    shape : int or tuple of int
        One length may be -1 and follows from the others.

    Returns
    -------
    Tensor
        Of the given shape.

    Raises
    ------
    ValueError
        If the number of elements differs.

    Examples
    --------
    >>> from autograd import Tensor
    >>> reshape(Tensor([1.0, 2.0, 3.0, 4.0]), (2, -1)).shape
    (2, 2)
    """
    return np.reshape(x, shape)


def inverse_permutation(axes: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if axes is None else tuple(int(i) for i in np.argsort([a % len(axes) for a in axes]))


def _transpose_back(ct: Any, x: Any, out: Any, *, axes: Any) -> Any:
    return transpose(ct, inverse_permutation(axes))


def _samples_transpose() -> Iterable[Sample]:
    return [
        Sample((array(2, 3),)),
        Sample((array(2, 3, 4),), {"axes": (1, 2, 0)}),
        Sample((array(2, 3, 4),), {"axes": (-1, 0, 1)}),
        Sample((array(0, 3),)),
        Sample((array(),)),
    ]


@linear(
    transpose=_transpose_back,
    symbol="T",
    formula=r"x^\top",
    samples=_samples_transpose,
)
def transpose(x: Any, axes: Any = None) -> Any:
    """Permute the axes.

    Parameters
    ----------
    x : Tensor or array_like
    axes : sequence of int, optional
        The new order of the axes; by default reversed.

    Returns
    -------
    Tensor
        With permuted axes.

    Raises
    ------
    ValueError
        If ``axes`` is not a permutation.

    Examples
    --------
    >>> from autograd import Tensor
    >>> transpose(Tensor([[1.0, 2.0]])).shape
    (2, 1)
    """
    return np.transpose(x, axes)


def _swap_back(ct: Any, x: Any, out: Any, *, axis1: int, axis2: int) -> Any:
    return swapaxes(ct, axis1, axis2)


def _samples_swapaxes() -> Iterable[Sample]:
    return [Sample((array(2, 3, 4),), {"axis1": 0, "axis2": -1}), Sample((array(2, 0),), {"axis1": 0, "axis2": 1})]


@linear(
    transpose=_swap_back,
    symbol="T",
    formula=r"x^\top",
    samples=_samples_swapaxes,
)
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Exchange two axes.

    Parameters
    ----------
    x : Tensor or array_like
    axis1, axis2 : int

    Returns
    -------
    Tensor
        With the two axes exchanged.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> swapaxes(Tensor(np.ones((2, 3, 4))), 0, 2).shape
    (4, 3, 2)
    """
    return np.swapaxes(x, axis1, axis2)


def _samples_broadcast_to() -> Iterable[Sample]:
    return [
        Sample((array(3),), {"shape": (2, 3)}),
        Sample((array(2, 1),), {"shape": (4, 2, 3)}),
        Sample((array(),), {"shape": (2,)}),
        Sample((array(1),), {"shape": (0,)}),
        Sample((array(0, 1),), {"shape": (2, 0, 3)}),
    ]


@linear(
    transpose=lambda ct, x, out, *, shape: unbroadcast(ct, _shape(x)),
    symbol="broadcast",
    formula=r"\operatorname{broadcast}(x)",
    samples=_samples_broadcast_to,
)
def broadcast_to(x: Any, shape: Any) -> Any:
    """Repeat along new axes and along axes of length 1, as broadcasting does.

    Parameters
    ----------
    x : Tensor or array_like
    shape : tuple of int

    Returns
    -------
    Tensor
        Of the given shape. Plain arrays give a read-only view, as in NumPy.

    Raises
    ------
    ValueError
        If the shapes do not match.

    Examples
    --------
    >>> from autograd import Tensor
    >>> broadcast_to(Tensor([1.0, 2.0]), (3, 2)).shape
    (3, 2)
    """
    return np.broadcast_to(x, shape)


def _repeat_back(ct: Any, x: Any, out: Any, *, repeats: Any, axis: int) -> Any:
    shape = _shape(x)
    axis = axis % len(shape)
    before = (slice(None),) * axis
    if not isinstance(repeats, int):
        from autograd.ops.indexing import scatter_add  # which is declared after the operations of this file

        return scatter_add(ct, (*before, np.repeat(np.arange(shape[axis]), repeats)), shape)
    if 1 <= repeats <= _FEW:  # adding up short runs is slow in NumPy
        total = ct[(*before, slice(0, None, repeats))]
        for i in range(1, repeats):
            total = total + ct[(*before, slice(i, None, repeats))]
        return total
    from autograd.ops.reductions import sum  # which is declared with broadcast_to, from this file

    return sum(reshape(ct, (*shape[: axis + 1], repeats, *shape[axis + 1 :])), axis=axis + 1)


#: Runs up to this length are added up element by element.
_FEW = 8


def _samples_repeat() -> Iterable[Sample]:
    return [
        Sample((array(2, 3),), {"repeats": 2, "axis": 0}),
        Sample((array(2, 3),), {"repeats": 3, "axis": -1}),
        Sample((array(3, 2),), {"repeats": 20, "axis": 1}),
        Sample((array(2, 3),), {"repeats": 0, "axis": 1}),
        Sample((array(2, 3, 2),), {"repeats": np.array([2, 0, 1]), "axis": 1}),
        Sample((array(0, 3),), {"repeats": 2, "axis": 0}),
    ]


@linear(
    transpose=_repeat_back,
    symbol="repeat",
    formula=r"\operatorname{repeat}(x)",
    samples=_samples_repeat,
)
def repeat(x: Any, repeats: Any, axis: int = -1) -> Any:
    """Repeat each element along an axis.

    Parameters
    ----------
    x : Tensor or array_like
    repeats : int or array of int
        How often, the same for all or one number for each.
    axis : int
        Along which axis.

    Returns
    -------
    Tensor
        Longer along this axis.

    Raises
    ------
    ValueError
        If a number is negative, or there are not as many as elements.

    Examples
    --------
    >>> from autograd import Tensor
    >>> repeat(Tensor([1.0, 2.0]), 2).tolist()
    [1.0, 1.0, 2.0, 2.0]
    """
    return np.repeat(x, repeats, axis)


def _roll_back(ct: Any, x: Any, out: Any, *, shift: Any, axis: Any) -> Any:
    return roll(ct, tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis)


def _samples_roll() -> Iterable[Sample]:
    return [
        Sample((array(5),), {"shift": 2, "axis": 0}),
        Sample((array(2, 3),), {"shift": -1}),
        Sample((array(2, 3),), {"shift": (1, 4), "axis": (0, -1)}),
        Sample((array(2, 3),), {"shift": 1, "axis": (0, 1)}),
        Sample((array(0, 3),), {"shift": 1, "axis": 0}),
        Sample((array(),), {"shift": 1}),
    ]


@linear(
    transpose=_roll_back,
    symbol="roll",
    formula=r"\operatorname{roll}(x)",
    samples=_samples_roll,
)
def roll(x: Any, shift: int | tuple[int, ...], axis: int | tuple[int, ...] | None = None) -> Any:
    """Shift the elements along axes; what leaves at one end comes back at the other.

    Parameters
    ----------
    x : Tensor or array_like
    shift : int or tuple of int
        By how many places; for several axes one number each, or the same for all.
    axis : int or tuple of int, optional
        Along which; by default the array is shifted as if it were flat.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If there are not as many shifts as axes.

    Examples
    --------
    >>> from autograd import Tensor
    >>> roll(Tensor([1.0, 2.0, 3.0]), 1).tolist()
    [3.0, 1.0, 2.0]
    """
    return np.roll(x, shift, axis)


def _parts(needed: Sequence[bool], ct: Any, *rest: Any, axis: Any) -> list[Any]:
    """The pieces of a concatenation's cotangent that belong to its inputs."""
    shapes = [_shape(x) for x in rest[:-1]]
    before = () if axis is None else (slice(None),) * (axis % len(_shape(ct)))
    parts: list[Any] = []
    start = 0
    for shape, wanted in zip(shapes, needed, strict=True):
        stop = start + (math.prod(shape) if axis is None else shape[axis])
        part = ct[(*before, slice(start, stop))] if wanted else None
        parts.append(reshape(part, shape) if wanted and axis is None else part)
        start = stop
    return parts


def _samples_concatenate() -> Iterable[Sample]:
    return [
        Sample((array(2, 3), array(1, 3, seed=1)), {"axis": 0}),
        Sample((array(2, 3), array(2, 0), array(2, 1, seed=1)), {"axis": -1}),
        Sample((array(2, 3), array(2, seed=1)), {"axis": None}),
        Sample((array(0),), {"axis": 0}),
    ]


@linear(
    transpose=_parts,
    symbol="concat",
    formula=r"[x_1, x_2, \dots]",
    samples=_samples_concatenate,
    sequence=True,
)
def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Join along an existing axis.

    Parameters
    ----------
    arrays : sequence of Tensor or array_like
        Of equal shapes but for the joined axis.
    axis : int or None
        The axis to join along; None joins them flattened.

    Returns
    -------
    Tensor
        All inputs one after another.

    Raises
    ------
    ValueError
        If the shapes do not match or the sequence is empty.

    Examples
    --------
    >>> from autograd import Tensor
    >>> concatenate([Tensor([1.0]), Tensor([2.0, 3.0])]).tolist()
    [1.0, 2.0, 3.0]
    """
    return np.concatenate(arrays, axis=axis)


def _slices(needed: Sequence[bool], ct: Any, *rest: Any, axis: int) -> list[Any]:
    shape = _shape(ct)
    if len(shape) == 1 and type(ct) is np.ndarray:
        return ct.tolist() if ct.dtype == np.float64 else list(ct)  # numbers; Python's are the faster ones
    before = (slice(None),) * (axis % len(shape))
    return [ct[(*before, i)] if wanted else None for i, wanted in enumerate(needed)]


def _samples_stack() -> Iterable[Sample]:
    return [
        Sample((array(), array(seed=1), array(seed=2)), {"axis": 0}),
        Sample((array(2, 3), array(2, 3, seed=1)), {"axis": 1}),
        Sample((array(2, 3), array(2, 3, seed=1)), {"axis": -1}),
        Sample((array(0), array(0)), {"axis": 0}),
    ]


def _stack_by_concatenation(*arrays: Any, axis: int) -> Any:
    shape = list(_shape(arrays[0]))
    shape.insert(axis if axis >= 0 else axis + len(shape) + 1, 1)
    return concatenate([reshape(a, tuple(shape)) for a in arrays], axis=axis)


@linear(
    transpose=_slices,
    symbol="stack",
    formula=r"[x_1, x_2, \dots]",
    samples=_samples_stack,
    decomposition=_stack_by_concatenation,
    sequence=True,
)
def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Join along a new axis; makes a vector of scalars.

    Parameters
    ----------
    arrays : sequence of Tensor or array_like
        Of equal shapes.
    axis : int
        Where the new axis goes in the result.

    Returns
    -------
    Tensor
        With one axis more.

    Raises
    ------
    ValueError
        If the shapes differ or the sequence is empty.

    Examples
    --------
    >>> from autograd import Tensor
    >>> stack([Tensor(1.0), Tensor(2.0)]).shape
    (2,)
    """
    if set(map(type, arrays)) == {float} and axis in (0, -1):
        return np.array(arrays)  # several times faster
    return np.stack(arrays, axis=axis)
