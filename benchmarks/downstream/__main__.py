"""Run packages written for ``autograd`` with it and with this one in its place, and compare (``make downstream``).

Needs nothing but Python and a package index: the packages are installed into an environment of their own, in which the
installed ``autograd`` is found, or this repository's first. Results go to DOWNSTREAM.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.downstream import environment, report, suites
from benchmarks.downstream.comparison import Comparison, compare
from benchmarks.environments import ROOT

WORKER = Path(__file__).resolve().parent / "worker.py"
#: Each engine's turns at each package; the shortest run counts.
TURNS = 2


def run(python: Path, package: str, ours: bool, quick: bool, runs: int = 2) -> list[dict[str, Any]]:
    """What the worker says of a package's programs with one engine.

    Raises
    ------
    SystemExit
        If it failed as a whole, or another ``autograd`` was imported than was meant.
    """
    command = [str(python), str(WORKER), package, "--runs", str(runs), *(["--quick"] if quick else [])]
    process = subprocess.run(
        command, env=environment.variables(ours), capture_output=True, text=True, check=False, cwd=environment.FOLDER
    )
    if process.returncode != 0:
        raise SystemExit(f"{package} failed with {_engine(ours)}:\n{process.stderr}")
    first, *answers = map(json.loads, process.stdout.splitlines())
    if (Path(first["autograd"]) == ROOT / "autograd") is not ours:
        raise SystemExit(f"{package} was to run with {_engine(ours)}, but imported {first['autograd']}")
    return [first, *answers]


def _engine(ours: bool) -> str:
    return "glassgrad" if ours else "autograd"


def compared(python: Path, package: str, quick: bool, turns: int = TURNS, runs: int = 2) -> list[Comparison]:
    """The programs of a package with both engines, which take turns."""
    answers: dict[bool, list[dict[str, Any]]] = {}
    for _ in range(turns):
        for ours in (True, False):
            found = run(python, package, ours, quick, runs)[1:]
            for answer, before in zip(found, answers.get(ours, found), strict=True):
                if "seconds" in answer:
                    answer["seconds"] = min(answer["seconds"], before["seconds"])
            answers[ours] = found
    return [compare(package, x, y) for x, y in zip(answers[True], answers[False], strict=True)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.downstream", description=__doc__)
    parser.add_argument("packages", nargs="*", help="which of them (default: all)")
    parser.add_argument("--quick", action="store_true", help="a few programs of each, in one turn; writes nothing")
    parser.add_argument("--suites", action="store_true", help="the packages' own tests, too (about half an hour)")
    given = parser.parse_args(arguments)
    unknown = set(given.packages) - set(environment.PACKAGES)
    if unknown:
        parser.error(f"no package {', '.join(sorted(unknown))}; there are {', '.join(environment.PACKAGES)}")
    python = environment.interpreter()
    if python is None:
        raise SystemExit(1)
    packages = given.packages or list(environment.PACKAGES)
    comparisons: list[Comparison] = []
    for package in packages:
        print(f"{package} ...", flush=True)
        comparisons += compared(python, package, given.quick, *((1, 1) if given.quick else ()))
    counts = suites.run(python, packages) if given.suites else None
    text = report.table(comparisons)
    print(text)
    if not given.quick and not given.packages:
        report.write(python, comparisons, counts)
    if not all(comparison.same or comparison.near for comparison in comparisons):
        sys.exit("Not all results are the same.")


if __name__ == "__main__":
    main()
