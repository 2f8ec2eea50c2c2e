"""What Python's operators and a tensor's methods mean: one table, set on the class when the package is imported."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import _state, ops
from autograd._handles import Handle
from autograd._values import canonical, describe, external
from autograd.ops.indexing import plain_index
from autograd.primitives import Primitive, apply_elementwise, binary, record_part, scope_note
from autograd.reverse import backward
from autograd.tensor import Tensor

__all__: list[str] = []


def _takes(x: Any) -> bool:
    """Whether an operand is for us; anything else gets its own turn, through its reflected operator."""
    return isinstance(x, (Tensor, float, int, complex, np.generic, list, tuple)) or type(x) is ndarray


def _apply_or_decline(primitive: Primitive, operands: tuple[Any, ...]) -> Any:
    if any(isinstance(x, Handle) for x in operands):
        return primitive.function(*[x.current() if isinstance(x, Handle) else x for x in operands])
    return apply_elementwise(primitive, operands) if all(map(_takes, operands)) else NotImplemented


def _operator(function: Callable[..., Any]) -> Callable[..., Any]:
    return binary(function.primitive, otherwise=_apply_or_decline)  # type: ignore[attr-defined]


def _reflected(function: Callable[..., Any]) -> Callable[..., Any]:
    apply = _operator(function)

    def method(self: Tensor, other: Any) -> Any:
        return apply(other, self)

    return method


def _matmul(self: Tensor, other: Any) -> Any:
    return ops.matmul(self, other) if _takes(other) else NotImplemented


def _rmatmul(self: Tensor, other: Any) -> Any:
    return ops.matmul(other, self) if _takes(other) else NotImplemented


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Comparisons give plain booleans: nothing flows back through them."""

    def method(self: Tensor, other: Any) -> Any:
        if isinstance(other, Tensor):
            other = external(other._data)
        elif not isinstance(other, (int, float, complex, ndarray, np.generic, list, tuple)):
            return NotImplemented
        return compare(external(self._data), other)

    return method


_GETITEM = ops.getitem.primitive  # type: ignore[attr-defined]
_PLAIN = frozenset({int, slice, type(None), type(Ellipsis)})


def _floordiv(self: Tensor, other: Any) -> Any:
    return np.floor_divide(self, other) if _takes(other) else NotImplemented


def _rfloordiv(self: Tensor, other: Any) -> Any:
    return np.floor_divide(other, self) if _takes(other) else NotImplemented


def _divmod(self: Tensor, other: Any) -> Any:
    return (np.floor_divide(self, other), ops.remainder(self, other)) if _takes(other) else NotImplemented


def _rdivmod(self: Tensor, other: Any) -> Any:
    return (np.floor_divide(other, self), ops.remainder(other, self)) if _takes(other) else NotImplemented


def _getitem(self: Tensor, index: Any) -> Any:
    kind, data = type(index), self._data
    if (
        (kind is int or kind is slice or (kind is tuple and _PLAIN.issuperset(map(type, index))))
        and type(data) is ndarray
        and self._primitive is not None
        and self._stamp is None
        and not _state.unusual
    ):  # the usual case, written out
        try:
            value = data[index]
        except IndexError:
            pass  # what is wrong is said below
        else:
            return record_part(_GETITEM, value if type(value) is ndarray else canonical(value), self, index)
    return ops.getitem(self, plain_index(index))


def _setitem(self: Tensor, index: Any, value: Any) -> None:
    """Write to a constant, or under ``no_grad`` to a variable; anything else would lose gradients."""
    if not self.is_leaf or (self.requires_grad and _state.is_grad_enabled()):
        what = "a variable" if self.is_leaf else f"a result ({self._primitive.name})"
        raise TypeError(
            f"setitem: assigning into {what} ({describe(self._data)}){scope_note()} would lose gradients. Assign "
            f"into a copy that keeps track, B = autograd.assignable(x) (in a differentiated function also x.copy()), "
            f"or use where, concatenate or stack; to change a variable between passes, assign under no_grad"
        )
    array = np.array(self._data)
    array[plain_index(index)] = value._data if isinstance(value, Tensor) else value
    self.data = array


def _in_place(apply: Callable[..., Any]) -> Callable[..., Any]:
    """``x += y``: a new result, except for a variable under ``no_grad``, which is updated and stays a variable."""

    def method(self: Tensor, other: Any) -> Any:
        if self.is_leaf and self.requires_grad and not _state.is_grad_enabled():
            result = apply(self, other)
            if result is not NotImplemented:
                self.data = result
            return self if result is not NotImplemented else NotImplemented
        return apply(self, other)

    return method


_METHODS: dict[str, Any] = {
    "__add__": _operator(ops.add),
    "__radd__": _reflected(ops.add),
    "__sub__": _operator(ops.subtract),
    "__rsub__": _reflected(ops.subtract),
    "__mul__": _operator(ops.multiply),
    "__rmul__": _reflected(ops.multiply),
    "__truediv__": _operator(ops.divide),
    "__rtruediv__": _reflected(ops.divide),
    "__mod__": _operator(ops.remainder),
    "__rmod__": _reflected(ops.remainder),
    "__floordiv__": _floordiv,
    "__rfloordiv__": _rfloordiv,
    "__divmod__": _divmod,
    "__rdivmod__": _rdivmod,
    "__pow__": _operator(ops.power),
    "__rpow__": _reflected(ops.power),
    "__matmul__": _matmul,
    "__rmatmul__": _rmatmul,
    "__neg__": ops.negative,
    "__pos__": lambda self: self,
    "__abs__": ops.absolute,
    "__iadd__": _in_place(_operator(ops.add)),
    "__isub__": _in_place(_operator(ops.subtract)),
    "__imul__": _in_place(_operator(ops.multiply)),
    "__itruediv__": _in_place(_operator(ops.divide)),
    "__imod__": _in_place(_operator(ops.remainder)),
    "__ipow__": _in_place(_operator(ops.power)),
    "__imatmul__": _in_place(_matmul),
    "__getitem__": _getitem,
    "__setitem__": _setitem,
    "__lt__": _comparison(operator.lt),
    "__le__": _comparison(operator.le),
    "__gt__": _comparison(operator.gt),
    "__ge__": _comparison(operator.ge),
    "__eq__": _comparison(operator.eq),
    "__ne__": _comparison(operator.ne),
    "backward": backward,
    "exp": ops.exp,
    "log": ops.log,
    "sqrt": ops.sqrt,
    "abs": ops.absolute,
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
    "relu": ops.relu,
    "sin": ops.sin,
    "cos": ops.cos,
}

for _name, _method in _METHODS.items():
    setattr(Tensor, _name, _method)
