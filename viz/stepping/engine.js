// Recomputing a graph in the page with other inputs: values, local derivatives, gradients, finite differences.
//
// It serves graphs whose values are single numbers. Everything here is a pure function of a trace (the format of
// viz/json_format.py), and gives another trace of the same graph; texts are made from that one as from any other.
//
//   g.gateRules           the operations that are known here, by name
//   g.refusal(trace)      why the page cannot recompute a trace, in a sentence; null if it can
//   g.editable(trace)     the entries that can get other values
//   g.recompute(trace, edits)   the trace as it would be if its inputs were other numbers: a Map from ids to numbers
//   g.firstOdd(trace)     where numbers stop being finite: {id, gradient, position}, or null
"use strict";
(function (g) {
  // -------------------------------------------------------------------------------------------------------------------
  // Gates
  // -------------------------------------------------------------------------------------------------------------------

  const { abs, exp, expm1, log, log1p, sqrt, sin, cos, tanh, hypot, PI, LN2, LN10, SQRT1_2 } = Math;
  // As in C and NumPy, where 1 to any power is 1, and -1 to an infinite one.
  const pow = (x, y) => (x === 1 || (x === -1 && abs(y) === Infinity) ? 1 : x ** y);
  // NaN stays NaN, and of two equal numbers the second is taken, as in the engine's gates.
  const larger = (x, y) => (x > y || x !== x ? x : y);
  const smaller = (x, y) => (x < y || x !== x ? x : y);
  const clip = (x, low, high) => smaller(larger(x, low), high);
  const sign = (x) => (x === 0 ? 0 : Math.sign(x));
  const sigmoid = (x) => (x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)));
  const softplus = (x) => larger(x, 0) + log1p(exp(-abs(x)));
  const polynomial = (coefficients, u) => coefficients.reduceRight((sum, c) => sum * u + c, 0);
  // The rational function of autograd/ops/activations.py, which says where it comes from.
  const P = [1.1283791670955123, 0.4874167660918001, 0.1372332442367935, 0.023973717220225427, 0.0030177621599195657,
    0.0002565614092238586, 1.4573505623954407e-5, 4.3464202902210346e-7, 2.706404972656428e-9];
  const Q = [1, 0.3408820137825887, 0.09075770794837551, 0.013566135829414915, 0.001576744012416233,
    0.00011115907371900349, 5.421460262405418e-6, 8.847065848383597e-8, 1.4421375028378263e-10];
  const erf = (x) => {
    const z = clip(x, -6, 6);
    return tanh((z * polynomial(P, z * z)) / polynomial(Q, z * z));
  };
  const bell = (x, width) => exp(-width * clip(x, -39, 39) ** 2);
  const normal = (x) => 0.5 * erf(x * SQRT1_2) + 0.5;
  // Mish, with w = e^x: tanh(ln(1 + w)) = n / (n + 2) where n = w (w + 2).
  const mish = (x) => {
    const w = exp(smaller(x, 20));
    const n = w * (w + 2);
    return { w, share: n / (n + 2), inverse: 1 / (n + 2) };
  };
  const [SCALE, CUBIC] = [sqrt(2 / PI), 0.044715];
  const bent = (x) => tanh(SCALE * x * (1 + CUBIC * x * x));
  const boundedLog = (p) => larger(p === 0 ? -100 : log(p), -100);
  // The number rather than NaN.
  const known = (choose) => (x, y) => (x !== x ? y : y !== y ? x : choose(x, y));
  // log_b(b^x + b^y) where the logarithm of b is known.
  const logOfSum = (x, y, lnb) => (x === y ? x + LN2 / lnb : larger(x, y) + log1p(exp(-abs(x - y) * lnb)) / lnb);
  const share = (x, y, lnb) => sigmoid((x === y ? 0 : x - y) * lnb);
  const orOne = (r) => (r === 0 ? 1 : r);
  const overSquare = (x, y, of) => of / orOne(hypot(x, y)) / orOne(hypot(x, y));
  const mod = (x, y) => {
    const rest = x % y;
    return rest && rest < 0 !== y < 0 ? rest + y : rest;
  };
  const roundToEven = (x) => (abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
  const minusQuotient = (x, y, out) => -roundToEven((x - out) / y);
  // A series of positive terms, each the one before times a ratio.
  const series = (first, ratio) => {
    let sum = first;
    for (let term = first, k = 1; term > 1e-17 * sum && sum < Infinity; k++) sum += term *= ratio(k);
    return sum;
  };
  const bessel = (x, order) => {
    if (!Number.isFinite(x)) return NaN;
    const quarter = (x * x) / 4;
    return (order ? x / 2 : 1) * series(1, (k) => quarter / (k * (k + order)));
  };
  const sinc = (x) => (x === 0 ? 1 : sin(PI * x) / (PI * x));
  // Near 0 the beginning of its Taylor series; the two terms of the formula would cancel.
  const sincSlope = (x) => {
    const u = PI * x;
    if (abs(u) > 1) return PI * ((cos(u) - sin(u) / u) / u);
    return -PI * u * polynomial([1 / 3, -1 / 30, 1 / 840, -1 / 45360, 1 / 3991680, -1 / 518918400, 1 / 93405312000], u * u);
  };
  const weight = (condition) => (condition ? 1 : 0);
  const leak = (x, below) => weight(x > 0) + (1 - weight(x > 0)) * below;

  // value: of the inputs; slopes: the local derivative for each input, of the inputs and the value, or null where there
  // is none. A gate that `routes` lets gradients through or not: where its slope is 0, even an infinite one is stopped.
  // At kinks and ties the slopes are those of the engine: half to each of two equal inputs, 0 for relu and abs at 0.
  const elementwise = {
    add: { value: (x, y) => x + y, slopes: [() => 1, () => 1] },
    subtract: { value: (x, y) => x - y, slopes: [() => 1, () => -1] },
    multiply: { value: (x, y) => x * y, slopes: [(x, y) => y, (x) => x] },
    divide: { value: (x, y) => x / y, slopes: [(x, y) => 1 / y, (x, y, out) => -out / y] },
    negative: { value: (x) => -x, slopes: [() => -1] },
    power: {
      value: pow,
      slopes: [(x, y) => (y !== 0 ? y * pow(x, y - 1) : 0), (x, y, out) => (x === 0 ? 0 : out * log(x))],
    },
    exp: { value: exp, slopes: [(x, out) => out] },
    log: { value: log, slopes: [(x) => 1 / x] },
    sqrt: { value: sqrt, slopes: [(x, out) => 0.5 / out] },
    sin: { value: sin, slopes: [cos] },
    cos: { value: cos, slopes: [(x) => -sin(x)] },
    tan: { value: Math.tan, slopes: [(x, out) => 1 + out * out] },
    arcsin: { value: Math.asin, slopes: [(x) => 1 / sqrt((1 - x) * (1 + x))] },
    arccos: { value: Math.acos, slopes: [(x) => -1 / sqrt((1 - x) * (1 + x))] },
    arctan: { value: Math.atan, slopes: [(x) => 1 / (1 + x * x)] },
    arctan2: { value: Math.atan2, slopes: [(y, x) => overSquare(x, y, x), (y, x) => -overSquare(x, y, y)] },
    sinh: { value: Math.sinh, slopes: [Math.cosh] },
    cosh: { value: Math.cosh, slopes: [Math.sinh] },
    tanh: { value: tanh, slopes: [(x, out) => 1 - out * out] },
    arcsinh: { value: Math.asinh, slopes: [(x) => 1 / sqrt(1 + x * x)] },
    arccosh: { value: Math.acosh, slopes: [(x) => 1 / (sqrt(x - 1) * sqrt(x + 1))] },
    arctanh: { value: Math.atanh, slopes: [(x) => 1 / ((1 - x) * (1 + x))] },
    exp2: { value: (x) => 2 ** x, slopes: [(x, out) => out * LN2] },
    expm1: { value: expm1, slopes: [exp] },
    log2: { value: Math.log2, slopes: [(x) => 1 / (x * LN2)] },
    log10: { value: Math.log10, slopes: [(x) => 1 / (x * LN10)] },
    log1p: { value: log1p, slopes: [(x) => 1 / (1 + x)] },
    logaddexp: { value: (x, y) => logOfSum(x, y, 1), slopes: [(x, y) => share(x, y, 1), (x, y) => share(y, x, 1)] },
    logaddexp2: { value: (x, y) => logOfSum(x, y, LN2), slopes: [(x, y) => share(x, y, LN2), (x, y) => share(y, x, LN2)] },
    square: { value: (x) => x * x, slopes: [(x) => 2 * x] },
    cbrt: { value: Math.cbrt, slopes: [(x, out) => 1 / (3 * out * out)] },
    hypot: { value: hypot, slopes: [(x, y, out) => x / orOne(out), (x, y, out) => y / orOne(out)] },
    remainder: { value: mod, slopes: [() => 1, minusQuotient] },
    fmod: { value: (x, y) => x % y, slopes: [() => 1, minusQuotient] },
    sinc: { value: sinc, slopes: [sincSlope] },
    i0: { value: (x) => bessel(x, 0), slopes: [(x) => bessel(x, 1)] },
    real: { value: (x) => x, slopes: [() => 1] },
    imag: { value: () => 0, slopes: [() => 0] },
    angle: { value: (x) => Math.atan2(0, x), slopes: [() => 0] },
    sigmoid: { value: sigmoid, slopes: [(x, out) => (1 - out) * out] },
    relu: { value: (x) => larger(x, 0), slopes: [(x) => weight(x > 0)], routes: true },
    absolute: { value: abs, slopes: [sign] },
    maximum: { value: larger, slopes: [(x, y, out) => won(x, y, out), (x, y, out) => won(y, x, out)], routes: true },
    minimum: { value: smaller, slopes: [(x, y, out) => won(x, y, out), (x, y, out) => won(y, x, out)], routes: true },
    fmax: { value: known(larger), slopes: [(x, y, out) => won(x, y, out), (x, y, out) => won(y, x, out)], routes: true },
    fmin: { value: known(smaller), slopes: [(x, y, out) => won(x, y, out), (x, y, out) => won(y, x, out)], routes: true },
    where: { value: (c, x, y) => (c !== 0 ? x : y), slopes: [null, (c) => weight(c !== 0), (c) => weight(c === 0)], routes: true },
    leaky_relu: {
      value: (x, slope) => (x > 0 ? x : slope * x),
      slopes: [leak, (x) => smaller(x, 0)],
    },
    hardtanh: {
      value: clip,
      slopes: [(x, low, high) => weight(x > low && x < high), (x, low, high) => weight(x <= low && low < high),
        (x, low, high) => weight(x >= high || low >= high)],
      routes: true,
    },
    hardsigmoid: { value: (x) => clip(x / 6 + 0.5, 0, 1), slopes: [(x) => weight(abs(x) < 3) / 6], routes: true },
    hardswish: {
      value: (x) => x * clip(x / 6 + 0.5, 0, 1),
      slopes: [(x) => clip(x / 6 + 0.5, 0, 1) + (clip(x, -3, 3) * weight(abs(x) < 3)) / 6],
    },
    elu: {
      value: (x, alpha) => (x > 0 ? x : alpha * expm1(x)),
      slopes: [(x, alpha) => leak(x, alpha * exp(smaller(x, 0))), (x) => exp(smaller(x, 0)) - 1],
    },
    softplus: { value: softplus, slopes: [sigmoid] },
    log_sigmoid: { value: (x) => smaller(x, 0) - log1p(exp(-abs(x))), slopes: [(x) => sigmoid(-x)] },
    silu: { value: (x) => x / (1 + exp(-x)), slopes: [(x, out) => sigmoid(x) + out * (1 - sigmoid(x))] },
    softsign: { value: (x) => x / (1 + abs(x)), slopes: [(x) => 1 / (1 + abs(x)) ** 2] },
    mish: {
      value: (x) => x * mish(x).share,
      slopes: [(x) => {
        const { w, share, inverse } = mish(x);
        return share + 4 * (smaller(x, 20) * (w * inverse)) * ((w + 1) * inverse);
      }],
    },
    erf: { value: erf, slopes: [(x) => bell(x, 1) * (2 / sqrt(PI))] },
    gelu: { value: (x) => x * normal(x), slopes: [(x) => normal(x) + (x * bell(x, 0.5)) / sqrt(2 * PI)] },
    gelu_tanh: {
      value: (x) => x * (0.5 * bent(clip(x, -10, 10)) + 0.5),
      slopes: [(x) => {
        const z = clip(x, -10, 10);
        const t = bent(z);
        return 0.5 * t + 0.5 + 0.5 * z * (1 - t * t) * SCALE * (1 + 3 * CUBIC * z * z);
      }],
    },
    binary_cross_entropy: {
      value: (p, t) => (t - 1) * larger(log1p(-p), -100) - t * larger(log(p), -100),
      slopes: [(p, t) => (p - t) / larger(p * (1 - p), 1e-12), (p) => boundedLog(1 - p) - boundedLog(p)],
    },
    binary_cross_entropy_with_logits: {
      value: (x, t) => larger(x, 0) - x * t + log1p(exp(-abs(x))),
      slopes: [(x, t) => sigmoid(x) - t, (x) => -x],
    },
  };
  function won(x, y, out) {
    return x === y ? 0.5 : weight(out === x);
  }

  // What other gates come to when there is but one number to sum, to sort, or to put into shape.
  const same = { value: (x) => x, slopes: [() => 1] };
  const extreme = { value: (x) => x, slopes: [(x) => (x === x ? 1 : NaN)] };
  const finite = (x) => (Number.isFinite(x) ? x : 0);
  const ofOne = {
    ...Object.fromEntries(["identity", "astype", "reshape", "transpose", "broadcast_to", "sum", "mean", "getitem"].map((name) => [name, same])),
    max: extreme,
    min: extreme,
    logsumexp: { value: (x) => log(exp(x - finite(x))) + finite(x), slopes: [(x, out) => exp(x - out)] },
  };
  g.gateRules = new Map(Object.entries({ ...elementwise, ...ofOne }));

  // Numbers are rounded to what they are kept in. Not all operations on smaller ones can be done to the last bit here.
  const roundings = { float64: (x) => x, float32: Math.fround };
  const kept = (dtype) => roundings[dtype] || roundings.float64;

  // -------------------------------------------------------------------------------------------------------------------
  // What can be recomputed
  // -------------------------------------------------------------------------------------------------------------------

  const isGate = (entry) => entry.kind === "gate";
  const number = (x) => {
    const value = g.real(x);
    return typeof value === "boolean" ? Number(value) : value;
  };
  const single = (numbers) => (numbers && numbers.values && numbers.values.length === 1 ? number(numbers.values[0]) : null);
  const listed = (words) => {
    const first = [...new Set(words)];
    return first.length > 4 ? `${first.slice(0, 3).join(", ")} and ${first.length - 3} others` : first.join(", ");
  };

  g.refusal = function (trace) {
    const called = (entry) => g.clip(entry.name || entry.label || entry.kind);
    const failed = trace.entries.find((entry) => entry.kind === "failed");
    if (failed) return "the program ended in an error, so there is no result to recompute";
    const arrays = trace.entries.filter((entry) => entry.value && !g.isScalar(entry.value));
    if (arrays.length) return `only graphs of single numbers are recomputed here, and there are arrays (${listed(arrays.filter((entry, i) => !i || !isGate(entry)).map(called))})`;
    const missing = trace.entries.filter((entry) => !isGate(entry) && entry.value === null);
    if (missing.length) return `the values that were used are not known any more (${listed(missing.map(called))})`;
    const odd = trace.entries.filter((entry) => entry.value && !(isGate(entry) ? /^float(32|64)$/ : /^(float(32|64)|u?int\d+|bool)$/).test(entry.value.dtype));
    if (odd.length) return `the page computes with float64 and float32, and there are ${listed(odd.map((entry) => entry.value.dtype))}`;
    const unknown = trace.entries.filter((entry) => isGate(entry) && !g.gateRules.has(entry.operation));
    if (unknown.length) return `only Python can recompute some of its gates (${listed(unknown.map((entry) => g.clip(entry.operation)))})`;
    const cut = trace.entries.filter((entry) => entry.kind === "detached" && entry.inputs.length && followed(trace, entry) === null);
    if (cut.length) return `some constants were computed from the graph, how is not recorded (${listed(cut.map(called))})`;
    if (!trace.entries.some(isGate)) return "nothing is computed here";
    return null;
  };
  // A constant cut off from a graph is its source's value, if that is what it was: then it changes with it. (One without a
  // name cannot: formulas call it by its number, as part of what the gates do.)
  function followed(trace, entry) {
    const source = trace.entries.find(({ id }) => id === entry.inputs[0].source);
    return entry.name && entry.inputs.length === 1 && Object.is(single(source.value), single(entry.value)) ? source.id : null;
  }

  g.editable = (trace) => trace.entries.filter((entry) => entry.kind === "variable" || (!isGate(entry) && entry.name && !entry.inputs.length));

  // -------------------------------------------------------------------------------------------------------------------
  // Recomputing
  // -------------------------------------------------------------------------------------------------------------------

  // The graph as lists: for every gate its place, its rule, and its inputs, as places or numbers.
  const programs = new WeakMap();
  function program(trace) {
    if (!programs.has(trace)) {
      const places = new Map(trace.entries.map((entry, i) => [entry.id, i]));
      const gates = [];
      const copies = [];
      trace.entries.forEach((entry, at) => {
        if (entry.kind === "detached" && entry.inputs.length) copies.push([at, places.get(entry.inputs[0].source)]);
        if (!isGate(entry)) return;
        const round = kept(entry.value && entry.value.dtype);
        const sources = entry.inputs.map((x) => (x.source === null ? -1 : places.get(x.source)));
        const numbers = entry.inputs.map((x) => (x.source === null ? round(number(x.number)) : 0));
        gates.push({ at, rule: g.gateRules.get(entry.operation), sources, numbers, round });
      });
      programs.set(trace, { places, gates, copies });
    }
    return programs.get(trace);
  }
  const given = (gate, values) => gate.sources.map((at, i) => (at < 0 ? gate.numbers[i] : values[at]));

  // Compute all gates that come after a place; exactly: in float64, while what is cut off from the graph stays as it is.
  function forward({ gates, copies }, values, after, exactly) {
    const constants = exactly ? [] : copies;
    let next = 0;
    for (const gate of gates) {
      for (; next < constants.length && constants[next][0] < gate.at; next++)
        values[constants[next][0]] = values[constants[next][1]];
      if (gate.at <= after) continue;
      const value = gate.rule.value(...given(gate, values));
      values[gate.at] = exactly ? value : gate.round(value);
    }
    return values;
  }

  g.recompute = function (trace, edits) {
    const graph = program(trace);
    const values = trace.entries.map((entry) => (isGate(entry) ? NaN : single(entry.value)));
    for (const [id, x] of edits) {
      const at = graph.places.get(id);
      values[at] = kept(trace.entries[at].value.dtype)(x);
    }
    forward(graph, values, -1, false);

    // Gradients, wherever there were some.
    const gradients = trace.entries.map(() => null);
    const root = graph.places.get(trace.root);
    gradients[root] = single(trace.entries[root].gradient);
    const sent = new Map();
    for (const gate of [...graph.gates].reverse()) {
      const inputs = given(gate, values);
      const upstream = gradients[gate.at];
      const flows = gate.sources.map((source, i) => {
        const slope = gate.rule.slopes[i];
        const local = slope ? gate.round(slope(...inputs, values[gate.at])) : null;
        const old = trace.entries[gate.at].inputs[i].gradient;
        if (old === null || slope === null || upstream === null) return { local, gradient: null };
        const gradient = kept(old.dtype)(gate.rule.routes && local === 0 ? 0 : upstream * local);
        gradients[source] = gradients[source] === null ? gradient : kept(old.dtype)(gradients[source] + gradient);
        return { local, gradient };
      });
      sent.set(gate.at, flows);
    }

    const like = (x, numbers) => (numbers === null || x === null ? null : g.summary([x], numbers.shape, numbers.dtype));
    const kinds = (x, numbers) => (numbers && numbers.dtype === "bool" ? Boolean(x) : x);
    const entries = trace.entries.map((entry, at) => ({
      ...entry,
      value: like(kinds(values[at], entry.value), entry.value),
      gradient: like(gradients[at], entry.gradient),
      inputs: entry.inputs.map((x, i) => {
        if (!sent.has(at)) return x;
        const { local, gradient } = sent.get(at)[i];
        return { ...x, gradient: like(gradient, x.gradient), local: like(local, x.local) };
      }),
    }));
    return checked({ ...trace, entries }, graph, values);
  };

  // -------------------------------------------------------------------------------------------------------------------
  // Finite differences, as viz/checks.py has them; each is computed when it is looked at
  // -------------------------------------------------------------------------------------------------------------------

  const STEP = 6e-6;
  const EPSILON = 2 ** -52;

  function check(graph, trace, values, at) {
    const root = graph.places.get(trace.root);
    const seed = single(trace.entries[root].gradient);
    const start = values[at];
    const analytic = single(trace.entries[at].gradient);
    const answer = (numeric, verdict) => ({ numeric, analytic, along: "x", verdict });
    if (!Number.isFinite(start)) return answer(NaN, "unsure");
    const base = forward(graph, [...values], -1, true);
    const result = (x) => {
      const moved = [...base];
      moved[at] = x;
      return seed * forward(graph, moved, at, true)[root];
    };
    const middle = seed * base[root];
    const sides = (step) => [(result(start + step) - middle) / step, (middle - result(start - step)) / step];
    const tolerance = [root, at].some((i) => trace.entries[i].value.dtype === "float32") ? 2e-3 : 1e-5;
    function estimate(step) {
      const [up, down] = sides(step);
      const numeric = (up + down) / 2;
      const size = larger(abs(numeric), abs(analytic));
      const noise = (8 * EPSILON * abs(middle)) / step;
      const allowed = tolerance * size + noise + 1e-10;
      if (![numeric, analytic, noise].every(Number.isFinite) || noise > 0.1 * larger(size, 1e-6)) return answer(numeric, "unsure");
      // One-sided differences of a smooth function come closer to each other with a smaller step.
      if (abs(up - down) > 10 * allowed) {
        const nearer = sides(step / 8);
        if (abs(nearer[0] - nearer[1]) > 0.5 * abs(up - down))
          return answer(numeric, smaller(up, down) - allowed <= analytic && analytic <= larger(up, down) + allowed ? "kink" : "differs");
      }
      return answer(numeric, abs(numeric - analytic) <= allowed ? "agrees" : "differs");
    }
    const step = STEP * larger(abs(start), 1e-2);
    const first = estimate(step);
    if (first.verdict === "agrees" || first.verdict === "kink") return first;
    return [step / 16, step * 16, STEP * abs(start)].filter((other) => other > 0).map(estimate)
      .find(({ verdict }) => verdict === "agrees" || verdict === "kink") || first;
  }
  // Wherever the trace had one.
  function checked(trace, graph, values) {
    trace.entries.forEach((entry, at) => {
      if (!entry.check) return;
      let found = null;
      Object.defineProperty(entry, "check", { enumerable: true, get: () => (found = found || check(graph, trace, values, at)) });
    });
    return trace;
  }

  // -------------------------------------------------------------------------------------------------------------------
  // NaN and infinity
  // -------------------------------------------------------------------------------------------------------------------

  // The first value that is not finite though all it is computed from is; else the first such gradient on its way back.
  g.firstOdd = function (trace) {
    const byId = new Map(trace.entries.map((entry) => [entry.id, entry]));
    const odd = (numbers) => numbers !== null && numbers.nans + numbers.infinities > 0;
    const value = trace.entries.find((entry) => odd(entry.value) && !entry.inputs.some((x) => x.source !== null && odd(byId.get(x.source).value)));
    if (value) return { id: value.id, gradient: false, position: null };
    for (const entry of [...trace.entries].reverse()) {
      const position = entry.inputs.findIndex((x) => odd(x.gradient));
      if (position >= 0) return { id: entry.id, gradient: true, position };
    }
    return null;
  };
})(glassgrad);
