"""Redrawing composite gates through their decompositions."""

import threading

import numpy as np
import pytest
import viz_graphs as graphs

import viz
from autograd import (
    Tensor,
    biased_convolution,
    binary_cross_entropy,
    exp,
    mean,
    no_grad,
    relu,
    scope,
    sigmoid,
    silu,
    softplus,
    stack,
    tanh,
)
from autograd._values import external
from autograd.forward import nodes_of
from autograd.primitives import REGISTRY, elementwise
from autograd.reverse import trace as backward_pass
from autograd.samples import real
from viz.collect import collect
from viz.expand import ARITHMETIC, expanded


def _calls(primitive):
    """The primitive applied to what it declares to be tried on: its result, and the variables."""
    if primitive.kind == "elementwise":
        rng = np.random.default_rng(7)
        for shape in ((), (2, 3)):
            variables = [Tensor(domain.draw(shape, rng)) for domain in primitive.domains]
            yield primitive.function(*variables), variables
        return
    for sample in primitive.samples():
        if any(map(np.iscomplexobj, sample.inputs)):
            continue
        variables = [Tensor(np.asarray(x, np.float64)) for x in sample.inputs]
        yield primitive.function(*((variables,) if primitive.arity == 0 else variables), **sample.attributes), variables


COMPOSITE = [name for name, primitive in REGISTRY.items() if primitive.decomposition is not None]


@pytest.mark.parametrize("name", COMPOSITE)
@pytest.mark.parametrize("everything", [False, True], ids=["by name", "all"])
def test_expanded_gates_have_the_values_and_gradients_of_the_composite(name, everything):
    for result, variables in _calls(REGISTRY[name]):
        result = result * 3.0  # so that something follows
        which = True if everything else name
        before = [(x.version, np.array(x._data)) for x in variables]
        seen = expanded(result, which)
        made = nodes_of(seen.root)
        kept = ARITHMETIC if everything else ()
        assert (seen.root is result) == (name in kept)
        np.testing.assert_allclose(seen.root.data, result.data, rtol=1e-9, atol=1e-12)
        cotangent = np.cos(np.arange(result.size)).reshape(result.shape)
        whole, parts = backward_pass(result, cotangent), backward_pass(seen.root, cotangent)
        for x in variables:
            expected = whole.cotangents.get(x, np.zeros(x.shape))
            np.testing.assert_allclose(parts.cotangents.get(x, 0.0), expected, rtol=1e-8, atol=1e-11)
        # Every gate shown is reached, and sends gradients to whatever has any.
        for gate in made:
            if gate in parts.cotangents:
                for i, x in enumerate(gate.inputs):
                    blocked = gate.primitive.partials and gate.primitive.partials[i] is None
                    flows = isinstance(x, Tensor) and x.requires_grad and not blocked
                    assert ((gate, i) in parts.wires) == flows
        assert seen.root in parts.cotangents
        # Nothing of the user's is touched.
        assert [version for version, _ in before] == [x.version for x in variables]
        assert all(
            np.array_equal(value, x._data, equal_nan=True) for (_, value), x in zip(before, variables, strict=True)
        )


@pytest.mark.parametrize("name", COMPOSITE)
def test_all_is_expanded_but_arithmetic_and_gates_in_their_own_decomposition(name):
    for result, _ in _calls(REGISTRY[name]):
        found = collect(result, expand=True)
        boxes = {box.id: box for box in found.boxes}
        for entry in found.entries:
            if entry.kind == "gate" and found.operations[entry.operation].expandable:
                path, box = [], entry.box
                while box is not None:
                    path.append(boxes[box].name)
                    box = boxes[box].parent
                assert entry.operation in ARITHMETIC or entry.operation in path


def test_sigmoid_example_expanded_is_the_published_figure():
    one, whole = graphs.sigmoid_example(one_gate=True), graphs.sigmoid_example()
    one.backward()
    found, reference = collect(one, expand="sigmoid"), collect(whole, gradients=True)
    assert [(e.label, e.value, e.gradient) for e in found.entries] == [
        (e.label, e.value, e.gradient) for e in reference.entries
    ]
    assert [box.name for box in found.boxes] == ["sigmoid"]


def test_two_gates_of_the_same_kind_are_two_boxes_inside_the_scope_of_the_gates():
    x, y = Tensor(1.0), Tensor(2.0)
    with scope("net"):
        z = sigmoid(x) * sigmoid(y)
    boxes = collect(z, expand="sigmoid").boxes
    assert [(box.name, box.parent) for box in boxes] == [("net", None), ("sigmoid", "b0"), ("sigmoid", "b0")]
    nested = collect(silu(x), expand=["silu", "sigmoid"]).boxes
    assert [(box.name, box.parent) for box in nested] == [("silu", None), ("sigmoid", "b0")]


def test_other_gates_keep_their_values_names_and_scopes():
    x = Tensor(np.linspace(0.1, 0.9, 5), name="x")
    with scope("a"):
        y = tanh(x)
        y.name = "y"
    with scope("b"):
        z = exp(y * 3.0)
        z.name = "z"
    root = mean(z)
    root.backward(np.float64(2.5))
    seen = expanded(root, "tanh")
    before, after = nodes_of(root)[1:], nodes_of(seen.root)
    after = after[-len(before) :]
    for old, new in zip(before, after, strict=True):
        assert new is not old
        assert seen.origin[new] is old
        assert seen.result[old] is new
        assert (new.primitive, new.name, new.scope, new.attributes) == (
            old.primitive,
            old.name,
            old.scope,
            old.attributes,
        )
        assert np.array_equal(new.data, old.data)
    assert seen.root.grad == 2.5
    found = collect(root, expand="tanh")
    assert next(e for e in found.entries if e.name == "y").label == "÷"
    assert found.by_id[found.root].gradient.values == (2.5,)


def test_gates_before_the_expanded_one_are_shared():
    x = Tensor(1.0)
    y = exp(x)
    seen = expanded(sigmoid(y), "sigmoid")
    assert y in nodes_of(seen.root)
    assert expanded(y, None).root is expanded(y, False).root is expanded(y, True).root is y


def test_what_the_thread_does_neither_matters_nor_changes():
    y = sigmoid(Tensor(1.0))
    with no_grad(), scope("outside"):
        inside = expanded(y, "sigmoid").root
        assert (Tensor(1.0) * 2).requires_grad is False
    assert inside.scope == ("sigmoid",)
    found = []
    thread = threading.Thread(target=lambda: found.append(expanded(y, True).root.scope))
    thread.start()
    thread.join()
    assert found == [("sigmoid",)]


def test_a_variable_updated_since_is_noticed():
    x, w = Tensor(2.0, name="x"), Tensor(3.0, name="w")
    y = sigmoid(w * x) * sigmoid(x)
    w.data = 4.0
    with pytest.raises(RuntimeError, match="'w'"):
        collect(y, gradients=True, expand="sigmoid")
    found = collect(y, expand="sigmoid")
    assert [entry.stale for entry in found.entries if entry.name] == [True, False]
    x.data = 5.0  # sigmoid(x) cannot be computed again, sigmoid(w * x) can
    labels = [entry.label for entry in collect(y, expand="sigmoid").entries]
    assert labels.count("σ") == 1
    assert labels.count("1/x") == 1


def test_an_array_written_to_since_is_noticed():
    a = np.array([1.0, 2.0])
    x = Tensor(np.array([0.5, 0.25]), name="x")
    y = (x / a).sum()
    a[0] = 7.0
    found = collect(y, expand="divide")
    assert [entry.label for entry in found.entries if entry.kind == "gate"] == ["÷", "Σ"]
    with pytest.raises(RuntimeError, match="was changed"):
        collect(y, expand="divide", gradients=True)


def test_constants_made_by_a_decomposition_do_not_seem_changed():
    targets = Tensor(np.array([0.0, 1.0]), requires_grad=False)
    loss = binary_cross_entropy(sigmoid(Tensor(np.array([0.3, -0.2]))), targets).sum()
    found = collect(loss, gradients=True, expand=True)
    assert not any(entry.stale for entry in found.entries)


def test_constants_made_by_decompositions_of_decompositions_do_not_seem_changed():
    image = Tensor(np.linspace(0, 1, 36).reshape(1, 1, 6, 6), requires_grad=False)
    weight, bias = Tensor(np.ones((2, 1, 3, 3))), Tensor(np.ones(2))
    loss = biased_convolution(image, weight, bias).sum()
    found = collect(loss, gradients=True, expand=True)
    assert "convolution" in [box.name for box in found.boxes]
    assert not any(entry.stale for entry in found.entries)


def test_values_and_gradients_of_some_gates_are_those_of_their_decompositions():
    x = Tensor(1.0, name="x")
    y = tanh(x)
    z = sigmoid(y)
    found = collect(z, expand=True, values=[y], gradients=[z])
    boxes = {box.id: box.name for box in found.boxes}
    for entry in found.entries:
        if entry.kind == "gate":
            assert (entry.value is not None) == (boxes[entry.box] == "tanh")
            assert all(x.gradient is not None for x in entry.inputs if x.source) == (boxes[entry.box] == "sigmoid")


def test_unknown_names_list_what_can_be_expanded():
    y = silu(relu(Tensor(1.0)))
    with pytest.raises(ValueError, match=r"no 'softmax' to expand here; this graph has silu"):
        viz.trace(y, expand="softmax")
    with pytest.raises(ValueError, match=r"no 'relu', 'tanh' to expand here; this graph has silu"):
        viz.trace(y, expand=("tanh", "silu", "relu"))
    with pytest.raises(ValueError, match=r"no gate of this graph stands for simpler ones"):
        viz.trace(relu(Tensor(1.0)), expand="silu")
    with pytest.raises(ValueError, match="no 'silu' to expand here"):
        viz.trace(Tensor(1.0), expand="silu")
    with pytest.raises(TypeError, match="names of primitives"):
        viz.trace(y, expand=(3,))
    for wrong in (3, object(), [["silu"]]):
        with pytest.raises(TypeError, match="expected True or names of primitives, got"):
            viz.trace(y, expand=wrong)


@pytest.fixture
def declared():
    """Declare a primitive of one input that is the identity, for the duration of a test."""
    made = []

    def declare(name, decomposition):
        made.append(name)
        return elementwise(
            name,
            lambda x: x * 1,
            partials=(lambda x, out: 1.0,),
            formula="x",
            partial_formulas=("1",),
            decomposition=decomposition,
            domains=(real(),),
            doc="The same.",
            example="",
        )

    yield declare
    for name in made:
        del REGISTRY[name]


def test_decompositions_that_use_themselves_or_are_no_graph_end(declared):
    functions = {}
    functions["ping"] = declared("ping", lambda x: functions["pong"](x) * 1.0)
    functions["pong"] = declared("pong", lambda x: functions["ping"](x) * 1.0)
    functions["nothing"] = declared("nothing", lambda x: x)
    functions["number"] = declared("number", lambda x: 2.0)
    x = Tensor(2.0)
    labels = [e.label for e in collect(functions["ping"](x), expand=True).entries if e.kind == "gate"]
    assert labels == ["ping", "×1", "×1"]
    for name in ("nothing", "number"):
        y = functions[name](x)
        assert expanded(y, name).root is y


def test_a_decomposition_of_another_shape_is_refused(declared):
    odd = declared("odd", lambda x: stack([x, x]))
    with pytest.raises(ValueError, match=r"the decomposition of odd gives shape \(2,\)"):
        expanded(odd(Tensor(2.0)), "odd")


def test_overflow_in_a_decomposition_is_shown_not_warned_about():
    seen = expanded(softplus(Tensor(np.array([1000.0, 1.0]))), True)
    assert external(seen.root._data)[0] == np.inf


def test_deep_graphs_need_no_recursion():
    y = Tensor(0.1)
    for _ in range(3000):
        y = sigmoid(y)
    assert len(nodes_of(expanded(y, "sigmoid").root)) == 3000 * 4
