"""Parameters in another form: normalised weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, no_grad
from autograd._values import canonical
from nn import functional
from nn._module import Module
from nn._random import generator_or_default
from nn.utils._weight_norm import check_axis, norm_except
from nn.utils.parametrize import register_parametrization

__all__ = ["spectral_norm", "weight_norm"]


class _WeightNorm(Module):
    def __init__(self, dim: int | None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, magnitude: Tensor, direction: Tensor) -> Any:
        """Their product, with the direction at length 1."""
        return direction * (magnitude / norm_except(direction, self.dim))

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        """Magnitude and direction of a weight."""
        return norm_except(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    r"""Learn the length and the direction of a weight separately: :math:`w = g \, v / \lVert v \rVert`.

    Parameters
    ----------
    module : Module
        Is changed: the parameter is computed from ``parametrizations.<name>.original0`` (:math:`g`) and ``original1``
        (:math:`v`).
    name : str
        The parameter.
    dim : int, optional
        The axis along which each slice has a length of its own, from 0; None for one length of the whole.

    Returns
    -------
    Module
        The same module.

    Raises
    ------
    ValueError
        If the module has no such parameter, or that no such axis.

    Notes
    -----
    Salimans and Kingma, "Weight normalization" (2016).

    Examples
    --------
    >>> import nn
    >>> from nn.utils.parametrizations import weight_norm
    >>> layer = weight_norm(nn.Linear(4, 3))
    >>> {key: array.shape for key, array in layer.state_dict().items() if key != "bias"}
    {'parametrizations.weight.original0': (3, 1), 'parametrizations.weight.original1': (3, 4)}
    """
    weight = getattr(module, name, None)
    if isinstance(weight, Tensor):
        check_axis(weight, name, dim)
    return register_parametrization(module, name, _WeightNorm(dim))


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(
        self, weight: Tensor, n_power_iterations: int, eps: float, dim: int, generator: np.random.Generator | None
    ) -> None:
        super().__init__()
        self.n_power_iterations, self.eps, self.dim = n_power_iterations, eps, dim
        if weight.ndim > 1:
            draw = generator_or_default(generator)
            matrix = self._matrix(weight.detach())
            for name, size in (("_u", matrix.shape[0]), ("_v", matrix.shape[1])):
                start = Tensor(draw.standard_normal(size), requires_grad=False, dtype=weight.dtype)
                self.register_buffer(name, functional.normalize(start, dim=0, eps=eps))
            self._iterate(matrix, 15)

    def _matrix(self, weight: Any) -> Any:
        others = [axis for axis in range(weight.ndim) if axis != self.dim]
        return weight.transpose(self.dim, *others).reshape(weight.shape[self.dim], -1)

    def _iterate(self, matrix: Tensor, times: int) -> None:
        """Turn u and v towards the first singular vectors."""
        with no_grad():
            for _ in range(times):
                u = functional.normalize(matrix @ self._v, dim=0, eps=self.eps)
                v = functional.normalize(matrix.T @ u, dim=0, eps=self.eps)
                self._u.assign_raw(canonical(u.numpy()))
                self._v.assign_raw(canonical(v.numpy()))

    def forward(self, weight: Tensor) -> Any:
        """The weight divided by its largest singular value."""
        if weight.ndim == 1:
            return functional.normalize(weight, dim=0, eps=self.eps)
        matrix = self._matrix(weight)
        if self.training:
            self._iterate(matrix.detach(), self.n_power_iterations)
        u, v = self._u.detach(), self._v.detach()  # as they are now: a graph keeps them while they turn on
        return weight / (u @ (matrix @ v))


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
    *,
    generator: np.random.Generator | None = None,
) -> Module:
    r"""Divide a weight by its largest singular value, :math:`w / \sigma(w)`, so that the layer lengthens no vector.

    The singular value is found by power iteration, some more of which are made in every call in training.

    Parameters
    ----------
    module : Module
        Is changed: the parameter is computed from ``parametrizations.<name>.original``.
    name : str
        The parameter; as a matrix, of its axis ``dim`` and all others together.
    n_power_iterations : int
        Iterations in each call.
    eps : float
        The smallest norm divided by.
    dim : int, optional
        The axis of outputs: by default 0, and 1 in transposed convolutions.
    generator : numpy.random.Generator, optional
        Draws where the iteration starts; by default the one of :func:`nn.manual_seed`.

    Returns
    -------
    Module
        The same module.

    Raises
    ------
    ValueError
        If the module has no such parameter, or that no such axis, or there is no iteration.

    Notes
    -----
    Miyato et al., "Spectral normalization for generative adversarial networks" (2018).

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> from nn.utils.parametrizations import spectral_norm
    >>> layer = spectral_norm(nn.Linear(4, 3)).eval()
    >>> bool(abs(np.linalg.norm(layer.weight.numpy(), 2) - 1) < 0.05)
    True
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"spectral_norm: {type(module).__name__} has no parameter {name!r}")
    if dim is None:
        dim = 1 if type(module).__name__.startswith("ConvTranspose") else 0
    if not -weight.ndim <= dim < weight.ndim:
        raise ValueError(f"spectral_norm: no axis {dim} in {name!r} of shape {weight.shape}")
    if not n_power_iterations >= 1:
        raise ValueError(f"spectral_norm: n_power_iterations must be at least 1, got {n_power_iterations}")
    return register_parametrization(
        module, name, _SpectralNorm(weight, n_power_iterations, eps, dim % weight.ndim, generator)
    )
