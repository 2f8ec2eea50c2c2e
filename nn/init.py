"""Initial values of parameters.

Each function fills a parameter with new values in place, returns it, and draws from ``generator`` (by default that of
:func:`nn.manual_seed`). Names, arguments and defaults are PyTorch's. Draws are made in float64 and rounded, so that
a seed gives the same network in every precision.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, exp
from autograd._values import canonical, describe
from nn._random import generator_or_default

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

Generator = np.random.Generator


def _fill(tensor: Tensor, values: Any, operation: str) -> Tensor:
    tensor.assign_raw(canonical(np.asarray(values).astype(_checked(tensor, operation).dtype)))
    return tensor


def _checked(tensor: Tensor, operation: str) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"init.{operation}: expected a tensor, got {type(tensor).__name__}")
    if tensor.primitive is not None:
        raise TypeError(f"init.{operation}: expected a variable, this tensor is the result of {tensor.primitive.name}")
    if tensor.dtype.kind != "f":
        raise TypeError(f"init.{operation}: expected a floating tensor, got {describe(tensor.data)}")
    return tensor


def _fans(tensor: Tensor, operation: str) -> tuple[int, int]:
    """How many inputs an output depends on, and the reverse, for weights ``(out, in, *window)``."""
    if _checked(tensor, operation).ndim < 2:
        raise ValueError(
            f"init.{operation}: fan-in and fan-out need a tensor of at least two axes (out, in), got shape "
            f"{tensor.shape}; use uniform_, normal_ or zeros_ for biases"
        )
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    r"""The factor by which weights must be larger so that variances survive a nonlinearity.

    Parameters
    ----------
    nonlinearity
        ``"linear"``, ``"sigmoid"``, ``"conv1d"`` and the like: 1; ``"tanh"``: 5/3; ``"relu"``: √2; ``"leaky_relu"``:
        :math:`\sqrt{2 / (1 + a^2)}`; ``"selu"``: 3/4.
    param
        The slope :math:`a` of ``"leaky_relu"``, by default 0.01.

    Raises
    ------
    ValueError
        If the name is not known.

    Examples
    --------
    >>> calculate_gain("relu")
    1.4142135623730951
    """
    if nonlinearity in _GAINS:
        return _GAINS[nonlinearity]
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    raise ValueError(
        f"calculate_gain: unknown nonlinearity {nonlinearity!r}; known are {', '.join(_GAINS)}, leaky_relu"
    )


_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with draws from the uniform distribution on the interval from ``a`` to ``b``.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If ``a`` is larger than ``b``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> bool((uniform_(Tensor([0.0, 0.0]), 3.0, 4.0) >= 3.0).all())
    True
    """
    if not a <= b:
        raise ValueError(f"init.uniform_: the interval from a={a} to b={b} is empty; give a <= b")
    return _fill(tensor, generator_or_default(generator).uniform(a, b, _checked(tensor, "uniform_").shape), "uniform_")


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Tensor:
    """Fill with draws from the normal distribution.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If ``std`` is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> normal_(Tensor([0.0, 0.0]), mean=2.0, std=0.0).tolist()
    [2.0, 2.0]
    """
    if not std >= 0:
        raise ValueError(f"init.normal_: std must not be negative, got {std}")
    return _fill(
        tensor, generator_or_default(generator).normal(mean, std, _checked(tensor, "normal_").shape), "normal_"
    )


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.

    Examples
    --------
    >>> from autograd import Tensor
    >>> constant_(Tensor([0.0, 0.0]), 0.5).tolist()
    [0.5, 0.5]
    """
    return _fill(tensor, np.full(_checked(tensor, "constant_").shape, val), "constant_")


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones (see :func:`constant_`)."""
    return _fill(tensor, np.ones(_checked(tensor, "ones_").shape), "ones_")


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros (see :func:`constant_`)."""
    return _fill(tensor, np.zeros(_checked(tensor, "zeros_").shape), "zeros_")


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Uniform in :math:`\pm\,\text{gain}\,\sqrt{6 / (\text{fan\_in} + \text{fan\_out})}`.

    Keeps variances alike from layer to layer, forwards and backwards; for sigmoid and tanh.

    Parameters
    ----------
    tensor
        Weights ``(out, in, ...)``.
    gain
        See :func:`calculate_gain`.
    generator
        Draws the values.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If it has fewer than two axes.

    Notes
    -----
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010), eq. 16.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> bool((xavier_uniform_(Tensor(np.empty((4, 2)))) <= 1.0).all())
    True
    """
    fan_in, fan_out = _fans(tensor, "xavier_uniform_")
    bound = gain * math.sqrt(6 / max(1, fan_in + fan_out))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Generator | None = None) -> Tensor:
    r"""Normal with standard deviation :math:`\text{gain}\,\sqrt{2 / (\text{fan\_in} + \text{fan\_out})}`.

    Parameters, errors and source are those of :func:`xavier_uniform_`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> xavier_normal_(Tensor(np.empty((4, 2)))).shape
    (4, 2)
    """
    fan_in, fan_out = _fans(tensor, "xavier_normal_")
    return normal_(tensor, 0.0, gain * math.sqrt(2 / max(1, fan_in + fan_out)), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str, operation: str) -> float:
    fans = dict(zip(("fan_in", "fan_out"), _fans(tensor, operation), strict=True))
    if mode not in fans:
        raise ValueError(f"init.{operation}: mode must be 'fan_in' or 'fan_out', got {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(max(1, fans[mode]))


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""He initialisation, uniform in :math:`\pm\,\text{gain}\,\sqrt{3 / \text{fan}}`.

    Keeps the variance alike from layer to layer through rectified units.

    Parameters
    ----------
    tensor
        Weights ``(out, in, ...)``.
    a
        Slope of the rectifier for negative inputs (``"leaky_relu"`` only): 0 for relu.
    mode
        ``"fan_in"`` keeps the variance forwards, ``"fan_out"`` backwards.
    nonlinearity
        What follows the weights, see :func:`calculate_gain`.
    generator
        Draws the values.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If it has fewer than two axes, or mode or nonlinearity is not known.

    Notes
    -----
    He et al., "Delving deep into rectifiers" (2015), eq. 10 and 14.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> bool((kaiming_uniform_(Tensor(np.empty((4, 6)))) <= 1.0).all())
    True
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_uniform_")
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Tensor:
    r"""He initialisation, normal with standard deviation :math:`\text{gain} / \sqrt{\text{fan}}`.

    Parameters, errors and source are those of :func:`kaiming_uniform_`.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> kaiming_normal_(Tensor(np.empty((4, 6))), nonlinearity="relu").shape
    (4, 6)
    """
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity, "kaiming_normal_"), generator)


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Tensor:
    """Fill with draws from the normal distribution under the condition that they lie between ``a`` and ``b``.

    Parameters
    ----------
    tensor
        A floating tensor of any shape.
    mean, std
        Of the normal distribution before it is cut off.
    a, b
        The bounds themselves, not multiples of ``std``.
    generator
        Draws the values.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If ``std`` is not positive or ``a`` is not below ``b``.

    Notes
    -----
    The distribution is exact for any bounds, also far out in a tail: candidates are drawn and those that do not fit
    replaced.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> bool((trunc_normal_(Tensor(np.empty(100)), std=0.02, a=-0.04, b=0.04) <= 0.04).all())
    True
    """
    if not std > 0:
        raise ValueError(f"init.trunc_normal_: std must be positive, got {std}")
    if not a < b:
        raise ValueError(f"init.trunc_normal_: the interval from a={a} to b={b} is empty; give a < b")
    low, high = (a - mean) / std, (b - mean) / std
    shape = _checked(tensor, "trunc_normal_").shape
    values = _truncated(low, high, math.prod(shape), generator_or_default(generator))
    return _fill(tensor, (mean + std * values).clip(a, b).reshape(shape), "trunc_normal_")


def _truncated(low: float, high: float, count: int, generator: Generator) -> np.ndarray[Any, Any]:
    """Standard normal draws between two bounds, by rejection."""
    probable = 0.5 * (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) > 0.2
    # Where normal draws would rarely fit, uniform ones are kept with the density relative to its peak in the interval;
    # beyond what float64 can tell from 0, there is nothing to draw from.
    peak = min(max(low, 0.0), high)
    reach = math.sqrt(peak * peak + 80) - abs(peak)
    low, high = max(low, peak - reach), min(high, peak + reach)
    values = np.empty(count)
    open_places = np.arange(count)
    while open_places.size:
        if probable:
            drawn = generator.normal(size=open_places.size)
            kept = (drawn >= low) & (drawn <= high)
        else:
            drawn = generator.uniform(low, high, open_places.size)
            kept = generator.uniform(size=open_places.size) <= exp((peak * peak - drawn * drawn) / 2)
        values[open_places[kept]] = drawn[kept]
        open_places = open_places[~kept]
    return values


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Generator | None = None) -> Tensor:
    """Fill with a random matrix whose rows or columns, whichever are fewer, are orthonormal, times ``gain``.

    Keeps the length of vectors, whatever the depth.

    Parameters
    ----------
    tensor
        Of two axes or more; all but the first count as columns.
    gain
        See :func:`calculate_gain`.
    generator
        Draws the values.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If it has fewer than two axes.

    Notes
    -----
    Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
    networks" (2014). All orientations are equally probable: the signs that the QR decomposition leaves open are fixed,
    as Mezzadri, "How to generate random matrices from the classical compact groups" (2007), shows to be needed.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> w = orthogonal_(Tensor(np.empty((2, 3)))).numpy()
    >>> bool(np.allclose(w @ w.T, np.eye(2)))
    True
    """
    if _checked(tensor, "orthogonal_").ndim < 2:
        raise ValueError(f"init.orthogonal_: needs a tensor of at least two axes, got shape {tensor.shape}")
    if not tensor.size:
        return tensor
    rows, columns = tensor.shape[0], tensor.size // tensor.shape[0]
    drawn = generator_or_default(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    matrix = q if rows >= columns else q.T
    return _fill(tensor, gain * matrix.reshape(tensor.shape), "orthogonal_")


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Tensor:
    """Fill a matrix with normal draws, and set a fraction of each column to 0.

    Parameters
    ----------
    tensor
        Of two axes.
    sparsity
        The fraction that is 0, from 0 to 1; rounded up to whole elements.
    std
        Standard deviation of the others.
    generator
        Draws the values.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If it has not two axes, or ``sparsity`` or ``std`` is out of range.

    Notes
    -----
    Martens, "Deep learning via Hessian-free optimization" (2010).

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> w = sparse_(Tensor(np.empty((10, 3))), sparsity=0.7)
    >>> (w.numpy() == 0).sum(axis=0)
    array([7, 7, 7])
    """
    if _checked(tensor, "sparse_").ndim != 2:
        raise ValueError(f"init.sparse_: needs a matrix, got shape {tensor.shape}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"init.sparse_: sparsity must be from 0 to 1, got {sparsity}")
    if not std >= 0:
        raise ValueError(f"init.sparse_: std must not be negative, got {std}")
    draw = generator_or_default(generator)
    values = draw.normal(0.0, std, tensor.shape)
    # A random order of each column's rows, of which the first get 0.
    order = draw.permuted(np.tile(np.arange(tensor.shape[0])[:, None], (1, tensor.shape[1])), axis=0)
    np.put_along_axis(values, order[: math.ceil(sparsity * tensor.shape[0])], 0.0, axis=0)
    return _fill(tensor, values, "sparse_")


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with ones on the diagonal and zeros elsewhere, so that a linear layer passes on what it can.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If it has not two axes.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> eye_(Tensor(np.empty((2, 3)))).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    if _checked(tensor, "eye_").ndim != 2:
        raise ValueError(f"init.eye_: needs a matrix, got shape {tensor.shape}")
    return _fill(tensor, np.eye(tensor.shape[0], tensor.shape[1]), "eye_")


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weights of a convolution such that it passes on as many channels as it can, unchanged.

    Parameters
    ----------
    tensor
        Weights ``(out, in, *window)`` with one to three axes of the window.
    groups
        Of the convolution; each passes on its own channels.

    Raises
    ------
    TypeError
        If it is not a floating variable or constant.
    ValueError
        If it has not three to five axes, or its first is not divisible by ``groups``.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import Tensor
    >>> dirac_(Tensor(np.empty((2, 1, 3)))).tolist()
    [[[0.0, 1.0, 0.0]], [[0.0, 0.0, 0.0]]]
    """
    if _checked(tensor, "dirac_").ndim not in (3, 4, 5):
        raise ValueError(
            f"init.dirac_: needs the weights of a convolution, of three to five axes, got shape {tensor.shape}"
        )
    if groups < 1 or tensor.shape[0] % groups:
        raise ValueError(
            f"init.dirac_: the {tensor.shape[0]} channels of the first axis cannot be divided into {groups} groups"
        )
    values = np.zeros(tensor.shape)
    each = tensor.shape[0] // groups
    centre = tuple(length // 2 for length in tensor.shape[2:])
    for group in range(groups):
        for channel in range(min(each, tensor.shape[1])):
            values[(group * each + channel, channel, *centre)] = 1.0
    return _fill(tensor, values, "dirac_")
