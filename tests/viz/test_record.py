"""What the record of a graph holds, apart from how it is drawn."""

import shutil
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
import viz_graphs as graphs
from hypothesis import given
from hypothesis import strategies as st

import nn
import viz
from autograd import Tensor, add, concatenate, maximum, no_grad, scope, where
from autograd.forward import nodes_of
from viz.collect import collect as read
from viz.dot import to_dot
from viz.fold import fold
from viz.format import lines, number
from viz.numbers import Numbers


def collect(root, gradients=None, values=None, **folding):
    return fold(read(root, gradients=gradients, values=values), **folding)


def text(numbers):
    return None if numbers is None else lines(numbers)[0]


def green(graph):
    return [text(value.numbers) for value in graph.values]


def red(graph):
    return [text(value.gradient) for value in graph.values]


def by_label(graph):
    """(value, gradient) on the wire out of each node, by the node's label; the last one where labels repeat."""
    labels = {node.id: node.label for node in graph.nodes}
    return {labels[value.node]: (text(value.numbers), text(value.gradient)) for value in graph.values}


# -- CS231n's example ------------------------------------------------------------------------------------------------


def test_sigmoid_example_has_the_published_numbers_on_every_wire():
    f = graphs.sigmoid_example()
    f.backward()
    graph = collect(f)
    wires = by_label(graph)
    assert {name: wires[name] for name in graphs.INPUTS} == {
        "w0": ("2.00", "-0.20"),
        "x0": ("-1.00", "0.39"),
        "w1": ("-3.00", "-0.39"),
        "x1": ("-2.00", "-0.59"),
        "w2": ("-3.00", "0.20"),
    }
    gates = [node.id for node in graph.nodes if node.kind == "gate"]
    shown = [(text(value.numbers), text(value.gradient)) for value in graph.values if value.node in gates]
    assert [node.label for node in graph.nodes if node.kind == "gate"] == [
        "×", "×", "+", "+", "×(−1)", "exp", "+1", "1/x",
    ]  # fmt: skip
    assert shown == [
        ("-2.00", "0.20"),
        ("6.00", "0.20"),
        ("4.00", "0.20"),
        ("1.00", "0.20"),
        ("-1.00", "-0.20"),
        ("0.37", "-0.53"),
        ("1.37", "-0.53"),
        ("0.73", "1.00"),
    ]


def test_sigmoid_as_one_gate_gives_the_same_gradients():
    drawings = []
    for one_gate in (False, True):
        f = graphs.sigmoid_example(one_gate)
        f.backward()
        drawings.append(by_label(collect(f)))
    assert [drawings[0][name] for name in graphs.INPUTS] == [drawings[1][name] for name in graphs.INPUTS]
    assert drawings[1]["σ"] == ("0.73", "1.00")


# -- which gradients are shown ---------------------------------------------------------------------------------------


def test_no_gradients_before_backward():
    graph = collect(graphs.sigmoid_example())
    assert set(red(graph)) == {None}
    assert {wire.gradient for wire in graph.wires} == {None}
    assert not graph.has_gradients


def test_gradients_on_demand_leave_grad_alone():
    f = graphs.sigmoid_example()
    assert collect(f, gradients=True).has_gradients
    assert f.grad is None
    f.backward()
    assert not collect(f, gradients=False).has_gradients


def test_gradients_start_from_the_seed_of_the_pass():
    x = Tensor(np.array([1.0, 2.0]), name="x")
    y = x * 3
    y.backward(np.array([10.0, 1.0]))
    assert by_label(collect(y))["x"] == ("[1.00, 2.00]", "[30.00, 3.00]")


def test_branches_of_a_fork_carry_their_own_part_and_sum_up():
    y = graphs.fork()
    y.backward()
    graph = collect(y)
    x = graph.values[0]
    assert [wire.gradient.values for wire in graph.wires if wire.value == x.id] == [(6.0,), (6.0,), (2.0,)]
    assert x.gradient.values == (14.0,)


def test_constants_have_no_gradient():
    c = Tensor(2.0, requires_grad=False, name="c")
    y = Tensor(3.0, name="x") * c
    y.backward()
    assert by_label(collect(y))["c"] == ("2.00", None)


def test_create_graph_gradients_are_drawn():
    x = Tensor(3.0, name="x")
    y = x * x
    y.backward(create_graph=True)
    assert by_label(collect(y))["x"] == ("3.00", "6.00")


def test_a_partial_backward_pass_shows_what_was_sent_back_so_far():
    f = graphs.sigmoid_example()
    f.backward()
    order = nodes_of(f)[::-1]
    graphs_so_far = [collect(f, gradients=order[:k]) for k in range(len(order) + 1)]
    known = [sum(value.gradient is not None for value in graph.values) for graph in graphs_so_far]
    assert known[0] == 1  # the seed
    assert known == sorted(known)
    assert graphs_so_far[-1] == collect(f)


def test_a_fork_has_its_gradient_only_when_all_branches_have_sent_theirs():
    y = graphs.fork()
    times, plus, square = nodes_of(y)[::-1]
    x = collect(y, gradients=[times, plus]).values[0]
    assert x.gradient is None
    wires = collect(y, gradients=[times, plus]).wires
    assert [wire.gradient is not None for wire in wires if wire.value == x.id] == [False, False, True]
    assert collect(y, gradients=[times, plus, square]).values[0].gradient.values == (14.0,)


def test_a_partial_forward_pass_shows_inputs_and_what_was_computed():
    y = graphs.fork()
    first = nodes_of(y)[0]
    assert green(collect(y, values=[first])) == ["3.00", "9.00", None, None]


def test_updated_variable_is_marked_and_gradients_that_need_it_are_not_shown():
    w, x = Tensor(2.0, name="w"), Tensor(3.0, name="x")
    y = w * x
    y.backward()
    w.data = 5.0
    graph = collect(y)
    assert [value.stale for value in graph.values] == [True, False, False]
    assert graph.values[0].numbers is None
    assert not graph.has_gradients
    assert "'w' changed after" in graph.note
    with pytest.raises(RuntimeError, match="changed after this operation was recorded"):
        collect(y, gradients=True)


def test_write_into_a_variables_array_is_noticed():
    w = Tensor(np.ones(3), name="w")
    w.data  # noqa: B018 -- from here on the user holds the array
    y = w * w
    w.data[0] = 7.0
    assert collect(y).values[0].stale


def test_update_that_no_rule_minds_keeps_the_gradients():
    w = Tensor(2.0, name="w")
    y = w + 3
    y.backward()
    w.data = 5.0
    graph = collect(y)
    assert graph.values[0].stale
    assert graph.has_gradients
    assert graph.note == ""


# -- gates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "label"),
    [
        (lambda x: x + 1, "+1"),
        (lambda x: x + -2.5, "+(−2.5)"),
        (lambda x: x - 1, "−1"),
        (lambda x: 1 - x, "1−x"),
        (lambda x: x * -1, "×(−1)"),
        (lambda x: x / 2, "÷2"),
        (lambda x: 1 / x, "1/x"),
        (lambda x: x**2, "x²"),
        (lambda x: x**-1, "x⁻¹"),
        (lambda x: x**0.5, "x^0.5"),
        (lambda x: 2**x, "2^x"),
        (lambda x: maximum(0, x), "max(0, x)"),
        (lambda x: where(True, x, 0.0), "where(True, ·, 0)"),
        (lambda x: -x, "×(−1)"),
        (lambda x: x.sum(), "Σ"),
        (lambda x: x.exp(), "exp"),
    ],
)
def test_scalar_constants_are_part_of_the_gate(make, label):
    graph = collect(make(Tensor(3.0, name="x")))
    assert [node.label for node in graph.nodes] == ["x", label]


def test_array_constants_are_inputs():
    graph = collect(add(Tensor(np.ones(3), name="x"), np.zeros(3)))
    assert [node.kind for node in graph.nodes] == ["variable", "constant", "gate"]
    assert [wire.position for wire in graph.wires] == [0, 1]


def test_attributes_are_told():
    x = Tensor(np.ones((2, 3)), name="x")
    assert collect(x.sum(axis=0)).nodes[-1].detail == ("axis=0",)
    assert collect(x.sum()).nodes[-1].detail == ()
    image = Tensor(np.ones((1, 1, 4, 4)))
    assert collect(nn.functional.unfold(image, 2)).nodes[-1].detail == ("kernel=(2, 2)",)
    pooled = nn.functional.max_pool2d(image, 3, stride=2, padding=1)
    assert collect(pooled).nodes[-1].detail == ("kernel=(3, 3)", "stride=(2, 2)", "padding=((1, 1), (1, 1))")


def test_many_inputs():
    parts = [Tensor(np.ones(2), name=f"p{i}") for i in range(5)]
    graph = collect(concatenate(parts))
    assert [wire.position for wire in graph.wires] == [0, 1, 2, 3, 4]


def test_leaf_and_result_without_graph():
    assert [node.kind for node in collect(Tensor(3.0)).nodes] == ["variable"]
    with no_grad():
        y = Tensor(3.0) * 2
    assert [node.kind for node in collect(y).nodes] == ["constant"]


# -- scopes ----------------------------------------------------------------------------------------------------------


def test_scopes_are_nested_boxes_around_the_gates():
    graph = collect(graphs.network())
    names = {box.id: box.name for box in graph.boxes}
    assert [(box.name, names.get(box.parent)) for box in graph.boxes] == [
        ("Net", None), ("0: Linear", "Net"), ("1: Tanh", "Net"), ("2: Linear", "Net"), ("MSE", None),
    ]  # fmt: skip
    where_is = {node.label: names.get(node.box) for node in graph.nodes}
    assert where_is["x"] is None
    assert where_is["w1"] is None
    assert where_is["tanh"] == "1: Tanh"


def test_collapse_folds_the_innermost_scopes():
    loss = graphs.network()
    loss.backward()
    graph = collect(loss, collapse=True)
    assert [(node.kind, node.label) for node in graph.nodes] == [
        ("constant", "x"), ("variable", "w1"), ("variable", "b"), ("fold", "0: Linear"), ("fold", "1: Tanh"),
        ("variable", "w2"), ("fold", "2: Linear"), ("constant", ""), ("fold", "MSE"),
    ]  # fmt: skip
    assert graph.nodes[3].detail == ("2 gates",)
    assert [box.name for box in graph.boxes] == ["Net"]
    whole = collect(loss)
    assert graph.values[-1].gradient == whole.values[-1].gradient
    assert graph.values[3].gradient == next(v.gradient for v in whole.values if v.node == graph_node(whole, "+"))


def graph_node(graph, label):
    return next(node.id for node in graph.nodes if node.label == label)


def test_depth_folds_from_the_outside():
    graph = collect(graphs.network(), depth=1)
    assert [node.label for node in graph.nodes if node.kind == "fold"] == ["Net", "MSE"]
    assert graph.boxes == ()


def test_collapse_by_name():
    graph = collect(graphs.network(), collapse=["MSE", "1: Tanh"])
    assert [node.label for node in graph.nodes if node.kind == "fold"] == ["1: Tanh", "MSE"]
    assert collect(graphs.network(), collapse="Net").nodes[-1].kind == "gate"
    with pytest.raises(ValueError, match=r"no scope named 'Nett'.*its scopes: '0: Linear'"):
        collect(graphs.network(), collapse="Nett")
    with pytest.raises(ValueError, match="depth counts scopes"):
        collect(graphs.network(), depth=0)


def test_wire_into_a_fold_carries_the_sum_of_what_comes_back():
    x = Tensor(3.0, name="x")
    with scope("square plus"):
        y = x * x + x
    y.backward()
    (wire,) = collect(y, collapse=True).wires
    assert wire.gradient.values == (7.0,)


def test_scope_entered_twice_gives_two_boxes_and_no_loop():
    y = Tensor(2.0, name="x")
    for _ in range(2):
        with scope("layer"):
            y = (y + 1).tanh()
        y = y * 2
    assert [box.name for box in collect(y).boxes] == ["layer", "layer"]
    graph = collect(y, collapse=True)
    assert [node.label for node in graph.nodes] == ["x", "layer", "×2", "layer", "×2"]
    assert [(wire.value, wire.node) for wire in graph.wires] == [("v0", "n1"), ("v1", "n2"), ("v2", "n3"), ("v3", "n4")]


def test_fold_with_two_outputs():
    x = Tensor(2.0, name="x")
    with scope("both"):
        a, b = x + 1, x * 2
    graph = collect(a * b, collapse=True, gradients=True)
    fold = graph_node(graph, "both")
    assert [value.gradient.values for value in graph.values if value.node == fold] == [(4.0,), (3.0,)]


def test_value_used_in_its_own_fold_and_outside_is_a_fork():
    x = Tensor(2.0, name="x")
    with scope("box"):
        a = x * 3
        b = a * 5
    y = b + a
    graph = collect(y, collapse=True, gradients=True)
    value = graph.values[1]
    assert (value.hidden, value.gradient.values) == (1, (6.0,))
    assert [wire.gradient.values for wire in graph.wires if wire.value == value.id] == [(1.0,)]
    assert "Σ" in to_dot(graph)


@given(st.data())
def test_record_of_any_graph_holds_together(data):
    """Wires lead forward, also between folds, and the gradients of all wires of a value sum up to its own."""
    pool = [Tensor(1.5), Tensor(np.full((3, 2), 0.5)), Tensor(2.0, requires_grad=False)]
    for _ in range(data.draw(st.integers(1, 12))):
        with ExitStack() as stack:
            for name in data.draw(st.lists(st.sampled_from("ab"), max_size=2)):
                stack.enter_context(scope(name))
            x, y = (pool[data.draw(st.integers(-3, -1))] for _ in range(2))
            pool.append(data.draw(st.sampled_from([add, maximum, lambda x, _: x.tanh()]))(x, y))
    root = sum((x.sum() for x in pool[-3:]), start=Tensor(0.0))
    fold = data.draw(
        st.sampled_from([{}, {"collapse": True}, {"depth": 1}, {"repeats": True}, {"limit": 3}, {"limit": 1}])
    )
    graph = collect(root, gradients=True, **fold)
    made_by = {value.id: int(value.node[1:]) for value in graph.values}
    assert all(made_by[wire.value] < int(wire.node[1:]) for wire in graph.wires)
    assert len({wire.id for wire in graph.wires}) == len(graph.wires)
    for value in graph.values:
        sent = [wire.gradient.mean for wire in graph.wires if wire.value == value.id and wire.gradient]
        if sent and not value.hidden:
            assert value.gradient.mean == pytest.approx(sum(sent))
    drawing = viz.draw(root, gradients=True, **fold)
    assert all([str(drawing), drawing.source, drawing.mermaid])
    assert viz.draw(root, gradients=True, inputs=pool[0], **fold).graph.nodes if root_takes(root, pool[0]) else True
    if shutil.which("dot"):
        assert drawing.svg


def root_takes(root, x):
    return any(x is taken for gate in nodes_of(root) for taken in gate.inputs)


def test_a_trace_whose_scopes_interleave_is_refused():
    x = Tensor(1.0)
    with scope("a"):
        x = x + 1
    x = x * 2
    with scope("a"):
        x = x + 1
    trace = read(x)
    first, second = trace.boxes
    mixed = [replace(e, box=first.id) if e.box == second.id else e for e in trace.entries]
    with pytest.raises(ValueError, match="the gates of scope 'a' do not follow each other"):
        fold(replace(trace, entries=tuple(mixed)))


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((0, 3)), np.float32(1.0), np.array([np.nan, np.inf, -np.inf, 1.0, 2.0]), np.full((2, 3, 4), 1e306),
        np.array(1 + 2j), np.arange(6) * 1j, np.full(9, 1e-320), np.array([True, False] * 4),
    ],
)  # fmt: skip
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_array_is_drawn_in_every_format(value, theme):
    constant = Tensor(value, requires_grad=False, name="c")
    for root in (constant, (Tensor(np.ones(value.shape)) * (constant if value.dtype.kind in "fb" else 1.0)).sum()):
        drawing = viz.draw(root, gradients=root is not constant, theme=theme, pictures=True)
        assert all([str(drawing), drawing.source, drawing.mermaid, drawing.trace.to_json()])
        assert drawing.svg.startswith("<svg")


# -- size ------------------------------------------------------------------------------------------------------------


def chain(length):
    y = Tensor(1.0, name="x")
    for _ in range(length // 2):
        y = y * 1.0001 + 0.1
    return y


def test_a_long_chain_is_one_block():
    y = chain(30_000)
    y.backward()
    graph = collect(y)
    assert [(node.kind, node.label, node.times) for node in graph.nodes] == [
        ("variable", "x", 1), ("fold", "(× → +) × 15,000", 15_000),
    ]  # fmt: skip
    assert graph.values[0].gradient.mean == pytest.approx(1.0001**15_000)
    assert graph.values[1].gradient.mean == 1.0
    assert "30,000 gates are too many" in graph.note
    assert "(× → +) × 15,000" in str(viz.draw(y))


def test_a_graph_without_repetition_is_cut_into_stretches():
    choices = np.random.default_rng(0).integers(3, size=12_000)
    y = Tensor(0.5)
    for choice in choices:
        y = [lambda y: y * 1.01, lambda y: y - 0.01, lambda y: y.tanh()][choice](y)
    graph = collect(y)
    assert len(graph.nodes) < 3000
    assert {node.kind for node in graph.nodes} <= {"variable", "gate", "fold"}
    forced = collect(y, limit=100)
    assert [node.label for node in forced.nodes][1:] == ["750 gates"] * 16
    assert sum(text(value.numbers) is not None for value in forced.values) == 17


def test_scalar_networks_fold_neuron_by_neuron():
    rng = np.random.default_rng(0)
    weights = [Tensor(w) for w in rng.normal(size=32 * 32)]
    x = [Tensor(v, requires_grad=False) for v in rng.normal(size=32)]
    for _ in range(6):
        x = [sum((w * v for w, v in zip(weights[i * 32 : i * 32 + 32], x, strict=True)), 0.0).tanh() for i in range(32)]
    y = sum(x, 0.0)
    graph = collect(y, gradients=True)
    assert len(graph.nodes) < 300
    assert any(value.name == "32 values" for value in graph.values)


def test_scopes_fold_by_themselves_in_large_graphs():
    y = Tensor(np.ones(3), name="x")
    for layer in range(20):
        with scope(f"{layer}: Layer"):
            with scope("inner"):
                for _ in range(layer + 1):
                    y = y * 0.9
            y = y.tanh()
    graph = collect(y.sum())
    assert len(graph.nodes) <= 120
    assert [node.label for node in graph.nodes if node.kind == "fold"] == ["inner"] * 20
    assert "scopes are folded, as this graph is large" in graph.note
    assert "draw(t, collapse=False) opens all" in graph.note
    whole = collect(y.sum(), collapse=False)
    assert len(whole.nodes) > 190
    assert whole.note == ""


def blocks(count, rename=lambda i: f"{i}: Block"):
    x = Tensor(np.ones((2, 3)), name="x")
    y = x
    weights = [Tensor(np.full((3, 3), 0.1 * (i + 1)), name=f"w{i}") for i in range(count)]
    for i, w in enumerate(weights):
        with scope(rename(i)):
            y = (y @ w).tanh() + y
    return y.sum(), weights


def test_repeated_blocks_are_one_stack():
    y, weights = blocks(12)
    y.backward()
    graph = collect(y, repeats=True)
    rms = np.sqrt(np.mean(np.square([w.grad for w in weights])))
    assert [(node.kind, node.label, node.detail, node.times) for node in graph.nodes] == [
        ("variable", "x", (), 1),
        ("fold", "Block × 12", ("0 … 11", "3 gates each", "12 parameters", f"gradients: rms {rms:.2f}"), 12),
        ("gate", "Σ", (), 1),
    ]
    whole = collect(y)
    assert graph.values[0].gradient == whole.values[0].gradient
    assert graph.values[1].gradient == whole.values[-2].gradient
    assert graph.nodes[1].hint == "draw(t, repeats=False) opens it"


def test_blocks_that_differ_are_not_stacked():
    assert "Block × 2" not in [node.label for node in collect(blocks(2, ["a", "b"].__getitem__)[0], repeats=True).nodes]
    x = Tensor(np.ones(3))
    for i in range(4):
        with scope(f"Block {i}"):
            x = x.tanh() if i % 2 else x.exp() * 0.1
    assert [node.label for node in collect(x, repeats=True).nodes if node.kind == "fold"] == ["(Block + Block) × 2"]
    with scope("Block 4"):
        x = concatenate([x, x]).tanh().exp()
    labels = [node.label for node in collect(x, repeats=True).nodes]
    assert "(Block + Block) × 2" in labels
    assert labels[-3:] == ["concat", "tanh", "exp"]


def test_repeated_blocks_inside_a_scope_and_shared_parameters():
    w = Tensor(np.full((3, 3), 0.1), name="w")
    h = Tensor(np.ones((2, 3)), requires_grad=False, name="h")
    with scope("Net"):
        for _ in range(5):
            with scope("Cell"):
                h = (h @ w).tanh()
    y = h.sum()
    y.backward()
    graph = collect(y, repeats=True)
    assert [box.name for box in collect(y).boxes] == ["Net", *["Cell"] * 5]  # each call has a box of its own
    assert [node.label for node in graph.nodes] == ["h", "w", "Cell × 5", "Σ"]
    assert [box.name for box in graph.boxes] == ["Net"]
    assert graph.wires[1].gradient == collect(y).values[1].gradient


def test_calls_of_one_scope_within_another_are_told_apart():
    x = Tensor(1.0)
    for _ in range(2):
        with scope("outer"):
            with scope("inner"):
                x = x + 1
            with scope("inner"):
                x = x * 2
    names = [(box.name, box.parent) for box in collect(x).boxes]
    assert names == [
        ("outer", None),
        ("inner", "b0"),
        ("inner", "b0"),
        ("outer", None),
        ("inner", "b3"),
        ("inner", "b3"),
    ]


def test_what_counts_is_what_is_drawn():
    y = Tensor(1.0)
    with scope("long"):
        for _ in range(12_000):
            y = y + 1.0
    assert len(collect(y, collapse=True).nodes) == 2
    assert len(collect(y, collapse=False).nodes) < 10
    assert len(collect(y, collapse=False, limit=13_000).nodes) == 12_001
    with pytest.raises(ValueError, match="limit is a number of nodes"):
        collect(y, limit=0)


def test_many_inputs_of_a_fold_are_told_of_in_it():
    root = concatenate([Tensor([1.0]), *(np.ones(1) * i for i in range(3000))])
    assert len(collect(root).nodes) == 3002
    with scope("many"):
        root = concatenate([Tensor([1.0], name="x"), *(np.ones(1) * i for i in range(3000))])
    graph = collect(root, collapse=True)
    assert [(node.label, node.detail) for node in graph.nodes] == [("x", ()), ("many", ("1 gate", "3,000 constants"))]


# -- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.7310585, "0.73"), (-0.0, "0.00"), (-0.001, "-1.0e-3"), (0.0099999, "1.0e-2"), (99999.0, "99999.00"),
        (123456.0, "1.23e5"), (1e-300, "1.0e-300"), (float("nan"), "nan"), (float("-inf"), "-inf"), (7, "7"),
        (True, "True"), (1j, "0.00+1.00j"), (-1 - 1j, "-1.00-1.00j"), (10**9, "1.00e9"),
    ],
)  # fmt: skip
def test_number(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("array", "shown"),
    [
        (np.float32(1.5), ["1.50"]),
        (np.array([[1.0, 2.0], [3.0, 4.0]]), ["[[1.00, 2.00], [3.00, 4.00]]"]),
        (np.zeros((0, 3)), ["empty"]),
        (np.full(9, 0.5), ["all 0.50"]),
        (np.arange(5), ["2.00 ± 1.41", "0 … 4"]),
        (np.array([np.nan, np.inf, 1.0, 2.0, 3.0]), ["1 nan, 1 inf", "2.00 ± 0.82", "1.00 … 3.00"]),
        (np.full(6, np.nan), ["6 nan"]),
        (np.full(8, 60000, np.float16), ["all 60000.00"]),
        (np.array([3 + 4j] * 5), ["|·| all 5.00"]),
        (np.array([True, False] * 3), ["0.50 ± 0.50", "0 … 1"]),
    ],
)
def test_summary(array, shown):
    assert lines(Numbers.of(array)) == shown


def test_an_array_written_to_after_recording_is_not_shown_as_if_it_had_been_used() -> None:
    x, a = Tensor([3.0, 4.0], name="x"), np.array([1.0, 2.0])
    y = (x * a).sum()
    a[0] = 100.0
    constants = [v for v in collect(y).values if not v.requires_grad]
    assert [v.stale for v in constants] == [True]
    assert constants[0].numbers is None


def test_means_and_deviations_of_extreme_numbers() -> None:
    numbers = Numbers.of(np.linspace(1e308, 1.4e308, 5))
    assert numbers.mean == pytest.approx(1.2e308)
    assert numbers.std == pytest.approx(np.std(np.linspace(1.0, 1.4, 5)) * 1e308)
    assert lines(Numbers.of(np.array([1001.5, -998.5, 1001.5, -998.5, 1.5, 1.5])))[0].startswith("1.50")
