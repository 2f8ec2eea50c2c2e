"""What the rules of linear algebra are written with, on stacks of matrices: the last two axes are rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd._values import dtype_of, shape_of
from autograd.ops.complex import conjugate, imag, real
from autograd.ops.elementwise import where
from autograd.ops.reductions import sum
from autograd.ops.shape import reshape, swapaxes
from autograd.primitives import raw
from autograd.samples import array

__all__ = [
    "adjoint",
    "as_column",
    "as_diagonal",
    "as_row",
    "conj",
    "diagonal",
    "eye",
    "imaginary",
    "is_complex",
    "lower",
    "real_part",
    "reciprocal",
    "reciprocal_gaps",
    "shape",
    "symmetric_sample",
    "times_i",
    "transposed",
]


def shape(x: Any) -> tuple[int, ...]:
    """The shape of a tensor or of a plain value."""
    return shape_of(raw(x, "shape"))


def _dtype(x: Any) -> np.dtype[Any]:
    return dtype_of(raw(x, "dtype"))


def is_complex(x: Any) -> bool:
    """Whether the numbers are complex ones."""
    return _dtype(x).kind == "c"


def conj(x: Any) -> Any:
    """The complex conjugate, without a gate where the numbers are real."""
    return conjugate(x) if is_complex(x) else x


def real_part(x: Any) -> Any:
    """The real part, without a gate where the numbers are real."""
    return real(x) if is_complex(x) else x


def imaginary(x: Any) -> Any:
    """The imaginary part, 0.0 for real numbers."""
    return imag(x) if is_complex(x) else 0.0


def times_i(x: Any) -> Any:
    """An imaginary number; 0.0, which stands for that of real numbers, as it is."""
    return x if isinstance(x, float) else x * np.result_type(_dtype(x), np.complex64).type(1j)


def transposed(x: Any) -> Any:
    """Rows as columns."""
    return swapaxes(x, -1, -2)


def adjoint(x: Any) -> Any:
    """The conjugate transpose."""
    return conj(swapaxes(x, -1, -2))


def as_row(x: Any) -> Any:
    """Numbers as a row, to multiply columns by."""
    return reshape(x, (*shape(x)[:-1], 1, shape(x)[-1]))


def as_column(x: Any) -> Any:
    """Numbers as a column, to multiply rows by; see :func:`as_row`."""
    return reshape(x, (*shape(x), 1))


def eye(x: Any, count: int | None = None) -> Any:
    """The identity in the precision of an array; by default for products with its columns."""
    return np.eye(shape(x)[-1] if count is None else count, dtype=np.finfo(_dtype(x)).dtype)


def diagonal(x: Any) -> Any:
    """The diagonal of square matrices."""
    return sum(x * eye(x), axis=-1)


def as_diagonal(x: Any) -> Any:
    """Square matrices with these numbers on the diagonal."""
    return as_column(x) * eye(x)


def lower(x: Any, offset: int = 0) -> Any:
    """The lower triangle, with zeros elsewhere."""
    rows, columns = shape(x)[-2:]
    return x * np.tri(rows, columns, offset, dtype=np.finfo(_dtype(x)).dtype)


def reciprocal(x: Any, zero: Any) -> Any:
    """1 / x, and 0 where ``zero`` says so."""
    return where(zero, 0.0, 1.0 / where(zero, 1.0, x))


def reciprocal_gaps(values: Any) -> Any:
    """``1 / (values[j] - values[i])``, and 0 where they are equal but for rounding."""
    plain = np.asarray(raw(values, "values"))
    gaps = plain[..., None, :] - plain[..., :, None]
    largest = np.max(np.abs(plain), axis=-1, keepdims=True, initial=0.0)[..., None]
    equal = np.abs(gaps) <= plain.shape[-1] * np.finfo(plain.dtype).eps * largest
    return reciprocal(as_row(values) - as_column(values), equal)


def symmetric_sample(n: int, *batch: int, dtype: Any = float) -> Any:
    """Positive definite matrices with distinct eigenvalues for tests."""
    x: Any = array(*batch, n, n)
    if dtype is complex:
        x = x + 1j * array(*batch, n, n, seed=1)
    return x @ np.conj(np.swapaxes(x, -1, -2)) / n + np.diag(1.0 + np.arange(n))
