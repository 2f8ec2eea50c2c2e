"""glassgrad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd.numpy as anp
import nn
import optim
import viz
from autograd import Tensor, relu, scope, sin, tanh, value_and_grad
from benchmarks import networks, programs


def chain(kind: str, size: int) -> Callable[[], Any]:
    x = Tensor(programs.chain_input(size))
    ones = np.ones(size, np.float32)

    def run() -> Any:
        x.zero_grad()
        y = programs.mixed_chain(x, sin, tanh) if kind == "mixed" else programs.cheap_chain(x, relu)
        y.backward(ones)
        return x.grad

    return run


def scalars(length: int) -> Callable[[], Any]:
    def run() -> Any:
        x = Tensor(1.0)
        programs.scalar_chain(x, length).backward()
        return x.grad

    return run


def function(rows: int) -> Callable[[], Any]:
    return programs.small_function(value_and_grad, anp, rows)


def demo(points: int) -> Callable[[], float]:
    return programs.micrograd_demo(Tensor, points)


def network(program: str, batch: int) -> Callable[[], Any]:
    library = networks.Library(nn=nn, optim=optim, constant=lambda x: x, array=np.asarray)
    return networks.step(library, program, batch)


def drawing(nodes: int, how: str) -> Callable[[], float]:
    """From a recorded graph to the text of its picture, its page or its explanation: how many parts that has."""
    if how == "chain":
        y = programs.scalar_chain(Tensor(1.0), nodes)
    else:
        y = programs.neurons(Tensor, tanh, scope, nodes)
        y.backward()

    def run() -> float:
        if how == "step":
            return float(viz.step(y).html.count("<path"))
        if how == "explain":
            return float(viz.explain(y).text.count("\n"))
        if how == "chain":
            return float(viz.draw(y).svg.count("<path"))
        return float(viz.draw(y, collapse=how == "fold", limit=2 * nodes).svg.count("<path"))

    return run
