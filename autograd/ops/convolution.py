r"""Convolution over any number of axes, as a trilinear form.

With windows that start at :math:`y s - p` and whose elements are :math:`d` apart,

.. math:: T(x, w, v) = \sum_{n,o,c,y,k} v_{n,o,y} \, w_{o,c,k} \, x_{n,c,\,ys-p+kd}

is linear in the input x, the weights w and the output's cotangent v. Its three partial derivatives are the three
operations here, and each is the transpose of the other two:

=============================  ==================================  ==========================
:math:`\partial T/\partial v`  :func:`convolution`                 the layer
:math:`\partial T/\partial x`  :func:`convolution_transpose`       its gradient for the input
:math:`\partial T/\partial w`  :func:`convolution_weight`          its gradient for the weights
=============================  ==================================  ==========================

How they are computed is in :mod:`autograd.ops.columns`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.columns import convolve, convolve_transposed, convolve_weight
from autograd.ops.indexing import getitem, scatter_add
from autograd.ops.products import matmul
from autograd.ops.reductions import sum as sum_
from autograd.ops.shape import reshape, stack, swapaxes
from autograd.ops.windows import Windows, windows
from autograd.primitives import custom, multilinear, raw
from autograd.samples import Sample, array

__all__ = ["biased_convolution", "convolution", "convolution_transpose", "convolution_weight"]


def _shape(x: Any) -> tuple[int, ...]:
    return shape_of(raw(x, "convolution"))


# ---------------------------------------------------------------------------------------------------------------------
# The same from simpler gates
# ---------------------------------------------------------------------------------------------------------------------


def _padded_size(w: Windows, size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n + before + after for n, (before, after) in zip(size, w.padding, strict=True))


def _inside(w: Windows, size: tuple[int, ...]) -> tuple[Any, ...]:
    """Where the array is in the padded one."""
    return (..., *(slice(before, before + n) for n, (before, _) in zip(size, w.padding, strict=True)))


def _seen(w: Windows, size: tuple[int, ...]) -> list[tuple[Any, ...]]:
    """For each element of the window what all windows see through it, in the padded array."""
    bare = Windows(w.kernel, w.stride, ((0, 0),) * len(w.kernel), w.dilation)
    return [(..., *seen) for _, seen in bare.views(_padded_size(w, size), w.count(size))]


def _column_gates(x: Any, w: Windows, groups: int) -> Any:
    """``(N, groups, channels * window, positions)``."""
    images, channels, *lengths = _shape(x)
    size = tuple(lengths)
    padded = scatter_add(x, _inside(w, size), (images, channels, *_padded_size(w, size)))
    columns = stack([getitem(padded, index) for index in _seen(w, size)], axis=2)
    rows = channels // groups * math.prod(w.kernel)
    return reshape(columns, (images, groups, rows, math.prod(w.count(size))))


def _convolution_gates(
    x: Any, weight: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    out, channels, *kernel = _shape(weight)
    w = windows(tuple(kernel), stride, padding, dilation)
    matrix = reshape(weight, (groups, out // groups, channels * math.prod(kernel)))
    product = matmul(matrix, _column_gates(x, w, groups))
    return reshape(product, (_shape(x)[0], out, *w.count(_shape(x)[2:])))


def _transpose_gates(
    y: Any, weight: Any, size: tuple[int, ...], stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    out, channels, *kernel = _shape(weight)
    images, _, *count = _shape(y)
    w = windows(tuple(kernel), stride, padding, dilation)
    matrix = swapaxes(reshape(weight, (groups, out // groups, channels * math.prod(kernel))), 1, 2)
    columns = matmul(matrix, reshape(y, (images, groups, out // groups, math.prod(count))))
    columns = reshape(columns, (images, channels * groups, math.prod(kernel), *count))
    padded = (images, channels * groups, *_padded_size(w, size))
    parts = [scatter_add(columns[:, :, k], index, padded) for k, index in enumerate(_seen(w, size))]
    return getitem(sum_(stack(parts), axis=0), _inside(w, size))


def _weight_gates(
    x: Any, y: Any, kernel: tuple[int, ...], stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    images, out, *count = _shape(y)
    w = windows(kernel, stride, padding, dilation)
    rows = reshape(y, (images, groups, out // groups, math.prod(count)))
    products = matmul(rows, swapaxes(_column_gates(x, w, groups), 2, 3))
    return reshape(sum_(products, axis=0), (out, _shape(x)[1] // groups, *kernel))


# ---------------------------------------------------------------------------------------------------------------------
# The operations
# ---------------------------------------------------------------------------------------------------------------------


def _by_input(ct: Any, x: Any, w: Any, *rest: Any, **settings: Any) -> Any:
    return convolution_transpose(ct, w, _shape(x)[2:], **settings)


def _by_weight(ct: Any, x: Any, w: Any, *rest: Any, **settings: Any) -> Any:
    return convolution_weight(x, ct, _shape(w)[2:], **settings)


def _by_bias(ct: Any, *rest: Any, **settings: Any) -> Any:
    return sum_(ct, axis=(0, *range(2, len(_shape(ct)))))


def _transpose_by_input(ct: Any, y: Any, w: Any, out: Any, *, size: Any, **settings: Any) -> Any:
    return convolution(ct, w, **settings)


def _transpose_by_weight(ct: Any, y: Any, w: Any, out: Any, *, size: Any, **settings: Any) -> Any:
    return convolution_weight(ct, y, _shape(w)[2:], **settings)


def _weight_by_input(ct: Any, x: Any, y: Any, out: Any, *, kernel: Any, **settings: Any) -> Any:
    return convolution_transpose(y, ct, _shape(x)[2:], **settings)


def _weight_by_cotangent(ct: Any, x: Any, y: Any, out: Any, *, kernel: Any, **settings: Any) -> Any:
    return convolution(x, ct, **settings)


#: Sizes of x, of the weights (out, in / groups, *kernel), and settings.
_CASES: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((2, 2, 5), (3, 2, 3), {}),
    ((2, 2, 6), (2, 1, 2), {"stride": 2, "padding": ((1, 2),), "dilation": 2, "groups": 2}),
    ((1, 1, 3), (1, 1, 5), {"padding": 3}),
    ((2, 2, 4, 3), (3, 2, 1, 1), {}),
    ((2, 4, 3, 4), (2, 2, 2, 3), {"stride": (1, 2), "padding": (0, 1), "groups": 2}),
    ((1, 2, 4, 4), (2, 1, 2, 2), {"stride": 3, "padding": ((2, 0), (0, 1)), "dilation": (1, 2), "groups": 2}),
    ((1, 1, 2, 3, 2), (2, 1, 2, 1, 2), {"padding": (0, 0, 1)}),
    ((0, 2, 3, 3), (1, 2, 2, 2), {}),
    ((0, 1, 2), (1, 1, 1), {}),
]


def _counts(x: tuple[int, ...], w: tuple[int, ...], settings: dict[str, Any]) -> tuple[int, ...]:
    geometry = {name: value for name, value in settings.items() if name != "groups"}
    return (x[0], w[0], *windows(w[2:], **geometry).count(x[2:]))


def _samples() -> Iterable[Sample]:
    return [Sample((array(*x), array(*w, seed=1)), settings) for x, w, settings in _CASES]


def _samples_biased() -> Iterable[Sample]:
    return [Sample((array(*x), array(*w, seed=1), array(w[0], seed=2)), settings) for x, w, settings in _CASES]


def _samples_transpose() -> Iterable[Sample]:
    return [
        Sample((array(*_counts(x, w, settings)), array(*w, seed=1)), {"size": x[2:], **settings})
        for x, w, settings in _CASES
    ]


def _samples_weight() -> Iterable[Sample]:
    return [
        Sample((array(*x), array(*_counts(x, w, settings), seed=1)), {"kernel": w[2:], **settings})
        for x, w, settings in _CASES
    ]


@multilinear(
    transposes=(_by_input, _by_weight),
    symbol="conv",
    formula=r"\textstyle\sum_{c,k} w_{o,c,k} \, x_{c,\,ys-p+kd}",
    samples=_samples,
    decomposition=_convolution_gates,
)
def convolution(x: Any, weight: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    r"""Convolution as networks mean it: at every position the dot product of a window of the input with the weights.

    The weights are not flipped (mathematically this is a cross-correlation).

    Parameters
    ----------
    x : Tensor or array_like
        ``(N, C, *size)``: N images of C channels, with any number of further axes.
    weight : Tensor or array_like
        ``(O, C / groups, *kernel)``.
    stride, dilation : int or tuple of int
        The distance between neighbouring windows, and between neighbouring elements of a window; for all axes at once
        or for each.
    padding : int, or tuple of int or pairs of int
        How many zeros to put before and after each axis.
    groups : int
        Into how many groups the channels are divided that are convolved separately.

    Returns
    -------
    Tensor
        ``(N, O, *count)``, where each axis counts its windows:
        :math:`\lfloor(n + p_1 + p_2 - d (k - 1) - 1) / s\rfloor + 1`.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If shapes and settings do not fit together.

    Examples
    --------
    >>> from autograd import Tensor
    >>> convolution(Tensor([[[1.0, 2.0, 4.0, 8.0]]]), [[[-1.0, 1.0]]]).tolist()
    [[[1.0, 2.0, 4.0]]]
    """
    return convolve(x, weight, None, stride, padding, dilation, groups)


def _per_channel(bias: Any, like: Any) -> Any:
    return reshape(bias, (-1,) + (1,) * (len(_shape(like)) - 2))


def _biased_tangent(tangents: Any, x: Any, w: Any, b: Any, out: Any, **settings: Any) -> Any:
    along_x, along_w, along_b = tangents
    total: Any = 0.0 if along_b is None else _per_channel(along_b, x)
    if along_x is not None:
        total = total + convolution(along_x, w, **settings)
    return total if along_w is None else total + convolution(x, along_w, **settings)


@custom(
    vjps=(_by_input, _by_weight, _by_bias),
    jvp=_biased_tangent,
    symbol="conv + b",
    formula=r"\textstyle\sum_{c,k} w_{o,c,k} \, x_{c,\,ys-p+kd} + b_o",
    samples=_samples_biased,
    decomposition=lambda x, weight, bias, **settings: convolution(x, weight, **settings) + _per_channel(bias, x),
)
def biased_convolution(
    x: Any, weight: Any, bias: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    """:func:`convolution` plus a number for each output channel, without the intermediate result.

    Parameters
    ----------
    x, weight, stride, padding, dilation, groups
        As of :func:`convolution`.
    bias : Tensor or array_like
        ``(O,)``.

    Returns
    -------
    Tensor
        ``(N, O, *count)``.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If shapes and settings do not fit together.

    Examples
    --------
    >>> from autograd import Tensor
    >>> biased_convolution(Tensor([[[1.0, 2.0, 4.0, 8.0]]]), [[[-1.0, 1.0]]], [0.5]).tolist()
    [[[1.5, 2.5, 4.5]]]
    """
    if np.shape(bias) != np.shape(weight)[:1]:
        raise ValueError(f"the bias needs one number for each output channel, shape {np.shape(weight)[:1]}")
    return convolve(x, weight, bias, stride, padding, dilation, groups)


@multilinear(
    transposes=(_transpose_by_input, _transpose_by_weight),
    symbol="convᵀ",
    formula=r"\textstyle\sum_{o,k,\,ys-p+kd=z} w_{o,c,k} \, y_{o,y}",
    samples=_samples_transpose,
    decomposition=_transpose_gates,
)
def convolution_transpose(
    y: Any,
    weight: Any,
    size: tuple[int, ...],
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Transposed convolution: what :func:`convolution` does to its input, backwards.

    Every element of ``y`` adds a multiple of the weights to the window it stands for; windows may overlap.

    Parameters
    ----------
    y : Tensor or array_like
        ``(N, O, *count)``, of the shape of a convolution's result.
    weight : Tensor or array_like
        ``(O, C / groups, *kernel)``.
    size : tuple of int
        Lengths of the result's last axes; with a stride, several convolve to the same ``count``.
    stride, padding, dilation, groups
        Those of the convolution.

    Returns
    -------
    Tensor
        ``(N, C, *size)``.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If shapes and settings do not fit together.

    Notes
    -----
    Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4.

    Examples
    --------
    >>> from autograd import Tensor
    >>> convolution_transpose(Tensor([[[1.0, 10.0]]]), [[[1.0, 2.0, 3.0]]], size=(4,)).tolist()
    [[[1.0, 12.0, 23.0, 30.0]]]
    """
    return convolve_transposed(y, weight, size, stride, padding, dilation, groups)


@multilinear(
    transposes=(_weight_by_input, _weight_by_cotangent),
    symbol="conv dw",
    formula=r"\textstyle\sum_{n,y} y_{n,o,y} \, x_{n,c,\,ys-p+kd}",
    samples=_samples_weight,
    decomposition=_weight_gates,
)
def convolution_weight(
    x: Any, y: Any, kernel: tuple[int, ...], stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Any:
    """Correlation of a convolution's input with its output's cotangent: the gradient for the weights.

    Parameters
    ----------
    x : Tensor or array_like
        ``(N, C, *size)``, the input of the convolution.
    y : Tensor or array_like
        ``(N, O, *count)``, of the shape of its result.
    kernel : tuple of int
        Lengths of the window.
    stride, padding, dilation, groups
        Those of the convolution.

    Returns
    -------
    Tensor
        ``(O, C / groups, *kernel)``.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If shapes and settings do not fit together.

    Examples
    --------
    >>> from autograd import Tensor
    >>> convolution_weight(Tensor([[[1.0, 2.0, 4.0, 8.0]]]), [[[1.0, 0.0, 1.0]]], kernel=(2,)).tolist()
    [[[5.0, 10.0]]]
    """
    return convolve_weight(x, y, kernel, stride, padding, dilation, groups)
