"""The IDX format, in which MNIST and its successors are published.

Two zero bytes, a byte for the type of the numbers, one for the number of axes; the length of each axis as a 32-bit
integer; then the numbers, the last axis fastest, everything with the most significant byte first.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
from numpy import ndarray

from nn.data._files import opened, read_exactly

__all__ = ["read_idx"]

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> ndarray[Any, Any]:
    """Read an array from an IDX file, such as ``train-images-idx3-ubyte`` or ``train-images-idx3-ubyte.gz``.

    Parameters
    ----------
    path
        The file; whether it is compressed is seen from its content.

    Returns
    -------
    ndarray
        Of the type the file says: uint8, int8, int16, int32, float32 or float64.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is no IDX file, or its size is not what its header says.

    Notes
    -----
    The header is believed only as far as the size of the file allows, and from a compressed file at most 2 GiB are
    read, so that neither can exhaust the memory.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("two-by-three").write_bytes(bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]))
    >>> read_idx("two-by-three")
    array([[1, 2, 3],
           [4, 5, 6]], dtype=uint8)
    """
    with opened(path) as (file, most):
        magic = file.read(4)
        if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _DTYPES:
            raise ValueError(
                f"{path}: not an IDX file, it begins with {bytes(magic)!r} instead of two zero bytes and a type; was a "
                f"web page or another format saved under this name?"
            )
        dtype = np.dtype(_DTYPES[magic[2]])
        lengths = read_exactly(file, 4 * magic[3], path)
        shape = tuple(np.frombuffer(lengths, ">u4").tolist())
        size = math.prod(shape) * dtype.itemsize
        if size > most:
            raise ValueError(
                f"{path}: the header declares {dtype.newbyteorder('=')} numbers of shape {shape}, {size:,} bytes, but "
                f"at most {most:,} are read from this file; it is truncated or damaged, fetch it again (or, if it is "
                f"right and compressed, decompress it first)"
            )
        data = read_exactly(file, size, path)
        if file.read(1):
            raise ValueError(f"{path}: the file goes on after the numbers of shape {shape} that its header declares")
    try:
        values = np.frombuffer(data, dtype).reshape(shape)
    except ValueError as error:  # too many axes, or too long ones beside one of length 0
        raise ValueError(f"{path}: the header declares the shape {shape}, which NumPy cannot have: {error}") from error
    return values.astype(dtype.newbyteorder("="), copy=False)
