"""Rendering: files, Jupyter, hostile names, and what happens without Graphviz."""

import builtins
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import viz_graphs as graphs

import viz
from autograd import Tensor, scope
from viz.dot import GREEN, LONGEST, RED, clean

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
SVG = "{http://www.w3.org/2000/svg}"


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
    assert any("no gradients shown: 'w' changed" in text for text in seen)


# -- files and Jupyter -----------------------------------------------------------------------------------------------


@needs_dot
@pytest.mark.parametrize(
    ("suffix", "start"), [(".svg", b"<?xml"), (".png", b"\x89PNG\r\n"), (".pdf", b"%PDF-"), (".dot", b"digraph {")]
)
def test_save(drawing, tmp_path, suffix, start):
    path = drawing.save(tmp_path / f"graph{suffix}")
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]
    assert drawing.save(str(path)) == path


def test_save_refuses_other_suffixes(drawing, tmp_path):
    with pytest.raises(ValueError, match=r"must be one of \.svg, \.png, \.pdf, \.dot; got '.*graph\.gif'"):
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
    assert bundle["text/plain"] == repr(drawing)


def test_repr(drawing):
    assert repr(drawing) == '<Drawing of 8 gates, 5 variables, with gradients; .save("graph.svg") writes it>'
    assert repr(viz.draw(Tensor(1.0))) == '<Drawing of 1 variable; .save("graph.svg") writes it>'
    assert "1 constant, 1 folded" not in repr(viz.draw(graphs.network(), depth=1))


def test_only_tensors_can_be_drawn():
    with pytest.raises(TypeError, match="expected a Tensor, got float"):
        viz.draw(1.0)


# -- without Graphviz ------------------------------------------------------------------------------------------------


def test_without_dot(drawing, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(viz.DotNotFoundError, match=r"apt-get install graphviz(.|\n)*brew install(.|\n)*\.source"):
        drawing.save(tmp_path / "graph.svg")
    assert list(tmp_path.iterdir()) == []
    assert drawing.save(tmp_path / "graph.dot").exists()
    bundle = drawing._repr_mimebundle_()
    assert set(bundle) == {"text/plain"}
    assert "8 gates" in bundle["text/plain"]
    assert "dnf install graphviz" in bundle["text/plain"]


def test_without_the_python_package(drawing, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "graphviz":
            raise ImportError("No module named 'graphviz'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"pip install glassgrad\[viz\]"):
        drawing.save("graph.png")
    assert "pip install" in drawing._repr_mimebundle_()["text/plain"]


def test_importing_viz_does_not_need_the_python_package():
    code = "import sys; sys.modules['graphviz'] = None; import viz; from autograd import Tensor; viz.draw(Tensor(1.0))"
    subprocess.run([sys.executable, "-c", code], check=True)


# -- names come from users -------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    '"];node[label="x',
    "&amp;",
    "&lt;b&gt;",
    "&#60;",
    "&copy;",
    "&",
    r"\N",
    r"\G\L\T\E\H",
    "\\",
    "\\\\N",
    r"\n\l\r",
    "</TABLE>",
    "</TD></TR></TABLE>>]",
    "<!-- -->",
    "]]>",
    "<![CDATA[x]]>",
    "javascript:alert(1)",
    "'\"`",
    "{a|b}",
    "%s %n",
    "// comment",
    "重み α",
    "שלום",
    "🙂👩‍👩‍👧",
    "é́́",
    "<B>bold</B>",
    "<IMG SRC='/etc/passwd'/>",
    "digraph",
]


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
        "svg", "g", "title", "polygon", "path", "text", "ellipse", "polyline",
    }  # fmt: skip
    for element in root.iter():
        assert not [key for key in element.attrib if "href" in key or key.startswith("on")]
    return root


@needs_dot
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_they_are(name):
    svg = viz.draw(drawn_with(name)).svg
    check_harmless(svg)
    shown = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    assert texts(svg).count(shown) == 4


@needs_dot
@pytest.mark.parametrize("name", HOSTILE)
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
