"""Derivatives of plain Python functions, under the names of the established ``autograd`` package.

A transform gives the function new variables for the arguments concerned, so that derivatives nested in one another are
told apart by which variable they are of. Plain numbers and arrays in give plain numbers and arrays out; where a tensor
that is itself being differentiated takes part, the result is a tensor, recorded in turn.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from typing import Any

import numpy as np

from autograd import _state
from autograd._values import canonical, external
from autograd.forward import nodes_of, push
from autograd.ops.shape import identity
from autograd.primitive import zeros_like
from autograd.reverse import pull, pull_recorded, seed
from autograd.tensor import Tensor, next_serial

__all__ = ["grad", "make_jvp", "make_vjp", "value_and_grad"]

Function = Callable[..., Any]


def _variable(x: Any, linked: bool, transform: str) -> Tensor:
    """A new variable with the value of an argument, linked to it if that is being differentiated itself."""
    if isinstance(x, Tensor):
        return identity(x) if linked and x.requires_grad else Tensor(x)
    try:
        return Tensor(x)
    except TypeError as error:
        raise TypeError(f"{transform}: cannot differentiate with respect to an argument of {type(x)}") from error


class _Call:
    """One evaluation of a function with variables in place of some arguments."""

    def __init__(
        self, function: Function, argnums: Sequence[int], args: tuple[Any, ...], kwargs: dict[str, Any], transform: str
    ) -> None:
        self.outer_recording = _state.is_grad_enabled()
        self.since = next_serial()
        for i in argnums:
            if not -len(args) <= i < len(args):
                name = getattr(function, "__name__", "the function")
                raise TypeError(f"{transform}: argnum {i}, but {name} was called with {len(args)} positional arguments")
        with _state.enable_grad():
            variables = {i % len(args): _variable(args[i], self.outer_recording, transform) for i in argnums}
            result = function(*(variables.get(i, x) for i, x in enumerate(args)), **kwargs)
        self.variables = [variables[i % len(args)] for i in argnums]
        if isinstance(result, (list, tuple, dict)):
            raise TypeError(
                f"{transform}: the function must return one tensor, number or array, not a {type(result).__name__}"
            )
        self.result = result if isinstance(result, Tensor) else Tensor(result, requires_grad=False)

    @cached_property
    def nested(self) -> bool:
        """Whether the result depends on variables of the program around this call, which may differentiate by them."""
        nodes = nodes_of(self.result, self.since)
        reached = [self.result, *(x for node in nodes for x in node.inputs if isinstance(x, Tensor))]
        return self.outer_recording and any(x.requires_grad and x.serial < self.since for x in reached)

    def vjp(self, cotangent: Any) -> list[Any]:
        """The cotangents of the variables, plain or recorded (see the module's docstring), in the inside form."""
        root = self.result
        if not root.requires_grad:
            return [zeros_like(v) for v in self.variables]
        if not self.nested and not isinstance(cotangent, Tensor):
            gradients = pull(root, cotangent)
            return [gradients[v] if v in gradients else zeros_like(v) for v in self.variables]
        kept: dict[Tensor, Any] = {}
        with _state.enable_grad() if self.outer_recording else _state.no_grad():
            leaves = pull_recorded(root, cotangent, kept=kept, since=self.since)
        found = {**kept, **leaves}
        return [found[v] if v in found else zeros_like(v) for v in self.variables]

    @property
    def value(self) -> Any:
        return self.result if self.nested else _outside(self.result.detach())


def _outside(x: Any) -> Any:
    """What the caller gets: a tensor that can be differentiated, or a plain value of its own."""
    if isinstance(x, Tensor):
        return x if x.requires_grad else external(x.detach()._data)
    return x.copy() if isinstance(x, np.ndarray) else external(x)


def _argnums(argnum: Any) -> tuple[int, ...]:
    return tuple(map(operator.index, argnum)) if isinstance(argnum, (list, tuple)) else (operator.index(argnum),)


def value_and_grad(fun: Function, argnum: int | Sequence[int] = 0) -> Function:
    """A function that returns both the value and the gradient of a scalar-valued function.

    Parameters
    ----------
    fun : callable
        Returns a scalar (shape ``()``).
    argnum : int or sequence of int
        The positional argument to differentiate by; for several, the gradient is a tuple.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``(value, gradient)``, the gradient of the argument's shape and dtype.

    Raises
    ------
    TypeError
        When called: if ``fun`` does not return a scalar, or the argument is not numeric.

    Examples
    --------
    >>> from autograd import value_and_grad
    >>> value, gradient = value_and_grad(lambda x: x**2)(3.0)
    >>> float(value), float(gradient)
    (9.0, 6.0)
    """
    argnums = _argnums(argnum)

    @wraps(fun)
    def wrapped(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = _Call(fun, argnums, args, kwargs, "value_and_grad")
        if call.result.shape != ():
            raise TypeError(
                f"grad applies to functions that return a scalar, but {getattr(fun, '__name__', 'this one')} returned "
                f"shape {call.result.shape}. Reduce it (sum, mean), or use make_vjp with a cotangent of that shape"
            )
        one = seed(call.result, None) if call.result.requires_grad else 1.0
        gradients = call.vjp(one)
        outside = tuple(_outside(g) for g in gradients)
        return call.value, outside if isinstance(argnum, (list, tuple)) else outside[0]

    return wrapped


def grad(fun: Function, argnum: int | Sequence[int] = 0) -> Function:
    """A function that returns the gradient of a scalar-valued function; gradients of gradients work.

    Parameters
    ----------
    fun, argnum
        As in :func:`value_and_grad`.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns the gradient.

    Raises
    ------
    TypeError
        When called: if ``fun`` does not return a scalar, or the argument is not numeric.

    Examples
    --------
    >>> from autograd import grad
    >>> f = lambda x: x**3
    >>> float(grad(f)(2.0)), float(grad(grad(f))(2.0)), float(grad(grad(grad(f)))(2.0))
    (12.0, 12.0, 6.0)
    """
    both = value_and_grad(fun, argnum)

    @wraps(fun)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return wrapped


def make_vjp(fun: Function, argnum: int = 0) -> Function:
    """The vector-Jacobian product of a function.

    Parameters
    ----------
    fun : callable
        Returns an array or scalar.
    argnum : int
        The positional argument to differentiate by.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``(vjp, value)``, where ``vjp(cotangent)`` is the cotangent of the
        argument, of its shape and dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import make_vjp
    >>> vjp, value = make_vjp(lambda x: x * x)(np.array([1.0, 2.0]))
    >>> vjp(np.array([1.0, 10.0]))
    array([ 2., 40.])
    """

    @wraps(fun)
    def wrapped(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        call = _Call(fun, (argnum,), args, kwargs, "make_vjp")

        def vjp(cotangent: Any) -> Any:
            given = cotangent if isinstance(cotangent, Tensor) else np.asarray(cotangent, call.result.dtype)
            if given.shape != call.result.shape:
                raise ValueError(
                    f"vjp: the cotangent has shape {given.shape}, the function's value {call.result.shape}"
                )
            return _outside(call.vjp(given if isinstance(given, Tensor) else canonical(given))[0])

        return vjp, call.value

    return wrapped


def make_jvp(fun: Function, argnum: int = 0) -> Function:
    """The Jacobian-vector product of a function.

    Parameters
    ----------
    fun : callable
        Returns an array or scalar.
    argnum : int
        The positional argument to differentiate by.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``jvp``, where ``jvp(tangent)`` is ``(value, tangent of the value)``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import make_jvp
    >>> value, tangent = make_jvp(lambda x: x * x)(np.array([1.0, 2.0]))(np.array([1.0, 10.0]))
    >>> tangent
    array([ 2., 40.])
    """

    @wraps(fun)
    def wrapped(*args: Any, **kwargs: Any) -> Function:
        call = _Call(fun, (argnum,), args, kwargs, "make_jvp")
        variable = call.variables[0]

        def jvp(tangent: Any) -> tuple[Any, Any]:
            given = tangent if isinstance(tangent, Tensor) else np.asarray(tangent, variable.dtype)
            if given.shape != variable.shape:
                raise ValueError(f"jvp: the tangent has shape {given.shape}, the argument {variable.shape}")
            if call.nested and not isinstance(given, Tensor):
                given = Tensor(given, requires_grad=False)  # then the product is recorded
            direction = given if isinstance(given, Tensor) else canonical(given)
            return call.value, _outside(push(call.result, {variable: direction}, since=call.since))

        return jvp

    return wrapped
