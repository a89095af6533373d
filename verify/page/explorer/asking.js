// Questions about a function of one number: where it is largest, from which integer on it is small.

const DECADES = [-6, 9];
const PER_DECADE = 16;
const STEP = 1e-3;
const BISECTIONS = 60;
const FLAT = 1e-9;

// The lambda at which a function is largest; null where it is largest at zero or does not fall.
function peakOf(of) {
  const count = (DECADES[1] - DECADES[0]) * PER_DECADE;
  const at = (i) => Math.LN10 * (DECADES[0] + i / PER_DECADE);
  const heights = Array.from({ length: count + 1 }, (_, i) => of(Math.exp(at(i))));
  const top = heights.reduce((best, height, i) => (height > heights[best] ? i : best), 0);
  const ends = Math.max(of(0), heights[0], heights[count]);
  if (!(heights[top] > ends + FLAT * Math.abs(ends)) || top === 0 || top === count) return null;
  let [left, right] = [at(top - 1), at(top + 1)];
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (left + right) / 2;
    if (slope((t) => of(Math.exp(t)), middle) > 0) left = middle;
    else right = middle;
  }
  return Math.exp((left + right) / 2);
}

// Five-point rule, up to a positive factor; A&S 25.3.6.
function slope(of, t) {
  return of(t - 2 * STEP) - 8 * of(t - STEP) + 8 * of(t + STEP) - of(t + 2 * STEP);
}

// The least integer from which on a function is at most `target` at every doubling; null if none.
function leastInteger(of, target) {
  const meets = (n) => of(n) <= target;
  let fails = 0;
  for (let n = 1; n <= Number.MAX_SAFE_INTEGER; n *= 2) if (!meets(n)) fails = n;
  if (fails === 0) return 1;
  let high = 2 * fails;
  if (high > Number.MAX_SAFE_INTEGER) return null;
  let low = fails;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (meets(middle)) high = middle;
    else low = middle;
  }
  return high;
}
