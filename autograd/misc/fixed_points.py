"""Fixed points, differentiated through the equation that they solve rather than through the iterations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.extend import defvjp, primitive
from autograd.transforms import make_vjp
from autograd.trees import mapped
from autograd.vspaces import vspace

__all__ = ["fixed_point"]


@primitive
def fixed_point(
    f: Callable[[Any], Callable[[Any], Any]],
    a: Any,
    x0: Any,
    distance: Callable[[Any, Any], float],
    tol: float,
) -> Any:
    """The point x with ``f(a)(x) == x``, found by iteration.

    Parameters
    ----------
    f : callable
        From parameters to a function that is a contraction.
    a
        The parameters, by which the result is differentiated: numbers, arrays, or structures of these.
    x0
        Where to start; the result does not depend on it.
    distance : callable
        Of two points.
    tol : float
        Iteration ends when two points in a row are closer than this.

    Returns
    -------
    object
        Like ``x0``.

    Notes
    -----
    The cotangent of ``a`` is that of ``f(a)(x)`` by ``a``, weighted by the solution of another fixed-point equation,
    with the transposed derivative by x. B. Christianson, "Reverse accumulation and attractive fixed points" (1994).

    Examples
    --------
    >>> from autograd import grad
    >>> def root(a):  # Newton's iteration
    ...     return fixed_point(lambda a: lambda x: 0.5 * (x + a / x), a, 1.0, lambda x, y: abs(x - y), 1e-12)
    >>> round(float(root(2.0)), 6), round(float(grad(root)(2.0)), 6)
    (1.414214, 0.353553)
    """
    step = f(a)
    x, previous = step(x0), x0
    while distance(x, previous) > tol:
        x, previous = step(x), x
    return x


def _by_parameters(ans: Any, f: Any, a: Any, x0: Any, distance: Any, tol: float) -> Callable[[Any], Any]:
    by_point = make_vjp(lambda x: f(a)(x))(ans)[0]
    by_parameters = make_vjp(lambda a: f(a)(ans))(a)[0]

    def vjp(g: Any) -> Any:
        def adjoint(g: Any) -> Callable[[Any], Any]:
            return lambda u: mapped(lambda x, y: x + y, g, by_point(u))

        return by_parameters(fixed_point(adjoint, g, vspace(ans).zeros(), distance, tol))

    return vjp


defvjp(fixed_point, None, _by_parameters, None)
