"""SciPy's functions with our operations in them, for who has SciPy: ``import autograd.scipy.special as special``.

Functions have SciPy's names and parameters; those with a derivative take tensors and plain values alike. Plain values
give just what SciPy gives. Nothing here is imported, and SciPy is not needed, unless it is asked for.

Examples
--------
>>> from autograd import grad
>>> from autograd.scipy.stats import norm
>>> round(float(grad(norm.cdf)(0.0)), 6)
0.398942
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

try:
    import scipy as _scipy
except ImportError as error:
    raise ImportError(
        "autograd.scipy needs SciPy, which is not installed; install it, for instance with glassgrad's extra 'scipy' "
        "(pip install 'glassgrad[scipy]')"
    ) from error

__all__ = ["integrate", "linalg", "signal", "special", "stats"]  # each imported when it is asked for

del _scipy


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"autograd.scipy.{name}")
    raise AttributeError(f"module 'autograd.scipy' has no attribute {name!r}; it has {', '.join(__all__)}")
