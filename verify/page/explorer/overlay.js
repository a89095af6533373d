// Measured loops beside the bounds that speak of them.

const CLOSE = 1e-9;
const MOST_MEASURED = 6;

function isClose(a, b) {
  return Math.abs(a - b) <= CLOSE * Math.max(Math.abs(a), Math.abs(b));
}

const isOfLoop = (state) => state.chosen.some((name) => bounds.get(name).loop);

// Beside a kernel-density bound, only the loop is shown of which it speaks: others have another
// target or other bandwidths. A bound that takes a data cycle speaks of the cycle that is chosen.
function speaksOf(curve, state) {
  if (isOfLoop(state)) return curve.loop === state.choices.loop;
  return state.chosen.some((name) => {
    const takesCycle = cycleWordsOf(bounds.get(name), state.choices).length > 0;
    return curve.speaks.includes(name) && (!takesCycle || curve.cycle === state.choices.cycle);
  });
}

// The place among the chosen bounds of the one that speaks of a loop, which gives it its colour.
function placeOf(curve, state) {
  if (isOfLoop(state) && curve.loop === state.choices.loop)
    return state.chosen.findIndex((name) => bounds.get(name).loop);
  return state.chosen.findIndex((name) => curve.speaks.includes(name));
}

const fixedWords = (curve, state) => Object.keys(curve.params).filter((word) => word !== state.x);

function matches(curve, state) {
  if (isOfLoop(state)) return true;
  return fixedWords(curve, state).every((word) => isClose(curve.params[word], state.values[word]));
}

function pointsOf(curve, state) {
  const all = curve.x.map((generation, i) => ({
    generation,
    mean: curve.mean[i],
    low: curve.low[i],
    high: curve.high[i],
  }));
  if (state.x === "generation") return all.map((point) => ({ ...point, x: point.generation }));
  const x = curve.params[state.x];
  if (x === undefined) return [];
  return all.filter((p) => p.generation === state.values.generation).map((p) => ({ ...p, x }));
}

// Loops that were chosen, or those whose parameters match.
function shownLoops(state) {
  if (state.loops.length) return state.loops.map((i) => DATA.measured[i]);
  return DATA.measured.filter((curve) => speaksOf(curve, state) && matches(curve, state));
}

// At most six: the first of every bound before the second of any.
function atMost(curves) {
  const counts = new Map();
  const ranked = curves.map((curve) => {
    const rank = counts.get(curve.place) ?? 0;
    counts.set(curve.place, rank + 1);
    return { curve, rank };
  });
  ranked.sort((p, q) => p.rank - q.rank);
  return ranked.slice(0, MOST_MEASURED).map(({ curve }) => curve);
}

// The curves that are shown, those that differ along the axis alone as one.
function overlayOf(state, [from, to]) {
  const found = new Map();
  for (const curve of shownLoops(state)) {
    const fixed = fixedWords(curve, state).map((word) => `${word} = ${shown(curve.params[word])}`);
    const isAlone = state.x === "generation";
    const label = isAlone ? curve.label : [curve.kind, ...fixed].join(", ");
    const key = isAlone ? curve : `${curve.family} ${label}`;
    const points = pointsOf(curve, state).filter(({ x }) => x >= from && x <= to);
    if (!found.has(key)) found.set(key, { label, points: [], place: placeOf(curve, state) });
    found.get(key).points.push(...points);
  }
  const drawnOnes = [...found.values()].filter(({ points }) => points.length > 0);
  for (const { points } of drawnOnes) points.sort((p, q) => p.x - q.x);
  return atMost(drawnOnes);
}

function distance(curve, state) {
  return fixedWords(curve, state).reduce((sum, word) => {
    const [a, b] = [curve.params[word], state.values[word]];
    if (word === "share") return sum + Math.abs(a - b) * 10;
    return sum + Math.abs(Math.log10((1 + a) / (1 + b)));
  }, 0);
}

// What is said of measured loops, and the curve that a button sets the sliders to.
function measuredNote(state, overlay) {
  const say = (text, nearest = null) => ({ text, nearest });
  if (!DATA.measured.length) return say("The store holds no measured loop.");
  if (overlay.length) return say("Measured mean TV with its 95 % interval:");
  const candidates = DATA.measured.filter((curve) => speaksOf(curve, state));
  if (!candidates.length) {
    return say(
      isOfLoop(state)
        ? "The kernel-density loop chosen was not measured; measured loops have other targets."
        : "No measured loop in the store is one that the chosen bounds speak of.",
    );
  }
  const nearest = candidates.reduce((p, q) => (distance(q, state) < distance(p, state) ? q : p));
  if (matches(nearest, state))
    return say(`No measured point lies along this axis: ${nearest.label}.`);
  return say(`No measured loop has these parameters; nearest: ${nearest.label}.`, nearest);
}
