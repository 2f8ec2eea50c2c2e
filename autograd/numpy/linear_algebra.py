"""NumPy's linear algebra: what the functions of ``numpy.linalg`` do with tensors."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd._state import is_grad_enabled
from autograd._values import dtype_of, external, shape_of
from autograd.numpy.products import move_axis
from autograd.primitives import raw, scope_note
from autograd.protocols import implements
from autograd.tensor import Tensor

__all__: list[str] = []

for _function, _operation in (
    (np.linalg.inv, ops.inv),
    (np.linalg.solve, ops.solve),
    (np.linalg.det, ops.det),
    (np.linalg.eigvals, ops.eigvals),
    (np.linalg.eigvalsh, ops.eigvalsh),
    (np.linalg.svdvals, ops.svdvals),
):
    implements(_function)(_operation)


def _named(function: Callable[..., Any]) -> Callable[..., Any]:
    """The named tuple in which a function of NumPy's returns its results."""
    return type(function(np.eye(1)))


_EIGH, _EIG, _QR, _SVD, _SLOGDET = (
    _named(function) for function in (np.linalg.eigh, np.linalg.eig, np.linalg.qr, np.linalg.svd, np.linalg.slogdet)
)


def _shape(x: Any) -> tuple[int, ...]:
    return shape_of(raw(x, "shape"))


def _plain(x: Any) -> Any:
    return external(raw(x, "linalg"))


def _real(x: Any) -> Any:
    return ops.real(x) if dtype_of(raw(x, "real")).kind == "c" else x


def _adjoint(x: Any) -> Any:
    transposed = ops.swapaxes(x, -1, -2)
    return ops.conjugate(transposed) if dtype_of(raw(x, "adjoint")).kind == "c" else transposed


# ---------------------------------------------------------------------------------------------------------------------
# Decompositions
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.linalg.cholesky)
def cholesky(a: Any, /, *, upper: bool = False) -> Any:
    factor = ops.cholesky(a)
    return _adjoint(factor) if upper else factor


@implements(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    both = ops.eigh(a, UPLO)
    return _EIGH(_real(both[..., 0, :]), both[..., 1:, :])


@implements(np.linalg.eig)
def eig(a: Any) -> Any:
    both = ops.eig(a)
    return _EIG(both[..., 0, :], both[..., 1:, :])


@implements(np.linalg.qr)
def qr(a: Any, mode: str = "reduced") -> Any:
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"qr of a tensor{scope_note()}: the mode must be 'reduced', 'complete' or 'r', got {mode!r}")
    rows, columns = _shape(a)[-2:]
    if mode == "complete" and rows > columns:
        raise NotImplementedError(
            f"qr of a tensor{scope_note()}: the columns that complete Q are arbitrary, and have no derivative; use "
            f"mode='reduced'"
        )
    both = ops.qr(a if rows >= columns else a[..., :rows])
    q, r = both[..., :rows, :], both[..., rows:, :]
    if rows < columns:
        r = ops.concatenate([r, ops.matmul(_adjoint(q), a[..., rows:])], -1)
    return r if mode == "r" else _QR(q, r)


@implements(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    if hermitian:
        return _svd_of_hermitian(a, compute_uv)
    if not compute_uv:
        return ops.svdvals(a)
    rows, columns = _shape(a)[-2:]
    if full_matrices and rows != columns:
        if not (is_grad_enabled() and isinstance(a, Tensor) and a.requires_grad):
            return np.linalg.svd(_plain(a))
        raise NotImplementedError(
            f"svd of a tensor of shape {_shape(a)}{scope_note()}: the vectors that complete the bases are arbitrary, "
            f"and have no derivative; pass full_matrices=False"
        )
    both = ops.svd(a)
    return _SVD(both[..., :rows, :], _real(both[..., rows, :]), _adjoint(both[..., rows + 1 :, :]))


def _svd_of_hermitian(a: Any, compute_uv: bool) -> Any:
    """By eigenvalues, which are singular values but for their signs and order."""
    w, v = eigh(a) if compute_uv else (ops.eigvalsh(a), None)
    values = np.asarray(_plain(w))
    order = np.argsort(np.abs(values))[..., ::-1]
    permutation = np.swapaxes(np.eye(values.shape[-1], dtype=values.dtype)[order], -1, -2)
    s = ops.matmul(ops.absolute(w)[..., None, :], permutation)[..., 0, :]
    if v is None:
        return s
    u = ops.matmul(v, permutation)
    signs = np.matmul(np.sign(values)[..., None, :], permutation)
    return _SVD(u, s, _adjoint(u * signs))


@implements(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    both = ops.slogdet(a)
    return _SLOGDET(both[..., 0], _real(both[..., 1]))


# ---------------------------------------------------------------------------------------------------------------------
# Inverses and solutions
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    if rcond is not None and rtol is not np._NoValue:
        raise ValueError("pinv: give rcond or rtol, not both")
    if rcond is None:
        rcond = 1e-15 if rtol is np._NoValue else rtol
    if rcond is None:
        rcond = max(_shape(a)[-2:]) * float(np.finfo(dtype_of(raw(a, "pinv"))).eps)
    return ops.pinv(a, rcond, hermitian)


@implements(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    x = ops.lstsq(a, b, rcond)
    residuals, rank, s = np.linalg.lstsq(_plain(a), _plain(b), rcond)[1:]
    if len(residuals):
        residuals = ops.sum(ops.absolute(b - ops.matmul(a, x)) ** 2, axis=0)
        residuals = ops.reshape(residuals, -1)
    return x, residuals, rank, ops.svdvals(a) if isinstance(a, Tensor) else s


@implements(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    n = operator.index(n)
    shape = _shape(a)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise np.linalg.LinAlgError(f"matrix_power{scope_note()}: expected square matrices, got shape {shape}")
    if n == 0:
        return np.broadcast_to(np.eye(shape[-1], dtype=dtype_of(raw(a, "matrix_power"))), shape).copy()
    base = ops.inv(a) if n < 0 else a
    n = abs(n)
    if n == 1:
        return base if base is not a else ops.identity(a)
    result = None
    while n:  # squares of squares, those whose bit is set
        if n % 2:
            result = base if result is None else ops.matmul(result, base)
        n //= 2
        if n:
            base = ops.matmul(base, base)
    return result


@implements(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Any:
    count = len(_shape(a))
    if axes is not None:
        moved = [k % count for k in axes]
        a = ops.transpose(a, (*(k for k in range(count) if k not in moved), *moved))
    shape = _shape(a)[-(count - len(_shape(b))) :]
    size = math.prod(shape)
    if math.prod(_shape(a)) != size**2:
        raise np.linalg.LinAlgError(
            f"tensorsolve of shapes {_shape(a)} and {_shape(b)}{scope_note()}: expected as many unknowns as equations"
        )
    solution = ops.solve(ops.reshape(a, (size, size)), ops.reshape(b, -1))
    return ops.reshape(solution, shape)


@implements(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    if ind <= 0:
        raise ValueError("tensorinv: ind must be positive")
    shape = _shape(a)
    inverse = ops.inv(ops.reshape(a, (math.prod(shape[ind:]), -1)))
    return ops.reshape(inverse, shape[ind:] + shape[:ind])


# ---------------------------------------------------------------------------------------------------------------------
# Norms
# ---------------------------------------------------------------------------------------------------------------------


def _extreme(function: Any, x: Any, axis: Any, keepdims: bool = False) -> Any:
    """The largest or smallest of numbers that are not negative; 0 if there are none."""
    lengths = _shape(x)
    axes = axis if isinstance(axis, tuple) else (axis,)
    if function is ops.max and any(lengths[a] == 0 for a in axes):
        return ops.sum(x, axis=axis, keepdims=keepdims)
    return function(x, axis=axis, keepdims=keepdims)


def _vector_norm(x: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    axis: Any = axes[0] if len(axes) == 1 else axes
    if isinstance(order, str):
        raise ValueError(f"norm: there is no norm {order!r} of vectors{scope_note()}")
    if order is None:
        order = 2
    if order == 0:  # a count, whose derivative is zero
        plain = np.asarray(_plain(x))
        return np.sum((plain != 0).astype(plain.real.dtype), axis=axis, keepdims=keepdims)
    if math.isinf(order):
        return _extreme(ops.max if order > 0 else ops.min, ops.absolute(x), axis, keepdims)
    return ops.vector_norm(x, order, axis, keepdims)


def _matrix_norm(x: Any, order: Any, rows: int, columns: int, keepdims: bool) -> Any:
    count = len(_shape(x))
    rows, columns = (np.lib.array_utils.normalize_axis_index(a, count) for a in (rows, columns))
    if rows == columns:
        raise ValueError(f"norm: the two axes of a matrix must differ{scope_note()}")
    if order in (None, "fro", "f"):
        return ops.vector_norm(x, 2, (rows, columns), keepdims)
    if order in (2, -2, "nuc"):
        last = move_axis(move_axis(x, rows, -1), columns - (columns > rows), -1)
        s = ops.svdvals(last)
        result = ops.sum(s, axis=-1) if order == "nuc" else _extreme(ops.max if order == 2 else ops.min, s, -1)
    elif order in (1, -1, np.inf, -np.inf):
        summed, other = (rows, columns) if abs(order) == 1 else (columns, rows)
        totals = ops.sum(ops.absolute(x), axis=summed, keepdims=True)
        result = _extreme(ops.max if order > 0 else ops.min, totals, other, keepdims=True)
    else:
        raise ValueError(f"norm: there is no norm {order!r} of matrices{scope_note()}")
    lengths = _shape(x)
    if keepdims:
        return ops.reshape(result, tuple(1 if i in (rows, columns) else n for i, n in enumerate(lengths)))
    return ops.reshape(result, tuple(n for i, n in enumerate(lengths) if i not in (rows, columns)))


@implements(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    count = len(_shape(x))
    if axis is None:
        if ord is None:
            return ops.vector_norm(x, 2, None, keepdims)
        axis = tuple(range(count))
    elif not isinstance(axis, tuple):
        axis = (operator.index(axis),)
    if len(axis) == 1:
        return _vector_norm(x, ord, axis, keepdims)
    if len(axis) == 2:
        return _matrix_norm(x, ord, axis[0], axis[1], keepdims)
    raise ValueError(f"norm: expected one axis (vectors) or two (matrices), got {len(axis)}{scope_note()}")


@implements(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    if axis is None:
        axis = tuple(range(len(_shape(x))))
    return _vector_norm(x, ord, axis if isinstance(axis, tuple) else (operator.index(axis),), keepdims)


@implements(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return _matrix_norm(x, ord, -2, -1, keepdims)


@implements(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    if p in (None, 2, -2):
        s = ops.svdvals(x)
        with np.errstate(all="ignore"):  # of a singular matrix it is infinite
            ratio = s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
        zero = np.isnan(_plain(ratio)) & ~np.isnan(_plain(x)).any((-2, -1))
        return ops.where(zero, np.inf, ratio) if np.any(zero) else ratio
    try:
        inverse = ops.inv(x)
    except np.linalg.LinAlgError:
        plain = np.linalg.cond(_plain(x), p)
        if np.all(np.isinf(plain)):
            return plain
        raise
    return _matrix_norm(x, p, -2, -1, False) * _matrix_norm(inverse, p, -2, -1, False)


# ---------------------------------------------------------------------------------------------------------------------
# Parts of matrices
# ---------------------------------------------------------------------------------------------------------------------


@implements(np.linalg.diagonal)
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


@implements(np.linalg.trace)
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return np.trace(x, offset, -2, -1, dtype)


@implements(np.linalg.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    return np.matrix_transpose(x)
