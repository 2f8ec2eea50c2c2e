"""Dropout layers: active in training, the identity in evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import functional
from nn._module import Module
from nn.functional._dropout import check_probability

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d"]


class _Dropout(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False, *, generator: np.random.Generator | None = None) -> None:
        super().__init__()
        check_probability(p, type(self).__name__)
        self.p, self.inplace, self.generator = p, inplace, generator

    def extra_repr(self) -> str:
        """Settings, as in PyTorch."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    r"""In training set elements to zero at random and multiply the others by :math:`1/(1-p)`.

    Parameters
    ----------
    p : float
        The probability of each element to be zeroed, rounded to a multiple of 2⁻¹⁶.
    inplace
        Accepted because PyTorch has it; the input is never written to.
    generator : numpy.random.Generator, optional
        Draws; by default the one of :func:`nn.manual_seed`.

    Raises
    ------
    ValueError
        If ``p`` is not a probability.

    Notes
    -----
    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.Dropout(0.75)
    >>> np.unique(layer(np.ones(1000)))
    array([0., 4.])
    >>> np.unique(layer.eval()(np.ones(1000)))
    array([1.])
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has its shape and dtype."""
        return functional.dropout(input, self.p, self.training, generator=self.generator)


class Dropout1d(_Dropout):
    """In training set whole channels of ``(N, C, L)`` or ``(C, L)`` to zero at random; else as :class:`Dropout`.

    Notes
    -----
    Tompson et al., "Efficient object localization using convolutional networks" (2015).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Dropout1d(0.5)(np.ones((2, 3, 4))).shape
    (2, 3, 4)
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor ``(N, C, L)`` or ``(C, L)``; the result has its shape and dtype."""
        return functional.dropout1d(input, self.p, self.training, generator=self.generator)


class Dropout2d(_Dropout):
    """In training set whole channels of ``(N, C, H, W)`` to zero at random; else as :class:`Dropout1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Dropout2d(0.5)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor ``(N, C, H, W)``; the result has its shape and dtype."""
        return functional.dropout2d(input, self.p, self.training, generator=self.generator)


class Dropout3d(_Dropout):
    """In training set whole channels of ``(N, C, D, H, W)`` or ``(C, D, H, W)`` to zero; else as :class:`Dropout1d`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Dropout3d(0.5)(np.ones((2, 3, 4, 4, 4))).shape
    (2, 3, 4, 4, 4)
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor ``(N, C, D, H, W)`` or ``(C, D, H, W)``; the result has its shape and dtype."""
        return functional.dropout3d(input, self.p, self.training, generator=self.generator)


class AlphaDropout(_Dropout):
    """In training dropout that keeps mean 0 and variance 1, for networks of SELU units.

    Parameters and errors are those of :class:`Dropout`.

    Notes
    -----
    Klambauer et al., "Self-normalizing neural networks" (2017).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.AlphaDropout(0.5)(np.ones((2, 3))).shape
    (2, 3)
    """

    def forward(self, input: Any) -> Any:
        """Apply to a tensor of any shape; the result has its shape and dtype."""
        return functional.alpha_dropout(input, self.p, self.training, generator=self.generator)
