"""Layers that continue their input beyond its ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nn import functional
from nn._module import Module
from nn.functional._axes import per_axis

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class _Pad(Module):
    """Continue the last ``axes`` axes.

    Parameters
    ----------
    padding : int or sequence of int
        How many elements to add on every side; or before and after the last axis, then the one before it, and so on.
        Negative numbers cut off.

    Raises
    ------
    TypeError
        If ``padding`` holds something else than integers.
    ValueError
        If there is another number of them; when called, if the input cannot be continued so far.
    """

    axes: ClassVar[int]
    mode: ClassVar[str]
    value: float | None = None

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        least = -(2**62)  # negative ones cut off
        if isinstance(padding, Sequence) and len(padding) != 2 * self.axes:
            raise ValueError(
                f"{type(self).__name__}: padding must be one integer or {2 * self.axes} of them, got {padding!r}"
            )
        self.padding = per_axis(type(self).__name__, "padding", padding, 2 * self.axes, least)

    def forward(self, input: Any) -> Any:
        """Apply to an input with at least as many axes."""
        return functional.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """The widths, as in PyTorch."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        """Widths and value, as in PyTorch."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """Put a constant before and after the last axis; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import nn
    >>> nn.ConstantPad1d((1, 2), 9.0)([[1.0, 2.0]]).tolist()
    [[9.0, 1.0, 2.0, 9.0, 9.0]]
    """

    axes = 1


class ConstantPad2d(_ConstantPad):
    """Put a constant around images; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import nn
    >>> nn.ConstantPad2d((1, 0, 0, 1), 9.0)([[1.0]]).tolist()
    [[9.0, 1.0], [9.0, 9.0]]
    """

    axes = 2


class ConstantPad3d(_ConstantPad):
    """Put a constant around volumes; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ConstantPad3d(1, 9.0)(np.zeros((2, 3, 3, 4, 5))).shape
    (2, 3, 5, 6, 7)
    """

    axes = 3


class _ZeroPad(_Pad):
    mode = "constant"
    value = 0.0


class ZeroPad1d(_ZeroPad):
    """Put zeros before and after the last axis; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import nn
    >>> nn.ZeroPad1d((1, 2))([[1.0, 2.0]]).tolist()
    [[0.0, 1.0, 2.0, 0.0, 0.0]]
    """

    axes = 1


class ZeroPad2d(_ZeroPad):
    """Put zeros around images; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import nn
    >>> nn.ZeroPad2d((1, 0, 0, 1))([[1.0]]).tolist()
    [[0.0, 1.0], [0.0, 0.0]]
    """

    axes = 2


class ZeroPad3d(_ZeroPad):
    """Put zeros around volumes; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ZeroPad3d(1)(np.zeros((2, 3, 3, 4, 5))).shape
    (2, 3, 5, 6, 7)
    """

    axes = 3


class _ReflectionPad(_Pad):
    mode = "reflect"


class ReflectionPad1d(_ReflectionPad):
    """Continue the last axis as if there were mirrors at its first and last element; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import nn
    >>> nn.ReflectionPad1d((1, 2))([[1.0, 2.0, 3.0]]).tolist()
    [[2.0, 1.0, 2.0, 3.0, 2.0, 1.0]]
    """

    axes = 1


class ReflectionPad2d(_ReflectionPad):
    """Continue images as if there were mirrors at their outermost pixels; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ReflectionPad2d(2)(np.zeros((5, 3, 8, 9))).shape
    (5, 3, 12, 13)
    """

    axes = 2


class ReflectionPad3d(_ReflectionPad):
    """Continue volumes as if there were mirrors at their outermost elements; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ReflectionPad3d(1)(np.zeros((2, 3, 3, 4, 5))).shape
    (2, 3, 5, 6, 7)
    """

    axes = 3


class _ReplicationPad(_Pad):
    mode = "replicate"


class ReplicationPad1d(_ReplicationPad):
    """Continue the last axis with copies of its first and last element; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import nn
    >>> nn.ReplicationPad1d((1, 2))([[1.0, 2.0]]).tolist()
    [[1.0, 1.0, 2.0, 2.0, 2.0]]
    """

    axes = 1


class ReplicationPad2d(_ReplicationPad):
    """Continue images with copies of their outermost pixels; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ReplicationPad2d(2)(np.zeros((5, 3, 8, 9))).shape
    (5, 3, 12, 13)
    """

    axes = 2


class ReplicationPad3d(_ReplicationPad):
    """Continue volumes with copies of their outermost elements; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ReplicationPad3d(1)(np.zeros((2, 3, 3, 4, 5))).shape
    (2, 3, 5, 6, 7)
    """

    axes = 3


class _CircularPad(_Pad):
    mode = "circular"


class CircularPad1d(_CircularPad):
    """Continue the last axis periodically; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import nn
    >>> nn.CircularPad1d((1, 2))([[1.0, 2.0, 3.0]]).tolist()
    [[3.0, 1.0, 2.0, 3.0, 1.0, 2.0]]
    """

    axes = 1


class CircularPad2d(_CircularPad):
    """Continue images periodically; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.CircularPad2d(2)(np.zeros((5, 3, 8, 9))).shape
    (5, 3, 12, 13)
    """

    axes = 2


class CircularPad3d(_CircularPad):
    """Continue volumes periodically; see :func:`nn.functional.pad`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.CircularPad3d(1)(np.zeros((2, 3, 3, 4, 5))).shape
    (2, 3, 5, 6, 7)
    """

    axes = 3
