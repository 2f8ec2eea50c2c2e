"""What the source text calls a value: ``h`` where it says ``h = x @ w``."""

from __future__ import annotations

import ast
import linecache
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from autograd import Tensor
from autograd.sources import PLACE, Place

__all__ = ["assigned_names"]

#: First and last line, first and last column.
Span = tuple[int | None, int | None, int | None, int | None]


def assigned_names(gates: list[Tensor]) -> dict[Tensor, str]:
    """Names of results and inputs whose places in the program were recorded: the variables they are assigned to there.

    The functions may have returned long ago, so that nobody could ask their variables any more.

    Parameters
    ----------
    gates
        In the order of recording. Of several gates in a row that one expression recorded, such as the call of a layer,
        the last is its value. A parameter that a layer made goes by what the layer is assigned to, and its own name.

    Examples
    --------
    >>> import viz
    >>> def squash(x):
    ...     scaled = x * 0.5
    ...     return scaled.tanh()
    >>> with viz.record():
    ...     y = squash(Tensor(1.0))
    >>> [entry.name for entry in viz.trace(y).entries]
    ['', 'scaled', 'y']
    >>> def line(x):
    ...     w = Tensor(2.0)
    ...     return w * x
    >>> with viz.record():
    ...     y = line(Tensor(1.0))
    >>> [entry.name for entry in viz.trace(y).entries]
    ['w', '', 'y']
    """
    if not any(getattr(gate, "_notes", None) for gate in gates):  # as in most large graphs
        return {}
    notes = [gate.note(PLACE, None) for gate in gates]
    places = [place if isinstance(place, Place) else None for place in notes]  # others are places in formulas
    if not any(places):
        return {}
    found: dict[Tensor, str] = {}
    for gate, (place, following) in zip(gates, pairwise([*places, None]), strict=True):
        if place is not None and place != following and gate.name is None:
            name = _assigned(place)
            if name:
                found[gate] = name
    leaves = dict.fromkeys(x for gate in gates for x in gate.held if isinstance(x, Tensor) and x.is_leaf)
    found.update((x, name) for x in leaves if (name := _name_of_leaf(x)))
    return found


def _name_of_leaf(x: Tensor) -> str:
    place = x.note(PLACE, None)
    target = _assigned(place) if isinstance(place, Place) else ""
    if x.name is None or not target:
        return target
    if not x.note("parameter", False) or target.rpartition(".")[2] == x.name:
        return ""  # its own says more
    source = place.source()
    called = source.text[slice(*source.span)].partition("(")[0] if source.span else ""
    if called.rpartition(".")[2] in ("Tensor", "Parameter"):
        return ""
    return f"{target.removeprefix('self.')}.{x.name}"


def _assigned(place: Place) -> str:
    lines = linecache.getlines(place.code.co_filename)
    return _assignments("".join(lines)).get(place.span, "") if lines else ""


@lru_cache(maxsize=64)
def _assignments(text: str) -> Mapping[Span, str]:
    """The target of every assigned expression, by where that stands."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a cell with IPython's own syntax, say
        return {}
    return {_span(value): ast.unparse(target) for value, target in _targets(tree)}


def _targets(tree: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            target, value = node.target, node.value
        elif isinstance(node, ast.AugAssign):
            yield node, node.target  # what computes the new value stands at the whole statement
            continue
        else:
            continue
        plain = isinstance(target, ast.Name) and not target.id.startswith("_")
        if plain or (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)):
            yield value, target


def _span(node: ast.expr | ast.stmt) -> Span:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
