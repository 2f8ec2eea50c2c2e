"""Primitives: the operations with a gradient rule, each declared once, and how applying one records a node.

An operation is declared with one of five functions, named after its kind, from which the engine derives both
derivatives:

===================  ===============================  ==================================================
kind                 declares                         the engine derives
===================  ===============================  ==================================================
:func:`elementwise`  local partial derivatives        VJP and JVP (the Jacobian is diagonal)
:func:`linear`       its transpose                    VJP; the JVP is the operation itself
:func:`multilinear`  one transpose per input          VJP; the JVP is a sum of operations
:func:`custom`       a VJP per input and a JVP        nothing
:func:`fused`        its decomposition, and a faster  JVP, higher derivatives
                     VJP on plain values
===================  ===============================  ==================================================

Rules are written with operators and with the functions of ``autograd.ops``, never with NumPy directly: given plain
arrays they compute plain arrays, given tensors they record a graph, which is where higher derivatives come from.
Argument order in every rule: cotangent or tangents first, then the inputs, then the output, then attributes by keyword.
The exception is the pullback of a fused operation, which is there for speed alone: it sees plain values only.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from textwrap import indent
from threading import get_ident
from typing import Any, ParamSpec

import numpy as np
from numpy import ndarray

from autograd import _state
from autograd._handles import Handle
from autograd._values import GuardedArray, Raw, canonical, describe, external
from autograd.samples import Domain, Kink, Sample
from autograd.tensor import Tensor, next_serial

__all__ = [
    "ONE",
    "REGISTRY",
    "UFUNCS",
    "Primitive",
    "apply_elementwise",
    "binary",
    "custom",
    "elementwise",
    "first_input",
    "fused",
    "linear",
    "multilinear",
    "record_part",
    "second_input",
]

P = ParamSpec("P")
Rule = Callable[..., Any]
#: A local partial derivative: a function ``(*inputs, output)`` whose result a gradient is multiplied by (a value, or a
#: ``Route``), a constant, or None where there is no derivative.
Partial = Rule | float | None

#: Marks a constant local derivative of one, so that the engine can skip the multiplication.
ONE = object()


def first_input(x: Any, y: Any, out: Any) -> Any:
    """The local derivative that is just the first of two inputs; the backward pass knows it and spares the call."""
    return x


def second_input(x: Any, y: Any, out: Any) -> Any:
    """The local derivative that is just the second of two inputs."""
    return y


#: Every primitive by name, in the order of declaration. Tests, drawings and documentation read it.
REGISTRY: dict[str, Primitive] = {}

#: The public function for each NumPy ufunc that is the forward function of a primitive.
UFUNCS: dict[np.ufunc, Rule] = {}


@dataclass(slots=True, eq=False, repr=False)
class Primitive:
    """An operation the graph can record.

    Attributes
    ----------
    name
        Unique name, the name of its public function.
    kind
        ``"elementwise"``, ``"linear"``, ``"multilinear"``, ``"custom"`` or ``"fused"``.
    arity
        Number of inputs; 0 where it takes a sequence of any length.
    symbol
        What a drawing writes inside the gate.
    formula, partial_formulas
        LaTeX of the value and, for elementwise kinds, of each local derivative.
    forward, scalar
        The value of plain arrays, and the faster version for Python floats (elementwise only; it may raise
        ``ArithmeticError`` or ``ValueError``, then ``forward`` decides).
    partials
        Elementwise: the local derivative for each input.
    vjp, jvp
        Linear, multilinear and custom: ``vjp(index, cotangent, *inputs, output, **attributes)`` gives the cotangent of
        one input, ``jvp(tangents, *inputs, output, **attributes)`` the tangent of the output (None marks a zero
        tangent).
    vjps
        Of an operation on a sequence: ``vjps(needed, cotangent, *inputs, output, **attributes)`` gives the cotangents
        of all inputs at once, of which there may be very many; None for those not needed.
    accumulate, gather
        Of a linear operation that reads a small part of its input, so that reading all of it part by part takes no
        longer than reading it at once: ``accumulate(total, cotangent, **attributes)`` adds the cotangent of the input
        to a plain array in place; ``gather(cotangents, attributes, x)`` gives the sum of those that several such
        operations send to their common input ``x``.
    pullback
        Fused, and custom where it saves time: ``pullback(needed, cotangent, residuals, *inputs, output,
        **attributes)`` gives the cotangents of all inputs at once, on plain values. Primitives of
        :mod:`autograd.extend` have nothing else, and theirs take tensors, too.
    uses_values
        Whether any rule reads the inputs' values, so that these must not change before the backward pass.
    decomposition
        The same function built from simpler gates, where this one is a shortcut.
    samples, domains, kinks
        Where tests (and documentation) evaluate it.
    function
        The public function.
    """

    name: str
    kind: str
    arity: int
    symbol: str
    formula: str
    forward: Rule
    scalar: Rule | None = None
    partials: tuple[Any, ...] = ()
    partial_formulas: tuple[str, ...] = ()
    vjp: Rule | None = None
    jvp: Rule | None = None
    vjps: Rule | None = None
    accumulate: Rule | None = None
    gather: Rule | None = None
    pullback: Rule | None = None
    uses_values: bool = True
    decomposition: Rule | None = None
    samples: Callable[[], Iterable[Sample]] | None = None
    domains: tuple[Domain, ...] = ()
    kinks: tuple[Kink, ...] = ()
    function: Rule = field(init=False)
    # For the backward pass's inner loop: the arity of an elementwise primitive of one or two differentiable inputs
    # (else 0), and the first and last of its partials.
    fast: int = field(init=False, default=0)
    first: Any = field(init=False, default=None)
    last: Any = field(init=False, default=None)
    joint: bool = field(init=False, default=False)  # one rule gives the cotangents of all inputs
    single: bool = field(init=False, default=False)  # a linear function of one array

    def __post_init__(self) -> None:
        if self.partials and None not in self.partials and len(self.partials) <= 2:
            self.fast = len(self.partials)
            self.first, self.last = self.partials[0], self.partials[-1]
        self.joint = self.pullback is not None or self.vjps is not None
        self.single = self.kind == "linear" and self.arity == 1 and self.accumulate is None and not self.joint

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.kind}>"


# ---------------------------------------------------------------------------------------------------------------------
# Recording
# ---------------------------------------------------------------------------------------------------------------------

_new = Tensor.__new__


def _constant(primitive: Primitive, value: Raw, inputs: Sequence[Any], attributes: dict[str, Any] | None) -> Tensor:
    watcher = _state.settings.watcher if _state.unusual else None
    if watcher is not None:
        watcher.computed(primitive, value, inputs, attributes or {})
    constant = Tensor.from_raw(canonical(value), requires_grad=False)
    if watcher is not None:
        watcher.unrecorded(constant, inputs)
    return constant


def record(primitive: Primitive, value: Raw, inputs: tuple[Any, ...], attributes: dict[str, Any] | None = None) -> Any:
    """Make the node for an operation just computed, or a plain value or constant where nothing needs recording.

    Parameters
    ----------
    primitive
        The operation applied.
    value
        Its result.
    inputs
        What it was applied to: tensors, and plain values as constants.
    attributes
        Its static parameters, such as ``axis``.
    """
    tracked = tensors = writable = False
    for x in inputs:
        if type(x) is Tensor:
            tensors = True
            if x._primitive is not None:
                tracked = True
            if x._stamp is not None:
                writable = True
    if not tensors:
        return value
    value = canonical(value)
    if (
        writable
        and not primitive.uses_values
        and type(value) is ndarray
        and any(type(x) is Tensor and x._stamp is not None and np.may_share_memory(value, x._data) for x in inputs)
    ):
        value = value.copy()  # a view of an array that the user can write to would change with it
    if not tracked:
        return _constant(primitive, value, inputs, attributes)
    scope = watcher = pushing = None
    if _state.unusual:
        settings = _state.settings
        if not settings.recording:
            return _constant(primitive, value, inputs, attributes)
        scope, watcher, pushing = settings.scope, settings.watcher, settings.pushing
        if _state.pushing_anywhere > len(pushing):
            _check_threads(primitive, inputs)
    if type(value) is not float and value.dtype.kind not in "fc":
        error = TypeError(
            f"{primitive.name} of a tensor that requires gradients gives {value.dtype} values{scope_note()}, which "
            f"carry none; compute with its .data if no gradient is wanted"
        )
        _state.failed(error, primitive, inputs, attributes or {})
        raise error
    if watcher is not None:
        watcher.computed(primitive, value, inputs, attributes or {})
    if primitive.uses_values:
        inputs = _guard(inputs)
    node: Tensor = _new(Tensor)
    node._data = value
    node._primitive = primitive
    node._stamp = None
    node._serial = next_serial()
    if scope or attributes:
        node._notes = {"scope": scope or (), "attributes": attributes or {}}
    if primitive.arity == 1:
        (node._x,) = inputs
    elif primitive.arity == 2:
        node._x, node._y = inputs
    else:
        node._x = inputs
    if watcher is not None:
        watcher.recorded(node)
    if pushing:
        pushing[0].recorded_in_all(node)
    return node


def _check_threads(primitive: Primitive, inputs: tuple[Any, ...]) -> None:
    """Make sure that no input moves in a forward-mode block of another thread, which would not notice the result.

    Raises
    ------
    RuntimeError
        If one does.
    """
    for x in inputs:
        if type(x) is Tensor and any(block.thread not in (None, get_ident()) for block in x.note("tangents", ())):
            raise RuntimeError(
                f"{primitive.name} of a tensor ({describe(x._data)}){scope_note()} that another thread is "
                f"differentiating in forward mode (make_jvp, deriv): its tangent would be lost in this thread. Compute "
                f"this in the thread that called the function, or differentiate in reverse mode (grad, make_vjp)"
            )


def record_part(primitive: Primitive, value: Raw, x: Tensor, index: Any) -> Tensor:
    """:func:`record` for the part of an array that a plain index chooses, where nothing is unusual: faster."""
    node: Tensor = _new(Tensor)
    node._data = value
    node._primitive = primitive
    node._x = x
    node._stamp = None
    node._serial = next_serial()
    node._notes = {"scope": (), "attributes": {"index": index}}
    return node


def _guard(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Remember what arrays that the user can write to look like now (see ``Stamp``)."""
    guarded = None
    for i, x in enumerate(inputs):
        if type(x) is Tensor:
            if x._stamp is not None and type(x._data) is ndarray:
                x.renew_stamp()
        elif isinstance(x, ndarray):
            guarded = guarded or list(inputs)
            guarded[i] = GuardedArray(x)
    return inputs if guarded is None else tuple(guarded)


def raw(x: Any, operation: str) -> Raw:
    """The plain value of one argument of an operation.

    Raises
    ------
    TypeError
        If the argument is neither a tensor nor numeric.
    """
    if isinstance(x, Tensor):
        return x._data
    if isinstance(x, (float, int, complex, np.generic)):
        return x
    if type(x) is not ndarray and isinstance(x, Handle):
        value = x.peek()
        return value if value.ndim else value[()]
    if isinstance(x, ndarray) and x.dtype.kind in "biufc":
        return x if x.ndim else x[()]
    try:
        array = np.asarray(x)
    except (TypeError, ValueError, RuntimeError) as error:
        if isinstance(x, (list, tuple)):
            raise TypeError(
                f"{operation}: a list holds tensors or rows of different lengths; join tensors with stack or "
                f"concatenate first{scope_note()}"
            ) from error
        raise
    if array.dtype.kind not in "biufc":
        given = f"an array of {x.dtype}" if isinstance(x, ndarray) else type(x).__name__
        raise TypeError(f"{operation}: expected a tensor, a number or a numeric array, got {given}{scope_note()}")
    return array if array.ndim else array[()]


def _held(x: Any, value: Raw) -> Any:
    """What a node keeps of an input that is no tensor: its plain value, or what it is a handle of."""
    return x.current() if type(x) is not ndarray and isinstance(x, Handle) else value


def scope_note() -> str:
    """`` [in scope a/b]`` for error messages, or nothing outside any scope."""
    scope = _state.current_scope()
    return f" [in scope {'/'.join(scope)}]" if scope else ""


def _failed(primitive: Primitive, inputs: Sequence[Any], attributes: Mapping[str, Any], error: Exception) -> Exception:
    """The error to raise where NumPy refused the inputs of an operation: same type, but saying what and where."""
    given = ", ".join(describe(x._data if isinstance(x, Tensor) else x) for x in inputs)
    settings = "".join(f", {key}={value!r}" for key, value in attributes.items() if not isinstance(value, ndarray))
    hint = ""
    if primitive.kind == "elementwise" and "broadcast" in str(error):
        hint = "; make the shapes equal or broadcastable (aligned from the right, sizes equal or 1), e.g. with reshape"
    kind = type(error) if type(error) in (*_REFUSED, np.linalg.LinAlgError) else ValueError
    refusal = kind(f"{primitive.name}({given}{settings}): {error}{hint}{scope_note()}")
    _state.failed(refusal, primitive, inputs, attributes)
    return refusal


# ---------------------------------------------------------------------------------------------------------------------
# Elementwise primitives
# ---------------------------------------------------------------------------------------------------------------------


def apply_elementwise(primitive: Primitive, inputs: tuple[Any, ...]) -> Any:
    """Apply an elementwise primitive to any arguments: the general path behind the fast ones below."""
    values = [raw(x, primitive.name) for x in inputs]
    inputs = tuple(x if isinstance(x, Tensor) else _held(x, v) for x, v in zip(inputs, values, strict=True))
    if len(values) > 1 and not all(type(v) is float for v in values):
        # A float64 tensor of shape () is strong in NumPy's promotion, while a bare Python number is weak.
        values = [
            np.float64(v) if type(v) is float and isinstance(x, Tensor) else v
            for v, x in zip(values, inputs, strict=True)
        ]
    try:
        value = primitive.forward(*values)
    except (TypeError, ValueError) as error:
        raise _failed(primitive, inputs, {}, error) from error
    return record(primitive, value, inputs)


# The two functions below are the hot path of the whole engine: each application of an operator passes through one of
# them once. They spell out `record` for exact Tensors; whatever is unusual goes the general way.


def _scalar_version(primitive: Primitive) -> Rule:
    """The primitive's function of Python floats, giving one."""
    forward = primitive.forward
    return primitive.scalar or (lambda *values: float(forward(*values)))


def _unary(primitive: Primitive) -> Rule:
    scalar, forward = _scalar_version(primitive), primitive.forward

    def function(x: Any) -> Any:
        if type(x) is Tensor:
            value = x._data
            if type(value) is float:
                try:
                    value = scalar(value)
                except (ArithmeticError, ValueError):
                    value = float(forward(value))
            else:
                value = forward(value)
                if type(value) is not ndarray:
                    value = canonical(value)
            if x._primitive is None or _state.unusual or x._stamp is not None:
                return record(primitive, value, (x,))
            node = _new(Tensor)
            node._data = value
            node._primitive = primitive
            node._x = x
            node._stamp = None
            node._serial = next_serial()
            return node
        if type(x) is float:
            try:
                return scalar(x)
            except (ArithmeticError, ValueError):
                return float(forward(x))
        if type(x) is ndarray and x.dtype.kind in "fc":  # from a rule, on plain values
            return forward(x)
        return apply_elementwise(primitive, (x,))

    return function


def binary(primitive: Primitive, otherwise: Callable[[Primitive, tuple[Any, ...]], Any] = apply_elementwise) -> Rule:
    """The function that applies a primitive of two inputs; ``otherwise`` takes what is not a plain case."""
    scalar, forward = _scalar_version(primitive), primitive.forward

    def function(x1: Any, x2: Any) -> Any:
        x = x1._data if type(x1) is Tensor else x1
        y = x2._data if type(x2) is Tensor else x2
        if (type(x) is float and (type(y) is float or type(y) is int)) or (type(x) is int and type(y) is float):
            try:
                value = scalar(x, y)
            except (ArithmeticError, ValueError):
                value = float(forward(np.float64(x), np.float64(y)))
        elif type(x) is ndarray and type(x1) is Tensor and (type(y) is float or type(y) is int) and y is x2:
            value = forward(x, y)
            if x1._stamp is not None:
                return record(primitive, value, (x1, x2))
        elif type(y) is ndarray and type(x2) is Tensor and (type(x) is float or type(x) is int) and x is x1:
            value = forward(x, y)
            if x2._stamp is not None:
                return record(primitive, value, (x1, x2))
        elif type(x) is ndarray and type(y) is ndarray and type(x1) is type(x2) is Tensor:
            try:
                value = forward(x, y)
            except (TypeError, ValueError) as error:
                raise _failed(primitive, (x1, x2), {}, error) from error
            if x1._stamp is not None or x2._stamp is not None:
                return record(primitive, value, (x1, x2))
        elif type(x) is ndarray and type(y) is ndarray and (_is_numbers(x1) or _is_numbers(x2)):
            # one of them a plain array
            try:
                value = forward(x, y)
            except (TypeError, ValueError) as error:
                raise _failed(primitive, (x1, x2), {}, error) from error
            return record(primitive, value, (x1, x2))
        else:
            return otherwise(primitive, (x1, x2))
        if _state.unusual or not (
            (x is not x1 and x1._primitive is not None) or (y is not x2 and x2._primitive is not None)
        ):
            return record(primitive, value, (x1, x2))
        node = _new(Tensor)
        node._data = value
        node._primitive = primitive
        node._x = x1
        node._y = x2
        node._stamp = None
        node._serial = next_serial()
        return node

    return function


def _is_numbers(x: Any) -> bool:
    """Whether this is a plain array of floating numbers."""
    return type(x) is ndarray and x.ndim > 0 and x.dtype.kind in "fc"


def _nary(primitive: Primitive) -> Rule:
    scalar = primitive.scalar

    def function(*inputs: Any) -> Any:
        if len(inputs) != primitive.arity:
            raise TypeError(f"{primitive.name} takes {primitive.arity} inputs, got {len(inputs)}")
        if scalar is not None:
            values = [x._data if type(x) is Tensor else x for x in inputs]
            if all(type(v) is float for v in values):
                return record(primitive, scalar(*values), inputs)
        return apply_elementwise(primitive, inputs)

    return function


def elementwise(
    name: str,
    forward: Rule,
    *,
    partials: tuple[Partial, ...],
    doc: str,
    example: str,
    domains: tuple[Domain, ...],
    symbol: str | None = None,
    formula: str,
    partial_formulas: tuple[str, ...],
    scalar: Rule | None = None,
    decomposition: Rule | None = None,
    kinks: tuple[Kink, ...] = (),
    parameters: tuple[str, ...] | None = None,
    module: str = "autograd",
) -> Rule:
    """Declare an elementwise operation and return its public function.

    Parameters
    ----------
    name
        Unique name; NumPy's, where NumPy has the function.
    forward
        The value from plain arrays, broadcasting as NumPy does (usually a ufunc).
    partials
        For each input the local derivative: a function ``(*inputs, output)``, a number if it is constant, or None if
        the output does not depend on that input differentiably. One that only lets gradients through or not returns a
        ``Route`` (see ``autograd/ops/elementwise.py``).
    doc
        The public docstring's first paragraph, from which the rest follows by itself.
    example
        A doctest, executed by the test run.
    domains
        For each input an interval from which tests draw (away from kinks).
    symbol, formula, partial_formulas
        What drawings write in the gate, and LaTeX of the value and of each local derivative.
    scalar
        A faster ``forward`` for Python floats; one of more than two inputs must not raise.
    decomposition
        The same function from simpler gates, where this one is a shortcut.
    kinks
        Points where the derivative jumps or meets a tie, with the local derivatives chosen there.
    parameters
        Names of the inputs in the documentation.
    module
        From where its documentation imports it.

    Returns
    -------
    callable
        Applied to tensors it records a node; applied to plain numbers and arrays it returns what NumPy would.

    Examples
    --------
    See CONTRIBUTING.md, "Adding an operation".
    """
    if not len(partials) == len(partial_formulas) == len(domains):
        raise ValueError(f"elementwise {name!r}: give as many partials as partial_formulas and domains")
    primitive = Primitive(
        name=name,
        kind="elementwise",
        arity=len(partials),
        symbol=name if symbol is None else symbol,
        formula=formula,
        forward=forward,
        scalar=scalar,
        partials=tuple(_partial(p) for p in partials),
        partial_formulas=partial_formulas,
        uses_values=any(callable(p) for p in partials),
        decomposition=decomposition,
        domains=domains,
        kinks=kinks,
    )
    function = {1: _unary, 2: binary}.get(primitive.arity, _nary)(primitive)
    names = parameters or (("x",) if primitive.arity == 1 else tuple(f"x{i + 1}" for i in range(primitive.arity)))
    function.__doc__ = _elementwise_docstring(primitive, names, doc, example, module)
    function.__module__ = module
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in names]
    )
    return _publish(primitive, function)


def _partial(partial: Partial) -> Any:
    if partial == 1:
        return ONE
    if partial is None or callable(partial):
        return partial
    constant = float(partial)
    return lambda *_: constant


def _elementwise_docstring(primitive: Primitive, names: tuple[str, ...], doc: str, example: str, module: str) -> str:
    derivatives = "\n".join(
        f"    - with respect to {name}: :math:`{tex}`"
        for name, tex in zip(names, primitive.partial_formulas, strict=True)
    )
    imports = (
        f">>> from autograd import Tensor, {primitive.name}"
        if module == "autograd"
        else f">>> from autograd import Tensor\n    >>> from {module} import {primitive.name}"
    )
    at_kinks = "".join(
        f"\n    - at {', '.join(f'{x} = {value:g}' for x, value in zip(names, k.inputs, strict=True))}, "
        f"where there is none: {', '.join(f'{value:g}' for value in k.partials)}"
        for k in primitive.kinks
    )
    return f"""{doc}

    .. math:: {primitive.formula}

    Parameters
    ----------
    {", ".join(names)} : Tensor or array_like
        Of any real dtype, or a complex one where the formula has a meaning; shapes broadcast.

    Returns
    -------
    Tensor
        Of the broadcast shape and promoted dtype; a plain number or array if no input is a tensor.

    Raises
    ------
    TypeError
        If an input is not numeric.
    ValueError
        If the shapes do not broadcast.

    Notes
    -----
    Local derivatives:

{derivatives}{at_kinks}

    Examples
    --------
    {imports}
{indent(example.strip(), "    ")}
    """


def _interactive(primitive: Primitive) -> bool:
    """Whether it is the user's own, of a notebook or a script: executing a cell again declares it anew."""
    return getattr(primitive.forward, "__module__", None) == "__main__"


def _publish(primitive: Primitive, function: Rule) -> Rule:
    known = REGISTRY.get(primitive.name)
    if known is not None and not (_interactive(known) and _interactive(primitive)):
        raise ValueError(f"a primitive named {primitive.name!r} is declared already; choose another name")
    REGISTRY[primitive.name] = primitive
    function.__name__ = function.__qualname__ = primitive.name
    function.primitive = primitive  # type: ignore[attr-defined]
    primitive.function = function
    if isinstance(primitive.forward, np.ufunc):
        UFUNCS[primitive.forward] = function
    return function


# ---------------------------------------------------------------------------------------------------------------------
# The other kinds: decorators on the forward function
# ---------------------------------------------------------------------------------------------------------------------


#: What NumPy raises where it cannot compute.
_REFUSED = (TypeError, ValueError, IndexError, ZeroDivisionError)

#: Kinds of attributes that hold something the caller might write to.
_MUTABLE = (ndarray, list, tuple)


def _vector_function(primitive: Primitive, forward: Rule, sequence: bool) -> Rule:
    """Wrap a forward function so that it takes tensors; parameters after the arrays are static attributes."""
    count = 1 if sequence else primitive.arity
    signature = inspect.signature(forward)
    parameters = list(signature.parameters.values())[count:]
    names = [p.name for p in parameters]
    known = set(names)
    defaults = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
    with_residuals = primitive.pullback is not None

    def function(*args: Any, **kwargs: Any) -> Any:
        if not sequence and len(args) >= count:
            for x in args[:count]:
                if type(x) is not ndarray or x.dtype.kind not in "fc":
                    break
            else:  # from a rule, on plain values
                try:
                    return forward(*args, **kwargs)[0] if with_residuals else forward(*args, **kwargs)
                except _REFUSED:
                    pass  # what is wrong is said below
        attributes = defaults.copy()
        if len(args) == count and kwargs.keys() <= known:  # the usual case
            for key, value in kwargs.items():
                attributes[key] = _frozen(value) if type(value) in _MUTABLE else value
        else:
            given = dict(zip(names, args[count:], strict=False)) if len(args) > count else {}
            if not count <= len(args) <= count + len(names) or not kwargs.keys() <= known - given.keys():
                bound = signature.bind(*args, **kwargs)  # arrays by keyword; raises Python's own messages
                args, kwargs = bound.args, bound.kwargs
                given = dict(zip(names, args[count:], strict=False))
            for key, value in (given | kwargs if given else kwargs).items():
                attributes[key] = (
                    _frozen(value)
                    if type(value) in _MUTABLE
                    else value.current()
                    if isinstance(value, Handle)
                    else value
                )
        # The elements of a sequence are collected anew: two nodes must never share one tuple of inputs.
        inputs = (*args[0],) if sequence else args if len(args) == count else args[:count]
        values = [x._data if type(x) is Tensor else raw(x, primitive.name) for x in inputs]
        for x in inputs:
            if type(x) is not Tensor:
                inputs = tuple([x if type(x) is Tensor else _held(x, v) for x, v in zip(inputs, values, strict=True)])
                break
        try:
            value = forward(values, **attributes) if sequence else forward(*values, **attributes)
        except _REFUSED as error:
            raise _failed(primitive, inputs, attributes, error) from error
        except Exception as error:
            _state.failed(error, primitive, inputs, attributes)
            raise
        if not with_residuals:
            return record(primitive, value, inputs, attributes)
        value, residuals = value
        node = record(primitive, value, inputs, attributes)
        if type(node) is Tensor and node._primitive is primitive:
            node.set_note("residuals", residuals)
        return node

    return update_wrapper(function, forward)


def _frozen(attribute: Any) -> Any:
    """An attribute that the caller can no longer write to."""
    if isinstance(attribute, ndarray):
        return attribute.copy()
    return type(attribute)(map(_frozen, attribute)) if type(attribute) in (list, tuple) else attribute


def _declare(
    kind: str,
    arity: int,
    vjp: Rule,
    jvp: Callable[[Rule], Rule],
    uses_values: bool,
    symbol: str,
    formula: str,
    samples: Callable[[], Iterable[Sample]],
    decomposition: Rule | None,
    **rules: Any,
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    def decorate(forward: Callable[P, Any]) -> Callable[P, Any]:
        primitive = Primitive(
            name=forward.__name__,
            kind=kind,
            arity=arity,
            symbol=symbol,
            formula=formula,
            forward=forward,
            vjp=vjp,
            uses_values=uses_values,
            decomposition=decomposition,
            samples=samples,
            **rules,
        )
        function = _publish(primitive, _vector_function(primitive, forward, sequence=arity == 0))
        primitive.jvp = jvp(function)
        return function

    return decorate


def linear(
    *,
    transpose: Rule,
    symbol: str,
    formula: str,
    samples: Callable[[], Iterable[Sample]],
    decomposition: Rule | None = None,
    sequence: bool = False,
    accumulate: Rule | None = None,
    gather: Rule | None = None,
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Declare the decorated forward function as an operation linear in all its inputs together.

    Parameters
    ----------
    transpose
        ``transpose(cotangent, x, output, **attributes)``, the cotangent of the input; only shape and dtype of ``x`` may
        be used. With ``sequence``, ``transpose(needed, cotangent, *xs, output, **attributes)``: a cotangent for each
        input, or None where ``needed`` (a bool for each input) is False.
    symbol, formula
        What drawings write in the gate, and LaTeX of the value.
    samples
        Gives the inputs and attributes on which tests evaluate it.
    decomposition
        The same function from simpler gates, where this one is a shortcut.
    sequence
        The first parameter is a sequence of arrays (concatenate, stack) instead of one array.
    accumulate, gather
        For operations that read a small part of their input (getitem): see :class:`Primitive`.
    """

    def jvp(function: Rule) -> Rule:
        if not sequence:
            return lambda tangents, x, out, /, **attributes: function(tangents[0], **attributes)

        def of_sequence(tangents: Sequence[Any], /, *rest: Any, **attributes: Any) -> Any:
            inputs = rest[:-1]
            filled = [zeros_like(x) if t is None else t for t, x in zip(tangents, inputs, strict=True)]
            return function(filled, **attributes)

        return of_sequence

    def vjp_of_sequence(index: int, ct: Any, /, *rest: Any, **attributes: Any) -> Any:
        needed = tuple(i == index for i in range(len(rest) - 1))
        return transpose(needed, ct, *rest, **attributes)[index]

    def vjp(index: int, ct: Any, /, *rest: Any, **attributes: Any) -> Any:
        return transpose(ct, *rest, **attributes)

    common = (jvp, False, symbol, formula, samples, decomposition)
    if sequence:
        return _declare("linear", 0, vjp_of_sequence, *common, vjps=transpose)
    return _declare("linear", 1, vjp, *common, accumulate=accumulate, gather=gather)


def multilinear(
    *,
    transposes: tuple[Rule, ...] | Rule,
    symbol: str,
    formula: str,
    samples: Callable[[], Iterable[Sample]],
    decomposition: Rule | None = None,
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Declare the decorated forward function as an operation linear in each of its inputs (matmul).

    Parameters
    ----------
    transposes
        For each input ``transpose(cotangent, *inputs, output, **attributes)``, the cotangent of that input. One
        function ``transpose(index, cotangent, *inputs, output, **attributes)`` instead says that the first parameter is
        a sequence of arrays (einsum).
    symbol, formula, samples, decomposition
        As in :func:`linear`.
    """
    sequence = not isinstance(transposes, tuple)

    def jvp(function: Rule) -> Rule:
        def of_inputs(tangents: Sequence[Any], /, *rest: Any, **attributes: Any) -> Any:
            total: Any = None
            for i, tangent in enumerate(tangents):
                if tangent is not None:
                    inputs = (*rest[:i], tangent, *rest[i + 1 : -1])
                    term = function(inputs, **attributes) if sequence else function(*inputs, **attributes)
                    total = term if total is None else total + term
            return total

        return of_inputs

    def of_tuple(index: int, ct: Any, /, *rest: Any, **attributes: Any) -> Any:
        return transposes[index](ct, *rest, **attributes)  # type: ignore[index]

    vjp = transposes if callable(transposes) else of_tuple
    arity = len(transposes) if isinstance(transposes, tuple) else 0
    return _declare("multilinear", arity, vjp, jvp, True, symbol, formula, samples, decomposition)


def custom(
    *,
    vjps: tuple[Rule, ...],
    jvp: Rule,
    pullback: Rule | None = None,
    symbol: str,
    formula: str,
    samples: Callable[[], Iterable[Sample]],
    decomposition: Rule | None = None,
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Declare the decorated forward function as an operation with a VJP per input and a JVP, written out.

    Parameters
    ----------
    vjps
        For each input ``vjp(cotangent, *inputs, output, **attributes)``.
    jvp
        ``jvp(tangents, *inputs, output, **attributes)``; a tangent is None where it is zero.
    pullback
        What the VJPs compute, for all inputs at once and on plain values, where that is faster; see :func:`fused`, but
        the residuals are None.
    symbol, formula, samples, decomposition
        As in :func:`linear`.
    """

    def vjp(index: int, ct: Any, /, *rest: Any, **attributes: Any) -> Any:
        return vjps[index](ct, *rest, **attributes)

    declare = _declare("custom", len(vjps), vjp, lambda _: jvp, True, symbol, formula, samples, decomposition)

    def decorate(forward: Callable[P, Any]) -> Callable[P, Any]:
        function = declare(forward)
        primitive = REGISTRY[forward.__name__]  # after the function was made, whose forward gives no residuals
        primitive.pullback, primitive.joint = pullback, pullback is not None
        return function

    return decorate


def fused(
    *,
    pullback: Rule,
    decomposition: Rule,
    symbol: str,
    formula: str,
    samples: Callable[[], Iterable[Sample]],
) -> Callable[[Callable[..., tuple[Any, Any]]], Rule]:
    """Declare the decorated forward function as a shortcut, in value and gradient, for a whole graph of simpler gates.

    This is for operations whose first derivative must be fast, such as a recurrent layer over all its time steps. Only
    the backward pass on plain values is written out; the JVP and all higher derivatives are those of the decomposition.

    Parameters
    ----------
    pullback
        ``pullback(needed, cotangent, residuals, *inputs, output, **attributes)``, on plain values: a cotangent for each
        input, or None where ``needed`` (a bool for each input) is False. It writes into none of its arguments.
    decomposition
        ``decomposition(*inputs, **attributes)``, the same function from simpler gates.
    symbol, formula, samples
        As in :func:`linear`.

    Returns
    -------
    callable
        A decorator for a forward function ``(*arrays, **attributes)`` that returns the value, and residuals: whatever
        the pullback wants to have kept, or None. Its attributes are keyword-only parameters, or have defaults.
    """

    def decorate(forward: Callable[..., tuple[Any, Any]]) -> Rule:
        parameters = inspect.signature(forward).parameters.values()
        primitive = Primitive(
            name=forward.__name__,
            kind="fused",
            arity=len([p for p in parameters if p.kind is not p.KEYWORD_ONLY and p.default is p.empty]),
            symbol=symbol,
            formula=formula,
            forward=forward,
            pullback=pullback,
            decomposition=decomposition,
            samples=samples,
        )
        return _publish(primitive, _vector_function(primitive, forward, sequence=False))

    return decorate


def zeros_like(x: Any) -> Raw:
    """A zero tangent or cotangent for an input: of its shape and dtype."""
    value = external(x._data if isinstance(x, Tensor) else x)
    return canonical(np.zeros_like(value))
