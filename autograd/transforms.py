"""Derivatives of plain Python functions, under the names of the established ``autograd`` package.

A transform gives the function new variables for the arguments concerned, so that derivatives nested in one another are
told apart by which variable they are of. Arguments may be numbers, arrays, and nested tuples, lists and dictionaries of
these; a gradient has the structure of its argument. Plain numbers and arrays in give plain numbers and arrays out;
where a tensor that is itself being differentiated takes part, the result is a tensor, recorded in turn.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import _state
from autograd._handles import settled
from autograd._values import Raw, canonical, external
from autograd.forward import Pushing, moves
from autograd.ops.complex import real
from autograd.ops.shape import astype
from autograd.primitives import zeros_like
from autograd.reverse import linked_variable, pull, pull_recorded
from autograd.tensor import VARIABLE, Tensor, next_serial
from autograd.trees import Skeleton, mapped, take_apart

__all__ = [
    "Evaluation",
    "deriv",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "holomorphic_grad",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "value_and_grad",
]

Function = Callable[..., Any]
Argnum = int | Sequence[int]


# ---------------------------------------------------------------------------------------------------------------------
# Evaluating a function with variables in place of arguments
# ---------------------------------------------------------------------------------------------------------------------


class Evaluation:
    """One evaluation of a function, from which derivatives by some of its arguments follow.

    Parameters
    ----------
    function
        Called with ``args`` and ``kwargs``, of which those named by ``argnum`` are replaced by variables.
    argnum
        One position, or several: the derivative then is a tuple.
    transform
        Its name, for messages.

    Attributes
    ----------
    variables : list of Tensor
        One for each number or array in the arguments concerned.
    skeleton : Skeleton
        The structure of these arguments.
    result
        What the function returned: a tensor, plain value or structure of these.
    """

    __slots__ = (
        "_alone", "_running", "linked", "outer_recording", "result", "since", "skeleton", "transform", "variables",
    )  # fmt: skip

    variables: list[Tensor]
    skeleton: Skeleton

    def __init__(
        self, function: Function, argnum: Argnum, args: tuple[Any, ...], kwargs: dict[str, Any], transform: str
    ) -> None:
        settings = _state.settings
        self.transform = transform
        self.outer_recording = settings.recording
        self.since = next_serial()
        self.linked = False
        self._alone = False  # whether a backward pass has shown that the result depends on nothing around
        self._running = [True]  # shared with the variables, which tell by it whether their function is still running
        given = list(args)
        if not isinstance(argnum, (list, tuple)):
            if not (type(argnum) is int and -len(given) <= argnum < len(given)):
                (argnum,) = _positions(argnum, function, len(given), transform)
            self.variables, self.skeleton = self._variables(given[argnum])
            given[argnum] = self.variables[0] if self.skeleton is _SINGLE else self.skeleton.filled(self.variables)
        else:
            numbers = _positions(argnum, function, len(given), transform)
            self.variables, self.skeleton = self._variables(tuple(given[i] for i in numbers))
            for i, x in zip(numbers, self.skeleton.filled(self.variables), strict=True):
                given[i] = x
        outer_assigning = settings.assigning
        settings.transforms += 1
        settings.assigning = True
        try:
            if self.outer_recording:
                self.result = settled(function(*given, **kwargs))
            else:
                with _state.enable_grad():
                    self.result = settled(function(*given, **kwargs))
        finally:
            settings.transforms -= 1
            settings.assigning = outer_assigning
            self._running[0] = False

    def _variables(self, argument: Any) -> tuple[list[Tensor], Skeleton]:
        if type(argument) is float or type(argument) is np.float64 or type(argument) is ndarray:
            return [self._variable(argument)], _SINGLE
        leaves, skeleton = take_apart(settled(argument))
        return [self._variable(x) for x in leaves], skeleton

    def _variable(self, x: Any) -> Tensor:
        """A new variable with the value of an argument, linked to it if that is being differentiated itself."""
        if type(x) is float or type(x) is np.float64:
            variable = Tensor.from_raw(float(x), requires_grad=True)
            variable._x = self._running
            return variable
        if type(x) is Tensor and x._primitive is not None and self.outer_recording:
            self.linked = True
            return linked_variable(x)
        if type(x) is not ndarray and isinstance(x, (np.ma.MaskedArray, np.matrix)):
            raise TypeError(
                f"{self.transform}: the arithmetic of a {type(x).__name__} is another than that of arrays and would be "
                f"lost; give an array, and for a mask use np.where"
            )
        try:
            variable = Tensor(x)
        except TypeError as error:
            raise TypeError(
                f"{self.transform}: cannot differentiate with respect to an argument of {type(x)}; give a number, an "
                f"array, or tuples, lists and dictionaries of these"
            ) from error
        variable._x = self._running
        return variable

    def depends_on_outer(self, root: Tensor) -> bool:
        """Whether a result depends on variables of the program around this evaluation, which may differentiate by them.

        Then derivatives are recorded in turn.
        """
        if not self.outer_recording or root._primitive is None:
            return False
        if self.linked:
            return True
        inside = _state.settings.transforms
        seen = {root}
        pending = [root]
        while pending:
            x = pending.pop()
            if x._primitive is VARIABLE:
                if (x._serial < self.since and _may_be_asked_for(x)) or moves(x):
                    return True
                continue
            if inside and x._serial < self.since:
                return True  # most likely; looking further would take long in deep nests
            for y in x.held:
                if isinstance(y, Tensor) and y._primitive is not None and y not in seen:
                    seen.add(y)
                    pending.append(y)
        return False

    def vjp(self, roots: Sequence[Tensor], cotangents: Sequence[Any]) -> list[Any]:
        """The cotangents of the variables from those of some results: plain or recorded, in the inside form.

        Cotangents are given as tensors, or as plain values in the inside form.
        """
        if len(roots) == 1:
            total = self._pulled(roots[0], cotangents[0]) if roots[0]._primitive is not None else {}
            return [total[v] if v in total else zeros_like(v) for v in self.variables]
        total = {}
        for root, cotangent in zip(roots, cotangents, strict=True):
            if root._primitive is None:
                continue
            for variable, g in self._pulled(root, cotangent).items():
                total[variable] = total[variable] + g if variable in total else g
        return [total[v] if v in total else zeros_like(v) for v in self.variables]

    def _pulled(self, root: Tensor, cotangent: Any) -> dict[Tensor, Any]:
        settings = _state.settings
        inside = settings.transforms or settings.pushing
        recording = settings.recording  # now, which may be another time than that of the evaluation
        if not (isinstance(cotangent, Tensor) or self.linked or (recording and inside and self.depends_on_outer(root))):
            gradients = pull(root, cotangent)
            if not (recording and self.outer_recording and self._reached_outer(gradients)):
                self._alone = not inside
                return gradients
        kept: dict[Tensor, Any] = {}
        leaves = pull_recorded(root, cotangent, kept=kept, since=self.since)
        return {**kept, **leaves}

    def _reached_outer(self, gradients: dict[Tensor, Any]) -> bool:
        return any(x._serial < self.since and _may_be_asked_for(x) for x in gradients)

    def outside(self, gradients: Sequence[Any]) -> Any:
        """Values for each variable in the structure of the arguments."""
        if self.skeleton is _SINGLE:
            return outside(gradients[0])
        return self.skeleton.filled([outside(g) for g in gradients])

    def value(self, result: Any) -> Any:
        """What the caller gets of a result: a tensor where it may differentiate it, else a plain value."""
        if not isinstance(result, Tensor):
            return outside(result) if isinstance(result, (float, ndarray)) else result
        if not (self._alone and result is self.result) and self.depends_on_outer(result):
            return result
        value = result._data
        return value.copy() if type(value) is ndarray else external(value)


_SINGLE = take_apart(0.0)[1]


def _may_be_asked_for(variable: Tensor) -> bool:
    """Whether derivatives by a variable can still be asked for: not if it stands for an argument of a finished call."""
    running = getattr(variable, "_x", None)
    return running is None or running[0]


def _positions(argnum: Any, function: Function, count: int, transform: str) -> list[int]:
    """The positions of arguments as non-negative numbers."""
    several = isinstance(argnum, (list, tuple))
    numbers = [operator.index(i) for i in (argnum if several else (argnum,))]
    for i in numbers:
        if not -count <= i < count:
            raise TypeError(
                f"{transform}: argnum {i}, but {name_of(function)} was called with {count} positional arguments"
            )
    positions = [i % count for i in numbers]
    if len(set(positions)) < len(positions):
        raise TypeError(f"{transform}: argnum {argnum} names an argument of {name_of(function)} twice; name each once")
    return positions


def name_of(function: Function) -> str:
    """What a function is called in messages."""
    return getattr(function, "__name__", "the function")


def outside(x: Any) -> Any:
    """What the caller gets: a tensor that can be differentiated, or a plain value of its own."""
    if isinstance(x, Tensor):
        return x if x._primitive is not None else external(x.detach()._data)
    return x.copy() if isinstance(x, ndarray) and not x.flags.owndata else external(x)


def plain(x: Any) -> Any:
    """The plain value of a tensor or value, in the outside form."""
    return external(x._data) if isinstance(x, Tensor) else x


def as_tensor(result: Any, transform: str) -> Tensor:
    """One result of a function as a tensor."""
    if type(result) is Tensor:
        return result
    try:
        return Tensor(result, requires_grad=False)
    except TypeError as error:
        raise TypeError(
            f"{transform}: the function must return numbers or arrays, not a {type(result).__name__}"
        ) from error


def one(root: Tensor) -> Raw:
    """A cotangent of ones for a result, in the inside form."""
    return 1.0 if type(root._data) is float else canonical(np.ones(root.shape, root.dtype))


def named(wrapped: Function, function: Function, transform: str) -> Function:
    """Give a transformed function the name and documentation of the original."""
    wrapped.__name__ = f"{transform}_of_{name_of(function)}" if hasattr(function, "__name__") else transform
    wrapped.__doc__ = getattr(function, "__doc__", None)
    wrapped.__wrapped__ = function  # type: ignore[attr-defined]
    return wrapped


# ---------------------------------------------------------------------------------------------------------------------
# Reverse mode
# ---------------------------------------------------------------------------------------------------------------------


def _scalar_result(evaluation: Evaluation, value: Any, function: Function) -> Tensor:
    """The result of a function of which the gradient is asked.

    Raises
    ------
    TypeError
        If it is not one real number.
    """
    if isinstance(value, (list, tuple, dict)):
        raise TypeError(
            f"{evaluation.transform}: {name_of(function)} must return one real number, not a {type(value).__name__}; "
            f"for a value with something beside it use grad_and_aux, for several make_vjp"
        )
    result = as_tensor(value, evaluation.transform)
    if type(result._data) is not float:
        if result.dtype.kind == "b":
            raise TypeError(
                f"{evaluation.transform} applies to functions that return a real number, but {name_of(function)} "
                f"returned a truth value"
            )
        if result.dtype.kind == "c":
            raise TypeError(
                f"{evaluation.transform} applies to functions that return a real number, but {name_of(function)} "
                f"returned complex numbers; take the real part or absolute value, or use holomorphic_grad"
            )
        if result.size != 1:
            raise TypeError(
                f"{evaluation.transform} applies to functions that return a scalar, but {name_of(function)} returned "
                f"shape {result.shape}. Reduce it (sum, mean), or use jacobian, elementwise_grad, or make_vjp with a "
                f"cotangent of that shape"
            )
    return result


def value_and_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """A function that returns both the value and the gradient of a scalar-valued function.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argnum : int or sequence of int
        The positional argument to differentiate by; for several, the gradient is a tuple. Arguments may be nested
        tuples, lists and dictionaries of numbers and arrays.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``(value, gradient)``, the gradient with the structure, shapes and dtypes
        of the argument.

    Raises
    ------
    TypeError
        When called: if ``fun`` does not return one real number, or the argument is not numeric.

    Examples
    --------
    >>> from autograd import value_and_grad
    >>> value, gradient = value_and_grad(lambda x: x**2)(3.0)
    >>> float(value), float(gradient)
    (9.0, 6.0)
    >>> value, gradient = value_and_grad(lambda p: p["w"] * p["x"])({"w": 2.0, "x": 5.0})
    >>> {name: float(g) for name, g in gradient.items()}
    {'w': 5.0, 'x': 2.0}
    """

    def wrapped(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        evaluation = Evaluation(fun, argnum, args, kwargs, "value_and_grad")
        root = _scalar_result(evaluation, evaluation.result, fun)
        gradients = evaluation.vjp((root,), (one(root),))
        return evaluation.value(root), evaluation.outside(gradients)

    return named(wrapped, fun, "value_and_grad")


def grad(fun: Function, argnum: Argnum = 0) -> Function:
    """A function that returns the gradient of a scalar-valued function; gradients of gradients work.

    Parameters
    ----------
    fun, argnum
        As in :func:`value_and_grad`.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns the gradient.

    Raises
    ------
    TypeError
        When called: if ``fun`` does not return one real number, or the argument is not numeric.

    Examples
    --------
    >>> from autograd import grad
    >>> f = lambda x: x**3
    >>> float(grad(f)(2.0)), float(grad(grad(f))(2.0)), float(grad(grad(grad(f)))(2.0))
    (12.0, 12.0, 6.0)
    """

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        evaluation = Evaluation(fun, argnum, args, kwargs, "grad")
        root = _scalar_result(evaluation, evaluation.result, fun)
        return evaluation.outside(evaluation.vjp((root,), (one(root),)))

    return named(wrapped, fun, "grad")


def grad_named(fun: Function, argname: str) -> Function:
    """The gradient by the argument of a given name.

    Parameters
    ----------
    fun : callable
        Returns one real number.
    argname : str
        One of its positional parameters.

    Returns
    -------
    callable
        As of :func:`grad`.

    Examples
    --------
    >>> from autograd import grad_named
    >>> float(grad_named(lambda x, y: x * y, "y")(2.0, 3.0))
    2.0
    """
    return grad(fun, list(signature(fun).parameters).index(argname))


def grad_and_aux(fun: Function, argnum: Argnum = 0) -> Function:
    """The gradient of a function's first result, together with what else it returns.

    Parameters
    ----------
    fun : callable
        Returns ``(value, aux)``, the value one real number.
    argnum
        As in :func:`value_and_grad`.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``(gradient, aux)``.

    Examples
    --------
    >>> from autograd import grad_and_aux
    >>> gradient, aux = grad_and_aux(lambda x: (x**2, {"twice": 2 * x}))(3.0)
    >>> float(gradient), float(aux["twice"])
    (6.0, 6.0)
    """

    def wrapped(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        evaluation = Evaluation(fun, argnum, args, kwargs, "grad_and_aux")
        try:
            value, aux = evaluation.result
        except (TypeError, ValueError) as error:
            raise TypeError(f"grad_and_aux: {name_of(fun)} must return two results, the value and another") from error
        root = _scalar_result(evaluation, value, fun)
        gradients = evaluation.vjp((root,), (one(root),))
        return evaluation.outside(gradients), mapped(evaluation.value, aux)

    return named(wrapped, fun, "grad_and_aux")


def multigrad_dict(fun: Function) -> Function:
    """The gradients by all arguments at once, by name.

    Parameters
    ----------
    fun : callable
        Returns one real number.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns a dictionary from the names of its parameters to the gradients. ``*args``
        has a tuple, ``**kwargs`` a dictionary.

    Examples
    --------
    >>> from autograd import multigrad_dict
    >>> {name: float(g) for name, g in multigrad_dict(lambda x, y=3.0: x * y)(2.0).items()}
    {'x': 3.0, 'y': 2.0}
    """
    parameters = signature(fun)

    def wrapped(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = parameters.bind(*args, **kwargs)
        bound.apply_defaults()
        template = parameters.bind(*args, **kwargs)

        def of_dictionary(arguments: dict[str, Any]) -> Any:
            template.arguments.update(arguments)
            return fun(*template.args, **template.kwargs)

        gradients: dict[str, Any] = grad(of_dictionary)(dict(bound.arguments))
        return gradients

    return named(wrapped, fun, "multigrad_dict")


def elementwise_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """The sum of each column of the Jacobian, in one pass: for a function of every element by itself, its derivative.

    Parameters
    ----------
    fun : callable
        Returns real numbers or arrays.
    argnum
        As in :func:`value_and_grad`.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns the derivative, of the argument's shape and dtype.

    Raises
    ------
    TypeError
        When called: if ``fun`` returns complex numbers.

    Examples
    --------
    >>> import autograd.numpy as np
    >>> from autograd import elementwise_grad
    >>> elementwise_grad(lambda x: x**2)(np.array([1.0, 2.0, 3.0]))
    array([2., 4., 6.])
    """

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        evaluation = Evaluation(fun, argnum, args, kwargs, "elementwise_grad")
        if evaluation.result is None:
            raise TypeError(f"elementwise_grad: {name_of(fun)} must return numbers or arrays, not None")
        roots = [as_tensor(x, "elementwise_grad") for x in take_apart(evaluation.result)[0]]
        if any(root.dtype.kind == "c" for root in roots):
            raise TypeError(
                f"elementwise_grad applies to functions that return real numbers, but {name_of(fun)} returned complex "
                f"ones; take the real part or absolute value first"
            )
        return evaluation.outside(evaluation.vjp(roots, [one(root) for root in roots]))

    return named(wrapped, fun, "elementwise_grad")


def holomorphic_grad(fun: Function, argnum: Argnum = 0) -> Function:
    """The complex derivative of a holomorphic function of one complex number (or of each of several, summed).

    Parameters
    ----------
    fun : callable
        Holomorphic; returns one complex number.
    argnum
        As in :func:`value_and_grad`; the argument is complex.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns the derivative.

    Warns
    -----
    UserWarning
        When called with an argument that is not complex.

    Examples
    --------
    >>> from autograd import holomorphic_grad
    >>> complex(holomorphic_grad(lambda z: z**2)(1.0 + 2.0j))
    (2+4j)
    """

    def real_part(*args: Any, **kwargs: Any) -> Any:
        return real(fun(*args, **kwargs))

    gradient = grad(real_part, argnum)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        positions = _positions(argnum, fun, len(args), "holomorphic_grad")
        if not all(np.iscomplexobj(x) for i in positions for x in take_apart(args[i])[0]):
            warnings.warn("holomorphic_grad: the argument is not complex", stacklevel=2)
        return gradient(*args, **kwargs)

    return named(wrapped, fun, "holomorphic_grad")


def _as_cotangent(given: Any, root: Tensor, transform: str) -> Any:
    """A cotangent given by the user for a result: a tensor by which it may be differentiated, or a plain value."""
    return _direction_like(root, given, f"{transform}: the cotangent", "the function's value")


def _direction_like(x: Tensor, given: Any, what: str, of: str) -> Any:
    """A tangent or cotangent of a tensor's shape and dtype: a recorded tensor, or a plain value in the inside form."""
    given = settled(given)
    if isinstance(given, Tensor) and given._primitive is None:
        given = given._data
    value = given if isinstance(given, Tensor) else np.asarray(given)
    if value.shape != x.shape:
        raise ValueError(f"{what} has shape {value.shape}, {of} {x.shape}")
    if value.dtype.kind == "c" and x.dtype.kind != "c":
        raise TypeError(f"{what} is complex, {of} {x.dtype}")
    if isinstance(value, Tensor):
        return value if value.dtype == x.dtype else astype(value, x.dtype)
    return canonical(value.astype(x.dtype))


def make_vjp(fun: Function, argnum: Argnum = 0) -> Function:
    """The vector-Jacobian product of a function.

    Parameters
    ----------
    fun : callable
        Returns numbers or arrays, also several in tuples, lists or dictionaries.
    argnum
        As in :func:`value_and_grad`.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``(vjp, value)``, where ``vjp(cotangent)``, with a cotangent like the
        value, is the cotangent of the argument, of its structure, shapes and dtypes.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import make_vjp
    >>> vjp, value = make_vjp(lambda x: x * x)(np.array([1.0, 2.0]))
    >>> vjp(np.array([1.0, 10.0]))
    array([ 2., 40.])
    """

    def wrapped(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        evaluation = Evaluation(fun, argnum, args, kwargs, "make_vjp")
        results, skeleton = take_apart(evaluation.result)
        roots = [as_tensor(x, "make_vjp") for x in results]

        def vjp(cotangent: Any) -> Any:
            given = zip(skeleton.leaves(cotangent), roots, strict=True)
            cotangents = [_as_cotangent(g, root, "vjp") for g, root in given]
            return evaluation.outside(evaluation.vjp(roots, cotangents))

        return vjp, skeleton.filled([evaluation.value(x) for x in results])

    return named(wrapped, fun, "make_vjp")


# ---------------------------------------------------------------------------------------------------------------------
# Forward mode
# ---------------------------------------------------------------------------------------------------------------------


def make_jvp(fun: Function, argnum: Argnum = 0) -> Function:
    """The Jacobian-vector product of a function, computed along with its value in one pass that keeps no graph.

    Parameters
    ----------
    fun, argnum
        As in :func:`make_vjp`.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns ``jvp``, where ``jvp(tangent)``, with a tangent like the argument,
        evaluates the function and is ``(value, tangent of the value)``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import make_jvp
    >>> value, tangent = make_jvp(lambda x: x * x)(np.array([1.0, 2.0]))(np.array([1.0, 10.0]))
    >>> tangent
    array([ 2., 40.])
    """

    def wrapped(*args: Any, **kwargs: Any) -> Function:
        def jvp(tangent: Any) -> tuple[Any, Any]:
            with Pushing() as block:

                def moving(*given: Any, **others: Any) -> Any:
                    _set_moving(block, given, argnum, fun, tangent)
                    return fun(*given, **others)

                evaluation = Evaluation(moving, argnum, args, kwargs, "make_jvp")
            results, skeleton = take_apart(evaluation.result)
            tangents = [block.tangent(x) for x in results]
            tangents = [outside(zeros_like(x)) if t is None else t for x, t in zip(results, tangents, strict=True)]
            return skeleton.filled([evaluation.value(x) for x in results]), skeleton.filled(
                _each_its_own([evaluation.value(t) for t in tangents])
            )

        return jvp

    return named(wrapped, fun, "make_jvp")


def _each_its_own(values: list[Any]) -> list[Any]:
    """The same values, with no array among them twice."""
    seen: set[int] = set()
    for i, x in enumerate(values):
        if id(x) in seen and isinstance(x, ndarray):
            values[i] = x.copy()
        seen.add(id(x))
    return values


def _set_moving(block: Pushing, args: tuple[Any, ...], argnum: Argnum, function: Function, tangent: Any) -> None:
    """Say in which direction the variables among a function's arguments move."""
    positions = _positions(argnum, function, len(args), "make_jvp")
    several = isinstance(argnum, (list, tuple))
    variables, skeleton = take_apart(tuple(args[i] for i in positions) if several else args[positions[0]])
    for variable, direction in zip(variables, skeleton.leaves(tangent), strict=True):
        block.move(variable, _direction_like(variable, direction, "jvp: the tangent", "the argument"))


def deriv(fun: Function, argnum: Argnum = 0) -> Function:
    """The derivative in forward mode: the tangent of the result when the argument moves by one.

    Parameters
    ----------
    fun, argnum
        As in :func:`make_vjp`.

    Returns
    -------
    callable
        With the arguments of ``fun``; returns the derivative, of the result's shape and dtype.

    Examples
    --------
    >>> from autograd import deriv
    >>> float(deriv(lambda x: x**3)(2.0))
    12.0
    """
    jvp = make_jvp(fun, argnum)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        positions = _positions(argnum, fun, len(args), "deriv")
        several = isinstance(argnum, (list, tuple))
        argument = tuple(args[i] for i in positions) if several else args[positions[0]]
        return jvp(*args, **kwargs)(mapped(_ones_like, settled(argument)))[1]

    return named(wrapped, fun, "deriv")


def _ones_like(x: Any) -> Any:
    value = x._data if isinstance(x, Tensor) else np.asarray(x)
    return np.ones(np.shape(value), np.result_type(value))
