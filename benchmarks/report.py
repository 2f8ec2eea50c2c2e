"""From measurements to medians, ratios and a table."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import OURS, Bar, Case

Measurements = dict[tuple[str, str], list[dict[str, Any]]]
"""For each case and engine, what the worker reported in each round."""

#: Results in float32 may differ by the rounding of a hundred operations; a wrong gradient differs by far more.
TOLERANCE = {"float32": 1e-4, "float64": 1e-8}

#: Programs that compute in double precision.
DOUBLE = ("scalars", "function", "demo", "draw", "fold", "chain", "explain", "step")


@dataclass(frozen=True)
class Verdict:
    """A bar and where the measurement stands; None if an engine is missing."""

    bar: Bar
    ratio: float | None

    @property
    def met(self) -> bool:
        """Whether it was measured and is within the limit."""
        return self.ratio is not None and self.ratio <= self.bar.limit


def quantity(outcome: dict[str, Any], name: str, case: Case) -> float:
    if name == "memory":
        return float(outcome["memory"])
    return float(outcome["median"]) / (case.nodes if name == "time per node" else 1)


def ratio_of_round(a: dict[str, Any], b: dict[str, Any], bar: Bar, named: dict[str, Case]) -> float | None:
    """How two measurements of one round compare: where engines took turns, the median over pairs of turns."""
    assert bar.under is not None
    if bar.over[0] == bar.under[0] and bar.quantity == "time":
        pairs = list(zip(a["turns"], b["turns"], strict=False))
    else:
        pairs = [(quantity(a, bar.quantity, named[bar.over[0]]), quantity(b, bar.quantity, named[bar.under[0]]))]
    return statistics.median(x / y for x, y in pairs) if all(y > 0 for _, y in pairs) else None


def judge(bar: Bar, cases: Sequence[Case], measurements: Measurements) -> Verdict:
    """The median over the rounds of the ratio within a round."""
    named = {case.name: case for case in cases}
    over = measurements.get(bar.over, [])
    if bar.under is None:
        times = [quantity(outcome, bar.quantity, named[bar.over[0]]) for outcome in over]
        return Verdict(bar, statistics.median(times) if times else None)
    under = measurements.get(bar.under, [])
    found = [ratio_of_round(a, b, bar, named) for a, b in zip(over, under, strict=False)]
    ratios = [x for x in found if x is not None]
    return Verdict(bar, statistics.median(ratios) if ratios else None)


def disagreements(cases: Sequence[Case], measurements: Measurements) -> list[str]:
    """Where an engine's results differ from ours, or its gradients' dtype does: then the times mean nothing."""
    found = []
    for case in cases:
        expected = measurements.get((case.name, OURS), [])
        if not expected:
            continue
        wanted = "float64" if case.program in DOUBLE else "float32"
        for engine in case.engines:
            for outcome in measurements.get((case.name, engine), []):
                if outcome["dtype"] != wanted:
                    found.append(f"{case.name}: the result of {engine} is {outcome['dtype']}, not {wanted}")
                pairs = zip(outcome["checksum"], expected[0]["checksum"], strict=True)
                tolerance = TOLERANCE[wanted]
                if not all(math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance / 10) for a, b in pairs):
                    found.append(
                        f"{case.name}: {engine} computed {outcome['checksum']}, {OURS} {expected[0]['checksum']}"
                    )
    return found


def machine(threads: int) -> dict[str, Any]:
    """What the numbers depend on; nothing that names the machine."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": model, "cores": cores, "threads": threads, "system": platform.system()}


def versions(measurements: Measurements) -> dict[str, str]:
    """The versions that ran, as the workers reported them."""
    found: dict[str, set[str]] = {}
    for outcomes in measurements.values():
        for outcome in outcomes:
            for name, version in outcome["versions"].items():
                found.setdefault(name, set()).add(version)
    return {name: ", ".join(sorted(which)) for name, which in found.items()}


def duration(seconds: float) -> str:
    """Seconds with three digits and a fitting unit."""
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
    unit, factor = next(((unit, factor) for unit, factor in units if seconds >= factor), units[-1])
    value = seconds / factor
    return f"{value:.{max(0, 2 - math.floor(math.log10(max(value, 1))))}f} {unit}"


def _aligned(rows: list[list[str]]) -> list[str]:
    """A Markdown table that also reads well as plain text: numbers to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "| "
        + " | ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True)))
        + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":" for i, w in enumerate(widths)) + "|"
    return [lines[0], rule, *lines[1:]]


def time_table(cases: Sequence[Case], measurements: Measurements) -> list[str]:
    engines = list(dict.fromkeys(engine for case in cases for engine in case.engines))
    rows = [["forward and backward (or drawing), median", *engines]]
    for case in cases:
        cells = []
        for engine in engines:
            outcomes = measurements.get((case.name, engine))
            if not outcomes:
                cells.append("")
                continue
            cell = duration(statistics.median(outcome["median"] for outcome in outcomes))
            if engine != OURS and measurements.get((case.name, OURS)):
                ratio = judge(Bar("", (case.name, OURS), (case.name, engine), 1), cases, measurements).ratio
                cell += f" ({ratio:.2f})" if ratio is not None and ratio >= 0.1 else f" ({ratio:.3f})"
            cells.append(cell)
        rows.append([case.title, *cells])
    return _aligned(rows)


def node_table(cases: Sequence[Case], measurements: Measurements) -> list[str]:
    chains = [case for case in cases if case.nodes]
    engines = list(dict.fromkeys(engine for case in chains for engine in case.engines))
    rows = [["nodes"] + [f"{engine}, {what}" for engine in engines for what in ("time a node", "memory")]]
    for case in chains:
        row = [f"{case.nodes:,}"]
        for engine in engines:
            outcomes = measurements.get((case.name, engine))
            if not outcomes:
                row += ["", ""]
                continue
            row.append(duration(statistics.median(outcome["median"] for outcome in outcomes) / case.nodes))
            # Below that the warm-up has taken all the memory that is needed.
            memory = statistics.median(outcome["memory"] for outcome in outcomes)
            row.append(f"{memory / 1e6:.1f} MB" if case.nodes >= 10_000 else "")
        rows.append(row)
    return _aligned(rows)


def bar_table(verdicts: Sequence[Verdict]) -> list[str]:
    rows = [["bar", "measured", "wanted", ""]]
    for verdict in verdicts:
        bar, ratio = verdict.bar, verdict.ratio
        if bar.inverse:
            measured, wanted = (f"{1 / ratio:.1f} times faster" if ratio else ""), f"≥ {1 / bar.limit:.0f}"
        else:
            measured, wanted = (f"{ratio:.2f}" if ratio is not None else ""), f"≤ {bar.limit}"
        rows.append(
            [bar.title, measured, wanted, "met" if verdict.met else "not measured" if ratio is None else "MISSED"]
        )
    return _aligned(rows)


def render(
    cases: Sequence[Case],
    measurements: Measurements,
    verdicts: Sequence[Verdict],
    facts: dict[str, Any],
    rounds: int,
) -> str:
    """The whole report as Markdown."""
    known = versions(measurements)
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench`: {rounds} rounds, in each of which every engine runs in a fresh process and an "
        f"environment of its own. The processes of a case live side by side and are timed in turns of a fraction of a "
        f"second, while the others sleep.",
        f"{facts['processor']}, {facts['cores']} cores, {facts['threads']} threads, {facts['system']}; "
        + ", ".join(f"{name} {version}" for name, version in known.items())
        + ".",
        "",
        "In brackets: our time as a fraction of theirs, the median over the rounds of the ratio within a round, which "
        "is the median over turns that followed one another.",
        "",
        *time_table(cases, measurements),
        "",
        *node_table(cases, measurements),
    ]
    if verdicts:
        lines += ["", *bar_table(verdicts)]
    return "\n".join(lines) + "\n"
