"""Choosing elements."""

from __future__ import annotations

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import call

V = array(4)
W = array(4, seed=1)
X = array(2, 3)
Y = array(2, 3, seed=1)
X3 = array(2, 3, 4)
C = X + 1j * X[::-1]

CASES = [
    call("take", V, 2),
    call("take", V, [0, 0, 3]),
    call("take", X, [4, -1, 4]),
    call("take", X, [0, 2, 0], axis=1),
    call("take", X3, np.array([[0, 1], [1, 1]]), axis=1),
    call("take", X, 1, axis=-1),
    call("take", X, [5, -4], axis=1, mode="wrap"),
    call("take", X, [5, -4], axis=1, mode="clip"),
    call("take", C, [0, 0], axis=0),
    call("take", X, np.array([], int), axis=0),
    call("compress", [True, False, True], X),
    call("compress", [0, 1], X, axis=1),
    call("extract", X > 0, X),
    call("choose", np.array([0, 1, 1, 0]), [V, W]),
    call("choose", np.array([[0], [1]]), [V, W]),
    call("choose", np.array([0, 5, -3, 1]), (V, 2.5), mode="wrap"),
    call("choose", np.array([0, 5, -3, 1]), (V, 2.5), mode="clip"),
    call("choose", 1, [V, W]),
    call("select", [X > 1, X > 0], [X, Y], constant=(0,)),
    call("select", [X > 1, X > 0], [X, Y], 2.5, constant=(0,)),
    call("select", [X > 1, X > 5], [X, C], constant=(0,)),
    call("trim_zeros", V),
    call("lib.stride_tricks.sliding_window_view", V, 2),
    call("lib.stride_tricks.sliding_window_view", X3, (2, 3), axis=(1, -1)),
    call("lib.stride_tricks.sliding_window_view", X, (2, 2)),
    call("lib.stride_tricks.sliding_window_view", V, (2, 2), axis=(0, 0)),
    call("where", X > 0, X, Y),
    call("where", X > 0, X, 0.0),
    call("where", [[True], [False]], 1.5, C),
]
