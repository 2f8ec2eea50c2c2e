"""Which entries of two traces belong together: in time near to linear, and the same each time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from viz.traces import Entry, Trace

__all__ = ["Alignment", "align"]


@dataclass(frozen=True)
class Alignment:
    """What belongs together in two traces.

    Attributes
    ----------
    pairs
        Ids of entries, first of one trace and then of the other, in the order of the second.
    only_first, only_second
        Ids of the entries that have no counterpart.
    inside
        Ids of entries of either trace (0 or 1, and the id) that are parts of what is one gate in the other.
    same
        Whether the traces have the same structure: the same operations on the same shapes, wired in the same way.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> x = Tensor(2.0, name="x")
    >>> align(trace(x * 2 + 1), trace((x * 2).exp() + 1)).only_second
    ('n2',)
    >>> whole, parts = trace(x.sigmoid()), trace(x.sigmoid(), expand="sigmoid")
    >>> align(whole, parts).pairs
    (('n0', 'n0'), ('n1', 'n4'))
    """

    pairs: tuple[tuple[str, str], ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    inside: tuple[frozenset[str], frozenset[str]]
    same: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """An entry as it is compared."""

    id: str
    kind: str
    operation: str
    name: str
    path: tuple[str, ...]
    shape: tuple[int, ...] | None


#: What two entries must have in common, from the strictest to the loosest.
_LEVELS: tuple[Callable[[_Place], Hashable], ...] = (
    lambda x: (x.path, x.kind, x.operation, x.name, x.shape),
    lambda x: (x.kind, x.operation, x.name, x.shape),
    lambda x: (x.path, x.kind, x.operation, x.shape),
    lambda x: (x.kind, x.operation, x.shape),
    lambda x: (x.kind, x.operation) if x.operation else x,
)


def align(first: Trace, second: Trace) -> Alignment:
    """Find what belongs together.

    Parameters
    ----------
    first, second
        The traces.

    Notes
    -----
    Traces of the same structure go together entry by entry. Else what is equal at the start and the end is paired;
    between these the first, second, ... of entries that look alike, as long as the order is kept, by ever looser
    standards. A scope that is named after an operation of the other trace is one gate there, from ``expand=``.
    """
    if _structure(first) == _structure(second):
        pairs = tuple((a.id, b.id) for a, b in zip(first.entries, second.entries, strict=True))
        return Alignment(pairs, (), (), (frozenset(), frozenset()), True)
    a, inside_a = _places(first, second)
    b, inside_b = _places(second, first)
    found = _paired(a, b)
    found_a, found_b = {i for i, _ in found}, {j for _, j in found}
    rest = {(y.kind, y.name, y.shape): j for j, y in enumerate(b) if j not in found_b and y.name and not y.operation}
    for i, x in enumerate(a):  # variables may be taken in another order
        j = rest.pop((x.kind, x.name, x.shape), None) if i not in found_a and not x.operation else None
        if j is not None:
            found.append((i, j))
    found.sort(key=lambda pair: pair[1])
    found_a, found_b = {i for i, _ in found}, {j for _, j in found}
    return Alignment(
        tuple((a[i].id, b[j].id) for i, j in found),
        tuple(x.id for i, x in enumerate(a) if i not in found_a),
        tuple(y.id for j, y in enumerate(b) if j not in found_b),
        (inside_a, inside_b),
        False,
    )


def _structure(trace: Trace) -> list[Hashable]:
    return [
        (
            x.kind,
            x.operation,
            x.label,
            x.detail,
            x.box,
            x.value.shape if x.value else None,
            *(y.source for y in x.inputs),
        )
        for x in trace.entries
    ]


def _places(trace: Trace, other: Trace) -> tuple[list[_Place], frozenset[str]]:
    """The entries that can have a counterpart, and the ids of those that are parts of one gate there."""
    paths: dict[str | None, tuple[str, ...]] = {None: ()}
    around: dict[str | None, str | None] = {None: None}  # the outermost box that is one gate in the other trace
    gates = {(_path(other, x), x.operation) for x in other.entries if x.kind == "gate"}
    for box in trace.boxes:
        paths[box.id] = (*paths[box.parent], box.name)
        whole = (paths[box.parent], box.name) in gates
        around[box.id] = around[box.parent] or (box.id if whole else None)
    results = {around[x.box]: x.id for x in trace.entries if not x.is_leaf}  # the last one each
    names = {box.id: box for box in trace.boxes}
    inside = {x.id for x in trace.entries if around[x.box] and results[around[x.box]] != x.id}
    taken = {x.id: [gate for gate, _ in trace.takers.get(x.id, ())] for x in trace.entries if x.kind == "constant"}
    inside |= {leaf for leaf, ends in taken.items() if ends and inside.issuperset(ends)}
    places = []
    for x in trace.entries:
        if x.id in inside:
            continue
        shape = x.value.shape if x.value is not None else None
        whole_box = around[x.box]
        if whole_box is None:
            places.append(_Place(x.id, x.kind, x.operation, x.name, paths[x.box], shape))
        else:
            box = names[whole_box]
            places.append(_Place(x.id, x.kind, box.name, x.name, paths[box.parent], shape))
    return places, frozenset(inside)


def _path(trace: Trace, entry: Entry) -> tuple[str, ...]:
    path: list[str] = []
    box = entry.box
    while box is not None:
        path.append(trace.boxes_by_id[box].name)
        box = trace.boxes_by_id[box].parent
    return tuple(path[::-1])


def _paired(a: Sequence[_Place], b: Sequence[_Place]) -> list[tuple[int, int]]:
    """Pairs of indices, rising in both."""
    pairs: list[tuple[int, int]] = []
    for key in _LEVELS:
        keys_a, keys_b = [key(x) for x in a], [key(x) for x in b]
        before, new = (-1, -1), []
        for after in [*pairs, (len(a), len(b))]:
            new += _between(keys_a, keys_b, before[0] + 1, after[0], before[1] + 1, after[1])
            before = after
        pairs = sorted([*pairs, *new])
    return pairs


def _between(a: list[Hashable], b: list[Hashable], i: int, m: int, j: int, n: int) -> list[tuple[int, int]]:
    """Pairs in ``a[i:m]`` and ``b[j:n]``."""
    pairs = []
    while i < m and j < n and a[i] == b[j]:
        pairs.append((i, j))
        i, j = i + 1, j + 1
    while i < m and j < n and a[m - 1] == b[n - 1]:
        m, n = m - 1, n - 1
        pairs.append((m, n))
    if i == m or j == n:
        return pairs
    places = _numbered(b, j, n)
    found = [(x, places[key]) for key, x in _numbered(a, i, m).items() if key in places]
    return pairs + _rising(found)


def _numbered(keys: list[Hashable], start: int, stop: int) -> dict[tuple[Hashable, int], int]:
    """Where the first, second, ... of each key is."""
    counts: dict[Hashable, int] = {}
    found = {}
    for i in range(start, stop):
        counts[keys[i]] = number = counts.get(keys[i], 0) + 1
        found[keys[i], number] = i
    return found


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs that rise in the first which also rises in the second."""
    ends: list[int] = []  # the smallest second with which a part of each length ends
    at: list[int] = []
    before: list[int] = []
    for k, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        ends[length : length + 1] = [j]
        at[length : length + 1] = [k]
        before.append(at[length - 1] if length else -1)
    found = []
    k = at[-1] if at else -1
    while k >= 0:
        found.append(pairs[k])
        k = before[k]
    return found[::-1]
