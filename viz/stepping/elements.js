// Pointing at one element of a small array marks the elements that it is computed from, or that it contributes to; with
// gradients, those that its gradient comes from, or goes to.
"use strict";
(function (g) {
  // Flat indices and back.
  const places = (index, shape) => {
    const found = [];
    for (const length of [...shape].reverse()) {
      found.unshift(index % length);
      index = Math.floor(index / length);
    }
    return found;
  };
  const flat = (place, shape) => place.reduce((index, p, axis) => index * shape[axis] + p, 0);
  const all = (shape) => Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);

  // The elements of an input that an element of the result depends on; null where the page does not know.
  g.elementsFor = function (gate, position, index) {
    const x = gate.inputs[position];
    if (x.source === null || gate.value === null || g.entry(x.source).value === null) return null;
    const { shape } = g.entry(x.source).value;
    const place = places(index, gate.value.shape);
    // Broadcasting: axes are added in front, and of length 1 stretched.
    if (g.operation(gate).kind === "elementwise")
      return [flat(place.slice(place.length - shape.length).map((p, axis) => (shape[axis] === 1 ? 0 : p)), shape)];
    if (gate.operation === "matmul") {
      const others = gate.inputs.map((other) => g.entry(other.source).value.shape);
      if (others.some(({ length }) => length > 2)) return null;
      const row = others[0].length === 2 ? place[0] : null;
      const column = others[1].length === 2 ? place[place.length - 1] : null;
      return all(shape).filter((i) => {
        const [first, last] = [places(i, shape)[0], places(i, shape)[shape.length - 1]];
        return shape.length < 2 || (position === 0 ? first === row : last === column);
      });
    }
    if ((gate.operation === "sum" || gate.operation === "mean") && g.isScalar(gate.value)) return all(shape);
    return null;
  };

  const panel = g.byElementId("step-panel");
  function mark(cell) {
    for (const old of panel.querySelectorAll(".pointed, .related")) old.classList.remove("pointed", "related");
    const figure = cell && cell.closest("[data-result], [data-input]");
    const { unit } = g.step();
    if (!figure || !unit || unit.fold !== null) return;
    const gate = g.entry(unit.gates[0]);
    const cells = (of) => [...of.querySelectorAll("td")];
    const index = cells(figure).indexOf(cell);
    cell.classList.add("pointed");
    const related = (of, wanted) => cells(of).forEach((other, i) => wanted(i) && other.classList.add("related"));
    const from = (position, i) => g.elementsFor(gate, position, i) || [];
    if ("result" in figure.dataset)
      for (const of of panel.querySelectorAll("[data-input]")) {
        const elements = new Set(from(Number(of.dataset.input), index));
        related(of, (i) => elements.has(i));
      }
    else for (const of of panel.querySelectorAll("[data-result]")) related(of, (i) => from(Number(figure.dataset.input), i).includes(index));
  }
  panel.addEventListener("pointerover", (event) => mark(event.target.closest("td")));
  panel.addEventListener("pointerleave", () => mark(null));
  panel.addEventListener("click", (event) => mark(event.target.closest("td")));
})(glassgrad);
