"""Convolutions and transposed convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers
from nn.functional._axes import AXES, batched, per_axis

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "same_padding",
]

Axes = int | Sequence[int]


def same_padding(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The padding before and after each axis with which a convolution of stride 1 keeps the size; at most 1 more after.

    Examples
    --------
    >>> same_padding((3, 4), (1, 1))
    ((1, 1), (1, 2))
    """
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple((t // 2, t - t // 2) for t in total)


def _padding(
    operation: str, padding: str | Axes, stride: tuple[int, ...], kernel: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    if isinstance(padding, str):
        if padding == "valid":
            return ((0, 0),) * len(kernel)
        if padding != "same":
            raise ValueError(f"{operation}: padding must be a number, 'valid' or 'same', got {padding!r}{scope_note()}")
        if any(s != 1 for s in stride):
            raise ValueError(
                f"{operation}: padding='same' keeps the size only with stride 1, got stride={stride}; give the padding "
                f"as a number{scope_note()}"
            )
        return same_padding(kernel, dilation)
    return tuple((p, p) for p in per_axis(operation, "padding", padding, len(kernel), 0))


def _check_weight(operation: str, weight: Any, axes: int, groups: int, grouped: int) -> None:
    """Make sure that weights have the right number of axes, and that the groups divide their first or second."""
    if weight.ndim != axes + 2 or not min(weight.shape):
        layout = ("out, in / groups", "in, out / groups")[grouped]
        raise ValueError(
            f"{operation}: expected weights of shape ({layout}, {', '.join('k' * axes)}) with at least one element, "
            f"got {describe(raw(weight, operation))}{scope_note()}"
        )
    if isinstance(groups, bool) or not isinstance(groups, (int, np.integer)) or groups < 1:
        raise ValueError(f"{operation}: groups must be a positive integer, got {groups!r}{scope_note()}")
    if weight.shape[0] % groups:
        raise ValueError(
            f"{operation}: groups={groups} does not divide the {('output', 'input')[grouped]} channels, the first axis "
            f"of weights {describe(raw(weight, operation))}{scope_note()}"
        )


def _check_channels(operation: str, x: Any, channels: int, weight: Any, groups: int, axes: int) -> None:
    if x.shape[-axes - 1] == channels:
        return
    remedy = "give as many channels as the weights are for"
    if x.shape[-1] == channels:
        how = "nn.functional.channels_first" if axes == 2 else "transpose"
        remedy = f"if the channels are its last axis, bring them to the front with {how}"
    elif channels == 1 and x.ndim == axes + 1:
        shape = ", ".join(map(str, (x.shape[0], 1, *x.shape[1:])))
        remedy = f"if its first axis is the batch, give it the channel axis that is missing, reshape({shape})"
    raise ValueError(
        f"{operation}: expected input of shape (N, {channels}, {AXES[axes]}) or ({channels}, {AXES[axes]}) for weights "
        f"of shape {weight.shape} in {groups} group{'s' if groups > 1 else ''}, got {describe(raw(x, operation))}; "
        f"{remedy}{scope_note()}"
    )


def _check_bias(operation: str, bias: Any, channels: int) -> Any:
    """The bias as numbers, after making sure that there is one for each output channel."""
    if bias is None:
        return None
    bias = as_numbers(bias, operation)
    if bias.shape != (channels,):
        raise ValueError(
            f"{operation}: expected a bias of shape ({channels},), one number for each output channel, got "
            f"{describe(raw(bias, operation))}{scope_note()}"
        )
    return bias


def _conv(
    axes: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Axes,
    padding: str | Axes,
    dilation: Axes,
    groups: int,
) -> Any:
    operation = f"conv{axes}d"
    weight = as_numbers(weight, operation)
    _check_weight(operation, weight, axes, groups, grouped=0)
    given = as_numbers(input, operation)
    x, single = batched(operation, given, axes)
    _check_channels(operation, given, weight.shape[1] * groups, weight, groups, axes)
    bias = _check_bias(operation, bias, weight.shape[0])
    strides = per_axis(operation, "stride", stride, axes)
    dilations = per_axis(operation, "dilation", dilation, axes)
    settings: dict[str, Any] = {
        "stride": strides,
        "padding": _padding(operation, padding, strides, weight.shape[2:], dilations),
        "dilation": dilations,
        "groups": int(groups),
    }
    if bias is None:
        out = ops.convolution(x, weight, **settings)
    else:
        out = ops.biased_convolution(x, weight, bias, **settings)
    return ops.reshape(out, out.shape[1:]) if single else out


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Axes = 1,
    padding: str | Axes = 0,
    dilation: Axes = 1,
    groups: int = 1,
) -> Any:
    """Convolution of sequences; see :func:`conv2d`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, in, L)`` or ``(in, L)``.
    weight : Tensor or array_like
        ``(out, in / groups, k)``.
    bias, stride, padding, dilation, groups
        As of :func:`conv2d`.

    Returns
    -------
    Tensor
        ``(N, out, L')`` or ``(out, L')``.

    Raises
    ------
    TypeError, ValueError
        As :func:`conv2d`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> conv1d([[1.0, 2.0, 4.0, 8.0]], Tensor([[[-1.0, 1.0]]])).tolist()
    [[1.0, 2.0, 4.0]]
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Axes = 1,
    padding: str | Axes = 0,
    dilation: Axes = 1,
    groups: int = 1,
) -> Any:
    r"""Convolution of images: at each position the dot product of a window with each kernel.

    .. math:: y_{n,o,i,j} = b_o + \sum_{c,u,v} w_{o,c,u,v} \, x_{n,c,\,i s + u d - p,\,j s + v d - p}

    The kernels are not flipped.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, in, H, W)`` or ``(in, H, W)``.
    weight : Tensor or array_like
        The kernels, ``(out, in / groups, k1, k2)``.
    bias : Tensor or array_like, optional
        ``(out,)``.
    stride : int or tuple of int
        The distance between neighbouring windows.
    padding : int, tuple of int, "valid" or "same"
        How many zeros to put before and after each axis; none; or as many as keep the size.
    dilation : int or tuple of int
        The distance between neighbouring elements of a window.
    groups : int
        Into how many groups the channels are divided that are convolved separately.

    Returns
    -------
    Tensor
        ``(N, out, H', W')`` or ``(out, H', W')`` with
        :math:`H' = \lfloor (H + 2p - d (k_1 - 1) - 1) / s \rfloor + 1`.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If shapes and settings do not fit together, or the window is larger than the padded input.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> conv2d(np.ones((1, 3, 3)), Tensor(np.ones((1, 1, 2, 2))), padding="same").tolist()
    [[[4.0, 4.0, 2.0], [4.0, 4.0, 2.0], [2.0, 2.0, 1.0]]]
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Axes = 1,
    padding: str | Axes = 0,
    dilation: Axes = 1,
    groups: int = 1,
) -> Any:
    """Convolution of volumes; see :func:`conv2d`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, in, D, H, W)`` or ``(in, D, H, W)``.
    weight : Tensor or array_like
        ``(out, in / groups, k1, k2, k3)``.
    bias, stride, padding, dilation, groups
        As of :func:`conv2d`.

    Returns
    -------
    Tensor
        ``(N, out, D', H', W')`` or ``(out, D', H', W')``.

    Raises
    ------
    TypeError, ValueError
        As :func:`conv2d`.

    Examples
    --------
    >>> import numpy as np
    >>> conv3d(np.ones((1, 2, 2, 2)), np.ones((1, 1, 2, 2, 2))).item()
    8.0
    """
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


def _conv_transpose(
    axes: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Axes,
    padding: Axes,
    output_padding: Axes,
    groups: int,
    dilation: Axes,
) -> Any:
    operation = f"conv_transpose{axes}d"
    weight = as_numbers(weight, operation)
    _check_weight(operation, weight, axes, groups, grouped=1)
    given = as_numbers(input, operation)
    x, single = batched(operation, given, axes)
    _check_channels(operation, given, weight.shape[0], weight, groups, axes)
    bias = _check_bias(operation, bias, weight.shape[1] * groups)
    strides = per_axis(operation, "stride", stride, axes)
    dilations = per_axis(operation, "dilation", dilation, axes)
    extra = per_axis(operation, "output_padding", output_padding, axes, 0)
    if any(e >= max(s, d) for e, s, d in zip(extra, strides, dilations, strict=True)):
        raise ValueError(
            f"{operation}: output_padding must be smaller than stride or dilation, got output_padding={extra}, "
            f"stride={strides}, dilation={dilations}{scope_note()}"
        )
    cut = per_axis(operation, "padding", padding, axes, 0)
    # Enlarging the result at its end is cutting off less there. What is so far beyond the last window that a further
    # one would fit is zero.
    pads = tuple((p, max(0, p - e)) for p, e in zip(cut, extra, strict=True))
    beyond = [max(0, e - p - s + 1) for p, e, s in zip(cut, extra, strides, strict=True)]
    size = tuple(
        (n - 1) * s + d * (k - 1) + 1 - 2 * p + e - b
        for n, s, d, k, p, e, b in zip(
            x.shape[2:], strides, dilations, weight.shape[2:], cut, extra, beyond, strict=True
        )
    )
    if min(size) < 1:
        raise ValueError(
            f"{operation}: nothing is left of an input of size {x.shape[2:]} with padding={cut}; give less padding"
            f"{scope_note()}"
        )
    out = ops.convolution_transpose(x, weight, size, strides, pads, dilations, int(groups))
    if any(beyond):
        out = ops.pad(out, ((0, 0), (0, 0), *((0, b) for b in beyond)))
    if bias is not None:
        out = out + ops.reshape(bias, (-1,) + (1,) * axes)
    return ops.reshape(out, out.shape[1:]) if single else out


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Axes = 1,
    padding: Axes = 0,
    output_padding: Axes = 0,
    groups: int = 1,
    dilation: Axes = 1,
) -> Any:
    """Transposed convolution of sequences; see :func:`conv_transpose2d`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, in, L)`` or ``(in, L)``.
    weight : Tensor or array_like
        ``(in, out / groups, k)``.
    bias, stride, padding, output_padding, groups, dilation
        As of :func:`conv_transpose2d`.

    Returns
    -------
    Tensor
        ``(N, out, L')`` or ``(out, L')``.

    Raises
    ------
    TypeError, ValueError
        As :func:`conv_transpose2d`.

    Examples
    --------
    >>> from autograd import Tensor
    >>> conv_transpose1d([[1.0, 10.0]], Tensor([[[1.0, 2.0, 3.0]]])).tolist()
    [[1.0, 12.0, 23.0, 30.0]]
    """
    return _conv_transpose(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Axes = 1,
    padding: Axes = 0,
    output_padding: Axes = 0,
    groups: int = 1,
    dilation: Axes = 1,
) -> Any:
    r"""Transposed convolution of images: each element adds a multiple of a kernel to a window of the result.

    It maps shapes as the gradient of :func:`conv2d` with the same settings does, so that with a stride it enlarges.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, in, H, W)`` or ``(in, H, W)``.
    weight : Tensor or array_like
        ``(in, out / groups, k1, k2)``.
    bias : Tensor or array_like, optional
        ``(out,)``.
    stride : int or tuple of int
        The distance between neighbouring windows of the result.
    padding : int or tuple of int
        How much to cut off before and after each axis.
    output_padding : int or tuple of int
        How much less to cut off after each axis; smaller than stride or dilation.
    groups : int
        Into how many groups the channels are divided that are convolved separately.
    dilation : int or tuple of int
        The distance between neighbouring elements of a window.

    Returns
    -------
    Tensor
        ``(N, out, H', W')`` or ``(out, H', W')`` with :math:`H' = (H - 1) s - 2 p + d (k_1 - 1) + p_\text{out} + 1`.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If shapes and settings do not fit together, or nothing is left.

    Notes
    -----
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> conv_transpose2d(np.ones((1, 1, 2)), np.ones((1, 1, 1, 2)), stride=2).tolist()
    [[[1.0, 1.0, 1.0, 1.0]]]
    """
    return _conv_transpose(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Axes = 1,
    padding: Axes = 0,
    output_padding: Axes = 0,
    groups: int = 1,
    dilation: Axes = 1,
) -> Any:
    """Transposed convolution of volumes; see :func:`conv_transpose2d`.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, in, D, H, W)`` or ``(in, D, H, W)``.
    weight : Tensor or array_like
        ``(in, out / groups, k1, k2, k3)``.
    bias, stride, padding, output_padding, groups, dilation
        As of :func:`conv_transpose2d`.

    Returns
    -------
    Tensor
        ``(N, out, D', H', W')`` or ``(out, D', H', W')``.

    Raises
    ------
    TypeError, ValueError
        As :func:`conv_transpose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> conv_transpose3d(np.ones((1, 1, 1, 1)), np.ones((1, 1, 2, 2, 2))).shape
    (1, 2, 2, 2)
    """
    return _conv_transpose(3, input, weight, bias, stride, padding, output_padding, groups, dilation)
