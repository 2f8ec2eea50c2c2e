"""Redrawing composite gates as the simpler gates they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from autograd import Tensor, _state
from autograd._values import GuardedArray
from autograd.forward import nodes_of
from autograd.primitives import Primitive
from autograd.tensor import next_serial

__all__ = ["ARITHMETIC", "MARKS", "Expand", "Expansion", "expanded"]

#: What may be expanded: True for all that can be, or the names of primitives.
Expand = bool | str | Iterable[str] | None

#: Gates that every reader knows as they are: expanded when named, not by True.
ARITHMETIC = frozenset({"subtract", "divide", "negative", "sqrt"})

#: The note on a gate that tells the scopes of two expansions apart: for each of its scopes a number, or None where the
#: scope was recorded. (Two gates recorded one after the other may both be a sigmoid.)
MARKS = "expansions"


@dataclass(frozen=True)
class Expansion:
    """A graph in which some gates are replaced by their decompositions.

    Attributes
    ----------
    root
        Its result.
    origin
        For every gate that was made for it the recorded gate which it belongs to.
    result
        For every recorded gate that is not part of it the one that has its place, and its value up to rounding.
    """

    root: Tensor
    origin: Mapping[Tensor, Tensor] = field(default_factory=dict)
    result: Mapping[Tensor, Tensor] = field(default_factory=dict)

    def made_from(self, gates: Iterable[Tensor]) -> set[Tensor]:
        """The gates of this graph that belong to some recorded gates."""
        recorded = set(gates)
        return recorded | {gate for gate, origin in self.origin.items() if origin in recorded}

    def renamed(self, names: Mapping[Any, str]) -> Mapping[Any, str]:
        """Names of recorded gates as names of those in their places."""
        return names if not self.result else {self.result.get(t, t): name for t, name in names.items()}


def expanded(root: Tensor, which: Expand) -> Expansion:
    """Replace gates by their decompositions, in a graph of its own.

    Parameters
    ----------
    root
        The result of the graph. Neither it nor anything it depends on is modified.
    which
        Names of primitives, whose gates are replaced wherever they occur, in the decompositions of others too; or True
        for all that have a decomposition except :data:`ARITHMETIC`. A gate inside its own decomposition stays.

    Returns
    -------
    Expansion
        Gates from a decomposition lie in a scope with the primitive's name, inside the scope of the gate they replace.
        All other gates keep their values to the last bit.

    Raises
    ------
    TypeError
        If it is neither True nor names.
    ValueError
        If the graph has no gate of that name, or none that can be expanded.

    Notes
    -----
    A gate stays as it is where an input got new values after it was recorded: the old ones are gone.

    Examples
    --------
    >>> from autograd import sigmoid
    >>> x = Tensor(1.37, name="x")
    >>> seen = expanded(sigmoid(x), "sigmoid")
    >>> [gate.primitive.name for gate in nodes_of(seen.root)]
    ['negative', 'exp', 'add', 'divide']
    >>> seen.root.scope
    ('sigmoid',)
    """
    if which is None or which is False or (root.is_leaf and which is True):
        return Expansion(root)
    if which is True:
        return _Expander(None).run(root)
    names = [which] if isinstance(which, str) else list(which) if isinstance(which, Iterable) else [which]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"expand: expected True or names of primitives, got {which!r}")
    return _Expander(set(names)).run(root)


class _Expander:
    def __init__(self, names: set[str] | None) -> None:
        self.names = names
        self.met: set[str] = set()
        self.possible: dict[str, None] = {}
        self.origin: dict[Tensor, Tensor] = {}
        self.result: dict[Tensor, Tensor] = {}
        self.numbers = count()

    def run(self, root: Tensor) -> Expansion:
        for gate in nodes_of(root):
            inputs = self._placed(gate.held)
            made = self._replace(gate, inputs, gate.serial, within=())
            if len(made) > 1 or made[0] is not gate:
                self._number(made, gate.serial)
                self.origin.update(dict.fromkeys(made, gate))
                self.result[gate] = made[-1]
        if self.names is not None and not self.names <= self.met:
            raise _unknown(sorted(self.names - self.met), list(self.possible))
        found = self.result.get(root, root)
        return Expansion(found, self.origin, self.result)

    def _replace(self, gate: Tensor, inputs: tuple[Any, ...], serial: int, within: tuple[str, ...]) -> list[Tensor]:
        """The gates that take the place of one, its own place being that of the last.

        The recursion goes as deep as decompositions use one another, which ``within`` bounds.
        """
        primitive = gate.primitive
        assert primitive is not None
        if not self._wanted(primitive, within) or any(_changed(x, serial) for x in inputs):
            return [self._copy(gate, inputs)]
        found = _decompose(gate, inputs, serial)
        if found is None:
            return [self._copy(gate, inputs)]
        result, inner = found
        marks = (*gate.note(MARKS, (None,) * len(gate.scope)), next(self.numbers))
        made: list[Tensor] = []
        for simpler in inner:
            padding = (None,) * (len(simpler.scope) - len(marks))
            simpler.set_note(MARKS, marks + padding)
            made += self._replace(simpler, self._placed(simpler.held), serial, (*within, primitive.name))
            self.result[simpler] = made[-1]
        last = self.result[result]
        if gate.name:
            last.name = gate.name
        if hasattr(gate, "_grad"):
            last._grad = gate._grad
        return made

    def _wanted(self, primitive: Primitive, within: tuple[str, ...]) -> bool:
        if primitive.decomposition is None:
            return False
        self.possible[primitive.name] = None
        if primitive.name in within:
            return False
        if self.names is None:
            return primitive.name not in ARITHMETIC
        if primitive.name not in self.names:
            return False
        self.met.add(primitive.name)
        return True

    def _placed(self, inputs: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(self.result.get(x, x) if isinstance(x, Tensor) else x for x in inputs)

    def _copy(self, gate: Tensor, inputs: tuple[Any, ...]) -> Tensor:
        """The same gate with other inputs; itself if they are the same."""
        if all(x is y for x, y in zip(inputs, gate.held, strict=True)):
            return gate
        copy = Tensor.from_raw(gate._data, requires_grad=False)
        copy._primitive = gate._primitive
        copy._serial = gate._serial
        if hasattr(gate, "_notes"):
            copy._notes = gate._notes
        if hasattr(gate, "_grad"):
            copy._grad = gate._grad
        arity = gate._primitive.arity
        if arity == 1:
            (copy._x,) = inputs
        elif arity == 2:
            copy._x, copy._y = inputs
        else:
            copy._x = inputs
        return copy

    @staticmethod
    def _number(made: list[Tensor], serial: int) -> None:
        """Give gates the moment at which the one they replace was recorded, by fractions one after the other.

        Then a variable that got new values afterwards is noticed as it would be by that gate.
        """
        for place, gate in enumerate(made, start=1):
            gate._serial = serial - 1 + place / len(made) if place < len(made) else serial  # type: ignore[assignment]


def _decompose(gate: Tensor, inputs: tuple[Any, ...], serial: int) -> tuple[Tensor, list[Tensor]] | None:
    """Record a gate's decomposition on the given inputs: its result and its gates; None if that is no graph."""
    primitive = gate.primitive
    assert primitive is not None
    assert primitive.decomposition is not None
    given = [x.array if isinstance(x, GuardedArray) else x for x in inputs]
    since = next_serial()
    with _recording_in(_state.Path.into(gate.scope, primitive.name)), np.errstate(all="ignore"):
        result = primitive.decomposition(*given, **gate.attributes)
    if not isinstance(result, Tensor) or result.is_leaf or result.serial < since:
        return None
    if result.shape != gate.shape:
        raise ValueError(
            f"expand: the decomposition of {primitive.name} gives shape {result.shape}, but the gate {gate.shape}; "
            f"mend the declaration of {primitive.name}"
        )
    inner = nodes_of(result, since)
    _own_constants(inner, inputs, serial)
    return result, inner


def _own_constants(gates: list[Tensor], inputs: tuple[Any, ...], serial: int) -> None:
    """Put copies in place of the constants that a decomposition made: dated back, so that they do not seem changed."""
    outside = {x for x in inputs if isinstance(x, Tensor)}
    copies: dict[Tensor, Tensor] = {}
    for gate in gates:
        held = list(gate.held)
        for i, x in enumerate(held):
            if isinstance(x, Tensor) and x.primitive is None and not x.requires_grad and x not in outside:
                if x not in copies:
                    copies[x] = Tensor.from_raw(x._data, requires_grad=False)
                    copies[x]._version = serial - 1
                held[i] = copies[x]
        if gate._primitive.arity in (1, 2):
            gate._x = held[0]
            if gate._primitive.arity == 2:
                gate._y = held[1]
        else:
            gate._x = tuple(held)


@contextmanager
def _recording_in(scope: tuple[str, ...]) -> Iterator[None]:
    """Record, in this scope, whatever the caller's thread is doing."""
    _state.settings.enter()
    try:
        _state.settings.recording, _state.settings.scope = True, scope
        yield
    finally:
        _state.settings.leave()


def _changed(x: Any, serial: int) -> bool:
    """Whether an input got new values after the gate with this number was recorded."""
    if isinstance(x, GuardedArray):
        return x.stamp.differs(x.array)
    if isinstance(x, Tensor) and x.is_leaf:
        x.renew_stamp()
        return x.version > serial
    return False


def _unknown(names: list[str], possible: list[str]) -> ValueError:
    listed = ", ".join(map(repr, names))
    there = f"this graph has {', '.join(possible)}" if possible else "no gate of this graph stands for simpler ones"
    return ValueError(f"expand: no {listed} to expand here; {there}")
