"""CIFAR-10 and CIFAR-100, from their binary version."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
from numpy import ndarray

from nn.data._files import find, opened
from nn.data._images import ImageDataset
from nn.data._scale import scale_pixels

__all__ = ["CIFAR10", "CIFAR100"]

Array = ndarray[Any, Any]
_PIXELS = 3 * 32 * 32
#: The largest file, train.bin of CIFAR-100, has 154 MB; an archive has a dozen members, and 184 MB.
_MOST_BYTES = 2**28
_MOST_MEMBERS = 100
_MOST_UNPACKED = 2**29


class CIFAR10(ImageDataset):
    """Colour images of 32×32 pixels in ten classes: 50,000 to train with and 10,000 to test.

    Parameters
    ----------
    root
        The folder with ``cifar-10-binary.tar.gz``, or with what is in it: the folder ``cifar-10-batches-bin``, or its
        files ``data_batch_1.bin`` to ``data_batch_5.bin`` and ``test_batch.bin``. Nothing is fetched from the network;
        and the version for Python is not read, since unpickling a file runs whatever program is in it.
    train
        Whether to read the training images or those for testing.
    transform : callable or None
        What images go through when they are taken: a function of uint8 images ``(N, 3, 32, 32)``, by default
        :func:`scale_pixels`. None leaves them as they are.

    Attributes
    ----------
    images : ndarray
        ``(N, 3, 32, 32)``, uint8, as they are in the file: the channels are red, green and blue.
    targets : ndarray
        ``(N,)``, int64.
    classes : tuple of str
        The name of each class.

    Raises
    ------
    FileNotFoundError
        If a file is missing; it says which, where it must lie and who publishes it.
    ValueError
        If a file is truncated, damaged or something else.

    Notes
    -----
    Krizhevsky, "Learning multiple layers of features from tiny images" (2009).

    Examples
    --------
    >>> import nn
    >>> nn.data.CIFAR10("/nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    FileNotFoundError: CIFAR10: found neither cifar-10-binary.tar.gz nor data_batch_1.bin, ...
    """

    classes: tuple[str, ...] = (
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    )
    _archive = "cifar-10-binary.tar.gz"
    _folder = "cifar-10-batches-bin"
    _pickled = ("cifar-10-python.tar.gz", "cifar-10-batches-py")
    _train = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
    _test = ("test_batch.bin",)
    _labels = 1  # how many bytes of labels come before an image
    _column = 0  # which of them is the target
    _count = 10

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Callable[[Array], Array] | None = scale_pixels,
    ) -> None:
        names = self._train if train else self._test
        parts = [self._records(data, path) for data, path in self._read(Path(root), names)]
        records = np.concatenate(parts)
        images = np.ascontiguousarray(records[:, self._labels :]).reshape(-1, 3, 32, 32)
        super().__init__(images, records[:, self._column], self._count, transform, source=root)

    def _read(self, root: Path, names: tuple[str, ...]) -> list[tuple[bytes, str]]:
        """Each file's content and what to call it in errors."""
        # Loose files first: whoever has both has unpacked the archive.
        paths = {name: find(root, (".", self._folder), (name,)) for name in names}
        missing = [name for name, path in paths.items() if path is None]
        if not missing:
            return [(_content(path), str(path)) for path in paths.values() if path is not None]
        archive = root / self._archive
        if archive.is_file():
            return _members(archive, names)
        kind = type(self).__name__
        pickled = [name for name in self._pickled if (root / name).exists()]
        hint = (
            f" {pickled[0]} is there, but it is the pickled version for Python, which is not read, since unpickling a "
            f"file runs whatever program is in it."
            if pickled
            else ""
        )
        raise FileNotFoundError(
            f"{kind}: found neither {self._archive} nor {', '.join(missing)} in {root} or {root / self._folder}.{hint} "
            f"The data set needs the archive or its files {', '.join((*self._train, *self._test))}: the "
            f'"binary version" on Alex Krizhevsky\'s page "The CIFAR-10 dataset" at the University of Toronto '
            f"(www.cs.toronto.edu/~kriz/cifar.html)"
        )

    def _records(self, data: bytes, path: str) -> Array:
        """A file's images, each after its labels."""
        size = self._labels + _PIXELS
        if not data or len(data) % size:
            raise ValueError(
                f"{type(self).__name__}: {path} has {len(data):,} bytes, which is no multiple of the {size:,} of one "
                f"image with its label; it is truncated or not of the binary version, fetch it again"
            )
        return np.frombuffer(data, np.uint8).reshape(-1, size)


class CIFAR100(CIFAR10):
    """Colour images of 32×32 pixels in a hundred classes: 50,000 to train with and 10,000 to test.

    Parameters
    ----------
    root
        The folder with ``cifar-100-binary.tar.gz``, or with what is in it: the folder ``cifar-100-binary``, or its
        files ``train.bin`` and ``test.bin``.
    train, transform
        See :class:`CIFAR10`.
    coarse
        Whether the targets are the 20 superclasses instead of the 100 classes.

    Notes
    -----
    Krizhevsky, "Learning multiple layers of features from tiny images" (2009). The names of the classes are in the
    archive's ``fine_label_names.txt`` and ``coarse_label_names.txt``.

    Examples
    --------
    >>> import nn
    >>> nn.data.CIFAR100("/nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    FileNotFoundError: CIFAR100: found neither cifar-100-binary.tar.gz nor train.bin in /nowhere ...
    """

    classes = ()
    _archive = "cifar-100-binary.tar.gz"
    _folder = "cifar-100-binary"
    _pickled = ("cifar-100-python.tar.gz", "cifar-100-python")
    _train = ("train.bin",)
    _test = ("test.bin",)
    _labels = 2
    _column = 1
    _count = 100

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Callable[[Array], Array] | None = scale_pixels,
        coarse: bool = False,
    ) -> None:
        if coarse:
            self._column, self._count = 0, 20
        super().__init__(root, train, transform)


class _Capped:
    """A file that gives no more than so many bytes, whatever is asked of it, and nothing for ever so long."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._left = most
        self._empty = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("there is much more in it than in the data set")
        # Skipping a member that claims to be huge, tarfile would go on reading at the end of the file for years.
        self._empty += not data
        if self._empty > 10:
            raise ValueError("it ends in the middle of a member")
        return data


def _content(path: Path) -> bytes:
    with opened(path) as (file, _):
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{path}: it is larger than any file of the data set; fetch it again")
    return data


def _members(archive: Path, names: tuple[str, ...]) -> list[tuple[bytes, str]]:
    """The files with these names from an archive, wherever in it they are; nothing is written to disk."""
    found: dict[str, bytes] = {}
    with opened(archive) as (file, _):
        capped = _Capped(file, _MOST_UNPACKED)
        try:
            # As a stream, it is read from begin to end, never back: no header can lead round in circles.
            with tarfile.open(fileobj=capped, mode="r|") as tar:  # type: ignore[call-overload]
                for count, member in enumerate(tar):
                    if count == _MOST_MEMBERS:
                        raise ValueError(f"it has more than {_MOST_MEMBERS} members")
                    name = PurePosixPath(member.name).name
                    if name in names and member.isreg() and not member.issparse() and name not in found:
                        found[name] = _unpacked(tar, member)
            while capped.read(2**20):  # the checksum comes at the end
                pass
        # Of headers that make no sense tarfile lets through whatever goes wrong with them.
        except (tarfile.TarError, ValueError, ArithmeticError, LookupError, MemoryError, RecursionError) as error:
            raise ValueError(f"{archive}: cannot be unpacked ({error}); the file is damaged, fetch it again") from error
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(
            f"{archive}: there is no {', '.join(missing)} in it; is it the binary version of the data set?"
        )
    return [(found[name], f"{archive}: {name}") for name in names]


def _unpacked(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if not 0 <= member.size <= _MOST_BYTES:
        raise ValueError(f"{member.name} declares {member.size:,} bytes")
    content = tar.extractfile(member)
    assert content is not None  # as it is a regular file
    return content.read()
