"""SciPy's linear algebra on tensors: matrix functions and equations, and what it has in common with NumPy.

Functions that are not listed here are SciPy's own, for plain values. What only says how SciPy may use memory and check
its arguments (``overwrite_a``, ``check_finite``) is accepted and of no effect on tensors.

Examples
--------
>>> import numpy as np
>>> from autograd import grad
>>> from autograd.scipy.linalg import expm
>>> grad(lambda a: expm(a).sum())(np.zeros((2, 2))).tolist()
[[1.0, 1.0], [1.0, 1.0]]
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as _linalg

from autograd._values import dtype_of, shape_of
from autograd.ops import concatenate, conjugate, getitem, pad, reshape, swapaxes
from autograd.scipy._declaring import implements, plain
from autograd.scipy.linalg import _banded, _equations, _functions

__all__ = [
    "block_diag",
    "cho_factor",
    "cho_solve",
    "cholesky",
    "det",
    "expm",
    "inv",
    "norm",
    "solve",
    "solve_banded",
    "solve_sylvester",
    "solve_triangular",
    "sqrtm",
    "toeplitz",
]


@implements(_linalg.expm)
def expm(A: Any) -> Any:
    """Matrix exponential."""
    return _functions.expm(A)


@implements(_linalg.sqrtm)
def sqrtm(A: Any, disp: Any = True, blocksize: Any = None) -> Any:
    """Principal square root of a matrix; ``disp`` and ``blocksize`` are of no effect."""
    if not disp:
        raise TypeError("sqrtm of a tensor gives the root alone; leave disp out")
    return _functions.sqrtm(A)


@implements(_linalg.solve_sylvester)
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The matrix X with ``a @ X + X @ b == q``."""
    return _equations.solve_sylvester(a, b, q)


@implements(_linalg.solve_triangular)
def solve_triangular(
    a: Any,
    b: Any,
    trans: Any = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """The solution of ``a @ x == b`` for a triangular matrix."""
    return _equations.solve_triangular(a, b, trans, bool(lower), bool(unit_diagonal))


@implements(_linalg.solve_banded)
def solve_banded(
    l_and_u: Any,
    ab: Any,
    b: Any,
    overwrite_ab: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    """The solution of ``a @ x == b`` for a banded matrix, given by its diagonals."""
    return _banded.solve_with_bands(ab, b, l_and_u=tuple(l_and_u))


@implements(_linalg.inv)
def inv(a: Any, overwrite_a: bool = False, check_finite: bool = True, **assumed: Any) -> Any:
    """Inverse."""
    return np.linalg.inv(a)


@implements(_linalg.det)
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Determinant."""
    return np.linalg.det(a)


@implements(_linalg.norm)
def norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    """Norm of a matrix or vector."""
    return np.linalg.norm(a, ord, axis, keepdims)


def _symmetric(a: Any, lower: bool, conjugated: bool) -> Any:
    """The matrix of which one triangle is given."""
    n = shape_of(plain(a))[-1]
    kept = np.tri(n) if lower else np.tri(n).T
    half = a * (kept - np.eye(n) / 2).astype(dtype_of(plain(a)))
    other = swapaxes(half, -1, -2)
    return half + (conjugate(other) if conjugated else other)


@implements(_linalg.solve)
def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
    assume_a: str | None = None,
    transposed: bool = False,
) -> Any:
    """The solution of ``a @ x == b``; of a matrix assumed symmetric or triangular one triangle is read."""
    kind = {"symmetric": "sym", "hermitian": "her", "positive definite": "pos"}.get(assume_a or "gen", assume_a)
    if kind in ("sym", "her", "pos"):
        a = _symmetric(a, lower, kind != "sym")
    elif kind in ("upper triangular", "lower triangular"):
        return solve_triangular(a, b, 1 if transposed else 0, lower=kind == "lower triangular")
    return np.linalg.solve(swapaxes(a, -1, -2) if transposed else a, b)


@implements(_linalg.cholesky)
def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Cholesky factor: by default the upper one, with ``a == c.conj().T @ c``. One triangle of ``a`` is read."""
    factor = np.linalg.cholesky(_symmetric(a, lower, conjugated=True))
    return factor if lower else conjugate(swapaxes(factor, -1, -2))


@implements(_linalg.cho_factor)
def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """Cholesky factor and which it is, for :func:`cho_solve`; the other triangle is 0."""
    return cholesky(a, lower=lower), lower


@implements(_linalg.cho_solve)
def cho_solve(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    """The solution of ``a @ x == b`` for the matrix whose Cholesky factor is given."""
    factor, lower = c_and_lower
    half = solve_triangular(factor, b, 0 if lower else 2, lower=lower)
    return solve_triangular(factor, half, 2 if lower else 0, lower=lower)


@implements(_linalg.block_diag)
def block_diag(*arrs: Any) -> Any:
    """A matrix with these along its diagonal and 0 elsewhere; vectors count as rows."""
    blocks = [x if np.ndim(plain(x)) else reshape(x, (1, 1)) for x in arrs]
    blocks = [reshape(x, (1, -1)) if np.ndim(plain(x)) == 1 else x for x in blocks]
    width = sum(np.shape(plain(x))[1] for x in blocks)
    rows, start = [], 0
    for block in blocks:
        end = start + np.shape(plain(block))[1]
        rows.append(pad(block, ((0, 0), (start, width - end))))
        start = end
    return concatenate(rows, axis=0)


@implements(_linalg.toeplitz)
def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix with constant diagonals, first column ``c`` and first row ``r``, by default conj(c)."""
    c = reshape(c, (-1,))
    r = conjugate(c) if r is None else reshape(r, (-1,))
    rows, cols = np.size(plain(c)), np.size(plain(r))
    return getitem(concatenate([r[:0:-1], c]), np.arange(rows)[:, None] + np.arange(cols - 1, -1, -1))


def __getattr__(name: str) -> Any:
    return getattr(_linalg, name)  # for plain values
