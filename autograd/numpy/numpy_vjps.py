"""Helpers for rules that the established package offers under this name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import ops
from autograd.ops.shape import unbroadcast as _sum_to
from autograd.primitives import raw
from autograd.tensor import Tensor

__all__ = ["unbroadcast", "unbroadcast_f"]


def unbroadcast(x: Any, target: Any) -> Any:
    """Sum over the axes along which ``target`` was broadcast; the real part where that is real.

    The engine does this by itself to whatever a rule returns.

    Examples
    --------
    >>> import numpy as np
    >>> unbroadcast(np.ones((3, 2)), np.ones(2))
    array([3., 3.])
    """
    like = raw(target, "unbroadcast")
    shape = getattr(like, "shape", ())
    summed = _sum_to(x, shape) if getattr(raw(x, "unbroadcast"), "shape", ()) != shape else x
    of_complex = getattr(raw(summed, "unbroadcast"), "dtype", None)
    if of_complex is not None and of_complex.kind == "c" and getattr(like, "dtype", of_complex).kind != "c":
        return ops.real(summed)
    return summed


def unbroadcast_f(target: Any, f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The function ``f`` followed by :func:`unbroadcast`."""
    value = target.detach() if isinstance(target, Tensor) else target
    return lambda g: unbroadcast(f(g), value)
