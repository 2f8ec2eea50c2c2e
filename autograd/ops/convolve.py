"""Convolution of two sequences, as NumPy has it; that of images is in ``convolution.py``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.padding import pad
from autograd.primitives import multilinear, raw
from autograd.samples import Sample, array

__all__ = ["convolve"]


def _length(x: Any) -> int:
    shape = shape_of(raw(x, "convolve"))
    return shape[0] if shape else 1


def _in_full(ct: Any, a: Any, v: Any, mode: str) -> Any:
    """A cotangent with zeros for those elements of the full convolution that ``mode`` leaves out."""
    if mode == "full":
        return ct
    shorter, longer = sorted((_length(a), _length(v)))
    before = shorter - 1 if mode == "valid" else (shorter - 1) // 2
    return pad(ct, ((before, shorter + longer - 1 - before - _length(ct)),))


def _by_first(ct: Any, a: Any, v: Any, out: Any, *, mode: str) -> Any:
    return convolve(_in_full(ct, a, v, mode), v[::-1], "valid")


def _by_second(ct: Any, a: Any, v: Any, out: Any, *, mode: str) -> Any:
    return convolve(_in_full(ct, a, v, mode), a[::-1], "valid")


def _samples() -> Iterable[Sample]:
    z = array(4) + 1j * array(4, seed=2)
    inputs = [(array(5), array(3, seed=1)), (array(2), array(5, seed=1)), (array(1), array(1, seed=1)), (z, array(2))]
    return [Sample(pair, {"mode": mode}) for pair in inputs for mode in ("full", "same", "valid")]


@multilinear(transposes=(_by_first, _by_second), symbol="∗", formula=r"\sum_j a_j v_{i-j}", samples=_samples)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Convolution of two sequences.

    Parameters
    ----------
    a, v : Tensor or array_like
        ``(n,)`` and ``(m,)``, not empty.
    mode : {"full", "same", "valid"}
        All elements, those in the middle as many as the longer sequence has, or those where the sequences overlap
        completely.

    Returns
    -------
    Tensor
        ``(n + m - 1,)``, ``(max(n, m),)`` or ``(max(n, m) - min(n, m) + 1,)``.

    Raises
    ------
    ValueError
        If a sequence is empty or has several axes.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from autograd.ops import convolve
    >>> convolve(Tensor([1.0, 2.0]), [1.0, 1.0, 1.0]).tolist()
    [1.0, 3.0, 3.0, 2.0]
    """
    return np.convolve(a, v, mode)  # type: ignore[call-overload]
