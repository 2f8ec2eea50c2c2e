"""NumPy's arithmetic of polynomials, given by their coefficients, highest first."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd._values import external, shape_of
from autograd.primitives import raw
from autograd.protocols import implements

__all__: list[str] = []


def _coefficients(p: Any) -> Any:
    """As an array of one axis."""
    shape = shape_of(raw(p, "polynomial"))
    return p if len(shape) == 1 else ops.reshape(p, -1)


def _length(p: Any) -> int:
    return shape_of(raw(p, "polynomial"))[0]


def _of_length(p: Any, n: int) -> Any:
    """With zeros in front."""
    missing = n - _length(p)
    return ops.pad(p, ((missing, 0),)) if missing else p


def _trimmed(p: Any) -> Any:
    """Without zeros in front, but for one if there is nothing else."""
    plain = np.asarray(external(raw(p, "polynomial")))
    first = int(np.argmax(plain != 0)) if plain.any() else len(plain) - 1
    return p[first:] if first > 0 else p


@implements(np.polyadd)
def polyadd(a1: Any, a2: Any) -> Any:
    a1, a2 = _coefficients(a1), _coefficients(a2)
    n = max(_length(a1), _length(a2))
    return ops.add(_of_length(a1, n), _of_length(a2, n))


@implements(np.polysub)
def polysub(a1: Any, a2: Any) -> Any:
    return polyadd(a1, ops.negative(a2))


@implements(np.polymul)
def polymul(a1: Any, a2: Any) -> Any:
    return ops.convolve(_trimmed(_coefficients(a1)), _trimmed(_coefficients(a2)))


@implements(np.polyder)
def polyder(p: Any, m: int = 1) -> Any:
    if m < 0:
        raise ValueError(f"polyder: the order must not be negative, got {m}; use polyint")
    for _ in range(m):
        p = p[:-1] * np.arange(_length(p) - 1, 0, -1)
    return p


@implements(np.polyint)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    if m < 0:
        raise ValueError(f"polyint: the order must not be negative, got {m}; use polyder")
    constants = np.zeros(m) if k is None else _coefficients(k)
    if _length(constants) == 1 and m > 1:
        constants = ops.broadcast_to(constants, (m,))
    if _length(constants) < m:
        raise ValueError(f"polyint: expected one constant, or {m}, got {_length(constants)}")
    for i in range(m):
        p = ops.concatenate([ops.divide(p, np.arange(_length(p), 0, -1)), constants[i : i + 1]])
    return p


@implements(np.poly)
def poly(seq_of_zeros: Any) -> Any:
    shape = shape_of(raw(seq_of_zeros, "poly"))
    if len(shape) == 2 and shape[0] == shape[1] != 0:
        zeros = np.linalg.eigvals(seq_of_zeros)
    elif len(shape) == 1:
        zeros = seq_of_zeros
    else:
        raise ValueError(f"poly: expected a list of roots or a square matrix, got an array of shape {shape}")
    values = np.asarray(external(raw(zeros, "poly")))
    found: Any = np.ones(1, values.dtype)
    for i in range(len(values)):
        found = ops.pad(found, ((0, 1),)) - ops.pad(found * zeros[i], ((1, 0),))
    # Roots in conjugate pairs are those of a real polynomial.
    paired = np.iscomplexobj(values) and np.array_equal(np.sort(values), np.sort(values.conjugate()))
    return ops.real(found) if paired else found
