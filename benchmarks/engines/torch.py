"""PyTorch, eager, on two threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks import networks, programs

torch.set_num_threads(2)


def chain(kind: str, size: int) -> Callable[[], Any]:
    x: Any = torch.from_numpy(programs.chain_input(size)).requires_grad_()
    ones = torch.ones(size)

    def run() -> Any:
        x.grad = None
        y = programs.mixed_chain(x, torch.sin, torch.tanh) if kind == "mixed" else programs.cheap_chain(x, torch.relu)
        y.backward(ones)
        return x.grad.numpy()

    return run


def scalars(length: int) -> Callable[[], Any]:
    def run() -> Any:
        x: Any = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        programs.scalar_chain(x, length).backward()
        return x.grad.numpy()

    return run


def network(program: str, batch: int) -> Callable[[], Any]:
    library = networks.Library(nn=torch.nn, optim=torch.optim, constant=torch.from_numpy, array=lambda x: x.numpy())
    return networks.step(library, program, batch)
