"""Formulas as text: what they record, what they refuse and where they point, and that they are never run as code."""

import ast
import math
import operator
import pickle
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import viz_graphs as graphs
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import viz
from autograd import Tensor, exp, log, maximum, relu, sigmoid, sqrt, stack, tanh
from autograd.ops import softmax
from autograd.primitives import REGISTRY, elementwise
from autograd.samples import real
from viz import ExpressionError, expression
from viz.formulas import functions
from viz.formulas.errors import WIDTH
from viz.formulas.tokens import LONGEST


def variables(**values):
    return {name: Tensor(value, name=name) for name, value in values.items()}


def error_of(formula, /, **values):
    with pytest.raises(ExpressionError) as caught:
        expression(formula, **values)
    assert str(caught.value)  # can be written
    return caught.value


def traced(t, **settings):
    """All there is to see but the source, under the tensors' own names."""
    trace = viz.trace(t, names=False, **settings)
    return replace(trace, entries=tuple(replace(entry, source=None) for entry in trace.entries))


def marked(error):
    """The pieces of the formula that the message marks."""
    return [error.formula[slice(*span)] for span in error.spans]


# -- the same graph as Python's --------------------------------------------------------------------------------------


def test_the_sigmoid_example_has_the_gates_of_the_figure():
    f = expression("1/(1+exp(-(w0*x0+w1*x1+w2)))", w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    assert traced(f) == traced(graphs.sigmoid_example())
    shown = [
        (e.name or e.label, round(e.value.values[0], 2), round(e.gradient.values[0], 2)) for e in traced(f).entries
    ]
    assert shown == [
        ("w0", 2.0, -0.2),
        ("x0", -1.0, 0.39),
        ("×", -2.0, 0.2),
        ("w1", -3.0, -0.39),
        ("x1", -2.0, -0.59),
        ("×", 6.0, 0.2),
        ("+", 4.0, 0.2),
        ("w2", -3.0, 0.2),
        ("+", 1.0, 0.2),
        ("×(−1)", -1.0, -0.2),
        ("exp", 0.37, -0.53),
        ("+1", 1.37, -0.53),
        ("1/x", 0.73, 1.0),
    ]  # fmt: skip


SAME = {
    "x": lambda x: x,
    "+x*2": lambda x: x * 2,
    "-x**2": lambda x: -(x**2),
    "(-x)**2": lambda x: (-x) ** 2,
    "x^2": lambda x: x**2,
    "2**-x": lambda x: 2**-x,
    "x**2**3": lambda x: x**8,
    "2 - x - 3": lambda x: (2 - x) - 3,
    "2/x/3": lambda x: (2 / x) / 3,
    "2/x*3": lambda x: (2 / x) * 3,
    "-x*-x": lambda x: (-x) * (-x),
    "--x": lambda x: -(-x),  # noqa: B002
    "-2*x": lambda x: -2 * x,
    "x*1e-3 + .5 + 5. + 1_000": lambda x: x * 1e-3 + 0.5 + 5.0 + 1000,
    "2*3*x": lambda x: 6 * x,
    "x*2*3": lambda x: x * 2 * 3,
    "pi*x + e": lambda x: math.pi * x + math.e,
    "abs(x)": abs,
    "σ(x)": sigmoid,
    "ln(x) + log(x)": lambda x: log(x) + log(x),
    "pow(x, 2)": lambda x: x**2,
    "max(0, x)": lambda x: maximum(0, x),
    "max(x, 1, 2)": lambda x: maximum(maximum(x, 1), 2),
    "min(x, 1)": lambda x: autograd.minimum(x, 1),
    "√(x)": sqrt,
    "relu(x) + tanh(x)": lambda x: relu(x) + tanh(x),
    "exp(2)*x": lambda x: math.exp(2) * x,
    "leaky_relu(x, 0.1)": lambda x: REGISTRY["leaky_relu"].function(x, 0.1),
    "sum([x, 2*x] * [3, 4])": lambda x: (stack([x, 2 * x]) * np.array([3.0, 4.0])).sum(),
    "mean([[1, x], [x, 2]] @ [1, 2])": lambda x: (stack([stack([1, x]), stack([x, 2])]) @ np.array([1.0, 2.0])).mean(),
    "prod([x, 2]) + var([x, 2])/std([x, 2])": lambda x: (
        stack([x, 2]).prod() + stack([x, 2]).var() / stack([x, 2]).std()
    ),
    "max([x, 2])": lambda x: stack([x, 2]).max(),
    "-log(softmax([1, x, 3])[1])": lambda x: -log(softmax(stack([1, x, 3]))[1]),
    "[[x, 1], [2, 3]][0, -2]": lambda x: stack([stack([x, 1]), np.array([2.0, 3.0])])[0, -2],
    "sum(transpose([[x, 1]]))": lambda x: stack([stack([x, 1])]).T.sum(),
    "−x × 2 · 3 ⋅ 4 ∗ 5 ∙ 6 – 7": lambda x: -x * 2 * 3 * 4 * 5 * 6 - 7,
    "x ÷ 2 ∕ π": lambda x: x / 2 / math.pi,
    "ｓｕｍ（（ｘ＋１）＊［１，２］）": lambda x: ((x + 1) * np.array([1.0, 2.0])).sum(),
    "\n\t(x \xa0\u3000\r\n+ 1)\n": lambda x: x + 1,
}


@pytest.mark.parametrize("formula", SAME)
def test_a_formula_records_what_python_records(formula):
    given_x, own_x = variables(x=1.5)["x"], variables(x=1.5)["x"]
    assert traced(expression(formula, x=given_x)) == traced(SAME[formula](own_x))


def test_statements_name_intermediate_results():
    f = expression("s = w*x + b; t = s\n1/(1+exp(-t));", w=2, x=-1, b=3)
    w, x, b = variables(w=2.0, x=-1.0, b=3.0).values()
    s = w * x + b
    s.name = "s"
    assert traced(f) == traced(1 / (1 + exp(-s)))


def test_the_last_statement_may_name_the_result():
    assert expression("a = 2*x; loss = a*a", x=1).name == "loss"
    x = expression("y = x", x=1)
    assert x.name == "x"


def test_gates_know_their_piece_of_the_formula():
    f = expression("s = w*x + b;\n  1/(1 + max(s, -s, 1))", w=2, x=-1, b=3)
    sources = [entry.source for entry in viz.trace(f, names=False).entries]
    assert {source.file for source in sources} == {"formula"}
    assert [source.line for source in sources] == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2]
    assert [source.text[slice(*source.span)] for source in sources] == [
        "w",
        "x",
        "w*x",
        "b",
        "w*x + b",
        "-s",
        "max(s, -s, 1)",
        "max(s, -s, 1)",
        "1 + max(s, -s, 1)",
        "1/(1 + max(s, -s, 1))",
    ]
    assert expression("[x,\n 1][0]*2", x=1).note("place", None).source().text == "[x,"


def test_a_name_that_occurs_twice_is_one_tensor():
    f = expression("(x*x + x)*2", x=3)
    assert [entry.name for entry in traced(f).entries if entry.is_leaf] == ["x"]
    f.backward()
    assert f.item() == 24.0


def test_tensors_are_used_as_they_are():
    w, x = Tensor([1.0, 2.0], name="weights"), Tensor([3.0, 4.0], requires_grad=False)
    f = expression("sum(w*x)", w=w, x=x)
    f.backward()
    assert w.grad.tolist() == [3.0, 4.0]
    assert x.grad is None
    assert (w.name, x.name) == ("weights", "x")
    half = Tensor(np.ones(2, np.float32), name="half")
    assert expression("exp(2)*half + 1", half=half).dtype == np.float32


def test_values_are_numbers_arrays_and_lists():
    f = expression("sum(W @ x + b)", W=[[1, 2], [3, 4]], x=np.array([1.0, 1.0]), b=np.float32(1))
    assert f.item() == 12.0


def test_names_may_be_any_letters_and_subscripts():
    values = {"θ": 1, "w₀": 2, "ŷ": 3, "学习率": 4, "_a1": 5}
    f = expression("θ + w₀ + ŷ + 学习率 + _a1 + w0", **values)
    assert f.item() == 17.0
    assert [e.name for e in traced(f).entries if e.is_leaf] == ["θ", "w₀", "ŷ", "学习率", "_a1"]
    assert expression("μ + 1", µ=1).item() == 2.0  # the micro sign is the letter mu, as in Python


def test_a_name_with_a_value_hides_functions_and_constants():
    assert expression("e*pi*sum*σ", e=2, pi=3, sum=4, σ=5).item() == 120.0
    assert expression("e = y - 1; e*e", y=4).item() == 9.0
    assert "hides the function" in error_of("exp(x)*exp", x=1, exp=2).problem
    assert "formula" in error_of("formula + self", formula=1).problem


def test_arrays_may_be_empty():
    assert expression("y @ y + sum(exp(y)) + sum([])", y=[]).item() == 0.0
    assert expression("2*y", y=np.ones((0, 3))).shape == (0, 3)


def test_a_formula_without_names_is_a_constant():
    f = expression("2*3 + 4**0.5")
    assert (f.item(), f.requires_grad, f.dtype) == (8.0, False, np.float64)


def test_an_operation_that_was_declared_elsewhere_may_be_called():
    name = "treble_for_formulas"
    elementwise(
        name, lambda x: 3 * x, partials=(3,), doc="Three times.", example="", domains=(autograd.samples.real(-1, 1),),
        formula="3x", partial_formulas=("3",),
    )  # fmt: skip
    try:
        assert expression(f"{name}(x)", x=2).item() == 6.0
    finally:
        del REGISTRY[name]


@pytest.mark.parametrize("name", functions.names())
def test_every_function_of_the_table_works(name):
    least, most = functions.arity(name)
    domains = getattr(REGISTRY.get(functions.ALIASES.get(name, name)), "domains", ()) or (real(0.5, 0.5),) * (most or 3)
    values = [float(domain.draw((), np.random.default_rng(0))) for domain in domains]
    letters = "abc"[: len(values)]
    f = expression(
        f"{name}({', '.join(letters)})",
        **{a: [x] if name in functions.OF_AXES else x for a, x in zip(letters, values, strict=True)},
    )
    assert np.isfinite(f.data).all()
    assert error_of(f"{name}({', '.join('1' * ((most or 0) + 1 if most else 0))})").problem.startswith(f"{name} takes ")
    assert least >= 1


# -- generated formulas ----------------------------------------------------------------------------------------------

BINDS = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
PYTHON = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}
CALLS = {"exp": exp, "tanh": tanh, "sin": autograd.sin, "sigmoid": sigmoid, "abs": abs, "relu": relu}
VALUES = {"x": 0.75, "y": -1.25, "w": 2.5}

leaves = st.one_of(
    st.sampled_from(list(VALUES)), st.integers(0, 9), st.floats(0.1, 9.9).map(lambda number: round(number, 2))
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*/"), inner, inner),
        st.tuples(st.just("**"), inner, st.integers(1, 3)),
        st.tuples(st.just("**"), st.floats(0.5, 2).map(lambda number: round(number, 1)), inner),
        st.tuples(st.just("neg"), inner),
        st.tuples(st.sampled_from(list(CALLS)), inner),
    ),
    max_leaves=12,
)


def written(tree, draw):
    """The text of a tree, with no more brackets than needed but where chance adds some; and how tightly it binds."""
    if not isinstance(tree, tuple):
        text, binds = str(tree), 5
    elif tree[0] in BINDS:
        sign, left, right = tree
        (left, left_binds), (right, right_binds) = written(left, draw), written(right, draw)
        binds = BINDS[sign]
        if left_binds < binds + (sign == "**"):
            left = f"({left})"
        if right_binds < (3 if sign == "**" else binds + 1):
            right = f"({right})"
        space = draw(st.sampled_from(["", " ", "  "]))
        shown = draw(
            st.sampled_from({"*": "*×·", "-": "-−", "/": "/÷"}.get(sign, [sign] if sign == "+" else ["**", "^"]))
        )
        text = f"{left}{space}{shown}{space}{right}"
    elif tree[0] == "neg":
        inner, inner_binds = written(tree[1], draw)
        text, binds = f"-{inner}" if inner_binds >= 3 else f"-({inner})", 3
    else:
        text, binds = f"{tree[0]}({written(tree[1], draw)[0]})", 5
    if draw(st.integers(0, 9)) == 0:
        text, binds = f"({text})", 5
    return text, binds


def number(result):
    return result.item() if isinstance(result, Tensor) else float(result)


def computed(tree, names, calls):
    if not isinstance(tree, tuple):
        return names.get(tree, tree)
    inputs = [computed(part, names, calls) for part in tree[1:]]
    if tree[0] in BINDS:
        return PYTHON[tree[0]](*inputs)
    return -inputs[0] if tree[0] == "neg" else calls[tree[0]](*inputs)


@settings(max_examples=150, deadline=None)
@given(trees, st.data())
def test_generated_formulas_equal_python_and_finite_differences(tree, data):
    text, _ = written(tree, data.draw)
    own = variables(**VALUES)
    try:
        with np.errstate(all="ignore"):
            wanted = computed(tree, own, CALLS)
            parts = traced(wanted).entries if isinstance(wanted, Tensor) else ()
    except ArithmeticError:
        parts = wanted = None
    used = {name: value for name, value in VALUES.items() if name in text.replace("exp", "").replace("max", "")}
    finite = wanted is not None and np.isfinite(number(wanted))
    if not (finite and all(np.isfinite(part.value.values).all() for part in parts)):
        only_refused_or_computed(text, **used)  # a whole number may overflow where a floating-point one does not
        return
    found = expression(text, **used)
    assert math.isclose(found.item(), number(wanted), rel_tol=1e-12)
    if not parts:
        assert not found.requires_grad
        return
    assert [e.operation for e in traced(found, gradients=False).entries] == [e.operation for e in parts]
    with np.errstate(all="ignore"):
        differentiate(tree, found, used)


def differentiate(tree, found, used):
    """Compare with central differences of the tree, which is computed with floats and NumPy alone."""
    plain = {"exp": np.exp, "tanh": np.tanh, "sin": np.sin, "abs": abs}
    plain |= {"sigmoid": lambda x: 1 / (1 + np.exp(-x)), "relu": lambda x: max(x, 0.0)}
    entries = {e.name: e for e in traced(found).entries if e.is_leaf}
    for name in used:
        slopes = []
        for h in (1e-5, 1e-6):
            try:
                up, down = (
                    float(
                        computed(
                            tree, {n: np.float64(v) for n, v in (VALUES | {name: VALUES[name] + d}).items()}, plain
                        )
                    )
                    for d in (h, -h)
                )
            except ArithmeticError:
                return
            slopes.append((up - down) / (2 * h))
        scale = max(1.0, abs(found.item()))
        if not np.isfinite(slopes).all() or abs(slopes[0] - slopes[1]) > 1e-5 * scale or scale > 1e4:
            continue  # at a kink or too steep for differences
        gradient = entries[name].gradient
        assert gradient is None or math.isclose(gradient.values[0], slopes[0], rel_tol=1e-3, abs_tol=1e-4 * scale)


# -- what is refused, and where the message points -------------------------------------------------------------------

REFUSED = [
    ("", {}, "empty", []),
    (" ;\n; ", {}, "empty", []),
    ("w3*x", {"w2": 1, "x": 1}, "Did you mean 'w2'?", ["w3"]),
    ("w*x + w", {}, "'w' and 'x'", ["w", "x", "w"]),
    ("wx + w + x", {"w": 1, "x": 2}, "w*x", ["wx"]),
    ("х + 1", {"x": 1}, "CYRILLIC SMALL LETTER HA", ["х"]),
    ("x + 1", {"x": 1, "y": 2}, "has no 'y'", []),
    ("rate*2", {"rate": 1, "rat": 2}, "Did you mean 'rate'?", []),
    ("w₀*w0", {"w₀": 1, "w0": 1}, "two values", []),
    ("sigmod(x)", {"x": 1}, "Did you mean 'sigmoid'?", ["sigmod"]),
    ("cot(x)", {"x": 1}, "cos(x)/sin(x)", ["cot"]),
    ("exp(x, 2)", {"x": 1}, "takes 1 argument, not 2", ["exp"]),
    ("max()", {}, "takes at least 1 argument, not 0", ["max"]),
    ("maximum(1)", {}, "takes 2 arguments, not 1", ["maximum"]),
    ("sum(1, 2)", {}, "sum([a, b])", ["sum"]),
    ("exp x", {"x": 1}, "exp(x)", ["exp", "x"]),
    ("exp + 1", {}, "exp(x)", ["exp"]),
    ("2x", {"x": 1}, "2*x", ["2", "x"]),
    ("x y", {"x": 1, "y": 1}, "x*y", ["x", "y"]),
    ("x(y + 1)", {"x": 1, "y": 1}, "x*(…)", ["x"]),
    ("(x)(x)", {"x": 1}, "(…)*(…)", [")", "("]),
    ("3 4", {}, "two numbers", ["3", "4"]),
    ("1.2.3", {}, "two numbers", ["1.2", ".3"]),
    ("(x + (x*2)", {"x": 1}, "never closed", ["("]),
    ("exp(x", {"x": 1}, "never closed", ["("]),
    ("[x; 1]", {"x": 1}, "never closed", ["["]),
    ("x + (", {"x": 1}, "never closed", ["("]),
    ("x)", {"x": 1}, "closes nothing", [")"]),
    ("y = x]", {"x": 1}, "closes nothing", ["]"]),
    ("(x]", {"x": 1}, "closed by", ["(", "]"]),
    ("f = exp[x)", {"x": 1}, "whole numbers", ["[", "x"]),
    ("()", {}, "nothing is in", ["()"]),
    ("x + ", {"x": 1}, "missing after '+'", ["+"]),
    ("x +; x", {"x": 1}, "missing after '+'", ["+"]),
    ("*x", {"x": 1}, "missing before '*'", ["*"]),
    ("max(, x)", {"x": 1}, "missing before ','", [","]),
    ("max(x,)", {"x": 1}, "missing after ','", [","]),
    ("x***2", {"x": 1}, "missing after '**'", ["**"]),
    ("x // 2", {"x": 1}, "single /", ["//"]),
    ("x²", {"x": 1}, "x**2", ["²"]),
    ("xᵀ", {"x": 1}, "transpose", ["ᵀ"]),
    ("x%2", {"x": 1}, "remainder", ["%"]),
    ("{x}", {"x": 1}, "round brackets", ["{"]),
    ("|x|", {"x": 1}, "abs(x)", ["|"]),
    ("x < 1", {"x": 1}, "comparisons", ["<"]),
    ("x == 1", {"x": 1}, "comparisons", ["=="]),
    ("2 * (x == 1)", {"x": 1}, "comparisons", ["=="]),
    ("f(x) = x", {"x": 1}, "functions cannot be defined", ["="]),
    ("= x", {"x": 1}, "after a name", ["="]),
    ("x := 2", {}, "single =", [":="]),
    ("x.real", {"x": 1}, "attributes", ["."]),
    ("0,5*x", {"x": 1}, "0.5", ["0,5"]),
    ("x, 1", {"x": 1}, "comma", [","]),
    ("x\u200b", {"x": 1}, "ZERO WIDTH SPACE: delete", ["\u200b"]),
    ("x\ufe0f", {"x": 1}, "VARIATION SELECTOR-16: delete", ["\ufe0f"]),
    ("\u202ex", {"x": 1}, "RIGHT-TO-LEFT OVERRIDE", ["\u202e"]),
    ("x\x00", {"x": 1}, "U+0000: delete", ["\x00"]),
    ("x — 1", {"x": 1}, "EM DASH", ["—"]),
    ("x + ٣", {"x": 1}, "write 3", ["٣"]),
    ("x + ①", {"x": 1}, "write 1", ["①"]),
    ("x $ 2", {"x": 1}, "'$' is not part", ["$"]),
    ("\\frac12", {}, "LaTeX", ["\\"]),
    ("lambda*2", {}, "λ or lam", ["lambda"]),
    ("x if x else 1", {"x": 1}, "'if'", ["if"]),
    ("x = 1; x", {"x": 1}, "from outside", ["x"]),
    ("a = x; a = 2*a; a", {"x": 1}, "second value", ["a", "a"]),
    ("b = a; a = x; b", {"x": 1}, "before it gets", ["a"]),
    ("a = a + x; a", {"x": 1}, "before it gets", ["a"]),
    ("e = e + x; e", {"x": 1}, "before it gets", ["e"]),
    ("x*2; x", {"x": 1}, "result of this statement", ["x*2"]),
    ("a = x; x", {"x": 1}, "nothing uses 'a'", ["a"]),
    ("x/0", {"x": 1}, "division by zero", ["/"]),
    ("1/0", {}, "division by zero", ["/"]),
    ("2*(1/(x - 3))", {"x": 3}, "division by zero: x - 3 is 0", ["/"]),
    ("2*x/(x - 3)", {"x": 3}, "division by zero: x - 3 is 0", ["/"]),
    ("1/(x - [1, 2])", {"x": 2}, "division by zero: element [1] of x - [1, 2] is 0", ["/"]),
    ("[[1], [2]]/(x*[1, 0])", {"x": 2}, "element [1] of x*[1, 0] is 0", ["/"]),
    ("x**-1", {"x": 0}, "division by zero: a negative power of 0: x is 0", ["**"]),
    ("0^-1", {}, "division by zero", ["^"]),
    ("log(x - 1)", {"x": 0}, "logarithm of a negative number: x - 1 is -1", ["log"]),
    ("log(x)", {"x": 0}, "minus infinity: x is 0", ["log"]),
    ("sqrt(x)", {"x": -4}, "square root of a negative number: x is -4", ["sqrt"]),
    ("x**0.5", {"x": -4}, "fractional exponent: x is -4", ["**"]),
    ("(-8)**(1/3)", {}, "fractional exponent", ["**"]),
    ("exp(1000*x)", {"x": 1}, "the largest float64 number, 1.8e+308: 1000*x is 1000",
     ["exp"]),
    ("x*1e300", {"x": 1e300}, "overflow", ["*"]),
    ("9**9**9**9", {}, "overflow", ["**"]),
    ("1e999", {}, "too large", ["1e999"]),
    ("sum(exp(x))", {"x": [1, 1000]}, "element [1] of x is 1000", ["exp"]),
    ("a + b", {"a": [1, 2], "b": [1, 2, 3]}, "a has the shape (2,) and b has the shape (3,)", ["+"]),
    ("max(a, b)", {"a": [1, 2], "b": [1, 2, 3]}, "shapes do not fit", ["max"]),
    ("W @ x", {"W": [[1, 2]], "x": [1, 2, 3]}, "W has the shape (1, 2) and x has the shape (3,)", ["@"]),
    ("2 @ x", {"x": [1]}, "2 is a number", ["@"]),
    ("x[2]", {"x": [1, 2]}, "no element [2]", ["[2]"]),
    ("x[0]", {"x": 1}, "x is a number and has no element [0]", ["[0]"]),
    ("x[0.5]", {"x": [1]}, "whole numbers", ["[", "0.5"]),
    ("x[0:1]", {"x": [1]}, "slices", [":"]),
    ("x[]", {"x": [1]}, "whole numbers", ["[", "]"]),
    ("[1, [2]]", {}, "one shape", ["1", "[2]"]),
    ("[x, y]", {"x": 1, "y": [1]}, "one shape", ["x", "y"]),
    ("[" * 40 + "1" + "]" * 40, {}, "32 axes", ["["]),
    ("x + 1", {"x": "2"}, "value given for 'x'", ["x"]),
    ("x + 1", {"x": None}, "value given for 'x'", ["x"]),
    ("x + 1", {"x": "one"}, "value given for 'x'", ["x"]),
    ("x + 1", {"x": [[1], [1, 2]]}, "value given for 'x'", ["x"]),
    ("softmax(x)", {"x": 1}, "softmax([a, b])", ["softmax"]),
    ("mean(x)", {"x": []}, "mean of no numbers: x has the shape (0,)", ["mean"]),
    ("max(x)", {"x": []}, "max", ["max"]),
    ("‖x‖", {"x": [1]}, "sqrt(sum(x**2))", ["‖"]),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "values", "problem", "places"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_message_says_what_is_wrong_and_where(formula, values, problem, places):
    error = error_of(formula, **values)
    assert problem in error.problem
    assert marked(error) == places


def test_a_message_shows_the_formula_with_carets():
    assert str(error_of("1/(x - 3)", x=3)) == "division by zero: x - 3 is 0\n  1/(x - 3)\n   ^"
    assert str(error_of("a = x\n2*(a + b)", x=1)).splitlines()[1:] == ["  2*(a + b)", "         ^"]
    assert str(error_of("学*习", 学=1)).splitlines()[1:] == ["  学*习", "     ^^"]  # two columns each
    assert str(error_of("x\x1b[2J", x=1)).splitlines()[1:] == ["  x�[2J", "   ^"]
    assert str(error_of("x + 1", x=1, y=2)).splitlines()[1:] == ["  x + 1"]
    long = str(error_of(f"{'x+' * 200}1/y{'+x' * 200}", x=1, y=0)).splitlines()
    assert len(long[1]) <= WIDTH + 4
    assert long[1][long[2].index("^")] == "/"
    assert long[1].strip()[0] == long[1][-1] == "…"


def test_errors_are_value_errors_that_can_be_sent_to_other_processes():
    error = error_of("1/x", x=0)
    assert isinstance(error, ValueError)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.spans) == (str(error), ((1, 2),))


def test_a_formula_is_text():
    with pytest.raises(TypeError, match="got int"):
        expression(3)


def test_values_that_are_no_numbers_themselves_pass():
    """What was given as infinite or nan is no mistake of the formula."""
    assert math.isnan(expression("x - x", x=math.inf).item())
    assert math.isnan(expression("2*x", x=math.nan).item())


def test_whole_numbers_stay_exact_or_become_floating_point():
    assert expression("2**53 - 1").item() == 2**53 - 1
    assert expression("99999999999999999999 * x", x=1).item() == 1e20
    assert expression(f"0*{'9' * 300}").item() == 0.0
    assert expression("2**40 * 2**40").item() == expression("2**80").item() == 2.0**80
    assert "too large" in error_of("9" * 5000).problem
    assert error_of(f"{10**30}/x", x=0).problem == "division by zero: x is 0"


# -- large and hostile text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [
        "(" * 4000 + "x" + ")" * 4000,
        "-" * 9000 + "x",
        "x" + "**1" * 3000,
        "x" + "+x" * 4000,
        "tanh(" * 1500 + "x" + ")" * 1500,
        ";".join(f"a{i}=a{i - 1}+1" if i else "a0=x" for i in range(700)) + ";a699*2",
    ],
    ids=["brackets", "signs", "powers", "sum", "calls", "statements"],
)
def test_depth_is_limited_by_length_alone(formula):
    assert np.isfinite(expression(formula, x=0.5).item())


def axes_of(count, *depths):
    """Arrays of ones, each with its elements along another axis."""
    return [f"[{','.join(['[' * depth + '1' + ']' * depth] * count)}]" for depth in depths]


def doubled(first):
    """Each statement joins two of the previous array."""
    return f"a0={first};" + "".join(f"a{i}=[a{i - 1},a{i - 1}];" for i in range(1, 30)) + "sum(a29)"


ENORMOUS = [
    "(" * 10**6 + "x" + ")" * 10**6,
    "x+" * 10**6,
    doubled("[1,1]"),
    doubled("[x,1]"),
    "*".join(axes_of(500, 0, 1, 2)),
    f"c={'*'.join(axes_of(900, 0, 1))};sum({'@'.join(['c'] * 900)})",
    "9**9**9**9**9**9",
    "-9**9**-9**9",
    "2**10000000000",
    "1" + "0" * 9000,
    "1e" + "9" * 9000,
    "x" * 9000,
    "+".join(f"x{i}" for i in range(1500)),
    "(" * 9000,
    "[" * 9000,
    ")" * 9000,
    "x" + "[0]" * 3000,
]  # fmt: skip


@pytest.mark.parametrize("formula", ENORMOUS, ids=range(len(ENORMOUS)))
def test_enormous_input_is_answered_soon(formula):
    start = time.process_time()
    only_refused_or_computed(formula)
    only_refused_or_computed(formula, x=1.0)
    assert time.process_time() - start < 5


def test_length_has_a_limit():
    assert f"{LONGEST:,} are the most" in error_of("x" * (LONGEST + 1)).problem


ATTACKS = [
    "__import__('os').system('touch pwned')",
    '__import__("pathlib").Path("pwned").touch()',
    "open('pwned', 'w')",
    "open(x)",
    "eval(x)",
    "exec(x)",
    "compile(x)",
    "getattr(x, y)",
    "print(x)",
    "breakpoint()",
    "exit()",
    "x.__class__.__mro__",
    "x.__class__.__bases__[0].__subclasses__()",
    "().__class__",
    "[].__class__.__base__",
    "exp.__globals__['__builtins__']",
    "__builtins__",
    "__loader__",
    "globals()",
    'f\'{open("pwned", "w")}\'',
    "lambda: open('pwned', 'w')",
    "(lambda x: x)(x)",
    "[x for x in ().__class__.__subclasses__()]",
    "{x for x in [1]}",
    "(x for x in [1])",
    "x if open('pwned','w') else x",
    "(y := 1)",
    "import os",
    "from os import system",
    "assert x",
    "del x",
    "while True: pass",
    "async def f(): pass",
    "yield x",
    "*x",
    "**x",
    "x[__import__('os')]",
    "x[0:10**9]",
    "x\\\n+1",
    "'''x'''",
    "b'x'",
    "x\x00+1",
    "\ufeffx",
    "x\u202e+\u2066 1",
    "x\u2028+1",
    "\ud800",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\x1b]0;title\x07",
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "| touch pwned",
    "'; DROP TABLE tensors; --",
    "${jndi:ldap://x}",
    "%s%s%s%n",
    "{0.__class__}",
    "max(key=open)",
    "sum(x, axis=0)",
    "x@@x",
    "0x10",
    "0b1",
    "1j",
    "1__0",
    "1e+",
    "..",
    "...",
    "None",
    "True",
    "NaN",
    "inf",
]


def only_refused_or_computed(formula, **values):
    try:
        assert type(expression(formula, **values)) is Tensor
    except ExpressionError as error:
        text = str(error)
        assert len(text) < 1500
        assert all(character.isprintable() or character == "\n" for character in text), ascii(text)


@pytest.mark.parametrize("formula", ATTACKS)
def test_attacks_stay_text(formula, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    only_refused_or_computed(formula, x=1.0)
    only_refused_or_computed(formula, x=[1.0, 2.0])
    only_refused_or_computed(formula)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_refused_or_computed(formula):
    only_refused_or_computed(formula)
    only_refused_or_computed(f"x {formula}", x=2.0)


WORDS = [
    *"()[]+-*/^@,;=.:",
    "**",
    " ",
    "\n",
    "x",
    "y",
    "0",
    "2",
    ".5",
    "1e3",
    "exp",
    "max",
    "sum",
    "log",
    "pi",
    "a",
    "a=",
    "−",
    "²",
]


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_words_of_the_language_are_refused_or_computed(words):
    formula = "".join(words)
    only_refused_or_computed(formula, x=2.0)
    only_refused_or_computed(formula, x=[0.0, -1.0], y=[[1.0], [3.0]])
    only_refused_or_computed(formula, x=0, y=[])


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=12),
    st.floats() | st.integers() | st.none() | st.text(max_size=3) | st.lists(st.floats(), max_size=3),
)
def test_any_names_and_values_are_refused_or_used(name, value):
    only_refused_or_computed(name, **{name: value})
    only_refused_or_computed(f"{name}*2 + x", **{name: value, "x": 1.0})


def test_no_text_is_given_to_python():
    """The package has no way to run text: it neither calls nor mentions what does."""
    dangerous = {"eval", "exec", "compile", "__import__", "getattr", "setattr", "globals", "literal_eval", "importlib"}
    sources = sorted(Path(viz.__file__).parent.glob("formulas/*.py"))
    assert len(sources) >= 6
    for path in sources:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} - {"compile"}  # re.compile
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not dangerous & (used | imported), path
