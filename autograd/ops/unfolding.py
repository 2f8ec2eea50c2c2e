"""Windows written out as columns, and columns added up to an array again."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.indexing import getitem, scatter_add
from autograd.ops.reductions import sum as sum_
from autograd.ops.shape import reshape, stack
from autograd.ops.windows import Windows, windows
from autograd.primitives import linear, raw
from autograd.samples import Sample, array

__all__ = ["fold", "unfold"]


def _shape(x: Any) -> tuple[int, ...]:
    return shape_of(raw(x, "unfold"))


def _unfold_gates(x: Any, *, windows: Windows) -> Any:
    images, channels, *lengths = _shape(x)
    size = tuple(lengths)
    count = windows.count(size)
    parts = [
        scatter_add(getitem(x, (..., *seen)), (..., *seen_by), (images, channels, *count))
        for seen_by, seen in windows.views(size, count)
    ]
    return reshape(stack(parts, axis=2), (images, channels * len(parts), math.prod(count)))


def _fold_gates(y: Any, *, windows: Windows, size: tuple[int, ...]) -> Any:
    images, rows, _ = _shape(y)
    count, window = windows.count(size), math.prod(windows.kernel)
    columns = reshape(y, (images, rows // window, window, *count))
    parts = [
        scatter_add(columns[(slice(None), slice(None), k, *seen_by)], (..., *seen), (images, rows // window, *size))
        for k, (seen_by, seen) in enumerate(windows.views(size, count))
    ]
    return sum_(stack(parts), axis=0)


def _unfold_back(ct: Any, x: Any, out: Any, *, windows: Windows) -> Any:
    return fold(ct, windows=windows, size=_shape(x)[2:])


def _fold_back(ct: Any, y: Any, out: Any, *, windows: Windows, size: tuple[int, ...]) -> Any:
    return unfold(ct, windows=windows)


_CASES: list[tuple[tuple[int, ...], Windows]] = [
    ((2, 2, 5), windows((3,), stride=2)),
    ((1, 2, 3, 4), windows((2, 3), stride=(1, 2), padding=1, dilation=(2, 1))),
    ((0, 1, 3), windows((2,))),
]


def _samples_unfold() -> Iterable[Sample]:
    return [Sample((array(*shape),), {"windows": w}) for shape, w in _CASES]


def _samples_fold() -> Iterable[Sample]:
    for shape, w in _CASES:
        columns = (shape[0], shape[1] * math.prod(w.kernel), math.prod(w.count(shape[2:])))
        yield Sample((array(*columns),), {"windows": w, "size": shape[2:]})


@linear(
    transpose=_unfold_back,
    symbol="unfold",
    formula=r"x_{c,\,ys-p+kd}",
    samples=_samples_unfold,
    decomposition=_unfold_gates,
)
def unfold(x: Any, *, windows: Windows) -> Any:
    """Write the windows of images out as the columns of a matrix.

    Parameters
    ----------
    x : Tensor or array_like
        ``(N, C, *size)``, zero beyond its ends.
    windows : Windows
        Over all axes but the first two.

    Returns
    -------
    Tensor
        ``(N, C * elements of a window, number of windows)``.

    Raises
    ------
    ValueError
        If no window fits.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops.windows import windows
    >>> unfold(Tensor([[[1.0, 2.0, 3.0]]]), windows=windows((2,))).tolist()
    [[[1.0, 2.0], [2.0, 3.0]]]
    """
    if np.ndim(x) != len(windows.kernel) + 2:
        raise ValueError(f"expected shape (N, C, ...) with {len(windows.kernel)} further axes")
    images, channels, *lengths = x.shape
    size = tuple(lengths)
    count, window = windows.count(size), math.prod(windows.kernel)
    columns = np.zeros((images, channels, window, *count), x.dtype)
    for k, (seen_by, seen) in enumerate(windows.views(size, count)):
        columns[(slice(None), slice(None), k, *seen_by)] = x[(..., *seen)]
    return columns.reshape(images, channels * window, math.prod(count))


@linear(
    transpose=_fold_back,
    symbol="fold",
    formula=r"\textstyle\sum_{k,\,ys-p+kd=z} x_{c,k,y}",
    samples=_samples_fold,
    decomposition=_fold_gates,
)
def fold(y: Any, *, windows: Windows, size: tuple[int, ...]) -> Any:
    """Add the columns of a matrix to the windows they stand for: what :func:`unfold` does, backwards.

    Parameters
    ----------
    y : Tensor or array_like
        ``(N, C * elements of a window, number of windows)``.
    windows : Windows
        Over all axes of the result but the first two.
    size : tuple of int
        Lengths of these axes.

    Returns
    -------
    Tensor
        ``(N, C, *size)``.

    Raises
    ------
    ValueError
        If images of that size do not have so many windows.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops.windows import windows
    >>> fold(Tensor([[[1.0, 2.0], [2.0, 3.0]]]), windows=windows((2,)), size=(3,)).tolist()
    [[[1.0, 4.0, 3.0]]]
    """
    count, window = windows.count(size), math.prod(windows.kernel)
    if np.ndim(y) != 3 or y.shape[1] % window or y.shape[2] != math.prod(count):
        raise ValueError(
            f"expected shape (N, C * {window}, {math.prod(count)}) for windows of {window} elements and {count} of "
            f"them in size {size}"
        )
    columns = y.reshape(len(y), y.shape[1] // window, window, *count)
    x = np.zeros((len(y), y.shape[1] // window, *size), y.dtype)
    for k, (seen_by, seen) in enumerate(windows.views(size, count)):
        x[(..., *seen)] += columns[(slice(None), slice(None), k, *seen_by)]
    return x
