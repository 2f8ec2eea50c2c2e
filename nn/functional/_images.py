"""Other layouts of images: channels first or last, in blocks of pixels, as columns of windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd import ops
from autograd._values import describe
from autograd.ops.windows import windows
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers
from nn.functional._axes import batched, per_axis

__all__ = [
    "channels_first",
    "channels_last",
    "fold",
    "pixel_shuffle",
    "pixel_unshuffle",
    "unfold",
]

Axes = int | Sequence[int]


def _image_axes(operation: str, x: Any, layout: str) -> None:
    if x.ndim not in (3, 4):
        hint = "; give a grey image its channel axis first, e.g. with reshape" if x.ndim == 2 else ""
        raise ValueError(
            f"{operation}: expected images of shape ({layout}) or (N, {layout}), got {describe(raw(x, operation))}"
            f"{hint}{scope_note()}"
        )


def channels_first(input: Any) -> Any:
    """Images as cameras and files have them, H×W×C, in the layout that layers take, C×H×W.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, H, W, C)`` or ``(H, W, C)``, of any dtype.

    Returns
    -------
    Tensor
        ``(N, C, H, W)`` or ``(C, H, W)``, of the same dtype.

    Raises
    ------
    ValueError
        If it has another number of axes.

    Examples
    --------
    >>> import numpy as np
    >>> channels_first(np.zeros((5, 28, 32, 3))).shape
    (5, 3, 28, 32)
    """
    x = as_numbers(input, "channels_first")
    _image_axes("channels_first", x, "H, W, C")
    return ops.transpose(x, (0, 3, 1, 2) if x.ndim == 4 else (2, 0, 1))


def channels_last(input: Any) -> Any:
    """Images C×H×W as H×W×C, for showing and saving them; the reverse of :func:`channels_first`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, H, W)`` or ``(C, H, W)``, of any dtype.

    Returns
    -------
    Tensor
        ``(N, H, W, C)`` or ``(H, W, C)``, of the same dtype.

    Raises
    ------
    ValueError
        If it has another number of axes.

    Examples
    --------
    >>> import numpy as np
    >>> channels_last(np.zeros((3, 28, 32))).shape
    (28, 32, 3)
    """
    x = as_numbers(input, "channels_last")
    _image_axes("channels_last", x, "C, H, W")
    return ops.transpose(x, (0, 2, 3, 1) if x.ndim == 4 else (1, 2, 0))


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Turn every r² channels into blocks of r×r pixels.

    Parameters
    ----------
    input : Tensor or array_like
        ``(..., C r², H, W)``.
    upscale_factor : int
        r.

    Returns
    -------
    Tensor
        ``(..., C, H r, W r)``.

    Raises
    ------
    ValueError
        If r² does not divide the number of channels.

    Notes
    -----
    Shi et al., "Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural
    network" (2016).

    Examples
    --------
    >>> import numpy as np
    >>> pixel_shuffle(np.arange(4.0).reshape(4, 1, 1), 2).tolist()
    [[[0.0, 1.0], [2.0, 3.0]]]
    """
    x = as_numbers(input, "pixel_shuffle")
    (r,) = per_axis("pixel_shuffle", "upscale_factor", upscale_factor, 1)
    if x.ndim < 3 or x.shape[-3] % r**2:
        raise ValueError(
            f"pixel_shuffle: expected input of shape (..., C * {r**2}, H, W), got "
            f"{describe(raw(x, 'pixel_shuffle'))}{scope_note()}"
        )
    *lead, channels, h, w = x.shape
    blocks = ops.reshape(x, (*lead, channels // r**2, r, r, h, w))
    n = len(lead)
    order = (*range(n + 1), n + 3, n + 1, n + 4, n + 2)
    return ops.reshape(ops.transpose(blocks, order), (*lead, channels // r**2, h * r, w * r))


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Turn blocks of r×r pixels into r² channels; the reverse of :func:`pixel_shuffle`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(..., C, H r, W r)``.
    downscale_factor : int
        r.

    Returns
    -------
    Tensor
        ``(..., C r², H, W)``.

    Raises
    ------
    ValueError
        If r does not divide the height and the width.

    Examples
    --------
    >>> import numpy as np
    >>> pixel_unshuffle(np.arange(4.0).reshape(1, 2, 2), 2).shape
    (4, 1, 1)
    """
    x = as_numbers(input, "pixel_unshuffle")
    (r,) = per_axis("pixel_unshuffle", "downscale_factor", downscale_factor, 1)
    if x.ndim < 3 or x.shape[-2] % r or x.shape[-1] % r:
        raise ValueError(
            f"pixel_unshuffle: expected input of shape (..., C, H * {r}, W * {r}), got "
            f"{describe(raw(x, 'pixel_unshuffle'))}{scope_note()}"
        )
    *lead, channels, h, w = x.shape
    blocks = ops.reshape(x, (*lead, channels, h // r, r, w // r, r))
    n = len(lead)
    order = (*range(n + 1), n + 2, n + 4, n + 1, n + 3)
    return ops.reshape(ops.transpose(blocks, order), (*lead, channels * r**2, h // r, w // r))


def unfold(input: Any, kernel_size: Axes, dilation: Axes = 1, padding: Axes = 0, stride: Axes = 1) -> Any:
    """Write the windows of images out as the columns of matrices.

    A convolution is then one product of matrices: ``weight.reshape(out, -1) @ unfold(x, k)``.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, H, W)`` or ``(C, H, W)``.
    kernel_size, dilation, padding, stride : int or tuple of int
        As of :func:`conv2d`.

    Returns
    -------
    Tensor
        ``(N, C k1 k2, L)`` or ``(C k1 k2, L)`` for L windows.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If the input has another number of axes or no window fits.

    Examples
    --------
    >>> import numpy as np
    >>> unfold(np.arange(9.0).reshape(1, 3, 3), 2)[:, 0].tolist()
    [0.0, 1.0, 3.0, 4.0]
    """
    x, single = batched("unfold", as_numbers(input, "unfold"), 2)
    columns = ops.unfold(x, windows=_windows("unfold", kernel_size, dilation, padding, stride))
    return ops.reshape(columns, columns.shape[1:]) if single else columns


def fold(
    input: Any, output_size: Axes, kernel_size: Axes, dilation: Axes = 1, padding: Axes = 0, stride: Axes = 1
) -> Any:
    """Add the columns of matrices to the windows of images that they stand for; the transpose of :func:`unfold`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C k1 k2, L)`` or ``(C k1 k2, L)``.
    output_size : int or tuple of int
        ``(H, W)``.
    kernel_size, dilation, padding, stride : int or tuple of int
        As of :func:`unfold`.

    Returns
    -------
    Tensor
        ``(N, C, H, W)`` or ``(C, H, W)``.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If images of that size do not have L windows of ``k1 k2`` elements.

    Examples
    --------
    >>> import numpy as np
    >>> fold(np.ones((4, 4)), 3, 2).tolist()
    [[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]
    """
    x = as_numbers(input, "fold")
    w = _windows("fold", kernel_size, dilation, padding, stride)
    size = per_axis("fold", "output_size", output_size, 2)
    count, window = w.count(size), math.prod(w.kernel)
    if x.ndim not in (2, 3) or x.shape[-2] % window or x.shape[-1] != math.prod(count):
        raise ValueError(
            f"fold: an image of size {size} has {count[0]} x {count[1]} windows of {window} elements, for which the "
            f"input must have shape (N, C * {window}, {math.prod(count)}); got {describe(raw(x, 'fold'))}{scope_note()}"
        )
    single = x.ndim == 2
    image = ops.fold(ops.reshape(x, (1, *x.shape)) if single else x, windows=w, size=size)
    return ops.reshape(image, image.shape[1:]) if single else image


def _windows(operation: str, kernel_size: Axes, dilation: Axes, padding: Axes, stride: Axes) -> Any:
    return windows(
        per_axis(operation, "kernel_size", kernel_size, 2),
        per_axis(operation, "stride", stride, 2),
        per_axis(operation, "padding", padding, 2, 0),
        per_axis(operation, "dilation", dilation, 2),
    )
