"""What update rules are written with, besides operators and the engine's functions."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq
from typing import Any, TypeVar

from autograd import Tensor, sqrt, where

__all__ = ["active", "decayed", "root", "same_every_step"]

R = TypeVar("R", bound=Callable[..., Any])


def same_every_step(rule: R) -> R:
    """Mark an update rule that does not branch on numbers in the state, such as the count of steps, nor on the rate.

    What was recorded of it at one step then serves all others; rules without the mark are recorded at each. The mark
    is the function's own, so a subclass that defines another rule does not inherit it.
    """
    rule.same_every_step = True  # type: ignore[attr-defined]
    return rule


def active(setting: Any) -> bool:
    """Whether a term with this factor takes part: unless it is the plain number 0.

    A tensor takes part at 0, too, since the derivative with respect to it is not 0.
    """
    return isinstance(setting, Tensor) or setting != 0


def decayed(
    parameter: Any, gradient: Any, weight_decay: Any, *, maximize: bool = False, lr: Any = None
) -> tuple[Any, Any]:
    """Turn the gradient round to climb, and apply weight decay: to the gradient or, given a rate, to the parameter."""
    if maximize:
        gradient = -gradient
    if active(weight_decay):
        if lr is None:
            gradient = gradient + weight_decay * parameter  # g + λ θ
        else:
            parameter = (1 - lr * weight_decay) * parameter  # (1 - η λ) θ
    return parameter, gradient


def root(x: Any) -> Any:
    """Square root, whose derivative at 0 is taken to be 0 instead of infinity.

    A running mean of squares is 0 where every gradient so far was, and there the numerator it divides is 0 as well:
    the derivative of the quotient is then exactly what the numerator alone gives, and not ``0 * inf``.
    """
    if not isinstance(x, Tensor):
        return sqrt(x)
    zero: Any = eq(x, 0)
    return where(zero, 0.0, sqrt(where(zero, 1.0, x))) if zero.any() else sqrt(x)
