"""The numbers of one array, or a summary of them: plain data that can be drawn, compared and stored."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite
from typing import Annotated, Any

import numpy as np

from autograd import no_grad
from viz.bulk import quickly

__all__ = ["BINS", "KEPT", "PICTURE", "Change", "Number", "Numbers"]

#: A Python number of any kind: bool, int, float or complex.
Number = Annotated[Any, "number"]

#: Arrays of up to this many elements are kept in full, of larger ones a summary.
KEPT = 64
#: Rows and columns that the small picture of an array has at most.
PICTURE = 16
#: Bars of its histogram.
BINS = 12


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of an array, or a summary of them.

    Attributes
    ----------
    shape, dtype
        Of the array; ``()`` for a scalar.
    values
        All of them, row by row, as Python numbers if there are at most :data:`KEPT`; else None.
    mean, std, low, high
        Of the finite ones; None if there are none. Of complex numbers, of their absolute values.
    nans, infinities, zeros
        How many of each there are. A complex number is NaN if one of its parts is, else infinite if its absolute value
        is.
    picture
        The array as a grid of at most :data:`PICTURE` by :data:`PICTURE` numbers, each the mean of the finite elements
        in its part of the array (None where there are none). A vector is one row; of more than two axes all but
        the last are laid out one below the other. None for scalars and where no picture was asked for.
    histogram
        How many finite elements lie in each of :data:`BINS` equal parts from ``low`` to ``high`` (all in the first one
        where these are equal); None where there is no picture.
    silent
        Of each axis how many of its slices are 0 everywhere: of a batch of activations ``(examples, units)``, how many
        units are 0 for every example. Empty where there are fewer than two axes, or no zeros.
    """

    shape: tuple[int, ...]
    dtype: str
    values: tuple[Number, ...] | None
    mean: float | None
    std: float | None
    low: float | None
    high: float | None
    nans: int = 0
    infinities: int = 0
    zeros: int = 0
    picture: tuple[tuple[float | None, ...], ...] | None = None
    histogram: tuple[int, ...] | None = None
    silent: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many elements the array has."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    @classmethod
    def of(cls, value: Any, pictures: bool = False) -> Numbers:
        """Summarise a number, array or tensor.

        Parameters
        ----------
        value
            What to summarise.
        pictures
            Whether to make a picture and a histogram of an array.

        Examples
        --------
        >>> Numbers.of(np.array([1.0, 3.0])).mean
        2.0
        >>> Numbers.of(np.eye(3), pictures=True).picture[0]
        (1.0, 0.0, 0.0)
        """
        if isinstance(value, float) and isfinite(value):  # of graphs of scalars there are millions
            x = float(value)
            return _of_scalar((), "float64", (x,), x, 0.0, x, x, 0, 0, int(x == 0.0))
        with no_grad():
            array = np.asarray(value)
        if array.dtype.kind not in "biufc":
            raise TypeError(f"Numbers.of: expected numbers, got {type(value).__name__} ({array.dtype})")
        values = tuple(map(_python, array.ravel().tolist())) if array.size <= KEPT else None
        zeros = array.size - int(np.count_nonzero(array))
        nans = infinities = 0
        with np.errstate(over="ignore", invalid="ignore"):
            grid = np.abs(array) if array.dtype.kind == "c" else array
            if grid.dtype.itemsize > 8:  # long doubles; what is beyond the others' range counts as infinite
                grid = grid.astype(np.float64)
        finite = grid
        if finite.dtype.kind == "f":
            good = np.isfinite(finite)
            if not good.all():
                nans = int(np.isnan(array).sum())
                infinities = finite.size - int(good.sum()) - nans
                finite = finite[good]
        mean = std = low = high = None
        picture = histogram = None
        if finite.size:
            low, high = float(finite.min()), float(finite.max())
            largest = max(abs(low), abs(high))
            # So that neither sums nor squares overflow, or vanish.
            scale = largest if largest > 1e100 or 0.0 < largest < 1e-100 else 1.0
            scaled = finite.astype(np.float64) / scale
            mean, std = float(scaled.mean()) * scale, float(scaled.std()) * scale
            if pictures and array.ndim:
                picture = _picture(grid, scale)
                histogram = _histogram(finite, low, high)
        silent = _silent(array) if zeros and array.ndim > 1 else ()
        return cls(
            array.shape,
            str(array.dtype),
            values,
            mean,
            std,
            low,
            high,
            nans,
            infinities,
            zeros,
            picture,
            histogram,
            silent,
        )


@dataclass(frozen=True, slots=True)
class Change(Numbers):
    """Numbers that are drawn together with what they were before.

    Attributes
    ----------
    before
        What they were; None for nothing.

    Examples
    --------
    >>> from viz.format import lines
    >>> lines(Change.of_two(Numbers.of(0.73), Numbers.of(0.75)))
    ['0.73 → 0.75']
    """

    before: Numbers | None = None

    @classmethod
    def of_two(cls, before: Numbers, after: Numbers) -> Change:
        """What was there before, and after."""
        return cls(**{f.name: getattr(after, f.name) for f in fields(Numbers)}, before=before)


_of_scalar = quickly(Numbers)


def _silent(array: np.ndarray[Any, Any]) -> tuple[int, ...]:
    """Of each axis, how many slices are 0 everywhere."""
    loud = array != 0
    axes = range(array.ndim)
    return tuple(int(np.count_nonzero(~loud.any(axis=tuple(x for x in axes if x != axis)))) for axis in axes)


def _python(value: Any) -> Any:
    """A Python number, also of the long ones, which NumPy leaves as they are."""
    if isinstance(value, np.generic):
        return complex(value) if value.dtype.kind == "c" else float(value)
    return value


def _picture(array: np.ndarray[Any, Any], scale: float) -> tuple[tuple[float | None, ...], ...]:
    grid = array.reshape(1, -1) if array.ndim == 1 else array.reshape(-1, array.shape[-1])
    good = np.isfinite(grid)
    sums, counts = np.where(good, grid, 0).astype(np.float64) / scale, good.astype(np.float64)
    for axis, length in enumerate(grid.shape):
        if length > PICTURE:
            starts = np.arange(PICTURE) * length // PICTURE
            sums, counts = (np.add.reduceat(x, starts, axis=axis) for x in (sums, counts))
    means = sums / np.maximum(counts, 1.0) * scale
    return tuple(
        tuple(x if count else None for x, count in zip(row, row_counts, strict=True))
        for row, row_counts in zip(means.tolist(), counts.tolist(), strict=True)
    )


def _histogram(finite: np.ndarray[Any, Any], low: float, high: float) -> tuple[int, ...]:
    if low == high:
        return (finite.size, *(0,) * (BINS - 1))
    # Scaled first, because the difference of two huge numbers overflows.
    largest = max(abs(low), abs(high))
    parts = (finite.astype(np.float64) / largest - low / largest) / (high / largest - low / largest)
    return tuple(np.bincount(np.minimum((parts * BINS).astype(np.int64).ravel(), BINS - 1), minlength=BINS).tolist())
