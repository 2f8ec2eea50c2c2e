"""micrograd."""

from __future__ import annotations

from collections.abc import Callable

from micrograd.engine import Value

from benchmarks import programs


def demo(points: int) -> Callable[[], float]:
    return programs.micrograd_demo(Value, points)
