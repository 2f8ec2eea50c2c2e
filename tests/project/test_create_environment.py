from __future__ import annotations

import subprocess
import sys

import pytest

from tools.create_environment import complaint, main


def all_modules(name: str) -> bool:
    return True


def no_program(name: str) -> None:
    return None


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1), (3, 20, 0)])
def test_new_enough_and_complete(version):
    assert complaint(version, all_modules, no_program) == ""


def test_too_old_names_what_is_needed():
    message = complaint((3, 9, 2), all_modules, no_program)
    assert "needs Python 3.11 or newer, this is Python 3.9" in message
    assert "make demo PYTHON=" in message


def test_too_old_finds_the_newest_installed_here():
    message = complaint((3, 10, 0), all_modules, lambda name: name if name in ("python3.11", "python3.12") else None)
    assert "make demo PYTHON=python3.12" in message


def test_debian_without_ensurepip_gets_the_packages_name():
    message = complaint((3, 12, 3), lambda name: name != "ensurepip", lambda name: name if name == "apt-get" else None)
    assert "lacks ensurepip" in message
    assert "sudo apt-get install python3.12-venv" in message


def test_elsewhere_it_says_what_is_missing():
    assert "lacks venv and ensurepip" in complaint((3, 12, 3), lambda name: False, no_program)


def test_an_environment_is_created_and_runs(tmp_path, capsys):
    assert main([str(tmp_path / "env")]) == 0
    python = tmp_path / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    assert subprocess.run([python, "-m", "pip", "--version"], check=False, capture_output=True).returncode == 0


def test_checking_creates_nothing(capsys):
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""
