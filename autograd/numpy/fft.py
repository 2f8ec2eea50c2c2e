"""NumPy's Fourier transforms, of tensors and plain values: ``autograd.numpy.fft``.

Examples
--------
>>> import autograd.numpy as np
>>> from autograd import grad
>>> def power_of_first_harmonic(x):
...     return np.abs(np.fft.fft(x)[1]) ** 2
>>> grad(power_of_first_harmonic)(np.array([1.0, 0.0, -1.0, 0.0])).tolist()
[4.0, 0.0, -4.0, 0.0]
"""

from __future__ import annotations

from typing import Any

import numpy.fft as _numpy_fft

from autograd.numpy import fourier as _fourier  # noqa: F401 - declares implementations
from autograd.numpy._namespace import lookup as _lookup


def __getattr__(name: str) -> Any:
    found = _lookup(_numpy_fft, name)  # raises for what is not a name of NumPy's
    globals()[name] = found  # asked for once
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_numpy_fft)})


__all__ = [name for name in dir(_numpy_fft) if not name.startswith("_")]
