"""LeNet: the convolutional network for handwritten digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from nn.models._mlp import MLP

__all__ = ["LeNet"]


class LeNet(nn.Module):
    """Convolution and pooling, twice, and then a multilayer perceptron on what they found.

    The defaults are the shapes of LeNet-5, for images of 32×32 pixels:

    ========== ============ ===========
    layer      output       parameters
    ========== ============ ===========
    input      1 × 32 × 32
    conv1 5×5  6 × 28 × 28  156
    pool1 2×2  6 × 14 × 14
    conv2 5×5  16 × 10 × 10 2,416
    pool2 2×2  16 × 5 × 5
    fc1        120          48,120
    fc2        84           10,164
    fc3        10           850
    ========== ============ ===========

    Parameters
    ----------
    num_classes : int
        The number of outputs.
    in_channels : int
        Of the images: 1 if they are grey, 3 if coloured.
    image_size : int
        Height and width of the images.
    channels : pair of int
        Of the two convolutions.
    hidden : pair of int
        Units of the two hidden linear layers.
    kernel_size, padding : int
        Of both convolutions.
    activation, pool : callable
        Make the modules after each layer and each convolution.
    dropout : float
        The probability with which each hidden unit is left out while training.

    Raises
    ------
    ValueError
        If the images are too small for the kernels.

    Notes
    -----
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition" (1998). There the maps
    of the second convolution see only some of those of the first, pooling has a learned scale and shift, and the
    outputs are distances to given patterns; here, as nearly everywhere since, none of this.

    Examples
    --------
    The network that ``python -m examples lenet`` trains on digits of 8×8 pixels:

    >>> import numpy as np
    >>> import nn
    >>> net = LeNet(
    ...     image_size=8,
    ...     channels=(32, 64),
    ...     hidden=(128, 64),
    ...     kernel_size=3,
    ...     padding=1,
    ...     activation=nn.ReLU,
    ...     pool=nn.MaxPool2d,
    ... )
    >>> net(np.zeros((5, 1, 8, 8), np.float32)).shape
    (5, 10)
    """

    def __init__(
        self,
        num_classes: int = 10,
        *,
        in_channels: int = 1,
        image_size: int = 32,
        channels: tuple[int, int] = (6, 16),
        hidden: tuple[int, int] = (120, 84),
        kernel_size: int = 5,
        padding: int = 0,
        activation: Callable[[], nn.Module] = nn.Tanh,
        pool: Callable[[int], nn.Module] = nn.AvgPool2d,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        size = image_size
        for _ in channels:
            size = (size + 2 * padding - kernel_size + 1) // 2
        if size < 1:
            raise ValueError(
                f"LeNet: nothing is left of images of size {image_size} after two convolutions with kernels of size "
                f"{kernel_size}, padding {padding}, and pooling; use smaller kernels or more padding"
            )
        self.image_shape = (in_channels, image_size, image_size)
        first, second = channels
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, first, kernel_size, padding=padding),
            activation(),
            pool(2),
            nn.Conv2d(first, second, kernel_size, padding=padding),
            activation(),
            pool(2),
        )
        self.classifier = MLP(second * size * size, *hidden, num_classes, activation=activation, dropout=dropout)

    def forward(self, images: Any) -> Any:
        """Compute a score for each class.

        Parameters
        ----------
        images : Tensor or array_like
            ``(batch, in_channels, image_size, image_size)``.

        Returns
        -------
        Tensor
            ``(batch, num_classes)``.

        Raises
        ------
        ValueError
            If the images are of another size.
        """
        if np.shape(images)[1:] != self.image_shape:
            channels, size, _ = self.image_shape
            raise ValueError(
                f"LeNet: expected images of shape (batch, {channels}, {size}, {size}), got {np.shape(images)}; make "
                f"the network with other in_channels and image_size, or the images fit"
            )
        return self.classifier(nn.functional.flatten(self.features(images), 1))
