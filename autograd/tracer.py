"""What programs ask about tensors, and how they start traces, under the names of the established ``autograd`` package.

There a box holds a value, the number of its trace and a node of that trace's graph. Here a tensor is its own node, and
a trace is what was recorded since a variable was made, so that nodes and numbers of traces only have to exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from autograd._values import external
from autograd.extend import notrace_primitive, primitive, register_notrace
from autograd.tensor import Tensor
from autograd.trees import take_apart
from autograd.util import subval, subvals, toposort
from autograd.vspaces import vspace

__all__ = [
    "Box",
    "Node",
    "TraceStack",
    "getval",
    "isbox",
    "new_box",
    "notrace_primitive",
    "primitive",
    "register_notrace",
    "subval",
    "subvals",
    "toposort",
    "trace",
    "trace_stack",
]

#: The type of what functions are given while they are differentiated.
Box = Tensor


def isbox(x: Any) -> bool:
    """Whether something is a tensor.

    Examples
    --------
    >>> from autograd import grad
    >>> seen = []
    >>> _ = grad(lambda x: seen.append(isbox(x)) or x * 2)(1.0)
    >>> seen, isbox(1.0)
    ([True], False)
    """
    return type(x) is Tensor


def getval(x: Any) -> Any:
    """The plain value of a tensor; anything else as it is.

    Examples
    --------
    >>> getval(Tensor(2.0)), getval("a")
    (np.float64(2.0), 'a')
    """
    return external(x.detach()._data) if type(x) is Tensor else x


class Node:
    """Where a graph starts: it stands for the variable that :func:`new_box` makes for it."""

    __slots__ = ("variables",)

    def __init__(self) -> None:
        self.variables: list[Tensor] = []

    @classmethod
    def new_root(cls) -> Node:
        """A start that no variable was made for yet."""
        return cls()


class TraceStack:
    """Numbers for traces."""

    def __init__(self) -> None:
        self.top = -1

    @contextmanager
    def new_trace(self) -> Iterator[int]:
        """The number of a trace within others; nothing here depends on it."""
        self.top += 1
        try:
            yield self.top
        finally:
            self.top -= 1


trace_stack = TraceStack()


def new_box(value: Any, trace: int, node: Any) -> Any:
    """A variable with a value, to compute with; of a structure one for each of its leaves.

    Parameters
    ----------
    value
        A floating or complex number or array, a tensor, or a structure of these.
    trace : int
        Not needed.
    node
        Where its graph starts.

    Raises
    ------
    TypeError
        If the value is of another type.

    Examples
    --------
    >>> from autograd.core import VJPNode, backward_pass
    >>> x = new_box(3.0, 0, VJPNode.new_root())
    >>> y = x * x
    >>> y._value, float(backward_pass(1.0, y._node))
    (np.float64(9.0), 6.0)
    """
    leaves, skeleton = take_apart(value)
    variables = []
    for leaf in leaves:
        try:
            vspace(leaf)
        except TypeError as error:
            raise TypeError(f"new_box: cannot differentiate by {leaf!r} of {type(leaf)}") from error
        # Of a tensor, a result of its own, so that it is told apart from the tensor and depends on it.
        variable = leaf.copy() if type(leaf) is Tensor else Tensor(leaf)
        variable.set_note("root", True)
        variables.append(variable)
    if isinstance(node, Node):
        node.variables.extend(variables)
    return skeleton.filled(variables)


def trace(start_node: Any, fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Call a function on a new variable.

    Returns
    -------
    tuple
        The value of the result, and its node; None in place of that where the result depends on no variable.
    """
    with trace_stack.new_trace() as number:
        end = fun(new_box(x, number, start_node))
    return (end._value, end._node) if isbox(end) and end.requires_grad else (end, None)
