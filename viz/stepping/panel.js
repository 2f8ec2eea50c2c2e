// What happens in a step: its rule, the arithmetic with this graph's numbers, and a sentence that says it.
"use strict";
(function (g) {
  const { html } = g;

  const index = new Map(g.data.trace.entries.map((entry, i) => [entry.id, i]));
  const rule = (entry) => g.data.rules[index.get(entry.id)];
  // What formulas call an entry: by its name, or a letter.
  g.nameOf = (entry) => rule(entry).name;
  // With the gate it comes from, where it has no name of its own.
  g.fullName = (entry) => (entry.name || !g.isGate(entry) ? g.nameOf(entry) : `${g.nameOf(entry)}, the ${g.clip(entry.label)} gate`);
  g.gateCount = (n) => `${n.toLocaleString("en")} gate${n === 1 ? "" : "s"}`;
  const inputName = (x) => (x.source === null ? g.number(x.number) : g.nameOf(g.entry(x.source)));
  const inputNumbers = (x) => (x.source === null ? g.summary([g.real(x.number)], [], "float64") : g.entry(x.source).value);
  g.operation = (gate) => g.state.trace.operations[gate.operation];

  // For a screen reader, which skips hyphens and knows no exponents.
  g.spoken = (text) => text.replace(/(\d)e(?=-?\d)/g, "$1 times ten to the ").replace(/-(?=[\d.]|inf)/g, "minus ").replace(/…/g, " and so on ");
  // The label of a gate; signs with the name of what they stand for.
  const told = (entry) => (/[a-z]{2}/i.test(entry.label) ? entry.label : `${entry.label} (${g.clip(entry.operation).replace(/_/g, " ")})`);

  // How an entry reads out after a step.
  g.describeEntry = function (entry, step) {
    const kind = g.isGate(entry) ? `gate ${told(entry)}${entry.kind === "failed" ? "" : `, called ${g.nameOf(entry)}`}`
      : `${entry.kind} ${g.clip(entry.name || "without a name")}`;
    const parts = [kind];
    if (!g.valueKnown(entry, step)) parts.push("not computed yet");
    else if (entry.value !== null) parts.push(`value ${g.words(entry.value)}`);
    const at = g.gradientAt(entry, step);
    const hidden = g.mask && g.mask("gradient", entry.id, null);
    if (at.arrived && hidden) parts.push("gradient asked for");
    else if (at.sum) parts.push(`gradient ${g.words(at.sum)}${at.complete ? "" : ` so far, ${at.arrived} of ${at.of} parts`}`);
    return g.spoken(parts.join(", "));
  };

  // -------------------------------------------------------------------------------------------------------------------
  // Formulas
  // -------------------------------------------------------------------------------------------------------------------

  // Python wrote the formulas as MathML, in templates; rules have their numbers.
  g.formula = function (number) {
    const found = number === null || number === undefined ? null : g.byElementId(`m${number}`);
    return found ? found.content.firstElementChild.cloneNode(true) : null;
  };
  const MATHML = "http://www.w3.org/1998/Math/MathML";
  const math = (tag, ...children) => {
    const element = document.createElementNS(MATHML, tag);
    element.append(...children);
    return element;
  };

  // A formula with this gate's numbers in place of its inputs; null if there is none, or they are no scalars. Python has put
  // marks there (and signs between factors); a negative number after a sign or under an exponent gets brackets,
  // and so does a complex one, which is a sum.
  g.substituted = function (gate, number) {
    const formula = g.formula(number);
    if (formula === null) return null;
    const texts = gate.inputs.map((x) => {
      const numbers = inputNumbers(x);
      return numbers && g.isScalar(numbers) ? g.lines(numbers)[0] : null;
    });
    let found = false;
    for (const mark of [...formula.querySelectorAll("mi")]) {
      const i = mark.textContent.length === 1 ? mark.textContent.charCodeAt(0) - 0x2460 : -1;
      if (i < 0 || i >= texts.length) continue;
      if (texts[i] === null) return null;
      found = true;
      const number = math("mn", texts[i].replace(/^-/, "−"));
      number.setAttribute("class", "value");
      const raised = /^m(sup|sub|subsup)$/.test(mark.parentElement.localName) && !mark.previousElementSibling;
      const before = mark.previousElementSibling;
      const bare = !before || /^[(,[|=<>≤≥]$/.test(before.textContent.trim());
      const sum = texts[i].endsWith("j") || texts[i].startsWith("-");
      mark.replaceWith(sum && (raised || !bare) ? math("mrow", math("mo", "("), number, math("mo", ")")) : number);
    }
    return found ? formula : null;
  };

  // -------------------------------------------------------------------------------------------------------------------
  // Arrays
  // -------------------------------------------------------------------------------------------------------------------

  const grid = (numbers) => {
    const columns = numbers.shape.length ? numbers.shape[numbers.shape.length - 1] : 1;
    const rows = [];
    for (let i = 0; i < numbers.values.length; i += columns || 1) rows.push(numbers.values.slice(i, i + columns));
    return rows;
  };
  // A table where the numbers are few, a heat map where they are many.
  const tagged = (view, name, value) => {
    if (view) view.setAttribute(name, value);
    return view;
  };
  g.arrayView = function (numbers, label) {
    if (numbers === null) return null;
    if (g.isScalar(numbers)) return html("span", { class: "number" }, g.lines(numbers)[0]);
    const summary = `${label}: ${g.shape(numbers)} ${numbers.dtype}`;
    if (numbers.values && numbers.values.length && g.size(numbers) <= 36 && (numbers.shape[numbers.shape.length - 1] || 0) <= 6)
      return html("figure", { class: "array" }, html("figcaption", {}, summary), tableOf(grid(numbers), numbers.dtype, label));
    if (!numbers.picture || numbers.low === numbers.high)
      return html("figure", { class: "array" }, html("figcaption", {}, summary), html("span", { class: "number" }, g.lines(numbers).join(", ") || "empty"));
    const [rows, columns] = [numbers.picture.length, numbers.picture[0].length];
    const cell = Math.min(14, 220 / columns);
    const high = rows === 1 ? 14 : cell;
    const picture = g.svg("svg", { width: cell * columns, height: high * rows, role: "img", "aria-label": `heat map of ${summary}` },
      g.heatMap(numbers.picture, 0, 0, cell, high));
    return html("figure", { class: "array" }, html("figcaption", {}, summary), picture, html("span", { class: "muted" }, g.lines(numbers).join(", ")));
  };
  function tableOf(rows, dtype, label, diagonal) {
    return html("table", { class: "matrix", "aria-label": label }, rows.map((row, i) => html("tr", {}, row.map((x, j) =>
      html("td", { class: diagonal && i !== j ? "off" : null }, g.number(x, dtype))))));
  }
  // The Jacobian of an elementwise gate: all but its diagonal is zero.
  function jacobian(local, what) {
    const n = g.size(local);
    if (!local.values || n > 6 || n < 1)
      return html("p", {}, `The Jacobian ${what} is diagonal, ${n.toLocaleString("en")} by ${n.toLocaleString("en")}; only its diagonal is ever computed: `,
        g.arrayView(local, "diagonal"));
    const rows = local.values.map((x, i) => local.values.map((_, j) => (i === j ? x : 0)));
    return html("figure", { class: "array" }, html("figcaption", {}, `Jacobian ${what}: diagonal, so upstream × Jacobian is done element by element`),
      tableOf(rows.map((row, i) => row.map((x, j) => (i === j ? x : 0))), local.dtype, "Jacobian", true));
  }

  // -------------------------------------------------------------------------------------------------------------------
  // The step
  // -------------------------------------------------------------------------------------------------------------------

  function forwardParts(gate) {
    if (gate.kind === "failed") return [html("p", { class: "failure" }, `It failed: ${gate.reason}`), html("p", { class: "muted" }, shapes(gate))];
    const parts = [];
    const known = rule(gate);
    const formula = g.formula(known.rule) || g.formula(known.formula);
    if (formula) parts.push(html("p", { class: "rule" }, html("span", { class: "caption" }, "rule"), formula));
    const put = g.substituted(gate, known.put);
    const scalar = gate.value && g.isScalar(gate.value);
    if (gate.value === null) parts.push(html("p", {}, "Its value is not shown."));
    else if (put && scalar) parts.push(html("p", { class: "arithmetic" }, put, " = ", html("b", { class: "value" }, g.lines(gate.value)[0])));
    else if (scalar && gate.inputs.every((x) => inputNumbers(x) && g.isScalar(inputNumbers(x))))
      parts.push(html("p", { class: "arithmetic" }, `${gate.label} of ${gate.inputs.map((x) => g.words(inputNumbers(x))).join(", ")} = `,
        html("b", { class: "value" }, g.lines(gate.value)[0])));
    else {
      parts.push(html("p", { class: "muted" }, known.note || shapes(gate)));
      gate.inputs.forEach((x, i) => x.source !== null && parts.push(tagged(g.arrayView(g.entry(x.source).value, inputName(x)), "data-input", i)));
      parts.push(html("div", { class: "value" }, tagged(g.arrayView(gate.value, `result${gate.name ? ` ${g.clip(gate.name)}` : ""}`), "data-result", "")));
    }
    return parts;
  }
  const shapeOf = (numbers) => (numbers === null ? "?" : g.isScalar(numbers) ? "()" : g.shape(numbers));
  const shapes = (gate) => `${gate.label}: ${gate.inputs.map((x) => shapeOf(inputNumbers(x))).join(", ")} → ${shapeOf(gate.value)}`;

  const plain = (x) => (typeof x === "string" ? x : x.textContent).replace(/[−()]/g, (sign) => (sign === "−" ? "-" : "")).replace(/\.0+$/, "");

  // The numbers of what is sent stand beside it.
  const shapesIn = (note) => note.replace(/^(\([\d, ]*\)) → (\([\d, ]*\))(: .*)?$/, "shapes: upstream $1, sent $2");

  // Where real numbers met complex ones.
  const complex = (numbers) => numbers !== null && numbers.dtype.startsWith("complex");
  const realPart = (gate, x) => (complex(gate.gradient) || complex(x.local)) && !complex(x.gradient);

  function backwardParts(gate) {
    const parts = [];
    const known = rule(gate);
    if (known.pattern) parts.push(html("p", { class: "pattern" }, `${known.pattern[0].toUpperCase()}${known.pattern.slice(1)}.`));
    if (gate.gradient && !g.isScalar(gate.gradient)) parts.push(html("div", { class: "gradient" }, tagged(g.arrayView(gate.gradient, "upstream"), "data-result", "")));
    gate.inputs.forEach((x, i) => {
      if (x.gradient === null) return;
      const name = inputName(x);
      const line = html("section", { class: "flow", "data-position": i }, html("h3", {}, x.source === null ? name : `to ${g.fullName(g.entry(x.source))}`));
      const hidden = g.mask && g.mask("sent", gate.id, i);
      const back = (known.back && known.back[i]) || {};
      const formula = g.formula(back.rule) || g.formula(back.local);
      if (formula) line.append(html("p", { class: "rule" }, html("span", { class: "caption" }, x.local ? "local" : "rule"), formula,
        back.as ? html("span", { class: "muted" }, `where x is ${back.as}`) : null));
      if (x.local && g.isScalar(x.local) && gate.gradient) {
        const put = g.substituted(gate, back.put);
        const local = g.lines(x.local)[0];
        line.append(html("p", { class: "arithmetic" }, "upstream ", html("b", { class: "gradient" }, g.lines(gate.gradient)[0]), " × local ",
          hidden ? "?" : put && plain(put) !== plain(local) ? [put, html("span", { class: "muted" }, ` (${local})`)] : local,
          realPart(gate, x) ? ", real part " : " = ", html("b", { class: "gradient sent" }, hidden || g.words(x.gradient))));
      } else if (hidden) line.append(html("p", { class: "arithmetic" }, `= ${hidden}`));
      else {
        const arithmetic = g.formula(back.arithmetic);
        if (arithmetic && x.local) line.append(html("p", { class: "arithmetic" }, arithmetic));
        else if (!arithmetic && !formula) line.append(html("p", { class: "arithmetic" }, x.local ? "upstream × local, element by element" : "vector-Jacobian product: upstream × Jacobian",
          `: ${shapeOf(gate.gradient)} → ${shapeOf(x.gradient)}`));
        if (x.local) line.append(jacobian(x.local, `with respect to ${name}`));
        line.append(html("div", { class: "gradient" }, tagged(g.arrayView(x.gradient, `sent to ${name}`), "data-input", i)));
      }
      const notes = [back.note && shapesIn(back.note), x.local && g.scalar(x.local) === 0.5 && back.tie].filter((note) => note);
      if (notes.length) line.append(html("p", { class: "muted" }, notes.join("; ")));
      const value = inputNumbers(x);
      if (!back.note && !hidden && value && gate.value && x.local && shapeOf(value) !== shapeOf(gate.value))
        line.append(html("p", { class: "muted" }, `${name} was broadcast from ${shapeOf(value)} to ${shapeOf(gate.value)}, so its gradient is summed back to ${shapeOf(value)}.`));
      parts.push(line);
    });
    return parts;
  }

  // Where parts meet: += and the sum so far, and the whole sum once it is complete.
  function meetings(step) {
    const seen = new Set();
    const lines = [];
    for (const id of step.unit.gates) for (const x of g.entry(id).inputs) {
      if (x.source === null || x.gradient === null || seen.has(x.source) || step.unit.set.has(x.source)) continue;
      seen.add(x.source);
      const entry = g.entry(x.source);
      const at = g.gradientAt(entry, step);
      if (at.of < 2) continue;
      const hidden = g.mask && (g.mask("gradient", entry.id, null) || at.now.some(({ gate, position }) => g.mask("sent", gate, position)));
      const text = (numbers) => (hidden ? "?" : numbers === null ? "…" : g.words(numbers));
      const part = g.sentTogether(entry.id, at.now);
      const all = g.derived.parts.get(entry.id);
      const sender = ({ gate }) => g.nameOf(g.entry(gate));
      if (!hidden && ![part, at.before, at.sum].every((x) => x === null || few(x))) {
        lines.push(html("p", { class: "sum" }, html("b", {}, g.nameOf(entry)), at.before ? " += " : " = ", `what ${at.now.map(sender).join(" and ")} sends`,
          html("span", { class: "muted" }, ` (${at.arrived} of ${at.of} parts)`)));
        if (at.complete) lines.push(html("p", { class: "sum total" }, `complete: the sum of what ${all.ends.map(sender).join(", ")} sent`),
          html("div", { class: "gradient" }, g.arrayView(entry.gradient, `gradient of ${g.nameOf(entry)}`)));
        continue;
      }
      const line = html("p", { class: "sum" }, html("b", {}, g.nameOf(entry)), at.before
        ? [" += ", html("b", { class: "gradient" }, text(part)), `: ${text(at.before)} + ${signed(text(part))} = `, html("b", { class: "gradient" }, text(at.sum))]
        : [" = ", html("b", { class: "gradient" }, text(part))],
        html("span", { class: "muted" }, ` (${at.arrived} of ${at.of} parts)`));
      lines.push(line);
      if (at.complete && at.of > 1) {
        lines.push(html("p", { class: "sum total" }, "complete: ", all.sent.map((sent, i) => (i ? ` + ${signed(text(sent))}` : text(sent))).join(""), " = ",
          html("b", { class: "gradient" }, text(entry.gradient)), html("span", { class: "muted" },
            `, the sum over ${all.ends.map(sender).join(", ")}`)));
      }
    }
    return lines.length ? [html("section", { class: "meet" }, html("h3", {}, "where branches meet, gradients add"), lines)] : [];
  }
  const few = (numbers) => numbers.values && numbers.values.length <= g.data.full;
  const signed = (text) => (text.startsWith("-") ? `(${text})` : text);

  function foldParts(step) {
    const box = g.derived.boxes.get(step.unit.fold);
    const open = html("button", { type: "button", onclick: () => g.toggleFold(box.id) }, `Open ${g.clip(box.name)}`);
    const inside = new Set(step.unit.gates);
    const parts = [html("p", {}, `${g.gateCount(step.unit.gates.length)}, folded into one. `, open)];
    if (step.phase === "forward") {
      for (const id of step.unit.gates) {
        const leaving = g.derived.takers.get(id).some(({ gate }) => !inside.has(gate)) || id === g.state.trace.root;
        if (leaving) parts.push(html("div", { class: "value" }, g.arrayView(g.entry(id).value, g.nameOf(g.entry(id)))));
      }
      return parts;
    }
    const sources = new Map();
    for (const id of step.unit.gates) for (const x of g.entry(id).inputs)
      if (x.source !== null && !inside.has(x.source) && x.gradient !== null) sources.set(x.source, null);
    for (const id of sources.keys()) {
      const ends = g.derived.parts.get(id).ends.filter(({ gate }) => inside.has(gate));
      const hidden = g.mask && g.mask("gradient", id, null);
      parts.push(html("section", { class: "flow" }, html("h3", {}, `to ${g.nameOf(g.entry(id))}`),
        hidden || html("div", { class: "gradient" }, g.arrayView(g.sentTogether(id, ends), "gradient") || "…")));
    }
    return parts;
  }

  // What a step says, in one sentence: for a screen reader, and as the caption.
  g.sentence = function (step) {
    const root = g.entry(g.state.trace.root);
    if (step.phase === "inputs") {
      const inputs = g.state.trace.entries.filter((entry) => !g.isGate(entry)).length;
      const next = g.derived.gates.length ? "Next: the forward evaluation, gate by gate." : "Nothing is computed from them.";
      return `The inputs: ${inputs} value${inputs === 1 ? "" : "s"}. ${next}`;
    }
    if (step.phase === "seed")
      return `Backward pass: the derivative of ${g.nameOf(root)} with respect to itself is ${g.words(root.gradient)}.`;
    const { unit } = step;
    if (unit.fold !== null) {
      const name = g.clip(g.derived.boxes.get(unit.fold).name);
      return step.phase === "forward" ? `Forward: ${name}, ${g.gateCount(unit.gates.length)} folded into one.` : `Backward: gradients flow through ${name}, ${g.gateCount(unit.gates.length)} folded into one.`;
    }
    const gate = g.entry(unit.gates[0]);
    if (gate.kind === "failed") return `The ${g.clip(gate.label)} gate failed: ${g.clip(`${gate.reason}.`, 120)}`;
    if (step.phase === "forward")
      return `Forward: the ${g.clip(gate.label)} gate takes ${gate.inputs.map((x) => {
        const words = g.words(inputNumbers(x));
        return x.source !== null && g.entry(x.source).name ? `${inputName(x)} = ${words}` : words;
      }).join(" and ")} and gives ${gate.value === null ? "a value that is not shown" : g.words(gate.value)}.`;
    const sends = gate.inputs.map((x, i) => [x, i]).filter(([x]) => x.gradient !== null).map(([x, i], k, all) => {
      const hidden = g.mask && g.mask("sent", gate.id, i);
      const how = x.local && g.isScalar(x.local) && !hidden ? `${g.words(gate.gradient)} × ${g.words(x.local)} = ` : "";
      const at = x.source === null ? null : g.gradientAt(g.entry(x.source), step);
      const masked = hidden || (g.mask && x.source !== null && g.mask("gradient", x.source, null));
      const last = all.every(([other], j) => j <= k || other.source !== x.source);
      const sum = last && at && at.of > 1 && at.arrived > at.now.length && at.sum && !masked ? `, which adds up to ${g.words(at.sum)}` : "";
      return `${how}${hidden ? "a number for you to find" : g.words(x.gradient)} to ${inputName(x)}${sum}`;
    });
    return `Backward: the ${g.clip(gate.label)} gate gets ${g.words(gate.gradient)} and sends ${sends.join(" and ")}.`;
  };

  // Said once, where the first of them is made.
  const letterNote = (gate) => {
    const first = g.derived.gates.find(({ kind, name }) => kind === "gate" && !name);
    return gate === first ? html("p", { class: "muted" }, `The program gives this result no name, so it is called ${g.nameOf(gate)} here.`) : null;
  };

  const phases = { inputs: "inputs", forward: "forward", seed: "backward", backward: "backward" };

  g.onRender(function () {
    const step = g.step();
    const panel = g.byElementId("step-panel");
    let title, parts;
    if (step.phase === "inputs") {
      title = "The inputs";
      const leaves = g.state.trace.entries.filter((entry) => !g.isGate(entry));
      parts = [html("ul", { class: "inputs" }, leaves.slice(0, 40).map((entry) => html("li", {}, html("b", {}, g.nameOf(entry)), " = ",
        html("span", { class: "value" }, entry.value === null ? "not shown" : g.isScalar(entry.value) ? g.lines(entry.value)[0]
          : `${g.shape(entry.value)} ${entry.value.dtype}: ${g.lines(entry.value).join(", ")}`), entry.kind === "variable" ? "" : html("span", { class: "muted" }, ` (${entry.kind})`)))),
      leaves.length > 40 ? html("p", { class: "muted" }, `and ${leaves.length - 40} more`) : null];
      if (!g.derived.hasGradients) parts.push(html("p", { class: "muted" }, g.state.trace.note || "There are no gradients here, so there is no backward pass."));
    } else if (step.phase === "seed") {
      const root = g.entry(g.state.trace.root);
      title = "The backward pass starts";
      const scalar = g.isScalar(root.gradient);
      parts = [html("p", { class: "arithmetic" }, `∂${g.nameOf(root)}/∂${g.nameOf(root)} = `, scalar ? html("b", { class: "gradient" }, g.words(root.gradient)) : g.arrayView(root.gradient, "seed")),
        html("p", { class: "muted" }, "Every gate now takes the gradient of its result (upstream), multiplies it by its local derivative, and sends the product to each input.")];
    } else if (step.unit.fold !== null) {
      title = g.clip(g.derived.boxes.get(step.unit.fold).name);
      parts = foldParts(step);
      if (step.phase === "backward") parts.push(...meetings(step));
    } else {
      const gate = g.entry(step.unit.gates[0]);
      title = `${g.clip(gate.label)} gate${gate.kind === "failed" ? "" : ` → ${g.nameOf(gate)}`}`;
      parts = step.phase === "forward" ? [...forwardParts(gate), letterNote(gate)] : [...backwardParts(gate), ...meetings(step)];
    }
    panel.replaceChildren(html("p", { class: `phase ${phases[step.phase]}` }, phases[step.phase]), html("h2", {}, title), ...parts.flat(Infinity).filter((part) => part));
    const sentence = `Step ${step.number} of ${g.steps().length - 1}. ${g.sentence(step)}`;
    g.byElementId("sentence").textContent = sentence;
    g.byElementId("spoken").textContent = g.spoken(sentence);
  });
})(glassgrad);
