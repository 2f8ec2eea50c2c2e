"""Text from elsewhere in every format; and the map of the package."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

import viz
from viz.dot import clean
from viz.legible import LONGEST, legible, width_of
from viz.mathematics import printable

CHARACTERS = [chr(code) for code in (*range(0x10000), *range(0xE0000, 0xE0200), 0x1F600, 0x10FFFF)]


def test_nothing_that_is_not_seen_or_turns_the_text_is_left() -> None:
    for character in CHARACTERS:
        (shown,) = legible(character)
        hidden = unicodedata.category(shown) in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp")
        assert not hidden or shown in "\u200c\u200d"
        assert unicodedata.bidirectional(shown) not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        shown.encode()


def test_what_can_be_seen_stays_as_it_is() -> None:
    for text in ("w0", "weight[3]", "<b>&'\"", "λ_损失", "é e\u0301", "👩\u200d🔬", "مرحبا", "a\u00a0b"):
        assert legible(text) == text


@pytest.mark.parametrize("write", [legible, clean, printable])
def test_all_formats_agree(write: Callable[[str], str]) -> None:
    assert write("two\nlines\x1b[31m\x7f") == "two␊lines␛[31m␡"
    assert write("a\u202eb\u2066c\u061cd\ufeffe\ud800f\uffffg\u2028h") == "a�b�c�d�e�f�g�h"
    assert len(write("x" * 1000)) <= 60


def test_long_text_is_cut() -> None:
    assert legible("x" * LONGEST) == "x" * LONGEST
    assert legible("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"


def test_columns_of_a_terminal() -> None:
    assert [width_of(text) for text in ("", "ab", "损失", "e\u0301", "👩\u200d🔬")] == [0, 2, 4, 1, 4]


def test_the_map_of_the_package_has_every_module() -> None:
    folder = Path(viz.__file__).parent
    modules = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("__")}
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert viz.__doc__ is not None
    assert {name for name in modules | packages if f"``{name}``" not in viz.__doc__} == set()
    assert set(viz.__doc__.split("``")[1::2]) <= modules | packages
