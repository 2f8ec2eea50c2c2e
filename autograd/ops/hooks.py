"""Where the backward pass calls a function of the user's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd._values import canonical, external
from autograd.primitives import linear, raw
from autograd.samples import Sample, array
from autograd.tensor import Tensor

__all__ = ["intercept"]


def _through(ct: Any, x: Any, out: Any, *, function: Callable[[Any], Any]) -> Any:
    if isinstance(ct, Tensor) and ct.requires_grad:  # the pass itself is being recorded
        given = ct
    else:
        value = raw(ct, "intercept")
        given = external(value.copy() if isinstance(value, np.ndarray) else value)  # the pass may add to its own array
    changed = function(given)
    if changed is None:
        return ct
    expected, dtype = np.shape(raw(x, "intercept")), np.asarray(raw(x, "intercept")).dtype
    found = np.shape(raw(changed, "intercept"))
    if found != expected:
        raise ValueError(
            f"intercept: the function gave a gradient of shape {found}, but the tensor has shape {expected}; return "
            f"one of that shape, or None to let the gradient pass as it is"
        )
    if isinstance(changed, Tensor):
        return changed if changed.dtype == dtype else changed.astype(dtype)
    return canonical(np.asarray(changed, dtype))


def _unchanged(gradient: Any) -> None:
    return None


def _samples() -> Iterable[Sample]:
    return [Sample((array(*shape),), {"function": _unchanged}) for shape in ((), (2, 3), (0,))]


@linear(transpose=_through, symbol="=", formula="x", samples=_samples)
def intercept(x: Any, *, function: Callable[[Any], Any]) -> Any:
    """The same values; on its way back the gradient passes through a function, which may look at it or replace it.

    Parameters
    ----------
    x : Tensor or array_like
    function
        Called by every backward pass with the complete gradient of the result: a NumPy scalar or array, of which it may
        keep a reference, or a tensor where the pass is recorded. Returns what to pass on instead, or None.

    Returns
    -------
    Tensor
        Of the same shape and dtype.

    Raises
    ------
    ValueError
        In the backward pass, if the function returns a gradient of another shape.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> seen = []
    >>> y = intercept(x * x, function=seen.append).sum()
    >>> y.backward()
    >>> seen
    [array([1., 1.])]
    """
    return x
