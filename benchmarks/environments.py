"""An environment for each engine: glassgrad and `autograd` share an import name, so they cannot live in one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "bench"

#: What each engine's environment holds, at the versions the bars were last checked against.
REQUIREMENTS: dict[str, list[str]] = {
    "glassgrad": ["--editable", "."],
    "torch": ["numpy>=2", "torch==2.13.0"],
    "autograd": ["numpy>=2", "autograd==1.9.1"],
    "mygrad": ["numpy>=2", "mygrad==2.5.0"],
    "micrograd": ["numpy>=2", "micrograd==0.1.0"],
}


def interpreter(engine: str, torch: str | None = None) -> Path | None:
    """The Python of an engine's environment, created if need be; None if it cannot be.

    Parameters
    ----------
    engine
        A key of ``REQUIREMENTS``.
    torch
        Another requirement for PyTorch than the one there.
    """
    requirements = REQUIREMENTS[engine]
    if engine == "torch" and torch is not None:
        requirements = [*requirements[:-1], torch]
    return create(FOLDER / engine, requirements, engine)


def create(folder: Path, requirements: list[str], name: str) -> Path | None:
    """The Python of an environment, created if need be; None if it cannot be.

    Parameters
    ----------
    folder
        Where it is.
    requirements
        What is installed, as for pip.
    name
        What it is for.
    """
    python = python_of(folder)
    if is_there(folder, requirements):
        return python
    print(f"Creating an environment for {name} ...", flush=True)
    create = [sys.executable, "-m", "venv", "--clear", str(folder)]
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    for command in (create, install):
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            print(f"NOTICE: no environment for {name}; it is left out.", flush=True)
            return None
    (folder / _SEAL).write_text(_recipe(requirements))
    return python


_SEAL = "recipe.json"


def _recipe(requirements: list[str]) -> str:
    """What an environment is made from and with: another answer means making it anew."""
    return json.dumps([requirements, sys.version, str(ROOT)])


def is_there(folder: Path, requirements: list[str]) -> bool:
    """Whether an environment was created with these requirements."""
    seal = folder / _SEAL
    return seal.is_file() and seal.read_text() == _recipe(requirements)


def python_of(folder: Path) -> Path:
    """Where the Python of an environment is."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
