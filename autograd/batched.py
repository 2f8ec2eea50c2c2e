"""Many backward passes over one graph at once: the rows of a Jacobian.

Cotangents have a leading axis, the batch, so that a node is visited once for many rows. An elementwise rule does not
notice: its local derivatives are of the output's shape and broadcast. The commonest linear operations have their rule
for batches in :data:`RULES`; any other is asked row by row, which costs what it would have cost without batches.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy import ndarray

from autograd._values import canonical, shape_of
from autograd.ops.indexing import may_repeat
from autograd.ops.reductions import kept_shape, reduced_count
from autograd.ops.shape import inverse_permutation
from autograd.primitives import ONE, Primitive
from autograd.reverse import (
    blocks,
    check_unchanged,
    contribution,
    contributions,
    input_values,
    note_where,
    numpy_scalar,
)
from autograd.tensor import VARIABLE, Tensor

__all__ = ["pull_rows"]

#: NumPy's own stubs lose track of a product's type, so that it is open.
Array = Any
#: ``rule(index, cotangents, values, output, attributes)`` gives the cotangents of one input, or None where it cannot.
BatchRule = Callable[[int, Array, list[Any], Any, dict[str, Any]], Array]


def pull_rows(root: Tensor, rows: Array) -> dict[Tensor, Array]:
    """The vector-Jacobian products of one result with many cotangents.

    Parameters
    ----------
    root
        A tensor that requires gradients.
    rows
        Cotangents, of shape ``(n, *root.shape)``.

    Returns
    -------
    dict
        For each variable reached its ``n`` gradients, of shape ``(n, *variable.shape)``.

    Raises
    ------
    RuntimeError
        If values that a rule needs have changed since they were recorded.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0])
    >>> pull_rows(x * x, np.eye(2))[x]
    array([[2., 0.],
           [0., 4.]])
    """
    leaves: dict[Tensor, Array] = {}
    waiting: dict[Tensor, Array] = {}
    heap: list[tuple[int, Tensor]] = []

    def deliver(x: Tensor, c: Array) -> None:
        where = leaves if x._primitive is VARIABLE else waiting
        if x in where:
            where[x] = where[x] + c
        else:
            where[x] = c
            if where is waiting:
                heappush(heap, (-x._serial, x))

    deliver(root, rows)
    while heap:
        node = heappop(heap)[1]
        g = waiting.pop(node)
        held = node.held
        try:
            check_unchanged(node)
            for i, c in _contributions(node, g, input_values(node, held)):
                deliver(held[i], c)
        except Exception as error:
            note_where(error, node)
            raise
    return leaves


def _contributions(node: Tensor, g: Array, values: list[Any]) -> list[tuple[int, Array]]:
    """What a node sends to those of its inputs that want it, by their indices."""
    primitive: Primitive = node._primitive
    held = node.held
    wanted = [
        i for i, x in enumerate(held) if type(x) is Tensor and x._primitive is not None and not blocks(primitive, i)
    ]
    if primitive.kind == "elementwise":
        return [(i, _of_elementwise(node, i, g, values)) for i in wanted]
    rule = RULES.get(primitive.name)
    if rule is not None:
        found = [(i, rule(i, g, values, node._data, node.attributes)) for i in wanted]
        if all(c is not None for _, c in found):
            return [(i, _conformed(c, values[i])) for i, c in found if c is not None]
    if primitive.joint:
        rows = [contributions(node, row, values) for row in _rows(g)]
        return [(i, np.stack([np.asarray(row[i]) for row in rows])) for i in wanted]
    return [(i, np.stack([np.asarray(contribution(node, i, row, values)) for row in _rows(g)])) for i in wanted]


def _rows(g: Array) -> list[Any]:
    """The cotangents one by one, in the inside form."""
    return [canonical(row) for row in g]


def _of_elementwise(node: Tensor, i: int, g: Array, values: list[Any]) -> Array:
    partial = node._primitive.partials[i]
    c = g if partial is ONE else g * partial(*map(numpy_scalar, values), numpy_scalar(node._data))
    return _conformed(c, values[i])


def _conformed(c: Any, like: Any) -> Array:
    """Contributions of an input's shape and dtype: broadcasting is undone for each row."""
    shape = shape_of(like)
    c = np.asarray(c)
    if c.shape[1:] != shape:
        extra = c.ndim - 1 - len(shape)
        repeated = tuple(
            1 + axis
            for axis in range(c.ndim - 1)
            if axis < extra or (c.shape[1 + axis] != 1 and shape[axis - extra] == 1)
        )
        c = c.sum(axis=repeated, keepdims=True).reshape(c.shape[0], *shape)
    dtype = np.dtype(np.float64) if type(like) is float else like.dtype
    if c.dtype.kind == "c" and dtype.kind != "c":
        c = c.real  # see ops/complex.py
    return c if c.dtype == dtype else c.astype(dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Rules for batches of operations that are not elementwise
# ---------------------------------------------------------------------------------------------------------------------


def _of_sum(index: int, g: Array, values: list[Any], out: Any, attributes: dict[str, Any]) -> Array:
    shape = shape_of(values[0])
    return np.broadcast_to(g.reshape(len(g), *kept_shape(shape, attributes["axis"])), (len(g), *shape))


def _of_mean(index: int, g: Array, values: list[Any], out: Any, attributes: dict[str, Any]) -> Array:
    return _of_sum(index, g / (reduced_count(values[0], attributes["axis"]) or 1), values, out, attributes)


def _of_reshape(index: int, g: Array, values: list[Any], out: Any, attributes: dict[str, Any]) -> Array:
    return g.reshape(len(g), *shape_of(values[0]))


def _of_transpose(index: int, g: Array, values: list[Any], out: Any, attributes: dict[str, Any]) -> Array:
    back = inverse_permutation(attributes["axes"]) or range(g.ndim - 1)[::-1]
    return g.transpose(0, *(1 + axis for axis in back))


def _of_getitem(index: int, g: Array, values: list[Any], out: Any, attributes: dict[str, Any]) -> Array:
    chosen = attributes["index"] if isinstance(attributes["index"], tuple) else (attributes["index"],)
    advanced = [part for part in chosen if not isinstance(part, slice) and part is not None and part is not Ellipsis]
    if len(advanced) > 1 and any(isinstance(part, (ndarray, list)) for part in advanced):
        return None  # where the axes go depends on where arrays stand among each other and whole numbers
    total = np.zeros((len(g), *shape_of(values[0])), g.dtype)
    if may_repeat(chosen):
        np.add.at(total, (slice(None), *chosen), g)
    else:
        total[(slice(None), *chosen)] = g
    return total


def _of_matmul(index: int, g: Array, values: list[Any], out: Any, attributes: dict[str, Any]) -> Array:
    a, b = values
    if a.ndim > 2 or b.ndim > 2:
        return None
    if index == 0:
        return g @ b.T if b.ndim == 2 else g[..., None] * b
    if a.ndim == 2:
        return np.matmul(a.T, g) if b.ndim == 2 else g @ a
    return g[:, None, :] * a[:, None] if b.ndim == 2 else g[:, None] * a


def _as_it_is(index: int, g: Array, values: list[Any], out: Any, attributes: dict[str, Any]) -> Array:
    return g


#: By the name of the operation. What is repeated by broadcasting is summed afterwards, for all.
RULES: dict[str, BatchRule] = {
    "astype": _as_it_is,
    "broadcast_to": _as_it_is,
    "getitem": _of_getitem,
    "identity": _as_it_is,
    "matmul": _of_matmul,
    "mean": _of_mean,
    "reshape": _of_reshape,
    "sum": _of_sum,
    "transpose": _of_transpose,
}
