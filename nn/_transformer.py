"""Transformers: encoders and decoders of attention and feed-forward layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from autograd import Tensor, ops
from autograd.primitives import scope_note
from nn import functional, init
from nn._arguments import positive_integer
from nn._attention import MultiheadAttention
from nn._container import ModuleList
from nn._dropout import Dropout
from nn._inputs import as_numbers, cast, floating
from nn._linear import Linear
from nn._module import Module
from nn._normalization import LayerNorm

__all__ = [
    "PositionalEncoding",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]

Activation = str | Callable[[Any], Any]


def _activation(activation: Activation, owner: str) -> Callable[[Any], Any]:
    named: dict[str, Callable[[Any], Any]] = {"relu": functional.relu, "gelu": functional.gelu}
    if callable(activation):
        return activation
    if activation not in named:
        raise ValueError(f"{owner}: activation must be 'relu', 'gelu' or a function, got {activation!r}")
    return named[activation]


class TransformerEncoderLayer(Module):
    r"""Self-attention and a feed-forward network, each with a residual connection, dropout and layer normalisation.

    Parameters
    ----------
    d_model : int
        Length of each token's vector.
    nhead : int
        The number of attention heads, a divisor of ``d_model``.
    dim_feedforward : int
        The number of hidden units of the feed-forward network.
    dropout : float
        The probability of dropout: of attention weights, hidden units, and the outputs of both parts.
    activation : {"relu", "gelu"} or callable
        Of the hidden units.
    layer_norm_eps
        Added to the variances.
    batch_first
        Whether inputs and outputs are ``(N, L, E)`` rather than ``(L, N, E)``.
    norm_first
        Whether to normalise the input of each part rather than the sum after it.
    bias
        Whether all linear and normalisation layers have biases.
    dtype
        Of the parameters.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`, which always draws for dropout.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size or probability is out of range, or the activation is not known.

    Notes
    -----
    Vaswani et al., "Attention is all you need" (2017); normalising first: Xiong et al., "On layer normalization in the
    transformer architecture" (2020).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    >>> layer(np.ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"dtype": dtype, "generator": generator}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **made)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **made)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.norm_first = norm_first
        self.activation = _activation(activation, "TransformerEncoderLayer")

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        """Encode sequences.

        Parameters
        ----------
        src : Tensor or array_like
            ``(L, N, E)``; with ``batch_first`` ``(N, L, E)``; or ``(L, E)`` for a single sequence.
        src_mask : Tensor or array_like, optional
            ``(L, L)`` or ``(N * nhead, L, L)``: True where attending is not allowed, or numbers to add.
        src_key_padding_mask : Tensor or array_like, optional
            ``(N, L)`` or ``(L,)``: True where a token is to be ignored.
        is_causal
            Says that ``src_mask``, which must be given, is causal.

        Returns
        -------
        Tensor
            Of the shape of ``src`` and the parameters' dtype, to which inputs are cast.
        """
        src = cast(src, self.linear1.weight.dtype, "TransformerEncoderLayer")

        def attended(x: Any) -> Any:
            y, _ = self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)
            return self.dropout1(y)

        if self.norm_first:
            x = src + attended(self.norm1(src))
            return x + self._feed_forward(self.norm2(x))
        x = self.norm1(src + attended(src))
        return self.norm2(x + self._feed_forward(x))

    def _feed_forward(self, x: Any) -> Any:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerDecoderLayer(Module):
    """Self-attention, attention to an encoder's output, and a feed-forward network, each with a residual connection.

    Parameters and errors are those of :class:`TransformerEncoderLayer`.

    Notes
    -----
    Vaswani et al., "Attention is all you need" (2017).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> layer = nn.TransformerDecoderLayer(8, 2, dim_feedforward=16, batch_first=True)
    >>> layer(np.ones((5, 3, 8)), np.ones((5, 4, 8))).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        made: dict[str, Any] = {"dtype": dtype, "generator": generator}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **made)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **made)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **made)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **made)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.norm_first = norm_first
        self.activation = _activation(activation, "TransformerDecoderLayer")

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """Decode sequences, given what an encoder made of others.

        Parameters
        ----------
        tgt : Tensor or array_like
            ``(L, N, E)``; with ``batch_first`` ``(N, L, E)``; or ``(L, E)`` for a single sequence.
        memory : Tensor or array_like
            ``(S, N, E)``, ``(N, S, E)`` or ``(S, E)``.
        tgt_mask, memory_mask : Tensor or array_like, optional
            ``(L, L)`` and ``(L, S)``, or one for each sequence and head: True where attending is not allowed, or
            numbers to add.
        tgt_key_padding_mask, memory_key_padding_mask : Tensor or array_like, optional
            ``(N, L)`` and ``(N, S)``, or without N: True where a token is to be ignored.
        tgt_is_causal, memory_is_causal
            Say that the mask, which must be given, is causal.

        Returns
        -------
        Tensor
            Of the shape of ``tgt`` and the parameters' dtype, to which inputs are cast.
        """
        tgt, memory = (cast(x, self.linear1.weight.dtype, "TransformerDecoderLayer") for x in (tgt, memory))

        def attended(x: Any) -> Any:
            y, _ = self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)
            return self.dropout1(y)

        def remembered(x: Any) -> Any:
            y, _ = self.multihead_attn(
                x, memory, memory, memory_key_padding_mask, False, memory_mask, is_causal=memory_is_causal
            )
            return self.dropout2(y)

        if self.norm_first:
            x = tgt + attended(self.norm1(tgt))
            x = x + remembered(self.norm2(x))
            return x + self._feed_forward(self.norm3(x))
        x = self.norm1(tgt + attended(tgt))
        x = self.norm2(x + remembered(x))
        return self.norm3(x + self._feed_forward(x))

    def _feed_forward(self, x: Any) -> Any:
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoder(Module):
    """A stack of encoder layers.

    Parameters
    ----------
    encoder_layer : TransformerEncoderLayer
        Copied for each layer, so that all have the same initial values.
    num_layers : int
        Their number.
    norm : Module, optional
        Applied to the output.
    enable_nested_tensor, mask_check
        Accepted because PyTorch has them, and ignored.

    Raises
    ------
    TypeError, ValueError
        If ``num_layers`` is not a positive integer.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), num_layers=2)
    >>> encoder(np.ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        self.num_layers = positive_integer("TransformerEncoder", "num_layers", num_layers)
        self.layers = ModuleList([deepcopy(encoder_layer) for _ in range(num_layers)])
        self.norm = norm

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Any:
        """Encode sequences; the arguments are those of the layers' own :meth:`TransformerEncoderLayer.forward`."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, bool(is_causal))
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """A stack of decoder layers.

    Parameters
    ----------
    decoder_layer : TransformerDecoderLayer
        Copied for each layer, so that all have the same initial values.
    num_layers : int
        Their number.
    norm : Module, optional
        Applied to the output.

    Raises
    ------
    TypeError, ValueError
        If ``num_layers`` is not a positive integer.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), num_layers=2)
    >>> decoder(np.ones((5, 3, 8)), np.ones((5, 4, 8))).shape
    (5, 3, 8)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.num_layers = positive_integer("TransformerDecoder", "num_layers", num_layers)
        self.layers = ModuleList([deepcopy(decoder_layer) for _ in range(num_layers)])
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """Decode sequences; the arguments are those of the layers' own :meth:`TransformerDecoderLayer.forward`."""
        for layer in self.layers:
            tgt = layer(
                tgt,
                memory,
                tgt_mask,
                memory_mask,
                tgt_key_padding_mask,
                memory_key_padding_mask,
                bool(tgt_is_causal),
                memory_is_causal,
            )
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder and a decoder that attends to its output.

    Parameters
    ----------
    d_model : int
        Length of each token's vector.
    nhead : int
        The number of attention heads.
    num_encoder_layers, num_decoder_layers : int
        Layers of each stack.
    dim_feedforward, dropout, activation
        As in :class:`TransformerEncoderLayer`.
    custom_encoder, custom_decoder : Module, optional
        In place of the stacks.
    layer_norm_eps, batch_first, norm_first, bias, dtype, generator
        As in :class:`TransformerEncoderLayer`. All weight matrices are drawn as in :func:`nn.init.xavier_uniform_`.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size or probability is out of range, or the activation is not known.

    Notes
    -----
    Vaswani et al., "Attention is all you need" (2017); what belongs in front of and behind it, such as
    :class:`Embedding`, :class:`PositionalEncoding` and a linear layer, does not come with it.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> model = nn.Transformer(8, 2, 1, 1, dim_feedforward=16, batch_first=True)
    >>> mask = nn.Transformer.generate_square_subsequent_mask(3)
    >>> model(np.ones((5, 4, 8)), np.ones((5, 3, 8)), tgt_mask=mask).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        settings: Any = (
            *(d_model, nhead, dim_feedforward, dropout, activation),
            *(layer_norm_eps, batch_first, norm_first, bias),
        )
        made: dict[str, Any] = {"dtype": dtype, "generator": generator}

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        if custom_encoder is None:
            encoder_layer = TransformerEncoderLayer(*settings, **made)
            custom_encoder = TransformerEncoder(encoder_layer, num_encoder_layers, norm())
        if custom_decoder is None:
            decoder_layer = TransformerDecoderLayer(*settings, **made)
            custom_decoder = TransformerDecoder(decoder_layer, num_decoder_layers, norm())
        self.encoder, self.decoder = custom_encoder, custom_decoder
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter, generator=generator)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """Encode ``src`` and decode ``tgt``; masks are those of :class:`TransformerDecoderLayer` and of the encoder's.

        Parameters
        ----------
        src : Tensor or array_like
            ``(S, N, E)``; with ``batch_first`` ``(N, S, E)``; or ``(S, E)`` for a single sequence.
        tgt : Tensor or array_like
            ``(L, N, E)``, ``(N, L, E)`` or ``(L, E)``.
        src_mask, tgt_mask, memory_mask : Tensor or array_like, optional
            ``(S, S)``, ``(L, L)`` and ``(L, S)``, or one for each sequence and head in a first axis: True where
            attending is not allowed, or numbers to add.
        src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask : Tensor or array_like, optional
            ``(N, S)``, ``(N, L)`` and ``(N, S)``, without N for a single sequence: True where a token is to be ignored.
        src_is_causal, tgt_is_causal, memory_is_causal
            Say that the mask of this name, which must be given, is causal.

        Returns
        -------
        Tensor
            Of the shape of ``tgt``.

        Raises
        ------
        ValueError
            If the numbers of sequences differ, or vectors are not of length ``d_model``.
        """
        source, target = (as_numbers(x, "Transformer").shape for x in (src, tgt))
        axis = 0 if self.batch_first else 1
        if len(source) != len(target) or (len(source) == 3 and source[axis] != target[axis]):
            raise ValueError(
                f"Transformer: src and tgt must hold equally many sequences (axis {axis}), got shapes {source} and "
                f"{target}{scope_note()}"
            )
        if source[-1:] != (self.d_model,) or target[-1:] != (self.d_model,):
            raise ValueError(
                f"Transformer: the last axes of src and tgt must have length d_model={self.d_model}, got shapes "
                f"{source} and {target}{scope_note()}"
            )
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal,
            memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, *, dtype: Any = np.float32) -> Tensor:
        """A causal mask: minus infinity above the diagonal, where a token would attend to a later one, else 0.

        Examples
        --------
        >>> import nn
        >>> nn.Transformer.generate_square_subsequent_mask(2).tolist()
        [[0.0, -inf], [0.0, 0.0]]
        """
        mask = np.zeros((sz, sz), dtype)
        mask[np.arange(sz) > np.arange(sz)[:, None]] = -math.inf
        return Tensor(mask, requires_grad=False)


class PositionalEncoding(Module):
    r"""Add to each token sines and cosines of its position, so that attention can tell positions apart.

    .. math:: x_{t, 2i} + \sin(t\, 10000^{-2i/E}), \quad x_{t, 2i+1} + \cos(t\, 10000^{-2i/E})

    PyTorch has no such layer.

    Parameters
    ----------
    d_model : int
        Length E of each token's vector.
    dropout : float
        The probability of dropout, of the sum.
    max_len : int
        The largest number of positions.
    batch_first
        Whether inputs are ``(N, L, E)`` rather than ``(L, N, E)``.
    dtype
        Of the table.

    Attributes
    ----------
    pe : Tensor
        ``(max_len, E)``, a constant which is not part of the state.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive integer, or ``dropout`` is not a probability.

    Notes
    -----
    Vaswani et al., "Attention is all you need" (2017), section 3.5.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.PositionalEncoding(4, dropout=0.0, batch_first=True)(np.zeros((1, 2, 4))).data.round(2)
    array([[[0.  , 1.  , 0.  , 1.  ],
            [0.84, 0.54, 0.01, 1.  ]]])
    """

    pe: Tensor

    def __init__(
        self,
        d_model: int,
        dropout: float = 0.1,
        max_len: int = 5000,
        batch_first: bool = False,
        *,
        dtype: Any = np.float32,
    ) -> None:
        super().__init__()
        self.d_model = positive_integer("PositionalEncoding", "d_model", d_model)
        self.max_len = positive_integer("PositionalEncoding", "max_len", max_len)
        self.batch_first = batch_first
        self.dropout = Dropout(dropout)
        pairs = -(-d_model // 2)
        rates = 10000.0 ** (-2 * np.arange(pairs) / d_model)
        angles = np.arange(max_len)[:, None] * rates
        table = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1).reshape(max_len, 2 * pairs)
        self.register_buffer("pe", table[:, :d_model].astype(dtype), persistent=False)

    def forward(self, input: Any) -> Any:
        """Add the positions to sequences ``(L, N, E)``, with ``batch_first`` ``(N, L, E)``, or to one, ``(L, E)``.

        Raises
        ------
        ValueError
            If the last axis is not E, or there are more than ``max_len`` positions.
        """
        x = floating(input, "PositionalEncoding")
        axis = 1 if self.batch_first and x.ndim == 3 else 0
        if x.ndim not in (2, 3) or x.shape[-1] != self.d_model or x.shape[axis] > self.max_len:
            raise ValueError(
                f"PositionalEncoding(d_model={self.d_model}, max_len={self.max_len}, batch_first={self.batch_first}): "
                f"expected at most {self.max_len} positions of length {self.d_model}, got shape {x.shape} with "
                f"positions along axis {axis}{scope_note()}"
            )
        positions = ops.astype(self.pe[: x.shape[axis]], x.dtype)
        if x.ndim == 3 and not self.batch_first:
            positions = ops.reshape(positions, (x.shape[0], 1, self.d_model))
        return self.dropout(x + positions)
