"""Formulas as plain text, LaTeX and MathML."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.primitives import REGISTRY
from viz.mathematics import (
    Derivative,
    Name,
    Number,
    Row,
    bracketed,
    escape_latex,
    join,
    operator,
    parse,
    printable,
    words,
)

FORMULAS = sorted({formula for p in REGISTRY.values() for formula in (p.formula, *p.partial_formulas)})
HOSTILE = [
    "<script>alert(1)</script>",
    "</math><img src=x onerror=alert(1)>",
    "a|b`c`",
    "$x$ \\end{document}",
    "\\input{/etc/passwd}",
    "{", "}", "\\", "%", "#1", "~^_&",
    "two\nlines", "\x00\x1b[31m", "\u202egnirts", "\ud800", "😀", "日本", "x" * 500, "", " ", "'\"", "--", "a]]>b",
]  # fmt: skip


def balanced(latex):
    depth = 0
    for token in re.findall(r"\\.|[{}]", latex, re.DOTALL):
        depth += (token == "{") - (token == "}")
        assert depth >= 0
    assert depth == 0
    assert not re.search(r"(?<!\\)[$%#&~]|\n", latex)
    assert not re.search(r"_\{[^{}]*\}_", latex)  # a double subscript
    return True


def well_formed(mathml):
    text = mathml.encode("utf-8", "replace").decode()
    return {element.tag for element in ElementTree.fromstring(text).iter()}


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_formula_of_the_registry_is_written_in_all_three_languages(formula):
    row = parse(formula)
    assert row.plain
    assert not re.search(r"[\\{}&$]", row.plain)
    assert row.plain.count("(") == row.plain.count(")")
    assert balanced(row.latex)
    assert parse(row.latex).plain == row.plain
    assert parse(row.latex).mathml == row.mathml
    assert well_formed(row.mathml) <= {
        "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "msub", "msup", "msubsup",
    }  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("operand", [Name("w0"), Number("-1.00")], ids=["name", "number"])
def test_operands_take_the_places_of_variables(formula, operand):
    row = parse(formula)
    found = row.substitute(dict.fromkeys(("x", "x_1", "x_2", "x_3"), operand))
    assert balanced(found.latex)
    well_formed(found.mathml)
    if isinstance(operand, Name):
        assert "x" not in re.sub("max|w0|exp|softmax|erfcx|x\\[ys", "", found.plain) or "x" not in row.plain


@pytest.mark.parametrize(
    ("formula", "plain"),
    [
        (r"\frac{1}{x}", "1/x"),
        (r"-\frac{x_1}{x_2^2}", "-x₁/x₂²"),
        (r"\frac{1}{2\sqrt{x}}", "1/(2√x)"),
        (r"x_2 x_1^{x_2-1}", "x₂ x₁^(x₂ - 1)"),
        (r"1 - \tanh^2 x", "1 - tanh² x"),
        (r"\ln\frac{1 - x_1}{x_1}", "ln((1 - x₁)/x₁)"),
        (r"\tfrac16 [|x| < 3]", "1/6 [|x| < 3]"),
        (r"[\lnot c]", "[¬c]"),
        (r"x_{c,\,ys-p+kd}", "x[c,ys-p+kd]"),
        (r"c_{t-1}", "cₜ₋₁"),
        (r"x W^\top + b", "x Wᵀ + b"),
        (r"1 \text{ if } x_1 > 0 \text{ else } x_2", "1 if x₁ > 0 else x₂"),
        (r"-\ln \operatorname{softmax}(x)_y", "-ln softmax(x)[y]"),
        (r"\frac{1}{(1 + |x|)^2}", "1/((1 + |x|)²)"),
        ("", ""),
    ],
)
def test_plain_text(formula, plain):
    assert parse(formula).plain == plain


@pytest.mark.parametrize(
    ("formula", "operands", "plain"),
    [
        ("x_1 x_2", {"x_1": Number("2.00"), "x_2": Number("-1.00")}, "2.00 × -1.00"),
        ("x_1 + x_2", {"x_1": Number("4.00"), "x_2": Number("-3.00")}, "4.00 + (-3.00)"),
        ("x_1 - x_2", {"x_1": Number("-4.00"), "x_2": Number("-3.00")}, "-4.00 - (-3.00)"),
        (r"-\frac{x_1}{x_2^2}", {"x_1": Number("1"), "x_2": Number("1.37")}, "-1/1.37²"),
        (r"-\frac{x_1}{x_2^2}", {"x_1": Number("1"), "x_2": Number("-2.00")}, "-1/(-2.00)²"),
        ("e^x", {"x": Number("-1.00")}, "e^(-1.00)"),
        ("e^x", {"x": Name("x0")}, "e^x0"),
        ("-x", {"x": Number("-1")}, "-(-1)"),
        (r"\ln x", {"x": Number("-1.00")}, "ln (-1.00)"),
        (r"\frac{1}{x}", {"x": Number("-2.00")}, "1/(-2.00)"),
        (r"x\,\sigma(x)", {"x": Name("h")}, "h × σ(h)"),
        ("x[i]", {"x": Name("h")}, "h[i]"),
        (r"\sum_i x_i", {"x": Name("h")}, "Σᵢ hᵢ"),
        (r"\sum_i x_i", {"x": Number("3.00")}, "Σᵢ xᵢ"),
    ],
)
def test_substituted(formula, operands, plain):
    assert parse(formula).substitute(operands).plain == plain


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("{", "} is missing"),
        ("}", "} too many"),
        (r"\frac{1}", "missing at the end"),
        (r"\href{x}", r"\\href is not among the commands"),
        (r"\text{$}", "words of letters"),
        (r"\text x", "group in braces"),
        ("x_1_2", "two _"),
        ("x $ y", "no place"),
        ("{" * 40 + "}" * 40, "nested too deeply"),
        ("x" * 3000, "too long"),
        (r"\sqrt{" * 1000, "too long|nested too deeply"),
    ],
)
def test_what_is_no_formula_is_refused(formula, message):
    with pytest.raises(ValueError, match=message):
        parse(formula)


@given(st.text(r"\{}_^x1+ frac,[](|)sqrt", max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_formula_or_an_error(text):
    try:
        row = parse(text)
    except ValueError:
        return
    well_formed(row.mathml)
    assert isinstance(row.plain, str)
    assert balanced(row.latex)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_stay_text(name):
    row = join("=", Derivative(Name("f"), Name(name)), bracketed(Name(name)), words(name), Number(name))
    assert balanced(row.latex)
    assert "\n" not in row.plain
    assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\ud800-\udfff]", row.plain)
    assert well_formed(row.mathml) <= {"math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msub"}
    commands = set(re.findall(r"\\[a-z]+", row.latex))
    assert commands <= {
        r"\frac", r"\partial", r"\text", r"\textbackslash", r"\textasciicircum", r"\textasciitilde", r"\textless",
        r"\textgreater", r"\textbar", r"\left", r"\right", r"\textasciigrave", r"\ensuremath", r"\dots",
    }  # fmt: skip


def test_names_and_numbers_in_latex():
    assert [Name(name).latex for name in ("x", "w0", "b_1", "net.0.weight")] == [
        "x",
        "w_{0}",
        "b_{1}",
        r"\text{net.0.weight}",
    ]
    assert [Number(text).latex for text in ("1.00", "-1.00", "1.2e-3", "nan", "[1.00, -2.00]")] == [
        "1.00",
        "{-1.00}",
        r"1.2 \cdot 10^{-3}",
        r"\mathrm{nan}",
        "[1.00, -2.00]",
    ]
    assert escape_latex("σ ≤ x²") == r"\ensuremath{\sigma} \ensuremath{\le} x\ensuremath{^{2}}"


def test_derivatives():
    whole = Derivative(parse(r"\frac{1}{x}"), Name("x"))
    assert whole.plain == "∂(1/x)/∂x"
    assert whole.latex == r"\frac{\partial}{\partial x}\left(\frac{1}{x}\right)"
    assert Derivative(Name("f"), Name("w0")).plain == "∂f/∂w0"
    well_formed(whole.mathml)


def test_chains_of_equations_are_divided():
    chain, rest = parse(r"\sigma(x) = \frac{1}{1 + e^{-x}}").split()
    assert ([part.plain for part in chain], rest) == (["σ(x)", "1/(1 + e⁻ˣ)"], None)
    chain, rest = parse(r"\tanh(s) + x,\ s = \ln(1 + e^x)").split()
    assert [part.plain for part in chain] == ["tanh(s) + x"]
    assert rest.plain == "s = ln(1 + eˣ)"
    assert [part.plain for part in parse("[x_1, x_2]").split()[0]] == ["[x₁, x₂]"]


def test_printable_cuts_long_names():
    assert printable("abcdef", longest=4) == "abc…"
    assert operator("+=").plain == "+="
    assert Row(()).plain == ""
