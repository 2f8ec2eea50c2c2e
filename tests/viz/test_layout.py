"""Where things lie: nothing overlaps, wires hold together, what stays when a fold opens, rows, crossings, size."""

from dataclasses import replace
from itertools import pairwise

import layout_graphs as graphs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz import layout as module
from viz.layout import Plate, Sizes, layout

seeds = st.integers(0, 2**32 - 1)


def plain_sizes(graph):
    return Sizes(
        nodes={node.id: (20.0, 14.0) if node.is_leaf else (34.0, 34.0) for node in graph.nodes},
        values={value.id: Plate(34.0, 15.0, 15.0) for value in graph.values},
        wires={},
        boxes={box.id: (40.0, 14.0) for box in graph.boxes},
        taps={value.id: (20.0, 14.0) for value in graph.values},
    )


def plain(graph, **options):
    return layout(graph, plain_sizes(graph), **options)


# -- what holds of all ------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 40), st.floats(0, 0.6))
def test_nothing_overlaps_and_wires_hold_together(seed, size, boxes):
    graph = graphs.at_random(seed, size, boxes)
    sizes = graphs.random_sizes(graph, seed)
    graphs.check(graph, sizes, layout(graph, sizes, aspect=None))


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 40), st.floats(0, 0.6), st.sampled_from([200.0, 600.0, 1500.0]))
def test_so_it_is_in_rows(seed, size, boxes, width):
    graph = graphs.at_random(seed, size, boxes)
    sizes = graphs.random_sizes(graph, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "NARROWEST", width)
        graphs.check(graph, sizes, layout(graph, sizes, aspect=0.01))


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(20, 60), st.floats(0, 0.4))
def test_and_where_long_wires_are_cut(seed, size, boxes):
    graph = graphs.at_random(seed, size, boxes)
    sizes = graphs.random_sizes(graph, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "POINTS", 0.1)
        patch.setattr(module, "SPARE", 0.0)
        graphs.check(graph, sizes, layout(graph, sizes))


def test_the_checks_notice_what_is_wrong():
    graph = graphs.at_random(3, 20)
    sizes = graphs.random_sizes(graph, 3)
    found = layout(graph, sizes)
    graphs.check(graph, sizes, found)
    gate = next(node.id for node in graph.nodes if not node.is_leaf)
    moved = dict(found.nodes)
    moved[gate] = replace(moved[gate], x=moved[gate].x + 30)
    with pytest.raises(AssertionError):
        graphs.check(graph, sizes, replace(found, nodes=moved))
    grown = {key: replace(rect, width=rect.width + 500) for key, rect in found.boxes.items()}
    with pytest.raises(AssertionError):
        graphs.check(graph, sizes, replace(found, boxes=grown))


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_the_same_graph_is_laid_out_the_same(seed):
    graph = graphs.at_random(seed)
    sizes = graphs.random_sizes(graph, seed)
    assert layout(graph, sizes) == layout(graph, sizes)


def test_a_single_leaf_and_a_leaf_in_front_of_a_gate():
    alone = graphs.Builder()
    alone.leaf()
    graphs.check(alone.graph(), plain_sizes(alone.graph()), plain(alone.graph()))
    assert plain(graphs.chain(1)).layers == {None: [["n0"], ["n1"]]}


def test_a_box_in_which_nothing_lies():
    b = graphs.Builder()
    b.box(b.box())
    b.add(b.leaf())
    found = plain(b.graph())
    assert found.boxes["b0"].width > found.boxes["b1"].width > 0


# -- what lies where --------------------------------------------------------------------------------------------------


def test_inputs_enter_from_top_to_bottom():
    b = graphs.Builder()
    x, y = b.leaf("x"), b.leaf("y")
    b.add(y, x)
    found = plain(b.graph())
    assert found.wires["w0"].path[-1][1] < found.wires["w1"].path[-1][1]
    assert found.nodes["n1"].y < found.nodes["n0"].y


def test_a_leaf_lies_in_the_column_before_its_gate():
    b = graphs.Builder()
    h = b.leaf("x")
    for _ in range(5):
        h = b.add(h)
    b.add(h, b.leaf("late"))
    assert plain(b.graph()).layers[None][-2:] == [["n5", "n6"], ["n7"]]


def test_a_chain_is_straight_and_so_is_the_main_line_through_gates_with_leaves():
    b = graphs.Builder()
    h = b.leaf("x")
    for i in range(6):
        h = b.add(h, b.leaf("w")) if i % 2 else b.add(h)
    found = plain(b.graph())
    gates = [found.nodes[node.id] for node in b.graph().nodes if not node.is_leaf]
    assert len({rect.y + rect.height / 2 for rect in gates}) == 1


def test_a_long_wire_is_straight_and_so_is_the_line_it_leads_around():
    found = plain(graphs.residual(4), aspect=None)
    plus = [found.nodes[f"n{4 * i + 4}"] for i in range(4)]
    assert len({rect.y for rect in plus}) == 1
    for place in found.values.values():
        for path in place.stem:
            assert len({y for _, y in path}) <= 2


def test_a_variable_lies_in_the_box_that_uses_it_and_a_constant_in_front():
    b = graphs.Builder()
    outer = b.box()
    inner = b.box(outer)
    x, w = b.leaf("x", "constant"), b.leaf("w")
    h = b.add(x, w, box=inner)
    mask, bias = b.leaf("mask", "constant"), b.leaf("b")
    b.add(h, mask, bias, box=inner)
    layers = plain(b.graph()).layers
    assert layers[None] == [["n0"], [outer]]
    assert [key for layer in layers[inner] for key in layer] == ["n1", "n2", "n3", "n4", "n5"]


def test_all_wires_of_a_value_share_a_trunk():
    b = graphs.Builder()
    w = b.leaf("w")
    h = b.leaf("x")
    for _ in range(4):
        h = b.add(h, w)
    found = plain(b.graph())
    assert len(found.values["v0"].forks) == 3
    assert len(found.values["v0"].stem) == 1


# -- what stays -------------------------------------------------------------------------------------------------------


def order(layers, leaves):
    """The layers without leaves, and without those at either end in which nothing else lies."""
    found = [[key for key in layer if key not in leaves] for layer in layers]
    while found and not found[0]:
        found.pop(0)
    while found and not found[-1]:
        found.pop()
    return found


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(5, 40), st.floats(0.1, 0.5))
def test_order_stays_when_a_fold_opens(seed, size, boxes):
    """Each other gate, fold and box keeps its layer and its place in it; the box takes the place of the fold."""
    graph = graphs.at_random(seed, size, boxes)
    leaves = {node.id for node in graph.nodes if node.is_leaf}
    used = {node.box for node in graph.nodes if not node.is_leaf}
    opened = layout(graph, graphs.random_sizes(graph, seed), aspect=None)
    for box in graph.boxes:
        if box.id in used:
            closed = graphs.folded(graph, box.id)
            found = layout(closed, graphs.random_sizes(closed, seed), aspect=None)
            for sheet, layers in found.layers.items():
                before = [[box.id if key == "fold" else key for key in layer] for layer in order(layers, leaves)]
                assert before == order(opened.layers[sheet], leaves)


# -- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parameter", [False, True])
def test_a_long_chain_is_wrapped_into_rows_that_read_from_left_to_right(parameter):
    graph = graphs.chain(600, parameter)
    found = plain(graph, aspect=2.0)
    assert 0.7 < found.width / found.height < 4
    corners = [(round(found.nodes[node.id].y), found.nodes[node.id].x) for node in graph.nodes if not node.is_leaf]
    assert corners == sorted(corners)
    assert len({y for y, _ in corners}) > 5
    assert plain(graph, aspect=None).height < found.height / 5


def test_wires_lead_around_between_the_rows():
    graph = graphs.chain(100)
    found = plain(graph)
    wraps = [place.path for place in found.wires.values() if len(place.path) > 3]
    assert len(wraps) == len({round(rect.y) for rect in found.nodes.values() if rect.width == 34.0}) - 1
    for path in wraps:
        (x0, y0), (x1, y1), (x2, y2), (x3, y3), (x4, y4), (x5, y5) = path
        assert y0 == y1 < y2 == y3 < y4 == y5
        assert x0 < x1 == x2 > x3 == x4 < x5
        for (a, b), (c, d) in pairwise(path):
            assert a == c or b == d


def test_a_variable_is_named_anew_in_each_row_that_uses_it():
    found = plain(graphs.chain(100, parameter=True))
    assert {tap.value for tap in found.taps} == {"v1"}
    assert len(found.taps) > 1


def test_a_graph_that_is_a_little_too_long_stays_in_one_row():
    graph = graphs.chain(14)
    assert plain(graph, aspect=2.0) == plain(graph, aspect=None)


# -- crossings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("graph", "most"),
    [
        (graphs.tree(5), 0),
        (graphs.chain(50, parameter=True), 0),
        (graphs.residual(5), 0),
        (graphs.grid(4, 4), 0),
        (graphs.at_random(1, 30, boxes=0), 90),
        (graphs.at_random(2, 30), 70),
    ],
)
def test_few_wires_cross(graph, most):
    """As many as when the figures were recorded: after a change that is meant, look at the drawings."""
    assert graphs.crossings(plain(graph, aspect=None)) <= most


# -- size, and what is refused ----------------------------------------------------------------------------------------


def test_a_chain_of_thousands_needs_no_recursion():
    graph = graphs.chain(5_000)
    found = plain(graph)
    assert len(found.nodes) == 5_001


def test_wires_are_cut_before_they_have_too_many_points():
    """Each value is used as far from the end as it is from the start: a million points, if no wire were cut."""
    b = graphs.Builder()
    values = [b.leaf()]
    for _ in range(1000):
        values.append(b.add(values[-1]))
    h = values[-1]
    for value in values[-2::-1]:
        h = b.add(h, value)
    found = plain(b.graph())
    points = sum(len(path) for place in found.values.values() for path in place.stem)
    points += sum(len(place.path) for place in found.wires.values())
    assert len(found.taps) > 100
    assert points < 50_000


def test_a_gate_before_its_input_is_refused():
    b = graphs.Builder()
    b.add(b.leaf())
    graph = b.graph()
    backwards = replace(graph, wires=(replace(graph.wires[0], value="v1"),))
    with pytest.raises(ValueError, match="comes before one of its inputs"):
        plain(backwards)


def test_a_box_that_is_left_and_entered_again_is_refused():
    b = graphs.Builder()
    box = b.box()
    h = b.add(b.leaf(), box=box)
    b.add(b.add(h), box=box)
    with pytest.raises(ValueError, match=r"box b0 \('scope 0'\) are not recorded one after the other"):
        plain(b.graph())
