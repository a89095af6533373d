// Which words each bound has under the reader's choices, and its value there.

const FROM_CYCLE = ["influence", "size", "relative_size", "one_step_error"];
const FROM_LOOP = ["influence", "size", "smoothing_bias", "noise", "cell"];
const GRIDS = ["bias", "variance", "kernel_variance"];
const LENGTHS = ["generation", "components"];
const MOST_SUMMED = 10000;
const bounds = new Map(DATA.bounds.map((bound) => [bound.name, bound]));

const isNumber = (word) => words.get(word)?.kind === "number";
const isFromLoop = (bound, word) =>
  bound.loop && (FROM_LOOP.includes(word) || GRIDS.includes(word));

// Sequences that are a level times a power of k.
function lawsOf(bound, choices) {
  return formulas.get(bound.name).takes.filter((word) => {
    if (words.get(word)?.kind !== "sequence" || isFromLoop(bound, word)) return false;
    return !FROM_CYCLE.includes(word) || (word === "one_step_error" && choices.errors === "law");
  });
}

function cycleWordsOf(bound, choices) {
  if (bound.loop) return [];
  return formulas
    .get(bound.name)
    .takes.filter(
      (word) =>
        FROM_CYCLE.includes(word) && !(word === "one_step_error" && choices.errors === "law"),
    );
}

// Words of the cycle's own that some of `needed` depend on.
function behindCycle(needed, choices) {
  const found = new Set();
  const sizes = needed.some((word) => word !== "influence");
  const counted = needed.includes("size") || needed.includes("one_step_error");
  if (counted) found.add("n");
  if (sizes && choices.sizes === "law") found.add("growth");
  if (needed.includes("influence") || (sizes && choices.sizes === "cycle")) {
    for (const word of cycles.get(choices.cycle).needs) found.add(word);
  }
  if (needed.includes("one_step_error")) found.add("gamma").add("constant");
  return found;
}

// The words that have a slider, in the order of the notation.
function numbersOf(bound, choices) {
  const found = new Set(formulas.get(bound.name).takes.filter(isNumber));
  for (const word of behindCycle(cycleWordsOf(bound, choices), choices)) found.add(word);
  if (bound.loopGeneration) found.add("generation");
  return [...words.keys()].filter((word) => found.has(word));
}

function toEven(value) {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

// The last row of (I - W)^-1: weights of a walk to ancestors, followed back from the generation.
function influenceOf(cycle, generation, values) {
  const weights = cycle.weights.map((weight) => weight(values));
  const row = new Array(generation).fill(0);
  row[generation - 1] = 1;
  for (let m = generation; m > 1; m -= 1) {
    let ancestor = -1; // the first weight is that of real data
    for (const [weight, count] of cycle.rows[m - 1]) {
      for (let i = 0; i < count; i += 1, ancestor += 1) {
        if (ancestor >= 0) row[ancestor] += row[m - 1] * weights[weight];
      }
    }
  }
  return row.map((value) => Math.min(value, 1));
}

function sizesOf(cycle, generation, values, choices) {
  const rounded = choices.isSmooth ? (size) => size : toEven;
  return Array.from({ length: generation }, (_, i) => {
    if (choices.sizes === "law") return Math.max(1, rounded(values.n * (i + 1) ** values.growth));
    return rounded(cycle.sizes[cycle.sizeOf[i]](values));
  });
}

function ofCycle(word, values, choices) {
  const cycle = cycles.get(choices.cycle);
  const { generation } = values;
  if (generation > cycle.rows.length) {
    throw new ParameterError(
      `generation = ${generation}: this page holds data cycles up to ${cycle.rows.length}`,
    );
  }
  if (word === "influence") return influenceOf(cycle, generation, values);
  if (word === "relative_size") {
    const exact = sizesOf(cycle, generation, { ...values, n: 1 }, { ...choices, isSmooth: true });
    return exact.map((size) => size / exact[0]);
  }
  const sizes = sizesOf(cycle, generation, values, choices);
  if (word === "size") return sizes;
  return sizes.map((n) => oneStepRate({ ...values, n }));
}

const ARRAYS = new Map();

function unpacked(text) {
  if (!ARRAYS.has(text)) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    ARRAYS.set(text, new Float32Array(bytes.buffer));
  }
  return ARRAYS.get(text);
}

function ofLoop(bound, word, values, choices) {
  const loop = DATA.loops[choices.loop];
  const generation = bound.loopGeneration || bound.takes.has("generation") ? values.generation : 1;
  if (generation > loop.grids.length) {
    throw new ParameterError(
      `generation = ${generation}: this page holds kernel-density loops up to ${loop.grids.length}`,
    );
  }
  const grids = loop.grids[generation - 1];
  if (word === "cell") return grids.cell;
  if (GRIDS.includes(word)) return unpacked(grids[word]);
  return word === "influence" ? loop.influence[generation - 1] : loop[word];
}

function ofLaw(bound, word, values, choices) {
  const count = Math.max(...LENGTHS.map((end) => (bound.takes.has(end) ? values[end] : 1)));
  const powers = Array.from({ length: count }, (_, i) => (i + 1) ** -choices.decays[word]);
  const level = DATA.shares.includes(word)
    ? 1 / runtime.sum(1, count, (k) => powers[k - 1])
    : values[word];
  return powers.map((power) => level * power);
}

function checkNumbers(bound, values, choices) {
  for (const word of numbersOf(bound, choices)) checked(word, values[word], bound.title);
  if (bound.takes.has("horizon") && bound.takes.has("generation")) {
    if (values.horizon < values.generation) {
      throw new ParameterError(`horizon = ${values.horizon}: must be at least the generation`);
    }
  }
  const last = bound.sums
    ? LENGTHS.find((word) => bound.takes.has(word) && values[word] > MOST_SUMMED)
    : undefined;
  if (last !== undefined) {
    throw new ParameterError(
      `${last} = ${values[last]}: this page draws sums up to ${MOST_SUMMED}`,
    );
  }
}

// All that `evaluate` needs: numbers from the sliders, sequences and grids from the choices.
function paramsOf(bound, values, choices) {
  checkNumbers(bound, values, choices);
  const laws = lawsOf(bound, choices);
  const given = (word) => {
    if (isFromLoop(bound, word)) return ofLoop(bound, word, values, choices);
    if (laws.includes(word)) return ofLaw(bound, word, values, choices);
    return FROM_CYCLE.includes(word) ? ofCycle(word, values, choices) : values[word];
  };
  return Object.fromEntries([...bound.takes].map((word) => [word, given(word)]));
}

function valueAt(bound, values, choices) {
  return evaluate(bound.name, paramsOf(bound, values, choices));
}

// The value, or why there is none.
function tried(bound, values, choices) {
  try {
    return { value: valueAt(bound, values, choices), problem: "" };
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    return { value: NaN, problem: error.message };
  }
}

function isVacuous(bound, value) {
  if (bound.side === "upper bound") return bound.maximum !== null && value >= bound.maximum;
  return bound.side === "lower bound" && bound.minimum !== null && value <= bound.minimum;
}

for (const bound of bounds.values()) bound.takes = new Set(formulas.get(bound.name)?.takes);
