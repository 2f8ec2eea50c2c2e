"""What a formula may call: a table, and nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.primitives import REGISTRY

__all__ = ["ALIASES", "CONSTANTS", "OF_AXES", "REWRITES", "arity", "function", "is_function", "names"]

CONSTANTS = {"pi": 3.141592653589793, "π": 3.141592653589793, "e": 2.718281828459045}

#: Other names under which operations are known.
ALIASES = {"abs": "absolute", "ln": "log", "pow": "power", "σ": "sigmoid"}

#: Functions of one array that are not elementwise.
_OF_ARRAYS = ("sum", "mean", "prod", "var", "std", "softmax", "log_softmax", "logsumexp", "transpose")

#: Those of them that a number is not enough for.
OF_AXES = ("softmax", "log_softmax")

#: Functions of one array, or elementwise of several values.
_CHOOSING = {"max": "maximum", "min": "minimum"}

#: How to write what the engine has no operation for.
REWRITES = {
    "cot": "cos(x)/sin(x)",
    "lg": "log10(x)",
    "reciprocal": "1/x",
    "logistic": "sigmoid(x)",
    "expit": "sigmoid(x)",
    "swish": "silu(x)",
    "norm": "sqrt(sum(x**2))",
    "dot": "x @ y",
    "sqr": "x**2",
}


def _elementwise(name: str) -> bool:
    primitive = REGISTRY.get(ALIASES.get(name, name))
    return primitive is not None and primitive.kind == "elementwise" and primitive.arity in (1, 2)


def is_function(name: str) -> bool:
    """Whether there is a function of this name.

    Examples
    --------
    >>> is_function("exp"), is_function("eval")
    (True, False)
    """
    return name in _OF_ARRAYS or name in _CHOOSING or _elementwise(name)


def names() -> list[str]:
    """The names of all functions, in order.

    Examples
    --------
    >>> "sigmoid" in names()
    True
    """
    return sorted({*filter(_elementwise, REGISTRY), *ALIASES, *_OF_ARRAYS, *_CHOOSING})


def arity(name: str) -> tuple[int, int | None]:
    """How many arguments a function takes: at least, and at most (None: any number).

    Examples
    --------
    >>> arity("exp"), arity("max")
    ((1, 1), (1, None))
    """
    if name in _CHOOSING:
        return 1, None
    count = 1 if name in _OF_ARRAYS else REGISTRY[ALIASES.get(name, name)].arity
    return count, count


def function(name: str, count: int) -> tuple[str, Callable[..., Any]]:
    """The operation that a function of so many arguments records, by name, and the Python function that records it.

    Examples
    --------
    >>> function("max", 1)[0], function("max", 2)[0], function("abs", 1)[0]
    ('max', 'maximum', 'absolute')
    """
    name = _CHOOSING[name] if name in _CHOOSING and count > 1 else ALIASES.get(name, name)
    return name, REGISTRY[name].function
