"""Ordinary differential equations, differentiated: ``autograd.scipy.integrate``.

Derivatives are solutions of differential equations as well: of the sensitivity equation forward, and of the adjoint
equation backward in time. Their accuracy is that asked of the solver (``rtol``, ``atol``).

Examples
--------
>>> import numpy as np
>>> from autograd import grad
>>> from autograd.scipy.integrate import odeint
>>> def decay(y, t, rate):
...     return -rate * y
>>> def after_one_second(rate):
...     return odeint(decay, np.array([1.0]), np.array([0.0, 1.0]), (rate,))[-1, 0]
>>> round(float(grad(after_one_second)(2.0)), 5)
-0.13534
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from autograd._values import dtype_of
from autograd.misc.flatten import flatten
from autograd.ops import concatenate, matmul, reshape, stack
from autograd.primitives import custom, scope_note
from autograd.samples import Sample
from autograd.scipy._declaring import implements, plain
from autograd.tensor import Tensor
from autograd.transforms import make_jvp, make_vjp

__all__ = ["odeint"]

#: A right-hand side of a state, a time and a vector of parameters.
Field = Callable[[Any, Any, Any], Any]


def _derivative(field: Field, y: Any, t: Any, parameters: Any) -> Any:
    """The field as the solver wants it: plain values in and out."""
    found = field(y, t, parameters)
    if isinstance(found, Tensor):
        if found.requires_grad:
            raise TypeError(
                f"odeint: the right-hand side depends on a tensor that it is not given{scope_note()}, whose gradient "
                f"would be lost; pass that in args"
            )
        found = found.data
    return found


def _split(packed: Any, count: int, times: int) -> tuple[Any, Any, Any]:
    return packed[:count], packed[count : count + times], packed[count + times :]


def _tangent(tangents: Any, packed: Any, out: Any, *, field: Field, count: int, times: int, options: Any) -> Any:
    """The state is integrated together with its change, which a change of the first time starts and others end."""
    y, t, parameters = _split(packed, count, times)
    dy, dt, dparameters = _split(tangents[0], count, times)

    def together(both: Any, t: Any, both_parameters: Any) -> Any:
        parameters, change = both_parameters[: len(dparameters)], both_parameters[len(dparameters) :]
        of_both = lambda joined: field(joined[:count], t, joined[count:])
        value, along = make_jvp(of_both)(concatenate([both[:count], parameters]))(concatenate([both[count:], change]))
        return concatenate([value, along])

    start = dy - field(y, t[0], parameters) * dt[0]
    solution = _solve(together, concatenate([y, start]), t, concatenate([parameters, dparameters]), options)
    moved = stack([field(out[i], t[i], parameters) * dt[i] for i in range(times)])
    return solution[:, count:] + moved


def _cotangent(ct: Any, packed: Any, out: Any, *, field: Field, count: int, times: int, options: Any) -> Any:
    """The adjoint equation from each time back to the one before, where more of the cotangent arrives."""
    _, t, parameters = _split(packed, count, times)

    def backward(joined: Any, t: Any, parameters: Any) -> Any:
        y, adjoint = joined[:count], joined[count : 2 * count]
        of_both = lambda both: field(both[:count], t, both[count:])
        vjp, value = make_vjp(of_both)(concatenate([y, parameters]))
        return concatenate([value, vjp(-adjoint)])

    adjoint, by_parameters = ct[-1], np.zeros(len(parameters))
    by_times = []
    for i in range(times - 1, 0, -1):
        by_times.append(reshape(matmul(field(out[i], t[i], parameters), ct[i]), (1,)))
        segment = concatenate([t[i : i + 1], t[i - 1 : i]])
        state = concatenate([out[i], adjoint, by_parameters])
        state = _solve(backward, state, segment, parameters, options)[1]
        adjoint, by_parameters = state[count : 2 * count], state[2 * count :]
        if i > 1:
            adjoint = adjoint + ct[i - 1]
    if times == 1:
        adjoint = np.zeros(count)
    by_times.append(reshape(-matmul(field(out[0], t[0], parameters), adjoint), (1,)))
    return concatenate([adjoint + ct[0], *by_times[::-1], by_parameters])


class _Cubic:
    """A field whose solutions are polynomials, which the solver finds up to rounding."""

    def __call__(self, y: Any, t: Any, parameters: Any) -> Any:
        return stack([parameters[0], parameters[1] * y[0] * t])

    def __repr__(self) -> str:
        return "cubic"


def _samples() -> Iterable[Sample]:
    packed = np.array([1.0, 0.5, 0.1, 0.6, 1.5, 1.2, 0.3])
    attributes = {"field": _Cubic(), "count": 2, "options": (("rtol", 1e-12), ("atol", 1e-12))}
    return [
        Sample((packed,), {**attributes, "times": 3}),
        Sample((packed[[0, 1, 3, 5, 6]],), {**attributes, "times": 1}),
    ]


@custom(
    vjps=(_cotangent,),
    jvp=_tangent,
    symbol="∫ ODE",
    formula=r"y(t) = y_0 + \int_{t_0}^{t} f(y, t) dt",
    samples=_samples,
)
def solve_ode(packed: Any, field: Field, count: int, times: int, options: Any) -> Any:
    """The states that a differential equation leads to.

    Parameters
    ----------
    packed : Tensor or array_like
        ``(count + times + parameters,)``: the first state, the times (the first is that of the first state) and the
        parameters, in one vector.
    field : callable
        ``field(y, t, parameters)``, the derivative of the state.
    count, times : int
        The lengths of the first two.
    options : tuple of pairs
        Of SciPy's solver.

    Returns
    -------
    Tensor
        ``(times, count)``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> from autograd.scipy.integrate import solve_ode
    >>> packed = Tensor(np.array([1.0, 0.0, 1.0, 3.0]))
    >>> solve_ode(packed, field=lambda y, t, p: 0 * y + p, count=1, times=2, options=()).data.round(6).tolist()
    [[1.0], [4.0]]
    """
    y, t, parameters = _split(np.asarray(packed, np.float64), count, times)
    states = _integrate.odeint(lambda y, t: _derivative(field, y, t, parameters), y, t, **dict(options))
    return states.astype(dtype_of(packed), copy=False)


def _solve(field: Field, y: Any, t: Any, parameters: Any, options: Any) -> Any:
    count, times = (int(np.size(plain(x))) for x in (y, t))
    packed = concatenate([y, t, parameters])
    return solve_ode(packed, field=field, count=count, times=times, options=options)


@implements(_integrate.odeint)
def odeint(func: Callable[..., Any], y0: Any, t: Any, args: Any = (), tfirst: bool = False, **kwargs: Any) -> Any:
    """Integrate a system of ordinary differential equations, as SciPy's function of this name.

    Parameters
    ----------
    func : callable
        ``func(y, t, *args)``, the derivative of the state at a time; with ``tfirst``, ``func(t, y, *args)``. Of
        functions that tensors can be given.
    y0 : Tensor or array_like
        ``(n,)``, the state at the first time.
    t : Tensor or array_like
        ``(m,)``, increasing or decreasing.
    args : tuple
        Further arguments of ``func``: numbers, arrays, tensors, or structures of these. Gradients flow to them, to
        ``y0`` and to ``t``; what is used in ``func`` without being one of them is an error if it requires gradients.
    tfirst
        Whether ``func`` takes the time first.
    **kwargs
        Options of SciPy's solver, such as ``rtol`` and ``atol``, on which the accuracy of the gradients depends.

    Returns
    -------
    Tensor
        ``(m, n)``, the states at all times.

    Examples
    --------
    See the module.
    """
    refused = {"Dfun", "full_output"} & {name for name, value in kwargs.items() if value}
    if refused:
        raise TypeError(f"odeint of tensors does not take {', '.join(sorted(refused))}{scope_note()}; leave it out")
    args = args if isinstance(args, tuple) else (args,)
    parameters, unflatten = flatten(args)
    kept = tuple((name, value) for name, value in kwargs.items() if value is not None)

    def field(y: Any, t: Any, parameters: Any) -> Any:
        given = unflatten(parameters)
        found = func(t, y, *given) if tfirst else func(y, t, *given)
        if isinstance(found, (list, tuple)):
            found = stack(list(found))
        return reshape(found, (-1,))

    return _solve(field, reshape(y0, (-1,)), reshape(t, (-1,)), parameters, kept)


def __getattr__(name: str) -> Any:
    return getattr(_integrate, name)  # for plain values
