"""Forward mode: pushing tangents through a recorded graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd._state import enable_grad
from autograd._values import canonical, dtype_of, external, shape_of
from autograd.ops.complex import real
from autograd.ops.shape import astype, broadcast_to
from autograd.primitive import ONE, zeros_like
from autograd.reverse import check_unchanged, numpy_scalar, through_gates
from autograd.tensor import Tensor, next_serial

__all__ = ["nodes_of", "push"]


def nodes_of(root: Tensor, since: int = 0) -> list[Tensor]:
    """Every recorded result a tensor depends on, itself included, inputs before results.

    Parameters
    ----------
    root
        The tensor to start from.
    since
        Leave out nodes with smaller serial numbers.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(2.0)
    >>> [node.primitive.name for node in nodes_of((x * x).exp())]
    ['multiply', 'exp']
    """
    if root.is_leaf:
        return []
    found = {root}
    pending = [root]
    while pending:
        for x in pending.pop().inputs:
            if isinstance(x, Tensor) and not x.is_leaf and x._serial >= since and x not in found:
                found.add(x)
                pending.append(x)
    return sorted(found, key=lambda node: node._serial)


def push(root: Tensor, tangents: Mapping[Tensor, Any], since: int = 0) -> Any:
    """The Jacobian-vector product of a recorded result.

    Parameters
    ----------
    root
        A tensor.
    tangents
        For variables the direction in which they move, of their shape: tensors (then the product is recorded in turn)
        or plain values in the inside form. Variables left out do not move.
    since
        Nodes with smaller serial numbers do not move either.

    Returns
    -------
    Tensor or plain value
        The direction in which the result moves, of its shape and dtype.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> push(x * x, {x: 1.0})
    6.0
    """
    moving: dict[Tensor, Any] = dict(tangents)
    recorded = any(isinstance(t, Tensor) for t in tangents.values())
    for node in nodes_of(root, since):
        moves = [moving.get(x) if isinstance(x, Tensor) else None for x in node.inputs]
        if all(t is None for t in moves):
            continue
        check_unchanged(node)
        inputs: tuple[Any, ...] = tuple(map(numpy_scalar, node.inputs))
        out: Any = node
        if not recorded:
            inputs, out = tuple(_float64(x) for x in inputs), _float64(node)
        primitive = node._primitive
        if primitive.kind == "elementwise":
            tangent: Any = None
            for partial, move in zip(primitive.partials, moves, strict=True):
                if move is not None and partial is not None:
                    term = move if partial is ONE else move * partial(*inputs, out)
                    tangent = term if tangent is None else tangent + term
        elif primitive.kind == "fused":
            tangent = _push_through_gates(node, moves)
        else:
            tangent = primitive.jvp(moves, *inputs, out, **node.attributes)
        if tangent is not None:
            moving[node] = _conform_tangent(tangent, node)
    return moving[root] if root in moving else zeros_like(root)


def _push_through_gates(node: Tensor, moves: Sequence[Any]) -> Any:
    """The tangent of a fused node, which is that of its decomposition."""
    since = next_serial()
    with enable_grad():
        result, ends = through_gates(node)
    if not isinstance(result, Tensor):
        return None  # the inputs have no part in it, such as those of a sum over no steps
    return push(result, {end: move for end, move in zip(ends, moves, strict=True) if move is not None}, since)


def _float64(x: Any) -> Any:
    """The plain value of an input; scalars as NumPy's, which give inf where Python's raise."""
    return external(x._data if isinstance(x, Tensor) else x)


def _conform_tangent(tangent: Any, node: Tensor) -> Any:
    """Give a tangent the shape and dtype of the result it belongs to."""
    value = tangent._data if isinstance(tangent, Tensor) else tangent
    if shape_of(value) != node.shape:
        tangent = broadcast_to(tangent, node.shape)
    if dtype_of(value) != node.dtype:
        if dtype_of(value).kind == "c" and node.dtype.kind != "c":
            tangent = real(tangent)
        tangent = astype(tangent, node.dtype)
    return tangent if isinstance(tangent, Tensor) else canonical(tangent)
