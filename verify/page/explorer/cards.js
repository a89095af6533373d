// One card for each chosen bound: its formula, its value, and the answers to the two questions.

function card(bound, index, loopTitle, onRemove) {
  const parts = Object.fromEntries(
    ["value", "verdict", "peak", "least", "problem"].map((part) => [
      part,
      make("p", { class: part }),
    ]),
  );
  const remove = make(
    "button",
    { type: "button", class: "remove", "aria-label": `Remove ${bound.title}`, onclick: onRemove },
    "×",
  );
  const formula =
    document.getElementById(`explorer-formula-${bound.place}`)?.cloneNode(true) ?? make("span");
  formula.removeAttribute("id");
  const head = make("h4", {}, swatch(index), make("span", {}, bound.title), remove);
  const about = make(
    "div",
    { class: "formula", tabindex: "0", role: "group", "aria-label": `Formula of ${bound.title}` },
    formula,
  );
  const loop = make("p", { class: "of" }, loopTitle);
  const element = make("li", { class: "card" }, head, about, loop, ...Object.values(parts));
  element.dataset.bound = bound.name;
  return { element, ...parts };
}

function say(parts, bound, reading, target) {
  const { value, problem, peak, least } = reading;
  parts.value.textContent = problem
    ? ""
    : Number.isFinite(value)
      ? shortValue(value)
      : String(value);
  parts.value.dataset.value = String(value);
  parts.problem.textContent = problem;
  const fine = bound.maximum === 1 && bound.side === "upper bound" ? "not vacuous" : "";
  parts.verdict.textContent = problem ? "" : reading.isVacuous ? "vacuous" : fine;
  parts.verdict.classList.toggle("vacuous", reading.isVacuous);
  parts.peak.textContent =
    peak === undefined
      ? ""
      : peak === null
        ? "no peak in λ"
        : `largest at λ* = ${shortValue(peak)}`;
  parts.peak.dataset.value = String(peak);
  const enough =
    least === null
      ? `no n up to 9·10¹⁵ keeps it at ${shown(target)}`
      : `at most ${shown(target)} from n = ${grouped(least)} on`;
  parts.least.textContent = least === undefined ? "" : enough;
  parts.least.dataset.value = String(least);
}

const shortValue = (value) => {
  const plain = Math.abs(value) >= 1e-4 && Math.abs(value) < 1e7;
  return plain || value === 0 ? String(Number(value.toPrecision(5))) : value.toPrecision(5);
};
const grouped = (count) =>
  count === undefined || count === null ? "" : String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
