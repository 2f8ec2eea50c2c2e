"""MNIST and Fashion-MNIST, from their IDX files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy import ndarray

from nn.data._files import find
from nn.data._idx import read_idx
from nn.data._images import ImageDataset
from nn.data._scale import scale_pixels

__all__ = ["MNIST", "FashionMNIST"]


class MNIST(ImageDataset):
    """Handwritten digits: 60,000 images of 28×28 pixels to train with and 10,000 to test.

    Parameters
    ----------
    root
        The folder with the files ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``,
        ``t10k-images-idx3-ubyte`` and ``t10k-labels-idx1-ubyte``, compressed (``.gz``) or not; or the one in which they
        lie under ``MNIST/raw``. Nothing is fetched from the network.
    train
        Whether to read the training images or those for testing.
    transform : callable or None
        What images go through when they are taken: a function of uint8 images ``(N, 1, 28, 28)``, by default
        :func:`scale_pixels`. None leaves them as they are.

    Attributes
    ----------
    images : ndarray
        ``(N, 1, 28, 28)``, uint8, as they are in the file.
    targets : ndarray
        ``(N,)``, int64.
    classes : tuple of str
        The name of each class.

    Raises
    ------
    FileNotFoundError
        If a file is missing; it says which, where it must lie and who publishes it.
    ValueError
        If a file is truncated, damaged or something else.

    Notes
    -----
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition" (1998).

    Examples
    --------
    >>> import nn
    >>> nn.data.MNIST("/nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    FileNotFoundError: MNIST: train-images-idx3-ubyte or train-images-idx3-ubyte.gz is in neither /nowhere nor ...
    """

    classes = tuple("0123456789")
    _publisher = (
        'Yann LeCun\'s page "The MNIST database of handwritten digits" (yann.lecun.com/exdb/mnist), or a mirror of it '
        "such as the ones torchvision and TensorFlow use"
    )

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Callable[[ndarray[Any, Any]], ndarray[Any, Any]] | None = scale_pixels,
    ) -> None:
        part = "train" if train else "t10k"
        image_file, label_file = self._find(root, f"{part}-images", 3), self._find(root, f"{part}-labels", 1)
        images, labels = read_idx(image_file), read_idx(label_file)
        kind = type(self).__name__
        if images.ndim != 3 or images.dtype != np.uint8:
            raise ValueError(f"{kind}: {image_file} holds {images.dtype} {images.shape}, not a list of images of bytes")
        if labels.ndim != 1 or labels.dtype != np.uint8:
            raise ValueError(f"{kind}: {label_file} holds {labels.dtype} {labels.shape}, not a list of labels")
        if len(images) != len(labels):
            raise ValueError(
                f"{kind}: {image_file} holds {len(images):,} images but {label_file} {len(labels):,} labels; they do "
                f"not belong together"
            )
        super().__init__(images[:, np.newaxis], labels, len(self.classes), transform, source=label_file)

    def _find(self, root: str | os.PathLike[str], part: str, axes: int) -> Path:
        kind = type(self).__name__
        # Both spellings are about: unpacking a .zip of the files gives the one with a dot.
        name, dotted = f"{part}-idx{axes}-ubyte", f"{part}.idx{axes}-ubyte"
        found = find(root, (".", f"{kind}/raw", kind), (name, dotted))
        if found is None:
            raise FileNotFoundError(
                f"{kind}: {name} or {name}.gz is in neither {os.fspath(root)} nor {Path(root, kind, 'raw')}; the data "
                f"set needs train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
                f"t10k-labels-idx1-ubyte there (each may end in .gz). They come from {self._publisher}"
            )
        return found


class FashionMNIST(MNIST):
    """Articles of clothing, in the format and sizes of :class:`MNIST`, which it can replace; see there.

    Notes
    -----
    Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
    algorithms" (2017).

    Examples
    --------
    >>> FashionMNIST.classes[9]
    'Ankle boot'
    """

    classes = (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    )
    _publisher = "github.com/zalandoresearch/fashion-mnist (folder data/fashion)"
