"""Finding the first operation, forward or backward, that makes NaN or an infinity out of finite numbers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, ParamSpec, TypeVar

import numpy as np

from autograd import _state
from autograd._state import Checker, watched_by
from autograd._values import GuardedArray, external
from autograd.nonfinite import DATA, Kind, Range, advice, advice_backward, birth, is_finite
from autograd.sources import PLACE, Place, Source, callers_frame, note_place, place_of, source_of
from autograd.tensor import VARIABLE, Tensor

if TYPE_CHECKING:
    from autograd.primitives import Primitive

__all__ = ["Anomaly", "AnomalyError", "Operand", "Phase", "detect_anomaly"]

P = ParamSpec("P")
R = TypeVar("R")

#: Where numbers stopped being finite. In a "variable", a "constant" or "given" as a cotangent or tangent to start from:
#: then no operation made it. A "sum" is that of what several operations send back to one tensor.
Phase = Literal["forward", "backward", "tangent", "sum", "step", "variable", "constant", "given"]

#: Under which names notes are kept on tensors: what made its first infinity, and that it is part of a derivative.
_ORIGIN, _DERIVED = "anomaly", "derived"

#: Marks functions the calls of which only make something that is run later.
_LATER = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


@dataclass(frozen=True, slots=True)
class Operand:
    """What an operation, or its gradient rule, was given or made.

    Attributes
    ----------
    role
        What it is: ``"input 0, variable 'x'"``, ``"output"``, ``"cotangent"``.
    range
        Its dtype, shape, least and greatest number, and how many are not finite.
    there
        Of elementwise operations, its number where the first one that is not finite was made.
    """

    role: str
    range: Range
    there: Any = None

    def __str__(self) -> str:
        there = "" if self.there is None or not self.range.shape else f"; there {self.there!r}"
        return f"{self.role}: {self.range}{there}"


@dataclass(frozen=True)
class Anomaly:
    """Where numbers stopped being finite: what an :class:`AnomalyError` says.

    Attributes
    ----------
    kind
        ``"nan"`` or ``"inf"``.
    phase
        ``"forward"``; ``"backward"``, ``"sum"`` or ``"tangent"`` in a derivative; ``"step"`` in that of an optimiser;
        ``"variable"``, ``"constant"`` or ``"given"`` (a cotangent or tangent to start from) if it came in.
    operation
        The primitive's name; empty if no operation made it.
    scope
        The scopes in which the operation was recorded, outermost first.
    source
        The line of the program that applied the operation; None where it is not known.
    made
        What is not finite: an output, a gradient, a tangent.
    operands
        What the operation or its rule was given, in the order in which rules take it.
    at
        Index of the first element of that kind.
    index
        In a backward pass, of which input it is the gradient; else None.
    attributes
        The operation's static parameters.
    within
        Of an operation that is itself part of a derivative, of which: ``"the derivative of log"``; else empty.
    advice
        What usually mends it; may be empty.
    noticed
        A later operation that made NaN of it, or took it in first; None if it was noticed at once.
    origin
        Of NaN made of infinities that came in with a variable or constant, which.
    """

    kind: Kind
    phase: Phase
    operation: str
    scope: tuple[str, ...]
    source: Source | None
    made: Operand
    operands: tuple[Operand, ...] = ()
    at: tuple[int, ...] = ()
    index: int | None = None
    attributes: Mapping[str, Any] | None = None
    within: str = ""
    advice: str = ""
    noticed: Anomaly | None = None
    origin: Anomaly | None = None

    @property
    def headline(self) -> str:
        """What happened, in one line."""
        name = f"{self.operation}{f' (in {self.within})' if self.within else ''}"
        count = (self.made.range.nans if self.kind == "nan" else self.made.range.infinities) or 1
        size = int(np.prod(self.made.range.shape))
        share = f" in {count:,} of {size:,} elements, first at {self.at}" if self.at else ""
        said = {
            "forward": f"{name} made {self.kind}{share}",
            "backward": f"backward, {name} made {self.kind} in the gradient of its input {self.index}{share}",
            "sum": f"what is sent back to {name} adds up to {self.kind}{share}",
            "tangent": f"the tangent of {name} became {self.kind}{share}",
            "step": f"a step of {name} made {self.kind}{share}",
        }.get(self.phase, f"the {self.made.role} holds {self.kind}{share}; no operation made it")
        return said + _in(self.scope)

    def lines(self) -> Iterator[str]:
        """Everything else, a line each."""
        if self.source is not None:
            verb = {"backward": "recorded at", "sum": "recorded at", "tangent": "recorded at"}.get(self.phase, "at")
            yield f"{'made at' if self.phase in _INPUTS else verb} {_shown(self.source)}"
        elif self.operation and self.phase != "step":
            yield "recorded before detect_anomaly began: put the forward pass into its block, too, to learn the line"
        for operand in (*self.operands, self.made):
            yield str(operand)
        if self.attributes:
            yield ", ".join(f"{key}={value!r}" for key, value in self.attributes.items() if np.ndim(value) == 0)
        if self.origin is not None:
            yield f"the infinity came in: {self.origin.headline}{_at(self.origin)}"
        if self.noticed is not None:
            later = self.noticed
            taken = f"taken in by {later.operation}{_in(later.scope)}" if later.kind == self.kind else ""
            yield f"{taken or f'then {later.headline}'}{_at(later)}"

    def __str__(self) -> str:
        text = "\n    ".join([self.headline, *filter(None, self.lines())])
        return f"{text}\n  To do: {self.advice}" if self.advice else text


_INPUTS = ("variable", "constant", "given")


def _shown(source: Source) -> str:
    text = str(source)
    return text if len(text) <= 160 else f"{text[:159]}…"


def _in(scope: tuple[str, ...]) -> str:
    return f" [in scope {'/'.join(scope)}]" if scope else ""


def _at(anomaly: Anomaly) -> str:
    return "" if anomaly.source is None else f", at {_shown(anomaly.source)}"


class AnomalyError(RuntimeError):
    """NaN or an infinity came up inside :func:`detect_anomaly`; the message says where and what to do.

    Attributes
    ----------
    anomaly : Anomaly
        The same facts as data. Its attributes are those of the error, too: ``error.operation``, ``error.source``.

    Notes
    -----
    A ``RuntimeError``, as PyTorch's is. It is not an ``ArithmeticError``, which code around an operation may mean to
    catch where a single number overflows.
    """

    def __init__(self, anomaly: Anomaly) -> None:
        super().__init__(anomaly)

    @property
    def anomaly(self) -> Anomaly:
        """What happened."""
        anomaly: Anomaly = self.args[0]
        return anomaly

    def __getattr__(self, name: str) -> Any:
        if name in Anomaly.__dataclass_fields__:
            return getattr(self.anomaly, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __str__(self) -> str:
        return str(self.anomaly)


class detect_anomaly:
    """Raise an error where an operation makes NaN, or a gradient stops being finite; for ``with`` and as a decorator.

    Parameters
    ----------
    check_nan : bool
        Whether NaN is looked for: in the forward pass, gradients and tangents.
    check_inf : bool, optional
        Whether infinities are looked for. By default those made on the way forward are let pass, since many are wanted
        (``log(0)``, masks); they are reported if NaN comes of them, if a single number is differentiated that is
        infinite (a loss), or if a gradient or tangent is. With True also where an operation makes one; constants may
        still hold them. With False never, except as the cause of NaN.

    Raises
    ------
    AnomalyError
        Inside the block, at the first operation that makes NaN or an infinity out of finite numbers; if it was a
        variable, a constant, or a cotangent that held it, that is named instead. Of NaN that comes of an infinity,
        what made the infinity is named first.
    TypeError
        If the decorated function only begins when it is called (a generator, a coroutine).

    Notes
    -----
    Works for ``backward``, for all transforms in both modes and nested, for optimisers' steps, and for graphs recorded
    before, of which it cannot tell the line. It concerns the thread that opens it; of nested blocks the innermost
    decides. What is computed on plain numbers and arrays alone is not looked at. Inside, every operation takes some ten
    microseconds more, forward and backward: twenty times as long with single numbers, hardly longer with large arrays.
    Outside it costs nothing. NumPy's own warnings come as ever.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import AnomalyError, Tensor, detect_anomaly
    >>> x = Tensor([4.0, 0.0], name="x")
    >>> try:
    ...     with detect_anomaly(), np.errstate(divide="ignore"):
    ...         y = np.sqrt(x).sum()
    ...         y.backward()
    ... except AnomalyError as error:
    ...     print(error)  # doctest: +NORMALIZE_WHITESPACE
    backward, sqrt made inf in the gradient of its input 0 in 1 of 2 elements, first at (1,)
        recorded at <doctest autograd.anomaly.detect_anomaly[3]>:3: y = np.sqrt(x).sum()
        cotangent: float64 (2,), 1.0; there 1.0
        input 0, variable 'x': float64 (2,), 0.0 to 4.0; there 0.0
        output: float64 (2,), 0.0 to 2.0; there 0.0
        gradient: float64 (2,), 0.25, 1 inf
      To do: its slope is infinite at 0, also behind a where: add a small number inside, sqrt(x + 1e-12)

    As a decorator, here of a function that is differentiated:

    >>> from autograd import grad
    >>> @detect_anomaly()
    ... def slope(x):
    ...     return grad(lambda x: np.log(x) * x)(x)
    >>> try:
    ...     with np.errstate(invalid="ignore"):
    ...         slope(-1.0)
    ... except AnomalyError as error:
    ...     print(error.operation, error.phase, error.kind, error.source.text)
    log forward nan return grad(lambda x: np.log(x) * x)(x)
    """

    def __init__(self, check_nan: bool = True, check_inf: bool | None = None) -> None:
        self.check_nan, self.check_inf = check_nan, check_inf
        self._open: list[AbstractContextManager[None]] = []

    def __enter__(self) -> None:
        block = watched_by(_Check(self.check_nan, self.check_inf))
        self._open.append(block)
        block.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.pop().__exit__(None, None, None)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Check every call of a function, each on its own."""
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _LATER:
            raise TypeError(
                f"detect_anomaly: a call of {function.__name__} returns before it computes anything; open the block "
                f"inside it, by: with detect_anomaly():"
            )

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            with detect_anomaly(self.check_nan, self.check_inf):
                return function(*args, **kwargs)

        return checked


class _Derived(NamedTuple):
    """What an operation recorded by a gradient rule is part of: the derivative of that order of another."""

    name: str
    order: int
    place: Place | None

    def __str__(self) -> str:
        order = {1: "the", 2: "the 2nd", 3: "the 3rd"}.get(self.order, f"the {self.order}th")
        return f"{order} derivative of {self.name}"

    def __reduce__(self) -> tuple[object, ...]:
        return type(None), ()


class _Check(Checker):
    """What an open block is told of, and judges."""

    def __init__(self, nan: bool, inf: bool | None) -> None:
        self.nan, self.inf = nan, inf
        # The nodes the rules of which are being applied, outermost first, and from where in the program.
        self._deriving: list[tuple[Tensor, Place | None]] = []
        self._origin: Anomaly | None = None  # of the result that is about to be told of

    # -- forward -----------------------------------------------------------------------------------------------------

    def made(self, leaf: Tensor, data: Any) -> None:
        """Note where; and the origin of what it copies."""
        note_place(leaf)
        _inherit(leaf, data)

    def computed(self, what: Primitive, value: Any, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> None:
        """Judge a result. What a rule computes on its way is its own affair: only what it gives is judged."""
        self._origin = None
        if self._deriving or is_finite(value):
            return
        place = place_of(callers_frame())
        found = _judge(
            what, value, inputs, attributes, None if place is None else place.source(), _state.settings.scope
        )
        self._origin = found
        last = found.noticed or found
        if self.nan if last.kind == "nan" else self.inf and found.phase != "constant":
            _fail(found, what, inputs, attributes)

    def recorded(self, result: Tensor) -> None:
        """Note where, and what it is part of."""
        here = note_place(result)
        self._note_origin(result)
        if self._deriving:
            outer, called = self._deriving[-1]
            before: _Derived | None = outer.note(_DERIVED, None)
            name, order, place = before or (outer._primitive.name, 0, outer.note(PLACE, None))
            # The line of a rule of the program's own says more.
            result.set_note(_DERIVED, _Derived(name, order + 1, place if here == called else here))

    def unrecorded(self, constant: Tensor, inputs: Sequence[Any]) -> None:
        """Note where."""
        note_place(constant)
        self._note_origin(constant)

    def cut(self, constant: Tensor, origin: Tensor, how: str) -> None:
        """Note where, unless it is a variable that was frozen; and the origin of what it copies."""
        if constant is not origin:
            note_place(constant)
            _inherit(constant, origin)

    def _note_origin(self, result: Tensor) -> None:
        if self._origin is not None:
            result.set_note(_ORIGIN, self._origin)
            self._origin = None

    # -- derivatives -------------------------------------------------------------------------------------------------

    @contextmanager
    def deriving(self, node: Tensor) -> Iterator[None]:
        """Note that a rule is being applied."""
        self._deriving.append((node, place_of(callers_frame())))
        try:
            yield
        finally:
            self._deriving.pop()

    def _wants(self, kind: Kind | None) -> bool:
        return self.nan if kind == "nan" else self.inf is not False if kind == "inf" else False

    def begun(self, root: Tensor, cotangent: Any) -> None:
        """Judge what is differentiated, if it was computed outside, and the cotangent given."""
        if not is_finite(root._data):
            found = Range.of(root._data)
            if (found.nans and self._wants("nan")) or (root.size == 1 and self._wants("inf")):
                _fail(_origin_of(root), root._primitive, root.inputs, root.attributes)
        self._judge_given("cotangent", root, cotangent)

    def _judge_given(self, role: str, root: Tensor, value: Any) -> None:
        value = _plain(value)
        if not is_finite(value):
            given = Operand(f"{role} given for the {_name(root)}", Range.of(value))
            kind: Kind = "nan" if given.range.nans else "inf"
            if self._wants(kind):
                raise AnomalyError(Anomaly(kind, "given", "", (), None, given, at=_first(value, kind), advice=DATA))

    def sent(self, node: Tensor, index: int, cotangent: Any, contribution: Any) -> None:
        """Judge what a rule gives."""
        c = _plain(contribution)
        if is_finite(c):
            return
        g, made = _plain(cotangent), Range.of(c)
        kind = birth(made, [Range.of(g)])
        if kind is None or not self._wants(kind):
            return
        found = self._derivative("backward", kind, node, c, "gradient", [("cotangent", g)])
        advised = advice_backward(found.operation, kind, Range.of(g))
        _fail(replace(found, index=index, advice=advised), node._primitive, node.inputs, node.attributes)

    def summed(self, x: Tensor, before: Any, contribution: Any, total: Any) -> None:
        """Judge the sum of what is sent back to one tensor."""
        value = _plain(total)
        if is_finite(value):
            return
        parts = [Operand(role, Range.of(_plain(c))) for role, c in (("before", before), ("added", contribution))]
        made = Operand("gradient", Range.of(value))
        kind = birth(made.range, [part.range for part in parts])
        if kind is not None and self._wants(kind):
            source, within, scope = _whereabouts(x)
            at = _first(value, kind)
            todo = "scale the result down, so that its gradients do not outgrow their dtype"
            found = Anomaly(kind, "sum", _name(x), scope, source, made, tuple(parts), at, within=within, advice=todo)
            _fail(found, x._primitive, x.inputs, x.attributes)

    def moved(self, node: Tensor, moves: Sequence[Any], tangent: Any) -> None:
        """Judge the tangent of a result."""
        value = _plain(tangent)
        if value is None or is_finite(value):
            return
        given = [(f"tangent {i}", _plain(t)) for i, t in enumerate(moves) if t is not None]
        made = Range.of(value)
        kind = birth(made, [Range.of(t) for _, t in given])
        if kind is None:
            for i, t in enumerate(moves):  # those made by an operation were told of
                if t is not None:
                    self._judge_given("tangent", node.held[i], t)
        elif self._wants(kind):
            found = self._derivative("tangent", kind, node, value, "tangent", given)
            advised = advice_backward(found.operation, kind, made)
            _fail(replace(found, advice=advised), node._primitive, node.inputs, node.attributes)

    @staticmethod
    def _derivative(
        phase: Phase, kind: Kind, node: Tensor, value: Any, role: str, given: Sequence[tuple[str, Any]]
    ) -> Anomaly:
        source, within, scope = _whereabouts(node)
        at = _first(value, kind)
        out = node._data
        where = at if node._primitive.kind == "elementwise" and np.shape(value) == node.shape else None
        values = [*given, *zip(_roles(node.held), map(_plain, node.held), strict=True), ("output", out)]
        odd = next((x for x in node.held if not is_finite(_plain(x))), None)
        return Anomaly(
            kind,
            phase,
            node._primitive.name,
            scope,
            source,
            Operand(role, Range.of(value)),
            tuple(_operand(name, x, where, node.shape) for name, x in values),
            at,
            attributes=node.attributes,
            within=within,
            origin=None if odd is None else _origin_of(odd),
        )

    # -- optimisers --------------------------------------------------------------------------------------------------

    def stepped(self, what: str, variable: Tensor, gradient: Any, before: Range) -> None:
        """Judge a variable's new value."""
        value = variable._data
        if is_finite(value) or before.nans or before.infinities:
            return
        made, g = Operand("new value", Range.of(value)), Range.of(gradient)
        kind: Kind = "nan" if made.range.nans else "inf"
        if self._wants(kind):
            operands = Operand("old value", before), Operand("gradient", g)
            odd = g.nans or g.infinities
            todo = "run the forward and backward pass inside detect_anomaly, too" if odd else "lower the learning rate"
            name = f"{what} for {_name(variable)}"
            source = source_of(variable)
            raise AnomalyError(
                Anomaly(kind, "step", name, (), source, made, operands, _first(value, kind), advice=todo)
            )


def _fail(found: Anomaly, what: Any, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> None:
    error = AnomalyError(found)
    if what is not VARIABLE and what is not None:
        _state.failed(error, what, inputs, attributes)
    raise error


# ---------------------------------------------------------------------------------------------------------------------
# Judging one operation
# ---------------------------------------------------------------------------------------------------------------------


def _judge(
    what: Primitive,
    value: Any,
    inputs: Sequence[Any],
    attributes: Mapping[str, Any],
    source: Source | None,
    scope: tuple[str, ...],
    within: str = "",
) -> Anomaly:
    """Find out who is to blame for a result that is not finite: the operation, or whatever made its inputs so."""
    value = external(value)
    made = Range.of(value)
    kind: Kind = "nan" if made.nans else "inf"
    at = _first(value, kind)
    where = at if what.kind == "elementwise" else None
    shape = np.shape(value)
    operands = [_operand(role, _plain(x), where, shape) for role, x in zip(_roles(inputs), inputs, strict=True)]
    ranges = [operand.range for operand in operands]
    here = Anomaly(
        kind,
        "forward",
        what.name,
        scope,
        source,
        Operand("output", made),
        tuple(operands),
        at,
        attributes=attributes,
        within=within,
        advice=advice(what.name, kind, ranges),
    )
    nans = [x for x, given in zip(inputs, ranges, strict=True) if given.nans]
    infinite = [x for x, given in zip(inputs, ranges, strict=True) if given.infinities]
    if (kind == "nan" and nans) or (kind == "inf" and (nans or infinite)):
        origin = _origin_of((nans or infinite)[0])
        told = origin.noticed is not None or origin.phase == "forward"
        return origin if told else replace(origin, noticed=here)
    if kind == "nan" and infinite:
        origin = _origin_of(infinite[0])
        return replace(here, origin=origin) if origin.phase in _INPUTS else replace(origin, noticed=here)
    return here


def _origin_of(x: Any) -> Anomaly:
    """What made something that is not finite so: noted, found in the graph, or nothing: then it came in itself."""
    if isinstance(x, Tensor):
        noted: Anomaly | None = x.note(_ORIGIN, None)
        if noted is not None:
            return noted
        if not x.is_leaf:
            node = _oldest(x)
            source, within, scope = _whereabouts(node)
            return _judge(node._primitive, node._data, node.inputs, node.attributes, source, scope, within)
    value = _plain(x)
    made = Range.of(value)
    kind: Kind = "nan" if made.nans else "inf"
    variable = isinstance(x, Tensor) and x.requires_grad
    source = source_of(x) if isinstance(x, Tensor) else None
    phase: Phase = "variable" if variable else "constant"
    return Anomaly(kind, phase, "", (), source, Operand(_name(x), made), at=_first(value, kind), advice=DATA)


def _oldest(root: Tensor) -> Tensor:
    """Of the results behind one that is not finite, the oldest that is not either and had it from no result."""
    found, pending, seen = [], [root], {root}
    while pending:
        node = pending.pop()
        odd = [
            x
            for x in node.held
            if isinstance(x, Tensor) and not x.is_leaf and x.note(_ORIGIN, None) is None and not is_finite(x._data)
        ]
        if not odd:
            found.append(node)
        new = [x for x in odd if x not in seen]
        seen.update(new)
        pending += new
    return min(found, key=lambda node: node._serial)


def _inherit(leaf: Tensor, data: Any) -> None:
    if isinstance(data, Tensor) and (origin := data.note(_ORIGIN, None)) is not None:
        leaf.set_note(_ORIGIN, origin)


def _whereabouts(node: Tensor) -> tuple[Source | None, str, tuple[str, ...]]:
    """Of a result: the line, what derivative it is part of, and its scope."""
    derived: _Derived | None = node.note(_DERIVED, None)
    if derived is None:
        return source_of(node), "", node.scope
    return None if derived.place is None else derived.place.source(), str(derived), node.scope


def _plain(x: Any) -> Any:
    value = x._data if isinstance(x, Tensor) else x.array if type(x) is GuardedArray else x
    return external(value)


def _name(x: Any) -> str:
    if not isinstance(x, Tensor):
        return "plain array" if np.ndim(_plain(x)) else "number"
    kind = "variable" if x._primitive is VARIABLE else "constant" if x.is_leaf else f"result of {x._primitive.name}"
    return f"{kind} {x.name!r}" if x.name else kind


def _roles(inputs: Sequence[Any]) -> list[str]:
    return [f"input {i}, {_name(x)}" for i, x in enumerate(inputs)]


def _operand(role: str, value: Any, where: tuple[int, ...] | None, shape: tuple[int, ...]) -> Operand:
    there = None
    if where:
        there = np.broadcast_to(value, shape)[where].item()
    return Operand(role, Range.of(value), there)


def _first(value: Any, kind: Kind) -> tuple[int, ...]:
    """Index of the first element that is NaN, or infinite."""
    array = np.asarray(value)
    odd = np.isnan(array) if kind == "nan" else np.isinf(array)
    return tuple(map(int, np.unravel_index(int(odd.argmax()), array.shape))) if array.ndim else ()
