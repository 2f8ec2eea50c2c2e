"""Whole Jacobians and Hessians, and products with them, as compositions of the transforms of one direction."""

from __future__ import annotations

import builtins
import functools
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd import _state, ops
from autograd._values import canonical, external
from autograd.batched import pull_rows
from autograd.forward import nodes_of, push
from autograd.ops.reductions import sum
from autograd.tensor import Tensor
from autograd.transforms import Argnum, Evaluation, as_tensor, grad, make_vjp, name_of, named, plain
from autograd.trees import leaves_of, mapped

__all__ = [
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp_reversemode",
    "tensor_jacobian_product",
    "vector_jacobian_product",
]

Function = Callable[..., Any]

#: How many times fewer passes forward mode must take to be chosen: its passes are slower.
FEWER = 2

#: Up to how many numbers the arrays of a pass for many rows of a Jacobian hold: larger ones gain nothing from being
#: treated at once.
BATCH = 1 << 17


def jacobian(fun: Function, argnum: Argnum = 0) -> Function:
    """The Jacobian of a function of one array, or of several.

    Parameters
    ----------
    fun : callable
        Returns a number or an array.
    argnum : int or sequence of int
        The positional argument to differentiate by: a number, an array, or a structure of these, of which the result
        then has a Jacobian each.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns an array of shape ``(*value.shape, *argument.shape)``. Complex values
        have complex derivatives; by a complex argument the function is taken to be holomorphic.

    Raises
    ------
    TypeError
        When called: if ``fun`` does not return one number or array.

    Notes
    -----
    It takes one evaluation; then one backward pass for many elements of the value at a time or, if there are many more
    of these than of the argument, one forward pass for each element of the argument, all over the same graph.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import jacobian
    >>> jacobian(lambda x: np.exp(x) * x[0])(np.array([0.0, 1.0])).round(3)
    array([[1.   , 0.   ],
           [2.718, 0.   ]])
    """

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        evaluation = Evaluation(fun, argnum, args, kwargs, "jacobian")
        if isinstance(evaluation.result, (list, tuple, dict)):
            raise TypeError(
                f"jacobian: {name_of(fun)} must return one number or array, not a {type(evaluation.result).__name__}; "
                f"join the parts, or take the Jacobian of each"
            )
        root = as_tensor(evaluation.result, "jacobian")
        if root._primitive is None or not root.size:
            return evaluation.outside(
                [np.zeros((*root.shape, *x.shape), _dtype(root, x)) for x in evaluation.variables]
            )
        columns = _by_columns(evaluation, root)
        return evaluation.outside(_by_rows(evaluation, root) if columns is None else columns)

    return named(wrapped, fun, "jacobian")


def _dtype(root: Tensor, x: Tensor) -> Any:
    """The dtype of a Jacobian: that of the variable, or the complex one of its precision if the value is complex."""
    return np.result_type(x.dtype, np.complex64) if root.dtype.kind == "c" else x.dtype


def _basis(x: Tensor) -> Iterator[Any]:
    """Arrays like one, with a 1 at each place in turn, in the inside form."""
    for place in np.ndindex(*x.shape):
        unit = np.zeros(x.shape, x.dtype)
        unit[place] = 1
        yield canonical(unit)


def _by_rows(evaluation: Evaluation, root: Tensor) -> list[Any]:
    """The Jacobians by each variable, from the backward passes of each element of the value."""
    checked = _state.settings.checker is not None  # by someone who is told of every row
    if root.size > 1 and not checked and not evaluation.depends_on_outer(root):
        return _by_batches(evaluation, root)
    rows = [evaluation.vjp((root,), (unit,)) for unit in _basis(root)]
    jacobians = [_joined([row[i] for row in rows], root.shape) for i in range(len(evaluation.variables))]
    if root.dtype.kind == "c" and any(x.dtype.kind != "c" for x in evaluation.variables):
        rows = [evaluation.vjp((root,), (unit * -1j,)) for unit in _basis(root)]
        for i, x in enumerate(evaluation.variables):
            if x.dtype.kind != "c":
                jacobians[i] = jacobians[i] + 1j * _joined([row[i] for row in rows], root.shape)
    return jacobians


def _by_batches(evaluation: Evaluation, root: Tensor) -> list[Any]:
    """The same with many rows in one pass, as many as are no burden for the memory."""
    largest = max([root.size, *(node.size for node in nodes_of(root, evaluation.since))])
    step = max(1, BATCH // largest)
    count = root.size
    parts: list[list[Any]] = [[] for _ in evaluation.variables]
    real = root.dtype.kind != "c" or all(x.dtype.kind == "c" for x in evaluation.variables)
    for start in range(0, count, step):
        units = np.zeros((min(step, count - start), count), root.dtype)
        np.fill_diagonal(units[:, start:], 1)
        rows = units.reshape(-1, *root.shape)
        found = pull_rows(root, rows)
        # What a real variable gets from a real cotangent belongs to the real part of the value, and from -i to the
        # imaginary part.
        other = {} if real else pull_rows(root, rows * -1j)
        for x, collected in zip(evaluation.variables, parts, strict=True):
            g = found[x] if x in found else np.zeros((len(rows), *x.shape), x.dtype)
            collected.append(g + 1j * other[x] if x in other and x.dtype.kind != "c" else g)
    return [
        canonical(np.concatenate(g).reshape((*root.shape, *x.shape)))
        for g, x in zip(parts, evaluation.variables, strict=True)
    ]


def _by_columns(evaluation: Evaluation, root: Tensor) -> list[Any] | None:
    """The same from forward passes of each element of the variables, where that is less work and can be done."""
    count = builtins.sum(x.size for x in evaluation.variables)
    if FEWER * count > root.size or evaluation.depends_on_outer(root):
        return None
    if any(x.dtype.kind == "c" for x in evaluation.variables):
        return None  # moved along the real axis alone, a real value would not show its whole derivative
    try:
        jacobians = []
        for x in evaluation.variables:
            columns = [push(root, {x: unit}, since=evaluation.since) for unit in _basis(x)]
            rows = np.stack([external(column) for column in columns], axis=-1)
            jacobians.append(canonical(rows.reshape(*root.shape, *x.shape).astype(_dtype(root, x), copy=False)))
    except NotImplementedError:  # a primitive of the user's without a JVP
        return None
    return jacobians


def _joined(rows: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """The rows of a Jacobian as one array."""
    if not any(isinstance(row, Tensor) for row in rows):
        rows = np.asarray(rows)  # type: ignore[assignment]
        return canonical(rows.reshape((*shape, *rows.shape[1:])))  # type: ignore[attr-defined]
    stacked = ops.stack(rows)
    return ops.reshape(stacked, (*shape, *stacked.shape[1:]))


def hessian(fun: Function, argnum: Argnum = 0) -> Function:
    """The Hessian of a function.

    Parameters
    ----------
    fun : callable
        Returns a real number (or an array).
    argnum : int
        The positional argument to differentiate by: a number or an array.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns an array of shape ``(*value.shape, *argument.shape, *argument.shape)``.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import hessian
    >>> hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return named(jacobian(jacobian(fun, argnum), argnum), fun, "hessian")


def make_hvp(fun: Function, argnum: Argnum = 0) -> Function:
    """Hessian-vector products at one point, for many vectors: forward and first backward pass are made once.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argnum : int or sequence of int
        The positional argument to differentiate by.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``(hvp, gradient)``, where ``hvp(vector)`` is the Hessian times a vector.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import make_hvp
    >>> hvp, gradient = make_hvp(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    >>> hvp(np.array([1.0, 10.0]))
    array([  6., 120.])
    """
    return named(make_vjp(grad(fun, argnum), argnum), fun, "make_hvp")


def hessian_tensor_product(fun: Function, argnum: Argnum = 0) -> Function:
    """The product of the Hessian with an array, without the Hessian: about the work of four evaluations.

    Parameters
    ----------
    fun, argnum
        As in :func:`make_hvp`.

    Returns
    -------
    callable
        With the arguments of ``fun`` and then an array like the argument.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import hessian_vector_product
    >>> hessian_vector_product(lambda x: np.sum(x**3))(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([  6., 120.])
    """
    gradient = grad(fun, argnum)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        *arguments, direction = args

        def along(*given: Any, **others: Any) -> Any:
            products = leaves_of(mapped(lambda g, v: sum(g * v), gradient(*given, **others), direction))
            return functools.reduce(operator.add, products)

        return grad(along, argnum)(*arguments, **kwargs)

    return named(wrapped, fun, "hessian_tensor_product")


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(fun: Function, argnum: Argnum = 0) -> Function:
    """The product of an array with the Jacobian, without the Jacobian.

    Parameters
    ----------
    fun, argnum
        As in :func:`jacobian`.

    Returns
    -------
    callable
        With the arguments of ``fun`` and then an array, whose axes are summed with the first ones of the value (for a
        vector, the result is a vector-Jacobian product).

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import vector_jacobian_product
    >>> vector_jacobian_product(lambda x: x**2)(np.array([1.0, 2.0]), np.array([1.0, 10.0]))
    array([ 2., 40.])
    """

    def along(*args: Any, **kwargs: Any) -> Any:
        *arguments, direction = args
        value = fun(*arguments, **kwargs)
        axes = np.ndim(direction)
        rest = value.ndim - axes
        if direction.shape != value.shape[:axes]:
            raise ValueError(
                f"tensor_jacobian_product: the array has shape {direction.shape}, and {name_of(fun)} returned "
                f"{value.shape}, which should begin like it"
            )
        return sum(ops.reshape(direction, (*direction.shape, *(1,) * rest)) * value, axis=tuple(range(axes)))

    return named(jacobian(along, argnum), fun, "tensor_jacobian_product")


vector_jacobian_product = tensor_jacobian_product


def make_jvp_reversemode(fun: Function, argnum: Argnum = 0) -> Function:
    """Jacobian-vector products from two reverse passes: the transpose of the transpose (:func:`make_jvp` is cheaper).

    Parameters
    ----------
    fun, argnum
        As in :func:`make_vjp`.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``jvp``, where ``jvp(tangent)`` is the tangent of the value.

    Notes
    -----
    It needs no rules for forward mode. J. Townsend, "A new trick for calculating Jacobian vector products" (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import make_jvp_reversemode
    >>> make_jvp_reversemode(lambda x: x * x)(np.array([1.0, 2.0]))(np.array([1.0, 10.0]))
    array([ 2., 40.])
    """

    def wrapped(*args: Any, **kwargs: Any) -> Function:
        vjp, value = make_vjp(fun, argnum)(*args, **kwargs)
        zeros = mapped(lambda x: np.zeros_like(plain(x)), value)
        transpose: Function = make_vjp(vjp)(zeros)[0]
        return transpose

    return named(wrapped, fun, "make_jvp_reversemode")


def _half_square(x: Any) -> Any:
    return sum(x * x, axis=-1) * 0.5


def make_ggnvp(f: Function, g: Function = _half_square, f_argnum: Argnum = 0) -> Function:
    """Generalised Gauss-Newton products of ``g(f(x))``: with the Jacobian of f and the Hessian of g.

    Parameters
    ----------
    f : callable
        Returns an array.
    g : callable
        Of what ``f`` returns; returns one real number. By default half the sum of squares.
    f_argnum : int or sequence of int
        The argument of ``f`` to differentiate by.

    Returns
    -------
    callable
        With the arguments of ``f``; returns ``ggnvp``, where ``ggnvp(vector)`` is Jᵀ H J times the vector.

    Notes
    -----
    N. Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent" (2002).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import make_ggnvp
    >>> make_ggnvp(lambda x: x * x)(np.array([1.0, 2.0]))(np.array([1.0, 1.0]))
    array([ 4., 16.])
    """

    def wrapped(*args: Any, **kwargs: Any) -> Function:
        vjp, value = make_vjp(f, f_argnum)(*args, **kwargs)
        hvp = make_vjp(grad(g))(value)[0]
        jvp = make_vjp(vjp)(np.zeros_like(plain(value)))[0]
        return lambda vector: vjp(hvp(jvp(vector)))

    return named(wrapped, f, "make_ggnvp")
