// What is to be drawn under a state: samples of every curve, measured points, ends and ticks.

const SAMPLES = 240;

function samplesOf(state, [from, to]) {
  const entry = words.get(state.x);
  const whole = entry.integer;
  const count =
    whole && !state.xlog ? Math.min(SAMPLES, Math.floor(to) - Math.ceil(from)) : SAMPLES;
  const place = scaleOf(
    false,
    0,
    Math.max(1, count),
    ...(state.xlog ? [Math.log(from), Math.log(to)] : [from, to]),
  );
  const raw = Array.from({ length: Math.max(1, count) + 1 }, (_, i) =>
    state.xlog ? Math.exp(place(i)) : place(i),
  );
  raw[0] = from;
  raw[raw.length - 1] = to;
  const here = state.values[state.x];
  if (here > from && here < to) raw.push(here);
  const kept = whole ? raw.map(Math.round).filter((x) => x >= from && x <= to) : raw;
  return [...new Set(kept)].sort((p, q) => p - q);
}

// The ends of the horizontal axis, those of the slider where the typed ones are none.
function xEndsOf(state) {
  const span = DATA.spans[state.x];
  const isFine =
    state.from < state.to && Number.isFinite(state.to) && (!state.xlog || state.to > 0);
  let [from, to] = isFine ? [state.from, state.to] : [span.low, span.high];
  if (state.xlog && from <= 0) from = to > span.low && span.low > 0 ? span.low : to / 1000;
  return [from, to];
}

function yNameOf(chosen) {
  const groups = [...new Set(chosen.map((bound) => bound.group))];
  return groups.length === 1 ? groups[0] : "value of each bound";
}

// Everything else that the curves depend on, in words.
function atWords(state) {
  const { values, choices } = state;
  const numbers = axisWords(state).filter((word) => word !== state.x);
  const said = numbers.map((word) => `${word} = ${shown(values[word])}`);
  for (const word of shownLaws(state)) {
    const level = DATA.shares.includes(word) ? "shares" : shown(values[word]);
    said.push(`${word} = ${level} k^-${shown(choices.decays[word])}`);
  }
  const chosen = chosenOf(state);
  const fromCycle = new Set(chosen.flatMap((bound) => cycleWordsOf(bound, choices)));
  if (fromCycle.size) said.push(`cycle = ${cycles.get(choices.cycle).name}`);
  if (fromCycle.size > fromCycle.has("influence") && choices.sizes === "law")
    said.push("sizes = n k^growth");
  if (chosen.some((bound) => bound.loop)) said.push(`loop = ${DATA.loops[choices.loop].title}`);
  return said.join(", ");
}

// Where a curve over lambda is highest.
function topOf(reading, at, state) {
  return state.x === "lam" && Number.isFinite(reading.peak)
    ? [reading.peak, at(reading.peak)]
    : null;
}

function plotOf(state, readings) {
  const chosen = state.chosen.map((name) => bounds.get(name));
  const xEnds = xEndsOf(state);
  const xs = samplesOf(state, xEnds);
  const series = chosen.map((bound, index) => {
    const usesX = numbersOf(bound, state.choices).includes(state.x);
    let cut = "";
    const at = (x) => {
      const { value, problem } = tried(bound, { ...state.values, [state.x]: x }, state.choices);
      cut ||= problem;
      return value;
    };
    const now = readings[index].value;
    const top = topOf(readings[index], at, state);
    const points = xs.map((x) => [x, usesX ? at(x) : now]);
    return { name: bound.name, title: bound.title, index, now, top, points, cut };
  });
  const measured = state.measured ? overlayOf(state, xEnds) : [];
  const values = series.flatMap(({ points }) => points.map(([, y]) => y));
  const limits = measured.flatMap((curve) =>
    curve.points.flatMap(({ mean, low, high }) => [mean, low, high]),
  );
  const yEnds =
    endsOf([...values, ...limits.filter((y) => y !== null)], state.ylog) ??
    (state.ylog ? [0.1, 1] : [0, 1]);
  const ticks = (log, ends, count) => (log ? logTicks : evenTicks)(...ends, count);
  const xName = words.get(state.x).meaning;
  const isOne = chosen.length > 0 && chosen.every((bound) => bound.maximum === 1);
  const lost = state.ylog ? values.filter((y) => y <= 0).length : 0;
  return {
    series,
    measured,
    xEnds,
    yEnds,
    xLog: state.xlog,
    yLog: state.ylog,
    xWord: state.x,
    xName,
    xSymbol: DATA.symbols[state.x],
    yName: yNameOf(chosen),
    now: state.values[state.x],
    ceiling: isOne ? 1 : null,
    lost,
    at: atWords(state),
    xTicks: (count) => ticks(state.xlog, xEnds, count),
    yTicks: ticks(state.ylog, yEnds, 6),
    title: `${chosen.map((bound) => bound.title).join(", ") || "No bound"} against ${state.x}`,
    description: `${series.length} curves over ${xName}, from ${shown(xEnds[0])} to ${shown(xEnds[1])}, at ${atWords(state)}.`,
  };
}
