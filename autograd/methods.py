"""A tensor's methods that are NumPy's functions, under the names and with the parameters that an array has them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

import autograd.numpy
from autograd import ops
from autograd._values import describe, external
from autograd.assignment import fresh
from autograd.primitives import scope_note
from autograd.protocols import FUNCTIONS, refuse
from autograd.tensor import Tensor

__all__: list[str] = []

#: Those whose parameters are the function's.
_FUNCTIONS = (
    np.cumprod, np.cumsum, np.diagonal, np.max, np.mean, np.min, np.prod, np.ptp, np.ravel, np.repeat, np.squeeze,
    np.std, np.sum, np.swapaxes, np.take, np.trace, np.var,
)  # fmt: skip

#: Those of them whose results carry no gradient: computed on plain values.
_PLAIN = (
    np.all, np.any, np.argmax, np.argmin, np.argpartition, np.argsort, np.nonzero, np.round, np.searchsorted,
)  # fmt: skip


def _of_plain(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return function(external(self._data), *args, **kwargs)

    return method


def _reshape(self: Tensor, *shape: Any, order: str = "C", copy: bool | None = None) -> Any:
    target = shape[0] if len(shape) == 1 else shape
    return ops.reshape(self, target) if order == "C" else FUNCTIONS[np.reshape](self, target, order)


def _transpose(self: Tensor, *axes: Any) -> Any:
    if not axes or axes == (None,):
        return ops.transpose(self)
    return ops.transpose(self, tuple(axes[0]) if len(axes) == 1 and not isinstance(axes[0], int) else axes)


def _flatten(self: Tensor, order: str = "C") -> Any:
    return FUNCTIONS[np.ravel](self, order)


def _copy(self: Tensor, order: str = "C") -> Any:
    return fresh(ops.identity(self), order)


def _clip(self: Tensor, min: Any = None, max: Any = None, out: Any = None) -> Any:
    return FUNCTIONS[np.clip](self, min, max, out)


def _compress(self: Tensor, condition: Any, axis: int | None = None, out: Any = None) -> Any:
    return FUNCTIONS[np.compress](condition, self, axis, out)


def _choose(self: Tensor, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    return FUNCTIONS[np.choose](self, choices, out, mode)


def _dot(self: Tensor, b: Any, out: Any = None) -> Any:
    refuse("dot", out=out)
    return FUNCTIONS[np.dot](self, b)


def _astype(
    self: Tensor, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
) -> Any:
    if casting != "unsafe" and not np.can_cast(self.dtype, dtype, casting):
        raise TypeError(f"astype: {self.dtype} cannot be cast to {np.dtype(dtype)} by the rule {casting!r}")
    return ops.astype(self, dtype)


def _array_namespace(self: Tensor, *, api_version: str | None = None) -> Any:
    return autograd.numpy


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return function(external(self._data), *args, **kwargs)

    return method


def _index(self: Tensor) -> int:
    if self.dtype.kind not in "iu" or self.size != 1:
        raise TypeError(
            f"only a tensor of one whole number can be an index or a length, this one is {describe(self._data)}; take "
            f"int(t) or t.item() if that is meant"
        )
    return int(self.item())


def _contains(self: Tensor, item: Any) -> bool:
    return (item._data if isinstance(item, Tensor) else item) in np.asarray(self._data)


def _refused(name: str, instead: str) -> Callable[..., Any]:
    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(f"a tensor has no {name}(){scope_note()}, which would lose gradients; use {instead}")

    method.__name__ = name
    method.__doc__ = f"Refused, since it would lose gradients: use {instead}."
    return method


_METHODS: dict[str, Any] = {
    **{function.__name__: FUNCTIONS[function] for function in _FUNCTIONS},
    **{function.__name__: _of_plain(function) for function in _PLAIN},
    "reshape": _reshape,
    "transpose": _transpose,
    "flatten": _flatten,
    "copy": _copy,
    "clip": _clip,
    "round": lambda self, decimals=0: np.round(self, decimals),
    "conj": ops.conjugate,
    "conjugate": ops.conjugate,
    "compress": _compress,
    "choose": _choose,
    "dot": _dot,
    "astype": _astype,
    "fill": _refused("fill", "np.full, or assign to .data of a variable"),
    "itemset": _refused("itemset", "np.where with a mask"),
    "put": _refused("put", "np.where with a mask"),
    "partition": _refused("partition", "np.partition, which returns a result"),
    "resize": _refused("resize", "np.resize or reshape, which return a result"),
    "sort": _refused("sort", "np.sort, which returns a result"),
    "view": _refused("view", "reshape or astype"),
    "real": property(ops.real, doc="Real part."),
    "imag": property(ops.imag, doc="Imaginary part."),
    "T": property(ops.transpose, doc="The axes reversed."),
    "mT": property(FUNCTIONS[np.matrix_transpose], doc="The last two axes exchanged."),
    "flat": property(lambda self: ops.reshape(self, -1), doc="The elements one after another."),
    "itemsize": property(lambda self: self.dtype.itemsize, doc="Bytes of one element."),
    "nbytes": property(lambda self: self.size * self.dtype.itemsize, doc="Bytes of all elements."),
    "__index__": _index,
    "__contains__": _contains,
    "__array_namespace__": _array_namespace,
}

for _name, _method in _METHODS.items():
    if not _method.__doc__:
        _method.__doc__ = f"As ``{_name}`` of NumPy's arrays, recorded: see :class:`numpy.ndarray`."
    setattr(Tensor, _name, _method)
