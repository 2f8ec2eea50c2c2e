"""Normalisation layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn import functional, init
from nn._arguments import positive_integer
from nn._inputs import cast, floating
from nn._module import Module
from nn._parameter import Parameter

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "LocalResponseNorm",
    "RMSNorm",
]


def _cast(input: Any, layer: Module) -> Any:
    """The input in the dtype of a layer's parameters and statistics; in its own, if it has none."""
    for held in (*layer.parameters(recurse=False), *layer.buffers(recurse=False)):
        if held.dtype.kind == "f":
            return cast(input, held.dtype, type(layer).__name__)
    return floating(input, type(layer).__name__)


def _lengths(owner: str, normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    given = normalized_shape if isinstance(normalized_shape, Sequence) else (normalized_shape,)
    if not given:
        raise ValueError(f"{owner}: normalized_shape needs at least one length, got {normalized_shape!r}")
    return tuple(positive_integer(owner, "normalized_shape", n) for n in given)


class _Affine(Module):
    """Base of layers with a weight and a bias for each element or channel, either of which may be absent."""

    weight: Tensor | None
    bias: Tensor | None

    def __init__(self, shape: tuple[int, ...], weight: bool, bias: bool, dtype: Any) -> None:
        super().__init__()
        self.register_parameter("weight", Parameter(np.ones(shape), dtype=dtype) if weight else None)
        self.register_parameter("bias", Parameter(np.zeros(shape), dtype=dtype) if weight and bias else None)

    def reset_parameters(self) -> None:
        """Set the weight to ones and the bias to zeros, as at first."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)


class LayerNorm(_Affine):
    r"""Bring the trailing axes of each sample to mean 0 and variance 1, then scale and shift each element.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \varepsilon}} \, w + b

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Lengths of the axes to normalise over together.
    eps
        Added to the variance.
    elementwise_affine
        Whether to learn :math:`w` and :math:`b`.
    bias
        Whether to learn :math:`b`.
    dtype
        Of the parameters.

    Attributes
    ----------
    weight, bias : Tensor or None
        Of shape ``normalized_shape``; ones and zeros at first.

    Raises
    ------
    TypeError, ValueError
        If a length is not a positive integer, or there is none.

    Notes
    -----
    Ba, Kiros and Hinton, "Layer normalization" (2016).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.LayerNorm(2)(np.array([[1.0, 3.0], [10.0, 30.0]])).data.round(3)
    array([[-1.,  1.],
           [-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        shape = _lengths("LayerNorm", normalized_shape)
        super().__init__(shape, elementwise_affine, bias, dtype)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine

    def forward(self, input: Any) -> Any:
        """Normalise a tensor ``(..., *normalized_shape)``; the result has its shape and the parameters' dtype."""
        return functional.layer_norm(_cast(input, self), self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    r"""Bring the trailing axes of each sample to a mean square of 1, then scale each element.

    .. math:: y = \frac{x}{\sqrt{\mathrm{E}[x^2] + \varepsilon}} \, w

    Parameters
    ----------
    normalized_shape : int or sequence of int
        Lengths of the axes to normalise over together.
    eps
        Added to the mean square; by default the relative precision of the input's dtype.
    elementwise_affine
        Whether to learn :math:`w`.
    dtype
        Of the weight.

    Attributes
    ----------
    weight : Tensor or None
        Of shape ``normalized_shape``; ones at first.

    Raises
    ------
    TypeError, ValueError
        If a length is not a positive integer, or there is none.

    Notes
    -----
    Zhang and Sennrich, "Root mean square layer normalization" (2019).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.RMSNorm(2)(np.array([1.0, 7.0])).data.round(3)
    array([0.2, 1.4], dtype=float32)
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__()
        self.normalized_shape = _lengths("RMSNorm", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        weight = Parameter(np.ones(self.normalized_shape), dtype=dtype) if elementwise_affine else None
        self.register_parameter("weight", weight)

    def reset_parameters(self) -> None:
        """Set the weight to ones, as at first."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Any) -> Any:
        """Normalise a tensor ``(..., *normalized_shape)``; the result has its shape and the weight's dtype."""
        return functional.rms_norm(_cast(input, self), self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(_Affine):
    r"""Bring groups of channels of each sample to mean 0 and variance 1, then scale and shift each channel.

    Parameters
    ----------
    num_groups : int
        How many groups of equal size the channels form.
    num_channels : int
        Length of axis 1.
    eps
        Added to the variance.
    affine
        Whether to learn a weight and a bias.
    bias
        Whether to learn a bias.
    dtype
        Of the parameters.

    Attributes
    ----------
    weight, bias : Tensor or None
        ``(num_channels,)``; ones and zeros at first.

    Raises
    ------
    TypeError, ValueError
        If the sizes are not positive integers, or ``num_groups`` does not divide ``num_channels``.

    Notes
    -----
    Wu and He, "Group normalization" (2018).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.GroupNorm(2, 4)(np.array([[1.0, 3.0, 10.0, 30.0]])).data.round(3)
    array([[-1.,  1., -1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        num_groups = positive_integer("GroupNorm", "num_groups", num_groups)
        num_channels = positive_integer("GroupNorm", "num_channels", num_channels)
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: num_channels={num_channels} does not divide into num_groups={num_groups}")
        super().__init__((num_channels,), affine, bias, dtype)
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine

    def forward(self, input: Any) -> Any:
        """Normalise a tensor ``(N, num_channels, ...)``; the result has its shape and the parameters' dtype."""
        x = _cast(input, self)
        if x.ndim < 2 or x.shape[1] != self.num_channels:
            raise ValueError(
                f"GroupNorm({self.extra_repr()}): expected input of shape (N, {self.num_channels}, ...), got "
                f"{describe(raw(x, 'GroupNorm'))}{scope_note()}"
            )
        return functional.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class _OfChannels(_Affine):
    """Base of batch and instance normalisation: parameters and running statistics for each channel."""

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    #: The axes that an input may have; samples come without N.
    _layouts: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        bias: bool,
        dtype: Any,
    ) -> None:
        num_features = positive_integer(type(self).__name__, "num_features", num_features)
        super().__init__((num_features,), affine, bias, dtype)
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        start = (np.zeros(num_features, dtype), np.ones(num_features, dtype), np.zeros((), np.int64))
        for name, value in zip(("running_mean", "running_var", "num_batches_tracked"), start, strict=True):
            self.register_buffer(name, value if track_running_stats else None)

    def reset_running_stats(self) -> None:
        """Forget what was seen so far: running mean 0, running variance 1, no batches."""
        if self.running_mean is not None and self.running_var is not None:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            self.num_batches_tracked = Tensor(0, requires_grad=False)

    def reset_parameters(self) -> None:
        """Set weight, bias and running statistics to what they were at first."""
        self.reset_running_stats()
        super().reset_parameters()

    def _checked(self, input: Any) -> Any:
        x = _cast(input, self)
        layouts = [layout.split() for layout in self._layouts]
        if not any(x.ndim == len(axes) and x.shape[axes.index("C")] == self.num_features for axes in layouts):
            expected = " or ".join(f"({', '.join(axes)})" for axes in layouts).replace("C", str(self.num_features))
            raise ValueError(
                f"{type(self).__name__}({self.extra_repr()}): expected input of shape {expected}, got "
                f"{describe(raw(x, type(self).__name__))}{scope_note()}"
            )
        return x

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_OfChannels):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, input: Any) -> Any:
        """Normalise a batch; the result has its shape and the parameters' dtype.

        In training by the batch's own statistics, updating the running ones; in evaluation by these, if there are any.

        Raises
        ------
        ValueError
            If the input has another shape, or in training each channel has only one value.
        """
        x = self._checked(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        updating = self.training and self.num_batches_tracked is not None and x.size > 0
        if updating:
            seen = int(self.num_batches_tracked) + 1  # type: ignore[arg-type]
            momentum = 1 / seen if self.momentum is None else momentum
        by_batch = self.training or self.running_mean is None
        needed = updating or not by_batch
        y = functional.batch_norm(
            x,
            self.running_mean if needed else None,
            self.running_var if needed else None,
            self.weight,
            self.bias,
            by_batch,
            momentum,
            self.eps,
        )
        if updating:
            self.num_batches_tracked = Tensor(seen, requires_grad=False)
        return y


class BatchNorm1d(_BatchNorm):
    r"""Bring each channel to mean 0 and variance 1 over the whole batch, then scale and shift it.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \varepsilon}} \, w + b

    Parameters
    ----------
    num_features : int
        The number of channels :math:`C`; inputs are ``(N, C)`` or ``(N, C, L)``.
    eps
        Added to the variance.
    momentum
        How far the running statistics move towards those of each batch; None makes them the averages over all batches.
    affine
        Whether to learn :math:`w` and :math:`b`.
    track_running_stats
        Whether to keep running statistics and use them in evaluation; otherwise every batch is normalised by its own.
    bias
        Whether to learn :math:`b`.
    dtype
        Of parameters and running statistics.

    Attributes
    ----------
    weight, bias : Tensor or None
        ``(C,)``; ones and zeros at first.
    running_mean, running_var : Tensor or None
        ``(C,)``, constants: in training they follow the means and unbiased variances of the batches.
    num_batches_tracked : Tensor or None
        How many batches they have seen; empty ones do not count.

    Raises
    ------
    TypeError, ValueError
        If ``num_features`` is not a positive integer.

    Notes
    -----
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate shift"
    (2015). Updating the running statistics is not part of the graph.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.BatchNorm1d(1)
    >>> layer(np.array([[1.0], [3.0]])).data.round(3).tolist()
    [[-1.0], [1.0]]
    >>> layer.running_mean.data, layer.running_var.data
    (array([0.2], dtype=float32), array([1.1], dtype=float32))
    """

    _layouts = ("N C", "N C L")


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images ``(N, C, H, W)``; everything else is as in :class:`BatchNorm1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.BatchNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    _layouts = ("N C H W",)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of volumes ``(N, C, D, H, W)``; everything else is as in :class:`BatchNorm1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.BatchNorm3d(3)(np.ones((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    _layouts = ("N C D H W",)


class _InstanceNorm(_OfChannels):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        dtype: Any = np.float32,
    ) -> None:
        if momentum is None:
            raise ValueError(
                f"{type(self).__name__}: momentum=None, the average over all batches, is for batch normalisation; give "
                f"a number"
            )
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias, dtype)

    def forward(self, input: Any) -> Any:
        """Normalise samples, or a single one; the result has the input's shape and the parameters' dtype.

        Raises
        ------
        ValueError
            If the input has another shape, or each channel has only one value.
        """
        x = self._checked(input)
        single = x.ndim == len(self._layouts[0].split())
        y = functional.instance_norm(
            x[None] if single else x,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            self.momentum,  # type: ignore[arg-type]
            self.eps,
        )
        return y[0] if single else y


class InstanceNorm1d(_InstanceNorm):
    r"""Bring each channel of each sample to mean 0 and variance 1, and if wanted scale and shift it.

    Parameters
    ----------
    num_features : int
        The number of channels :math:`C`; inputs are ``(N, C, L)``, or ``(C, L)`` for a single sample.
    eps
        Added to the variance.
    momentum
        How far the running statistics move towards those of each batch.
    affine
        Whether to learn a weight and a bias.
    track_running_stats
        Whether to keep running statistics and use them in evaluation.
    bias
        With ``affine``, whether to learn a bias.
    dtype
        Of parameters and running statistics; inputs keep their own where there are neither.

    Attributes
    ----------
    weight, bias : Tensor or None
        ``(C,)``; ones and zeros at first.
    running_mean, running_var : Tensor or None
        ``(C,)``, constants: in training they follow the means and unbiased variances, averaged over samples.
    num_batches_tracked : Tensor or None
        Always 0; there because PyTorch's state has it.

    Raises
    ------
    TypeError, ValueError
        If ``num_features`` is not a positive integer, or ``momentum`` is None.

    Notes
    -----
    Ulyanov, Vedaldi and Lempitsky, "Instance normalization: the missing ingredient for fast stylization" (2016).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.InstanceNorm1d(2)(np.array([[1.0, 3.0], [10.0, 30.0]])).round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    _layouts = ("C L", "N C L")


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of images, ``(N, C, H, W)`` or ``(C, H, W)``; else as :class:`InstanceNorm1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.InstanceNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    _layouts = ("C H W", "N C H W")


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of volumes, ``(N, C, D, H, W)`` or ``(C, D, H, W)``; else as :class:`InstanceNorm1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.InstanceNorm3d(3)(np.ones((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    _layouts = ("C D H W", "N C D H W")


class LocalResponseNorm(Module):
    r"""Divide each element by a power of the mean square of its neighbours in the channels next to it.

    .. math:: y_c = x_c \left(k + \frac{\alpha}{n} \sum_{c' \text{ near } c} x_{c'}^2\right)^{-\beta}

    Parameters
    ----------
    size : int
        The number of neighbours :math:`n`, itself included.
    alpha, beta, k : float
        As in the formula.

    Raises
    ------
    TypeError, ValueError
        If ``size`` is not a positive integer.

    Notes
    -----
    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012), section
    3.3.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.LocalResponseNorm(5)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = positive_integer("LocalResponseNorm", "size", size)
        self.alpha, self.beta, self.k = alpha, beta, k

    def forward(self, input: Any) -> Any:
        """Normalise a tensor ``(N, C, ...)`` with at least one spatial axis; the result has its shape and dtype."""
        return functional.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
