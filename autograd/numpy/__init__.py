"""NumPy's namespace with our operations in it: ``import autograd.numpy as np`` instead of ``import numpy as np``.

Functions with a gradient rule take tensors and plain values alike; everything else is NumPy's own, and says so when it
is given a tensor whose gradient it would lose.

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

from autograd.ops import (
    absolute,
    add,
    cos,
    divide,
    exp,
    log,
    matmul,
    maximum,
    minimum,
    multiply,
    negative,
    power,
    sin,
    sqrt,
    subtract,
    tanh,
)
from autograd.primitive import UFUNCS as _UFUNCS

abs = absolute
true_divide = divide


def __getattr__(name: str) -> Any:
    function = getattr(_numpy, name)  # raises for what is not a name of NumPy's
    return _UFUNCS.get(function, function) if isinstance(function, _numpy.ufunc) else function


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_numpy)})


__all__ = [
    "abs",
    "absolute",
    "add",
    "cos",
    "divide",
    "exp",
    "log",
    "matmul",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "power",
    "sin",
    "sqrt",
    "subtract",
    "tanh",
    "true_divide",
]
