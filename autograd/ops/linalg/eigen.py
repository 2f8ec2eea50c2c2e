"""Eigenvalues and eigenvectors of any square matrices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.ops.linalg.inverses import solve
from autograd.ops.linalg.matrices import (
    as_column,
    as_diagonal,
    as_row,
    conj,
    diagonal,
    real_part,
    reciprocal_gaps,
    transposed,
)
from autograd.ops.reductions import sum
from autograd.ops.shape import concatenate
from autograd.primitives import custom
from autograd.samples import Sample, array

__all__ = ["eig", "eigvals"]


def _parts(out: Any) -> tuple[Any, Any]:
    return out[..., 0, :], out[..., 1:, :]


# A vector is of length 1, so that what it moves by has no real part along it.


def _eig_back(ct: Any, a: Any, out: Any) -> Any:
    w, v = _parts(out)
    w_ct, v_ct = _parts(ct)
    v_ct = v_ct - conj(v) * as_row(real_part(sum(v * v_ct, axis=-2)))
    inner = as_diagonal(w_ct) + reciprocal_gaps(w) * (transposed(v) @ v_ct)
    return solve(transposed(v), inner @ transposed(v))


def _eig_tangent(tangents: Any, a: Any, out: Any) -> Any:
    w, v = _parts(out)
    inner = solve(v, tangents[0] @ v)
    moved = v @ (reciprocal_gaps(w) * inner)
    moved = moved - v * as_row(real_part(sum(conj(v) * moved, axis=-2)))
    return concatenate([as_row(diagonal(inner)), moved], -2)


def _with_real_eigenvalues(*batch: int) -> Any:
    return 0.1 * array(*batch, 3, 3) + np.diag([1.0, 2.0, 4.0])


def _samples() -> Iterable[Sample]:
    return [Sample((x,)) for x in (_with_real_eigenvalues(), _with_real_eigenvalues(2, 1), array(1, 1), array(0, 0))]


@custom(
    vjps=(_eig_back,),
    jvp=_eig_tangent,
    symbol="eig",
    formula=r"\lambda, V,\; A V = V \operatorname{diag}(\lambda)",
    samples=_samples,
)
def eig(a: Any) -> Any:
    """Eigenvalues and eigenvectors of square matrices, in one array.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``, diagonalisable.

    Returns
    -------
    Tensor
        ``(..., n + 1, n)``: the eigenvalues, and below each its eigenvector, of length 1. Complex, unless the matrices
        are real and all eigenvalues are.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Notes
    -----
    The phase of an eigenvector is a choice that its derivative does not follow; only functions that do not depend on it
    have a meaningful gradient. Vectors of equal eigenvalues do not turn into each other (see ``autograd.ops.linalg``).
    Of a matrix that has no basis of eigenvectors there is no gradient.

    Examples
    --------
    >>> from autograd import Tensor, eig
    >>> eig(Tensor([[2.0, 0.0], [0.0, 1.0]]))[0].tolist()
    [2.0, 1.0]
    """
    w, v = np.linalg.eig(a)
    return np.concatenate([w[..., None, :].astype(v.dtype), v], -2)


def _eigvals_back(ct: Any, a: Any, out: Any) -> Any:
    v = eig(a)[..., 1:, :]
    return solve(transposed(v), as_column(ct) * transposed(v))


def _eigvals_tangent(tangents: Any, a: Any, out: Any) -> Any:
    v = eig(a)[..., 1:, :]
    return diagonal(solve(v, tangents[0] @ v))


def _samples_eigvals() -> Iterable[Sample]:
    z = _with_real_eigenvalues() + 0.1j * array(3, 3, seed=1)
    return [*_samples(), Sample((z,))]


@custom(vjps=(_eigvals_back,), jvp=_eigvals_tangent, symbol="eigvals", formula=r"\lambda(A)", samples=_samples_eigvals)
def eigvals(a: Any) -> Any:
    """Eigenvalues of square matrices.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``, diagonalisable.

    Returns
    -------
    Tensor
        ``(..., n)``, in no particular order. Complex, unless the matrices are real and all eigenvalues are.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Examples
    --------
    >>> from autograd import Tensor, eigvals
    >>> eigvals(Tensor([[2.0, 1.0], [0.0, 1.0]])).tolist()
    [2.0, 1.0]
    """
    return np.linalg.eigvals(a)
