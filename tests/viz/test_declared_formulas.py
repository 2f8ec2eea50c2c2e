"""The formulas that elementwise operations are declared with are true: they are computed, and compared with the rules.

A formula is what a reader believes of a gate, and nothing else in the package depends on it.
"""

import math
import operator

import numpy as np
import pytest
import scipy.special

from autograd import Tensor
from autograd.primitives import ONE, REGISTRY
from viz.local import local_derivative
from viz.mathematics import Atom, Fraction, Root, Row, Script, parse

#: Angles all around, by which integrals over smooth periodic functions are sums.
TURN = np.linspace(0.0, 2 * math.pi, 64, endpoint=False)

FUNCTIONS = {
    "ln": math.log, "sin": math.sin, "cos": math.cos, "tanh": math.tanh, "erf": math.erf, "max": max, "min": min,
    "tan": math.tan, "arcsin": math.asin, "arccos": math.acos, "arctan": math.atan, "arctan2": math.atan2,
    "sinh": math.sinh, "cosh": math.cosh, "arsinh": math.asinh, "arcosh": math.acosh, "artanh": math.atanh,
    "log2": math.log2, "log10": math.log10, "cbrt": math.cbrt, "floor": math.floor, "trunc": math.trunc,
    "i0": np.i0, "i1": lambda x: np.mean(np.cos(TURN) * np.exp(x * np.cos(TURN))),  # their integrals
    "Re": lambda x: x, "Im": lambda x: 0.0, "arg": lambda x: math.atan2(0.0, x),
    "sign": lambda x: (x > 0) - (x < 0),
    "σ": lambda x: 1 / (1 + math.exp(-x)),
    "Φ": lambda x: (1 + math.erf(x / math.sqrt(2))) / 2,
    "Γ": scipy.special.gamma, "ψ": scipy.special.digamma,
}  # fmt: skip
FUNCTIONS |= {name: found for name, found in vars(scipy.special).items() if callable(found) and name not in FUNCTIONS}
COMPARISONS = {"<": operator.lt, ">": operator.gt, "≤": operator.le, "≥": operator.ge}


def _ends_product(item):
    base = item.base if isinstance(item, Script) else item
    return isinstance(base, Atom) and base.kind in ("operator", "close", "comma", "text")


class Evaluator:
    """Computes a formula, given the values of its variables."""

    def __init__(self, row, variables):
        self.items = [item for item in row.items if not (isinstance(item, Atom) and item.kind == "space")]
        self.variables, self.at = variables, 0

    def here(self):
        return self.items[self.at] if self.at < len(self.items) else None

    def text(self):
        item = self.here()
        return item.text.strip() if isinstance(item, Atom) else ""

    def whole(self):
        value = self.choice()
        assert self.here() is None, f"{self.here()} is left over"
        return value

    def choice(self):
        value = self.sum()
        if self.text() == "if":
            self.at += 1
            condition = self.comparison()
            assert self.text() == "else"
            self.at += 1
            otherwise = self.sum()
            return value if condition else otherwise
        return value

    def comparison(self):
        negated = self.text() == "¬"
        self.at += negated
        left, holds, chain = self.sum(), None, True
        while self.text() in COMPARISONS:
            compare = COMPARISONS[self.text()]
            self.at += 1
            right = self.sum()
            holds = chain = chain and compare(left, right)
            left = right
        holds = bool(left) if holds is None else holds
        return not holds if negated else holds

    def sum(self):
        value = self.product(-1 if self.text() == "-" else 1)
        while self.text() in ("+", "-"):
            value += self.product(-1 if self.text() == "-" else 1)
        return value

    def product(self, sign):
        self.at += self.text() in ("+", "-")
        value = sign * self.factor()
        while (item := self.here()) is not None:
            if self.text() == "/":
                self.at += 1
                value /= self.factor()
            elif _ends_product(item):
                break
            else:
                value *= self.factor()
        return value

    def inside(self, row):
        return Evaluator(row, self.variables).whole()

    def factor(self):
        item = self.here()
        self.at += 1
        power = 1
        if isinstance(item, Script) and item.below is not None:
            value = self.variables[f"{item.base.text}_{item.below.plain}"]
            return value if item.above is None else value ** self.inside(item.above)
        if isinstance(item, Script):
            power, item = self.inside(item.above), item.base
        if isinstance(item, Fraction):
            return (self.inside(item.top) / self.inside(item.bottom)) ** power
        if isinstance(item, Root):
            return math.sqrt(self.inside(item.body)) ** power
        if isinstance(item, Row):
            return self.inside(item) ** power
        assert isinstance(item, Atom), item
        if item.kind == "open":
            return self.enclosed(item.text)
        if item.text in self.variables:
            return self.variables[item.text] ** power
        if item.text in FUNCTIONS:
            return FUNCTIONS[item.text](*self.arguments()) ** power
        return (
            {"e": math.e, "π": math.pi}.get(item.text) ** power if item.kind == "letter" else float(item.text) ** power
        )

    def enclosed(self, opened):
        """What stands in brackets, to the power written at the closing one; [..] is 1 if it holds, |..| the size."""
        value = self.comparison() if opened == "[" else self.sum()
        closing = self.here()
        self.at += 1
        power = self.inside(closing.above) if isinstance(closing, Script) else 1
        return (abs(value) if opened == "|" else float(value)) ** power

    def arguments(self):
        if self.text() != "(":
            return [self.factor()]
        self.at += 1
        found = [self.sum()]
        while self.text() == ",":
            self.at += 1
            found.append(self.sum())
        assert self.text() == ")"
        self.at += 1
        return found


def computed(formula, variables):
    chain, where = parse(formula).split()
    if where is not None:
        (name, meaning), _ = where.split()
        variables = variables | {name.plain: Evaluator(meaning, variables).whole()}
    return [Evaluator(part, variables).whole() for part in chain]


ELEMENTWISE = [name for name, primitive in REGISTRY.items() if primitive.kind == "elementwise"]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_formulas_of_elementwise_operations_are_true(name):
    primitive = REGISTRY[name]
    rng = np.random.default_rng(5)
    for _ in range(5):
        inputs = [float(domain.draw((), rng)) for domain in primitive.domains]
        names = ["x"] if len(inputs) == 1 else [f"x_{i + 1}" for i in range(len(inputs))]
        names = ["c", "x_1", "x_2"] if name == "where" else names
        variables = dict(zip(names, inputs, strict=True)) | {"i": 0.0}  # real numbers have no imaginary part
        gate = primitive.function(*map(Tensor, inputs))
        if "int" not in primitive.formula:  # an integral is not computed here
            np.testing.assert_allclose(computed(primitive.formula, variables), gate.item(), rtol=1e-10, atol=1e-12)
        for i, formula in enumerate(primitive.partial_formulas):
            if "int" in formula:
                continue
            partial = primitive.partials[i]
            expected = 0.0 if partial is None else 1.0 if partial is ONE else local_derivative(gate, i)
            np.testing.assert_allclose(computed(formula, variables), expected, rtol=1e-10, atol=1e-12)


def test_the_evaluator_tells_a_wrong_formula():
    assert computed(r"-\frac{1}{x^2}", {"x": 2.0}) == [-0.25]
    assert computed(r"(1 + |x|)^2 [x < 0]", {"x": -2.0}) == [9.0]
    assert computed(r"1 - \tanh^2 x", {"x": 0.0}) == [1.0]
    assert computed(r"x s,\ s = x + 1", {"x": 2.0}) == [6.0]
