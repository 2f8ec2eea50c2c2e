"""Activations: the nonlinear functions of :mod:`nn.functional` as modules.

Where PyTorch's module takes ``inplace``, so does ours, without effect: the output is an array of its own, as the graph
still needs the input.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor
from nn import functional
from nn._arguments import positive_integer
from nn._inputs import cast
from nn._module import Module
from nn._parameter import Parameter
from nn.functional._activation import APPROXIMATIONS
from nn.functional._checks import check_choice, check_not_negative, check_positive

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "PReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


class _WithInplace(Module):
    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


class ReLU(_WithInplace):
    r"""Rectified linear unit, :math:`\max(0, x)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.ReLU()(Tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.relu(input)


class ReLU6(_WithInplace):
    r"""Rectified linear unit that stops at 6, :math:`\min(\max(0, x), 6)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.ReLU6()(Tensor([-1.0, 2.0, 8.0])).tolist()
    [0.0, 2.0, 6.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.relu6(input)


class LeakyReLU(_WithInplace):
    r"""Rectified linear unit with a leak, :math:`\max(0, x) + a \min(0, x)` of each element.

    Parameters
    ----------
    negative_slope
        The slope :math:`a` for negative inputs.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.LeakyReLU(0.25)(Tensor([-1.0, 2.0])).tolist()
    [-0.25, 2.0]
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"negative_slope={self.negative_slope}"


class PReLU(Module):
    r"""Rectified linear unit with a learned slope for negative inputs, :math:`\max(0, x) + a \min(0, x)`.

    Parameters
    ----------
    num_parameters : int
        1 for one slope :math:`a`, or the number of channels for one each.
    init
        The value of the slopes at first.
    dtype
        Of the slopes.

    Attributes
    ----------
    weight : Tensor
        The slopes, ``(num_parameters,)``. They are better not decayed: 0 is no neutral value.

    Raises
    ------
    TypeError
        If ``num_parameters`` is not an integer.
    ValueError
        If it is not positive; when called, if the input has another number of channels.

    Notes
    -----
    He et al., "Delving deep into rectifiers" (2015).

    Examples
    --------
    >>> import nn
    >>> nn.PReLU()([-1.0, 2.0]).tolist()
    [-0.25, 2.0]
    """

    weight: Tensor

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = np.float32) -> None:
        super().__init__()
        self.num_parameters = positive_integer("PReLU", "num_parameters", num_parameters)
        self.init = init
        self.weight = Parameter(np.full(num_parameters, init), dtype=dtype)

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape, or with a slope per channel ``(N, C, ...)``; the result has the same."""
        return functional.prelu(cast(input, self.weight.dtype, "PReLU"), self.weight)

    def extra_repr(self) -> str:
        """The number of slopes, as in PyTorch."""
        return f"num_parameters={self.num_parameters}"


class ELU(_WithInplace):
    r"""Exponential linear unit, :math:`\max(0, x) + \alpha (e^{\min(0, x)} - 1)` of each element.

    Parameters
    ----------
    alpha
        Large negative inputs give the negative of it.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.ELU(1.5)(Tensor([-100.0, 2.0])).tolist()
    [-1.5, 2.0]
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.elu(input, self.alpha)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"alpha={self.alpha}"


class SELU(_WithInplace):
    r"""Scaled exponential linear unit, :math:`\lambda \operatorname{elu}_\alpha(x)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.SELU()(Tensor([-100.0, 0.0])).tolist()
    [-1.7580993408473766, 0.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.selu(input)


class CELU(_WithInplace):
    r"""Exponential linear unit without a kink, :math:`\max(0, x) + \alpha (e^{\min(0, x) / \alpha} - 1)`.

    Parameters
    ----------
    alpha
        Large negative inputs give the negative of it.

    Raises
    ------
    ValueError
        If ``alpha`` is not positive.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.CELU(1.5)(Tensor([-100.0, 2.0])).tolist()
    [-1.5, 2.0]
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        check_positive("alpha", alpha, "CELU")
        self.alpha = alpha

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.celu(input, self.alpha)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"alpha={self.alpha}"


class SiLU(_WithInplace):
    r"""The input times its logistic function, :math:`x \sigma(x)` of each element; also called Swish.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.SiLU()(Tensor([-1000.0, 0.0, 1000.0])).tolist()
    [-0.0, 0.0, 1000.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.silu(input)


class Mish(_WithInplace):
    r"""The input times the tanh of its softplus, :math:`x \tanh(\ln(1 + e^x))` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Mish()(Tensor([-1000.0, 0.0, 1000.0])).tolist()
    [-0.0, 0.0, 1000.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.mish(input)


class GELU(Module):
    r"""Gaussian error linear unit, :math:`x \Phi(x)` of each element (see :func:`nn.functional.gelu`).

    Parameters
    ----------
    approximate
        ``"none"``, or ``"tanh"`` for an approximation by a tanh.

    Raises
    ------
    ValueError
        If ``approximate`` is neither.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.GELU()(Tensor([-100.0, 0.0, 100.0])).tolist()
    [-0.0, 0.0, 100.0]
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        check_choice("approximate", approximate, APPROXIMATIONS, "GELU")
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"approximate={self.approximate!r}"


class Softplus(Module):
    r"""Smooth rectified linear unit, :math:`\frac{1}{\beta} \ln(1 + e^{\beta x})` of each element.

    Parameters
    ----------
    beta
        The larger, the closer to relu.
    threshold
        Where :math:`\beta x` is larger, the result is :math:`x`; not needed for stability (see
        :func:`nn.functional.softplus`).

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Softplus()(Tensor([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.6931471805599453, 1000.0]
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    r"""A curve from -1 to 1, :math:`x / (1 + |x|)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Softsign()(Tensor([-1.0, 0.0, 3.0])).tolist()
    [-0.5, 0.0, 0.75]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.softsign(input)


class Sigmoid(Module):
    r"""Logistic function, :math:`1 / (1 + e^{-x})` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Sigmoid()(Tensor(0.0)).item()
    0.5
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.sigmoid(input)


class LogSigmoid(Module):
    r"""Logarithm of the logistic function, :math:`-\ln(1 + e^{-x})` of each element, without overflow.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.LogSigmoid()(Tensor([-1000.0, 0.0])).tolist()
    [-1000.0, -0.6931471805599453]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.logsigmoid(input)


class Hardsigmoid(_WithInplace):
    r"""Three straight lines in place of the logistic function, :math:`\min(\max(x/6 + 1/2, 0), 1)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Hardsigmoid()(Tensor([-4.0, 0.0, 4.0])).tolist()
    [0.0, 0.5, 1.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.hardsigmoid(input)


class Hardswish(_WithInplace):
    r"""The input times its hard sigmoid, :math:`x \min(\max(x/6 + 1/2, 0), 1)` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Hardswish()(Tensor([-4.0, 1.5, 4.0])).tolist()
    [-0.0, 1.125, 4.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.hardswish(input)


class Tanh(Module):
    r"""Hyperbolic tangent of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Tanh()(Tensor(0.0)).item()
    0.0
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.tanh(input)


class Tanhshrink(Module):
    r"""What tanh takes away, :math:`x - \tanh x` of each element.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Tanhshrink()(Tensor([0.0, 100.0])).tolist()
    [0.0, 99.0]
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.tanhshrink(input)


class Hardtanh(_WithInplace):
    r"""The input kept between two bounds, :math:`\min(\max(x, a), b)` of each element.

    Parameters
    ----------
    min_val, max_val
        The bounds :math:`a` and :math:`b`.

    Raises
    ------
    ValueError
        If the second is not larger than the first.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Hardtanh()(Tensor([-4.0, 0.5, 4.0])).tolist()
    [-1.0, 0.5, 1.0]
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        if not min_val < max_val:
            raise ValueError(f"Hardtanh: max_val must be larger than min_val, got {min_val!r} and {max_val!r}")
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.hardtanh(input, self.min_val, self.max_val)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"min_val={self.min_val}, max_val={self.max_val}"


class Hardshrink(Module):
    r"""The input, with elements between -λ and λ replaced by 0.

    Parameters
    ----------
    lambd
        The bound λ.

    Raises
    ------
    ValueError
        If it is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Hardshrink()(Tensor([-2.0, 0.5, 2.0])).tolist()
    [-2.0, 0.0, 2.0]
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        check_not_negative("lambd", lambd, "Hardshrink")
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"{self.lambd}"


class Softshrink(Module):
    r"""The input moved towards 0 by λ, and no further: :math:`\max(0, x - \lambda) - \max(0, -x - \lambda)`.

    Parameters
    ----------
    lambd
        The distance λ.

    Raises
    ------
    ValueError
        If it is negative.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Softshrink()(Tensor([-2.0, 0.5, 2.0])).tolist()
    [-1.5, 0.0, 1.5]
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        check_not_negative("lambd", lambd, "Softshrink")
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"{self.lambd}"


class Threshold(_WithInplace):
    r"""The input where it is larger than a threshold, another value elsewhere.

    Parameters
    ----------
    threshold
        Elements up to it are replaced.
    value
        By this.

    Examples
    --------
    >>> from autograd import Tensor
    >>> import nn
    >>> nn.Threshold(0.5, 9.0)(Tensor([-2.0, 0.5, 2.0])).tolist()
    [9.0, 9.0, 2.0]
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has the same."""
        return functional.threshold(input, self.threshold, self.value)

    def extra_repr(self) -> str:
        """The settings, as in PyTorch."""
        return f"threshold={self.threshold}, value={self.value}"
