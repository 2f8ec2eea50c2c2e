"""Small helpers that programs written for the established ``autograd`` package import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

__all__ = ["subval", "subvals", "toposort"]


def subvals(x: Sequence[Any], ivs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """A tuple with some elements replaced.

    Examples
    --------
    >>> subvals((1, 2, 3), [(0, 10), (2, 30)])
    (10, 2, 30)
    """
    items = list(x)
    for i, value in ivs:
        items[i] = value
    return tuple(items)


def subval(x: Sequence[Any], i: int, v: Any) -> tuple[Any, ...]:
    """A tuple with one element replaced.

    Examples
    --------
    >>> subval((1, 2, 3), 1, 20)
    (1, 20, 3)
    """
    return subvals(x, [(i, v)])


def toposort(end_node: Any, parents: Callable[[Any], Iterable[Any]] = attrgetter("parents")) -> Iterator[Any]:
    """The nodes of a graph, each before its parents.

    Examples
    --------
    >>> parents = {"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": []}
    >>> list(toposort("d", parents.get))
    ['d', 'c', 'b', 'a']
    """
    waiting: dict[Any, int] = {end_node: 1}  # how many children of a node are still to come
    pending = [end_node]
    while pending:
        for parent in parents(pending.pop()):
            if parent in waiting:
                waiting[parent] += 1
            else:
                waiting[parent] = 1
                pending.append(parent)
    pending = [end_node]
    while pending:
        node = pending.pop()
        yield node
        for parent in parents(node):
            waiting[parent] -= 1
            if not waiting[parent]:
                pending.append(parent)
