"""How functions of SciPy's are tried on tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.test_util import check_grads
from tests.autograd.numpy.cases import Case

__all__ = ["check"]


def check(case: Case, scipy: Any, ours: Any) -> None:
    """Values are SciPy's, derivatives those of finite differences, and single precision stays."""
    function, arrays = case.function(ours), case.arrays()
    expected = case.apply(case.function(scipy), arrays)
    found = case.apply(function, [Tensor(x) for x in arrays])
    assert isinstance(found, Tensor), "the gradient is lost"
    assert found.requires_grad
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found.data, expected, rtol=1e-10, atol=1e-13)
    np.testing.assert_array_equal(case.apply(function, arrays), expected)  # plain values
    check_grads(lambda *x: case.apply(function, x), modes=("fwd", "rev"), order=case.order)(*arrays)
    if case.constant:  # which are in double precision
        return
    single = [Tensor(np.asarray(x).astype(np.complex64 if np.iscomplexobj(x) else np.float32)) for x in arrays]
    result = case.apply(function, single)
    assert result.dtype in (np.float32, np.complex64)
    result.backward(np.ones(result.shape, result.dtype))
    for x in single:
        assert x.grad.dtype == x.dtype
