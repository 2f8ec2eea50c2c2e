// What there is to step through, and what is known after each step: pure functions of the trace and of what is folded.
"use strict";
(function (g) {
  // What follows from the trace alone, kept with it.
  g.derive = function () {
    const trace = g.state.trace;
    const byId = new Map(trace.entries.map((entry) => [entry.id, entry]));
    const boxes = new Map(trace.boxes.map((box) => [box.id, { ...box, depth: 0, gates: [] }]));
    for (const box of boxes.values()) box.depth = box.parent === null ? 1 : boxes.get(box.parent).depth + 1;
    const gates = trace.entries.filter((entry) => entry.kind === "gate" || entry.kind === "failed");
    const order = new Map(gates.map((gate, i) => [gate.id, i]));
    const takers = new Map(trace.entries.map((entry) => [entry.id, []]));
    for (const gate of gates) {
      gate.inputs.forEach((x, position) => x.source !== null && takers.get(x.source).push({ gate: gate.id, position }));
      for (let box = boxes.get(gate.box); box; box = boxes.get(box.parent)) box.gates.push(gate.id);
    }
    // The backward pass takes the gates in reverse, so what goes into later gates gets its part of the sum first.
    const parts = new Map();
    for (const [id, all] of takers) {
      const sending = all.filter(({ gate, position }) => byId.get(gate).inputs[position].gradient !== null);
      sending.sort((a, b) => order.get(b.gate) - order.get(a.gate) || a.position - b.position);
      const sent = sending.map(({ gate, position }) => byId.get(gate).inputs[position].gradient);
      const sums = sent.map((_, i) =>
        i === sent.length - 1 ? byId.get(id).gradient : i === 0 ? sent[0] : g.sum(sent.slice(0, i + 1)) || running(id, i));
      parts.set(id, { ends: sending, sent, sums });
    }
    g.derived = { byId, boxes, gates, order, takers, parts, hasGradients: byId.get(trace.root).gradient !== null };
    g.replan();
  };
  // Sums of arrays that are too large to be kept in full were added up by Python.
  const added = new Map(g.data.running);
  const running = (id, i) => (added.get(id) || [])[i] || null;

  g.isGate = (entry) => g.derived.order.has(entry.id);
  g.entry = (id) => g.derived.byId.get(id);

  // The outermost folded scope around a scope (itself counted), or null.
  g.foldOf = function (boxId) {
    let found = null;
    for (let box = g.derived.boxes.get(boxId); box; box = g.derived.boxes.get(box.parent))
      if (g.state.folded.has(box.id)) found = box.id;
    return found;
  };

  // Step 0 shows the inputs, then each gate forward, the start of the backward pass, and each gate backward. A folded scope
  // is one gate. `forward` and `backward` count the gates that are done once the step is.
  g.replan = function () {
    const { gates, hasGradients } = g.derived;
    const units = [];
    gates.forEach((gate, i) => {
      const fold = g.foldOf(gate.box);
      const last = units[units.length - 1];
      if (fold !== null && last && last.fold === fold) last.gates.push(gate.id);
      else units.push({ fold, gates: [gate.id], first: i });
    });
    for (const unit of units) unit.set = new Set(unit.gates);
    const n = gates.length;
    const steps = [{ phase: "inputs", unit: null, forward: 0, backward: 0, seeded: false }];
    for (const unit of units)
      steps.push({ phase: "forward", unit, forward: unit.first + unit.gates.length, backward: 0, seeded: false });
    if (hasGradients) {
      steps.push({ phase: "seed", unit: null, forward: n, backward: 0, seeded: true });
      for (const unit of [...units].reverse())
        if (unit.gates.some((id) => g.sends(id)))
          steps.push({ phase: "backward", unit, forward: n, backward: n - unit.first, seeded: true });
    }
    steps.forEach((step, i) => (step.number = i));
    g.derived.steps = steps;
    g.state.step = Math.min(g.state.step, steps.length - 1);
  };
  g.sends = (id) => g.entry(id).inputs.some((x) => x.gradient !== null);
  g.steps = () => g.derived.steps;
  g.step = () => g.derived.steps[g.state.step];

  // Fold and unfold, and go on at the same place of the walk.
  g.setFolded = function (folded) {
    const before = g.step();
    g.state.folded = folded;
    g.replan();
    const rank = { inputs: 0, forward: 1, seed: 2, backward: 3 };
    const reached = (step) => rank[step.phase] < rank[before.phase] ||
      (step.phase === before.phase && step.forward <= before.forward && step.backward <= before.backward);
    let at = g.steps().filter(reached).length - 1;
    // Inside a fold that has just closed: its step, which is not over yet, is the nearest.
    const next = g.steps()[at + 1];
    if (next && next.unit && before.unit && before.unit.gates.some((id) => next.unit.set.has(id))) at += 1;
    g.state.step = Math.max(0, at);
  };

  // Whether the value of an entry is known after a step.
  g.valueKnown = (entry, step) => !g.isGate(entry) || g.derived.order.get(entry.id) < step.forward;

  // Whether a gate has sent back its gradients after a step.
  g.hasSent = (id, step) => g.derived.order.get(id) >= g.derived.gates.length - step.backward && step.backward > 0;

  // What is known of the gradient of an entry after a step: how many of its parts have arrived, their sum, and those that
  // arrived in this very step.
  g.gradientAt = function (entry, step) {
    const { ends, sent, sums } = g.derived.parts.get(entry.id);
    if (entry.id === g.state.trace.root)
      return { arrived: step.seeded ? 1 : 0, of: 1, sum: step.seeded ? entry.gradient : null, now: [], complete: step.seeded };
    const arrived = ends.filter(({ gate }) => g.hasSent(gate, step)).length;
    const now = step.phase === "backward" ? ends.slice(0, arrived).filter(({ gate }) => step.unit.set.has(gate)) : [];
    return { arrived, of: ends.length, sum: arrived ? sums[arrived - 1] : null, now, sent: sent.slice(0, arrived),
      before: arrived > now.length ? sums[arrived - now.length - 1] : null, complete: arrived === ends.length && arrived > 0 };
  };

  // What flows back from a unit to one value: the part itself, or the sum of several.
  g.sentTogether = function (id, ends) {
    const all = g.derived.parts.get(id);
    if (ends.length === all.ends.length) return g.entry(id).gradient;
    return g.sum(ends.map(({ gate, position }) => g.entry(gate).inputs[position].gradient));
  };
})(glassgrad);
