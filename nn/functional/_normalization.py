"""Normalisation: bringing groups of elements to mean 0 and variance 1, or to a norm of 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd._values import canonical
from autograd.ops.normalization import moments, standardize
from autograd.primitives import raw, scope_note
from nn._arguments import positive_integer
from nn._inputs import floating

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "normalize", "rms_norm"]


def layer_norm(
    input: Any, normalized_shape: int | Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    r"""Bring the trailing axes of each sample to mean 0 and variance 1, then scale and shift each element.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \varepsilon}} \, w + b

    Parameters
    ----------
    input : Tensor or array_like
        ``(..., *normalized_shape)``.
    normalized_shape : int or sequence of int
        Lengths of the axes to normalise over together.
    weight, bias : Tensor or array_like, optional
        Of shape ``normalized_shape``.
    eps
        Added to the variance.

    Returns
    -------
    Tensor
        Of the input's shape.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Ba, Kiros and Hinton, "Layer normalization" (2016).

    Examples
    --------
    >>> from autograd import Tensor
    >>> layer_norm(Tensor([[1.0, 3.0], [0.0, 0.0]]), 2, eps=0.01).data.round(3).tolist()
    [[-0.995, 0.995], [0.0, 0.0]]
    """
    return _over_trailing_axes("layer_norm", input, normalized_shape, weight, bias, eps, centre=True)


def rms_norm(input: Any, normalized_shape: int | Sequence[int], weight: Any = None, eps: float | None = None) -> Any:
    r"""Bring the trailing axes of each sample to a mean square of 1, then scale each element.

    .. math:: y = \frac{x}{\sqrt{\mathrm{E}[x^2] + \varepsilon}} \, w

    Parameters
    ----------
    input : Tensor or array_like
        ``(..., *normalized_shape)``.
    normalized_shape : int or sequence of int
        Lengths of the axes to normalise over together.
    weight : Tensor or array_like, optional
        Of shape ``normalized_shape``.
    eps
        Added to the mean square; by default the relative precision of the input's dtype.

    Returns
    -------
    Tensor
        Of the input's shape.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Zhang and Sennrich, "Root mean square layer normalization" (2019).

    Examples
    --------
    >>> from autograd import Tensor
    >>> rms_norm(Tensor([1.0, 7.0]), 2).data.round(3).tolist()
    [0.2, 1.4]
    """
    return _over_trailing_axes("rms_norm", input, normalized_shape, weight, None, eps, centre=False)


def _over_trailing_axes(
    operation: str,
    input: Any,
    normalized_shape: int | Sequence[int],
    weight: Any,
    bias: Any,
    eps: float | None,
    centre: bool,
) -> Any:
    x = floating(input, operation)
    shape = tuple(np.atleast_1d(normalized_shape).tolist())
    first = x.ndim - len(shape)
    if not shape or first < 0 or x.shape[first:] != shape:
        raise ValueError(
            f"{operation}: the last axes of the input must have lengths {shape}, got shape {x.shape}; give the lengths "
            f"to normalise over as normalized_shape{scope_note()}"
        )
    for name, parameter in (("weight", weight), ("bias", bias)):
        if parameter is not None and np.shape(raw(parameter, operation)) != shape:
            raise ValueError(
                f"{operation}: {name} must have shape {shape}, that of the axes normalised over, got "
                f"{np.shape(raw(parameter, operation))}{scope_note()}"
            )
    eps = float(np.finfo(x.dtype).eps) if eps is None else float(eps)
    return standardize(x, _or(weight, 1.0), _or(bias, 0.0), axes=tuple(range(first, x.ndim)), eps=eps, centre=centre)


def _or(parameter: Any, default: float) -> Any:
    return default if parameter is None else parameter


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    r"""Bring groups of channels of each sample to mean 0 and variance 1, then scale and shift each channel.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, ...)``.
    num_groups : int
        How many groups of equal size the channels form.
    weight, bias : Tensor or array_like, optional
        ``(C,)``.
    eps
        Added to the variance.

    Returns
    -------
    Tensor
        Of the input's shape.

    Raises
    ------
    TypeError
        If ``num_groups`` is not an integer.
    ValueError
        If the channels do not divide into so many groups, groups have one element, or the shapes do not fit.

    Notes
    -----
    Wu and He, "Group normalization" (2018).

    Examples
    --------
    >>> from autograd import Tensor
    >>> group_norm(Tensor([[1.0, 3.0, 10.0, 30.0]]), 2).data.round(3).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """
    x = floating(input, "group_norm")
    channels = _channels("group_norm", x, weight=weight, bias=bias)
    num_groups = positive_integer("group_norm", "num_groups", num_groups)
    if channels % num_groups:
        raise ValueError(
            f"group_norm: {channels} channels (input of shape {x.shape}) do not divide into {num_groups} groups; give "
            f"a divisor of {channels}{scope_note()}"
        )
    if x.size == num_groups * x.shape[0] and x.shape[0] == 1:
        raise ValueError(
            f"group_norm: groups of one value have no variance (input of shape {x.shape}, {num_groups} groups); give "
            f"fewer groups{scope_note()}"
        )
    grouped = (x.shape[0], num_groups, channels // num_groups, *x.shape[2:])
    per_channel = (*grouped[1:3], *(1 for _ in x.shape[2:]))
    y = standardize(
        ops.reshape(x, grouped),
        1.0 if weight is None else ops.reshape(weight, per_channel),
        0.0 if bias is None else ops.reshape(bias, per_channel),
        axes=tuple(range(2, len(grouped))),
        eps=float(eps),
    )
    return ops.reshape(y, x.shape)


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    r"""Bring each channel to mean 0 and variance 1 over the whole batch, then scale and shift it.

    .. math:: y = \frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \varepsilon}} \, w + b

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, ...)``.
    running_mean, running_var : Tensor or ndarray, optional
        ``(C,)``, constants. In training they are moved towards the batch's mean and (unbiased) variance, in place;
        otherwise they take the place of these.
    weight, bias : Tensor or array_like, optional
        ``(C,)``.
    training
        Whether to normalise with the batch's own mean and (biased) variance.
    momentum
        How far the running statistics move: ``running = (1 - momentum) * running + momentum * batch``.
    eps
        Added to the variance.

    Returns
    -------
    Tensor
        Of the input's shape.

    Raises
    ------
    TypeError
        If running statistics to be updated are not tensors or arrays, or require gradients.
    ValueError
        If in training channels have one value, otherwise running statistics are missing, or the shapes do not fit.

    Notes
    -----
    Ioffe and Szegedy, "Batch normalization" (2015). Updating the running statistics is not part of the graph.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> mean, var = np.zeros(1), np.ones(1)
    >>> batch_norm(Tensor([[1.0], [3.0]]), mean, var, training=True).data.round(3).tolist()
    [[-1.0], [1.0]]
    >>> mean.item(), round(var.item(), 3)
    (0.2, 1.1)
    """
    x = floating(input, "batch_norm")
    _channels("batch_norm", x, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
    axes = (0, *range(2, x.ndim))
    count = math.prod(x.shape[a] for a in axes)
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError(
                f"batch_norm: running_mean and running_var are needed outside training; give both, or "
                f"training=True to use the batch's own statistics{scope_note()}"
            )
        return _affine(x, running_mean, running_var, weight, bias, eps)
    if count == 1:
        raise ValueError(
            f"batch_norm: in training each channel needs more than one value to have a variance, got input of shape "
            f"{x.shape}; give a larger batch, or switch to eval mode{scope_note()}"
        )
    mean, variance = statistics = moments(raw(x, "batch_norm"), axes)
    if count:
        _move("batch_norm", "running_mean", running_mean, mean.reshape(-1), momentum)
        _move("batch_norm", "running_var", running_var, variance.reshape(-1) * (count / (count - 1)), momentum)
    return standardize(
        x, _per_channel(weight, x, 1.0), _per_channel(bias, x, 0.0), axes=axes, eps=float(eps), statistics=statistics
    )


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    r"""Bring each channel of each sample to mean 0 and variance 1, then scale and shift it.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, ...)`` with at least one spatial axis.
    running_mean, running_var : Tensor or ndarray, optional
        ``(C,)``, constants; moved towards the means over all samples, in place, where ``use_input_stats``.
    weight, bias : Tensor or array_like, optional
        ``(C,)``.
    use_input_stats
        Whether to normalise with each sample's own mean and variance rather than the running ones.
    momentum
        How far the running statistics move.
    eps
        Added to the variance.

    Returns
    -------
    Tensor
        Of the input's shape.

    Raises
    ------
    TypeError
        If running statistics to be updated are not tensors or arrays, or require gradients.
    ValueError
        If channels have one value, running statistics are needed but missing, or the shapes do not fit.

    Notes
    -----
    Ulyanov, Vedaldi and Lempitsky, "Instance normalization: the missing ingredient for fast stylization" (2016).

    Examples
    --------
    >>> from autograd import Tensor
    >>> instance_norm(Tensor([[[1.0, 3.0], [10.0, 30.0]]])).data.round(3).tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    x = floating(input, "instance_norm")
    _channels("instance_norm", x, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
    if not use_input_stats:
        if running_mean is None or running_var is None:
            raise ValueError(
                f"instance_norm: running_mean and running_var are needed with use_input_stats=False{scope_note()}"
            )
        return _affine(x, running_mean, running_var, weight, bias, eps)
    axes = tuple(range(2, x.ndim))
    count = math.prod(x.shape[a] for a in axes)
    if count == 1:
        raise ValueError(
            f"instance_norm: each channel needs more than one value to have a variance, got input of shape {x.shape}"
            f"{scope_note()}"
        )
    statistics = None
    if x.size and (running_mean is not None or running_var is not None):
        statistics = moments(raw(x, "instance_norm"), axes)
        means, variances = (ops.mean(s.reshape(s.shape[:2]), axis=0) for s in statistics)
        _move("instance_norm", "running_mean", running_mean, means, momentum)
        _move("instance_norm", "running_var", running_var, variances * (count / (count - 1)), momentum)
    return standardize(
        x, _per_channel(weight, x, 1.0), _per_channel(bias, x, 0.0), axes=axes, eps=float(eps), statistics=statistics
    )


def _channels(operation: str, x: Any, **per_channel: Any) -> int:
    """The number of channels, after making sure that there are so many of everything."""
    if x.ndim < 2:
        raise ValueError(
            f"{operation}: expected input of at least two axes, (N, C, ...), got shape {x.shape}{scope_note()}"
        )
    channels = int(x.shape[1])
    for name, values in per_channel.items():
        if values is not None and np.shape(raw(values, operation)) != (channels,):
            raise ValueError(
                f"{operation}: {name} must have shape ({channels},), one for each channel (axis 1) of the input of "
                f"shape {x.shape}, got {np.shape(raw(values, operation))}{scope_note()}"
            )
    return channels


def _per_channel(values: Any, x: Any, default: float) -> Any:
    """One number for each channel, shaped so that it broadcasts."""
    if values is None:
        return default
    return ops.reshape(values, (-1, *(1 for _ in x.shape[2:]))) if x.ndim > 2 else values


def _affine(x: Any, mean: Any, variance: Any, weight: Any, bias: Any, eps: float) -> Any:
    """Normalise with given statistics: one multiplication and one addition for each element."""
    scale = 1 / ops.sqrt(floating(variance, "batch_norm") + float(eps))
    if weight is not None:
        scale = scale * weight
    shift = -floating(mean, "batch_norm") * scale
    if bias is not None:
        shift = shift + bias
    return x * _per_channel(scale, x, 1.0) + _per_channel(shift, x, 0.0)


def _move(operation: str, name: str, running: Any, batch: Any, momentum: float) -> None:
    """Move a running statistic towards that of a batch, in place and unrecorded."""
    if running is None:
        return
    if isinstance(running, Tensor) and not running.requires_grad:
        held = running.numpy()
        running.assign_raw(canonical(((1 - momentum) * held + momentum * batch).astype(held.dtype)))
    elif isinstance(running, np.ndarray):
        running[...] = (1 - momentum) * running + momentum * batch
    else:
        given = "a tensor that requires gradients" if isinstance(running, Tensor) else type(running).__name__
        raise TypeError(
            f"{operation}: {name} is updated in place and must be an array or a constant tensor, got {given}"
            f"{scope_note()}"
        )


def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    r"""Divide each element by a power of the mean square of its neighbours in the channels next to it.

    .. math:: y_c = x_c \left(k + \frac{\alpha}{n} \sum_{c' \text{ near } c} x_{c'}^2\right)^{-\beta}

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, ...)`` with at least one spatial axis.
    size : int
        The number of neighbours :math:`n`, itself included; those beyond the first and last channel count as 0.
    alpha, beta, k : float
        As in the formula.

    Returns
    -------
    Tensor
        Of the input's shape.

    Raises
    ------
    TypeError
        If ``size`` is not an integer.
    ValueError
        If the input has fewer than three axes, or ``size`` is not positive.

    Notes
    -----
    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012), section
    3.3; as in PyTorch the sum is divided by :math:`n`. Of an even number of neighbours, one more lies before.

    Examples
    --------
    >>> from autograd import Tensor
    >>> local_response_norm(Tensor([[[1.0], [2.0]]]), size=2, alpha=1.0, beta=1.0).data.round(3).tolist()
    [[[0.667], [0.571]]]
    """
    x = floating(input, "local_response_norm")
    if x.ndim < 3:
        raise ValueError(
            f"local_response_norm: expected input of at least three axes, (N, C, ...), got shape {x.shape}"
            f"{scope_note()}"
        )
    size = positive_integer("local_response_norm", "size", size)
    before, after = size // 2, (size - 1) // 2
    squares = ops.pad(x * x, [(0, 0), (before, after), *[(0, 0)] * (x.ndim - 2)])
    near = [squares[:, i : i + x.shape[1]] for i in range(size)]
    total = sum(near[1:], near[0])
    return x * (float(k) + float(alpha) / size * total) ** -float(beta)


def normalize(input: Any, p: float = 2.0, dim: int | tuple[int, ...] = 1, eps: float = 1e-12) -> Any:
    r"""Divide by the :math:`L_p` norm along an axis, :math:`x / \max(\lVert x \rVert_p, \varepsilon)`.

    Parameters
    ----------
    input : Tensor or array_like
    p : float
        Positive, or infinity for the largest absolute value.
    dim : int or tuple of int
        Axes along which norms are taken.
    eps
        The smallest divisor.

    Returns
    -------
    Tensor
        Of the input's shape.

    Raises
    ------
    ValueError
        If there is no such axis, or ``p`` is not positive.

    Examples
    --------
    >>> from autograd import Tensor
    >>> normalize(Tensor([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    x = floating(input, "normalize")
    axes = dim if isinstance(dim, tuple) else (dim,)
    if not all(-x.ndim <= a < x.ndim for a in axes):
        raise ValueError(f"normalize: no axis {dim} in input of shape {x.shape}{scope_note()}")
    if not p > 0:
        raise ValueError(f"normalize: p must be positive (or infinite), got {p}{scope_note()}")
    if p == math.inf:
        return x / ops.maximum(ops.max(ops.absolute(x), axis=axes, keepdims=True), eps)
    powers = x * x if p == 2 else ops.absolute(x) if p == 1 else ops.absolute(x) ** p
    total = ops.sum(powers, axis=axes, keepdims=True)
    if p == 1:
        return x / ops.maximum(total, eps)
    # The root has an infinite slope at 0, which must not meet the 0 behind it.
    zero = raw(total, "normalize") == 0
    root = ops.where(zero, 1.0, total)
    norm = ops.sqrt(root) if p == 2 else root ** (1 / p)
    return x / ops.maximum(ops.where(zero, 0.0, norm), eps)
