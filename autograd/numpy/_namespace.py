"""What a name of NumPy's stands for in :mod:`autograd.numpy`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, ValuesView
from functools import wraps
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import _state
from autograd._handles import Handle, settled
from autograd.assignment import Array, fresh
from autograd.primitives import UFUNCS
from autograd.protocols import FUNCTIONS, RELATED_UFUNCS
from autograd.tensor import Tensor

__all__ = ["direct", "holds_tensor", "lookup", "replaces"]

#: What this namespace has in place of what NumPy does not hand to tensors, such as ``array``; by identity.
_REPLACED: dict[int, Any] = {}


def replaces(found: Any, settle: bool = True) -> Callable[[Any], Any]:
    """Declare what stands in this namespace for something of NumPy's that never hands its arguments to tensors.

    Arrays that are assigned into come to it as what they hold, unless ``settle`` is False.
    """

    def declare(ours: Any) -> Any:
        if isinstance(ours, FunctionType):
            replacement = wraps(found)(_settling(ours) if settle else ours)
            replacement.operation = ours  # type: ignore[attr-defined]
            _REPLACED[id(found)] = replacement
        else:
            _REPLACED[id(found)] = ours
        return ours

    return declare


def _settling(ours: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is called with what arrays that are assigned into hold now."""

    def of_settled(*args: Any, **kwargs: Any) -> Any:
        return ours(*map(settled, args), **{key: settled(x) for key, x in kwargs.items()} if kwargs else kwargs)

    return of_settled


def holds_tensor(x: Any) -> bool:
    """Whether a tensor is among the items of nested lists and tuples."""
    if isinstance(x, (list, tuple)):
        return any(
            type(item) is Tensor or (isinstance(item, (list, tuple, Handle)) and holds_tensor(item)) for item in x
        )
    return type(x) is Tensor or (isinstance(x, Handle) and x.holds_tensors())


def lookup(module: ModuleType, name: str) -> Any:
    """What is called ``name`` in one of NumPy's modules, as a function of tensors and plain values.

    Raises
    ------
    AttributeError
        If there is no such name.
    """
    found = getattr(module, name)
    ours = _REPLACED[id(found)] if id(found) in _REPLACED else _ours(found)
    return _making(ours, name) if module is np and name in _MAKERS else ours


#: Functions that make arrays, which are assigned into.
_MAKERS = frozenset(
    {
        "arange", "array", "copy", "diag", "empty", "empty_like", "eye", "full", "full_like", "identity", "linspace",
        "ones", "ones_like", "outer", "tile", "tri", "tril", "triu", "zeros", "zeros_like",
    }
)  # fmt: skip

#: Of these, those from whose result one goes on by assigning, also where that is a tensor.
_COPIES = frozenset({"copy", "diag", "full", "full_like"})


def _making(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A function that makes arrays: those made while a function is differentiated can be assigned tensors."""

    @wraps(function)
    def made(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if _state.settings.assigning and (type(result) is ndarray or name in _COPIES or _copied(name, args)):
            return fresh(result, kwargs.get("order", "K" if name in ("array", "copy") else "C"))
        return result

    return made


def _copied(name: str, args: tuple[Any, ...]) -> bool:
    """Whether this is ``np.array(x)``, which is to say a copy."""
    return name == "array" and bool(args) and (type(args[0]) is Tensor or isinstance(args[0], Handle))


def _ours(found: Any) -> Any:
    if isinstance(found, np.ufunc):
        operation = UFUNCS.get(found)
        if operation is None and found in RELATED_UFUNCS:
            operation = _settling(RELATED_UFUNCS[found])
        return found if operation is None else _of_ufunc(found, operation)
    try:
        ours = FUNCTIONS.get(found)
    except TypeError:  # not hashable
        return found
    return found if ours is None else direct(found, ours)


# NumPy's own functions find ours by themselves, through its protocols; what follows spares them the way in the usual
# case, that of a tensor in first place. Plain values go to NumPy, so that they give just what it gives. A list of
# tensors where NumPy takes an array is made one.

#: Functions that take several arrays as the items of their first argument: a list, or here anything to iterate over.
_OF_ARRAYS = frozenset(
    {np.column_stack, np.concatenate, np.dstack, np.hstack, np.linalg.multi_dot, np.stack, np.vstack}
)

#: Functions to which lists mean something else than an array.
_OF_LISTS = frozenset({np.block, np.choose, np.select})


def _array(x: Any) -> Any:
    """A list of tensors as an array, and what is assigned into as what it holds; anything else as it is."""
    if isinstance(x, Handle):
        return x.current()
    return _REPLACED[id(np.array)](x) if isinstance(x, (list, tuple)) and holds_tensor(x) else x


def direct(function: Callable[..., Any], ours: Callable[..., Any]) -> Callable[..., Any]:
    """A function of NumPy's that calls ours at once where it is given a tensor."""
    of_arrays, of_lists = function in _OF_ARRAYS, function in _OF_LISTS

    @wraps(function)
    def of_tensors(*args: Any, **kwargs: Any) -> Any:
        if args and type(args[0]) is not Array and not (kwargs and Array in map(type, kwargs.values())):
            if of_arrays and type(args[0]) is not list and isinstance(args[0], (Iterator, ValuesView)):
                args = (list(args[0]), *args[1:])
            if type(args[0]) is Tensor and not of_lists:
                return ours(*[_array(x) if type(x) is list or type(x) is Array else x for x in args], **kwargs)
            if holds_tensor(args[0]) or (len(args) > 1 and holds_tensor(args[1])):
                if of_lists:
                    return ours(*settled(args), **kwargs)
                if of_arrays:
                    return ours([_array(x) for x in args[0]], *args[1:], **kwargs)
                return ours(*map(_array, args), **kwargs)
        return function(*args, **kwargs)

    of_tensors.operation = ours  # type: ignore[attr-defined]
    return of_tensors


def _of_ufunc(ufunc: np.ufunc, operation: Callable[..., Any]) -> Callable[..., Any]:
    if ufunc.nin == 1:

        def of_tensors(*args: Any, **kwargs: Any) -> Any:
            if len(args) == 1 and type(args[0]) is Tensor and not kwargs:
                return operation(args[0])
            return ufunc(*map(_array, args), **kwargs)
    else:

        def of_tensors(*args: Any, **kwargs: Any) -> Any:
            if len(args) == 2 and (type(args[0]) is Tensor or type(args[1]) is Tensor) and not kwargs:
                return operation(*args)
            return ufunc(*map(_array, args), **kwargs)

    of_tensors.__name__ = of_tensors.__qualname__ = ufunc.__name__
    of_tensors.__doc__ = ufunc.__doc__
    of_tensors.operation = operation  # type: ignore[attr-defined]
    for name in (
        "accumulate",
        "at",
        "identity",
        "nargs",
        "nin",
        "nout",
        "ntypes",
        "outer",
        "reduce",
        "reduceat",
        "types",
    ):
        setattr(of_tensors, name, getattr(ufunc, name))
    return of_tensors
