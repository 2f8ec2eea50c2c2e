"""Choosing elements along an axis, and bringing them into order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from autograd._values import dtype_of
from autograd.ops.reductions import _shape
from autograd.primitives import fused, linear, raw
from autograd.samples import Sample, array

__all__ = ["add_along_axis", "sort", "take_along_axis"]


def _samples_take() -> Iterable[Sample]:
    indices = np.array([[2, 0, 2], [-1, 1, 0]])
    return [
        Sample((array(3),), {"indices": np.array([1, 1, -3, 2]), "axis": 0}),
        Sample((array(2, 3),), {"indices": indices, "axis": 1}),
        Sample((array(2, 3),), {"indices": np.array([[1, 0, -1]]), "axis": 0}),
        Sample((array(1, 3),), {"indices": indices, "axis": 1}),  # both broadcast along the other axes
        Sample((array(2, 3),), {"indices": indices[:1], "axis": -1}),
        Sample((array(2, 3) * (1 + 1j),), {"indices": indices, "axis": 1}),
        Sample((array(2, 3),), {"indices": np.zeros((2, 0), int), "axis": 1}),
        Sample((array(0, 3),), {"indices": np.zeros((0, 2), int), "axis": 1}),
    ]


def _add_back(ct: Any, x: Any, out: Any, *, indices: Any, axis: int) -> Any:
    return add_along_axis(ct, indices, axis, _shape(x))


@linear(
    transpose=_add_back,
    symbol="take",
    formula="x[i]",
    samples=_samples_take,
)
def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Any:
    """Elements chosen along an axis by indices of their own for each row along it, such as ``argsort`` gives.

    Parameters
    ----------
    x : Tensor or array_like
    indices : ndarray of int
        With as many axes as ``x``; both broadcast along the others.
    axis : int

    Returns
    -------
    Tensor
        Of the shape of the indices. An element chosen twice gets both gradients.

    Raises
    ------
    IndexError
        If an index is out of bounds.
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from autograd import Tensor
    >>> take_along_axis(Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]]).tolist()
    [[2.0], [3.0]]
    """
    return np.take_along_axis(np.asarray(x), np.asarray(indices), axis)


def _samples_add() -> Iterable[Sample]:
    indices = np.array([[2, 0, 2], [-1, 1, 0]])
    return [
        Sample((array(3),), {"indices": np.array([1, 1, -2]), "axis": 0, "shape": (2,)}),
        Sample((array(2, 3),), {"indices": indices, "axis": 1, "shape": (2, 4)}),
        Sample((array(2, 3),), {"indices": indices, "axis": -1, "shape": (1, 3)}),
        Sample((array(2, 3) * (1 + 1j),), {"indices": indices[:1], "axis": 1, "shape": (2, 3)}),
        Sample((array(2, 0),), {"indices": np.zeros((2, 0), int), "axis": 1, "shape": (2, 3)}),
    ]


@linear(
    transpose=lambda ct, x, out, *, indices, axis, shape: take_along_axis(ct, indices, axis),
    symbol="scatter",
    formula=r"\textstyle\sum_k x_k e_{i_k}",
    samples=_samples_add,
)
def add_along_axis(x: Any, indices: Any, axis: int, shape: tuple[int, ...]) -> Any:
    """An array of zeros with values added along an axis: what :func:`take_along_axis` does, backwards.

    Parameters
    ----------
    x : Tensor or array_like
        Values, of the shape that the indices choose.
    indices : ndarray of int
        Where along the axis each is added; where two meet, both are.
    axis : int
    shape : tuple of int
        Of the result.

    Returns
    -------
    Tensor
        Zero where nothing was added.

    Examples
    --------
    >>> from autograd import Tensor
    >>> add_along_axis(Tensor([1.0, 2.0]), [0, 0], 0, (3,)).tolist()
    [3.0, 0.0, 0.0]
    """
    size = prod(shape)
    places = np.take_along_axis(np.arange(size).reshape(shape), np.asarray(indices), axis)
    total = np.zeros(size, dtype_of(x))
    np.add.at(total, places.ravel(), np.ravel(x))
    return total.reshape(shape)


def _pull_sort(needed: Sequence[bool], ct: Any, order: Any, x: Any, out: Any, *, axis: int) -> tuple[Any]:
    g = np.empty_like(ct)
    np.put_along_axis(g, order, ct, axis)
    return (g,)


def _samples_sort() -> Iterable[Sample]:
    z = array(2, 3) + 1j * array(2, 3, seed=1)
    return [
        Sample((array(4),)),
        Sample((array(3, 4),), {"axis": 0}),
        Sample((array(2, 3, 4),), {"axis": 1}),
        Sample((z,)),
        Sample((array(1),)),
        Sample((array(0, 3),)),
        Sample((array(0, 3),), {"axis": 0}),
    ]


@fused(
    pullback=_pull_sort,
    decomposition=lambda x, axis=-1: take_along_axis(x, np.argsort(raw(x, "sort"), axis, kind="stable"), axis),
    symbol="sort",
    formula=r"x_{(i)}",
    samples=_samples_sort,
)
def sort(x: Any, axis: int = -1) -> Any:
    """Sort along an axis, smallest first. Each gradient goes back to the element that stood there.

    Parameters
    ----------
    x : Tensor or array_like
    axis : int
        The axis to sort along.

    Returns
    -------
    Tensor
        Of the same shape and dtype, with NaN last. Equal elements keep their order, so each gets one of the gradients.

    Raises
    ------
    ValueError
        If there is no such axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> sort(Tensor([3.0, 1.0, 2.0])).tolist()
    [1.0, 2.0, 3.0]
    """
    x = np.asarray(x)
    order = np.argsort(x, axis, kind="stable")
    return np.take_along_axis(x, order, axis), order
