"""Universal functions that are compositions of others, and those with several results."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import dtype_of, external
from autograd.primitives import scope_note
from autograd.protocols import implements
from autograd.tensor import Tensor

__all__: list[str] = []


def _plain(x: Any) -> Any:
    return external(x._data) if isinstance(x, Tensor) else x


def _dtype(x: Any) -> np.dtype[Any]:
    return dtype_of(getattr(x, "_data", x))


def _refuse_complex(function: str, *inputs: Any) -> None:
    if any(type(getattr(x, "_data", x)) is not float and _dtype(x).kind == "c" for x in inputs):
        raise TypeError(f"np.{function} is for real numbers, not for complex ones{scope_note()}; np.abs takes both")


implements(np.conjugate)(ops.conjugate)


@implements(np.fabs)
def fabs(x: Any) -> Any:
    """The absolute value of real numbers."""
    _refuse_complex("fabs", x)
    return ops.absolute(x)


@implements(np.reciprocal)
def reciprocal(x: Any) -> Any:
    """1 / x."""
    return ops.divide(1.0, x)


@implements(np.deg2rad, np.radians)
def deg2rad(x: Any) -> Any:
    """Degrees as radians."""
    _refuse_complex("deg2rad", x)
    return ops.multiply(x, math.pi / 180.0)


@implements(np.rad2deg, np.degrees)
def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    _refuse_complex("rad2deg", x)
    return ops.multiply(x, 180.0 / math.pi)


@implements(np.float_power)
def float_power(x1: Any, x2: Any) -> Any:
    """A power in double precision at least."""
    return ops.power(_at_least_double(x1), _at_least_double(x2))


def _at_least_double(x: Any) -> Any:
    dtype = np.result_type(_dtype(x), np.float64)
    if not isinstance(x, Tensor):
        return np.asarray(x, dtype)[()]
    return x if x.dtype == dtype else ops.astype(x, dtype)


@implements(np.copysign)
def copysign(x1: Any, x2: Any) -> Any:
    """The absolute value of one number with the sign of another, on which it does not depend differentiably."""
    _refuse_complex("copysign", x1, x2)
    return ops.multiply(ops.absolute(x1), np.copysign(1.0, _plain(x2)))


@implements(np.heaviside)
def heaviside(x1: Any, x2: Any) -> Any:
    """The unit step: flat in its argument, and at 0 the second input, which may have a gradient there."""
    if not isinstance(x2, Tensor):
        return np.heaviside(_plain(x1), x2)
    zero = np.equal(_plain(x1), 0)
    return ops.where(zero, x2, np.heaviside(_plain(x1), _plain(x2)))


# ---------------------------------------------------------------------------------------------------------------------
# Several results, or whole numbers among them: those that are steps are plain values
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.divmod)
def divmod(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Quotient rounded down, a plain value, and remainder."""
    return np.floor_divide(_plain(x1), _plain(x2)), ops.remainder(x1, x2)


@implements(np.modf)
def modf(x: Any) -> tuple[Any, Any]:
    """What comes after the point, and what before it, a plain value."""
    value = _plain(x)
    whole = np.trunc(value)
    infinite = np.isinf(value)
    if np.any(infinite):  # whose difference would be NaN
        return ops.where(infinite, 0.0, x - np.where(infinite, 0.0, whole)), whole
    return x - whole, whole


@implements(np.frexp)
def frexp(x: Any) -> tuple[Any, Any]:
    """Mantissa, and the power of 2 that it is to be multiplied by: a plain integer."""
    _, exponent = np.frexp(_plain(x))
    return ldexp(x, -exponent), exponent


@implements(np.ldexp)
def ldexp(x1: Any, x2: Any) -> Any:
    """A number times a power of 2, which need not be finite itself."""
    exponent = np.asarray(_plain(x2))
    one = np.ones((), np.result_type(_dtype(x1), np.float16))
    most = int(np.finfo(one.dtype).maxexp) - 2
    first = np.clip(exponent, -most, most)
    scaled = ops.multiply(x1, np.ldexp(one, first))
    rest = exponent - first
    return ops.multiply(scaled, np.ldexp(one, rest)) if np.any(rest) else scaled
