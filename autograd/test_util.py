"""Checking derivatives against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.tensor import Tensor
from autograd.transforms import make_jvp, make_vjp

__all__ = ["check_grads"]

_STEP = 6e-6  # about the cube root of float64's precision: best for central differences
_TOLERANCE = 2e-6


def _value(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(x.data if isinstance(x, Tensor) else x)


def random_like(x: Any, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """A normally distributed array of the shape of another, complex if that is."""
    shape = np.shape(x)
    drawn = np.asarray(rng.standard_normal(shape))
    return drawn + 1j * rng.standard_normal(shape) if np.iscomplexobj(x) else drawn


def _compare(kind: str, found: Any, expected: Any, argnum: int, args: Sequence[Any]) -> None:
    if not np.allclose(found, expected, rtol=_TOLERANCE, atol=_TOLERANCE):
        shapes = ", ".join(f"{_value(x).dtype} {_value(x).shape}" for x in args)
        raise AssertionError(
            f"{kind} with respect to argument {argnum} of ({shapes}): the rule gives {found}, finite differences give "
            f"{expected}"
        )


def check_grads(
    f: Callable[..., Any], modes: Sequence[str] = ("fwd", "rev"), order: int = 2, seed: int = 0
) -> Callable[..., None]:
    """Compare a function's derivatives with finite differences, along random directions.

    Parameters
    ----------
    f : callable
        Of float64 arrays or scalars, returning one; smooth where it is checked.
    modes : sequence of {"fwd", "rev"}
        Check Jacobian-vector products, vector-Jacobian products, or both.
    order : int
        Up to which order: the derivatives' own derivatives are checked in turn.
    seed : int
        Of the directions.

    Returns
    -------
    callable
        To be called with the arguments at which to check; raises AssertionError on a difference.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> check_grads(lambda x, y: np.sin(x) * y, order=2)(0.3, 2.0)
    """
    unknown = set(modes) - {"fwd", "rev"}
    if unknown:
        raise ValueError(f"check_grads: unknown modes {sorted(unknown)}; use 'fwd' and 'rev'")

    def check(*args: Any) -> None:
        rng = np.random.default_rng(seed)
        args = tuple(np.asarray(x, np.result_type(np.asarray(x), np.float64)) for x in args)
        output = _value(f(*args))
        cotangent = random_like(output, rng)
        for i, x in enumerate(args):
            direction = random_like(x, rng)

            def moved(step: float, i: int = i, x: Any = x, direction: Any = direction) -> np.ndarray[Any, Any]:
                return _value(f(*args[:i], x + step * direction, *args[i + 1 :]))

            expected = (moved(_STEP) - moved(-_STEP)) / (2 * _STEP)
            if "fwd" in modes:
                value, tangent = make_jvp(f, i)(*args)(direction)
                _compare("value beside the JVP", _value(value), output, i, args)
                _compare("JVP", _value(tangent), expected, i, args)
            if "rev" in modes:
                vjp, value = make_vjp(f, i)(*args)
                _compare("value beside the VJP", _value(value), output, i, args)
                gradient = _value(vjp(cotangent))
                if gradient.shape != x.shape:
                    raise AssertionError(f"VJP: argument {i} has shape {x.shape}, its gradient {gradient.shape}")
                # Of complex numbers the real part counts: see autograd/ops/complex.py.
                _compare("VJP", np.sum(gradient * direction).real, np.sum(cotangent * expected).real, i, args)
            if order > 1:
                if "fwd" in modes:
                    check_grads(
                        lambda *a, i=i, direction=direction: make_jvp(f, i)(*a)(direction)[1],
                        modes,
                        order - 1,
                        seed + 1,
                    )(*args)
                if "rev" in modes:
                    check_grads(lambda *a, i=i: make_vjp(f, i)(*a)[0](cotangent), modes, order - 1, seed + 1)(*args)

    return check
