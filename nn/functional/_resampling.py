"""Images made larger or smaller."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import ops
from autograd._values import describe
from autograd.ops.resampling import interpolation
from autograd.primitives import raw, scope_note
from nn._inputs import floating
from nn.functional._axes import per_axis
from nn.functional._pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

__all__ = ["interpolate"]

#: For how many axes each mode is, and what it does along each of them.
_MODES: dict[str, tuple[tuple[int, ...], str]] = {
    "nearest": ((1, 2, 3), "nearest"),
    "nearest-exact": ((1, 2, 3), "nearest-exact"),
    "linear": ((1,), "linear"),
    "bilinear": ((2,), "linear"),
    "trilinear": ((3,), "linear"),
    "bicubic": ((2,), "cubic"),
    "area": ((1, 2, 3), "area"),
}
_MEANS = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}


def interpolate(
    input: Any,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Any:
    """Make images larger or smaller.

    Parameters
    ----------
    input : Tensor or array_like
        ``(N, C, L)``, ``(N, C, H, W)`` or ``(N, C, D, H, W)``.
    size : int or sequence of int, optional
        Lengths of the last axes of the result.
    scale_factor : float or sequence of float, optional
        Instead of ``size``, by how much to lengthen them, rounded down.
    mode : str
        ``"nearest"``: copies (``"nearest-exact"`` of what is nearest to the centre, ``"nearest"`` to the left edge);
        ``"linear"``, ``"bilinear"`` and ``"trilinear"``, for one, two or three axes: weighted means of neighbours;
        ``"bicubic"``; ``"area"``: means as by :func:`adaptive_avg_pool2d`.
    align_corners : bool, optional
        For the linear and cubic modes, whether the corner elements stay as they are; otherwise the outer edges do.
    recompute_scale_factor : bool, optional
        Whether to use the ratio of the sizes, rounded as they are, instead of ``scale_factor``.

    Returns
    -------
    Tensor
        ``(N, C, *size)``.

    Raises
    ------
    TypeError
        If a size is no integer.
    ValueError
        If not exactly one of ``size`` and ``scale_factor`` is given, nothing is left of the image, or the mode is not
        known or for another number of axes.

    Examples
    --------
    >>> from autograd import Tensor
    >>> interpolate(Tensor([[[1.0, 2.0]]]), scale_factor=2).tolist()
    [[[1.0, 1.0, 2.0, 2.0]]]
    >>> interpolate(Tensor([[[1.0, 2.0]]]), size=3, mode="linear", align_corners=True).tolist()
    [[[1.0, 1.5, 2.0]]]
    """
    x = floating(input, "interpolate")
    if mode not in _MODES:
        raise ValueError(f"interpolate: mode must be one of {', '.join(_MODES)}, got {mode!r}{scope_note()}")
    allowed, kind = _MODES[mode]
    axes = x.ndim - 2
    if axes not in allowed:
        others = " or ".join(name for name, (fits, what) in _MODES.items() if axes in fits and what == kind)
        raise ValueError(
            f"interpolate: mode {mode!r} takes inputs of {' or '.join(str(n + 2) for n in allowed)} axes, (N, C, ...), "
            f"got {describe(raw(x, 'interpolate'))}{f'; use {others}' if others else ''}{scope_note()}"
        )
    if align_corners is not None and kind not in ("linear", "cubic"):
        raise ValueError(
            f"interpolate: align_corners is for the linear and cubic modes, not for {mode!r}{scope_note()}"
        )
    old = x.shape[2:]
    new, steps = _sizes(old, size, scale_factor, recompute_scale_factor)
    if min(old) < 1 or min(new) < 1:
        raise ValueError(f"interpolate: cannot resize {old} to {new}, one of which is empty{scope_note()}")
    if kind == "area":
        return _MEANS[axes](x, new)
    for axis, n, m, step in zip(range(-axes, 0), old, new, steps, strict=True):
        # Where the length stays, PyTorch takes no linear means, whatever the factor was before rounding.
        if n != m or (step not in (None, 1.0) and kind != "linear"):
            index, weights = interpolation(kind, n, m, step, bool(align_corners))
            x = ops.resample(x, index=index, weights=weights, axis=axis)
    return x


def _sizes(
    old: tuple[int, ...], size: Any, scale_factor: Any, recompute: bool | None
) -> tuple[tuple[int, ...], list[float | None]]:
    """The new lengths, and the distances of new elements where they are not the ratio of the lengths."""
    axes = len(old)
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate: give either size or scale_factor, got size={size!r} and scale_factor={scale_factor!r}"
            f"{scope_note()}"
        )
    if size is not None:
        if recompute:
            raise ValueError(
                f"interpolate: recompute_scale_factor is about scale_factor, but size is given{scope_note()}"
            )
        if isinstance(size, Sequence) and len(size) != axes:
            raise ValueError(f"interpolate: size must be one integer or {axes} of them, got {size!r}{scope_note()}")
        return per_axis("interpolate", "size", size, axes), [None] * axes
    factors = tuple(scale_factor) if isinstance(scale_factor, (Sequence, np.ndarray)) else (scale_factor,) * axes
    if len(factors) != axes or not all(isinstance(f, (int, float, np.number)) and 0 < f < math.inf for f in factors):
        raise ValueError(
            f"interpolate: scale_factor must be one positive number or {axes} of them, got {scale_factor!r}"
            f"{scope_note()}"
        )
    new = tuple(math.floor(n * f) for n, f in zip(old, factors, strict=True))
    return new, [None if recompute else 1 / f for f in factors]
