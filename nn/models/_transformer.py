"""A language model made of attention alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from nn.models._language_model import Array, LanguageModel

__all__ = ["TransformerLM"]


class TransformerLM(LanguageModel):
    """A decoder-only Transformer: scores for the next symbol, computed by attention to the symbols so far.

    Parameters
    ----------
    num_symbols : int
        The number of different symbols; texts are given as indices into their list.
    context : int
        How many symbols it sees at most.
    d_model : int
        Features of each symbol's vector.
    nhead : int
        Heads of attention, into which the features are divided.
    num_layers : int
        Of attention and feed-forward network on top of each other.
    dim_feedforward : int, optional
        Hidden units of the feed-forward networks; by default four times ``d_model``.
    dropout : float
        The probability with which features are left out while training.

    Notes
    -----
    Vaswani et al., "Attention is all you need" (2017); Radford et al., "Language models are unsupervised multitask
    learners" (2019), from which it has learned positions, normalisation before each part and the initial weights. A
    mask keeps every place from seeing the ones after it, so that all places are trained at once.

    Examples
    --------
    >>> import numpy as np
    >>> net = TransformerLM(num_symbols=30, context=8, d_model=16, nhead=2)
    >>> net(np.array([[3, 1, 4, 1, 5]])).shape
    (1, 5, 30)
    >>> net.generate([3, 1], length=10, generator=np.random.default_rng(0)).shape
    (12,)
    """

    def __init__(
        self,
        num_symbols: int,
        context: int = 64,
        *,
        d_model: int = 128,
        nhead: int = 4,
        num_layers: int = 2,
        dim_feedforward: int | None = None,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.context = context
        self.token = nn.Embedding(num_symbols, d_model)
        self.position = nn.Embedding(context, d_model)
        self.dropout = nn.Dropout(dropout)
        layer = nn.TransformerEncoderLayer(
            d_model,
            nhead,
            4 * d_model if dim_feedforward is None else dim_feedforward,
            dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.blocks = nn.TransformerEncoder(layer, num_layers, norm=nn.LayerNorm(d_model))
        self.output = nn.Linear(d_model, num_symbols, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                # What each block adds to the sum that runs through all of them starts smaller, the more there are.
                adds = name.endswith(("out_proj.weight", "linear2.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * num_layers) ** 0.5 if adds else 0.02)

    def forward(self, indices: Any) -> Any:
        """Read texts.

        Parameters
        ----------
        indices : array_like of int
            ``(batch, length)`` or ``(length,)``, the symbols, ``context`` at most.

        Returns
        -------
        Tensor
            ``(..., length, num_symbols)``: for each place in the texts the scores of the symbol that comes next.

        Raises
        ------
        ValueError
            If the texts are longer than ``context``, or there is only a single index.
        """
        if np.ndim(indices) == 0:
            raise ValueError("TransformerLM: texts must be indices (batch, length) or (length,), got a single one")
        length = np.shape(indices)[-1]
        if length > self.context:
            raise ValueError(
                f"TransformerLM: texts of {length} symbols are longer than the context of {self.context}; give their "
                f"last {self.context}, or make the model with a larger context"
            )
        x = self.dropout(self.token(indices) + self.position(np.arange(length)))
        mask = nn.Transformer.generate_square_subsequent_mask(length)
        return self.output(self.blocks(x, mask=mask, is_causal=True))

    def reader(self) -> Callable[[Array], Any]:
        """A function that reads the end of a text, as far as the context goes."""
        return lambda text: self(text[:, -self.context :]).numpy()[:, -1]
