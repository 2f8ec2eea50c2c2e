"""Computing twice to remember less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd._handles import settled
from autograd.extend import defjvp_argnums, defvjp_argnums, primitive, varies
from autograd.transforms import make_jvp, make_vjp
from autograd.trees import Skeleton, leaves_of, take_apart

__all__ = ["checkpoint"]

Function = Callable[..., Any]


def checkpoint(fun: Function) -> Function:
    """The same function as one node of the graph, evaluated again in the backward pass.

    Parameters
    ----------
    fun : callable
        Of numbers, arrays and structures of these, which are all that it is differentiated by; whatever else is in
        these structures, such as integers and strings, it is given as it is. It is evaluated again and must give the
        same.

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
        of_varying, places, varying, skeleton = _varying_part(fun, argnums, args, kwargs)
        vjp = make_vjp(lambda *given: _results(of_varying(*given)), tuple(range(len(varying))))(*varying)[0]
        outputs = take_apart(ans)[1]

        def of_cotangent(g: Any) -> Any:
            found = dict(zip(places, vjp([c for c in outputs.leaves(g) if c is not None]), strict=True))
            return skeleton.filled([found.get(i) for i in range(skeleton.size)])

        return of_cotangent

    def jvps(argnums: Sequence[int], gs: Sequence[Any], ans: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        of_varying, places, varying, skeleton = _varying_part(fun, argnums, args, kwargs)
        directions = skeleton.leaves(tuple(gs))
        jvp = make_jvp(lambda *given: _results(of_varying(*given)), tuple(range(len(varying))))(*varying)
        tangents = iter(jvp(tuple(directions[i] for i in places))[1])
        leaves, outputs = take_apart(ans)
        return outputs.filled([next(tangents) if varies(x) else None for x in leaves])

    wrapped = primitive(fun, copies=True)
    defvjp_argnums(wrapped, vjps)
    defjvp_argnums(wrapped, jvps)
    return wrapped


def _results(value: Any) -> list[Any]:
    """The results of a function that have derivatives."""
    return [x for x in leaves_of(settled(value)) if varies(x)]


def _varying_part(
    fun: Function, argnums: Sequence[int], args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[Function, list[int], list[Any], Skeleton]:
    """A function by some of its arguments, in which what has no derivative stays as it is (such as integers).

    Returns
    -------
    function
        Of the numbers and arrays that vary.
    places, varying
        Which of the leaves of these arguments they are, and their values.
    skeleton
        The structure of these arguments.
    """
    leaves, skeleton = take_apart(tuple(args[i] for i in argnums))
    places = [i for i, x in enumerate(leaves) if varies(x)]

    def of_varying(*given: Any) -> Any:
        filled = leaves.copy()
        for i, x in zip(places, given, strict=True):
            filled[i] = x
        arguments = list(args)
        for i, x in zip(argnums, skeleton.filled(filled), strict=True):
            arguments[i] = x
        return fun(*arguments, **kwargs)

    return of_varying, places, [leaves[i] for i in places], skeleton
