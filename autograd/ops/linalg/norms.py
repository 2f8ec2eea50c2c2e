"""Norms of vectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.ops.elementwise import absolute, where
from autograd.ops.linalg.matrices import conj, is_complex, real_part, shape
from autograd.ops.reductions import sum
from autograd.ops.shape import reshape
from autograd.primitives import custom, raw
from autograd.samples import Sample, array

__all__ = ["vector_norm"]

Axis = int | tuple[int, ...] | None


def _kept(x: Any, axis: Axis) -> tuple[int, ...]:
    """The shape with the reduced axes of length 1."""
    lengths = shape(x)
    axes = range(len(lengths)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    reduced = {a % len(lengths) for a in axes} if lengths else set()
    return tuple(1 if i in reduced else n for i, n in enumerate(lengths))


def _safe(x: Any) -> Any:
    """The same with ones for zeros."""
    plain = np.asarray(raw(x, "vector_norm"))
    return x if plain.all() else where(plain == 0, 1.0, x)


def _slope(x: Any, norm: Any, order: float) -> Any:
    """What each element is multiplied by, but for the norm itself where it is Euclidean; 0 for zeros."""
    if order == 2:
        return conj(x)
    size = absolute(_safe(x))
    direction = conj(x) / size
    return direction if order == 1 else direction * (size / norm) ** (order - 1)


def _back(ct: Any, x: Any, out: Any, *, ord: float, axis: Axis, keepdims: bool) -> Any:
    kept = _kept(x, axis)
    norm = _safe(reshape(out, kept))
    ct = reshape(ct, kept)
    return (ct / norm if ord == 2 else ct) * _slope(x, norm, ord)


def _tangent(tangents: Any, x: Any, out: Any, *, ord: float, axis: Axis, keepdims: bool) -> Any:
    norm = _safe(reshape(out, _kept(x, axis)))
    moved = real_part(sum(tangents[0] * _slope(x, norm, ord), axis=axis, keepdims=True))
    return reshape(moved / norm if ord == 2 else moved, shape(out))


def _samples() -> Iterable[Sample]:
    x, z = array(2, 3), array(2, 3) + 1j * array(2, 3, seed=1)
    return [
        *(Sample((x,), {"ord": o, "axis": None, "keepdims": False}) for o in (2, 1, 3, 0.5, -1, -2.5)),
        *(Sample((z,), {"ord": o, "axis": None, "keepdims": True}) for o in (2, 1, 3, -1)),
        Sample((x,), {"ord": 2, "axis": 0, "keepdims": False}),
        Sample((x,), {"ord": 3, "axis": -1, "keepdims": True}),
        Sample((array(2, 3, 4),), {"ord": 2, "axis": (0, -1), "keepdims": False}),
        Sample((array(0, 3),), {"ord": 2, "axis": 0, "keepdims": False}),
        Sample((array(0),), {"ord": 2, "axis": None, "keepdims": False}),
    ]


@custom(
    vjps=(_back,),
    jvp=_tangent,
    symbol="‖x‖",
    formula=r"\left(\sum_i |x_i|^p\right)^{1/p}",
    samples=_samples,
)
def vector_norm(x: Any, ord: float = 2, axis: Axis = None, keepdims: bool = False) -> Any:
    """Norm of vectors. Where a vector, or an element of one, is zero its gradient is chosen to be zero.

    Parameters
    ----------
    x : Tensor or array_like
    ord : float
        The power that absolute values are raised to, neither zero nor infinite; 2 is the Euclidean norm.
    axis : int or tuple of int, optional
        The axes of the vectors; by default all.
    keepdims : bool
        Keep the reduced axes, with length 1.

    Returns
    -------
    Tensor
        Of the remaining shape, real.

    Examples
    --------
    >>> from autograd import Tensor, vector_norm
    >>> vector_norm(Tensor([3.0, 4.0])).item()
    5.0
    """
    x = np.asarray(x)
    if ord == 2:
        if axis is None and not keepdims:
            return np.linalg.norm(x)
        squares = np.square(x.real) + np.square(x.imag) if is_complex(x) else np.square(x)
        return np.sqrt(np.sum(squares, axis=axis, keepdims=keepdims))
    sizes = np.abs(x)
    if ord == 1:
        return np.sum(sizes, axis=axis, keepdims=keepdims)
    with np.errstate(divide="ignore"):  # of a zero there is no negative power
        total = np.asarray(np.sum(sizes**ord, axis=axis, keepdims=keepdims))
        return total ** total.dtype.type(1 / ord)
