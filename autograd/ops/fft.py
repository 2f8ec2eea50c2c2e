"""Discrete Fourier transforms along one axis: of complex numbers, and of real ones, whose spectrum is symmetric.

All are linear. A transform is a symmetric matrix, so that its transpose is the same transform (never its inverse or
its adjoint: see :mod:`autograd.ops.complex`); where the input is cut or filled up with zeros first, the cotangent is
filled up or cut afterwards. Of the symmetric spectrum of real numbers only half is kept, whose inner frequencies count
twice. Transforms along several axes are one such operation after the other, as in NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import dtype_of, shape_of
from autograd.ops.complex import conjugate
from autograd.ops.indexing import getitem
from autograd.ops.padding import pad
from autograd.primitives import linear, raw
from autograd.samples import Sample, array

__all__ = ["fft", "ifft", "irfft", "opposite", "rfft"]

Norm = str | None

_OPPOSITE: dict[Norm, Norm] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def opposite(norm: Norm) -> Norm:
    """The normalisation that scales the other direction.

    Raises
    ------
    ValueError
        If it is none of NumPy's.
    """
    if norm not in _OPPOSITE:
        raise ValueError(f"norm is {norm!r}; it should be 'backward', 'ortho' or 'forward'")
    return _OPPOSITE[norm]


def _fitted(x: Any, like: Any, axis: int) -> Any:
    """Cut an axis, or fill it up with zeros, to the length that another array has there."""
    have, want = (shape_of(raw(v, "fft"))[axis] for v in (x, like))
    if have == want:
        return x
    ndim = len(shape_of(raw(x, "fft")))
    axis %= ndim
    if have < want:
        return pad(x, tuple((0, want - have if i == axis else 0) for i in range(ndim)))
    return getitem(x, (*(slice(None),) * axis, slice(want)))


def _inner(x: Any, axis: int, length: int, weight: float) -> Any:
    """Weights for half a spectrum along an axis: a given one for each frequency that stands for two.

    These are all but 0 and, where the length n is even, n/2, whose weight is 1.
    """
    value = raw(x, "fft")
    count = shape_of(value)[axis]
    weights = np.full(count, weight, np.finfo(dtype_of(value)).dtype)
    weights[0] = 1.0
    if length % 2 == 0:
        weights[-1] = 1.0
    return weights.reshape(-1, *(1,) * (len(shape_of(value)) - 1 - axis % len(shape_of(value))))


def _samples() -> Iterable[Sample]:
    z = array(2, 5) + 1j * array(2, 5, seed=1)
    return [
        Sample((z,)),
        Sample((z[0, :1],)),
        Sample((array(4),), {"norm": "ortho"}),
        Sample((z,), {"axis": 0, "norm": "forward"}),
        Sample((z,), {"n": 3}),
        Sample((z,), {"n": 8, "axis": -1, "norm": "ortho"}),
        Sample((array(2, 3, 2),), {"n": 4, "axis": 1}),
        Sample((array(0, 3),)),
    ]


def _fft_back(ct: Any, x: Any, out: Any, *, n: int | None, axis: int, norm: Norm) -> Any:
    return _fitted(fft(ct, axis=axis, norm=norm), x, axis)


@linear(
    transpose=_fft_back,
    symbol="DFT",
    formula=r"\sum_j x_j e^{-2 \pi i j k / n}",
    samples=_samples,
)
def fft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Discrete Fourier transform along an axis.

    Parameters
    ----------
    x : Tensor or array_like
        Real or complex.
    n : int, optional
        Cut the axis, or fill it up with zeros, to this length first.
    axis : int
    norm : {"backward", "ortho", "forward"}, optional
        Divide by nothing (as None), by √n, or by n.

    Returns
    -------
    Tensor
        Complex, of the shape of ``x`` but for the length ``n``.

    Raises
    ------
    ValueError
        If ``n`` is less than 1, or ``norm`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import fft
    >>> fft(Tensor([1.0, 2.0])).tolist()
    [(3+0j), (-1+0j)]
    """
    return np.fft.fft(x, n, axis, norm)  # type: ignore[arg-type]


def _ifft_back(ct: Any, x: Any, out: Any, *, n: int | None, axis: int, norm: Norm) -> Any:
    return _fitted(ifft(ct, axis=axis, norm=norm), x, axis)


@linear(
    transpose=_ifft_back,
    symbol="DFT⁻¹",
    formula=r"\frac{1}{n} \sum_k x_k e^{2 \pi i j k / n}",
    samples=_samples,
)
def ifft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Inverse of the discrete Fourier transform along an axis.

    Parameters
    ----------
    x : Tensor or array_like
        Real or complex.
    n : int, optional
        Cut the axis, or fill it up with zeros, to this length first.
    axis : int
    norm : {"backward", "ortho", "forward"}, optional
        Divide by n (as None), by √n, or by nothing.

    Returns
    -------
    Tensor
        Complex, of the shape of ``x`` but for the length ``n``.

    Raises
    ------
    ValueError
        If ``n`` is less than 1, or ``norm`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import ifft
    >>> ifft(Tensor([3.0, -1.0])).tolist()
    [(1+0j), (2+0j)]
    """
    return np.fft.ifft(x, n, axis, norm)  # type: ignore[arg-type]


def _samples_rfft() -> Iterable[Sample]:
    return [
        Sample((array(2, 5),)),
        Sample((array(2, 4),)),
        Sample((array(1),)),
        Sample((array(3, 2),), {"axis": 0, "norm": "ortho"}),
        Sample((array(2, 5),), {"n": 4, "norm": "forward"}),
        Sample((array(2, 3, 2),), {"n": 5, "axis": 1}),
        Sample((array(0, 3),)),
    ]


def _rfft_back(ct: Any, x: Any, out: Any, *, n: int | None, axis: int, norm: Norm) -> Any:
    length = shape_of(raw(x, "rfft"))[axis] if n is None else n
    half = conjugate(ct) * _inner(ct, axis, length, 0.5)
    return _fitted(irfft(half, n=length, axis=axis, norm=opposite(norm)), x, axis)


@linear(
    transpose=_rfft_back,
    symbol="DFT",
    formula=r"\sum_j x_j e^{-2 \pi i j k / n}",
    samples=_samples_rfft,
)
def rfft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Discrete Fourier transform of real numbers along an axis: the first half of a symmetric spectrum.

    Parameters
    ----------
    x : Tensor or array_like
        Real.
    n : int, optional
        Cut the axis, or fill it up with zeros, to this length first.
    axis : int
    norm : {"backward", "ortho", "forward"}, optional
        Divide by nothing (as None), by √n, or by n.

    Returns
    -------
    Tensor
        Complex, of the shape of ``x`` but for the length ``n // 2 + 1``.

    Raises
    ------
    TypeError
        If the input is complex.
    ValueError
        If ``n`` is less than 1, or ``norm`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import rfft
    >>> rfft(Tensor([1.0, 2.0, 3.0])).shape
    (2,)
    """
    return np.fft.rfft(x, n, axis, norm)  # type: ignore[arg-type]


def _samples_irfft() -> Iterable[Sample]:
    z = array(2, 5) + 1j * array(2, 5, seed=1)
    return [
        Sample((z,)),
        Sample((z,), {"n": 9}),
        Sample((z,), {"n": 4, "norm": "ortho"}),
        Sample((z,), {"n": 5, "axis": 0, "norm": "forward"}),
        Sample((z[:, :3],), {"n": 12}),
        Sample((z[0, :1],), {"n": 1}),
        Sample((array(2, 3, 2),), {"axis": 1}),
        Sample((array(0, 3),)),
    ]


def _irfft_back(ct: Any, x: Any, out: Any, *, n: int | None, axis: int, norm: Norm) -> Any:
    half = conjugate(rfft(ct, axis=axis, norm=opposite(norm)))
    return _fitted(half * _inner(half, axis, shape_of(raw(out, "irfft"))[axis], 2.0), x, axis)


@linear(
    transpose=_irfft_back,
    symbol="DFT⁻¹",
    formula=r"\frac{1}{n} \sum_k x_k e^{2 \pi i j k / n}",
    samples=_samples_irfft,
)
def irfft(x: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """Inverse of :func:`rfft`: real numbers from the first half of their symmetric spectrum.

    Parameters
    ----------
    x : Tensor or array_like
        Complex; the imaginary parts of the first frequency, and of the last if ``n`` is even, do not count.
    n : int, optional
        The length of the result, by default ``2 (m - 1)`` where ``x`` has ``m`` frequencies; what is missing of
        these is taken as 0.
    axis : int
    norm : {"backward", "ortho", "forward"}, optional
        Divide by n (as None), by √n, or by nothing.

    Returns
    -------
    Tensor
        Real, of the shape of ``x`` but for the length ``n``.

    Raises
    ------
    ValueError
        If ``n`` is less than 1, or ``norm`` is not known.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import irfft
    >>> irfft(Tensor([6 + 0j, -1 + 1j]), n=3).shape
    (3,)
    """
    return np.fft.irfft(x, n, axis, norm)  # type: ignore[arg-type]
