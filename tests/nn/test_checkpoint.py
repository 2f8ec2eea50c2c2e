"""Checkpoints: resumed bit for bit, whole after a kill at any moment, all or nothing when loading."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor
from nn import functional as F
from nn._random import restore_generator

pytest.importorskip("safetensors", reason="the package safetensors is not installed")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.safetensors"


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    nn.manual_seed(0)
    yield
    nn.manual_seed(0)


class Noisy(nn.Module):
    """Draws in forward, from a generator of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = np.random.default_rng(1)
        self.linear = nn.Linear(4, 4)
        self.register_buffer("calls", np.zeros((), np.int64))

    def forward(self, x: Any) -> Any:
        self.calls = self.calls.data + 1
        return self.linear(x) + self.generator.normal(size=4).astype(np.float32)


class Decay:
    """A schedule, as far as a checkpoint is concerned: whatever has a state."""

    def __init__(self, optimizer: Any) -> None:
        self.optimizer, self.last = optimizer, 0

    def step(self) -> None:
        self.last += 1
        for group in self.optimizer.param_groups:
            group["lr"] = 0.1 / self.last

    def state_dict(self) -> dict[str, Any]:
        return {"last": self.last}

    def load_state_dict(self, state: Any) -> None:
        self.last = state["last"]


OPTIMIZERS = {"Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Lion", "NAdam", "RAdam", "RMSprop", "SGD"}
DATA = np.random.default_rng(2).normal(size=(12, 4)).astype(np.float32)


def build(kind: str = "Adam") -> dict[str, Any]:
    model = nn.Sequential(nn.Linear(4, 4), Noisy(), nn.BatchNorm1d(4), nn.Tanh(), nn.Dropout(0.2), nn.Linear(4, 2))
    settings = {"momentum": 0.9} if kind in ("SGD", "RMSprop") else {}
    optimizer = getattr(optim, kind)(model.parameters(), lr=0.1, **settings)
    loader = nn.DataLoader(DATA, np.arange(12) % 2, batch_size=5, shuffle=True)
    return {"model": model, "optimizer": optimizer, "scheduler": Decay(optimizer), "loader": loader}


def train(parts: dict[str, Any], epochs: int) -> None:
    for _ in range(epochs):
        for x, y in parts["loader"]:
            parts["optimizer"].zero_grad()
            F.cross_entropy(parts["model"](x), y).backward()
            parts["optimizer"].step()
        parts["scheduler"].step()


def fingerprint(parts: dict[str, Any]) -> bytes:
    return b"".join(array.tobytes() for array in parts["model"].state_dict().values())


@pytest.mark.parametrize("kind", sorted(set(optim.__all__) & OPTIMIZERS))
def test_a_resumed_training_goes_on_bit_for_bit(kind: str, path: Path) -> None:
    whole = build(kind)
    train(whole, 5)

    nn.manual_seed(0)
    first = build(kind)
    train(first, 2)
    nn.save_checkpoint(path, **first, epoch=2)
    nn.manual_seed(99)
    resumed = build(kind)
    assert nn.load_checkpoint(path, **resumed) == {"epoch": 2}
    assert fingerprint(resumed) == fingerprint(first)
    train(resumed, 3)
    assert fingerprint(resumed) == fingerprint(whole)
    assert resumed["model"][1].calls.item() == 15


@pytest.mark.parametrize("left_out", ["optimizer", "loader", "random_state"])
def test_every_part_counts(left_out: str, path: Path) -> None:
    whole = build()
    train(whole, 2)
    nn.save_checkpoint(path, **whole)
    train(whole, 1)
    resumed = build()
    given: dict[str, Any] = {**resumed, "random_state": True}
    nn.load_checkpoint(path, **{**given, **({"random_state": False} if left_out == "random_state" else {})})
    if left_out != "random_state":
        resumed[left_out] = build()[left_out]
        if left_out == "optimizer":
            resumed["optimizer"] = optim.Adam(resumed["model"].parameters(), lr=0.1)
        nn.load_checkpoint(path, model=resumed["model"])
    train(resumed, 1)
    assert fingerprint(resumed) != fingerprint(whole)


RESUME = """
import sys
sys.path.insert(0, sys.argv[2])
import nn
from tests.nn.test_checkpoint import build, fingerprint, train
parts = build()
nn.load_checkpoint(sys.argv[1], **parts)
train(parts, 2)
print(fingerprint(parts).hex())
"""


def test_another_process_goes_on_bit_for_bit(path: Path) -> None:
    parts = build()
    train(parts, 1)
    nn.save_checkpoint(path, **parts)
    train(parts, 2)
    root = str(Path(__file__).parents[2])
    result = subprocess.run(
        [sys.executable, "-c", RESUME, str(path), root], capture_output=True, text=True, check=True, cwd=root
    )
    assert bytes.fromhex(result.stdout.strip()) == fingerprint(parts)


SAVE_FOREVER = """
import sys, itertools, numpy as np, nn
model = nn.Linear(300, 300)
for i in itertools.count(1):
    nn.init.constant_(model.weight, i)
    nn.init.constant_(model.bias, i)
    nn.save_checkpoint(sys.argv[1], model=model, epoch=i, again=np.full(1000, i))
    if i == 2:
        print("ready", flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_whole_file(path: Path) -> None:
    rng = np.random.default_rng(int(time.time()))
    for _ in range(6):
        path.unlink(missing_ok=True)
        child = subprocess.Popen([sys.executable, "-c", SAVE_FOREVER, str(path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        with child.stdout:
            assert child.stdout.readline() == b"ready\n"
            time.sleep(rng.uniform(0, 0.1))
            child.send_signal(signal.SIGKILL)
            child.wait()
        model = nn.Linear(300, 300)
        values = nn.load_checkpoint(path, model=model)
        assert values["epoch"] >= 2
        assert (model.weight.data == values["epoch"]).all()
        assert (model.bias.data == values["epoch"]).all()
        assert (values["again"] == values["epoch"]).all()


def same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return repr(a) == repr(b)


def test_values_come_back_as_they_were(path: Path) -> None:
    values: dict[str, Any] = {
        "none": None,
        "yes": True,
        "big": 2**200,
        "numbers": [0.1, -0.0, float("inf"), float("nan"), 1e-320],
        "text": 'Grüße "$array" \n',
        "nested": {"a": [{"b": (1, (2.5, None))}], "": {}},
        "numbered": {0: "a", (1, "x"): [np.float32(1.5)], None: 2, 2.5: ()},
        "tricky": {"$array": "none", "a.b": np.arange(3), "a": {"b": np.arange(4)}},
        "arrays": (np.float64(0.1), np.zeros((2, 0)), np.array(3, np.int8), np.array([True, False])),
    }
    nn.save_checkpoint(path, **values)
    back = nn.load_checkpoint(path)
    assert same(back, values)
    nn.save_checkpoint(path, t=Tensor([1.0, 2.0]))
    assert nn.load_checkpoint(path)["t"].tolist() == [1.0, 2.0]


def test_other_programs_find_the_weights(path: Path) -> None:
    from safetensors import safe_open

    parts = build()
    train(parts, 1)
    nn.save_checkpoint(path, **parts, epoch=1)
    with safe_open(path, framework="np") as file:
        names = set(file.keys())
        metadata = file.metadata()
    assert {"model.0.weight", "model.1.calls", "model.2.running_mean", "optimizer.state.0.exp_avg"} <= names
    assert metadata["glassgrad"] == "checkpoint"
    assert json.loads(metadata["state"])["values"] == {"epoch": 1}


def snapshot(parts: dict[str, Any]) -> str:
    state = {name: parts[name].state_dict() for name in ("model", "optimizer", "scheduler")}
    loader = parts["loader"].state_dict()
    own = parts["model"][1].generator and parts["model"][1].generator.bit_generator.state
    with np.printoptions(floatmode="unique", threshold=sys.maxsize):
        return repr((state, loader, own, nn.get_rng_state()))


class Refusing(Decay):
    def load_state_dict(self, state: Any) -> None:
        self.last = -1
        if state["last"] == 2:
            raise KeyError("gamma")
        self.last = state["last"]


def misfits() -> dict[str, tuple[dict[str, Any], str]]:
    def other(**changes: Any) -> dict[str, Any]:
        return {**build(), **changes}

    sgd = build("SGD")
    fewer = build()
    fewer["optimizer"] = optim.Adam(list(fewer["model"].parameters())[:2])
    refusing = build()
    refusing["scheduler"] = Refusing(refusing["optimizer"])
    without = build()
    without["model"][1].generator = None
    return {
        "model": (
            other(model=nn.Sequential(nn.Linear(4, 4), Noisy(), nn.BatchNorm1d(4), *[nn.Tanh()] * 2, nn.Linear(4, 3))),
            r"model \(saved from Sequential\) does not fit, and nothing was changed: .*shape of 5.weight: expected",
        ),
        "optimizer": (
            sgd,
            r"optimizer \(saved from Adam\) does not fit, and nothing was changed: .*lacks the settings",
        ),
        "fewer parameters": (fewer, r"optimizer \(saved from Adam\) does not fit.*groups of \[2\] parameters"),
        "scheduler": (refusing, r"scheduler \(saved from Decay\) does not fit, and nothing was changed: 'gamma'"),
        "generators": (
            without,
            r"model .*random generators were saved for 1.generator, but the model has some for none",
        ),
    }


@pytest.mark.parametrize("name", ["model", "optimizer", "fewer parameters", "scheduler", "generators"])
def test_what_does_not_fit_changes_nothing_at_all(name: str, path: Path) -> None:
    saved = build()
    train(saved, 2)
    nn.save_checkpoint(path, **saved)
    parts, message = misfits()[name]
    if name == "scheduler":
        train(parts, 1)
    before = snapshot(parts)
    with pytest.raises(ValueError, match=rf"load_checkpoint: .*run\.safetensors: {message}"):
        nn.load_checkpoint(path, **parts)
    assert snapshot(parts) == before


def test_a_part_that_shows_its_own_dictionary_is_brought_back_as_well(path: Path) -> None:
    class Live:
        def __init__(self) -> None:
            self.values = {"last": [1]}

        def state_dict(self) -> Any:
            return self.values

        def load_state_dict(self, state: Any) -> None:
            self.values["last"][0] = state["last"][0]

    saved = Live()
    saved.values["last"][0] = 7
    nn.save_checkpoint(path, live=saved, other=nn.Linear(1, 1))
    part = Live()
    with pytest.raises(ValueError, match=r"other .*does not fit"):
        nn.load_checkpoint(path, live=part, other=nn.Linear(2, 1))
    assert part.values == {"last": [1]}
    nn.load_checkpoint(path, live=part)
    assert part.values == {"last": [7]}


def test_a_foreign_random_state_changes_nothing(path: Path) -> None:
    nn.save_checkpoint(path, draws=np.random.Generator(np.random.MT19937(0)), model=nn.Linear(1, 1))
    generator, model = np.random.default_rng(0), nn.Linear(1, 1)
    before = generator.bit_generator.state, model.weight.item(), nn.get_rng_state()
    with pytest.raises(ValueError, match=r"draws .*the state \(MT19937\) is not one of a PCG64 generator"):
        nn.load_checkpoint(path, model=model, draws=generator)
    assert (generator.bit_generator.state, model.weight.item(), nn.get_rng_state()) == before
    twister = np.random.Generator(np.random.MT19937(5))
    nn.load_checkpoint(path, draws=twister)
    assert twister.normal() == np.random.Generator(np.random.MT19937(0)).normal()


@pytest.mark.parametrize(
    ("kind", "forge"),
    [
        (np.random.MT19937, lambda state: state["state"].update(pos=10**8)),
        (np.random.MT19937, lambda state: state["state"].update(pos=-1)),
        (np.random.MT19937, lambda state: state["state"].update(key=np.zeros(5, np.uint32))),
        (np.random.Philox, lambda state: state.update(buffer_pos=-(10**8))),
        (np.random.Philox, lambda state: state.update(buffer=np.zeros(1, np.uint64))),
        (np.random.SFC64, lambda state: state["state"].update(state=[1, 2, 3])),
        (np.random.PCG64, lambda state: state.update(has_uint32=10**20)),
    ],
)
def test_forged_random_states_are_refused(kind: Any, forge: Any) -> None:
    # NumPy would read outside of a generator's buffer, wherever the position says.
    generator = np.random.Generator(kind(0))
    forged = generator.bit_generator.state
    forge(forged)
    with pytest.raises(ValueError, match=rf"the state \({kind.__name__}\) is not one of a {kind.__name__} generator"):
        restore_generator(generator, forged)
    assert generator.normal() == np.random.Generator(kind(0)).normal()


def test_parts_are_asked_for_by_name(path: Path) -> None:
    a, b = nn.Linear(2, 1), nn.Linear(2, 1)
    nn.save_checkpoint(path, generator=a, discriminator=b, epoch=1)
    x, y = nn.Linear(2, 1), nn.Linear(2, 1)
    nn.load_checkpoint(path, generator=x)  # one of them is enough
    nn.load_checkpoint(path, discriminator=y)
    assert x.weight.tolist() == a.weight.tolist()
    assert y.weight.tolist() == b.weight.tolist()
    with pytest.raises(ValueError, match=r"run.safetensors holds no 'model'; it holds 'generator', 'discriminator'"):
        nn.load_checkpoint(path, model=x)
    with pytest.raises(TypeError, match="load_checkpoint: epoch is of type int, which has no state to restore"):
        nn.load_checkpoint(path, epoch=0)


def test_the_random_state_can_be_left_alone(path: Path) -> None:
    nn.save_checkpoint(path, model=nn.ReLU())
    nn.manual_seed(7)
    before = nn.get_rng_state()
    nn.load_checkpoint(path, random_state=False)
    assert nn.get_rng_state() == before
    nn.load_checkpoint(path)
    assert nn.get_rng_state() != before
    nn.save_checkpoint(path, random_state=False)
    with pytest.raises(ValueError, match="was saved without random_state; load it with random_state=False"):
        nn.load_checkpoint(path)


@pytest.mark.parametrize("value", [abs, object(), {1, 2}, nn.Linear, 1j, [lambda: 0]])
def test_what_cannot_be_saved_is_named_and_leaves_the_old_file(value: Any, path: Path) -> None:
    nn.save_checkpoint(path, epoch=1)
    with pytest.raises(TypeError, match=r"save_checkpoint: extra\S* is (of type|the class) \w+, which cannot be saved"):
        nn.save_checkpoint(path, extra=value)
    assert nn.load_checkpoint(path) == {"epoch": 1}
    assert os.listdir(path.parent) == [path.name]


def test_what_contains_itself_cannot_be_saved(path: Path) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueError, match="save_checkpoint: extra is nested too deeply, or contains itself"):
        nn.save_checkpoint(path, extra=endless)


def rewrite(path: Path, changes: dict[str, str | None]) -> None:
    """Change a checkpoint's metadata, as another program might."""
    from safetensors.numpy import save_file

    content = path.read_bytes()
    metadata = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    save_file({}, path, {k: v for k, v in {**metadata, **changes}.items() if v is not None})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": "2"}, r"has the format 2, this version of glassgrad reads up to 1; install a newer one"),
        ({"version": None}, r"has the format None, this version"),
        (
            {"glassgrad": None},
            r"is no checkpoint: it holds tensors only; load them with nn.load_weights\(path, model\)",
        ),
        ({"state": "{"}, "is damaged: its description does not make sense"),
        ({"state": "{}"}, "is damaged: its description does not make sense"),
        ({"state": None}, "is damaged: its description does not make sense"),
        ({"state": '{"parts": {"a": {"$array": "gone"}}, "values": {}, "kinds": {}}'}, "is damaged"),
        ({"state": '{"parts": [], "values": {}, "kinds": {}}'}, "is damaged"),
        ({"state": '{"parts": {}, "values": {}, "kinds": 5}'}, "is damaged"),
        ({"state": '{"parts": {}, "kinds": {}, "values": {"a": ' + "9" * 9999 + "}}"}, "is damaged"),
        ({"state": '{"parts": {}, "kinds": {}, "values": {"a": ' + "[" * 9999 + "]" * 9999 + "}}"}, "is damaged"),
        ({"state": '{"parts": {}, "values": {"a": {"$dict": [[[], 1]]}}, "kinds": {}}'}, "is damaged"),
    ],
)
def test_foreign_and_future_checkpoints_are_refused(changes: dict[str, Any], message: str, path: Path) -> None:
    nn.save_checkpoint(path, epoch=1)
    rewrite(path, {"glassgrad crc32": None, **changes})
    with pytest.raises(ValueError, match=rf"load_checkpoint: .*run\.safetensors {message}"):
        nn.load_checkpoint(path)


def test_a_seed_is_a_whole_number() -> None:
    for wrong, error in ((None, TypeError), (True, TypeError), (0.5, TypeError), (-1, ValueError)):
        with pytest.raises(error):
            nn.manual_seed(wrong)  # type: ignore[arg-type]
    nn.manual_seed(np.int64(3))
    first = nn.Linear(3, 2).weight.tolist()
    nn.manual_seed(3)
    assert nn.Linear(3, 2).weight.tolist() == first


def test_the_state_of_the_default_generator_is_checked() -> None:
    state = nn.get_rng_state()
    first = nn.Linear(3, 2).weight.tolist()
    nn.set_rng_state(state)
    assert nn.Linear(3, 2).weight.tolist() == first
    before = nn.get_rng_state()
    for wrong in ({}, {"bit_generator": "PCG64"}, {**state, "state": {}}, {**state, "state": {"state": "x", "inc": 1}}):
        with pytest.raises(ValueError, match=r"the state \(.*\) is not one of a PCG64 generator"):
            nn.set_rng_state(wrong)
        assert nn.get_rng_state() == before
