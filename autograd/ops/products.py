"""Matrix products."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.shape import reshape, swapaxes
from autograd.primitive import multilinear, raw
from autograd.samples import Sample, array

__all__ = ["matmul"]


def _ndim(x: Any) -> int:
    return len(shape_of(raw(x, "matmul")))


def _column(x: Any) -> Any:
    return reshape(x, (*shape_of(raw(x, "matmul")), 1))


def _row(x: Any) -> Any:
    shape = shape_of(raw(x, "matmul"))
    return reshape(x, (*shape[:-1], 1, shape[-1]))


# A vector takes part in a product as a row (left) or a column (right) whose extra axis then disappears again; giving
# the cotangent that axis back leaves one formula for all ranks: dA = G Bᵀ, dB = Aᵀ G. Batch axes are un-broadcast
# elsewhere.


def _by_left(ct: Any, a: Any, b: Any, out: Any) -> Any:
    if _ndim(b) == 1:
        return _column(ct) * b if _ndim(a) > 1 else ct * b
    g = _row(ct) if _ndim(a) == 1 else ct
    product = matmul(g, swapaxes(b, -1, -2))
    return product[..., 0, :] if _ndim(a) == 1 else product


def _by_right(ct: Any, a: Any, b: Any, out: Any) -> Any:
    if _ndim(a) == 1:
        return _row(ct) * _column(a) if _ndim(b) > 1 else ct * a
    g = _column(ct) if _ndim(b) == 1 else ct
    product = matmul(swapaxes(a, -1, -2), g)
    return product[..., 0] if _ndim(b) == 1 else product


def _samples() -> Iterable[Sample]:
    return [
        Sample((array(3), array(3, seed=1))),
        Sample((array(2, 3), array(3, seed=1))),
        Sample((array(3), array(3, 2, seed=1))),
        Sample((array(2, 3), array(3, 4, seed=1))),
        Sample((array(5, 2, 3), array(3, seed=1))),
        Sample((array(3), array(5, 3, 2, seed=1))),
        Sample((array(5, 2, 3), array(3, 4, seed=1))),
        Sample((array(2, 3), array(5, 3, 4, seed=1))),
        Sample((array(5, 1, 2, 3), array(4, 3, 2, seed=1))),
        Sample((array(1, 1), array(1, 1, seed=1))),
        Sample((array(0, 3), array(3, 2, seed=1))),
        Sample((array(2, 0), array(0, 3))),
    ]


@multilinear(transposes=(_by_left, _by_right), symbol="@", formula="x_1 x_2", samples=_samples)
def matmul(x1: Any, x2: Any) -> Any:
    """Matrix product, with NumPy's rules for vectors and for stacks of matrices.

    Parameters
    ----------
    x1, x2 : Tensor or array_like
        Of one or more axes: ``(..., n, k)`` and ``(..., k, m)``, whose leading axes broadcast; a vector counts as a row
        on the left and as a column on the right.

    Returns
    -------
    Tensor
        ``(..., n, m)``, without the axis of a vector.

    Raises
    ------
    ValueError
        If the inner lengths differ, or one input is a scalar.

    Examples
    --------
    >>> from autograd import Tensor
    >>> matmul(Tensor([[1.0, 2.0]]), Tensor([3.0, 4.0])).tolist()
    [11.0]
    """
    return np.matmul(x1, x2)
