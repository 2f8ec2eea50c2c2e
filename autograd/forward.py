"""Forward mode: tangents that move along with values.

In a block of :class:`Pushing`, whatever is recorded gets its tangent at once, from those of its inputs: one pass
computes both. Of what is computed from the block's variables alone no graph is kept: a result becomes a variable itself
as soon as it has its tangent. Only what other derivatives around or inside the block still need stays recorded.

Each block has tangents of its own, kept with the tensors, so that nested derivatives are never confused: the rule that
computes a tangent of an inner block is itself seen by the outer ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import get_ident
from types import TracebackType
from typing import Any

from autograd import _state
from autograd._state import enable_grad
from autograd._values import canonical, dtype_of, external, shape_of
from autograd.ops.complex import real
from autograd.ops.shape import astype, broadcast_to
from autograd.primitives import ONE, zeros_like
from autograd.reverse import check_unchanged, note_where, numpy_scalar, through_gates
from autograd.tensor import VARIABLE, Tensor, next_serial

__all__ = ["Pushing", "moves", "nodes_of", "push"]


class Pushing:
    """A block in which everything recorded gets a tangent: by the thread that opened it; for others it is an error.

    Attributes
    ----------
    thread
        Which that is, while the block is open.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> with Pushing() as block:
    ...     block.move(x, 1.0)
    ...     y = x * x
    >>> block.tangent(y)
    6.0
    >>> y.is_leaf
    True
    """

    def __enter__(self) -> Pushing:
        self.thread: int | None = get_ident()
        _state.settings.pushing = (*_state.settings.pushing, self)
        _state.count(+1, pushing=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _state.settings.pushing = tuple(block for block in _state.settings.pushing if block is not self)
        self.thread = None
        _state.count(-1, pushing=True)

    def move(self, variable: Tensor, tangent: Any) -> None:
        """Say in which direction a variable moves: a tensor or a plain value in the inside form, of its shape."""
        variable.set_note("tangents", {**variable.note("tangents", {}), self: tangent})
        if variable._primitive is VARIABLE:
            variable.set_note("pushed", True)

    def tangent(self, x: Any) -> Any:
        """The direction in which a result moves; None if it does not."""
        return x.note("tangents", {}).get(self) if isinstance(x, Tensor) else None

    def recorded(self, node: Tensor) -> None:
        """Give a result its tangent in this block."""
        moves = [self.tangent(x) for x in node.held]
        if all(t is None for t in moves):
            return
        # A tangent is recorded in turn if other derivatives may be taken of it: in blocks around this one, or by
        # variables that are not of a block.
        plain = not _state.settings.pushing and _is_settled(node) and not any(isinstance(t, Tensor) for t in moves)
        tangent = tangent_of(node, moves, plain)
        if tangent is not None:
            node.set_note("tangents", {**node.note("tangents", {}), self: tangent})

    @staticmethod
    def recorded_in_all(node: Tensor) -> None:
        """Give a result its tangents in all open blocks, and forget how it was computed where none will ask for that.

        Called for every result by the engine.
        """
        settings = _state.settings
        blocks = settings.pushing
        try:
            for i, block in enumerate(blocks):
                settings.pushing = blocks[:i]  # the rule itself moves in the blocks around
                block.recorded(node)
        finally:
            settings.pushing = blocks
        if _is_settled(node):
            node.set_note("pushed", True)
            node._primitive = VARIABLE
            node._version = node._serial
            del node._x
            if hasattr(node, "_y"):
                del node._y


def moves(x: Tensor) -> bool:
    """Whether a tensor has a tangent in a block that is open."""
    return any(block in _state.settings.pushing for block in x.note("tangents", ()))


def _is_settled(node: Tensor) -> bool:
    """Whether all that a result depends on are variables of forward-mode blocks."""
    return all(not isinstance(x, Tensor) or x._primitive is None or x.note("pushed", False) for x in node.held)


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


def push(root: Tensor, tangents: Mapping[Tensor, Any], since: int = 0, plain: bool | None = None) -> Any:
    """The Jacobian-vector product of a result recorded before.

    Parameters
    ----------
    root
        A tensor.
    tangents
        For variables the direction in which they move, of their shape: tensors (then the product is recorded in turn)
        or plain values in the inside form. Variables left out do not move.
    since
        Nodes with smaller serial numbers do not move either.
    plain
        Whether to compute on plain values; by default if all tangents are.

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
    if plain is None:
        plain = not any(isinstance(t, Tensor) for t in tangents.values())
    for node in nodes_of(root, since):
        moves = [moving.get(x) if isinstance(x, Tensor) else None for x in node.held]
        if any(t is not None for t in moves):
            tangent = tangent_of(node, moves, plain)
            if tangent is not None:
                moving[node] = tangent
    return moving[root] if root in moving else zeros_like(root)


def tangent_of(node: Tensor, moves: Sequence[Any], plain: bool) -> Any:
    """The tangent of one result from those of its inputs (None where zero); None if it is zero itself.

    Parameters
    ----------
    node
        The result.
    moves
        A tangent for each input.
    plain
        Whether to compute on plain values, so that nothing is recorded.
    """
    checker = _state.settings.checker if _state.unusual else None
    try:
        if checker is None:
            return _tangent_of(node, moves, plain)
        with checker.deriving(node):
            tangent = _tangent_of(node, moves, plain)
    except Exception as error:
        note_where(error, node, "tangent")
        raise
    checker.moved(node, moves, tangent)
    return tangent


def _tangent_of(node: Tensor, moves: Sequence[Any], plain: bool) -> Any:
    check_unchanged(node)
    inputs: tuple[Any, ...] = tuple(map(numpy_scalar, node.inputs))
    out: Any = node
    if plain:
        inputs, out = tuple(_plain(x) for x in inputs), _plain(node)
    primitive = node._primitive
    tangent: Any = None
    if primitive.kind == "elementwise":
        for partial, move in zip(primitive.partials, moves, strict=True):
            if move is not None and partial is not None:
                term = move if partial is ONE else move * partial(*inputs, out)
                tangent = term if tangent is None else tangent + term
    elif primitive.kind == "fused":
        tangent = _push_through_gates(node, moves, plain)
    else:
        tangent = primitive.jvp(moves, *inputs, out, **node.attributes)
    return None if tangent is None else _conform_tangent(tangent, node)


def _push_through_gates(node: Tensor, moves: Sequence[Any], plain: bool) -> Any:
    """The tangent of a fused node, which is that of its decomposition."""
    since = next_serial()
    with enable_grad():
        result, ends = through_gates(node)
    if not isinstance(result, Tensor):
        return None  # the inputs have no part in it, such as those of a sum over no steps
    moving = {end: move for end, move in zip(ends, moves, strict=True) if move is not None}
    return push(result, moving, since, plain)


def _plain(x: Any) -> Any:
    """The plain value of an input; scalars as NumPy's, which give inf where Python's raise."""
    return external(x._data if isinstance(x, Tensor) else x)


def _conform_tangent(tangent: Any, node: Tensor) -> Any:
    """Give a tangent the shape and dtype of the result it belongs to."""
    value = tangent._data if isinstance(tangent, Tensor) else tangent
    if shape_of(value) != node.shape:
        tangent = broadcast_to(tangent, node.shape)
    if dtype_of(value) != node.dtype:
        if dtype_of(value).kind == "c" and node.dtype.kind != "c":
            tangent = real(tangent)  # see ops/complex.py
        tangent = astype(tangent, node.dtype)
    return tangent if isinstance(tangent, Tensor) else canonical(tangent)
