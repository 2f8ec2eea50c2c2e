"""The environment that the packages live in, together with the ``autograd`` that they were written for."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks import environments

FOLDER = environments.ROOT / ".cache" / "downstream"

#: The packages, at the versions that were last run.
PACKAGES = {
    "lifelines": "0.30.3",
    "reliability": "0.9.0",
    "surpyval": "0.25",
    "pymanopt": "2.2.1",
    "autograd-gamma": "0.5.0",
    "pymoo": "0.6.2",
}
REQUIREMENTS = [
    "numpy>=2",
    "autograd==1.9.1",
    *(f"{name}=={version}" for name, version in PACKAGES.items()),
    "scikit-learn",  # for its data
    "pytest",  # for the packages' own tests, with what these ask for
    "pytest-timeout",
    "flaky",
    "dill",
]


def interpreter() -> Path | None:
    """Its Python, created if need be; None if it cannot be."""
    return environments.create(FOLDER / "environment", REQUIREMENTS, "packages written for autograd")


def existing() -> Path | None:
    """Its Python if it was created before."""
    folder = FOLDER / "environment"
    return environments.python_of(folder) if environments.is_there(folder, REQUIREMENTS) else None


def variables(ours: bool) -> dict[str, str]:
    """Environment variables with which ``import autograd`` finds this repository's, or the installed one."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    kept |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    kept |= {"MPLBACKEND": "Agg"}
    return kept | {"PYTHONPATH": str(environments.ROOT)} if ours else kept
