"""From steps to gates: each step records what the same line of Python would record, and is checked."""

from __future__ import annotations

import difflib
import math
import operator
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from autograd import Tensor, no_grad, stack
from autograd.primitives import REGISTRY
from autograd.sources import PLACE, Source
from viz.formulas import functions
from viz.formulas.errors import Span
from viz.formulas.parser import EXACT, Program, Step
from viz.formulas.tokens import canonical

__all__ = ["evaluate"]

#: How many elements all steps together may compute, besides a thousand for each element that was given: brackets and
#: broadcasting can make enormous arrays from a short text.
BUDGET = 20_000_000

_MOST_AXES = 32
_OPERATIONS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power", "@": "matmul"}
#: What Python code has for these operations: operators, which compute plain numbers as well.
_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    "matmul": operator.matmul,
    "negative": operator.neg,
    "absolute": abs,
}
_REFUSED = (TypeError, ValueError, IndexError, ArithmeticError)


def evaluate(program: Program, values: Mapping[str, Any]) -> Tensor:
    """Carry out a formula's steps with these values for its names.

    Examples
    --------
    >>> from viz.formulas.parser import parse
    >>> evaluate(parse("w*x + 1"), {"w": 2, "x": -1})
    Tensor(-1.0, op=add)
    """
    given = _given(program, values)
    _check_names(program, given)
    return _Evaluation(program, _variables(program, given)).run()


# -- names ------------------------------------------------------------------------------------------------------------


def _given(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values by the canonical form of their names."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        if canonical(name) in given:
            raise program.error(f"two values are given for the name {canonical(name)!r}, written in two ways")
        given[canonical(name)] = value
    return given


def _check_names(program: Program, given: Mapping[str, Any]) -> None:
    """Every name has one value, every value is used, every function exists, and gets as many arguments as it takes."""
    assigned: dict[str, Step] = {}
    later = {step.text for step in program.steps if step.kind == "assign"}
    used: set[str] = set()
    unknown: list[Step] = []
    for step in program.steps:
        name = step.text
        if step.kind == "name":
            if name not in given and name not in assigned and (name not in functions.CONSTANTS or name in later):
                unknown.append(step)
            used.add(name)
        elif step.kind == "call":
            _check_call(program, step, name in given or name in later)
        elif step.kind == "assign":
            if name in given:
                raise program.error(f"{name!r} is given a value from outside, and here another one", step.at)
            if name in assigned:
                raise program.error(
                    f"{name!r} is given a second value; choose another name, so that each stands for one value",
                    assigned[name].at,
                    step.at,
                )
            assigned[name] = step
        elif step.kind == "drop" and step is not program.steps[-1]:
            raise program.error(
                "nothing uses the result of this statement; give it a name, such as s = …, or leave it out", step.span
            )
    if unknown:
        _refuse_unknown(program, unknown, {*given, *later}, later)
    for name, step in assigned.items():
        if name not in used and step is not program.steps[-1]:
            raise program.error(f"nothing uses {name!r}; leave it out, or use it in the last statement", step.at)
    if unused := [name for name in given if name not in used]:
        listed = _listed(repr(_cut(name)) for name in unused)
        names = sorted(name for name in used if name in given)
        raise program.error(
            f"the formula has no {listed}, for which {'a value is' if len(unused) == 1 else 'values are'} given"
            f"{_similar(unused[0], names)}"
        )


def _check_call(program: Program, step: Step, hidden: bool) -> None:
    name, shown = step.text, _cut(step.text)
    if hidden:
        problem = f"{shown} is a value here, not a function; a product is written with *, such as {shown}*(…)"
        if functions.is_function(name):
            problem = (
                f"{shown} is given a value here, which hides the function {shown}; choose another name for the value"
            )
        raise program.error(problem, step.at)
    if not functions.is_function(name):
        if name in functions.REWRITES:
            advice = f"; write {functions.REWRITES[name]}"
        else:
            similar = _similar(name, functions.names())
            advice = f"{similar or '.'} There are {', '.join(functions.names())}"
        raise program.error(f"no function is called {shown!r}{advice}", step.at)
    least, most = functions.arity(name)
    if step.count < least or (most is not None and step.count > most):
        takes = f"{least} argument{'s' if least > 1 else ''}" if most else "at least 1 argument"
        advice = f"; {name}([a, b]) takes an array" if name == "sum" and step.count > 1 else ""
        raise program.error(f"{name} takes {takes}, not {step.count}{advice}", step.at)


def _refuse_unknown(program: Program, unknown: Sequence[Step], known: set[str], later: set[str]) -> NoReturn:
    name = unknown[0].text
    spans = [step.at for step in unknown]
    if name in later:
        raise program.error(f"{name!r} is used before it gets its value", spans[0])
    if functions.is_function(name):
        raise program.error(f"{name} is a function, whose argument stands in brackets: {name}(x)", spans[0])
    missing = list(dict.fromkeys(_cut(step.text) for step in unknown))
    factors = [f"{name[:i]}*{name[i:]}" for i in range(1, len(name)) if name[:i] in known and name[i:] in known]
    similar = f". A product is written with *: {factors[0]}." if factors else _similar(name, known)
    foreign = [f"{c} is U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in name if not c.isascii()][:3]
    spelt = f" ({', '.join(foreign)})" if foreign and known else ""
    given = f" Known {'are' if len(known) > 1 else 'is'} {_listed(sorted(map(_cut, known)))}." if known else ""
    example = ", ".join(f"{each}=…" for each in missing[:4]) + (", …" if len(missing) > 4 else "")
    raise program.error(
        f"no value for {_listed(map(repr, missing))}{spelt}{similar or '.'}{given} Values are given like {example}",
        *spans,
    )


def _similar(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name[:80], sorted(names), 1, 0.5)
    return f". Did you mean {_cut(close[0])!r}?" if close else ""


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    if len(words) > 8:
        words = [*words[:7], f"{len(words) - 7} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _cut(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"


def _variables(program: Program, given: Mapping[str, Any]) -> dict[str, Any]:
    """A variable for each value, in the order in which they are given, named as the formula writes them."""
    first: dict[str, Span] = {}
    for step in program.steps:
        if step.kind == "name":
            first.setdefault(step.text, step.at)
    variables = {}
    for name, value in given.items():
        written = program.formula[slice(*first[name])]
        if not isinstance(value, Tensor):
            try:
                value = Tensor(value)
                value.set_note(PLACE, _Place(program.formula, first[name]))
            except (TypeError, ValueError, OverflowError) as error:
                raise program.error(
                    f"the value given for {_cut(name)!r} cannot be used: {error}", first[name]
                ) from error
        if value.name is None:
            value.name = written
        variables[name] = value
    return variables


@dataclass(frozen=True, slots=True)
class _Place:
    """A piece of a formula, where tensors else have a place in a program (:class:`autograd.sources.Place`)."""

    formula: str
    span: Span

    def source(self) -> Source:
        """The line of the formula, and what part of it the piece is."""
        start = self.formula.rfind("\n", 0, self.span[0]) + 1
        whole = self.formula[start:].split("\n", 1)[0].rstrip()
        text = whole.lstrip()
        margin = start + len(whole) - len(text)
        span = (self.span[0] - margin, min(self.span[1] - margin, len(text)))
        return Source("formula", self.formula.count("\n", 0, start) + 1, "", text, span)

    def __str__(self) -> str:
        return f"formula:{self.source().line}"


# -- values -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Operand:
    """A value on the stack, and the step that computed it."""

    value: Any
    step: Step

    @property
    def array(self) -> np.ndarray[Any, Any]:
        with no_grad():
            return np.asarray(self.value)


class _Evaluation:
    def __init__(self, program: Program, names: dict[str, Any]) -> None:
        self.program = program
        self.names = names
        self.budget = BUDGET + 1000 * sum(math.prod(value.shape) for value in names.values())

    def run(self) -> Tensor:
        stacked: list[_Operand] = []
        result: Any = None
        for step in self.program.steps:
            first = len(stacked) - step.count
            operands = stacked[first:]
            del stacked[first:]
            if step.kind in ("assign", "drop"):
                result = operands[0].value
                if step.kind == "assign":
                    self.names[step.text] = result
                    if isinstance(result, Tensor) and not result.is_leaf and result.name is None:
                        result.name = self.program.formula[slice(*step.at)]
            else:
                stacked.append(_Operand(self.compute(step, operands), step))
        return result if isinstance(result, Tensor) else Tensor(np.asarray(result, np.float64), requires_grad=False)

    def compute(self, step: Step, operands: list[_Operand]) -> Any:
        if step.kind == "number":
            return step.value
        if step.kind == "name":
            return self.names[step.text] if step.text in self.names else functions.CONSTANTS[step.text]
        if step.kind == "prefix":
            return self.apply(step, "negative", operands) if step.text == "-" else operands[0].value
        if step.kind == "binary":
            return self.apply(step, _OPERATIONS[step.text], operands)
        if step.kind == "list":
            return self.gather(step, operands)
        if step.kind == "index":
            index = step.value if len(step.value) > 1 else step.value[0]
            value = operands[0].value
            value = value if isinstance(value, Tensor) else np.asarray(value)
            try:
                return self.placed(step, value[index])
            except IndexError as error:
                raise self.program.error(
                    f"{self.describe(operands[0], shape=True)} and has no element {list(step.value)}", step.at
                ) from error
        name, _ = functions.function(step.text, step.count)
        if step.count == 1 or name not in ("maximum", "minimum"):
            return self.apply(step, name, operands)
        result = operands[0]  # of several values, one after the other
        for other in operands[1:]:
            result = _Operand(self.apply(step, name, [result, other]), step)
        return result.value

    def apply(self, step: Step, name: str, operands: list[_Operand]) -> Any:
        """Carry out an operation of the engine, and see that its result is made of numbers."""
        values = [operand.value for operand in operands]
        self.spend(step, name, operands)
        function = _OPERATORS.get(name, REGISTRY[name].function)
        if all(isinstance(value, (int, float)) for value in values):
            function = _exact if name in _OPERATORS and name != "matmul" else function
            values = [name, *values] if function is _exact else [float(value) for value in values]
        result = self.attempt(step, operands, lambda: function(*values))
        if isinstance(result, int) and abs(result) > EXACT:
            result = float(result)
        shown = _Operand(self.placed(step, result), step).array
        if not np.isfinite(shown).all() and all(np.isfinite(operand.array).all() for operand in operands):
            self.refuse(step, name, operands, shown)
        return result

    def attempt(self, step: Step, operands: list[_Operand], function: Callable[[], Any]) -> Any:
        try:
            with np.errstate(all="ignore"):
                return function()
        except _REFUSED as error:
            raise self.program.error(f"{error} ({self.described(operands)})", step.at) from error

    def gather(self, step: Step, operands: list[_Operand]) -> Any:
        """An array of the elements of a list, which are numbers or arrays of one shape."""
        shapes = [operand.array.shape for operand in operands]
        for operand, shape in zip(operands, shapes, strict=True):
            if shape != shapes[0]:
                raise self.program.error(
                    f"the elements of an array have one shape, but {self.describe(operands[0], shape=True)} and "
                    f"{self.describe(operand, shape=True)}",
                    operands[0].step.span,
                    operand.step.span,
                )
        if shapes and len(shapes[0]) >= _MOST_AXES:
            raise self.program.error(f"an array has {_MOST_AXES} axes at most", step.at)
        self.afford(step, sum(map(math.prod, shapes)))
        values = [operand.value for operand in operands]
        if any(isinstance(value, Tensor) for value in values):
            return self.placed(step, self.attempt(step, operands, lambda: stack(values)))
        return self.attempt(step, operands, lambda: np.array(values, dtype=np.float64))

    def placed(self, step: Step, result: Any) -> Any:
        """Note on a new gate which piece of the formula it computes, as a recording notes lines of a program."""
        if isinstance(result, Tensor):
            result.set_note(PLACE, _Place(self.program.formula, step.span))
        return result

    # -- limits --------------------------------------------------------------------------------------------------------

    def spend(self, step: Step, name: str, operands: list[_Operand]) -> None:
        """See beforehand that shapes fit together, and that the result is not enormous."""
        shapes = [operand.array.shape for operand in operands]
        cost = sum(map(math.prod, shapes))
        if name in functions.OF_AXES and not shapes[0]:
            raise self.program.error(f"{name} takes an array, such as {name}([a, b])", step.at)
        if name == "mean" and not cost:
            raise self.program.error(f"the mean of no numbers: {self.described(operands)}", step.at)
        if len(operands) > 1:
            batches = [shape[:-2] for shape in shapes] if name == "matmul" else shapes
            if name == "matmul" and (() in shapes or shapes[0][-1] != shapes[1][-2:][0]):
                raise self.program.error(
                    "@ needs as many columns on its left as rows (or, of a vector, elements) on its right; but "
                    f"{self.described(operands)}",
                    step.at,
                )
            try:
                cost = math.prod(np.broadcast_shapes(*batches))
            except ValueError as error:
                raise self.program.error(
                    f"shapes do not fit together: {self.described(operands)}; "
                    f"counted from the right, sizes are equal or 1",
                    step.at,
                ) from error
        if name == "matmul":
            rows, columns = (math.prod(shape[-2:]) for shape in shapes)
            cost = cost * rows * columns // (100 * max(shapes[0][-1], 1))
        self.afford(step, cost)

    def afford(self, step: Step, cost: int) -> None:
        self.budget -= cost
        if self.budget < 0:
            raise self.program.error("the arrays of this formula become too large here", step.at)

    # -- messages ------------------------------------------------------------------------------------------------------

    def describe(self, operand: _Operand, index: tuple[int, ...] = (), shape: bool = False) -> str:
        """Say in words what an operand is: its value, that of one element, or its shape."""
        source = self.program.source(operand.step.span) or "an operand"
        array = operand.array
        if shape:
            return f"{source} has the shape {_shape(array.shape)}" if array.shape else f"{source} is a number"
        number = f"{array[index].item():.6g}"
        with suppress(ValueError):
            if float(source) == array[index]:  # it says its value itself
                return ""
        place = f"element [{', '.join(map(str, index))}] of " if index else ""
        return f"{place}{source} is {number}"

    def described(self, operands: list[_Operand]) -> str:
        """All operands and their shapes."""
        return _listed(dict.fromkeys(self.describe(operand, shape=True) for operand in operands))

    def refuse(self, step: Step, name: str, operands: list[_Operand], result: np.ndarray[Any, Any]) -> NoReturn:
        """Say why the result of a step is infinite, or no number."""
        place = tuple(int(i[0]) for i in np.nonzero(~np.isfinite(result))) if result.shape else ()
        arrays = [operand.array for operand in operands]
        elementwise = name in REGISTRY and REGISTRY[name].kind == "elementwise"
        where = ""
        inputs: list[float] = []
        if elementwise:
            indices = [_own_index(array.shape, place) for array in arrays]
            inputs = [array[index].item() for array, index in zip(arrays, indices, strict=True)]
            said = [self.describe(o, index) for o, index in zip(operands, indices, strict=True)]
            culprits = said[-1:] if name == "divide" else said
            where = " and ".join(dict.fromkeys(filter(None, culprits)))
        problem = _reason(name, inputs, result[place], result.dtype)
        raise self.program.error(f"{problem}: {where}" if where else problem, step.at)


def _shape(shape: tuple[int, ...]) -> str:
    return str(shape) if len(shape) <= 6 else f"({', '.join(map(str, shape[:6]))}, …)"


def _own_index(shape: tuple[int, ...], place: tuple[int, ...]) -> tuple[int, ...]:
    """Which element of a broadcast operand an element of the result comes from."""
    return tuple(0 if size == 1 else i for size, i in zip(shape, place[len(place) - len(shape) :], strict=True))


def _exact(name: str, *values: float) -> float:
    """Python's arithmetic, but where it would compute for ever: whole numbers end where floating-point ones do."""
    try:
        if name == "power":
            base, exponent = values
            if isinstance(float(base) ** exponent, complex):
                return math.nan
        result: float = _OPERATORS[name](*values)
    except OverflowError:
        return math.inf
    except ZeroDivisionError:
        return math.nan
    return result


def _reason(name: str, inputs: Sequence[float], result: Any, dtype: np.dtype[Any]) -> str:
    """Why an operation on these finite inputs has such a result."""
    if name == "divide" and inputs[1] == 0:
        return "division by zero"
    if name == "power" and inputs[0] == 0 and inputs[1] < 0:
        return "division by zero: a negative power of 0"
    if name == "power" and inputs[0] < 0 and not float(inputs[1]).is_integer():
        return "a negative number has no real power with a fractional exponent"
    if name == "log" and inputs[0] <= 0:
        return f"the logarithm of {'0, which is minus infinity' if inputs[0] == 0 else 'a negative number'}"
    if name == "sqrt" and inputs[0] < 0:
        return "the square root of a negative number"
    if np.isnan(result):
        return f"{name} gives no number (nan) here"
    return f"overflow: the result of {name} is beyond the largest {dtype} number, {np.finfo(dtype).max:.2g}"
