"""The package `autograd`, whose import name glassgrad shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as np
from autograd import make_vjp, value_and_grad
from benchmarks import programs


def chain(kind: str, size: int) -> Callable[[], Any]:
    x = programs.chain_input(size)
    ones = np.ones(size, np.float32)

    def mixed(x: Any) -> Any:
        return programs.mixed_chain(x, np.sin, np.tanh)

    def cheap(x: Any) -> Any:
        # Its `maximum` and `where` turn float32 gradients into float64, which would cost it twice the memory traffic.
        return programs.cheap_chain(x, lambda h: h * (h > 0))

    function = mixed if kind == "mixed" else cheap

    def run() -> Any:
        vjp, _ = make_vjp(function)(x)
        return vjp(ones)

    return run


def function(rows: int) -> Callable[[], Any]:
    return programs.small_function(value_and_grad, np, rows)
