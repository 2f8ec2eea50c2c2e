"""Create a virtual environment, or say exactly what is missing for one.

Kept to syntax that older Python 3 can read, so that they get the message rather than a syntax error.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

OLDEST = (3, 11)
NEWEST_KNOWN = 14


def complaint(version: tuple[int, ...], has_module: Callable[[str], bool], which: Callable[[str], str | None]) -> str:
    """What keeps this Python from making environments, and what to do about it; empty if nothing does."""
    running = ".".join(map(str, version[:2]))
    if tuple(version[:2]) < OLDEST:
        message = f"glassgrad needs Python {OLDEST[0]}.{OLDEST[1]} or newer, this is Python {running}."
        newer = [f"python3.{minor}" for minor in range(NEWEST_KNOWN, OLDEST[1] - 1, -1)]
        found = next((name for name in newer if which(name)), None)
        if found:
            return f"{message}\n{found} is installed here; add PYTHON={found} to the command: make demo PYTHON={found}"
        return f"{message}\nInstall one, then name it: make demo PYTHON=/where/it/is/python3"
    missing = [name for name in ("venv", "ensurepip") if not has_module(name)]
    if missing:
        message = f"This Python {running} cannot create virtual environments: it lacks {' and '.join(missing)}."
        if which("apt-get"):
            return f"{message}\nRun: sudo apt-get install python{running}-venv"
        return f"{message}\nInstall the package of your system that holds it, or Python from python.org."
    return ""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("folder", nargs="?", type=Path, help="where to create the environment")
    target.add_argument("--check", action="store_true", help="only check that one could be created")
    options = parser.parse_args(arguments)
    problem = complaint(
        tuple(sys.version_info[:3]), lambda name: importlib.util.find_spec(name) is not None, shutil.which
    )
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if options.folder:
        print(f"Creating {options.folder} with Python {sys.version.split()[0]} ...", flush=True)
        return subprocess.run([sys.executable, "-m", "venv", str(options.folder)], check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
