// Everything there is to know of one value: how the output depends on it, where it comes from, what it looks like.
"use strict";
(function (g) {
  const { html } = g;
  const PATHS = 12;  // how many are written out

  g.select = function (target) {
    g.state.selected = target;
    g.render();
  };

  // The paths from an entry to the output along which gradients flow, the first few in full: {paths, total}. Each path is a
  // list of {gate, position}. There may be astronomically many, so they are counted, not listed.
  g.pathsOf = function (id, limit) {
    const { parts, gates } = g.derived;
    const root = g.state.trace.root;
    const counts = new Map([[root, 1]]);
    for (const entry of [...g.state.trace.entries].reverse())
      if (entry.id !== root) counts.set(entry.id, parts.get(entry.id).ends.reduce((n, { gate }) => n + (counts.get(gate) || 0), 0));
    const paths = [];
    const path = [];
    const pending = [[id, 0]];
    while (pending.length && paths.length < limit) {
      const top = pending[pending.length - 1];
      const ends = top[0] === root ? [] : parts.get(top[0]).ends;
      if (top[0] === root) paths.push([...path]);
      if (top[1] < ends.length && path.length < gates.length + 1) {
        const end = ends[top[1]++];
        if (!counts.get(end.gate)) continue;
        path.push(end);
        pending.push([end.gate, 0]);
      } else {
        pending.pop();
        path.pop();
      }
    }
    return { paths, total: counts.get(id) || 0 };
  };

  function pathSection(entry) {
    if (!g.derived.hasGradients) return null;
    if (entry.id === g.state.trace.root) return html("p", {}, "This is the output itself.");
    const { paths, total } = g.pathsOf(entry.id, PATHS);
    if (!total) return html("p", {}, entry.reason ? `No gradient reaches it: ${entry.reason}.` : "No gradient reaches it.");
    const root = g.entry(g.state.trace.root);
    const seed = g.isScalar(root.gradient) ? g.scalar(root.gradient) : NaN;
    const long = (path) => path.length > 14;
    let sum = 0;
    const items = paths.map((path) => {
      const locals = path.map(({ gate, position }) => {
        const { local } = g.entry(gate).inputs[position];
        return local && g.isScalar(local) ? g.scalar(local) : NaN;
      });
      const route = [g.nameOf(entry), ...path.map(({ gate }) => (g.entry(gate).name ? g.nameOf(g.entry(gate)) : `${g.nameOf(g.entry(gate))} (${g.clip(g.entry(gate).label)})`))];
      const shown = long(path) ? [...route.slice(0, 6), `… ${route.length - 10} more …`, ...route.slice(-4)] : route;
      const product = locals.reduce((a, b) => a * b, 1);
      sum += product * seed;
      const factors = [...locals].reverse().map((x) => (x < 0 ? `(${g.number(x)})` : g.number(x)));
      return html("li", {}, html("span", { class: "route" }, shown.join(" → ")),
        Number.isNaN(product) ? html("span", { class: "muted" }, ` (${path.length} Jacobian${path.length === 1 ? "" : "s"}, shapes ${[...path].reverse().map(({ gate, position }) => {
          const x = g.entry(gate).inputs[position];
          return g.shape(x.gradient);
        }).join(" → ")})`) : html("span", { class: "product" }, `${long(path) ? `${factors.length} factors` : factors.join(" × ")} = `, html("b", {}, g.number(product))));
    });
    const scalar = !Number.isNaN(sum) && g.isScalar(entry.gradient);
    const left = total - paths.length;
    return html("section", { class: "paths" }, html("h3", {}, `chain rule: ${total === 1 ? "one path" : `${total.toLocaleString("en")} paths`} to the output`), html("ol", {}, items),
      left > 0 ? html("p", { class: "muted" }, `and ${left.toLocaleString("en")} more, which are left out`) : null,
      scalar && left <= 0 ? html("p", { class: "arithmetic" }, total > 1 ? "their sum" : "so the gradient is", seed === 1 ? "" : `, times the seed ${g.number(seed)},`, total > 1 ? " is the gradient: " : " ",
        html("b", { class: "gradient" }, g.number(sum))) : null);
  }

  function checkSection(entry) {
    const { check } = entry;
    if (!check) return null;
    const [numeric, analytic] = [g.real(check.numeric), g.real(check.analytic)];
    const error = Math.abs(numeric - analytic) / Math.max(1e-8, Math.abs(numeric), Math.abs(analytic));
    const verdicts = {
      agrees: "✓ they agree", kink: "≈ there is a kink here: the differences to either side disagree, and the gradient lies between them",
      unsure: "? rounding, infinities or NaN leave nothing to compare", differs: `✗ they differ by ${(100 * error).toPrecision(2)} %: the gradient rule of a gate after it may be wrong` };
    const verdict = check.verdict || "agrees";
    return html("section", { class: `check ${verdict}` }, html("h3", {}, "finite difference"),
      html("p", { class: "arithmetic" }, "(f(x+h) − f(x−h)) / 2h = ", html("b", {}, g.number(numeric)), check.along === "x" ? "; gradient " : "; gradient along the same direction ",
        html("b", { class: "gradient" }, g.number(analytic))),
      html("p", { class: "verdict" }, verdicts[verdict]));
  }

  function statistics(numbers, label) {
    if (!numbers) return null;
    const rows = [["shape", g.isScalar(numbers) ? "() – a scalar" : g.shape(numbers)], ["dtype", numbers.dtype]];
    if (g.size(numbers) === 1 && numbers.values) rows.push(["exactly", String(typeof g.real(numbers.values[0]) === "number" ? g.real(numbers.values[0]) : g.number(numbers.values[0]))]);
    else if (numbers.mean !== null) rows.push(["mean ± std", `${g.number(numbers.mean)} ± ${g.number(numbers.std)}`], ["low … high", `${g.number(numbers.low)} … ${g.number(numbers.high)}`]);
    for (const [count, what] of [[numbers.nans, "NaN"], [numbers.infinities, "infinite"], [numbers.zeros, "zeros"]])
      if (count && g.size(numbers) > 1) rows.push([what, `${count.toLocaleString("en")} of ${g.size(numbers).toLocaleString("en")}`]);
    return html("section", { class: "statistics" }, html("h3", {}, label), html("dl", {}, rows.map(([term, text]) => [html("dt", {}, term), html("dd", {}, text)])),
      g.isScalar(numbers) ? null : g.arrayView(numbers, label), histogram(numbers, label));
  }
  function histogram(numbers, label) {
    if (!numbers.histogram || numbers.low === numbers.high) return null;
    const most = Math.max(...numbers.histogram);
    const bars = numbers.histogram.map((n, i) => g.svg("rect", { x: i * 16 + 1, y: 40 - (38 * n) / most, width: 14, height: (38 * n) / most, class: "bar" }));
    return html("figure", { class: "array" }, html("figcaption", {}, "histogram"), g.svg("svg", { width: 16 * bars.length, height: 42, role: "img",
      "aria-label": `histogram of the ${label}: ${numbers.histogram.join(", ")} elements in equal parts from ${g.number(numbers.low)} to ${g.number(numbers.high)}` }, bars,
      g.svg("path", { d: `M0 41h${16 * bars.length}`, class: "axis" })), html("span", { class: "muted" }, `${g.number(numbers.low)} … ${g.number(numbers.high)}`));
  }

  g.onRender(function (state) {
    const panel = g.byElementId("inspector");
    const { selected } = state;
    panel.hidden = selected === null;
    g.byElementId("inspector-hint").hidden = selected !== null;
    if (selected === null) return panel.replaceChildren();
    const entry = g.entry(selected.id);
    const step = g.step();
    const masked = g.mask && g.mask("gradient", entry.id, null);
    const close = html("button", { type: "button", class: "close", "aria-label": "Close the inspector", onclick: () => g.select(null) }, "×");
    const what = g.isGate(entry) ? entry.kind === "failed" ? "the operation that failed" : `result of the ${g.clip(entry.label)} gate${entry.name ? "" : `, called ${g.nameOf(entry)} here as it has no name`}` : entry.kind === "detached" ? "constant, cut off from its graph" : entry.kind;
    const operation = g.isGate(entry) ? g.operation(entry) : null;
    const { source } = entry;
    let branch = null;
    if (selected.gate !== undefined && g.derived.parts.get(entry.id).ends.length > 1) {
      const x = g.entry(selected.gate).inputs[selected.position];
      const hidden = g.mask && g.mask("sent", selected.gate, selected.position);
      branch = html("p", {}, `This branch goes into the ${g.clip(g.entry(selected.gate).label)} gate`, x.gradient === null ? "." :
        [", which sends back ", html("b", { class: "gradient" }, hidden || g.words(x.gradient)), "."]);
    }
    const known = g.valueKnown(entry, step);
    panel.replaceChildren(...[close, html("h2", {}, g.nameOf(entry)), entry.name.length > 40 ? html("p", {}, entry.name.slice(0, 2000)) : null, html("p", { class: "muted" }, what), branch,
      operation && operation.summary ? html("p", { class: "muted" }, operation.summary) : null,
      source ? html("section", { class: "source" }, html("h3", {}, "recorded at"), html("p", {}, `${source.file}:${source.line}`, source.function ? ` in ${source.function}` : ""), source.text ? html("pre", {}, source.text.trim()) : null) : null,
      masked ? html("p", {}, "Its gradient is yours to find.") : pathSection(entry), masked ? null : checkSection(entry),
      entry.stale ? html("p", {}, "It got new values since the graph was recorded; they are not shown.") : known ? statistics(entry.value, "value") : html("p", { class: "muted" }, "Its value is not computed yet at this step."),
      masked || !g.gradientAt(entry, step).complete ? null : statistics(entry.gradient, "gradient"),
    ].filter((part) => part));
  });
})(glassgrad);
