"""Forward mode: pushing tangents through a recorded graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd._values import canonical, shape_of
from autograd.ops.shape import astype, broadcast_to
from autograd.primitive import ONE, raw, zeros_like
from autograd.reverse import check_unchanged
from autograd.tensor import VARIABLE, Tensor

__all__ = ["nodes_of", "push"]


def nodes_of(root: Tensor) -> list[Tensor]:
    """Every recorded result a tensor depends on, itself included, inputs before results.

    Examples
    --------
    >>> x = Tensor(2.0)
    >>> [node.primitive.name for node in nodes_of((x * x).exp())]
    ['multiply', 'exp']
    """
    found = {root}
    pending = [root]
    while pending:
        for x in pending.pop().inputs:
            if isinstance(x, Tensor) and not x.is_leaf and x not in found:
                found.add(x)
                pending.append(x)
    return [] if root.is_leaf else sorted(found, key=lambda node: node._serial)


def push(root: Tensor, tangents: Mapping[Tensor, Any]) -> Any:
    """The Jacobian-vector product of a recorded result.

    Parameters
    ----------
    root
        A recorded result.
    tangents
        For variables the direction in which they move, of their shape: tensors (then the product is recorded in turn)
        or plain values in the inside form. Variables left out do not move.

    Returns
    -------
    Tensor or plain value
        The direction in which the result moves, of its shape and dtype.

    Examples
    --------
    >>> x = Tensor(3.0)
    >>> push(x * x, {x: 1.0})
    6.0
    """
    moving: dict[Tensor, Any] = dict(tangents)
    recorded = any(isinstance(t, Tensor) for t in tangents.values())
    for node in nodes_of(root):
        inputs = node.inputs
        moves = [moving.get(x) if isinstance(x, Tensor) else None for x in inputs]
        if all(t is None for t in moves):
            continue
        check_unchanged(node)
        primitive, out = node._primitive, node
        if not recorded:
            inputs, out = tuple(raw(x, primitive.name) for x in inputs), node._data
        if primitive.kind == "elementwise":
            total: Any = None
            for partial, tangent in zip(primitive.partials, moves, strict=True):
                if tangent is not None and partial is not None:
                    term = tangent if partial is ONE else tangent * partial(*inputs, out)
                    total = term if total is None else total + term
        else:
            total = primitive.jvp(moves, *inputs, out, **node.attributes)
        if total is not None:
            if shape_of(raw(total, primitive.name)) != node.shape:
                total = broadcast_to(total, node.shape)
            if raw(total, primitive.name) is not total or total.__class__ is not float:
                total = astype(total, node.dtype) if isinstance(total, Tensor) else canonical(total)
            moving[node] = total
    return moving.get(root, zeros_like(root)) if root._primitive is not VARIABLE else tangents.get(root, zeros_like(root))
