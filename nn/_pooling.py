"""Pooling layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from nn import functional
from nn._module import Module

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]

Axes = int | Sequence[int]
Sizes = int | None | Sequence[int | None]


class _MaxPool(Module):
    axes: ClassVar[int]

    def __init__(
        self,
        kernel_size: Axes,
        stride: Axes | None = None,
        padding: Axes = 0,
        dilation: Axes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, C, *size)`` or ``(C, *size)``."""
        pool = getattr(functional, f"max_pool{self.axes}d")
        return pool(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """Largest element of each window of sequences; see :class:`MaxPool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, return_indices, ceil_mode
        As of :func:`nn.functional.max_pool1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool1d(2)(np.ones((5, 3, 9))).shape
    (5, 3, 4)
    """

    axes = 1


class MaxPool2d(_MaxPool):
    """Largest element of each window of images, which makes them smaller and what is found in them movable.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, return_indices, ceil_mode
        As of :func:`nn.functional.max_pool2d`.

    Raises
    ------
    TypeError, ValueError
        When called, if a setting is out of range or the input does not fit.

    Notes
    -----
    Where several elements are equal, the gradient goes to the first, as in PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool2d(3, stride=2)(np.ones((5, 64, 55, 55))).shape
    (5, 64, 27, 27)
    """

    axes = 2


class MaxPool3d(_MaxPool):
    """Largest element of each window of volumes; see :class:`MaxPool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, return_indices, ceil_mode
        As of :func:`nn.functional.max_pool3d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.MaxPool3d(2)(np.ones((5, 3, 4, 6, 8))).shape
    (5, 3, 2, 3, 4)
    """

    axes = 3


class _AvgPool(Module):
    axes: ClassVar[int]

    def __init__(
        self,
        kernel_size: Axes,
        stride: Axes | None = None,
        padding: Axes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, C, *size)`` or ``(C, *size)``."""
        settings = {} if self.axes == 1 else {"divisor_override": self.divisor_override}
        pool = getattr(functional, f"avg_pool{self.axes}d")
        return pool(
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad, **settings
        )

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AvgPool):
    """Mean of each window of sequences; see :class:`AvgPool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As of :func:`nn.functional.avg_pool1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AvgPool1d(2)(np.ones((5, 3, 9))).shape
    (5, 3, 4)
    """

    axes = 1

    def __init__(
        self,
        kernel_size: Axes,
        stride: Axes | None = None,
        padding: Axes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        # Only here PyTorch shows settings as tuples.
        self.kernel_size, self.stride, self.padding = (
            (v,) if isinstance(v, int) else v for v in (self.kernel_size, self.stride, self.padding)
        )


class AvgPool2d(_AvgPool):
    """Mean of each window of images.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        As of :func:`nn.functional.avg_pool2d`.

    Raises
    ------
    TypeError, ValueError
        When called, if a setting is out of range or the input does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AvgPool2d(2)(np.ones((5, 6, 28, 28))).shape
    (5, 6, 14, 14)
    """

    axes = 2


class AvgPool3d(_AvgPool):
    """Mean of each window of volumes; see :class:`AvgPool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        As of :func:`nn.functional.avg_pool3d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AvgPool3d(2)(np.ones((5, 3, 4, 6, 8))).shape
    (5, 3, 2, 3, 4)
    """

    axes = 3


class _AdaptiveAvgPool(Module):
    axes: ClassVar[int]

    def __init__(self, output_size: Sizes) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, C, *size)`` or ``(C, *size)``."""
        return getattr(functional, f"adaptive_avg_pool{self.axes}d")(input, self.output_size)

    def extra_repr(self) -> str:
        """The size, as in PyTorch."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """Mean of each of a given number of windows of sequences; see :class:`AdaptiveAvgPool2d`.

    Parameters
    ----------
    output_size
        As of :func:`nn.functional.adaptive_avg_pool1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveAvgPool1d(4)(np.ones((5, 3, 9))).shape
    (5, 3, 4)
    """

    axes = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """Mean of each of a given number of windows, so that images of any size give results of one size.

    Parameters
    ----------
    output_size
        As of :func:`nn.functional.adaptive_avg_pool2d`.

    Raises
    ------
    TypeError, ValueError
        When called, if the size is not valid or the input does not fit.

    Notes
    -----
    With ``output_size=1`` this is the global average pooling of Lin et al., "Network in network" (2014).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveAvgPool2d((6, 6))(np.ones((5, 256, 13, 13))).shape
    (5, 256, 6, 6)
    """

    axes = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """Mean of each of a given number of windows of volumes; see :class:`AdaptiveAvgPool2d`.

    Parameters
    ----------
    output_size
        As of :func:`nn.functional.adaptive_avg_pool3d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveAvgPool3d((1, None, 2))(np.ones((5, 3, 4, 6, 8))).shape
    (5, 3, 1, 6, 2)
    """

    axes = 3


class _AdaptiveMaxPool(Module):
    axes: ClassVar[int]

    def __init__(self, output_size: Sizes, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, C, *size)`` or ``(C, *size)``."""
        return getattr(functional, f"adaptive_max_pool{self.axes}d")(input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """The size, as in PyTorch."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """Largest element of each of a given number of windows of sequences; see :class:`AdaptiveMaxPool2d`.

    Parameters
    ----------
    output_size, return_indices
        As of :func:`nn.functional.adaptive_max_pool1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveMaxPool1d(4)(np.ones((5, 3, 9))).shape
    (5, 3, 4)
    """

    axes = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """Largest element of each of a given number of windows, so that images of any size give results of one size.

    Parameters
    ----------
    output_size, return_indices
        As of :func:`nn.functional.adaptive_max_pool2d`.

    Raises
    ------
    TypeError, ValueError
        When called, if the size is not valid or the input does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveMaxPool2d((5, None))(np.ones((5, 3, 13, 9))).shape
    (5, 3, 5, 9)
    """

    axes = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """Largest element of each of a given number of windows of volumes; see :class:`AdaptiveMaxPool2d`.

    Parameters
    ----------
    output_size, return_indices
        As of :func:`nn.functional.adaptive_max_pool3d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AdaptiveMaxPool3d(2)(np.ones((5, 3, 4, 6, 8))).shape
    (5, 3, 2, 2, 2)
    """

    axes = 3
