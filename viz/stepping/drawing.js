// The graph: where things lie, how they look after a step, zooming and panning.
//
// Python laid it out. Here folded scopes only take room away: each axis is shrunk where nothing but the inside of folds
// lies, so all that shows keeps its order, and nothing can come to overlap.
"use strict";
(function (g) {
  const LINE = 13;
  const THUMB = { width: 48, height: 24, cell: 8 };

  // -------------------------------------------------------------------------------------------------------------------
  // What stands at a wire
  // -------------------------------------------------------------------------------------------------------------------

  const few = (numbers) => numbers.values && numbers.values.length <= g.data.full;
  g.thumbSize = function (picture) {
    const cell = Math.min(THUMB.width / picture[0].length, THUMB.height / picture.length, THUMB.cell);
    return [cell * picture[0].length, cell * picture.length];
  };
  // Colours go from one end over zero to the other in 9 levels; they are classes, so that themes can set them.
  function levels(picture) {
    let largest = 0;
    for (const row of picture) for (const x of row) if (x !== null) largest = Math.max(largest, Math.abs(x));
    return (x) => (x === null ? "hx" : largest ? `h${Math.round(4 * Math.sign(x) * Math.sqrt(Math.abs(x) / largest))}` : "h0");
  }
  // One path for each colour.
  g.heatMap = function (picture, x, y, cellWidth, cellHeight) {
    const level = levels(picture);
    const paths = new Map();
    picture.forEach((row, i) => row.forEach((value, j) => {
      const name = level(value);
      const inset = name.startsWith("h-") ? 0.18 : 0;
      const [w, h] = [cellWidth * (1 - 2 * inset), cellHeight * (1 - 2 * inset)];
      const d = `M${round(x + (j + inset) * cellWidth)} ${round(y + (i + inset) * cellHeight)}h${round(w)}v${round(h)}h${round(-w)}z`;
      paths.set(name, (paths.get(name) || "") + d);
    }));
    const [width, height] = [round(cellWidth * picture[0].length), round(cellHeight * picture.length)];
    return g.svg("g", { class: "heat" }, g.svg("rect", { x: round(x), y: round(y), width, height, class: "h0" }),
      [...paths].map(([name, d]) => g.svg("path", { d, class: name.replace("h-", "hn") })));
  };
  const round = (x) => Math.round(x * 100) / 100;

  // Items from the wire outwards: lines of text, and pictures.
  function numberItems(numbers, kind) {
    if (few(numbers)) return g.lines(numbers).map((text) => ({ text, kind }));
    const items = numbers.picture ? [{ picture: numbers.picture, kind }] : [];
    return [...items, ...g.lines(numbers).slice(0, 1).map((text) => ({ text, kind: `${kind} small` }))];
  }
  function itemsAbove(entry, step) {
    const items = [];
    if (!g.valueKnown(entry, step)) return items;
    if (entry.stale) items.push({ text: "updated since", kind: "muted small" });
    else if (entry.value !== null) {
      items.push(...numberItems(entry.value, "value"));
      if (entry.value.shape.length) items.push({ text: g.isGate(entry) && !entry.name ? `${g.nameOf(entry)} ${g.shape(entry.value)}` : g.shape(entry.value), kind: "muted small" });
    }
    if (entry.name && g.isGate(entry)) items.push({ text: g.clip(entry.name), kind: "name" });
    return items;
  }
  g.clip = (text, most = 40) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

  function itemsBelow(entry, step) {
    const at = g.gradientAt(entry, step);
    if (!at.arrived) return [];
    const hidden = g.mask && g.mask("gradient", entry.id, null);
    if (hidden) return [{ text: hidden, kind: "gradient masked" }];
    if (at.of < 2) return at.sum ? numberItems(at.sum, "gradient") : [];
    const items = [];
    const text = at.sum === null ? "…" : g.lines(at.sum)[0];
    if (at.complete) items.push(...(few(at.sum) ? [{ text: `Σ ${text}`, kind: "gradient" }] : numberItems(at.sum, "gradient")));
    else items.push({ text: `${text} (${at.arrived}/${at.of})`, kind: "gradient" });
    if (at.now.length && at.arrived > at.now.length) {
      const part = g.sentTogether(entry.id, at.now);
      items.push({ text: part && few(part) ? `+= ${g.lines(part)[0]}` : "+=", kind: "gradient small sum" });
    }
    return items;
  }
  function itemsOfWire(gate, position) {
    const x = gate.inputs[position];
    if (x.gradient === null) return [];
    const hidden = g.mask && g.mask("sent", gate.id, position);
    return hidden ? [{ text: hidden, kind: "gradient masked" }] : numberItems(x.gradient, "gradient");
  }

  function drawItems(items, x, y, below, anchor) {
    const drawn = [];
    let offset = 3;
    for (const item of items) {
      if (item.picture) {
        const [width, height] = g.thumbSize(item.picture);
        const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
        drawn.push(g.heatMap(item.picture, left, below ? y + offset + 1 : y - offset - height, width / item.picture[0].length,
          height / item.picture.length));
        offset += height + 3;
      } else {
        drawn.push(g.svg("text", { x: round(x), y: round(below ? y + offset + 9 : y - offset - 1), class: item.kind,
          "text-anchor": anchor === "middle" ? null : anchor }, item.text));
        offset += LINE;
      }
    }
    return drawn;
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Folding: taking room away
  // -------------------------------------------------------------------------------------------------------------------

  // The parts of a path outside a rectangle, and where it crosses the rectangle's edge.
  function outside(path, [x, y, width, height]) {
    const [left, right, top, bottom] = [x, x + width, y, y + height];
    const inside = ([px, py]) => px > left - 0.01 && px < right + 0.01 && py > top - 0.01 && py < bottom + 0.01;
    const pieces = [];
    let piece = [];
    const close = () => {
      if (piece.length > 1) pieces.push(piece);
      piece = [];
    };
    for (let i = 0; i < path.length; i++) {
      const [p, q] = [path[i], path[i + 1]];
      if (!inside(p)) piece.push(p);
      if (!q || (!inside(p) && !inside(q)) || (inside(p) && inside(q))) {
        if (!q || inside(p)) close();
        continue;
      }
      const [inner, outer] = inside(p) ? [p, q] : [q, p];
      const edge = outer[0] <= left ? left : outer[0] >= right ? right : inner[0];
      const crossing = edge === inner[0] && (outer[0] > left && outer[0] < right)
        ? [inner[0], outer[1] < top ? top : bottom] : [edge, inner[1]];
      if (inside(p)) piece = [crossing];
      else {
        piece.push(crossing);
        close();
      }
    }
    close();
    return pieces;
  }

  // A map of one axis: the room inside folds goes, but for what is needed there.
  function shrink(axis, length, solid, folds, points, needs) {
    const places = new Set([0, length]);
    for (const [a, b] of [...solid, ...folds]) places.add(a).add(b);
    for (const p of points) places.add(p);
    for (const [a, b] of needs) places.add(a).add(b);
    const sorted = [...places].sort((a, b) => a - b);
    const index = new Map(sorted.map((p, i) => [p, i]));
    const cover = (intervals) => {
      const change = new Array(sorted.length + 1).fill(0);
      for (const [a, b] of intervals) (change[index.get(a)] += 1), (change[index.get(b)] -= 1);
      let depth = 0;
      return sorted.map((_, i) => (depth += change[i]) > 0);
    };
    const [isSolid, isFolded] = [cover(solid), cover(folds)];
    const needed = new Map();
    for (const [a, b, room] of needs) needed.set(b, [...(needed.get(b) || []), [a, room]]);
    const to = [0];
    for (let i = 1; i < sorted.length; i++) {
      const gap = sorted[i] - sorted[i - 1];
      to[i] = to[i - 1] + (isFolded[i - 1] && !isSolid[i - 1] ? Math.min(gap, 3) : gap);
      for (const [a, room] of needed.get(sorted[i]) || []) to[i] = Math.max(to[i], to[index.get(a)] + room);
    }
    return function (p) {
      if (index.has(p)) return to[index.get(p)];
      let [low, high] = [0, sorted.length - 1];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (sorted[middle] <= p) low = middle;
        else high = middle;
      }
      return to[low] + ((p - sorted[low]) / (sorted[high] - sorted[low] || 1)) * (to[high] - to[low]);
    };
  }

  // Where everything that shows lies: {width, height, nodes, values, wires, boxes, folds}.
  g.geometry = function () {
    const layout = g.data.layout;
    const { byId, boxes } = g.derived;
    const index = new Map(g.state.trace.entries.map((entry, i) => [entry.id, i]));
    const folds = new Map();
    const boxRect = new Map(g.state.trace.boxes.map((box, i) => [box.id, layout.boxes[i]]));
    for (const box of boxes.values()) if (boxRect.get(box.id) && g.foldOf(box.id) === box.id)
      folds.set(box.id, { box, rect: boxRect.get(box.id), ports: new Map() });
    const home = (entry) => g.foldOf(layout.homes[index.get(entry.id)]);
    const out = (paths, ...within) => within.reduce(
      (left, fold) => (fold === null ? left : left.flatMap((path) => outside(path, folds.get(fold).rect))), paths);

    const values = [], wires = [], nodes = [];
    const port = (fold, id, side, pieces) => {
      if (fold === null || !pieces.length) return;
      const path = side === "out" ? pieces[0] : pieces[pieces.length - 1];
      const y = (side === "out" ? path[0] : path[path.length - 1])[1];
      const key = `${side} ${id}`;
      if (!folds.get(fold).ports.has(key)) folds.get(fold).ports.set(key, { id, side, y });
    };
    g.state.trace.entries.forEach((entry, i) => {
      const fold = home(entry);
      const place = layout.values[i];
      if (fold === null) nodes.push({ entry, rect: layout.nodes[i] });
      const ends = g.derived.takers.get(entry.id);
      const outsideEnds = ends.filter(({ gate }) => g.foldOf(byId.get(gate).box) !== fold || fold === null);
      if (fold !== null && !outsideEnds.length && entry.id !== g.state.trace.root) return;
      const takenIn = [...new Set(outsideEnds.map(({ gate }) => g.foldOf(byId.get(gate).box)))].filter((f) => f !== null);
      const plate = [[place.x, place.y], [place.x + place.width, place.y]];
      const trunk = place.stem.flatMap((path) => (path.length > 1 ? out([path], fold, ...takenIn) : []).map((piece) => ({ piece, ends: leadsTo(entry.id, onwards(piece, path)) })));
      const stems = trunk.map(({ piece }) => piece);
      values.push({ entry, fold, place, lead: fold === null ? place.lead : [], plate: fold === null ? plate : null, trunk,
        forks: place.forks.filter(([x, y]) => ![fold, ...takenIn].some((f) => f !== null && within([x, y], folds.get(f).rect))) });
      if (fold !== null) {
        const all = [...stems];
        for (const { gate, position } of outsideEnds) {
          const pieces = out([layout.wires[index.get(gate)][position].path], fold);
          all.push(...pieces);
        }
        const [x, y, width, height] = folds.get(fold).rect;
        const first = all.find(([[px, py]]) => Math.abs(px - x - width) < 1 && py >= y && py <= y + height);
        if (first) port(fold, entry.id, "out", [first]);
        else folds.get(fold).ports.set(`out ${entry.id}`, { id: entry.id, side: "out", y: place.y });
      }
      for (const { gate, position } of outsideEnds) {
        const into = g.foldOf(byId.get(gate).box);
        const wire = layout.wires[index.get(gate)][position];
        const pieces = out([wire.path], fold, into);
        if (into !== null) {
          const [x, y, , height] = folds.get(into).rect;
          const enters = ([px, py]) => Math.abs(px - x) < 1 && py >= y && py <= y + height;
          port(into, entry.id, "in", [...pieces, ...stems].filter((path) => enters(path[path.length - 1])).slice(0, 1));
        }
        wires.push({ entry, gate, position, into, pieces, plate: into === null && wire.plate ? wire.plate : null, below: wire.below, port: wire.port });
      }
    });
    const openBoxes = [...boxes.values()].filter((box) => boxRect.get(box.id) && g.foldOf(box.id) === null);
    if (!folds.size)
      return { width: layout.width, height: layout.height, nodes, values, wires, folds, x: (v) => v, y: (v) => v,
        boxes: openBoxes.map((box) => ({ box, rect: boxRect.get(box.id) })) };

    // Collect what must keep its room, along each axis.
    const solid = [[], []], folded = [[], []], points = [[], []], needs = [[], []];
    const keep = ([x, y, width, height]) => (solid[0].push([x, x + width]), solid[1].push([y, y + height]));
    for (const { rect } of nodes) keep(rect);
    for (const { place, plate } of values) if (plate) keep([place.x, place.y - place.above, place.width, place.above + place.below]);
    for (const { plate, below } of wires) if (plate) keep([plate[0], plate[1] - 4, plate[2], 4 + below]);
    for (const [, ...room] of g.data.layout.taps) if (![...folds.values()].some(({ rect }) => within([room[0] + room[2], room[1] + room[3] / 2], rect))) keep(room);
    for (const path of [...values.flatMap((v) => [v.lead, ...v.trunk.map(({ piece }) => piece)]), ...wires.flatMap((w) => w.pieces)])
      path.forEach(([x, y], i) => {
        points[0].push(x), points[1].push(y);
        if (i && path[i - 1][1] !== y && path[i - 1][0] !== x) solid[0].push([Math.min(x, path[i - 1][0]), Math.max(x, path[i - 1][0])]);
      });
    for (const { box } of openBoxes.map((box) => ({ box }))) {
      const [x, y, width] = boxRect.get(box.id);
      solid[1].push([y, y + 18]);
      needs[0].push([x, x + width, titleWidth(box)]);
    }
    for (const { box, rect: [x, y, width, height], ports } of folds.values()) {
      folded[0].push([x, x + width]);
      folded[1].push([y, y + height]);
      needs[1].push([y, y + height, 40]);
      let widest = [0, 0];
      for (const side of ["in", "out"]) {
        const sorted = [...ports.values()].filter((p) => p.side === side).sort((a, b) => a.y - b.y);
        let [from, below] = [y, 24];
        for (const p of sorted) {
          const size = portSize(p, box);
          widest[side === "in" ? 0 : 1] = Math.max(widest[side === "in" ? 0 : 1], size.width);
          if (p.y > from) needs[1].push([from, p.y, below + size.above]);
          [from, below] = [p.y, size.below + 4];
        }
        if (sorted.length && y + height > from) needs[1].push([from, y + height, below + 2]);
      }
      needs[0].push([x, x + width, Math.max(titleWidth(box) + 50, widest[0] + widest[1] + 24)]);
    }
    const fx = shrink(0, layout.width, solid[0], folded[0], points[0], needs[0]);
    const fy = shrink(1, layout.height, solid[1], folded[1], points[1], needs[1]);
    const rect = ([x, y, width, height]) => [fx(x), fy(y), fx(x + width) - fx(x), fy(y + height) - fy(y)];
    // Where room is made beside it a gate with one input keeps its size; others' wires have moved apart.
    const same = ([x, y, width, height], [, top, before, high], entry) =>
      entry.inputs.filter((input) => input.source !== null).length > 1 ? [x, y, width, height] : [x, fy(top + high / 2) - high / 2, Math.max(width, before), high];
    const path = (points) => points.map(([x, y]) => [fx(x), fy(y)]);
    for (const fold of folds.values()) {
      fold.before = fold.rect;
      fold.rect = rect(fold.rect);
      for (const p of fold.ports.values()) p.y = fy(p.y);
    }
    return {
      width: fx(layout.width), height: fy(layout.height), folds, x: fx, y: fy,
      boxes: openBoxes.map((box) => ({ box, rect: rect(boxRect.get(box.id)) })),
      nodes: nodes.map((n) => ({ ...n, rect: same(rect(n.rect), n.rect, n.entry) })),
      values: values.map((v) => ({ ...v, place: { ...v.place, x: fx(v.place.x), y: fy(v.place.y), width: fx(v.place.x + v.place.width) - fx(v.place.x) },
        lead: path(v.lead), plate: v.plate && path(v.plate), trunk: v.trunk.map(({ piece, ends }) => ({ piece: path(piece), ends })), forks: path(v.forks) })),
      wires: wires.map((w) => ({ ...w, pieces: w.pieces.map(path), plate: w.plate && [fx(w.plate[0]), fy(w.plate[1]), w.plate[2]] })),
    };
  };
  const within = ([px, py], [x, y, width, height]) => px > x && px < x + width && py > y && py < y + height;
  const titleWidth = (box) => 7.2 * g.clip(box.name).length + 40;
  // What goes into a fold shows the gradient that comes back there if it is only a part of the whole.
  const isPart = (id, box) => {
    const { ends } = g.derived.parts.get(id);
    const inside = ends.filter(({ gate }) => box.gates.includes(gate));
    return inside.length > 0 && inside.length < ends.length ? inside : null;
  };
  function portSize({ id, side }, box) {
    const entry = g.entry(id);
    const below = entry.gradient ? numberItems(entry.gradient, "") : [];
    if (side === "in") return isPart(id, box) ? { ...extent(below), above: 4, below: extent(below).height } : { width: 0, above: 6, below: 6 };
    const [up, down] = [extent(itemsAbove(entry, g.steps()[g.steps().length - 1])), extent(g.derived.parts.get(id).ends.length > 1 ? [...below, { text: "+= 00.00", kind: "small" }] : below)];
    return { width: Math.max(up.width, down.width), above: up.height, below: down.height };
  }
  const extent = (items) => ({
    width: Math.max(0, ...items.map((item) => (item.picture ? g.thumbSize(item.picture)[0] : (/small/.test(item.kind) ? 5.6 : 6.8) * item.text.length)) ) + 6,
    height: 4 + items.reduce((sum, item) => sum + (item.picture ? g.thumbSize(item.picture)[1] + 3 : LINE), 0),
  });

  // -------------------------------------------------------------------------------------------------------------------
  // Drawing it
  // -------------------------------------------------------------------------------------------------------------------

  // Points level with or above one another are joined by straight lines, others by an S with level ends.
  function curve(path) {
    return path.map(([x, y], i) => {
      if (!i) return `M${round(x)} ${round(y)}`;
      const [px, py] = path[i - 1];
      if (px === x || py === y) return `L${round(x)} ${round(y)}`;
      const middle = round((px + x) / 2);
      return `C${middle} ${round(py)} ${middle} ${round(y)} ${round(x)} ${round(y)}`;
    }).join("");
  }

  // The elements whose looks depend on the step, each with a function that says how. They outlast a trace whose inputs are
  // edited: what has numbers is looked up by its id.
  let drawn = null;
  let drawnFor = null;
  let targets = null;  // what a wire stands for

  function build() {
    const geometry = g.geometry();
    const parts = [];
    targets = new Map();
    const world = g.byElementId("world");
    world.replaceChildren();
    world.setAttribute("viewBox", `0 0 ${Math.ceil(geometry.width)} ${Math.ceil(geometry.height)}`);  // scaled to fit on paper
    world.setAttribute("width", Math.ceil(geometry.width));
    world.setAttribute("height", Math.ceil(geometry.height));
    const layer = (name) => world.appendChild(g.svg("g", { class: name }));
    const [boxLayer, wireLayer, nodeLayer, plateLayer] = ["boxes", "wires", "nodes", "plates"].map(layer);
    layer("arrows").id = "arrows";

    for (const { box, rect: [x, y, width, height] } of geometry.boxes) {
      boxLayer.append(g.svg("rect", { x: round(x), y: round(y), width: round(width), height: round(height), rx: 8, class: "box" }));
      nodeLayer.append(boxTitle(box, x + 8, y + 14, "▾", "Fold"));
    }
    const wirePart = (d, target, look) => {
      const line = g.svg("path", { d, class: "wire" });
      targets.set(line, target);
      wireLayer.append(line);
      parts.push({ id: target.id, element: line, look });
    };
    for (const { entry, lead, plate, trunk, forks } of geometry.values) {
      const own = [lead, ...(plate ? [plate] : [])].filter((p) => p.length > 1).map(curve).join("");
      const look = (step) => ["wire", ...wireClasses(entry, null, step)].join(" ");
      if (own) wirePart(own, { id: entry.id }, (step) => ({ class: look(step) }));
      for (const { piece, ends } of trunk)
        wirePart(curve(piece), { id: entry.id }, (step) => ({ class: ["wire", ...wireClasses(entry, ends, step)].join(" ") }));
      for (const [x, y] of forks) {
        const dot = g.svg("circle", { cx: round(x), cy: round(y), r: 3, class: "fork" });
        wireLayer.append(dot);
        parts.push({ id: entry.id, element: dot, look: (step) => ({ class: look(step).replace("wire", "fork") }) });
      }
    }
    for (const { entry, gate, position, pieces } of geometry.wires)
      for (const piece of pieces)
        wirePart(curve(piece), { id: entry.id, gate, position }, (step) => ({ class: ["wire", ...wireClasses(entry, [{ gate, position }], step)].join(" ") }));

    for (const { entry, rect } of geometry.nodes) nodeLayer.append(nodePart(entry, rect, parts));
    const rects = new Map(geometry.nodes.map(({ entry, rect }) => [entry.id, rect]));
    for (const { into, gate, pieces, port } of geometry.wires) {
      if (into !== null || !port || !pieces.length) continue;
      const path = pieces[pieces.length - 1];
      const [x, y] = path[path.length - 1];
      const inside = !isRound(rects.get(gate));
      nodeLayer.append(g.svg("text", { x: round(inside ? x + 4 : x - 3), y: round(inside ? y + 3 : y - 3),
        "text-anchor": inside ? "start" : "end", class: "muted tiny port" }, port));
    }
    for (const fold of geometry.folds.values()) nodeLayer.append(foldPart(fold, parts));

    for (const { entry, place, plate } of geometry.values) {
      if (!plate) continue;
      const x = place.x + place.width / 2;
      parts.push(textPart(plateLayer, { id: entry.id }, x, place.y, false, "middle", (step) => itemsAbove(g.entry(entry.id), step)));
      parts.push(textPart(plateLayer, { id: entry.id }, x, place.y, true, "middle", (step) => itemsBelow(g.entry(entry.id), step)));
    }
    for (const { entry, gate, position, plate } of geometry.wires) {
      if (!plate) continue;
      parts.push(textPart(plateLayer, { id: entry.id, gate, position }, plate[0] + plate[2] / 2, plate[1], true, "middle",
        (step) => (g.hasSent(gate, step) ? itemsOfWire(g.entry(gate), position) : []), true));
    }
    for (const tap of g.data.layout.taps) {
      const [i, x, y, width, height] = tap;
      const entry = g.state.trace.entries[i];
      if ([...geometry.folds.values()].some((fold) => within([x + width, y + height / 2], fold.before))) continue;
      plateLayer.append(g.svg("text", { x: round(geometry.x(x + width)), y: round(geometry.y(y + height / 2) + 4), class: "muted small",
        "text-anchor": "end" }, `${g.nameOf(entry)} ▸`));
    }
    const byEntry = new Map();
    for (const part of parts) for (const id of part.fold ? part.fold.gates : [part.id]) {
      if (!byEntry.has(id)) byEntry.set(id, []);
      byEntry.get(id).push(part);
    }
    drawn = { parts, byEntry, geometry, rects: new Map(), ends: new Map() };
    for (const wire of geometry.wires) {
      if (!drawn.ends.has(wire.gate)) drawn.ends.set(wire.gate, []);
      drawn.ends.get(wire.gate).push(wire);
    }
    for (const { entry, rect } of geometry.nodes) drawn.rects.set(entry.id, rect);
    for (const { box, rect } of geometry.folds.values()) for (const id of box.gates) drawn.rects.set(id, rect);
  }

  function boxTitle(box, x, y, sign, verb) {
    const title = g.svg("text", { x: round(x), y: round(y), class: "box-title", "text-anchor": "start", tabindex: 0, role: "button",
      "aria-label": `${verb} ${g.clip(box.name)}, ${g.gateCount(box.gates.length)}` }, `${sign} ${g.clip(box.name)}`);
    activated(title, () => g.toggleFold(box.id));
    return title;
  }
  function activated(element, act) {
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      act();
    });
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      event.stopPropagation();
      act();
    });
  }

  const isRound = ([, , width, height]) => Math.abs(width - height) < 0.2;
  function nodePart(entry, [x, y, width, height], parts) {
    const [cx, cy] = [x + width / 2, y + height / 2];
    const gate = g.isGate(entry);
    const node = g.svg("g", { class: "node", tabindex: 0, role: "button", "data-entry": entry.id });
    if (gate) {
      const r = isRound([x, y, width, height]) ? Math.min(width, height) / 2 : 9;
      node.append(g.svg("rect", { x: round(x), y: round(y), width: round(width), height: round(height), rx: round(r), class: "outline" }));
      const texts = [entry.label, ...entry.detail].map((text) => g.clip(text));
      const top = cy - (14 + 11 * (texts.length - 1)) / 2;
      texts.forEach((text, i) => node.append(g.svg("text", { x: round(cx), y: round(i ? top + 12 + 11 * i : top + 11.5),
        class: i ? "muted tiny" : "label" }, text)));
      if (entry.kind === "gate" && !entry.name && (entry.value === null || g.isScalar(entry.value))) node.append(g.svg("text", { x: round(x + width - (isRound([x, y, width, height]) ? 3 : 0)), y: round(y + 1), "text-anchor": "start", class: "muted letter" }, g.nameOf(entry)));
    } else {
      node.append(g.svg("rect", { x: round(x - 2), y: round(y), width: round(width + 4), height: round(height), rx: 4, class: "outline leaf" }));
      if (width) node.append(g.svg("text", { x: round(cx), y: round(cy + 4), class: entry.name ? "label leaf-name" : "muted" }, g.nameOf(entry)));
    }
    activated(node, () => g.select({ id: entry.id }));
    parts.push({ id: entry.id, element: node, look: (step) => ({
      class: ["node", entry.kind, ...unitClasses([entry.id], step, g.valueKnown(entry, step))].join(" "),
      "aria-label": g.describeEntry(g.entry(entry.id), step),
    }) });
    return node;
  }

  function foldPart({ box, rect: [x, y, width, height], ports }, parts) {
    const node = g.svg("g", { class: "node fold", "data-box": box.id });
    node.append(g.svg("rect", { x: round(x + 3), y: round(y + 3), width: round(width), height: round(height), rx: 8, class: "stack" }),
      g.svg("rect", { x: round(x), y: round(y), width: round(width), height: round(height), rx: 8, class: "outline" }),
      boxTitle(box, x + 8, y + 15, "▸", "Open"),
      g.svg("text", { x: round(x + width - 6), y: round(y + 15), class: "muted small", "text-anchor": "end" }, g.gateCount(box.gates.length)));
    for (const { id, side, y: py } of ports.values()) {
      const entry = g.entry(id);
      const px = side === "in" ? x + 5 : x + width - 5;
      const anchor = side === "in" ? "start" : "end";
      const ends = isPart(id, box);
      if (side === "out") {
        parts.push(textPart(node, { id }, px, py, false, anchor, (step) => itemsAbove(g.entry(id), step)));
        parts.push(textPart(node, { id }, px, py, true, anchor, (step) => itemsBelow(g.entry(id), step)));
      } else if (ends) {
        parts.push(textPart(node, { id }, px, py, true, anchor, (step) => {
          if (!ends.every(({ gate }) => g.hasSent(gate, step))) return [];
          const sent = g.sentTogether(id, ends);
          return sent ? numberItems(sent, "gradient") : [];
        }));
      }
    }
    parts.push({ id: box.gates[0], fold: box, element: node, look: (step) => ({ class: ["node", "fold", ...unitClasses(box.gates, step,
      box.gates.every((id) => g.valueKnown(g.entry(id), step)))].join(" ") }) });
    return node;
  }

  function textPart(parent, target, x, y, below, anchor, items, focusable) {
    const group = g.svg("g", { class: "plate", "data-entry": target.id, "data-side": below ? "below" : "above" });
    if (target.gate !== undefined) {
      group.setAttribute("data-gate", target.gate);
      group.setAttribute("data-position", target.position);
    }
    if (focusable) {
      group.setAttribute("tabindex", 0);
      group.setAttribute("role", "button");
      activated(group, () => g.select(target));
    } else {
      group.setAttribute("aria-hidden", "true");  // the gate or the input says it
      group.addEventListener("click", (event) => {
        event.stopPropagation();
        g.select(target);
      });
    }
    parent.append(group);
    const branch = focusable ? `branch of ${g.nameOf(g.entry(target.id))} into ${g.nameOf(g.entry(target.gate))}` : "";
    const draw = (list) => {
      group.replaceChildren(...drawItems(list, x, y, below, anchor));
      if (!focusable) return;
      const sent = list.filter(({ text }) => text).map(({ text }) => text).join(", ");
      group.setAttribute("aria-label", g.spoken(sent ? `${branch}, gradient ${sent}` : branch));
    };
    if (focusable) draw([]);
    return { id: target.id, element: group, items, draw };
  }

  // -------------------------------------------------------------------------------------------------------------------
  // How things look after a step
  // -------------------------------------------------------------------------------------------------------------------

  function unitClasses(ids, step, known) {
    const classes = known ? ["known"] : ["ahead"];
    const active = step.unit ? step.unit.set : new Set(step.phase === "seed" ? [g.state.trace.root] : []);
    if (ids.some((id) => active.has(id))) classes.push("active", step.phase);
    else if (ids.some((id) => g.isGate(g.entry(id)) && g.hasSent(id, step))) classes.push("done");
    if (g.state.selected && ids.includes(g.state.selected.id)) classes.push("selected");
    return classes;
  }
  const NONE = new Set();
  // Of a whole value (ends is null), or of the part of its wires that leads to some inputs of gates.
  function wireClasses(entry, ends, step) {
    const classes = g.valueKnown(entry, step) ? ["known"] : ["ahead"];
    const unit = step.unit ? step.unit.set : NONE;
    const taken = (ends || g.derived.takers.get(entry.id)).filter(({ gate }) => unit.has(gate));
    const made = unit.has(entry.id);
    if (step.phase === "forward" && (taken.length || made)) classes.push("active");
    if (step.phase === "backward" && taken.some(({ gate, position }) => g.entry(gate).inputs[position].gradient !== null))
      classes.push("active", "backward");
    if (step.phase === "backward" && made) classes.push("upstream");
    const selected = g.state.selected;
    if (selected && selected.id === entry.id && (selected.gate === undefined || !ends || ends.some((end) => end.gate === selected.gate && end.position === selected.position)))
      classes.push("selected");
    return classes;
  }
  // The inputs of gates that a stem of a value leads to: by what starts on it, and on what starts on it.
  function leadsTo(id, start) {
    const reached = [start];
    const left = new Set(g.data.layout.values[indexOf.get(id)].stem);
    for (const path of reached) for (const other of left) if (isOn(other[0], path)) {
      left.delete(other);
      reached.push(other);
    }
    const from = ({ gate, position }) => g.data.layout.wires[indexOf.get(gate)][position].path[0];
    return g.derived.takers.get(id).filter((end) => from(end) && reached.some((path) => isOn(from(end), path)));
  }
  // A stem from where a piece of it starts, which a fold may have cut out.
  const onwards = (piece, path) => [...piece, ...path.slice(Math.max(...piece.map((point) => path.indexOf(point))) + 1)];
  const indexOf = new Map(g.data.trace.entries.map((entry, i) => [entry.id, i]));
  const isOn = ([x, y], path) => path.some(([px, py], i) => {
    const [qx, qy] = path[i + 1] || [px, py];
    const between = (v, a, b) => v >= Math.min(a, b) - 0.02 && v <= Math.max(a, b) + 0.02;
    return (px === qx || py === qy) && between(x, px, qx) && between(y, py, qy);
  });

  function arrows(step) {
    const found = [];
    const head = ([x, y], back) => {
      const s = back ? -1 : 1;
      found.push(g.svg("path", { d: `M${round(x - 4 * s)} ${round(y - 5)}l${9 * s} 5l${-9 * s} 5z`, class: back ? "arrow backward" : "arrow" }));
    };
    for (const id of step.unit ? step.unit.gates : []) for (const { position, pieces } of drawn.ends.get(id) || []) {
      if (!pieces.length) continue;
      const path = pieces[pieces.length - 1];
      const [x, y] = path[path.length - 1];
      if (step.phase === "forward") head([x - 6, y], false);
      else if (g.entry(id).inputs[position].gradient !== null) head([x - 6, y], true);
    }
    g.byElementId("arrows").replaceChildren(...found);
  }

  // The parts that may look different after one step than after another: those of the gates in between, and of what goes
  // into them.
  function changed(from, to) {
    const ids = new Set([g.state.trace.root]);
    const steps = g.steps();
    for (let i = Math.min(from, to); i <= Math.max(from, to); i++) for (const id of steps[i].unit ? steps[i].unit.gates : []) {
      ids.add(id);
      for (const x of g.entry(id).inputs) if (x.source !== null) ids.add(x.source);
    }
    const parts = new Set();
    for (const id of ids) for (const part of drawn.byEntry.get(id) || []) parts.add(part);
    return parts;
  }

  g.onRender(function (state) {
    const key = [...state.folded].join(" ");
    const edited = drawn && drawnFor.trace !== state.trace;
    const step = g.step();
    let parts;
    if (!drawn || drawnFor.folded !== key || (edited && key)) {  // folds are as wide as their numbers
      const focused = document.activeElement && document.activeElement.getAttribute("data-entry");
      build();
      const again = focused && [...document.querySelectorAll("#world .node")].find((n) => n.getAttribute("data-entry") === focused);
      if (again) again.focus({ preventScroll: true });
      parts = drawn.parts;
    } else if (edited || drawnFor.selected !== state.selected || drawnFor.mask !== g.mask || g.mask !== null) parts = drawn.parts;
    else parts = changed(drawnFor.step, state.step);
    drawnFor = { trace: state.trace, folded: key, selected: state.selected, mask: g.mask, step: state.step };
    for (const part of parts) {
      if (part.items) {
        const items = part.items(step);
        const text = items.map((item) => (item.picture ? "#" : "") + item.kind + (item.text || "")).join("\n");
        if (text !== (part.key || "")) part.draw(items);
        part.key = text;
      } else {
        const looks = part.look(step);
        for (const name in looks) if ((part[name] || "") !== looks[name]) part.element.setAttribute(name, (part[name] = looks[name]));
      }
    }
    arrows(step);
    look();
  });

  // -------------------------------------------------------------------------------------------------------------------
  // Folding by hand
  // -------------------------------------------------------------------------------------------------------------------

  g.toggleFold = function (id) {
    const folded = new Set(g.state.folded);
    if (!folded.delete(id)) folded.add(id);
    const opened = !folded.has(id);
    g.setFolded(folded);
    g.render();
    const label = opened ? "Fold" : "Open";
    const title = [...document.querySelectorAll("#world .box-title")].find((t) => t.getAttribute("aria-label").startsWith(`${label} ${g.clip(g.derived.boxes.get(id).name)},`));
    if (title) title.focus({ preventScroll: true });
  };
  // Fold all that lies this deep or deeper; 0 opens everything.
  g.foldDepth = function (depth) {
    g.setFolded(new Set(depth ? [...g.derived.boxes.values()].filter((box) => box.depth >= depth).map((box) => box.id) : []));
    g.render();
    g.fit();
  };

  // -------------------------------------------------------------------------------------------------------------------
  // Looking at it
  // -------------------------------------------------------------------------------------------------------------------

  const camera = { scale: 1, x: 0, y: 0 };
  const frame = () => g.byElementId("graph").getBoundingClientRect();
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let moving = 0;

  function place() {
    // Of the element, not of what it holds, which would have to be laid out anew.
    g.byElementId("world").style.transform = `translate(${round(camera.x)}px, ${round(camera.y)}px) scale(${Math.round(camera.scale * 1000) / 1000})`;
  }
  function moveTo(target, smooth) {
    cancelAnimationFrame(moving);
    if (!smooth || calm.matches) {
      Object.assign(camera, target);
      return place();
    }
    const from = { ...camera };
    const start = performance.now();
    const tick = (now) => {
      const t = Math.min(1, Math.max(0, now - start) / 180);
      const s = t * (2 - t);
      for (const key of ["scale", "x", "y"]) camera[key] = from[key] + (target[key] - from[key]) * s;
      place();
      if (t < 1) moving = requestAnimationFrame(tick);
    };
    moving = requestAnimationFrame(tick);
  }
  // Flat graphs have the whole width, and what is said of them stands below; others have it beside them.
  function arrange() {
    const { width, height } = document.querySelector("main").getBoundingClientRect();
    const size = drawn.geometry;
    const captioned = height - 62;
    const beside = Math.min((width - Math.max(300, 0.27 * width)) / size.width, captioned / size.height);
    const above = Math.min(width / size.width, (0.5 * captioned) / size.height);
    document.documentElement.classList.toggle("flat", width > 760 && height > 380 && beside < (window.innerWidth >= 1700 ? 2 : 1.4) && above > 1.1 * beside);
  }
  // So that everything shows, but never so small that nothing can be read: then the current gate is in the middle.
  g.fit = function (whole) {
    const { width, height } = frame();
    const size = drawn.geometry;
    const distant = window.innerWidth >= 1700;  // as read from the back of a room
    const all = Math.min(width / size.width, height / size.height, distant ? 2 : 1.6);
    camera.scale = whole === true ? all : Math.max(all, distant ? 1.1 : width < 700 ? 1 : 0.85);
    g.state.follow = true;
    look(true);
    if (whole === true) place();
  };
  function look(now) {
    if (!g.state.follow || !drawn) return;
    const { width, height } = frame();
    if (!width) return;
    const size = drawn.geometry;
    const target = { scale: camera.scale, x: 0, y: 0 };
    const centre = middle();
    const along = (room, length, at) => (length * camera.scale <= room ? (room - length * camera.scale) / 2
      : Math.min(0, Math.max(room - length * camera.scale, room / 2 - at * camera.scale)));
    target.x = along(width, size.width, centre[0]);
    target.y = along(height, size.height, centre[1]);
    moveTo(target, !now);
  }
  function middle() {
    const step = g.step();
    const id = step.unit ? step.unit.gates[0] : step.phase === "seed" ? g.state.trace.root : g.state.trace.entries[0].id;
    const rect = drawn.rects.get(id) || [0, 0, 0, 0];
    return [rect[0] + rect[2] / 2, rect[1] + rect[3] / 2];
  }
  g.zoom = function (factor, x, y) {
    const { width, height } = frame();
    const [cx, cy] = x === undefined ? [width / 2, height / 2] : [x, y];
    const scale = Math.min(4, Math.max(0.05, camera.scale * factor));
    cancelAnimationFrame(moving);
    camera.x = cx - ((cx - camera.x) * scale) / camera.scale;
    camera.y = cy - ((cy - camera.y) * scale) / camera.scale;
    camera.scale = scale;
    g.state.follow = false;
    place();
    g.onCamera();
  };
  g.pan = function (dx, dy) {
    cancelAnimationFrame(moving);
    camera.x += dx;
    camera.y += dy;
    g.state.follow = false;
    place();
    g.onCamera();
  };
  g.onCamera = () => {};

  g.startCamera = function () {
    const canvas = g.byElementId("graph");
    // In a notebook a wheel scrolls the notebook; with Ctrl, as when pinching on a touchpad, it zooms.
    const framed = window.parent !== window;
    canvas.addEventListener("wheel", (event) => {
      if (framed && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = frame();
      if (event.shiftKey) g.pan(-event.deltaY - event.deltaX, 0);
      else g.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX - left, event.clientY - top);
    }, { passive: false });
    const fingers = new Map();
    let moved = 0;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      if (!fingers.size) moved = 0;
      fingers.set(event.pointerId, [event.clientX, event.clientY]);
    });
    canvas.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const now = [event.clientX, event.clientY];
      const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
      if (moved > 4 && !canvas.hasPointerCapture(event.pointerId)) canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, now);
      if (moved <= 4) return;
      if (!others.length) return g.pan(now[0] - before[0], now[1] - before[1]);
      const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
      const { left, top } = frame();
      g.zoom(distance(now, others[0]) / distance(before, others[0]), others[0][0] - left, others[0][1] - top);
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => fingers.delete(event.pointerId));
    // Wires are thin: a click beside one is meant for it.
    canvas.addEventListener("click", (event) => {
      for (let away = 0; away <= 8; away++) for (const [dx, dy] of [[0, away], [0, -away], [away, 0], [-away, 0]]) {
        const target = targets.get(document.elementFromPoint(event.clientX + dx, event.clientY + dy));
        if (target) return g.select(target);
      }
      return null;
    });
    // A drag is no click.
    canvas.addEventListener("click", (event) => { if (moved > 4) event.stopPropagation(); moved = 0; }, true);
    new ResizeObserver(() => g.state.follow && g.fit()).observe(canvas);
    new ResizeObserver(arrange).observe(document.querySelector("main"));
    arrange();
    g.fit();
  };
})(glassgrad);
