"""NumPy's Fourier transforms: along one axis, and along several as one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd.ops.fft import Norm, opposite
from autograd.primitives import raw
from autograd.protocols import implements, refuse

Axes = Sequence[int] | None


@implements(np.fft.fft)
def _fft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.fft", out=out)
    return ops.fft(a, n, axis, norm)


@implements(np.fft.ifft)
def _ifft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.ifft", out=out)
    return ops.ifft(a, n, axis, norm)


@implements(np.fft.rfft)
def _rfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.rfft", out=out)
    return ops.rfft(a, n, axis, norm)


@implements(np.fft.irfft)
def _irfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.irfft", out=out)
    return ops.irfft(a, n, axis, norm)


@implements(np.fft.hfft)
def _hfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.hfft", out=out)
    return ops.irfft(ops.conjugate(a), n, axis, opposite(norm))


@implements(np.fft.ihfft)
def _ihfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.ihfft", out=out)
    return ops.conjugate(ops.rfft(a, n, axis, opposite(norm)))


def _plan(a: Any, s: Axes, axes: Axes, real_result: bool = False) -> list[tuple[int, int]]:
    """The length and the axis of each transform, last axis first."""
    shape = np.shape(raw(a, "fft"))
    if axes is None:
        axes = range(-(len(shape) if s is None else len(s)), 0)
    lengths = [shape[axis] for axis in axes]  # also where an axis is repeated, of the array as it is given
    if s is None:
        if real_result:
            lengths[-1] = 2 * (lengths[-1] - 1)
    elif len(s) != len(axes):
        raise ValueError(f"fft: {len(s)} lengths s={tuple(s)} are given for {len(axes)} axes {tuple(axes)}")
    else:
        lengths = [have if n == -1 else n for n, have in zip(s, lengths, strict=True)]
    return list(zip(lengths, axes, strict=True))[::-1]


@implements(np.fft.fftn)
def _fftn(a: Any, s: Axes = None, axes: Axes = None, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.fftn", out=out)
    for n, axis in _plan(a, s, axes):
        a = ops.fft(a, n, axis, norm)
    return a


@implements(np.fft.ifftn)
def _ifftn(a: Any, s: Axes = None, axes: Axes = None, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.ifftn", out=out)
    for n, axis in _plan(a, s, axes):
        a = ops.ifft(a, n, axis, norm)
    return a


@implements(np.fft.rfftn)
def _rfftn(a: Any, s: Axes = None, axes: Axes = None, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.rfftn", out=out)
    (n, axis), *others = _plan(a, s, axes)
    a = ops.rfft(a, n, axis, norm)
    for n, axis in others[::-1]:
        a = ops.fft(a, n, axis, norm)
    return a


@implements(np.fft.irfftn)
def _irfftn(a: Any, s: Axes = None, axes: Axes = None, norm: Norm = None, out: Any = None) -> Any:
    refuse("fft.irfftn", out=out)
    (last, last_axis), *others = _plan(a, s, axes, real_result=True)
    for n, axis in others[::-1]:
        a = ops.ifft(a, n, axis, norm)
    return ops.irfft(a, last, last_axis, norm)


@implements(np.fft.fft2)
def _fft2(a: Any, s: Axes = None, axes: Axes = (-2, -1), norm: Norm = None, out: Any = None) -> Any:
    return _fftn(a, s, axes, norm, out)


@implements(np.fft.ifft2)
def _ifft2(a: Any, s: Axes = None, axes: Axes = (-2, -1), norm: Norm = None, out: Any = None) -> Any:
    return _ifftn(a, s, axes, norm, out)


@implements(np.fft.rfft2)
def _rfft2(a: Any, s: Axes = None, axes: Axes = (-2, -1), norm: Norm = None, out: Any = None) -> Any:
    return _rfftn(a, s, axes, norm, out)


@implements(np.fft.irfft2)
def _irfft2(a: Any, s: Axes = None, axes: Axes = (-2, -1), norm: Norm = None, out: Any = None) -> Any:
    return _irfftn(a, s, axes, norm, out)


def _shifted(x: Any, axes: int | Sequence[int] | None, inverse: bool) -> Any:
    shape = np.shape(raw(x, "fftshift"))
    along = tuple(range(len(shape))) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    return np.roll(x, [-(shape[axis] // 2) if inverse else shape[axis] // 2 for axis in along], along)


@implements(np.fft.fftshift)
def _fftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    return _shifted(x, axes, inverse=False)


@implements(np.fft.ifftshift)
def _ifftshift(x: Any, axes: int | Sequence[int] | None = None) -> Any:
    return _shifted(x, axes, inverse=True)
