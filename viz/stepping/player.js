// Moving through the steps: buttons, keys, the scrubber; and the settings of the page. Starts it all.
"use strict";
(function (g) {
  const { state } = g;
  const id = g.byElementId;
  const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
  const PAUSE = 1400;  // milliseconds from step to step at speed 1

  g.goTo = function (number) {
    state.step = Math.min(g.steps().length - 1, Math.max(0, number));
    if (state.step === g.steps().length - 1) stop();
    g.render();
  };

  let timer = 0;
  function stop() {
    clearTimeout(timer);
    state.playing = false;
  }
  function next() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      g.goTo(state.step + 1);
      if (state.playing) next();
    }, PAUSE / state.speed);
  }
  g.play = function (playing) {
    stop();
    if (playing) {
      if (state.step === g.steps().length - 1) state.step = 0;
      state.playing = true;
      next();
    }
    g.render();
  };
  g.setSpeed = function (change) {
    const at = SPEEDS.indexOf(state.speed);
    state.speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + change))];
    if (state.playing) next();
    g.render();
  };
  // By hand: playing ends.
  const by = (change) => () => {
    stop();
    g.goTo(state.step + change);
  };

  const actions = {
    first: () => by(-Infinity)(),
    previous: by(-1),
    play: () => g.play(!state.playing),
    next: by(1),
    last: () => by(Infinity)(),
    fit: () => g.fit(true),
    follow: () => {
      g.fit();
      g.render();
    },
    "zoom-in": () => g.zoom(1.25),
    "zoom-out": () => g.zoom(0.8),
    theme: () => setTheme(theme() === "dark" ? "light" : "dark"),
    help: () => {
      const dialog = id("help");
      if (dialog.open) dialog.close();
      else dialog.showModal();
    },
  };
  const keys = {
    ArrowRight: actions.next, ArrowLeft: actions.previous, " ": actions.play, Home: actions.first, End: actions.last,
    "+": () => g.setSpeed(1), "=": () => g.setSpeed(1), "-": () => g.setSpeed(-1), "?": actions.help, f: actions.fit, c: actions.follow, t: actions.theme,
    Escape: () => state.selected && g.select(null),
  };
  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || id("help").open && event.key !== "?") return;
    const { target } = event;
    const typing = target.closest("input:not([type=range]), select, textarea");
    if (typing && event.key !== "Escape") return;
    if (event.key === " " && target.closest("button, summary, a")) return;
    if (event.shiftKey && event.key.startsWith("Arrow")) return walk(event);
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
  // Shift and an arrow go along the wires: to the first input, to what takes the value, to the neighbours of both.
  function walk(event) {
    const here = document.activeElement && document.activeElement.getAttribute("data-entry");
    const { entries } = state.trace;
    let to = null;
    if (here === null || here === undefined) to = state.trace.root;
    else {
      const takers = g.derived.takers.get(here);
      const sources = g.entry(here).inputs.filter((x) => x.source !== null);
      const at = entries.findIndex((entry) => entry.id === here);
      if (event.key === "ArrowLeft") to = sources.length ? sources[0].source : null;
      else if (event.key === "ArrowRight") to = takers.length ? takers[0].gate : null;
      else to = (entries[at + (event.key === "ArrowDown" ? 1 : -1)] || { id: null }).id;
    }
    event.preventDefault();
    const node = [...document.querySelectorAll("#world .node")].find((n) => n.getAttribute("data-entry") === to);
    if (node) node.focus();
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Light and dark
  // -------------------------------------------------------------------------------------------------------------------

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  function setTheme(name) {
    document.documentElement.dataset.theme = name;
    id("theme").setAttribute("aria-pressed", String(name === "dark"));
  }

  // -------------------------------------------------------------------------------------------------------------------
  // The scrubber: a tick for each step
  // -------------------------------------------------------------------------------------------------------------------

  let ticksOf = null;
  function drawTicks() {
    const steps = g.steps();
    if (ticksOf === steps) return;
    ticksOf = steps;
    const last = Math.max(1, steps.length - 1);
    const at = (number) => Math.round((number / last) * 1e5) / 1e3;
    const ticks = id("ticks");
    const seed = steps.findIndex((step) => step.phase === "seed");
    const parts = [];
    const end = seed < 0 ? 100 : at(seed);
    parts.push(g.svg("rect", { x: "0%", width: `${end}%`, y: 8, height: 5, class: "forward" }));
    if (seed >= 0) parts.push(g.svg("rect", { x: `${end}%`, width: `${100 - end}%`, y: 8, height: 5, class: "backward" }));
    if (steps.length <= 400) for (const step of steps)
      parts.push(g.svg("line", { x1: `${at(step.number)}%`, x2: `${at(step.number)}%`, y1: step.phase === "seed" || !step.number ? 2 : 6, y2: 15, class: "tick" }));
    ticks.replaceChildren(...parts);
    id("scrubber").max = steps.length - 1;
    id("phase-backward").hidden = seed < 0;
    id("phases").style.gridTemplateColumns = seed < 0 ? "1fr" : `${seed}fr ${steps.length - 1 - seed}fr`;
  }

  g.onRender(function () {
    drawTicks();
    const step = g.step();
    const last = g.steps().length - 1;
    const scrubber = id("scrubber");
    scrubber.value = step.number;
    scrubber.setAttribute("aria-valuetext", `step ${step.number} of ${last}, ${step.phase === "seed" ? "start of the backward pass" : step.phase}`);
    id("count").textContent = `${step.number} / ${last}`;
    for (const [name, off] of [["first", !step.number], ["previous", !step.number], ["next", step.number === last], ["last", step.number === last]])
      id(name).setAttribute("aria-disabled", String(off));
    id("play").querySelector("path").setAttribute("d", state.playing ? "M3 1h4v14H3zM9 1h4v14H9z" : "M3 1v14l11-7z");
    id("play").setAttribute("aria-label", state.playing ? "Pause" : "Play");
    id("play").title = `${state.playing ? "Pause" : "Play"} (space)`;
    id("speed").value = String(state.speed);
    g.onCamera();
    const { boxes } = g.derived;
    if (boxes.size) {
      const open = [...boxes.values()].every((box) => !state.folded.has(box.id));
      const levels = [...id("depth").options].map((option) => Number(option.value)).filter((depth) => depth > 0);
      const same = levels.find((depth) => [...boxes.values()].every((box) => (box.depth >= depth) === state.folded.has(box.id)));
      id("depth").value = open ? "0" : same ? String(same) : "-1";
    }
  });
  g.onCamera = () => id("follow").setAttribute("aria-pressed", String(state.follow));

  function startDepth() {
    const depths = [...g.derived.boxes.values()].map((box) => box.depth);
    id("depth-label").hidden = !depths.length;
    const deepest = depths.reduce((a, b) => Math.max(a, b), 0);
    const options = [["-1", "some"], ["0", "all open"]];
    for (let depth = 1; depth <= Math.min(deepest, 12); depth++) options.push([String(depth), depth === 1 ? "all folded" : `${depth - 1} deep`]);
    id("depth").append(...options.map(([value, text]) => g.html("option", { value, hidden: value === "-1" ? "" : null }, text)));
    id("depth").addEventListener("change", (event) => Number(event.target.value) >= 0 && g.foldDepth(Number(event.target.value)));
  }

  // Called last, when every script has added what it has to add.
  g.start = function () {
    document.title = `${g.data.title} – step by step`;
    id("title").textContent = g.data.title;
    for (const box of g.data.folded) state.folded.add(box);
    g.derive();
    for (const [name, act] of Object.entries(actions)) id(name === "help" ? "help-button" : name).addEventListener("click", act);
    id("help-close").addEventListener("click", actions.help);
    id("scrubber").addEventListener("input", (event) => {
      stop();
      g.goTo(Number(event.target.value));
    });
    id("speed").append(...SPEEDS.map((speed) => g.html("option", { value: speed }, `${speed}×`)));
    id("speed").addEventListener("change", (event) => {
      state.speed = Number(event.target.value);
      if (state.playing) next();
    });
    document.addEventListener("keydown", onKey);
    startDepth();
    const asked = /^#step=(\d+|last)$/.exec(location.hash);
    if (asked) state.step = asked[1] === "last" ? g.steps().length - 1 : Math.min(Number(asked[1]), g.steps().length - 1);
    id("note").textContent = state.trace.note;
    id("note").hidden = !state.trace.note;
    document.documentElement.classList.add("scripted");
    g.render();
    g.startCamera();
    document.documentElement.dataset.ready = "";
  };
})(glassgrad);
