// Practice: gradients (and values, on choice) are hidden, asked for one by one in the order of the walk, and marked.
//
// What is asked, what is right and what is said of an answer are pure functions of the trace; the rest is the section in
// which it happens. Nothing that is still to be found is in the document.
"use strict";
(function (g) {
  const { html } = g;
  const id = g.byElementId;

  // -------------------------------------------------------------------------------------------------------------------
  // Questions
  // -------------------------------------------------------------------------------------------------------------------

  const places = new Map(g.data.trace.entries.map((entry, i) => [entry.id, i]));
  const rule = (entry) => g.data.rules[places.get(entry.id)];
  const known = (numbers) => numbers !== null && g.isScalar(numbers) && typeof g.real(numbers.values[0]) === "number";

  // All that can be asked: {kind, id, gate, position}. "value": of a gate; "sent": by a gate to one of its inputs; "sum": of
  // what several gates sent to a value.
  g.questionsOf = function (trace, withValues) {
    const gates = trace.entries.filter((entry) => entry.kind === "gate");
    const found = withValues ? gates.filter((gate) => known(gate.value)).map((gate) => ({ kind: "value", id: gate.id, gate: gate.id, position: null })) : [];
    const waiting = new Map();
    for (const gate of gates) for (const x of gate.inputs) if (x.gradient !== null) waiting.set(x.source, (waiting.get(x.source) || 0) + 1);
    const forks = new Set([...waiting].filter(([, n]) => n > 1).map(([source]) => source));
    for (const gate of [...gates].reverse()) {
      const complete = [];
      gate.inputs.forEach((x, position) => {
        if (x.gradient === null) return;
        if (known(x.gradient)) found.push({ kind: "sent", id: x.source, gate: gate.id, position });
        waiting.set(x.source, waiting.get(x.source) - 1);
        if (!waiting.get(x.source) && forks.has(x.source)) complete.push(x.source);
      });
      for (const source of complete) if (known(g.entry(source).gradient)) found.push({ kind: "sum", id: source, gate: gate.id, position: null });
    }
    return found;
  };

  const input = (question) => g.entry(question.gate).inputs[question.position];
  const answerTo = (question) => g.scalar(question.kind === "sent" ? input(question).gradient : g.entry(question.id)[question.kind === "sum" ? "gradient" : "value"]);
  const parts = (question) => g.derived.parts.get(question.id).sent.map(g.scalar);
  // A number as it stands on the page, as a number.
  const shown = (x) => Number(g.number(x).replace("inf", "Infinity"));

  // Right is what agrees to the digits that are shown, or to 1 %; or what comes out if one reckons with what is shown.
  const close = (a, b) => Object.is(a, b) || a === b || g.number(a) === g.number(b) || (Number.isFinite(b) && Math.abs(a - b) <= 0.01 * Math.abs(b));
  function reckoned(question) {
    if (question.kind === "sum") return parts(question).map(shown).reduce((a, b) => a + b, 0);
    if (question.kind === "value" || !known(input(question).local)) return NaN;
    return shown(g.scalar(g.entry(question.gate).gradient)) * shown(g.scalar(input(question).local));
  }
  g.isClose = close;
  g.isRight = (question, answer) => close(answer, answerTo(question)) || (!Number.isNaN(answer) && close(answer, reckoned(question)));

  // What may have gone wrong.
  function remark(question, answer) {
    const right = answerTo(question);
    if (right !== 0 && close(-answer, right)) return "The size is right, the sign is not.";
    if (question.kind === "sum" && parts(question).some((x) => close(answer, x))) return "That is one part of it: add up what all branches send back.";
    if (question.kind !== "sent") return "";
    const { local } = input(question);
    if (known(local) && close(answer, g.scalar(local))) return "That is the local derivative: multiply it by the upstream gradient.";
    if (close(answer, g.scalar(g.entry(question.gate).gradient))) return "That is the upstream gradient: multiply it by the local derivative.";
    return "";
  }

  const named = (entry) => g.nameOf(entry);
  const theGate = (question) => `the ${g.clip(gateOf(question).label)} gate ${named(gateOf(question))}`;
  const gateOf = (question) => g.entry(question.gate);
  function asked(question) {
    if (question.kind === "value") return `What does ${theGate(question)} give?`;
    if (question.kind === "sum") return `All ${parts(question).length} parts have arrived at ${named(g.entry(question.id))}. What is its gradient?`;
    const part = g.derived.parts.get(question.id).ends.length > 1 ? ", as one part of its gradient" : "";
    return `What does ${theGate(question)} send back to ${inputName(question)}${part}?`;
  }
  const inputName = (question) => {
    const gate = gateOf(question);
    const again = gate.inputs.filter((x) => x.source === question.id).length > 1;
    return `${named(g.entry(question.id))}${again ? ` (its input ${question.position + 1})` : ""}`;
  };
  function given(question) {
    const gate = gateOf(question);
    const about = [];
    if (question.kind === "sum") return parts(question).map((x, i) => [`from ${named(g.entry(g.derived.parts.get(question.id).ends[i].gate))}`, g.number(x), "gradient"]);
    if (question.kind === "sent") about.push(["upstream", g.words(gate.gradient), "gradient"]);
    const seen = new Set();
    for (const x of gate.inputs) if (x.source !== null && !seen.has(x.source)) {
      seen.add(x.source);
      about.push([named(g.entry(x.source)), g.words(g.entry(x.source).value), "value"]);
    }
    if (question.kind === "sent") about.push([named(gate), g.words(gate.value), "value"]);
    return about;
  }
  // One after the other: what gates of this kind do; the local derivative, or the sum, with numbers.
  function hint(question, number) {
    const gate = gateOf(question);
    if (question.kind === "sum") return number === 1 ? ["Where a value goes into several gates, their gradients add up."]
      : [parts(question).map((x, i) => (i && (x < 0 || Object.is(x, -0)) ? `(${g.number(x)})` : g.number(x))).join(" + ")];
    if (question.kind === "value") return number === 1 ? ["The gate computes ", g.formula(rule(gate).rule) || g.formula(rule(gate).formula) || gate.label]
      : [g.substituted(gate, rule(gate).put) || `its inputs are ${given(question).map(([, text]) => text).join(" and ")}`];
    if (number === 1) return [sentence(rule(gate).pattern || "The gate multiplies the upstream gradient by its local derivative")];
    const back = (rule(gate).back || [])[question.position] || {};
    const { local } = input(question);
    const formula = g.formula(back.rule) || g.formula(back.local);
    const here = g.substituted(gate, back.put) || (known(local) ? html("b", {}, g.number(g.scalar(local))) : null);
    return ["The local derivative: ", formula, formula && here ? ", here " : "", here];
  }
  const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

  // -------------------------------------------------------------------------------------------------------------------
  // The course of it
  // -------------------------------------------------------------------------------------------------------------------

  let run = null;    // {questions, at, withValues, results, tries, hints, said, trace, folded}
  let hidden = new Set();  // the keys of what is still to be found
  let offered = false;
  const HOW = { first: "at the first try", later: "after another try", hint: "with a hint", revealed: "revealed" };

  const key = (question) => `${question.kind} ${question.kind === "sent" ? `${question.gate} ${question.position}` : question.id}`;
  // What is not answered yet is hidden.
  function hide(kind, entry, position) {
    const open = (k) => hidden.has(k);
    if (kind === "sent") return open(`sent ${entry} ${position}`) ? "?" : null;
    const { ends } = g.derived.parts.get(entry);
    const part = ends.length === 1 && open(`sent ${ends[0].gate} ${ends[0].position}`);
    return part || open(`sum ${entry}`) ? "?" : null;
  }
  const question = () => run.questions[run.at];
  const stepOf = (q) => g.steps().findIndex(({ phase, unit }) => unit && phase === (q.kind === "value" ? "forward" : "backward") && unit.gates.includes(q.gate));

  // While something is asked, the walk goes no further than to there, and nothing folds.
  const free = {};
  function restrain() {
    for (const name of ["goTo", "setFolded", "foldDepth", "toggleFold"]) free[name] = g[name];
    g.goTo = (number) => free.goTo(run.at < run.questions.length ? Math.min(number, stepOf(question())) : number);
    for (const name of ["setFolded", "foldDepth", "toggleFold"]) g[name] = () => g.render();
  }
  function release() {
    Object.assign(g, free);
  }

  function begin(withValues) {
    if (run) end();
    const folded = g.state.folded;
    g.play(false);
    g.setFolded(new Set());
    const questions = g.questionsOf(g.state.trace, withValues);
    run = { questions, at: 0, withValues, results: [], tries: 0, hints: 0, said: "", trace: g.state.trace, folded };
    hidden = new Set(questions.map(key));
    g.mask = hide;
    offered = true;
    restrain();
    ask();
  }
  // Go to the current question; a value that is asked for leaves the trace until it is found.
  function ask() {
    Object.assign(run, { tries: 0, hints: 0 });
    if (run.at < run.questions.length) {
      const q = question();
      g.state.selected = null;
      g.state.step = stepOf(q);
      const without = (entry) => (q.kind === "value" && entry.id === q.id ? { ...entry, value: null } : entry);
      g.setTrace(q.kind === "value" ? { ...run.trace, entries: run.trace.entries.map(without) } : run.trace);
    } else {
      release();
      g.mask = null;
      g.state.step = g.steps().length - 1;
      g.setTrace(run.trace);
    }
    show();
  }
  function end() {
    if (!run) return;
    const { trace, folded } = run;
    release();
    run = null;
    g.mask = null;
    g.state.folded = folded;
    g.setTrace(trace);
  }
  function finish(how, said) {
    hidden.delete(key(question()));
    run.results.push({ question: question(), how });
    run.said = said;
    run.at += 1;
    ask();
  }
  // The answer that is still outside of the document, as a text.
  function solution() {
    const q = question();
    const entry = run.trace.entries[places.get(q.id)];
    return g.number(q.kind === "value" ? g.scalar(entry.value) : answerTo(q));
  }
  function check(text) {
    const q = question();
    const answer = g.readNumber(text);
    if (answer === null) {
      run.said = text.trim() ? `“${g.clip(text)}” is no number; write one like ${g.EXAMPLES}.` : `Write a number, like ${g.EXAMPLES}.`;
      return show(text);
    }
    const hiddenValue = q.kind === "value" ? g.state.trace : null;
    if (hiddenValue) withWhole(() => mark(q, answer, text));
    else mark(q, answer, text);
  }
  function withWhole(act) {
    g.state.trace = run.trace;
    g.derive();
    act();
  }
  function mark(q, answer, text) {
    const exactly = solution();
    if (g.isRight(q, answer)) {
      const how = run.hints ? "hint" : run.tries ? "later" : "first";
      return finish(how, `✓ Right: ${exactly}.`);
    }
    run.tries += 1;
    const about = remark(q, answer);
    run.said = `✗ ${text.trim()} is not it. ${about || "Try again, or take a hint."}`;
    const { tries, hints, said } = run;
    if (q.kind === "value") {
      ask();
      Object.assign(run, { tries, hints, said });
    }
    show(text);
  }
  function giveHint() {
    if (run.hints < 2) {
      run.hints += 1;
      run.said = "";
      show(id("answer").value);
    } else reveal();
  }
  function reveal() {
    const q = question();
    const said = `It is ${solution()}.`;
    if (q.kind === "value") withWhole(() => finish("revealed", said));
    else finish("revealed", said);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // What it comes to
  // -------------------------------------------------------------------------------------------------------------------

  const count = (how) => run.results.filter((result) => result.how === how).length;
  const score = () => Object.keys(HOW).filter((how) => how === "first" || count(how)).map((how) => `${count(how)} ${HOW[how]}`).join(", ");
  // By kinds of gates: what was found at the first try, worst first.
  function byKind() {
    const found = new Map();
    for (const { question: q, how } of run.results) {
      const name = q.kind === "sum" ? "branches that meet" : gateOf(q).operation;
      const about = q.kind === "sum" ? "Where a value goes into several gates, their gradients add up." : sentence(rule(gateOf(q)).pattern || "upstream × local");
      const row = found.get(name) || { name, about, asked: 0, first: 0 };
      row.asked += 1;
      row.first += how === "first" ? 1 : 0;
      found.set(name, row);
    }
    return [...found.values()].sort((a, b) => a.first / a.asked - b.first / b.asked);
  }
  function results() {
    const lines = [`${g.data.title}: ${run.results.length} questions, ${score()}`];
    for (const { name, asked: n, first } of byKind()) lines.push(`${name}: ${first} of ${n} at the first try`);
    return lines.join("\n");
  }
  function copy(event) {
    const area = id("results");
    area.hidden = false;
    area.value = results();
    area.focus();
    area.select();
    let copied = false;
    try {
      copied = document.execCommand("copy");
    } catch {
      // Then by hand: the text is there, and selected.
    }
    event.target.textContent = copied ? "Copied" : "Copy with Ctrl+C";
  }
  // The same graph with other numbers: whole ones and halves, none of them 0, such that answers are easy to write down.
  function otherNumbers() {
    const { withValues } = run;
    end();
    const inputs = g.inputRows.map(({ entry }) => entry).filter((entry) => entry.kind === "variable" && /^float/.test(entry.value.dtype));
    const pick = (entry, i) => {
      const size = (Math.floor(Math.random() * 6) + 1) / 2;
      const sign = i % 2 ? Math.sign(g.scalar(entry.value)) || 1 : Math.random() < 0.5 ? -1 : 1;
      return [entry.id, sign * size];
    };
    const handy = (numbers) => numbers === null || (Math.abs(g.scalar(numbers)) >= 0.05 && Math.abs(g.scalar(numbers)) < 100);
    const unhandy = (edits) => {
      const trace = g.recompute(g.data.trace, new Map(edits));
      return (g.firstOdd(trace) ? 1000 : 0) + trace.entries.filter((entry) => !handy(entry.value) || !handy(entry.gradient)).length;
    };
    const tries = Array.from({ length: 40 }, (_, i) => inputs.map((entry) => pick(entry, i))).map((edits) => [unhandy(edits), edits]);
    g.setInputs(tries.reduce((a, b) => (b[0] < a[0] ? b : a))[1]);
    begin(withValues);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // The section
  // -------------------------------------------------------------------------------------------------------------------

  const section = id("practice");
  const button = (text, act, attributes) => html("button", { type: "button", onclick: act, ...attributes }, text);
  const toggle = button("Practice", () => g.practise(!offered), { id: "practise", "aria-pressed": "false", "aria-controls": "practice", title: "Find the gradients yourself (p)" });
  id("more-tools").append(toggle);

  g.practise = function (on) {
    offered = on;
    if (!on) end();
    g.render();
    show();
    if (!on) toggle.focus();
  };

  function offer() {
    const n = g.questionsOf(g.state.trace, false).length;
    if (!n) return [html("h2", {}, "Practice"), html("p", { class: "muted" }, "There is no gradient here that is a single number, so there is nothing to ask.")];
    return [html("h2", {}, "Practice"),
      html("p", {}, `The gradients are hidden, and you find them: ${n} numbers, in the order of the backward pass. Two hints each, if you like.`),
      html("p", { class: "choices" }, button("Gradients", () => begin(false), { id: "start-gradients" }), button("Values and gradients", () => begin(true), { id: "start-values" }),
        button("Print a worksheet", () => g.printWorksheet(), { id: "worksheet" }))];
  }
  function questionParts(text) {
    const q = question();
    const total = run.questions.length;
    const box = html("input", { type: "text", id: "answer", inputmode: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": "Your answer",
      "aria-describedby": "asked given", "aria-invalid": String(run.said.startsWith("✗") || run.said.startsWith("“")) });
    box.value = text || "";
    // No form: frames that run scripts need not allow forms.
    const form = html("div", { class: "answer" }, box, button("Check", () => check(box.value), { id: "check" }));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      check(box.value);
    });
    if (!run.hints) hints.replaceChildren();
    for (let i = hints.children.length + 1; i <= run.hints; i++) hints.append(html("p", { class: "hint" }, html("span", { class: "caption" }, `hint ${i}: `), hint(q, i)));
    return [[html("h2", {}, "Practice", html("span", { class: "muted small" }, `${run.at + 1} of ${total}`), button("End", () => g.practise(false), { id: "end-practice", class: "small" })),
      html("progress", { max: total, value: run.at, "aria-label": "answered" }),
      html("p", { class: "muted", id: "score" }, score()),
      html("p", { class: "question", id: "asked" }, asked(q)),
      html("p", { id: "given", class: "given" }, given(q).map(([name, amount, kind]) => html("span", {}, `${name} `, html("b", { class: kind }, amount)))),
      form],
    [html("p", { class: "choices" }, button(run.hints < 2 ? `Hint ${run.hints + 1} of 2` : "Reveal", giveHint, { id: "hint" }), run.hints < 2 ? button("Reveal", reveal, { id: "reveal" }) : null)]];
  }
  function summaryParts() {
    const kinds = byKind();
    const weak = kinds.filter(({ first, asked: n }) => first < n);
    hints.replaceChildren();
    return [[html("h2", { id: "done", tabindex: -1 }, "Practice: done", button("Close", () => g.practise(false), { id: "end-practice", class: "small" })),
      html("p", { id: "score" }, `${run.results.length} questions: ${score()}.`)],
    [html("table", { class: "kinds" }, html("caption", {}, "found at the first try"), kinds.map(({ name, asked: n, first }) => html("tr", {}, html("th", { scope: "row" }, name), html("td", {}, `${first} of ${n}`)))),
      weak.length ? html("div", { id: "revise" }, html("h3", {}, "look at these again"), html("ul", {}, weak.map(({ about }) => html("li", {}, about)))) : html("p", {}, "Everything at the first try. Well done!"),
      html("p", { class: "choices" }, button("Again", () => begin(run.withValues), { id: "again" }), g.inputRows.length ? button("Other numbers", otherNumbers, { id: "other-numbers" }) : null,
        button("Copy results", copy, { id: "copy-results" })),
      html("textarea", { id: "results", rows: 4, readonly: "", hidden: "", "aria-label": "Results" })]];
  }

  const feedback = html("p", { id: "feedback", role: "status", "aria-live": "polite" });
  const hints = html("div", { role: "status", "aria-live": "polite", id: "hints" });
  const [above, below] = [html("div", {}), html("div", {})];
  section.append(above, feedback, hints, below);
  function show(text) {
    section.hidden = !offered;
    toggle.setAttribute("aria-pressed", String(offered));
    document.documentElement.classList.toggle("practising", offered);
    const done = run && run.at >= run.questions.length;
    if (!run) hints.replaceChildren();
    const [first, second] = !offered ? [[], []] : run ? (done ? summaryParts() : questionParts(text)) : [offer(), []];
    above.replaceChildren(...first);
    feedback.textContent = run ? run.said : "";
    feedback.className = feedback.textContent.startsWith("✓") ? "right" : feedback.textContent.startsWith("✗") ? "not" : "";
    below.replaceChildren(...second.filter((part) => part));
    const focus = offered && (section.querySelector("#answer") || section.querySelector("#done") || section.querySelector("#start-gradients"));
    if (focus) focus.focus();
    if (focus && text) focus.select();
  }

  // What a step says would give the answer away.
  g.onRender(function () {
    const asking = run && run.at < run.questions.length;
    if (asking && g.step().number === stepOf(question())) id("step-panel").hidden = true;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "p" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=range]), select, textarea") || id("help").open) return;
    event.preventDefault();
    g.practise(!offered);
  });

  // -------------------------------------------------------------------------------------------------------------------
  // On paper
  // -------------------------------------------------------------------------------------------------------------------

  function tidy() {
    for (const event of ["afterprint", "pointerdown", "keydown"]) window.removeEventListener(event, tidy);
    if (id("sheet")) id("sheet").remove();
    document.documentElement.classList.remove("worksheet");
  }
  // Blanks on the wires of a copy of the graph, and the answers on a second page.
  g.printWorksheet = function () {
    end();
    const questions = g.questionsOf(g.state.trace, false);
    const before = { step: g.state.step, folded: g.state.folded };
    hidden = new Set(questions.map(key));
    g.mask = (...what) => (hide(...what) ? "______" : null);
    g.setFolded(new Set());
    g.state.step = g.steps().length - 1;
    g.state.selected = null;
    g.setTrace(g.state.trace);
    const world = id("world");
    const { x, y, width, height } = world.getBBox();
    const copied = world.cloneNode(true);
    for (const name of ["style", "transform", "width", "height"]) copied.removeAttribute(name);
    copied.setAttribute("viewBox", [x - 8, y - 8, width + 16, height + 16].map(Math.round).join(" "));
    copied.style.maxWidth = `${Math.round(1.5 * (width + 16))}px`;
    for (const node of copied.querySelectorAll(".active, .upstream")) node.classList.remove("active", "backward", "upstream");
    for (const part of copied.querySelectorAll("#arrows")) part.remove();
    g.mask = null;
    g.state.folded = before.folded;
    g.derive();
    g.state.step = before.step;
    g.render();
    const rows = questions.map((q) => html("tr", {}, html("td", {}, asked(q)), html("td", { class: "gradient" }, g.number(answerTo(q)))));
    const sheet = html("div", { id: "sheet" }, html("h1", {}, g.data.title), html("p", {}, "Fill in the gradients: begin with 1.00 at the output and go back, gate by gate. Where branches meet, they add up."),
      copied, html("section", { class: "key" }, html("h1", {}, `${g.data.title}: key`), html("table", {}, rows)));
    document.body.append(sheet);
    document.documentElement.classList.add("worksheet");
    // Where nothing can be printed (in some frames) no event says that it is over.
    for (const event of ["afterprint", "pointerdown", "keydown"]) window.addEventListener(event, tidy);
    if (window.self !== window.top) feedback.textContent = "If nothing is printed from here, open the page on its own.";
    window.print();
  };
})(glassgrad);
