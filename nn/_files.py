"""Named arrays in safetensors files: written whole or not at all, and read without ever running what a file says."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

__all__ = ["Arrays", "PathLike", "read", "write"]

PathLike = str | os.PathLike[str]
Arrays = dict[str, ndarray[Any, Any]]

#: Under which our files have a checksum in their metadata.
CHECKSUM = "glassgrad crc32"

#: What the format calls NumPy's dtypes.
_DTYPES = {
    "BOOL": np.dtype(np.bool_),
    **{f"{kind.upper()}{8 * size}": np.dtype(f"<{kind}{size}") for kind in "ui" for size in (1, 2, 4, 8)},
    **{f"F{8 * size}": np.dtype(f"<f{size}") for size in (2, 4, 8)},
}

#: How files begin that are often mistaken for safetensors, and what they are.
_FOREIGN = {
    b"PK\x03\x04": "a zip archive, as written by torch.save or numpy.savez",
    b"\x80": "a Python pickle",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy .npy file",
    b"\x1f\x8b": "a gzip archive",
}

_CONVERT = (
    "files that may hold Python objects are never read, as loading those can run code; where the file came from, save "
    "the weights again, with nn.save_weights or safetensors.torch.save_file(model.state_dict(), path)"
)


def _package() -> Any:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "saving and loading weights needs the package safetensors; install it with pip install 'glassgrad[weights]'"
        ) from error
    return safetensors


def write(path: PathLike, arrays: Mapping[str, Any], metadata: Mapping[str, str], operation: str) -> None:
    """Write arrays and metadata to a file that is at every moment either the old one or the new one, whole.

    Raises
    ------
    ImportError
        If safetensors is not installed.
    TypeError
        If a name is not text, or an array is of a dtype that the format does not know.
    ValueError
        If an array has the one name that the format keeps for itself.
    OSError
        If the folder does not exist or the file cannot be written; the old file is then as it was.
    """
    package = _package()
    path = _as_path(path, operation)
    target = Path(os.path.realpath(path))  # through a link, to the file it stands for
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{operation}: there is no folder {target.parent}; make it first")
    if target.is_dir():
        raise IsADirectoryError(f"{operation}: {path} is a folder; give the name of a file in it")
    for name in arrays:
        if not isinstance(name, str):
            raise TypeError(f"{operation}: names must be text, got {name!r}")
    if "__metadata__" in arrays:
        raise ValueError(f"{operation}: safetensors files keep the name __metadata__ for themselves; choose another")
    plain = {name: _storable(name, array, operation) for name, array in arrays.items()}
    metadata = {**metadata, CHECKSUM: _checksum(plain, metadata)}
    content = package.numpy.save(plain, metadata)
    # The name is cut off because with the additions it could become longer than a file's may be.
    temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}.partial")
    try:
        with open(temporary, "xb") as file:  # with the permissions that any new file gets
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # its content is on the disk before its name is
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename is None:  # a full disk names no file
            error.filename = str(target)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, as far as the system allows: the file itself is written by now."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _as_path(path: PathLike, operation: str) -> str:
    """A path as text; a bare number, which Python's ``open`` takes for a file that is open already, is none."""
    try:
        return os.fsdecode(path)
    except TypeError:
        raise TypeError(f"{operation}: expected the path of a file, got {type(path).__name__}") from None


def read(path: PathLike, operation: str) -> tuple[Arrays, dict[str, str]]:
    """The arrays and the metadata of a safetensors file, of any origin.

    Half-precision numbers of the kind bfloat16, which NumPy does not have, become float32 with the same values.

    Raises
    ------
    ImportError
        If safetensors is not installed.
    FileNotFoundError
        If there is no such file.
    TypeError
        If the path is none.
    ValueError
        If it is not a safetensors file, or a damaged one, or holds numbers that NumPy has no dtype for.
    """
    package = _package()
    path = _as_path(path, operation)
    where = f"{operation}: {path}"
    if os.path.isdir(path):
        raise IsADirectoryError(f"{where} is a folder; give the name of a file in it")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(8)
        length = int.from_bytes(head, "little")
        if size < 8 or length > size - 8:
            raise ValueError(f"{where} {_not_ours(head, size)}")
        file.seek(0)
        content = file.read()
    try:
        entries = package.deserialize(content)
        metadata = json.loads(content[8 : 8 + length]).get("__metadata__") or {}
    except (package.SafetensorError, ValueError) as error:
        raise ValueError(f"{where} is no safetensors file, or a damaged one ({error}); {_CONVERT}") from error
    # The package gives them in an order that differs from run to run.
    arrays = {name: _array(name, entry, where) for name, entry in sorted(entries, key=lambda entry: entry[0])}
    if CHECKSUM in metadata and metadata[CHECKSUM] != _checksum(arrays, metadata):
        raise ValueError(f"{where} is damaged: its content is not what was written; use an older copy")
    return arrays, metadata


def _not_ours(head: bytes, size: int) -> str:
    for start, kind in _FOREIGN.items():
        if head.startswith(start):
            return f"is {kind}, not a safetensors file; {_CONVERT}"
    if size < 8:
        return f"has only {size} bytes and is no safetensors file; was it cut off while copying?"
    return (
        f"is no safetensors file, or was cut off: it announces a header of {int.from_bytes(head, 'little'):,} bytes, "
        f"but has {size:,} bytes in all; copy it again, or use an older one"
    )


def _storable(name: str, array: Any, operation: str) -> ndarray[Any, Any]:
    try:
        array = np.asarray(array)
    except ValueError as error:
        raise TypeError(f"{operation}: {name} is no array: {error}") from error
    little = array.dtype.newbyteorder("<")
    if little not in _DTYPES.values():
        raise TypeError(
            f"{operation}: {name} is of dtype {array.dtype}, which safetensors files cannot hold; convert it to a "
            f"floating dtype of at most 64 bits, an integer or bool"
        )
    return np.array(array, little, order="C", copy=None)


def _array(name: str, entry: Mapping[str, Any], where: str) -> ndarray[Any, Any]:
    kind, shape, data = entry["dtype"], entry["shape"], entry["data"]
    if kind == "BF16":  # the upper half of a float32
        values = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    elif kind == "BOOL":  # one byte each, of which NumPy understands 0 and 1 only
        values = np.frombuffer(data, np.uint8) != 0
    elif kind in _DTYPES:
        values = np.frombuffer(data, _DTYPES[kind])
    else:
        raise ValueError(
            f"{where} holds {name} in the format {kind}, which NumPy does not have; convert it to float32 where the "
            f"file came from"
        )
    try:
        return values.reshape(shape)
    except ValueError as error:  # too many axes, or one that is too long, though another is 0
        raise ValueError(f"{where} holds {name} in a shape that NumPy cannot have: {error}") from error


def _checksum(arrays: Mapping[str, ndarray[Any, Any]], metadata: Mapping[str, str]) -> str:
    """Against accidents, not attacks: nothing in a file is executed, whatever it says."""
    total = 0
    for key, text in sorted(metadata.items()):
        if key != CHECKSUM:
            total = zlib.crc32(f"{key}={text};".encode(), total)
    for name, array in sorted(arrays.items()):
        total = zlib.crc32(f"{name}:{array.dtype.str}{array.shape}".encode(), total)
        total = zlib.crc32(array.reshape(-1).view(np.uint8).data, total)
    return f"{total:08x}"
