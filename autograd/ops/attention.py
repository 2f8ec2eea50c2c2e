"""Scaled dot-product attention as one gate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd._values import shape_of
from autograd.ops.activations import softmax
from autograd.ops.elementwise import where
from autograd.ops.products import matmul
from autograd.ops.shape import reshape, swapaxes
from autograd.primitives import fused, raw
from autograd.samples import Sample, array

__all__ = ["attention", "attention_weights", "self_attention"]


def attention_weights(query: Any, key: Any, mask: Any, *, scale: float) -> Any:
    """How much each query attends to each key, ``softmax(scale * query @ key.T + mask)``, from simpler gates.

    Parameters
    ----------
    query : Tensor or array_like
        ``(..., L, E)``.
    key : Tensor or array_like
        ``(..., S, E)``.
    mask : Tensor or array_like
        Added to the products, broadcast to ``(..., L, S)``: minus infinity forbids attending. A query to which every
        key is forbidden has weights of 0.
    scale : float
        By which products are multiplied.

    Returns
    -------
    Tensor
        ``(..., L, S)``; each row sums to 1 or is 0.

    Examples
    --------
    >>> from autograd import Tensor
    >>> attention_weights(Tensor([[1.0]]), Tensor([[2.0], [2.0]]), 0.0, scale=1.0).tolist()
    [[0.5, 0.5]]
    """
    scores = matmul(query, swapaxes(key, -1, -2)) * scale
    forbidden = np.all(np.atleast_1d(np.equal(raw(mask, "attention"), -np.inf)), axis=-1, keepdims=True)
    if not np.any(forbidden):
        return softmax(scores + mask, axis=-1)
    return where(forbidden, 0.0, softmax(scores + where(forbidden, 0.0, mask), axis=-1))


def _attend(q: Any, k: Any, v: Any, mask: Any, keep: Any, scale: float, out: Any = None) -> tuple[Any, Any]:
    """Output and weights, of plain values."""
    weights = np.matmul(q, k.swapaxes(-1, -2))
    if weights.dtype.kind != "f":
        weights = weights.astype(np.float64)
    weights *= weights.dtype.type(scale)
    masked = not _is(mask, 0.0)
    if masked:
        weights = _combined(np.add, weights, mask)
    top = np.max(weights, axis=-1, keepdims=True, initial=-np.inf)
    if masked:
        top[np.isneginf(top)] = 0
    weights -= top
    np.exp(weights, out=weights)
    total = np.sum(weights, axis=-1, keepdims=True)
    if masked:
        total[total == 0] = 1
    weights /= total
    return np.matmul(_kept(weights, keep), v, out=out), weights


def _is(x: Any, number: float) -> bool:
    return type(x) is float and x == number


def _combined(ufunc: Any, x: Any, y: Any) -> Any:
    """In ``x`` itself, if the result fits there."""
    fits = np.result_type(x, y) == x.dtype and np.broadcast_shapes(x.shape, shape_of(y)) == x.shape
    return ufunc(x, y, out=x if fits else None)


def _kept(weights: Any, keep: Any) -> Any:
    return weights if _is(keep, 1.0) else weights * keep


def _pull(
    needed: Sequence[bool],
    ct: Any,
    weights: Any,
    q: Any,
    k: Any,
    v: Any,
    keep: Any,
    out: Any,
    scale: float,
    into: Sequence[Any],
) -> tuple[Any, ...]:
    """The cotangents of query, key, value, mask and keep, the first three in given arrays (None: in new ones)."""
    to_q = to_k = to_v = to_keep = None
    if needed[2]:
        to_v = np.matmul(_kept(weights, keep).swapaxes(-1, -2), ct, out=into[2])
    if not (needed[0] or needed[1] or needed[3] or needed[4]):
        return None, None, to_v, None, None
    # Through the softmax: w * (g - Σ w g), where the sum is that of cotangent times output.
    g = np.matmul(ct, v.swapaxes(-1, -2))
    if needed[4]:
        to_keep = g * weights
    if not _is(keep, 1.0):
        g = _combined(np.multiply, g, keep)
    g -= np.vecdot(ct, out)[..., None]
    g *= weights
    to_mask = g.copy() if needed[3] else None
    if needed[0] or needed[1]:
        g *= g.dtype.type(scale)
    if needed[0]:
        to_q = np.matmul(g, k, out=into[0])
    if needed[1]:
        to_k = np.matmul(g.swapaxes(-1, -2), q, out=into[1])
    return to_q, to_k, to_v, to_mask, to_keep


def _pull_attention(
    needed: Sequence[bool],
    ct: Any,
    weights: Any,
    q: Any,
    k: Any,
    v: Any,
    mask: Any,
    keep: Any,
    out: Any,
    *,
    scale: float,
) -> tuple[Any, ...]:
    # Gradients are laid out in memory as their inputs are, so that rearranging them back is free.
    batch = ct.shape[:-2]
    into = tuple(
        np.empty_like(x) if x.shape[:-2] == batch and x.dtype == weights.dtype == ct.dtype else None for x in (q, k, v)
    )
    return _pull(needed, ct, weights, q, k, v, keep, out, scale, into)


def _gates(query: Any, key: Any, value: Any, mask: Any, keep: Any, *, scale: float) -> Any:
    return matmul(attention_weights(query, key, mask, scale=scale) * keep, value)


def _samples() -> Iterable[Sample]:
    q, k, v = array(2, 3, 4), array(2, 5, 4, seed=1), array(2, 5, 2, seed=2)
    mask, keep = array(3, 5, seed=3), array(2, 3, 5, seed=4)
    forbidding = np.where(mask > 1, -np.inf, mask)
    forbidding[1] = -np.inf
    nothing, everything = np.zeros(()), np.ones(())
    return [
        Sample((q, k, v, mask, keep), {"scale": 0.5}),
        Sample((q[0], k[0], v[0], mask[:1], everything), {"scale": 0.5}),
        Sample((q, k, v, forbidding, keep), {"scale": 0.5}),
        Sample((q[:, :1], k[:1], v[0], nothing, everything), {"scale": 1.5}),
        Sample((q[0], k, v, nothing, keep), {"scale": 1.0}),
        Sample((q[0], k[0], v, nothing, everything), {"scale": 1.0}),
        Sample((q[:0], k[:0], v[:0], mask, everything), {"scale": 1.0}),
        Sample((q[:, :0], k, v, nothing, everything), {"scale": 1.0}),
    ]


@fused(
    pullback=_pull_attention,
    decomposition=_gates,
    symbol="attention",
    formula=r"\operatorname{softmax}(s\, q k^\top + m)\, v",
    samples=_samples,
)
def attention(query: Any, key: Any, value: Any, mask: Any, keep: Any, *, scale: float) -> Any:
    r"""Averages of values, weighted by how well their keys match each query.

    Parameters
    ----------
    query : Tensor or array_like
        ``(..., L, E)``; leading axes broadcast.
    key : Tensor or array_like
        ``(..., S, E)``.
    value : Tensor or array_like
        ``(..., S, V)``.
    mask : Tensor or array_like
        Added to the products of queries and keys, broadcast to ``(..., L, S)``; 0.0 for none, minus infinity forbids a
        query to attend to a key. Where every key is forbidden the output is 0.
    keep : Tensor or array_like
        Factors of the weights, broadcast to ``(..., L, S)``, for dropout; 1.0 for none.
    scale : float
        By which the products of queries and keys are multiplied.

    Returns
    -------
    Tensor
        ``(..., L, V)``.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Vaswani et al., "Attention is all you need" (2017), eq. 1.

    Examples
    --------
    >>> from autograd import Tensor
    >>> attention(Tensor([[1.0]]), [[2.0], [2.0]], [[10.0], [30.0]], 0.0, 1.0, scale=1.0).tolist()
    [[20.0]]
    """
    # The output is laid out in memory as the query is: heads of a token next to each other stay so.
    batch = np.broadcast_shapes(*(x.shape[:-2] for x in (query, key, value)))
    alike = query.dtype == key.dtype == value.dtype and query.shape[:-2] == batch
    out = np.empty_like(query, shape=(*query.shape[:-1], value.shape[-1])) if alike else None
    fits = all(np.result_type(query, x) == query.dtype for x in (mask, keep))
    return _attend(query, key, value, mask, keep, scale, out if fits else None)


def _heads(packed: Any, parts: int, heads: int) -> list[Any]:
    """``(..., L, parts * E)`` as views ``(..., heads, L, E / heads)``, one for each part."""
    split = packed.reshape(*packed.shape[:-1], parts, heads, packed.shape[-1] // parts // heads)
    return [split[..., i, :, :].swapaxes(-2, -3) for i in range(parts)]


def _pull_self_attention(
    needed: Sequence[bool],
    ct: Any,
    weights: Any,
    packed: Any,
    mask: Any,
    keep: Any,
    out: Any,
    *,
    heads: int,
    scale: float,
) -> tuple[Any, ...]:
    to_packed = np.empty(packed.shape, np.result_type(ct, packed, weights))
    q, k, v = _heads(packed, 3, heads)
    (ct,), (out,) = _heads(ct, 1, heads), _heads(out, 1, heads)
    into = _heads(to_packed, 3, heads)
    needed = (*(needed[0],) * 3, *needed[1:])
    *_, to_mask, to_keep = _pull(needed, ct, weights, q, k, v, keep, out, scale, into)
    return to_packed, to_mask, to_keep


def _self_attention_gates(packed: Any, mask: Any, keep: Any, *, heads: int, scale: float) -> Any:
    *batch, length, width = shape_of(raw(packed, "self_attention"))
    split = reshape(packed, (*batch, length, 3, heads, width // 3 // heads))
    q, k, v = (swapaxes(split[..., i, :, :], -2, -3) for i in range(3))
    out = swapaxes(attention(q, k, v, mask, keep, scale=scale), -2, -3)
    return reshape(out, (*batch, length, width // 3))


def _samples_self_attention() -> Iterable[Sample]:
    mask, keep = array(3, 3, seed=3), array(2, 2, 3, 3, seed=4)
    nothing, everything = np.zeros(()), np.ones(())
    return [
        Sample((array(2, 3, 12), mask, keep), {"heads": 2, "scale": 0.5}),
        Sample((array(3, 6), nothing, everything), {"heads": 1, "scale": 0.5}),
        Sample((array(0, 3, 12), mask, everything), {"heads": 2, "scale": 0.5}),
    ]


@fused(
    pullback=_pull_self_attention,
    decomposition=_self_attention_gates,
    symbol="self-attention",
    formula=r"\operatorname{softmax}(s\, q k^\top + m)\, v",
    samples=_samples_self_attention,
)
def self_attention(packed: Any, mask: Any, keep: Any, *, heads: int, scale: float) -> Any:
    """Multi-head attention of tokens to each other, on queries, keys and values that lie side by side.

    Parameters
    ----------
    packed : Tensor or array_like
        ``(..., L, 3 * E)``: for each token its query, key and value, each consisting of ``heads`` parts.
    mask, keep : Tensor or array_like
        As in :func:`attention`, broadcast to ``(..., heads, L, L)``.
    heads : int
        A divisor of E.
    scale : float
        By which the products of queries and keys are multiplied.

    Returns
    -------
    Tensor
        ``(..., L, E)``, the outputs of all heads side by side.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> from autograd import Tensor
    >>> self_attention(Tensor([[1.0, 2.0, 10.0], [1.0, 2.0, 30.0]]), 0.0, 1.0, heads=1, scale=1.0).tolist()
    [[20.0], [20.0]]
    """
    width = packed.shape[-1] // 3
    if packed.shape[-1] != 3 * width or width % heads:
        raise ValueError(f"the last axis must hold queries, keys and values of {heads} heads each")
    fits = all(np.result_type(packed, x) == packed.dtype for x in (mask, keep))
    out = np.empty((*packed.shape[:-1], width), packed.dtype if fits else np.result_type(packed, mask, keep))
    q, k, v = _heads(packed, 3, heads)
    _, weights = _attend(q, k, v, mask, keep, scale, _heads(out, 1, heads)[0])
    return out, weights
