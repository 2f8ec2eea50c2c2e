"""What a tensor holds inside, and how it is shown outside.

Inside, a float64 value of shape ``()`` is a Python float: arithmetic on those is several times faster than on NumPy
scalars, which decides the speed of scalar graphs. Any other value of shape ``()`` is a NumPy scalar, everything else an
``ndarray``; arrays of no dimension do not occur. Outside, a scalar is always a NumPy scalar, so that it has a shape
and a dtype (``numpy.float64`` is also a Python float).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy import ndarray

#: A value as it is held inside: ``float``, ``numpy.generic`` or ``numpy.ndarray``. NumPy's own stubs cannot say which
#: operations those three share, and the rules use all of them, so the type is open on purpose.
Raw = Any

#: Arrays up to this many bytes are compared in full to notice writes.
STAMP_BYTES = 65536

#: Of larger ones, a checksum and about this many evenly spaced elements.
STAMP_SAMPLE = 4096

#: Vectors of ones up to this length are kept.
SHORT = 4096


def canonical(value: Raw) -> Raw:
    """Bring a freshly computed value into the inside form."""
    if type(value) is float or (type(value) is ndarray and value.ndim):
        return value
    if isinstance(value, ndarray):
        if value.ndim:
            return value
        value = value[()]
    return float(value) if isinstance(value, np.float64) else value


def external(value: Raw) -> Raw:
    """The outside form of a value: what ``.data`` and ``.grad`` show."""
    return np.float64(value) if type(value) is float else value


def numeric(value: Any, what: str) -> ndarray[Any, Any]:
    """The array of something numeric.

    Raises
    ------
    TypeError
        If it is not.
    """
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{what}: expected numbers, got {type(value).__name__}")
    return array


def read_only(array: ndarray[Any, Any]) -> ndarray[Any, Any]:
    """A view that cannot be written through."""
    view = array.view()
    view.flags.writeable = False
    return view


def ones(length: int, dtype: np.dtype[Any]) -> ndarray[Any, Any]:
    """A vector of ones, by which a product adds up rows or columns; short ones are made once, and cannot be written."""
    return _short_ones(length, dtype) if length <= SHORT else np.ones(length, dtype)


@lru_cache(maxsize=64)
def _short_ones(length: int, dtype: np.dtype[Any]) -> ndarray[Any, Any]:
    return read_only(np.ones(length, dtype))


def shape_of(value: Raw) -> tuple[int, ...]:
    return value.shape if isinstance(value, (ndarray, np.generic)) else np.shape(value)


def dtype_of(value: Raw) -> np.dtype[Any]:
    return value.dtype if isinstance(value, (ndarray, np.generic)) else np.asarray(value).dtype


def describe(value: Raw) -> str:
    """A value's dtype and shape for an error message: ``float32 (3, 4)``, or the number itself."""
    if isinstance(value, (bool, int, float)):
        return repr(value)
    return f"{dtype_of(value)} {shape_of(value)}"


def _fingerprint(array: ndarray[Any, Any]) -> bytes:
    """What changes with the array: its bytes, or of a large one their parity and a sample.

    The parity of all bytes in the same place of a word (a pass at the speed of memory) notices that an element changed,
    the sample what leaves that as it is, such as elements changing places. Strided ones have a larger sample.
    """
    if array.nbytes <= STAMP_BYTES:
        return array.tobytes()
    if array.flags.f_contiguous:
        array = array.T
    ordered = array.flags.c_contiguous
    step = -(-array.size // (STAMP_SAMPLE if ordered else 4 * STAMP_SAMPLE))
    while math.gcd(step, array.shape[-1]) > 1:
        step += 1  # so that the sample visits every column
    if not ordered:
        return array.flat[::step].tobytes()
    flat = array.reshape(-1)
    data = flat.view(np.uint8)
    whole = data.size - data.size % 8
    parity = np.bitwise_xor.reduce(data[:whole].view(np.uint64))
    return bytes(parity.tobytes() + data[whole:].tobytes() + flat[::step].tobytes())


class Stamp:
    """Notices that an array was written to since the stamp was taken: exactly up to ``STAMP_BYTES``, else nearly so."""

    __slots__ = ("_seen",)

    def __init__(self, array: ndarray[Any, Any]) -> None:
        self._seen = _fingerprint(array)

    def differs(self, array: ndarray[Any, Any]) -> bool:
        return _fingerprint(array) != self._seen


class GuardedArray:
    """A plain array that a recorded operation needs again for its gradient; the user may still write to it."""

    __slots__ = ("array", "stamp")

    def __init__(self, array: ndarray[Any, Any]) -> None:
        self.array = array
        self.stamp = Stamp(array)
