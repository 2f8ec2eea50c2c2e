"""Fourier transforms: even and odd lengths, cut and filled up, real and complex, all normalisations."""

from __future__ import annotations

from autograd.samples import array
from tests.autograd.numpy.cases import call

X = array(3, 4)
Z = X + 1j * array(3, 4, seed=1)
CUBE = array(2, 3, 4)
COMPLEX_CUBE = CUBE + 1j * array(2, 3, 4, seed=1)

NORMS = (None, "backward", "ortho", "forward")

CASES = [
    *(call(f"fft.{name}", Z, norm=norm) for name in ("fft", "ifft", "hfft") for norm in NORMS),
    *(call(f"fft.{name}", X, norm=norm) for name in ("rfft", "ihfft") for norm in NORMS),
    call("fft.irfft", Z, norm="ortho"),
    call("fft.irfft", Z, 7, 0, "forward"),
    *(call(f"fft.{name}", Z, n) for name in ("fft", "ifft", "irfft", "hfft") for n in (1, 2, 3, 7, 8)),
    *(call(f"fft.{name}", X, n) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft") for n in (1, 2, 3, 7, 8)),
    *(call(f"fft.{name}", X, axis=0) for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")),
    *(call(f"fft.{name}", CUBE) for name in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn")),
    *(call(f"fft.{name}", COMPLEX_CUBE) for name in ("fft2", "ifft2", "irfft2", "fftn", "ifftn", "irfftn")),
    *(
        call(f"fft.{name}", CUBE, s=(4, 3), axes=(0, -2), norm=norm)
        for name in ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn")
        for norm in ("ortho", "forward")
    ),
    *(call(f"fft.{name}", CUBE, axes=(1,)) for name in ("fftn", "ifftn", "rfftn", "irfftn")),
    *(call(f"fft.{name}", CUBE, s=(-1, 3), axes=(1, 2)) for name in ("fftn", "rfftn", "irfftn")),
    call("fft.irfftn", COMPLEX_CUBE, axes=(1, 2, 1)),
    call("fft.fftn", CUBE, axes=(0, 0)),
    call("fft.ifftn", COMPLEX_CUBE, axes=(2, 1, 2)),
    call("fft.rfftn", CUBE, axes=(1, 1)),
    *(call(f"fft.{name}", x) for name in ("fftshift", "ifftshift") for x in (X, Z, CUBE, array(5), array(0, 3))),
    *(call(f"fft.{name}", CUBE, axes) for name in ("fftshift", "ifftshift") for axes in (1, (0, -1), (0, 0))),
]  # fmt: skip
