"""Where the parts of a drawing lie: a layered layout, from left to right, in a time that grows with the drawing.

Pure geometry: a graph and the sizes of its parts go in, coordinates come out. It knows nothing of text and colours.

A graph is laid out box by box, the innermost first. In the sheet around it a box is one element, with a place on its
left edge for each value that enters and one on its right edge for each that leaves. So boxes can overlap neither each
other nor what is not in them, and nothing outside a box depends on what is inside but for its size.

Each sheet is laid out in the steps of Sugiyama, Tagawa and Toda (1981): elements get layers, wires that pass a layer a
point in it, each layer an order with few crossings, and then coordinates. Layers are columns: whatever stands in a
column has a stretch of its height to itself, and wires change their height only between columns. Therefore no wire runs
through anything but other wires. All wires of a value share one trunk.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from viz.graph import Graph

__all__ = ["Layout", "Path", "Plate", "Point", "Rect", "Sizes", "Tap", "ValuePlace", "WirePlace", "layout"]

Point = tuple[float, float]
#: Points joined by straight lines where they are level or above one another, else by an S with level ends.
Path = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Plate:
    """The room that numbers on a wire take: the level piece of wire, and the heights above and below it."""

    width: float
    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the parts of a graph are, by their ids.

    Attributes
    ----------
    nodes
        Width and height of a gate's outline, or of the name in front of a variable or constant ((0, 0) if it has none).
    values
        The numbers of each value.
    wires
        The numbers of the wires that have some of their own: branches of a fork.
    boxes
        Width and height of each box's title.
    taps
        Width and height of what stands where a cut wire goes on, by the ids of values.
    """

    nodes: Mapping[str, tuple[float, float]]
    values: Mapping[str, Plate]
    wires: Mapping[str, Plate]
    boxes: Mapping[str, tuple[float, float]]
    taps: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; y grows downwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ValuePlace:
    """Where a value lies.

    Attributes
    ----------
    x, y, width
        The level piece of wire that its numbers stand above and below.
    lead
        From the node to that piece; empty where they touch.
    stem
        From there on as far as several of its wires run together. Empty if it has at most one.
    forks
        Where wires part.
    cuts
        Where a wire ends right behind the node (or the edge of a box), to go on at a :class:`Tap`.
    """

    x: float
    y: float
    width: float
    lead: Path
    stem: tuple[Path, ...]
    forks: tuple[Point, ...]
    cuts: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class WirePlace:
    """Where a wire lies: its path from its value's stem to the node, and where on it its own numbers stand, if any."""

    path: Path
    plate: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Tap:
    """Where a wire that was cut because it is too long goes on; the room for the value's name ends there."""

    value: str
    room: Rect


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything lies. Mappings go from ids to places, in the order of the graph.

    Attributes
    ----------
    width, height
        Of everything together, with a margin. The upper left corner is (0, 0).
    nodes
        The outlines of gates, and of the names of variables and constants.
    values, wires, boxes, taps
        See there.
    layers
        The elements of each sheet, by layers from left to right and each from top to bottom: ids of nodes and boxes.
        Keys are the ids of boxes, None for what lies in no box.
    """

    width: float
    height: float
    nodes: dict[str, Rect]
    values: dict[str, ValuePlace]
    wires: dict[str, WirePlace]
    boxes: dict[str, Rect]
    taps: tuple[Tap, ...]
    layers: dict[str | None, list[list[str]]]


#: Around the whole drawing; inside boxes; between parts above one another; between columns; between wires side by side.
MARGIN, PADDING, GAP, CHANNEL, TRACK = 8.0, 10.0, 6.0, 20.0, 8.0
#: Between a gate and the numbers of the wires that go in; between a fold and those of several that come out.
APPROACH = 18.0
#: Between a gate and its only value; between a name and its value.
TOUCH, SPACE = 3.0, 5.0
#: Gates with more inputs have them spread evenly.
FEW = 4
#: More wires do not lead around from one row to the next; those that go far are cut.
WRAPS = 12
#: A wire that passes a column between others takes this much above and below it.
WIRE = 4.0
#: No row is made narrower than this for the sake of the aspect ratio: it is what a notebook shows.
NARROWEST = 1200.0
#: A drawing may have this many points on long wires for each of its parts; the longest wires are cut first.
POINTS = 1.2
#: In sheets of more units and points, orders are found by means alone.
SIFTED = 600
#: And so many more in any case.
SPARE = 5000.0


def layout(graph: Graph, sizes: Sizes, *, aspect: float | None = 1.25) -> Layout:
    """Lay a graph out.

    Parameters
    ----------
    graph
        What to draw. Gates come after their inputs, and those of a box one after the other.
    sizes
        How large its parts are.
    aspect
        Long graphs are wrapped into rows that read from left to right, so that the whole is about this many times as
        wide as high. None: never wrapped.

    Returns
    -------
    Layout
        The same for the same input. Neither parts nor boxes overlap, and wires cross nothing but wires and the edges of
        boxes.

    Raises
    ------
    ValueError
        If a gate comes before one of its inputs, or the gates of a box are not recorded one after the other.

    Notes
    -----
    A variable lies in the innermost box that holds all gates that use it, in the column before the first of them. A
    constant does so too, but in front of the box if all it does there is to enter it.

    What stays when a fold opens: in every sheet, each gate, fold and box keeps its layer, and its place above or below
    each other in that layer; the box takes the place of the fold. Only space is made: the rest moves to the right, up
    or down, variables that only the fold uses move into the box, and rows may break elsewhere.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> from viz.fold import fold
    >>> graph = fold(trace(Tensor(3.0, name="x").exp()))
    >>> sizes = Sizes(
    ...     nodes={node.id: (30.0, 30.0) for node in graph.nodes},
    ...     values={value.id: Plate(40.0, 15.0, 15.0) for value in graph.values},
    ...     wires={},
    ...     boxes={},
    ... )
    >>> found = layout(graph, sizes)
    >>> found.layers
    {None: [['n0'], ['n1']]}
    >>> found.nodes["n0"].x < found.values["v0"].x < found.nodes["n1"].x < found.values["v1"].x
    True
    """
    plan = _Plan(graph, sizes)
    limit = None if aspect is None else _row_width(plan, aspect)
    for sheet in reversed(plan.sheets):  # what is inside first
        sheet.arrange(limit)
    return _assemble(plan)


def _row_width(plan: _Plan, aspect: float) -> float:
    """How wide rows are to be for a drawing of this aspect ratio, by the room that its units take, and boxes leave."""
    area = 0.0
    for sheet in plan.sheets:
        spread = 1.6 + plan.depth[sheet.number]
        for unit in sheet.units:
            area += (unit.left + unit.right + CHANNEL) * (unit.up + unit.down + GAP) * spread
    return max(NARROWEST, math.sqrt(area * aspect))


# ---------------------------------------------------------------------------------------------------------------------
# What lies in which sheet
# ---------------------------------------------------------------------------------------------------------------------

_GATE, _LEAF, _BOX, _IN, _OUT, _POINT, _TAP, _ENTRY = range(8)


class _Unit:
    """Something that takes a place in a column: it extends so far to all sides of its anchor.

    A gate's anchor is its middle, a leaf's and a tap's the right end of its wire, a box's its left edge.
    """

    __slots__ = ("down", "kind", "late", "layer", "left", "position", "ref", "right", "up", "y")

    def __init__(self, kind: int, ref: int, up: float, down: float, left: float = 0.0, right: float = 0.0) -> None:
        self.kind, self.ref = kind, ref
        self.up, self.down, self.left, self.right = up, down, left, right
        self.layer = 0
        self.position = 0
        self.y = 0.0
        #: Added once the order of the others is fixed: leaves, and what their wires pass.
        self.late = kind in (_LEAF, _TAP)


class _Link:
    """A piece of wire from one layer to the next."""

    __slots__ = ("enter", "head", "leave", "main", "net", "rank", "tail", "wire")

    def __init__(
        self, net: _Net, tail: _Unit, leave: float, head: _Unit, enter: float, rank: float, wire: int, main: bool
    ) -> None:
        self.net, self.tail, self.head, self.wire = net, tail, head, wire
        #: Whether the line of its head goes on from it.
        self.main = main
        #: How far below the anchors it leaves and enters.
        self.leave, self.enter = leave, enter
        #: Between -0.5 and 0.5: which one it is of those that enter its head, from the top.
        self.rank = rank


class _Net:
    """A value within a sheet: where it comes from, and what takes it there (with the wire's number, or -1)."""

    __slots__ = ("cuts", "from_leaf", "links", "sinks", "source", "value")

    def __init__(self, value: int, source: _Unit, from_leaf: bool) -> None:
        self.value, self.source, self.from_leaf = value, source, from_leaf
        source.late = source.late or from_leaf
        self.sinks: list[tuple[_Unit, int]] = []
        self.links: list[_Link] = []
        #: What its wire comes from if it is cut right there, and how far below the anchor.
        self.cuts: list[tuple[_Unit, float]] = []


@dataclass(slots=True)
class _Pins:
    """Where wires meet a gate, relative to the line that goes through it."""

    #: Of each wire that goes in: its height in front of the gate, and at it.
    before: dict[int, float] = field(default_factory=dict)
    at: dict[int, float] = field(default_factory=dict)
    #: Of each value that comes out.
    out: dict[int, float] = field(default_factory=dict)
    #: How far the middle of its outline is below the line.
    shift: float = 0.0


class _Plan:
    """The sheets with their units and nets, before anything has a place."""

    def __init__(self, graph: Graph, sizes: Sizes) -> None:
        self.graph, self.sizes = graph, sizes
        number = {node.id: i for i, node in enumerate(graph.nodes)}
        value_number = {value.id: i for i, value in enumerate(graph.values)}
        self.source = [number[value.node] for value in graph.values]
        self.taken = [value_number[wire.value] for wire in graph.wires]
        self.taker = [number[wire.node] for wire in graph.wires]
        #: Wires into each node, in the order of its inputs, and values out of it.
        self.inputs: list[list[int]] = [[] for _ in graph.nodes]
        self.outputs: list[list[int]] = [[] for _ in graph.nodes]
        for i, node in enumerate(self.taker):
            self.inputs[node].append(i)
        for wires in self.inputs:
            wires.sort(key=lambda i: graph.wires[i].position)
        #: Which input of its node each wire is.
        self.place = [0] * len(graph.wires)
        for wires in self.inputs:
            for i, wire in enumerate(wires):
                self.place[wire] = i
        for i, node in enumerate(self.source):
            self.outputs[node].append(i)
        self.pins = [_Pins() for _ in graph.nodes]
        self.main = self._main_inputs()

        sheet_number: dict[str | None, int] = {None: 0}
        self.parent, self.depth = [0], [0]
        for box in graph.boxes:  # parents come before what lies in them
            sheet_number[box.id] = len(self.parent)
            self.parent.append(sheet_number[box.parent])
            self.depth.append(self.depth[sheet_number[box.parent]] + 1)
        self.sheets = [_Sheet(self, i) for i in range(len(self.parent))]
        self.home = self._homes([sheet_number[node.box] for node in graph.nodes])
        self.unit_of = self._place_units()
        self._connect()

    def _main_inputs(self) -> list[int | None]:
        """For each gate the wire that its line goes on from: the one with most gates before it, if that is only one."""
        before = [0] * len(self.graph.nodes)
        main: list[int | None] = []
        for i, wires in enumerate(self.inputs):
            depths = [before[self.source[self.taken[wire]]] for wire in wires]
            most = max(depths, default=-1)
            before[i] = most + 1
            main.append(wires[depths.index(most)] if depths.count(most) == 1 and len(wires) <= FEW else None)
        return main

    def _homes(self, stated: list[int]) -> list[int]:
        """In which sheet each node lies: a leaf where it is used."""
        leaf = [node.is_leaf for node in self.graph.nodes]
        #: How deep the boxes go that a gate shares with a gate it takes something from.
        shared = [0] * len(stated)
        for value, taker in zip(self.taken, self.taker, strict=True):
            source = self.source[value]
            if not leaf[source]:
                shared[taker] = max(shared[taker], self.depth[self.common(stated[source], stated[taker])])
        home: list[int] = [0 if is_leaf else sheet for is_leaf, sheet in zip(leaf, stated, strict=True)]
        seen = [False] * len(stated)
        deepest = [0] * len(stated)
        for value, taker in zip(self.taken, self.taker, strict=True):
            source = self.source[value]
            if leaf[source]:
                home[source] = self.common(home[source], stated[taker]) if seen[source] else stated[taker]
                deepest[source] = max(deepest[source], shared[taker])
                seen[source] = True
        for i, node in enumerate(self.graph.nodes):
            while node.kind in ("constant", "detached") and self.depth[home[i]] > deepest[i]:
                home[i] = self.parent[home[i]]
        return home

    def common(self, a: int, b: int) -> int:
        """The innermost sheet around both."""
        while a != b:
            if self.depth[a] >= self.depth[b]:
                a = self.parent[a]
            else:
                b = self.parent[b]
        return a

    def _place_units(self) -> list[_Unit]:
        """Make a unit of each node, and of each box when its first gate comes."""
        units = []
        open_sheets = [0]
        for i, node in enumerate(self.graph.nodes):
            is_leaf = node.is_leaf
            unit = self._leaf(i) if is_leaf else self._gate(i)
            units.append(unit)
            if not is_leaf:
                self._enter(self.home[i], open_sheets)
            self.sheets[self.home[i]].units.append(unit)
        for sheet in self.sheets[1:]:  # boxes in which nothing but leaves lies, or nothing
            chain = [sheet.number]
            while self.sheets[chain[-1]].unit is None and chain[-1]:
                chain.append(self.parent[chain[-1]])
            for inner in reversed(chain[:-1]):
                self._make_box(inner)
        return units

    def _enter(self, home: int, open_sheets: list[int]) -> None:
        """Leave and enter boxes until ``home`` is the innermost open one."""
        chain = []
        sheet = home
        while self.depth[sheet] >= len(open_sheets) or open_sheets[self.depth[sheet]] != sheet:
            chain.append(sheet)
            sheet = self.parent[sheet]
        del open_sheets[self.depth[sheet] + 1 :]
        for inner in reversed(chain):
            if self.sheets[inner].unit is not None:
                box = self.graph.boxes[inner - 1]
                raise ValueError(
                    f"layout: the gates of box {box.id} ({box.name!r}) are not recorded one after the other; give each "
                    "run of them a box of its own"
                )
            self._make_box(inner)
            open_sheets.append(inner)

    def _make_box(self, sheet: int) -> None:
        unit = _Unit(_BOX, sheet, 0.0, 0.0)
        self.sheets[sheet].unit = unit
        self.sheets[self.parent[sheet]].units.append(unit)

    def _leaf(self, i: int) -> _Unit:
        width, height = self.sizes.nodes[self.graph.nodes[i].id]
        up = down = height / 2
        length = width + SPACE if width else 0.0
        for value in self.outputs[i]:
            plate = self.sizes.values[self.graph.values[value].id]
            up, down, length = max(up, plate.above), max(down, plate.below), length + plate.width
            self.pins[i].out[value] = 0.0
        return _Unit(_LEAF, i, up, down, left=length)

    def _gate(self, i: int) -> _Unit:
        width, height = self.sizes.nodes[self.graph.nodes[i].id]
        pins, wires, values = self.pins[i], self.inputs[i], self.outputs[i]
        unit = _Unit(_GATE, i, height / 2, height / 2, left=width / 2 + TOUCH, right=width / 2)
        main = self.main[i]
        middle = (len(wires) - 1) / 2 if main is None else wires.index(main)
        if width == height:  # a circle
            pitch = min(13.0, 0.35 * height / max(1.0, middle, len(wires) - 1 - middle))
        else:
            pitch = min(13.0, (height - 10.0) / max(1, len(wires) - 1))
            pins.shift = ((len(wires) - 1) / 2 - middle) * pitch if wires else 0.0
            unit.up, unit.down = height / 2 - pins.shift, height / 2 + pins.shift
        pins.at = {wire: (k - middle) * pitch for k, wire in enumerate(wires)}
        plates = [self.sizes.wires.get(self.graph.wires[wire].id) for wire in wires]
        pins.before = pins.at
        if any(plates):
            level = None if main is None else wires.index(main)
            pins.before = dict(zip(wires, _stack(plates, unit, level), strict=True))
            unit.left = width / 2 + APPROACH + max(plate.width for plate in plates if plate)
        if values:
            sizes = [self.sizes.values[self.graph.values[value].id] for value in values]
            pins.out = dict(zip(values, _stack(sizes, unit), strict=True))
            unit.right += max(size.width for size in sizes) + (TOUCH if len(values) == 1 else APPROACH)
        return unit

    def _connect(self) -> None:
        """Lead every value through the sheets between where it is made and where it is used."""
        leaf = [self.graph.nodes[source].is_leaf for source in self.source]
        for value, source in enumerate(self.source):
            self.sheets[self.home[source]].nets[value] = _Net(value, self.unit_of[source], leaf[value])
        for wire, (value, taker) in enumerate(zip(self.taken, self.taker, strict=True)):
            outside = self.home[self.source[value]]
            inside = self.home[taker]
            meeting = self.common(outside, inside)
            sink: tuple[_Unit, int] = (self.unit_of[taker], wire)
            while inside != meeting:
                sheet = self.sheets[inside]
                entered = value in sheet.nets
                if not entered:
                    sheet.nets[value] = _Net(value, _Unit(_IN, value, WIRE, WIRE), leaf[value])
                    sheet.entrances.append(sheet.nets[value].source)
                sheet.nets[value].sinks.append(sink)
                if entered:
                    break
                sink = (self._box_unit(inside), -1)
                inside = self.parent[inside]
            else:
                while outside != meeting:
                    sheet = self.sheets[outside]
                    outside = self.parent[outside]
                    if value in self.sheets[outside].nets:
                        continue
                    sheet.nets[value].sinks.append((_Unit(_OUT, value, WIRE, WIRE), -1))
                    self.sheets[outside].nets[value] = _Net(value, self._box_unit(sheet.number), leaf[value])
                self.sheets[meeting].nets[value].sinks.append(sink)
        for sheet in self.sheets:
            sheet.nets = dict(sorted(sheet.nets.items()))

    def end_of(self, node: int, value: int, x: float) -> float:
        """Where the numbers of a gate's value end, if its middle is at ``x``."""
        plate = self.sizes.values[self.graph.values[value].id]
        between = TOUCH if len(self.outputs[node]) == 1 else APPROACH
        return x + self.sizes.nodes[self.graph.nodes[node].id][0] / 2 + between + plate.width

    def way_in(self, node: int, wire: int, x: float, y: float) -> list[Point]:
        """How a wire reaches a gate whose middle is at (x, y), from where its own numbers begin."""
        width, height = self.sizes.nodes[self.graph.nodes[node].id]
        pins = self.pins[node]
        level, at = y + pins.before[wire], y + pins.at[wire]
        edge = x - width / 2
        if width == height:  # a circle
            edge = x - max(0.0, (width / 2) ** 2 - pins.at[wire] ** 2) ** 0.5
        if pins.before is pins.at:
            return [(edge, at)]
        return [(x - width / 2 - APPROACH, level), (edge, at)]

    def _box_unit(self, sheet: int) -> _Unit:
        unit = self.sheets[sheet].unit
        assert unit is not None
        return unit


def _stack(plates: Sequence[Plate | None], unit: _Unit, level: int | None = None) -> list[float]:
    """Put plates above one another, for a unit that grows with them; return their wires' heights.

    The wire of number ``level`` is level with the unit's anchor, or else the middle between the first and the last.
    """
    heights: list[float] = []
    bottom = 0.0
    for plate in plates:
        above, below = (plate.above, plate.below) if plate else (WIRE, WIRE)
        heights.append(bottom + above if heights else 0.0)
        bottom = heights[-1] + below
    middle = heights[-1] / 2 if level is None else heights[level]
    first, last = plates[0], plates[-1]
    unit.up = max(unit.up, middle + (first.above if first else WIRE))
    unit.down = max(unit.down, heights[-1] - middle + (last.below if last else WIRE))
    return [height - middle for height in heights]


# ---------------------------------------------------------------------------------------------------------------------
# One sheet
# ---------------------------------------------------------------------------------------------------------------------


class _Sheet:
    """What lies directly in one box, or in none, and how it is laid out, relative to itself."""

    def __init__(self, plan: _Plan, number: int) -> None:
        self.plan, self.number = plan, number
        #: What this sheet is in the one around it.
        self.unit: _Unit | None = None
        #: Gates, leaves and boxes in the order of recording, and values that come in.
        self.units: list[_Unit] = []
        self.entrances: list[_Unit] = []
        self.nets: dict[int, _Net] = {}
        self.taps: list[_Unit] = []
        #: Each layer from top to bottom.
        self.columns: list[list[_Unit]] = []
        self.rows: list[_Row] = []
        self.row_of: list[_Row] = []
        #: Rows of the units that wires come in at from the row above.
        self.entered: dict[_Unit, _Row] = {}
        self.exits: dict[int, _Unit] = {}
        self.title_height = 0.0
        self.x = self.y = self.width = self.height = 0.0
        #: Where the rows end, and the room left and right of them for the wires from one to the next.
        self.right = self.side = 0.0

    def arrange(self, limit: float | None) -> None:
        """Find places for everything in the sheet; the sheets inside have theirs."""
        for unit in self.units:
            if unit.kind == _BOX:
                self.plan.sheets[unit.ref].measure_box()
        self._assign_layers()
        # The deeper, the narrower, so that there is room beside a box for a few parts of the sheet around it.
        self._break_rows(None if limit is None else limit * 0.88 ** min(self.plan.depth[self.number], 4))
        self._lay_wires()
        self._order()
        self._add_late()
        self._start_rows()
        self._place()

    # -- layers -------------------------------------------------------------------------------------------------------

    def _assign_layers(self) -> None:
        """Give every unit a layer, leaves the one before their first gate."""
        taken: dict[_Unit, list[_Unit]] = {}
        entering: dict[_Unit, int] = {}
        rank = {unit: i for i, unit in enumerate(self.units)}
        for net in self.nets.values():
            source = net.source
            heads = [head for head, _ in net.sinks if head.kind != _OUT]
            taken.setdefault(source, []).extend(head for head, _ in net.sinks)
            if net.from_leaf:
                continue
            for head in dict.fromkeys(heads):
                entering[head] = entering.get(head, 0) + 1
                if source.kind != _IN and rank[source] >= rank[head]:
                    raise ValueError("layout: a gate comes before one of its inputs")
        for unit in self.units:  # as far to the left as they can be
            if unit.kind != _LEAF:
                for head in taken.get(unit, ()):
                    head.layer = max(head.layer, unit.layer + 1)
        last = max((unit.layer for unit in self.units), default=0)
        for unit in reversed(self.units):  # to the right, if that makes no wire longer
            heads = taken.get(unit, [])
            latest = min((head.layer if head.kind != _OUT else last + 1 for head in heads), default=unit.layer + 1) - 1
            if unit.kind == _LEAF or entering.get(unit, 0) <= len(set(heads)):
                unit.layer = latest
        first = min((unit.layer for unit in self.units), default=0)
        shift = (1 if self.entrances else 0) - first
        for unit in self.units:
            unit.layer += shift
        for net in self.nets.values():
            for head, _ in net.sinks:
                if head.kind == _OUT:
                    head.layer = last + shift + 1
                    self.exits[net.value] = head
        self.columns = [[] for _ in range(last + shift + 1 + bool(self.exits))]
        for unit in (*self.entrances, *self.units, *self.exits.values()):
            self.columns[unit.layer].append(unit)

    def _break_rows(self, limit: float | None) -> None:
        """Split the columns into rows no wider than the limit, preferably where few wires pass."""
        starts = [0]
        if limit is not None:
            widths = [_Column(units).width + CHANNEL for units in self.columns]
            passing = self._count_passing()
            first = 2 if self.entrances else 1  # no row begins with these columns
            last = len(widths) - 1 if self.exits else len(widths)
            start, width, rest = 0, 0.0, sum(widths)
            for i, more in enumerate(widths):
                # A row may be somewhat longer if it is the last one then, and one that is nearly empty always is.
                if width + more > limit and width + rest > 1.2 * limit and width > 0.2 * limit:
                    candidates = range(max(start + 1 + (i - start) * 3 // 4, first), min(i, last - 1) + 1)
                    if candidates:
                        start = min(candidates, key=lambda k: (passing[k], -k))
                        starts.append(start)
                        width = sum(widths[start:i])
                width += more
                rest -= more
        self.rows = [_Row(a, b - a) for a, b in zip(starts, [*starts[1:], len(self.columns)], strict=True)]
        self.row_of = [row for row in self.rows for _ in row.columns]
        if len(starts) > 1:
            for row in self.rows[1:]:
                row.crowded = passing[row.first] > WRAPS
                column = self.columns[row.first - 1]
                for unit in [unit for unit in column if unit.kind == _LEAF]:
                    column.remove(unit)
                    self._enter_row(unit, row)

    def _count_passing(self) -> list[int]:
        """How many values are led from before a column to it or what comes after it."""
        change = [0] * (len(self.columns) + 1)
        for net in self.nets.values():
            if net.sinks:
                change[net.source.layer + 1] += 1
                change[max(head.layer for head, _ in net.sinks) + 1] -= 1
        return list(accumulate(change))

    def _lay_wires(self) -> None:
        """Lead each net from layer to layer, or cut it where it would be too long."""
        farthest = self._farthest()
        for net in self.nets.values():
            unit, leave, late = net.source, self._leave(net), net.source.late
            for head, wire in sorted(net.sinks, key=lambda sink: sink[0].layer):
                row = self.row_of[head.layer]
                leaves_row = row is not self._row(unit) and (net.from_leaf or (row.crowded and head.layer > row.first))
                if (leaves_row or head.layer - unit.layer > farthest) and head.kind != _OUT:
                    if unit is net.source:
                        net.cuts.append((unit, leave))
                    unit, leave, late = self._make_tap(net.value, head.layer), 0.0, True
                while unit.layer < head.layer - 1:
                    point = _Unit(_POINT, net.value, WIRE, WIRE)
                    point.layer, point.late = unit.layer + 1, late
                    self.columns[point.layer].append(point)
                    # Of several wires from one place the one that only leads on is not the main one.
                    through = unit.kind == _POINT
                    net.links.append(_Link(net, unit, leave, point, 0.0, 0.0, -1, through))
                    unit, leave = point, 0.0
                enter, rank = self._enter(head, wire, net.value)
                main = head.kind != _GATE or self.plan.main[head.ref] in (wire, None)
                net.links.append(_Link(net, unit, leave, head, enter, rank, wire, main))

    def _farthest(self) -> int:
        """How many layers a wire may pass before it is cut, so that there are not too many points on long wires."""
        passes: dict[int, int] = {}
        parts = len(self.units)
        for net in self.nets.values():
            layer = net.source.layer
            for head in sorted(head.layer for head, _ in net.sinks):
                passes[head - layer] = passes.get(head - layer, 0) + 1
                layer = head - 1
            parts += len(net.sinks)
        longest, points = 2, 0.0
        for length in sorted(passes):
            points += passes[length] * (length - 1)
            if points > SPARE + POINTS * parts:
                break
            longest = max(longest, length)
        return longest

    def _make_tap(self, value: int, layer: int) -> _Unit:
        """Let a wire begin anew in the column before a layer, or where the row begins."""
        width, height = self.plan.sizes.taps.get(self.plan.graph.values[value].id, (0.0, 2 * WIRE))
        tap = _Unit(_TAP, value, height / 2, height / 2, left=width)
        self.taps.append(tap)
        tap.layer = layer - 1
        row = self.row_of[layer]
        if row.first == layer:
            self._enter_row(tap, row)
        else:
            self.columns[tap.layer].append(tap)
        return tap

    def _enter_row(self, unit: _Unit, row: _Row) -> None:
        row.starts.append(unit)
        self.entered[unit] = row

    def _row(self, unit: _Unit) -> _Row:
        return self.entered[unit] if unit in self.entered else self.row_of[unit.layer]

    def _leave(self, net: _Net) -> float:
        source = net.source
        if source.kind == _BOX:
            return self.plan.sheets[source.ref].exit_height(net.value) - source.up
        return self.plan.pins[source.ref].out[net.value] if source.kind == _GATE else 0.0

    def _enter(self, head: _Unit, wire: int, value: int) -> tuple[float, float]:
        """How far below its anchor a wire enters a unit, and which one of those that enter it is, from the top."""
        if head.kind == _BOX:
            inside = self.plan.sheets[head.ref]
            rank = (inside.nets[value].source.position + 0.5) / len(inside.entrances) - 0.5
            return inside.entrance_height(value) - head.up, rank
        if head.kind == _GATE:
            rank = (self.plan.place[wire] + 0.5) / len(self.plan.inputs[head.ref]) - 0.5
            return self.plan.pins[head.ref].before[wire], rank
        return 0.0, 0.0

    # -- order --------------------------------------------------------------------------------------------------------

    def _order(self) -> None:
        """Order each layer so that few wires cross: by barycentres, back and forth."""
        before, after = self._neighbours(late=False)
        columns = [[unit for unit in column if not unit.late] for column in self.columns]
        columns = _as_first_met(columns, before)
        best, fewest = columns, _crossings(columns, after)
        size = sum(map(len, columns))
        patience = 0
        for turn in range(24 if size < SIFTED else 6):
            if fewest == 0 or patience > 3:
                break
            columns = [list(column) for column in columns]
            _sweep(columns, before if turn % 2 == 0 else after, backwards=turn % 2 == 1)
            if size < SIFTED:
                _sift(columns, before, after, late=False)
            count = _crossings(columns, after)
            patience += 1
            if count < fewest:
                best, fewest, patience = columns, count, 0
        self.columns = [
            best_column + [unit for unit in column if unit.late]
            for best_column, column in zip(best, self.columns, strict=True)
        ]

    def _neighbours(self, late: bool) -> tuple[_Neighbours, _Neighbours]:
        """For each unit those that it is linked to in the layer before and after, with the ranks of the links."""
        before: _Neighbours = {}
        after: _Neighbours = {}
        for net in self.nets.values():
            for link in net.links:
                if late or not link.tail.late:
                    # What is inside a box, or a fold, must not matter to the order of what is not.
                    head = link.head
                    plain = head.kind == _GATE and self.plan.graph.nodes[head.ref].kind == "gate"
                    rank = link.rank if late or plain else 0.0
                    before.setdefault(link.head, []).append((link.tail, rank))
                    after.setdefault(link.tail, []).append((link.head, rank))
        return before, after

    def _add_late(self) -> None:
        """Put leaves, and the long wires from them, where they cross few wires, between the others as these lie."""
        before, after = self._neighbours(late=True)
        for layer in range(len(self.columns) - 1, -1, -1):
            column = self.columns[layer]
            late = [unit for unit in column if unit.late]
            if late:
                fixed = [unit for unit in column if not unit.late]
                keys, reached = [], -1.0
                for unit in fixed:
                    reached = max(reached, _centre(after.get(unit, ()), reached))
                    keys.append(reached)
                wanted = sorted((_centre(after.get(unit, ()), 0.0), i) for i, unit in enumerate(late))
                merged, done = [], 0
                for key, i in wanted:
                    place = bisect_right(keys, key)
                    merged += fixed[done:place]
                    merged.append(late[i])
                    done = max(done, place)
                self.columns[layer] = column = merged + fixed[done:]
            _number([column])
        if sum(map(len, self.columns)) < SIFTED:
            for _ in range(3):
                if _crossings(self.columns, after):
                    _sift(self.columns, before, after, late=True)

    def _start_rows(self) -> None:
        """Lead wires from row to row, and order what each row begins with."""
        for layer, (row, column) in enumerate(zip(self.row_of, self.columns, strict=True)):
            row.column_of(layer).fill(column)
        for net in self.nets.values():
            for link in net.links:
                row = self.row_of[link.head.layer]
                row.links.append(link)
                if row is not self._row(link.tail):
                    row.crossing.setdefault((link.tail, net), []).append(link)
        for row in self.rows:
            reached = -1.0
            keys: dict[_Unit, float] = {}
            for (tail, net), links in sorted(row.crossing.items(), key=_leaving_order):
                start = row.entries[tail, net] = _Unit(_ENTRY, net.value, WIRE, WIRE)
                row.wraps.append(start)
                self.entered[start] = row
                reached = max(reached, _centre(((link.head, link.rank) for link in links), 0.0))
                keys[start] = reached
            heads: dict[_Unit, list[tuple[_Unit, float]]] = {}
            for link in row.links:
                if link.tail in self.entered:
                    heads.setdefault(link.tail, []).append((link.head, link.rank))
            keys |= {unit: _centre(heads.get(unit, ()), 0.0) for unit in row.starts}
            row.starts = sorted(keys, key=keys.__getitem__)
            _number([row.wraps])

    # -- coordinates --------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Find heights, then stack the rows below one another, with room between for the wires from one to the next."""
        for row in self.rows:
            _set_heights(row)
        tracks = max((len(row.wraps) for row in self.rows), default=0)
        self.side = (tracks + 1) * TRACK if tracks else 0.0
        top = 0.0
        for row in self.rows:
            if row is not self.rows[0]:
                top += (len(row.wraps) + 1) * TRACK
            row.top = top
            top = row.move_to(top)
            row.spread(self.side)
        self.right = max((row.right for row in self.rows), default=0.0)
        self.width, self.height = self.right + self.side, top
        for column in (*self.rows[0].columns[:1], *self.rows[-1].columns[-1:]):
            if column.border == _IN:
                column.left = column.right = -PADDING
            elif column.border == _OUT:
                column.left = column.right = self.width + PADDING

    # -- seen from around it ------------------------------------------------------------------------------------------

    def measure_box(self) -> None:
        """Give the box of this sheet its size, in the sheet around it."""
        unit = self.unit
        assert unit is not None
        title, self.title_height = self.plan.sizes.boxes[self.plan.graph.boxes[self.number - 1].id]
        wider = title - self.width
        if wider > 0:
            self.width = title
            if self.rows and self.rows[-1].columns[-1].border == _OUT:
                self.rows[-1].columns[-1].left = self.rows[-1].columns[-1].right = self.width + PADDING
        height = self.height + self.title_height + 2 * PADDING
        ends = [self.entrance_height(end.ref) for end in self.entrances]
        ends = ends or [self.exit_height(value) for value in self.exits]
        unit.up = sum(ends) / len(ends) if ends else height / 2
        unit.down = height - unit.up
        unit.right = self.width + 2 * PADDING

    def entrance_height(self, value: int) -> float:
        """How far below the upper edge of the box a value enters."""
        return self.nets[value].source.y + self.title_height + PADDING

    def exit_height(self, value: int) -> float:
        """How far below the upper edge of the box a value leaves."""
        return self.exits[value].y + self.title_height + PADDING

    # -- paths --------------------------------------------------------------------------------------------------------

    def anchor(self, unit: _Unit) -> Point:
        """Where a unit's anchor lies in the whole drawing."""
        if unit in self.entered:
            return self.x + self.entered[unit].left, self.y + unit.y
        column = self.row_of[unit.layer].column_of(unit.layer)
        x = column.right if unit.kind in (_LEAF, _TAP) else column.left
        if unit.kind == _GATE:
            x += column.before
        return self.x + x, self.y + unit.y

    def path(self, link: _Link) -> tuple[Path, Point]:
        """The points of a link, and the one where others of its net may part from it."""
        start = [self._start(link.tail, link.net, link.leave)]
        y = start[0][1]
        before, row = self._row(link.tail), self.row_of[link.head.layer]
        if link.tail not in self.entered:
            start.append((self.x + before.column_of(link.tail.layer).right, y))
        entry = row.entries.get((link.tail, link.net)) if before is not row else None
        if entry is not None:
            start += self._wrap(row, entry, y)
        fork = start[-1]
        hx, hy = self.anchor(link.head)
        hy += link.enter
        end = [(self.x + row.column_of(link.head.layer).left, hy)]
        if link.head.kind == _GATE:
            end += self.plan.way_in(link.head.ref, link.wire, hx, self.y + link.head.y)
        return (*start, *end), fork

    def _start(self, tail: _Unit, net: _Net, leave: float) -> Point:
        """Where a wire begins: at the end of its numbers, at the edge of a box, or where it came into the column."""
        x, y = self.anchor(tail)
        if tail.kind == _GATE:
            x = self.plan.end_of(tail.ref, net.value, x)
        return x + (tail.right if tail.kind == _BOX else 0.0), y + leave

    def end_of(self, tail: _Unit, net: _Net, leave: float) -> Point:
        """Where a wire ends that is cut behind a unit: where others of its net part from it, if there are any."""
        x, y = self._start(tail, net, leave)
        if tail not in self.entered and any(link.tail is tail for link in net.links):
            x = self.x + self.row_of[tail.layer].column_of(tail.layer).right
        return x, y

    def _wrap(self, row: _Row, entry: _Unit, y: float) -> list[Point]:
        """From the end of one row to the start of the next: the upper wires run around the lower ones."""
        right = self.x + self.right + TRACK * (len(row.wraps) - entry.position)
        level = self.y + row.top - TRACK * (entry.position + 1)
        left = self.x + self.side - TRACK * (entry.position + 1)
        end = self.y + entry.y
        return [(right, y), (right, level), (left, level), (left, end), (self.x + row.left, end)]


def _leaving_order(crossing: tuple[tuple[_Unit, _Net], list[_Link]]) -> tuple[int, float]:
    (tail, _), links = crossing
    return tail.position, links[0].leave


class _Column:
    """Units above one another."""

    __slots__ = ("before", "border", "left", "right", "units", "width")

    def __init__(self, units: list[_Unit]) -> None:
        self.fill(units)
        self.left = self.right = 0.0

    def fill(self, units: list[_Unit]) -> None:
        """Take these units, and the width they need."""
        self.units = units
        gates = [unit for unit in units if unit.kind == _GATE]
        others = [unit.left + unit.right for unit in units if unit.kind != _GATE]
        #: How far the gates' middles are from the left edge.
        self.before = max((unit.left for unit in gates), default=0.0)
        self.width = max([self.before + max((unit.right for unit in gates), default=0.0), *others])
        #: Whether it is an edge of the box, where values come in or go out.
        kind = units[0].kind if units else _GATE
        self.border = kind if kind in (_IN, _OUT) else None


class _Row:
    """Columns beside one another, and the wires that come from the row above."""

    def __init__(self, first: int, count: int) -> None:
        self.first, self.columns = first, [_Column([]) for _ in range(count)]
        #: Whether too many wires would lead around to it.
        self.crowded = False
        self.links: list[_Link] = []
        #: Of these, those that come from the row above, by what they come from, and where they come in.
        self.crossing: dict[tuple[_Unit, _Net], list[_Link]] = {}
        self.entries: dict[tuple[_Unit, _Net], _Unit] = {}
        #: These, and with them the wires that begin anew at the row's start, from top to bottom.
        self.wraps: list[_Unit] = []
        self.starts: list[_Unit] = []
        self.top = self.left = self.right = 0.0

    def column_of(self, layer: int) -> _Column:
        return self.columns[layer - self.first]

    def tail(self, link: _Link) -> tuple[_Unit, float]:
        """What a link comes from in this row, and how far below the anchor."""
        entry = self.entries.get((link.tail, link.net)) if self.entries else None
        return (link.tail, link.leave) if entry is None else (entry, 0.0)

    def move_to(self, top: float) -> float:
        """Let everything begin at this height; return the lower end."""
        units = [*(unit for column in self.columns for unit in column.units), *self.starts]
        highest = min((unit.y - unit.up for unit in units), default=0.0)
        for unit in units:
            unit.y += top - highest
        return max((unit.y + unit.down for unit in units), default=top)

    def spread(self, x: float) -> None:
        """Put the columns beside one another; the more wires rise and fall between two, the more room is there."""
        steepest = [0.0] * len(self.columns)
        for link in self.links:
            tail, leave = self.tail(link)
            rise = abs(link.head.y + link.enter - tail.y - leave)
            place = link.head.layer - self.first
            steepest[place] = max(steepest[place], rise)
        x += max((unit.left for unit in self.starts), default=0.0)
        self.left = x
        starts = not self.starts
        for column, rise in zip(self.columns, steepest, strict=True):
            if not starts:
                x += CHANNEL / 2 if rise < 1 else min(CHANNEL + rise / 8, 4 * CHANNEL)
            starts = False
            column.left, column.right = x, x + column.width
            x = column.right
        self.right = x


# ---------------------------------------------------------------------------------------------------------------------
# Orders with few crossings
# ---------------------------------------------------------------------------------------------------------------------

_Neighbours = dict[_Unit, list[tuple[_Unit, float]]]


def _centre(neighbours: Iterable[tuple[_Unit, float]], otherwise: float, ranked: bool = True) -> float:
    """The mean position of units, counting how far from their middles they are met if so wanted."""
    count, total = 0, 0.0
    for unit, rank in neighbours:
        count += 1
        total += unit.position + rank * ranked
    return total / count if count else otherwise


def _number(columns: Iterable[Sequence[_Unit]]) -> None:
    for column in columns:
        for position, unit in enumerate(column):
            unit.position = position


def _as_first_met(columns: list[list[_Unit]], links: Mapping[_Unit, list[tuple[_Unit, float]]]) -> list[list[_Unit]]:
    """Order as met by going back from what nothing takes; trees are drawn so without any crossing."""
    met: dict[_Unit, None] = {}
    has_takers = {tail for tails in links.values() for tail, _ in tails}
    ends = [unit for column in reversed(columns) for unit in column if unit not in has_takers]
    pending = ends[::-1]
    while pending:
        unit = pending.pop()
        if unit not in met:
            met[unit] = None
            pending += [tail for tail, _ in sorted(links.get(unit, ()), key=lambda item: item[1])][::-1]
    ordered: list[list[_Unit]] = [[] for _ in columns]
    for unit in met:
        ordered[unit.layer].append(unit)
    _number(ordered)
    return ordered


def _sweep(columns: list[list[_Unit]], neighbours: _Neighbours, backwards: bool) -> None:
    """Order each column by the mean positions in the one before it, from the second on; or the other way round."""
    for column in columns[-2::-1] if backwards else columns[1:]:
        if len(column) > 1:
            keys = {unit: _centre(neighbours.get(unit, ()), unit.position, backwards) for unit in column}
            column.sort(key=keys.__getitem__)
            for position, unit in enumerate(column):
                unit.position = position


def _sift(columns: list[list[_Unit]], before: _Neighbours, after: _Neighbours, late: bool) -> None:
    """Move each unit (or only those that are late) to where in its column it crosses the fewest wires."""
    for column in columns:
        for unit in [unit for unit in column if unit.late or not late]:
            start = unit.position
            best, fewest = start, 0
            for steps in (range(start - 1, -1, -1), range(start + 1, len(column))):
                change = 0
                for place in steps:
                    other = column[place]
                    upper, lower = (other, unit) if place < start else (unit, other)  # as they are now
                    change += _crossed(before, lower, upper, 0) - _crossed(before, upper, lower, 0)
                    change += _crossed(after, lower, upper, 1) - _crossed(after, upper, lower, 1)
                    if change < fewest:
                        best, fewest = place, change
            if best != start:
                column.insert(best, column.pop(start))
                _number([column])


def _crossed(neighbours: _Neighbours, upper: _Unit, lower: _Unit, ranked: int) -> int:
    """How many wires of two units cross if one is above the other."""
    heads = neighbours.get(upper)
    others = neighbours.get(lower)
    if heads is None or others is None:
        return 0
    count = 0
    for unit, rank in others:
        place = unit.position + rank * ranked
        for other, other_rank in heads:
            count += other.position + other_rank * ranked > place
    return count


def _crossings(columns: list[list[_Unit]], after: _Neighbours) -> int:
    """How many wires cross."""
    total = 0
    for column in columns:
        ends: list[float] = []
        for unit in column:
            heads = [head.position + rank for head, rank in after.get(unit, ())]
            for end in heads:
                total += len(ends) - bisect_right(ends, end)
            for end in heads:  # wires from one place do not cross
                insort(ends, end)
    return total


# ---------------------------------------------------------------------------------------------------------------------
# Heights
# ---------------------------------------------------------------------------------------------------------------------

#: What a unit is linked to on one side: with how far below that it would like to lie, and how much.
_Pulls = dict[_Unit, list[tuple[_Unit, float, float]]]


def _set_heights(row: _Row) -> None:
    """Set heights so that wires are short and straight, keeping the order in each column."""
    layers = [column.units for column in row.columns]
    if row.starts:
        layers.insert(0, row.starts)
    before: _Pulls = {}
    after: _Pulls = {}
    for link in row.links:
        tail, leave = row.tail(link)
        fall = leave - link.enter
        if tail.kind in _THROUGH and link.head.kind in _THROUGH:
            pull = push = 8.0
        else:
            pull, push = (1.0, 1.0) if link.main else (0.1, 0.5)
        before.setdefault(link.head, []).append((tail, fall, pull))
        after.setdefault(tail, []).append((link.head, -fall, push))
    for layer in layers:
        _settle(layer, [0.0] * len(layer), [1.0] * len(layer))
    for one, other, order in ((after, before, layers[::-1]), (before, after, layers)) * 2:
        for layer in order:
            _pull(layer, one, other)
    for layer in layers[::-1]:  # leaves come as close as they can to what takes them
        wants, weights = [], []
        for unit in layer:
            loose = unit not in before and unit in after
            wants.append(_mean(after[unit]) if loose else unit.y)
            weights.append(1.0 if loose else 1e4)
        _settle(layer, wants, weights)
    _straighten(layers, before, after)


_THROUGH = (_POINT, _ENTRY)
#: What may end on another line than the main one.
_ENDS = (_POINT, _ENTRY, _LEAF, _TAP)


def _mean(pulls: Sequence[tuple[_Unit, float, float]]) -> float:
    total = weight = 0.0
    for unit, fall, pull in pulls:
        total += (unit.y + fall) * pull
        weight += pull
    return total / weight


def _pull(layer: Sequence[_Unit], one: _Pulls, other: _Pulls) -> None:
    """Move the units of a layer towards what they are linked to on one side, or else on the other."""
    wants, weights = [], []
    for unit in layer:
        pulls = one.get(unit)
        if pulls:
            wants.append(_mean(pulls))
            weights.append(max(weight for _, _, weight in pulls))
        else:
            pulls = other.get(unit)
            wants.append(_mean(pulls) if pulls else unit.y)
            weights.append(0.1)
    _settle(layer, wants, weights)


def _settle(layer: Sequence[_Unit], wants: Sequence[float], weights: Sequence[float]) -> None:
    """Put units where they want to be, as far as there is room: with the least sum of weighted squares of distances.

    Pool adjacent violators: units that would overlap move as one from then on.
    """
    if len(layer) == 1:
        layer[0].y = wants[0]
        return
    groups: list[list[float]] = []  # mean of what they want, weight, how many
    offsets = []
    offset = 0.0
    previous: _Unit | None = None
    for unit, want, weight in zip(layer, wants, weights, strict=True):
        if previous is not None:
            offset += previous.down + unit.up + _gap(previous, unit)
        previous = unit
        offsets.append(offset)
        mean, total, count = want - offset, weight, 1.0
        while groups and groups[-1][0] > mean:
            last_mean, last_total, last_count = groups.pop()
            mean = (mean * total + last_mean * last_total) / (total + last_total)
            total += last_total
            count += last_count
        groups.append([mean, total, count])
    i = 0
    for mean, _, count in groups:
        for _ in range(int(count)):
            layer[i].y = mean + offsets[i]
            i += 1


def _gap(upper: _Unit, lower: _Unit) -> float:
    return 2.0 if upper.kind in _THROUGH and lower.kind in _THROUGH else GAP


def _straighten(layers: Sequence[Sequence[_Unit]], before: _Pulls, after: _Pulls) -> None:
    """Let long wires, and the gates along the main line, lie on one height where there is room for it."""
    room: dict[_Unit, tuple[_Unit | None, _Unit | None]] = {}
    for layer in layers:
        for i, unit in enumerate(layer):
            room[unit] = (layer[i - 1] if i else None, layer[i + 1] if i + 1 < len(layer) else None)
    following: dict[_Unit, tuple[_Unit, float]] = {}
    goes_on = {unit: _main(pulls) for unit, pulls in after.items()}
    for unit, pulls in before.items():
        main = _main(pulls)
        if main is not None and goes_on[main[0]] == (unit, -main[1]):
            following[main[0]] = (unit, main[1])
    followed = {unit for unit, _ in following.values()}
    chains = []
    for layer in layers:
        for unit in layer:
            if unit not in followed and (unit in following or unit.kind in _ENDS):
                chain = [(unit, 0.0)]
                while chain[-1][0] in following:
                    head, fall = following[chain[-1][0]]
                    chain.append((head, chain[-1][1] + fall))
                chains.append(chain)
    chains.sort(key=len, reverse=True)
    for chain in chains * 2:
        last, fall = chain[-1]
        wish = None
        if last.kind in _ENDS and len(after.get(last, ())) == 1:  # level with what takes it, if that can be
            head, rise, _ = after[last][0]
            wish = head.y + rise - fall
        _level(chain, room, wish)


def _main(pulls: Sequence[tuple[_Unit, float, float]]) -> tuple[_Unit, float] | None:
    """The link that pulls most, if it is only one: it is to be straight."""
    best, found, alone = -1.0, None, True
    for unit, fall, weight in pulls:
        if weight > best:
            best, found, alone = weight, (unit, fall), True
        elif weight == best:
            alone = False
    return found if alone else None


def _level(
    chain: Sequence[tuple[_Unit, float]], room: Mapping[_Unit, tuple[_Unit | None, _Unit | None]], wish: float | None
) -> None:
    """Move the members of a chain to one height, or to as few heights as there is room for."""
    start = 0
    while start < len(chain):
        low, high, total, end = -float("inf"), float("inf"), 0.0, start
        while end < len(chain):
            unit, fall = chain[end]
            above, below = room[unit]
            lowest = low if above is None else max(low, above.y + above.down + _gap(above, unit) + unit.up - fall)
            highest = high if below is None else min(high, below.y - below.up - _gap(unit, below) - unit.down - fall)
            if lowest > highest + 1e-9 and end > start:
                break
            low, high = lowest, highest
            total += unit.y - fall
            end += 1
        wanted = total / (end - start) if wish is None or end < len(chain) else wish
        height = min(max(wanted, low), high)
        if end - start > 1 or wish is not None:
            for unit, fall in chain[start:end]:
                unit.y = height + fall
        start = end


# ---------------------------------------------------------------------------------------------------------------------
# The whole
# ---------------------------------------------------------------------------------------------------------------------


def _assemble(plan: _Plan) -> Layout:
    """From heights and columns to the coordinates of everything."""
    graph, sizes = plan.graph, plan.sizes
    plan.sheets[0].x = plan.sheets[0].y = MARGIN
    boxes: dict[str, Rect] = {}
    for sheet, box in zip(plan.sheets[1:], graph.boxes, strict=True):
        assert sheet.unit is not None
        x, y = plan.sheets[plan.parent[sheet.number]].anchor(sheet.unit)
        y -= sheet.unit.up
        boxes[box.id] = _rect(x, y, sheet.unit.right, sheet.unit.up + sheet.unit.down)
        sheet.x, sheet.y = x + PADDING, y + PADDING + sheet.title_height
    nodes: dict[str, Rect] = {}
    for i, node in enumerate(graph.nodes):
        width, height = sizes.nodes[node.id]
        unit = plan.unit_of[i]
        x, y = plan.sheets[plan.home[i]].anchor(unit)
        y += plan.pins[i].shift - height / 2
        nodes[node.id] = _rect(x - (unit.left if unit.kind == _LEAF else width / 2), y, width, height)
    values: dict[str, ValuePlace] = {}
    paths: list[Path] = [()] * len(graph.wires)
    uses = [0] * len(graph.values)
    for value in plan.taken:
        uses[value] += 1
    for i in range(len(graph.values)):
        values[graph.values[i].id] = _value_place(plan, i, uses[i], paths)
    wires = {}
    for i, wire in enumerate(graph.wires):
        wires[wire.id] = WirePlace(_tidy(paths[i]), _wire_plate(plan, i))
    layers = {
        None if not sheet.number else graph.boxes[sheet.number - 1].id: _names(plan, sheet) for sheet in plan.sheets
    }
    taps = tuple(_tap(sheet, unit) for sheet in plan.sheets for unit in sheet.taps)
    root = plan.sheets[0]
    return Layout(
        round(root.width + 2 * MARGIN, 2),
        round(root.height + 2 * MARGIN, 2),
        nodes,
        values,
        wires,
        boxes,
        taps,
        layers,
    )


def _value_place(plan: _Plan, value: int, uses: int, paths: list[Path]) -> ValuePlace:
    """Follow a value from sheet to sheet to all that takes it."""
    node = plan.source[value]
    sheet = plan.sheets[plan.home[node]]
    unit = plan.unit_of[node]
    plate = plan.sizes.values[plan.graph.values[value].id]
    x, y = sheet.anchor(unit)
    lead: Path = ()
    if unit.kind == _LEAF:
        start = x - plate.width
    else:
        below = plan.pins[node].out[value]
        half = plan.sizes.nodes[plan.graph.nodes[node].id][0] / 2
        start = plan.end_of(node, value, x) - plate.width
        lead = ((x + half, y), (start, y + below))
        y += below

    stem: list[Path] = []
    forks: list[Point] = []
    pending = [sheet]
    cuts: list[Point] = []
    while pending:
        sheet = pending.pop()
        tail: _Unit | None = None  # where the last piece of the stem ends
        links = sheet.nets[value].links
        leaving = Counter(link.tail for link in links)
        parted: dict[_Unit, None] = {}
        inner = []
        for link in links:
            path, fork = sheet.path(link)
            if leaving[link.tail] > 1:  # as far as they run together they are the stem
                at = path.index(fork)
                if link.tail not in parted:
                    parted[link.tail] = None
                    forks.append(fork)
                    if tail is link.tail:
                        stem[-1] += path[: at + 1]
                    else:
                        stem.append(path[: at + 1])
                    tail = link.tail
                path = path[at:]
            if link.wire >= 0 and uses > 1:
                paths[link.wire] = path
                continue
            if stem and link.tail.kind != _TAP and (tail is link.tail or uses == 1):
                stem[-1] += path
            else:
                stem.append(path)
            tail = link.head
            if link.head.kind == _OUT:
                inner.append(plan.sheets[plan.parent[sheet.number]])
            elif link.head.kind == _BOX:
                inner.append(plan.sheets[link.head.ref])
            if link.wire >= 0:
                paths[link.wire] = stem.pop()
        pending += inner
        cuts += [sheet.end_of(unit, sheet.nets[value], leave) for unit, leave in sheet.nets[value].cuts]
    return ValuePlace(
        round(start, 2),
        round(y, 2),
        plate.width,
        _tidy(lead),
        tuple(_tidy(path) for path in stem),
        _rounded(forks),
        _rounded(cuts),
    )


def _wire_plate(plan: _Plan, wire: int) -> tuple[float, float, float] | None:
    plate = plan.sizes.wires.get(plan.graph.wires[wire].id)
    if plate is None:
        return None
    node = plan.taker[wire]
    x, y = plan.sheets[plan.home[node]].anchor(plan.unit_of[node])
    right = x - plan.sizes.nodes[plan.graph.nodes[node].id][0] / 2 - APPROACH
    return round(right - plate.width, 2), round(y + plan.pins[node].before[wire], 2), plate.width


def _tap(sheet: _Sheet, unit: _Unit) -> Tap:
    x, y = sheet.anchor(unit)
    height = unit.up + unit.down
    return Tap(sheet.plan.graph.values[unit.ref].id, _rect(x - unit.left, y - unit.up, unit.left, height))


def _names(plan: _Plan, sheet: _Sheet) -> list[list[str]]:
    """What lies in each layer of a sheet; what a row begins with counts to the layer before."""
    found = []
    started = {row.first - 1: row.starts for row in sheet.rows}
    for layer, column in enumerate(sheet.columns):
        names = []
        for unit in (*column, *started.get(layer, ())):
            if unit.kind in (_GATE, _LEAF):
                names.append(plan.graph.nodes[unit.ref].id)
            elif unit.kind == _BOX:
                names.append(plan.graph.boxes[unit.ref - 1].id)
        found.append(names)
    return found


def _rounded(points: Iterable[Point]) -> Path:
    return tuple((round(x, 2), round(y, 2)) for x, y in points)


def _rect(x: float, y: float, width: float, height: float) -> Rect:
    return Rect(round(x, 2), round(y, 2), round(width, 2), round(height, 2))


def _tidy(path: Path) -> Path:
    """Leave out points that say nothing."""
    points: list[Point] = []
    for x, y in path:
        point = (round(x, 2), round(y, 2))
        if points and points[-1] == point:
            continue
        if len(points) > 1 and points[-2][1] == points[-1][1] == point[1]:
            points.pop()
        points.append(point)
    return tuple(points)
