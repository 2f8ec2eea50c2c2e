"""What gates compute, forward and backward, as formulas of a spreadsheet.

Elementwise gates are a table. Linear and multilinear ones are sums of products, which :mod:`viz.workbook.probing`
finds. A few others have rules of their own. What is left is taken apart into these, or has no formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from autograd.primitives import Primitive
from viz.workbook.cells import Cell, Term, address, areas, joined, literal, total
from viz.workbook.probing import Product, linear_terms, multilinear_terms

__all__ = ["Gate", "Operand", "has_formula", "is_frozen"]

#: EXP of more than 709 is no number that a spreadsheet can hold.
_BOUND = 700
#: A template is filled with {a}, {b}, {c}, the inputs; {y}, the output; {g}, the upstream gradient. A local derivative
#: is a number, the letter of one of these that it is equal to, a template of its product with the upstream gradient,
#: or None.
_Local = float | str | None

#: Of elementwise gates the value and, for each input, the local derivative.
_ELEMENTWISE: dict[str, tuple[str, tuple[_Local, ...]]] = {
    "add": ("{a}+{b}", (1.0, 1.0)),
    "subtract": ("{a}-{b}", (1.0, -1.0)),
    "multiply": ("{a}*{b}", ("b", "a")),
    "divide": ("{a}/{b}", ("{g}/{b}", "-{g}*{y}/{b}")),
    "negative": ("-{a}", (-1.0,)),
    "power": (
        "{a}^{b}",
        (
            "IF({b}=0,0,IF({b}=1,{g},{g}*{b}*{a}^({b}-1)))",
            "IF({a}=0,0,{g}*{y}*LN({a}))",
        ),
    ),
    "square": ("{a}^2", ("{g}*2*{a}",)),
    "sqrt": ("SQRT({a})", ("{g}/(2*{y})",)),
    "cbrt": ("SIGN({a})*ABS({a})^(1/3)", ("{g}/(3*{y}^2)",)),
    "exp": ("EXP({a})", ("y",)),
    "exp2": ("2^{a}", ("{g}*{y}*LN(2)",)),
    "expm1": ("EXP({a})-1", ("{g}*EXP({a})",)),
    "log": ("LN({a})", ("{g}/{a}",)),
    "log1p": ("LN(1+{a})", ("{g}/(1+{a})",)),
    "log2": ("LN({a})/LN(2)", ("{g}/({a}*LN(2))",)),
    "log10": ("LOG10({a})", ("{g}/({a}*LN(10))",)),
    "sin": ("SIN({a})", ("{g}*COS({a})",)),
    "cos": ("COS({a})", ("-{g}*SIN({a})",)),
    "tan": ("TAN({a})", ("{g}*(1+{y}^2)",)),
    "arcsin": ("ASIN({a})", ("{g}/SQRT(1-{a}^2)",)),
    "arccos": ("ACOS({a})", ("-{g}/SQRT(1-{a}^2)",)),
    "arctan": ("ATAN({a})", ("{g}/(1+{a}^2)",)),
    "arctan2": ("ATAN2({b},{a})", ("{g}*{b}/({a}^2+{b}^2)", "-{g}*{a}/({a}^2+{b}^2)")),
    "sinh": ("SINH({a})", ("{g}*COSH({a})",)),
    "cosh": ("COSH({a})", ("{g}*SINH({a})",)),
    "tanh": ("TANH({a})", ("{g}*(1-{y}^2)",)),
    "arcsinh": ("ASINH({a})", ("{g}/SQRT(1+{a}^2)",)),
    "arccosh": ("ACOSH({a})", ("{g}/SQRT({a}^2-1)",)),
    "arctanh": ("ATANH({a})", ("{g}/(1-{a}^2)",)),
    "erf": ("ERF({a})", ("{g}*2/SQRT(PI())*EXP(-({a}^2))",)),
    "sigmoid": (f"1/(1+EXP(MIN(-{{a}},{_BOUND})))", ("{g}*(1-{y})*{y}",)),
    "softplus": ("MAX({a},0)+LN(1+EXP(-ABS({a})))", (f"{{g}}/(1+EXP(MIN(-{{a}},{_BOUND})))",)),
    "log_sigmoid": ("MIN({a},0)-LN(1+EXP(-ABS({a})))", (f"{{g}}/(1+EXP(MIN({{a}},{_BOUND})))",)),
    "logaddexp": (
        "MAX({a},{b})+LN(1+EXP(-ABS({a}-{b})))",
        (f"{{g}}/(1+EXP(MIN({{b}}-{{a}},{_BOUND})))", f"{{g}}/(1+EXP(MIN({{a}}-{{b}},{_BOUND})))"),
    ),
    "relu": ("MAX(0,{a})", ("IF({a}>0,{g},0)",)),
    "leaky_relu": ("IF({a}>0,{a},{b}*{a})", ("IF({a}>0,{g},{g}*{b})", "{g}*MIN(0,{a})")),
    "elu": (
        "IF({a}>0,{a},{b}*(EXP({a})-1))",
        ("IF({a}>0,{g},{g}*{b}*EXP({a}))", "{g}*(EXP(MIN(0,{a}))-1)"),
    ),
    "absolute": ("ABS({a})", ("{g}*SIGN({a})",)),
    "maximum": ("MAX({a},{b})", ("IF({a}={b},{g}/2,IF({a}>{b},{g},0))", "IF({a}={b},{g}/2,IF({b}>{a},{g},0))")),
    "minimum": ("MIN({a},{b})", ("IF({a}={b},{g}/2,IF({a}<{b},{g},0))", "IF({a}={b},{g}/2,IF({b}<{a},{g},0))")),
    "where": ("IF({a}<>0,{b},{c})", (None, "IF({a}<>0,{g},0)", "IF({a}<>0,0,{g})")),
    "remainder": ("MOD({a},{b})", (1.0, "-{g}*INT({a}/{b})")),
    "fmod": ("{a}-{b}*TRUNC({a}/{b})", (1.0, "-{g}*TRUNC({a}/{b})")),
}
_ELEMENTWISE["fmax"], _ELEMENTWISE["fmin"] = _ELEMENTWISE["maximum"], _ELEMENTWISE["minimum"]

#: Neither linear functions of arrays of numbers nor ones that could be taken for such.
_NOT_LINEAR = frozenset({"intercept", "fft", "ifft", "rfft", "irfft", "conjugate"})
#: Their decompositions remember where the largest elements were, which would not follow when inputs change.
_FROZEN = frozenset({"sort", "ctc"})


@dataclass(frozen=True, slots=True)
class Operand:
    """An array in a sheet, or a number that is part of a gate.

    Attributes
    ----------
    shape
        Of the array.
    cell
        Where an element is, counted row by row; None for a number.
    number
        That number.
    """

    shape: tuple[int, ...]
    cell: Callable[[int], Cell] | None
    number: float = 0.0

    def text(self, i: int) -> str:
        """An element as formulas call it."""
        return literal(self.number) if self.cell is None else address(self.cell(i))

    @property
    def size(self) -> int:
        """How many elements there are."""
        return prod(self.shape)


@dataclass(frozen=True)
class Gate:
    """A gate whose inputs, output and upstream gradient have their places in a sheet.

    Attributes
    ----------
    primitive, attributes
        What it does.
    inputs, output
        Arrays in the sheet; inputs may be numbers.
    upstream
        Where an element of the upstream gradient is.
    """

    primitive: Primitive
    attributes: Mapping[str, Any]
    inputs: tuple[Operand, ...]
    output: Operand
    upstream: Callable[[int], Cell]

    def value(self) -> list[str]:
        """For each element of the output its formula."""
        name = self.primitive.name
        if name in _ELEMENTWISE:
            template = _ELEMENTWISE[name][0]
            return [template.format_map(self._texts(o)) for o in range(self.output.size)]
        if name in _GROUPED:
            return _GROUPED[name][0](self)
        return [total(self._term(each) for each in products) or "0" for products in self._products]

    def sent(self, k: int) -> list[str]:
        """For each element of an input the formula of what is sent back to it; empty where that is nothing."""
        name = self.primitive.name
        if name in _ELEMENTWISE:
            return self._sent_elementwise(k, _ELEMENTWISE[name][1][k])
        if name in _GROUPED:
            return _GROUPED[name][1](self)
        found: list[list[Term]] = [[] for _ in range(self.inputs[k].size)]
        for o, products in enumerate(self._products):
            for coefficient, factors in products:
                for place, (i, j) in enumerate(factors):
                    if i == k:
                        rest = factors[:place] + factors[place + 1 :]
                        scale, cells = self._term((coefficient, rest))
                        found[j].append((scale, (self.upstream(o), *cells)))
        return [total(terms) for terms in found]

    # -- elementwise --------------------------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> list[list[int]]:
        """Of each input, for every element of the output, which of its elements is taken."""
        return [
            np.broadcast_to(np.arange(x.size).reshape(x.shape), self.output.shape).ravel().tolist() for x in self.inputs
        ]

    def _texts(self, o: int) -> dict[str, str]:
        inputs = {letter: x.text(at[o]) for letter, x, at in zip("abc", self.inputs, self._places, strict=False)}
        return {**inputs, "y": self.output.text(o), "g": address(self.upstream(o))}

    def _sent_elementwise(self, k: int, local: _Local) -> list[str]:
        places: list[list[int]] = [[] for _ in range(self.inputs[k].size)]
        for o, i in enumerate(self._places[k]):
            places[i].append(o)
        if local is None:
            return [""] * len(places)
        if isinstance(local, str) and len(local) > 1:
            template = self._simplified(local)
            return [joined(template.format_map(self._texts(o)) for o in each) for each in places]
        return [total(self._product_with(o, local) for o in each) for each in places]

    def _product_with(self, o: int, local: float | str) -> Term:
        if isinstance(local, float):
            return local, (self.upstream(o),)
        x, i = (self.output, o) if local == "y" else (self.inputs["abc".index(local)], 0)
        if x is not self.output:
            i = self._places["abc".index(local)][o]
        return (x.number, (self.upstream(o),)) if x.cell is None else (1.0, (self.upstream(o), x.cell(i)))

    def _simplified(self, template: str) -> str:
        """The derivative of a power as one writes it where the exponent is a number."""
        exponent = self.inputs[-1]
        if self.primitive.name != "power" or exponent.cell is not None or template.startswith("IF({a}=0"):
            return template
        n = exponent.number
        if n in (0, 1):
            return "{g}" if n else "0*{g}"
        return f"{{g}}*{literal(n)}*{{a}}" + ("" if n == 2 else f"^{literal(n - 1)}")

    # -- sums of products ---------------------------------------------------------------------------------------------

    @cached_property
    def _products(self) -> list[list[Product]]:
        forward, attributes = self.primitive.forward, self.attributes
        shapes = [x.shape for x in self.inputs]
        if self.primitive.name in _AFFINE:
            return list(_AFFINE[self.primitive.name](forward, shapes, attributes))

        def function(*arrays: Any) -> Any:
            return forward(arrays, **attributes) if self.primitive.arity == 0 else forward(*arrays, **attributes)

        read = linear_terms if self.primitive.kind == "linear" else multilinear_terms
        return read(function, shapes)

    def _term(self, product: Product) -> Term:
        coefficient, factors = product
        cells = []
        for i, j in factors:
            x = self.inputs[i]
            if x.cell is None:
                coefficient *= x.number
            else:
                cells.append(x.cell(j))
        return coefficient, tuple(cells)

    # -- groups of elements, along axes -------------------------------------------------------------------------------

    @cached_property
    def _groups(self) -> list[list[int]]:
        """The elements of the input that belong together, group by group."""
        shape, axis = self.inputs[0].shape, self.attributes.get("axis")
        axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        chosen = [a % len(shape) for a in axes] if shape else []
        kept = [a for a in range(len(shape)) if a not in chosen]
        places = np.arange(self.inputs[0].size).reshape(shape).transpose(kept + chosen)
        count = prod(shape[a] for a in chosen)
        found: list[list[int]] = places.reshape(-1, count).tolist()
        return found

    @property
    def _windows(self) -> list[list[int]]:
        """The elements of the input that windows see, window by window."""
        x = self.inputs[0]
        numbers = np.arange(1.0, x.size + 1).reshape(x.shape)
        windows = self.attributes["windows"]
        axes = len(windows.kernel)
        lead, size = x.shape[: len(x.shape) - axes], x.shape[len(x.shape) - axes :]
        count = self.output.shape[len(x.shape) - axes :]
        seen: list[list[int]] = []
        for first in np.ndindex(*lead):
            for place in np.ndindex(*count):
                inside: list[int] = []
                for offset in np.ndindex(*windows.kernel):
                    at = [
                        p * s - before + d * k
                        for p, s, (before, _), d, k in zip(
                            place, windows.stride, windows.padding, windows.dilation, offset, strict=True
                        )
                    ]
                    if all(0 <= a < n for a, n in zip(at, size, strict=True)):
                        inside.append(int(numbers[(*first, *at)]) - 1)
                seen.append(inside)
        return seen

    def _areas(self, group: Sequence[int]) -> list[str]:
        x = self.inputs[0]
        assert x.cell is not None  # a gate has an input that is no number
        return areas([x.cell(i) for i in group])

    def _over(self, group: Sequence[int], template: str) -> str:
        """The sum over a group of something that {x} stands for an element in."""
        return joined(
            (f"SUMPRODUCT({template})" if ":" in each else template).replace("{x}", each) for each in self._areas(group)
        )


def has_formula(primitive: Primitive) -> bool:
    """Whether a gate is written as formulas without taking it apart.

    Examples
    --------
    >>> from autograd import gelu, tanh
    >>> has_formula(tanh.primitive), has_formula(gelu.primitive)
    (True, False)
    """
    if primitive.name in _NOT_LINEAR:
        return False
    known = primitive.name in _ELEMENTWISE or primitive.name in _GROUPED or primitive.name in _AFFINE
    return known or primitive.kind in ("linear", "multilinear")


def is_frozen(primitive: Primitive) -> bool:
    """Whether the simpler gates that stand for it would not follow changes of the inputs."""
    return primitive.name in _FROZEN


# ---------------------------------------------------------------------------------------------------------------------
# Products and a bias
# ---------------------------------------------------------------------------------------------------------------------


def _linear(forward: Any, shapes: Sequence[tuple[int, ...]], attributes: Mapping[str, Any]) -> Iterator[list[Product]]:
    bias = np.zeros(shapes[2])
    products = multilinear_terms(lambda x, w: forward(x, w, bias), shapes[:2])
    for o, each in enumerate(products):
        yield [*each, (1.0, ((2, o % bias.size),))]


def _convolution(
    forward: Any, shapes: Sequence[tuple[int, ...]], attributes: Mapping[str, Any]
) -> Iterator[list[Product]]:
    bias = np.zeros(shapes[2])
    products = multilinear_terms(lambda x, w: forward(x, w, bias, **attributes), shapes[:2])
    positions = len(products) // max(1, shapes[0][0] * bias.size)
    for o, each in enumerate(products):
        yield [*each, (1.0, ((2, o // positions % bias.size),))]


_AFFINE: dict[str, Callable[..., Iterator[list[Product]]]] = {"linear": _linear, "biased_convolution": _convolution}

# ---------------------------------------------------------------------------------------------------------------------
# Rules along axes, and of windows
# ---------------------------------------------------------------------------------------------------------------------


def _extreme(function: str) -> Callable[[Gate], list[str]]:
    return lambda gate: [f"{function}({','.join(gate._areas(group))})" for group in gate._groups]


def _by_element(
    gate: Gate, groups: Sequence[Sequence[int]], rule: Callable[[int, int, Sequence[int]], str]
) -> list[str]:
    """What ``rule(output, element, group)`` gives for each element of the input, added up over the groups it is in."""
    sent: list[list[str]] = [[] for _ in range(gate.inputs[0].size)]
    for o, group in enumerate(groups):
        for i in group:
            sent[i].append(rule(o, i, group))
    return [joined(texts) for texts in sent]


def _to_extreme(gate: Gate) -> list[str]:
    def rule(o: int, i: int, group: Sequence[int]) -> str:
        x, y, g = gate.inputs[0].text(i), gate.output.text(o), address(gate.upstream(o))
        return f"IF({x}={y},{g}/({gate._over(group, f'({{x}}={y})*1')}),0)"

    return _by_element(gate, gate._groups, rule)


def _pooled(gate: Gate) -> list[str]:
    return [f"MAX({','.join(gate._areas(group))})" for group in gate._windows]


def _to_first(gate: Gate) -> list[str]:
    def rule(o: int, i: int, group: Sequence[int]) -> str:
        x, y, g = gate.inputs[0], gate.output.text(o), address(gate.upstream(o))
        tests = [f"{x.text(i)}={y}", *(f"{x.text(j)}<{y}" for j in group[: group.index(i)])]
        return f"IF(AND({','.join(tests)}),{g},0)" if len(tests) > 1 else f"IF({tests[0]},{g},0)"

    return _by_element(gate, gate._windows, rule)


def _softmax(gate: Gate) -> list[str]:
    found = [""] * gate.output.size
    for group in gate._groups:
        top = f"MAX({','.join(gate._areas(group))})"
        below = gate._over(group, f"EXP({{x}}-{top})")
        for i in group:
            found[i] = f"EXP({gate.inputs[0].text(i)}-{top})/({below})"
    return found


def _through_softmax(gate: Gate) -> list[str]:
    found = [""] * gate.output.size
    out = gate.output.cell
    assert out is not None
    for group in gate._groups:
        mean = total((1.0, (gate.upstream(i), out(i))) for i in group)
        for i in group:
            found[i] = f"{gate.output.text(i)}*({address(gate.upstream(i))}-({mean}))"
    return found


def _logsumexp(gate: Gate) -> list[str]:
    found = []
    for group in gate._groups:
        top = f"MAX({','.join(gate._areas(group))})"
        found.append(f"{top}+LN({gate._over(group, f'EXP({{x}}-{top})')})")
    return found


def _through_logsumexp(gate: Gate) -> list[str]:
    x, y = gate.inputs[0], gate.output
    return _by_element(
        gate, gate._groups, lambda o, i, group: f"{address(gate.upstream(o))}*EXP({x.text(i)}-{y.text(o)})"
    )


def _product(gate: Gate) -> list[str]:
    return [f"PRODUCT({','.join(gate._areas(group))})" for group in gate._groups]


def _to_factors(gate: Gate) -> list[str]:
    def rule(o: int, i: int, group: Sequence[int]) -> str:
        others = [j for j in group if j != i]
        g = address(gate.upstream(o))
        return f"{g}*PRODUCT({','.join(gate._areas(others))})" if others else g

    return _by_element(gate, gate._groups, rule)


#: Of gates that take elements together: the values, and what is sent back.
_GROUPED: dict[str, tuple[Callable[[Gate], list[str]], Callable[[Gate], list[str]]]] = {
    "max": (_extreme("MAX"), _to_extreme),
    "min": (_extreme("MIN"), _to_extreme),
    "max_pool": (_pooled, _to_first),
    "softmax": (_softmax, _through_softmax),
    "logsumexp": (_logsumexp, _through_logsumexp),
    "prod": (_product, _to_factors),
}
