"""The pages of viz.step as text: what they hold, and that nothing in them is anything but text."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import re
from pathlib import Path

import numpy as np
import pytest
import viz_graphs as graphs

import viz
from autograd import Tensor, scope
from viz import themes
from viz.stepping import Stepper, page
from viz.svg.text import text_width
from viz.traces import Trace

GOLDEN = Path(__file__).parent / "golden"

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onload="alert(1)',
    "'); alert(1); ('",
    "<!--<script>",
    "]]>",
    "{{data}}",
    "{{script}}",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "</style><style>*{display:none}",
    "</template><script>alert(1)</script>",
    "\u2028\u2029 two\nlines\x00\x1b[31m",
    "\u202egnp.exe",
    "${alert(1)}",
    "__proto__",
    "constructor",
    "n0",
    "𝓾𝓷𝓲𝓬𝓸𝓭𝓮 🦙 名前",
    "a" * 5000,
    "\ud800",
    "①②",
    "",
]


def hostile_graph(name):
    x = Tensor(2.0, name=name)
    with scope(name or "scope"):
        y = x * x
        y.name = name
    return (y + x).exp()


class Elements(html.parser.HTMLParser):
    """What a browser makes of a page: the elements, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.tags:
            self.texts.setdefault(self.tags[-1], []).append(data)


def data_in(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text)[1])


def skeleton(text):
    return Elements(text).tags


# ---------------------------------------------------------------------------------------------------------------------
# What viz.step gives
# ---------------------------------------------------------------------------------------------------------------------


def test_it_saves_a_file_that_needs_nothing_else(tmp_path):
    stepper = viz.step(graphs.sigmoid_example())
    path = stepper.save(tmp_path / "sigmoid.html")
    text = path.read_text(encoding="utf-8")
    assert text == stepper.html
    assert not re.search(r"""\b(src|href)\s*=\s*["']?[^#"']""", re.sub(r"<script.*?</script>", "", text, flags=re.S))
    assert "import(" not in text
    assert "fetch(" not in text
    assert "@import" not in text
    assert "url(" not in text


@pytest.mark.parametrize("name", ["step.svg", "step", "step.html.gz"])
def test_it_saves_nothing_but_html(name, tmp_path):
    with pytest.raises(ValueError, match=r"a page to step through is an \.html file; got"):
        viz.step(Tensor(1.0).exp()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_same_graph_gives_the_same_page():
    assert viz.step(graphs.network()).html == viz.step(graphs.network()).html


def test_show_opens_a_file(monkeypatch):
    seen = []
    monkeypatch.setattr("webbrowser.open", seen.append)
    path = viz.step(Tensor(1.0).exp()).show()
    assert seen == [path.as_uri()]
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_it_takes_a_trace_even_from_json():
    trace = viz.trace(graphs.fork(), check=True, names=False)
    text = viz.step(trace, title="fork").html
    assert text == viz.step(Trace.from_json(trace.to_json()), title="fork").html


def test_a_large_array_that_forks_has_its_running_sums():
    x = Tensor(np.ones((10, 10)), name="x")
    data = data_in(viz.step((x * 2 + x * 3 + x).sum()).html)
    assert [[total["mean"] for total in sums] for _, sums in data["running"]] == [[1.0, 4.0]]


def test_it_refuses_what_is_no_graph():
    with pytest.raises(TypeError, match="expected a Tensor, a Trace or a Recording, got float"):
        viz.step(3.0)


@pytest.mark.parametrize("given", [graphs.fork, lambda: viz.trace(graphs.fork())])
def test_it_refuses_what_nobody_steps_through(monkeypatch, given):
    monkeypatch.setattr("viz.stepping.LIMIT", 2)
    with pytest.raises(ValueError, match=r"has more than 2 gates, which nobody steps through"):
        viz.step(given())


def test_a_long_chain_is_refused_without_reading_it(monkeypatch):
    y = Tensor(1.0)
    for _ in range(3001):
        y = y + 1
    monkeypatch.setattr("viz.stepping.collect", None)
    with pytest.raises(ValueError, match=r"more than 3,000 gates"):
        viz.step(y)


def test_a_result_of_several_elements_says_what_is_missing():
    with pytest.raises(ValueError, match=r"scalar|element"):
        viz.step(Tensor([1.0, 2.0]).exp())


def test_no_grad_is_touched():
    t = graphs.sigmoid_example()
    viz.step(t)
    assert t.grad is None


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, []),
        ({"collapse": False}, []),
        ({"collapse": True}, ["0: Linear", "1: Tanh", "2: Linear", "MSE"]),
        ({"collapse": "Net"}, ["Net"]),
        ({"collapse": ["Net", "MSE"]}, ["Net", "MSE"]),
        ({"depth": 1}, ["Net", "0: Linear", "1: Tanh", "2: Linear", "MSE"]),
        ({"depth": 2}, ["0: Linear", "1: Tanh", "2: Linear"]),
    ],
)
def test_scopes_are_folded_as_asked(options, names):
    stepper = viz.step(graphs.network(), **options)
    folded = data_in(stepper.html)["folded"]
    assert [box.name for box in stepper.trace.boxes if box.id in folded] == names


def test_many_gates_are_folded_by_themselves(monkeypatch):
    monkeypatch.setattr("viz.stepping.FEW", 4)
    stepper = viz.step(graphs.network())
    folded = data_in(stepper.html)["folded"]
    assert {box.name for box in stepper.trace.boxes if box.id in folded} >= {"Net", "MSE"}


@pytest.mark.parametrize("depth", [0, -1, True, 1.5])
def test_depth_counts_from_one(depth):
    with pytest.raises(ValueError, match="depth counts scopes from the outside"):
        viz.step(graphs.network(), depth=depth)


def test_an_unknown_scope_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"no scope named 'Nut' .*; its scopes: '0: Linear', .*'Net'"):
        viz.step(graphs.network(), collapse="Nut")


EDGES = {
    "leaf": Tensor(3.0, name="x"),
    "constant": Tensor(3.0, requires_grad=False).exp() * Tensor(2.0),
    "empty": (Tensor(np.zeros((0, 3))) * 2).sum(),
    "odd": Tensor(np.array([np.nan, np.inf, -np.inf])).sum(),
    "extreme": (Tensor(np.array([1e307, 1e-307])) * 3).sum(),
    "float32": Tensor(np.float32(1.5)).exp(),
    "image": (Tensor(np.ones((2, 3, 20, 30))) * Tensor(np.ones((3, 1, 1)))).sum(),
    "pair": (Tensor(np.arange(3.0)) * Tensor(np.arange(3.0))).max(),
}


@pytest.mark.parametrize("root", EDGES.values(), ids=EDGES)
def test_edge_cases_give_a_page(root):
    data = data_in(viz.step(root).html)
    assert data["trace"]["root"]


# ---------------------------------------------------------------------------------------------------------------------
# Jupyter
# ---------------------------------------------------------------------------------------------------------------------


def test_jupyter_shows_it_in_a_frame_of_its_own_and_as_a_drawing_without_scripts():
    stepper = viz.step(graphs.sigmoid_example(), title="<i>")
    bundle = stepper._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    assert bundle["text/plain"].startswith("<Stepper through 8 gates, forward and backward: 18 steps;")
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "0.73" in bundle["image/svg+xml"]
    elements = Elements(bundle["text/html"])
    assert "script" not in elements.tags
    frame = dict(elements.attributes)["iframe"]
    assert frame["srcdoc"] == stepper.html
    assert "allow-same-origin" not in frame["sandbox"]


def test_repr_says_what_it_is_and_what_to_do():
    assert repr(viz.step(Tensor(1.0, name="x").exp())) == (
        '<Stepper through 1 gate, forward and backward: 4 steps; .save("step.html") writes it, .show() opens it>'
    )
    assert "forward: 2 steps" in repr(Stepper(viz.trace(Tensor(1.0).exp(), gradients=False), "x"))


def test_without_scripts_the_page_shows_the_drawing():
    text = viz.step(graphs.sigmoid_example()).html
    fallback = text[text.index("<noscript>") : text.index("</noscript>")]
    assert "<svg" in fallback
    assert "-0.53" in fallback
    assert " style=" not in fallback  # the policy would refuse it


# ---------------------------------------------------------------------------------------------------------------------
# The data
# ---------------------------------------------------------------------------------------------------------------------


def golden(root):
    """What a page says, without its numbers and places, which other tests look at."""
    text = viz.step(root, check=False, names=False).html
    data = data_in(text)
    kept = {key: data[key] for key in ("title", "rules", "running", "folded")}
    formulas = re.findall(r'<template id="m\d+">(.*?)</template>', text)
    kept["formulas"] = [re.sub("<[^>]+>", "", formula) for formula in formulas]
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", ["sigmoid", "fork"])
def test_the_data_are_the_golden_ones(name):
    root = {"sigmoid": graphs.sigmoid_example, "fork": graphs.fork}[name]()
    path = GOLDEN / f"step_{name}.json"
    assert golden(root) == path.read_text(encoding="utf-8")


def test_wires_of_the_layout_meet_gates_and_plates_do_not_overlap():
    data = data_in(viz.step(graphs.network()).html)
    entries, layout = data["trace"]["entries"], data["layout"]
    for entry, wires, (x, y, width, height) in zip(entries, layout["wires"], layout["nodes"], strict=True):
        for wire in wires:
            if wire is not None:
                end_x, end_y = wire["path"][-1]
                assert x - 1 <= end_x <= x + width / 2 + 1, entry
                assert y - 1 <= end_y <= y + height + 1
    plates = [(v["x"], v["y"] - v["above"], v["x"] + v["width"], v["y"] + v["below"]) for v in layout["values"]]
    for i, (a, b, c, d) in enumerate(plates):
        for e, f, g, h in plates[:i]:
            assert c <= e + 0.1 or g <= a + 0.1 or d <= f + 0.1 or h <= b + 0.1


def test_plates_have_room_for_what_is_written_there():
    data = data_in(viz.step(graphs.fork()).html)
    x = data["layout"]["values"][0]
    assert x["width"] >= text_width("14.00 (1/3)", 12.0)
    assert x["below"] >= 26.0  # two lines: the sum, and what is added


# ---------------------------------------------------------------------------------------------------------------------
# Nothing is anything but text
# ---------------------------------------------------------------------------------------------------------------------


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else():
    text = viz.step(graphs.fork()).html
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    script = re.search(r"<script>(.*?)</script>", text, flags=re.S)[1]
    styles = re.findall(r"<style>(.*?)</style>", text, flags=re.S)

    def sha(content):
        return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()

    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{sha(script)}'",
        " ".join(["style-src", *(f"'sha256-{sha(style)}'" for style in styles)]),
        "base-uri 'none'",
        "form-action 'none'",
    ]


@pytest.mark.parametrize("name", HOSTILE, ids=[ascii(name)[:20] for name in HOSTILE])
def test_a_hostile_name_changes_no_element_of_the_page(name):
    plain = viz.step(hostile_graph("plain"), title="plain").html
    hostile = viz.step(hostile_graph(name), title=name or "plain", names=False).html
    outside = [tag for tag in skeleton(hostile) if tag not in MATHEMATICS]
    assert [tag for tag in outside if tag not in DRAWN] == [
        tag for tag in skeleton(plain) if tag not in MATHEMATICS | DRAWN
    ]
    for tag, attributes in Elements(hostile).attributes:
        assert tag != "img"
        assert not [key for key in attributes if key.startswith("on")]
    assert data_in(hostile)["trace"]["root"] == data_in(plain)["trace"]["root"]


#: Templates and drawings have more of these or fewer when names come and go.
MATHEMATICS = {
    "template",
    "math",
    "mi",
    "mn",
    "mo",
    "mrow",
    "mfrac",
    "msub",
    "msup",
    "msubsup",
    "mtext",
    "mspace",
    "msqrt",
}
DRAWN = {"svg", "g", "path", "text", "tspan", "circle", "rect", "title", "style", "ellipse", "line"}


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\ud800" not in name])
def test_names_in_the_data_come_out_as_they_went_in(name):
    text = page.escape_json({"name": name})
    assert json.loads(text) == {"name": name}
    assert not re.search("[<>&\u2028\u2029]", text)


def test_scripts_never_make_markup_of_text():
    for script in page.SCRIPTS:
        text = page._asset(script)
        for word in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "DOMParser",
            "createContextualFragment",
        ):
            assert word not in text, f"{script} uses {word}"


# ---------------------------------------------------------------------------------------------------------------------
# Colours
# ---------------------------------------------------------------------------------------------------------------------


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", themes.THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("below", ["paper", "gate", "fold"])
@pytest.mark.parametrize("text", ["ink", "value", "gradient", "muted", "warning", "negative"])
def test_text_can_be_read(theme, text, below):
    assert contrast(getattr(theme, text), getattr(theme, below)) >= 4.5


def test_every_colour_that_the_style_uses_is_there():
    used = set(re.findall(r"var\(--([\w-]+)\)", page._asset("page.css")))
    assert used <= set(re.findall(r"--([\w-]+):", page._theme_css()))


if __name__ == "__main__":
    for name, root in (("sigmoid", graphs.sigmoid_example()), ("fork", graphs.fork())):
        (GOLDEN / f"step_{name}.json").write_text(golden(root), encoding="utf-8")
