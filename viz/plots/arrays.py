"""Plain numbers from what users give: tensors, networks, functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Tensor, no_grad

__all__ = ["FLAT", "LARGEST", "Array", "as_array", "as_numbers", "bounded", "evaluate", "evaluation_mode", "is_network"]

Array = np.ndarray[Any, Any]
#: A function is flat where its slope is below this share of the largest: there, a sigmoid is called saturated.
FLAT = 0.08
#: Larger magnitudes are shown like infinity, and those below the inverse have no place on a logarithmic scale.
LARGEST = 1e250


def as_array(x: Any) -> Array:
    """An array of whatever kind."""
    return x.numpy() if isinstance(x, Tensor) else np.asarray(x)


def as_numbers(x: Any, what: str) -> Array:
    """Real numbers as float64; ``what`` begins the message if they are none.

    Raises
    ------
    TypeError
        If these are not real numbers.
    ValueError
        If there are none, or rows differ in length.

    Examples
    --------
    >>> as_numbers([1, 2], "losses")
    array([1., 2.])
    """
    try:
        array = np.array([float(value) for value in x]) if _is_list_of_scalars(x) else as_array(x)
    except ValueError as error:
        raise ValueError(f"{what}: not an array of numbers ({error})") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{what}: expected real numbers, got {array.dtype}")
    if not array.size:
        raise ValueError(f"{what}: there is nothing to show, the shape is {array.shape}")
    return bounded(array)


def bounded(array: Array) -> Array:
    """As float64, where what Matplotlib has no room for is infinite: it computes differences of what it shows.

    Examples
    --------
    >>> bounded(np.array([1.0, -1e300]))
    array([  1., -inf])
    """
    numbers = array.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(numbers) > LARGEST, np.copysign(np.inf, numbers), numbers)


def _is_list_of_scalars(x: Any) -> bool:
    """Of tensors among them: losses are often kept as such."""
    return isinstance(x, (list, tuple)) and any(isinstance(value, Tensor) and value.shape == () for value in x)


def is_network(x: Any) -> bool:
    """Whether it has what pictures need of a module."""
    return callable(x) and hasattr(x, "named_parameters") and hasattr(x, "named_modules")


@contextmanager
def evaluation_mode(network: Any) -> Iterator[None]:
    """Call a network as at test time: no random dropout, no statistics updated; afterwards every part is as before."""
    modes = [(module, module.training) for _, module in network.named_modules()] if is_network(network) else []
    for module, _ in modes:
        module.training = False
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def evaluate(function: Callable[..., Any], *args: Any) -> Array:
    """Call a function or network for its values alone."""
    with no_grad(), evaluation_mode(function):
        return as_array(function(*args))
