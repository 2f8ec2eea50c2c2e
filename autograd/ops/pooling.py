"""Pooling: the largest element or the sum of each of the windows that slide over an array's last axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.indexing import getitem, scatter_add
from autograd.ops.reductions import sum as sum_
from autograd.ops.shape import reshape, stack
from autograd.ops.windows import Windows, windows
from autograd.primitives import fused, linear, raw
from autograd.samples import Sample, array

__all__ = ["max_indices", "max_pool", "max_pool_indices", "sum_pool", "sum_pool_transpose"]

Array = Any  # of numbers; NumPy's stubs know no indices made of tuples of unknown length

#: How many bytes of the input to go through at a time, so that they stay in the processor's cache meanwhile.
_BLOCK_BYTES = 1 << 20


def _shape(x: Any) -> tuple[int, ...]:
    return shape_of(raw(x, "pooling"))


def _split(shape: tuple[int, ...], w: Windows) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes before, and those that are pooled."""
    axes = len(w.kernel)
    if len(shape) < axes:
        raise ValueError(f"windows over {axes} axes do not fit an input of shape {shape}")
    return shape[: len(shape) - axes], shape[len(shape) - axes :]


def _reduce(x: Array, w: Windows, operation: np.ufunc, start: Any) -> Array:
    """Reduce the windows, along one axis after the other: first along that whose steps in memory are largest."""
    size = _split(x.shape, w)[1]
    for i, n in enumerate(size):
        along = w.axis(i)
        (count,) = along.count((n,))
        rest = (slice(None),) * (len(size) - i - 1)
        views = [((..., *a, *rest), (..., *b, *rest)) for a, b in along.views((n,), (count,))]
        if all(a[1] == slice(0, count) for a, _ in views):
            total = x[views.pop(0)[1]].copy()
        else:
            axis = x.ndim - len(size) + i
            total = np.full((*x.shape[:axis], count, *x.shape[axis + 1 :]), start, x.dtype)
        for a, b in views:
            operation(total[a], x[b], out=total[a])
        x = total
    return x


# ---------------------------------------------------------------------------------------------------------------------
# The largest element
# ---------------------------------------------------------------------------------------------------------------------


def _lowest(dtype: np.dtype[Any]) -> Any:
    return False if dtype.kind == "b" else np.iinfo(dtype).min if dtype.kind in "iu" else -math.inf


def _check_that_windows_see(w: Windows, size: tuple[int, ...], count: tuple[int, ...]) -> None:
    if all(p == (0, 0) for p in w.padding):
        return
    sees = np.zeros(count, bool)
    for seen_by, _ in w.views(size, count):
        sees[seen_by] = True
    if not sees.all():
        raise ValueError(
            f"the window at {tuple(np.argwhere(~sees)[0].tolist())} sees nothing but padding; give less padding or a "
            f"smaller dilation"
        )


def max_pool_indices(x: Any, windows: Windows) -> Array:
    """Which element of each window :func:`max_pool` takes, counted in C order over the pooled axes of the input.

    Parameters
    ----------
    x : Tensor or array_like
        ``(..., *size)``.
    windows : Windows
        Over the last axes.

    Returns
    -------
    ndarray
        Integers ``(..., *count)``: of the largest element, the first of several; a NaN counts as largest.

    Examples
    --------
    >>> from autograd.ops.windows import windows
    >>> max_pool_indices([1.0, 3.0, 3.0, 2.0], windows((2,), stride=1))
    array([1, 1, 2])
    """
    values = np.asarray(raw(x, "max_pool"))
    lead, size = _split(values.shape, windows)
    count = windows.count(size)
    _check_that_windows_see(windows, size, count)
    places = np.arange(math.prod(size)).reshape(size)
    best = np.zeros((*lead, *count), values.dtype)
    chosen = np.full((*lead, *count), -1)
    for seen_by, seen in windows.views(size, count):
        value, leader, choice = values[(..., *seen)], best[(..., *seen_by)], chosen[(..., *seen_by)]
        better = (choice < 0) | (value > leader) | ((value != value) & (leader == leader))
        np.copyto(leader, value, where=better)
        np.copyto(choice, places[seen], where=better)
    return chosen


def max_indices(x: Any, parts: Sequence[Sequence[slice]]) -> Array:
    """Where the largest element of each of a grid of windows is, counted as by :func:`max_pool_indices`.

    Parameters
    ----------
    x : Tensor or array_like
        ``(..., *size)``.
    parts : sequence of sequence of slice
        For each of the last axes its division into windows.

    Returns
    -------
    ndarray
        Integers ``(..., *count)``.

    Examples
    --------
    >>> max_indices([1.0, 3.0, 4.0, 2.0], [[slice(0, 2), slice(2, 4)]])
    array([1, 2])
    """
    values = np.asarray(raw(x, "max_pool"))
    lead, size = values.shape[: values.ndim - len(parts)], values.shape[values.ndim - len(parts) :]
    indices = np.empty((*lead, *map(len, parts)), np.intp)
    for place in np.ndindex(*map(len, parts)):
        part = tuple(along[i] for along, i in zip(parts, place, strict=True))
        lengths = tuple(p.stop - p.start for p in part)
        inside = max_pool_indices(values[(..., *part)], windows(lengths)).reshape(lead)
        each = zip(part, np.unravel_index(inside, lengths), strict=True)
        indices[(..., *place)] = np.ravel_multi_index(tuple(p.start + i for p, i in each), size)
    return indices


def _take_largest(x: Any, *, windows: Windows) -> Any:
    lead, size = _split(_shape(x), windows)
    index = max_pool_indices(x, windows)
    arrays = math.prod(lead)
    flat = reshape(x, (arrays, math.prod(size)))
    columns = index.reshape(arrays, math.prod(index.shape[len(lead) :]))
    return reshape(getitem(flat, (np.arange(arrays)[:, None], columns)), index.shape)


def _route_back(
    needed: tuple[bool, ...], ct: Array, residuals: None, x: Array, out: Array, *, windows: Windows
) -> tuple[Array | None]:
    if not needed[0]:
        return (None,)
    lead, size = _split(x.shape, windows)
    count = _split(out.shape, windows)[1]
    flat, ct, out = (v.reshape(-1, *v.shape[len(lead) :]) for v in (x, ct, out))
    gradient = np.zeros(flat.shape, x.dtype)
    views = windows.views(size, count)
    disjoint = windows.are_disjoint
    finite = bool(np.isfinite(ct).all())
    nans = bool(np.isnan(out).any())
    step = max(1, _BLOCK_BYTES // max(1, math.prod(size) * x.itemsize))
    for i in range(0, len(flat), step):
        block = slice(i, i + step)
        values, to, largest, g = flat[block], gradient[block], out[block], ct[block]
        free = np.ones(largest.shape, bool)  # windows whose largest element is not found yet
        hit = np.empty(largest.shape, bool)
        for seen_by, seen in views:
            a, b = (slice(None), *seen_by), (slice(None), *seen)
            found = np.equal(values[b], largest[a], out=hit[a])
            if nans:
                found |= np.isnan(values[b])
            found &= free[a]
            free[a] ^= found
            if disjoint and finite:
                np.multiply(g[a], found, out=to[b])
            else:
                to[b] += g[a] * found if finite else np.where(found, g[a], 0)
    return (gradient.reshape(x.shape),)


def _samples_max() -> Iterable[Sample]:
    return [
        Sample((array(2, 7),), {"windows": windows((3,), stride=2)}),
        Sample((array(2, 2, 4, 6),), {"windows": windows((2, 2), stride=2)}),
        Sample((array(2, 5, 4),), {"windows": windows((2, 3), stride=(2, 1), padding=1, ceil=True)}),
        Sample((array(7),), {"windows": windows((2,), stride=2, dilation=3)}),
        Sample((array(1, 2, 3, 2),), {"windows": windows((2, 1, 2), stride=(1, 2, 1))}),
        Sample((array(0, 1, 4, 4),), {"windows": windows((2, 2), stride=2)}),
    ]


@fused(
    pullback=_route_back,
    decomposition=_take_largest,
    symbol="max pool",
    formula=r"\max_k x_{ys-p+kd}",
    samples=_samples_max,
)
def max_pool(x: Any, *, windows: Windows) -> Any:
    """The largest element of every window. The gradient goes to it; to the first, where several are equal.

    Parameters
    ----------
    x : Tensor or array_like
        ``(..., *size)``. What is beyond its ends is never the largest.
    windows : Windows
        Over the last axes.

    Returns
    -------
    Tensor
        ``(..., *count)``. A NaN counts as largest.

    Raises
    ------
    ValueError
        If no window fits, or one sees nothing but padding.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops.windows import windows
    >>> max_pool(Tensor([1.0, 3.0, 2.0, 4.0]), windows=windows((2,), stride=2)).tolist()
    [3.0, 4.0]
    """
    _, size = _split(np.shape(x), windows)
    _check_that_windows_see(windows, size, windows.count(size))
    return _reduce(x, windows, np.maximum, _lowest(x.dtype)), None


# ---------------------------------------------------------------------------------------------------------------------
# The sum
# ---------------------------------------------------------------------------------------------------------------------


def _sum_gates(x: Any, *, windows: Windows) -> Any:
    lead, size = _split(_shape(x), windows)
    shape = (*lead, *windows.count(size))
    parts = [
        scatter_add(getitem(x, (..., *seen)), (..., *seen_by), shape)
        for seen_by, seen in windows.views(size, windows.count(size))
    ]
    return sum_(stack(parts), axis=0)


def _spread_gates(y: Any, *, windows: Windows, size: tuple[int, ...]) -> Any:
    lead, count = _split(_shape(y), windows)
    parts = [
        scatter_add(getitem(y, (..., *seen_by)), (..., *seen), (*lead, *size))
        for seen_by, seen in windows.views(size, count)
    ]
    return sum_(stack(parts), axis=0)


def _samples_sum() -> Iterable[Sample]:
    return [s for s in _samples_max() if len(s.inputs[0]) != 7]  # windows with gaps are not needed


def _samples_spread() -> Iterable[Sample]:
    spread = []
    for sample in _samples_sum():
        w = sample.attributes["windows"]
        lead, size = _split(sample.inputs[0].shape, w)
        spread.append(Sample((array(*lead, *w.count(size)),), {"windows": w, "size": size}))
    return spread


def _spread_back(ct: Any, x: Any, out: Any, *, windows: Windows) -> Any:
    return sum_pool_transpose(ct, windows=windows, size=_split(_shape(x), windows)[1])


@linear(
    transpose=_spread_back,
    symbol="Σ pool",
    formula=r"\textstyle\sum_k x_{ys-p+kd}",
    samples=_samples_sum,
    decomposition=_sum_gates,
)
def sum_pool(x: Any, *, windows: Windows) -> Any:
    """The sum of every window.

    Parameters
    ----------
    x : Tensor or array_like
        ``(..., *size)``, zero beyond its ends.
    windows : Windows
        Over the last axes.

    Returns
    -------
    Tensor
        ``(..., *count)``.

    Raises
    ------
    ValueError
        If no window fits.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops.windows import windows
    >>> sum_pool(Tensor([1.0, 3.0, 2.0, 4.0]), windows=windows((2,), stride=2)).tolist()
    [4.0, 6.0]
    """
    return _reduce(x, windows, np.add, 0)


@linear(
    transpose=lambda ct, y, out, *, windows, size: sum_pool(ct, windows=windows),
    symbol="Σ poolᵀ",
    formula=r"\textstyle\sum_{k,\,ys-p+kd=z} y_y",
    samples=_samples_spread,
    decomposition=_spread_gates,
)
def sum_pool_transpose(y: Any, *, windows: Windows, size: tuple[int, ...]) -> Any:
    """Add the number for each window to all the elements it sees: what :func:`sum_pool` does, backwards.

    Parameters
    ----------
    y : Tensor or array_like
        ``(..., *count)``.
    windows : Windows
        Over the last axes.
    size : tuple of int
        Lengths of the last axes of the result.

    Returns
    -------
    Tensor
        ``(..., *size)``.

    Raises
    ------
    ValueError
        If ``count`` is not the number of windows for that size.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops.windows import windows
    >>> sum_pool_transpose(Tensor([1.0, 2.0]), windows=windows((2,), stride=2), size=(5,)).tolist()
    [1.0, 1.0, 2.0, 2.0, 0.0]
    """
    lead, count = _split(np.shape(y), windows)
    if windows.count(size) != count:
        raise ValueError(f"an input of size {size} has windows {windows.count(size)}, not {count}")
    for i in reversed(range(len(size))):
        along = windows.axis(i)
        rest = (slice(None),) * (len(size) - i - 1)
        x = np.zeros((*lead, *count[:i], *size[i:]), y.dtype)
        for seen_by, seen in along.views(size[i : i + 1], count[i : i + 1]):
            if along.are_disjoint:
                x[(..., *seen, *rest)] = y[(..., *seen_by, *rest)]
            else:
                x[(..., *seen, *rest)] += y[(..., *seen_by, *rest)]
        y = x
    return y
