"""Reductions that pass over NaN: elements that are NaN count as absent, and get the gradient 0."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import dtype_of
from autograd.numpy import reductions, statistics
from autograd.numpy._arguments import plain
from autograd.primitives import raw
from autograd.protocols import implements, refuse

__all__ = ["nancumprod", "nancumsum", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]

Axis = int | tuple[int, ...] | None


def _absent(a: Any) -> Any:
    """Which elements are NaN; False where none is."""
    if dtype_of(raw(a, "nan")).kind not in "fc":
        return False
    missing = np.isnan(plain(a))
    return missing if np.any(missing) else False


def _filled(a: Any, value: float) -> Any:
    missing = _absent(a)
    return a if missing is False else ops.where(missing, value, a)


def _present(a: Any, where: Any) -> Any:
    """The ``where=`` that leaves out NaN, too."""
    missing = _absent(a)
    return where if missing is False else ~missing & plain(where)


@implements(np.nansum)
def nansum(a: Any, *args: Any, **kwargs: Any) -> Any:
    return reductions.sum(_filled(a, 0.0), *args, **kwargs)


@implements(np.nanprod)
def nanprod(a: Any, *args: Any, **kwargs: Any) -> Any:
    return reductions.prod(_filled(a, 1.0), *args, **kwargs)


@implements(np.nancumsum)
def nancumsum(a: Any, *args: Any, **kwargs: Any) -> Any:
    return reductions.cumsum(_filled(a, 0.0), *args, **kwargs)


@implements(np.nancumprod)
def nancumprod(a: Any, *args: Any, **kwargs: Any) -> Any:
    return reductions.cumprod(_filled(a, 1.0), *args, **kwargs)


@implements(np.nanmean)
def nanmean(a: Any, *args: Any, where: Any = True, **kwargs: Any) -> Any:
    return reductions.mean(a, *args, where=_present(a, where), **kwargs)


@implements(np.nanvar)
def nanvar(a: Any, *args: Any, where: Any = True, **kwargs: Any) -> Any:
    return statistics.var(a, *args, where=_present(a, where), **kwargs)


@implements(np.nanstd)
def nanstd(a: Any, *args: Any, where: Any = True, **kwargs: Any) -> Any:
    return statistics.std(a, *args, where=_present(a, where), **kwargs)


def _extreme(name: str, of_all: Callable[..., Any], least: float) -> Callable[..., Any]:
    def extreme(
        a: Any, axis: Axis = None, out: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
    ) -> Any:
        refuse(name, out=out)
        missing = _absent(a)
        if missing is False:
            return of_all(a, axis, keepdims=keepdims, initial=initial, where=where)
        result = of_all(ops.where(missing, least, a), axis, keepdims=keepdims, initial=initial, where=where)
        nothing = np.all(missing, axis=axis, keepdims=keepdims)
        if initial is not None or not np.any(nothing):
            return result
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=2)
        return ops.where(nothing, np.nan, result)

    extreme.__name__ = extreme.__qualname__ = name
    return extreme


nanmax = implements(np.nanmax)(_extreme("nanmax", reductions.max, -np.inf))
nanmin = implements(np.nanmin)(_extreme("nanmin", reductions.min, np.inf))
