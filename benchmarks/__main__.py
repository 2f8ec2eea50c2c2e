"""Measure glassgrad and its peers side by side, print a table and save it (``make bench``).

Needs nothing but Python: the engines are installed into environments of their own and run in fresh processes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import environments, report
from benchmarks.cases import BARS, CASES, OURS, QUICK_CASES, Case

HERE = Path(__file__).resolve().parent
THREADS = 2


def run_worker(python: str, engine: str, case: Case, budget: float) -> dict[str, Any]:
    """One measurement in a fresh process."""
    command = [python, str(HERE / "worker.py"), "--engine", engine, "--program", case.program]
    command += ["--size", str(case.size), "--budget", str(budget)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {name: str(THREADS) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{engine} failed at {case.name}:\n{done.stderr}")
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


def measure(cases: Sequence[Case], interpreters: dict[str, str], rounds: int, budget: float) -> report.Measurements:
    """Every case in every round, the engines in an order that moves on by one each time."""
    measurements: report.Measurements = {}
    for turn in range(rounds):
        for case in cases:
            engines = [engine for engine in case.engines if engine in interpreters]
            shift = turn % max(1, len(engines))
            told = []
            for engine in engines[shift:] + engines[:shift]:
                outcome = run_worker(interpreters[engine], engine, case, budget)
                measurements.setdefault((case.name, engine), []).append(outcome)
                told.append(f"{engine} {report.duration(outcome['median'])}")
            print(f"[{turn + 1}/{rounds}] {case.title}: {', '.join(told)}", flush=True)
    return measurements


def save(text: str, measurements: report.Measurements, facts: dict[str, Any], folder: Path) -> None:
    """Write ``RESULTS.md`` and every single measurement behind it."""
    rows = [
        {"case": case, "engine": engine, "round": turn, **outcome}
        for (case, engine), outcomes in measurements.items()
        for turn, outcome in enumerate(outcomes, 1)
    ]
    (folder / "results").mkdir(parents=True, exist_ok=True)
    saved = json.dumps({"machine": facts, "measurements": rows}, indent=1)
    (folder / "results" / "measurements.json").write_text(saved + "\n", encoding="utf-8")
    (folder / "RESULTS.md").write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, help="how often each engine gets its turn (default 5)")
    parser.add_argument("--budget", type=float, help="seconds to measure for, each time (default 0.5)")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: checks results, times nothing")
    parser.add_argument(
        "--only",
        metavar="TEXT",
        help="only cases whose name contains this (mixed, cheap, demo, scalars, mlp, cnn, lstm, encoder, draw, fold)",
    )
    parser.add_argument("--engines", nargs="+", choices=environments.REQUIREMENTS, help="only these engines")
    parser.add_argument("--strict", action="store_true", help="fail if a bar is missed or cannot be measured")
    parser.add_argument("--torch", metavar="REQUIREMENT", help="install this PyTorch")
    parser.add_argument(
        "--interpreter",
        metavar="ENGINE=PYTHON",
        action="append",
        default=[],
        help="run an engine with this Python instead of making an environment for it",
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where to save results (default: benchmarks/)")
    options = parser.parse_args(arguments)

    cases = [case for case in (QUICK_CASES if options.quick else CASES) if (options.only or "") in case.name]
    whole = not (options.quick or options.only or options.engines)
    rounds = options.rounds or (1 if options.quick else 5)
    budget = options.budget if options.budget is not None else (0.0 if options.quick else 0.5)

    given = dict(item.split("=", 1) for item in options.interpreter)
    wanted = dict.fromkeys(engine for case in cases for engine in case.engines)
    interpreters: dict[str, str] = {}
    for engine in wanted:
        if options.engines and engine not in options.engines:
            continue
        python = given.get(engine) or environments.interpreter(engine, options.torch)
        if python is not None:
            interpreters[engine] = str(python)
    if OURS not in interpreters:
        raise SystemExit(f"{OURS} could not be installed, so there is nothing to measure")

    measurements = measure(cases, interpreters, rounds, budget)
    wrong = report.disagreements(cases, measurements)
    if wrong:
        print("\n".join(["The engines do not agree:", *wrong]), file=sys.stderr)
        return 1
    names = {case.name for case in cases}
    bars = [] if options.quick else [bar for bar in BARS if {end[0] for end in (bar.over, bar.under) if end} <= names]
    verdicts = [report.judge(bar, cases, measurements) for bar in bars]
    facts = report.machine(THREADS)
    text = report.render(cases, measurements, verdicts, facts, rounds)
    print("\n" + text)
    if whole or options.output:
        folder = options.output or HERE
        save(text, measurements, facts, folder)
        print(f"Saved to {folder}.")
    return int(options.strict and not all(verdict.met for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
