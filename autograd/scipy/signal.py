"""Convolution of arrays along any axes: ``autograd.scipy.signal``.

Examples
--------
>>> import numpy as np
>>> from autograd import grad
>>> from autograd.scipy.signal import convolve
>>> grad(lambda a: convolve(a, np.array([1.0, 2.0]))[1])(np.array([3.0, 4.0])).tolist()
[2.0, 1.0]
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import scipy.fft as _fft
import scipy.signal as _signal

from autograd._values import shape_of
from autograd.ops import getitem, reshape, transpose
from autograd.primitives import multilinear, raw, scope_note
from autograd.samples import Sample, array

__all__ = ["convolve"]

# Everything is one operation: all batches of the first input with all of the second, along the last axes, summed over
# one axis that they share, of which a window of the full convolution is computed. Its transposes are such convolutions
# again, with the other input reversed.


def _reversed(x: Any) -> Any:
    return getitem(x, (slice(None), slice(None), *(slice(None, None, -1),) * (len(shape_of(raw(x, "convolve"))) - 2)))


def _exchanged(x: Any) -> Any:
    """The two leading axes exchanged."""
    return transpose(x, (1, 0, *range(2, len(shape_of(raw(x, "convolve"))))))


def _sizes(x: Any) -> tuple[int, ...]:
    return tuple(shape_of(raw(x, "convolve"))[2:])


def _by_first(ct: Any, a: Any, b: Any, out: Any, *, start: Any, length: Any) -> Any:
    shifted = tuple(k - 1 - s for k, s in zip(_sizes(b), start, strict=True))
    return windowed_convolution(ct, _exchanged(_reversed(b)), start=shifted, length=_sizes(a))


def _by_second(ct: Any, a: Any, b: Any, out: Any, *, start: Any, length: Any) -> Any:
    return _by_first(_exchanged(ct), b, a, out, start=start, length=length)


def _samples() -> Iterable[Sample]:
    a, b = array(2, 3, 6), array(4, 3, 3, seed=1)
    return [
        Sample((a, b), {"start": (0,), "length": (8,)}),
        Sample((a, b), {"start": (2,), "length": (4,)}),
        Sample((b, a), {"start": (2,), "length": (4,)}),
        Sample((a, b), {"start": (-2,), "length": (14,)}),
        Sample((array(1, 2, 4, 3), array(2, 2, 2, 3, seed=1)), {"start": (1, 0), "length": (3, 5)}),
        Sample((array(2, 3, 0), array(4, 3, 0)), {"start": (0,), "length": (0,)}),
        Sample((array(2, 3), array(4, 3, seed=1)), {"start": (), "length": ()}),
        Sample((a + 1j * a[::-1], b), {"start": (0,), "length": (8,)}),
        Sample((array(1, 1, 90), array(2, 1, 80, seed=1)), {"start": (40,), "length": (90,)}),
    ]


@multilinear(
    transposes=(_by_first, _by_second),
    symbol="∗",
    formula=r"\sum_j x_{1,i-j} x_{2,j}",
    samples=_samples,
)
def windowed_convolution(a: Any, b: Any, start: Sequence[int], length: Sequence[int]) -> Any:
    """Convolve all batches of one array with all of another, summed over their channels, in a window.

    Parameters
    ----------
    a, b : Tensor or array_like
        ``(m, channels, ...)`` and ``(n, channels, ...)`` with equally many further axes, along which they are
        convolved.
    start, length : sequence of int
        For each of these axes, where in the full convolution to begin, and how far to go; it is 0 where it ends.

    Returns
    -------
    Tensor
        ``(m, n, *length)``.

    Raises
    ------
    ValueError
        If the numbers of channels or of axes differ.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.signal import windowed_convolution
    >>> windowed_convolution(Tensor([[[1.0, 2.0]]]), [[[1.0, 1.0]]], start=(0,), length=(3,)).tolist()
    [[[1.0, 3.0, 2.0]]]
    """
    if np.ndim(a) != np.ndim(b) or np.shape(a)[1] != np.shape(b)[1]:
        raise ValueError("expected arrays of as many axes, and of as many channels in the second")
    return _convolved(a, b, start, length)


def _convolved(a: Any, b: Any, start: Sequence[int], length: Sequence[int]) -> Any:
    if math.prod(_sizes(a)) < math.prod(_sizes(b)):  # the smaller is the one that is moved along
        return np.swapaxes(_convolved(b, a, start, length), 0, 1)
    direct = math.prod(length) * math.prod(_sizes(b))
    spectrum = math.prod(n + k - 1 for n, k in zip(_sizes(a), _sizes(b), strict=True))
    if math.prod(_sizes(b)) > 64 and direct > 40 * spectrum * math.log2(spectrum + 1):
        return _by_spectra(a, b, start, length)
    # What is copied: each channel at each place of the window, or each result at each place of the array.
    if math.prod(_sizes(b)) <= 1024 and len(b) * math.prod(_sizes(a)) < np.shape(b)[1] * math.prod(length):
        return _by_shifts(a, b, start, length)
    return _by_windows(a, b, start, length)


def _window(x: Any, start: Sequence[int], length: Sequence[int]) -> Any:
    """A part of an array along all but its two leading axes, and 0 where it goes beyond."""
    inside, widths = [slice(None)] * 2, [(0, 0)] * 2
    for n, s, size in zip(_sizes(x), start, length, strict=True):
        low, high = min(max(s, 0), n), min(max(s + size, 0), n)
        high = max(low, high)
        inside.append(slice(low, high))
        before = min(max(-s, 0), size)
        widths.append((before, size - before - (high - low)))
    part = x[tuple(inside)]
    return np.pad(part, widths) if any(before or after for before, after in widths) else part


def _by_windows(a: Any, b: Any, start: Sequence[int], length: Sequence[int]) -> Any:
    """The convolution as a product of matrices."""
    sizes = _sizes(b)
    axes = tuple(range(2, a.ndim))
    if 0 in sizes:
        return np.zeros((len(a), len(b), *length), np.result_type(a, b))
    region = _window(a, [s - k + 1 for s, k in zip(start, sizes, strict=True)], [
        size + k - 1 for size, k in zip(length, sizes, strict=True)
    ])  # fmt: skip
    windows = np.lib.stride_tricks.sliding_window_view(region, sizes, axes) if axes else region
    kernel = np.flip(b, axes)
    at = len(axes)
    product = np.tensordot(windows, kernel, ([1, *range(2 + at, 2 + 2 * at)], [1, *axes]))
    return np.moveaxis(product, -1, 1)


def _by_shifts(a: Any, b: Any, start: Sequence[int], length: Sequence[int]) -> Any:
    """The convolution as a product of matrices at each place, added up where it goes to."""
    product = np.tensordot(b, a, ([1], [1]))  # (n, *kernel, m, *array)
    out = np.zeros((len(b), len(a), *length), product.dtype)
    for offset in np.ndindex(*_sizes(b)):
        taken: list[slice] = []
        placed: list[slice] = []
        for n, s, size, k in zip(_sizes(a), start, length, offset, strict=True):
            low, high = max(s - k, 0), min(s - k + size, n)
            taken.append(slice(low, max(low, high)))
            placed.append(slice(low - s + k, max(low, high) - s + k))
        part = product[(slice(None), *offset, slice(None), *taken)]
        if part.size:
            out[(slice(None), slice(None), *placed)] += part
    return np.swapaxes(out, 0, 1)


def _by_spectra(a: Any, b: Any, start: Sequence[int], length: Sequence[int]) -> Any:
    """The convolution as a product of Fourier transforms."""
    axes = tuple(range(2, a.ndim))
    real = not (np.iscomplexobj(a) or np.iscomplexobj(b))
    full = [n + k - 1 for n, k in zip(_sizes(a), _sizes(b), strict=True)]
    padded = [_fft.next_fast_len(n, real) for n in full]
    forward, inverse = (_fft.rfftn, _fft.irfftn) if real else (_fft.fftn, _fft.ifftn)
    spectra = (forward(x, padded, axes) for x in (a, b))
    product = np.einsum("md...,nd...->mn...", *spectra)
    whole = inverse(product, padded, axes)[(..., *(slice(n) for n in full))]
    return _window(whole, start, length).astype(np.result_type(a, b), copy=False)


def _axes_of(ndim: int, convolved: Sequence[int], contracted: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """The axes of one array: those left as they are, those summed over and those convolved."""
    convolved = [axis % ndim for axis in convolved]
    contracted = [axis % ndim for axis in contracted]
    return [i for i in range(ndim) if i not in convolved and i not in contracted], contracted, convolved


def _arranged(x: Any, axes: tuple[list[int], list[int], list[int]]) -> Any:
    """An array with its axes of the first two kinds as one each, in front of the convolved ones."""
    shape = shape_of(raw(x, "convolve"))
    left, contracted, convolved = axes
    sizes = [math.prod(shape[i] for i in kind) for kind in (left, contracted)]
    return reshape(transpose(x, (*left, *contracted, *convolved)), (*sizes, *(shape[i] for i in convolved)))


def convolve(
    A: Any,
    B: Any,
    axes: Sequence[Sequence[int]] | None = None,
    dot_axes: Sequence[Sequence[int]] = ((), ()),
    mode: str = "full",
) -> Any:
    """Convolve two arrays along some of their axes, and sum products over others.

    Parameters
    ----------
    A, B : Tensor or array_like
    axes : pair of sequences of int, optional
        The axes of each to convolve, in corresponding order; by default all.
    dot_axes : pair of sequences of int
        The axes of each to sum over, as ``tensordot`` does.
    mode : {"full", "same", "valid"}
        Where they overlap at all; the middle part of that, of the size of ``A``; or where the smaller one lies in the
        larger one.

    Returns
    -------
    Tensor
        Its axes are the remaining ones of ``A``, then those of ``B``, then the convolved ones.

    Raises
    ------
    ValueError
        If the axes do not correspond, the mode is not known, or with "valid" neither array is the larger one along all
        axes.

    Examples
    --------
    >>> import numpy as np
    >>> images, filters = np.ones((10, 3, 8, 8)), np.ones((3, 4, 5, 5))
    >>> convolve(images, filters, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid").shape
    (10, 4, 4, 4)
    """
    shapes = [tuple(shape_of(raw(x, "convolve"))) for x in (A, B)]
    if axes is None:
        if len(shapes[0]) != len(shapes[1]):
            raise ValueError(f"convolve: axes are missing for shapes {shapes[0]} and {shapes[1]}{scope_note()}")
        axes = (range(len(shapes[0])),) * 2
    of_a, of_b = (_axes_of(len(shape), axes[i], dot_axes[i]) for i, shape in enumerate(shapes))
    contracted = [[shape[i] for i in of[1]] for shape, of in zip(shapes, (of_a, of_b), strict=True)]
    if len(of_a[2]) != len(of_b[2]) or contracted[0] != contracted[1]:
        raise ValueError(
            f"convolve: axes={axes!r} and dot_axes={dot_axes!r} do not correspond for shapes {shapes[0]} and "
            f"{shapes[1]}{scope_note()}"
        )
    n, k = ([shape[i] for i in of[2]] for shape, of in zip(shapes, (of_a, of_b), strict=True))
    if mode == "full":
        start, length = [0] * len(n), [max(i + j - 1, 0) for i, j in zip(n, k, strict=True)]
    elif mode == "same":
        start, length = [(j - 1) // 2 for j in k], n
    elif mode == "valid":
        if not (all(i >= j for i, j in zip(n, k, strict=True)) or all(i <= j for i, j in zip(n, k, strict=True))):
            raise ValueError(
                f"convolve: in mode 'valid' one array must be the larger along all axes, got sizes {tuple(n)} and "
                f"{tuple(k)}{scope_note()}"
            )
        start = [min(i, j) - 1 for i, j in zip(n, k, strict=True)]
        length = [abs(i - j) + 1 for i, j in zip(n, k, strict=True)]
    else:
        raise ValueError(f"convolve: mode is {mode!r}{scope_note()}; it should be 'full', 'same' or 'valid'")
    out = windowed_convolution(_arranged(A, of_a), _arranged(B, of_b), start=tuple(start), length=tuple(length))
    left = [shape[i] for shape, of in zip(shapes, (of_a, of_b), strict=True) for i in of[0]]
    return reshape(out, (*left, *length))


def __getattr__(name: str) -> Any:
    return getattr(_signal, name)  # for plain values
