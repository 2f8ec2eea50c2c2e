"""The packages' own tests, from their source distributions, with both engines."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.downstream import environment

FOLDER = environment.FOLDER / "sources"

#: What of each package is run: what has to do with derivatives, and takes minutes rather than hours.
SUITES = {
    "lifelines": [
        "lifelines/tests/test_estimation.py",
        "-k",
        "TestWeibull or TestLogNormalAFT or TestLogLogistic or TestExponential or CustomRegression or "
        "(ParametricRegression and not inference)",
    ],
    "reliability": ["tests"],
    "surpyval": [
        *(f"surpyval/tests/utils/test_{name}.py" for name in ("autograd_where", "incomplete_beta", "normal")),
        *(
            f"surpyval/tests/univariate/parametric/test_{name}.py"
            for name in (
                "fit",
                "real_data",
                "regressions",
                "confidence_bounds",
                "censored_hessian",
                "custom_distribution",
            )
        ),
    ],
    "pymanopt": [
        "--noconftest",  # which imports every engine that pymanopt knows
        *("tests/manifolds", "tests/optimizers", "tests/backends/test_autograd.py", "tests/backends/test_numpy.py"),
    ],
}


@dataclass(frozen=True)
class Count:
    """How many tests passed and failed, which did, and how long they took."""

    passed: int
    failed: int
    failures: tuple[str, ...]
    seconds: float


def source(package: str) -> Path:
    """The folder of a package's sources, fetched if need be."""
    name = f"{package}-{environment.PACKAGES[package]}"
    if not (FOLDER / name).is_dir():
        FOLDER.mkdir(parents=True, exist_ok=True)
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
        requirement = f"{package}=={environment.PACKAGES[package]}"
        subprocess.run([*fetch, "--dest", str(FOLDER), requirement], check=True)
        with tarfile.open(FOLDER / f"{name}.tar.gz") as archive:
            archive.extractall(FOLDER, filter="data")
    return FOLDER / name


def count(python: Path, package: str, ours: bool) -> Count:
    """Run a package's tests with one engine."""
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout", "300", "-W", "ignore"]
    started = time.perf_counter()
    process = subprocess.run(
        [*command, *SUITES[package]],
        cwd=source(package),
        env=environment.variables(ours),
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    last = process.stdout.splitlines()[-1] if process.stdout else ""
    numbers = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", last)}
    if "passed" not in numbers:
        raise SystemExit(f"the tests of {package} did not run:\n{process.stdout[-2000:]}{process.stderr[-2000:]}")
    failures = tuple(re.findall(r"^FAILED (\S+)", process.stdout, re.MULTILINE))
    return Count(numbers["passed"], numbers.get("failed", 0) + numbers.get("error", 0), failures, seconds)


def run(python: Path, packages: list[str]) -> dict[str, tuple[Count, Count]]:
    """For each package that has tests, what came of them with ours and with the other engine."""
    counts = {}
    for package in packages:
        if package in SUITES:
            print(f"tests of {package} ...", flush=True)
            counts[package] = (count(python, package, True), count(python, package, False))
    return counts
