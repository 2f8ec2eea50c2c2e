"""Rendering: files, Jupyter, hostile names, and what happens without Graphviz."""

import builtins
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import viz_graphs as graphs
from hostile import HOSTILE, SHOWN, everywhere

import viz
from autograd import Tensor, concatenate, scope, where
from autograd.forward import nodes_of
from viz.dot import LONGEST, clean, to_dot
from viz.svg.printing import Instructions
from viz.themes import LIGHT, THEMES, tint

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
SVG = "{http://www.w3.org/2000/svg}"
GREEN, RED = LIGHT.value, LIGHT.gradient


def texts(svg, colour=None):
    """What a reader sees, optionally in one colour only."""
    found = ElementTree.fromstring(svg).iter(f"{SVG}text")
    return [element.text for element in found if colour is None or element.get("fill") == colour]


@pytest.fixture
def drawing():
    f = graphs.sigmoid_example()
    f.backward()
    return viz.draw(f)


# -- what it looks like ----------------------------------------------------------------------------------------------


#: CS231n's figure: what it has above and below every wire.
FIGURE = [
    ("w0", "2.00", "-0.20"),
    ("x0", "-1.00", "0.39"),
    ("×", "-2.00", "0.20"),
    ("w1", "-3.00", "-0.39"),
    ("x1", "-2.00", "-0.59"),
    ("×", "6.00", "0.20"),
    ("+", "4.00", "0.20"),
    ("w2", "-3.00", "0.20"),
    ("+", "1.00", "0.20"),
    ("×(−1)", "-1.00", "-0.20"),
    ("exp", "0.37", "-0.53"),
    ("+1", "1.37", "-0.53"),
    ("1/x", "0.73", "1.00"),
]


@pytest.mark.parametrize("row", [12, 0])
def test_every_wire_is_that_of_the_figure(monkeypatch, row):
    monkeypatch.setattr("viz.drawing.ROW", row)  # 0: our own layout
    f = graphs.sigmoid_example()
    f.backward()
    drawing = viz.draw(f, names=False)
    titles = [e.text for e in ElementTree.fromstring(drawing.svg).iter(f"{SVG}title") if "value" in e.text]
    assert [re.search("value (.*), gradient (.*)", title).groups() for title in titles] == [row[1:] for row in FIGURE]
    lines = [re.split(r"\s+∇?\s*", line)[:3] for line in str(drawing).splitlines()]
    assert [(name.split("#")[0], *numbers) for name, *numbers in lines] == FIGURE


@needs_dot
def test_values_are_green_and_gradients_red(drawing):
    assert sorted(texts(drawing.svg, GREEN)) == sorted(
        ["2.00", "-1.00", "-3.00", "-2.00", "-3.00", "-2.00", "6.00", "4.00", "1.00", "-1.00", "0.37", "1.37", "0.73"]
    )
    assert sorted(texts(drawing.svg, RED)) == sorted(
        ["-0.20", "0.39", "-0.39", "-0.59", "0.20", "0.20", "0.20", "0.20", "0.20", "-0.20", "-0.53", "-0.53", "1.00"]
    )


@needs_dot
def test_value_stands_above_its_wire_and_gradient_below(drawing):
    for group in ElementTree.fromstring(drawing.svg).iter(f"{SVG}g"):
        heights = {text.get("fill"): float(text.get("y")) for text in group.findall(f"{SVG}text")}
        line = group.find(f"{SVG}polygon")
        if GREEN in heights:
            wire = float(line.get("points").split()[0].split(",")[1])
            assert heights[GREEN] < wire < heights[RED]


@needs_dot
def test_nothing_is_red_before_backward():
    assert texts(viz.draw(graphs.sigmoid_example()).svg, RED) == []


@needs_dot
@pytest.mark.parametrize("options", [{}, {"collapse": True}, {"depth": 1}])
def test_network_is_laid_out(options):
    loss = graphs.network()
    loss.backward()
    assert "loss" in texts(viz.draw(loss, **options).svg)


@needs_dot
def test_note_and_mark_of_an_updated_variable():
    w = Tensor(2.0, name="w")
    y = w * w
    y.backward()
    w.data = 1.0
    seen = texts(viz.draw(y).svg)
    assert "updated since" in seen
    assert "no gradients shown: 'w' changed" in " ".join(seen)


# -- files and Jupyter -----------------------------------------------------------------------------------------------


@needs_dot
@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".svg", b"<?xml"),
        (".png", b"\x89PNG\r\n"),
        (".pdf", b"%PDF-"),
        (".dot", b"digraph {"),
        (".mmd", b"%%{init:"),
        (".json", b"{"),
        (".txt", b"w0"),
    ],
)
def test_save(drawing, tmp_path, suffix, start):
    path = drawing.save(tmp_path / f"graph{suffix}")
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]
    assert drawing.save(str(path)) == path


def test_save_refuses_other_suffixes(drawing, tmp_path):
    with pytest.raises(ValueError, match=r"must be one of \.svg, \.png, \.pdf, \.dot, .*; got '.*graph\.gif'"):
        drawing.save(tmp_path / "graph.gif")
    with pytest.raises(ValueError, match="suffix"):
        drawing.save(tmp_path / "graph")


def test_failed_save_leaves_the_old_file(drawing, tmp_path, monkeypatch):
    path = tmp_path / "graph.dot"
    path.write_text("old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        drawing.save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@needs_dot
def test_jupyter_shows_the_svg(drawing):
    bundle = drawing._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert bundle["text/plain"] == str(drawing)
    ElementTree.fromstring(bundle["image/svg+xml"])


def sizes(svg):
    """Width and height in pixels, and those of what is drawn."""
    element = ElementTree.fromstring(svg)
    found = [element.get(key) for key in ("width", "height")]
    pixels = [float(size.removesuffix("pt")) * (4 / 3 if size.endswith("pt") else 1) for size in found]
    return pixels, [float(part) for part in element.get("viewBox").split()[2:]]


@needs_dot
@pytest.mark.parametrize("row", [12, 0])
@pytest.mark.parametrize("gates", [1, 3, 8])
def test_in_jupyter_a_drawing_fits_on_the_page_where_it_can_be_read_then(monkeypatch, row, gates):
    monkeypatch.setattr("viz.drawing.ROW", row)  # 0: our own layout
    y = Tensor(0.1, name="x")
    for _ in range(gates):
        y = y.exp().log() + 0.1
    y.backward()
    drawing = viz.draw(y)
    shown = drawing._repr_mimebundle_()["image/svg+xml"]
    (width, height), inside = sizes(shown)
    (natural, _), _ = sizes(drawing.svg)
    assert height / width == pytest.approx(inside[1] / inside[0], rel=2e-3)
    assert width <= natural
    if natural <= 720:
        assert shown == drawing.svg
    else:
        assert width == pytest.approx(max(720, 0.75 * inside[0]), rel=1e-3)
    assert texts(shown) == texts(drawing.svg)
    assert drawing.svg in drawing._content("svg").decode()  # a file has its natural size


@pytest.mark.parametrize("row", [12, 0])
def test_drawings_in_one_page_share_no_ids(drawing, monkeypatch, row):
    monkeypatch.setattr("viz.drawing.ROW", row)  # 0: our own layout
    others = [viz.draw(drawing.trace, theme="dark"), viz.draw(graphs.fork())]
    ids = [
        [e.get("id") for e in ElementTree.fromstring(d.svg).iter() if e.get("id")]
        for d in (viz.draw(drawing.trace), *others)
    ]
    assert all(ids)
    assert sum(map(len, ids)) == len(set().union(*ids))


@pytest.mark.parametrize("row", [12, 0])
def test_the_picture_says_what_it_is(monkeypatch, row):
    monkeypatch.setattr("viz.drawing.ROW", row)
    root = ElementTree.fromstring(viz.draw(graphs.fork(), names=False).svg)
    assert root.get("role") == "img"
    assert [e.text for e in root[:2]] == [
        "Computational graph of y",
        "3 gates, 1 variable. Read from left to right; forward values stand above the wires.",
    ]


@needs_dot
def test_wires_of_graphviz_are_joined(drawing):
    """The piece under a number lies on the line that goes on from it, and reaches it."""
    root = ElementTree.fromstring(drawing.svg)
    paths = [e.get("d") for e in root.iter(f"{SVG}path")]
    starts = [tuple(map(float, re.match(r"M([-\d.]+),([-\d.]+)", d).groups())) for d in paths]
    plates = [e.get("points") for e in root.iter(f"{SVG}polygon") if e.get("fill") == LIGHT.line]
    assert len(plates) == 13
    found = 0
    for plate in plates:
        corners = [tuple(map(float, corner.split(","))) for corner in plate.split()]
        right = max(x for x, _ in corners)
        middle = sum(y for _, y in corners) / len(corners)
        found += any(abs(y - middle) < 0.01 and right - 2.1 <= x <= right for x, y in starts)
    assert found == 12  # all but the result's


def test_large_drawings_are_laid_out_without_graphviz(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    y = Tensor(1.0, name="x")
    for i in range(1500):
        y = y + float(i) if i % 7 else y.tanh()
    drawing = viz.draw(y)
    assert len(drawing.graph.nodes) == 1501
    svg = check_harmless(drawing.svg)
    width, height = (float(svg.get(key)) for key in ("width", "height"))
    assert 0.5 < width / height < 4  # in rows, not one sliver
    bundle = drawing._repr_mimebundle_()
    assert bundle["text/plain"] == repr(drawing)
    assert drawing.save(tmp_path / "graph.svg").stat().st_size > 100_000


def png_size(path):
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


@needs_dot
def test_long_drawings_have_several_rows_in_png_and_pdf_too(tmp_path):
    y = Tensor(1.0, name="x")
    for _ in range(40):
        y = y.tanh()
    drawing = viz.draw(y)
    svg = ElementTree.fromstring(drawing.svg)
    sizes = [float(svg.get(key)) for key in ("width", "height")]
    png = png_size(drawing.save(tmp_path / "graph.png"))
    assert png == pytest.approx([size * 192 / 72 for size in sizes], abs=2)
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", drawing.save(tmp_path / "graph.pdf").read_bytes())
    assert [float(side) for side in box.groups()] == pytest.approx(sizes, abs=2)


@needs_dot
def test_graphviz_lays_out_what_it_cannot_take_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr("viz.svg.printing.to_instructions", lambda svg: Instructions(10.0, 10.0, "digraph {"))
    y = Tensor(1.0, name="x")
    for _ in range(14):
        y = y.tanh()
    width, height = png_size(viz.draw(y).save(tmp_path / "graph.png"))
    assert width > 5 * height


@needs_dot
def test_pictures_that_could_not_be_read_are_refused(tmp_path, monkeypatch):
    y = Tensor(1.0, name="x")
    for _ in range(40):
        y = y.tanh()
    drawing = viz.draw(y)
    whole = png_size(drawing.save(tmp_path / "graph.png"))
    monkeypatch.setattr("viz.drawing.PIXELS", 500_000)
    small = png_size(drawing.save(tmp_path / "graph.png"))
    assert whole[0] / 3 < small[0] < whole[0]
    monkeypatch.setattr("viz.drawing.PIXELS", 50_000)
    with pytest.raises(viz.GraphTooLargeError, match=r"png refused: .* 41 nodes(.|\n)*as \.svg or \.pdf"):
        drawing.save(tmp_path / "graph.png")
    assert drawing.save(tmp_path / "graph.pdf").read_bytes().startswith(b"%PDF-")


@needs_dot
def test_wide_drawings_are_wrapped(monkeypatch):
    f = graphs.network()
    f.backward()
    width = float(ElementTree.fromstring(viz.draw(f).svg).get("width").removesuffix("pt"))
    monkeypatch.setattr("viz.drawing.WIDEST", width - 1)
    assert "<style>" in viz.draw(f).svg  # our own layout


@needs_dot
def test_long_drawings_are_wrapped():
    y = Tensor(1.0, name="x")
    for _ in range(40):
        y = y.tanh()
    svg = ElementTree.fromstring(viz.draw(y).svg)
    assert float(svg.get("width")) < 2000  # one row has 40 gates of more than 80 points


@needs_dot
def test_parts_of_the_picture_say_what_they_are(drawing):
    titles = [element.text for element in ElementTree.fromstring(drawing.svg).iter(f"{SVG}title")]
    assert "gate exp" in titles
    assert "value 0.37, gradient -0.53" in titles
    assert "variable w0: value 2.00, gradient -0.20" in titles
    assert not [title for title in titles if title.startswith(("n0", "v0", "%"))]


def test_repr(drawing):
    assert repr(drawing) == '<Drawing of 8 gates, 5 variables, with gradients; .save("graph.svg") writes it>'
    assert repr(viz.draw(Tensor(1.0))) == '<Drawing of 1 variable; .save("graph.svg") writes it>'
    assert "2 folded blocks, 3 variables, 2 constants" in repr(viz.draw(graphs.network(), depth=1))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (1.0, "got float$"),
        (None, "got NoneType$"),
        ([1], "got list; of several"),
        (abs, "call it, and draw the result$"),
    ],
)
def test_only_tensors_can_be_drawn(given, told):
    with pytest.raises(TypeError, match=f"draw: expected a Tensor, a Trace or a Recording, .*{told}"):
        viz.draw(given)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"theme": "blue"}, "theme must be one of 'light', 'dark', 'print'; got 'blue'$"),
        ({"theme": "Drak"}, "got 'Drak'; did you mean 'dark'\\?"),
        ({"theme": ["dark"]}, r"theme must be one of .*; got \['dark'\]"),
        ({"gradients": 3}, "gradients is a collection of tensors, got int"),
        ({"gradients": ["loss"]}, "gradients is a collection of tensors, got str in it"),
        ({"gradients": Tensor(1.0)}, r"got Tensor; write gradients=\[t\]"),
        ({"values": True}, "values is a collection of tensors, got bool"),
        ({"values": "x"}, "values is a collection of tensors, got str"),
        ({"locals": "yes"}, "locals is True or False, got 'yes'"),
        ({"repeats": 3}, "repeats is True or False, got 3"),
        ({"pictures": "no"}, "pictures is True or False, got 'no'"),
        ({"expand": 3}, "expand is True, False or names, got 3"),
        ({"expand": ["sigmoid", 3]}, "expand is True, False or names, got 3"),
        ({"expand": "sigmiod"}, "no 'sigmiod' to expand here"),
        ({"collapse": 3}, "collapse is True, False or names, got 3"),
        ({"collapse": "Nett"}, "no scope named 'Nett' in this graph to collapse; its scopes: .*'Net'"),
        ({"inputs": 3}, "inputs are tensors or names, got int"),
        ({"inputs": "W1"}, "no value named 'W1' .* its names: 'x', 'w1', 'b', 'w2', 'loss'; did you mean 'w1'\\?"),
        ({"depth": 0}, "depth counts scopes from the outside, from 1 up; got 0"),
        ({"limit": "1"}, "limit is a number of nodes, from 1 up; got '1'"),
        ({"overlay": "find"}, "overlay must be one of 'findings', 'gradients', 'saved'; got 'find'"),
        ({"overlay": 3}, "overlay is one of 'findings', 'gradients', 'saved', got 3"),
        ({"names": ["x"]}, "expected a mapping from names to tensors"),
    ],
)
def test_wrong_options_are_refused_with_a_hint(options, told):
    with pytest.raises((TypeError, ValueError), match=told):
        viz.draw(graphs.network(), **options)


def test_options_may_be_given_in_any_collection():
    loss = graphs.network()
    gates = nodes_of(loss)
    same = viz.draw(loss, values=gates[:2], gradients=[], collapse=["MSE", "0: Linear"]).source
    assert viz.draw(loss, values=set(gates[:2]), gradients=(), collapse={"MSE", "0: Linear"}).source == same
    assert (
        viz.draw(loss, values=iter(gates[:2]), gradients=iter(()), collapse=iter(("0: Linear", "MSE"))).source == same
    )


def test_a_trace_draws_as_its_tensor(drawing):
    f = graphs.sigmoid_example()
    f.backward()
    trace = viz.trace(f, names=False)
    assert viz.draw(trace).source == viz.draw(f, names=False).source
    assert viz.draw(trace, locals=True).source == viz.draw(f, names=False, locals=True).source
    assert viz.draw(viz.Trace.from_json(trace.to_json())).source == viz.draw(trace).source
    for wrong in ({"gradients": False}, {"values": []}, {"names": {}}, {"expand": "sigmoid"}):
        with pytest.raises(TypeError, match=f"draw: .*{next(iter(wrong))}="):
            viz.draw(trace, **wrong)


# -- without Graphviz ------------------------------------------------------------------------------------------------


def test_without_dot(drawing, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    for kind in ("png", "pdf"):
        with pytest.raises(viz.DotNotFoundError, match=r"apt-get install graphviz(.|\n)*brew install(.|\n)*\.svg"):
            drawing.save(tmp_path / f"graph.{kind}")
    assert list(tmp_path.iterdir()) == []
    for kind in ("dot", "svg", "mmd", "json", "txt"):
        assert drawing.save(tmp_path / f"graph.{kind}").stat().st_size > 100
    assert "0.73" in texts(drawing._repr_mimebundle_()["image/svg+xml"])


def test_without_the_python_package(drawing, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "graphviz":
            raise ImportError("No module named 'graphviz'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install glassgrad\[viz\]"):
        drawing.save("graph.png")
    assert "0.73" in texts(drawing.svg)


def test_importing_viz_does_not_need_the_python_package():
    code = "import sys; sys.modules['graphviz'] = None; import viz; from autograd import Tensor; viz.draw(Tensor(1.0))"
    subprocess.run([sys.executable, "-c", code], check=True)


# -- what is shown -----------------------------------------------------------------------------------------------------


@needs_dot
def test_local_derivatives_are_shown_on_the_edges():
    f = graphs.sigmoid_example()
    f.backward()
    shown = texts(viz.draw(f, locals=True).svg, LIGHT.local)
    # Of w0·x0 and w1·x1 the other factors; of the rest the slopes, which the gradients are multiplied by.
    assert sorted(shown) == sorted(
        f"∂ {x}"
        for x in ("-1.00", "2.00", "-2.00", "-3.00", "1.00", "1.00", "1.00", "1.00", "-1.00", "0.37", "1.00", "-0.53")
    )


@needs_dot
@pytest.mark.parametrize("theme", THEMES)
def test_themes(theme):
    f = graphs.sigmoid_example()
    f.backward()
    svg = viz.draw(f, theme=theme).svg
    assert "0.73" in texts(svg, THEMES[theme].value)
    assert "1.00" in texts(svg, THEMES[theme].gradient)


def contrast(a, b):
    """The ratio that WCAG 2.1 defines; it asks for 4.5 of text and 3 of lines."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_themes_can_be_read(theme):
    for colour in (theme.ink, theme.value, theme.gradient, theme.local, theme.muted, theme.warning):
        assert contrast(colour, theme.paper) >= 4.5
    for colour in (theme.ink, theme.muted, theme.gradient, theme.warning):
        assert min(contrast(colour, theme.gate), contrast(colour, theme.fold)) >= 4.5
    assert min(contrast(theme.line, theme.paper), contrast(theme.faint, theme.paper)) >= 3
    # On shades all text has the colour of ink.
    assert all(contrast(theme.ink, tint(shade, theme)) >= 4.5 for shade in np.linspace(-1, 1, 17))
    node = next(line for line in to_dot(everywhere("x"), theme).splitlines() if line.strip().startswith("n2 "))
    assert set(re.findall(r'FONT COLOR="(#\w+)"', node)) == {theme.ink}


def cells(source):
    return re.findall(r'<TD FIXEDSIZE="TRUE" WIDTH="\d+" HEIGHT="\d+" BGCOLOR="(#\w+)"( BORDER="1")?', source)


def test_arrays_are_shown_as_heat_maps():
    x = Tensor(np.array([-2.0, -0.5, 0.0, np.nan, 0.5, 2.0]), name="x")
    y = x * 1.0
    found = cells(viz.draw(y).source)
    assert len(found) == 12
    colours, borders = zip(*found[:6], strict=True)
    assert [bool(border) for border in borders] == [True, True, False, False, False, False]  # negative ones are smaller
    assert (colours[0], colours[2], colours[3], colours[5]) == (
        LIGHT.negative, LIGHT.zero, LIGHT.warning, LIGHT.positive,
    )  # fmt: skip
    assert cells(viz.draw(y, pictures=False).source) == []
    large = sum((x * float(i) for i in range(40)), start=Tensor(np.zeros(6)))
    assert cells(viz.draw(large).source) == []
    assert cells(viz.draw(large, pictures=True).source)


def test_written_out_and_constant_arrays_have_no_heat_map():
    assert cells(viz.draw(Tensor([1.0, 2.0, 3.0]) * 2).source) == []
    assert cells(viz.draw(Tensor(np.ones(9)) * 2).source) == []


def test_large_arrays_have_small_heat_maps():
    source = viz.draw(Tensor(np.arange(10_000.0).reshape(100, 100)) * 2).source
    assert len(cells(source)) == 2 * 8 * 16


def test_broadcasting_and_the_sum_that_undoes_it_are_told():
    W, b = Tensor(np.ones((4, 3)), name="W"), Tensor([1.0, 2.0, 3.0], name="b")
    column = Tensor(np.ones((4, 1)), requires_grad=False, name="column")
    y = ((W + b) * column).sum()
    y.backward()
    wires = {(wire.broadcast, wire.summed) for wire in viz.draw(y).graph.wires}
    assert wires == {("", ""), ("(3,) → (4, 3)", "Σ over axis 0"), ("(4, 1) → (4, 3)", "")}
    z = (Tensor(1.0, name="s") * Tensor(np.ones((2, 3)))).sum()
    assert ("() → (2, 3)", "Σ over axes 0, 1") in {(w.broadcast, w.summed) for w in viz.draw(z).graph.wires}
    assert "(3,) → (4, 3)" in viz.draw(y).source
    assert "Σ over axis 0" in viz.draw(y).source


def test_gates_of_many_inputs_name_them():
    parts = [Tensor(np.ones(2), name=f"part {i}") for i in range(5)]
    source = viz.draw(concatenate(parts), names=False).source
    assert [f'PORT="p{i}"' in source for i in range(6)] == [True] * 5 + [False]
    assert "v0:w:e -> n5:p0:w" in source


def test_a_part_between_two_values():
    f = graphs.sigmoid_example()
    f.backward()
    gates = nodes_of(f)
    s, e = gates[3], gates[5]
    part = viz.draw(f, inputs=[s], names=False).graph
    assert [(node.kind, node.label) for node in part.nodes] == [
        ("variable", "…+"), ("gate", "×(−1)"), ("gate", "exp"), ("gate", "+1"), ("gate", "1/x"),
    ]  # fmt: skip
    assert part.values[0].numbers.values == (1.0,)
    assert part.values[0].gradient.mean == pytest.approx(0.19661, rel=1e-4)
    assert [node.label for node in viz.draw(f, inputs=e, names=False).graph.nodes] == ["…exp", "+1", "1/x"]
    # The other inputs of gates on the way stay.
    assert [node.label for node in viz.draw(f, inputs="w2", names=False).graph.nodes] == [
        "…+", "w2", "+", "×(−1)", "exp", "+1", "1/x",
    ]  # fmt: skip
    assert viz.draw(f, inputs=["w0", "w1", "x0", "x1", "w2"]).source == viz.draw(f).source


def test_a_part_that_is_not_there():
    f = graphs.sigmoid_example()
    with pytest.raises(ValueError, match=r"no value named 'w9'.*its names: 'w0', 'x0'"):
        viz.draw(f, inputs="w9", names=False)
    with pytest.raises(ValueError, match="is not in this graph"):
        viz.draw(f, inputs=Tensor(1.0))
    with pytest.raises(ValueError, match="nothing lies between"):
        viz.draw(f, inputs=f)
    with pytest.raises(TypeError, match="inputs are tensors or names, got int"):
        viz.draw(f, inputs=[3])


def test_a_variable_that_no_gradient_reaches_says_so():
    x, c = Tensor([1.0, -1.0], name="x"), Tensor([1.0, 0.0], name="c")
    y = where(c, x, x * 2).sum()
    y.backward()
    reasons = {value.node: value.reason for value in viz.draw(y).graph.values}
    nodes = {node.label: node.id for node in viz.draw(y).graph.nodes}
    assert reasons[nodes["c"]] == "no gradient"
    assert reasons[nodes["x"]] == ""
    assert "no gradient" in viz.draw(y).source
    assert "no gradient" in str(viz.draw(y))
    assert "no gradient" not in viz.draw(y, gradients=[]).source  # it may still come


def test_expanded_gates():
    f = graphs.sigmoid_example(one_gate=True)
    f.backward()
    assert [node.label for node in viz.draw(f, expand="sigmoid", names=False).graph.nodes][-4:] == [
        "×(−1)", "exp", "+1", "1/x",
    ]  # fmt: skip


# -- text and Mermaid -------------------------------------------------------------------------------------------------


def test_text_is_aligned_also_with_wide_and_combining_characters():
    a, b = Tensor(1.0, name="重み"), Tensor(-2.0, name="e\u0301")
    first, second, third = str(viz.draw(a * b, names=False)).splitlines()
    assert (first, second, third) == ("重み   1.00", "e\u0301     -2.00", "×     -2.00   重み, e\u0301")


def test_text_cannot_steer_a_terminal():
    for name in HOSTILE:
        text = str(viz.draw(drawn_with(name)))
        assert not [
            c for c in text if c not in "\n\u200c\u200d" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")
        ]
        assert len(text.splitlines()) == 5


def test_mermaid_has_no_markup_but_its_own():
    plain = viz.draw(drawn_with("plain")).mermaid
    for name in HOSTILE:
        text = viz.draw(drawn_with(name)).mermaid
        assert len(text.splitlines()) == len(plain.splitlines())
        assert text.splitlines()[0] == plain.splitlines()[0]
        for line in text.splitlines()[1:]:
            assert line.count('"') in (0, 2), line
            assert not re.search(r"<(?!br/>|/?small>)|%%|`", line), line


# -- names come from users -------------------------------------------------------------------------------------------


def drawn_with(name):
    x = Tensor(3.0, name=name)
    with scope(name):
        y = x * x
    y.name = name
    z = y + Tensor(1.0, requires_grad=False, name=name)
    z.backward()
    return z


def check_harmless(svg):
    root = ElementTree.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "g", "title", "polygon", "path", "text", "ellipse", "polyline",  # Graphviz's
        "style", "rect", "tspan", "circle", "desc",  # our own
    }  # fmt: skip
    for element in root.iter():
        assert not [key for key in element.attrib if "href" in key or key.startswith("on")]
    return root


@needs_dot
@pytest.mark.parametrize("name", SHOWN)
def test_hostile_names_are_shown_as_they_are(name):
    svg = viz.draw(drawn_with(name)).svg
    check_harmless(svg)
    shown = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    assert texts(svg).count(shown) == 4


@needs_dot
@pytest.mark.parametrize("name", SHOWN)
def test_hostile_names_of_folded_scopes(name):
    svg = viz.draw(drawn_with(name), collapse=True).svg
    check_harmless(svg)
    assert name in texts(svg)


@needs_dot
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb", "a␊b"),
        ("a\x00b", "a␀b"),
        ("\x1b[31m", "␛[31m"),
        ("\x7f\x85", "␡�"),
        ("\ud800", "�"),
        ("\ufffe\uffff", "��"),
        ("abc\u202egnp.exe", "abc�gnp.exe"),
        ("x" * 1000, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_characters_that_cannot_be_shown(name, shown):
    svg = viz.draw(drawn_with(name)).svg
    check_harmless(svg)
    assert shown in texts(svg)


@needs_dot
def test_every_character_of_the_first_planes_in_one_go():
    # Ends and beginnings of a name matter to a parser, so characters are spread over names.
    total = None
    for start in range(0, 0x300, 16):
        term = Tensor(1.0, name="".join(map(chr, range(start, start + 16))))
        total = term if total is None else total + term
    check_harmless(viz.draw(total).svg)


def test_clean_never_lets_markup_through():
    for code in range(0x110000):
        if chr(code) not in "&<>\"'":
            assert not set(clean(chr(code))) & set("&<>\"'")


def test_saving_follows_links_and_keeps_permissions(tmp_path: Path) -> None:
    target, link = tmp_path / "private.dot", tmp_path / "link.dot"
    target.touch()
    target.chmod(0o600)
    link.symlink_to(target)
    viz.draw(Tensor(1.0) * 2.0).save(link)
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("digraph")
    assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.dot", "private.dot"]
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        viz.draw(Tensor(1.0) * 2.0).save(tmp_path / "nowhere" / "a.dot")
