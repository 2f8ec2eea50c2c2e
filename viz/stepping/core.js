// The namespace of the page, its data, and numbers as a reader wants to see them.
//
// Everything on the page is a function of three things: the trace, which scopes are folded, and the step.
//
//   glassgrad.data        what Python wrote: {title, trace, layout, rules, running, full, folded}. Never changed.
//   glassgrad.state       what is shown now: {trace, step, folded, selected, playing, speed, follow}
//   glassgrad.render()    brings the page into line with the state; calls the functions given to onRender afterwards
//   glassgrad.setTrace(t) puts another trace of the same graph in place (edited inputs), and renders
//   glassgrad.mask        null, or a function (kind, id, position) => text: what stands in place of a gradient that the
//                         reader is to find. kind is "gradient" (of a value) or "sent" (along a wire); null shows it
"use strict";
const glassgrad = {};
(function (g) {
  g.data = JSON.parse(document.getElementById("data").textContent);
  g.state = { trace: g.data.trace, step: 0, folded: new Set(), selected: null, playing: false, speed: 1, follow: true };
  g.mask = null;
  g.byElementId = (id) => document.getElementById(id);

  const renderers = [];
  g.onRender = (f) => renderers.push(f);
  g.render = () => renderers.forEach((f) => f(g.state));
  g.setTrace = (trace) => {
    g.state.trace = trace;
    g.derive();
    g.render();
  };

  // -------------------------------------------------------------------------------------------------------------------
  // Making elements: text is only ever text
  // -------------------------------------------------------------------------------------------------------------------

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "onclick") element.addEventListener("click", value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
    }
    for (const child of children.flat(Infinity)) {
      if (child === null || child === undefined || child === false) continue;
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
    return element;
  }
  g.html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  g.svg = (tag, attributes, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  // -------------------------------------------------------------------------------------------------------------------
  // Numbers, as viz/format.py writes them
  // -------------------------------------------------------------------------------------------------------------------

  // Exact ties go to the even digit, as in Python; toFixed and toExponential send them up. Ties have few digits, so that
  // forty tell them from all other numbers.
  function toEven(up, exactly, length) {
    const down = exactly.slice(0, length);
    return /^50*$/.test(exactly.slice(length)) && "02468".includes(down[length - 1]) ? down : up;
  }
  function fixed(value) {
    const size = Math.abs(value);
    const exactly = size.toFixed(40);
    return (value < 0 ? "-" : "") + toEven(size.toFixed(2), exactly, exactly.indexOf(".") + 3);
  }
  function scientific(value, digits) {
    const size = Math.abs(value);
    const [up, down] = [digits, 40].map((n) => size.toExponential(n).split("e"));
    const mantissa = toEven(up[0], down[0], digits + 2);
    return `${value < 0 ? "-" : ""}${mantissa}e${Number((mantissa === up[0] ? up : down)[1])}`;
  }
  const odd = { nan: NaN, inf: Infinity, "-inf": -Infinity };
  // A number as the trace holds it: JSON has no NaN and no infinities.
  g.real = (x) => (typeof x === "string" && x in odd ? odd[x] : x);

  g.number = function (x, dtype) {
    const value = g.real(x);
    if (value === null || value === undefined) return "?";
    if (typeof value === "boolean") return value ? "True" : "False";
    if (typeof value === "object") {
      const imaginary = g.number(value.im);
      return `${g.number(value.re)}${imaginary.startsWith("-") ? "" : "+"}${imaginary}j`;
    }
    if (typeof value === "string") return value;
    if (Number.isNaN(value)) return "nan";
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    if (dtype && /^u?int/.test(dtype)) return Math.abs(value) < 100000 ? String(value) : scientific(value, 2);
    if (value === 0) return "0.00";
    if (Math.abs(value) < 0.01) return scientific(value, 1);
    if (Math.abs(value) >= 100000) return scientific(value, 2);
    return fixed(value);
  };

  g.isScalar = (numbers) => numbers !== null && numbers.shape.length === 0;
  // The number of a scalar; NaN for what is none.
  g.scalar = (numbers) => (numbers && numbers.values && numbers.values.length === 1 ? g.real(numbers.values[0]) : NaN);
  g.shape = (numbers) => `(${numbers.shape.join(", ")}${numbers.shape.length === 1 ? "," : ""})`;
  g.size = (numbers) => numbers.shape.reduce((a, b) => a * b, 1);

  function nested(values, shape, dtype) {
    let texts = values.map((x) => g.number(x, dtype));
    for (const length of [...shape].reverse()) {
      if (!length) return "empty";
      const rows = [];
      for (let i = 0; i < texts.length; i += length) rows.push(`[${texts.slice(i, i + length).join(", ")}]`);
      texts = rows;
    }
    return texts.length ? texts[0] : "empty";
  }
  // In one or two lines: the values if they are few, else a summary.
  g.lines = function (numbers) {
    if (numbers === null) return [];
    if (numbers.values && numbers.values.length <= g.data.full) return [nested(numbers.values, numbers.shape, numbers.dtype)];
    const odds = [[numbers.nans, "nan"], [numbers.infinities, "inf"]].filter(([n]) => n).map(([n, what]) => `${n} ${what}`);
    const magnitude = numbers.dtype.startsWith("complex") ? "|·| " : "";
    const found = odds.length ? [odds.join(", ")] : [];
    if (numbers.low !== null && numbers.low === numbers.high) {
      found.push(`${magnitude}${odds.length ? "else" : "all"} ${g.number(numbers.low)}`);
    } else if (numbers.mean !== null) {
      const centre = Math.abs(numbers.mean) > 1e-5 * numbers.std ? numbers.mean : 0;
      found.push(`${magnitude}${g.number(centre)} ± ${g.number(numbers.std)}`);
      found.push(`${g.number(numbers.low)} … ${g.number(numbers.high)}`);
    }
    return found;
  };
  // In a few words, for a sentence.
  g.words = function (numbers) {
    if (numbers === null) return "nothing";
    if (g.isScalar(numbers)) return g.lines(numbers)[0];
    return numbers.values && numbers.values.length <= g.data.full ? g.lines(numbers)[0] : `an array of shape ${g.shape(numbers)}`;
  };

  // The sum of arrays that are known in full, else null.
  g.sum = function (all) {
    if (all.length === 1) return all[0];
    if (all.some((x) => x === null || !x.values || x.values.some((v) => typeof g.real(v) !== "number"))) return null;
    const values = all[0].values.map((_, i) => all.reduce((total, x) => total + g.real(x.values[i]), 0));
    return g.summary(values, all[0].shape, all[0].dtype);
  };
  // What viz.numbers.Numbers.of gives for numbers that are known in full.
  g.summary = function (values, shape, dtype) {
    const finite = values.filter(Number.isFinite);
    const mean = finite.length ? finite.reduce((a, b) => a + b, 0) / finite.length : null;
    return {
      shape, dtype, values, mean,
      std: finite.length ? Math.sqrt(finite.reduce((a, b) => a + (b - mean) ** 2, 0) / finite.length) : null,
      low: finite.length ? Math.min(...finite) : null,
      high: finite.length ? Math.max(...finite) : null,
      nans: values.filter(Number.isNaN).length,
      infinities: values.filter((x) => !Number.isNaN(x) && !Number.isFinite(x)).length,
      zeros: values.filter((x) => x === 0).length,
    };
  };
})(glassgrad);
