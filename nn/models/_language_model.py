"""Language models: networks that score the next symbol of a text, and so can write."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from operator import index
from typing import Any

import numpy as np
from numpy import ndarray

import nn
from autograd import no_grad
from nn._random import generator_or_default

__all__ = ["LanguageModel"]

Array = ndarray[Any, Any]


class LanguageModel(nn.Module):
    """Base of language models; a subclass defines ``reader``."""

    def reader(self) -> Callable[[Array], Any]:
        """A function from texts ``(batch, length)`` to the scores ``(batch, num_symbols)`` of the symbols that follow.

        :meth:`generate` calls it with texts that grow, so that it may remember what it has read.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no reader(), which generating needs")

    def generate(
        self, prompt: Any, length: int, *, temperature: float = 1.0, generator: np.random.Generator | None = None
    ) -> Array:
        """Continue texts.

        Parameters
        ----------
        prompt : array_like of int
            ``(length,)`` or ``(batch, length)``: how the texts begin, with one symbol at least.
        length : int
            How many symbols to add.
        temperature : float
            Scores are divided by it: below 1 the model ventures less, at 0 it always takes the likeliest symbol.
        generator : numpy.random.Generator, optional
            Draws the symbols; by default the one of :func:`nn.manual_seed`.

        Returns
        -------
        ndarray of int
            The prompt and what follows, ``(..., prompt's length + length)``.

        Raises
        ------
        TypeError
            If the prompt does not hold indices, or ``length`` is no integer.
        ValueError
            If the prompt is empty, ``length`` or the temperature is negative, or the model's scores are NaN.
        """
        start = np.asarray(prompt)
        if start.ndim not in (1, 2) or start.size == 0:
            raise ValueError(
                f"{type(self).__name__}.generate: the prompt must be indices (length,) or (batch, length), one at "
                f"least, got shape {start.shape}"
            )
        if start.dtype.kind not in "iu":
            raise TypeError(
                f"{type(self).__name__}.generate: the prompt must be integers, the symbols' indices, got {start.dtype}"
            )
        if index(length) < 0:
            raise ValueError(
                f"{type(self).__name__}.generate: length must be 0 or more, the symbols to add, got {length}"
            )
        begin = start.shape[-1]
        text = np.empty((start.size // begin, begin + length), np.int64)
        text[:, :begin] = start
        training, read = self.training, self.eval().reader()
        try:
            with no_grad():
                for end in range(begin, begin + length):
                    text[:, end] = draw(read(text[:, :end]), temperature, generator)
        finally:
            self.train(training)
        return text.reshape(*start.shape[:-1], begin + length)


def draw(scores: Any, temperature: float, generator: np.random.Generator | None = None) -> Array:
    """Draw from the distribution softmax(scores / temperature) along the last axis.

    The largest of the scores with Gumbel noise added has exactly this distribution (Gumbel, 1954), and there is no
    exponential to overflow.

    Raises
    ------
    ValueError
        If the temperature is negative or not finite, or a score is NaN.
    """
    if not 0 <= temperature < float("inf"):
        raise ValueError(f"generate: temperature must be a number from 0 on, got {temperature!r}")
    if isnan(scores.max()):
        raise ValueError("generate: the model's scores are NaN; look at its weights, training may have diverged")
    if temperature > 0:
        scores = scores + temperature * generator_or_default(generator).gumbel(size=scores.shape)
    indices: Array = scores.argmax(axis=-1)
    return indices
