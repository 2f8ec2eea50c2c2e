"""Checkpoints: all that a training needs to go on as if it had never stopped, in one safetensors file.

The arrays are the file's tensors, under names that say what they are ("model.0.weight", "optimizer.state.0.exp_avg");
the rest (numbers, text, lists, the states of random generators) is JSON in the file's metadata.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Tensor
from nn._files import Arrays, PathLike, read, write
from nn._module import Module
from nn._random import generator_or_default, get_rng_state, restore_generator

__all__ = ["load_checkpoint", "save_checkpoint"]

#: Grows when the layout of checkpoints changes.
FORMAT = 1


def save_checkpoint(path: PathLike, *, random_state: bool = True, **parts: Any) -> None:
    """Save everything that a training needs to go on later.

    Parameters
    ----------
    path
        Of the file; one that exists is replaced. By custom it ends in ``.safetensors``.
    random_state
        Whether to save the state of the generator of :func:`nn.manual_seed`, too.
    **parts
        By any names. What has a ``state_dict`` method (models, optimisers, schedules, loaders) and every
        ``numpy.random.Generator`` is restored by :func:`load_checkpoint` under the same name. Everything else, such as
        ``epoch=3``, it returns: numbers, text, arrays, and lists, tuples and dictionaries of these.

    Raises
    ------
    ImportError
        If the package safetensors is not installed.
    OSError
        If the file cannot be written; the old one is then as it was.
    TypeError
        If something cannot be saved, such as a function.
    ValueError
        If something is nested very deeply, or contains itself.

    Notes
    -----
    The file is written under another name, ``.<name>.<random>.partial``, brought to the disk, and then put in place:
    whenever the program is killed, there is the old file or the new one, whole. Generators held by modules, such as
    that of a dropout layer, are saved with the model.

    Examples
    --------
    >>> import os, tempfile
    >>> import nn, optim
    >>> def fresh():
    ...     model = nn.Linear(3, 2)
    ...     return model, optim.Adam(model.parameters())
    >>> (model, optimizer), (later, later_optimizer) = fresh(), fresh()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "run.safetensors")
    ...     nn.save_checkpoint(path, model=model, optimizer=optimizer, epoch=3, history=[0.5, 0.25])
    ...     nn.load_checkpoint(path, model=later, optimizer=later_optimizer)
    {'epoch': 3, 'history': [0.5, 0.25]}
    >>> bool((later.weight.data == model.weight.data).all())
    True
    """
    restored: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    kinds = {}
    arrays: Arrays = {}
    for name, part in parts.items():
        handler = _handler(part)
        try:
            if handler is None:
                plain[name] = _encode(part, name, arrays)
            else:
                restored[name] = handler.encode(name, arrays)
                kinds[name] = type(part).__name__
        except RecursionError:
            raise ValueError(f"save_checkpoint: {name} is nested too deeply, or contains itself") from None
    state = {"parts": restored, "kinds": kinds, "values": plain}
    if random_state:
        state["random"] = _encode(get_rng_state(), "random", arrays)
    metadata = {"glassgrad": "checkpoint", "version": str(FORMAT), "state": json.dumps(state)}
    write(path, arrays, metadata, "save_checkpoint")


def load_checkpoint(path: PathLike, *, random_state: bool = True, **parts: Any) -> dict[str, Any]:
    """Bring models, optimisers and all else into the state saved by :func:`save_checkpoint`.

    Nothing is changed unless everything fits.

    Parameters
    ----------
    path
        Of the file.
    random_state
        Whether the generator of :func:`nn.manual_seed` goes on where it was, too.
    **parts
        What to restore, under the names it was saved with; what was saved and is not asked for stays in the file.

    Returns
    -------
    dict
        The plain values saved, such as ``epoch``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If the package safetensors is not installed.
    TypeError
        If something given has no state that could be restored.
    ValueError
        If the file is no checkpoint, damaged or of a later version, lacks a part asked for, or a part does not fit.

    Notes
    -----
    Nothing in the file is executed, whoever made it.

    Examples
    --------
    See :func:`save_checkpoint`.
    """
    arrays, metadata = read(path, "load_checkpoint")
    where = f"load_checkpoint: {os.fsdecode(path)}"
    if metadata.get("glassgrad") != "checkpoint":
        raise ValueError(
            f"{where} is no checkpoint: it holds tensors only; load them with nn.load_weights(path, model)"
        )
    saved, kinds, values, random = _contents(arrays, metadata, where)
    handlers = {}
    for name, part in parts.items():
        handler = _handler(part)
        if handler is None:
            raise TypeError(
                f"load_checkpoint: {name} is {_article(part)}, which has no state to restore; plain values are returned"
            )
        if name not in saved:
            raise ValueError(f"{where} holds no {name!r}; it holds {', '.join(map(repr, saved)) or 'no parts'}")
        handlers[name] = handler
    if random_state and random is None:
        raise ValueError(f"{where} was saved without random_state; load it with random_state=False")
    if random_state:
        handlers["random_state"] = _OfGenerator(generator_or_default(None))
        saved["random_state"] = random
    with ExitStack() as undo:
        for name, handler in handlers.items():
            undo.callback(handler.restore, copy.deepcopy(handler.capture()))
            try:
                handler.restore(saved[name])
            except Exception as error:
                origin = f" (saved from {kinds[name]})" if name in kinds else ""
                raise ValueError(f"{where}: {name}{origin} does not fit, and nothing was changed: {error}") from error
        undo.pop_all()
    return values


def _contents(
    arrays: Arrays, metadata: Mapping[str, str], where: str
) -> tuple[dict[str, Any], dict[str, str], dict[str, Any], Any]:
    """States of parts by name, from what they were saved, plain values, and the state of the default generator."""
    if not metadata.get("version", "").isdecimal() or int(metadata["version"]) > FORMAT:
        raise ValueError(
            f"{where} has the format {metadata.get('version')}, this version of glassgrad reads up to {FORMAT}; "
            f"install a newer one"
        )
    try:
        state = json.loads(metadata["state"])
        saved = {name: _decode(part, arrays) for name, part in state["parts"].items()}
        values = {name: _decode(value, arrays) for name, value in state["values"].items()}
        return saved, dict(state["kinds"]), values, _decode(state.get("random"), arrays)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"{where} is damaged: its description does not make sense; use an older copy") from error


def weights_of_model(arrays: Arrays, metadata: Mapping[str, str], where: str) -> Arrays:
    """The state dict of the module that a checkpoint has under the name "model".

    Raises
    ------
    ValueError
        If there is none, or the description is damaged.
    """
    saved, *_ = _contents(arrays, metadata, where)
    model = saved.get("model")
    weights = model.get("weights") if isinstance(model, dict) else None
    if not isinstance(weights, dict):
        raise ValueError(f"{where} is a checkpoint without a module named 'model'; use nn.load_checkpoint")
    return weights


# ---------------------------------------------------------------------------------------------------------------------
# What has a state
# ---------------------------------------------------------------------------------------------------------------------


class _Handler:
    """How the state of one part is taken and given back."""

    def __init__(self, part: Any) -> None:
        self.part = part

    def capture(self) -> Any:
        return self.part.state_dict()

    def encode(self, name: str, arrays: Arrays) -> Any:
        return _encode(self.capture(), name, arrays)

    def restore(self, state: Any) -> None:
        self.part.load_state_dict(state)


class _OfModule(_Handler):
    """Parameters and buffers, and the generators that modules hold in their attributes."""

    def _generators(self) -> dict[str, np.random.Generator]:
        return {
            f"{path}.{name}" if path else name: value
            for path, module in self.part.named_modules(remove_duplicate=False)
            for name, value in vars(module).items()
            if isinstance(value, np.random.Generator)
        }

    def capture(self) -> Any:
        generators = {name: generator.bit_generator.state for name, generator in self._generators().items()}
        return {"weights": self.part.state_dict(), "generators": generators}

    def encode(self, name: str, arrays: Arrays) -> Any:
        # "model.0.weight" without "weights", so that other programs find what they know
        state = self.capture()
        return {
            "weights": _encode(state["weights"], name, arrays),
            "generators": _encode(state["generators"], f"{name}.generators", arrays),
        }

    def restore(self, state: Any) -> None:
        generators = self._generators()
        if generators.keys() != state["generators"].keys():
            saved, here = (", ".join(names) or "none" for names in (state["generators"], generators))
            raise ValueError(f"random generators were saved for {saved}, but the model has some for {here}")
        self.part.load_state_dict(state["weights"])
        for name, generator in generators.items():
            restore_generator(generator, state["generators"][name])


class _OfGenerator(_Handler):
    def capture(self) -> Any:
        return self.part.bit_generator.state

    def restore(self, state: Any) -> None:
        restore_generator(self.part, state)


def _handler(part: Any) -> _Handler | None:
    if isinstance(part, type):
        return None
    if isinstance(part, Module):
        return _OfModule(part)
    if isinstance(part, np.random.Generator):
        return _OfGenerator(part)
    if callable(getattr(part, "state_dict", None)) and callable(getattr(part, "load_state_dict", None)):
        return _Handler(part)
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Nested values as JSON and arrays
# ---------------------------------------------------------------------------------------------------------------------


def _encode(value: Any, path: str, arrays: Arrays) -> Any:
    """What JSON can hold as it is; arrays, tuples and other dictionaries as {"$what": ...}."""
    if isinstance(value, Tensor):
        value = value.numpy()
    if isinstance(value, (ndarray, np.generic)):
        name = path
        while name in arrays:
            name += "'"
        arrays[name] = np.asarray(value)
        return {"$array" if isinstance(value, ndarray) else "$number": name}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: _encode(held, f"{path}.{key}", arrays) for key, held in value.items()}
        return {
            "$dict": [
                [_encode(key, f"{path} (a key)", arrays), _encode(held, f"{path}.{key}", arrays)]
                for key, held in value.items()
            ]
        }
    if isinstance(value, (list, tuple)):
        items = [_encode(item, f"{path}.{i}", arrays) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    raise TypeError(
        f"save_checkpoint: {path} is {_article(value)}, which cannot be saved; checkpoints hold numbers, text, arrays, "
        f"None, and lists, tuples and dictionaries of these"
    )


def _decode(value: Any, arrays: Arrays) -> Any:
    if isinstance(value, list):
        return [_decode(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    decoders: dict[str, Callable[[Any], Any]] = {
        "$array": lambda name: arrays[name],
        "$number": lambda name: arrays[name][()],
        "$tuple": lambda items: tuple(_decode(item, arrays) for item in items),
        "$dict": lambda pairs: {_decode(key, arrays): _decode(held, arrays) for key, held in pairs},
    }
    if len(value) == 1:
        ((key, held),) = value.items()
        if key in decoders:
            return decoders[key](held)
    return {key: _decode(held, arrays) for key, held in value.items()}


def _article(value: Any) -> str:
    return f"the class {value.__name__}" if isinstance(value, type) else f"of type {type(value).__name__}"
