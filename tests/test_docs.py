"""Every example in a docstring or in a document runs and gives what it prints."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shlex
import textwrap
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import autograd
import nn
import optim
import viz
from autograd.primitives import REGISTRY, UFUNCS

ROOT = Path(__file__).parents[1]

FENCE = re.compile(r"^ *(`{3,}|:{3,}).*$", re.MULTILINE)
BLOCK = re.compile(
    r"^ *(?P<fence>`{3,}) *(?P<what>[^\n`]*?)(?: [^\n]*)?\n(?P<text>.*?)^ *(?P=fence) *$", re.MULTILINE | re.DOTALL
)


def _modules() -> list[str]:
    names = []
    for package in (autograd, nn, optim, viz):
        names.append(package.__name__)
        found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
        names += [m.name for m in found if not m.name.endswith("__main__")]
    return names


@pytest.mark.parametrize("name", _modules())
def test_examples_of_a_module(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module: ModuleType = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("primitive", REGISTRY.values(), ids=lambda p: p.name)
def test_example_of_an_operation(primitive: Any) -> None:
    finder = doctest.DocTestFinder()
    examples = 0
    for test in finder.find(primitive.function, primitive.name, globs={primitive.name: primitive.function}):
        examples += len(test.examples)
        assert doctest.DocTestRunner().run(test).failed == 0
    assert examples


def _documents() -> list[str]:
    """What people read: all of it is executed."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("docs/**/*.rst"), *ROOT.glob("notebooks/*.md")]
    return sorted(page.relative_to(ROOT).as_posix() for page in pages)


@pytest.mark.parametrize("document", _documents())
def test_examples_of_a_document(document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = FENCE.sub("", (ROOT / document).read_text(encoding="utf-8"))  # which would be taken for what is printed
    test = doctest.DocTestParser().get_doctest(text, {"__name__": "__main__"}, document, document, 0)
    before, ufuncs = dict(REGISTRY), dict(UFUNCS)
    try:
        assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed == 0
    finally:
        for table, held in ((REGISTRY, before), (UFUNCS, ufuncs)):
            table.clear()
            table.update(held)


def _blocks(document: str) -> list[tuple[str, str]]:
    """The language, or directive, and the text of each fenced block."""
    return [(m["what"], m["text"]) for m in BLOCK.finditer((ROOT / document).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("document", [name for name in _documents() if name.endswith(".md")])
def test_blocks_of_a_document_are_what_is_checked(document: str) -> None:
    for what, text in _blocks(document):
        if what == "sh":
            for line in text.splitlines():
                _check_command(line)
        elif what == "python" and ">>> " not in text:
            compile(textwrap.dedent(text), document, "exec")
        else:
            assert what in ("python", "text") or what.startswith("{"), f"a block of {what or 'nothing'}: {text}"


#: Of commands in documents, those that are not ours to check.
OTHERS = {"apt-get", "brew", "cd", "git", "jupyter", "pip", "winget"}


def _check_command(line: str) -> None:
    """A command names what there is: a target of the Makefile, a module, a file."""
    for command in re.split(r"&&|\|", line.partition("#")[0]):
        words = shlex.split(command)
        while words and "=" in words[0] and words[0].partition("=")[0].isidentifier():
            words = words[1:]  # settings of the environment
        if not words or words[0] in OTHERS or words[0] == ".":
            continue
        if words[0] == "make":
            targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            assert targets
            assert {word for word in words[1:] if "=" not in word} <= set(targets[1].split()), line
        elif words[0] in ("python", "python3"):
            if words[1] == "-m":
                assert (ROOT / words[2].replace(".", "/")).exists() or find_spec(words[2]), line
            elif not words[1].startswith("-"):
                assert (ROOT / words[1]).is_file(), line
        else:
            raise AssertionError(f"a command that nobody checks: {line}")
