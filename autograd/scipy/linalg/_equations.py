"""Equations between matrices: Sylvester's, and those with a triangular matrix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.linalg as _linalg

from autograd._values import shape_of
from autograd.ops import conjugate, matmul, reshape, swapaxes, where
from autograd.primitives import custom
from autograd.samples import Sample, array
from autograd.scipy._declaring import plain

__all__ = ["columns", "definite", "solve_sylvester", "solve_triangular", "total", "transposed"]


def transposed(x: Any) -> Any:
    """Matrices with rows and columns exchanged."""
    return swapaxes(x, -1, -2)


def columns(x: Any) -> Any:
    """A right side as a matrix, also where it is a vector."""
    shape = shape_of(plain(x))
    return reshape(x, (*shape, 1)) if len(shape) == 1 else x


def total(*terms: Any) -> Any:
    """The sum of those terms that are not None."""
    given = [term for term in terms if term is not None]
    return sum(given[1:], given[0])


def definite(n: int) -> Any:
    """A symmetric positive definite matrix, for samples."""
    root = array(n, n)
    return root @ root.T + np.eye(n)


def _samples_sylvester() -> Iterable[Sample]:
    return [
        Sample((definite(3), definite(2), array(3, 2))),
        Sample((definite(2) + 1j * array(2, 2) / 3, definite(2), array(2, 2))),
        Sample((array(1, 1) + 3, array(1, 1) + 4, array(1, 1))),
        Sample((array(0, 0), definite(2), array(0, 2))),
    ]


def _sylvester_back(index: int) -> Any:
    def vjp(ct: Any, a: Any, b: Any, q: Any, out: Any) -> Any:
        pulled = solve_sylvester(transposed(a), transposed(b), ct)
        if index == 0:
            return -matmul(pulled, transposed(out))
        return -matmul(transposed(out), pulled) if index == 1 else pulled

    return vjp


def _sylvester_tangent(tangents: Any, a: Any, b: Any, q: Any, out: Any) -> Any:
    da, db, dq = tangents
    change = total(dq, None if da is None else -matmul(da, out), None if db is None else -matmul(out, db))
    return solve_sylvester(a, b, change)


@custom(
    vjps=(_sylvester_back(0), _sylvester_back(1), _sylvester_back(2)),
    jvp=_sylvester_tangent,
    symbol="Sylvester",
    formula=r"x,\ x_1 x + x x_2 = x_3",
    samples=_samples_sylvester,
)
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The matrix X with ``a @ X + X @ b == q``.

    Parameters
    ----------
    a, b, q : Tensor or array_like
        ``(m, m)``, ``(n, n)`` and ``(m, n)``; no eigenvalue of ``a`` is one of ``-b``.

    Returns
    -------
    Tensor
        ``(m, n)``.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.linalg import solve_sylvester
    >>> solve_sylvester(Tensor([[1.0]]), [[2.0]], [[6.0]]).tolist()
    [[2.0]]
    """
    return _linalg.solve_sylvester(a, b, q)


_TRANSPOSE: dict[Any, int] = {0: 0, 1: 1, 2: 2, "N": 0, "T": 1, "C": 2}


def _samples_triangular() -> Iterable[Sample]:
    a, b = array(3, 3) + 3 * np.eye(3), array(3, 2, seed=1)
    z = a + 1j * array(3, 3, seed=2)
    return [
        *(Sample((a, b), {"trans": trans, "lower": lower}) for trans in (0, "T", "C") for lower in (False, True)),
        Sample((a / 3, b[:, 0]), {"unit_diagonal": True}),
        Sample((a / 3, b), {"unit_diagonal": True, "lower": True, "trans": 1}),
        *(Sample((z, b), {"trans": trans, "lower": True}) for trans in ("N", "T", "C")),
        Sample((z, b[:, 0] * 1j), {"trans": 2}),
        Sample((a, array(3, 0))),
    ]


def _triangle(x: Any, lower: bool, unit_diagonal: bool) -> Any:
    """The elements of a matrix that solving with it reads; 0 elsewhere."""
    n = shape_of(plain(x))[-1]
    read = np.tri(n, k=-1 if unit_diagonal else 0, dtype=bool)
    return where(read if lower else read.T, x, 0.0)


def _by_right_side(ct: Any, a: Any, b: Any, out: Any, *, trans: Any, lower: bool, unit_diagonal: bool) -> Any:
    settings = {"lower": lower, "unit_diagonal": unit_diagonal}
    match _TRANSPOSE[trans]:
        case 0:
            return solve_triangular(a, ct, 1, **settings)
        case 1:
            return solve_triangular(a, ct, 0, **settings)
        case _:  # the transpose of the adjoint is the conjugate
            return solve_triangular(conjugate(a), ct, 0, **settings)


def _by_triangle(ct: Any, a: Any, b: Any, out: Any, *, trans: Any, lower: bool, unit_diagonal: bool) -> Any:
    pulled = _by_right_side(ct, a, b, out, trans=trans, lower=lower, unit_diagonal=unit_diagonal)
    product = -matmul(columns(pulled), transposed(columns(out)))
    kind = _TRANSPOSE[trans]
    if kind:
        product = transposed(product)
    return _triangle(conjugate(product) if kind == 2 else product, lower, unit_diagonal)


def _triangular_tangent(
    tangents: Any, a: Any, b: Any, out: Any, *, trans: Any, lower: bool, unit_diagonal: bool
) -> Any:
    da, db = tangents
    change = None
    if da is not None:
        da = _triangle(da, lower, unit_diagonal)
        kind = _TRANSPOSE[trans]
        if kind:
            da = transposed(conjugate(da) if kind == 2 else da)
        change = -matmul(da, out)
    return solve_triangular(a, total(db, change), trans, lower=lower, unit_diagonal=unit_diagonal)


@custom(
    vjps=(_by_triangle, _by_right_side),
    jvp=_triangular_tangent,
    symbol="solve △",
    formula=r"x_1^{-1} x_2",
    samples=_samples_triangular,
)
def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """The solution of ``a @ x == b`` for a triangular matrix.

    Parameters
    ----------
    a : Tensor or array_like
        ``(n, n)``, of which one triangle is read; only that gets a gradient.
    b : Tensor or array_like
        ``(n,)`` or ``(n, k)``.
    trans : {0, 1, 2, "N", "T", "C"}
        Solve with the matrix, its transpose or its adjoint.
    lower : bool
        Which triangle.
    unit_diagonal : bool
        Take the diagonal to be 1, whatever is there.

    Returns
    -------
    Tensor
        Of the shape of ``b``.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the matrix is singular.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.linalg import solve_triangular
    >>> solve_triangular(Tensor([[2.0, 1.0], [0.0, 1.0]]), [4.0, 2.0]).tolist()
    [1.0, 2.0]
    """
    return _linalg.solve_triangular(a, b, trans, lower, unit_diagonal)
