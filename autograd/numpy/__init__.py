"""NumPy's namespace with our operations in it: ``import autograd.numpy as np`` instead of ``import numpy as np``.

Every function has NumPy's name and parameters. Those with a derivative take tensors and plain values alike, the others
compute on plain values, and where that would lose a gradient they say so. Plain values give just what NumPy gives.

Examples
--------
>>> import autograd.numpy as np
>>> from autograd import grad
>>> def tanh(x):
...     return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))
>>> float(grad(tanh)(1.0))
0.419974341614026
"""

from __future__ import annotations

from typing import Any

import numpy as _numpy

from autograd.numpy import nan_reductions, quantiles, reductions, sorting, statistics
from autograd.numpy._namespace import lookup as _lookup

del nan_reductions, quantiles, reductions, sorting, statistics  # imported for what they declare


def __getattr__(name: str) -> Any:
    found = _lookup(_numpy, name)  # raises for what is not a name of NumPy's
    globals()[name] = found  # asked for once
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_numpy)})


__all__ = [name for name in dir(_numpy) if not name.startswith("_")]
