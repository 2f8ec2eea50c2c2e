"""Parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor, concatenate
from autograd._values import canonical

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters as one vector, one after the other.

    Parameters
    ----------
    parameters : iterable of Tensor

    Returns
    -------
    Tensor
        Computed from the parameters, to which gradients flow back.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn.utils import parameters_to_vector
    >>> parameters_to_vector([Tensor([[1.0, 2.0]]), Tensor(3.0)]).tolist()
    [1.0, 2.0, 3.0]
    """
    parts: list[Any] = [parameter.reshape(-1) for parameter in parameters]
    if not parts:
        raise ValueError("parameters_to_vector: got no parameters")
    vector: Tensor = concatenate(parts)
    return vector


def vector_to_parameters(vec: Any, parameters: Iterable[Tensor]) -> None:
    """Give parameters the values of a vector, one after the other.

    Parameters
    ----------
    vec : Tensor or array_like
        Of as many numbers as the parameters have together; they are copied.
    parameters : iterable of Tensor

    Raises
    ------
    ValueError
        If it has another shape.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from nn.utils import vector_to_parameters
    >>> w, b = Tensor([[1.0, 2.0]]), Tensor(3.0)
    >>> vector_to_parameters([5.0, 6.0, 7.0], [w, b])
    >>> w.tolist(), b.item()
    ([[5.0, 6.0]], 7.0)
    """
    values = np.asarray(vec._data if isinstance(vec, Tensor) else vec)
    owners = list(parameters)
    size = sum(parameter.size for parameter in owners)
    if values.shape != (size,):
        raise ValueError(
            f"vector_to_parameters: the parameters have {size} numbers together, the vector has shape {values.shape}"
        )
    start = 0
    for parameter in owners:
        end = start + parameter.size
        parameter.assign_raw(canonical(np.array(values[start:end].reshape(parameter.shape), parameter.dtype)))
        start = end
