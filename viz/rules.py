"""What a gate does, in formulas and words: forward, backward, and where gradients meet.

The arithmetic is that of the trace's own numbers. They are rounded for the reader one by one, so that the product of
two numbers on the screen need not be the third: that one is the true value, rounded.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.format import FULL, lines, number
from viz.mathematics import (
    Atom,
    Derivative,
    Fraction,
    Name,
    Node,
    Number,
    Row,
    Script,
    bracketed,
    escape_latex,
    join,
    operator,
    parse,
    printable,
    words,
)
from viz.numbers import Numbers
from viz.patterns import PRODUCTS, SYMBOLS, pattern
from viz.traces import Entry, Input, Operation, Trace

__all__ = ["TIE", "TIED", "Back", "Forward", "Rules", "Total", "amount", "called", "part", "partial_of", "settings"]

#: What is said of the gates that two equal inputs may tie at, where they do.
TIE, TIED = "a tie: half to each", frozenset({"maximum", "minimum"})
#: And of arrays, in which some elements do; and of those that equal elements of one array share a gradient in.
_TIES, _SHARED = "where they tie, half to each", "equal ones share it"
#: Indices that are short enough to be read in a formula: numbers and slices.
_INDEX = re.compile(r"(?:(?:-?\d*:?){1,3}|None|\.{3})(?:, (?:(?:-?\d*:?){1,3}|None|\.{3})){0,3}")
#: Of terms that add up, and inputs in a list, at most this many are written out.
TERMS = 6


@dataclass(frozen=True, slots=True)
class Forward:
    """How the value of an entry comes about.

    Attributes
    ----------
    equation
        ``a = w0 × x0 = 2.00 × -1.00 = -2.00``.
    note
        What else there is to say, such as shapes: ``(4, 3) · (3, 2) → (4, 2)``; may be empty.
    """

    equation: Row
    note: str


@dataclass(frozen=True, slots=True)
class Back:
    """What a gate sends back to one of its inputs.

    Attributes
    ----------
    position, source
        Which input of the gate it is, and the id of the entry that it comes from.
    rule
        Of elementwise gates the local derivative, ``∂(1/x)/∂x = -1/x²``; of others the vector-Jacobian product.
    arithmetic
        The same with the numbers of this graph: ``∂f/∂a = 1.00 × (-1/1.37²) = -0.53``.
    note
        What else there is to say, such as shapes; may be empty.
    pattern
        What gates of this kind do with gradients, in a sentence.
    jacobian
        The local Jacobian, row by row, of a small elementwise gate of arrays; else None.
    """

    position: int
    source: str
    rule: Row
    arithmetic: Row
    note: str
    pattern: str
    jacobian: tuple[tuple[str, ...], ...] | None


@dataclass(frozen=True, slots=True)
class Total:
    """The gradients that several gates send back to one value, added up.

    Attributes
    ----------
    equation
        ``∂f/∂x = 3.00 + 3.00 + 1.00 = 7.00``.
    senders
        The gates they come from and the positions of the inputs there, term by term.
    """

    equation: Row
    senders: tuple[tuple[str, int], ...]


class Rules:
    """Puts into words what happens at each entry of a trace.

    Parameters
    ----------
    trace
        With gradients, if what happens backward is asked for.

    Attributes
    ----------
    names
        What each entry is called: its name, or a letter.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> w, x = Tensor(2.0, name="w"), Tensor(-1.0, name="x")
    >>> found = trace(1 / (w * x), names=False)
    >>> rules = Rules(found)
    >>> rules.forward(found.entries[2]).equation.plain
    'a = w × x = 2.00 × -1.00 = -2.00'
    >>> [back.arithmetic.plain for back in rules.backward(found.entries[3])]
    ['∂f/∂a = 1.00 × (-1/(-2.00)²) = -0.25']
    >>> [back.rule.plain for back in rules.backward(found.entries[3])]
    ['∂(1/x)/∂x = -1/x²']
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.names = called(trace)

    def name(self, entry_id: str) -> Name:
        """What an entry is called, as part of a formula."""
        return Name(self.names[entry_id])

    def gradient_of(self, entry_id: str) -> Derivative:
        """The derivative of the result with respect to an entry."""
        return Derivative(self.name(self.trace.root), self.name(entry_id))

    # -- forward -----------------------------------------------------------------------------------------------------

    def forward(self, entry: Entry) -> Forward:
        """Say how the value of an entry comes about."""
        if entry.kind != "gate":
            return self._leaf(entry)
        chain = self._formula(entry)
        symbols = _symbols(self._operation(entry), len(entry.inputs))
        named = [
            part.substitute(self._operands(entry, symbols, self._named), _times(entry, self.trace)) for part in chain
        ]
        found: list[Node] = [self.name(entry.id), *named]
        numbers = self._operands(entry, symbols, self._amount)
        summed = self._terms(entry)
        if summed is not None:
            found.append(summed)
        elif self._operation(entry).kind == "elementwise" and len(numbers) == len(symbols) and chain:
            found.append(chain[-1].substitute(numbers))
        value = amount(entry.value)
        if value is not None:
            found.append(Number(value))
        return Forward(_chain(found), self._shapes(entry) if value is None else "")

    def _leaf(self, entry: Entry) -> Forward:
        name: list[Node] = [self.name(entry.id)]
        value = amount(entry.value)
        if value is not None and value != self.names[entry.id]:
            name.append(Number(value))
        note = "" if entry.value is None or value is not None else _summary(entry.value)
        return Forward(_chain(name), "updated since" if entry.stale else note)

    def _formula(self, entry: Entry) -> list[Row]:
        """The equations that say what a gate computes, without its own name."""
        operation = self._operation(entry)
        if operation.name in ("concatenate", "stack"):
            return [Row((Atom("open", "[", "["), *_list(entry), Atom("close", "]", "]")))]
        if operation.kind == "custom" and "call" in entry.attributes:  # a primitive of the user's own
            text = printable(operation.symbol or operation.name)
            name = Atom("function", text, rf"\operatorname{{{escape_latex(text)}}}")
            return [Row((name, Atom("open", "(", "("), *_list(entry), Atom("close", ")", ")")))]
        if operation.name == "getitem" and (index := _index(entry)):
            return [Row((Atom("function", "x", "x"), Atom("open", "[", "["), Number(index), Atom("close", "]", "]")))]
        scaled = _cross_entropy(entry) if operation.name == "softmax_cross_entropy" else None
        row = _read(operation.formula if scaled is None else scaled[0])
        if row is None:
            return [Row((words(operation.formula or operation.symbol or operation.name),))]
        chain, _ = row.split()
        return [part for part in chain if part.items]

    def _terms(self, entry: Entry) -> Row | None:
        """The elements that a sum or mean adds up, if they are few."""
        if entry.operation not in ("sum", "mean") or entry.value is None or entry.value.size != 1:
            return None
        source = self.trace.by_id[entry.inputs[0].source] if entry.inputs[0].source is not None else None
        if source is None or source.value is None or source.value.values is None or not 1 < source.value.size <= FULL:
            return None
        total = join("+", *(_signed(number(x), i) for i, x in enumerate(source.value.values)))
        if entry.operation == "sum":
            return total
        return Row((Fraction(total, Row((Number(str(source.value.size)),))),))

    # -- backward ----------------------------------------------------------------------------------------------------

    def seed(self) -> Row:
        """The gradient that the backward pass starts from: ``∂f/∂f = 1.00``."""
        root = self.trace.by_id[self.trace.root]
        value = amount(root.gradient)
        start: list[Node] = [self.gradient_of(root.id)]
        if value is not None:
            start.append(Number(value))
        return _chain(start)

    def backward(self, entry: Entry) -> tuple[Back, ...]:
        """Say what a gate sends back to each of its inputs that gets a gradient."""
        if entry.kind != "gate":
            return ()
        return tuple(
            self._elementwise(entry, i, x)
            if self._operation(entry).kind == "elementwise"
            else self._product(entry, i, x)
            for i, x in enumerate(entry.inputs)
            if x.source is not None and x.gradient is not None
        )

    def _elementwise(self, entry: Entry, i: int, x: Input) -> Back:
        operation = self._operation(entry)
        symbols = _symbols(operation, len(entry.inputs))
        partial = partial_of(entry, operation, i)
        parts, where = partial.split() if partial is not None else ([], None)
        local = parts[0] if parts else None
        # With one variable in it the gate is a function of x, whatever its input is called.
        sources = [other.source for other in entry.inputs if other.source is not None]
        generic = len(sources) != len(set(sources))
        if len(sources) == 1:
            named = self._operands(entry, symbols, lambda other: self._constant(other) or Atom("letter", "x", "x"))
        elif generic:
            named = self._operands(entry, symbols, self._constant)
        else:
            named = self._operands(entry, symbols, self._named)
        by = named.get(symbols[i]) or parse(symbols[i])
        of = self._formula(entry)[0].substitute(named)
        slope: Node = local.substitute(named) if local is not None else words("the local derivative")
        rule: list[Node] = [*join("=", Derivative(of, by), slope).items]
        if where is not None:
            rule += [Atom("comma", ",", ","), Atom("space", " ", r"\ "), *where.substitute(named).items]
        numbers = self._operands(entry, symbols, self._amount)
        put = local.substitute(numbers) if local is not None and len(numbers) == len(symbols) else None
        note = _pair_note(symbols, entry, self.names) if generic else ""
        return Back(
            position=i,
            source=str(x.source),
            rule=Row(tuple(rule)),
            arithmetic=self._scaled(entry, i, x, local, put if where is None else None),
            note="; ".join(filter(None, [note, self._undone(entry, x), _tie(operation, x)])),
            pattern=pattern(operation),
            jacobian=_diagonal(x.local),
        )

    def _scaled(self, entry: Entry, i: int, x: Input, local: Row | None, put: Row | None) -> Row:
        """Upstream gradient times local derivative."""
        assert x.source is not None
        assert x.gradient is not None
        slope = amount(x.local)
        upstream, sent = amount(entry.gradient), amount(x.gradient)
        scalar = entry.value is not None and entry.value.shape == ()
        sign = "×" if scalar else "⊙"
        found: list[Node] = []
        if upstream is not None and sent is not None and (put is not None or slope is not None):
            above = _operand(upstream)
            constant = local is not None and not _varies(local)
            if constant and not scalar:
                found.append(self._symbolic(entry, i, local, sign))
            elif put is not None and scalar:
                found.append(join(sign, above, _factor(put)))
                if slope is not None and not constant and not _is_number(put) and upstream != "1.00":
                    found.append(join(sign, above, _factor(_operand(slope))))
            elif slope is not None:
                found.append(join(sign, above, _factor(_operand(slope))))
        else:
            found.append(self._symbolic(entry, i, local, sign))
        if self._axes(entry, x):
            found[:] = [Row((self._sum_over(entry, x), *_summand(term).items)) for term in found]
        if _is_complex(entry.gradient, x.local) and not _is_complex(x.gradient):
            found[:] = [_real_part(term) for term in found]
        if sent is not None:
            found.append(Number(sent))
        return self._sent_to(x.source, found)

    def _symbolic(self, entry: Entry, i: int, local: Row | None, sign: str) -> Row:
        """The product without numbers: ``∂f/∂h ⊙ (1 - tanh² a)``."""
        above = self.gradient_of(entry.id)
        if local is None:
            return join(sign, above, words("local derivative"))
        symbols = _symbols(self._operation(entry), len(entry.inputs))
        slope = local.substitute(self._operands(entry, symbols, self._named))
        if slope.plain == "1":
            return Row((above,))
        if slope.plain == "-1":
            return Row((Atom("operator", "-", "-"), above))
        return join(sign, above, _factor(slope))

    def _sent_to(self, source: str, found: Sequence[Node]) -> Row:
        """What is sent to an entry, added to what else arrives there."""
        several = len(self.arriving(source)) > 1
        return Row((self.gradient_of(source), operator("+=" if several else "="), *_chain(found).items))

    def _product(self, entry: Entry, i: int, x: Input) -> Back:
        """The vector-Jacobian product of a gate that is not elementwise."""
        assert x.source is not None
        operation = self._operation(entry)
        declared = self._declared(entry, i)
        symbols = _symbols(operation, len(entry.inputs))
        operands = self._operands(entry, symbols, self._named)
        operands["g"] = self.gradient_of(entry.id)
        operands.setdefault("y", self.name(entry.id))
        if operation.name == "mean":
            operands["n"] = Number(self._count(entry))
        if declared:
            product = parse(declared).substitute(operands, "·")
        else:
            jacobian = Script(Atom("letter", "J", "J"), None, Row((Atom("letter", "ᵀ", r"\top"),)))
            product = join("·", jacobian, operands["g"])
        found: list[Node] = [product]
        above, sent = amount(entry.gradient), amount(x.gradient)
        if above is not None and declared and "g_i" not in declared and not set(symbols) & _letters(declared):
            put = {**operands, "g": _operand(above)}
            found[0] = parse(declared).substitute(put, "·")
        real = _is_complex(entry.gradient) and not _is_complex(x.gradient)
        if real:
            found[0], product = _real_part(found[0]), _real_part(product)
        if sent is not None:
            found.append(Number(sent))
        unknown = not declared or declared.startswith("J")
        notes = [
            self._shape_product(entry, i) + _sent_summary(x),
            f"J: the Jacobian of {operation.name}" if unknown else "",
            _SHARED if operation.name in ("max", "min") and _shared(entry, x) else "",
        ]
        return Back(
            position=i,
            source=x.source,
            rule=join("=", self.gradient_of(x.source), product),
            arithmetic=self._sent_to(x.source, found),
            note="; ".join(filter(None, notes)),
            pattern=pattern(operation),
            jacobian=None,
        )

    def _declared(self, entry: Entry, i: int) -> str:
        """The vector-Jacobian product as a formula, if that is known."""
        if entry.operation == "matmul":
            return self._of_matmul(entry, i)
        if entry.operation == "softmax_cross_entropy":
            return _cross_entropy(entry)[1]
        if entry.operation == "linear" and i == 2 and entry.value is not None and len(entry.value.shape) == 1:
            return "g"  # there is no batch
        declared = PRODUCTS.get(entry.operation, ("",))
        return declared[min(i, len(declared) - 1)]

    def _of_matmul(self, entry: Entry, i: int) -> str:
        """The product with the other factor transposed, summed over the batch where this one was broadcast along it."""
        own, other = self._shape(entry.inputs[i]), self._shape(entry.inputs[1 - i])
        if own is None or other is None:
            return (r"g x_2^\top", r"x_1^\top g")[i]
        if len(own) == len(other) == 1:
            return ("g x_2", "g x_1")[i]
        batch = np.broadcast_shapes(own[:-2], other[:-2]) != own[:-2]
        return (r"\sum_{\text{batch}} " if batch else "") + (r"g x_2^\top", r"x_1^\top g")[i]

    def total(self, entry: Entry) -> Total | None:
        """Add up what several gates send back to an entry; None where at most one does."""
        arriving = self.arriving(entry.id)
        if len(arriving) < 2:
            return None
        terms: list[Node] = []
        for place in _few(len(arriving)):
            if place is None:
                terms.append(Atom("letter", "…", r"\dots"))
                continue
            gate, position = arriving[place]
            x = self.trace.by_id[gate].inputs[position]
            term = amount(x.gradient)
            through = Row((words(f"what {self.names[gate]} sends"),))
            terms.append(through if term is None else _signed(term, len(terms)))
        found: list[Node] = [self.gradient_of(entry.id), join("+", *terms)]
        value = amount(entry.gradient)
        if value is not None:
            found.append(Number(value))
        return Total(_chain(found), tuple(arriving))

    def arriving(self, entry_id: str) -> list[tuple[str, int]]:
        """The inputs ``(gate, position)`` through which gradients come back to an entry, in order of recording."""
        ends = self.trace.takers.get(entry_id, ())
        return [(gate, i) for gate, i in ends if self.trace.by_id[gate].inputs[i].gradient is not None]

    # -- operands ----------------------------------------------------------------------------------------------------

    def _operation(self, entry: Entry) -> Operation:
        return self.trace.operations[entry.operation]

    def _operands(self, entry: Entry, symbols: Sequence[str], choose: Any) -> dict[str, Node]:
        found = {}
        for symbol, x in zip(symbols, entry.inputs, strict=False):
            chosen = choose(x)
            if chosen is not None:
                found[symbol] = chosen
        return found

    def _constant(self, x: Input) -> Node | None:
        """A number that is part of the gate."""
        return Number(part(x.number)) if x.source is None else None

    def _named(self, x: Input) -> Node:
        if x.source is None:
            return Number(part(x.number))
        source = self.trace.by_id[x.source]
        if (
            source.is_leaf
            and not source.name
            and (found := amount(source.value)) is not None
            and found == self.names[x.source]
        ):
            return _operand(found)
        return self.name(x.source)

    def _amount(self, x: Input) -> Node | None:
        """The number on the screen, if there is one."""
        if x.source is None:
            return Number(part(x.number))
        found = amount(self.trace.by_id[x.source].value)
        return None if found is None else _operand(found)

    # -- shapes ------------------------------------------------------------------------------------------------------

    def _shape(self, x: Input) -> tuple[int, ...] | None:
        value = self.trace.by_id[x.source].value if x.source is not None else None
        return () if x.source is None else None if value is None else value.shape

    def _shapes(self, entry: Entry) -> str:
        """The shapes that go in and the one that comes out."""
        if entry.value is None:
            return ""
        shapes = [self._shape(x) for x in entry.inputs if x.source is not None]
        known = [shape for shape in shapes if shape is not None]
        if not known or all(shape == entry.value.shape for shape in known):
            text = str(entry.value.shape)
        else:
            sign = " · " if entry.operation == "matmul" else " and " if len(known) == 2 else ", "
            text = f"{sign.join(map(str, known[:TERMS]))}{', …' * (len(known) > TERMS)} → {entry.value.shape}"
        return f"{text}: {_summary(entry.value)}"

    def _shape_product(self, entry: Entry, i: int) -> str:
        """The shapes of a vector-Jacobian product: ``(3, 4) · (4, 2) → (3, 2)``."""
        x = entry.inputs[i]
        if x.gradient is None or entry.gradient is None or (not x.gradient.shape and not entry.gradient.shape):
            return ""
        above, sent = entry.gradient.shape, x.gradient.shape
        if entry.operation == "matmul" and len(entry.inputs) == 2:
            other = self._shape(entry.inputs[1 - i])
            if other is not None and len(other) == 2 == len(above):
                turned = other[::-1]
                return f"{above} · {turned} → {sent}" if i == 0 else f"{turned} · {above} → {sent}"
        return f"{above} → {sent}" if above != sent else str(sent)

    def _axes(self, entry: Entry, x: Input) -> tuple[int, ...]:
        """The axes along which an input was broadcast, which its gradient is summed over."""
        if entry.gradient is None or x.gradient is None:
            return ()
        out, own = entry.gradient.shape, x.gradient.shape
        new = len(out) - len(own)
        return tuple(axis for axis, length in enumerate(out) if axis < new or (own[axis - new] == 1 and length != 1))

    def _sum_over(self, entry: Entry, x: Input) -> Node:
        axes = self._axes(entry, x)
        assert entry.gradient is not None
        sign = Atom("function", "Σ", r"\sum")
        if len(axes) == len(entry.gradient.shape):
            return sign
        text = f"ax{'i' if len(axes) == 1 else 'e'}s {', '.join(map(str, axes))}"
        return Script(sign, Row((words(text),)))

    def _undone(self, entry: Entry, x: Input) -> str:
        if not self._axes(entry, x) or entry.gradient is None or x.gradient is None:
            return f"{x.gradient.shape}{_sent_summary(x)}" if x.gradient is not None and x.gradient.size > FULL else ""
        return f"broadcast undone: {entry.gradient.shape} → {x.gradient.shape}{_sent_summary(x)}"

    def _count(self, entry: Entry) -> str:
        """How many elements each element of the result is the mean of."""
        shape = self._shape(entry.inputs[0])
        if shape is None or entry.value is None or not entry.value.size:
            return "n"
        return str(math.prod(shape) // entry.value.size)


# ---------------------------------------------------------------------------------------------------------------------
# Parts of formulas
# ---------------------------------------------------------------------------------------------------------------------


def called(trace: Trace) -> dict[str, str]:
    """What each entry of a trace is called: by its name if it is the only one of it, else by a letter, or a number.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> list(called(trace(Tensor(3.0, name="x").exp() + 1, names=False)).values())
    ['x', 'a', 'f']
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    unnamed = []
    numbers: dict[str, int] = {}  # the last that was given to a name
    for entry in trace.entries:
        name = entry.name
        if not name:
            unnamed.append(entry)
            continue
        while name in taken:
            numbers[entry.name] = numbers.get(entry.name, 1) + 1
            name = f"{entry.name}#{numbers[entry.name]}"
        found[entry.id] = name
        taken.add(name)
    gates = [entry for entry in unnamed if entry.kind == "gate" and entry.id != trace.root]
    letters = [letter for letter in string.ascii_lowercase if letter not in "defijlnoxy" and letter not in taken]
    used: Iterator[str] = iter(letters) if len(gates) <= len(letters) else _numbered("v", taken)
    variables, constants = _numbered("x", taken), _numbered("c", taken)
    for entry in unnamed:
        if entry.id == trace.root and entry.kind == "gate":
            found[entry.id] = next(name for name in ("f", "L", "out", *_some("f", taken)) if name not in taken)
        elif entry.kind == "gate":
            found[entry.id] = next(used)
        elif entry.kind == "failed":
            found[entry.id] = entry.label or entry.operation
        elif entry.kind == "variable" or entry.value is None or entry.value.size != 1 or entry.value.values is None:
            found[entry.id] = next(variables if entry.kind == "variable" else constants)
        else:
            found[entry.id] = number(entry.value.values[0])
    return found


def _numbered(letter: str, taken: set[str]) -> Iterator[str]:
    count = 0
    while True:
        count += 1
        if f"{letter}{count}" not in taken:
            yield f"{letter}{count}"


def _some(letter: str, taken: set[str]) -> list[str]:
    return [next(_numbered(letter, taken))]


def _symbols(operation: Operation, count: int) -> tuple[str, ...]:
    if operation.name in SYMBOLS:
        return SYMBOLS[operation.name]
    if count == 1 or operation.kind == "fused":
        return ("x",)
    return tuple(f"x_{i + 1}" for i in range(count))


def _symbol(i: int, count: int) -> Node:
    x = Atom("letter", "x", "x")
    return x if count == 1 else Script(x, Row((Atom("number", str(i + 1), str(i + 1)),)))


def _read(formula: str) -> Row | None:
    """A formula, or None where a trace holds something else."""
    try:
        return parse(formula) if formula else None
    except ValueError:
        return None


def _chain(parts: Sequence[Node]) -> Row:
    """A chain of equations, in which nothing is said twice in a row."""
    texts = [part.plain for part in parts]
    return join("=", *(part for i, part in enumerate(parts) if texts[i : i + 1] != texts[i + 1 : i + 2]))


def _times(entry: Entry, trace: Trace) -> str:
    return "×" if trace.operations[entry.operation].kind == "elementwise" else "·"


def _list(entry: Entry) -> list[Node]:
    """The inputs of a gate, one after the other."""
    items: list[Node] = []
    count = len(entry.inputs)
    for i in _few(count):
        items += [Atom("comma", ",", ","), Atom("letter", "…", r"\dots") if i is None else _symbol(i, count)]
    return items[1:]


def _few(count: int) -> list[int | None]:
    """Indices of a list; of a long one those at its ends, and None for what is left out."""
    if count <= TERMS:
        return list(range(count))
    return [*range(TERMS - 2), None, count - 1]


def part(value: Any) -> str:
    """A number that is part of a gate, as exactly as the gate shows it."""
    if isinstance(value, complex):
        return f"({value:.6g})" if value.real else f"{value.imag:.6g}j"
    return f"{value:.6g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def amount(numbers: Numbers | None) -> str | None:
    """A scalar or small array in full, as it stands in formulas; None of larger ones.

    Examples
    --------
    >>> amount(Numbers.of(2.0)), amount(None)
    ('2.00', None)
    """
    if numbers is None or numbers.values is None or not 0 < len(numbers.values) <= FULL:
        return None
    return number(numbers.values[0]) if numbers.shape == () else lines(numbers)[0]


def _summary(numbers: Numbers) -> str:
    return ", ".join(lines(numbers)) if numbers.size else "empty"


def _sent_summary(x: Input) -> str:
    """What is sent back, where it is not written out."""
    return "" if x.gradient is None or amount(x.gradient) is not None else f": {_summary(x.gradient)}"


def _signed(text: str, place: int) -> Node:
    """A term of a sum."""
    return bracketed(Number(text)) if place and text.startswith("-") else _operand(text)


def _operand(text: str) -> Number:
    """A number that other things stand beside: a complex one, which is a sum, in brackets."""
    return Number(f"({text})" if text.endswith("j") else text)


def _is_complex(*numbers: Numbers | None) -> bool:
    return any(x is not None and x.dtype.startswith("complex") for x in numbers)


def _real_part(term: Node) -> Row:
    """What arrives where real numbers met complex ones."""
    return Row((Atom("function", "Re", r"\operatorname{Re}"), *bracketed(term).items))


def _factor(row: Node) -> Row:
    """A factor, in brackets where it would be misread without."""
    items = row.items if isinstance(row, Row) else (row,)
    depth = 0
    for i, item in enumerate(items):
        kind = item.kind if isinstance(item, Atom) else ""
        depth += (kind == "open") - (kind == "close")
        lone_sign = i == 0 and item.plain == "-" and len(items) == 2 and not isinstance(items[1], Fraction)
        product = item.plain in ("×", "·", "⊙")
        if isinstance(item, Fraction) or (
            depth == 0 and kind in ("operator", "text") and not lone_sign and not product
        ):
            return bracketed(Row(items))
    return Row(items)


def _summand(term: Node) -> Row:
    """What stands behind a sign of summation."""
    row = _factor(term)
    return bracketed(row) if row.plain.startswith("-") else row


def _varies(row: Row) -> bool:
    """Whether a local derivative depends on anything."""
    return re.fullmatch(r"-?[\d.]+", row.plain) is None


def _letters(formula: str) -> set[str]:
    """The variables in a formula that the tables here hold."""
    return set(re.findall(r"(?<![\\A-Za-z])[A-Za-z](?:_\d)?(?![A-Za-z])", formula))


def _is_number(row: Row) -> bool:
    return len(row.items) == 1 and isinstance(row.items[0], Number)


def _diagonal(local: Numbers | None) -> tuple[tuple[str, ...], ...] | None:
    """The Jacobian of a small elementwise gate."""
    if local is None or local.values is None or not 1 < len(local.values) <= FULL:
        return None
    texts = [number(value) for value in local.values]
    return tuple(tuple(text if i == j else "0" for j in range(len(texts))) for i, text in enumerate(texts))


def _pair_note(symbols: Sequence[str], entry: Entry, names: Mapping[str, str]) -> str:
    sides = [parse(symbol).plain for symbol, x in zip(symbols, entry.inputs, strict=False) if x.source is not None]
    return f"{' and '.join(sides)} are both {names[str(entry.inputs[0].source)]}" if len(sides) == 2 else ""


def _tie(operation: Operation, x: Input) -> str:
    if operation.name not in TIED or x.local is None or 0.5 not in (x.local.values or ()):
        return ""
    return _TIES if x.local.shape else TIE


def _shared(entry: Entry, x: Input) -> bool:
    """Whether more elements get a gradient than the gate has results, each of which has one largest element or more."""
    return x.gradient is not None and entry.value is not None and x.gradient.size - x.gradient.zeros > entry.value.size


def partial_of(entry: Entry, operation: Operation, i: int) -> Row | None:
    """The local derivative of an elementwise gate as a formula of its inputs, if that is known.

    That of a power with a fixed exponent is the familiar one.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> found = trace(Tensor(2.0) ** 3)
    >>> partial_of(found.entries[1], found.operations["power"], 0).plain
    '3 x₁²'
    """
    if operation.name == "absolute" and _is_complex(entry.inputs[i].local):
        return _read(r"\frac{\operatorname{conj} x}{|x|}")
    exponent = entry.inputs[1].number if operation.name == "power" and len(entry.inputs) == 2 else None
    if i == 0 and isinstance(exponent, (int, float)) and not isinstance(exponent, bool):
        if exponent in (0, 1):
            return _read(str(int(exponent)))
        factor = "-" if exponent == -1 else f"{part(exponent)} "
        return _read(f"{factor}x_1" + ("" if exponent == 2 else f"^{{{part(exponent - 1)}}}"))
    return _read(operation.partials[i]) if i < len(operation.partials) else None


def settings(entry: Entry) -> str:
    """What a gate was set to do, as far as its formula does not say it: ``axis=1``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> settings(trace(Tensor([[1.0, 2.0]]).sum(axis=1)).entries[1])
    'axis=1'
    """
    said = (entry.operation == "getitem" and _index(entry)) or entry.operation == "softmax_cross_entropy"
    return "" if said else ", ".join(map(printable, entry.detail))


def _index(entry: Entry) -> str:
    """Which elements are taken, if that is soon said: ``0, 1:3``."""
    if entry.attributes.get("index", ...) is None:
        return "None"
    text = next((part.removeprefix("index=") for part in entry.detail if part.startswith("index=")), "")
    text = text.strip("()").rstrip(",")
    return text if _INDEX.fullmatch(text) else ""


def _cross_entropy(entry: Entry) -> tuple[str, str]:
    """Cross entropy of logits with its factor, and what it sends back."""
    scale = entry.attributes.get("scale", 1.0)
    known = isinstance(scale, (int, float)) and math.isfinite(scale) and scale >= 0
    factor = ("" if scale == 1 else f"{part(scale)} ") if known else "s_i "
    back = rf"{factor}g \odot (\operatorname{{softmax}}(x) - \operatorname{{onehot}})"
    if entry.attributes.get("reduce"):
        before, behind = (factor, "") if known else ("", factor)
        return rf"-{before}\sum_i {behind}\ln \operatorname{{softmax}}(x_i)_{{y_i}}", back
    return rf"-{factor}\ln \operatorname{{softmax}}(x)_y", back
