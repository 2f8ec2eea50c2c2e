"""Singular values, and the decomposition by them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import dtype_of
from autograd.ops.linalg.matrices import (
    adjoint,
    as_column,
    as_diagonal,
    as_row,
    conj,
    diagonal,
    imaginary,
    real_part,
    reciprocal,
    shape,
    times_i,
    transposed,
)
from autograd.ops.shape import concatenate
from autograd.primitives import custom, raw
from autograd.samples import Sample, array

__all__ = ["svd", "svdvals"]


def _parts(out: Any, a: Any) -> tuple[Any, Any, Any]:
    """U, the singular values, and V."""
    rows = shape(a)[-2]
    return out[..., :rows, :], real_part(out[..., rows, :]), out[..., rows + 1 :, :]


def _joined(u: Any, s: Any, v: Any) -> Any:
    return concatenate([u, as_row(s), v], -2)


def _plain(s: Any) -> tuple[Any, Any]:
    """Singular values as plain numbers, and how far from each other two may be to count as equal."""
    plain = np.asarray(raw(s, "svd"))
    largest = np.max(plain, axis=-1, keepdims=True, initial=0.0)
    return plain, plain.shape[-1] * np.finfo(plain.dtype).eps * largest


def _reciprocals(s: Any) -> Any:
    plain, close = _plain(s)
    return reciprocal(s, plain <= close)


def _gaps(s: Any) -> Any:
    """``1 / (s[j]**2 - s[i]**2)``, and 0 where they are equal but for rounding."""
    plain, close = _plain(s)
    equal = np.abs(plain[..., None, :] - plain[..., :, None]) <= close[..., None]
    row, column = as_row(s), as_column(s)
    return reciprocal((row - column) * (row + column), equal)


# Two vectors that belong to one singular value may be turned by a common phase. Of what the derivative says about the
# sum of their phases all is given to U.


def _svd_back(ct: Any, a: Any, out: Any) -> Any:
    u, s, v = _parts(out, a)
    u_ct, s_ct, v_ct = _parts(ct, a)
    gaps, inverse = _gaps(s), _reciprocals(s)
    u_inner, v_inner = transposed(u) @ u_ct, transposed(v) @ v_ct
    inner = gaps * (u_inner - adjoint(u_inner)) * as_row(s) + as_column(s) * (gaps * (v_inner - adjoint(v_inner)))
    inner = inner + as_diagonal(s_ct + times_i(imaginary(diagonal(u_inner)) * inverse))
    total = conj(u) @ inner @ transposed(v)
    rows, columns = shape(a)[-2:]
    if rows > columns:
        total = total + (u_ct - conj(u) @ u_inner) * as_row(inverse) @ transposed(v)
    elif rows < columns:
        total = total + conj(u) @ (as_column(inverse) * adjoint(v_ct - conj(v) @ v_inner))
    return total


def _svd_tangent(tangents: Any, a: Any, out: Any) -> Any:
    (moved,) = tangents
    u, s, v = _parts(out, a)
    gaps, inverse = _gaps(s), _reciprocals(s)
    inner = adjoint(u) @ moved @ v
    back = adjoint(inner)
    u_inner = gaps * (inner * as_row(s) + as_column(s) * back)
    v_inner = gaps * (as_column(s) * inner + back * as_row(s))
    phase = times_i(imaginary(diagonal(inner)) * inverse)
    if not isinstance(phase, float):
        u_inner = u_inner + as_diagonal(phase)
    along_u, along_v = u @ u_inner, v @ v_inner
    rows, columns = shape(a)[-2:]
    if rows > columns:
        along_u = along_u + (moved @ v - u @ inner) * as_row(inverse)
    elif rows < columns:
        along_v = along_v + (adjoint(moved) @ u - v @ back) * as_row(inverse)
    return _joined(along_u, real_part(diagonal(inner)), along_v)


def _samples() -> Iterable[Sample]:
    inputs = (array(3, 3), array(2, 3), array(4, 2), array(2, 1, 3, 2), array(1, 1), array(0, 3))
    return [Sample((x,)) for x in inputs]


@custom(
    vjps=(_svd_back,),
    jvp=_svd_tangent,
    symbol="svd",
    formula=r"U, \sigma, V,\; A = U \operatorname{diag}(\sigma) V^*",
    samples=_samples,
)
def svd(a: Any) -> Any:
    """Singular value decomposition, in one array.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., m, n)``.

    Returns
    -------
    Tensor
        ``(..., m + 1 + n, k)`` with ``k = min(m, n)``: the columns of ``U``, below them the singular values in
        descending order, and below these the columns of ``V`` (NumPy's function gives its adjoint).

    Raises
    ------
    ValueError
        If there is no last axis but one.

    Notes
    -----
    Singular vectors are determined but for their sign, or for two complex ones that belong together a common phase,
    which is held in ``V``; only functions that do not depend on it have a meaningful gradient. Vectors of equal
    singular values do not turn into each other, and terms that are divided by singular values of zero are left out
    (see ``autograd.ops.linalg``).

    Examples
    --------
    >>> from autograd import Tensor, svd
    >>> svd(Tensor([[3.0, 0.0], [0.0, 2.0]]))[2].tolist()
    [3.0, 2.0]
    """
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([u, s[..., None, :].astype(u.dtype), np.conj(np.swapaxes(vh, -1, -2))], -2)


def _positive(s: Any) -> Any:
    value = np.asarray(raw(s, "svdvals"))
    return (value > 0).astype(dtype_of(value))


def _svdvals_back(ct: Any, a: Any, out: Any) -> Any:
    u, _, v = _parts(svd(a), a)
    return (conj(u) * as_row(ct * _positive(out))) @ transposed(v)


def _svdvals_tangent(tangents: Any, a: Any, out: Any) -> Any:
    u, _, v = _parts(svd(a), a)
    return real_part(diagonal(adjoint(u) @ tangents[0] @ v)) * _positive(out)


def _samples_svdvals() -> Iterable[Sample]:
    z = array(2, 3) + 1j * array(2, 3, seed=1)
    return [*_samples(), Sample((z,)), Sample((z.T,))]


@custom(vjps=(_svdvals_back,), jvp=_svdvals_tangent, symbol="svdvals", formula=r"\sigma(A)", samples=_samples_svdvals)
def svdvals(a: Any) -> Any:
    """Singular values. One that is zero has gradient zero.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., m, n)``.

    Returns
    -------
    Tensor
        ``(..., min(m, n))``, in descending order.

    Raises
    ------
    ValueError
        If there is no last axis but one.

    Examples
    --------
    >>> from autograd import Tensor, svdvals
    >>> svdvals(Tensor([[2.0], [0.0]])).tolist()
    [2.0]
    """
    return np.linalg.svd(a, compute_uv=False)
