"""What a comparison of two traces finds, how it is written, and that alignment is right and quick."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import viz_graphs as graphs

import nn
import optim
import viz
from autograd import Tensor, scope
from nn import functional as F
from viz.alignment import align
from viz.svg import to_svg

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = ["<script>alert(1)</script>", 'a"b', "a|b`c`*d*", "\x1b[31m", "x\ny", "\u202eevil", "$\\href{x}{y}$", "&lt;"]


def neuron() -> tuple[list[Tensor], Any]:
    leaves = [Tensor(value, name=name) for name, value in graphs.INPUTS.items()]
    w0, x0, w1, x1, w2 = leaves
    return leaves, lambda: (w0 * x0 + w1 * x1 + w2).sigmoid()


def stepped(learning_rate: float = 0.5) -> viz.Comparison:
    leaves, f = neuron()
    before = viz.trace(f())
    f().backward()
    optim.SGD([leaves[0], leaves[2], leaves[4]], lr=learning_rate).step()
    return viz.compare(before, f())


def parts() -> viz.Comparison:
    _, f = neuron()
    return viz.compare(viz.trace(f()), viz.trace(f(), expand="sigmoid"), labels=("composite", "expanded"))


def another() -> viz.Comparison:
    x = Tensor(2.0, name="x")
    return viz.compare((x * 2 + 1).exp(), (x * 2).sin().exp() + x)


COMPARISONS = {"step": stepped, "parts": parts, "another": another}


def texts(found: viz.Comparison) -> dict[str, str]:
    return {"txt": f"{found}\n\n{found.draw()}\n", "md": found._repr_markdown_(), "dot": found.draw().source}


@pytest.mark.parametrize("kind", ["txt", "md", "dot"])
@pytest.mark.parametrize("name", COMPARISONS)
def test_text_is_the_golden_one(name, kind):
    assert texts(COMPARISONS[name]())[kind] == (GOLDEN / f"compare_{name}.{kind}").read_text(encoding="utf-8")


# -- equal -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [graphs.sigmoid_example, graphs.network, graphs.arrays, lambda: graphs.blocks(3)])
def test_a_graph_equals_itself_and_its_like(make):
    t = make()
    for found in (viz.compare(t, t), viz.compare(viz.trace(make()), t)):
        assert found.equal
        assert found.differences == ()
        assert found.largest is None
        assert found.alignment.same
        assert "entries are equal" in str(found)
        assert "Δ" not in found.draw().source


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "silu"])
def test_composite_gates_equal_their_parts_at_the_edge(name):
    x = Tensor(np.linspace(-2, 2, 7), name="x")
    t = (getattr(nn.functional, name)(x * 2) + 1).sum()
    found = viz.compare(viz.trace(t), viz.trace(t, expand=name))
    assert found.equal
    assert not found.alignment.same
    whole = next(e for e in found.first.entries if e.operation == name)
    result = dict(found.alignment.pairs)[whole.id]
    boxed = [e.id for e in found.second.entries if e.box is not None]
    assert result == boxed[-1]
    assert set(boxed[:-1]) == {x for x in found.alignment.inside[1] if x in boxed}
    assert viz.compare(viz.trace(t, expand=name), viz.trace(t)).equal


def test_all_composite_gates_of_a_transformer_layer_equal_their_parts():
    nn.manual_seed(0)
    layer = nn.TransformerEncoderLayer(16, 2, 32)
    layer.eval()
    rng = np.random.default_rng(0)
    x = Tensor(rng.normal(size=(6, 2, 16)).astype(np.float32), requires_grad=False)
    t = (layer(x) * rng.normal(size=(6, 2, 16))).mean()
    found = viz.compare(viz.trace(t), viz.trace(t, expand=True), rtol=1e-4, atol=1e-7)
    assert found.equal, str(found)
    assert len(found.alignment.pairs) == len(found.first.entries)


def test_composite_gates_that_occur_often_are_all_matched():
    x = Tensor(0.3, name="x")
    y = x
    for _ in range(5):
        with scope("layer"):
            y = (y * 1.5).sigmoid().tanh()
    found = viz.compare(viz.trace(y), viz.trace(y, expand=True))
    assert found.equal
    assert len(found.alignment.pairs) == len(found.first.entries)


# -- different -------------------------------------------------------------------------------------------------------


def test_a_step_changes_what_it_changes():
    found = stepped()
    changed = {(x.what, found.second.by_id[x.second].name) for x in found.differences}
    assert {("value", "w0"), ("value", "w1"), ("value", "w2")} <= changed
    assert {("value", "x0"), ("value", "x1")}.isdisjoint(changed)
    assert ("gradient", "x0") in changed  # which is w0 times something
    gates = {found.second.by_id[x.second].id for x in found.differences if x.what == "value"}
    assert gates >= {e.id for e in found.second.entries if e.kind == "gate"}
    root = next(x for x in found.differences if x.second == found.second.root)
    a, b = (t.by_id[t.root].value.values[0] for t in (found.first, found.second))
    assert root.absolute == pytest.approx(abs(a - b))
    assert root.relative == pytest.approx(abs(a - b) / max(abs(a), abs(b)))


def test_only_one_parameter_changes_only_what_depends_on_it():
    a, b = Tensor(2.0, name="a"), Tensor(3.0, name="b")

    def f() -> Tensor:
        return (a * 2) + (b + 1)

    before = viz.trace(f())
    b.data = 4.0
    found = viz.compare(before, f())
    assert {found.second.by_id[x.second].label or "b" for x in found.differences} == {"b", "+1", "+"}
    assert {x.what for x in found.differences} == {"value"}


def test_a_step_of_zero_changes_nothing():
    assert stepped(0.0).equal


def test_tolerance_is_relative_to_the_largest_of_an_array():
    x = Tensor(np.array([1000.0, 1e-9]), name="x")
    before = viz.trace((x * 1.0).sum())
    x.data = np.array([1000.0, 2e-9])
    after = viz.trace((x * 1.0).sum())
    assert viz.compare(before, after).equal
    assert not viz.compare(before, after, rtol=1e-15, atol=0).equal
    assert viz.compare(before, after, rtol=1e-15, atol=1e-8).equal


def test_two_dtypes_are_equal_within_single_precision():
    values = np.random.default_rng(0).normal(size=(5, 4))

    def f(dtype: Any) -> Tensor:
        x = Tensor(values.astype(dtype), name="x")
        return ((x * 3).exp() / 7).tanh().sum()

    assert not viz.compare(f(np.float64), f(np.float32)).equal
    found = viz.compare(f(np.float64), f(np.float32), rtol=1e-5)
    assert found.equal
    assert str(found).endswith(f"{len(found.second.entries)} of dtype float64 → float32")


def test_nan_equals_nan_and_nothing_else():
    def of(*numbers: float) -> viz.Trace:
        return viz.trace(Tensor(np.array(numbers), name="x"), gradients=False)

    assert viz.compare(of(np.nan, np.inf), of(np.nan, np.inf)).equal
    for a, b in (((np.nan,), (1.0,)), ((np.inf,), (-np.inf,)), ((np.inf,), (1.0,)), ((1.0, 2.0), (1.0,))):
        found = viz.compare(of(*a), of(*b))
        assert not found.equal
        assert found.largest is None or found.largest.relative in (np.inf, 0.0)


def test_large_arrays_are_compared_by_summary_and_that_is_said():
    x = Tensor(np.arange(200.0), name="x")
    before = viz.trace((x * 2).sum())
    assert viz.compare(before, (x * 2).sum()).summaries == 2
    assert "2 larger arrays were compared by what a trace holds of them" in str(viz.compare(before, (x * 2).sum()))
    x.data = np.arange(200.0) + np.eye(1, 200, 7).ravel()
    found = viz.compare(before, (x * 2).sum())
    assert not found.equal
    assert any(f.second == "n0" and f.what == "value" for f in found.differences)


def test_entries_of_only_one_are_told_and_marked():
    found = another()
    assert [found.first.by_id[x].label for x in found.alignment.only_first] == ["+1"]
    assert [found.second.by_id[x].label for x in found.alignment.only_second] == ["sin", "+"]
    drawn = str(found.draw())
    assert "{− only here}" in drawn
    assert drawn.count("{+ only here}") == 2


def test_a_network_after_a_step_is_drawn_and_told():
    nn.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
    x = Tensor(np.random.default_rng(0).random((32, 8)).astype(np.float32), requires_grad=False)

    def f() -> Tensor:
        return F.cross_entropy(net(x), np.arange(32) % 3)

    before, loss = viz.trace(f()), f()
    loss.backward()
    optim.SGD(net.parameters(), lr=0.1).step()
    with pytest.raises(RuntimeError) as raised:
        viz.compare(loss, f())
    assert any("before = viz.trace(loss)" in note for note in raised.value.__notes__)
    found = viz.compare(before, f())
    assert found.alignment.same
    assert len([d for d in found.differences if d.what == "value"]) == 8  # all but the constant input
    for options in ({}, {"theme": "dark"}, {"theme": "print"}, {"collapse": True}):
        drawing = found.draw(**options)
        ElementTree.fromstring(to_svg(drawing.graph, theme=drawing.theme))
        assert "→" in drawing.mermaid
        assert "Δ" in drawing.source


def test_numbers_that_differ_in_hidden_digits_are_written_with_more():
    a, b = (viz.trace(Tensor(x, name="x"), gradients=False) for x in (1.0000001, 1.0000002))
    assert "1.0000001 → 1.0000002" in str(viz.compare(a, b))


# -- text from elsewhere ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name):
    x, y = Tensor(2.0, name=name), Tensor(3.0, name=name)
    with scope(name):
        t, u = x.exp(), y.log() * y
    found = viz.compare(t, u, labels=(name, name[::-1]))
    assert not any(character in str(found) + repr(found) for character in "\x1b\u202e\r")
    assert len(str(found).splitlines()) == len(str(viz.compare(t, u)).splitlines())
    markdown = found._repr_markdown_()
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    bare = [row.replace("\\|", "") for row in rows]
    assert {row.count("|") for row in bare} == {6}
    assert "<script" not in markdown.replace("\\<", "")
    svg = to_svg(found.draw().graph)
    assert not [element for element in ElementTree.fromstring(svg).iter() if "script" in element.tag]


# -- alignment -------------------------------------------------------------------------------------------------------


def chain(operations: str) -> viz.Trace:
    x = Tensor(0.5, name="x")
    y = x
    for letter in operations:
        y = {"e": y.exp, "t": y.tanh, "s": y.sigmoid, "n": y.__neg__}[letter]()
    return viz.trace(y, gradients=False)


@pytest.mark.parametrize(
    ("first", "second", "only_first", "only_second"),
    [
        ("etsn", "etsn", 0, 0),
        ("etsn", "etn", 1, 0),
        ("etn", "etsn", 0, 1),
        ("ets", "sts", 1, 1),
        ("eeee", "eee", 1, 0),
        ("etetet", "etetetet", 0, 2),
        ("tt", "sn", 2, 2),
    ],
)
def test_chains_are_aligned_as_a_person_would(first, second, only_first, only_second):
    found = align(chain(first), chain(second))
    assert (len(found.only_first), len(found.only_second)) == (only_first, only_second)


def test_alignment_is_a_common_subsequence_that_is_nearly_the_longest():
    rng = random.Random(0)
    for _ in range(40):
        first = "".join(rng.choice("etsn") for _ in range(rng.randrange(1, 14)))
        second = list(first)
        for _ in range(rng.randrange(3)):
            second.insert(rng.randrange(len(second) + 1), rng.choice("etsn"))
        found = align(chain(first), chain("".join(second)))
        numbers = [(int(a[1:]), int(b[1:])) for a, b in found.pairs]
        assert numbers == sorted(numbers)
        assert [a for a, _ in numbers] == sorted({a for a, _ in numbers})
        letters = (" " + first, " " + "".join(second))
        assert all(letters[0][a] == letters[1][b] for a, b in numbers)
        assert len(numbers) >= len(first) - 2
        everything = (len(found.pairs) + len(found.only_first), len(found.pairs) + len(found.only_second))
        assert everything == (len(first) + 1, len(second) + 1)


def test_variables_taken_in_another_order_are_matched_by_name():
    a, b = Tensor(1.0, name="a"), Tensor(2.0, name="b")
    found = viz.compare(viz.trace(a * b.exp()), viz.trace(b.exp() * a))
    names = [(found.first.by_id[x].name, found.second.by_id[y].name) for x, y in found.alignment.pairs]
    assert ("a", "a") in names
    assert ("b", "b") in names


def test_large_traces_are_aligned_quickly():
    first = chain("ets" * 4000)
    second = chain("ets" * 2000 + "n" * 20 + "ets" * 2000)
    start = time.perf_counter()
    found = align(first, second)
    assert time.perf_counter() - start < 5
    assert len(found.only_second) == 20
    assert not found.only_first


# -- what may be asked for -------------------------------------------------------------------------------------------


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(TypeError, match="compare: expected a Tensor or a Trace, got int"):
        viz.compare(viz.trace(Tensor(1.0)), 3)  # type: ignore[arg-type]


def test_edges_are_no_trouble():
    for a, b in (
        (Tensor(1.0, requires_grad=False), Tensor(1.0, requires_grad=False)),
        (Tensor(np.zeros((0, 2))).sum(), Tensor(np.zeros((0, 2))).sum()),
        (Tensor(1.0), Tensor(np.ones((2, 2))) * 2),
    ):
        found = viz.compare(a, b)
        assert str(found)
        assert repr(found).startswith("<Comparison: ")
        assert found.draw().source


def test_stored_traces_compare_like_fresh_ones():
    found = stepped()
    stored = [viz.Trace.from_json(x.to_json()) for x in (found.first, found.second)]
    assert viz.compare(*stored).differences == found.differences


if __name__ == "__main__":
    for name, make in COMPARISONS.items():
        for kind, text in texts(make()).items():
            (GOLDEN / f"compare_{name}.{kind}").write_text(text, encoding="utf-8")
