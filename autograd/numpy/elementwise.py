"""Elementwise functions that are no universal functions: clip, sinc, parts of complex numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import dtype_of, external
from autograd.numpy._namespace import replaces
from autograd.protocols import implements, refuse
from autograd.tensor import Tensor

__all__: list[str] = []


def _plain(x: Any) -> Any:
    return external(x._data) if isinstance(x, Tensor) else x


def _kind(x: Any) -> str:
    return dtype_of(getattr(x, "_data", x)).kind


# ---------------------------------------------------------------------------------------------------------------------
# Complex numbers
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.real)
def real(val: Any) -> Any:
    """Real part."""
    return ops.real(val)


@implements(np.imag)
def imag(val: Any) -> Any:
    """Imaginary part."""
    return ops.imag(val)


@implements(np.angle)
def angle(z: Any, deg: bool = False) -> Any:
    """Angle in the complex plane; that of 0 is 0, with gradient 0."""
    found = ops.angle(z)
    return ops.multiply(found, 180.0 / math.pi) if deg else found


@implements(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    """The real part where all imaginary parts are next to nothing."""
    if _kind(a) == "c" and not np.iscomplexobj(np.real_if_close(_plain(a), tol)):
        return ops.real(a)
    return ops.identity(a)


# ---------------------------------------------------------------------------------------------------------------------
# Choosing
# ---------------------------------------------------------------------------------------------------------------------


@replaces(np.isscalar)
def isscalar(element: Any) -> bool:
    """Whether something is a single number."""
    return not element.shape if isinstance(element, Tensor) else np.isscalar(element)


_MISSING: Any = object()


@implements(np.clip)
def clip(
    a: Any,
    a_min: Any = _MISSING,
    a_max: Any = _MISSING,
    out: Any = None,
    *,
    min: Any = _MISSING,
    max: Any = _MISSING,
    **settings: Any,
) -> Any:
    """Keep within bounds, either of which may be None; at a bound and outside the gradient goes to the bound."""
    refuse("clip", out=out, **settings)
    if a_min is _MISSING and a_max is _MISSING:
        a_min, a_max = (None if bound is _MISSING else bound for bound in (min, max))
    elif a_min is _MISSING or a_max is _MISSING:
        missing = "a_min" if a_min is _MISSING else "a_max"
        raise TypeError(f"clip() missing 1 required positional argument: {missing!r}; it may be None")
    elif min is not _MISSING or max is not _MISSING:
        raise ValueError("clip: give the bounds as a_min and a_max, or as min and max")
    if a_min is None and a_max is None:
        return ops.identity(a)
    if a_min is not None and a_max is not None:
        return ops.hardtanh(a, a_min, a_max)
    if np.result_type(*(_plain(x) for x in (a, a_min, a_max) if x is not None)).kind not in "f":
        return ops.minimum(a, a_max) if a_min is None else ops.maximum(a, a_min)  # infinity is no integer
    return ops.hardtanh(a, -math.inf if a_min is None else a_min, math.inf if a_max is None else a_max)


@implements(np.nan_to_num)
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """Replace NaN and infinities, through which no gradient flows; the result is new, whatever ``copy`` says."""
    finite = np.isfinite(_plain(x))
    if np.all(finite):
        return ops.identity(x)
    return ops.where(finite, x, np.nan_to_num(_plain(x), nan=nan, posinf=posinf, neginf=neginf))


# ---------------------------------------------------------------------------------------------------------------------
# Functions with series, and phases
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.sinc)
def sinc(x: Any) -> Any:
    """The sine of πx over πx."""
    return ops.sinc(x)


@implements(np.i0)
def i0(x: Any) -> Any:
    """Modified Bessel function of order 0."""
    return ops.i0(x)


@implements(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """Add to each element the multiple of the period with which no step is larger than half of one: a constant."""
    value = _plain(p)
    return ops.add(p, np.unwrap(value, discont=discont, axis=axis, period=period) - value)
