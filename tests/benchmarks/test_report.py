from __future__ import annotations

import pytest

from benchmarks import report
from benchmarks.cases import BARS, CASES, OURS, QUICK_CASES, Bar, Case

FAST = Case("fast", "a fast one", "scalars", 10_000, (OURS, "torch"), nodes=10_000)
SLOW = Case("slow", "a slow one", "scalars", 20_000, (OURS, "torch"), nodes=20_000)


def outcome(median: float, memory: int = 1, dtype: str = "float64", checksum: float = 1.0) -> dict:
    return {
        "median": median,
        "turns": [median],
        "memory": memory,
        "dtype": dtype,
        "checksum": [checksum],
        "versions": {"python": "3.11.7"},
    }


def test_a_ratio_is_the_median_of_the_ratios_within_rounds():
    # The machine was ten times slower in the second round; the medians alone would give 2 / 1.
    measurements = {
        ("fast", OURS): [outcome(1), outcome(20), outcome(2)],
        ("fast", "torch"): [outcome(1), outcome(10), outcome(1)],
    }
    verdict = report.judge(Bar("", ("fast", OURS), ("fast", "torch"), 1.9), [FAST], measurements)
    assert verdict.ratio == 2
    assert not verdict.met


def test_growth_compares_the_cost_of_a_node():
    measurements = {("fast", OURS): [outcome(1.0)], ("slow", OURS): [outcome(3.0)]}
    bar = Bar("", ("slow", OURS), ("fast", OURS), 1.5, "time per node")
    assert report.judge(bar, [FAST, SLOW], measurements).ratio == pytest.approx(1.5)


def test_a_bar_without_a_peer_is_in_seconds():
    measurements = {("fast", OURS): [outcome(1.0), outcome(9.0), outcome(2.0)]}
    assert report.judge(Bar("", ("fast", OURS), None, 3.0), [FAST], measurements).ratio == 2.0
    assert not report.judge(Bar("", ("fast", OURS), None, 3.0), [FAST], {}).met


def test_memory_is_compared_by_memory():
    measurements = {("fast", OURS): [outcome(9, memory=30)], ("fast", "torch"): [outcome(1, memory=60)]}
    verdict = report.judge(Bar("", ("fast", OURS), ("fast", "torch"), 0.6, "memory"), [FAST], measurements)
    assert verdict.ratio == 0.5
    assert verdict.met


def test_a_missing_engine_meets_no_bar():
    verdict = report.judge(Bar("", ("fast", OURS), ("fast", "torch"), 2), [FAST], {("fast", OURS): [outcome(1)]})
    assert verdict.ratio is None
    assert not verdict.met
    assert "not measured" in "\n".join(report.bar_table([verdict]))


def test_engines_that_disagree_are_found():
    measurements = {("fast", OURS): [outcome(1)], ("fast", "torch"): [outcome(1, checksum=1.001)]}
    assert "torch computed [1.001]" in report.disagreements([FAST], measurements)[0]


def test_a_gradient_of_another_dtype_is_found():
    case = Case("cheap", "", "cheap", 10, (OURS, "autograd"))
    measurements = {
        ("cheap", OURS): [outcome(1, dtype="float32")],
        ("cheap", "autograd"): [outcome(1, dtype="float64")],
    }
    assert report.disagreements([case], measurements) == ["cheap: the result of autograd is float64, not float32"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1.0, "1.00 s"),
        (12.34, "12.3 s"),
        (0.1234, "123 ms"),
        (4.2e-6, "4.20 µs"),
        (5.61e-7, "561 ns"),
        (0.0, "0.00 ns"),
    ],
)
def test_durations_have_three_digits_and_a_fitting_unit(seconds, text):
    assert report.duration(seconds) == text


def test_every_bar_names_cases_and_engines_that_are_measured():
    measured = {(case.name, engine) for case in CASES for engine in case.engines}
    assert all(bar.over in measured and (bar.under is None or bar.under in measured) for bar in BARS)


@pytest.mark.parametrize("cases", [CASES, QUICK_CASES])
def test_cases_have_names_of_their_own(cases):
    assert len({case.name for case in cases}) == len(cases)
