"""Shared fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

import autograd
import autograd.scipy.integrate  # these, so that tests of all operations are of the same ones, whichever files are run
import autograd.scipy.linalg
import autograd.scipy.signal
import autograd.scipy.special
from autograd import _state

settings.register_profile("project", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much to try where more is better."""
    parser.addoption("--graphs", type=int, default=300, help="how many random graphs to compare with PyTorch")


@pytest.fixture
def torch() -> Any:
    """PyTorch as an independent oracle, where it is installed."""
    return pytest.importorskip("torch", reason="PyTorch, the oracle, is not installed")


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded source of random numbers."""
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _clean_state() -> Iterator[None]:
    """No test may leave recording switched off or a scope open."""
    yield
    assert _state.unusual == 0
    assert autograd.is_grad_enabled()
    assert _state.current_scope() == ()
