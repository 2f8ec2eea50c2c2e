"""Functions of one's own as operations of the graph, under the names of the established ``autograd`` package.

A function of plain arrays becomes an operation with :func:`primitive`; :func:`defvjp` and :func:`defjvp` give its
derivatives. What is written with NumPy's functions alone needs none of this: it is differentiated as it stands.

>>> import numpy as np
>>> from autograd import grad
>>> from autograd.extend import defvjp, primitive
>>> @primitive
... def logsumexp(x):
...     top = np.max(x)
...     return top + np.log(np.sum(np.exp(x - top)))
>>> defvjp(logsumexp, lambda ans, x: lambda g: g * np.exp(x - ans))
>>> grad(logsumexp)(np.array([1.0, 1.0]))
array([0.5, 0.5])

Operations that come with the engine are declared in :mod:`autograd.primitives`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from itertools import count
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import _state
from autograd._handles import settled
from autograd._values import canonical, external
from autograd.primitives import Primitive, raw, record, scope_note
from autograd.tensor import Tensor
from autograd.trees import Skeleton, leaves_of, mapped, take_apart
from autograd.vspaces import VSpace, vspace

__all__ = [
    "VSpace",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "notrace_primitive",
    "primitive",
    "register_notrace",
    "vspace",
]

Function = Callable[..., Any]
#: ``(argnums, ans, args, kwargs)`` to a function from the cotangent of the output to those of these arguments.
VJPMaker = Callable[[Sequence[int], Any, Sequence[Any], dict[str, Any]], Callable[[Any], Iterable[Any]]]
#: ``(argnums, gs, ans, args, kwargs)`` to the tangent of the output.
JVPMaker = Callable[[Sequence[int], Sequence[Any], Any, Sequence[Any], dict[str, Any]], Any]


class _Rules:
    """The derivatives of one primitive, as they are given."""

    __slots__ = ("function", "jvp", "name", "vjp")

    def __init__(self, name: str) -> None:
        self.name = name
        self.function: Function
        self.vjp: VJPMaker | None = None
        self.jvp: JVPMaker | None = None

    def missing(self, kind: str, argnum: int) -> NotImplementedError:
        define, instead = ("defvjp", "") if kind == "VJP" else ("defjvp", ", or use make_jvp_reversemode")
        return NotImplementedError(
            f"{kind} of {self.name} wrt argnum {argnum} not defined{scope_note()}; give it one with {define}{instead}"
        )


class _Slot:
    """The place of an input among the arguments of a call."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index

    def __repr__(self) -> str:
        return f"x{self.index + 1}"


class _Call:
    """The arguments of one application of a primitive: its inputs taken out, everything else as it was given.

    Inputs are tensors, and arrays wherever they are, so that it is noticed if they are written to.
    """

    __slots__ = ("inputs", "keywords", "results", "template")

    def __init__(self, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self.inputs: list[Any] = []  # only while the call is made
        self.template = [mapped(self._strip, x) for x in args]
        self.keywords = mapped(self._strip, kwargs)
        self.results: tuple[list[Any], Skeleton] | None = None  # of a primitive with several outputs

    def _strip(self, x: Any) -> Any:
        if type(x) is Tensor or isinstance(x, ndarray):
            self.inputs.append(x)
            return _Slot(len(self.inputs) - 1)
        return x

    def arguments(self, inputs: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
        """The positional and keyword arguments with these inputs."""

        def fill(x: Any) -> Any:
            return inputs[x.index] if type(x) is _Slot else x

        return [mapped(fill, x) for x in self.template], mapped(fill, self.keywords)

    def slots(self, argnum: int) -> list[tuple[int, _Slot]]:
        """Where the leaves of one argument are inputs, and which."""
        return [(i, leaf) for i, leaf in enumerate(leaves_of(self.template[argnum])) if type(leaf) is _Slot]

    def argnums(self, wanted: Sequence[bool]) -> list[int]:
        """The arguments that hold any of the inputs wanted."""
        return [i for i in range(len(self.template)) if any(wanted[slot.index] for _, slot in self.slots(i))]

    def __repr__(self) -> str:
        return ", ".join([*map(repr, self.template), *(f"{key}={value!r}" for key, value in self.keywords.items())])


def primitive(f_raw: Function, *, copies: bool = False) -> Function:
    """Make a function of plain values an operation of the graph.

    Parameters
    ----------
    f_raw : callable
        Called with plain numbers and arrays in place of the tensors among its positional arguments (also inside tuples,
        lists and dictionaries). Returns a number, an array, or a structure of these. Keyword arguments are static.
    copies
        Whether it is given copies of the tensors' arrays, as it writes into them; otherwise it must not.

    Returns
    -------
    callable
        The same on plain values; on tensors it records a node. Its derivatives are given with :func:`defvjp` and
        :func:`defjvp`.

    Raises
    ------
    TypeError
        When called: if the function uses a tensor that requires gradients but is not among its positional arguments.
    NotImplementedError
        When differentiated by an argument for which it has no rule.
    """
    name = getattr(f_raw, "__name__", type(f_raw).__name__)
    rules = _Rules(name)
    operation = Primitive(
        name=name,
        kind="custom",
        arity=0,
        symbol=name,
        formula=rf"\operatorname{{{name}}}".replace("_", r"\_") + r"(x_1, x_2, \dots)",
        forward=f_raw,
        pullback=lambda needed, ct, residuals, *rest, call, output: _pull(rules, needed, ct, rest, call, output),
        jvp=lambda tangents, *rest, call, output: _push(rules, tangents, rest, call, output),
    )

    def of_plain(args: Any, kwargs: Any, alone: bool) -> Any:
        """The function of plain values; ``alone`` if what is differentiated around it must have no part in it."""
        settings = _state.settings
        around = settings.assigning, settings.transforms
        settings.assigning = False  # the function may hand the arrays that it makes to anyone
        if alone:
            settings.transforms = 0
        try:
            return f_raw(*args, **kwargs)
        finally:
            settings.assigning, settings.transforms = around

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = settled(args), settled(kwargs)
        for x in args:
            if type(x) is Tensor or (
                isinstance(x, (tuple, list, dict)) and any(type(y) is Tensor for y in leaves_of(x))
            ):
                break
        else:
            return of_plain(args, kwargs, alone=False)
        for key, x in kwargs.items():
            if _state.is_grad_enabled() and any(type(y) is Tensor and y.requires_grad for y in leaves_of(x)):
                raise TypeError(
                    f"{name}: the keyword argument {key} holds a tensor that requires gradients, but a primitive has "
                    f"derivatives by positional arguments only{scope_note()}; pass it by position, or its .data"
                )
        call = _Call(args, kwargs)
        inputs, call.inputs = call.inputs, []
        plain_args, plain_kwargs = call.arguments([_plain(x, copies) for x in inputs])
        answer = settled(of_plain(plain_args, plain_kwargs, alone=True))
        results, skeleton = take_apart(answer)
        if skeleton.size == 1 and skeleton.shape is _SINGLE.shape:
            return record(operation, _result(name, answer), tuple(inputs), {"call": call, "output": 0})
        values = [_result(name, x) if varies(x) else x for x in results]
        call.results = values, skeleton
        return skeleton.filled(
            [
                record(operation, value, (*inputs,), {"call": call, "output": i}) if varies(value) else value
                for i, value in enumerate(values)
            ]
        )

    update_wrapper(wrapped, f_raw)
    wrapped.__name__ = name
    wrapped.fun = f_raw  # type: ignore[attr-defined]
    wrapped.rules = rules  # type: ignore[attr-defined]
    wrapped.primitive = operation  # type: ignore[attr-defined]
    rules.function = operation.function = wrapped
    return wrapped


_SINGLE = take_apart(0.0)[1]


def _plain(x: Any, copies: bool = False) -> Any:
    if type(x) is not Tensor:
        return x
    return x._data.copy() if copies and type(x._data) is ndarray else external(x._data)


def varies(x: Any) -> bool:
    """Whether something is a number, array or tensor of a kind that has derivatives: integers, say, have none."""
    if isinstance(x, (Tensor, ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return isinstance(x, (float, complex))


def _zeros(x: Any) -> Any:
    """The zero tangent or cotangent of a value, None for what has none."""
    return vspace(x).zeros() if varies(x) else None


def _result(name: str, x: Any) -> Any:
    if type(x) is Tensor and x._primitive is not None:
        raise TypeError(
            f"{name}: this primitive uses a tensor that requires gradients but is not among its arguments, so its "
            f"gradient would be lost{scope_note()}; pass it as an argument"
        )
    value = raw(x, name)
    # A copy: the function may have given an array that it or the program goes on to write to.
    return value.copy() if isinstance(value, ndarray) else canonical(np.asarray(value))


def _outputs(rules: _Rules, call: _Call, args: Sequence[Any], kwargs: dict[str, Any], out: Any) -> Any:
    """What the function returned: plain if its arguments are, else recorded."""
    if call.results is None:
        return external(out) if isinstance(out, float) else out
    if type(out) is Tensor:
        return rules.function(*args, **kwargs)
    values, skeleton = call.results
    return skeleton.filled([external(value) for value in values])


def _pull(
    rules: _Rules, needed: Sequence[bool], ct: Any, rest: Sequence[Any], call: _Call, output: int
) -> Sequence[Any]:
    """The cotangents of the inputs of one application."""
    *inputs, out = rest
    args, kwargs = call.arguments([external(x) for x in inputs])
    argnums = call.argnums(needed)
    if rules.vjp is None:
        raise rules.missing("VJP", argnums[0])
    answer = _outputs(rules, call, args, kwargs, out)
    g = ct.copy() if type(ct) is ndarray else external(ct)  # a rule may write into it
    if call.results is not None:
        values, skeleton = call.results
        g = skeleton.filled([g if i == output else _zeros(external(value)) for i, value in enumerate(values)])
    found: list[Any] = [None] * len(inputs)
    for argnum, cotangent in zip(argnums, rules.vjp(argnums, answer, args, kwargs)(g), strict=True):
        try:
            parts = take_apart(args[argnum])[1].leaves(settled(cotangent))
        except ValueError as error:
            raise TypeError(f"VJP of {rules.name} wrt argnum {argnum}: {error}") from error
        for place, slot in call.slots(argnum):
            if needed[slot.index]:
                _check_cotangent(rules, argnum, parts[place], inputs[slot.index], out)
                found[slot.index] = parts[place]
    return found


def _check_cotangent(rules: _Rules, argnum: int, c: Any, x: Any, out: Any) -> None:
    """Make sure that a rule gave a cotangent of its input's shape, or one that broadcasting explains.

    Raises
    ------
    TypeError, ValueError
        If not.
    """
    if c is None:
        raise TypeError(
            f"VJP of {rules.name} wrt argnum {argnum}: it returned None; return an array like the argument (zeros if "
            f"the output does not depend on it), or give None in place of the rule"
        )
    shape, wanted = np.shape(_plain(c)), np.shape(_plain(x))
    if shape == wanted:
        return
    try:
        fits = np.broadcast_shapes(shape, wanted) == wanted
        if not fits:
            of_output = np.shape(_plain(out))
            fits = np.broadcast_shapes(shape, wanted, of_output) == of_output
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"VJP of {rules.name} wrt argnum {argnum}: it returned shape {shape} for an argument of shape {wanted} and "
            f"an output of shape {np.shape(_plain(out))}; return a cotangent of the argument's shape"
        )


def _push(rules: _Rules, tangents: Sequence[Any], rest: Sequence[Any], call: _Call, output: int) -> Any:
    """The tangent of one output of one application."""
    *inputs, out = rest
    args, kwargs = call.arguments([external(x) for x in inputs])
    argnums = call.argnums([t is not None for t in tangents])
    if rules.jvp is None:
        raise rules.missing("JVP", argnums[0])
    moves = []
    for argnum in argnums:
        leaves, skeleton = take_apart(args[argnum])
        filled: list[Any] = [None] * len(leaves)
        for place, slot in call.slots(argnum):
            filled[place] = tangents[slot.index]
        moves.append(
            skeleton.filled(
                [_zeros(_plain(x)) if t is None else external(t) for t, x in zip(filled, leaves, strict=True)]
            )
        )
    tangent = settled(rules.jvp(argnums, moves, _outputs(rules, call, args, kwargs, out), args, kwargs))
    return tangent if call.results is None else call.results[1].leaves(tangent)[output]


# ---------------------------------------------------------------------------------------------------------------------
# Declaring derivatives
# ---------------------------------------------------------------------------------------------------------------------


def _rules_of(fun: Function, define: str) -> _Rules:
    rules = getattr(fun, "rules", None)
    if type(rules) is not _Rules:
        if hasattr(fun, "operation") or isinstance(getattr(fun, "primitive", None), Primitive):
            # One of ours: it has its derivatives, and keeps them. Programs supply the forward rules that they miss
            # elsewhere, which is fine; who gives a reverse rule may want another derivative than the true one.
            name = getattr(fun, "__name__", str(fun))
            if not define.startswith("defjvp"):
                warnings.warn(
                    f"{define}: {name} comes with its derivative and keeps it; for another, write a function of your "
                    f"own that calls it, make that a primitive, and give it the rule",
                    UserWarning,
                    stacklevel=3,
                )
            return _Rules(name)
        raise TypeError(
            f"{define}: {getattr(fun, '__name__', fun)} is not a primitive of yours; make one with @primitive from a "
            f"function of plain arrays"
        )
    return rules


def defvjp(fun: Function, *vjpmakers: Function | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive its vector-Jacobian products, one for each argument.

    Parameters
    ----------
    fun : callable
        Made by :func:`primitive`. A function that comes with the engine keeps the derivative it has, with a warning.
    *vjpmakers : callable or None
        ``vjpmaker(ans, *args, **kwargs)``, where ``ans`` is the output, returns a function from the output's cotangent
        to that of its argument. Written with differentiable functions, it can be differentiated in turn. None says that
        the output does not depend on that argument.
    argnums : iterable of int
        The arguments that they belong to; by default the first ones.

    Raises
    ------
    TypeError
        If ``fun`` is not a primitive, or a rule is not callable.
    """
    rules = _rules_of(fun, "defvjp")
    makers = dict(zip(count() if argnums is None else argnums, vjpmakers, strict=False))
    for maker in vjpmakers:
        if maker is not None and not callable(maker):
            raise TypeError(f"defvjp of {rules.name}: a rule must be callable or None, got {maker!r}")

    def joint(argnums: Sequence[int], ans: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        vjps = []
        for i in argnums:
            if i not in makers:
                raise rules.missing("VJP", i)
            maker = makers[i]
            vjps.append(_zero_vjp(args[i]) if maker is None else maker(ans, *args, **kwargs))
        return lambda g: [vjp(g) for vjp in vjps]

    rules.vjp = joint


def _zero_vjp(x: Any) -> Function:
    return lambda g: vspace(x).zeros()


def defvjp_argnum(fun: Function, vjpmaker: Function) -> None:
    """Give a primitive one rule for all arguments, ``vjpmaker(argnum, ans, args, kwargs)``."""
    rules = _rules_of(fun, "defvjp_argnum")
    rules.vjp = lambda argnums, ans, args, kwargs: _each([vjpmaker(i, ans, args, kwargs) for i in argnums])


def _each(vjps: Sequence[Function]) -> Function:
    return lambda g: [vjp(g) for vjp in vjps]


def defvjp_argnums(fun: Function, vjpmaker: VJPMaker) -> None:
    """Give a primitive one rule for several arguments at once.

    ``vjpmaker(argnums, ans, args, kwargs)`` returns a function from the output's cotangent to those of the arguments.
    """
    _rules_of(fun, "defvjp_argnums").vjp = vjpmaker


def defjvp(fun: Function, *jvpfuns: Function | str | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive its Jacobian-vector products, one for each argument.

    Parameters
    ----------
    fun : callable
        Made by :func:`primitive`. A function that comes with the engine keeps the derivative it has; programs that
        supply one which they miss elsewhere run as they are.
    *jvpfuns : callable, "same" or None
        ``jvpfun(g, ans, *args, **kwargs)`` is the tangent of the output if that of the argument is ``g``. ``"same"``
        says that the function is linear in this argument, None that the output does not depend on it.
    argnums : iterable of int
        The arguments that they belong to; by default the first ones.

    Raises
    ------
    TypeError
        If ``fun`` is not a primitive, or a rule is none of these.

    Examples
    --------
    >>> from autograd import make_jvp
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defjvp(cube, lambda g, ans, x: 3 * x**2 * g)
    >>> value, tangent = make_jvp(cube)(2.0)(1.0)
    >>> float(value), float(tangent)
    (8.0, 12.0)
    """
    rules = _rules_of(fun, "defjvp")
    functions = dict(zip(count() if argnums is None else argnums, jvpfuns, strict=False))
    for jvpfun in jvpfuns:
        if jvpfun is not None and jvpfun != "same" and not callable(jvpfun):
            raise TypeError(f"defjvp of {rules.name}: a rule must be callable, 'same' or None, got {jvpfun!r}")

    def of_argument(i: int, g: Any, ans: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        if i not in functions:
            raise rules.missing("JVP", i)
        jvpfun = functions[i]
        if jvpfun is None:
            return vspace(ans).zeros()
        if isinstance(jvpfun, str):
            return fun(*args[:i], g, *args[i + 1 :], **kwargs)
        return jvpfun(g, ans, *args, **kwargs)

    defjvp_argnum(fun, of_argument)


def defjvp_argnum(fun: Function, jvpmaker: Function) -> None:
    """Give a primitive one rule for all arguments, ``jvpmaker(argnum, g, ans, args, kwargs)``."""

    def joint(argnums: Sequence[int], gs: Sequence[Any], ans: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        total: Any = None
        for i, g in zip(argnums, gs, strict=True):
            term = jvpmaker(i, g, ans, args, kwargs)
            total = term if total is None else mapped(lambda a, b: a + b, total, term)
        return total

    defjvp_argnums(fun, joint)


def defjvp_argnums(fun: Function, jvpmaker: JVPMaker) -> None:
    """Give a primitive one rule for several arguments at once: ``jvpmaker(argnums, gs, ans, args, kwargs)``."""
    _rules_of(fun, "defjvp_argnums").jvp = jvpmaker


def def_linear(fun: Function) -> None:
    """Say that a primitive is linear in each of its arguments, so that its tangents are the function itself."""
    defjvp_argnum(fun, lambda i, g, ans, args, kwargs: fun(*args[:i], g, *args[i + 1 :], **kwargs))


# ---------------------------------------------------------------------------------------------------------------------
# Functions without derivatives
# ---------------------------------------------------------------------------------------------------------------------


def notrace_primitive(f_raw: Function) -> Function:
    """Have a function called with plain values in place of tensors: it has no derivative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> notrace_primitive(lambda x: type(x).__name__)(Tensor(1.0))
    'float64'
    """

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return f_raw(*map(_plain, settled(args)), **kwargs)

    return update_wrapper(wrapped, f_raw)


def register_notrace(trace_type: Any, primitive_fun: Function) -> None:
    """Say that a primitive has derivative zero in all arguments.

    Parameters
    ----------
    trace_type
        For the established package, whether of reverse or of forward mode; here of both.
    primitive_fun : callable
        Made by :func:`primitive`.
    """
    rules = _rules_of(primitive_fun, "register_notrace")
    rules.vjp = lambda argnums, ans, args, kwargs: lambda g: [vspace(args[i]).zeros() for i in argnums]
    rules.jvp = lambda argnums, gs, ans, args, kwargs: vspace(ans).zeros()
