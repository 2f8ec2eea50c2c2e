"""Weights of networks in safetensors files, which PyTorch and others read and write as well."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from autograd import Tensor
from nn._checkpoint import weights_of_model
from nn._files import Arrays, PathLike, read, write
from nn._module import Module

__all__ = ["load_weights", "save_weights"]


def save_weights(model: Module | Mapping[str, Any], path: PathLike) -> None:
    """Save parameters and persistent buffers to a safetensors file.

    Parameters
    ----------
    model
        A module, or a mapping of names to tensors and arrays such as a ``state_dict``.
    path
        Of the file; one that exists is replaced.

    Raises
    ------
    ImportError
        If the package safetensors is not installed.
    OSError
        If the file cannot be written; the old one is then as it was.
    TypeError
        If ``model`` is neither, or a value has a dtype that the format does not know (such as complex).

    Notes
    -----
    The file holds the ``state_dict`` under PyTorch's keys in PyTorch's layouts, so that there
    ``model.load_state_dict(safetensors.torch.load_file(path))`` loads it. It is written under another name and then put
    in place, so that whatever happens there is the old file or the new one, whole.

    Examples
    --------
    >>> import os, tempfile
    >>> import nn
    >>> net, twin = nn.Linear(3, 2), nn.Linear(3, 2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "net.safetensors")
    ...     nn.save_weights(net, path)
    ...     weights = nn.load_weights(path, twin)
    >>> list(weights), bool((net.weight.data == twin.weight.data).all())
    (['bias', 'weight'], True)
    """
    if isinstance(model, Module):
        model = model.state_dict()
    if not isinstance(model, Mapping):
        raise TypeError(
            f"save_weights: expected a module or a mapping of names to arrays, got {type(model).__name__}; the order "
            f"is save_weights(model, path)"
        )
    arrays = {name: value.numpy() if isinstance(value, Tensor) else value for name, value in model.items()}
    write(path, arrays, {"glassgrad": "weights"}, "save_weights")


def load_weights(path: PathLike, model: Module | None = None, strict: bool = True) -> Arrays:
    """Read a safetensors file, and load it into a model if one is given.

    Parameters
    ----------
    path
        Of a file saved by :func:`save_weights`, by ``safetensors.torch.save_file`` or by any other program; of a
        checkpoint, its model's weights are read.
    model
        Takes over the values, converted to its parameters' dtypes; by default they are only returned.
    strict
        Whether names that are missing or not expected are an error (see :meth:`Module.load_state_dict`).

    Returns
    -------
    dict of str to ndarray
        By name, in alphabetical order; numbers in bfloat16 as float32.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If the package safetensors is not installed.
    ValueError
        If it is not a safetensors file, damaged, or does not fit the model, which is then unchanged.

    Notes
    -----
    Nothing in the file is executed, whoever made it. A tensor that the model has under several names, such as tied
    weights, needs to be there under one of them only.

    Examples
    --------
    See :func:`save_weights`.
    """
    arrays, metadata = read(path, "load_weights")
    where = f"load_weights: {os.fsdecode(path)}"
    if metadata.get("glassgrad") == "checkpoint":
        arrays = weights_of_model(arrays, metadata, where)
    if model is not None:
        try:
            model.load_state_dict({**_other_names(model, arrays), **arrays}, strict)
        except ValueError as error:
            raise ValueError(f"{where} does not fit the model: {error}") from error
    return arrays


def _other_names(model: Module, arrays: Arrays) -> Arrays:
    """The values for names under which the model has a tensor that the file holds under another."""
    names: dict[Tensor, list[str]] = {}
    for name, tensor in model.named_state():
        names.setdefault(tensor, []).append(name)
    return {
        name: arrays[held]
        for group in names.values()
        for held in [next((n for n in group if n in arrays), None)]
        if held is not None
        for name in group
    }
