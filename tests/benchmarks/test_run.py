"""The runner as a whole, quickly and with the engines at hand: it is what comes out that is tested, never how fast."""

from __future__ import annotations

import importlib.util
import json
import sys

import pytest

from benchmarks import __main__ as runner
from benchmarks import environments
from benchmarks.cases import OURS, QUICK_CASES

AT_HAND = [OURS] + [name for name in ("torch", "micrograd") if importlib.util.find_spec(name)]


@pytest.fixture(autouse=True)
def nothing_is_installed(monkeypatch):
    def refuse(engine: str, torch: str | None = None) -> None:
        raise AssertionError(f"an environment for {engine} was asked for")

    monkeypatch.setattr(environments, "interpreter", refuse)


def run(*arguments: str) -> int:
    interpreters = [f"--interpreter={engine}={sys.executable}" for engine in AT_HAND]
    return runner.main(["--quick", *interpreters, "--engines", *AT_HAND, *arguments])


def test_a_quick_run_agrees_prints_and_saves(tmp_path, capsys):
    assert run("--output", str(tmp_path)) == 0
    saved = json.loads((tmp_path / "results" / "measurements.json").read_text())
    expected = {(case.name, engine) for case in QUICK_CASES for engine in case.engines if engine in AT_HAND}
    assert {(row["case"], row["engine"]) for row in saved["measurements"]} == expected
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    for case in QUICK_CASES:
        assert f"| {case.title}" in text


def test_results_name_no_folder_of_this_machine(tmp_path):
    run("--only", "scalars", "--output", str(tmp_path))
    for file in (tmp_path / "RESULTS.md", tmp_path / "results" / "measurements.json"):
        text = file.read_text(encoding="utf-8")
        assert str(environments.ROOT) not in text
        assert sys.prefix not in text


def test_engines_take_turns(monkeypatch):
    order = []

    def fake(python, engine, case, budget):
        order.append(engine)
        return {"median": 1.0}

    monkeypatch.setattr(runner, "run_worker", fake)
    case = QUICK_CASES[0]
    runner.measure([case], dict.fromkeys(case.engines, "python"), 4, 0.0)
    rounds = [order[i : i + 4] for i in range(0, 16, 4)]
    assert [names[0] for names in rounds] == list(case.engines)
    assert all(sorted(names) == sorted(case.engines) for names in rounds)


def test_engines_that_disagree_fail_the_run(monkeypatch, capsys):
    def fake(python, engine, case, budget):
        checksum = [2.0 if engine == "torch" else 1.0]
        return {"median": 1.0, "memory": 1, "dtype": "float64", "checksum": checksum, "versions": {}}

    monkeypatch.setattr(runner, "run_worker", fake)
    interpreters = [f"--interpreter={engine}=python" for engine in (OURS, "torch")]
    assert runner.main(["--quick", "--only", "scalars", *interpreters]) == 1
    assert "torch computed [2.0], glassgrad [1.0]" in capsys.readouterr().err


def test_strict_fails_on_a_missed_bar(monkeypatch):
    def fake(python, engine, case, budget):
        slow = 1.0 if engine == OURS else 2.0
        return {"median": slow, "memory": 1, "dtype": "float64", "checksum": [1.0], "versions": {}}

    monkeypatch.setattr(runner, "run_worker", fake)
    interpreters = [f"--interpreter={engine}=python" for engine in (OURS, "micrograd")]
    assert runner.main(["--only", "demo", *interpreters]) == 0
    assert runner.main(["--only", "demo", "--strict", *interpreters]) == 1


def test_a_worker_that_fails_says_why():
    with pytest.raises(SystemExit, match="no_such_engine failed at mixed-10"):
        runner.run_worker(sys.executable, "no_such_engine", QUICK_CASES[0], 0.0)
