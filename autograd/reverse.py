"""Reverse mode: the backward pass.

Nodes are taken in descending order of their serial numbers, which is a reverse topological order: a node comes after
everything computed from it, so its cotangent is complete when it is taken. Waiting nodes are kept in a heap. Most nodes
never see it: a node that only one other holds (its consumer in the graph) cannot receive anything more and is taken
at once. Nothing is written on the nodes, so any number of passes, in any number of threads, may share a graph.

:func:`pull` computes on plain values and is written for speed. :func:`pull_recorded` computes on tensors, so that the
pass itself is a graph, and is written to be read.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import _state
from autograd._state import Checker
from autograd._values import GuardedArray, Raw, canonical, describe, external
from autograd.anomaly import AnomalyError
from autograd.ops.complex import real
from autograd.ops.shape import astype, identity, unbroadcast
from autograd.primitives import ONE, Primitive, first_input, second_input
from autograd.sources import source_of
from autograd.tensor import VARIABLE, Tensor, next_serial

__all__ = ["Pass", "backward", "check_unchanged", "note_where", "pull", "pull_recorded", "seed", "trace"]

if sys.implementation.name == "cpython":
    from sys import getrefcount
else:  # no reference counts: every node takes the general way, through the heap

    def getrefcount(item: Any, /) -> int:
        return 0


def _count_of_one_holder() -> int:
    """What `getrefcount` reports of an object held by one node and one local variable: interpreters differ by one."""
    node: Tensor = Tensor.__new__(Tensor)
    node._y = object()
    b = node._y
    return getrefcount(b)


#: Held while gradients are added to those that variables have: a pass in another thread may reach the same ones. The
#: addition may be recorded, and so come to run code of the program's.
_adding = threading.RLock()

#: Where `getrefcount` reports anything else, a node merely goes through the heap.
_ALONE = _count_of_one_holder() if sys.implementation.name == "cpython" else -1


def backward(root: Tensor, gradient: Any = None, *, retain: bool = False, create_graph: bool = False) -> None:
    """Compute the gradient of this tensor with respect to every variable it depends on, and add it to theirs.

    Parameters
    ----------
    gradient
        The cotangent to start from, of this tensor's shape; by default 1 for a tensor of one element.
    retain
        Keep gradients on intermediate results too; each pass overwrites these, so that passes never mix.
    create_graph
        Record the backward pass itself, so that gradients can be differentiated again.

    Raises
    ------
    ValueError
        If this tensor has several elements and no ``gradient`` is given, or that has another shape.
    RuntimeError
        If it depends on no variable, or values that the pass needs were changed after they were recorded.

    Notes
    -----
    Gradients of variables accumulate over passes until set to None. The pass takes nodes in descending order of
    age, each once, without recursion.

    Passes may run in several threads at once, also over one graph and to the same variables: what each adds to their
    ``.grad`` is there in the end, summed in the order in which the passes end. (Transforms such as
    :func:`autograd.grad` leave ``.grad`` alone altogether.) Whatever changes a variable meanwhile, an assignment to its
    ``.data`` or ``.grad`` or the step of an optimiser, is for one thread to do while no other uses it.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> x = Tensor(np.array([1.0, 2.0]))
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4.])
    """
    if root._primitive is None:
        raise RuntimeError(
            f"backward from a constant ({describe(root._data)}): it depends on no variable. Was it computed under "
            f"no_grad, detached, or from tensors with requires_grad=False?"
        )
    cotangent = seed(root, gradient)
    kept: dict[Tensor, Any] = {}
    gradients: dict[Tensor, Any]
    if create_graph:
        with _state.enable_grad():
            gradients = pull_recorded(root, cotangent, kept=kept)
        gradients = {leaf: g if isinstance(g, Tensor) else _own(g) for leaf, g in gradients.items()}
    elif retain:
        with _state.no_grad():
            gradients = pull_recorded(root, cotangent, kept=kept)
        gradients = {leaf: _own(g) for leaf, g in gradients.items()}
        kept = {node: _own(g) for node, g in kept.items()}
    else:
        gradients = pull(root, cotangent)
    with _adding:
        for leaf, g in gradients.items():
            held = getattr(leaf, "_grad", None)
            leaf._grad = g if held is None else held + g
    if not root.is_leaf:
        root._grad = cotangent if create_graph else _own(cotangent)  # says that, and from what, a pass was run
    if retain:
        for node, g in kept.items():
            node._grad = g


@dataclass(frozen=True, slots=True)
class Pass:
    """Everything a backward pass computes, for looking at.

    Attributes
    ----------
    cotangents
        For every node and variable reached, the gradient of the root with respect to it.
    wires
        For every result and input index ``(node, i)``, what the node sends back to that input; at a fork, where one
        tensor is the input of several nodes, these add up to its cotangent.
    """

    cotangents: dict[Tensor, Any]
    wires: dict[tuple[Tensor, int], Any]


def trace(root: Tensor, gradient: Any = None) -> Pass:
    """Run a backward pass and return all it computes, without touching any ``.grad``.

    Parameters
    ----------
    root
        The tensor to start from.
    gradient
        Its cotangent, by default 1 for a tensor of one element.

    Examples
    --------
    >>> x = Tensor(3.0)
    >>> y = x * x
    >>> result = trace(y)
    >>> float(result.wires[y, 0]), float(result.wires[y, 1]), float(result.cotangents[x])
    (3.0, 3.0, 6.0)
    """
    if not root.requires_grad:
        return Pass({}, {})
    cotangents: dict[Tensor, Any] = {}
    wires: dict[tuple[Tensor, int], Any] = {}
    start = seed(root, gradient)
    for node, g, sent in _steps(root, start._data if isinstance(start, Tensor) else start):
        cotangents[node] = external(_own(g))
        for i, c in sent:
            wires[node, i] = external(_own(c))
    return Pass(cotangents, wires)


def _own(g: Any) -> Raw:
    value = g._data if isinstance(g, Tensor) else g
    return value.copy() if isinstance(value, ndarray) else value


def seed(root: Tensor, gradient: Any) -> Any:
    """The cotangent a pass starts from: of the root's shape and dtype, in the inside form (or a tensor)."""
    if gradient is None:
        if root.dtype.kind == "c":
            raise ValueError(
                f"backward from a complex tensor ({root._primitive.name}){scope_of(root)}: only real numbers have an "
                f"obvious gradient of 1. Take its real part or absolute value first, or call backward(gradient)"
            )
        if root.size != 1:
            raise ValueError(
                f"backward from a tensor of shape {root.shape} ({root._primitive.name}){scope_of(root)}: only a tensor "
                f"of one element has an obvious gradient of 1. Reduce it first, e.g. with .sum() or .mean(), or call "
                f"backward(gradient) with the cotangent, an array of shape {root.shape}"
            )
        return 1.0 if type(root._data) is float else np.ones_like(root._data) if root.ndim else root.dtype.type(1)
    given = gradient if isinstance(gradient, Tensor) else np.asarray(gradient)
    if given.shape != root.shape:
        raise ValueError(
            f"backward: the gradient given has shape {given.shape}, but the tensor ({root._primitive.name}"
            f"){scope_of(root)} has shape {root.shape}; pass one of that shape"
        )
    if isinstance(given, Tensor):
        return given if given.dtype == root.dtype else astype(given, root.dtype)
    if given.dtype.kind not in ("biufc" if root.dtype.kind == "c" else "biuf"):
        raise TypeError(f"backward: the gradient of a {root.dtype} tensor must be real numbers, got {given.dtype}")
    return canonical(given.astype(root.dtype))


def scope_of(node: Tensor) -> str:
    """Where a node was recorded, for error messages."""
    return f" [in scope {'/'.join(node.scope)}]" if node.scope else ""


def recorded_at(node: Tensor) -> str:
    """Which line of the program recorded a node, if that was noted, or how to learn it: for error messages."""
    source = source_of(node)
    if source is None:
        return "run it inside `with autograd.detect_anomaly():` to learn which line recorded the operation"
    return f"recorded at {source}"


def note_where(error: Exception, node: Tensor, what: str = "backward pass") -> None:
    """Add to an error which node's derivative it came out of, unless it says so itself."""
    if isinstance(error, AnomalyError) or error.__dict__.pop(_TELLS, None) == node._serial:
        return
    with suppress(Exception):  # of errors that nothing can be added to
        error.add_note(f"in the {what} of {node._primitive.name}{scope_of(node)}; {recorded_at(node)}")


#: The attribute of an error that says already which node it is about: the node's serial number.
_TELLS = "_tells_of_node"


# ---------------------------------------------------------------------------------------------------------------------
# On plain values, for speed
# ---------------------------------------------------------------------------------------------------------------------


def pull(root: Tensor, cotangent: Any) -> dict[Tensor, Raw]:
    """The vector-Jacobian product with respect to every variable a tensor depends on, as plain values.

    Parameters
    ----------
    root
        A tensor that requires gradients.
    cotangent
        Of its shape and dtype, in the inside form.

    Returns
    -------
    dict
        The gradient of each variable reached, of its shape and dtype, in an array of its own.

    Raises
    ------
    RuntimeError
        If values that a rule needs have changed since they were recorded.
    """
    node, g = root, cotangent._data if isinstance(cotangent, Tensor) else cotangent
    checker = _state.settings.checker if _state.unusual else None
    if checker is not None:
        return _pull_checked(root, g, checker)
    if node._primitive is VARIABLE:
        return {node: _own(g)}
    leaves: dict[Tensor, Raw] = {}
    waiting: dict[Tensor, Raw] = {}
    sums: set[Tensor] = set()  # whose array in `leaves` or `waiting` was allocated here, to be added to in place
    heap: list[tuple[int, Tensor]] = []  # (-serial, node) for every node in `waiting`
    ready: list[Any] = []  # nodes that can be taken at once, each followed by its cotangent
    push, pop = ready.append, ready.pop

    def deliver(x: Tensor, c: Raw, where: dict[Tensor, Raw]) -> None:
        if x not in where:
            where[x] = c
            if where is waiting:
                heappush(heap, (-x._serial, x))
        elif type(c) is not ndarray:
            where[x] = where[x] + c
        elif x in sums:
            np.add(where[x], c, out=where[x])
        else:
            where[x] = total = where[x] + c
            if type(total) is ndarray:  # of two arrays of shape () NumPy's sum is none
                sums.add(x)

    try:
        while True:
            primitive = node._primitive
            # Elementwise operations of one or two inputs, and linear ones of one: what the last branch does, written
            # out, since this decides the speed of the pass. `c` is the contribution to the first input `a`, `d` that to
            # the second, `b`.
            if primitive.fast:
                a = node._x
                c = d = None
                if primitive.fast == 1:
                    partial = primitive.first
                    try:
                        c = g if partial is ONE else g * partial(a._data, node._data)
                    except ArithmeticError:
                        c = _careful(g, partial, (a._data,), node._data)
                else:
                    b = node._y
                    if type(g) is not float:
                        c, d = _of_arrays(node, g)
                    else:
                        if type(b) is Tensor:
                            partial = primitive.last
                            if b._primitive is None:
                                if b._version > node._serial:
                                    check_unchanged(node)
                            elif partial is ONE:
                                d = g
                            elif partial is first_input:
                                d = g * (a._data if type(a) is Tensor else a)
                            else:
                                d = _of_scalars(node, g, partial)
                        if type(a) is Tensor:
                            partial = primitive.first
                            if a._primitive is None:
                                if a._version > node._serial:
                                    check_unchanged(node)
                            elif partial is ONE:
                                c = g
                            elif partial is second_input:
                                c = g * (b._data if type(b) is Tensor else b)
                            else:
                                c = _of_scalars(node, g, partial)
                    if d is not None:
                        if b._primitive is VARIABLE:
                            if b._version > node._serial:
                                check_unchanged(node)
                            try:
                                leaves[b] = leaves[b] + d
                            except KeyError:
                                leaves[b] = d
                        elif getrefcount(b) == _ALONE:
                            push(b)
                            push(d)
                        elif type(d) is float and b in waiting:
                            waiting[b] += d
                        else:
                            deliver(b, d, waiting)
            elif primitive.single:
                a = node._x
                c = conform(primitive.vjp(0, g, a._data, node._data, **node.attributes), a._data)
            else:
                held = node.held
                values = input_values(node, held)
                if primitive.joint:
                    for a, c in zip(held, contributions(node, g, values), strict=True):
                        if c is not None:
                            deliver(a, c, leaves if a._primitive is VARIABLE else waiting)
                elif (
                    primitive.accumulate is not None
                    and type(values[0]) is ndarray
                    and (a := held[0]) in (where := leaves if held[0]._primitive is VARIABLE else waiting)
                ):
                    if a not in sums:
                        where[a] = np.array(where[a])
                        sums.add(a)
                    primitive.accumulate(where[a], conform(g, node._data), **node.attributes)
                else:
                    for i, a in enumerate(held):
                        if type(a) is Tensor and a._primitive is not None and not blocks(primitive, i):
                            c = contribution(node, i, g, values)
                            deliver(a, c, leaves if a._primitive is VARIABLE else waiting)
                c = None
            if c is not None:
                if a._primitive is VARIABLE:
                    if a._version > node._serial or a._stamp is not None:
                        check_unchanged(node)
                    try:
                        leaves[a] = leaves[a] + c
                    except KeyError:
                        leaves[a] = c
                elif getrefcount(a) == _ALONE:
                    node, g = a, c
                    continue
                elif type(c) is float and a in waiting:
                    waiting[a] += c
                else:
                    deliver(a, c, waiting)
            if ready:
                g, node = pop(), pop()
            elif heap:
                node = heappop(heap)[1]
                g = waiting.pop(node)
                sums.discard(node)
            else:
                break
    except Exception as error:
        note_where(error, node)
        raise
    for leaf in leaves:
        g = leaves[leaf]
        if type(g) is not float or type(leaf._data) is not float:
            g = conform(g, leaf._data)  # scalars, and rules of one input, leave the dtype to this
        # A gradient is its variable's own: copied where anything else may hold the array.
        if type(g) is ndarray and not (getrefcount(g) == _ALONE and g.base is None and g.flags.writeable):
            g = g.copy()
        leaves[leaf] = g
    return leaves


def _pull_checked(root: Tensor, cotangent: Raw, checker: Checker) -> dict[Tensor, Raw]:
    """:func:`pull` for someone who checks all it computes."""
    checker.begun(root, cotangent)
    return {x: _own(g) for x, g, _ in _steps(root, cotangent, checker) if x._primitive is VARIABLE}


def _steps(
    root: Tensor, cotangent: Raw, checker: Checker | None = None
) -> Iterator[tuple[Tensor, Raw, list[tuple[int, Raw]]]]:
    """A backward pass in the plainest way: what :func:`pull` does, to be looked at.

    Yields
    ------
    tuple
        A result or variable, its cotangent, and what it sends to which of its inputs.
    """
    waiting: dict[Tensor, Raw] = {root: cotangent}
    heap = [(-root._serial, root)]
    while heap:
        node = heappop(heap)[1]
        g = waiting.pop(node)
        sent: list[tuple[int, Raw]] = []
        if node._primitive is not VARIABLE:
            try:
                with nullcontext() if checker is None else checker.deriving(node):
                    sent = _all_contributions(node, g)
                for i, c in sent:
                    x = node.held[i]
                    if checker is not None:
                        checker.sent(node, i, g, c)
                    if x in waiting:
                        before = waiting[x]
                        waiting[x] = before + c
                        if checker is not None:
                            checker.summed(x, before, c, waiting[x])
                    else:
                        waiting[x] = c
                        heappush(heap, (-x._serial, x))
            except Exception as error:
                note_where(error, node)
                raise
        yield node, g, sent


def _all_contributions(node: Tensor, g: Raw) -> list[tuple[int, Raw]]:
    """What a node with cotangent ``g`` sends to which of its inputs."""
    primitive: Primitive = node._primitive
    held = node.held
    values = input_values(node, held)
    joint = contributions(node, g, values) if primitive.joint else None
    return [
        (i, contribution(node, i, g, values) if joint is None else joint[i])
        for i, x in enumerate(held)
        if isinstance(x, Tensor) and x._primitive is not None and not blocks(primitive, i)
    ]


def _of_scalars(node: Tensor, g: float, partial: Any) -> Raw:
    """One contribution of a scalar gate with two inputs, by the general form of its local derivative."""
    a, b = node._x, node._y
    x = a._data if type(a) is Tensor else a
    y = b._data if type(b) is Tensor else b
    try:
        return g * partial(x, y, node._data)
    except ArithmeticError:
        return _careful(g, partial, (x, y), node._data)


def _of_arrays(node: Tensor, g: Raw) -> tuple[Raw, Raw]:
    """Both contributions of an elementwise operation with two inputs; None where an input needs none."""
    a, b, primitive = node._x, node._y, node._primitive
    if not primitive.uses_values:
        x, y = a._data if type(a) is Tensor else a, b._data if type(b) is Tensor else b
    elif type(a) is type(b) is Tensor and not (a._primitive is VARIABLE or b._primitive is VARIABLE):
        x, y = a._data, b._data  # results, which nobody can have changed
        if a._primitive is None or b._primitive is None:
            input_values(node, (a, b))
    else:
        x, y = input_values(node, (a, b))
    c = d = None
    if type(a) is Tensor and a._primitive is not None:
        partial = primitive.first
        if partial is ONE or partial is second_input:
            c = g if partial is ONE else g * y
            if type(b) is not float and type(b) is not int:  # these change neither shape nor dtype
                c = conform(c, x)
        else:
            c = contribution(node, 0, g, (x, y))
    if type(b) is Tensor and b._primitive is not None:
        partial = primitive.last
        if partial is ONE or partial is first_input:
            d = g if partial is ONE else g * x
            if type(a) is not float and type(a) is not int:
                d = conform(d, y)
        else:
            d = contribution(node, 1, g, (x, y))
    return c, d


def blocks(primitive: Primitive, index: int) -> bool:
    """Whether nothing flows back to an input, like the condition of ``where``."""
    return primitive.kind == "elementwise" and primitive.partials[index] is None


def contribution(node: Tensor, index: int, g: Raw, values: Sequence[Raw]) -> Raw:
    """What a node with cotangent ``g`` sends to one of its inputs, of that input's shape and dtype."""
    primitive: Primitive = node._primitive
    if primitive.kind != "elementwise":
        assert primitive.vjp is not None
        c = primitive.vjp(index, g, *values, node._data, **node.attributes)
    else:
        partial = primitive.partials[index]
        try:
            c = g if partial is ONE else g * partial(*values, node._data)
        except ArithmeticError:
            c = _careful(g, partial, values, node._data)
    return conform(c, values[index])


def contributions(node: Tensor, g: Raw, values: Sequence[Raw]) -> list[Raw]:
    """What a node with one rule for all inputs sends to them, None where nothing is wanted."""
    primitive: Primitive = node._primitive
    needed = [type(x) is Tensor and x._primitive is not None for x in node.held]
    if primitive.pullback is not None:
        residuals, attributes = node.note("residuals", None), node.attributes
        found = primitive.pullback(tuple(needed), g, residuals, *values, node._data, **attributes)
    else:
        assert primitive.vjps is not None
        found = primitive.vjps(needed, g, *values, node._data, **node.attributes)
    return [conform(c, x) if wanted else None for c, x, wanted in zip(found, values, needed, strict=True)]


def _careful(g: Any, partial: Any, values: Iterable[Any], out: Any) -> Any:
    """The contribution where Python's float arithmetic raised: NumPy's gives inf or nan, and warns."""
    return canonical(g * partial(*map(numpy_scalar, values), numpy_scalar(out)))


def numpy_scalar(value: Any) -> Any:
    """A Python number as NumPy's, anything else as it is."""
    return np.float64(value) if type(value) is float or type(value) is int else value


def _is_complex(value: Raw) -> bool:
    return type(value) is not float and value.dtype.kind == "c"


def conform(c: Raw, like: Raw) -> Raw:
    """Give a contribution the shape and dtype of the input it goes to; the one place where broadcasting is undone."""
    if type(c) is ndarray and type(like) is ndarray and c.shape == like.shape and c.dtype is like.dtype:
        return c
    c = canonical(c)
    if isinstance(c, (ndarray, np.complexfloating)) and c.dtype.kind == "c" and not _is_complex(like):
        c = canonical(c.real)  # see ops/complex.py
    if type(like) is float:
        return c if type(c) is float else float(np.sum(c))
    if type(c) is ndarray and c.shape != like.shape:
        c = canonical(unbroadcast(c, like.shape))
    if type(c) is ndarray and like.shape == ():
        c = canonical(np.sum(c))
    if type(c) is ndarray:
        return c if c.dtype == like.dtype else c.astype(like.dtype)
    if like.shape == ():
        return like.dtype.type(c)
    return np.full(like.shape, c, like.dtype)


def input_values(node: Tensor, held: Collection[Any]) -> list[Raw]:
    """The plain values of a node's inputs, after making sure that they are those it was computed from."""
    serial, values = node._serial, []
    for x in held:
        if isinstance(x, Tensor):
            values.append(x._data)
            if (x._primitive is VARIABLE or x._primitive is None) and (x._version > serial or x._stamp is not None):
                check_unchanged(node)
        elif type(x) is GuardedArray:
            values.append(x.array)
            check_unchanged(node)
        else:
            values.append(x)
    return values


def check_unchanged(node: Tensor) -> None:
    """Make sure that a rule which reads its inputs' values reads those the node was computed from.

    Raises
    ------
    RuntimeError
        If an input variable was given new values, or an input array was written to, since the node was recorded.
    """
    primitive: Primitive = node._primitive
    if not primitive.uses_values:
        return
    for i, x in enumerate(node.held):
        if type(x) is GuardedArray:
            changed = x.stamp.differs(x.array)
        elif type(x) is Tensor:
            changed = x.version > node._serial or (
                x._stamp is not None and type(x._data) is ndarray and x._stamp.differs(x._data)
            )
        else:
            continue
        if changed:
            what = f"tensor {x.name!r}" if type(x) is Tensor and x.name else "tensor"
            what, x = ("array", x.array) if type(x) is GuardedArray else (what, x)
            error = RuntimeError(
                f"{primitive.name}{scope_of(node)}: its input {i}, the {what} ({describe(getattr(x, '_data', x))}), "
                f"was changed after this operation was recorded, and its gradient needs the old values. Run backward "
                f"before the change, compute the result again after it, or change a copy; {recorded_at(node)}"
            )
            error.__dict__[_TELLS] = node._serial
            raise error


# ---------------------------------------------------------------------------------------------------------------------
# On tensors, so that the pass is itself recorded
# ---------------------------------------------------------------------------------------------------------------------


def pull_recorded(
    root: Tensor,
    cotangent: Any,
    *,
    kept: dict[Tensor, Any] | None = None,
    since: int = 0,
) -> dict[Tensor, Any]:
    """The vector-Jacobian product with respect to every variable, computed by operations that are recorded in turn.

    Parameters
    ----------
    root, cotangent
        As in :func:`pull`; the cotangent may be a tensor.
    kept
        Filled with the cotangents of all intermediate nodes, where given.
    since
        Leave out nodes with smaller serial numbers: they cannot depend on a variable made at that number.

    Returns
    -------
    dict
        The gradient of each variable reached: tensors, or plain values where nothing in them is variable.
    """
    checker = _state.settings.checker if _state.unusual else None
    if checker is not None:
        checker.begun(root, cotangent)
    if root._primitive is VARIABLE:
        return {root: cotangent}
    leaves: dict[Tensor, Any] = {}
    waiting: dict[Tensor, Any] = {root: cotangent}
    parts: dict[Tensor, list[tuple[Tensor, Any]]] = {}  # nodes that send back a small part each, with their cotangents
    heap = [(-root._serial, root)]

    def add(x: Tensor, c: Any, where: dict[Tensor, Any]) -> None:
        if x not in where:
            where[x] = c
            return
        before = where[x]
        where[x] = before + c
        if checker is not None:
            checker.summed(x, before, c, where[x])

    def send(node: Tensor, g: Any) -> None:
        check_unchanged(node)
        primitive, inputs, attributes = node._primitive, node.inputs, node.attributes
        wanted = [isinstance(x, Tensor) and x._primitive is not None and x._serial >= since for x in inputs]
        if primitive.vjps is not None:
            joint = primitive.vjps(wanted, g, *inputs, node, **attributes)
        elif primitive.pullback is not None and primitive.vjp is None:
            joint = _contributions_recorded(node, g)
        else:
            joint = ()
        for i, x in enumerate(inputs):
            if not wanted[i] or blocks(primitive, i):
                continue
            where = leaves if x._primitive is VARIABLE else waiting
            if where is waiting and x not in waiting and x not in parts:
                heappush(heap, (-x._serial, x))
            if primitive.gather is not None and checker is None:
                parts.setdefault(x, []).append((node, g))
                continue
            if joint:
                c = joint[i]
            elif primitive.kind != "elementwise":
                c = primitive.vjp(i, g, *inputs, node, **attributes)
            else:
                partial = primitive.partials[i]
                try:
                    c = g if partial is ONE else g * partial(*inputs, node)
                except ArithmeticError:
                    c = _careful(g, partial, inputs, node)
            c = _conform_recorded(c, x)
            if checker is not None:
                checker.sent(node, i, g, c)
            add(x, c, where)

    while heap:
        node = heappop(heap)[1]
        if node in parts:
            add(node, _gathered(node, parts.pop(node)), waiting)
        g = waiting.pop(node)
        if kept is not None:
            kept[node] = g
        try:
            with nullcontext() if checker is None else checker.deriving(node):
                send(node, g)
        except Exception as error:
            note_where(error, node)
            raise
    for x, received in parts.items():
        add(x, _gathered(x, received), leaves)
    return leaves


def _gathered(x: Tensor, received: list[tuple[Tensor, Any]]) -> Any:
    """The sum of the cotangents that several nodes of one kind send to their common input."""
    primitive: Primitive = received[0][0]._primitive
    if len(received) == 1:
        ((node, g),) = received
        assert primitive.vjp is not None
        return _conform_recorded(primitive.vjp(0, g, x, node, **node.attributes), x)
    assert primitive.gather is not None
    cotangents = [_conform_recorded(g, node) for node, g in received]
    return _conform_recorded(primitive.gather(cotangents, [node.attributes for node, _ in received], x), x)


def _contributions_recorded(node: Tensor, g: Any) -> Sequence[Any]:
    """:func:`contributions` as a graph, which is that of the node's decomposition if it has one."""
    if not _state.is_grad_enabled():
        return contributions(node, g._data if isinstance(g, Tensor) else g, input_values(node, node.held))
    primitive: Primitive = node._primitive
    if primitive.decomposition is None:
        assert primitive.pullback is not None
        needed = tuple(isinstance(x, Tensor) and x._primitive is not None for x in node.held)
        found = primitive.pullback(needed, g, node.note("residuals", None), *node.inputs, node, **node.attributes)
        return [0.0 if c is None else c for c in found]
    since = next_serial()
    result, ends = through_gates(node)
    kept: dict[Tensor, Any] = {}
    if isinstance(result, Tensor) and result.requires_grad:
        kept |= pull_recorded(result, g, kept=kept, since=since)
    return [kept.get(end, 0.0) if isinstance(end, Tensor) else None for end in ends]


def linked_variable(x: Tensor) -> Tensor:
    """A tensor by which derivatives can be taken on their own, although it is computed from another.

    What is computed from it stays recorded also where forward mode would let go of that (see autograd/forward.py).
    """
    variable: Tensor = identity(x)
    if variable.note("pushed", False):
        variable.set_note("pushed", False)
    return variable


def through_gates(node: Tensor) -> tuple[Any, list[Any]]:
    """Evaluate a fused node's decomposition, recorded on top of its inputs.

    Returns
    -------
    result
        Of the same value as the node.
    ends
        For each input what stands for it in that graph: for those with a gradient a node of its own.
    """
    ends = [linked_variable(x) if isinstance(x, Tensor) else x for x in node.inputs]
    assert node._primitive.decomposition is not None
    return node._primitive.decomposition(*ends, **node.attributes), ends


def _conform_recorded(c: Any, like: Tensor) -> Any:
    """:func:`conform` for tensors."""
    if not isinstance(c, Tensor):
        return conform(c, like._data)
    if c.shape != like.shape:
        c = unbroadcast(c, like.shape)
    if c.dtype.kind == "c" and like.dtype.kind != "c":
        c = real(c)
    return c if c.dtype == like.dtype else astype(c, like.dtype)
