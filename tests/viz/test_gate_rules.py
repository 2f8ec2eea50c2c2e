"""What gates do, in formulas and words."""

import re

import numpy as np
import pytest
import viz_graphs as graphs
from test_mathematics import HOSTILE, balanced, well_formed

import viz
from autograd import Tensor, maximum, mean, real, relu, softmax, stack, tanh
from autograd import sum as total_of
from autograd.primitives import REGISTRY
from nn.functional import cross_entropy
from viz.patterns import PRODUCTS, SYMBOLS, pattern
from viz.rules import Rules, called, settings


def rules_of(t, **settings):
    found = viz.trace(t, names=False, **settings)
    return found, Rules(found)


def forward(t):
    found, rules = rules_of(t)
    return [rules.forward(entry).equation.plain for entry in found.entries]


def backward(t):
    found, rules = rules_of(t)
    return [back.arithmetic.plain for entry in reversed(found.entries) for back in rules.backward(entry)]


def symbolic(t):
    found, rules = rules_of(t)
    return [back.rule.plain for entry in reversed(found.entries) for back in rules.backward(entry)]


def test_sigmoid_example_is_the_published_arithmetic():
    f = graphs.sigmoid_example()
    assert [line.split(" = ", 1)[1] for line in forward(f) if line.count("=") > 1] == [
        "w0 × x0 = 2.00 × -1.00 = -2.00",
        "w1 × x1 = -3.00 × -2.00 = 6.00",
        "a + b = -2.00 + 6.00 = 4.00",
        "c + w2 = 4.00 + (-3.00) = 1.00",
        "-g = -1.00",
        "e^h = e^(-1.00) = 0.37",
        "1 + k = 1 + 0.37 = 1.37",
        "1/m = 1/1.37 = 0.73",
    ]
    assert backward(f) == [
        "∂f/∂m = 1.00 × (-1/1.37²) = -0.53",
        "∂f/∂k = -0.53 × 1 = -0.53",
        "∂f/∂h = -0.53 × e^(-1.00) = -0.53 × 0.37 = -0.20",
        "∂f/∂g = -0.20 × -1 = 0.20",
        "∂f/∂c = 0.20 × 1 = 0.20",
        "∂f/∂w2 = 0.20 × 1 = 0.20",
        "∂f/∂a = 0.20 × 1 = 0.20",
        "∂f/∂b = 0.20 × 1 = 0.20",
        "∂f/∂w1 = 0.20 × -2.00 = -0.39",
        "∂f/∂x1 = 0.20 × -3.00 = -0.59",
        "∂f/∂w0 = 0.20 × -1.00 = -0.20",
        "∂f/∂x0 = 0.20 × 2.00 = 0.39",
    ]
    assert symbolic(f)[:4] == ["∂(1/x)/∂x = -1/x²", "∂(1 + x)/∂x = 1", "∂(eˣ)/∂x = eˣ", "∂(-x)/∂x = -1"]
    assert symbolic(f)[-2:] == ["∂(w0 × x0)/∂w0 = x0", "∂(w0 × x0)/∂x0 = w0"]


def test_sigmoid_as_one_gate():
    f = graphs.sigmoid_example(one_gate=True)
    assert forward(f)[-1] == "f = σ(g) = 1/(1 + e^(-g)) = 1/(1 + e^(-1.00)) = 0.73"
    assert symbolic(f)[0] == "∂σ(x)/∂x = (1 - σ(x)) σ(x)"
    assert backward(f)[0] == "∂f/∂g = 1.00 × (1 - σ(1.00)) σ(1.00) = 0.20"


def test_gradients_that_meet_are_added_up():
    found, rules = rules_of(graphs.fork())
    assert [line.count("+=") for line in backward(graphs.fork())] == [0, 0, 1, 1, 1]
    total = rules.total(found.entries[0])
    assert total.equation.plain == "∂y/∂x = 6.00 + 6.00 + 2.00 = 14.00"
    assert total.senders == (("n1", 0), ("n1", 1), ("n2", 1))
    assert [rules.total(entry) for entry in found.entries[1:]] == [None] * 3
    assert rules.backward(found.entries[1])[0].note == "x₁ and x₂ are both x"
    assert rules.backward(found.entries[1])[0].rule.plain == "∂(x₁ x₂)/∂x₁ = x₂"


def test_negative_terms_of_a_sum_stand_in_brackets_and_long_sums_are_cut():
    x = Tensor(2.0, name="x")
    found, rules = rules_of(x * 3 + x * -1)
    assert rules.total(found.entries[0]).equation.plain == "∂f/∂x = 3.00 + (-1.00) = 2.00"
    found, rules = rules_of(total_of(stack([x * k for k in range(10)])))
    assert rules.total(found.entries[0]).equation.plain == "∂f/∂x = 0.00 + 1.00 + 2.00 + 3.00 + … + 9.00 = 45.00"
    assert len(rules.total(found.entries[0]).senders) == 10


def test_products_of_arrays_are_shown_with_shapes():
    found, rules = rules_of(graphs.network())
    backs = {(entry.operation, b.position): b for entry in found.entries for b in rules.backward(entry)}
    assert backs["matmul", 0].rule.plain == "∂loss/∂g = ∂loss/∂h · w2ᵀ"
    assert backs["matmul", 0].note == "(4, 1) · (1, 2) → (4, 2): 5.7e-3 ± 0.69, -1.07 … 1.26"
    assert backs["matmul", 1].note == "(2, 4) · (4, 1) → (2, 1)"
    assert backs["tanh", 0].arithmetic.plain == "∂loss/∂c = ∂loss/∂g ⊙ (1 - tanh² c)"
    assert backs["add", 1].arithmetic.plain == "∂loss/∂b = Σ[axis 0] ∂loss/∂c = [-0.45, 0.44]"
    assert backs["add", 1].note == "broadcast undone: (4, 2) → (2,)"
    assert backs["power", 0].rule.plain == "∂(x²)/∂x = 2 x"
    assert backs["mean", 0].arithmetic.plain == "∂loss/∂m = 1/4 broadcast(1.00) = [[0.25], [0.25], [0.25], [0.25]]"
    first = next(entry for entry in found.entries if entry.operation == "matmul")
    assert rules.forward(first).equation.plain == "a = x · w1"
    assert rules.forward(first).note.startswith("(4, 3) · (3, 2) → (4, 2)")


def test_small_elementwise_gates_have_their_jacobian():
    found, rules = rules_of(total_of(tanh(Tensor(np.array([0.0, 1.0]), name="x"))))
    assert rules.backward(found.entries[1])[0].jacobian == (("1.00", "0"), ("0", "0.42"))
    assert rules.backward(found.entries[2])[0].jacobian is None


def test_sums_and_means_of_few_elements_are_written_out():
    x = Tensor(np.array([1.0, -2.0, 3.0]), name="x")
    assert forward(total_of(x))[-1] == "f = Σᵢ xᵢ = 1.00 + (-2.00) + 3.00 = 2.00"
    assert forward(mean(x))[-1] == "f = 1/n Σᵢ xᵢ = (1.00 + (-2.00) + 3.00)/3 = 0.67"


def test_gates_that_route():
    x, y = Tensor(2.0, name="x"), Tensor(2.0, name="y")
    found, rules = rules_of(maximum(x, y))
    assert [back.note for back in rules.backward(found.entries[-1])] == ["a tie: half to each"] * 2
    assert backward(relu(Tensor(-1.0, name="x"))) == ["∂f/∂x = 1.00 × [-1.00 > 0] = 0.00"]
    assert backward(relu(x) * 3) == ["∂f/∂a = 1.00 × 3 = 3.00", "∂f/∂x = 3.00 × [2.00 > 0] = 3.00 × 1.00 = 3.00"]


@pytest.mark.parametrize(
    ("exponent", "rule"),
    [(2, "∂(x²)/∂x = 2 x"), (3.0, "∂(x³)/∂x = 3 x²"), (-1.0, "∂(x⁻¹)/∂x = -x⁻²"), (1, "∂(x¹)/∂x = 1"),
     (0, "∂(x⁰)/∂x = 0"), (0.5, "∂(x^0.5)/∂x = 0.5 x^(-0.5)")],
)  # fmt: skip
def test_powers(exponent, rule):
    assert symbolic(Tensor(2.0) ** exponent)[0] == rule


def test_elements_that_tie_share_the_gradient():
    x = Tensor([1.0, 3.0, 3.0], name="x")
    found, rules = rules_of(total_of(maximum(x, np.array([1.0, 2.0, 4.0]))))
    (back,) = rules.backward(found.entries[2])
    assert (back.arithmetic.plain.split(" = ")[-1], back.note) == ("[0.50, 1.00, 0.00]", "where they tie, half to each")
    found, rules = rules_of(x.max())
    (back,) = rules.backward(found.entries[1])
    assert (back.arithmetic.plain.split(" = ")[-1], back.note) == (
        "[0.00, 0.50, 0.50]",
        "() → (3,); equal ones share it",
    )
    found, rules = rules_of(Tensor([1.0, 3.0]).max())
    assert rules.backward(found.entries[1])[0].note == "() → (2,)"


def test_formulas_say_which_elements_are_taken():
    x = Tensor(np.arange(24.0).reshape(2, 3, 4), name="x")
    for taken, said in (
        (x[1], "x[1]"),
        (x[0, :2, -1], "x[0, :2, -1]"),
        (x[..., ::2], "x[..., ::2]"),
        (x[None], "x[None]"),
        (x[:, [0, 0]], "x[i]"),
        (x[np.ones(2, bool)], "x[i]"),
    ):
        found, rules = rules_of(taken.sum())
        assert rules.forward(found.entries[1]).equation.plain.split(" = ")[1] == said
        assert (settings(found.entries[1]) == "") == (said != "x[i]")
        well_formed(rules.forward(found.entries[1]).equation.mathml)
    assert settings(rules_of(x.sum(axis=1, keepdims=True).max())[0].entries[1]) == "axis=1, keepdims=True"


@pytest.mark.parametrize(
    ("left", "right", "to_left", "to_right"),
    [
        ((3,), (3,), "g · b", "g · a"),
        ((2, 3), (3,), "g · bᵀ", "aᵀ · g"),
        ((3,), (3, 2), "g · bᵀ", "aᵀ · g"),
        ((2, 3), (3, 2), "g · bᵀ", "aᵀ · g"),
        ((5, 2, 3), (3, 2), "g · bᵀ", "Σ[batch] aᵀ · g"),
        ((2, 3), (5, 3, 2), "Σ[batch] g · bᵀ", "aᵀ · g"),
        ((5, 2, 3), (5, 3, 2), "g · bᵀ", "aᵀ · g"),
        ((5, 2, 3), (3,), "g · bᵀ", "Σ[batch] aᵀ · g"),
        ((1, 2, 3), (5, 3, 2), "Σ[batch] g · bᵀ", "aᵀ · g"),
    ],
)
def test_products_of_matrices_say_what_is_summed(left, right, to_left, to_right):
    a, b = Tensor(np.ones(left), name="a"), Tensor(np.ones(right), name="b")
    found, rules = rules_of(total_of(a @ b) * 2.0)
    gate = next(entry for entry in found.entries if entry.operation == "matmul")
    derivative = f"∂f/∂{rules.names[gate.id]}"
    rows = [back.rule.plain.split(" = ")[1].replace(derivative, "g") for back in rules.backward(gate)]
    assert rows == [to_left, to_right]


@pytest.mark.parametrize(
    ("options", "formula", "product"),
    [
        ({}, "-0.5 Σᵢ ln softmax(x)[y]", "0.5 · ∂f/∂f ⊙ (softmax(x) - onehot)"),
        ({"reduction": "sum"}, "-Σᵢ ln softmax(x)[y]", "∂f/∂f ⊙ (softmax(x) - onehot)"),
        ({"reduction": "none"}, "-ln softmax(x)[y]", "∂f/∂a ⊙ (softmax(x) - onehot)"),
    ],
)
def test_cross_entropy_says_what_it_is_scaled_by(options, formula, product):
    x = Tensor(np.array([[1.0, 2.0], [0.5, -1.0]]), name="x")
    loss = cross_entropy(x, np.array([1, 0]), **options)
    found, rules = rules_of(loss if loss.size == 1 else total_of(loss))
    gate = next(entry for entry in found.entries if entry.operation == "softmax_cross_entropy")
    said = rules.forward(gate).equation.plain.split(" = ")[1]
    assert said.replace("(xᵢ)[yᵢ]", "(x)[y]") == formula
    (back,) = rules.backward(gate)
    assert back.rule.plain.split(" = ")[1] == product
    # By the very formula.
    chances = np.exp(x.data) / np.exp(x.data).sum(axis=1, keepdims=True)
    factor = float(product.split(" ·")[0]) if "·" in product else 1.0
    np.testing.assert_allclose(gate.inputs[0].gradient.values, (factor * (chances - np.eye(2)[[1, 0]])).ravel())


def test_gradients_with_an_index_are_written_out():
    x = Tensor(np.array([1.0, 2.0]), name="x")
    (soft,) = [line for line in backward(total_of(softmax(x, -1) * np.array([1.0, 2.0]))) if "∂f/∂x" in line]
    assert soft == "∂f/∂x = a ⊙ (∂f/∂a - Σᵢ (∂f/∂a)ᵢ · aᵢ) = [-0.20, 0.20]"


def test_names():
    x, y, z = Tensor(1.0, name="x"), Tensor(2.0, name="x"), Tensor(3.0)
    found, _ = rules_of((x * y + z) * Tensor(5.0, requires_grad=False) + np.array([1.0, 2.0]).sum())
    assert list(called(found).values()) == ["x", "x#2", "a", "x1", "b", "5.00", "c", "f"]
    many = x
    for _ in range(40):
        many = many + 1
    names = list(called(viz.trace(many, names=False)).values())
    assert names[:3] == ["x", "v1", "v2"]
    assert len(set(names)) == len(names)


def test_constants_and_what_is_unknown():
    found, rules = rules_of(Tensor(3.0, requires_grad=False))
    assert rules.forward(found.entries[0]).equation.plain == "3.00"
    assert rules.backward(found.entries[0]) == ()
    x = Tensor(np.zeros((0, 3)), name="x")
    found, rules = rules_of(total_of(x * 2))
    assert rules.forward(found.entries[1]).note.endswith("empty")
    assert len(rules.backward(found.entries[1])) == 1


def calls(primitive):
    if primitive.kind == "elementwise":
        rng = np.random.default_rng(1)
        for shape in ((), (2,), (2, 3)):
            yield primitive.function(*(Tensor(domain.draw(shape, rng)) for domain in primitive.domains))
            if all(domain.complex for domain in primitive.domains):
                yield primitive.function(*(Tensor(domain.draw_complex(shape, rng)) for domain in primitive.domains))
    else:
        for sample in primitive.samples():
            inputs = [Tensor(x) for x in sample.inputs]
            yield primitive.function(*((inputs,) if primitive.arity == 0 else inputs), **sample.attributes)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_operation_is_put_into_words(name):
    for result in calls(REGISTRY[name]):
        whole = total_of(result * 1.5)
        found, rules = rules_of(real(whole) if np.iscomplexobj(whole.data) else whole)
        gate = next(entry for entry in found.entries if entry.operation == name)
        backs = rules.backward(gate)
        assert len(backs) == sum(x.gradient is not None for x in gate.inputs) > 0
        assert pattern(found.operations[name])
        for row in (rules.forward(gate).equation, *(r for b in backs for r in (b.rule, b.arithmetic))):
            assert not re.search(r"[\\{}$&]", row.plain)
            assert balanced(row.latex)
            well_formed(row.mathml)
        for back in backs:
            sent = gate.inputs[back.position].gradient
            if sent.shape == ():
                assert back.arithmetic.plain.endswith(f"= {viz.format.number(sent.values[0])}")


def test_tables_name_operations_that_exist():
    assert set(PRODUCTS) | set(SYMBOLS) <= set(REGISTRY)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_and_traces_stay_text(name):
    x = Tensor(2.0, name=name)
    found, _ = rules_of((x * x + x).exp())
    text = (
        found.to_json()
        .replace('"formula": "e^x"', '"formula": "\\\\input{x} <b>"')
        .replace('"partials": ["e^x"]', '"partials": []')
    )
    assert text != found.to_json()
    rules = Rules(viz.Trace.from_json(text))
    for entry in rules.trace.entries:
        rows = [rules.forward(entry).equation, *(r for b in rules.backward(entry) for r in (b.rule, b.arithmetic))]
        for row in rows:
            assert balanced(row.latex)
            assert r"\input" not in row.latex
            assert "<b>" not in row.mathml
            assert "\n" not in row.plain
            well_formed(row.mathml)
