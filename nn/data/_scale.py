"""Numbers brought to a range in which networks learn well."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from nn.data._dataset import as_array

__all__ = ["Standardize", "scale_pixels"]


def scale_pixels(images: Any) -> ndarray[Any, Any]:
    """Bytes 0 to 255 as float32 from 0 to 1.

    Parameters
    ----------
    images : array_like
        Of dtype uint8, any shape.

    Returns
    -------
    ndarray
        Of dtype float32, same shape.

    Raises
    ------
    TypeError
        If the values are not bytes, and so may have been scaled already.

    Examples
    --------
    >>> import numpy as np
    >>> scale_pixels(np.array([0, 51, 255], dtype=np.uint8))
    array([0. , 0.2, 1. ], dtype=float32)
    """
    pixels = as_array(images)
    if pixels.dtype != np.uint8:
        raise TypeError(f"scale_pixels: expected bytes (uint8), got {pixels.dtype}; have they been scaled already?")
    return pixels / np.float32(255)


class Standardize:
    """Shift and scale each feature to mean 0 and standard deviation 1, as measured on the training data.

    Parameters
    ----------
    x : array_like
        The training data, whose first axis counts samples. Validation and test data are then scaled by the same
        numbers: their own would tell the network something about data it is not to know.
    axis : int or tuple of int
        Over which to take mean and deviation: 0 for features in columns, ``(0, 2, 3)`` for the channels of images.

    Attributes
    ----------
    mean, std : ndarray
        With axes of length 1 where they were taken over; ``std`` is 1 where a feature is constant.

    Examples
    --------
    >>> scale = Standardize([[1.0, 5.0], [3.0, 5.0]])
    >>> scale([[2.0, 5.0], [4.0, 6.0]])
    array([[0., 0.],
           [2., 1.]])
    >>> scale.inverse(scale([[4.0, 6.0]]))
    array([[4., 6.]])
    """

    def __init__(self, x: Any, axis: int | tuple[int, ...] = 0) -> None:
        values = as_array(x)
        if not values.size:
            raise ValueError(f"Standardize: there is nothing to measure in an array of shape {values.shape}")
        dtype = values.dtype if values.dtype.kind == "f" else np.dtype(np.float64)
        # Sums of many float32 are taken in float64, which loses nothing.
        mean = values.mean(axis=axis, keepdims=True, dtype=np.float64)
        std = values.std(axis=axis, keepdims=True, dtype=np.float64)
        # A constant's deviation comes out as a rounding error of its mean.
        std[std <= 1e-12 * abs(mean)] = 1.0
        self.mean: ndarray[Any, Any] = mean.astype(dtype)
        self.std: ndarray[Any, Any] = std.astype(dtype)

    def __call__(self, x: Any) -> ndarray[Any, Any]:
        """The data on the new scale."""
        scaled: ndarray[Any, Any] = (as_array(x) - self.mean) / self.std
        return scaled

    def inverse(self, x: Any) -> ndarray[Any, Any]:
        """The data on its own scale again."""
        original: ndarray[Any, Any] = as_array(x) * self.std + self.mean
        return original
