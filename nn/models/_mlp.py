"""The multilayer perceptron: linear layers with a nonlinearity between them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import nn

__all__ = ["MLP"]


class MLP(nn.Sequential):
    """Linear layers, and between each two of them an activation.

    Parameters
    ----------
    *sizes : int
        The number of inputs, the numbers of units of the hidden layers and the number of outputs. Two sizes make a
        linear model, three a network with one hidden layer.
    activation : callable
        Makes the module that follows each hidden layer.
    dropout : float
        The probability with which each hidden unit is left out while training.

    Raises
    ------
    ValueError
        If there are fewer than two sizes.

    Notes
    -----
    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (1986).

    Examples
    --------
    >>> MLP(64, 32, 10)
    MLP(
      (0): Linear(in_features=64, out_features=32, bias=True)
      (1): ReLU()
      (2): Linear(in_features=32, out_features=10, bias=True)
    )
    """

    def __init__(self, *sizes: int, activation: Callable[[], nn.Module] = nn.ReLU, dropout: float = 0.0) -> None:
        if len(sizes) < 2:
            raise ValueError(f"MLP: give the numbers of inputs, hidden units and outputs, at least two, got {sizes}")
        super().__init__()
        for inputs, outputs in pairwise(sizes):
            if len(self):
                self.append(activation())
                if dropout:
                    self.append(nn.Dropout(dropout))
            self.append(nn.Linear(inputs, outputs))
