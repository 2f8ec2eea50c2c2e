"""Products of arrays."""

from __future__ import annotations

import numpy as np

from autograd.samples import array
from tests.autograd.numpy.cases import Case, call


def z(*shape: int, seed: int = 0) -> np.ndarray:
    """Complex numbers."""
    return array(*shape, seed=seed) + 1j * array(*shape, seed=seed + 10)


A, B, C = array(2, 3), array(3, 4, seed=1), array(4, 2, seed=2)
CUBE = array(2, 3, 4, seed=3)
V = array(3, seed=4)

CASES: list[Case] = [
    # dot, inner, outer, vdot
    *(call("dot", x, y) for x, y in [(V, V[::-1]), (A, V), (V, B), (A, B), (CUBE, array(4)), (2.0, A), (A, 0.5)]),
    *(call("dot", x, y) for x, y in [(CUBE, C), (A, array(2, 3, 4)), (CUBE, array(5, 4, 2)), (V, array(2, 3, 4))]),
    call("dot", z(2, 3), z(3, 4)),
    call("dot", z(2, 3), V),
    call("dot", array(0, 3), B),
    *(call("inner", x, y) for x, y in [(V, V[::-1]), (A, B.T), (CUBE, C.T), (CUBE, array(4)), (2.0, A), (1.5, 2.0)]),
    call("inner", z(2, 3), z(4, 3)),
    *(call("outer", x, y) for x, y in [(V, array(2)), (A, B), (2.0, V), (z(2), V), (array(0), V)]),
    *(call("vdot", x, y) for x, y in [(V, V[::-1]), (A, B[:2, :3]), (z(3), z(3, seed=1)), (z(3), V), (1.5, 2.0)]),
    # vecdot, matvec, vecmat, matmul
    *(call("vecdot", x, y) for x, y in [(V, V[::-1]), (A, V), (z(2, 3), z(3)), (V, z(2, 3))]),
    *(call("matvec", x, y) for x, y in [(A, V), (CUBE, array(4)), (z(2, 3), z(5, 1, 3))] if hasattr(np, "matvec")),
    *(call("vecmat", x, y) for x, y in [(V, B), (array(2, 3), CUBE), (z(3), z(3, 2))] if hasattr(np, "vecmat")),
    call("matmul", z(2, 3), z(5, 3, 2)),
    call("vecdot", array(2, 3), z(2, 1), axis=0),
    call("vecdot", CUBE, array(3, 1), axis=-2, keepdims=True),
    call("linalg.vecdot", z(2, 3), z(2, 1, seed=1), axis=0),
    call("linalg.matmul", A, B),
    call("linalg.outer", V, z(2)),
    call("linalg.tensordot", A, B, axes=1),
    call("linalg.cross", A, V),
    call("linalg.cross", array(3, 2), z(3, 2), axis=0),
    # tensordot
    call("tensordot", A, B, 1),
    call("tensordot", A, B, axes=0),
    call("tensordot", CUBE, array(3, 4, 2)),
    call("tensordot", CUBE, array(4, 3, 5), axes=([1, 2], [1, 0])),
    call("tensordot", CUBE, array(5, 3), axes=(1, -1)),
    call("tensordot", z(2, 3), z(3, 2), axes=((0, 1), (1, 0))),
    call("tensordot", array(), A, axes=0),
    call("tensordot", array(2, 0), array(0, 3), 1),
    # einsum
    call("einsum", "ij,jk->ik", A, B),
    call("einsum", "ij, jk", A, B),
    call("einsum", "ba", A),
    call("einsum", "ii", array(3, 3)),
    call("einsum", "ii->i", array(3, 3)),
    call("einsum", "iji->j", array(2, 3, 2)),
    call("einsum", "iii", array(2, 2, 2)),
    call("einsum", "iij,jjk->ik", array(2, 2, 3), array(3, 3, 2, seed=1)),
    call("einsum", "ii,i->i", array(1, 1), V),
    call("einsum", "ij->", A),
    call("einsum", "ij->j", A),
    call("einsum", "ij,kl->", A, B),
    call("einsum", "ij,ik->jk", A, array(1, 4)),
    call("einsum", "...", A),
    call("einsum", "...->...", z(2, 3)),
    call("einsum", "i...->...", CUBE),
    call("einsum", "...ii->...i", array(2, 3, 3)),
    call("einsum", "...ij,...jk->...ik", array(5, 1, 2, 3), array(4, 3, 2)),
    call("einsum", "...ij,...jk", array(2, 2, 3), B),
    call("einsum", "i...,j...->ij...", A, array(2, 1)),
    call("einsum", "i...j,...j", CUBE, array(3, 1, seed=2)),
    call("einsum", ",ij,", 2.0, A, 0.5),
    call("einsum", "ij,jk,kl->il", A, B, C),
    call("einsum", "ij,jk,ki", A, B, C, optimize=True),
    call("einsum", "ij,jk,kl,lm->im", A, B, C, A, optimize="optimal"),
    call("einsum", "ij,jk,kl->il", A, B, C, optimize=["einsum_path", (1, 2), (0, 1)]),
    call("einsum", "ij,jk->ik", z(2, 3), B),
    call("einsum", "i,i->", z(3), z(3, seed=1)),
    call("einsum", A, [0, 1], B, [1, 2]),
    call("einsum", A, [1, 0], B, [0, 5], [5, 1]),
    call("einsum", CUBE, [Ellipsis, 3], array(4), [3], [Ellipsis]),
    call("einsum", "ij,jk->ik", array(0, 3), B),
    call("einsum", "ij,jk->ik", array(2, 0), array(0, 3)),
    # Large enough to be multiplied as matrices
    call("einsum", "ij,jk->ki", array(40, 20), array(20, 30), order=1),
    call("einsum", "bij,bjk->bki", array(5, 20, 9), array(5, 9, 30), order=1),
    call("einsum", "bij,bj->b", array(5, 40, 50), array(5, 50), order=1),
    call("einsum", "biij,bjk,kc->cb", array(3, 9, 9, 9), array(3, 9, 8), array(8, 2), order=1),
    call("einsum", "xi,yj,xyk->ijk", array(8, 9), array(7, 9), array(8, 7, 4), order=1),
    call("einsum", "...ij,...jk->...ik", array(5, 1, 20, 9), array(1, 4, 9, 8), order=1),
    call("einsum", "ij,jk->ik", array(40, 20), array(1, 30), order=1),
    call("einsum", "ij,ij->", array(99, 101), array(99, 101, seed=1), order=1),
    call("einsum", "ij,kl->", array(9, 10), array(9, 12, seed=1), order=1),
    # multi_dot
    call("linalg.multi_dot", [A, B]),
    call("linalg.multi_dot", [V, B, C]),
    call("linalg.multi_dot", (A, B, C, array(2))),
    call("linalg.multi_dot", [V, B, array(4)]),
    call("linalg.multi_dot", [array(2, 5), array(5, 1), array(1, 4), array(4, 3), z(3, 2)]),
    # kron, cross
    *(
        call("kron", x, y)
        for x, y in [(A, B), (V, A), (A, V), (2.0, A), (CUBE, A), (A, CUBE), (z(2, 2), V), (2.0, 3.0)]
    ),
    call("cross", V, V[::-1] + 1),
    call("cross", A, V),
    call("cross", A.T, array(3, 2), axis=0),
    call("cross", array(4, 3), array(3, 4), axisb=0, axisc=0),
    call("cross", z(2, 3), A),
    # convolve, correlate
    *(
        call(name, x, y, mode)
        for name in ("convolve", "correlate")
        for x, y in [
            (array(6), V),
            (array(2), array(5)),
            (array(5), array(2)),
            (z(4), z(3)),
            (V, z(4)),
            (array(4), array(4)),
        ]
        for mode in ("full", "same", "valid")
    ),
    call("convolve", array(4), 2.0),
    call("correlate", array(4), V),
]
