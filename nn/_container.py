"""Modules made of modules, and those that only pass values on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, overload

from nn import functional
from nn._module import Module

__all__ = ["Flatten", "Identity", "Sequential"]


class Sequential(Module):
    """Modules applied one after another.

    Parameters
    ----------
    *modules : Module
        Named "0", "1" and so on; or one mapping of names to modules.

    Raises
    ------
    TypeError
        If something is not a module.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> net = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    >>> net(np.ones((5, 4))).shape
    (5, 2)
    >>> net[:2]
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): ReLU()
    )
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            named = dict(modules[0])
        else:
            named = {str(i): module for i, module in enumerate(modules)}  # type: ignore[misc]
        for name, module in named.items():
            self._add(name, module)

    def _add(self, name: str, module: Module) -> None:
        if module is None:
            raise TypeError(f"Sequential: {name!r} must be a Module, got None; leave it out or use Identity()")
        self.register_module(name, module)

    def forward(self, input: Any) -> Any:
        """Apply the modules in order."""
        for module in self:
            input = module(input)
        return input

    def append(self, module: Module) -> Sequential:
        """Add a module at the end; returns this container."""
        self._add(str(len(self)), module)
        return self

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Module]:
        # Unlike children(), a module that occurs twice is applied twice.
        return (module for module in list(vars(self).values()) if isinstance(module, Module))

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    def __getitem__(self, index: int | slice) -> Module:
        modules = list(self)
        if isinstance(index, slice):
            named = [(name, module) for name, module in vars(self).items() if isinstance(module, Module)]
            return type(self)(dict(named[index]))
        if not -len(modules) <= index < len(modules):
            raise IndexError(f"Sequential: index {index} is out of range for {len(modules)} modules")
        return modules[index]


class Identity(Module):
    """Passes its input on; takes the place of a layer that is not wanted. Arguments are accepted and ignored.

    Examples
    --------
    >>> import nn
    >>> nn.Identity(54, unused=True)(3.0)
    3.0
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """Return the input itself."""
        return input


class Flatten(Module):
    """Join a range of axes into one, by default all but the first.

    Parameters
    ----------
    start_dim, end_dim : int
        First and last axis to join.

    Raises
    ------
    ValueError
        When called on a tensor without these axes.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.Flatten()(np.ones((5, 8, 8))).shape
    (5, 64)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Any:
        """Apply to a tensor; the elements keep their order."""
        return functional.flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The axes, as in PyTorch."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
