"""Parameters: the variables of a network."""

from __future__ import annotations

from typing import Any

from autograd import Tensor

__all__ = ["Parameter"]


class _IsVariable(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Tensor) and instance.is_leaf and instance.requires_grad


class Parameter(metaclass=_IsVariable):
    """A variable, to be assigned to a module's attribute; there is no other class of tensor than :class:`Tensor`.

    ``isinstance(x, Parameter)`` is true for any variable, so that ``self.w = Tensor(...)`` registers one as well.

    Parameters
    ----------
    data : array_like
        Initial values, copied.
    requires_grad
        False makes a frozen parameter.

    Returns
    -------
    Tensor
        Of the dtype of ``data`` (integers become float64).

    Examples
    --------
    >>> from nn import Parameter
    >>> isinstance(Parameter([1.0, 2.0]), Parameter)
    True
    """

    def __new__(cls, data: Any, requires_grad: bool = True) -> Tensor:  # type: ignore[misc]
        return Tensor(data, requires_grad=requires_grad)
