"""Equations with a banded matrix.

Its diagonals are the rows of a smaller array, the uppermost first: where there are u of them above the main one,
element (i, j) is in row u + i - j and column j.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.linalg as _linalg

from autograd._values import shape_of
from autograd.ops import getitem, reshape, where
from autograd.ops import sum as sum_over
from autograd.primitives import custom
from autograd.samples import Sample, array
from autograd.scipy._declaring import plain
from autograd.scipy.linalg._equations import columns, total

__all__ = ["solve_with_bands"]


def _transpose(ab: Any, l_and_u: Any) -> Any:
    """The diagonals of the transposed matrix."""
    lower, upper = l_and_u
    n = shape_of(plain(ab))[-1]
    row = np.arange(lower + upper + 1)[:, None] - lower + np.arange(n)  # of the transposed matrix
    inside = (row >= 0) & (row < n)
    return where(inside, getitem(ab, (np.arange(lower + upper + 1)[::-1, None], np.where(inside, row, 0))), 0.0)


def _product(ab: Any, x: Any, l_and_u: Any) -> Any:
    """The banded matrix times a vector or columns."""
    lower, upper = l_and_u
    shape = shape_of(plain(x))
    diagonal = np.arange(lower + upper + 1)[:, None]
    column = upper - diagonal + np.arange(shape[0])  # which element of each diagonal meets a row
    inside = (column >= 0) & (column < shape[0])
    column = np.where(inside, column, 0)
    elements = where(inside, getitem(ab, (diagonal, column)), 0.0)
    return sum_over(reshape(elements, (*column.shape, *(1,) * (len(shape) - 1))) * getitem(x, column), axis=0)


def _by_right_side(ct: Any, ab: Any, b: Any, out: Any, *, l_and_u: Any) -> Any:
    return solve_with_bands(_transpose(ab, l_and_u), ct, l_and_u=l_and_u[::-1])


def _by_matrix(ct: Any, ab: Any, b: Any, out: Any, *, l_and_u: Any) -> Any:
    lower, upper = l_and_u
    pulled, solution = columns(_by_right_side(ct, ab, b, out, l_and_u=l_and_u)), columns(out)
    n = shape_of(plain(ab))[-1]
    row = np.arange(lower + upper + 1)[:, None] - upper + np.arange(n)
    inside = (row >= 0) & (row < n)
    return where(inside, -sum_over(getitem(pulled, np.where(inside, row, 0)) * solution, axis=-1), 0.0)


def _tangent(tangents: Any, ab: Any, b: Any, out: Any, *, l_and_u: Any) -> Any:
    along_ab, along_b = tangents
    change = None if along_ab is None else -_product(along_ab, out, l_and_u)
    return solve_with_bands(ab, total(along_b, change), l_and_u=l_and_u)


def _samples_banded() -> Iterable[Sample]:
    ab = array(3, 5) + np.array([[0.0], [6.0], [0.0]])
    wide = array(4, 5) + np.array([[0.0], [0.0], [7.0], [0.0]])
    return [
        Sample((ab, array(5, seed=1)), {"l_and_u": (1, 1)}),
        Sample((ab, array(5, 2, seed=1)), {"l_and_u": (1, 1)}),
        Sample((wide, array(5, 2, seed=1)), {"l_and_u": (1, 2)}),
        Sample((wide[1:], array(5, seed=1)), {"l_and_u": (1, 1)}),
        Sample((ab, array(5, 0)), {"l_and_u": (1, 1)}),
    ]


@custom(
    vjps=(_by_matrix, _by_right_side),
    jvp=_tangent,
    symbol="solve banded",
    formula=r"x_1^{-1} x_2",
    samples=_samples_banded,
)
def solve_with_bands(ab: Any, b: Any, l_and_u: Any) -> Any:
    """The solution of ``a @ x == b`` for a banded matrix.

    Parameters
    ----------
    ab : Tensor or array_like
        ``(l + u + 1, n)``, the diagonals of the matrix, the uppermost first.
    b : Tensor or array_like
        ``(n,)`` or ``(n, k)``.
    l_and_u : pair of int
        How many diagonals there are below and above the main one.

    Returns
    -------
    Tensor
        Of the shape of ``b``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.scipy.linalg import solve_banded
    >>> solve_banded((0, 0), Tensor([[2.0, 4.0]]), [2.0, 2.0]).tolist()
    [1.0, 0.5]
    """
    return _linalg.solve_banded(l_and_u, ab, b)
