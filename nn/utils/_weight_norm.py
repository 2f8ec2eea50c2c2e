"""Weight normalisation under the keys of PyTorch's older form, ``weight_g`` and ``weight_v``."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, no_grad, sqrt
from nn._module import Module
from nn._parameter import Parameter, is_parameter
from nn.utils._computed import compute, hold, is_computed

__all__ = ["check_axis", "norm_except", "remove_weight_norm", "weight_norm"]


def norm_except(weight: Any, dim: int | None) -> Any:
    """The norms of the slices along an axis, with that number of axes; without an axis that of the whole, a scalar."""
    if dim is None:
        return sqrt((weight * weight).sum())
    return sqrt((weight * weight).sum(axis=tuple(axis for axis in range(weight.ndim) if axis != dim), keepdims=True))


def check_axis(weight: Tensor, name: str, dim: int | None) -> None:
    """Make sure that a weight has the axis of :func:`weight_norm`.

    Raises
    ------
    ValueError
        If it has not, or the axis is counted from the end.
    """
    if dim is not None and not 0 <= dim < weight.ndim:
        raise ValueError(
            f"weight_norm: no axis {dim} in {name!r} of shape {weight.shape}; axes are counted from 0, and None is for "
            f"one length of the whole (to PyTorch, -1 is that, too)"
        )


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    r"""Learn the length and the direction of a weight separately: :math:`w = g \, v / \lVert v \rVert`.

    :func:`nn.utils.parametrizations.weight_norm` does the same under the keys of newer networks.

    Parameters
    ----------
    module : Module
        Is changed: the parameter is computed from the parameters ``<name>_g`` and ``<name>_v``.
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
    >>> layer = nn.utils.weight_norm(nn.Linear(4, 3))
    >>> {key: array.shape for key, array in layer.state_dict().items()}
    {'bias': (3,), 'weight_g': (3, 1), 'weight_v': (3, 4)}
    """
    weight = vars(module).get(name)
    if not is_parameter(weight):
        there = ", ".join(key for key, _ in module.named_parameters(recurse=False)) or "none"
        raise ValueError(f"weight_norm: {type(module).__name__} has no parameter {name!r}; it has {there}")
    check_axis(weight, name, dim)

    def split(value: Any) -> tuple[Tensor, Tensor]:
        with no_grad():
            value = value if isinstance(value, Tensor) else Tensor(value, dtype=weight.dtype)
            return norm_except(value, dim), value

    magnitude, direction = (
        Parameter(part.numpy(), requires_grad=weight.requires_grad, dtype=weight.dtype) for part in split(weight)
    )
    delattr(module, name)
    module.register_parameter(f"{name}_g", magnitude)
    module.register_parameter(f"{name}_v", direction)

    def get(module: Module) -> Any:
        direction = getattr(module, f"{name}_v")
        return direction * (getattr(module, f"{name}_g") / norm_except(direction, dim))

    def assign(module: Module, value: Any) -> None:
        for suffix, part in zip("gv", split(value), strict=True):
            getattr(module, f"{name}_{suffix}").data = part.numpy()

    compute(module, name, get, assign)
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Hold a weight again that :func:`weight_norm` had computed.

    Parameters
    ----------
    module : Module
        Is changed.
    name : str
        The parameter.

    Returns
    -------
    Module
        The same module.

    Raises
    ------
    ValueError
        If the weight is not normalised.

    Examples
    --------
    >>> import nn
    >>> layer = nn.utils.remove_weight_norm(nn.utils.weight_norm(nn.Linear(4, 3)))
    >>> list(layer.state_dict())
    ['bias', 'weight']
    """
    if not is_computed(module, name) or f"{name}_g" not in vars(module):
        raise ValueError(f"remove_weight_norm: {name!r} of {type(module).__name__} is not normalised")
    with no_grad():
        value = getattr(module, name).numpy()
    weight = Parameter(value, requires_grad=getattr(module, f"{name}_v").requires_grad, dtype=value.dtype)
    for suffix in "gv":
        delattr(module, f"{name}_{suffix}")
    hold(module, name)
    module.register_parameter(name, weight)
    return module
