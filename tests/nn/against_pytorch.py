"""Comparing modules and functions with PyTorch's: outputs, and the gradients by every input and parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import nn
from autograd import Tensor

RTOL, ATOL = 1e-7, 1e-12


def close(ours: Any, theirs: Any) -> None:
    """Two arrays agree to 1e-7, as near as float64 allows where large terms cancel."""
    np.testing.assert_allclose(ours, theirs, rtol=RTOL, atol=ATOL)


def pair(torch: Any, name: str, *arguments: Any, **settings: Any) -> tuple[nn.Module, Any]:
    """Our module and PyTorch's with equal random parameters, in float64."""
    theirs = getattr(torch.nn, name)(*arguments, **settings).double()
    ours = getattr(nn, name)(*arguments, **settings).double()
    rng = np.random.default_rng(11)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.tensor(rng.normal(size=tuple(parameter.shape))))
    load(ours, theirs)
    return ours, theirs


def load(ours: nn.Module, theirs: Any) -> None:
    """Our module takes PyTorch's state, whose keys are the same in the same order."""
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    ours.load_state_dict(state)


def same_state(ours: nn.Module, theirs: Any) -> None:
    """Parameters, running statistics and counters agree."""
    for key, value in theirs.state_dict().items():
        close(ours.state_dict()[key], value.numpy())


def agree(torch: Any, ours: Callable[..., Any], theirs: Callable[..., Any], *inputs: Any) -> Any:
    """Outputs agree, and so do all gradients of a random weighted sum of them.

    Floating arrays among the inputs are made variables, everything else constants. Of modules the parameters' gradients
    are compared, too. Returns our outputs.
    """
    a = [Tensor(x) if _floating(x) else x for x in inputs]
    b = [torch.tensor(x, requires_grad=_floating(x)) if isinstance(x, np.ndarray) else x for x in inputs]
    if isinstance(ours, nn.Module):
        ours.zero_grad()
        theirs.zero_grad()  # type: ignore[attr-defined]
    results, expected = ours(*a), theirs(*b)
    loss, expected_loss = _loss(_list(results)), _loss(_list(expected), torch)
    for y, z in zip(_list(results), _list(expected), strict=True):
        assert y.dtype == np.float64
        close(np.asarray(getattr(y, "data", y)), z.detach().numpy())
    loss.backward()
    expected_loss.backward()
    for x, z in zip(a, b, strict=True):
        if isinstance(x, Tensor):
            close(_gradient(x), np.zeros(x.shape) if z.grad is None else z.grad.numpy())
    if isinstance(ours, nn.Module):
        known = dict(theirs.named_parameters())  # type: ignore[attr-defined]
        assert [name for name, _ in ours.named_parameters()] == list(known)
        for name, parameter in ours.named_parameters():
            gradient = known[name].grad
            close(_gradient(parameter), np.zeros(parameter.shape) if gradient is None else gradient.numpy())
    return results


def _floating(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def _gradient(x: Tensor) -> Any:
    return np.zeros(x.shape) if x.grad is None else x.grad


def _list(results: Any) -> Sequence[Any]:
    return [y for y in (results if isinstance(results, tuple) else (results,)) if y is not None]


def _loss(results: Sequence[Any], torch: Any = None) -> Any:
    rng = np.random.default_rng(5)
    total: Any = 0.0
    for y in results:
        weights = rng.normal(size=tuple(y.shape))
        total = total + (y * (torch.tensor(weights) if torch else weights)).sum()
    return total
