// Editing the inputs: a box, buttons and a slider for each. Whatever changes, everything else follows from the new trace.
"use strict";
(function (g) {
  const { html } = g;
  const MANY = 60;  // inputs that get a row of their own

  // What a reader writes for a number: 0.5, 0,5, 1/2, 2e-3, -inf. NaN for what is none, unless it says nan.
  const WRITTEN = /^([-+]?)(\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|inf|nan)$/;
  g.readNumber = function (text) {
    const part = (word) => {
      const found = WRITTEN.exec(word);
      return found ? (found[1] === "-" ? -1 : 1) * (found[2] === "inf" ? Infinity : Number(found[2])) : null;
    };
    const parts = text.trim().toLowerCase().replace(/−/g, "-").replace(/,/g, ".").replace(/∞/g, "inf").split("/").map((word) => part(word.trim()));
    if (parts.includes(null) || parts.length > 2) return null;
    return parts.length === 2 ? parts[0] / parts[1] : parts[0];
  };
  g.EXAMPLES = "-0.5, 1/2 or 2e-3";

  // As few digits as say which number it is.
  function exact(x, dtype) {
    if (dtype === "float32") for (let digits = 6; digits < 9; digits++)
      if (Math.fround(Number(x.toPrecision(digits))) === x) return String(Number(x.toPrecision(digits)));
    return Number.isNaN(x) ? "nan" : Math.abs(x) === Infinity ? (x > 0 ? "inf" : "-inf") : Object.is(x, -0) ? "-0" : String(x);
  }

  const traced = g.data.trace;
  const refusal = g.refusal(traced);
  const rows = refusal === null ? g.editable(traced).slice(0, MANY).map(row) : [];
  const edits = new Map();
  g.state.editing = false;

  // The whole numbers and truth values of conditions stay what they are.
  function problem(x, dtype) {
    if (x === null) return `is no number; write one like ${g.EXAMPLES}`;
    if (dtype === "bool" && x !== 0 && x !== 1) return "is neither 0 (false) nor 1 (true)";
    if (/int/.test(dtype) && !Number.isInteger(x)) return "is no whole number";
    if (/^uint/.test(dtype) && x < 0) return "is negative";
    return "";
  }

  // -------------------------------------------------------------------------------------------------------------------
  // One input
  // -------------------------------------------------------------------------------------------------------------------

  function row(entry) {
    const { dtype } = entry.value;
    const start = Number(g.real(entry.value.values[0]));
    const whole = !/^float/.test(dtype);
    // A step changes the second digit; the slider reaches from minus to plus a round number that is well above.
    const magnitude = 10 ** Math.floor(Math.log10(Math.abs(start) || 1));
    const usual = Number.isFinite(start) && magnitude > 0 && Number.isFinite(magnitude * 1e3);
    const step = whole || !usual ? 1 : Number((magnitude / 10).toPrecision(1));
    const reach = usual ? [1, 2, 5, 10, 20].map((n) => n * magnitude).find((n) => n > 1.5 * Math.abs(start)) || 2 : 10;
    const name = g.clip(g.data.rules[traced.entries.indexOf(entry)].name);
    const box = html("input", { type: "text", role: "spinbutton", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
      "aria-label": name, "aria-describedby": `input-note-${entry.id}`, "data-input": entry.id });
    const slider = html("input", { type: "range", min: -reach, max: reach, step: whole ? 1 : "any", tabindex: -1, "aria-hidden": "true" });
    const note = html("p", { class: "input-note", id: `input-note-${entry.id}`, "aria-live": "polite" });
    const reset = html("button", { type: "button", class: "small", "aria-label": `Reset ${name}`, title: "Back to the number of the program (escape)", onclick: () => put(null) }, "↺");
    const button = (sign, change, what) => html("button", { type: "button", class: "small", tabindex: -1, "aria-label": `${what} ${name}`, onclick: () => move(change) }, sign);
    const element = html("div", { class: "input-row", "data-entry": entry.id }, html("b", { class: "input-name" }, name),
      html("span", { class: "stepper" }, button("−", -1, "Decrease"), box, button("+", 1, "Increase")), slider, html("div", { class: "input-foot" }, note, reset));

    const now = () => (edits.has(entry.id) ? edits.get(entry.id) : start);
    function put(x) {
      written.text = null;
      if (x === null || Object.is(x, start)) edits.delete(entry.id);
      else edits.set(entry.id, x);
      recompute();
    }
    function move(change) {
      const x = Number((now() + change * step).toPrecision(12));
      put(Number.isFinite(x) ? (Math.abs(x) < step / 1e6 ? 0 : x) : Math.sign(change) * step);
    }
    // What stands in the box, if that is no number that could be put in.
    const written = { text: null };
    box.addEventListener("input", () => {
      const x = g.readNumber(box.value);
      if (problem(x, dtype)) {
        written.text = box.value;
        update();
      } else {
        const { value } = box;
        put(x);
        box.value = value;  // as it is being written
      }
    });
    box.addEventListener("change", () => update());
    box.addEventListener("keydown", (event) => {
      const change = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
      if (event.key === "Escape") {
        event.stopPropagation();
        put(null);
      } else if (event.key === "Enter") {
        written.text = null;
        update();
      } else if (change) {
        event.preventDefault();
        move(event.shiftKey ? 10 * change : change);
      }
    });
    slider.addEventListener("keydown", (event) => event.key.startsWith("Arrow") && event.stopPropagation());
    slider.addEventListener("input", () => {
      const x = Number(slider.value);
      put(whole ? x : Number((Math.round(x / (step / 2)) * (step / 2)).toPrecision(12)));
    });

    function update() {
      const x = now();
      const edited = edits.has(entry.id);
      const wrong = written.text === null ? "" : `“${g.clip(written.text)}” ${problem(g.readNumber(written.text), dtype)}`;
      if (written.text === null) box.value = exact(x, dtype);
      if (Math.abs(x) > slider.max && Number.isFinite(x)) [slider.min, slider.max] = [-2 * Math.abs(x), 2 * Math.abs(x)];
      slider.value = Number.isFinite(x) ? x : 0;
      box.setAttribute("aria-invalid", String(wrong !== ""));
      for (const [key, value] of [["now", Number.isFinite(x) ? x : 0], ["text", exact(x, dtype)]]) box.setAttribute(`aria-value${key}`, value);
      element.classList.toggle("edited", edited);
      element.classList.toggle("wrong", wrong !== "");
      reset.hidden = !edited && !wrong;
      const said = wrong || (edited ? `edited, was ${g.number(start, dtype)}` : "");
      if (note.textContent !== said) note.textContent = said;
    }
    return { entry, element, update, clear: () => (written.text = null) };
  }

  // -------------------------------------------------------------------------------------------------------------------
  // All of them
  // -------------------------------------------------------------------------------------------------------------------

  function recompute() {
    g.setTrace(edits.size ? g.recompute(traced, edits) : traced);
  }
  // Put other values in place of some traced ones, all others back.
  g.setInputs = function (wanted) {
    edits.clear();
    for (const [id, x] of wanted) edits.set(id, x);
    rows.forEach((r) => r.clear());
    recompute();
  };
  g.inputRows = rows;
  g.edited = () => edits.size;

  const section = g.byElementId("inputs");
  const resetAll = html("button", { type: "button", id: "reset-inputs", onclick: () => g.setInputs([]) }, "Reset all");
  const odd = html("p", { class: "odd", id: "odd", role: "status" });
  section.append(html("h2", {}, "Inputs", resetAll), refusal === null
    ? html("p", { class: "muted" }, "Change a number, and everything is computed anew, forward and backward.")
    : html("p", { class: "muted", id: "refusal" }, `They cannot be edited in the page: ${refusal}. Change them in the program, and make the page again.`),
  html("div", { class: "input-rows" }, rows.map(({ element }) => element)), odd);
  const left = refusal === null ? g.editable(traced).length - rows.length : 0;
  if (left > 0) section.append(html("p", { class: "muted" }, `and ${left} more, which can be edited in the program`));
  const toggle = html("button", { type: "button", id: "edit-inputs", "aria-pressed": "false", "aria-controls": "inputs", title: "Change the inputs (e)", onclick: () => g.edit(!g.state.editing) }, "Inputs");
  g.byElementId("more-tools").append(toggle);
  g.edit = function (editing) {
    g.state.editing = editing;
    g.render();
    if (editing && rows.length) section.querySelector("input").focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=range]), select, textarea") || g.byElementId("help").open) return;
    event.preventDefault();
    g.edit(!g.state.editing);
  });

  const odds = new WeakMap();
  const oddOf = (trace) => {
    if (!odds.has(trace)) odds.set(trace, g.firstOdd(trace));
    return odds.get(trace);
  };
  // Where numbers stop being finite, in a sentence.
  function oddity(found) {
    const entry = g.entry(found.id);
    if (found.gradient) {
      const x = entry.inputs[found.position];
      return `⚠ The first gradient that is not finite: ${g.fullName(entry)}, sends ${g.words(x.gradient)} to ${g.nameOf(g.entry(x.source))}. `;
    }
    if (!g.isGate(entry)) return `⚠ ${g.nameOf(entry)} itself is ${g.words(entry.value)}. `;
    const inputs = entry.inputs.map((x) => (x.source === null ? g.number(x.number) : `${g.nameOf(g.entry(x.source))} = ${g.words(g.entry(x.source).value)}`));
    return `⚠ ${g.words(entry.value)} arises first in ${g.fullName(entry)}, from ${inputs.join(" and ")}. `;
  }
  function goTo(found) {
    const step = g.steps().find(({ phase, unit }) => unit && phase === (found.gradient ? "backward" : "forward") && unit.gates.includes(found.id));
    g.goTo(step ? step.number : 0);
    g.select({ id: found.id });
  }

  g.onRender(function (state) {
    section.hidden = Boolean(g.mask) || !(state.editing || (g.step().phase === "inputs" && refusal === null));
    // Nothing is said twice: the first step lists the inputs, too.
    const panel = g.byElementId("step-panel");
    const covered = !section.hidden && rows.length === state.trace.entries.filter((entry) => !g.isGate(entry)).length;
    panel.hidden = g.step().phase === "inputs" && covered && !panel.querySelector("p:not(.phase)");
    document.documentElement.classList.toggle("editing", state.editing);
    rows.forEach((r) => r.update());
    resetAll.hidden = !edits.size && !rows.some(({ element }) => element.classList.contains("wrong"));
    toggle.textContent = edits.size ? `Inputs: ${edits.size} edited` : "Inputs";
    toggle.setAttribute("aria-pressed", String(state.editing));
    toggle.disabled = Boolean(g.mask);
    const found = refusal === null && !g.mask ? oddOf(state.trace) : null;
    const said = found ? oddity(found) : "";
    if (odd.dataset.said !== said) {
      odd.dataset.said = said;
      odd.replaceChildren(said, ...(found ? [html("button", { type: "button", class: "small", onclick: () => goTo(oddOf(g.state.trace)) }, "Show")] : []));
    }
    const marks = new Map([...edits.keys()].map((id) => [id, "✎"]));
    if (found) marks.set(found.id, "⚠");
    for (const old of document.querySelectorAll("#world .mark")) old.remove();
    for (const [id, mark] of marks) {
      const outline = document.querySelector(`#world .node[data-entry="${CSS.escape(id)}"] .outline`);
      if (outline) outline.after(g.svg("text", { class: "mark", x: outline.getAttribute("x"), y: outline.getAttribute("y") }, mark));
    }
  });
})(glassgrad);
