"""Attributes of a module that are computed where a parameter was held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn._module import Module

__all__ = ["compute", "hold", "is_computed"]

Get = Callable[[Any], Any]
Assign = Callable[[Any, Any], None]


def compute(module: Module, name: str, get: Get, assign: Assign) -> None:
    """Compute an attribute of a module whenever it is read, and once in each call of the module.

    Parameters
    ----------
    module
        Is changed: it becomes of a class of its own.
    name
        The attribute, which is not there.
    get
        Computes it from the module.
    assign
        What assigning to it does.
    """
    _reclass(module, {**_computed(module), name: _property(name, get, assign)})


def hold(module: Module, name: str) -> None:
    """Compute an attribute no longer."""
    _reclass(module, {other: kept for other, kept in _computed(module).items() if other != name})


def is_computed(module: Module, name: str) -> bool:
    """Whether an attribute of a module is computed."""
    return name in _computed(module)


def _computed(module: Module) -> dict[str, property]:
    return getattr(type(module), "_computed_properties", {})


def _reclass(module: Module, properties: dict[str, property]) -> None:
    plain: type[Module] = getattr(type(module), "_plain_class", type(module))
    if not properties:
        module.__class__ = plain
        return

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        outer = vars(self).get("_known")
        object.__setattr__(self, "_known", {})
        try:
            return plain.forward(self, *args, **kwargs)
        finally:
            object.__setattr__(self, "_known", outer)

    members = {
        **properties,
        "forward": forward,
        "_plain_class": plain,
        "_computed_properties": properties,
        "__module__": plain.__module__,
        "__doc__": plain.__doc__,
    }
    module.__class__ = type(f"Parametrized{plain.__name__}", (plain,), members)


def _property(name: str, get: Get, assign: Assign) -> property:
    def value(self: Any) -> Any:
        known = vars(self).get("_known")  # there only while the module is called
        if known is None:
            return get(self)
        if name not in known:
            known[name] = get(self)
        return known[name]

    return property(value, assign, doc=f"The module's {name}, computed.")
