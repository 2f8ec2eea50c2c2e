"""Files of well-known data sets: finding them, and reading no more from them than they can hold."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["find", "opened", "read_exactly"]

#: Deflate cannot shrink anything more than this (zlib's technical notes), so whatever declares to become larger lies.
_DEFLATE_LIMIT = 1032
#: What does not lie can still be made of zeros only, so that a few megabytes would fill the memory.
_DECOMPRESSED_LIMIT = 2**31


def find(root: str | os.PathLike[str], folders: Iterable[str], names: Iterable[str]) -> Path | None:
    """The first file there is with one of these names in one of these folders of ``root``, compressed or not."""
    for folder in folders:
        for name in names:
            for suffix in ("", ".gz"):
                path = Path(root, folder, name + suffix)
                if path.is_file():
                    return path
    return None


def _is_gzip(path: str | os.PathLike[str]) -> bool:
    """Whether a file is compressed, which its first bytes tell more reliably than its name."""
    with open(path, "rb") as file:
        return file.read(2) == b"\x1f\x8b"


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[tuple[IO[bytes], int]]:
    """A file, decompressed if need be, and the most bytes that can be, or should be, read from it.

    Raises
    ------
    ValueError
        If decompressing fails.
    """
    size = os.path.getsize(path)
    if not _is_gzip(path):
        with open(path, "rb") as file:
            yield file, size
        return
    try:
        with gzip.open(path, "rb") as packed:
            yield packed, min(size * _DEFLATE_LIMIT, _DECOMPRESSED_LIMIT)  # type: ignore[misc]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: cannot be decompressed ({error}); the file is damaged, fetch it again") from error


def read_exactly(file: IO[bytes], size: int, path: str | os.PathLike[str]) -> bytearray:
    """The next ``size`` bytes, writable.

    Raises
    ------
    ValueError
        If the file ends before.
    """
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        count = file.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            raise ValueError(
                f"{path}: the file ends {size - filled:,} bytes too early; it is truncated, fetch it again"
            )
        filled += count
    return data
