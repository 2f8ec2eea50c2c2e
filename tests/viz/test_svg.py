"""Drawings by our own hand: golden files, what stands where, hostile text, themes, and what readers are told.

After a change that is meant, write the golden files anew with ``python tests/viz/test_svg.py``, and look at the
drawings.
"""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import hostile
import layout_graphs
import numpy as np
import pytest
import viz_graphs as graphs

import viz
from autograd import Tensor
from viz.graph import Graph, Node, Value, Wire
from viz.layout import layout
from viz.legible import legible
from viz.numbers import Numbers
from viz.svg import measure, path_data, to_svg
from viz.svg.text import escape, text_width
from viz.themes import DARK, LIGHT, THEMES

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
ONE = Numbers.of(1.25)


def drawn(t, **options):
    t.backward()
    return viz.draw(t, **options).graph


DRAWINGS = {
    "sigmoid": lambda: to_svg(drawn(graphs.sigmoid_example()), theme="light"),
    "fork": lambda: to_svg(drawn(graphs.fork(), locals=True), theme="auto"),
    "network": lambda: to_svg(drawn(graphs.network()), theme="dark"),
    "network_collapsed": lambda: to_svg(drawn(graphs.network(), collapse=True), theme="print"),
    "rows": lambda: to_svg(layout_graphs.chain(60, parameter=True), theme="light"),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_svg_is_the_golden_one(name):
    assert DRAWINGS[name]() == (GOLDEN / f"{name}.svg").read_text(encoding="utf-8")


def parsed(text):
    return ElementTree.fromstring(text)


def texts(element, name=None):
    """What is written, optionally only in one class."""
    found = [e for e in element.iter() if e.tag in (f"{SVG}text", f"{SVG}tspan") and e.text]
    return [e.text for e in found if name is None or e.get("class") == name]


def parts(element, name):
    return [e for e in element.iter() if name in (e.get("class") or "").split()]


def some_graph(**changes):
    """A variable, a constant and a gate, with text of one's own wherever text can be."""
    told = {"name": "x", "label": "×", "detail": "", "box": "scope", "note": "", "reason": "", "port": "", "hint": ""}
    told |= changes
    nodes = (
        Node("n0", "variable", told["name"], "", (), None),
        Node("n1", "constant", told["name"], "", (), None),
        Node("n2", "gate", told["label"], "power", (told["detail"],), "b0", (told["port"],) * 2, 1, told["hint"]),
    )
    values = (
        Value("v0", "n0", "", ONE, None, True, False, 0, told["reason"]),
        Value("v1", "n1", "", ONE, None, False, False, 0),
        Value("v2", "n2", told["name"], ONE, ONE, True, False, 0),
    )
    wires = (
        Wire("w0", "v0", "n2", 0, None, None, told["name"], told["name"]),
        Wire("w1", "v1", "n2", 1, None),
    )
    return Graph(nodes, values, wires, (viz.graph.Box("b0", told["box"], None),), "v2", told["note"], False)


# -- notation ---------------------------------------------------------------------------------------------------------


def test_the_sigmoid_example_shows_the_published_numbers():
    root = parsed(DRAWINGS["sigmoid"]())
    forward = [2.0, -1.0, -3.0, -2.0, -3.0, -2.0, 6.0, 4.0, 1.0, -1.0, 0.37, 1.37, 0.73]
    backward = [-0.2, 0.39, -0.39, -0.59, 0.2, 0.2, 0.2, 0.2, 0.2, -0.2, -0.53, -0.53, 1.0]
    assert sorted(texts(root, "forward")) == sorted(f"{x:.2f}" for x in forward)
    assert sorted(texts(root, "gradient")) == sorted(f"{x:.2f}" for x in backward)


@pytest.mark.parametrize("name", DRAWINGS)
def test_values_stand_above_their_wire_and_gradients_below(name):
    root = parsed(DRAWINGS[name]())
    seen = 0
    for group in (*parts(root, "value"), *parts(root, "wire")):
        heights = [(e.get("class"), float(e.get("y"))) for e in group.iter(f"{SVG}text")]
        lines = re.findall(r"M[-\d.]+ ([-\d.]+)H", group.find(f"{SVG}path").get("d"))
        lines += re.findall(r"[ ,C][-\d.]+ ([-\d.]+)H", group.find(f"{SVG}path").get("d"))
        for kind, y in heights:
            if kind == "forward":
                assert any(0 < float(line) - y < 40 for line in lines)
                seen += 1
            if kind == "gradient":
                assert any(0 < y - float(line) < 40 for line in lines)
    assert seen


def test_a_fork_shows_what_comes_back_along_each_branch_and_the_sum():
    root = parsed(DRAWINGS["fork"]())
    assert texts(root, "gradient") == ["Σ 14.00", "2.00", "2.00", "1.00", "6.00", "6.00", "2.00"]
    assert len(parts(root, "fork")) == 1
    assert texts(root, "local")[:2] == ["∂ 3.00", "∂ 3.00"]


def test_constants_are_dashed_and_detached_inputs_dotted():
    graph = some_graph()
    assert len(parts(parsed(to_svg(graph)), "still")) == 2  # the value and its wire
    nodes = (graph.nodes[0], replace(graph.nodes[1], kind="detached"), graph.nodes[2])
    assert len(parts(parsed(to_svg(replace(graph, nodes=nodes))), "detached")) >= 2


def test_folds_stand_as_stacks_and_what_failed_has_two_borders():
    for kind, times, outlines in (("gate", 1, 1), ("fold", 1, 1), ("fold", 12, 3), ("failed", 1, 2)):
        graph = layout_graphs.chain(1)
        node = replace(graph.nodes[1], kind=kind, times=times, label="a longer label")
        root = parsed(to_svg(replace(graph, nodes=(graph.nodes[0], node))))
        assert len(parts(root, "outline")) == outlines


def test_inputs_that_must_be_told_apart_are_numbered_or_named():
    def ports(graph):
        return [t for t in texts(parsed(to_svg(graph)), "muted") if t in ("1", "2", "base", "exponent")]

    x, y = Tensor(2.0), Tensor(3.0)
    assert ports(viz.draw(x * y).graph) == []
    assert ports(viz.draw(x / y).graph) == ["1", "2"]
    assert ports(some_graph(port="base")) == ["base", "base"]


def test_larger_arrays_have_a_heat_map_with_smaller_cells_for_negative_numbers():
    x = Tensor(np.array([[1.0, -1.0, 0.0], [0.25, np.nan, -0.25]]), name="x")
    graph = viz.draw(x.exp(), pictures=True).graph
    root = parsed(to_svg(graph))
    cells = {e.get("class"): e.get("d") for e in root.iter(f"{SVG}path") if (e.get("class") or "").startswith("heat")}
    assert {"heat8", "heat-8", "heat4", "heat-4", "heat0"} <= set(cells)
    assert "h6v6" in cells["heat8"]
    assert "h4.5v4.5" in cells["heat-8"]
    assert len(parts(root, "none")) == 2
    assert "heat" not in to_svg(replace(graph, pictures=False))


def test_a_variable_cut_at_the_end_of_a_row_is_named_in_the_next():
    root = parsed(DRAWINGS["rows"]())
    taps = parts(root, "tap")
    assert taps
    assert {texts(tap)[0] for tap in taps} == {"w"}
    assert len(parts(root, "cut")) == len(taps)


def test_a_note_is_said_below():
    root = parsed(to_svg(some_graph(note="what the reader must be told " * 8)))
    assert " ".join(texts(root, "warning")) == ("what the reader must be told " * 8).strip()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300, -1e-300, 0.0])
def test_any_number(number):
    x = Tensor(np.array(number), requires_grad=False, name="x")
    assert parsed(to_svg(viz.draw(x * Tensor(2.0)).graph)).tag == f"{SVG}svg"


def test_complex_constants():
    x = Tensor(np.array(2 - 3j), requires_grad=False)
    assert "2.00-3.00j" in texts(parsed(to_svg(viz.draw(x).graph)), "forward")


def test_a_root_that_is_a_variable_or_an_empty_array():
    for x in (Tensor(1.0, name="x"), Tensor(1.0, requires_grad=False), Tensor(np.zeros((0, 3)))):
        root = parsed(to_svg(viz.draw(x).graph))
        assert len(parts(root, "node")) == 1


# -- for machines and readers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_needs_nothing_else_and_says_what_it_is(name):
    text = DRAWINGS[name]()
    root = parsed(text)
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[1].tag == f"{SVG}desc"
    assert "Read from left to right" in root[1].text
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "g", "path", "circle", "text", "tspan")
    }
    assert not re.search(r"href|url\(|@import|script|\bon\w+=", text)
    assert text.count("http") == 1  # the name of the language


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_part_has_an_id_of_its_own_and_a_title(name):
    root = parsed(DRAWINGS[name]())
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(set(ids)) == len(ids)
    for group in root.findall(f"{SVG}g"):
        assert group[0].tag == f"{SVG}title"
        assert group[0].text


def test_parts_are_found_by_their_ids():
    graph = drawn(graphs.network())
    root = parsed(to_svg(graph, prefix="first-"))
    found = {e.get("id"): e.get("class").split()[0] for e in root.iter() if e.get("id")}
    assert found == {
        **{f"first-{box.id}": "box" for box in graph.boxes},
        **{f"first-{value.id}": "value" for value in graph.values},
        **{f"first-{wire.id}": "wire" for wire in graph.wires},
        **{f"first-{node.id}": "node" for node in graph.nodes},
    }


def test_titles_say_what_a_part_is():
    root = parsed(DRAWINGS["fork"]())
    titles = {e.get("id"): e[0].text for e in root.findall(f"{SVG}g")}
    assert titles["w0"] == "x into ×; gradient sent back 6.00"
    assert titles["v3"] == "y: value 24.00, gradient 1.00"


def test_places_may_be_given():
    graph = drawn(graphs.network())
    assert to_svg(graph, places=layout(graph, measure(graph))) == to_svg(graph)


# -- hostile text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["name", "label", "detail", "box", "note", "reason", "port", "hint"])
@pytest.mark.parametrize("told", hostile.HOSTILE[::3], ids=ascii)
def test_hostile_text_stays_text(told, place):
    plain = parsed(to_svg(some_graph(**{place: "plain"})))
    text = to_svg(some_graph(**{place: told}))
    root = parsed(text)
    allowed = {e.tag for e in plain.iter()} | {f"{SVG}tspan", f"{SVG}text", f"{SVG}path", f"{SVG}rect", f"{SVG}circle"}
    assert {e.tag for e in root.iter()} <= allowed
    known = {name for e in plain.iter() for name in e.attrib} | {"dx", "cx", "cy", "r", "font-weight", "font-size"}
    assert {name for e in root.iter() for name in e.attrib} <= known
    assert len(text) < 40_000
    text.encode()


def test_hostile_text_is_shown_as_it_is():
    root = parsed(to_svg(some_graph(name="<b>&</b>")))
    assert texts(root, "name").count("<b>&</b>") == 2
    assert legible("a\u202eb") == "a\ufffdb"
    assert legible("a\x00b") == "a␀b"


def test_a_prefix_cannot_break_out():
    assert 'id="&quot;&gt;&lt;n0"' in to_svg(some_graph(), prefix='"><')


# -- colours ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_each_theme_has_its_colours(theme):
    text = to_svg(some_graph(), theme=theme.name)
    for colour in (theme.paper, theme.value, theme.gradient, theme.line):
        assert colour in text
    assert "@media" not in text


def test_auto_follows_the_reader():
    text = to_svg(some_graph())
    light, dark = text.split("@media (prefers-color-scheme:dark)")
    assert LIGHT.value in light
    assert DARK.value not in light
    assert DARK.value in dark


def test_an_unknown_theme_is_refused():
    with pytest.raises(ValueError, match="theme must be one of"):
        to_svg(some_graph(), theme="</style>")


# -- geometry of text -------------------------------------------------------------------------------------------------


def test_widths_are_those_of_helvetica_with_some_room():
    """Sums of the published advance widths, by hand."""
    assert text_width("0.73", 1000) == pytest.approx((3 * 556 + 278) * 1.04)
    assert text_width("-1.00", 1000) == pytest.approx((333 + 3 * 556 + 278) * 1.04)
    assert text_width("exp", 1000) == pytest.approx((556 + 500 + 556) * 1.04)
    assert text_width("loss", 1000, bold=True) == pytest.approx((278 + 611 + 556 + 556) * 1.04)
    assert text_width("漢字", 1000) == pytest.approx(2000 * 1.04)
    assert text_width("e\u0301", 1000) == text_width("e", 1000)


def test_what_is_written_fits_its_place():
    for graph in (drawn(graphs.network()), some_graph(label="W" * 40, port="weight", detail="m" * 60)):
        sizes = measure(graph)
        places = layout(graph, sizes)
        root = parsed(to_svg(graph, places=places))
        for node in graph.nodes:
            group = next(e for e in root.iter() if e.get("id") == node.id)
            rect = places.nodes[node.id]
            for element in group.findall(f"{SVG}text"):
                width = text_width(element.text, float(element.get("font-size", 12)), bool(element.get("font-weight")))
                left = float(element.get("x")) - (width / 2 if element.get("text-anchor") == "middle" else 0)
                assert rect.x - 0.1 <= left
                assert left + width <= rect.x + rect.width + 0.1
                assert rect.y < float(element.get("y")) < rect.y + rect.height


def test_paths_have_round_corners_and_level_ends():
    assert path_data(()) == ""
    assert path_data(((0, 0), (4, 0), (4, 40), (40, 40))) == "M0 0H2Q4 0 4 6V34Q4 40 10 40H40"
    assert path_data(((0, 5), (10, 5), (30, 25), (40, 25))) == "M0 5H10C20 5 20 25 30 25H40"


def test_escaping():
    assert escape('<a href="x">\'&') == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;"


if __name__ == "__main__":
    for name, drawing in DRAWINGS.items():
        (GOLDEN / f"{name}.svg").write_text(drawing(), encoding="utf-8")
