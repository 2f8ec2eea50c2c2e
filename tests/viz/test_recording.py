"""Recordings: source lines, where gradients are cut off and why, and what is left of a forward pass that raised."""

from __future__ import annotations

import copy
import gc
import inspect
import json
import pickle
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor, _state, concatenate, enable_grad, exp, grad, no_grad, scope
from autograd.primitives import REGISTRY, UFUNCS, custom
from autograd.samples import Sample
from viz.traces import Entry, Trace

HERE = "test_recording.py"


def line_of(text: str) -> int:
    """The line of the calling function that contains this."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    lines, start = inspect.getsourcelines(frame.f_back.f_code)
    return next(start + i for i, line in enumerate(lines) if text in line and "line_of" not in line)


def entry_of(trace: Trace, name: str) -> Entry:
    return next(entry for entry in trace.entries if name in (entry.name, entry.label))


# -- source lines ----------------------------------------------------------------------------------------------------


def test_every_gate_knows_its_line_and_its_part_of_it() -> None:
    with viz.record():
        x = Tensor(2.0)
        y = exp(x * x) + 1.0  # the line
    trace = viz.trace(y)
    line = line_of("# the line")
    assert [(e.source.line, e.source.text[slice(*e.source.span)]) for e in trace.entries] == [
        (line - 1, "Tensor(2.0)"), (line, "x * x"), (line, "exp(x * x)"), (line, "exp(x * x) + 1.0"),
    ]  # fmt: skip
    assert {(e.source.file.endswith(HERE), e.source.function) for e in trace.entries} == {
        (True, "test_every_gate_knows_its_line_and_its_part_of_it")
    }


def test_lines_outlive_the_recording_and_travel_as_json() -> None:
    x = Tensor(2.0)
    with viz.record():
        y = x * 3.0
    trace = Trace.from_json(viz.trace(y).to_json())
    assert trace.entries[-1].source.text == "y = x * 3.0"
    assert trace.entries[0].source is None  # made before


def test_without_a_recording_there_are_none() -> None:
    y = Tensor(2.0) * 3.0
    assert {entry.source for entry in viz.trace(y).entries} == {None}


def test_what_layers_compute_has_the_line_that_called_them() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    with viz.record():
        out = model(np.ones((4, 3), np.float32))
    gates = [e for e in viz.trace(out.sum()).entries if e.kind == "gate"]
    assert {e.source.text for e in gates[:-1]} == {"out = model(np.ones((4, 3), np.float32))"}
    assert gates[-1].source is None


def test_expressions_over_several_lines_and_with_wide_letters() -> None:
    x = Tensor(2.0)
    with viz.record():
        größe = (x * 1.5).exp() + x.tanh()
        long = (
            x
            * größe
        )  # fmt: skip
    parts = [e.source.text[slice(*e.source.span)] for e in viz.trace(größe).entries if e.source]
    assert parts == ["x * 1.5", "(x * 1.5).exp()", "x.tanh()", "(x * 1.5).exp() + x.tanh()"]
    source = viz.trace(long).entries[-1].source
    assert source.text[slice(*source.span)] == "x"


def test_numpy_s_functions_and_expansions_keep_the_line() -> None:
    x = Tensor(np.ones(3))
    with viz.record():
        y = np.mean(np.tanh(x))
    assert {e.source.text for e in viz.trace(y).entries if e.kind == "gate"} == {"y = np.mean(np.tanh(x))"}
    with viz.record():
        z = Tensor(1.0).sigmoid()
    found = [e.source.text for e in viz.trace(z, expand="sigmoid").entries if e.kind == "gate"]
    assert len(found) > 2
    assert set(found) == {"z = Tensor(1.0).sigmoid()"}


def test_code_without_a_file() -> None:
    space: dict[str, Any] = {"viz": viz, "Tensor": Tensor}
    exec(compile("with viz.record():\n    y = Tensor(2.0) * 3.0", "<string>", "exec"), space)
    source = viz.trace(space["y"]).entries[-1].source
    assert (source.file, source.line, source.text, source.span) == ("<string>", 2, "", None)


def test_places_are_not_copied() -> None:
    with viz.record():
        x = Tensor([1.0], name="x")
    assert pickle.loads(pickle.dumps(x)).name == "x"
    again = viz.trace(copy.deepcopy(x)).entries[0]
    assert (again.name, again.source) == ("x", None)


# -- names from the source text --------------------------------------------------------------------------------------


def test_results_go_by_the_variables_they_were_assigned_to_in_functions_long_gone() -> None:
    class Cell(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            a = self.linear(x)
            b: Any = a * 2.0
            b += 1.0
            self.last = b.exp()
            if (d := self.last.tanh()).requires_grad:
                _hidden = d * 3.0
            e = f = (
                _hidden
                / 2.0
            )  # fmt: skip
            first, second = e[0], f[1]
            return first.sum() + second.sum()

    cell = Cell()
    with viz.record():
        total = cell(np.ones((2, 3), np.float32))
    del cell
    names = [entry.name for entry in viz.trace(total).entries if entry.kind == "gate"]
    assert names == ["a", "b", "b", "self.last", "d", "", "e", "", "", "", "", "total"]
    assert [entry.name for entry in viz.trace(total, names=False).entries if entry.kind == "gate"] == [""] * 12


def test_names_of_their_own_and_of_the_caller_s_come_before_the_source_text_s() -> None:
    def inner(x: Tensor) -> tuple[Tensor, Tensor]:
        a = x * 2.0
        b = a.exp()
        b.name = "B"
        return a, b

    with viz.record():
        mine, _ = inner(Tensor(1.0))
        z = mine * _
    assert [entry.name for entry in viz.trace(z).entries] == ["", "mine", "B", "z"]
    with viz.record():
        y = inner(Tensor(1.0))[1].sigmoid()
    assert [e.name for e in viz.trace(y, expand="sigmoid").entries if e.kind == "gate"] == ["a", "B", "", "", "", "y"]


def test_inputs_and_parameters_go_by_what_they_were_assigned_to() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = nn.Linear(3, 2)
            self.scale = nn.Parameter(2.0)
            self.shift = nn.Parameter(1.0)
            self.shift.name = "θ"
            self.pair = nn.Sequential(nn.Linear(2, 2), nn.Tanh())

        def forward(self, x: Any) -> Any:
            return self.pair(self.hidden(x)) * self.scale + self.shift

    def loss() -> Any:
        net = Net()
        x = Tensor(np.ones((4, 3), np.float32), requires_grad=False)
        offset = Tensor(1.0, name="o")
        return net(x).sum() + offset

    with viz.record():
        result = loss()
    assert [e.name for e in viz.trace(result).entries if e.kind != "gate"] == [
        "x", "hidden.weight", "hidden.bias", "weight", "bias", "scale", "θ", "o",
    ]  # fmt: skip


def test_source_text_that_cannot_be_parsed_gives_no_names() -> None:
    import linecache

    text = ["%matplotlib inline\n", "y = x * 2.0\n"]
    linecache.cache["<cell>"] = (0, None, text, "<cell>")  # type: ignore[assignment]
    try:
        x = Tensor(1.0)
        space: dict[str, Any] = {"x": x}
        with viz.record():
            exec(compile("\n" + text[1], "<cell>", "exec"), space)
        assert viz.trace(space["y"]).entries[-1].source.text == "y = x * 2.0"
        result = space.pop("y") * 1.0
        assert [entry.name for entry in viz.trace(result).entries] == ["x", "", "result"]
    finally:
        del linecache.cache["<cell>"]


# -- cuts ------------------------------------------------------------------------------------------------------------


def detached(x: Tensor) -> Tensor:
    return (x * 2.0).detach()


def without_grad(x: Tensor) -> Tensor:
    with no_grad():
        return x * 2.0


def copied(x: Tensor) -> Tensor:
    return Tensor(x * 2.0, requires_grad=False)


@pytest.mark.parametrize(
    ("cut", "how"),
    [(detached, "detached"), (without_grad, "computed under no_grad"), (copied, "copied by Tensor(...)")],
)
def test_constants_say_why_they_have_no_graph(cut: Callable[[Tensor], Tensor], how: str) -> None:
    x, w = Tensor(2.0), Tensor(3.0)
    with viz.record() as recording:
        y = cut(x) * w
    line = cut.__code__.co_firstlineno + (2 if cut is without_grad else 1)
    constant = viz.trace(y).entries[0]
    assert (constant.kind, constant.reason, constant.behind) == ("detached", f"{how} at {HERE}:{line}", ())
    assert not constant.requires_grad
    (missing,) = recording.unreached({"x": x, "w": w})
    assert (missing.name, missing.reason) == ("x", constant.reason)
    assert missing.source.line == line


def test_the_first_cut_counts_for_all_that_follows_from_it() -> None:
    x = Tensor(2.0)
    with viz.record() as recording:
        d = (x * 2.0).detach()  # the cut
        e = (d + 1.0).exp()
        with no_grad():
            f = e * x
        y = x * e + f
    trace = recording.trace()
    reason = f"detached at {HERE}:{line_of('# the cut')}"
    assert entry_of(trace, "e").reason == reason
    assert entry_of(trace, "f").reason.startswith("computed under no_grad")
    assert entry_of(trace, "f").behind == (entry_of(trace, "x").id, entry_of(trace, "×2").id)
    assert y.requires_grad


def test_plain_constants_have_no_reason() -> None:
    c = Tensor(2.0, requires_grad=False)
    with viz.record():
        d = c.detach() * 2.0
        y = d * Tensor(1.0)
    assert [(e.kind, e.reason) for e in viz.trace(y).entries if not e.requires_grad] == [("constant", "")]


def test_frozen_variables_are_constants_with_a_reason() -> None:
    x, w = Tensor(2.0), Tensor(3.0)
    with viz.record() as recording:
        w.requires_grad = False  # frozen
        y = x * w
    entry = entry_of(viz.trace(y), "w")
    assert (entry.kind, entry.reason) == (
        "constant", f"requires_grad was set to False at {HERE}:{line_of('# frozen')}",
    )  # fmt: skip
    assert recording.unreached([w])[0].reason == entry.reason
    w.requires_grad = True
    assert entry_of(viz.trace(x * w), "w").reason == ""


def test_what_is_behind_a_cut_is_there_while_the_recording_is() -> None:
    x, w = Tensor(2.0), Tensor(3.0)
    with viz.record() as recording:
        h = x.exp()
        d = h.detach()
        y = d * w
    found = recording.trace(gradients=True)
    assert entry_of(found, "d").behind == (entry_of(found, "h").id,)
    assert entry_of(found, "h").gradient is None
    assert entry_of(found, "w").gradient.values == (float(np.exp(2.0)),)
    assert Trace.from_json(found.to_json()) == found
    del h
    assert len(recording.trace().entries) == 5
    assert [e.behind for e in viz.trace(y).entries] == [(), (), ()]


# -- unreached parameters --------------------------------------------------------------------------------------------


def test_why_parameters_are_unreached() -> None:
    used, unused, dead, frozen, read = (Tensor(float(i), name=n) for i, n in enumerate("uxdfr"))
    frozen.requires_grad = False
    with viz.record() as recording:
        lost = (dead * 2.0).exp()  # dead
        number = (read * 2.0).item()  # read
        y = used * number
    assert lost.requires_grad
    assert y.requires_grad
    assert [str(x) for x in recording.unreached([used, unused, dead, frozen, read])] == [
        "x: not used in this recording",
        f"d: the result does not use what is computed from it at {HERE}:{line_of('# dead')}",
        "f: requires_grad is False",
        f"r: its values were taken out of the graph by .item() at {HERE}:{line_of('# read')}",
    ]
    assert [x.name for x in recording.unreached([used, dead], root=lost)] == ["u"]


@pytest.mark.parametrize("take", [lambda t: t.data, Tensor.numpy, Tensor.tolist, float, Tensor.item])
def test_values_taken_out_as_numbers_are_noticed(take: Any) -> None:
    w = Tensor(2.0)
    with viz.record() as recording:
        Tensor(3.0) * take(w)
    (missing,) = recording.unreached({"w": w})
    assert missing.reason.startswith("its values were taken out of the graph by .")


def test_unreached_parameters_of_a_network() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head, self.spare = nn.Linear(3, 3), nn.Linear(3, 1), nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            return self.head(self.body(x).detach())

    net = Net()
    with viz.record() as recording:
        net(np.ones((2, 3), np.float32)).sum()
    found = {x.name: x.reason.partition(" at ")[0] for x in recording.unreached(net)}
    assert found == {
        "body.weight": "detached", "body.bias": "detached", "spare.weight": "not used in this recording",
        "spare.bias": "not used in this recording",
    }  # fmt: skip
    with pytest.raises(TypeError, match="expected a network or tensors, got float"):
        recording.unreached([1.0])


# -- failures --------------------------------------------------------------------------------------------------------


def failed(compute: Callable[[], Any], kind: type[Exception] = ValueError) -> tuple[viz.Recording, Exception]:
    with pytest.raises(kind) as caught, viz.record() as recording:
        compute()
    assert recording.failure is not None
    return recording, caught.value


def test_an_operation_that_fails_is_shown_with_its_inputs() -> None:
    a, b = Tensor(np.ones((2, 3))), Tensor(np.ones((4, 5)))

    def compute() -> None:
        h = (a * 2.0).tanh()
        h @ b  # here

    recording, error = failed(compute)
    failure = recording.failure
    assert (failure.operation, failure.scope) == ("matmul", ())
    assert failure.shapes == ("float64 (2, 3)", "float64 (4, 5)")
    assert failure.inputs[1] is b
    assert failure.source.text == "h @ b  # here"
    assert failure.error.startswith("ValueError: matmul(float64 (2, 3), float64 (4, 5)): ")
    assert error.__notes__ == [
        "recorded: 2 gates before matmul failed; viz.draw(error.recording) draws it all, what failed in red"
    ]
    assert error.recording is recording
    assert repr(recording).startswith("<Recording of 2 gates, failed at matmul (")
    trace = recording.trace()
    last = trace.by_id[trace.root]
    assert [(e.kind, e.label or e.name) for e in trace.entries] == [
        ("variable", "a"), ("gate", "×2"), ("gate", "tanh"), ("variable", "b"), ("failed", "@"),
    ]  # fmt: skip
    assert (last.detail, last.reason, last.value) == (failure.shapes, failure.error, None)
    assert [x.source for x in last.inputs] == ["n2", "n3"]
    assert entry_of(trace, "tanh").name == "h"  # as the function that failed calls it
    assert Trace.from_json(trace.to_json()) == trace


@pytest.mark.parametrize(
    ("compute", "operation", "shapes"),
    [
        (lambda x: x + Tensor(np.ones((5, 7))), "add", ("float64 (2, 3)", "float64 (5, 7)")),
        (lambda x: x * np.ones(4), "multiply", ("float64 (2, 3)", "float64 (4,)")),
        (lambda x: x.reshape(7), "reshape", ("float64 (2, 3)",)),
        (lambda x: x.sum(axis=3), "sum", ("float64 (2, 3)",)),
        (lambda x: x[5], "getitem", ("float64 (2, 3)",)),
        (lambda x: concatenate([x, Tensor([1.0])]), "concatenate", ("float64 (2, 3)", "float64 (1,)")),
        (lambda x: np.add(x, np.ones((5, 7))), "add", ("float64 (2, 3)", "float64 (5, 7)")),
        (lambda x: x.astype("S"), "astype", ("float64 (2, 3)",)),
    ],
)
def test_operations_of_every_kind_are_told(compute: Any, operation: str, shapes: Any) -> None:
    x = Tensor(np.ones((2, 3)))
    recording, _ = failed(lambda: compute(x * 1.0), Exception)
    assert (recording.failure.operation, recording.failure.shapes) == (operation, shapes)
    assert recording.failure.source.file.endswith(HERE)
    assert [e.kind for e in recording.trace().entries][-1] == "failed"


def test_plain_values_and_numbers_are_inputs_as_well() -> None:
    recording, _ = failed(lambda: REGISTRY["matmul"].function(np.ones((2, 3)), np.ones((4, 5))))
    assert recording.failure.operation == "matmul"
    assert [e.kind for e in recording.trace().entries] == ["constant", "constant", "failed"]
    recording, _ = failed(lambda: REGISTRY["matmul"].function(2.0, Tensor([1.0])))
    assert [x.number for x in recording.trace().entries[-1].inputs] == [2.0, None]


def test_a_custom_primitive_that_fails() -> None:
    before, ufuncs = dict(REGISTRY), dict(UFUNCS)
    try:

        @custom(
            vjps=(lambda ct, x, out: ct,), jvp=lambda tangents, x, out: tangents[0], symbol="⚙", formula="x",
            samples=lambda: [Sample((np.ones(3),))],
        )  # fmt: skip
        def picky(x: Any) -> Any:
            raise KeyError("not today")

        x = Tensor([1.0])
        recording, _ = failed(lambda: picky(x * 2.0), KeyError)
    finally:
        for table, held in ((REGISTRY, before), (UFUNCS, ufuncs)):
            table.clear()
            table.update(held)
    assert (recording.failure.operation, recording.failure.shapes) == ("picky", ("float64 (1,)",))
    assert recording.trace().entries[-1].label == "⚙"


class Wrong(nn.Module):
    """Its second layer has the wrong size."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(4, 8)
        self.out = nn.Linear(6, 2)

    def forward(self, x: Any) -> Any:
        h = nn.functional.relu(self.hidden(x))
        return self.out(h)


def test_a_layer_of_the_wrong_size_is_shown_with_what_it_was_given() -> None:
    net = Wrong()
    recording, error = failed(lambda: net(np.ones((5, 4), np.float32)))
    failure = recording.failure
    assert (failure.operation, failure.scope) == ("Linear", ("Wrong", "out: Linear"))
    assert failure.shapes == ("float32 (5, 8)",)
    assert failure.source.text == "return self.out(h)"
    assert "2 gates before Linear in Wrong/out: Linear failed" in error.__notes__[0]
    trace = recording.trace()
    last = trace.entries[-1]
    names = {box.id: box.name for box in trace.boxes}
    assert (last.label, names[last.box]) == ("Linear", "out: Linear")
    assert trace.by_id[last.inputs[0].source].name == "h"
    assert entry_of(trace, "net.hidden.weight").kind == "variable"
    assert [x.name for x in recording.unreached(net)] == ["out.weight", "out.bias"]


@pytest.mark.parametrize("hooked", [False, True])
def test_the_outermost_layer_itself(hooked: bool) -> None:
    layer = nn.Linear(3, 2)
    if hooked:
        layer.register_forward_hook(lambda module, args, output: None)
    recording, _ = failed(lambda: layer(Tensor(np.ones((2, 5))) * 2.0))
    assert (recording.failure.operation, recording.failure.shapes) == ("Linear", ("float64 (2, 5)",))
    assert recording.failure.scope == ("Linear",)


def test_arguments_of_all_kinds() -> None:
    class Module(nn.Module):
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            raise RuntimeError

    x, y = Tensor(1.0), Tensor([1.0, 2.0])
    recording, _ = failed(lambda: Module()([x, None], {"a": y}, "text", (2, 3), 7, mask=np.array([True])), RuntimeError)
    assert recording.failure.error == "RuntimeError"
    assert recording.failure.shapes == ("1.0", "float64 (2,)", "int64 (2,)", "7", "bool (1,)")
    assert len(recording.trace().entries[-1].inputs) == 5
    loop: list[Any] = [x]
    loop.append(loop)
    recording, _ = failed(lambda: Module()(loop, {"again": loop}), RuntimeError)
    assert recording.failure.inputs == (x,)


@pytest.mark.parametrize(
    ("compute", "operation", "shapes"),
    [
        (lambda x: nn.functional.cross_entropy(x, np.arange(3)), "cross_entropy", ["float64 (2, 3)", "int64 (3,)"]),
        (lambda x: nn.functional.mse_loss(x, "text"), "mse_loss", ["float64 (2, 3)"]),
        (lambda x: nn.Linear(0, 3), "Linear", ["0", "3"]),
        (lambda x: exp([x, x]), "exp", ["float64 (2, 3)", "float64 (2, 3)"]),
        (lambda x: np.add(x, ["text"]), "add", ["float64 (2, 3)"]),
        (lambda x: x @ "text", "", []),
        (lambda x: x.item(), "item", ["float64 (2, 3)"]),
        (lambda x: x.backward(), "backward", ["float64 (2, 3)"]),
    ],
)  # fmt: skip
def test_functions_that_refuse_before_anything_is_computed(compute: Any, operation: str, shapes: list[str]) -> None:
    x = Tensor(np.ones((2, 3)))
    recording, _ = failed(lambda: compute(x * 1.0), Exception)
    assert recording.failure.operation == operation
    assert list(recording.failure.shapes[: len(shapes)]) == shapes
    assert recording.trace().entries[-1].kind == "failed"


def test_a_primitive_inside_a_layer_is_what_failed() -> None:
    class Bad(nn.Module):
        def forward(self, x: Any) -> Any:
            return x + np.ones(7)

    recording, _ = failed(lambda: nn.Sequential(nn.Identity(), Bad())(Tensor(np.ones(3))))
    assert (recording.failure.operation, recording.failure.scope) == ("add", ("Sequential", "1: Bad"))


def test_errors_of_the_program_itself() -> None:
    def compute() -> None:
        with scope("outer"), scope("inner"):
            x = Tensor(1.0) * 2.0
            {"a": x}["b"]  # here

    recording, error = failed(compute, KeyError)
    failure = recording.failure
    assert (failure.operation, failure.scope, failure.inputs) == ("", ("outer", "inner"), ())
    assert (failure.error, failure.source.text) == ("KeyError: 'b'", '{"a": x}["b"]  # here')
    assert "1 gate before this in outer/inner failed" in error.__notes__[0]
    assert recording.trace().entries[-1].label == "KeyError"
    recording, error = failed(lambda: [][1], IndexError)
    assert error.__notes__[0].startswith("recorded: 0 gates before this; viz.draw")
    assert [e.kind for e in recording.trace().entries] == ["failed"]


def test_an_error_that_was_caught_is_no_failure() -> None:
    x = Tensor(np.ones(3))
    with viz.record() as recording:
        with suppress(ValueError):
            x + np.ones(4)
        y = x * 2.0
    assert recording.failure is None
    assert repr(recording) == "<Recording of 1 gate>"
    assert y.requires_grad

    def fall_back() -> None:
        try:
            x + np.ones(4)
        except ValueError:
            x * np.ones((2, 2, 2))

    recording, _ = failed(fall_back)
    assert recording.failure.operation == "multiply"


def test_an_error_raised_from_another_says_what_failed() -> None:
    x = Tensor(np.ones(3))

    def compute() -> None:
        with scope("layer"):
            try:
                x + np.ones(4)
            except ValueError as error:
                raise RuntimeError("the batch is broken") from error

    recording, _ = failed(compute, RuntimeError)
    assert (recording.failure.operation, recording.failure.error) == ("add", "RuntimeError: the batch is broken")
    assert recording.failure.scope == ("layer",)


def test_interrupts_are_no_failures() -> None:
    with pytest.raises(KeyboardInterrupt), viz.record() as recording:
        raise KeyboardInterrupt
    assert recording.failure is None


def test_results_that_only_an_expression_held_are_still_there() -> None:
    x = Tensor(np.ones(3))

    def fails() -> Any:
        raise OSError("no data")

    recording, _ = failed(lambda: (x * 2.0).exp() + fails(), OSError)
    assert [e.label for e in recording.trace().entries if e.kind == "gate"] == ["×2", "exp"]


def test_a_decorated_function_records_each_call() -> None:
    @viz.record()
    def step(x: Tensor, depth: int = 0) -> Tensor:
        return step(x, depth - 1) if depth else x + np.ones(4)

    assert step.__name__ == "step"
    with pytest.raises(ValueError, match="add") as caught:
        step(Tensor(np.ones(3)), depth=2)
    assert caught.value.recording.failure.operation == "add"
    assert len(caught.value.__notes__) == 1
    y = step(Tensor(np.ones(4)))
    assert viz.trace(y.sum()).entries[-2].source.text.startswith("return step(x, depth - 1)")


def test_functions_that_run_later_are_not_decorated() -> None:
    def generate() -> Any:
        yield 1

    async def compute() -> None: ...

    for function in (generate, compute):
        with pytest.raises(TypeError, match=f"a call of {function.__name__} returns before it computes anything"):
            viz.record()(function)


def test_a_backward_pass_that_fails() -> None:
    before, ufuncs = dict(REGISTRY), dict(UFUNCS)

    def broken(ct: Any, x: Any, out: Any) -> Any:
        raise ZeroDivisionError("in the rule")

    try:

        @custom(
            vjps=(broken,), jvp=lambda tangents, x, out: tangents[0], symbol="⚙", formula="x",
            samples=lambda: [Sample((np.ones(3),))],
        )  # fmt: skip
        def forward_only(x: Any) -> Any:
            return x

        x = Tensor(1.0)
        recording, _ = failed(lambda: forward_only(x * 2.0).backward(), ZeroDivisionError)
    finally:
        for table, held in ((REGISTRY, before), (UFUNCS, ufuncs)):
            table.clear()
            table.update(held)
    assert recording.failure.source.text == 'raise ZeroDivisionError("in the rule")'
    assert [e.label for e in recording.trace().entries if e.kind != "variable"] == ["×2", "⚙", "ZeroDivisionError"]


def test_errors_can_be_sent_to_another_process() -> None:
    x = Tensor(np.ones(3))
    _, error = failed(lambda: x + np.ones(4))
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.recording is None


def test_a_failure_with_hostile_text() -> None:
    class Module(nn.Module):
        def forward(self, x: Any) -> Any:
            raise ValueError("</svg><script>alert(1)</script>\x00\n" * 50)

    recording, _ = failed(lambda: Module()(Tensor(1.0)))
    drawing = viz.draw(recording)
    for text in (drawing.source, drawing.svg, drawing.mermaid if hasattr(drawing, "mermaid") else ""):
        assert "<script>" not in text
    assert json.loads(recording.trace().to_json())["root"] == recording.trace().root


# -- opening and closing ---------------------------------------------------------------------------------------------


def test_recordings_nest_and_both_see_everything() -> None:
    x = Tensor(2.0)
    with viz.record() as outer:
        y = x * 2.0
        with viz.record() as inner:
            z = y + 1.0
        z * 3.0
    assert (repr(outer), repr(inner)) == ("<Recording of 3 gates>", "<Recording of 1 gate>")


def test_one_recording_is_opened_once_at_a_time_and_starts_anew() -> None:
    recording = viz.record()
    with recording:
        Tensor(1.0) * 2.0
        with pytest.raises(RuntimeError, match="open already"), recording:
            pass
    with recording:
        pass
    assert repr(recording) == "<Recording of 0 gates>"
    with pytest.raises(ValueError, match="this recording is empty"):
        recording.trace()
    assert recording._repr_mimebundle_() == {"text/plain": "<Recording of 0 gates>"}


def test_recordings_in_generators_may_close_in_any_order() -> None:
    def steps(x: Tensor, kept: list[Any]) -> Any:
        with viz.record() as recording:
            kept.append(recording)
            yield x * 2.0
            yield x * 3.0

    kept: list[Any] = []
    first, second = steps(Tensor(1.0), kept), steps(Tensor(2.0), kept)
    next(first), next(second)
    assert len(list(first)) == len(list(second)) == 1  # first is closed before second
    Tensor(1.0) * 4.0
    # While both are open, both see all that is computed.
    assert [repr(recording) for recording in kept] == ["<Recording of 3 gates>"] * 2
    assert (_state.settings.watcher, _state.unusual) == (None, 0)
    unfinished = steps(Tensor(1.0), kept)
    next(unfinished)
    del unfinished
    assert (_state.settings.watcher, _state.unusual) == (None, 0)


def test_a_recording_that_is_over_does_not_hold_on_to_the_one_around_it() -> None:
    with viz.record() as outer:
        y = Tensor(1.0) * 2.0
        with viz.record() as inner:
            Tensor(1.0) * 3.0
    seen = weakref.ref(y)
    del y, outer
    assert seen() is None
    assert repr(inner) == "<Recording of 1 gate>"


def test_a_recording_that_is_not_open_cannot_be_closed() -> None:
    with pytest.raises(RuntimeError, match="not open; open it by"):
        viz.record().__exit__(None, None, None)


def test_errors_that_say_nothing_and_take_nothing_come_through() -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

        def __setattr__(self, name: str, value: Any) -> None:
            raise AttributeError(name)

    with pytest.raises(MuteError) as caught, viz.record() as recording:
        raise MuteError
    assert recording.failure is not None
    assert recording.failure.error == "MuteError"
    assert caught.value.recording is recording  # type: ignore[attr-defined]


def test_what_views_compute_is_not_recorded() -> None:
    x = Tensor(np.array([0.5, 1.5]))
    with viz.record() as recording:
        y = x.sigmoid().sum()
        viz.trace(y, expand="sigmoid", check=True)
        viz.draw(y, gradients=True)
    assert repr(recording) == "<Recording of 2 gates>"


def test_other_threads_are_not_recorded() -> None:
    x = Tensor(2.0)
    found: dict[str, Any] = {}
    ready = threading.Barrier(2)

    def work(name: str, factor: float) -> None:
        with viz.record() as recording:
            ready.wait(10)
            y = x
            for _ in range(200):
                y = y * factor
            ready.wait(10)
        found[name] = [e.label for e in recording.trace().entries if e.kind == "gate"]

    threads = [threading.Thread(target=work, args=(name, factor)) for name, factor in (("a", 2.0), ("b", 0.5))]
    with viz.record() as mine:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {"a": ["×2"] * 200, "b": ["×0.5"] * 200}
    assert repr(mine) == "<Recording of 0 gates>"


def test_everything_is_let_go() -> None:
    x = Tensor(np.ones(3))
    with viz.record() as recording:
        h = x * 2.0
        d = h.detach()
        y = (d * x).sum()
    watched = [weakref.ref(t) for t in (h, d, y)]
    gc.disable()
    try:
        del h, d
        y.backward()
        assert watched[0]() is not None  # the recording still has it
        del recording
        assert watched[0]() is None
        assert watched[1]() is not None
        del y
        assert [ref() for ref in watched] == [None] * 3
    finally:
        gc.enable()


def test_after_an_error_nothing_but_the_error_holds_on() -> None:
    def run() -> tuple[list[weakref.ref[Tensor]], viz.Recording]:
        x = Tensor(np.ones(3))
        try:
            with viz.record() as recording:
                h = x * 2.0
                h + np.ones(4)
        except ValueError:
            return [weakref.ref(h)], recording
        raise AssertionError

    gc.collect()
    gc.disable()
    try:
        (h,), recording = run()
        assert h() is not None
        del recording
        assert h() is None
    finally:
        gc.enable()


def test_recording_changes_no_result() -> None:
    def compute() -> list[Any]:
        rng = np.random.default_rng(0)
        w, x = Tensor(rng.normal(size=(3, 2))), Tensor(rng.normal(size=(4, 3)), requires_grad=False)
        with scope("layer"):
            h = (x @ w).tanh()
        with no_grad():
            target = (x @ w) * 0.5
            with enable_grad():
                extra = (w * w).sum()
        loss = ((h - target) ** 2).mean() + extra * 0.1
        loss.backward(retain=True)
        first = w.grad
        w.grad = None
        loss.backward(create_graph=True)
        curvature = grad(grad(lambda t: (t * t).tanh()))(0.3)
        return [loss.item(), first, w.grad.data, float(curvature), h.grad.data if h.grad is not None else None, h.scope]

    plain = compute()
    with viz.record():
        recorded = compute()
    for a, b in zip(plain, recorded, strict=True):
        np.testing.assert_array_equal(a, b)


def test_nothing_is_asked_when_no_recording_is_open() -> None:
    """The fast paths look at one number, and it is zero again."""
    with viz.record():
        assert _state.unusual == 1
    with suppress(ValueError), viz.record():
        raise ValueError
    assert _state.unusual == 0
    assert _state.settings.watcher is None


# -- drawings --------------------------------------------------------------------------------------------------------


def test_what_failed_is_drawn_in_red_and_marked() -> None:
    net = Wrong()
    recording, _ = failed(lambda: net(np.ones((5, 4), np.float32)))
    for drawing in (viz.draw(recording), recording.draw(), viz.draw(recording, collapse=True)):
        (node,) = [node for node in drawing.graph.nodes if node.kind == "failed"]
        assert node.label == "✗ Linear"
        assert node.detail[0] == "float32 (5, 8)"
        assert "expected input of shape (..., 6), got float32 (5, 8)" in node.detail[1]
        assert "✗ Linear" in drawing.source
    assert viz.draw(recording)._repr_mimebundle_()["image/svg+xml"]
    assert recording._repr_mimebundle_()["image/svg+xml"]
    assert "✗ Linear" in str(viz.draw(recording))


def test_a_deep_network_that_fails_is_folded_but_for_what_failed() -> None:
    class Block(nn.Module):
        def __init__(self, size: int) -> None:
            super().__init__()
            self.linear = nn.Linear(size, 4)

        def forward(self, x: Any) -> Any:
            return (self.linear(x) * 2.0 + 1.0).tanh() * 0.5 + x

    net = nn.Sequential(*(Block(4) for _ in range(60)), Block(5))
    recording, _ = failed(lambda: net(np.ones((2, 4), np.float32)))
    graph = viz.draw(recording).graph
    assert [node.kind for node in graph.nodes].count("failed") == 1
    assert len(graph.nodes) < 60


def test_a_cut_is_drawn_with_what_is_behind_it() -> None:
    x, w = Tensor(2.0), Tensor(3.0)
    with viz.record() as recording:
        h = x.exp()
        y = h.detach() * w
    y.backward()
    drawing = viz.draw(recording)
    labels = [node.label for node in drawing.graph.nodes]
    assert "exp" in labels
    cut = next(node for node in drawing.graph.nodes if node.label.startswith("✂"))
    assert cut.label == "✂ detached"
    assert any(wire.node == cut.id for wire in drawing.graph.wires)
    assert drawing.svg
    del h
