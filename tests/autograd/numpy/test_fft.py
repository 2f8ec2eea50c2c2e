"""What only Fourier transforms have: their namespace, their errors, PyTorch's gradients."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import Tensor
from autograd.samples import array


def test_the_namespace_is_a_module_with_all_names_of_numpys() -> None:
    module = importlib.import_module("autograd.numpy.fft")
    assert anp.fft is module
    assert set(np.fft.__all__) <= set(dir(module))
    np.testing.assert_array_equal(anp.fft.fftfreq(5, 0.1), np.fft.fftfreq(5, 0.1))
    np.testing.assert_array_equal(anp.fft.rfftfreq(6), np.fft.rfftfreq(6))
    with pytest.raises(AttributeError, match="fourier"):
        _ = anp.fft.fourier


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: np.fft.fft(x, norm="unitary"), ValueError, "unitary"),
        (lambda x: np.fft.hfft(x, norm="unitary"), ValueError, "unitary.*'ortho'"),
        (lambda x: np.fft.fft(x, 0), ValueError, r"fft\(float64 \(2, 3\), n=0"),
        (lambda x: np.fft.fft2(x, s=(2, 2, 2)), ValueError, r"3 lengths.*2 axes"),
        (lambda x: np.fft.rfft(x + 1j), TypeError, r"rfft\(complex128"),
        (lambda x: np.fft.ifft(x, out=np.empty((2, 3), complex)), TypeError, "out"),
    ],
)
@pytest.mark.filterwarnings("ignore:`axes` should not be:DeprecationWarning")
def test_wrong_arguments_are_refused(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call(Tensor(array(2, 3)))


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
@pytest.mark.parametrize("n", [3, 4, 7, 8])
def test_gradients_are_the_conjugates_of_pytorchs(torch: Any, name: str, n: int) -> None:
    x = array(2, 5) if name in ("rfft", "ihfft") else array(2, 5) + 1j * array(2, 5, seed=1)
    ours, theirs = Tensor(x), torch.tensor(x, requires_grad=True)
    anp.sum(abs(getattr(anp.fft, name)(ours, n, norm="ortho")) ** 3).backward()
    (getattr(torch.fft, name)(theirs, n, norm="ortho").abs() ** 3).sum().backward()
    np.testing.assert_allclose(ours.grad, theirs.grad.conj().resolve_conj().numpy(), rtol=1e-10, atol=1e-12)
