"""What Python's operators, an array's methods and NumPy's functions mean on arrays that are assigned into.

All come down to what the array holds at that moment, a tensor or plain numbers; and functions that write into an array
to assignments. Set on the class when the package is imported.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray
from numpy.lib.array_utils import normalize_axis_index

from autograd import ops
from autograd._handles import Handle
from autograd._values import external, read_only
from autograd.assignment import Array, fresh
from autograd.primitives import raw, scope_note
from autograd.protocols import MAKERS, PLAIN_FUNCTIONS
from autograd.tensor import Tensor

__all__: list[str] = []


def _tracked(x: Any) -> bool:
    """Whether what is computed from this must be recorded, looking into lists."""
    if isinstance(x, (list, tuple)):
        return any(map(_tracked, x))
    if isinstance(x, dict):
        return any(map(_tracked, x.values()))
    return type(x) is Tensor or (isinstance(x, Handle) and x.holds_tensors())


def _with(replace: Callable[[Any], Any], x: Any) -> Any:
    """The same lists with something else in place of each array."""
    if isinstance(x, (list, tuple)):
        items = [_with(replace, item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if isinstance(x, dict):
        return {key: _with(replace, value) for key, value in x.items()}
    return replace(x)


def _current(x: Any) -> Any:
    return x.current() if isinstance(x, Handle) else x


def _peeked(x: Any) -> Any:
    """The numbers of an array or tensor, to be looked at."""
    return x.peek() if isinstance(x, Handle) else x


def _looked_at(x: Any) -> Any:
    """The numbers of an array or tensor for a function of someone else's."""
    if isinstance(x, Handle):
        return read_only(x.peek())
    return external(x._data) if type(x) is Tensor else x


def _exported(x: Any) -> Any:
    return x.export() if isinstance(x, Handle) else x


def _writable(x: Any) -> Any:
    """The numbers of an array that holds constants, to be written to."""
    if isinstance(x, Handle):
        x._storage.separate()  # type: ignore[attr-defined]
        return x.peek()
    return x


# ---------------------------------------------------------------------------------------------------------------------
# Operators
# ---------------------------------------------------------------------------------------------------------------------


def _operator(apply: Callable[[Any, Any], Any], name: str, reflected: bool = False) -> Callable[..., Any]:
    of_tensor = f"__{name}__" if reflected else f"__r{name}__"

    def method(self: Any, other: Any) -> Any:
        if type(other) is Tensor:
            return getattr(other, of_tensor)(self.current())
        if self.holds_tensors() or _tracked(other):
            mine, other = self.current(), _current(other)
            return apply(other, mine) if reflected else apply(mine, other)
        mine, other = self.peek(), _peeked(other)
        return fresh(apply(other, mine) if reflected else apply(mine, other))

    return method


def _in_place(apply: Callable[[Any, Any], Any], in_place: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        if self.holds_tensors() or _tracked(other):
            _store(self, apply(self.current(), _current(other)))
        else:
            in_place(_writable(self), _peeked(other))
        return self

    return method


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda self, other: compare(self.peek(), _looked_at(other))


def _unary(apply: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda self: apply(self.current()) if self.holds_tensors() else fresh(apply(self.peek()))


def _number(convert: Callable[[Any], Any]) -> Callable[..., Any]:
    def method(self: Any) -> Any:
        node = self.node()
        return convert(self.peek() if node is None else node)

    return method


def _store(target: Any, result: Any, where: Any = True) -> None:
    """Write a result into an array as NumPy's functions do that are given ``out=``."""
    value = raw(result, "out")
    if not np.can_cast(np.result_type(value), target.dtype, "same_kind"):
        raise TypeError(
            f"cannot write a result of dtype {np.result_type(value)} into {target._storage}{scope_note()}; create that "
            f"with the dtype of the result"
        )
    shape = np.shape(value)
    if where is True:
        try:
            fits = np.broadcast_shapes(shape, target.shape) == target.shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"a result of shape {shape} does not fit into {target._storage}{scope_note()}")
        target[...] = result
    else:
        mask = np.broadcast_to(_looked_at(where), target.shape)
        target[mask] = (
            ops.broadcast_to(result, target.shape)[mask]
            if type(result) is Tensor
            else (np.broadcast_to(value, target.shape)[mask])
        )


# ---------------------------------------------------------------------------------------------------------------------
# NumPy's functions
# ---------------------------------------------------------------------------------------------------------------------


def _results(result: Any, outs: tuple[Any, ...], where: Any, name: str) -> Any:
    """Write results into the arrays given for them."""
    results = result if isinstance(result, tuple) else (result,)
    stored = []
    for r, out in zip(results, outs, strict=True):
        if out is None:
            stored.append(r)
            continue
        if isinstance(out, Handle):
            _store(out, r, where)
        elif type(r) is Tensor:
            raise TypeError(
                f"np.{name}(..., out=...) with a tensor{scope_note()}: writing into a plain array would lose the "
                f"gradient; use the returned value, or an array made by autograd.numpy or assignable()"
            )
        else:
            np.copyto(out, r, casting="same_kind", where=where)
        stored.append(out)
    return tuple(stored) if isinstance(result, tuple) else stored[0]


def _array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
    if method == "at":
        return _at(ufunc, *inputs)
    if not _tracked((inputs, kwargs)):
        if out is None:
            return fresh(getattr(ufunc, method)(*_with(_peeked, inputs), **_with(_peeked, kwargs)))
        if not _tracked(out):
            plain = tuple(map(_writable, out))
            result = getattr(ufunc, method)(*_with(_peeked, inputs), out=plain, **_with(_peeked, kwargs))
            if len(out) == 1:
                return result if out[0] is None else out[0]
            return tuple(r if o is None else o for r, o in zip(result, out, strict=True))
    where = kwargs.pop("where", True) if out is not None else True
    result = getattr(ufunc, method)(*_with(_current, inputs), **_with(_current, kwargs))
    return result if out is None else _results(result, out, where, ufunc.__name__)


def _at(ufunc: np.ufunc, target: Any, index: Any, *values: Any) -> None:
    """``np.add.at(B, index, values)``."""
    if not isinstance(target, Handle):
        raise TypeError(
            f"np.{ufunc.__name__}.at with a tensor{scope_note()}: writing into a plain array would lose the gradient; "
            f"make the array with autograd.numpy or assignable()"
        )
    if not _tracked((target, values)):
        ufunc.at(_writable(target), index, *map(_peeked, values))
        return
    if ufunc is not np.add and ufunc is not np.subtract:
        raise TypeError(
            f"np.{ufunc.__name__}.at of {target._storage}{scope_note()}: there is no rule for it with tensors; "  # type: ignore[attr-defined]
            f"use assignments"
        )
    chosen = np.shape(target.peek()[index])
    value = _current(values[0])
    spread = ops.scatter_add(ops.broadcast_to(value, chosen), index, np.shape(target.peek()))
    _store(target, ufunc(target.current(), spread))


def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    if not isinstance(dst, Handle):
        raise _no_target("copyto")
    _store(dst, _current(src), where)


def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    if not isinstance(a, Handle):
        raise _no_target("put")
    places = np.ravel(ind)
    size = np.size(a.peek())
    if mode == "wrap":
        places = places % size
    elif mode == "clip":
        places = np.clip(places, 0, size - 1)
    if places.size:
        _flat(a)[places] = _repeated(v, places.size)


def _repeated(values: Any, count: int) -> Any:
    """Values in a row, begun again until there are as many as wanted."""
    values = _current(values)
    if isinstance(values, (list, tuple)):
        values = ops.stack([_current(v) for v in values]) if _tracked(values) else np.asarray(values)
    if type(values) is not Tensor:
        return np.resize(values, count)
    return ops.reshape(values, (-1,))[np.arange(count) % values.size]


def _place(arr: Any, mask: Any, vals: Any) -> None:
    if not isinstance(arr, Handle):
        raise _no_target("place")
    places = np.flatnonzero(mask)
    if places.size:
        _flat(arr)[places] = _repeated(vals, places.size)


def _putmask(a: Any, mask: Any, values: Any) -> None:
    if not isinstance(a, Handle):
        raise _no_target("putmask")
    places = np.flatnonzero(mask)
    if places.size:
        _flat(a)[places] = _repeated(values, np.size(a.peek()))[places]


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    if not isinstance(a, Handle):
        raise _no_target("fill_diagonal")
    numbers = np.arange(np.size(a.peek())).reshape(np.shape(a.peek()))
    marked = np.full_like(numbers, -1)
    np.fill_diagonal(marked, 0, wrap)
    places = np.flatnonzero(marked == 0)
    _flat(a)[places] = _repeated(val, places.size)


def _put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    if not isinstance(arr, Handle):
        raise _no_target("put_along_axis")
    indices = np.asarray(indices)
    if axis is None:
        _flat(arr)[indices] = values
        return
    ndim = np.ndim(arr.peek())
    axis = normalize_axis_index(axis, ndim)
    mesh = np.ix_(*map(np.arange, np.shape(arr.peek())))
    arr[tuple(indices if i == axis else mesh[i] for i in range(ndim))] = values  # type: ignore[index]


def _no_target(name: str) -> TypeError:
    return TypeError(
        f"np.{name} with a tensor{scope_note()}: writing into a plain array would lose the gradient; make the array "
        f"with autograd.numpy or assignable()"
    )


#: Functions that write into their first argument.
_WRITERS: dict[Callable[..., Any], Callable[..., Any]] = {
    np.copyto: _copyto,
    np.put: _put,
    np.place: _place,
    np.putmask: _putmask,
    np.fill_diagonal: _fill_diagonal,
    np.put_along_axis: _put_along_axis,
}

#: Functions of one array that give a view where they can.
_VIEWS: frozenset[Callable[..., Any]] = frozenset(
    {
        np.transpose, np.permute_dims, np.matrix_transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.reshape, np.ravel,
        np.squeeze, np.expand_dims, np.flip, np.fliplr, np.flipud, np.rot90,
    }
)  # fmt: skip


def _array_function(self: Any, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
    if function in _WRITERS:
        return _WRITERS[function](*args, **kwargs)
    if function in _VIEWS and args and isinstance(args[0], Handle) and not _has_handle((args[1:], kwargs)):
        rest = args[1:]
        return args[0].view(lambda a: function(a, *rest, **kwargs))  # type: ignore[attr-defined]
    if function is np.copy and args and isinstance(args[0], Handle):
        return args[0].copy()  # type: ignore[attr-defined]
    if function in PLAIN_FUNCTIONS:
        result = function(*_with(_looked_at, args), **_with(_looked_at, kwargs))
        return fresh(result) if function in MAKERS else result
    out = kwargs.get("out")
    outs = out if isinstance(out, tuple) else (out,)
    writes = _has_handle(outs)
    if writes:
        kwargs = {key: value for key, value in kwargs.items() if key != "out"}
    if _tracked((args, kwargs)) or (writes and _tracked(outs)):
        result = function(*_with(_current, args), **_with(_current, kwargs))
        return _results(result, outs, True, function.__name__) if writes else result
    if writes:
        plain = tuple(map(_writable, outs))
        kwargs["out"] = plain if isinstance(out, tuple) else plain[0]
        function(*_with(_peeked, args), **_with(_peeked, kwargs))
        return out
    result = function(*_with(_exported, args), **_with(_exported, kwargs))
    return fresh(result) if type(result) is ndarray and result.flags.owndata else result


def _has_handle(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any(map(_has_handle, x))
    if isinstance(x, dict):
        return any(map(_has_handle, x.values()))
    return isinstance(x, Handle)


# ---------------------------------------------------------------------------------------------------------------------
# Methods
# ---------------------------------------------------------------------------------------------------------------------


class _Flat:
    """``B.flat``: the elements in a row, for reading and writing."""

    __slots__ = ("_array",)

    def __init__(self, array: Any) -> None:
        self._array = array

    def _index(self, key: Any) -> Any:
        array = self._array
        return np.unravel_index(np.arange(array.size)[key], array.shape)

    def __getitem__(self, key: Any) -> Any:
        return self._array[self._index(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._array[self._index(key)] = value

    def __len__(self) -> int:
        return int(self._array.size)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._array.ravel(), dtype)


def _flat(array: Any) -> Any:
    return _Flat(array)


def _set_flat(array: Any, value: Any) -> None:
    array.flat[:] = _repeated(value, array.size)


#: Methods that are NumPy's functions of this name.
_FUNCTIONS = frozenset(
    {
        "all", "any", "argmax", "argmin", "argpartition", "argsort", "choose", "clip", "conj", "conjugate", "cumprod",
        "cumsum", "diagonal", "dot", "max", "mean", "min", "nonzero", "prod", "put", "ravel", "repeat", "round",
        "searchsorted", "squeeze", "std", "sum", "swapaxes", "take", "trace", "var",
    }
)  # fmt: skip

#: Attributes of the memory alone.
_LAYOUT = frozenset({"flags", "itemsize", "nbytes", "strides"})


def _getattr(self: Any, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"an array that is assigned into has no {name}")
    if name in _FUNCTIONS:
        function = getattr(np, name)
        return lambda *args, **kwargs: function(self, *args, **kwargs)
    if name in _LAYOUT:
        return getattr(self.peek(), name)
    if name == "real" and self.dtype.kind == "f":
        return self
    node = self.node()
    if node is None and (hasattr(ndarray, name) or not hasattr(Tensor, name)):
        return getattr(self.export(), name)
    if node is None:
        return getattr(Tensor(self.peek(), requires_grad=False), name)
    if name in _IN_PLACE:
        raise TypeError(f"{name} of {self._storage}{scope_note()}, which holds tensors, is not possible in place")
    return getattr(node, name)


#: Methods that change a plain array in place and have no rule.
_IN_PLACE = frozenset({"byteswap", "partition", "resize", "setfield", "setflags"})


def _reshape(self: Any, *shape: Any, order: Any = "C", copy: bool | None = None) -> Any:
    wanted = shape[0] if len(shape) == 1 else shape
    found = self.view(lambda a: np.reshape(a, wanted, order))
    return found.copy() if copy else found


def _transpose(self: Any, *axes: Any) -> Any:
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
    return self.view(lambda a: np.transpose(a, order))


def _astype(self: Any, dtype: Any, *args: Any, **kwargs: Any) -> Any:
    node = self.node()
    return fresh(self.peek().astype(dtype, *args, **kwargs) if node is None else ops.astype(node, dtype))


def _fill(self: Any, value: Any) -> None:
    self[...] = value


def _sort(self: Any, axis: int = -1, kind: Any = None) -> None:
    self[...] = np.sort(self.current(), axis, kind)


def _flatten(self: Any, order: Any = "C") -> Any:
    return np.ravel(self.copy(), order)


def _item(self: Any, *index: Any) -> Any:
    return self.peek().item(*index)


_METHODS: dict[str, Any] = {
    "__array_ufunc__": _array_ufunc,
    "__array_function__": _array_function,
    "__getattr__": _getattr,
    "__lt__": _comparison(operator.lt),
    "__le__": _comparison(operator.le),
    "__gt__": _comparison(operator.gt),
    "__ge__": _comparison(operator.ge),
    "__eq__": _comparison(operator.eq),
    "__ne__": _comparison(operator.ne),
    "__neg__": _unary(operator.neg),
    "__pos__": _unary(operator.pos),
    "__abs__": _unary(operator.abs),
    "__float__": _number(float),
    "__int__": _number(int),
    "__complex__": _number(complex),
    "__bool__": lambda self: bool(self.peek()),
    "__contains__": lambda self, x: bool((self == x).any()),
    "__format__": lambda self, spec: format(self.peek(), spec),
    "T": property(_transpose),
    "mT": property(lambda self: self.view(np.matrix_transpose)),
    "flat": property(_flat, _set_flat),
    "reshape": _reshape,
    "transpose": _transpose,
    "astype": _astype,
    "fill": _fill,
    "sort": _sort,
    "flatten": _flatten,
    "item": _item,
    "tolist": lambda self: self.peek().tolist(),
}

for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    _apply = getattr(operator, _name)
    _METHODS[f"__{_name}__"] = _operator(_apply, _name)
    _METHODS[f"__r{_name}__"] = _operator(_apply, _name, reflected=True)
    _METHODS[f"__i{_name}__"] = _in_place(_apply, getattr(operator, f"i{_name}"))
_METHODS["__divmod__"] = _operator(divmod, "divmod")
_METHODS["__rdivmod__"] = _operator(divmod, "divmod", reflected=True)

for _name, _method in _METHODS.items():
    setattr(Array, _name, _method)
