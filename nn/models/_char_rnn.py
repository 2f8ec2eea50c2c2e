"""A language model that reads and writes symbol by symbol, remembering in a recurrent layer's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import nn
from nn.models._language_model import Array, LanguageModel

__all__ = ["CharRNN"]

CELLS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


class CharRNN(LanguageModel):
    """Scores for the next character, computed from all characters so far by a recurrent network.

    Parameters
    ----------
    num_symbols : int
        The number of different characters; texts are given as indices into their list.
    hidden_size : int
        Features of the recurrent state.
    cell : {"LSTM", "GRU", "RNN"}
        The kind of recurrent layer.
    num_layers : int
        Of recurrent layers on top of each other.
    embedding_dim : int or None
        The length of the learned vector for each character; None gives the recurrent layer one-hot vectors instead.
    dropout : float
        The probability with which outputs of the recurrent layers are left out while training.

    Raises
    ------
    ValueError
        If there is no such cell.

    Notes
    -----
    Mikolov et al., "Recurrent neural network based language model" (2010); Karpathy, "The unreasonable effectiveness of
    recurrent neural networks" (2015). Text comes with the batch first, ``(batch, length)``.

    Examples
    --------
    >>> import numpy as np
    >>> net = CharRNN(num_symbols=30, hidden_size=16)
    >>> scores, state = net(np.array([[3, 1, 4, 1, 5]]))
    >>> scores.shape
    (1, 5, 30)
    >>> net.generate([3, 1], length=4, generator=np.random.default_rng(0)).shape
    (6,)
    """

    def __init__(
        self,
        num_symbols: int,
        hidden_size: int = 128,
        *,
        cell: Literal["LSTM", "GRU", "RNN"] = "LSTM",
        num_layers: int = 1,
        embedding_dim: int | None = 32,
        dropout: float = 0.0,
    ) -> None:
        if cell not in CELLS:
            raise ValueError(f"CharRNN: cell must be one of {', '.join(CELLS)}, got {cell!r}")
        super().__init__()
        self.num_symbols = num_symbols
        self.embedding = None if embedding_dim is None else nn.Embedding(num_symbols, embedding_dim)
        self.rnn = CELLS[cell](
            embedding_dim or num_symbols,
            hidden_size,
            num_layers,
            batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden_size, num_symbols)

    def forward(self, indices: Any, state: Any = None) -> tuple[Any, Any]:
        """Read texts.

        Parameters
        ----------
        indices : array_like of int
            ``(batch, length)`` or ``(length,)``, the characters.
        state : Tensor, pair of Tensor or None
            What an earlier call returned, to read on from there.

        Returns
        -------
        scores : Tensor
            ``(..., length, num_symbols)``: for each place in the texts the scores of the character that comes next.
        state : Tensor or pair of Tensor
            The recurrent state at the end.
        """
        if self.embedding is None:
            vectors = nn.functional.one_hot(indices, self.num_symbols)
        else:
            vectors = self.embedding(indices)
        features, state = self.rnn(vectors, state)
        return self.output(self.dropout(features)), state

    def reader(self) -> Callable[[Array], Any]:
        """A function that reads what is new in a text that grows."""
        state, done = None, 0

        def read(text: Array) -> Any:
            nonlocal state, done
            scores, state = self(text[:, done:], state)
            done = text.shape[1]
            return scores.numpy()[:, -1]

        return read
