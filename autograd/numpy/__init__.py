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

from autograd.numpy import applying as _applying  # noqa: F401
from autograd.numpy import creation as creation  # these for the functions that they declare
from autograd.numpy import diagonals as diagonals
from autograd.numpy import differences as differences
from autograd.numpy import elementwise as _elementwise  # noqa: F401
from autograd.numpy import fft as fft
from autograd.numpy import fourier as fourier
from autograd.numpy import indexing as indexing
from autograd.numpy import interpolation as _interpolation  # noqa: F401
from autograd.numpy import joining as joining
from autograd.numpy import linalg as linalg
from autograd.numpy import linear_algebra as _linear_algebra  # noqa: F401 - these declare implementations
from autograd.numpy import nan_reductions as nan_reductions
from autograd.numpy import padding as padding
from autograd.numpy import polynomials as _polynomials  # noqa: F401
from autograd.numpy import products as _products  # noqa: F401
from autograd.numpy import quantiles as quantiles
from autograd.numpy import random as random
from autograd.numpy import rearranging as rearranging
from autograd.numpy import reductions as reductions
from autograd.numpy import sets as _sets  # noqa: F401
from autograd.numpy import shapes as shapes
from autograd.numpy import sorting as sorting
from autograd.numpy import statistics as statistics
from autograd.numpy import ufuncs as _ufuncs  # noqa: F401
from autograd.numpy._namespace import lookup as _lookup
from autograd.numpy.diagonals import make_diagonal as make_diagonal


def __getattr__(name: str) -> Any:
    found = _lookup(_numpy, _FORMER.get(name, name))  # raises for what is not a name of NumPy's
    globals()[name] = found  # asked for once
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_numpy)})


#: Names that NumPy has given up, or would warn of.
_FORMER = {"row_stack": "vstack"}


__all__ = [name for name in dir(_numpy) if not name.startswith("_")] + ["make_diagonal"]
