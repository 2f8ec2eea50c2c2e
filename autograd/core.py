"""The names of the established package's module ``autograd.core`` that programs use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import transforms
from autograd.extend import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    primitive,
)
from autograd.vspaces import VSpace, vspace

__all__ = [
    "VSpace",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "make_jvp",
    "make_vjp",
    "primitive",
    "vspace",
]


def make_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """The vector-Jacobian product of a function of one argument at a point, and its value there.

    Examples
    --------
    >>> vjp, value = make_vjp(lambda x: x**2, 3.0)
    >>> float(vjp(1.0)), float(value)
    (6.0, 9.0)
    """
    vjp, value = transforms.make_vjp(fun)(x)
    return vjp, value


def make_jvp(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """The Jacobian-vector product of a function of one argument at a point.

    Examples
    --------
    >>> value, tangent = make_jvp(lambda x: x**2, 3.0)(1.0)
    >>> float(value), float(tangent)
    (9.0, 6.0)
    """
    jvp: Callable[[Any], tuple[Any, Any]] = transforms.make_jvp(fun)(x)
    return jvp
