"""Attention: averages of values, weighted by how well their keys match each query."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd._values import canonical, describe
from autograd.primitives import raw, scope_note
from nn._inputs import as_numbers, cast, floating
from nn.functional._dropout import check_probability, random_keep

__all__ = ["additive_mask", "attention_keep", "constant", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    generator: np.random.Generator | None = None,
) -> Any:
    r"""Averages of values, weighted by how well their keys match each query.

    .. math:: \operatorname{softmax}\left(s\, q k^\top + m\right) v

    Parameters
    ----------
    query : Tensor or array_like
        ``(..., L, E)``; leading axes broadcast.
    key : Tensor or array_like
        ``(..., S, E)``.
    value : Tensor or array_like
        ``(..., S, V)``.
    attn_mask : Tensor or array_like, optional
        Broadcast to ``(..., L, S)``. Booleans say where a query may attend to a key; numbers are added to the products
        (a tensor that requires gradients gets one). A query that may attend to nothing gives 0.
    dropout_p : float
        The probability with which each weight is zeroed, in evaluation, too; the others are multiplied by
        :math:`1/(1-p)`.
    is_causal
        Let query i attend to keys 0 to i only; not together with ``attn_mask``.
    scale : float, optional
        The factor :math:`s`, by default :math:`1/\sqrt{E}`.
    enable_gqa
        Grouped queries: axis -3 of ``query`` is a multiple of that of ``key`` and ``value``, each of whose heads serves
        several consecutive ones of the query.
    generator : numpy.random.Generator, optional
        Draws for dropout; by default the one of :func:`nn.manual_seed`.

    Returns
    -------
    Tensor
        ``(..., L, V)``.

    Raises
    ------
    TypeError
        If the mask is neither boolean nor floating.
    ValueError
        If the shapes do not fit, there are two masks, or ``dropout_p`` is not a probability.

    Notes
    -----
    Vaswani et al., "Attention is all you need" (2017); grouped queries: Ainslie et al., "GQA" (2023). The matrix of
    weights is computed as a whole, in memory proportional to L times S.

    Examples
    --------
    >>> from autograd import Tensor
    >>> scaled_dot_product_attention(Tensor([[1.0]]), [[2.0], [2.0]], [[10.0], [30.0]]).tolist()
    [[20.0]]
    >>> scaled_dot_product_attention(Tensor([[1.0]]), [[2.0], [2.0]], [[10.0], [30.0]], [[True, False]]).tolist()
    [[10.0]]
    """
    operation = "scaled_dot_product_attention"
    check_probability(dropout_p, operation)
    q, k, v = (floating(x, operation) for x in (query, key, value))
    shapes = f"query {q.shape}, key {k.shape} and value {v.shape}"
    if min(q.ndim, k.ndim, v.ndim) < 2 or q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ValueError(
            f"{operation}: expected query (..., L, E), key (..., S, E) and value (..., S, V), got {shapes}"
            f"{scope_note()}"
        )
    if is_causal and attn_mask is not None:
        raise ValueError(
            f"{operation}: give either attn_mask or is_causal=True; a causal mask can be a part of attn_mask"
            f"{scope_note()}"
        )
    recorded = any(isinstance(x, Tensor) for x in (q, k, v, attn_mask))
    mask: Any = 0.0
    if attn_mask is not None:
        mask = additive_mask(attn_mask, q.dtype, operation, "attn_mask", forbidden=False, recorded=recorded)
    elif is_causal:
        later = np.arange(k.shape[-2]) > np.arange(q.shape[-2])[:, None]
        mask = additive_mask(later, q.dtype, operation, "is_causal", forbidden=True, recorded=recorded)
    heads = _check_groups(q, k, v, shapes) if enable_gqa else 0
    leading = [x.shape[:-3] if heads else x.shape[:-2] for x in (q, k, v)]
    pairs = (*_broadcast(leading, shapes), *q.shape[-3 if heads else -2 : -1], k.shape[-2])
    _check_mask(np.shape(raw(mask, operation)), pairs)
    if heads:
        groups = k.shape[-3]
        pairs = (*pairs[:-3], groups, heads // groups, *pairs[-2:])
        q = ops.reshape(q, (*q.shape[:-3], groups, heads // groups, *q.shape[-2:]))
        k, v = (ops.reshape(x, (*x.shape[:-2], 1, *x.shape[-2:])) for x in (k, v))
        if np.ndim(raw(mask, operation)) > 2:
            shape = mask.shape
            split = (groups, heads // groups) if shape[-3] == heads else (1, 1)
            mask = ops.reshape(mask, (*shape[:-3], *split, *shape[-2:]))
    keep: Any = attention_keep(pairs, dropout_p, q.dtype, generator, recorded) if dropout_p else 1.0
    scale = 1 / math.sqrt(q.shape[-1] or 1) if scale is None else float(scale)
    out = ops.attention(q, k, v, mask, keep, scale=scale)
    return ops.reshape(out, (*out.shape[:-4], heads, *out.shape[-2:])) if heads else out


def _check_groups(q: Any, k: Any, v: Any, shapes: str) -> int:
    if min(q.ndim, k.ndim, v.ndim) < 3 or k.shape[-3] != v.shape[-3] or not k.shape[-3] or q.shape[-3] % k.shape[-3]:
        raise ValueError(
            f"scaled_dot_product_attention: with enable_gqa the heads (axis -3) of key and value must be equally many "
            f"and divide those of query, got {shapes}{scope_note()}"
        )
    return int(q.shape[-3])


def _broadcast(leading: list[tuple[int, ...]], shapes: str) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*leading)
    except ValueError as error:
        raise ValueError(
            f"scaled_dot_product_attention: the leading axes of {shapes} do not broadcast{scope_note()}"
        ) from error


def _check_mask(mask: tuple[int, ...], pairs: tuple[int, ...]) -> None:
    lengths = zip(reversed(mask), reversed(pairs), strict=False)
    if len(mask) > len(pairs) or any(n not in (1, m) for n, m in lengths):
        raise ValueError(
            f"scaled_dot_product_attention: attn_mask must broadcast to {pairs}, an element for each query and key, "
            f"got shape {mask}{scope_note()}"
        )


def constant(values: Any, recorded: bool) -> Any:
    """Fresh values that nobody else can write to: as a constant tensor they need not be watched for changes."""
    return Tensor.from_raw(canonical(values), requires_grad=False) if recorded else values


def attention_keep(
    shape: tuple[int, ...], p: float, dtype: np.dtype[Any], generator: np.random.Generator | None, recorded: bool
) -> Any:
    """Random factors of attention weights for dropout."""
    kept, share = random_keep(shape, p, generator)
    return constant(kept * dtype.type(1 / share if share else 0), recorded)


def additive_mask(
    mask: Any, dtype: np.dtype[Any], operation: str, name: str, *, forbidden: bool, recorded: bool = True
) -> Any:
    """A mask as numbers to add: minus infinity where a boolean one forbids to attend, else what is given.

    Parameters
    ----------
    mask : Tensor or array_like
        Boolean or floating.
    dtype
        Of the result.
    operation, name
        For errors.
    forbidden
        The boolean that forbids.
    recorded
        Whether the result is for tensors.

    Raises
    ------
    TypeError
        If the mask has another dtype.
    """
    mask = as_numbers(mask, operation)
    if mask.dtype.kind == "b":
        values = np.zeros(mask.shape, dtype)
        values[np.asarray(raw(mask, operation)) == forbidden] = -math.inf
        return constant(values, recorded)
    if mask.dtype.kind != "f":
        raise TypeError(
            f"{operation}: {name} must be boolean or floating, got {describe(raw(mask, operation))}; convert it with "
            f".astype(bool){scope_note()}"
        )
    with np.errstate(over="ignore"):  # lower than the lowest number is minus infinity
        return cast(mask, dtype, operation)
