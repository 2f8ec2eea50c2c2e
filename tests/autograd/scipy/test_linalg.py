"""Matrix functions and equations: SciPy's values, derivatives to second order, and no gradient for what is not read."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg

import autograd.scipy.linalg as linalg
from autograd import Tensor, grad
from autograd.samples import array
from tests.autograd.numpy.cases import Case, call
from tests.autograd.scipy.harness import check

SQUARE = array(3, 3) / 2
COMPLEX = SQUARE + 0.5j * array(3, 3, seed=1)
DEFINITE = SQUARE @ SQUARE.T + np.eye(3)
VECTOR, COLUMNS = array(3, seed=2), array(3, 2, seed=3)
BANDS = array(3, 5) + np.array([[0.0], [6.0], [0.0]])

CASES = [
    call("expm", SQUARE),
    call("expm", COMPLEX),
    call("expm", array(2, 2, 2)),
    call("sqrtm", DEFINITE),
    call("sqrtm", SQUARE + 3 * np.eye(3)),
    call("solve_sylvester", DEFINITE, DEFINITE[:2, :2], COLUMNS),
    call("solve_triangular", DEFINITE, VECTOR),
    call("solve_triangular", DEFINITE, COLUMNS, lower=True, trans="T", check_finite=False),
    call("solve_triangular", COMPLEX + 2 * np.eye(3), COLUMNS, lower=True, trans=2),
    call("solve_triangular", SQUARE, COLUMNS, unit_diagonal=True),
    call("solve_banded", (1, 1), BANDS, array(5)),
    call("solve_banded", (1, 1), BANDS, array(5, 2)),
    call("solve_banded", (2, 0), BANDS[[1, 0, 2]], array(5, 2)),
    call("solve_banded", [0, 2], BANDS[[0, 2, 1]], array(5)),
    call("block_diag", SQUARE, VECTOR, COLUMNS, 2.0),
    call("toeplitz", VECTOR),
    call("toeplitz", VECTOR, array(4)),
    call("toeplitz", VECTOR + 1j * VECTOR[::-1]),
    call("inv", SQUARE + 2 * np.eye(3)),
    call("det", SQUARE),
    call("norm", SQUARE),
    call("norm", VECTOR, 1),
    call("solve", SQUARE + 2 * np.eye(3), VECTOR),
    call("solve", SQUARE + 2 * np.eye(3), COLUMNS, transposed=True),
    call("solve", DEFINITE, COLUMNS, assume_a="pos"),
    call("solve", DEFINITE, COLUMNS, assume_a="sym", lower=True),
    call("solve", DEFINITE, COLUMNS, assume_a="lower triangular"),
    call("cholesky", DEFINITE),
    call("cholesky", DEFINITE, lower=True),
    call("cho_solve", (DEFINITE, False), COLUMNS),
    call("cho_solve", (DEFINITE, True), VECTOR),
]


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{i} {c}") for i, c in enumerate(CASES)])
def test_values_and_derivatives(case: Case) -> None:
    check(case, scipy.linalg, linalg)


def test_the_exponential_of_a_nilpotent_matrix_is_a_polynomial() -> None:
    def corner(a: float) -> float:
        return linalg.expm(a * np.eye(4, k=1))[0, 3]

    np.testing.assert_allclose([grad(corner)(2.0), grad(grad(corner))(2.0)], [2.0, 2.0], rtol=1e-12)


def test_elements_that_are_not_read_get_no_gradient() -> None:
    a = Tensor(DEFINITE)
    linalg.solve_triangular(a, VECTOR, lower=True).sum().backward()
    np.testing.assert_array_equal(np.triu(a.grad, 1), np.zeros((3, 3)))
    bands = Tensor(BANDS)
    linalg.solve_banded((1, 1), bands, array(5)).sum().backward()
    assert bands.grad[0, 0] == bands.grad[2, -1] == 0


def test_what_has_no_derivative_here_is_scipys() -> None:
    assert linalg.lu is scipy.linalg.lu
    with pytest.raises(AttributeError, match="lux"):
        _ = linalg.lux


def test_a_root_with_its_error_estimate_is_refused() -> None:
    with pytest.raises(TypeError, match="disp"):
        linalg.sqrtm(Tensor(DEFINITE), disp=False)
