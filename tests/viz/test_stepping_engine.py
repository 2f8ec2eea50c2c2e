"""The page computes a graph anew when its inputs are edited, and asks for its gradients: both in a real browser.

What it computes is compared with the engine, and what it says then with what a page says that was made for the edited
inputs from the start.
"""

from __future__ import annotations

import json
import math
import struct

import numpy as np
import pytest
import viz_graphs as graphs

import autograd.ops
import autograd.scipy.special
import viz
from autograd import Tensor
from autograd.primitives import REGISTRY
from viz.collect import collect
from viz.format import number
from viz.json_format import to_dict

#: Those of SciPy's functions are not computed in the page, which says so.
ELEMENTWISE = [p for p in REGISTRY.values() if p.kind == "elementwise" and hasattr(autograd.ops, p.name)]
SPECIAL = [p for p in REGISTRY.values() if p.kind == "elementwise" and hasattr(autograd.scipy.special, p.name)]

ODD = {
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
    "nan": math.nan,
    "inf": math.inf,
    "-inf": -math.inf,
}

#: Recomputes traces: [before, after] to the numbers of "before" with the inputs of "after"; a text where it refuses.
RECOMPUTE = """text => JSON.stringify(JSON.parse(text).map(([before, after]) => {
  const g = glassgrad;
  const refusal = g.refusal(before);
  if (refusal !== null) return refusal;
  const edits = new Map(g.editable(after).map((entry) => [entry.id, g.real(entry.value.values[0])]));
  const only = (numbers) => (numbers === null ? null : numbers.values[0]);
  return g.recompute(before, edits).entries.map((entry) => [only(entry.value), only(entry.gradient),
    ...entry.inputs.flatMap((x) => [only(x.gradient), only(x.local)])]);
}), (key, x) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x))"""


def quietly(make, *arguments):
    with np.errstate(all="ignore"):
        return make(*arguments)


def plain(root, **settings):
    """What a page holds of a graph."""
    with np.errstate(all="ignore"):
        return to_dict(collect(root, gradients=True, locals=True, **settings))


def numbers_of(trace):
    def only(numbers):
        return None if numbers is None else ODD.get(numbers["values"][0], numbers["values"][0])

    return [
        [only(entry["value"]), only(entry["gradient"])]
        + [only(x[key]) for x in entry["inputs"] for key in ("gradient", "local")]
        for entry in trace["entries"]
    ]


def agree(a, b, tolerance):
    if a is None or b is None:
        return a is b
    a = ODD.get(a, a)
    return a == b or (a != a and b != b) or abs(a - b) <= tolerance * max(1.0, abs(b))


def compare(page, cases, tolerance=1e-9):
    """Assert of every case (name, graph before, graph after) that the page makes one of the other."""
    found = json.loads(page.evaluate(RECOMPUTE, json.dumps([[before, after] for _, before, after in cases])))
    for (name, _, after), entries in zip(cases, found, strict=True):
        assert not isinstance(entries, str), (name, entries)
        for entry, got, wanted in zip(after["entries"], entries, numbers_of(after), strict=True):
            assert all(agree(a, b, tolerance) for a, b in zip(got, wanted, strict=True)), (name, entry, got)


@pytest.fixture
def blank(visit):
    return visit(viz.step(Tensor(1.0, name="x") + 1).html)


# ---------------------------------------------------------------------------------------------------------------------
# Numbers as texts
# ---------------------------------------------------------------------------------------------------------------------


def test_numbers_are_written_as_python_writes_them(blank):
    rng = np.random.default_rng(0)
    values = [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 0.01, 0.0099999, 99999.995, 1e5]
    values += [k / 8 for k in range(-200, 200)]  # every other one of them is a tie
    values += [0.125 + k for k in range(99990, 100010)] + [1005.0 * 10**k for k in range(2, 18)]
    values += [1005000000000000.5, 1004999999999999.9, 1.125e22, 1.135e22, 1.145e5, 1.155e5, 2.5e15]
    values += [float(x) for x in rng.normal(size=2000)] + [float(f"{x:.3f}") for x in rng.normal(size=1000) * 10]
    values += [float(f"{x:.2e}") * 1.005 for x in 10.0 ** rng.uniform(4, 30, 300)]
    bits = rng.integers(0, 2**64, 3000, dtype=np.uint64).tolist()
    values += [x for x in (struct.unpack("d", struct.pack("Q", b))[0] for b in bits) if x == x]
    got = blank.evaluate("values => values.map((x) => glassgrad.number(x))", values)
    assert got == [number(x) for x in values]
    whole = [0, 1, -7, 99999, 100000, -123456, 2**40, True, False]
    got = blank.evaluate("values => values.map((x) => glassgrad.number(x, 'int64'))", whole)
    assert got == [number(x) for x in whole]


WRITTEN = {
    "1": 1, "-0.5": -0.5, "−0,5": -0.5, " 1/2 ": 0.5, "-1 / 4": -0.25, "2e-3": 0.002, "2E3": 2000, ".5": 0.5, "5.": 5,
    "+3": 3, "1/0": math.inf, "inf": math.inf, "-∞": -math.inf, "1/-2": -0.5, "": None, "abc": None, "1 2": None,
    "1/2/3": None, "0x10": None, "1.2.3": None, "--1": None, "1,000.5": None, "e5": None, "alert(1)": None,
    "Infinity": None, ".": None, "1/": None, "1e": None, "½": None, "<b>": None, "9" * 400: math.inf,
}  # fmt: skip


def test_what_a_reader_may_write_for_a_number(blank):
    got = blank.evaluate("texts => texts.map(glassgrad.readNumber)", list(WRITTEN))
    assert dict(zip(WRITTEN, got, strict=True)) == WRITTEN


# ---------------------------------------------------------------------------------------------------------------------
# Against the engine
# ---------------------------------------------------------------------------------------------------------------------


def test_every_elementwise_gate_at_samples_kinks_and_odd_numbers(blank):
    known = set(blank.evaluate("[...glassgrad.gateRules.keys()]"))
    assert known >= {primitive.name for primitive in ELEMENTWISE}, "gates without a rule in engine.js"
    rng = np.random.default_rng(1)
    cases = []
    for primitive in ELEMENTWISE:
        points = [[float(domain.draw((), rng)) for domain in primitive.domains] for _ in range(20)]
        points += [list(kink.inputs) for kink in primitive.kinks]
        points += [
            list(map(float, rng.choice([0.0, 1.0, -1.0, 0.5, 3.0, -2.0], len(primitive.domains)))) for _ in range(20)
        ]
        points += [
            list(map(float, rng.choice([math.inf, -math.inf, math.nan, 1.0, -40.0, 800.0], len(primitive.domains))))
            for _ in range(10)
        ]
        start = points[0]

        def graph(values, primitive=primitive):
            return quietly(lambda: primitive.function(*(Tensor(x, name=f"x{i}") for i, x in enumerate(values))))

        before = plain(graph(start))
        cases += [((primitive.name, point), before, plain(graph(point))) for point in points]
    compare(blank, cases)


def test_of_gates_that_only_python_computes_the_page_says_so(blank):
    known = set(blank.evaluate("[...glassgrad.gateRules.keys()]"))
    special = [primitive for primitive in SPECIAL if primitive.name not in known]
    assert len(special) > 30
    assert {p.name for p in REGISTRY.values() if p.kind == "elementwise"} <= known | {p.name for p in SPECIAL}
    for primitive in special:
        rng = np.random.default_rng(1)
        of = plain(primitive.function(*(Tensor(float(domain.draw((), rng))) for domain in primitive.domains)) * 2.0)
        said = blank.evaluate("text => glassgrad.refusal(JSON.parse(text))", json.dumps(of))
        assert said == f"only Python can recompute some of its gates ({primitive.name})"


def random_program(rng):
    inputs = int(rng.integers(1, 5))
    gates = []
    for place in range(int(rng.integers(2, 14))):
        primitive = ELEMENTWISE[rng.integers(len(ELEMENTWISE))]
        given = [
            int(rng.integers(inputs + place))
            if rng.random() < 0.75
            else float(np.round(2 * rng.normal(), rng.integers(3)))
            for _ in range(primitive.arity)
        ]
        # A first operand that is a tensor decides the precision; one must be.
        given[0] = int(rng.integers(inputs + place))
        gates.append((primitive, given))
    return inputs, gates


def run_program(inputs, gates, values, dtype=np.float64):
    held = [Tensor(np.asarray(x, dtype)[()], name=f"x{i}") for i, x in enumerate(values)]
    with np.errstate(all="ignore"):
        for primitive, given in gates:
            held.append(primitive.function(*(held[x] if isinstance(x, int) else x for x in given)))
        out = held[inputs]
        for x in held[inputs + 1 :]:
            out = out + x
    return out


def random_cases(count, dtype, scale=2.0):
    cases = []
    for seed in range(count):
        rng = np.random.default_rng([seed, 7])
        inputs, gates = random_program(rng)
        before = scale * rng.normal(size=inputs)
        after = np.round(scale * rng.normal(size=inputs), int(rng.integers(3)))
        cases.append((seed, *(plain(run_program(inputs, gates, values, dtype)) for values in (before, after))))
    return cases


def test_random_graphs_are_recomputed_as_the_engine_does(blank):
    cases = random_cases(250, np.float64)
    assert sum(len(before["entries"]) for _, before, _ in cases) > 2500
    compare(blank, cases, 1e-7)


def test_graphs_in_single_precision_are_rounded_gate_by_gate(blank):
    x, y = (Tensor(np.float32(v), name=n) for v, n in ((1.5, "x"), (0.3, "y")))

    def graph(a, b):
        x, y = Tensor(np.float32(a), name="x"), Tensor(np.float32(b), name="y")
        return ((x * 0.1 + y) * x - y / 3.0).tanh() * autograd.sqrt(x * x + 1)

    before, after = plain(graph(1.5, 0.3)), plain(graph(-0.7, 2.1))
    compare(blank, [("float32", before, after)], 3e-7)
    got = blank.evaluate("([t]) => glassgrad.recompute(t, new Map()).entries.map(e => e.value.values[0])", [before])
    assert all(np.float32(value) == value for value in got)
    mixed = plain(x * Tensor(2.0, name="z") + y)
    assert {entry["value"]["dtype"] for entry in mixed["entries"]} == {"float32", "float64"}
    compare(blank, [("mixed", mixed, mixed)], 1e-7)


def test_gates_that_do_little_with_one_number(blank):
    def graph(value):
        x = Tensor(value, name="x")
        y = x.sum() + x.mean() + x.reshape(()) + x.T + autograd.logsumexp(x) + x.max() + x.min()
        return autograd.identity(y) * autograd.broadcast_to(x, ()) * x[()]

    compare(blank, [("of one", plain(graph(2.0)), plain(graph(-1.25)))])


def test_a_constant_cut_off_from_the_graph_follows_it(blank):
    def graph(value):
        with viz.record() as recording:
            x = Tensor(value, name="x")
            y = x * x
            cut = y.detach()
            cut.name = "cut"
            y = y * cut + x
            y.name = "y"
        return to_dict(recording.trace())

    before, after = graph(2.0), graph(-3.0)
    assert [entry["kind"] for entry in before["entries"]].count("detached") == 1
    compare(blank, [("detached", before, after)])


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (graphs.network, "arrays (x, w1"),
        (lambda: (Tensor(np.array([2.0]), name="x") * 3).sum(), "arrays (x)"),
        (lambda: Tensor(1.0, name="x").astype(np.float16) * 2, "float16"),
        (lambda: intercepted(Tensor(1.0, name="x")), "only Python can recompute some of its gates (intercept)"),
        (lambda: Tensor(1.0, name="x"), "nothing is computed here"),
    ],
)
def test_what_cannot_be_recomputed_is_said(visit, graph, words):
    page = visit(viz.step(graph()).html)
    assert words in page.evaluate("glassgrad.refusal(glassgrad.data.trace)")
    assert page.locator("#inputs input").count() == 0
    page.click("#edit-inputs")
    assert words in page.inner_text("#refusal")


def intercepted(x):
    y = x * 2
    return REGISTRY["intercept"].function(y, lambda g: g) + x


# ---------------------------------------------------------------------------------------------------------------------
# What the page says after an edit
# ---------------------------------------------------------------------------------------------------------------------

#: Everything that a page says, step by step, and of every entry; but for the last digits of exact numbers.
SAID = r"""() => {
  const g = glassgrad;
  const found = [];
  const of = (id) => document.getElementById(id).textContent;
  const all = (selector) => [...document.querySelectorAll(`#world ${selector}`)];
  document.getElementById("inputs").remove();
  document.querySelectorAll("#world .mark").forEach((mark) => mark.remove());
  for (let step = 0; step < g.steps().length; step++) {
    g.goTo(step);
    found.push(of("step-panel"), of("sentence"), ...all("text:not(.mark)").map((text) => text.textContent),
      ...all("[aria-label]").map((node) => node.getAttribute("aria-label")));
  }
  for (const entry of g.state.trace.entries) {
    g.select({ id: entry.id });
    found.push(of("inspector"));
  }
  return found.map((text) => text.replace(/exactly-?[\d.]+(e-?\d+)?/g, ""));
}"""


def same_texts(visit, graph, before, after):
    """Edit the inputs of one page, and compare all its texts with those of a page made for them."""
    edited, fresh = (visit(quietly(lambda v=v: viz.step(graph(*v)).html)) for v in (before, after))
    trace = quietly(lambda: viz.trace(graph(*after)))
    variables = [entry for entry in trace.entries if entry.kind == "variable"]
    edited.evaluate("edits => glassgrad.setInputs(edits)", [[x.id, x.value.values[0]] for x in variables])
    got, wanted = edited.evaluate(SAID), fresh.evaluate(SAID)
    assert len(got) == len(wanted) > 10
    assert got == wanted


def test_the_page_says_after_an_edit_what_python_says(visit):
    def sigmoid(*values):
        w0, x0, w1, x1, w2 = (Tensor(v, name=n) for v, n in zip(values, graphs.INPUTS, strict=True))
        return 1 / (1 + autograd.exp(-(w0 * x0 + w1 * x1 + w2)))

    same_texts(visit, sigmoid, graphs.INPUTS.values(), (0.5, 3.0, -2.0, 0.25, 1e-3))


def test_ties_come_and_go(visit):
    def graph(a, b):
        a, b = Tensor(a, name="a"), Tensor(b, name="b")
        return autograd.maximum(a, b) * a + autograd.minimum(a, 2.0) * autograd.relu(b)

    same_texts(visit, graph, (2.0, 2.0), (1.0, 3.0))
    same_texts(visit, graph, (1.0, 3.0), (2.0, 2.0))


@pytest.mark.parametrize("part", range(4))
def test_all_operations_say_after_an_edit_what_python_says(visit, part):
    chosen = ELEMENTWISE[part::4]

    def graph(*values):
        rng = np.random.default_rng(part)
        held = [Tensor(x, name=f"x{i}") for i, x in enumerate(values)]
        total = None
        for primitive in chosen:
            y = primitive.function(*(held[rng.integers(3)] for _ in range(primitive.arity)))
            total = y if total is None else total + y
        return total

    same_texts(visit, graph, (0.5, 0.75, 1.25), (0.9, 0.25, 0.6))


# ---------------------------------------------------------------------------------------------------------------------
# The boxes
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sigmoid(visit):
    return visit(viz.step(graphs.sigmoid_example()).html)


def value_of(page, name):
    """The value of an entry by its name, and its gradient, as the page writes them."""
    return page.evaluate(
        "(name) => { const g = glassgrad; const e = g.state.trace.entries.find((e) => g.nameOf(e) === name);"
        "return [g.words(e.value), g.words(e.gradient)]; }",
        name,
    )


def box(page, name):
    return page.get_by_role("spinbutton", name=name, exact=True)


def note(page, name):
    return page.locator(".input-row", has=box(page, name)).locator(".input-note").inner_text()


def test_typing_a_number_recomputes_everything(sigmoid):
    page = sigmoid
    assert value_of(page, "f") == ["0.73", "1.00"]
    box(page, "w0").fill("1/2")
    s = 0.5 * -1 + 6 - 3
    f = 1 / (1 + math.exp(-s))
    assert value_of(page, "f")[0] == number(f)
    assert value_of(page, "x0") == ["-1.00", number(0.5 * f * (1 - f))]
    assert note(page, "w0") == "edited, was 2.00"
    assert page.inner_text("#edit-inputs") == "Inputs: 1 edited"
    assert page.locator("#world .mark").all_text_contents() == ["✎"]
    page.keyboard.press("Enter")
    assert box(page, "w0").input_value() == "0.5"
    page.click("#reset-inputs")
    assert value_of(page, "f") == ["0.73", "1.00"]
    assert box(page, "w0").input_value() == "2"
    assert page.inner_text("#edit-inputs") == "Inputs"
    assert page.evaluate("glassgrad.state.trace === glassgrad.data.trace")


def test_what_is_no_number_gets_a_message_and_breaks_nothing(sigmoid):
    page = sigmoid
    box(page, "w0").fill("<b>x</b>")
    assert note(page, "w0") == "“<b>x</b>” is no number; write one like -0.5, 1/2 or 2e-3"
    assert box(page, "w0").get_attribute("aria-invalid") == "true"
    assert value_of(page, "f") == ["0.73", "1.00"]
    box(page, "x0").fill("3")
    assert value_of(page, "f")[0] == number(1 / (1 + math.exp(-9)))
    assert note(page, "w0").startswith("“<b>")
    box(page, "w0").fill("0,5")
    assert note(page, "w0") == "edited, was 2.00"
    assert value_of(page, "f")[0] == number(1 / (1 + math.exp(-4.5)))
    page.get_by_role("button", name="Reset w0", exact=True).click()
    assert note(page, "w0") == ""
    assert box(page, "w0").get_attribute("aria-invalid") == "false"


def test_keys_buttons_and_the_slider_step(sigmoid):
    page = sigmoid
    box(page, "w0").focus()
    for key, value in (("ArrowUp", "2.1"), ("ArrowDown", "2"), ("PageUp", "3"), ("PageDown", "2"), ("Escape", "2")):
        page.keyboard.press(key)
        assert box(page, "w0").input_value() == value
        assert value_of(page, "w0")[0] == number(float(value))
    assert page.evaluate("glassgrad.state.step") == 0, "the keys of the player do nothing in a box"
    page.get_by_label("Increase x1", exact=True).click()
    assert box(page, "x1").input_value() == "-1.9"
    slider = page.locator(".input-row", has=box(page, "w2")).locator("input[type=range]")
    slider.evaluate("(s) => { s.value = 1.234; s.dispatchEvent(new Event('input')); }")
    assert box(page, "w2").input_value() == "1.25"
    assert value_of(page, "w2")[0] == "1.25"
    page.locator("body").press("e")
    page.keyboard.press("Escape")
    page.evaluate("glassgrad.goTo(12)")
    assert page.locator("#inputs").is_visible()
    page.click("#edit-inputs")
    assert page.locator("#inputs").is_hidden()


def test_steps_stay_where_they_are_while_inputs_change(sigmoid):
    page = sigmoid
    page.evaluate("glassgrad.goTo(10)")
    page.locator("body").press("e")
    before = page.inner_text("#step-panel")
    box(page, "w0").fill("4")
    assert page.evaluate("glassgrad.state.step") == 10
    assert page.inner_text("#step-panel") != before


def test_where_numbers_stop_being_finite(visit):
    x, y = Tensor(1.0, name="x"), Tensor(2.0, name="y")
    page = visit(viz.step(autograd.log(x) / y + autograd.sqrt(x)).html)
    assert page.inner_text("#odd") == ""
    box(page, "y").fill("0")
    assert "nan arises first in" in page.inner_text("#odd"), "0 / 0"
    box(page, "x").fill("-1")
    assert "nan arises first in" in page.inner_text("#odd")
    assert "the log gate" in page.inner_text("#odd")
    assert "x = -1.00" in page.inner_text("#odd")
    assert "⚠" in page.locator("#world .mark").all_text_contents()
    page.get_by_role("button", name="Show").click()
    assert "log" in page.inner_text("#step-panel")
    page.evaluate("glassgrad.goTo(0)")
    box(page, "y").fill("2")
    box(page, "x").fill("0")
    assert "-inf arises first in" in page.inner_text("#odd")
    page.click("#reset-inputs")
    page.evaluate("glassgrad.goTo(0)")
    assert page.inner_text("#odd") == ""


def test_whole_numbers_and_conditions_stay_what_they_are(visit):
    condition = Tensor(np.bool_(True), requires_grad=False, name="c")
    n = Tensor(np.int64(3), requires_grad=False, name="n")
    page = visit(viz.step(autograd.where(condition, Tensor(2.0, name="x"), 5.0) * n).html)
    box(page, "n").fill("1.5")
    assert note(page, "n") == "“1.5” is no whole number"
    box(page, "n").fill("4")
    assert value_of(page, "f")[0] == "8.00"
    box(page, "c").fill("2")
    assert note(page, "c") == "“2” is neither 0 (false) nor 1 (true)"
    box(page, "c").fill("0")
    assert value_of(page, "f")[0] == "20.00"


def test_finite_differences_are_recomputed(visit):
    x = Tensor(2.0, name="x")
    page = visit(viz.step(autograd.relu(x) * x).html)
    page.evaluate("glassgrad.select({ id: 'n0' })")
    assert "they agree" in page.inner_text("#inspector .check")
    for value, numeric, words in (("3", "6.00", "they agree"), ("-1", "0.00", "they agree")):
        box(page, "x").fill(value)
        assert words in page.inner_text("#inspector .check")
        assert page.inner_text("#inspector .check b").startswith(numeric)
    kink = visit(viz.step(autograd.absolute(x)).html)
    kink.evaluate("glassgrad.setInputs([['n0', 0]]); glassgrad.select({ id: 'n0' })")
    assert "kink" in kink.inner_text("#inspector .check")


def test_hostile_names_stay_text(visit):
    name = "<img src=x onerror=alert(1)>\"'`${1}"
    page = visit(viz.step(Tensor(2.0, name=name) * 3).html)
    page.locator("#inputs input[type=text]").fill("<script>alert(1)</script>")
    assert page.locator("#inputs img, #inputs script").count() == 0
    assert name[:20] in page.inner_text("#inputs .input-name")
    page.click("#practise")
    page.click("#start-gradients")
    page.fill("#answer", "<img src=x>")
    page.keyboard.press("Enter")
    assert page.locator("#practice img").count() == 0
    assert "<img src=x>” is no number" in page.inner_text("#feedback")


# ---------------------------------------------------------------------------------------------------------------------
# Practice
# ---------------------------------------------------------------------------------------------------------------------


def begin(page, which="gradients"):
    page.locator("body").press("p")
    page.click(f"#start-{which}")


def answer(page, text):
    page.fill("#answer", str(text))
    page.keyboard.press("Enter")


def solutions(root, values=False):
    """What is asked for, in order, with the engine's answers: the sentences' ends, and numbers."""
    trace = viz.trace(root)
    gates = [entry for entry in trace.entries if entry.kind == "gate"]
    found = [gate.value.values[0] for gate in gates] if values else []
    left = {source: len(ends) for source, ends in trace.takers.items()}
    for gate in reversed(gates):
        complete = []
        for x in gate.inputs:
            if x.gradient is not None:
                found.append(x.gradient.values[0])
                left[x.source] -= 1
                if not left[x.source] and len(trace.takers[x.source]) > 1:
                    complete.append(trace.by_id[x.source].gradient.values[0])
        found += complete
    return found


@pytest.mark.parametrize("values", [False, True], ids=["gradients", "values"])
@pytest.mark.parametrize("graph", [graphs.sigmoid_example, graphs.fork])
def test_all_answers_by_keys_at_the_first_try(visit, graph, values):
    page = visit(viz.step(graph()).html)
    before = page.locator("#world").inner_html()
    page.locator("body").press("p")
    if values:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wanted = solutions(graph(), values)
    for i, x in enumerate(wanted):
        assert f"{i + 1} of {len(wanted)}" in page.inner_text("#practice h2")
        assert page.evaluate("document.activeElement.id") == "answer"
        page.keyboard.type(number(x).replace(".", "," if i % 2 else "."))
        page.keyboard.press("Enter")
        assert page.inner_text("#feedback") == f"✓ Right: {number(x)}."
    assert "Practice: done" in page.evaluate("document.activeElement.textContent"), "where readers go on"
    assert f"{len(wanted)} questions: {len(wanted)} at the first try." in page.inner_text("#practice")
    page.click("#end-practice")
    page.evaluate("glassgrad.goTo(0)")
    assert page.locator("#world").inner_html() == before, "nothing is left of it"
    assert page.evaluate("glassgrad.mask === null && glassgrad.state.trace === glassgrad.data.trace")


def texts(page):
    return page.evaluate(
        "() => [document.body.innerText, ...[...document.querySelectorAll('[aria-label],[title]')].flatMap((e) => "
        "[e.getAttribute('aria-label'), e.getAttribute('title')]), "
        "...[...document.querySelectorAll('aside *, #world *, #sentence')].map((e) => e.textContent)].join('\\n')"
    )


def test_answers_are_not_in_the_document_before_they_are_given(visit):
    # Inputs whose gradients and values are like no other number on the page.
    a, b, c = Tensor(1.2345, name="a"), Tensor(7.89, name="b"), Tensor(3.217, name="c")
    root = autograd.tanh(a * b * 0.0371) * c + a
    wanted = [number(x) for x in solutions(root, values=True)]
    page = visit(viz.step(root).html)
    begin(page, "values")
    seen = {"1.00", *map(number, (1.2345, 7.89, 3.217))}
    assert len(set(wanted) - seen) > 8
    for text in wanted:
        if text not in seen:
            # Wherever the reader goes, and whatever is looked at.
            for act in ("glassgrad.goTo(1e9)", "glassgrad.play(true); glassgrad.play(false)", "glassgrad.goTo(3)"):
                page.evaluate(act)
                assert text not in texts(page), (text, act)
            page.evaluate("glassgrad.goTo(1e9)")
            for entry in page.evaluate("glassgrad.state.trace.entries.map((e) => e.id)"):
                page.evaluate("(id) => glassgrad.select({ id })", entry)
                assert text not in texts(page), (text, entry)
            page.evaluate("glassgrad.select(null)")
        page.fill("#answer", "123456")
        page.keyboard.press("Enter")
        assert text in seen or text not in texts(page), "nor by what is said of a wrong answer"
        answer(page, text)
        seen.add(text)
    assert page.locator("#again").is_visible()


def test_hints_revealing_and_the_score(sigmoid):
    page = sigmoid
    begin(page)
    assert page.inner_text("#asked") == "What does the 1/x gate f send back to m?"
    assert "upstream 1.00" in page.inner_text("#given")
    answer(page, "")
    assert "Write a number" in page.inner_text("#feedback")
    answer(page, "0.53")
    assert page.inner_text("#feedback") == "✗ 0.53 is not it. The size is right, the sign is not."
    assert page.get_attribute("#answer", "aria-invalid") == "true"
    answer(page, "1")
    assert "That is the upstream gradient" in page.inner_text("#feedback")
    answer(page, "-0.53")
    assert page.inner_text("#feedback") == "✓ Right: -0.53."
    assert page.inner_text("#score") == "0 at the first try, 1 after another try"
    page.click("#hint")
    assert "Add distributes" in page.inner_text("#hints")
    page.click("#hint")
    assert "The local derivative" in page.inner_text("#hints")
    assert page.inner_text("#hint") == "Reveal"
    answer(page, "-8/15")
    page.click("#reveal")
    assert page.inner_text("#feedback") == "It is -0.20."
    assert page.inner_text("#score") == "0 at the first try, 1 after another try, 1 with a hint, 1 revealed"
    for _ in range(9):
        page.click("#reveal")
    assert "12 questions: 0 at the first try" in page.inner_text("#score")
    assert "multiply: 0 of 4" in page.inner_text("#practice .kinds").replace("\t", ": ")
    assert "Multiply swaps and scales" in page.inner_text("#revise")
    page.click("#copy-results")
    copied = page.input_value("#results")
    assert copied.startswith("A graph: 12 questions, 0 at the first try")
    assert "multiply: 0 of 4 at the first try" in copied
    page.click("#again")
    assert "1 of 12" in page.inner_text("#practice h2")
    assert page.inner_text("#score") == "0 at the first try"


def test_what_is_right(blank):
    right = """cases => cases.map(([answer, truth]) => glassgrad.isClose(answer, truth))"""
    cases = [
        (-0.53, -0.5345, True), (-0.54, -0.5345, False), (0.2, 0.19661, True), (0.19, 0.19661, False),
        (101, 100.2, True), (103, 100.2, False), (0.0023, 0.002297, True), (0.0, 0.002, False), (0.0, 0.0, True),
        (0.1, 0.0, False),
        (math.inf, math.inf, True), (-math.inf, math.inf, False), (math.nan, math.nan, True), (1.0, math.nan, False),
        (1.0, math.inf, False), (1e300, math.inf, False), (5e-324, 0.0, False),
    ]  # fmt: skip
    assert blank.evaluate(right, [case[:2] for case in cases]) == [case[2] for case in cases]


def test_reckoning_with_the_numbers_on_the_page_is_right(visit):
    # 0.1966 is shown as 0.20, and 3 × 0.20 = 0.60, while the answer is -0.59.
    page = visit(viz.step(graphs.sigmoid_example()).html)
    begin(page)
    for x in solutions(graphs.sigmoid_example())[:-4]:
        answer(page, number(x))
    assert "w1" in page.inner_text("#asked")
    answer(page, "-0.40")
    assert page.inner_text("#feedback") == "✓ Right: -0.39."
    answer(page, "-0.6")
    assert page.inner_text("#feedback") == "✓ Right: -0.59."


def test_while_asking_the_walk_ends_at_the_question(sigmoid):
    page = sigmoid
    begin(page)
    at = page.evaluate("glassgrad.state.step")
    page.click("#last")
    assert page.evaluate("glassgrad.state.step") == at
    page.click("#previous")
    assert page.evaluate("glassgrad.state.step") == at - 1
    assert page.locator("#step-panel").is_visible()
    assert page.locator("#edit-inputs").is_disabled()
    page.click("#end-practice")
    page.click("#last")
    assert page.evaluate("glassgrad.state.step") == 17
    assert page.evaluate("document.activeElement.id") == "last"


def test_other_numbers_make_another_exercise(sigmoid):
    page = sigmoid
    begin(page)
    for _ in range(12):
        page.click("#reveal")
    page.click("#other-numbers")
    assert page.evaluate("glassgrad.edited()") > 0
    values = [page.evaluate("(id) => glassgrad.scalar(glassgrad.entry(id).value)", f"n{i}") for i in (0, 1)]
    assert all(x != 0 and float(2 * x).is_integer() for x in values)
    assert "1 of 12" in page.inner_text("#practice h2")


def test_other_numbers_have_answers_that_can_be_written_down(visit):
    x, y = Tensor(2.0, name="x"), Tensor(3.0, name="y")
    page = visit(viz.step(autograd.log(x) * autograd.sqrt(y) / (x + y)).html)
    begin(page)
    for _ in range(3):
        while page.locator("#reveal").count():
            page.click("#reveal")
        page.click("#other-numbers")
        assert page.evaluate("glassgrad.firstOdd(glassgrad.state.trace)") is None
        edited = page.evaluate(
            "glassgrad.inputRows.map(({ entry }) => glassgrad.scalar(glassgrad.entry(entry.id).value))"
        )
        assert all(value > 0 for value in edited), "the logarithm of a negative number would be NaN"


def test_practice_and_editing_work_in_the_frame_that_notebooks_show(visit):
    page = visit(f"<html data-ready>{viz.step(graphs.fork())._repr_html_()}</html>")
    frame = page.frame_locator("iframe")
    frame.get_by_role("spinbutton").fill("2")
    assert frame.locator("#edit-inputs").inner_text() == "Inputs: 1 edited"
    frame.locator("#practise").click()
    frame.locator("#start-gradients").click()
    frame.locator("#answer").fill("2")
    frame.locator("#answer").press("Enter")
    assert frame.locator("#feedback").inner_text() == "✓ Right: 2.00."
    frame.locator("#answer").fill("2")
    frame.locator("#check").click()
    assert frame.locator("#score").inner_text() == "2 at the first try"
    frame.locator("#end-practice").click()


def test_a_graph_without_single_numbers_says_that_there_is_nothing_to_ask(visit):
    x = Tensor(np.arange(6.0).reshape(2, 3), name="x")
    root = x @ np.ones((3, 2))
    root.backward(np.ones((2, 2)))
    page = visit(viz.step(viz.trace(root, gradients=None)).html)
    page.click("#practise")
    assert "nothing to ask" in page.inner_text("#practice")


def test_a_network_asks_for_its_single_numbers_only(visit):
    page = visit(viz.step(graphs.network() * Tensor(0.5, name="half"), depth=1).html)
    folded = page.evaluate("glassgrad.state.folded.size")
    assert folded > 0
    begin(page)
    assert page.get_attribute("#practice progress", "max") == "2"
    assert page.evaluate("glassgrad.state.folded.size") == 0
    page.click("#reveal")
    answer(page, number(float(graphs.network().item())))
    assert "Practice: done" in page.inner_text("#practice")
    page.click("#end-practice")
    assert page.evaluate("glassgrad.state.folded.size") == folded


def test_a_worksheet_has_blanks_and_a_key_on_its_second_page(sigmoid):
    page = sigmoid
    page.evaluate("() => { window.print = () => (window.printed = true); }")
    page.click("#practise")
    page.click("#worksheet")
    assert page.evaluate("window.printed")
    page.emulate_media(media="print")
    sheet = page.locator("#sheet")
    drawn = sheet.locator("svg").first.locator("text").all_text_contents()
    assert drawn.count("______") == 12
    assert drawn.count("1.00") == 2, "a value, and the gradient to begin with"
    assert "-0.20" not in drawn
    assert "-0.20" in sheet.locator(".key").inner_text()
    assert page.locator("main").is_hidden()
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#sheet").count() == 0
    assert page.locator("main").is_visible()
    assert page.evaluate("glassgrad.mask === null")
