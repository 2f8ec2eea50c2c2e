"""Images with labels, kept as bytes and converted as they are taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from nn.data._dataset import TensorDataset

__all__ = ["ImageDataset"]

Array = ndarray[Any, Any]


class ImageDataset(TensorDataset):
    """Images of bytes ``(N, C, H, W)`` and the class of each; a sample is an image and its class.

    Keeping bytes takes a quarter of the memory that float32 would, and a quarter of the reading for each batch.
    """

    def __init__(
        self,
        images: Array,
        labels: Array,
        classes: int,
        transform: Callable[[Array], Array] | None,
        source: str | os.PathLike[str],
    ) -> None:
        if labels.size and labels.max() >= classes:
            raise ValueError(
                f"{type(self).__name__}: {os.fspath(source)} holds the label {labels.max()}, but the classes are 0 to "
                f"{classes - 1}; the file is damaged or of another data set"
            )
        super().__init__(images, labels.astype(np.int64))
        self.transform = transform

    @property
    def images(self) -> Array:
        """All images, as bytes."""
        return self.tensors[0]

    @property
    def targets(self) -> Array:
        """The class of each image."""
        return self.tensors[1]

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        images, targets = super().__getitem__(index)
        if self.transform is None:
            return images, targets
        if images.ndim == 3:  # a single one
            return self.transform(images[np.newaxis])[0], targets
        return self.transform(images), targets
