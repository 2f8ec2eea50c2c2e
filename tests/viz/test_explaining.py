"""A graph explained as text, Markdown and LaTeX.

The golden files are written anew with ``python tests/viz/test_explaining.py``; then look at what changed.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import viz_graphs as graphs
from test_mathematics import HOSTILE

import viz
from autograd import Tensor, exp, relu, scope, sigmoid
from autograd import sum as total_of
from autograd.extend import defvjp, primitive
from viz.explaining import explain

GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = {"text": "txt", "markdown": "md", "latex": "tex"}


def plain(t, **settings):
    return explain(t, names=False, width=100, **settings)


EXPLAINED = {
    "sigmoid": lambda: plain(graphs.sigmoid_example(), check=True),
    "sigmoid_one_gate": lambda: plain(graphs.sigmoid_example(one_gate=True)),
    "sigmoid_expanded": lambda: plain(graphs.sigmoid_example(one_gate=True), expand="sigmoid"),
    "fork": lambda: plain(graphs.fork(), check=True),
    "network": lambda: plain(graphs.network(), check=True),
    "complex": lambda: plain(graphs.complex_numbers(), check=True),
}


@pytest.mark.parametrize("language", SUFFIXES)
@pytest.mark.parametrize("name", EXPLAINED)
def test_explanation_is_the_golden_one(name, language):
    golden = (GOLDEN / f"explain_{name}.{SUFFIXES[language]}").read_text(encoding="utf-8")
    assert getattr(EXPLAINED[name](), language) == golden


def test_explaining_twice_gives_the_same_text():
    assert EXPLAINED["network"]().text == EXPLAINED["network"]().text


def test_sigmoid_example_is_cs231n_step_by_step():
    backward = plain(graphs.sigmoid_example()).text.split("Backward\n")[1].split("\n\n")[0].splitlines()
    assert [re.sub(r" +", " ", line.split("   ∂(")[0]).strip() for line in backward] == [
        "∂f/∂f = 1.00",
        "1 1/x ∂f/∂m = 1.00 × (-1/1.37²) = -0.53",
        "2 +1 ∂f/∂k = -0.53 × 1 = -0.53",
        "3 exp ∂f/∂h = -0.53 × e^(-1.00) = -0.53 × 0.37 = -0.20",
        "4 ×(−1) ∂f/∂g = -0.20 × -1 = 0.20",
        "5 + ∂f/∂c = 0.20 × 1 = 0.20",
        "∂f/∂w2 = 0.20 × 1 = 0.20",
        "6 + ∂f/∂a = 0.20 × 1 = 0.20",
        "∂f/∂b = 0.20 × 1 = 0.20",
        "7 × ∂f/∂w1 = 0.20 × -2.00 = -0.39",
        "∂f/∂x1 = 0.20 × -3.00 = -0.59",
        "8 × ∂f/∂w0 = 0.20 × -1.00 = -0.20",
        "∂f/∂x0 = 0.20 × 2.00 = 0.39",
    ]


def test_every_gate_that_sends_gradients_has_its_step():
    told = plain(graphs.network()).text
    forward, backward = told.split("Forward\n")[1].split("Backward\n")
    assert re.findall(r"^ +(\d+)  ", forward, re.MULTILINE) == [str(i) for i in range(1, 8)]
    assert re.findall(r"^ +(\d+)  ", backward, re.MULTILINE) == [str(i) for i in range(1, 8)]


def test_names_come_from_the_caller():
    x = Tensor(2.0)
    total = exp(x) * x
    told = explain(total).text
    assert told.startswith("total = ")
    assert "∂total/∂x" in told


def test_what_it_explains():
    x = Tensor(2.0, name="x")
    y = x * 3
    assert plain(viz.trace(y, names=False)).text == plain(y).text
    assert "Backward" not in plain(y, gradients=False).text
    assert plain(y, gradients=[y]).text.count("∂f/∂x") > 0
    vector = Tensor([1.0, 2.0], name="v") * 2
    assert "Backward" not in plain(vector).text
    vector.backward(np.array([1.0, 10.0]))
    assert "∂f/∂v = [2.00, 20.00]" in plain(vector).text
    assert plain(x).text == "x, computed by 0 gates\n\nInputs\n  x = 2.00\n\nGradients\n  ∂x/∂x = 1.00\n"
    assert plain(Tensor(3.0, requires_grad=False)).text == "3.00, computed by 0 gates\n"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"t": 3.0}, TypeError, "explain: expected a Tensor, a Trace or a Recording, got float"),
        ({"format": "html"}, ValueError, "the format must be 'text', 'markdown' or 'latex', got 'html'"),
        ({"limit": 0}, ValueError, "limit counts gates"),
        ({"limit": True}, ValueError, "limit counts gates"),
        ({"expand": "sofmax"}, ValueError, "no 'sofmax' to expand"),
        ({"t": viz.trace(Tensor(1.0) * 2), "expand": "multiply"}, TypeError, "a trace has them as they are"),
        ({"t": viz.trace(Tensor(1.0) * 2), "gradients": False}, TypeError, "a trace is told as it is"),
        ({"t": viz.trace(Tensor(1.0) * 2), "check": True}, TypeError, "a trace is told as it is"),
    ],
)
def test_errors(arguments, error, message):
    with pytest.raises(error, match=message):
        explain(**({"t": Tensor(1.0) * 2} | arguments))


def test_it_prints_shows_and_saves_itself(tmp_path):
    told = plain(graphs.fork())
    assert str(told) == repr(told) == told.text.rstrip("\n")
    assert str(plain(graphs.fork(), format="latex")) == told.latex.rstrip("\n")
    assert told._repr_markdown_() == told.markdown
    assert told._repr_mimebundle_() == {"text/markdown": told.markdown, "text/plain": told.text}
    for suffix, text in ((".txt", told.text), (".md", told.markdown), (".MD", told.markdown), (".tex", told.latex)):
        path = told.save(tmp_path / f"walk{suffix}")
        assert path.read_text(encoding="utf-8") == text
    with pytest.raises(ValueError, match=r"must be one of \.txt, \.md, \.tex; got 'walk\.html'"):
        told.save("walk.html")
    with pytest.raises(FileNotFoundError, match="no folder"):
        told.save(tmp_path / "missing" / "walk.txt")


def test_characters_that_latex_lacks_are_shown_by_their_codes():
    told = explain(Tensor(2.0, name="重") * Tensor(3.0, name="é"), names=False)
    assert "\\DeclareUnicodeCharacter{91CD}{[U+91CD]}\n" in told.latex
    assert told.latex.count("DeclareUnicodeCharacter{") == 1


def test_recordings_are_explained_up_to_what_failed():
    x, w = Tensor(np.ones((2, 3)), name="x"), Tensor(np.ones((4, 2)), name="w")

    def failing():
        with viz.record():
            h = x * 2
            h @ w

    with pytest.raises(ValueError, match="matmul") as caught:
        failing()
    told = explain(caught.value.recording)
    assert told.text.startswith("@ failed after 1 gate\n")
    assert re.search(r"  1  ×2  h = x × 2 .*\n  2  @   ValueError: matmul\(float64 \(2, 3\)", told.text)
    assert balanced_document(told.latex)
    with viz.record() as recorded:
        total = (x * 2).sum()
    assert explain(recorded).text == explain(total).text.split("\nBackward")[0]
    assert "agrees with the finite difference" in explain(recorded, gradients=True, check=True).text


def test_what_was_detached_is_told():
    x = Tensor(3.0, name="x")
    with viz.record() as recorded:
        (x + 1).detach() * (x * 2)
    told = explain(recorded, gradients=True).text
    assert re.search(r"\n  4\.00 +detached at test_explaining\.py:\d+\n", told)
    assert "add distributes" not in told  # it gets no gradient
    assert "multiply swaps" in told


def test_gradients_that_do_not_arrive_are_told():
    x, y = Tensor(2.0, name="x"), Tensor(3.0, name="y")
    z = x * 2 + relu(y) * 0
    found = viz.trace(z, names=False, gradients=[z])
    assert "∂f/∂x   no gradient has reached it" in plain(found).text


def test_finite_differences_stand_beside_the_gradients():
    x = Tensor(0.0, name="x")
    assert "∂f/∂x = 0.00   at a kink, where the finite difference is 1.00" in plain(relu(x) * 2, check=True).text
    assert "finite difference" not in plain(relu(x) * 2).text


def test_long_graphs_are_cut_and_say_so():
    y = Tensor(0.5, name="x")
    for _ in range(50):
        y = y * 1.01
    told = plain(y, limit=6)
    for language in SUFFIXES:
        assert getattr(told, language).count("44 more gates left out") == 2
    assert [line for line in told.text.splitlines() if line.strip().startswith(("3 ", "48 "))]
    many = total_of(relu(sum((Tensor(float(i), name=f"x{i}") for i in range(20)), Tensor(0.0))))
    assert "15 more inputs left out" in plain(many, limit=6).text
    assert "15 more variables left out" in plain(many, limit=6).text


def test_deep_graphs_need_no_recursion():
    y = Tensor(0.5)
    for _ in range(5_000):
        y = y * 1.0001
    told = plain(y)
    assert "4,800 more gates left out" in told.text
    assert len(told.text.splitlines()) < 450


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_lines_fit_the_width_where_they_can_be_broken(width):
    for make in (graphs.network, graphs.sigmoid_example):
        for line in explain(make(), names=False, width=width).text.splitlines():
            assert len(line) <= width or not re.search(r"\S   ?\S", line[20:]) or width < 80


def test_columns_are_aligned():
    lines = plain(graphs.sigmoid_example()).text.split("Backward\n")[1].split("\n\n")[0].splitlines()
    assert len({line.index("=") for line in lines}) == 1
    assert len({line.rindex("=", 0, 55) for line in lines[1:]}) == 1
    wide = Tensor(2.0, name="重み")
    told = explain(wide * Tensor(3.0, name="x"), names=False, width=80).text
    assert "  重み = 2.00\n  x    = 3.00\n" in told


def test_scopes_are_named():
    told = plain(graphs.network()).text
    assert [line.strip() for line in told.splitlines() if line.strip().startswith("[N")] == [
        "[Net / 0: Linear]",
        "[Net / 1: Tanh]",
        "[Net / 2: Linear]",
    ]


def balanced_document(latex):
    depth = 0
    for token in re.findall(r"\\.|[{}]", latex, re.DOTALL):
        depth += (token == "{") - (token == "}")
        assert depth >= 0
    assert depth == 0
    stack = []
    for kind, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", latex):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert not stack
    assert latex.count(r"\left(") == latex.count(r"\right)")
    assert not re.search(r"(?<!\\)[$%#~]", latex)
    body = latex.split(r"\begin{document}")[1]
    for row in re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end\{align\*\}", body, re.DOTALL):
        for line in row.split(" \\\\\n"):
            assert "\n" not in line.strip()
            assert len(re.findall(r"(?<!\\)&", line)) <= 3
    return True


@pytest.mark.parametrize("name", EXPLAINED)
def test_latex_is_balanced(name):
    assert balanced_document(EXPLAINED[name]().latex)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name):
    x, y = Tensor(2.0, name=name), Tensor(np.arange(6.0), name=name)
    with scope(name or "empty"):
        z = total_of(sigmoid(x * y) * x)
    z.name = name
    told = plain(z, check=True)
    assert balanced_document(told.latex)
    allowed = {
        "documentclass", "usepackage", "allowdisplaybreaks", "begin", "end", "section", "subsection", "noindent", "par",
        "item", "text", "textbackslash", "textasciicircum", "textasciitilde", "textless", "textgreater", "textbar",
        "textasciigrave", "ensuremath", "frac", "partial", "left", "right", "times", "odot", "sigma", "sum", "quad",
        "cdot", "dots", "to", "pm", "mathrel", "operatorname", "exp", "leq", "Sigma", "qquad",
        "small", "ifdefined", "fi", "DeclareUnicodeCharacter",
    }  # fmt: skip
    assert set(re.findall(r"\\([A-Za-z]+)", told.latex)) <= allowed
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\ud800-\udfff]", told.text + told.markdown + told.latex)
    told.text.encode()
    lines = told.text.splitlines()
    assert all(re.match(r"( |\S.*computed by|Inputs|Forward|Backward|Gradients|Patterns|$)", line) for line in lines)
    outside = re.sub(r"(?<!\\)\$[^$]*\$", "", told.markdown)
    assert not re.search(r"(?<!\\)[`<]", told.markdown)
    assert not re.search(r"\]\(", told.markdown)
    assert not re.search(r"(?<!\\)[$|]", outside)


def test_primitives_of_the_users_own_are_written_with_their_inputs():
    @primitive
    def my_op(x, y, scale=1.0):
        return x * y * scale, x + y

    defvjp(
        my_op,
        lambda ans, x, y, scale=1.0: lambda g: g[0] * y * scale + g[1],
        lambda ans, x, y, scale=1.0: lambda g: g[0] * x * scale + g[1],
    )

    @primitive
    def alone(x):
        return x * x

    defvjp(alone, lambda ans, x: lambda g: 2 * x * g)
    a, b = Tensor(2.0, name="a"), Tensor(3.0, name="b")
    product, total = my_op(a, b, scale=5.0)
    told = plain(alone(product) + total)
    assert re.search(r"= my_op\(a, b\) += +30\.00   x1, x2, scale=5\.0, output=0", told.text)
    assert re.search(r"= alone\(c\) += +900\.00$", told.text, re.MULTILINE)
    assert r"\operatorname{my\_op}(a" in told.latex
    assert balanced_document(told.latex)
    assert "x1" not in str(viz.draw(alone(a)))


def test_hostile_attributes_and_formulas_of_a_trace_stay_text():
    found = viz.trace(Tensor(2.0, name="x").exp() * 3, names=False).to_json()
    evil = r"\\input{x} $`<script>|[a](javascript:b)"
    for old in ('"formula": "e^x"', '"label": "exp"', '"note": ""', '"symbol": "exp"', '"summary": "'):
        found = found.replace(old, f'{old.split(": ")[0]}: "{evil}' + ('"' if not old.endswith(': "') else ""))
    told = plain(viz.Trace.from_json(found))
    assert balanced_document(told.latex)
    assert r"\input" not in told.latex
    assert not re.search(r"(?<!\\)[`<]", told.markdown)
    assert not re.search(r"(?<!\\)\]\(", told.markdown)


if __name__ == "__main__":
    for name, told in EXPLAINED.items():
        for language, suffix in SUFFIXES.items():
            (GOLDEN / f"explain_{name}.{suffix}").write_text(getattr(told(), language), encoding="utf-8")
