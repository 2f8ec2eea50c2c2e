"""One program in one engine, in a process of its own.

Says in a line of JSON when it is ready; from then on each line read is a number of seconds to measure for, answered by
a line that says what was measured.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

# At the end of the path: `autograd` must be the package of the environment, not the folder next to this one.
sys.path[:1] = []
sys.path.append(str(Path(__file__).resolve().parent.parent))

NETWORKS = ("mlp", "cnn", "lstm", "encoder")
DRAWINGS = ("draw", "fold", "chain", "explain", "step")
#: What is about memory as well, and so warms up at a small size: at full size that would spoil the reading.
LONG = ("scalars", "chain")
WARM_UP = 3
SMALL = 1000


def build(engine: Any, program: str, size: int) -> Any:
    if program == "demo":
        return engine.demo(size)
    if program == "scalars":
        return engine.scalars(size)
    if program == "function":
        return engine.function(size)
    if program in DRAWINGS:
        return engine.drawing(size, program)
    if program in NETWORKS:
        return engine.network(program, size)
    return engine.chain(program, size)


def checksum(result: Any) -> list[float]:
    """Numbers that two engines agree in only if their results do."""
    import numpy as np

    values = np.ravel(np.asarray(result, dtype=np.float64))
    weights = np.cos(np.arange(values.size))
    return [float(values.mean()), float((values * weights).mean()), float(np.abs(values).max())]


def current_memory() -> int:
    """Bytes resident now (on Linux; elsewhere the peak so far)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak_memory()
    return pages * os.sysconf("SC_PAGE_SIZE")


def peak_memory() -> int:
    """The most bytes that were ever resident; 0 where the system does not tell."""
    try:
        # Not ru_maxrss: a process inherits that from the one that started it.
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def prepare(engine: Any, program: str, size: int) -> Callable[[], Any]:
    """Build a program and warm up."""
    run: Callable[[], Any] = build(engine, program, size)
    warm_up = build(engine, program, min(size, SMALL)) if program in LONG else run
    for _ in range(WARM_UP):
        warm_up()

    return run


def turns(run: Callable[[], Any], program: str, budgets: Iterable[float]) -> Iterator[dict[str, Any]]:
    """For each budget repeat the program for so many seconds, at least once.

    The first turn also tells what the first run gave and how much memory it took. The garbage collector stays as the
    engine leaves it: what it costs is part of using the engine.
    """
    facts: dict[str, Any] = {}
    for budget in budgets:
        before = current_memory()
        start = time.perf_counter()
        result = run()
        times = [time.perf_counter() - start]
        if not facts:
            facts["memory"] = peak_memory() - before if program in LONG else None
            facts["dtype"] = str(getattr(result, "dtype", "float64"))
            facts["checksum"] = checksum(result)
        del result
        while math.fsum(times) < budget:
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        yield {**facts, "times": times}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", required=True)
    parser.add_argument(
        "--program", required=True, choices=["mixed", "cheap", "scalars", "demo", "function", *NETWORKS, *DRAWINGS]
    )
    parser.add_argument("--size", type=int, required=True)
    options = parser.parse_args()
    engine = importlib.import_module(f"benchmarks.engines.{options.engine}")
    versions = {
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
        options.engine: importlib.metadata.version(options.engine),
    }
    run = prepare(engine, options.program, options.size)
    print(json.dumps({"versions": versions}), flush=True)
    for told in turns(run, options.program, map(float, sys.stdin)):
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
