"""Inverses, and solutions of linear equations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.ops.linalg.matrices import adjoint, as_column, conj, eye, shape, transposed
from autograd.primitives import custom
from autograd.samples import Sample, array

__all__ = ["inv", "lstsq", "pinv", "solve"]


def _regular(n: int, *batch: int, seed: int = 0) -> Any:
    return array(*batch, n, n, seed=seed) + 3 * np.eye(n)


def _samples() -> Iterable[Sample]:
    z = _regular(3) + 1j * array(3, 3, seed=1)
    return [Sample((x,)) for x in (_regular(3), _regular(2, 2, 1), z, array(1, 1), array(0, 0), array(0, 2, 2))]


@custom(
    vjps=(lambda ct, a, out: -(transposed(out) @ ct @ transposed(out)),),
    jvp=lambda tangents, a, out: -(out @ tangents[0] @ out),
    symbol="inv",
    formula=r"A^{-1}",
    samples=_samples,
)
def inv(a: Any) -> Any:
    """Inverse of square matrices.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``.

    Returns
    -------
    Tensor
        Of the same shape.

    Raises
    ------
    ValueError
        If the matrices are not square, or (``numpy.linalg.LinAlgError``) one is singular.

    Examples
    --------
    >>> from autograd import Tensor, inv
    >>> inv(Tensor([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    return np.linalg.inv(a)


# ---------------------------------------------------------------------------------------------------------------------
# Solutions of equations: a vector on the right is a column whose axis disappears again
# ---------------------------------------------------------------------------------------------------------------------


def _columns(x: Any, b: Any) -> Any:
    return as_column(x) if len(shape(b)) == 1 else x


def _like(x: Any, b: Any) -> Any:
    return x[..., 0] if len(shape(b)) == 1 else x


def _solved(a: Any, ct: Any, b: Any) -> Any:
    """The cotangent of the right side, as columns."""
    return solve(transposed(a), _columns(ct, b))


def _solve_by_matrix(ct: Any, a: Any, b: Any, out: Any) -> Any:
    return -(_solved(a, ct, b) @ transposed(_columns(out, b)))


def _solve_tangent(tangents: Any, a: Any, b: Any, out: Any) -> Any:
    along_a, along_b = tangents
    right = 0.0 if along_b is None else _columns(along_b, b)
    if along_a is not None:
        right = right - along_a @ _columns(out, b)
    return _like(solve(a, right), b)


def _samples_solve() -> Iterable[Sample]:
    z = _regular(3) + 1j * array(3, 3, seed=1)
    pairs = [
        (_regular(3), array(3, seed=1)),
        (_regular(3), array(3, 2, seed=1)),
        (_regular(3, 2), array(3, seed=1)),
        (_regular(3, 2, 1), array(4, 3, 2, seed=1)),
        (_regular(3), array(2, 3, 1, seed=1)),
        (z, array(3, seed=2)),
        (_regular(3), z),
        (array(0, 0), array(0, 2)),
    ]
    return [Sample(pair) for pair in pairs]


@custom(
    vjps=(_solve_by_matrix, lambda ct, a, b, out: _like(_solved(a, ct, b), b)),
    jvp=_solve_tangent,
    symbol="solve",
    formula=r"A^{-1} b",
    samples=_samples_solve,
)
def solve(a: Any, b: Any) -> Any:
    """The solution of linear equations, ``a @ x = b``.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``.
    b : Tensor or array_like
        A vector ``(n,)``, or columns ``(..., n, k)``; the leading axes broadcast.

    Returns
    -------
    Tensor
        ``(..., n)`` or ``(..., n, k)``.

    Raises
    ------
    ValueError
        If the shapes do not fit, or (``numpy.linalg.LinAlgError``) a matrix is singular.

    Examples
    --------
    >>> from autograd import Tensor, solve
    >>> solve(Tensor([[2.0, 0.0], [0.0, 4.0]]), [2.0, 2.0]).tolist()
    [1.0, 0.5]
    """
    return np.linalg.solve(a, b) if np.ndim(b) != 1 else np.linalg.solve(a, np.asarray(b)[:, None])[..., 0]


# ---------------------------------------------------------------------------------------------------------------------
# Without an inverse: for matrices of any shape, whose rank does not change
# ---------------------------------------------------------------------------------------------------------------------


def _remainders(a: Any, inverse: Any) -> tuple[Any, Any]:
    """The projections onto what is orthogonal to the columns of a matrix, and to its rows."""
    rows, columns = shape(a)[-2:]
    return eye(a, rows) - a @ inverse, eye(a, columns) - inverse @ a


def _pinv_back(ct: Any, a: Any, out: Any, **settings: Any) -> Any:
    left, right = _remainders(a, out)
    back = transposed(ct)
    return (
        conj(left @ back @ out @ adjoint(out))
        + conj(adjoint(out) @ out @ back @ right)
        - transposed(out) @ ct @ transposed(out)
    )


def _pinv_tangent(tangents: Any, a: Any, out: Any, **settings: Any) -> Any:
    left, right = _remainders(a, out)
    back = adjoint(tangents[0])
    return out @ adjoint(out) @ back @ left + right @ back @ adjoint(out) @ out - out @ tangents[0] @ out


def _samples_pinv() -> Iterable[Sample]:
    z = array(2, 3) + 1j * array(2, 3, seed=1)
    inputs = (array(3, 3), array(2, 3), array(3, 2), array(2, 3, 2), z, array(0, 2))
    return [Sample((x,), {"rcond": 1e-15, "hermitian": False}) for x in inputs]


@custom(
    vjps=(_pinv_back,),
    jvp=_pinv_tangent,
    symbol="pinv",
    formula=r"A^{+}",
    samples=_samples_pinv,
)
def pinv(a: Any, rcond: Any = 1e-15, hermitian: bool = False) -> Any:
    """Pseudo-inverse of matrices of any shape.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., m, n)``.
    rcond : float or array_like
        Singular values smaller than this times the largest one count as zero.
    hermitian : bool
        Use that the matrices are Hermitian.

    Returns
    -------
    Tensor
        ``(..., n, m)``.

    Notes
    -----
    The derivative is that among matrices of the same rank; where the rank is not full it may change, and the
    pseudo-inverse then jumps.

    Examples
    --------
    >>> from autograd import Tensor, pinv
    >>> pinv(Tensor([[2.0], [0.0]])).tolist()
    [[0.5, 0.0]]
    """
    return np.linalg.pinv(a, rcond, hermitian)


def _residual(a: Any, b: Any, out: Any) -> tuple[Any, Any]:
    """What is left of the right side, and the solution, as columns."""
    x = _columns(out, b)
    return _columns(b, b) - a @ x, x


def _lstsq_by_matrix(ct: Any, a: Any, b: Any, out: Any, *, rcond: Any) -> Any:
    inverse = pinv(a, _cutoff(a, rcond))
    rest, x = _residual(a, b, out)
    _, right = _remainders(a, inverse)
    ct = _columns(ct, b)
    back = transposed(ct)
    return (
        conj(rest @ (back @ inverse @ adjoint(inverse)))
        + conj((adjoint(inverse) @ x) @ (back @ right))
        - (transposed(inverse) @ ct) @ transposed(x)
    )


def _lstsq_by_right(ct: Any, a: Any, b: Any, out: Any, *, rcond: Any) -> Any:
    return _like(transposed(pinv(a, _cutoff(a, rcond))) @ _columns(ct, b), b)


def _lstsq_tangent(tangents: Any, a: Any, b: Any, out: Any, *, rcond: Any) -> Any:
    along_a, along_b = tangents
    inverse = pinv(a, _cutoff(a, rcond))
    total = 0.0 if along_b is None else inverse @ _columns(along_b, b)
    if along_a is not None:
        rest, x = _residual(a, b, out)
        _, right = _remainders(a, inverse)
        back = adjoint(along_a)
        total = total - inverse @ (along_a @ x)
        total = total + inverse @ (adjoint(inverse) @ (back @ rest)) + right @ (back @ (adjoint(inverse) @ x))
    return _like(total, b)


def _cutoff(a: Any, rcond: Any) -> Any:
    """Below which part of the largest singular value the others count as zero."""
    if rcond is None:
        return max(shape(a)[-2:]) * float(np.finfo(eye(a, 0).dtype).eps)
    return rcond if rcond >= 0 else float(np.finfo(eye(a, 0).dtype).eps)


def _samples_lstsq() -> Iterable[Sample]:
    z = array(4, 2) + 1j * array(4, 2, seed=1)
    pairs = [
        (array(4, 2), array(4, seed=1)),
        (array(4, 2), array(4, 3, seed=1)),
        (array(2, 4), array(2, 2, seed=1)),
        (array(3, 3), array(3, seed=1)),
        (z, array(4, seed=1)),
        (array(4, 2), z),
        (array(4, 2), array(4, 0)),
    ]
    return [Sample(pair, {"rcond": None}) for pair in pairs]


@custom(
    vjps=(_lstsq_by_matrix, _lstsq_by_right),
    jvp=_lstsq_tangent,
    symbol="lstsq",
    formula=r"A^{+} b",
    samples=_samples_lstsq,
)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """The solution of linear equations in the least-squares sense: what makes ``norm(a @ x - b)`` smallest.

    Parameters
    ----------
    a : Tensor or array_like
        ``(m, n)``.
    b : Tensor or array_like
        ``(m,)`` or ``(m, k)``.
    rcond : float, optional
        Singular values of ``a`` smaller than this times the largest one count as zero.

    Returns
    -------
    Tensor
        ``(n,)`` or ``(n, k)``, where there are several solutions the shortest.

    Notes
    -----
    The derivative is that among matrices of the same rank.

    Examples
    --------
    >>> from autograd import Tensor, lstsq
    >>> lstsq(Tensor([[2.0], [0.0]]), [4.0, 1.0]).tolist()
    [2.0]
    """
    return np.linalg.lstsq(a, b, rcond)[0]
