"""Stochastic optimisers as loops over a gradient function, with the signatures of the established ``autograd`` package.

For training models, :mod:`optim` has all of these and more, step by step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from autograd.misc.flatten import flatten

__all__ = ["adam", "rmsprop", "sgd", "unflatten_optimizer"]

#: ``callback(x, i, gradient)``, called before each step.
Callback = Callable[[Any, int, Any], Any]
Gradient = Callable[[Any, int], Any]


def unflatten_optimizer(optimize: Callable[..., Any]) -> Callable[..., Any]:
    """Let an optimiser of vectors take any structure of arrays.

    Parameters
    ----------
    optimize : callable
        ``optimize(grad, x0, callback, *args, **kwargs)`` on vectors.

    Returns
    -------
    callable
        The same on numbers, arrays and nested tuples, lists and dictionaries of these.
    """

    def optimizer(grad: Gradient, x0: Any, callback: Callback | None = None, *args: Any, **kwargs: Any) -> Any:
        start, unflatten = flatten(x0)

        def flat_gradient(x: Any, i: int) -> Any:
            return flatten(grad(unflatten(x), i))[0]

        def flat_callback(x: Any, i: int, g: Any) -> None:
            if callback is not None:
                callback(unflatten(x), i, unflatten(g))

        return unflatten(optimize(flat_gradient, start, flat_callback, *args, **kwargs))

    return update_wrapper(optimizer, optimize)


@unflatten_optimizer
def sgd(
    grad: Gradient,
    x: Any,
    callback: Callback,
    num_iters: int = 200,
    step_size: float = 0.1,
    mass: float = 0.9,
) -> Any:
    """Gradient descent with momentum: the velocity is a running mean of the negative gradient.

    Parameters
    ----------
    grad : callable
        ``grad(x, i)``, the gradient at ``x`` in step ``i``.
    x
        Where to start.
    callback : callable, optional
        ``callback(x, i, gradient)``, before each step.
    num_iters : int
        Number of steps.
    step_size, mass : float
        Learning rate, and the share of the old velocity that is kept.

    Returns
    -------
    object
        Like ``x``.

    Examples
    --------
    >>> from autograd import grad
    >>> slope = grad(lambda x: (x - 3.0) ** 2)
    >>> round(float(sgd(lambda x, i: slope(x), 0.0)), 3)
    3.0
    """
    velocity = np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        velocity = mass * velocity - (1.0 - mass) * g
        x = x + step_size * velocity
    return x


@unflatten_optimizer
def rmsprop(
    grad: Gradient,
    x: Any,
    callback: Callback,
    num_iters: int = 100,
    step_size: float = 0.1,
    gamma: float = 0.9,
    eps: float = 10**-8,
) -> Any:
    """RMSprop: steps divided by the root of a running mean of squared gradients.

    Parameters
    ----------
    grad, x, callback, num_iters, step_size
        As of :func:`sgd`.
    gamma : float
        The share of the old mean that is kept; it starts at one.
    eps : float
        Added to the denominator.

    Returns
    -------
    object
        Like ``x``.

    Notes
    -----
    T. Tieleman and G. Hinton, lecture 6.5 of "Neural networks for machine learning" (2012).

    Examples
    --------
    >>> from autograd import grad
    >>> slope = grad(lambda x: (x - 3.0) ** 2)
    >>> abs(float(rmsprop(lambda x, i: slope(x), 0.0)) - 3.0) < 0.1
    True
    """
    mean_square = np.ones(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        mean_square = mean_square * gamma + g**2 * (1 - gamma)
        x = x - step_size * g / (np.sqrt(mean_square) + eps)
    return x


@unflatten_optimizer
def adam(
    grad: Gradient,
    x: Any,
    callback: Callback,
    num_iters: int = 100,
    step_size: float = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 10**-8,
) -> Any:
    """Adam: steps along a running mean of the gradient, divided by the root of one of its square.

    Parameters
    ----------
    grad, x, callback, num_iters, step_size
        As of :func:`sgd`.
    b1, b2 : float
        The shares of the old means that are kept.
    eps : float
        Added to the denominator.

    Returns
    -------
    object
        Like ``x``.

    Notes
    -----
    Kingma and Ba, "Adam: a method for stochastic optimization" (2015).

    Examples
    --------
    >>> from autograd import grad
    >>> slope = grad(lambda x: (x - 3.0) ** 2)
    >>> round(float(adam(lambda x, i: slope(x), 0.0, num_iters=300, step_size=0.1)), 2)
    3.0
    """
    m, v = np.zeros(len(x)), np.zeros(len(x))
    for i in range(num_iters):
        g = grad(x, i)
        callback(x, i, g)
        m = (1 - b1) * g + b1 * m
        v = (1 - b2) * (g**2) + b2 * v
        m_hat = m / (1 - b1 ** (i + 1))
        v_hat = v / (1 - b2 ** (i + 1))
        x = x - step_size * m_hat / (np.sqrt(v_hat) + eps)
    return x
