"""Traces as plain data: their JSON, read from anywhere, and the summaries of arrays in them.

After a change that is meant, write the golden files anew with ``python tests/viz/test_traces.py``, and look at the
difference.
"""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import viz_graphs as graphs
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import viz
from autograd import Tensor, add, concatenate, scope
from autograd.sources import Source
from viz.json_format import FORMAT, from_dict, loads, to_dict
from viz.numbers import BINS, KEPT, PICTURE, Numbers
from viz.traces import Check, Entry, Input, Trace

GOLDEN = Path(__file__).parent / "golden"


def small_tensors() -> Tensor:
    """An array that is broadcast and used twice, a constant array, a plain number, an axis, a scope."""
    x = Tensor(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32), name="x")
    b = Tensor(np.array([0.5, -0.5, 0.0], np.float32), name="b")
    with scope("layer"):
        h = (x + b) * np.array([1.0, 2.0, 4.0], np.float32)
    return (h * x * 2.0).sum(axis=0).max()


TRACES = {"trace_sigmoid": graphs.sigmoid_example, "trace_tensors": small_tensors}


# -- JSON out --------------------------------------------------------------------------------------------------------


def assert_alike(found: Any, wanted: Any, where: str = "") -> None:
    """Equal but for the last digits of floats, in which machines differ."""
    if isinstance(wanted, dict):
        assert list(found) == list(wanted), where
        for key in wanted:
            assert_alike(found[key], wanted[key], f"{where}.{key}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), where
        for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
            assert_alike(a, b, f"{where}.{i}")
    else:
        close = isinstance(wanted, float) and found == pytest.approx(wanted, rel=1e-6, abs=1e-12)
        assert type(found) is type(wanted), where
        assert close or found == wanted, where


@pytest.mark.parametrize("name", TRACES)
def test_json_is_the_golden_one(name: str) -> None:
    found = viz.trace(TRACES[name]()).to_json(indent=1)
    assert_alike(json.loads(found), json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", TRACES)
def test_golden_json_is_read_and_written_again_as_it_is(name: str) -> None:
    text = (GOLDEN / f"{name}.json").read_text(encoding="utf-8").rstrip("\n")
    assert Trace.from_json(text).to_json(indent=1) == text


def test_golden_json_has_cs231n_s_numbers() -> None:
    trace = Trace.from_json((GOLDEN / "trace_sigmoid.json").read_text(encoding="utf-8"))
    gradients = {e.name: round(e.gradient.values[0], 2) for e in trace.entries if e.name and e.gradient}
    assert gradients == {"w0": -0.2, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.2}
    assert round(trace.by_id[trace.root].value.values[0], 2) == 0.73


def round_trip(trace: Trace) -> Trace:
    again = Trace.from_json(trace.to_json())
    assert again.to_json() == trace.to_json()
    return again


def traced(t: Tensor) -> Trace:
    return round_trip(viz.trace(t))


def test_trace_comes_back_equal() -> None:
    for make in TRACES.values():
        trace = viz.trace(make())
        assert Trace.from_json(trace.to_json()) == trace
    loss = graphs.network()
    assert round_trip(viz.trace(loss)) == viz.trace(loss)


def test_numbers_that_json_does_not_know_come_back() -> None:
    x = Tensor([1.0, -1.0, 0.0], name="x")
    with np.errstate(all="ignore"):
        values = traced((x / np.zeros(3)).sum()).entries[2].value.values
    assert values[:2] == (math.inf, -math.inf)
    assert math.isnan(values[2])
    z = Tensor(np.array([1 + 2j, complex(math.nan, math.inf)]), requires_grad=False)
    found = traced(z).entries[0].value
    assert (found.values[0], found.dtype, found.nans) == (1 + 2j, "complex128", 1)
    assert math.isnan(found.values[1].real)
    assert found.values[1].imag == math.inf


def test_parameters_that_look_like_numbers_stay_text() -> None:
    trace = viz.trace(Tensor(1.0).exp())
    gate = trace.entries[-1]
    plain = Entry(**{f: getattr(gate, f) for f in gate.__dataclass_fields__} | {"attributes": {
        "word": "nan", "words": ("inf", math.inf, None), "flag": True, "z": 1j, "half": 0.5, "text": "x",
    }})  # fmt: skip
    changed = Trace((*trace.entries[:-1], plain), trace.boxes, trace.operations, trace.root)
    assert round_trip(changed).entries[-1].attributes == plain.attributes


def test_every_field_survives() -> None:
    trace = viz.trace(graphs.fork())
    first = trace.entries[0]
    full = Entry(**{f: getattr(first, f) for f in first.__dataclass_fields__} | {
        "kind": "detached", "stale": True, "saved": 8, "reason": "detached at model.py:12",
        "source": Source("model.py", 12, "forward", "h = x.detach()", (4, 14)), "check": Check(1.0, 1.5, "x"),
    })  # fmt: skip
    changed = Trace((full, *trace.entries[1:]), trace.boxes, trace.operations, trace.root, note="changed")
    assert round_trip(changed) == changed
    failed = Entry("n9", "failed", "", "matmul", "@", ("(2, 3) @ (4, 5)",), {}, (Input("n0", None, None, None),), None,
                   None, False, reason="matmul: shapes do not fit")  # fmt: skip
    assert not failed.is_leaf
    assert round_trip(Trace((full, failed), (), {}, "n9")).entries[1] == failed


def test_what_operations_take_is_stored() -> None:
    """Attributes of many kinds: axes, slices, arrays, dtypes."""
    x = Tensor(np.arange(6.0).reshape(2, 3), name="x")
    for t in (
        x[::2, np.array([0, 1])].sum(), x[..., None].sum(), x.sum(axis=(0, 1)), x.astype(np.float32).sum(),
        concatenate([x, x], axis=1).sum(), (x @ np.ones(3)).sum(), add(x, np.float32(2)).sum(),
    ):  # fmt: skip
        traced(t)


def test_deep_graph_is_written_and_read_without_recursion() -> None:
    y = Tensor(1.0)
    for _ in range(1500):
        y = y + 1.0
    assert len(traced(y).entries) == 1501


# -- JSON in ---------------------------------------------------------------------------------------------------------


def good() -> dict[str, Any]:
    return copy.deepcopy(GOOD)


GOOD = to_dict(viz.trace(small_tensors()))


def refused(data: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        from_dict(data)
    assert str(caught.value).startswith("trace from JSON: ")
    assert len(str(caught.value)) < 400


def test_not_a_trace() -> None:
    for data in (None, 1, [], {}, {"format": "other"}):
        refused(data, 'this is no trace; one starts with {"format": "glassgrad trace"')
    for version in (2, True, 1.0, "1", None, [1]):
        refused({"format": FORMAT, "version": version}, "version .* is unknown here, which reads 1")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("root"), "'root' is missing"),
        (lambda d: d.update(root="n99"), "root 'n99' is no entry"),
        (lambda d: d.update(root=3), "'root' cannot be 3"),
        (lambda d: d.update(extra=1), "'extra' is unknown; known are entries, boxes"),
        (lambda d: d.update(sent={}), "'sent' is unknown"),
        (lambda d: d.update(entries={}), "'entries' cannot be an object of 0"),
        (lambda d: d["entries"].append(d["entries"][0]), "entry 'n0' is there twice"),
        (lambda d: d["entries"].reverse(), r"entry 'n\d+' takes 'n\d+', which does not stand before it"),
        (lambda d: d["entries"][0].update(kind="thing"), "'entries.0.kind' cannot be 'thing'"),
        (lambda d: d["entries"][0].update(kind=["gate"]), "'entries.0.kind' cannot be a list of 1"),
        (lambda d: d["entries"][0].update(kind="gate"), "entry 'n0' is a gate whose operation, '', is not listed"),
        (lambda d: d["entries"][2].update(kind="variable"), "entry 'n2' is a variable, which has neither"),
        (lambda d: d["entries"][0].update(behind=["n2"]), "'n0' was cut off from something that does not stand before"),
        (lambda d: d["entries"][0].update(behind="n2"), "'entries.0.behind' cannot be 'n2'"),
        (lambda d: d["entries"][2].update(box="b7"), "entry 'n2' lies in an unknown box 'b7'"),
        (lambda d: d["entries"][2].update(saved=1.5), "'entries.2.saved' cannot be 1.5"),
        (lambda d: d["entries"][2].update(saved=True), "'entries.2.saved' cannot be True"),
        (lambda d: d["entries"][2].update(requires_grad=1), "'entries.2.requires_grad' cannot be 1"),
        (lambda d: d["entries"][2]["inputs"][0].update(source="n2"), "entry 'n2' takes 'n2', which does not stand"),
        (lambda d: d["entries"][2]["inputs"][0].update(number=1.0), "an input is either a source or a number"),
        (lambda d: d["entries"][2]["inputs"][0].update(source=None), "an input is either a source or a number"),
        (lambda d: d["entries"][2]["inputs"].append(None), "entries.2.inputs.2 must be an object, got NoneType"),
        (lambda d: d["entries"][0]["value"].update(shape=[-2, 3]), "'entries.0.value' has a negative length"),
        (lambda d: d["entries"][0]["value"].update(shape=[7]), "has 6 values, and a shape for 7"),
        (lambda d: d["entries"][0]["value"].update(shape=[10**30]), "has 6 values, and a shape for 1000"),
        (lambda d: d["entries"][0]["value"].update(dtype="object"), "'entries.0.value.dtype' cannot be 'object'"),
        (lambda d: d["entries"][0]["value"].update(dtype="f4,f8"), "'entries.0.value.dtype' cannot be 'f4,f8'"),
        (lambda d: d["entries"][0]["value"].update(zeros=-1), "negative length or count"),
        (lambda d: d["entries"][0]["value"].update(mean=None), "some of mean, std, low and high, but not all"),
        (lambda d: d["entries"][0]["value"].update(mean="<script>"), "'entries.0.value.mean' cannot be '<script>'"),
        (lambda d: d["entries"][0]["value"].update(mean=10**400), "'entries.0.value.mean' is too large a number"),
        (lambda d: d["entries"][0]["value"].update(mean={"re": 1, "im": 2}), "'entries.0.value.mean' cannot be"),
        (lambda d: d["entries"][0]["value"].update(histogram=[1]), r"value.histogram' must have 12 parts"),
        (lambda d: d["entries"][0]["value"].update(picture=[]), "picture' must be rows of one length, up to 16"),
        (lambda d: d["entries"][0]["value"].update(picture=[[1.0], [1.0, 2.0]]), "picture' must be rows of one length"),
        (lambda d: d["entries"][0]["value"].update(picture=[[0.0] * 17]), "picture' must be rows of one length"),
        (lambda d: d["entries"][-1].update(attributes={"a": {"b": 1}}), "attributes.a' cannot be an object of 1"),
        (lambda d: d["boxes"].append(d["boxes"][0]), "box 'b0' is there twice"),
        (lambda d: d["boxes"][0].update(parent="b9"), "box 'b0' .*stands before its parent"),
        (lambda d: d["boxes"][0].update(parent="b0"), "box 'b0' .*stands before its parent"),
        (lambda d: d["operations"]["add"].update(name="sum"), "operation 'add' is called 'sum'"),
        (lambda d: d["operations"].pop("add"), "entry 'n2' is a gate whose operation, 'add', is not listed"),
        (lambda d: d["operations"]["add"].update(partials="1"), "'operations.add.partials' cannot be '1'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(change: Any, message: str) -> None:
    data = good()
    change(data)
    refused(data, message)


def test_values_that_are_no_numbers_are_said_with_their_place() -> None:
    data = good()
    data["entries"][0]["value"]["values"][1] = "<b>"
    refused(data, "'entries.0.value.values.1' cannot be '<b>'")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ('{"format": NaN}', "NaN is not JSON; a trace writes it as a string"),
        ("[Infinity]", "Infinity is not JSON"),
        ("[" * 100_000, "nested too deeply|Expecting value|Too deeply"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply|Too deeply"),
        ("1" * 5000, "digits"),
        ('"\ud800"', "this is no trace"),
    ],
)
def test_what_is_no_json(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"trace from JSON: .*({message})"):
        Trace.from_json(text)


def test_deep_nesting_inside_a_trace_is_refused() -> None:
    for depth in (500, 900, 5000):
        data = good()
        deep: Any = []
        for _ in range(depth):
            deep = [deep]
        data["entries"][-1]["attributes"] = {"a": deep}
        refusal = refusal_of(lambda data=data: from_dict(data))
        assert refusal is None or "nested too deeply" in refusal  # interpreters differ in what is too deep
        data = good()
        data["entries"][0]["value"]["values"] = deep
        refused(data, "nested too deeply|cannot be a list of 1")


def test_numbers_too_large_for_a_float_are_refused() -> None:
    data = good()
    data["entries"][0]["value"]["values"][0] = 10**400
    refused(data, "'entries.0.value.values.0' is too large a number")
    text = json.dumps(good()).replace('"root"', '"note": "", "root"', 1)
    assert Trace.from_json(text)
    broken = json.dumps(good()).replace('"mean": 3.5', '"mean": 1e999', 1)
    assert "1e999" in broken
    with pytest.raises(ValueError, match="mean' is too large a number"):
        Trace.from_json(broken)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["n0", "n1", "gate"]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=6), inside, max_size=3),
    max_leaves=8,
)


def refusal_of(read: Callable[[], Trace]) -> str | None:
    """Why a trace is refused, which is a ValueError of its own, short, and nothing else; None if it is read."""
    try:
        round_trip(read())
    except ValueError as error:
        refusal = str(error)
    else:
        return None
    assert refusal.startswith("trace from JSON: ")
    assert len(refusal) < 400
    return refusal


@given(JSON)
@example({"format": FORMAT, "version": 1, "entries": [], "boxes": [], "operations": {}, "root": ""})
def test_random_json_is_read_or_refused(data: Any) -> None:
    refusal_of(lambda: from_dict(data))
    refusal_of(
        lambda: from_dict(
            {"format": FORMAT, "version": 1, "entries": data, "boxes": [], "operations": {}, "root": "n0"}
        )
    )


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every container in nested JSON with each of its keys."""
    found, pending = [], [data]
    while pending:
        container = pending.pop()
        keys = range(len(container)) if isinstance(container, list) else container
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], (list, dict)):
                pending.append(container[key])
    return found


@given(st.data())
def test_changed_traces_are_read_or_refused(data: Any) -> None:
    changed = good()
    for _ in range(data.draw(st.integers(1, 3))):
        everywhere = places(changed)
        container, key = everywhere[data.draw(st.integers(0, len(everywhere) - 1))]
        what = data.draw(st.sampled_from(["replace", "delete", "double", "swap"]))
        if what == "replace":
            container[key] = data.draw(JSON)
        elif what == "delete":
            del container[key]
        elif what == "double" and isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        else:
            other, other_key = everywhere[data.draw(st.integers(0, len(everywhere) - 1))]
            container[key] = copy.deepcopy(other[other_key])
    refusal_of(lambda: from_dict(changed))


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_random_text_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="trace from JSON"):
        Trace.from_json(text)


@given(st.integers(0, 3000), st.integers(0, 3000), st.text(max_size=4))
def test_cut_and_spliced_text_is_read_or_refused(start: int, end: int, middle: str) -> None:
    text = json.dumps(GOOD)
    text = text[:start] + middle + text[max(start, len(text) - end) :]
    refusal_of(lambda: Trace.from_json(text))


def test_hostile_text_stays_text() -> None:
    data = good()
    for hostile in ("</script><script>alert(1)</script>", "__import__('os').system('false')", "\x00\u202e", "\ud800"):
        data["entries"][0]["name"] = data["note"] = hostile
        trace = from_dict(data)
        assert (trace.entries[0].name, trace.note) == (hostile, hostile)
        assert loads(trace.to_json())["note"] == hostile
        assert trace.to_json().encode()  # a half of a character has no encoding, but an escape


def test_traces_are_copied_and_pickled() -> None:
    with scope("layer"):
        trace = viz.trace(concatenate([Tensor([1.0]) * 2.0, Tensor([3.0])]).sum())
    for again in (pickle.loads(pickle.dumps(trace)), copy.deepcopy(trace)):
        assert again == trace
        assert again.to_json() == trace.to_json()
        assert viz.draw(again).source == viz.draw(trace).source


# -- summaries of arrays ---------------------------------------------------------------------------------------------

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=7)
ARRAYS = st.one_of(
    hnp.arrays(np.float64, SHAPES, elements=st.floats(width=64)),
    hnp.arrays(np.float32, SHAPES, elements=st.floats(width=32)),
    hnp.arrays(np.float16, SHAPES, elements=st.floats(width=16)),
    hnp.arrays(st.sampled_from([np.int8, np.uint8, np.int64, np.uint64, np.bool_]), SHAPES),
    hnp.arrays(np.complex128, SHAPES, elements=st.complex_numbers()),
    hnp.arrays(np.complex64, SHAPES, elements=st.complex_numbers(width=64)),
)


@given(ARRAYS)
def test_numbers_are_those_of_numpy(array: np.ndarray[Any, Any]) -> None:
    numbers = Numbers.of(array, pictures=True)
    assert (numbers.shape, numbers.size, numbers.dtype) == (array.shape, array.size, str(array.dtype))
    if array.size <= KEPT:
        assert np.array_equal(np.array(numbers.values, array.dtype).reshape(array.shape), array, equal_nan=True)
    else:
        assert numbers.values is None
    assert numbers.zeros == np.sum(array == 0)
    assert numbers.nans == np.isnan(array).sum()
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = np.abs(array) if array.dtype.kind == "c" else array
    finite = sizes[np.isfinite(sizes)].astype(np.longdouble)
    assert numbers.infinities == array.size - numbers.nans - finite.size
    if not finite.size:
        assert (numbers.mean, numbers.std, numbers.low, numbers.high) == (None,) * 4
        assert (numbers.picture, numbers.histogram) == (None, None)
        return
    assert (numbers.low, numbers.high) == (float(finite.min()), float(finite.max()))
    largest = float(np.abs(finite).max())
    assert numbers.mean == pytest.approx(float(finite.mean()), rel=1e-9, abs=1e-12 * largest)
    assert numbers.std == pytest.approx(float(finite.std()), rel=1e-6, abs=1e-7 * largest)
    if array.ndim:
        assert sum(numbers.histogram) == finite.size
        assert len(numbers.histogram) == BINS
    else:
        assert (numbers.picture, numbers.histogram) == (None, None)
    trace = Trace((Entry("n0", "constant", "", "", "", (), {}, (), numbers, None, False),), (), {}, "n0")
    round_trip(trace)


def block_means(array: np.ndarray[Any, Any]) -> list[list[float | None]]:
    """What the picture must be, element by element."""
    grid = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
    rows, columns = (min(length, PICTURE) for length in grid.shape)
    picture: list[list[float | None]] = []
    for i in range(rows):
        picture.append([])
        for j in range(columns):
            part = grid[
                i * grid.shape[0] // rows : (i + 1) * grid.shape[0] // rows,
                j * grid.shape[1] // columns : (j + 1) * grid.shape[1] // columns,
            ]
            good = part[np.isfinite(part)]
            picture[-1].append(float(np.mean(good, dtype=np.float64)) if good.size else None)
    return picture


@pytest.mark.parametrize(
    "shape", [(5,), (16,), (17,), (100,), (3, 4), (16, 16), (20, 3), (40, 50), (2, 3, 4, 5), (1, 1)]
)
@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int64, np.bool_])
@pytest.mark.parametrize("odd", [False, True])
def test_picture_is_made_of_block_means(shape: Any, dtype: Any, odd: bool, rng: np.random.Generator) -> None:
    array = (rng.normal(size=shape) * 10).astype(dtype)
    if odd and array.dtype.kind == "f":
        array[rng.random(shape) < 0.4] = rng.choice([np.nan, np.inf, -np.inf])
        array.flat[0] = 3
    found = Numbers.of(array, pictures=True).picture
    assert found is not None
    for row, wanted in zip(found, block_means(array), strict=True):
        assert [x is None for x in row] == [x is None for x in wanted]
        assert [x for x in row if x is not None] == pytest.approx([x for x in wanted if x is not None], rel=1e-6)


@pytest.mark.parametrize("scale", [1.0, 1e300, 1e-300, -1e-3])
def test_histogram_is_numpy_s(scale: float, rng: np.random.Generator) -> None:
    array = rng.normal(size=(50, 40)) * scale
    assert Numbers.of(array, pictures=True).histogram == tuple(np.histogram(array, bins=BINS)[0])


def test_histogram_of_integers_and_of_equal_numbers() -> None:
    assert Numbers.of(np.arange(12), pictures=True).histogram == (1,) * 12
    assert Numbers.of(np.full(5, 7.0), pictures=True).histogram == (5, *(0,) * 11)
    assert Numbers.of(np.array([True, False, True]), pictures=True).histogram == (1, *(0,) * 10, 2)


def test_extremes_of_every_dtype() -> None:
    numbers = Numbers.of(np.array([-1.7e308, 1.7e308, 1.7e308] * 100).reshape(30, 10), pictures=True)
    assert numbers.mean == pytest.approx(1.7e308 / 3)
    assert all(math.isfinite(x) for row in numbers.picture for x in row)
    numbers = Numbers.of(np.array([1e-200, 3e-200, 5e-324]), pictures=True)
    assert numbers.std == pytest.approx(np.std([1.0, 3.0, 0.0]) * 1e-200)
    assert Numbers.of(np.array([5e-324, 0.0])).mean in (0.0, 5e-324)
    numbers = Numbers.of(np.array([2**63 - 1, -(2**63)]), pictures=True)
    assert numbers.values == (2**63 - 1, -(2**63))
    numbers = Numbers.of(np.full(1000, 65504, np.float16), pictures=True)
    assert (numbers.mean, numbers.std, numbers.picture[0][0]) == (65504.0, 0.0, 65504.0)
    numbers = Numbers.of(np.array([complex(1e308, 1e308) * 1.5, 3 + 4j]))
    assert (numbers.infinities, numbers.nans, numbers.high) == (1, 0, 5.0)
    assert Numbers.of(np.array([complex(math.nan, math.inf)])).nans == 1
    long = np.array([1, 2], np.longdouble)
    assert [type(x) for x in Numbers.of(long).values] == [float, float]
    assert [type(x) for x in Numbers.of(long * np.clongdouble(1j)).values] == [complex, complex]
    assert Numbers.of(np.array([1.0, 2.0], ">f4"), pictures=True).dtype == ">f4"


@pytest.mark.parametrize("value", [3.0, -0.0, 7, True, 1 + 1j, np.float32(2), Tensor(2.0), float("nan"), float("inf")])
def test_scalars_have_their_value_and_no_picture(value: Any) -> None:
    numbers = Numbers.of(value, pictures=True)
    assert (numbers.shape, numbers.size, numbers.picture, numbers.histogram) == ((), 1, None, None)
    (held,) = numbers.values
    assert held == value or (held != held and value != value)
    assert type(held) in (float, int, bool, complex)
    assert numbers == Numbers.of(np.asarray(value.data if isinstance(value, Tensor) else value)) or held != held


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 4)])
def test_empty_arrays(shape: tuple[int, ...]) -> None:
    numbers = Numbers.of(np.zeros(shape), pictures=True)
    assert (numbers.values, numbers.mean, numbers.low, numbers.picture) == ((), None, None, None)


@pytest.mark.parametrize(
    "value", ["text", None, [object()], np.array(["a"]), np.array([None]), np.datetime64("2020-01-01")]
)
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="expected numbers"):
        Numbers.of(value)


if __name__ == "__main__":
    for name, make in TRACES.items():
        (GOLDEN / f"{name}.json").write_text(viz.trace(make()).to_json(indent=1) + "\n", encoding="utf-8")
