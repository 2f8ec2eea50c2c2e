"""Parameters that are computed from others: :func:`register_parametrization` and its relatives."""

from __future__ import annotations

from typing import Any

from autograd import Tensor, no_grad
from autograd._values import canonical
from nn._container import ModuleDict
from nn._module import Module
from nn._parameter import Parameter, is_parameter
from nn.utils._computed import compute, hold

__all__ = ["ParametrizationList", "is_parametrized", "register_parametrization", "remove_parametrizations"]


class ParametrizationList(Module):
    """What a parameter is computed from, and the modules that compute it, one after the other.

    Parameters
    ----------
    first : Module
        The first of them; its ``right_inverse``, if it has one, gives what it computes a value from.
    value : Tensor
        The parameter so far.

    Raises
    ------
    ValueError
        If ``first`` computes something of another shape.

    Notes
    -----
    Under PyTorch's keys: ``original``, or ``original0``, ``original1`` ... where a ``right_inverse`` returns several.
    """

    def __init__(self, first: Module, value: Tensor) -> None:
        super().__init__()
        with no_grad():
            originals = _inverted(first, value)
        self._several = isinstance(originals, (tuple, list))
        if self._several:
            for i, original in enumerate(originals):
                self.register_parameter(f"original{i}", _variable(original, value.requires_grad))
        else:
            self.register_parameter("original", value if originals is value else _variable(originals, True))
        self.append(first)

    def append(self, parametrization: Module) -> None:
        """Add a module that is applied to what those before compute."""
        number = sum(name.isdecimal() for name in vars(self))
        shape = self().shape if number else None
        self.register_module(str(number), parametrization)
        with no_grad():
            found = self().shape
        if shape is not None and found != shape:
            delattr(self, str(number))
            raise ValueError(
                f"register_parametrization: {type(parametrization).__name__} makes {found} of a parameter of shape "
                f"{shape}; it must keep the shape"
            )

    @property
    def originals(self) -> list[Tensor]:
        """What the parameter is computed from."""
        return [parameter for name, parameter in self.named_parameters(recurse=False) if name.startswith("original")]

    def forward(self) -> Any:
        """The parameter, computed."""
        first, *others = [module for name, module in vars(self).items() if name.isdecimal()]
        value = first(*self.originals)
        for module in others:
            value = module(value)
        return value

    def assign(self, value: Any) -> None:
        """Set the originals so that the parameter becomes a value."""
        modules = [module for name, module in vars(self).items() if name.isdecimal()]
        with no_grad():
            for module in reversed(modules):
                value = _inverted(module, value)
        for original, new in zip(self.originals, value if self._several else [value], strict=True):
            original.assign_raw(canonical(Tensor(new, dtype=original.dtype)._data))


def _inverted(module: Module, value: Any) -> Any:
    return module.right_inverse(value) if hasattr(type(module), "right_inverse") else value


def _variable(value: Any, requires_grad: bool) -> Tensor:
    tensor = Tensor(value)
    return Parameter(tensor.data, requires_grad=requires_grad, dtype=tensor.dtype)


def register_parametrization(module: Module, tensor_name: str, parametrization: Module) -> Module:
    """Compute a parameter of a module from another, in place of holding it.

    Parameters
    ----------
    module : Module
        Is changed.
    tensor_name : str
        The parameter. It becomes an attribute computed anew whenever it is read, and once in each call of the module.
    parametrization : Module
        Computes it, of the same shape. Its method ``right_inverse``, if it has one, gives what it would compute a value
        from; that may be several tensors.

    Returns
    -------
    Module
        The same module.

    Raises
    ------
    ValueError
        If the module has no such parameter, or the shape would change.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> from nn.utils import parametrize
    >>> class Symmetric(nn.Module):
    ...     def forward(self, x):
    ...         return (x + x.T) / 2.0
    >>> layer = parametrize.register_parametrization(nn.Linear(3, 3), "weight", Symmetric())
    >>> bool((layer.weight.data == layer.weight.data.T).all())
    True
    >>> list(layer.state_dict())
    ['bias', 'parametrizations.weight.original']
    """
    if is_parametrized(module, tensor_name):
        module.parametrizations[tensor_name].append(parametrization)
        return module
    value = vars(module).get(tensor_name)
    if not is_parameter(value):
        there = ", ".join(name for name, _ in module.named_parameters(recurse=False)) or "none"
        raise ValueError(
            f"register_parametrization: {type(module).__name__} has no parameter {tensor_name!r}; it has {there}"
        )
    computed = ParametrizationList(parametrization, value)
    with no_grad():
        shape = computed().shape
    if shape != value.shape:
        raise ValueError(
            f"register_parametrization: {type(parametrization).__name__} makes {shape} of a parameter of shape "
            f"{value.shape}; it must keep the shape"
        )
    delattr(module, tensor_name)
    if not isinstance(vars(module).get("parametrizations"), ModuleDict):
        module.parametrizations = ModuleDict()
    module.parametrizations[tensor_name] = computed
    compute(
        module,
        tensor_name,
        lambda module: module.parametrizations[tensor_name](),
        lambda module, value: module.parametrizations[tensor_name].assign(value),
    )
    return module


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a parameter of a module is computed; without a name, whether any is."""
    computed = vars(module).get("parametrizations", ())
    return len(computed) > 0 if tensor_name is None else tensor_name in computed


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Hold a parameter again instead of computing it.

    Parameters
    ----------
    module : Module
        Is changed.
    tensor_name : str
        The parameter.
    leave_parametrized : bool
        Whether it keeps its present value; otherwise it is what it was computed from.

    Returns
    -------
    Module
        The same module.

    Raises
    ------
    ValueError
        If it is not computed, or if it is computed from several tensors and is not to keep its value.
    """
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"remove_parametrizations: {tensor_name!r} of {type(module).__name__} is not parametrized")
    computed = module.parametrizations[tensor_name]
    originals = computed.originals
    if not leave_parametrized and len(originals) > 1:
        raise ValueError(
            f"remove_parametrizations: {tensor_name!r} is computed from {len(originals)} tensors, of which none can "
            f"take its place; pass leave_parametrized=True"
        )
    if leave_parametrized:
        with no_grad():
            value = _variable(computed().detach(), any(original.requires_grad for original in originals))
    else:
        value = originals[0]
    del module.parametrizations[tensor_name]
    if not module.parametrizations:
        del module.parametrizations
    hold(module, tensor_name)
    module.register_parameter(tensor_name, value)
    return module
