"""Tables of learned vectors."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from autograd import Tensor
from autograd._values import canonical
from nn import functional, init
from nn._arguments import positive_integer
from nn._inputs import cast, floating
from nn._module import Module
from nn._parameter import Parameter
from nn.functional._embedding import padding_row

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """Base of layers with a table of vectors, one of which may be padding."""

    weight: Tensor

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        sparse: bool,
        dtype: Any,
        generator: np.random.Generator | None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.num_embeddings = positive_integer(name, "num_embeddings", num_embeddings)
        self.embedding_dim = positive_integer(name, "embedding_dim", embedding_dim)
        if sparse:
            raise ValueError(f"{name}: sparse gradients are not supported; use sparse=False")
        self.padding_idx = padding_row(padding_idx, num_embeddings, name)
        self.weight = Parameter(np.zeros((num_embeddings, embedding_dim)), dtype=dtype)
        self.reset_parameters(generator)

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the initial values anew."""
        init.normal_(self.weight, generator=generator)
        if self.padding_idx is not None:
            values = self.weight.numpy()
            values[self.padding_idx] = 0
            self.weight.assign_raw(canonical(values))

    def _settings(self, defaults: dict[str, Any]) -> str:
        """Sizes, and the settings that are not the default ones."""
        held = {name: getattr(self, name) for name in defaults}
        changed = [f"{name}={value!r}" for name, value in held.items() if value != defaults[name]]
        return ", ".join([str(self.num_embeddings), str(self.embedding_dim), *changed])


def _vectors(embeddings: Any, owner: str) -> Any:
    vectors = floating(embeddings, f"{owner}.from_pretrained")
    if vectors.ndim != 2:
        raise ValueError(
            f"{owner}.from_pretrained: expected a matrix (number of embeddings, dimension), got shape {vectors.shape}"
        )
    return vectors


class Embedding(_Table):
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
        Which norm that is: 2 for the Euclidean, infinity for the largest absolute value.
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
        If a size or ``padding_idx`` is not an integer.
    ValueError
        If a size is not positive, ``padding_idx`` is out of range, or sparse gradients are wanted.

    Examples
    --------
    >>> import nn
    >>> nn.Embedding(10, 3)([[1, 2], [4, 5]]).shape
    (2, 2, 3)
    """

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
        super().__init__(num_embeddings, embedding_dim, padding_idx, sparse, dtype, generator)
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq

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
        vectors = _vectors(embeddings, "Embedding")
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
        return self._settings({"padding_idx": None, "max_norm": None, "norm_type": 2, "scale_grad_by_freq": False})


class EmbeddingBag(_Table):
    """Sums, means or maxima of learned vectors over bags of symbols.

    Parameters
    ----------
    num_embeddings : int
        The number of symbols V.
    embedding_dim : int
        The length D of each vector.
    max_norm, norm_type, scale_grad_by_freq, sparse
        As in :class:`Embedding`.
    mode : {"mean", "sum", "max"}
        How the vectors of a bag become one.
    include_last_offset
        Whether offsets end with the number of indices.
    padding_idx : int, optional
        An index to leave out, whose vector is 0 at first.
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
        If a size or ``padding_idx`` is not an integer.
    ValueError
        If a size is not positive, ``padding_idx`` is out of range, or sparse gradients are wanted.

    Examples
    --------
    >>> import nn
    >>> nn.EmbeddingBag(10, 3)([[1, 2], [4, 5]]).shape
    (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        *,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        dtype: Any = np.float32,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, sparse, dtype, generator)
        self.max_norm, self.norm_type, self.scale_grad_by_freq = max_norm, norm_type, scale_grad_by_freq
        self.mode, self.include_last_offset = mode, include_last_offset

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """Make a layer from given vectors; the arguments are those of :meth:`Embedding.from_pretrained` and the class.

        Examples
        --------
        >>> import nn
        >>> nn.EmbeddingBag.from_pretrained([[1.0, 2.0], [3.0, 4.0]])([[0, 1]]).tolist()
        [[2.0, 3.0]]
        """
        vectors = _vectors(embeddings, "EmbeddingBag")
        layer = cls(
            vectors.shape[0],
            vectors.shape[1],
            max_norm,
            norm_type,
            scale_grad_by_freq,
            mode,
            sparse,
            include_last_offset=include_last_offset,
            padding_idx=padding_idx,
            dtype=vectors.dtype,
        )
        layer.weight = Parameter(vectors, requires_grad=not freeze)
        return layer

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """Look up bags of indices, as :func:`nn.functional.embedding_bag` does.

        Parameters
        ----------
        input : Tensor or array_like
            Indices: ``(B, N)``, a bag in each row; or ``(M,)``, all bags one after another.
        offsets : Tensor or array_like, optional
            Where each bag begins in indices of one axis.
        per_sample_weights : Tensor or array_like, optional
            Of the shape of the indices: factors of the vectors, with ``mode="sum"``.

        Returns
        -------
        Tensor
            ``(B, D)``.

        Raises
        ------
        TypeError, ValueError
            As of :func:`nn.functional.embedding_bag`.
        """
        factors = None if per_sample_weights is None else cast(per_sample_weights, self.weight.dtype, "EmbeddingBag")
        return functional.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            False,
            factors,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """Sizes and settings, as in PyTorch."""
        defaults = {"max_norm": None, "norm_type": 2, "scale_grad_by_freq": False, "mode": None, "padding_idx": None}
        return self._settings(defaults)
