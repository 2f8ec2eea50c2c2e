"""Pooling: one number for each window of an image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd._values import describe
from autograd.ops.pooling import max_indices, max_pool_indices
from autograd.ops.resampling import interpolation
from autograd.ops.windows import Windows, windows
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers, cast, floating
from nn.functional._axes import batched, per_axis

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]

Axes = int | Sequence[int]
Sizes = int | None | Sequence[int | None]


def _windows(
    operation: str, axes: int, kernel_size: Axes, stride: Axes | None, padding: Axes, dilation: Axes, ceil_mode: bool
) -> Windows:
    kernel = per_axis(operation, "kernel_size", kernel_size, axes)
    # PyTorch takes an empty stride, too, for that of the kernel.
    if stride is None or (isinstance(stride, Sequence) and not stride):
        stride = kernel
    strides = per_axis(operation, "stride", stride, axes)
    pads = per_axis(operation, "padding", padding, axes, 0)
    dilations = per_axis(operation, "dilation", dilation, axes)
    if any(2 * p > d * (k - 1) + 1 for p, k, d in zip(pads, kernel, dilations, strict=True)):
        raise ValueError(
            f"{operation}: padding must be at most half the window, or windows would see nothing else; got "
            f"padding={pads}, kernel_size={kernel}, dilation={dilations}{scope_note()}"
        )
    return windows(kernel, strides, pads, dilations, bool(ceil_mode))


def _check_axes(operation: str, x: Any, axes: int) -> None:
    if x.ndim not in (axes + 1, axes + 2):
        batched(operation, x, axes)  # which raises


def _ordered(operation: str, x: Any) -> Any:
    """The input as numbers, after making sure that they have an order."""
    x = as_numbers(x, operation)
    if x.dtype.kind == "c":
        raise TypeError(
            f"{operation}: complex numbers have no largest, got {describe(raw(x, operation))}{scope_note()}"
        )
    return x


def _indices(indices: Any, like: Any) -> Any:
    return Tensor(indices, requires_grad=False) if isinstance(like, Tensor) else indices


def _max_pool(
    axes: int,
    input: Any,
    kernel_size: Axes,
    stride: Axes | None,
    padding: Axes,
    dilation: Axes,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    operation = f"max_pool{axes}d"
    x = _ordered(operation, input)
    _check_axes(operation, x, axes)
    w = _windows(operation, axes, kernel_size, stride, padding, dilation, ceil_mode)
    pooled = ops.max_pool(x, windows=w)
    return (pooled, _indices(max_pool_indices(x, w), x)) if return_indices else pooled


def max_pool1d(
    input: Any,
    kernel_size: Axes,
    stride: Axes | None = None,
    padding: Axes = 0,
    dilation: Axes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Largest element of each window of sequences ``(N, C, L)`` or ``(C, L)``.

    Parameters, result and errors are those of :func:`max_pool2d`, for one axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> max_pool1d(Tensor([[1.0, 3.0, 2.0, 4.0]]), 2).tolist()
    [[3.0, 4.0]]
    """
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Any,
    kernel_size: Axes,
    stride: Axes | None = None,
    padding: Axes = 0,
    dilation: Axes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    r"""Largest element of each window of images. The gradient goes to it; to the first, where several are equal.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, H, W)`` or ``(C, H, W)``.
    kernel_size : int or tuple of int
        Of the window.
    stride : int or tuple of int, optional
        The distance between neighbouring windows; by default ``kernel_size``.
    padding : int or tuple of int
        By how many elements windows may reach beyond the borders; what is there is never the largest.
    dilation : int or tuple of int
        The distance between neighbouring elements of a window.
    ceil_mode : bool
        Whether a last window may reach beyond the padding, so that every element is in one.
    return_indices : bool
        Whether to return where the largest elements are, too.

    Returns
    -------
    Tensor
        ``(N, C, H', W')`` or ``(C, H', W')`` with
        :math:`H' = \lfloor (H + 2p - d (k - 1) - 1) / s \rfloor + 1`, rounded up with ``ceil_mode``. With
        ``return_indices`` also integers of this shape that count the elements of the plane ``(H, W)`` row by row.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If the input has another number of axes or is smaller than a window, or a setting is out of range.

    Examples
    --------
    >>> from autograd import Tensor
    >>> max_pool2d(Tensor([[[1.0, 3.0], [2.0, 4.0]]]), 2).tolist()
    [[[4.0]]]
    """
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Any,
    kernel_size: Axes,
    stride: Axes | None = None,
    padding: Axes = 0,
    dilation: Axes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Largest element of each window of volumes ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    Parameters, result and errors are those of :func:`max_pool2d`, for three axes.

    Examples
    --------
    >>> import numpy as np
    >>> max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 2).tolist()
    [[[[7.0]]]]
    """
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _avg_pool(
    axes: int,
    input: Any,
    kernel_size: Axes,
    stride: Axes | None,
    padding: Axes,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Any:
    operation = f"avg_pool{axes}d"
    x = floating(input, operation)
    _check_axes(operation, x, axes)
    w = _windows(operation, axes, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override is None:
        return _mean(x, w, w.lengths(x.shape[-axes:], count_include_pad))
    if isinstance(divisor_override, bool) or not isinstance(divisor_override, (int, np.integer)):
        raise TypeError(f"{operation}: divisor_override must be an integer, got {divisor_override!r}{scope_note()}")
    if not divisor_override:
        raise ValueError(f"{operation}: divisor_override must not be 0{scope_note()}")
    return _mean(x, w, int(divisor_override))


def _mean(x: Any, w: Windows, divisor: Any) -> Any:
    """The sum of each window over the divisor; of half precision in single, where sums do not overflow."""
    if x.dtype == np.float16:
        return ops.astype(_mean(cast(x, np.dtype(np.float32), "pooling"), w, divisor), np.float16)
    return ops.sum_pool(x, windows=w) / (divisor.astype(x.dtype) if isinstance(divisor, np.ndarray) else divisor)


def avg_pool1d(
    input: Any,
    kernel_size: Axes,
    stride: Axes | None = None,
    padding: Axes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """Mean of each window of sequences ``(N, C, L)`` or ``(C, L)``.

    Parameters, result and errors are those of :func:`avg_pool2d`, for one axis.

    Examples
    --------
    >>> from autograd import Tensor
    >>> avg_pool1d(Tensor([[1.0, 3.0, 2.0, 4.0]]), 2).tolist()
    [[2.0, 3.0]]
    """
    return _avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Any,
    kernel_size: Axes,
    stride: Axes | None = None,
    padding: Axes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Mean of each window of images.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, H, W)`` or ``(C, H, W)``.
    kernel_size, stride, padding, ceil_mode
        As of :func:`max_pool2d`; what is beyond the borders is zero.
    count_include_pad : bool
        Whether elements of the padding count in the mean.
    divisor_override : int, optional
        By what to divide the sum of each window, instead of the number of its elements.

    Returns
    -------
    Tensor
        ``(N, C, H', W')`` or ``(C, H', W')``.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If the input has another number of axes or is smaller than a window, or a setting is out of range.

    Examples
    --------
    >>> from autograd import Tensor
    >>> avg_pool2d(Tensor([[[1.0, 3.0], [2.0, 4.0]]]), 2).tolist()
    [[[2.5]]]
    """
    return _avg_pool(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool3d(
    input: Any,
    kernel_size: Axes,
    stride: Axes | None = None,
    padding: Axes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """Mean of each window of volumes ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    Parameters, result and errors are those of :func:`avg_pool2d`, for three axes.

    Examples
    --------
    >>> import numpy as np
    >>> avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 2).tolist()
    [[[[3.5]]]]
    """
    return _avg_pool(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


# ---------------------------------------------------------------------------------------------------------------------
# A given number of windows
# ---------------------------------------------------------------------------------------------------------------------


def _wanted(operation: str, output_size: Sizes, size: tuple[int, ...]) -> tuple[int, ...]:
    axes = len(size)
    given = tuple(output_size) if isinstance(output_size, (Sequence, np.ndarray)) else (output_size,) * axes
    given = given * axes if len(given) == 1 else given
    if len(given) != axes:
        raise ValueError(f"{operation}: output_size must have {axes} numbers, got {output_size!r}{scope_note()}")
    wanted = tuple(n if g is None else g for g, n in zip(given, size, strict=True))
    if min(size) < 1:
        raise ValueError(f"{operation}: there is nothing to pool in an input of size {size}{scope_note()}")
    return per_axis(operation, "output_size", wanted, axes)


def _bins(size: tuple[int, ...], wanted: tuple[int, ...]) -> list[list[slice]]:
    """For each axis as even a division into windows as there is; where it does not come out even, they overlap."""
    return [[slice(i * n // m, -(-(i + 1) * n // m)) for i in range(m)] for n, m in zip(size, wanted, strict=True)]


def _even(size: tuple[int, ...], wanted: tuple[int, ...]) -> Windows | None:
    """The windows, where the division comes out even."""
    if any(n % m for n, m in zip(size, wanted, strict=True)):
        return None
    kernel = tuple(n // m for n, m in zip(size, wanted, strict=True))
    return windows(kernel, kernel)


def _part(axis: int, part: slice) -> tuple[Any, ...]:
    """The index of a part along an axis counted from the end."""
    return (..., part, *(slice(None),) * (-axis - 1))


def _adaptive_avg_pool(axes: int, input: Any, output_size: Sizes) -> Any:
    operation = f"adaptive_avg_pool{axes}d"
    x = floating(input, operation)
    _check_axes(operation, x, axes)
    size = x.shape[-axes:]
    wanted = _wanted(operation, output_size, size)
    if all(m == 1 for m in wanted):
        return ops.mean(x, axis=tuple(range(-axes, 0)), keepdims=True)
    even = _even(size, wanted)
    if even is not None:
        return _mean(x, even, math.prod(even.kernel))
    for axis, n, m in zip(range(-axes, 0), size, wanted, strict=True):
        if n != m:
            index, weights = interpolation("area", n, m, None, align_corners=False)
            x = ops.resample(x, index=index, weights=weights, axis=axis)
    return x


def _adaptive_max_pool(axes: int, input: Any, output_size: Sizes, return_indices: bool) -> Any:
    operation = f"adaptive_max_pool{axes}d"
    x = _ordered(operation, input)
    _check_axes(operation, x, axes)
    size = x.shape[-axes:]
    wanted = _wanted(operation, output_size, size)
    even = _even(size, wanted)
    if even is not None:
        pooled = ops.max_pool(x, windows=even)
        return (pooled, _indices(max_pool_indices(x, even), x)) if return_indices else pooled
    bins = _bins(size, wanted)
    pooled = x
    for axis in reversed(range(-axes, 0)):  # the last first: then the first of equal elements is the first in C order
        ones = (1,) * (-axis - 1)
        parts = []
        for bin in bins[axis]:
            window = windows((bin.stop - bin.start, *ones))
            parts.append(ops.max_pool(ops.getitem(pooled, _part(axis, bin)), windows=window))
        pooled = ops.concatenate(parts, axis=axis)
    return (pooled, _indices(max_indices(x, bins), x)) if return_indices else pooled


def adaptive_avg_pool1d(input: Any, output_size: Sizes) -> Any:
    """Mean of each of a given number of windows of sequences ``(N, C, L)`` or ``(C, L)``; see the 2-D version.

    Examples
    --------
    >>> adaptive_avg_pool1d([[1.0, 2.0, 6.0]], 2).tolist()
    [[1.5, 4.0]]
    """
    return _adaptive_avg_pool(1, input, output_size)


def adaptive_avg_pool2d(input: Any, output_size: Sizes) -> Any:
    r"""Mean of each of a given number of windows, into which images of any size are divided as evenly as possible.

    Window i of m along an axis of length n reaches from :math:`\lfloor i n / m \rfloor` to
    :math:`\lceil (i + 1) n / m \rceil`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, H, W)`` or ``(C, H, W)``.
    output_size : int, or tuple of int or None
        ``(H', W')``; None keeps the input's.

    Returns
    -------
    Tensor
        ``(N, C, H', W')`` or ``(C, H', W')``.

    Raises
    ------
    TypeError
        If a size is no integer.
    ValueError
        If the input has another number of axes, or a size is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_avg_pool2d(np.arange(16.0).reshape(1, 4, 4), (1, 2)).tolist()
    [[[6.5, 8.5]]]
    """
    return _adaptive_avg_pool(2, input, output_size)


def adaptive_avg_pool3d(input: Any, output_size: Sizes) -> Any:
    """Mean of each of a given number of windows of volumes ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    See :func:`adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1).tolist()
    [[[[3.5]]]]
    """
    return _adaptive_avg_pool(3, input, output_size)


def adaptive_max_pool1d(input: Any, output_size: Sizes, return_indices: bool = False) -> Any:
    """Largest element of each of a given number of windows of sequences; see :func:`adaptive_max_pool2d`.

    Examples
    --------
    >>> adaptive_max_pool1d([[1.0, 2.0, 6.0]], 2).tolist()
    [[2.0, 6.0]]
    """
    return _adaptive_max_pool(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Any, output_size: Sizes, return_indices: bool = False) -> Any:
    """Largest element of each of a given number of windows, divided as :func:`adaptive_avg_pool2d` does.

    The gradient goes to it; to the first, where several are equal.

    Parameters
    ----------
    input, output_size
        As of :func:`adaptive_avg_pool2d`.
    return_indices : bool
        Whether to return where the largest elements are, too, as :func:`max_pool2d` does.

    Returns
    -------
    Tensor
        ``(N, C, H', W')`` or ``(C, H', W')``; with ``return_indices`` also integers of this shape.

    Raises
    ------
    TypeError, ValueError
        As :func:`adaptive_avg_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_max_pool2d(np.arange(16.0).reshape(1, 4, 4), (1, 2)).tolist()
    [[[13.0, 15.0]]]
    """
    return _adaptive_max_pool(2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Any, output_size: Sizes, return_indices: bool = False) -> Any:
    """Largest element of each of a given number of windows of volumes; see :func:`adaptive_max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> adaptive_max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 1).tolist()
    [[[[7.0]]]]
    """
    return _adaptive_max_pool(3, input, output_size, return_indices)
