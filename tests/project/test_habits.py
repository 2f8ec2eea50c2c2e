"""What stands beside the code agrees with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_the_citation_is_of_this_version_and_licence() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.*)$", citation, re.MULTILINE)[1] == PROJECT["version"]
    assert re.search(r"^license: (.*)$", citation, re.MULTILINE)[1] == PROJECT["license"]


def test_the_changelog_says_what_is_coming_or_of_this_version() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased" or headings[0].startswith(PROJECT["version"])


@pytest.mark.parametrize("path", [*WORKFLOWS, ROOT / ".pre-commit-config.yaml"], ids=lambda path: path.name)
def test_what_is_run_elsewhere_exists(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    called = set(re.findall(r"(?:run|entry): make ([a-z-]+)", path.read_text(encoding="utf-8")))
    assert called <= targets, f"{path.name} calls {called - targets}"
    for file in re.findall(r"\btests/[\w/]+\.py|\.ci/\w+", path.read_text(encoding="utf-8")):
        assert (ROOT / file).is_file(), f"{path.name} names {file}"


def test_every_python_that_is_claimed_is_tested() -> None:
    claimed = {c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)}
    matrix = re.search(r"python: \[(.*)\]", (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    assert claimed == set(re.findall(r'"([\d.]+)"', matrix[1]))
    assert PROJECT["requires-python"] == f">={min(claimed, key=lambda version: int(version.split('.')[1]))}"
