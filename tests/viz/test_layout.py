"""Where things lie: nothing overlaps, wires hold together, what stays when a fold opens, rows, and size."""

import layout_graphs as graphs
from hypothesis import given, settings
from hypothesis import strategies as st

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


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(1, 40), st.floats(0, 0.6), st.sampled_from([None, 0.05, 2.0]))
def test_nothing_overlaps_and_wires_hold_together(seed, size, boxes, aspect):
    graph = graphs.at_random(seed, size, boxes)
    sizes = graphs.random_sizes(graph, seed)
    graphs.check(graph, sizes, layout(graph, sizes, aspect=aspect))


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(5, 40), st.floats(0.1, 0.5))
def test_order_stays_when_a_fold_opens(seed, size, boxes):
    """Each other gate, fold and box keeps its layer and its place in it; the box takes the place of the fold."""
    graph = graphs.at_random(seed, size, boxes)
    used = {node.box for node in graph.nodes if not node.is_leaf}
    used |= {box.parent for box in graph.boxes if box.id in used}
    opened = layout(graph, graphs.random_sizes(graph, seed), aspect=None)
    leaves = {node.id for node in graph.nodes if node.is_leaf}
    for box in graph.boxes:
        if box.id not in used:
            continue
        closed = graphs.folded(graph, box.id)
        found = layout(closed, graphs.random_sizes(closed, seed), aspect=None)
        for sheet, layers in found.layers.items():
            assert [
                ["fold" if key == box.id else key for key in layer if key not in leaves]
                for layer in without_ends(opened.layers[sheet], leaves)
            ] == [[key for key in layer if key not in leaves] for layer in without_ends(layers, leaves)]


def without_ends(layers, leaves):
    """Without the layers at either end in which only leaves lie, which come and go."""
    found = [[key for key in layer if key not in leaves] for layer in layers]
    while found and not found[0]:
        found.pop(0)
    while found and not found[-1]:
        found.pop()
    return found
