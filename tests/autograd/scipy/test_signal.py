"""Convolution along any axes, against SciPy's along all of them, with derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.signal

from autograd import Tensor
from autograd.samples import array
from autograd.scipy.signal import _by_shifts, _by_spectra, _by_windows, convolve
from autograd.test_util import check_grads

MODES = ("full", "valid", "same")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("a", "b"), [((5,), (3,)), ((3,), (6,)), ((4, 5), (2, 3)), ((3, 3), (3, 1)), ((2,), (2,))])
def test_along_all_axes_it_is_scipys(a: Any, b: Any, mode: str) -> None:
    a, b = array(*a), array(*b, seed=1)
    expected = scipy.signal.convolve(a, b, mode)
    np.testing.assert_allclose(convolve(a, b, mode=mode), expected, rtol=1e-13, atol=1e-13)
    found = convolve(Tensor(a), b, mode=mode)
    assert found.requires_grad
    np.testing.assert_allclose(found.data, expected, rtol=1e-13, atol=1e-13)
    check_grads(lambda a, b: convolve(a, b, mode=mode), order=2)(a, b)


@pytest.mark.parametrize("mode", MODES)
def test_other_axes_are_combined_or_summed_over(mode: str) -> None:
    a, b = array(2, 5, 4), array(3, 2, 3, seed=1)

    def batches(a: Any, b: Any) -> Any:
        return convolve(a, b, axes=([1], [2]), mode=mode)

    def channels(a: Any, b: Any) -> Any:
        return convolve(a, b, axes=([-2], [2]), dot_axes=([0], [1]), mode=mode)

    every, summed = batches(a, b), channels(a, b)
    assert every.shape[:4] == (2, 4, 3, 2)
    assert summed.shape[:2] == (4, 3)
    for k in range(4):
        for m in range(3):
            one = [scipy.signal.convolve(a[i, :, k], b[m, i], mode) for i in range(2)]
            np.testing.assert_allclose(every[1, k, m, 1], one[1], rtol=1e-13, atol=1e-13)
            np.testing.assert_allclose(summed[k, m], one[0] + one[1], rtol=1e-13, atol=1e-13)
    check_grads(batches, order=2)(a, b)
    check_grads(channels, order=2)(a, b)


def test_without_axes_to_convolve_it_is_tensordot() -> None:
    a, b = array(3, 5), array(3, 4, seed=1)
    found = convolve(a, b, axes=([], []), dot_axes=([0], [0]))
    np.testing.assert_allclose(found, np.tensordot(a, b, ([0], [0])), rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128, np.complex64])
def test_all_ways_of_computing_it_agree(dtype: Any, rng: np.random.Generator) -> None:
    a, b = rng.standard_normal((2, 3, 40, 9)).astype(dtype), rng.standard_normal((4, 3, 12, 5)).astype(dtype)
    for start, length in (((0, 0), (51, 13)), ((-3, 4), (30, 2)), ((11, 4), (29, 20))):
        windows = _by_windows(a, b, start, length)
        for other in (_by_spectra, _by_shifts):
            found = other(a, b, start, length)
            assert found.dtype == windows.dtype == dtype
            np.testing.assert_allclose(found, windows, atol=1e-11 if np.finfo(dtype).eps < 1e-10 else 2e-4)


def test_large_arrays_are_convolved_through_their_spectra(rng: np.random.Generator) -> None:
    a, b = Tensor(rng.standard_normal(5000)), Tensor(rng.standard_normal(4000))
    out = convolve(a, b, mode="same")
    np.testing.assert_allclose(out.data, np.convolve(a.data, b.data)[1999:6999], atol=1e-10)
    weight = rng.standard_normal(5000)
    out.backward(weight)
    full = np.zeros(8999)
    full[1999:6999] = weight
    np.testing.assert_allclose(a.grad, np.correlate(full, b.data, "valid"), atol=1e-10)
    np.testing.assert_allclose(b.grad, np.correlate(full, a.data, "valid"), atol=1e-10)


@pytest.mark.parametrize(
    ("a", "b", "settings", "message"),
    [
        ((3, 4), (4,), {}, "axes are missing"),
        ((3,), (4,), {"mode": "circular"}, "circular"),
        ((3, 4), (4, 3), {"mode": "valid"}, r"larger along all axes.*\(3, 4\) and \(4, 3\)"),
        ((3, 4), (4, 3), {"axes": ([0], [0]), "dot_axes": ([1], [1])}, "do not correspond"),
    ],
)
def test_wrong_arguments_are_refused(a: Any, b: Any, settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        convolve(Tensor(array(*a)), array(*b), **settings)
