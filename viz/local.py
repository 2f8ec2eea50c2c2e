"""Local derivatives of gates, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.ops.elementwise import Route
from autograd.primitives import ONE

__all__ = ["local_derivative"]


def local_derivative(gate: Tensor, i: int) -> Any:
    """The local derivative of an elementwise gate with respect to one of its inputs.

    Parameters
    ----------
    gate
        The gate's result.
    i
        Which of its inputs.

    Returns
    -------
    numpy.ndarray, float or None
        Of the shape and dtype of the gate's result, but complex where a real function of complex numbers, such as the
        absolute value, has a complex one; None where the input is no tensor, or the gate not elementwise.

    Examples
    --------
    >>> local_derivative(Tensor([1.0, 2.0]) * Tensor([3.0, 4.0]), 0)
    array([3., 4.])
    """
    primitive, held = gate.primitive, gate.held
    assert primitive is not None
    if not isinstance(held[i], Tensor) or not primitive.partials or primitive.partials[i] is None:
        return None
    partial = primitive.partials[i]
    if type(gate._data) is float:
        value = _of_numbers(partial, held, gate._data)
        if value is not None:
            return value
    if callable(partial):
        values = [np.asarray(x._data if isinstance(x, Tensor) else x) for x in gate.inputs]
        with np.errstate(all="ignore"):
            partial = partial(*values, np.asarray(gate._data))
        if isinstance(partial, Route):
            partial = partial.weight
    value = 1.0 if partial is ONE else partial
    dtype = np.result_type(gate.dtype, np.complex64) if np.iscomplexobj(value) else gate.dtype
    return np.broadcast_to(np.asarray(value, dtype), gate.shape)


def _of_numbers(partial: Any, held: Sequence[Any], result: float) -> float | None:
    """The same in Python's arithmetic, of which large graphs of scalars need very much; None if it cannot be done."""
    if not callable(partial):
        return 1.0 if partial is ONE else None
    values = [x._data if isinstance(x, Tensor) else x for x in held]
    if not {float, int}.issuperset(map(type, values)):
        return None
    try:
        value = partial(*values, result)
    except (ArithmeticError, ValueError):
        return None  # infinite, or not a number
    return value if type(value) is float else None
