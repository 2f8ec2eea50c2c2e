"""Bringing groups of elements to mean 0 and variance 1: what all normalisation layers share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.elementwise import sqrt
from autograd.ops.reductions import mean
from autograd.primitives import fused
from autograd.samples import Sample, array

__all__ = ["moments", "standardize"]


def _total(x: Any, axes: Sequence[int]) -> Any:
    """The sum over axes, which are kept with length 1."""
    return np.add.reduce(x, tuple(axes), keepdims=True)


def _dot(x: Any, y: Any, axes: Sequence[int]) -> Any:
    """The sum of products over axes, which are kept with length 1; without an array of the products where possible."""
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    trailing = 0
    while trailing < len(axes) and x.ndim - 1 - trailing in axes:
        trailing += 1
    if trailing:
        first = x.ndim - trailing
        rows = (*x.shape[:first], int(np.prod(x.shape[first:])))
        products = np.vecdot(x.reshape(rows), y.reshape(rows))
        return _total(products, [i for i in axes if i < products.ndim]).reshape(kept)
    labels = list(range(x.ndim))
    return np.einsum(x, labels, y, labels, [i for i in labels if i not in axes]).reshape(kept)


def _resolved(axes: Sequence[int], ndim: int) -> tuple[int, ...]:
    resolved = tuple(a + ndim if a < 0 else a for a in axes)
    if not all(0 <= a < ndim for a in resolved) or len(set(resolved)) < len(resolved):
        raise ValueError(f"axes must be different ones of {ndim}, got {tuple(axes)}")
    return resolved


def _repeated(shape: tuple[int, ...], like: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of ``like`` along which an array of the given shape is broadcast."""
    extra = len(like) - len(shape)
    return tuple(i for i, n in enumerate(like) if i < extra or (n != 1 and shape[i - extra] == 1))


def _precise(x: Any) -> Any:
    """The values in a dtype in which sums of many can be trusted."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def moments(x: Any, axes: Sequence[int]) -> tuple[Any, Any]:
    """Mean and (biased) variance over axes, of plain values.

    Parameters
    ----------
    x : ndarray
    axes : sequence of int

    Returns
    -------
    mean, variance : ndarray
        With the axes kept, of length 1; NaN where there was nothing to average.

    Examples
    --------
    >>> import numpy as np
    >>> mean, variance = moments(np.array([[1.0, 3.0]]), (1,))
    >>> mean.item(), variance.item()
    (2.0, 1.0)
    """
    x = _precise(x)
    axes = _resolved(axes, x.ndim)
    count = x.dtype.type(int(np.prod([x.shape[a] for a in axes])) or np.nan)
    middle = _total(x, axes) / count
    centred = x - middle
    # The sum of many large values has lost digits, which show in what is left of the mean.
    rest = _total(centred, axes) / count
    return middle + rest, np.maximum(_dot(centred, centred, axes) / count - rest * rest, 0)


def _pull_standardize(
    needed: Sequence[bool],
    ct: Any,
    residuals: Any,
    x: Any,
    weight: Any,
    bias: Any,
    out: Any,
    *,
    axes: Any,
    eps: float,
    centre: bool,
    statistics: Any,
) -> tuple[Any, Any, Any]:
    normal, scale = residuals
    ct = _precise(ct)
    axes = _resolved(axes, normal.ndim)
    repeated = _repeated(shape_of(weight), normal.shape)
    # With one weight for a whole group, the sums over groups serve the gradients of weight and bias as well.
    shared = set(axes) <= set(repeated)
    to_weight = to_bias = None
    g = ct if shared else ct * weight
    if needed[0] or shared:
        along = _dot(g, normal, axes)
        level = _total(g, axes) if centre or shared else 0.0
    if needed[1]:
        rest = [a for a in repeated if a not in axes]
        to_weight = (_total(along, rest) if rest else along) if shared else _dot(ct, normal, repeated)
        to_weight = to_weight.reshape(shape_of(weight))
    if needed[2]:
        repeated = _repeated(shape_of(bias), normal.shape)
        if shared and set(axes) <= set(repeated):
            to_bias = _total(level, [a for a in repeated if a not in axes])
        else:
            to_bias = _total(ct, repeated)
        to_bias = to_bias.reshape(shape_of(bias))
    if not needed[0]:
        return None, to_weight, to_bias
    count = normal.dtype.type(int(np.prod([normal.shape[a] for a in axes])) or 1)
    to_x = normal * (along / -count)
    to_x += g
    if centre:
        to_x -= level / count
    to_x *= scale * weight if shared else scale
    return to_x, to_weight, to_bias


def _standardize_gates(
    x: Any, weight: Any, bias: Any, *, axes: Any, eps: float, centre: bool = True, statistics: Any = None
) -> Any:
    axes = tuple(axes)
    centred = x - mean(x, axes, keepdims=True) if centre else x
    return centred / sqrt(mean(centred * centred, axes, keepdims=True) + eps) * weight + bias


def _samples() -> Iterable[Sample]:
    return [
        Sample((array(2, 3), array(3, seed=1), array(3, seed=2)), {"axes": (-1,), "eps": 1e-3}),
        Sample((array(2, 3, 4), array(3, 4, seed=1), array(3, 4, seed=2)), {"axes": (-2, -1), "eps": 0.1}),
        Sample((array(4, 3), array(3, seed=1), array(3, seed=2)), {"axes": (0,), "eps": 1e-3}),
        Sample((array(3, 2, 4), array(2, 1, seed=1), array(2, 1, seed=2)), {"axes": (0, 2), "eps": 0.01}),
        Sample((array(3, 2, 4), array(2, 1, seed=1), array(2, 1, seed=2)), {"axes": (2,), "eps": 0.01}),
        Sample((array(3, 2, 4), array(2, 1, seed=1), array(4, seed=2)), {"axes": (0, 2), "eps": 0.01}),
        Sample((array(3, 4), array(seed=1), array(4, seed=2)), {"axes": (-1,), "eps": 0.1, "centre": False}),
        Sample((array(3, 4), array(4, seed=1), array(seed=2)), {"axes": (-1,), "eps": 0.1, "centre": False}),
        Sample((array(0, 3), array(3, seed=1), array(3, seed=2)), {"axes": (-1,), "eps": 0.1}),
    ]


@fused(
    pullback=_pull_standardize,
    decomposition=_standardize_gates,
    symbol="standardize",
    formula=r"\frac{x - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \varepsilon}} \cdot w + b",
    samples=_samples,
)
def standardize(
    x: Any, weight: Any, bias: Any, *, axes: Any, eps: float, centre: bool = True, statistics: Any = None
) -> Any:
    r"""Bring each group of elements to mean 0 and variance 1, then scale and shift.

    Layer, batch, group, instance and (with ``centre=False``) root-mean-square normalisation are all this, over
    different axes.

    Parameters
    ----------
    x : Tensor or array_like
        Floating.
    weight, bias : Tensor or array_like
        What the normalised values are multiplied by and what is added then; they broadcast to the shape of ``x``. The
        numbers 1.0 and 0.0 leave the values alone.
    axes : sequence of int
        The axes along which a group extends.
    eps : float
        Added to the variance.
    centre : bool
        Whether to subtract the mean; otherwise the "variance" is the mean square.
    statistics : pair of ndarray, optional
        What :func:`moments` gives for these values and axes, where it is known already.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ValueError
        If there are no such axes, or ``weight`` or ``bias`` does not broadcast to the shape of ``x``.

    Examples
    --------
    >>> from autograd import Tensor
    >>> standardize(Tensor([[1.0, 3.0]]), 1.0, 0.0, axes=(1,), eps=0.0).tolist()
    [[-1.0, 1.0]]
    """
    given = np.asarray(x)
    x = _precise(given)
    axes = _resolved(axes, x.ndim)
    for name, y in (("weight", weight), ("bias", bias)):
        if np.broadcast_shapes(shape_of(y), x.shape) != x.shape:
            raise ValueError(f"{name} of shape {shape_of(y)} does not broadcast to {x.shape}")
    count = x.dtype.type(int(np.prod([x.shape[a] for a in axes])) or 1)
    middle, variance = statistics or (None, None)
    if centre and middle is None:
        middle = _total(x, axes) / count
    normal = x - middle if centre else x
    if variance is None:
        variance = _dot(normal, normal, axes) / count
    scale = 1 / np.sqrt(variance + eps)
    normal = np.multiply(normal, scale, out=normal if centre else None)
    plain_weight = type(weight) is float and weight == 1
    out = normal if plain_weight else normal * weight
    if not (type(bias) is float and bias == 0):
        in_place = not plain_weight and np.result_type(out, bias) == out.dtype
        out = np.add(out, bias, out=out if in_place else None)
    return out.astype(np.result_type(given, weight, bias), copy=False), (normal, scale)
