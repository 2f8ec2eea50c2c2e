"""The pages of viz.step in a real browser, used as a reader would."""

from __future__ import annotations

import math

import numpy as np
import pytest
import viz_graphs as graphs
from test_stepping import EDGES, HOSTILE, hostile_graph

import viz
from autograd import Tensor, scope
from viz.format import lines, number
from viz.json_format import to_plain
from viz.numbers import Numbers
from viz.stepping.data import rounded

#: Every wire of the figure in the notes of Stanford's CS231n, in the order of evaluation: its value and its gradient.
PUBLISHED = {
    "n0": ("2.00", "-0.20"),  # w0
    "n1": ("-1.00", "0.39"),  # x0
    "n2": ("-2.00", "0.20"),
    "n3": ("-3.00", "-0.39"),  # w1
    "n4": ("-2.00", "-0.59"),  # x1
    "n5": ("6.00", "0.20"),
    "n6": ("4.00", "0.20"),
    "n7": ("-3.00", "0.20"),  # w2
    "n8": ("1.00", "0.20"),
    "n9": ("-1.00", "-0.20"),
    "n10": ("0.37", "-0.53"),
    "n11": ("1.37", "-0.53"),
    "n12": ("0.73", "1.00"),
}
GATES = ["n2", "n5", "n6", "n8", "n9", "n10", "n11", "n12"]
INPUTS = ["n0", "n1", "n3", "n4", "n7"]
SENT = {
    "n2": ["n0", "n1"],
    "n5": ["n3", "n4"],
    "n6": ["n2", "n5"],
    "n8": ["n6", "n7"],
    "n9": ["n8"],
    "n10": ["n9"],
    "n11": ["n10"],
    "n12": ["n11"],
}


def shown(page, side="above"):
    """What stands above or below the wires, by the ids of the values; what branches say is left out."""
    return page.evaluate(
        """(side) => {
            const plates = [...document.querySelectorAll(`#world .plate[data-side=${side}]:not([data-gate])`)];
            const text = (plate) => [...plate.querySelectorAll("text")].map((t) => t.textContent).join(" | ");
            return Object.fromEntries(plates.map((p) => [p.dataset.entry, text(p)]).filter(([, text]) => text));
        }""",
        side,
    )


def state(page):
    """Everything on the page but where the camera is on its way to."""
    return page.evaluate("document.body.innerHTML + document.getElementById('scrubber').value")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def step_of(page):
    return page.locator("#count").inner_text()


def deep():
    x = Tensor(0.5, name="x")
    y = x
    for i in range(6):
        with scope(f"block {i}"), scope("inside"):
            y = (y * x).tanh() + x
    return y


# ---------------------------------------------------------------------------------------------------------------------
# The walk
# ---------------------------------------------------------------------------------------------------------------------


def test_each_step_of_the_sigmoid_shows_the_published_numbers_of_what_is_known_by_then(visit):
    page = visit(viz.step(graphs.sigmoid_example()).html)
    values = {key: PUBLISHED[key][0] for key in INPUTS}
    gradients = {}
    assert shown(page) == values
    assert shown(page, "below") == {}
    for gate in GATES:
        page.click("#next")
        values[gate] = PUBLISHED[gate][0]
        assert shown(page) == values
        assert shown(page, "below") == {}
        assert page.locator("#world .node.active").get_attribute("data-entry") == gate
    page.click("#next")
    gradients["n12"] = "1.00"
    assert shown(page, "below") == gradients
    for gate in reversed(GATES):
        page.click("#next")
        gradients |= {key: PUBLISHED[key][1] for key in SENT[gate]}
        assert shown(page, "below") == gradients
        assert shown(page) == values
        assert page.locator("#world .node.active").get_attribute("data-entry") == gate
    assert step_of(page) == "17 / 17"
    assert {key: (values[key], gradients[key]) for key in PUBLISHED} == PUBLISHED


def test_the_arithmetic_of_a_step_is_on_the_screen(visit):
    page = visit(viz.step(graphs.sigmoid_example()).html, fragment="#step=8")
    panel = page.locator("#step-panel")
    assert page.locator("#step-panel .arithmetic").inner_text().split() == ["1", "1.37", "=", "0.73"]
    press(page, "ArrowRight")
    assert panel.locator(".arithmetic").inner_text() == "∂f/∂f = 1.00"
    press(page, "ArrowRight")
    text = " ".join(panel.locator(".arithmetic").inner_text().split())
    assert text == "upstream 1.00 × local − 1 1.37 2 (-0.53) = -0.53"
    assert page.locator("#sentence").inner_text() == (
        "Step 10 of 17. Backward: the 1/x gate gets 1.00 and sends 1.00 × -0.53 = -0.53 to m."
    )
    press(page, "ArrowLeft", "ArrowLeft")
    assert page.locator("#sentence").inner_text().startswith("Step 8 of 17. Forward: the 1/x gate takes")


def test_where_branches_meet_the_sum_grows_and_is_spelt_out(visit):
    page = visit(viz.step(graphs.fork()).html, fragment="#step=6")
    assert shown(page, "below")["n0"] == "2.00 (1/3)"
    assert page.locator("#step-panel .sum").all_inner_texts() == ["x = 2.00 (1 of 3 parts)"]
    press(page, "ArrowRight")
    assert shown(page, "below")["n0"] == "Σ 14.00 | += 12.00"
    assert page.locator("#step-panel .sum").all_inner_texts() == [
        "x += 12.00: 2.00 + 12.00 = 14.00 (3 of 3 parts)",
        "complete: 2.00 + 6.00 + 6.00 = 14.00, the sum over b, a, a",
    ]
    assert page.locator("#world .wire.active").count() == 3  # the way to + is not one of them
    branches = page.locator("#world .plate[data-gate] text").all_text_contents()
    assert sorted(branches) == ["2.00", "6.00", "6.00"]


def test_a_fork_of_large_arrays_shows_the_sum_so_far(visit):
    x = Tensor(np.ones((10, 10)), name="x")
    page = visit(viz.step((x * 2 + x * 3 + x).sum(), names=False).html, fragment="#step=last")
    texts = []
    for _ in range(8):
        texts.append(shown(page, "below").get("n0", ""))
        press(page, "ArrowLeft")
    found = [text for text in dict.fromkeys(texts) if text]
    assert found[0].startswith("all 6.00")
    assert found[1:] == ["all 4.00 (2/3) | +=", "all 1.00 (1/3)"]


@pytest.mark.parametrize(
    ("root", "options"),
    [
        (graphs.sigmoid_example, {}),
        (graphs.fork, {}),
        (graphs.network, {}),
        (graphs.network, {"depth": 1}),
        (graphs.network, {"collapse": ["0: Linear", "MSE"]}),
        (deep, {"depth": 2}),
    ],
)
def test_going_back_is_exact(visit, root, options):
    page = visit(viz.step(root(), **options).html)
    last = int(page.locator("#scrubber").get_attribute("max"))
    forward = [state(page)]
    for _ in range(last):
        press(page, "ArrowRight")
        forward.append(state(page))
    assert len(set(forward)) == last + 1
    for k in range(last - 1, -1, -1):
        press(page, "ArrowLeft")
        assert state(page) == forward[k], f"step {k} is not the same again"
    for k in (last, 0, last // 2, last // 2 + 1, 1):
        page.evaluate("k => glassgrad.goTo(k)", k)
        assert state(page) == forward[k], f"step {k} is not the same after a jump"


def test_positions_never_change(visit):
    page = visit(viz.step(graphs.network()).html)
    places = """[...document.querySelectorAll("#world .node rect, #world .wire")]
        .map((e) => ["x", "y", "width", "height", "d"].map((name) => e.getAttribute(name)))"""
    before = page.evaluate(places)
    for _ in range(16):
        press(page, "ArrowRight")
        assert page.evaluate(places) == before


def test_a_step_of_a_large_graph_touches_little(visit):
    y = Tensor(0.5, name="x")
    factors = [Tensor(0.1 * i, name=f"w{i}") for i in range(20)]
    for i in range(200):
        y = (y * factors[i % 20]).tanh()
    page = visit(viz.step(y, check=False, names=False).html, fragment="#step=500")
    assert page.evaluate("document.querySelectorAll('#world .node').length") == 421
    count = page.evaluate(
        """async () => {
            const counts = [];
            const observer = new MutationObserver(() => {});
            observer.observe(document.getElementById("world"), { subtree: true, childList: true, attributes: true });
            for (let i = 0; i < 30; i++) {
                glassgrad.goTo(glassgrad.state.step + 1);
                counts.push(observer.takeRecords().length);
            }
            return Math.max(...counts);
        }"""
    )
    assert 0 < count < 80


# ---------------------------------------------------------------------------------------------------------------------
# Controls
# ---------------------------------------------------------------------------------------------------------------------


def test_buttons(visit):
    page = visit(viz.step(graphs.fork()).html)
    assert step_of(page) == "0 / 7"
    assert page.locator("#previous").get_attribute("aria-disabled") == "true"
    page.click("#previous", force=True)
    assert step_of(page) == "0 / 7"
    for button, step in [("next", 1), ("next", 2), ("previous", 1), ("last", 7), ("first", 0)]:
        page.click(f"#{button}")
        assert step_of(page) == f"{step} / 7"
    page.click("#last")
    assert page.locator("#next").get_attribute("aria-disabled") == "true"
    assert page.locator("#scrubber").input_value() == "7"


def test_keys(visit):
    page = visit(viz.step(graphs.fork()).html)
    for key, step in [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", 7),
        ("Home", 0),
        ("ArrowLeft", 0),
    ]:
        press(page, key)
        assert step_of(page) == f"{step} / 7"
    press(page, "+", "+", "-")
    assert page.locator("#speed").input_value() == "2"
    press(page, "?")
    assert page.locator("#help").is_visible()
    press(page, "Escape")
    assert not page.locator("#help").is_visible()
    press(page, "t")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    press(page, "t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_playing_goes_to_the_end_and_stops(visit):
    page = visit(viz.step(graphs.fork()).html)
    page.select_option("#speed", "8")
    press(page, " ")
    assert page.locator("#play").get_attribute("aria-label") == "Pause"
    page.locator("#count", has_text="7 / 7").wait_for()
    assert page.locator("#play").get_attribute("aria-label") == "Play"
    page.select_option("#speed", "2")
    page.click("#play")  # from the start
    page.locator("#count", has_text="1 / 7").wait_for()
    page.click("#play")
    stopped = step_of(page)
    page.wait_for_timeout(900)
    assert step_of(page) == stopped
    page.click("#play")
    press(page, "ArrowLeft")
    assert page.locator("#play").get_attribute("aria-label") == "Play"


def test_the_scrubber_has_a_tick_for_each_step_and_its_phases(visit):
    page = visit(viz.step(graphs.sigmoid_example()).html)
    assert page.locator("#ticks .tick").count() == 18
    box = page.locator("#scrubber").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 9, box["y"] + 11)
    assert step_of(page) == "17 / 17"
    page.mouse.click(box["x"] + 9 + (box["width"] - 18) * 9 / 17, box["y"] + 11)
    assert step_of(page) == "9 / 17"
    assert page.locator("#scrubber").get_attribute("aria-valuetext") == "step 9 of 17, start of the backward pass"
    press(page, "ArrowRight")  # the scrubber has the focus
    assert step_of(page) == "10 / 17"


def test_a_graph_without_gradients_has_no_backward_phase(visit):
    page = visit(viz.step(viz.trace(graphs.fork(), gradients=False)).html)
    assert step_of(page) == "0 / 3"
    assert page.locator("#phase-backward").is_hidden()
    press(page, "End")
    assert shown(page, "below") == {}


def test_zoom_pan_fit_and_follow(visit):
    page = visit(viz.step(graphs.sigmoid_example()).html)

    def camera():
        x, y, scale = page.evaluate(
            """[...document.getElementById("world").style.transform.matchAll(/-?[\\d.]+/g)].map((m) => Number(m[0]))"""
        )
        return x, y, scale

    x, y, scale = camera()
    box = page.locator("#graph").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.wheel(0, -300)
    page.locator("#follow[aria-pressed=false]").wait_for()
    assert camera()[2] > scale * 1.3
    before = camera()
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 40, steps=4)
    page.mouse.up()
    assert camera()[0] - before[0] == pytest.approx(60, abs=8)
    assert camera()[1] - before[1] == pytest.approx(40, abs=8)
    assert page.locator("#inspector").is_hidden()  # a drag is no click
    press(page, "f")
    assert camera()[2] <= scale
    page.click("#zoom-in")
    page.click("#zoom-out")
    page.click("#follow")
    assert page.locator("#follow").get_attribute("aria-pressed") == "true"
    assert camera() == (x, y, scale)


def test_the_current_gate_is_kept_in_sight(visit):
    page = visit(viz.step(graphs.network()).html, viewport={"width": 500, "height": 800})
    for _ in range(int(page.locator("#scrubber").get_attribute("max"))):
        press(page, "ArrowRight")
        inside = page.evaluate(
            """() => {
                const node = document.querySelector("#world .node.active .outline").getBoundingClientRect();
                const frame = document.getElementById("graph").getBoundingClientRect();
                const beside = node.left >= frame.left && node.right <= frame.right;
                return beside && node.top >= frame.top && node.bottom <= frame.bottom;
            }"""
        )
        assert inside


def test_pinching_zooms(visit):
    page = visit(viz.step(graphs.fork()).html)
    scale = page.evaluate(
        """() => {
            const graph = document.getElementById("graph");
            const { left, top } = graph.getBoundingClientRect();
            const fire = (type, pointerId, x, y) => graph.dispatchEvent(
                new PointerEvent(type, { pointerId, clientX: left + x, clientY: top + y, bubbles: true, button: 0 }));
            graph.setPointerCapture = () => {};
            const scale = () => Number(/scale\\(([\\d.]+)/.exec(document.getElementById("world").style.transform)[1]);
            const before = scale();
            fire("pointerdown", 1, 100, 100);
            fire("pointerdown", 2, 200, 100);
            fire("pointermove", 2, 300, 100);
            fire("pointerup", 1, 100, 100);
            fire("pointerup", 2, 300, 100);
            return scale() / before;
        }"""
    )
    assert scale == pytest.approx(2.0, rel=0.01)


# ---------------------------------------------------------------------------------------------------------------------
# The inspector
# ---------------------------------------------------------------------------------------------------------------------


def test_the_inspector_multiplies_the_derivatives_along_each_path(visit):
    page = visit(viz.step(graphs.fork()).html, fragment="#step=last")
    page.click("#world .node[data-entry=n0]")
    inspector = page.locator("#inspector")
    assert inspector.locator("h3").first.inner_text() == "chain rule: 3 paths to the output"
    assert inspector.locator(".route").all_inner_texts() == ["x → b (+) → y", *["x → a (×) → b (+) → y"] * 2]
    assert inspector.locator(".product").all_inner_texts() == [
        "2.00 × 1.00 = 2.00",
        "2.00 × 1.00 × 3.00 = 6.00",
        "2.00 × 1.00 × 3.00 = 6.00",
    ]
    assert inspector.locator(".paths .arithmetic").inner_text() == "their sum is the gradient: 14.00"
    assert inspector.locator(".check .verdict").inner_text() == "✓ they agree"
    assert inspector.locator(".check .arithmetic").inner_text() == "(f(x+h) − f(x−h)) / 2h = 14.00; gradient 14.00"
    page.click("#inspector .close")
    assert inspector.is_hidden()


def test_paths_are_counted_even_where_there_are_too_many_to_list(visit):
    y = x = Tensor(1.0, name="x")
    for _ in range(30):
        y = y + y
    page = visit(viz.step(y, check=False).html, fragment="#step=last")
    page.evaluate("glassgrad.select({id: 'n0'})")
    assert page.locator("#inspector h3").first.inner_text() == "chain rule: 1,073,741,824 paths to the output"
    assert page.locator("#inspector .paths li").count() == 12
    assert "1,073,741,812 more" in page.locator("#inspector .paths").inner_text()
    assert x.grad is None


def test_a_wrong_gradient_rule_is_seen(visit):
    from dataclasses import replace

    from viz.traces import Check

    trace = viz.trace(graphs.fork(), check=True)
    wrong = replace(trace.entries[0], check=Check(13.0, 14.0, "x", "differs"))
    page = visit(viz.step(replace(trace, entries=(wrong, *trace.entries[1:]))).html)
    page.click("#world .node[data-entry=n0]")
    assert page.locator("#inspector .check .verdict").inner_text().startswith("✗ they differ by 7.1 %")


def test_wires_and_branches_are_inspected_by_mouse_and_by_keyboard(visit):
    page = visit(viz.step(graphs.fork()).html, fragment="#step=last")
    box = page.evaluate(
        """() => {
            const wires = [...document.querySelectorAll("#world .wire")];
            const level = wires.filter((wire) => !wire.getAttribute("d").includes("C"));
            const { left, top, width, height } = level.at(-1).getBoundingClientRect();
            return [left + width / 2, top + height / 2];
        }"""
    )
    page.mouse.click(box[0], box[1] + 3)  # not quite on it
    assert page.locator("#inspector").is_visible()
    press(page, "Escape")
    assert page.locator("#inspector").is_hidden()
    branch = page.locator("#world .plate[data-gate=n1][data-position='1']")
    branch.focus()
    press(page, "Enter")
    assert "This branch goes into the × gate, which sends back 6.00." in page.locator("#inspector").inner_text()
    page.locator("#world .node[data-entry=n2]").focus()
    press(page, "Enter")
    assert page.locator("#inspector h2").inner_text() == "b"
    press(page, "Shift+ArrowLeft", "Enter")
    assert page.locator("#inspector h2").inner_text() == "a"
    press(page, "Shift+ArrowRight", "Shift+ArrowRight", "Enter")
    assert page.locator("#inspector h2").inner_text() == "y"


def test_the_inspector_knows_arrays(visit):
    page = visit(viz.step(graphs.network()).html, fragment="#step=last")
    page.evaluate("glassgrad.select({id: 'n1'})")
    text = page.locator("#inspector").inner_text()
    assert "shape" in text
    assert "(3, 2)" in text
    assert page.locator("#inspector .matrix").count() == 2
    assert page.locator("#inspector svg[aria-label^=histogram]").count() == 2


def test_the_inspector_says_where_a_value_was_recorded(visit):
    x = Tensor(2.0, name="x")
    with viz.record() as recording:
        y = x * x + 1
    y.backward()
    page = visit(viz.step(recording).html, fragment="#step=last")
    page.evaluate("glassgrad.select({id: 'n1'})")
    assert "y = x * x + 1" in page.locator("#inspector .source").inner_text()
    assert "test_stepping_browser.py:" in page.locator("#inspector .source").inner_text()


def test_what_failed_is_shown_with_its_reason(visit):
    a, b = Tensor(np.ones((2, 3)), name="a"), Tensor(np.ones((4, 5)), name="b")
    with pytest.raises(ValueError, match="matmul"), viz.record() as recording:
        (a * 2) @ b
    page = visit(viz.step(recording).html, fragment="#step=last")
    assert "It failed:" in page.locator("#step-panel").inner_text()
    assert page.locator("#world .node.failed").count() == 1


# ---------------------------------------------------------------------------------------------------------------------
# Folding
# ---------------------------------------------------------------------------------------------------------------------


def test_a_fold_is_one_step_and_opens_in_its_place(visit):
    page = visit(viz.step(graphs.network(), depth=1).html)
    assert step_of(page) == "0 / 5"
    assert [name.split(", ")[0] for name in titles(page)] == ["Open Net", "Open MSE"]
    press(page, "ArrowRight")
    page.click("#world .box-title[aria-label^='Open Net']")
    assert step_of(page) == "3 / 9"
    assert {name.split(", ")[0] for name in titles(page)} == {
        "Fold Net",
        "Open 0: Linear",
        "Open 1: Tanh",
        "Open 2: Linear",
        "Open MSE",
    }
    page.locator("#world .box-title[aria-label^='Fold Net']").focus()
    press(page, "Enter")
    assert step_of(page) == "1 / 5"
    page.select_option("#depth", "0")
    assert page.locator("#world .fold").count() == 0
    page.select_option("#depth", "2")
    assert {name.split(", ")[0] for name in titles(page)} == {
        "Fold Net",
        "Open 0: Linear",
        "Open 1: Tanh",
        "Open 2: Linear",
        "Fold MSE",
    }


def titles(page):
    return page.evaluate("[...document.querySelectorAll('#world .box-title')].map((t) => t.getAttribute('aria-label'))")


def rects(page):
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("#world .node")].map((node) => {
            const box = node.querySelector(".outline");
            const numbers = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
            return [node.dataset.entry || node.dataset.box, numbers];
        }))"""
    )


@pytest.mark.parametrize("root", [graphs.network, deep])
def test_whatever_is_folded_nothing_overlaps_and_what_shows_keeps_its_order(visit, root):
    page = visit(viz.step(root(), collapse=False).html)
    boxes = page.evaluate("glassgrad.data.trace.boxes.map((box) => box.id)")
    unfolded = rects(page)
    rng = np.random.default_rng(0)
    for _ in range(12):
        folded = [box for box in boxes if rng.random() < 0.5]
        page.evaluate("ids => { glassgrad.setFolded(new Set(ids)); glassgrad.render(); }", folded)
        found = list(rects(page).items())
        for i, (one, (x, y, w, h)) in enumerate(found):
            for other, (a, b, c, d) in found[:i]:
                assert x + w <= a + 0.1 or a + c <= x + 0.1 or y + h <= b + 0.1 or b + d <= y + 0.1, (
                    one,
                    other,
                    folded,
                )
                if one in unfolded and other in unfolded:
                    (ux, uy, uw, uh), (va, vb, vc, vd) = unfolded[one], unfolded[other]
                    assert not (ux + uw <= va and a + c <= x)
                    assert not (va + vc <= ux and x + w <= a)
                    assert not (uy + uh <= vb and b + d <= y)
                    assert not (vb + vd <= uy and y + h <= b)
    page.evaluate("() => { glassgrad.setFolded(new Set()); glassgrad.render(); }")
    assert rects(page) == unfolded


def test_gradients_stay_on_the_boundary_of_a_fold(visit):
    page = visit(viz.step(graphs.network(), depth=1).html, fragment="#step=last")
    assert "0.53" in shown(page, "below")["n7"]  # what MSE sent to Net's result
    assert "to x" not in page.locator("#step-panel").inner_text()  # which needs no gradient
    assert "to w1" in page.locator("#step-panel").inner_text()


# ---------------------------------------------------------------------------------------------------------------------
# Numbers and formulas
# ---------------------------------------------------------------------------------------------------------------------


def test_numbers_are_written_as_everywhere_else(visit):
    rng = np.random.default_rng(0)
    values = [*(rng.normal(size=300) * 10.0 ** rng.integers(-12, 12, size=300)).tolist()]
    values += [
        0.0,
        -0.0,
        0.125,
        -0.125,
        0.375,
        2.5,
        1.005,
        0.005,
        0.01,
        0.00999,
        0.009995,
        99999.995,
        1e5,
        100500.0,
        101500.0,
    ]
    values += [1e300, 5e-324, 1e-5, -1e22, 123456.789, 999999.5, math.pi, 2 / 3]
    page = visit(viz.step(Tensor(1.0).exp()).html)
    found = page.evaluate("values => values.map((x) => glassgrad.number(x))", values)
    assert found == [number(value) for value in values]
    assert page.evaluate("['nan', 'inf', '-inf', true, {re: 1, im: -2.5}].map((x) => glassgrad.number(x))") == [
        "nan",
        "inf",
        "-inf",
        "True",
        "1.00-2.50j",
    ]
    assert page.evaluate("[3, -7, 100000].map((x) => glassgrad.number(x, 'int64'))") == ["3", "-7", "1.00e5"]


def test_arrays_are_summarised_as_everywhere_else(visit):
    page = visit(viz.step(Tensor(1.0).exp()).html)
    for array in (
        np.array([1.0, -2.0]),
        np.array([[1.5], [np.nan]]),
        np.arange(12.0),
        np.array([np.inf, *range(20)]),
        np.full(9, 2.5),
        np.zeros((0, 3)),
        np.arange(6) * (1 + 2j),
        np.arange(3),
    ):
        numbers = Numbers.of(array, pictures=True)
        found = page.evaluate("numbers => glassgrad.lines(numbers)", rounded(to_plain(numbers)))
        assert found == lines(numbers), array


def test_negative_numbers_are_bracketed_where_they_would_be_misread(visit):
    x, y = Tensor(-2.0, name="x"), Tensor(-3.0, name="y")
    page = visit(viz.step(x**2 - x * y).html)
    seen = []
    for _ in range(10):
        seen += [" ".join(t.split()) for t in page.locator("#step-panel .arithmetic").all_inner_texts()]
        press(page, "ArrowRight")
    assert "( −2.00 ) 2 = 4.00" in seen
    assert "−2.00 × ( −3.00 ) = 6.00" in seen
    assert "4.00 − 6.00 = -2.00" in seen
    assert any("2 × ( −2.00 )" in text for text in seen)


def test_the_jacobian_of_a_small_elementwise_gate_is_shown_in_full(visit):
    x = Tensor(np.array([0.0, 1.0]), name="x")
    page = visit(viz.step(x.exp().sum()).html, fragment="#step=last")
    table = page.locator("#step-panel table[aria-label=Jacobian]")
    assert [row.split() for row in table.inner_text().strip().split("\n")] == [["1.00", "0.00"], ["0.00", "2.72"]]


def test_a_broadcast_is_undone_in_words(visit):
    x, b = Tensor(np.ones((3, 2)), name="x"), Tensor(np.zeros(2), name="b")
    page = visit(viz.step((x + b).sum()).html, fragment="#step=last")
    assert "broadcast undone: (3, 2) → (2,)" in page.locator("#step-panel").inner_text()


def test_edge_cases_can_be_walked_through_and_inspected(visit):
    for name, root in EDGES.items():
        page = visit(viz.step(root, title=name).html)
        sentences = page.evaluate(
            """glassgrad.steps().map((step) => {
                glassgrad.goTo(step.number);
                for (const entry of glassgrad.state.trace.entries) glassgrad.select({ id: entry.id });
                return document.getElementById("sentence").textContent;
            })"""
        )
        assert len(set(sentences)) == len(sentences) >= 2
        assert not [text for text in sentences if "undefined" in text or "[object" in text]
        assert "undefined" not in page.locator("body").inner_text()


# ---------------------------------------------------------------------------------------------------------------------
# Safety
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", range(4))
def test_hostile_names_are_text(visit, part):
    names = HOSTILE[part::4]
    total = hostile_graph(names[0])
    for name in names[1:]:
        total = total + hostile_graph(name)
    page = visit(viz.step(total, title=names[0], names=False, collapse=False).html)
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, a:not(.skip)').length") == 0
    assert page.evaluate("document.scripts.length") == 2
    page.evaluate("for (let i = 0; i < glassgrad.steps().length; i++) glassgrad.goTo(i)")
    page.evaluate("for (const entry of glassgrad.state.trace.entries) glassgrad.select({ id: entry.id })")
    world = page.locator("#world").text_content()
    page.evaluate("glassgrad.foldDepth(1)")
    folded = page.locator("#world").text_content()
    for name in names:
        if name and name.isprintable() and len(name) < 40:
            assert name in world
            assert name in folded
    assert page.evaluate("document.scripts.length") == 2


def test_the_policy_stops_what_the_page_itself_does_not_do(browser, tmp_path):
    path = viz.step(graphs.fork()).save(tmp_path / "fork.html")
    page = browser.new_page()
    asked, blocked = [], []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: asked.append(request.failure))
    page.on("console", lambda message: blocked.append(message.text))
    page.goto(path.as_uri())
    page.evaluate(
        """() => {
            const image = document.createElement("img");
            image.src = "http://127.0.0.1:9/a.png";
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            const button = document.createElement("button");
            button.setAttribute("onclick", "window.ran = true");
            document.body.append(image, script, button);
            button.click();
            return fetch("http://127.0.0.1:9/").catch(() => {});
        }"""
    )
    assert asked[0] == path.as_uri()
    assert set(asked[1:]) <= {"csp"}
    assert page.evaluate("window.ran") is None
    assert len(blocked) >= 4
    assert all("Content Security Policy" in text for text in blocked)
    page.close()


def test_in_a_notebook_it_runs_in_its_frame(browser):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(f"<!DOCTYPE html><body>{viz.step(graphs.fork())._repr_html_()}</body>")
    frame = page.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#count").inner_text() == "1 / 7"
    turned = """(graph, ctrlKey) => {
        const wheel = new WheelEvent("wheel", { deltaY: -100, ctrlKey, cancelable: true, bubbles: true });
        graph.dispatchEvent(wheel);
        return wheel.defaultPrevented;
    }"""
    assert not frame.locator("#graph").evaluate(turned, False)  # it scrolls the notebook
    assert frame.locator("#graph").evaluate(turned, True)
    assert errors == []
    page.close()


def test_without_scripts_the_drawing_and_its_numbers_show(browser, tmp_path):
    path = viz.step(graphs.sigmoid_example()).save(tmp_path / "sigmoid.html")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto(path.as_uri())
    assert page.locator("noscript svg").is_visible()
    assert "-0.53" in page.locator("noscript svg").text_content()
    label = page.locator("noscript svg text.local").first
    assert label.evaluate("label => getComputedStyle(label).stroke") == "none"  # of the page's own wires
    assert [page.locator(part).is_visible() for part in ("header", "main", "footer")] == [False] * 3
    assert errors == []
    context.close()


# ---------------------------------------------------------------------------------------------------------------------
# Readers
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 900, 1900])
def test_it_fits_the_screen(visit, width, scheme):
    page = visit(
        viz.step(graphs.network()).html,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        fragment="#step=11",
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.evaluate(
        """[...document.querySelectorAll("header, footer, #graph, #step-panel, #sentence, footer button")]
            .map((e) => e.getBoundingClientRect()).map((r) => [r.left, r.right, r.width, r.height])"""
    )
    for left, right, wide, high in sizes:
        assert left >= 0
        assert right <= width
        assert wide >= 30
        assert high >= 30
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 25, 29)"}[scheme]
    assert len(page.screenshot()) > 10_000


def test_on_paper_it_is_dark_on_white_and_without_controls(visit):
    page = visit(viz.step(graphs.fork()).html, color_scheme="dark", fragment="#step=6")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("footer").is_hidden()
    assert page.locator(".tools").is_hidden()
    assert page.locator("#step-panel").is_visible()


def test_every_control_has_a_name_and_focus_goes_through_them_in_order(visit):
    page = visit(viz.step(graphs.fork()).html)
    nameless = page.evaluate(
        """[...document.querySelectorAll("button, select, input:not([aria-hidden]), [role=button]")].filter((e) =>
            !(e.getAttribute("aria-label") || e.textContent.trim() || e.title)).map((e) => e.outerHTML)"""
    )
    assert nameless == []
    order = []
    for _ in range(60):
        press(page, "Tab")
        order.append(
            page.evaluate("document.activeElement.id || document.activeElement.getAttribute('data-entry') || ''")
        )
        if order[-1] == "scrubber":
            break
    places = [
        order.index(name) for name in ("zoom-out", "help-button", "n0", "n3", "first", "play", "last", "scrubber")
    ]
    assert places == sorted(places)


def test_a_screen_reader_hears_each_step_and_what_each_gate_is(visit):
    page = visit(viz.step(graphs.fork()).html, fragment="#step=6")
    spoken = page.locator("#spoken")
    assert spoken.get_attribute("aria-live") == "polite"
    assert (
        spoken.text_content()
        == page.locator("#sentence").inner_text()
        == (
            "Step 6 of 7. Backward: the + gate gets 2.00 and sends 2.00 × 1.00 = 2.00 to a and 2.00 × 1.00 = 2.00 to x."
        )
    )
    names = page.evaluate("[...document.querySelectorAll('#world .node')].map((n) => n.getAttribute('aria-label'))")
    assert names[0] == "variable x, value 3.00, gradient 2.00 so far, 1 of 3 parts"
    assert names[1] == "gate × (multiply), called a, value 9.00, gradient 2.00"


def test_a_screen_reader_hears_minus_and_what_branches_send(visit):
    page = visit(viz.step(graphs.sigmoid_example()).html, fragment="#step=6")
    assert (
        page.locator("#spoken").text_content() == "Step 6 of 17. Forward: the exp gate takes minus 1.00 and gives 0.37."
    )
    assert page.locator("#sentence").get_attribute("aria-hidden") == "true"  # else it is read twice
    assert page.evaluate("glassgrad.spoken('-1.0e-5 to 2e3, -inf, x-y')") == (
        "minus 1.0 times ten to the minus 5 to 2 times ten to the 3, minus inf, x-y"
    )
    page = visit(viz.step(graphs.fork()).html, fragment="#step=6")
    branches = page.evaluate("[...document.querySelectorAll('.plate[role=button]')].map((n) => n.ariaLabel).sort()")
    assert branches[-1] == "branch of x into b, gradient 2.00"
    assert page.locator("#world .plate:not([role]):not([aria-hidden=true])").count() == 0


# ---------------------------------------------------------------------------------------------------------------------
# Room
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height", "least"), [(1000, 720, 0.9), (1900, 1000, 1.6), (1060, 640, 0.9)])
def test_a_flat_graph_shows_whole_and_large_with_its_text_below(visit, width, height, least):
    page = visit(viz.step(graphs.sigmoid_example()).html, viewport={"width": width, "height": height})
    graph, aside = page.locator("#graph").bounding_box(), page.locator("aside").bounding_box()
    assert aside["y"] >= graph["y"] + graph["height"]
    for node in page.locator("#world .node").all():
        box = node.bounding_box()
        assert graph["x"] <= box["x"] < box["x"] + box["width"] <= graph["x"] + graph["width"]
        assert graph["y"] <= box["y"] < box["y"] + box["height"] <= graph["y"] + graph["height"]
    assert scale_of(page) >= least
    for step in range(18):  # nothing stands beside its column
        page.evaluate("n => glassgrad.goTo(n)", step)
        assert (
            page.evaluate(
                "(() => { const a = document.querySelector('aside'); return a.scrollWidth - a.clientWidth; })()"
            )
            <= 0
        )
    page.evaluate("glassgrad.select({ id: 'n0' })")
    panel, inspector = page.locator("#step-panel").bounding_box(), page.locator("#inspector").bounding_box()
    assert panel["x"] + panel["width"] <= inspector["x"]


def scale_of(page):
    return page.evaluate("Number(/scale\\(([\\d.]+)/.exec(document.getElementById('world').style.transform)[1])")


@pytest.mark.parametrize(("width", "least"), [(360, 1.0), (1280, 0.85), (1900, 1.1)])
def test_what_is_too_large_to_show_whole_can_be_read_and_fits_on_demand(visit, width, least):
    page = visit(viz.step(graphs.network()).html, viewport={"width": width, "height": 700})
    assert scale_of(page) >= least
    assert not page.evaluate("document.documentElement.classList.contains('flat')") or width > 760
    page.click("#fit")
    graph = page.locator("#graph").bounding_box()
    for node in page.locator("#world .node").all():
        box = node.bounding_box()
        assert graph["x"] - 1 <= box["x"] < box["x"] + box["width"] <= graph["x"] + graph["width"] + 1


def test_editing_an_input_keeps_every_element_of_the_drawing(visit):
    page = visit(viz.step(graphs.sigmoid_example()).html, fragment="#step=last")
    page.evaluate("window.before = [...document.querySelectorAll('#world .wire, #world .node, #world .plate')]")
    page.evaluate("glassgrad.setInputs([['n0', 0]])")
    assert page.evaluate("window.before.every((element) => element.isConnected)")
    assert (shown(page)["n0"], shown(page, "below")["n0"]) == ("0.00", "-0.05")
    assert shown(page)["n12"] == "0.95"
    assert "value 0.00" in page.locator("#world .node[data-entry=n0]").get_attribute("aria-label")


def test_on_a_phone_what_was_tapped_is_told_in_sight(visit):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page = visit(viz.step(graphs.sigmoid_example()).html, fragment="#step=11", **phone)
    page.tap("#world .node.active")
    heading, player = page.locator("#inspector h2").bounding_box(), page.locator("footer").bounding_box()
    assert heading["y"] + heading["height"] < player["y"]
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for bar in (".tools", ".buttons"):  # in one row, and large enough for a finger
        buttons = [button.bounding_box() for button in page.locator(f"{bar} button:visible").all()]
        assert len({round(box["y"]) for box in buttons}) == 1
        assert min(min(box["width"], box["height"]) for box in buttons) >= 32


# ---------------------------------------------------------------------------------------------------------------------
# Words
# ---------------------------------------------------------------------------------------------------------------------


def test_letters_are_explained_where_the_first_stands_and_x_where_it_is_another_input(visit):
    page = visit(viz.step(graphs.sigmoid_example()).html)
    told = []
    for _ in range(18):
        told.append(page.locator("#step-panel").inner_text())
        press(page, "ArrowRight")
    assert [i for i, text in enumerate(told) if "gives this result no name" in text] == [1]
    assert "so it is called a here" in told[1]
    assert "where x is m" in told[10]
    assert "where x is" not in told[14]  # a sum of two names both
    page = visit(viz.step(Tensor(0.5, name="x").tanh()).html, fragment="#step=last")
    assert "where x is" not in page.locator("#step-panel").inner_text()


def test_what_failed_is_red_and_said_in_two_lines(visit):
    with pytest.raises(ValueError, match="matmul"), viz.record() as recording:
        Tensor(np.ones((2, 3)), name="A") @ Tensor(np.ones((4, 2)), name="B")
    page = visit(viz.step(recording).html, fragment="#step=last")
    assert page.locator("#step-panel h2").inner_text() == "@ gate"
    assert len(page.locator("#sentence").inner_text()) < 180
    red = page.evaluate("getComputedStyle(document.querySelector('#step-panel .failure')).color")
    looks = page.evaluate(
        """[...document.querySelectorAll('.node.failed.active .outline, .node.failed text')].map((e) => {
            const style = getComputedStyle(e);
            return e.matches('text') ? style.fill : style.stroke;
        })"""
    )
    assert len(looks) >= 3
    assert set(looks) == {red}


def test_without_a_gate_nothing_is_announced(visit):
    page = visit(viz.step(Tensor(3.0, name="x")).html)
    assert page.locator("#sentence").inner_text() == "Step 0 of 1. The inputs: 1 value. Nothing is computed from them."


def test_pointing_at_an_element_marks_what_it_comes_from_and_goes_to(visit):
    def marked(of):
        cells = f"[...document.querySelectorAll(`#step-panel {of} td`)]"
        return page.evaluate(f"{cells}.flatMap((cell, i) => cell.classList.contains('related') ? [i] : [])")

    w, x = Tensor(np.arange(6.0).reshape(2, 3), name="W"), Tensor(np.array([1.0, 2.0, 3.0]), name="x")
    b = Tensor(np.array([[0.5], [1.5]]), name="b")
    page = visit(viz.step(((w + b) @ x).sum()).html, fragment="#step=1")
    page.locator("#step-panel [data-result] td").nth(4).hover()  # row 1, column 1 of W + b
    assert (marked("[data-input='0']"), marked("[data-input='1']")) == ([4], [1])
    page.locator("#step-panel [data-input='1'] td").nth(0).hover()  # an element that is stretched along a row
    assert marked("[data-result]") == [0, 1, 2]
    page.keyboard.press("ArrowRight")  # the product
    page.locator("#step-panel [data-result] td").nth(1).hover()
    assert (marked("[data-input='0']"), marked("[data-input='1']")) == ([3, 4, 5], [0, 1, 2])
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.locator("#step-panel [data-input='0'] td").nth(2).hover()  # a gradient of the product's first row
    assert marked("[data-result]") == [0]
    page.locator("#step-panel h2").hover()
    assert marked("table") == []
    page.click("#first")
    assert marked("table") == []


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (lambda a, b: a + b, [(2, 3), (1, 3)]),
        (lambda a, b: a * b, [(2, 1, 3), (2, 1)]),
        (lambda a, b: a - b, [(3,), ()]),
        (lambda a, b: a @ b, [(2, 3), (3, 2)]),
        (lambda a, b: a @ b, [(3,), (3, 2)]),
        (lambda a, b: a @ b, [(2, 3), (3,)]),
        (lambda a, b: a @ b, [(3,), (3,)]),
        (lambda a: a.sum(), [(2, 3)]),
        (lambda a: a.tanh(), [(2, 2)]),
    ],
)
def test_marked_elements_are_those_that_a_change_reaches(visit, function, shapes):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape) for shape in shapes]
    inputs = [Tensor(array, name=f"input {i}") for i, array in enumerate(arrays)]
    result = function(*inputs)
    page = visit(viz.step(result.sum() * 2 if result.shape else result * 2).html)
    for position, array in enumerate(arrays):
        told = page.evaluate(
            """([position, n]) => Array.from({ length: n },
                (_, i) => glassgrad.elementsFor(glassgrad.derived.gates[0], position, i))""",
            [position, int(np.prod(result.shape))],
        )
        reached = [set() for _ in told]
        for i in range(array.size):
            moved = array.copy()
            moved.reshape(-1)[i] += 1.0
            changed = function(*(Tensor(moved) if j == position else x for j, x in enumerate(inputs))).numpy()
            for j in np.flatnonzero(np.reshape(changed != result.numpy(), -1)):
                reached[j].add(i)
        assert [set(elements) for elements in told] == reached
