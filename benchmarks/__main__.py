"""Measure glassgrad and its peers side by side, print a table and save it (``make bench``).

Needs nothing but Python: the engines are installed into environments of their own and run in fresh processes. A machine
that does other things as well is faster in one second than in the next, so the processes of all engines live side by
side and take short turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks import environments, report
from benchmarks.cases import BARS, CASES, OURS, QUICK_CASES, Case

HERE = Path(__file__).resolve().parent
THREADS = 2
#: Into how many turns an engine's time in a round is divided.
TURNS = 8
#: Seconds from one turn to the next: threads that wait for more work keep a core busy for a while before they sleep.
PAUSE = 0.1


class Worker:
    """An engine in a fresh process, which runs one program whenever it is its turn."""

    def __init__(self, python: str, engine: str, case: Case) -> None:
        self.what = f"{engine} failed at {case.name}"
        command = [python, str(HERE / "worker.py"), "--engine", engine, "--program", case.program]
        command += ["--size", str(case.size)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment |= {name: str(THREADS) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )

    def answer(self) -> dict[str, Any]:
        """What it says next: at first, once it is ready, which versions it runs."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise SystemExit(f"{self.what}:\n{self.errors.read()}")
        told: dict[str, Any] = json.loads(line)
        return told

    def turn(self, seconds: float) -> dict[str, Any]:
        """Measure for so long, at least one run."""
        print(seconds, file=self.process.stdin, flush=True)
        return self.answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.process.kill()
        with self.errors, self.process:  # closes its input, at which it ends
            pass


def run_round(
    case: Case, interpreters: dict[str, str], engines: Sequence[str], budget: float
) -> dict[str, dict[str, Any]]:
    """What each engine took, in turns until it has run for ``budget`` seconds."""
    outcomes: dict[str, dict[str, Any]] = {}
    times: dict[str, list[list[float]]] = {engine: [] for engine in engines}
    with ExitStack() as stack:
        workers = {engine: stack.enter_context(Worker(interpreters[engine], engine, case)) for engine in engines}
        for engine, worker in workers.items():
            outcomes[engine] = worker.answer()
        for turn in range(TURNS if budget else 1):
            for engine in (*engines[turn % len(engines) :], *engines[: turn % len(engines)]):
                if not turn or sum(map(sum, times[engine])) < budget:
                    time.sleep(PAUSE if budget else 0)
                    told = workers[engine].turn(budget / TURNS)
                    times[engine].append(told.pop("times"))
                    outcomes[engine] |= told
    for engine, outcome in outcomes.items():
        outcome["turns"] = [statistics.median(turn) for turn in times[engine]]
        outcome["median"] = statistics.median(outcome["turns"])
        outcome["min"] = min(map(min, times[engine]))
        outcome["repeats"] = sum(map(len, times[engine]))
    return outcomes


def measure(cases: Sequence[Case], interpreters: dict[str, str], rounds: int, budget: float) -> report.Measurements:
    """Every case in every round, the engines in an order that moves on by one each time."""
    measurements: report.Measurements = {}
    for turn in range(rounds):
        for case in cases:
            engines = [engine for engine in case.engines if engine in interpreters]
            shift = turn % max(1, len(engines))
            outcomes = run_round(case, interpreters, engines[shift:] + engines[:shift], budget)
            for engine in engines:
                measurements.setdefault((case.name, engine), []).append(outcomes[engine])
            told = [f"{engine} {report.duration(outcomes[engine]['median'])}" for engine in engines]
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
    parser.add_argument("--rounds", type=int, help="how often to start afresh (default 5)")
    parser.add_argument("--budget", type=float, help="seconds to measure an engine for in a round (default 0.5)")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: checks results, times nothing")
    parser.add_argument(
        "--only",
        metavar="TEXT",
        help="only cases whose name contains this "
        "(mixed, cheap, function, demo, scalars, mlp, cnn, lstm, encoder, draw, fold)",
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
