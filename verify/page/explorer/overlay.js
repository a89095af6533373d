// Measured loops beside the bounds that speak of them.

const CLOSE = 1e-9;

function isClose(a, b) {
  return Math.abs(a - b) <= CLOSE * Math.max(Math.abs(a), Math.abs(b));
}

// A bound that takes a data cycle speaks of the loops with the cycle that is chosen.
function speaksOf(curve, state) {
  return state.chosen.some((name) => {
    const bound = bounds.get(name);
    const takesCycle = cycleWordsOf(bound, state.choices).length > 0;
    return curve.speaks.includes(name) && (!takesCycle || curve.cycle === state.choices.cycle);
  });
}

const fixedWords = (curve, state) => Object.keys(curve.params).filter((word) => word !== state.x);

function matches(curve, state) {
  return fixedWords(curve, state).every((word) => isClose(curve.params[word], state.values[word]));
}

function pointsOf(curve, state) {
  const all = curve.x.map((generation, i) => ({
    generation, mean: curve.mean[i], low: curve.low[i], high: curve.high[i],
  }));
  if (state.x === "generation") return all.map((point) => ({ ...point, x: point.generation }));
  const x = curve.params[state.x];
  if (x === undefined) return [];
  return all.filter((p) => p.generation === state.values.generation).map((p) => ({ ...p, x }));
}

// The curves whose parameters match, those that differ along the axis alone as one.
function overlayOf(state, [from, to]) {
  const found = new Map();
  for (const curve of DATA.measured.filter((c) => speaksOf(c, state) && matches(c, state))) {
    const numbers = fixedWords(curve, state).map((word) => `${word} = ${shortNumber(curve.params[word])}`);
    const label = [curve.kind, ...numbers].join(", ");
    const points = pointsOf(curve, state).filter(({ x }) => x >= from && x <= to);
    found.set(label, [...(found.get(label) ?? []), ...points]);
  }
  return [...found]
    .map(([label, points]) => ({ label, points: points.sort((p, q) => p.x - q.x) }))
    .filter(({ points }) => points.length > 0);
}

function distance(curve, state) {
  return fixedWords(curve, state).reduce((sum, word) => {
    const [a, b] = [curve.params[word], state.values[word]];
    if (word === "share") return sum + Math.abs(a - b) * 10;
    return sum + Math.abs(Math.log10((1 + a) / (1 + b)));
  }, 0);
}

// The sentence about measured loops, and the curve that its button sets the sliders to.
function measuredNote(state, overlay) {
  if (!DATA.measured.length) return { text: "The store holds no measured loop.", nearest: null };
  if (overlay.length) return { text: `Measured, mean and 95 % interval: ${overlay.map((c) => c.label).join("; ")}.`, nearest: null };
  const candidates = DATA.measured.filter((curve) => speaksOf(curve, state));
  if (!candidates.length) {
    return { text: "No measured loop in the store is one that the chosen bounds speak of.", nearest: null };
  }
  const nearest = candidates.reduce((p, q) => (distance(q, state) < distance(p, state) ? q : p));
  const numbers = Object.entries(nearest.params).map(([word, v]) => `${word} = ${shortNumber(v)}`);
  const shown = [nearest.kind, ...numbers].join(", ");
  if (matches(nearest, state)) {
    return { text: `Measured loops have these parameters, but no point along this axis: ${shown}.`, nearest: null };
  }
  return { text: `No measured loop has these parameters; nearest: ${shown}.`, nearest };
}
