"""Install the wheel and the source distribution, each into a new environment away from the repository, and test them.

The wheel is tested with the tests of the packages, beside which there is nothing else of the repository: what is
imported is what was installed. The source distribution is unpacked, installed, and tested as a whole.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

PACKAGES = ("autograd", "nn", "optim", "viz")
#: What of the repository the tests of an installed wheel need.
BESIDE_WHEEL = ("tests", "tools", "pyproject.toml")


def one(folder: Path, pattern: str) -> Path:
    """The only file of a kind.

    Raises
    ------
    SystemExit
        If there is none, or there are several.
    """
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise SystemExit(f"{folder}: expected one {pattern}, found {[path.name for path in found]}; run `make build`")
    return found[0]


def environment(folder: Path, distribution: Path) -> Path:
    """A new environment with a distribution and what its tests need; gives its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{distribution}[test]"]
    subprocess.run([python, *install], check=True, cwd=folder)
    return python


def tested(python: Path, where: Path, arguments: Sequence[str]) -> bool:
    """Run tests there, with nothing of the caller's own Python in the way."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([python, "-m", "pytest", "-q", *arguments], cwd=where, env=clean, check=False).returncode == 0


def check_wheel(wheel: Path, repository: Path, folder: Path, arguments: Sequence[str]) -> bool:
    """Whether a wheel passes the tests of its packages."""
    python = environment(folder / "environment", wheel)
    for name in BESIDE_WHEEL:
        source = repository / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return tested(python, folder, [*(f"tests/{package}" for package in PACKAGES), *arguments])


def check_source(archive: Path, folder: Path, arguments: Sequence[str]) -> bool:
    """Whether a source distribution passes all of its tests."""
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    (unpacked,) = folder.iterdir()
    python = environment(folder / "environment", archive)
    return tested(python, unpacked, arguments)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the distributions are")
    parser.add_argument("--only", choices=("wheel", "source"), help="check one of them")
    known, passed_on = parser.parse_known_args(arguments)
    folder = known.folder.resolve()
    repository = Path(__file__).resolve().parents[1]
    good = True
    if known.only != "source":
        wheel = one(folder, "*.whl")
        print(f"{wheel.name}: {wheel.stat().st_size / 2**20:.1f} MiB; installing and testing ...", flush=True)
        with tempfile.TemporaryDirectory() as place:
            good &= check_wheel(wheel, repository, Path(place), passed_on)
    if known.only != "wheel":
        archive = one(folder, "*.tar.gz")
        print(f"{archive.name}: {archive.stat().st_size / 2**20:.1f} MiB; installing and testing ...", flush=True)
        with tempfile.TemporaryDirectory() as place:
            good &= check_source(archive, Path(place), passed_on)
    print("What was checked can be given away." if good else "NOT fit to be given away: see above.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
