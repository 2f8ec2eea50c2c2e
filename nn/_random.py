"""Where random numbers come from when no generator is given: one generator per thread, which can be seeded."""

from __future__ import annotations

import threading

import numpy as np

__all__ = ["generator_or_default", "manual_seed"]


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

    Examples
    --------
    >>> import nn
    >>> _ = nn.manual_seed(0)
    >>> first = nn.Linear(3, 2)
    >>> _ = nn.manual_seed(0)
    >>> bool((first.weight == nn.Linear(3, 2).weight.data).all())
    True
    """
    _default.generator = np.random.default_rng(seed)
    return _default.generator


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
