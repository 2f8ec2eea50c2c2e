from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Run by `make test` itself, the outer make's flags and variables must not reach the inner one.
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_plain_make_lists_every_target():
    done = make()
    assert done.returncode == 0, done.stderr
    listed = set(re.findall(r"^  make ([\w-]+) ", done.stdout, re.MULTILINE))
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    declared = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())
    assert listed == declared
    assert {"demo", "test", "bench"} <= listed


def test_the_oracle_is_installed_only_on_request():
    assert "import torch" not in make("--dry-run", "--always-make", "test").stdout
    assert "import torch" in make("--dry-run", "--always-make", "test", "ORACLE=1").stdout
