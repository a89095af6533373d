// What the reader has chosen, and what is said of it.

const MOST_CHOSEN = 8;
const isDrawable = (bound) => bound !== undefined && bound.reason === "";

function initialState() {
  const laws = [...words.keys()].filter((word) => words.get(word).kind === "sequence");
  return {
    chosen: [],
    x: "generation",
    from: DATA.spans.generation.low,
    to: DATA.spans.generation.high,
    xlog: false,
    ylog: true,
    measured: true,
    loops: [],
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

// The state in which a view begins; without one, the first bound is shown.
function stateOf(view) {
  const state = initialState();
  if (view === undefined) {
    const first = [...bounds.values()].find(isDrawable);
    return Object.assign(state, { chosen: first === undefined ? [] : [first.name] });
  }
  const [from, to] = view.ends;
  Object.assign(state.values, view.values);
  return Object.assign(state, axisOf(view.x), { chosen: [...view.chosen], from, to });
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
  for (const word of shownLaws(state)) found.add(word);
  return [...words.keys()].filter((word) => found.has(word));
}

function shownLaws(state) {
  return [...new Set(chosenOf(state).flatMap((bound) => lawsOf(bound, state.choices)))];
}

// The value now and, where there is one, the answers to the two questions. Sizes are not rounded
// where the peak is looked for: steps have no slope.
function readingOf(bound, state) {
  const { values, choices } = state;
  const now = tried(bound, values, choices);
  const reading = { name: bound.name, ...now, isVacuous: isVacuous(bound, now.value) };
  if (now.problem) return reading;
  const along = (word, how) => (value) => tried(bound, { ...values, [word]: value }, how).value;
  if (numbersOf(bound, choices).includes("lam")) {
    reading.peak = peakOf(along("lam", { ...choices, isSmooth: true }));
  }
  if (asksForPoints(bound, choices) && isInRange(words.get("target_error"), values.target_error)) {
    reading.least = leastInteger(along("n", choices), values.target_error);
  }
  return reading;
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
