"""Reductions."""

from __future__ import annotations

from autograd.samples import array
from tests.autograd.numpy.cases import call

X = array(2, 3, 4)

CASES = [
    call("sum", X),
    call("sum", X, axis=(0, -1), keepdims=True),
    call("sum", X + 1j * X[::-1], axis=1),
    call("mean", X, axis=1),
]
