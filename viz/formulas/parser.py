"""From words to steps, in the order of their execution, each with the places that an error in it points at.

This is operator-precedence parsing with two stacks of our own, one of signs that wait for what follows and one of the
operands read so far, so that the depth of brackets is limited by nothing but the length of a formula.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from viz.formulas.errors import ExpressionError, Span
from viz.formulas.functions import is_function
from viz.formulas.tokens import Token, tokenize

__all__ = ["EXACT", "Program", "Step", "parse"]

#: Whole numbers up to this stay whole; larger ones become floating-point numbers, as those cannot hold every one.
EXACT = 2**53

#: How tightly an operator binds, as in Python. An exponent binds what is right of it first: 2**3**4, and 2**-x.
_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "**": 4}
_PREFIX = 3

_PARTNER = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a formula's evaluation. It takes operands from a stack and leaves its result there.

    Attributes
    ----------
    kind
        ``"number"`` and ``"name"`` take no operands, ``"prefix"`` and ``"index"`` one, ``"binary"`` two, ``"call"`` and
        ``"list"`` as many as they have. ``"assign"`` (to a name) and ``"drop"`` (at the end of a statement without a
        name) take one and leave nothing.
    text
        The number, name, sign or function.
    at, span
        Where this text stands, and the whole that it computes.
    count
        How many operands it takes.
    value
        The number, or the tuple of indices.
    """

    kind: Literal["number", "name", "prefix", "binary", "call", "list", "index", "assign", "drop"]
    text: str
    at: Span
    span: Span
    count: int = 0
    value: Any = None


@dataclass(frozen=True, slots=True)
class Program:
    """A formula as the list of its steps. The last is an ``"assign"`` or ``"drop"`` of its result."""

    formula: str
    steps: tuple[Step, ...]

    def error(self, problem: str, *spans: Span) -> ExpressionError:
        """What is wrong with this formula at these places."""
        return ExpressionError(problem, self.formula, spans)

    def source(self, span: Span, longest: int = 40) -> str:
        """A piece of the formula, as it was written but on one line, for a message; nothing if it is long."""
        text = " ".join(self.formula[slice(*span)].split())
        return text if len(text) <= longest and text.isprintable() else ""


def parse(formula: str) -> Program:
    """Read a formula.

    Raises
    ------
    ExpressionError
        If it cannot be read.
    TypeError
        If it is not text.

    Examples
    --------
    >>> [step.text for step in parse("a = -x**2; a + 1").steps]
    ['x', '2', '**', '-', 'a', 'a', '1', '+', '']
    """
    if not isinstance(formula, str):
        raise TypeError(f"expression: the formula is a text such as 'w*x + b', got {type(formula).__name__}")
    parser = _Parser(formula)
    parser.run()
    return Program(formula, tuple(parser.steps))


@dataclass(slots=True)
class _Waiting:
    """A sign that waits for its operand, or an open bracket for what is in it.

    ``kind`` is ``"prefix"``, ``"binary"``, ``"group"``, ``"call"``, ``"list"`` or ``"assign"``; ``elements`` counts the
    arguments read so far.
    """

    kind: Literal["prefix", "binary", "group", "call", "list", "assign"]
    token: Token
    binds: int = 0
    elements: int = 0


class _Parser:
    def __init__(self, formula: str) -> None:
        self.formula = formula
        self.tokens = tokenize(formula)
        self.place = 0
        self.steps: list[Step] = []
        self.waiting: list[_Waiting] = []
        #: Of each operand read so far, the whole that computes it.
        self.operands: list[Span] = []

    def run(self) -> None:
        if all(token.text in (";", "") for token in self.tokens):
            self.fail("the formula is empty; write one such as 'w*x + b'")
        while self.token.kind != "end":
            if self.token.text == ";":
                self.place += 1
            else:
                self.statement()

    def statement(self) -> None:
        """Read up to a semicolon or the end, taking turns between operands and what stands between them."""
        token = self.token
        if token.kind == "name" and self.next.text == "=":
            self.waiting.append(_Waiting("assign", token))
            self.place += 1
            if self.next.text == "=":
                self.misplaced_assignment()
            self.place += 1
        complete = False  # whether an operand was read to a place where it may end
        while not (complete and (self.token.kind == "end" or self.token.text == ";")):
            complete = self.operator() if complete else self.operand()
        self.end()

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    @property
    def next(self) -> Token:
        return self.tokens[min(self.place + 1, len(self.tokens) - 1)]

    def fail(self, problem: str, *spans: Span) -> NoReturn:
        raise ExpressionError(problem, self.formula, spans)

    # -- where an operand is to begin: True if one was read in full ----------------------------------------------------

    def operand(self) -> bool:
        token = self.token
        if token.kind == "number":
            self.put(Step("number", token.text, token.span, token.span, value=self.number(token)))
        elif token.kind == "name":
            if self.next.text == "(":
                self.waiting.append(_Waiting("call", token))
                self.place += 2
                return self.empty(")")
            self.put(Step("name", token.text, token.span, token.span))
        elif token.text in ("+", "-"):
            self.waiting.append(_Waiting("prefix", token, _PREFIX))
            self.place += 1
            return False
        elif token.text in ("(", "["):
            self.waiting.append(_Waiting("group" if token.text == "(" else "list", token))
            self.place += 1
            return self.empty("]" if token.text == "[" else "")
        else:
            self.missing_operand()
        self.place += 1
        return True

    def put(self, step: Step) -> None:
        """Add a step, and its result to the operands instead of those that it takes."""
        self.steps.append(step)
        if step.count:
            del self.operands[-step.count :]
        self.operands.append(step.span)

    def empty(self, closing: str) -> bool:
        """Whether a call or list that was just opened is closed at once."""
        if not closing or self.token.text != closing:
            return False
        opened = self.waiting.pop()
        self.put(self.collected(opened, 0))
        self.place += 1
        return True

    def collected(self, opened: _Waiting, count: int) -> Step:
        """The step of a call or list that the present word closes."""
        at = opened.token.span
        span = (at[0], self.token.span[1])
        if opened.kind == "call":
            return Step("call", opened.token.text, at, span, count)
        return Step("list", "[", at, span, count)

    def number(self, token: Token) -> float | int:
        value = float(token.text)
        if math.isinf(value):
            self.fail(f"this number is too large: floating-point numbers end at {sys.float_info.max:.2g}", token.span)
        if value <= EXACT and token.text.replace("_", "").isdigit():
            return int(token.text)
        return value

    def missing_operand(self) -> NoReturn:
        token, before = self.token, self.tokens[self.place - 1] if self.place else None
        opened = next((w for w in reversed(self.waiting) if w.kind in ("group", "call", "list")), None)
        if token.text == "=":
            self.misplaced_assignment()
        if token.text in (")", "]") and opened is None:
            self.fail(f"this {token.text!r} closes nothing: there is no {_PARTNER[token.text]!r} before it", token.span)
        if token.text == ")" and before is not None and before.text == "(":
            self.fail("nothing is in these brackets", (before.span[0], token.span[1]))
        if token.kind == "end" and opened is not None and before is not None and before.text in ("(", "["):
            self.fail("this bracket is never closed, and nothing follows it", before.span)
        if before is None or before.text == ";" or (before.text == "(" and token.kind != "end"):
            self.fail(f"a value is missing before {token.text!r}", token.span)
        found = "the formula ends" if token.kind == "end" else f"{token.text!r} follows"
        found = "the statement ends" if token.text == ";" else found
        self.fail(f"a value is missing after {before.text!r}, where {found}", before.span)

    # -- where an operand has ended: True if another one may end here, too ---------------------------------------------

    def operator(self) -> bool:
        token = self.token
        if token.text in _BINARY and token.kind == "sign":
            binds = _BINARY[token.text]
            self.settle(binds + (token.text == "**"))
            self.waiting.append(_Waiting("binary", token, binds))
            self.place += 1
            return False
        if token.text == ",":
            self.settle()
            if not self.waiting or self.waiting[-1].kind not in ("call", "list"):
                self.misplaced_comma()
            self.waiting[-1].elements += 1
            self.place += 1
            return False
        if token.text in (")", "]"):
            self.close()
            return True
        if token.text == "[":
            self.index()
            return True
        if token.text == "=":
            self.misplaced_assignment()
        return self.missing_operator()

    def settle(self, binds: int = 0) -> None:
        """Carry out the waiting operators that bind at least this tightly: they have got all their operands."""
        while self.waiting and self.waiting[-1].kind in ("prefix", "binary") and self.waiting[-1].binds >= binds:
            sign = self.waiting.pop()
            at = sign.token.span
            if sign.kind == "prefix":
                self.put(Step("prefix", sign.token.text, at, (at[0], self.operands[-1][1]), 1))
            else:
                left, right = self.operands[-2:]
                self.put(Step("binary", sign.token.text, at, (left[0], right[1]), 2))

    def close(self) -> None:
        token = self.token
        self.settle()
        opened = self.waiting.pop() if self.waiting and self.waiting[-1].kind != "assign" else None
        if opened is None:
            self.fail(f"this {token.text!r} closes nothing: there is no {_PARTNER[token.text]!r} before it", token.span)
        sign = "[" if opened.kind == "list" else "("
        at = opened.token.span if opened.kind != "call" else (opened.token.span[1], opened.token.span[1] + 1)
        if _PARTNER[token.text] != sign:
            self.fail(f"{sign!r} is closed by {token.text!r}", at, token.span)
        if opened.kind == "group":
            self.operands[-1] = (at[0], token.span[1])
        else:
            self.put(self.collected(opened, opened.elements + 1))
        self.place += 1

    def index(self) -> None:
        """Read whole numbers between square brackets."""
        opening = self.token
        indices: list[int] = []
        self.place += 1
        while True:
            sign = -1 if self.token.text == "-" else 1
            if sign < 0:
                self.place += 1
            if not self.token.text.isdigit() or len(self.token.text) > 9:
                self.fail(
                    "an element is chosen by whole numbers, such as x[0] or x[1, -1]", opening.span, self.token.span
                )
            indices.append(sign * int(self.token.text))
            self.place += 1
            if self.token.text != ",":
                break
            self.place += 1
        if self.token.text != "]":
            self.fail("an element is chosen by whole numbers, such as x[0] or x[1, -1]", opening.span, self.token.span)
        at = (opening.span[0], self.token.span[1])
        self.put(Step("index", "[", at, (self.operands[-1][0], at[1]), 1, tuple(indices)))
        self.place += 1

    def end(self) -> None:
        self.settle()
        unclosed = [w for w in self.waiting if w.kind != "assign"]
        if unclosed:
            at = unclosed[-1].token.span
            at = (at[1], at[1] + 1) if unclosed[-1].kind == "call" else at
            self.fail("this bracket is never closed", at)
        span = self.operands.pop()
        if self.waiting:
            name = self.waiting.pop().token
            self.steps.append(Step("assign", name.text, name.span, span, 1))
        else:
            self.steps.append(Step("drop", "", span, span, 1))

    def misplaced_comma(self) -> NoReturn:
        token, before = self.token, self.tokens[self.place - 1]
        if before.kind == self.next.kind == "number" and before.span[1] == token.span[0]:
            self.fail(
                f"decimals are written with a point: {before.text}.{self.next.text}",
                (before.span[0], self.next.span[1]),
            )
        self.fail(
            "a comma separates a function's arguments and an array's elements; statements are separated by ';'",
            token.span,
        )

    def misplaced_assignment(self) -> NoReturn:
        if self.next.text == "=":
            self.fail("comparisons are not part of formulas", (self.token.span[0], self.next.span[1]))
        self.fail(
            "'=' stands after a name at the beginning of a statement, such as s = w*x + b; functions cannot be defined",
            self.token.span,
        )

    def missing_operator(self) -> NoReturn:
        token, before = self.token, self.tokens[self.place - 1]
        if before.kind == "name" and is_function(before.text):
            self.fail(
                f"{before.text} is a function, whose argument stands in brackets: {before.text}({token.text or 'x'}"
                f"{'' if token.text == '(' else ')'}",
                before.span,
                token.span,
            )
        if before.kind == token.kind == "number":
            self.fail("two numbers side by side; what stands between them is missing", before.span, token.span)
        left, right = (self.formula[slice(*word.span)] for word in (before, token))
        left = "(…)" if before.text in (")", "]") else left if len(left) < 20 else "…"
        right = "(…)" if token.text == "(" else right if len(right) < 20 else "…"
        self.fail(
            f"an operator is missing here; a product is written with *, such as {left}*{right}",
            before.span,
            token.span,
        )
