"""The page on coverage is the one that the tables and tests of today make."""

from __future__ import annotations

import numpy as np
import pytest

from tools.coverage_page import OUTSIDE, PAGE, kind_of, main, page


def test_the_page_is_up_to_date() -> None:
    text, _ = page()
    found = PAGE.read_text(encoding="utf-8")
    version = ".".join(np.__version__.split(".")[:2])
    if f"NumPy {version} " not in found:
        pytest.skip("the page is for another version of NumPy")
    assert found == text, "run make coverage-page"
    assert main(["--check"]) == 0


def test_a_mark_is_a_call_in_the_tests() -> None:
    table = page()[0].partition("## Subgradients")[0]
    lines = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("| `")}
    assert lines["`exp`"].count("✓") == 5
    assert lines["`cbrt`"].count("✓") == 4  # real numbers only
    assert "plain value" in lines["`floor`"]
    assert "✓" not in lines["`zeros`"]


def test_what_is_listed_by_hand_has_no_derivative() -> None:
    for names in OUTSIDE.values():
        for name in names.split():
            found = np
            for part in name.split("."):
                found = getattr(found, part, None)
            assert found is None or kind_of(found) != "plain value", name


def test_names_that_are_refused_are_few() -> None:
    assert len(page()[1]) < 10
