"""Layers that bring images into another layout, or divide an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn import functional
from nn._module import Module

__all__ = ["ChannelsFirst", "ChannelsLast", "Fold", "PixelShuffle", "PixelUnshuffle", "Unflatten", "Unfold"]

Axes = int | Sequence[int]


class ChannelsFirst(Module):
    """Convert images as cameras and files have them, H×W×C, to the layout that layers take, C×H×W.

    Put it first in a network that is fed images with their channels last.

    Raises
    ------
    ValueError
        When called on something else than ``(N, H, W, C)`` or ``(H, W, C)``.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> net = nn.Sequential(nn.ChannelsFirst(), nn.Conv2d(3, 8, 3))
    >>> net(np.zeros((5, 28, 32, 3))).shape
    (5, 8, 26, 30)
    """

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, H, W, C)`` or ``(H, W, C)``."""
        return functional.channels_first(input)


class ChannelsLast(Module):
    """Convert images C×H×W to H×W×C, for showing and saving them; the reverse of :class:`ChannelsFirst`.

    Raises
    ------
    ValueError
        When called on something else than ``(N, C, H, W)`` or ``(C, H, W)``.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ChannelsLast()(np.zeros((5, 3, 28, 32))).shape
    (5, 28, 32, 3)
    """

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return functional.channels_last(input)


class PixelShuffle(Module):
    """Turn every r² channels into blocks of r×r pixels; see :func:`nn.functional.pixel_shuffle`.

    Parameters
    ----------
    upscale_factor : int
        r.

    Raises
    ------
    ValueError
        When called, if r² does not divide the number of channels.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.PixelShuffle(2)(np.zeros((5, 12, 8, 9))).shape
    (5, 3, 16, 18)
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Any:
        """Apply to ``(..., C r², H, W)``."""
        return functional.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        """The factor, as in PyTorch."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Turn blocks of r×r pixels into r² channels; the reverse of :class:`PixelShuffle`.

    Parameters
    ----------
    downscale_factor : int
        r.

    Raises
    ------
    ValueError
        When called, if r does not divide the height and the width.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.PixelUnshuffle(2)(np.zeros((5, 3, 16, 18))).shape
    (5, 12, 8, 9)
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Any:
        """Apply to ``(..., C, H r, W r)``."""
        return functional.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        """The factor, as in PyTorch."""
        return f"downscale_factor={self.downscale_factor}"


class Unfold(Module):
    """Write the windows of images out as the columns of matrices; see :func:`nn.functional.unfold`.

    Parameters
    ----------
    kernel_size, dilation, padding, stride
        As of :func:`nn.functional.unfold`.

    Raises
    ------
    TypeError, ValueError
        When called, if a setting is not valid or the input does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Unfold(3)(np.zeros((5, 2, 8, 9))).shape
    (5, 18, 42)
    """

    def __init__(self, kernel_size: Axes, dilation: Axes = 1, padding: Axes = 0, stride: Axes = 1) -> None:
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, C, H, W)`` or ``(C, H, W)``."""
        return functional.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """Add the columns of matrices to the windows of images that they stand for; see :func:`nn.functional.fold`.

    Parameters
    ----------
    output_size, kernel_size, dilation, padding, stride
        As of :func:`nn.functional.fold`.

    Raises
    ------
    TypeError, ValueError
        When called, if a setting is not valid or the input does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Fold((8, 9), 3)(np.zeros((5, 18, 42))).shape
    (5, 2, 8, 9)
    """

    def __init__(
        self, output_size: Axes, kernel_size: Axes, dilation: Axes = 1, padding: Axes = 0, stride: Axes = 1
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, C k1 k2, L)`` or ``(C k1 k2, L)``."""
        return functional.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )


class Unflatten(Module):
    """Divide an axis into several, as :class:`Flatten` joins them.

    Parameters
    ----------
    dim : int
        The axis to divide.
    unflattened_size : sequence of int
        Lengths of the axes to make of it; one may be -1 and follows from the others.

    Raises
    ------
    ValueError
        When called, if there is no such axis or the lengths do not make it up.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Unflatten(1, (3, 8, 8))(np.zeros((5, 192))).shape
    (5, 3, 8, 8)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Any) -> Any:
        """Apply to a tensor; the elements keep their order."""
        return functional.unflatten(input, self.dim, self.unflattened_size)

    def extra_repr(self) -> str:
        """Axis and lengths, as in PyTorch."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
