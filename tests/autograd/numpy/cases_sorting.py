"""Sorting, and choosing along an axis."""

from __future__ import annotations

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import call

V = array(5)
X = array(2, 3, 4)
Z = array(3, 4) + 1j * array(3, 4, seed=1)
INDICES = np.array([[[2, 0, 2, 1]], [[-1, 1, 0, 1]]])

CASES = [
    call("sort", V),
    call("sort", X),
    call("sort", X, 1, "mergesort"),
    call("sort", X, axis=None, stable=True),
    call("sort", Z, 0),
    call("sort", array(0, 3)),
    call("sort_complex", V),
    call("sort_complex", Z),
    call("partition", V, 2),
    call("partition", X, (0, 2), axis=1),
    call("partition", X, 5, None),
    call("take_along_axis", X, INDICES, 1),
    call("take_along_axis", X[:1], INDICES, axis=1),
    call("take_along_axis", X, np.array([3, 3, 0]), None),
    call("take_along_axis", Z, np.array([[0, 0]]), -1),
    call("bincount", np.array([1, 0, 3, 1, 1]), V),
    call("bincount", np.array([1, 0, 3, 1, 1]), V, 6),
]
