"""Linear algebra."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import Case, call, since


def z(*shape: int, seed: int = 0) -> Any:
    """Complex numbers."""
    return array(*shape, seed=seed) + 1j * array(*shape, seed=seed + 10)


def regular(*shape: int, seed: int = 0) -> Any:
    """Square matrices far from singular ones."""
    return array(*shape, seed=seed) + 3 * np.eye(shape[-1])


A, CUBE = array(2, 3), array(2, 3, 4, seed=3)
V = array(3, seed=4)
R = regular(3, 3)
RC = regular(3, 3) + 1j * array(3, 3, seed=1)
#: With a symmetric value, for functions of one triangle.
SPD = R @ R.T
SPDC = RC @ RC.conj().T
REAL_EIGENVALUES = 0.1 * array(3, 3) + np.diag([1.0, 2.0, 4.0])

VECTOR_ORDERS = (None, 2, 1, 3, 2.5, 0.5, -1, -2, np.inf, -np.inf)
MATRIX_ORDERS = (None, "fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf)

CASES: list[Case] = [
    *(call("linalg.inv", x) for x in (R, RC, regular(2, 2, 2), array(0, 0))),
    *(call("linalg.det", x) for x in (R, RC, regular(2, 1, 2, 2), array(1, 1), array(0, 0), np.zeros((3, 3)))),
    *(call("linalg.slogdet", x) for x in (R, -R, regular(2, 1, 2, 2), RC)),
    *(call("linalg.solve", x, y) for x, y in [(R, V), (R, array(3, 2)), (RC, V), (R, z(3, 2)), (regular(2, 3, 3), V)]),
    call("linalg.solve", regular(2, 1, 3, 3), array(4, 3, 2)),
    *(call("linalg.pinv", x) for x in (A, A.T, R, array(2, 3, 2), z(2, 3))),
    call("linalg.pinv", A, rcond=0.1),
    call("linalg.pinv", A, rtol=None),
    call("linalg.pinv", A, hermitian=False),
    *(call("linalg.eigh", x, which) for x in (SPD, np.stack([SPD, SPD + 1])) for which in "LU"),
    *(call("linalg.eigvalsh", x, which) for x in (SPD, SPDC, np.stack([SPD, SPD + 1])) for which in "LU"),
    *(call("linalg.eig", x) for x in (REAL_EIGENVALUES, np.stack([REAL_EIGENVALUES, REAL_EIGENVALUES.T]))),
    *(call("linalg.eigvals", x) for x in (REAL_EIGENVALUES, REAL_EIGENVALUES + 0.1 * z(3, 3), array(3, 3, seed=2))),
    *(call("linalg.svd", x, full_matrices=False) for x in (R, A, A.T, array(2, 3, 2))),
    *(call("linalg.svd", x) for x in (R, regular(2, 2, 2))),
    *(call("linalg.svd", x, compute_uv=False) for x in (A, RC, z(2, 3), CUBE)),
    *(call("linalg.svd", SPD - 3 * np.eye(3), hermitian=True, compute_uv=uv) for uv in (True, False)),
    call("linalg.svdvals", A),
    *(call("linalg.qr", x) for x in (R, A, A.T, CUBE, RC, z(2, 3), z(3, 2))),
    *(call("linalg.qr", x, mode) for x in (R, A) for mode in ("complete", "r")),
    *(call("linalg.matrix_power", R, n) for n in (1, 2, 3, 5, 6, -1, -2, -3)),
    call("linalg.matrix_power", regular(2, 2, 2), 7),
    *(call("linalg.cond", x, p=p) for x in (R, regular(2, 2, 2)) for p in (None, 2, -2, "fro", "nuc", 1, -1, np.inf)),
    *(call("linalg.cond", RC, p=p) for p in (None, 2, -2)),
    # Before, condition numbers of complex matrices were complex numbers.
    *since("2.4", *(call("linalg.cond", RC, p=p) for p in ("fro", "nuc", 1, -1, np.inf))),
    call("linalg.cond", A),
    call("linalg.tensorsolve", array(2, 3, 6), A),
    call("linalg.tensorsolve", array(2, 6, 3), A, axes=(1,)),
    call("linalg.tensorinv", array(4, 6, 8, 3), ind=2),
    call("linalg.tensorinv", array(6, 2, 3), ind=1),
    call("linalg.trace", A),
    call("linalg.trace", CUBE, offset=-1),
    *(call("linalg.diagonal", x, offset=k) for x in (A, CUBE, z(3, 3)) for k in (-1, 0, 1)),
    call("linalg.matrix_transpose", CUBE),
    # Norms
    *(call("linalg.norm", x, ord=o) for x in (V, z(3, seed=2)) for o in VECTOR_ORDERS),
    *(call("linalg.norm", x, ord=o) for x in (A, R, z(2, 3)) for o in MATRIX_ORDERS),
    *(call("linalg.norm", A, ord=o, axis=1, keepdims=True) for o in VECTOR_ORDERS),
    *(call("linalg.norm", CUBE, ord=o, axis=-2) for o in VECTOR_ORDERS),
    *(call("linalg.norm", CUBE, ord=o, axis=axes) for o in MATRIX_ORDERS for axes in ((0, 1), (2, 0), (-1, -2))),
    *(call("linalg.norm", CUBE, ord=o, axis=(2, 0), keepdims=True) for o in MATRIX_ORDERS),
    call("linalg.norm", CUBE),
    call("linalg.norm", CUBE, keepdims=True),
    call("linalg.norm", array(0)),
    *since("2.3", call("linalg.norm", array(0), ord=np.inf), call("linalg.norm", array(2, 0), 1)),
    *(call("linalg.vector_norm", A, ord=o) for o in VECTOR_ORDERS if o is not None),
    call("linalg.vector_norm", CUBE, axis=(0, 2), ord=3, keepdims=True),
    call("linalg.vector_norm", CUBE, axis=1, ord=np.inf),
    *(call("linalg.matrix_norm", CUBE, ord=o) for o in MATRIX_ORDERS if o is not None),
]
