"""Affine and bilinear layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd._values import describe
from autograd.primitives import scope_note
from nn import functional, init
from nn._arguments import positive_integer
from nn._inputs import cast
from nn._module import Module
from nn._parameter import Parameter

__all__ = ["Bilinear", "Linear"]


class Linear(Module):
    r"""Affine map of the last axis, :math:`y = x W^\top + b`.

    Parameters
    ----------
    in_features, out_features : int
        Lengths of the last axis of input and output.
    bias : bool
        Whether to add a learned :math:`b`.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight : Tensor
        ``(out_features, in_features)``, uniform in :math:`\pm 1/\sqrt{\text{in\_features}}` at first.
    bias : Tensor or None
        ``(out_features,)``, drawn likewise.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive.

    Notes
    -----
    The initial values follow PyTorch: ``kaiming_uniform_`` with a = √5, after LeCun et al., "Efficient BackProp"
    (1998).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Linear(4, 2)
    >>> layer(np.ones((3, 4))).shape
    (3, 2)
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in_features = positive_integer("Linear", "in_features", in_features)
        self.out_features = positive_integer("Linear", "out_features", out_features)
        self.weight = Parameter(np.zeros((out_features, in_features)), dtype=dtype)
        self.register_parameter("bias", Parameter(np.zeros(out_features), dtype=dtype) if bias else None)
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the initial values anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5), generator=generator)
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features)
            init.uniform_(self.bias, -bound, bound, generator=generator)

    def forward(self, input: Any) -> Any:
        """Apply the layer.

        Parameters
        ----------
        input : Tensor or array_like
            ``(..., in_features)``; cast to the parameters' dtype.

        Returns
        -------
        Tensor
            ``(..., out_features)``, of the parameters' dtype.

        Raises
        ------
        ValueError
            If the last axis has another length than ``in_features``.
        """
        x = cast(input, self.weight.dtype, "Linear")
        shape = x.shape
        if not shape or shape[-1] != self.in_features:
            remedy = (
                f"flatten or reshape it so that its last axis has length {self.in_features}, or make the layer with "
                f"in_features={shape[-1]}"
                if shape
                else f"give it at least one axis, of length {self.in_features}"
            )
            raise ValueError(
                f"Linear({self.extra_repr()}): expected input of shape (..., {self.in_features}), got "
                f"{describe(getattr(x, '_data', x))}; {remedy}{scope_note()}"
            )
        return functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Sizes, as in PyTorch."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    r"""Bilinear form of the last axes of two inputs, :math:`y_k = x_1^\top A_k x_2 + b_k`.

    Parameters
    ----------
    in1_features, in2_features, out_features : int
        Lengths of the last axes of the two inputs and of the output.
    bias : bool
        Whether to add a learned :math:`b`.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight : Tensor
        ``(out_features, in1_features, in2_features)``, uniform in :math:`\pm 1/\sqrt{\text{in1\_features}}` at first.
    bias : Tensor or None
        ``(out_features,)``, drawn likewise.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Bilinear(4, 3, 2)(np.ones((5, 4)), np.ones((5, 3))).shape
    (5, 2)
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.in1_features = positive_integer("Bilinear", "in1_features", in1_features)
        self.in2_features = positive_integer("Bilinear", "in2_features", in2_features)
        self.out_features = positive_integer("Bilinear", "out_features", out_features)
        self.weight = Parameter(np.zeros((out_features, in1_features, in2_features)), dtype=dtype)
        self.register_parameter("bias", Parameter(np.zeros(out_features), dtype=dtype) if bias else None)
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the initial values anew."""
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound, generator=generator)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound, generator=generator)

    def forward(self, input1: Any, input2: Any) -> Any:
        """Apply the layer.

        Parameters
        ----------
        input1, input2 : Tensor or array_like
            ``(..., in1_features)`` and ``(..., in2_features)`` with equal leading axes; cast to the parameters' dtype.

        Returns
        -------
        Tensor
            ``(..., out_features)``, of the parameters' dtype.

        Raises
        ------
        ValueError
            If the shapes do not fit.
        """
        x1, x2 = (cast(x, self.weight.dtype, "Bilinear") for x in (input1, input2))
        return functional.bilinear(x1, x2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """Sizes, as in PyTorch."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
