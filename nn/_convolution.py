"""Convolutional layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor
from nn import functional, init
from nn._arguments import positive_integer
from nn._inputs import cast
from nn._module import Module
from nn._parameter import Parameter
from nn.functional._axes import per_axis
from nn.functional._convolution import same_padding

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

Axes = int | Sequence[int]
#: PyTorch's names of the padding modes, and those of :func:`nn.functional.pad`.
_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


class _Convolution(Module):
    """Base of all convolutional layers: settings, parameters and their initial values."""

    axes: ClassVar[int]
    transposed: ClassVar[bool] = False
    weight: Tensor
    bias: Tensor | None
    padding: str | tuple[int, ...]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Axes,
        stride: Axes,
        padding: str | Axes,
        dilation: Axes,
        groups: int,
        bias: bool,
        padding_mode: str,
        dtype: Any,
        generator: np.random.Generator | None,
    ) -> None:
        super().__init__()
        name, axes = type(self).__name__, self.axes
        self.in_channels = positive_integer(name, "in_channels", in_channels)
        self.out_channels = positive_integer(name, "out_channels", out_channels)
        self.groups = positive_integer(name, "groups", groups)
        for what, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(f"{name}: groups={groups} does not divide {what}={channels}")
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, axes)
        self.stride = per_axis(name, "stride", stride, axes)
        self.dilation = per_axis(name, "dilation", dilation, axes)
        if not isinstance(padding, str):
            self.padding = per_axis(name, "padding", padding, axes, 0)
        elif padding not in ("same", "valid"):
            raise ValueError(f"{name}: padding must be a number, 'valid' or 'same', got {padding!r}")
        elif padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError(f"{name}: padding='same' keeps the size only with stride 1, got stride={stride}")
        else:
            self.padding = padding
        if padding_mode not in _MODES:
            raise ValueError(f"{name}: padding_mode must be one of {', '.join(_MODES)}, got {padding_mode!r}")
        self.padding_mode = padding_mode
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = Parameter(np.zeros((first, second // groups, *self.kernel_size)), dtype=dtype)
        self.register_parameter("bias", Parameter(np.zeros(out_channels), dtype=dtype) if bias else None)
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the initial values anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5), generator=generator)
        if self.bias is not None:
            bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
            init.uniform_(self.bias, -bound, bound, generator=generator)

    def extra_repr(self) -> str:
        """Settings that differ from the defaults, as in PyTorch."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        zeros, ones = (0,) * self.axes, (1,) * self.axes
        for name, default in (
            ("padding", zeros),
            ("dilation", ones),
            ("output_padding", zeros),
            ("groups", 1),
        ):
            if getattr(self, name, default) != default:
                parts.append(f"{name}={getattr(self, name)}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class _Conv(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Axes,
        stride: Axes = 1,
        padding: str | Axes = 0,
        dilation: Axes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            dtype,
            generator,
        )

    def forward(self, input: Any) -> Any:
        """Apply the layer.

        Parameters
        ----------
        input : Tensor or array_like
            ``(N, in_channels, *size)`` or ``(in_channels, *size)``; cast to the parameters' dtype.

        Returns
        -------
        Tensor
            ``(N, out_channels, *size')`` or ``(out_channels, *size')``.

        Raises
        ------
        ValueError
            If the input has another number of axes or channels, or is smaller than a window.
        """
        x = cast(input, self.weight.dtype, type(self).__name__)
        padding: Any = self.padding
        if self.padding_mode != "zeros" and padding != "valid" and x.ndim > self.axes:
            if padding == "same":
                pairs = same_padding(self.kernel_size, self.dilation)
            else:
                pairs = tuple((p, p) for p in padding)
            x = functional.pad(x, [p for pair in reversed(pairs) for p in pair], _MODES[self.padding_mode])
            padding = 0
        convolve = getattr(functional, f"conv{self.axes}d")
        return convolve(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(_Conv):
    """Convolution of sequences, for text, sound and other signals; see :class:`Conv2d`.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype, generator
        As of :class:`Conv2d`, for one axis.

    Attributes
    ----------
    weight : Tensor
        ``(out_channels, in_channels / groups, kernel_size)``.
    bias : Tensor or None
        ``(out_channels,)``.

    Raises
    ------
    TypeError, ValueError
        As :class:`Conv2d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Conv1d(3, 8, 5, padding="same")(np.ones((2, 3, 100))).shape
    (2, 8, 100)
    """

    axes = 1


class Conv2d(_Conv):
    r"""Convolution of images: at each position the dot product of a window with each of the learned kernels.

    .. math:: y_{n,o,i,j} = b_o + \sum_{c,u,v} w_{o,c,u,v} \, x_{n,c,\,i s + u d - p,\,j s + v d - p}

    Parameters
    ----------
    in_channels, out_channels : int
        Of input and output; the latter is the number of kernels.
    kernel_size : int or tuple of int
        Of the window.
    stride : int or tuple of int
        The distance between neighbouring windows.
    padding : int, tuple of int, "valid" or "same"
        How far to continue the input before and after each axis; not at all; or so that the size stays.
    dilation : int or tuple of int
        The distance between neighbouring elements of a window.
    groups : int
        Into how many groups the channels are divided that are convolved separately; ``groups=in_channels`` is a
        depthwise convolution.
    bias : bool
        Whether to add a learned :math:`b`.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        How to continue the input, see :func:`nn.functional.pad`.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight : Tensor
        ``(out_channels, in_channels / groups, k1, k2)``, uniform in :math:`\pm 1/\sqrt{n}` at first, where n is the
        number of weights of one output channel.
    bias : Tensor or None
        ``(out_channels,)``, drawn likewise.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If a setting is out of range, or ``groups`` does not divide the channels.

    Notes
    -----
    LeCun et al., "Backpropagation applied to handwritten zip code recognition" (1989). The initial values follow
    PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Conv2d(3, 16, kernel_size=3, stride=2, padding=1)
    >>> layer(np.ones((5, 3, 32, 32))).shape
    (5, 16, 16, 16)
    >>> layer
    Conv2d(3, 16, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
    """

    axes = 2


class Conv3d(_Conv):
    """Convolution of volumes, such as videos; see :class:`Conv2d`.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype, generator
        As of :class:`Conv2d`, for three axes.

    Attributes
    ----------
    weight : Tensor
        ``(out_channels, in_channels / groups, k1, k2, k3)``.
    bias : Tensor or None
        ``(out_channels,)``.

    Raises
    ------
    TypeError, ValueError
        As :class:`Conv2d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Conv3d(1, 4, 2)(np.ones((2, 1, 5, 6, 7))).shape
    (2, 4, 4, 5, 6)
    """

    axes = 3


class _ConvTranspose(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Axes,
        stride: Axes = 1,
        padding: Axes = 0,
        output_padding: Axes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Axes = 1,
        padding_mode: str = "zeros",
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(f"{name}: only padding_mode='zeros' is meaningful here, got {padding_mode!r}")
        if isinstance(padding, str):
            raise TypeError(f"{name}: padding must be an integer or a tuple of integers, got {padding!r}")
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            dtype,
            generator,
        )
        self.output_padding = per_axis(name, "output_padding", output_padding, self.axes, 0)

    def forward(self, input: Any, output_size: Sequence[int] | None = None) -> Any:
        """Apply the layer.

        Parameters
        ----------
        input : Tensor or array_like
            ``(N, in_channels, *size)`` or ``(in_channels, *size)``; cast to the parameters' dtype.
        output_size : sequence of int, optional
            Which of the sizes to give that convolve to the input's, instead of what ``output_padding`` says.

        Returns
        -------
        Tensor
            ``(N, out_channels, *size')`` or ``(out_channels, *size')``.

        Raises
        ------
        ValueError
            If the input has another number of axes or channels, or cannot have the ``output_size``.
        """
        x = cast(input, self.weight.dtype, type(self).__name__)
        extra = self.output_padding if output_size is None else self._output_padding(x, output_size)
        convolve = getattr(functional, f"conv_transpose{self.axes}d")
        return convolve(x, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _output_padding(self, x: Any, output_size: Sequence[int]) -> tuple[int, ...]:
        assert not isinstance(self.padding, str)
        given = tuple(output_size) if isinstance(output_size, Sequence) else ()
        wanted = given[-self.axes :]
        least = tuple(
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                x.shape[-self.axes :], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        )
        largest = tuple(n + s - 1 for n, s in zip(least, self.stride, strict=True))
        if len(given) not in (self.axes, x.ndim) or not all(
            a <= n <= b for a, n, b in zip(least, wanted, largest, strict=True)
        ):
            raise ValueError(
                f"{type(self).__name__}: an input of size {x.shape[-self.axes :]} can give sizes from {least} to "
                f"{largest}, not output_size={output_size!r}"
            )
        return tuple(n - a for n, a in zip(wanted, least, strict=True))


class ConvTranspose1d(_ConvTranspose):
    """Transposed convolution of sequences; see :class:`ConvTranspose2d`.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation
        As of :class:`ConvTranspose2d`, for one axis.
    padding_mode, dtype, generator
        Likewise.

    Attributes
    ----------
    weight : Tensor
        ``(in_channels, out_channels / groups, kernel_size)``.
    bias : Tensor or None
        ``(out_channels,)``.

    Raises
    ------
    TypeError, ValueError
        As :class:`ConvTranspose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose1d(8, 3, 4, stride=2, padding=1)(np.ones((2, 8, 50))).shape
    (2, 3, 100)
    """

    axes = 1


class ConvTranspose2d(_ConvTranspose):
    r"""Transposed convolution of images: each element adds a multiple of a learned kernel to a window of the result.

    It maps shapes as the gradient of a :class:`Conv2d` with the same settings does; with a stride it enlarges.

    Parameters
    ----------
    in_channels, out_channels : int
        Of input and output.
    kernel_size : int or tuple of int
        Of the window.
    stride : int or tuple of int
        The distance between neighbouring windows of the result.
    padding : int or tuple of int
        How much to cut off before and after each axis.
    output_padding : int or tuple of int
        How much less to cut off after each axis.
    groups : int
        Into how many groups the channels are divided that are convolved separately.
    bias : bool
        Whether to add a learned number to each output channel.
    dilation : int or tuple of int
        The distance between neighbouring elements of a window.
    padding_mode
        Only ``"zeros"``.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight : Tensor
        ``(in_channels, out_channels / groups, k1, k2)``, uniform in :math:`\pm 1/\sqrt{n}` at first, with
        :math:`n = k_1 k_2 \cdot \text{out\_channels} / \text{groups}`.
    bias : Tensor or None
        ``(out_channels,)``, drawn likewise.

    Raises
    ------
    TypeError
        If a setting is no integer.
    ValueError
        If a setting is out of range, or ``groups`` does not divide the channels.

    Notes
    -----
    Zeiler et al., "Deconvolutional networks" (2010). The initial values follow PyTorch.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.ConvTranspose2d(16, 3, kernel_size=3, stride=2, padding=1)
    >>> layer(np.ones((5, 16, 16, 16))).shape
    (5, 3, 31, 31)
    >>> layer(np.ones((5, 16, 16, 16)), output_size=(32, 32)).shape
    (5, 3, 32, 32)
    """

    axes = 2


class ConvTranspose3d(_ConvTranspose):
    """Transposed convolution of volumes; see :class:`ConvTranspose2d`.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation
        As of :class:`ConvTranspose2d`, for three axes.
    padding_mode, dtype, generator
        Likewise.

    Attributes
    ----------
    weight : Tensor
        ``(in_channels, out_channels / groups, k1, k2, k3)``.
    bias : Tensor or None
        ``(out_channels,)``.

    Raises
    ------
    TypeError, ValueError
        As :class:`ConvTranspose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ConvTranspose3d(2, 1, 2, stride=2)(np.ones((1, 2, 3, 4, 5))).shape
    (1, 1, 6, 8, 10)
    """

    axes = 3
