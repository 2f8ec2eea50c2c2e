"""What programs ask about tensors under the names of the established ``autograd`` package."""

from __future__ import annotations

from typing import Any

from autograd._values import external
from autograd.extend import notrace_primitive, primitive, register_notrace
from autograd.tensor import Tensor

__all__ = ["Box", "getval", "isbox", "notrace_primitive", "primitive", "register_notrace"]

#: The type of what functions are given while they are differentiated.
Box = Tensor


def isbox(x: Any) -> bool:
    """Whether something is a tensor.

    Examples
    --------
    >>> from autograd import grad
    >>> seen = []
    >>> _ = grad(lambda x: seen.append(isbox(x)) or x * 2)(1.0)
    >>> seen, isbox(1.0)
    ([True], False)
    """
    return type(x) is Tensor


def getval(x: Any) -> Any:
    """The plain value of a tensor; anything else as it is.

    Examples
    --------
    >>> getval(Tensor(2.0)), getval("a")
    (np.float64(2.0), 'a')
    """
    return external(x.detach()._data) if type(x) is Tensor else x
