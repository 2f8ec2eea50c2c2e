"""Arrays that are assigned into while a function is being differentiated: ``B = np.zeros(n); B[0] = x; B[1:] *= y``.

A recorded operation is its output, so nodes of the graph never change. What is assigned into is therefore a handle, an
:class:`Array`: it holds numbers and, for each of them, which node it comes from. Reading it gives what it holds at that
moment, so that what was read before an assignment keeps the older values. Within a differentiated function the
functions of :mod:`autograd.numpy` that make arrays return handles; elsewhere they return plain arrays, and
:func:`assignable` makes a handle of one.

How it works
------------
Beside the buffer of numbers there are two arrays of integers of its shape: the piece (an assigned tensor) that each
element comes from, -1 for a constant, and which element of the piece it is. All three are written with the same index
and viewed with the same function, so that whatever NumPy can index, slice, transpose or reshape works here, repeated
indices and broadcasting included, at the cost of what is written. Reading an element that was assigned by itself gives
the very tensor; reading a part joins the pieces that occur in it and takes the elements in their order. Filling an
array of n elements, or a recurrence over them, is thus linear in n.

Why not a subclass of ndarray
-----------------------------
C code reads the buffer of a subclass without asking, and the gradient would be lost in silence. A handle that holds
tensors refuses to become a plain array, as a tensor does. One that holds none becomes one that shares its memory; a
tensor is not assigned as long as anyone has that. (``isinstance(B, numpy.ndarray)`` holds all the same: ``__class__``
says so to Python, for programs that ask; NumPy's C code looks at the real type.)
"""

from __future__ import annotations

import linecache
import sys
import weakref
from collections.abc import Callable, Iterator
from os.path import dirname, sep
from types import CodeType
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import _state, ops
from autograd._handles import Handle
from autograd._values import describe, external, read_only
from autograd.ops.indexing import plain_index
from autograd.primitives import scope_note
from autograd.tensor import VARIABLE, Tensor

__all__ = ["Array", "assignable", "fresh"]

_PACKAGES = (dirname(__file__) + sep, dirname(np.__file__) + sep)
_WHOLE = slice(None)
_FLOAT64 = np.dtype(np.float64)

Place = tuple[CodeType, int] | None
Step = Callable[[Any], Any]


def _here() -> Place:
    """The line of the program that is being run, of which the text is looked up only for an error."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGES):
        frame = frame.f_back
    return None if frame is None else (frame.f_code, frame.f_lasti)


def _line(place: Place) -> str:
    if place is None:
        return "an unknown line"
    code, instruction = place
    number = next((line for start, end, line in code.co_lines() if start <= instruction < end), code.co_firstlineno)
    text = linecache.getline(code.co_filename, number or 0).strip()
    return f"{code.co_filename}:{number}" + (f" ({text})" if text else "")


class _Storage:
    """What a handle and all views of it have in common.

    Attributes
    ----------
    buffer
        The numbers.
    owner, place
        For each element the number of its piece, or -1, and which element of the piece it is, counted in C order. None
        while there are no pieces.
    pieces
        Tensors of the buffer's dtype.
    whole
        A tensor known to be the content.
    shared
        Whether a node of the graph has the buffer, which then is copied before it is written to.
    exported
        The plain array that was handed out last and shares the buffer.
    generation
        Changes when one of the three arrays is another.
    blocks
        The forward-mode blocks in which tensors were assigned.
    """

    __slots__ = (
        "assigned_at",
        "blocks",
        "buffer",
        "created_at",
        "exported",
        "exported_at",
        "generation",
        "owner",
        "pieces",
        "place",
        "shared",
        "whole",
    )

    def __init__(self, buffer: Any, whole: Tensor | None = None, shared: bool = False) -> None:
        self.buffer = buffer
        self.owner: Any = None
        self.place: Any = None
        self.pieces: list[Tensor] = []
        self.whole = whole
        self.shared = shared
        self.exported: Callable[[], Any] | None = None
        self.generation = 0
        self.blocks: frozenset[Any] = frozenset()
        self.created_at = _here()
        self.assigned_at = self.created_at if whole is not None else None
        self.exported_at: Place = None

    def __str__(self) -> str:
        return f"the {self.buffer.dtype} array of shape {self.buffer.shape} created at {_line(self.created_at)}"

    def separate(self) -> None:
        """Before the buffer is written to: leave the old one to the nodes that have it."""
        if self.shared:
            self.buffer = self.buffer.copy(order="K")
            self.shared = False
            self.generation += 1

    def open(self) -> None:
        """Before an element gets another origin than its neighbours: keep that of each."""
        if self.owner is None:
            self.owner = np.full_like(self.buffer, -1, np.intp)
            self.place = np.zeros_like(self.buffer, np.intp)
            self.generation += 1
            if self.whole is not None:
                self.collapse(self.whole)

    def collapse(self, node: Tensor) -> None:
        """Note that all elements come from one node."""
        self.owner.fill(0)
        self.place[...] = np.arange(self.place.size).reshape(self.place.shape)
        self.pieces = [node]
        self.whole = node

    def replace(self, node: Tensor) -> None:
        """Take over a node of the buffer's shape as the new content."""
        data = node._data
        if data.strides == self.buffer.strides:
            self.buffer = data
            self.shared = True
        else:  # the layout decides what is a view, and stays
            self.separate()
            self.buffer[...] = data
        self.owner = self.place = None
        self.pieces = []
        self.whole = node
        self.generation += 1

    def forget(self) -> None:
        """Note that all elements are constants."""
        self.owner = self.place = self.whole = None
        self.pieces = []
        self.generation += 1

    def compact(self) -> None:
        """Let go of pieces that were overwritten, once they are many."""
        if len(self.pieces) > 2 * self.buffer.size + 64:
            found, renumbered = _ranked(self.owner, len(self.pieces))
            self.pieces = [self.pieces[i] for i in found if i >= 0]
            self.owner[...] = renumbered if found[0] >= 0 else renumbered - 1

    def settles(self) -> bool:
        """Whether what is recorded now has all that later readings need: under ``no_grad`` it has not."""
        settings = _state.settings
        return not _state.unusual or (settings.recording and self.blocks.issubset(settings.pushing))

    def is_exported(self) -> bool:
        """Whether anyone has a plain array that shares the buffer."""
        return self.exported is not None and self.exported() is not None

    def export(self) -> Any:
        """A plain array that shares the buffer, and that is seen to be in use as long as it or a view of it is."""
        found = self.exported() if self.exported is not None else None
        if found is None:
            self.separate()
            # Its memory is not owned by an array, so that views of it refer to it rather than to the buffer.
            found = np.asarray(memoryview(self.buffer))
            self.exported = weakref.ref(found)
        self.exported_at = _here()
        return found


def _ranked(owner: Any, count: int) -> tuple[Any, Any]:
    """Which pieces occur, in ascending order, and for each element the rank of its own among them."""
    if count > 4 * owner.size + 64:
        found, ranks = np.unique(owner, return_inverse=True)
        return found, ranks.reshape(owner.shape)
    occurs = np.zeros(count + 1, bool)
    occurs[owner + 1] = True
    return np.flatnonzero(occurs) - 1, (np.cumsum(occurs) - 1)[owner + 1]


def _gather(storage: _Storage, values: Any, owner: Any, place: Any) -> Tensor | None:
    """The node of some elements, given their values and where they come from; None if all are constants."""
    if not owner.size:
        return None
    pieces = storage.pieces
    first = owner.item(0)
    if owner.size == 1 or (owner == first).all():
        if first < 0:
            return None
        piece: Tensor = pieces[first]
        if piece.shape == place.shape and (
            place.size == 1 or np.array_equal(place, np.arange(place.size).reshape(place.shape))
        ):
            return piece
        if piece.size == 1:
            spread: Tensor = ops.broadcast_to(ops.reshape(piece, ()) if piece.ndim else piece, place.shape)
            return spread
        part: Tensor = piece[place.copy() if piece.ndim == 1 else np.unravel_index(place, piece.shape)]
        return part
    found, ranks = _ranked(owner, len(pieces))
    inputs: list[Any] = [pieces[i] for i in found if i >= 0]
    sizes = [piece.size for piece in inputs]
    constant = owner < 0
    constants = values[constant]
    if constants.size:
        inputs.insert(0, constants)
        sizes.insert(0, constants.size)
    source = np.cumsum([0, *sizes[:-1]])[ranks] + place
    if constants.size:
        source[constant] = np.arange(constants.size)
    node: Tensor = ops.getitem(ops.concatenate(inputs, axis=None), source)
    return node


class Array(Handle):
    """An array that tensors can be assigned into (see :func:`assignable`, and the module for how it works).

    Everything that can be done with a plain array can be done with it; where tensors were assigned, the result is a
    tensor. Basic indices, transposing and reshaping give views, which see assignments into the array and the reverse.

    Notes
    -----
    Where an integer index repeats an element (``B[[0, 2, 2]] = v``), the last value wins and alone gets a gradient.
    """

    __slots__ = ("__weakref__", "_buffer", "_generation", "_owner", "_place", "_route", "_storage")

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, storage: _Storage, route: tuple[Step, ...] = ()) -> None:
        self._storage = storage
        self._route = route
        if route:
            self._generation = -1
            self._sync()
        else:
            self._generation = storage.generation
            self._buffer, self._owner, self._place = storage.buffer, storage.owner, storage.place

    def _sync(self) -> None:
        """Take up the storage's arrays, where one of them is another."""
        storage = self._storage
        if self._generation != storage.generation:
            buffer, owner, place = storage.buffer, storage.owner, storage.place
            for step in self._route:
                buffer = step(buffer)
                if owner is not None:
                    owner, place = step(owner), step(place)
            self._buffer, self._owner, self._place = buffer, owner, place
            self._generation = storage.generation

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return ndarray

    # -- what it holds -----------------------------------------------------------------------------------------------

    def node(self) -> Tensor | None:
        """What it holds now as a tensor; None if that is constant."""
        storage = self._storage
        whole = storage.whole
        if whole is not None:
            for step in self._route:
                whole = step(whole)
            return whole
        if storage.owner is None:
            return None
        self._sync()
        found = _gather(storage, self._buffer, self._owner, self._place)
        if found is not None and not self._route and found._primitive is not None and storage.settles():
            storage.collapse(found)
        return found

    def holds_tensors(self) -> bool:
        """Whether tensors were assigned that are still there."""
        storage = self._storage
        if storage.whole is not None:
            return True
        if storage.owner is None:
            return False
        self._sync()
        return bool((self._owner >= 0).any())

    def current(self) -> Any:
        """What it holds now: a tensor, or if that is constant a plain array that will not change."""
        storage = self._storage
        if storage.whole is not None or storage.owner is not None:
            node = self.node()
            if node is not None:
                return node
        self._sync()
        if self._route or storage.is_exported() or not self._buffer.ndim:
            return self._buffer.copy()[()]
        storage.shared = True
        return self._buffer

    def peek(self) -> Any:
        """Its present numbers, to be looked at and not kept."""
        self._sync()
        return self._buffer

    def export(self) -> Any:
        """A plain array that shares its memory.

        Raises
        ------
        TypeError
            If tensors were assigned.
        """
        if self.holds_tensors() and _state.is_grad_enabled():
            raise TypeError(
                f"{self._storage} had a tensor assigned at {_line(self._storage.assigned_at)}{scope_note()}: "
                f"converting it to a plain array would lose its gradient. Use a function of autograd.numpy, or "
                f".detach() to say that this is meant"
            )
        storage = self._storage
        if storage.whole is not None or storage.owner is not None:
            if storage.whole is not None or (storage.owner >= 0).any():
                return read_only(self.peek().copy())  # writing to it would not be noticed
            storage.forget()
        array = storage.export()
        for step in self._route:
            array = step(array)
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        array = self.export()
        if copy or (dtype is not None and array.dtype != dtype):
            return np.array(array, dtype)
        return array

    # -- indexing ------------------------------------------------------------------------------------------------------

    def view(self, step: Step) -> Any:
        """What a function of an array that is no arithmetic gives: a view, or an array of its own, as NumPy decides."""
        self._sync()
        storage = self._storage
        buffer = self._buffer
        derived = step(buffer)
        if derived.size and not np.may_share_memory(derived, buffer):
            return self.part(step, derived)
        return Array(storage, (*self._route, step))

    def part(self, step: Step, values: Any) -> Any:
        """An array of its own, of elements chosen by a function of an array."""
        storage = self._storage
        if storage.whole is not None and not self._route:
            return Array(_Storage(values, step(storage.whole)))
        if storage.owner is None and storage.whole is None:
            return Array(_Storage(values))
        storage.open()
        self._sync()
        node = _gather(storage, values, step(self._owner), step(self._place))
        return Array(_Storage(values)) if node is None else Array(_Storage(values, node))

    def __getitem__(self, index: Any) -> Any:
        if type(index) is not int and type(index) is not slice:
            index = plain_index(index)
        self._sync()
        value = self._buffer[index]
        if type(value) is ndarray:
            if np.may_share_memory(value, self._buffer) or not value.size:
                return Array(self._storage, (*self._route, lambda a: a[index]))
            return self.part(lambda a: a[index], value)
        storage = self._storage
        if storage.owner is None:
            if storage.whole is None:
                return value
            if not self._route:
                return storage.whole[index]
            storage.open()
            self._sync()
        owner = self._owner[index]
        if owner < 0:
            return value
        piece = storage.pieces[owner]
        if type(piece._data) is not ndarray:
            return piece
        place = int(self._place[index])
        return piece[place if piece.ndim == 1 else tuple(map(int, np.unravel_index(place, piece.shape)))]

    def __setitem__(self, index: Any, value: Any) -> None:
        if type(index) is not int and type(index) is not slice:
            index = plain_index(index)
        storage = self._storage
        if isinstance(value, Handle):
            value = value.node() if value.holds_tensors() else value.peek()  # type: ignore[attr-defined]
        elif isinstance(value, (list, tuple)):
            value = _joined(value)
        if type(value) is Tensor:
            if value._primitive is not None and _state.settings.recording:
                self._assign(index, value)
                return
            value = external(value._data)
        storage.separate()
        if storage.whole is not None:
            storage.open()
        self._sync()
        self._buffer[index] = value
        storage.whole = None
        if self._owner is not None:
            self._owner[index] = -1

    def _assign(self, index: Any, value: Tensor) -> None:
        storage = self._storage
        buffer = self._buffer
        data = value._data
        number = type(data) is float
        if not (number and buffer.dtype is _FLOAT64) and value.dtype != buffer.dtype:
            if value.dtype.kind == "c" and buffer.dtype.kind != "c":
                raise TypeError(
                    f"setitem: assigning a complex tensor ({describe(value._data)}) into {storage}{scope_note()} would "
                    f"lose its imaginary part; create the array with dtype=complex, or take .real if that is meant"
                )
            value = ops.astype(value, buffer.dtype)
        if value._primitive is VARIABLE and not _state.settings.transforms:
            value = ops.identity(value)  # the variable may be given other values
        if storage.is_exported():
            raise RuntimeError(
                f"setitem: assigning a tensor at {_line(_here())} into {storage}{scope_note()}: a plain array that "
                f"shares its memory was handed out at {_line(storage.exported_at)} and is still in use, and cannot "
                f"hold the gradient. Hand out a copy there (np.array(B), B.copy())"
            )
        data = value._data
        if (
            not self._route
            and not number
            and (index is Ellipsis or (type(index) is slice and index == _WHOLE))
            and value.shape == buffer.shape
        ):
            storage.replace(value)
        else:
            storage.separate()
            storage.open()
            self._sync()
            size = 1 if number else value.size
            place: Any = 0
            if size > 1:
                # Of several values for an element NumPy takes the last, as they lie in memory: here as there.
                place = np.empty_like(data, np.intp)
                place[...] = np.arange(size).reshape(data.shape)
            self._buffer[index] = data
            self._owner[index] = len(storage.pieces)
            self._place[index] = place
            storage.pieces.append(value)
            storage.whole = None
            storage.compact()
        storage.assigned_at = _here()
        if _state.unusual and _state.settings.pushing:
            storage.blocks = storage.blocks.union(_state.settings.pushing)

    # -- Python's protocols ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._buffer)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        self._sync()
        return (
            f"assignable({np.array2string(self._buffer, separator=', ', prefix='assignable(')})"
            if (self.holds_tensors())
            else repr(self._buffer)
        )

    def __str__(self) -> str:
        return str(self.peek())

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return np.array, (np.array(self),)

    def copy(self, order: Any = "C") -> Any:
        """An array of its own with the same content."""
        node = self.node()
        values = self.peek().copy(order)
        return Array(_Storage(values, node))

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        shape: tuple[int, ...] = self._buffer.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy dtype of the elements."""
        dtype: np.dtype[Any] = self._buffer.dtype
        return dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return int(self._buffer.ndim)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(self._buffer.size)


def _joined(items: Any) -> Any:
    """A list as what can be assigned: the tensors in it joined."""
    parts = [_joined(x) if isinstance(x, (list, tuple)) else x.current() if isinstance(x, Handle) else x for x in items]
    return ops.stack(parts) if any(type(x) is Tensor for x in parts) else items


def fresh(result: Any, order: Any = "C") -> Any:
    """What a function that makes an array returns: one that can be assigned into while a function is differentiated.

    Parameters
    ----------
    result
        A plain array that nobody else has, a tensor that is to be copied, or anything else, which is returned as it is.
    order
        The layout that NumPy would give a copy of the tensor.
    """
    if not _state.settings.assigning:
        return result
    if type(result) is ndarray:
        if result.dtype.kind not in "fc" or not result.ndim:
            return result  # integers hold no gradient; a number is no array to be assigned into
        return Array(_Storage(result if result.flags.owndata and result.flags.writeable else result.copy()))
    if type(result) is Tensor and type(result._data) is ndarray and result._primitive is not None:
        data = result._data
        if data.flags.c_contiguous or (order == "K" and data.flags.f_contiguous):
            return Array(_Storage(data, result, shared=True))
        return Array(_Storage(data.copy(order), result))
    return result


def assignable(array: Any, dtype: Any = None) -> Any:
    """An array that tensors can be assigned into.

    While a function is being differentiated the functions of :mod:`autograd.numpy` that make arrays give such arrays by
    themselves. This is for programs that call :meth:`~autograd.Tensor.backward`, and for arrays made otherwise.

    Parameters
    ----------
    array : array_like or Tensor
        What it holds first; it is copied.
    dtype
        A floating or complex dtype; by default that of ``array``, for integers float64.

    Returns
    -------
    Array
        Used like a plain array. Where tensors were assigned, what is computed from it is a tensor.

    Raises
    ------
    TypeError
        If the dtype cannot have gradients, later if a complex tensor is assigned into a real array, or if it is
        converted to a plain array while it holds tensors.
    RuntimeError
        Later, if a tensor is assigned while someone has a plain array that shares its memory.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor, assignable
    >>> x = Tensor(3.0)
    >>> B = assignable(np.zeros(3))
    >>> B[0] = x
    >>> B[1:] = B[0] * 2
    >>> B.sum().backward()
    >>> float(x.grad)
    5.0
    """
    if isinstance(array, Handle):
        array = array.current()
    if isinstance(array, (list, tuple)):
        array = _joined(array)
    if type(array) is Tensor:
        if array.dtype.kind in "biu" or (dtype is not None and array.dtype != dtype):
            array = ops.astype(array, np.dtype(np.float64 if dtype is None else dtype))
        made = ops.identity(array) if array._primitive is not None else array
        data = np.array(external(made._data))
        return Array(_Storage(data, made if made._primitive is not None else None))
    values = np.array(array, dtype)
    if values.dtype.kind in "biu" and dtype is None:
        values = values.astype(np.float64)
    if values.dtype.kind not in "fc":
        raise TypeError(f"assignable: an array of {values.dtype} holds no gradients; use a floating or complex dtype")
    return Array(_Storage(values))
