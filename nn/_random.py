"""Where random numbers come from when no generator is given: one generator per thread, which can be seeded."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["generator_or_default", "get_rng_state", "manual_seed", "restore_generator", "set_rng_state"]


class _Default(threading.local):
    def __init__(self) -> None:
        self.generator = np.random.default_rng()


_default = _Default()


def manual_seed(seed: int) -> np.random.Generator:
    """Seed the random numbers that layers, initialisers and loaders of this thread draw when given no generator.

    Parameters
    ----------
    seed : int
        Not negative.

    Returns
    -------
    numpy.random.Generator
        The thread's default generator from now on.

    Raises
    ------
    TypeError
        If it is not an integer.
    ValueError
        If it is negative.

    Examples
    --------
    >>> import nn
    >>> _ = nn.manual_seed(0)
    >>> first = nn.Linear(3, 2)
    >>> _ = nn.manual_seed(0)
    >>> bool((first.weight == nn.Linear(3, 2).weight.data).all())
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"manual_seed: expected an integer, got {seed!r}")
    _default.generator = np.random.default_rng(seed)
    return _default.generator


def get_rng_state() -> dict[str, Any]:
    """The state of this thread's default generator, with which :func:`set_rng_state` makes it draw the same again.

    Returns
    -------
    dict
        Of plain numbers and text.

    Examples
    --------
    >>> import nn
    >>> state = nn.get_rng_state()
    >>> first = nn.Linear(3, 2)
    >>> nn.set_rng_state(state)
    >>> bool((first.weight == nn.Linear(3, 2).weight.data).all())
    True
    """
    return dict(_default.generator.bit_generator.state)


def set_rng_state(state: Mapping[str, Any]) -> None:
    """Bring this thread's default generator into a state that :func:`get_rng_state` gave, here or elsewhere.

    Raises
    ------
    ValueError
        If it is no such state; nothing is changed then.

    Examples
    --------
    See :func:`get_rng_state`.
    """
    restore_generator(_default.generator, state)


def restore_generator(generator: np.random.Generator, state: Mapping[str, Any]) -> None:
    """Bring a generator into a state that its ``bit_generator.state`` had.

    Raises
    ------
    ValueError
        If it is no such state, or that of another kind of generator; nothing is changed then.
    """
    before = generator.bit_generator.state
    kind = before["bit_generator"]
    try:
        generator.bit_generator.state = dict(state)
        _check_position(generator.bit_generator.state)
    except (TypeError, ValueError, LookupError, OverflowError) as error:
        generator.bit_generator.state = before
        given = state.get("bit_generator", "unknown") if isinstance(state, Mapping) else type(state).__name__
        raise ValueError(f"the state ({given}) is not one of a {kind} generator: {error}") from error


def _check_position(state: Mapping[str, Any]) -> None:
    """Make sure that a generator's place in its buffer lies inside: NumPy takes any, and reads there."""
    positions = {
        "MT19937": lambda: (state["state"]["pos"], len(state["state"]["key"])),
        "Philox": lambda: (state["buffer_pos"], len(state["buffer"])),
    }
    if state["bit_generator"] in positions:
        position, size = positions[state["bit_generator"]]()
        if not 0 <= position <= size:
            raise ValueError(f"position {position} is outside its buffer of {size} numbers")


def generator_or_default(generator: np.random.Generator | None) -> np.random.Generator:
    """The generator given, or this thread's default one.

    Raises
    ------
    TypeError
        If something else is given, such as a bare seed.
    """
    if generator is None:
        return _default.generator
    if not isinstance(generator, np.random.Generator):
        raise TypeError(
            f"generator must be a numpy.random.Generator, got {generator!r}; make one with "
            f"numpy.random.default_rng(seed)"
        )
    return generator
