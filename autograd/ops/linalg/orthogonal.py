"""The decomposition into orthogonal columns and a triangle."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.ops.linalg.inverses import solve
from autograd.ops.linalg.matrices import (
    adjoint,
    as_diagonal,
    conj,
    diagonal,
    imaginary,
    lower,
    shape,
    times_i,
    transposed,
)
from autograd.ops.shape import concatenate
from autograd.primitives import custom
from autograd.samples import Sample, array

__all__ = ["qr"]


def _parts(out: Any) -> tuple[Any, Any]:
    both, columns = shape(out)[-2:]
    return out[..., : both - columns, :], out[..., both - columns :, :]


def _turning(x: Any) -> Any:
    """The anti-Hermitian matrix that a matrix is but for an upper triangle with a real diagonal.

    R has a real diagonal, also that of a complex matrix.
    """
    return lower(x, -1) - adjoint(lower(x, -1)) + _phases(x)


def _phases(x: Any) -> Any:
    phases = times_i(imaginary(diagonal(x)))
    return phases if isinstance(phases, float) else as_diagonal(phases)


def _by_triangle(x: Any, r: Any) -> Any:
    """``x @ inv(r)``."""
    return transposed(solve(transposed(r), transposed(x)))


def _qr_back(ct: Any, a: Any, out: Any) -> Any:
    q, r = _parts(out)
    q_ct, r_ct = _parts(ct)
    of_triangle, along = r_ct @ transposed(r), transposed(q) @ q_ct
    rest = along - of_triangle
    inner = of_triangle + lower(rest - adjoint(rest), -1) + _phases(rest)
    return transposed(solve(r, transposed(q_ct + conj(q) @ (inner - along))))


def _qr_tangent(tangents: Any, a: Any, out: Any) -> Any:
    q, r = _parts(out)
    moved = _by_triangle(tangents[0], r)
    inner = adjoint(q) @ moved
    turned = _turning(inner)
    return concatenate([moved + q @ (turned - inner), (inner - turned) @ r], -2)


def _samples() -> Iterable[Sample]:
    z = array(3, 2) + 1j * array(3, 2, seed=1)
    square = array(2, 2) + 1j * array(2, 2, seed=1)
    return [Sample((x,)) for x in (array(3, 3), array(4, 2), array(2, 1, 3, 2), z, square, array(1, 1), array(3, 0))]


@custom(
    vjps=(_qr_back,),
    jvp=_qr_tangent,
    symbol="qr",
    formula=r"Q, R,\; A = Q R",
    samples=_samples,
)
def qr(a: Any) -> Any:
    """Orthonormal columns and the upper triangle whose product a matrix is, in one array.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., m, n)`` with ``m >= n``, of rank ``n``.

    Returns
    -------
    Tensor
        ``(..., m + n, n)``: ``Q``, and below it ``R``, whose diagonal is real.

    Raises
    ------
    ValueError
        If there are more columns than rows.

    Notes
    -----
    Of a matrix whose columns depend on each other there is no gradient.

    Examples
    --------
    >>> from autograd import Tensor, qr
    >>> qr(Tensor([[0.0, 1.0], [2.0, 3.0]])).tolist()
    [[0.0, -1.0], [-1.0, 0.0], [-2.0, -3.0], [0.0, -1.0]]
    """
    if a.shape[-2] < a.shape[-1]:
        raise ValueError("expected as many rows as columns, or more; decompose the first columns")
    return np.concatenate(np.linalg.qr(a), -2)
