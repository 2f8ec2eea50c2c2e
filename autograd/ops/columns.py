"""Convolutions of plain arrays as products of matrices, whose columns are the windows written out (``im2col``).

They go through the images in blocks whose columns fit into the processor's cache, so that little memory is needed.
The settings are those of :func:`autograd.ops.convolution`.

Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing" (2006).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.ops.windows import Windows, windows

__all__ = ["convolve", "convolve_transposed", "convolve_weight"]

Array = Any  # of numbers; NumPy's stubs know no indices made of tuples of unknown length

#: How many bytes of columns to write out at a time: so many that they stay in the processor's cache.
_BLOCK_BYTES = 4 << 20
#: Columns that a product of matrices should have at least: with fewer, reading the weights costs more than arithmetic.
_MANY_COLUMNS = 512
#: By how much copying elements to columns is faster than adding columns to elements.
_COPYING_IS_CHEAPER = 2
#: From how many weights on turning their gradient over costs more time than the products save that give it turned.
_MANY_WEIGHTS = 1 << 18


@dataclass(frozen=True, slots=True)
class _Layout:
    """How one convolution is cut into products of matrices.

    The columns of a block are a stack ``(images, groups, channels * window, positions)`` of matrices. Where images have
    few positions and there are many weights, that is many small products; then a block is ``joint``: one product for
    all its images, ``(1, groups, channels * window, images * positions)``.
    """

    windows: Windows
    images: int
    channels: int
    size: tuple[int, ...]
    count: tuple[int, ...]
    groups: int
    out: int

    @property
    def rows(self) -> int:
        """The number of weights of one output channel."""
        return self.channels // self.groups * math.prod(self.windows.kernel)

    @property
    def joint(self) -> bool:
        return math.prod(self.count) < 128 and self.rows * self.out // self.groups > 1 << 15

    def blocks(self, itemsize: int) -> Iterator[tuple[slice, slice]]:
        """Ranges of images and, if one image has too many positions, of its windows along the first axis."""
        column = self.rows * self.groups * itemsize
        row = column * math.prod(self.count[1:])
        room = max(_BLOCK_BYTES, column * _MANY_COLUMNS)
        height = self.count[0]
        images = max(1, room // (row * height))
        parts = 1 if images > 1 else -(-height // max(1, room // row))
        tall = -(-height // parts)
        for i in range(0, self.images, images):
            for j in range(0, height, tall):
                yield slice(i, min(i + images, self.images)), slice(j, min(j + tall, height))

    def stacked(self, y: Array, images: slice, lines: slice) -> Array:
        """A block of an output ``(N, O, *count)`` as matrices beside the columns; a view unless joint."""
        block = y[images, :, lines]
        if self.joint:
            block = block.swapaxes(0, 1)
            return block.reshape(1, self.groups, self.out // self.groups, -1)
        return block.reshape(len(block), self.groups, self.out // self.groups, -1)

    def unstacked(self, matrices: Array, images: slice) -> Array:
        """The reverse, for joint blocks."""
        return matrices.reshape(self.out, images.stop - images.start, *self.count).swapaxes(0, 1)


class _Columns:
    """Memory for one block of columns, as matrices and as windows."""

    def __init__(self, layout: _Layout, dtype: Any) -> None:
        self.layout = layout
        self.blocks = list(layout.blocks(np.dtype(dtype).itemsize))
        self.memory = np.zeros(max((math.prod(self.shape(*block)) for block in self.blocks), default=0), dtype)
        self.written: Any = None

    def shape(self, images: slice, lines: slice) -> tuple[int, int, int]:
        """How many matrices of how many rows a block has, and how many elements it is from row to row."""
        layout = self.layout
        n = images.stop - images.start
        positions = (lines.stop - lines.start) * math.prod(layout.count[1:])
        many, columns = (1, n * positions) if layout.joint else (n, positions)
        # With a power of two between rows, a column's elements share few places of the cache: products are a fifth
        # slower.
        step = columns if columns % 128 else columns + 16
        return many, layout.rows * layout.groups, step

    def block(self, images: slice, lines: slice) -> tuple[Array, Array]:
        """The memory as matrices, and as ``(N, C, window, *count)``."""
        layout = self.layout
        n, count = images.stop - images.start, (lines.stop - lines.start, *layout.count[1:])
        many, rows, step = self.shape(images, lines)
        columns = n * math.prod(count) // many
        used = self.memory[: many * rows * step].reshape(many, rows, step)[:, :, :columns]
        matrices = used.reshape(many, layout.groups, layout.rows, columns)
        window = math.prod(layout.windows.kernel)
        if layout.joint:
            return matrices, np.moveaxis(used.reshape(layout.channels, window, n, *count), 2, 0)
        return matrices, used.reshape(n, layout.channels, window, *count)

    def gather(self, x: Array) -> Iterator[tuple[slice, slice, Array]]:
        """Go through the blocks with the windows of ``x`` written out."""
        layout = self.layout
        for images, lines in self.blocks:
            matrices, view = self.block(images, lines)
            if self.written not in (None, (lines, view.shape)):
                self.memory.fill(0)  # what is padding in this block is not what was padding in the last
            self.written = (lines, view.shape)
            block = x[images]
            for k, (seen_by, seen) in enumerate(layout.windows.views(layout.size, view.shape[3:], lines.start)):
                view[(slice(None), slice(None), k, *seen_by)] = block[(slice(None), slice(None), *seen)]
            yield images, lines, matrices


def _columns_of(x: Array, layout: _Layout, dtype: Any) -> Iterator[tuple[slice, slice, Array]]:
    if not layout.windows.is_one_element or layout.joint:
        yield from _Columns(layout, dtype).gather(x)
        return
    for images, lines in layout.blocks(np.dtype(dtype).itemsize):
        block = x[images, :, lines]
        yield images, lines, block.reshape(len(block), layout.groups, layout.rows, -1)


def _layout(w: Windows, images: int, channels: int, size: tuple[int, ...], out: int, groups: int) -> _Layout:
    if not isinstance(groups, int) or groups < 1 or channels % groups or out % groups:
        raise ValueError(f"groups={groups!r} must divide both {channels} input channels and {out} output channels")
    return _Layout(w, images, channels, size, w.count(size), groups, out)


def convolve(
    x: Array, weight: Array, bias: Array | None, stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    """The convolution of plain arrays, plus a bias where one is given."""
    if np.ndim(x) < 3 or np.ndim(weight) != np.ndim(x):
        raise ValueError("expected shapes (N, C, ...) and (O, C / groups, ...) with the same number of axes")
    layout = _layout(
        windows(weight.shape[2:], stride, padding, dilation), len(x), x.shape[1], x.shape[2:], len(weight), groups
    )
    if weight.shape[1] * groups != x.shape[1]:
        raise ValueError(
            f"weights of shape {weight.shape} in {groups} groups take {weight.shape[1] * groups} channels, the input "
            f"has {x.shape[1]}"
        )
    dtype = np.result_type(x, weight) if bias is None else np.result_type(x, weight, bias)
    out = np.empty((len(x), len(weight), *layout.count), dtype)
    x = np.ascontiguousarray(x)
    matrix = np.ascontiguousarray(weight).reshape(groups, -1, layout.rows)  # other strides are slow in products
    shift = None if bias is None else bias.reshape(groups, -1, 1)
    for images, lines, columns in _columns_of(x, layout, dtype):
        block = None if layout.joint else layout.stacked(out, images, lines)
        product = np.matmul(matrix, columns, out=block)
        if shift is not None:
            product += shift
        if layout.joint:
            out[images, :, lines] = layout.unstacked(product, images)
    return out


def convolve_transposed(
    y: Array, weight: Array, size: tuple[int, ...], stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    """The transposed convolution of plain arrays."""
    if np.ndim(y) < 3 or np.ndim(weight) != np.ndim(y) or len(size) != np.ndim(y) - 2 or y.shape[1] != len(weight):
        raise ValueError("expected shapes (N, O, ...) and (O, C / groups, ...) and as many sizes as further axes")
    layout = _layout(
        windows(weight.shape[2:], stride, padding, dilation),
        len(y),
        weight.shape[1] * groups,
        size,
        len(weight),
        groups,
    )
    _check_count(y, layout)
    dtype = np.result_type(y, weight)
    y = np.ascontiguousarray(y)
    matrix = np.ascontiguousarray(weight).reshape(groups, -1, layout.rows).swapaxes(1, 2)
    if layout.windows.is_one_element and not layout.joint:
        rows = y.reshape(len(y), groups, len(weight) // groups, math.prod(size))
        return np.matmul(matrix, rows).reshape(len(y), layout.channels, *size)
    reach = [d * (k - 1) for d, k in zip(layout.windows.dilation, layout.windows.kernel, strict=True)]
    pads = tuple((r - p[0], r - p[1]) for r, p in zip(reach, layout.windows.padding, strict=True))
    if (
        all(s == 1 for s in layout.windows.stride)
        and min(map(min, pads)) >= 0
        and len(weight) * math.prod(size) <= _COPYING_IS_CHEAPER * layout.channels * math.prod(layout.count)
    ):
        # Each element of x gathers from a window of y, with the weights in reverse.
        grouped = weight.reshape(groups, -1, *weight.shape[1:])[(..., *[slice(None, None, -1)] * len(size))]
        turned = grouped.swapaxes(1, 2).reshape(layout.channels, len(weight) // groups, *weight.shape[2:])
        return convolve(y, turned, None, 1, pads, layout.windows.dilation, groups)
    x = np.zeros((len(y), layout.channels, *size), dtype)
    columns = _Columns(layout, dtype)
    for images, lines in columns.blocks:
        matrices, view = columns.block(images, lines)
        np.matmul(matrix, layout.stacked(y, images, lines), out=matrices)
        block = x[images]
        for k, (seen_by, seen) in enumerate(layout.windows.views(size, view.shape[3:], lines.start)):
            block[(slice(None), slice(None), *seen)] += view[(slice(None), slice(None), k, *seen_by)]
    return x


def convolve_weight(
    x: Array, y: Array, kernel: tuple[int, ...], stride: Any, padding: Any, dilation: Any, groups: int
) -> Array:
    """The gradient of a convolution for its weights, from plain arrays."""
    if np.ndim(x) < 3 or np.ndim(y) != np.ndim(x) or len(kernel) != np.ndim(x) - 2 or len(x) != len(y):
        raise ValueError("expected shapes (N, C, ...) and (N, O, ...) and as many window lengths as further axes")
    layout = _layout(windows(kernel, stride, padding, dilation), len(x), x.shape[1], x.shape[2:], y.shape[1], groups)
    _check_count(y, layout)
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
    shape = (groups, layout.out // groups, layout.rows)
    turned = math.prod(shape) < _MANY_WEIGHTS
    total = np.zeros((shape[0], shape[2], shape[1]) if turned else shape, np.result_type(x, y))
    for images, lines, columns in _columns_of(x, layout, total.dtype):
        rows = layout.stacked(y, images, lines)
        products = np.matmul(columns, rows.swapaxes(2, 3)) if turned else np.matmul(rows, columns.swapaxes(2, 3))
        total += products[0] if len(products) == 1 else products.sum(0)
    return (total.swapaxes(1, 2) if turned else total).reshape(layout.out, x.shape[1] // groups, *kernel)


def _check_count(y: Array, layout: _Layout) -> None:
    if y.shape[2:] != layout.count:
        raise ValueError(f"an input of size {layout.size} has windows {layout.count}, not {y.shape[2:]}")
