"""Random programs, run by the engine and by PyTorch: values, gradients, and products of Hessians with vectors.

``make test ORACLE=1 ARGS="--graphs 10000 -k random_graphs"`` tries ten thousand of them.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from autograd import grad, make_hvp, make_jvp, value_and_grad
from tests.autograd.random_graphs import OPERATIONS, Program, programs


def close(found: Any, expected: Any, scale: float) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-9 * scale)


def compare(program: Program, torch: Any) -> None:
    """Run a program in both engines, and by the engine in both modes."""
    start = program.vector()
    direction = np.cos(1.3 * np.arange(start.size) + 0.5)

    x = torch.tensor(start, requires_grad=True)
    result = program.in_torch(torch, x)
    (gradient,) = torch.autograd.grad(result, x, create_graph=True)
    product = torch.zeros_like(x)
    if gradient.requires_grad:
        (found,) = torch.autograd.grad(gradient @ torch.tensor(direction), x, allow_unused=True)
        product = product if found is None else found
    value, slopes, curvature = (t.detach().numpy() for t in (result, gradient, product))

    size = max(1.0, float(np.abs(value)))
    steep = max(size, float(np.abs(slopes).max()))
    curved = max(steep, float(np.abs(curvature).max()))
    ours, our_slopes = value_and_grad(program.in_numpy)(start)
    close(program.in_numpy(start), value, size)
    close(ours, value, size)
    close(our_slopes, slopes, steep)
    close(make_jvp(program.in_numpy)(start)(direction)[1], slopes @ direction, steep * start.size)
    close(make_hvp(program.in_numpy)(start)[0](direction), curvature, 10 * curved)
    close(make_jvp(grad(program.in_numpy))(start)(direction)[1], curvature, 10 * curved)


def test_random_graphs_have_the_derivatives_of_pytorch(torch: Any, request: pytest.FixtureRequest) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=request.config.getoption("--graphs"), suppress_health_check=list(HealthCheck))
    @given(programs())
    def check(program: Program) -> None:
        compare(program, torch)
        seen.update(name for name, *_ in program.steps)

    check()
    missing = set(OPERATIONS) - set(seen)
    assert len(missing) <= 5, f"operations that no program had: {sorted(missing)}"
