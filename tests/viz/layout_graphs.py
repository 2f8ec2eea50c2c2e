"""Graphs made by hand and at random, and what must hold of any layout of them."""

import random
from dataclasses import replace
from itertools import pairwise

from viz.graph import Box, Graph, Node, Value, Wire
from viz.layout import Plate, Sizes
from viz.numbers import Numbers

ONE = Numbers.of(1.25)


class Builder:
    """Adds nodes one after the other; names say what a node was before it was folded."""

    def __init__(self):
        self.nodes, self.values, self.wires, self.boxes = [], [], [], []

    def box(self, parent=None):
        self.boxes.append(Box(f"b{len(self.boxes)}", f"scope {len(self.boxes)}", parent))
        return self.boxes[-1].id

    def add(self, *inputs, kind="gate", label="×", box=None, outputs=1):
        """A node that takes these values; the first of its values."""
        node = f"n{len(self.nodes)}"
        self.nodes.append(Node(node, kind, label, "multiply" if kind == "gate" else "", (), box))
        for position, value in enumerate(inputs):
            self.wires.append(Wire(f"w{len(self.wires)}", value, node, position, ONE))
        first = f"v{len(self.values)}"
        for _ in range(outputs):
            self.values.append(Value(f"v{len(self.values)}", node, "", ONE, ONE, True, False, 0))
        return first

    def leaf(self, name="x", kind="variable"):
        return self.add(kind=kind, label=name)

    def graph(self):
        parts = map(tuple, (self.nodes, self.values, self.wires, self.boxes))
        return Graph(*parts, root=self.values[-1].id, note="", pictures=False)


def chain(length, parameter=False):
    b = Builder()
    h = b.leaf("x")
    w = [b.leaf("w")] if parameter else []
    for _ in range(length):
        h = b.add(h, *w, label="×" if w else "exp")
    return b.graph()


def tree(depth):
    """A balanced expression: drawn without any crossing."""
    b = Builder()
    values = [b.leaf(f"x{i}") for i in range(2**depth)]
    while len(values) > 1:
        values = [b.add(*values[i : i + 2]) for i in range(0, len(values), 2)]
    return b.graph()


def residual(blocks):
    """x + f(x), again and again."""
    b = Builder()
    h = b.leaf("x")
    for _ in range(blocks):
        box = b.box()
        f = h
        for _ in range(3):
            f = b.add(f, label="f", box=box)
        h = b.add(h, f, label="+")
    return b.graph()


def grid(width, height):
    """Each gate takes one to the left and one above."""
    b = Builder()
    rows = [[b.leaf(f"x{i}") for i in range(width + 1)]]
    for _ in range(height):
        row = [b.leaf("y")]
        for i in range(width):
            row.append(b.add(row[-1], rows[-1][i + 1]))
        rows.append(row)
    return b.graph()


def at_random(seed, size=30, boxes=0.25, leaves=0.3):
    """Gates that take values made before, in boxes that open and close at random."""
    r = random.Random(seed)
    b = Builder()
    values = [b.leaf("x0")]
    open_boxes = [None]
    for i in range(size):
        while len(open_boxes) > 1 and r.random() < boxes * 0.8:
            open_boxes.pop()
        while len(open_boxes) < 4 and r.random() < boxes:
            open_boxes.append(b.box(open_boxes[-1]))
        inputs = []
        for _ in range(r.choice((1, 1, 2, 2, 2, 3, 6))):
            if r.random() < leaves:
                values.append(b.leaf(f"x{i}", r.choice(("variable", "constant", "detached"))))
                inputs.append(values[-1])
            else:
                inputs.append(r.choice(values[-6:] if r.random() < 0.8 else values))
        fold = r.random() < 0.15
        outputs = r.choice((1, 2, 3)) if fold else 1
        first = b.add(*inputs, kind="fold" if fold else "gate", box=open_boxes[-1], outputs=outputs)
        values += [f"v{int(first[1:]) + k}" for k in range(outputs)]
    return b.graph()


def random_sizes(graph, seed):
    r = random.Random(seed)

    def plate():
        return Plate(float(r.randint(30, 120)), float(r.randint(12, 50)), float(r.randint(12, 40)))

    nodes = {}
    for node in graph.nodes:
        side = float(r.randint(30, 60))
        nodes[node.id] = (side, side) if node.kind == "gate" else (float(r.randint(20, 120)), float(r.randint(14, 60)))
        if node.is_leaf and r.random() < 0.2:
            nodes[node.id] = (0.0, 0.0)
    return Sizes(
        nodes=nodes,
        values={value.id: plate() for value in graph.values},
        wires={wire.id: plate() for wire in graph.wires if r.random() < 0.4},
        boxes={box.id: (float(r.randint(10, 200)), 14.0) for box in graph.boxes},
        taps={value.id: (float(r.randint(10, 90)), 14.0) for value in graph.values},
    )


def folded(graph, box):
    """The graph with a box folded, and by which names its nodes and those of the graph itself are the same."""
    inside = {box}
    for other in graph.boxes:
        if other.parent in inside:
            inside.add(other.id)
    members = {node.id for node in graph.nodes if node.box in inside}
    made = {value.id for value in graph.values if value.node in members}
    needed = {wire.value for wire in graph.wires if wire.node not in members} | {graph.root}
    parent = next(b.parent for b in graph.boxes if b.id == box)
    nodes, seen = [], False
    for node in graph.nodes:
        if node.id not in members:
            nodes.append(node)
        elif not seen:
            nodes.append(Node("fold", "fold", "fold", "", (), parent))
            seen = True
    # Leaves that are recorded among the members come before the fold.
    at = next(i for i, node in enumerate(nodes) if node.id == "fold")
    fold = nodes.pop(at)
    while at < len(nodes) and nodes[at].is_leaf:
        at += 1
    nodes.insert(at, fold)
    values = [
        replace(value, node="fold") if value.id in made else value
        for value in graph.values
        if value.id not in made or value.id in needed
    ]
    wires, entered = [], {}
    for wire in graph.wires:
        if wire.node not in members:
            wires.append(wire)
        elif wire.value not in made and wire.value not in entered:
            entered[wire.value] = len(entered)
            wires.append(replace(wire, node="fold", position=entered[wire.value]))
    boxes = tuple(b for b in graph.boxes if b.id not in inside)
    return replace(graph, nodes=tuple(nodes), values=tuple(values), wires=tuple(wires), boxes=boxes)


# -- what must hold ---------------------------------------------------------------------------------------------------


def overlap(a, b, slack=0.05):
    """Whether two (left, top, right, bottom) share more than an edge."""
    return a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack


def inside(a, b, slack=0.05):
    return b[0] - slack <= a[0] and b[1] - slack <= a[1] and a[2] <= b[2] + slack and a[3] <= b[3] + slack


def edges(rect):
    return rect.x, rect.y, rect.x + rect.width, rect.y + rect.height


def parts(graph, sizes, found):
    """Everything that takes room, by what it is: the outlines of nodes, the numbers, the names of cut wires."""
    room = {}
    for node in graph.nodes:
        if found.nodes[node.id].width:
            room["node", node.id] = edges(found.nodes[node.id])
    for value in graph.values:
        place, plate = found.values[value.id], sizes.values[value.id]
        room["value", value.id] = (place.x, place.y - plate.above, place.x + place.width, place.y + plate.below)
    for wire in graph.wires:
        if found.wires[wire.id].plate is not None:
            (x, y, width), plate = found.wires[wire.id].plate, sizes.wires[wire.id]
            room["wire", wire.id] = (x, y - plate.above, x + width, y + plate.below)
    for i, tap in enumerate(found.taps):
        room["tap", i] = edges(tap.room)
    return room


def check(graph, sizes, found):
    """Fail if anything overlaps, sticks out, or is not connected."""
    room = parts(graph, sizes, found)
    whole = (0.0, 0.0, found.width, found.height)
    named = list(room.items())
    for i, (name, a) in enumerate(named):
        assert inside(a, whole), name
        for other, b in named[i + 1 :]:
            assert not overlap(a, b), (name, other)
    check_boxes(graph, found, room)
    check_wires(graph, found, room)


def check_boxes(graph, found, room):
    parent = {box.id: box.parent for box in graph.boxes}
    boxes = {key: edges(rect) for key, rect in found.boxes.items()}

    def around(box):
        while box is not None:
            yield box
            box = parent[box]

    home = {node: box for box, layers in found.layers.items() for layer in layers for node in layer}
    assert set(home) == {node.id for node in graph.nodes} | set(boxes)
    for node in graph.nodes:
        if not node.is_leaf:
            assert home[node.id] == node.box
    node_of = {("value", value.id): value.node for value in graph.values}
    node_of |= {("wire", wire.id): wire.node for wire in graph.wires}
    node_of |= {("node", node.id): node.id for node in graph.nodes}
    for box, rect in boxes.items():
        assert inside(rect, (0.0, 0.0, found.width, found.height)), box
        for other, area in boxes.items():
            if other in around(box):
                assert inside(rect, area)
            elif box not in around(other):
                assert not overlap(rect, area), (box, other)
        for part, area in room.items():
            if part[0] == "tap":
                assert inside(area, rect) or not overlap(area, rect)
            elif box in around(home[node_of[part]]):
                assert inside(area, rect), (part, box)
            else:
                assert not overlap(area, rect), (part, box)


def check_wires(graph, found, room):
    taken = {}
    for wire in graph.wires:
        taken.setdefault(wire.value, []).append(wire)
    for value in graph.values:
        place = found.values[value.id]
        ends = [(place.x + place.width, place.y)]
        taps = [tap.room for tap in found.taps if tap.value == value.id]
        ends += [(room.x + room.width, room.y + room.height / 2) for room in taps]
        reached = [(end, end) for end in ends]
        for path in place.stem:
            assert on(path[0], reached), (value.id, path, reached)
            reached += pairwise(path)
            check_path(path, room, ())
        for wire in taken.get(value.id, ()):
            path = found.wires[wire.id].path
            assert on(path[0], reached), (wire.id, path, reached)
            left, top, right, bottom = edges(found.nodes[wire.node])
            assert left - 0.05 <= path[-1][0] <= (left + right) / 2
            assert top - 0.05 <= path[-1][1] <= bottom + 0.05
            check_path(path, room, [("node", wire.node), ("wire", wire.id)])
            if found.wires[wire.id].plate is not None:
                x, y, width = found.wires[wire.id].plate
                assert any(
                    a[1] == b[1] == y and a[0] <= x + 0.02 and x + width <= b[0] + 0.02 for a, b in pairwise(path)
                )
        for point in place.forks:
            assert on(point, [*reached, *(p for w in taken[value.id] for p in pairwise(found.wires[w.id].path))])


def check_path(path, room, own):
    """Wires run through nothing, and from left to right but where they lead around to the next row."""
    for (x, y), (a, b) in pairwise(path):
        assert a >= x or y == b
        stretch = (min(x, a), min(y, b), max(x, a), max(y, b))
        thin = (stretch[0] + 0.1, stretch[1] - 0.1, stretch[2] - 0.1, stretch[3] + 0.1)
        for name, area in room.items():
            if name not in own:
                assert not overlap(thin, area), (path, name)


def on(point, pieces):
    """Whether a point lies on one of these level pieces, or at the end of one that is not level."""
    x, y = point
    for (a, b), (c, d) in pieces:
        level = abs(b - d) < 0.05 and abs(b - y) < 0.05 and a - 0.05 <= x <= c + 0.05
        if level or (abs(a - x) < 0.05 and abs(b - y) < 0.05) or (abs(c - x) < 0.05 and abs(d - y) < 0.05):
            return True
    return False


def crossings(found):
    """How often wires cross, taken as straight between columns."""
    pieces = []
    for place in found.values.values():
        pieces += [piece for path in place.stem for piece in pairwise(path)]
    for place in found.wires.values():
        pieces += pairwise(place.path)
    slopes = [(p, q) for p, q in pieces if p[0] < q[0] and p[1] != q[1]]
    levels = [(p, q) for p, q in pieces if p[1] == q[1] and p[0] < q[0]]
    count = 0
    lines = slopes + levels
    for i, (p, q) in enumerate(lines):
        for r, s in lines[i + 1 :]:
            left, right = max(p[0], r[0]), min(q[0], s[0])
            if left < right - 0.1:
                first = height(p, q, left) - height(r, s, left)
                last = height(p, q, right) - height(r, s, right)
                count += first * last < -1e-6
    return count


def height(p, q, x):
    return p[1] + (q[1] - p[1]) * (x - p[0]) / (q[0] - p[0])
