// One card for each chosen bound: its formula, its value, and the answers to the two questions.

function card(bound, index, caveats, onRemove) {
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
  const shownFormula = make(
    "div",
    { class: "formula", tabindex: "0", role: "group", "aria-label": `Formula of ${bound.title}` },
    formula,
  );
  const about = make("p", { class: "about" }, caveats);
  const element = make("li", { class: "card" }, head, shownFormula, about, ...Object.values(parts));
  element.dataset.bound = bound.name;
  return { element, ...parts };
}

function verdictOf(bound, { problem, isVacuous: isEmpty }) {
  if (problem) return "";
  if (isEmpty) return "vacuous";
  return bound.maximum === 1 && bound.side === "upper bound" ? "not vacuous" : "";
}

function peakText(peak) {
  if (peak === undefined) return "";
  return peak === null ? "no peak in λ" : `largest at λ* = ${shortValue(peak)}`;
}

function leastText(least, target) {
  if (least === undefined) return "";
  if (least === null) return `no n up to 9·10¹⁵ keeps it at ${shown(target)}`;
  return `at most ${shown(target)} from n = ${grouped(least)} on`;
}

function say(parts, bound, reading, target) {
  const { value, problem, peak, least } = reading;
  const texts = {
    value: problem ? "" : shortValue(value),
    verdict: verdictOf(bound, reading),
    peak: peakText(peak),
    least: leastText(least, target),
    problem,
  };
  for (const [part, text] of Object.entries(texts)) parts[part].textContent = text;
  parts.verdict.classList.toggle("vacuous", reading.isVacuous);
  parts.value.dataset.value = String(value);
}

function shortValue(value) {
  const isPlain = value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e7);
  return isPlain ? String(Number(value.toPrecision(5))) : value.toPrecision(5);
}

// Digits in threes, apart by a narrow space.
const grouped = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
