"""The one kind of node: a :class:`Tensor` is a variable, a constant, or the record of the operation that made it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dis import opmap
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from autograd import _state
from autograd._values import (
    GuardedArray,
    Raw,
    Stamp,
    canonical,
    describe,
    dtype_of,
    external,
    numeric,
    read_only,
    shape_of,
)

if TYPE_CHECKING:
    from autograd.primitives import Primitive

__all__ = ["VARIABLE", "Tensor", "next_serial"]

#: Numbers tensors in the order they come to be. A node's inputs are older than the node, so descending numbers are a
#: reverse topological order of any graph. New values of a variable are numbered, too, so that a graph recorded from
#: the old ones can tell.
next_serial: Callable[[], int] = count(1).__next__


#: The instructions by which a Python program assigns into an array.
_STORES = frozenset(opmap[name] for name in ("STORE_SUBSCR", "STORE_SLICE") if name in opmap)


class _Leaf:
    """Stands where a recorded tensor has its primitive, and says that this one is a variable."""

    name, kind, symbol, arity, uses_values = "variable", "leaf", "", 0, False

    def __repr__(self) -> str:
        return "<variable>"


VARIABLE: Any = _Leaf()


class Tensor:
    """A number or array that remembers how it was computed.

    Parameters
    ----------
    data : array_like
        Numbers; they are copied. Integers and booleans become float64, unless ``requires_grad=False``.
    requires_grad
        Whether this is a variable, which collects a gradient (the default), or a constant.
    dtype
        A NumPy dtype, floating or complex for a variable; by default that of ``data``.
    name
        Shown in drawings and error messages.

    Raises
    ------
    TypeError
        If ``data`` is not numeric, or the dtype of a variable cannot have gradients.

    Notes
    -----
    A tensor of shape ``()`` is a scalar; nothing else distinguishes scalars from arrays. Operations on tensors that
    require gradients return tensors that hold the operation (``primitive``), its ``inputs`` and ``attributes``, and
    nothing points the other way: when the last reference to a result goes, its graph goes at once.

    Examples
    --------
    >>> x = Tensor(3.0, name="x")
    >>> y = x * x + 1.0
    >>> y.backward()
    >>> y.item(), float(x.grad)
    (10.0, 6.0)
    >>> x
    Tensor(3.0, name='x', grad=6.0)
    """

    # `_x` and `_y` hold the inputs: of a node with one or two inputs each directly, of others `_x` holds the tuple.
    # That spares a tuple a node: 56 bytes, and an object for the garbage collector to walk.
    __slots__ = (
        "__weakref__",
        "_data",  # the value, in the inside form of autograd._values
        "_grad",  # the gradient: inside form or, from a differentiable backward pass, a Tensor; unset where none
        "_notes",  # what few tensors have, by name: "name", "scope", "attributes"; unset where none
        "_primitive",  # the operation, VARIABLE, or None for a constant
        "_serial",  # when it came to be
        "_stamp",  # what a leaf's array looked like when last recorded, once the user can write to it
        "_version",  # of leaves: the serial number at which it last got new values
        "_x",
        "_y",
    )

    _grad: Any
    _notes: dict[str, Any]
    _version: int
    _x: Any
    _y: Any

    __hash__ = object.__hash__  # by identity, although == compares values

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # One class keeps the hot paths to an identity check, and every function to one kind of tensor.
        raise TypeError(
            f"Tensor cannot be subclassed (by {cls.__name__}): keep a tensor in an attribute, or mark it in a "
            f"dictionary (nn.Parameter is such a marked variable, not a subclass)"
        )

    def __init__(self, data: Any, requires_grad: bool = True, dtype: Any = None, name: str | None = None) -> None:
        if isinstance(data, float) and dtype is None:  # numpy.float64, too
            self._data: Raw = float(data)
        else:
            self._data = _to_raw(data, requires_grad, dtype)
        self._primitive: Any = VARIABLE if requires_grad else None
        self._stamp: Stamp | None = None
        self._serial = self._version = next_serial()
        if name is not None:
            self.name = name
        if _state.unusual and _state.settings.watcher is not None:
            _state.settings.watcher.made(self, data)

    @classmethod
    def from_raw(cls, value: Raw, requires_grad: bool) -> Tensor:
        """Wrap a value in the inside form without copying or converting it (for the engine and its packages)."""
        tensor = cls.__new__(cls)
        tensor._data = value
        tensor._primitive = VARIABLE if requires_grad else None
        tensor._stamp = None
        tensor._serial = tensor._version = next_serial()
        return tensor

    # -- values ------------------------------------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The value: a NumPy scalar or array. Of a variable or constant it may be written to; of a result, not.

        Assigning gives a variable or constant new values of the same shape; if a graph recorded before still needs the
        old ones, its backward pass says so. Assignments and optimisers may put another array in place, so ask for
        ``.data`` again rather than holding on to it.
        """
        value = self._data
        if _state.unusual:
            self._read(".data")
        if type(value) is not ndarray:
            return external(value)
        if self.is_leaf:
            if self._stamp is None:
                # From now on the user may write to it: give the leaf an array that no recorded view shares.
                self._data = value = value.copy()
                self._stamp = Stamp(value)
            return value
        return read_only(value)

    @data.setter
    def data(self, value: Any) -> None:
        if not self.is_leaf:
            raise TypeError(
                f"the values of a result ({self._primitive.name}) follow from its inputs and cannot be assigned; "
                f"assign to a variable and compute again, or use detach()"
            )
        if isinstance(value, Tensor):
            value = np.array(value._data)
        if type(self._data) is float and isinstance(value, (float, int)):
            self._data = float(value)
        else:
            value = self._real(numeric(value, "data"), "data")
            if value.shape != self.shape:
                raise ValueError(f"data of shape {self.shape} cannot be replaced by shape {value.shape}")
            self._data = canonical(value.astype(self.dtype, copy=not value.flags.writeable))
            if type(self._data) is ndarray:
                self._stamp = Stamp(self._data)
        self._version = next_serial()

    def _real(self, value: ndarray[Any, Any], what: str) -> ndarray[Any, Any]:
        """Refuse complex values for a real tensor: their imaginary parts would be lost."""
        if value.dtype.kind == "c" and self.dtype.kind != "c":
            raise TypeError(f"{what} of a {self.dtype} tensor cannot be complex; take .real if that is meant")
        return value

    def assign_raw(self, value: Raw) -> None:
        """Give a leaf new values in the inside form, which the caller does not write to again (for optimisers)."""
        self._data = value
        self._stamp = None
        self._version = next_serial()

    def renew_stamp(self) -> None:
        """Before recording: if the leaf's array was written to since it was last recorded, that is a new version."""
        if self._stamp is not None and self._stamp.differs(self._data):
            self._stamp = Stamp(self._data)
            self._version = next_serial()

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes; ``()`` for a scalar."""
        value: Any = self._data
        if type(value) is ndarray:
            shape: tuple[int, ...] = value.shape
            return shape
        return () if type(value) is float else shape_of(value)

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy dtype of the values."""
        value: Any = self._data
        if type(value) is ndarray:
            dtype: np.dtype[Any] = value.dtype
            return dtype
        return np.dtype(np.float64) if type(value) is float else dtype_of(value)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.size(self._data))

    @property
    def _value(self) -> Any:
        """The plain value, under the name that it has in the established ``autograd`` package."""
        return external(self._data) if type(self._data) is not ndarray else read_only(self._data)

    @property
    def _node(self) -> Tensor:
        """The tensor itself, which is its own node (there, a box has one)."""
        return self

    def item(self) -> Any:
        """The value of a one-element tensor as a Python number.

        Raises
        ------
        ValueError
            If there is not exactly one element.
        """
        if self.size != 1:
            raise ValueError(f"item() needs exactly one element, this tensor has shape {self.shape}")
        if _state.unusual:
            self._read(".item()")
        return np.asarray(self._data).item()

    def numpy(self) -> ndarray[Any, Any]:
        """The values as an array of their own, detached from the graph."""
        if _state.unusual:
            self._read(".numpy()")
        return np.array(self._data)

    def tolist(self) -> Any:
        """The values as nested lists of Python numbers."""
        if _state.unusual:
            self._read(".tolist()")
        return np.asarray(self._data).tolist()

    def detach(self) -> Tensor:
        """The same values as a constant, without the graph behind them."""
        value = self._data.copy() if type(self._data) is ndarray else self._data
        constant = Tensor.from_raw(value, requires_grad=False)
        if _state.unusual and _state.settings.watcher is not None:
            _state.settings.watcher.cut(constant, self, "detached")
        return constant

    def _read(self, how: str) -> None:
        """Tell whoever watches that values leave the graph as plain numbers."""
        if _state.settings.watcher is not None:
            _state.settings.watcher.read(self, how)

    # -- graph -------------------------------------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow here: True for variables and for results computed from one."""
        return self._primitive is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if not self.is_leaf:
            raise ValueError(f"a result ({self._primitive.name}) requires gradients; use detach() for a constant")
        if value and self.dtype.kind not in "fc":
            raise TypeError(f"only floating and complex tensors can require gradients, this one is {self.dtype}")
        self._primitive = VARIABLE if value else None
        if not value and _state.unusual and _state.settings.watcher is not None:
            _state.settings.watcher.cut(self, self, "frozen")

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Make this a variable (True) or a constant (False); returns this tensor.

        Examples
        --------
        >>> Tensor(1.0).requires_grad_(False)
        Tensor(1.0, requires_grad=False)
        """
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether this is a variable or a constant rather than the result of a recorded operation."""
        return self._primitive is VARIABLE or self._primitive is None

    @property
    def primitive(self) -> Primitive | None:
        """The operation this is the result of; None for a leaf."""
        return None if self.is_leaf else self._primitive

    @property
    def inputs(self) -> tuple[Any, ...]:
        """What the operation was applied to: tensors, and plain numbers and arrays as constants; ``()`` for a leaf."""
        if self.is_leaf:
            return ()
        return tuple(x.array if type(x) is GuardedArray else x for x in self.held)

    @property
    def held(self) -> tuple[Any, ...]:
        """The inputs as they are kept, arrays together with what they looked like (for the engine)."""
        arity = self._primitive.arity
        return (self._x,) if arity == 1 else (self._x, self._y) if arity == 2 else self._x

    @property
    def attributes(self) -> dict[str, Any]:
        """The operation's static parameters, such as ``axis``."""
        attributes: dict[str, Any] = self.note("attributes", {})
        return attributes

    @property
    def scope(self) -> tuple[str, ...]:
        """Names of the scopes it was recorded in, outermost first."""
        scope: tuple[str, ...] = self.note("scope", ())
        return scope

    @property
    def serial(self) -> int:
        """A number that grows with every tensor made: inputs have smaller ones than results."""
        return self._serial

    @property
    def version(self) -> int:
        """Of a variable or constant, the serial number at which it got its present values.

        A result with a smaller ``serial`` was computed from older ones.
        """
        return self._version if self.is_leaf else self._serial

    @property
    def name(self) -> str | None:
        """Shown in drawings and error messages."""
        name: str | None = self.note("name", None)
        return name

    @name.setter
    def name(self, value: str | None) -> None:
        if value is not None and not isinstance(value, str):
            raise TypeError(f"a tensor's name must be a string, got {value!r}")
        self.set_note("name", value)

    def note(self, key: str, default: Any) -> Any:
        """Something that few tensors have, kept by name (for the engine and its packages)."""
        try:
            return self._notes.get(key, default)
        except AttributeError:  # the slot is unset
            return default

    def set_note(self, key: str, value: Any) -> None:
        """Keep something by name; copies of a variable or constant have it, too."""
        self._notes = {**getattr(self, "_notes", {}), key: value}

    # -- gradients -----------------------------------------------------------------------------------------------------

    @property
    def grad(self) -> Any:
        """The gradient collected so far, of this tensor's shape and dtype; None before any backward pass reached it.

        A NumPy scalar or array; a :class:`Tensor` after ``backward(create_graph=True)``.
        """
        gradient = getattr(self, "_grad", None)
        return gradient if gradient is None or isinstance(gradient, Tensor) else external(gradient)

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is None or isinstance(value, Tensor):
            if value is not None and (value.shape, value.dtype) != (self.shape, self.dtype):
                raise ValueError(
                    f"a gradient has its tensor's shape and dtype, {self.dtype} {self.shape}, "
                    f"got {value.dtype} {value.shape}"
                )
            self._grad = value
        elif type(self._data) is float and isinstance(value, (float, int)):
            self._grad = float(value)
        else:
            value = self._real(numeric(value, "grad"), "grad")
            if value.shape not in ((), self.shape):
                raise ValueError(f"a gradient has its tensor's shape {self.shape}, got {value.shape}")
            self._grad = canonical(np.broadcast_to(value, self.shape).astype(self.dtype))

    def zero_grad(self) -> None:
        """Forget the gradient collected so far."""
        self._grad = None

    # -- Python's protocols ------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        array = np.asarray(self._data)
        body = repr(array.item()) if array.ndim == 0 else np.array2string(array, separator=", ", prefix="Tensor(")
        notes = [body]
        if self.dtype != np.float64:
            notes.append(f"dtype={self.dtype}")
        if self.name is not None:
            notes.append(f"name={self.name!r}")
        if self._primitive is None:
            notes.append("requires_grad=False")
        elif not self.is_leaf:
            notes.append(f"op={self._primitive.name}")
        gradient = self.grad
        if isinstance(gradient, Tensor):
            gradient = gradient.data
        if gradient is not None:
            text = repr(gradient.item()) if self.ndim == 0 else np.array2string(gradient, separator=", ", threshold=8)
            notes.append(f"grad={text}")
        return f"Tensor({', '.join(notes)})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __float__(self) -> float:
        self._becomes_number()
        return float(self.item())

    def __complex__(self) -> complex:
        self._becomes_number()
        return complex(self.item())

    def __int__(self) -> int:
        self._becomes_number(of_function=False)
        return int(self.item())

    def _becomes_number(self, of_function: bool = True) -> None:
        """Refuse to be stored in a plain array, for which NumPy asks like this, and to lose gradients unnoticed."""
        if self._primitive is None or not _state.is_grad_enabled():
            return
        frame = sys._getframe(2)
        if frame.f_code.co_code[frame.f_lasti] in _STORES:
            raise TypeError(
                f"setitem: assigning a tensor that requires gradients ({describe(self._data)}) into a plain array "
                f"would lose its gradient. Make the array, of a floating dtype, with autograd.numpy inside the "
                f"differentiated function, or with autograd.assignable(array); if only the number is meant, assign "
                f".item()"
            )
        if of_function and _state.settings.transforms:
            raise TypeError(
                f"a tensor ({describe(self._data)}) in a function that is being differentiated cannot become a "
                f"plain number without losing its gradient; use functions of autograd.numpy, or .item() if that is "
                f"meant"
            )

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(f"the truth of a tensor of shape {self.shape} is ambiguous; use (t != 0).any() or .all()")
        return bool(self.item())

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor of shape () has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return map(self.__getitem__, range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> ndarray[Any, Any]:
        if self._primitive is not None and _state.is_grad_enabled():
            raise TypeError(
                f"converting a tensor that requires gradients ({describe(self._data)}) to a plain array would lose its "
                f"gradient; use .data, .numpy() or .detach() to say that this is meant. An array that it is to be "
                f"assigned into is one made by autograd.numpy in the differentiated function, or by "
                f"autograd.assignable(array)"
            )
        if _state.unusual:
            self._read("a NumPy function")
        if copy or type(self._data) is not ndarray:
            return np.array(self._data, dtype=dtype)
        # Read-only, because a graph may need these values; converting to another dtype makes an array of its own.
        return np.array(read_only(self._data), dtype=dtype, copy=copy)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle variables and constants; a result is bound to its graph."""
        if not self.is_leaf:
            raise TypeError(
                f"a result ({self._primitive.name}) cannot be copied or pickled; copy its variables, detach() "
                f"it, or take its numbers, .data"
            )
        if isinstance(self.grad, Tensor) and not self.grad.is_leaf:
            raise TypeError(
                "the .grad of this tensor was recorded (create_graph=True) and cannot be copied; detach() it"
            )
        return _restore, (self._data, self.requires_grad, getattr(self, "_notes", {}), getattr(self, "_grad", None))

    if TYPE_CHECKING:
        # Operators and NumPy-named methods are the primitives' own functions, set on the class by autograd.operators:
        # one Python call less an operation than methods written out here.
        T: Tensor
        mT: Tensor  # noqa: N815 - NumPy's name
        flat: Tensor
        itemsize: int
        nbytes: int
        real: Tensor
        imag: Tensor

        def backward(self, gradient: Any = None, *, retain: bool = False, create_graph: bool = False) -> None: ...
        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Any: ...
        def __rfloordiv__(self, other: Any) -> Any: ...
        def __divmod__(self, other: Any) -> tuple[Any, Tensor]: ...
        def __rdivmod__(self, other: Any) -> tuple[Any, Tensor]: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __pos__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __getitem__(self, index: Any) -> Tensor: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def conj(self) -> Tensor: ...
        def conjugate(self) -> Tensor: ...
        def clip(self, min: Any = None, max: Any = None) -> Tensor: ...
        def round(self, decimals: int = 0) -> Any: ...
        def exp(self) -> Tensor: ...
        def log(self) -> Tensor: ...
        def sqrt(self) -> Tensor: ...
        def abs(self) -> Tensor: ...
        def tanh(self) -> Tensor: ...
        def sigmoid(self) -> Tensor: ...
        def relu(self) -> Tensor: ...
        def sin(self) -> Tensor: ...
        def cos(self) -> Tensor: ...
        def sum(
            self,
            axis: Any = None,
            dtype: Any = None,
            out: None = None,
            keepdims: bool = False,
            initial: Any = None,
            where: Any = True,
        ) -> Tensor: ...
        def prod(
            self,
            axis: Any = None,
            dtype: Any = None,
            out: None = None,
            keepdims: bool = False,
            initial: Any = None,
            where: Any = True,
        ) -> Tensor: ...
        def mean(
            self, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, where: Any = True
        ) -> Tensor: ...
        def max(
            self, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = True
        ) -> Tensor: ...
        def min(
            self, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = True
        ) -> Tensor: ...
        def var(
            self,
            axis: Any = None,
            dtype: Any = None,
            out: None = None,
            ddof: float = 0,
            keepdims: bool = False,
            *,
            where: Any = True,
            mean: Any = None,
            correction: float | None = None,
        ) -> Tensor: ...
        def std(
            self,
            axis: Any = None,
            dtype: Any = None,
            out: None = None,
            ddof: float = 0,
            keepdims: bool = False,
            *,
            where: Any = True,
            mean: Any = None,
            correction: float | None = None,
        ) -> Tensor: ...
        def ptp(self, axis: Any = None, out: None = None, keepdims: bool = False) -> Tensor: ...
        def cumsum(self, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor: ...
        def cumprod(self, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor: ...
        def all(self, *args: Any, **kwargs: Any) -> Any: ...
        def any(self, *args: Any, **kwargs: Any) -> Any: ...
        def argmax(self, *args: Any, **kwargs: Any) -> Any: ...
        def argmin(self, *args: Any, **kwargs: Any) -> Any: ...
        def argsort(self, *args: Any, **kwargs: Any) -> Any: ...
        def argpartition(self, *args: Any, **kwargs: Any) -> Any: ...
        def searchsorted(self, *args: Any, **kwargs: Any) -> Any: ...
        def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Tensor: ...
        def transpose(self, *axes: Any) -> Tensor: ...
        def swapaxes(self, axis1: int, axis2: int) -> Tensor: ...
        def squeeze(self, axis: Any = None) -> Tensor: ...
        def ravel(self, order: str = "C") -> Tensor: ...
        def flatten(self, order: str = "C") -> Tensor: ...
        def copy(self, order: str = "C") -> Tensor: ...
        def astype(
            self, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
        ) -> Tensor: ...
        def repeat(self, repeats: Any, axis: int | None = None) -> Tensor: ...
        def take(self, indices: Any, axis: int | None = None, out: Any = None, mode: str = "raise") -> Tensor: ...
        def compress(self, condition: Any, axis: int | None = None, out: Any = None) -> Tensor: ...
        def choose(self, choices: Any, out: Any = None, mode: str = "raise") -> Tensor: ...
        def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor: ...
        def trace(
            self, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None
        ) -> Tensor: ...
        def dot(self, b: Any, out: Any = None) -> Tensor: ...
        def nonzero(self) -> tuple[ndarray[Any, Any], ...]: ...
        def __index__(self) -> int: ...
        def __contains__(self, item: Any) -> bool: ...
        def __array_namespace__(self, *, api_version: str | None = None) -> Any: ...


def _restore(value: Raw, requires_grad: bool, notes: dict[str, Any], grad: Any) -> Tensor:
    tensor = Tensor.from_raw(value.copy() if type(value) is ndarray else value, requires_grad)
    for key, note in notes.items():
        tensor.set_note(key, note)
    if grad is not None:
        tensor._grad = grad.copy() if type(grad) is ndarray else grad
    return tensor


def _to_raw(data: Any, requires_grad: bool, dtype: Any) -> Raw:
    if isinstance(data, Tensor):
        data = data._data
    try:
        array = np.array(data, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"Tensor: expected numbers in rows of equal length, got {type(data).__name__} ({error}); "
            f"join tensors with stack or concatenate"
        ) from error
    if array.dtype.kind not in "biufc":
        raise TypeError(f"Tensor: expected numbers, got {array.dtype} from {type(data).__name__}")
    if requires_grad and array.dtype.kind not in "fc":
        if dtype is not None:
            raise TypeError(
                f"Tensor: dtype {array.dtype} cannot have gradients; use a float or complex one, or requires_grad=False"
            )
        array = array.astype(np.float64)
    return canonical(array)
