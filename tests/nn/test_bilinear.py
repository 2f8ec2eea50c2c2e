"""The bilinear layer and function: values and gradients against PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.test_util import check_grads
from nn import functional as F

SHAPES = [(), (1,), (5,), (0,), (2, 3), (2, 1, 3)]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("sizes", [(4, 3, 2), (1, 5, 3), (3, 1, 1)])
@pytest.mark.parametrize("leading", SHAPES)
def test_bilinear_is_pytorchs(
    torch: Any, rng: np.random.Generator, leading: tuple[int, ...], sizes: tuple[int, int, int], bias: bool
) -> None:
    theirs, ours = torch.nn.Bilinear(*sizes, bias=bias).double(), nn.Bilinear(*sizes, bias=bias, dtype=np.float64)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    arrays = [rng.normal(size=(*leading, size)) for size in sizes[:2]]
    mine, others = [Tensor(a) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    out, expected = ours(*mine), theirs(*others)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-7, atol=1e-14)
    weights = rng.normal(size=out.shape)
    (out * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    for a, b in zip([*mine, *ours.parameters()], [*others, *theirs.parameters()], strict=True):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-7, atol=1e-14)
    assert repr(ours) == repr(theirs)


def test_second_derivatives(rng: np.random.Generator) -> None:
    check_grads(F.bilinear, modes=("fwd", "rev"), order=2)(
        rng.normal(size=(2, 3)), rng.normal(size=(2, 2)), rng.normal(size=(2, 3, 2)), rng.normal(size=2)
    )


def test_precision_and_start(rng: np.random.Generator) -> None:
    layer = nn.Bilinear(100, 20, 30)
    assert layer(np.ones((2, 100)), np.ones((2, 20))).dtype == np.float32
    assert np.abs(layer.weight.data).max() == pytest.approx(0.1, rel=0.01)
    assert layer.weight.data.std() == pytest.approx(0.1 / 3**0.5, rel=0.02)


@pytest.mark.parametrize("shapes", [((2, 4), (3, 3)), ((2, 3), (2, 3)), ((2, 4), (2, 4)), ((), (3,)), ((4,), (2, 3))])
def test_shapes_are_checked(shapes: Any) -> None:
    layer = nn.Bilinear(4, 3, 2)
    with pytest.raises(ValueError, match=r"bilinear: expected inputs.*got float32.*\[in scope Bilinear\]"):
        layer(*(np.ones(shape) for shape in shapes))
    with pytest.raises(ValueError, match=r"a weight \(out, in1, in2\), got .*float64 \(2, 3\)"):
        F.bilinear(np.ones(2), np.ones(3), np.ones((2, 3)))


def test_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match="Bilinear: in2_features must be positive, got 0"):
        nn.Bilinear(1, 0, 1)
    with pytest.raises(TypeError, match=r"Bilinear: out_features must be an integer, got 2\.0"):
        nn.Bilinear(1, 1, 2.0)  # type: ignore[arg-type]
