"""Layers that make images larger or smaller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn import functional
from nn._module import Module

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]


class Upsample(Module):
    """Make images larger or smaller, by copies or by weighted means of neighbouring elements.

    Parameters
    ----------
    size, scale_factor, mode, align_corners, recompute_scale_factor
        As of :func:`nn.functional.interpolate`.

    Raises
    ------
    TypeError, ValueError
        When called, if a setting is not valid or the input does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Upsample(scale_factor=2, mode="bilinear")(np.ones((5, 3, 8, 9))).shape
    (5, 3, 16, 18)
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        if isinstance(scale_factor, Sequence):
            self.scale_factor: float | tuple[float, ...] | None = tuple(float(f) for f in scale_factor)
        else:
            self.scale_factor = None if scale_factor is None else float(scale_factor)
        self.mode, self.align_corners = mode, align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Any) -> Any:
        """Apply to ``(N, C, *size)``."""
        return functional.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        """Size and mode, as in PyTorch."""
        by = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{by}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Make images larger by copies of their pixels.

    Parameters
    ----------
    size, scale_factor
        As of :func:`nn.functional.interpolate`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.UpsamplingNearest2d(scale_factor=2)(np.ones((5, 3, 8, 9))).shape
    (5, 3, 16, 18)
    """

    def __init__(
        self, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
    ) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Make images larger by weighted means of neighbouring pixels, where the corner pixels stay as they are.

    Parameters
    ----------
    size, scale_factor
        As of :func:`nn.functional.interpolate`.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.UpsamplingBilinear2d(scale_factor=2)(np.ones((5, 3, 8, 9))).shape
    (5, 3, 16, 18)
    """

    def __init__(
        self, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
    ) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
