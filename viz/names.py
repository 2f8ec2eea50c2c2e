"""What tensors are called in the program that asks for a view of them.

A result has no name of its own, unless it was given one. But the program that computed it has: ``h = x @ w`` calls it
``h``. So a function of this package that shows a graph looks at the variables of the function, or the notebook, that
called it.
"""

from __future__ import annotations

import inspect
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import BuiltinFunctionType, FrameType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.sources import callers_frame

__all__ = ["Names", "callers_names", "named_in", "names_for", "names_in", "names_in_frame"]

#: Of tensors, and of plain arrays by their identity.
Names = Mapping[Any, str]

#: How many objects are looked at in all, and how many parts of each.
BUDGET, PARTS = 4000, 256
#: Names that IPython keeps its history under (the others begin with an underscore).
_HISTORY = ("In", "Out")
#: What no tensor is in, or only such as are not the program's variables.
_OPAQUE = (
    bool, int, float, complex, str, bytes, bytearray, type(None), type, ModuleType, FunctionType, BuiltinFunctionType,
    MethodType, np.generic, np.random.Generator, BaseException,
)  # fmt: skip
#: Packages whose objects hold tensors that they did not make: recordings, optimisers.
_HOLDERS = ("autograd", "optim", "viz")


def names_for(names: Any = None) -> dict[Any, str] | None:
    """What to call tensors: the argument ``names=`` of every public function that shows a graph.

    Call it directly from the public function, before anything is evaluated lazily, and pass the result on to
    :func:`viz.collect.collect`::

        def step(t, *, names=None, ...):
            trace = collect(t, names=names_for(names), ...)

    Parameters
    ----------
    names
        None, the default, asks the variables of the caller: of the innermost function outside of these packages. False
        leaves out all names but the tensors' own. A mapping from names to tensors, or a network (anything with
        ``named_parameters()``), adds its names to the caller's, and they count more than any others.

    Returns
    -------
    dict
        The names that are to be shown instead of the tensors' own; None for none. Plain arrays have names as well, by
        their identity: ``id(array)``.

    Raises
    ------
    TypeError
        If it is something else.

    Examples
    --------
    >>> x = Tensor(3.0)
    >>> names_for()[x], names_for({"input": x})[x], names_for(False)
    ('x', 'input', None)
    """
    if names is False:
        return None
    found = callers_names()
    if names is None or names is True:
        return found
    if isinstance(names, Mapping):
        for name, t in names.items():
            if not isinstance(name, str) or not isinstance(t, (Tensor, np.ndarray)):
                raise TypeError(
                    f"names: expected names with their tensors, got {name!r} with {type(t).__name__}; write "
                    f'names={{"x": x}}'
                )
        return found | {_key(t): name for name, t in names.items()}
    if not _is_module(names):
        raise TypeError(
            f"names: expected a mapping from names to tensors, a network, or False for no names of variables; got "
            f"{type(names).__name__}"
        )
    return found | {t: name for name, t in named_in(names, BUDGET)}


def _key(x: Any) -> Any:
    return x if type(x) is Tensor else id(x)


def callers_names() -> dict[Any, str]:
    """What the program that called this package calls its tensors (see :func:`names_in`).

    Its frame is looked at and not held on to.

    Examples
    --------
    >>> h = Tensor(3.0).exp()
    >>> callers_names()[h]
    'h'
    """
    frame = callers_frame()
    return {} if frame is None else names_in_frame(frame)


def names_in_frame(frame: FrameType) -> dict[Any, str]:
    """What the variables of a frame call their tensors (see :func:`names_in`)."""
    return names_in(_variables(frame))


def _variables(frame: FrameType) -> list[tuple[str, Any]]:
    """The variables that a frame sees, local ones first."""
    held = frame.f_locals
    local = dict(held)
    variables = list(local.items())
    if held is not frame.f_globals:
        variables += [item for item in list(frame.f_globals.items()) if item[0] not in local]
        optimised = frame.f_code.co_flags & inspect.CO_OPTIMIZED
        if sys.version_info < (3, 13) and optimised and sys.getrefcount(held) <= 3:
            # The frame would keep this copy, and all that is in it, until the function returns. Nobody else has it.
            held.clear()
    return variables


def names_in(variables: Iterable[tuple[str, Any]]) -> dict[Any, str]:
    """Name the tensors that variables hold, themselves or in lists, tuples, dictionaries and attributes.

    Parameters
    ----------
    variables
        Names and values, in the order of assignment. Those that begin with an underscore are left out.

    Returns
    -------
    dict
        Names of the tensors that have none of their own, and by ``id(array)`` of plain arrays. Parameters and buffers
        of networks go by their paths, which take the place of the names that their modules gave them:
        ``"model.hidden.weight"`` for ``"weight"``.

    Notes
    -----
    Of several names, that of a variable comes before one inside something else, less deep ones before deeper ones, and
    earlier ones before later ones. But the variable of a loop, which is left over with the last element, does not give
    its name to that one element: it goes by its place, as its neighbours do.

    No code of the program runs but ``named_parameters()`` and ``named_buffers()``, and what is looked at is bounded.

    Examples
    --------
    >>> w, b = Tensor(1.0), Tensor(2.0)
    >>> list(names_in([("params", {"w": w, "b": b}), ("bias", b), ("w", w), ("_", w)]).values())
    ['bias', 'w']
    >>> list(names_in([("params", [w, b]), ("p", b)]).values())
    ['params[1]', 'params[0]']
    """
    search = _Search()
    for order, (name, value) in enumerate(variables):
        if not name.startswith("_") and not (name in _HISTORY and isinstance(value, (dict, list))):
            search.add(name, value, order)
    search.run()
    found = {x: search.name(x) for x in (*search.direct, *search.inside) if not isinstance(x, Tensor) or x.name is None}
    return found | {t: path for t, path in search.paths.items() if t.name in (None, path.rpartition(".")[2])}


class _Search:
    """Goes through what variables hold, the least deep first."""

    def __init__(self) -> None:
        #: Of tensors and arrays: variables that hold them, and when these were assigned.
        self.direct: dict[Any, tuple[str, int]] = {}
        #: Of such inside something: the path, when its variable was assigned, and the tensors next to it.
        self.inside: dict[Any, tuple[str, int, list[Any]]] = {}
        #: Of parameters and buffers of networks.
        self.paths: dict[Tensor, str] = {}
        self.seen: set[int] = set()
        self.pending: deque[tuple[str, Any, int]] = deque()
        self.budget = BUDGET
        #: What was found in classes, by their identity.
        self.classes: dict[int, dict[Any, Any]] = {}

    def add(self, name: str, value: Any, order: int) -> None:
        """Start from a variable."""
        if type(value) in (Tensor, np.ndarray):
            self.direct.setdefault(_key(value), (name, order))
        elif not issubclass(type(value), _OPAQUE):
            self.pending.append((name, value, order))

    def run(self) -> None:
        """Look at everything, until the budget is spent."""
        while self.pending and self.budget > 0:
            path, value, order = self.pending.popleft()
            if id(value) in self.seen:  # everything stays alive meanwhile: the variables hold it
                continue
            self.seen.add(id(value))
            module = _is_module(value)
            if module:
                for name, t in named_in(value, self.budget):
                    self.budget -= 1
                    self.paths.setdefault(t, f"{path}.{name}")
            siblings: list[Any] = []
            for step, part in _parts(value, self.classes):
                self.budget -= 1
                if type(part) in (Tensor, np.ndarray):
                    siblings.append(_key(part))
                    self.inside.setdefault(_key(part), (path + step, order, siblings))
                elif not issubclass(type(part), _OPAQUE) and not (module and _is_module(part)):
                    self.pending.append((path + step, part, order))

    def name(self, x: Any) -> str:
        """The one that counts."""
        if x not in self.direct:
            return self.inside[x][0]
        name, order = self.direct[x]
        if x in self.inside and not (isinstance(x, Tensor) and x.primitive):
            path, earlier, siblings = self.inside[x]
            if earlier < order and not all(x in self.direct for x in siblings):
                return path  # the variable is that of a loop
        return name


def _parts(value: Any, known: dict[int, dict[Any, Any]]) -> Iterator[tuple[str, Any]]:
    """What is directly inside something, and how to write that: ``[3]``, ``["w"]``, ``.bias``."""
    try:
        kind = type(value)
        if issubclass(kind, dict):
            for key, part in list(islice(dict.items(value), PARTS)):
                if type(key) in (str, int):
                    yield f"[{_quoted(key)}]", part
        elif issubclass(kind, list):
            for i, part in enumerate(list(islice(list.__iter__(value), PARTS))):
                yield f"[{i}]", part
        elif issubclass(kind, tuple):
            fields = getattr(kind, "_fields", ())
            for i, part in enumerate(islice(tuple.__iter__(value), PARTS)):
                yield f".{fields[i]}" if i < len(fields) else f"[{i}]", part
        elif str(type.__getattribute__(kind, "__module__")).partition(".")[0] not in _HOLDERS:
            for key, part in list(islice(_attributes(value, known), PARTS)):
                if type(key) is str and key.isidentifier() and not key.startswith("_"):
                    yield f".{key}", part
    except Exception:  # its attributes are computed; or another thread is changing it right now
        return


def _attributes(value: Any, known: dict[int, dict[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """What an object holds in its dictionary and its slots, and the tensors that its class holds for all."""
    kind = type(value)
    if id(kind) not in known:
        known[id(kind)] = _class_attributes(kind)
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        own = {}
    yield from own.items()
    for key, part in known[id(kind)].items():
        if type(part) is Tensor and key not in own:
            yield key, part
        elif type(part) is MemberDescriptorType:
            try:
                yield key, part.__get__(value)
            except AttributeError:  # nothing was assigned to it
                continue


def _class_attributes(kind: type) -> dict[Any, Any]:
    """The slots and tensors of a class."""
    found: dict[Any, Any] = {}
    for base in reversed(type.__getattribute__(kind, "__mro__")):
        found.update(type.__getattribute__(base, "__dict__"))
    return {key: part for key, part in found.items() if type(part) in (Tensor, MemberDescriptorType)}


def _quoted(key: str | int) -> str:
    plain = isinstance(key, str) and key.isprintable() and not {'"', "\\"} & set(key)
    return f'"{key}"' if plain else repr(key)


def _is_module(value: Any) -> bool:
    return _has(value, "named_parameters")


def _has(value: Any, method: str) -> bool:
    try:
        return callable(getattr(type(value), method, None))
    except Exception:  # of classes that compute their attributes
        return False


def named_in(module: Any, limit: int = BUDGET) -> list[tuple[str, Tensor]]:
    """Parameters and buffers of a network with their paths in it."""
    found: list[tuple[str, Tensor]] = []
    for method in ("named_parameters", "named_buffers"):
        try:
            if _has(module, method):
                for name, t in islice(getattr(module, method)(), limit - len(found)):
                    if type(t) is Tensor and isinstance(name, str):
                        found.append((name, t))
        except Exception:  # it is the user's code, and may be half built; names are not worth failing for
            continue
    return found
