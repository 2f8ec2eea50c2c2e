"""Arguments and results made of several arrays: numbers and arrays in nested tuples, lists and dictionaries.

A structure is taken apart into its leaves and a skeleton, from which others of the same structure are made: of
variables, of gradients, of directions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["Skeleton", "leaves_of", "mapped", "take_apart"]


class _Leaf:
    """The place of one leaf in a skeleton."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "·"


_LEAF = _Leaf()


def _is_container(x: Any) -> bool:
    return isinstance(x, (tuple, list, dict)) or x is None


def _rebuilt(container: Any, items: Sequence[Any]) -> Any:
    """A container of the same kind, with other items."""
    if container is None:
        return None
    if isinstance(container, dict):
        pairs = zip(container, items, strict=True)
        return dict(pairs) if type(container) is dict else _like_dict(container, pairs)
    kind = type(container)
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def _like_dict(container: Any, pairs: Any) -> Any:
    result = container.copy()  # keeps what else it has, such as a default
    for key, value in pairs:
        result[key] = value
    return result


def _items(container: Any) -> Sequence[Any]:
    if container is None:
        return ()
    return list(container.values()) if isinstance(container, dict) else container


class Skeleton:
    """The structure of nested containers without their leaves.

    Attributes
    ----------
    shape
        The containers, with a mark in place of each leaf.
    size
        How many leaves there are.
    """

    __slots__ = ("shape", "size")

    def __init__(self, shape: Any, size: int) -> None:
        self.shape, self.size = shape, size

    def filled(self, leaves: Sequence[Any]) -> Any:
        """The structure with these leaves, in order."""
        if self.shape is _LEAF:
            return leaves[0]
        given = iter(leaves)
        return self._fill(self.shape, given)

    def _fill(self, shape: Any, given: Iterator[Any]) -> Any:
        if shape is _LEAF:
            return next(given)
        return _rebuilt(shape, [self._fill(item, given) for item in _items(shape)])

    def leaves(self, structure: Any) -> list[Any]:
        """The leaves of something that has this structure.

        Raises
        ------
        ValueError
            If it has another.
        """
        found: list[Any] = []
        self._collect(self.shape, structure, found)
        return found

    def _collect(self, shape: Any, structure: Any, found: list[Any]) -> None:
        if shape is _LEAF:
            found.append(structure)
            return
        fits = isinstance(structure, dict) if isinstance(shape, dict) else isinstance(structure, (tuple, list))
        if shape is None:
            fits = structure is None
        if fits and isinstance(shape, dict):
            fits = shape.keys() == structure.keys()
        elif fits and shape is not None:
            fits = len(shape) == len(structure)
        if not fits:
            raise ValueError(f"expected a structure like {shape!r}, got {structure!r}")
        items = [structure[key] for key in shape] if isinstance(shape, dict) else _items(structure)
        for part, item in zip(_items(shape), items, strict=True):
            self._collect(part, item, found)

    def __repr__(self) -> str:
        return f"Skeleton({self.shape!r})"


_SINGLE = Skeleton(_LEAF, 1)


def take_apart(structure: Any) -> tuple[list[Any], Skeleton]:
    """Split a structure into its leaves and its skeleton.

    Parameters
    ----------
    structure
        Anything; tuples (also named ones), lists, dictionaries and None are containers, all else are leaves.

    Returns
    -------
    leaves : list
        Dictionaries give theirs in order of insertion.
    skeleton : Skeleton

    Examples
    --------
    >>> leaves, skeleton = take_apart({"w": [1.0, 2.0], "b": (3.0,)})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> skeleton.filled([10.0, 20.0, 30.0])
    {'w': [10.0, 20.0], 'b': (30.0,)}
    """
    if not _is_container(structure):
        return [structure], _SINGLE
    leaves: list[Any] = []
    shape = _stripped(structure, leaves)
    return leaves, Skeleton(shape, len(leaves))


def _stripped(x: Any, leaves: list[Any]) -> Any:
    """A structure with a mark in place of each leaf; no closure, which would keep the leaves alive as a cycle."""
    if not _is_container(x):
        leaves.append(x)
        return _LEAF
    return _rebuilt(x, [_stripped(item, leaves) for item in _items(x)])


def leaves_of(structure: Any) -> list[Any]:
    """The leaves of a structure alone."""
    return take_apart(structure)[0]


def mapped(function: Callable[..., Any], structure: Any, *others: Any) -> Any:
    """Apply a function to every leaf, together with the leaves of others of the same structure.

    Examples
    --------
    >>> mapped(lambda x, y: x + y, {"a": 1.0}, {"a": 2.0})
    {'a': 3.0}
    """
    leaves, skeleton = take_apart(structure)
    columns = [skeleton.leaves(other) for other in others]
    return skeleton.filled([function(*row) for row in zip(leaves, *columns, strict=True)])
