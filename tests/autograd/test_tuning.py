"""What importing the package changes in the process."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref

import pytest

from autograd import Tensor
from autograd._tuning import _Collector


def _python(program: str, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    return result.stdout


def _grow(nodes: int) -> Tensor:
    h = Tensor(1.0)
    for _ in range(nodes):
        h = h * 1.0
    return h


@pytest.fixture
def collector() -> _Collector:
    found = [c for c in gc.callbacks if isinstance(c, _Collector)]
    if not found:
        pytest.skip("the program has set its own thresholds, so the package leaves the collector alone")
    return found[0]


def test_collections_of_old_objects_wait_while_a_graph_grows_and_come_back_after(collector: _Collector) -> None:
    graph = _grow(5000)
    assert gc.get_threshold()[1] == collector.deferred
    held = [[] for _ in range(5000)]  # type: ignore[var-annotated]
    assert gc.get_threshold() == collector.usual
    assert len(held) == 5000
    assert graph.item() == 1.0


def test_young_cycles_are_still_collected_while_a_graph_grows(collector: _Collector) -> None:
    class Cycle:
        pass

    graph = _grow(5000)
    cycle = Cycle()
    cycle.self = cycle  # type: ignore[attr-defined]
    gone = weakref.ref(cycle)
    del cycle
    graph = _grow(5000)
    assert gone() is None
    assert graph.item() == 1.0


def test_thresholds_the_program_chooses_are_left_alone() -> None:
    program = (
        "import gc, autograd; gc.set_threshold(500, 5, 5)\n"
        "h = autograd.Tensor(1.0)\n"
        "for _ in range(5000): h = h * 1.0\n"
        "print(gc.get_threshold())"
    )
    assert _python(program) == "(500, 5, 5)\n"


def test_tuning_can_be_switched_off() -> None:
    program = "import gc; before = gc.callbacks[:]; import autograd; print(gc.callbacks == before)"
    assert _python(program, AUTOGRAD_NO_TUNING="1") == "True\n"
    assert _python(program) == "False\n"
