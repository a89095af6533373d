// What the reader has chosen, and what is said of it.

const MOST_CHOSEN = 8;
const isDrawable = (bound) => bound !== undefined && bound.reason === "";

function initialState() {
  const laws = [...words.keys()].filter((word) => words.get(word).kind === "sequence");
  return {
    chosen: DATA.start.filter((name) => isDrawable(bounds.get(name))),
    x: "generation",
    from: DATA.spans.generation.low,
    to: DATA.spans.generation.high,
    xlog: false,
    ylog: true,
    measured: true,
    choices: {
      cycle: "full_synthetic",
      loop: 0,
      sizes: "cycle",
      errors: "cycle",
      decays: Object.fromEntries(laws.map((word) => [word, 0])),
    },
    values: Object.fromEntries([...words.keys()].map((word) => [word, DATA.spans[word].start])),
  };
}

const chosenOf = (state) => state.chosen.map((name) => bounds.get(name));
const asksForPoints = (bound, choices) =>
  bound.maximum === 1 && bound.side !== "lower bound" && numbersOf(bound, choices).includes("n");

function axisWords(state) {
  const found = new Set(chosenOf(state).flatMap((bound) => numbersOf(bound, state.choices)));
  return [...words.keys()].filter((word) => found.has(word));
}

function shownWords(state) {
  const found = new Set(axisWords(state));
  if (chosenOf(state).some((bound) => asksForPoints(bound, state.choices)))
    found.add("target_error");
  return [...words.keys()].filter((word) => found.has(word) || shownLaws(state).includes(word));
}

function shownLaws(state) {
  return [...new Set(chosenOf(state).flatMap((bound) => lawsOf(bound, state.choices)))];
}

function readingOf(bound, state) {
  const { values, choices } = state;
  const along = (word) => (value) => tried(bound, { ...values, [word]: value }, choices).value;
  const numbers = numbersOf(bound, choices);
  const now = tried(bound, values, choices);
  return {
    name: bound.name,
    ...now,
    isVacuous: isVacuous(bound, now.value),
    peak: numbers.includes("lam") ? peakOf(along("lam")) : undefined,
    least: asksForPoints(bound, choices)
      ? leastInteger(along("n"), values.target_error)
      : undefined,
  };
}

function axisOf(word) {
  const { low, high, scale } = DATA.spans[word];
  return { x: word, from: low, to: high, xlog: scale !== "linear" };
}

// An axis that the chosen bounds have.
function settle(state) {
  const axis = axisWords(state);
  if (axis.length && !axis.includes(state.x)) {
    Object.assign(state, axisOf(axis.includes("generation") ? "generation" : axis[0]));
  }
}
