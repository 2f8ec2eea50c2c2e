from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("autograd", "nn", "optim", "viz")
BIN = Path("Scripts" if sys.platform == "win32" else "bin")


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The Python of a fresh environment into which `pip install .` put glassgrad; numpy is the one that runs this."""
    folder = tmp_path_factory.mktemp("install")
    source = folder / "source"
    source.mkdir()
    # A copy, since building leaves files behind.
    for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    environment = folder / "env"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / BIN / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", source], check=True, cwd=folder)
    return python


def ask(python: Path, program: str, folder: Path) -> Any:
    """Run a program that prints JSON, with this environment's numpy and drawing library, but not its glassgrad."""
    borrowed = folder / "borrowed"
    if not borrowed.exists():
        borrowed.mkdir()
        for name in ("numpy", "numpy.libs", "graphviz"):
            for place in map(Path, sys.path):
                if (place / name).is_dir():
                    (borrowed / name).symlink_to(place / name, target_is_directory=True)
                    break
    done = subprocess.run(
        [python, "-c", program],
        env={**os.environ, "PYTHONPATH": str(borrowed)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_plain_install_has_every_package_and_its_types(installed, tmp_path):
    program = f"""
import importlib, json, pathlib
files = {{n: pathlib.Path(importlib.import_module(n).__file__) for n in {PACKAGES}}}
print(json.dumps({{n: [str(f), (f.parent / "py.typed").is_file()] for n, f in files.items()}}))
"""
    found = ask(installed, program, tmp_path)
    assert set(found) == set(PACKAGES)
    for name, (file, typed) in found.items():
        assert Path(file).is_relative_to(installed.parents[1]), f"{name} was imported from {file}"
        assert typed, f"{name} lacks py.typed"


def test_a_plain_install_has_every_module(installed, tmp_path):
    program = f"""
import importlib, json, pathlib
roots = [pathlib.Path(importlib.import_module(n).__file__).parent for n in {PACKAGES}]
print(json.dumps(sorted(str(f.relative_to(r.parent)) for r in roots for f in r.rglob("*.py"))))
"""
    here = sorted(str(f.relative_to(ROOT)) for name in PACKAGES for f in (ROOT / name).rglob("*.py"))
    assert ask(installed, program, tmp_path) == here


def test_importing_needs_only_numpy(installed, tmp_path):
    program = f"""
import json, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in ("graphviz", "scipy", "torch", "sklearn", "tqdm", "matplotlib", "IPython"):
            raise ImportError(f"importing the packages must not need {{name}}")
sys.meta_path.insert(0, Refuse())
import {", ".join(PACKAGES)}
known = set(sys.stdlib_module_names) | set(sys.builtin_module_names)
print(json.dumps(sorted({{m.partition(".")[0] for m in sys.modules}} - known)))
"""
    found = ask(installed, program, tmp_path)
    # What the environment's own start-up and numpy load is none of ours.
    without = ask(installed, "import json, sys, numpy.random; print(json.dumps(sorted(sys.modules)))", tmp_path)
    assert set(found) - set(without) == set(PACKAGES)
