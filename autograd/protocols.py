"""NumPy's own functions on tensors: ``np.exp(t)``, ``np.sum(t, axis=0)``, ``array * t``.

NumPy hands calls that involve a tensor to ``__array_ufunc__`` and ``__array_function__``. A ufunc that is the forward
function of a primitive becomes that primitive; the tables here say what other NumPy functions become. Functions whose
results carry no gradient (comparisons, ``floor``, ``argmax``) compute on plain values; any other function is an error
rather than a result with its gradient lost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import ops
from autograd._handles import Handle
from autograd._values import external, read_only
from autograd.assignment import fresh
from autograd.primitives import UFUNCS, raw, scope_note
from autograd.tensor import Tensor

__all__ = [
    "ACCUMULATIONS",
    "FUNCTIONS",
    "MAKERS",
    "PLAIN_FUNCTIONS",
    "PLAIN_UFUNCS",
    "REDUCTIONS",
    "RELATED_UFUNCS",
    "implements",
]

#: Ufuncs that become an operation although they are not its forward function (the others are in `primitive.UFUNCS`).
RELATED_UFUNCS: dict[np.ufunc, Callable[..., Any]] = {np.positive: ops.identity, np.matmul: ops.matmul}

#: What ``np.add.reduce`` and ``np.add.accumulate`` become, and those of other ufuncs.
REDUCTIONS: dict[np.ufunc, Callable[..., Any]] = {}
ACCUMULATIONS: dict[np.ufunc, Callable[..., Any]] = {}

#: Ufuncs whose result has derivative 0 wherever it has one, or is no number: computed on plain values.
PLAIN_UFUNCS: frozenset[np.ufunc] = frozenset(
    {
        np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.isnan, np.isfinite, np.isinf,
        np.signbit, np.sign, np.floor, np.ceil, np.rint, np.trunc, np.floor_divide, np.nextafter, np.spacing,
        np.logical_and, np.logical_or, np.logical_not,
        np.logical_xor,
    }
)  # fmt: skip


#: NumPy's other functions and the operations they become.
FUNCTIONS: dict[Callable[..., Any], Callable[..., Any]] = {}


def implements(*functions: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare that the decorated function is what a NumPy function becomes when it is given a tensor.

    Parameters
    ----------
    *functions
        NumPy's function, and others that are the same under another name. The decorated function has its parameters,
        by name and order; what it cannot do for tensors (``out=``) it refuses, saying so. For a ufunc it takes the
        arrays only.
    """

    def declare(ours: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            table: dict[Any, Callable[..., Any]] = RELATED_UFUNCS if isinstance(function, np.ufunc) else FUNCTIONS
            if function in table:
                raise ValueError(f"there is an implementation of {function.__name__} already")
            table[function] = ours
        return ours

    return declare


def refuse(function: str, **arguments: Any) -> None:
    """Refuse arguments of a NumPy function that make no sense for tensors, where any was given.

    Raises
    ------
    TypeError
        If one is not None.
    """
    given = [name for name, value in arguments.items() if value is not None]
    if given:
        raise TypeError(f"np.{function} of a tensor does not take {', '.join(given)}{scope_note()}; leave it out")


#: Functions whose results carry no gradient: computed on plain values.
PLAIN_FUNCTIONS: frozenset[Callable[..., Any]] = frozenset(
    {
        np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.argmax, np.argmin,
        np.argsort, np.any, np.all, np.allclose, np.isclose, np.array_equal, np.nonzero, np.count_nonzero,
        np.argpartition, np.nanargmax, np.nanargmin, np.argwhere, np.flatnonzero, np.searchsorted, np.digitize,
        np.lexsort, np.isin, np.histogram, np.histogram2d, np.histogramdd, np.histogram_bin_edges,
        np.round, np.around, np.fix, np.isreal, np.iscomplex, np.isneginf,
        np.isposinf,
        np.array_repr, np.array_str, np.array2string, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj,
        np.einsum_path, np.linalg.matrix_rank,
        np.flatnonzero, np.argwhere, np.diag_indices_from, np.tril_indices_from, np.triu_indices_from, np.isin,
        np.array_equiv, np.shares_memory, np.may_share_memory, np.min_scalar_type, np.common_type,
    }
)  # fmt: skip


#: Of these, those that sum weights, which would carry a gradient; and the position of these.
_WEIGHTED: dict[Callable[..., Any], int] = {np.histogram: 4, np.histogram2d: 5, np.histogramdd: 4}

#: Of these, those that make arrays to be assigned into.
MAKERS: frozenset[Callable[..., Any]] = frozenset({np.zeros_like, np.ones_like, np.empty_like, np.full_like})


def _plain(x: Any) -> Any:
    if isinstance(x, Tensor):
        return read_only(x._data) if isinstance(x._data, ndarray) else external(x._data)
    if isinstance(x, (list, tuple)):
        return type(x)(_plain(item) for item in x)
    if isinstance(x, dict):
        return {key: _plain(value) for key, value in x.items()}
    return x


def _ours(kind: type) -> bool:
    """Whether a type is one that our operations take; others get their own turn."""
    return (
        issubclass(kind, Tensor) or kind is ndarray or issubclass(kind, (np.generic, int, float, complex, list, tuple))
    )


def _no_rule(name: str, tensors: list[Tensor]) -> TypeError:
    return TypeError(
        f"np.{name} of a tensor{scope_note()}: there is no gradient rule for it, and computing it on plain values "
        f"would lose the gradient (inputs: {', '.join(f'{t.dtype} {t.shape}' for t in tensors)}). If no gradient "
        f"is wanted pass .data; else declare it as a primitive"
    )


def _array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    if method == "__call__" and not kwargs:  # the usual case, as of array * tensor
        operation = UFUNCS.get(ufunc)
        if operation and all(type(x) is Tensor or type(x) is ndarray for x in inputs):
            return operation(*inputs)
    if not all(_ours(type(x)) for x in inputs):
        return NotImplemented
    tensors = [x for x in inputs if isinstance(x, Tensor)]
    if any(isinstance(x, Handle) for x in kwargs.get("out") or ()):
        return NotImplemented  # theirs to write
    if not (kwargs.get("out") is None or all(array is None for array in kwargs["out"])):
        raise TypeError(
            f"np.{ufunc.__name__}(..., out=...) with a tensor{scope_note()}: writing into an existing array would lose "
            f"the gradient; use the returned value (x = x + t instead of x += t for an array x), or make the array "
            f"with autograd.numpy inside the differentiated function, or with autograd.assignable(x)"
        )
    operation = UFUNCS.get(ufunc) or RELATED_UFUNCS.get(ufunc)
    if method == "__call__" and operation:
        return operation(*inputs) if not kwargs else _with_settings(ufunc, operation, inputs, **kwargs)
    if method == "outer" and operation and not kwargs:
        x, y = (raw(x, ufunc.__name__) for x in inputs)
        return operation(ops.reshape(inputs[0], np.shape(x) + (1,) * np.ndim(y)), inputs[1])
    along = {"reduce": REDUCTIONS, "accumulate": ACCUMULATIONS}.get(method, {}).get(ufunc)
    if along:
        return along(*inputs, **kwargs)
    if method == "__call__" and ufunc in PLAIN_UFUNCS:
        return ufunc(*_plain(list(inputs)), **_plain(kwargs))
    if not any(t.requires_grad for t in tensors):
        return getattr(ufunc, method)(*_plain(list(inputs)), **_plain(kwargs))
    if method == "at":
        raise TypeError(
            f"np.{ufunc.__name__}.at with a tensor{scope_note()}: writing into a plain array would lose the gradient; "
            f"make the array with autograd.numpy inside the differentiated function, or with autograd.assignable(x)"
        )
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    raise _no_rule(name, tensors)


def _with_settings(
    ufunc: np.ufunc,
    operation: Callable[..., Any],
    inputs: tuple[Any, ...],
    *,
    out: Any = None,  # no array: those are refused above
    where: Any = True,
    dtype: Any = None,
    casting: Any = "same_kind",
    order: str = "K",
    subok: bool = True,
    **unknown: Any,
) -> Any:
    """A ufunc with keywords. Where it is not to be computed (``where``) the result is 0, and no gradient flows."""
    if ufunc is np.vecdot:
        operation = partial(operation, **{key: unknown.pop(key) for key in ("axis", "keepdims") if key in unknown})
    refuse(ufunc.__name__, **unknown)
    if dtype is not None or casting != "same_kind":
        with np.errstate(all="ignore"):
            expected = ufunc(*_plain(list(inputs)), dtype=dtype, casting=casting)  # or NumPy says what is wrong
    if dtype is not None:
        dtype = np.dtype(dtype)
        if ufunc.nout > 1 or expected.dtype != dtype or dtype.kind not in "fc":
            raise TypeError(f"np.{ufunc.__name__} of a tensor does not take dtype={dtype}{scope_note()}; use astype")
        inputs = tuple(_cast(x, dtype) for x in inputs)
    if where is True:
        return operation(*inputs)
    # What is left out may be where the function has no value or no slope: there it gets some number of its domain.
    mask = _plain(where)
    domains = getattr(getattr(operation, "primitive", None), "domains", ()) or (None,) * len(inputs)
    numbers = [1.0 if domain is None else (domain.low + domain.high) / 2 for domain in domains]
    safe = [
        ops.where(mask, x, number) if np.ndim(_plain(x)) or isinstance(x, Tensor) else x
        for x, number in zip(inputs, numbers, strict=True)
    ]
    found = operation(*safe)
    if isinstance(found, tuple):
        raise TypeError(f"np.{ufunc.__name__} of a tensor does not take where{scope_note()}; use np.where")
    return ops.where(mask, found, 0.0)


def _cast(x: Any, dtype: np.dtype[Any]) -> Any:
    return ops.astype(x, dtype) if isinstance(x, Tensor) else np.asarray(x, dtype)[()]


def _array_function(
    self: Tensor, function: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    if not all(_ours(kind) for kind in types):
        return NotImplemented
    name = function.__name__
    if function in FUNCTIONS:
        try:
            return FUNCTIONS[function](*args, **kwargs)
        except TypeError as error:
            if "argument" not in str(error) or "lambda" not in str(error):
                raise
            raise TypeError(f"np.{name} of a tensor: {str(error).partition('() ')[2]}{scope_note()}") from error
    tensors = [x for x in _flat((args, tuple(kwargs.values()))) if isinstance(x, Tensor)]
    if function in _WEIGHTED:
        weights = args[_WEIGHTED[function]] if len(args) > _WEIGHTED[function] else kwargs.get("weights")
        if any(isinstance(x, Tensor) and x.requires_grad for x in _flat([weights])):
            raise _no_rule(f"{name} with weights", tensors)
    if function in PLAIN_FUNCTIONS or not any(t.requires_grad for t in tensors):
        result = function(*_plain(args), **_plain(kwargs))
        return fresh(result) if function in MAKERS else result
    raise _no_rule(name, tensors)


def _flat(x: Any) -> list[Any]:
    return [leaf for item in x for leaf in _flat(item)] if isinstance(x, (list, tuple)) else [x]


setattr(Tensor, "__array_ufunc__", _array_ufunc)  # noqa: B010 - mypy reads the class as it is written
setattr(Tensor, "__array_function__", _array_function)  # noqa: B010
