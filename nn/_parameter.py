"""Parameters: the variables of a network."""

from __future__ import annotations

from typing import Any, TypeGuard

from autograd import Tensor

__all__ = ["Parameter", "is_parameter"]


def is_parameter(x: object) -> TypeGuard[Tensor]:
    """Whether a module registers this as a parameter: any variable, and what was one before it was frozen."""
    return isinstance(x, Tensor) and x.is_leaf and (x.requires_grad or x.note("parameter", False))


def remember(x: Tensor) -> None:
    """Take a tensor for a parameter from now on, even if it is frozen and so becomes a constant."""
    x.set_note("parameter", True)


class _IsParameter(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return is_parameter(instance)


class Parameter(metaclass=_IsParameter):
    """A variable, to be assigned to a module's attribute; all tensors are of the class :class:`~autograd.Tensor`.

    ``isinstance(x, Parameter)`` is true for any variable, so that ``self.w = Tensor(...)`` registers one as well.

    Parameters
    ----------
    data : array_like
        Initial values, copied.
    requires_grad
        False makes a frozen parameter: a module registers and saves it, but it gets no gradient.
    dtype
        A floating or complex dtype; by default that of ``data``.

    Returns
    -------
    Tensor
        Of the given dtype (integers become float64).

    Raises
    ------
    TypeError
        If ``data`` is not numeric.

    Examples
    --------
    >>> from nn import Parameter
    >>> isinstance(Parameter([1.0, 2.0]), Parameter)
    True
    """

    def __new__(cls, data: Any, requires_grad: bool = True, dtype: Any = None) -> Tensor:  # type: ignore[misc]
        tensor = Tensor(data, dtype=dtype)
        if not requires_grad:
            tensor.requires_grad = False
            remember(tensor)
        return tensor
