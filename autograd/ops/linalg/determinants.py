"""Determinants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.ops.linalg.inverses import inv
from autograd.ops.linalg.matrices import (
    as_diagonal,
    diagonal,
    imaginary,
    real_part,
    shape,
    times_i,
    transposed,
)
from autograd.ops.reductions import sum
from autograd.ops.shape import reshape, stack
from autograd.primitives import custom
from autograd.samples import Sample, array

__all__ = ["cofactor", "cofactor_tangent", "det", "slogdet"]


def _over_matrices(x: Any) -> Any:
    """A number for each matrix, to multiply these by."""
    return reshape(x, (*shape(x), 1, 1))


def _trace(x: Any) -> Any:
    return sum(x, axis=(-1, -2))


def _singular() -> Any:
    """A matrix of rank n - 1."""
    x = array(3, 3)
    x[2] = 2 * x[0] - x[1]
    return x


def _samples() -> Iterable[Sample]:
    z = array(3, 3) + 1j * array(3, 3, seed=1)
    return [Sample((x,)) for x in (array(3, 3), array(2, 1, 2, 2), z, _singular(), array(1, 1), array(0, 0))]


# ---------------------------------------------------------------------------------------------------------------------
# The matrix of cofactors: the gradient of the determinant, which a singular matrix has as well
# ---------------------------------------------------------------------------------------------------------------------


def _in_singular_basis(a: Any) -> tuple[Any, Any, Any, Any]:
    """The determinant of both factors, the factors U and V^H, and all singular values."""
    u, s, vh = np.linalg.svd(a)
    return _over_matrices(np.linalg.det(u) * np.linalg.det(vh)), u, s, vh


def _products_without(s: Any) -> Any:
    """For each number the product of all others."""
    n = s.shape[-1]
    return np.prod(np.where(np.eye(n, dtype=bool), 1.0, s[..., None, :]), axis=-1).astype(s.dtype)


def _products_without_two(s: Any) -> Any:
    """For each two numbers the product of all others; 0 on the diagonal."""
    n = s.shape[-1]
    left_out = np.eye(n, dtype=bool)
    left_out = left_out[:, None] | left_out
    products = np.prod(np.where(left_out, 1.0, s[..., None, None, :]), axis=-1)
    return (products * (1 - np.eye(n))).astype(s.dtype)


def _third(a: Any, h: Any, k: Any) -> Any:
    """The third derivative of the determinant along two directions, which may change places.

    It is a polynomial as well, but written with an inverse.
    """
    inverse = transposed(inv(a))
    along_h, along_k = (_over_matrices(_trace(inverse * direction)) for direction in (h, k))
    by_h, by_k = (inverse @ transposed(direction) @ inverse for direction in (h, k))
    both = by_h @ transposed(k) @ inverse
    mixed = by_k @ transposed(h) @ inverse
    total = along_h * along_k * inverse - along_k * by_h - along_h * by_k + both + mixed
    return _over_matrices(det(a)) * (total - _over_matrices(_trace(by_k * h)) * inverse)


def _moved_tangent(tangents: Any, a: Any, direction: Any, out: Any) -> Any:
    along_a, along_direction = tangents
    total = None if along_a is None else _third(a, direction, along_a)
    if along_direction is None:
        return total
    moved = cofactor_tangent(a, along_direction)
    return moved if total is None else total + moved


def _by_direction(ct: Any, a: Any, h: Any, out: Any) -> Any:
    return cofactor_tangent(a, ct)


def _samples_moved() -> Iterable[Sample]:
    z = array(3, 3) + 1j * array(3, 3, seed=1)
    return [Sample((x, np.roll(x, 1, -1))) for x in (array(3, 3), array(2, 2, 2), z)]


@custom(
    vjps=(lambda ct, a, h, out: _third(a, h, ct), _by_direction),
    jvp=_moved_tangent,
    symbol="cof′",
    formula=r"\operatorname{cof}'(A) H",
    samples=_samples_moved,
)
def cofactor_tangent(a: Any, direction: Any) -> Any:
    """How the cofactors of a matrix change when it moves: the second derivative of the determinant.

    Parameters
    ----------
    a, direction : Tensor or array_like
        ``(..., n, n)``; the matrix may be singular.

    Returns
    -------
    Tensor
        Of the same shape.

    Notes
    -----
    Linear in the direction, and its own transpose. It is evaluated in the basis of singular vectors, where nothing is
    divided by; its own derivatives need an inverse.

    Examples
    --------
    >>> from autograd import Tensor, cofactor_tangent
    >>> cofactor_tangent(Tensor([[0.0, 0.0], [0.0, 0.0]]), [[1.0, 2.0], [3.0, 4.0]]).tolist()
    [[4.0, -3.0], [-2.0, 1.0]]
    """
    factor, u, s, vh = _in_singular_basis(a)
    w = _products_without_two(s)
    h = np.conj(transposed(u)) @ direction @ np.conj(transposed(vh))
    moved = as_diagonal((w @ diagonal(h)[..., None])[..., 0]) - w * transposed(h)
    return factor * (np.conj(u) @ moved @ np.conj(vh))


@custom(
    vjps=(lambda ct, a, out: cofactor_tangent(a, ct),),
    jvp=lambda tangents, a, out: cofactor_tangent(a, tangents[0]),
    symbol="cof",
    formula=r"\det(A) A^{-\top}",
    samples=lambda: [
        Sample((x,)) for x in (array(3, 3), array(2, 2, 2), array(3, 3) + 1j * array(3, 3, seed=1), array(0, 2, 2))
    ],
)
def cofactor(a: Any) -> Any:
    """The matrix of cofactors: what a small change of each element changes the determinant by.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``; may be singular.

    Returns
    -------
    Tensor
        Of the same shape: ``det(a) * inv(a).T`` for regular matrices.

    Examples
    --------
    >>> from autograd import Tensor, cofactor
    >>> cofactor(Tensor([[1.0, 2.0], [3.0, 4.0]])).data.round(9).tolist()
    [[4.0, -3.0], [-2.0, 1.0]]
    """
    eps = np.finfo(np.asarray(a).dtype).eps
    try:
        inverse = np.linalg.inv(a)
        if np.all(np.abs(a).sum((-1, -2)) * np.abs(inverse).sum((-1, -2)) < eps**-0.5):
            return _over_matrices(np.linalg.det(a)) * transposed(inverse)
    except np.linalg.LinAlgError:
        pass
    factor, u, s, vh = _in_singular_basis(a)
    return factor * ((np.conj(u) * _products_without(s)[..., None, :]) @ np.conj(vh))


@custom(
    vjps=(lambda ct, a, out: _over_matrices(ct) * cofactor(a),),
    jvp=lambda tangents, a, out: _trace(cofactor(a) * tangents[0]),
    symbol="det",
    formula=r"\det A",
    samples=_samples,
)
def det(a: Any) -> Any:
    """Determinant of square matrices. Its gradient is the matrix of cofactors, also where it is zero.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``.

    Returns
    -------
    Tensor
        ``(...)``.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Notes
    -----
    First and second derivatives are right for singular matrices, too; third ones need an inverse.

    Examples
    --------
    >>> from autograd import Tensor, det
    >>> round(det(Tensor([[1.0, 2.0], [3.0, 4.0]])).item(), 9)
    -2.0
    """
    return np.linalg.det(a)


# ---------------------------------------------------------------------------------------------------------------------
# Its sign and logarithm
# ---------------------------------------------------------------------------------------------------------------------


def _slogdet_back(ct: Any, a: Any, out: Any) -> Any:
    # The logarithm moves by the real part of tr(A^-1 dA), the sign turns by its imaginary part.
    turned = times_i(imaginary(ct[..., 0] * out[..., 0]))
    return _over_matrices(real_part(ct[..., 1]) + turned) * transposed(inv(a))


def _slogdet_tangent(tangents: Any, a: Any, out: Any) -> Any:
    moved = _trace(transposed(inv(a)) * tangents[0])
    turned = times_i(imaginary(moved)) * out[..., 0]
    return stack([turned, real_part(moved)], -1)


def _samples_slogdet() -> Iterable[Sample]:
    z = array(3, 3) + 1j * array(3, 3, seed=1)
    return [Sample((x,)) for x in (array(3, 3), array(2, 1, 2, 2), z, array(1, 1), array(0, 0))]


@custom(
    vjps=(_slogdet_back,),
    jvp=_slogdet_tangent,
    symbol="slogdet",
    formula=r"\ln \left|\det A\right|",
    samples=_samples_slogdet,
)
def slogdet(a: Any) -> Any:
    """Sign and logarithm of the absolute value of the determinant, in one array.

    Parameters
    ----------
    a : Tensor or array_like
        ``(..., n, n)``.

    Returns
    -------
    Tensor
        ``(..., 2)``: the sign (of a complex determinant, a number of absolute value 1), and the logarithm.

    Raises
    ------
    ValueError
        If the matrices are not square.

    Notes
    -----
    Of a singular matrix there is no gradient: the logarithm is -inf, and the backward pass raises
    ``numpy.linalg.LinAlgError``.

    Examples
    --------
    >>> from autograd import Tensor, slogdet
    >>> slogdet(Tensor([[-1.0, 0.0], [0.0, 1.0]])).tolist()
    [-1.0, 0.0]
    """
    return np.stack(np.linalg.slogdet(a), -1)
