"""Train networks on real data, print what they reach, and save it (``make examples``)."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from examples._figures import Figure

HERE = Path(__file__).resolve().parent

#: Modules that only examples need, and the packages that they come with.
NEEDED = {"sklearn": "scikit-learn", "threadpoolctl": "threadpoolctl", "tqdm": "tqdm"}

#: For people, and for programs.
SAVED = ("RESULTS.md", "results.json")

#: In the order in which they are best read.
EXAMPLES = (
    "linear_classifiers",
    "regression",
    "rings",
    "mlp",
    "lenet",
    "alexnet",
    "recurrent",
    "transformer",
    "gan",
    "transfer",
    "optimizers",
    "differences",
)


@dataclass(frozen=True)
class Outcome:
    """What an example measured."""

    example: str
    title: str
    figures: list[Figure]
    seconds: float


def run(example: str, quick: bool) -> Outcome:
    """Run an example."""
    from threadpoolctl import threadpool_limits  # not before main, which says what to do if it is missing

    module = importlib.import_module(f"examples.{example}")
    title = str(module.__doc__).splitlines()[0].rstrip(".")
    print(f"\n{example}: {title}\n", flush=True)
    start = time.perf_counter()
    # One core multiplies matrices this small sooner than several share them out, most of all if those are busy.
    with threadpool_limits(limits=1, user_api="blas"):
        figures = module.run(quick)
    outcome = Outcome(example, title, figures, time.perf_counter() - start)
    print(table(outcome, goals=not quick), flush=True)
    return outcome


def table(outcome: Outcome, goals: bool = True) -> str:
    """The figures of an example in aligned columns."""
    width = max(len(figure.name) for figure in outcome.figures)
    lines = []
    for figure in outcome.figures:
        goal = f"   goal {figure.goal}: {'met' if figure.met else 'MISSED'}" if goals and figure.goal else ""
        lines.append(f"  {figure.name:<{width}}  {figure.text}{goal}")
    return "\n".join([*lines, f"  ({outcome.seconds:.1f} s)"])


def machine() -> dict[str, str]:
    """What the figures depend on."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        names = [
            s.split(":", 1)[1].strip() for s in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in s
        ]
        processor = names[0] if names else processor
    return {
        "processor": f"{processor}, {os.cpu_count()} cores",
        "Python": platform.python_version(),
        "NumPy": np.__version__,
    }


def markdown(outcomes: Sequence[Outcome], facts: dict[str, str], quick: bool = False) -> str:
    """All figures as a document."""
    seconds = sum(outcome.seconds for outcome in outcomes)
    small = ["", "**Small versions (`--quick`), which show that the examples run, not what they reach.**"]
    lines = [
        "# What the examples reach",
        "",
        "Measured by `make examples`, which trains every network below from its first random weights, and writes this",
        "page and, with the value of every seed, [results.json](results.json). Settings that were tuned were tuned on",
        "parts of the training data, with one exception: the forget bias of the LSTM whose gradients are followed. The",
        "goals are floors, set below what a first run reached. Where several seeds were used, the figure is their",
        "median, and the range stands behind it. With the same versions and processor the same numbers come out again.",
        *(small if quick else []),
        "",
        f"Python {facts['Python']}, NumPy {facts['NumPy']}; {facts['processor']}, of which one is used; "
        f"{seconds / 60:.1f} minutes in all.",
    ]
    for outcome in outcomes:
        lines += ["", f"## {outcome.title}", ""]
        lines += [f"`python -m examples {outcome.example}`, {outcome.seconds:.0f} s", ""]
        if any(figure.goal for figure in outcome.figures):
            lines += ["| | reached | goal |", "|---|--:|--:|"]
            lines += [
                f"| {f.name} | {f.text} | {f.goal}{'' if f.met else ' (missed)'} |".replace("|  |", "| |")
                for f in outcome.figures
            ]
        else:
            lines += ["| | reached |", "|---|--:|", *(f"| {f.name} | {f.text} |" for f in outcome.figures)]
    return "\n".join(lines) + "\n"


def check_writable(folder: Path) -> None:
    """Raise OSError if figures cannot be saved there: better before minutes of training than after."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SAVED:
        new = not (folder / name).exists()
        (folder / name).open("a").close()
        if new:
            (folder / name).unlink()


def save(outcomes: Sequence[Outcome], folder: Path, quick: bool = False) -> None:
    """Write ``RESULTS.md``, and ``results.json`` with every single value."""
    facts = machine()
    rows = [asdict(outcome) for outcome in outcomes]
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"machine": facts, "quick": quick, "examples": rows}, indent=1, ensure_ascii=False)
    page, values = (folder / name for name in SAVED)
    values.write_text(text + "\n", encoding="utf-8")
    page.write_text(markdown(outcomes, facts, quick), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run examples; the exit status is 1 if a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m examples", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which examples: {', '.join(EXAMPLES)} (default: all)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="much smaller ones, to see that they run; goals do not count"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to save figures (examples/, if all are run)"
    )
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in EXAMPLES:
            parser.error(f"there is no example {name!r}; choose from {', '.join(EXAMPLES)}")
    folder = options.output or (None if options.names or options.quick else HERE)
    if folder:
        try:
            check_writable(folder)
        except OSError as error:
            parser.error(f"figures cannot be saved to {folder} ({error.strerror}); choose another --output")
    try:
        outcomes = [run(name, options.quick) for name in dict.fromkeys(options.names or EXAMPLES)]
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        parser.error(
            f"{NEEDED[error.name]} is missing: python -m pip install --editable '.[examples]', or make examples"
        )
    if folder:
        save(outcomes, folder, options.quick)
        print(f"\nSaved to {folder / 'RESULTS.md'} and {folder / 'results.json'}.")
    missed = [f"{outcome.example}: {f.name}, {f.text}" for outcome in outcomes for f in outcome.figures if not f.met]
    if missed and not options.quick:
        print("\n".join(["\nMissed goals:", *missed]), file=sys.stderr)
        return 1
    return 0


def stop(*_: Any) -> None:
    """On Ctrl-C, end everything: ``nn.fit`` would keep a network half trained, and its figures would mislead."""
    print("\nInterrupted; no figures are saved.", file=sys.stderr)
    sys.exit(130)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, stop)
    sys.exit(main())
