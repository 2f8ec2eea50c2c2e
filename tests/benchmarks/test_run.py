"""The runner as a whole, quickly and with the engines at hand: it is what comes out that is tested, never how fast."""

from __future__ import annotations

import importlib.util
import json
import sys
from contextlib import nullcontext

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


def fake_worker(seconds=lambda engine: 1.0, checksum=lambda engine: 1.0, order=None):
    """Takes so many seconds for a run without running anything, and notes whose turn it is."""

    class Fake(nullcontext):
        def __init__(self, python, engine, case):
            super().__init__(self)
            self.engine = engine

        def answer(self):
            return {"versions": {}}

        def turn(self, budget):
            if order is not None:
                order.append(self.engine)
            told = {"memory": 1, "dtype": "float64", "checksum": [checksum(self.engine)]}
            return {**told, "times": [seconds(self.engine)]}

    return Fake


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

    monkeypatch.setattr(runner, "Worker", fake_worker(lambda engine: 1e-3, order=order))
    monkeypatch.setattr(runner, "PAUSE", 0)
    case = QUICK_CASES[0]
    runner.measure([case], dict.fromkeys(case.engines, "python"), 4, 0.0)
    rounds = [order[i : i + 4] for i in range(0, 16, 4)]
    assert [names[0] for names in rounds] == list(case.engines)
    assert all(sorted(names) == sorted(case.engines) for names in rounds)

    order.clear()
    outcomes = runner.run_round(case, dict.fromkeys(case.engines, "python"), case.engines, 1.0)
    turns = [order[i : i + 4] for i in range(0, 4 * runner.TURNS, 4)]
    assert [names[0] for names in turns] == list(case.engines) * 2
    assert all(len(outcome["turns"]) == runner.TURNS for outcome in outcomes.values())


def test_an_engine_has_no_more_turns_than_it_needs(monkeypatch):
    order = []
    monkeypatch.setattr(runner, "Worker", fake_worker(lambda engine: 0.3 if engine == OURS else 2.0, order=order))
    monkeypatch.setattr(runner, "PAUSE", 0)
    runner.run_round(QUICK_CASES[0], {OURS: "python", "torch": "python"}, [OURS, "torch"], 0.5)
    assert (order.count(OURS), order.count("torch")) == (2, 1)


def test_engines_that_disagree_fail_the_run(monkeypatch, capsys):
    monkeypatch.setattr(runner, "Worker", fake_worker(checksum=lambda engine: 2.0 if engine == "torch" else 1.0))
    interpreters = [f"--interpreter={engine}=python" for engine in (OURS, "torch")]
    assert runner.main(["--quick", "--only", "scalars", *interpreters]) == 1
    assert "torch computed [2.0], glassgrad [1.0]" in capsys.readouterr().err


def test_strict_fails_on_a_missed_bar(monkeypatch):
    monkeypatch.setattr(runner, "Worker", fake_worker(lambda engine: 1.0 if engine == OURS else 2.0))
    monkeypatch.setattr(runner, "PAUSE", 0)
    interpreters = [f"--interpreter={engine}=python" for engine in (OURS, "micrograd")]
    assert runner.main(["--only", "demo", *interpreters]) == 0
    assert runner.main(["--only", "demo", "--strict", *interpreters]) == 1


def test_a_worker_that_fails_says_why():
    with pytest.raises(SystemExit, match="no_such_engine failed at mixed-10"):
        runner.run_round(QUICK_CASES[0], {"no_such_engine": sys.executable}, ["no_such_engine"], 0.0)
