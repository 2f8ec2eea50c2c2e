"""The arithmetic that is shown is true: every equation of random graphs is computed anew from what it says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd as ag
import viz
import viz.rules
from autograd import Tensor
from viz.rules import Rules

UNARY: list[Callable[[Any], Any]] = [
    ag.exp, ag.tanh, ag.sin, ag.cos, ag.sigmoid, ag.relu, ag.softplus, abs,
    lambda v: -v, lambda v: v + v, lambda v: v * v, lambda v: v / v, lambda v: v - v * 2, lambda v: v**2,
    lambda v: v**3, lambda v: v**1, lambda v: v**0, lambda v: v**-1, lambda v: v**-2, lambda v: (v * v + 1) ** 0.5,
    lambda v: 2.0**v, lambda v: 1 / v, lambda v: v / 2, lambda v: -3.0 / v, lambda v: v / -3.0, lambda v: v - 3,
    lambda v: 3 - v, lambda v: v + -2, lambda v: -2 - v, lambda v: v * -2, lambda v: -1.5 * v,
    lambda v: ag.log(v * v + 1), lambda v: ag.sqrt(abs(v) + 1),
]  # fmt: skip
BINARY: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, ag.maximum, ag.minimum,
    lambda a, b: (abs(a) + 0.5) ** b,
]  # fmt: skip

_HIGH = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_FUNCTIONS: dict[str, Any] = {
    "tanh": math.tanh, "sin": math.sin, "cos": math.cos, "ln": math.log, "root": math.sqrt, "sign": np.sign, "abs": abs,
    "max": max, "min": min, "float": float, "sigma": lambda x: 1 / (1 + math.exp(-x)), "base": math.e,
}  # fmt: skip


def value_of(formula: str) -> float | None:
    """What a formula of nothing but numbers comes to; None of one with letters."""
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda m: f"**({''.join(map(_HIGH.__getitem__, m[0]))})", formula)
    text = re.sub(rf"tanh\*\*\(2\) (?:\(({_NUMBER})\)|({_NUMBER}))", lambda m: f"tanh({m[1] or m[2]})**2", text)
    text = text.replace("×", "*").replace("^", "**").replace("√", "root ").replace("σ", "sigma")
    text = re.sub(r"\be\*\*", "base**", text)
    text = re.sub(r"\|([^|]*)\|", r"abs(\1)", text)
    text = re.sub(r"\[([^\[\]]*)\]", r"float(\1)", text)
    text = re.sub(r"(?<=[\d)]) ?(?=root|sigma)", "*", text).replace("root (", "root(")
    text = re.sub(rf"\b(tanh|sin|cos|ln|root|sign) ({_NUMBER})", r"\1(\2)", text)
    words = re.findall(r"[^\W\d]+", re.sub(_NUMBER, "", text))
    if not all(word in _FUNCTIONS for word in words):
        return None
    return float(eval(text, {"__builtins__": {}}, _FUNCTIONS))


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1.5 × (-1/(-2.0)²)", -0.375),
        ("2.0 × (1 - tanh² (-0.5))", 2 * (1 - math.tanh(-0.5) ** 2)),
        ("0.5 × (1/(2√4.0))", 0.125),
        ("3.0 × [-1.0 > 0]", 0.0),
        ("1.0 × (1 - σ(1.0)) σ(1.0)", 0.19661193324148185),
        ("e^(-1.0)", math.exp(-1)),
        ("w × 2.0", None),
    ],
)
def test_formulas_are_computed(formula: str, value: float | None) -> None:
    assert value_of(formula) == (value if value is None else pytest.approx(value))


def exactly(value: Any) -> str:
    return str(value) if isinstance(value, (bool, int)) else f"{value:.17g}"


def equations(t: Tensor) -> Iterator[str]:
    found = viz.trace(t, names=False)
    rules = Rules(found)
    for entry in found.entries:
        if entry.kind == "gate":
            yield rules.forward(entry).equation.plain
        # Half of a gradient where inputs tie is said in words beside the formula.
        yield from (back.arithmetic.plain for back in rules.backward(entry) if "tie" not in back.note)
        if (total := rules.total(entry)) is not None:
            yield total.equation.plain


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_equation_of_random_graphs_is_true(monkeypatch: pytest.MonkeyPatch, data: st.DataObject) -> None:
    numbers = st.floats(0.3, 2.0).flatmap(lambda x: st.sampled_from([x, -x]))
    pool = [Tensor(data.draw(numbers), name=f"v{i}") for i in range(3)]
    for _ in range(data.draw(st.integers(1, 6))):
        a, b = data.draw(st.sampled_from(pool)), data.draw(st.sampled_from(pool))
        with np.errstate(all="ignore"):
            made = data.draw(st.sampled_from(UNARY))(a) if data.draw(st.booleans()) else None
            made = data.draw(st.sampled_from(BINARY))(a, b) if made is None else made
        if 1e-3 < abs(made.item()) < 1e3:
            pool.append(made)
    if pool[-1].is_leaf:
        return
    with monkeypatch.context() as exact:
        exact.setattr(viz.rules, "number", exactly)
        exact.setattr(viz.rules, "part", exactly)
        said = list(equations(pool[-1]))
    compared = 0
    for equation in said:
        *sides, result = re.split(r" \+?= ", equation)
        values = [value for side in sides[1:] if (value := value_of(side)) is not None]
        assert values == pytest.approx([float(result)] * len(values), rel=1e-9, abs=1e-9), equation
        compared += len(values)
    assert compared >= len(said) / 2
