"""What overlays mark on drawings, in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor, log, relu, scope, sqrt
from nn import functional as F
from viz.overlays import OVERLAYS, overlay_of
from viz.svg import to_svg
from viz.themes import THEMES, Theme, tint

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of what is drawn here

GOLDEN = Path(__file__).parent / "golden"


def ill() -> Tensor:
    """NaN on both ways."""
    x = Tensor(np.array([1.0, 0.0, -2.0]), name="x")
    w = Tensor(np.array([0.5, -1.0, 2.0]), name="w")
    with scope("loss"):
        return (w * log(x)).sum() + sqrt(x * x).sum()


def deep(layers: int = 6) -> Tensor:
    nn.manual_seed(0)
    made: list[nn.Module] = []
    for _ in range(layers):
        made += [nn.Linear(8, 8), nn.Sigmoid()]
    net = nn.Sequential(*made, nn.Linear(8, 3))
    x = np.random.default_rng(0).random((16, 8)).astype(np.float32)
    return F.cross_entropy(net(Tensor(x, requires_grad=False)), np.arange(16) % 3)


def simple() -> Tensor:
    """Magnitudes that are powers of ten, and memory that is easily counted."""
    x = Tensor(np.full((4, 4), 1e-3), name="x")
    with scope("layer"):
        h = x * np.full((4, 4), 1e-6) * np.full((4, 4), 1e3)
    return (h * 1e5).sum()


DRAWINGS = {
    "findings": lambda: viz.draw(ill(), overlay="findings"),
    "gradients": lambda: viz.draw(simple(), overlay="gradients"),
    "saved": lambda: viz.draw(simple(), overlay="saved", collapse="layer"),
}
FORMATS = {"dot": lambda d: d.source, "mmd": lambda d: d.mermaid, "txt": lambda d: f"{d}\n"}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", DRAWINGS)
def test_text_is_the_golden_one(name, kind):
    assert FORMATS[kind](DRAWINGS[name]()) == (GOLDEN / f"overlay_{name}.{kind}").read_text(encoding="utf-8")


def marks(drawing: Any) -> dict[str, Any]:
    return {node.label: node.mark for node in drawing.graph.nodes if node.mark is not None}


def test_findings_stand_on_the_gates_and_below():
    drawing = viz.draw(ill(), overlay="findings")
    found = marks(drawing)
    assert found["log"].text == "⚠ first nan"
    assert found["√"].text == "⚠ first ∇ inf"
    assert all(mark.alarm for mark in found.values())
    assert "log (n1, in loss) gives 1 nan and 1 inf in 3 elements" in drawing.graph.note
    again = viz.diagnose(viz.trace(ill(), names=False)).draw().source
    assert again == viz.draw(ill(), overlay="findings", names=False).source


def test_a_healthy_graph_says_so():
    drawing = viz.draw((Tensor(2.0, name="x") * 0.5).exp(), overlay="findings")
    assert marks(drawing) == {}
    assert drawing.graph.note == "nothing found"


def test_a_fold_has_the_first_finding_and_counts_the_rest():
    found = marks(viz.draw(ill(), overlay="findings", collapse="loss"))
    assert found["loss"].text.startswith("⚠ first nan +")


def test_dead_units_are_told_in_percent():
    x = Tensor(np.random.default_rng(0).normal(size=(32, 8)) - 20, name="x")
    assert marks(viz.draw(relu(x).sum(), overlay="findings"))["relu"].text == "⚠ dead 100%"


def test_gradients_are_written_as_powers_of_ten_and_shaded_by_them():
    drawing = viz.draw(simple(), overlay="gradients")
    found = [(node.label, node.mark.text) for node in drawing.graph.nodes if node.mark]
    assert found == [
        ("x", "∇ 10^2"),
        ("×", "∇ 10^8"),
        ("×", "∇ 10^5"),
        ("×100000", "∇ 10^0"),
        ("Σ", "∇ 10^0"),
    ]
    shades = [node.mark.shade for node in drawing.graph.nodes if node.mark]
    assert shades == pytest.approx([4 / 6, 1.0, 1.0, 2 / 6, 2 / 6])
    assert [mark.shade for mark in drawing.graph.legend] == pytest.approx([-1, -4 / 6, -2 / 6, 0, 2 / 6, 4 / 6, 1])
    assert drawing.graph.legend[0].text == "10^-8 and less"
    assert not drawing.graph.pictures  # their colours would mean something else


def test_a_fold_has_the_range_of_gradients_and_the_most_extreme_shade():
    found = marks(viz.draw(simple(), overlay="gradients", collapse="layer"))
    assert found["layer"].text == "∇ 10^5 … 10^8"
    assert found["layer"].shade == 1.0


def test_gradients_are_computed_for_the_overlay_but_not_against_the_users_word():
    t = simple()
    assert viz.draw(t, overlay="gradients").graph.has_gradients
    assert t.grad is None
    left_out = viz.draw(t, overlay="gradients", gradients=False)
    assert marks(left_out) == {}
    assert "no gradients to show" in left_out.graph.note


def test_gradients_that_are_zero_or_odd_are_told():
    x = Tensor(np.zeros(3), name="x")
    assert marks(viz.draw((x * 0.0).sum(), overlay="gradients"))["x"].text == "∇ 0"
    assert marks(viz.draw(sqrt(x).sum(), overlay="gradients"))["x"].text == "∇ inf"
    assert marks(viz.draw(sqrt(x * 1.0 * x).sum(), overlay="gradients"))["x"].text == "∇ nan"


def test_memory_is_written_in_bytes_and_added_up_in_folds():
    drawing = viz.draw(simple(), overlay="saved")
    assert [node.mark.text for node in drawing.graph.nodes if node.mark] == ["128 bytes"] * 3
    assert marks(viz.draw(simple(), overlay="saved", collapse="layer"))["layer"].text == "256 bytes"
    assert drawing.graph.note == "kept for the backward pass: 384 bytes"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_our_own_svg_shows_what_the_drawing_holds(overlay, theme):
    drawing = viz.draw(deep(3), overlay=overlay, theme=theme)
    root = ElementTree.fromstring(to_svg(drawing.graph, theme=theme))
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    for node in drawing.graph.nodes:
        if node.mark is not None:
            assert node.mark.text in texts
    for mark in drawing.graph.legend:
        assert mark.text in texts
    width, height = float(root.get("width")), float(root.get("height"))
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(rect.get("x", 0)) + float(rect.get("width")) <= width + 0.1
        assert float(rect.get("y", 0)) + float(rect.get("height")) <= height + 0.1


def contrast(a: str, b: str) -> float:
    """The ratio of WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("shade", [-1.0, -0.5, 0.0, 0.5, 1.0])
def test_text_is_legible_on_every_shade(theme: Theme, shade: float):
    assert contrast(theme.ink, tint(shade, theme)) >= 4.5


def test_every_graph_that_can_be_drawn_can_be_overlaid():
    for t in (Tensor(3.0, name="x"), Tensor(3.0, requires_grad=False), Tensor(np.ones((2, 2))) * 2, deep(40)):
        for overlay in OVERLAYS:
            assert str(viz.draw(t, overlay=overlay))
            assert to_svg(viz.draw(t, overlay=overlay).graph)


def test_what_failed_and_what_was_cut_off_can_be_overlaid():
    w = Tensor(np.ones((2, 3)), name="w")
    with pytest.raises(ValueError, match="matmul"), viz.record() as recorded:
        _ = w.detach() * w @ np.ones((2, 2))
    drawing = viz.draw(recorded, overlay="findings")
    assert any(node.mark and node.mark.text == "⚠ failed" for node in drawing.graph.nodes)


def test_an_unknown_overlay_is_refused():
    with pytest.raises(ValueError, match="overlay must be one of 'findings', 'gradients', 'saved'; got 'nan'"):
        viz.draw(simple(), overlay="nan")


def test_hostile_names_stay_text_in_what_is_found():
    x = Tensor(np.array([np.nan]), name='<script>"&\x1b')
    drawing = viz.draw(x * 1.0, overlay="findings")
    for text in (drawing.source, to_svg(drawing.graph), drawing.mermaid):
        assert "<script" not in text
        assert "\x1b" not in text
    assert "\x1b" not in str(drawing)


def test_overlays_hold_no_state():
    trace = viz.trace(ill())
    overlay = overlay_of(trace, "findings")
    assert viz.draw(trace, overlay=overlay).source == viz.draw(trace, overlay=overlay).source


if __name__ == "__main__":
    for name, drawing in DRAWINGS.items():
        for kind, write in FORMATS.items():
            (GOLDEN / f"overlay_{name}.{kind}").write_text(write(drawing()), encoding="utf-8")
