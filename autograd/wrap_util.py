"""From an operator on functions of one argument to one on functions of many."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from autograd.transforms import name_of, named

__all__ = ["unary_to_nary"]

Function = Callable[..., Any]


def unary_to_nary(unary_operator: Function) -> Function:
    """Let an operator choose which argument of a function it is about.

    Parameters
    ----------
    unary_operator : callable
        ``unary_operator(fun, x, *args, **kwargs)``, where ``fun`` is a function of one argument and ``x`` its value.

    Returns
    -------
    callable
        ``operator(fun, argnum=0, *args, **kwargs)``, which returns a function with the arguments of ``fun``. ``argnum``
        is a position, or several, of which ``x`` then is a tuple.

    Examples
    --------
    >>> @unary_to_nary
    ... def slope(fun, x, step):
    ...     return (fun(x + step) - fun(x - step)) / (2 * step)
    >>> slope(lambda x, y: x * y, 1, 0.5)(3.0, 4.0)
    3.0
    """

    def operator(fun: Function, argnum: Any = 0, *args: Any, **kwargs: Any) -> Function:
        if not isinstance(argnum, (int, tuple, list)):
            raise TypeError(f"{name_of(unary_operator)}: argnum must be an int or a tuple of them, got {argnum!r}")

        def nary(*fun_args: Any, **fun_kwargs: Any) -> Any:
            argnums = (argnum,) if isinstance(argnum, int) else argnum

            def unary(x: Any) -> Any:
                given = list(fun_args)
                for i, value in zip(argnums, (x,) if isinstance(argnum, int) else x, strict=True):
                    given[i] = value
                return fun(*given, **fun_kwargs)

            x = tuple(fun_args[i] for i in argnums)
            x = x[0] if isinstance(argnum, int) else x
            return unary_operator(named(unary, fun, "one_argument"), x, *args, **kwargs)

        return named(nary, fun, name_of(unary_operator))

    return update_wrapper(operator, unary_operator)
