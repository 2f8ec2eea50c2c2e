"""Local derivatives of gates, as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from autograd.ops.elementwise import Route
from autograd.primitive import ONE

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
    numpy.ndarray or None
        Of the shape and dtype of the gate's result; None where the input is no tensor, or the gate not elementwise.

    Examples
    --------
    >>> local_derivative(Tensor([1.0, 2.0]) * Tensor([3.0, 4.0]), 0)
    array([3., 4.])
    """
    primitive = gate.primitive
    assert primitive is not None
    if not isinstance(gate.inputs[i], Tensor) or not primitive.partials or primitive.partials[i] is None:
        return None
    partial = primitive.partials[i]
    if callable(partial):
        values = [np.asarray(x._data if isinstance(x, Tensor) else x) for x in gate.inputs]
        with np.errstate(all="ignore"):
            partial = partial(*values, np.asarray(gate._data))
        if isinstance(partial, Route):
            partial = partial.weight
    value = 1.0 if partial is ONE else partial
    return np.broadcast_to(np.asarray(value, gate.dtype), gate.shape)
