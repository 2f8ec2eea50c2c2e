"""Text from elsewhere stays text in every format: real parsers read what is written, and find our elements alone."""

import json
import re
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree

import hostile
import pytest

import viz
from autograd import Tensor, scope
from viz.dot import to_dot
from viz.mermaid import to_mermaid
from viz.svg import to_svg
from viz.svg.printing import to_instructions
from viz.terminal import to_text

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not installed")
SVG = "{http://www.w3.org/2000/svg}"
GRAPHVIZ = {"svg", "g", "title", "desc", "polygon", "path", "text", "ellipse", "polyline"}
OWN = {"svg", "title", "desc", "style", "rect", "g", "path", "circle", "text", "tspan"}

named = pytest.mark.parametrize("text", hostile.HOSTILE, ids=lambda text: ascii(text[:20]).strip("'\""))


def drawn(text):
    """A drawing of a graph in which a user has called everything this."""
    x = Tensor(3.0, name=text)
    with scope(text):
        y = x * x
    y.name = text
    z = y + Tensor(1.0, requires_grad=False, name=text)
    z.name = text
    z.backward()
    return viz.draw(z, names=False)


def elements(svg):
    root = ElementTree.fromstring(svg)
    return [(e.tag.removeprefix(SVG), sorted(e.attrib), e.get("class")) for e in root.iter()]


def check_svg(svg, names):
    svg.encode()
    for tag, attributes, _ in elements(svg):
        assert tag in names
        assert not [name for name in attributes if name.startswith("on") or "href" in name or name == "style"]
    style = "".join(e.text or "" for e in ElementTree.fromstring(svg).iter(f"{SVG}style"))
    assert not re.search(r"url\(|@import|expression", style)


class _Tags(HTMLParser):
    """What a browser would make of an SVG inside an HTML page."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attributes):
        self.found.add(tag)
        assert not [
            name for name, _ in attributes if name.startswith("on") or "href" in name.removeprefix("xmlns:xlink")
        ]

    def handle_comment(self, data):
        assert re.fullmatch(r" [\w>&#;\-]+ ", data), data  # Graphviz names its parts

    def handle_decl(self, decl):
        raise AssertionError(decl)

    def handle_pi(self, data):
        raise AssertionError(data)


def check_in_html(svg, names):
    tags = _Tags()
    tags.feed(svg)
    tags.close()
    assert tags.found <= names


def check_line(line):
    """One line that cannot steer a terminal."""
    assert not [
        c for c in line if unicodedata.category(c) in ("Cc", "Cs", "Cf", "Zl", "Zp") and c not in "\u200c\u200d"
    ], ascii(line)
    line.encode()


# -- SVG --------------------------------------------------------------------------------------------------------------


@named
def test_own_svg(text):
    for theme in ("light", "auto"):
        svg = to_svg(hostile.everywhere(text), theme=theme, prefix=text)
        check_svg(svg, OWN)
        check_in_html(svg, OWN)
        assert len(svg) < 60_000


@pytest.mark.parametrize("text", hostile.SHOWN)
def test_own_svg_shows_what_can_be_shown(text):
    root = ElementTree.fromstring(to_svg(hostile.everywhere(text)))
    assert [e.text for e in root.iter() if e.tag in (f"{SVG}text", f"{SVG}tspan")].count(text) >= 8


@needs_dot
@named
def test_svg_of_graphviz_and_the_bundle_for_notebooks(text):
    drawing = drawn(text)
    bundle = drawing._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    # With some fonts the row is too long for Graphviz, and the drawing is laid out by this package.
    elements = GRAPHVIZ if drawing._svg_of_graphviz else OWN
    assert drawing._svg_of_graphviz or len(text) > 1_000
    check_svg(bundle["image/svg+xml"], elements)
    check_in_html(bundle["image/svg+xml"], elements)
    json.dumps(bundle).encode()
    for line in bundle["text/plain"].splitlines():
        check_line(line)


# -- what Graphviz reads ----------------------------------------------------------------------------------------------


def graphviz_sees(source):
    """The nodes, and the ends of the edges, that Graphviz finds."""
    done = subprocess.run(["dot", "-Tplain"], input=source.encode(), capture_output=True, check=True)
    assert not done.stderr, done.stderr
    lines = [line.split(" ") for line in done.stdout.decode().splitlines()]
    return sorted((line[0], *line[1 : 2 if line[0] == "node" else 3]) for line in lines if line[0] in ("node", "edge"))


@needs_dot
@named
def test_dot(text):
    source = to_dot(hostile.everywhere(text))
    assert graphviz_sees(source) == graphviz_sees(to_dot(hostile.everywhere("x")))
    assert source.count("\n") == to_dot(hostile.everywhere("x")).count("\n")


def instructions(source):
    """Read xdot as Graphviz does: texts have their length in bytes before them."""
    found, data = [], re.search(r"_background=(.*)\]\n  drawing \[", source, re.DOTALL)[1]
    pieces = re.fullmatch(r'"((?:[^"\\]|\\")*)"((?: \+ "(?:[^"\\]|\\")*")*)', data)
    assert pieces, "quotes are closed by a quote of text"
    joined = "".join(re.findall(r'"((?:[^"\\]|\\")*)"', data)).replace('\\"', '"').encode()
    while joined := joined.lstrip(b" "):
        if match := re.match(rb"(F [\d.]+|T -?[\d.]+ -?[\d.]+ -?\d [\d.]+|[cCS]) (\d+) -", joined):
            end = match.end() + int(match[2])
            found.append((match[1][:1].decode(), joined[match.end() : end].decode()))
        else:
            match = re.match(rb"([bBP]) (\d+)((?: -?[\d.]+)+)|t [0-3]", joined)
            assert match, joined[:80]
            assert not match[1] or len(match[3].split()) == 2 * int(match[2])
            end = match.end()
            found.append((match[0][:1].decode(), ""))
        joined = joined[end:]
    return found


@named
def test_instructions_for_png_and_pdf(text):
    told = instructions(to_instructions(to_svg(hostile.everywhere(text), theme="light")).source)
    assert {kind for kind, _ in told} <= set("bBPcCSFtT")
    for kind, word in told:
        if kind in "cC":
            assert re.fullmatch(r"#[0-9a-f]{6}|transparent", word)
        elif kind == "S":
            assert re.fullmatch(r"solid|dashed|dotted|setlinewidth\([\d.]+\)", word)
        elif kind == "F":
            assert word == "Helvetica,Arial,sans-serif"
    if text in hostile.SHOWN:
        assert [word for kind, word in told if kind == "T"].count(text.replace("\\", "⧵")) >= 8


@needs_dot
def test_graphviz_draws_the_instructions(tmp_path, monkeypatch):
    monkeypatch.setattr("viz.drawing.ROW", 0)  # our own layout
    for text in hostile.SHOWN[::5]:
        source = to_instructions(to_svg(drawn(text).graph, theme="dark")).source
        assert graphviz_sees(source) == [("node", "drawing")]
    path = drawn('\\" ]; x [label="' * 2).save(tmp_path / "graph.png")
    assert path.read_bytes().startswith(b"\x89PNG")


# -- text, Mermaid, JSON ----------------------------------------------------------------------------------------------


@named
def test_text_for_terminals(text):
    shown = to_text(hostile.everywhere(text))
    assert shown.count("\n") == to_text(hostile.everywhere("x")).count("\n")
    for line in shown.split("\n"):
        check_line(line)
    check_line(repr(drawn(text)))


#: One statement of ours, in which a text in quotes holds no quotes, line ends or markup but <br/> and <small>.
_LABEL = r'"(?:[^"<>`\n%]|<br/>|</?small>)*"'
_STATEMENT = re.compile(
    rf"flowchart LR|(n\d+|v\d+|note)(\[{_LABEL}\]|\(\({_LABEL}\)\)|\({_LABEL}\)|\[\[{_LABEL}\]\]):::\w+"
    rf"|n\d+ (---|-\.-)(\|{_LABEL}\|)? [nv]\d+|subgraph b\d+\[{_LABEL}\]|end"
    r"|style n\d+ [\w:#,-]+|classDef \w+ [\w:#, -]+"
)


@named
def test_mermaid(text):
    written = to_mermaid(hostile.everywhere(text)).split("\n")
    assert len(written) == len(to_mermaid(hostile.everywhere("x")).split("\n"))
    json.loads(re.fullmatch(r"%%\{init: (.*)\}%%", written[0])[1])
    for line in written[1:-1]:
        assert _STATEMENT.fullmatch(line.strip()), line
        line.encode()


@named
def test_json(text, tmp_path):
    drawing = drawn(text)
    stored = drawing.save(tmp_path / "trace.json").read_text(encoding="utf-8")
    assert json.loads(stored)["entries"][0]["name"] == drawing.trace.entries[0].name
    again = viz.Trace.from_json(stored)
    assert again == drawing.trace
    assert viz.draw(again).source == drawing.source


@named
def test_errors(text):
    with pytest.raises(ValueError, match="draw: ") as caught:
        viz.draw(drawn("x").trace, inputs=text + "?")
    check_line(str(caught.value).replace("\n", ""))
    assert len(str(caught.value)) < 1000
