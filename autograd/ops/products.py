"""Matrix products, and the affine map made of one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import ones, shape_of
from autograd.ops.shape import reshape, swapaxes, transpose
from autograd.primitives import custom, multilinear
from autograd.samples import Sample, array

__all__ = ["linear", "matmul"]


def _column(x: Any) -> Any:
    return reshape(x, (*x.shape, 1))


def _row(x: Any) -> Any:
    return reshape(x, (*x.shape[:-1], 1, x.shape[-1]))


# A vector takes part in a product as a row (left) or a column (right) whose extra axis then disappears again; giving
# the cotangent that axis back leaves one formula for all ranks: dA = G Bᵀ, dB = Aᵀ G. Batch axes are un-broadcast
# elsewhere. Where the other input is a matrix, a vector needs no such care.


def _by_left(ct: Any, a: Any, b: Any, out: Any) -> Any:
    if b.ndim == 2 and a.ndim <= 2:
        return ct @ b.T
    if b.ndim == 1:
        return _column(ct) * b if a.ndim > 1 else ct * b
    g = _row(ct) if a.ndim == 1 else ct
    product = matmul(g, swapaxes(b, -1, -2))
    return product[..., 0, :] if a.ndim == 1 else product


def _by_right(ct: Any, a: Any, b: Any, out: Any) -> Any:
    if a.ndim == 2 and b.ndim <= 2:
        return a.T @ ct
    if a.ndim == 1:
        return _row(ct) * _column(a) if b.ndim > 1 else ct * a
    g = _column(ct) if b.ndim == 1 else ct
    product = matmul(swapaxes(a, -1, -2), g)
    return product[..., 0] if b.ndim == 1 else product


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


# ---------------------------------------------------------------------------------------------------------------------
# Affine maps
# ---------------------------------------------------------------------------------------------------------------------


def _rows(x: Any) -> Any:
    """Any number of leading axes as one: a single product of matrices is faster than a stack of them."""
    shape = x.shape
    return x if len(shape) == 2 else reshape(x, (math.prod(shape[:-1]), shape[-1]))


def _by_rows(x: Any, w: Any) -> Any:
    """Every row of one array times every row of the other, ``x @ w.T``, in C order."""
    if 4 <= len(x) <= 64 and w.size >= 1 << 15:
        # With few rows on the left BLAS takes up to twice as long as the other way round.
        return np.ascontiguousarray(np.matmul(w, x.T).T)
    return np.matmul(x, w.T)


def _linear_by_input(ct: Any, x: Any, w: Any, b: Any, out: Any) -> Any:
    product = matmul(_rows(ct), w)
    return product if len(x.shape) == 2 else reshape(product, x.shape)


def _linear_by_weight(ct: Any, x: Any, w: Any, b: Any, out: Any) -> Any:
    return matmul(transpose(_rows(ct)), _rows(x))


def _linear_by_bias(ct: Any, x: Any, w: Any, b: Any, out: Any) -> Any:
    # The sum of the rows as a product, which takes a third of the time.
    rows = _rows(ct)
    return matmul(np.ones(rows.shape[0], rows.dtype), rows)


def _linear_pullback(needed: Any, ct: Any, residuals: None, x: Any, w: Any, b: Any, out: Any) -> tuple[Any, ...]:
    """What the three rules above compute, at once: of small arrays the calls between them take half of the time."""
    g = _rows(ct)
    return (
        np.matmul(g, w).reshape(x.shape) if needed[0] else None,
        np.matmul(g.T, _rows(x)) if needed[1] else None,
        np.matmul(ones(len(g), g.dtype), g) if needed[2] else None,
    )


def _linear_tangent(tangents: Any, x: Any, w: Any, b: Any, out: Any) -> Any:
    along_x, along_w, along_b = tangents
    total = 0.0 if along_b is None else along_b
    if along_x is not None:
        total = total + matmul(along_x, transpose(w))
    return total if along_w is None else total + matmul(x, transpose(along_w))


def _samples_linear() -> Iterable[Sample]:
    weight, bias = array(4, 3, seed=1), array(4, seed=2)
    return [Sample((array(*shape, 3), weight, bias)) for shape in [(), (2,), (1,), (0,), (5, 2), (2, 1, 3)]]


@custom(
    vjps=(_linear_by_input, _linear_by_weight, _linear_by_bias),
    jvp=_linear_tangent,
    pullback=_linear_pullback,
    symbol="Wx + b",
    formula=r"x W^\top + b",
    samples=_samples_linear,
    decomposition=lambda x, weight, bias: matmul(x, transpose(weight)) + bias,
)
def linear(x: Any, weight: Any, bias: Any) -> Any:
    """Affine map of the last axis: the rows of ``x`` times the rows of ``weight``, plus ``bias``.

    Parameters
    ----------
    x : Tensor or array_like
        ``(..., in)``.
    weight : Tensor or array_like
        ``(out, in)``.
    bias : Tensor or array_like
        ``(out,)``.

    Returns
    -------
    Tensor
        ``(..., out)``.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import linear
    >>> linear([1.0, 2.0], Tensor([[3.0, 4.0]]), [0.5]).tolist()
    [11.5]
    """
    shape = shape_of(x)
    if not shape or len(shape_of(weight)) != 2 or shape_of(bias) != weight.shape[:1]:
        raise ValueError("expected shapes (..., in), (out, in) and (out,)")
    out = _by_rows(_rows(x), weight)
    if out.dtype == bias.dtype or out.dtype == np.result_type(out, bias):
        out += bias
    else:
        out = out + bias
    return out if len(shape) == 2 else out.reshape(*shape[:-1], len(weight))
