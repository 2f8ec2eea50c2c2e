"""What tensors are called in the program that shows them."""

from __future__ import annotations

import gc
import sys
import time
import weakref
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
import viz
from autograd import Tensor, exp, sigmoid
from viz.names import BUDGET, callers_names, names_for, names_in

SHARED = Tensor(2.0)


# -- variables of the caller -----------------------------------------------------------------------------------------


def test_variables_and_results_go_by_local_variables() -> None:
    w0, x0 = Tensor(2.0), Tensor(-1.0)
    product = w0 * x0
    out = 1 / (1 + exp(-product))
    entries = viz.trace(out).entries
    assert [e.name for e in entries] == ["w0", "x0", "product", "", "", "", "out"]


def test_globals_are_seen_and_local_variables_come_first() -> None:
    assert [e.name for e in viz.trace(SHARED * 2).entries] == ["SHARED", ""]
    mine = SHARED
    assert [e.name for e in viz.trace(mine * 2).entries] == ["mine", ""]


def test_the_caller_is_the_innermost_function_outside_of_the_package() -> None:
    secret = Tensor(1.0)

    def show(shown: Tensor) -> list[str]:
        return [e.name for e in viz.trace(shown).entries]

    assert show(secret) == ["shown"]
    assert [e.name for e in (lambda: viz.trace(secret))().entries] == ["secret"]  # a closure sees it


def test_drawings_use_them() -> None:
    weight = Tensor(2.0)
    result = sigmoid(weight)
    source = viz.draw(result).source
    assert "<B>weight</B>" in source
    assert "<B>result</B>" in source
    assert "weight" not in viz.draw(result, names=False).source


def test_plain_arrays_have_names_as_well() -> None:
    data, t = np.ones(3), Tensor(np.ones(3))
    assert [e.name for e in viz.trace((t * data).sum()).entries] == ["t", "data", "", ""]


def test_a_name_of_its_own_wins() -> None:
    x = Tensor(1.0, name="input")
    y = x * x
    y.name = "square"
    assert [e.name for e in viz.trace(y).entries] == ["input", "square"]


def test_underscores_and_history_are_ignored() -> None:
    _ = t = Tensor(1.0)
    _1 = _i = __ = t
    found = names_in([("_", t), ("__", t), ("_12", t), ("In", [t]), ("Out", {5: t})])
    assert found == {}
    assert names_in([("Out", t)]) == {t: "Out"}
    assert callers_names()[t] == "t"


def test_the_first_of_several_names_counts() -> None:
    t = Tensor(1.0)
    alias = other = t
    assert alias is other
    assert [e.name for e in viz.trace(t * 2).entries] == ["t", ""]
    assert names_in([("b", t), ("a", t)]) == {t: "b"}


def test_hostile_names_stay_text() -> None:
    t = Tensor(1.0)
    scope: dict[str, Any] = {"viz": viz, "<script>alert(1)</script>": t, "t": t * 2}
    exec(compile("source = viz.draw(t).source", "<test>", "exec"), scope)
    assert "<script>" not in scope["source"]
    assert "&lt;script&gt;" in scope["source"]


# -- tensors inside something ----------------------------------------------------------------------------------------

Point = namedtuple("Point", "x y")


class Neuron:
    def __init__(self, count: int) -> None:
        self.w = [Tensor(float(i)) for i in range(count)]
        self.b = Tensor(0.0)
        self._hidden = Tensor(9.0)

    def names(self, x: list[Tensor]) -> list[str]:
        total = self.b
        for w, value in zip(self.w, x, strict=True):
            total = total + w * value
        return [e.name for e in viz.trace(total).entries]


def test_lists_dictionaries_tuples_and_attributes() -> None:
    a, b, c, d, e, f, g = (Tensor(float(i)) for i in range(7))
    found = names_in(
        [
            ("params", {"w": a, 3: b, ("k",): c}), ("xs", [1.0, d]), ("point", Point(e, 0)), ("deep", [{"a": (f,)}]),
            ("ordered", OrderedDict(g=g)),
        ]
    )  # fmt: skip
    assert found == {
        a: 'params["w"]', b: "params[3]", d: "xs[1]", e: "point.x", f: 'deep[0]["a"][0]', g: 'ordered["g"]',
    }  # fmt: skip


def test_slots_and_tensors_of_classes() -> None:
    @dataclass(slots=True)
    class Pair:
        w: Tensor
        b: Tensor

    class Layer:
        shared, hidden = Tensor(1.0), Tensor(2.0)

    class Deeper(Layer):
        hidden = None  # type: ignore[assignment]

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("evaluated")

    pair, layer = Pair(Tensor(1.0), Tensor(2.0)), Deeper()
    del pair.b
    found = names_in([("pair", pair), ("layer", layer)])
    assert found == {pair.w: "pair.w", Layer.shared: "layer.shared"}


def test_keys_are_quoted_so_that_they_can_be_read() -> None:
    keys = ['say "hi"', "back\\slash", "two\nlines", "w"]
    tensors = [Tensor(0.0) for _ in keys]
    found = names_in([("p", dict(zip(keys, tensors, strict=True)))])
    assert list(found.values()) == ["p['say \"hi\"']", r"p['back\\slash']", r"p['two\nlines']", 'p["w"]']


def test_objects_of_the_program() -> None:
    neuron = Neuron(2)
    assert sorted(names_in([("n", neuron)]).values()) == ["n.b", "n.w[0]", "n.w[1]"]
    x1, x2 = Tensor(1.0), Tensor(2.0)
    found = neuron.names([x1, x2])
    assert [name for name in found if name] == ["self.w[0]", "x[0]", "self.b", "self.w[1]", "x[1]", "total"]


def test_a_loop_s_variable_does_not_name_the_last_element() -> None:
    params = [Tensor(1.0), Tensor(2.0), Tensor(3.0)]
    for p in params:
        p.zero_grad()
    assert [e.name for e in viz.trace(params[0] * params[1] * params[2]).entries][:3] == ["params[0]", "params[1]", ""]
    assert callers_names()[params[2]] == "params[2]"
    w, b = pair = [Tensor(1.0), Tensor(2.0)]
    assert callers_names()[w] == "w"
    assert names_in([("pair", pair), ("w", w), ("b", b)]) == {w: "w", b: "b"}


def test_a_result_goes_by_its_variable_even_if_a_list_came_first() -> None:
    losses = []
    x = Tensor(1.0)
    for i in range(3):
        loss = x * i
        losses.append(loss)
    assert viz.trace(loss).entries[-1].name == "loss"
    assert viz.trace(losses[0]).entries[-1].name == "losses[0]"


def test_cycles_and_odd_objects_do_no_harm() -> None:
    t = Tensor(1.0)
    loop: list[Any] = [t]
    loop.append(loop)

    class Odd:
        __slots__ = ("t",)

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("no code of the program runs")

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("no code of the program runs")

        __hash__ = None  # type: ignore[assignment]

    class Lying:
        @property
        def __dict__(self) -> Any:  # type: ignore[override]
            raise RuntimeError("no code of the program runs")

        @property
        def __class__(self) -> Any:
            raise RuntimeError("no code of the program runs")

        @property
        def t(self) -> Any:
            raise RuntimeError("no code of the program runs")

    class Iterates(list):  # type: ignore[type-arg]
        def __iter__(self) -> Any:
            raise RuntimeError("no code of the program runs")

    things = [("loop", loop), ("odd", Odd()), ("it", Iterates([Tensor(0.0)])), ("kind", Odd), ("module", sys)]
    assert sorted(names_in(things).values()) == ["it[0]", "loop[0]"]
    assert names_in([("lying", Lying())]) == {}


class Holder:
    def __init__(self, **parts: Any) -> None:
        self.__dict__.update(parts)


NAMES = st.sampled_from(["a", "b", "w", "layer", "größe", "x1"])
KEYS = NAMES | st.text(max_size=5) | st.integers(-3, 3)
THINGS: st.SearchStrategy[Any] = st.recursive(
    st.builds(lambda: Tensor(0.0)) | st.just(SHARED) | st.just(None) | st.just(1.0),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.lists(inside, max_size=3).map(tuple)
        | st.dictionaries(KEYS, inside, max_size=3)
        | st.builds(Point, inside, inside)
        | st.dictionaries(NAMES, inside, max_size=3).map(lambda parts: Holder(**parts))
    ),
    max_leaves=12,
)


@given(st.dictionaries(NAMES, THINGS, max_size=4))
def test_every_name_evaluates_to_its_tensor(variables: dict[str, Any]) -> None:
    found = names_in(variables.items())
    for t, name in found.items():
        assert eval(name, {}, variables) is t
    direct = {value for value in variables.values() if isinstance(value, Tensor)}
    assert direct <= set(found)
    assert names_in(variables.items()) == found


def test_cost_is_bounded() -> None:
    wide = [list(range(10_000)) for _ in range(100)]
    nested: list[Any] = []
    for _ in range(20_000):
        nested = [nested]
    many = {f"k{i}": {"x": [i]} for i in range(10_000)}
    t = Tensor(1.0)
    start = time.perf_counter()
    found = names_in([("wide", wide), ("nested", nested), ("many", many), ("late", {"t": t})])
    assert time.perf_counter() - start < 1
    assert found == {t: 'late["t"]'}
    some = names_in([("all", {f"g{i}": [Tensor(0.0) for _ in range(100)] for i in range(200)})])
    assert 100 <= len(some) <= BUDGET
    while nested:  # or deleting it would recurse
        nested = nested[0]


# -- networks --------------------------------------------------------------------------------------------------------


def small_network() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))


def test_parameters_go_by_their_path() -> None:
    model = small_network()
    x = np.ones((2, 3), np.float32)
    loss = (model(x) ** 2).mean()
    found = [e.name for e in viz.trace(loss).entries if e.kind == "variable"]
    assert sorted(found) == ["model.0.bias", "model.0.weight", "model.2.bias", "model.2.weight"]
    for layer in model:
        assert layer is not None
    assert callers_names()[model[2].weight] == "model.2.weight"  # not that of the loop
    assert "model.2.weight" in viz.draw(loss).source


def test_a_parameter_s_own_other_name_wins() -> None:
    model = small_network()
    model[0].weight.name = "W"
    found = names_in([("model", model), ("bias", model[0].bias)])
    assert model[0].weight not in found
    assert found[model[0].bias] == "model.0.bias"


def test_buffers_networks_in_objects_and_methods_of_networks() -> None:
    norm = nn.BatchNorm1d(3)
    found = names_in([("norm", norm)])
    assert found[norm.running_mean] == "norm.running_mean"

    class Trainer:
        def __init__(self) -> None:
            self.net = small_network()

    trainer = Trainer()
    assert names_in([("trainer", trainer)])[trainer.net[0].weight] == "trainer.net.0.weight"

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(2, 2)
            self.cache = [Tensor(1.0)]

        def forward(self, x: Any) -> Any:
            h = self.hidden(x)
            self.seen = [e.name for e in viz.trace(h.sum()).entries if e.name]
            return h

    net = Net()
    net(np.ones((1, 2), np.float32))
    assert set(net.seen) == {"x", "self.hidden.weight", "self.hidden.bias", "h"}
    assert names_in([("net", net)])[net.cache[0]] == "net.cache[0]"


def test_classes_that_compute_their_attributes_do_no_harm() -> None:
    class Meta(type):
        def __getattribute__(cls, name: str) -> Any:
            raise RuntimeError("evaluated")

    class Odd(metaclass=Meta):
        def __init__(self) -> None:
            self.t = Tensor(1.0)

    odd = Odd()
    assert list(names_in([("odd", odd)]).values()) == ["odd.t"]


def test_networks_that_raise_or_give_something_else_do_no_harm() -> None:
    class Broken:
        def named_parameters(self) -> Any:
            yield "w", Tensor(1.0)
            raise RuntimeError("half built")

    class Foreign:
        def __init__(self) -> None:
            self.t = Tensor(1.0)

        def named_parameters(self) -> Any:
            yield "w", np.ones(3)
            yield 3, Tensor(1.0)
            yield "u", self.t

    foreign = Foreign()
    assert names_in([("broken", Broken()), ("foreign", foreign)]).get(foreign.t) == "foreign.u"


# -- names= ----------------------------------------------------------------------------------------------------------


def test_names_can_be_given_or_left_out() -> None:
    x, y = Tensor(1.0), Tensor(2.0, name="y")
    z = x * y
    assert [e.name for e in viz.trace(z, names=False).entries] == ["", "y", ""]
    assert [e.name for e in viz.trace(z, names={"input": x, "other": y}).entries] == ["input", "other", "z"]
    model = small_network()
    assert names_for(model)[model[0].weight] == "0.weight"
    data = np.ones(3)
    assert names_for({"features": data})[id(data)] == "features"


@pytest.mark.parametrize("wrong", [3, "x", ["x"], {"x": 3}, {3: SHARED}, {SHARED: "x"}])
def test_what_names_cannot_be(wrong: Any) -> None:
    with pytest.raises(TypeError, match="names: expected"):
        names_for(wrong)


# -- nothing is held on to -------------------------------------------------------------------------------------------


def test_neither_frames_nor_tensors_are_kept() -> None:
    x = Tensor(np.ones(10))
    y = x * 2.0
    trace = viz.trace(y.sum())
    watched = weakref.ref(y)
    del y
    assert watched() is None
    assert trace.entries[1].name == "y"


def test_a_program_s_own_locals_are_left_alone() -> None:
    x = Tensor(1.0)
    mine = locals()
    viz.trace(x * 2)
    assert mine["x"] is x


def test_frames_are_let_go() -> None:
    def show() -> weakref.ref[Any]:
        class Local:
            pass

        local = Local()
        t = Tensor(1.0)
        viz.draw(t * 2)
        return weakref.ref(local)

    gc.disable()
    try:
        assert show()() is None
    finally:
        gc.enable()
