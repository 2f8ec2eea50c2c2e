"""Arithmetic of polynomials."""

from __future__ import annotations

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import Case, call

P, Q = array(4), array(2, seed=1)

CASES: list[Case] = [
    *(call(name, x, y) for name in ("polyadd", "polysub", "polymul") for x, y in [(P, Q), (Q, P), (P, P[::-1])]),
    call("polyadd", P, 2.0),
    call("polymul", P + 1j * P[::-1], Q),
    *(call("polyder", P, m) for m in (1, 2, 4)),
    *(call("polyint", P, m) for m in (1, 3)),
    call("polyint", Q, 2, np.array([0.5, -1.0]), constant=(2,)),
    call("polyint", Q, m=2, k=3.0),
    *(call("poly", x) for x in (P, P + 1j * P[::-1], array(3, 3), np.diag(P) + 0.1)),
]
