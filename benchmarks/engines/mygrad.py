"""MyGrad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mygrad as mg
import numpy as np

from benchmarks import programs


def chain(kind: str, size: int) -> Callable[[], Any]:
    x = mg.tensor(programs.chain_input(size))
    ones = np.ones(size, np.float32)

    def run() -> Any:
        x.null_grad()
        if kind == "mixed":
            y = programs.mixed_chain(x, mg.sin, mg.tanh)
        else:
            y = programs.cheap_chain(x, lambda h: mg.maximum(h, 0.0))
        y.backward(ones)
        return x.grad

    return run
