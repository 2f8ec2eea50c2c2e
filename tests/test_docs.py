"""Every example in a docstring or in a document runs and gives what it prints."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
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


@pytest.mark.parametrize("document", sorted(p.name for p in ROOT.glob("*.md")))
def test_examples_of_a_document(document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before, ufuncs = dict(REGISTRY), dict(UFUNCS)
    try:
        assert doctest.testfile(str(ROOT / document), module_relative=False).failed == 0
    finally:
        for table, held in ((REGISTRY, before), (UFUNCS, ufuncs)):
            table.clear()
            table.update(held)
