"""Checking derivatives against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from autograd.tensor import Tensor
from autograd.transforms import make_jvp, make_vjp
from autograd.trees import Skeleton, take_apart
from autograd.vspaces import vspace

__all__ = ["check_equivalent", "check_grads", "check_jvp", "check_vjp", "combo_check", "random_like", "scalar_close"]

Function = Callable[..., Any]

_STEP = 6e-6  # about the cube root of float64's precision: best for central differences
_TOLERANCE = 2e-6


def _array(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(x.data if isinstance(x, Tensor) else x)


def random_like(x: Any, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """A normally distributed array of the shape of another, complex if that is."""
    shape = np.shape(x)
    drawn = np.asarray(rng.standard_normal(shape))
    return drawn + 1j * rng.standard_normal(shape) if np.iscomplexobj(x) else drawn


def _differentiable(x: Any) -> bool:
    """Whether an argument is made of floating numbers, so that one can take derivatives by it."""
    leaves = take_apart(x)[0]
    return bool(leaves) and all(
        isinstance(leaf, (float, complex, np.ndarray, np.generic)) and np.asarray(leaf).dtype.kind in "fc"
        for leaf in leaves
    )


def _compare(kind: str, found: Any, expected: Any, argnum: int, args: Sequence[Any]) -> None:
    if not np.allclose(found, expected, rtol=_TOLERANCE, atol=_TOLERANCE):
        raise AssertionError(
            f"{kind} with respect to argument {argnum} of ({', '.join(map(_described, args))}): "
            f"the rule gives {_shown(found)}, finite differences give {_shown(expected)}"
        )


def _shown(x: Any) -> str:
    """A number or array with the digits that are compared, the middle of a long one left out."""
    return np.array2string(np.asarray(x), formatter={"all": lambda v: f"{v:.7g}"}, threshold=20)


def scalar_close(a: Any, b: Any) -> bool:
    """Whether two numbers agree to six digits or places.

    Examples
    --------
    >>> scalar_close(1.0, 1.0 + 1e-8), scalar_close(1.0, 1.1)
    (True, False)
    """
    return bool(abs(a - b) < 1e-6 or abs(a - b) < 1e-6 * abs(a + b))


def check_equivalent(x: Any, y: Any) -> None:
    """Compare two numbers, arrays or structures of them, of the same shapes and dtypes.

    Raises
    ------
    AssertionError
        If they differ.
    """
    if vspace(x) != vspace(y):
        raise AssertionError(f"{vspace(x)} is not {vspace(y)}")
    for found, expected in zip(take_apart(x)[0], take_apart(y)[0], strict=True):
        if not np.allclose(_array(found), _array(expected), rtol=_TOLERANCE, atol=_TOLERANCE):
            raise AssertionError(f"{found} is not {expected}")


def _described(x: Any) -> str:
    leaves = [_array(leaf) for leaf in take_apart(x)[0]]
    return " and ".join(f"{leaf.dtype} {leaf.shape}" for leaf in leaves)


def check_grads(
    f: Function,
    argnum: int | Sequence[int] | None = None,
    modes: Sequence[str] = ("fwd", "rev"),
    order: int = 2,
    seed: int = 0,
) -> Function:
    """Compare a function's derivatives with finite differences, along random directions.

    Parameters
    ----------
    f : callable
        Of float64 or complex128 numbers and arrays, or structures of these, returning such; smooth where it is checked.
    argnum : int or sequence of int, optional
        The arguments to check; by default all that are made of floating numbers.
    modes : sequence of {"fwd", "rev"}
        Check Jacobian-vector products, vector-Jacobian products, or both.
    order : int
        Up to which order: the derivatives' own derivatives, also by their direction or cotangent, are checked in turn.
    seed : int
        Of the directions.

    Returns
    -------
    callable
        To be called with the arguments at which to check; raises AssertionError on a difference.

    Raises
    ------
    ValueError
        If a mode is unknown.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> check_grads(lambda x, y: np.sin(x) * y, order=2)(0.3, 2.0)
    """
    unknown = set(modes) - {"fwd", "rev"}
    if unknown:
        raise ValueError(f"check_grads: unknown modes {sorted(unknown)}; use 'fwd' and 'rev'")

    def check(*args: Any, **kwargs: Any) -> None:
        rng = np.random.default_rng(seed)
        if argnum is None:
            argnums = [i for i, x in enumerate(args) if _differentiable(x)]
        else:
            argnums = [argnum] if isinstance(argnum, int) else list(argnum)
        args = tuple(_in_double_precision(x) if i in argnums else x for i, x in enumerate(args))
        point = _Point(f, args, kwargs, rng)
        for i in argnums:
            direction = _filled_like(args[i], rng)
            expected = point.slope(i, direction)
            if "fwd" in modes:
                point.check_jvp(i, direction, expected)
            if "rev" in modes:
                point.check_vjp(i, direction, expected)
            if order > 1:
                # Of its arguments, and of the direction or cotangent, in which it is linear.
                within = [0, *[number + 1 for number in argnums]]
                if "fwd" in modes:
                    jvp = lambda d, *a, i=i: make_jvp(f, i)(*a, **kwargs)(d)[1]
                    check_grads(jvp, within, modes, order - 1, seed + 1)(direction, *args)
                if "rev" in modes:
                    vjp = lambda g, *a, i=i: make_vjp(f, i)(*a, **kwargs)[0](g)
                    check_grads(vjp, within, modes, order - 1, seed + 1)(point.cotangent, *args)

    return check


def _in_double_precision(x: Any) -> Any:
    leaves, skeleton = take_apart(x)
    return skeleton.filled([np.asarray(leaf, np.result_type(np.asarray(leaf), np.float64)) for leaf in leaves])


def _filled_like(x: Any, rng: np.random.Generator) -> Any:
    """A random direction in the space of an argument or value."""
    leaves, skeleton = take_apart(x)
    return skeleton.filled([random_like(_array(leaf), rng) for leaf in leaves])


class _Point:
    """A function at the arguments where it is checked."""

    def __init__(self, f: Function, args: tuple[Any, ...], kwargs: dict[str, Any], rng: np.random.Generator) -> None:
        self.f, self.args, self.kwargs = f, args, kwargs
        self.skeleton: Skeleton
        self.output, self.skeleton = self._arrays(f(*args, **kwargs))
        self.cotangents = [random_like(x, rng) for x in self.output]
        self.cotangent = self.skeleton.filled(self.cotangents)

    @staticmethod
    def _arrays(value: Any) -> tuple[list[Any], Skeleton]:
        leaves, skeleton = take_apart(value)
        return [_array(x) for x in leaves], skeleton

    def slope(self, i: int, direction: Any) -> list[Any]:
        """The derivative of the outputs along a direction of one argument, by central differences."""
        leaves, skeleton = take_apart(self.args[i])
        moves = skeleton.leaves(direction)

        def moved(step: float) -> list[Any]:
            x = skeleton.filled([leaf + step * move for leaf, move in zip(leaves, moves, strict=True)])
            return self._arrays(self.f(*self.args[:i], x, *self.args[i + 1 :], **self.kwargs))[0]

        return [(up - down) / (2 * _STEP) for up, down in zip(moved(_STEP), moved(-_STEP), strict=True)]

    def check_jvp(self, i: int, direction: Any, expected: Sequence[Any]) -> None:
        value, tangent = make_jvp(self.f, i)(*self.args, **self.kwargs)(direction)
        for found, wanted in zip(self._arrays(value)[0], self.output, strict=True):
            _compare("value beside the JVP", found, wanted, i, self.args)
        for found, wanted in zip(self._arrays(tangent)[0], expected, strict=True):
            _compare("JVP", found, wanted, i, self.args)

    def check_vjp(self, i: int, direction: Any, expected: Sequence[Any]) -> None:
        vjp, value = make_vjp(self.f, i)(*self.args, **self.kwargs)
        for found, wanted in zip(self._arrays(value)[0], self.output, strict=True):
            _compare("value beside the VJP", found, wanted, i, self.args)
        leaves, skeleton = take_apart(self.args[i])
        gradients = [_array(g) for g in skeleton.leaves(vjp(self.cotangent))]
        for g, x in zip(gradients, leaves, strict=True):
            if g.shape != np.shape(x):
                raise AssertionError(f"VJP: argument {i} has shape {np.shape(x)}, its gradient {g.shape}")
        # Of complex numbers the real part counts: see autograd/ops/complex.py.
        found = sum(np.sum(g * move).real for g, move in zip(gradients, skeleton.leaves(direction), strict=True))
        wanted = sum(np.sum(ct * slope).real for ct, slope in zip(self.cotangents, expected, strict=True))
        _compare("VJP", found, wanted, i, self.args)


def check_vjp(f: Function, x: Any) -> None:
    """Compare the vector-Jacobian product of a function of one argument with finite differences (first order only)."""
    check_grads(f, 0, ("rev",), order=1)(x)


def check_jvp(f: Function, x: Any) -> None:
    """Compare the Jacobian-vector product of a function of one argument with finite differences (first order only)."""
    check_grads(f, 0, ("fwd",), order=1)(x)


def combo_check(fun: Function, *args: Any, **kwargs: Any) -> Function:
    """:func:`check_grads` at all combinations of arguments.

    Parameters
    ----------
    fun, *args, **kwargs
        As for :func:`check_grads`.

    Returns
    -------
    callable
        To be called with a sequence of values for each argument, positional and by keyword.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> combo_check(np.sum, 0)([np.ones(3), np.ones((2, 2))], axis=[None, 0])
    """

    def check(*positional: Sequence[Any], **named: Sequence[Any]) -> None:
        for given in product(*positional):
            for settings in product(*named.values()):
                check_grads(fun, *args, **kwargs)(*given, **dict(zip(named, settings, strict=True)))

    return check
