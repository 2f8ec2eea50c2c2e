"""Tables of learned vectors."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from autograd import Tensor
from autograd._values import canonical
from nn import functional, init
from nn._arguments import positive_integer
from nn._inputs import floating
from nn._module import Module
from nn._parameter import Parameter

__all__ = ["Embedding"]


class Embedding(Module):
    """A learned vector for each of a number of symbols, looked up by index.

    Parameters
    ----------
    num_embeddings : int
        The number of symbols V.
    embedding_dim : int
        The length D of each vector.
    padding_idx : int, optional
        An index (negative ones count from the end) whose vector is 0 at first and gets no gradient.
    max_norm : float, optional
        Vectors that are looked up and have a larger norm are scaled down to it first.
    norm_type : float
        Which norm that is: 2 for the Euclidean.
    scale_grad_by_freq
        Divide each vector's gradient by how often it occurs in the batch.
    sparse
        Only False: there are no sparse gradients.
    dtype
        Of the vectors.
    generator : numpy.random.Generator, optional
        Draws the initial values; by default the one of :func:`nn.manual_seed`.

    Attributes
    ----------
    weight : Tensor
        ``(V, D)``, drawn from the standard normal distribution at first.

    Raises
    ------
    TypeError
        If a size is not an integer.
    ValueError
        If a size is not positive, ``padding_idx`` is out of range, or sparse gradients are wanted.

    Examples
    --------
    >>> import nn
    >>> nn.Embedding(10, 3)([[1, 2], [4, 5]]).shape
    (2, 2, 3)
    """

    weight: Tensor

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        *,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = positive_integer("Embedding", "num_embeddings", num_embeddings)
        self.embedding_dim = positive_integer("Embedding", "embedding_dim", embedding_dim)
        if sparse:
            raise ValueError("Embedding: sparse gradients are not supported; use sparse=False")
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(f"Embedding: padding_idx={padding_idx} is not one of num_embeddings={num_embeddings}")
            padding_idx %= num_embeddings
        self.padding_idx, self.max_norm, self.norm_type = padding_idx, max_norm, norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.weight = Parameter(np.zeros((num_embeddings, embedding_dim)), dtype=dtype)
        self.reset_parameters(generator)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """Make an embedding from given vectors.

        Parameters
        ----------
        embeddings : Tensor or array_like
            ``(V, D)``, copied; the dtype is kept.
        freeze
            Whether the vectors are to stay as they are.
        padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse
            As in :class:`Embedding`.

        Raises
        ------
        ValueError
            If the vectors are no matrix.

        Examples
        --------
        >>> import nn
        >>> nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])(1).tolist()
        [3.0, 4.0]
        """
        vectors = floating(embeddings, "Embedding.from_pretrained")
        if vectors.ndim != 2:
            raise ValueError(
                f"Embedding.from_pretrained: expected a matrix (number of embeddings, dimension), got shape "
                f"{vectors.shape}"
            )
        layer = cls(
            vectors.shape[0],
            vectors.shape[1],
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            dtype=vectors.dtype,
        )
        layer.weight = Parameter(vectors, requires_grad=not freeze)
        return layer

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the initial values anew."""
        init.normal_(self.weight, generator=generator)
        if self.padding_idx is not None:
            values = self.weight.numpy()
            values[self.padding_idx] = 0
            self.weight.assign_raw(canonical(values))

    def forward(self, input: Any) -> Any:
        """Look up integer indices of any shape; the result has one axis more, of length D.

        Raises
        ------
        TypeError
            If the indices are not integers.
        ValueError
            If one is out of range.
        """
        return functional.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq
        )

    def extra_repr(self) -> str:
        """Sizes and settings, as in PyTorch."""
        settings = [str(self.num_embeddings), str(self.embedding_dim)]
        for name, default in (
            ("padding_idx", None),
            ("max_norm", None),
            ("norm_type", 2),
            ("scale_grad_by_freq", False),
        ):
            if getattr(self, name) != default:
                settings.append(f"{name}={getattr(self, name)}")
        return ", ".join(settings)
