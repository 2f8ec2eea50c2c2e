"""Which gates of a trace are drawn as one: scopes, repeated blocks, and runs of gates where there are too many.

Gates are counted in the order of recording, which every drawing keeps. A group is a stretch of it, so that no wire can
leave a group and come back into it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from typing import Any, Literal

import numpy as np

from viz.traces import Entry, Trace

__all__ = ["FEW", "LIMIT", "READABLE", "Choice", "Gates", "Group", "grouped"]

#: How many nodes a person reads: beyond it scopes fold by themselves.
READABLE = 120
#: How many nodes are drawn at most, by our own layout: beyond it runs of gates are folded.
LIMIT = 10_000
#: Blocks that only hand one value on to the next fold into one where a graph is too large, if there are this many.
CHAIN = 4
#: Others, such as the steps of a recurrent network, which have inputs of their own, if there are more than this.
STEPS = 24
#: Scopes nested more deeply than this are refused.
DEEPEST = 500
#: If folding runs leaves more nodes than this, little repeats, and a graph is cut into stretches instead.
MANY = 1000
#: Repeated stretches of more gates (or folded blocks) are not looked for.
PERIOD = 64
#: So many inputs of its own a folded gate shows; where there are more it tells how many.
FEW = 8
#: Of values that come from so many nodes before or more it does not matter, for runs, which they are.
NEAR = 3
#: So many blocks a graph is cut into when nothing repeats.
PARTS = 16


@dataclass(frozen=True, slots=True)
class Group:
    """Gates drawn as one.

    Attributes
    ----------
    start, stop
        The stretch of gates.
    box
        Id of the innermost scope it is drawn in, or None.
    kind
        ``"scope"``; ``"repeat"``, blocks with the same structure; ``"run"``, the same for gates and whatever they are
        folded into; ``"part"``, just a stretch.
    names
        Of the scopes, for the first two kinds.
    copies
        How many equal blocks it consists of.
    pattern
        What is equal among groups that repeat each other.
    """

    start: int
    stop: int
    box: str | None
    kind: Literal["scope", "repeat", "run", "part"]
    names: tuple[str, ...] = ()
    copies: int = 1
    pattern: Any = None


class Gates:
    """The gates of a trace by number, and the stretches that its scopes are.

    Raises
    ------
    ValueError
        If the gates of a scope do not follow each other.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.all: list[Entry] = [entry for entry in trace.entries if entry.kind == "gate"]
        #: What raised an error stands after all of them, and is never folded.
        self.failed: list[Entry] = [entry for entry in trace.entries if entry.kind == "failed"]
        self.paths: dict[str | None, tuple[str, ...]] = {None: ()}
        for box in trace.boxes:  # parents come before what lies in them
            self.paths[box.id] = (*self.paths[box.parent], box.id)
            if len(self.paths[box.id]) > DEEPEST:
                raise ValueError(f"trace: scope {box.name!r} lies in more than {DEEPEST:,} others, too many to draw")
        self.names = {box.id: box.name for box in trace.boxes}
        starts: dict[str, int] = {}
        self.stops: dict[str, int] = {}
        before: tuple[str, ...] = ()
        for i, entry in enumerate(self.all):
            path = self.paths[entry.box]
            if path is not before:
                for box_id in before:
                    if box_id not in path:
                        self.stops[box_id] = i
                for box_id in path:
                    if box_id in self.stops:
                        raise ValueError(f"trace: the gates of scope {self.names[box_id]!r} do not follow each other")
                    starts.setdefault(box_id, i)
                before = path
        for box_id in before:
            self.stops[box_id] = len(self.all)
        self.starts = starts

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Of every gate, by id."""
        return {entry.id: i for i, entry in enumerate((*self.all, *self.failed))}

    @cached_property
    def spans(self) -> Mapping[str, tuple[int, int]]:
        """For every input the first and the last gate that takes it. All takers are in a stretch if these two are."""
        found: dict[str, tuple[int, int]] = {}
        numbers, sources = self.numbers, self.sources
        for i, entry in enumerate((*self.all, *self.failed)):
            for x in entry.inputs if i >= len(sources) or -1 in sources[i] else ():
                source = x.source
                if source is not None and source not in numbers:
                    found[source] = (found[source][0] if source in found else i, i)
        return found

    @cached_property
    def sources(self) -> Sequence[tuple[int, ...]]:
        """For every gate the numbers of those whose results it takes; -1 stands for a variable or constant."""
        number = self.numbers.get
        return [tuple([number(x.source, -1) for x in entry.inputs if x.source is not None]) for entry in self.all]

    @cached_property
    def last_taken(self) -> Sequence[int]:
        """For every gate the number of the last one that takes it, or -1."""
        last = [-1] * (len(self.all) + 1)  # the one at the end is of what is no gate
        for i, sources in enumerate(self.sources):
            for source in sources:
                last[source] = i
        for entry in self.failed:
            for x in entry.inputs:
                last[self.numbers.get(x.source or "", -1)] = len(self.all)
        return last

    @cached_property
    def uses(self) -> Counter[str | None]:
        """How many inputs each value is."""
        return Counter([x.source for entry in (*self.all, *self.failed) for x in entry.inputs])

    def common_box(self, start: int, stop: int) -> str | None:
        """The innermost scope around a stretch."""
        path = self.paths[self.all[start].box]
        while path and self.stops[path[-1]] < stop:
            path = path[:-1]
        return path[-1] if path else None

    def structure(self, start: int, stop: int) -> Any:
        """What two stretches must have in common to be equal blocks: operations, shapes, and how they are wired."""
        return tuple(
            (entry.operation, shape_of(entry), tuple(self._seen_from(start, i, x.source) for x in entry.inputs))
            for i, entry in enumerate(self.all[start:stop], start)
        )

    def _seen_from(self, start: int, i: int, source: str | None) -> Any:
        if source is None:
            return None
        j = self.numbers.get(source, -1)
        return i - j if j >= start else shape_of(self.trace.by_id[source])


def shape_of(entry: Entry) -> tuple[int, ...] | None:
    """Shape of a value, if it is there."""
    return None if entry.value is None else entry.value.shape


@dataclass(frozen=True, slots=True)
class Choice:
    """What to fold: the parameters of :func:`viz.draw`.

    Raises
    ------
    ValueError
        If ``depth`` or ``limit`` is no number from 1 up.
    """

    collapse: bool | str | Iterable[str] | None = None
    depth: int | None = None
    repeats: bool | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        for name, what in (("depth", "counts scopes from the outside"), ("limit", "is a number of nodes")):
            number = getattr(self, name)
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 1):
                raise ValueError(f"draw: {name} {what}, from 1 up; got {number!r}")


def grouped(gates: Gates, choice: Choice) -> tuple[list[Group], str]:
    """Choose the groups.

    Returns
    -------
    list of Group
        In order; no two share a gate.
    str
        What the reader must be told of what was folded unasked, and how to open it.
    """
    limit = LIMIT if choice.limit is None else choice.limit
    asked = choice.collapse is not None or choice.depth is not None or choice.repeats is not None
    groups = _stacked(gates, _scopes(gates, choice), "all" if choice.repeats else "none")
    note = ""
    if not asked and gates.trace.boxes and _count(gates, groups) > min(READABLE, limit):
        groups, note = _fitting(gates, min(READABLE, limit))
    if _count(gates, groups) > limit:
        groups = _runs(gates, groups, limit)
        how = "runs that repeat are folded" if any(group.kind == "run" for group in groups) else "folded in stretches"
        note = (
            f"{len(gates.all):,} gates are too many to draw one by one: {how}. To see a part: draw an intermediate "
            f"result, or draw(t, inputs=...)"
        )
    return groups, note


def _count(gates: Gates, groups: Sequence[Group]) -> int:
    """Count the nodes that a drawing with these groups has."""
    units = len(gates.all) - sum(group.stop - group.start for group in groups) + len(groups)
    if units > LIMIT:
        return units  # the inputs only make it more
    return units + len(gates.spans) - sum(len(leaves) for leaves in own_leaves(gates, groups).values())


def own_leaves(gates: Gates, groups: Sequence[Group]) -> Mapping[int, list[str]]:
    """Inputs that only one group takes and that are not drawn, as there are too many: by the start of the group."""
    if not groups:
        return {}
    starts = [group.start for group in groups]
    own: dict[tuple[int, bool], list[str]] = {}
    for leaf, (first, last) in gates.spans.items():
        group = groups[bisect_right(starts, first) - 1]
        if group.start <= first and last < group.stop and not _enters(gates, group, leaf, first):
            own.setdefault((group.start, gates.trace.by_id[leaf].requires_grad), []).append(leaf)
    hidden: dict[int, list[str]] = {}
    for (start, _), leaves in own.items():
        if len(leaves) > FEW:
            hidden.setdefault(start, []).extend(leaves)
    return hidden


def _enters(gates: Gates, group: Group, leaf: str, first: int) -> bool:
    """Whether an input stands where the second of several copies takes a result of the first."""
    later = first + (group.stop - group.start) // group.copies
    if group.copies == 1 or later >= group.stop:
        return False
    pairs = zip(gates.all[first].inputs, gates.all[later].inputs, strict=False)
    return any(x.source == leaf and y.source in gates.numbers for x, y in pairs if y.source is not None)


# ---------------------------------------------------------------------------------------------------------------------
# Scopes
# ---------------------------------------------------------------------------------------------------------------------


def _scopes(gates: Gates, choice: Choice) -> list[Group]:
    """The outermost of the scopes to fold."""
    boxes = gates.trace.boxes
    chosen: set[str] = set()
    if choice.collapse is True:
        chosen = {box.id for box in boxes} - {box.parent for box in boxes if box.parent is not None}
    elif choice.collapse:
        names = {choice.collapse} if isinstance(choice.collapse, str) else set(choice.collapse)
        known = {box.name for box in boxes}
        if names - known:
            there = ", ".join(map(repr, sorted(known)[:20])) or "none"
            raise ValueError(
                f"draw: no scope named {', '.join(map(repr, sorted(names - known)))} in this graph to collapse; "
                f"its scopes: {there}"
            )
        chosen = {box.id for box in boxes if box.name in names}
    groups: list[Group] = []
    for box in boxes:
        path = gates.paths[box.id]
        if (box.id in chosen or len(path) == choice.depth) and box.id in gates.starts:
            start, stop = gates.starts[box.id], gates.stops[box.id]
            groups.append(Group(start, stop, box.parent, "scope", (box.name,)))
    groups.sort(key=lambda group: (group.start, -group.stop))
    outermost: list[Group] = []
    for group in groups:
        if not outermost or group.start >= outermost[-1].stop:
            outermost.append(group)
    return outermost


def _fitting(gates: Gates, readable: int) -> tuple[list[Group], str]:
    """Fold as few scopes as make a graph readable: first each by itself, and if that is too much, equal ones together.

    Long chains of equal blocks, such as the layers of a Transformer, are one node in either case: each alone would say
    nothing more.
    """
    deepest = max(len(gates.paths[box.id]) for box in gates.trace.boxes)
    tried: list[tuple[int, list[Group], str]] = []
    opened = "draw(t, collapse=False) opens all"
    ways: tuple[Repeats, ...] = ("chains", "all")
    for repeats, depth in product(ways, [None, *range(deepest, 0, -1)]):
        groups = _stacked(gates, _scopes(gates, Choice(depth=depth)), repeats)
        if depth is None:
            note = f"repeated blocks are folded, as this graph is large: {opened}"
        else:
            more = f"draw(t, depth={depth + 1}) shows more, " if depth < deepest else ""
            note = f"scopes are folded, as this graph is large: {more}{opened}"
        tried.append((_count(gates, groups), groups, note))
        if tried[-1][0] <= readable:
            break
    fewest = min(tried, key=lambda found: found[0])
    return fewest[1], fewest[2] if fewest[1] else ""


# ---------------------------------------------------------------------------------------------------------------------
# What repeats
# ---------------------------------------------------------------------------------------------------------------------


#: Which equal blocks to fold into one: those that are long chains, or very many, or all.
Repeats = Literal["none", "chains", "all"]


def _stacked(gates: Gates, groups: list[Group], repeats: Repeats) -> list[Group]:
    """Fold scopes that follow each other and are equal but for a number in their names."""
    if repeats == "none":
        return groups
    found: list[Group] = []
    parents: list[str | None] = [None]
    folded = {group.start: group for group in groups}
    while parents:
        parent = parents.pop()
        items = list(_items(gates, parent, folded))
        runs = _repeated([item.pattern for item in items], 2)
        runs = [run for run in runs if any(items[i].names for i in range(run[0], run[0] + run[1]))]
        if repeats == "chains":
            runs = [run for run in runs if run[2] > STEPS or (run[2] >= CHAIN and _is_chain(gates, items, run))]
        i = 0
        for first, period, copies in [*runs, (len(items), 0, 0)]:
            for item in items[i:first]:
                if item.start in folded and folded[item.start].stop == item.stop:
                    found.append(folded[item.start])
                elif item.names:
                    parents.append(item.box)
            if copies:
                block = items[first : first + period * copies]
                names = tuple(name for item in block for name in item.names)
                found.append(Group(block[0].start, block[-1].stop, parent, "repeat", names, copies))
            i = first + period * copies
    return sorted(found, key=lambda group: group.start)


def _is_chain(gates: Gates, items: Sequence[Group], run: tuple[int, int, int]) -> bool:
    """Whether equal blocks only hand one value on, each to the next.

    Constants that are multiplied by weights are data, which each block has of its own; those that elementwise gates or
    attention take, such as masks, are not.
    """
    first, period, copies = run
    blocks = [(items[i].start, items[i + period - 1].stop) for i in range(first, first + period * copies, period)]
    for (before, start), (_, stop) in pairwise(blocks):
        taken = {j for sources in gates.sources[start:stop] for j in sources if 0 <= j < start}
        if len(taken) != 1 or min(taken) < before or max(gates.last_taken[before:start]) >= stop:
            return False
    start, stop = blocks[-1]
    for entry in gates.all[start:stop]:
        operation = gates.trace.operations.get(entry.operation)
        if operation is not None and operation.kind not in ("elementwise", "fused"):
            for x in entry.inputs:
                if x.source is not None and x.source in gates.spans and gates.spans[x.source][0] >= start:
                    leaf = gates.trace.by_id[x.source]
                    if leaf.kind != "variable" and shape_of(leaf):
                        return False
    return True


def _items(gates: Gates, parent: str | None, folded: Mapping[int, Group]) -> Iterator[Group]:
    """What lies right inside a scope, in order: gates, and scopes (whose ``box`` is their own)."""
    level = len(gates.paths[parent])
    i = 0 if parent is None else gates.starts[parent]
    stop = len(gates.all) if parent is None else gates.stops[parent]
    while i < stop:
        path = gates.paths[gates.all[i].box]
        if len(path) > level:
            inner = path[level]
            name = gates.names[inner]
            pattern = (re.sub(r"[0-9]+", "#", name), gates.structure(i, gates.stops[inner]))
            yield Group(i, gates.stops[inner], inner, "scope", (name,), pattern=pattern)
            i = gates.stops[inner]
        else:
            yield Group(i, i + 1, parent, "part", pattern=gates.structure(i, i + 1))
            i += 1


def _repeated(patterns: Sequence[Any], least: int) -> list[tuple[int, int, int]]:
    """Stretches that repeat: (first, length of one copy, number of copies), the longest chosen first, in order."""
    known: dict[Any, int] = {}
    codes = np.array([known.setdefault(pattern, len(known)) for pattern in patterns], np.int64)
    if len(known) == len(patterns):
        return []
    runs: list[tuple[int, int, int]] = []
    for period in range(1, min(PERIOD, len(codes) // 2) + 1):
        edges = np.flatnonzero(np.diff(codes[period:] == codes[:-period], prepend=False, append=False))
        for first, end in edges.reshape(-1, 2).tolist():
            copies = (end - first) // period + 1
            if copies >= least:
                runs.append((first, period, copies))
    runs.sort(key=lambda run: (-run[1] * run[2], run[1], run[0]))
    taken = np.zeros(len(codes), bool)
    chosen = []
    for first, period, copies in runs:
        stretch = slice(first, first + period * copies)
        if not taken[stretch].any():
            taken[stretch] = True
            chosen.append((first, period, copies))
    return sorted(chosen)


def _runs(gates: Gates, groups: list[Group], limit: int) -> list[Group]:
    """Fold runs of gates, and runs of what they are folded into, until few nodes are left; else cut into stretches."""
    readable, most = min(READABLE, limit), min(MANY, limit)
    while True:
        units, patterns = _units(gates, groups)
        runs = _repeated(patterns, 3)
        if not runs:
            break
        folded: list[Group] = []
        done = 0
        for i, (first, period, copies) in enumerate(runs):
            stop = runs[i + 1][0] if i + 1 < len(runs) else len(units)
            first, copies = _widened(patterns, done, first, period, copies, stop)
            folded += [unit for unit in units[done:first] if isinstance(unit, Group)]
            done = first + period * copies
            start, end = _start(units[first]), _stop(units[done - 1])
            pattern = (copies, *patterns[first : first + period])
            folded.append(Group(start, end, gates.common_box(start, end), "run", (), copies, pattern))
        groups = [*folded, *(unit for unit in units[done:] if isinstance(unit, Group))]
        if _count(gates, groups) <= readable:
            return groups
    return groups if _count(gates, groups) <= most else _parts(gates)


#: A group, or the number of a gate that is in none.
_Unit = Group | int


def _start(unit: _Unit) -> int:
    return unit.start if isinstance(unit, Group) else unit


def _stop(unit: _Unit) -> int:
    return unit.stop if isinstance(unit, Group) else unit + 1


def _units(gates: Gates, groups: Sequence[Group]) -> tuple[list[_Unit], list[Any]]:
    """The groups and, between them, the other gates; and for each what is equal where it repeats."""
    units: list[_Unit] = []
    patterns: list[Any] = []
    unit_of = [0] * len(gates.all)
    sources = gates.sources
    i = 0
    for group in [*groups, None]:
        for k in range(i, len(gates.all) if group is None else group.start):
            unit_of[k] = here = len(units)
            near = tuple([NEAR if j < 0 or (away := here - unit_of[j]) > NEAR else away for j in sources[k]])
            units.append(k)
            entry = gates.all[k]
            patterns.append((entry.operation, None if entry.value is None else entry.value.shape, near))
        if group is not None:
            unit_of[group.start : group.stop] = [len(units)] * (group.stop - group.start)
            units.append(group)
            patterns.append((group.pattern or gates.structure(group.start, group.stop),))
            i = group.stop
    return units, patterns


def _widened(patterns: Sequence[Any], least: int, first: int, period: int, copies: int, most: int) -> tuple[int, int]:
    """Let a run begin with the first copy, which is wired differently, as it takes the inputs."""
    stop = first + period * copies
    while stop < most and patterns[stop] == patterns[stop - period]:
        stop += 1
    begin = first
    while begin > max(least, first - period) and patterns[begin - 1][:2] == patterns[begin - 1 + period][:2]:
        begin -= 1
    copies = (stop - begin) // period
    return begin, copies


def _parts(gates: Gates) -> list[Group]:
    """Cut all gates into stretches of the same length."""
    edges = np.linspace(0, len(gates.all), PARTS + 1).astype(int).tolist()
    return [
        Group(start, stop, gates.common_box(start, stop), "part") for start, stop in pairwise(edges) if stop > start
    ]
