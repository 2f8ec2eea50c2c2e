"""Computing twice to remember less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.extend import defjvp_argnums, defvjp_argnums, primitive
from autograd.transforms import make_jvp, make_vjp

__all__ = ["checkpoint"]

Function = Callable[..., Any]


def checkpoint(fun: Function) -> Function:
    """The same function as one node of the graph, evaluated again in the backward pass.

    Parameters
    ----------
    fun : callable
        Of numbers, arrays and structures of these, which are all that it is differentiated by. It is evaluated again
        and must give the same.

    Returns
    -------
    callable
        The function, whose intermediate results are not kept: they need memory for one such function at a time, at the
        cost of a second evaluation.

    Raises
    ------
    TypeError
        When called: if the function uses a tensor that requires gradients but is not among its arguments.

    Notes
    -----
    Chen, Xu, Zhang and Guestrin, "Training deep nets with sublinear memory cost" (2016).

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import checkpoint, grad
    >>> float(grad(checkpoint(lambda x: np.exp(np.sin(x))))(0.0))
    1.0
    """

    def vjps(argnums: Sequence[int], ans: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Function:
        vjp: Function = make_vjp(fun, tuple(argnums))(*args, **kwargs)[0]
        return vjp

    def jvps(argnums: Sequence[int], gs: Sequence[Any], ans: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        return make_jvp(fun, tuple(argnums))(*args, **kwargs)(tuple(gs))[1]

    wrapped = primitive(fun)
    defvjp_argnums(wrapped, vjps)
    defjvp_argnums(wrapped, jvps)
    return wrapped
