"""Every function of NumPy's that takes tensors, in value and derivatives, on the calls listed in ``cases_*.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.test_util import check_grads
from tests.autograd.numpy.cases import Case, all_cases

CASES = [pytest.param(case, id=f"{i} {case}") for i, case in enumerate(all_cases())]


def _outputs(result: Any) -> list[Any]:
    """The results of a function that gives one, or several."""
    return list(result) if isinstance(result, (list, tuple)) else [result]


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("namespace", [np, anp], ids=["numpy", "autograd.numpy"])
def test_values_are_those_of_numpy(case: Case, namespace: Any) -> None:
    arrays = case.arrays()
    expected = _outputs(case.apply(case.function(), arrays))
    found = _outputs(case.apply(case.function(namespace), [Tensor(x) for x in arrays]))
    assert len(found) == len(expected)
    for f, e in zip(found, expected, strict=True):
        assert isinstance(f, Tensor), "the gradient is lost"
        assert f.requires_grad
        assert f.shape == np.shape(e)
        assert f.dtype == np.asarray(e).dtype
        np.testing.assert_allclose(f.data, e, rtol=1e-12, atol=1e-14)
    plain = _outputs(case.apply(case.function(anp), arrays))
    for p, e in zip(plain, expected, strict=True):
        assert type(p) is type(e)
        np.testing.assert_array_equal(p, e)


def _one_output(case: Case, index: int) -> Callable[..., Any]:
    return lambda *arrays: _outputs(case.apply(case.function(anp), arrays))[index]


@pytest.mark.parametrize("case", CASES)
def test_derivatives_agree_with_finite_differences(case: Case) -> None:
    arrays = case.arrays()
    for index in range(len(_outputs(case.apply(case.function(), arrays)))):
        check_grads(_one_output(case, index), modes=("fwd", "rev"), order=case.order)(*arrays)


@pytest.mark.parametrize("case", CASES)
def test_single_precision_stays(case: Case) -> None:
    arrays = [np.asarray(x).astype(np.complex64 if np.iscomplexobj(x) else np.float32) for x in case.arrays()]
    expected = _outputs(case.apply(case.function(), arrays))
    tensors = [Tensor(x) for x in arrays]
    found = _outputs(case.apply(case.function(anp), tensors))
    for f, e in zip(found, expected, strict=True):
        assert f.dtype == np.asarray(e).dtype
        f.backward(np.ones(f.shape, f.dtype))
    for tensor in tensors:
        assert tensor.grad.dtype == tensor.dtype
        assert tensor.grad.shape == tensor.shape
