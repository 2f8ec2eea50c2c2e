"""Multi-head attention."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd.primitives import scope_note
from nn import functional, init
from nn._arguments import positive_integer
from nn._inputs import cast
from nn._linear import Linear
from nn._module import Module
from nn._parameter import Parameter
from nn.functional._attention import additive_mask, attention_keep, constant
from nn.functional._dropout import check_probability

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    r"""Attention in several heads, each in a subspace of its own, whose outputs are joined and mixed.

    Parameters
    ----------
    embed_dim : int
        Length E of queries and outputs; ``num_heads`` must divide it.
    num_heads : int
        The number of heads H.
    dropout : float
        The probability with which each attention weight is zeroed in training.
    bias
        Whether the projections have biases.
    add_bias_kv
        Whether to append a learned key and value to those given.
    add_zero_attn
        Whether to append a key and a value of zeros.
    kdim, vdim : int, optional
        Lengths of keys and values, by default E.
    batch_first
        Whether inputs and outputs are ``(N, L, E)`` rather than ``(L, N, E)``.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`, which always draws for dropout.

    Attributes
    ----------
    in_proj_weight : Tensor or None
        ``(3 * E, E)``, the projections of queries, keys and values one below the other; uniform as in
        :func:`nn.init.xavier_uniform_` at first. None if ``kdim`` or ``vdim`` differs from E.
    q_proj_weight, k_proj_weight, v_proj_weight : Tensor or None
        ``(E, E)``, ``(E, kdim)`` and ``(E, vdim)`` in that case.
    in_proj_bias : Tensor or None
        ``(3 * E,)``; zeros at first.
    bias_k, bias_v : Tensor or None
        ``(1, 1, E)``, the appended key and value; normal as in :func:`nn.init.xavier_normal_` at first.
    out_proj : Linear
        Mixes the heads; its bias is zeros at first.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive, ``num_heads`` does not divide ``embed_dim``, or ``dropout`` is not a probability.

    Notes
    -----
    Vaswani et al., "Attention is all you need" (2017).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.MultiheadAttention(8, 2, batch_first=True)
    >>> x = np.ones((5, 3, 8))
    >>> output, weights = layer(x, x, x)
    >>> output.shape, weights.shape
    ((5, 3, 8), (5, 3, 3))
    """

    in_proj_weight: Tensor | None
    q_proj_weight: Tensor | None
    k_proj_weight: Tensor | None
    v_proj_weight: Tensor | None
    in_proj_bias: Tensor | None
    bias_k: Tensor | None
    bias_v: Tensor | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        name = "MultiheadAttention"
        self.embed_dim = positive_integer(name, "embed_dim", embed_dim)
        self.num_heads = positive_integer(name, "num_heads", num_heads)
        self.kdim = embed_dim if kdim is None else positive_integer(name, "kdim", kdim)
        self.vdim = embed_dim if vdim is None else positive_integer(name, "vdim", vdim)
        if embed_dim % num_heads:
            raise ValueError(f"{name}: embed_dim={embed_dim} does not divide into num_heads={num_heads}")
        check_probability(dropout, name)
        self.dropout, self.add_zero_attn, self.batch_first = dropout, add_zero_attn, batch_first
        packed = self.kdim == self.vdim == embed_dim
        shapes = {
            "q_proj_weight": None if packed else (embed_dim, embed_dim),
            "k_proj_weight": None if packed else (embed_dim, self.kdim),
            "v_proj_weight": None if packed else (embed_dim, self.vdim),
            "in_proj_weight": (3 * embed_dim, embed_dim) if packed else None,
            "in_proj_bias": (3 * embed_dim,) if bias else None,
            "bias_k": (1, 1, embed_dim) if add_bias_kv else None,
            "bias_v": (1, 1, embed_dim) if add_bias_kv else None,
        }
        for key, shape in shapes.items():
            self.register_parameter(key, None if shape is None else Parameter(np.zeros(shape), dtype=dtype))
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype, generator=generator)
        self._reset_attention(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the initial values anew."""
        self.out_proj.reset_parameters(generator)
        self._reset_attention(generator)

    def _reset_attention(self, generator: np.random.Generator | None) -> None:
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight, generator=generator)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra, generator=generator)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """Let each query attend to the keys.

        Parameters
        ----------
        query : Tensor or array_like
            ``(L, N, E)``; with ``batch_first`` ``(N, L, E)``; or ``(L, E)`` for a single sequence. Cast to the
            parameters' dtype, as all inputs.
        key : Tensor or array_like
            ``(S, N, kdim)``, ``(N, S, kdim)`` or ``(S, kdim)``.
        value : Tensor or array_like
            ``(S, N, vdim)``, ``(N, S, vdim)`` or ``(S, vdim)``.
        key_padding_mask : Tensor or array_like, optional
            ``(N, S)``, or ``(S,)``: True where a key is to be ignored, or numbers to add to its products.
        need_weights
            Whether to return the attention weights, too. Without them it is faster.
        attn_mask : Tensor or array_like, optional
            ``(L, S)`` or ``(N * num_heads, L, S)``: True where attending is *not* allowed (the opposite of
            :func:`nn.functional.scaled_dot_product_attention`), or numbers to add.
        average_attn_weights
            Whether to average the returned weights over heads.
        is_causal
            Says that ``attn_mask`` is a causal mask, which must be given; it is used as it is.

        Returns
        -------
        output : Tensor
            Of the shape of ``query``. A query for which every key is masked attends to nothing: its heads give 0.
        weights : Tensor or None
            ``(N, L, S)``, or ``(N, num_heads, L, S)`` if not averaged, without N for a single sequence; after dropout.

        Raises
        ------
        TypeError
            If a mask is neither boolean nor floating.
        ValueError
            If the shapes do not fit.
        """
        alike = key is query and value is query
        inputs = [cast(query, self.out_proj.weight.dtype, "MultiheadAttention")]
        inputs += inputs * 2 if alike else [cast(x, inputs[0].dtype, "MultiheadAttention") for x in (key, value)]
        single = inputs[0].ndim == 2
        if single:
            axis = 0 if self.batch_first else 1
            inputs = [ops.reshape(x, (*x.shape[:axis], 1, *x.shape[axis:])) if x.ndim == 2 else x for x in inputs]
        samples, length, source = self._check_shapes(*(x.shape for x in inputs))
        if is_causal and attn_mask is None:
            raise ValueError(
                f"MultiheadAttention: is_causal=True says that attn_mask is causal, but none is given; make one with "
                f"nn.Transformer.generate_square_subsequent_mask{scope_note()}"
            )
        mask = self._mask(attn_mask, key_padding_mask, samples, length, source, single)
        extended = self.bias_k is not None or self.add_zero_attn
        if alike and not (need_weights or extended or self.in_proj_weight is None):
            packed = self._swapped(functional.linear(inputs[0], self.in_proj_weight, self.in_proj_bias))
            keep = self._keep((samples, self.num_heads, length, length))
            out = ops.self_attention(packed, mask, keep, heads=self.num_heads, scale=self._scale)
            weights = None
        else:
            out, weights = self._attend(inputs, mask, need_weights)
        out = self.out_proj(self._swapped(out))
        if weights is not None and average_attn_weights:
            weights = ops.mean(weights, axis=1)
        if single:
            out = ops.reshape(out, (length, self.embed_dim))
            weights = None if weights is None else weights[0]
        return out, weights

    @property
    def _scale(self) -> float:
        return 1 / math.sqrt(self.embed_dim // self.num_heads)

    def _swapped(self, x: Any) -> Any:
        """From the layout of inputs and outputs to ``(N, L, E)``, and back."""
        return x if self.batch_first else ops.swapaxes(x, 0, 1)

    def _keep(self, shape: tuple[int, ...]) -> Any:
        if not (self.training and self.dropout):
            return 1.0
        return attention_keep(shape, self.dropout, self.out_proj.weight.dtype, None, recorded=True)

    def _check_shapes(self, *shapes: tuple[int, ...]) -> tuple[int, int, int]:
        """Numbers of sequences, of queries and of keys."""
        q, k, v = shapes
        n, t = (0, 1) if self.batch_first else (1, 0)
        fits = len(q) == len(k) == len(v) == 3 and q[n] == k[n] == v[n] and k[t] == v[t]
        if not fits or (q[2], k[2], v[2]) != (self.embed_dim, self.kdim, self.vdim):
            order = "(N, L, E)" if self.batch_first else "(L, N, E)"
            raise ValueError(
                f"MultiheadAttention(embed_dim={self.embed_dim}, kdim={self.kdim}, vdim={self.vdim}, "
                f"batch_first={self.batch_first}): expected query, key and value {order} of these lengths E, with keys "
                f"and values equally many (or all three without N), got {q}, {k} and {v}{scope_note()}"
            )
        return q[n], q[t], k[t]

    def _mask(self, attn_mask: Any, key_padding_mask: Any, samples: int, length: int, source: int, single: bool) -> Any:
        """Both masks together, to be added to products ``(N, num_heads, L, S)``; 0.0 for none."""
        name, dtype = "MultiheadAttention", self.out_proj.weight.dtype
        mask: Any = 0.0
        if attn_mask is not None:
            mask = additive_mask(attn_mask, dtype, name, "attn_mask", forbidden=True)
            each = (samples * self.num_heads, length, source)
            if mask.shape == each:
                mask = ops.reshape(mask, (samples, self.num_heads, length, source))
            elif mask.shape != (length, source):
                raise ValueError(
                    f"{name}: attn_mask must have shape {each[1:]}, or {each} for a mask of each sequence and head, "
                    f"got {mask.shape}{scope_note()}"
                )
        if key_padding_mask is not None:
            padding = additive_mask(key_padding_mask, dtype, name, "key_padding_mask", forbidden=True)
            if padding.shape != ((source,) if single else (samples, source)):
                raise ValueError(
                    f"{name}: key_padding_mask must have shape {(source,) if single else (samples, source)}, an "
                    f"element for each key, got {padding.shape}{scope_note()}"
                )
            padding = ops.reshape(padding, (samples, 1, 1, source))
            with np.errstate(over="ignore"):  # forbidden twice
                mask = padding if attn_mask is None else mask + padding
        return mask

    def _attend(self, inputs: list[Any], mask: Any, need_weights: bool) -> tuple[Any, Any]:
        """The general way: queries, keys and values one by one. Gives ``(N, L, E)`` and weights."""
        e, heads = self.embed_dim, self.num_heads
        biases: Any = [None] * 3
        if self.in_proj_bias is not None:
            biases = [self.in_proj_bias[i * e : (i + 1) * e] for i in range(3)]
        weights: Any = [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        if self.in_proj_weight is not None:
            weights = [self.in_proj_weight[i * e : (i + 1) * e] for i in range(3)]
        q, k, v = (self._swapped(functional.linear(x, w, b)) for x, w, b in zip(inputs, weights, biases, strict=True))
        samples = q.shape[0]
        if self.bias_k is not None:
            k, v = (
                ops.concatenate([x, ops.broadcast_to(extra, (samples, 1, e))], axis=1)
                for x, extra in ((k, self.bias_k), (v, self.bias_v))
            )
        if self.add_zero_attn:
            zeros = constant(np.zeros((samples, 1, e), q.dtype), recorded=True)
            k, v = (ops.concatenate([x, zeros], axis=1) for x in (k, v))
        added = (self.bias_k is not None) + self.add_zero_attn
        if added and not isinstance(mask, float):  # what was appended is never masked
            zeros = constant(np.zeros((*mask.shape[:-1], added), mask.dtype), recorded=True)
            mask = ops.concatenate([mask, zeros], axis=-1)
        q, k, v = (ops.swapaxes(ops.reshape(x, (*x.shape[:2], heads, e // heads)), 1, 2) for x in (q, k, v))
        keep = self._keep((samples, heads, q.shape[2], k.shape[2]))
        shares = None
        if need_weights:
            shares = ops.attention_weights(q, k, mask, scale=self._scale) * keep
            out = ops.matmul(shares, v)
        else:
            out = ops.attention(q, k, v, mask, keep, scale=self._scale)
        return ops.reshape(ops.swapaxes(out, 1, 2), (samples, q.shape[2], e)), shares
