"""Weights in files: both ways with PyTorch, and clear errors for every other kind of file."""

from __future__ import annotations

import builtins
import os
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor

pytest.importorskip("safetensors", reason="the package safetensors is not installed")


def network(library: Any) -> Any:
    return library.Sequential(library.Linear(5, 4), library.Tanh(), library.Linear(4, 3))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


def test_weights_of_pytorch_load_and_give_its_outputs(torch: Any, rng: np.random.Generator, path: Path) -> None:
    from safetensors.torch import load_file, save_file

    theirs, ours, again = network(torch.nn).double(), network(nn).double(), network(torch.nn).double()
    save_file(theirs.state_dict(), path)
    assert list(nn.load_weights(path, ours)) != []
    x = rng.normal(size=(6, 5))
    expected = theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(ours(x).data, expected, rtol=1e-12)
    nn.save_weights(ours, path)
    again.load_state_dict(load_file(path))
    np.testing.assert_array_equal(again(torch.tensor(x)).detach().numpy(), expected)


def test_every_dtype_of_pytorch_that_numpy_has_arrives_with_its_values(torch: Any, path: Path) -> None:
    from safetensors.torch import load_file, save_file

    names = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "bfloat16"]
    theirs = {name: torch.tensor([[0, 1, 3], [7, 1, 0]]).to(getattr(torch, name)) for name in names}
    save_file({**theirs, "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3)}, path)
    ours = nn.load_weights(path)
    assert ours["bfloat16"].dtype == np.float32  # which holds the same values
    assert ours["scalar"].shape == ()
    assert ours["empty"].shape == (0, 3)
    for name, tensor in theirs.items():
        if name != "bfloat16":
            assert ours[name].dtype == np.dtype(name)
        np.testing.assert_array_equal(ours[name], tensor.to(torch.float64).numpy())
    nn.save_weights(ours, path)
    for name, tensor in load_file(path).items():
        np.testing.assert_array_equal(tensor.numpy(), ours[name])


def test_half_precision_weights_fit_single_precision_models(torch: Any, path: Path) -> None:
    from safetensors.torch import save_file

    for name in ("bfloat16", "float16", "float64"):
        theirs, ours = network(torch.nn).to(getattr(torch, name)), network(nn)
        save_file(theirs.state_dict(), path)
        nn.load_weights(path, ours)
        assert {p.dtype for p in ours.parameters()} == {np.dtype(np.float32)}
        np.testing.assert_array_equal(ours[0].weight.data, theirs[0].weight.detach().float().numpy())


def test_numbers_that_numpy_lacks_are_refused(torch: Any, path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"w": torch.ones(2).to(torch.float8_e4m3fn)}, path)
    with pytest.raises(ValueError, match=r"net.safetensors holds w in the format F8_E4M3, which NumPy does not have"):
        nn.load_weights(path)


def test_tied_weights_need_to_be_there_once(torch: Any, path: Path) -> None:
    from safetensors.torch import save_model

    theirs, ours = (library.Sequential(library.Linear(2, 2), library.Linear(2, 2)) for library in (torch.nn, nn))
    theirs[1].weight, ours[1].weight = theirs[0].weight, ours[0].weight
    save_model(theirs, str(path))  # which leaves the second name out
    assert len(nn.load_weights(path, ours)) == 3
    np.testing.assert_array_equal(ours[1].weight.data, theirs[0].weight.detach().numpy())


def test_any_layout_in_memory_is_saved_as_it_reads(path: Path, rng: np.random.Generator) -> None:
    a = rng.normal(size=(3, 4))
    arrays = {"turned": a.T, "strided": a[::2, ::-1], "big-endian": a.astype(">f8"), "tensor": Tensor(a), "list": [1.5]}
    nn.save_weights(arrays, path)
    back = nn.load_weights(path)
    assert back.keys() == arrays.keys()
    for name, value in arrays.items():
        np.testing.assert_array_equal(back[name], value.numpy() if isinstance(value, Tensor) else value)
    back["turned"][:] = 0  # an array of one's own


def test_weights_come_in_the_same_order_every_time(path: Path) -> None:
    names = [f"layer{i}.{name}" for i in (3, 0, 2, 1) for name in ("weight", "bias", "running_mean")]
    nn.save_weights(dict.fromkeys(names, np.ones(2)), path)
    assert list(nn.load_weights(path)) == sorted(names)


def test_a_save_that_fails_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nn.save_weights({"w": np.ones(3)}, path)
    (path.parent / "any").touch()
    assert path.stat().st_mode == (path.parent / "any").stat().st_mode
    (path.parent / "any").unlink()
    path.chmod(0o640)
    before = path.read_bytes()

    def refuse(*_: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="no space left"):
            nn.save_weights({"w": np.zeros(3)}, path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
    nn.save_weights({"w": np.zeros(3)}, path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_saving_follows_links(path: Path) -> None:
    link = path.with_name("link")
    link.symlink_to(path)
    nn.save_weights({"w": np.ones(3)}, link)
    assert link.is_symlink()
    assert nn.load_weights(path)["w"].tolist() == [1.0, 1.0, 1.0]


def test_names_of_files_may_be_anything_that_the_system_takes(tmp_path: Path) -> None:
    for name in ("Grüße 😀", "two\nlines", "-rf", "w" * 255, "😀" * 63):
        path = tmp_path / name
        nn.save_weights({"w": np.ones(3)}, path)
        assert nn.load_weights(os.fsencode(path))["w"].tolist() == [1.0, 1.0, 1.0]  # type: ignore[arg-type]
        assert os.listdir(tmp_path) == [name]
        path.unlink()


def test_a_full_disk_leaves_the_old_file_and_names_it(path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limits of file sizes")
    nn.save_weights({"w": np.ones(3)}, path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"net\.safetensors"):
            nn.save_weights({"w": np.ones(1000)}, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert nn.load_weights(path)["w"].tolist() == [1.0, 1.0, 1.0]
    assert os.listdir(path.parent) == [path.name]


def test_a_folder_that_cannot_be_synced_holds_the_new_file_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refuse(name: Any, *args: Any, **kwargs: Any) -> int:
        if os.path.isdir(name):
            raise PermissionError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    nn.save_weights({"w": np.ones(3)}, path)
    assert nn.load_weights(path)["w"].tolist() == [1.0, 1.0, 1.0]


def test_what_cannot_be_saved_says_so(path: Path) -> None:
    with pytest.raises(TypeError, match="save_weights: w is of dtype complex128, which safetensors files cannot hold"):
        nn.save_weights({"w": np.ones(2, complex)}, path)
    with pytest.raises(TypeError, match="w is of dtype object"):
        nn.save_weights({"w": [None]}, path)
    with pytest.raises(TypeError, match=r"save_weights: w is no array: .*inhomogeneous"):
        nn.save_weights({"w": [[1], [1, 2]]}, path)
    with pytest.raises(TypeError, match="save_weights: names must be text, got 1"):
        nn.save_weights({1: np.ones(2)}, path)  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="keep the name __metadata__ for themselves; choose another"):
        nn.save_weights({"__metadata__": np.ones(2)}, path)
    for use in (lambda: nn.save_weights({}, 1), lambda: nn.load_weights(1)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"_weights: expected the path of a file, got int"):
            use()
    with pytest.raises(TypeError, match=r"expected a module or a mapping.*got PosixPath; the order is save_weights\("):
        nn.save_weights(path, nn.ReLU())  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError, match=r"save_weights: there is no folder .*nowhere; make it first"):
        nn.save_weights({}, path.parent / "nowhere" / "w")
    with pytest.raises(IsADirectoryError, match="is a folder; give the name of a file in it"):
        nn.save_weights({}, path.parent)
    with pytest.raises(IsADirectoryError, match="is a folder; give the name of a file in it"):
        nn.load_weights(path.parent)
    with pytest.raises(FileNotFoundError):
        nn.load_weights(path)


def test_a_missing_package_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.startswith("safetensors"):
            raise ImportError(name)
        return real(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    for use in (lambda: nn.load_weights(path), lambda: nn.save_weights({}, path)):
        with pytest.raises(ImportError, match=r"safetensors; install it with pip install 'glassgrad\[weights\]'"):
            use()


class Bomb:
    def __reduce__(self) -> Any:
        return os.abort, ()


def zipped() -> bytes:
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(Bomb()))
    return buffer.getvalue()


FOREIGN = {
    "pickle": (lambda: pickle.dumps(Bomb()), "is a Python pickle, not a safetensors file; files that may hold Python"),
    "zip": (zipped, "is a zip archive, as written by torch.save or numpy.savez"),
    "empty": (lambda: b"", "has only 0 bytes and is no safetensors file"),
    "short": (lambda: b"abc", "has only 3 bytes and is no safetensors file"),
    "random": (
        lambda: np.random.default_rng(0).bytes(1000),
        "is no safetensors file.* announces a header of .* bytes, but has 1,000 bytes",
    ),
    "absurd length": (
        lambda: struct.pack("<Q", 2**62) + b"{}",
        "is no safetensors file.* announces a header of 4,611,686,018,427,387,904",
    ),
    "text": (lambda: b"hello, world, this is text", "is no safetensors file, or was cut off"),
    "zeros": (lambda: bytes(64), "is no safetensors file, or a damaged one"),
    "list": (lambda: struct.pack("<Q", 4) + b"[]  ", "is no safetensors file, or a damaged one"),
    "not text": (lambda: struct.pack("<Q", 4) + b"\xff\xfe\xfd\xfc", "is no safetensors file, or a damaged one"),
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("load", [nn.load_weights, nn.load_checkpoint])
def test_foreign_files_are_named_and_never_executed(kind: str, load: Any, path: Path) -> None:
    make, message = FOREIGN[kind]
    path.write_bytes(make())
    with pytest.raises(ValueError, match=rf"{load.__name__}: .*net\.safetensors {message}"):
        load(path)


def headed(header: str, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header.encode())) + header.encode() + data


@pytest.mark.parametrize(
    ("header", "size", "message"),
    [
        ('{"w": {"dtype": "F32", "shape": [0, 9223372036854775808], "data_offsets": [0, 0]}}', 0, "holds w in a shape"),
        ('{"w": {"dtype": "F32", "shape": [0, 4611686018427387904], "data_offsets": [0, 0]}}', 0, "holds w in a shape"),
        ('{"w": {"dtype": "F32", "shape": %s, "data_offsets": [0, 4]}}' % ([1] * 65), 4, "holds w in a shape"),
        ('{"w": {"dtype": "BF16", "shape": %s, "data_offsets": [0, 2]}}' % ([1] * 65), 2, "holds w in a shape"),
        ('{"w": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}', 4, "or a damaged one"),
        ('{"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', 8, "or a damaged one"),
        ('{"w": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}}', 4, "or a damaged one"),
        ('{"__metadata__": {"a": NaN}}', 0, "or a damaged one"),
        ('{"__metadata__": [], "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', 4, "or a damaged one"),
        ("[" * 9999, 0, "or a damaged one"),
    ],
)
def test_forged_headers_are_refused(header: str, size: int, message: str, path: Path) -> None:
    path.write_bytes(headed(header, bytes(size)))
    with pytest.raises(ValueError, match=rf"net\.safetensors .*{message}"):
        nn.load_weights(path)


def test_odd_files_of_others_are_read(path: Path) -> None:
    path.write_bytes(
        headed('{"__metadata__": null, "w": {"dtype": "BOOL", "shape": [3], "data_offsets": [0, 3]}}', b"\0\1\7")
    )
    mask = nn.load_weights(path)["w"]
    assert mask.tolist() == [False, True, True]
    assert mask.sum() == 2


def test_every_truncation_and_every_flipped_bit_is_noticed(path: Path) -> None:
    nn.save_weights({"weight": np.arange(4.0), "bias": np.ones(2, np.float32)}, path)
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"net\.safetensors"):
            nn.load_weights(path)
    harmless = 0
    for position in range(len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 1 << (position % 8)
        path.write_bytes(damaged)
        try:
            arrays = nn.load_weights(path)
        except ValueError:
            continue
        # Only what says nothing about the values may go unnoticed: the checksum's own name.
        harmless += 1
        np.testing.assert_array_equal(arrays["weight"], np.arange(4.0))
        np.testing.assert_array_equal(arrays["bias"], np.ones(2))
    assert harmless <= len("glassgrad crc32")


def test_weights_that_do_not_fit_change_nothing_and_name_the_file(path: Path) -> None:
    nn.save_weights(nn.Linear(3, 2), path)
    other = nn.Linear(4, 2)
    before = other.state_dict()
    with pytest.raises(ValueError, match=r"net.safetensors does not fit the model: .*expected \(2, 4\), got \(2, 3\)"):
        nn.load_weights(path, other)
    assert all((before[name] == value).all() for name, value in other.state_dict().items())
    with pytest.raises(ValueError, match=r"unexpected keys: bias, weight|unexpected keys: weight, bias"):
        nn.load_weights(path, nn.ReLU())
    nn.load_weights(path, nn.ReLU(), strict=False)


def test_weights_come_in_the_order_of_the_file_every_time(path: Path) -> None:
    nn.save_weights({f"{i:02}.weight": np.zeros(2, np.float32) for i in range(30)}, path)
    assert list(nn.load_weights(path)) == [f"{i:02}.weight" for i in range(30)]
    with pytest.raises(ValueError, match=r"unexpected keys: 00\.weight, 01\.weight, 02\.weight"):
        nn.load_weights(path, nn.Sequential())


def test_the_weights_of_a_checkpoint_can_be_had_alone(path: Path) -> None:
    net, twin = nn.Linear(3, 2), nn.Linear(3, 2)
    nn.save_checkpoint(path, model=net, other=nn.Linear(1, 1), extra=np.ones(2))
    assert sorted(nn.load_weights(path, twin)) == ["bias", "weight"]
    np.testing.assert_array_equal(net.weight.data, twin.weight.data)
    # Neither arrays of generators nor parts with similar names belong to them.
    twister = np.random.Generator(np.random.MT19937(0))
    noisy = nn.Sequential(net, nn.Dropout(0.5, generator=twister))
    nn.save_checkpoint(path, **{"model.0.weight": np.zeros(9), "model": noisy, "model.2": net})
    assert nn.load_weights(path, nn.Sequential(twin, nn.Dropout(0.5))).keys() == {"0.weight", "0.bias"}
    np.testing.assert_array_equal(net.weight.data, twin.weight.data)
    nn.save_checkpoint(path, other=net)
    with pytest.raises(ValueError, match=r"is a checkpoint without a module named 'model'; use nn.load_checkpoint"):
        nn.load_weights(path)
