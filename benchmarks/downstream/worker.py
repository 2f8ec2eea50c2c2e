"""Run the programs of one package and print what comes out, a line of JSON each.

Run as a file, by the Python of the packages' environment, so that this repository comes to be on the path of imports
only where it is meant to.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any


def _plain(quantities: dict[str, Any]) -> dict[str, list[float]]:
    import numpy as np

    def flat(x: Any) -> list[float]:
        if isinstance(x, (list, tuple)):
            return [number for item in x for number in flat(item)]
        array = np.asarray(x)
        if array.dtype == object and any(type(item).__module__.startswith("autograd") for item in array.ravel()):
            raise TypeError("a tensor came out where a number was expected")
        return [float(number) for number in array.ravel()]

    return {name: flat(x) for name, x in quantities.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("package")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()

    import matplotlib

    import autograd

    matplotlib.use("Agg")
    told = sys.stdout
    warnings.simplefilter("ignore")
    fits = importlib.import_module(f"fits.of_{arguments.package.replace('-', '_')}")
    import numpy

    first = {"autograd": str(Path(autograd.__file__).parent), "version": version(arguments.package)}
    print(json.dumps(first | {"numpy": numpy.__version__}), file=told, flush=True)
    for name, program in fits.PROGRAMS.items():
        if arguments.quick and name not in fits.QUICK:
            continue
        best, answer = float("inf"), {}
        try:
            for _ in range(arguments.runs):
                with contextlib.redirect_stdout(io.StringIO()):
                    started = time.perf_counter()
                    quantities = program()
                    best = min(best, time.perf_counter() - started)
            answer = {"seconds": best, "quantities": _plain(quantities)}
        except Exception as error:  # what one package does with an engine must not hide what the others do
            answer = {"error": f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"}
        print(json.dumps({"program": name} | answer), file=told, flush=True)


if __name__ == "__main__":
    main()
