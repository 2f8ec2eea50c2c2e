"""AlexNet: the network that made deep learning the way to see."""

from __future__ import annotations

from typing import Any

import nn

__all__ = ["AlexNet", "AlexNet2012", "SmallAlexNet"]


class _AlexNet(nn.Module):
    """What all of them are: convolutions, a pooling to a fixed size, and linear layers."""

    def __init__(self, features: nn.Sequential, size: int, classifier: nn.Sequential) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((size, size))
        self.classifier = classifier

    def forward(self, images: Any) -> Any:
        """Compute a score for each class.

        Parameters
        ----------
        images : Tensor or array_like
            ``(batch, channels, height, width)``.

        Returns
        -------
        Tensor
            ``(batch, num_classes)``.
        """
        return self.classifier(nn.functional.flatten(self.avgpool(self.features(images)), 1))


class AlexNet(_AlexNet):
    """AlexNet as it is used today: without groups and normalisation, so that it is five plain convolutions.

    ============== ============= ==========
    layer          output        parameters
    ============== ============= ==========
    input          3 × 227 × 227
    conv 11×11, /4 64 × 56 × 56  23,296
    pool 3×3, /2   64 × 27 × 27
    conv 5×5       192 × 27 × 27 307,392
    pool 3×3, /2   192 × 13 × 13
    conv 3×3       384 × 13 × 13 663,936
    conv 3×3       256 × 13 × 13 884,992
    conv 3×3       256 × 13 × 13 590,080
    pool 3×3, /2   256 × 6 × 6
    linear         4,096         37,752,832
    linear         4,096         16,781,312
    linear         1,000         4,097,000
    ============== ============= ==========

    Of 224 × 224 pixels the first convolution makes 64 × 55 × 55; all that follows is the same.

    Parameters
    ----------
    num_classes : int
        The number of outputs.
    dropout : float
        The probability with which inputs of the first two linear layers are left out while training.

    Notes
    -----
    Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014). Layers, layouts and
    ``state_dict`` keys are those of torchvision's ``alexnet``, so that its weights load. Images of other sizes, from
    63 pixels on, are averaged to 6 × 6 before the linear layers.

    Examples
    --------
    >>> net = AlexNet()
    >>> sum(p.size for p in net.parameters())
    61100840
    >>> list(net.state_dict())[:3]
    ['features.0.weight', 'features.0.bias', 'features.3.weight']
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__(
            nn.Sequential(
                nn.Conv2d(3, 64, 11, stride=4, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
                nn.Conv2d(64, 192, 5, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
                nn.Conv2d(192, 384, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(384, 256, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(256, 256, 3, padding=1),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
            ),
            6,
            nn.Sequential(
                nn.Dropout(dropout),
                nn.Linear(256 * 6 * 6, 4096),
                nn.ReLU(),
                nn.Dropout(dropout),
                nn.Linear(4096, 4096),
                nn.ReLU(),
                nn.Linear(4096, num_classes),
            ),
        )


class AlexNet2012(_AlexNet):
    """AlexNet as it won the ImageNet challenge of 2012, its halves on two GPUs being groups of channels here.

    ================= ============= ==========
    layer             output        parameters
    ================= ============= ==========
    input             3 × 227 × 227
    conv1 11×11, /4   96 × 55 × 55  34,944
    norm1, pool1      96 × 27 × 27
    conv2 5×5, halves 256 × 27 × 27 307,456
    norm2, pool2      256 × 13 × 13
    conv3 3×3         384 × 13 × 13 885,120
    conv4 3×3, halves 384 × 13 × 13 663,936
    conv5 3×3, halves 256 × 13 × 13 442,624
    pool5             256 × 6 × 6
    fc6               4,096         37,752,832
    fc7               4,096         16,781,312
    fc8               1,000         4,097,000
    ================= ============= ==========

    Parameters
    ----------
    num_classes : int
        The number of outputs.
    dropout : float
        The probability with which outputs of the first two linear layers are left out while training.
    groups : int
        Into how many groups conv2, conv4 and conv5 divide their channels: 2, the halves, or 1, in which every kernel
        sees all channels, as the network is often written down; these layers then have about twice the parameters.

    Notes
    -----
    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012). The
    paper says 224 × 224 pixels, but its 55 × 55 outputs need 227. Pooling windows overlap: 3 × 3 every 2 pixels.

    Examples
    --------
    >>> sum(p.size for p in AlexNet2012().parameters())
    60965224
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5, groups: int = 2) -> None:
        super().__init__(
            nn.Sequential(
                nn.Conv2d(3, 96, 11, stride=4),
                nn.ReLU(),
                nn.LocalResponseNorm(5, k=2.0),
                nn.MaxPool2d(3, 2),
                nn.Conv2d(96, 256, 5, padding=2, groups=groups),
                nn.ReLU(),
                nn.LocalResponseNorm(5, k=2.0),
                nn.MaxPool2d(3, 2),
                nn.Conv2d(256, 384, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(384, 384, 3, padding=1, groups=groups),
                nn.ReLU(),
                nn.Conv2d(384, 256, 3, padding=1, groups=groups),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
            ),
            6,
            nn.Sequential(
                nn.Linear(256 * 6 * 6, 4096),
                nn.ReLU(),
                nn.Dropout(dropout),
                nn.Linear(4096, 4096),
                nn.ReLU(),
                nn.Dropout(dropout),
                nn.Linear(4096, num_classes),
            ),
        )


class SmallAlexNet(_AlexNet):
    """AlexNet's eight layers with fewer channels and smaller kernels, for images of 32 × 32 pixels.

    Parameters
    ----------
    num_classes : int
        The number of outputs.
    in_channels : int
        Of the images: 1 if they are grey, 3 if coloured.
    dropout : float
        The probability with which inputs of the first two linear layers are left out while training.

    Notes
    -----
    Where AlexNet's first convolution makes one pixel of 4 × 4, this one makes one of 2 × 2. From 32 × 32 pixels the
    poolings make 7 × 7, 3 × 3 and, in the end, 3 × 3 again, by averages.

    Examples
    --------
    >>> import numpy as np
    >>> SmallAlexNet()(np.zeros((2, 1, 32, 32), np.float32)).shape
    (2, 10)
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1, dropout: float = 0.5) -> None:
        super().__init__(
            nn.Sequential(
                nn.Conv2d(in_channels, 16, 5, stride=2, padding=2),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
                nn.Conv2d(16, 48, 3, padding=1),
                nn.ReLU(),
                nn.MaxPool2d(3, 2),
                nn.Conv2d(48, 96, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(96, 64, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(64, 64, 3, padding=1),
                nn.ReLU(),
            ),
            3,
            nn.Sequential(
                nn.Dropout(dropout),
                nn.Linear(64 * 3 * 3, 256),
                nn.ReLU(),
                nn.Dropout(dropout),
                nn.Linear(256, 256),
                nn.ReLU(),
                nn.Linear(256, num_classes),
            ),
        )
