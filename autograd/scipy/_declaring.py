"""How functions of SciPy's come to take tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np

from autograd import is_grad_enabled
from autograd._handles import settled
from autograd._values import dtype_of
from autograd.primitives import UFUNCS, Rule, elementwise, scope_note
from autograd.tensor import Tensor

__all__ = ["constant", "fixed", "implements", "in_double", "in_precision_of", "plain", "special_function"]

#: Declares an elementwise operation of SciPy's.
special_function = partial(elementwise, module="autograd.scipy.special")


def plain(x: Any) -> Any:
    """The value of a tensor, or what else is given."""
    return x._data if isinstance(x, Tensor) else x


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of plain values that computes in float64 and gives the precision of its arguments back."""

    @wraps(function)
    def converted(*arrays: Any) -> Any:
        dtype = np.result_type(*arrays)
        given = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in arrays))
        return function(*given).astype(dtype if dtype.kind == "f" else np.float64)[()]

    return converted


def in_precision_of(x: Any, value: Any) -> Any:
    """A plain value in the floating precision of another."""
    dtype = dtype_of(x)
    return np.asarray(value, dtype if dtype.kind == "f" else np.float64)[()]


def constant(value: float, like: Any) -> Any:
    """A number in the precision of another value; a plain one makes some functions of SciPy compute in double."""
    dtype = dtype_of(plain(like))
    return dtype.type(value) if dtype.kind in "fc" else value


def fixed(operation: Rule, *parameters: str) -> Rule:
    """An operation whose first inputs (the order of a Bessel function) are constants: they get no gradient.

    Returns
    -------
    callable
        It refuses a tensor that requires gradients there, instead of giving it none. The ufunc becomes this one.
    """

    @wraps(operation)
    def with_fixed(*inputs: Any) -> Any:
        inputs = settled(inputs)
        for name, x in zip(parameters, inputs, strict=False):
            if isinstance(x, Tensor) and x.requires_grad and is_grad_enabled():
                raise TypeError(
                    f"{operation.__name__}: there is no derivative with respect to {name}{scope_note()}; pass its "
                    f"value, {name}.data"
                )
        return operation(*(plain(x) for x in inputs[: len(parameters)]), *inputs[len(parameters) :])

    forward = operation.primitive.forward  # type: ignore[attr-defined]
    if isinstance(forward, np.ufunc):
        UFUNCS[forward] = with_fixed
    return with_fixed


def _holds_tensor(x: Any) -> bool:
    if isinstance(x, dict):
        x = tuple(x.values())
    return isinstance(x, Tensor) or (isinstance(x, (list, tuple)) and any(map(_holds_tensor, x)))


def implements(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare what a function of SciPy's is for tensors; for plain values it stays as it is."""

    def declare(ours: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(ours)
        def either(*args: Any, **kwargs: Any) -> Any:
            args, kwargs = settled(args), settled(kwargs)
            if any(map(_holds_tensor, args)) or any(map(_holds_tensor, kwargs.values())):
                return ours(*args, **kwargs)
            return function(*args, **kwargs)

        either.operation = ours  # type: ignore[attr-defined]
        return either

    return declare
