"""The two networks of a generative adversarial network, for small images."""

from __future__ import annotations

from typing import Any

import nn

__all__ = ["Discriminator", "Generator"]


class Generator(nn.Module):
    """Make images of 8 × 8 pixels of random vectors, by a linear layer and two transposed convolutions.

    Parameters
    ----------
    latent_size : int
        The length of the random vectors.
    width : int
        Channels of the last hidden layer; the first has twice as many.

    Notes
    -----
    Goodfellow et al., "Generative adversarial nets" (2014); the layers follow Radford, Metz and Chintala, "Unsupervised
    representation learning with deep convolutional generative adversarial networks" (2015). Pixels are from 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> Generator(latent_size=16)(np.random.default_rng(0).normal(size=(5, 16))).shape
    (5, 1, 8, 8)
    """

    def __init__(self, latent_size: int = 32, width: int = 32) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.layers = nn.Sequential(
            nn.Linear(latent_size, 2 * width * 2 * 2, bias=False),
            nn.Unflatten(1, (2 * width, 2, 2)),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),  # 4 × 4
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),  # 8 × 8
            nn.Sigmoid(),
        )

    def forward(self, noise: Any) -> Any:
        """Make images of random vectors ``(batch, latent_size)``: a tensor ``(batch, 1, 8, 8)``."""
        return self.layers(noise)


class Discriminator(nn.Module):
    """Tell real images of 8 × 8 pixels from made ones, by two convolutions and a linear layer.

    Parameters
    ----------
    width : int
        Channels of the first convolution; the second has twice as many.
    dropout : float
        The probability with which features are left out while training.

    Notes
    -----
    The papers are those of :class:`Generator`. Leaky ReLUs let some gradient through everywhere, from which the
    generator learns.

    Examples
    --------
    >>> import numpy as np
    >>> Discriminator()(np.zeros((5, 1, 8, 8))).shape
    (5,)
    """

    def __init__(self, width: int = 32, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),  # 4 × 4
            nn.LeakyReLU(0.2),
            nn.Dropout(dropout),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),  # 2 × 2
            nn.LeakyReLU(0.2),
            nn.Dropout(dropout),
            nn.Flatten(),
            nn.Linear(2 * width * 2 * 2, 1),
        )

    def forward(self, images: Any) -> Any:
        """Score images ``(batch, 1, 8, 8)``: a tensor ``(batch,)``, positive where they are taken for real."""
        return nn.functional.flatten(self.layers(images), 0)
