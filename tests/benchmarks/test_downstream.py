"""Packages written for ``autograd``: how their results are compared; and a few of them, where they are installed."""

from __future__ import annotations

import math

import pytest

from benchmarks.downstream import __main__ as runner
from benchmarks.downstream import environment, report
from benchmarks.downstream.comparison import compare, difference
from benchmarks.downstream.suites import Count

PYTHON = environment.existing()


def answer(likelihood=-10.0, estimates=(1.0, 2.0), errors=(0.1, 0.2), seconds=1.0):
    quantities = {"log-likelihood": [likelihood], "estimates": list(estimates), "standard errors": list(errors)}
    return {"program": "a fit", "seconds": seconds, "quantities": quantities}


def test_equal_results_are_the_same():
    found = compare("p", answer(seconds=0.5), answer())
    assert found.same
    assert found.ratio == 0.5


@pytest.mark.parametrize(
    ("other", "same", "near"),
    [
        (answer(estimates=(1.0 + 1e-6, 2.0)), True, True),
        (answer(estimates=(1.003, 2.0)), False, True),
        (answer(estimates=(1.01, 2.0)), False, False),
        (answer(estimates=(1.003, 2.0), likelihood=-10.1), False, False),
        (answer(likelihood=-10.0001), False, True),
        (answer(estimates=(1.003, 2.0), errors=(math.nan, 0.2)), False, False),
        (answer(estimates=(1.0,)), False, False),
        (answer(estimates=(math.nan, 2.0)), False, False),
    ],
)
def test_results_that_differ(other, same, near):
    for pair in ((other, answer()), (answer(), other)):
        found = compare("p", *pair)
        assert (found.same, found.near) in {(same, near), (same, False)}
    assert (found.same, compare("p", answer(), other).near) == (same, near)


def test_an_error_is_no_result():
    found = compare("p", {"program": "a fit", "error": "ValueError: no"}, answer())
    assert not found.same
    assert not found.near
    assert "ValueError: no / a result" in report.table([found])


def test_small_numbers_are_compared_on_the_scale_of_the_others():
    assert difference(1e-9, 0.0, 1e-3) == pytest.approx(1e-6)
    assert difference(math.nan, math.nan, 1.0) == 0.0
    assert difference(math.inf, 1.0, 1.0) == math.inf


def test_the_report_says_it_all(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "TARGET", tmp_path / "DOWNSTREAM.md")
    monkeypatch.setattr(report, "_machine", lambda python: "a machine")
    comparisons = [compare("lifelines", answer(seconds=0.5), answer()), compare("lifelines", answer(), answer(-11.0))]
    counts = {"lifelines": (Count(9, 1, ("test_x",), 2.0), Count(10, 0, (), 4.0))}
    report.write(tmp_path, comparisons, counts)
    text = (tmp_path / "DOWNSTREAM.md").read_text()
    assert "| lifelines 0.30.3 | 2 | 1 | 0.71 |" in text
    assert "| **no** " in text
    assert "`test_x` fails with glassgrad only" in text
    report.write(tmp_path, comparisons, None)
    assert (tmp_path / "DOWNSTREAM.md").read_text() == text  # counts are kept


def test_unknown_packages_are_named(capsys):
    with pytest.raises(SystemExit):
        runner.main(["scipy"])
    assert "no package scipy" in capsys.readouterr().err


@pytest.mark.skipif(PYTHON is None, reason="the packages are not installed; `make downstream` does that")
@pytest.mark.parametrize("package", list(environment.PACKAGES))
def test_packages_give_the_same_with_both_engines(package):
    assert PYTHON is not None
    found = runner.compared(PYTHON, package, quick=True, turns=1, runs=1)
    assert found
    assert [(c.program, c.errors, c.differences) for c in found if not (c.same or c.near)] == []
