"""Activations: nonlinear functions of each element.

Where PyTorch's function takes ``inplace``, so does ours, without effect: the result is an array of its own, as the
graph still needs the input.
"""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd._values import describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers
from nn.functional._checks import check_choice, check_not_negative, check_positive, number

__all__ = [
    "celu",
    "elu",
    "gelu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
]

#: The forms of gelu.
APPROXIMATIONS = ("none", "tanh")

#: With these two, selu keeps mean 0 and variance 1 of independent standard normal inputs.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def relu(input: Any, inplace: bool = False) -> Any:
    r"""Rectified linear unit, :math:`\max(0, x)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> relu(Tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return ops.relu(input)


def relu6(input: Any, inplace: bool = False) -> Any:
    r"""Rectified linear unit that stops at 6, :math:`\min(\max(0, x), 6)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> relu6(Tensor([-1.0, 2.0, 8.0])).tolist()
    [0.0, 2.0, 6.0]
    """
    return ops.hardtanh(input, 0.0, 6.0)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    r"""Rectified linear unit with a leak, :math:`\max(0, x) + a \min(0, x)` of each element.

    Parameters
    ----------
    input : Tensor or array_like
    negative_slope
        The slope :math:`a` for negative inputs.

    Notes
    -----
    Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013).

    Examples
    --------
    >>> from autograd import Tensor
    >>> leaky_relu(Tensor([-1.0, 2.0]), 0.25).tolist()
    [-0.25, 2.0]
    """
    return ops.leaky_relu(input, number(negative_slope))


def prelu(input: Any, weight: Any) -> Any:
    r"""Rectified linear unit with a learned slope for negative inputs, :math:`\max(0, x) + a \min(0, x)`.

    Parameters
    ----------
    input : Tensor or array_like
        Of any shape; with one slope per channel ``(N, C, ...)``.
    weight : Tensor or array_like
        The slope :math:`a`, of shape ``()`` or ``(1,)``, or one per channel, ``(C,)``.

    Raises
    ------
    ValueError
        If there are neither one slope nor as many as channels.

    Notes
    -----
    He et al., "Delving deep into rectifiers" (2015).

    Examples
    --------
    >>> from autograd import Tensor
    >>> prelu(Tensor([[-1.0, -1.0]]), Tensor([0.25, 0.5])).tolist()
    [[-0.25, -0.5]]
    """
    x, slopes = as_numbers(input, "prelu"), as_numbers(weight, "prelu")
    channels = x.shape[1] if x.ndim > 1 else 1
    if slopes.ndim > 1 or slopes.size not in (1, channels):
        raise ValueError(
            f"prelu: weight must hold one slope, or one for each of the {channels} channels of input "
            f"{describe(raw(x, 'prelu'))} (its axis 1), got shape {slopes.shape}{scope_note()}"
        )
    shape = (slopes.size,) + (1,) * (x.ndim - 2) if x.ndim > 1 else (1,) * x.ndim
    return ops.leaky_relu(x, slopes if slopes.shape == shape else ops.reshape(slopes, shape))


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    r"""Exponential linear unit, :math:`\max(0, x) + \alpha (e^{\min(0, x)} - 1)` of each element.

    Parameters
    ----------
    input : Tensor or array_like
    alpha
        Large negative inputs give the negative of it.

    Notes
    -----
    Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear units" (2016).

    Examples
    --------
    >>> from autograd import Tensor
    >>> elu(Tensor([-100.0, 2.0]), 1.5).tolist()
    [-1.5, 2.0]
    """
    return ops.elu(input, number(alpha))


def selu(input: Any, inplace: bool = False) -> Any:
    r"""Scaled exponential linear unit, :math:`\lambda \operatorname{elu}_\alpha(x)` of each element.

    Notes
    -----
    The two constants keep mean 0 and variance 1 of independent standard normal inputs: Klambauer et al.,
    "Self-normalizing neural networks" (2017).

    Examples
    --------
    >>> from autograd import Tensor
    >>> selu(Tensor([-100.0, 0.0])).tolist()
    [-1.7580993408473766, 0.0]
    """
    return ops.elu(input, _SELU_ALPHA) * _SELU_SCALE


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    r"""Exponential linear unit without a kink, :math:`\max(0, x) + \alpha (e^{\min(0, x) / \alpha} - 1)`.

    Parameters
    ----------
    input : Tensor or array_like
    alpha
        Large negative inputs give the negative of it.

    Raises
    ------
    ValueError
        If ``alpha`` is not positive.

    Notes
    -----
    Barron, "Continuously differentiable exponential linear units" (2017).

    Examples
    --------
    >>> from autograd import Tensor
    >>> celu(Tensor([-100.0, 2.0]), 1.5).tolist()
    [-1.5, 2.0]
    """
    check_positive("alpha", alpha, "celu")
    alpha = number(alpha)
    if alpha == 1:
        return ops.elu(input, 1.0)
    return ops.elu(as_numbers(input, "celu") / alpha, 1.0) * alpha


def silu(input: Any, inplace: bool = False) -> Any:
    r"""The input times its logistic function, :math:`x \sigma(x)` of each element; also called Swish.

    Notes
    -----
    Hendrycks and Gimpel, "Gaussian error linear units" (2016); Ramachandran, Zoph and Le, "Searching for activation
    functions" (2017).

    Examples
    --------
    >>> from autograd import Tensor
    >>> silu(Tensor([-1000.0, 0.0, 1000.0])).tolist()
    [-0.0, 0.0, 1000.0]
    """
    return ops.silu(input)


def mish(input: Any, inplace: bool = False) -> Any:
    r"""The input times the tanh of its softplus, :math:`x \tanh(\ln(1 + e^x))` of each element.

    Notes
    -----
    Misra, "Mish: a self regularized non-monotonic activation function" (2019).

    Examples
    --------
    >>> from autograd import Tensor
    >>> mish(Tensor([-1000.0, 0.0, 1000.0])).tolist()
    [-0.0, 0.0, 1000.0]
    """
    return ops.mish(input)


def gelu(input: Any, approximate: str = "none") -> Any:
    r"""Gaussian error linear unit, :math:`x \Phi(x)` of each element.

    :math:`\Phi(x) = \frac12 (1 + \operatorname{erf}(x / \sqrt2))` is the probability that a standard normal variable
    is smaller than :math:`x`.

    Parameters
    ----------
    input : Tensor or array_like
    approximate
        ``"none"``, or ``"tanh"`` for :math:`\frac{x}{2} (1 + \tanh(\sqrt{2/\pi} (x + 0.044715 x^3)))`.

    Raises
    ------
    ValueError
        If ``approximate`` is neither.

    Notes
    -----
    Hendrycks and Gimpel, "Gaussian error linear units" (2016).

    Examples
    --------
    >>> from autograd import Tensor
    >>> gelu(Tensor([-100.0, 0.0, 100.0])).tolist()
    [-0.0, 0.0, 100.0]
    """
    check_choice("approximate", approximate, APPROXIMATIONS, "gelu")
    return ops.gelu(input) if approximate == "none" else ops.gelu_tanh(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    r"""Smooth rectified linear unit, :math:`\frac{1}{\beta} \ln(1 + e^{\beta x})` of each element.

    Parameters
    ----------
    input : Tensor or array_like
    beta
        The larger, the closer to relu.
    threshold
        Where :math:`\beta x` is larger, the result is :math:`x`. It is not needed for stability: from 20 on, the
        default, the difference is below 1e-8 and the result stays exact.

    Raises
    ------
    ValueError
        If ``beta`` is 0.

    Examples
    --------
    >>> from autograd import Tensor
    >>> softplus(Tensor([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.6931471805599453, 1000.0]
    """
    beta = number(beta)
    if beta == 0:
        raise ValueError(f"softplus: beta must not be 0{scope_note()}")
    x = as_numbers(input, "softplus")
    scaled = x if beta == 1 else x * beta
    result = ops.softplus(scaled)
    if beta != 1:
        result = result / beta
    return result if threshold >= 20 else ops.where(scaled > threshold, x, result)


def softsign(input: Any) -> Any:
    r"""A curve from -1 to 1, :math:`x / (1 + |x|)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> softsign(Tensor([-1.0, 0.0, 3.0])).tolist()
    [-0.5, 0.0, 0.75]
    """
    return ops.softsign(input)


def sigmoid(input: Any) -> Any:
    r"""Logistic function, :math:`1 / (1 + e^{-x})` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> sigmoid(Tensor(0.0)).item()
    0.5
    """
    return ops.sigmoid(input)


def logsigmoid(input: Any) -> Any:
    r"""Logarithm of the logistic function, :math:`-\ln(1 + e^{-x})` of each element, without overflow.

    Examples
    --------
    >>> from autograd import Tensor
    >>> logsigmoid(Tensor([-1000.0, 0.0])).tolist()
    [-1000.0, -0.6931471805599453]
    """
    return ops.log_sigmoid(input)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    r"""Three straight lines in place of the logistic function, :math:`\min(\max(x/6 + 1/2, 0), 1)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> hardsigmoid(Tensor([-4.0, 0.0, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return ops.hardsigmoid(input)


def hardswish(input: Any, inplace: bool = False) -> Any:
    r"""The input times its hard sigmoid, :math:`x \min(\max(x/6 + 1/2, 0), 1)` of each element.

    Notes
    -----
    Howard et al., "Searching for MobileNetV3" (2019).

    Examples
    --------
    >>> from autograd import Tensor
    >>> hardswish(Tensor([-4.0, 1.5, 4.0])).tolist()
    [-0.0, 1.125, 4.0]
    """
    return ops.hardswish(input)


def tanh(input: Any) -> Any:
    r"""Hyperbolic tangent of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> tanh(Tensor(0.0)).item()
    0.0
    """
    return ops.tanh(input)


def tanhshrink(input: Any) -> Any:
    r"""What tanh takes away, :math:`x - \tanh x` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> tanhshrink(Tensor([0.0, 100.0])).tolist()
    [0.0, 99.0]
    """
    return as_numbers(input, "tanhshrink") - ops.tanh(input)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    r"""The input kept between two bounds, :math:`\min(\max(x, a), b)` of each element.

    Parameters
    ----------
    input : Tensor or array_like
    min_val, max_val
        The bounds :math:`a` and :math:`b`.

    Raises
    ------
    ValueError
        If the first is larger than the second.

    Examples
    --------
    >>> from autograd import Tensor
    >>> hardtanh(Tensor([-4.0, 0.5, 4.0])).tolist()
    [-1.0, 0.5, 1.0]
    """
    low, high = number(min_val), number(max_val)
    if not low <= high:
        raise ValueError(
            f"hardtanh: min_val must not be larger than max_val, got {min_val!r} and {max_val!r}{scope_note()}"
        )
    return ops.hardtanh(input, low, high)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    r"""The input, with elements between -λ and λ replaced by 0.

    Parameters
    ----------
    input : Tensor or array_like
    lambd
        The bound λ.

    Raises
    ------
    ValueError
        If it is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> hardshrink(Tensor([-2.0, 0.5, 2.0])).tolist()
    [-2.0, 0.0, 2.0]
    """
    check_not_negative("lambd", lambd, "hardshrink")
    x = as_numbers(input, "hardshrink")
    return ops.where((x >= -lambd) & (x <= lambd), 0.0, x)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    r"""The input moved towards 0 by λ, and no further: :math:`\max(0, x - \lambda) - \max(0, -x - \lambda)`.

    Parameters
    ----------
    input : Tensor or array_like
    lambd
        The distance λ.

    Raises
    ------
    ValueError
        If it is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> softshrink(Tensor([-2.0, 0.5, 2.0])).tolist()
    [-1.5, 0.0, 1.5]
    """
    check_not_negative("lambd", lambd, "softshrink")
    x, lambd = as_numbers(input, "softshrink"), number(lambd)
    return ops.relu(x - lambd) - ops.relu(-x - lambd)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    r"""The input where it is larger than a threshold, another value elsewhere.

    Parameters
    ----------
    input : Tensor or array_like
    threshold
        Elements up to it are replaced.
    value
        By this.

    Examples
    --------
    >>> import nn
    >>> from autograd import Tensor
    >>> nn.functional.threshold(Tensor([-2.0, 0.5, 2.0]), 0.5, 9.0).tolist()
    [9.0, 9.0, 2.0]
    """
    x = as_numbers(input, "threshold")
    return ops.where(x <= threshold, number(value), x)
