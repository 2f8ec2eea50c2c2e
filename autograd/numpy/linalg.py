"""NumPy's ``linalg`` with our operations in it.

Examples
--------
>>> import autograd.numpy as np
>>> from autograd import grad
>>> grad(lambda a: np.linalg.slogdet(a)[1])(np.array([[2.0, 0.0], [0.0, 4.0]])).tolist()
[[0.5, 0.0], [0.0, 0.25]]
"""

from __future__ import annotations

from functools import wraps as _wraps
from typing import Any

import numpy.linalg as _linalg

from autograd import ops as _ops
from autograd.numpy import linear_algebra as _linear_algebra  # noqa: F401 - declares implementations
from autograd.numpy import products as _products  # noqa: F401
from autograd.numpy._namespace import lookup as _lookup
from autograd.tensor import Tensor as _Tensor


def _stacked(x: Any) -> Any:
    """Nested lists that hold tensors as one."""
    if not isinstance(x, (list, tuple)):
        return x
    items = [_stacked(item) for item in x]
    return _ops.stack(items) if any(isinstance(item, _Tensor) for item in items) else x


@_wraps(_linalg.norm)
def norm(x: Any, *args: Any, **kwargs: Any) -> Any:
    return _lookup(_linalg, "norm")(_stacked(x), *args, **kwargs)  # NumPy does not look for tensors in a list


def __getattr__(name: str) -> Any:
    found = _lookup(_linalg, name)  # raises for what is not a name of NumPy's
    globals()[name] = found  # asked for once
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(_linalg)})


__all__ = [name for name in dir(_linalg) if not name.startswith("_")]
