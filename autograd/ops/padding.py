"""Continuing an array beyond its ends, and the reverse, which adds what was continued to where it came from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from autograd._values import dtype_of, shape_of
from autograd.ops.indexing import getitem
from autograd.ops.shape import broadcast_to, concatenate
from autograd.primitives import linear, raw
from autograd.samples import Sample, array

__all__ = ["pad", "unpad"]

#: How many elements of an axis each mode can put before or after it, given the axis' length.
_ROOM: dict[str, Callable[[int], float]] = {
    "constant": lambda n: math.inf,
    "edge": lambda n: math.inf if n else 0,
    "reflect": lambda n: n - 1,
    "wrap": lambda n: n,
}

Widths = tuple[tuple[int, int], ...]


def _widths(shape: tuple[int, ...], pad_width: Any, mode: str) -> Widths:
    """The widths as pairs for each axis, after making sure that the array can be continued so far."""
    if mode not in _ROOM:
        raise ValueError(f"mode must be one of {', '.join(map(repr, _ROOM))}, got {mode!r}")
    if np.asarray(pad_width).dtype.kind not in "iu":
        raise TypeError(f"widths must be integers, got {pad_width!r}")
    widths = tuple((int(before), int(after)) for before, after in np.broadcast_to(pad_width, (len(shape), 2)).tolist())
    for axis, (n, width) in enumerate(zip(shape, widths, strict=True)):
        if min(width) < 0:
            raise ValueError(f"a width must not be negative, got {width} for axis {axis}; take a part with an index")
        if max(width) > max(0, _ROOM[mode](n)):
            raise ValueError(
                f"axis {axis} of length {n} cannot be continued by {width} elements with mode {mode!r}; give less "
                f"padding or another mode"
            )
    return widths


def _at(axis: int, *bounds: int | None) -> tuple[Any, ...]:
    return (*(slice(None),) * axis, slice(*bounds))


def _pad_gates(x: Any, pad_width: Any, mode: str = "constant") -> Any:
    for axis, (before, after) in enumerate(_widths(shape_of(raw(x, "pad")), pad_width, mode)):
        shape = shape_of(raw(x, "pad"))
        n = shape[axis]
        ends: list[Any] = []
        for width, edge, reflected, wrapped in (
            (before, (0, 1), (before, 0, -1), (n - before, n)),
            (after, (n - 1, n), (n - 2, n - 2 - after if after < n - 1 else None, -1), (0, after)),
        ):
            block = (*shape[:axis], width, *shape[axis + 1 :])
            if mode == "constant":
                ends.append(np.zeros(block, dtype_of(raw(x, "pad"))))
            elif width == 0:
                ends.append(getitem(x, _at(axis, 0, 0)))
            elif mode == "edge":
                ends.append(broadcast_to(getitem(x, _at(axis, *edge)), block))
            else:
                ends.append(getitem(x, _at(axis, *(reflected if mode == "reflect" else wrapped))))
        x = concatenate([ends[0], x, ends[1]], axis=axis)
    return x


_CASES: list[tuple[tuple[int, ...], Widths]] = [
    ((3,), ((2, 1),)),
    ((2, 4), ((0, 0), (3, 2))),
    ((2, 3, 2), ((1, 0), (2, 2), (0, 1))),
    ((0, 3), ((0, 0), (1, 2))),
]


def _samples_pad() -> Iterator[Sample]:
    for mode in _ROOM:
        for shape, widths in _CASES:
            yield Sample((array(*shape),), {"pad_width": widths, "mode": mode})


def _samples_unpad() -> Iterable[Sample]:
    for mode in _ROOM:
        for shape, widths in _CASES:
            padded = tuple(n + before + after for n, (before, after) in zip(shape, widths, strict=True))
            yield Sample((array(*padded),), {"pad_width": widths, "mode": mode})


def _pad_back(ct: Any, x: Any, out: Any, *, pad_width: Any, mode: str) -> Any:
    return unpad(ct, pad_width, mode)


def _unpad_back(ct: Any, x: Any, out: Any, *, pad_width: Any, mode: str) -> Any:
    return pad(ct, pad_width, mode)


@linear(
    transpose=_pad_back,
    symbol="pad",
    formula=r"\operatorname{pad}(x)",
    samples=_samples_pad,
    decomposition=_pad_gates,
)
def pad(x: Any, pad_width: Any, mode: str = "constant") -> Any:
    """Continue an array beyond its ends.

    Parameters
    ----------
    x : Tensor or array_like
    pad_width : int, pair of int, or a pair of int for each axis
        How many elements to put before and after, as in NumPy.
    mode : {"constant", "reflect", "edge", "wrap"}
        With zeros; mirrored at the first and last element, which are not repeated; with copies of these; or
        periodically.

    Returns
    -------
    Tensor
        Of the enlarged shape.

    Raises
    ------
    ValueError
        If a width is negative or larger than an axis can be mirrored or repeated, or the mode is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> pad(Tensor([1.0, 2.0, 3.0]), (2, 1), mode="reflect").tolist()
    [3.0, 2.0, 1.0, 2.0, 3.0, 2.0]
    """
    return np.pad(x, _widths(np.shape(x), pad_width, mode), mode=mode)  # type: ignore[call-overload]


@linear(
    transpose=_unpad_back,
    symbol="padᵀ",
    formula=r"\operatorname{pad}^\top(x)",
    samples=_samples_unpad,
)
def unpad(x: Any, pad_width: Any, mode: str = "constant") -> Any:
    """What :func:`pad` does, backwards: cut the ends off, and add them to where they were copied from.

    Parameters
    ----------
    x : Tensor or array_like
        Of the enlarged shape.
    pad_width, mode
        Those of :func:`pad`.

    Returns
    -------
    Tensor
        Of the shape before :func:`pad`.

    Raises
    ------
    ValueError
        If no array is enlarged to this one.

    Examples
    --------
    >>> from autograd import Tensor
    >>> unpad(Tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), (2, 1), mode="reflect").tolist()
    [3.0, 12.0, 6.0]
    """
    given = np.broadcast_to(pad_width, (np.ndim(x), 2)).tolist()
    shape = tuple(n - before - after for n, (before, after) in zip(np.shape(x), given, strict=True))
    if min(shape, default=0) < 0:
        raise ValueError("the array is shorter than its padding")
    for axis, (before, after) in enumerate(_widths(shape, pad_width, mode)):
        n = shape[axis]
        middle = x[_at(axis, before, before + n)]
        if mode != "constant" and before + after:
            first, last = x[_at(axis, 0, before)], x[_at(axis, before + n, None)]
            middle = middle.copy()
            if mode == "edge":
                middle[_at(axis, 0, 1)] += first.sum(axis, keepdims=True)
                middle[_at(axis, n - 1, n)] += last.sum(axis, keepdims=True)
            elif mode == "reflect":
                middle[_at(axis, 1, before + 1)] += np.flip(first, axis)
                middle[_at(axis, n - 1 - after, n - 1)] += np.flip(last, axis)
            else:
                middle[_at(axis, n - before, n)] += first
                middle[_at(axis, 0, after)] += last
        x = middle
    return x
