"""Readers of image files, on small files made here."""

from __future__ import annotations

import gzip
import io
import math
import struct
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nn
from nn.data import CIFAR10, CIFAR100, MNIST, FashionMNIST, _cifar, _files, read_idx

CODES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


def idx(array: np.ndarray[Any, Any], shape: tuple[int, ...] | None = None) -> bytes:
    """An array as the contents of an IDX file, whose header may say another shape."""
    lengths = array.shape if shape is None else shape
    header = bytes([0, 0, CODES[array.dtype.name], len(lengths)]) + struct.pack(f">{len(lengths)}I", *lengths)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@given(
    array=st.sampled_from(sorted(CODES)).flatmap(
        lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    ),
    packed=st.booleans(),
)
def test_idx_files_of_every_type_are_read(
    tmp_path_factory: pytest.TempPathFactory, array: np.ndarray[Any, Any], packed: bool
) -> None:
    path = tmp_path_factory.mktemp("idx") / "file"
    path.write_bytes(gzip.compress(idx(array), 1) if packed else idx(array))
    found = read_idx(path)
    assert found.dtype == array.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)
    found[...] = 0  # and can be written


SMALL = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file, it begins with b''"),
        (b"<html>not found</html>", "not an IDX file, it begins with b'<htm'.*was a web page"),
        (b"\0\0\x07\1\0\0\0\0", "not an IDX file"),
        (idx(SMALL)[:10], "the file ends 6 bytes too early"),
        (idx(SMALL) + b"x", r"goes on after the numbers of shape \(2, 3, 4\)"),
        (idx(SMALL, (2**32 - 1,) * 200), "the header declares uint8 numbers.*at most [0-9,]+ are read from this file"),
    ],
)
def test_files_that_are_not_what_they_say(tmp_path: Path, content: bytes, message: str, packed: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(ValueError, match=message):
        read_idx(path)


def test_truncated_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(idx(SMALL)[:-1])
    with pytest.raises(ValueError, match="file: the file ends 1 bytes too early; it is truncated"):
        read_idx(path)


@pytest.mark.parametrize("cut", [5, 15, 40])
def test_truncated_compressed_files(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(idx(np.random.default_rng(0).integers(256, size=(20, 20), dtype=np.uint8)))[:cut])
    with pytest.raises(ValueError, match=r"file\.gz: cannot be decompressed .*fetch it again"):
        read_idx(path)


def test_damaged_compressed_files(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(idx(np.random.default_rng(0).integers(256, size=(20, 20), dtype=np.uint8))))
    path = tmp_path / "file.gz"
    content[-6] ^= 1  # the checksum
    path.write_bytes(content)
    with pytest.raises(ValueError, match="cannot be decompressed"):
        read_idx(path)


def test_a_header_cannot_exhaust_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx(np.zeros(100, np.uint8), (60000, 2**20, 2**10))))
    with pytest.raises(ValueError, match=r"at most [0-9,]+ are read from this file"):
        read_idx(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_files, "_DECOMPRESSED_LIMIT", 50)
        path.write_bytes(gzip.compress(idx(np.zeros(51, np.uint8))))
        with pytest.raises(ValueError, match=r"at most 50 are read .* decompress it first"):
            read_idx(path)
    for shape in ((1,) * 100, (0, 2**32 - 1, 2**32 - 1, 2**32 - 1)):
        path.write_bytes(idx(np.zeros(math.prod(shape), np.uint8), shape))
        with pytest.raises(ValueError, match=r"declares the shape .*, which NumPy cannot have"):
            read_idx(path)
    path.write_bytes(gzip.compress(idx(np.zeros(10, np.uint8)) + bytes(10_000_000)))  # what follows is not unpacked
    with pytest.raises(ValueError, match="goes on after"):
        read_idx(path)


def write_mnist(folder: Path, *, suffix: str = "", dot: bool = False, images: Any = None, labels: Any = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for part, count in (("train", 7), ("t10k", 3)):
        x = rng.integers(256, size=(count, 28, 28), dtype=np.uint8) if images is None else images
        y = rng.integers(10, size=count, dtype=np.uint8) if labels is None else labels
        for name, array in ((f"{part}-images-idx3-ubyte", x), (f"{part}-labels-idx1-ubyte", y)):
            path = folder / ((name.replace("-idx", ".idx") if dot else name) + suffix)
            path.write_bytes(gzip.compress(idx(array)) if suffix else idx(array))


@pytest.mark.parametrize("kind", [MNIST, FashionMNIST])
@pytest.mark.parametrize(("suffix", "dot"), [("", False), (".gz", False), ("", True)])
@pytest.mark.parametrize("nested", [False, True])
def test_mnist_is_found_however_it_was_unpacked(
    tmp_path: Path, kind: type[MNIST], suffix: str, dot: bool, nested: bool
) -> None:
    write_mnist(tmp_path / kind.__name__ / "raw" if nested else tmp_path, suffix=suffix, dot=dot)
    train, test = kind(tmp_path), kind(tmp_path, train=False)
    assert (len(train), len(test)) == (7, 3)
    assert train.images.shape == (7, 1, 28, 28)
    assert train.images.dtype == np.uint8
    assert train.targets.dtype == np.int64
    image, label = train[2]
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image, train.images[2] / np.float32(255))
    assert label == train.targets[2]
    for x, y in nn.DataLoader(nn.data.Subset(train, [4, 0, 1]), batch_size=2):
        assert x.shape[1:] == (1, 28, 28)
        assert x.max() <= 1 < len(y) + 1
    raw, _ = kind(tmp_path, transform=None)[0]
    assert raw.dtype == np.uint8


def test_images_go_through_a_transform(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    data = MNIST(tmp_path, transform=lambda images: images.reshape(len(images), -1) // 2)
    (x, _) = data[0]
    np.testing.assert_array_equal(x, data.images[0].ravel() // 2)
    ((x, _),) = nn.DataLoader(data, batch_size=None)
    assert x.shape == (7, 784)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    assert len(MNIST(tmp_path)) == 7
    with pytest.raises(FileNotFoundError) as caught:
        MNIST(tmp_path, train=False)
    message = str(caught.value)
    assert message.startswith("MNIST: t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz is in neither")
    for part in (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        str(tmp_path),
        "LeCun",
    ):
        assert part in message
    with pytest.raises(FileNotFoundError, match=r"FashionMNIST/raw.*github\.com/zalandoresearch/fashion-mnist"):
        FashionMNIST(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.uint8), "2 images but .* 3 labels; they do not belong"),
        (
            np.zeros((2, 28, 28), np.uint8),
            np.array([1, 10], np.uint8),
            "holds the label 10, but the classes are 0 to 9",
        ),
        (np.zeros((2, 28, 28), np.float32), np.zeros(2, np.uint8), "holds float32 .*not a list of images"),
        (np.zeros((2, 28, 28), np.uint8), np.zeros((2, 1), np.uint8), "not a list of labels"),
    ],
)
def test_files_of_something_else(tmp_path: Path, images: Any, labels: Any, message: str) -> None:
    write_mnist(tmp_path, images=images, labels=labels)
    with pytest.raises(ValueError, match=message):
        MNIST(tmp_path)


KINDS: dict[str, dict[str, Any]] = {
    "CIFAR10": {
        "class": CIFAR10,
        "folder": "cifar-10-batches-bin",
        "archive": "cifar-10-binary.tar.gz",
        "files": {**{f"data_batch_{i}.bin": 2 for i in range(1, 6)}, "test_batch.bin": 3},
        "labels": [10],
    },
    "CIFAR100": {
        "class": CIFAR100,
        "folder": "cifar-100-binary",
        "archive": "cifar-100-binary.tar.gz",
        "files": {"train.bin": 10, "test.bin": 3},
        "labels": [20, 100],
    },
}


def cifar_files(kind: str) -> dict[str, bytes]:
    rng = np.random.default_rng(1)
    labels = KINDS[kind]["labels"]
    return {
        name: b"".join(
            bytes(int(rng.integers(limit)) for limit in labels) + rng.integers(256, size=3072, dtype=np.uint8).tobytes()
            for _ in range(count)
        )
        for name, count in KINDS[kind]["files"].items()
    }


def write_cifar(root: Path, kind: str, how: str, files: dict[str, bytes]) -> None:
    folder = KINDS[kind]["folder"]
    if how == "archive":
        with tarfile.open(root / KINDS[kind]["archive"], "w:gz") as tar:
            for name, content in {**files, "readme.html": b"hello"}.items():
                member = tarfile.TarInfo(f"{folder}/{name}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        return
    target = root / folder if how == "folder" else root
    target.mkdir(exist_ok=True)
    for name, content in files.items():
        (target / name).write_bytes(content)


@pytest.mark.parametrize("how", ["archive", "folder", "files"])
@pytest.mark.parametrize("kind", KINDS)
def test_cifar_is_found_however_it_was_unpacked(tmp_path: Path, kind: str, how: str) -> None:
    files = cifar_files(kind)
    write_cifar(tmp_path, kind, how, files)
    reader, labels = KINDS[kind]["class"], len(KINDS[kind]["labels"])
    train, test = reader(tmp_path), reader(tmp_path, train=False, transform=None)
    assert (len(train), len(test)) == (10, 3)
    assert train.images.shape == (10, 3, 32, 32)
    content = b"".join(v for name, v in files.items() if "test" not in name)
    records = np.frombuffer(content, np.uint8).reshape(10, -1)
    np.testing.assert_array_equal(train.images.reshape(10, -1), records[:, labels:])
    np.testing.assert_array_equal(train.targets, records[:, labels - 1])
    # The format: 1024 red bytes, row by row, then green, then blue.
    assert train.images[1, 2, 3, 4] == records[1, labels + 2 * 1024 + 3 * 32 + 4]
    ((x, y),) = nn.DataLoader(train, batch_size=None)
    assert x.dtype == np.float32
    assert x.max() <= 1
    assert y.dtype == np.int64
    assert test[0][0].dtype == np.uint8
    if kind == "CIFAR100":
        np.testing.assert_array_equal(CIFAR100(tmp_path, coarse=True).targets, records[:, 0])
    else:
        assert len(train.classes) == 10


def test_missing_cifar_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        CIFAR10(tmp_path)
    for part in (
        "data_batch_1.bin, data_batch_2.bin",
        "cifar-10-binary.tar.gz",
        "binary version",
        "Toronto",
        str(tmp_path),
    ):
        assert part in str(caught.value)
    write_cifar(tmp_path, "CIFAR10", "folder", cifar_files("CIFAR10"))
    (tmp_path / "cifar-10-batches-bin" / "data_batch_3.bin").unlink()
    with pytest.raises(FileNotFoundError, match=r"neither cifar-10-binary\.tar\.gz nor data_batch_3\.bin in"):
        CIFAR10(tmp_path)


def test_the_pickled_version_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "cifar-10-batches-py").mkdir()
    with pytest.raises(
        FileNotFoundError, match=r"cifar-10-batches-py is there, but it is the pickled version.*not read"
    ):
        CIFAR10(tmp_path)


def damaged_archives(tmp_path: Path) -> dict[str, tuple[bytes, str]]:
    write_cifar(tmp_path, "CIFAR10", "archive", cifar_files("CIFAR10"))
    whole = (tmp_path / "cifar-10-binary.tar.gz").read_bytes()
    return {
        "truncated": (whole[: len(whole) // 2], "cannot be (unpacked|decompressed).*fetch it again"),
        "flipped": (whole[:500] + bytes([whole[500] ^ 255]) + whole[501:], "cannot be decompressed"),
        "empty": (b"", "cannot be unpacked"),
        "foreign": (b"<html></html>", "cannot be unpacked"),
    }


@pytest.mark.parametrize("how", ["truncated", "flipped", "empty", "foreign"])
def test_damaged_archives(tmp_path: Path, how: str) -> None:
    content, message = damaged_archives(tmp_path)[how]
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        CIFAR10(tmp_path)


def test_archives_of_something_else(tmp_path: Path) -> None:
    write_cifar(tmp_path, "CIFAR10", "archive", {"data_batch_1": b"x"})
    with pytest.raises(ValueError, match=r"no data_batch_1\.bin, .* in it; is it the binary version"):
        CIFAR10(tmp_path)


def test_cifar_files_of_a_wrong_size_or_label(tmp_path: Path) -> None:
    files = cifar_files("CIFAR10")
    write_cifar(tmp_path, "CIFAR10", "files", {**files, "test_batch.bin": files["test_batch.bin"][:-1]})
    with pytest.raises(ValueError, match="no multiple of the 3,073 of one image"):
        CIFAR10(tmp_path, train=False)
    write_cifar(tmp_path, "CIFAR10", "files", {**files, "test_batch.bin": b"\x0a" + bytes(3072)})
    with pytest.raises(ValueError, match="the label 10, but the classes are 0 to 9"):
        CIFAR10(tmp_path, train=False)


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A member's header, whatever size it declares."""
    block = bytearray(tarfile.TarInfo(name).tobuf(tarfile.GNU_FORMAT))
    block[156:157] = kind
    block[124:136] = tarfile.itn(size, 12, tarfile.GNU_FORMAT)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


NAME = "cifar-10-batches-bin/test_batch.bin"
HOSTILE = {
    "large": (header(NAME, 3073 * 2**30), "declares 3,299,608,625,152 bytes"),
    "negative": (header(NAME, -512), "declares -512 bytes"),
    "round in circles": (header("other", -1024), "seeking backwards"),
    "endless": (header("other", 2**62), "ends in the middle of a member"),
    "long extension": (header("other", 2**62, tarfile.XHDTYPE), "cannot be unpacked"),
    "long name": (header("other", 2**40, tarfile.GNUTYPE_LONGNAME), "cannot be unpacked"),
    "extension without sense": (
        header("other", 512, tarfile.XHDTYPE) + b"27 GNU.sparse.map=1,2,3,x\n".ljust(512, b"\0") + header(NAME, 5),
        "cannot be unpacked",
    ),
    "many": (header("other", 0) * 200_000, "more than 100 members"),
    "sparse": (header(NAME, 0, tarfile.GNUTYPE_SPARSE), "there is no test_batch.bin"),
    "link": (header(NAME, 0, tarfile.SYMTYPE), "there is no test_batch.bin"),
    "device": (header(NAME, 0, tarfile.CHRTYPE), "there is no test_batch.bin"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_hostile_archives(tmp_path: Path, how: str) -> None:
    headers, message = HOSTILE[how]
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(gzip.compress(headers + bytes(1024)))
    with pytest.raises(ValueError, match=message):
        CIFAR10(tmp_path, train=False)


@pytest.mark.parametrize("extra", [0, 1])
def test_no_more_is_read_than_a_data_set_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: int) -> None:
    monkeypatch.setattr(_cifar, "_MOST_UNPACKED", 10 * 1024)
    monkeypatch.setattr(_cifar, "_MOST_BYTES", 3073)
    content = header(NAME, 3073) + bytes(3073).ljust(7 * 512, b"\0") + bytes(6144 + extra)
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(gzip.compress(content))
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose" / "test_batch.bin.gz").write_bytes(gzip.compress(bytes(3073 * (1 + extra))))
    if extra:
        with pytest.raises(ValueError, match="much more in it than in the data set"):
            CIFAR10(tmp_path, train=False)
        with pytest.raises(ValueError, match="larger than any file of the data set"):
            CIFAR10(tmp_path / "loose", train=False)
    else:
        assert len(CIFAR10(tmp_path, train=False)) == len(CIFAR10(tmp_path / "loose", train=False)) == 1


def test_of_members_with_one_name_the_first_is_read_and_nothing_is_written(tmp_path: Path) -> None:
    record = [bytes([label]).ljust(3073, b"\0").ljust(7 * 512, b"\0") for label in (3, 4)]
    names = ("../../test_batch.bin", NAME)
    content = b"".join(header(name, 3073) + data for name, data in zip(names, record, strict=True))
    root = tmp_path / "a" / "b"
    root.mkdir(parents=True)
    (root / "cifar-10-binary.tar.gz").write_bytes(gzip.compress(content + bytes(1024)))
    assert CIFAR10(root, train=False).targets.tolist() == [3]
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["cifar-10-binary.tar.gz"]
