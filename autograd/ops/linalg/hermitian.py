"""Decompositions of symmetric and Hermitian matrices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.ops.linalg.inverses import solve
from autograd.ops.linalg.matrices import (
    adjoint,
    as_diagonal,
    as_row,
    conj,
    diagonal,
    eye,
    lower,
    real_part,
    reciprocal_gaps,
    symmetric_sample,
    transposed,
)
from autograd.ops.shape import concatenate
from autograd.primitives import custom
from autograd.samples import Sample, array

__all__ = ["cholesky", "eigh", "eigvalsh"]


def _half(x: Any) -> Any:
    """The lower triangle with half of the diagonal."""
    return lower(x) - 0.5 * eye(x) * x


def _mean(x: Any) -> Any:
    """The Hermitian part."""
    return 0.5 * (x + adjoint(x))


def _cholesky_back(ct: Any, a: Any, out: Any) -> Any:
    inner = solve(transposed(out), _half(transposed(out) @ ct))  # L^-T P, of which P conj(L)^-1 is the mirror image
    return _mean(transposed(solve(adjoint(out), transposed(inner))))


def _cholesky_tangent(tangents: Any, a: Any, out: Any) -> Any:
    inner = solve(out, _mean(tangents[0]))
    return out @ _half(adjoint(solve(out, adjoint(inner))))


def _samples_cholesky() -> Iterable[Sample]:
    inputs = (symmetric_sample(3), symmetric_sample(2, 2, 1), symmetric_sample(3, dtype=complex), array(0, 0))
    return [Sample((x,)) for x in inputs]


@custom(
    vjps=(_cholesky_back,),
    jvp=_cholesky_tangent,
    symbol="chol",
    formula=r"L,\; L L^* = A",
    samples=_samples_cholesky,
)
def cholesky(a: Any) -> Any:
    """The lower triangle whose product with its adjoint is a positive definite matrix.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``, symmetric or Hermitian; of other matrices that part is taken.

    Returns
    -------
    Tensor
        Of the same shape, with a positive diagonal.

    Raises
    ------
    ValueError
        If the matrices are not square, or (``numpy.linalg.LinAlgError``) one is not positive definite.

    Notes
    -----
    The gradient is symmetric (Hermitian) itself, so that a step along it keeps a matrix so.

    Examples
    --------
    >>> from autograd import Tensor, cholesky
    >>> cholesky(Tensor([[4.0, 2.0], [2.0, 10.0]])).tolist()
    [[2.0, 0.0], [1.0, 3.0]]
    """
    return np.linalg.cholesky(0.5 * (a + np.conj(np.swapaxes(a, -1, -2))))


# ---------------------------------------------------------------------------------------------------------------------
# Eigenvalues and eigenvectors
# ---------------------------------------------------------------------------------------------------------------------


def _triangle(x: Any, UPLO: str) -> Any:
    """Lower or upper triangle, without the diagonal."""
    return lower(x, -1) if UPLO.upper() == "L" else x - lower(x)


def _completed(x: Any, UPLO: str) -> Any:
    """The Hermitian matrix of which one triangle is read."""
    half = _triangle(x, UPLO)
    return half + adjoint(half) + real_part(x * eye(x))


def _collected(ct: Any, UPLO: str) -> Any:
    """The transpose of :func:`_completed`."""
    return _triangle(ct + adjoint(ct), UPLO) + real_part(ct * eye(ct))


def _parts(out: Any) -> tuple[Any, Any]:
    return real_part(out[..., 0, :]), out[..., 1:, :]


def _eigh_back(ct: Any, a: Any, out: Any, *, UPLO: str) -> Any:
    w, v = _parts(out)
    w_ct, v_ct = _parts(ct)
    if isinstance(v_ct, np.ndarray) and not v_ct.any():  # the values alone were used
        return _collected((conj(v) * as_row(w_ct)) @ transposed(v), UPLO)
    inner = as_diagonal(w_ct) + reciprocal_gaps(w) * (transposed(v) @ v_ct)
    return _collected(conj(v) @ inner @ transposed(v), UPLO)


def _eigh_tangent(tangents: Any, a: Any, out: Any, *, UPLO: str) -> Any:
    w, v = _parts(out)
    inner = adjoint(v) @ _completed(tangents[0], UPLO) @ v
    return _joined(real_part(diagonal(inner)), v @ (reciprocal_gaps(w) * inner))


def _joined(values: Any, vectors: Any) -> Any:
    return concatenate([as_row(values), vectors], -2)


def _samples_eigh() -> Iterable[Sample]:
    inputs = (symmetric_sample(3), symmetric_sample(2, 2, 1), symmetric_sample(1), array(0, 0))
    return [Sample((x,), {"UPLO": which}) for x in inputs for which in "LU"]


@custom(
    vjps=(_eigh_back,),
    jvp=_eigh_tangent,
    symbol="eigh",
    formula=r"\lambda, V,\; A V = V \operatorname{diag}(\lambda)",
    samples=_samples_eigh,
)
def eigh(a: Any, UPLO: Any = "L") -> Any:
    """Eigenvalues and eigenvectors of symmetric or Hermitian matrices, in one array.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``.
    UPLO : {"L", "U"}
        Which triangle is read. Only that has a gradient.

    Returns
    -------
    Tensor
        ``(..., n + 1, n)``: the eigenvalues in ascending order, and below each its eigenvector.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Notes
    -----
    Eigenvectors are determined but for their sign, or for complex ones their phase, which is held: the derivative of
    a vector is orthogonal to it. Only functions that do not depend on the phase have a meaningful gradient then.
    Vectors of equal eigenvalues do not turn into each other (see ``autograd.ops.linalg``).

    Examples
    --------
    >>> from autograd import Tensor, eigh
    >>> eigh(Tensor([[2.0, 0.0], [0.0, 1.0]]))[0].tolist()
    [1.0, 2.0]
    """
    w, v = np.linalg.eigh(a, UPLO)
    return np.concatenate([w[..., None, :].astype(v.dtype), v], -2)


def _eigvalsh_back(ct: Any, a: Any, out: Any, *, UPLO: str) -> Any:
    v = eigh(a, UPLO)[..., 1:, :]
    return _collected((conj(v) * as_row(ct)) @ transposed(v), UPLO)


def _eigvalsh_tangent(tangents: Any, a: Any, out: Any, *, UPLO: str) -> Any:
    v = eigh(a, UPLO)[..., 1:, :]
    return real_part(diagonal(adjoint(v) @ _completed(tangents[0], UPLO) @ v))


def _samples_eigvalsh() -> Iterable[Sample]:
    return [*_samples_eigh(), *(Sample((symmetric_sample(3, dtype=complex),), {"UPLO": which}) for which in "LU")]


@custom(
    vjps=(_eigvalsh_back,),
    jvp=_eigvalsh_tangent,
    symbol="eigvalsh",
    formula=r"\lambda(A)",
    samples=_samples_eigvalsh,
)
def eigvalsh(a: Any, UPLO: Any = "L") -> Any:
    """Eigenvalues of symmetric or Hermitian matrices.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``.
    UPLO : {"L", "U"}
        Which triangle is read. Only that has a gradient.

    Returns
    -------
    Tensor
        ``(..., n)``, real, in ascending order.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Examples
    --------
    >>> from autograd import Tensor, eigvalsh
    >>> eigvalsh(Tensor([[2.0, 0.0], [0.0, 1.0]])).tolist()
    [1.0, 2.0]
    """
    return np.linalg.eigvalsh(a, UPLO)
