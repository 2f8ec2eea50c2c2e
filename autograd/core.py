"""The names of the established package's module ``autograd.core`` that programs use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import _state, transforms
from autograd.extend import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    primitive,
)
from autograd.reverse import pull_recorded, seed
from autograd.tensor import Tensor
from autograd.tracer import Node
from autograd.vspaces import VSpace, vspace

__all__ = [
    "VJPNode",
    "VSpace",
    "backward_pass",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "make_jvp",
    "make_vjp",
    "primitive",
    "vspace",
]


#: Where a graph for reverse mode starts.
VJPNode = Node


def backward_pass(g: Any, end_node: Tensor) -> Any:
    """What a cotangent of a result means for the variable that :func:`autograd.tracer.new_box` made last.

    Parameters
    ----------
    g
        The cotangent; if it is a tensor, the pass is recorded.
    end_node
        The result.

    Raises
    ------
    ValueError
        If it depends on no such variable.

    Examples
    --------
    >>> from autograd.tracer import new_box
    >>> x = new_box(3.0, 0, VJPNode.new_root())
    >>> float(backward_pass(2.0, (x**2)._node))
    12.0
    """
    found: dict[Tensor, Any] = {}
    with _state.enable_grad() if isinstance(g, Tensor) else _state.no_grad():
        gradients = pull_recorded(end_node, seed(end_node, g), kept=found)
    found.update(gradients)
    starts = [x for x in found if x.note("root", False)]
    if not starts:
        raise ValueError("backward_pass: the result depends on no variable made by new_box")
    return transforms.outside(found[max(starts, key=lambda x: x.serial)])


def make_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """The vector-Jacobian product of a function of one argument at a point, and its value there.

    Examples
    --------
    >>> vjp, value = make_vjp(lambda x: x**2, 3.0)
    >>> float(vjp(1.0)), float(value)
    (6.0, 9.0)
    """
    vjp, value = transforms.make_vjp(fun)(x)
    return vjp, value


def make_jvp(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """The Jacobian-vector product of a function of one argument at a point.

    Examples
    --------
    >>> value, tangent = make_jvp(lambda x: x**2, 3.0)(1.0)
    >>> float(value), float(tangent)
    (9.0, 6.0)
    """
    jvp: Callable[[Any], tuple[Any, Any]] = transforms.make_jvp(fun)(x)
    return jvp
