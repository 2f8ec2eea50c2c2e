"""What Python's operators and a tensor's methods mean: one table, set on the class when the package is imported."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import _state, ops
from autograd._values import describe, external
from autograd.numpy import reductions, statistics
from autograd.ops.indexing import plain_index
from autograd.primitive import Primitive, apply_elementwise, binary, scope_note
from autograd.reverse import backward
from autograd.tensor import Tensor

__all__: list[str] = []


def _takes(x: Any) -> bool:
    """Whether an operand is for us; anything else gets its own turn, through its reflected operator."""
    return isinstance(x, (Tensor, float, int, complex, np.generic, list, tuple)) or type(x) is ndarray


def _apply_or_decline(primitive: Primitive, operands: tuple[Any, ...]) -> Any:
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


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """A method that computes on plain values, since its results carry no gradient."""

    @wraps(function)
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return function(external(self._data), *args, **kwargs)

    return method


def _sort(self: Tensor, *args: Any, **kwargs: Any) -> None:
    raise TypeError(
        f"sort: an array's method sorts it in place{scope_note()}, which would lose gradients; use np.sort(x), which "
        f"returns the sorted elements"
    )


def _getitem(self: Tensor, index: Any) -> Any:
    return ops.getitem(self, plain_index(index))


def _setitem(self: Tensor, index: Any, value: Any) -> None:
    """Write to a constant, or under ``no_grad`` to a variable; anything else would lose gradients."""
    if not self.is_leaf or (self.requires_grad and _state.is_grad_enabled()):
        what = "a variable" if self.is_leaf else f"a result ({self._primitive.name})"
        raise TypeError(
            f"setitem: assigning into {what} ({describe(self._data)}){scope_note()} would lose gradients. Build the "
            f"array with where, concatenate or stack instead; to change a variable between passes, assign under no_grad"
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


def _reshape(self: Tensor, *shape: Any) -> Any:
    return ops.reshape(self, shape[0] if len(shape) == 1 else shape)


def _transpose(self: Tensor, *axes: Any) -> Any:
    if not axes or axes == (None,):
        return ops.transpose(self)
    return ops.transpose(self, tuple(axes[0]) if len(axes) == 1 and not isinstance(axes[0], int) else axes)


_METHODS: dict[str, Any] = {
    "__add__": _operator(ops.add),
    "__radd__": _reflected(ops.add),
    "__sub__": _operator(ops.subtract),
    "__rsub__": _reflected(ops.subtract),
    "__mul__": _operator(ops.multiply),
    "__rmul__": _reflected(ops.multiply),
    "__truediv__": _operator(ops.divide),
    "__rtruediv__": _reflected(ops.divide),
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
    "T": property(ops.transpose, doc="The axes reversed."),
    "exp": ops.exp,
    "log": ops.log,
    "sqrt": ops.sqrt,
    "abs": ops.absolute,
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
    "relu": ops.relu,
    "sin": ops.sin,
    "cos": ops.cos,
    "sum": reductions.sum,
    "prod": reductions.prod,
    "mean": reductions.mean,
    "max": reductions.max,
    "min": reductions.min,
    "ptp": reductions.ptp,
    "cumsum": reductions.cumsum,
    "cumprod": reductions.cumprod,
    "var": statistics.var,
    "std": statistics.std,
    "all": _plain(np.all),
    "any": _plain(np.any),
    "argmax": _plain(np.argmax),
    "argmin": _plain(np.argmin),
    "argsort": _plain(np.argsort),
    "argpartition": _plain(np.argpartition),
    "searchsorted": _plain(np.searchsorted),
    "nonzero": _plain(np.nonzero),
    "round": _plain(np.round),
    "sort": _sort,
    "astype": ops.astype,
    "reshape": _reshape,
    "transpose": _transpose,
}

for _name, _method in _METHODS.items():
    setattr(Tensor, _name, _method)
