"""Windows that slide over the last axes of an array, for convolution and pooling: what each of their elements sees."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

__all__ = ["Windows", "windows"]

#: One slice for each axis; open in its type, since NumPy's stubs know no tuples of slices of unknown length.
Slices = tuple[Any, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Windows:
    """How windows lie on an array, for each of its last axes.

    Attributes
    ----------
    kernel
        The number of elements of a window.
    stride
        The distance between neighbouring windows.
    padding
        By how many elements the first window starts before the array, and how far windows may reach beyond its end.
    dilation
        The distance between neighbouring elements of a window.
    ceil
        Whether a last window may reach further than the padding, if it starts inside the array or the padding before
        it.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    ceil: bool = False

    def __repr__(self) -> str:
        kernel, *others = self.settings().items()
        return f"windows({', '.join([str(kernel[1]), *(f'{name}={value}' for name, value in others)])})"

    def settings(self) -> dict[str, Any]:
        """The kernel, and what else is not as usual."""
        usual = windows(self.kernel)
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in given.items() if name == "kernel" or value != getattr(usual, name)}

    def axis(self, i: int) -> Windows:
        """The same along one axis alone."""
        return Windows(
            self.kernel[i : i + 1], self.stride[i : i + 1], self.padding[i : i + 1], self.dilation[i : i + 1], self.ceil
        )

    @property
    def are_disjoint(self) -> bool:
        """Whether no element is in two windows."""
        return all(s > d * (k - 1) for k, s, d in zip(self.kernel, self.stride, self.dilation, strict=True))

    @property
    def is_one_element(self) -> bool:
        """Whether the windows are just the array's elements, one by one."""
        return all(k == s == 1 and p == (0, 0) for k, s, p in zip(self.kernel, self.stride, self.padding, strict=True))

    def count(self, size: tuple[int, ...]) -> tuple[int, ...]:
        """How many windows fit along axes of the given lengths.

        Raises
        ------
        ValueError
            If not even one fits.
        """
        counts = []
        for n, k, s, (before, after), d in zip(
            size, self.kernel, self.stride, self.padding, self.dilation, strict=True
        ):
            room = n + before + after - d * (k - 1) - 1
            count = (room + (s - 1 if self.ceil else 0)) // s + 1
            if self.ceil and (count - 1) * s >= n + before:
                count -= 1  # it would see nothing but what is beyond the end
            if count < 1:
                padded = tuple(m + sum(p) for m, p in zip(size, self.padding, strict=True))
                raise ValueError(
                    f"the window, {tuple(self._extent())} elements wide, is larger than the padded input, {padded}; "
                    f"give a larger input or more padding, or a smaller kernel or dilation"
                )
            counts.append(count)
        return tuple(counts)

    def _extent(self) -> list[int]:
        return [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]

    def lengths(self, size: tuple[int, ...], with_padding: bool) -> Any:
        """How many elements each window has, with or without those of the padding.

        Returns
        -------
        int or ndarray
            One number, where it is the same everywhere.
        """
        along = []
        for n, m, k, s, (before, after) in zip(
            size, self.count(size), self.kernel, self.stride, self.padding, strict=True
        ):
            start = np.arange(m) * s - before
            if with_padding:
                along.append(np.minimum(start + k, n + after) - start)
            else:
                along.append(np.minimum(start + k, n) - np.maximum(start, 0))
        counts: Any = math.prod(np.ix_(*along))
        return int(counts.flat[0]) if (counts == counts.flat[0]).all() else counts

    def views(self, size: tuple[int, ...], count: tuple[int, ...], start: int = 0) -> tuple[tuple[Slices, Slices], ...]:
        """For each element of the window, which windows see the array through it, and which elements they see.

        Parameters
        ----------
        size
            Lengths of the array's axes.
        count
            The number of windows along each axis.
        start
            The first window along the first axis that counts.

        Returns
        -------
        tuple
            Pairs of slices in C order of the window's elements: of an array of windows, and of the array. Windows left
            out see padding.
        """
        return _views(self, size, count, start)


@lru_cache(maxsize=1024)
def _views(w: Windows, size: tuple[int, ...], count: tuple[int, ...], start: int) -> tuple[tuple[Slices, Slices], ...]:
    axes: list[list[tuple[slice, slice]]] = []
    for axis, (n, m, k, s, (before, _), d) in enumerate(
        zip(size, count, w.kernel, w.stride, w.padding, w.dilation, strict=True)
    ):
        pairs = []
        for i in range(k):
            offset = i * d - before + (start * s if axis == 0 else 0)  # window y sees element y * s + offset
            first = max(0, -(offset // s))
            last = max(first, min(m, (n - 1 - offset) // s + 1))
            begin = first * s + offset
            pairs.append((slice(first, last), slice(begin, begin + (last - first - 1) * s + 1, s)))
            if first == last:
                pairs[-1] = (slice(0, 0), slice(0, 0))
        axes.append(pairs)
    return tuple((tuple(p[0] for p in tap), tuple(p[1] for p in tap)) for tap in product(*axes))


@lru_cache(maxsize=1024)
def windows(
    kernel: tuple[int, ...], stride: Any = 1, padding: Any = 0, dilation: Any = 1, ceil: bool = False
) -> Windows:
    """Windows from settings given for all axes at once or for each; a padding may be a pair (before, after).

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If a setting is negative, or zero where it must not be, or has not one value for each axis.

    Examples
    --------
    >>> windows((3, 3), stride=2, padding=1).count((32, 31))
    (16, 16)
    """
    axes = len(kernel)
    pads = padding if isinstance(padding, tuple) else (padding,) * axes
    pairs = tuple(p if isinstance(p, tuple) else (p, p) for p in pads)
    strides, dilations = (v if isinstance(v, tuple) else (v,) * axes for v in (stride, dilation))
    for name, values, least in (
        ("kernel", kernel, 1),
        ("stride", strides, 1),
        ("padding", sum(pairs, ()), 0),
        ("dilation", dilations, 1),
    ):
        if len(values) != (2 * axes if name == "padding" else axes):
            raise ValueError(f"{name} must have a value for each of the {axes} axes, got {values}")
        for v in values:
            if isinstance(v, bool) or not isinstance(v, (int, np.integer)):
                raise TypeError(f"{name} must consist of integers, got {v!r}")
            if v < least:
                raise ValueError(f"{name} must be at least {least}, got {v}")
    return Windows(kernel, strides, pairs, dilations, ceil)
