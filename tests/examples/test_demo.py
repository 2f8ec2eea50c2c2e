"""The demo runs as a program, prints what it promises and leaves its files behind."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest

import nn

pytest.importorskip("sklearn")
pytest.importorskip("tqdm")

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"


def run(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(
        [sys.executable, str(DEMO), *arguments], capture_output=True, encoding="utf-8", env=environment, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "out"


@pytest.fixture(scope="module")
def finished(folder: Path) -> subprocess.CompletedProcess[str]:
    """The whole demo as ``make demo`` runs it."""
    return run("--out", str(folder))


def test_it_reaches_its_goal(finished: subprocess.CompletedProcess[str]) -> None:
    assert finished.returncode == 0, finished.stderr
    accuracy = re.search(r"Test accuracy ([\d.]+)% after 40 epochs in [\d.]+ s", finished.stdout)
    assert accuracy
    assert float(accuracy[1]) >= 97
    assert "test_accuracy=" in finished.stderr


def test_it_shows_every_step_of_the_neuron(finished: subprocess.CompletedProcess[str]) -> None:
    lines = [re.sub(r"\s+", " ", line).strip() for line in finished.stdout.splitlines()]
    assert "c = a + b = -2.0000 + 6.0000 = 4.0000" in lines
    assert "g = exp(e) = exp(-1.0000) = 0.3679" in lines
    assert "f = 1 ÷ h = 1.0000 ÷ 1.3679 = 0.7311" in lines
    assert "f = 1 ÷ h to h: 1.0000 × -0.5344 = -0.5344" in lines
    assert "e = negative(d) to d: -0.1966 × -1.0000 = 0.1966" in lines
    assert "b = w1 × x1 to x1: 0.1966 × -3.0000 = -0.5898" in lines
    assert "df/dw0 = -0.1966, df/dw1 = -0.3932, df/dw2 = 0.1966, df/dx0 = 0.3932, df/dx1 = -0.5898" in lines
    steps = [re.fullmatch(r".* to \w+: (\S+) × (\S+) = (\S+)", line) for line in lines]
    checked = [tuple(map(float, step.groups())) for step in steps if step]
    assert len(checked) == 12
    assert all(abs(upstream * local - sent) < 2e-4 for upstream, local, sent in checked)


def test_it_says_where_every_file_is(finished: subprocess.CompletedProcess[str], folder: Path) -> None:
    written = sorted(folder.iterdir())
    assert {p.stem for p in written} == {"history", "mlp", "sigmoid"}
    assert len(written) == 4
    for path in written:
        assert str(path.resolve()) in finished.stdout
        assert path.stat().st_size > 0


def test_the_drawings_show_gates_and_modules(finished: subprocess.CompletedProcess[str], folder: Path) -> None:
    sigmoid, network = (unescape((folder / f"{name}.svg").read_text("utf-8")) for name in ("sigmoid", "mlp"))
    for text in ("w0", "x1", "0.73", "-0.59", "exp"):
        assert text in sigmoid
    for text in ("0: Linear", "1: ReLU", "4: Linear", "CrossEntropyLoss", "images"):
        assert text in network


def test_the_weights_and_the_history_can_be_read(finished: subprocess.CompletedProcess[str], folder: Path) -> None:
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    with np.load(folder / "mlp.npz") as weights:
        model.load_state_dict(weights)
    with (folder / "history.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["epoch"]) for row in rows] == list(range(1, 41))
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert float(rows[-1]["test_accuracy"]) >= 0.97


def test_a_run_that_falls_short_says_so_and_draws_without_dot_too(tmp_path: Path) -> None:
    result = run("--out", str(tmp_path), "--epochs", "1", path=str(tmp_path))
    assert result.returncode == 1
    assert "did not reach 97%: train longer, see --epochs" in result.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"history.csv", "mlp.npz", "mlp.svg", "sigmoid.svg"}
    assert "0.73" in (tmp_path / "sigmoid.svg").read_text("utf-8")


@pytest.mark.parametrize(("arguments", "message"), [(("--epochs", "0"), "at least 1"), (("--seed", "-1"), "negative")])
def test_arguments_are_checked(arguments: tuple[str, ...], message: str) -> None:
    result = run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
