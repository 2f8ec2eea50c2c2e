"""Modules made of modules or of parameters, and those that only pass values on."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from itertools import groupby
from typing import Any, Self, SupportsIndex, TypeVar, overload

import numpy as np

from autograd import Tensor
from autograd._values import describe
from nn import functional
from nn._module import Module
from nn._parameter import Parameter, is_parameter

__all__ = ["Flatten", "Identity", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]

T = TypeVar("T")


class _Numbered(Module, MutableSequence[T]):
    """A list whose items are attributes of a module; names that are numbers follow the positions."""

    __hash__ = Module.__hash__

    def _named(self) -> list[tuple[str, T]]:
        raise NotImplementedError

    def _checked(self, name: str, item: Any) -> T:
        raise NotImplementedError

    def _renamed(self, item: T, old: str, new: str) -> None:
        """An item is now at another position."""

    def _arrange(self, named: Iterable[tuple[str | None, Any]]) -> None:
        """Hold these items and no others: under their names, or the numbers of their positions."""
        new = [
            (str(i) if name is None or name.isdecimal() else name, name, item) for i, (name, item) in enumerate(named)
        ]
        new = [(name, old, self._checked(name, item)) for name, old, item in new]
        for name, _ in self._named():
            delattr(self, name)
        for name, old, item in new:
            setattr(self, name, item)
            if old is not None:
                self._renamed(item, old, name)

    def __len__(self) -> int:
        return len(self._named())

    def __iter__(self) -> Iterator[T]:
        return (item for _, item in self._named())

    def _at(self, index: SupportsIndex) -> int:
        index, count = operator.index(index), len(self)
        if not -count <= index < count:
            raise IndexError(f"{type(self).__name__}: index {index} is out of range for {count} {self._items}")
        return index % count

    _items = "modules"

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> T | Self:
        named = self._named()
        return self._part(named[index]) if isinstance(index, slice) else named[self._at(index)][1]

    def _part(self, named: list[tuple[str, T]]) -> Self:
        """Another container of some of the items."""
        return type(self)([item for _, item in named])  # type: ignore[call-arg]

    def __setitem__(self, index: int | slice, value: Any) -> None:
        named: list[tuple[str | None, Any]] = list(self._named())
        if isinstance(index, slice):
            named[index] = [(None, item) for item in value]
        else:
            name, _ = named[self._at(index)]
            named[index] = (name, value)
        self._arrange(named)

    def __delitem__(self, index: int | slice) -> None:
        named = self._named()
        del named[index if isinstance(index, slice) else self._at(index)]
        self._arrange(named)

    def insert(self, index: int, value: Any) -> None:
        """Put an item before the one at a position."""
        named: list[tuple[str | None, Any]] = list(self._named())
        named.insert(index, (None, value))
        self._arrange(named)

    def append(self, value: Any) -> Self:  # type: ignore[override]
        """Add an item at the end; returns this container."""
        number = len(self)
        while str(number) in vars(self):
            number += 1
        setattr(self, str(number), self._checked(str(number), value))
        return self

    def extend(self, values: Iterable[Any]) -> Self:  # type: ignore[override]
        """Add several items at the end, all or none; returns this container."""
        values = list(values)
        for i, value in enumerate(values, len(self)):
            self._checked(str(i), value)
        for value in values:
            self.append(value)
        return self

    def __add__(self, other: Iterable[T]) -> Self:
        return self._part(self._named()).extend(other)

    def __iadd__(self, other: Iterable[T]) -> Self:
        return self.extend(other)


class _Modules(_Numbered[Module]):
    def _named(self) -> list[tuple[str, Module]]:
        # Unlike children(), a module that occurs twice counts twice.
        return [(name, module) for name, module in vars(self).items() if isinstance(module, Module)]

    def __iter__(self) -> Iterator[Module]:  # without the names, since every call of a Sequential comes here
        return iter([module for module in vars(self).values() if isinstance(module, Module)])

    def _checked(self, name: str, item: Any) -> Module:
        if not isinstance(item, Module):
            hint = f"; did you mean {item.__name__}(...)?" if isinstance(item, type) else ""
            hint = "; leave it out or use Identity()" if item is None else hint
            given = f"the class {item.__name__}" if isinstance(item, type) else type(item).__name__
            raise TypeError(
                f"{type(self).__name__}: {name!r} must be a Module, got {'None' if item is None else given}{hint}"
            )
        return item

    def _renamed(self, item: Module, old: str, new: str) -> None:
        item._call_it(self._path_of(new), instead_of=self._path_of(old))


class Sequential(_Modules):
    """Modules applied one after another; a list of them, too.

    Parameters
    ----------
    *modules : Module
        Named "0", "1" and so on; or one mapping of names to modules.

    Raises
    ------
    IndexError
        If there is no module at an index.
    TypeError
        If something is not a module.

    Notes
    -----
    ``append``, ``extend``, ``insert``, ``pop``, ``del``, ``+`` and assignment to an index are those of lists. Names
    that are numbers follow the positions, others stay. A slice of a subclass with a constructor of its own is a plain
    ``Sequential``.

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
        if len(modules) == 1 and isinstance(modules[0], Mapping) and not isinstance(modules[0], Module):
            named = dict(modules[0])
        else:
            named = {str(i): module for i, module in enumerate(modules)}  # type: ignore[misc]
        for name, module in named.items():
            self.register_module(name, self._checked(name, module))

    def _part(self, named: list[tuple[str, Module]]) -> Self:
        # A subclass with a constructor of its own, such as MLP(2, 8, 1), cannot be made of some of its modules.
        kind = type(self) if type(self).__init__ is Sequential.__init__ else Sequential
        return kind(dict(named))  # type: ignore[return-value]  # which keep their names

    def forward(self, input: Any) -> Any:
        """Apply the modules in order."""
        for module in self:
            input = module(input)
        return input


class _Uncalled(Module):
    """A container that is not called: its modules are called with its name before theirs."""

    def _path_of(self, name: str) -> str:
        own, found, _ = self._scope.rpartition(": ")
        return f"{own}.{name}" if found else name

    def _call_it(self, name: str, instead_of: str | None = None) -> None:
        held = [(key, module, self._path_of(key)) for key, module in self.named_children()]
        super()._call_it(name, instead_of)
        for key, module, before in held:
            module._call_it(self._path_of(key), instead_of=before)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Say that this container is not called."""
        raise NotImplementedError(
            f"{type(self).__name__} only holds modules and cannot be called; call its modules in the forward of the "
            f"module that has it, or use Sequential"
        )


class ModuleList(_Uncalled, _Modules):
    """A list of modules, which are found as parts of the module that has it.

    Parameters
    ----------
    modules : iterable of Module, optional
        Named "0", "1" and so on.

    Raises
    ------
    IndexError
        If there is no module at an index.
    TypeError
        If something is not a module.

    Notes
    -----
    It is indexed, sliced and changed like a list. Scopes name its modules after it: ``"layers.0: Linear"``.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(2))
    ...
    ...     def forward(self, x):
    ...         for layer in self.layers:
    ...             x = x + layer(x)
    ...         return x
    >>> net = Net()
    >>> [name for name, _ in net.named_parameters()]
    ['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']
    >>> net.layers[0](np.ones(4)).scope
    ('layers.0: Linear',)
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def __repr__(self) -> str:
        lines = []
        start = 0
        for text, group in groupby(repr(module) for module in self):
            count = sum(1 for _ in group)
            lines.append(f"({start}): {text}" if count == 1 else f"({start}-{start + count - 1}): {count} x {text}")
            start += count
        body = "\n".join(lines).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)" if lines else f"{type(self).__name__}()"


class _Keyed(Module, MutableMapping[str, T]):
    """A dictionary whose items are attributes of a module."""

    __hash__ = Module.__hash__
    __eq__ = object.__eq__  # by identity, as for every module

    def _named(self) -> dict[str, T]:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self._named())

    def __iter__(self) -> Iterator[str]:
        return iter(self._named())

    def __getitem__(self, key: str) -> T:
        try:
            return self._named()[key]
        except KeyError:
            there = ", ".join(map(repr, self)) or "none"
            raise KeyError(f"{type(self).__name__} has no key {key!r}; there are {there}") from None

    def __delitem__(self, key: str) -> None:
        self[key]
        delattr(self, key)


class ModuleDict(_Uncalled, _Keyed[Module]):
    """A dictionary of modules, which are found as parts of the module that has it.

    Parameters
    ----------
    modules : mapping of str to Module, or iterable of pairs, optional
        Keys are names without dots, other than those of the methods of modules and dictionaries.

    Raises
    ------
    KeyError
        If there is no module under a key.
    TypeError
        If something is not a module.
    ValueError
        If a key cannot be a name.

    Examples
    --------
    >>> import nn
    >>> heads = nn.ModuleDict({"digit": nn.Linear(8, 10), "parity": nn.Linear(8, 2)})
    >>> list(heads), heads["parity"].out_features
    (['digit', 'parity'], 2)
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        super().__init__()
        self.update(modules or {})

    def _named(self) -> dict[str, Module]:
        return {name: module for name, module in vars(self).items() if isinstance(module, Module)}

    def __setitem__(self, key: str, value: Module) -> None:
        if not isinstance(value, Module):
            raise TypeError(f"ModuleDict: {key!r} must be a Module, got {type(value).__name__}")
        if key in self._named():
            setattr(self, key, value)
        else:
            self.register_module(key, value)


def _parameter(owner: str, name: str, value: Any) -> Tensor:
    if is_parameter(value):
        return value
    if isinstance(value, Tensor):
        raise TypeError(
            f"{owner}: {name!r} must be a Parameter, got {'a constant' if value.is_leaf else 'a result'} tensor "
            f"({describe(value._data)}); make one with Parameter(...), with requires_grad=False if it is frozen"
        )
    try:
        return Parameter(np.asarray(value))
    except TypeError as error:
        raise TypeError(f"{owner}: {name!r} must be a Parameter or numbers, got {type(value).__name__}") from error


def _describe(named: Iterable[tuple[str, Tensor]], kind: str) -> str:
    lines = [f"  ({name}): Parameter {parameter.dtype} {parameter.shape}" for name, parameter in named]
    return "\n".join([f"{kind}(", *lines, ")"]) if lines else f"{kind}()"


class ParameterList(_Numbered[Tensor]):
    """A list of parameters, which are found as those of the module that has it.

    Parameters
    ----------
    values : iterable of Parameter or array_like, optional
        Named "0", "1" and so on; arrays become parameters.

    Raises
    ------
    IndexError
        If there is no parameter at an index.
    TypeError
        If something is neither.

    Examples
    --------
    >>> import numpy as np
    >>> import nn
    >>> nn.ParameterList([nn.Parameter(np.ones(2)), np.zeros((2, 3))])
    ParameterList(
      (0): Parameter float64 (2,)
      (1): Parameter float64 (2, 3)
    )
    """

    _items = "parameters"

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend(values or ())

    def _named(self) -> list[tuple[str, Tensor]]:
        return list(self.named_parameters(remove_duplicate=False))

    def _checked(self, name: str, item: Any) -> Tensor:
        return _parameter("ParameterList", name, item)

    def __repr__(self) -> str:
        return _describe(self._named(), type(self).__name__)


class ParameterDict(_Keyed[Tensor]):
    """A dictionary of parameters, which are found as those of the module that has it.

    Parameters
    ----------
    parameters : mapping of str to Parameter or array_like, or iterable of pairs, optional
        Keys are names without dots, other than those of the methods of modules and dictionaries; arrays become
        parameters.

    Raises
    ------
    KeyError
        If there is no parameter under a key.
    TypeError
        If something is neither.
    ValueError
        If a key cannot be a name.

    Examples
    --------
    >>> import nn
    >>> nn.ParameterDict({"shift": [0.0, 1.0]})
    ParameterDict(
      (shift): Parameter float64 (2,)
    )
    """

    def __init__(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        super().__init__()
        self.update(parameters or {})

    def _named(self) -> dict[str, Tensor]:
        return dict(self.named_parameters(remove_duplicate=False))

    def __setitem__(self, key: str, value: Any) -> None:
        value = _parameter("ParameterDict", key, value)
        if key in self._named():
            setattr(self, key, value)
        else:
            self.register_parameter(key, value)

    def __repr__(self) -> str:
        return _describe(self._named().items(), type(self).__name__)


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
