"""What NumPy's functions are tried on: the files ``cases_*.py`` beside this one list calls, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib import NumpyVersion

__all__ = ["Case", "all_cases", "call", "since"]


@dataclass(frozen=True)
class Case:
    """One call of a NumPy function.

    Attributes
    ----------
    name
        Of the function, from NumPy's namespace on: ``"linalg.inv"``.
    args, kwargs
        What it is called with. Floating and complex arrays and numbers among ``args``, also in lists and tuples, are
        what it is differentiated by.
    order
        Up to which order derivatives are compared with finite differences.
    constant
        Positions of arguments to keep fixed although they are arrays.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    order: int = 2
    constant: tuple[int, ...] = ()

    def __str__(self) -> str:
        shapes = ", ".join(_short(x) for x in self.args)
        settings = "".join(f", {key}={_short(value)}" for key, value in self.kwargs.items())
        return f"{self.name}({shapes}{settings})"[:90]

    def function(self, namespace: ModuleType = np) -> Callable[..., Any]:
        """The function under this name in NumPy, or in another namespace that has its names."""
        function: Callable[..., Any] = attrgetter(self.name)(namespace)
        return function

    def arrays(self) -> list[Any]:
        """What to differentiate by."""
        found: list[Any] = []
        for i, x in enumerate(self.args):
            if i not in self.constant:
                found += _arrays_in(x)
        return found

    def apply(self, function: Callable[..., Any], arrays: Any) -> Any:
        """Call a function with others in place of these arrays."""
        given = iter(arrays)
        args = [x if i in self.constant else _replaced(x, given) for i, x in enumerate(self.args)]
        return function(*args, **self.kwargs)


def call(name: str, *args: Any, order: int = 2, constant: tuple[int, ...] = (), **kwargs: Any) -> Case:
    """Write a case as the call that it is."""
    return Case(name, args, kwargs, order, constant)


def since(version: str, *cases: Case) -> tuple[Case, ...]:
    """Cases that NumPy itself has had since a version; with an older one there is nothing to compare with."""
    return cases if NumpyVersion(np.__version__) >= f"{version}.0" else ()


def all_cases() -> list[Case]:
    """Those of all files."""
    found: list[Case] = []
    for path in sorted(Path(__file__).parent.glob("cases_*.py")):
        found += importlib.import_module(f"{__package__}.{path.stem}").CASES
    return found


def _differentiable(x: Any) -> bool:
    return isinstance(x, (float, complex)) or (isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc")


def _arrays_in(x: Any) -> list[Any]:
    if isinstance(x, (list, tuple)):
        return [array for item in x for array in _arrays_in(item)]
    return [x] if _differentiable(x) else []


def _replaced(x: Any, given: Iterator[Any]) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)([_replaced(item, given) for item in x])
    return next(given) if _differentiable(x) else x


def _short(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"{x.dtype}{list(x.shape)}"
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(_short, x))}]"
    return getattr(x, "__name__", None) or repr(x)
